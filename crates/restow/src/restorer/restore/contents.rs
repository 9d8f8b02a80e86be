//! Contents of the sets at a location, without a restore.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use restow_backup::{InventoryRecord, PackRole, ReadItem, Record, SetId};
use restow_core::time::{Clock, UnixTime};
use restow_core::{encoding::sha256, message::Message, protocol::Outcome};
use restow_lcp::{SignatureStrength, Verifier};

use super::sets::{OpenSets, SetInfo};
use super::{merge::MergedSets, trust::LicenseProof};
use crate::home::{Home, trust_store};
use crate::license::{Kind, License, LicenseIdentity, LicenseStatus, Right, StateCategory, Used};
use crate::license_state::{IssuerTime, StateFacts, check_signature, license_state};
use crate::{error::Error, listing::LicenseInfo, net::Cancel, restorer::options::Restore, store::Store};

/// Merged contents of the sets at a location: a view of the state that a restore merges.
pub struct Contents {
    location: PathBuf,
    merged: MergedSets,
    now: UnixTime,
    verifier: Verifier,
    /// Precedence and SHA-256 of the best document of each LCP license with different documents in the sets.
    best_signed: BestSigned,
}

/// Precedence (see [`DocumentRank::precedence`](restow_lcp::DocumentRank::precedence)) and SHA-256 of documents.
type BestSigned = HashMap<LicenseIdentity, ((SignatureStrength, i64, UnixTime), [u8; 32])>;

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").field("location", &self.location).finish_non_exhaustive()
    }
}

/// Lists the sets at a location, with the trusted services of the home. The packs are not read.
///
/// # Errors
/// [`Error::Backup`] if the location cannot be read; [`Error::Store`] if the store fails.
pub fn list_sets(home: Option<&Home>, location: &Path) -> Result<Vec<SetInfo>, Error> {
    Ok(open_sets(home, &Restore::from(location))?.infos())
}

/// Reports whether a restore from a location would take this document of a license. Reads the packs.
///
/// # Errors
/// [`Error::Store`] or [`Error::Home`] if the home cannot be read. An unreadable location has no license.
pub fn backup_holds(
    home: &Home,
    location: &Path,
    identity: &LicenseIdentity,
    sha256: &[u8; 32],
) -> Result<bool, Error> {
    match Contents::open(home, &Restore::from(location)) {
        Err(Error::Backup(_) | Error::Restorer(_)) => Ok(false),
        contents => Ok(contents?.best_document(identity) == Some(*sha256)),
    }
}

fn open_sets(home: Option<&Home>, restore: &Restore) -> Result<OpenSets, Error> {
    let store = home.map(Home::store).transpose()?;
    OpenSets::open(restore, store.as_ref().map(Store::view), &Cancel::default())
}

impl Contents {
    /// Reads the location, set and generation that `restore` names, with the trusted services, roots and clock of
    /// `home`.
    ///
    /// Changes nothing in the store of `home`.
    ///
    /// # Errors
    /// [`Error::Backup`] if the location, set or generation cannot be read; [`Error::Store`] if the store fails.
    pub fn open(home: &Home, restore: &Restore) -> Result<Self, Error> {
        Self::read(Some(home), home.clock().as_ref(), restore)
    }

    /// Reads the location, set and generation that `restore` names without trusted services and roots, at the time of
    /// `clock`.
    ///
    /// # Errors
    /// [`Error::Backup`] if the location, set or generation cannot be read.
    pub fn open_without_home(clock: &dyn Clock, restore: &Restore) -> Result<Self, Error> {
        Self::read(None, clock, restore)
    }

    fn read(home: Option<&Home>, clock: &dyn Clock, restore: &Restore) -> Result<Self, Error> {
        let merged = MergedSets::read_for_display(open_sets(home, restore)?);
        let (location, now) = (restore.run.location.clone(), clock.now());
        let verifier = Verifier::new(home.map(trust_store::load).transpose()?.unwrap_or_default());
        let mut contents = Self { location, merged, now, verifier, best_signed: HashMap::new() };
        contents.rank_lcp_documents();
        Ok(contents)
    }

    /// Ranks the documents of LCP licenses that differ, in the same order as a restore.
    ///
    /// The signatures need the documents, so this pass reads the packs again; sets without differences are read once.
    fn rank_lcp_documents(&mut self) {
        if !self.merged.state.licenses(Kind::Lcp).any(|(.., license)| license.has_conflict) {
            return;
        }
        let mut best_signed = BestSigned::new();
        let Ok(()) = self.each_document(&mut |_, license| {
            let is_lcp = license.identity.kind == Kind::Lcp;
            if is_lcp && self.merged.state.license(&license.identity).is_some_and(|merged| merged.has_conflict) {
                let rank = self.verifier.rank(&license);
                let rank = (rank.precedence(), sha256(&license.document));
                let best = best_signed.entry(license.identity).or_insert(rank);
                *best = rank.max(*best);
            }
            Ok::<(), Infallible>(())
        });
        self.best_signed = best_signed;
    }

    /// Visits each proven document in the order of the packs, with its set.
    fn each_document<E>(&self, visit: &mut dyn FnMut(SetId, License) -> Result<(), E>) -> Result<(), E> {
        let OpenSets { reader, trust, .. } = &self.merged.sets;
        reader.records(PackRole::Licenses, &mut |found| {
            let ReadItem::Record(context, Record::License(record)) = found else { return Ok(()) };
            match trust.license(&context, &record).and_then(LicenseProof::proven) {
                Ok(license) => visit(context.set, license),
                Err(_) => Ok(()),
            }
        })
    }

    /// Returns the SHA-256 of the document of a license that a restore would take.
    fn best_document(&self, identity: &LicenseIdentity) -> Option<[u8; 32]> {
        match self.best_signed.get(identity) {
            Some((_, digest)) => Some(*digest),
            None => Some(self.merged.state.license(identity)?.best_proven()?.sha256),
        }
    }

    /// Returns warnings about damage and rejected licenses, at most 1,000.
    #[must_use]
    pub fn warnings(&self) -> &[Message] {
        &self.merged.state.warnings
    }

    /// Visits each license once, in the document that a restore would take. Native licenses are pending: their
    /// service decides.
    ///
    /// # Errors
    /// Returns the error of the visitor, which ends the walk.
    pub fn licenses<E>(&self, visit: &mut dyn FnMut(LicenseInfo) -> Result<(), E>) -> Result<(), E> {
        let generations = self.merged.sets.reader.generations();
        let created: HashMap<SetId, UnixTime> =
            generations.iter().map(|generation| (generation.set, generation.manifest.created)).collect();
        // Each license has one best document, and a digest takes less memory than an identity.
        let mut visited = HashSet::new();
        self.each_document(&mut |set, license| {
            let digest = sha256(&license.document);
            if self.best_document(&license.identity) != Some(digest) || !visited.insert(digest) {
                return Ok(());
            }
            let at = created.get(&set).copied().unwrap_or_default();
            visit(self.listed(license, at))
        })
    }

    fn listed(&self, license: License, at: UnixTime) -> LicenseInfo {
        let identity = &license.identity;
        let merged = self.merged.state.license(identity);
        let display = merged.and_then(|merged| merged.display.as_deref());
        let play = license.rights.get(&Right::PLAY);
        let counters = display.and_then(|display| display.used.as_ref());
        let used =
            counters.map_or(0, |counters| counters.values().fold(0_u64, |sum, count| sum.saturating_add(*count)));
        let titles = display.map(|display| display.titles.clone()).unwrap_or_default();
        let digest = sha256(&license.document);
        let is_native = identity.kind == Kind::Restow;
        let revoked = &self.merged.state.revoked;
        let facts = StateFacts {
            license: &license,
            // The status that a restore would store.
            status: match self.end_by_provider(&license, &digest) {
                _ if is_native => LicenseStatus::Pending,
                Some(outcome) => LicenseStatus::Refused(outcome),
                None => LicenseStatus::Usable,
            },
            signature: &check_signature(&self.verifier, &license),
            is_revoked: is_native && revoked.contains(&(identity.issuer.clone(), identity.license_id.clone())),
            is_on_its_computer: true,
            time: IssuerTime::local(self.now),
        };
        let uses = Used { count: used, first_use: None };
        let Ok(state) = license_state(&facts, &Right::PLAY, |_| Ok::<_, Infallible>(uses));
        LicenseInfo {
            sha256: digest,
            titles: if titles.is_empty() { license.title.iter().cloned().collect() } else { titles },
            category: StateCategory::from_limits(play),
            left: play.and_then(|limits| limits.count).map(|count| count.saturating_sub(used)),
            state,
            backups: vec![(self.location.to_string_lossy().into_owned(), at)],
            unreachable: Vec::new(),
            safety: None,
            lcp_status: None,
            license,
            unreadable: None,
        }
    }

    /// Returns the outcome if the last status of an LCP license ends the license.
    ///
    /// A status counts only from a set that holds this document. A document that is newer than the status lifts the
    /// end.
    fn end_by_provider(&self, license: &License, digest: &[u8; 32]) -> Option<Outcome> {
        let state = &self.merged.state;
        let statuses = &state.license(&license.identity)?.display.as_ref()?.statuses;
        let counting = statuses.iter().filter(|(set, ..)| state.is_holding(*set, digest));
        let (_, at, outcome) = *counting.max_by_key(|(_, at, _)| *at)?;
        outcome.filter(|_| license.version.div_euclid(1000) <= at)
    }

    /// Visits the inventory of licenses that are not in the sets, each license once.
    ///
    /// # Errors
    /// Returns the error of the visitor, which ends the walk.
    pub fn missing<E>(&self, visit: &mut dyn FnMut(&InventoryRecord) -> Result<(), E>) -> Result<(), E> {
        let mut visited = HashSet::new();
        self.merged.sets.reader.records(PackRole::Inventory, &mut |found| match found {
            ReadItem::Record(_, Record::Inventory(record)) => {
                let identity = (record.kind, record.issuer.clone(), record.license_id.clone());
                if visited.insert(identity) { visit(&record) } else { Ok(()) }
            }
            _ => Ok(()),
        })
    }
}
