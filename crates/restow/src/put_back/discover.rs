//! Finds publications and license files on disk.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use restow_core::{files, message::Message};
use restow_media::{EmbedError, Format, Probe};
use sha2::{Digest as _, Sha256};
use walkdir::WalkDir;

use crate::error::{Error, PutBackError};
use crate::{service::Cancel, store::View, walk::walk};

/// Bytes hashed at once.
const HASH_CHUNK_LEN: usize = 256 << 10;

/// Formats of publications that have a place for a license, with the extension of their file names, and with the media
/// type if only one format has that type.
pub(super) const PACKAGES: [(Format, &str, Option<&str>); 5] = [
    (Format::Epub, "epub", Some("application/epub+zip")),
    (Format::Audiobook, "lcpau", Some("application/audiobook+lcp")),
    (Format::Divina, "lcpdi", Some("application/divina+lcp")),
    (Format::PdfPackage, "lcpdf", Some("application/pdf+lcp")),
    (Format::Webpub, "webpub", None),
];

/// Files of a run.
#[derive(Default)]
pub(super) struct DiscoveredFiles {
    /// Files that may be publications and may change, sorted by path.
    pub publications: BTreeSet<PathBuf>,
    /// Publications that the catalog has outside the folder.
    pub outside_folder: BTreeSet<PathBuf>,
    /// Files with the extension of license files.
    pub license_files: Vec<PathBuf>,
    /// Folders and files that cannot be read, each with a message.
    pub unreadable: Vec<(PathBuf, Message)>,
    /// Links to publications outside the folder.
    pub links: Vec<PathBuf>,
}

/// Lists the files below a folder, or without a folder the publications of the catalog. Follows no links.
///
/// # Errors
/// [`Error::File`] if the folder cannot be read, and errors of the store and of cancelling.
pub(super) fn collect(view: View<'_>, folder: Option<&Path>, cancel: &Cancel) -> Result<DiscoveredFiles, Error> {
    let mut discovered = DiscoveredFiles::default();
    let mut cataloged = BTreeSet::new();
    view.each_file(|file| {
        if file.facts.format.parse().is_ok_and(supports_license) {
            cataloged.insert(PathBuf::from(file.path));
        }
        Ok::<_, Error>(())
    })?;
    let Some(folder) = folder else {
        discovered.publications = cataloged;
        return Ok(discovered);
    };
    for item in walk(WalkDir::new(folder).follow_root_links(true), folder) {
        cancel.check(Error::Cancelled)?;
        match item {
            Ok(item) if item.file_type().is_symlink() => {
                discovered.links.extend(is_link_to_publication(item.path(), folder).then(|| item.into_path()));
            }
            Ok(item) if !item.file_type().is_file() || files::is_unfinished(item.path()) => {}
            Ok(item) if is_license_file(item.path()) => discovered.license_files.push(item.into_path()),
            Ok(item) => drop(discovered.publications.insert(item.into_path())),
            Err(error) => {
                if error.path == folder {
                    return Err(error.into_error());
                }
                discovered.unreadable.push((error.path.clone(), error.reason()));
            }
        }
    }
    cataloged.retain(|path| !discovered.publications.contains(path) && !path.starts_with(folder));
    discovered.outside_folder = cataloged;
    Ok(discovered)
}

/// Returns true if publications of this format have a place for a license.
pub(super) fn supports_license(format: Format) -> bool {
    PACKAGES.iter().any(|(package, ..)| *package == format)
}

/// Returns an error if damage hides whether a publication is protected.
pub(super) fn damage_error(probe: &Probe) -> Option<PutBackError> {
    let warning = probe.warnings.first().filter(|_| probe.protected.is_none())?;
    Some(EmbedError::Damaged(warning.clone()).into())
}

/// Returns true for a link with the name of a publication to a file outside the folder. A target inside the folder is
/// found under its own name.
fn is_link_to_publication(path: &Path, folder: &Path) -> bool {
    let has_extension = |extension: &OsStr| PACKAGES.iter().any(|(_, own, _)| extension.eq_ignore_ascii_case(own));
    path.extension().is_some_and(has_extension)
        && fs::metadata(path).is_ok_and(|target| target.is_file())
        && !fs::canonicalize(path)
            .and_then(|target| Ok(target.starts_with(fs::canonicalize(folder)?)))
            .is_ok_and(|is_inside| is_inside)
}

fn is_license_file(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("lcpl"))
}

/// Metadata that changes if a file is written or replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct FileFingerprint {
    pub len: u64,
    modified: Option<SystemTime>,
    /// Device, inode, and change time in seconds and nanoseconds. Programs cannot set the change time.
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

/// Publication as found on disk.
pub(super) struct Publication {
    pub path: PathBuf,
    pub fingerprint: FileFingerprint,
    pub probe: Probe,
}

impl Publication {
    /// Probes a file. Returns `None` if the file does not exist or is not a publication that supports licenses.
    ///
    /// # Errors
    /// The path with a message if the file cannot be read.
    pub(super) fn open(path: PathBuf) -> Result<Option<Self>, (PathBuf, Message)> {
        let is_package = fs::symlink_metadata(&path).and_then(|meta| {
            // Reading a device or a pipe may block, so only regular files are opened.
            if meta.is_file() && has_package_signature(&path)? { Ok(Some(meta)) } else { Ok(None) }
        });
        let meta = match is_package {
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

    /// Computes the SHA-256 of the file.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be read, [`Error::Cancelled`].
    pub(super) fn sha256(&self, cancel: &Cancel) -> Result<[u8; 32], Error> {
        let unreadable = |source| Error::File { path: self.path.clone(), source };
        let mut file = File::open(&self.path).map_err(unreadable)?;
        let (mut hash, mut chunk) = (Sha256::new(), vec![0; HASH_CHUNK_LEN]);
        loop {
            cancel.check(Error::Cancelled)?;
            let len = file.read(&mut chunk).map_err(unreadable)?;
            match chunk.get(..len) {
                Some([]) | None => return Ok(hash.finalize().into()),
                Some(read) => hash.update(read),
            }
        }
    }
}

/// Returns true if a file starts with the signature of a ZIP package.
fn has_package_signature(path: &Path) -> io::Result<bool> {
    let mut prefix = [0; 4];
    match File::open(path)?.read_exact(&mut prefix) {
        Ok(()) => Ok(&prefix == b"PK\x03\x04"),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}
