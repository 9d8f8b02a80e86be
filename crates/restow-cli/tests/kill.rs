//! `kill -9` of a backup at any moment: the old generation or the new one, whole, and the next backup succeeds.
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
