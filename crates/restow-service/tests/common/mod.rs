//! A service in a temporary folder, and computers that call it over HTTP.
#![allow(dead_code, missing_docs, unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::result_large_err)]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use restow::license::{KeyUse, Limits, Right, Rights, TrustedKeySet, verify_native};
use restow::service::protocol::{
    AcquireRequest, Answer, BASE, Call, Counter, Grant, GrantContext, GrantedKey, HolderProof, JoinProof,
    ListComputersAnswer, ListComputersRequest, Membership, Outcome, Problem, ProblemCode, RegisterAnswer,
    RegisterRequest, RequestedLicense, RestoreCertificate, RestoreKeyJoin, RestoreRequest, Terms, admin,
};
use restow::{KeyId, ManualClock};
use restow_core::hpke::HpkePrivateKey;
use restow_core::jws;
use restow_core::keys::{PublicKey, SecretKey, Seed};
use restow_core::protocol::signature::SignedRequest;
use restow_service::{InitOptions, Service, ServiceHandle, ServiceIdentity, Settings, initialize};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// 2026-01-15 12:00 UTC.
pub const START: i64 = 1_768_478_400;
pub const DAY: i64 = 86_400;

/// Returns a unique idempotency key. The sequence is the same in every run.
pub fn request_key() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("request-{:024}", NEXT.fetch_add(1, Ordering::SeqCst))
}

pub struct TestService {
    pub folder: tempfile::TempDir,
    pub clock: ManualClock,
    pub settings: Settings,
    pub identity: ServiceIdentity,
    pub api_key: String,
    running: Option<ServiceHandle>,
    pub address: SocketAddr,
}

impl TestService {
    pub fn new() -> Self {
        Self::with_settings(|_| {})
    }

    pub fn with_settings(set: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = InitOptions {
            name: "Shop <&> Söhne".into(),
            url: "http://127.0.0.1:8080".into(),
            privacy_url: None,
            contact: "help@shop.example".into(),
        };
        let identity = initialize(folder.path(), &options).unwrap();
        let mut settings = Settings { listen: "127.0.0.1:0".parse().ok(), ..Settings::load(folder.path()).unwrap() };
        set(&mut settings);
        let api_key = restow_service::api_key(folder.path()).unwrap().to_string();
        let mut service = Self {
            clock: ManualClock::at(START),
            settings,
            identity,
            api_key,
            running: None,
            address: "127.0.0.1:1".parse().unwrap(),
            folder,
        };
        service.start();
        service
    }

    pub fn start(&mut self) {
        let service = Service::open(self.folder.path(), self.settings.clone(), Arc::new(self.clock.clone())).unwrap();
        let running = service.serve().unwrap();
        self.address = running.local_addr();
        self.running = Some(running);
    }

    pub fn stop(&mut self) {
        self.running.take().unwrap().stop();
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("service.db")
    }

    pub fn issuer(&self) -> &str {
        &self.identity.issuer
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{BASE}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> Reply {
        Reply::from_response(agent().get(self.url(path)).call().unwrap())
    }

    pub fn key_set(&self) -> TrustedKeySet {
        TrustedKeySet::verify(&self.get("key-set").text, self.issuer()).unwrap()
    }

    pub fn admin_raw(&self, api_key: &str, request: &str, path: &str, body: &[u8]) -> Reply {
        let call = agent().post(self.url(path)).header("Authorization", format!("Bearer {api_key}"));
        Reply::from_response(call.header("Idempotency-Key", request).send(body).unwrap())
    }

    pub fn admin<A: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<A, Problem> {
        self.admin_as(&request_key(), path, body)
    }

    pub fn admin_as<A: DeserializeOwned>(
        &self,
        request: &str,
        path: &str,
        body: &impl Serialize,
    ) -> Result<A, Problem> {
        let reply = self.admin_raw(&self.api_key, request, path, &serde_json::to_vec(body).unwrap());
        if reply.status == 200 { Ok(serde_json::from_str(&reply.text).unwrap()) } else { Err(reply.problem()) }
    }

    /// Issues licenses with one key ID each. Returns the link code and the license IDs.
    pub fn issue(&self, count: u16, limit: Option<u32>) -> (String, Vec<String>) {
        let licenses = (0..count).map(|n| Terms { limit, ..terms(n) }).collect();
        let issued: admin::IssueAnswer = self.admin("admin/issue", &admin::IssueRequest::new(licenses)).unwrap();
        (self.code(&issued.link), issued.licenses)
    }

    pub fn code(&self, link: &str) -> String {
        let prefix = format!("http://127.0.0.1:8080{BASE}link/");
        let (code, root) = link.strip_prefix(&prefix).unwrap().split_once('#').unwrap();
        assert_eq!((code.len(), root), (22, self.issuer()));
        code.to_owned()
    }

    pub fn limit(&self, license: &str, limit: u32) {
        let _: admin::ChangeAnswer =
            self.admin("admin/limit", &admin::LimitRequest { license: license.to_owned(), limit }).unwrap();
    }

    pub fn list(&self, what: admin::ListSubject) -> admin::ListAnswer {
        self.admin("admin/list", &admin::ListRequest::new(what)).unwrap()
    }

    /// Registers the first computer of a new holder.
    pub fn register_holder(&self, number: u8) -> TestComputer {
        let computer = self.new_computer(number, number);
        computer.register(self, None).unwrap();
        computer
    }

    pub fn new_computer(&self, computer: u8, holder: u8) -> TestComputer {
        TestComputer::new(self, &format!("Computer {computer}"), [computer; 32], [holder; 32])
    }
}

pub fn terms(n: u16) -> Terms {
    let [high, low] = n.to_be_bytes();
    let mut id = [7; 16];
    id[14] = high;
    id[15] = low;
    Terms {
        key_ids: vec![KeyId::Uuid(id).to_string()],
        title: Some("A Song".into()),
        rights: Rights::from([
            (Right::PLAY, Limits { count: Some(10), ..Limits::default() }),
            (Right::BACKUP, Limits::default()),
        ]),
        priority: 0,
        not_before: None,
        expires: None,
        unreported: None,
        limit: None,
    }
}

pub fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into()
}

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: ureq::http::HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn from_response(response: ureq::http::Response<ureq::Body>) -> Self {
        Self::try_from_response(response).unwrap()
    }

    pub fn try_from_response(mut response: ureq::http::Response<ureq::Body>) -> Result<Self, ureq::Error> {
        Ok(Self {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            text: response.body_mut().with_config().limit(64 << 20).read_to_string()?,
        })
    }

    pub fn problem(&self) -> Problem {
        let problem: Problem = serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{self:?}"));
        assert_eq!(problem.status, self.status);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        assert!(!problem.help.is_empty());
        problem
    }
}

/// Computer of a holder.
#[derive(Clone)]
pub struct TestComputer {
    pub issuer: String,
    pub holder: String,
    pub name: String,
    pub signing: SecretKey,
    pub opening: Arc<HpkePrivateKey>,
    pub holder_key: SecretKey,
    pub agent: ureq::Agent,
}

impl TestComputer {
    pub fn new(service: &TestService, name: &str, computer: [u8; 32], holder: [u8; 32]) -> Self {
        let issuer = service.issuer().to_owned();
        let seed = Seed::from_bytes(computer);
        let holder_key = Seed::from_bytes(holder).signing_key("holder key", &[&issuer, "0"]);
        Self {
            holder: holder_key.public().thumbprint(),
            name: name.to_owned(),
            signing: seed.signing_key("computer signing key", &[&issuer, "0"]),
            opening: Arc::new(HpkePrivateKey::from_secret(&seed.derive("computer encryption key", &[&issuer, "0"]))),
            holder_key,
            issuer,
            agent: agent(),
        }
    }

    pub fn id(&self) -> String {
        self.signing.public().thumbprint()
    }

    pub fn send(&self, service: &TestService, request: &str, path: &str, body: &[u8]) -> Reply {
        self.send_at(service, &self.issuer, service.clock.current_time(), request, path, body)
    }

    pub fn send_at(
        &self,
        service: &TestService,
        issuer: &str,
        time: i64,
        request: &str,
        path: &str,
        body: &[u8],
    ) -> Reply {
        self.try_send_at(service, issuer, time, request, path, body).unwrap()
    }

    /// Sends a request to a service that may have ended.
    pub fn try_send_at(
        &self,
        service: &TestService,
        issuer: &str,
        time: i64,
        request: &str,
        path: &str,
        body: &[u8],
    ) -> Result<Reply, ureq::Error> {
        let full = format!("{BASE}{path}");
        let signed = SignedRequest { path: &full, idempotency_key: request, issuer, body }.sign(time, &self.signing);
        let call =
            self.agent.post(service.url(path)).header("Idempotency-Key", request).header("Restow-Issuer", issuer);
        let call = call.header("Content-Digest", signed.content_digest);
        let call = call.header("Signature-Input", signed.signature_input).header("Signature", signed.signature);
        Reply::try_from_response(call.send(body)?)
    }

    /// Sends a call and verifies that the answer belongs to this request and this computer.
    pub fn answer<T: Call>(
        &self,
        service: &TestService,
        request: &str,
        call: &T,
    ) -> Result<Answer<T::Answer>, Problem> {
        let reply = self.send(service, request, T::PATH, &serde_json::to_vec(call).unwrap());
        if reply.status != 200 {
            return Err(reply.problem());
        }
        assert_eq!(reply.headers["content-type"], "application/jose");
        let answer: Answer<T::Answer> = service
            .key_set()
            .verify_statement(&reply.text, KeyUse::Service, |answer: &Answer<T::Answer>| answer.time)
            .unwrap();
        assert_eq!(
            (answer.issuer.as_str(), answer.computer.as_str(), answer.request.as_str(), answer.path.as_str()),
            (service.issuer(), self.id().as_str(), request, T::PATH)
        );
        Ok(answer)
    }

    pub fn call<T: Call>(&self, service: &TestService, call: &T) -> Result<T::Answer, Problem> {
        Ok(self.answer(service, &request_key(), call)?.body)
    }

    pub fn proof(&self, request: &str) -> String {
        let proof = HolderProof { issuer: self.issuer.clone(), computer: self.id(), request: request.to_owned() };
        jws::sign(&proof, &self.holder_key).unwrap()
    }

    pub fn registration(&self, request: &str, holder: Option<&str>) -> RegisterRequest {
        RegisterRequest {
            holder: holder.map(str::to_owned),
            holder_key: self.holder_key.public(),
            computer_key: self.signing.public(),
            encryption_key: PublicKey::from_bytes(*self.opening.public().as_bytes()),
            name: self.name.clone(),
            holder_proof: self.proof(request),
            restore: None,
            link: None,
        }
    }

    pub fn register(&self, service: &TestService, holder: Option<&str>) -> Result<RegisterAnswer, Problem> {
        let request = request_key();
        Ok(self.answer(service, &request, &self.registration(&request, holder))?.body)
    }

    /// Returns a restore key of this computer and its certificate for an epoch.
    pub fn restore_key(&self, epoch: u64, seed: u8) -> (SecretKey, String) {
        let secret = Seed::from_bytes([seed; 32]).signing_key("restore key", &[&self.issuer, &self.holder]);
        let certificate = RestoreCertificate {
            issuer: self.issuer.clone(),
            holder: self.holder.clone(),
            computer: self.id(),
            epoch,
            restore_key: secret.public(),
            generation: 1,
            time: START,
        };
        (secret, jws::sign(&certificate, &self.signing).unwrap())
    }

    /// Joins another computer's holder by a restore key.
    pub fn join(
        &mut self,
        service: &TestService,
        other: &Self,
        restore: &(SecretKey, String),
    ) -> Result<RegisterAnswer, Problem> {
        self.holder = other.holder.clone();
        let request = request_key();
        let mut registration = self.registration(&request, Some(&other.holder));
        let proof = JoinProof {
            issuer: self.issuer.clone(),
            holder: other.holder.clone(),
            computer: self.id(),
            holder_key: self.holder_key.public(),
            request: request.clone(),
        };
        let proof = jws::sign(&proof, &restore.0).unwrap();
        registration.restore = Some(RestoreKeyJoin { certificate: restore.1.clone(), proof });
        Ok(self.answer(service, &request, &registration)?.body)
    }

    pub fn acquire_as(&self, service: &TestService, request: &str, code: &str) -> Result<Grant, Problem> {
        let call = AcquireRequest {
            holder: self.holder.clone(),
            code: Some(code.to_owned()),
            key_ids: vec![],
            run: request.to_owned(),
            key_set_version: 1,
        };
        Ok(self.answer(service, request, &call)?.body)
    }

    pub fn acquire(&self, service: &TestService, code: &str) -> Result<Grant, Problem> {
        self.acquire_as(service, &request_key(), code)
    }

    pub fn restore_call(&self, run: &str, licenses: &[impl AsRef<str>]) -> RestoreRequest {
        let asked = |id: &str| RequestedLicense { license: id.to_owned(), sha256: "0".repeat(64) };
        RestoreRequest {
            holder: self.holder.clone(),
            run: run.to_owned(),
            licenses: licenses.iter().map(|id| asked(id.as_ref())).collect(),
            counters: vec![],
            key_set_version: 1,
        }
    }

    pub fn restore(&self, service: &TestService, licenses: &[impl AsRef<str>]) -> Result<Grant, Problem> {
        self.call(service, &self.restore_call(&request_key(), licenses))
    }

    /// Restores one license in its own run and returns the outcome.
    pub fn outcome(&self, service: &TestService, license: &str) -> Outcome {
        self.restore(service, &[license]).unwrap().licenses[0].outcome
    }

    pub fn computers(&self, service: &TestService) -> ListComputersAnswer {
        self.call(service, &ListComputersRequest { holder: self.holder.clone() }).unwrap()
    }

    pub fn counter(&self, license: &str, count: u64) -> Counter {
        Counter::sign(&self.issuer, license, "Play", count, START, &self.signing)
    }

    /// Decrypts the keys of a grant.
    pub fn open(&self, request: &str, grant: &Grant) -> Vec<GrantedKey> {
        let context = GrantContext { issuer: &self.issuer, holder: &self.holder, computer: &self.id(), request };
        context.open(grant.keys.as_ref().unwrap(), &self.opening).unwrap()
    }

    pub fn call_about<T: Call>(
        &self,
        service: &TestService,
        request: &str,
        make: impl Fn(String, String) -> T,
        other: &Self,
    ) -> Result<T::Answer, Problem> {
        Ok(self.answer(service, request, &make(self.holder.clone(), other.id()))?.body)
    }
}

pub trait Now {
    fn current_time(&self) -> i64;
}
impl Now for ManualClock {
    fn current_time(&self) -> i64 {
        restow::Clock::now(self)
    }
}

pub fn problem_code<T: std::fmt::Debug>(result: Result<T, Problem>) -> ProblemCode {
    result.unwrap_err().code().unwrap()
}

/// Verifies a membership and returns true if the statement names a confirmed computer.
pub fn verify_membership(service: &TestService, computer: &TestComputer, document: &str) -> bool {
    let membership: Membership =
        service.key_set().verify_statement(document, KeyUse::Service, |m: &Membership| m.time).unwrap();
    assert_eq!(
        (membership.holder.as_str(), membership.computer, membership.computer_key, membership.holder_key),
        (computer.holder.as_str(), computer.id(), computer.signing.public(), computer.holder_key.public())
    );
    membership.confirmed
}

/// Verifies documents as native licenses of this service and holder, and returns their IDs.
pub fn verify_documents(service: &TestService, computer: &TestComputer, documents: &[String]) -> Vec<String> {
    let keys = service.key_set();
    let license = |document: &String| {
        let license = verify_native(document.as_bytes(), &keys).unwrap();
        assert_eq!(license.holder.as_deref(), Some(computer.holder.as_str()));
        license.identity.license_id
    };
    documents.iter().map(license).collect()
}
