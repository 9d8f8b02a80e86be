//! Messages, defined once for client and server (docs/service-protocol.md).

use std::collections::BTreeMap;

use restow_media::KeyId;
use serde::{Deserialize, Serialize};

use crate::clock::UnixTime;
use crate::jws::Statement;
use crate::keys::PublicKey;
use crate::license::{Kind, Rights};

/// What all paths begin with.
pub const BASE: &str = "/restow/v1/";
/// How far a request's time may be from the service's, in seconds.
pub const CLOCK_TOLERANCE: i64 = 300;
/// The most licenses, or counters, in one request.
pub const MAX_LICENSES: usize = 10_000;
/// The largest request or answer in bytes.
pub const MAX_BODY: usize = 16 << 20;

/// A call of a computer: its path, what is sent, what comes back in the answer's body.
pub trait Call: Serialize + serde::de::DeserializeOwned {
    /// The path below [`BASE`].
    const PATH: &'static str;
    /// The answer's body.
    type Answer: Serialize + serde::de::DeserializeOwned;
}

macro_rules! call {
    ($request:ty, $path:literal, $answer:ty) => {
        impl Call for $request {
            const PATH: &'static str = $path;
            type Answer = $answer;
        }
    };
}

/// A service-signed answer: worth something only to one computer, for one request (§3).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Answer<T> {
    /// Who answers.
    pub issuer: String,
    /// Whom.
    pub computer: String,
    /// The idempotency key of the request.
    pub request: String,
    /// The path of the request, below [`BASE`].
    pub path: String,
    /// The service's time.
    pub time: UnixTime,
    /// What the computer should show its user.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// The epoch of this computer's restore keys.
    #[serde(default)]
    pub restore_epoch: u64,
    /// What was asked for.
    pub body: T,
}

impl<T: Serialize + serde::de::DeserializeOwned> Statement for Answer<T> {
    const TYP: &'static str = "restow-answer+jws";
}

/// Something another computer of the holder did (§5.8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// What happened.
    pub code: NoticeCode,
    /// Which computer it is about.
    pub computer: String,
    /// The name its owner chose.
    pub name: String,
    /// When.
    pub at: UnixTime,
}

/// What a [`Notice`] is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NoticeCode {
    /// Someone restored with a restore key and is not confirmed.
    UnconfirmedComputer,
    /// Someone asked for a computer's release, which can be refused.
    ReleaseRequested,
    /// A computer was released.
    ComputerReleased,
    /// Restore keys were withdrawn.
    RestoreKeyWithdrawn,
}

/// A counter statement, signed by its computer (backup-format.md §3.1 type 2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Counter {
    /// The license.
    pub license: String,
    /// The right used.
    pub right: String,
    /// The key of the computer that used it.
    pub computer_key: PublicKey,
    /// Uses so far.
    pub count: u64,
    /// When it was first used.
    pub first_use: UnixTime,
    /// The computer's signature, base64url.
    pub signature: Signature,
}

/// 64 bytes, base64url in JSON.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature(pub [u8; 64]);

impl Serialize for Signature {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&crate::encoding::b64(&self.0))
    }
}

impl<'de> Deserialize<'de> for Signature {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        crate::encoding::from_b64_array(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not a signature in base64url"))
    }
}

impl Counter {
    /// The largest count: integers of JSON are exact up to here.
    pub const MAX_COUNT: u64 = (1 << 53) - 1;

    /// Signs what the computer has used.
    #[must_use]
    pub fn sign(
        issuer: &str,
        license: &str,
        right: &str,
        count: u64,
        first_use: UnixTime,
        key: &crate::keys::SecretKey,
    ) -> Self {
        let mut counter = Self {
            license: license.to_owned(),
            right: right.to_owned(),
            computer_key: key.public(),
            count,
            first_use,
            signature: Signature([0; 64]),
        };
        counter.signature = Signature(key.sign(&counter.signed_bytes(issuer)));
        counter
    }

    /// True when its computer signed it for this issuer.
    #[must_use]
    pub fn verifies(&self, issuer: &str) -> bool {
        (1..=Self::MAX_COUNT).contains(&self.count)
            && self.computer_key.verifies(&self.signed_bytes(issuer), &self.signature.0)
    }

    /// The fields of a type 2 record before the signature, as they stand in a backup.
    #[must_use]
    pub fn record_fields(&self, issuer: &str) -> Vec<u8> {
        let mut out = vec![Kind::Restow.number()];
        for text in [issuer, &self.license, &self.right] {
            // Longer text never verifies anywhere: names are limited to 255 bytes.
            let len = u16::try_from(text.len()).unwrap_or(u16::MAX);
            out.extend_from_slice(&len.to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(self.computer_key.as_bytes());
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&self.first_use.to_le_bytes());
        out
    }

    fn signed_bytes(&self, issuer: &str) -> Vec<u8> {
        let mut out = b"restow counter v1\0".to_vec();
        out.extend_from_slice(&self.record_fields(issuer));
        out
    }

    /// True when this statement takes the place of `other` about the same use: more, or as much and earlier.
    #[must_use]
    pub const fn supersedes(&self, other: &Self) -> bool {
        self.count > other.count || (self.count == other.count && self.first_use < other.first_use)
    }
}

/// A service says that a computer and a holder key belong to a holder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "service-protocol.md §2 has each field")]
pub struct Membership {
    pub issuer: String,
    pub holder: String,
    pub holder_key: PublicKey,
    pub computer: String,
    pub computer_key: PublicKey,
    pub confirmed: bool,
    pub time: UnixTime,
}
impl Statement for Membership {
    const TYP: &'static str = "restow-membership+jws";
}

/// A service says which of a holder's licenses are revoked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "service-protocol.md §2 has each field")]
pub struct Revocations {
    pub issuer: String,
    pub holder: String,
    pub time: UnixTime,
    pub revoked: Vec<Revoked>,
}
impl Statement for Revocations {
    const TYP: &'static str = "restow-revocations+jws";
}

/// One revoked license.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revoked {
    /// The license ID.
    pub license: String,
    /// Why, at most 200 characters, for the user.
    pub reason: String,
    /// Since when.
    pub at: UnixTime,
}

/// A holder key certifies a set key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "service-protocol.md §2 has each field")]
pub struct SetCertificate {
    pub issuer: String,
    pub holder: String,
    pub set_key: PublicKey,
    pub time: UnixTime,
}
impl Statement for SetCertificate {
    const TYP: &'static str = "restow-set+jws";
}

/// A computer certifies a restore key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "service-protocol.md §2 has each field")]
pub struct RestoreCertificate {
    pub issuer: String,
    pub holder: String,
    pub computer: String,
    pub epoch: u64,
    pub restore_key: PublicKey,
    pub generation: u64,
    pub time: UnixTime,
}
impl Statement for RestoreCertificate {
    const TYP: &'static str = "restow-restore-key+jws";
}

/// A restore key lets a new computer join.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "service-protocol.md §2 has each field")]
pub struct JoinProof {
    pub issuer: String,
    pub holder: String,
    pub computer: String,
    pub holder_key: PublicKey,
    pub request: String,
}
impl Statement for JoinProof {
    const TYP: &'static str = "restow-join+jws";
}

/// A holder key shows that it is there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[expect(missing_docs, reason = "service-protocol.md §2 has each field")]
pub struct HolderProof {
    pub issuer: String,
    pub computer: String,
    pub request: String,
}
impl Statement for HolderProof {
    const TYP: &'static str = "restow-holder+jws";
}

/// §5.2
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Register {
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
    /// JWS [`HolderProof`].
    pub holder_proof: String,
    /// For joining by a restore key.
    pub restore: Option<JoinByRestoreKey>,
}
call!(Register, "register", Registered);

/// What a set gives a new computer for joining.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JoinByRestoreKey {
    /// JWS [`RestoreCertificate`].
    pub certificate: String,
    /// JWS [`JoinProof`].
    pub proof: String,
}

/// Answer to [`Register`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Registered {
    /// The holder it belongs to.
    pub holder: String,
    /// Its ID.
    pub computer: String,
    /// Whether it is confirmed.
    pub confirmed: bool,
    /// JWS [`Membership`].
    pub membership: String,
}

/// §5.3
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acquire {
    /// The holder.
    pub holder: String,
    /// The code of a one-time link, or
    pub code: Option<String>,
    /// key IDs, at most [`MAX_LICENSES`].
    #[serde(default)]
    pub key_ids: Vec<String>,
    /// An idempotency key shared by all requests of one run.
    pub run: String,
    /// The version of the key set the computer has.
    pub key_set_version: u64,
}
call!(Acquire, "acquire", Grant);

impl std::fmt::Debug for Acquire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Who has the code has the licenses.
        let code = self.code.as_ref().map(|_| "…");
        f.debug_struct("Acquire").field("holder", &self.holder).field("code", &code).finish_non_exhaustive()
    }
}

/// §5.4
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Restore {
    /// The holder.
    pub holder: String,
    /// An idempotency key shared by all requests of one run.
    pub run: String,
    /// At most [`MAX_LICENSES`].
    pub licenses: Vec<Asked>,
    /// What was used, also by other computers, at most [`MAX_LICENSES`].
    pub counters: Vec<Counter>,
    /// The version of the key set the computer has.
    pub key_set_version: u64,
}
call!(Restore, "restore", Grant);

/// One license asked for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Asked {
    /// Its ID.
    pub license: String,
    /// SHA-256 of the document, 64 lower-case hex digits.
    pub sha256: String,
}

/// Answer to [`Restore`] and [`Acquire`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Grant {
    /// What became of each license asked for.
    pub licenses: Vec<Granted>,
    /// All content keys, sealed to the computer.
    pub keys: Option<SealedKeys>,
    /// For [`Outcome::Limit`]: the page that says more.
    pub url: Option<String>,
    /// JWS [`Revocations`], each.
    #[serde(default)]
    pub revocations: Vec<String>,
    /// Documents the computer does not have in this version.
    #[serde(default)]
    pub documents: Vec<String>,
    /// A newer key set.
    pub key_set: Option<String>,
}

/// What became of one license.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Granted {
    /// Its ID.
    pub license: String,
    /// SHA-256 of the document the service issued; empty when it issued none.
    pub sha256: String,
    /// Granted, or why not.
    pub outcome: Outcome,
    /// What has been used, as the service knows it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<Counter>,
}

/// Granted, or why not.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// This computer holds it; its keys are in the grant.
    Granted,
    /// As many computers hold it as may.
    Limit,
    /// The holder restored too often today.
    DailyLimit,
    /// The service did not issue it to this holder.
    NotYours,
    /// It was revoked.
    Revoked,
    /// It was returned.
    Returned,
    /// It was cancelled.
    Cancelled,
    /// It has expired.
    Expired,
}

impl Outcome {
    /// The fixed name in messages and output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Limit => "limit",
            Self::DailyLimit => "daily_limit",
            Self::NotYours => "not_yours",
            Self::Revoked => "revoked",
            Self::Returned => "returned",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The outcome of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        use Outcome::{Cancelled, DailyLimit, Expired, Granted, Limit, NotYours, Returned, Revoked};
        [Granted, Limit, DailyLimit, NotYours, Revoked, Returned, Cancelled, Expired]
            .into_iter()
            .find(|outcome| outcome.as_str() == name)
    }
}

/// Content keys in one HPKE message.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SealedKeys {
    /// The encapsulated key, base64url of 32 bytes.
    pub enc: String,
    /// The ciphertext, base64url.
    pub ct: String,
}

/// One content key as it stands inside the sealed message.
pub struct GrantedKey {
    /// What it opens.
    pub key_id: KeyId,
    /// The number of the seed it derives from.
    pub seed: u32,
    /// The key.
    pub key: zeroize::Zeroizing<[u8; 16]>,
}

/// What a computer and a service must agree on when keys are sealed: the answer they belong to.
#[derive(Clone, Copy, Debug)]
pub struct GrantContext<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The holder.
    pub holder: &'a str,
    /// The computer.
    pub computer: &'a str,
    /// The idempotency key.
    pub request: &'a str,
}

const GRANT_INFO: &[u8] = b"restow grant v1";

impl GrantContext<'_> {
    fn bytes(&self) -> Vec<u8> {
        [self.issuer, self.holder, self.computer, self.request].join("\0").into_bytes()
    }

    /// Seals content keys to a computer.
    ///
    /// # Errors
    /// When the computer's key cannot be used.
    pub fn seal(
        &self,
        keys: &[GrantedKey],
        to: &crate::seal::SealingKey,
    ) -> Result<SealedKeys, crate::seal::CannotOpen> {
        let mut plain = zeroize::Zeroizing::new(Vec::with_capacity(keys.len().saturating_mul(40)));
        for key in keys {
            let id = key.key_id.to_bytes();
            plain.extend_from_slice(&u16::try_from(id.len()).map_err(|_| crate::seal::CannotOpen)?.to_le_bytes());
            plain.extend_from_slice(&id);
            plain.extend_from_slice(&key.seed.to_le_bytes());
            plain.extend_from_slice(key.key.as_slice());
        }
        let sealed = to.seal(&plain, GRANT_INFO, &self.bytes())?;
        Ok(SealedKeys { enc: crate::encoding::b64(&sealed.enc), ct: crate::encoding::b64(&sealed.ciphertext) })
    }

    /// Opens what [`seal`](Self::seal) made.
    ///
    /// # Errors
    /// When it was sealed to another computer or for another request, or was changed.
    pub fn open(
        &self,
        keys: &SealedKeys,
        with: &crate::seal::OpeningKey,
    ) -> Result<Vec<GrantedKey>, crate::seal::CannotOpen> {
        use crate::encoding::{from_b64, from_b64_array};
        use crate::seal::{CannotOpen, Sealed};
        let sealed = Sealed {
            enc: from_b64_array(&keys.enc).ok_or(CannotOpen)?,
            ciphertext: from_b64(&keys.ct).ok_or(CannotOpen)?,
        };
        let plain = with.open(&sealed, GRANT_INFO, &self.bytes())?;
        let mut rest: &[u8] = &plain;
        let mut out = Vec::new();
        while !rest.is_empty() {
            let (len, after) = rest.split_first_chunk::<2>().ok_or(CannotOpen)?;
            let (id, after) = after.split_at_checked(usize::from(u16::from_le_bytes(*len))).ok_or(CannotOpen)?;
            let (seed, after) = after.split_first_chunk::<4>().ok_or(CannotOpen)?;
            let (key, after) = after.split_first_chunk::<16>().ok_or(CannotOpen)?;
            out.push(GrantedKey {
                key_id: KeyId::from_bytes(id).ok_or(CannotOpen)?,
                seed: u32::from_le_bytes(*seed),
                key: zeroize::Zeroizing::new(*key),
            });
            rest = after;
        }
        Ok(out)
    }
}

/// §5.5
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The holder.
    pub holder: String,
    /// What was used, at most [`MAX_LICENSES`].
    pub counters: Vec<Counter>,
    /// Licenses whose counters are wanted, besides those of `counters`.
    #[serde(default)]
    pub licenses: Vec<String>,
}
call!(Report, "counters", Reported);

/// Answer to [`Report`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reported {
    /// All counters known of the licenses named.
    pub counters: Vec<Counter>,
    /// JWS [`Revocations`], each.
    #[serde(default)]
    pub revocations: Vec<String>,
}

/// §5.6
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListComputers {
    /// The holder.
    pub holder: String,
}
call!(ListComputers, "computers", Computers);

/// Answer to [`ListComputers`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Computers {
    /// Those that are not released.
    pub computers: Vec<ComputerInfo>,
    /// JWS [`Membership`] of the asking computer, as of now.
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
    Release, "computers/release", Released;
    /// Confirms one.
    Confirm, "computers/confirm", Done;
    /// Refuses an unconfirmed one, or a waiting release.
    Refuse, "computers/refuse", Done;
    /// Withdraws the restore keys it certified so far.
    Withdraw, "restore-keys/withdraw", Withdrawn;
}

/// Answer to [`Release`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Released {
    /// Whether it happened; else it waits.
    pub released: bool,
    /// When it happened or happens.
    pub at: UnixTime,
}

/// Answer without content.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Done {}

/// Answer to [`Withdraw`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Withdrawn {
    /// The epoch from now on.
    pub epoch: u64,
}

/// An RFC 9457 problem.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// `urn:restow:problem:` and the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// The code in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened.
    #[serde(default)]
    pub detail: String,
    /// What to do.
    #[serde(default)]
    pub help: String,
    /// For `clock`: JWS `Answer<Option<Done>>` with the right time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

/// Codes of problems (§3).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum ProblemCode {
    /// Not JSON, a member missing or wrong, over a limit.
    Malformed,
    /// Signature, digest or header wrong.
    BadSignature,
    /// Not registered, or released.
    UnknownComputer,
    /// The request's time is too far off.
    Clock,
    /// Signed for another issuer.
    WrongIssuer,
    /// Another body under the same idempotency key.
    KeyReused,
    /// Only for confirmed computers.
    NotAllowed,
    /// The restore key's epoch is over.
    RestoreKeyWithdrawn,
    /// Too many computers.
    TooManyComputers,
    /// No such thing for this holder.
    NotYours,
    /// The link was redeemed by someone else.
    LinkUsed,
    /// Releases are used up.
    ReleaseLimit,
    /// Over [`MAX_BODY`].
    TooLarge,
    /// Later, please.
    Busy,
    /// The log knows more.
    Internal,
}

impl ProblemCode {
    const TABLE: [(Self, &'static str, u16, &'static str); 15] = [
        (Self::Malformed, "malformed", 400, "The request is malformed"),
        (Self::BadSignature, "bad-signature", 401, "A signature does not fit"),
        (Self::UnknownComputer, "unknown-computer", 401, "This computer is not registered here"),
        (Self::Clock, "clock", 401, "The computer's clock is wrong"),
        (Self::WrongIssuer, "wrong-issuer", 421, "The request is meant for another service"),
        (Self::KeyReused, "key-reused", 409, "The idempotency key was used for another request"),
        (Self::NotAllowed, "not-allowed", 403, "Only a confirmed computer may do this"),
        (Self::RestoreKeyWithdrawn, "restore-key-withdrawn", 403, "The restore key was withdrawn"),
        (Self::TooManyComputers, "too-many-computers", 409, "Too many computers are registered"),
        (Self::NotYours, "not-yours", 404, "There is no such thing for this holder"),
        (Self::LinkUsed, "link-used", 410, "The link was used by someone else"),
        (Self::ReleaseLimit, "release-limit", 429, "No more releases this year"),
        (Self::TooLarge, "too-large", 413, "The request is too large"),
        (Self::Busy, "busy", 503, "The service is busy"),
        (Self::Internal, "internal", 500, "The service failed"),
    ];

    fn row(self) -> (&'static str, u16, &'static str) {
        let found = Self::TABLE.into_iter().find(|row| row.0 == self);
        found.map_or(("internal", 500, ""), |(_, code, status, title)| (code, status, title))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status it travels with.
    #[must_use]
    pub fn status(self) -> u16 {
        self.row().1
    }

    /// The problem document.
    #[must_use]
    pub fn problem(self, detail: impl Into<String>, help: impl Into<String>) -> Problem {
        let (code, status, title) = self.row();
        Problem {
            problem_type: format!("urn:restow:problem:{code}"),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            help: help.into(),
            answer: None,
        }
    }
}

impl Problem {
    /// The code, if it is one of ours.
    #[must_use]
    pub fn code(&self) -> Option<ProblemCode> {
        let name = self.problem_type.strip_prefix("urn:restow:problem:")?;
        ProblemCode::TABLE.into_iter().find(|row| row.1 == name).map(|row| row.0)
    }
}

/// What an operator issues: the terms of one license (§6).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// 1 to 64 key IDs.
    pub key_ids: Vec<String>,
    /// What it is for.
    #[serde(default)]
    pub title: Option<String>,
    /// Granted rights.
    pub rights: Rights,
    /// Higher is used first.
    #[serde(default)]
    pub priority: i32,
    /// Not valid before.
    #[serde(default)]
    pub not_before: Option<UnixTime>,
    /// Not valid from this time on.
    #[serde(default)]
    pub expires: Option<UnixTime>,
    /// How many uses may stay unreported.
    #[serde(default)]
    pub unreported: Option<u64>,
    /// How many computers may hold it; the service's own limit if absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Operator calls (§6): path, request, answer in plain JSON.
pub mod admin {
    use super::{BTreeMap, Deserialize, Serialize, Terms, UnixTime};

    /// `admin/issue`
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    pub struct Issue {
        /// One link is made for all of them; 1 to 10,000.
        pub licenses: Vec<Terms>,
        /// Only this holder may redeem it.
        #[serde(default)]
        pub holder: Option<String>,
    }

    /// Answer to [`Issue`].
    #[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
    pub struct Issued {
        /// The offer's ID.
        pub offer: String,
        /// The one-time acquisition link, with the root's thumbprint.
        pub link: String,
        /// The IDs the licenses will have.
        pub licenses: Vec<String>,
    }

    impl std::fmt::Debug for Issued {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Issued")
                .field("offer", &self.offer)
                .field("licenses", &self.licenses)
                .finish_non_exhaustive()
        }
    }

    /// `admin/revoke`
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    pub struct Revoke {
        /// The license ID.
        pub license: String,
        /// Why, at most 200 characters; the holder sees it.
        pub reason: String,
    }

    /// `admin/release`
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    pub struct Release {
        /// The holder.
        pub holder: String,
        /// The computer.
        pub computer: String,
        /// At once, or after the holder's computers had 72 hours to refuse.
        pub when: ReleaseWhen,
    }

    /// See [`Release`].
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    pub enum ReleaseWhen {
        /// At once.
        Now,
        /// After 72 hours, unless refused.
        Waiting,
    }

    /// `admin/confirm` and `admin/withdraw`
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    pub struct OneComputer {
        /// The holder.
        pub holder: String,
        /// The computer.
        pub computer: String,
    }

    /// `admin/limit`
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    pub struct Limit {
        /// The license ID.
        pub license: String,
        /// 0 to 1,000 computers.
        pub limit: u32,
    }

    /// `admin/list`
    #[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
    pub struct List {
        /// Of what.
        pub what: ListWhat,
        /// Continue after this row's `id`.
        #[serde(default)]
        pub after: Option<String>,
        /// Only of this holder.
        #[serde(default)]
        pub holder: Option<String>,
    }

    /// See [`List`].
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    #[expect(missing_docs, reason = "the names say it")]
    pub enum ListWhat {
        Licenses,
        Computers,
        Holders,
        Offers,
        Audit,
    }

    /// Answer to [`List`]: at most 1,000 rows.
    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    pub struct Listed {
        /// Each row has an `id` and what is known.
        pub rows: Vec<BTreeMap<String, serde_json::Value>>,
        /// Whether there are more after the last.
        pub more: bool,
    }

    /// Answer to changes: when it happened or will.
    #[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
    pub struct Changed {
        /// Whether it happened now.
        pub done: bool,
        /// When it happened or will.
        pub at: UnixTime,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;
    use crate::seal::OpeningKey;

    #[test]
    fn counters_are_their_computers() {
        let key = Seed::from_bytes([1; 32]).signing_key("c", &[]);
        let counter = Counter::sign("issuer", "L", "Play", 3, 9, &key);
        assert!(counter.verifies("issuer"));
        assert!(!counter.verifies("other"));
        assert!(!Counter { count: 2, ..counter.clone() }.verifies("issuer"));
        assert!(!Counter { first_use: 8, ..counter }.verifies("issuer"));
    }

    #[test]
    fn sealed_keys_open_only_for_their_request() {
        let computer = OpeningKey::from_secret(&[5; 32]);
        let context = GrantContext { issuer: "i", holder: "h", computer: "c", request: "r" };
        let keys = [GrantedKey { key_id: KeyId::Uuid([1; 16]), seed: 7, key: zeroize::Zeroizing::new([9; 16]) }];
        let sealed = context.seal(&keys, &computer.public()).unwrap();
        let opened = context.open(&sealed, &computer).unwrap();
        assert_eq!((opened.len(), opened[0].seed, *opened[0].key), (1, 7, [9; 16]));
        for other in [
            GrantContext { request: "x", ..context },
            GrantContext { computer: "x", ..context },
            GrantContext { holder: "x", ..context },
            GrantContext { issuer: "x", ..context },
        ] {
            assert!(other.open(&sealed, &computer).is_err());
        }
    }

    #[test]
    fn problems_have_stable_codes() {
        let problem = ProblemCode::LinkUsed.problem("", "");
        assert_eq!(problem.status, 410);
        assert_eq!(problem.code(), Some(ProblemCode::LinkUsed));
    }
}
