//! Conversion of UTF-16 text.

use restow::Hresult;

use crate::ffi::CallError;

/// Decodes the bytes of a value: UTF-16LE with or without a terminator, at any alignment.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<String, CallError> {
    let (units, odd) = bytes.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(CallError(Hresult::E_INVALIDARG));
    }
    decode(units.iter().map(|unit| u16::from_le_bytes(*unit)))
}

/// Decodes text up to its terminator.
///
/// # Safety
/// `text` is null or points, at any alignment, to UTF-16 that ends with a zero and does not change during the
/// call.
pub(crate) unsafe fn from_terminated(text: *const u16) -> Result<String, CallError> {
    if text.is_null() {
        return Err(CallError(Hresult::E_INVALIDARG));
    }
    let mut next = text;
    decode(std::iter::from_fn(|| {
        // SAFETY: `decode` takes no unit after the terminator, so no memory after it is read.
        let unit = unsafe { next.read_unaligned() };
        next = next.wrapping_add(1);
        Some(unit)
    }))
}

/// Decodes up to a zero. A lone surrogate is refused, because Restow could not print the path.
fn decode(units: impl Iterator<Item = u16>) -> Result<String, CallError> {
    char::decode_utf16(units.take_while(|unit| *unit != 0))
        .collect::<Result<_, _>>()
        .map_err(|_| CallError(Hresult::E_INVALIDARG))
}

/// Encodes text as UTF-16 with a terminator. Zeros inside are removed; titles, URLs and key IDs have none.
pub(crate) fn terminated(text: &str) -> Vec<u16> {
    text.encode_utf16().filter(|unit| *unit != 0).chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn read(bytes: &[u8]) -> Option<String> {
        from_bytes(bytes).ok()
    }

    #[test]
    fn terminator_is_optional() {
        assert_eq!(read(&bytes("c:\\test")).as_deref(), Some("c:\\test"));
        assert_eq!(read(&bytes("c:\\test\0")).as_deref(), Some("c:\\test"));
        assert_eq!(read(&bytes("c:\\ü\0rest")).as_deref(), Some("c:\\ü"));
        assert_eq!(read(&[]).as_deref(), Some(""));
    }

    #[test]
    fn odd_lengths_and_lone_surrogates_are_refused() {
        assert_eq!(read(&bytes("c:")[..3]), None);
        assert_eq!(read(&[0x3D, 0xD8]), None);
        assert_eq!(read(&[0x3D, 0xD8, 0x41, 0]), None);
        assert_eq!(read(&bytes("🎵")).as_deref(), Some("🎵"));
    }

    #[test]
    fn text_is_read_unaligned_to_terminator() {
        let mut memory = vec![0xFFu8];
        memory.extend(bytes("BackupPath\0beyond\0"));
        // SAFETY: the text in `memory` ends with a zero.
        let read = unsafe { from_terminated(memory.as_ptr().wrapping_add(1).cast()) };
        assert_eq!(read.ok().as_deref(), Some("BackupPath"));
        // SAFETY: null is allowed.
        assert!(unsafe { from_terminated(std::ptr::null()) }.is_err());
    }

    #[test]
    fn encoded_text_has_one_terminator() {
        assert_eq!(terminated("aü"), [0x61, 0xFC, 0]);
        assert_eq!(terminated("a\0b"), [0x61, 0x62, 0]);
    }
}
