//! Request signatures (RFC 9421) and content digests (RFC 9530), for both sides (docs/service-protocol.md §3).

use data_encoding::BASE64;

use crate::encoding::sha256;
use crate::keys::{PublicKey, SecretKey};
use crate::time::UnixTime;

/// What a signature covers.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    /// The path, `/restow/v1/…`, without query.
    pub path: &'a str,
    /// The `Idempotency-Key` header.
    pub idempotency_key: &'a str,
    /// The `Restow-Issuer` header.
    pub issuer: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// The headers of a signed request that depend on its signature.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureHeaders {
    /// `Content-Digest`
    pub content_digest: String,
    /// `Signature-Input`
    pub signature_input: String,
    /// `Signature`
    pub signature: String,
}

const COMPONENTS: &str = r#"("@method" "@path" "content-digest" "idempotency-key" "restow-issuer")"#;

/// True for a text that may be an idempotency key: 22 to 64 characters of `A–Z a–z 0–9 - _`.
#[must_use]
pub fn is_idempotency_key(text: &str) -> bool {
    (22..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", BASE64.encode(&sha256(body)))
}

impl SignedRequest<'_> {
    fn base(&self, digest: &str, parameters: &str) -> String {
        format!(
            "\"@method\": POST\n\"@path\": {}\n\"content-digest\": {digest}\n\"idempotency-key\": {}\n\
             \"restow-issuer\": {}\n\"@signature-params\": {parameters}",
            self.path, self.idempotency_key, self.issuer
        )
    }

    /// Signs a request made at `created`.
    #[must_use]
    pub fn sign(&self, created: UnixTime, key: &SecretKey) -> SignatureHeaders {
        let keyid = key.public().thumbprint();
        let parameters = format!(r#"{COMPONENTS};created={created};keyid="{keyid}";alg="ed25519""#);
        let content_digest = content_digest(self.body);
        let signature = key.sign(self.base(&content_digest, &parameters).as_bytes());
        SignatureHeaders {
            content_digest,
            signature_input: format!("restow={parameters}"),
            signature: format!("restow=:{}:", BASE64.encode(&signature)),
        }
    }
}

/// Who says they signed, and when: not verified yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignatureClaim {
    /// Unix time of signing.
    pub created: UnixTime,
    /// The computer ID.
    pub computer: String,
    parameters: String,
}

impl SignatureClaim {
    /// Reads a `Signature-Input` header; only the exact form of this protocol is accepted.
    #[must_use]
    pub fn parse(signature_input: &str) -> Option<Self> {
        let parameters = signature_input.strip_prefix("restow=")?;
        let rest = parameters.strip_prefix(COMPONENTS)?.strip_prefix(";created=")?;
        let (created, rest) = rest.split_once(";keyid=\"")?;
        let computer = rest.strip_suffix("\";alg=\"ed25519\"")?;
        let plain =
            computer.len() <= 64 && computer.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let canonical = created.parse().ok().filter(|time: &UnixTime| time.to_string() == created)?;
        plain.then(|| Self { created: canonical, computer: computer.to_owned(), parameters: parameters.to_owned() })
    }

    /// True when `key` signed exactly this request, and it is the key of the computer named.
    #[must_use]
    pub fn verifies(&self, request: &SignedRequest<'_>, headers: &SignatureHeaders, key: &PublicKey) -> bool {
        let signature = headers.signature.strip_prefix("restow=:").and_then(|s| s.strip_suffix(':'));
        let signature = signature.and_then(|s| BASE64.decode(s.as_bytes()).ok());
        let Some(signature) = signature.and_then(|bytes| <[u8; 64]>::try_from(bytes).ok()) else { return false };
        let digest = content_digest(request.body);
        headers.content_digest == digest
            && key.thumbprint() == self.computer
            && key.verifies(request.base(&digest, &self.parameters).as_bytes(), &signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;

    #[test]
    fn covers_everything() {
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
        let later = SignatureClaim::parse(&headers.signature_input.replace("1000", "1001")).unwrap();
        assert!(!later.verifies(&request, &headers, &key.public()));
        let other = Seed::from_bytes([2; 32]).signing_key("c", &[]);
        assert!(!claim.verifies(&request, &headers, &other.public()));
    }

    #[test]
    fn other_forms_are_refused() {
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
