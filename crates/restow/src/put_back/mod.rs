//! Puts licenses where readers look for them: as files beside their publications, and into publications that have lost theirs.
//!
//! A publication belongs to a license by the license inside; else, where LCP protects it, by its length and SHA-256, where the license
//! states them; or by what it calls itself, where that is known of the license (from the catalog, or with a backup), the license names no other
//! format, and no license of another provider, hash, title or format is known for it, too. The rest is a guess, and only told.

mod compare;
mod discover;
mod embed;
mod embed_one;
mod engine;
mod fetch;
mod index;
mod license_file;
mod report;

use std::path::{Path, PathBuf};

use restow_core::files;

use crate::error::Error;
use crate::home::Home;
use crate::scan;
use crate::store::{AddedBy, View};
use compare::DocumentComparer;
use discover::Publication;
use engine::{PutBackEngine, to_message};
use fetch::ManualOrigins;
use index::{Match, PublicationIndex};

pub use crate::error::{ConflictKind, DownloadError, PutBackError};
pub use embed_one::{OnConflict, embed_license};
pub use report::{Action, DownloadOffer, LicenseRef, PutBackEvent, PutBackHandler, PutBackSummary};

/// Puts back every LCP license of the store that can be used. Publications are those in `folder`, where documents and fetched
/// publications go, too, and nothing outside of it is touched; without a folder those that the catalog knows. All questions come
/// before anything is written.
///
/// # Errors
/// When another run uses the home, the store or the folder fails, the folder is none, or it was cancelled. What a single file fails with is told. At
/// whatever moment it ends, every file is the old one or the new one.
pub fn put_back(home: &Home, folder: Option<&Path>, handler: &mut PutBackHandler<'_>) -> Result<PutBackSummary, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let store = home.store()?;
    let comparer = DocumentComparer::new(home)?;
    let folder = folder
        .map(std::path::absolute)
        .transpose()
        .map_err(|source| Error::File { path: folder.map(Path::to_owned).unwrap_or_default(), source })?;
    let folder = folder.as_deref();
    if folder.is_some_and(Path::is_file) {
        return Err(PutBackError::NotAFolder.into());
    }
    let library = discover::collect(store.view(), folder, handler.cancel)?;
    let mut run = PutBackEngine {
        view: store.view(),
        comparer: &comparer,
        folder,
        handler,
        index: PublicationIndex::default(),
        summary: PutBackSummary::default(),
        changed: Vec::new(),
        manual_origins: manual_origins(store.view())?,
    };
    run.load(home)?;
    for (path, why) in library.unreadable {
        run.fail(None, path, why);
    }
    let mut recognized = Vec::new();
    for path in library.files {
        run.check_cancelled()?;
        match Publication::open(path) {
            Ok(Some(publication)) => match run.match_publication(&publication) {
                Ok(of) => {
                    run.record_present(&of, &publication.path);
                    if let (Match::None, Some(damage)) = (&of, discover::damage_error(&publication.probe)) {
                        run.skip(None, publication.path.clone(), &damage);
                    }
                    recognized.push((publication.path, of, publication.fingerprint));
                }
                Err(error) if run.handler.cancel.is_cancelled() => return Err(error),
                Err(error) => run.fail(None, publication.path, to_message(&error)),
            },
            Ok(None) => {}
            Err((path, why)) => run.fail(None, path, why),
        }
    }
    for path in library.documents {
        run.document_found(path);
    }
    let elsewhere = run.match_outside_folder(library.elsewhere)?;
    for at in 0..run.index.candidates.len() {
        run.check_cancelled()?;
        run.ask(at)?;
    }
    run.check_cancelled()?;
    // From here on it writes. What an interrupted run left goes first.
    folder.into_iter().for_each(files::remove_unfinished);
    let mut looked_at = None;
    for (path, of, fingerprint) in recognized {
        run.check_cancelled()?;
        if path.parent() != looked_at.as_deref() {
            looked_at = path.parent().map(Path::to_owned);
            looked_at.iter().for_each(|folder| files::remove_unfinished(folder));
        }
        run.publication(path, of, &fingerprint)?;
    }
    for at in 0..run.index.candidates.len() {
        run.check_cancelled()?;
        run.write_license(at)?;
    }
    run.count_unlicensed_outside(elsewhere);
    let (summary, changed) = (run.summary, run.changed);
    drop(store);
    // The catalog learns what is inside now; a file that is gone again is none of ours.
    for path in changed {
        rescan(home, path)?;
    }
    Ok(summary)
}

/// Scans a file anew that kept its date, and perhaps its length.
fn rescan(home: &Home, path: PathBuf) -> Result<(), Error> {
    let Ok(path) = std::path::absolute(path) else { return Ok(()) };
    let mut store = home.store()?;
    let change = store.change()?;
    change.remove_file(&path.to_string_lossy())?;
    change.commit()?;
    drop(store);
    let _ = scan::scan(home, &[path], &mut |_| {});
    Ok(())
}

/// The origins that are gone to though they are private.
fn manual_origins(view: View<'_>) -> Result<ManualOrigins, Error> {
    let providers = view.providers()?.into_iter().filter(|provider| provider.added == AddedBy::Hand);
    Ok(providers.map(|provider| provider.origin).collect())
}
