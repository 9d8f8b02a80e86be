//! Comparison of the header with the source, and compilation of the header as C and C++.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns the header of cbindgen, with result codes as hexadecimal numbers and with parentheses around values.
fn generated() -> String {
    let config = cbindgen::Config::from_file(folder().join("cbindgen.toml")).unwrap();
    let mut generated = Vec::new();
    cbindgen::Builder::new().with_crate(folder()).with_config(config).generate().unwrap().write(&mut generated);
    let mut header = String::new();
    for line in String::from_utf8(generated).unwrap().lines() {
        let value = line.strip_prefix("#define ").and_then(|rest| rest.split_once(' '));
        header += &match value {
            Some((name, value)) if value.starts_with("(int32_t)") => {
                let number: u32 = value.trim_start_matches("(int32_t)").trim_end_matches('u').parse().unwrap();
                format!("#define {name} ((int32_t)0x{number:08X})")
            }
            Some((name, value)) if value.starts_with('-') => format!("#define {name} ({value})"),
            _ => line.to_owned(),
        };
        header.push('\n');
    }
    header
}

#[test]
fn header_matches_source() {
    let generated = generated();
    let header = folder().join("include/restow.h");
    if std::env::var_os("RESTOW_UPDATE_REFERENCE").is_some() {
        std::fs::write(&header, &generated).unwrap();
    }
    let current = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(current == generated, "include/restow.h is not up to date: run this test with RESTOW_UPDATE_REFERENCE=1");
    assert!(!generated.contains("# Safety") && !generated.contains("[`"), "a comment has Rust syntax");
}

/// Program that includes the header and branches on a result.
const PROGRAM: &str = "#include \"restow.h\"\n#include \"restow.h\"\n
int main(void) { switch (restow_error_hresult(0)) { case RESTOW_E_BUSY: return RESTOW_STATUS_PROGRESS; default: return 0; } }\n";

#[test]
fn header_compiles_as_c_and_cxx() {
    for (tool, language, standard) in [("cc", "c", "c99"), ("cc", "c", "c17"), ("c++", "c++", "c++11")] {
        let compiler = Command::new(tool)
            .args(["-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror", "-fsyntax-only", "-x", language])
            .arg(format!("-std={standard}"))
            .arg("-I")
            .arg(folder().join("include"))
            .arg("-")
            .stdin(Stdio::piped())
            .spawn();
        match compiler {
            Ok(mut running) => {
                running.stdin.take().unwrap().write_all(PROGRAM.as_bytes()).unwrap();
                assert!(running.wait().unwrap().success(), "{standard}");
            }
            Err(_) => report_skipped("header_compiles_as_c_and_cxx", tool),
        }
    }
}

fn report_skipped(test: &str, tool: &str) {
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none_or(|set| set != "1"), "{test}: {tool} not found");
    println!("SKIPPED: {test}: {tool} not found");
}
