//! First phase of a run: finds the license of each publication and asks about downloads. Writes nothing.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use restow_core::files;
use restow_media::Warning;

use super::discover::{self, DiscoveredFiles, FileFingerprint, Publication};
use super::index::{Match, PublicationIndex};
use super::report::{LicenseRef, PutBackEvent, Reporter, to_message};
use super::{context::PutBackContext, download};
use crate::error::{Error, PutBackError};
use crate::license::{self, Kind, MAX_DOCUMENT, Right};
use crate::license_state::{LicenseState, StateEvaluator};
use crate::{home::Home, listing::TitleResolver, store::LicenseFilter};

/// Publication with its match.
pub(super) struct PlannedPublication {
    pub path: PathBuf,
    pub matched: Match,
    /// State of the file when it was matched.
    pub fingerprint: FileFingerprint,
    /// True if the publication has a license, and no part of it states the encryption.
    pub encryption_lost: bool,
}

/// Work for the second phase.
pub(super) struct PutBackPlan {
    pub index: PublicationIndex,
    /// Licenses that cannot be used. No file receives one.
    pub unusable: UnusableLicenses,
    pub publications: Vec<PlannedPublication>,
    /// Publications outside the folder that have a license here and none embedded.
    pub unlicensed_outside: Vec<PathBuf>,
}

/// Licenses that cannot be used, by the facts that identify their publications.
#[derive(Default)]
pub(super) struct UnusableLicenses {
    pub index: PublicationIndex,
    /// States of the candidates.
    pub states: Vec<LicenseState>,
}

/// Plans a run.
pub(super) struct Planner<'a, 'b, 'c> {
    context: PutBackContext<'a>,
    reporter: &'a mut Reporter<'b, 'c>,
    index: PublicationIndex,
    unusable: UnusableLicenses,
    asks: bool,
}

impl<'a, 'b, 'c> Planner<'a, 'b, 'c> {
    /// Loads the licenses, and reports those that cannot be used. With `asks`, the user is asked about downloads.
    pub(super) fn new(
        context: PutBackContext<'a>,
        reporter: &'a mut Reporter<'b, 'c>,
        home: &Home,
        asks: bool,
    ) -> Result<Self, Error> {
        let states = StateEvaluator::new(home, context.view)?;
        let titles = TitleResolver::new(context.view)?;
        let (mut index, mut unusable) = (PublicationIndex::default(), UnusableLicenses::default());
        // True for a license ID that several licenses have.
        let mut shared_ids: HashMap<String, bool> = HashMap::new();
        context.view.each_license(LicenseFilter::All, |entry| {
            let id = entry.identity.license_id.clone();
            shared_ids.entry(id).and_modify(|is_shared| *is_shared = true).or_default();
            // A damaged document, or one of a later version, identifies no publication.
            let Ok(license) = license::parse_as(entry.identity.kind, &entry.document) else { return Ok(()) };
            if license.identity.kind != Kind::Lcp {
                return Ok(());
            }
            let titles = titles.of(&license, &entry.titles)?;
            let license_ref = LicenseRef { identity: license.identity.clone(), titles, shares_id: false };
            match states.state(&entry, &license, &states.signature(&license)?, &Right::PLAY)? {
                // The license becomes valid later, without another run. Of an unreadable date, readers decide.
                LicenseState::Usable | LicenseState::NotYetValid | LicenseState::Unknown => {
                    index.add(license_ref, &license, context.view.identifiers_of(&license.identity)?);
                }
                state => {
                    let identifiers = context.view.identifiers_of(&license.identity)?;
                    unusable.index.add(license_ref.clone(), &license, identifiers);
                    unusable.states.push(state);
                    reporter.emit(&PutBackEvent::NotUsable { license: license_ref, state });
                }
            }
            Ok::<_, Error>(())
        })?;
        for candidate in &mut index.candidates {
            let license = &mut candidate.license;
            license.shares_id = shared_ids.get(&license.identity.license_id).copied().unwrap_or_default();
        }
        Ok(Self { context, reporter, index, unusable, asks })
    }

    /// Matches the files, then asks about the download of each missing publication.
    ///
    /// # Errors
    /// Errors of the store and of cancelling. Files that cannot be read are reported.
    pub(super) fn plan(mut self, discovered: DiscoveredFiles) -> Result<PutBackPlan, Error> {
        for (path, message) in discovered.unreadable {
            self.reporter.fail(None, path, message);
        }
        for path in discovered.links {
            self.reporter.skip(None, path, &PutBackError::Link);
        }
        let mut publications = Vec::new();
        for path in discovered.publications {
            self.context.check_cancelled()?;
            publications.extend(self.plan_publication(path)?);
        }
        for path in discovered.license_files {
            let document = files::read_limited(&path, MAX_DOCUMENT).ok();
            let Some(Ok(license)) = document.map(|document| license::parse_as(Kind::Lcp, &document)) else { continue };
            let id = self.index.find_license(license.identity.issuer, license.identity.license_id);
            if let Some(candidate) = id.and_then(|id| self.index.candidates.get_mut(id)) {
                candidate.license_file.get_or_insert(path);
            }
        }
        let unlicensed_outside = self.match_outside_folder(discovered.outside_folder)?;
        for candidate in &mut self.index.candidates {
            self.context.check_cancelled()?;
            if !candidate.publications.is_empty() || candidate.is_outside_folder {
                continue;
            }
            if let Some(license) = self.context.read_license(&candidate.license.identity)? {
                let offer = download::offer(self.context, candidate, &license);
                candidate.download = Some(match offer {
                    Ok((offer, source)) if self.asks => download::confirm(self.reporter, &offer).map(|()| source),
                    Ok((offer, _)) => {
                        self.reporter.emit(&PutBackEvent::Offer(offer));
                        continue;
                    }
                    Err(error) => Err(error),
                });
            }
        }
        self.context.check_cancelled()?;
        Ok(PutBackPlan { index: self.index, unusable: self.unusable, publications, unlicensed_outside })
    }

    fn plan_publication(&mut self, path: PathBuf) -> Result<Option<PlannedPublication>, Error> {
        // The catalog may have a link that the user scanned.
        if path.is_symlink() {
            self.reporter.skip(None, path, &PutBackError::Link);
            return Ok(None);
        }
        let publication = match Publication::open(path) {
            Ok(Some(publication)) => publication,
            Ok(None) => return Ok(None),
            Err((path, message)) => {
                self.reporter.fail(None, path, message);
                return Ok(None);
            }
        };
        let matched = match self.match_publication(&publication) {
            Ok(matched) => matched,
            Err(error) if self.context.cancel.is_cancelled() => return Err(error),
            Err(error) => {
                self.reporter.fail(None, publication.path, to_message(&error));
                return Ok(None);
            }
        };
        // A license with a publication needs no download.
        if let Match::Embedded(id) | Match::MissingLicense(id) = &matched
            && let Some(candidate) = self.index.candidates.get_mut(*id)
        {
            candidate.publications.push(publication.path.clone());
        }
        if let (Match::NotProtected, Some(damage)) = (&matched, discover::damage_error(&publication.probe)) {
            self.reporter.skip(None, publication.path.clone(), &damage);
        }
        let encryption_lost = publication.probe.warnings.contains(&Warning::EncryptionMissing);
        let Publication { path, fingerprint, .. } = publication;
        Ok(Some(PlannedPublication { path, matched, fingerprint, encryption_lost }))
    }

    fn match_publication(&self, publication: &Publication) -> Result<Match, Error> {
        let matched = self.index.match_publication(self.context, publication)?;
        if !matches!(matched, Match::Unknown) {
            return Ok(matched);
        }
        Ok(match self.unusable.index.match_publication(self.context, publication)? {
            Match::MissingLicense(id) => Match::NoneUsable(vec![id]),
            Match::Possible(ids) => Match::NoneUsable(ids),
            _ => Match::Unknown,
        })
    }

    /// Matches the publications outside the folder. Returns those that have a license here and none embedded.
    fn match_outside_folder(&mut self, files: BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, Error> {
        let mut unlicensed = Vec::new();
        for path in files {
            self.context.check_cancelled()?;
            // The run changes nothing outside the folder, so unreadable files there are not reported.
            let Ok(Some(publication)) = Publication::open(path) else { continue };
            let matched = self.index.match_publication(self.context, &publication);
            self.context.check_cancelled()?;
            let Ok(Match::Embedded(id) | Match::MissingLicense(id)) = matched else { continue };
            if let Some(candidate) = self.index.candidates.get_mut(id) {
                candidate.is_outside_folder = true;
            }
            if matches!(matched, Ok(Match::MissingLicense(_))) {
                unlicensed.push(publication.path);
            }
        }
        Ok(unlicensed)
    }
}
