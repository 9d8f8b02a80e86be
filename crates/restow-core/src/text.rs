//! Untrusted text, made safe for display.

use std::borrow::Cow;

/// Returns untrusted text for a message: one line without control characters, at most 300 characters.
///
/// An ellipsis marks a longer text.
#[must_use]
pub fn quoted(text: &str) -> String {
    const MAX_CHARS: usize = 300;
    let mut quoted: String = text.chars().filter(|c| !c.is_control()).take(MAX_CHARS.saturating_add(1)).collect();
    if let Some((end, _)) = quoted.char_indices().nth(MAX_CHARS) {
        quoted.truncate(end);
        quoted.push('…');
    }
    quoted
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

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quoted_text_is_one_short_line() {
        assert_eq!(quoted("a\u{1b}[2J\nb\u{9b}ü"), "a[2Jbü");
        assert_eq!(quoted(&"ü".repeat(300)), "ü".repeat(300));
        assert_eq!(quoted(&"ü".repeat(1 << 20)), format!("{}…", "ü".repeat(300)));
    }
}
