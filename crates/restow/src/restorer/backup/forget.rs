//! Taking a license out of this computer's set: the only way anything leaves one (docs/backup-format.md §2.5).

use std::path::Path;

use restow_backup::{BackupError, Digest, ForgottenDocument, Location, ManifestFacts, Record, SetId, SetWriter};
use restow_core::encoding::sha256;
use restow_core::keys::Seed;

use crate::error::Error;
use crate::error::RestorerError;
use crate::home::{Home, HomeError};
use crate::license::LicenseIdentity;
use crate::restorer::backup::issuer_entries;
use crate::restorer::location::location_name;
use crate::store::BackupNote;

/// What forgetting did.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub struct ForgottenFrom {
    /// Records taken out of this computer's set.
    pub records: u64,
    /// Other computers' sets that still hold the license; they are never changed.
    pub still_in: Vec<String>,
}

/// Takes a license out of this computer's set at a location, in all generations.
///
/// # Errors
/// When another run is going on, the set cannot be read whole, or writing fails; then nothing is changed.
pub fn forget_from(home: &Home, path: &Path, identity: &LicenseIdentity) -> Result<ForgottenFrom, Error> {
    let _lock = home.lock_operation()?.ok_or(Error::Busy)?;
    let mut store = home.store()?;
    let computer = home.computer()?;
    let key = computer.set_key();
    let set = SetId::from_key(&key.public());
    let location = Location::open(path)?;
    let mut done = ForgottenFrom { still_in: others(&location, set, identity)?, ..ForgottenFrom::default() };
    match location.set(set) {
        Err(BackupError::NoSuchSet(_)) => return Ok(done),
        other => other.map(|_| ())?,
    }
    let mut writer = SetWriter::begin(&location, &key, restow_backup::DEFAULT_KEEP)?;
    let mut forgotten: Vec<ForgottenDocument> = Vec::new();
    let mut matches = |record: &Record| {
        let is = |kind: u8, issuer: &str, license_id: &str| {
            kind == identity.kind.number() && issuer == identity.issuer && license_id == identity.license_id
        };
        match record {
            Record::License(r) if is(r.kind, &r.issuer, &r.license_id) => {
                forgotten.push(ForgottenDocument {
                    kind: r.kind,
                    issuer: r.issuer.clone(),
                    license_id: r.license_id.clone(),
                    document: Digest::from_bytes(sha256(&r.document)),
                });
                true
            }
            Record::Titles(r) => is(r.kind, &r.issuer, &r.license_id),
            Record::LcpFacts(r) => is(r.kind, &r.issuer, &r.license_id),
            // Counters stay: who takes a license out and gets it again has used what he has used.
            _ => false,
        }
    };
    let compacted = writer.forget(&mut matches, &|| false)?;
    done.records = compacted.dropped_records;
    if let Some(pack) = compacted.skipped_packs.first() {
        return Err(RestorerError::ForgetDamaged(pack.to_string()).into());
    }
    let name = location_name(&location);
    let note = store.view().backup(&name, &set.to_string())?;
    // Where an older state was put back, what was backed up since is not there.
    let continued = |note: &BackupRecord| {
        let manifest = note.manifest.parse().ok();
        manifest.is_some_and(|manifest: Digest| writer.parent().is_some_and(|base| base.continues(&manifest)))
    };
    let is_there = note.as_ref().is_some_and(continued);
    if let Some(note) = note.as_ref().filter(|_| !is_there) {
        writer.reserve_number_above(note.generation)?;
    }
    let heads = writer.parent().map(|base| base.heads.as_slice()).unwrap_or_default();
    let Some((_, last)) = heads.last() else { return Ok(done) };
    // Also a newer document that the set does not have yet.
    let (kind, LicenseIdentity { issuer, license_id, .. }) = (identity.kind.number(), identity);
    let stored = store.view().stored_license(kind, issuer, license_id)?.map(|stored| stored.sha256);
    forgotten.extend(stored.map(|sha256| ForgottenDocument {
        kind,
        issuer: issuer.clone(),
        license_id: license_id.clone(),
        document: Digest::from_bytes(sha256),
    }));
    forgotten.extend(heads.iter().flat_map(|(_, manifest)| manifest.forgotten.clone()));
    forgotten.sort_unstable();
    forgotten.dedup();
    let seed = Seed::random().map_err(|_| HomeError::Random)?;
    // What is left out when there are too many proves nothing.
    let issuer_entries::IssuerEntries { issuers, .. } =
        issuer_entries::entries(home, &computer, store.view(), &writer, &seed)?;
    // Noted first: it means nothing until the manifest says the same.
    if let Some(sha256) = stored {
        let change = store.change()?;
        change.add_exclusion(&name, &set.to_string(), identity, sha256)?;
        change.commit()?;
    }
    let created = home.clock().now();
    let facts = ManifestFacts {
        created,
        computer_name: last.computer_name.clone(),
        software: concat!("restow ", env!("CARGO_PKG_VERSION")).to_owned(),
        issuers,
        restore_seed: Some(seed),
        forgotten,
        full: false,
    };
    let committed = writer.commit(facts, &|| false)?;
    if let Some(note) = note {
        let manifest = committed.manifest_sha256.to_string();
        let change = store.change()?;
        let damaged = note.damaged || !is_there;
        change.put_backup(&BackupRecord { generation: committed.id.number, manifest, damaged, ..note })?;
        change.commit()?;
    }
    Ok(done)
}

/// The other computers' sets at a location that hold a license.
///
/// # Errors
/// When the location cannot be read.
pub fn other_sets(home: &Home, path: &Path, identity: &LicenseIdentity) -> Result<Vec<String>, Error> {
    let own = SetId::from_key(&home.computer()?.set_key().public());
    others(&Location::open(path)?, own, identity)
}

fn others(location: &Location, own: SetId, identity: &LicenseIdentity) -> Result<Vec<String>, Error> {
    use restow_backup::{PackRole, ReadItem, Reader};
    let mut holding = Vec::new();
    for id in location.sets()?.into_iter().filter(|id| *id != own) {
        let Ok(reader) = Reader::latest(&[location.set(id)?], &|| false) else { continue };
        let mut found = false;
        reader.records(PackRole::Licenses, &mut |item| {
            if let ReadItem::Record(_, Record::License(record)) = item {
                found |= record.kind == identity.kind.number()
                    && record.issuer == identity.issuer
                    && record.license_id == identity.license_id;
            }
            Ok::<(), Error>(())
        })?;
        if found {
            holding.push(id.to_string());
        }
    }
    Ok(holding)
}
