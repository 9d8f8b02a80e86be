//! The home: its licenses, and what may be done with them.

use std::ffi::{CString, c_char};
use std::path::PathBuf;

use restow::license::Right;
use restow::service::{AcquisitionLink, Cancel, register};
use restow::{Home, KeyId, acquire, import, listing, usage};

use crate::edge::{Failed, answer, c_text, or_default, pointer, text};
use crate::error::restow_error;

/// One installation: a folder with licenses and keys. Free it with `restow_home_free`; restorers made from it live on.
pub struct restow_home {
    pub(crate) home: Home,
}

/// Texts. Free them with `restow_texts_free`.
pub struct restow_texts {
    texts: Vec<CString>,
}

/// What became of documents or of a link.
#[repr(C)]
#[derive(Default)]
pub struct restow_added {
    /// Licenses that came.
    pub added: u64,
    /// Licenses that were here already.
    pub already_here: u64,
    /// Documents or licenses that were refused.
    pub refused: u64,
}

/// Whether something is allowed.
#[repr(C)]
#[derive(Default)]
pub struct restow_allowed {
    /// Whether a use is counted.
    pub counted: bool,
    /// Whether the number of uses left is limited; then `left` says to how many, the next one included.
    pub limited: bool,
    /// Uses left.
    pub left: u64,
}

/// # Safety
/// `home` is null or a home.
pub(crate) unsafe fn home<'a>(home: *const restow_home) -> Result<&'a Home, Failed> {
    // SAFETY: as the caller promises.
    let home = unsafe { home.as_ref() }.ok_or(Failed::Argument("the home is missing"))?;
    Ok(&home.home)
}

/// # Safety
/// `out` is null or has room.
unsafe fn place<'a, T>(out: *mut T) -> Result<&'a mut T, Failed> {
    // SAFETY: as the caller promises.
    unsafe { out.as_mut() }.ok_or(Failed::Argument("the place for the answer is missing"))
}

/// # Safety
/// Both are null or text with a terminator.
unsafe fn use_of(key_id: *const c_char, action: *const c_char) -> Result<(KeyId, Right), Failed> {
    // SAFETY: as the caller promises.
    let key_id = parse_key_id(unsafe { text(key_id) }?)?;
    // SAFETY: as the caller promises.
    let right = Right::named(unsafe { text(action) }?).ok_or(Failed::Argument("there is no such action"))?;
    Ok((key_id, right))
}

fn parse_key_id(text: &str) -> Result<KeyId, Failed> {
    KeyId::from_wm_base64(text).or_else(|| text.parse().ok()).ok_or(Failed::Argument("that is no key ID"))
}

/// Opens the home in `folder`, which is made if it is missing; null stands for the one a person's programs share.
///
/// # Safety
/// `folder` is null or text; `home` has room for a pointer; `error` is null or has room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_open(
    folder: *const c_char,
    home: *mut *mut restow_home,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let home = unsafe { place(home) }?;
        *home = std::ptr::null_mut();
        let folder = match folder.is_null() {
            true => Home::shared_folder()?,
            // SAFETY: as the caller promises.
            false => PathBuf::from(unsafe { text(folder) }?),
        };
        *home = Box::into_raw(Box::new(restow_home { home: Home::open(folder)? }));
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Frees a home.
///
/// # Safety
/// `home` is null or a home that was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_free(home: *mut restow_home) {
    if !home.is_null() {
        // SAFETY: it came from a box, as the caller promises.
        drop(unsafe { Box::from_raw(home) });
    }
}

/// Adds the license documents in a file or folder, recognized by what is in them.
///
/// # Safety
/// `home` is a home, `path` text; `added` is null or has room; `error` is null or has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_import(
    home: *const restow_home,
    path: *const c_char,
    added: *mut restow_added,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let home = unsafe { self::home(home) }?;
        // SAFETY: as the caller promises.
        let path = PathBuf::from(unsafe { text(path) }?);
        let found = import::import(home, &[path], &mut |_| {})?;
        // SAFETY: as the caller promises.
        if let Some(added) = unsafe { added.as_mut() } {
            let (already_here, refused) = (found.already_here, found.refused);
            *added = restow_added { added: found.imported, already_here, refused };
        }
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Redeems an acquisition link. The user saw it and follows it, which is the consent to register this computer, called `computer_name`, with the link's service.
///
/// # Safety
/// `home` is a home, `link` and `computer_name` are texts; `added` is null or has room; `error` is null or has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_acquire(
    home: *const restow_home,
    link: *const c_char,
    computer_name: *const c_char,
    added: *mut restow_added,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let home = unsafe { self::home(home) }?;
        // SAFETY: as the caller promises.
        let link = AcquisitionLink::parse(unsafe { text(link) }?)?;
        // SAFETY: as the caller promises.
        let name = unsafe { text(computer_name) }?;
        let never = Cancel::default();
        acquire::pin_link(home, &link, &never)?;
        let mut store = home.store()?;
        if store.view().registrations(Some(&link.issuer))?.is_empty() {
            register(home, &mut store, &link.issuer, name, &never)?;
        }
        let found = acquire::acquire_link(home, &link, &never)?;
        // SAFETY: as the caller promises.
        if let Some(added) = unsafe { added.as_mut() } {
            let (came, refused) = (found.granted.len() as u64, found.refused.len() as u64);
            *added = restow_added { added: came, already_here: 0, refused };
        }
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Says whether the content of a key ID may be used so, here and now, and counts nothing. `key_id` is in any form Restow or Windows Media prints;
/// `action` is a right such as `Play`.
///
/// # Safety
/// `home` is a home, `key_id` and `action` are texts; `allowed` is null or has room; `error` is null or has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_can(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    allowed: *mut restow_allowed,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let home = unsafe { self::home(home) }?;
        // SAFETY: as the caller promises.
        let (key_id, right) = unsafe { use_of(key_id, action) }?;
        let found = usage::can(home, &key_id, &right)?;
        // SAFETY: as the caller promises.
        if let Some(allowed) = unsafe { allowed.as_mut() } {
            let (limited, left) = (found.left.is_some(), found.left.unwrap_or_default());
            *allowed = restow_allowed { counted: found.counted, limited, left };
        }
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Opens a content key for one use: a counted use is taken durably before the 16 bytes are written to `key`. Overwrite them when they were used.
///
/// # Safety
/// `home` is a home, `key_id` and `action` are texts; `key` has room for 16 bytes; `error` is null or has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_open_key(
    home: *const restow_home,
    key_id: *const c_char,
    action: *const c_char,
    key: *mut u8,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let home = unsafe { self::home(home) }?;
        // SAFETY: as the caller promises.
        let (key_id, right) = unsafe { use_of(key_id, action) }?;
        if key.is_null() {
            return Err(Failed::Argument("the place for the key is missing"));
        }
        let opened = usage::open_content_key(home, &key_id, &right)?;
        // SAFETY: as the caller promises.
        unsafe { key.copy_from_nonoverlapping(opened.as_ptr(), opened.len()) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// What the files of a key ID are called, else the licenses for it.
///
/// # Safety
/// `home` is a home, `key_id` text; `titles` has room for a pointer; `error` is null or has room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_titles(
    home: *const restow_home,
    key_id: *const c_char,
    titles: *mut *mut restow_texts,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let titles = unsafe { place(titles) }?;
        *titles = std::ptr::null_mut();
        // SAFETY: as the caller promises.
        let home = unsafe { self::home(home) }?;
        // SAFETY: as the caller promises.
        let key_id = parse_key_id(unsafe { text(key_id) }?)?;
        let texts = listing::titles_for(home, &key_id)?.iter().map(|title| c_text(title)).collect();
        *titles = Box::into_raw(Box::new(restow_texts { texts }));
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// How many texts there are.
///
/// # Safety
/// `texts` is null (then 0) or texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_texts_count(texts: *const restow_texts) -> usize {
    // SAFETY: as the caller promises.
    or_default(|| unsafe { texts.as_ref() }.map_or(0, |texts| texts.texts.len()))
}

/// One of the texts, from 0; null beyond the last.
///
/// # Safety
/// `texts` is null (then null) or texts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_texts_get(texts: *const restow_texts, index: usize) -> *const c_char {
    // SAFETY: as the caller promises.
    pointer(unsafe { texts.as_ref() }.and_then(|texts| texts.texts.get(index)))
}

/// Frees texts.
///
/// # Safety
/// `texts` is null or texts that were not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_texts_free(texts: *mut restow_texts) {
    if !texts.is_null() {
        // SAFETY: it came from a box, as the caller promises.
        drop(unsafe { Box::from_raw(texts) });
    }
}
