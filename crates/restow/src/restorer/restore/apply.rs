//! The pass over the sets that writes to the store, in one change.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use restow_backup::{
    CounterRecord, Damage, FrameContext, GenerationRole, LcpFactsRecord, LicenseRecord, LicenseSummary, Location,
    PackId, PackRole, ReadItem, Reader, Record, SetId, TitlesRecord,
};
use restow_core::encoding::{hex, sha256};
use restow_core::{message::Message, protocol::Outcome, time::UnixTime};
use restow_lcp::{SignatureStrength, Verifier};

use super::lcp_status::UnaskedProviders;
use super::plan::{LocationInventory, NativeLicenses, native_identity};
use super::report::{MAX_REPORTED, RestoreReport, rejection_warning};
use super::services::{ServiceDecisions, ServiceOutcomes};
use super::trust::{ComputerKeyCache, LicenseProof, Trust};
use crate::license::{Kind, LcpStatus, License, LicenseIdentity};
use crate::listing::{self, TitleResolver};
use crate::restorer::run::{Progress, RunContext};
use crate::store::{Change, DocumentSource, LicenseFilter, LicenseStatus, Store, StoreError, license_key};
use crate::{
    error::Error, lcp_provider::StatusCheck, restorer::location::note_damage, restorer::options::Restore,
    status::NotRestoredReason, texts::TEXTS,
};

/// Maximum number of licenses with an end by their provider that are named.
const MAX_ENDED: usize = 100_000;

/// Sets with the decisions about their licenses.
pub(crate) struct RestoreSource<'a> {
    pub(crate) restore: &'a Restore,
    pub(crate) reader: &'a Reader,
    pub(crate) trust: &'a Trust,
    pub(crate) inventory: &'a LocationInventory,
    pub(crate) decisions: ServiceDecisions<'a>,
}

/// Decision about a document of a set.
enum Decision {
    Store,
    /// The document is not stored, and the report names the license for another reason: a refusal, a missing answer, a
    /// revocation or an adoption.
    ReportedElsewhere,
    /// The document was not issued, or not requested.
    Exclude,
}

impl RestoreSource<'_> {
    /// Decides about a document. Of native documents only the granted or requested one is stored: another document
    /// with the same license ID is not, and neither is a license that requires an adoption.
    fn decide(&self, license: &License, is_proven: bool) -> Decision {
        let identity = &license.identity;
        if identity.kind != Kind::Restow {
            return Decision::Store;
        }
        let digest = sha256(&license.document);
        let key = (identity.issuer.as_str(), identity.license_id.as_str());
        if let Some(granted) = self.decisions.granted.get(&key) {
            return if *granted == hex(&digest) { Decision::Store } else { Decision::Exclude };
        }
        let LocationInventory { requests, revoked, needs_adopt, .. } = self.inventory;
        let holder = license.holder.clone().unwrap_or_default();
        let request = requests.get(&(identity.issuer.clone(), holder));
        let requested = request.and_then(|request| request.licenses.get(identity.license_id.as_str()));
        let is_revoked = revoked.contains_key(identity);
        if is_proven {
            let is_requested = requested.is_some_and(|document| document.sha256 == digest);
            return if is_requested || is_revoked { Decision::Store } else { Decision::Exclude };
        }
        let is_undecided =
            requested.is_some_and(|document| !document.is_proven) && !self.decisions.not_yours.contains(&key);
        if is_undecided || is_revoked || needs_adopt.contains_key(identity) {
            Decision::ReportedElsewhere
        } else {
            Decision::Exclude
        }
    }

    /// Writes all records of the sets to the store, without a commit.
    pub(crate) fn write(
        &self,
        applier: &mut RestoreApplier,
        keys: &mut ComputerKeyCache,
        change: &Change<'_>,
        run: &RunContext,
    ) -> Result<(), Error> {
        let mut facts = LcpFactsBuffer::default();
        self.reader.records(PackRole::Licenses, &mut |found| {
            match found {
                ReadItem::Record(context, record) => match record {
                    Record::License(record) if self.restore.is_selected(&record.license_id) => {
                        self.write_license(applier, change, &context, record)?;
                        applier.progress.advance(run)?;
                    }
                    Record::Counter(record) => self.write_counter(keys, change, &context, &record)?,
                    Record::LcpFacts(record) if self.restore.is_selected(&record.license_id) => {
                        facts.push(context.set, record);
                    }
                    Record::Statement(record) => {
                        if let Some(statement) = self.trust.revocations(&record.issuer, &record.document) {
                            change.put_revocations(&record.document, &statement)?;
                        }
                    }
                    Record::Titles(record) => self.write_titles(change, &context, record)?,
                    _ => {}
                },
                ReadItem::Damage(damage) => applier.add_damage(damage),
            }
            Ok::<(), Error>(())
        })?;
        self.write_facts(applier, change, facts, run)
    }

    fn write_license(
        &self,
        applier: &mut RestoreApplier,
        change: &Change<'_>,
        context: &FrameContext<'_>,
        record: LicenseRecord,
    ) -> Result<(), Error> {
        let (license, reason) = match self.trust.license(context, &record) {
            Ok(LicenseProof::Proven(license)) => (license, None),
            Ok(LicenseProof::Unproven(license, reason)) => (license, Some(reason)),
            Err(reason) => {
                applier.reject_record(record, reason);
                return Ok(());
            }
        };
        match (self.decide(&license, reason.is_none()), reason) {
            (Decision::Store, _) => applier.put(change, &license, &record.titles, context)?,
            (Decision::ReportedElsewhere, _) => {}
            (Decision::Exclude, Some(reason)) if !is_usable_here(change, &license)? => {
                applier.reject_record(record, reason);
            }
            (Decision::Exclude, _) => applier.record_held(change, &license, context)?,
        }
        Ok(())
    }

    /// Writes a counter. Without its license a counter has no holder and is skipped.
    fn write_counter(
        &self,
        keys: &mut ComputerKeyCache,
        change: &Change<'_>,
        context: &FrameContext<'_>,
        record: &CounterRecord,
    ) -> Result<(), Error> {
        let key = (Kind::Restow.number(), record.issuer.as_str(), record.counter.license.as_str());
        let stored = change.view().stored_license(key)?;
        let holder = stored.and_then(|stored| stored.holder);
        let own_keys = keys.of_issuer(&record.issuer);
        if holder.is_some_and(|holder| self.trust.accepts_counter(context, record, &holder, own_keys)) {
            change.put_counter(&record.issuer, &record.counter, 0)?;
        }
        Ok(())
    }

    fn write_titles(&self, change: &Change<'_>, context: &FrameContext<'_>, record: TitlesRecord) -> Result<(), Error> {
        let Some(kind) = Kind::from_number(record.kind) else { return Ok(()) };
        let identity = LicenseIdentity { kind, issuer: record.issuer, license_id: record.license_id };
        let is_certified = kind != Kind::Restow || {
            let stored = change.view().stored_license(license_key(&identity))?;
            stored
                .and_then(|stored| stored.holder)
                .is_some_and(|holder| self.trust.certifies(context, &identity.issuer, &holder))
        };
        if is_certified {
            change.set_titles(&identity, &record.titles)?;
        }
        Ok(())
    }

    /// Applies the facts about LCP licenses after all documents: only then the stored document of each license is
    /// final, and facts count only from sets that hold that document.
    fn write_facts(
        &self,
        applier: &mut RestoreApplier,
        change: &Change<'_>,
        facts: LcpFactsBuffer,
        run: &RunContext,
    ) -> Result<(), Error> {
        for (set, record) in facts.records {
            run.check_cancelled()?;
            applier.apply_lcp_facts(change, record, set)?;
        }
        if !facts.is_incomplete {
            return Ok(());
        }
        self.reader.records(PackRole::Licenses, &mut |found| {
            run.check_cancelled()?;
            match found {
                ReadItem::Record(context, Record::LcpFacts(record)) if self.restore.is_selected(&record.license_id) => {
                    applier.apply_lcp_facts(change, record, context.set)?;
                }
                ReadItem::Damage(damage) => applier.add_second_pass_damage(&damage),
                _ => {}
            }
            Ok(())
        })
    }
}

/// Returns true if the store has this document, granted.
fn is_usable_here(change: &Change<'_>, license: &License) -> Result<bool, Error> {
    let stored = change.view().stored_license(license_key(&license.identity))?;
    let document = (sha256(&license.document), LicenseStatus::Usable);
    Ok(stored.is_some_and(|stored| (stored.sha256, stored.status) == document))
}

/// Facts about LCP licenses until all documents are stored. Facts beyond the limit are read from the packs once more.
#[derive(Default)]
struct LcpFactsBuffer {
    records: Vec<(SetId, LcpFactsRecord)>,
    bytes: usize,
    is_incomplete: bool,
}

impl LcpFactsBuffer {
    const MAX_BYTES: usize = 8 << 20;

    fn push(&mut self, set: SetId, record: LcpFactsRecord) {
        let texts = record.identifiers.iter().chain([&record.issuer, &record.license_id]);
        let bytes = texts.fold(size_of::<(SetId, LcpFactsRecord)>(), |sum, text| {
            sum.saturating_add(text.len()).saturating_add(size_of::<String>())
        });
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes <= Self::MAX_BYTES {
            self.records.push((set, record));
        } else {
            self.is_incomplete = true;
        }
    }
}

/// End of a walk over licenses.
enum WalkEnd {
    /// The report has the maximum number of licenses.
    Full,
    Failed(Error),
}

impl From<StoreError> for WalkEnd {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Writer of the records to the store, and collector of the report.
pub(crate) struct RestoreApplier {
    pub(crate) report: RestoreReport,
    pub(crate) unasked: UnaskedProviders,
    progress: Progress,
    verifier: Verifier,
    location_name: Option<String>,
    /// Set of this computer.
    own_set: SetId,
    now: UnixTime,
    /// Damaged packs that the last backup of their set knew. The set has their licenses in other packs.
    known_lost: HashSet<(SetId, PackId)>,
    /// Packs with damage in the first pass.
    damaged_packs: HashSet<(SetId, Option<PackId>)>,
    /// True if the location has damage that was not known before.
    is_damaged: bool,
    is_own_set_damaged: bool,
    /// Times of the generations that are read.
    created: Vec<UnixTime>,
    /// Oldest of these times.
    oldest: UnixTime,
    /// True if a document was written.
    has_written: bool,
    /// Licenses that need no service, by hash, and true if the license was written.
    portable: HashMap<u64, bool>,
    /// Hashes of sets with their documents of LCP licenses.
    holding: HashSet<u64>,
    /// Other documents of LCP licenses with the same rank as the stored document, by hash of the license.
    equivalent: HashMap<u64, Vec<[u8; 32]>>,
    /// LCP licenses that their provider ended.
    ended: BTreeMap<LicenseIdentity, (Outcome, Vec<String>)>,
    /// Keyed hash: identities of 100,000 licenses take too much memory, and a set cannot be written to collide.
    hash: RandomState,
}

impl RestoreApplier {
    pub(crate) fn new(
        reader: &Reader,
        verifier: Verifier,
        unasked: UnaskedProviders,
        location_name: Option<String>,
        own_set: SetId,
        now: UnixTime,
    ) -> Self {
        let state = || reader.generations().iter().filter(|generation| generation.role == GenerationRole::Requested);
        let known_lost =
            state().flat_map(|generation| generation.manifest.lost.iter().map(|pack| (generation.set, *pack)));
        let created: Vec<_> = reader.generations().iter().map(|generation| generation.manifest.created).collect();
        let total = state().fold(0_u64, |sum, generation| sum.saturating_add(generation.manifest.licenses()));
        Self {
            report: RestoreReport::new(reader.unreadable()),
            unasked,
            progress: Progress::new(total),
            verifier,
            location_name,
            own_set,
            now,
            known_lost: known_lost.collect(),
            damaged_packs: HashSet::new(),
            is_damaged: reader.unreadable().iter().any(|unread| !unread.reason.is_newer()),
            is_own_set_damaged: false,
            oldest: created.iter().copied().min().unwrap_or_default(),
            created,
            has_written: false,
            portable: HashMap::new(),
            holding: HashSet::new(),
            equivalent: HashMap::new(),
            ended: BTreeMap::new(),
            hash: RandomState::new(),
        }
    }

    /// Reports a rejected record. Its license is lost unless another record has it.
    fn reject_record(&mut self, record: LicenseRecord, reason: Message) {
        self.report.warn(rejection_warning(&record.license_id, reason));
        let LicenseRecord { kind, issuer, license_id, version, titles, .. } = record;
        self.report.add_loss(LicenseSummary { kind, issuer, license_id, version, titles });
    }

    /// Returns the time of the newest generation that lists a pack.
    fn newest_generation_time(&self, context: &FrameContext<'_>) -> UnixTime {
        context.listed_by.iter().filter_map(|index| self.created.get(*index)).copied().max().unwrap_or_default()
    }

    fn put(
        &mut self,
        change: &Change<'_>,
        license: &License,
        titles: &[String],
        context: &FrameContext<'_>,
    ) -> Result<(), Error> {
        let newest = self.newest_generation_time(context);
        let is_native = license.identity.kind == Kind::Restow;
        // A set cannot replace a stored LCP document by one of lower rank. The proof of a native document was checked
        // before.
        let strength = |document: &[u8]| {
            if is_native { SignatureStrength::Verified } else { self.verifier.strength(document) }
        };
        let status = if is_native { LicenseStatus::Pending } else { LicenseStatus::Usable };
        let stored = change.put_license_if_better(license, status, DocumentSource::Any, &strength)?;
        match stored.status {
            _ if is_native => {}
            LicenseStatus::Refused(outcome) => self.add_ended(&license.identity, outcome, titles.to_vec()),
            _ => drop(self.ended.remove(&license.identity)),
        }
        let was_written = stored.result.was_written();
        if was_written && titles != license.title.as_slice() {
            change.set_titles(&license.identity, titles)?;
        }
        self.has_written |= was_written;
        // The record of the location dates written licenses with the oldest generation; a newer one needs its own
        // date.
        if !was_written || newest > self.oldest {
            self.record_held(change, license, context)?;
        }
        // Services decide on native licenses, so `count_native` counts those. Every other license counts once, at the
        // end.
        if !is_native {
            self.unasked.add(license, &self.verifier);
            let key = self.hash.hash_one(&license.identity);
            *self.portable.entry(key).or_default() |= was_written;
            self.holding.insert(self.hash.hash_one((context.set, stored.sha256)));
            match stored.other {
                Some((other, Ordering::Equal)) => {
                    let document = if was_written { other } else { stored.sha256 };
                    self.equivalent.entry(key).or_default().push(document);
                }
                // The documents known so far have weaker signatures than this one.
                Some((_, Ordering::Greater)) => drop(self.equivalent.remove(&key)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Applies the facts of a set about an LCP license. All documents were put before.
    ///
    /// A status counts only if the set holds the stored document. Publication identifiers count also if the set holds
    /// a document of the same rank.
    fn apply_lcp_facts(&mut self, change: &Change<'_>, record: LcpFactsRecord, set: SetId) -> Result<(), Error> {
        let LcpFactsRecord { kind, issuer, license_id, status: number, status_time: at, identifiers } = record;
        let identity = LicenseIdentity { kind: Kind::Lcp, issuer, license_id };
        let stored = if kind == Kind::Lcp.number() { change.view().license(&identity)? } else { None };
        let Some(stored) = stored else { return Ok(()) };
        let is_holding = |digest: &[u8; 32]| self.holding.contains(&self.hash.hash_one((set, *digest)));
        let equivalent = self.equivalent.get(&self.hash.hash_one(&identity));
        if is_holding(&stored.sha256) || equivalent.is_some_and(|documents| documents.iter().any(is_holding)) {
            for identifier in &identifiers {
                change.put_publication(&identity.issuer, &identity.license_id, identifier)?;
            }
        }
        if !is_holding(&stored.sha256) {
            return Ok(());
        }
        // No status can be from the future. Without this limit a set could override every later document.
        let at = at.min(self.now.max(stored.version.div_euclid(1000)));
        // A time without a status means that the license was active at that time.
        let status = match number {
            0 => (at != 0).then_some(LcpStatus::Active),
            number => LcpStatus::from_number(number).filter(|status| status.outcome().is_some()),
        };
        let Some(status) = status.filter(|_| at != 0) else { return Ok(()) };
        change.put_status_from_backup(&identity, status, at)?;
        self.update_ended(change, &identity)
    }

    /// Applies the answers of providers after the sets: the best document of a license decides which provider counts.
    pub(crate) fn apply_lcp_statuses(&mut self, change: &Change<'_>, checks: &[StatusCheck]) -> Result<(), Error> {
        for check in checks {
            check.store_status(change, &self.verifier)?;
            self.update_ended(change, &check.identity)?;
        }
        Ok(())
    }

    /// Updates the ended licenses by the status in the store.
    fn update_ended(&mut self, change: &Change<'_>, identity: &LicenseIdentity) -> Result<(), Error> {
        if !self.portable.contains_key(&self.hash.hash_one(identity)) {
            return Ok(());
        }
        let status = change.view().stored_license(license_key(identity))?.map(|stored| stored.status);
        let Some(LicenseStatus::Refused(outcome)) = status else {
            self.ended.remove(identity);
            return Ok(());
        };
        let titles = match self.ended.remove(identity) {
            Some((_, titles)) => titles,
            None => stored_titles(change, identity)?,
        };
        self.add_ended(identity, outcome, titles);
        Ok(())
    }

    fn add_ended(&mut self, identity: &LicenseIdentity, outcome: Outcome, titles: Vec<String>) {
        if self.ended.len() < MAX_ENDED {
            self.ended.insert(identity.clone(), (outcome, titles));
        }
    }

    /// Stores newer documents from providers in a change of their own: they are not part of the sets, and a failure
    /// must not undo the restore.
    pub(crate) fn store_updated_documents(&mut self, store: &mut Store, checks: &[StatusCheck]) {
        let has_updates = checks.iter().any(|check| check.updated_license.is_some());
        let store_all = |change: &Change<'_>| {
            checks.iter().try_for_each(|check| check.store_updated_license(change, &self.verifier).map(drop))
        };
        if has_updates && let Err(error) = store.update(store_all) {
            self.report.warn(Message::from(&error));
        }
    }

    /// Records the location as a backup of the licenses, or as damaged.
    pub(crate) fn note_location(&self, change: &mut Change<'_>, location: &Location) -> Result<(), Error> {
        if self.is_own_set_damaged {
            note_damage(change, location, self.own_set)?;
        }
        // The home has no records about a location without a name.
        let Some(name) = &self.location_name else { return Ok(()) };
        if self.is_damaged {
            change.forget_restores(name)?;
            change.clear_read_back(name)?;
        } else if self.has_written {
            change.put_restore(name, self.oldest)?;
        }
        Ok(())
    }

    /// Returns true if the restore read the newest generation of each set at the location without damage.
    pub(crate) fn has_read_all(&self, restore: &Restore) -> bool {
        let is_complete = restore.only.is_empty() && restore.set.is_none() && restore.generation.is_none();
        is_complete && !self.is_damaged && self.damaged_packs.is_empty()
    }

    /// Counts the licenses that need no service.
    pub(crate) fn count_portable(&mut self) {
        for (identity, (outcome, titles)) in std::mem::take(&mut self.ended) {
            self.portable.remove(&self.hash.hash_one(&identity));
            self.report.add_not_restored(identity, &titles, NotRestoredReason::Refused(outcome));
        }
        for was_written in self.portable.values() {
            self.report
                .count(1, |summary| if *was_written { &mut summary.restored } else { &mut summary.already_here });
        }
    }

    /// Counts native licenses by the answers of their services, and applies the grants.
    pub(crate) fn count_native(
        &mut self,
        source: &RestoreSource<'_>,
        outcomes: &ServiceOutcomes,
        change: &Change<'_>,
        storage_key: &[u8; 32],
    ) -> Result<(), Error> {
        let LocationInventory { requests, already_here, revoked, needs_adopt, .. } = source.inventory;
        self.report.count(already_here.len() as u64, |summary| &mut summary.already_here);
        self.add_all_not_restored(revoked, NotRestoredReason::Refused(Outcome::Revoked));
        self.add_all_not_restored(needs_adopt, NotRestoredReason::NeedsAdopt);
        if !needs_adopt.is_empty() {
            self.report.warn(Message::new(&TEXTS, "needs-adopt"));
        }
        for (key, request) in requests {
            let issuer = key.0.as_str();
            let outcome = outcomes.get(key);
            let mut answers: HashMap<String, Outcome> = HashMap::new();
            if let Some((outcome, session)) = outcome.and_then(|outcome| Some((outcome, outcome.session.as_ref()?))) {
                for grant in &outcome.grants {
                    grant.apply(session, change, storage_key, |answer| {
                        answers.insert(answer.license.clone(), answer.outcome);
                    })?;
                }
            }
            for (license_id, document) in &request.licenses {
                let identity = native_identity(issuer, license_id);
                match answers.get(&**license_id) {
                    Some(Outcome::Granted) => {
                        self.report.count(1, |summary| &mut summary.restored);
                        self.report.add_missing_file(change, &identity, &document.titles)?;
                    }
                    // `write` reported an unproven license that was not issued as damaged.
                    Some(_) if !document.is_proven && source.decisions.not_yours.contains(&(issuer, &**license_id)) => {
                    }
                    Some(outcome) => {
                        self.report.add_not_restored(identity, &document.titles, NotRestoredReason::Refused(*outcome));
                    }
                    None => {}
                }
            }
            if let Some(warning) = outcome.and_then(|outcome| outcome.warning.as_ref()) {
                self.report.warn(warning.clone());
            }
            let reason = outcome.and_then(|outcome| outcome.pending).unwrap_or(NotRestoredReason::Unavailable);
            for (license_id, document) in &request.licenses {
                if !answers.contains_key(&**license_id) {
                    self.report.add_not_restored(native_identity(issuer, license_id), &document.titles, reason);
                }
            }
        }
        Ok(())
    }

    fn add_all_not_restored(&mut self, licenses: &NativeLicenses, reason: NotRestoredReason) {
        for (identity, document) in licenses {
            self.report.add_not_restored(identity.clone(), &document.titles, reason);
        }
    }

    /// Reports restored publications without a file. The facts that link publications were applied before.
    pub(crate) fn report_missing_publications(&mut self, change: &Change<'_>, before: i64) -> Result<(), Error> {
        let view = change.view();
        let mut missing = 0;
        let walk = view.each_license(LicenseFilter::ChangedSince(before), |entry| {
            let is_publication = entry.identity.kind == Kind::Lcp && entry.status == LicenseStatus::Usable;
            if is_publication
                && self.portable.get(&self.hash.hash_one(&entry.identity)) == Some(&true)
                && view.publications_of(&entry.identity)?.is_empty()
            {
                self.report.add_missing_file(change, &entry.identity, &entry.titles).map_err(WalkEnd::Failed)?;
                missing += 1;
            }
            if missing < MAX_REPORTED { Ok(()) } else { Err(WalkEnd::Full) }
        });
        match walk {
            Err(WalkEnd::Failed(error)) => Err(error),
            Ok(()) | Err(WalkEnd::Full) => Ok(()),
        }
    }

    /// Records that the location holds a license, with the time of the newest generation that has it.
    fn record_held(&self, change: &Change<'_>, license: &License, context: &FrameContext<'_>) -> Result<(), Error> {
        let Some(name) = &self.location_name else { return Ok(()) };
        let newest = self.newest_generation_time(context);
        Ok(change.record_held(name, newest, &license.identity, &sha256(&license.document))?)
    }

    fn add_damage(&mut self, damage: Damage) {
        self.report.warn(Message::from(&damage));
        self.damaged_packs.insert((damage.set, damage.pack));
        let is_known = damage.pack.is_some_and(|pack| self.known_lost.contains(&(damage.set, pack)));
        if damage.kind.is_loss() && !is_known {
            self.is_damaged = true;
            self.is_own_set_damaged |= damage.set == self.own_set;
        }
        // A damaged pack can hold more licenses than it names.
        let unnamed = damage.licenses_lost.unwrap_or_default().saturating_sub(damage.lost_licenses.len() as u64);
        self.report.count(unnamed, |summary| &mut summary.damaged);
        damage.lost_licenses.into_iter().for_each(|lost| self.report.add_loss(lost));
    }

    /// Adds damage that only the second pass met. The first pass restored the licenses, so none is lost.
    fn add_second_pass_damage(&mut self, damage: &Damage) {
        if self.damaged_packs.insert((damage.set, damage.pack)) {
            self.report.warn(Message::from(damage));
            self.is_damaged |= damage.kind.is_loss();
            self.is_own_set_damaged |= damage.kind.is_loss() && damage.set == self.own_set;
        }
    }
}

fn stored_titles(change: &Change<'_>, identity: &LicenseIdentity) -> Result<Vec<String>, Error> {
    let Some(entry) = change.view().license(identity)? else { return Ok(Vec::new()) };
    let (license, _) = listing::license_or_placeholder(change.view(), &entry)?;
    TitleResolver::new(change.view())?.of(&license, &entry.titles)
}
