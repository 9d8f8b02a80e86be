//! Checks that the transcripts have every command, with success and with an error, and every family of errors.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::story::{is_updating, transcripts, words};

/// Families of errors, each with one of its codes.
const FAMILIES: [(&str, &str); 13] = [
    ("home", "home-key-damaged"),
    ("store", "store-newer"),
    ("license", "license-malformed"),
    ("root", "root-no-certificate"),
    ("service", "service-unreachable"),
    ("provider", "provider-ended"),
    ("usage", "not-granted"),
    ("restorer", "no-such-set"),
    ("backup", "backup-damaged"),
    ("put-back", "put-not-protected"),
    ("file", "file-unreadable"),
    ("unwritable file", "file-unwritable"),
    ("command line", "usage-missing"),
];

/// Returns all commands without commands below them, such as `admin issue`, as the reference lists them.
pub(crate) fn commands() -> Vec<String> {
    let reference = include_str!("../reference.txt");
    let heads = reference.lines().filter_map(|line| line.strip_prefix("$ restow ")?.strip_suffix("--help"));
    let all: BTreeSet<String> = heads.map(|head| head.trim().to_owned()).filter(|head| !head.is_empty()).collect();
    let is_group = |command: &String| all.iter().any(|other| other.starts_with(&format!("{command} ")));
    all.iter().filter(|command| !is_group(command)).cloned().collect()
}

/// Returns the command of a recorded command line, without the options before it.
fn command<'a>(line: &str, commands: &'a [String]) -> Option<&'a String> {
    let words = words(line);
    let mut words = words.as_slice();
    while let [option, _, rest @ ..] = words
        && option.starts_with("--")
    {
        words = rest;
    }
    let line = format!("{} ", words.join(" "));
    commands.iter().find(|command| line.starts_with(&format!("{command} ")))
}

#[test]
fn every_command_is_recorded() {
    if is_updating() {
        return;
    }
    let commands = commands();
    assert!(commands.len() > 40, "{commands:?}");
    // For each command: success, error.
    let mut seen: BTreeMap<&String, (bool, bool)> = commands.iter().map(|command| (command, (false, false))).collect();
    for entry in fs::read_dir(transcripts()).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        let mut found = None;
        for line in text.lines() {
            if let Some(line) = line.strip_prefix("$ restow ") {
                found = command(line, &commands);
            } else if let (Some(exit), Some(command)) = (line.strip_prefix("exit "), found) {
                let is_done = matches!(exit, "0" | "3" | "running");
                let (success, error) = seen.get_mut(command).unwrap();
                (*success, *error) = (*success | is_done, *error | !is_done);
            }
        }
    }
    let missing: Vec<_> = seen.iter().filter(|(_, seen)| **seen != (true, true)).collect();
    assert!(missing.is_empty(), "(success, error) is missing in the golden run: {missing:?}");
}

#[test]
fn every_error_family_is_recorded() {
    if is_updating() {
        return;
    }
    let texts: Vec<String> =
        fs::read_dir(transcripts()).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap()).collect();
    for (family, code) in FAMILIES {
        let code = format!("\"code\":\"{code}\"");
        assert!(texts.iter().any(|text| text.contains(&code)), "{family}: {code}");
    }
}
