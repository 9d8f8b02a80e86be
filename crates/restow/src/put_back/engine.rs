//! One putting back: what each publication is, what is asked about it, and what is done with it.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use restow_core::files;
use restow_core::is_unsafe_for_display;
use restow_core::message::Note;
use restow_lcp::LcpLink;
use restow_media::{Format, System};

use super::compare::{Comparison, DocumentComparer, compare_embedded, read_embedded_license};
use super::discover::{FileFingerprint, Publication};
use super::fetch::{DownloadSource, ManualOrigins};
use super::index::{LicenseCandidate, Match, PublicationIndex, normalize_title};
use super::{
    Action, ConflictKind, DownloadError, DownloadOffer, LicenseRef, PutBackError, PutBackEvent, PutBackHandler,
    PutBackSummary, embed, license_file,
};
use crate::error::Error;
use crate::file_name;
use crate::home::Home;
use crate::lcp_provider::MAX_HREF;
use crate::license::{self, Kind, License, LicenseIdentity, MAX_DOCUMENT, Right, SignatureCheck};
use crate::license_state::{LicenseState, StateEvaluator};
use crate::listing::TitleResolver;
use crate::store::{LicenseFilter, View};

pub(super) struct PutBackEngine<'a, 'b> {
    pub view: View<'a>,
    pub comparer: &'a DocumentComparer,
    pub folder: Option<&'a Path>,
    pub handler: &'a mut PutBackHandler<'b>,
    pub index: PublicationIndex,
    pub summary: PutBackSummary,
    /// Publications that were written.
    pub changed: Vec<PathBuf>,
    pub manual_origins: ManualOrigins,
}

impl PutBackEngine<'_, '_> {
    pub(super) fn load(&mut self, home: &Home) -> Result<(), Error> {
        let states = StateEvaluator::new(home, self.view)?;
        let (view, names) = (self.view, TitleResolver::new(self.view)?);
        let mut shared: HashMap<String, bool> = HashMap::new();
        view.each_license(LicenseFilter::All, |entry| {
            let id = entry.identity.license_id.clone();
            shared.entry(id).and_modify(|shared| *shared = true).or_default();
            // A document that cannot be read, by a defect or of another version, says not whose it is.
            let Ok(license) = license::parse_as(entry.identity.kind, &entry.document) else { return Ok(()) };
            if license.identity.kind != Kind::Lcp {
                return Ok(());
            }
            let titles = names.of(&license, &entry.titles)?;
            let license_ref = LicenseRef { identity: license.identity.clone(), titles, shares_id: false };
            match states.state(&entry, &license, &states.signature(&license)?, &Right::PLAY)? {
                LicenseState::Usable | LicenseState::NotYetValid => {
                    self.index.add(license_ref, &license, view.identifiers_of(&license.identity)?);
                }
                usability => (self.handler.on_event)(&PutBackEvent::NotUsable { license: license_ref, usability }),
            }
            Ok::<_, Error>(())
        })?;
        for LicenseCandidate { license_ref, .. } in &mut self.index.candidates {
            license_ref.shares_id = shared.get(&license_ref.identity.license_id).copied().unwrap_or_default();
        }
        Ok(())
    }

    pub(super) fn check_cancelled(&self) -> Result<(), Error> {
        if self.handler.cancel.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Looks which license a publication is for.
    pub(super) fn match_publication(&self, publication: &Publication) -> Result<Match, Error> {
        let probe = &publication.probe;
        let called = || probe.identifier.as_ref().and_then(|identifier| self.index.by_identifier.get(identifier));
        let title = probe.title.as_ref().map(|title| normalize_title(&title.text));
        let by_title = || title.as_ref().and_then(|title| self.index.by_title.get(title));
        if probe.license_embedded {
            let license = probe.license_provider.clone().zip(probe.license_id.clone());
            if let Some(at) = license.and_then(|license| self.index.by_license.get(&license).copied()) {
                return Ok(Match::Embedded(at));
            }
            let may_be = |at: &usize| {
                probe.license_provider.as_ref().is_none_or(|of| self.index.has_provider(*at, of))
                    && self.index.accepts_format(*at, probe.format)
            };
            let theirs =
                |found: Option<&Vec<usize>>| found.into_iter().flatten().copied().filter(may_be).collect::<Vec<_>>();
            // Who borrows a book again gets a license of another ID, of which nobody may have said what book it is for.
            let mut found = theirs(called());
            if found.is_empty() && probe.license_provider.is_some() {
                found = theirs(by_title());
            }
            return Ok(Match::Foreign(self.index.latest(&self.best_for_same_publication(found)?)));
        }
        // What says that it is clear may be somebody's own copy, which a license would lock, whatever that says of itself.
        if !publication.is_protected() {
            return Ok(Match::None);
        }
        if let Some(same_length) = self.index.by_length.get(&publication.fingerprint.len) {
            let sum = publication.sha256(self.handler.cancel)?;
            let same = same_length.iter().filter(|(_, hash)| *hash == sum).map(|(at, _)| *at).collect();
            if let Some(at) = self.index.latest(&self.best_signed(same)?) {
                return Ok(Match::MissingLicense(at));
            }
        }
        let known = self.filter_signed(called().or_else(by_title).cloned().unwrap_or_default())?;
        // A shop has one book in several formats, and tells them apart by type; between shops a type proves nothing.
        let fitting = self.index.filter_by_format(&known, probe.format);
        if called().is_some()
            && self.index.same_provider(&known)
            && self.index.same_publication(&fitting)
            && let Some(at) = self.index.latest(&self.best_signed(fitting.clone())?)
        {
            return Ok(Match::MissingLicense(at));
        }
        let guess = if fitting.is_empty() { known } else { fitting };
        let guess = self.best_signed(self.index.filter_by_title(guess, title.as_deref()))?;
        Ok(if guess.is_empty() { Match::Unknown } else { Match::Possible(self.index.sort_latest_first(guess)) })
    }

    /// Notes that a publication is here, before anything is written.
    pub(super) fn record_present(&mut self, of: &Match, path: &Path) {
        if let Match::Embedded(at) | Match::MissingLicense(at) = of
            && let Some(book) = self.index.candidates.get_mut(*at)
        {
            book.publications.push(path.to_owned());
        }
    }

    /// Looks at publications that nothing is done with: those without a license that is here.
    pub(super) fn match_outside_folder(&mut self, files: BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, Error> {
        let mut without = Vec::new();
        for path in files {
            self.check_cancelled()?;
            // What cannot be read there is not asked about.
            let Ok(Some(publication)) = Publication::open(path) else { continue };
            let of = self.match_publication(&publication);
            self.check_cancelled()?;
            let Ok(Match::Embedded(at) | Match::MissingLicense(at)) = of else { continue };
            if let Some(book) = self.index.candidates.get_mut(at) {
                book.elsewhere = true;
            }
            if matches!(of, Ok(Match::MissingLicense(_))) {
                without.push(publication.path);
            }
        }
        Ok(without)
    }

    /// Counts those that have none in the end: the folder may be known by another path, too.
    pub(super) fn count_unlicensed_outside(&mut self, files: Vec<PathBuf>) {
        let without = files.into_iter().filter(|path| {
            matches!(Publication::open(path.clone()), Ok(Some(publication)) if !publication.probe.license_embedded)
        });
        self.summary.outside_folder = without.count() as u64;
    }

    /// Puts a license into its publication, or says why not.
    pub(super) fn publication(&mut self, path: PathBuf, of: Match, fingerprint: &FileFingerprint) -> Result<(), Error> {
        // It may be another since somebody was asked.
        if fs::symlink_metadata(&path).is_ok_and(|now| FileFingerprint::new(&now) != *fingerprint) {
            self.fail(None, path, (&PutBackError::Changed).into());
            return Ok(());
        }
        match of {
            Match::Embedded(at) => self.refresh(at, &path)?,
            Match::Foreign(known) => self.handle_foreign_license(known, path)?,
            Match::MissingLicense(at) => self.embed(at, &path, None, Action::Written)?,
            Match::Possible(candidates) => {
                let licenses = candidates.into_iter().filter_map(|at| self.index.license_ref(at)).collect();
                self.emit(PutBackEvent::PossibleMatch { licenses, path });
            }
            Match::Unknown => self.skip(None, path, &PutBackError::NoLicenseKnown),
            Match::None => {}
        }
        Ok(())
    }

    /// Of several licenses those whose signature is worth most: what a forged one says of itself stands in nobody's way.
    fn best_signed(&self, found: Vec<usize>) -> Result<Vec<usize>, Error> {
        if found.len() <= 1 {
            return Ok(found);
        }
        let mut strongest = (0, Vec::new());
        for at in &found {
            let rank = self.rank(*at)?;
            if rank > strongest.0 {
                strongest = (rank, Vec::new());
            }
            if rank == strongest.0 {
                strongest.1.push(*at);
            }
        }
        Ok(strongest.1)
    }

    /// What the signature of a license is worth.
    fn rank(&self, at: usize) -> Result<u8, Error> {
        let license = self.index.candidates.get(at).map(|book| self.license(book)).transpose()?.flatten();
        Ok(license.map_or(0, |license| self.comparer.rank(&license.document)))
    }

    /// Of several licenses those that anybody signed, if there are any.
    fn filter_signed(&self, found: Vec<usize>) -> Result<Vec<usize>, Error> {
        if found.len() <= 1 {
            return Ok(found);
        }
        let mut signed = Vec::new();
        for at in &found {
            if self.rank(*at)? > 0 {
                signed.push(*at);
            }
        }
        Ok(if signed.is_empty() { found } else { signed })
    }

    /// The strongest, where these are for one publication. Shops lock the same book each with a key of their own: which of them a file is
    /// from is not known then.
    fn best_for_same_publication(&self, found: Vec<usize>) -> Result<Vec<usize>, Error> {
        let signed = self.filter_signed(found)?;
        if self.index.same_publication(&signed) { self.best_signed(signed) } else { Ok(Vec::new()) }
    }

    fn license(&self, book: &LicenseCandidate) -> Result<Option<License>, Error> {
        let entry = self.view.license(&book.license_ref.identity)?;
        Ok(entry.map(|entry| license::parse_as(Kind::Lcp, &entry.document)).transpose()?)
    }

    /// A publication that has something else inside, and that this license may be for. Whether that is to go, its owner says.
    fn handle_foreign_license(&mut self, known: Option<usize>, path: PathBuf) -> Result<(), Error> {
        let license_ref = known.and_then(|at| self.index.license_ref(at));
        match read_embedded_license(&path) {
            Ok(Some(document)) => {
                let license_ref =
                    license_ref.filter(|_| known.is_some_and(|at| self.index.may_share_publication(at, &document)));
                match self.comparer.skip_reason(self.view, &document)? {
                    // It may well be for that one.
                    PutBackError::Conflict(ConflictKind::StoredLicense) | PutBackError::OtherLicense
                        if license_ref.is_none() => {}
                    error => self.skip(license_ref, path, &error),
                }
            }
            Ok(None) => self.fail(license_ref, path, (&PutBackError::Changed).into()),
            Err(error) => self.fail(license_ref, path, to_message(&error)),
        }
        Ok(())
    }

    /// A publication that has a document of the license inside.
    fn refresh(&mut self, at: usize, path: &Path) -> Result<(), Error> {
        let Some(book) = self.index.candidates.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let license_ref = book.license_ref.clone();
        let path = path.to_owned();
        let found =
            compare_embedded(&path, &license, self.comparer).and_then(|found| Ok(found.ok_or(PutBackError::Changed)?));
        let action = match found {
            Ok((Comparison::Worse, there)) => return self.embed(at, &path, Some(&there), Action::Refreshed),
            Ok((Comparison::Foreign, _)) => return self.handle_foreign_license(Some(at), path),
            Ok((Comparison::Same | Comparison::Equivalent, _)) => Action::AlreadyPresent,
            Ok((Comparison::Better, _)) => Action::BetterPresent,
            Ok((Comparison::Conflict, _)) => Action::Conflict,
            Err(error) => {
                self.fail(Some(license_ref), path, to_message(&error));
                return Ok(());
            }
        };
        self.emit(PutBackEvent::Publication { license: license_ref, path, action });
        Ok(())
    }

    fn embed(&mut self, at: usize, path: &Path, there: Option<&[u8]>, action: Action) -> Result<(), Error> {
        let Some(book) = self.index.candidates.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let license_ref = book.license_ref.clone();
        match embed::embed(path, &license.document, there, self.handler.cancel) {
            Ok(()) => {
                self.changed.push(path.to_owned());
                self.emit(PutBackEvent::Publication { license: license_ref, path: path.to_owned(), action });
            }
            Err(error) if self.handler.cancel.is_cancelled() => return Err(error),
            Err(error) => self.fail(Some(license_ref), path.to_owned(), to_message(&error)),
        }
        Ok(())
    }

    /// A file that is called a license document.
    pub(super) fn document_found(&mut self, path: PathBuf) {
        let read = files::read_limited(&path, MAX_DOCUMENT).ok();
        let Some(Ok(license)) = read.map(|bytes| license::parse_as(Kind::Lcp, &bytes)) else { return };
        let LicenseIdentity { issuer, license_id, .. } = license.identity;
        let at = self.index.by_license.get(&(issuer, license_id)).copied();
        if let Some(book) = at.and_then(|at| self.index.candidates.get_mut(at)) {
            book.document.get_or_insert(path);
        }
    }

    /// Writes the document of a license, and fetches its publication if that is missing.
    pub(super) fn write_license(&mut self, at: usize) -> Result<(), Error> {
        let Some(book) = self.index.candidates.get_mut(at) else { return Ok(()) };
        let source = book.source.take();
        let Some(book) = self.index.candidates.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let (license_ref, link, known) = (book.license_ref.clone(), book.link.clone(), book.document.clone());
        let mut publication = book.publications.first().cloned();
        // It has its document there.
        if publication.is_none() && book.elsewhere && known.is_none() {
            return Ok(());
        }
        if let Some(source) = source {
            match source.map_err(Error::from).and_then(|source| self.fetch(&license_ref, &source, &license)) {
                Ok(path) => {
                    self.changed.push(path.clone());
                    let fetched = PutBackEvent::Publication {
                        license: license_ref.clone(),
                        path: path.clone(),
                        action: Action::Downloaded,
                    };
                    self.emit(fetched);
                    publication = Some(path);
                }
                Err(error) if self.handler.cancel.is_cancelled() => return Err(error),
                Err(error) => {
                    let url = link.and_then(|link| self.display_url(&link, &license));
                    let declined =
                        matches!(&error, Error::PutBack(PutBackError::Download(error)) if error.is_declined());
                    self.emit(PutBackEvent::Missing {
                        license: license_ref.clone(),
                        url,
                        reason: (&error).into(),
                        declined,
                    });
                }
            }
        }
        let title = license_ref.titles.first().map(String::as_str);
        let put = match (&publication, known, self.folder) {
            (Some(path), ..) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                license_file::put(path.parent().unwrap_or(Path::new("")), &stem, &license, self.comparer)
            }
            (None, Some(path), Some(folder)) => match license_file::put_at(&path, &license, self.comparer) {
                Ok(Some(action)) => Ok((path, action)),
                Ok(None) => {
                    license_file::put(folder, &file_name::stem(title, &license_ref.identity), &license, self.comparer)
                }
                Err(error) => Err(error),
            },
            (None, None, Some(folder)) => {
                license_file::put(folder, &file_name::stem(title, &license_ref.identity), &license, self.comparer)
            }
            (None, _, None) => return Ok(()),
        };
        match put {
            Ok((path, action)) => self.emit(PutBackEvent::Document { license: license_ref, path, action }),
            Err(error) => {
                let at = match &error {
                    Error::Unwritable { path, .. } => path.clone(),
                    _ => publication.or_else(|| self.folder.map(Path::to_owned)).unwrap_or_default(),
                };
                self.fail(Some(license_ref), at, to_message(&error));
            }
        }
        Ok(())
    }

    /// Asks whether the publication of a license is to be fetched, if it is missing.
    pub(super) fn ask(&mut self, at: usize) -> Result<(), Error> {
        let Some(book) = self.index.candidates.get(at) else { return Ok(()) };
        if !book.publications.is_empty() || book.elsewhere {
            return Ok(());
        }
        let Some(license) = self.license(book)? else { return Ok(()) };
        let (license_ref, link) = (book.license_ref.clone(), book.link.clone());
        let source = self.confirm_download(license_ref, link.as_ref(), &license);
        if let Some(book) = self.index.candidates.get_mut(at) {
            book.source = Some(source);
        }
        Ok(())
    }

    fn confirm_download(
        &mut self,
        license_ref: LicenseRef,
        link: Option<&LcpLink>,
        license: &License,
    ) -> Result<DownloadSource, PutBackError> {
        self.folder.ok_or(PutBackError::NoFolder)?;
        let source = DownloadSource::from_link(link.ok_or(DownloadError::NoLink)?, &self.manual_origins)?;
        if matches!(self.comparer.check(&license.document), SignatureCheck::Invalid(_)) {
            return Err(DownloadError::InvalidLicense.into());
        }
        let offer = DownloadOffer {
            license: license_ref,
            url: source.url.clone(),
            host: source.origin.to_string(),
            length: source.length,
            checked: source.hash.is_some(),
        };
        match (self.handler.confirm)(&offer) {
            true => Ok(source),
            false if offer.checked => Err(DownloadError::NotAgreed.into()),
            false => Err(DownloadError::NoHash.into()),
        }
    }

    /// Fetches the publication of a license into the folder, and puts the license in.
    fn fetch(
        &mut self,
        license_ref: &LicenseRef,
        source: &DownloadSource,
        license: &License,
    ) -> Result<PathBuf, Error> {
        let folder = self.folder.ok_or(PutBackError::NoFolder)?;
        let fetched = source.fetch(folder, &self.manual_origins, self.handler.cancel)?;
        let probe = restow_media::probe_path(fetched.path()).map_err(restow_media::EmbedError::from);
        let probe = probe.map_err(PutBackError::from)?;
        let ending = ending(probe.format).ok_or(DownloadError::NotAPublication)?;
        if !probe.systems.contains(&System::Lcp) {
            return Err(PutBackError::NotProtected.into());
        }
        let stem = file_name::stem(license_ref.titles.first().map(String::as_str), &license_ref.identity);
        for name in file_name::candidates(&stem, &restow_core::encoding::sha256(&license.document), ending) {
            let path = folder.join(name);
            match embed::embed_into_new(&fetched, &path, &license.document, self.handler.cancel) {
                Err(Error::Unwritable { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other.map(|()| path),
            }
        }
        Err(embed::write_error(&folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
    }

    /// Where a publication can be had, for people: an address of the web, as somebody wrote it who signed it.
    fn display_url(&self, link: &LcpLink, license: &License) -> Option<String> {
        let scheme = link.href.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let web = matches!(scheme.as_deref(), Some("http" | "https")) && !link.templated;
        let harmless =
            link.href.len() <= MAX_HREF && !link.href.contains(|c: char| c.is_whitespace() || is_unsafe_for_display(c));
        let signed = || !matches!(self.comparer.check(&license.document), SignatureCheck::Invalid(_));
        (web && harmless && signed()).then(|| link.href.clone())
    }

    pub(super) fn skip(&mut self, license: Option<LicenseRef>, path: PathBuf, error: &PutBackError) {
        let conflict = match error {
            PutBackError::Conflict(conflict) => Some(*conflict),
            _ => None,
        };
        self.emit(PutBackEvent::Skipped { license, path, reason: error.into(), conflict, failed: false });
    }

    pub(super) fn fail(&mut self, license: Option<LicenseRef>, path: PathBuf, reason: Note) {
        self.emit(PutBackEvent::Skipped { license, path, reason, conflict: None, failed: true });
    }

    fn emit(&mut self, item: PutBackEvent) {
        let summary = &mut self.summary;
        let count = match &item {
            PutBackEvent::Document { action: Action::AlreadyPresent | Action::BetterPresent, .. }
            | PutBackEvent::Publication { action: Action::AlreadyPresent | Action::BetterPresent, .. } => {
                &mut summary.already_present
            }
            PutBackEvent::Document { action: Action::Conflict, .. }
            | PutBackEvent::Publication { action: Action::Conflict, .. } => &mut summary.conflicts,
            PutBackEvent::Document { .. } => &mut summary.documents,
            PutBackEvent::Publication { action: Action::Downloaded, .. } => &mut summary.downloaded,
            PutBackEvent::Publication { .. } => &mut summary.publications,
            PutBackEvent::Missing { .. } => &mut summary.missing,
            PutBackEvent::Skipped { failed: true, .. } => &mut summary.failed,
            _ => return (self.handler.on_event)(&item),
        };
        *count = count.saturating_add(1);
        (self.handler.on_event)(&item);
    }
}

/// Why a file was left: what is said of it besides its name.
pub(super) fn to_message(error: &Error) -> Note {
    match error {
        Error::File { source, .. } | Error::Unwritable { source, .. } => source.into(),
        error => error.into(),
    }
}

/// What publications of a format are called at their end.
const fn ending(format: Format) -> Option<&'static str> {
    match format {
        Format::Epub => Some("epub"),
        Format::Audiobook => Some("lcpau"),
        Format::Divina => Some("lcpdi"),
        Format::PdfPackage => Some("lcpdf"),
        Format::Webpub => Some("webpub"),
        _ => None,
    }
}
