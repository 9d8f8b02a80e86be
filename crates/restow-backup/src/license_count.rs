//! Number of distinct licenses in each generation. A manifest counts records, and a license may have several.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use super::codec::{RawRecords, license_identity};
use super::error::BackupError;
use super::frame::each_frame;
use super::ids::{GenerationId, PackId};
use super::manifest::{PackEntry, PackRole};
use super::record::TYPE_LICENSE;
use super::set::{BackupSet, GenerationFacts};

/// Number of licenses in a generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LicenseCount {
    /// Number of distinct licenses.
    Exact(u64),
    /// Number of license records. Several may belong to one license.
    AtMost(u64),
}

impl BackupSet {
    /// Counts the distinct licenses of each generation and reads each pack once.
    ///
    /// Returns [`LicenseCount::AtMost`] for generations with damaged packs. If the packs have more than
    /// `max_bytes` bytes in total, no pack is read and all counts are upper limits.
    ///
    /// # Errors
    /// [`BackupError::Cancelled`], or [`BackupError::NoSuchGeneration`] if a manifest became unreadable.
    pub fn count_licenses(
        &self,
        max_bytes: u64,
        cancel: &dyn Fn() -> bool,
    ) -> Result<HashMap<GenerationId, LicenseCount>, BackupError> {
        let at_most = |facts: &GenerationFacts| {
            let packs = facts.packs.iter().filter(|pack| pack.role == PackRole::Licenses);
            LicenseCount::AtMost(packs.fold(0_u64, |sum, pack| sum.saturating_add(pack.licenses)))
        };
        let all = self.readable().flat_map(|(_, facts)| &facts.packs);
        let listed: HashMap<PackId, u64> = all.map(|pack| (pack.id, pack.len)).collect();
        if listed.values().fold(0_u64, |sum, len| sum.saturating_add(*len)) > max_bytes {
            return Ok(self.readable().map(|(id, facts)| (id, at_most(facts))).collect());
        }
        let hasher = RandomState::new();
        let mut packs: HashMap<PackId, Option<HashSet<u64>>> = HashMap::new();
        let mut counts = HashMap::new();
        for (id, facts) in self.readable() {
            let manifest = self.manifest(id)?;
            let mut all: HashSet<u64> = HashSet::new();
            let mut is_complete = true;
            for pack in manifest.packs.iter().filter(|pack| pack.role == PackRole::Licenses) {
                let known = match packs.entry(pack.id) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(self.hash_identities(pack, &hasher, cancel)?),
                };
                is_complete &= known.is_some();
                all.extend(known.iter().flatten());
            }
            counts.insert(id, if is_complete { LicenseCount::Exact(all.len() as u64) } else { at_most(facts) });
        }
        Ok(counts)
    }

    /// Returns hashes of the license identities in a pack, or `None` if the pack is damaged.
    fn hash_identities(
        &self,
        pack: &PackEntry,
        hasher: &RandomState,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Option<HashSet<u64>>, BackupError> {
        let mut found = HashSet::new();
        let is_intact = each_frame(self.storage.as_ref(), self.id(), pack, cancel, |raw| {
            let records = RawRecords(raw.unwrap_or_default()).flatten();
            let licenses = records.filter(|record| record.record_type == TYPE_LICENSE);
            found.extend(licenses.filter_map(|record| license_identity(record.body)).map(|id| hasher.hash_one(id)));
            Ok(raw.is_some())
        })?;
        Ok(is_intact.then_some(found))
    }
}
