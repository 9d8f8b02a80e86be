//! Restoring: look, ask, write, in this order; nothing is written before every service was asked.

use restow_backup::{LcpFactsRecord, Location, PackRole, ReadItem, Reader, Record, SetId, UnreadableGeneration};
use restow_core::encoding::{hex, sha256};
use restow_core::message::Note;
use restow_lcp::Verifier;

use crate::error::{Error, RestorerError};
use crate::home::{Home, trust_store};
use crate::license::{Kind, License, LicenseIdentity};
use crate::location_status;
use crate::net::Cancel;
use crate::restorer::encryption::explain_encrypted;
use crate::restorer::location::location_name;
use crate::restorer::options::Restore;
use crate::restorer::restore::apply::{MAX_REPORTED, RestoreApplier};
use crate::restorer::restore::lcp_status::{LcpStatusQueries, LcpStatusResults, ask_providers};
use crate::restorer::restore::plan::{self, ComputerKeyCache, LocationInventory, RestorePlan};
use crate::restorer::restore::services::{ServiceDecisions, query_services};
use crate::restorer::restore::trust::{LicenseProof, Trust};
use crate::restorer::run::{self, Run, RunOptions, StatusReporter};
use crate::status::{Report, Status, Summary};
use crate::store::{AddedBy, Change, LicenseStatus, View};

impl Restore {
    /// Says what the restore would do: opens no socket and changes nothing.
    ///
    /// # Errors
    /// When the location or store cannot be read.
    pub fn plan(&self, home: &Home) -> Result<RestorePlan, Error> {
        plan(self, home, &Cancel::default())
    }

    /// Starts the restore on its own thread.
    ///
    /// # Errors
    /// When a run of this process already uses the home: nothing is told then.
    pub fn start(mut self, home: &Home) -> Result<Run, Error> {
        self.run.make_absolute();
        let RunOptions { callback, cancel, .. } = self.run.clone();
        run::start(home, callback, cancel, move |home, reporter, cancel| {
            run(&self, home, reporter, cancel).map_err(|error| explain_encrypted(error, home))
        })
    }
}

fn plan(restore: &Restore, home: &Home, cancel: &Cancel) -> Result<RestorePlan, Error> {
    let store = home.store()?;
    let (location, reader) = plan::open(restore, cancel)?;
    let trust = Trust::of(&reader, Some(store.view()))?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let mut lent = LcpStatusQueries::for_plan(store.view(), &verifier)?;
    let survey = LocationInventory::of(restore, home, &store, &reader, &trust, &mut lent, true, cancel)?;
    let needed: usize = survey.needed.values().map(|here| here.licenses.len()).sum();
    Ok(RestorePlan {
        sets: plan::sets(&reader, &trust),
        services: survey.services(&store, &trust)?,
        providers: lent.providers(),
        to_restore: needed as u64 + survey.portable,
        already_here: survey.already_here.len() as u64 + survey.portable_here,
        needs_adopt: survey.needs_adopt.into_keys().collect(),
        warnings: known_damage(&reader).into_iter().chain(rollback_warning(home, &location, store.view())?).collect(),
    })
}

fn run(restore: &Restore, home: &Home, reporter: &StatusReporter, cancel: &Cancel) -> Result<Report, Error> {
    let stop = || if cancel.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) };
    stop()?;
    let mut store = home.store()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    let (location, reader) = plan::open(restore, cancel)?;
    let trust = Trust::of(&reader, Some(store.view()))?;
    let mut lent = LcpStatusQueries::for_run(restore, store.view(), &verifier)?;
    let mut survey = LocationInventory::of(restore, home, &store, &reader, &trust, &mut lent, false, cancel)?;
    let answers = query_services(restore, home, &mut store, &mut survey, &trust, reporter, cancel)?;
    let LcpStatusResults { visits, warnings } = ask_providers(home, &mut store, lent, reporter, cancel)?;
    let computer = home.computer()?;
    stop()?;

    reporter.report(&Status::Begin);
    let mut own_keys = ComputerKeyCache::new(home, store.view())?;
    let before = store.view().last_change()?;
    let mut change = store.change()?;
    let name = location_name(&location);
    let own_set = SetId::of(&computer.set_key().public());
    let mut tally = RestoreApplier::new(&reader, verifier, name.clone(), own_set, home.clock().now());
    let older = older_state(home, &location, change.view())?;
    older.into_iter().chain(known_damage(&reader)).chain(warnings).for_each(|warning| tally.warn(warning));
    for key_set in trust.key_sets() {
        change.put_service(key_set, AddedBy::Nobody)?;
    }
    let sets = RestoreSource {
        restore,
        reader: &reader,
        trust: &trust,
        survey: &survey,
        answered: ServiceDecisions::of(&answers),
    };
    sets.write(&mut tally, &mut own_keys, &change, reporter, cancel)?;
    tally.apply_lcp_statuses(&change, &visits)?;
    tally.note_location(&mut change, &location)?;
    tally.count_native(&survey, &answers, &sets.answered, &change, &computer.storage_key())?;
    tally.report_missing_publications(&change, before)?;
    tally.count_losses(restore, &survey, &change)?;
    change.drop_unused_keys()?;
    // The point of no return is the commit: until here a cancel leaves the store as it was.
    stop()?;
    change.commit()?;
    tally.store_updated_documents(&mut store, &visits);
    let report = tally.report();
    if !restore.only.is_empty() && report.summary == Summary::default() {
        return Err(RestorerError::NoSuch(format!("license {}", restore.only.join(", "))).into());
    }
    Ok(report)
}

/// What becomes of a document that nothing in the sets proves.
enum Claim {
    /// It is the very document that was granted.
    Granted,
    /// Its service refused the license or did not answer; that is told of the license.
    Told,
    /// Nobody issued it, or it is not what was asked for.
    NotCertified,
}

/// What sets know of licenses beside their documents, until all documents came. More than this takes is read once more.
#[derive(Default)]
struct LcpFactsBuffer {
    kept: Vec<(SetId, FactsRecord)>,
    bytes: usize,
    are_more: bool,
}

impl LcpFactsBuffer {
    const ROOM: usize = 8 << 20;

    fn keep(&mut self, set: SetId, record: LcpFactsRecord) {
        let texts = record.identifiers.iter().chain([&record.issuer, &record.license_id]);
        let bytes = texts.fold(size_of::<(SetId, LcpFactsRecord)>(), |sum, text| {
            sum.saturating_add(text.len()).saturating_add(size_of::<String>())
        });
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= Self::ROOM {
            self.kept.push((set, record));
        } else {
            self.are_more = true;
        }
    }
}

/// What is written from, and what is known of it.
struct RestoreSource<'a> {
    restore: &'a Restore,
    reader: &'a Reader,
    trust: &'a Trust,
    survey: &'a LocationInventory,
    answered: ServiceDecisions,
}

impl RestoreSource<'_> {
    /// Puts everything the sets have into the store, uncommitted.
    fn write(
        &self,
        tally: &mut RestoreApplier,
        own_keys: &mut ComputerKeyCache,
        change: &Change<'_>,
        reporter: &StatusReporter,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let (restore, trust) = (self.restore, self.trust);
        let mut facts = LcpFactsBuffer::default();
        self.reader.records(PackRole::Licenses, &mut |found| {
            match found {
                Found::Record(context, record) => match record {
                    Record::License(record) if restore.is_selected(&record.license_id) => {
                        match trust.license(&context, &record) {
                            Ok(LicenseProof::Proven(license)) if self.takes(&license) => {
                                tally.put(change, &license, &record.titles, &context)?;
                            }
                            Ok(LicenseProof::Proven(license)) => {
                                tally.record_held(change, &license, tally.newest_generation_time(&context))?
                            }
                            Ok(LicenseProof::Unproven(license, why)) => match self.claim(&license) {
                                Claim::Granted => tally.put(change, &license, &record.titles, &context)?,
                                Claim::Told => {}
                                Claim::NotCertified if is_here(change, &license)? => {
                                    tally.record_held(change, &license, tally.newest_generation_time(&context))?;
                                }
                                Claim::NotCertified => tally.reject_record(record, why),
                            },
                            Err(why) => tally.reject_record(record, why),
                        }
                        tally.advance(reporter, cancel)?;
                    }
                    Record::Counter(record) => {
                        // A counter without its license means nothing here.
                        let holder = change.view().holder_of(&record.issuer, &record.counter.license)?;
                        let own = own_keys.of(&record.issuer);
                        if holder.is_some_and(|holder| trust.accepts_counter(&context, &record, &holder, own)) {
                            change.put_counter(&record.issuer, &record.counter, 0)?;
                        }
                    }
                    Record::Facts(record) if restore.is_selected(&record.license_id) => {
                        facts.keep(context.set, record);
                    }
                    Record::Statement(record) => {
                        if let Some(statement) = trust.revocations(&record.issuer, &record.document) {
                            change.put_revocations(&record.document, &statement)?;
                        }
                    }
                    Record::Titles(record) => {
                        let Some(kind) = Kind::from_number(record.kind) else { return Ok(()) };
                        let identity = LicenseIdentity { kind, issuer: record.issuer, license_id: record.license_id };
                        let believed = kind != Kind::Restow || {
                            let holder = change.view().holder_of(&identity.issuer, &identity.license_id)?;
                            holder.is_some_and(|holder| trust.certifies(&context, &identity.issuer, &holder))
                        };
                        if believed {
                            change.set_titles(&identity, &record.titles)?;
                        }
                    }
                    _ => {}
                },
                ReadItem::Damage(damage) => tally.damage(damage),
            }
            Ok::<(), Error>(())
        })?;
        // Only now it is known which documents came, and only of these a set has a say.
        for (set, record) in facts.kept {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            tally.apply_lcp_facts(change, record, set)?;
        }
        if !facts.are_more {
            return Ok(());
        }
        self.reader.records(PackRole::Licenses, &mut |found| {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            match found {
                Found::Record(context, Record::Facts(record)) if restore.is_selected(&record.license_id) => {
                    tally.apply_lcp_facts(change, record, context.set)?;
                }
                Found::Damage(damage) => tally.record_second_pass_damage(&damage),
                _ => {}
            }
            Ok(())
        })
    }

    /// Whether a document is stored: of native ones the very document that was granted, or that is asked for; a claim of
    /// somebody else's under the same ID is not, nor what must be adopted first.
    fn takes(&self, license: &License) -> bool {
        let identity = &license.identity;
        if identity.kind != Kind::Restow {
            return true;
        }
        let digest = sha256(&license.document);
        let key = (identity.issuer.clone(), identity.license_id.clone());
        if let Some(granted) = self.answered.granted.get(&key) {
            return *granted == hex(&digest);
        }
        let holder = license.holder.clone().unwrap_or_default();
        let here = self.survey.needed.get(&(identity.issuer.clone(), holder));
        let asked = here.and_then(|here| here.licenses.get(&identity.license_id));
        asked.is_some_and(|needed| needed.sha256 == digest) || self.survey.revoked.contains_key(identity)
    }

    fn claim(&self, license: &License) -> Claim {
        let identity = &license.identity;
        let key = (identity.issuer.clone(), identity.license_id.clone());
        if let Some(granted) = self.answered.granted.get(&key) {
            let same = *granted == hex(&sha256(&license.document));
            return if same { Claim::Granted } else { Claim::NotCertified };
        }
        if self.survey.revoked.contains_key(identity) || self.survey.needs_adopt.contains_key(identity) {
            return Claim::Told;
        }
        let here = self.survey.needed.get(&(key.0.clone(), license.holder.clone().unwrap_or_default()));
        let asked = here.and_then(|here| here.licenses.get(&key.1)).is_some_and(|needed| needed.claimed);
        if asked && !self.answered.not_yours.contains(&key) { Claim::Told } else { Claim::NotCertified }
    }
}

/// Whether this very document is here, and was granted.
fn is_here(change: &Change<'_>, license: &License) -> Result<bool, Error> {
    let here = change.view().license_digest(&license.identity)?;
    Ok(here == Some((sha256(&license.document), LicenseStatus::Usable)))
}

/// What is wrong with manifests, and which generations are passed over.
fn known_damage(reader: &Reader) -> Vec<Note> {
    let unread = reader.unreadable().iter().map(|UnreadableGeneration { set, id, reason, .. }| {
        let text =
            |why| format!("set {set}, generation {id}: {why}, and what is read is older; what it holds is not known");
        let note = if reason.is_newer() {
            Note::new("generation-newer", text("it was written by a newer Restow"))
        } else {
            Note::new("generation-unread", text("it cannot be read"))
        };
        note.with("set", set).with("generation", id)
    });
    reader.damage().iter().map(Note::from).chain(unread).take(MAX_REPORTED).collect()
}

/// Whether this computer wrote more to a location than is there.
fn rollback_warning(home: &Home, location: &Location, view: View<'_>) -> Result<Option<Note>, Error> {
    let own = SetId::from_key(&home.computer()?.set_key().public());
    let Some(note) = view.backup(&location_name(location), &own.to_string())? else { return Ok(None) };
    Ok(location_status::rollback_warning(location, own, &note)?)
}
