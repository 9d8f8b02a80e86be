//! The header is what the source says.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

#[test]
fn the_header_is_what_the_source_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = cbindgen::Config::from_file(folder.join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    cbindgen::Builder::new().with_crate(folder).with_config(config).generate().unwrap().write(&mut made);
    let made = String::from_utf8(made).unwrap();
    let header = folder.join("include/restow.h");
    if std::env::var_os("RESTOW_UPDATE_REFERENCE").is_some() {
        std::fs::write(&header, &made).unwrap();
    }
    let is = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(is == made, "include/restow.h is not up to date: run this test with RESTOW_UPDATE_REFERENCE=1");
}
