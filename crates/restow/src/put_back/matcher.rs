//! Matches publications against the licenses that can be put back.

use restow_lcp::SignatureStrength;

use super::context::PutBackContext;
use super::discover::Publication;
use super::index::{CandidateId, PublicationIndex, normalize_title};
use crate::error::Error;

/// Result of matching a publication.
pub(super) enum Match {
    /// The license is embedded in the publication.
    Embedded(CandidateId),
    /// Another license is embedded. The candidate is known to be for this publication.
    Foreign(Option<CandidateId>),
    /// The license is for the publication, which has no embedded license.
    MissingLicense(CandidateId),
    /// The publication has no embedded license. Each of these licenses may be for it, the latest first.
    Possible(Vec<CandidateId>),
    /// The publication is protected, has no embedded license, and no license is known for it.
    Unknown,
    /// The publication does not state that LCP protects it.
    NotProtected,
}

/// Matches publications against an index.
pub(super) struct PublicationMatcher<'a> {
    pub context: PutBackContext<'a>,
    pub index: &'a PublicationIndex,
}

impl PublicationMatcher<'_> {
    /// Finds the license of a publication.
    ///
    /// # Errors
    /// [`Error::File`] if the publication cannot be read, and errors of the store and of cancelling.
    pub(super) fn match_publication(&self, publication: &Publication) -> Result<Match, Error> {
        let probe = &publication.probe;
        if probe.license_embedded {
            return self.match_embedded(publication);
        }
        // An unprotected publication may be a copy of the user, which a license would lock. Its metadata proves nothing.
        if !publication.is_protected() {
            return Ok(Match::NotProtected);
        }
        let same_length = self.index.with_length(publication.fingerprint.len);
        if !same_length.is_empty() {
            let sha256 = publication.sha256(self.context.cancel)?;
            let same_hash = same_length.iter().filter(|(_, hash)| *hash == sha256).map(|(id, _)| *id).collect();
            if let Some(id) = self.index.latest(&self.best_signed(same_hash)?) {
                return Ok(Match::MissingLicense(id));
            }
        }
        let title = probe.title.as_ref().map(|title| normalize_title(&title.text));
        let with_identifier = self.with_identifier(publication);
        let known = if with_identifier.is_empty() { self.with_title(title.as_deref()) } else { with_identifier };
        // A provider sells one work in several formats under one identifier. The media types of one provider tell the
        // formats apart; those of different providers prove nothing.
        let same_format = self.index.filter_by_format(known, probe.format);
        if !with_identifier.is_empty()
            && self.index.same_provider(known)
            && self.index.same_publication(&same_format)
            && let Some(id) = self.index.latest(&self.best_signed(same_format.clone())?)
        {
            return Ok(Match::MissingLicense(id));
        }
        let possible = if same_format.is_empty() { known.to_vec() } else { same_format };
        let mut possible = self.best_signed(self.index.filter_by_title(possible, title.as_deref()))?;
        self.index.sort_latest_first(&mut possible);
        Ok(if possible.is_empty() { Match::Unknown } else { Match::Possible(possible) })
    }

    fn match_embedded(&self, publication: &Publication) -> Result<Match, Error> {
        let probe = &publication.probe;
        let embedded = probe.license_provider.clone().zip(probe.license_id.clone());
        if let Some(id) = embedded.and_then(|(provider, license_id)| self.index.find_license(provider, license_id)) {
            return Ok(Match::Embedded(id));
        }
        let is_possible = |id: &CandidateId| {
            probe.license_provider.as_ref().is_none_or(|provider| self.index.has_provider(*id, provider))
                && self.index.accepts_format(*id, probe.format)
        };
        let filter = |ids: &[CandidateId]| ids.iter().copied().filter(is_possible).collect::<Vec<_>>();
        // A renewed loan has another license ID, and no publication may be known for that ID yet. The provider and the
        // title connect the two loans.
        let mut possible = filter(self.with_identifier(publication));
        if possible.is_empty() && probe.license_provider.is_some() {
            let title = probe.title.as_ref().map(|title| normalize_title(&title.text));
            possible = filter(self.with_title(title.as_deref()));
        }
        Ok(Match::Foreign(self.index.latest(&self.best_for_same_publication(possible)?)))
    }

    fn with_identifier(&self, publication: &Publication) -> &[CandidateId] {
        publication.probe.identifier.as_ref().map_or(&[], |identifier| self.index.with_identifier(identifier))
    }

    fn with_title(&self, title: Option<&str>) -> &[CandidateId] {
        title.map_or(&[], |title| self.index.with_title(title))
    }

    /// Keeps the licenses with the strongest signature, so that no license of an unknown root hides a verified one.
    fn best_signed(&self, ids: Vec<CandidateId>) -> Result<Vec<CandidateId>, Error> {
        if ids.len() <= 1 {
            return Ok(ids);
        }
        let (mut best, mut best_strength) = (Vec::new(), SignatureStrength::Invalid);
        for id in ids {
            let strength = self.signature_strength(id)?;
            if strength > best_strength {
                best.clear();
                best_strength = strength;
            }
            if strength == best_strength {
                best.push(id);
            }
        }
        Ok(best)
    }

    /// Keeps the licenses with the strongest signature if all are for the same publication; else keeps none.
    ///
    /// Each provider encrypts a work with a key of its own, so licenses of two providers are for two files.
    fn best_for_same_publication(&self, ids: Vec<CandidateId>) -> Result<Vec<CandidateId>, Error> {
        if self.index.same_publication(&ids) { self.best_signed(ids) } else { Ok(Vec::new()) }
    }

    fn signature_strength(&self, id: CandidateId) -> Result<SignatureStrength, Error> {
        let license = self.index.get(id).map(|candidate| self.context.read_license(candidate)).transpose()?.flatten();
        Ok(license.map_or(SignatureStrength::Invalid, |license| self.context.comparer.strength(&license.document)))
    }
}
