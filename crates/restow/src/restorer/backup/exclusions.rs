//! What a backup leaves out: licenses their owner took out of the set (docs/backup-format.md §2.5), and what the format
//! cannot hold. Neither keeps the rest from being backed up.

use std::collections::{HashMap, HashSet};

use restow_backup::{BackupError, CounterRecord, ForgottenDocument, Manifest, Record};
use restow_core::encoding::sha256;
use restow_core::message::Note;

use crate::error::Error;
use crate::license::{Kind, LicenseIdentity};
use crate::store::{BackupRecord, ExcludedLicense, LicenseStatus, StoredLicense, View};

/// How many things that were left out are named.
const NAMED: usize = 100;

/// Licenses of the store that the new generation will not hold.
pub(crate) struct Exclusions {
    /// Of the entries of the heads, those that hold.
    pub forgotten: Vec<ForgottenDocument>,
    out: HashMap<LicenseIdentity, ExcludedLicense>,
}

impl Exclusions {
    /// What stays out: as long as the store has the very document that was taken out, and did not get it anew since.
    /// `since` is the change up to which the set has what it can hold; `None` when all is written again.
    pub(crate) fn of<'a>(
        view: View<'_>,
        heads: impl Iterator<Item = &'a Manifest>,
        (location, set): (&str, &str),
        note: Option<&BackupRecord>,
        since: Option<i64>,
    ) -> Result<Self, Error> {
        let mut out = Self { forgotten: Vec::new(), out: HashMap::new() };
        for entry in heads.flat_map(|manifest| &manifest.forgotten) {
            let identity = Kind::from_number(entry.kind).map(|kind| LicenseIdentity {
                kind,
                issuer: entry.issuer.clone(),
                license_id: entry.license_id.clone(),
            });
            let stored = view.stored_license(entry.kind, &entry.issuer, &entry.license_id)?;
            if let Some((identity, stored)) = identity.zip(stored)
                && stored.sha256 == *entry.document.as_bytes()
            {
                // A home that lost its store, or a copy of this one, does not know when that was.
                let noted = view.exclusion_change(location, set, &identity, &stored.sha256)?;
                let Some(change) = noted.or(note.map(|note| note.change)).filter(|change| stored.changed <= *change)
                else {
                    continue;
                };
                out.add(ExcludedLicense { identity, sha256: stored.sha256, change });
            }
            if !out.forgotten.contains(entry) {
                out.forgotten.push(entry.clone());
            }
        }
        if let Some(since) = since {
            for known in view.exclusions(location, set)? {
                let LicenseIdentity { kind, issuer, license_id } = &known.identity;
                let stored = view.stored_license(kind.number(), issuer, license_id)?;
                if stored.is_some_and(|stored| stored.sha256 == known.sha256 && stored.changed <= since) {
                    out.add(known);
                }
            }
        }
        Ok(out)
    }

    /// A license of the store stays out.
    pub(crate) fn add(&mut self, left_out: ExcludedLicense) {
        self.out.insert(left_out.identity.clone(), left_out);
    }

    pub(crate) fn contains(&self, identity: &LicenseIdentity) -> bool {
        self.out.contains_key(identity)
    }

    /// Those that may be backed up, and the entries that hold.
    pub(crate) fn into_parts(self, view: View<'_>) -> Result<(Vec<ExcludedLicense>, Vec<ForgottenDocument>), Error> {
        let mut all = Vec::with_capacity(self.out.len());
        for left_out in self.out.into_values() {
            let LicenseIdentity { kind, issuer, license_id } = &left_out.identity;
            if view.stored_license(kind.number(), issuer, license_id)?.is_some_and(|stored| !stored.restricted) {
                all.push(left_out);
            }
        }
        Ok((all, self.forgotten))
    }
}

/// For compaction: which carried-over records the store writes anew, as good or better.
pub(crate) struct CompactionFilter<'a> {
    view: View<'a>,
    exclusions: &'a Exclusions,
    /// Licenses that stay carried over although the store has one of their ID.
    beside: HashSet<(u8, String, String)>,
    scratch: Vec<u8>,
}

impl<'a> CompactionFilter<'a> {
    pub(crate) fn new(view: View<'a>, exclusions: &'a Exclusions) -> Self {
        Self { view, exclusions, beside: HashSet::new(), scratch: Vec::new() }
    }

    /// Whether a record stays carried over. When the store cannot say, it does: twice is better than never.
    pub(crate) fn keeps(&mut self, record: &Record) -> bool {
        match record {
            Record::License(record) => {
                let Some(stored) = self.written(record.kind, &record.issuer, &record.license_id) else { return true };
                // A document that was not accepted yet proves nothing against another one.
                let digest = sha256(&record.document);
                let better = (stored.version, stored.sha256) >= (record.version, digest);
                let replaced = stored.sha256 == digest || (stored.status == LicenseStatus::Usable && better);
                if !replaced {
                    self.beside.insert((record.kind, record.issuer.clone(), record.license_id.clone()));
                }
                !replaced
            }
            Record::Titles(record) => {
                self.written(record.kind, &record.issuer, &record.license_id).is_none()
                    || self.beside.contains(&(record.kind, record.issuer.clone(), record.license_id.clone()))
            }
            Record::LcpFacts(record) => self.written(record.kind, &record.issuer, &record.license_id).is_none(),
            Record::Counter(record) => {
                let old = &record.counter;
                let known = self.view.counter(&record.issuer, &old.license, &old.right, &old.computer_key);
                let Ok(Some(known)) = known else { return true };
                let new = known.counter;
                let supersedes = new == *old || new.supersedes(old);
                self.scratch.clear();
                let new = Record::Counter(CounterRecord { issuer: known.issuer, counter: new });
                !(supersedes && new.encode(&mut self.scratch).is_ok())
            }
            _ => true,
        }
    }

    /// The store's license of this ID, if it is written.
    fn written(&self, kind: u8, issuer: &str, license_id: &str) -> Option<StoredLicense> {
        let stored = self.view.stored_license(kind, issuer, license_id).ok()??;
        let (issuer, license_id) = (issuer.to_owned(), license_id.to_owned());
        let identity = LicenseIdentity { kind: Kind::from_number(kind)?, issuer, license_id };
        (!stored.restricted && !self.exclusions.contains(&identity)).then_some(stored)
    }
}

/// For a record that was pushed: `false` when the format cannot hold it. That is told, and ends nothing.
pub(crate) fn record_pushed(
    pushed: Result<(), BackupError>,
    what: impl FnOnce() -> Note,
    warnings: &mut Vec<Note>,
) -> Result<bool, Error> {
    match pushed {
        Err(BackupError::Record(error)) => {
            if warnings.len() < NAMED {
                let what = what();
                let text = format!("{what} was left out: {error}");
                warnings.push(what.in_words(text).because(&error));
            }
            Ok(false)
        }
        pushed => Ok(pushed.map(|()| true)?),
    }
}
