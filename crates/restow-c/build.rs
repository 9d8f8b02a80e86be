//! Link arguments and file name of the shared library.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Major version of the ABI. A new number means that programs must be compiled again.
    let abi = "0";
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/librestow.{abi}.dylib");
            println!("cargo:rustc-cdylib-link-arg=-Wl,-headerpad_max_install_names");
        }
        Ok("linux" | "freebsd" | "netbsd" | "openbsd" | "android") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,librestow.so.{abi}");
            // The thread of a run may still execute when the program closes the library.
            println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        }
        _ => {}
    }
}
