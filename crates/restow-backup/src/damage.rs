//! What is wrong inside a set: reported while reading goes on.

use std::collections::HashSet;
use std::fmt;

use restow_core::message::Note;

use super::ids::{GenerationId, PackId, SetId};
use super::record::{LicenseSummary, RecordError, decode_contents, peek_contents_frame};

/// One thing that is missing or damaged.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// Whose.
    pub set: SetId,
    /// Of which generation; of a pack, the one it was read for.
    pub generation: GenerationId,
    /// In which pack.
    pub pack: Option<PackId>,
    /// In which of its frames, from 0.
    pub frame: Option<u32>,
    /// What.
    pub kind: DamageKind,
    /// How many licenses of the pack could not be read: on the last damage of each pack, so that the sum over all is
    /// right. `None` on others, and where nobody check_count.
    pub licenses_lost: Option<u64>,
    /// Which these are, beside `licenses_lost`: those the pack itself still names. Whether a license is lost with its
    /// record depends on what else there is: another record may have this version of it, or a newer one.
    pub lost_licenses: Vec<LicenseSummary>,
}

impl Damage {
    /// Damage of a generation as a whole.
    pub(super) const fn new(set: SetId, generation: GenerationId, kind: DamageKind) -> Self {
        Self { set, generation, pack: None, frame: None, kind, licenses_lost: None, lost_licenses: Vec::new() }
    }
}

/// What a [`Damage`] is.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum DamageKind {
    /// Neither the manifest nor its copy can be used: what is wrong with the manifest.
    Generation(String),
    /// The manifest is missing; its copy stands in.
    ManifestMissing,
    /// The manifest is damaged; its copy stands in.
    Manifest(String),
    /// The manifest has no copy.
    CopyMissing,
    /// The copy is damaged; the manifest is whole.
    Copy(String),
    /// The pack is not there.
    PackMissing,
    /// The pack has not the length it should have, in bytes.
    PackLength {
        /// As listed.
        expected: u64,
        /// As found.
        found: u64,
    },
    /// The pack, or a part of it, cannot be read: why.
    Unreadable(String),
    /// The frame is cut off.
    FrameTruncated,
    /// The frame's bytes are not those that were written.
    FrameHash,
    /// The frame is as written, but does not decompress to what is listed: why.
    FrameContent(String),
    /// A record in the frame is malformed.
    Record(RecordError),
    /// The pack does not have as many licenses as listed.
    Count {
        /// As listed.
        expected: u64,
        /// As found.
        found: u64,
    },
}

impl DamageKind {
    /// Whether something that was backed up cannot be read; else only a spare copy suffered.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        !matches!(self, Self::ManifestMissing | Self::Manifest(_) | Self::CopyMissing | Self::Copy(_))
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Generation(_) => "generation-damaged",
            Self::ManifestMissing => "manifest-missing",
            Self::Manifest(_) => "manifest-damaged",
            Self::CopyMissing => "copy-missing",
            Self::Copy(_) => "copy-damaged",
            Self::PackMissing => "pack-missing",
            Self::PackLength { .. } => "pack-length",
            Self::Unreadable(_) => "pack-unreadable",
            Self::FrameTruncated => "frame-cut-off",
            Self::FrameHash => "frame-changed",
            Self::FrameContent(_) => "frame-malformed",
            Self::Record(_) => "record-malformed",
            Self::Count { .. } => "count-wrong",
        }
    }
}

impl fmt::Display for DamageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generation(why) => write!(f, "neither the manifest nor its copy can be used: {why}"),
            Self::ManifestMissing => f.write_str("the manifest is missing; its copy stands in"),
            Self::Manifest(why) => write!(f, "the manifest is damaged ({why}); its copy stands in"),
            Self::CopyMissing => f.write_str("the manifest has no copy"),
            Self::Copy(why) => write!(f, "the copy of the manifest is damaged ({why})"),
            Self::PackMissing => f.write_str("the pack is missing"),
            Self::PackLength { expected, found } => {
                write!(f, "the pack has {found} bytes instead of {expected}")
            }
            Self::Unreadable(why) => write!(f, "it cannot be read: {why}"),
            Self::FrameTruncated => f.write_str("the frame is cut off"),
            Self::FrameHash => f.write_str("the frame was changed"),
            Self::FrameContent(why) => write!(f, "the frame is malformed: {why}"),
            Self::Record(why) => write!(f, "{why}"),
            Self::Count { expected, found } => write!(f, "it has {found} licenses instead of {expected}"),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "set {}, generation {}", self.set, self.generation)?;
        if let Some(pack) = self.pack {
            write!(f, ", pack {pack}")?;
        }
        if let Some(frame) = self.frame {
            write!(f, ", frame {frame}")?;
        }
        write!(f, ": {}", self.kind)
    }
}

/// How many licenses that are gone are named for one pack.
pub(super) const MAX_NAMED_PER_PACK: usize = 10_000;

/// What is gone of a pack, while it is read from front to back.
pub(super) struct LossTracker {
    frames: HashSet<u32>,
    lost: Vec<LicenseSummary>,
    limit: usize,
}

/// Of titles that nobody vouches for the first, and no long one: a small set can have very many.
pub fn truncate_titles(titles: Vec<String>) -> Vec<String> {
    titles.into_iter().take(1).map(|title| title.chars().take(100).collect()).collect()
}

impl LossTracker {
    /// Names at most so many licenses, and never more than [`MAX_NAMED_PER_PACK`]: a small pack can name millions.
    pub(super) fn with_limit(limit: usize) -> Self {
        Self { frames: HashSet::new(), lost: Vec::new(), limit: limit.min(MAX_NAMED_PER_PACK) }
    }

    /// A frame that cannot be read.
    pub(super) fn add_frame(&mut self, index: u32) {
        self.frames.insert(index);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// What the pack says one of its frames has: the body of a record of type 9. It stands behind that frame.
    pub(super) fn add_contents(&mut self, body: &[u8]) -> Result<(), RecordError> {
        // Once: who names more than there was is not believed.
        let is_lost_frame = peek_contents_frame(body).is_some_and(|frame| self.frames.remove(&frame));
        let keep = if is_lost_frame { self.limit.saturating_sub(self.lost.len()) } else { 0 };
        let named = decode_contents(body, keep)?.licenses.into_iter();
        self.lost.extend(named.map(|lost| LicenseSummary { titles: truncate_titles(lost.titles), ..lost }));
        Ok(())
    }

    #[cfg(test)]
    pub(super) const fn len(&self) -> usize {
        self.lost.len()
    }

    /// The licenses that were in such frames, of so many that are gone.
    pub(super) fn into_lost_licenses(mut self, licenses_lost: u64) -> Vec<LicenseSummary> {
        self.lost.truncate(usize::try_from(licenses_lost).unwrap_or(usize::MAX));
        self.lost
    }
}

impl From<&Damage> for Note {
    fn from(damage: &Damage) -> Self {
        Self::new("damage", damage)
            .with("set", damage.set)
            .with("generation", damage.generation.number)
            .because(Self::new(damage.kind.code(), &damage.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_nobody_vouches_for_are_few_and_short() {
        assert_eq!(truncate_titles(vec!["ü".repeat(1_000), "second".into()]), ["ü".repeat(100)]);
        assert_eq!(truncate_titles(Vec::new()), Vec::<String>::new());
    }
}
