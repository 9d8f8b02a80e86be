//! The two encodings the formats use, named once.

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

/// base64url without padding (RFC 4648 §5).
pub fn b64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// The bytes of base64url text without padding.
pub fn from_b64(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

/// Exactly `N` bytes of base64url text.
pub fn from_b64_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_b64(text)?.try_into().ok()
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Exactly `N` bytes of lower-case hex.
pub fn from_hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
