//! May I, and then: counting uses and opening keys.

use std::ffi::c_char;

use restow::license::Right;
use restow::{KeyId, usage};
use zeroize::Zeroizing;

use crate::call::call;
use crate::error::restow_error;
use crate::ffi::{CallError, borrow_handle, read_text, write_out};
use crate::home::restow_home;
use crate::result::RESTOW_USE_OFFLINE;

pub(crate) fn parse_key_id(text: &str) -> Result<KeyId, CallError> {
    KeyId::from_wm_base64(text).or_else(|| text.parse().ok()).ok_or(CallError::InvalidValue("key_id"))
}

unsafe fn read_right(action: *const c_char) -> Result<Right, CallError> {
    // SAFETY: as the caller promises.
    Right::named(unsafe { read_text(action, "action") }?).ok_or(CallError::InvalidValue("action"))
}

unsafe fn open_key(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    flags: u32,
) -> Result<Zeroizing<[u8; 16]>, CallError> {
    // SAFETY: as the caller promises.
    let home = unsafe { borrow_handle(home, "home") }?;
    // SAFETY: as the caller promises.
    let key_id = parse_key_id(unsafe { read_text(key_id, "key_id") }?)?;
    // SAFETY: as the caller promises.
    let right = unsafe { read_right(action) }?;
    Ok(match flags {
        0 => usage::open_content_key_online(&home.home, &key_id, &right, &home.cancel())?,
        RESTOW_USE_OFFLINE => usage::open_content_key(&home.home, &key_id, &right)?,
        _ => return Err(CallError::InvalidValue("flags")),
    })
}

/// Says whether the content of a key ID may be used so, here and now; counts nothing and contacts nobody. `key_id` is in any form Restow or Windows Media
/// prints; `action` is a right under its Windows Media name, such as `Play`. `left`, which may be null, is set to how many uses are left, the next one
/// included, -1 for any number. What forbids it is the error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_can(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    left: *mut i64,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let home = unsafe { borrow_handle(home, "home") }?;
        // SAFETY: as the caller promises.
        let key_id = parse_key_id(unsafe { read_text(key_id, "key_id") }?)?;
        // SAFETY: as the caller promises.
        let right = unsafe { read_right(action) }?;
        let use_check = usage::check_right(&home.home, &key_id, &right)?;
        // SAFETY: as the caller promises.
        unsafe { write_out(left, || use_check.left.map_or(-1, |left| i64::try_from(left).unwrap_or(i64::MAX))) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Counts one use, durably, where uses are counted: for a player that needs no key, or keeps it open. The license's service is asked before, for what
/// other computers have used, and told afterwards. One that is out of reach keeps nobody from the use: services are waited for at most five seconds in all,
/// and `restow_home_cancel` ends that. `flags` is 0 or `RESTOW_USE_OFFLINE`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_use(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    flags: u32,
    error: *mut *mut restow_error,
) -> i32 {
    // SAFETY: as the caller promises.
    let body = || unsafe { open_key(home, key_id, action, flags) }.map(drop);
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Opens a content key for one use: as `restow_use`, and then the 16 bytes are written to `key`. Overwrite them when they were used, through a
/// volatile pointer or with what the system has for that: compilers remove a plain `memset`. When the call fails nothing is counted and `key` is as it was.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_open_key(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    flags: u32,
    key: *mut u8,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        if key.is_null() {
            return Err(CallError::Null("key"));
        }
        // SAFETY: as the caller promises.
        let content_key = unsafe { open_key(home, key_id, action, flags) }?;
        // SAFETY: as the caller promises.
        unsafe { key.copy_from_nonoverlapping(content_key.as_ptr(), content_key.len()) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}
