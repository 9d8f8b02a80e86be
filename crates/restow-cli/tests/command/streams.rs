//! Pipes, terminals that are none, languages, names that look like addresses.

use std::io::Read as _;
use std::process::Stdio;

use restow_media::build::{AsfBuilder, Protection, ProtectionKind};

use super::stage::{Stage, files, key_id, lcp};

fn with_licenses(count: usize) -> Stage {
    let stage = Stage::new();
    let books = stage.folder("books");
    for number in 0..count {
        std::fs::write(books.join(format!("{number}.lcpl")), lcp(&format!("L{number}"))).unwrap();
    }
    stage.run(&["import", "books"]).exits(0);
    stage
}

fn song() -> Vec<u8> {
    AsfBuilder::new()
        .title("Rain")
        .protection(Protection::new(ProtectionKind::Wmdrm, key_id(1).parse().unwrap()))
        .build()
}

#[test]
fn a_reader_who_leaves_is_no_panic() {
    let stage = with_licenses(1500);
    for arguments in [&["licenses", "--json"][..], &["licenses"], &["status", "--json"], &["--help"]] {
        let mut child = stage.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut complaints = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
        assert_eq!((child.wait().unwrap().code(), complaints.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let stage = with_licenses(1);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = stage.command(&["licenses"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn no_colors_and_no_bars_in_a_pipe() {
    let stage = with_licenses(3);
    stage.folder("stick");
    for arguments in [&["licenses"][..], &["status"], &["backup", "stick"], &["verify", "stick"], &["scan", "books"]] {
        for variables in [&[][..], &[("NO_COLOR", "1")], &[("TERM", "xterm-256color")], &[("CLICOLOR_FORCE", "1")]] {
            let output = stage.command(arguments).envs(variables.iter().copied()).output().unwrap();
            let all = [output.stdout, output.stderr].concat();
            assert!(!all.contains(&0x1b), "{arguments:?} {variables:?}");
        }
    }
}

#[test]
fn speaks_german() {
    let stage = with_licenses(2);
    stage.folder("stick");
    assert!(stage.run(&["backup", "stick", "--lang", "de"]).exits(0).out.contains("gesichert"));
    let from_environment = stage.command(&["status"]).env("LANG", "de_DE.UTF-8").output().unwrap();
    assert!(String::from_utf8(from_environment.stdout).unwrap().contains("Lizenzen"));
    let overridden = stage.command(&["status", "--lang", "en"]).env("LANG", "de_DE.UTF-8").output().unwrap();
    assert!(String::from_utf8(overridden.stdout).unwrap().contains("licenses"));
}

/// What the library says about documents, files and damage is in the user's language too.
#[test]
fn details_are_german() {
    let stage = with_licenses(1);
    let odd = stage.folder("odd");
    std::fs::write(odd.join("a.lcpl"), lcp("a").replace("\"issued\"", "\"once\"")).unwrap();
    std::fs::write(odd.join("b.lcpl"), "").unwrap();
    std::fs::write(odd.join("c.lcpl"), &lcp("c")[..100]).unwrap();
    std::fs::write(odd.join("song.wma"), &song()[..200]).unwrap();
    let german = |arguments: &[&str]| stage.run(&[arguments, &["--lang", "de"]].concat());
    let said = german(&["import", "odd"]).exits(1).err;
    for text in ["`issued` fehlt", "sie ist leer", "sie ist abgeschnitten"] {
        assert!(said.contains(text), "{text}: {said}");
    }
    assert!(german(&["scan", "odd"]).exits(0).err.contains("die Datei endet mitten in ihrem Kopf"));
    assert!(german(&["files", "--json"]).exits(0).objects()[0]["warnings"][0].is_string());
    assert!(german(&["file", "odd/song.wma"]).exits(0).err.contains("die Datei endet mitten in ihrem Kopf"));

    let stick = stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let pack = files(&stick).into_iter().find(|path| path.extension().is_some_and(|ending| ending == "pack")).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    assert!(german(&["verify", "stick"]).exits(1).out.contains("ein Block wurde verändert"));
    let said = german(&["--home", "other", "restore", "stick"]).exits(1).err;
    assert!(said.contains("Hinweis: Satz ") && said.contains("ein Block wurde verändert"), "{said}");
    assert!(german(&["show", "stick"]).exits(0).err.contains("ein Block wurde verändert"));
}

#[test]
fn paths_are_never_addresses() {
    let stage = with_licenses(1);
    for name in ["a:b", "with blanks", "ü", r"D:\Licenses", "http:", "s3:bucket"] {
        // Windows does not have such names.
        if cfg!(windows) && name.contains([':', '\\']) {
            continue;
        }
        stage.folder(name);
        stage.run(&["backup", name]).exits(0);
        assert!(stage.path(name).join("Restow").is_dir(), "{name}");
        stage.run(&["--home", "other", "restore", name]).exits(0);
        stage.run(&["verify", name]).exits(0);
    }
    stage.run(&["backup", "./a:b"]).exits(0);
    stage.run(&["scan", "http://x/y"]).exits(1);
}

#[test]
fn hostile_titles_do_not_command_the_terminal() {
    let stage = Stage::new();
    let document = lcp("x").replace("Book x", "a\\u001b[2Jb\\u202ec");
    std::fs::write(stage.path("x.lcpl"), document).unwrap();
    stage.run(&["import", "x.lcpl"]).exits(0);
    for arguments in [&["licenses"][..], &["status"]] {
        let out = stage.run(arguments).exits(0).out;
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
    }
}

/// What is printed to be typed can be typed.
#[test]
fn next_commands_are_quoted() {
    let stage = with_licenses(1);
    stage.folder("p1/Stick für mich");
    let said = stage.run(&["backup", "p1/Stick für mich"]).exits(0).out;
    assert!(said.contains("restow restore 'p1/Stick für mich'"), "{said}");
    let said = stage.run(&["admin", "init", "my shop", "--name", "Shop", "--url", "https://shop.example"]).exits(0).out;
    assert!(said.contains("restow serve 'my shop'"), "{said}");
}

#[test]
fn files_of_which_nothing_is_known_are_not_called_clear() {
    let stage = Stage::new();
    let library = stage.folder("library");
    std::fs::write(library.join("whole.wma"), AsfBuilder::new().title("Rain").build()).unwrap();
    let song = song();
    std::fs::write(library.join("cut.wma"), &song[..40]).unwrap();
    stage.run(&["scan", "library"]).exits(0);
    let listed = stage.run(&["files", "--json"]).exits(0).objects();
    let unknown = listed.iter().find(|file| file["path"].as_str().unwrap().ends_with("cut.wma")).unwrap();
    assert!(unknown["protected"].is_null(), "{unknown}");
    let said = stage.run(&["files"]).exits(0).out;
    for (word, name) in [("unknown", "cut.wma"), ("clear", "whole.wma")] {
        assert!(said.lines().any(|line| line.starts_with(word) && line.ends_with(name)), "{said}");
    }
    assert!(stage.run(&["files", "--lang", "de"]).exits(0).out.contains("unbekannt"));
}
