//! Backup of one snapshot of the store as one generation. A backup contacts no service.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use restow_backup::{
    BackupError, BackupSet, CounterRecord, Digest, EpochKey, GenerationId, InventoryRecord, LcpFactsRecord,
    LicenseRecord, Location, ManifestFacts, READ_BACK_LIMIT, Record, SetId, SetWriter, StatementRecord, TitlesRecord,
    WrapError, limit_titles,
};
use restow_core::encoding::{b64, hex, sha256};
use restow_core::{hpke::HpkePublicKey, hresult::Hresult, message::Message, time::UnixTime};
use restow_lcp::Verifier;

use super::exclusions::{CompactionFilter, Exclusions};
use super::held::{HeldLicenses, Losses};
use super::issuer_entries::{IssuerFacts, issuer_facts};
use super::target::BackupTarget;
use super::titles::{parse_entry, titles_of};
use crate::disk::DiskRelation;
use crate::error::{Error, RestorerError};
use crate::home::{Home, HomeError, trust_store};
use crate::license::{self, LicenseIdentity};
use crate::location_status::{self, contains_backup};
use crate::restorer::location::disk_of;
use crate::restorer::options::{Backup, ExistingSet};
use crate::restorer::run::{self, Progress, Run, RunContext};
use crate::status::{FailureReason, NamedLicenses, Report, RestrictedLicense, Status};
use crate::store::{BackupRecord, ExcludedLicense, LicenseEntry, LicenseFilter, Store, View, default_name};
use crate::{listing::TitleResolver, texts::TEXTS};

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
    /// Number of licenses in the new generation, carried-over ones included.
    pub licenses: u64,
    /// Number of these licenses that this computer does not have.
    pub carried: u64,
    /// Number of licenses of this computer that are new or changed since the last backup to this location.
    pub new_or_changed: u64,
    /// Licenses that may not be backed up.
    pub restricted: Vec<RestrictedLicense>,
    /// Licenses that the user removed from the set, and that the backup would leave out.
    pub left_out: NamedLicenses,
}

impl Backup {
    /// Returns the effects of the backup and changes nothing.
    ///
    /// # Errors
    /// As the backup before it writes: [`RestorerError::BackupExists`], [`RestorerError::BackupGone`],
    /// [`RestorerError::NothingToBackUp`]; [`Error::Backup`] if the location cannot be read; [`Error::Home`] or
    /// [`Error::Store`] if the home cannot be read.
    pub fn plan(&self, home: &Home) -> Result<BackupPlan, Error> {
        let mut store = home.store()?;
        let snapshot = store.snapshot()?;
        let view = snapshot.view();
        let target = BackupTarget::open(self, home, view)?;
        let mut heads = Vec::new();
        if let Some(set) = &target.existing {
            for id in set.heads() {
                heads.push(set.manifest(id)?);
            }
        }
        let continues = heads.iter().map(|manifest| manifest.generation).max();
        let BackupTarget { location, name, set, record, .. } = &target;
        let set_id = set.to_string();
        let is_usable = |record: &&BackupRecord| Some(record.generation) == continues && !record.damaged;
        let since = record.as_ref().filter(is_usable).map(|record| record.change);
        let mut exclusions = Exclusions::new(view, heads.iter(), (name, &set_id), record.as_ref(), since)?;
        self.include.iter().for_each(|identity| exclusions.remove(identity));
        let held = HeldLicenses::read(location, *set, view, &|| false)?;
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
        let left_out = exclusions.removed(view, &titles)?;
        let excluded = restricted.len().saturating_add(exclusions.into_parts(view)?.0.len()) as u64;
        Ok(BackupPlan {
            location: location.path(),
            set: set_id,
            continues,
            licenses: view.count_licenses(LicenseFilter::All)?.saturating_sub(excluded).saturating_add(held.not_stored),
            carried: held.not_stored,
            new_or_changed,
            restricted,
            left_out,
        })
    }

    /// Starts the backup on its own thread.
    ///
    /// # Errors
    /// [`Error::Busy`] if a run of this process uses the home, or [`RestorerError::Thread`]. The callback receives
    /// nothing then.
    pub fn start(mut self, home: &Home) -> Result<Run, Error> {
        self.run.make_absolute();
        run::start(home, self.run.clone(), move |run| {
            back_up(&self, run).map_err(|error| name_location(error, &self.run.location))
        })
    }
}

/// Runs a backup: writes a generation, and once more if the drive does not return what was written.
fn back_up(backup: &Backup, run: &RunContext) -> Result<Report, Error> {
    run.check_cancelled()?;
    let mut store = run.home.store()?;
    mark_included(&mut store, &backup.include)?;
    let first = write_generation(backup, run, &mut store, true)?;
    if !first.is_damaged {
        return Ok(first.conclude());
    }
    // The record of the damage makes this attempt write everything.
    let mut last = match write_generation(backup, run, &mut store, false) {
        Ok(mut second) => {
            second.losses.add_earlier(first.losses);
            second
        }
        Err(error) => {
            let mut first = first;
            first.report.warnings.push(Message::from(&error));
            first
        }
    };
    if last.is_damaged {
        let view = store.view();
        let held = HeldLicenses::read(&last.location, last.set, view, &|| false)?;
        last.report.unreadable = held.unwritten(view, &|identity| last.excluded.contains(identity))?;
        last.report.summary.backed_up = held.len();
        last.report.summary.carried = held.not_stored;
    }
    Ok(last.conclude())
}

/// Marks removed licenses as new, so that the backup takes them in again.
fn mark_included(store: &mut Store, licenses: &[LicenseIdentity]) -> Result<(), Error> {
    if licenses.is_empty() {
        return Ok(());
    }
    let change = store.change()?;
    for identity in licenses {
        if let Some(entry) = change.view().license(identity)? {
            change.mark_reimported(identity, &entry.sha256)?;
        }
    }
    Ok(change.commit()?)
}

/// Committed generation and what its run found.
struct WrittenGeneration {
    location: Location,
    set: SetId,
    report: Report,
    losses: Losses,
    /// Licenses of the store that the generation leaves out.
    excluded: HashSet<LicenseIdentity>,
    /// True if the drive does not return the generation as it was written.
    is_damaged: bool,
}

impl WrittenGeneration {
    /// Returns the report with the result of the run.
    fn conclude(self) -> Report {
        let Self { mut report, losses: Losses { rewritten, lost, lost_count }, location, .. } = self;
        report.rewritten = rewritten;
        report.not_restored = lost;
        report.summary.damaged = lost_count;
        let error = match (self.is_damaged, lost_count) {
            (false, 0) => return report,
            (false, count) => RestorerError::LicensesLost(count),
            (true, _) if report.summary.backed_up == 0 => RestorerError::NothingReadBack(location.path()),
            (true, _) => RestorerError::NotReadBack(report.unreadable.count),
        };
        report.result = error.hresult();
        report.error = Some(Message::from(&error));
        report.reason = Some(FailureReason::Other);
        report
    }
}

/// Writes one generation. `is_first` is false for the second attempt of the same backup.
fn write_generation(
    backup: &Backup,
    run: &RunContext,
    store: &mut Store,
    is_first: bool,
) -> Result<WrittenGeneration, Error> {
    let is_cancelled = || run.cancel.is_cancelled();
    let home = &run.home;
    let computer = home.computer()?;
    let set_key = computer.set_key();
    let target = match is_first {
        true => BackupTarget::open(backup, home, store.view())?,
        // The first attempt has written the set that the options would refuse.
        false => BackupTarget::open(&backup.clone().existing(ExistingSet::AddGeneration), home, store.view())?,
    };
    let mut writer = SetWriter::begin(&target.location, &set_key, backup.keep)?;
    let BackupTarget { location, name, set, record, .. } = &target;
    let (set, set_id) = (*set, set.to_string());

    let mut report = Report::new(Hresult::S_OK);
    let (facts, exclusions, change, sunset, losses) = {
        let snapshot = store.snapshot()?;
        let view = snapshot.view();
        let change = view.last_change()?;
        let mut rollback = None;
        if let Some(record) = record {
            rollback = target.existing.as_ref().and_then(|set| location_status::older_state_warning(set, record));
            if rollback.is_some() || target.existing.is_none() {
                writer.reserve_number_above(record.generation)?;
            }
        }
        let mut since = incremental_base(&writer, record.as_ref()).filter(|_| !writer.needs_compaction());
        // A full backup and a merge of heads read the old packs anyway, so damaged ones are found and replaced.
        let reads_packs = since.is_none()
            || writer.parent().is_some_and(|base| base.heads.len() > 1)
            || writer.carried_len() <= READ_BACK_LIMIT;
        let is_damaged = (reads_packs && !writer.check_carried(&is_cancelled)?)
            || writer.parent().is_some_and(|base| !base.complete)
            || target.is_unreadable();
        if is_damaged {
            since = None;
        }
        let heads = writer.parent().into_iter().flat_map(|base| &base.heads).map(|(_, manifest)| manifest);
        let exclusions = Exclusions::new(view, heads, (name, &set_id), record.as_ref(), since)?;
        let mut losses = Losses::default();
        let mut carried = 0;
        if is_damaged || (target.existing.is_some() && !carries_nothing(view, &writer, since, record.as_ref())?) {
            let held = HeldLicenses::read(location, set, view, &is_cancelled)?;
            if is_damaged {
                let last = record.as_ref().zip(target.existing.as_ref());
                let last = last.filter(|(record, set)| contains_backup(set, record) == Some(true));
                losses =
                    held.losses(view, &|identity| exclusions.contains(identity), last.map(|(record, _)| record))?;
                if held.len() == 0 && view.count_licenses(LicenseFilter::All)? == 0 {
                    return Err(BackupError::AllDamaged(location.path()).into());
                }
            }
            carried = held.not_stored;
        }
        let titles = TitleResolver::new(view)?;
        report.left_out = exclusions.removed(view, &titles)?;
        if is_first {
            run.report(&Status::Begin);
        }
        // A damaged pack stays listed while the set may lose a license with it.
        let replaces_damaged = is_damaged && losses.lost_count == 0;
        if writer.needs_compaction() || replaces_damaged {
            let verifier = trust_store::load(home).ok().map(Verifier::new);
            let mut filter = CompactionFilter::new(view, &exclusions, verifier);
            let mut keeps = |record: &Record| filter.keeps(record);
            if replaces_damaged {
                writer.replace_damaged(&mut keeps, &is_cancelled)?;
            }
            if writer.needs_compaction() {
                writer.compact(&mut keeps, &is_cancelled)?;
            }
        }
        let sunset = Sunset::new(view, home.clock().now())?;
        // New sunset keys can open no earlier record, so the generation writes all content keys for them.
        let keys_since = since.filter(|_| record.as_ref().is_some_and(|record| record.sunset == sunset.digest));
        let mut warnings: Vec<Message> = rollback.into_iter().collect();
        warnings.extend(target.existing.iter().flat_map(unread_generations));
        let mut records = RecordWriter { view, titles, writer: &mut writer, since, exclusions, warnings };
        report.summary.restricted = records.push_inventory(run, is_first)?;
        records.push_licenses(change, run)?;
        records.push_state()?;
        records.push_content_keys(&computer.storage_key(), keys_since.unwrap_or(ALL_CHANGES), &sunset)?;
        let RecordWriter { exclusions, warnings, .. } = records;
        report.warnings = warnings;
        let (exclusions, forgotten) = exclusions.into_parts(view)?;
        let excluded = report.summary.restricted.saturating_add(exclusions.len() as u64);
        let stored = view.count_licenses(LicenseFilter::All)?.saturating_sub(excluded);
        report.summary.backed_up = stored.saturating_add(carried);
        report.summary.carried = carried;
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
        (facts, exclusions, change, sunset.digest, losses)
    };
    let created = facts.created;
    let mut found = target.found.clone();
    if writer.parent().is_none() && !found.is_recognized {
        // The first generation here does not replace the record of a drive that was at this path before.
        found.separate(store.view())?;
    }
    // The rename of the manifest in `commit` is the point of no return.
    let committed = writer.commit(facts, &is_cancelled)?;
    report.generation = Some(committed.id.number);
    report.warnings.extend(committed.warnings.iter().map(Message::from));
    if committed.repaired > 0 {
        report.warnings.push(Message::new(&TEXTS, "backup-files-repaired").with("count", committed.repaired));
    }
    if committed.cannot_sync {
        report.warnings.push(Message::new(&TEXTS, "drive-cannot-sync"));
    }
    report.warnings.extend(disk_warning(disk_of(home, location)));
    let is_damaged = !committed.read_back.damage.is_empty();
    let earlier_read_back = record.as_ref().and_then(|record| record.read_back);
    let record = BackupRecord {
        location: found.id.clone(),
        path: found.path.clone(),
        set_id,
        generation: committed.id.number,
        manifest: committed.manifest_sha256.to_string(),
        change,
        sunset,
        at: created,
        damaged: is_damaged,
        read_back: if committed.read_back.is_whole { Some(home.clock().now()) } else { earlier_read_back },
        licenses: Some(report.summary.backed_up),
        carried: Some(report.summary.carried),
    };
    // The backup is complete without the record; the next backup then writes more than necessary.
    let recorded = store.update(|change| {
        change.put_backup(&record)?;
        change.put_exclusions(&record.location, &record.set_id, &exclusions)?;
        found.record_visit(change, home, location, false)
    });
    report.warnings.extend(recorded.err().map(|error| Message::from(&error)));
    let excluded = exclusions.into_iter().map(|license| license.identity).collect();
    Ok(WrittenGeneration { location: target.location, set, report, losses, excluded, is_damaged })
}

/// Returns true if the set is known to hold only licenses that the store still has.
fn carries_nothing(
    view: View<'_>,
    writer: &SetWriter,
    since: Option<i64>,
    record: Option<&BackupRecord>,
) -> Result<bool, Error> {
    let Some(record) = record.filter(|record| since.is_some() && record.carried == Some(0)) else { return Ok(false) };
    let Ok(manifest) = record.manifest.parse() else { return Ok(false) };
    let head = GenerationId::new(record.generation, &manifest);
    let is_only_head = writer.parent().is_some_and(|base| base.heads.iter().all(|(id, _)| *id == head));
    Ok(is_only_head && view.last_removal()? <= record.change)
}

/// Returns a warning for each unreadable generation that is at least as new as the readable ones.
fn unread_generations(set: &BackupSet) -> Vec<Message> {
    let newest = set.heads().iter().map(|id| id.number).max();
    let unread = set.damaged_generations().filter(|id| newest.is_none_or(|newest| id.number >= newest));
    unread.map(|id| Message::new(&TEXTS, "generation-rewritten").with("generation", id.number)).collect()
}

/// Names the location in an error that concerns the whole drive, instead of a file that the user does not know.
fn name_location(error: Error, location: &Path) -> Error {
    match error {
        Error::Backup(BackupError::ReadOnly(_)) => BackupError::ReadOnly(location.to_owned()).into(),
        Error::Backup(BackupError::DiskFull(_)) => BackupError::DiskFull(location.to_owned()).into(),
        error => error,
    }
}

/// Returns a warning about a location that is lost together with this computer.
fn disk_warning(disk: DiskRelation) -> Option<Message> {
    match disk {
        DiskRelation::SameDisk => Some(Message::new(&TEXTS, "location-same-disk")),
        DiskRelation::Memory => Some(Message::new(&TEXTS, "location-in-memory")),
        DiskRelation::Unknown => Some(Message::new(&TEXTS, "location-disk-unknown")),
        _ => None,
    }
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

    /// Reports every restricted license if this is the first attempt, and writes the inventory that shows them on a computer without this store.
    /// Returns the number of restricted licenses.
    fn push_inventory(&mut self, run: &RunContext, is_first: bool) -> Result<u64, Error> {
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
            if is_first {
                run.report(&Status::RestrictedLicense(restricted_license));
            }
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
                Err(WrapError::Record(error)) => Err(error.into()),
                Err(_) => return Err(HomeError::Random.into()),
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
