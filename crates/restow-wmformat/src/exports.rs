//! What the library exports: Restow's two functions, and those of the system's `wmvcore.dll` that a program may want beside them.
//!
//! To export one more of the system's functions, add its line to the list below.

// The names and signatures are those of the SDK's public headers, and of Wine's export list where the headers have none.

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

/// Makes a backup restorer.
///
/// `callback` is what the SDK's object might tell outside a run. Restow has nothing to tell then, so it may be null and no reference to it is kept.
///
/// Results: `S_OK`; `E_INVALIDARG` when `restorer` is null; `NS_E_DRM_UNABLE_TO_CREATE_BACKUP_OBJECT` when the home cannot be used.
///
/// # Safety
/// `restorer` is null or has room for a pointer.
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

/// Says whether a file is protected.
///
/// Results: `S_OK` and true; `S_FALSE` and false; `E_INVALIDARG` when a pointer is null; `NS_E_INVALID_NAME` when there is no such file;
/// `E_ACCESSDENIED` or `E_FAIL` when it cannot be read.
///
/// # Safety
/// `path` is null or text with a terminator, `is_protected` null or has room for a `BOOL`.
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

/// Functions that go to the system's own `wmvcore.dll`. `=> out: nothing` names the place that is cleared, and how, where
/// that library is not there.
macro_rules! forward_to_system {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $type:ty),*) $(=> $out:ident: $initial:expr)?;)*) => {
        $(
            $(#[$doc])*
            ///
            /// Answers `E_NOTIMPL` where the system has no such function.
            ///
            /// # Safety
            /// As the SDK says.
            #[unsafe(no_mangle)]
            pub unsafe extern "system" fn $name($($argument: $type),*) -> HRESULT {
                #[cfg(windows)]
                if let Some(address) = crate::system::system_function(concat!(stringify!($name), "\0")) {
                    type Function = unsafe extern "system" fn($($type),*) -> HRESULT;
                    // SAFETY: both are pointers to functions, and the system's function of this name has this signature: the list below says by whose word.
                    let function = unsafe { std::mem::transmute::<crate::system::Address, Function>(address) };
                    // SAFETY: the caller keeps the SDK's promises.
                    return unsafe { function($($argument),*) };
                }
                $(
                    // SAFETY: the caller gives null or room for the answer.
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

// The arguments are those the SDK's headers give, and of private functions those Wine's list gives. Of `WMCreateBackupRestorerPrivate`
// neither does: it is taken to be as the public one. (Where the caller clears the stack, as on x64, more or fewer would do no harm.)

forward_to_system! {
    /// Registers the system's classes.
    DllRegisterServer();
    /// Says whether the extension of a URL is one the SDK reads.
    WMCheckURLExtension(url: *const u16);
    /// Says whether the scheme of a URL is one the SDK reads.
    WMCheckURLScheme(url: *const u16);
    /// A private maker of restorers.
    WMCreateBackupRestorerPrivate(callback: Object, restorer: OutObject) => restorer: null_mut();
    /// Makes a metadata editor.
    WMCreateEditor(editor: OutObject) => editor: null_mut();
    /// Makes an indexer.
    WMCreateIndexer(indexer: OutObject) => indexer: null_mut();
    /// Makes a profile manager.
    WMCreateProfileManager(manager: OutObject) => manager: null_mut();
    /// Makes a reader.
    WMCreateReader(reserved: Object, rights: u32, reader: OutObject) => reader: null_mut();
    /// A private maker of readers.
    WMCreateReaderPriv(reader: OutObject) => reader: null_mut();
    /// Makes a synchronous reader.
    WMCreateSyncReader(reserved: Object, rights: u32, reader: OutObject) => reader: null_mut();
    /// A private maker of synchronous readers.
    WMCreateSyncReaderPriv(reader: OutObject) => reader: null_mut();
    /// Makes a writer.
    WMCreateWriter(reserved: Object, writer: OutObject) => writer: null_mut();
    /// Makes a file sink.
    WMCreateWriterFileSink(sink: OutObject) => sink: null_mut();
    /// Makes a network sink.
    WMCreateWriterNetworkSink(sink: OutObject) => sink: null_mut();
    /// A private maker of writers.
    WMCreateWriterPriv(writer: OutObject) => writer: null_mut();
    /// Makes a push sink.
    WMCreateWriterPushSink(sink: OutObject) => sink: null_mut();
    /// Says whether a URL can be read without a network.
    WMIsAvailableOffline(url: *const u16, language: *const u16, is_available: *mut i32) => is_available: 0;
    /// Says whether data begins like a file the SDK reads.
    WMValidateData(data: *mut u8, length: *mut u32);
}
