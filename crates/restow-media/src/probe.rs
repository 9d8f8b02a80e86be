//! The answer of every container.

use std::collections::BTreeSet;

use crate::{Format, KeyId, System, Warning};
use restow_core::named_enum;

/// Most key IDs kept of one file. A key rotation of one minute reaches this after 17 hours.
const MAX_KEY_IDS: usize = 1024;

/// Most URLs kept of one file.
const MAX_URLS: usize = 16;

/// Most warnings kept of one file.
const MAX_WARNINGS: usize = 32;

/// What the header of a file says about its protection and its name.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct Probe {
    /// The container.
    pub format: Format,
    /// Whether the content is protected. `None`: cannot be told, because the format is unknown or the header is too
    /// damaged.
    pub protected: Option<bool>,
    /// Every protection system the header names.
    pub systems: BTreeSet<System>,
    /// The key IDs, normalized to CENC byte order, sorted, each once. An all-zero one stands here only if there is no
    /// other, since packagers write it where there is no key yet.
    pub key_ids: Vec<KeyId>,
    /// The key IDs as the header writes them (for Windows Media base64, or any text in version 1), in the order of the
    /// header, each key ID once.
    pub raw_key_ids: Vec<String>,
    /// The title, and where it comes from.
    pub title: Option<Title>,
    /// Author or artist; several are joined by `; `.
    pub author: Option<String>,
    /// Album.
    pub album: Option<String>,
    /// Number of the track on its album, from 1.
    pub track: Option<u32>,
    /// Addresses for getting a license, as stated in the header. They are hostile input: nothing here contacts them,
    /// and nobody else should without asking.
    pub license_urls: Vec<String>,
    /// Whether a license lies inside the file, whether or not it can be read. [`embedded_license`](crate::embedded_license)
    /// gives its bytes.
    pub license_embedded: bool,
    /// The ID of the license inside, where it states one. LCP has no key IDs: this is what links a publication to its
    /// license.
    pub license_id: Option<String>,
    /// Who issued the license inside, where it says so, with or without an ID: IDs of licenses mean something only under
    /// their provider.
    pub license_provider: Option<String>,
    /// What the publication calls itself for programs: an ISBN, a UUID, an address.
    pub identifier: Option<String>,
    /// Version of the WRMHEADER, such as `4.1.0.0`, where the file has one.
    pub header_version: Option<String>,
    /// Numbers of the streams or tracks that the container itself flags as encrypted.
    pub encrypted_streams: BTreeSet<u32>,
    /// What is malformed or unknown.
    pub warnings: Vec<Warning>,
}

/// A title and where it comes from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Title {
    /// The text: one line, printable, at most 1024 characters when it comes from a header.
    pub text: String,
    /// Where it comes from.
    pub source: TitleSource,
}

/// Where a title comes from, the best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum TitleSource {
    /// The header states it as the title.
    Stated,
    /// The header states no title, but an album; the text is the album, with ` – ` and the track number if stated.
    Album,
    /// The header states neither; the text is the name of the file without its extension.
    FileName,
}

named_enum!(TitleSource {
    Stated => "stated",
    Album => "album",
    FileName => "file-name",
});

impl Probe {
    /// An empty answer: nothing is known but the format.
    #[must_use]
    pub fn new(format: Format) -> Self {
        Self { format, ..Self::default() }
    }

    /// Notes what is malformed, each thing once.
    pub(crate) fn warn(&mut self, warning: Warning) {
        if self.warnings.len() < MAX_WARNINGS && !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Adds key IDs as they are found: `raw` as written, and what it means. They are kept sorted.
    pub(crate) fn add_key_id(&mut self, raw: &str, id: KeyId) {
        // Containers repeat the same key ID per stream or fragment, and a hostile header a million times: it is searched
        // for in an order, and its spelling is kept once.
        let Err(place) = self.key_ids.binary_search(&id) else { return };
        if self.key_ids.len() >= MAX_KEY_IDS {
            return self.warn(Warning::TooMany("key IDs"));
        }
        self.key_ids.insert(place, id);
        self.raw_key_ids.push(raw.to_owned());
    }

    /// Adds an address for getting a license.
    pub(crate) fn add_license_url(&mut self, url: String) {
        if self.license_urls.contains(&url) {
            return;
        }
        if self.license_urls.len() >= MAX_URLS {
            return self.warn(Warning::TooMany("license URLs"));
        }
        self.license_urls.push(url);
    }

    /// Brings the key IDs into the promised form. Every container calls this last.
    pub(crate) fn finalize(&mut self) {
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
    fn zero_key_id_stands_only_alone() {
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
    fn a_key_id_that_is_known_is_not_one_too_many() {
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
    fn everything_a_file_can_add_is_bounded() {
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
