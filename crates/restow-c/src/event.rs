//! Events of a run.

use std::ffi::{CString, c_char};
use std::ptr::null;

use restow::Status;

use crate::ffi::{c_text, c_text_sanitized, c_texts_sanitized, field_or, free_handle, text_pointer};
use crate::license::restow_license;
use crate::message::render;
use crate::result::{RESTOW_STATUS_NEEDS_PROVIDER_CONSENT, RESTOW_STATUS_PROGRESS};

/// Event of a run.
#[derive(Default)]
pub struct restow_event {
    status: i32,
    hresult: i32,
    service: Option<CString>,
    origin: Option<CString>,
    fingerprint: Option<CString>,
    url: Option<CString>,
    licenses: Vec<restow_license>,
    without_file: Vec<CString>,
    code: Option<CString>,
    message: Option<CString>,
    help: Option<CString>,
    progress: restow_progress,
    summary: restow_summary,
}

/// Progress of a run.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct restow_progress {
    /// Number of licenses done.
    pub done: u64,
    /// Number of licenses in total.
    pub total: u64,
}

/// Counts at the end of a run.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct restow_summary {
    /// Licenses of the home in the backup.
    pub backed_up: u64,
    /// Licenses that may not be backed up.
    pub restricted: u64,
    /// Restored licenses.
    pub restored: u64,
    /// Licenses that the home already had.
    pub already_here: u64,
    /// Refused licenses.
    pub refused: u64,
    /// Licenses that still need an answer of their service.
    pub pending: u64,
    /// Licenses that are damaged in the backup.
    pub damaged: u64,
}

/// Returns the number of an event: that of the SDK, if it has one.
fn number(status: &Status) -> i32 {
    match (status.code(), status) {
        (Some(code), _) => code.cast_signed(),
        (None, Status::NeedsProviderConsent { .. }) => RESTOW_STATUS_NEEDS_PROVIDER_CONSENT,
        (None, _) => RESTOW_STATUS_PROGRESS,
    }
}

impl restow_event {
    pub(crate) const fn is_progress(&self) -> bool {
        self.status == RESTOW_STATUS_PROGRESS
    }

    pub(crate) fn new(status: &Status) -> Self {
        let mut event = Self { status: number(status), hresult: status.result().0.cast_signed(), ..Self::default() };
        match status {
            Status::RestrictedLicense(license) => event.licenses.push(restow_license::from_restricted(license)),
            Status::NeedsIndividualization { service, origin, issuer } => {
                event.service = Some(c_text_sanitized(service));
                event.origin = Some(c_text(origin));
                event.fingerprint = Some(c_text(issuer));
            }
            Status::NeedsProviderConsent { provider, origin } => {
                event.service = provider.as_deref().map(c_text_sanitized);
                event.origin = Some(c_text(origin));
            }
            Status::Connecting { service } | Status::Disconnecting { service } => {
                event.service = Some(c_text_sanitized(service))
            }
            Status::ErrorWithUrl { service, url, .. } => {
                event.service = Some(c_text_sanitized(service));
                event.url = Some(c_text(url));
            }
            Status::Progress { done, total } => event.progress = restow_progress { done: *done, total: *total },
            Status::End(report) => {
                event.licenses = report.not_restored.iter().map(restow_license::from_not_restored).collect();
                event.without_file = c_texts_sanitized(&report.without_file);
                if let Some(message) = &report.error {
                    let (text, help) = render(message);
                    event.code = Some(c_text(message.code));
                    event.message = Some(c_text_sanitized(&text));
                    event.help = Some(c_text_sanitized(&help));
                }
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

/// Returns the kind of the event, `RESTOW_STATUS_…`; 0 for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_status(event: *const restow_event) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, 0, |event| event.status) }
}

/// Returns the result code of the event. At END, the result code of the run.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_hresult(event: *const restow_event) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, 0, |event| event.hresult) }
}

/// Returns the name of the service, or of the provider in NEEDS_PROVIDER_CONSENT. Null if it has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_service(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.service.as_ref())) }
}

/// Returns the address of the service that needs the registration of this computer, or of the provider that needs
/// consent, or null. Show the user this address, the name and, of a service, the fingerprint before asking.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_origin(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.origin.as_ref())) }
}

/// Returns the fingerprint of that service, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_fingerprint(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.fingerprint.as_ref())) }
}

/// Returns the page to show in a browser, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_url(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.url.as_ref())) }
}

/// Returns a license of the event by index, from 0; null after the last. RESTRICTED_LICENSE has one license.
/// END has the licenses that were not restored, at most 1,000. The license is a part of the event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_license(event: *const restow_event, index: usize) -> *const restow_license {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| event.licenses.get(index).map_or(null(), |license| license)) }
}

/// Returns a title of a restored license without a known file, by index, from 0; null after the last. END only.
/// A restore writes licenses, not content.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_without_file(event: *const restow_event, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.without_file.get(index))) }
}

/// Returns the stable code of the failure, or null. END only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_code(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.code.as_ref())) }
}

/// Returns the message of the failure in the language of `restow_set_language`, or null. END only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_message(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.message.as_ref())) }
}

/// Returns the next action in the language of `restow_set_language`, or null. END only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_help(event: *const restow_event) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, null(), |event| text_pointer(event.help.as_ref())) }
}

/// Returns the progress of the run. PROGRESS only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_progress(event: *const restow_event) -> restow_progress {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, restow_progress::default(), |event| event.progress) }
}

/// Returns the counts of the run. END only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_summary(event: *const restow_event) -> restow_summary {
    // SAFETY: as the caller promises.
    unsafe { field_or(event, restow_summary::default(), |event| event.summary) }
}

/// Frees a polled event. Never free an event that a callback receives.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_event_free(event: *mut restow_event) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(event) }
}
