//! Text from outside, made safe to show.

/// Text from outside as a message repeats it: one line that is not long, whoever wrote it.
#[must_use]
pub fn quoted(text: &str) -> String {
    const MOST: usize = 300;
    let mut quoted: String = text.chars().filter(|c| !c.is_control()).take(MOST.saturating_add(1)).collect();
    if let Some((end, _)) = quoted.char_indices().nth(MOST) {
        quoted.truncate(end);
        quoted.push('…');
    }
    quoted
}

/// Whether a character, when it is printed, commands a terminal, ends a line or turns text around: control characters, line and paragraph
/// separators, byte order marks, and the marks, embeddings, overrides and isolates of the bidirectional algorithm.
#[must_use]
pub fn is_unsafe_for_display(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{feff}' | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
