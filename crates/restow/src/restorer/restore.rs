//! Restoring: look, ask, write, in this order; nothing is written before every service was asked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use super::ask::{Answers, Open, ask};
use super::ask_providers::{Lent, Said, ask_providers};
use super::error::RestorerError;
use super::options::{Restore, RestorePlan};
use super::run::Teller;
use super::survey::{self, OwnKeys, Survey, location_name};
use super::trust::{Judged, Trust};
use super::verify::note_damage;
use crate::backup::{
    Damage, FactsRecord, Found, FrameContext, LicenseRecord, Location, LostLicense, PackId, PackRole, Part, Reader,
    Record, SetId, Unread,
};
use crate::clock::UnixTime;
use crate::encoding::{hex, sha256};
use crate::error::{Error, quoted};
use crate::home::Home;
use crate::hresult::Hresult;
use crate::license::lcp::Verifier;
use crate::license::{Kind, License, LicenseIdentity, Standing};
use crate::listing;
use crate::locations;
use crate::note::Note;
use crate::provider::Visit;
use crate::roots;
use crate::service::Cancel;
use crate::service::protocol::Outcome;
use crate::status::{NotRestored, Report, Status, Summary, WhyNot};
use crate::store::{AddedBy, Change, LicenseStatus, Store, StoreError, View, Which};

/// How many licenses and warnings a report names at most.
pub(super) const NAMED: usize = 1_000;
/// Of how many licenses that cannot be read it is found out whether they came otherwise; more count as damaged.
const LOST: usize = 100_000;
const BETWEEN_PROGRESS: Duration = Duration::from_millis(100);

pub(super) fn plan(restore: &Restore, home: &Home, cancel: &Cancel) -> Result<RestorePlan, Error> {
    let store = home.store()?;
    let (location, reader) = survey::open(restore, cancel)?;
    let trust = Trust::of(&reader, Some(store.view()))?;
    let verifier = Verifier::new(roots::load(home)?);
    let mut lent = Lent::for_plan(store.view(), &verifier)?;
    let survey = Survey::of(restore, home, &store, &reader, &trust, &mut lent, true, cancel)?;
    let needed: usize = survey.needed.values().map(|here| here.licenses.len()).sum();
    Ok(RestorePlan {
        sets: survey::sets(&reader, &trust),
        services: survey.services(&store, &trust)?,
        providers: lent.providers(),
        to_restore: needed as u64 + survey.portable,
        already_here: survey.already_here.len() as u64 + survey.portable_here,
        needs_adopt: survey.needs_adopt.into_keys().collect(),
        warnings: known_damage(&reader).into_iter().chain(older_state(home, &location, store.view())?).collect(),
    })
}

pub(super) fn run(restore: &Restore, home: &Home, teller: &Teller, cancel: &Cancel) -> Result<Report, Error> {
    let stop = || if cancel.is_cancelled() { Err(Error::from(RestorerError::Cancelled)) } else { Ok(()) };
    stop()?;
    let mut store = home.store()?;
    let verifier = Verifier::new(roots::load(home)?);
    let (location, reader) = survey::open(restore, cancel)?;
    let trust = Trust::of(&reader, Some(store.view()))?;
    let mut lent = Lent::for_run(restore, store.view(), &verifier)?;
    let mut survey = Survey::of(restore, home, &store, &reader, &trust, &mut lent, false, cancel)?;
    let answers = ask(restore, home, &mut store, &mut survey, &trust, teller, cancel)?;
    let Said { visits, warnings } = ask_providers(home, &mut store, lent, teller, cancel)?;
    let computer = home.computer()?;
    stop()?;

    teller.tell(&Status::Begin);
    let mut own_keys = OwnKeys::new(home, store.view())?;
    let before = store.view().last_change()?;
    let mut change = store.change()?;
    let name = location_name(&location);
    let own_set = SetId::of(&computer.set_key().public());
    let mut tally = Tally::new(&reader, verifier, name.clone(), own_set, home.clock().now());
    tally.report.warnings.extend(older_state(home, &location, change.view())?);
    warnings.into_iter().for_each(|warning| tally.warn(warning));
    for visit in &visits {
        visit.keep_standing(&change)?;
    }
    for key_set in trust.key_sets() {
        change.put_service(key_set, AddedBy::Nobody)?;
    }
    let sets = Sets { restore, reader: &reader, trust: &trust, survey: &survey, answered: Answered::of(&answers) };
    tally.write(&sets, &mut own_keys, &change, teller, cancel)?;
    if tally.own_set_damaged {
        note_damage(&change, &location, tally.own_set)?;
    }
    if tally.damaged {
        change.forget_restored_from(&name)?;
    }
    if tally.stored && !tally.damaged {
        change.put_restored_from(&name, tally.oldest)?;
    }
    tally.settle(&sets, &answers, &change, &computer.storage_key())?;
    tally.note_missing_books(&change, before)?;
    tally.settle_damage(restore, &survey, &change)?;
    change.drop_unused_keys()?;
    // The point of no return is the commit: until here a cancel leaves the store as it was.
    stop()?;
    change.commit()?;
    tally.take_fresh(&mut store, &visits);
    if !restore.only.is_empty() && tally.report.summary == Summary::default() {
        return Err(RestorerError::NoSuch(format!("license {}", restore.only.join(", "))).into());
    }
    Ok(tally.report())
}

/// A license of a set that is not taken, and why.
pub(super) fn not_accepted(license_id: &str, why: Note) -> Note {
    let license = quoted(license_id);
    Note::new("not-accepted", format!("license {license}: {why}")).with("license", license).because(why)
}

/// What the services said, by issuer and license ID.
#[derive(Default)]
struct Answered {
    /// Of what is granted the SHA-256 of the document, in hex.
    granted: HashMap<(String, String), String>,
    /// What the holder has no license of.
    not_yours: HashSet<(String, String)>,
}

impl Answered {
    fn of(answers: &Answers) -> Self {
        let mut answered = Self::default();
        for ((issuer, _), asking) in answers {
            for one in asking.grants.iter().flat_map(|grant| grant.answered()) {
                let key = (issuer.clone(), one.license.clone());
                match one.outcome {
                    Outcome::Granted => {
                        answered.granted.insert(key, one.sha256.clone());
                    }
                    Outcome::NotYours => {
                        answered.not_yours.insert(key);
                    }
                    _ => {}
                }
            }
        }
        answered
    }
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

/// What is written from, and what is known of it.
struct Sets<'a> {
    restore: &'a Restore,
    reader: &'a Reader,
    trust: &'a Trust,
    survey: &'a Survey,
    answered: Answered,
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
    let unread = reader.unread().iter().map(|Unread { set, id, is_newer, .. }| {
        let (code, why) = if *is_newer {
            ("generation-newer", "it was written by a newer Restow")
        } else {
            ("generation-unread", "it cannot be read")
        };
        let text = format!("set {set}, generation {id}: {why}, and what is read is older; what it holds is not known");
        Note::new(code, text).with("set", set).with("generation", id)
    });
    reader.damage().iter().map(Note::from).chain(unread).take(NAMED).collect()
}

/// Whether this computer wrote more to a location than is there.
fn older_state(home: &Home, location: &Location, view: View<'_>) -> Result<Option<Note>, Error> {
    let own = SetId::of(&home.computer()?.set_key().public());
    let Some(note) = view.backup(&location_name(location), &own.to_string())? else { return Ok(None) };
    Ok(locations::older_state(location, own, &note)?)
}

/// Why a walk over licenses ends early.
enum Walk {
    /// As many are known as are named.
    Enough,
    Failed(Error),
}

impl From<StoreError> for Walk {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What became of everything.
struct Tally {
    report: Report,
    /// Says which of two documents of a license is worth more.
    verifier: Verifier,
    /// The name of the location.
    location: String,
    /// This computer's own.
    own_set: SetId,
    now: UnixTime,
    /// Packs whose damage the last backup of their set knew of: what it had is elsewhere in the set.
    known_lost: HashSet<(SetId, PackId)>,
    /// Damage that was not known of: the location is not counted upon.
    damaged: bool,
    /// The same, in this computer's own set.
    own_set_damaged: bool,
    /// When the generations that are read were made.
    created: Vec<UnixTime>,
    /// When the oldest of them was.
    oldest: UnixTime,
    /// Generations that are newer than what is read, and cannot be read.
    unread: Vec<Unread>,
    /// Whether a document came.
    stored: bool,
    /// What could not be read or is not accepted, by kind, issuer and ID: in which version, and titles. Whether it is
    /// lost is known at the end.
    lost: HashMap<(u8, String, String), (i64, Vec<String>)>,
    seen: HashMap<u64, bool>,
    /// LCP licenses their provider ended, as what, and titles.
    refused: BTreeMap<LicenseIdentity, (Outcome, Vec<String>)>,
    hash: RandomState,
    total: u64,
    done: u64,
    last_progress: Instant,
    left: HashSet<WhyNot>,
}

impl Tally {
    fn new(reader: &Reader, verifier: Verifier, location: String, own_set: SetId, now: UnixTime) -> Self {
        let mut report = Report::new(Hresult::S_OK);
        report.warnings = known_damage(reader);
        let state = || reader.generations().iter().filter(|generation| generation.part == Part::State);
        let lost = state().flat_map(|one| one.manifest.lost.iter().map(|pack| (one.set, *pack)));
        let created: Vec<_> = reader.generations().iter().map(|generation| generation.manifest.created).collect();
        Self {
            report,
            verifier,
            location,
            own_set,
            now,
            known_lost: lost.collect(),
            damaged: reader.unread().iter().any(|unread| !unread.is_newer),
            own_set_damaged: false,
            oldest: created.iter().copied().min().unwrap_or_default(),
            created,
            unread: reader.unread().to_vec(),
            stored: false,
            lost: HashMap::new(),
            seen: HashMap::new(),
            refused: BTreeMap::new(),
            hash: RandomState::new(),
            total: state().fold(0_u64, |sum, generation| sum.saturating_add(generation.manifest.licenses())),
            done: 0,
            last_progress: Instant::now(),
            left: HashSet::new(),
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
                            Ok(Judged::Proven(license)) if sets.takes(&license) => {
                                self.put(change, &license, &record.titles, self.newest(&context))?;
                            }
                            Ok(Judged::Proven(license)) => self.hold(change, &license, self.newest(&context))?,
                            Ok(Judged::Claimed(license, why)) => match sets.claim(&license) {
                                Claim::Granted => self.put(change, &license, &record.titles, self.newest(&context))?,
                                Claim::Told => {}
                                Claim::NotCertified if is_here(change, &license)? => {
                                    self.hold(change, &license, self.newest(&context))?;
                                }
                                Claim::NotCertified => self.refuse(record, why),
                            },
                            Err(why) => self.refuse(record, why),
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
                    Record::Facts(record) if survey::wants(restore, &record.license_id) => {
                        self.learn(change, record)?;
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
                Found::Damage(damage) => self.damage(damage),
            }
            Ok::<(), Error>(())
        })
    }

    /// A record is not accepted: what it is about is lost, unless it comes otherwise.
    fn refuse(&mut self, record: LicenseRecord, why: Note) {
        self.warn(not_accepted(&record.license_id, why));
        let LicenseRecord { kind, issuer, license_id, version, titles, .. } = record;
        self.lose(LostLicense { kind, issuer, license_id, version, titles });
    }

    /// When the newest of the generations that list a pack was made.
    fn newest(&self, context: &FrameContext<'_>) -> UnixTime {
        context.listed_by.iter().filter_map(|index| self.created.get(*index)).copied().max().unwrap_or_default()
    }

    fn put(
        &mut self,
        change: &Change<'_>,
        license: &License,
        titles: &[String],
        newest: UnixTime,
    ) -> Result<(), Error> {
        let native = license.identity.kind == Kind::Restow;
        let came = if native {
            change.put_license(license, LicenseStatus::Pending)?
        } else {
            // Whoever wrote the set: what is here goes only for what is worth no less.
            let worth = |known: &[u8]| self.verifier.compare(&license.document, known);
            let (stored, status) = change.put_license_judged(license, LicenseStatus::Usable, &worth)?;
            match status {
                LicenseStatus::Refused(outcome) => self.refuse_ended(&license.identity, outcome, titles.to_vec()),
                _ => drop(self.refused.remove(&license.identity)),
            }
            stored
        };
        let came = came.came();
        if came && titles != license.title.as_slice() {
            change.set_titles(&license.identity, titles)?;
        }
        self.stored |= came;
        // What comes is dated with the oldest of the generations together.
        if !came || newest > self.oldest {
            self.hold(change, license, newest)?;
        }
        // Native licenses are counted by what their service answered, and those that are refused as such.
        if native || self.refused.contains_key(&license.identity) {
            return Ok(());
        }
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

    /// What a set knows of an LCP license beside its document.
    fn learn(&mut self, change: &Change<'_>, record: FactsRecord) -> Result<(), Error> {
        let FactsRecord { kind, issuer, license_id, standing, at, identifiers } = record;
        let identity = LicenseIdentity { kind: Kind::Lcp, issuer, license_id };
        let here = if kind == Kind::Lcp.number() { change.view().license(&identity)? } else { None };
        let Some(here) = here else { return Ok(()) };
        for identifier in &identifiers {
            change.put_publication(&identity.issuer, &identity.license_id, identifier)?;
        }
        // Nobody knows what was said later than now: a document that is newer lifts it, whatever a set claims.
        let at = at.min(self.now.max(here.version.div_euclid(1000)));
        // A time alone says that it went on then.
        let said = match standing {
            0 => (at != 0).then_some(Standing::Active),
            number => Standing::from_number(number).filter(|said| Outcome::of_standing(*said).is_some()),
        };
        let Some(said) = said.filter(|_| at != 0) else { return Ok(()) };
        let refused = change.put_told_standing(&identity, said, at)?;
        let counted = self.hash.hash_one(&identity);
        let restored = &mut self.report.summary.restored;
        match Outcome::of_standing(said).filter(|_| refused) {
            Some(outcome) => {
                // It was counted when it came.
                if self.seen.remove(&counted).is_some() {
                    *restored = restored.saturating_sub(1);
                }
                let (license, _) = listing::read(change.view(), &here)?;
                let titles = listing::Titles::new(change.view())?.of(&license, &here.titles)?;
                self.refuse_ended(&identity, outcome, titles);
            }
            None => self.settle_lifted(change, &identity)?,
        }
        Ok(())
    }

    /// A license that came, and that nobody refuses any more.
    fn settle_lifted(&mut self, change: &Change<'_>, identity: &LicenseIdentity) -> Result<(), Error> {
        let status = change.view().license_digest(identity)?.map(|(_, status)| status);
        if status == Some(LicenseStatus::Usable) && self.refused.remove(identity).is_some() {
            self.seen.insert(self.hash.hash_one(identity), true);
            let restored = &mut self.report.summary.restored;
            *restored = restored.saturating_add(1);
        }
        Ok(())
    }

    /// Documents that providers have newer ones of. They are no part of what the location has, so they come in a change of
    /// their own; what goes wrong with it takes nothing back.
    fn take_fresh(&mut self, store: &mut Store, visits: &[Visit]) {
        let keep = |store: &mut Store, verifier: &Verifier| -> Result<(), Error> {
            let change = store.change()?;
            for visit in visits.iter().filter(|visit| visit.fresh.is_some()) {
                visit.keep_fresh(&change, verifier)?;
            }
            Ok(change.commit()?)
        };
        if visits.iter().any(|visit| visit.fresh.is_some())
            && let Err(error) = keep(store, &self.verifier)
        {
            self.warn(Note::from(&error));
        }
    }

    fn refuse_ended(&mut self, identity: &LicenseIdentity, outcome: Outcome, titles: Vec<String>) {
        if self.refused.len() < LOST {
            self.refused.insert(identity.clone(), (outcome, titles));
        }
    }

    /// Counts native licenses by what was answered, and lets the grants take effect.
    fn settle(
        &mut self,
        sets: &Sets<'_>,
        answers: &Answers,
        change: &Change<'_>,
        storage_key: &[u8; 32],
    ) -> Result<(), Error> {
        let survey = sets.survey;
        self.report.summary.already_here += survey.already_here.len() as u64;
        for (identity, (outcome, titles)) in std::mem::take(&mut self.refused) {
            self.leave(identity, &titles, WhyNot::Refused(outcome));
        }
        for (identity, titles) in &survey.revoked {
            self.leave(identity.clone(), titles, WhyNot::Refused(Outcome::Revoked));
        }
        for (identity, titles) in &survey.needs_adopt {
            self.leave(identity.clone(), titles, WhyNot::NeedsAdopt);
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
                            // That nobody issued it was told as damage.
                            Some(_)
                                if needed.claimed
                                    && sets.answered.not_yours.contains(&(key.0.clone(), license.clone())) => {}
                            Some(outcome) => {
                                self.leave(identity(license), &needed.titles, WhyNot::Refused(*outcome));
                            }
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
                let why = match open {
                    Open::Refused(why) => why,
                    Open::OtherMachine => WhyNot::OtherMachine,
                    Open::NeedsIndividualization => WhyNot::NeedsIndividualization,
                    Open::PrivateAddress => WhyNot::PrivateAddress,
                    Open::Unavailable => WhyNot::Unavailable,
                };
                self.leave(identity(license), titles, why);
            }
        }
        Ok(())
    }

    /// Books whose licenses came: what they call themselves comes after them.
    fn note_missing_books(&mut self, change: &Change<'_>, before: i64) -> Result<(), Error> {
        let view = change.view();
        let mut came = Vec::new();
        let walked = view.each_license(Which::ChangedSince(before), |entry| {
            let is_book = entry.identity.kind == Kind::Lcp && entry.status == LicenseStatus::Usable;
            if is_book && self.seen.get(&self.hash.hash_one(&entry.identity)) == Some(&true) {
                if view.publications_of(&entry.identity)?.is_empty() {
                    came.push((entry.identity, entry.titles));
                }
                if came.len() >= NAMED {
                    return Err(Walk::Enough);
                }
            }
            Ok(())
        });
        match walked {
            Ok(()) | Err(Walk::Enough) => {}
            Err(Walk::Failed(error)) => return Err(error),
        }
        for (identity, titles) in came {
            self.note_missing_file(change, &identity, &titles)?;
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
        let (license, _) = listing::read(view, &entry)?;
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

    /// The location holds a license that did not have to come from it.
    fn hold(&self, change: &Change<'_>, license: &License, newest: UnixTime) -> Result<(), Error> {
        Ok(change.note_held(&self.location, newest, &license.identity, &sha256(&license.document))?)
    }

    /// A license did not come.
    fn leave(&mut self, identity: LicenseIdentity, titles: &[String], why: WhyNot) {
        let summary = &mut self.report.summary;
        match (why, why.refused_as()) {
            (_, Some(_)) => summary.refused += 1,
            (WhyNot::Damaged, None) => summary.damaged = summary.damaged.saturating_add(1),
            (_, None) => summary.pending += 1,
        }
        self.left.insert(why);
        if self.report.not_restored.len() < NAMED {
            self.report.not_restored.push(NotRestored { identity, titles: titles.to_vec(), why });
        }
    }

    fn damage(&mut self, damage: Damage) {
        self.warn(Note::from(&damage));
        let known = damage.pack.is_some_and(|pack| self.known_lost.contains(&(damage.set, pack)));
        if damage.what.is_loss() && !known {
            self.damaged = true;
            self.own_set_damaged |= damage.set == self.own_set;
        }
        // Of the others nobody knows which they were.
        let unnamed = damage.licenses_lost.unwrap_or_default().saturating_sub(damage.lost.len() as u64);
        self.count_damaged(unnamed);
        damage.lost.into_iter().for_each(|lost| self.lose(lost));
    }

    fn count_damaged(&mut self, licenses: u64) {
        let damaged = &mut self.report.summary.damaged;
        *damaged = damaged.saturating_add(licenses);
    }

    fn lose(&mut self, lost: LostLicense) {
        let key = (lost.kind, lost.issuer.clone(), lost.license_id.clone());
        if self.lost.len() >= LOST && !self.lost.contains_key(&key) {
            return self.count_damaged(1);
        }
        let known = self.lost.entry(key).or_insert((lost.version, Vec::new()));
        if known.0 <= lost.version {
            *known = (lost.version, lost.titles);
        }
    }

    /// What could not be read is lost unless it is here now, in that version or a newer one, or was told of otherwise.
    fn settle_damage(&mut self, restore: &Restore, survey: &Survey, change: &Change<'_>) -> Result<(), Error> {
        let mut lost: Vec<_> = std::mem::take(&mut self.lost).into_iter().collect();
        lost.sort_unstable();
        for ((kind, issuer, license_id), (version, titles)) in lost {
            let stored = change.view().stored_license(kind, &issuer, &license_id)?;
            if !survey::wants(restore, &license_id) || stored.is_some_and(|stored| stored.version >= version) {
                continue;
            }
            let Some(kind) = Kind::from_number(kind) else {
                self.count_damaged(1);
                continue;
            };
            let identity = LicenseIdentity { kind, issuer, license_id };
            if !survey.needs_adopt.contains_key(&identity) {
                self.leave(identity, &titles, WhyNot::Damaged);
            }
        }
        Ok(())
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
        let came = summary.restored.saturating_add(summary.already_here);
        let missed = summary.refused.saturating_add(summary.pending).saturating_add(summary.damaged);
        if missed == 0 && !self.unread.is_empty() {
            // What it held is not known, so nobody can say that all came.
            let is_newer = self.unread.iter().all(|unread| unread.is_newer);
            let nothing =
                if is_newer { Hresult::NS_E_BACKUP_RESTORE_FAILURE } else { Hresult::NS_E_DRM_BACKUP_CORRUPT };
            self.report.result = if came == 0 { nothing } else { Hresult::NS_E_DRM_STORE_NOTALLSTORED };
            if is_newer {
                self.report.code = Some("backup-newer-format");
                self.report.message =
                    Some("the newest generation was written by a newer Restow; this is from an older one".into());
                self.report.help = Some("Update Restow on this computer, and restore again.".into());
                return self.report;
            }
            self.report.code = Some("newer-generation-damaged");
            self.report.message = Some("the newest generation cannot be read; this is from an older one".into());
            self.report.help = Some("Restore from another backup too, if there is one.".into());
            return self.report;
        }
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
        let refused =
            |result| self.left.iter().any(|why| why.refused_as().is_some_and(|outcome| outcome.hresult() == result));
        let (result, code, message, help) = if refused(Hresult::NS_E_DRM_RESTORE_FRAUD) {
            let help = "The service decides on how many computers a license may be; its page or operator can help.";
            (Hresult::NS_E_DRM_RESTORE_FRAUD, "restore-refused", "the licenses may not be restored here", help)
        } else if self.left.contains(&WhyNot::OtherMachine) {
            let help = "Restore into a home of this machine instead: --home DIR.";
            (Hresult::NS_E_DRM_INVALID_MACHINE, "other-machine", "this home belongs to another machine", help)
        } else if self.left.contains(&WhyNot::NeedsIndividualization) {
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
        } else if self.left.contains(&WhyNot::PrivateAddress) {
            let help =
                "Add the service yourself, with the address its shop or library told you: restow service add URL.";
            (
                Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE,
                "private-address",
                "the service is at a private address that nobody added by hand",
                help,
            )
        } else if self.left.contains(&WhyNot::Unavailable) {
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
