//! Rights, counted uses and content keys.

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

/// Reads the arguments of a use.
unsafe fn read_use<'a>(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
) -> Result<(&'a restow_home, KeyId, Right), CallError> {
    // SAFETY: as the caller promises.
    let home = unsafe { borrow_handle(home, "home") }?;
    // SAFETY: as the caller promises.
    let key_id = parse_key_id(unsafe { read_text(key_id, "key_id") }?)?;
    // SAFETY: as the caller promises.
    let right = Right::from_name(unsafe { read_text(action, "action") }?);
    Ok((home, key_id, right.ok_or(CallError::InvalidValue("action"))?))
}

unsafe fn open_key(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    flags: u32,
) -> Result<Zeroizing<[u8; 16]>, CallError> {
    // SAFETY: as the caller promises.
    let (home, key_id, right) = unsafe { read_use(home, key_id, action) }?;
    Ok(match flags {
        0 => usage::open_content_key_online(&home.home, &key_id, &right, &home.cancel())?,
        RESTOW_USE_OFFLINE => usage::open_content_key(&home.home, &key_id, &right)?,
        _ => return Err(CallError::InvalidValue("flags")),
    })
}

/// Checks if the content of a key ID may be used now. Counts no use and contacts no service. `key_id` has any
/// form that Restow or Windows Media prints. `action` is the Windows Media name of a right, such as `Play`.
/// `left` may be null; it is set to the number of uses left, this use included, or -1 for no limit. The error
/// has the reason why the use is denied.
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
        let (home, key_id, right) = unsafe { read_use(home, key_id, action) }?;
        let use_check = usage::check_right(&home.home, &key_id, &right)?;
        // SAFETY: as the caller promises.
        unsafe { write_out(left, || use_check.left.map_or(-1, |left| i64::try_from(left).unwrap_or(i64::MAX))) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Counts one use durably if uses are counted: for a player that needs no key or keeps the key open.
///
/// The service of the license is queried before the use, for the uses on other computers, and notified after
/// the use. An unreachable service does not prevent the use: the total wait is at most five seconds, and
/// `restow_home_cancel` ends the wait. `flags` is 0 or `RESTOW_USE_OFFLINE`.
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

/// Opens a content key for one use: counts the use as `restow_use`, then writes 16 bytes to `key`. If the call
/// fails, no use is counted and `key` is unchanged. Overwrite the key after use, through a volatile pointer or
/// with a function of the system, because compilers remove a plain `memset`.
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
