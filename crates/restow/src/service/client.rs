//! HTTP to one service: signed, idempotent, retried, within time limits, without redirects.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use restow_core::jws::JwsError;
use restow_core::keys::SecretKey;
use restow_core::origin::Origin;
use restow_core::time::Clock;

use super::ServiceError;
use super::protocol::{Answer, BASE, Call, EmptyAnswer, MAX_BODY, Problem, ProblemCode};
use super::signature::SignedRequest;
use crate::license::{KeyUse, TrustedKeySet};
use crate::net::Cancel;
use crate::net::http::{self, HttpError, cancellable};
use crate::store::TrustOrigin;

const CALL_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: u32 = 3;

impl std::fmt::Debug for ServiceClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceClient").field("origin", &self.origin).finish_non_exhaustive()
    }
}

fn build_agent(origin: &Origin, added: TrustOrigin) -> Result<ureq::Agent, ServiceError> {
    Ok(http::build_agent(origin, added, CALL_TIMEOUT)?)
}

struct Reply {
    status: u16,
    body: String,
}

fn exchange(request: Result<ureq::http::Response<ureq::Body>, ureq::Error>, url: &str) -> Result<Reply, HttpError> {
    let bad = |why: String| HttpError::BadAnswer { url: url.to_owned(), why };
    let http::Reply { status, body, .. } = http::exchange(request, url, MAX_BODY.saturating_add(1))?;
    if (300..400).contains(&status) {
        return Err(bad(format!("it redirects elsewhere (status {status}), which is never followed")));
    }
    Ok(Reply { status, body: String::from_utf8(body).map_err(|_| bad("it is not text".into()))? })
}

/// A service that was looked up. Its key set is proven by its own root only: show it before anybody trusts it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceLookup {
    key_set: TrustedKeySet,
    added: TrustOrigin,
}

impl ServiceLookup {
    /// What it says of itself.
    #[must_use]
    pub const fn key_set(&self) -> &TrustedKeySet {
        &self.key_set
    }

    /// How far it may be trusted with where it is: an address it moved to is not one that the user typed.
    #[must_use]
    pub const fn added(&self) -> TrustOrigin {
        self.added
    }
}

/// Asks an address for the key set of the service there; if that says that the service moved, the service there.
///
/// # Errors
/// When an address is not allowed, the service cannot be reached, or answers something else.
pub fn fetch_key_set(url: &str, added: TrustOrigin, cancel: &Cancel) -> Result<ServiceLookup, ServiceError> {
    follow_move(Origin::of(url)?, added, |origin, added| fetch_document(build_agent(origin, added)?, origin, cancel))
}

/// Follows a service that moved once, and to the same root only.
fn follow_move(
    origin: Origin,
    added: TrustOrigin,
    fetch_document: impl Fn(&Origin, TrustOrigin) -> Result<String, ServiceError>,
) -> Result<ServiceLookup, ServiceError> {
    let original = TrustedKeySet::self_proven(&fetch_document(&origin, added)?)?;
    let moved = Origin::of(&original.set().service_url)?;
    if moved == origin {
        return Ok(ServiceLookup { key_set: original, added });
    }
    // The user typed the old address, if any.
    let added = TrustOrigin::Consent;
    let key_set = verify_issuer(&fetch_document(&moved, added)?, &original.set().issuer, &moved)?;
    let bad = |why| Err(ServiceError::BadAnswer { url: moved.to_string(), why });
    let stated = Origin::of(&key_set.set().service_url)?;
    if stated != moved {
        return bad(format!("its key set says that the service is at {stated}"));
    }
    if key_set.set().version < original.set().version {
        return bad(format!("its key set is older than the one at {origin}"));
    }
    Ok(ServiceLookup { key_set, added })
}

/// A key set from where the service of this issuer should be.
fn verify_issuer(document: &str, issuer: &str, origin: &Origin) -> Result<TrustedKeySet, ServiceError> {
    let found = TrustedKeySet::self_proven(document)?;
    if found.set().issuer == issuer {
        return Ok(found);
    }
    Err(ServiceError::OtherIssuer {
        url: origin.to_string(),
        expected: issuer.to_owned(),
        found: found.set().issuer.clone(),
    })
}

/// Asks a known service for a key set that is newer than the one known, wherever that says the service is now.
pub(super) fn fetch_newer_key_set(
    known: &TrustedKeySet,
    added: TrustOrigin,
    cancel: &Cancel,
) -> Result<Option<TrustedKeySet>, ServiceError> {
    let origin = Origin::of(&known.set().service_url)?;
    let document = fetch_document(build_agent(&origin, added)?, &origin, cancel)?;
    let found = verify_issuer(&document, &known.set().issuer, &origin)?;
    Ok((found.set().version > known.set().version).then_some(found))
}

fn fetch_document(agent: ureq::Agent, origin: &Origin, cancel: &Cancel) -> Result<String, ServiceError> {
    let address = origin.at(&format!("{BASE}key-set"));
    let reply = cancellable(cancel, move || exchange(agent.get(&address).call(), &address))?;
    if reply.status != 200 {
        let why = format!("status {}; this seems to be no License Management Service", reply.status);
        return Err(ServiceError::BadAnswer { url: origin.to_string(), why });
    }
    Ok(reply.body.trim().to_owned())
}

/// A connection to one pinned service, as one computer.
pub struct ServiceClient {
    agent: ureq::Agent,
    origin: Origin,
    key_set: TrustedKeySet,
    /// A newer key set, once an answer named its version or was signed by a key the other does not have.
    renewed: OnceLock<TrustedKeySet>,
    key: SecretKey,
    clock: Arc<dyn Clock>,
    /// Service time minus local time, once learned.
    offset: AtomicI64,
}

impl ServiceClient {
    /// A client for the service of `key_set`. No socket is opened yet.
    ///
    /// # Errors
    /// When the service's address is not allowed.
    pub fn new(
        key_set: &TrustedKeySet,
        added: TrustOrigin,
        key: SecretKey,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, ServiceError> {
        let issuer = &key_set.set().issuer;
        if added == TrustOrigin::Untrusted {
            return Err(ServiceError::NotPinned(issuer.clone()));
        }
        let origin = Origin::of(&key_set.set().service_url)?;
        let agent = build_agent(&origin, added)?;
        let (key_set, renewed) = (key_set.clone(), OnceLock::new());
        Ok(Self { agent, origin, key_set, renewed, key, clock, offset: AtomicI64::new(0) })
    }

    /// Where it is.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The key set answers are verified under.
    #[must_use]
    pub fn key_set(&self) -> &TrustedKeySet {
        self.renewed.get().unwrap_or(&self.key_set)
    }

    /// A newer key set that was fetched on the way, to be kept.
    #[must_use]
    pub fn renewed(&self) -> Option<&TrustedKeySet> {
        self.renewed.get()
    }

    /// Calls the service. The same `idempotency_key` and request may be sent any number of times.
    ///
    /// # Errors
    /// When it cannot be reached after three attempts, or one [within](Cancel::with_timeout) a limit, answers something that is not a signed answer to this very request,
    /// or reports a problem.
    pub fn call<C: Call>(
        &self,
        request: &C,
        idempotency_key: &str,
        cancel: &Cancel,
    ) -> Result<Answer<C::Answer>, ServiceError> {
        let body = serde_json::to_vec(request).map_err(|error| self.bad_answer(error.to_string()))?;
        let mut clock_corrected = false;
        let mut attempts = 1;
        loop {
            let failure = match self.send(C::PATH, body.clone(), idempotency_key, cancel) {
                Ok(reply) if reply.status == 200 => {
                    let verify = || self.verify_answer::<C::Answer>(&reply.body, C::PATH, idempotency_key);
                    let answer = match verify() {
                        Err(ServiceError::Refused(JwsError::UnknownKey(_))) if self.renew(cancel)? => verify()?,
                        verified => verified?,
                    };
                    if answer.key_set_version > self.key_set().set().version {
                        // The answer is good without it, and the next one says it again.
                        let _ = self.renew(cancel);
                    }
                    return Ok(answer);
                }
                Ok(reply) => self.problem_from(&reply),
                Err(error) => error,
            };
            let retry = match &failure {
                ServiceError::Problem { problem, .. } => match problem.code() {
                    Some(ProblemCode::Clock) if !clock_corrected => {
                        clock_corrected = true;
                        let answer = problem
                            .answer
                            .as_deref()
                            .ok_or_else(|| self.bad_answer("a clock problem without the time".into()))?;
                        let answer = self.verify_answer::<Option<Done>>(answer, C::PATH, idempotency_key)?;
                        self.offset.store(answer.time.saturating_sub(self.clock.now()), Ordering::SeqCst);
                        continue;
                    }
                    Some(ProblemCode::Busy | ProblemCode::Internal) => true,
                    _ => false,
                },
                ServiceError::Unreachable { .. } => true,
                _ => false,
            };
            if !retry || attempts == MAX_ATTEMPTS || cancel.has_deadline() {
                return Err(failure);
            }
            back_off(attempts, cancel)?;
            attempts += 1;
        }
    }

    /// Fetches a newer key set under the same root; false when there is none.
    fn renew(&self, cancel: &Cancel) -> Result<bool, ServiceError> {
        let document = fetch_document(self.agent.clone(), &self.origin, cancel)?;
        let found = TrustedKeySet::verify(&document, &self.key_set.set().issuer)?;
        Ok(found.set().version > self.key_set().set().version && self.renewed.set(found).is_ok())
    }

    fn send(&self, path: &str, body: Vec<u8>, idempotency_key: &str, cancel: &Cancel) -> Result<Reply, ServiceError> {
        let path = format!("{BASE}{path}");
        let issuer = self.key_set.set().issuer.clone();
        let created = self.clock.now().saturating_add(self.offset.load(Ordering::SeqCst));
        let signed = SignedRequest { path: &path, idempotency_key, issuer: &issuer, body: &body };
        let headers = signed.sign(created, &self.key);
        let url = self.origin.at(&path);
        let request = self
            .agent
            .post(&url)
            .header("content-type", "application/json")
            .header("accept", "application/jose, application/problem+json")
            .header("idempotency-key", idempotency_key)
            .header("restow-issuer", &issuer)
            .header("content-digest", headers.content_digest)
            .header("signature-input", headers.signature_input)
            .header("signature", headers.signature);
        Ok(cancellable(cancel, move || exchange(request.send(&body), &url))?)
    }

    fn verify_answer<T: serde::Serialize + serde::de::DeserializeOwned>(
        &self,
        body: &str,
        path: &str,
        idempotency_key: &str,
    ) -> Result<Answer<T>, ServiceError> {
        let answer =
            self.key_set().verify_statement::<Answer<T>>(body.trim(), KeyUse::Service, |answer| answer.time)?;
        let is_ours = answer.issuer == self.key_set.set().issuer
            && answer.computer == self.key.public().thumbprint()
            && answer.request == idempotency_key
            && answer.path == path;
        if is_ours { Ok(answer) } else { Err(self.bad_answer("it answers another request".into())) }
    }

    fn problem_from(&self, reply: &Reply) -> ServiceError {
        match serde_json::from_str::<Problem>(&reply.body) {
            Ok(problem) => ServiceError::Problem {
                name: self.key_set.set().name.clone(),
                problem: Box::new(sanitize_problem(problem)),
            },
            Err(_) => self.bad_answer(format!("status {} without a reason", reply.status)),
        }
    }

    fn bad_answer(&self, why: String) -> ServiceError {
        ServiceError::BadAnswer { url: self.origin.to_string(), why }
    }
}

/// What a service says is shown to people: no control characters, no novels.
fn sanitize_problem(mut problem: Problem) -> Problem {
    for text in [&mut problem.title, &mut problem.detail, &mut problem.help] {
        *text = text.chars().filter(|c| !c.is_control()).take(500).collect();
    }
    problem
}

/// Waits 0.1 s, then 0.4 s, with a random part so that computers do not come back together.
fn back_off(attempts: u32, cancel: &Cancel) -> Result<(), ServiceError> {
    let mut random = [0; 1];
    let _ = getrandom::fill(&mut random); // Without randomness the retry is just regular.
    let delay = Duration::from_millis(100) * 4_u32.saturating_pow(attempts.saturating_sub(1))
        + Duration::from_millis(u64::from(random[0]));
    Ok(http::wait(delay, cancel)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::license::{CertifiedKey, KeySet};
    use restow_core::keys::Seed;

    const OLD: &str = "https://old.example";
    const NEW: &str = "https://new.example";

    fn document(root: u8, version: u64, url: &str) -> String {
        let root = Seed::from_bytes([root; 32]).signing_key("root", &[]);
        let key = Seed::from_bytes([9; 32]).signing_key("service", &[]);
        let set = KeySet {
            issuer: root.public().thumbprint(),
            root: root.public(),
            version,
            time: 5,
            name: "Shop".into(),
            service_url: url.into(),
            privacy_url: None,
            keys: vec![CertifiedKey::new(KeyUse::Service, key.public(), 0)],
            sunset: None,
        };
        TrustedKeySet::sign(&set, &root).unwrap().document().to_owned()
    }

    /// Looks up the old address, where these are the key sets at the two.
    fn look_up(added: TrustOrigin, old: &str, new: &str) -> Result<ServiceLookup, ServiceError> {
        follow_move(Origin::of(OLD).unwrap(), added, |origin, added| {
            let _ = build_agent(origin, added)?;
            Ok(if origin.to_string() == OLD { old } else { new }.to_owned())
        })
    }

    #[test]
    fn a_service_that_moved_is_found_but_only_the_same_one() {
        let (unmoved, moved) = (document(1, 1, OLD), document(1, 2, NEW));
        for added in [TrustOrigin::Manual, TrustOrigin::Consent] {
            let service = look_up(added, &unmoved, "").unwrap();
            assert_eq!((service.key_set().document(), service.added()), (unmoved.as_str(), added));
            let service = look_up(added, &moved, &document(1, 3, NEW)).unwrap();
            assert_eq!((service.key_set().set().version, service.added()), (3, TrustOrigin::Consent));
        }
        let refused = |new: &str| look_up(TrustOrigin::Manual, &moved, new).unwrap_err();
        assert!(matches!(refused(&document(2, 3, NEW)), ServiceError::OtherIssuer { .. }));
        assert!(matches!(refused(&document(1, 3, OLD)), ServiceError::BadAnswer { .. }), "there and back");
        assert!(matches!(refused(&document(1, 3, "https://third.example")), ServiceError::BadAnswer { .. }));
        assert!(matches!(refused(&document(1, 1, NEW)), ServiceError::BadAnswer { .. }), "older");
        for private in ["http://127.0.0.1:1", "https://10.0.0.1", "https://[::1]"] {
            let error = look_up(TrustOrigin::Manual, &document(1, 2, private), "").unwrap_err();
            assert!(matches!(error, ServiceError::PrivateAddress { .. }), "nobody typed {private}: {error}");
        }
    }
}
