//! Trust chains of a set, verified offline: root → key set → membership → certificate → set key
//! (docs/backup-format.md §4).

use std::collections::{BTreeSet, HashMap, HashSet};

use restow_backup::{CounterRecord, FrameContext, IssuerEntry, LicenseRecord, Reader, SetId, VerifiedGeneration};
use restow_core::protocol::{Counter, Membership, RestoreCertificate, Revocations, SetCertificate};
use restow_core::{jws, keys::PublicKey, message::Message};

use crate::home::{Computer, Home};
use crate::license::{self, Kind, License, TrustedKeySet};
use crate::service::{RestoreKey, verify_membership, verify_revocations};
use crate::store::{ServiceEntry, StoreError, View};
use crate::{error::Error, texts::TEXTS};

/// Proof of a license record.
pub(crate) enum LicenseProof {
    /// A certified set or the document itself proves the license.
    Proven(License),
    /// The set does not prove the license, for example after a revocation of the signing keys. Only the service of
    /// the issuer can confirm the license. The message states the missing proof.
    Unproven(License, Message),
}

impl LicenseProof {
    /// Returns a proven license; for uses that ask no service.
    pub(crate) fn proven(self) -> Result<License, Message> {
        match self {
            Self::Proven(license) => Ok(license),
            Self::Unproven(_, reason) => Err(reason),
        }
    }
}

/// Proof of one generation for one issuer and holder.
struct TrustChain {
    holder: String,
    membership: Option<Membership>,
    /// True if the chain certifies the key of the set for the holder.
    is_complete: bool,
}

/// Trust chains of the generations of a reader.
pub(crate) struct Trust {
    /// Chains by generation and issuer.
    chains: Vec<HashMap<String, Vec<TrustChain>>>,
    /// Newest known key set of each issuer, trusted or not.
    pub(crate) key_sets: HashMap<String, TrustedKeySet>,
    /// Issuers that the sets name.
    pub(crate) named: HashSet<String>,
    /// Issuers that the user trusts.
    pinned: HashSet<String>,
    /// Restore keys by issuer and holder, starting with the newest generation.
    restore_keys: HashMap<(String, String), Vec<RestoreKey>>,
}

impl Trust {
    /// Verifies the chains of the generations, with the key sets in the manifests and in the store.
    pub(crate) fn new(reader: &Reader, view: Option<View<'_>>) -> Result<Self, StoreError> {
        let services = view.map_or_else(|| Ok(Vec::new()), |view| view.services())?;
        let pinned = services.iter().filter(|service| service.is_pinned());
        let pinned = pinned.map(|service| service.issuer().to_owned()).collect();
        let entries = || reader.generations().iter().flat_map(|generation| &generation.manifest.issuers);
        let key_sets = newest_key_sets(services, entries());
        let named = entries().map(|entry| entry.issuer.clone()).collect();
        let mut trust = Self { chains: Vec::new(), key_sets, named, pinned, restore_keys: HashMap::new() };
        for generation in reader.generations() {
            trust.add(generation);
        }
        Ok(trust)
    }

    fn add(&mut self, generation: &VerifiedGeneration) {
        let mut chains: HashMap<String, Vec<TrustChain>> = HashMap::new();
        for entry in &generation.manifest.issuers {
            let (Some(keys), Some(holder)) = (self.key_sets.get(&entry.issuer), &entry.holder) else { continue };
            let membership = entry
                .membership
                .as_deref()
                .and_then(|document| verify_membership(keys, document).ok())
                .filter(|membership| membership.holder == *holder);
            let is_complete = membership.as_ref().is_some_and(|m| m.confirmed && certifies(entry, m, generation.set));
            if let Some(key) = restore_key(entry, holder, generation) {
                // The generations are in ascending order.
                self.restore_keys.entry((entry.issuer.clone(), holder.clone())).or_default().insert(0, key);
            }
            chains.entry(entry.issuer.clone()).or_default().push(TrustChain {
                holder: holder.clone(),
                membership,
                is_complete,
            });
        }
        self.chains.push(chains);
    }

    fn chains_for<'a>(
        &'a self,
        context: &'a FrameContext<'_>,
        issuer: &'a str,
    ) -> impl Iterator<Item = &'a TrustChain> {
        let listed = context.listed_by.iter().filter_map(|index| self.chains.get(*index));
        listed.filter_map(move |chains| chains.get(issuer)).flatten()
    }

    /// Returns true if a trusted service certifies every issuer entry of a generation.
    pub(crate) fn is_certified_set(&self, index: usize, generation: &VerifiedGeneration) -> bool {
        let is_certified = |issuer: &String| {
            let chains = self.chains.get(index).and_then(|chains| chains.get(issuer));
            self.pinned.contains(issuer) && chains.is_some_and(|chains| chains.iter().all(|chain| chain.is_complete))
        };
        let issuers = &generation.manifest.issuers;
        !issuers.is_empty() && issuers.iter().all(|entry| is_certified(&entry.issuer))
    }

    /// Reads a license record and its proof.
    ///
    /// A native license of a set that is not certified must have a signature of its issuer; otherwise the license is
    /// unproven.
    ///
    /// # Errors
    /// A message if the document is malformed, or is not the document that the record describes.
    pub(crate) fn license(&self, context: &FrameContext<'_>, record: &LicenseRecord) -> Result<LicenseProof, Message> {
        let Some(kind) = Kind::from_number(record.kind) else {
            return Err(Message::new(&TEXTS, "kind-unknown").with("number", record.kind));
        };
        let license = license::parse_as(kind, &record.document).map_err(|error| Message::from(&error))?;
        let is_consistent = license.identity.issuer == record.issuer
            && license.identity.license_id == record.license_id
            && license.version == record.version;
        if !is_consistent {
            return Err(Message::new(&TEXTS, "record-not-of-document"));
        }
        if kind == Kind::Restow {
            let holder = license.holder.as_deref().unwrap_or_default();
            if !self.certifies(context, &record.issuer, holder) {
                let no_link = || Message::new(&TEXTS, "not-certified-unknown");
                let keys = self.key_sets.get(&record.issuer).ok_or_else(no_link)?;
                if let Err(error) = license::verify_native(&record.document, keys) {
                    let refusal = Message::from(&error);
                    let cause = refusal.cause.clone().map_or(refusal, |cause| *cause);
                    let reason = Message::new(&TEXTS, "not-certified").with_cause(cause);
                    return Ok(LicenseProof::Unproven(license, reason));
                }
            }
        }
        Ok(LicenseProof::Proven(license))
    }

    /// Returns true if a record about licenses of a holder is certified: a confirmed computer of this holder wrote
    /// the set.
    pub(crate) fn certifies(&self, context: &FrameContext<'_>, issuer: &str, holder: &str) -> bool {
        self.chains_for(context, issuer).any(|chain| chain.is_complete && chain.holder == holder)
    }

    /// Returns true if a counter for a license of `holder` is accepted: from a certified set, or signed by the
    /// computer that wrote the set. A counter under one of `own_keys` needs a valid signature in any set.
    pub(crate) fn accepts_counter(
        &self,
        context: &FrameContext<'_>,
        record: &CounterRecord,
        holder: &str,
        own_keys: &[PublicKey],
    ) -> bool {
        let counter = &record.counter;
        if own_keys.contains(&counter.computer_key) && !counter.verifies(&record.issuer) {
            return false;
        }
        let is_by_writer = |chain: &TrustChain| {
            let is_writer = |m: &Membership| m.computer_key == counter.computer_key && m.holder == holder;
            chain.membership.as_ref().is_some_and(is_writer) && counter.verifies(&record.issuer)
        };
        (1..=Counter::MAX_COUNT).contains(&counter.count)
            && self
                .chains_for(context, &record.issuer)
                .any(|chain| chain.is_complete && chain.holder == holder || is_by_writer(chain))
    }

    /// Returns the holders that accept a counter for their licenses.
    pub(crate) fn holders_of_counter(
        &self,
        context: &FrameContext<'_>,
        record: &CounterRecord,
        own_keys: &[PublicKey],
    ) -> Vec<String> {
        let holders: BTreeSet<_> = self.chains_for(context, &record.issuer).map(|chain| &chain.holder).collect();
        let accepting = holders.into_iter().filter(|holder| self.accepts_counter(context, record, holder, own_keys));
        accepting.cloned().collect()
    }

    /// Returns a statement about revoked licenses if its issuer signed the statement.
    pub(crate) fn revocations(&self, issuer: &str, document: &str) -> Option<Revocations> {
        verify_revocations(self.key_sets.get(issuer)?, document).ok()
    }

    /// Returns the restore keys for a registration with the holder, the newest first.
    pub(crate) fn restore_keys(&self, issuer: &str, holder: &str) -> &[RestoreKey] {
        self.restore_keys.get(&(issuer.to_owned(), holder.to_owned())).map_or(&[], Vec::as_slice)
    }
}

/// Returns the newest valid key set of each issuer, from the services of the store and the entries of manifests.
pub(in crate::restorer) fn newest_key_sets<'a>(
    services: Vec<ServiceEntry>,
    entries: impl Iterator<Item = &'a IssuerEntry>,
) -> HashMap<String, TrustedKeySet> {
    let mut newest: HashMap<_, _> =
        services.into_iter().map(|service| (service.issuer().to_owned(), service.key_set)).collect();
    for entry in entries {
        if let Ok(key_set) = TrustedKeySet::verify(&entry.key_set, &entry.issuer) {
            let is_older = |known: &TrustedKeySet| known.set().version < key_set.set().version;
            if newest.get(&entry.issuer).is_none_or(is_older) {
                newest.insert(entry.issuer.clone(), key_set);
            }
        }
    }
    newest
}

/// Current and former public keys of this computer by issuer, derived on first use.
///
/// A counter under one of these keys is accepted only with a valid signature of this computer.
pub(crate) struct ComputerKeyCache {
    computer: Computer,
    incarnations: HashMap<String, u32>,
    keys: HashMap<String, Vec<PublicKey>>,
}

impl ComputerKeyCache {
    pub(crate) fn new(home: &Home, view: View<'_>) -> Result<Self, Error> {
        let services = view.services()?;
        let incarnations = services.iter().map(|service| (service.issuer().to_owned(), service.incarnation)).collect();
        Ok(Self { computer: home.computer_to_read()?, incarnations, keys: HashMap::new() })
    }

    /// Returns the keys at an issuer.
    pub(crate) fn of_issuer(&mut self, issuer: &str) -> &[PublicKey] {
        self.keys.entry(issuer.to_owned()).or_insert_with(|| {
            let newest = self.incarnations.get(issuer).copied().unwrap_or_default();
            (0..=newest).map(|n| self.computer.keys(issuer, n).signing.public()).collect()
        })
    }
}

fn certifies(entry: &IssuerEntry, membership: &Membership, set: SetId) -> bool {
    let certificate = entry
        .certificate
        .as_deref()
        .and_then(|document| jws::verify::<SetCertificate>(document, &membership.holder_key).ok());
    certificate.is_some_and(|certificate| {
        certificate.issuer == entry.issuer
            && certificate.holder == membership.holder
            && SetId::from_key(&certificate.set_key) == set
    })
}

fn restore_key(entry: &IssuerEntry, holder: &str, generation: &VerifiedGeneration) -> Option<RestoreKey> {
    let seed = generation.manifest.restore_seed.as_ref()?;
    let certificate = entry.restore_certificate.clone()?;
    let key = seed.signing_key("restore key", &[&entry.issuer, holder]);
    // The service verifies the certificate. Only a certificate for another key or holder is excluded.
    let claims = jws::Unverified::<RestoreCertificate>::parse(&certificate).ok()?.claims().ok()?;
    let is_consistent = claims.restore_key == key.public() && claims.issuer == entry.issuer && claims.holder == *holder;
    is_consistent.then(|| RestoreKey { holder: holder.to_owned(), key, certificate })
}
