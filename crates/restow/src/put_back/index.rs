//! Index of the licenses that can be put back, by the facts that identify their publications, and the matching of
//! publications against the index.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::path::PathBuf;

use restow_core::time::UnixTime;
use restow_lcp::{LcpDetails, LcpLink};
use restow_media::{Format, System};

use super::discover::{PACKAGES, Publication};
use super::fetch::{self, DownloadSource};
use super::{context::PutBackContext, report::LicenseRef};
use crate::error::{Error, PutBackError};
use crate::license::License;

/// Result of matching a publication.
pub(super) enum Match {
    /// The license is embedded in the publication.
    Embedded(CandidateId),
    /// Another license is embedded. These candidates are known to be for this publication, the latest first.
    Foreign(Vec<CandidateId>),
    /// The license is for the publication, which has no embedded license.
    MissingLicense(CandidateId),
    /// The publication has no embedded license. Each of these licenses may be for it, the latest first.
    Possible(Vec<CandidateId>),
    /// The publication has no embedded license, and these licenses for it cannot be used.
    NoneUsable(Vec<CandidateId>),
    /// The publication is protected, has no embedded license, and no license is known for it.
    Unknown,
    /// The publication does not state that LCP protects it.
    NotProtected,
}

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
    pub(super) candidates: Vec<LicenseCandidate>,
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

    pub(super) fn license_refs(&self, ids: &[CandidateId]) -> Vec<LicenseRef> {
        ids.iter().filter_map(|id| self.license_ref(*id)).collect()
    }

    pub(super) fn license_ref(&self, id: CandidateId) -> Option<LicenseRef> {
        self.candidates.get(id).map(|candidate| candidate.license.clone())
    }

    pub(super) fn find_license(&self, provider: String, license_id: String) -> Option<CandidateId> {
        self.by_license.get(&(provider, license_id)).copied()
    }

    /// Sorts licenses by expiry, then by version, the latest first.
    fn sort_latest_first(&self, mut ids: Vec<CandidateId>) -> Vec<CandidateId> {
        ids.sort_by_key(|id| Reverse(self.expiry_order(*id)));
        ids
    }

    fn expiry_order(&self, id: CandidateId) -> Option<(UnixTime, i64, CandidateId)> {
        let candidate = self.candidates.get(id)?;
        Some((candidate.expires.unwrap_or(UnixTime::MAX), candidate.version, id))
    }

    /// Returns true unless the license states another format. Many licenses state no format, or an unknown one.
    fn accepts_format(&self, id: CandidateId, format: Format) -> bool {
        let stated = self.link(id).and_then(|link| format_of(link.media_type.as_deref()?));
        // The probe recognizes some audiobooks and comics only as web publications.
        stated.is_none_or(|stated| stated == format || (format == Format::Webpub && stated != Format::Epub))
    }

    fn filter_by_format(&self, ids: &[CandidateId], format: Format) -> Vec<CandidateId> {
        ids.iter().copied().filter(|id| self.accepts_format(*id, format)).collect()
    }

    /// Keeps the licenses that state this normalized title for their publication. Keeps all if none states it.
    fn filter_by_title(&self, ids: Vec<CandidateId>, title: Option<&str>) -> Vec<CandidateId> {
        let has_title = |id: &CandidateId| {
            let stated = self.link(*id).and_then(|link| link.title.as_deref()).map(normalize_title);
            stated.is_some_and(|stated| Some(stated.as_str()) == title)
        };
        let filtered: Vec<CandidateId> = ids.iter().copied().filter(has_title).collect();
        if filtered.is_empty() { ids } else { filtered }
    }

    /// Returns true if at most one provider issued these licenses.
    fn same_provider(&self, ids: &[CandidateId]) -> bool {
        let candidates = ids.iter().filter_map(|id| self.candidates.get(*id));
        candidates.map(|candidate| candidate.license.identity.issuer.as_str()).collect::<BTreeSet<_>>().len() <= 1
    }

    /// Returns true unless two of these licenses state different publications.
    fn same_publication(&self, ids: &[CandidateId]) -> bool {
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

    /// Finds the license of a publication.
    ///
    /// # Errors
    /// [`Error::File`] if the publication cannot be read, and errors of the store and of cancelling.
    pub(super) fn match_publication(
        &self,
        context: PutBackContext<'_>,
        publication: &Publication,
    ) -> Result<Match, Error> {
        let probe = &publication.probe;
        if probe.license_embedded {
            return Ok(self.match_embedded(publication));
        }
        // An unprotected publication may be a copy of the user, which a license would lock. Its metadata proves
        // nothing.
        if !probe.systems.contains(&System::Lcp) {
            return Ok(Match::NotProtected);
        }
        let same_length = find(&self.by_length, Some(&publication.fingerprint.len));
        if !same_length.is_empty() {
            let sha256 = publication.sha256(context.cancel)?;
            let same_hash =
                same_length.iter().filter(|(_, hash)| *hash == sha256).map(|(id, _)| *id).collect::<Vec<_>>();
            if !same_hash.is_empty() {
                return Ok(self.only_or_possible(same_hash));
            }
        }
        let title = probe.title.as_ref().map(|title| normalize_title(&title.text));
        let with_identifier = find(&self.by_identifier, probe.identifier.as_ref());
        let with_title = find(&self.by_title, title.as_ref());
        let known = if with_identifier.is_empty() { with_title } else { with_identifier };
        // A provider sells one work in several formats under one identifier. The media types of one provider tell the
        // formats apart; those of different providers prove nothing.
        let same_format = self.filter_by_format(known, probe.format);
        if let [id] = same_format[..]
            && !with_identifier.is_empty()
            && self.same_provider(known)
            && !with_title.iter().any(|other| self.is_rival(id, *other, probe.format, title.as_deref()))
        {
            return Ok(Match::MissingLicense(id));
        }
        let possible = if same_format.is_empty() { known.to_vec() } else { same_format };
        // One hash identifies one file, also under different titles.
        let is_one = self.same_publication(&possible);
        let mut possible = if is_one { possible } else { self.filter_by_title(possible, title.as_deref()) };
        if let [id] = possible[..] {
            possible
                .extend(with_title.iter().filter(|other| self.is_rival(id, **other, probe.format, title.as_deref())));
        }
        let possible = self.sort_latest_first(possible);
        Ok(if possible.is_empty() { Match::Unknown } else { Match::Possible(possible) })
    }

    /// Returns the match of licenses for one publication without a license. No rule selects one of several licenses:
    /// the wrong one makes the publication unreadable.
    fn only_or_possible(&self, ids: Vec<CandidateId>) -> Match {
        match ids[..] {
            [id] => Match::MissingLicense(id),
            _ => Match::Possible(self.sort_latest_first(ids)),
        }
    }

    /// Returns true if another license of the same provider may be for the same publication, by its normalized title.
    fn is_rival(&self, id: CandidateId, other: CandidateId, format: Format, title: Option<&str>) -> bool {
        let hash = |id| hash_in(self.link(id));
        let stated = self.link(other).and_then(|link| link.title.as_deref()).map(normalize_title);
        id != other
            && stated.is_none_or(|stated| Some(stated.as_str()) == title)
            && self.same_provider(&[id, other])
            && self.accepts_format(other, format)
            && hash(id).zip(hash(other)).is_none_or(|(one, another)| one == another)
    }

    fn match_embedded(&self, publication: &Publication) -> Match {
        let probe = &publication.probe;
        let embedded = probe.license_provider.clone().zip(probe.license_id.clone());
        if let Some(id) = embedded.and_then(|(provider, license_id)| self.find_license(provider, license_id)) {
            return Match::Embedded(id);
        }
        let is_possible = |id: &CandidateId| {
            let issuer = self.candidates.get(*id).map(|candidate| &candidate.license.identity.issuer);
            probe.license_provider.as_ref().is_none_or(|provider| issuer == Some(provider))
                && self.accepts_format(*id, probe.format)
        };
        let filter = |ids: &[CandidateId]| ids.iter().copied().filter(is_possible).collect::<Vec<_>>();
        // A renewed loan has another license ID, and no publication may be known for that ID yet. The provider and the
        // title connect the two loans.
        let mut possible = filter(find(&self.by_identifier, probe.identifier.as_ref()));
        if possible.is_empty() && probe.license_provider.is_some() {
            let title = probe.title.as_ref().map(|title| normalize_title(&title.text));
            possible = filter(find(&self.by_title, title.as_ref()));
        }
        // Each provider encrypts a work with a key of its own, so licenses of two providers are for two files.
        Match::Foreign(if self.same_publication(&possible) { self.sort_latest_first(possible) } else { Vec::new() })
    }

    fn link(&self, id: CandidateId) -> Option<&LcpLink> {
        self.candidates.get(id)?.link.as_ref()
    }
}

/// Returns the candidates of a key.
fn find<'a, K: Eq + Hash, T>(candidates: &'a HashMap<K, Vec<T>>, key: Option<&K>) -> &'a [T] {
    key.and_then(|key| candidates.get(key)).map_or(&[], Vec::as_slice)
}

/// Returns the SHA-256 that a link states for its target.
fn hash_in(link: Option<&LcpLink>) -> Option<[u8; 32]> {
    fetch::parse_hash(link?.hash.as_deref()?)
}

/// Returns the format of a media type that only one format has.
fn format_of(media_type: &str) -> Option<Format> {
    let media_type = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    PACKAGES.iter().find(|(.., known)| *known == Some(media_type.as_str())).map(|(format, ..)| *format)
}

/// Returns the form of a title that is compared.
fn normalize_title(title: &str) -> String {
    title.trim().to_lowercase()
}
