//! Fuzz targets, one module per target. `run` processes the bytes and must not panic; `seeds` returns the
//! initial corpus. The binaries in `fuzz_targets` only pass the bytes on, so that an ordinary test can run the
//! seeds, too.
//!
//! Targets use only public items of the product. If a signature or a digest protects a parser, the target signs
//! or hashes the bytes itself, so that mutated input passes this check.

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

/// Name, function and seeds of a target.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

macro_rules! targets {
    ($($name:ident),* $(,)?) => {
        /// All targets, by the name of their binary.
        pub const TARGETS: &[Target] = &[$((stringify!($name), $name::run, $name::seeds)),*];
    };
}

targets! {
    probe, wrmheader, license, native_license, lcp, lcp_certificate, key_set, import, manifest, records, pack, set, sealed, link, protocol,
    signature, status_document, names, package, wmformat, c_api,
}
