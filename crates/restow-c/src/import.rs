//! Import of license documents from files and from memory.

use std::ffi::{CString, c_char};
use std::path::PathBuf;
use std::ptr::{null, null_mut};

use restow::import;
use restow::license::{LicenseError, MAX_DOCUMENT};

use crate::call::call;
use crate::error::restow_error;
use crate::ffi::{
    CallError, borrow_handle, c_text_sanitized, field_or, free_handle, into_handle, read_text, text_pointer, write_out,
};
use crate::home::restow_home;

/// Maximum number of refusals in a result.
const MAX_REFUSALS: usize = 1_000;

/// Result of an import or an acquisition.
#[derive(Default)]
pub struct restow_import_result {
    licenses: u64,
    already_here: u64,
    refused: u64,
    refusals: Vec<(CString, restow_error)>,
    url: Option<CString>,
}

impl restow_import_result {
    pub(crate) fn new(licenses: u64, refused: u64, url: Option<CString>) -> Self {
        Self { licenses, refused, url, ..Self::default() }
    }

    pub(crate) fn add_refusal(&mut self, name: &str, error: restow_error) {
        if self.refusals.len() < MAX_REFUSALS {
            self.refusals.push((c_text_sanitized(name), error));
        }
    }
}

/// Imports the license documents of a file or folder. Documents are recognized by their content. The result
/// code is `RESTOW_E_NO_FILE` if there is no such file or folder, and `RESTOW_OK` also when documents are
/// refused. `result` may be null; it lists the refused documents. The call takes as long as reading the files.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import(
    home: *const restow_home,
    path: *const c_char,
    result: *mut *mut restow_import_result,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        unsafe { write_out(result, null_mut) };
        // SAFETY: as the caller promises.
        let home = unsafe { borrow_handle(home, "home") }?;
        // SAFETY: as the caller promises.
        let path = PathBuf::from(unsafe { read_text(path, "path") }?);
        let mut imported = restow_import_result::default();
        let summary = import::import(&home.home, &[path], &mut |event| {
            if let import::ImportEvent::Refused { path, error } = event {
                imported.add_refusal(&path.to_string_lossy(), restow_error::from_library(error));
            }
        })?;
        (imported.licenses, imported.already_here, imported.refused) =
            (summary.imported, summary.already_here, summary.refused);
        // SAFETY: as the caller promises.
        unsafe { write_out(result, || into_handle(imported)) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Imports one license document of `length` bytes. The caller may free the bytes after the call. A refused
/// document fails the call. `is_new` may be null; it is set to true if the home did not have this document or
/// had an older version. A document that contains its key in clear is refused. The catalog learns nothing from
/// this call, because the document has no path; see `restow_import`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_document(
    home: *const restow_home,
    document: *const u8,
    length: usize,
    is_new: *mut bool,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let home = unsafe { borrow_handle(home, "home") }?;
        if document.is_null() {
            return Err(CallError::Null("document"));
        }
        if length as u64 > MAX_DOCUMENT {
            return Err(LicenseError::TooLarge.into());
        }
        // SAFETY: as the caller promises; and it is not too long for a slice.
        let document = unsafe { std::slice::from_raw_parts(document, length) };
        let stored = import::import_document(&home.home, document)?;
        // SAFETY: as the caller promises.
        unsafe { write_out(is_new, || stored.was_written()) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Returns the number of imported or acquired licenses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_result_licenses(result: *const restow_import_result) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { field_or(result, 0, |result| result.licenses) }
}

/// Returns the number of documents that the home already had.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_result_already_here(result: *const restow_import_result) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { field_or(result, 0, |result| result.already_here) }
}

/// Returns the number of refused documents or licenses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_result_refused(result: *const restow_import_result) -> u64 {
    // SAFETY: as the caller promises.
    unsafe { field_or(result, 0, |result| result.refused) }
}

/// Returns the name of a refused item by index, from 0: the path of a file or the ID of a license. Null after
/// the last, and after the first 1,000.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_result_refused_name(
    result: *const restow_import_result,
    index: usize,
) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(result, null(), |result| text_pointer(result.refusals.get(index).map(|(name, _)| name))) }
}

/// Returns the reason for the refusal with the same index, or null. The error is a part of `result`; do not
/// free it. For licenses the code is one of `limit`, `daily_limit`, `not_yours`, `revoked`, `returned`,
/// `cancelled`, `expired`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_result_refused_error(
    result: *const restow_import_result,
    index: usize,
) -> *const restow_error {
    // SAFETY: as the caller promises.
    unsafe { field_or(result, null(), |result| result.refusals.get(index).map_or(null(), |(_, error)| error)) }
}

/// Returns the page of the service that explains a limit, for a browser, or null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_result_url(result: *const restow_import_result) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(result, null(), |result| text_pointer(result.url.as_ref())) }
}

/// Frees the result of an import or an acquisition.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import_result_free(result: *mut restow_import_result) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(result) }
}
