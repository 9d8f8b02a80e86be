//! Embeds a license in a publication, so that the file has its old or its new content at any time.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use restow_core::files::{self, FileMode, Overwrite, TempFile};
use restow_core::message::Message;
use restow_media::{EmbedError, Probe, embed_license, embedded_license, probe};

use super::attributes::{self, FileAttributes};
use super::{compare::read_embedded_license, discover::FileFingerprint};
use crate::error::{Error, PutBackError, PutBackWarning};
use crate::service::Cancel;

/// Length of the copy buffers, in bytes.
const BUFFER_LEN: usize = 256 << 10;

/// Embeds a license in place of the expected embedded document. Keeps all other bytes, the permissions, the owner, the
/// extended attributes and the date. Returns what is uncertain about the changed file.
///
/// # Errors
/// - [`PutBackError::ReadOnly`], [`PutBackError::HardLinks`], [`PutBackError::Locked`], [`PutBackError::Access`] and
///   [`PutBackError::Attribute`] if the file cannot be replaced without a loss.
/// - [`PutBackError::Changed`] if the file has another document or changed meanwhile.
/// - [`PutBackError::Publication`] and [`PutBackError::NotAsWritten`] if the publication cannot hold the license.
/// - Errors of reading, writing and cancelling. The file is unchanged after every error.
pub(super) fn embed(
    path: &Path,
    license: &[u8],
    expected: Option<&[u8]>,
    cancel: &Cancel,
) -> Result<Vec<Message>, Error> {
    let unreadable = |source| Error::File { path: path.to_owned(), source };
    let before = fs::symlink_metadata(path).map_err(unreadable)?;
    let embedded = read_embedded_license(path)?;
    let source = open_regular(path, &before)?;
    attributes::check_replaceable(&source, &before)?;
    if embedded.as_deref() != expected {
        return Err(PutBackError::Changed.into());
    }
    let attributes = FileAttributes::read(&source).map_err(unreadable)?;
    // Other users must not read a private publication during the write. The old access is set at the end.
    let temp_file = rewrite(source, path, FileMode::OwnerOnly, license, cancel)?;
    let file = temp_file.file().map_err(write_error(path))?;
    attributes.apply(file)?;
    let mut warnings = Vec::new();
    if let Err(source) = before.modified().and_then(|modified| file.set_modified(modified)) {
        warnings.push((&PutBackWarning::DateLost { source }).into());
    }
    // The sync is slow, so the old file is compared after it, just before the rename.
    files::sync_if_supported(file).map_err(write_error(path))?;
    let now = fs::symlink_metadata(path).map_err(unreadable)?;
    if FileFingerprint::new(&now) != FileFingerprint::new(&before) {
        return Err(PutBackError::Changed.into());
    }
    temp_file.rename(path, Overwrite::Replace).map_err(write_error(path))?;
    warnings.extend(sync_parent(path));
    Ok(warnings)
}

/// Checks that a publication can be replaced, without a change.
///
/// # Errors
/// As [`embed`], for the errors that show before the write.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let meta = fs::symlink_metadata(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    Ok(attributes::check_replaceable(&open_regular(path, &meta)?, &meta)?)
}

/// Opens the regular file that this metadata describes.
pub(super) fn open_regular(path: &Path, meta: &fs::Metadata) -> Result<File, Error> {
    let unreadable = |source| Error::File { path: path.to_owned(), source };
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // Opening a pipe would wait for a writer.
        options.custom_flags((rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits().cast_signed());
    }
    let file = options.open(path).map_err(unreadable)?;
    let opened = file.metadata().map_err(unreadable)?;
    if FileFingerprint::new(&opened) == FileFingerprint::new(meta) {
        Ok(file)
    } else {
        Err(PutBackError::Changed.into())
    }
}

/// Syncs the folder of a renamed file. The file has its name already, so a failure is only a warning.
pub(super) fn sync_parent(path: &Path) -> Option<Message> {
    let source = path.parent().map_or(Ok(()), files::sync_folder).err()?;
    Some((&PutBackWarning::NotSynced { source }).into())
}

/// Embeds a license in a downloaded publication, and gives the publication its name. Returns warnings as [`embed`].
///
/// # Errors
/// As [`embed`]; [`Error::Unwritable`] with [`io::ErrorKind::AlreadyExists`] if the name is taken.
pub(super) fn embed_into_new(
    downloaded: &TempFile,
    path: &Path,
    license: &[u8],
    cancel: &Cancel,
) -> Result<Vec<Message>, Error> {
    let source = File::open(downloaded.path()).map_err(write_error(path))?;
    let temp_file = rewrite(source, path, FileMode::Default, license, cancel)?;
    temp_file.finish(path, Overwrite::Refuse).map_err(write_error(path))?;
    Ok(sync_parent(path).into_iter().collect())
}

/// Writes the publication with the license to a file beside it, and reads that file again.
///
/// The function takes and closes the source, because Windows cannot replace an open file.
fn rewrite(source: File, path: &Path, mode: FileMode, license: &[u8], cancel: &Cancel) -> Result<TempFile, Error> {
    let folder = path.parent().ok_or_else(|| write_error(path)(io::ErrorKind::InvalidInput.into()))?;
    let mut reader = BufReader::with_capacity(BUFFER_LEN, source);
    let before = probe(&mut reader).map_err(EmbedError::from).map_err(PutBackError::from)?;
    let temp_file = TempFile::create_in_user_folder(folder, mode).map_err(write_error(folder))?;
    let mut writer = BufWriter::with_capacity(BUFFER_LEN, CancellableWriter { temp_file, cancel });
    match embed_license(&mut reader, license, &mut writer) {
        Ok(()) => {}
        Err(_) if cancel.is_cancelled() => return Err(Error::Cancelled),
        Err(EmbedError::Write(source)) => return Err(write_error(path)(source)),
        Err(error) => return Err(PutBackError::from(error).into()),
    }
    let temp_file = writer.into_inner().map_err(|error| write_error(path)(error.into_error()))?.temp_file;
    let mut reader = BufReader::new(File::open(temp_file.path()).map_err(write_error(path))?);
    let embedded = embedded_license(&mut reader).ok().flatten();
    let after = probe(&mut reader).ok();
    if embedded.as_deref() != Some(license) || !after.is_some_and(|after| differs_only_in_license(&before, &after)) {
        return Err(PutBackError::NotAsWritten.into());
    }
    Ok(temp_file)
}

/// Returns true if two probes agree on all facts that do not depend on the license.
fn differs_only_in_license(before: &Probe, after: &Probe) -> bool {
    after.license_embedded
        && (before.format, &before.title, &before.author, &before.identifier, &before.key_ids)
            == (after.format, &after.title, &after.author, &after.identifier, &after.key_ids)
}

/// Returns a function that converts an I/O error to an error of writing this path.
pub(super) fn write_error(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Unwritable { path: path.clone(), source }
}

/// Writer that fails after the run was cancelled.
struct CancellableWriter<'a> {
    temp_file: TempFile,
    cancel: &'a Cancel,
}

impl Write for CancellableWriter<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() { Err(io::Error::other("cancelled")) } else { self.temp_file.write(buf) }
    }
    fn flush(&mut self) -> io::Result<()> {
        self.temp_file.flush()
    }
}

#[cfg(test)]
mod tests {
    use restow_media::Format;
    use restow_media::build::PublicationBuilder;

    use super::*;

    #[cfg(unix)]
    #[test]
    fn private_publication_stays_private_while_written() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.epub");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        fs::write(&path, PublicationBuilder::new(Format::Epub).build()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        let source = File::open(&path).unwrap();
        let temp_file = rewrite(source, &path, FileMode::OwnerOnly, b"{}", &Cancel::default()).unwrap();
        assert_eq!(mode(temp_file.path()), 0o600);
        drop(temp_file);
        embed(&path, b"{}", None, &Cancel::default()).unwrap();
        assert_eq!(mode(&path), 0o604);
    }

    #[test]
    fn license_embedded_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.epub");
        let builder = PublicationBuilder::new(Format::Epub);
        for (embedded, expected) in [(Some("newer"), None), (Some("newer"), Some("older")), (None, Some("older"))] {
            let builder =
                embedded.map_or_else(|| builder.clone(), |license| builder.clone().license(license.as_bytes()));
            let content = builder.build();
            fs::write(&path, &content).unwrap();
            let error = embed(&path, b"{}", expected.map(str::as_bytes), &Cancel::default()).unwrap_err();
            assert_eq!(error.code(), "put-changed");
            assert!(fs::read(&path).unwrap() == content);
        }
    }
}
