//! Texts of the command by message ID, in the user's language. The first lookup parses the bundle.

use std::borrow::Cow;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use crate::args::Lang;
use crate::sanitize::sanitize;

const EN: &str = include_str!("../i18n/en/restow.ftl");
const DE: &str = include_str!("../i18n/de/restow.ftl");

/// Named values of a text.
pub(crate) type Values<'a> = [(&'a str, FluentValue<'a>)];

/// Writes named values: `values![count = 3_u64, title = &title]`.
macro_rules! values {
    () => { &[] };
    ($($name:ident = $value:expr),+ $(,)?) => {
        &[$((stringify!($name), fluent_bundle::FluentValue::from($value))),+]
    };
}
pub(crate) use values;

/// Texts of one language.
pub(crate) struct Texts {
    lang: Lang,
    bundle: OnceLock<FluentBundle<FluentResource>>,
}

impl Texts {
    pub(crate) const fn new(lang: Lang) -> Self {
        Self { lang, bundle: OnceLock::new() }
    }

    /// Returns the requested language, or the one of the environment, or English.
    pub(crate) fn language(asked: Option<Lang>) -> Lang {
        asked.unwrap_or_else(|| {
            let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
            match ["LC_ALL", "LC_MESSAGES", "LANG"].iter().find_map(set) {
                Some(locale) if locale.to_ascii_lowercase().starts_with("de") => Lang::De,
                _ => Lang::En,
            }
        })
    }

    /// Returns the language as `--lang` takes it.
    pub(crate) const fn code(&self) -> &'static str {
        match self.lang {
            Lang::En => "en",
            Lang::De => "de",
        }
    }

    fn bundle(&self) -> &FluentBundle<FluentResource> {
        self.bundle.get_or_init(|| {
            let source = match self.lang {
                Lang::En => EN,
                Lang::De => DE,
            };
            let lang: LanguageIdentifier = self.code().parse().unwrap_or_default();
            let mut bundle = FluentBundle::new_concurrent(vec![lang]);
            // Isolation marks around values would end up in files and other programs.
            bundle.set_use_isolating(false);
            // A test parses both files without a fault. A release uses every readable message.
            let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
            bundle
        })
    }

    /// Returns the text of a message, or of `message.attribute`. Returns `None` if there is no such text or a
    /// value is missing.
    pub(crate) fn find(&self, id: &str, values: &Values<'_>) -> Option<String> {
        let bundle = self.bundle();
        let (message, attribute) = id.split_once('.').map_or((id, None), |(message, name)| (message, Some(name)));
        let message = bundle.get_message(message)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            // Foreign text must not send commands to the terminal.
            let value = match value {
                FluentValue::String(text) => FluentValue::String(Cow::Owned(sanitize(text).into_owned())),
                other => other.clone(),
            };
            args.set(*name, value);
        }
        let mut faults = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut faults).into_owned();
        // A value at the end may be empty.
        faults.is_empty().then(|| text.trim_end().to_owned())
    }

    /// Returns the text of a message, or the ID if the text is missing. Tests exclude the second case.
    pub(crate) fn text(&self, id: &str, values: &Values<'_>) -> String {
        self.find(id, values).unwrap_or_else(|| id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;
    use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
    use std::collections::{BTreeMap, BTreeSet};

    /// Returns the IDs of messages and attributes, each with the values in its text.
    fn facts(source: &'static str) -> BTreeMap<String, BTreeSet<String>> {
        let resource = fluent_syntax::parser::parse(source).expect("no fault in the file");
        let mut facts = BTreeMap::new();
        for entry in resource.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
                other => panic!("only messages: {other:?}"),
            };
            let id = message.id.name.to_owned();
            let mut put = |id: String, pattern: &Pattern<&str>| {
                let mut names = BTreeSet::new();
                variables(pattern, &mut names);
                assert!(facts.insert(id.clone(), names).is_none(), "{id} stands twice");
            };
            for attribute in &message.attributes {
                put(format!("{id}.{}", attribute.id.name), &attribute.value);
            }
            if let Some(pattern) = &message.value {
                put(id, pattern);
            }
        }
        facts
    }

    fn variables(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
        for element in &pattern.elements {
            if let PatternElement::Placeable { expression } = element {
                match expression {
                    Expression::Inline(inline) => variable(inline, names),
                    Expression::Select { selector, variants } => {
                        variable(selector, names);
                        for variant in variants {
                            variables(&variant.value, names);
                        }
                    }
                }
            }
        }
    }

    fn variable(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
        match inline {
            InlineExpression::VariableReference { id } => {
                names.insert(id.name.to_owned());
            }
            InlineExpression::StringLiteral { .. } => {}
            other => panic!("only variables and texts: {other:?}"),
        }
    }

    #[test]
    fn languages_have_the_same_messages() {
        let (en, de) = (facts(EN), facts(DE));
        let missing_from = |one: &BTreeMap<String, _>, other: &BTreeMap<String, _>| {
            one.keys().filter(|id| !other.contains_key(*id)).cloned().collect::<Vec<_>>()
        };
        assert_eq!((missing_from(&en, &de), missing_from(&de, &en)), (Vec::new(), Vec::new()));
        for (id, names) in &en {
            // Details of other programs are English, so only the English text shows them.
            let mut names = names.clone();
            if !de[id].contains("text") {
                names.remove("text");
            }
            assert_eq!(de.get(id), Some(&names), "{id}");
        }
    }

    #[test]
    fn commands_and_arguments_have_texts() {
        for lang in [Lang::En, Lang::De] {
            let texts = Texts::new(lang);
            let missing = crate::help::missing_texts(&crate::args::Args::command(), &texts, "help");
            assert_eq!(missing, Vec::<String>::new());
        }
    }

    /// Checks that each literal message ID in the source exists, and that the source uses each message.
    #[test]
    fn used_texts_exist() {
        let known = facts(EN);
        let mut unused: BTreeSet<&str> = known.keys().map(|id| id.split('.').next().unwrap_or(id)).collect();
        // Another test checks the messages for codes of the library.
        unused.retain(|id| !["help", "value-", "error-", "note-"].iter().any(|beginning| id.starts_with(beginning)));
        let source = sources("src");
        // Prefixes of IDs that are built at run time.
        const COMPOSED: [&str; 8] =
            ["reason-", "usability-", "outcome-", "why-", "notice-", "usage-", "demo-", "standing-"];
        unused.retain(|id| !COMPOSED.iter().any(|beginning| id.starts_with(beginning)));
        unused.retain(|id| !source.contains(&format!("\"{id}\"")));
        assert!(unused.is_empty(), "nobody says {unused:?}");
        let calls = [
            ".text(\"",
            ".print(\"",
            ".warn(\"",
            ".print_note(\"",
            ".print_chapter(\"",
            ".ask(\"",
            "Failure::cli_error(\"",
        ];
        for call in calls {
            for (at, _) in source.match_indices(call) {
                let rest = &source[at + call.len()..];
                let id = rest.split('"').next().unwrap_or_default();
                let id = if call.contains("cli_error") { format!("error-{id}") } else { id.to_owned() };
                assert!(known.contains_key(&id), "{id} is said and does not exist");
            }
        }
        for (at, _) in source.match_indices(".print_styled(") {
            let literal = source[at..].split(')').next().unwrap_or_default().split('"').nth(1);
            if let Some(id) = literal.filter(|id| !id.contains('{')) {
                assert!(known.contains_key(id), "{id} is told and does not exist");
            }
        }
    }

    /// Returns the double-quoted codes of a source text: lower-case letters and digits, joined by hyphens.
    fn codes(source: &str) -> impl Iterator<Item = &str> {
        let is_code = |text: &&str| {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            !text.is_empty() && text.chars().all(plain)
        };
        source.split('"').filter(is_code)
    }

    /// Reads the stable codes from the source of the libraries, so that no code is forgotten: codes of enums, of
    /// messages, and of the results of a restore.
    fn library_codes() -> BTreeSet<String> {
        const NO_LIBRARIES: [&str; 4] = ["restow-bench", "restow-c", "restow-cli", "restow-wmformat"];
        let mut found = BTreeSet::new();
        for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            if NO_LIBRARIES.contains(&name.as_str()) || !name.starts_with("restow") {
                continue;
            }
            for source in source_files(&format!("../{name}/src")) {
                for (at, _) in source.match_indices("fn code(") {
                    // The function ends at the first closing brace of its own depth.
                    let body = source[at..].split("\n    }\n").next().unwrap_or_default();
                    found.extend(codes(body).map(str::to_owned));
                }
                for call in ["Note::new(", "Message::new("] {
                    for (at, _) in source.match_indices(call) {
                        let argument = source[at + call.len()..].trim_start().strip_prefix('"');
                        found.extend(argument.and_then(|rest| rest.split('"').next()).map(str::to_owned));
                    }
                }
                // This file chooses the result of a restore.
                if ["fn conclude(", "fn set_result("].iter().any(|function| source.contains(function)) {
                    found.extend(codes(&source).filter(|code| code.contains('-')).map(str::to_owned));
                }
            }
        }
        found.extend(restow::service::protocol::ProblemCode::ALL.map(|code| code.as_str().to_owned()));
        found
    }

    #[test]
    fn library_codes_have_texts() {
        let (en, codes) = (facts(EN), library_codes());
        let known = ["busy", "frame-changed", "restored-in-part"];
        assert!(codes.len() > 100 && known.iter().all(|code| codes.contains(*code)), "{codes:?}");
        let has = |code: &str| {
            en.contains_key(&format!("note-{code}"))
                || ["", "ended-"].iter().any(|kind| {
                    let id = format!("error-{kind}{code}");
                    en.contains_key(&id) && en.contains_key(&format!("{id}.help"))
                })
        };
        // Another test checks that German has the same messages.
        let silent: Vec<&String> = codes.iter().filter(|code| !has(code)).collect();
        assert!(silent.is_empty(), "no words for {silent:?}");
        let source = sources("src");
        let stale = en.keys().filter(|id| !id.contains('.')).filter(|id| {
            let code = id.strip_prefix("note-").or_else(|| id.strip_prefix("error-"));
            code.is_some_and(|code| {
                let code = code.strip_prefix("ended-").unwrap_or(code);
                !codes.contains(code)
                    && !source.contains(&format!("\"{code}\""))
                    && !source.contains(&format!("\"{id}\""))
            })
        });
        assert_eq!(stale.collect::<Vec<_>>(), Vec::<&String>::new(), "words nobody says");
    }

    fn sources(folder: &str) -> String {
        source_files(folder).concat()
    }

    /// Returns the contents of all files below a folder of the crate, except this one.
    fn source_files(folder: &str) -> Vec<String> {
        let mut files = Vec::new();
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.file_name().is_some_and(|name| name != "texts.rs") {
                    files.push(std::fs::read_to_string(path).unwrap());
                }
            }
        }
        files
    }

    #[test]
    fn hostile_values_are_sanitized() {
        let texts = Texts::new(Lang::En);
        let text = texts.text("title-quoted", values![title = "a\u{1b}[31m\u{202e}b"]);
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
    }
}
