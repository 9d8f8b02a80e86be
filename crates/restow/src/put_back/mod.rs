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
//! All other matches are only reported as possible. If several licenses are for one publication, each is reported, and
//! none is embedded.
//!
//! A run has two phases: the planner matches files and asks about downloads, then the writer changes files. Before the
//! second phase the writer computes all changes without writing, and the user agrees to them.

mod attributes;
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
use crate::service::Cancel;
use crate::{error::Error, scan};
use context::PutBackContext;
use planner::{Planner, PutBackPlan};
use report::{Reporter, to_message};

pub use crate::error::{ConflictKind, DownloadError, PutBackError, PutBackWarning};
pub use embed_one::{EmbeddedLicense, OnConflict, embed_license};
pub use report::{Action, DownloadOffer, LicenseRef, PutBackEvent, PutBackHandler, PutBackSummary};

/// Puts back every LCP license of the store that can be used.
///
/// With a folder, only the publications below it change, and downloads are written there. Without a folder, the
/// publications of the catalog change. All questions are asked before the first write. Each file has its old or its new
/// content at any time.
///
/// Failures of single files are reported as events.
///
/// # Errors
/// - [`Error::Busy`] if another run uses the home.
/// - [`Error::Cancelled`] if the run was cancelled.
/// - [`PutBackError::NotAgreed`] if the user did not agree to the changes.
/// - [`PutBackError::NotAFolder`] if `folder` is a file, [`Error::File`] if the folder cannot be read.
/// - Errors of the store and of the trusted roots.
pub fn put_back(home: &Home, folder: Option<&Path>, handler: &mut PutBackHandler<'_>) -> Result<PutBackSummary, Error> {
    run(home, folder, handler, true)
}

/// Reports the events and the counts of [`put_back`], as they would be. Asks nothing, changes nothing, and contacts no
/// server.
///
/// # Errors
/// As [`put_back`].
pub fn preview_put_back(
    home: &Home,
    folder: Option<&Path>,
    on_event: &mut dyn FnMut(&PutBackEvent),
    cancel: &Cancel,
) -> Result<PutBackSummary, Error> {
    let handler = &mut PutBackHandler { confirm: &mut |_| false, confirm_changes: &mut |_| false, on_event, cancel };
    run(home, folder, handler, false)
}

fn run(
    home: &Home,
    folder: Option<&Path>,
    handler: &mut PutBackHandler<'_>,
    writes: bool,
) -> Result<PutBackSummary, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let folder = folder.map(absolute_folder).transpose()?;
    let manual_origins = fetch::manual_origins(store.view())?;
    let cancel = handler.cancel;
    let context = PutBackContext {
        view: store.view(),
        verifier: &verifier,
        folder: folder.as_deref(),
        manual_origins: &manual_origins,
        cancel,
    };
    let files = discover::collect(context.view, context.folder, cancel)?;
    let mut reporter = Reporter::new(handler);
    let plan = Planner::new(context, &mut reporter, home, writes)?.plan(files)?;
    if !writes {
        writer::preview(context, &mut reporter, &plan)?;
        return Ok(reporter.summary);
    }
    let changes = planned_changes(context, &plan)?;
    if !changes.is_empty() && !(reporter.handler.confirm_changes)(&changes) {
        context.check_cancelled()?;
        return Err(PutBackError::NotAgreed.into());
    }
    context.check_cancelled()?;
    let written = writer::write(context, &mut reporter, &plan)?;
    drop(store);
    for path in written {
        if let Err(error) = scan::rescan(home, &path) {
            // The publications are changed, and the next scan repairs the catalog.
            reporter.fail(None, path, to_message(&error));
        }
    }
    Ok(reporter.summary)
}

/// Returns the changes of a plan, without downloads.
fn planned_changes(context: PutBackContext<'_>, plan: &PutBackPlan) -> Result<Vec<PutBackEvent>, Error> {
    let mut changes = Vec::new();
    let mut handler = PutBackHandler {
        confirm: &mut |_| false,
        confirm_changes: &mut |_| false,
        on_event: &mut |event| changes.extend(event.is_change().then(|| event.clone())),
        cancel: context.cancel,
    };
    writer::preview(context, &mut Reporter::new(&mut handler), plan)?;
    Ok(changes)
}

fn absolute_folder(folder: &Path) -> Result<std::path::PathBuf, Error> {
    let absolute = std::path::absolute(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    if absolute.is_file() { Err(PutBackError::NotAFolder.into()) } else { Ok(absolute) }
}
