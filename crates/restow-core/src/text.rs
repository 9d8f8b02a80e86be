//! Untrusted text, made safe for display.

use std::borrow::Cow;

/// Returns untrusted text for a message: one line without control characters, at most 300 characters.
///
/// An ellipsis marks a longer text. Characters that change the direction of text stay; see [`sanitize`].
#[must_use]
pub fn to_short_line(text: &str) -> String {
    const MAX_CHARS: usize = 300;
    let mut line: String = text.chars().filter(|c| !c.is_control()).take(MAX_CHARS.saturating_add(1)).collect();
    if let Some((end, _)) = line.char_indices().nth(MAX_CHARS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// Returns true for a character that can control a terminal, end a line or change the direction of text.
///
/// Such characters are control characters, line and paragraph separators, and the byte order mark. The formatting
/// characters of the Unicode bidirectional algorithm (UAX #9) are others.
#[must_use]
pub fn is_unsafe_for_display(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{feff}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Replaces characters of foreign text that could control a terminal or change the direction of text.
#[must_use]
pub fn sanitize(text: &str) -> Cow<'_, str> {
    if text.contains(is_unsafe_for_display) {
        Cow::Owned(text.replace(is_unsafe_for_display, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Returns a document without the byte order mark of UTF-8, which some programs write before it.
#[must_use]
pub fn without_byte_order_mark(document: &[u8]) -> &[u8] {
    document.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(document)
}

#[cfg(test)]
mod tests {
    use super::to_short_line;

    #[test]
    fn short_line_has_limits() {
        assert_eq!(to_short_line("a\u{1b}[2J\nb\u{9b}ü"), "a[2Jbü");
        assert_eq!(to_short_line(&"ü".repeat(300)), "ü".repeat(300));
        assert_eq!(to_short_line(&"ü".repeat(1 << 20)), format!("{}…", "ü".repeat(300)));
    }
}
