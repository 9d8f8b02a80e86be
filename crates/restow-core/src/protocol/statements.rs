//! Signed statements other than answers (§2).

use serde::{Deserialize, Serialize};

use crate::jws::Statement;
use crate::keys::PublicKey;
use crate::time::UnixTime;

/// Statement of a service: a computer and a holder key belong to a holder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Membership {
    /// Issuer of the service.
    pub issuer: String,
    /// Holder ID.
    pub holder: String,
    /// Holder key that the computer registered with.
    pub holder_key: PublicKey,
    /// Computer ID.
    pub computer: String,
    /// Signing key of the computer.
    pub computer_key: PublicKey,
    /// True if the computer is confirmed (§5.7).
    pub confirmed: bool,
    /// Time of signing.
    pub time: UnixTime,
}
impl Statement for Membership {
    const TYP: &'static str = "restow-membership+jws";
}

/// Statement of a service: licenses of a holder are revoked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revocations {
    /// Issuer of the service.
    pub issuer: String,
    /// Holder ID.
    pub holder: String,
    /// Time of signing.
    pub time: UnixTime,
    /// Revoked licenses.
    pub revoked: Vec<Revocation>,
}
impl Statement for Revocations {
    const TYP: &'static str = "restow-revocations+jws";
}

/// Revocation of one license.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Revocation {
    /// License ID.
    pub license: String,
    /// Reason for the user, at most 200 characters.
    pub reason: String,
    /// Time of the revocation.
    pub at: UnixTime,
}

/// Statement of a holder key: a set key belongs to the holder (docs/backup-format.md §4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SetCertificate {
    /// Issuer of the service.
    pub issuer: String,
    /// Holder ID.
    pub holder: String,
    /// Key that signs the manifests of a set.
    pub set_key: PublicKey,
    /// Time of signing.
    pub time: UnixTime,
}
impl Statement for SetCertificate {
    const TYP: &'static str = "restow-set+jws";
}

/// Statement of a computer: a restore key may register a new computer (docs/backup-format.md §5).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RestoreCertificate {
    /// Issuer of the service.
    pub issuer: String,
    /// Holder ID.
    pub holder: String,
    /// ID of the computer that certifies the key.
    pub computer: String,
    /// Epoch of the restore keys of this computer (§5.7).
    pub epoch: u64,
    /// Certified restore key.
    pub restore_key: PublicKey,
    /// Number of the generation that has the key.
    pub generation: u64,
    /// Time of signing.
    pub time: UnixTime,
}
impl Statement for RestoreCertificate {
    const TYP: &'static str = "restow-restore-key+jws";
}

/// Statement of a restore key: a new computer may join the holder (§5.2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct JoinProof {
    /// Issuer of the service.
    pub issuer: String,
    /// Holder ID.
    pub holder: String,
    /// ID of the new computer.
    pub computer: String,
    /// Holder key of the new computer.
    pub holder_key: PublicKey,
    /// Idempotency key of the request.
    pub request: String,
}
impl Statement for JoinProof {
    const TYP: &'static str = "restow-join+jws";
}

/// Proof that a computer has a holder key (§5.2).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HolderProof {
    /// Issuer of the service.
    pub issuer: String,
    /// Computer ID.
    pub computer: String,
    /// Idempotency key of the request.
    pub request: String,
}
impl Statement for HolderProof {
    const TYP: &'static str = "restow-holder+jws";
}
