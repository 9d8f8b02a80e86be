//! Asks about the download of a missing publication, downloads it, and embeds its license.

use std::io;
use std::path::PathBuf;

use restow_core::{encoding::sha256, is_unsafe_for_display, message::Message};
use restow_lcp::{LcpLink, MAX_HREF, SignatureStrength, Verifier};
use restow_media::{EmbedError, System};

use super::report::{DownloadOffer, LicenseRef, Reporter};
use super::{context::PutBackContext, discover::PACKAGES, embed, fetch::DownloadSource, index::LicenseCandidate};
use crate::error::{DownloadError, Error, PutBackError};
use crate::{file_name, license::License};

/// Returns the offer to download a publication, with its source.
///
/// # Errors
/// [`PutBackError::NoFolder`] without a folder. [`DownloadError`] if the link cannot be used, or the signature of the
/// license is not valid.
pub(super) fn offer(
    context: PutBackContext<'_>,
    candidate: &LicenseCandidate,
    license: &License,
) -> Result<(DownloadOffer, DownloadSource), PutBackError> {
    context.folder.ok_or(PutBackError::NoFolder)?;
    let link = candidate.link.as_ref().ok_or(DownloadError::NoLink)?;
    let source = DownloadSource::from_link(link, context.manual_origins)?;
    if !has_valid_signature(context.verifier, license) {
        return Err(DownloadError::InvalidLicense.into());
    }
    let offer = DownloadOffer {
        license: candidate.license.clone(),
        url: source.url.clone(),
        host: source.origin.to_string(),
        length: source.length,
        checked: source.hash.is_some(),
    };
    Ok((offer, source))
}

/// Asks the user about the download of a publication.
///
/// # Errors
/// [`DownloadError`] if the user declines.
pub(super) fn confirm(reporter: &mut Reporter<'_, '_>, offer: &DownloadOffer) -> Result<(), PutBackError> {
    match ((reporter.handler.confirm)(offer), offer.checked) {
        (true, _) => Ok(()),
        (false, true) => Err(DownloadError::NotAgreed.into()),
        (false, false) => Err(DownloadError::NoHash.into()),
    }
}

/// Downloads a publication into the folder and embeds the license. Returns the path of the publication, and
/// the uncertainties about the new file.
///
/// # Errors
/// [`DownloadError`] if the download fails or is not the stated file, [`PutBackError::NotProtected`] if LCP does not
/// protect the publication, and errors of writing and of cancelling.
pub(super) fn download(
    context: PutBackContext<'_>,
    license_ref: &LicenseRef,
    source: &DownloadSource,
    license: &License,
) -> Result<(PathBuf, Vec<Message>), Error> {
    let folder = context.folder.ok_or(PutBackError::NoFolder)?;
    let downloaded = source.fetch(folder, context.manual_origins, context.cancel)?;
    let probe = restow_media::probe_path(downloaded.path()).map_err(EmbedError::from).map_err(PutBackError::from)?;
    let package = PACKAGES.iter().find(|(format, ..)| *format == probe.format);
    let (_, extension, _) = package.ok_or(DownloadError::NotAPublication)?;
    if !probe.systems.contains(&System::Lcp) {
        return Err(PutBackError::NotProtected.into());
    }
    let stem = file_name::stem(license_ref.titles.first().map(String::as_str), &license_ref.identity);
    for name in file_name::candidates(&stem, &sha256(&license.document), extension) {
        let path = folder.join(name);
        match embed::embed_into_new(&downloaded, &path, &license.document, context.cancel) {
            Err(Error::Unwritable { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {}
            result => return result.map(|warnings| (path, warnings)),
        }
    }
    Err(embed::write_error(&folder.join(stem))(io::ErrorKind::AlreadyExists.into()))
}

/// Returns the address of a publication if messages may show it: a web address in a license with a valid signature.
pub(super) fn display_url(verifier: &Verifier, link: &LcpLink, license: &License) -> Option<String> {
    let url = &link.href;
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_web = matches!(scheme.as_deref(), Some("http" | "https")) && !link.templated;
    let is_plain = url.len() <= MAX_HREF && !url.contains(|c: char| c.is_whitespace() || is_unsafe_for_display(c));
    (is_web && is_plain && has_valid_signature(verifier, license)).then(|| url.clone())
}

/// Returns true if the signature is valid. The root of the signer may be unknown.
fn has_valid_signature(verifier: &Verifier, license: &License) -> bool {
    verifier.strength(&license.document) > SignatureStrength::Invalid
}
