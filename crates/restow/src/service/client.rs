//! HTTP client of one service: signed, idempotent calls with retries and timeouts. Redirects are not followed.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use restow_core::{jws::JwsError, keys::SecretKey, origin::Origin, time::Clock};

use super::protocol::signature::SignedRequest;
use super::protocol::{Answer, BASE, Call, EmptyAnswer, MAX_BODY, Problem, ProblemCode};
use super::{Cancel, ServiceError};
use crate::license::{KeyUse, TrustedKeySet};
use crate::net::AnswerFault;
use crate::net::http::{self, HttpError, cancellable};
use crate::store::TrustOrigin;

const CALL_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_ATTEMPTS: u32 = 3;
/// Maximum time that a service can ask the client to wait before the next attempt.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(10);

fn build_agent(origin: &Origin, added: TrustOrigin) -> Result<ureq::Agent, ServiceError> {
    Ok(http::build_agent(origin, added, CALL_TIMEOUT)?)
}

/// Status and text of an answer.
struct ServiceReply {
    status: u16,
    text: String,
    /// Time after which a busy service may be tried again.
    retry_after: Option<Duration>,
}

fn exchange(
    request: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    url: &str,
) -> Result<ServiceReply, HttpError> {
    let bad = |why: String| HttpError::BadAnswer { url: url.to_owned(), fault: AnswerFault::Other(why) };
    let limits = http::ExchangeLimits { max_body: MAX_BODY.saturating_add(1), timeout: CALL_TIMEOUT };
    let http::Reply { status, body, retry_after, .. } = http::exchange(request, url, limits)?;
    if (300..400).contains(&status) {
        return Err(bad(format!("it redirects elsewhere (status {status}), which is never followed")));
    }
    let text = String::from_utf8(body).map_err(|_| bad("it is not text".into()))?;
    // A date in place of a number of seconds is for longer breaks.
    let retry_after = retry_after.and_then(|value| value.trim().parse().ok()).map(Duration::from_secs);
    Ok(ServiceReply { status, text, retry_after })
}

/// Result of a lookup. Only its own root proves the key set, so show it to the user before trusting it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ServiceLookup {
    key_set: TrustedKeySet,
    added: TrustOrigin,
}

impl ServiceLookup {
    /// Returns the key set of the service.
    #[must_use]
    pub const fn key_set(&self) -> &TrustedKeySet {
        &self.key_set
    }

    /// Returns the trust in the address. An address the service moved to is not an address that the user typed.
    #[must_use]
    pub const fn added(&self) -> TrustOrigin {
        self.added
    }
}

/// Fetches the key set of the service at an address. If the service moved, fetches the key set at its new
/// address.
///
/// # Errors
/// [`ServiceError`] when an address is not allowed, when the service cannot be reached, or when the answer is
/// not a key set.
pub fn fetch_key_set(url: &str, added: TrustOrigin, cancel: &Cancel) -> Result<ServiceLookup, ServiceError> {
    follow_move(Origin::from_url(url)?, added, |origin, added| {
        fetch_document(build_agent(origin, added)?, origin, cancel)
    })
}

/// Follows a move of the service once, to the same root only.
fn follow_move(
    origin: Origin,
    added: TrustOrigin,
    fetch_document: impl Fn(&Origin, TrustOrigin) -> Result<String, ServiceError>,
) -> Result<ServiceLookup, ServiceError> {
    let original = TrustedKeySet::verify_self_signed(&fetch_document(&origin, added)?)?;
    let moved = Origin::from_url(&original.set().service_url)?;
    if moved == origin {
        return Ok(ServiceLookup { key_set: original, added });
    }
    // The user typed the old address at most, so the new one has consent only.
    let added = TrustOrigin::Consent;
    let key_set = verify_issuer(&fetch_document(&moved, added)?, &original.set().issuer, &moved)?;
    let bad = |why| Err(ServiceError::BadAnswer { url: moved.to_string(), why });
    let stated = Origin::from_url(&key_set.set().service_url)?;
    if stated != moved {
        return bad(format!("its key set says that the service is at {stated}"));
    }
    if key_set.set().version < original.set().version {
        return bad(format!("its key set is older than the one at {origin}"));
    }
    Ok(ServiceLookup { key_set, added })
}

/// Verifies that a key set belongs to this issuer.
fn verify_issuer(document: &str, issuer: &str, origin: &Origin) -> Result<TrustedKeySet, ServiceError> {
    let found = TrustedKeySet::verify_self_signed(document)?;
    if found.set().issuer == issuer {
        return Ok(found);
    }
    Err(ServiceError::OtherIssuer {
        url: origin.to_string(),
        expected: issuer.to_owned(),
        found: found.set().issuer.clone(),
    })
}

/// Fetches the key set of a known service and returns the set if newer. The newer set may name a new address.
pub(super) fn fetch_newer_key_set(
    known: &TrustedKeySet,
    added: TrustOrigin,
    cancel: &Cancel,
) -> Result<Option<TrustedKeySet>, ServiceError> {
    let origin = Origin::from_url(&known.set().service_url)?;
    let document = fetch_document(build_agent(&origin, added)?, &origin, cancel)?;
    let found = verify_issuer(&document, &known.set().issuer, &origin)?;
    Ok((found.set().version > known.set().version).then_some(found))
}

fn fetch_document(agent: ureq::Agent, origin: &Origin, cancel: &Cancel) -> Result<String, ServiceError> {
    let address = origin.at(&format!("{BASE}key-set"));
    let ServiceReply { status, text, .. } =
        cancellable(cancel, move || exchange(agent.get(&address).call(), &address))?;
    if status != 200 {
        let why = format!("status {status}; this seems to be no License Management Service");
        return Err(ServiceError::BadAnswer { url: origin.to_string(), why });
    }
    Ok(text.trim().to_owned())
}

/// Connection of one computer to one trusted service.
pub struct ServiceClient {
    agent: ureq::Agent,
    origin: Origin,
    key_set: TrustedKeySet,
    /// Newer key set. Fetched when an answer names its version or is signed by an unknown key.
    renewed: OnceLock<TrustedKeySet>,
    key: SecretKey,
    clock: Arc<dyn Clock>,
    /// Time of the service minus local time, in seconds. 0 until the service reports a clock problem.
    offset: AtomicI64,
}

impl std::fmt::Debug for ServiceClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServiceClient").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl ServiceClient {
    /// Creates a client for the service of `key_set`. Opens no socket.
    ///
    /// # Errors
    /// [`ServiceError::NotPinned`] for an untrusted service; [`ServiceError::PrivateAddress`] or another error
    /// when the address is not allowed.
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
        let origin = Origin::from_url(&key_set.set().service_url)?;
        let agent = build_agent(&origin, added)?;
        let (key_set, renewed) = (key_set.clone(), OnceLock::new());
        Ok(Self { agent, origin, key_set, renewed, key, clock, offset: AtomicI64::new(0) })
    }

    /// Returns the origin of the service.
    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Returns the key set that verifies the answers.
    #[must_use]
    pub fn key_set(&self) -> &TrustedKeySet {
        self.renewed.get().unwrap_or(&self.key_set)
    }

    /// Returns the newer key set that a call fetched, so that the caller can store it.
    #[must_use]
    pub fn renewed(&self) -> Option<&TrustedKeySet> {
        self.renewed.get()
    }

    /// Calls the service. Repeating the same request with the same `idempotency_key` is safe.
    ///
    /// # Errors
    /// [`ServiceError`] when the service cannot be reached after three attempts, when the answer is not signed
    /// for this request, or when the service reports a problem. With a [timeout](Cancel::with_timeout) there is
    /// one attempt.
    pub fn call<C: Call>(
        &self,
        request: &C,
        idempotency_key: &str,
        cancel: &Cancel,
    ) -> Result<Answer<C::Answer>, ServiceError> {
        let body = serde_json::to_vec(request).map_err(|error| self.bad_answer(error))?;
        let mut clock_corrected = false;
        let mut attempts = 1;
        loop {
            let mut retry_after = None;
            let failure = match self.send(C::PATH, body.clone(), idempotency_key, cancel) {
                Ok(ServiceReply { status: 200, text, .. }) => {
                    let verify = || self.verify_answer::<C::Answer>(&text, C::PATH, idempotency_key);
                    let answer = match verify() {
                        Err(ServiceError::Refused(JwsError::UnknownKey(_))) if self.renew(cancel)? => verify()?,
                        verified => verified?,
                    };
                    if answer.key_set_version > self.key_set().set().version {
                        // The answer is valid without the newer key set, and the next answer names its version
                        // again.
                        let _ = self.renew(cancel);
                    }
                    return Ok(answer);
                }
                Ok(reply) => {
                    retry_after = reply.retry_after;
                    self.problem_from(reply.status, &reply.text)
                }
                Err(error) => error,
            };
            let is_temporary = match &failure {
                ServiceError::Problem { problem, .. } => match problem.code() {
                    Some(ProblemCode::Clock) if !clock_corrected => {
                        clock_corrected = true;
                        let no_time = || self.bad_answer("a clock problem without the time");
                        let answer = problem.answer.as_deref().ok_or_else(no_time)?;
                        let answer = self.verify_answer::<Option<EmptyAnswer>>(answer, C::PATH, idempotency_key)?;
                        self.offset.store(answer.time.saturating_sub(self.clock.now()), Ordering::SeqCst);
                        continue;
                    }
                    code => matches!(code, Some(ProblemCode::Busy | ProblemCode::Internal)),
                },
                failure => matches!(failure, ServiceError::Unreachable { .. }),
            };
            if !is_temporary || attempts == MAX_ATTEMPTS || cancel.has_deadline() {
                return Err(failure);
            }
            back_off(attempts, retry_after, cancel)?;
            attempts += 1;
        }
    }

    /// Fetches a newer key set under the same root. Returns false if there is none.
    fn renew(&self, cancel: &Cancel) -> Result<bool, ServiceError> {
        let document = fetch_document(self.agent.clone(), &self.origin, cancel)?;
        let found = TrustedKeySet::verify(&document, &self.key_set.set().issuer)?;
        Ok(found.set().version > self.key_set().set().version && self.renewed.set(found).is_ok())
    }

    fn send(
        &self,
        path: &str,
        body: Vec<u8>,
        idempotency_key: &str,
        cancel: &Cancel,
    ) -> Result<ServiceReply, ServiceError> {
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
        if is_ours { Ok(answer) } else { Err(self.bad_answer("it answers another request")) }
    }

    fn problem_from(&self, status: u16, body: &str) -> ServiceError {
        match serde_json::from_str::<Problem>(body) {
            Ok(problem) => ServiceError::Problem {
                name: self.key_set.set().name.clone(),
                problem: Box::new(sanitize_problem(problem)),
            },
            Err(_) => self.bad_answer(format!("status {status} without a reason")),
        }
    }

    pub(super) fn bad_answer(&self, why: impl ToString) -> ServiceError {
        ServiceError::BadAnswer { url: self.origin.to_string(), why: why.to_string() }
    }
}

/// Removes control characters from the texts of a problem and limits their length. People see these texts.
fn sanitize_problem(mut problem: Problem) -> Problem {
    for text in [&mut problem.title, &mut problem.detail, &mut problem.help] {
        *text = text.chars().filter(|c| !c.is_control()).take(500).collect();
    }
    problem
}

/// Waits before the next attempt.
fn back_off(attempts: u32, retry_after: Option<Duration>, cancel: &Cancel) -> Result<(), ServiceError> {
    let mut random = [0; 1];
    let _ = getrandom::fill(&mut random); // Without randomness the delay is still correct, only regular.
    Ok(http::wait(delay(attempts, retry_after, random[0]), cancel)?)
}

/// Returns 0.1 s, then 0.4 s, or the time that the service asked for, up to a limit. A random part prevents that many
/// computers retry at the same moment.
fn delay(attempts: u32, retry_after: Option<Duration>, random: u8) -> Duration {
    let regular = Duration::from_millis(100) * 4_u32.saturating_pow(attempts.saturating_sub(1));
    let delay = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER).max(regular);
    delay + Duration::from_millis(u64::from(random))
}

#[cfg(test)]
mod tests {
    use restow_core::keys::Seed;

    use super::*;
    use crate::license::{CertifiedKey, KeySet};

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

    /// Looks up the old address; the two addresses answer with these key sets.
    fn look_up(added: TrustOrigin, old: &str, new: &str) -> Result<ServiceLookup, ServiceError> {
        follow_move(Origin::from_url(OLD).unwrap(), added, |origin, added| {
            let _ = build_agent(origin, added)?;
            Ok(if origin.to_string() == OLD { old } else { new }.to_owned())
        })
    }

    #[test]
    fn retry_waits_as_long_as_asked() {
        let seconds = Duration::from_secs;
        for (attempts, retry_after, expected) in [
            (1, None, Duration::from_millis(100)),
            (2, None, Duration::from_millis(400)),
            (1, Some(seconds(0)), Duration::from_millis(100)),
            (2, Some(seconds(2)), seconds(2)),
            (1, Some(Duration::MAX), seconds(10)),
        ] {
            assert_eq!(delay(attempts, retry_after, 0), expected);
            assert_eq!(delay(attempts, retry_after, 255), expected + Duration::from_millis(255));
        }
    }

    #[test]
    fn moved_service_is_followed_to_same_root() {
        let (unmoved, moved) = (document(1, 1, OLD), document(1, 2, NEW));
        for added in [TrustOrigin::Manual, TrustOrigin::Consent] {
            let service = look_up(added, &unmoved, "").unwrap();
            assert_eq!((service.key_set().document(), service.added()), (unmoved.as_str(), added));
            let service = look_up(added, &moved, &document(1, 3, NEW)).unwrap();
            assert_eq!((service.key_set().set().version, service.added()), (3, TrustOrigin::Consent));
        }
        let refused = |new: &str| look_up(TrustOrigin::Manual, &moved, new).unwrap_err();
        assert!(matches!(refused(&document(2, 3, NEW)), ServiceError::OtherIssuer { .. }));
        assert!(
            matches!(refused(&document(1, 3, OLD)), ServiceError::BadAnswer { .. }),
            "the new address names the old one"
        );
        assert!(matches!(refused(&document(1, 3, "https://third.example")), ServiceError::BadAnswer { .. }));
        assert!(matches!(refused(&document(1, 1, NEW)), ServiceError::BadAnswer { .. }), "older");
        for private in ["http://127.0.0.1:1", "https://10.0.0.1", "https://[::1]"] {
            let error = look_up(TrustOrigin::Manual, &document(1, 2, private), "").unwrap_err();
            assert!(matches!(error, ServiceError::PrivateAddress { .. }), "{private} was not typed: {error}");
        }
    }
}
