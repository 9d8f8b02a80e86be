//! Signed statements besides answers (§2).

use serde::{Deserialize, Serialize};

use crate::jws::Statement;
use crate::keys::PublicKey;
use crate::time::UnixTime;

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
    pub revoked: Vec<Revocation>,
}
impl Statement for Revocations {
    const TYP: &'static str = "restow-revocations+jws";
}

/// One revoked license.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revocation {
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
