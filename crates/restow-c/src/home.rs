//! The home.

use std::ffi::c_char;
use std::path::PathBuf;
use std::sync::Mutex;

use restow::Home;
use restow::service::Cancel;

use crate::call::call;
use crate::error::restow_error;
use crate::ffi::{catch_panic, clear_out, free_handle, into_handle, lock, read_text, write_out};

/// One installation: a folder with licenses and keys.
pub struct restow_home {
    pub(crate) home: Home,
    cancel: Mutex<Cancel>,
}

impl restow_home {
    /// What stops the calls that are going on.
    pub(crate) fn cancel(&self) -> Cancel {
        lock(&self.cancel).clone()
    }
}

/// Opens the home in `folder`, which is made if it is missing. Null stands for the one a person's programs share: the folder `RESTOW_HOME` names, else the
/// platform's place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_open(
    folder: *const c_char,
    home: *mut *mut restow_home,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        unsafe { clear_out(home, "home") }?;
        let folder = match folder.is_null() {
            true => Home::shared_folder()?,
            // SAFETY: as the caller promises.
            false => PathBuf::from(unsafe { read_text(folder, "folder") }?),
        };
        let opened = restow_home { home: Home::open(folder)?, cancel: Mutex::default() };
        // SAFETY: as the caller promises.
        unsafe { write_out(home, || into_handle(opened)) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Asks what this home's handle is waiting for in other threads, in `restow_acquire`, `restow_use` and `restow_open_key`, to give up on services: an
/// acquisition fails with `RESTOW_E_CANCELED`, a use goes on as with `RESTOW_USE_OFFLINE`. Calls that begin later are not concerned, nor are runs of
/// restorers.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_cancel(home: *const restow_home) {
    // SAFETY: as the caller promises.
    if let Some(home) = unsafe { home.as_ref() } {
        catch_panic(|| std::mem::take(&mut *lock(&home.cancel)).cancel());
    }
}

/// Frees a home. Restorers made of it live on.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_free(home: *mut restow_home) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(home) }
}
