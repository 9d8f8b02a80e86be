//! Listed licenses, and titles from the catalog.

use std::ffi::{CString, c_char};
use std::ptr::null;

use restow::listing::{self, LicenseInfo};
use restow::{KeyId, NotRestored, RestrictedLicense};

use crate::call::call_new;
use crate::error::restow_error;
use crate::ffi::{borrow_handle, c_text, c_texts_sanitized, field_or, free_handle, read_text, text_pointer};
use crate::home::restow_home;
use crate::usage::parse_key_id;

/// License of a home or of an event. It is a part of the object that returned it.
pub struct restow_license {
    id: CString,
    key_ids: Vec<CString>,
    kids: Vec<CString>,
    titles: Vec<CString>,
    status: Option<CString>,
    reason: Option<CString>,
    left: i64,
}

impl restow_license {
    fn new(id: &str, key_ids: &[KeyId], titles: &[String]) -> Self {
        Self {
            id: c_text(id),
            key_ids: key_ids.iter().map(|key_id| c_text(&key_id.to_string())).collect(),
            kids: key_ids.iter().map(|key_id| c_text(&key_id.wm_base64())).collect(),
            titles: c_texts_sanitized(titles),
            status: None,
            reason: None,
            left: -1,
        }
    }

    fn from_listed(listed: &LicenseInfo) -> Self {
        let license = &listed.license;
        Self {
            status: Some(c_text(listed.state.as_str())),
            reason: license.backup_right.restriction().map(|reason| c_text(reason.as_str())),
            left: listed.left.map_or(-1, |left| i64::try_from(left).unwrap_or(i64::MAX)),
            ..Self::new(&license.identity.license_id, &license.key_ids, &listed.titles)
        }
    }

    pub(crate) fn from_restricted(license: &RestrictedLicense) -> Self {
        let reason = Some(c_text(license.reason.as_str()));
        Self { reason, ..Self::new(&license.identity.license_id, license.key_id.as_slice(), &license.titles) }
    }

    pub(crate) fn from_not_restored(license: &NotRestored) -> Self {
        let reason = Some(c_text(license.reason.code()));
        Self { reason, ..Self::new(&license.identity.license_id, &[], &license.titles) }
    }
}

/// List of the licenses of a home.
pub struct restow_licenses {
    licenses: Vec<restow_license>,
}

/// List of texts.
pub struct restow_texts {
    texts: Vec<CString>,
}

/// Lists the licenses of the home, in the order of their import.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_licenses_list(
    home: *const restow_home,
    licenses: *mut *mut restow_licenses,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let home = unsafe { borrow_handle(home, "home") }?;
        let mut listed = Vec::new();
        listing::licenses(&home.home, &home.home.store()?, &mut |license| {
            listed.push(restow_license::from_listed(&license));
            Ok(())
        })?;
        Ok(restow_licenses { licenses: listed })
    };
    // SAFETY: as the caller promises.
    unsafe { call_new((licenses, "licenses"), error, body) }
}

/// Returns the number of licenses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_licenses_count(licenses: *const restow_licenses) -> usize {
    // SAFETY: as the caller promises.
    unsafe { field_or(licenses, 0, |licenses| licenses.licenses.len()) }
}

/// Returns a license by index, from 0; null after the last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_licenses_get(licenses: *const restow_licenses, index: usize) -> *const restow_license {
    // SAFETY: as the caller promises.
    unsafe { field_or(licenses, null(), |licenses| licenses.licenses.get(index).map_or(null(), |license| license)) }
}

/// Frees a list of licenses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_licenses_free(licenses: *mut restow_licenses) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(licenses) }
}

/// Returns the license ID.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_license_id(license: *const restow_license) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(license, null(), |license| license.id.as_ptr()) }
}

/// Returns a title by index, from 0; null after the last. Titles of the files come first, then the title in the
/// license. A license may have no title.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_license_title(license: *const restow_license, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(license, null(), |license| text_pointer(license.titles.get(index))) }
}

/// Returns a key ID by index, from 0; null after the last. The form is a lower-case UUID, `hex:…` or `text:…`.
/// In events, a restricted license has at most one key ID, and a license that was not restored has none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_license_key_id(license: *const restow_license, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(license, null(), |license| text_pointer(license.key_ids.get(index))) }
}

/// Returns the same key ID in base64, as Windows Media prints it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_license_kid(license: *const restow_license, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(license, null(), |license| text_pointer(license.kids.get(index))) }
}

/// Returns the state of a listed license: `usable`, `pending` (its service must still answer), `refused`,
/// `revoked`, `invalid`, `expired` (or used up), `not_yet_valid`, `unknown` (its dates cannot be read) or
/// `other_computer`. Null for a license of an event.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_license_status(license: *const restow_license) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(license, null(), |license| text_pointer(license.status.as_ref())) }
}

/// Returns a stable reason, or null. A listed or restricted license has the reason why it may not be backed up:
/// `denied_by_issuer`, `unstated_device_bound`, `not_persistent`, `key_in_clear`. A license that was not
/// restored has one of `limit`, `daily_limit`, `not_yours`, `revoked`, `returned`, `cancelled`, `expired`,
/// `needs_adopt`, `needs_individualization`, `service_unavailable`, `damaged` and others.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_license_reason(license: *const restow_license) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(license, null(), |license| text_pointer(license.reason.as_ref())) }
}

/// Returns the number of plays left of a listed license; -1 if plays are not counted, and for null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_license_left(license: *const restow_license) -> i64 {
    // SAFETY: as the caller promises.
    unsafe { field_or(license, -1, |license| license.left) }
}

/// Looks up the titles for a key ID: titles of files in the catalog, or titles of the licenses for the key ID.
/// `key_id` has any form that Restow or Windows Media prints.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_titles(
    home: *const restow_home,
    key_id: *const c_char,
    titles: *mut *mut restow_texts,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let home = unsafe { borrow_handle(home, "home") }?;
        // SAFETY: as the caller promises.
        let key_id = parse_key_id(unsafe { read_text(key_id, "key_id") }?)?;
        Ok(restow_texts { texts: c_texts_sanitized(&listing::titles_for(&home.home.store()?, &key_id)?) })
    };
    // SAFETY: as the caller promises.
    unsafe { call_new((titles, "titles"), error, body) }
}

/// Returns the number of texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_texts_count(texts: *const restow_texts) -> usize {
    // SAFETY: as the caller promises.
    unsafe { field_or(texts, 0, |texts| texts.texts.len()) }
}

/// Returns a text by index, from 0; null after the last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_texts_get(texts: *const restow_texts, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    unsafe { field_or(texts, null(), |texts| text_pointer(texts.texts.get(index))) }
}

/// Frees a list of texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_texts_free(texts: *mut restow_texts) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(texts) }
}
