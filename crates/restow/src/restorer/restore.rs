//! Restoring: look, ask, write, in this order; nothing is written before every service was asked.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use super::ask::{Answers, Open, ask, refusal_result};
use super::error::RestorerError;
use super::options::{Restore, RestorePlan};
use super::run::Teller;
use super::survey::{self, OwnKeys, Survey};
use super::trust::Trust;
use crate::backup::{Damage, Found, PackRole, Part, Reader, Record};
use crate::encoding::{hex, sha256};
use crate::error::Error;
use crate::home::Home;
use crate::hresult::Hresult;
use crate::license::{Kind, License, LicenseIdentity};
use crate::note::Note;
use crate::service::Cancel;
use crate::service::protocol::Outcome;
use crate::status::{NotRestored, Report, Status, Summary};
use crate::store::{AddedBy, Change, LicenseStatus, Stored};

/// How many licenses and warnings a report names at most.
const NAMED: usize = 1_000;
const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);

pub(super) fn plan(restore: &Restore, home: &Home, cancel: &Cancel) -> Result<RestorePlan, Error> {
    let store = home.store()?;
    let reader = survey::open(restore, cancel)?;
    let trust = Trust::of(&reader, Some(store.view()))?;
    let survey = Survey::of(restore, home, &store, &reader, &trust, true, cancel)?;
    let needed: usize = survey.needed.values().map(|here| here.licenses.len()).sum();
    Ok(RestorePlan {
        sets: survey::sets(&reader, &trust),
        services: survey.services(&store, &trust)?,
        to_restore: needed as u64 + survey.portable,
        already_here: survey.already_here.len() as u64 + survey.portable_here,
        needs_adopt: survey.needs_adopt.into_keys().collect(),
        warnings: reader.damage().iter().take(NAMED).map(Note::from).collect(),
    })
}

pub(super) fn run(restore: &Restore, home: &Home, teller: &Teller, cancel: &Cancel) -> Result<Report, Error> {
    let stop = || if cancel.is_cancelled() { Err(Error::from(RestorerError::Cancelled)) } else { Ok(()) };
    stop()?;
    let mut store = home.store()?;
    let reader = survey::open(restore, cancel)?;
    let trust = Trust::of(&reader, Some(store.view()))?;
    let mut survey = Survey::of(restore, home, &store, &reader, &trust, false, cancel)?;
    let answers = ask(restore, home, &mut store, &mut survey, &trust, teller, cancel)?;
    let computer = home.computer()?;
    stop()?;

    teller.tell(&Status::Begin);
    let mut own_keys = OwnKeys::new(home, store.view())?;
    let change = store.change()?;
    let mut tally = Tally::new(&reader);
    for key_set in trust.key_sets() {
        change.put_service(key_set, AddedBy::Nobody)?;
    }
    let sets = Sets { restore, reader: &reader, trust: &trust, survey: &survey, granted: granted(&answers) };
    tally.write(&sets, &mut own_keys, &change, teller, cancel)?;
    tally.settle(&survey, &answers, &change, &computer.storage_key())?;
    change.drop_unused_keys()?;
    // The point of no return is the commit: until here a cancel leaves the store as it was.
    stop()?;
    change.commit()?;
    if !restore.only.is_empty() && tally.report.summary == Summary::default() {
        return Err(RestorerError::NoSuch(format!("license {}", restore.only.join(", "))).into());
    }
    Ok(tally.report())
}

/// A license of a set that is not taken, and why.
pub(super) fn not_accepted(license_id: &str, why: Note) -> Note {
    Note::new("not-accepted", format!("license {license_id}: {why}")).with("license", license_id).because(why)
}

/// The document each grant is about: by issuer and license ID its SHA-256, in hex.
type GrantedDocuments = HashMap<(String, String), String>;

fn granted(answers: &Answers) -> GrantedDocuments {
    let mut granted = GrantedDocuments::new();
    for ((issuer, _), asking) in answers {
        for one in asking.grants.iter().flat_map(|grant| grant.granted()) {
            granted.insert((issuer.clone(), one.license.clone()), one.sha256.clone());
        }
    }
    granted
}

/// What is written from, and what is known of it.
struct Sets<'a> {
    restore: &'a Restore,
    reader: &'a Reader,
    trust: &'a Trust,
    survey: &'a Survey,
    granted: GrantedDocuments,
}

impl Sets<'_> {
    /// Whether a document is stored: of native ones the very document that was granted, or that is asked for; a claim of
    /// somebody else's under the same ID is not, nor what must be adopted first.
    fn takes(&self, license: &License) -> bool {
        let identity = &license.identity;
        if identity.kind != Kind::Restow {
            return true;
        }
        let digest = sha256(&license.document);
        let key = (identity.issuer.clone(), identity.license_id.clone());
        if let Some(granted) = self.granted.get(&key) {
            return *granted == hex(&digest);
        }
        let holder = license.holder.clone().unwrap_or_default();
        let here = self.survey.needed.get(&(identity.issuer.clone(), holder));
        let asked = here.and_then(|here| here.licenses.get(&identity.license_id));
        asked.is_some_and(|needed| needed.sha256 == digest) || self.survey.revoked.contains_key(identity)
    }
}

/// What became of everything.
struct Tally {
    report: Report,
    seen: HashMap<u64, bool>,
    hash: RandomState,
    total: u64,
    done: u64,
    last_progress: Instant,
    refusals: Vec<Outcome>,
    open: Vec<Open>,
}

impl Tally {
    fn new(reader: &Reader) -> Self {
        let mut report = Report::new(Hresult::S_OK);
        report.warnings = reader.damage().iter().take(NAMED).map(Note::from).collect();
        let state = reader.generations().iter().filter(|generation| generation.part == Part::State);
        Self {
            report,
            seen: HashMap::new(),
            hash: RandomState::new(),
            total: state.map(|generation| generation.manifest.licenses()).sum(),
            done: 0,
            last_progress: Instant::now(),
            refusals: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Puts everything the sets have into the store, uncommitted.
    fn write(
        &mut self,
        sets: &Sets<'_>,
        own_keys: &mut OwnKeys,
        change: &Change<'_>,
        teller: &Teller,
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let (restore, trust) = (sets.restore, sets.trust);
        sets.reader.records(PackRole::Licenses, &mut |found| {
            match found {
                Found::Record(context, record) => match record {
                    Record::License(record) if survey::wants(restore, &record.license_id) => {
                        match trust.license(&context, &record) {
                            Ok(license) if sets.takes(&license) => self.put(change, &license, &record.titles)?,
                            Ok(_) => {}
                            Err(why) => {
                                self.report.summary.damaged += 1;
                                self.warn(not_accepted(&record.license_id, why));
                            }
                        }
                        self.progress(teller, cancel)?;
                    }
                    Record::Counter(record) => {
                        // A counter without its license means nothing here.
                        let holder = change.view().holder_of(&record.issuer, &record.counter.license)?;
                        let own = own_keys.of(&record.issuer);
                        if holder.is_some_and(|holder| trust.accepts_counter(&context, &record, &holder, own)) {
                            change.put_counter(&record.issuer, &record.counter, 0)?;
                        }
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
                Found::Damage(damage) => self.damage(&damage),
            }
            Ok::<(), Error>(())
        })
    }

    fn put(&mut self, change: &Change<'_>, license: &License, titles: &[String]) -> Result<(), Error> {
        let native = license.identity.kind == Kind::Restow;
        let status = if native { LicenseStatus::Pending } else { LicenseStatus::Usable };
        let stored = change.put_license(license, status)?;
        if stored != Stored::AlreadyHere && titles != license.title.as_slice() {
            change.set_titles(&license.identity, titles)?;
        }
        // Native licenses are counted by what their service answered.
        if native {
            return Ok(());
        }
        let came = stored != Stored::AlreadyHere;
        let before = self.seen.insert(self.hash.hash_one(&license.identity), came);
        let summary = &mut self.report.summary;
        match (before, came) {
            (None, true) => summary.restored += 1,
            (None, false) => summary.already_here += 1,
            (Some(false), true) => {
                summary.already_here -= 1;
                summary.restored += 1;
            }
            (Some(true), _) => {
                self.seen.insert(self.hash.hash_one(&license.identity), true);
            }
            (Some(false), false) => {}
        }
        Ok(())
    }

    /// Counts native licenses by what was answered, and lets the grants take effect.
    fn settle(
        &mut self,
        survey: &Survey,
        answers: &Answers,
        change: &Change<'_>,
        storage_key: &[u8; 32],
    ) -> Result<(), Error> {
        self.report.summary.already_here += survey.already_here.len() as u64;
        for (identity, titles) in &survey.revoked {
            self.refuse(identity.clone(), titles, Outcome::Revoked);
        }
        for (identity, titles) in &survey.needs_adopt {
            self.refuse(identity.clone(), titles, Outcome::NotYours);
        }
        if !survey.needs_adopt.is_empty() {
            self.warn(Note::new("needs-adopt", "some licenses belong to another person; take them over with --adopt"));
        }
        for (key, here) in &survey.needed {
            let identity = |license: &str| LicenseIdentity {
                kind: Kind::Restow,
                issuer: key.0.clone(),
                license_id: license.to_owned(),
            };
            let mut unanswered: Vec<&String> = here.licenses.keys().collect();
            let asking = answers.get(key);
            if let Some(asking) = asking {
                if let Some(session) = &asking.session {
                    let mut outcomes: HashMap<String, Outcome> = HashMap::new();
                    for grant in &asking.grants {
                        grant.apply(session, change, storage_key, |granted| {
                            outcomes.insert(granted.license.clone(), granted.outcome);
                        })?;
                    }
                    for (license, needed) in &here.licenses {
                        match outcomes.get(license) {
                            Some(Outcome::Granted) => {
                                self.report.summary.restored += 1;
                                self.note_missing_file(change, &identity(license), &needed.titles)?;
                            }
                            Some(outcome) => self.refuse(identity(license), &needed.titles, *outcome),
                            None => {}
                        }
                    }
                    unanswered.retain(|license| !outcomes.contains_key(*license));
                }
                if let Some(warning) = &asking.warning {
                    self.warn(warning.clone());
                }
            }
            let open = asking.and_then(|asking| asking.open).unwrap_or(Open::Unavailable);
            for license in unanswered {
                let titles = here.licenses.get(license).map(|needed| needed.titles.as_slice()).unwrap_or_default();
                match open {
                    Open::Refused => self.refuse(identity(license), titles, Outcome::NotYours),
                    Open::OtherMachine | Open::NeedsIndividualization | Open::Unavailable => {
                        self.report.summary.pending += 1;
                        self.open.push(open);
                        self.name(identity(license), titles, None);
                    }
                }
            }
        }
        Ok(())
    }

    fn note_missing_file(
        &mut self,
        change: &Change<'_>,
        identity: &LicenseIdentity,
        titles: &[String],
    ) -> Result<(), Error> {
        let view = change.view();
        let Some(entry) = view.license(identity)? else { return Ok(()) };
        let license = crate::license::parse_as(identity.kind, &entry.document)?;
        for key_id in &license.key_ids {
            if !view.paths(key_id)?.is_empty() {
                return Ok(());
            }
        }
        if self.report.without_file.len() < NAMED {
            let title = titles.first().cloned().or(license.title).unwrap_or_else(|| identity.license_id.clone());
            self.report.without_file.push(title);
        }
        Ok(())
    }

    fn refuse(&mut self, identity: LicenseIdentity, titles: &[String], outcome: Outcome) {
        self.report.summary.refused += 1;
        self.refusals.push(outcome);
        self.name(identity, titles, Some(outcome));
    }

    fn name(&mut self, identity: LicenseIdentity, titles: &[String], outcome: Option<Outcome>) {
        if self.report.not_restored.len() < NAMED {
            self.report.not_restored.push(NotRestored { identity, titles: titles.to_vec(), outcome });
        }
    }

    fn damage(&mut self, damage: &Damage) {
        self.report.summary.damaged += damage.licenses_lost.unwrap_or_default();
        self.warn(damage.into());
    }

    fn warn(&mut self, warning: Note) {
        if self.report.warnings.len() < NAMED {
            self.report.warnings.push(warning);
        }
    }

    fn progress(&mut self, teller: &Teller, cancel: &Cancel) -> Result<(), Error> {
        self.done += 1;
        if self.done.is_multiple_of(64) && cancel.is_cancelled() {
            return Err(RestorerError::Cancelled.into());
        }
        if self.done.is_multiple_of(64) && self.last_progress.elapsed() >= BETWEEN_PROGRESS {
            self.last_progress = Instant::now();
            teller.tell(&Status::Progress { done: self.done, total: self.total.max(self.done) });
        }
        Ok(())
    }

    /// The result of END, by design §5: all came, some came, or the first cause in its order.
    fn report(mut self) -> Report {
        let summary = self.report.summary;
        let came = summary.restored + summary.already_here;
        let missed = summary.refused + summary.pending + summary.damaged;
        if missed == 0 {
            return self.report;
        }
        if came > 0 {
            self.report.result = Hresult::NS_E_DRM_STORE_NOTALLSTORED;
            self.report.code = Some("restored-in-part");
            self.report.message = Some(format!("{came} licenses are here, {missed} are not"));
            self.report.help = Some("See the reason at each; run the restore again for those that are pending.".into());
            return self.report;
        }
        let refused = |result| self.refusals.iter().any(|outcome| refusal_result(*outcome) == result);
        let (result, code, message, help) = if refused(Hresult::NS_E_DRM_RESTORE_FRAUD) {
            let help = "The service decides on how many computers a license may be; its page or operator can help.";
            (Hresult::NS_E_DRM_RESTORE_FRAUD, "restore-refused", "the licenses may not be restored here", help)
        } else if self.open.contains(&Open::OtherMachine) {
            let help = "Restore into a home of this machine instead: --home DIR.";
            (Hresult::NS_E_DRM_INVALID_MACHINE, "other-machine", "this home belongs to another machine", help)
        } else if self.open.contains(&Open::NeedsIndividualization) {
            let help = "Consent to register this computer: restow restore LOCATION --register.";
            (
                Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
                "needs-individualization",
                "this computer must be registered first",
                help,
            )
        } else if summary.damaged > 0 {
            let help = "Restore from another backup, or an older generation: restow backups LOCATION.";
            (Hresult::NS_E_DRM_BACKUP_CORRUPT, "backup-damaged", "the backup is damaged", help)
        } else if self.open.contains(&Open::Unavailable) {
            let help = "Try again later; nothing is lost meanwhile.";
            (
                Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE,
                "service-unreachable",
                "the service cannot be reached",
                help,
            )
        } else if refused(Hresult::NS_E_DRM_LICENSE_EXPIRED) {
            (
                Hresult::NS_E_DRM_LICENSE_EXPIRED,
                "restore-expired",
                "the licenses have expired",
                "Ask the shop or library.",
            )
        } else {
            let help = "Ask the shop or library why.";
            (Hresult::NS_E_DRM_LICENSE_UNUSABLE, "restore-revoked", "the licenses cannot be used any more", help)
        };
        self.report.result = result;
        self.report.code = Some(code);
        self.report.message = Some(message.to_owned());
        self.report.help = Some(help.to_owned());
        self.report
    }
}
