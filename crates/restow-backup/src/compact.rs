//! Compacting and forgetting (backup-format.md §2, §2.5).

use std::sync::Arc;

use super::codec::RawRecords;
use super::error::BackupError;
use super::frame::{FrameDecoder, PackReader, is_whole};
use super::ids::PackId;
use super::manifest::{PackEntry, PackRole};
use super::record::{Record, TYPE_CONTENTS, TYPE_COUNTER, TYPE_FACTS, TYPE_LICENSE, TYPE_TITLES};
use super::set::BackupSet;
use super::writer::SetWriter;

/// What [`SetWriter::compact`] did.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Compacted {
    /// Records that were copied.
    pub kept: u64,
    /// Records that were left out.
    pub dropped: u64,
    /// Packs that stay listed as they are, because they cannot be read whole.
    pub left: Vec<PackId>,
}

impl SetWriter {
    /// Writes all carried-over records anew, byte for byte, but for those `keep` says no to: it is asked for licenses,
    /// counters and titles only, and everything else stays. To be called before anything is pushed. Packs that cannot
    /// be read whole stay listed as they are.
    ///
    /// # Errors
    /// [`BackupError::Cancelled`], or when writing fails.
    pub fn compact(
        &mut self,
        keep: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Compacted, BackupError> {
        let mut done = Compacted::default();
        for pack in std::mem::take(&mut self.carried) {
            if !is_whole(self.storage.as_ref(), self.set, &pack, cancel)?
                || !self.copy_records(&pack, keep, cancel, &mut done)?
            {
                done.left.push(pack.id);
                self.carried.push(pack);
            }
        }
        Ok(done)
    }

    /// Compacts without the records that `forget` says yes to, so that the commit takes all older generations away
    /// (§2.5). Packs that cannot be read whole stay, see [`Compacted::left`]: the license may still be in them.
    ///
    /// # Errors
    /// [`BackupError::ForgetDamaged`] when a manifest of the set cannot be read; else as [`compact`](Self::compact).
    pub fn forget(
        &mut self,
        forget: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Compacted, BackupError> {
        let existing = BackupSet::load(Arc::clone(&self.storage), self.set)?;
        if let Some(damaged) = existing.damaged().next() {
            return Err(BackupError::ForgetDamaged(existing.manifest_path(damaged)));
        }
        self.forgetting = true;
        self.compact(&mut |record| !forget(record), cancel)
    }

    /// Copies a whole pack's records; `false` when one of its frames turns out to be malformed.
    fn copy_records(
        &mut self,
        pack: &PackEntry,
        keep: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
        done: &mut Compacted,
    ) -> Result<bool, BackupError> {
        let Ok((mut reader, _)) = PackReader::open(self.storage.as_ref(), self.set, pack) else { return Ok(false) };
        let decoder = FrameDecoder::new();
        let mut decoder = decoder.map_err(|error| BackupError::read(self.storage.display(&self.set.packs()), error))?;
        while let Some((_, frame, stored)) = reader.next() {
            if cancel() {
                return Err(BackupError::Cancelled);
            }
            let Ok(raw) = stored.and_then(|stored| decoder.decode(frame, stored)) else { return Ok(false) };
            for record in RawRecords(raw) {
                let Ok(record) = record else { return Ok(false) };
                if record.record_type == TYPE_CONTENTS {
                    continue;
                }
                let droppable = matches!(record.record_type, TYPE_LICENSE | TYPE_COUNTER | TYPE_TITLES | TYPE_FACTS);
                let decoded = droppable.then(|| Record::decode(record.record_type, record.body).ok()).flatten();
                let known = decoded.filter(|decoded| !matches!(decoded, Record::Unknown { .. }));
                if known.is_none_or(|known| keep(&known)) {
                    self.sink.push_raw(PackRole::Licenses, record)?;
                    done.kept = done.kept.saturating_add(1);
                } else {
                    done.dropped = done.dropped.saturating_add(1);
                }
            }
        }
        Ok(true)
    }
}
