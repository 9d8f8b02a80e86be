//! Sets at a location, opened for a restore: verified manifests and their trust chains.

use restow_backup::{
    BackupSet, GenerationId, GenerationRole, Location, Reader, SetId, UnreadableGeneration, VerifiedGeneration,
};
use restow_core::{message::Message, text::to_short_line, time::UnixTime};

use super::{report::MAX_REPORTED, trust::Trust};
use crate::error::{Error, RestorerError};
use crate::{license::Kind, net::Cancel, restorer::options::Restore, store::View, texts::TEXTS};

/// Maximum number of sets that an error describes.
const MAX_DESCRIBED: usize = 10;
/// Number of characters of a set ID that people read.
const SHORT_ID_LEN: usize = 8;

/// Set at a location.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct SetInfo {
    /// ID of the set.
    pub set: String,
    /// Number of the generation that a restore reads.
    pub generation: u64,
    /// Name of the computer that wrote the set.
    pub computer_name: String,
    /// Time of the generation, by the clock of that computer.
    pub created: UnixTime,
    /// Number of licenses in the generation.
    pub licenses: u64,
    /// True if trusted services certify the computer that wrote the set (docs/backup-format.md §4). Services cannot
    /// certify a set without native licenses.
    pub is_certified: bool,
}

/// Sets of a restore with verified manifests. The packs are not read.
pub(crate) struct OpenSets {
    pub(crate) location: Location,
    pub(crate) reader: Reader,
    pub(crate) trust: Trust,
    /// Generations at the location when the sets were opened.
    state: LocationState,
}

/// Generations and heads of each set.
type LocationState = Vec<(SetId, Vec<GenerationId>, Vec<GenerationId>)>;

impl OpenSets {
    /// Opens the sets that the options select, with the trusted services of `view`.
    ///
    /// # Errors
    /// [`Error::Backup`] if the location or every manifest cannot be read, [`RestorerError::NoSuchSet`] or
    /// [`RestorerError::SeveralSets`] if the options do not select one, [`Error::Store`].
    pub(crate) fn open(restore: &Restore, view: Option<View<'_>>, cancel: &Cancel) -> Result<Self, Error> {
        let (location, sets) = selected_sets(restore)?;
        let is_cancelled = || cancel.is_cancelled();
        let reader = match (restore.generation, sets.as_slice()) {
            (None, sets) => Reader::latest(sets, &is_cancelled)?,
            (Some(number), [set]) => Reader::generation(set, number, &is_cancelled)?,
            (Some(_), sets) => return Err(RestorerError::SeveralSets(describe_sets(sets)).into()),
        };
        let trust = Trust::new(&reader, view)?;
        Ok(Self { location, reader, trust, state: location_state(&sets) })
    }

    /// Returns true if the location still has the same generations.
    pub(crate) fn is_current(&self, restore: &Restore) -> bool {
        selected_sets(restore).is_ok_and(|(_, sets)| location_state(&sets) == self.state)
    }

    /// Returns true if a generation has licenses of a kind, or entries of the issuers of native licenses.
    pub(crate) fn has(&self, kind: Kind) -> bool {
        self.reader.generations().iter().any(|VerifiedGeneration { manifest, .. }| {
            let has_issuers = kind == Kind::Restow && !manifest.issuers.is_empty();
            has_issuers || manifest.counts.get(kind.as_str()).is_some_and(|count| *count > 0)
        })
    }

    /// Describes the sets for people.
    pub(crate) fn infos(&self) -> Vec<SetInfo> {
        let generations = self.reader.generations().iter().enumerate();
        generations
            .filter(|(_, generation)| generation.role == GenerationRole::Requested)
            .map(|(index, generation)| SetInfo {
                set: generation.set.to_string(),
                generation: generation.id.number,
                computer_name: generation.manifest.computer_name.clone(),
                created: generation.manifest.created,
                licenses: generation.manifest.licenses(),
                is_certified: self.trust.is_certified_set(index, generation),
            })
            .collect()
    }

    /// Returns warnings about damaged manifests and about generations that are newer than the ones read.
    pub(crate) fn manifest_warnings(&self) -> Vec<Message> {
        let unread = self.reader.unreadable().iter().map(|UnreadableGeneration { set, id, reason, .. }| {
            let code = if reason.is_newer() { "generation-newer" } else { "generation-unread" };
            Message::new(&TEXTS, code).with("set", set).with("generation", id)
        });
        self.reader.damage().iter().map(Message::from).chain(unread).take(MAX_REPORTED).collect()
    }
}

fn selected_sets(restore: &Restore) -> Result<(Location, Vec<BackupSet>), Error> {
    let location = Location::open(&restore.run.location)?;
    let mut sets = Vec::new();
    for id in location.sets()? {
        sets.push(location.set(id)?);
    }
    let Some(wanted) = &restore.set else { return Ok((location, sets)) };
    let (mut selected, others): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| is_called(set, wanted));
    match selected.len() {
        1 => Ok((location, selected)),
        0 => Err(RestorerError::NoSuchSet { set: wanted.clone(), there: describe_sets(&others) }.into()),
        _ => {
            selected.truncate(MAX_DESCRIBED.saturating_add(1));
            Err(RestorerError::SeveralSets(describe_sets(&selected)).into())
        }
    }
}

/// Returns true if a text is the beginning of the ID of a set, or the name of its computer in any generation.
fn is_called(set: &BackupSet, text: &str) -> bool {
    let mut names = set.readable().map(|(_, facts)| facts.computer_name.to_lowercase());
    set.id().to_string().starts_with(&text.to_lowercase()) || names.any(|name| name == text.to_lowercase())
}

/// Describes sets for people: the beginning of each ID, and the name of its computer.
fn describe_sets(sets: &[BackupSet]) -> String {
    let describe = |set: &BackupSet| {
        let id: String = set.id().to_string().chars().take(SHORT_ID_LEN).collect();
        let newest = set.readable().max_by_key(|(id, _)| id.number);
        newest.map_or_else(|| id.clone(), |(_, facts)| format!("{id} ({})", to_short_line(&facts.computer_name)))
    };
    let more = (sets.len() > MAX_DESCRIBED).then(|| "…".to_owned());
    sets.iter().take(MAX_DESCRIBED).map(describe).chain(more).collect::<Vec<_>>().join(", ")
}

fn location_state(sets: &[BackupSet]) -> LocationState {
    let ids = |set: &BackupSet| set.generations().iter().map(|generation| generation.id).collect();
    sets.iter().map(|set| (set.id(), ids(set), set.heads())).collect()
}
