//! Marks the library as never unloaded on Linux, because the thread of a run may outlive the program's use of
//! the library. On Windows the library pins itself when a run starts.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
