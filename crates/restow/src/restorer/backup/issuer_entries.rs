//! What a manifest says of issuers (docs/backup-format.md §4): what is known now, and what was carried over, each with a
//! certificate for the fresh restore key.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use restow_backup::{IssuerEntry, SetWriter};
use restow_core::jws::{self, Statement, Unverified};
use restow_core::keys::{SecretKey, Seed};
use restow_core::protocol::{Membership, RestoreCertificate, SetCertificate};
use restow_core::time::UnixTime;

use crate::error::Error;
use crate::home::Computer;
use crate::home::Home;
use crate::license::TrustedKeySet;
use crate::service::{ServiceError, verified_membership};
use crate::store::{Registration, ServiceEntry, View};

/// How many identities of this computer are tried for an entry whose registration is gone.
const INCARNATIONS: u32 = 16;
/// The most entries a manifest may have (docs/backup-format.md §7).
const MAX_ENTRIES: usize = 1_000;

/// An entry of a manifest that is continued, without its restore key, whose seed was of that manifest.
struct CarriedEntry {
    entry: IssuerEntry,
    membership: Option<Membership>,
    epoch: Option<u64>,
}

/// What a manifest says of issuers.
#[derive(Default)]
pub(crate) struct IssuerEntries {
    pub(crate) issuers: Vec<IssuerEntry>,
    /// How many more there are than a manifest can hold.
    pub(crate) too_many: usize,
    /// Names of services whose restore key stands on what an earlier backup knew: it may have been withdrawn since.
    pub(crate) unsure: BTreeSet<String>,
}

/// The entries of the generation being written.
pub(crate) fn entries(
    home: &Home,
    computer: &Computer,
    view: View<'_>,
    writer: &SetWriter,
    seed: &Seed,
) -> Result<IssuerEntries, Error> {
    let certifier = Certifier { home, computer, seed, generation: writer.number(), time: home.clock().now() };
    let mut slots = carried(writer);
    let key_sets = newest_key_sets(view, &slots)?;
    let mut pairs: HashSet<(String, String)> = view.holders_of_licenses()?.into_iter().collect();
    pairs.extend(view.registrations(None)?.into_iter().map(|registration| (registration.issuer, registration.holder)));
    let mut found = Vec::new();
    let mut unsure = BTreeSet::new();
    for (issuer, holder) in pairs {
        let Some(service) = view.service(&issuer)? else { continue };
        let slot = slots.entry((issuer.clone(), Some(holder.clone()))).or_default();
        if let Some(registration) = view.registration(&issuer, &holder)? {
            let verified = verified_membership(&service.key_set, &registration.membership);
            let confirmed = verified.is_ok_and(|membership| membership.confirmed);
            // What is known now takes the place of what was carried over, unless that proves more, or something else.
            let computer_key =
                claims::<Membership>(Some(&registration.membership)).map(|membership| membership.computer_key);
            slot.retain(|carried| {
                let known = carried.membership.as_ref();
                let other = known.is_some_and(|known| known.confirmed || Some(known.computer_key) != computer_key);
                !confirmed && other
            });
            found.push(certifier.registered(&service, &registration)?);
        } else if slot.is_empty() {
            found.push(entry_without_proofs(&service, &holder));
        }
    }
    for carried in slots.into_values().flatten() {
        let entry = certifier.again(view, carried)?;
        let holder = entry.holder.as_deref().filter(|_| entry.restore_certificate.is_some());
        if let Some(holder) = holder
            && view.registration(&entry.issuer, holder)?.is_none()
        {
            let name = TrustedKeySet::verify(&entry.key_set, &entry.issuer).map(|set| set.set().name.clone());
            unsure.insert(name.unwrap_or_else(|_| entry.issuer.clone()));
        }
        found.push(entry);
    }
    for entry in &mut found {
        if let Some((_, document)) = key_sets.get(&entry.issuer) {
            entry.key_set.clone_from(document);
        }
    }
    // What proves most comes last: readers try restore keys from the end, and what is too much goes at the beginning.
    let rank = |entry: &IssuerEntry| {
        let membership = claims::<Membership>(entry.membership.as_ref());
        membership.map_or(0, |membership| 1 + u8::from(membership.confirmed))
    };
    found.sort_by_cached_key(|entry| (rank(entry), entry.issuer.clone(), entry.holder.clone()));
    let too_many = found.len().saturating_sub(MAX_ENTRIES);
    found.drain(..too_many);
    Ok(IssuerEntries { issuers: found, too_many, unsure })
}

fn claims<T: Statement>(document: Option<&String>) -> Option<T> {
    Unverified::parse(document?).ok()?.claims().ok()
}

fn carried(writer: &SetWriter) -> BTreeMap<(String, Option<String>), Vec<CarriedEntry>> {
    let mut slots: BTreeMap<(String, Option<String>), Vec<CarriedEntry>> = BTreeMap::new();
    let heads = writer.base().map(|base| base.heads.as_slice()).unwrap_or_default();
    for entry in heads.iter().flat_map(|(_, manifest)| &manifest.issuers) {
        let epoch = claims::<RestoreCertificate>(entry.restore_certificate.as_ref()).map(|claims| claims.epoch);
        let membership = claims(entry.membership.as_ref());
        let entry = IssuerEntry { restore_certificate: None, ..entry.clone() };
        let slot = slots.entry((entry.issuer.clone(), entry.holder.clone())).or_default();
        // Heads may say the same thing under key sets of different age.
        let same = |known: &&mut CarriedEntry| {
            known.entry.membership == entry.membership && known.entry.certificate == entry.certificate
        };
        match slot.iter_mut().find(same) {
            Some(known) => known.epoch = known.epoch.max(epoch),
            None => slot.push(CarriedEntry { entry, membership, epoch }),
        }
    }
    slots
}

/// The newest key set of each issuer: version and document. Readers use no other.
fn newest_key_sets(
    view: View<'_>,
    slots: &BTreeMap<(String, Option<String>), Vec<CarriedEntry>>,
) -> Result<BTreeMap<String, (u64, String)>, Error> {
    let mut newest: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut add = |set: &TrustedKeySet| {
        let (issuer, version) = (&set.set().issuer, set.set().version);
        if newest.get(issuer).is_none_or(|(known, _)| *known < version) {
            newest.insert(issuer.clone(), (version, set.document().to_owned()));
        }
    };
    view.services()?.iter().for_each(|service| add(&service.key_set));
    for carried in slots.values().flatten() {
        if let Ok(set) = TrustedKeySet::verify(&carried.entry.key_set, &carried.entry.issuer) {
            add(&set);
        }
    }
    Ok(newest)
}

fn entry_without_proofs(service: &ServiceEntry, holder: &str) -> IssuerEntry {
    IssuerEntry {
        issuer: service.issuer().to_owned(),
        key_set: service.key_set.document().to_owned(),
        holder: Some(holder.to_owned()),
        membership: None,
        certificate: None,
        restore_certificate: None,
    }
}

struct Certifier<'a> {
    home: &'a Home,
    computer: &'a Computer,
    seed: &'a Seed,
    generation: u64,
    time: UnixTime,
}

impl Certifier<'_> {
    /// What is known now.
    fn registered(&self, service: &ServiceEntry, registration: &Registration) -> Result<IssuerEntry, Error> {
        let (issuer, holder) = (service.issuer(), registration.holder.as_str());
        let holder_key = self.home.holder()?.key(issuer, registration.holder_incarnation);
        let certificate = SetCertificate {
            issuer: issuer.to_owned(),
            holder: holder.to_owned(),
            set_key: self.computer.set_key().public(),
            time: self.time,
        };
        let signing = self.computer.keys(issuer, registration.incarnation).signing;
        let restore = self.restore_certificate(issuer, holder, registration.restore_epoch, &signing)?;
        Ok(IssuerEntry {
            certificate: Some(jws::sign(&certificate, &holder_key).map_err(ServiceError::from)?),
            restore_certificate: Some(restore),
            membership: Some(registration.membership.clone()),
            ..entry_without_proofs(service, holder)
        })
    }

    /// What was carried over, for the fresh restore key: as long as it is one of this computer's own identities, also
    /// when the store, or the registration in it, is gone.
    fn again(&self, view: View<'_>, carried: CarriedEntry) -> Result<IssuerEntry, Error> {
        let mut entry = carried.entry;
        let (Some(membership), Some(epoch), Some(holder)) = (carried.membership, carried.epoch, &entry.holder) else {
            return Ok(entry);
        };
        let newest = view.service(&entry.issuer)?.map_or(0, |service| service.incarnation);
        let signing = (0..=INCARNATIONS)
            .chain([newest])
            .map(|incarnation| self.computer.keys(&entry.issuer, incarnation).signing)
            .find(|signing| signing.public() == membership.computer_key);
        if let Some(signing) = signing {
            entry.restore_certificate = Some(self.restore_certificate(&entry.issuer, holder, epoch, &signing)?);
        }
        Ok(entry)
    }

    fn restore_certificate(
        &self,
        issuer: &str,
        holder: &str,
        epoch: u64,
        signing: &SecretKey,
    ) -> Result<String, Error> {
        let certificate = RestoreCertificate {
            issuer: issuer.to_owned(),
            holder: holder.to_owned(),
            computer: signing.public().thumbprint(),
            epoch,
            restore_key: self.seed.signing_key("restore key", &[issuer, holder]).public(),
            generation: self.generation,
            time: self.time,
        };
        Ok(jws::sign(&certificate, signing).map_err(ServiceError::from)?)
    }
}
