//! The header is what the source says, and what C and C++ understand.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// As cbindgen makes it, but for result codes, which it prints as decimal numbers: they are hexadecimal for people, and all that is not a bare number
/// has parentheses.
fn made() -> String {
    let config = cbindgen::Config::from_file(folder().join("cbindgen.toml")).unwrap();
    let mut made = Vec::new();
    cbindgen::Builder::new().with_crate(folder()).with_config(config).generate().unwrap().write(&mut made);
    let mut header = String::new();
    for line in String::from_utf8(made).unwrap().lines() {
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
fn the_header_is_what_the_source_says() {
    let made = made();
    let header = folder().join("include/restow.h");
    if std::env::var_os("RESTOW_UPDATE_REFERENCE").is_some() {
        std::fs::write(&header, &made).unwrap();
    }
    let is = std::fs::read_to_string(&header).unwrap_or_default();
    assert!(is == made, "include/restow.h is not up to date: run this test with RESTOW_UPDATE_REFERENCE=1");
    assert!(!made.contains("# Safety") && !made.contains("[`"), "a comment is for readers of Rust");
}

/// A program that includes the header and branches on a result.
const PROGRAM: &str = "#include \"restow.h\"\n#include \"restow.h\"\n
int main(void) { switch (restow_error_hresult(0)) { case RESTOW_E_BUSY: return RESTOW_STATUS_PROGRESS; default: return 0; } }\n";

#[test]
fn c_and_cxx_understand_the_header() {
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
            Err(_) => skipped("c_and_cxx_understand_the_header", tool),
        }
    }
}

fn skipped(test: &str, tool: &str) {
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none_or(|set| set != "1"), "{test}: {tool} not found");
    println!("SKIPPED: {test}: {tool} not found");
}
