//! Walk through the folders of the user, down to a limit that is reported.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use restow_core::message::Message;
use walkdir::{DirEntry, WalkDir};

use crate::error::Error;

/// Maximum depth of folders below the named folder.
pub(crate) const MAX_DEPTH: usize = 64;

/// File or folder that a walk cannot enter.
pub(crate) struct WalkError {
    pub(crate) path: PathBuf,
    cause: Cause,
}

enum Cause {
    System(io::Error),
    TooDeep,
}

impl WalkError {
    /// Returns the reason, which does not name the path.
    pub(crate) fn reason(&self) -> Message {
        match &self.cause {
            Cause::System(source) => source.into(),
            Cause::TooDeep => (&Error::TooDeep(MAX_DEPTH)).into(),
        }
    }

    /// Returns the error for a walk that cannot continue without the path.
    pub(crate) fn into_error(self) -> Error {
        match self.cause {
            Cause::System(source) => Error::File { path: self.path, source },
            Cause::TooDeep => Error::TooDeep(MAX_DEPTH),
        }
    }
}

/// Returns the entries below a folder in the order of names.
///
/// A folder at the limit that is not empty is an entry and an error.
pub(crate) fn walk(walk: WalkDir, folder: &Path) -> impl Iterator<Item = Result<DirEntry, WalkError>> {
    walk.max_depth(MAX_DEPTH).sort_by_file_name().into_iter().flat_map(move |item| {
        let item = item.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            // An error without a system error is a loop of links.
            let source = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links"));
            WalkError { path, cause: Cause::System(source) }
        });
        let end = item.as_ref().ok().filter(|item| item.depth() == MAX_DEPTH && item.file_type().is_dir());
        let end = end.filter(|item| fs::read_dir(item.path()).is_ok_and(|mut entries| entries.next().is_some()));
        let end = end.map(|item| Err(WalkError { path: item.path().to_owned(), cause: Cause::TooDeep }));
        std::iter::once(item).chain(end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_below_limit_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let nested = |depth: usize| (0..depth).fold(dir.path().to_owned(), |path, _| path.join("d"));
        let errors = || {
            walk(WalkDir::new(dir.path()), dir.path())
                .filter_map(|item| item.err().map(|error| (error.path.clone(), error.reason().code)))
                .collect::<Vec<_>>()
        };
        fs::create_dir_all(nested(MAX_DEPTH)).unwrap();
        assert_eq!(errors(), [], "nothing is skipped");
        fs::write(nested(MAX_DEPTH).join("book.epub"), "").unwrap();
        assert_eq!(errors(), [(nested(MAX_DEPTH), "too-deep")]);
    }
}
