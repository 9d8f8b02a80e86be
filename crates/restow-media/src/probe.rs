//! Result of a probe, the same type for every container.

use std::collections::BTreeSet;

use restow_core::named_enum;

use crate::{Format, KeyId, OtherKind, System, Warning};

/// Maximum number of key IDs kept per file. A key rotation of one minute reaches this limit after 17 hours.
const MAX_KEY_IDS: usize = 1024;

/// Maximum number of URLs kept per file.
const MAX_URLS: usize = 16;

/// Maximum number of warnings kept per file.
const MAX_WARNINGS: usize = 32;

/// Protection and names that the header of a file states.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Probe {
    /// Container of the file.
    pub format: Format,
    /// True if the content is protected. False only if every part that decides this was read and understood. `None` if
    /// this cannot be known.
    pub protected: Option<bool>,
    /// Reason why `protected` is `None`. Vouchers and files of unknown formats have no reason: the format says it.
    pub unknown_because: Option<Warning>,
    /// Kind of a file with an unknown format. `None` for every other format.
    pub other_kind: Option<OtherKind>,
    /// Every protection system that the header names.
    pub systems: BTreeSet<System>,
    /// Key IDs in CENC byte order, sorted, without repetitions. An all-zero key ID is kept only if there is no
    /// other: packagers write it as a placeholder.
    pub key_ids: Vec<KeyId>,
    /// Key IDs as the header writes them, in its order, without repetitions. Windows Media writes base64, or
    /// any text in version 1.
    pub raw_key_ids: Vec<String>,
    /// Title with its source.
    pub title: Option<Title>,
    /// Author or artist. Several are joined by `; `.
    pub author: Option<String>,
    /// Title of the album or series.
    pub album: Option<String>,
    /// Number of the track on its album, from 1.
    pub track: Option<u32>,
    /// License URLs from the header. They are hostile input. This crate never contacts them, and no program
    /// should without consent.
    pub license_urls: Vec<String>,
    /// True if the file has an embedded license, readable or not. [`embedded_license`](crate::embedded_license)
    /// returns its bytes.
    pub license_embedded: bool,
    /// ID of the embedded license, if the license states one. LCP has no key IDs: this ID links a publication
    /// to its license.
    pub license_id: Option<String>,
    /// Provider of the embedded license, if stated, with or without a license ID. License IDs are unique only
    /// within a provider.
    pub license_provider: Option<String>,
    /// Identifier of the publication: an ISBN, a UUID or a URL.
    pub identifier: Option<String>,
    /// Version of the WRMHEADER, such as `4.1.0.0`, if the file has one.
    pub header_version: Option<String>,
    /// Numbers of the streams or tracks that the container flags as encrypted.
    pub encrypted_streams: BTreeSet<u32>,
    /// Malformed or unknown parts of the file.
    pub warnings: Vec<Warning>,
}

/// Title with its source.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Title {
    /// Text of the title: one line, printable, at most 1024 characters if from a header.
    pub text: String,
    /// Source of the text.
    pub source: TitleSource,
}

impl Title {
    /// Creates a title that the header states.
    pub(crate) fn stated(text: String) -> Self {
        Self { text, source: TitleSource::Stated }
    }

    /// Creates the title of a file that states an album and perhaps a track, but no title.
    pub(crate) fn from_album(album: &str, track: Option<u32>) -> Self {
        let text = track.map_or_else(|| album.to_owned(), |track| format!("{album} – {track}"));
        Self { text, source: TitleSource::Album }
    }
}

named_enum! {
    /// Source of a title, the best first.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    #[non_exhaustive]
    pub enum TitleSource {
        /// The header states a title.
        Stated = "stated",
        /// The header states an album but no title. The text is the album, plus ` – ` and the track number if
        /// stated.
        Album = "album",
        /// The header states neither. The text is the file name without its extension.
        FileName = "file-name",
    }
}

impl Probe {
    /// Creates a result that states nothing but the format.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    /// Adds a warning, unless the result has the same one already.
    pub(crate) fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MAX_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Adds a warning about a part that decides the protection. A file with signs of protection stays protected.
    pub(crate) fn doubt(&mut self, warning: Warning) {
        if self.protected != Some(true) {
            self.protected = None;
            self.unknown_because.get_or_insert_with(|| warning.clone());
        }
        self.warn(warning);
    }

    /// Adds a protection system of the file.
    pub(crate) fn add_system(&mut self, system: System) {
        self.systems.insert(system);
        self.set_protected();
    }

    /// Marks the file as protected, whatever was in doubt.
    pub(crate) fn set_protected(&mut self) {
        self.protected = Some(true);
        self.unknown_because = None;
    }

    /// Adds a key ID in sorted order. `raw` is the spelling in the file.
    pub(crate) fn add_key_id(&mut self, raw: &str, id: KeyId) {
        // A hostile header may repeat one key ID a million times. The binary search keeps that fast, and the
        // spelling is kept once.
        let Err(place) = self.key_ids.binary_search(&id) else { return };
        if self.key_ids.len() >= MAX_KEY_IDS {
            return self.warn(Warning::TooMany("key IDs"));
        }
        self.key_ids.insert(place, id);
        self.raw_key_ids.push(raw.to_owned());
    }

    /// Adds a license URL.
    pub(crate) fn add_license_url(&mut self, url: String) {
        if self.license_urls.contains(&url) {
            return;
        }
        if self.license_urls.len() >= MAX_URLS {
            return self.warn(Warning::TooMany("license URLs"));
        }
        self.license_urls.push(url);
    }

    /// Removes placeholder key IDs, and adds the reason of an unknown protection. Every probe ends with this.
    pub(crate) fn finalize(&mut self) {
        if self.protected.is_none() && self.format != Format::Unknown && self.unknown_because.is_none() {
            self.unknown_because = self.warnings.first().cloned();
        }
        if self.key_ids.iter().any(|id| !id.is_zero()) {
            self.key_ids.retain(|id| !id.is_zero());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MAX_KEY_IDS, MAX_URLS, MAX_WARNINGS, Probe};
    use crate::{Format, KeyId, Warning};

    #[test]
    fn zero_key_id_kept_only_alone() {
        let mut probe = Probe::new(Format::Asf);
        probe.add_key_id("zero", KeyId::Uuid([0; 16]));
        let mut alone = probe.clone();
        alone.finalize();
        assert_eq!(alone.key_ids, [KeyId::Uuid([0; 16])]);

        probe.add_key_id("two", KeyId::Uuid([2; 16]));
        probe.add_key_id("one", KeyId::Uuid([1; 16]));
        probe.add_key_id("two", KeyId::Uuid([2; 16]));
        probe.finalize();
        assert_eq!(probe.key_ids, [KeyId::Uuid([1; 16]), KeyId::Uuid([2; 16])]);
        assert_eq!(probe.raw_key_ids, ["zero", "two", "one"]);
    }

    #[test]
    fn repeated_key_id_below_limit_accepted() {
        let mut probe = Probe::new(Format::Asf);
        let id = |n: usize| KeyId::Text(n.to_string());
        for n in (0..MAX_KEY_IDS).chain(0..MAX_KEY_IDS) {
            probe.add_key_id(&n.to_string(), id(n));
        }
        assert!(probe.warnings.is_empty());
        assert!(probe.key_ids.is_sorted() && probe.raw_key_ids.last().is_some_and(|raw| raw == "1023"));
        probe.add_key_id("more", id(MAX_KEY_IDS));
        assert_eq!(probe.warnings, [Warning::TooMany("key IDs")]);
        assert_eq!((probe.key_ids.len(), probe.raw_key_ids.len()), (MAX_KEY_IDS, MAX_KEY_IDS));
    }

    #[test]
    fn probe_limits_all_lists() {
        let mut probe = Probe::default();
        for number in 0..3000_u32 {
            probe.add_key_id(&number.to_string(), KeyId::Text(number.to_string()));
            probe.add_license_url(format!("https://example.org/{number}"));
            probe.warn(Warning::ObjectCount { stated: number, found: 0 });
        }
        assert_eq!((probe.key_ids.len(), probe.raw_key_ids.len()), (MAX_KEY_IDS, MAX_KEY_IDS));
        assert_eq!((probe.license_urls.len(), probe.warnings.len()), (MAX_URLS, MAX_WARNINGS));
    }
}
