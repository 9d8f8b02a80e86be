//! Backing up: one snapshot of the store becomes one generation. No service is contacted.

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
use restow_core::message::Note;
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

/// Nothing in a store has a change number below this.
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
    /// [`Error::Backup`] if the location cannot be read; [`Error::Home`] or [`Error::Store`] if the home cannot be read.
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
    let set = SetId::of(&computer.set_key().public());
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
    let note = view.backup(&name, &set_id)?;
    let usable = |note: &&BackupRecord| Some(note.generation) == continues && !note.damaged;
    let since = note.as_ref().filter(usable).map(|note| note.change);
    let exclusions = Exclusions::of(view, heads.iter(), (&name, &set_id), note.as_ref(), since)?;
    let mut restricted = Vec::new();
    let titles = TitleResolver::new(view)?;
    view.each_license(LicenseFilter::Restricted, |entry| {
        restricted.push(restricted_license(&titles, &entry)?);
        Ok::<(), Error>(())
    })?;
    let mut new_or_changed = 0;
    view.each_license(Which::ChangedSince(since.unwrap_or(ALL_CHANGES)), |entry| {
        new_or_changed += u64::from(entry.restriction.is_none() && !exclusions.contains(&entry.identity));
        Ok::<(), Error>(())
    })?;
    let out = restricted.len().saturating_add(exclusions.into_parts(view)?.0.len()) as u64;
    Ok(BackupPlan {
        location: location.path(),
        set: set_id,
        continues,
        licenses: view.count_licenses(LicenseFilter::All)?.saturating_sub(out),
        new_or_changed,
        restricted,
    })
}

/// What it reports as backed up is what the store has and may be backed up, whether this generation wrote it or one
/// before. What only stays listed because the store had it once is not counted.
fn run(backup: &Backup, home: &Home, reporter: &StatusReporter, cancel: &Cancel) -> Result<Report, Error> {
    let stop = || cancel.is_cancelled();
    if stop() {
        return Err(Error::Cancelled);
    }
    let mut store = home.store()?;
    let computer = home.computer()?;
    let set_key = computer.set_key();
    let set = SetId::of(&set_key.public());
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
        let note = view.backup(&name, &set_id)?;
        let mut older = None;
        if let Some(note) = note.as_ref().filter(|_| writer.number() > 1) {
            older = location_status::rollback_warning(&location, set, note)?;
            if older.is_some() {
                writer.reserve_number_above(note.generation)?;
            }
        }
        let mut since = since(&writer, note.as_ref()).filter(|_| !writer.needs_compaction());
        // Whoever writes everything again, or reads old packs anyway, finds out which of them are damaged.
        let reads_packs = since.is_none() || writer.parent().is_some_and(|base| base.heads.len() > 1);
        if reads_packs && !writer.check_carried(&stop)? {
            since = None;
        }
        let heads = writer.base().into_iter().flat_map(|base| &base.heads).map(|(_, manifest)| manifest);
        let mut exclusions = Exclusions::of(view, heads, (&name, &set_id), note.as_ref(), since)?;
        reporter.report(&Status::Begin);
        if writer.needs_compaction() {
            let mut replaced = CompactionFilter::new(view, &exclusions);
            writer.compact(&mut |record| replaced.keeps(record), &stop)?;
        }
        let sunset = Sunset::of(view, home.clock().now())?;
        // A set that knows nothing of the sunset keys of today gets all content keys for them.
        let keys_since = since.filter(|_| note.is_some_and(|note| note.sunset == sunset.digest));
        let mut report = Report::new(Hresult::S_OK);
        report.warnings.extend(older);
        report.summary.restricted = inventory(view, &mut writer, reporter, &mut report.warnings)?;
        push_licenses(view, &mut writer, since, &mut exclusions, change, &mut report.warnings, reporter, cancel)?;
        push_facts(view, &mut writer, since.unwrap_or(ALL_CHANGES), &exclusions, &mut report.warnings)?;
        push_state(view, &mut writer, since.unwrap_or(ALL_CHANGES), &mut report.warnings)?;
        let keys_since = keys_since.unwrap_or(ALL_CHANGES);
        push_content_keys(&computer, view, &mut writer, keys_since, &sunset, &mut report.warnings)?;
        let (left_out, forgotten) = exclusions.into_parts(view)?;
        let total = view.count_licenses(Which::All)?;
        let out = report.summary.restricted.saturating_add(left_out.len() as u64);
        report.summary.backed_up = total.saturating_sub(out);
        let facts = ManifestFacts { forgotten, full: since.is_none(), ..ManifestFacts::default() };
        let facts = manifest_facts(backup, home, &computer, view, &writer, facts, &mut report.warnings)?;
        (facts, report, left_out, change, sunset.digest)
    };
    let mut report = report;
    let created = facts.created;
    // The rename of the manifest inside is the point of no return.
    let committed = writer.commit(facts, &stop)?;
    report.generation = Some(committed.id.number);
    report.warnings.extend(committed.warnings.iter().map(Note::from));
    let note = BackupRecord {
        location: name,
        set_id,
        generation: committed.id.number,
        manifest: committed.manifest_sha256.to_string(),
        change,
        sunset,
        at: created,
        damaged: false,
    };
    // The backup stands whether or not it could be noted; without the note the next one writes more than it must.
    let noted = store.change().and_then(|change| {
        change.put_backup(&note)?;
        change.put_exclusions(&note.location, &note.set_id, &left_out)?;
        change.commit()
    });
    if let Err(error) = noted {
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

/// Since which change records must be written; `None` for everything.
fn since(writer: &SetWriter, note: Option<&BackupRecord>) -> Option<i64> {
    let (base, note) = writer.parent().zip(note.filter(|note| !note.damaged))?;
    let digest: Digest = note.manifest.parse().ok()?;
    (base.complete && base.continues(&digest)).then_some(note.change)
}

/// Tells of every restricted license and writes what a bare computer needs to know of it.
fn inventory(
    view: View<'_>,
    writer: &mut SetWriter,
    reporter: &StatusReporter,
    warnings: &mut Vec<Note>,
) -> Result<u64, Error> {
    let mut restricted = 0;
    let titles = Titles::new(view)?;
    view.each_license(Which::Restricted, |entry| {
        let license = parse_entry(&entry);
        let told = restricted_license(&titles, &entry)?;
        let missing = InventoryRecord {
            kind: entry.identity.kind.number(),
            issuer: entry.identity.issuer.clone(),
            license_id: entry.identity.license_id.clone(),
            reason: told.reason.number(),
            key_ids: license.as_ref().map(|license| license.key_ids.clone()).unwrap_or_default(),
            titles: limit_titles(&told.titles),
            source_url: license.and_then(|license| license.source_url).unwrap_or_default(),
        };
        reporter.report(&Status::RestrictedLicense(told));
        restricted += 1;
        let pushed = writer.push_inventory(&Record::Inventory(missing));
        let id = &entry.identity.license_id;
        let text = || format!("the entry of license {id} in the list of what is missing");
        let what = || Note::new("left-out-missing", text()).with("license", id);
        record_pushed(pushed, what, warnings).map(|_| ())
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

fn titles_of(titles: &Titles<'_>, entry: &LicenseEntry) -> Result<Vec<String>, Error> {
    let Some(license) = parse_entry(entry) else { return Ok(fitting_titles(&entry.titles)) };
    Ok(fitting_titles(titles.of(&license, &entry.titles)?))
}

/// A license of the store. A document this version does not read, as another one wrote it, is backed up all the same.
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
    warnings: &mut Vec<Note>,
    reporter: &StatusReporter,
    cancel: &Cancel,
) -> Result<(), Error> {
    // Everything is read fastest in the order of the table.
    let which = since.map_or(LicenseFilter::All, LicenseFilter::ChangedSince);
    let total = view.count_licenses(which)?;
    let called = Titles::new(view)?;
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
            titles: titles_of(&called, &entry)?,
            document: entry.document,
        };
        let id = &entry.identity.license_id;
        let what = || Note::new("left-out-license", format!("license {id}")).with("license", id);
        if !record_pushed(writer.push(&Record::License(record)), what, warnings)? {
            exclusions.add(LeftOut { identity: entry.identity, sha256: entry.sha256, change });
        }
        Ok(())
    })?;
    view.each_license(Which::TitlesChangedSince(since.unwrap_or(ALL_CHANGES)), |entry| {
        if entry.restriction.is_some() || exclusions.contains(&entry.identity) {
            return Ok(());
        }
        let titles = titles_of(&called, &entry)?;
        let LicenseIdentity { kind, issuer, license_id } = entry.identity;
        let what = Note::new("left-out-titles", format!("titles of license {license_id}")).with("license", &license_id);
        let record = TitlesRecord { kind: kind.number(), issuer, license_id, titles };
        record_pushed(writer.push(&Record::Titles(record)), || what, warnings).map(|_| ())
    })
}

/// What is known of licenses beside their documents.
fn push_facts(
    view: View<'_>,
    writer: &mut SetWriter,
    since: i64,
    exclusions: &Exclusions,
    warnings: &mut Vec<Note>,
) -> Result<(), Error> {
    view.each_facts(since, |facts| {
        if exclusions.contains(&facts.identity) {
            return Ok(());
        }
        let LicenseIdentity { kind, issuer, license_id } = facts.identity;
        let text = format!("what is known of license {license_id} beside it");
        let what = Note::new("left-out-facts", text).with("license", &license_id);
        let number = |standing: restow_lcp::LcpStatus| standing.outcome().map_or(0, |_| standing.number());
        let (standing, at) = facts.said.map_or((0, 0), |(standing, at)| (number(standing), at));
        let identifiers = fitting_titles(&facts.identifiers);
        let record = FactsRecord { kind: kind.number(), issuer, license_id, standing, at, identifiers };
        record_pushed(writer.push(&Record::Facts(record)), || what, warnings).map(|_| ())
    })
}

/// Counters and statements.
fn push_state(view: View<'_>, writer: &mut SetWriter, since: i64, warnings: &mut Vec<Note>) -> Result<(), Error> {
    view.each_counter(since, |entry| {
        let id = &entry.counter.license;
        let what = Note::new("left-out-counter", format!("a counter of license {id}")).with("license", id);
        let record = CounterRecord { issuer: entry.issuer, counter: entry.counter };
        record_pushed(writer.push(&Record::Counter(record)), || what, warnings).map(|_| ())
    })?;
    view.each_statement(since, |issuer, document| {
        let text = format!("a statement of issuer {issuer} about revoked licenses");
        let what = Note::new("left-out-statement", text).with("issuer", &issuer);
        let record = StatementRecord { issuer, document };
        record_pushed(writer.push(&Record::Statement(record)), || what, warnings).map(|_| ())
    })
}

/// The sunset keys of all issuers.
struct Sunset {
    keys: BTreeMap<String, Vec<(String, HpkePublicKey)>>,
    /// Of their issuers, IDs and themselves.
    digest: String,
}

impl Sunset {
    fn of(view: View<'_>, now: UnixTime) -> Result<Self, Error> {
        let mut keys = BTreeMap::new();
        let mut named = String::new();
        for service in view.services()? {
            let mut of_issuer: Vec<_> =
                service.key_set.sunset_keys(now).map(|(id, key)| (id.to_owned(), key)).collect();
            of_issuer.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (id, key) in &of_issuer {
                named.push_str(&format!("{:?} {id:?} {}\n", service.issuer(), b64(key.as_bytes())));
            }
            if !of_issuer.is_empty() {
                keys.insert(service.issuer().to_owned(), of_issuer);
            }
        }
        Ok(Self { keys, digest: hex(&sha256(named.as_bytes())) })
    }
}

/// Content keys for the sunset of their issuer.
fn push_content_keys(
    computer: &Computer,
    view: View<'_>,
    writer: &mut SetWriter,
    since: i64,
    sunset: &Sunset,
    warnings: &mut Vec<Note>,
) -> Result<(), Error> {
    let mut epochs: HashMap<String, EpochKey> = HashMap::new();
    view.each_content_key(since, &computer.storage_key(), |issuer, key_id, seed, key| {
        let Some(keys) = sunset.keys.get(issuer) else { return Ok::<(), Error>(()) };
        if !epochs.contains_key(issuer) {
            let epoch = EpochKey::new(issuer).map_err(|_| HomeError::Random)?;
            for (id, sealing) in keys {
                // A key the issuer published that cannot be sealed to is the issuer's loss, not the backup's.
                if let Ok(record) = epoch.seal_to(id, sealing) {
                    let text = || format!("sunset key {id} of issuer {issuer}");
                    let what = || Note::new("left-out-sunset-key", text()).with("issuer", issuer);
                    record_pushed(writer.push(&Record::EpochKey(record)), what, warnings)?;
                }
            }
            epochs.insert(issuer.to_owned(), epoch);
        }
        if let Some(epoch) = epochs.get(issuer) {
            // Fails when the record cannot hold the key ID, or the system has no randomness.
            let text = || format!("content key {key_id} of issuer {issuer}");
            let what = || Note::new("left-out-content-key", text()).with("key", &key_id).with("issuer", issuer);
            match epoch.wrap(&key_id, seed, key) {
                Ok(record) => record_pushed(writer.push(&Record::ContentKey(record)), what, warnings)?,
                Err(_) => record_pushed(Err(RecordError::TooMuch("its key ID").into()), what, warnings)?,
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
    warnings: &mut Vec<Note>,
) -> Result<ManifestFacts, Error> {
    let seed = Seed::random().map_err(|_| HomeError::Random)?;
    let issuer_entries::IssuerEntries { issuers, too_many, unsure } =
        issuer_entries::entries(home, computer, view, writer, &seed)?;
    if too_many > 0 {
        let text = format!("{too_many} entries about issuers were left out: a manifest has room for no more");
        warnings.push(Note::new("left-out-issuers", text).with("count", too_many));
    }
    for name in unsure {
        let text = format!(
            "{name}: this computer is not registered there any more, as far as this home knows; if its restore keys were \
             withdrawn since, nobody can restore with this backup alone. Register it again: restow computer register"
        );
        warnings.push(Note::new("not-registered-any-more", text).with("service", name));
    }
    let chosen = backup.run.computer_name.clone().or(view.chosen_name()?);
    let registered = || view.registrations(None).map(|registrations| registrations.into_iter().next());
    let computer_name = match chosen {
        Some(chosen) => chosen,
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
