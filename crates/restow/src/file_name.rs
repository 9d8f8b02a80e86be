//! File names from titles: readable, and safe on every file system.

use restow_core::encoding::hex;
use restow_core::is_unsafe_for_display;

use crate::license::{Kind, LicenseIdentity};

/// Maximum number of bytes of a title in a file name. With its suffixes, the name fits the shortest limit of a file
/// system.
const MAX_STEM: usize = 100;

/// Returns the extension of the license documents of a kind.
pub(crate) const fn extension(kind: Kind) -> &'static str {
    match kind {
        Kind::Restow => "jws",
        Kind::Lcp => "lcpl",
    }
}

/// Returns the file name of a license without an extension: its title, else its ID.
pub(crate) fn stem(title: Option<&str>, identity: &LicenseIdentity) -> String {
    let ways = title.into_iter().chain([identity.license_id.as_str()]);
    ways.filter_map(safe).next().unwrap_or_else(|| "license".to_owned())
}

/// Returns the possible file names of a document, the best first. The later names distinguish documents with the same
/// title.
pub(crate) fn candidates(stem: &str, sha256: &[u8; 32], ending: &str) -> [String; 3] {
    let digest = hex(sha256);
    let short = digest.get(..8).unwrap_or_default();
    [format!("{stem}.{ending}"), format!("{stem} ({short}).{ending}"), format!("{digest}.{ending}")]
}

/// Returns the name as a file system without a difference of case reads it.
pub(crate) fn case_fold(name: &str) -> String {
    name.to_lowercase()
}

/// Returns the text as a safe stem of a file name, or `None` if no character is left.
fn safe(text: &str) -> Option<String> {
    let mut name = String::new();
    for c in text.chars().take(4 * MAX_STEM) {
        let c = match c {
            // Separators of folders and streams, wildcards, and characters with a meaning in shells.
            '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => ' ',
            c if c.is_whitespace() => ' ',
            // Invisible characters, and characters that some file systems cannot store.
            c if is_unsafe_for_display(c) || is_unseen(c) => continue,
            c => c,
        };
        if c == ' ' && name.ends_with(' ') {
            continue;
        }
        if name.len() + c.len_utf8() > MAX_STEM {
            break;
        }
        name.push(c);
    }
    // A leading dot hides a file, and a leading hyphen makes an option. Windows removes dots and spaces at the end.
    let name = name.trim_start_matches([' ', '.', '-']).trim_end_matches([' ', '.']);
    // Windows compares only the part before the first dot with its devices.
    let (first, rest) = name.split_at(name.find('.').unwrap_or(name.len()));
    let name = if is_device(first) { format!("{}_{rest}", first.trim_end()) } else { name.to_owned() };
    (!name.is_empty()).then_some(name)
}

fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{ffff}'
        | '\u{e000}'..='\u{f8ff}' | '\u{e0000}'..)
}

/// Returns true for names of Windows devices, without regard to an extension.
fn is_device(first: &str) -> bool {
    let first = first.trim_end().to_lowercase();
    let numbered = |beginning: &str| {
        let rest = first.strip_prefix(beginning).map(|rest| rest.chars().collect::<Vec<_>>());
        matches!(rest.as_deref(), Some(['0'..='9' | '¹' | '²' | '³']))
    };
    matches!(first.as_str(), "con" | "prn" | "aux" | "nul" | "conin$" | "conout$") || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn titles_become_safe_names() {
        for (title, name) in [
            ("The Waste Land", "The Waste Land"),
            ("Rise: a story?", "Rise a story"),
            ("../../etc/passwd", "etc passwd"),
            ("C:\\Windows\\x", "C Windows x"),
            ("..", ""),
            ("  .hidden. . ", "hidden"),
            ("--help", "help"),
            ("CON", "CON_"),
            ("nul.txt", "nul_.txt"),
            ("Aux.tar.gz", "Aux_.tar.gz"),
            ("com¹ .x", "com¹_.x"),
            ("Concord", "Concord"),
            ("COM10", "COM10"),
            ("a\u{202e}b\u{0}c\n\td\u{200b}", "abc d"),
            ("Über 100 % — „gut“", "Über 100 % — „gut“"),
            ("", ""),
        ] {
            assert_eq!(safe(title).unwrap_or_default(), name, "{title:?}");
        }
        let long = safe(&"ü ".repeat(1 << 16)).unwrap();
        assert!(long.len() <= MAX_STEM && long.starts_with("ü ü") && !long.ends_with(' '));
        for c in (0..=0x10_FFFF).filter_map(char::from_u32) {
            let name = safe(&format!("a{c}b")).unwrap();
            assert!(Path::new(&name).components().count() == 1 && !name.contains(char::is_control), "{c:?}");
        }
    }

    #[test]
    fn license_without_title_uses_id() {
        let identity = |id: &str| LicenseIdentity { kind: Kind::Lcp, issuer: "x".into(), license_id: id.into() };
        assert_eq!(stem(Some("A"), &identity("b")), "A");
        assert_eq!(stem(Some("::"), &identity("b/1")), "b 1");
        assert_eq!(stem(None, &identity("..")), "license");
    }
}
