//! Any text in the headers of a signed request. Byte 0: 0 selects a raw `Signature-Input`. Other values sign a
//! request and replace one of its parts; only the signed request may verify.

use restow_core::protocol::signature::{SignatureClaim, SignatureHeaders, SignedRequest, is_idempotency_key};

use super::common::{Bytes, counted, key, with_mode};

const INPUT: &str = r#"("@method" "@path" "content-digest" "idempotency-key" "restow-issuer")"#;

pub fn run(data: &[u8]) {
    let Some((mode, data)) = data.split_first() else { return };
    if *mode == 0 {
        let text = String::from_utf8_lossy(data);
        let Some(claim) = SignatureClaim::parse(&text) else { return };
        let (created, computer) = (claim.created, &claim.computer);
        // There is exactly one encoding.
        assert_eq!(text, format!("restow={INPUT};created={created};keyid=\"{computer}\";alg=\"ed25519\""));
        return;
    }
    let mut bytes = Bytes(data);
    let created = i64::from_le_bytes(bytes.array());
    // Headers and paths have no line breaks, because HTTP excludes them.
    let line = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(char::is_control, "");
    let (path, idempotency_key, issuer) = (line(bytes.counted()), line(bytes.counted()), line(bytes.counted()));
    let other = line(bytes.counted());
    let body = bytes.0;
    let _ = is_idempotency_key(&idempotency_key);
    let request = SignedRequest { path: &path, idempotency_key: &idempotency_key, issuer: &issuer, body };
    let computer = key("computer");
    let headers = request.sign(created, &computer);
    let claim = SignatureClaim::parse(&headers.signature_input).expect("what was written can be read");
    assert_eq!((claim.created, claim.computer.as_str()), (created, computer.public().thumbprint().as_str()));
    assert!(claim.verifies(&request, &headers, &computer.public()));

    let changed_headers = |change: &dyn Fn(&mut SignatureHeaders)| {
        let mut changed = headers.clone();
        change(&mut changed);
        changed
    };
    let (changed, with) = match mode % 6 {
        0 => (SignedRequest { path: &other, ..request }, headers.clone()),
        1 => (SignedRequest { idempotency_key: &other, ..request }, headers.clone()),
        2 => (SignedRequest { issuer: &other, ..request }, headers.clone()),
        3 => (SignedRequest { body: other.as_bytes(), ..request }, headers.clone()),
        4 => (request, changed_headers(&|headers| headers.signature.clone_from(&other))),
        _ => (request, changed_headers(&|headers| headers.content_digest.clone_from(&other))),
    };
    let same = changed.path == request.path
        && changed.idempotency_key == request.idempotency_key
        && changed.issuer == request.issuer
        && changed.body == request.body
        && with == headers;
    assert_eq!(claim.verifies(&changed, &with, &computer.public()), same);
    if let Some(claim) = SignatureClaim::parse(&other) {
        assert_eq!(claim.verifies(&request, &headers, &computer.public()), other == headers.signature_input);
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let idempotency_key = b"AAAAAAAAAAAAAAAAAAAAAA";
    let signed = SignedRequest {
        path: "/restow/v1/restore",
        idempotency_key: "AAAAAAAAAAAAAAAAAAAAAA",
        issuer: "i",
        body: b"{}",
    };
    let headers = signed.sign(1000, &key("computer"));
    let mut seeds = vec![with_mode(0, headers.signature_input.as_bytes())];
    let others =
        ["/restow/v1/acquire", "BBBBBBBBBBBBBBBBBBBBBB", "j", "{ }", &headers.signature, &headers.content_digest];
    for (mode, other) in (6_u8..).zip(others) {
        let parts = [&b"/restow/v1/restore"[..], idempotency_key, b"i", other.as_bytes()];
        let parts: Vec<u8> = parts.into_iter().flat_map(counted).collect();
        seeds.push(with_mode(mode, &[&1000_i64.to_le_bytes()[..], &parts, b"{}"].concat()));
    }
    seeds
}
