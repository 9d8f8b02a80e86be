//! What the service remembers, behind one narrow interface. SQLite is its first implementation.
//!
//! Each operation is one transaction that first takes the holder's row, applies what time did to the holder's computers
//! (§5.7), checks the caller and its idempotency key, and only then does what was asked. No rule relies on the memory of
//! the process, all keys begin with the holder, and licenses are touched in the order of their IDs.

use std::collections::BTreeMap;
use std::pin::Pin;

use restow_core::UnixTime;
use restow_core::keys::PublicKey;
use restow_core::protocol::{ComputerInfo, Counter, Notice, Outcome, Released, Revoked, Terms, Withdrawn, admin};
use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::settings::Settings;
use crate::token::TokenSecret;

/// The answer of an operation, when it is there.
pub(crate) type StorageFuture<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send>>;

/// What the operations need to know besides the request.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) settings: Settings,
    pub(crate) secret: TokenSecret,
}

/// Who calls, with which request: verified.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) holder: String,
    pub(crate) computer: String,
    /// The idempotency key.
    pub(crate) request: String,
    /// SHA-256 over path and body.
    pub(crate) digest: [u8; 32],
    pub(crate) now: UnixTime,
}

/// What every answer needs to know about the computer it goes to.
#[derive(Clone, Debug)]
pub(crate) struct ComputerState {
    pub(crate) computer_key: PublicKey,
    pub(crate) holder_key: PublicKey,
    pub(crate) encryption_key: PublicKey,
    pub(crate) confirmed: bool,
    pub(crate) epoch: u64,
    pub(crate) notices: Vec<Notice>,
}

/// A computer as it registers: its proofs are verified, except what only storage knows.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) computer_key: PublicKey,
    pub(crate) holder_key: PublicKey,
    pub(crate) encryption_key: PublicKey,
    pub(crate) name: String,
    /// The body named no holder: one may begin.
    pub(crate) may_create_holder: bool,
    pub(crate) join: Option<JoinCertificate>,
}

/// A verified restore key certificate.
#[derive(Clone, Debug)]
pub(crate) struct JoinCertificate {
    /// Who certified.
    pub(crate) computer: String,
    pub(crate) epoch: u64,
}

/// Licenses to place on the caller.
#[derive(Debug)]
pub(crate) struct PlacementRequest {
    pub(crate) target: PlacementTarget,
    pub(crate) run: String,
    pub(crate) counters: Vec<VerifiedCounter>,
}

/// Which licenses.
#[derive(Debug)]
pub(crate) enum PlacementTarget {
    /// These, of which the caller has documents with these digests.
    Licenses(BTreeMap<String, [u8; 32]>),
    /// Those for these key IDs (binary form). Only for confirmed computers.
    Keys(Vec<Vec<u8>>),
    /// Those of an offer, which is redeemed with these documents unless it was before. Only for confirmed computers.
    Offer { code: [u8; 32], documents: Vec<NewDocument> },
}

/// A license as it is issued to a holder.
#[derive(Clone, Debug)]
pub(crate) struct NewDocument {
    pub(crate) license: String,
    pub(crate) document: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) seed: u32,
    /// Binary form.
    pub(crate) key_ids: Vec<Vec<u8>>,
    pub(crate) expires: Option<UnixTime>,
    /// The rights whose uses count.
    pub(crate) counted: Vec<String>,
}

/// A counter whose signature was verified.
#[derive(Clone, Debug)]
pub(crate) struct VerifiedCounter {
    pub(crate) computer: String,
    pub(crate) counter: Counter,
}

/// What became of an [`Order`].
#[derive(Debug, Default)]
pub(crate) struct PlacementResult {
    /// In the order of license IDs.
    pub(crate) licenses: Vec<LicenseResult>,
    /// The token of the page about the first license at its limit.
    pub(crate) page: Option<String>,
    pub(crate) revoked: Vec<Revoked>,
}

/// What became of one license.
#[derive(Debug)]
pub(crate) struct LicenseResult {
    pub(crate) license: String,
    /// Of the document issued; none if none was issued to this holder.
    pub(crate) sha256: Option<[u8; 32]>,
    pub(crate) outcome: Outcome,
    /// The document, when the caller has another.
    pub(crate) document: Option<String>,
    pub(crate) seed: u32,
    pub(crate) key_ids: Vec<Vec<u8>>,
    pub(crate) counters: Vec<Counter>,
}

/// What is known of the use of licenses.
#[derive(Debug)]
pub(crate) struct UsageState {
    pub(crate) counters: Vec<Counter>,
    pub(crate) revoked: Vec<Revoked>,
}

/// An offer as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) bound_to: Option<String>,
    pub(crate) redeemed_by: Option<String>,
    /// IDs and terms.
    pub(crate) licenses: Vec<(String, Terms)>,
}

/// An offer to be made.
#[derive(Debug)]
pub(crate) struct NewOffer {
    pub(crate) offer: String,
    /// SHA-256 of the link's code.
    pub(crate) code: [u8; 32],
    pub(crate) bound_to: Option<String>,
    pub(crate) licenses: Vec<(String, Terms)>,
}

/// An offer that was made; the link is derived, never stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IssuedOffer {
    pub(crate) offer: String,
    pub(crate) licenses: Vec<String>,
}

/// An operator's request.
#[derive(Clone, Debug)]
pub(crate) struct OperatorCall {
    pub(crate) request: String,
    pub(crate) digest: [u8; 32],
    pub(crate) now: UnixTime,
}

/// What a page about a limit shows.
#[derive(Debug)]
pub(crate) struct LimitPage {
    pub(crate) title: Option<String>,
    pub(crate) limit: u32,
    pub(crate) computers: Vec<PageComputer>,
}

/// A computer that holds the license.
#[derive(Debug)]
pub(crate) struct PageComputer {
    pub(crate) computer: String,
    pub(crate) name: String,
    pub(crate) last_seen: UnixTime,
}

/// The operations. `(Standing, …)` is the state after them.
pub(crate) trait Storage: Send + Sync {
    /// The signing key of a computer under a holder, released ones too.
    fn computer_key(&self, holder: &str, computer: &str) -> StorageFuture<Option<PublicKey>>;
    /// The offer behind a link.
    fn offer(&self, code: [u8; 32]) -> StorageFuture<Option<Offer>>;
    /// Refuses what the writer would refuse too, before there is much work: who may not acquire by now.
    fn check_acquire(&self, caller: &Caller) -> StorageFuture<()>;
    /// The page of a token.
    fn limit_page(&self, token: &str, now: UnixTime) -> StorageFuture<Option<LimitPage>>;
    /// Whether reading and writing work.
    fn health(&self) -> StorageFuture<()>;

    /// §5.2
    fn register(&self, caller: Caller, registration: Registration) -> StorageFuture<ComputerState>;
    /// §§5.3, 5.4
    fn place(&self, caller: Caller, placement: PlacementRequest) -> StorageFuture<(ComputerState, PlacementResult)>;
    /// §5.5; `licenses` are those named besides.
    fn report(
        &self,
        caller: Caller,
        counters: Vec<VerifiedCounter>,
        licenses: Vec<String>,
    ) -> StorageFuture<(ComputerState, UsageState)>;
    /// §5.6
    fn computers(&self, caller: Caller) -> StorageFuture<(ComputerState, Vec<ComputerInfo>)>;
    /// §5.7
    fn release(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, Released)>;
    /// §5.7
    fn confirm(&self, caller: Caller, computer: String) -> StorageFuture<ComputerState>;
    /// §5.7
    fn refuse(&self, caller: Caller, computer: String) -> StorageFuture<ComputerState>;
    /// §5.7
    fn withdraw(&self, caller: Caller, computer: String) -> StorageFuture<(ComputerState, Withdrawn)>;

    /// §6
    fn issue(&self, operator: OperatorCall, offer: NewOffer) -> StorageFuture<IssuedOffer>;
    /// §6
    fn revoke(&self, operator: OperatorCall, revoke: admin::Revoke) -> StorageFuture<admin::Changed>;
    /// §6
    fn operator_release(&self, operator: OperatorCall, release: admin::Release) -> StorageFuture<admin::Changed>;
    /// §6
    fn operator_confirm(&self, operator: OperatorCall, target: admin::OneComputer) -> StorageFuture<admin::Changed>;
    /// §6
    fn operator_withdraw(&self, operator: OperatorCall, target: admin::OneComputer) -> StorageFuture<admin::Changed>;
    /// §6
    fn limit(&self, operator: OperatorCall, limit: admin::Limit) -> StorageFuture<admin::Changed>;
    /// §6
    fn list(&self, list: admin::List) -> StorageFuture<admin::Listed>;
}
