//! Request signatures (RFC 9421) and content digests (RFC 9530) for client and server (docs/service-protocol.md §3).

use data_encoding::BASE64;

use crate::encoding::{is_token, sha256};
use crate::keys::{PublicKey, SecretKey};
use crate::time::UnixTime;

/// Parts of a request that its signature covers.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// Path without query, `/restow/v1/…`.
    pub path: &'a str,
    /// Value of the header `Idempotency-Key`.
    pub idempotency_key: &'a str,
    /// Value of the header `Restow-Issuer`: the thumbprint of the root key.
    pub issuer: &'a str,
    /// Exact bytes of the body.
    pub body: &'a [u8],
}

/// Headers of a signed request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureHeaders {
    /// Value of the header `Content-Digest`.
    pub content_digest: String,
    /// Value of the header `Signature-Input`.
    pub signature_input: String,
    /// Value of the header `Signature`.
    pub signature: String,
}

/// Covered components in the only accepted order.
const COMPONENTS: &str = r#"("@method" "@path" "content-digest" "idempotency-key" "restow-issuer")"#;

/// Returns true for a valid idempotency key: 22 to 64 characters of `A–Z a–z 0–9 - _`.
#[must_use]
pub fn is_idempotency_key(text: &str) -> bool {
    is_token(text, 22..=64)
}

/// Returns the value of the header `Content-Digest` for a body with this SHA-256.
#[must_use]
pub fn content_digest(sha256: &[u8; 32]) -> String {
    format!("sha-256=:{}:", BASE64.encode(sha256))
}

/// Head of a signed request. The header `Content-Digest` binds the body to the head.
#[derive(Clone, Copy, Debug)]
pub struct SignedHead<'a> {
    /// Path without query, `/restow/v1/…`.
    pub path: &'a str,
    /// Value of the header `Idempotency-Key`.
    pub idempotency_key: &'a str,
    /// Value of the header `Restow-Issuer`: the thumbprint of the root key.
    pub issuer: &'a str,
}

impl SignedHead<'_> {
    /// Returns the signature base (RFC 9421 §2.5).
    fn base(&self, digest: &str, parameters: &str) -> String {
        format!(
            "\"@method\": POST\n\"@path\": {}\n\"content-digest\": {digest}\n\"idempotency-key\": {}\n\
             \"restow-issuer\": {}\n\"@signature-params\": {parameters}",
            self.path, self.idempotency_key, self.issuer
        )
    }
}

impl<'a> SignedRequest<'a> {
    const fn head(&self) -> SignedHead<'a> {
        SignedHead { path: self.path, idempotency_key: self.idempotency_key, issuer: self.issuer }
    }

    /// Signs the request with the time `created` and returns the headers.
    #[must_use]
    pub fn sign(&self, created: UnixTime, key: &SecretKey) -> SignatureHeaders {
        let keyid = key.public().thumbprint();
        let parameters = format!(r#"{COMPONENTS};created={created};keyid="{keyid}";alg="ed25519""#);
        let content_digest = content_digest(&sha256(self.body));
        let signature = key.sign(self.head().base(&content_digest, &parameters).as_bytes());
        SignatureHeaders {
            content_digest,
            signature_input: format!("restow={parameters}"),
            signature: format!("restow=:{}:", BASE64.encode(&signature)),
        }
    }
}

/// Parsed header `Signature-Input`, before the check of the signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureClaim {
    /// Time of signing.
    pub created: UnixTime,
    /// Computer ID: the thumbprint of the signing key.
    pub computer: String,
    parameters: String,
}

impl SignatureClaim {
    /// Parses a header `Signature-Input`. Returns `None` for another form than the exact one of this protocol.
    #[must_use]
    pub fn parse(signature_input: &str) -> Option<Self> {
        let parameters = signature_input.strip_prefix("restow=")?;
        let rest = parameters.strip_prefix(COMPONENTS)?.strip_prefix(";created=")?;
        let (created, rest) = rest.split_once(";keyid=\"")?;
        let computer = rest.strip_suffix("\";alg=\"ed25519\"")?;
        let canonical = created.parse().ok().filter(|time: &UnixTime| time.to_string() == created)?;
        is_token(computer, 0..=64).then(|| Self {
            created: canonical,
            computer: computer.to_owned(),
            parameters: parameters.to_owned(),
        })
    }

    /// Returns true if `key` belongs to [`computer`](Self::computer) and signed exactly this request.
    #[must_use]
    pub fn verifies(&self, request: &SignedRequest<'_>, headers: &SignatureHeaders, key: &PublicKey) -> bool {
        headers.content_digest == content_digest(&sha256(request.body))
            && self.verifies_head(&request.head(), headers, key)
    }

    /// Returns true if `key` belongs to [`computer`](Self::computer) and signed this head.
    ///
    /// The signature covers the header `Content-Digest`, so the signer is known before the body arrives. The body
    /// is proven only when [`content_digest`] of its bytes equals that header.
    #[must_use]
    pub fn verifies_head(&self, head: &SignedHead<'_>, headers: &SignatureHeaders, key: &PublicKey) -> bool {
        let signature = headers.signature.strip_prefix("restow=:").and_then(|s| s.strip_suffix(':'));
        let signature = signature.and_then(|s| BASE64.decode(s.as_bytes()).ok());
        let Some(signature) = signature.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok()) else { return false };
        key.thumbprint() == self.computer
            && key.verifies(head.base(&headers.content_digest, &self.parameters).as_bytes(), &signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;

    #[test]
    fn changed_request_part_is_refused() {
        let key = Seed::from_bytes([1; 32]).signing_key("c", &[]);
        let request = SignedRequest { path: "/restow/v1/restore", idempotency_key: "k", issuer: "i", body: b"{}" };
        let headers = request.sign(1000, &key);
        let claim = SignatureClaim::parse(&headers.signature_input).unwrap();
        assert_eq!((claim.created, claim.computer.as_str()), (1000, key.public().thumbprint().as_str()));
        assert!(claim.verifies(&request, &headers, &key.public()));
        for other in [
            SignedRequest { path: "/restow/v1/acquire", ..request },
            SignedRequest { idempotency_key: "x", ..request },
            SignedRequest { issuer: "x", ..request },
            SignedRequest { body: b"{ }", ..request },
        ] {
            assert!(!claim.verifies(&other, &headers, &key.public()));
        }
        assert!(claim.verifies_head(&request.head(), &headers, &key.public()));
        let other_digest = SignatureHeaders { content_digest: content_digest(&[7; 32]), ..headers.clone() };
        assert!(!claim.verifies_head(&request.head(), &other_digest, &key.public()));
        let later = SignatureClaim::parse(&headers.signature_input.replace("1000", "1001")).unwrap();
        assert!(!later.verifies(&request, &headers, &key.public()));
        let other = Seed::from_bytes([2; 32]).signing_key("c", &[]);
        assert!(!claim.verifies(&request, &headers, &other.public()));
    }

    #[test]
    fn other_header_forms_are_refused() {
        for input in [
            "",
            "restow=()",
            r#"sig=("@method" "@path" "content-digest" "idempotency-key" "restow-issuer");created=1;keyid="a";alg="ed25519""#,
            r#"restow=("@method" "@path");created=1;keyid="a";alg="ed25519""#,
            r#"restow=("@method" "@path" "content-digest" "idempotency-key" "restow-issuer");created=01;keyid="a";alg="ed25519""#,
            r#"restow=("@method" "@path" "content-digest" "idempotency-key" "restow-issuer");created=1;keyid="a" ;alg="ed25519""#,
            r#"restow=("@method" "@path" "content-digest" "idempotency-key" "restow-issuer");created=1;keyid="a";alg="rsa""#,
        ] {
            assert_eq!(SignatureClaim::parse(input), None, "{input}");
        }
    }
}
