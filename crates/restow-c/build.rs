//! The name by which programs find the shared library.

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
        }
        _ => {}
    }
}
