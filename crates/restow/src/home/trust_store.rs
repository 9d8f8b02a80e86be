//! Trusted and distrusted certificates of license authorities, as files in the folder `roots` of the home.
//!
//! Each file `roots/FINGERPRINT.der` is one certificate in DER. Distrusted certificates are in `roots/distrusted`.
//! The [LCP verifier](restow_lcp::Verifier) uses both lists.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use restow_core::encoding::{from_hex_array, hex};
use restow_core::files::{self, FileMode, Overwrite};
use restow_core::origin::Origin;
use restow_core::text::to_short_line;
use restow_core::trust::TrustOrigin;
use restow_lcp::{KnownAuthority, Root, RootError, Roots};

pub use crate::error::AuthorityError;
use crate::error::Error;
use crate::home::{Home, HomeError};
use crate::net::http::{self, ExchangeLimits, HttpError};

/// Maximum size of a certificate file.
const MAX_FILE: u64 = 128 << 10;
/// Maximum time of the download of a certificate.
const FETCH_TIMEOUT: Duration = Duration::from_secs(30);

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
/// The errors of [`Roots::trust`], or [`HomeError::CannotWrite`].
pub fn add(home: &Home, file: &[u8]) -> Result<Vec<Root>, Error> {
    change(home, |roots| Ok(roots.trust(file)?))
}

/// Downloads the certificate of a known authority, and trusts it. Only the certificate with the known SHA-256 is added.
///
/// `manual_url` is an address that the user typed; without it, the address of the authority is used. Ask the user
/// before the call: it contacts the host of the address.
///
/// # Errors
/// [`AuthorityError`] if the certificate is not received, the errors of [`Roots::trust`], or [`HomeError::Io`] if the
/// home cannot be written.
pub fn fetch(home: &Home, authority: &KnownAuthority, manual_url: Option<&str>) -> Result<Vec<Root>, Error> {
    let url = manual_url.unwrap_or(authority.url);
    let origin = authority_origin(url)?;
    let added = if manual_url.is_some() { TrustOrigin::Manual } else { TrustOrigin::Consent };
    let host = origin.to_string();
    let agent =
        http::build_agent(&origin, added, FETCH_TIMEOUT).map_err(|_| AuthorityError::Address(to_short_line(url)))?;
    let limits = ExchangeLimits { max_body: MAX_FILE as usize, timeout: FETCH_TIMEOUT };
    let reply = http::exchange(agent.get(url).call(), url, limits).map_err(|error| {
        let source = match error {
            HttpError::Unreachable { fault, .. } => http::fault_to_io_error(fault),
            HttpError::BadAnswer { fault, .. } => io::Error::other(fault.to_string()),
            HttpError::PrivateAddress { .. } | HttpError::Cancelled => io::ErrorKind::HostUnreachable.into(),
        };
        AuthorityError::Unreachable { host: host.clone(), url: authority.url, source }
    })?;
    if reply.status != 200 {
        return Err(AuthorityError::Status { host, status: reply.status, url: authority.url }.into());
    }
    change(home, |roots| {
        roots.trust_only(&reply.body, &authority.fingerprint).map_err(|error| match error {
            RootError::NoCertificate | RootError::OtherCertificate => {
                AuthorityError::OtherCertificate { host, name: authority.name }.into()
            }
            error => error.into(),
        })
    })
}

/// Returns the origin that [`fetch`] contacts for an address.
///
/// # Errors
/// [`AuthorityError::Address`] if the address is neither `https` nor on this computer.
pub fn authority_origin(url: &str) -> Result<Origin, Error> {
    Ok(Origin::from_url(url).map_err(|_| AuthorityError::Address(to_short_line(url)))?)
}

/// Distrusts certificates: see [`Roots::distrust`].
///
/// # Errors
/// The errors of [`Roots::distrust`], or [`HomeError::CannotWrite`].
pub fn distrust(home: &Home, file: &[u8]) -> Result<Vec<Root>, Error> {
    change(home, |roots| Ok(roots.distrust(file)?))
}

/// Removes a certificate from its list: see [`Roots::remove`].
///
/// # Errors
/// The errors of [`Roots::remove`], or [`HomeError::CannotWrite`].
pub fn remove(home: &Home, fingerprint: &str) -> Result<Root, Error> {
    change(home, |roots| Ok(roots.remove(fingerprint)?))
}

/// Reads a file with certificates or a license.
///
/// # Errors
/// [`Error::File`] if the file cannot be read, or is larger than any license.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    files::read_limited(path, crate::license::MAX_DOCUMENT).map_err(Error::file(path))
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

fn cannot_write(path: &Path) -> impl FnOnce(io::Error) -> HomeError + '_ {
    move |source| HomeError::CannotWrite { path: path.to_owned(), source }
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
        files::create_private_folder(folder).map_err(cannot_write(folder))?;
        files::write_atomically(path, der, Overwrite::Replace, FileMode::OwnerOnly).map_err(cannot_write(path))?;
    }
    // Files are removed last. If the removal fails, a distrusted certificate is already distrusted.
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        std::fs::remove_file(path).map_err(cannot_write(path))?;
        if let Some(folder) = path.parent() {
            files::sync_folder(folder).map_err(cannot_write(folder))?;
        }
    }
    Ok(result)
}
