//! Second phase of a run: embeds licenses, downloads publications, and writes license files.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use restow_core::files;
use restow_core::message::Message;

use super::compare::{Comparison, compare_embedded, read_embedded_license, skip_reason};
use super::discover::{FileFingerprint, Publication};
use super::index::{CandidateId, LicenseCandidate, Match};
use super::license_file::{self, LicenseFileResult, LicenseFileWriter};
use super::planner::{PlannedPublication, PutBackPlan};
use super::report::{Action, LicenseRef, PutBackEvent, Reporter, to_message};
use super::{context::PutBackContext, download, embed, fetch::DownloadSource};
use crate::error::{ConflictKind, Error, PutBackError};
use crate::{file_name, license::License, license_state::LicenseState};

/// Writer of the second phase.
struct Writer<'a, 'b, 'c> {
    context: PutBackContext<'a>,
    reporter: &'a mut Reporter<'b, 'c>,
    plan: &'a PutBackPlan,
    /// If false, the writer reports its actions without taking them.
    writes: bool,
    /// Publications that this run changed or downloaded.
    written: Vec<PathBuf>,
    /// Publications with an embedded document that is better than the stored one, or undecided.
    other_version: HashSet<PathBuf>,
}

/// Carries out a plan. Returns the publications that changed.
///
/// # Errors
/// Errors of the store and of cancelling. Files that cannot be written are reported.
pub(super) fn write(
    context: PutBackContext<'_>,
    reporter: &mut Reporter<'_, '_>,
    plan: &PutBackPlan,
) -> Result<Vec<PathBuf>, Error> {
    // An interrupted run leaves unfinished files.
    let folders = plan.publications.iter().filter_map(|publication| publication.path.parent());
    folders.chain(context.folder).collect::<BTreeSet<_>>().into_iter().for_each(files::remove_unfinished);
    let mut writer = Writer::new(context, reporter, plan, true);
    writer.run()?;
    Ok(writer.written)
}

/// Reports the events of a plan, as they would be. Changes nothing.
///
/// # Errors
/// Errors of the store and of cancelling.
pub(super) fn preview(
    context: PutBackContext<'_>,
    reporter: &mut Reporter<'_, '_>,
    plan: &PutBackPlan,
) -> Result<(), Error> {
    Writer::new(context, reporter, plan, false).run()
}

impl<'a, 'b, 'c> Writer<'a, 'b, 'c> {
    fn new(
        context: PutBackContext<'a>,
        reporter: &'a mut Reporter<'b, 'c>,
        plan: &'a PutBackPlan,
        writes: bool,
    ) -> Self {
        Self { context, reporter, plan, writes, written: Vec::new(), other_version: HashSet::new() }
    }

    fn run(&mut self) -> Result<(), Error> {
        for publication in &self.plan.publications {
            self.context.check_cancelled()?;
            self.write_publication(publication)?;
        }
        for candidate in &self.plan.index.candidates {
            self.context.check_cancelled()?;
            self.write_license(candidate)?;
        }
        // The run may have changed one of these publications by another path.
        let is_unlicensed = |path: &&PathBuf| {
            let publication = Publication::open((*path).clone());
            matches!(publication, Ok(Some(publication)) if !publication.probe.license_embedded)
        };
        self.reporter.summary.outside_folder = self.plan.unlicensed_outside.iter().filter(is_unlicensed).count() as u64;
        Ok(())
    }

    fn write_publication(&mut self, publication: &PlannedPublication) -> Result<(), Error> {
        let PlannedPublication { path, matched, fingerprint, encryption_lost } = publication;
        // Questions take time, and another program may have written the file meanwhile.
        if fs::symlink_metadata(path).is_ok_and(|now| FileFingerprint::new(&now) != *fingerprint) {
            self.reporter.fail(None, path.clone(), (&PutBackError::Changed).into());
            return Ok(());
        }
        if *encryption_lost {
            let license = match matched {
                Match::Embedded(id) => self.plan.index.license_ref(*id),
                _ => None,
            };
            self.other_version.insert(path.clone());
            self.reporter.skip(license, path.clone(), &PutBackError::EncryptionLost);
            return Ok(());
        }
        match matched {
            Match::Embedded(id) => self.refresh(*id, path)?,
            Match::Foreign(ids) => self.report_foreign_license(ids, path)?,
            Match::MissingLicense(id) => self.embed(*id, path, None, Action::Written)?,
            Match::Possible(ids) => {
                let licenses = self.plan.index.license_refs(ids);
                self.reporter.emit(&PutBackEvent::PossibleMatch { licenses, path: path.clone() });
            }
            Match::NoneUsable(ids) => self.report_unusable(ids, path),
            Match::Unknown => self.reporter.skip(None, path.clone(), &PutBackError::NoLicenseKnown),
            Match::NotProtected => {}
        }
        Ok(())
    }

    /// Replaces the embedded document of a license if the stored one is better.
    fn refresh(&mut self, id: CandidateId, path: &Path) -> Result<(), Error> {
        let Some((license_ref, license)) = self.read_license(id)? else { return Ok(()) };
        let embedded = compare_embedded(path, &license, self.context.verifier)
            .and_then(|embedded| Ok(embedded.ok_or(PutBackError::Changed)?));
        let action = match embedded {
            Ok((Comparison::Worse, document)) => return self.embed(id, path, Some(&document), Action::Refreshed),
            Ok((comparison, _)) => match comparison.action() {
                Some(action) => action,
                None => return self.report_foreign_license(&[id], path),
            },
            Err(error) => {
                self.reporter.fail_with(Some(license_ref), path.to_owned(), &error);
                return Ok(());
            }
        };
        if matches!(action, Action::BetterPresent | Action::Conflict) {
            self.other_version.insert(path.to_owned());
        }
        self.report_publication(license_ref, path.to_owned(), action, Vec::new());
        Ok(())
    }

    /// Embeds a license in place of the expected document.
    fn embed(&mut self, id: CandidateId, path: &Path, expected: Option<&[u8]>, action: Action) -> Result<(), Error> {
        let Some((license_ref, license)) = self.read_license(id)? else { return Ok(()) };
        if self.is_better_beside(id, path, &license) {
            self.other_version.insert(path.to_owned());
            self.reporter.skip(Some(license_ref), path.to_owned(), &PutBackError::BetterBeside);
            return Ok(());
        }
        let result = if self.writes {
            embed::embed(path, &license.document, expected, self.context.cancel)
        } else {
            embed::check(path).map(|()| Vec::new())
        };
        match result {
            Ok(warnings) => {
                self.written.push(path.to_owned());
                self.report_publication(license_ref, path.to_owned(), action, warnings);
            }
            Err(error) if self.context.cancel.is_cancelled() => return Err(error),
            Err(error) => self.reporter.fail_with(Some(license_ref), path.to_owned(), &error),
        }
        Ok(())
    }

    /// Returns true if a license file has a better document. Embedding would give readers an older one.
    fn is_better_beside(&self, id: CandidateId, path: &Path, license: &License) -> bool {
        let known = self.plan.index.candidates.get(id).and_then(|candidate| candidate.license_file.clone());
        let beside = path.with_extension(file_name::extension(license.identity.kind));
        let files = known.into_iter().chain([beside]);
        let mut comparisons =
            files.map(|file| license_file::compare_file(&file, license, self.context.verifier).ok().flatten());
        comparisons.any(|comparison| comparison == Some(Comparison::Better))
    }

    /// Reports a publication with another embedded license. Only the user may replace that license.
    fn report_foreign_license(&mut self, ids: &[CandidateId], path: &Path) -> Result<(), Error> {
        match read_embedded_license(path) {
            Ok(Some(document)) => {
                let index = &self.plan.index;
                let ids = ids.iter().filter(|id| index.may_share_publication(**id, &document));
                let licenses = ids.filter_map(|id| index.license_ref(*id)).collect::<Vec<_>>();
                match skip_reason(self.context.verifier, self.context.view, &document)? {
                    // Without a candidate, the embedded license is probably the right one.
                    PutBackError::Conflict(ConflictKind::StoredLicense) | PutBackError::OtherLicense
                        if licenses.is_empty() => {}
                    reason if licenses.is_empty() => self.reporter.skip(None, path.to_owned(), &reason),
                    reason => {
                        for license in licenses {
                            self.reporter.skip(Some(license), path.to_owned(), &reason);
                        }
                    }
                }
            }
            Ok(None) => self.reporter.fail(None, path.to_owned(), (&PutBackError::Changed).into()),
            Err(error) => self.reporter.fail(None, path.to_owned(), to_message(&error)),
        }
        Ok(())
    }

    /// Reports a publication with licenses that cannot be used.
    fn report_unusable(&mut self, ids: &[CandidateId], path: &Path) {
        let unusable = &self.plan.unusable;
        for id in ids {
            let reason = match unusable.states.get(*id) {
                Some(LicenseState::Invalid) => PutBackError::InvalidLicense,
                _ => PutBackError::NoneUsable,
            };
            self.reporter.skip(unusable.index.license_ref(*id), path.to_owned(), &reason);
        }
    }

    /// Downloads the publication of a license if that was agreed, and writes the license file.
    fn write_license(&mut self, candidate: &LicenseCandidate) -> Result<(), Error> {
        let license_ref = &candidate.license;
        let Some(license) = self.context.read_license(&license_ref.identity)? else { return Ok(()) };
        let has_same_version = |path: &&PathBuf| !self.other_version.contains(*path);
        let mut publication = candidate.publications.iter().find(has_same_version).cloned();
        // An older document beside a publication would mislead readers.
        if publication.is_none() && !candidate.publications.is_empty() {
            self.report_kept_license_file(candidate, &license);
            return Ok(());
        }
        if let Some(download) = &candidate.download {
            publication = self.download(candidate, &license, download)?;
        }
        let result = self.write_license_file(&license, publication.as_deref(), candidate.license_file.as_deref());
        match result {
            Ok(None) => {}
            Ok(Some((path, action, warnings))) => {
                let license = license_ref.clone();
                self.reporter.emit(&PutBackEvent::Document { license, path, action, warnings });
            }
            Err(error) => {
                let path = match &error {
                    Error::Unwritable { path, .. } => path.clone(),
                    _ => candidate.license_file.clone().or(publication).unwrap_or_default(),
                };
                self.reporter.fail_with(Some(license_ref.clone()), path, &error);
            }
        }
        Ok(())
    }

    /// Reports a license file with another version of the license, beside a publication with another version.
    fn report_kept_license_file(&mut self, candidate: &LicenseCandidate, license: &License) {
        let extension = file_name::extension(license.identity.kind);
        let beside = candidate.publications.iter().map(|path| path.with_extension(extension));
        for path in candidate.license_file.iter().cloned().chain(beside).collect::<BTreeSet<_>>() {
            let comparison = license_file::compare_file(&path, license, self.context.verifier).ok().flatten();
            let action = comparison.and_then(Comparison::action);
            if let Some(action @ (Action::BetterPresent | Action::Conflict)) = action {
                let (license, warnings) = (candidate.license.clone(), Vec::new());
                self.reporter.emit(&PutBackEvent::Document { license, path, action, warnings });
            }
        }
    }

    /// Downloads a publication, or reports the reason why the publication is missing.
    fn download(
        &mut self,
        candidate: &LicenseCandidate,
        license: &License,
        confirmed: &Result<DownloadSource, PutBackError>,
    ) -> Result<Option<PathBuf>, Error> {
        let license_ref = candidate.license.clone();
        let result = match confirmed {
            // The user has agreed to the download already.
            Ok(_) if !self.writes => return Ok(None),
            Ok(source) => download::download(self.context, &license_ref, source, license),
            Err(error) => {
                self.report_missing(candidate, license, error.into(), error.is_declined());
                return Ok(None);
            }
        };
        match result {
            Ok((path, warnings)) => {
                self.written.push(path.clone());
                self.report_publication(license_ref, path.clone(), Action::Downloaded, warnings);
                Ok(Some(path))
            }
            Err(error) if self.context.cancel.is_cancelled() => Err(error),
            Err(error) => {
                self.report_missing(candidate, license, (&error).into(), false);
                Ok(None)
            }
        }
    }

    fn report_missing(&mut self, candidate: &LicenseCandidate, license: &License, reason: Message, declined: bool) {
        let link = candidate.link.as_ref();
        let url = link.and_then(|link| download::display_url(self.context.verifier, link, license));
        self.reporter.emit(&PutBackEvent::Missing { license: candidate.license.clone(), url, reason, declined });
    }

    fn report_publication(&mut self, license: LicenseRef, path: PathBuf, action: Action, warnings: Vec<Message>) {
        self.reporter.emit(&PutBackEvent::Publication { license, path, action, warnings });
    }

    /// Writes the license file beside the publication, or in place of a known license file.
    ///
    /// Returns `None` without both: a license file of a publication that is elsewhere would be clutter.
    fn write_license_file(
        &self,
        license: &License,
        publication: Option<&Path>,
        license_file: Option<&Path>,
    ) -> Result<Option<LicenseFileResult>, Error> {
        let writer = LicenseFileWriter { verifier: self.context.verifier, writes: self.writes };
        match (publication, license_file) {
            (Some(publication), _) => writer.write_beside(publication, license).map(Some),
            (None, Some(path)) => writer.refresh(path, license),
            (None, None) => Ok(None),
        }
    }

    fn read_license(&self, id: CandidateId) -> Result<Option<(LicenseRef, License)>, Error> {
        let Some(candidate) = self.plan.index.candidates.get(id) else { return Ok(None) };
        Ok(self.context.read_license(&candidate.license.identity)?.map(|license| (candidate.license.clone(), license)))
    }
}
