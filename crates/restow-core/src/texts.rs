//! Texts of a crate in each language, embedded as Fluent files.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

pub use fluent_bundle::FluentValue;

use crate::text::sanitize;

crate::named_enum! {
    /// Language of the texts.
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
    #[non_exhaustive]
    pub enum Language {
        /// English. Each text exists in English.
        #[default]
        English = "en",
        /// German.
        German = "de",
    }
}

/// Texts of the messages of this crate.
pub static TEXTS: Texts = Texts::new(include_str!("../i18n/en.ftl"), include_str!("../i18n/de.ftl"));

/// Mark before an isolated value. No value contains it, see [`Texts::find`].
pub const ISOLATE_START: char = '\u{2068}';
/// Mark after an isolated value. No value contains it, see [`Texts::find`].
pub const ISOLATE_END: char = '\u{2069}';

type Bundle = FluentBundle<FluentResource>;

/// Texts of one crate by message ID, in each [`Language`].
///
/// A bundle is parsed when its first text is needed.
pub struct Texts {
    english: (&'static str, OnceLock<Bundle>),
    german: (&'static str, OnceLock<Bundle>),
    isolates_values: bool,
}

impl fmt::Debug for Texts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Texts")
    }
}

impl Texts {
    /// Creates the texts from the two Fluent files of a crate.
    #[must_use]
    pub const fn new(english: &'static str, german: &'static str) -> Self {
        Self { english: (english, OnceLock::new()), german: (german, OnceLock::new()), isolates_values: false }
    }

    /// Encloses each value in a text in [`ISOLATE_START`] and [`ISOLATE_END`].
    #[must_use]
    pub const fn isolating_values(mut self) -> Self {
        self.isolates_values = true;
        self
    }

    fn source(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.english.0,
            Language::German => self.german.0,
        }
    }

    fn bundle(&self, language: Language) -> &Bundle {
        let (source, bundle) = match language {
            Language::English => &self.english,
            Language::German => &self.german,
        };
        bundle.get_or_init(|| {
            let mut bundle = FluentBundle::new_concurrent(vec![language.as_str().parse().unwrap_or_default()]);
            // Isolating marks in messages would end up in files and other programs.
            bundle.set_use_isolating(self.isolates_values);
            // Tests parse all files without an error. Readable messages are used in any case.
            let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
            bundle.add_resource_overriding(resource);
            bundle
        })
    }

    /// Returns the text of `message` or of `message.attribute`, or `None` if the text or a value in it is missing.
    ///
    /// Characters of values that could control a terminal or change the direction of text are replaced.
    #[must_use]
    pub fn find(&self, language: Language, id: &str, values: &[(&str, FluentValue<'_>)]) -> Option<String> {
        let bundle = self.bundle(language);
        let (message, attribute) = id.split_once('.').map_or((id, None), |(message, name)| (message, Some(name)));
        let message = bundle.get_message(message)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            let value = match value {
                FluentValue::String(text) => FluentValue::String(Cow::Owned(sanitize(text).into_owned())),
                other => other.clone(),
            };
            args.set(*name, value);
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
        // A value at the end may be empty.
        errors.is_empty().then(|| text.trim_end().to_owned())
    }

    /// Returns the names of the values in each message and attribute of a language. For tests.
    ///
    /// # Errors
    /// A description of the first syntax error, duplicate ID or unsupported element in the Fluent file.
    pub fn variables(&self, language: Language) -> Result<BTreeMap<String, BTreeSet<String>>, String> {
        let resource = fluent_syntax::parser::parse(self.source(language)).map_err(|(_, e)| format!("{e:?}"))?;
        let mut variables = BTreeMap::new();
        for entry in resource.body {
            let message = match entry {
                Entry::Message(message) => message,
                Entry::Comment(_) | Entry::GroupComment(_) | Entry::ResourceComment(_) => continue,
                other => return Err(format!("{other:?}")),
            };
            let id = message.id.name;
            let attributes = message.attributes.iter().map(|a| (format!("{id}.{}", a.id.name), &a.value));
            let value = message.value.iter().map(|pattern| (id.to_owned(), pattern));
            for (id, pattern) in value.chain(attributes) {
                let mut names = BTreeSet::new();
                add_variables(pattern, &mut names);
                if variables.insert(id.clone(), names).is_some() {
                    return Err(format!("{id} is defined twice"));
                }
            }
        }
        Ok(variables)
    }

    /// Returns the differences between the languages: missing IDs, and other values in one of them. For tests.
    ///
    /// The value `text` holds English words of other programs, so that a translation may omit it.
    ///
    /// # Errors
    /// As [`Texts::variables`].
    pub fn differences(&self) -> Result<Vec<String>, String> {
        let (english, german) = (self.variables(Language::English)?, self.variables(Language::German)?);
        let only_german = german.keys().filter(|id| !english.contains_key(*id)).cloned();
        let different = english.iter().filter(|(id, names)| {
            german
                .get(*id)
                .is_none_or(|german| names.iter().filter(|name| *name != "text" || german.contains("text")).ne(german))
        });
        Ok(only_german.chain(different.map(|(id, _)| id.clone())).collect())
    }
}

fn add_variables(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    let mut add = |inline: &InlineExpression<&str>| {
        if let InlineExpression::VariableReference { id } = inline {
            names.insert(id.name.to_owned());
        }
    };
    let mut nested = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(inline) } => add(inline),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                add(selector);
                nested.extend(variants.iter().map(|variant| &variant.value));
            }
            PatternElement::TextElement { .. } => {}
        }
    }
    for pattern in nested {
        add_variables(pattern, names);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static SAMPLE: Texts = Texts::new(
        "found = { $count ->\n    [one] one file\n   *[other] { $count } files\n }\n    .help = Open { $name }.\n",
        "found = { $count ->\n    [one] eine Datei\n   *[other] { $count } Dateien\n }\n    .help = { $other }\n",
    );

    #[test]
    fn count_selects_plural_form() {
        let find = |language, count: u64| SAMPLE.find(language, "found", &[("count", count.into())]).unwrap();
        assert_eq!(find(Language::English, 1), "one file");
        assert_eq!(find(Language::German, 2), "2 Dateien");
    }

    #[test]
    fn hostile_values_are_sanitized() {
        let text = SAMPLE.find(Language::English, "found.help", &[("name", "a\u{1b}[31m\u{202e}b".into())]).unwrap();
        assert_eq!(text, "Open a\u{fffd}[31m\u{fffd}b.");
    }

    #[test]
    fn isolated_value_is_enclosed() {
        static ISOLATED: Texts = Texts::new("open = Open { $name }.\n", "open = { $name }\n").isolating_values();
        let text = ISOLATED.find(Language::English, "open", &[("name", "a\u{2069}b".into())]).unwrap();
        assert_eq!(text, "Open \u{2068}a\u{fffd}b\u{2069}.");
    }

    #[test]
    fn missing_text_or_value_is_none() {
        assert_eq!(SAMPLE.find(Language::English, "absent", &[]), None);
        assert_eq!(SAMPLE.find(Language::English, "found.help", &[]), None);
        assert_eq!(SAMPLE.differences().unwrap(), ["found.help"]);
    }
}
