//! Backing up: one snapshot of the store becomes one generation. No service is contacted.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use super::error::RestorerError;
use super::issuers;
use super::options::{Backup, BackupPlan, ExistingSet};
use super::run::Teller;
use super::survey::location_name;
use crate::backup::{
    BackupError, CounterRecord, Digest, EpochKey, LicenseRecord, Location, ManifestFacts, MissingRecord, Record, SetId,
    SetWriter, StatementRecord, TitlesRecord, fitting_titles,
};
use crate::computer::Computer;
use crate::error::Error;
use crate::home::{Home, HomeError};
use crate::hresult::Hresult;
use crate::keys::Seed;
use crate::license;
use crate::listing;
use crate::service::Cancel;
use crate::status::{Report, RestrictedLicense, Status};
use crate::store::{BackupNote, LicenseEntry, View, Which};

const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);
/// Nothing in a store has a change number below this.
const EVERYTHING: i64 = -1;

pub(super) fn plan(backup: &Backup, home: &Home) -> Result<BackupPlan, Error> {
    let mut store = home.store()?;
    let computer = home.computer()?;
    let set = SetId::of(&computer.set_key().public());
    let location = Location::create(&backup.location)?;
    let continues = match location.set(set) {
        Ok(set) => set.heads().into_iter().map(|id| id.number).max(),
        Err(BackupError::NoSuchSet(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let snapshot = store.snapshot()?;
    let view = snapshot.view();
    let note = view.backup(&location_name(&backup.location), &set.to_string())?;
    let since = note.filter(|note| Some(note.generation) == continues).map_or(EVERYTHING, |note| note.change);
    let mut restricted = Vec::new();
    view.each_license(Which::Restricted, |entry| {
        restricted.push(restricted_license(view, &entry)?);
        Ok::<(), Error>(())
    })?;
    let mut new_or_changed = 0;
    view.each_license(Which::ChangedSince(since), |entry| {
        new_or_changed += u64::from(entry.restriction.is_none());
        Ok::<(), Error>(())
    })?;
    Ok(BackupPlan {
        location: location.path(),
        set: set.to_string(),
        continues,
        licenses: view.count_licenses(Which::All)?.saturating_sub(restricted.len() as u64),
        new_or_changed,
        restricted,
    })
}

pub(super) fn run(backup: &Backup, home: &Home, teller: &Teller, cancel: &Cancel) -> Result<Report, Error> {
    let stop = || cancel.is_cancelled();
    if stop() {
        return Err(RestorerError::Cancelled.into());
    }
    let mut store = home.store()?;
    let computer = home.computer()?;
    let set_key = computer.set_key();
    let set = SetId::of(&set_key.public());
    let location = Location::create(&backup.location)?;
    if backup.existing == ExistingSet::Refuse && has_generations(&location, set)? {
        return Err(RestorerError::BackupExists.into());
    }
    let mut writer = SetWriter::begin(&location, &set_key, backup.keep)?;
    let name = location_name(&backup.location);

    let (facts, report, change) = {
        let snapshot = store.snapshot()?;
        let view = snapshot.view();
        let change = view.last_change()?;
        let note = view.backup(&name, &set.to_string())?;
        let since = since(&writer, note.as_ref()).filter(|_| !writer.needs_compaction());
        teller.tell(&Status::Begin);
        if writer.needs_compaction() {
            let mut not_in_store = not_in_store(view);
            writer.compact(&mut not_in_store, &stop)?;
        }
        let mut report = Report::new(Hresult::S_OK);
        report.summary.restricted = inventory(view, &mut writer, teller)?;
        let total = view.count_licenses(Which::All)?;
        report.summary.backed_up = total.saturating_sub(report.summary.restricted);
        push_licenses(view, &mut writer, since.unwrap_or(EVERYTHING), &mut report, teller, cancel)?;
        push_state(home, &computer, view, &mut writer, since.unwrap_or(EVERYTHING))?;
        let facts = manifest_facts(backup, home, &computer, view, &writer, since.is_none(), &mut report.warnings)?;
        (facts, report, change)
    };
    let mut report = report;
    let created = facts.created;
    // The rename of the manifest inside is the point of no return.
    let committed = writer.commit(facts, &stop)?;
    report.generation = Some(committed.id.number);
    report.warnings.extend(committed.warnings.iter().map(ToString::to_string));
    let note = BackupNote {
        location: name,
        set_id: set.to_string(),
        generation: committed.id.number,
        manifest: committed.manifest_sha256.to_string(),
        change,
        at: created,
    };
    // The backup stands whether or not it could be noted; without the note the next one writes more than it must.
    if let Err(error) = store.change().and_then(|change| change.put_backup(&note).and_then(|()| change.commit())) {
        report.warnings.push(error.to_string());
    }
    Ok(report)
}

fn has_generations(location: &Location, set: SetId) -> Result<bool, Error> {
    match location.set(set) {
        Ok(set) => Ok(!set.generations().is_empty()),
        Err(BackupError::NoSuchSet(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Since which change records must be written; `None` for everything.
fn since(writer: &SetWriter, note: Option<&BackupNote>) -> Option<i64> {
    let (base, note) = writer.base().zip(note)?;
    let digest: Digest = note.manifest.parse().ok()?;
    (base.complete && base.continues(&digest)).then_some(note.change)
}

/// For compaction: what the store has itself is written anew from it.
fn not_in_store(view: View<'_>) -> impl FnMut(&Record) -> bool {
    move |record| {
        let identity = |kind: u8, issuer: &str, license_id: &str| license::LicenseIdentity {
            kind: license::Kind::from_number(kind).unwrap_or(license::Kind::Restow),
            issuer: issuer.to_owned(),
            license_id: license_id.to_owned(),
        };
        let here = match record {
            Record::License(r) => view.license_digest(&identity(r.kind, &r.issuer, &r.license_id)).map(|d| d.is_some()),
            Record::Titles(r) => view.license_digest(&identity(r.kind, &r.issuer, &r.license_id)).map(|d| d.is_some()),
            Record::Counter(r) => {
                let c = &r.counter;
                view.counter(&r.issuer, &c.license, &c.right, &c.computer_key).map(|entry| entry.is_some())
            }
            _ => return true,
        };
        // When the store cannot say, the record is kept: twice is better than never.
        !here.unwrap_or(false)
    }
}

/// Tells of every restricted license and writes what a bare computer needs to know of it.
fn inventory(view: View<'_>, writer: &mut SetWriter, teller: &Teller) -> Result<u64, Error> {
    let mut restricted = 0;
    view.each_license(Which::Restricted, |entry| {
        let license = license::parse_as(entry.identity.kind, &entry.document)?;
        let told = restricted_license(view, &entry)?;
        let missing = MissingRecord {
            kind: entry.identity.kind.number(),
            issuer: entry.identity.issuer.clone(),
            license_id: entry.identity.license_id.clone(),
            reason: told.reason.number(),
            key_ids: license.key_ids.clone(),
            titles: fitting_titles(&told.titles),
            where_from: license.source_url.unwrap_or_default(),
        };
        teller.tell(&Status::RestrictedLicense(told));
        restricted += 1;
        writer.push_inventory(&Record::Missing(missing)).map_err(Error::from)
    })?;
    Ok(restricted)
}

fn restricted_license(view: View<'_>, entry: &LicenseEntry) -> Result<RestrictedLicense, Error> {
    let license = license::parse_as(entry.identity.kind, &entry.document)?;
    Ok(RestrictedLicense {
        identity: entry.identity.clone(),
        key_id: license.key_ids.first().cloned(),
        titles: listing::titles(view, &license, &entry.titles)?,
        reason: entry.restriction.unwrap_or(license::Restriction::DeniedByIssuer),
    })
}

fn titles_of(view: View<'_>, entry: &LicenseEntry) -> Result<Vec<String>, Error> {
    let license = license::parse_as(entry.identity.kind, &entry.document)?;
    Ok(fitting_titles(listing::titles(view, &license, &entry.titles)?))
}

fn push_licenses(
    view: View<'_>,
    writer: &mut SetWriter,
    since: i64,
    report: &mut Report,
    teller: &Teller,
    cancel: &Cancel,
) -> Result<(), Error> {
    // Everything is read fastest in the order of the table.
    let which = if since == EVERYTHING { Which::All } else { Which::ChangedSince(since) };
    let total = view.count_licenses(which)?;
    let (mut done, mut last) = (0_u64, Instant::now());
    view.each_license(which, |entry| {
        done += 1;
        if done.is_multiple_of(64) {
            if cancel.is_cancelled() {
                return Err(Error::from(RestorerError::Cancelled));
            }
            if last.elapsed() >= BETWEEN_PROGRESS {
                last = Instant::now();
                teller.tell(&Status::Progress { done, total });
            }
        }
        if entry.restriction.is_some() {
            return Ok(());
        }
        let titles = titles_of(view, &entry)?;
        let record = LicenseRecord {
            kind: entry.identity.kind.number(),
            issuer: entry.identity.issuer,
            license_id: entry.identity.license_id,
            version: entry.version,
            titles,
            document: entry.document,
        };
        let name = record.license_id.clone();
        match writer.push(&Record::License(record)) {
            // One license that the format cannot hold must not keep the others from being backed up.
            Err(BackupError::Record(error)) => {
                report.summary.backed_up = report.summary.backed_up.saturating_sub(1);
                report.warnings.push(format!("license {name} was left out: {error}"));
                Ok(())
            }
            pushed => Ok(pushed?),
        }
    })?;
    view.each_license(Which::TitlesChangedSince(since), |entry| {
        if entry.restriction.is_some() {
            return Ok(());
        }
        let record = TitlesRecord {
            kind: entry.identity.kind.number(),
            titles: titles_of(view, &entry)?,
            issuer: entry.identity.issuer,
            license_id: entry.identity.license_id,
        };
        writer.push(&Record::Titles(record)).map_err(Error::from)
    })
}

/// Counters, statements, and content keys for the sunset of their issuer.
fn push_state(
    home: &Home,
    computer: &Computer,
    view: View<'_>,
    writer: &mut SetWriter,
    since: i64,
) -> Result<(), Error> {
    view.each_counter(since, |entry| {
        let record = CounterRecord { issuer: entry.issuer, counter: entry.counter };
        writer.push(&Record::Counter(record)).map_err(Error::from)
    })?;
    view.each_statement(since, |issuer, document| {
        writer.push(&Record::Statement(StatementRecord { issuer, document })).map_err(Error::from)
    })?;
    let mut sunset = HashMap::new();
    for service in view.services()? {
        let keys: Vec<_> =
            service.key_set.sunset_keys(home.clock().now()).map(|(id, key)| (id.to_owned(), key)).collect();
        sunset.insert(service.issuer().to_owned(), keys);
    }
    let mut epochs: HashMap<String, EpochKey> = HashMap::new();
    view.each_content_key(since, &computer.storage_key(), |issuer, key_id, seed, key| {
        let Some(keys) = sunset.get(issuer).filter(|keys| !keys.is_empty()) else { return Ok::<(), Error>(()) };
        if !epochs.contains_key(issuer) {
            let epoch = EpochKey::new(issuer).map_err(|_| HomeError::Random)?;
            for (id, sealing) in keys {
                // A key the issuer published that cannot be sealed to is the issuer's loss, not the backup's.
                if let Ok(record) = epoch.seal_to(id, sealing) {
                    writer.push(&Record::EpochKey(record))?;
                }
            }
            epochs.insert(issuer.to_owned(), epoch);
        }
        if let Some(epoch) = epochs.get(issuer) {
            let record = epoch.wrap(&key_id, seed, key).map_err(|_| HomeError::Random)?;
            writer.push(&Record::ContentKey(record))?;
        }
        Ok(())
    })
}

fn manifest_facts(
    backup: &Backup,
    home: &Home,
    computer: &Computer,
    view: View<'_>,
    writer: &SetWriter,
    full: bool,
    warnings: &mut Vec<String>,
) -> Result<ManifestFacts, Error> {
    let created = home.clock().now();
    let seed = Seed::random().map_err(|_| HomeError::Random)?;
    let heads = writer.base().map(|base| base.heads.as_slice()).unwrap_or_default();
    let (issuers, too_many) = issuers::entries(home, computer, view, writer, &seed)?;
    if too_many > 0 {
        warnings.push(format!("{too_many} entries about issuers were left out: a manifest has room for no more"));
    }
    let registered = view.registrations(None)?.into_iter().map(|registration| registration.name).next();
    let forgotten = heads.iter().flat_map(|(_, manifest)| manifest.forgotten.clone()).collect();
    Ok(ManifestFacts {
        created,
        computer_name: backup.computer_name.clone().or(registered).unwrap_or_else(|| "computer".to_owned()),
        software: concat!("restow ", env!("CARGO_PKG_VERSION")).to_owned(),
        issuers,
        restore_seed: Some(seed),
        forgotten,
        full,
    })
}
