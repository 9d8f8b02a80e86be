//! `kill -9` at any moment. Of a backup: the old generation or the new one, whole, and the next backup succeeds. Of a put-back: each
//! file is the old one or the new one. A put-back onto a full disk is here too, since it ends no otherwise.
#![cfg(unix)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use restow::backup::{Depth, Found, Location, PackRole, Reader, Record, verify_location};
use restow_media::build::{PublicationBuilder, PublicationProtection, strip_license};
use restow_media::{Format, embedded_license};

const KILLS: u32 = 100;
const EACH: u32 = 150;

fn restow(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restow"));
    command.arg("--home").arg(home).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn license(n: u32) -> String {
    format!(
        r#"{{"id":"L{n}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{{"profile":"p",
        "content_key":{{"algorithm":"x","encrypted_value":"{n:0>900}"}},"user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
        "links":[],"signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

/// The newest generation and how many licenses the location holds; fails when anything is damaged.
fn state(location: &Path) -> (u64, usize) {
    let location = Location::open(location).unwrap();
    let report = verify_location(&location, Depth::Records, &mut |_, _| std::ops::ControlFlow::Continue(())).unwrap();
    assert!(report.is_whole(), "{report:?}");
    let sets: Vec<_> = location.sets().unwrap().into_iter().map(|id| location.set(id).unwrap()).collect();
    let reader = Reader::latest(&sets, &|| false).unwrap();
    let newest = reader.generations().iter().map(|generation| generation.id.number).max().unwrap();
    let mut licenses = std::collections::HashSet::new();
    reader
        .records::<()>(PackRole::Licenses, &mut |found| {
            match found {
                Found::Record(_, Record::License(record)) => drop(licenses.insert(record.license_id)),
                Found::Record(..) => {}
                Found::Damage(damage) => panic!("{damage}"),
            }
            Ok(())
        })
        .unwrap();
    (newest, licenses.len())
}

#[test]
fn a_hundred_kills_leave_the_old_or_the_new_generation() {
    let dir = tempfile::tempdir().unwrap();
    let (home, location, library) = (dir.path().join("home"), dir.path().join("stick"), dir.path().join("library"));
    std::fs::create_dir(&location).unwrap();
    std::fs::create_dir(&library).unwrap();
    let stick = location.to_str().unwrap();
    let mut next = 0;
    let mut more = || {
        std::fs::write(library.join("all.lcpl"), license(next)).unwrap();
        for n in next..next + EACH {
            std::fs::write(library.join(format!("{}.lcpl", n - next)), license(n)).unwrap();
        }
        next += EACH;
        assert!(restow(&home, &["import", library.to_str().unwrap()]).status().unwrap().success());
        next as usize
    };
    more();
    let begun = Instant::now();
    assert!(restow(&home, &["backup", stick]).status().unwrap().success());
    let usual = begun.elapsed();
    let (mut generation, mut held) = state(&location);
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..KILLS {
        let now = more();
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // Anywhere in a run that takes as long as the first did, and a little after its end.
        let moment = usual.mul_f64((seed >> 11) as f64 / (1_u64 << 53) as f64 * 1.1);
        let mut run = restow(&home, &["backup", stick]).spawn().unwrap();
        std::thread::sleep(moment.max(Duration::from_micros(1)));
        run.kill().unwrap();
        run.wait().unwrap();
        let after = state(&location);
        assert!(after == (generation, held) || after == (generation + 1, now), "{after:?} after {generation}, {held}");
        (generation, held) = after;
    }
    assert!(restow(&home, &["backup", stick]).status().unwrap().success());
    assert_eq!(state(&location), (generation + 1, next as usize));
}

const BOOKS: u32 = 12;

fn book(n: u32) -> PublicationBuilder {
    let book = PublicationBuilder::new(Format::Epub).identifier(&format!("urn:isbn:{n}")).title("Rain");
    book.protection(PublicationProtection::Lcp)
}

/// A home that knows books which have lost their licenses.
fn lost(dir: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (home, library) = (dir.join("home"), dir.join("library"));
    std::fs::create_dir(&library).unwrap();
    let at = library.to_str().unwrap();
    for n in 0..BOOKS {
        std::fs::write(library.join(format!("{n}.epub")), book(n).license(license(n).as_bytes()).build()).unwrap();
    }
    for command in ["import", "scan"] {
        assert!(restow(&home, &[command, at]).status().unwrap().success());
    }
    lose(&library);
    (home, library)
}

fn lose(library: &Path) {
    for n in 0..BOOKS {
        std::fs::write(library.join(format!("{n}.epub")), book(n).build()).unwrap();
        let _ = std::fs::remove_file(library.join(format!("{n}.lcpl")));
    }
}

/// How many books have their license; fails when a file is neither the old one nor the new one.
fn whole(library: &Path) -> u32 {
    let mut with = 0;
    for n in 0..BOOKS {
        let (content, bare) = (std::fs::read(library.join(format!("{n}.epub"))).unwrap(), book(n).build());
        if content != bare {
            let inside = embedded_license(&mut std::io::Cursor::new(&content)).unwrap().unwrap();
            assert_eq!(String::from_utf8(inside).unwrap(), license(n));
            assert!(strip_license(&content).unwrap() == bare);
            with += 1;
        }
        if let Ok(document) = std::fs::read_to_string(library.join(format!("{n}.lcpl"))) {
            assert_eq!(document, license(n));
        }
    }
    with
}

#[test]
fn a_killed_put_back_leaves_every_file_old_or_new() {
    let dir = tempfile::tempdir().unwrap();
    let (home, library) = lost(dir.path());
    let at = library.to_str().unwrap();
    let begun = Instant::now();
    assert!(restow(&home, &["put-back", at]).status().unwrap().success());
    let usual = begun.elapsed();
    assert_eq!(whole(&library), BOOKS);
    let mut partly = 0;
    for kill in 0..40 {
        lose(&library);
        let mut run = restow(&home, &["put-back", at]).spawn().unwrap();
        std::thread::sleep(usual.mul_f64(f64::from(kill) / 40.0));
        run.kill().unwrap();
        run.wait().unwrap();
        partly += u32::from((1..BOOKS).contains(&whole(&library)));
    }
    println!("{partly} of 40 kills came in the middle");
    assert!(restow(&home, &["put-back", at]).status().unwrap().success());
    assert_eq!(whole(&library), BOOKS);
    assert_eq!(std::fs::read_dir(&library).unwrap().count(), 2 * BOOKS as usize, "what kills left is gone");
}

#[test]
fn a_put_back_onto_a_full_disk_changes_nothing_half() {
    const TEST: &str = "a_put_back_onto_a_full_disk_changes_nothing_half";
    let mount = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let dir = tempfile::tempdir().unwrap();
    let (home, library) = lost(dir.path());
    let (disk, after) = (dir.path().join("disk"), dir.path().join("after"));
    std::fs::create_dir(&disk).unwrap();
    let works = Command::new("unshare").args(mount).arg(format!("mount -t tmpfs none '{}'", disk.display())).output();
    if !works.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{TEST}: unshare cannot mount");
        println!("SKIPPED: {TEST}: unshare not found, or it may not mount");
        return;
    }
    // Room for the books, and for so many more pages.
    for (pages, books) in [(0, 0), (1, BOOKS), (5, BOOKS)] {
        let script = format!(
            "rm -rf '{after}' && mkdir '{after}' && mount -t tmpfs -o size=$((({BOOKS} + {pages}) * 4))k none '{disk}' && \
             cp '{library}'/* '{disk}' && '{restow}' --home '{home}' put-back '{disk}'; \
             status=$?; cp -a '{disk}'/. '{after}'; exit $status",
            disk = disk.display(),
            library = library.display(),
            restow = env!("CARGO_BIN_EXE_restow"),
            home = home.display(),
            after = after.display(),
        );
        let output = Command::new("unshare").args(mount).arg(script).env("LANG", "C").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("no room is left"), "{said}");
        assert_eq!(whole(&after), books, "{said}");
        // What was written is whole, and of what was not nothing is left.
        assert_eq!(std::fs::read_dir(&after).unwrap().count(), (BOOKS + pages) as usize, "{said}");
    }
}
