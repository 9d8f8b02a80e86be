//! Lists the sets, generations and licenses of a backup location.
//!
//! Usage: `cargo run -p restow-backup --example list_backup -- FOLDER`
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example program prints its result")]

use std::error::Error;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use restow_backup::{BackupSet, GenerationState, LicenseCount, Location, PackRole, ReadItem, Reader, Record};

/// Maximum number of pack bytes that are read to count licenses.
const MAX_COUNTED_BYTES: u64 = 1 << 30;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let path: PathBuf = std::env::args_os().nth(1).ok_or("usage: list_backup FOLDER")?.into();
    let location = Location::open(&path)?;
    let sets = location.sets()?.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()?;
    let mut out = io::stdout().lock();
    for set in &sets {
        list_generations(&mut out, set)?;
    }
    list_licenses(&mut out, &sets)
}

fn list_generations(out: &mut impl io::Write, set: &BackupSet) -> Result<(), Box<dyn Error>> {
    writeln!(out, "set {}", set.id())?;
    let counts = set.count_licenses(MAX_COUNTED_BYTES, &|| false)?;
    for generation in set.generations() {
        write!(out, "  generation {}: ", generation.id.number)?;
        match &generation.state {
            GenerationState::Readable(facts) => {
                let licenses = match counts.get(&generation.id) {
                    Some(LicenseCount::Exact(count)) => count.to_string(),
                    Some(LicenseCount::AtMost(count)) => format!("at most {count}"),
                    _ => "unknown number of".to_owned(),
                };
                writeln!(out, "{licenses} licenses of {:?}", facts.computer_name)?;
            }
            GenerationState::Unreadable(error) => writeln!(out, "unreadable: {error}")?,
            _ => writeln!(out, "unknown state")?,
        }
    }
    Ok(())
}

/// Lists the latest state of all sets. A license appears once for each of its records.
fn list_licenses(out: &mut impl io::Write, sets: &[BackupSet]) -> Result<(), Box<dyn Error>> {
    let reader = Reader::latest(sets, &|| false)?;
    for damage in reader.damage() {
        eprintln!("damage: {damage}");
    }
    // The titles come from the backup and are unverified, so they are printed with escapes.
    reader.records::<io::Error>(PackRole::Licenses, &mut |item| match item {
        ReadItem::Record(_, Record::License(license)) => {
            writeln!(out, "license {:?} of {:?}: {:?}", license.license_id, license.issuer, license.titles)
        }
        ReadItem::Record(..) => Ok(()),
        ReadItem::Damage(damage) => {
            eprintln!("damage: {damage}");
            Ok(())
        }
    })?;
    Ok(())
}
