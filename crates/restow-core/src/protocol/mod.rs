//! Messages between a computer and a License Management Service, defined once for client and server.
//!
//! Sections (§) are those of docs/service-protocol.md.

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

/// Prefix of all paths.
pub const BASE: &str = "/restow/v1/";
/// Maximum difference between the time of a request and the time of the service, in seconds (§3).
pub const CLOCK_TOLERANCE: i64 = 300;
/// Maximum number of licenses, and of counters, in one request.
pub const MAX_LICENSES: usize = 10_000;
/// Maximum size of a request or an answer in bytes: 16 MiB.
pub const MAX_BODY: usize = 16 << 20;
/// Maximum length of a statement about revoked licenses, in bytes (docs/backup-format.md §7).
pub const MAX_STATEMENT: u64 = 1 << 20;

/// Deserializes a list of at most [`MAX_LICENSES`] entries, and stops at the limit.
///
/// The service parses a request before it knows the signer. Short entries must not grow to many times their size in
/// memory.
fn deserialize_limited<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct ListVisitor<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for ListVisitor<T> {
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
    deserializer.deserialize_seq(ListVisitor(std::marker::PhantomData))
}

/// Call of a computer: the type that implements this trait is the body of the request (§5).
pub trait Call: Serialize + serde::de::DeserializeOwned {
    /// Path of the call, below [`BASE`].
    const PATH: &'static str;
    /// Body of the answer.
    type Answer: Serialize + serde::de::DeserializeOwned;
}

/// Signed answer of a service, valid for one computer and one request (§3).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Answer<T> {
    /// Issuer of the service that answers.
    pub issuer: String,
    /// Computer ID of the caller.
    pub computer: String,
    /// Idempotency key of the request.
    pub request: String,
    /// Path of the request, below [`BASE`].
    pub path: String,
    /// Time of the service.
    pub time: UnixTime,
    /// Notices for the user of the computer (§5.8), at most 64.
    #[serde(default)]
    pub notices: Vec<Notice>,
    /// Current epoch of the restore keys of this computer (§5.7).
    #[serde(default)]
    pub restore_epoch: u64,
    /// Version of the current key set. A computer with an older version fetches the new one (§4).
    #[serde(default)]
    pub key_set_version: u64,
    /// Result of the call.
    pub body: T,
}

impl<T: Serialize + serde::de::DeserializeOwned> Statement for Answer<T> {
    const TYP: &'static str = "restow-answer+jws";
}

/// Notice about an action of another computer of the holder (§5.8).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Notice {
    /// Kind of the notice.
    pub code: NoticeCode,
    /// ID of the computer that the notice is about.
    pub computer: String,
    /// Name of the computer.
    pub name: String,
    /// Time of the action.
    pub at: UnixTime,
}

/// Kind of a [`Notice`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NoticeCode {
    /// A computer registered with a restore key and is not confirmed.
    UnconfirmedComputer,
    /// A computer requested the release of a computer, which can still be refused.
    ReleaseRequested,
    /// A computer was released.
    ComputerReleased,
    /// Restore keys were withdrawn.
    RestoreKeyWithdrawn,
    /// The computer of this home was released. A service never sends it: the client makes it from a problem.
    ThisComputerReleased,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws;
    use crate::keys::Seed;
    use crate::license::KeySet;

    /// Returns true if a payload is refused both as plain JSON and as a signed document.
    fn is_refused<T: Statement>(payload: &str) -> bool {
        let key = Seed::from_bytes([1; 32]).signing_key("s", &[]);
        let header = format!(r#"{{"alg":"Ed25519","kid":"{}","typ":"{}"}}"#, key.public().thumbprint(), T::TYP);
        let signed = [header.as_bytes(), payload.as_bytes()].map(crate::encoding::b64).join(".");
        let document = format!("{signed}.{}", crate::encoding::b64(&key.sign(signed.as_bytes())));
        jws::verify::<T>(&document, &key.public()).is_err() && serde_json::from_str::<T>(payload).is_err()
    }

    #[test]
    fn list_over_limit_is_refused() {
        let list = |entry: &str, entries: usize| vec![entry; entries].join(",");
        for (entries, accepted) in [(MAX_LICENSES, true), (MAX_LICENSES + 1, false), (MAX_BODY / 8, false)] {
            let ids = list("\"\"", entries);
            let licenses = list(r#"{"license":"","sha256":""}"#, entries);
            let acquire = format!(r#"{{"holder":"","code":null,"key_ids":[{ids}],"run":"","key_set_version":1}}"#);
            assert_eq!(serde_json::from_str::<AcquireRequest>(&acquire).is_ok(), accepted);
            let report = format!(r#"{{"holder":"","counters":[],"licenses":[{ids}]}}"#);
            assert_eq!(serde_json::from_str::<ReportRequest>(&report).is_ok(), accepted);
            let restore =
                format!(r#"{{"holder":"","run":"","licenses":[{licenses}],"counters":[],"key_set_version":1}}"#);
            assert_eq!(serde_json::from_str::<RestoreRequest>(&restore).is_ok(), accepted);
        }
    }

    #[test]
    fn deeply_nested_messages_are_refused() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            let deep = format!("{}0{}", open.repeat(100_000), close.repeat(100_000));
            assert!(is_refused::<Answer<Grant>>(&format!(r#"{{"v":1,"body":{deep}}}"#)));
            assert!(is_refused::<Answer<Option<EmptyAnswer>>>(&format!(r#"{{"v":1,"notices":{deep}}}"#)));
            assert!(is_refused::<Revocations>(&format!(r#"{{"v":1,"revoked":{deep}}}"#)));
            assert!(is_refused::<KeySet>(&format!(r#"{{"v":1,"sunset":{deep}}}"#)));
            assert!(serde_json::from_str::<RestoreRequest>(&format!(r#"{{"counters":{deep}}}"#)).is_err());
            assert!(serde_json::from_str::<Problem>(&deep).is_err());
        }
    }
}
