//! Merged state of the sets at a location, from one reading of their packs.
//!
//! A restore and the contents of a backup are views of this state. For each license the state has digests and
//! versions of the documents, and not the documents: a set of 100,000 licenses fits in a few tens of megabytes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use restow_backup::{
    CounterRecord, FrameContext, LcpFactsRecord, LicenseRecord, PackRole, ReadItem, Record, SetId, StatementRecord,
    TitlesRecord, truncate_titles,
};
use restow_core::{encoding::sha256, message::Message, protocol::Outcome, time::UnixTime};
use restow_lcp::Verifier;

use super::lcp_status::{LcpStatusCandidates, may_have_status_link};
use super::report::{MAX_REPORTED, rejection_warning};
use super::sets::OpenSets;
use super::trust::{ComputerKeyCache, LicenseProof, Trust};
use crate::license::{Kind, LcpStatus, License, LicenseIdentity, Right};
use crate::{error::Error, net::Cancel, restorer::options::Restore};

/// Maximum number of unproven license records considered per restore. Anyone can write a set with any number of them.
const MAX_UNPROVEN: usize = 10_000;

/// Document of a license, without its bytes.
#[derive(Debug)]
pub(crate) struct MergedDocument {
    pub(crate) sha256: [u8; 32],
    /// Time of the last update of the document, in Unix milliseconds.
    pub(crate) version: i64,
    /// Holder of a native license.
    pub(crate) holder: Option<Arc<str>>,
    /// True if a certified set or the document itself proves the license. An unproven license can be invented: only
    /// the service of its issuer knows.
    pub(crate) is_proven: bool,
    /// Titles for messages about a native license.
    pub(crate) titles: Vec<String>,
}

impl MergedDocument {
    /// Returns the rank among the documents of one license and holder. Proof is first: an unproven document can state
    /// any version.
    pub(crate) const fn rank(&self) -> (bool, i64, [u8; 32]) {
        (self.is_proven, self.version, self.sha256)
    }
}

/// Documents of one license in all sets, and facts about the license for display.
#[derive(Default)]
pub(crate) struct MergedLicense {
    best: Option<Arc<MergedDocument>>,
    /// Best documents of a native license of other holders. Only a faulty or hostile set has them.
    #[expect(clippy::box_collection, reason = "most licenses have none, and a pointer takes less memory")]
    other_holders: Option<Box<BTreeMap<Arc<str>, Arc<MergedDocument>>>>,
    /// True if the sets have different documents of the license.
    pub(crate) has_conflict: bool,
    /// True if a document of an LCP license can have a status link; only for a restore.
    pub(crate) has_status_link: bool,
    /// `None` unless the sets were read for display.
    pub(crate) display: Option<Box<DisplayFacts>>,
}

impl MergedLicense {
    /// Returns the best document of each holder.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Arc<MergedDocument>> {
        self.best.iter().chain(self.other_holders.iter().flat_map(|others| others.values()))
    }

    /// Returns the best proven document.
    pub(crate) fn best_proven(&self) -> Option<&MergedDocument> {
        self.best.as_deref().filter(|document| document.is_proven)
    }

    fn add(&mut self, document: MergedDocument) {
        let document = Arc::new(document);
        let Some(best) = &mut self.best else {
            self.best = Some(document);
            return;
        };
        self.has_conflict |= best.sha256 != document.sha256;
        if best.holder != document.holder {
            let others = self.other_holders.get_or_insert_default();
            let holder = document.holder.clone().unwrap_or_default();
            let is_better = others.get(&holder).is_none_or(|known| known.rank() <= document.rank());
            if document.rank() > best.rank() {
                let former = std::mem::replace(best, document);
                others.remove(&holder);
                others.insert(former.holder.clone().unwrap_or_default(), former);
            } else if is_better {
                others.insert(holder, document);
            }
        } else if best.rank() <= document.rank() {
            // Of equal documents the last one counts: its titles are the newest.
            *best = document;
        }
    }
}

/// Facts that the contents of a backup show beside a document.
#[derive(Default)]
pub(crate) struct DisplayFacts {
    pub(crate) titles: Vec<String>,
    /// Uses of the Play right by computer key; `None` if a license has no counters, as most do.
    #[expect(clippy::box_collection, reason = "most licenses have none, and a pointer takes less memory")]
    pub(crate) used: Option<Box<HashMap<[u8; 32], u64>>>,
    /// Last status of an LCP license in each set: its time, and the outcome if the status ends the license.
    pub(crate) statuses: Vec<(SetId, UnixTime, Option<Outcome>)>,
}

/// Licenses by issuer and license ID.
type LicensesByIssuer = BTreeMap<Arc<str>, BTreeMap<Arc<str>, MergedLicense>>;

/// State merged from the records of sets.
#[derive(Default)]
pub(crate) struct MergedState {
    licenses: BTreeMap<Kind, LicensesByIssuer>,
    /// Counters of native licenses, each with the holders that accept the counter; only for a restore.
    pub(crate) counters: Vec<(CounterRecord, Vec<String>)>,
    /// Issuer and ID of the native licenses that statements of their issuers revoke.
    pub(crate) revoked: HashSet<(String, String)>,
    /// Digests of all unproven documents.
    pub(crate) unproven: HashSet<[u8; 32]>,
    /// Number of unproven license records, for [`MAX_UNPROVEN`].
    unproven_records: usize,
    /// Hashes of sets with their documents of LCP licenses; only for display.
    holding: HashSet<u64>,
    /// Keyed hash for `holding`: a set cannot be written to collide, and a digest of 100,000 documents takes more
    /// memory.
    hash: RandomState,
    /// Damage and rejected licenses, up to [`MAX_REPORTED`]; only for display.
    pub(crate) warnings: Vec<Message>,
    /// Issuers and holders, so that each name is in memory once.
    names: HashSet<Arc<str>>,
}

/// Sets at a location with their merged state.
pub(crate) struct MergedSets {
    pub(crate) sets: OpenSets,
    pub(crate) state: MergedState,
}

impl MergedSets {
    /// Reads the sets for a restore: the selected licenses, unproven ones included, and the counters for their
    /// services.
    ///
    /// `candidates` receives the LCP licenses; `None` if the restore can ask no provider.
    ///
    /// # Errors
    /// [`Error::Cancelled`]
    pub(crate) fn read_for_restore(
        sets: OpenSets,
        restore: &Restore,
        keys: &mut ComputerKeyCache,
        verifier: &Verifier,
        mut candidates: Option<&mut LcpStatusCandidates>,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let mut state = MergedState::default();
        let trust = &sets.trust;
        sets.reader.records(PackRole::Licenses, &mut |found| {
            cancel.check(Error::Cancelled)?;
            match found {
                ReadItem::Record(context, Record::License(record)) if restore.is_selected(&record.license_id) => {
                    match Kind::from_number(record.kind).filter(|kind| *kind != Kind::Restow) {
                        Some(kind) => {
                            // A search for a status link costs less than parsing every document.
                            let mut has_status_link = false;
                            if let Some(candidates) = candidates.as_deref_mut()
                                && may_have_status_link(&record.document)
                                && let Ok(LicenseProof::Proven(license)) = trust.license(&context, &record)
                            {
                                candidates.add_license(&license, verifier);
                                has_status_link = true;
                            }
                            let license = state.license_mut(kind, &record.issuer, &record.license_id);
                            license.has_status_link |= has_status_link;
                        }
                        None => state.add_native(trust, &context, record),
                    }
                }
                ReadItem::Record(context, Record::Counter(record)) => {
                    let own_keys = keys.of_issuer(&record.issuer);
                    let holders = trust.holders_of_counter(&context, &record, own_keys);
                    state.counters.push((record, holders));
                }
                ReadItem::Record(_, Record::Statement(record)) => state.add_statement(trust, record),
                _ => {}
            }
            Ok::<(), Error>(())
        })?;
        Ok(Self { sets, state })
    }

    /// Reads the sets for display: all proven licenses with the facts about them.
    pub(crate) fn read_for_display(sets: OpenSets) -> Self {
        let mut state = MergedState::default();
        let trust = &sets.trust;
        sets.reader.damage().iter().for_each(|damage| state.warn(damage.into()));
        let Ok(()) = sets.reader.records::<Infallible>(PackRole::Licenses, &mut |found| {
            match found {
                ReadItem::Record(context, Record::License(record)) => {
                    match trust.license(&context, &record).and_then(LicenseProof::proven) {
                        Ok(license) => state.add_displayed(context.set, &license, record.titles),
                        Err(reason) => state.warn(rejection_warning(&record.license_id, reason)),
                    }
                }
                ReadItem::Record(context, Record::Titles(record)) => state.add_titles(trust, &context, record),
                ReadItem::Record(context, Record::Counter(record)) => state.add_use(trust, &context, &record),
                ReadItem::Record(context, Record::LcpFacts(record)) => state.add_status(context.set, record),
                ReadItem::Record(_, Record::Statement(record)) => state.add_statement(trust, record),
                ReadItem::Damage(damage) => state.warn(Message::from(&damage)),
                ReadItem::Record(..) => {}
            }
            Ok(())
        });
        Self { sets, state }
    }
}

impl MergedState {
    /// Returns the licenses of a kind: issuer, license ID and license, in this order.
    pub(crate) fn licenses(&self, kind: Kind) -> impl Iterator<Item = (&Arc<str>, &Arc<str>, &MergedLicense)> {
        let issuers = self.licenses.get(&kind).into_iter().flatten();
        issuers.flat_map(|(issuer, licenses)| licenses.iter().map(move |(id, license)| (issuer, id, license)))
    }

    /// Returns the LCP licenses with a document that can have a status link.
    pub(crate) fn with_status_link(&self) -> impl Iterator<Item = LicenseIdentity> {
        self.licenses(Kind::Lcp).filter(|(.., license)| license.has_status_link).map(|(issuer, license_id, _)| {
            let (issuer, license_id) = (issuer.to_string(), license_id.to_string());
            LicenseIdentity { kind: Kind::Lcp, issuer, license_id }
        })
    }

    /// Returns a license.
    pub(crate) fn license(&self, identity: &LicenseIdentity) -> Option<&MergedLicense> {
        let issuers = self.licenses.get(&identity.kind)?;
        issuers.get(identity.issuer.as_str())?.get(identity.license_id.as_str())
    }

    /// Returns true if a set holds a document of an LCP license. The status in a set counts only for such documents.
    pub(crate) fn is_holding(&self, set: SetId, sha256: &[u8; 32]) -> bool {
        self.holding.contains(&self.hash.hash_one((set, *sha256)))
    }

    fn license_mut(&mut self, kind: Kind, issuer: &str, license_id: &str) -> &mut MergedLicense {
        let issuer = intern(&mut self.names, issuer);
        let licenses = self.licenses.entry(kind).or_default().entry(issuer).or_default();
        licenses.entry(license_id.into()).or_default()
    }

    fn display_mut(&mut self, kind: Kind, issuer: &str, license_id: &str) -> &mut DisplayFacts {
        self.license_mut(kind, issuer, license_id).display.get_or_insert_default()
    }

    /// Adds a license record that a restore may have to ask a service about.
    fn add_native(&mut self, trust: &Trust, context: &FrameContext<'_>, record: LicenseRecord) {
        let mut titles = record.titles;
        let record = LicenseRecord { titles: Vec::new(), ..record };
        let (license, is_proven) = match trust.license(context, &record) {
            Ok(LicenseProof::Proven(license)) => (license, true),
            Ok(LicenseProof::Unproven(license, _)) => (license, false),
            // The pass that applies the sets reports a rejected record.
            Err(_) => return,
        };
        let Some(holder) = license.holder.as_deref().map(|holder| intern(&mut self.names, holder)) else { return };
        let sha256 = sha256(&license.document);
        if !is_proven {
            self.unproven_records = self.unproven_records.saturating_add(1);
            if self.unproven_records > MAX_UNPROVEN {
                return;
            }
            self.unproven.insert(sha256);
            titles = truncate_titles(titles);
        }
        let document = MergedDocument { sha256, version: license.version, holder: Some(holder), is_proven, titles };
        let LicenseIdentity { kind, issuer, license_id } = &license.identity;
        self.license_mut(*kind, issuer, license_id).add(document);
    }

    /// Adds a proven license of any kind with its titles for display.
    fn add_displayed(&mut self, set: SetId, license: &License, titles: Vec<String>) {
        let sha256 = sha256(&license.document);
        let document = MergedDocument {
            sha256,
            version: license.version,
            holder: license.holder.as_deref().map(|holder| intern(&mut self.names, holder)),
            is_proven: true,
            titles: Vec::new(),
        };
        let LicenseIdentity { kind, issuer, license_id } = &license.identity;
        if *kind == Kind::Lcp {
            self.holding.insert(self.hash.hash_one((set, sha256)));
        }
        let merged = self.license_mut(*kind, issuer, license_id);
        merged.display.get_or_insert_default().titles = titles;
        merged.add(document);
    }

    /// Adds titles that were recorded after the license. Titles of a native license need a certified set.
    fn add_titles(&mut self, trust: &Trust, context: &FrameContext<'_>, record: TitlesRecord) {
        let Some(kind) = Kind::from_number(record.kind) else { return };
        let identity = LicenseIdentity { kind, issuer: record.issuer, license_id: record.license_id };
        let holder = self.license(&identity).and_then(|license| license.best_proven()?.holder.clone());
        let is_certified = || holder.is_some_and(|holder| trust.certifies(context, &identity.issuer, &holder));
        if kind != Kind::Restow || is_certified() {
            self.display_mut(kind, &identity.issuer, &identity.license_id).titles = record.titles;
        }
    }

    /// Adds the uses of the Play right that a computer counted.
    fn add_use(&mut self, trust: &Trust, context: &FrameContext<'_>, record: &CounterRecord) {
        let CounterRecord { issuer, counter } = record;
        if counter.right != Right::PLAY.as_str() {
            return;
        }
        let (issuer, license_id) = (issuer.clone(), counter.license.clone());
        let identity = LicenseIdentity { kind: Kind::Restow, issuer, license_id };
        let holder = self.license(&identity).and_then(|license| license.best_proven()?.holder.clone());
        if !holder.is_some_and(|holder| trust.accepts_counter(context, record, &holder, &[])) {
            return;
        }
        let used = &mut self.display_mut(Kind::Restow, &identity.issuer, &identity.license_id).used;
        let count = used.get_or_insert_default().entry(*counter.computer_key.as_bytes()).or_default();
        *count = counter.count.max(*count);
    }

    /// Adds the last status of an LCP license that a set has.
    fn add_status(&mut self, set: SetId, record: LcpFactsRecord) {
        let LcpFactsRecord { kind, issuer, license_id, status, status_time: at, .. } = record;
        if kind != Kind::Lcp.number() || at == 0 {
            return;
        }
        let outcome = LcpStatus::from_number(status).and_then(LcpStatus::outcome);
        let statuses = &mut self.display_mut(Kind::Lcp, &issuer, &license_id).statuses;
        // The records of a set follow each other, so a search from the end finds the set at once.
        match statuses.iter_mut().rev().find(|(known, ..)| *known == set) {
            Some(status) if status.1 < at => *status = (set, at, outcome),
            Some(_) => {}
            None => statuses.push((set, at, outcome)),
        }
    }

    fn add_statement(&mut self, trust: &Trust, record: StatementRecord) {
        let statement = trust.revocations(&record.issuer, &record.document);
        for revoked in statement.into_iter().flat_map(|statement| statement.revoked) {
            self.revoked.insert((record.issuer.clone(), revoked.license));
        }
    }

    /// Adds a warning. A small set can cause any number of them.
    fn warn(&mut self, warning: Message) {
        if self.warnings.len() < MAX_REPORTED {
            self.warnings.push(warning);
        }
    }
}

/// Returns the shared copy of a name.
fn intern(names: &mut HashSet<Arc<str>>, name: &str) -> Arc<str> {
    if let Some(known) = names.get(name) {
        return Arc::clone(known);
    }
    let shared: Arc<str> = name.into();
    names.insert(Arc::clone(&shared));
    shared
}
