//! Use of rights: checking a right, opening a content key, and counting the use.

mod choice;
mod reports;

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use restow_core::protocol::Counter;
use restow_media::{KeyId, Probe, ProbeError, System};
use zeroize::Zeroizing;

use self::choice::{choose_license, choose_license_for_key, own_counter};
use crate::error::Error;
use crate::home::Home;
use crate::license::{self, Kind, License, LicenseIdentity, Right};
use crate::listing;
use crate::service::Cancel;
use crate::store::{LicenseEntry, LicenseStatus, View};

pub use self::choice::AllowedUse;
pub use self::reports::{ServiceRefresh, refresh, report_uses};
pub use crate::error::{ContentRef, UseDenied};

/// Maximum time to wait for services during one use.
const ONLINE_USE_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks if a right to the content of a key ID can be used now. Counts no use.
///
/// # Errors
/// [`Error::UseDenied`] with the reason if the right is denied. Other errors if the check fails.
pub fn check_right(home: &Home, key_id: &KeyId, right: &Right) -> Result<AllowedUse, Error> {
    home.computer_to_read()?.check_machine()?;
    let store = home.store()?;
    Ok(choose_license_for_key(store.view(), home, key_id, right)?.1)
}

/// Checks if a right to a publication can be used now, by its embedded license or else by the licenses for its
/// identifier.
///
/// `probe` is the probe of the file at `path`. Readers count printed pages and copied text, so that this check
/// cannot.
///
/// # Errors
/// [`Error::UseDenied`] with the reason if the right is denied. Other errors if the check fails.
pub fn check_publication_right(home: &Home, path: &Path, probe: &Probe, right: &Right) -> Result<AllowedUse, Error> {
    let store = home.store()?;
    let entries = licenses_of(store.view(), probe)?;
    let file_name = || path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    let content = ContentRef::Title(probe.title.as_ref().map_or_else(file_name, |title| title.text.clone()));
    if entries.is_empty() && probe.license_embedded {
        let is_readable = embedded_license(path).is_some();
        let error = if is_readable {
            UseDenied::NotImported { content, path: path.to_owned() }
        } else {
            UseDenied::EmbeddedDamaged(content)
        };
        return Err(error.into());
    }
    Ok(choose_license(store.view(), home, &content, entries, right)?.1)
}

/// Checks if a right to `title` can be used now by one of these licenses. Counts no use.
///
/// # Errors
/// [`Error::UseDenied`] with the reason if the right is denied. Other errors if the check fails.
pub fn check_right_by_licenses(
    home: &Home,
    title: &str,
    licenses: Vec<LicenseEntry>,
    right: &Right,
) -> Result<AllowedUse, Error> {
    if licenses.iter().any(|entry| entry.identity.kind == Kind::Restow) {
        home.computer_to_read()?.check_machine()?;
    }
    let store = home.store()?;
    Ok(choose_license(store.view(), home, &ContentRef::Title(title.to_owned()), licenses, right)?.1)
}

/// Returns the embedded license of a publication, if it can be read.
#[must_use]
pub fn embedded_license(path: &Path) -> Option<License> {
    license::parse(&embedded_document(path).ok()??).ok()
}

/// Returns the embedded document of a publication at the place of its license.
pub(crate) fn embedded_document(path: &Path) -> Result<Option<Vec<u8>>, ProbeError> {
    let mut file = File::open(path).map_err(ProbeError::Open)?;
    // Each read follows a seek, so that a buffer would only read more.
    restow_media::embedded_license(&mut file)
}

/// Returns the stored licenses for a probed file without duplicates: by key ID, and for publications by license ID or
/// identifier.
///
/// # Errors
/// [`Error::Store`] if the store fails.
pub fn licenses_of(view: View<'_>, probe: &Probe) -> Result<Vec<LicenseEntry>, Error> {
    let embedded = probe.license_provider.as_deref().zip(probe.license_id.as_deref());
    // A publication opens only with its embedded license, even if that license has no ID.
    let identifier = probe.identifier.as_deref().filter(|_| !probe.license_embedded);
    let mut found = match probe.systems.contains(&System::Lcp) {
        true => view.licenses_of_publication(embedded, identifier)?,
        false => Vec::new(),
    };
    for key_id in &probe.key_ids {
        found.extend(view.licenses_for(key_id)?);
    }
    found.sort_by_key(|entry| entry.row);
    found.dedup_by_key(|entry| entry.row);
    Ok(found)
}

/// Opens a content key for one use. A counted use is stored durably before the key is returned. The key is zeroized
/// when dropped.
///
/// No service is contacted: see [`open_content_key_online`].
///
/// # Errors
/// [`Error::UseDenied`] if the right is denied. [`Error::Home`] if the home was copied from another computer.
pub fn open_content_key(home: &Home, key_id: &KeyId, right: &Right) -> Result<Zeroizing<[u8; 16]>, Error> {
    let computer = home.computer()?;
    computer.check_machine()?;
    let mut store = home.store()?;
    let change = store.change()?;
    let view = change.view();
    let (license, allowed) = choose_license_for_key(view, home, key_id, right)?;
    let LicenseIdentity { kind, issuer, license_id } = &license.identity;
    let missing =
        || UseDenied::NotGrantedHere { content: ContentRef::Key(key_id.clone()), status: LicenseStatus::Pending };
    if *kind != Kind::Restow {
        return Err(missing().into());
    }
    let seed = license.seed.unwrap_or_default();
    let key = view.content_key(issuer, key_id, seed, &computer.storage_key())?.ok_or_else(missing)?;
    if allowed.counted {
        let (signing, before) = own_counter(view, &computer, &license, right)?.ok_or_else(missing)?;
        // The first use gets the local time, or the latest time that the issuer signed if later.
        let signed = view.service(issuer)?.map_or(i64::MIN, |service| service.signed_time);
        let (count, first_use, reported) = before.map_or((0, home.clock().now().max(signed), 0), |before| {
            (before.counter.count, before.counter.first_use, before.reported)
        });
        let count = count.saturating_add(1).min(Counter::MAX_COUNT);
        let taken = Counter::sign(issuer, license_id, right.as_str(), count, first_use, &signing);
        change.put_counter(issuer, &taken, reported)?;
        change.commit()?;
    }
    Ok(key)
}

/// Opens a content key like [`open_content_key`], but asks the service for the uses of other computers first, and
/// reports this use afterwards. An unreachable service gets the report at the next contact.
///
/// The waiting time for services is five seconds at most, or [shorter](Cancel::with_timeout). An unreachable service
/// is tried once.
///
/// # Errors
/// The errors of [`open_content_key`]. An unreachable service is not an error.
pub fn open_content_key_online(
    home: &Home,
    key_id: &KeyId,
    right: &Right,
    cancel: &Cancel,
) -> Result<Zeroizing<[u8; 16]>, Error> {
    home.computer_to_read()?.check_machine()?;
    let mut counted = {
        let store = home.store()?;
        let entries = store.view().licenses_for(key_id)?;
        let mut counted = Vec::new();
        for entry in entries.into_iter().filter(|entry| entry.identity.kind == Kind::Restow) {
            let (license, _) = listing::license_or_placeholder(store.view(), &entry)?;
            if license.rights.get(right).is_some_and(license::Limits::is_counted) {
                counted.push((license.identity, license.holder.unwrap_or_default()));
            }
        }
        counted
    };
    let cancel = cancel.with_timeout(ONLINE_USE_TIMEOUT);
    // An unreachable service does not deny a use. The license limits the number of unreported uses.
    let reports = |(identity, holder): &(LicenseIdentity, String)| {
        report_uses(home, &identity.issuer, holder, std::slice::from_ref(&identity.license_id), &cancel).is_ok()
    };
    counted.retain(reports);
    let key = open_content_key(home, key_id, right)?;
    counted.retain(reports);
    Ok(key)
}

#[cfg(test)]
mod tests {
    use restow_core::hresult::Hresult;
    use restow_core::protocol::Outcome;

    use super::*;

    #[test]
    fn expired_license_reports_expiry() {
        let ended = |outcome| {
            let error = UseDenied::EndedByProvider { content: ContentRef::Title("A Book".into()), outcome };
            (error.to_string(), error.hresult())
        };
        let (text, result) = ended(Outcome::Expired);
        assert_eq!(text, "The license for “A Book” has expired, according to its provider");
        assert_eq!(result, Hresult::NS_E_DRM_LICENSE_EXPIRED);
        let (text, result) = ended(Outcome::Returned);
        assert_eq!(text, "The license for “A Book” was returned");
        assert_eq!(result, Hresult::NS_E_DRM_LICENSE_UNUSABLE);
    }
}
