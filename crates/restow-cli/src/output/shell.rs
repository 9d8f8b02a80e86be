//! Words of commands that the user can type.

use restow_core::text::sanitize;

/// Quotes a word for a POSIX shell, so that a printed command can be typed.
pub(crate) fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,%@+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", sanitize(word).replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shell_words_are_quoted() {
        assert_eq!(shell_word("library/Songs/x.wma"), "library/Songs/x.wma");
        assert_eq!(shell_word("Quiet Station"), "'Quiet Station'");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
