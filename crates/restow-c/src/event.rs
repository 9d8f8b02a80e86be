//! What a run tells.

use std::ffi::{CString, c_char};
use std::ptr::null;

use restow::{Hresult, KeyId, Status};

use crate::edge::{c_text, pointer};

/// How far a run is; the SDK has no number for it.
pub const RESTOW_PROGRESS: i32 = -1;

/// Something a run tells: a number of the Windows Media Format SDK's `WMT_STATUS`, or `RESTOW_PROGRESS`.
pub struct restow_event {
    status: i32,
    hresult: Hresult,
    service: Option<CString>,
    url: Option<CString>,
    license_id: Option<CString>,
    key_id: Option<CString>,
    kid: Option<CString>,
    titles: Vec<CString>,
    reason: Option<CString>,
    message: Option<CString>,
    help: Option<CString>,
    progress: restow_progress,
    summary: restow_summary,
}

/// How far a run is.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct restow_progress {
    /// Licenses done.
    pub done: u64,
    /// Licenses in all.
    pub total: u64,
}

/// Counts at the end of a run.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct restow_summary {
    /// Licenses the backup holds.
    pub backed_up: u64,
    /// Licenses that may not be backed up.
    pub restricted: u64,
    /// Licenses that came.
    pub restored: u64,
    /// Licenses that were here already.
    pub already_here: u64,
    /// Licenses that were refused.
    pub refused: u64,
    /// Licenses whose service must still be asked.
    pub pending: u64,
    /// Licenses that are damaged in the backup.
    pub damaged: u64,
}

impl restow_event {
    pub(crate) const fn is_progress(&self) -> bool {
        self.status == RESTOW_PROGRESS
    }

    pub(crate) fn of(status: &Status) -> Self {
        let mut event = Self {
            status: status.code().map_or(RESTOW_PROGRESS, u32::cast_signed),
            hresult: status.result(),
            service: None,
            url: None,
            license_id: None,
            key_id: None,
            kid: None,
            titles: Vec::new(),
            reason: None,
            message: None,
            help: None,
            progress: restow_progress::default(),
            summary: restow_summary::default(),
        };
        match status {
            Status::RestrictedLicense(license) => {
                event.license_id = Some(c_text(&license.identity.license_id));
                event.key_id = license.key_id.as_ref().map(|key_id| c_text(&key_id.to_string()));
                event.kid = license.key_id.as_ref().map(KeyId::wm_base64).map(|kid| c_text(&kid));
                event.titles = license.titles.iter().map(|title| c_text(title)).collect();
                event.reason = Some(c_text(&license.reason.to_string()));
            }
            Status::NeedsIndividualization { service, .. }
            | Status::Connecting { service }
            | Status::Disconnecting { service } => event.service = Some(c_text(service)),
            Status::ErrorWithUrl { service, url, .. } => {
                event.service = Some(c_text(service));
                event.url = Some(c_text(url));
            }
            Status::Progress { done, total } => event.progress = restow_progress { done: *done, total: *total },
            Status::End(report) => {
                event.message = report.message.as_deref().map(c_text);
                event.help = report.help.as_deref().map(c_text);
                let counts = report.summary;
                event.summary = restow_summary {
                    backed_up: counts.backed_up,
                    restricted: counts.restricted,
                    restored: counts.restored,
                    already_here: counts.already_here,
                    refused: counts.refused,
                    pending: counts.pending,
                    damaged: counts.damaged,
                };
            }
            _ => {}
        }
        event
    }
}

/// Reads a part of an event.
///
/// # Safety
/// `event` is null or an event.
unsafe fn part<T>(event: *const restow_event, absent: T, read: impl FnOnce(&restow_event) -> T) -> T {
    // SAFETY: as the caller promises.
    unsafe { event.as_ref() }.map_or(absent, read)
}

/// The number of the status: 21 begin, 25 needs individualization, 27 end, 28 connecting, 29 disconnecting, 30 error with URL,
/// 31 restricted license, or `RESTOW_PROGRESS`.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_status(event: *const restow_event) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { part(event, 0, |event| event.status) }
}

/// The Windows result code that goes with it.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_hresult(event: *const restow_event) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { part(event, 0, |event| event.hresult.0.cast_signed()) }
}

/// The service's name, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_service(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.service.as_ref())) }
}

/// The page to show in a browser, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_url(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.url.as_ref())) }
}

/// The ID of a restricted license, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_license_id(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.license_id.as_ref())) }
}

/// Its (first) key ID, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_key_id(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.key_id.as_ref())) }
}

/// The same as Windows Media prints it, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_kid(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.kid.as_ref())) }
}

/// How many titles a restricted license has.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_title_count(event: *const restow_event) -> usize {
    // SAFETY: as the caller promises.
    unsafe { part(event, 0, |event| event.titles.len()) }
}

/// Why it may not be backed up, in English, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_reason(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.reason.as_ref())) }
}

/// At the end: what went wrong, in English, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_message(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.message.as_ref())) }
}

/// At the end: what to do next, in English, or null.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_help(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(event, null(), |event| pointer(event.help.as_ref())) }
}

/// How far the run is.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_progress(event: *const restow_event) -> restow_progress {
    // SAFETY: as the caller promises.
    unsafe { part(event, restow_progress::default(), |event| event.progress) }
}

/// At the end: counts.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_summary(event: *const restow_event) -> restow_summary {
    // SAFETY: as the caller promises.
    unsafe { part(event, restow_summary::default(), |event| event.summary) }
}

/// One of the titles of a restricted license, from 0; null beyond the last.
///
/// # Safety
/// `event` is null or an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_title(event: *const restow_event, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    pointer(unsafe { event.as_ref() }.and_then(|event| event.titles.get(index)))
}

/// Frees an event that was polled. Those a callback is given are not the caller's.
///
/// # Safety
/// `event` is null or a polled event that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_free(event: *mut restow_event) {
    if !event.is_null() {
        // SAFETY: it came from a box, as the caller promises.
        drop(unsafe { Box::from_raw(event) });
    }
}
