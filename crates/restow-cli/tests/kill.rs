//! `kill -9` at random moments. After a killed backup, the location has the old or the new generation, and the
//! next backup succeeds. After a killed put-back, each file is the old or the new one. A put-back onto a full
//! disk has the same result and is tested here, too.
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
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use restow_backup::{Depth, Location, PackRole, ReadItem, Reader, Record, verify_location};
use restow_media::build::{PublicationBuilder, PublicationProtection, strip_license};
use restow_media::{Format, embedded_license};

#[path = "../../restow/tests/lcp/workshop.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod workshop;

const KILLS: u32 = 100;
const LICENSES_PER_RUN: u32 = 150;

fn restow(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_restow"));
    command.arg("--home").arg(home).args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn license_document(n: u32) -> String {
    format!(
        r#"{{"id":"L{n}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{{"profile":"p",
        "content_key":{{"algorithm":"x","encrypted_value":"{n:0>900}"}},"user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
        "links":[],"signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

/// Returns the newest generation and the number of licenses at the location. Fails if anything is damaged.
fn read_state(location: &Path) -> (u64, usize) {
    let location = Location::open(location).unwrap();
    let report = verify_location(&location, Depth::Records, &mut |_, _| std::ops::ControlFlow::Continue(())).unwrap();
    assert!(report.is_intact(), "{report:?}");
    let sets: Vec<_> = location.sets().unwrap().into_iter().map(|id| location.set(id).unwrap()).collect();
    let reader = Reader::latest(&sets, &|| false).unwrap();
    let newest = reader.generations().iter().map(|generation| generation.id.number).max().unwrap();
    let mut licenses = std::collections::HashSet::new();
    reader
        .records::<()>(PackRole::Licenses, &mut |found| {
            match found {
                ReadItem::Record(_, Record::License(record)) => drop(licenses.insert(record.license_id)),
                ReadItem::Record(..) => {}
                ReadItem::Damage(damage) => panic!("{damage}"),
            }
            Ok(())
        })
        .unwrap();
    (newest, licenses.len())
}

#[test]
#[ignore = "takes long: .ci/long runs it"]
fn killed_backup_leaves_complete_generation() {
    let dir = tempfile::tempdir().unwrap();
    let (home, location, library) = (dir.path().join("home"), dir.path().join("stick"), dir.path().join("library"));
    std::fs::create_dir(&location).unwrap();
    std::fs::create_dir(&library).unwrap();
    let stick = location.to_str().unwrap();
    let mut next = 0;
    let mut import_more = || {
        std::fs::write(library.join("all.lcpl"), license_document(next)).unwrap();
        for n in next..next + LICENSES_PER_RUN {
            std::fs::write(library.join(format!("{}.lcpl", n - next)), license_document(n)).unwrap();
        }
        next += LICENSES_PER_RUN;
        assert!(restow(&home, &["import", library.to_str().unwrap()]).status().unwrap().success());
        next as usize
    };
    import_more();
    let start = Instant::now();
    assert!(restow(&home, &["backup", stick]).status().unwrap().success());
    let full_duration = start.elapsed();
    let (mut generation, mut license_count) = read_state(&location);
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..KILLS {
        let now = import_more();
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        // The moment is within the duration of a full run, or shortly after.
        let moment = full_duration.mul_f64((seed >> 11) as f64 / (1_u64 << 53) as f64 * 1.1);
        let mut run = restow(&home, &["backup", stick]).spawn().unwrap();
        std::thread::sleep(moment.max(Duration::from_micros(1)));
        run.kill().unwrap();
        run.wait().unwrap();
        let after = read_state(&location);
        assert!(
            after == (generation, license_count) || after == (generation + 1, now),
            "{after:?} after {generation}, {license_count}"
        );
        (generation, license_count) = after;
    }
    assert!(restow(&home, &["backup", stick]).status().unwrap().success());
    assert_eq!(read_state(&location), (generation + 1, next as usize));
}

const PUBLICATIONS: u32 = 12;

/// Returns the license of a publication. Put-back takes only licenses with a valid signature.
fn signed_license(n: u32) -> &'static str {
    static LICENSES: OnceLock<Vec<String>> = OnceLock::new();
    let sign = |n| {
        let mut license = workshop::document("2021-06-01T00:00:00Z");
        license["id"] = format!("L{n}").into();
        let key = workshop::Key::p256(2);
        let certificate = workshop::Form::provider(&key).sign(&workshop::Key::p256(1));
        String::from_utf8(workshop::signed(license, &certificate, &key)).unwrap()
    };
    &LICENSES.get_or_init(|| (0..PUBLICATIONS).map(sign).collect())[n as usize]
}

fn publication(n: u32) -> PublicationBuilder {
    let publication = PublicationBuilder::new(Format::Epub).identifier(&format!("urn:isbn:{n}")).title("Rain");
    publication.protection(PublicationProtection::Lcp)
}

/// Creates a home that knows publications without their licenses.
fn home_with_bare_publications(dir: &Path) -> (std::path::PathBuf, std::path::PathBuf) {
    let (home, library) = (dir.join("home"), dir.join("library"));
    std::fs::create_dir(&library).unwrap();
    let path = library.to_str().unwrap();
    for n in 0..PUBLICATIONS {
        std::fs::write(library.join(format!("{n}.epub")), publication(n).license(signed_license(n).as_bytes()).build())
            .unwrap();
    }
    for command in ["import", "scan"] {
        assert!(restow(&home, &[command, path]).status().unwrap().success());
    }
    remove_licenses(&library);
    (home, library)
}

fn remove_licenses(library: &Path) {
    for n in 0..PUBLICATIONS {
        std::fs::write(library.join(format!("{n}.epub")), publication(n).build()).unwrap();
        let _ = std::fs::remove_file(library.join(format!("{n}.lcpl")));
    }
}

/// Returns the number of publications with their license. Fails if a file is neither the old nor the new one.
fn count_licensed(library: &Path) -> u32 {
    let mut licensed = 0;
    for n in 0..PUBLICATIONS {
        let (content, unlicensed) = (std::fs::read(library.join(format!("{n}.epub"))).unwrap(), publication(n).build());
        if content != unlicensed {
            let embedded = embedded_license(&mut std::io::Cursor::new(&content)).unwrap().unwrap();
            assert_eq!(String::from_utf8(embedded).unwrap(), signed_license(n));
            assert!(strip_license(&content).unwrap() == unlicensed);
            licensed += 1;
        }
        if let Ok(document) = std::fs::read_to_string(library.join(format!("{n}.lcpl"))) {
            assert_eq!(document, signed_license(n));
        }
    }
    licensed
}

#[test]
#[ignore = "takes long: .ci/long runs it"]
fn killed_put_back_leaves_intact_files() {
    let dir = tempfile::tempdir().unwrap();
    let (home, library) = home_with_bare_publications(dir.path());
    let path = library.to_str().unwrap();
    let start = Instant::now();
    assert!(restow(&home, &["put-back", path, "--yes"]).status().unwrap().success());
    let full_duration = start.elapsed();
    assert_eq!(count_licensed(&library), PUBLICATIONS);
    let mut partial = 0;
    for kill in 0..40 {
        remove_licenses(&library);
        let mut run = restow(&home, &["put-back", path, "--yes"]).spawn().unwrap();
        std::thread::sleep(full_duration.mul_f64(f64::from(kill) / 40.0));
        run.kill().unwrap();
        run.wait().unwrap();
        partial += u32::from((1..PUBLICATIONS).contains(&count_licensed(&library)));
    }
    println!("{partial} of 40 kills came in the middle");
    assert!(restow(&home, &["put-back", path, "--yes"]).status().unwrap().success());
    assert_eq!(count_licensed(&library), PUBLICATIONS);
    assert_eq!(std::fs::read_dir(&library).unwrap().count(), 2 * PUBLICATIONS as usize, "what kills left is gone");
}

#[test]
#[ignore = "takes long: .ci/long runs it"]
fn full_disk_put_back_keeps_files() {
    const TEST: &str = "full_disk_put_back_keeps_files";
    let mount = ["--user", "--map-root-user", "--mount", "sh", "-c"];
    let dir = tempfile::tempdir().unwrap();
    let (home, library) = home_with_bare_publications(dir.path());
    let (disk, after) = (dir.path().join("disk"), dir.path().join("after"));
    std::fs::create_dir(&disk).unwrap();
    let probe = Command::new("unshare").args(mount).arg(format!("mount -t tmpfs none '{}'", disk.display())).output();
    if !probe.is_ok_and(|result| result.status.success()) {
        assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{TEST}: unshare cannot mount");
        println!("SKIPPED: {TEST}: unshare not found, or it may not mount");
        return;
    }
    // The disk has room for the publications and this number of pages.
    for (pages, expected) in [(0, 0), (1, PUBLICATIONS), (5, PUBLICATIONS)] {
        let script = format!(
            "rm -rf '{after}' && mkdir '{after}' && mount -t tmpfs -o size=$((({PUBLICATIONS} + {pages}) * 4))k none '{disk}' && \
             cp '{library}'/* '{disk}' && '{restow}' --home '{home}' put-back --yes '{disk}'; \
             status=$?; cp -a '{disk}'/. '{after}'; exit $status",
            disk = disk.display(),
            library = library.display(),
            restow = env!("CARGO_BIN_EXE_restow"),
            home = home.display(),
            after = after.display(),
        );
        let result = Command::new("unshare").args(mount).arg(script).env("LANG", "C").output().unwrap();
        let output = String::from_utf8(result.stderr).unwrap();
        assert_eq!(result.status.code(), Some(1), "{output}");
        assert!(output.contains("no space is left"), "{output}");
        assert_eq!(count_licensed(&after), expected, "{output}");
        // Complete files are written, and no partial file is left.
        assert_eq!(std::fs::read_dir(&after).unwrap().count(), (PUBLICATIONS + pages) as usize, "{output}");
    }
}
