//! How the shared library is linked, and the name by which programs find it.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The first number of the ABI's version: another one where programs must be compiled anew.
    let abi = "0";
    match env::var("CARGO_CFG_TARGET_OS").as_deref() {
        Ok("macos") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-install_name,@rpath/librestow.{abi}.dylib");
            println!("cargo:rustc-cdylib-link-arg=-Wl,-headerpad_max_install_names");
        }
        Ok("linux" | "freebsd" | "netbsd" | "openbsd" | "android") => {
            println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,librestow.so.{abi}");
            // A run's thread may outlive the program's interest in the library.
            println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        }
        _ => {}
    }
}
