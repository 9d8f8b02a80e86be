//! Fluent texts as HTML.

use maud::{Markup, PreEscaped, Render, html};
use restow_core::texts::{FluentValue, ISOLATE_END, ISOLATE_START, Language, Texts};
use restow_core::{UnixTime, rfc3339};

pub(super) static TEXTS: Texts =
    Texts::new(include_str!("../../i18n/pages.en.ftl"), include_str!("../../i18n/pages.de.ftl")).isolating_values();

/// Text of a page. Each value in it becomes a `bdi` element, so that its writing direction affects no other text.
pub(super) struct Localized(String);

impl Localized {
    pub(super) fn new(language: Language, id: &str, values: &[(&str, FluentValue<'_>)]) -> Self {
        Self(TEXTS.find(language, id, values).unwrap_or_default())
    }

    /// Returns the text without elements.
    fn into_plain(self) -> String {
        self.0.replace([ISOLATE_START, ISOLATE_END], "")
    }
}

impl Render for Localized {
    fn render(&self) -> Markup {
        let mut out = String::new();
        let mut parts = self.0.split(ISOLATE_START);
        parts.next().unwrap_or_default().render_to(&mut out);
        for part in parts {
            let (value, rest) = part.split_once(ISOLATE_END).unwrap_or((part, ""));
            html! { bdi { (value) } (rest) }.render_to(&mut out);
        }
        PreEscaped(out)
    }
}

/// Returns the day in the notation of the language, as plain text.
pub(super) fn day(language: Language, time: UnixTime) -> String {
    let iso = iso_day(time);
    let localized = || {
        let mut parts = iso.splitn(3, '-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let month: u64 = month.parse().ok()?;
        let values = [("day", day.trim_start_matches('0').into()), ("month", month.into()), ("year", year.into())];
        Some(Localized::new(language, "date", &values).into_plain())
    };
    localized().unwrap_or_else(|| iso.clone())
}

/// Returns the `time` element of a day.
pub(super) fn date(language: Language, time: UnixTime) -> Markup {
    html! { time datetime=(iso_day(time)) { (day(language, time)) } }
}

/// Returns the UTC day in the form of RFC 3339.
fn iso_day(time: UnixTime) -> String {
    let text = rfc3339(time);
    text.split('T').next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_follow_language() {
        let time = 1_772_625_600; // 2026-03-04T12:00:00Z
        let element = |language| date(language, time).into_string();
        assert_eq!(element(Language::English), "<time datetime=\"2026-03-04\">4 March 2026</time>");
        assert_eq!(element(Language::German), "<time datetime=\"2026-03-04\">4. März 2026</time>");
        assert_eq!(day(Language::German, i64::MAX), "31. Dezember 9999");
    }

    #[test]
    fn value_is_escaped_and_isolated() {
        let values = [("title", "<b>\u{2069}{ $x }&".into())];
        let html = Localized::new(Language::English, "limit-heading-titled", &values).render().into_string();
        assert!(html.contains("“<bdi>&lt;b&gt;\u{fffd}{ $x }&amp;</bdi>” is"), "{html}");
    }

    #[test]
    fn languages_have_equal_placeholders() {
        assert_eq!(TEXTS.differences().unwrap(), Vec::<String>::new());
    }
}
