//! First phase of a run: finds the license of each publication and asks about downloads. Writes nothing.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;

use restow_core::files;

use super::discover::{self, DiscoveredFiles, FileFingerprint, Publication};
use super::index::{Match, PublicationIndex};
use super::report::{LicenseRef, PutBackEvent, Reporter, to_message};
use super::{context::PutBackContext, download};
use crate::license::{self, Kind, MAX_DOCUMENT, Right};
use crate::license_state::{LicenseState, StateEvaluator};
use crate::{error::Error, home::Home, listing::TitleResolver, store::LicenseFilter};

/// Publication with its match.
pub(super) struct PlannedPublication {
    pub path: PathBuf,
    pub matched: Match,
    /// State of the file when it was matched.
    pub fingerprint: FileFingerprint,
}

/// Work for the second phase.
pub(super) struct PutBackPlan {
    pub index: PublicationIndex,
    pub publications: Vec<PlannedPublication>,
    /// Publications outside the folder that have a license here and none embedded.
    pub unlicensed_outside: Vec<PathBuf>,
}

/// Plans a run.
pub(super) struct Planner<'a, 'b, 'c> {
    context: PutBackContext<'a>,
    reporter: &'a mut Reporter<'b, 'c>,
    index: PublicationIndex,
}

impl<'a, 'b, 'c> Planner<'a, 'b, 'c> {
    /// Loads the licenses that can be used, and reports the others.
    pub(super) fn new(
        context: PutBackContext<'a>,
        reporter: &'a mut Reporter<'b, 'c>,
        home: &Home,
    ) -> Result<Self, Error> {
        let states = StateEvaluator::new(home, context.view)?;
        let titles = TitleResolver::new(context.view)?;
        let mut index = PublicationIndex::default();
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
                state => reporter.emit(&PutBackEvent::NotUsable { license: license_ref, state }),
            }
            Ok::<_, Error>(())
        })?;
        for candidate in &mut index.candidates {
            let license = &mut candidate.license;
            license.shares_id = shared_ids.get(&license.identity.license_id).copied().unwrap_or_default();
        }
        Ok(Self { context, reporter, index })
    }

    /// Matches the files, then asks about the download of each missing publication.
    ///
    /// # Errors
    /// Errors of the store and of cancelling. Files that cannot be read are reported.
    pub(super) fn plan(mut self, discovered: DiscoveredFiles) -> Result<PutBackPlan, Error> {
        for (path, message) in discovered.unreadable {
            self.reporter.fail(None, path, message);
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
                candidate.download = Some(download::confirm(self.context, self.reporter, candidate, &license));
            }
        }
        self.context.check_cancelled()?;
        Ok(PutBackPlan { index: self.index, publications, unlicensed_outside })
    }

    fn plan_publication(&mut self, path: PathBuf) -> Result<Option<PlannedPublication>, Error> {
        let publication = match Publication::open(path) {
            Ok(Some(publication)) => publication,
            Ok(None) => return Ok(None),
            Err((path, message)) => {
                self.reporter.fail(None, path, message);
                return Ok(None);
            }
        };
        let matched = match self.index.match_publication(self.context, &publication) {
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
        Ok(Some(PlannedPublication { path: publication.path, matched, fingerprint: publication.fingerprint }))
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
