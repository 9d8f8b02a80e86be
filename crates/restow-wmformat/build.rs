//! A run's thread may outlive the program's interest in the library: on Linux it says of itself that it is never unloaded. (On
//! Windows it pins itself when a run starts.)

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo::rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
