//! Damage inside a set. Reading reports damage and continues.

use std::collections::HashSet;

use restow_core::message::Message;
use restow_core::{message_display, message_error};

use super::codec::RecordError;
use super::ids::{GenerationId, PackId, SetId};
use super::record::{LicenseSummary, decode_contents, peek_contents_frame};
use super::texts::TEXTS;

/// One missing or damaged part of a set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Damage {
    /// Set with the damage.
    pub set: SetId,
    /// Generation with the damage. For a pack: the first generation that lists it.
    pub generation: GenerationId,
    /// Damaged pack. `None` for manifests.
    pub pack: Option<PackId>,
    /// Index of the damaged frame in the pack, from 0. `None` if no single frame is affected.
    pub frame: Option<u32>,
    /// Kind of damage.
    pub kind: DamageKind,
    /// Number of unreadable licenses in the pack. Only the last damage of each pack has it, so that the sum is
    /// right. `None` if the licenses were not counted.
    pub licenses_lost: Option<u64>,
    /// Unreadable licenses that the pack still lists. A license may survive in another record of this or a
    /// newer version.
    pub lost_licenses: Vec<LicenseSummary>,
}

impl Damage {
    /// Creates damage that affects a generation as a whole.
    pub(super) const fn new(set: SetId, generation: GenerationId, kind: DamageKind) -> Self {
        Self { set, generation, pack: None, frame: None, kind, licenses_lost: None, lost_licenses: Vec::new() }
    }
}

message_error! {
    /// Kind of a [`Damage`].
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum DamageKind in TEXTS {
        /// Neither the manifest nor its copy can be used. The text describes the error of the manifest.
        Generation(text: String) = "generation-damaged",
        /// The manifest is missing and its copy is used.
        ManifestMissing = "manifest-missing",
        /// The manifest is damaged and its copy is used.
        Manifest(text: String) = "manifest-damaged",
        /// The manifest has no copy.
        CopyMissing = "copy-missing",
        /// The copy is damaged and the manifest is intact.
        Copy(text: String) = "copy-damaged",
        /// The pack does not exist.
        PackMissing = "pack-missing",
        /// The pack has the wrong length.
        PackLength {
            /// Length in the manifest, in bytes.
            expected: u64,
            /// Length of the file, in bytes.
            found: u64,
        } = "pack-length",
        /// The pack cannot be opened, or a frame cannot be read.
        Unreadable(text: String) = "pack-unreadable",
        /// The pack ends inside the frame.
        FrameTruncated = "frame-cut-off",
        /// The frame does not have the hash in the manifest.
        FrameHash = "frame-changed",
        /// The frame has the right hash, but does not decompress to the listed length.
        FrameContent(text: String) = "frame-malformed",
        /// A record in the frame is malformed.
        Record(error: RecordError as cause) = "record-malformed",
        /// The pack does not have the listed number of licenses.
        Count {
            /// Number in the manifest.
            expected: u64,
            /// Number of readable license records.
            found: u64,
        } = "count-wrong",
    }
}

impl DamageKind {
    /// Returns true if backed-up data is unreadable. Returns false if only one of two copies is damaged.
    #[must_use]
    pub const fn is_loss(&self) -> bool {
        !matches!(self, Self::ManifestMissing | Self::Manifest(_) | Self::CopyMissing | Self::Copy(_))
    }
}

/// Maximum number of lost licenses that are listed for one pack.
pub(super) const MAX_NAMED_PER_PACK: usize = 10_000;

/// Losses of one pack, collected while the pack is read from start to end.
pub(super) struct LossTracker {
    frames: HashSet<u32>,
    lost: Vec<LicenseSummary>,
    limit: usize,
}

/// Returns the first title, cut to 100 characters. Unverified titles must stay small, because a set may have
/// many.
pub fn truncate_titles(titles: Vec<String>) -> Vec<String> {
    titles.into_iter().take(1).map(|title| title.chars().take(100).collect()).collect()
}

impl LossTracker {
    /// Creates a tracker that lists at most `limit` licenses, and never more than [`MAX_NAMED_PER_PACK`]. A
    /// small pack can list millions.
    pub(super) fn with_limit(limit: usize) -> Self {
        Self { frames: HashSet::new(), lost: Vec::new(), limit: limit.min(MAX_NAMED_PER_PACK) }
    }

    /// Adds an unreadable frame.
    pub(super) fn add_frame(&mut self, index: u32) {
        self.frames.insert(index);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Adds the license list of a frame: the body of a record of type 9, which follows that frame in the pack.
    pub(super) fn add_contents(&mut self, body: &[u8]) -> Result<(), RecordError> {
        // Each lost frame is listed once only, so that repeated lists cannot multiply the losses.
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

    /// Returns the licenses of the lost frames, at most `licenses_lost`.
    pub(super) fn into_lost_licenses(mut self, licenses_lost: u64) -> Vec<LicenseSummary> {
        self.lost.truncate(usize::try_from(licenses_lost).unwrap_or(usize::MAX));
        self.lost
    }
}

impl From<&Damage> for Message {
    fn from(damage: &Damage) -> Self {
        Self::new(&TEXTS, "damage")
            .with("set", damage.set)
            .with("generation", damage.generation.number)
            .with_cause(&damage.kind)
    }
}

message_display!(Damage);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unverified_titles_are_truncated() {
        assert_eq!(truncate_titles(vec!["ü".repeat(1_000), "second".into()]), ["ü".repeat(100)]);
        assert_eq!(truncate_titles(Vec::new()), Vec::<String>::new());
    }
}
