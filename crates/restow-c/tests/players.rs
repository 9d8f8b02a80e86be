//! The example players, in C and in Python, over the library of this build.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const LCP: &str = r#"{"id":"b","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"p",
"content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
"links":[{"rel":"publication","href":"https://p.example/b","title":"A Book"}],
"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;

fn skipped(test: &str, tool: &str) {
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none_or(|set| set != "1"), "{test}: {tool} not found");
    println!("SKIPPED: {test}: {tool} not found");
}

fn libraries() -> PathBuf {
    std::env::current_exe().unwrap().parent().unwrap().to_owned()
}

/// A home with a book, a location; the menu's lines and what the player prints.
fn plays(mut player: Command, dir: &Path) {
    let (home, location) = (dir.join("home"), dir.join("stick"));
    std::fs::create_dir_all(&location).unwrap();
    let book = dir.join("book.lcpl");
    std::fs::write(&book, LCP).unwrap();
    let opened = restow::Home::open(&home).unwrap();
    assert_eq!(restow::import::import(&opened, &[book], &mut |_| {}).unwrap().imported, 1);
    let mut running = player.arg(&home).arg(&location).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let menu = "b\nr\np 00000000-0000-0000-0000-000000000001\np nonsense\nq\n";
    running.stdin.take().unwrap().write_all(menu.as_bytes()).unwrap();
    let output = running.wait_with_output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{said}");
    let expected = [
        "Backed up: 1. Restored: 0. Here already: 0.",
        "Backed up: 0. Restored: 0. Here already: 1.",
        "there is no license for key ID 00000000-0000-0000-0000-000000000001 here. Get the license from where you got the file, or restore it: restow restore LOCATION.",
        "that is no key ID. See restow.h.",
    ];
    assert_eq!(said.lines().collect::<Vec<_>>(), expected);
}

#[test]
fn in_c() {
    let dir = tempfile::tempdir().unwrap();
    let (folder, libraries) = (Path::new(env!("CARGO_MANIFEST_DIR")), libraries());
    let player = dir.path().join("player");
    let compiled = Command::new("cc")
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&player)
        .arg("-I")
        .arg(folder.join("include"))
        .arg(folder.join("examples/player.c"))
        .arg("-L")
        .arg(&libraries)
        .arg("-lrestow_c")
        .arg(format!("-Wl,-rpath,{}", libraries.display()))
        .status();
    match compiled {
        Ok(status) => assert!(status.success(), "the example does not compile"),
        Err(_) => return skipped("in_c", "cc"),
    }
    plays(Command::new(player), dir.path());
}

#[test]
fn in_python() {
    if Command::new("python3").arg("--version").output().is_err() {
        return skipped("in_python", "python3");
    }
    let dir = tempfile::tempdir().unwrap();
    let name = format!("{}restow_c{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let mut player = Command::new("python3");
    player.env("LIBRESTOW", libraries().join(name)).env("PYTHONUNBUFFERED", "1");
    player.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/player.py"));
    plays(player, dir.path());
}
