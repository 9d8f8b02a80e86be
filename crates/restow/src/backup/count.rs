//! How many licenses a generation has: records say how often, not how many.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use super::error::BackupError;
use super::fields::{RawRecords, license_identity};
use super::frame::{FrameDecoder, PackReader};
use super::manifest::{PackEntry, PackRole};
use super::names::{GenerationId, PackId};
use super::record::TYPE_LICENSE;
use super::set::BackupSet;

impl BackupSet {
    /// How many licenses each generation has, a license that was written several times counting once. Every pack is read
    /// once; what cannot be read does not count.
    ///
    /// # Errors
    /// [`BackupError::Cancelled`], or when a manifest cannot be read any more.
    pub fn count_licenses(&self, cancel: &dyn Fn() -> bool) -> Result<HashMap<GenerationId, u64>, BackupError> {
        let hasher = RandomState::new();
        let mut packs: HashMap<PackId, HashSet<u64>> = HashMap::new();
        let mut counts = HashMap::new();
        for (id, _) in self.readable() {
            let manifest = self.manifest(id)?;
            let mut all: HashSet<u64> = HashSet::new();
            for pack in manifest.packs.iter().filter(|pack| pack.role == PackRole::Licenses) {
                let known = match packs.entry(pack.id) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(unknown) => unknown.insert(self.licenses_in(pack, &hasher, cancel)?),
                };
                all.extend(known.iter());
            }
            counts.insert(id, all.len() as u64);
        }
        Ok(counts)
    }

    /// The hashes of the identities in a pack.
    fn licenses_in(
        &self,
        pack: &PackEntry,
        hasher: &RandomState,
        cancel: &dyn Fn() -> bool,
    ) -> Result<HashSet<u64>, BackupError> {
        let mut found = HashSet::new();
        let (Ok((mut reader, _)), Ok(mut decoder)) =
            (PackReader::open(self.storage.as_ref(), self.id(), pack), FrameDecoder::new())
        else {
            return Ok(found);
        };
        while let Some((_, frame, stored)) = reader.next() {
            if cancel() {
                return Err(BackupError::Cancelled);
            }
            if let Ok(raw) = stored.and_then(|stored| decoder.decode(frame, stored)) {
                let licenses = RawRecords(raw).flatten().filter(|record| record.record_type == TYPE_LICENSE);
                found.extend(licenses.filter_map(|record| license_identity(record.body)).map(|id| hasher.hash_one(id)));
            }
        }
        Ok(found)
    }
}
