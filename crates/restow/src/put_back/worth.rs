//! What a document that lies somewhere is worth against one of the store.

use std::cmp::Ordering;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::PutBackError;
use crate::error::Error;
use crate::home::Home;
use crate::license::lcp::Verifier;
use crate::license::{self, Kind, License, SignatureCheck};
use crate::roots;

/// What a document that lies somewhere is against one of the store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum There {
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
pub(super) struct Worth {
    verifier: Verifier,
}

impl Worth {
    pub(super) fn of_home(home: &Home) -> Result<Self, Error> {
        Ok(Self { verifier: Verifier::new(roots::load(home)?) })
    }

    pub(super) fn of(&self, ours: &License, there: &[u8]) -> There {
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

    pub(super) fn rank(&self, document: &[u8]) -> u8 {
        self.check(document).rank()
    }

    pub(super) fn check(&self, document: &[u8]) -> SignatureCheck {
        self.verifier.verify(document).check
    }
}

/// The license inside of a publication, and what it is worth against this one.
pub(super) fn inside(path: &Path, license: &License, worth: &Worth) -> Result<Option<(There, Vec<u8>)>, Error> {
    let file = File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    let found = restow_media::embedded_license(&mut BufReader::new(file));
    let found = found.map_err(restow_media::PutError::from).map_err(PutBackError::from)?;
    Ok(found.map(|found| (worth.of(license, &found), found)))
}
