//! Errors of homes, stores, files and backups.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::coverage;
use super::inputs::signed_license;
use super::story::Story;

/// Arguments that complete the commands. Each command then fails by its home.
const ARGUMENTS: [(&str, &str); 26] = [
    ("acquire", "hex:0a"),
    ("backup", "stick"),
    ("can", "a"),
    ("computer confirm", "x"),
    ("computer refuse", "x"),
    ("computer release", "x"),
    ("computer withdraw-key", "x"),
    ("export", "exported"),
    ("file", "a.lcpl"),
    ("forget", "a"),
    ("import", "a.lcpl"),
    ("provider allow", "https://p.example"),
    ("provider remove", "https://p.example"),
    ("put-back", "stick"),
    ("renew", "a"),
    ("restore", "stick"),
    ("return", "a"),
    ("roots add", "root.pem"),
    ("roots distrust", "root.pem"),
    ("roots remove", "0123456789"),
    ("scan", "a.lcpl"),
    ("service add", "https://p.example"),
    ("service remove", "x"),
    ("show", "stick"),
    ("verify", "stick"),
    ("why", "a"),
];

/// Place of the user version in the header of an SQLite database.
const USER_VERSION: Range<usize> = 60..64;
/// Size of the first page of the store, which has the header and the schema.
const PAGE: usize = 4096;

/// Runs every command that needs a home with a file in place of the home.
#[test]
fn home_run_is_unchanged() {
    let mut story = Story::begin("home");
    story.write("file", "no folder");
    story.write("a.lcpl", signed_license("a", &json!({})));
    story.folder("stick");
    let is_local = |command: &String| !command.starts_with("admin") && command != "serve" && command != "demo";
    for command in coverage::commands().iter().filter(|command| is_local(command)) {
        let arguments = ARGUMENTS.iter().find(|(name, _)| name == command).map_or("", |(_, arguments)| arguments);
        story.run(format!("--home file {command} {arguments}").trim_end());
    }
    story.end();
}

/// Begins a chapter with two licenses and two generations of a backup.
fn home(chapter: &'static str) -> Story {
    let mut story = Story::begin(chapter);
    story.folder("stick");
    for id in ["a", "b"] {
        story.write(&format!("{id}.lcpl"), signed_license(id, &json!({})));
        story.run(&format!("import {id}.lcpl"));
        story.run("backup stick");
    }
    story
}

#[test]
fn store_run_is_unchanged() {
    let mut story = home("store");
    let store = fs::read(story.path("home/store.db")).unwrap();
    story.remark("The store is of a newer version.");
    let mut newer = store.clone();
    newer[USER_VERSION].copy_from_slice(&9999_u32.to_be_bytes());
    story.write("home/store.db", newer);
    story.run("licenses");
    story.remark("The store is damaged in its middle.");
    let mut damaged = store.clone();
    damaged[PAGE..].fill(0xFF);
    story.write("home/store.db", damaged);
    story.run("licenses");
    story.run("backup stick");
    story.remark("The store is no database.");
    story.write("home/store.db", "no database");
    story.run("licenses");
    story.write("home/store.db", store);
    story.remark("The key of the computer is damaged.");
    let key = fs::read(story.path("home/computer.key")).unwrap();
    story.write("home/computer.key", &key[..key.len() / 2]);
    story.run("licenses");
    story.run("backup stick");
    story.write("home/computer.key", key);
    story.run("licenses");
    story.write("home/roots/x.pem", "no certificate");
    story.run("licenses --check");
    story.end();
}

#[test]
fn damage_run_is_unchanged() {
    let mut story = home("damage");
    story.folder("empty");
    story.write("file", "no folder");
    for line in ["backup nowhere", "backup file", "restore empty", "verify empty", "show nowhere", "backups nowhere"] {
        story.run(line);
    }
    story.run("export stick file");
    story.run("restore stick --set 0000");
    story.run("restore stick --generation 9");
    story.remark("Files of other programs, and of an interrupted backup.");
    story.write("stick/Restow/notes.txt", "no part of a backup");
    story.write("stick/Restow/.tmp-0123456789abcdef", "half a file");
    story.run("verify stick");
    story.remark("The manifests of the second generation are overwritten.");
    for path in files(&story.path("stick")).iter().filter(|path| path.to_string_lossy().contains("0000000002-")) {
        fs::write(path, "no manifest").unwrap();
    }
    for line in ["verify stick", "show stick", "backups stick", "restore stick", "--home other restore stick"] {
        story.run(line);
    }
    story.run("backup stick");
    story.run("verify stick");
    story.remark("The packs are damaged.");
    for path in files(&story.path("stick")).iter().filter(|path| path.extension().is_some_and(|end| end == "pack")) {
        let mut bytes = fs::read(path).unwrap();
        bytes[0] ^= 1;
        fs::write(path, bytes).unwrap();
    }
    story.run_sorted("verify stick");
    story.run("--home third restore stick");
    story.run("status");
    story.run("forget a --from stick --yes");
    story.remark("The newest generation is removed.");
    for path in files(&story.path("stick")).iter().filter(|path| path.to_string_lossy().contains("0000000003-")) {
        fs::remove_file(path).unwrap();
    }
    story.run_sorted("verify stick");
    story.rename("stick", "away");
    let commands = [
        "status",
        "backups",
        "forget a",
        "verify stick",
        "backups --remove stick/Restow --yes",
        "backups --remove stick",
    ];
    for line in commands {
        story.run(line);
    }
    story.end();
}

/// Returns all files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
