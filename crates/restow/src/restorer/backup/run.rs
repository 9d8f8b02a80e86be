//! Backup of one snapshot of the store as one generation. A backup contacts no service.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use restow_backup::{
    BackupError, CounterRecord, Digest, EpochKey, InventoryRecord, LcpFactsRecord, LicenseRecord, Location,
    ManifestFacts, Record, RecordError, SetId, SetWriter, StatementRecord, TitlesRecord, limit_titles,
};
use restow_core::encoding::{b64, hex, sha256};
use restow_core::hpke::HpkePublicKey;
use restow_core::hresult::Hresult;
use restow_core::keys::Seed;
use restow_core::message::Message;
use restow_core::time::UnixTime;

use crate::error::{Error, RestorerError};
use crate::home::{Computer, Home, HomeError};
use crate::license::{self, License, LicenseIdentity};
use crate::listing::TitleResolver;
use crate::location_status;
use crate::net::Cancel;
use crate::restorer::backup::exclusions::{CompactionFilter, Exclusions, record_pushed};
use crate::restorer::backup::issuer_entries;
use crate::restorer::encryption::explain_encrypted;
use crate::restorer::location::location_name;
use crate::restorer::options::{Backup, ExistingSet};
use crate::restorer::progress::Progress;
use crate::restorer::run::{self, Run, RunOptions, StatusReporter};
use crate::status::{Report, RestrictedLicense, Status};
use crate::store::{BackupRecord, ExcludedLicense, LicenseEntry, LicenseFilter, View, default_name};
use crate::texts::TEXTS;

/// Change number below every number in a store: selects all records.
const ALL_CHANGES: i64 = -1;

/// Effects of a backup, computed without a change.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct BackupPlan {
    /// Folder of the backup.
    pub location: PathBuf,
    /// ID of the set that the backup would write.
    pub set: String,
    /// Number of the generation that the backup would continue; `None` for the first generation.
    pub continues: Option<u64>,
    /// Number of licenses of the store in the new generation.
    pub licenses: u64,
    /// Number of these licenses that are new or changed since the last backup to this location.
    pub new_or_changed: u64,
    /// Licenses that may not be backed up.
    pub restricted: Vec<RestrictedLicense>,
}

impl Backup {
    /// Returns the effects of the backup and changes nothing.
    ///
    /// # Errors
    /// [`Error::Backup`] if the location cannot be read; [`Error::Home`] or [`Error::Store`] if the home cannot be
    /// read.
    pub fn plan(&self, home: &Home) -> Result<BackupPlan, Error> {
        plan(self, home)
    }

    /// Starts the backup on its own thread.
    ///
    /// # Errors
    /// [`Error::Busy`] if a run of this process uses the home, or [`RestorerError::Thread`]. The callback receives
    /// nothing then.
    pub fn start(mut self, home: &Home) -> Result<Run, Error> {
        self.run.make_absolute();
        let RunOptions { callback, cancel, .. } = self.run.clone();
        run::start(home, callback, cancel, move |home, reporter, cancel| {
            run(&self, home, reporter, cancel).map_err(|error| explain_encrypted(error, home))
        })
    }
}

fn plan(backup: &Backup, home: &Home) -> Result<BackupPlan, Error> {
    let mut store = home.store()?;
    let computer = home.computer()?;
    let set = SetId::from_key(&computer.set_key().public());
    let location = Location::create(&backup.run.location)?;
    let mut heads = Vec::new();
    let continues = match location.set(set) {
        Ok(set) => {
            for id in set.heads() {
                heads.push(set.manifest(id)?);
            }
            heads.iter().map(|manifest| manifest.generation).max()
        }
        Err(BackupError::NoSuchSet(_)) => None,
        Err(error) => return Err(error.into()),
    };
    let snapshot = store.snapshot()?;
    let view = snapshot.view();
    let (name, set_id) = (location_name(&location), set.to_string());
    let record = view.backup(&name, &set_id)?;
    let is_usable = |record: &&BackupRecord| Some(record.generation) == continues && !record.damaged;
    let since = record.as_ref().filter(is_usable).map(|record| record.change);
    let exclusions = Exclusions::new(view, heads.iter(), (&name, &set_id), record.as_ref(), since)?;
    let mut restricted = Vec::new();
    let titles = TitleResolver::new(view)?;
    view.each_license(LicenseFilter::Restricted, |entry| {
        restricted.push(restricted_license(&titles, &entry)?);
        Ok::<(), Error>(())
    })?;
    let mut new_or_changed = 0;
    view.each_license(LicenseFilter::ChangedSince(since.unwrap_or(ALL_CHANGES)), |entry| {
        new_or_changed += u64::from(entry.restriction.is_none() && !exclusions.contains(&entry.identity));
        Ok::<(), Error>(())
    })?;
    let excluded = restricted.len().saturating_add(exclusions.into_parts(view)?.0.len()) as u64;
    Ok(BackupPlan {
        location: location.path(),
        set: set_id,
        continues,
        licenses: view.count_licenses(LicenseFilter::All)?.saturating_sub(excluded),
        new_or_changed,
        restricted,
    })
}

/// Runs a backup. The report counts the unrestricted licenses of the store, written by this generation or by an
/// earlier one, and not the records that are only carried over.
fn run(backup: &Backup, home: &Home, reporter: &StatusReporter, cancel: &Cancel) -> Result<Report, Error> {
    let is_cancelled = || cancel.is_cancelled();
    if is_cancelled() {
        return Err(Error::Cancelled);
    }
    let mut store = home.store()?;
    let computer = home.computer()?;
    let set_key = computer.set_key();
    let set = SetId::from_key(&set_key.public());
    let location = Location::create(&backup.run.location)?;
    if backup.existing == ExistingSet::Refuse && has_generations(&location, set)? {
        return Err(RestorerError::BackupExists.into());
    }
    let mut writer = SetWriter::begin(&location, &set_key, backup.keep)?;
    let name = location_name(&location);

    let set_id = set.to_string();
    let (facts, report, left_out, change, sunset) = {
        let snapshot = store.snapshot()?;
        let view = snapshot.view();
        let change = view.last_change()?;
        let record = view.backup(&name, &set_id)?;
        let mut rollback = None;
        if let Some(record) = record.as_ref().filter(|_| writer.number() > 1) {
            rollback = location_status::rollback_warning(&location, set, record)?;
            if rollback.is_some() {
                writer.reserve_number_above(record.generation)?;
            }
        }
        let mut since = incremental_base(&writer, record.as_ref()).filter(|_| !writer.needs_compaction());
        // A full backup and a merge of heads read the old packs anyway, so damaged ones are found and replaced.
        let reads_packs = since.is_none() || writer.parent().is_some_and(|base| base.heads.len() > 1);
        if reads_packs && !writer.check_carried(&is_cancelled)? {
            since = None;
        }
        let heads = writer.parent().into_iter().flat_map(|base| &base.heads).map(|(_, manifest)| manifest);
        let mut exclusions = Exclusions::new(view, heads, (&name, &set_id), record.as_ref(), since)?;
        reporter.report(&Status::Begin);
        if writer.needs_compaction() {
            let mut filter = CompactionFilter::new(view, &exclusions);
            writer.compact(&mut |record| filter.keeps(record), &is_cancelled)?;
        }
        let sunset = Sunset::new(view, home.clock().now())?;
        // New sunset keys can open no earlier record, so the generation writes all content keys for them.
        let keys_since = since.filter(|_| record.is_some_and(|record| record.sunset == sunset.digest));
        let mut report = Report::new(Hresult::S_OK);
        report.warnings.extend(rollback);
        report.summary.restricted = push_inventory(view, &mut writer, reporter, &mut report.warnings)?;
        push_licenses(view, &mut writer, since, &mut exclusions, change, &mut report.warnings, reporter, cancel)?;
        push_facts(view, &mut writer, since.unwrap_or(ALL_CHANGES), &exclusions, &mut report.warnings)?;
        push_state(view, &mut writer, since.unwrap_or(ALL_CHANGES), &mut report.warnings)?;
        let keys_since = keys_since.unwrap_or(ALL_CHANGES);
        push_content_keys(&computer, view, &mut writer, keys_since, &sunset, &mut report.warnings)?;
        let (left_out, forgotten) = exclusions.into_parts(view)?;
        let total = view.count_licenses(LicenseFilter::All)?;
        let excluded = report.summary.restricted.saturating_add(left_out.len() as u64);
        report.summary.backed_up = total.saturating_sub(excluded);
        let facts = ManifestFacts { forgotten, full: since.is_none(), ..ManifestFacts::default() };
        let facts = manifest_facts(backup, home, &computer, view, &writer, facts, &mut report)?;
        (facts, report, left_out, change, sunset.digest)
    };
    let mut report = report;
    let created = facts.created;
    // The rename of the manifest in `commit` is the point of no return.
    let committed = writer.commit(facts, &is_cancelled)?;
    report.generation = Some(committed.id.number);
    report.warnings.extend(committed.warnings.iter().map(Message::from));
    let record = BackupRecord {
        location: name,
        set_id,
        generation: committed.id.number,
        manifest: committed.manifest_sha256.to_string(),
        change,
        sunset,
        at: created,
        damaged: false,
    };
    // The backup is complete without the record; the next backup then writes more than necessary.
    let recorded = store.change().and_then(|change| {
        change.put_backup(&record)?;
        change.put_exclusions(&record.location, &record.set_id, &left_out)?;
        change.commit()
    });
    if let Err(error) = recorded {
        report.warnings.push((&error).into());
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

/// Returns the last change that the set contains; `None` if the generation must write all records.
fn incremental_base(writer: &SetWriter, record: Option<&BackupRecord>) -> Option<i64> {
    let (base, record) = writer.parent().zip(record.filter(|record| !record.damaged))?;
    let digest: Digest = record.manifest.parse().ok()?;
    (base.complete && base.continues(&digest)).then_some(record.change)
}

/// Reports every restricted license, and writes the inventory that shows them on a computer without this store.
fn push_inventory(
    view: View<'_>,
    writer: &mut SetWriter,
    reporter: &StatusReporter,
    warnings: &mut Vec<Message>,
) -> Result<u64, Error> {
    let mut restricted = 0;
    let titles = TitleResolver::new(view)?;
    view.each_license(LicenseFilter::Restricted, |entry| {
        let license = parse_entry(&entry);
        let restricted_license = restricted_license(&titles, &entry)?;
        let missing = InventoryRecord {
            kind: entry.identity.kind.number(),
            issuer: entry.identity.issuer.clone(),
            license_id: entry.identity.license_id.clone(),
            reason: restricted_license.reason.number(),
            key_ids: license.as_ref().map(|license| license.key_ids.clone()).unwrap_or_default(),
            titles: limit_titles(&restricted_license.titles),
            source_url: license.and_then(|license| license.source_url).unwrap_or_default(),
        };
        reporter.report(&Status::RestrictedLicense(restricted_license));
        restricted += 1;
        let result = writer.push_inventory(&Record::Inventory(missing));
        let id = &entry.identity.license_id;
        let subject = || Message::new(&TEXTS, "left-out-missing").with("license", id);
        record_pushed(result, subject, warnings).map(|_| ())
    })?;
    Ok(restricted)
}

fn restricted_license(titles: &TitleResolver<'_>, entry: &LicenseEntry) -> Result<RestrictedLicense, Error> {
    Ok(RestrictedLicense {
        identity: entry.identity.clone(),
        key_id: parse_entry(entry).and_then(|license| license.key_ids.first().cloned()),
        titles: titles_of(titles, entry)?,
        reason: entry.restriction.unwrap_or(license::Restriction::DeniedByIssuer),
    })
}

fn titles_of(titles: &TitleResolver<'_>, entry: &LicenseEntry) -> Result<Vec<String>, Error> {
    let Some(license) = parse_entry(entry) else { return Ok(limit_titles(&entry.titles)) };
    Ok(limit_titles(titles.of(&license, &entry.titles)?))
}

/// Returns the parsed license; `None` for a document of another version, which is backed up without parsing.
fn parse_entry(entry: &LicenseEntry) -> Option<License> {
    license::parse_as(entry.identity.kind, &entry.document).ok()
}

#[expect(clippy::too_many_arguments, reason = "one walk, called once")]
fn push_licenses(
    view: View<'_>,
    writer: &mut SetWriter,
    since: Option<i64>,
    exclusions: &mut Exclusions,
    change: i64,
    warnings: &mut Vec<Message>,
    reporter: &StatusReporter,
    cancel: &Cancel,
) -> Result<(), Error> {
    // The order of the table is the fastest order for a read of all rows.
    let which = since.map_or(LicenseFilter::All, LicenseFilter::ChangedSince);
    let total = view.count_licenses(which)?;
    let known_titles = TitleResolver::new(view)?;
    let mut progress = Progress::new(total);
    view.each_license(which, |entry| {
        progress.advance(reporter, cancel)?;
        if entry.restriction.is_some() || exclusions.contains(&entry.identity) {
            return Ok::<(), Error>(());
        }
        let record = LicenseRecord {
            kind: entry.identity.kind.number(),
            issuer: entry.identity.issuer.clone(),
            license_id: entry.identity.license_id.clone(),
            version: entry.version,
            titles: titles_of(&known_titles, &entry)?,
            document: entry.document,
        };
        let id = &entry.identity.license_id;
        let subject = || Message::new(&TEXTS, "left-out-license").with("license", id);
        if !record_pushed(writer.push(&Record::License(record)), subject, warnings)? {
            exclusions.add(ExcludedLicense { identity: entry.identity, sha256: entry.sha256, change });
        }
        Ok(())
    })?;
    view.each_license(LicenseFilter::TitlesChangedSince(since.unwrap_or(ALL_CHANGES)), |entry| {
        if entry.restriction.is_some() || exclusions.contains(&entry.identity) {
            return Ok(());
        }
        let titles = titles_of(&known_titles, &entry)?;
        let LicenseIdentity { kind, issuer, license_id } = entry.identity;
        let subject = Message::new(&TEXTS, "left-out-titles").with("license", &license_id);
        let record = TitlesRecord { kind: kind.number(), issuer, license_id, titles };
        record_pushed(writer.push(&Record::Titles(record)), || subject, warnings).map(|_| ())
    })
}

/// Writes the facts about licenses that are not in their documents.
fn push_facts(
    view: View<'_>,
    writer: &mut SetWriter,
    since: i64,
    exclusions: &Exclusions,
    warnings: &mut Vec<Message>,
) -> Result<(), Error> {
    view.each_lcp_facts(since, |identity, status, identifiers| {
        if exclusions.contains(&identity) {
            return Ok(());
        }
        let LicenseIdentity { kind, issuer, license_id } = identity;
        let subject = Message::new(&TEXTS, "left-out-facts").with("license", &license_id);
        let number = |standing: restow_lcp::LcpStatus| standing.outcome().map_or(0, |_| standing.number());
        let (standing, at) = status.map_or((0, 0), |(standing, at)| (number(standing), at));
        let identifiers = limit_titles(&identifiers);
        let record =
            LcpFactsRecord { kind: kind.number(), issuer, license_id, status: standing, status_time: at, identifiers };
        record_pushed(writer.push(&Record::LcpFacts(record)), || subject, warnings).map(|_| ())
    })
}

/// Writes counters and statements.
fn push_state(view: View<'_>, writer: &mut SetWriter, since: i64, warnings: &mut Vec<Message>) -> Result<(), Error> {
    view.each_counter(since, |entry| {
        let id = &entry.counter.license;
        let subject = Message::new(&TEXTS, "left-out-counter").with("license", id);
        let record = CounterRecord { issuer: entry.issuer, counter: entry.counter };
        record_pushed(writer.push(&Record::Counter(record)), || subject, warnings).map(|_| ())
    })?;
    view.each_statement(since, |issuer, document| {
        let subject = Message::new(&TEXTS, "left-out-statement").with("issuer", &issuer);
        let record = StatementRecord { issuer, document };
        record_pushed(writer.push(&Record::Statement(record)), || subject, warnings).map(|_| ())
    })
}

/// Sunset keys of all issuers.
struct Sunset {
    keys: BTreeMap<String, Vec<(String, HpkePublicKey)>>,
    /// SHA-256 of issuers, key IDs and keys, in hexadecimal.
    digest: String,
}

impl Sunset {
    fn new(view: View<'_>, now: UnixTime) -> Result<Self, Error> {
        let mut keys = BTreeMap::new();
        let mut description = String::new();
        for service in view.services()? {
            let mut of_issuer: Vec<_> =
                service.key_set.sunset_keys(now).map(|(id, key)| (id.to_owned(), key)).collect();
            of_issuer.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (id, key) in &of_issuer {
                description.push_str(&format!("{:?} {id:?} {}\n", service.issuer(), b64(key.as_bytes())));
            }
            if !of_issuer.is_empty() {
                keys.insert(service.issuer().to_owned(), of_issuer);
            }
        }
        Ok(Self { keys, digest: hex(&sha256(description.as_bytes())) })
    }
}

/// Writes the content keys for the sunset of their issuers.
fn push_content_keys(
    computer: &Computer,
    view: View<'_>,
    writer: &mut SetWriter,
    since: i64,
    sunset: &Sunset,
    warnings: &mut Vec<Message>,
) -> Result<(), Error> {
    let mut epochs: HashMap<String, EpochKey> = HashMap::new();
    view.each_content_key(since, &computer.storage_key(), |issuer, key_id, seed, key| {
        let Some(keys) = sunset.keys.get(issuer) else { return Ok::<(), Error>(()) };
        if !epochs.contains_key(issuer) {
            let epoch = EpochKey::new(issuer).map_err(|_| HomeError::Random)?;
            for (id, sealing) in keys {
                // An invalid sunset key of an issuer must not stop the backup.
                if let Ok(record) = epoch.seal_to(id, sealing) {
                    let subject = || Message::new(&TEXTS, "left-out-sunset-key").with("issuer", issuer);
                    record_pushed(writer.push(&Record::EpochKey(record)), subject, warnings)?;
                }
            }
            epochs.insert(issuer.to_owned(), epoch);
        }
        if let Some(epoch) = epochs.get(issuer) {
            // `wrap` fails if the record cannot hold the key ID, or the system has no randomness.
            let subject = || Message::new(&TEXTS, "left-out-content-key").with("key", &key_id).with("issuer", issuer);
            match epoch.wrap(&key_id, seed, key) {
                Ok(record) => record_pushed(writer.push(&Record::ContentKey(record)), subject, warnings)?,
                Err(_) => record_pushed(Err(RecordError::LimitExceeded("its key ID").into()), subject, warnings)?,
            };
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
    facts: ManifestFacts,
    report: &mut Report,
) -> Result<ManifestFacts, Error> {
    let seed = Seed::random().map_err(|_| HomeError::Random)?;
    let issuer_entries::IssuerEntries { issuers, excluded, unconfirmed } =
        issuer_entries::entries(home, computer, view, writer, &seed)?;
    if excluded > 0 {
        report.warnings.push(Message::new(&TEXTS, "left-out-issuers").with("count", excluded));
    }
    for name in unconfirmed {
        report.warnings.push(Message::new(&TEXTS, "not-registered-any-more").with("service", &name));
        report.unregistered.push(name);
    }
    let chosen_name = backup.run.computer_name.clone().or(view.chosen_name()?);
    let registered = || view.registrations(None).map(|registrations| registrations.into_iter().next());
    let computer_name = match chosen_name {
        Some(name) => name,
        None => registered()?.map_or_else(|| "computer".to_owned(), |known| default_name(&known.computer)),
    };
    Ok(ManifestFacts {
        created: home.clock().now(),
        computer_name,
        software: concat!("restow ", env!("CARGO_PKG_VERSION")).to_owned(),
        issuers,
        restore_seed: Some(seed),
        ..facts
    })
}
