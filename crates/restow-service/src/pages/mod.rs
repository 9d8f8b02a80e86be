//! Pages for people: no scripts, no external resources, escaped names, in the browser's language.

mod language;
mod strings;

use std::fmt::Write as _;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use restow_core::{UnixTime, rfc3339};

pub(crate) use self::language::Language;
use self::strings::Strings;
use crate::folder::Profile;
use crate::http::response;
use crate::storage::LimitPage;

const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                   frame-ancestors 'none'";
const STYLE: &str = include_str!("style.css");
/// Length of the computer ID prefix for `restow computer release`.
const SHORT_ID: usize = 8;

/// Renders the page about a limit: the computers with the license, how to release them, and how to appeal (§7).
pub(crate) fn limit_page(profile: &Profile, language: Language, page: &LimitPage) -> Response {
    let strings = Strings::for_language(language);
    let mut body = String::new();
    let heading = match &page.title {
        Some(title) => interpolate(strings.limit_heading_titled, &[("title", &isolate(title))]),
        None => strings.limit_heading.to_owned(),
    };
    let allowed = match page.limit {
        0 => strings.limit_none.to_owned(),
        1 => strings.limit_one.to_owned(),
        limit => interpolate(strings.limit_many, &[("limit", &limit.to_string())]),
    };
    let _ = writeln!(body, "<h1>{heading}</h1>\n<p>{allowed}</p>\n<h2>{}</h2>", strings.holders_heading);
    if page.computers.is_empty() {
        let _ = writeln!(body, "<p>{}</p>", strings.no_holders);
    } else {
        let _ = writeln!(body, "<p>{}</p>\n<ul>", strings.release);
        for computer in &page.computers {
            let id: String = computer.computer.chars().take(SHORT_ID).collect();
            let seen = interpolate(strings.seen, &[("date", &date(strings, computer.last_seen))]);
            let _ = writeln!(
                body,
                "<li>{} <small>{seen}</small><code>restow computer release {}</code></li>",
                isolate(&computer.name),
                escape_html(&id)
            );
        }
        let _ = writeln!(body, "</ul>\n<p>{}</p>", strings.release_then);
    }
    let name = format!("<b>{}</b>", isolate(&profile.name));
    let appeal = interpolate(strings.appeal_how, &[("name", &name), ("contact", &contact(&profile.contact))]);
    let _ = writeln!(body, "<p>{}</p>\n<h2>{}</h2>\n<p>{appeal}</p>", strings.unconfirmed, strings.appeal);
    render(profile, strings, StatusCode::OK, strings.limit_title, &body)
}

/// Renders the page of an acquisition link. Viewing it does not redeem the link.
pub(crate) fn link_page(profile: &Profile, language: Language, issuer: &str, code: &str) -> Response {
    let strings = Strings::for_language(language);
    let body = format!(
        "<h1>{}</h1>\n<p>{}</p>\n<p><code>restow acquire '{}/restow/v1/link/{}#{}'</code></p>\n<p>{}</p>\n\
         <p>{}</p>\n<p>{}</p>\n",
        strings.link_heading,
        strings.link_how,
        escape_html(&profile.url),
        escape_html(code),
        escape_html(issuer),
        strings.link_next,
        strings.link_once,
        interpolate(strings.questions, &[("contact", &contact(&profile.contact))]),
    );
    render(profile, strings, StatusCode::OK, strings.link_title, &body)
}

/// Renders the page for an unknown path.
pub(crate) fn not_found_page(profile: &Profile, language: Language) -> Response {
    let strings = Strings::for_language(language);
    let questions = interpolate(strings.questions, &[("contact", &contact(&profile.contact))]);
    let body = format!("<h1>{}</h1>\n<p>{}</p>\n<p>{questions}</p>\n", strings.missing_heading, strings.missing_how);
    render(profile, strings, StatusCode::NOT_FOUND, strings.missing_title, &body)
}

fn render(profile: &Profile, strings: &Strings, status: StatusCode, title: &str, body: &str) -> Response {
    let (name, lang) = (escape_html(&profile.name), strings.lang);
    let html = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title} – {name}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<header><bdi>{name}</bdi></header>\n<main>\n{body}</main>\n</body>\n</html>\n"
    );
    let mut response = response(status, "text/html; charset=utf-8", html);
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_LANGUAGE, strings.lang),
        (header::VARY, "Accept-Language"),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Replaces placeholders in braces with HTML values. Braces in the values stay unchanged.
fn interpolate(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?))) {
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        out.push_str(before);
        out.push_str(value);
        rest = after;
    }
    out.push_str(rest);
    out
}

/// Isolates a name, so that its writing direction does not affect the surrounding text.
fn isolate(name: &str) -> String {
    format!("<bdi>{}</bdi>", escape_html(name))
}

/// Formats a day in the notation of the language.
fn date(strings: &Strings, time: UnixTime) -> String {
    let text = rfc3339(time);
    let day = text.split('T').next().unwrap_or(&text);
    let parts: Vec<&str> = day.split('-').collect();
    let localized = match parts.as_slice() {
        [year, month, day_of_month] => {
            month.parse::<usize>().ok().and_then(|month| month.checked_sub(1)).and_then(|index| {
                let day_of_month = day_of_month.trim_start_matches('0');
                Some(interpolate(
                    strings.date,
                    &[("day", day_of_month), ("month", strings.months.get(index)?), ("year", year)],
                ))
            })
        }
        _ => None,
    };
    format!("<time datetime=\"{}\">{}</time>", escape_html(day), localized.unwrap_or_else(|| escape_html(day)))
}

/// Escapes text for HTML content and attributes.
fn escape_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// Formats the contact, as a link if the text is clearly an address.
fn contact(contact: &str) -> String {
    let text = escape_html(contact);
    let plain = !contact.contains(char::is_whitespace);
    if plain && contact.starts_with("https://") {
        format!("<a href=\"{text}\" rel=\"noreferrer\">{text}</a>")
    } else if plain && contact.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        format!("<a href=\"mailto:{text}\">{text}</a>")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_escaped() {
        assert_eq!(escape_html("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
        assert_eq!(contact("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(contact("\"@a.b"), "<a href=\"mailto:&quot;@a.b\">&quot;@a.b</a>");
        assert!(contact("https://a.example/?a&b").contains("href=\"https://a.example/?a&amp;b\""));
    }

    #[test]
    fn interpolation_keeps_braces_in_values() {
        assert_eq!(interpolate("a {x} b {y}", &[("x", "{y}"), ("y", "2")]), "a {y} b 2");
        assert_eq!(interpolate("{", &[]), "{");
    }

    #[test]
    fn dates_follow_language() {
        let time = 1_772_625_600; // 2026-03-04T12:00:00Z
        let day = |language| date(Strings::for_language(language), time);
        assert_eq!(day(Language::English), "<time datetime=\"2026-03-04\">4 March 2026</time>");
        assert_eq!(day(Language::German), "<time datetime=\"2026-03-04\">4. März 2026</time>");
        assert!(date(Strings::for_language(Language::German), i64::MAX).contains(&i64::MAX.to_string()));
    }
}
