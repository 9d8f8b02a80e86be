//! Texts of the command by message ID, in the user's language. The first lookup parses the bundle.

use restow::Language;
use restow_core::texts::FluentValue;

static TEXTS: restow_core::texts::Texts =
    restow_core::texts::Texts::new(include_str!("../i18n/en/restow.ftl"), include_str!("../i18n/de/restow.ftl"));

/// Named values of a text.
pub(crate) type Values<'a> = [(&'a str, FluentValue<'a>)];

/// Writes named values: `values![count = 3_u64, title = &title]`.
macro_rules! values {
    () => { &[] };
    ($($name:ident = $value:expr),+ $(,)?) => {
        &[$((stringify!($name), restow_core::texts::FluentValue::from($value))),+]
    };
}
pub(crate) use values;

/// Texts of one language.
#[derive(Clone, Copy)]
pub(crate) struct Texts {
    language: Language,
}

impl Texts {
    pub(crate) const fn new(language: Language) -> Self {
        Self { language }
    }

    /// Creates the texts in the requested language, or the one of the environment, or English.
    pub(crate) fn for_user(requested: Option<Language>) -> Self {
        Self::new(requested.unwrap_or_else(|| {
            let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
            match ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set) {
                Some(locale) if locale.to_ascii_lowercase().starts_with("de") => Language::German,
                _ => Language::English,
            }
        }))
    }

    pub(crate) const fn language(self) -> Language {
        self.language
    }

    /// Returns the text of a message, or of `message.attribute`. Returns `None` if there is no such text or a
    /// value is missing.
    pub(crate) fn find(self, id: &str, values: &Values<'_>) -> Option<String> {
        TEXTS.find(self.language, id, values)
    }

    /// Returns the text of a message, or the ID if the text is missing. Tests exclude the second case.
    pub(crate) fn text(self, id: &str, values: &Values<'_>) -> String {
        self.find(id, values).unwrap_or_else(|| id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn languages_have_the_same_messages() {
        assert_eq!(TEXTS.differences().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn commands_and_arguments_have_texts() {
        for language in Language::ALL {
            let missing = crate::help::missing_texts(&crate::args::Args::command(), &Texts::new(language), "help");
            assert_eq!(missing, Vec::<String>::new());
        }
    }

    /// Checks that each literal message ID in the source exists, and that the source uses each message.
    #[test]
    fn used_texts_exist() {
        let known = TEXTS.variables(Language::English).unwrap();
        let mut unused: BTreeSet<&str> = known.keys().map(|id| id.split('.').next().unwrap_or(id)).collect();
        // Prefixes of IDs that are built at run time.
        const COMPOSED: [&str; 13] = [
            "amount-",
            "help",
            "value-",
            "reason-",
            "usability-",
            "why-",
            "notice-",
            "standing-",
            "admin-did-",
            "facts-by-",
            "disk-",
            "kind-",
            "risk-",
        ];
        unused.retain(|id| !COMPOSED.iter().any(|prefix| id.starts_with(prefix)));
        let source = sources("src");
        unused.retain(|id| !source.contains(&format!("\"{id}\"")));
        assert!(unused.is_empty(), "unused: {unused:?}");
        for call in [".text(\"", ".print(\"", ".warn(\"", ".print_note(\"", ".print_chapter(\"", ".ask(\""] {
            for (at, _) in source.match_indices(call) {
                let id = source[at + call.len()..].split('"').next().unwrap_or_default();
                assert!(known.contains_key(id), "{id} does not exist");
            }
        }
        for (at, _) in source.match_indices(".print_styled(") {
            let literal = source[at..].split(')').next().unwrap_or_default().split('"').nth(1);
            if let Some(id) = literal.filter(|id| !id.contains('{')) {
                assert!(known.contains_key(id), "{id} does not exist");
            }
        }
    }

    #[test]
    fn risks_and_disks_have_texts() {
        let known = TEXTS.variables(Language::English).unwrap();
        let risks = restow::safety::RiskReason::ALL.iter().map(|risk| format!("risk-{}", risk.as_str()));
        let disks = restow::disk::DiskRelation::ALL.iter().map(|disk| format!("disk-{}", disk.as_str()));
        let missing: Vec<_> = risks.chain(disks).filter(|id| !known.contains_key(id.as_str())).collect();
        assert_eq!(missing, Vec::<String>::new());
    }

    /// Returns the contents of all files below a folder of the crate, except this one.
    fn sources(folder: &str) -> String {
        let mut source = String::new();
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().is_some_and(|name| name != "texts.rs") {
                    source.push_str(&std::fs::read_to_string(path).unwrap());
                }
            }
        }
        source
    }

    #[test]
    fn hostile_values_are_sanitized() {
        let text = Texts::new(Language::English).text("title-quoted", values![title = "a\u{1b}[31m\u{202e}b"]);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }
}
