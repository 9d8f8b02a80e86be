//! The system's own `wmvcore.dll`, and the pinning of this library in memory.

use std::ffi::c_void;
use std::sync::OnceLock;

/// Address of a function with unknown signature.
pub(crate) type Address = unsafe extern "system" fn() -> isize;

type Module = *mut c_void;

windows_link::link!("kernel32.dll" "system" fn GetSystemDirectoryW(buffer: *mut u16, size: u32) -> u32);
windows_link::link!("kernel32.dll" "system" fn LoadLibraryExW(path: *const u16, reserved: Module, flags: u32) -> Module);
windows_link::link!("kernel32.dll" "system" fn GetProcAddress(module: Module, name: *const u8) -> Option<Address>);
windows_link::link!("kernel32.dll" "system" fn GetModuleHandleExW(flags: u32, address: *const u16, module: *mut Module) -> i32);

// Flags of GetModuleHandleExW.
const PIN: u32 = 1;
const UNCHANGED_COUNT: u32 = 2;
const FROM_ADDRESS: u32 = 4;

/// Flag of LoadLibraryExW.
const SEARCH_SYSTEM32: u32 = 0x800;

/// Buffer length for the path of the system folder, in characters.
const MAX_PATH: usize = 260;

/// Returns a function of the system's library, which is loaded on first use and never unloaded. `name` ends
/// with a zero.
pub(crate) fn system_function(name: &'static str) -> Option<Address> {
    static SYSTEM: OnceLock<Option<usize>> = OnceLock::new();
    debug_assert!(name.ends_with('\0'));
    let module = (*SYSTEM.get_or_init(|| load_system_library().map(|module| module.addr())))?;
    // SAFETY: the module is never unloaded, and the name ends with a zero.
    unsafe { GetProcAddress(std::ptr::without_provenance_mut(module), name.as_ptr()) }
}

fn load_system_library() -> Option<Module> {
    let mut path = vec![0u16; MAX_PATH];
    // SAFETY: the buffer has the stated length.
    let length = unsafe { GetSystemDirectoryW(path.as_mut_ptr(), u32::try_from(path.len()).ok()?) };
    let length = usize::try_from(length).ok().filter(|length| (1..MAX_PATH).contains(length))?;
    path.truncate(length);
    path.extend("\\wmvcore.dll\0".encode_utf16());
    // A full path selects the system's library and not this one, which has the same name. Its dependencies are
    // also loaded from the system folder, not from the folder of the program.
    // SAFETY: the path ends with a zero.
    let module = unsafe { LoadLibraryExW(path.as_ptr(), std::ptr::null_mut(), SEARCH_SYSTEM32) };
    // If this library is installed in the system folder, there is no other one. It must not call itself
    // forever.
    (!module.is_null() && Some(module) != own_module(UNCHANGED_COUNT)).then_some(module)
}

/// Returns the module of this library.
fn own_module(flags: u32) -> Option<Module> {
    let mut module = std::ptr::null_mut();
    let address: fn(u32) -> Option<Module> = own_module;
    // SAFETY: an address in this library instead of a name, and space for the result.
    let found = unsafe { GetModuleHandleExW(FROM_ADDRESS | flags, address as *const u16, &mut module) };
    (found != 0).then_some(module)
}

/// Keeps this library in memory until the process ends, because the thread of a run outlives the object that
/// started it.
pub(crate) fn keep_loaded() {
    own_module(PIN);
}
