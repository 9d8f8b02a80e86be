//! A program that unloads the library during a run.

use std::ffi::{CString, c_char, c_int, c_void};
use std::os::unix::ffi::OsStringExt as _;
use std::sync::{Mutex, mpsc};

use windows_core::{HRESULT, Interface as _};
use wmvcore::interfaces::{IWMBackupRestoreProps, IWMLicenseBackup, WMT_TYPE_STRING};

use crate::com::{BEGIN, Callback, S_OK, bytes, set};
use crate::world::World;

unsafe extern "C" {
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
    fn dlclose(library: *mut c_void) -> c_int;
}

const NOW: c_int = 2;
const IF_LOADED: c_int = 4;

#[test]
fn library_stays_loaded_during_run() {
    let world = World::with_licenses();
    let library = std::env::current_exe().unwrap().with_file_name("libwmvcore.so");
    let path = CString::new(library.into_os_string().into_vec()).unwrap();
    let open = |flags| {
        // SAFETY: a path with a terminator.
        unsafe { dlopen(path.as_ptr(), NOW | flags) }
    };
    let library = open(0);
    assert!(!library.is_null(), "{path:?}");
    // SAFETY: nothing of the library is in use.
    assert_eq!(unsafe { dlclose(library) }, 0);
    let library = open(IF_LOADED);
    assert!(!library.is_null(), "it says of itself that it stays");
    // SAFETY: the library is loaded, and the name has a terminator.
    let make = unsafe { dlsym(library, c"WMCreateBackupRestorer".as_ptr()) };
    assert!(!make.is_null());
    type Make = unsafe extern "system" fn(*mut c_void, *mut *mut c_void) -> HRESULT;
    // SAFETY: the symbol is this function.
    let make = unsafe { std::mem::transmute::<*mut c_void, Make>(make) };
    let mut made = std::ptr::null_mut();
    // SAFETY: there is space for a pointer.
    assert_eq!(unsafe { make(std::ptr::null_mut(), &mut made) }.0, 0);
    // SAFETY: the created object with its reference.
    let backup = unsafe { IWMLicenseBackup::from_raw(made) };
    let props: IWMBackupRestoreProps = backup.cast().unwrap();
    assert_eq!(set(&props, "BackupPath", WMT_TYPE_STRING, &bytes(world.stick().to_str().unwrap())), S_OK);

    let (go, wait) = mpsc::channel();
    let wait = Mutex::new(wait);
    let callback = Callback::with_result(move |_, call| {
        if call.status == BEGIN {
            wait.lock().unwrap().recv().unwrap();
        }
        S_OK
    });
    // SAFETY: the callback lives during the call.
    assert_eq!(unsafe { backup.BackupLicenses(1, callback.raw()) }.0, 0);
    callback.wait_until("BEGIN", |state| !state.calls.is_empty());
    drop((backup, props));
    // SAFETY: only the run still uses the library.
    assert_eq!(unsafe { dlclose(library) }, 0);
    go.send(()).unwrap();
    assert_eq!(callback.end(), S_OK);
}
