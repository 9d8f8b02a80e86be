//! Callback of the application.

use std::ptr::null_mut;

use restow::restorer::StatusCallback;
use restow::{KeyId, Status};
use windows_core::Interface as _;

use crate::ffi::{CallError, to_hresult};
use crate::interfaces::{IWMStatusCallback, WMT_TYPE_DWORD, WMT_TYPE_STRING};
use crate::log_file::LogFile;
use crate::text;

/// Reference to the application's callback for one run. Held from the start of the run until END is delivered.
pub(crate) struct CallbackRef {
    callback: IWMStatusCallback,
    log_file: LogFile,
}

// SAFETY: the SDK's documentation states that `OnStatus` is called on another thread than the thread that
// passed the callback. An implementation must therefore accept calls and reference changes on any thread.
unsafe impl Send for CallbackRef {}
// SAFETY: as above. A shared reference is used for `OnStatus` only, on the one thread of the run.
unsafe impl Sync for CallbackRef {}

impl CallbackRef {
    /// Adds a reference to a callback.
    ///
    /// # Errors
    /// `E_INVALIDARG` for null.
    ///
    /// # Safety
    /// `callback` is null or an `IWMStatusCallback` that lives during this call.
    pub(crate) unsafe fn add_ref(callback: *mut std::ffi::c_void, log_file: LogFile) -> Result<Self, CallError> {
        // SAFETY: as the caller promises; the borrow ends here, with a reference of our own.
        let callback = unsafe { IWMStatusCallback::from_raw_borrowed(&callback) };
        let callback = callback.ok_or(CallError(restow::Hresult::E_INVALIDARG))?.clone();
        Ok(Self { callback, log_file })
    }
}

impl StatusCallback for CallbackRef {
    fn on_status(&self, status: &Status) {
        self.log_file.write_event(status);
        // Programs of the SDK know only the events with a number of the SDK.
        let Some(number) = status.code() else { return };
        let mut text = value_text(status).map(|text| text::terminated(&text));
        let (data_type, value) = match &mut text {
            Some(text) => (WMT_TYPE_STRING, text.as_mut_ptr().cast()),
            None => (WMT_TYPE_DWORD, null_mut()),
        };
        // SAFETY: the held reference keeps the callback alive. `value` is null or text with a terminator. The
        // text outlives the call and has no other user, so the callback may even write to it.
        let result = unsafe {
            self.callback.OnStatus(number.cast_signed(), to_hresult(status.result()), data_type, value, null_mut())
        };
        // The SDK allows S_OK as the only result and ignores any other.
        let _ = result;
    }
}

fn value_text(status: &Status) -> Option<String> {
    match status {
        Status::RestrictedLicense(license) => Some(license.key_id.as_ref().map(KeyId::wm_base64).unwrap_or_default()),
        Status::ErrorWithUrl { url, .. } => Some(url.clone()),
        _ => None,
    }
}
