//! What is in the user's library: publications, whatever they are called, and license documents.

use std::collections::BTreeSet;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use restow_core::files;
use restow_core::message::Note;
use restow_media::{EmbedError, Format, Probe, System};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use super::PutBackError;
use crate::error::Error;
use crate::service::Cancel;
use crate::store::View;

/// How deep folders are looked into.
const MAX_DEPTH: usize = 64;
/// How much of a file is hashed at once.
const CHUNK_LEN: usize = 256 << 10;

/// The files to be looked at, each once, in the order of their names.
pub(super) struct DiscoveredFiles {
    pub files: BTreeSet<PathBuf>,
    /// Those the catalog knows outside of the folder.
    pub elsewhere: BTreeSet<PathBuf>,
    /// License documents by their ending.
    pub documents: Vec<PathBuf>,
    /// What could not be looked into.
    pub unreadable: Vec<(PathBuf, Note)>,
}

/// Everything below a folder; without one the publications that the catalog knows. Links are not followed.
pub(super) fn collect(view: View<'_>, folder: Option<&Path>, cancel: &Cancel) -> Result<DiscoveredFiles, Error> {
    let mut library = DiscoveredFiles {
        files: BTreeSet::new(),
        elsewhere: BTreeSet::new(),
        documents: Vec::new(),
        unreadable: Vec::new(),
    };
    view.each_file(|file| {
        if file.facts.format.parse().is_ok_and(supports_license) {
            library.files.insert(file.path.into());
        }
        Ok::<_, Error>(())
    })?;
    let Some(folder) = folder else { return Ok(library) };
    library.elsewhere = std::mem::take(&mut library.files);
    let folder = std::path::absolute(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
    for item in WalkDir::new(&folder).follow_root_links(true).max_depth(MAX_DEPTH).sort_by_file_name() {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled);
        }
        match item {
            Ok(item) if !item.file_type().is_file() || files::is_unfinished(item.path()) => {}
            Ok(item) if is_document(item.path()) => library.documents.push(item.into_path()),
            Ok(item) => drop(library.files.insert(item.into_path())),
            Err(error) => {
                let at = error.path().unwrap_or(&folder).to_owned();
                let source = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links"));
                if at == folder {
                    return Err(Error::File { path: at, source });
                }
                library.unreadable.push((at, (&source).into()));
            }
        }
    }
    library.elsewhere.retain(|path| !library.files.contains(path) && !path.starts_with(&folder));
    Ok(library)
}

/// Whether a license has a place in publications of this format.
pub(super) const fn supports_license(format: Format) -> bool {
    matches!(format, Format::Epub | Format::Audiobook | Format::Divina | Format::PdfPackage | Format::Webpub)
}

/// Why nobody can tell whether a publication is protected, if so.
pub(super) fn damage_error(probe: &Probe) -> Option<PutBackError> {
    let warning = probe.warnings.first().filter(|_| probe.protected.is_none())?;
    Some(EmbedError::Damaged(warning.clone()).into())
}

fn is_document(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("lcpl"))
}

/// What changes with a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FileFingerprint {
    pub len: u64,
    modified: Option<SystemTime>,
    /// Which file it is, and when anything of it was changed, which nobody can set.
    #[cfg(unix)]
    changed: (u64, u64, i64, i64),
}

impl FileFingerprint {
    pub(super) fn new(meta: &Metadata) -> Self {
        #[cfg(unix)]
        use std::os::unix::fs::MetadataExt as _;
        Self {
            len: meta.len(),
            modified: meta.modified().ok(),
            #[cfg(unix)]
            changed: (meta.dev(), meta.ino(), meta.ctime(), meta.ctime_nsec()),
        }
    }
}

/// A publication as it is now.
pub(super) struct Publication {
    pub path: PathBuf,
    pub fingerprint: FileFingerprint,
    pub probe: Probe,
}

impl Publication {
    /// Looks at a file. `None` when it is gone, or none.
    pub(super) fn open(path: PathBuf) -> Result<Option<Self>, (PathBuf, Note)> {
        let found = fs::symlink_metadata(&path).and_then(|meta| {
            // Files of other kinds are passed over by their first bytes: a device must not be waited for.
            if meta.is_file() && starts_a_package(&path)? { Ok(Some(meta)) } else { Ok(None) }
        });
        let meta = match found {
            Ok(Some(meta)) => meta,
            Ok(None) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err((path, (&error).into())),
        };
        match restow_media::probe_path(&path) {
            Ok(probe) if supports_license(probe.format) => {
                Ok(Some(Self { path, fingerprint: FileFingerprint::new(&meta), probe }))
            }
            Ok(_) => Ok(None),
            Err(error) => {
                let error = io::Error::new(error.kind(), error.to_string());
                Err((path, (&error).into()))
            }
        }
    }

    /// Whether it says that it needs a license of this kind.
    pub(super) fn is_protected(&self) -> bool {
        self.probe.systems.contains(&System::Lcp)
    }

    pub(super) fn sha256(&self, cancel: &Cancel) -> Result<[u8; 32], Error> {
        let mut file = File::open(&self.path).map_err(|source| Error::File { path: self.path.clone(), source })?;
        let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK_LEN]);
        loop {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let len = file.read(&mut chunk).map_err(|source| Error::File { path: self.path.clone(), source })?;
            match chunk.get(..len) {
                Some([]) | None => return Ok(hash.finalize().into()),
                Some(read) => hash.update(read),
            }
        }
    }
}

fn starts_a_package(path: &Path) -> io::Result<bool> {
    let mut prefix = [0; 4];
    match File::open(path)?.read_exact(&mut prefix) {
        Ok(()) => Ok(&prefix == b"PK\x03\x04"),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
