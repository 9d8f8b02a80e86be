//! Messages, defined once for client and server. Sections (§) are those of docs/service-protocol.md.

macro_rules! call {
    ($request:ty, $path:literal, $answer:ty) => {
        impl Call for $request {
            const PATH: &'static str = $path;
            type Answer = $answer;
        }
    };
}

pub mod admin;
mod calls;
mod counter;
mod grant;
mod problem;
pub mod signature;
mod statements;

use serde::{Deserialize, Serialize};

use crate::jws::Statement;
use crate::time::UnixTime;

pub use admin::Terms;
pub use calls::{
    AcquireRequest, ComputerInfo, ConfirmRequest, EmptyAnswer, ListComputersAnswer, ListComputersRequest,
    RefuseRequest, RegisterAnswer, RegisterRequest, ReleaseAnswer, ReleaseRequest, ReportAnswer, ReportRequest,
    RequestedLicense, RestoreKeyJoin, RestoreRequest, WithdrawAnswer, WithdrawRequest,
};
pub use counter::{Counter, Signature};
pub use grant::{Grant, GrantContext, GrantEntry, GrantedKey, Outcome, SealedKeys};
pub use problem::{Problem, ProblemCode};
pub use statements::{HolderProof, JoinProof, Membership, RestoreCertificate, Revocation, Revocations, SetCertificate};

/// What all paths begin with.
pub const BASE: &str = "/restow/v1/";
/// How far a request's time may be from the service's, in seconds.
pub const CLOCK_TOLERANCE: i64 = 300;
/// The most licenses, or counters, in one request.
pub const MAX_LICENSES: usize = 10_000;
/// The largest request or answer in bytes.
pub const MAX_BODY: usize = 16 << 20;

/// Reads a list of a request, and no further than to its limit: before anybody is known to have signed it, a few bytes for
/// each entry must not become many times as much in memory.
fn limited<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    struct List<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for List<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "a list of at most {MAX_LICENSES} entries")
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut entries: A) -> Result<Vec<T>, A::Error> {
            let mut list = Vec::new();
            while let Some(entry) = entries.next_element()? {
                if list.len() >= MAX_LICENSES {
                    return Err(serde::de::Error::invalid_length(MAX_LICENSES.saturating_add(1), &self));
                }
                list.push(entry);
            }
            Ok(list)
        }
    }
    deserializer.deserialize_seq(List(std::marker::PhantomData))
}

/// A call of a computer: its path, what is sent, what comes back in the answer's body.
pub trait Call: Serialize + serde::de::DeserializeOwned {
    /// The path below [`BASE`].
    const PATH: &'static str;
    /// The answer's body.
    type Answer: Serialize + serde::de::DeserializeOwned;
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
    /// The version of the service's key set: a computer that has an older one fetches it.
    #[serde(default)]
    pub key_set_version: u64,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws;
    use crate::keys::Seed;
    use crate::license::KeySet;

    /// As a message, and signed: neither may use up the stack.
    fn refused<T: Statement>(payload: &str) -> bool {
        let key = Seed::from_bytes([1; 32]).signing_key("s", &[]);
        let header = format!(r#"{{"alg":"Ed25519","kid":"{}","typ":"{}"}}"#, key.public().thumbprint(), T::TYP);
        let signed = [header.as_bytes(), payload.as_bytes()].map(crate::encoding::b64).join(".");
        let document = format!("{signed}.{}", crate::encoding::b64(&key.sign(signed.as_bytes())));
        jws::verify::<T>(&document, &key.public()).is_err() && serde_json::from_str::<T>(payload).is_err()
    }

    #[test]
    fn lists_of_requests_are_read_to_their_limit() {
        let list = |entry: &str, entries: usize| vec![entry; entries].join(",");
        for (entries, sound) in [(MAX_LICENSES, true), (MAX_LICENSES + 1, false), (MAX_BODY / 8, false)] {
            let ids = list("\"\"", entries);
            let asked = list(r#"{"license":"","sha256":""}"#, entries);
            let acquire = format!(r#"{{"holder":"","code":null,"key_ids":[{ids}],"run":"","key_set_version":1}}"#);
            assert_eq!(serde_json::from_str::<AcquireRequest>(&acquire).is_ok(), sound);
            let report = format!(r#"{{"holder":"","counters":[],"licenses":[{ids}]}}"#);
            assert_eq!(serde_json::from_str::<ReportRequest>(&report).is_ok(), sound);
            let restore = format!(r#"{{"holder":"","run":"","licenses":[{asked}],"counters":[],"key_set_version":1}}"#);
            assert_eq!(serde_json::from_str::<RestoreRequest>(&restore).is_ok(), sound);
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
            assert!(refused::<Answer<Grant>>(&format!(r#"{{"v":1,"body":{deep}}}"#)));
            assert!(refused::<Answer<Option<EmptyAnswer>>>(&format!(r#"{{"v":1,"notices":{deep}}}"#)));
            assert!(refused::<Revocations>(&format!(r#"{{"v":1,"revoked":{deep}}}"#)));
            assert!(refused::<KeySet>(&format!(r#"{{"v":1,"sunset":{deep}}}"#)));
            assert!(serde_json::from_str::<RestoreRequest>(&format!(r#"{{"counters":{deep}}}"#)).is_err());
            assert!(serde_json::from_str::<Problem>(&deep).is_err());
        }
    }
}
