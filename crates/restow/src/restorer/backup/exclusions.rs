//! Licenses that a backup excludes: those that their owner removed from the set (docs/backup-format.md §2.5), and
//! those that the format cannot hold. An exclusion does not stop the backup of the rest.

use std::collections::{HashMap, HashSet};

use restow_backup::{CounterRecord, ForgottenDocument, LicenseRecord, Manifest, Record};
use restow_core::encoding::sha256;
use restow_lcp::{RankOrder, Verifier};

use super::titles::titles_of;
use crate::error::Error;
use crate::license::{Kind, LicenseIdentity, parse_as};
use crate::listing::TitleResolver;
use crate::status::{NamedLicense, NamedLicenses};
use crate::store::{BackupRecord, ExcludedLicense, LicenseStatus, StoredLicense, View, license_key};

/// Licenses of the store that the new generation does not hold.
pub(crate) struct Exclusions {
    /// Valid entries of the heads about removed licenses.
    forgotten: Vec<ForgottenDocument>,
    excluded: HashMap<LicenseIdentity, ExcludedLicense>,
}

impl Exclusions {
    /// Finds the exclusions of a new generation.
    ///
    /// A removed license is excluded while the store has the removed document and has not imported that document
    /// again. `since` is the last change that the set contains; `None` if the generation writes all licenses.
    pub(crate) fn new<'a>(
        view: View<'_>,
        heads: impl Iterator<Item = &'a Manifest>,
        (location, set): (&str, &str),
        record: Option<&BackupRecord>,
        since: Option<i64>,
    ) -> Result<Self, Error> {
        let mut exclusions = Self { forgotten: Vec::new(), excluded: HashMap::new() };
        for entry in heads.flat_map(|manifest| &manifest.forgotten) {
            let identity = Kind::from_number(entry.kind).map(|kind| LicenseIdentity {
                kind,
                issuer: entry.issuer.clone(),
                license_id: entry.license_id.clone(),
            });
            let stored = view.stored_license((entry.kind, &entry.issuer, &entry.license_id))?;
            if let Some((identity, stored)) = identity.zip(stored)
                && stored.sha256 == *entry.document.as_bytes()
            {
                // A new store, or a copy of this home, has no record of the removal: the last backup bounds its time.
                let removed = view.exclusion_change(location, set, &identity, &stored.sha256)?;
                let last_backup = record.map(|record| record.change);
                let Some(change) = removed.or(last_backup).filter(|change| stored.changed <= *change) else {
                    continue;
                };
                exclusions.add(ExcludedLicense { identity, sha256: stored.sha256, change });
            }
            if !exclusions.forgotten.contains(entry) {
                exclusions.forgotten.push(entry.clone());
            }
        }
        if let Some(since) = since {
            for known in view.exclusions(location, set)? {
                let stored = view.stored_license(license_key(&known.identity))?;
                if stored.is_some_and(|stored| stored.sha256 == known.sha256 && stored.changed <= since) {
                    exclusions.add(known);
                }
            }
        }
        Ok(exclusions)
    }

    /// Excludes a license of the store.
    pub(crate) fn add(&mut self, license: ExcludedLicense) {
        self.excluded.insert(license.identity.clone(), license);
    }

    /// Takes a license in again.
    pub(crate) fn remove(&mut self, identity: &LicenseIdentity) {
        self.excluded.remove(identity);
    }

    /// Returns the licenses of the store that the user removed from the set.
    pub(crate) fn removed(&self, view: View<'_>, titles: &TitleResolver<'_>) -> Result<NamedLicenses, Error> {
        let mut removed = NamedLicenses::default();
        for ExcludedLicense { identity, sha256, .. } in self.excluded.values() {
            let is_removed = |entry: &&ForgottenDocument| {
                let key = (entry.kind, entry.issuer.as_str(), entry.license_id.as_str());
                key == license_key(identity) && entry.document.as_bytes() == sha256
            };
            let entry = view.license(identity)?.filter(|entry| entry.restriction.is_none());
            if let Some((_, entry)) = self.forgotten.iter().find(is_removed).zip(entry) {
                removed.push(NamedLicense { identity: identity.clone(), titles: titles_of(titles, &entry)? });
            }
        }
        removed.first.sort_by(|a, b| a.titles.cmp(&b.titles));
        Ok(removed)
    }

    pub(crate) fn contains(&self, identity: &LicenseIdentity) -> bool {
        self.excluded.contains_key(identity)
    }

    /// Returns the excluded licenses that are not restricted, and the valid entries about removed licenses.
    pub(crate) fn into_parts(self, view: View<'_>) -> Result<(Vec<ExcludedLicense>, Vec<ForgottenDocument>), Error> {
        let mut unrestricted = Vec::with_capacity(self.excluded.len());
        for license in self.excluded.into_values() {
            if view.stored_license(license_key(&license.identity))?.is_some_and(|stored| !stored.restricted) {
                unrestricted.push(license);
            }
        }
        Ok((unrestricted, self.forgotten))
    }
}

/// Filter for compaction: drops the carried-over records that the new generation replaces by equal or better ones.
pub(crate) struct CompactionFilter<'a> {
    view: View<'a>,
    exclusions: &'a Exclusions,
    /// `None` if the list of roots cannot be read: then no document is better than another.
    verifier: Option<Verifier>,
    /// Licenses that stay carried over although the store has another document of them.
    kept_beside: HashSet<(u8, String, String)>,
    scratch: Vec<u8>,
}

impl<'a> CompactionFilter<'a> {
    pub(crate) fn new(view: View<'a>, exclusions: &'a Exclusions, verifier: Option<Verifier>) -> Self {
        Self { view, exclusions, verifier, kept_beside: HashSet::new(), scratch: Vec::new() }
    }

    /// Returns true if a record stays carried over. A record stays if the store fails: a duplicate is better than a
    /// loss.
    pub(crate) fn keeps(&mut self, record: &Record) -> bool {
        match record {
            Record::License(record) => {
                let Some(stored) = self.written_license(record.kind, &record.issuer, &record.license_id) else {
                    return true;
                };
                // A pending document does not replace another one: its service can still refuse it.
                let digest = sha256(&record.document);
                let is_replaced = stored.sha256 == digest
                    || (stored.status == LicenseStatus::Usable && self.outranks(&stored, record, digest));
                if !is_replaced {
                    self.kept_beside.insert((record.kind, record.issuer.clone(), record.license_id.clone()));
                }
                !is_replaced
            }
            Record::Titles(record) => {
                self.written_license(record.kind, &record.issuer, &record.license_id).is_none()
                    || self.kept_beside.contains(&(record.kind, record.issuer.clone(), record.license_id.clone()))
            }
            Record::LcpFacts(record) => self.written_license(record.kind, &record.issuer, &record.license_id).is_none(),
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

    /// Returns true if the stored document is better than a document of the set with another SHA-256.
    ///
    /// Undecided documents stay beside each other, because the roots of another home may decide differently.
    fn outranks(&self, stored: &StoredLicense, record: &LicenseRecord, digest: [u8; 32]) -> bool {
        if Kind::from_number(record.kind) != Some(Kind::Lcp) {
            return (stored.version, stored.sha256) > (record.version, digest);
        }
        let identity =
            LicenseIdentity { kind: Kind::Lcp, issuer: record.issuer.clone(), license_id: record.license_id.clone() };
        let Some((verifier, Some(entry))) = self.verifier.as_ref().zip(self.view.license(&identity).ok()) else {
            return false;
        };
        let rank = |document: &[u8]| Some(verifier.rank(&parse_as(Kind::Lcp, document).ok()?));
        let Some((carried, stored_rank)) = rank(&record.document).zip(rank(&entry.document)) else { return false };
        match stored_rank.compare(&carried) {
            RankOrder::Better => true,
            RankOrder::Equivalent => stored.sha256 > digest,
            RankOrder::Worse | RankOrder::Undecided => false,
        }
    }

    /// Returns the stored license if the new generation writes the license.
    fn written_license(&self, kind: u8, issuer: &str, license_id: &str) -> Option<StoredLicense> {
        let stored = self.view.stored_license((kind, issuer, license_id)).ok()??;
        let (issuer, license_id) = (issuer.to_owned(), license_id.to_owned());
        let identity = LicenseIdentity { kind: Kind::from_number(kind)?, issuer, license_id };
        (!stored.restricted && !self.exclusions.contains(&identity)).then_some(stored)
    }
}
