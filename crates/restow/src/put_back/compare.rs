//! Compares license documents found in files with the documents of the store.

use std::fs;
use std::io;
use std::path::Path;

use restow_lcp::{self, RankOrder, Verifier};
use restow_media::{EmbedError, EntryProblem, ProbeError, Warning};

use super::report::Action;
use crate::error::{ConflictKind, Error, PutBackError};
use crate::license::{self, Kind, License};
use crate::{store::View, usage};

/// Result of comparing a document found in a file with a stored document.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Comparison {
    /// The documents are equal except for formatting, or are of one version and signed by the same provider.
    ///
    /// Servers sign a license anew for each request.
    Same,
    /// The document is of the same license, and the stored document is better.
    Worse,
    /// The document is of the same license, and is better than the stored document.
    Better,
    /// The document is of the same license, and neither document is better.
    ///
    /// The document is newer with a weaker signature, or has the same version and strength and another signer. Such a
    /// document may be an update of a provider with an unknown root, or a forgery.
    Undecided,
    /// The document is another license, or cannot be read.
    Foreign,
}

impl Comparison {
    /// Returns the action for the file with the document; `None` if the document is foreign.
    pub(super) const fn action(self) -> Option<Action> {
        match self {
            Self::Same => Some(Action::AlreadyPresent),
            Self::Worse => Some(Action::Refreshed),
            Self::Better => Some(Action::BetterPresent),
            Self::Undecided => Some(Action::Conflict),
            Self::Foreign => None,
        }
    }
}

/// Compares a found document with a stored license, by the strength of their signatures and by their versions.
pub(super) fn compare(verifier: &Verifier, stored: &License, found: &[u8]) -> Comparison {
    if stored.document == found || restow_lcp::is_equivalent_json(&stored.document, found) {
        return Comparison::Same;
    }
    let Ok(license) = license::parse_as(Kind::Lcp, found) else { return Comparison::Foreign };
    if license.identity != stored.identity {
        return Comparison::Foreign;
    }
    let found_rank = verifier.rank(&license);
    let stored_rank = verifier.rank(stored);
    match found_rank.compare(&stored_rank) {
        RankOrder::Better => Comparison::Better,
        RankOrder::Worse => Comparison::Worse,
        RankOrder::Equivalent => Comparison::Same,
        // A forgery can claim any version, so an older document with a stronger signature is never replaced.
        RankOrder::Undecided if found_rank.strength > stored_rank.strength => Comparison::Better,
        RankOrder::Undecided => Comparison::Undecided,
    }
}

/// Returns the reason why a [foreign](Comparison::Foreign) embedded document is kept.
///
/// The user may replace the document if it cannot be read, or if the store has it or a better one.
///
/// # Errors
/// Errors of the store.
pub(super) fn skip_reason(verifier: &Verifier, view: View<'_>, embedded: &[u8]) -> Result<PutBackError, Error> {
    let Ok(license) = license::parse_as(Kind::Lcp, embedded) else {
        return Ok(ConflictKind::UnreadableLicense.into());
    };
    let Some(entry) = view.license(&license.identity)? else { return Ok(PutBackError::OtherLicense) };
    // A damaged stored document, or one of a later version, cannot be compared.
    let Ok(stored) = license::parse_as(Kind::Lcp, &entry.document) else { return Ok(PutBackError::OtherLicense) };
    Ok(match compare(verifier, &stored, embedded) {
        Comparison::Same | Comparison::Worse => ConflictKind::StoredLicense.into(),
        Comparison::Undecided => ConflictKind::UndecidedVersion.into(),
        Comparison::Better | Comparison::Foreign => PutBackError::OtherLicense,
    })
}

/// Reads the embedded license of a publication. Returns an empty document for a license that cannot be decompressed.
///
/// # Errors
/// [`Error::File`] if the file cannot be read or is not a regular file, [`PutBackError::Link`] for a link,
/// [`PutBackError::Publication`] if the file is not a publication.
pub(super) fn read_embedded_license(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    let unreadable = |source| Error::File { path: path.to_owned(), source };
    let meta = fs::symlink_metadata(path).map_err(unreadable)?;
    // The rename would replace the link, and the target would stay as it was.
    if meta.is_symlink() {
        return Err(PutBackError::Link.into());
    }
    // Opening a pipe would wait for a writer.
    if !meta.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    match usage::embedded_document(path) {
        Err(ProbeError::Open(source)) => Err(unreadable(source)),
        Err(ProbeError::Package(Warning::Entry { problem: EntryProblem::Damaged, .. })) => Ok(Some(Vec::new())),
        result => Ok(result.map_err(EmbedError::from).map_err(PutBackError::from)?),
    }
}

/// Reads the embedded license of a publication and compares it with a stored license.
///
/// # Errors
/// As [`read_embedded_license`].
pub(super) fn compare_embedded(
    path: &Path,
    stored: &License,
    verifier: &Verifier,
) -> Result<Option<(Comparison, Vec<u8>)>, Error> {
    Ok(read_embedded_license(path)?.map(|embedded| (compare(verifier, stored, &embedded), embedded)))
}
