//! Licenses that this computer's set holds now, as a restore would read them, and the licenses that damage took.

use std::collections::{HashMap, HashSet};

use restow_backup::{BackupError, LicenseSummary, Location, PackRole, ReadItem, Reader, Record, SetId};
use restow_core::encoding::sha256;

use super::titles::titles_of;
use crate::error::Error;
use crate::license::{Kind, LicenseIdentity};
use crate::listing::TitleResolver;
use crate::restorer::location::find_set;
use crate::status::{NamedLicense, NamedLicenses, NotRestored, NotRestoredReason};
use crate::store::{BackupRecord, LicenseFilter, View, license_key};

/// Maximum number of lost licenses that a report names.
const MAX_NAMED_LOSSES: usize = 1_000;

/// First bytes of the SHA-256 of kind, issuer and license ID. A set can have millions of licenses.
type LicenseHash = [u8; 16];

fn license_hash(kind: u8, issuer: &str, license_id: &str) -> LicenseHash {
    let mut bytes = vec![kind];
    bytes.extend_from_slice(&(issuer.len() as u64).to_le_bytes());
    bytes.extend_from_slice(issuer.as_bytes());
    bytes.extend_from_slice(license_id.as_bytes());
    let digest = sha256(&bytes);
    let mut hash = LicenseHash::default();
    hash.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
    hash
}

/// Licenses in the readable parts of a set.
#[derive(Default)]
pub(crate) struct HeldLicenses {
    /// Version of each license.
    versions: HashMap<LicenseHash, i64>,
    /// Number of these licenses that the store does not have.
    pub(crate) not_stored: u64,
    /// Licenses in damaged parts that the set still names.
    unreadable: Vec<LicenseSummary>,
    /// Number of license records in damaged parts.
    unreadable_records: u64,
}

/// Licenses of the store that a set does not hold.
#[derive(Default)]
struct MissingLicenses {
    named: NamedLicenses,
    /// Number of these licenses of which the set has no version at all.
    absent: u64,
}

/// Licenses that damage of a set took.
#[derive(Clone, Default)]
pub(crate) struct Losses {
    /// Licenses that this computer still has.
    pub(crate) rewritten: NamedLicenses,
    /// Licenses that this computer does not have, as far as the set still names them.
    pub(crate) lost: Vec<NotRestored>,
    /// Number of licenses that this computer does not have, named or not.
    pub(crate) lost_count: u64,
}

impl Losses {
    /// Adds the licenses of an earlier attempt of the same backup.
    pub(crate) fn add_earlier(&mut self, earlier: Self) {
        for license in earlier.rewritten.first {
            if self.rewritten.first.iter().all(|known| known.identity != license.identity) {
                self.rewritten.push(license);
            }
        }
        for license in earlier.lost {
            if self.lost.iter().all(|known| known.identity != license.identity) {
                self.lost.push(license);
            }
        }
        self.lost_count = self.lost_count.max(earlier.lost_count).max(self.lost.len() as u64);
    }
}

impl HeldLicenses {
    /// Reads all records of the set from the medium.
    pub(crate) fn read(
        location: &Location,
        set: SetId,
        view: View<'_>,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, Error> {
        let mut held = Self::default();
        let Some(set) = find_set(&location.uncached(), set)? else { return Ok(held) };
        let reader = match Reader::latest(&[set], is_cancelled) {
            Ok(reader) => reader,
            Err(BackupError::AllDamaged(_) | BackupError::NoBackup(_)) => return Ok(held),
            Err(error) => return Err(error.into()),
        };
        reader.records(PackRole::Licenses, &mut |item| {
            if is_cancelled() {
                return Err(Error::Cancelled);
            }
            match item {
                ReadItem::Record(_, Record::License(record)) => {
                    let version = record.version;
                    let hash = license_hash(record.kind, &record.issuer, &record.license_id);
                    let known = held.versions.insert(hash, version);
                    match known {
                        Some(known) if known > version => drop(held.versions.insert(hash, known)),
                        Some(_) => {}
                        None => {
                            let stored = view.stored_license((record.kind, &record.issuer, &record.license_id))?;
                            held.not_stored += u64::from(stored.is_none());
                        }
                    }
                }
                ReadItem::Record(..) => {}
                ReadItem::Damage(damage) => {
                    held.unreadable_records += damage.licenses_lost.unwrap_or(0);
                    held.unreadable.extend(damage.lost_licenses);
                }
            }
            Ok(())
        })?;
        Ok(held)
    }

    /// Returns the number of distinct licenses.
    pub(crate) fn len(&self) -> u64 {
        self.versions.len() as u64
    }

    fn has(&self, hash: &LicenseHash, version: i64) -> bool {
        self.versions.get(hash).is_some_and(|held| *held >= version)
    }

    /// Returns the licenses of the store that a set should hold and does not. `is_expected` receives the change of the
    /// license and its hash.
    fn missing(
        &self,
        view: View<'_>,
        is_excluded: &dyn Fn(&LicenseIdentity) -> bool,
        is_expected: impl Fn(i64, &LicenseHash) -> bool,
    ) -> Result<MissingLicenses, Error> {
        let titles = TitleResolver::new(view)?;
        let mut missing = MissingLicenses::default();
        view.each_license(LicenseFilter::All, |entry| {
            let (kind, issuer, license_id) = license_key(&entry.identity);
            let hash = license_hash(kind, issuer, license_id);
            let is_missing = entry.restriction.is_none()
                && !is_excluded(&entry.identity)
                && !self.has(&hash, entry.version)
                && is_expected(entry.changed, &hash);
            if is_missing {
                let titles = titles_of(&titles, &entry)?;
                missing.absent += u64::from(!self.versions.contains_key(&hash));
                missing.named.push(NamedLicense { identity: entry.identity, titles });
            }
            Ok::<(), Error>(())
        })?;
        Ok(missing)
    }

    /// Returns the licenses of the store that the set does not hold.
    pub(crate) fn unwritten(
        &self,
        view: View<'_>,
        is_excluded: &dyn Fn(&LicenseIdentity) -> bool,
    ) -> Result<NamedLicenses, Error> {
        Ok(self.missing(view, is_excluded, |_, _| true)?.named)
    }

    /// Compares a damaged set with the store. `record` is the last backup if the set continues it.
    pub(crate) fn losses(
        &self,
        view: View<'_>,
        is_excluded: &dyn Fn(&LicenseIdentity) -> bool,
        record: Option<&BackupRecord>,
    ) -> Result<Losses, Error> {
        let hash_of = |lost: &LicenseSummary| license_hash(lost.kind, &lost.issuer, &lost.license_id);
        let unreadable: HashSet<LicenseHash> = self.unreadable.iter().map(hash_of).collect();
        let MissingLicenses { named: rewritten, absent } = self.missing(view, is_excluded, |changed, hash| {
            unreadable.contains(hash) || record.is_some_and(|record| changed <= record.change)
        })?;
        let mut known = HashSet::new();
        let (mut lost, mut named) = (Vec::new(), 0_u64);
        for license in &self.unreadable {
            let hash = hash_of(license);
            let stored = view.stored_license((license.kind, &license.issuer, &license.license_id))?;
            let is_here = stored.is_some_and(|stored| stored.version >= license.version);
            if is_here || self.has(&hash, license.version) || !known.insert(hash) {
                continue;
            }
            named += 1;
            if let Some(kind) = Kind::from_number(license.kind).filter(|_| lost.len() < MAX_NAMED_LOSSES) {
                let (issuer, license_id) = (license.issuer.clone(), license.license_id.clone());
                let identity = LicenseIdentity { kind, issuer, license_id };
                let titles = license.titles.clone();
                lost.push(NotRestored { identity, titles, reason: NotRestoredReason::Damaged });
            }
        }
        // The record knows how many different licenses the set had; damaged parts only know their records.
        let missing = match record.and_then(|record| record.licenses) {
            Some(licenses) => licenses.saturating_sub(self.len()),
            None => self.unreadable_records,
        };
        let lost_count = named.max(missing.saturating_sub(absent));
        Ok(Losses { rewritten, lost, lost_count })
    }
}
