//! What a location holds, without restoring it: for looking, by people and programs.

use std::collections::{HashMap, HashSet};
use std::convert::Infallible;
use std::path::{Path, PathBuf};

use restow_backup::{InventoryRecord, LcpFactsRecord, PackRole, ReadItem, Reader, Record, SetId};
use restow_core::encoding::sha256;
use restow_core::message::Note;
use restow_core::protocol::Outcome;
use restow_core::time::{Clock, UnixTime};
use restow_lcp::{SignatureStrength, Verifier};

use crate::error::Error;
use crate::home::{Home, trust_store};
use crate::license::{Kind, License, LicenseIdentity, Right, Standing, StateCategory};
use crate::listing::{Listed, Usability};
use crate::net::Cancel;
use crate::restorer::options::Restore;
use crate::restorer::restore::apply::{MAX_REPORTED, not_accepted};
use crate::restorer::restore::plan::{self, SetInfo};
use crate::restorer::restore::trust::{LicenseProof, Trust};
use crate::store::Store;

/// The merged contents of a location's sets.
pub struct Contents {
    location: PathBuf,
    reader: Reader,
    trust: Trust,
    now: UnixTime,
    facts: Facts,
    /// Verifier with the trusted roots of the home.
    verifier: Verifier,
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").field("location", &self.location).finish_non_exhaustive()
    }
}

/// What records say besides the documents.
#[derive(Default)]
struct Facts {
    /// The document that counts of each license: what its signature is worth where there are several, version, SHA-256.
    best: HashMap<LicenseIdentity, (SignatureStrength, i64, [u8; 32])>,
    /// Licenses of which there are several documents.
    several: HashSet<LicenseIdentity>,
    /// What each set knows of what providers said last of LCP licenses, and as of when; `None` where it ended nothing.
    said: HashMap<LicenseIdentity, HashMap<SetId, (UnixTime, Option<Outcome>)>>,
    /// Which sets hold which documents of LCP licenses: only of those it holds a set has a say.
    held: HashSet<(SetId, [u8; 32])>,
    holders: HashMap<LicenseIdentity, String>,
    titles: HashMap<LicenseIdentity, Vec<String>>,
    /// Uses of Play by license, one count a computer.
    used: HashMap<LicenseIdentity, HashMap<[u8; 32], u64>>,
    revoked: HashSet<LicenseIdentity>,
    warnings: Vec<Note>,
}

impl Facts {
    /// A small set can be the cause of very many.
    fn warn(&mut self, what: Note) {
        if self.warnings.len() < MAX_REPORTED {
            self.warnings.push(what);
        }
    }
}

/// The sets at a location, and whether services the home trusts vouch for who wrote them. Packs are not read.
///
/// # Errors
/// [`Error::Backup`] when the location cannot be read; [`Error::Store`] when the store fails.
pub fn list_sets(home: Option<&Home>, location: &Path) -> Result<Vec<SetInfo>, Error> {
    let (reader, trust) = open(home, &Restore::from(location))?;
    Ok(plan::sets(&reader, &trust))
}

fn open(home: Option<&Home>, what: &Restore) -> Result<(Reader, Trust), Error> {
    let (_, reader) = plan::open(what, &Cancel::default())?;
    let store = home.map(Home::store).transpose()?;
    let trust = Trust::of(&reader, store.as_ref().map(Store::view))?;
    Ok((reader, trust))
}

impl Contents {
    /// Reads the location, set and generation that `restore` names, with the trust and the clock of `home`.
    ///
    /// The store of `home` is not changed.
    ///
    /// # Errors
    /// [`Error::Backup`] when the location, set or generation cannot be read; [`Error::Store`] when the store fails.
    pub fn open(home: &Home, restore: &Restore) -> Result<Self, Error> {
        Self::read_with(Some(home), home.clock().as_ref(), restore)
    }

    /// Reads what `restore` names without a home: no service and no root is trusted, and `clock` gives the time.
    ///
    /// # Errors
    /// [`Error::Backup`] when the location, set or generation cannot be read.
    pub fn open_without_home(clock: &dyn Clock, restore: &Restore) -> Result<Self, Error> {
        Self::read_with(None, clock, restore)
    }

    fn read_with(home: Option<&Home>, clock: &dyn Clock, restore: &Restore) -> Result<Self, Error> {
        let (reader, trust) = open(home, restore)?;
        let (location, now) = (restore.run.location.clone(), clock.now());
        let mut contents = Self { location, now, facts: Facts::default(), reader, trust };
        contents.facts = contents.read();
        contents.judge();
        Ok(contents)
    }

    fn read(&self) -> Facts {
        let mut facts = Facts::default();
        self.reader.damage().iter().for_each(|damage| facts.warn(damage.into()));
        let native = |issuer: String, license_id: String| LicenseIdentity { kind: Kind::Restow, issuer, license_id };
        let read = self.reader.records::<Infallible>(PackRole::Licenses, &mut |found| {
            match found {
                Found::Record(context, Record::License(record)) => {
                    match self.trust.license(&context, &record).and_then(LicenseProof::proven) {
                        Ok(license) => {
                            let this = (SignatureStrength::Invalid, license.version, sha256(&license.document));
                            let best = facts.best.entry(license.identity.clone()).or_insert(this);
                            if best.2 != this.2 {
                                facts.several.insert(license.identity.clone());
                            }
                            *best = this.max(*best);
                            if license.identity.kind == Kind::Lcp {
                                facts.held.insert((context.set, this.2));
                            }
                            facts.holders.extend(license.holder.map(|holder| (license.identity.clone(), holder)));
                            facts.titles.insert(license.identity, record.titles);
                        }
                        Err(why) => facts.warn(not_accepted(&record.license_id, why)),
                    }
                }
                ReadItem::Record(context, Record::Titles(record)) => {
                    let Some(kind) = Kind::from_number(record.kind) else { return Ok(()) };
                    let identity = LicenseIdentity { kind, issuer: record.issuer, license_id: record.license_id };
                    let holder = facts.holders.get(&identity);
                    let believed = kind != Kind::Restow
                        || holder.is_some_and(|h| self.trust.certifies(&context, &identity.issuer, h));
                    if believed {
                        facts.titles.insert(identity, record.titles);
                    }
                }
                ReadItem::Record(context, Record::Counter(record)) if record.counter.right == Right::PLAY.as_str() => {
                    let identity = native(record.issuer.clone(), record.counter.license.clone());
                    let holder = facts.holders.get(&identity);
                    if holder.is_some_and(|h| self.trust.accepts_counter(&context, &record, h, &[])) {
                        let counts = facts.used.entry(identity).or_default();
                        let count = counts.entry(*record.counter.computer_key.as_bytes()).or_default();
                        *count = record.counter.count.max(*count);
                    }
                }
                ReadItem::Record(context, Record::LcpFacts(record))
                    if record.kind == Kind::Lcp.number() && record.status_time != 0 =>
                {
                    let LcpFactsRecord { issuer, license_id, status: standing, status_time: at, .. } = record;
                    let identity = LicenseIdentity { kind: Kind::Lcp, issuer, license_id };
                    let ended = LcpStatus::from_number(standing).and_then(LcpStatus::outcome);
                    let said = facts.said.entry(identity).or_default().entry(context.set).or_insert((at, ended));
                    if said.0 < at {
                        *said = (at, ended);
                    }
                }
                ReadItem::Record(_, Record::Statement(record)) => {
                    let statement = self.trust.revocations(&record.issuer, &record.document);
                    for revoked in statement.into_iter().flat_map(|statement| statement.revoked) {
                        facts.revoked.insert(native(record.issuer.clone(), revoked.license));
                    }
                }
                ReadItem::Damage(damage) => facts.warn(Note::from(&damage)),
                ReadItem::Record(..) => {}
            }
            Ok(())
        });
        match read {
            Ok(()) => facts,
        }
    }

    /// Of several documents of an LCP license the one whose signature is worth most counts, as a restore takes it.
    fn judge(&mut self) {
        let several = std::mem::take(&mut self.facts.several);
        let mut best: HashMap<LicenseIdentity, (SignatureStrength, i64, [u8; 32])> = HashMap::new();
        if several.iter().any(|identity| identity.kind == Kind::Lcp) {
            let read = self.reader.records::<std::convert::Infallible>(PackRole::Licenses, &mut |found| {
                let Found::Record(context, Record::License(record)) = found else { return Ok(()) };
                let Ok(license) = self.trust.license(&context, &record).and_then(LicenseProof::proven) else {
                    return Ok(());
                };
                if license.identity.kind == Kind::Lcp && several.contains(&license.identity) {
                    let strength = self.verifier.strength(&license.document);
                    let this = (strength, license.version, sha256(&license.document));
                    let best = best.entry(license.identity).or_insert(this);
                    *best = this.max(*best);
                }
                Ok(())
            });
            match read {
                Ok(()) => self.facts.best.extend(best),
            }
        }
    }

    /// Damage, and licenses that are not accepted; the first thousand.
    #[must_use]
    pub fn warnings(&self) -> &[Note] {
        &self.facts.warnings
    }

    /// Shows each license once, in the document that a restore would take: that whose signature is worth most, and the newest. Native ones are pending: their service decides.
    ///
    /// # Errors
    /// What the visitor returns, which ends the walk.
    pub fn licenses<E>(&self, visit: &mut dyn FnMut(LicenseInfo) -> Result<(), E>) -> Result<(), E> {
        let created: HashMap<SetId, UnixTime> =
            self.reader.generations().iter().map(|g| (g.set, g.manifest.created)).collect();
        let mut shown = HashSet::new();
        self.reader.records(PackRole::Licenses, &mut |found| {
            let Found::Record(context, Record::License(record)) = found else { return Ok(()) };
            let Ok(license) = self.trust.license(&context, &record).and_then(LicenseProof::proven) else {
                return Ok(());
            };
            let best = self.facts.best.get(&license.identity).map(|(.., digest)| *digest);
            if best != Some(sha256(&license.document)) || !shown.insert(license.identity.clone()) {
                return Ok(());
            }
            let at = created.get(&context.set).copied().unwrap_or_default();
            visit(self.listed(license, at))
        })
    }

    fn listed(&self, license: License, at: UnixTime) -> LicenseInfo {
        let identity = &license.identity;
        let play = license.rights.get(&Right::PLAY);
        let used = self
            .facts
            .used
            .get(identity)
            .map_or(0, |counts| counts.values().fold(0_u64, |sum, count| sum.saturating_add(*count)));
        let digest = sha256(&license.document);
        let said = self.facts.said.get(identity).into_iter().flatten();
        let said = said.filter(|(set, _)| self.facts.held.contains(&(**set, digest))).map(|(_, said)| said);
        let said = said.max_by_key(|(at, _)| *at).filter(|(at, _)| license.version.div_euclid(1000) <= *at);
        let status = match said {
            _ if identity.kind == Kind::Restow => LicenseStatus::Pending,
            Some((_, Some(outcome))) => LicenseStatus::Refused(*outcome),
            _ => LicenseStatus::Usable,
        };
        let facts = StateFacts {
            license: &license,
            status,
            signature: &check_signature(&self.verifier, &license),
            is_revoked: self.facts.revoked.contains(identity),
            is_on_its_computer: true,
            now: self.now,
        };
        let uses = Used { count: used, first_use: None };
        let state =
            license_state(&facts, &Right::PLAY, |_| Ok::<_, Infallible>(uses)).unwrap_or_else(|never| match never {});
        let titles = self.facts.titles.get(identity).cloned().unwrap_or_default();
        LicenseInfo {
            sha256: digest,
            titles: if titles.is_empty() { license.title.iter().cloned().collect() } else { titles },
            category: StateCategory::from_limits(play),
            left: play.and_then(|limits| limits.count).map(|count| count.saturating_sub(used)),
            state,
            backups: vec![(self.location.to_string_lossy().into_owned(), at)],
            unreachable: Vec::new(),
            lcp_status: None,
            license,
            unreadable: None,
        }
    }

    /// Shows what is not in the sets and why: the inventory, each license once.
    ///
    /// # Errors
    /// What the visitor returns, which ends the walk.
    pub fn missing<E>(&self, visit: &mut dyn FnMut(&InventoryRecord) -> Result<(), E>) -> Result<(), E> {
        let mut shown = HashSet::new();
        self.reader.records(PackRole::Inventory, &mut |found| match found {
            ReadItem::Record(_, Record::Inventory(record)) => {
                let identity = (record.kind, record.issuer.clone(), record.license_id.clone());
                if shown.insert(identity) { visit(&record) } else { Ok(()) }
            }
            _ => Ok(()),
        })
    }
}

/// Whether a restore from a location would give this very document of a license: its packs are read.
///
/// # Errors
/// When the store fails. A location that cannot be read gives nothing.
pub fn backup_holds(
    home: &Home,
    location: &Path,
    identity: &LicenseIdentity,
    sha256: &[u8; 32],
) -> Result<bool, Error> {
    let contents = match Contents::open(home, &Restore::from(location)) {
        Err(Error::Backup(_) | Error::Restorer(_)) => return Ok(false),
        contents => contents?,
    };
    // An error of the visitor's is what ends the walk.
    let walk = contents.licenses(&mut |listed| {
        if listed.license.identity == *identity && listed.sha256 == *sha256 { Err(()) } else { Ok(()) }
    });
    Ok(walk.is_err())
}
