//! Sample files with real headers, and the terms of their licenses.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use restow::KeyId;
use restow_media::build::{AsfBuilder, Protection, ProtectionKind};
use serde_json::{Value, json};

use super::authority::random;
use super::{Demo, Failure, io_failure};

/// Number of plays that the counted license allows.
pub(super) const PLAYS: u64 = 10;

/// One license and its files.
pub(super) struct SampleLicense {
    pub(super) key_id: KeyId,
    /// Title in the license; `None` for the license with an unknown title.
    pub(super) title: Option<String>,
    pub(super) restricted: bool,
    counted: bool,
    /// Paths and titles of the files with the key ID. Most licenses have one file.
    files: Vec<(PathBuf, String)>,
    kind: ProtectionKind,
}

/// All sample licenses. The scenario uses the first ones.
pub(super) struct SampleFiles {
    pub(super) items: Vec<SampleLicense>,
}

const FIRST: [&str; 24] = [
    "Quiet", "Northern", "Paper", "Silver", "Borrowed", "Late", "Salt", "Open", "Distant", "Amber", "Winter", "Hollow",
    "Copper", "Early", "Slow", "Crooked", "Velvet", "Inland", "Second", "Blue", "Patient", "Wooden", "Bright", "Last",
];
const SECOND: [&str; 24] = [
    "Station", "Harbor", "Lanterns", "Rain", "Letters", "Orchard", "Bridges", "Meadow", "Signals", "Tide", "Rooms",
    "Garden", "Train", "Mornings", "Kites", "Mirrors", "Ferry", "Streets", "Islands", "Clocks", "Sparrows", "Rivers",
    "Windows", "Echoes",
];
const KINDS: [ProtectionKind; 5] = [
    ProtectionKind::Wmdrm,
    ProtectionKind::Playready40,
    ProtectionKind::Playready41,
    ProtectionKind::Playready42,
    ProtectionKind::Playready43,
];

impl SampleFiles {
    /// Plans the licenses. Each run has new key IDs.
    pub(super) fn plan(args: &Demo) -> Result<Self, Failure> {
        let titles = titles();
        let mut items = Vec::new();
        for number in 0..args.licenses {
            // The last licenses are restricted, and the very last has no known title.
            let restricted = number >= args.licenses - args.restricted;
            let unknown = number + 1 == args.licenses;
            let title = titles(number);
            let (folder, extension) = match number {
                0 | 3 | 4 => ("Films", "wmv"),
                5 => ("Audiobooks", "wma"),
                number if number % 7 == 6 => ("Films", "wmv"),
                _ => ("Songs", "wma"),
            };
            let path = |title: &str| Path::new("library").join(folder).join(format!("{title}.{extension}"));
            let files = match number {
                _ if unknown => Vec::new(),
                1 => vec![(path(&title), title.clone()), (path(&format!("{title} (live)")), format!("{title} (live)"))],
                _ => vec![(path(&title), title.clone())],
            };
            items.push(SampleLicense {
                key_id: KeyId::Uuid(random()?),
                title: (!unknown).then_some(title),
                restricted,
                counted: number == 0,
                files,
                kind: KINDS.into_iter().cycle().nth(number as usize % KINDS.len()).unwrap_or(ProtectionKind::Wmdrm),
            });
        }
        Ok(Self { items })
    }

    /// Writes the files below `folder` and returns their number.
    pub(super) fn write(&self, folder: &Path) -> Result<u64, Failure> {
        let mut count = 0;
        for (number, item) in self.items.iter().enumerate() {
            for (path, title) in &item.files {
                let protection = Protection::new(item.kind, item.key_id.clone());
                let file = AsfBuilder::new()
                    .title(title)
                    .author("The Demo Players")
                    .album("Sample Content")
                    .track(u32::try_from(number + 1).unwrap_or(u32::MAX))
                    .protection(protection)
                    .seed(number as u64)
                    .build();
                let path = folder.join(path);
                let parent = path.parent().unwrap_or(folder);
                fs::create_dir_all(parent).map_err(|error| io_failure(parent, &error))?;
                fs::write(&path, file).map_err(|error| io_failure(&path, &error))?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// Returns the terms of all licenses, as `restow admin issue` takes them.
    pub(super) fn terms(&self) -> Value {
        self.items.iter().map(SampleLicense::terms).collect()
    }

    /// Returns the number of licenses that may be backed up.
    pub(super) fn allowed(&self) -> u64 {
        self.items.iter().filter(|item| !item.restricted).count() as u64
    }

    pub(super) fn restricted(&self) -> u64 {
        self.items.len() as u64 - self.allowed()
    }
}

impl SampleLicense {
    fn terms(&self) -> Value {
        let mut rights = BTreeMap::new();
        rights.insert("Play", if self.counted { json!({"count": PLAYS}) } else { json!({}) });
        if !self.restricted {
            rights.insert("Backup", json!({}));
            rights.insert("Copy", json!({}));
        }
        json!({"key_ids": [self.key_id.to_string()], "title": self.title, "rights": rights})
    }

    /// Returns the path of the first file, as typed in a shell.
    pub(super) fn file(&self) -> String {
        let path = self.files.first().map(|(path, _)| path.to_string_lossy().replace('\\', "/"));
        path.unwrap_or_default()
    }

    pub(super) fn name(&self) -> &str {
        self.title.as_deref().unwrap_or_default()
    }
}

/// Returns a function from a number to a distinct title.
fn titles() -> impl Fn(u32) -> String {
    let (first, second) = (FIRST.len() as u32, SECOND.len() as u32);
    move |number| {
        let word = |words: &'static [&'static str], at: u32| words.get(at as usize).copied().unwrap_or_default();
        // Neighbors differ in both words.
        let (round, number) = (number / (first * second), number % (first * second));
        let (shift, at) = (number / first, number % first);
        let title = format!("{} {}", word(&FIRST, at), word(&SECOND, (at + shift) % second));
        if round == 0 { title } else { format!("{title} {}", round + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sample_titles_are_distinct() {
        let titles = titles();
        let all: std::collections::BTreeSet<String> = (0..5000).map(&titles).collect();
        assert_eq!(all.len(), 5000);
    }

    #[test]
    fn plan_matches_arguments() {
        let args = Demo { licenses: 12, restricted: 3, computers: 5, keep: None };
        let samples = SampleFiles::plan(&args).unwrap();
        assert_eq!((samples.allowed(), samples.restricted()), (9, 3));
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(samples.write(dir.path()).unwrap(), 12, "one has two files, one has none");
        let counted = samples.items[0].file();
        let probe = restow_media::probe_path(&dir.path().join(&counted)).unwrap();
        assert_eq!(probe.key_ids, [samples.items[0].key_id.clone()]);
        assert!(samples.items[11].title.is_none() && samples.items[11].restricted);
    }
}
