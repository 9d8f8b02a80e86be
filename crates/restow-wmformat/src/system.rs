//! The system's own_module `wmvcore.dll`, and this one's place in memory.

use std::ffi::c_void;
use std::sync::OnceLock;

/// The address of a function of which only the name is known.
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

/// Longer than any path Windows takes here; a system folder is short.
const MAX_PATH: usize = 260;

/// A function of the system's library, which is loaded on first use and stays. `name` ends with a zero.
pub(crate) fn system_function(name: &'static str) -> Option<Address> {
    static SYSTEM: OnceLock<Option<usize>> = OnceLock::new();
    debug_assert!(name.ends_with('\0'));
    let module = (*SYSTEM.get_or_init(|| load_system_library().map(|module| module.addr())))?;
    // SAFETY: the module is never unloaded, and the name ends with a zero.
    unsafe { GetProcAddress(std::ptr::without_provenance_mut(module), name.as_ptr()) }
}

fn load_system_library() -> Option<Module> {
    let mut path = vec![0u16; MAX_PATH];
    // SAFETY: the buffer has as much room as is said.
    let length = unsafe { GetSystemDirectoryW(path.as_mut_ptr(), u32::try_from(path.len()).ok()?) };
    let length = usize::try_from(length).ok().filter(|length| (1..MAX_PATH).contains(length))?;
    path.truncate(length);
    path.extend("\\wmvcore.dll\0".encode_utf16());
    // A full path, so that the system's library comes and not this one again, which has the same name; and what it needs comes from the
    // system's folder, too, not from where the program happens to lie.
    // SAFETY: the path ends with a zero.
    let module = unsafe { LoadLibraryExW(path.as_ptr(), std::ptr::null_mut(), SEARCH_SYSTEM32) };
    // Where this library was put into the system folder itself there is no other: it must not call itself for ever.
    (!module.is_null() && Some(module) != own_module(UNCHANGED_COUNT)).then_some(module)
}

/// This library's module.
fn own_module(flags: u32) -> Option<Module> {
    let mut module = std::ptr::null_mut();
    let address: fn(u32) -> Option<Module> = own_module;
    // SAFETY: an address in this library, not a name; room for the answer.
    let found = unsafe { GetModuleHandleExW(FROM_ADDRESS | flags, address as *const u16, &mut module) };
    (found != 0).then_some(module)
}

/// Keeps this library in memory until the process ends: a run's thread, which outlives the object that started it, runs in it.
pub(crate) fn keep_loaded() {
    own_module(PIN);
}
