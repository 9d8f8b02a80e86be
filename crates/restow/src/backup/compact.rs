//! Compacting and forgetting (backup-format.md §2, §2.5).

use std::io;
use std::sync::Arc;

use super::damage::{DamageKind, Gone, NAMED_PER_PACK};
use super::error::BackupError;
use super::fields::RawRecords;
use super::frame::{FrameDecoder, PackReader, is_whole};
use super::manifest::{PackEntry, PackRole};
use super::names::PackId;
use super::record::{LostLicense, Record, TYPE_CONTENTS, TYPE_COUNTER, TYPE_LICENSE, TYPE_TITLES};
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

/// What copying does with a frame that cannot be read.
#[derive(Clone, Copy)]
enum Unreadable {
    Stop,
    PassOver,
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
                || !self.copy_records(&pack, keep, cancel, Unreadable::Stop, &mut done)?
            {
                done.left.push(pack.id);
                self.carried.push(pack);
            }
        }
        Ok(done)
    }

    /// Takes damaged packs off the list when nothing is lost with them any more: when `has` says of each license that went
    /// with one that it is pushed. What can be read of it is copied before, but for records `keep` says no to. To be called
    /// before anything is pushed, when everything the store has will be. A pack stays listed when nobody knows what went
    /// with it, or when it may be read another time.
    ///
    /// # Errors
    /// As [`compact`](Self::compact).
    pub fn take_over_damaged(
        &mut self,
        keep: &mut dyn FnMut(&Record) -> bool,
        has: &mut dyn FnMut(&LostLicense) -> bool,
        cancel: &dyn Fn() -> bool,
    ) -> Result<(), BackupError> {
        let mut done = Compacted::default();
        for pack in std::mem::take(&mut self.carried) {
            let is_over = self.missing.contains(&pack.id) && self.nothing_lost(&pack, has, cancel)?;
            if !is_over || !self.copy_records(&pack, keep, cancel, Unreadable::PassOver, &mut done)? {
                self.carried.push(pack);
            }
        }
        Ok(())
    }

    fn nothing_lost(
        &self,
        pack: &PackEntry,
        has: &mut dyn FnMut(&LostLicense) -> bool,
        cancel: &dyn Fn() -> bool,
    ) -> Result<bool, BackupError> {
        let (Ok((mut reader, _)), Ok(mut decoder)) =
            (PackReader::open(self.storage.as_ref(), self.set, pack), FrameDecoder::new())
        else {
            return Ok(false);
        };
        let mut gone = Gone::naming(NAMED_PER_PACK);
        let mut licenses = 0_u64;
        while let Some((index, frame, stored)) = reader.next() {
            if cancel() {
                return Err(BackupError::Cancelled);
            }
            let raw = match stored.and_then(|stored| decoder.decode(frame, stored)) {
                Ok(raw) => raw,
                Err(DamageKind::Unreadable(_)) => return Ok(false),
                Err(_) => {
                    gone.frame(index);
                    continue;
                }
            };
            for record in RawRecords(raw) {
                let sound = record.and_then(|record| {
                    if record.record_type == TYPE_CONTENTS {
                        return gone.contents(record.body);
                    }
                    let decoded = Record::decode(record.record_type, record.body)?;
                    licenses = licenses.saturating_add(u64::from(matches!(decoded, Record::License(_))));
                    Ok(())
                });
                if sound.is_err() {
                    return Ok(false);
                }
            }
        }
        let lost = pack.licenses.saturating_sub(licenses);
        let named = gone.into_lost(lost);
        Ok(named.len() as u64 == lost && named.iter().all(has))
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
        let mut done = self.compact(&mut |record| !forget(record), cancel)?;
        // What is not there holds nothing.
        let is_gone = |pack: &PackId| {
            self.storage.entry(&self.set.pack(pack)).is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
        };
        done.left.retain(|pack| !is_gone(pack));
        Ok(done)
    }

    /// Copies a pack's records; `false` when one of its frames turns out to be malformed and is not passed over.
    fn copy_records(
        &mut self,
        pack: &PackEntry,
        keep: &mut dyn FnMut(&Record) -> bool,
        cancel: &dyn Fn() -> bool,
        unreadable: Unreadable,
        done: &mut Compacted,
    ) -> Result<bool, BackupError> {
        let Ok((mut reader, _)) = PackReader::open(self.storage.as_ref(), self.set, pack) else { return Ok(false) };
        let decoder = FrameDecoder::new();
        let mut decoder = decoder.map_err(|error| BackupError::read(self.storage.display(&self.set.packs()), error))?;
        while let Some((_, frame, stored)) = reader.next() {
            if cancel() {
                return Err(BackupError::Cancelled);
            }
            let raw = match (stored.and_then(|stored| decoder.decode(frame, stored)), unreadable) {
                (Ok(raw), _) => raw,
                (Err(_), Unreadable::PassOver) => continue,
                (Err(_), Unreadable::Stop) => return Ok(false),
            };
            for record in RawRecords(raw) {
                let Ok(record) = record else { return Ok(false) };
                if record.record_type == TYPE_CONTENTS {
                    continue;
                }
                let droppable = matches!(record.record_type, TYPE_LICENSE | TYPE_COUNTER | TYPE_TITLES);
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
