//! Puts licenses where readers look for them: as files beside their publications, and into publications that have lost theirs.
//!
//! A publication belongs to a license by the license inside; by its length and SHA-256, where the license states them; or by what
//! it calls itself, where that is known of the license (from the catalog, or with a backup) and of no license for another
//! publication. A title alone is a guess, and only told.

mod document;
mod error;
mod fetch;
mod library;
mod publication;

use std::cmp::Ordering;
use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};

use restow_media::Format;

pub use error::PutBackError;

use crate::clock::UnixTime;
use crate::error::Error;
use crate::file_name;
use crate::files;
use crate::home::Home;
use crate::license::lcp::{LcpDetails, LcpLink, Verifier};
use crate::license::{self, Kind, License, LicenseIdentity, MAX_DOCUMENT, SignatureCheck};
use crate::listing::{Titles, Usability};
use crate::note::Note;
use crate::restorer::RestorerError;
use crate::roots;
use crate::scan;
use crate::service::Cancel;
use crate::store::{AddedBy, LicenseStatus, Store, View, Which};
use fetch::{ByHand, Source};
use library::Publication;

/// What becomes of another license inside, which is in the store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Another {
    /// It stays, and nothing is done.
    Stays,
    /// It goes.
    Goes,
}

/// What was done with a file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Done {
    /// The license was written where none was.
    Written,
    /// It took the place of an older document of the same license.
    Refreshed,
    /// It was there.
    AlreadyThere,
    /// A document of the same license was there that is newer, or whose signature is worth more.
    BetterThere,
    /// The publication was fetched, and the license put into it.
    Fetched,
}

impl Done {
    /// The fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Refreshed => "refreshed",
            Self::AlreadyThere => "already_there",
            Self::BetterThere => "better_there",
            Self::Fetched => "fetched",
        }
    }
}

/// What came of one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum PutBack {
    /// A license document is a file.
    Document {
        /// The license.
        license: Whose,
        /// The file.
        path: PathBuf,
        /// What was done.
        done: Done,
    },
    /// A publication has its license inside.
    Publication {
        /// The license.
        license: Whose,
        /// The file.
        path: PathBuf,
        /// What was done.
        done: Done,
    },
    /// A file was left as it is, and why.
    Left {
        /// The license that was for it, if one was.
        license: Option<Whose>,
        /// The file.
        path: PathBuf,
        /// Why.
        why: Note,
        /// True when it should have been otherwise.
        failed: bool,
    },
    /// A publication without a license that may be one of this license.
    Perhaps {
        /// The license.
        license: Whose,
        /// The file.
        path: PathBuf,
    },
    /// No publication of a license is here.
    Missing {
        /// The license.
        license: Whose,
        /// Where it can be had, as the license says.
        where_from: Option<String>,
        /// Why it was not fetched.
        why: Note,
    },
    /// A license that gives nothing any more is put nowhere.
    NotUsable {
        /// The license.
        license: Whose,
        /// Why.
        usability: Usability,
    },
}

/// A license by its names.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Whose {
    /// The license.
    pub identity: LicenseIdentity,
    /// What it is for is called.
    pub titles: Vec<String>,
}

/// A publication that would be fetched.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Offer {
    /// Its license.
    pub license: Whose,
    /// The address.
    pub url: String,
    /// Scheme, host and port of it.
    pub host: String,
    /// How many bytes, where the license says so.
    pub length: Option<u64>,
    /// Whether the license has a hash that what comes is checked by.
    pub checked: bool,
}

/// Counts of what was done.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct PutBackSummary {
    /// License documents written.
    pub documents: u64,
    /// Publications a license was put into.
    pub publications: u64,
    /// Publications fetched.
    pub fetched: u64,
    /// Documents and publications that were as they should be.
    pub already_there: u64,
    /// Licenses whose publication is not here.
    pub missing: u64,
    /// Publications outside of the folder that lack a license which is here: nothing was done with them.
    pub elsewhere: u64,
    /// Files that could not be read or written.
    pub failed: u64,
}

/// Whom to ask and tell.
pub struct Dialog<'a> {
    /// Asked before a publication is fetched.
    pub agrees: &'a mut dyn FnMut(&Offer) -> bool,
    /// Told of everything.
    pub tell: &'a mut dyn FnMut(&PutBack),
    /// Stops it.
    pub cancel: &'a Cancel,
}

impl std::fmt::Debug for Dialog<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialog").finish_non_exhaustive()
    }
}

/// Puts back every LCP license of the store that can be used. Publications are those in `folder`, where documents and fetched
/// publications go, too, and nothing outside of it is touched; without a folder those that the catalog knows. All questions come
/// before anything is written.
///
/// # Errors
/// When another run uses the home, the store or the folder fails, the folder is none, or it was cancelled. What a single file fails with is told. At
/// whatever moment it ends, every file is the old one or the new one.
pub fn put_back(home: &Home, folder: Option<&Path>, dialog: &mut Dialog<'_>) -> Result<PutBackSummary, Error> {
    let _lock = home.lock_operation()?.ok_or(RestorerError::Busy)?;
    let store = home.store()?;
    let worth = Worth::of_home(home)?;
    let folder = folder
        .map(std::path::absolute)
        .transpose()
        .map_err(|source| Error::File { path: folder.map(Path::to_owned).unwrap_or_default(), source })?;
    let folder = folder.as_deref();
    if folder.is_some_and(Path::is_file) {
        return Err(PutBackError::NotAFolder.into());
    }
    let library = library::collect(store.view(), folder, dialog.cancel)?;
    let mut run = Run {
        view: store.view(),
        worth: &worth,
        folder,
        dialog,
        shelf: Shelf::default(),
        summary: PutBackSummary::default(),
        changed: Vec::new(),
        by_hand: by_hand(store.view())?,
    };
    run.load(home.clock().now())?;
    for (path, why) in library.unreadable {
        run.left(None, path, why, true);
    }
    let mut recognized = Vec::new();
    for path in library.files {
        run.stop()?;
        match Publication::look(path) {
            Ok(Some(publication)) => match run.recognize(&publication) {
                Ok(of) => {
                    run.here(of, &publication.path);
                    recognized.push((publication.path, of));
                }
                Err(error) if run.dialog.cancel.is_cancelled() => return Err(error),
                Err(error) => run.left(None, publication.path, why(&error), true),
            },
            Ok(None) => {}
            Err((path, why)) => run.left(None, path, why, true),
        }
    }
    for path in library.documents {
        run.document_found(path);
    }
    let elsewhere = run.elsewhere(library.elsewhere)?;
    for at in 0..run.shelf.books.len() {
        run.stop()?;
        run.ask(at)?;
    }
    run.stop()?;
    // From here on it writes. What an interrupted run left goes first.
    folder.into_iter().for_each(files::remove_unfinished);
    let mut looked_at = None;
    for (path, of) in recognized {
        run.stop()?;
        if path.parent() != looked_at.as_deref() {
            looked_at = path.parent().map(Path::to_owned);
            looked_at.iter().for_each(|folder| files::remove_unfinished(folder));
        }
        run.publication(path, of)?;
    }
    for at in 0..run.shelf.books.len() {
        run.stop()?;
        run.book(at)?;
    }
    run.still_without(elsewhere);
    let (summary, changed) = (run.summary, run.changed);
    drop(store);
    // The catalog learns what is inside now; a file that is gone again is none of ours.
    for path in changed {
        look_again(home, path)?;
    }
    Ok(summary)
}

/// Puts a license into a publication that somebody chose. That it is for this license is not learned by it: it is somebody's word.
///
/// # Errors
/// When the license cannot be used or is of another kind; when the file is no publication, is not protected by LCP, cannot be
/// written, or has a license inside that would be lost, or that is to [stay](Another::Stays).
pub fn put_into(
    home: &Home,
    file: &Path,
    identity: &LicenseIdentity,
    another: Another,
    cancel: &Cancel,
) -> Result<Done, Error> {
    let _lock = home.lock_operation()?.ok_or(RestorerError::Busy)?;
    let store = home.store()?;
    let worth = Worth::of_home(home)?;
    if identity.kind != Kind::Lcp {
        return Err(PutBackError::OtherKind.into());
    }
    let entry = store.view().license(identity)?.filter(|entry| entry.status == LicenseStatus::Usable);
    let license = license::parse_as(Kind::Lcp, &entry.ok_or(PutBackError::NotUsable)?.document)?;
    if license.expires.is_some_and(|until| home.clock().now() >= until) {
        return Err(PutBackError::NotUsable.into());
    }
    let done = match inside(file, &license, &worth)? {
        None => Done::Written,
        Some((There::Same, _)) => return Ok(Done::AlreadyThere),
        Some((There::More, _)) => return Err(PutBackError::BetterThere.into()),
        Some((There::Less, _)) => Done::Refreshed,
        Some((There::Other, document)) if !is_kept(&store, &worth, &document)? => {
            return Err(PutBackError::OtherLicense.into());
        }
        Some((There::Other, _)) if another == Another::Stays => return Err(PutBackError::HasLicense.into()),
        Some((There::Other, _)) => Done::Written,
    };
    let probe = restow_media::probe_path(file).map_err(restow_media::PutError::from).map_err(PutBackError::from)?;
    if library::holds_license(probe.format) && !probe.systems.contains(&restow_media::System::Lcp) {
        return Err(PutBackError::NotProtected.into());
    }
    let known = store.view().identifiers_of(identity)?;
    publication::embed(file, &license.document, cancel)?;
    drop(store);
    look_again(home, file.to_owned())?;
    let mut store = home.store()?;
    let change = store.change()?;
    for identifier in change.view().identifiers_of(identity)?.iter().filter(|identifier| !known.contains(identifier)) {
        change.remove_publication(&identity.issuer, &identity.license_id, identifier)?;
    }
    // Nor is the one that had to go for it, by the same word.
    if let (Done::Written, Some((issuer, license)), Some(identifier)) =
        (done, probe.license_provider.zip(probe.license_id), probe.identifier)
    {
        change.remove_publication(&issuer, &license, &identifier)?;
    }
    change.commit()?;
    Ok(done)
}

/// Scans a file anew that kept its date, and perhaps its length.
fn look_again(home: &Home, path: PathBuf) -> Result<(), Error> {
    let Ok(path) = std::path::absolute(path) else { return Ok(()) };
    let mut store = home.store()?;
    let change = store.change()?;
    change.remove_file(&path.to_string_lossy())?;
    change.commit()?;
    drop(store);
    let _ = scan::scan(home, &[path], &mut |_| {});
    Ok(())
}

/// Whether nothing is lost when this document goes: it is in the store, or a better one of its license is.
fn is_kept(store: &Store, worth: &Worth, document: &[u8]) -> Result<bool, Error> {
    let Ok(theirs) = license::parse_as(Kind::Lcp, document) else { return Ok(false) };
    let Some(entry) = store.view().license(&theirs.identity)? else { return Ok(false) };
    let ours = license::parse_as(Kind::Lcp, &entry.document)?;
    Ok(matches!(worth.of(&ours, document), There::Same | There::Less))
}

/// The license inside of a publication, and what it is worth against this one.
fn inside(path: &Path, license: &License, worth: &Worth) -> Result<Option<(There, Vec<u8>)>, Error> {
    let file = std::fs::File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    let found = restow_media::embedded_license(&mut io::BufReader::new(file));
    let found = found.map_err(restow_media::PutError::from).map_err(PutBackError::from)?;
    Ok(found.map(|found| (worth.of(license, &found), found)))
}

/// What a document that lies somewhere is against one of the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum There {
    /// The very same.
    Same,
    /// Of the same license, and older or worth less.
    Less,
    /// Of the same license, and not.
    More,
    /// Something else.
    Other,
}

/// Says which of two documents is worth more.
struct Worth {
    verifier: Verifier,
}

impl Worth {
    fn of_home(home: &Home) -> Result<Self, Error> {
        Ok(Self { verifier: Verifier::new(roots::load(home)?) })
    }

    fn of(&self, ours: &License, there: &[u8]) -> There {
        if ours.document == there {
            return There::Same;
        }
        match license::parse_as(Kind::Lcp, there) {
            Ok(theirs) if theirs.identity == ours.identity => match self.verifier.compare(&ours.document, there) {
                Ordering::Greater => There::Less,
                Ordering::Equal if ours.version > theirs.version => There::Less,
                Ordering::Equal | Ordering::Less => There::More,
            },
            _ => There::Other,
        }
    }

    fn rank(&self, document: &[u8]) -> u8 {
        self.verifier.verify(document).check.rank()
    }
}

/// One license that can be put back.
struct Book {
    whose: Whose,
    expires: Option<UnixTime>,
    version: i64,
    link: Option<LcpLink>,
    /// Its publications here.
    publications: Vec<PathBuf>,
    /// A file with a document of it.
    document: Option<PathBuf>,
    /// Whether a publication of it is known outside of the folder.
    elsewhere: bool,
    /// Where its publication will be fetched from, or why it will not; `None` when that is not missing.
    source: Option<Result<Source, PutBackError>>,
}

/// What a publication is to the licenses that are here.
#[derive(Clone, Copy)]
enum Of {
    /// It has this one inside.
    Inside(usize),
    /// It is known to be for this one, and has another inside.
    Other(usize),
    /// It is for this one, and has none inside.
    Without(usize),
    /// It has none inside, and may be for this one.
    Perhaps(usize),
    /// It is protected and has none inside, and nobody knows one for it.
    Unknown,
    /// Nothing.
    None,
}

/// All of them, by what publications are recognized by.
#[derive(Default)]
struct Shelf {
    books: Vec<Book>,
    by_license: HashMap<(String, String), usize>,
    by_length: HashMap<u64, Vec<(usize, [u8; 32])>>,
    by_identifier: HashMap<String, Vec<usize>>,
    by_title: HashMap<String, Vec<usize>>,
}

struct Run<'a, 'b> {
    view: View<'a>,
    worth: &'a Worth,
    folder: Option<&'a Path>,
    dialog: &'a mut Dialog<'b>,
    shelf: Shelf,
    summary: PutBackSummary,
    /// Publications that were written.
    changed: Vec<PathBuf>,
    by_hand: ByHand,
}

impl Run<'_, '_> {
    fn load(&mut self, now: UnixTime) -> Result<(), Error> {
        let (view, names) = (self.view, Titles::new(self.view)?);
        view.each_license(Which::All, |entry| {
            // A document that cannot be read, by a defect or of another version, says not whose it is.
            let Ok(license) = license::parse_as(entry.identity.kind, &entry.document) else { return Ok(()) };
            if license.identity.kind != Kind::Lcp {
                return Ok(());
            }
            let titles = names.of(&license, &entry.titles)?;
            let whose = Whose { identity: license.identity.clone(), titles };
            let unusable = match entry.status {
                LicenseStatus::Refused(outcome) => Some(Usability::Refused(outcome)),
                LicenseStatus::Pending => Some(Usability::Pending),
                LicenseStatus::Usable if license.expires.is_some_and(|until| now >= until) => Some(Usability::Expired),
                LicenseStatus::Usable => None,
            };
            match unusable {
                Some(usability) => (self.dialog.tell)(&PutBack::NotUsable { license: whose, usability }),
                None => self.shelf.add(whose, &license, view.identifiers_of(&license.identity)?),
            }
            Ok(())
        })
    }

    fn stop(&self) -> Result<(), Error> {
        if self.dialog.cancel.is_cancelled() { Err(RestorerError::Cancelled.into()) } else { Ok(()) }
    }

    /// Looks which license a publication is for.
    fn recognize(&self, publication: &Publication) -> Result<Of, Error> {
        let probe = &publication.probe;
        let called = || probe.identifier.as_ref().and_then(|identifier| self.shelf.by_identifier.get(identifier));
        if probe.license_embedded {
            let license = probe.license_provider.clone().zip(probe.license_id.clone());
            let inside = license.and_then(|license| self.shelf.by_license.get(&license).copied());
            let known = || called().and_then(|found| found.first().copied());
            return Ok(inside.map(Of::Inside).or_else(|| known().map(Of::Other)).unwrap_or(Of::None));
        }
        let mut found: Vec<usize> = Vec::new();
        if let Some(same_length) = self.shelf.by_length.get(&publication.len) {
            let sum = publication.sha256(self.dialog.cancel)?;
            found.extend(same_length.iter().filter(|(_, hash)| *hash == sum).map(|(at, _)| *at));
        }
        // What says that it is clear may be somebody's own copy, which a license would lock.
        if found.is_empty() && publication.is_protected() {
            let called = called().cloned().unwrap_or_default();
            found = self.strongest(called)?;
            // Shops lock the same book each with a key of their own: which of them this one is from is not known.
            if !self.shelf.are_for_one(&found) {
                found.clear();
            }
        }
        if let Some(at) = self.best(&found)? {
            return Ok(Of::Without(at));
        }
        if !publication.is_protected() {
            return Ok(Of::None);
        }
        let title = probe.title.as_ref().map(|title| folded(&title.text));
        let by_title = || title.as_ref().and_then(|title| self.shelf.by_title.get(title));
        let guess = called().or_else(by_title).map(Vec::as_slice).unwrap_or_default();
        Ok(self.best(guess)?.map_or(Of::Unknown, Of::Perhaps))
    }

    /// Notes that a publication is here, before anything is written.
    fn here(&mut self, of: Of, path: &Path) {
        if let Of::Inside(at) | Of::Without(at) = of
            && let Some(book) = self.shelf.books.get_mut(at)
        {
            book.publications.push(path.to_owned());
        }
    }

    /// Looks at publications that nothing is done with: those without a license that is here.
    fn elsewhere(&mut self, files: BTreeSet<PathBuf>) -> Result<Vec<PathBuf>, Error> {
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
    fn still_without(&mut self, files: Vec<PathBuf>) {
        let without = files.into_iter().filter(|path| {
            matches!(Publication::look(path.clone()), Ok(Some(publication)) if !publication.probe.license_embedded)
        });
        self.summary.elsewhere = without.count() as u64;
    }

    /// Puts a license into its publication, or says why not.
    fn publication(&mut self, path: PathBuf, of: Of) -> Result<(), Error> {
        match of {
            Of::Inside(at) => self.refresh(at, &path)?,
            Of::Other(at) => {
                let whose = self.shelf.whose(at);
                self.left(whose, path, (&PutBackError::OtherLicense).into(), false);
            }
            Of::Without(at) => self.embed(at, &path, Done::Written)?,
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

    /// Of several licenses for one publication the one whose signature is worth most, that is valid longest, and newest.
    fn best(&self, found: &[usize]) -> Result<Option<usize>, Error> {
        let mut best = None;
        for at in found {
            let Some(book) = self.shelf.books.get(*at) else { continue };
            let rank = match found {
                [_] => 0,
                _ => self.license(book)?.map_or(0, |license| self.worth.rank(&license.document)),
            };
            best = best.max(Some((rank, book.expires.unwrap_or(UnixTime::MAX), book.version, *at)));
        }
        Ok(best.map(|(.., at)| at))
    }

    /// Of several licenses those whose signature is worth most: what a forged one says of itself stands in nobody's way.
    fn strongest(&self, found: Vec<usize>) -> Result<Vec<usize>, Error> {
        if found.len() <= 1 {
            return Ok(found);
        }
        let mut strongest = (0, Vec::new());
        for at in &found {
            let Some(book) = self.shelf.books.get(*at) else { continue };
            let rank = self.license(book)?.map_or(0, |license| self.worth.rank(&license.document));
            if rank > strongest.0 {
                strongest = (rank, Vec::new());
            }
            if rank == strongest.0 {
                strongest.1.push(*at);
            }
        }
        Ok(strongest.1)
    }

    fn license(&self, book: &Book) -> Result<Option<License>, Error> {
        let entry = self.view.license(&book.whose.identity)?;
        Ok(entry.map(|entry| license::parse_as(Kind::Lcp, &entry.document)).transpose()?)
    }

    /// A publication that has a document of the license inside.
    fn refresh(&mut self, at: usize, path: &Path) -> Result<(), Error> {
        let Some(book) = self.shelf.books.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let whose = book.whose.clone();
        match inside(path, &license, self.worth) {
            Ok(Some((There::Less, _))) | Ok(None) => self.embed(at, path, Done::Refreshed),
            Ok(Some((There::Same, _))) => {
                self.done(PutBack::Publication { license: whose, path: path.to_owned(), done: Done::AlreadyThere });
                Ok(())
            }
            Ok(Some((There::More, _))) => {
                self.done(PutBack::Publication { license: whose, path: path.to_owned(), done: Done::BetterThere });
                Ok(())
            }
            Ok(Some((There::Other, _))) => {
                self.left(Some(whose), path.to_owned(), (&PutBackError::OtherLicense).into(), false);
                Ok(())
            }
            Err(error) => {
                self.left(Some(whose), path.to_owned(), why(&error), true);
                Ok(())
            }
        }
    }

    fn embed(&mut self, at: usize, path: &Path, done: Done) -> Result<(), Error> {
        let Some(book) = self.shelf.books.get(at) else { return Ok(()) };
        let Some(license) = self.license(book)? else { return Ok(()) };
        let whose = book.whose.clone();
        // It may have got one while somebody was asked.
        if done == Done::Written && matches!(inside(path, &license, self.worth), Ok(Some(_))) {
            self.left(Some(whose), path.to_owned(), (&PutBackError::Changed).into(), true);
            return Ok(());
        }
        match publication::embed(path, &license.document, self.dialog.cancel) {
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
    fn document_found(&mut self, path: PathBuf) {
        let read = files::read_limited(&path, MAX_DOCUMENT).ok();
        let Some(Ok(license)) = read.map(|bytes| license::parse_as(Kind::Lcp, &bytes)) else { return };
        let LicenseIdentity { issuer, license_id, .. } = license.identity;
        let at = self.shelf.by_license.get(&(issuer, license_id)).copied();
        if let Some(book) = at.and_then(|at| self.shelf.books.get_mut(at)) {
            book.document.get_or_insert(path);
        }
    }

    /// Writes the document of a license, and fetches its publication if that is missing.
    fn book(&mut self, at: usize) -> Result<(), Error> {
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
                    let where_from = link.map(|link| link.href);
                    self.done(PutBack::Missing { license: whose.clone(), where_from, why: (&error).into() });
                }
            }
        }
        let title = whose.titles.first().map(String::as_str);
        let put = match (&publication, known, self.folder) {
            (Some(path), ..) => {
                let stem = path.file_stem().unwrap_or_default().to_string_lossy();
                document::put(path.parent().unwrap_or(Path::new("")), &stem, &license, self.worth)
            }
            (None, Some(path), Some(folder)) => match document::put_at(&path, &license, self.worth) {
                Ok(Some(done)) => Ok((path, done)),
                _ => document::put(folder, &file_name::stem(title, &whose.identity), &license, self.worth),
            },
            (None, None, Some(folder)) => {
                document::put(folder, &file_name::stem(title, &whose.identity), &license, self.worth)
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
    fn ask(&mut self, at: usize) -> Result<(), Error> {
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
        if matches!(self.worth.verifier.verify(&license.document).check, SignatureCheck::Invalid(_)) {
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
        let probe = restow_media::probe_path(fetched.path()).map_err(restow_media::PutError::from);
        let ending = ending(probe.map_err(PutBackError::from)?.format).ok_or(PutBackError::NotAPublication)?;
        let stem = file_name::stem(whose.titles.first().map(String::as_str), &whose.identity);
        for name in file_name::candidates(&stem, &crate::encoding::sha256(&license.document), ending) {
            let path = folder.join(name);
            match publication::embed_as(&fetched, &path, &license.document, self.dialog.cancel) {
                Err(Error::Unwritable { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
                other => return other.map(|()| path),
            }
        }
        Err(publication::written(&folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
    }

    fn left(&mut self, license: Option<Whose>, path: PathBuf, why: Note, failed: bool) {
        self.done(PutBack::Left { license, path, why, failed });
    }

    fn done(&mut self, item: PutBack) {
        let summary = &mut self.summary;
        let count = match &item {
            PutBack::Document { done: Done::AlreadyThere | Done::BetterThere, .. }
            | PutBack::Publication { done: Done::AlreadyThere | Done::BetterThere, .. } => &mut summary.already_there,
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

impl Shelf {
    fn add(&mut self, whose: Whose, license: &License, identifiers: Vec<String>) {
        let at = self.books.len();
        let link = LcpDetails::read(&license.document).ok().and_then(|details| details.link("publication").cloned());
        if let Some((length, hash)) = link.as_ref().and_then(|link| link.length.zip(fetch::hash(link.hash.as_deref()?)))
        {
            self.by_length.entry(length).or_default().push((at, hash));
        }
        for identifier in identifiers {
            self.by_identifier.entry(identifier).or_default().push(at);
        }
        let titles: BTreeSet<String> = whose.titles.iter().chain(&license.title).map(|title| folded(title)).collect();
        for title in titles {
            self.by_title.entry(title).or_default().push(at);
        }
        let LicenseIdentity { issuer, license_id, .. } = whose.identity.clone();
        self.by_license.insert((issuer, license_id), at);
        self.books.push(Book {
            whose,
            expires: license.expires,
            version: license.version,
            link,
            publications: Vec::new(),
            document: None,
            elsewhere: false,
            source: None,
        });
    }

    /// Whether all these are for the same publication, as far as they say.
    fn are_for_one(&self, found: &[usize]) -> bool {
        let books = || found.iter().filter_map(|at| self.books.get(*at));
        let providers: BTreeSet<&str> = books().map(|book| book.whose.identity.issuer.as_str()).collect();
        let hashes = books().filter_map(|book| fetch::hash(book.link.as_ref()?.hash.as_deref()?));
        providers.len() <= 1 && hashes.collect::<BTreeSet<_>>().len() <= 1
    }

    fn whose(&self, at: usize) -> Option<Whose> {
        self.books.get(at).map(|book| book.whose.clone())
    }
}

fn by_hand(view: View<'_>) -> Result<ByHand, Error> {
    let providers = view.providers()?.into_iter().filter(|provider| provider.added == AddedBy::Hand);
    Ok(providers.map(|provider| provider.origin).collect())
}

/// Why a file was left: what is said of it besides its name.
fn why(error: &Error) -> Note {
    match error {
        Error::File { source, .. } | Error::Unwritable { source, .. } => source.into(),
        error => error.into(),
    }
}

fn folded(title: &str) -> String {
    title.trim().to_lowercase()
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
