//! Reading of sets, merged in the order of docs/backup-format.md §2.3. Reading continues after damage.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::codec::RawRecords;
use super::damage::{Damage, DamageKind, LossTracker, MAX_NAMED_PER_PACK};
use super::error::BackupError;
use super::frame::{FrameDecoder, PackReader, is_pack_intact};
use super::ids::{GenerationId, PackId, SetId};
use super::manifest::{Manifest, ManifestError, PackEntry, PackRole};
use super::record::{Record, TYPE_CONTENTS};
use super::set::{BackupSet, GenerationState};
use super::storage::Storage;

/// Reader of verified generations, in the order of merging.
#[derive(Debug)]
pub struct Reader {
    storage: Arc<dyn Storage>,
    generations: Vec<VerifiedGeneration>,
    damage: Vec<Damage>,
    unreadable: Vec<UnreadableGeneration>,
}

/// Generation with a verified manifest.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VerifiedGeneration {
    /// Set of the generation.
    pub set: SetId,
    /// ID of the generation.
    pub id: GenerationId,
    /// Reason for reading the generation.
    pub role: GenerationRole,
    /// Manifest, signed by the set key. The owner of the set key is not verified here (§4).
    pub manifest: Manifest,
}

/// Unreadable generation that is at least as new as the generations that are read.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct UnreadableGeneration {
    /// Set of the generation.
    pub set: SetId,
    /// ID of the generation.
    pub id: GenerationId,
    /// Error of its manifest: damaged, or written by a newer Restow.
    pub reason: ManifestError,
}

/// Reason for reading a generation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GenerationRole {
    /// The generation is a head, or the caller requested it.
    Requested,
    /// The generation is older, and is merged first because a newer one is damaged (§2.3).
    Fallback,
}

/// Position of a record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FrameContext<'a> {
    /// Set of the record.
    pub set: SetId,
    /// First generation that lists the pack.
    pub generation: GenerationId,
    /// Indices into [`Reader::generations`] of all generations that list the pack. A record is certified if one
    /// of them is.
    pub listed_by: &'a [usize],
    /// Pack of the record.
    pub pack: PackId,
    /// Index of the frame in the pack, from 0.
    pub frame: u32,
}

/// Item that [`Reader::records`] reports.
#[derive(Debug)]
pub enum ReadItem<'a> {
    /// A record and its position.
    Record(FrameContext<'a>, Record),
    /// A missing or damaged part.
    Damage(Damage),
}

struct PlannedPack<'a> {
    set: SetId,
    generation: GenerationId,
    pack: &'a PackEntry,
    listed_by: Vec<usize>,
}

impl Reader {
    /// Selects the latest state of the sets: their heads, and older generations where a newer one is damaged.
    ///
    /// Sets without a readable generation are skipped. Their damage is in [`damage`](Self::damage).
    ///
    /// # Errors
    /// [`BackupError::NewerFormat`], [`BackupError::AllDamaged`] or [`BackupError::NoBackup`] if no generation
    /// is readable, or [`BackupError::Cancelled`].
    pub fn latest(sets: &[BackupSet], cancel: &dyn Fn() -> bool) -> Result<Self, BackupError> {
        let mut reader = Self::empty(sets)?;
        for set in sets {
            let heads = set.heads();
            let newest = heads.iter().map(|id| id.number).max();
            for generation in set.generations() {
                if let GenerationState::Unreadable(reason) = &generation.state
                    && newest.is_none_or(|number| generation.id.number >= number)
                {
                    let (set, id, reason) = (set.id(), generation.id, reason.clone());
                    reader.unreadable.push(UnreadableGeneration { set, id, reason });
                }
            }
            reader.add_set(set, &heads, u64::MAX, cancel)?;
        }
        reader.finish(sets)
    }

    /// Selects one generation of a set, and older ones if that generation is damaged.
    ///
    /// Copies of a home may use a number twice. Then all generations with the number are selected.
    ///
    /// # Errors
    /// [`BackupError::NoSuchGeneration`] if no readable generation has this number, or
    /// [`BackupError::Cancelled`].
    pub fn generation(set: &BackupSet, number: u64, cancel: &dyn Fn() -> bool) -> Result<Self, BackupError> {
        let requested: Vec<_> = set.readable().map(|(id, _)| id).filter(|id| id.number == number).collect();
        if requested.is_empty() {
            return Err(set.no_such_generation(number));
        }
        let sets = std::slice::from_ref(set);
        let mut reader = Self::empty(sets)?;
        reader.add_set(set, &requested, number, cancel)?;
        reader.finish(sets)
    }

    fn empty(sets: &[BackupSet]) -> Result<Self, BackupError> {
        let storage = sets.first().map(|set| Arc::clone(&set.storage));
        let storage = storage.ok_or_else(|| BackupError::NoBackup(std::path::PathBuf::new()))?;
        Ok(Self { storage, generations: Vec::new(), damage: Vec::new(), unreadable: Vec::new() })
    }

    fn add_set(
        &mut self,
        set: &BackupSet,
        heads: &[GenerationId],
        below: u64,
        cancel: &dyn Fn() -> bool,
    ) -> Result<(), BackupError> {
        let first = self.generations.len();
        for id in heads {
            self.add_generation(set, *id, GenerationRole::Requested)?;
        }
        self.damage.extend(set.damage());
        let is_older = |id: &GenerationId| id.number < below && !heads.contains(id);
        let older = || set.readable().filter(|(id, _)| is_older(id));
        let listed: HashSet<PackId> =
            self.generations.iter().skip(first).flat_map(license_packs).map(|pack| pack.id).collect();
        // Older generations usually have no other packs, and then the packs of the heads need not be read
        // twice.
        let mut older_packs = older().flat_map(|(_, facts)| &facts.packs);
        let has_more = older_packs.any(|pack| pack.role == PackRole::Licenses && !listed.contains(&pack.id));
        if !has_more || !(set.damaged_generations().next().is_some() || self.has_damaged_pack(set, first, cancel)?) {
            return Ok(());
        }
        for (id, _) in older() {
            self.add_generation(set, id, GenerationRole::Fallback)?;
        }
        Ok(())
    }

    fn add_generation(&mut self, set: &BackupSet, id: GenerationId, role: GenerationRole) -> Result<(), BackupError> {
        self.generations.push(VerifiedGeneration { set: set.id(), id, role, manifest: set.manifest(id)? });
        Ok(())
    }

    fn has_damaged_pack(&self, set: &BackupSet, first: usize, cancel: &dyn Fn() -> bool) -> Result<bool, BackupError> {
        let mut checked = HashSet::new();
        for pack in self.generations.iter().skip(first).flat_map(license_packs) {
            if checked.insert(pack.id) && !is_pack_intact(self.storage.as_ref(), set.id(), pack, cancel)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn finish(mut self, sets: &[BackupSet]) -> Result<Self, BackupError> {
        if self.generations.is_empty() {
            let newer = sets.iter().find_map(BackupSet::newer_format_error);
            let all_damaged = sets.iter().find(|set| set.damaged_generations().next().is_some());
            return Err(newer.unwrap_or_else(|| match all_damaged {
                Some(set) => BackupError::AllDamaged(self.storage.display(&set.id().folder_path())),
                None => BackupError::NoBackup(self.storage.display("")),
            }));
        }
        self.generations.sort_by_key(|manifest| (manifest.id.number, manifest.set, manifest.id.digest));
        Ok(self)
    }

    /// Returns the selected generations in the order of merging: by number, set ID and digest.
    #[must_use]
    pub fn generations(&self) -> &[VerifiedGeneration] {
        &self.generations
    }

    /// Returns the damage of manifests and their copies. Damage of packs is reported by
    /// [`records`](Self::records).
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Returns unreadable generations that are at least as new as the heads of [`latest`](Self::latest). Their
    /// contents are unknown.
    #[must_use]
    pub fn unreadable(&self) -> &[UnreadableGeneration] {
        &self.unreadable
    }

    /// Reads all records of a role, with one frame and one record in memory.
    ///
    /// Packs are read in the order of the manifests, each pack once. Inventory is read from
    /// [`GenerationRole::Requested`] only.
    ///
    /// # Errors
    /// Only errors that `each` returns. They end the reading. Damage is reported to `each` as
    /// [`ReadItem::Damage`].
    pub fn records<E>(&self, role: PackRole, each: &mut dyn FnMut(ReadItem<'_>) -> Result<(), E>) -> Result<(), E> {
        for planned in self.plan(role) {
            read_pack(self.storage.as_ref(), &planned, each)?;
        }
        Ok(())
    }

    fn plan(&self, role: PackRole) -> Vec<PlannedPack<'_>> {
        let mut plan: Vec<PlannedPack<'_>> = Vec::new();
        let mut known: HashMap<(SetId, PackId), usize> = HashMap::new();
        for (index, from) in self.generations.iter().enumerate() {
            if role == PackRole::Inventory && from.role == GenerationRole::Fallback {
                continue;
            }
            for pack in from.manifest.packs.iter().filter(|pack| pack.role == role) {
                let index_in_plan = *known.entry((from.set, pack.id)).or_insert_with(|| {
                    plan.push(PlannedPack { set: from.set, generation: from.id, pack, listed_by: Vec::new() });
                    plan.len().saturating_sub(1)
                });
                if let Some(planned) = plan.get_mut(index_in_plan) {
                    planned.listed_by.push(index);
                }
            }
        }
        plan
    }
}

fn license_packs(generation: &VerifiedGeneration) -> impl Iterator<Item = &PackEntry> {
    generation.manifest.packs.iter().filter(|pack| pack.role == PackRole::Licenses)
}

fn read_pack<E>(
    storage: &dyn Storage,
    planned: &PlannedPack<'_>,
    each: &mut dyn FnMut(ReadItem<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut state = PackReadState {
        planned,
        each,
        pending: None,
        licenses: 0,
        losses: LossTracker::with_limit(MAX_NAMED_PER_PACK),
    };
    match (PackReader::open(storage, planned.set, planned.pack), FrameDecoder::new()) {
        (Err(kind), _) => state.damage(None, kind)?,
        (_, Err(error)) => state.damage(None, DamageKind::Unreadable(error.to_string()))?,
        (Ok((mut pack, length)), Ok(mut decoder)) => {
            if let Some(kind) = length {
                state.damage(None, kind)?;
            }
            while let Some((index, frame, stored)) = pack.next() {
                match stored.and_then(|stored| decoder.decode(frame, stored)) {
                    Ok(raw) => state.frame(index, raw)?,
                    Err(kind) => {
                        state.losses.add_frame(index);
                        state.damage(Some(index), kind)?;
                    }
                }
            }
        }
    }
    state.finish()
}

/// State of reading one pack.
struct PackReadState<'a, E> {
    planned: &'a PlannedPack<'a>,
    each: &'a mut dyn FnMut(ReadItem<'_>) -> Result<(), E>,
    /// Last damage of the pack. The report waits until the number of lost licenses is known.
    pending: Option<Damage>,
    licenses: u64,
    losses: LossTracker,
}

impl<E> PackReadState<'_, E> {
    fn damage(&mut self, frame: Option<u32>, kind: DamageKind) -> Result<(), E> {
        let PlannedPack { set, generation, pack, .. } = *self.planned;
        let damage = Damage { pack: Some(pack.id), frame, ..Damage::new(set, generation, kind) };
        match self.pending.replace(damage) {
            Some(earlier) => (self.each)(ReadItem::Damage(earlier)),
            None => Ok(()),
        }
    }

    fn frame(&mut self, index: u32, raw: &[u8]) -> Result<(), E> {
        let PlannedPack { set, generation, pack, ref listed_by } = *self.planned;
        let context = FrameContext { set, generation, listed_by, pack: pack.id, frame: index };
        // One damage per frame is enough: a small frame can have hundreds of thousands of malformed records.
        let mut malformed = None;
        for record in RawRecords(raw) {
            if let Ok(record) = record
                && record.record_type == TYPE_CONTENTS
            {
                // The list of licenses matters only if a frame is lost.
                let added = if self.losses.is_empty() { Ok(()) } else { self.losses.add_contents(record.body) };
                malformed = malformed.or(added.err());
                continue;
            }
            match record.and_then(|record| Record::decode(record.record_type, record.body)) {
                Ok(record) => {
                    self.licenses = self.licenses.saturating_add(u64::from(matches!(record, Record::License(_))));
                    (self.each)(ReadItem::Record(context, record))?;
                }
                Err(error) => malformed = malformed.or(Some(error)),
            }
        }
        malformed.map_or(Ok(()), |error| self.damage(Some(index), DamageKind::Record(error)))
    }

    fn finish(mut self) -> Result<(), E> {
        let (expected, found) = (self.planned.pack.licenses, self.licenses);
        if self.pending.is_none() && found != expected {
            self.damage(None, DamageKind::Count { expected, found })?;
        }
        match self.pending {
            Some(last) => {
                let lost = expected.saturating_sub(found);
                let damage =
                    Damage { licenses_lost: Some(lost), lost_licenses: self.losses.into_lost_licenses(lost), ..last };
                (self.each)(ReadItem::Damage(damage))
            }
            None => Ok(()),
        }
    }
}
