//! Index of the licenses that can be put back, by the facts that identify their publications.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use restow_core::time::UnixTime;
use restow_lcp::{LcpDetails, LcpLink};
use restow_media::Format;

use super::fetch::{self, DownloadSource};
use super::report::LicenseRef;
use crate::error::PutBackError;
use crate::license::License;

/// Position of a candidate in the index.
pub(super) type CandidateId = usize;

/// License that can be put back.
pub(super) struct LicenseCandidate {
    pub license: LicenseRef,
    pub expires: Option<UnixTime>,
    pub version: i64,
    /// Link of the license to its publication.
    pub link: Option<LcpLink>,
    /// Publications of the license that this run may change.
    pub publications: Vec<PathBuf>,
    /// First file in the folder that holds a document of the license.
    pub license_file: Option<PathBuf>,
    /// True if the catalog has a publication of the license outside the folder.
    pub is_outside_folder: bool,
    /// Confirmed download, or the reason against it. `None` if the publication is not missing.
    pub download: Option<Result<DownloadSource, PutBackError>>,
}

/// Licenses that can be put back.
#[derive(Default)]
pub(super) struct PublicationIndex {
    candidates: Vec<LicenseCandidate>,
    /// Candidates by provider and license ID.
    by_license: HashMap<(String, String), CandidateId>,
    /// Candidates by the length of the publication, with its SHA-256.
    by_length: HashMap<u64, Vec<(CandidateId, [u8; 32])>>,
    by_identifier: HashMap<String, Vec<CandidateId>>,
    /// Candidates by normalized title.
    by_title: HashMap<String, Vec<CandidateId>>,
}

impl PublicationIndex {
    /// Adds a license with the known identifiers of its publications.
    pub(super) fn add(&mut self, license_ref: LicenseRef, license: &License, identifiers: Vec<String>) {
        let id = self.candidates.len();
        let link = LcpDetails::read(&license.document).ok().and_then(|details| details.link("publication").cloned());
        let hash = hash_in(link.as_ref());
        if let Some((length, hash)) = link.as_ref().and_then(|link| link.length).zip(hash) {
            self.by_length.entry(length).or_default().push((id, hash));
        }
        for identifier in identifiers {
            self.by_identifier.entry(identifier).or_default().push(id);
        }
        let titles = license_ref.titles.iter().chain(&license.title).map(|title| normalize_title(title));
        for title in titles.collect::<BTreeSet<_>>() {
            self.by_title.entry(title).or_default().push(id);
        }
        let identity = &license_ref.identity;
        self.by_license.insert((identity.issuer.clone(), identity.license_id.clone()), id);
        self.candidates.push(LicenseCandidate {
            license: license_ref,
            expires: license.expires,
            version: license.version,
            link,
            publications: Vec::new(),
            license_file: None,
            is_outside_folder: false,
            download: None,
        });
    }

    pub(super) fn ids(&self) -> std::ops::Range<CandidateId> {
        0..self.candidates.len()
    }

    pub(super) fn get(&self, id: CandidateId) -> Option<&LicenseCandidate> {
        self.candidates.get(id)
    }

    pub(super) fn get_mut(&mut self, id: CandidateId) -> Option<&mut LicenseCandidate> {
        self.candidates.get_mut(id)
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut LicenseCandidate> {
        self.candidates.iter_mut()
    }

    pub(super) fn license_ref(&self, id: CandidateId) -> Option<LicenseRef> {
        self.get(id).map(|candidate| candidate.license.clone())
    }

    pub(super) fn find_license(&self, provider: String, license_id: String) -> Option<CandidateId> {
        self.by_license.get(&(provider, license_id)).copied()
    }

    /// Returns the licenses that state a publication of this length, with its SHA-256.
    pub(super) fn with_length(&self, length: u64) -> &[(CandidateId, [u8; 32])] {
        self.by_length.get(&length).map_or(&[], Vec::as_slice)
    }

    pub(super) fn with_identifier(&self, identifier: &str) -> &[CandidateId] {
        self.by_identifier.get(identifier).map_or(&[], Vec::as_slice)
    }

    /// Returns the licenses with a normalized title.
    pub(super) fn with_title(&self, title: &str) -> &[CandidateId] {
        self.by_title.get(title).map_or(&[], Vec::as_slice)
    }

    /// Returns the license that expires last; among equals, the newest version.
    pub(super) fn latest(&self, ids: &[CandidateId]) -> Option<CandidateId> {
        ids.iter().copied().max_by_key(|id| self.expiry_order(*id))
    }

    /// Sorts licenses by expiry, then by version, the latest first.
    pub(super) fn sort_latest_first(&self, ids: &mut [CandidateId]) {
        ids.sort_by_key(|id| Reverse(self.expiry_order(*id)));
    }

    fn expiry_order(&self, id: CandidateId) -> Option<(UnixTime, i64, CandidateId)> {
        let candidate = self.get(id)?;
        Some((candidate.expires.unwrap_or(UnixTime::MAX), candidate.version, id))
    }

    /// Returns true unless the license states another format. Many licenses state no format, or an unknown one.
    pub(super) fn accepts_format(&self, id: CandidateId, format: Format) -> bool {
        let stated = self.link(id).and_then(|link| format_of(link.media_type.as_deref()?));
        // The probe recognizes some audiobooks and comics only as web publications.
        stated.is_none_or(|stated| stated == format || (format == Format::Webpub && stated != Format::Epub))
    }

    pub(super) fn filter_by_format(&self, ids: &[CandidateId], format: Format) -> Vec<CandidateId> {
        ids.iter().copied().filter(|id| self.accepts_format(*id, format)).collect()
    }

    /// Keeps the licenses that state this normalized title for their publication. Keeps all if none states it.
    pub(super) fn filter_by_title(&self, ids: Vec<CandidateId>, title: Option<&str>) -> Vec<CandidateId> {
        let has_title = |id: &CandidateId| {
            let stated = self.link(*id).and_then(|link| link.title.as_deref()).map(normalize_title);
            stated.is_some_and(|stated| Some(stated.as_str()) == title)
        };
        let filtered: Vec<CandidateId> = ids.iter().copied().filter(has_title).collect();
        if filtered.is_empty() { ids } else { filtered }
    }

    /// Returns true if at most one provider issued these licenses.
    pub(super) fn same_provider(&self, ids: &[CandidateId]) -> bool {
        let candidates = ids.iter().filter_map(|id| self.get(*id));
        candidates.map(|candidate| candidate.license.identity.issuer.as_str()).collect::<BTreeSet<_>>().len() <= 1
    }

    /// Returns true unless two of these licenses state different publications.
    pub(super) fn same_publication(&self, ids: &[CandidateId]) -> bool {
        let hashes: BTreeSet<_> = ids.iter().map(|id| hash_in(self.link(*id))).collect();
        if !self.same_provider(ids) || hashes.iter().flatten().count() > 1 {
            return false;
        }
        // One hash identifies one file, also under different titles or formats.
        if hashes.len() == 1 && !hashes.contains(&None) {
            return true;
        }
        let links = || ids.iter().filter_map(|id| self.link(*id));
        let titles: BTreeSet<_> = links().filter_map(|link| link.title.as_deref()).map(normalize_title).collect();
        let formats: BTreeSet<_> = links().filter_map(|link| format_of(link.media_type.as_deref()?)).collect();
        titles.len() <= 1 && formats.len() <= 1
    }

    /// Returns true unless the license and the document state different hashes of their publications.
    pub(super) fn may_share_publication(&self, id: CandidateId, document: &[u8]) -> bool {
        let other = LcpDetails::read(document).ok().and_then(|details| hash_in(details.link("publication")));
        other.zip(hash_in(self.link(id))).is_none_or(|(other, own)| other == own)
    }

    pub(super) fn has_provider(&self, id: CandidateId, provider: &str) -> bool {
        self.get(id).is_some_and(|candidate| candidate.license.identity.issuer == provider)
    }

    fn link(&self, id: CandidateId) -> Option<&LcpLink> {
        self.get(id)?.link.as_ref()
    }
}

/// Returns the SHA-256 that a link states for its target.
fn hash_in(link: Option<&LcpLink>) -> Option<[u8; 32]> {
    fetch::parse_hash(link?.hash.as_deref()?)
}

/// Returns the format of a media type that only one format has.
fn format_of(media_type: &str) -> Option<Format> {
    match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "application/epub+zip" => Some(Format::Epub),
        "application/pdf+lcp" => Some(Format::PdfPackage),
        "application/audiobook+lcp" => Some(Format::Audiobook),
        "application/divina+lcp" => Some(Format::Divina),
        _ => None,
    }
}

/// Returns the form of a title that is compared.
pub(super) fn normalize_title(title: &str) -> String {
    title.trim().to_lowercase()
}
