//! A license put into one publication, so that at every moment there is the old file or the new one, whole.

use std::fs::{self, File, Metadata};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;

use restow_core::files::{self, FileMode, Overwrite, TempFile};
use restow_media::{EmbedError, Probe, embed_license, embedded_license, probe};

use super::PutBackError;
use super::compare::read_embedded_license;
use super::discover::FileFingerprint;
use crate::error::Error;
use crate::service::Cancel;

/// The buffer on the way from the old file to the new one.
const BUFFER_LEN: usize = 256 << 10;

/// Puts a license into a publication, in the place of what is known to be `there`. Every other byte stays, and so do permissions, owner
/// and date.
pub(super) fn embed(path: &Path, license: &[u8], there: Option<&[u8]>, cancel: &Cancel) -> Result<(), Error> {
    let unreadable = |source| Error::File { path: path.to_owned(), source };
    let before = fs::symlink_metadata(path).map_err(unreadable)?;
    if !before.is_file() {
        return Err(unreadable(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")));
    }
    if before.permissions().readonly() {
        return Err(PutBackError::ReadOnly.into());
    }
    if read_embedded_license(path)?.as_deref() != there {
        return Err(PutBackError::Changed.into());
    }
    let source = File::open(path).map_err(unreadable)?;
    // Nobody reads on the way what only its owner may; in the end it has the permissions it had.
    let aside = rewritten(source, path, FileMode::OwnerOnly, license, cancel)?;
    let file = aside.file().map_err(write_error(path))?;
    copy_metadata(&before, file);
    if let Ok(modified) = before.modified() {
        let _ = file.set_modified(modified);
    }
    // What takes long comes before the last look at the old file.
    file.sync_all().map_err(write_error(path))?;
    let now = fs::symlink_metadata(path).map_err(unreadable)?;
    if FileFingerprint::new(&now) != FileFingerprint::new(&before) {
        return Err(PutBackError::Changed.into());
    }
    aside.rename(path, Overwrite::Replace).map_err(write_error(path))?;
    path.parent().map_or(Ok(()), files::sync_folder).map_err(write_error(path))
}

/// Puts a license into a publication that was just fetched, which gets this name. [`io::ErrorKind::AlreadyExists`] when that is
/// another's.
pub(super) fn embed_into_new(fetched: &TempFile, path: &Path, license: &[u8], cancel: &Cancel) -> Result<(), Error> {
    let source = File::open(fetched.path()).map_err(write_error(path))?;
    let aside = rewritten(source, path, FileMode::Default, license, cancel)?;
    aside.finish(path, Overwrite::Refuse).map_err(write_error(path))?;
    path.parent().map_or(Ok(()), files::sync_folder).map_err(write_error(path))
}

/// The publication with the license, written beside and read again. The source is closed with it: Windows replaces no file that
/// is open.
fn rewritten(
    source: File,
    path: &Path,
    readable: FileMode,
    license: &[u8],
    cancel: &Cancel,
) -> Result<TempFile, Error> {
    let folder = path.parent().ok_or_else(|| write_error(path)(io::ErrorKind::InvalidInput.into()))?;
    let mut reader = BufReader::with_capacity(BUFFER_LEN, source);
    let before = probe(&mut reader).map_err(EmbedError::from).map_err(PutBackError::from)?;
    let aside = TempFile::create_in_user_folder(folder, readable).map_err(write_error(folder))?;
    let mut writer = BufWriter::with_capacity(BUFFER_LEN, CancellableWriter { aside, cancel });
    match embed_license(&mut reader, license, &mut writer) {
        Ok(()) => {}
        Err(_) if cancel.is_cancelled() => return Err(Error::Cancelled),
        Err(EmbedError::Write(source)) => return Err(write_error(path)(source)),
        Err(error) => return Err(PutBackError::from(error).into()),
    }
    let aside = writer.into_inner().map_err(|error| write_error(path)(error.into_error()))?.aside;
    let mut again = BufReader::new(File::open(aside.path()).map_err(write_error(path))?);
    let inside = embedded_license(&mut again).ok().flatten();
    let after = probe(&mut again).ok();
    if inside.as_deref() != Some(license) || !after.is_some_and(|after| is_same_but_for_license(&before, &after)) {
        return Err(PutBackError::NotAsWritten.into());
    }
    Ok(aside)
}

/// Whether two publications say the same of themselves, whatever license lies inside.
fn is_same_but_for_license(before: &Probe, after: &Probe) -> bool {
    after.license_embedded
        && (before.format, &before.title, &before.author, &before.identifier, &before.key_ids)
            == (after.format, &after.title, &after.author, &after.identifier, &after.key_ids)
}

/// Permissions and owner of the old file. What the system does not let us keep does not stop us.
pub(super) fn copy_metadata(before: &Metadata, file: &File) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let _ = std::os::unix::fs::fchown(file, Some(before.uid()), Some(before.gid()));
    }
    let _ = file.set_permissions(before.permissions());
}

pub(super) fn write_error(path: &Path) -> impl Fn(io::Error) -> Error {
    let path = path.to_owned();
    move |source| Error::Unwritable { path: path.clone(), source }
}

/// Writes until cancelled.
struct CancellableWriter<'a> {
    aside: TempFile,
    cancel: &'a Cancel,
}

impl Write for CancellableWriter<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.cancel.is_cancelled() { Err(io::Error::other("cancelled")) } else { self.aside.write(buf) }
    }
    fn flush(&mut self) -> io::Result<()> {
        self.aside.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_private_book_is_private_on_the_way() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.epub");
        fs::write(&path, restow_media::build::PublicationBuilder::new(restow_media::Format::Epub).build()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).unwrap();
        // It is looked at where it is about to get the name of the old one, and its permissions.
        let source = File::open(&path).unwrap();
        let aside = rewritten(source, &path, FileMode::OwnerOnly, b"{}", &Cancel::default()).unwrap();
        assert_eq!(fs::metadata(aside.path()).unwrap().permissions().mode() & 0o777, 0o600);
        drop(aside);
        embed(&path, b"{}", None, &Cancel::default()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o604);
    }
    #[test]
    fn what_came_there_since_it_was_judged_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("book.epub");
        let book = restow_media::build::PublicationBuilder::new(restow_media::Format::Epub);
        for (inside, judged) in [(Some("newer"), None), (Some("newer"), Some("older")), (None, Some("older"))] {
            let book = inside.map_or_else(|| book.clone(), |inside| book.clone().license(inside.as_bytes())).build();
            fs::write(&path, &book).unwrap();
            let error = embed(&path, b"{}", judged.map(str::as_bytes), &Cancel::default()).unwrap_err();
            assert_eq!((error.code(), fs::read(&path).unwrap() == book), ("put-changed", true));
        }
    }
}
