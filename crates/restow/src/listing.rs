//! Listings of the store: licenses and files with their states and backups.

use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, HashSet};

use restow_core::time::UnixTime;
use restow_media::KeyId;

use crate::error::Error;
use crate::home::{Home, trust_store};
use crate::license::{self, BackupRight, Kind, License, LicenseIdentity, Right, SignatureCheck, StateCategory};
use crate::license_state::StateEvaluator;
use crate::location_status::{LocationStatus, status_of_backup, status_of_location};
use crate::safety::{LocationFacts, RiskReason, Safety, StaleLimit};
use crate::store::{
    BackupRecord, FileEntry, LcpStatusEntry, LicenseEntry, LicenseFilter, LocationRecord, RestoreRecord, Store, View,
    WithdrawnKeys,
};
use crate::verifier_pool::VerifierPool;

pub use crate::license_state::LicenseState;

/// License with its state and backups.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct LicenseInfo {
    /// License as its document states it.
    pub license: License,
    /// SHA-256 of the document.
    pub sha256: [u8; 32],
    /// Titles of its files, else its own title.
    pub titles: Vec<String>,
    /// Category of the Play right.
    pub category: StateCategory,
    /// Remaining uses of the Play right; `None` if uses are not counted.
    pub left: Option<u64>,
    /// State of the license for the Play right.
    pub state: LicenseState,
    /// Location and time of each backup that holds this document. Reachable locations were checked, but packs were
    /// not read.
    pub backups: Vec<(String, UnixTime)>,
    /// Locations in `backups` that are unreachable now.
    pub unreachable: Vec<String>,
    /// Safety against the loss of this computer; `None` for a license in a backup that is only shown.
    pub safety: Option<Safety>,
    /// Last status of an LCP license from its provider.
    pub lcp_status: Option<LcpStatusEntry>,
    /// Reason why the document cannot be read. The other fields then hold only the stored columns.
    pub unreadable: Option<String>,
}

/// Amounts that readers let a person print and copy, on all computers together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LcpAmounts {
    /// Pages that may be printed.
    pub print: LcpAmount,
    /// Characters that may be copied.
    pub copy: LcpAmount,
}

/// Amount of pages or characters in an LCP license.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LcpAmount {
    /// Any number.
    Unlimited,
    /// At most this number.
    Limited(u64),
    /// Number in a form that cannot be read.
    Unknown,
}

/// Returns a stored license, and the reason if its document cannot be read. The document may be damaged or from
/// another version. The license then has only the stored columns and grants nothing.
///
/// # Errors
/// [`Error::Store`] if the store fails.
pub(crate) fn license_or_placeholder(view: View<'_>, entry: &LicenseEntry) -> Result<(License, Option<String>), Error> {
    let error = match license::parse_as(entry.identity.kind, &entry.document) {
        Ok(license) => return Ok((license, None)),
        Err(error) => error,
    };
    let backup_right = entry.restriction.map_or(BackupRight::Allowed, BackupRight::Denied);
    let mut license = License::new(entry.identity.clone(), entry.version, backup_right, &entry.document);
    license.holder.clone_from(&entry.holder);
    license.key_ids = view.key_ids(entry.row)?;
    Ok((license, Some(error.to_string())))
}

impl LicenseInfo {
    /// Returns the amounts of an LCP license; `None` for other kinds. Readers count them, not Restow.
    #[must_use]
    pub fn amounts(&self) -> Option<LcpAmounts> {
        let amount = |right: &Right| {
            if self.license.has_unknown_amount(right) {
                return LcpAmount::Unknown;
            }
            let count = self.license.rights.get(right).and_then(|limits| limits.count);
            count.map_or(LcpAmount::Unlimited, LcpAmount::Limited)
        };
        let lcp = self.license.identity.kind == Kind::Lcp && self.unreadable.is_none();
        lcp.then(|| LcpAmounts { print: amount(&Right::PRINT), copy: amount(&Right::COPY) })
    }

    /// Returns the start of the license: the later of its own start and that of its Play right.
    #[must_use]
    pub fn not_before(&self) -> Option<UnixTime> {
        let play = self.license.rights.get(&Right::PLAY).and_then(|limits| limits.from);
        self.license.not_before.into_iter().chain(play).max()
    }

    /// Returns the end of the license: the earlier of its own end and that of its Play right.
    #[must_use]
    pub fn expires(&self) -> Option<UnixTime> {
        let play = self.license.rights.get(&Right::PLAY).and_then(|limits| limits.until);
        self.license.expires.into_iter().chain(play).min()
    }
}

/// Resolver of the titles of licenses.
pub(crate) struct TitleResolver<'a> {
    view: View<'a>,
    /// False if the catalog has no publications, which saves queries.
    publications: bool,
}

impl<'a> TitleResolver<'a> {
    pub(crate) fn new(view: View<'a>) -> Result<Self, Error> {
        Ok(Self { view, publications: view.has_publications()? })
    }

    /// Returns the titles of a license: from the catalog, else from a backup, else its own.
    pub(crate) fn of(&self, license: &License, known: &[String]) -> Result<Vec<String>, Error> {
        let mut titles = std::collections::BTreeSet::new();
        for key_id in &license.key_ids {
            titles.extend(self.view.titles(key_id)?);
        }
        if self.publications {
            let publications = self.view.publications_of(&license.identity)?;
            titles.extend(publications.into_iter().filter_map(|publication| publication.title));
        }
        if titles.is_empty() {
            titles.extend(known.iter().cloned());
        }
        if titles.is_empty() {
            titles.extend(license.title.clone());
        }
        Ok(titles.into_iter().take(crate::license::MAX_TITLES).collect())
    }
}

/// Returns the titles for a key ID: of its files in the catalog, else of its licenses.
///
/// # Errors
/// [`Error::Store`] if the store fails.
pub fn titles_for(store: &Store, key_id: &KeyId) -> Result<Vec<String>, Error> {
    let view = store.view();
    let mut found = view.titles(key_id)?;
    if found.is_empty() {
        for entry in view.licenses_for(key_id)? {
            found.extend(entry.titles.iter().cloned());
            found
                .extend(license::parse_as(entry.identity.kind, &entry.document).ok().and_then(|license| license.title));
        }
    }
    Ok(found.into_iter().take(crate::license::MAX_TITLES).collect())
}

/// Calls `visit` for each stored license in the order of storing.
///
/// # Errors
/// [`Error::Store`] if the store fails, [`Error::Home`] if a key or a trusted root cannot be read, or the error of
/// `visit`.
pub fn licenses(
    home: &Home,
    store: &Store,
    visit: &mut dyn FnMut(LicenseInfo) -> Result<(), Error>,
) -> Result<(), Error> {
    let lister = Lister::new(home, store.view())?;
    let mut batch = Batch { lister: &lister, visit, verifiers: None, entries: Vec::new(), bytes: 0, capacity: 1 };
    store.view().each_license(LicenseFilter::All, |entry| batch.push(entry))?;
    batch.flush()
}

/// Returns one stored license, as [`licenses`] shows it.
///
/// # Errors
/// [`Error::Store`] if the store fails, [`Error::Home`] if a key or a trusted root cannot be read.
pub fn license_info(home: &Home, store: &Store, entry: &LicenseEntry) -> Result<LicenseInfo, Error> {
    Lister::new(home, store.view())?.license_info(entry, None)
}

/// State of a protected file, computed from the licenses for the file.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum FileState {
    /// A license for the file can be used or can become usable, and is in no backup.
    Licensed,
    /// Backups hold every license that can be used or can become usable.
    BackedUp,
    /// Backups may hold none of the licenses that can be used or can become usable.
    Restricted,
    /// No license can be used, and the signature of one license is not valid. Or the embedded license is unreadable.
    Invalid,
    /// Every license has ended.
    Ended,
    /// No license exists for the file.
    None,
}

impl FileState {
    /// Returns the fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Licensed => "licensed",
            Self::BackedUp => "backed_up",
            Self::Restricted => "restricted",
            Self::Invalid => "invalid",
            Self::Ended => "ended",
            Self::None => "none",
        }
    }

    /// Returns the state of a protected file with these licenses.
    ///
    /// Licenses that have ended or are invalid count only if no other license exists.
    #[must_use]
    pub fn from_licenses(licenses: &[LicenseInfo]) -> Self {
        let is_over = |state: LicenseState| state == LicenseState::Invalid || state.has_ended();
        let useful: Vec<_> = licenses.iter().filter(|listed| !is_over(listed.state)).collect();
        let is_final = |state| !matches!(state, LicenseState::Refused(outcome) if !outcome.is_end());
        match useful.as_slice() {
            [] if licenses.iter().any(|listed| listed.state == LicenseState::Invalid) => Self::Invalid,
            [] if licenses.iter().any(|listed| is_final(listed.state)) => Self::Ended,
            [] => Self::None,
            useful if useful.iter().all(|listed| !listed.backups.is_empty()) => Self::BackedUp,
            useful if useful.iter().all(|listed| listed.license.backup_right != BackupRight::Allowed) => {
                Self::Restricted
            }
            _ => Self::Licensed,
        }
    }
}

/// File of the catalog with its stored licenses.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct FileInfo {
    /// File of the catalog.
    pub file: FileEntry,
    /// Stored licenses for the file.
    pub licenses: Vec<LicenseInfo>,
    /// State of a protected file; `None` if the file is not protected, or this is unknown.
    pub state: Option<FileState>,
}

/// Calls `visit` for each file of the catalog, with its licenses, in the order of paths.
///
/// # Errors
/// [`Error::Store`] if the store fails, [`Error::Home`] if a key or a trusted root cannot be read, or the error of
/// `visit`.
pub fn files(home: &Home, store: &Store, visit: &mut dyn FnMut(FileInfo) -> Result<(), Error>) -> Result<(), Error> {
    let view = store.view();
    let lister = Lister::new(home, view)?;
    view.each_file(|file| {
        let entries = view.licenses_of_file(&file.path)?;
        let licenses = entries.iter().map(|entry| lister.license_info(entry, None)).collect::<Result<Vec<_>, _>>()?;
        let protected = file.facts.protected == Some(true);
        let is_unreadable = licenses.is_empty() && file.facts.license_embedded && !file.has_embedded_license;
        let state = match is_unreadable {
            true => Some(FileState::Invalid),
            false => protected.then(|| FileState::from_licenses(&licenses)),
        };
        visit(FileInfo { file, licenses, state })
    })
}

/// Maximum number of licenses that are checked together.
const MAX_BATCH: usize = 256;

/// Maximum size of the documents that are checked together, except for the last document.
const MAX_BATCH_BYTES: usize = 8 << 20;

/// Batch of licenses for a signature check, on several threads.
///
/// The first batch has one license, and each further batch is twice as large, so that a listing of many licenses begins
/// at once.
struct Batch<'a> {
    lister: &'a Lister<'a>,
    visit: &'a mut dyn FnMut(LicenseInfo) -> Result<(), Error>,
    /// `None` until the first LCP license.
    verifiers: Option<VerifierPool>,
    entries: Vec<LicenseEntry>,
    bytes: usize,
    capacity: usize,
}

impl Batch<'_> {
    fn push(&mut self, entry: LicenseEntry) -> Result<(), Error> {
        self.bytes = self.bytes.saturating_add(entry.document.len());
        self.entries.push(entry);
        let is_full = self.entries.len() >= self.capacity || self.bytes >= MAX_BATCH_BYTES;
        if is_full { self.flush() } else { Ok(()) }
    }

    /// Checks and visits the licenses of the batch.
    fn flush(&mut self) -> Result<(), Error> {
        let entries = std::mem::take(&mut self.entries);
        (self.bytes, self.capacity) = (0, self.capacity.saturating_mul(2).min(MAX_BATCH));
        let mut checks = vec![None; entries.len()];
        if entries.iter().any(|entry| entry.identity.kind == Kind::Lcp) {
            let verifiers = match &mut self.verifiers {
                Some(verifiers) => verifiers,
                None => self.verifiers.insert(VerifierPool::new(&trust_store::load(self.lister.states.home)?)),
            };
            checks = verifiers
                .check(&entries, |entry| (entry.identity.kind == Kind::Lcp).then_some(entry.document.as_slice()));
        }
        for (entry, signature) in entries.into_iter().zip(checks) {
            (self.visit)(self.lister.license_info(&entry, signature)?)?;
        }
        Ok(())
    }
}

/// License and the SHA-256 of one of its documents.
type Document = (LicenseIdentity, [u8; 32]);

/// Backup of this home, with the current state of its location.
struct BackupWithState {
    record: BackupRecord,
    /// Documents that the set does not hold.
    excluded: HashSet<Document>,
    /// State of the location; empty until needed.
    state: OnceCell<HoldingState>,
}

/// Current status of a location, and the reason why the location makes no license safe.
#[derive(Clone, Copy)]
struct HoldingState {
    status: LocationStatus,
    risk: Option<RiskReason>,
}

struct Lister<'a> {
    view: View<'a>,
    titles: TitleResolver<'a>,
    /// All backups of this home.
    records: Vec<BackupRecord>,
    backups: Vec<BackupWithState>,
    withdrawn: WithdrawnKeys,
    /// Locations by ID.
    locations: HashMap<String, LocationRecord>,
    limit: StaleLimit,
    /// State of each location of a restore that was needed so far, by ID.
    sources: RefCell<HashMap<String, HoldingState>>,
    /// Restores by the change that wrote their licenses.
    restores: HashMap<i64, Vec<RestoreRecord>>,
    /// False if no LCP status is stored, which saves queries.
    has_lcp_statuses: bool,
    states: StateEvaluator<'a>,
}

impl<'a> Lister<'a> {
    fn new(home: &'a Home, view: View<'a>) -> Result<Self, Error> {
        let states = StateEvaluator::new(home, view)?;
        // Damaged keys of the computer are reported before the first license.
        states.is_on_its_computer()?;
        let mut backups = Vec::new();
        let records = view.backups()?;
        for record in records.iter().cloned() {
            let excluded = view.exclusions(&record.location, &record.set_id)?;
            let excluded = excluded.into_iter().map(|license| (license.identity, license.sha256)).collect();
            backups.push(BackupWithState { record, excluded, state: OnceCell::new() });
        }
        let mut restores: HashMap<i64, Vec<RestoreRecord>> = HashMap::new();
        for from in view.restores()? {
            restores.entry(from.change).or_default().push(from);
        }
        Ok(Self {
            view,
            titles: TitleResolver::new(view)?,
            records,
            backups,
            withdrawn: WithdrawnKeys::of(view)?,
            locations: view.locations()?.into_iter().map(|location| (location.id.clone(), location)).collect(),
            limit: StaleLimit::new(home.clock().now(), home.stale_after_days()?),
            sources: RefCell::default(),
            restores,
            has_lcp_statuses: view.has_lcp_statuses()?,
            states,
        })
    }

    /// Describes a license. `signature` is the result of its signature check; `None` checks the signature here.
    fn license_info(&self, entry: &LicenseEntry, signature: Option<SignatureCheck>) -> Result<LicenseInfo, Error> {
        let (license, unreadable) = license_or_placeholder(self.view, entry)?;
        let identity = &entry.identity;
        let signature = match signature {
            Some(signature) => signature,
            None => self.states.signature(&license)?,
        };
        let state = self.states.state(entry, &license, &signature, &Right::PLAY)?;
        let play = license.rights.get(&Right::PLAY);
        let left = match play.and_then(|limits| limits.count) {
            Some(count) => {
                let used = self.view.used(&identity.issuer, &identity.license_id, Right::PLAY.as_str())?;
                Some(count.saturating_sub(used.count))
            }
            None => None,
        };
        let key = (identity.clone(), entry.sha256);
        let mut held = Holdings::default();
        if license.backup_right == BackupRight::Allowed {
            self.add_backups(entry, &key, &mut held);
            self.add_restores(entry, &key, &mut held)?;
        }
        let Holdings { backups, unreachable, risks } = held;
        Ok(LicenseInfo {
            titles: self.titles.of(&license, &entry.titles)?,
            sha256: entry.sha256,
            category: StateCategory::from_limits(play),
            left,
            state,
            backups,
            unreachable,
            safety: Some(Safety::new(state, license.backup_right, unreadable.is_none(), risks)),
            lcp_status: if self.has_lcp_statuses { self.view.lcp_status(identity)? } else { None },
            license,
            unreadable,
        })
    }

    /// Adds the backups of this home that have or had a license.
    fn add_backups(&self, entry: &LicenseEntry, key: &Document, held: &mut Holdings) {
        let is_written = |backup: &&BackupWithState| entry.changed <= backup.record.change;
        for backup in self.backups.iter().filter(is_written) {
            let is_withdrawn = |holder| self.withdrawn.concerns(&entry.identity.issuer, holder, backup.record.change);
            if backup.excluded.contains(key) {
                held.risks.push(Some(RiskReason::Removed));
            } else if entry.holder.as_deref().is_some_and(is_withdrawn) {
                held.risks.push(Some(RiskReason::KeyWithdrawn));
            } else {
                let state = *backup.state.get_or_init(|| self.backup_state(&backup.record));
                held.add(&backup.record.path, backup.record.at, state);
            }
        }
    }

    /// Adds the locations that a license was restored from, or where a restore found the stored document.
    fn add_restores(&self, entry: &LicenseEntry, key: &Document, held: &mut Holdings) -> Result<(), Error> {
        let is_excluded = |location: &str| {
            let mut here = self.backups.iter().filter(|backup| backup.record.location == *location);
            here.any(|backup| !backup.record.damaged && backup.excluded.contains(key))
        };
        let restored = self.restores.get(&entry.changed).into_iter().flatten();
        let restored = restored.map(|from| (from.location.clone(), from.at));
        for (location, at) in restored.chain(self.view.held_locations(entry.row, entry.changed)?) {
            if !is_excluded(&location) {
                let path = self.locations.get(&location).map_or(&location, |record| &record.path);
                held.add(path, at, self.restore_source_state(&location));
            }
        }
        Ok(())
    }

    /// Returns the state of a location with a backup of this home.
    fn backup_state(&self, backup: &BackupRecord) -> HoldingState {
        self.location_state(
            status_of_backup(backup, &self.records),
            self.locations.get(&backup.location),
            backup.read_back,
        )
    }

    /// Returns the state of a location that licenses were restored from.
    fn restore_source_state(&self, location: &str) -> HoldingState {
        let mut sources = self.sources.borrow_mut();
        *sources.entry(location.to_owned()).or_insert_with(|| {
            let record = self.locations.get(location);
            let status = record.map_or(LocationStatus::Unreachable, status_of_location);
            self.location_state(status, record, record.and_then(|record| record.read_back))
        })
    }

    fn location_state(
        &self,
        status: LocationStatus,
        record: Option<&LocationRecord>,
        read_back: Option<UnixTime>,
    ) -> HoldingState {
        let seen = record.and_then(|record| record.seen);
        // A location of an earlier version has no record of its disk yet.
        let disk = record.and_then(|record| {
            let is_present = status == LocationStatus::Present;
            record.disk.or_else(|| is_present.then(|| self.states.home.disk_relation(record.path.as_ref())))
        });
        HoldingState { status, risk: LocationFacts { status, disk, seen, read_back }.risk(self.limit) }
    }
}

/// Locations that have or had a license.
#[derive(Default)]
struct Holdings {
    backups: Vec<(String, UnixTime)>,
    unreachable: Vec<String>,
    /// Risk of each location; `None` for a location that makes the license safe.
    risks: Vec<Option<RiskReason>>,
}

impl Holdings {
    /// Adds a location that holds the license if its records are right.
    fn add(&mut self, path: &str, at: UnixTime, state: HoldingState) {
        self.risks.push(state.risk);
        if !state.status.is_reliable() {
            return;
        }
        if state.status == LocationStatus::Unreachable && !self.unreachable.iter().any(|known| known == path) {
            self.unreachable.push(path.to_owned());
        }
        match self.backups.iter_mut().find(|(known, _)| known == path) {
            Some((_, newest)) => *newest = at.max(*newest),
            None => self.backups.push((path.to_owned(), at)),
        }
    }
}

#[cfg(test)]
mod tests {
    use restow_core::protocol::Outcome;

    use super::*;
    use crate::license::Restriction;

    #[test]
    fn file_state_follows_licenses() {
        let document = br#"{"id":"b","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
            "encryption":{"profile":"p","content_key":{"algorithm":0,"encrypted_value":0},
            "user_key":{"algorithm":0,"text_hint":0,"key_check":0}},"rights":{"print":3},
            "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
        let license = license::parse(document).unwrap();
        let with_right = |right| {
            let mut license = license.clone();
            license.backup_right = right;
            license
        };
        let listed = |state, right, backups: &[&str]| LicenseInfo {
            license: with_right(right),
            sha256: [0; 32],
            titles: Vec::new(),
            category: StateCategory::Unlimited,
            left: None,
            state,
            backups: backups.iter().map(|location| ((*location).to_owned(), 0)).collect(),
            unreachable: Vec::new(),
            unreadable: None,
            safety: None,
            lcp_status: None,
        };
        let denied = BackupRight::Denied(Restriction::DeniedByIssuer);
        let backed_up = || listed(LicenseState::Usable, BackupRight::Allowed, &["stick"]);
        let at_risk = || listed(LicenseState::Pending, BackupRight::Allowed, &[]);
        let restricted = || listed(LicenseState::Usable, denied, &[]);
        let returned = || listed(LicenseState::Refused(Outcome::Returned), BackupRight::Allowed, &["stick"]);
        let invalid = || listed(LicenseState::Invalid, BackupRight::Allowed, &["stick"]);
        for (licenses, state) in [
            (vec![], FileState::None),
            (vec![returned()], FileState::Ended),
            (vec![at_risk()], FileState::Licensed),
            (vec![backed_up()], FileState::BackedUp),
            (vec![backed_up(), at_risk()], FileState::Licensed),
            (vec![backed_up(), restricted()], FileState::Licensed),
            (vec![restricted(), restricted()], FileState::Restricted),
            (vec![restricted(), at_risk()], FileState::Licensed),
            (vec![returned(), restricted()], FileState::Restricted),
            (vec![returned(), backed_up()], FileState::BackedUp),
            (vec![invalid()], FileState::Invalid),
            (vec![invalid(), returned()], FileState::Invalid),
            (vec![invalid(), backed_up()], FileState::BackedUp),
            (vec![invalid(), at_risk()], FileState::Licensed),
        ] {
            assert_eq!(FileState::from_licenses(&licenses), state, "{licenses:?}");
        }
        assert_eq!(at_risk().amounts(), Some(LcpAmounts { print: LcpAmount::Limited(3), copy: LcpAmount::Unlimited }));
        let unreadable = LicenseInfo { unreadable: Some(String::new()), ..at_risk() };
        assert_eq!(unreadable.amounts(), None);
    }
}
