//! Encoding of ASF fields.

use crate::asf::objects::{OBJECT_PREFIX_LEN, guid::Guid};

/// Maximum length of a text in UTF-16 code units, so that its length in bytes fits 16 bits.
const MAX_UNITS: usize = 32_000;

/// Encodes an object: GUID, size, body.
pub(super) fn build_object(guid: &Guid, body: &[u8]) -> Vec<u8> {
    let size = OBJECT_PREFIX_LEN.saturating_add(body.len()) as u64;
    [&guid[..], &size.to_le_bytes(), body].concat()
}

/// Encodes a text in UTF-16LE with a final NUL.
pub(super) fn utf16le_nul(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().take(MAX_UNITS).chain([0]);
    units.flat_map(u16::to_le_bytes).collect()
}

/// Encodes the length as 16 bits. Callers pass the result of [`utf16le_nul`] or less.
pub(super) fn len16(bytes: &[u8]) -> [u8; 2] {
    u16::try_from(bytes.len()).unwrap_or(u16::MAX).to_le_bytes()
}

/// Encodes the length as 32 bits.
pub(super) fn len32(bytes: &[u8]) -> [u8; 4] {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes()
}

/// Encodes bytes after their 32-bit length.
pub(super) fn counted32(bytes: &[u8]) -> Vec<u8> {
    [&len32(bytes)[..], bytes].concat()
}

/// Returns bytes of noise.
pub(super) fn noise(seed: u64, len: usize) -> Vec<u8> {
    Noise(seed).take(len).collect()
}

/// Noise that is the same on every machine (SplitMix64). It is not secret.
pub(super) struct Noise(pub(super) u64);

impl Iterator for Noise {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let [byte, ..] = (mixed ^ (mixed >> 31)).to_le_bytes();
        Some(byte)
    }
}
