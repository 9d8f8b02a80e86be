//! Pipes, terminals, languages, and paths that look like URLs.

use std::io::Read as _;
use std::process::Stdio;

use restow_media::build::{AsfBuilder, Protection, ProtectionKind};

use super::sandbox::{Sandbox, files, key_id, lcp};

fn with_licenses(count: usize) -> Sandbox {
    let sandbox = Sandbox::new();
    let books = sandbox.folder("books");
    for number in 0..count {
        std::fs::write(books.join(format!("{number}.lcpl")), lcp(&format!("L{number}"))).unwrap();
    }
    sandbox.run(&["import", "books"]).expect_exit(0);
    sandbox
}

fn song() -> Vec<u8> {
    AsfBuilder::new()
        .title("Rain")
        .protection(Protection::new(ProtectionKind::Wmdrm, key_id(1).parse().unwrap()))
        .build()
}

#[test]
fn closed_reader_causes_no_panic() {
    let sandbox = with_licenses(1500);
    for arguments in [&["licenses", "--json"][..], &["licenses"], &["status", "--json"], &["--help"]] {
        let mut child = sandbox.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let mut complaints = String::new();
        child.stderr.take().unwrap().read_to_string(&mut complaints).unwrap();
        assert_eq!((child.wait().unwrap().code(), complaints.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_fails_output() {
    let sandbox = with_licenses(1);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = sandbox.command(&["licenses"]).stdout(full).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn pipe_gets_no_escape_codes() {
    let sandbox = with_licenses(3);
    sandbox.folder("stick");
    for arguments in [&["licenses"][..], &["status"], &["backup", "stick"], &["verify", "stick"], &["scan", "books"]] {
        for variables in [&[][..], &[("NO_COLOR", "1")], &[("TERM", "xterm-256color")], &[("CLICOLOR_FORCE", "1")]] {
            let output = sandbox.command(arguments).envs(variables.iter().copied()).output().unwrap();
            let all = [output.stdout, output.stderr].concat();
            assert!(!all.contains(&0x1b), "{arguments:?} {variables:?}");
        }
    }
}

#[test]
fn output_follows_language() {
    let sandbox = with_licenses(2);
    sandbox.folder("stick");
    assert!(sandbox.run(&["backup", "stick", "--lang", "de"]).expect_exit(0).out.contains("gesichert"));
    let from_environment = sandbox.command(&["status"]).env("LANG", "de_DE.UTF-8").output().unwrap();
    assert!(String::from_utf8(from_environment.stdout).unwrap().contains("Lizenzen"));
    let overridden = sandbox.command(&["status", "--lang", "en"]).env("LANG", "de_DE.UTF-8").output().unwrap();
    assert!(String::from_utf8(overridden.stdout).unwrap().contains("licenses"));
}

/// Messages of the library about documents, files and damage follow the language, too.
#[test]
fn library_messages_are_german() {
    let sandbox = with_licenses(1);
    let odd = sandbox.folder("odd");
    std::fs::write(odd.join("a.lcpl"), lcp("a").replace("\"provider\"", "\"once\"")).unwrap();
    std::fs::write(odd.join("b.lcpl"), "").unwrap();
    std::fs::write(odd.join("c.lcpl"), &lcp("c")[..100]).unwrap();
    std::fs::write(odd.join("song.wma"), &song()[..200]).unwrap();
    let german = |arguments: &[&str]| sandbox.run(&[arguments, &["--lang", "de"]].concat());
    let output = german(&["import", "odd"]).expect_exit(1).err;
    for text in ["„provider“ fehlt", "das Dokument ist leer", "das Dokument ist unvollständig"] {
        assert!(output.contains(text), "{text}: {output}");
    }
    assert!(german(&["scan", "odd"]).expect_exit(0).err.contains("die Datei endet mitten im Kopf"));
    assert!(german(&["files", "--json"]).expect_exit(0).objects()[0]["warnings"][0].is_string());
    assert!(german(&["file", "odd/song.wma"]).expect_exit(0).err.contains("die Datei endet mitten im Kopf"));

    let stick = sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let pack = files(&stick).into_iter().find(|path| path.extension().is_some_and(|ending| ending == "pack")).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    assert!(
        german(&["verify", "stick"]).expect_exit(1).out.contains("ein Teil einer Datei der Sicherung wurde verändert")
    );
    let output = german(&["--home", "other", "restore", "stick"]).expect_exit(1).err;
    assert!(
        output.contains("Hinweis: Sicherung ") && output.contains("ein Teil einer Datei der Sicherung wurde verändert"),
        "{output}"
    );
    assert!(
        german(&["show", "stick"]).expect_exit(1).err.contains("ein Teil einer Datei der Sicherung wurde verändert")
    );
}

#[test]
fn paths_are_not_urls() {
    let sandbox = with_licenses(1);
    for name in ["a:b", "with blanks", "ü", r"D:\Licenses", "http:", "s3:bucket"] {
        // Windows does not allow such names.
        if cfg!(windows) && name.contains([':', '\\']) {
            continue;
        }
        sandbox.folder(name);
        sandbox.run(&["backup", name]).expect_exit(0);
        assert!(sandbox.path(name).join("Restow").is_dir(), "{name}");
        sandbox.run(&["--home", "other", "restore", name]).expect_exit(0);
        sandbox.run(&["verify", name]).expect_exit(0);
    }
    sandbox.run(&["backup", "./a:b"]).expect_exit(0);
    sandbox.run(&["scan", "http://x/y"]).expect_exit(1);
}

#[test]
fn hostile_titles_are_sanitized() {
    let sandbox = Sandbox::new();
    let document = lcp("x").replace("Book x", "a\\u001b[2Jb\\u202ec");
    std::fs::write(sandbox.path("x.lcpl"), document).unwrap();
    sandbox.run(&["import", "x.lcpl"]).expect_exit(0);
    for arguments in [&["licenses"][..], &["status"]] {
        let out = sandbox.run(arguments).expect_exit(0).out;
        assert!(!out.contains(['\u{1b}', '\u{202e}']), "{out:?}");
    }
}

/// Printed commands can be typed in a shell.
#[test]
fn printed_commands_are_quoted() {
    let sandbox = with_licenses(1);
    sandbox.folder("p1/Stick für mich");
    let output = sandbox.run(&["backup", "p1/Stick für mich"]).expect_exit(0).out;
    assert!(output.contains("restow restore 'p1/Stick für mich'"), "{output}");
    let output = sandbox
        .run(&["admin", "init", "my shop", "--name", "Shop", "--url", "https://shop.example"])
        .expect_exit(0)
        .out;
    assert!(output.contains("restow serve 'my shop'"), "{output}");
}

#[test]
fn unreadable_files_are_listed_as_unknown() {
    let sandbox = Sandbox::new();
    let library = sandbox.folder("library");
    std::fs::write(library.join("whole.wma"), AsfBuilder::new().title("Rain").build()).unwrap();
    let song = song();
    std::fs::write(library.join("cut.wma"), &song[..40]).unwrap();
    sandbox.run(&["scan", "library"]).expect_exit(0);
    let listed = sandbox.run(&["files", "--json"]).expect_exit(0).objects();
    let unknown = listed.iter().find(|file| file["path"].as_str().unwrap().ends_with("cut.wma")).unwrap();
    assert!(unknown["protected"].is_null(), "{unknown}");
    let output = sandbox.run(&["files"]).expect_exit(0).out;
    for (word, name) in [("unknown", "cut.wma"), ("clear", "whole.wma")] {
        assert!(output.lines().any(|line| line.starts_with(word) && line.ends_with(name)), "{output}");
    }
    assert!(sandbox.run(&["files", "--lang", "de"]).expect_exit(0).out.contains("unbekannt"));
}
