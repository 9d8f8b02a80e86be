//! What each fuzz target does with its bytes: one module per target, whose `run` must not panic, and `seeds` to begin
//! with. The binaries in `fuzz_targets` only hand the bytes over, so that an ordinary test can run the seeds too.
//!
//! Only public items of the product are used. Where a parser sits behind a signature or a digest, the target signs or
//! hashes the bytes itself, so that mutated input gets past the first check.

pub mod common;

pub mod c_api;
pub mod import;
pub mod key_set;
pub mod lcp;
pub mod lcp_certificate;
pub mod license;
pub mod link;
pub mod manifest;
pub mod names;
pub mod native_license;
pub mod pack;
pub mod package;
pub mod probe;
pub mod protocol;
pub mod records;
pub mod sealed;
pub mod set;
pub mod signature;
pub mod status_document;
pub mod wmformat;
pub mod wrmheader;

/// A name, what to run, and what to begin with.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        /// Every target, by the name of its binary.
        pub const TARGETS: &[Target] = &[$((stringify!($name), $name::run, $name::seeds)),*];
    };
}

targets! {
    probe, wrmheader, license, native_license, lcp, lcp_certificate, key_set, import, manifest, records, pack, set, sealed, link, protocol,
    signature, status_document, names, package, wmformat, c_api,
}
