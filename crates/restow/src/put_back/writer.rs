//! Second phase of a run: embeds licenses, downloads publications, and writes license files.

use std::fs;
use std::path::{Path, PathBuf};

use restow_core::files;
use restow_lcp::LcpLink;

use super::compare::{Comparison, compare_embedded, read_embedded_license, skip_reason};
use super::discover::{FileFingerprint, Publication};
use super::index::{CandidateId, LicenseCandidate, Match, PublicationIndex};
use super::planner::{PlannedPublication, PutBackPlan};
use super::report::{Action, LicenseRef, PutBackEvent, Reporter, to_message};
use super::{context::PutBackContext, fetch::DownloadSource};
use super::{download, embed, license_file};
use crate::error::{ConflictKind, Error, PutBackError};
use crate::{file_name, license::License};

/// Writer of the second phase.
struct Writer<'a, 'b, 'c> {
    context: PutBackContext<'a>,
    reporter: &'a mut Reporter<'b, 'c>,
    index: PublicationIndex,
    /// Publications that this run changed or downloaded.
    written: Vec<PathBuf>,
}

/// Carries out a plan. Returns the publications that changed.
///
/// # Errors
/// Errors of the store and of cancelling. Files that cannot be written are reported.
pub(super) fn write(
    context: PutBackContext<'_>,
    reporter: &mut Reporter<'_, '_>,
    plan: PutBackPlan,
) -> Result<Vec<PathBuf>, Error> {
    let mut writer = Writer { context, reporter, index: plan.index, written: Vec::new() };
    // An interrupted run leaves unfinished files.
    writer.context.folder.into_iter().for_each(files::remove_unfinished);
    let mut cleaned_folder = None;
    for publication in plan.publications {
        writer.context.check_cancelled()?;
        if publication.path.parent() != cleaned_folder.as_deref() {
            cleaned_folder = publication.path.parent().map(Path::to_owned);
            cleaned_folder.iter().for_each(|folder| files::remove_unfinished(folder));
        }
        writer.write_publication(publication)?;
    }
    for candidate in std::mem::take(&mut writer.index.candidates) {
        writer.context.check_cancelled()?;
        writer.write_license(candidate)?;
    }
    // The run may have changed one of these publications by another path.
    let is_unlicensed =
        |path: PathBuf| matches!(Publication::open(path), Ok(Some(publication)) if !publication.probe.license_embedded);
    let unlicensed = plan.unlicensed_outside.into_iter().map(is_unlicensed);
    writer.reporter.summary.outside_folder = unlicensed.filter(|is_unlicensed| *is_unlicensed).count() as u64;
    Ok(writer.written)
}

impl Writer<'_, '_, '_> {
    fn write_publication(&mut self, publication: PlannedPublication) -> Result<(), Error> {
        let PlannedPublication { path, matched, fingerprint } = publication;
        // Questions take time, and another program may have written the file meanwhile.
        if fs::symlink_metadata(&path).is_ok_and(|now| FileFingerprint::new(&now) != fingerprint) {
            self.reporter.fail(None, path, (&PutBackError::Changed).into());
            return Ok(());
        }
        match matched {
            Match::Embedded(id) => self.refresh(id, path)?,
            Match::Foreign(id) => self.report_foreign_license(id, path)?,
            Match::MissingLicense(id) => self.embed(id, path, None, Action::Written)?,
            Match::Possible(ids) => {
                let licenses = ids.into_iter().filter_map(|id| self.index.license_ref(id)).collect();
                self.reporter.emit(&PutBackEvent::PossibleMatch { licenses, path });
            }
            Match::Unknown => self.reporter.skip(None, path, &PutBackError::NoLicenseKnown),
            Match::NotProtected => {}
        }
        Ok(())
    }

    /// Replaces the embedded document of a license if the stored one is better.
    fn refresh(&mut self, id: CandidateId, path: PathBuf) -> Result<(), Error> {
        let Some((license_ref, license)) = self.read_license(id)? else { return Ok(()) };
        let embedded = compare_embedded(&path, &license, self.context.verifier)
            .and_then(|embedded| Ok(embedded.ok_or(PutBackError::Changed)?));
        let action = match embedded {
            Ok((Comparison::Worse, document)) => return self.embed(id, path, Some(&document), Action::Refreshed),
            Ok((comparison, _)) => match comparison.action() {
                Some(action) => action,
                None => return self.report_foreign_license(Some(id), path),
            },
            Err(error) => {
                self.reporter.fail(Some(license_ref), path, to_message(&error));
                return Ok(());
            }
        };
        self.reporter.emit(&PutBackEvent::Publication { license: license_ref, path, action });
        Ok(())
    }

    /// Embeds a license in place of the expected document.
    fn embed(&mut self, id: CandidateId, path: PathBuf, expected: Option<&[u8]>, action: Action) -> Result<(), Error> {
        let Some((license_ref, license)) = self.read_license(id)? else { return Ok(()) };
        match embed::embed(&path, &license.document, expected, self.context.cancel) {
            Ok(()) => {
                self.written.push(path.clone());
                self.reporter.emit(&PutBackEvent::Publication { license: license_ref, path, action });
            }
            Err(error) if self.context.cancel.is_cancelled() => return Err(error),
            Err(error) => self.reporter.fail(Some(license_ref), path, to_message(&error)),
        }
        Ok(())
    }

    /// Reports a publication with another embedded license. Only the user may replace that license.
    fn report_foreign_license(&mut self, id: Option<CandidateId>, path: PathBuf) -> Result<(), Error> {
        let license_ref = id.and_then(|id| self.index.license_ref(id));
        match read_embedded_license(&path) {
            Ok(Some(document)) => {
                let license_ref =
                    license_ref.filter(|_| id.is_some_and(|id| self.index.may_share_publication(id, &document)));
                match skip_reason(self.context.verifier, self.context.view, &document)? {
                    // Without a candidate, the embedded license is probably the right one.
                    PutBackError::Conflict(ConflictKind::StoredLicense) | PutBackError::OtherLicense
                        if license_ref.is_none() => {}
                    reason => self.reporter.skip(license_ref, path, &reason),
                }
            }
            Ok(None) => self.reporter.fail(license_ref, path, (&PutBackError::Changed).into()),
            Err(error) => self.reporter.fail(license_ref, path, to_message(&error)),
        }
        Ok(())
    }

    /// Downloads the publication of a license if that was agreed, and writes the license file.
    fn write_license(&mut self, candidate: LicenseCandidate) -> Result<(), Error> {
        let LicenseCandidate { license: license_ref, link, publications, license_file, .. } = candidate;
        let Some(license) = self.context.read_license(&license_ref.identity)? else { return Ok(()) };
        let mut publication = publications.into_iter().next();
        // The license file belongs beside the publication, and the run changes nothing outside the folder.
        if publication.is_none() && candidate.is_outside_folder && license_file.is_none() {
            return Ok(());
        }
        if let Some(download) = candidate.download {
            publication = self.download(&license_ref, &license, link.as_ref(), download)?;
        }
        match self.write_license_file(&license_ref, &license, publication.as_deref(), license_file) {
            Ok(None) => {}
            Ok(Some((path, action))) => {
                self.reporter.emit(&PutBackEvent::Document { license: license_ref, path, action });
            }
            Err(error) => {
                let path = match &error {
                    Error::Unwritable { path, .. } => path.clone(),
                    _ => publication.or_else(|| self.context.folder.map(Path::to_owned)).unwrap_or_default(),
                };
                self.reporter.fail(Some(license_ref), path, to_message(&error));
            }
        }
        Ok(())
    }

    /// Downloads a publication, or reports the reason why the publication is missing.
    fn download(
        &mut self,
        license_ref: &LicenseRef,
        license: &License,
        link: Option<&LcpLink>,
        confirmed: Result<DownloadSource, PutBackError>,
    ) -> Result<Option<PathBuf>, Error> {
        let result = confirmed
            .map_err(Error::from)
            .and_then(|source| download::download(self.context, license_ref, &source, license));
        let license_ref = license_ref.clone();
        match result {
            Ok(path) => {
                self.written.push(path.clone());
                let action = Action::Downloaded;
                self.reporter.emit(&PutBackEvent::Publication { license: license_ref, path: path.clone(), action });
                Ok(Some(path))
            }
            Err(error) if self.context.cancel.is_cancelled() => Err(error),
            Err(error) => {
                let declined = matches!(&error, Error::PutBack(PutBackError::Download(error)) if error.is_declined());
                let url = link.and_then(|link| download::display_url(self.context.verifier, link, license));
                let reason = (&error).into();
                self.reporter.emit(&PutBackEvent::Missing { license: license_ref, url, reason, declined });
                Ok(None)
            }
        }
    }

    /// Writes the license file beside the publication, in place of a known license file, or into the folder.
    ///
    /// Returns `None` without a publication and a folder.
    fn write_license_file(
        &self,
        license_ref: &LicenseRef,
        license: &License,
        publication: Option<&Path>,
        license_file: Option<PathBuf>,
    ) -> Result<Option<(PathBuf, Action)>, Error> {
        let verifier = self.context.verifier;
        if let Some(path) = publication {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let folder = path.parent().unwrap_or(Path::new(""));
            return license_file::write_into(folder, &stem, license, verifier).map(Some);
        }
        let Some(folder) = self.context.folder else { return Ok(None) };
        if let Some(path) = license_file
            && let Some(action) = license_file::write_at(&path, license, verifier)?
        {
            return Ok(Some((path, action)));
        }
        // No license file is known, or another program has replaced it by another file.
        let stem = file_name::stem(license_ref.titles.first().map(String::as_str), &license_ref.identity);
        license_file::write_into(folder, &stem, license, verifier).map(Some)
    }

    fn read_license(&self, id: CandidateId) -> Result<Option<(LicenseRef, License)>, Error> {
        let Some(candidate) = self.index.candidates.get(id) else { return Ok(None) };
        Ok(self.context.read_license(&candidate.license.identity)?.map(|license| (candidate.license.clone(), license)))
    }
}
