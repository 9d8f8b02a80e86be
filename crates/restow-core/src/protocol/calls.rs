//! The calls of a computer, but for the grant (§5).

use serde::{Deserialize, Serialize};

use super::{Call, Counter, Grant, limited};
use crate::keys::PublicKey;
use crate::time::UnixTime;

/// §5.2
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegisterRequest {
    /// The holder to join, or `None` for the one of `holder_key`.
    pub holder: Option<String>,
    /// This home's holder key.
    pub holder_key: PublicKey,
    /// The computer's signing key, which signs the request.
    pub computer_key: PublicKey,
    /// The computer's X25519 key.
    pub encryption_key: PublicKey,
    /// The name its owner chose, 1 to 100 characters.
    pub name: String,
    /// JWS [`HolderProof`](super::HolderProof).
    pub holder_proof: String,
    /// For joining by a restore key.
    pub restore: Option<RestoreKeyJoin>,
}
call!(RegisterRequest, "register", RegisterAnswer);

/// What a set gives a new computer for joining.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoreKeyJoin {
    /// JWS [`RestoreCertificate`](super::RestoreCertificate).
    pub certificate: String,
    /// JWS [`JoinProof`](super::JoinProof).
    pub proof: String,
}

/// Answer to [`RegisterRequest`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RegisterAnswer {
    /// The holder it belongs to.
    pub holder: String,
    /// Its ID.
    pub computer: String,
    /// Whether it is confirmed.
    pub confirmed: bool,
    /// JWS [`Membership`](super::Membership).
    pub membership: String,
}

/// §5.3
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcquireRequest {
    /// The holder.
    pub holder: String,
    /// The code of a one-time link, or
    pub code: Option<String>,
    /// key IDs, at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(default, deserialize_with = "limited")]
    pub key_ids: Vec<String>,
    /// An idempotency key shared by all requests of one run.
    pub run: String,
    /// The version of the key set the computer has.
    pub key_set_version: u64,
}
call!(AcquireRequest, "acquire", Grant);

impl std::fmt::Debug for AcquireRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Who has the code has the licenses.
        let code = self.code.as_ref().map(|_| "…");
        f.debug_struct("AcquireRequest").field("holder", &self.holder).field("code", &code).finish_non_exhaustive()
    }
}

/// §5.4
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoreRequest {
    /// The holder.
    pub holder: String,
    /// An idempotency key shared by all requests of one run.
    pub run: String,
    /// At most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(deserialize_with = "limited")]
    pub licenses: Vec<RequestedLicense>,
    /// What was used, also by other computers, at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(deserialize_with = "limited")]
    pub counters: Vec<Counter>,
    /// The version of the key set the computer has.
    pub key_set_version: u64,
}
call!(RestoreRequest, "restore", Grant);

/// One license asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RequestedLicense {
    /// Its ID.
    pub license: String,
    /// SHA-256 of the document, 64 lower-case hex digits.
    pub sha256: String,
}

/// §5.5
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportRequest {
    /// The holder.
    pub holder: String,
    /// What was used, at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(deserialize_with = "limited")]
    pub counters: Vec<Counter>,
    /// Licenses whose counters are wanted, besides those of `counters`; at most [`MAX_LICENSES`](super::MAX_LICENSES).
    #[serde(default, deserialize_with = "limited")]
    pub licenses: Vec<String>,
}
call!(ReportRequest, "counters", ReportAnswer);

/// Answer to [`ReportRequest`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReportAnswer {
    /// All counters known of the licenses named.
    pub counters: Vec<Counter>,
    /// JWS [`Revocations`](super::Revocations), each.
    #[serde(default)]
    pub revocations: Vec<String>,
}

/// §5.6
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListComputersRequest {
    /// The holder.
    pub holder: String,
}
call!(ListComputersRequest, "computers", ListComputersAnswer);

/// Answer to [`ListComputersRequest`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListComputersAnswer {
    /// Those that are not released.
    pub computers: Vec<ComputerInfo>,
    /// JWS [`Membership`](super::Membership) of the asking computer, as of now.
    pub membership: String,
}

/// One computer of a holder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComputerInfo {
    /// Its ID.
    pub computer: String,
    /// The name its owner chose.
    pub name: String,
    /// Whether it is confirmed.
    pub confirmed: bool,
    /// When it becomes confirmed by time.
    pub confirms_at: Option<UnixTime>,
    /// When it registered.
    pub registered: UnixTime,
    /// When it last called.
    pub last_seen: UnixTime,
    /// Whether it is the one that asks.
    pub this: bool,
    /// The computer whose restore key let it join.
    pub joined_by: Option<String>,
    /// When a waiting release happens.
    pub release_at: Option<UnixTime>,
    /// How many licenses it holds.
    pub licenses: u64,
}

macro_rules! about_a_computer {
    ($($(#[$doc:meta])* $name:ident, $path:literal, $answer:ty;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
        pub struct $name {
            /// The holder.
            pub holder: String,
            /// The computer it is about.
            pub computer: String,
        }
        call!($name, $path, $answer);
    )*};
}

about_a_computer! {
    /// Releases a computer (§5.7).
    ReleaseRequest, "computers/release", ReleaseAnswer;
    /// Confirms one.
    ConfirmRequest, "computers/confirm", EmptyAnswer;
    /// Refuses an unconfirmed one, or a waiting release.
    RefuseRequest, "computers/refuse", EmptyAnswer;
    /// Withdraws the restore keys it certified so far.
    WithdrawRequest, "restore-keys/withdraw", WithdrawAnswer;
}

/// Answer to [`ReleaseRequest`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReleaseAnswer {
    /// Whether it happened; else it waits.
    pub released: bool,
    /// When it happened or happens.
    pub at: UnixTime,
}

/// Answer without content.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct EmptyAnswer {}

/// Answer to [`WithdrawRequest`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WithdrawAnswer {
    /// The epoch from now on.
    pub epoch: u64,
}
