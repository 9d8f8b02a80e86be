//! Reports of uses to services, and refreshes of revocations.

use restow_core::protocol::{Answer, Counter, MAX_LICENSES, ProblemCode, ReportAnswer, ReportRequest};

use crate::error::Error;
use crate::home::Home;
use crate::license::{Kind, LicenseIdentity};
use crate::service::{Cancel, ServiceError, Session, end_released_registration, problem_code};
use crate::store::{CounterEntry, LicenseFilter, Registration, ServiceEntry, Store};

/// Maximum number of counters in one report.
const MAX_REPORT_COUNTERS: usize = 1_000;

/// Reports uses to a service, and stores the uses of other computers of `licenses` and of the reported licenses.
///
/// # Errors
/// [`Error::Service`] if the service is not trusted or unreachable, or this computer is not registered.
pub fn report_uses(home: &Home, issuer: &str, holder: &str, licenses: &[String], cancel: &Cancel) -> Result<(), Error> {
    let mut store = home.store()?;
    let session = Session::open(home, &store, issuer, holder)?;
    let mut limit = MAX_REPORT_COUNTERS;
    loop {
        let unreported = store.view().unreported(issuer, holder, limit)?;
        let request = ReportRequest {
            holder: holder.to_owned(),
            counters: unreported.iter().map(|entry| entry.counter.clone()).collect(),
            licenses: licenses.to_vec(),
        };
        match session.call(&request, cancel) {
            Ok(answer) => record_reported(&mut store, &session, &answer, &unreported)?,
            // Counters of many computers can exceed the size limit of an answer.
            Err(error) if problem_code(&error) == Some(ProblemCode::TooLarge) && limit > 1 => {
                limit /= 2;
                continue;
            }
            Err(error) => {
                // The service grants nothing to a released computer.
                end_released_registration(&mut store, session.registration(), &error)?;
                return Err(error);
            }
        }
        if unreported.len() < limit {
            return session.renew_membership(&mut store, cancel);
        }
    }
}

/// Result of a refresh at one service for one holder.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceRefresh {
    /// Name of the service.
    pub service: String,
    /// Thumbprint of the root key.
    pub issuer: String,
    /// Number of licenses in the request.
    pub licenses: u64,
    /// Licenses that are newly revoked.
    pub revoked: Vec<LicenseIdentity>,
    /// Reason why some licenses were not refreshed.
    pub failure: Option<Error>,
}

/// Refreshes the revocations of these licenses, or of all, at the services where this computer is registered. The
/// call also reports unreported uses.
///
/// # Errors
/// [`Error::Store`] if the store fails, [`Error::Service`] if the caller cancels. Other failures of a service go to
/// `visit`.
pub fn refresh(
    home: &Home,
    licenses: Option<&[LicenseIdentity]>,
    cancel: &Cancel,
    visit: &mut dyn FnMut(&ServiceRefresh),
) -> Result<(), Error> {
    let store = home.store()?;
    for Registration { issuer, holder, .. } in store.view().registrations(None)? {
        let Some(service) = store.view().service(&issuer)?.filter(ServiceEntry::is_pinned) else { continue };
        let mut held = Vec::new();
        store.view().each_license(LicenseFilter::All, |entry| {
            let is_requested = licenses.is_none_or(|licenses| licenses.contains(&entry.identity));
            let is_held = entry.identity.issuer == issuer && entry.holder.as_ref() == Some(&holder);
            if is_requested && is_held && store.view().revoked(&entry.identity)?.is_none() {
                held.push(entry.identity.license_id);
            }
            Ok::<_, Error>(())
        })?;
        if held.is_empty() {
            continue;
        }
        let reported =
            held.chunks(MAX_LICENSES / 2).try_for_each(|some| report_uses(home, &issuer, &holder, some, cancel));
        let failure = match reported {
            Err(error @ Error::Service(ServiceError::Cancelled)) => return Err(error),
            other => other.err(),
        };
        let mut revoked = Vec::new();
        for license_id in &held {
            let identity =
                LicenseIdentity { kind: Kind::Restow, issuer: issuer.clone(), license_id: license_id.clone() };
            if store.view().revoked(&identity)?.is_some() {
                revoked.push(identity);
            }
        }
        let service = service.key_set.set().name.clone();
        visit(&ServiceRefresh { service, issuer, licenses: held.len() as u64, revoked, failure });
    }
    Ok(())
}

fn record_reported(
    store: &mut Store,
    session: &Session,
    answer: &Answer<ReportAnswer>,
    sent: &[CounterEntry],
) -> Result<(), Error> {
    let issuer = &session.registration().issuer;
    let revocations = session.verify_revocations(&answer.body.revocations)?;
    let revoked = !revocations.is_empty();
    let change = store.change()?;
    session.record_answer(&change, answer)?;
    let is_valid = |counter: &&Counter| (1..=Counter::MAX_COUNT).contains(&counter.count);
    for counter in answer.body.counters.iter().filter(is_valid) {
        change.put_counter(issuer, counter, counter.count)?;
    }
    // A counter without an answer belongs to a license that this computer never held there, and is not sent again.
    for entry in sent {
        change.put_counter(issuer, &entry.counter, entry.counter.count)?;
    }
    for (document, statement) in revocations {
        change.put_revocations(&document, &statement)?;
    }
    if revoked {
        change.drop_unused_keys()?;
    }
    Ok(change.commit()?)
}
