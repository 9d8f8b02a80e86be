//! Puts LCP licenses back where readers look for them: beside their publications, and into publications without a
//! license.
//!
//! A publication belongs to a license in one of three cases, tried in this order:
//!
//! 1. The license is embedded in the publication.
//! 2. LCP protects the publication, and its length and SHA-256 are those that the license states.
//! 3. LCP protects the publication, and its identifier is known for the license, from the catalog or a backup. The
//!    license states no other format, and no license of another provider, hash, title or format is known for the
//!    identifier.
//!
//! All other matches are only reported as possible.
//!
//! A run has two phases: the planner matches files and asks about downloads, then the writer changes files.

mod compare;
mod context;
mod discover;
mod download;
mod embed;
mod embed_one;
mod fetch;
mod index;
mod license_file;
mod planner;
mod report;
mod writer;

use std::path::Path;

use restow_lcp::Verifier;

use crate::home::{Home, trust_store};
use crate::{error::Error, scan};
use context::PutBackContext;
use planner::Planner;
use report::{Reporter, to_message};

pub use crate::error::{ConflictKind, DownloadError, PutBackError};
pub use embed_one::{OnConflict, embed_license};
pub use report::{Action, DownloadOffer, LicenseRef, PutBackEvent, PutBackHandler, PutBackSummary};

/// Puts back every LCP license of the store that can be used.
///
/// With a folder, only the publications below it change, and license files and downloads are written there. Without a
/// folder, the publications of the catalog change. All questions are asked before the first write. Each file has its
/// old or its new content at any time.
///
/// Failures of single files are reported as events.
///
/// # Errors
/// - [`Error::Busy`] if another run uses the home.
/// - [`Error::Cancelled`] if the run was cancelled.
/// - [`PutBackError::NotAFolder`] if `folder` is a file, [`Error::File`] if the folder cannot be read.
/// - Errors of the store and of the trusted roots.
pub fn put_back(home: &Home, folder: Option<&Path>, handler: &mut PutBackHandler<'_>) -> Result<PutBackSummary, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let folder = folder.map(absolute_folder).transpose()?;
    let manual_origins = fetch::manual_origins(store.view())?;
    let context = PutBackContext {
        view: store.view(),
        verifier: &verifier,
        folder: folder.as_deref(),
        manual_origins: &manual_origins,
        cancel: handler.cancel,
    };
    let files = discover::collect(context.view, context.folder, context.cancel)?;
    let mut reporter = Reporter::new(handler);
    let plan = Planner::new(context, &mut reporter, home)?.plan(files)?;
    let written = writer::write(context, &mut reporter, plan)?;
    drop(store);
    for path in written {
        match scan::rescan(home, &path) {
            Err(error @ Error::File { .. }) => reporter.fail(None, path, to_message(&error)),
            result => result?,
        }
    }
    Ok(reporter.summary)
}

fn absolute_folder(folder: &Path) -> Result<std::path::PathBuf, Error> {
    let absolute = std::path::absolute(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    if absolute.is_file() { Err(PutBackError::NotAFolder.into()) } else { Ok(absolute) }
}
