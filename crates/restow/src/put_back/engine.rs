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

use super::compare::{There, Worth, document_inside, inside};
use super::discover::{Publication, Stamp};
use super::fetch::{ByHand, Source};
use super::index::{Book, Of, Shelf, folded};
use super::{Dialog, Done, Offer, PutBack, PutBackError, PutBackSummary, Whose, embed, license_file};
use crate::error::Error;
use crate::file_name;
use crate::home::Home;
use crate::lcp_provider::MAX_HREF;
use crate::license::{self, Kind, License, LicenseIdentity, MAX_DOCUMENT, Right, SignatureCheck};
use crate::license_state::{LicenseState, StateEvaluator};
use crate::listing::TitleResolver;
use crate::store::{LicenseFilter, View};

pub(super) struct Run<'a, 'b> {
    pub view: View<'a>,
    pub worth: &'a Worth,
    pub folder: Option<&'a Path>,
    pub dialog: &'a mut Dialog<'b>,
    pub shelf: Shelf,
    pub summary: PutBackSummary,
    /// Publications that were written.
    pub changed: Vec<PathBuf>,
    pub by_hand: ByHand,
}

impl Run<'_, '_> {
    pub(super) fn load(&mut self, home: &Home) -> Result<(), Error> {
        let (view, names) = (self.view, TitleResolver::new(self.view)?);
        let states = StateEvaluator::new(home, view)?;
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
            let whose = Whose { identity: license.identity.clone(), titles, shares_id: false };
            let state = states.state(&entry, &license, &states.signature(&license)?, &Right::PLAY)?;
            match state {
                // A license of tomorrow is put back today.
                LicenseState::Usable | LicenseState::NotYetValid => {
                    self.shelf.add(whose, &license, view.identifiers_of(&license.identity)?);
                }
                usability => (self.dialog.tell)(&PutBack::NotUsable { license: whose, usability }),
            }
            Ok::<_, Error>(())
        })?;
        for Book { whose, .. } in &mut self.shelf.books {
            whose.shares_id = shared.get(&whose.identity.license_id).copied().unwrap_or_default();
        }
        Ok(())
    }

    pub(super) fn stop(&self) -> Result<(), Error> {
        if self.dialog.cancel.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// Looks which license a publication is for.
    pub(super) fn recognize(&self, publication: &Publication) -> Result<Of, Error> {
        let probe = &publication.probe;
        let called = || probe.identifier.as_ref().and_then(|identifier| self.shelf.by_identifier.get(identifier));
        let title = probe.title.as_ref().map(|title| folded(&title.text));
        let by_title = || title.as_ref().and_then(|title| self.shelf.by_title.get(title));
        if probe.license_embedded {
            let license = probe.license_provider.clone().zip(probe.license_id.clone());
            if let Some(at) = license.and_then(|license| self.shelf.by_license.get(&license).copied()) {
                return Ok(Of::Inside(at));
            }
            let may_be = |at: &usize| {
                probe.license_provider.as_ref().is_none_or(|of| self.shelf.is_of(*at, of))
                    && self.shelf.fits(*at, probe.format)
            };
            let theirs =
                |found: Option<&Vec<usize>>| found.into_iter().flatten().copied().filter(may_be).collect::<Vec<_>>();
            // Who borrows a book again gets a license of another ID, of which nobody may have said what book it is for.
            let mut found = theirs(called());
            if found.is_empty() && probe.license_provider.is_some() {
                found = theirs(by_title());
            }
            return Ok(Of::Other(self.shelf.latest(&self.for_one(found)?)));
        }
        // What says that it is clear may be somebody's own copy, which a license would lock, whatever that says of itself.
        if !publication.is_protected() {
            return Ok(Of::None);
        }
        if let Some(same_length) = self.shelf.by_length.get(&publication.stamp.len) {
            let sum = publication.sha256(self.dialog.cancel)?;
            let same = same_length.iter().filter(|(_, hash)| *hash == sum).map(|(at, _)| *at).collect();
            if let Some(at) = self.shelf.latest(&self.strongest(same)?) {
                return Ok(Of::Without(at));
            }
        }
        let known = self.signed(called().or_else(by_title).cloned().unwrap_or_default())?;
        // A shop has one book in several formats, and tells them apart by type; between shops a type proves nothing.
        let fitting = self.shelf.fitting(&known, probe.format);
        if called().is_some()
            && self.shelf.are_of_one_provider(&known)
            && self.shelf.are_for_one(&fitting)
            && let Some(at) = self.shelf.latest(&self.strongest(fitting.clone())?)
        {
            return Ok(Of::Without(at));
        }
        let guess = if fitting.is_empty() { known } else { fitting };
        let guess = self.strongest(self.shelf.titled(guess, title.as_deref()))?;
        Ok(self.shelf.latest(&guess).map_or(Of::Unknown, Of::Perhaps))
    }

    /// Notes that a publication is here, before anything is written.
    pub(super) fn here(&mut self, of: Of, path: &Path) {
        if let Of::Inside(at) | Of::Without(at) = of
            && let Some(book) = self.shelf.books.get_mut(at)
        {
            book.publications.push(path.to_owned());
        }
    }

    /// Looks at publications that nothing is done with: those without a license that is here.
    pub(super) fn elsewhere(&mut self, files: BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, Error> {
        let mut without = Vec::new();
        for path in files {
            self.stop()?;
            // What cannot be read there is not asked about.
            let Ok(Some(publication)) = Publication::look(path) else { continue };
            let of = self.recognize(&publication);
            self.stop()?;
            let Ok(Of::Inside(at) | Of::Without(at)) = of else { continue };
            if let Some(book) = self.shelf.books.get_mut(at) {
                book.elsewhere = true;
            }
            if matches!(of, Ok(Of::Without(_))) {
                without.push(publication.path);
            }
        }
        Ok(without)
    }

    /// Counts those that have none in the end: the folder may be known by another path, too.
    pub(super) fn still_without(&mut self, files: Vec<PathBuf>) {
        let without = files.into_iter().filter(|path| {
            matches!(Publication::look(path.clone()), Ok(Some(publication)) if !publication.probe.license_embedded)
        });
        self.summary.elsewhere = without.count() as u64;
    }

    /// Puts a license into its publication, or says why not.
    pub(super) fn publication(&mut self, path: PathBuf, of: Of, stamp: &Stamp) -> Result<(), Error> {
        // It may be another since somebody was asked.
        if fs::symlink_metadata(&path).is_ok_and(|now| Stamp::of(&now) != *stamp) {
            self.left(None, path, (&PutBackError::Changed).into(), true);
            return Ok(());
        }
        match of {
            Of::Inside(at) => self.refresh(at, &path)?,
            Of::Other(known) => self.other(known, path)?,
            Of::Without(at) => self.embed(at, &path, None, Done::Written)?,
            Of::Perhaps(at) => {
                if let Some(license) = self.shelf.whose(at) {
                    (self.dialog.tell)(&PutBack::Perhaps { license, path });
                }
            }
            Of::Unknown => self.left(None, path, (&PutBackError::NoneKnown).into(), false),
            Of::None => {}
        }
        Ok(())
    }

    /// Of several licenses those whose signature is worth most: what a forged one says of itself stands in nobody's way.
    fn strongest(&self, found: Vec<usize>) -> Result<Vec<usize>, Error> {
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
        let license = self.shelf.books.get(at).map(|book| self.license(book)).transpose()?.flatten();
        Ok(license.map_or(0, |license| self.worth.rank(&license.document)))
    }

    /// Of several licenses those that anybody signed, if there are any.
    fn signed(&self, found: Vec<usize>) -> Result<Vec<usize>, Error> {
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
    fn for_one(&self, found: Vec<usize>) -> Result<Vec<usize>, Error> {
        let signed = self.signed(found)?;
        if self.shelf.are_for_one(&signed) { self.strongest(signed) } else { Ok(Vec::new()) }
    }

    fn license(&self, book: &Book) -> Result<Option<License>, Error> {
        let entry = self.view.license(&book.whose.identity)?;
        Ok(entry.map(|entry| license::parse_as(Kind::Lcp, &entry.document)).transpose()?)
    }

    /// A publication that has something else inside, and that this license may be for. Whether that is to go, its owner says.
    fn other(&mut self, known: Option<usize>, path: PathBuf) -> Result<(), Error> {
        let whose = known.and_then(|at| self.shelf.whose(at));
        match document_inside(&path) {
            Ok(Some(document)) => {
                let whose = whose.filter(|_| known.is_some_and(|at| self.shelf.may_be_for_one(at, &document)));
                match self.worth.why_left(self.view, &document)? {
                    // It may well be for that one.
                    PutBackError::HasLicense | PutBackError::OtherLicense if whose.is_none() => {}
                    error => self.left(whose, path, (&error).into(), false),
                }
            }
            Ok(None) => self.left(whose, path, (&PutBackError::Changed).into(), true),
            Err(error) => self.left(whose, path, why(&error), true),
        }
        Ok(())
    }

    /// A publication that has a document of the license inside.
    fn refresh(&mut self, at: usize, path: &Path) -> Result<(), Error> {
        let Some(book) = self.shelf.books.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let whose = book.whose.clone();
        let path = path.to_owned();
        let found = inside(&path, &license, self.worth).and_then(|found| Ok(found.ok_or(PutBackError::Changed)?));
        let done = match found {
            Ok((There::Less, there)) => return self.embed(at, &path, Some(&there), Done::Refreshed),
            Ok((There::Other, _)) => return self.other(Some(at), path),
            Ok((There::Same | There::AsGood, _)) => Done::AlreadyThere,
            Ok((There::More, _)) => Done::BetterThere,
            Ok((There::Disputed, _)) => Done::Disputed,
            Err(error) => {
                self.left(Some(whose), path, why(&error), true);
                return Ok(());
            }
        };
        self.done(PutBack::Publication { license: whose, path, done });
        Ok(())
    }

    fn embed(&mut self, at: usize, path: &Path, there: Option<&[u8]>, done: Done) -> Result<(), Error> {
        let Some(book) = self.shelf.books.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let whose = book.whose.clone();
        match embed::embed(path, &license.document, there, self.dialog.cancel) {
            Ok(()) => {
                self.changed.push(path.to_owned());
                self.done(PutBack::Publication { license: whose, path: path.to_owned(), done });
            }
            Err(error) if self.dialog.cancel.is_cancelled() => return Err(error),
            Err(error) => self.left(Some(whose), path.to_owned(), why(&error), true),
        }
        Ok(())
    }

    /// A file that is called a license document.
    pub(super) fn document_found(&mut self, path: PathBuf) {
        let read = files::read_limited(&path, MAX_DOCUMENT).ok();
        let Some(Ok(license)) = read.map(|bytes| license::parse_as(Kind::Lcp, &bytes)) else { return };
        let LicenseIdentity { issuer, license_id, .. } = license.identity;
        let at = self.shelf.by_license.get(&(issuer, license_id)).copied();
        if let Some(book) = at.and_then(|at| self.shelf.books.get_mut(at)) {
            book.document.get_or_insert(path);
        }
    }

    /// Writes the document of a license, and fetches its publication if that is missing.
    pub(super) fn book(&mut self, at: usize) -> Result<(), Error> {
        let Some(book) = self.shelf.books.get_mut(at) else { return Ok(()) };
        let source = book.source.take();
        let Some(book) = self.shelf.books.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let (whose, link, known) = (book.whose.clone(), book.link.clone(), book.document.clone());
        let mut publication = book.publications.first().cloned();
        // It has its document there.
        if publication.is_none() && book.elsewhere && known.is_none() {
            return Ok(());
        }
        if let Some(source) = source {
            match source.map_err(Error::from).and_then(|source| self.fetch(&whose, &source, &license)) {
                Ok(path) => {
                    self.changed.push(path.clone());
                    let fetched =
                        PutBack::Publication { license: whose.clone(), path: path.clone(), done: Done::Fetched };
                    self.done(fetched);
                    publication = Some(path);
                }
                Err(error) if self.dialog.cancel.is_cancelled() => return Err(error),
                Err(error) => {
                    let where_from = link.and_then(|link| self.shown(&link, &license));
                    self.done(PutBack::Missing { license: whose.clone(), where_from, why: (&error).into() });
                }
            }
        }
        let title = whose.titles.first().map(String::as_str);
        let put = match (&publication, known, self.folder) {
            (Some(path), ..) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                license_file::put(path.parent().unwrap_or(Path::new("")), &stem, &license, self.worth)
            }
            (None, Some(path), Some(folder)) => match license_file::put_at(&path, &license, self.worth) {
                Ok(Some(done)) => Ok((path, done)),
                Ok(None) => license_file::put(folder, &file_name::stem(title, &whose.identity), &license, self.worth),
                Err(error) => Err(error),
            },
            (None, None, Some(folder)) => {
                license_file::put(folder, &file_name::stem(title, &whose.identity), &license, self.worth)
            }
            (None, _, None) => return Ok(()),
        };
        match put {
            Ok((path, done)) => self.done(PutBack::Document { license: whose, path, done }),
            Err(error) => {
                let at = match &error {
                    Error::Unwritable { path, .. } => path.clone(),
                    _ => publication.or_else(|| self.folder.map(Path::to_owned)).unwrap_or_default(),
                };
                self.left(Some(whose), at, why(&error), true);
            }
        }
        Ok(())
    }

    /// Asks whether the publication of a license is to be fetched, if it is missing.
    pub(super) fn ask(&mut self, at: usize) -> Result<(), Error> {
        let Some(book) = self.shelf.books.get(at) else { return Ok(()) };
        if !book.publications.is_empty() || book.elsewhere {
            return Ok(());
        }
        let Some(license) = self.license(book)? else { return Ok(()) };
        let (whose, link) = (book.whose.clone(), book.link.clone());
        let source = self.agreed(whose, link.as_ref(), &license);
        if let Some(book) = self.shelf.books.get_mut(at) {
            book.source = Some(source);
        }
        Ok(())
    }

    fn agreed(&mut self, whose: Whose, link: Option<&LcpLink>, license: &License) -> Result<Source, PutBackError> {
        self.folder.ok_or(PutBackError::NoFolder)?;
        let source = Source::of(link.ok_or(PutBackError::NoLink)?, &self.by_hand)?;
        if matches!(self.worth.check(&license.document), SignatureCheck::Invalid(_)) {
            return Err(PutBackError::InvalidLicense);
        }
        let offer = Offer {
            license: whose,
            url: source.url.clone(),
            host: source.origin.to_string(),
            length: source.length,
            checked: source.hash.is_some(),
        };
        match (self.dialog.agrees)(&offer) {
            true => Ok(source),
            false if offer.checked => Err(PutBackError::NotAgreed),
            false => Err(PutBackError::NoHash),
        }
    }

    /// Fetches the publication of a license into the folder, and puts the license in.
    fn fetch(&mut self, whose: &Whose, source: &Source, license: &License) -> Result<PathBuf, Error> {
        let folder = self.folder.ok_or(PutBackError::NoFolder)?;
        let fetched = source.fetch(folder, &self.by_hand, self.dialog.cancel)?;
        let probe = restow_media::probe_path(fetched.path()).map_err(restow_media::EmbedError::from);
        let probe = probe.map_err(PutBackError::from)?;
        let ending = ending(probe.format).ok_or(PutBackError::NotAPublication)?;
        if !probe.systems.contains(&System::Lcp) {
            return Err(PutBackError::NotProtected.into());
        }
        let stem = file_name::stem(whose.titles.first().map(String::as_str), &whose.identity);
        for name in file_name::candidates(&stem, &restow_core::encoding::sha256(&license.document), ending) {
            let path = folder.join(name);
            match embed::embed_as(&fetched, &path, &license.document, self.dialog.cancel) {
                Err(Error::Unwritable { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other.map(|()| path),
            }
        }
        Err(embed::written(&folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
    }

    /// Where a publication can be had, for people: an address of the web, as somebody wrote it who signed it.
    fn shown(&self, link: &LcpLink, license: &License) -> Option<String> {
        let scheme = link.href.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let web = matches!(scheme.as_deref(), Some("http" | "https")) && !link.templated;
        let harmless =
            link.href.len() <= MAX_HREF && !link.href.contains(|c: char| c.is_whitespace() || is_unsafe_for_display(c));
        let signed = || !matches!(self.worth.check(&license.document), SignatureCheck::Invalid(_));
        (web && harmless && signed()).then(|| link.href.clone())
    }

    pub(super) fn left(&mut self, license: Option<Whose>, path: PathBuf, why: Note, failed: bool) {
        self.done(PutBack::Left { license, path, why, failed });
    }

    fn done(&mut self, item: PutBack) {
        let summary = &mut self.summary;
        let count = match &item {
            PutBack::Document { done: Done::AlreadyThere | Done::BetterThere, .. }
            | PutBack::Publication { done: Done::AlreadyThere | Done::BetterThere, .. } => &mut summary.already_there,
            PutBack::Document { done: Done::Disputed, .. } | PutBack::Publication { done: Done::Disputed, .. } => {
                &mut summary.disputed
            }
            PutBack::Document { .. } => &mut summary.documents,
            PutBack::Publication { done: Done::Fetched, .. } => &mut summary.fetched,
            PutBack::Publication { .. } => &mut summary.publications,
            PutBack::Missing { .. } => &mut summary.missing,
            PutBack::Left { failed: true, .. } => &mut summary.failed,
            _ => return (self.dialog.tell)(&item),
        };
        *count = count.saturating_add(1);
        (self.dialog.tell)(&item);
    }
}

/// Why a file was left: what is said of it besides its name.
pub(super) fn why(error: &Error) -> Note {
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
