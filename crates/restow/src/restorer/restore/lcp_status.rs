//! Status queries to LCP providers before a restore writes.
//!
//! A restore does not need the providers: without consent no provider is asked, and every failure is only a warning.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

use restow_core::message::Message;
use restow_lcp::{SignatureStrength, Verifier};

use crate::error::{Error, ProviderError};
use crate::lcp_provider::{
    CheckAction, LicenseQuery, MAX_MEMORY, MAX_STATUS_CHECKS, ProviderList, RequiredProvider, StatusCheck,
    StatusChecker, TOTAL_TIMEOUT,
};
use crate::license::{License, LicenseIdentity};
use crate::restorer::options::Restore;
use crate::store::{ProviderEntry, Store, TrustOrigin, View};
use crate::{restorer::run::RunContext, service::Origin, status::Status, texts::TEXTS};

const PROVIDER_TIMEOUT: Duration = Duration::from_secs(300);
/// Maximum number of providers asked per restore.
const MAX_PROVIDERS: usize = 100;
/// Maximum number of documents with an invalid signature that are verified to name providers.
const MAX_INVALID: usize = 1000;
/// Maximum number of warnings per provider, and of providers that only the user can allow.
const MAX_WARNINGS_PER_PROVIDER: usize = 10;

/// Reports whether a document can have a status link, by a search that costs less than parsing.
pub(crate) fn may_have_status_link(document: &[u8]) -> bool {
    const REL: &[u8] = b"status";
    // JSON can escape letters of the word with a backslash.
    document.windows(REL.len()).any(|part| part == REL) || document.contains(&b'\\')
}

/// Consent of the user to ask LCP providers.
#[derive(Clone)]
pub(crate) enum ProviderConsent {
    /// Consent to the providers at these origins.
    Origins(Vec<Origin>),
    /// All providers, for a plan that names them and asks none.
    PlanOnly,
}

impl ProviderConsent {
    /// Returns the consent of a restore.
    pub(crate) fn of(restore: &Restore) -> Self {
        Self::Origins(restore.providers.clone())
    }
}

/// Providers that a restore may ask.
pub(crate) struct ProviderScope {
    consent: ProviderConsent,
    providers: Vec<ProviderEntry>,
}

impl ProviderScope {
    /// Creates the scope of a consent, together with the providers that the user allowed before.
    pub(crate) fn new(consent: ProviderConsent, view: View<'_>) -> Result<Self, Error> {
        Ok(Self { consent, providers: view.providers()? })
    }

    /// Returns true if the scope can contain a provider.
    pub(crate) fn can_query_any(&self) -> bool {
        let has_consent = match &self.consent {
            ProviderConsent::Origins(origins) => !origins.is_empty(),
            ProviderConsent::PlanOnly => true,
        };
        has_consent || self.providers.iter().any(|entry| entry.added != TrustOrigin::Untrusted)
    }

    fn contains(&self, origin: &Origin) -> bool {
        let has_consent = match &self.consent {
            ProviderConsent::Origins(origins) => origins.contains(origin),
            ProviderConsent::PlanOnly => true,
        };
        has_consent || self.allowed(origin).is_some()
    }

    fn allowed(&self, origin: &Origin) -> Option<&ProviderEntry> {
        let origin = origin.to_string();
        self.providers.iter().find(|entry| entry.origin == origin && entry.added != TrustOrigin::Untrusted)
    }
}

/// Status links of the LCP licenses in the sets.
pub(crate) struct LcpStatusCandidates {
    scope: ProviderScope,
    /// For each license the best document with a status link to each origin.
    queries_by_license: BTreeMap<LicenseIdentity, Vec<LicenseQuery>>,
    /// Number of documents with an invalid signature. Each costs a verification, and anyone can write a set of them.
    invalid: usize,
    /// Hashes of the licenses beyond the limits.
    skipped: HashSet<u64>,
    /// Reasons against a request, for licenses of which no document has a usable status link.
    failures: BTreeMap<LicenseIdentity, ProviderError>,
    hash: RandomState,
}

impl LcpStatusCandidates {
    /// Creates an empty collection for the providers of a scope.
    pub(crate) fn new(scope: ProviderScope) -> Self {
        let (queries_by_license, failures) = (BTreeMap::new(), BTreeMap::new());
        let (skipped, hash) = (HashSet::new(), RandomState::new());
        Self { scope, queries_by_license, invalid: 0, skipped, failures, hash }
    }

    /// Adds an LCP license of a set.
    pub(crate) fn add_license(&mut self, license: &License, verifier: &Verifier) {
        let identity = &license.identity;
        let is_full =
            self.queries_by_license.len() >= MAX_STATUS_CHECKS && !self.queries_by_license.contains_key(identity);
        if is_full || self.invalid >= MAX_STATUS_CHECKS {
            self.skipped.insert(self.hash.hash_one(identity));
            return;
        }
        let query = match LicenseQuery::new(license, verifier, &|origin| self.scope.contains(origin)) {
            Ok(Some(query)) => query,
            Err(error) => {
                self.invalid =
                    self.invalid.saturating_add(usize::from(matches!(error, ProviderError::NotSigned { .. })));
                // Most purchased licenses have no status link and need none.
                let is_expected = matches!(error, ProviderError::NoStatusLink { .. });
                if !is_expected && self.failures.len() < MAX_STATUS_CHECKS {
                    self.failures.insert(identity.clone(), error);
                }
                return;
            }
            Ok(None) => return,
        };
        let known = self.queries_by_license.entry(identity.clone()).or_default();
        if !known.iter().any(|known| known.origin == query.origin && precedence(known) >= precedence(&query)) {
            known.retain(|known| known.origin != query.origin);
            known.push(query);
        }
    }

    /// Chooses one query for each of the licenses, within a scope that can be narrower than the scope of the
    /// collection.
    ///
    /// The best of the documents in the sets and in the store names the provider.
    pub(crate) fn queries(
        &self,
        scope: ProviderScope,
        view: View<'_>,
        verifier: &Verifier,
        licenses: impl Iterator<Item = LicenseIdentity>,
    ) -> Result<LcpStatusQueries, Error> {
        let mut queries =
            LcpStatusQueries { scope, queries_by_license: BTreeMap::new(), failures: Vec::new(), skipped: 0 };
        if !queries.scope.can_query_any() {
            return Ok(queries);
        }
        queries.skipped = self.skipped.len() as u64;
        for identity in licenses {
            if queries.queries_by_license.len() >= MAX_STATUS_CHECKS {
                let is_counted = self.skipped.contains(&self.hash.hash_one(&identity));
                let would_ask = || -> Result<bool, Error> {
                    Ok(self.queries_by_license.contains_key(&identity)
                        || names_provider(&identity, &queries.scope, view, verifier)?)
                };
                queries.skipped = queries.skipped.saturating_add(u64::from(!is_counted && would_ask()?));
                continue;
            }
            let stored = stored_query(&identity, &queries.scope, view, verifier)?;
            let mut best: Option<LicenseQuery> = None;
            for query in stored.iter().chain(self.queries_by_license.get(&identity).into_iter().flatten()) {
                let is_better = best.as_ref().is_none_or(|best| precedence(best) < precedence(query));
                if is_better
                    && queries.scope.contains(&query.origin)
                    // The store can have a better document of a provider outside the scope.
                    && !query.is_outranked(view, verifier)?
                {
                    best = Some(query.clone());
                }
            }
            if let Some(mut query) = best {
                query.registered = view.lcp_status(&identity)?.is_some_and(|known| known.registered);
                queries.queries_by_license.insert(identity, query);
            } else if let Some(error) = self.failures.get(&identity) {
                match queries.failures.iter_mut().find(|(known, _)| known.code() == error.code()) {
                    Some((_, count)) => *count = count.saturating_add(1),
                    None => queries.failures.push((error.clone(), 1)),
                }
            }
        }
        Ok(queries)
    }
}

const fn precedence(query: &LicenseQuery) -> (SignatureStrength, i64) {
    (query.strength, query.version)
}

fn stored_query(
    identity: &LicenseIdentity,
    scope: &ProviderScope,
    view: View<'_>,
    verifier: &Verifier,
) -> Result<Option<LicenseQuery>, Error> {
    match LicenseQuery::from_store(view, verifier, identity, &|origin| scope.contains(origin)) {
        Err(Error::Provider(_)) => Ok(None),
        result => result,
    }
}

/// Returns true if the stored document of a license names a provider in the scope. Checks no signature.
fn names_provider(
    identity: &LicenseIdentity,
    scope: &ProviderScope,
    view: View<'_>,
    verifier: &Verifier,
) -> Result<bool, Error> {
    let is_in_scope = Cell::new(false);
    let note_scope = |origin: &Origin| {
        is_in_scope.set(scope.contains(origin));
        false
    };
    match LicenseQuery::from_store(view, verifier, identity, &note_scope) {
        Ok(_) | Err(Error::Provider(_)) => Ok(is_in_scope.get()),
        Err(error) => Err(error),
    }
}

/// Status queries of a restore, one for each license.
pub(crate) struct LcpStatusQueries {
    scope: ProviderScope,
    queries_by_license: BTreeMap<LicenseIdentity, LicenseQuery>,
    /// First error of each kind against a request, with the number of licenses.
    failures: Vec<(ProviderError, u64)>,
    /// Number of licenses beyond the limits.
    skipped: u64,
}

impl LcpStatusQueries {
    /// Returns the providers for display.
    pub(crate) fn providers(&self) -> Vec<RequiredProvider> {
        let mut needs = ProviderList::default();
        self.queries_by_license.values().for_each(|query| needs.add(query, &self.scope.providers));
        needs.into_vec()
    }
}

/// Providers of the licenses in the sets that the user did not consent to ask.
pub(crate) struct UnaskedProviders {
    scope: ProviderScope,
    /// Name of each provider from the certificate of its licenses, by origin.
    names: BTreeMap<String, Option<String>>,
    /// Number of documents with an invalid signature. Each costs a verification.
    invalid: usize,
}

impl UnaskedProviders {
    /// Creates an empty list for the scope of a run.
    pub(crate) const fn new(scope: ProviderScope) -> Self {
        Self { scope, names: BTreeMap::new(), invalid: 0 }
    }

    /// Adds the provider of a license unless the scope contains the provider. A document with an invalid signature
    /// names no provider, because anyone can write one.
    pub(crate) fn add(&mut self, license: &License, verifier: &Verifier) {
        let Some(origin) = license.status_url.as_deref().and_then(|url| Origin::parse(url).ok()) else { return };
        let is_full = self.names.len() >= MAX_PROVIDERS || self.invalid >= MAX_INVALID;
        if is_full || self.scope.contains(&origin) || self.names.contains_key(&origin.to_string()) {
            return;
        }
        let verification = verifier.verify(&license.document);
        if verification.check.strength() == SignatureStrength::Invalid {
            self.invalid = self.invalid.saturating_add(1);
        } else {
            self.names.insert(origin.to_string(), verification.signer.map(|signer| signer.name));
        }
    }

    /// Reports each provider.
    pub(crate) fn report(self, run: &RunContext) {
        for (origin, provider) in self.names {
            run.report(&Status::NeedsProviderConsent { provider, origin });
        }
    }
}

/// Answers of the providers.
#[derive(Default)]
pub(crate) struct LcpStatusResults {
    pub(crate) checks: Vec<StatusCheck>,
    pub(crate) warnings: Vec<Message>,
}

/// Sends the queries and reports each provider.
///
/// # Errors
/// [`Error::Cancelled`], [`Error::Store`], [`Error::Home`]. Errors of providers are warnings in the results.
pub(crate) fn query_providers(
    store: &mut Store,
    queries: &LcpStatusQueries,
    verifier: &Verifier,
    run: &RunContext,
) -> Result<LcpStatusResults, Error> {
    let home = &run.home;
    let mut results = LcpStatusResults::default();
    let (mut memory_left, mut skipped, mut asked, mut private) = (MAX_MEMORY, queries.skipped, 0_usize, 0_usize);
    let total_timeout = run.cancel.with_timeout(TOTAL_TIMEOUT);
    let mut by_provider: BTreeMap<String, Vec<&LicenseQuery>> = BTreeMap::new();
    for query in queries.queries_by_license.values() {
        by_provider.entry(query.origin.to_string()).or_default().push(query);
    }
    for (name, provider_queries) in by_provider {
        let Some(LicenseQuery { origin, .. }) = provider_queries.first() else { continue };
        let known = queries.scope.allowed(origin);
        if origin.is_private() && known.is_none_or(|known| known.added != TrustOrigin::Manual) {
            // A set can name any private address. Only the user adds one, so a consent has no effect and is not
            // stored.
            if private >= MAX_WARNINGS_PER_PROVIDER {
                skipped = skipped.saturating_add(provider_queries.len() as u64);
            } else {
                results.warnings.push(Message::from(&ProviderError::PrivateAddress { url: name }));
            }
            private = private.saturating_add(1);
            continue;
        }
        if asked >= MAX_PROVIDERS || total_timeout.is_cancelled() {
            skipped = skipped.saturating_add(provider_queries.len() as u64);
            continue;
        }
        asked = asked.saturating_add(1);
        if known.is_none() {
            store.update(|change| change.put_provider(&name, TrustOrigin::Consent, home.clock().now()))?;
        }
        let timeout = total_timeout.with_timeout(PROVIDER_TIMEOUT);
        let service = origin.host().to_owned();
        run.report(&Status::Connecting { service: service.clone() });
        let mut checker = StatusChecker::new(home, store.view(), verifier, &timeout)?;
        checker.memory_left = memory_left;
        query_provider(&mut checker, origin, &provider_queries, &mut results);
        memory_left = checker.memory_left;
        run.report(&Status::Disconnecting { service });
        run.check_cancelled()?;
    }
    for (error, count) in &queries.failures {
        results.warnings.push(Message::new(&TEXTS, "provider-not-asked").with("count", count).with_cause(error));
    }
    if skipped > 0 {
        results.warnings.push(Message::new(&TEXTS, "provider-too-many").with("count", skipped));
    }
    Ok(results)
}

fn query_provider(
    checker: &mut StatusChecker<'_>,
    origin: &Origin,
    provider_queries: &[&LicenseQuery],
    results: &mut LcpStatusResults,
) {
    let max_warnings = results.warnings.len().saturating_add(MAX_WARNINGS_PER_PROVIDER);
    let mut warn = |error: &ProviderError| {
        let warning = Message::from(error);
        if results.warnings.len() < max_warnings && !results.warnings.contains(&warning) {
            results.warnings.push(warning);
        }
    };
    for (done, query) in provider_queries.iter().enumerate() {
        let is_full = checker.memory_left == 0;
        let check = if is_full { Err(ProviderError::Cancelled) } else { checker.check(query, CheckAction::Query) };
        let code = match check {
            Ok((mut check, _)) => {
                std::mem::take(&mut check.warnings).iter().for_each(&mut warn);
                results.checks.push(check);
                continue;
            }
            Err(ProviderError::Cancelled) => "provider-no-time",
            Err(ProviderError::GivenUp { origin: at }) if at == origin.to_string() => "provider-left-alone",
            Err(error) => {
                warn(&error);
                continue;
            }
        };
        let rest = provider_queries.len().saturating_sub(done);
        results.warnings.push(Message::new(&TEXTS, code).with("origin", origin).with("count", rest));
        return;
    }
}
