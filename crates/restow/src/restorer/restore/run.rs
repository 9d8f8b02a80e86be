//! Execution of a restore: prepare, ask services and providers, write in one change. Every answer is there before the
//! first write.

use restow_backup::SetId;
use restow_lcp::Verifier;

use super::apply::{RestoreApplier, RestoreSource};
use super::lcp_status::{ProviderConsent, ProviderScope, UnaskedProviders, query_providers};
use super::plan::{PackReading, PreparedRestore, RestorePlan};
use super::services::{ServiceDecisions, query_services};
use super::{merge::MergedSets, trust::ComputerKeyCache};
use crate::error::{Error, RestorerError};
use crate::home::{Home, trust_store};
use crate::restorer::location::{find_named_location, find_rollback};
use crate::restorer::options::Restore;
use crate::restorer::run::{self, Run, RunContext};
use crate::status::{Report, Status, Summary};
use crate::store::{Store, TrustOrigin};

impl Restore {
    /// Starts the restore on its own thread: prepares and executes a plan.
    ///
    /// # Errors
    /// [`Error::Busy`] if a run of this process uses the home, or [`RestorerError::Thread`]. The callback receives
    /// nothing then.
    pub fn start(self, home: &Home) -> Result<Run, Error> {
        start(self, None, home)
    }
}

impl RestorePlan {
    /// Starts the restore on its own thread.
    ///
    /// The run reads each pack once more at most. The run reads the sets anew if the location or the store has changed
    /// since the plan was computed, or if the plan is for another home.
    ///
    /// # Errors
    /// [`Error::Busy`] if a run of this process uses the home, or [`RestorerError::Thread`]. The callback receives
    /// nothing then.
    pub fn start(self, home: &Home) -> Result<Run, Error> {
        let restore = self.prepared.restore.clone();
        start(restore, Some(self.prepared), home)
    }
}

fn start(mut restore: Restore, prepared: Option<PreparedRestore>, home: &Home) -> Result<Run, Error> {
    restore.run.make_absolute();
    run::start(home, restore.run.clone(), move |run| prepare_and_execute(restore, prepared, run))
}

fn prepare_and_execute(restore: Restore, prepared: Option<PreparedRestore>, run: &RunContext) -> Result<Report, Error> {
    run.check_cancelled()?;
    let home = &run.home;
    let mut store = home.store_to_change()?;
    let verifier = Verifier::new(trust_store::load(home)?);
    // No lock protects the store and the location between a plan and its execution.
    let is_current = |prepared: &PreparedRestore| prepared.is_current(home, store.view());
    let prepared = match prepared {
        Some(prepared) if is_current(&prepared)? => prepared,
        _ => {
            let (consent, reading) = (ProviderConsent::of(&restore), PackReading::IfNeeded);
            PreparedRestore::new(restore, consent, reading, home, store.view(), &verifier, &run.cancel)?
        }
    };
    execute(prepared, &mut store, verifier, run)
}

fn execute(
    prepared: PreparedRestore,
    store: &mut Store,
    verifier: Verifier,
    run: &RunContext,
) -> Result<Report, Error> {
    let home = &run.home;
    let PreparedRestore { restore, merged: MergedSets { sets, state }, mut inventory, candidates, .. } = prepared;
    let scope = ProviderScope::new(ProviderConsent::of(&restore), store.view())?;
    let queries = candidates.queries(scope, store.view(), &verifier, state.with_status_link())?;
    drop((candidates, state));
    let outcomes = query_services(&restore, store, &mut inventory, &sets.trust, run)?;
    let statuses = query_providers(store, &queries, &verifier, run)?;
    let computer = home.computer()?;
    run.check_cancelled()?;

    run.report(&Status::Begin);
    let mut keys = ComputerKeyCache::new(home, store.view())?;
    let before = store.view().last_change()?;
    let mut change = store.change()?;
    let own_set = SetId::from_key(&computer.set_key().public());
    let found = find_named_location(change.view(), &sets.location)?;
    let unasked = UnaskedProviders::new(ProviderScope::new(ProviderConsent::of(&restore), change.view())?);
    let id = found.as_ref().map(|found| found.id.clone());
    let mut applier = RestoreApplier::new(&sets.reader, verifier, unasked, id, own_set, home.clock().now());
    let rollback = find_rollback(change.view(), &sets.location, own_set)?;
    let warnings = rollback.into_iter().chain(sets.manifest_warnings()).chain(statuses.warnings);
    warnings.for_each(|warning| applier.report.warn(warning));
    for key_set in sets.trust.key_sets.values() {
        change.put_service(key_set, TrustOrigin::Untrusted)?;
    }
    let decisions = ServiceDecisions::new(&outcomes);
    let source =
        RestoreSource { restore: &restore, reader: &sets.reader, trust: &sets.trust, inventory: &inventory, decisions };
    source.write(&mut applier, &mut keys, &change, run)?;
    applier.apply_lcp_statuses(&change, &statuses.checks)?;
    applier.note_location(&mut change, &sets.location)?;
    if let Some(found) = found {
        found.record_visit(&change, home, &sets.location, applier.has_read_all(&restore))?;
    }
    applier.count_portable();
    applier.count_native(&source, &outcomes, &change, &computer.storage_key())?;
    applier.report_missing_publications(&change, before)?;
    applier.report.count_losses(&restore, |identity| inventory.needs_adopt.contains_key(identity), &change)?;
    change.drop_unused_keys()?;
    // The commit is the point of no return: until here a cancel leaves the store unchanged.
    run.check_cancelled()?;
    change.commit()?;
    applier.store_updated_documents(store, &statuses.checks);
    applier.unasked.report(run);
    let report = applier.report.finish();
    if !restore.only.is_empty() && report.summary == Summary::default() {
        return Err(RestorerError::NoSuchLicense(restore.only.join(", ")).into());
    }
    Ok(report)
}
