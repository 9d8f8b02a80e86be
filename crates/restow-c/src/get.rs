//! Getting licenses: documents in files and in memory, acquisition links.

use std::ffi::{CString, c_char};
use std::path::PathBuf;
use std::ptr::{null, null_mut};

use restow::import;
use restow::license::{LicenseError, MAX_DOCUMENT};
use restow::service::acquire;
use restow::service::protocol::Outcome;
use restow::service::{AcquisitionLink, register};
use restow::store::StoreResult;

use crate::edge::{Failed, answer, c_text, c_words, free, give, handle, part, pointer, put, text};
use crate::error::restow_error;
use crate::home::restow_home;

/// How many refusals are told one by one.
const MOST_REFUSALS: usize = 1_000;

/// What became of documents, or of a link.
#[derive(Default)]
pub struct restow_added {
    licenses: u64,
    already_here: u64,
    refused: u64,
    refusals: Vec<(CString, restow_error)>,
    url: Option<CString>,
}

impl restow_added {
    fn refuse(&mut self, name: &str, error: restow_error) {
        if self.refusals.len() < MOST_REFUSALS {
            self.refusals.push((c_words(name), error));
        }
    }
}

/// Adds the license documents in a file or folder, recognized by what is in them: `RESTOW_E_NO_FILE` when there is none such. Takes as long as reading them. The result is `RESTOW_OK` also when
/// documents were refused: `added`, which may be null, says which and why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import(
    home: *const restow_home,
    path: *const c_char,
    added: *mut *mut restow_added,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        unsafe { put(added, null_mut) };
        // SAFETY: as the caller promises.
        let home = unsafe { handle(home, "home") }?;
        // SAFETY: as the caller promises.
        let path = PathBuf::from(unsafe { text(path, "path") }?);
        let mut told = restow_added::default();
        let found = import::import(&home.home, &[path], &mut |item| {
            if let import::ImportEvent::Refused { path, error } = item {
                told.refuse(&path.to_string_lossy(), restow_error::library(error));
            }
        })?;
        (told.licenses, told.already_here, told.refused) = (found.imported, found.already_here, found.refused);
        // SAFETY: as the caller promises.
        unsafe { put(added, || give(told)) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Adds the license document in `length` bytes at `document`, which may be freed afterwards. A document that is refused fails the call. `is_new`, which may
/// be null, is set to whether it was not here yet, or only an older one. A document that is a key itself is refused, and as it has no path the catalog learns
/// nothing of it; from a file or folder, `restow_import` notes there which key IDs it is for.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_document(
    home: *const restow_home,
    document: *const u8,
    length: usize,
    is_new: *mut bool,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let home = unsafe { handle(home, "home") }?;
        if document.is_null() {
            return Err(Failed::Null("document"));
        }
        if length as u64 > MAX_DOCUMENT {
            return Err(LicenseError::TooLarge.into());
        }
        // SAFETY: as the caller promises; and it is not too long for a slice.
        let document = unsafe { std::slice::from_raw_parts(document, length) };
        let stored = import::import_document(&home.home, document)?;
        // SAFETY: as the caller promises.
        unsafe { put(is_new, || stored != StoreResult::AlreadyStored) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Redeems an acquisition link. The user saw it and follows it, which is the consent to register this computer, called `computer_name`, with the link's
/// service. One at an address of this computer or network must be added by its user first: `restow service add URL`. Waits for the service, up to minutes:
/// see `restow_home_cancel`. The result is `RESTOW_OK` also when it refused some or all licenses: `added`,
/// which may be null, says which and why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_acquire(
    home: *const restow_home,
    link: *const c_char,
    computer_name: *const c_char,
    added: *mut *mut restow_added,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        unsafe { put(added, null_mut) };
        // SAFETY: as the caller promises.
        let handle = unsafe { handle(home, "home") }?;
        // SAFETY: as the caller promises.
        let link = AcquisitionLink::parse(unsafe { text(link, "link") }?)?;
        // SAFETY: as the caller promises.
        let name = unsafe { text(computer_name, "computer_name") }?;
        let (home, cancel) = (&handle.home, handle.cancel());
        let found = acquire::follow_link(
            home,
            &link,
            || cancel.clone(),
            |_| register(home, &mut home.store()?, &link.issuer, name, &cancel).map(drop),
        )?;
        let mut told = restow_added {
            licenses: found.granted.len() as u64,
            refused: found.refused.len() as u64,
            url: found.url.as_deref().map(c_text),
            ..restow_added::default()
        };
        for (license_id, outcome) in &found.refused {
            told.refuse(license_id, refusal(*outcome));
        }
        // SAFETY: as the caller promises.
        unsafe { put(added, || give(told)) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

fn refusal(outcome: Outcome) -> restow_error {
    let code = outcome.as_str();
    let help = "Ask the shop or library the license is from.";
    restow_error::new(outcome.hresult(), code, &format!("the service refused the license: {code}"), help)
}

/// How many licenses came.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_added_licenses(added: *const restow_added) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { part(added, 0, |added| added.licenses) }
}

/// How many documents were here already.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_added_already_here(added: *const restow_added) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { part(added, 0, |added| added.already_here) }
}

/// How many documents or licenses were refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_added_refused(added: *const restow_added) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { part(added, 0, |added| added.refused) }
}

/// What was refused, from 0: the path of a file, or the ID of a license. Null beyond the last, and beyond the first 1,000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_added_refused_name(added: *const restow_added, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(added, null(), |added| pointer(added.refusals.get(index).map(|(name, _)| name))) }
}

/// Why it was refused: a part of `added`, not to be freed. Null as the name is. For licenses the code is one of `limit`, `daily_limit`, `not_yours`, `revoked`,
/// `returned`, `cancelled`, `expired`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_added_refused_error(added: *const restow_added, index: usize) -> *const restow_error {
    // SAFETY: as the caller promises.
    unsafe { part(added, null(), |added| added.refusals.get(index).map_or(null(), |(_, error)| error)) }
}

/// The service's page that says more about a limit, for a browser, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_added_url(added: *const restow_added) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { part(added, null(), |added| pointer(added.url.as_ref())) }
}

/// Frees what a call said became of it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_added_free(added: *mut restow_added) {
    // SAFETY: as the caller promises.
    unsafe { free(added) }
}
