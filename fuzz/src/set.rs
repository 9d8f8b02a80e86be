//! A set of three generations from the library itself, with damage: flipped bits, truncated, lost, swapped and
//! renamed files.
//!
//! Six bytes each: the kind of damage, the file, the position (16 bits), a value, another file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use restow_backup::{
    Depth, LicenseRecord, Location, ManifestFacts, PackRole, ReadItem, Reader, Record, SetWriter, verify_location,
};
use restow_core::keys::Seed;
use tempfile::TempDir;

use super::common::{Bytes, check_presentable, folder, key};

const GENERATIONS: usize = 3;

struct SetStage {
    place: TempDir,
    /// All files of the location, as written.
    files: BTreeMap<PathBuf, Vec<u8>>,
    /// Written licenses by ID.
    licenses: BTreeMap<String, LicenseRecord>,
}

static STAGE: LazyLock<SetStage> = LazyLock::new(|| {
    let place = folder();
    let location = Location::create(place.path()).expect("a location");
    let mut licenses = BTreeMap::new();
    for generation in 0..GENERATIONS as u64 {
        let mut writer = SetWriter::begin(&location, &key("set"), 10).expect("a writer");
        for n in generation * 3..generation * 3 + 3 {
            let license = license(n);
            writer.push(&Record::License(license.clone())).expect("a record");
            licenses.insert(license.license_id.clone(), license);
        }
        super::records::examples().iter().skip(1).for_each(|record| writer.push(record).expect("a record"));
        writer.push_inventory(&super::records::examples()[6]).expect("a record");
        let facts = ManifestFacts {
            created: 1_700_000_000,
            computer_name: "desk".into(),
            software: "fuzz".into(),
            restore_seed: Some(Seed::from_bytes([3; 32])),
            ..ManifestFacts::default()
        };
        writer.commit(facts, &|| false).expect("a generation");
    }
    let mut files = BTreeMap::new();
    collect(place.path(), &mut files);
    SetStage { place, files, licenses }
});

fn license(n: u64) -> LicenseRecord {
    LicenseRecord {
        kind: 2,
        issuer: "https://books.example".into(),
        license_id: format!("L{n}"),
        version: 5,
        titles: vec![format!("Title {n}")],
        document: format!("{}{n}", super::common::LCP).into_bytes(),
    }
}

fn collect(folder: &Path, into: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.insert(path.clone(), fs::read(&path).expect("a file"));
        }
    }
}

pub fn run(data: &[u8]) {
    let stage = &*STAGE;
    let names: Vec<&PathBuf> =
        stage.files.keys().filter(|path| path.extension().is_some_and(|ending| ending != "txt")).collect();
    let mut now = stage.files.clone();
    let mut bytes = Bytes(data);
    while !bytes.is_empty() {
        let (what, which, at, value, other) = (bytes.u8(), bytes.u8(), bytes.u16(), bytes.u8(), bytes.u8());
        let (name, other) = (names[usize::from(which) % names.len()], names[usize::from(other) % names.len()]);
        let Some(mut content) = now.remove(name) else { continue };
        let at = usize::from(at) % content.len().max(1);
        match what % 6 {
            0 => content.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= value),
            1 => content.truncate(at),
            2 => continue,
            3 => content.extend_from_slice(&vec![value; at]),
            4 => {
                let theirs = now.remove(other).unwrap_or_default();
                now.insert(other.clone(), std::mem::replace(&mut content, theirs));
            }
            _ => content = now.get(other).unwrap_or(&content).clone(),
        }
        now.insert(name.clone(), content);
    }
    let changed: BTreeSet<&PathBuf> =
        names.into_iter().filter(|name| now.get(*name) != stage.files.get(*name)).collect();
    for name in &changed {
        match now.get(*name) {
            Some(content) => fs::write(name, content).expect("a file"),
            None => fs::remove_file(name).expect("a file less"),
        }
    }
    // A generation without both of its files leaves no trace, like a generation that was pruned.
    let stems: BTreeSet<_> = now.keys().filter(|path| is_manifest(path)).map(|path| path.file_stem()).collect();
    check_location(stage, changed.is_empty(), stems.len() == GENERATIONS);
    for name in changed {
        fs::write(name, &stage.files[name]).expect("as it was");
    }
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "manifest" || ending == "copy")
}

fn check_location(stage: &SetStage, is_undamaged: bool, all_generations: bool) {
    let location = Location::open(stage.place.path()).expect("a location");
    let report = verify_location(&location, Depth::Records, &mut |_, _| ControlFlow::Continue(())).expect("a report");
    report.damage.iter().for_each(|damage| check_presentable(&damage.to_string()));
    assert!(!is_undamaged || report.is_clean(), "{report:?}");
    assert!(is_undamaged || !all_generations || !report.is_clean(), "{report:?}");
    let sets: Vec<_> = location.sets().expect("sets").into_iter().map(|id| location.set(id).expect("a set")).collect();
    let reader = match Reader::latest(&sets, &|| false) {
        Ok(reader) => reader,
        Err(error) => {
            assert!(!report.is_intact() || !all_generations, "{error}");
            return check_presentable(&error.to_string());
        }
    };
    let mut read = BTreeSet::new();
    let mut damaged = !reader.damage().is_empty();
    let done: Result<(), ()> = reader.records(PackRole::Licenses, &mut |found| {
        match found {
            ReadItem::Record(_, Record::License(license)) => {
                // Any damage yields only licenses that were written.
                assert_eq!(stage.licenses.get(&license.license_id), Some(&license));
                read.insert(license.license_id);
            }
            ReadItem::Record(..) => {}
            ReadItem::Damage(damage) => {
                check_presentable(&damage.to_string());
                damaged = true;
            }
        }
        Ok(())
    });
    assert_eq!(done, Ok(()));
    let all = read.len() == stage.licenses.len();
    // Every loss is reported, and a restore reads each set that verify reports as intact.
    assert!(all || damaged || !all_generations, "lost unsaid");
    assert!(all || !report.is_intact() || !all_generations);
    assert!(!is_undamaged || all);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![Vec::new()];
    for what in 0..6 {
        for which in [0, 3, 7] {
            seeds.push(vec![what, which, 70, 0, 0x20, which + 1]);
        }
    }
    seeds
}
