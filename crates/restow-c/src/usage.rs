//! May I, and then: counting uses and opening keys.

use std::ffi::c_char;

use restow::license::Right;
use restow::{KeyId, usage};
use zeroize::Zeroizing;

use crate::edge::{Failed, answer, handle, put, text};
use crate::error::restow_error;
use crate::home::restow_home;
use crate::result::RESTOW_USE_OFFLINE;

pub(crate) fn key_id_of(text: &str) -> Result<KeyId, Failed> {
    KeyId::from_wm_base64(text).or_else(|| text.parse().ok()).ok_or(Failed::Wrong("key_id"))
}

unsafe fn right_of(action: *const c_char) -> Result<Right, Failed> {
    // SAFETY: as the caller promises.
    Right::from_name(unsafe { text(action, "action") }?).ok_or(Failed::Wrong("action"))
}

unsafe fn open(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    flags: u32,
) -> Result<Zeroizing<[u8; 16]>, Failed> {
    // SAFETY: as the caller promises.
    let home = unsafe { handle(home, "home") }?;
    // SAFETY: as the caller promises.
    let key_id = key_id_of(unsafe { text(key_id, "key_id") }?)?;
    // SAFETY: as the caller promises.
    let right = unsafe { right_of(action) }?;
    Ok(match flags {
        0 => usage::open_content_key_online(&home.home, &key_id, &right, &home.cancel())?,
        RESTOW_USE_OFFLINE => usage::open_content_key(&home.home, &key_id, &right)?,
        _ => return Err(Failed::Wrong("flags")),
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
    let call = || {
        // SAFETY: as the caller promises.
        let home = unsafe { handle(home, "home") }?;
        // SAFETY: as the caller promises.
        let key_id = key_id_of(unsafe { text(key_id, "key_id") }?)?;
        // SAFETY: as the caller promises.
        let right = unsafe { right_of(action) }?;
        let allowed = usage::check_right(&home.home, &key_id, &right)?;
        // SAFETY: as the caller promises.
        unsafe { put(left, || allowed.left.map_or(-1, |left| i64::try_from(left).unwrap_or(i64::MAX))) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
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
    let call = || unsafe { open(home, key_id, action, flags) }.map(drop);
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
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
    let call = || {
        if key.is_null() {
            return Err(Failed::Null("key"));
        }
        // SAFETY: as the caller promises.
        let opened = unsafe { open(home, key_id, action, flags) }?;
        // SAFETY: as the caller promises.
        unsafe { key.copy_from_nonoverlapping(opened.as_ptr(), opened.len()) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}
