//! Text from files, limited in length and safe to print.
//!
//! Titles appear in terminals, web pages and logs. A file must not be able to move the cursor, turn the
//! direction of the text around it, or fill the memory.

use restow_core::is_unsafe_for_display;

/// Maximum length of a title, author or album, in characters.
pub(crate) const MAX_TEXT: usize = 1024;

/// Maximum length of a URL, in characters. A truncated URL would be wrong, so a longer one is dropped.
pub(crate) const MAX_URL: usize = 4096;

/// Maximum length of an entry name in messages, in characters.
const MAX_NAME_LEN: usize = 128;

/// Returns the name of a package entry in a form that is safe to print.
pub(crate) fn clean_entry_name(name: &[u8]) -> String {
    clean(String::from_utf8_lossy(name).chars(), MAX_NAME_LEN).unwrap_or_default()
}

/// Returns the extension of a file name in lower case; empty if there is none.
pub(crate) fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default()
}

/// Parses two hexadecimal digits of any case.
pub(crate) fn parse_hex_byte(digits: &[u8]) -> Option<u8> {
    let [high, low] = digits else { return None };
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(*high)? << 4 | digit(*low)?)
}

/// Decodes UTF-16LE. Invalid units become U+FFFD; an odd last byte is ignored.
pub(crate) fn decode_utf16le(bytes: &[u8]) -> impl Iterator<Item = char> {
    let units = bytes.as_chunks::<2>().0.iter().map(|unit| u16::from_le_bytes(*unit));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// Decodes bytes that should be ASCII, up to the first NUL: as UTF-8 if valid, else as Latin-1, which keeps
/// different strings different.
pub(crate) fn decode_utf8_or_latin1(bytes: &[u8]) -> String {
    let text_bytes = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    match str::from_utf8(text_bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => text_bytes.iter().copied().map(char::from).collect(),
    }
}

/// Returns true if UTF-16LE bytes, up to an optional NUL, equal this ASCII name.
pub(crate) fn utf16le_equals(bytes: &[u8], name: &str) -> bool {
    decode_utf16le(bytes).take_while(|c| *c != '\0').eq(name.chars())
}

/// Returns the text up to the first NUL as one trimmed line of at most `max` characters, without control and
/// direction characters. `None` if nothing remains.
pub(crate) fn clean(chars: impl Iterator<Item = char>, max: usize) -> Option<String> {
    let mut text: String = printable_chars(chars).skip_while(|c| c.is_whitespace()).take(max).collect();
    text.truncate(text.trim_end().len());
    (!text.is_empty()).then_some(text)
}

/// Works like [`clean`], but returns `Err` if the text is longer than `max` characters.
pub(crate) fn clean_or_reject(chars: impl Iterator<Item = char>, max: usize) -> Result<Option<String>, TooLong> {
    let text = clean(chars, max.saturating_add(1));
    match text {
        Some(text) if text.chars().count() > max => Err(TooLong),
        text => Ok(text),
    }
}

/// Error for a text longer than the limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct TooLong;

fn printable_chars(chars: impl Iterator<Item = char>) -> impl Iterator<Item = char> {
    chars.take_while(|c| *c != '\0').filter_map(|c| match c {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        c => (!is_unsafe_for_display(c)).then_some(c),
    })
}

#[cfg(test)]
mod tests {
    use super::{TooLong, clean, clean_or_reject, decode_utf8_or_latin1, decode_utf16le, utf16le_equals};

    fn to_utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn utf16_ends_at_nul_or_odd_byte() {
        let mut bytes = to_utf16le("Größe 第\0rest");
        assert_eq!(clean(decode_utf16le(&bytes), 100).as_deref(), Some("Größe 第"));
        bytes.truncate(7);
        assert_eq!(clean(decode_utf16le(&bytes), 100).as_deref(), Some("Grö"));
        assert_eq!(clean(decode_utf16le(&[0x00, 0xd8]), 100).as_deref(), Some("\u{fffd}"));
    }

    #[test]
    fn clean_removes_control_and_direction_characters() {
        let text = "\u{feff} a\u{1b}[2J\u{7}\nb\u{202e}c\u{9b}31m ";
        assert_eq!(clean(text.chars(), 100).as_deref(), Some("a[2J bc31m"));
        assert_eq!(clean(" \r\n\u{202e}".chars(), 100), None);
    }

    #[test]
    fn limit_counts_characters_not_bytes() {
        assert_eq!(clean("第二章".chars(), 2).as_deref(), Some("第二"));
        assert_eq!(clean_or_reject("第二章".chars(), 2), Err(TooLong));
        assert_eq!(clean_or_reject("第二".chars(), 2), Ok(Some("第二".to_owned())));
    }

    #[test]
    fn latin1_keeps_different_bytes_different() {
        assert_eq!(decode_utf8_or_latin1(b"abc\0def"), "abc");
        assert_eq!(decode_utf8_or_latin1("é".as_bytes()), "é");
        assert_eq!(decode_utf8_or_latin1(&[0xe9]), "é");
        assert_ne!(decode_utf8_or_latin1(&[0xe9]), decode_utf8_or_latin1(&[0xe8]));
    }

    #[test]
    fn utf16le_equals_needs_whole_name() {
        assert!(utf16le_equals(&to_utf16le("Title\0"), "Title"));
        assert!(utf16le_equals(&to_utf16le("Title"), "Title"));
        assert!(!utf16le_equals(&to_utf16le("Titles"), "Title"));
        assert!(!utf16le_equals(&to_utf16le("Titl"), "Title"));
    }
}
