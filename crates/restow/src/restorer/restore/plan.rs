//! The first look at a location: which licenses are there, which are here already, and which services must be asked.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use restow_backup::{
    BackupSet, CounterRecord, GenerationRole, Location, PackRole, ReadItem, Reader, Record, truncate_titles,
};
use restow_core::encoding::sha256;
use restow_core::keys::PublicKey;
use restow_core::message::Note;
use restow_core::protocol::Counter;
use restow_core::time::UnixTime;

use crate::error::{Error, RestorerError};
use crate::home::{Computer, Home};
use crate::lcp_provider::ProviderNeeded;
use crate::license::{Kind, License, LicenseIdentity};
use crate::listing;
use crate::net::Cancel;
use crate::restorer::options::Restore;
use crate::restorer::restore::lcp_status::LcpStatusQueries;
use crate::restorer::restore::trust::{LicenseProof, Trust};
use crate::store::{LicenseStatus, ServiceEntry, Store, View, Which};

/// What a restore would do.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct RestorePlan {
    /// The sets it reads.
    pub sets: Vec<SetInfo>,
    /// The services it would ask.
    pub services: Vec<RequiredService>,
    /// The providers of LCP licenses it would ask how those stand. They come without it, too.
    pub providers: Vec<ProviderNeeded>,
    /// Licenses that are not here.
    pub to_restore: u64,
    /// Licenses that are here already.
    pub already_here: u64,
    /// Licenses of holders that need [`Restore::adopt`].
    pub needs_adopt: Vec<LicenseIdentity>,
    /// Damage found.
    pub warnings: Vec<Note>,
}

/// One set at a location.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct SetInfo {
    /// Its ID.
    pub set: String,
    /// The generation read.
    pub generation: u64,
    /// The computer that wrote it.
    pub computer_name: String,
    /// When, by that computer's clock.
    pub created: UnixTime,
    /// Licenses in it.
    pub licenses: u64,
    /// Whether services that are trusted here vouch for who wrote it (docs/backup-format.md §4). A set without native
    /// licenses has nobody to vouch for it.
    pub vouched_for: bool,
}

/// A service a restore would ask: shown to the user before it is contacted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RequiredService {
    /// Thumbprint of its root: the fingerprint to compare.
    pub issuer: String,
    /// The name it gives itself.
    pub name: String,
    /// Where it is.
    pub origin: String,
    /// What it does with data.
    pub privacy_url: Option<String>,
    /// The holder the licenses belong to.
    pub holder: String,
    /// Whether the user trusts it already.
    pub pinned: bool,
    /// Whether this computer is registered there; else the restore needs consent.
    pub registered: bool,
    /// How many licenses it would be asked for.
    pub licenses: u64,
}

/// Opens what a restore reads: verified manifests of the sets asked for.
pub(crate) fn open(restore: &Restore, cancel: &Cancel) -> Result<(Location, Reader), Error> {
    let location = Location::open(&restore.run.location)?;
    let mut sets: Vec<BackupSet> = Vec::new();
    for id in location.sets()? {
        if restore.set.as_ref().is_none_or(|wanted| id.to_string().starts_with(wanted)) {
            sets.push(location.set(id)?);
        }
    }
    let stop = || cancel.is_cancelled();
    let reader = match (restore.generation, sets.as_slice()) {
        (_, []) => return Err(RestorerError::NoSuch("such set".into()).into()),
        (None, sets) => Reader::latest(sets, &stop)?,
        (Some(number), [set]) => Reader::generation(set, number, &stop)?,
        (Some(_), _) => return Err(RestorerError::NoSuch("single set; name it with --set".into()).into()),
    };
    Ok((location, reader))
}

/// The sets a reader reads, for people.
pub(crate) fn sets(reader: &Reader, trust: &Trust) -> Vec<SetInfo> {
    let all = reader.generations().iter().enumerate();
    all.filter(|(_, generation)| generation.part == Part::State)
        .map(|(index, generation)| SetInfo {
            set: generation.set.to_string(),
            generation: generation.id.number,
            computer_name: generation.manifest.computer_name.clone(),
            created: generation.manifest.created,
            licenses: generation.manifest.licenses(),
            vouched_for: trust.is_certified_set(index, generation),
        })
        .collect()
}

/// A license its service must be asked for.
pub(crate) struct PendingLicense {
    pub sha256: [u8; 32],
    pub titles: Vec<String>,
    /// Nothing here proves that it is a license: what its service does not know is none.
    pub claimed: bool,
    version: i64,
}

/// What must be asked of one service for one holder.
#[derive(Default)]
pub(crate) struct ServiceRequest {
    pub licenses: BTreeMap<String, PendingLicense>,
    pub counters: Vec<Counter>,
}

/// What a location has, compared with the store.
#[derive(Default)]
pub(crate) struct LocationInventory {
    /// By issuer and holder.
    pub needed: BTreeMap<(String, String), ServiceRequest>,
    /// Native licenses that are usable here.
    pub already_here: HashSet<LicenseIdentity>,
    /// Licenses of kinds that need no service and are not here.
    pub portable: u64,
    /// Licenses of such kinds that are here, in this or another version.
    pub portable_here: u64,
    /// Licenses known here to be revoked: nobody is asked.
    pub revoked: BTreeMap<LicenseIdentity, Vec<String>>,
    /// Native licenses of holders that must be adopted first.
    pub needs_adopt: BTreeMap<LicenseIdentity, Vec<String>>,
    /// How often something was only claimed.
    claims: usize,
}

/// So many claims are looked at: anybody can write as many as there is room for.
const MAX_UNPROVEN: usize = 10_000;

impl LocationInventory {
    /// Reads all records once, unless there is nothing a service or provider would have to be asked for.
    #[expect(clippy::too_many_arguments, reason = "what is compared with what, and for whom")]
    pub(crate) fn of(
        restore: &Restore,
        home: &Home,
        store: &Store,
        reader: &Reader,
        trust: &Trust,
        lent: &mut LcpStatusQueries<'_>,
        count_portable: bool,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let mut survey = Self::default();
        let view = store.view();
        let has_native = |generation: &restow_backup::VerifiedGeneration| {
            let restow = generation.manifest.counts.get(Kind::Restow.as_str()).copied().unwrap_or_default();
            restow > 0 || !generation.manifest.issuers.is_empty()
        };
        let has_lent = |generation: &restow_backup::VerifiedGeneration| {
            generation.manifest.counts.get(Kind::Lcp.as_str()).copied().unwrap_or_default() > 0
        };
        let asks_providers = lent.can_query_any() && reader.generations().iter().any(has_lent);
        if count_portable || asks_providers || reader.generations().iter().any(has_native) {
            let mut counters: Vec<(CounterRecord, Vec<String>)> = Vec::new();
            let mut revoked: HashSet<(String, String)> = HashSet::new();
            let mut own_keys = ComputerKeyCache::new(home, view)?;
            let mut portable: HashSet<LicenseIdentity> = HashSet::new();
            reader.records(PackRole::Licenses, &mut |found| {
                if cancel.is_cancelled() {
                    return Err(Error::Cancelled);
                }
                match found {
                    Found::Record(context, Record::License(record)) if restore.is_selected(&record.license_id) => {
                        if let Some(kind) = Kind::from_number(record.kind).filter(|kind| *kind != Kind::Restow) {
                            if asks_providers
                                && LcpStatusQueries::may_have_status_link(&record.document)
                                && let Ok(LicenseProof::Proven(license)) = trust.license(&context, &record)
                            {
                                lent.see(view, &license)?;
                            }
                            let identity =
                                LicenseIdentity { kind, issuer: record.issuer, license_id: record.license_id };
                            if !portable.insert(identity.clone()) {
                                return Ok(());
                            }
                            match view.license_digest(&identity)? {
                                Some(_) => survey.portable_here += 1,
                                None => survey.portable += 1,
                            }
                        } else {
                            match trust.license(&context, &record) {
                                Ok(LicenseProof::Proven(license)) => {
                                    survey.add(view, &license, record.titles, false)?
                                }
                                Ok(LicenseProof::Unproven(license, _)) => {
                                    survey.add(view, &license, record.titles, true)?
                                }
                                Err(_) => {}
                            }
                        }
                    }
                    ReadItem::Record(context, Record::Counter(record)) => {
                        let own = own_keys.of(&record.issuer);
                        let holders = trust.holders_of_counter(&context, &record, own);
                        counters.push((record, holders));
                    }
                    ReadItem::Record(_, Record::Statement(record)) => {
                        let statement = trust.revocations(&record.issuer, &record.document);
                        for one in statement.into_iter().flat_map(|statement| statement.revoked) {
                            revoked.insert((record.issuer.clone(), one.license));
                        }
                    }
                    _ => {}
                }
                Ok(())
            })?;
            survey.add_counters(counters);
            survey.exclude_revoked(&revoked);
        }
        survey.add_pending_from_store(restore, view)?;
        if !restore.adopt {
            survey.exclude_foreign_holders(home, view)?;
        }
        Ok(survey)
    }

    fn add(&mut self, view: View<'_>, license: &License, mut titles: Vec<String>, claimed: bool) -> Result<(), Error> {
        let Some(holder) = license.holder.clone() else { return Ok(()) };
        if claimed {
            self.claims = self.claims.saturating_add(1);
            if self.claims > MAX_UNPROVEN {
                return Ok(());
            }
            titles = truncate_titles(titles);
        }
        if view.revoked(&license.identity)?.is_some() {
            self.revoked.insert(license.identity.clone(), titles);
            return Ok(());
        }
        let digest = sha256(&license.document);
        if let Some((here, LicenseStatus::Usable)) = view.license_digest(&license.identity)?
            && view.has_content_keys(&license.identity)?
        {
            // Who only claims something else of a license that is here is not asked after.
            if !claimed || here == digest {
                self.already_here.insert(license.identity.clone());
            }
            return Ok(());
        }
        let needed = PendingLicense { sha256: digest, titles, claimed, version: license.version };
        self.add_pending(&license.identity, holder, needed);
        Ok(())
    }

    fn add_pending(&mut self, identity: &LicenseIdentity, holder: String, needed: PendingLicense) {
        let here = self.needed.entry((identity.issuer.clone(), holder)).or_default();
        // What is only claimed never takes the place of what is proven, whatever it says of its age.
        let rank = |needed: &PendingLicense| (!needed.claimed, needed.version, needed.sha256);
        let newer = |known: &PendingLicense| rank(known) <= rank(&needed);
        if here.licenses.get(&identity.license_id).is_none_or(newer) {
            here.licenses.insert(identity.license_id.clone(), needed);
        }
    }

    fn add_counters(&mut self, counters: Vec<(CounterRecord, Vec<String>)>) {
        for (record, holders) in counters {
            for holder in holders {
                let here = self.needed.get_mut(&(record.issuer.clone(), holder));
                if let Some(here) = here.filter(|here| here.licenses.contains_key(&record.counter.license)) {
                    here.counters.push(record.counter.clone());
                }
            }
        }
    }

    /// What the sets themselves prove revoked is not asked for.
    fn exclude_revoked(&mut self, revoked: &HashSet<(String, String)>) {
        for ((issuer, _), here) in &mut self.needed {
            let gone = here.licenses.extract_if(.., |license, _| revoked.contains(&(issuer.clone(), license.clone())));
            for (license_id, needed) in gone {
                let identity = LicenseIdentity { kind: Kind::Restow, issuer: issuer.clone(), license_id };
                self.revoked.insert(identity, needed.titles);
            }
        }
        self.needed.retain(|_, here| !here.licenses.is_empty());
    }

    /// After this computer turned out to be released: what was here of a holder is asked for like the rest.
    pub(crate) fn requery_released(
        &mut self,
        view: View<'_>,
        restore: &Restore,
        issuer: &str,
        holder: &str,
    ) -> Result<(), Error> {
        self.add_pending_from_store(restore, view)?;
        if let Some(here) = self.needed.get(&(issuer.to_owned(), holder.to_owned())) {
            self.already_here
                .retain(|identity| identity.issuer != issuer || !here.licenses.contains_key(&identity.license_id));
        }
        Ok(())
    }

    /// What an earlier restore had to leave open is asked for again.
    fn add_pending_from_store(&mut self, restore: &Restore, view: View<'_>) -> Result<(), Error> {
        let called = listing::Titles::new(view)?;
        view.each_license(Which::NotUsable, |entry| {
            let Some(holder) = entry.holder.clone().filter(|_| restore.is_selected(&entry.identity.license_id)) else {
                return Ok::<(), Error>(());
            };
            if view.revoked(&entry.identity)?.is_none() {
                let known = self.needed.get(&(entry.identity.issuer.clone(), holder.clone()));
                let known = known.and_then(|here| here.licenses.get(&entry.identity.license_id));
                if known.is_some_and(|known| !known.claimed) {
                    return Ok(());
                }
                let (license, _) = listing::license_or_placeholder(view, &entry)?;
                let titles = called.of(&license, &entry.titles)?;
                let needed = PendingLicense { sha256: entry.sha256, titles, claimed: false, version: entry.version };
                self.add_pending(&entry.identity, holder, needed);
            }
            Ok(())
        })
    }

    /// Takes out licenses of holders that are not this home's, unless it has none there and only one is named: by proven
    /// licenses, where there are any.
    fn exclude_foreign_holders(&mut self, home: &Home, view: View<'_>) -> Result<(), Error> {
        let own = home.holder()?;
        let is_proven = |here: &ServiceRequest| here.licenses.values().any(|needed| !needed.claimed);
        let named = |issuer: &str, proven: bool| {
            self.needed.iter().filter(|((other, _), here)| other == issuer && (!proven || is_proven(here))).count()
        };
        let mut apart = Vec::new();
        for ((issuer, holder), here) in &self.needed {
            let known = view.registrations(Some(issuer))?;
            let incarnation = view.service(issuer)?.map_or(0, |service| service.holder_incarnation);
            let is_ours = known.iter().any(|registration| registration.holder == *holder)
                || own.created_holder(issuer, holder, incarnation);
            let only_one = match named(issuer, true) {
                0 => named(issuer, false) == 1,
                proven => proven == 1 && is_proven(here),
            };
            let takes_over = known.is_empty() && only_one;
            if !(is_ours || takes_over) {
                apart.push((issuer.clone(), holder.clone()));
            }
        }
        for key in apart {
            let Some(here) = self.needed.remove(&key) else { continue };
            for (license_id, needed) in here.licenses {
                let identity = LicenseIdentity { kind: Kind::Restow, issuer: key.0.clone(), license_id };
                self.needs_adopt.insert(identity, needed.titles);
            }
        }
        Ok(())
    }

    /// The services that must be asked, for showing them to the user.
    pub(crate) fn services(&self, store: &Store, trust: &Trust) -> Result<Vec<RequiredService>, Error> {
        let mut services = Vec::new();
        for ((issuer, holder), here) in &self.needed {
            let Some(key_set) = trust.key_set(issuer) else { continue };
            let set = key_set.set();
            services.push(RequiredService {
                issuer: issuer.clone(),
                name: set.name.clone(),
                origin: crate::service::Origin::from_url(&set.service_url)
                    .map_or_else(|_| set.service_url.clone(), |o| o.to_string()),
                privacy_url: set.privacy_url.clone(),
                holder: holder.clone(),
                pinned: store.view().service(issuer)?.as_ref().is_some_and(ServiceEntry::is_pinned),
                registered: store.view().registration(issuer, holder)?.is_some(),
                licenses: here.licenses.len() as u64,
            });
        }
        Ok(services)
    }
}

/// The keys this computer has or had at issuers: what claims to be by one of them must be signed by it.
pub(crate) struct ComputerKeyCache {
    computer: Computer,
    incarnations: HashMap<String, u32>,
    known: HashMap<String, Vec<PublicKey>>,
}

impl ComputerKeyCache {
    pub(crate) fn new(home: &Home, view: View<'_>) -> Result<Self, Error> {
        let services = view.services()?;
        let incarnations = services.iter().map(|service| (service.issuer().to_owned(), service.incarnation)).collect();
        Ok(Self { computer: home.computer()?, incarnations, known: HashMap::new() })
    }

    pub(crate) fn of(&mut self, issuer: &str) -> &[PublicKey] {
        match self.known.entry(issuer.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => {
                let newest = self.incarnations.get(issuer).copied().unwrap_or_default();
                let keys = (0..=newest).map(|n| self.computer.keys(issuer, n).signing.public()).collect();
                unknown.insert(keys)
            }
        }
    }
}
