//! Whose a set is: root → key set → membership → certificate → set key, all offline (docs/backup-format.md §4).

use std::collections::{HashMap, HashSet};

use restow_backup::{CounterRecord, FrameContext, IssuerEntry, LicenseRecord, Reader, SetId, VerifiedGeneration};
use restow_core::jws;
use restow_core::keys::PublicKey;
use restow_core::message::Note;
use restow_core::protocol::{Counter, Membership, RestoreCertificate, Revocations, SetCertificate};

use crate::license::{self, Kind, License, TrustedKeySet};
use crate::service::{RestoreKey, verified_membership, verified_revocations};
use crate::store::{StoreError, View};

/// What a license record proves.
pub(crate) enum LicenseProof {
    /// It is accepted: the set is certified, or the document carries its own proof.
    Proven(License),
    /// Nothing here proves it, as when the keys that signed it were revoked since: only its service can say whether it
    /// is a license it issued. With why it is not certified.
    Unproven(License, Note),
}

impl LicenseProof {
    /// Where no service is asked.
    pub(crate) fn proven(self) -> Result<License, Note> {
        match self {
            Self::Proven(license) => Ok(license),
            Self::Unproven(_, why) => Err(why),
        }
    }
}

/// What one generation proves about one issuer and holder.
struct TrustChain {
    holder: String,
    membership: Option<Membership>,
    passes: bool,
}

/// What the generations of a reader prove.
pub(crate) struct Trust {
    /// Per generation and issuer.
    chains: Vec<HashMap<String, Vec<TrustChain>>>,
    /// The newest key set known of each issuer, whether anybody trusts it or not.
    key_sets: HashMap<String, TrustedKeySet>,
    /// Issuers the sets name.
    named: HashSet<String>,
    /// Issuers the user trusts.
    pinned: HashSet<String>,
    /// Restore keys by issuer and holder, the newest generation's first.
    restore_keys: HashMap<(String, String), Vec<RestoreKey>>,
}

impl Trust {
    /// Judges what a reader reads, by the key sets in it and those of the store, if there is one.
    pub(crate) fn new(reader: &Reader, view: Option<View<'_>>) -> Result<Self, StoreError> {
        let mut key_sets: HashMap<String, TrustedKeySet> = HashMap::new();
        let mut pinned = HashSet::new();
        for service in view.map_or_else(|| Ok(Vec::new()), |view| view.services())? {
            if service.is_pinned() {
                pinned.insert(service.issuer().to_owned());
            }
            key_sets.insert(service.issuer().to_owned(), service.key_set);
        }
        for entry in reader.generations().iter().flat_map(|generation| &generation.manifest.issuers) {
            if let Ok(found) = TrustedKeySet::verify(&entry.key_set, &entry.issuer) {
                let newer = |known: &TrustedKeySet| known.set().version < found.set().version;
                if key_sets.get(&entry.issuer).is_none_or(newer) {
                    key_sets.insert(entry.issuer.clone(), found);
                }
            }
        }
        let named =
            reader.generations().iter().flat_map(|g| &g.manifest.issuers).map(|entry| entry.issuer.clone()).collect();
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
                .and_then(|document| verified_membership(keys, document).ok())
                .filter(|membership| membership.holder == *holder);
            let passes = membership.as_ref().is_some_and(|m| m.confirmed && certifies(entry, m, generation.set));
            if let Some(key) = restore_key(entry, holder, generation) {
                // Generations come in ascending order.
                self.restore_keys.entry((entry.issuer.clone(), holder.clone())).or_default().insert(0, key);
            }
            chains.entry(entry.issuer.clone()).or_default().push(TrustChain {
                holder: holder.clone(),
                membership,
                passes,
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

    /// Whether services that are trusted here vouch for who wrote a generation: every issuer entry of it passes.
    pub(crate) fn is_certified_set(&self, index: usize, generation: &VerifiedGeneration) -> bool {
        let passes = |issuer: &String| {
            let chains = self.chains.get(index).and_then(|chains| chains.get(issuer));
            self.pinned.contains(issuer) && chains.is_some_and(|chains| chains.iter().all(|chain| chain.passes))
        };
        let issuers = &generation.manifest.issuers;
        !issuers.is_empty() && issuers.iter().all(|entry| passes(&entry.issuer))
    }

    /// Reads a license record, or says why it is worth nothing. A Restow license of a set that is not certified must be
    /// signed by its issuer itself, else it is only claimed.
    pub(crate) fn license(&self, context: &FrameContext<'_>, record: &LicenseRecord) -> Result<LicenseProof, Note> {
        let Some(kind) = Kind::from_number(record.kind) else {
            let text = format!("a license of kind {}, which this Restow does not know", record.kind);
            return Err(Note::new("kind-unknown", text).with("number", record.kind));
        };
        let license = license::parse_as(kind, &record.document).map_err(|error| Note::from(&error))?;
        let same = license.identity.issuer == record.issuer
            && license.identity.license_id == record.license_id
            && license.version == record.version;
        if !same {
            return Err(Note::new("record-not-of-document", "the record is not about the document in it"));
        }
        if kind == Kind::Restow {
            let holder = license.holder.as_deref().unwrap_or_default();
            let certified =
                self.chains_for(context, &record.issuer).any(|chain| chain.passes && chain.holder == holder);
            if !certified {
                let unknown = || Note::new("not-certified-unknown", "not certified: its issuer is not known");
                let keys = self.key_sets.get(&record.issuer).ok_or_else(unknown)?;
                if let Err(error) = license::verify_native(&record.document, keys) {
                    let why = Note::new("not-certified", format!("not certified: {error}")).because(&error);
                    return Ok(LicenseProof::Unproven(license, why));
                }
            }
        }
        Ok(LicenseProof::Proven(license))
    }

    /// Whether a record about this holder's licenses is certified: the set is a confirmed computer of that very holder's.
    pub(crate) fn certifies(&self, context: &FrameContext<'_>, issuer: &str, holder: &str) -> bool {
        self.chains_for(context, issuer).any(|chain| chain.passes && chain.holder == holder)
    }

    /// Whether a counter about a license of `holder` is accepted: from a certified set, or a computer's own from its own
    /// set. One that claims to be this computer's own must be signed by it.
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
        let its_own = |chain: &TrustChain| {
            let fits = |m: &Membership| m.computer_key == counter.computer_key && m.holder == holder;
            chain.membership.as_ref().is_some_and(fits) && counter.verifies(&record.issuer)
        };
        (1..=Counter::MAX_COUNT).contains(&counter.count)
            && self
                .chains_for(context, &record.issuer)
                .any(|chain| chain.passes && chain.holder == holder || its_own(chain))
    }

    /// The holders for whose licenses a counter would be accepted.
    pub(crate) fn holders_of_counter(
        &self,
        context: &FrameContext<'_>,
        record: &CounterRecord,
        own_keys: &[PublicKey],
    ) -> Vec<String> {
        let mut holders: Vec<String> =
            self.chains_for(context, &record.issuer).map(|chain| chain.holder.clone()).collect();
        holders.sort_unstable();
        holders.dedup();
        holders.retain(|holder| self.accepts_counter(context, record, holder, own_keys));
        holders
    }

    /// A statement about revoked licenses, if its issuer signed it.
    pub(crate) fn revocations(&self, issuer: &str, document: &str) -> Option<Revocations> {
        verified_revocations(self.key_sets.get(issuer)?, document).ok()
    }

    /// Whether one of the sets names this issuer.
    pub(crate) fn is_named(&self, issuer: &str) -> bool {
        self.named.contains(issuer)
    }

    pub(crate) fn key_set(&self, issuer: &str) -> Option<&TrustedKeySet> {
        self.key_sets.get(issuer)
    }

    pub(crate) fn key_sets(&self) -> impl Iterator<Item = &TrustedKeySet> {
        self.key_sets.values()
    }

    /// Keys that may let this computer join a holder, the newest first.
    pub(crate) fn restore_keys(&self, issuer: &str, holder: &str) -> &[RestoreKey] {
        self.restore_keys.get(&(issuer.to_owned(), holder.to_owned())).map_or(&[], Vec::as_slice)
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
    // The service judges the certificate; here only what is certainly useless is left out.
    let claims = jws::Unverified::<RestoreCertificate>::parse(&certificate).ok()?.claims().ok()?;
    let fits = claims.restore_key == key.public() && claims.issuer == entry.issuer && claims.holder == *holder;
    fits.then(|| RestoreKey { holder: holder.to_owned(), key, certificate })
}
