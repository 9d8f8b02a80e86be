//! Acceptance of one document: native signatures, the choice between two documents, and clear keys.

use std::path::Path;

use restow_lcp::Verifier;
use restow_media::{Format, KeyId};

use super::archive::has_license_extension;
use crate::error::Error;
use crate::file_facts::FileFacts;
use crate::license::{self, DocumentError, Kind, License, LicenseError, SignatureCheck};
use crate::store::{
    Change, DocumentSource, LicenseStatus, ScannedFile, ServiceEntry, Store, StoreOutcome, StoreResult,
};

/// Records the key IDs of a clear key document in the catalog. The document itself is never stored. A publication
/// keeps its own entry.
pub(super) fn record_clear_key(store: &mut Store, path: &Path, key_ids: &[KeyId]) -> Result<(), Error> {
    if restow_media::probe_path(path).is_ok_and(|probe| probe.format != Format::Unknown) {
        return Ok(());
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let file = ScannedFile {
        facts: FileFacts::clear_key(&absolute.to_string_lossy(), key_ids),
        key_ids: key_ids.to_vec(),
        size: std::fs::metadata(path).map_or(0, |meta| meta.len()),
        ..ScannedFile::default()
    };
    let change = store.change()?;
    change.put_file(&file)?;
    Ok(change.commit()?)
}

/// Verifies a native license with the keys of its issuer.
pub(super) fn verify_native(store: &Store, license: &License) -> Result<SignatureCheck, Error> {
    let issuer = &license.identity.issuer;
    let service = store.view().service(issuer)?.filter(ServiceEntry::is_pinned);
    let service = service.ok_or_else(|| LicenseError::UnknownIssuer(issuer.clone()))?;
    license::verify_native(&license.document, &service.key_set)?;
    Ok(SignatureCheck::Verified)
}

/// Returns the missing part of an unknown document, if the file name announces an LCP license.
pub(super) fn explain_unknown(path: &Path, document: &[u8], error: LicenseError) -> LicenseError {
    match error {
        LicenseError::UnknownKind if has_license_extension(path) => {
            let empty = || LicenseError::Malformed { kind: Kind::Lcp, error: DocumentError::Empty };
            let blank = document.iter().all(u8::is_ascii_whitespace);
            if blank { empty() } else { license::parse_as(Kind::Lcp, document).err().unwrap_or(error) }
        }
        error => error,
    }
}

/// Stores a document with this signature unless the stored document is better.
pub(super) fn put(
    change: &Change<'_>,
    verifier: &Verifier,
    license: &License,
    signature: &SignatureCheck,
) -> Result<StoreResult, Error> {
    // A native license needs a grant of its service.
    let native = license.identity.kind == Kind::Restow;
    let status = if native { LicenseStatus::Pending } else { LicenseStatus::Usable };
    let strength = |document: &[u8]| match license.identity.kind {
        Kind::Lcp if document != license.document => verifier.strength(document),
        _ => signature.strength(),
    };
    let StoreOutcome { result: stored, sha256, .. } =
        change.put_license_if_better(license, status, DocumentSource::Any, &strength)?;
    if stored == StoreResult::AlreadyStored {
        change.mark_reimported(&license.identity, &sha256)?;
    }
    Ok(stored)
}
