//! Compaction of a set and removal of licenses from it (docs/backup-format.md §2, §2.5).

use std::sync::Arc;

use super::codec::RawRecords;
use super::error::BackupError;
use super::frame::{each_frame, is_pack_intact};
use super::ids::PackId;
use super::manifest::{PackEntry, PackRole};
use super::record::{Record, TYPE_CONTENTS, TYPE_COUNTER, TYPE_LCP_FACTS, TYPE_LICENSE, TYPE_TITLES};
use super::set::BackupSet;
use super::writer::SetWriter;

/// Result of [`SetWriter::compact`] and [`SetWriter::forget`].
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct CompactionResult {
    /// Number of records that were copied.
    pub copied_records: u64,
    /// Number of records that the filter rejected.
    pub dropped_records: u64,
    /// Damaged packs, which stay listed unchanged.
    pub skipped_packs: Vec<PackId>,
}

/// Handling of an unreadable frame.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unreadable {
    Stop,
    Skip,
}

impl SetWriter {
    /// Copies the records of all carried-over packs into new packs, byte for byte.
    ///
    /// The filter `should_keep` sees licenses, counters, titles and facts only. All other records are always
    /// copied. Damaged packs stay listed unchanged. Call this method before any record is pushed.
    ///
    /// # Errors
    /// [`BackupError::Cancelled`], or an error of writing.
    pub fn compact(
        &mut self,
        should_keep: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
    ) -> Result<CompactionResult, BackupError> {
        let mut result = CompactionResult::default();
        for pack in std::mem::take(&mut self.carried_packs) {
            if !is_pack_intact(self.storage.as_ref(), self.set, &pack, cancel)?
                || !self.copy_records(&pack, Unreadable::Stop, should_keep, cancel, &mut result)?
            {
                result.skipped_packs.push(pack.id);
                self.carried_packs.push(pack);
            }
        }
        Ok(result)
    }

    /// Copies the readable records of the packs that are newly found damaged, and lists these packs no longer.
    ///
    /// Call this method only if the store or another pack has every license of the damaged parts. The filter is as for
    /// [`compact`](Self::compact). Packs that the heads list as lost stay listed.
    ///
    /// # Errors
    /// [`BackupError::Cancelled`], or an error of writing.
    pub fn replace_damaged(
        &mut self,
        should_keep: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
    ) -> Result<CompactionResult, BackupError> {
        let mut result = CompactionResult::default();
        let lost = self.lost_packs_of_heads();
        for pack in std::mem::take(&mut self.carried_packs) {
            if self.missing_packs.contains(&pack.id) && !lost.contains(&pack.id) {
                self.copy_records(&pack, Unreadable::Skip, should_keep, cancel, &mut result)?;
            } else {
                self.carried_packs.push(pack);
            }
        }
        Ok(result)
    }

    /// Compacts the set without the records that match `should_forget`. The commit then removes all older
    /// generations (§2.5).
    ///
    /// Damaged packs stay and may still contain the license: see [`CompactionResult::skipped_packs`].
    ///
    /// # Errors
    /// [`BackupError::ForgetDamaged`] if a manifest of the set is damaged, else the errors of
    /// [`compact`](Self::compact).
    pub fn forget(
        &mut self,
        should_forget: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
    ) -> Result<CompactionResult, BackupError> {
        let existing = BackupSet::load(Arc::clone(&self.storage), self.set)?;
        if let Some(damaged) = existing.damaged_generations().next() {
            return Err(BackupError::ForgetDamaged(existing.manifest_path(damaged)));
        }
        self.forgetting = true;
        self.compact(&mut |record| !should_forget(record), cancel)
    }

    /// Copies the records of a pack. Returns false if a malformed frame stopped the copying.
    fn copy_records(
        &mut self,
        pack: &PackEntry,
        unreadable: Unreadable,
        should_keep: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
        result: &mut CompactionResult,
    ) -> Result<bool, BackupError> {
        each_frame(self.storage.as_ref(), self.set, pack, cancel, |raw| {
            let Some(raw) = raw else { return Ok(unreadable == Unreadable::Skip) };
            for record in RawRecords(raw) {
                let Ok(record) = record else { return Ok(unreadable == Unreadable::Skip) };
                if record.record_type == TYPE_CONTENTS {
                    continue;
                }
                let is_droppable =
                    matches!(record.record_type, TYPE_LICENSE | TYPE_COUNTER | TYPE_TITLES | TYPE_LCP_FACTS);
                let decoded = is_droppable.then(|| Record::decode(record.record_type, record.body).ok()).flatten();
                let known = decoded.filter(|decoded| !matches!(decoded, Record::Unknown { .. }));
                if known.is_none_or(|known| should_keep(&known)) {
                    self.pack_writer.push_raw(PackRole::Licenses, record)?;
                    result.copied_records = result.copied_records.saturating_add(1);
                } else {
                    result.dropped_records = result.dropped_records.saturating_add(1);
                }
            }
            Ok(true)
        })
    }
}
