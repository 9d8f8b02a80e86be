//! What a document that lies somewhere is worth against one of the store.

use std::cmp::Ordering;
use std::fs;
use std::io;
use std::path::Path;

use restow_lcp::{self, Verifier};
use restow_media::{EmbedError, EntryProblem, ProbeError, Warning};

use super::{ConflictKind, PutBackError};
use crate::error::Error;
use crate::home::Home;
use crate::home::trust_store;
use crate::license::{self, Kind, License, SignatureCheck};
use crate::store::View;
use crate::usage;

/// What a document that lies somewhere is against one of the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    /// The very same, however it is written.
    Same,
    /// Of the same license, as new, and signed by the same provider: servers sign anew for everybody who asks.
    Equivalent,
    /// Of the same license: its signature is worth less and it is no newer, or as much and it is older.
    Worse,
    /// Of the same license: its signature is worth more, or as much and it is newer.
    Better,
    /// Of the same license: newer, and its signature is worth less, or as new and worth as much, and another's. It may be what a provider
    /// sent whose root is not known here yet, and it may be what anybody wrote.
    Conflict,
    /// Something else.
    Foreign,
}

/// Says which of two documents is worth more.
pub(super) struct DocumentComparer {
    verifier: Verifier,
}

impl DocumentComparer {
    pub(super) fn new(home: &Home) -> Result<Self, Error> {
        Ok(Self { verifier: Verifier::new(trust_store::load(home)?) })
    }

    pub(super) fn of(&self, ours: &License, there: &[u8]) -> Comparison {
        if ours.document == there || restow_lcp::is_equivalent_json(&ours.document, there) {
            return Comparison::Same;
        }
        match license::parse_as(Kind::Lcp, there) {
            Ok(theirs) if theirs.identity == ours.identity => {
                match (self.verifier.compare(&ours.document, there), ours.version.cmp(&theirs.version)) {
                    (Ordering::Equal, Ordering::Equal)
                        if self.rank(there) > 0 && restow_lcp::same_certificate(&ours.document, there) =>
                    {
                        Comparison::Equivalent
                    }
                    (Ordering::Equal, Ordering::Equal) | (Ordering::Greater, Ordering::Less) => Comparison::Conflict,
                    (Ordering::Greater, _) | (Ordering::Equal, Ordering::Greater) => Comparison::Worse,
                    (Ordering::Less, _) | (Ordering::Equal, Ordering::Less) => Comparison::Better,
                }
            }
            _ => Comparison::Foreign,
        }
    }

    /// Why a publication with [something else](There::Other) inside is left as it is. Nothing is lost where that cannot be read, or
    /// is in the store, or a better document of its license is.
    pub(super) fn skip_reason(&self, view: View<'_>, there: &[u8]) -> Result<PutBackError, Error> {
        let Ok(theirs) = license::parse_as(Kind::Lcp, there) else { return Ok(ConflictKind::UnreadableLicense.into()) };
        let Some(entry) = view.license(&theirs.identity)? else { return Ok(PutBackError::OtherLicense) };
        // What is kept may be of another version, or damaged: nobody can say then what it is worth.
        let Ok(kept) = license::parse_as(Kind::Lcp, &entry.document) else { return Ok(PutBackError::OtherLicense) };
        Ok(match self.of(&kept, there) {
            Comparison::Same | Comparison::Equivalent | Comparison::Worse => ConflictKind::StoredLicense.into(),
            Comparison::Conflict => ConflictKind::UndecidedVersion.into(),
            Comparison::Better | Comparison::Foreign => PutBackError::OtherLicense,
        })
    }

    pub(super) fn rank(&self, document: &[u8]) -> u8 {
        self.check(document).rank()
    }

    pub(super) fn check(&self, document: &[u8]) -> SignatureCheck {
        self.verifier.verify(document).check
    }
}

/// The license inside of a publication. One that does not unpack is a document that nobody can read: it is given as an empty one.
/// What is no file is not opened: a pipe would be waited for.
pub(super) fn read_embedded_license(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let unreadable = |source| Error::File { path: path.to_owned(), source };
    if !fs::symlink_metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    match usage::embedded_document(path) {
        Err(ProbeError::Open(source)) => Err(unreadable(source)),
        Err(ProbeError::Package(Warning::Entry { problem: EntryProblem::Damaged, .. })) => Ok(Some(Vec::new())),
        found => Ok(found.map_err(EmbedError::from).map_err(PutBackError::from)?),
    }
}

/// The license inside of a publication, and what it is worth against this one.
pub(super) fn compare_embedded(
    path: &Path,
    license: &License,
    comparer: &DocumentComparer,
) -> Result<Option<(Comparison, Vec<u8>)>, Error> {
    Ok(read_embedded_license(path)?.map(|found| (comparer.of(license, &found), found)))
}
