//! Exported functions: the two of Restow, and functions of the system's `wmvcore.dll` that a program may need
//! at the same time.
//!
//! To export a further function of the system, add a line to the list below.

// Names and signatures are those of the SDK's public headers, or of Wine's export list for functions without a
// header.

use std::ffi::c_void;
use std::path::PathBuf;
use std::ptr::null_mut;

use restow::Hresult;
use windows_core::HRESULT;

use crate::ffi::{E_NOTIMPL, S_FALSE, call, to_hresult};
use crate::interfaces::IWMLicenseBackup;
use crate::out_param::OutParam;
use crate::restorer::Restorer;
use crate::{protected, text};

/// Creates a backup restorer.
///
/// The SDK's object may report events outside a run to `callback`. Restow has no such events, so `callback` may
/// be null and no reference is kept.
///
/// Results: `S_OK`; `E_INVALIDARG` when `restorer` is null; `NS_E_DRM_UNABLE_TO_CREATE_BACKUP_OBJECT` when the
/// home cannot be used.
///
/// # Safety
/// `restorer` is null or has space for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WMCreateBackupRestorer(callback: *mut c_void, restorer: *mut *mut c_void) -> HRESULT {
    let _ = callback;
    call(|| {
        // SAFETY: as the caller promises.
        let restorer = unsafe { OutParam::new(restorer, null_mut()) }?;
        restorer.set(windows_core::Interface::into_raw(IWMLicenseBackup::from(Restorer::new()?)));
        Ok(Hresult::S_OK)
    })
}

/// Checks if a file is protected.
///
/// Results: `S_OK` and true; `S_FALSE` and false; `E_INVALIDARG` when a pointer is null; `NS_E_INVALID_NAME`
/// when the file does not exist; `E_ACCESSDENIED` or `E_FAIL` when the file cannot be read.
///
/// # Safety
/// `path` is null or text with a terminator. `is_protected` is null or has space for a `BOOL`.
#[unsafe(no_mangle)]
pub unsafe extern "system" fn WMIsContentProtected(path: *const u16, is_protected: *mut i32) -> HRESULT {
    call(|| {
        // SAFETY: as the caller promises.
        let is_protected = unsafe { OutParam::new(is_protected, 0) }?;
        // SAFETY: as the caller promises.
        let path = PathBuf::from(unsafe { text::from_terminated(path) }?);
        let protected = protected::is_protected(&path)?;
        is_protected.set(protected.into());
        Ok(if protected { Hresult::S_OK } else { S_FALSE })
    })
}

/// Defines functions that forward to the system's own `wmvcore.dll`. Where that library is missing, `=> out:
/// initial` sets the output parameter.
macro_rules! forward_to_system {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) $(=> $out:ident: $initial:expr)?;)*) => {
        $(
            $(#[$doc])*
            ///
            /// Returns `E_NOTIMPL` where the system has no such function.
            ///
            /// # Safety
            /// The requirements of the SDK apply.
            #[unsafe(no_mangle)]
            pub unsafe extern "system" fn $name($($argument: $type),*) -> HRESULT {
                #[cfg(windows)]
                if let Some(address) = crate::system::system_function(concat!(stringify!($name), "\0")) {
                    type Function = unsafe extern "system" fn($($type),*) -> HRESULT;
                    // SAFETY: both are function pointers, and the system's function of this name has this
                    // signature. The comment at the list below names the source of each signature.
                    let function = unsafe { std::mem::transmute::<crate::system::Address, Function>(address) };
                    // SAFETY: the caller keeps the requirements of the SDK.
                    return unsafe { function($($argument),*) };
                }
                $(
                    // SAFETY: the caller passes null or space for the result.
                    let _ = unsafe { OutParam::new($out, $initial) };
                )?
                $(let _ = $argument;)*
                to_hresult(E_NOTIMPL)
            }
        )*
    };
}

type Object = *mut c_void;
type OutObject = *mut *mut c_void;

// Arguments are those of the SDK's headers, and those of Wine's list for private functions. Neither describes
// `WMCreateBackupRestorerPrivate`, which is assumed to equal the public function. On x64 the caller clears the
// stack, so a different number of arguments is harmless.

forward_to_system! {
    /// Registers the classes of the system.
    DllRegisterServer();
    /// Checks if the SDK reads files with the extension of a URL.
    WMCheckURLExtension(url: *const u16);
    /// Checks if the SDK reads URLs with this scheme.
    WMCheckURLScheme(url: *const u16);
    /// Creates a restorer (private function).
    WMCreateBackupRestorerPrivate(callback: Object, restorer: OutObject) => restorer: null_mut();
    /// Creates a metadata editor.
    WMCreateEditor(editor: OutObject) => editor: null_mut();
    /// Creates an indexer.
    WMCreateIndexer(indexer: OutObject) => indexer: null_mut();
    /// Creates a profile manager.
    WMCreateProfileManager(manager: OutObject) => manager: null_mut();
    /// Creates a reader.
    WMCreateReader(reserved: Object, rights: u32, reader: OutObject) => reader: null_mut();
    /// Creates a reader (private function).
    WMCreateReaderPriv(reader: OutObject) => reader: null_mut();
    /// Creates a synchronous reader.
    WMCreateSyncReader(reserved: Object, rights: u32, reader: OutObject) => reader: null_mut();
    /// Creates a synchronous reader (private function).
    WMCreateSyncReaderPriv(reader: OutObject) => reader: null_mut();
    /// Creates a writer.
    WMCreateWriter(reserved: Object, writer: OutObject) => writer: null_mut();
    /// Creates a file sink.
    WMCreateWriterFileSink(sink: OutObject) => sink: null_mut();
    /// Creates a network sink.
    WMCreateWriterNetworkSink(sink: OutObject) => sink: null_mut();
    /// Creates a writer (private function).
    WMCreateWriterPriv(writer: OutObject) => writer: null_mut();
    /// Creates a push sink.
    WMCreateWriterPushSink(sink: OutObject) => sink: null_mut();
    /// Checks if a URL can be read without a network.
    WMIsAvailableOffline(url: *const u16, language: *const u16, is_available: *mut i32) => is_available: 0;
    /// Checks if the SDK reads data that starts with these bytes.
    WMValidateData(data: *mut u8, length: *mut u32);
}
