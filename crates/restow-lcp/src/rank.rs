//! Comparison of documents of one license.
//!
//! Providers sign a license anew for each update, and any person can write a document with the ID of a license. Two
//! documents of one license are compared by four facts: the strength of the signature, the version, the end, and the
//! signer.
//!
//! Each caller takes one of three answers from [`DocumentRank`]:
//!
//! - The store and a restore must choose. They take the larger [`precedence`](DocumentRank::precedence), then the
//!   larger digest.
//! - Put-back overwrites files of the user. It takes [`compare`](DocumentRank::compare), and keeps both documents where
//!   the answer is [`Undecided`](RankOrder::Undecided).
//! - The compaction of a backup drops documents. It takes [`compare`](DocumentRank::compare), too, and drops only what the
//!   store has in a better or an equivalent document.
//! - A statement about a license counts only if the document that led to the statement has at least the
//!   [`strength`](DocumentRank::strength) of the stored document.

use std::cmp::Ordering;

use restow_core::license::License;
use restow_core::time::UnixTime;

use crate::verify::{SignatureCheck, Verification, Verifier};

/// Strength of the signature of a document, in increasing order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SignatureStrength {
    /// The signature is not valid and proves nothing.
    Invalid,
    /// The signature is valid, and no trusted root certifies the signer.
    UnknownRoot,
    /// The signature is valid, and a trusted root certifies the signer.
    Verified,
}

impl SignatureCheck {
    /// Returns the strength of the signature.
    #[must_use]
    pub const fn strength(&self) -> SignatureStrength {
        match self {
            Self::Invalid(_) => SignatureStrength::Invalid,
            Self::UnknownRoot => SignatureStrength::UnknownRoot,
            Self::Verified => SignatureStrength::Verified,
        }
    }
}

/// Order of one document against another document of the same license.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RankOrder {
    /// The first document is stronger and not older, or equally strong and newer, or ends later at the same version.
    Better,
    /// The second document is stronger and not older, or equally strong and newer, or ends later at the same version.
    Worse,
    /// Both documents have the same version and end, and a valid signature by the same certificate.
    Equivalent,
    /// The weaker document is newer, or the signers of two equally strong documents of one version differ.
    ///
    /// The weaker document may be an update of a provider that no root certifies yet, or a forgery.
    Undecided,
}

/// Rank of a document among the documents of the same license.
///
/// Ranks of different licenses are not comparable: compare the identities first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DocumentRank {
    /// Strength of the signature.
    pub strength: SignatureStrength,
    /// Time of the last update, in Unix milliseconds.
    pub version: i64,
    /// Sort key of the end, from [`License::end_order`].
    pub end: UnixTime,
    /// SHA-256 of the signer's certificate; `None` if the certificate cannot be read.
    pub signer: Option<[u8; 32]>,
}

impl DocumentRank {
    /// Returns the rank of a license document with this verification result.
    #[must_use]
    pub fn new(verification: &Verification, license: &License) -> Self {
        let signer = verification.signer.as_ref().map(|signer| signer.fingerprint);
        let (version, end) = (license.version, license.end_order());
        Self { strength: verification.check.strength(), version, end, signer }
    }

    /// Compares two documents of one license without preferring the newer document over the stronger one.
    #[must_use]
    pub fn compare(&self, other: &Self) -> RankOrder {
        match (self.strength.cmp(&other.strength), self.version.cmp(&other.version)) {
            (Ordering::Equal, Ordering::Equal) => {
                let same_signer = self.signer.is_some() && self.signer == other.signer;
                let is_signed = self.strength > SignatureStrength::Invalid;
                match self.end.cmp(&other.end) {
                    _ if !is_signed || !same_signer => RankOrder::Undecided,
                    // A provider that renews a loan within the precision of its dates signs two such documents.
                    Ordering::Greater => RankOrder::Better,
                    Ordering::Less => RankOrder::Worse,
                    Ordering::Equal => RankOrder::Equivalent,
                }
            }
            (Ordering::Greater, Ordering::Less) | (Ordering::Less, Ordering::Greater) => RankOrder::Undecided,
            (Ordering::Greater, _) | (Ordering::Equal, Ordering::Greater) => RankOrder::Better,
            (Ordering::Less, _) | (Ordering::Equal, Ordering::Less) => RankOrder::Worse,
        }
    }

    /// Returns the sort key by which the store and a restore choose one document of a license.
    ///
    /// The strength decides before the version, so that a forgery never replaces a signed document. Of one version the
    /// document that ends later is taken. The larger SHA-256 of the document breaks ties, so that the order of reading
    /// does not matter.
    #[must_use]
    pub const fn precedence(&self) -> (SignatureStrength, i64, UnixTime) {
        (self.strength, self.version, self.end)
    }
}

impl Verifier {
    /// Returns the rank of a license document.
    #[must_use]
    pub fn rank(&self, license: &License) -> DocumentRank {
        DocumentRank::new(&self.verify(&license.document), license)
    }

    /// Returns the strength of the signature of a document.
    #[must_use]
    pub fn strength(&self, document: &[u8]) -> SignatureStrength {
        self.verify(document).check.strength()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(strength: SignatureStrength, version: i64, signer: Option<u8>) -> DocumentRank {
        DocumentRank { strength, version, end: 0, signer: signer.map(|byte| [byte; 32]) }
    }

    #[test]
    fn later_end_decides_between_equal_dates() {
        use SignatureStrength::{Invalid, Verified};
        let longer = |rank: DocumentRank| DocumentRank { end: 1, ..rank };
        let one = rank(Verified, 1, Some(1));
        assert_eq!(longer(one.clone()).compare(&one), RankOrder::Better);
        assert_eq!(one.compare(&longer(one.clone())), RankOrder::Worse);
        assert!(longer(one.clone()).precedence() > one.precedence());
        assert!(rank(Verified, 2, Some(1)).precedence() > longer(one.clone()).precedence());
        assert_eq!(longer(one).compare(&rank(Verified, 1, Some(2))), RankOrder::Undecided);
        let unsigned = rank(Invalid, 1, Some(1));
        assert_eq!(longer(unsigned.clone()).compare(&unsigned), RankOrder::Undecided);
    }

    #[test]
    fn rank_compares_strength_version_and_signer() {
        use SignatureStrength::{Invalid, UnknownRoot, Verified};
        for (one, other, order) in [
            (rank(Verified, 1, Some(1)), rank(Verified, 1, Some(1)), RankOrder::Equivalent),
            (rank(Verified, 1, Some(1)), rank(Verified, 1, Some(2)), RankOrder::Undecided),
            (rank(Invalid, 1, Some(1)), rank(Invalid, 1, Some(1)), RankOrder::Undecided),
            (rank(Invalid, 1, None), rank(Invalid, 1, None), RankOrder::Undecided),
            (rank(UnknownRoot, 2, Some(1)), rank(UnknownRoot, 1, Some(2)), RankOrder::Better),
            (rank(Verified, 1, Some(1)), rank(UnknownRoot, 1, Some(1)), RankOrder::Better),
            (rank(Verified, 2, Some(1)), rank(Invalid, 1, None), RankOrder::Better),
            (rank(Verified, 1, Some(1)), rank(UnknownRoot, 2, Some(1)), RankOrder::Undecided),
        ] {
            assert_eq!(one.compare(&other), order, "{one:?} {other:?}");
            let reversed = match order {
                RankOrder::Better => RankOrder::Worse,
                RankOrder::Worse => RankOrder::Better,
                symmetric => symmetric,
            };
            assert_eq!(other.compare(&one), reversed, "{other:?} {one:?}");
        }
    }

    #[test]
    fn precedence_puts_strength_before_version() {
        use SignatureStrength::{Invalid, UnknownRoot, Verified};
        let old = rank(Verified, 1, None);
        assert!(old.precedence() > rank(UnknownRoot, 9, None).precedence());
        assert!(rank(UnknownRoot, 1, None).precedence() > rank(Invalid, 9, None).precedence());
        assert!(rank(Verified, 2, None).precedence() > old.precedence());
    }
}
