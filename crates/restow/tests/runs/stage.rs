//! Homes, license documents and locations.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restow::disk::{DiskRelation, FixedDisks};
use restow::store::LicenseFilter;
use restow::{Home, Machine, ManualClock};

/// Time of [`clock`], in Unix seconds.
pub const NOW: i64 = 1_795_132_800;

/// Returns the clock of every test home: 2026-11-20.
pub fn clock() -> ManualClock {
    ManualClock::at(NOW)
}

/// Opens a home for which every location is on another disk.
pub fn home(folder: &Path) -> Home {
    home_at(folder, 0)
}

/// Opens a home whose clock is this number of seconds after [`NOW`].
pub fn home_at(folder: &Path, seconds: i64) -> Home {
    let home = Home::open_with(folder, Machine::this(), Arc::new(ManualClock::at(NOW + seconds))).unwrap();
    home.with_disks(Arc::new(FixedDisks(DiskRelation::OtherDisk)))
}

pub fn lcp(id: &str, title: &str) -> String {
    format!(
        r#"{{"id":"{id}","issued":"2024-09-26T17:53:16Z","provider":"https://p.example",
        "encryption":{{"profile":"http://readium.org/lcp/basic-profile",
          "content_key":{{"algorithm":"x","encrypted_value":"x"}},
          "user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},
        "links":[{{"rel":"publication","href":"https://p.example/b","title":"{title}"}}],
        "signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

/// Returns all documents of a store, sorted.
pub fn documents(home: &Home) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let visited: Result<(), restow::Error> = home.store().unwrap().view().each_license(LicenseFilter::All, |entry| {
        all.push(entry.document);
        Ok(())
    });
    visited.unwrap();
    all.sort();
    all
}

pub fn import(home: &Home, paths: &[PathBuf]) -> restow::import::ImportSummary {
    restow::import::import(home, paths, &mut |_| {}).unwrap()
}

/// Creates a home with this number of licenses.
pub fn home_with_books(dir: &Path, name: &str, count: usize) -> Home {
    let library = dir.join(format!("{name}-library"));
    std::fs::create_dir(&library).unwrap();
    for n in 0..count {
        std::fs::write(library.join(format!("{n}.lcpl")), lcp(&format!("{name}-{n}"), &format!("Book {n}"))).unwrap();
    }
    let home = home(&dir.join(name));
    import(&home, &[library]);
    home
}

pub fn folder(dir: &Path, name: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// Returns path and content of all files below a folder.
pub fn fingerprint(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.insert(path.clone(), None);
                open.push(path);
            } else {
                all.insert(path.clone(), Some(std::fs::read(&path).unwrap()));
            }
        }
    }
    all
}
