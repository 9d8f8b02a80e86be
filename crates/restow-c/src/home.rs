//! Home.

use std::ffi::c_char;
use std::path::PathBuf;
use std::sync::Mutex;

use restow::Home;
use restow::service::Cancel;

use crate::call::call_new;
use crate::error::restow_error;
use crate::ffi::{catch_panic, free_handle, lock, read_text};

/// Installation of Restow: a folder with licenses and keys.
pub struct restow_home {
    pub(crate) home: Home,
    cancel: Mutex<Cancel>,
}

impl restow_home {
    /// Returns the token that cancels the current calls.
    pub(crate) fn cancel(&self) -> Cancel {
        lock(&self.cancel).clone()
    }
}

/// Opens the home in `folder`. The first change creates a missing folder. Null selects the home that all programs of
/// a user share: the folder in `RESTOW_HOME`, or the default folder of the platform.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_open(
    folder: *const c_char,
    home: *mut *mut restow_home,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        let folder = match folder.is_null() {
            true => Home::shared_folder()?,
            // SAFETY: as the caller promises.
            false => PathBuf::from(unsafe { read_text(folder, "folder") }?),
        };
        Ok(restow_home { home: Home::open(folder)?, cancel: Mutex::default() })
    };
    // SAFETY: as the caller promises.
    unsafe { call_new((home, "home"), error, body) }
}

/// Cancels the waiting of other threads for services in `restow_acquire`, `restow_use` and `restow_open_key`
/// with this handle. An acquisition fails with `RESTOW_E_CANCELED`. A use continues as with
/// `RESTOW_USE_OFFLINE`. Later calls and the runs of restorers are not affected.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_cancel(home: *const restow_home) {
    // SAFETY: as the caller promises.
    if let Some(home) = unsafe { home.as_ref() } {
        catch_panic(|| std::mem::take(&mut *lock(&home.cancel)).cancel());
    }
}

/// Frees a home. Its restorers stay valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_home_free(home: *mut restow_home) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(home) }
}
