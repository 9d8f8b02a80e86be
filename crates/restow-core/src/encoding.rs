//! Text encodings of the formats, and SHA-256.

use std::ops::RangeInclusive;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

/// Implements `Serialize` and `Deserialize` of a type as a text.
#[doc(hidden)]
#[macro_export]
macro_rules! text_serde {
    ($type:ty, $to_text:expr, $from_text:expr) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&$to_text(self))
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                $from_text(&text).map_err(serde::de::Error::custom)
            }
        }
    };
}

/// Returns true for a text with this number of characters of base64url.
pub fn is_token(text: &str, len: RangeInclusive<usize>) -> bool {
    len.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Encodes bytes as base64url without padding (RFC 4648 §5).
pub fn b64(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

/// Decodes base64url without padding. Returns `None` for other texts.
pub fn from_b64(text: &str) -> Option<Vec<u8>> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()
}

/// Decodes base64url of exactly `N` bytes. Returns `None` for other texts.
pub fn from_b64_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    from_b64(text)?.try_into().ok()
}

/// Encodes bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

/// Decodes lower-case hexadecimal digits of exactly `N` bytes. Returns `None` for other texts.
pub fn from_hex_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// Returns the SHA-256 of the bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes).into()
}
