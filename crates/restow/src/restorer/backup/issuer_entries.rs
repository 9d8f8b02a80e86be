//! Entries about issuers in a manifest (docs/backup-format.md §4): current ones and carried-over ones, each with a
//! certificate for the restore key of the new generation.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use restow_backup::{IssuerEntry, ManifestFacts, SetWriter};
use restow_core::jws::{self, Statement, Unverified};
use restow_core::keys::{SecretKey, Seed};
use restow_core::protocol::{Membership, RestoreCertificate, SetCertificate};
use restow_core::time::UnixTime;

use crate::home::{Computer, Home, HomeError};
use crate::service::{ServiceError, verify_membership};
use crate::store::{Registration, ServiceEntry, View};
use crate::{error::Error, license::TrustedKeySet, restorer::restore::newest_key_sets};

/// Maximum number of former keys of this computer tried for an entry without a registration.
const MAX_INCARNATIONS: u32 = 16;
/// Maximum number of entries in a manifest (docs/backup-format.md §7).
const MAX_ENTRIES: usize = 1_000;

/// Entry of the manifest that the new generation continues. Its restore certificate is for a former seed and is
/// dropped.
struct CarriedEntry {
    entry: IssuerEntry,
    membership: Option<Membership>,
    epoch: Option<u64>,
}

/// Facts for a manifest that depend on the issuers of its licenses.
pub(crate) struct IssuerFacts {
    /// Time, software, restore seed and entries of the new generation; other facts have no value.
    pub(crate) facts: ManifestFacts,
    /// Number of entries beyond the limit of a manifest.
    pub(crate) excluded: usize,
    /// Names of services with a restore certificate that is based on an earlier backup. The key can be withdrawn
    /// since then.
    pub(crate) unconfirmed: BTreeSet<String>,
}

/// Returns the facts for the generation of a writer, with a new restore seed.
pub(crate) fn issuer_facts(
    home: &Home,
    computer: &Computer,
    view: View<'_>,
    writer: &SetWriter,
) -> Result<IssuerFacts, Error> {
    let seed = Seed::random().map_err(|_| HomeError::Random)?;
    let created = home.clock().now();
    let certifier = Certifier { home, computer, seed: &seed, generation: writer.number(), time: created };
    let mut slots = carried_entries(writer);
    // Readers use only the newest key set of an issuer.
    let key_sets = newest_key_sets(view.services()?, slots.values().flatten().map(|carried| &carried.entry));
    let mut pairs: HashSet<(String, String)> = view.holders_of_licenses()?.into_iter().collect();
    pairs.extend(view.registrations(None)?.into_iter().map(|registration| (registration.issuer, registration.holder)));
    let mut issuers = Vec::new();
    let mut unconfirmed = BTreeSet::new();
    for (issuer, holder) in pairs {
        let Some(service) = view.service(&issuer)? else { continue };
        let slot = slots.entry((issuer.clone(), Some(holder.clone()))).or_default();
        if let Some(registration) = view.registration(&issuer, &holder)? {
            let verified = verify_membership(&service.key_set, &registration.membership);
            let is_confirmed = verified.is_ok_and(|membership| membership.confirmed);
            // The registration replaces carried-over entries, except confirmed entries and entries for other computer
            // keys.
            let computer_key =
                claims::<Membership>(Some(&registration.membership)).map(|membership| membership.computer_key);
            slot.retain(|carried| {
                let known = carried.membership.as_ref();
                let is_other = known.is_some_and(|known| known.confirmed || Some(known.computer_key) != computer_key);
                !is_confirmed && is_other
            });
            issuers.push(certifier.registered(&service, &registration)?);
        } else if slot.is_empty() {
            issuers.push(entry_without_proofs(&service, &holder));
        }
    }
    for carried in slots.into_values().flatten() {
        let entry = certifier.recertify(view, carried)?;
        let holder = entry.holder.as_deref().filter(|_| entry.restore_certificate.is_some());
        if let Some(holder) = holder
            && view.registration(&entry.issuer, holder)?.is_none()
        {
            let name = TrustedKeySet::verify(&entry.key_set, &entry.issuer).map(|set| set.set().name.clone());
            unconfirmed.insert(name.unwrap_or_else(|_| entry.issuer.clone()));
        }
        issuers.push(entry);
    }
    for entry in &mut issuers {
        if let Some(newest) = key_sets.get(&entry.issuer) {
            newest.document().clone_into(&mut entry.key_set);
        }
    }
    // The entries with the strongest proof are last: readers try restore keys from the end, and excess entries are
    // cut from the start.
    let rank = |entry: &IssuerEntry| {
        let membership = claims::<Membership>(entry.membership.as_ref());
        membership.map_or(0, |membership| 1 + u8::from(membership.confirmed))
    };
    issuers.sort_by_cached_key(|entry| (rank(entry), entry.issuer.clone(), entry.holder.clone()));
    let excluded = issuers.len().saturating_sub(MAX_ENTRIES);
    issuers.drain(..excluded);
    let software = concat!("restow ", env!("CARGO_PKG_VERSION")).to_owned();
    let facts = ManifestFacts { created, software, issuers, restore_seed: Some(seed), ..ManifestFacts::default() };
    Ok(IssuerFacts { facts, excluded, unconfirmed })
}

fn claims<T: Statement>(document: Option<&String>) -> Option<T> {
    Unverified::parse(document?).ok()?.claims().ok()
}

fn carried_entries(writer: &SetWriter) -> BTreeMap<(String, Option<String>), Vec<CarriedEntry>> {
    let mut slots: BTreeMap<(String, Option<String>), Vec<CarriedEntry>> = BTreeMap::new();
    let heads = writer.parent().map(|base| base.heads.as_slice()).unwrap_or_default();
    for entry in heads.iter().flat_map(|(_, manifest)| &manifest.issuers) {
        let epoch = claims::<RestoreCertificate>(entry.restore_certificate.as_ref()).map(|claims| claims.epoch);
        let membership = claims(entry.membership.as_ref());
        let entry = IssuerEntry { restore_certificate: None, ..entry.clone() };
        let slot = slots.entry((entry.issuer.clone(), entry.holder.clone())).or_default();
        // Heads can have the same entry with key sets of different age.
        let is_same = |known: &&mut CarriedEntry| {
            known.entry.membership == entry.membership && known.entry.certificate == entry.certificate
        };
        match slot.iter_mut().find(is_same) {
            Some(known) => known.epoch = known.epoch.max(epoch),
            None => slot.push(CarriedEntry { entry, membership, epoch }),
        }
    }
    slots
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
    /// Creates the entry of a registration.
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

    /// Certifies the new restore key for a carried-over entry, if a current or former key of this computer has the
    /// membership.
    ///
    /// The registration is not necessary: a home with a new store continues the entries of its set.
    fn recertify(&self, view: View<'_>, carried: CarriedEntry) -> Result<IssuerEntry, Error> {
        let mut entry = carried.entry;
        let (Some(membership), Some(epoch), Some(holder)) = (carried.membership, carried.epoch, &entry.holder) else {
            return Ok(entry);
        };
        let newest = view.service(&entry.issuer)?.map_or(0, |service| service.incarnation);
        let signing = (0..=MAX_INCARNATIONS)
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
