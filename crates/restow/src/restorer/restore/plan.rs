//! Plan of a restore: the merged sets, compared with the store.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use restow_backup::SetId;
use restow_core::{message::Message, protocol::Counter};
use restow_lcp::Verifier;

use super::lcp_status::{LcpStatusCandidates, ProviderConsent, ProviderScope};
use super::merge::{MergedDocument, MergedSets, MergedState};
use super::sets::{OpenSets, SetInfo};
use super::trust::{ComputerKeyCache, Trust};
use crate::home::{Home, trust_store};
use crate::license::{Kind, LicenseIdentity};
use crate::listing::{self, TitleResolver};
use crate::restorer::options::{Restore, ServiceConsent, run_option_methods};
use crate::store::{LicenseFilter, LicenseStatus, ServiceEntry, View, license_key};
use crate::{
    error::Error, lcp_provider::RequiredProvider, net::Cancel, restorer::location::find_rollback, service::Origin,
};

/// Effects of a restore. [`RestorePlan::start`] executes the plan without reading the sets for another plan.
#[derive(Debug)]
#[non_exhaustive]
pub struct RestorePlan {
    /// Sets that the restore reads.
    pub sets: Vec<SetInfo>,
    /// Services that the restore would ask.
    pub services: Vec<RequiredService>,
    /// LCP providers that the restore would ask for the status of licenses. The licenses are restored without them
    /// too.
    pub providers: Vec<RequiredProvider>,
    /// Number of licenses that the store does not have.
    pub to_restore: u64,
    /// Number of licenses that the store has.
    pub already_here: u64,
    /// Licenses of holders that require [`Restore::adopt`].
    pub needs_adopt: Vec<LicenseIdentity>,
    /// Damage of the sets, as far as the manifests show it.
    pub warnings: Vec<Message>,
    pub(super) prepared: PreparedRestore,
}

/// Service that a restore would ask. An application shows the service to the user before the first contact.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct RequiredService {
    /// Thumbprint of the root key of the service: the fingerprint to compare.
    pub issuer: String,
    /// Name that the service gives itself.
    pub name: String,
    /// Origin of the service, or its URL if the URL has no valid origin.
    pub origin: String,
    /// Address of the privacy statement.
    pub privacy_url: Option<String>,
    /// Holder of the licenses.
    pub holder: String,
    /// True if the user trusts the service already.
    pub pinned: bool,
    /// True if this computer is registered with the service. Otherwise the restore requires consent.
    pub registered: bool,
    /// Number of licenses that the restore would request.
    pub licenses: u64,
}

/// Licenses to request from one service for one holder.
#[derive(Default)]
pub(crate) struct ServiceRequest {
    pub(crate) licenses: BTreeMap<Arc<str>, Arc<MergedDocument>>,
    pub(crate) counters: Vec<Counter>,
}

/// Native licenses with their best documents.
pub(crate) type NativeLicenses = BTreeMap<LicenseIdentity, Arc<MergedDocument>>;

/// Licenses of the sets, compared with the store.
#[derive(Default)]
pub(crate) struct LocationInventory {
    /// Requests by issuer and holder.
    pub(crate) requests: BTreeMap<(String, String), ServiceRequest>,
    /// Native licenses that are usable in the store, by issuer and license ID.
    pub(crate) already_here: HashSet<(Arc<str>, Arc<str>)>,
    /// Number of licenses of other kinds that the store does not have.
    pub(crate) portable: u64,
    /// Number of licenses of other kinds that the store has, in any version.
    pub(crate) portable_here: u64,
    /// Revoked native licenses. No service is asked about them.
    pub(crate) revoked: NativeLicenses,
    /// Native licenses of holders that require [`Restore::adopt`].
    pub(crate) needs_adopt: NativeLicenses,
}

impl LocationInventory {
    /// Compares the merged sets with the store.
    pub(crate) fn compare(restore: &Restore, home: &Home, view: View<'_>, state: &MergedState) -> Result<Self, Error> {
        let mut inventory = Self::default();
        for (issuer, license_id, license) in state.licenses(Kind::Restow) {
            for document in license.documents() {
                inventory.add_native(view, issuer, license_id, document, &state.unproven)?;
            }
        }
        for (issuer, license_id, _) in state.licenses(Kind::Lcp) {
            match view.stored_license((Kind::Lcp.number(), issuer, license_id))? {
                Some(_) => inventory.portable_here = inventory.portable_here.saturating_add(1),
                None => inventory.portable = inventory.portable.saturating_add(1),
            }
        }
        inventory.add_counters(state);
        inventory.exclude_revoked(state);
        inventory.add_pending_from_store(restore, view)?;
        if !restore.adopt {
            inventory.exclude_foreign_holders(home, view)?;
        }
        Ok(inventory)
    }

    fn add_native(
        &mut self,
        view: View<'_>,
        issuer: &Arc<str>,
        license_id: &Arc<str>,
        document: &Arc<MergedDocument>,
        unproven: &HashSet<[u8; 32]>,
    ) -> Result<(), Error> {
        let Some(holder) = document.holder.as_deref() else { return Ok(()) };
        let identity = native_identity(issuer, license_id);
        if view.revoked(&identity)?.is_some() {
            self.revoked.insert(identity, Arc::clone(document));
            return Ok(());
        }
        if let Some(stored) = view.stored_license(license_key(&identity))?
            && stored.status == LicenseStatus::Usable
            && view.has_content_keys(&identity)?
        {
            // An unproven document that differs from the stored one is no reason to ask about a usable license.
            if document.is_proven || unproven.contains(&stored.sha256) {
                self.already_here.insert((Arc::clone(issuer), Arc::clone(license_id)));
            }
            return Ok(());
        }
        self.add_pending(issuer, holder, license_id, Arc::clone(document));
        Ok(())
    }

    fn add_pending(&mut self, issuer: &str, holder: &str, license_id: &Arc<str>, document: Arc<MergedDocument>) {
        let request = self.requests.entry((issuer.to_owned(), holder.to_owned())).or_default();
        if request.licenses.get(license_id).is_none_or(|known| known.rank() <= document.rank()) {
            request.licenses.insert(Arc::clone(license_id), document);
        }
    }

    fn add_counters(&mut self, state: &MergedState) {
        for (record, holders) in &state.counters {
            for holder in holders {
                let request = self.requests.get_mut(&(record.issuer.clone(), holder.clone()));
                let license_id = record.counter.license.as_str();
                if let Some(request) = request.filter(|request| request.licenses.contains_key(license_id)) {
                    request.counters.push(record.counter.clone());
                }
            }
        }
    }

    /// Moves the licenses that the sets prove revoked from the requests to the revoked licenses.
    fn exclude_revoked(&mut self, state: &MergedState) {
        for ((issuer, _), request) in &mut self.requests {
            let is_revoked = |license_id: &Arc<str>| state.revoked.contains(&(issuer.clone(), license_id.to_string()));
            for (license_id, document) in request.licenses.extract_if(.., |license_id, _| is_revoked(license_id)) {
                self.revoked.insert(native_identity(issuer, &license_id), document);
            }
        }
        self.requests.retain(|_, request| !request.licenses.is_empty());
    }

    /// Adds the licenses of a released computer to the request, after the store set them to pending.
    pub(crate) fn requery_released(
        &mut self,
        view: View<'_>,
        restore: &Restore,
        issuer: &str,
        holder: &str,
    ) -> Result<(), Error> {
        self.add_pending_from_store(restore, view)?;
        if let Some(request) = self.requests.get(&(issuer.to_owned(), holder.to_owned())) {
            let licenses = &request.licenses;
            self.already_here.retain(|(other, license_id)| **other != *issuer || !licenses.contains_key(license_id));
        }
        Ok(())
    }

    /// Adds the licenses that an earlier restore left pending in the store.
    fn add_pending_from_store(&mut self, restore: &Restore, view: View<'_>) -> Result<(), Error> {
        let titles = TitleResolver::new(view)?;
        view.each_license(LicenseFilter::NotUsable, |entry| {
            let LicenseIdentity { issuer, license_id, .. } = &entry.identity;
            let Some(holder) = entry.holder.as_deref().filter(|_| restore.is_selected(license_id)) else {
                return Ok::<(), Error>(());
            };
            if view.revoked(&entry.identity)?.is_some() {
                return Ok(());
            }
            let known = self.requests.get(&(issuer.clone(), holder.to_owned()));
            let known = known.and_then(|request| request.licenses.get(license_id.as_str()));
            if known.is_some_and(|known| known.is_proven) {
                return Ok(());
            }
            let (license, _) = listing::license_or_placeholder(view, &entry)?;
            let document = MergedDocument {
                sha256: entry.sha256,
                version: entry.version,
                holder: Some(holder.into()),
                is_proven: true,
                titles: titles.of(&license, &entry.titles)?,
            };
            self.add_pending(issuer, holder, &license_id.as_str().into(), Arc::new(document));
            Ok(())
        })
    }

    /// Moves the licenses of other holders from the requests to the licenses to adopt.
    ///
    /// The holder of an issuer is not foreign if the home has a key of the holder. A home without any holder of the
    /// issuer takes over the only holder that the sets name; proven licenses, if there are any, decide on the only
    /// holder.
    fn exclude_foreign_holders(&mut self, home: &Home, view: View<'_>) -> Result<(), Error> {
        let own_holder = home.holder_to_read()?;
        let is_proven = |request: &ServiceRequest| request.licenses.values().any(|document| document.is_proven);
        let count = |issuer: &str, only_proven: bool| {
            let of_issuer = self.requests.iter().filter(|((other, _), _)| other == issuer);
            of_issuer.filter(|(_, request)| !only_proven || is_proven(request)).count()
        };
        let mut foreign = Vec::new();
        for ((issuer, holder), request) in &self.requests {
            let registrations = view.registrations(Some(issuer))?;
            let incarnation = view.service(issuer)?.map_or(0, |service| service.holder_incarnation);
            let is_own = registrations.iter().any(|registration| registration.holder == *holder)
                || own_holder.created_holder(issuer, holder, incarnation);
            let is_only_holder = match count(issuer, true) {
                0 => count(issuer, false) == 1,
                proven => proven == 1 && is_proven(request),
            };
            if !(is_own || registrations.is_empty() && is_only_holder) {
                foreign.push((issuer.clone(), holder.clone()));
            }
        }
        for key in foreign {
            for (license_id, document) in self.requests.remove(&key).unwrap_or_default().licenses {
                self.needs_adopt.insert(native_identity(&key.0, &license_id), document);
            }
        }
        Ok(())
    }

    /// Returns the services to ask, for display.
    pub(crate) fn services(&self, view: View<'_>, trust: &Trust) -> Result<Vec<RequiredService>, Error> {
        let mut services = Vec::new();
        for ((issuer, holder), request) in &self.requests {
            let Some(key_set) = trust.key_sets.get(issuer) else { continue };
            let set = key_set.set();
            services.push(RequiredService {
                issuer: issuer.clone(),
                name: set.name.clone(),
                origin: Origin::from_url(&set.service_url)
                    .map_or_else(|_| set.service_url.clone(), |origin| origin.to_string()),
                privacy_url: set.privacy_url.clone(),
                holder: holder.clone(),
                pinned: view.service(issuer)?.as_ref().is_some_and(ServiceEntry::is_pinned),
                registered: view.registration(issuer, holder)?.is_some(),
                licenses: request.licenses.len() as u64,
            });
        }
        Ok(services)
    }
}

/// Returns the identity of a native license.
pub(crate) fn native_identity(issuer: &str, license_id: &str) -> LicenseIdentity {
    LicenseIdentity { kind: Kind::Restow, issuer: issuer.to_owned(), license_id: license_id.to_owned() }
}

/// Restore that is ready for execution: sets, their comparison with the store, and the status links of LCP licenses.
pub(crate) struct PreparedRestore {
    pub(crate) restore: Restore,
    pub(crate) merged: MergedSets,
    pub(crate) inventory: LocationInventory,
    pub(crate) candidates: LcpStatusCandidates,
    /// Folder of the home with the store.
    home: PathBuf,
    /// Number of the last change of the store before the comparison.
    last_change: i64,
}

impl std::fmt::Debug for PreparedRestore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreparedRestore").finish_non_exhaustive()
    }
}

/// Packs that the preparation of a restore reads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum PackReading {
    /// All packs, for a plan that counts every license.
    Always,
    /// No packs if the restore has no service and no provider to ask: then one pass over the packs is enough.
    IfNeeded,
}

impl PreparedRestore {
    /// Opens and merges the sets, and compares them with the store. `consent` limits the providers to consider.
    pub(crate) fn new(
        restore: Restore,
        consent: ProviderConsent,
        reading: PackReading,
        home: &Home,
        view: View<'_>,
        verifier: &Verifier,
        cancel: &Cancel,
    ) -> Result<Self, Error> {
        let last_change = view.last_change()?;
        let sets = OpenSets::open(&restore, Some(view), cancel)?;
        let scope = ProviderScope::new(consent, view)?;
        let can_query_providers = scope.can_query_any() && sets.has(Kind::Lcp);
        let mut candidates = LcpStatusCandidates::new(scope);
        let merged = if reading == PackReading::Always || can_query_providers || sets.has(Kind::Restow) {
            let mut keys = ComputerKeyCache::new(home, view)?;
            let candidates = can_query_providers.then_some(&mut candidates);
            MergedSets::read_for_restore(sets, &restore, &mut keys, verifier, candidates, cancel)?
        } else {
            MergedSets { sets, state: MergedState::default() }
        };
        let inventory = LocationInventory::compare(&restore, home, view, &merged.state)?;
        Ok(Self { restore, merged, inventory, candidates, home: home.folder().to_owned(), last_change })
    }

    /// Returns true if the preparation is for this home, and neither the location nor the store has changed since.
    pub(crate) fn is_current(&self, home: &Home, view: View<'_>) -> Result<bool, Error> {
        // Stores of different homes can have equal change numbers.
        let is_same_store = self.home == home.folder() && view.last_change()? == self.last_change;
        Ok(is_same_store && self.merged.sets.is_current(&self.restore))
    }
}

impl Restore {
    /// Returns the effects of the restore. Opens no socket and changes nothing.
    ///
    /// # Errors
    /// [`Error::Backup`], or [`RestorerError::NoSuchSet`](crate::restorer::RestorerError::NoSuchSet) and
    /// [`RestorerError::SeveralSets`](crate::restorer::RestorerError::SeveralSets) if the location has no such set;
    /// [`Error::Home`] or [`Error::Store`] if the home cannot be read.
    pub fn plan(&self, home: &Home) -> Result<RestorePlan, Error> {
        let store = home.store()?;
        let view = store.view();
        let verifier = Verifier::new(trust_store::load(home)?);
        let prepare = |restore| {
            let (consent, reading, cancel) = (ProviderConsent::PlanOnly, PackReading::Always, Cancel::default());
            PreparedRestore::new(restore, consent, reading, home, view, &verifier, &cancel)
        };
        // The execution must not depend on the working directory, but an error names the location as the caller did.
        let mut absolute = self.clone();
        absolute.run.make_absolute();
        let prepared = prepare(absolute).or_else(|_| prepare(self.clone()))?;
        RestorePlan::from_prepared(prepared, home, view, &verifier)
    }
}

impl RestorePlan {
    fn from_prepared(
        prepared: PreparedRestore,
        home: &Home,
        view: View<'_>,
        verifier: &Verifier,
    ) -> Result<Self, Error> {
        let PreparedRestore { merged: MergedSets { sets, state }, inventory, candidates, .. } = &prepared;
        let scope = ProviderScope::new(ProviderConsent::PlanOnly, view)?;
        let own_set = SetId::from_key(&home.computer_to_read()?.set_key().public());
        let rollback = find_rollback(view, &sets.location, own_set)?;
        let requested: usize = inventory.requests.values().map(|request| request.licenses.len()).sum();
        Ok(Self {
            sets: sets.infos(),
            services: inventory.services(view, &sets.trust)?,
            providers: candidates.queries(scope, view, verifier, state.with_status_link())?.providers(),
            to_restore: (requested as u64).saturating_add(inventory.portable),
            already_here: (inventory.already_here.len() as u64).saturating_add(inventory.portable_here),
            needs_adopt: inventory.needs_adopt.keys().cloned().collect(),
            warnings: sets.manifest_warnings().into_iter().chain(rollback).collect(),
            prepared,
        })
    }

    /// Changes the plan so that the restore takes over all holders.
    ///
    /// The sets are read again only if the location or the store has changed, or the plan is for another home.
    ///
    /// # Errors
    /// The errors of [`Restore::plan`].
    pub fn adopt(self, home: &Home) -> Result<Self, Error> {
        let store = home.store()?;
        let (view, mut prepared) = (store.view(), self.prepared);
        prepared.restore = prepared.restore.adopt(true);
        if !prepared.is_current(home, view)? {
            return prepared.restore.plan(home);
        }
        prepared.inventory = LocationInventory::compare(&prepared.restore, home, view, &prepared.merged.state)?;
        let verifier = Verifier::new(trust_store::load(home)?);
        Self::from_prepared(prepared, home, view, &verifier)
    }

    /// Sets the services that the user consents to.
    #[must_use]
    pub fn consent(mut self, consent: ServiceConsent) -> Self {
        self.prepared.restore = self.prepared.restore.consent(consent);
        self
    }

    /// Sets the LCP providers that the user consents to ask, as [`Restore::ask_providers`].
    #[must_use]
    pub fn ask_providers(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.prepared.restore = self.prepared.restore.ask_providers(origins);
        self
    }
}

run_option_methods!(RestorePlan, prepared.restore.run);

#[cfg(test)]
mod tests {
    use restow_core::time::ManualClock;

    use super::*;
    use crate::home::Machine;
    use crate::restorer::Backup;

    #[test]
    fn plan_for_other_home_is_not_current() {
        let dir = tempfile::tempdir().unwrap();
        let home = |name| {
            let clock = Arc::new(ManualClock::at(1_795_132_800));
            Home::open_with(dir.path().join(name), Machine::from_id("m"), clock).unwrap()
        };
        let book = dir.path().join("book.lcpl");
        let document = r#"{"id":"1","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","links":[],
            "encryption":{"profile":"p","content_key":{"algorithm":"x","encrypted_value":"x"},
            "user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
            "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
        std::fs::write(&book, document).unwrap();
        crate::import::import(&home("full"), &[book], &mut |_| {}).unwrap();
        assert!(Backup::to(dir.path()).start(&home("full")).unwrap().wait().is_ok());
        let plan = Restore::from(dir.path()).plan(&home("a")).unwrap();
        let is_current = |home: &Home| plan.prepared.is_current(home, home.store().unwrap().view()).unwrap();
        assert!(is_current(&home("a")));
        assert!(!is_current(&home("b")), "both stores have the same change number");
    }
}
