//! Measures backup, verify and restore against common tools, in one run on one machine.
//!
//! `cargo run --release -p restow-bench [LICENSES]` needs `sqlite3`, `zstd` and `sh`. Each step runs in its own
//! process, so that its peak memory can be measured. After the measurements, the restored licenses are compared
//! with the original ones.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use restow::Home;
use restow::restorer::{Backup, Restore};
use restow::store::{LicenseFilter, LicenseStatus};
use restow_backup::{Depth, Location, verify_location};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

const ROUNDS: usize = 5;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["step", "backup", home, location] => step(|| backup(home, location)),
        ["step", "verify", location] => step(|| verify(location)),
        ["step", "restore", home, location] => step(|| restore(home, location)),
        [] => compare(100_000),
        [count] => compare(count.parse()?),
        _ => Err("restow-bench [LICENSES]".into()),
    }
}

/// Runs one step and prints its duration in seconds and its peak memory.
fn step(work: impl FnOnce() -> Result<()>) -> Result<()> {
    let start = Instant::now();
    work()?;
    println!("{} {}", start.elapsed().as_secs_f64(), peak_kib());
    Ok(())
}

/// Returns the peak resident memory in KiB; 0 if the system does not report it.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

fn backup(home: &str, location: &str) -> Result<()> {
    let report = Backup::to(location).start(&Home::open(home)?)?.wait();
    if report.is_ok() { Ok(()) } else { Err(format!("{report:?}").into()) }
}

fn verify(location: &str) -> Result<()> {
    let report = verify_location(&Location::open(Path::new(location))?, Depth::Records, &mut |_, _| {
        std::ops::ControlFlow::Continue(())
    })?;
    if report.damage.is_empty() { Ok(()) } else { Err(format!("{:?}", report.damage).into()) }
}

fn restore(home: &str, location: &str) -> Result<()> {
    let report = Restore::from(location).start(&Home::open(home)?)?.wait();
    if report.is_ok() { Ok(()) } else { Err(format!("{report:?}").into()) }
}

/// Returns a license document of about 1.5 KiB. Its long fields compress as badly as real ones.
fn document(n: u64) -> String {
    let mut state = n.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut noise = |len: usize| -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut letter = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            ALPHABET.get((state >> 33) as usize % 64).copied().map_or('A', char::from)
        };
        (0..len).map(|_| letter()).collect()
    };
    let (key, check, hash, value) = (noise(88), noise(88), noise(64), noise(344));
    let certificate = "MIIDODCCAiCgAwIBAgIJAO5wGoN7S9PxMA0GCSqGSIb3DQEBCwUAMEIxEzARBgNVBAoT".repeat(4);
    format!(
        r#"{{"provider":"https://library.example","id":"{n:08x}-0000-4000-8000-000000000000","issued":"2024-09-26T17:53:16Z","encryption":{{"profile":"http://readium.org/lcp/profile-1.0","content_key":{{"algorithm":"http://www.w3.org/2001/04/xmlenc#aes256-cbc","encrypted_value":"{key}"}},"user_key":{{"algorithm":"http://www.w3.org/2001/04/xmlenc#sha256","text_hint":"Your passphrase","key_check":"{check}"}}}},"links":[{{"rel":"publication","href":"https://library.example/contents/{n}","type":"application/epub+zip","title":"Book number {n}","length":{n},"hash":"{hash}"}},{{"rel":"hint","href":"https://library.example/hint"}}],"rights":{{"print":2,"copy":50}},"signature":{{"certificate":"{certificate}","value":"{value}","algorithm":"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"}}}}"#
    )
}

fn fill(home: &Home, from: u64, to: u64) -> Result<()> {
    let mut store = home.store()?;
    let change = store.change()?;
    for n in from..to {
        change.put_license(&restow::license::parse(document(n).as_bytes())?, LicenseStatus::Usable)?;
    }
    Ok(change.commit()?)
}

fn digests(home: &Home) -> Result<Vec<[u8; 32]>> {
    let mut digests = Vec::new();
    home.store()?.view().each_license(LicenseFilter::All, |entry| {
        digests.push(entry.sha256);
        Ok::<(), restow::Error>(())
    })?;
    digests.sort_unstable();
    Ok(digests)
}

struct Measurement {
    seconds: f64,
    peak_kib: u64,
}

fn run_step(step: &[&str]) -> Result<Measurement> {
    let output = Command::new(std::env::current_exe()?).arg("step").args(step).output()?;
    let text = String::from_utf8(output.stdout)?;
    let mut words = text.split_whitespace();
    match (words.next().map(str::parse), words.next().map(str::parse)) {
        (Some(Ok(seconds)), Some(Ok(peak_kib))) => Ok(Measurement { seconds, peak_kib }),
        _ => Err(String::from_utf8_lossy(&output.stderr).into_owned().into()),
    }
}

fn shell(script: &str) -> Result<Measurement> {
    let start = Instant::now();
    let status = Command::new("sh").args(["-e", "-c", script]).status()?;
    if !status.success() {
        return Err(format!("failed: {script}").into());
    }
    Ok(Measurement { seconds: start.elapsed().as_secs_f64(), peak_kib: 0 })
}

/// Measures Restow and the other tool in turn, so that a change of the machine's speed affects both.
fn compare_pairs(
    name: &str,
    bar: f64,
    mut restow: impl FnMut(usize) -> Result<Measurement>,
    mut other: impl FnMut(usize) -> Result<Measurement>,
) -> Result<()> {
    let mut ratios = Vec::new();
    let (mut restow_seconds, mut other_seconds, mut peak) = (Vec::new(), Vec::new(), 0);
    for round in 0..ROUNDS {
        let (measured, reference) = (restow(round)?, other(round)?);
        ratios.push(measured.seconds / reference.seconds);
        restow_seconds.push(measured.seconds);
        other_seconds.push(reference.seconds);
        peak = peak.max(measured.peak_kib);
    }
    let (ratio, restow_seconds, other_seconds) = (median(ratios), median(restow_seconds), median(other_seconds));
    let result = if ratio <= bar { "within" } else { "OVER" };
    println!(
        "{name:<34} {restow_seconds:7.3} s {other_seconds:9.3} s {ratio:7.3}  {result} {bar}, peak {} MiB",
        peak / 1024
    );
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

fn compare(count: u64) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let home = Home::open(path("home"))?;
    fill(&home, 0, count)?;
    let expected = digests(&home)?;
    let (home_path, db) = (text(home.folder()), text(&home.folder().join("store.db")));
    println!("{count} licenses, medians of {ROUNDS}\n{:<34} {:>9} {:>11} {:>7}", "", "restow", "other", "ratio");

    let location = |round: usize| -> Result<PathBuf> {
        let location = path(&format!("location-{round}"));
        std::fs::create_dir_all(&location)?;
        Ok(location)
    };
    let vacuum = format!(
        "rm -f {0}; sqlite3 {db} \"VACUUM INTO '{0}'\"; zstd -q -f -3 -c {0} > {0}.zst; sync {0}.zst; rm {0}",
        text(&path("copy.db"))
    );
    compare_pairs(
        "first backup | VACUUM INTO, zstd -3",
        1.0,
        |round| run_step(&["backup", &home_path, &text(&location(round)?)]),
        |_| shell(&vacuum),
    )?;
    let size: u64 = folder_size(&location(0)?)?;
    println!(
        "{:<34} {:7.1} MB {:7.1} MB",
        "size | zstd -3",
        size as f64 / 1e6,
        path("copy.db.zst").metadata()?.len() as f64 / 1e6
    );

    let first = text(&location(0)?);
    compare_pairs(
        "verify | first backup",
        0.4,
        |_| run_step(&["verify", &first]),
        |round| run_step(&["backup", &home_path, &text(&location(100 + round)?)]),
    )?;
    compare_pairs(
        "nothing new | first backup",
        0.1,
        |_| run_step(&["backup", &home_path, &first]),
        |round| run_step(&["backup", &home_path, &text(&location(200 + round)?)]),
    )?;

    let schema = format!("sqlite3 {db} .schema > {}", text(&path("schema.sql")));
    shell(&schema)?;
    let insert = |round: usize| {
        format!(
            "rm -f {0}*; sqlite3 {0} 'PRAGMA page_size=8192; PRAGMA journal_mode=WAL;' > /dev/null; sqlite3 {0} < {1}; \
             sqlite3 {0} \"PRAGMA synchronous=FULL; ATTACH '{db}' AS old; BEGIN; INSERT INTO source SELECT * FROM old.source; \
             INSERT INTO license SELECT * FROM old.license; COMMIT;\" > /dev/null",
            text(&path(&format!("insert-{round}.db"))),
            text(&path("schema.sql"))
        )
    };
    compare_pairs(
        "restore | sqlite3 insert",
        2.0,
        |round| run_step(&["restore", &text(&path(&format!("restored-{round}"))), &first]),
        |round| shell(&insert(round)),
    )?;
    for round in 0..ROUNDS {
        if digests(&Home::open(path(&format!("restored-{round}")))?)? != expected {
            return Err("what was restored is not what was backed up".into());
        }
    }

    fill(&home, count, count + count / 100)?;
    let delta = run_step(&["backup", &home_path, &first])?;
    let full = run_step(&["backup", &home_path, &text(&location(300)?)])?;
    println!(
        "{:<34} {:7.3} s {:9.3} s {:7.3}  bar 0.2",
        "1 % new | first backup",
        delta.seconds,
        full.seconds,
        delta.seconds / full.seconds
    );
    Ok(())
}

fn folder_size(folder: &Path) -> Result<u64> {
    let mut size = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        size += if path.is_dir() { folder_size(&path)? } else { path.metadata()?.len() };
    }
    Ok(size)
}
