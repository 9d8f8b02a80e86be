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
use compare::Worth;
use discover::Publication;
use engine::{Run, why};
use fetch::ByHand;
use index::{Of, Shelf};

pub use crate::error::PutBackError;
pub use embed_one::{Another, put_into};
pub use report::{Dialog, Done, Offer, PutBack, PutBackSummary, Whose};

/// Puts back every LCP license of the store that can be used. Publications are those in `folder`, where documents and fetched
/// publications go, too, and nothing outside of it is touched; without a folder those that the catalog knows. All questions come
/// before anything is written.
///
/// # Errors
/// When another run uses the home, the store or the folder fails, the folder is none, or it was cancelled. What a single file fails with is told. At
/// whatever moment it ends, every file is the old one or the new one.
pub fn put_back(home: &Home, folder: Option<&Path>, dialog: &mut Dialog<'_>) -> Result<PutBackSummary, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
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
    let library = discover::collect(store.view(), folder, dialog.cancel)?;
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
    run.load(home)?;
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
                    if let (Of::None, Some(damage)) = (of, discover::damage(&publication.probe)) {
                        run.left(None, publication.path.clone(), (&damage).into(), false);
                    }
                    recognized.push((publication.path, of, publication.stamp));
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
    for (path, of, stamp) in recognized {
        run.stop()?;
        if path.parent() != looked_at.as_deref() {
            looked_at = path.parent().map(Path::to_owned);
            looked_at.iter().for_each(|folder| files::remove_unfinished(folder));
        }
        run.publication(path, of, &stamp)?;
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

/// The origins that are gone to though they are private.
fn by_hand(view: View<'_>) -> Result<ByHand, Error> {
    let providers = view.providers()?.into_iter().filter(|provider| provider.added == AddedBy::Hand);
    Ok(providers.map(|provider| provider.origin).collect())
}
