//! Backup of one snapshot of the store as one generation. A backup contacts no service.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use restow_backup::{
    BackupError, BackupSet, CounterRecord, Digest, EpochKey, InventoryRecord, LcpFactsRecord, LicenseRecord, Location,
    ManifestFacts, Record, RecordError, SetId, SetWriter, StatementRecord, TitlesRecord, limit_titles,
};
use restow_core::encoding::{b64, hex, sha256};
use restow_core::{hpke::HpkePublicKey, hresult::Hresult, message::Message, time::UnixTime};
use restow_lcp::Verifier;

use super::exclusions::{CompactionFilter, Exclusions};
use super::issuer_entries::{IssuerFacts, issuer_facts};
use crate::error::{Error, RestorerError};
use crate::home::{Home, HomeError, trust_store};
use crate::license::{self, License, LicenseIdentity};
use crate::restorer::location::{find_set, location_name};
use crate::restorer::options::{Backup, ExistingSet};
use crate::restorer::run::{self, Progress, Run, RunContext};
use crate::status::{Report, RestrictedLicense, Status};
use crate::store::{BackupRecord, ExcludedLicense, LicenseEntry, LicenseFilter, View, default_name};
use crate::{listing::TitleResolver, location_status, texts::TEXTS};

/// Change number below every number in a store: selects all records.
const ALL_CHANGES: i64 = -1;
/// Maximum number of warnings about records that the format cannot hold.
const MAX_EXCLUSION_WARNINGS: usize = 100;

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
        let mut store = home.store()?;
        let set = SetId::from_key(&home.computer()?.set_key().public());
        let location = Location::create(&self.run.location)?;
        let mut heads = Vec::new();
        if let Some(set) = find_set(&location, set)? {
            for id in set.heads() {
                heads.push(set.manifest(id)?);
            }
        }
        let continues = heads.iter().map(|manifest| manifest.generation).max();
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

    /// Starts the backup on its own thread.
    ///
    /// # Errors
    /// [`Error::Busy`] if a run of this process uses the home, or [`RestorerError::Thread`]. The callback receives
    /// nothing then.
    pub fn start(mut self, home: &Home) -> Result<Run, Error> {
        self.run.make_absolute();
        run::start(home, self.run.clone(), move |run| write_generation(&self, run))
    }
}

/// Runs a backup. The report counts the unrestricted licenses of the store, written by this generation or by an
/// earlier one, and not the records that are only carried over.
fn write_generation(backup: &Backup, run: &RunContext) -> Result<Report, Error> {
    let is_cancelled = || run.cancel.is_cancelled();
    run.check_cancelled()?;
    let home = &run.home;
    let mut store = home.store()?;
    let computer = home.computer()?;
    let set_key = computer.set_key();
    let set = SetId::from_key(&set_key.public());
    let location = Location::create(&backup.run.location)?;
    let has_generations = |set: BackupSet| !set.generations().is_empty();
    if backup.existing == ExistingSet::Refuse && find_set(&location, set)?.is_some_and(has_generations) {
        return Err(RestorerError::BackupExists.into());
    }
    let mut writer = SetWriter::begin(&location, &set_key, backup.keep)?;
    let (name, set_id) = (location_name(&location), set.to_string());

    let mut report = Report::new(Hresult::S_OK);
    let (facts, exclusions, change, sunset, read_back) = {
        let snapshot = store.snapshot()?;
        let view = snapshot.view();
        let change = view.last_change()?;
        let record = view.backup(&name, &set_id)?;
        let read_back = record.as_ref().and_then(|record| record.read_back);
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
        let exclusions = Exclusions::new(view, heads, (&name, &set_id), record.as_ref(), since)?;
        run.report(&Status::Begin);
        if writer.needs_compaction() {
            let verifier = trust_store::load(home).ok().map(Verifier::new);
            let mut filter = CompactionFilter::new(view, &exclusions, verifier);
            writer.compact(&mut |record| filter.keeps(record), &is_cancelled)?;
        }
        let sunset = Sunset::new(view, home.clock().now())?;
        // New sunset keys can open no earlier record, so the generation writes all content keys for them.
        let keys_since = since.filter(|_| record.is_some_and(|record| record.sunset == sunset.digest));
        let titles = TitleResolver::new(view)?;
        let warnings = rollback.into_iter().collect();
        let mut records = RecordWriter { view, titles, writer: &mut writer, since, exclusions, warnings };
        report.summary.restricted = records.push_inventory(run)?;
        records.push_licenses(change, run)?;
        records.push_state()?;
        records.push_content_keys(&computer.storage_key(), keys_since.unwrap_or(ALL_CHANGES), &sunset)?;
        let RecordWriter { exclusions, warnings, .. } = records;
        report.warnings = warnings;
        let (exclusions, forgotten) = exclusions.into_parts(view)?;
        let excluded = report.summary.restricted.saturating_add(exclusions.len() as u64);
        report.summary.backed_up = view.count_licenses(LicenseFilter::All)?.saturating_sub(excluded);
        let IssuerFacts { facts, excluded, unconfirmed } = issuer_facts(home, &computer, view, &writer)?;
        if excluded > 0 {
            report.warnings.push(Message::new(&TEXTS, "left-out-issuers").with("count", excluded));
        }
        for name in unconfirmed {
            report.warnings.push(Message::new(&TEXTS, "not-registered-any-more").with("service", &name));
            report.unregistered.push(name);
        }
        let computer_name = computer_name(backup, view)?;
        let facts = ManifestFacts { computer_name, forgotten, full: since.is_none(), ..facts };
        (facts, exclusions, change, sunset.digest, read_back)
    };
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
        read_back,
    };
    // The backup is complete without the record; the next backup then writes more than necessary.
    let recorded = store.update(|change| {
        change.put_backup(&record)?;
        change.put_exclusions(&record.location, &record.set_id, &exclusions)
    });
    report.warnings.extend(recorded.err().map(|error| Message::from(&error)));
    Ok(report)
}

/// Returns the last change that the set contains; `None` if the generation must write all records.
fn incremental_base(writer: &SetWriter, record: Option<&BackupRecord>) -> Option<i64> {
    let (base, record) = writer.parent().zip(record.filter(|record| !record.damaged))?;
    let digest: Digest = record.manifest.parse().ok()?;
    (base.complete && base.continues(&digest)).then_some(record.change)
}

fn computer_name(backup: &Backup, view: View<'_>) -> Result<String, Error> {
    if let Some(name) = backup.run.computer_name.clone().or(view.chosen_name()?) {
        return Ok(name);
    }
    let registered = view.registrations(None)?.into_iter().next();
    Ok(registered.map_or_else(|| "computer".to_owned(), |known| default_name(&known.computer)))
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

/// Writer of the records of the store to a new generation.
struct RecordWriter<'a> {
    view: View<'a>,
    titles: TitleResolver<'a>,
    writer: &'a mut SetWriter,
    /// Last change that the set contains; `None` if the generation writes all records.
    since: Option<i64>,
    exclusions: Exclusions,
    warnings: Vec<Message>,
}

impl RecordWriter<'_> {
    /// Writes a record. Returns false with a warning about `subject` if the format cannot hold the record.
    fn push(&mut self, record: &Record, warning: &'static str, subject: (&'static str, &str)) -> Result<bool, Error> {
        let pushed = match record {
            Record::Inventory(_) => self.writer.push_inventory(record),
            _ => self.writer.push(record),
        };
        self.check_pushed(pushed, || Message::new(&TEXTS, warning).with(subject.0, subject.1))
    }

    fn check_pushed(
        &mut self,
        pushed: Result<(), BackupError>,
        warning: impl FnOnce() -> Message,
    ) -> Result<bool, Error> {
        let Err(BackupError::Record(error)) = pushed else { return Ok(pushed.map(|()| true)?) };
        if self.warnings.len() < MAX_EXCLUSION_WARNINGS {
            self.warnings.push(warning().with_cause(&error));
        }
        Ok(false)
    }

    fn is_excluded(&self, entry: &LicenseEntry) -> bool {
        entry.restriction.is_some() || self.exclusions.contains(&entry.identity)
    }

    /// Reports every restricted license, and writes the inventory that shows them on a computer without this store.
    /// Returns the number of restricted licenses.
    fn push_inventory(&mut self, run: &RunContext) -> Result<u64, Error> {
        let view = self.view;
        let mut restricted = 0;
        view.each_license(LicenseFilter::Restricted, |entry| {
            let license = parse_entry(&entry);
            let restricted_license = restricted_license(&self.titles, &entry)?;
            let missing = InventoryRecord {
                kind: entry.identity.kind.number(),
                issuer: entry.identity.issuer,
                license_id: entry.identity.license_id.clone(),
                reason: restricted_license.reason.number(),
                key_ids: license.as_ref().map(|license| license.key_ids.clone()).unwrap_or_default(),
                titles: limit_titles(&restricted_license.titles),
                source_url: license.and_then(|license| license.source_url).unwrap_or_default(),
            };
            run.report(&Status::RestrictedLicense(restricted_license));
            restricted += 1;
            let subject = ("license", entry.identity.license_id.as_str());
            self.push(&Record::Inventory(missing), "left-out-missing", subject).map(drop)
        })?;
        Ok(restricted)
    }

    /// Writes the licenses, and the titles that changed after their licenses. `change` is the last change of the
    /// snapshot.
    fn push_licenses(&mut self, change: i64, run: &RunContext) -> Result<(), Error> {
        let view = self.view;
        // The order of the table is the fastest order for a read of all rows.
        let which = self.since.map_or(LicenseFilter::All, LicenseFilter::ChangedSince);
        let mut progress = Progress::new(view.count_licenses(which)?);
        view.each_license(which, |entry| {
            progress.advance(run)?;
            if self.is_excluded(&entry) {
                return Ok::<(), Error>(());
            }
            let record = LicenseRecord {
                kind: entry.identity.kind.number(),
                issuer: entry.identity.issuer.clone(),
                license_id: entry.identity.license_id.clone(),
                version: entry.version,
                titles: titles_of(&self.titles, &entry)?,
                document: entry.document,
            };
            let subject = ("license", entry.identity.license_id.as_str());
            if !self.push(&Record::License(record), "left-out-license", subject)? {
                self.exclusions.add(ExcludedLicense { identity: entry.identity, sha256: entry.sha256, change });
            }
            Ok(())
        })?;
        view.each_license(LicenseFilter::TitlesChangedSince(self.since()), |entry| {
            if self.is_excluded(&entry) {
                return Ok(());
            }
            let titles = titles_of(&self.titles, &entry)?;
            let LicenseIdentity { kind, issuer, license_id } = entry.identity;
            let record = TitlesRecord { kind: kind.number(), issuer, license_id: license_id.clone(), titles };
            self.push(&Record::Titles(record), "left-out-titles", ("license", &license_id)).map(drop)
        })
    }

    /// Writes the facts about licenses that are not in their documents, the counters and the statements.
    fn push_state(&mut self) -> Result<(), Error> {
        let view = self.view;
        view.each_lcp_facts(self.since(), |identity, status, identifiers| {
            if self.exclusions.contains(&identity) {
                return Ok(());
            }
            let LicenseIdentity { kind, issuer, license_id } = identity;
            // Only a status that ends the license has a number in the record.
            let number = |status: restow_lcp::LcpStatus| status.outcome().map_or(0, |_| status.number());
            let (status, status_time) = status.map_or((0, 0), |(status, at)| (number(status), at));
            let identifiers = limit_titles(&identifiers);
            let (kind, subject) = (kind.number(), license_id.clone());
            let record = LcpFactsRecord { kind, issuer, license_id, status, status_time, identifiers };
            self.push(&Record::LcpFacts(record), "left-out-facts", ("license", &subject)).map(drop)
        })?;
        view.each_counter(self.since(), |entry| {
            let subject = entry.counter.license.clone();
            let record = CounterRecord { issuer: entry.issuer, counter: entry.counter };
            self.push(&Record::Counter(record), "left-out-counter", ("license", &subject)).map(drop)
        })?;
        view.each_statement(self.since(), |issuer, document| {
            let record = StatementRecord { issuer: issuer.clone(), document };
            self.push(&Record::Statement(record), "left-out-statement", ("issuer", &issuer)).map(drop)
        })
    }

    /// Writes the content keys for the sunset of their issuers.
    fn push_content_keys(&mut self, storage_key: &[u8; 32], since: i64, sunset: &Sunset) -> Result<(), Error> {
        let view = self.view;
        let mut epochs: HashMap<String, EpochKey> = HashMap::new();
        view.each_content_key(since, storage_key, |issuer, key_id, seed, key| {
            let Some(keys) = sunset.keys.get(issuer) else { return Ok::<(), Error>(()) };
            if !epochs.contains_key(issuer) {
                let epoch = EpochKey::new(issuer).map_err(|_| HomeError::Random)?;
                for (id, sealing) in keys {
                    // An invalid sunset key of an issuer must not stop the backup.
                    if let Ok(record) = epoch.seal_to(id, sealing) {
                        self.push(&Record::EpochKey(record), "left-out-sunset-key", ("issuer", issuer))?;
                    }
                }
                epochs.insert(issuer.to_owned(), epoch);
            }
            let Some(epoch) = epochs.get(issuer) else { return Ok(()) };
            let pushed = match epoch.wrap(&key_id, seed, key) {
                Ok(record) => self.writer.push(&Record::ContentKey(record)),
                // The record cannot hold the key ID, or the system has no randomness.
                Err(_) => Err(RecordError::LimitExceeded("its key ID").into()),
            };
            let warning = || Message::new(&TEXTS, "left-out-content-key").with("key", &key_id).with("issuer", issuer);
            self.check_pushed(pushed, warning).map(drop)
        })
    }

    fn since(&self) -> i64 {
        self.since.unwrap_or(ALL_CHANGES)
    }
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
