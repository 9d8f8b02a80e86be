//! Calls of a computer (§5). The grant has its own module.

use serde::{Deserialize, Serialize};

use super::{Call, Counter, Grant, deserialize_limited};
use crate::keys::PublicKey;
use crate::time::UnixTime;

/// Registers a computer, and joins or creates a holder (§5.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterRequest {
    /// ID of the holder to join. `None` joins the holder of `holder_key`, or creates this holder.
    pub holder: Option<String>,
    /// Holder key of this home.
    pub holder_key: PublicKey,
    /// Signing key of the computer, which signs this request.
    pub computer_key: PublicKey,
    /// X25519 public key of the computer, for content keys.
    pub encryption_key: PublicKey,
    /// Name of the computer, 1 to 100 characters.
    pub name: String,
    /// Signed [`HolderProof`](super::HolderProof).
    pub holder_proof: String,
    /// Proof of a restore key; `None` for a new holder, or if this home has the holder key.
    pub restore: Option<RestoreKeyJoin>,
    /// Code of the link that this computer redeems next; `None` without a link. A link that cannot be redeemed
    /// creates no holder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}
call!(RegisterRequest, "register", RegisterAnswer);

impl std::fmt::Debug for RegisterRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Any holder of the code can acquire the licenses.
        let link = self.link.as_ref().map(|_| "…");
        f.debug_struct("RegisterRequest")
            .field("holder", &self.holder)
            .field("computer_key", &self.computer_key)
            .field("name", &self.name)
            .field("link", &link)
            .finish_non_exhaustive()
    }
}

/// Proof of a restore key from a backup, with which a new computer joins a holder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoreKeyJoin {
    /// Signed [`RestoreCertificate`](super::RestoreCertificate).
    pub certificate: String,
    /// Signed [`JoinProof`](super::JoinProof).
    pub proof: String,
}

/// Answer to [`RegisterRequest`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegisterAnswer {
    /// ID of the holder that the computer belongs to.
    pub holder: String,
    /// ID of the computer.
    pub computer: String,
    /// True if the computer is confirmed.
    pub confirmed: bool,
    /// Signed [`Membership`](super::Membership).
    pub membership: String,
}

/// Acquires licenses by a one-time link or by key IDs (§5.3).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcquireRequest {
    /// Holder ID.
    pub holder: String,
    /// Secret code of a one-time link; `None` if `key_ids` has entries.
    pub code: Option<String>,
    /// IDs of the content keys, at most [`MAX_LICENSES`](super::MAX_LICENSES); empty if `code` has a value.
    #[serde(default, deserialize_with = "deserialize_limited")]
    pub key_ids: Vec<String>,
    /// Idempotency key that all requests of one run share.
    pub run: String,
    /// Version of the key set that the computer has.
    pub key_set_version: u64,
}
call!(AcquireRequest, "acquire", Grant);

impl std::fmt::Debug for AcquireRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Any holder of the code can acquire the licenses.
        let code = self.code.as_ref().map(|_| "…");
        f.debug_struct("AcquireRequest").field("holder", &self.holder).field("code", &code).finish_non_exhaustive()
    }
}

/// Requests licenses and content keys for this computer (§5.4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoreRequest {
    /// Holder ID.
    pub holder: String,
    /// Idempotency key that all requests of one run share.
    pub run: String,
    /// Licenses to restore, at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(deserialize_with = "deserialize_limited")]
    pub licenses: Vec<RequestedLicense>,
    /// Counters of this and other computers, at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(deserialize_with = "deserialize_limited")]
    pub counters: Vec<Counter>,
    /// Version of the key set that the computer has.
    pub key_set_version: u64,
}
call!(RestoreRequest, "restore", Grant);

/// License that a restore requests.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequestedLicense {
    /// License ID.
    pub license: String,
    /// SHA-256 of the document, 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// Reports counters, and requests counters of licenses (§5.5).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportRequest {
    /// Holder ID.
    pub holder: String,
    /// Counters to report, at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(deserialize_with = "deserialize_limited")]
    pub counters: Vec<Counter>,
    /// IDs of further licenses for a request of their counters, at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(default, deserialize_with = "deserialize_limited")]
    pub licenses: Vec<String>,
}
call!(ReportRequest, "counters", ReportAnswer);

/// Answer to [`ReportRequest`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportAnswer {
    /// All known counters of the licenses in the request.
    pub counters: Vec<Counter>,
    /// Signed [`Revocations`](super::Revocations).
    #[serde(default)]
    pub revocations: Vec<String>,
}

/// Lists the computers of a holder (§5.6).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListComputersRequest {
    /// Holder ID.
    pub holder: String,
}
call!(ListComputersRequest, "computers", ListComputersAnswer);

/// Answer to [`ListComputersRequest`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListComputersAnswer {
    /// Computers that are not released.
    pub computers: Vec<ComputerInfo>,
    /// Signed current [`Membership`](super::Membership) of the calling computer.
    pub membership: String,
}

/// Computer of a holder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComputerInfo {
    /// ID of the computer.
    pub computer: String,
    /// Name of the computer.
    pub name: String,
    /// True if the computer is confirmed.
    pub confirmed: bool,
    /// Time when the computer becomes confirmed without an action; `None` if the computer is confirmed.
    pub confirms_at: Option<UnixTime>,
    /// Time of registration.
    pub registered: UnixTime,
    /// Time of the last call.
    pub last_seen: UnixTime,
    /// True for the calling computer.
    pub this: bool,
    /// ID of the computer that certified the restore key of this computer; `None` without a restore key.
    pub joined_by: Option<String>,
    /// Time of a waiting release; `None` if no release is waiting.
    pub release_at: Option<UnixTime>,
    /// Number of licenses that the computer holds.
    pub licenses: u64,
}

macro_rules! computer_calls {
    ($($(#[$doc:meta])* $name:ident, $path:literal, $answer:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        pub struct $name {
            /// Holder ID.
            pub holder: String,
            /// ID of the computer that the call is about.
            pub computer: String,
        }
        call!($name, $path, $answer);
    )*};
}

computer_calls! {
    /// Releases a computer from its holder (§5.7).
    ReleaseRequest, "computers/release", ReleaseAnswer;
    /// Confirms a computer (§5.7).
    ConfirmRequest, "computers/confirm", EmptyAnswer;
    /// Refuses an unconfirmed computer or a waiting release (§5.7).
    RefuseRequest, "computers/refuse", EmptyAnswer;
    /// Withdraws all restore keys that a computer has certified so far (§5.7).
    WithdrawRequest, "restore-keys/withdraw", WithdrawAnswer;
}

/// Answer to [`ReleaseRequest`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReleaseAnswer {
    /// True if the computer is released, false if the release waits.
    pub released: bool,
    /// Time of the release, in the future if the release waits.
    pub at: UnixTime,
}

/// Answer without members.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct EmptyAnswer {}

/// Answer to [`WithdrawRequest`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WithdrawAnswer {
    /// New epoch of the restore keys.
    pub epoch: u64,
}
