//! Removal of a license from this computer's set: the only removal of data from a set (docs/backup-format.md §2.5).

use std::path::Path;

use restow_backup::{
    BackupSet, Digest, ForgottenDocument, Location, ManifestFacts, PackRole, ReadItem, Reader, Record, SetId, SetWriter,
};
use restow_core::encoding::sha256;

use super::issuer_entries::{IssuerFacts, issuer_facts};
use crate::error::{Error, RestorerError};
use crate::restorer::location::{find_location, find_set};
use crate::store::{BackupRecord, license_key};
use crate::{home::Home, license::LicenseIdentity};

/// Result of a removal.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ForgetReport {
    /// Number of records removed from this computer's set.
    pub records: u64,
    /// IDs of the sets of other computers with the license. A removal never changes those sets.
    pub remaining_sets: Vec<String>,
}

/// Removes a license from all generations of this computer's set at a location.
///
/// # Errors
/// [`Error::Busy`]; [`RestorerError::NoOwnSet`] if this computer has no set there;
/// [`RestorerError::LocationName`]; [`RestorerError::ForgetDamaged`] if a pack of the set cannot be read; [`Error::Backup`] if the
/// location cannot be read or written. Nothing is changed then.
pub fn forget_from(home: &Home, path: &Path, identity: &LicenseIdentity) -> Result<ForgetReport, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let mut store = home.store_to_change()?;
    let computer = home.computer()?;
    let key = computer.set_key();
    let set = SetId::from_key(&key.public());
    let location = Location::open(path)?;
    let name = find_location(store.view(), &location)?.id;
    find_own_set(&location, set, path)?;
    // The access of other users stays as the last backup left it.
    let location = Location::create_with_access(path, location.set_access(set))?;
    let mut result =
        ForgetReport { remaining_sets: other_holding_sets(&location, set, identity)?, ..ForgetReport::default() };
    let mut writer = SetWriter::begin(&location, &key, restow_backup::DEFAULT_KEEP)?;
    let mut forgotten: Vec<ForgottenDocument> = Vec::new();
    let forget = |sha256| ForgottenDocument {
        kind: identity.kind.number(),
        issuer: identity.issuer.clone(),
        license_id: identity.license_id.clone(),
        document: Digest::from_bytes(sha256),
    };
    let mut matches = |record: &Record| match record {
        Record::License(record) if is_license(identity, record.kind, &record.issuer, &record.license_id) => {
            forgotten.push(forget(sha256(&record.document)));
            true
        }
        Record::Titles(record) => is_license(identity, record.kind, &record.issuer, &record.license_id),
        Record::LcpFacts(record) => is_license(identity, record.kind, &record.issuer, &record.license_id),
        // Counters stay, so that a removal and a new import do not reset the used counts.
        _ => false,
    };
    let compacted = writer.forget(&mut matches, &|| false)?;
    result.records = compacted.dropped_records;
    if let Some(pack) = compacted.skipped_packs.first() {
        return Err(RestorerError::ForgetDamaged(pack.to_string()).into());
    }
    let record = store.view().backup(&name, &set.to_string())?;
    // The location can have an older copy of the set, which lacks the last backup.
    let is_continued = |record: &BackupRecord| {
        let manifest = record.manifest.parse().ok();
        manifest.is_some_and(|manifest: Digest| writer.parent().is_some_and(|base| base.continues(&manifest)))
    };
    let has_last_backup = record.as_ref().is_some_and(is_continued);
    if let Some(record) = record.as_ref().filter(|_| !has_last_backup) {
        writer.reserve_number_above(record.generation)?;
    }
    let heads = writer.parent().map(|base| base.heads.as_slice()).unwrap_or_default();
    let Some((_, newest)) = heads.last() else { return Ok(result) };
    // The store can have a newer document, which the next backup must not add.
    let stored = store.view().stored_license(license_key(identity))?.map(|stored| stored.sha256);
    forgotten.extend(stored.map(forget));
    forgotten.extend(heads.iter().flat_map(|(_, manifest)| manifest.forgotten.clone()));
    forgotten.sort_unstable();
    forgotten.dedup();
    // Only entries without proofs are excluded beyond the limit.
    let IssuerFacts { facts, .. } = issuer_facts(home, &computer, store.view(), &writer)?;
    // Recorded before the commit: without the entry in the manifest the record has no effect.
    if let Some(sha256) = stored {
        store.update(|change| change.add_exclusion(&name, &set.to_string(), identity, sha256))?;
    }
    let facts = ManifestFacts { computer_name: newest.computer_name.clone(), forgotten, ..facts };
    let committed = writer.commit(facts, &|| false)?;
    if let Some(record) = record {
        let (generation, manifest) = (committed.id.number, committed.manifest_sha256.to_string());
        let damaged = record.damaged || !has_last_backup;
        store.update(|change| {
            change.put_backup(&BackupRecord { generation, manifest, damaged, licenses: None, carried: None, ..record })
        })?;
    }
    Ok(result)
}

/// Returns the ID of this computer's set at a location.
///
/// # Errors
/// [`RestorerError::NoOwnSet`] if this computer has no generation there; [`Error::Backup`] if the location cannot be
/// read; [`Error::Home`] if the keys of the home cannot be read.
pub fn own_set(home: &Home, path: &Path) -> Result<String, Error> {
    let set = SetId::from_key(&home.computer_to_read()?.set_key().public());
    find_own_set(&Location::open(path)?, set, path)?;
    Ok(set.to_string())
}

fn find_own_set(location: &Location, set: SetId, path: &Path) -> Result<BackupSet, Error> {
    let found = find_set(location, set)?.filter(|set| !set.generations().is_empty());
    found.ok_or_else(|| RestorerError::NoOwnSet(path.to_owned()).into())
}

/// Returns the IDs of the sets of other computers at a location that hold a license.
///
/// # Errors
/// [`Error::Backup`] if the location cannot be read; [`Error::Home`] if the keys of the home cannot be read.
pub fn other_sets(home: &Home, path: &Path, identity: &LicenseIdentity) -> Result<Vec<String>, Error> {
    let own = SetId::from_key(&home.computer_to_read()?.set_key().public());
    other_holding_sets(&Location::open(path)?, own, identity)
}

fn is_license(identity: &LicenseIdentity, kind: u8, issuer: &str, license_id: &str) -> bool {
    kind == identity.kind.number() && issuer == identity.issuer && license_id == identity.license_id
}

fn other_holding_sets(location: &Location, own: SetId, identity: &LicenseIdentity) -> Result<Vec<String>, Error> {
    let mut holding = Vec::new();
    for id in location.sets()?.into_iter().filter(|id| *id != own) {
        let Ok(reader) = Reader::latest(&[location.set(id)?], &|| false) else { continue };
        let mut holds = false;
        reader.records(PackRole::Licenses, &mut |item| {
            if let ReadItem::Record(_, Record::License(record)) = item {
                holds |= is_license(identity, record.kind, &record.issuer, &record.license_id);
            }
            Ok::<(), Error>(())
        })?;
        if holds {
            holding.push(id.to_string());
        }
    }
    Ok(holding)
}
