//! Reading what sets hold, merged in the order of backup-format.md §2.3, around whatever is damaged.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::codec::RawRecords;
use super::damage::{Damage, DamageKind, Gone, NAMED_PER_PACK};
use super::error::BackupError;
use super::frame::{FrameDecoder, PackReader, is_whole};
use super::ids::{GenerationId, PackId, SetId};
use super::manifest::{Manifest, PackEntry, PackRole};
use super::record::{Record, TYPE_CONTENTS};
use super::set::{BackupSet, GenerationState};
use super::storage::Storage;

/// Generations whose manifests were verified, in the order of merging: only these can be read from.
#[derive(Debug)]
pub struct Reader {
    storage: Arc<dyn Storage>,
    manifests: Vec<VerifiedGeneration>,
    damage: Vec<Damage>,
    unread: Vec<Unread>,
}

/// One of the generations that are read.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VerifiedGeneration {
    /// Whose.
    pub set: SetId,
    /// Which.
    pub id: GenerationId,
    /// What was asked for, or an older generation that is read because of damage.
    pub part: Part,
    /// Its manifest: signed by the set's key. Who that key belongs to is not verified here (§4).
    pub manifest: Manifest,
}

/// A generation that is not older than what is read, and cannot be read itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Unread {
    /// Whose.
    pub set: SetId,
    /// Which.
    pub id: GenerationId,
    /// Whether it was written by a newer Restow, which is no damage.
    pub is_newer: bool,
}

/// Why a generation is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// A head, or a generation asked for.
    State,
    /// An older one, merged in first because something newer is damaged (§2.3).
    Older,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct FrameContext<'a> {
    /// Whose set.
    pub set: SetId,
    /// The first of the generations that list the pack.
    pub generation: GenerationId,
    /// All of them: indices into [`Reader::generations`]. A record is certified when one of them is.
    pub listed_by: &'a [usize],
    /// The pack.
    pub pack: PackId,
    /// The frame in it, from 0.
    pub frame: u32,
}

/// What reading comes upon.
#[derive(Debug)]
pub enum Found<'a> {
    /// A record.
    Record(FrameContext<'a>, Record),
    /// Something that is missing or damaged.
    Damage(Damage),
}

struct Planned<'a> {
    set: SetId,
    generation: GenerationId,
    pack: &'a PackEntry,
    listed_by: Vec<usize>,
}

impl Reader {
    /// The state of sets: the merge of their heads, and of older generations where something is damaged.
    ///
    /// Sets of which nothing can be read are passed over; [`damage`](Self::damage) has what is known of them.
    ///
    /// # Errors
    /// When nothing can be read of any: [`BackupError::NewerFormat`], [`BackupError::AllDamaged`] or
    /// [`BackupError::NoBackup`].
    pub fn latest(sets: &[BackupSet], cancel: &dyn Fn() -> bool) -> Result<Self, BackupError> {
        let mut reader = Self::empty(sets)?;
        for set in sets {
            let heads = set.heads();
            let newest = heads.iter().map(|id| id.number).max();
            let unread = set.generations().iter().filter(|generation| generation.facts().is_none());
            let unread = unread.filter(|generation| newest.is_none_or(|n| generation.id.number >= n));
            reader.unread.extend(unread.map(|generation| Unread {
                set: set.id(),
                id: generation.id,
                is_newer: matches!(generation.state, GenerationState::Newer { .. }),
            }));
            reader.add(set, &heads, u64::MAX, cancel)?;
        }
        reader.finish(sets)
    }

    /// One generation of a set (all of them, when copies of a home gave the number twice), and older ones where
    /// something of it is damaged.
    ///
    /// # Errors
    /// [`BackupError::NoSuchGeneration`] when no readable one has this number.
    pub fn generation(set: &BackupSet, number: u64, cancel: &dyn Fn() -> bool) -> Result<Self, BackupError> {
        let asked: Vec<_> = set.readable().map(|(id, _)| id).filter(|id| id.number == number).collect();
        if asked.is_empty() {
            return Err(BackupError::NoSuchGeneration { set: set.id(), number });
        }
        let sets = std::slice::from_ref(set);
        let mut reader = Self::empty(sets)?;
        reader.add(set, &asked, number, cancel)?;
        reader.finish(sets)
    }

    fn empty(sets: &[BackupSet]) -> Result<Self, BackupError> {
        let storage = sets.first().map(|set| Arc::clone(&set.storage));
        let storage = storage.ok_or_else(|| BackupError::NoBackup(std::path::PathBuf::new()))?;
        Ok(Self { storage, manifests: Vec::new(), damage: Vec::new(), unread: Vec::new() })
    }

    fn add(
        &mut self,
        set: &BackupSet,
        heads: &[GenerationId],
        below: u64,
        cancel: &dyn Fn() -> bool,
    ) -> Result<(), BackupError> {
        let first = self.manifests.len();
        for id in heads {
            let manifest = set.manifest(*id)?;
            self.manifests.push(VerifiedGeneration { set: set.id(), id: *id, part: Part::State, manifest });
        }
        self.damage.extend(set.damage());
        let older: Vec<_> = set
            .readable()
            .filter(|(id, _)| id.number < below && !heads.contains(id))
            .map(|(id, facts)| (id, facts.packs.as_slice()))
            .collect();
        let listed: HashSet<PackId> = self.manifests.iter().skip(first).flat_map(packs).map(|pack| pack.id).collect();
        // Most often the older ones have nothing that is not carried over, and then nothing needs to be read twice.
        let has_more = older
            .iter()
            .any(|(_, packs)| packs.iter().any(|pack| pack.role == PackRole::Licenses && !listed.contains(&pack.id)));
        if !has_more || !(set.damaged().next().is_some() || self.is_damaged(set, first, cancel)?) {
            return Ok(());
        }
        for (id, _) in older {
            let manifest = set.manifest(id)?;
            self.manifests.push(VerifiedGeneration { set: set.id(), id, part: Part::Older, manifest });
        }
        Ok(())
    }

    fn is_damaged(&self, set: &BackupSet, first: usize, cancel: &dyn Fn() -> bool) -> Result<bool, BackupError> {
        let mut checked = HashSet::new();
        for pack in self.manifests.iter().skip(first).flat_map(packs) {
            if checked.insert(pack.id) && !is_whole(self.storage.as_ref(), set.id(), pack, cancel)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn finish(mut self, sets: &[BackupSet]) -> Result<Self, BackupError> {
        if self.manifests.is_empty() {
            let newer = sets.iter().find_map(BackupSet::newer);
            let all_damaged = sets.iter().find(|set| set.damaged().next().is_some());
            return Err(newer.unwrap_or_else(|| match all_damaged {
                Some(set) => BackupError::AllDamaged(self.storage.display(&set.id().folder())),
                None => BackupError::NoBackup(self.storage.display("")),
            }));
        }
        self.manifests.sort_by_key(|manifest| (manifest.id.number, manifest.set, manifest.id.digest));
        Ok(self)
    }

    /// What is read, in the order of merging: generation, set ID, digest.
    #[must_use]
    pub fn generations(&self) -> &[VerifiedGeneration] {
        &self.manifests
    }

    /// What is wrong with manifests and copies of these sets. What is wrong with packs is found while reading.
    #[must_use]
    pub fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// Of the [latest](Self::latest) state: generations that are not older than what is read, and cannot be read. What
    /// they hold is not known.
    #[must_use]
    pub fn unread(&self) -> &[Unread] {
        &self.unread
    }

    /// Reads all records of a role, frame by frame: packs in the order listed, each where it is first listed;
    /// inventory only of [`Part::State`]. Needs memory for one frame and one record.
    ///
    /// # Errors
    /// Only those `each` returns, which end the reading; damage is handed to `each` like records are.
    pub fn records<E>(&self, wanted: PackRole, each: &mut dyn FnMut(Found<'_>) -> Result<(), E>) -> Result<(), E> {
        for planned in self.plan(wanted) {
            read_pack(self.storage.as_ref(), &planned, each)?;
        }
        Ok(())
    }

    fn plan(&self, wanted: PackRole) -> Vec<Planned<'_>> {
        let mut plan: Vec<Planned<'_>> = Vec::new();
        let mut known: HashMap<(SetId, PackId), usize> = HashMap::new();
        for (index, from) in self.manifests.iter().enumerate() {
            if wanted == PackRole::Inventory && from.part == Part::Older {
                continue;
            }
            for pack in from.manifest.packs.iter().filter(|pack| pack.role == wanted) {
                let at = *known.entry((from.set, pack.id)).or_insert_with(|| {
                    plan.push(Planned { set: from.set, generation: from.id, pack, listed_by: Vec::new() });
                    plan.len().saturating_sub(1)
                });
                if let Some(planned) = plan.get_mut(at) {
                    planned.listed_by.push(index);
                }
            }
        }
        plan
    }
}

fn packs(from: &VerifiedGeneration) -> impl Iterator<Item = &PackEntry> {
    from.manifest.packs.iter().filter(|pack| pack.role == PackRole::Licenses)
}

fn read_pack<E>(
    storage: &dyn Storage,
    planned: &Planned<'_>,
    each: &mut dyn FnMut(Found<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut reading = Reading { planned, each, last: None, licenses: 0, gone: Gone::naming(NAMED_PER_PACK) };
    match (PackReader::open(storage, planned.set, planned.pack), FrameDecoder::new()) {
        (Err(what), _) => reading.damage(None, what)?,
        (_, Err(error)) => reading.damage(None, DamageKind::Unreadable(error.to_string()))?,
        (Ok((mut pack, length)), Ok(mut decoder)) => {
            if let Some(what) = length {
                reading.damage(None, what)?;
            }
            while let Some((index, frame, stored)) = pack.next() {
                match stored.and_then(|stored| decoder.decode(frame, stored)) {
                    Ok(raw) => reading.frame(index, raw)?,
                    Err(what) => {
                        reading.gone.frame(index);
                        reading.damage(Some(index), what)?;
                    }
                }
            }
        }
    }
    reading.finish()
}

/// What is known of a pack while it is read.
struct Reading<'a, E> {
    planned: &'a Planned<'a>,
    each: &'a mut dyn FnMut(Found<'_>) -> Result<(), E>,
    /// The last damage waits until it is known how many licenses the pack still gave.
    last: Option<Damage>,
    licenses: u64,
    gone: Gone,
}

impl<E> Reading<'_, E> {
    fn damage(&mut self, frame: Option<u32>, what: DamageKind) -> Result<(), E> {
        let Planned { set, generation, pack, .. } = *self.planned;
        let damage = Damage { pack: Some(pack.id), frame, ..Damage::of(set, generation, what) };
        match self.last.replace(damage) {
            Some(earlier) => (self.each)(Found::Damage(earlier)),
            None => Ok(()),
        }
    }

    fn frame(&mut self, index: u32, raw: &[u8]) -> Result<(), E> {
        let Planned { set, generation, pack, ref listed_by } = *self.planned;
        let context = FrameContext { set, generation, listed_by, pack: pack.id, frame: index };
        // One damage a frame, however many of its records are malformed: a small frame can hold hundreds of thousands.
        let mut malformed = None;
        for record in RawRecords(raw) {
            if let Ok(record) = record
                && record.record_type == TYPE_CONTENTS
            {
                // What the pack has is of use only where something of it is gone.
                let noted = if self.gone.is_empty() { Ok(()) } else { self.gone.contents(record.body) };
                malformed = malformed.or(noted.err());
                continue;
            }
            match record.and_then(|record| Record::decode(record.record_type, record.body)) {
                Ok(record) => {
                    self.licenses = self.licenses.saturating_add(u64::from(matches!(record, Record::License(_))));
                    (self.each)(Found::Record(context, record))?;
                }
                Err(error) => malformed = malformed.or(Some(error)),
            }
        }
        malformed.map_or(Ok(()), |error| self.damage(Some(index), DamageKind::Record(error)))
    }

    fn finish(mut self) -> Result<(), E> {
        let (expected, found) = (self.planned.pack.licenses, self.licenses);
        if self.last.is_none() && found != expected {
            self.damage(None, DamageKind::Count { expected, found })?;
        }
        match self.last {
            Some(last) => {
                let lost = expected.saturating_sub(found);
                let damage = Damage { licenses_lost: Some(lost), lost: self.gone.into_lost(lost), ..last };
                (self.each)(Found::Damage(damage))
            }
            None => Ok(()),
        }
    }
}
