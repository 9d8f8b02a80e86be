//! What became of everything in a restore: stored, held, refused, lost.

use std::cmp::Ordering;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use restow_backup::{
    Damage, FrameContext, GenerationRole, LcpFactsRecord, LicenseRecord, LicenseSummary, Location, PackId, Reader,
    SetId, UnreadableGeneration,
};
use restow_core::encoding::sha256;
use restow_core::hresult::Hresult;
use restow_core::message::Note;
use restow_core::protocol::Outcome;
use restow_core::text::quoted;
use restow_core::time::UnixTime;
use restow_lcp::{SignatureStrength, Verifier};

use crate::error::Error;
use crate::lcp_provider::Visit;
use crate::license::{Kind, LcpStatus, License, LicenseIdentity};
use crate::listing;
use crate::net::Cancel;
use crate::restorer::location::note_damage;
use crate::restorer::options::Restore;
use crate::restorer::progress::Progress;
use crate::restorer::restore::plan::LocationInventory;
use crate::restorer::restore::result::set_result;
use crate::restorer::restore::services::{PendingReason, ServiceDecisions, ServiceOutcomes};
use crate::restorer::run::StatusReporter;
use crate::status::{NotRestored, Report, WhyNot};
use crate::store::{Change, LicenseStatus, Store, StoreError, Which};

/// How many licenses and warnings a report names at most.
pub(crate) const MAX_REPORTED: usize = 1_000;
/// Of how many licenses that cannot be read it is found out whether they came otherwise; more count as damaged.
const MAX_TRACKED_LOSSES: usize = 100_000;

/// A license of a set that is not taken, and why.
pub(crate) fn not_accepted(license_id: &str, why: Note) -> Note {
    let license = quoted(license_id);
    Note::new("not-accepted", format!("license {license}: {why}")).with("license", license).because(why)
}

/// Why a walk over licenses ends early.
enum WalkEnd {
    /// As many are known as are named.
    Enough,
    Failed(Error),
}

impl From<StoreError> for WalkEnd {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// What became of everything.
pub(crate) struct RestoreApplier {
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
    /// Where damage was met.
    damaged_packs: HashSet<(SetId, Option<PackId>)>,
    /// Damage that was not known of: the location is not counted upon.
    damaged: bool,
    /// The same, in this computer's own set.
    own_set_damaged: bool,
    /// When the generations that are read were made.
    created: Vec<UnixTime>,
    /// When the oldest of them was.
    oldest: UnixTime,
    /// Generations that are newer than what is read, and cannot be read.
    unread: Vec<UnreadableGeneration>,
    /// Whether a document came.
    stored: bool,
    /// What could not be read or is not accepted, by kind, issuer and ID: in which version, and titles. Whether it is
    /// lost is known at the end.
    lost: HashMap<(u8, String, String), (i64, Vec<String>)>,
    /// Licenses that need no service, and whether they came or were here.
    seen: HashMap<u64, bool>,
    /// Which sets hold which documents of LCP licenses.
    held: HashSet<u64>,
    /// Other documents of them, which are worth as much as the one that is here.
    equals: HashMap<u64, Vec<[u8; 32]>>,
    /// Those of them that their provider ended, as what, and titles.
    refused: BTreeMap<LicenseIdentity, (Outcome, Vec<String>)>,
    hash: RandomState,
    progress: Progress,
    left: HashSet<WhyNot>,
}

impl RestoreApplier {
    pub(crate) fn new(reader: &Reader, verifier: Verifier, location: String, own_set: SetId, now: UnixTime) -> Self {
        let state = || reader.generations().iter().filter(|generation| generation.role == GenerationRole::Requested);
        let lost = state().flat_map(|one| one.manifest.lost.iter().map(|pack| (one.set, *pack)));
        let created: Vec<_> = reader.generations().iter().map(|generation| generation.manifest.created).collect();
        Self {
            report: Report::new(Hresult::S_OK),
            verifier,
            location,
            own_set,
            now,
            known_lost: lost.collect(),
            damaged_packs: HashSet::new(),
            damaged: reader.unreadable().iter().any(|unread| !unread.reason.is_newer()),
            own_set_damaged: false,
            oldest: created.iter().copied().min().unwrap_or_default(),
            created,
            unread: reader.unreadable().to_vec(),
            stored: false,
            lost: HashMap::new(),
            seen: HashMap::new(),
            held: HashSet::new(),
            equals: HashMap::new(),
            refused: BTreeMap::new(),
            hash: RandomState::new(),
            progress: Progress::new(
                state().fold(0_u64, |sum, generation| sum.saturating_add(generation.manifest.licenses())),
            ),
            left: HashSet::new(),
        }
    }

    /// A record is not accepted: what it is about is lost, unless it comes otherwise.
    pub(crate) fn reject_record(&mut self, record: LicenseRecord, why: Note) {
        self.warn(not_accepted(&record.license_id, why));
        let LicenseRecord { kind, issuer, license_id, version, titles, .. } = record;
        self.record_loss(LostLicense { kind, issuer, license_id, version, titles });
    }

    /// When the newest of the generations that list a pack was made.
    pub(crate) fn newest_generation_time(&self, context: &FrameContext<'_>) -> UnixTime {
        context.listed_by.iter().filter_map(|index| self.created.get(*index)).copied().max().unwrap_or_default()
    }

    pub(crate) fn put(
        &mut self,
        change: &Change<'_>,
        license: &License,
        titles: &[String],
        context: &FrameContext<'_>,
    ) -> Result<(), Error> {
        let newest_generation_time = self.newest_generation_time(context);
        let native = license.identity.kind == Kind::Restow;
        // Whoever wrote the set: what is here goes only for what is worth no less. Native ones were judged by what proves them.
        let strength =
            |document: &[u8]| if native { SignatureStrength::Verified } else { self.verifier.strength(document) };
        let status = if native { LicenseStatus::Pending } else { LicenseStatus::Usable };
        let kept = change.put_license_if_better(license, status, &strength)?;
        match kept.status {
            _ if native => {}
            LicenseStatus::Refused(outcome) => self.refuse_ended(&license.identity, outcome, titles.to_vec()),
            _ => drop(self.refused.remove(&license.identity)),
        }
        let came = kept.result.was_written();
        if came && titles != license.title.as_slice() {
            change.set_titles(&license.identity, titles)?;
        }
        self.stored |= came;
        // What comes is dated with the oldest of the generations together.
        if !came || newest_generation_time > self.oldest {
            self.record_held(change, license, newest_generation_time)?;
        }
        // Native licenses are counted by what their service answered, the others once, at the end.
        if !native {
            *self.seen.entry(self.hash.hash_one(&license.identity)).or_default() |= came;
            self.held.insert(self.hash.hash_one((context.set, kept.sha256)));
            let counted = self.hash.hash_one(&license.identity);
            match kept.other {
                Some((other, Ordering::Equal)) => {
                    self.equals.entry(counted).or_default().push(if came { other } else { kept.sha256 });
                }
                // What was here so far was worth less.
                Some((_, Ordering::Greater)) => drop(self.equals.remove(&counted)),
                _ => {}
            }
        }
        Ok(())
    }

    /// What a set knows of an LCP license beside its document: of the document it has, and of no other. What its publications call
    /// themselves is also taken from who has one that is worth as much. Everything the sets have was put before.
    pub(crate) fn apply_lcp_facts(
        &mut self,
        change: &Change<'_>,
        record: FactsRecord,
        set: SetId,
    ) -> Result<(), Error> {
        let FactsRecord { kind, issuer, license_id, standing, at, identifiers } = record;
        let identity = LicenseIdentity { kind: Kind::Lcp, issuer, license_id };
        let here = if kind == Kind::Lcp.number() { change.view().license(&identity)? } else { None };
        let Some(here) = here else { return Ok(()) };
        let holds = |digest: &[u8; 32]| self.held.contains(&self.hash.hash_one((set, *digest)));
        let equals = self.equals.get(&self.hash.hash_one(&identity));
        if holds(&here.sha256) || equals.is_some_and(|equals| equals.iter().any(holds)) {
            for identifier in &identifiers {
                change.put_publication(&identity.issuer, &identity.license_id, identifier)?;
            }
        }
        if !holds(&here.sha256) {
            return Ok(());
        }
        // Nobody knows what was said later than now: a document that is newer lifts it, whatever a set claims.
        let at = at.min(self.now.max(here.version.div_euclid(1000)));
        // A time alone says that it went on then.
        let said = match standing {
            0 => (at != 0).then_some(LcpStatus::Active),
            number => LcpStatus::from_number(number).filter(|said| said.outcome().is_some()),
        };
        let Some(said) = said.filter(|_| at != 0) else { return Ok(()) };
        change.put_status_from_backup(&identity, said, at)?;
        self.note_standing(change, &identity)
    }

    /// What providers said. It comes after everything the sets have: of documents of one license, that which is worth most says whose
    /// word counts.
    pub(crate) fn apply_lcp_statuses(&mut self, change: &Change<'_>, visits: &[Visit]) -> Result<(), Error> {
        for visit in visits {
            visit.keep_standing(change, &self.verifier)?;
            self.note_standing(change, &visit.identity)?;
        }
        Ok(())
    }

    /// Whether a license of the sets is refused now.
    fn note_standing(&mut self, change: &Change<'_>, identity: &LicenseIdentity) -> Result<(), Error> {
        if !self.seen.contains_key(&self.hash.hash_one(identity)) {
            return Ok(());
        }
        let status = change.view().license_digest(identity)?.map(|(_, status)| status);
        let Some(LicenseStatus::Refused(outcome)) = status else {
            self.refused.remove(identity);
            return Ok(());
        };
        let titles = match self.refused.remove(identity) {
            Some((_, titles)) => titles,
            None => Self::titles_of(change, identity)?,
        };
        self.refuse_ended(identity, outcome, titles);
        Ok(())
    }

    fn titles_of(change: &Change<'_>, identity: &LicenseIdentity) -> Result<Vec<String>, Error> {
        let Some(here) = change.view().license(identity)? else { return Ok(Vec::new()) };
        let (license, _) = listing::license_or_placeholder(change.view(), &here)?;
        listing::TitleResolver::new(change.view())?.of(&license, &here.titles)
    }

    /// Documents that providers have newer ones of. They are no part of what the location has, so they come in a change of
    /// their own; what goes wrong with it takes nothing back.
    pub(crate) fn store_updated_documents(&mut self, store: &mut Store, visits: &[Visit]) {
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
        if self.refused.len() < MAX_TRACKED_LOSSES {
            self.refused.insert(identity.clone(), (outcome, titles));
        }
    }

    /// What the location is counted upon for from now on.
    pub(crate) fn note_location(&self, change: &mut Change<'_>, location: &Location) -> Result<(), Error> {
        if self.own_set_damaged {
            note_damage(change, location, self.own_set)?;
        }
        if self.damaged {
            change.forget_restores(&self.location)?;
        } else if self.stored {
            change.put_restore(&self.location, self.oldest)?;
        }
        Ok(())
    }

    /// Counts native licenses by what was answered, and lets the grants take effect.
    pub(crate) fn count_native(
        &mut self,
        survey: &LocationInventory,
        answers: &ServiceOutcomes,
        answered: &ServiceDecisions,
        change: &Change<'_>,
        storage_key: &[u8; 32],
    ) -> Result<(), Error> {
        self.report.summary.already_here += survey.already_here.len() as u64;
        for (identity, (outcome, titles)) in std::mem::take(&mut self.refused) {
            self.seen.remove(&self.hash.hash_one(&identity));
            self.record_not_restored(identity, &titles, WhyNot::Refused(outcome));
        }
        for came in self.seen.values() {
            let count = if *came { &mut self.report.summary.restored } else { &mut self.report.summary.already_here };
            *count = count.saturating_add(1);
        }
        for (identity, titles) in &survey.revoked {
            self.record_not_restored(identity.clone(), titles, WhyNot::Refused(Outcome::Revoked));
        }
        for (identity, titles) in &survey.needs_adopt {
            self.record_not_restored(identity.clone(), titles, WhyNot::NeedsAdopt);
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
                                if needed.claimed && answered.not_yours.contains(&(key.0.clone(), license.clone())) => {
                            }
                            Some(outcome) => {
                                self.record_not_restored(identity(license), &needed.titles, WhyNot::Refused(*outcome));
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
            let open = asking.and_then(|asking| asking.open).unwrap_or(PendingReason::Unavailable);
            for license in unanswered {
                let titles = here.licenses.get(license).map(|needed| needed.titles.as_slice()).unwrap_or_default();
                let why = match open {
                    PendingReason::Refused(why) => why,
                    PendingReason::OtherMachine => WhyNot::OtherMachine,
                    PendingReason::NeedsIndividualization => WhyNot::NeedsIndividualization,
                    PendingReason::PrivateAddress => WhyNot::PrivateAddress,
                    PendingReason::Unavailable => WhyNot::Unavailable,
                };
                self.record_not_restored(identity(license), titles, why);
            }
        }
        Ok(())
    }

    /// Books whose licenses came: what they call themselves comes after them.
    pub(crate) fn report_missing_publications(&mut self, change: &Change<'_>, before: i64) -> Result<(), Error> {
        let view = change.view();
        let mut came = Vec::new();
        let walked = view.each_license(LicenseFilter::ChangedSince(before), |entry| {
            let is_book = entry.identity.kind == Kind::Lcp && entry.status == LicenseStatus::Usable;
            if is_book && self.seen.get(&self.hash.hash_one(&entry.identity)) == Some(&true) {
                if view.publications_of(&entry.identity)?.is_empty() {
                    came.push((entry.identity, entry.titles));
                }
                if came.len() >= MAX_REPORTED {
                    return Err(WalkEnd::Enough);
                }
            }
            Ok(())
        });
        match walked {
            Ok(()) | Err(WalkEnd::Enough) => {}
            Err(WalkEnd::Failed(error)) => return Err(error),
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
        let (license, _) = listing::license_or_placeholder(view, &entry)?;
        for key_id in &license.key_ids {
            if !view.paths(key_id)?.is_empty() {
                return Ok(());
            }
        }
        if self.report.without_file.len() < MAX_REPORTED {
            let title = titles.first().cloned().or(license.title).unwrap_or_else(|| identity.license_id.clone());
            self.report.without_file.push(title);
        }
        Ok(())
    }

    /// The location holds a license that did not have to come from it.
    pub(crate) fn record_held(
        &self,
        change: &Change<'_>,
        license: &License,
        newest_generation_time: UnixTime,
    ) -> Result<(), Error> {
        Ok(change.note_held(&self.location, newest_generation_time, &license.identity, &sha256(&license.document))?)
    }

    /// A license did not come.
    fn record_not_restored(&mut self, identity: LicenseIdentity, titles: &[String], why: WhyNot) {
        let summary = &mut self.report.summary;
        match (why, why.outcome()) {
            (_, Some(_)) => summary.refused += 1,
            (NotRestoredReason::Damaged, None) => summary.damaged = summary.damaged.saturating_add(1),
            (_, None) => summary.pending += 1,
        }
        self.left.insert(why);
        if self.report.not_restored.len() < MAX_REPORTED {
            self.report.not_restored.push(NotRestored { identity, titles: titles.to_vec(), why });
        }
    }

    pub(crate) fn damage(&mut self, damage: Damage) {
        self.warn(Note::from(&damage));
        self.damaged_packs.insert((damage.set, damage.pack));
        let known = damage.pack.is_some_and(|pack| self.known_lost.contains(&(damage.set, pack)));
        if damage.kind.is_loss() && !known {
            self.damaged = true;
            self.own_set_damaged |= damage.set == self.own_set;
        }
        // Of the others nobody knows which they were.
        let unnamed = damage.licenses_lost.unwrap_or_default().saturating_sub(damage.lost_licenses.len() as u64);
        self.count_damaged(unnamed);
        damage.lost.into_iter().for_each(|lost| self.record_loss(lost));
    }

    /// Damage that is met when the sets are read once more: the licenses came before.
    pub(crate) fn record_second_pass_damage(&mut self, damage: &Damage) {
        if self.damaged_packs.insert((damage.set, damage.pack)) {
            self.warn(Note::from(damage));
            self.damaged |= damage.kind.is_loss();
            self.own_set_damaged |= damage.kind.is_loss() && damage.set == self.own_set;
        }
    }

    fn count_damaged(&mut self, licenses: u64) {
        let damaged = &mut self.report.summary.damaged;
        *damaged = damaged.saturating_add(licenses);
    }

    fn record_loss(&mut self, lost: LostLicense) {
        let key = (lost.kind, lost.issuer.clone(), lost.license_id.clone());
        if self.lost.len() >= MAX_TRACKED_LOSSES && !self.lost.contains_key(&key) {
            return self.count_damaged(1);
        }
        let known = self.lost.entry(key).or_insert((lost.version, Vec::new()));
        if known.0 <= lost.version {
            *known = (lost.version, lost.titles);
        }
    }

    /// What could not be read is lost unless it is here now, in that version or a newer one, or was told of otherwise.
    pub(crate) fn count_losses(
        &mut self,
        restore: &Restore,
        survey: &LocationInventory,
        change: &Change<'_>,
    ) -> Result<(), Error> {
        let mut lost: Vec<_> = std::mem::take(&mut self.lost).into_iter().collect();
        lost.sort_unstable();
        for ((kind, issuer, license_id), (version, titles)) in lost {
            let stored = change.view().stored_license(kind, &issuer, &license_id)?;
            if !restore.is_selected(&license_id) || stored.is_some_and(|stored| stored.version >= version) {
                continue;
            }
            let Some(kind) = Kind::from_number(kind) else {
                self.count_damaged(1);
                continue;
            };
            let identity = LicenseIdentity { kind, issuer, license_id };
            if !survey.needs_adopt.contains_key(&identity) {
                self.record_not_restored(identity, &titles, WhyNot::Damaged);
            }
        }
        Ok(())
    }

    pub(crate) fn warn(&mut self, warning: Note) {
        if self.report.warnings.len() < MAX_REPORTED {
            self.report.warnings.push(warning);
        }
    }

    pub(crate) fn advance(&mut self, reporter: &StatusReporter, cancel: &Cancel) -> Result<(), Error> {
        self.progress.advance(reporter, cancel)
    }

    /// Everything was counted: what is reported at END.
    pub(crate) fn report(mut self) -> Report {
        set_result(&mut self.report, &self.unread, &self.left);
        self.report
    }
}
