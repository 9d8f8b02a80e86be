//! The licenses that can be put back, by what their publications are recognized by.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use restow_core::time::UnixTime;
use restow_lcp::{LcpDetails, LcpLink};
use restow_media::Format;

use super::fetch::{self, DownloadSource};
use super::{LicenseRef, PutBackError};
use crate::license::{License, LicenseIdentity};

/// One license that can be put back.
pub(super) struct LicenseCandidate {
    pub license_ref: LicenseRef,
    pub expires: Option<UnixTime>,
    pub version: i64,
    pub link: Option<LcpLink>,
    /// Its publications here.
    pub publications: Vec<PathBuf>,
    /// A file with a document of it.
    pub document: Option<PathBuf>,
    /// Whether a publication of it is known outside of the folder.
    pub elsewhere: bool,
    /// Where its publication will be fetched from, or why it will not; `None` when that is not missing.
    pub source: Option<Result<DownloadSource, PutBackError>>,
}

/// What a publication is to the licenses that are here.
#[derive(Clone)]
pub(super) enum Match {
    /// It has this one inside.
    Embedded(usize),
    /// It has another inside than any of these, and perhaps is known to be for this one.
    Foreign(Option<usize>),
    /// It is for this one, and has none inside.
    MissingLicense(usize),
    /// The publication has no embedded license. Each of these licenses may be for it; the latest comes first.
    Possible(Vec<usize>),
    /// It is protected and has none inside, and nobody knows one for it.
    Unknown,
    /// Nothing.
    None,
}

/// All of them, by what publications are recognized by.
#[derive(Default)]
pub(super) struct PublicationIndex {
    pub candidates: Vec<LicenseCandidate>,
    pub by_license: HashMap<(String, String), usize>,
    pub by_length: HashMap<u64, Vec<(usize, [u8; 32])>>,
    pub by_identifier: HashMap<String, Vec<usize>>,
    pub by_title: HashMap<String, Vec<usize>>,
}

impl PublicationIndex {
    pub(super) fn add(&mut self, license_ref: LicenseRef, license: &License, identifiers: Vec<String>) {
        let at = self.candidates.len();
        let link = LcpDetails::read(&license.document).ok().and_then(|details| details.link("publication").cloned());
        if let Some((length, hash)) = link.as_ref().and_then(|link| link.length.zip(fetch::hash(link.hash.as_deref()?)))
        {
            self.by_length.entry(length).or_default().push((at, hash));
        }
        for identifier in identifiers {
            self.by_identifier.entry(identifier).or_default().push(at);
        }
        let titles: BTreeSet<String> =
            license_ref.titles.iter().chain(&license.title).map(|title| normalize_title(title)).collect();
        for title in titles {
            self.by_title.entry(title).or_default().push(at);
        }
        let LicenseIdentity { issuer, license_id, .. } = license_ref.identity.clone();
        self.by_license.insert((issuer, license_id), at);
        self.candidates.push(LicenseCandidate {
            license_ref,
            expires: license.expires,
            version: license.version,
            link,
            publications: Vec::new(),
            document: None,
            elsewhere: false,
            source: None,
        });
    }

    /// Of several licenses for one publication the one that is valid longest, and newest.
    pub(super) fn latest(&self, found: &[usize]) -> Option<usize> {
        let lasts = |at: &usize| {
            let book = self.candidates.get(*at)?;
            Some((book.expires.unwrap_or(UnixTime::MAX), book.version, *at))
        };
        found.iter().filter_map(lasts).max().map(|(.., at)| at)
    }

    /// Sorts licenses by their expiry, then by version, the latest first.
    pub(super) fn sort_latest_first(&self, mut found: Vec<usize>) -> Vec<usize> {
        let rank = |at: &usize| {
            let candidate = self.candidates.get(*at)?;
            Some((candidate.expires.unwrap_or(UnixTime::MAX), candidate.version, *at))
        };
        found.sort_by_key(|at| std::cmp::Reverse(rank(at)));
        found
    }

    /// Whether a license may be for a publication of this format, as far as it says: many say nothing, or nothing known.
    pub(super) fn accepts_format(&self, at: usize, format: Format) -> bool {
        let stated =
            self.candidates.get(at).and_then(|book| book.link.as_ref()?.media_type.as_deref()).and_then(format_of);
        // What is not told apart from other web publications may be any of them.
        stated.is_none_or(|stated| stated == format || (format == Format::Webpub && stated != Format::Epub))
    }

    /// Those of several licenses that may be for a publication of this format.
    pub(super) fn filter_by_format(&self, found: &[usize], format: Format) -> Vec<usize> {
        found.iter().copied().filter(|at| self.accepts_format(*at, format)).collect()
    }

    /// Of several licenses those that call their publication so themselves, if any does.
    pub(super) fn filter_by_title(&self, found: Vec<usize>, title: Option<&str>) -> Vec<usize> {
        let is_titled = |at: &usize| {
            let own =
                self.candidates.get(*at).and_then(|book| book.link.as_ref()?.title.as_deref()).map(normalize_title);
            own.is_some_and(|own| Some(own.as_str()) == title)
        };
        let titled: Vec<usize> = found.iter().copied().filter(is_titled).collect();
        if titled.is_empty() { found } else { titled }
    }

    pub(super) fn same_provider(&self, found: &[usize]) -> bool {
        let candidates = found.iter().filter_map(|at| self.candidates.get(*at));
        candidates.map(|book| book.license_ref.identity.issuer.as_str()).collect::<BTreeSet<_>>().len() <= 1
    }

    /// Whether all these are for the same publication, as far as they say.
    pub(super) fn same_publication(&self, found: &[usize]) -> bool {
        let candidates = || found.iter().filter_map(|at| self.candidates.get(*at));
        let hashes: BTreeSet<_> = candidates().map(|book| hash_in(book.link.as_ref())).collect();
        if !self.same_provider(found) || hashes.iter().flatten().count() > 1 {
            return false;
        }
        // One hash is one file, whatever else is said of it.
        let titles = candidates().filter_map(|book| book.link.as_ref()?.title.as_deref()).map(normalize_title);
        let formats = candidates().filter_map(|book| format_of(book.link.as_ref()?.media_type.as_deref()?));
        (hashes.len() == 1 && !hashes.contains(&None))
            || (titles.collect::<BTreeSet<_>>().len() <= 1 && formats.collect::<BTreeSet<_>>().len() <= 1)
    }

    /// The same of one of them and a document that is none of them.
    pub(super) fn may_share_publication(&self, at: usize, document: &[u8]) -> bool {
        let there = LcpDetails::read(document).ok().and_then(|details| hash_in(details.link("publication")));
        let ours = self.candidates.get(at).and_then(|book| hash_in(book.link.as_ref()));
        there.zip(ours).is_none_or(|(there, ours)| there == ours)
    }

    pub(super) fn has_provider(&self, at: usize, provider: &str) -> bool {
        self.candidates.get(at).is_some_and(|book| book.license_ref.identity.issuer == provider)
    }

    pub(super) fn license_ref(&self, at: usize) -> Option<LicenseRef> {
        self.candidates.get(at).map(|book| book.license_ref.clone())
    }
}

/// The hash of the publication that a link leads to.
fn hash_in(link: Option<&LcpLink>) -> Option<[u8; 32]> {
    fetch::hash(link?.hash.as_deref()?)
}

/// The format of publications of a media type, where only one has it.
fn format_of(media_type: &str) -> Option<Format> {
    match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/epub+zip" => Some(Format::Epub),
        "application/pdf+lcp" => Some(Format::PdfPackage),
        "application/audiobook+lcp" => Some(Format::Audiobook),
        "application/divina+lcp" => Some(Format::Divina),
        _ => None,
    }
}

/// A title as it is compared.
pub(super) fn normalize_title(title: &str) -> String {
    title.trim().to_lowercase()
}
