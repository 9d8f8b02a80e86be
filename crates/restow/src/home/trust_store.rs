//! Trusted and distrusted certificates of license authorities, as files in the folder `roots` of the home.
//!
//! Each file `roots/FINGERPRINT.der` is one certificate in DER. Distrusted certificates are in `roots/distrusted`.
//! The [LCP verifier](restow_lcp::Verifier) uses both lists.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use restow_core::encoding::{from_hex_array, hex};
use restow_core::files::{self, FileMode, Overwrite};
use restow_lcp::{Root, Roots};

use crate::error::Error;
use crate::home::{Home, HomeError};

/// Maximum size of a certificate file.
const MAX_FILE: u64 = 128 << 10;

/// Loads the trusted and distrusted certificates of a home.
///
/// # Errors
/// [`HomeError::Io`] if a file cannot be read, [`HomeError::DamagedRoot`] if a certificate is damaged.
pub fn load(home: &Home) -> Result<Roots, Error> {
    let mut roots = Roots::none();
    for (distrusted, folder) in folders(home) {
        for path in certificates(&folder)? {
            let bytes = files::read_limited(&path, MAX_FILE).map_err(at(&path))?;
            let put = if distrusted { roots.distrust(&bytes) } else { roots.trust(&bytes) };
            put.map_err(|_| HomeError::DamagedRoot(path))?;
        }
    }
    Ok(roots)
}

/// Trusts the roots in a file: see [`Roots::trust`].
///
/// # Errors
/// The errors of [`Roots::trust`], or [`HomeError::Io`] if the home cannot be written.
pub fn add(home: &Home, file: &[u8]) -> Result<Vec<Root>, Error> {
    change(home, |roots| Ok(roots.trust(file)?))
}

/// Distrusts certificates: see [`Roots::distrust`].
///
/// # Errors
/// The errors of [`Roots::distrust`], or [`HomeError::Io`] if the home cannot be written.
pub fn distrust(home: &Home, file: &[u8]) -> Result<Vec<Root>, Error> {
    change(home, |roots| Ok(roots.distrust(file)?))
}

/// Removes a certificate from its list: see [`Roots::remove`].
///
/// # Errors
/// The errors of [`Roots::remove`], or [`HomeError::Io`] if the home cannot be written.
pub fn remove(home: &Home, fingerprint: &str) -> Result<Root, Error> {
    change(home, |roots| Ok(roots.remove(fingerprint)?))
}

/// Reads a file with certificates or a license.
///
/// # Errors
/// [`HomeError::Io`] if the file cannot be read, or is larger than any license.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    Ok(files::read_limited(path, crate::license::MAX_DOCUMENT).map_err(at(path))?)
}

/// The trusted list is loaded first, because the distrusted list overrides it.
fn folders(home: &Home) -> [(bool, PathBuf); 2] {
    let trusted = home.folder().join("roots");
    let distrusted = trusted.join("distrusted");
    [(false, trusted), (true, distrusted)]
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> HomeError + '_ {
    move |source| HomeError::Io { path: path.to_owned(), source }
}

/// Returns the certificate files of a folder in order.
fn certificates(folder: &Path) -> Result<Vec<PathBuf>, HomeError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(at(folder)(error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let name = entry.map_err(at(folder))?.file_name();
        let fingerprint = name.to_str().and_then(|name| name.strip_suffix(".der"));
        if fingerprint.is_some_and(|name| from_hex_array::<32>(name).is_some()) {
            found.push(folder.join(name));
        }
    }
    found.sort();
    Ok(found)
}

/// Returns the certificates by the path of their file.
fn places(home: &Home, roots: &Roots) -> BTreeMap<PathBuf, Vec<u8>> {
    let [(_, trusted), (_, distrusted)] = folders(home);
    let place = |root: &Root| {
        let folder = if root.distrusted { &distrusted } else { &trusted };
        folder.join(format!("{}.der", hex(&root.fingerprint)))
    };
    roots.list().into_iter().map(|root| (place(&root), root.der)).collect()
}

fn change<T>(home: &Home, with: impl FnOnce(&mut Roots) -> Result<T, Error>) -> Result<T, Error> {
    let mut roots = load(home)?;
    let before = places(home, &roots);
    let result = with(&mut roots)?;
    let after = places(home, &roots);
    for (path, der) in after.iter().filter(|(path, _)| !before.contains_key(*path)) {
        let folder = path.parent().unwrap_or(home.folder());
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        files::write_atomically(path, der, Overwrite::Replace, FileMode::Default).map_err(at(path))?;
    }
    // Files are removed last. If the removal fails, a distrusted certificate is already distrusted.
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        std::fs::remove_file(path).map_err(at(path))?;
        if let Some(folder) = path.parent() {
            files::sync_folder(folder).map_err(at(folder))?;
        }
    }
    Ok(result)
}
