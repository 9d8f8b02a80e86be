//! Events and counts of an import.

use std::path::PathBuf;

use crate::error::Error;
use crate::license::{License, SignatureCheck};
use crate::store::StoreResult;

/// Event of an import.
#[derive(Debug)]
#[non_exhaustive]
pub enum ImportEvent {
    /// A license was imported, or was already stored.
    License {
        /// Path of the document.
        path: PathBuf,
        /// License as its document states it.
        license: Box<License>,
        /// Result of storing the license.
        stored: StoreResult,
        /// Result of the signature check. A license with an invalid signature is kept, too.
        signature: SignatureCheck,
    },
    /// A document was refused.
    Refused {
        /// Path of the document.
        path: PathBuf,
        /// Reason of the refusal.
        error: Error,
    },
}

/// Counts of an import. A license in several files counts once.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ImportSummary {
    /// Licenses that are new or updated.
    pub imported: u64,
    /// Licenses that were already stored.
    pub already_here: u64,
    /// Refused documents.
    pub refused: u64,
}
