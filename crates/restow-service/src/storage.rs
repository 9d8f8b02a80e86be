//! Requests to the storage and their results.
//!
//! Each operation of the storage is one transaction. It locks the holder's row and applies the timed events of the holder's
//! computers (§5.7). Then it checks the caller and the idempotency key, and executes the request. No rule relies on
//! process memory. All keys start with the holder. Licenses are processed in the order of their IDs.

use std::collections::BTreeMap;
use std::pin::Pin;

use restow_core::keys::PublicKey;
use restow_core::protocol::{Counter, Notice, Outcome, ProblemCode, Revocation, Terms};
use restow_core::{UnixTime, rfc3339};
use serde::{Deserialize, Serialize};

use crate::error::Refusal;
use crate::settings::Settings;
use crate::token::TokenSecret;

/// Future result of a storage operation.
pub(crate) type StorageFuture<T> = Pin<Box<dyn Future<Output = Result<T, Refusal>> + Send>>;

/// Settings and secret that operations need.
#[derive(Clone)]
pub(crate) struct Policy {
    pub(crate) settings: Settings,
    pub(crate) secret: TokenSecret,
}

/// Verified caller and its request.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) holder: String,
    pub(crate) computer: String,
    /// The idempotency key.
    pub(crate) request: String,
    /// SHA-256 of path and body.
    pub(crate) digest: [u8; 32],
    pub(crate) now: UnixTime,
}

/// Standing of a computer that needs a place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Standing {
    /// Computer of a holder that has licenses.
    Customer { holder: String },
    /// Computer of holders without licenses. Anyone can register such a computer.
    Registered,
}

/// State of the computer that receives the answer.
#[derive(Clone, Debug)]
pub(crate) struct ComputerState {
    pub(crate) computer_key: PublicKey,
    pub(crate) holder_key: PublicKey,
    pub(crate) encryption_key: PublicKey,
    pub(crate) confirmed: bool,
    pub(crate) epoch: u64,
    pub(crate) notices: Vec<Notice>,
}

/// Registration of a computer. All proofs are verified, except those that need storage.
#[derive(Clone, Debug)]
pub(crate) struct Registration {
    pub(crate) computer_key: PublicKey,
    pub(crate) holder_key: PublicKey,
    pub(crate) encryption_key: PublicKey,
    pub(crate) name: String,
    /// True if the body names no holder, so that the request may create one.
    pub(crate) may_create_holder: bool,
    pub(crate) join: Option<JoinCertificate>,
    /// SHA-256 of the code of the link that the computer redeems next.
    pub(crate) link: Option<[u8; 32]>,
}

/// Verified restore key certificate.
#[derive(Clone, Debug)]
pub(crate) struct JoinCertificate {
    /// Computer that certified the restore key.
    pub(crate) computer: String,
    pub(crate) epoch: u64,
}

/// Request to place licenses on the caller.
#[derive(Debug)]
pub(crate) struct PlacementRequest {
    pub(crate) target: PlacementTarget,
    pub(crate) run: String,
    pub(crate) counters: Vec<VerifiedCounter>,
}

/// Licenses to place.
#[derive(Debug)]
pub(crate) enum PlacementTarget {
    /// License IDs, with the digests of the caller's documents.
    Licenses(BTreeMap<String, [u8; 32]>),
    /// Licenses for these key IDs in binary form. For confirmed computers only.
    Keys(Vec<Vec<u8>>),
    /// Licenses of an offer. The documents redeem it, unless the holder already did. For confirmed computers only.
    Offer { code: [u8; 32], documents: Vec<NewDocument> },
}

/// License document issued to a holder.
#[derive(Clone, Debug)]
pub(crate) struct NewDocument {
    pub(crate) license: String,
    pub(crate) document: String,
    pub(crate) sha256: [u8; 32],
    pub(crate) seed: u32,
    /// Key IDs in binary form.
    pub(crate) key_ids: Vec<Vec<u8>>,
    pub(crate) expires: Option<UnixTime>,
    /// Rights with counted uses.
    pub(crate) counted: Vec<String>,
}

/// Counter with a verified signature.
#[derive(Clone, Debug)]
pub(crate) struct VerifiedCounter {
    pub(crate) computer: String,
    pub(crate) counter: Counter,
}

/// Result of a [`PlacementRequest`].
#[derive(Debug, Default)]
pub(crate) struct PlacementResult {
    /// Sorted by license ID.
    pub(crate) licenses: Vec<LicenseResult>,
    /// Page token for the first license at its limit.
    pub(crate) page: Option<String>,
    pub(crate) revoked: Vec<Revocation>,
}

/// Result for one license.
#[derive(Debug)]
pub(crate) struct LicenseResult {
    pub(crate) license: String,
    /// Digest of the issued document. `None` if no document was issued to this holder.
    pub(crate) sha256: Option<[u8; 32]>,
    pub(crate) outcome: Outcome,
    /// Issued document, if the caller's document differs.
    pub(crate) document: Option<String>,
    pub(crate) seed: u32,
    pub(crate) key_ids: Vec<Vec<u8>>,
    pub(crate) counters: Vec<Counter>,
}

/// Counters and revocations of licenses.
#[derive(Debug)]
pub(crate) struct UsageState {
    pub(crate) counters: Vec<Counter>,
    pub(crate) revoked: Vec<Revocation>,
}

/// Stored offer.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) link: OfferLink,
    /// License IDs and terms.
    pub(crate) licenses: Vec<(String, Terms)>,
}

/// Link of a stored offer.
#[derive(Clone, Debug)]
pub(crate) struct OfferLink {
    pub(crate) offer: String,
    pub(crate) bound_to: Option<String>,
    pub(crate) redeemed_by: Option<String>,
    pub(crate) expires: Option<UnixTime>,
    pub(crate) withdrawn: Option<UnixTime>,
}

/// State of a link at one time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LinkState {
    Open { expires: Option<UnixTime> },
    Redeemed,
    Expired { at: UnixTime },
    Withdrawn { at: UnixTime },
}

impl OfferLink {
    pub(crate) fn state(&self, now: UnixTime) -> LinkState {
        match (self.withdrawn, self.expires) {
            _ if self.redeemed_by.is_some() => LinkState::Redeemed,
            (Some(at), _) => LinkState::Withdrawn { at },
            (None, Some(at)) if at <= now => LinkState::Expired { at },
            (None, expires) => LinkState::Open { expires },
        }
    }

    /// Refuses a holder that cannot redeem the link. Returns true if the holder has redeemed it before.
    pub(crate) fn check(&self, holder: &str, now: UnixTime) -> Result<bool, Refusal> {
        if self.bound_to.as_ref().is_some_and(|bound| bound != holder) {
            return Err(Refusal::unknown_link());
        }
        match self.state(now) {
            LinkState::Open { .. } => Ok(false),
            LinkState::Redeemed if self.redeemed_by.as_deref() == Some(holder) => Ok(true),
            LinkState::Redeemed => Err(Refusal::new(ProblemCode::LinkUsed, "Another holder redeemed this link.")),
            LinkState::Expired { at } => {
                Err(Refusal::new(ProblemCode::LinkExpired, format!("This link expired on {}.", rfc3339(at))))
            }
            LinkState::Withdrawn { at } => {
                Err(Refusal::new(ProblemCode::LinkWithdrawn, format!("This link was withdrawn on {}.", rfc3339(at))))
            }
        }
    }
}

/// New offer.
#[derive(Debug)]
pub(crate) struct NewOffer {
    pub(crate) offer: String,
    /// SHA-256 of the link code.
    pub(crate) code: [u8; 32],
    pub(crate) bound_to: Option<String>,
    /// Customer or order number.
    pub(crate) reference: Option<String>,
    /// Note of the operator.
    pub(crate) note: Option<String>,
    pub(crate) expires: UnixTime,
    pub(crate) licenses: Vec<(String, Terms)>,
}

/// Issued offer. Its link is derived and never stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IssuedOffer {
    pub(crate) offer: String,
    /// End of the link. Answers that earlier versions recorded have none.
    #[serde(default)]
    pub(crate) expires: UnixTime,
    pub(crate) licenses: Vec<String>,
}

/// Refused call for the audit log.
#[derive(Clone, Debug)]
pub(crate) struct RefusedCall {
    pub(crate) reason: &'static str,
    pub(crate) holder: Option<String>,
    pub(crate) computer: Option<String>,
    /// First license that was refused.
    pub(crate) license: Option<String>,
    /// Number of refusals.
    pub(crate) times: u32,
}

/// Operator's request.
#[derive(Clone, Debug)]
pub(crate) struct OperatorCall {
    pub(crate) request: String,
    pub(crate) digest: [u8; 32],
    pub(crate) now: UnixTime,
}

/// Content of the page about a limit.
#[derive(Debug)]
pub(crate) struct LimitPage {
    pub(crate) title: Option<String>,
    pub(crate) limit: u32,
    pub(crate) cause: LimitCause,
    /// Computers that hold the license.
    pub(crate) computers: Vec<PageComputer>,
    /// Names of the computers of the holder that can make room, or confirm the caller, at once.
    pub(crate) helpers: Vec<String>,
    /// ID of the computer that was refused.
    pub(crate) caller: Option<String>,
    /// Number to quote to the operator.
    pub(crate) number: String,
}

/// Cause of the outcome `limit`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LimitCause {
    /// The license has no free slot.
    NoSlot,
    /// The caller is not confirmed, and this year's licenses for unconfirmed computers are used up.
    Unconfirmed,
    /// The license has a free slot now.
    Room,
}

/// Computer that holds the license.
#[derive(Debug)]
pub(crate) struct PageComputer {
    pub(crate) computer: String,
    pub(crate) name: String,
    pub(crate) last_seen: UnixTime,
    pub(crate) confirmed: bool,
    /// True for the computer that was refused another license.
    pub(crate) is_caller: bool,
}
