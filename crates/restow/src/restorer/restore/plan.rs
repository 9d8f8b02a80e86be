//! The first look at a location: which licenses are there, which are here already, and which services must be asked.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use restow_backup::{
    BackupSet, CounterRecord, GenerationRole, Location, PackRole, ReadItem, Reader, Record, truncate_titles,
};
use restow_core::encoding::sha256;
use restow_core::keys::PublicKey;
use restow_core::protocol::Counter;

use crate::error::Error;
use crate::error::RestorerError;
use crate::home::Computer;
use crate::home::Home;
use crate::license::{Kind, License, LicenseIdentity};
use crate::listing;
use crate::restorer::options::{Restore, ServiceNeeded, SetFound};
use crate::restorer::restore::lcp_status::Lent;
use crate::restorer::restore::trust::{Judged, Trust};
use crate::service::Cancel;
use crate::store::{LicenseFilter, LicenseStatus, ServiceEntry, Store, View};

/// Opens what a restore reads: verified manifests of the sets asked for.
pub(crate) fn open(restore: &Restore, cancel: &Cancel) -> Result<(Location, Reader), Error> {
    let location = Location::open(&restore.location)?;
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
pub(crate) fn sets(reader: &Reader, trust: &Trust) -> Vec<SetFound> {
    let all = reader.generations().iter().enumerate();
    all.filter(|(_, generation)| generation.role == GenerationRole::Requested)
        .map(|(index, generation)| SetFound {
            set: generation.set.to_string(),
            generation: generation.id.number,
            computer_name: generation.manifest.computer_name.clone(),
            created: generation.manifest.created,
            licenses: generation.manifest.licenses(),
            vouched_for: trust.vouches_for(index, generation),
        })
        .collect()
}

/// A license its service must be asked for.
pub(crate) struct Needed {
    pub sha256: [u8; 32],
    pub titles: Vec<String>,
    /// Nothing here proves that it is a license: what its service does not know is none.
    pub claimed: bool,
    version: i64,
}

/// What must be asked of one service for one holder.
#[derive(Default)]
pub(crate) struct NeededHere {
    pub licenses: BTreeMap<String, Needed>,
    pub counters: Vec<Counter>,
}

/// What a location has, compared with the store.
#[derive(Default)]
pub(crate) struct Survey {
    /// By issuer and holder.
    pub needed: BTreeMap<(String, String), NeededHere>,
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
const CLAIMS: usize = 10_000;

pub(crate) fn wants(restore: &Restore, license_id: &str) -> bool {
    restore.only.is_empty() || restore.only.iter().any(|wanted| wanted == license_id)
}

impl Survey {
    /// Reads all records once, unless there is nothing a service or provider would have to be asked for.
    #[expect(clippy::too_many_arguments, reason = "what is compared with what, and for whom")]
    pub(crate) fn of(
        restore: &Restore,
        home: &Home,
        store: &Store,
        reader: &Reader,
        trust: &Trust,
        lent: &mut Lent<'_>,
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
        let asks_providers = lent.is_of_use() && reader.generations().iter().any(has_lent);
        if count_portable || asks_providers || reader.generations().iter().any(has_native) {
            let mut counters: Vec<(CounterRecord, Vec<String>)> = Vec::new();
            let mut revoked: HashSet<(String, String)> = HashSet::new();
            let mut own_keys = OwnKeys::new(home, view)?;
            let mut portable: HashSet<LicenseIdentity> = HashSet::new();
            reader.records(PackRole::Licenses, &mut |found| {
                if cancel.is_cancelled() {
                    return Err(Error::from(RestorerError::Cancelled));
                }
                match found {
                    ReadItem::Record(context, Record::License(record)) if wants(restore, &record.license_id) => {
                        if let Some(kind) = Kind::from_number(record.kind).filter(|kind| *kind != Kind::Restow) {
                            if asks_providers
                                && Lent::may_ask_about(&record.document)
                                && let Ok(Judged::Proven(license)) = trust.license(&context, &record)
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
                                Ok(Judged::Proven(license)) => survey.add(view, &license, record.titles, false)?,
                                Ok(Judged::Claimed(license, _)) => survey.add(view, &license, record.titles, true)?,
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
            survey.take_counters(counters);
            survey.take_revoked(&revoked);
        }
        survey.take_up_pending(restore, view)?;
        if !restore.adopt {
            survey.set_apart_other_holders(home, view)?;
        }
        Ok(survey)
    }

    fn add(&mut self, view: View<'_>, license: &License, mut titles: Vec<String>, claimed: bool) -> Result<(), Error> {
        let Some(holder) = license.holder.clone() else { return Ok(()) };
        if claimed {
            self.claims = self.claims.saturating_add(1);
            if self.claims > CLAIMS {
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
        let needed = Needed { sha256: digest, titles, claimed, version: license.version };
        self.need(&license.identity, holder, needed);
        Ok(())
    }

    fn need(&mut self, identity: &LicenseIdentity, holder: String, needed: Needed) {
        let here = self.needed.entry((identity.issuer.clone(), holder)).or_default();
        // What is only claimed never takes the place of what is proven, whatever it says of its age.
        let rank = |needed: &Needed| (!needed.claimed, needed.version, needed.sha256);
        let newer = |known: &Needed| rank(known) <= rank(&needed);
        if here.licenses.get(&identity.license_id).is_none_or(newer) {
            here.licenses.insert(identity.license_id.clone(), needed);
        }
    }

    fn take_counters(&mut self, counters: Vec<(CounterRecord, Vec<String>)>) {
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
    fn take_revoked(&mut self, revoked: &HashSet<(String, String)>) {
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
    pub(crate) fn ask_again(
        &mut self,
        view: View<'_>,
        restore: &Restore,
        issuer: &str,
        holder: &str,
    ) -> Result<(), Error> {
        self.take_up_pending(restore, view)?;
        if let Some(here) = self.needed.get(&(issuer.to_owned(), holder.to_owned())) {
            self.already_here
                .retain(|identity| identity.issuer != issuer || !here.licenses.contains_key(&identity.license_id));
        }
        Ok(())
    }

    /// What an earlier restore had to leave open is asked for again.
    fn take_up_pending(&mut self, restore: &Restore, view: View<'_>) -> Result<(), Error> {
        let called = listing::TitleResolver::new(view)?;
        view.each_license(LicenseFilter::NotUsable, |entry| {
            let Some(holder) = entry.holder.clone().filter(|_| wants(restore, &entry.identity.license_id)) else {
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
                let needed = Needed { sha256: entry.sha256, titles, claimed: false, version: entry.version };
                self.need(&entry.identity, holder, needed);
            }
            Ok(())
        })
    }

    /// Takes out licenses of holders that are not this home's, unless it has none there and only one is named: by proven
    /// licenses, where there are any.
    fn set_apart_other_holders(&mut self, home: &Home, view: View<'_>) -> Result<(), Error> {
        let own = home.holder()?;
        let is_proven = |here: &NeededHere| here.licenses.values().any(|needed| !needed.claimed);
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
    pub(crate) fn services(&self, store: &Store, trust: &Trust) -> Result<Vec<ServiceNeeded>, Error> {
        let mut services = Vec::new();
        for ((issuer, holder), here) in &self.needed {
            let Some(key_set) = trust.key_set(issuer) else { continue };
            let set = key_set.set();
            services.push(ServiceNeeded {
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

/// The absolute form of a location's path, by which backups to it are noted: the folder `Restow` lies in, whichever of
/// the two was named.
pub(crate) fn location_name(location: &Location) -> String {
    let root = location.path();
    let chosen = root.parent().filter(|_| root.file_name().is_some_and(|name| name == restow_backup::FOLDER));
    let path = chosen.unwrap_or(&root);
    let absolute = path.canonicalize().or_else(|_| std::path::absolute(path));
    absolute.unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned()
}

/// The keys this computer has or had at issuers: what claims to be by one of them must be signed by it.
pub(crate) struct OwnKeys {
    computer: Computer,
    incarnations: HashMap<String, u32>,
    known: HashMap<String, Vec<PublicKey>>,
}

impl OwnKeys {
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
