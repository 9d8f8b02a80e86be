//! Pages for people: no scripts, nothing loaded from anywhere, every name escaped, in the language of the browser.

mod language;
mod words;

use std::fmt::Write as _;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use restow_core::{UnixTime, rfc3339};

pub(crate) use self::language::Language;
use self::words::Words;
use crate::api::response;
use crate::folder::Profile;
use crate::storage::LimitPage;

const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                   frame-ancestors 'none'";
const STYLE: &str = include_str!("style.css");
/// So much of a computer's ID is enough for `restow computer release`.
const SHORT_ID: usize = 8;

/// True for the 22 characters of 16 bytes in base64url: a page's token or a link's code.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == 22 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Which computers hold a license, how to release one, and how to appeal (§7).
pub(crate) fn limit(profile: &Profile, language: Language, page: &LimitPage) -> Response {
    let words = Words::of(language);
    let mut body = String::new();
    let heading = match &page.title {
        Some(title) => filled(words.limit_heading_titled, &[("title", &bdi(title))]),
        None => words.limit_heading.to_owned(),
    };
    let allowed = match page.limit {
        0 => words.limit_none.to_owned(),
        1 => words.limit_one.to_owned(),
        limit => filled(words.limit_many, &[("limit", &limit.to_string())]),
    };
    let _ = writeln!(body, "<h1>{heading}</h1>\n<p>{allowed}</p>\n<h2>{}</h2>", words.holding);
    if page.computers.is_empty() {
        let _ = writeln!(body, "<p>{}</p>", words.holding_nobody);
    } else {
        let _ = writeln!(body, "<p>{}</p>\n<ul>", words.release);
        for computer in &page.computers {
            let id: String = computer.computer.chars().take(SHORT_ID).collect();
            let seen = filled(words.seen, &[("date", &date(words, computer.last_seen))]);
            let _ = writeln!(
                body,
                "<li>{} <small>{seen}</small><code>restow computer release {}</code></li>",
                bdi(&computer.name),
                escaped(&id)
            );
        }
        let _ = writeln!(body, "</ul>\n<p>{}</p>", words.release_then);
    }
    let name = format!("<b>{}</b>", bdi(&profile.name));
    let appeal = filled(words.appeal_how, &[("name", &name), ("contact", &contact(&profile.contact))]);
    let _ = writeln!(body, "<p>{}</p>\n<h2>{}</h2>\n<p>{appeal}</p>", words.unconfirmed, words.appeal);
    page_of(profile, words, StatusCode::OK, words.limit_title, &body)
}

/// What to do with an acquisition link; it is not redeemed by looking.
pub(crate) fn link(profile: &Profile, language: Language, issuer: &str, code: &str) -> Response {
    let words = Words::of(language);
    let body = format!(
        "<h1>{}</h1>\n<p>{}</p>\n<p><code>restow acquire '{}/restow/v1/link/{}#{}'</code></p>\n<p>{}</p>\n\
         <p>{}</p>\n<p>{}</p>\n",
        words.link_heading,
        words.link_how,
        escaped(&profile.url),
        escaped(code),
        escaped(issuer),
        words.link_next,
        words.link_once,
        filled(words.questions, &[("contact", &contact(&profile.contact))]),
    );
    page_of(profile, words, StatusCode::OK, words.link_title, &body)
}

/// There is no such page.
pub(crate) fn not_found(profile: &Profile, language: Language) -> Response {
    let words = Words::of(language);
    let questions = filled(words.questions, &[("contact", &contact(&profile.contact))]);
    let body = format!("<h1>{}</h1>\n<p>{}</p>\n<p>{questions}</p>\n", words.missing_heading, words.missing_how);
    page_of(profile, words, StatusCode::NOT_FOUND, words.missing_title, &body)
}

fn page_of(profile: &Profile, words: &Words, status: StatusCode, title: &str, body: &str) -> Response {
    let (name, lang) = (escaped(&profile.name), words.lang);
    let html = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title} – {name}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<header><bdi>{name}</bdi></header>\n<main>\n{body}</main>\n</body>\n</html>\n"
    );
    let mut response = response(status, "text/html; charset=utf-8", html);
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_LANGUAGE, words.lang),
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

/// A text with what stands in braces put in; what is put in is HTML already, and braces in it are left alone.
fn filled(text: &str, values: &[(&str, &str)]) -> String {
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

/// A name others gave: whatever its direction of writing, what stands around it stays as it is.
fn bdi(name: &str) -> String {
    format!("<bdi>{}</bdi>", escaped(name))
}

/// A day as people of the language write it.
fn date(words: &Words, time: UnixTime) -> String {
    let text = rfc3339(time);
    let day = text.split('T').next().unwrap_or(&text);
    let parts: Vec<&str> = day.split('-').collect();
    let written = match parts.as_slice() {
        [year, month, of_month] => month.parse::<usize>().ok().and_then(|month| month.checked_sub(1)).and_then(|at| {
            let of_month = of_month.trim_start_matches('0');
            Some(filled(words.date, &[("day", of_month), ("month", words.months.get(at)?), ("year", year)]))
        }),
        _ => None,
    };
    format!("<time datetime=\"{}\">{}</time>", escaped(day), written.unwrap_or_else(|| escaped(day)))
}

/// Text as it may stand in HTML, attributes included.
fn escaped(text: &str) -> String {
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

/// How to appeal, as something to click where it is plainly an address.
fn contact(contact: &str) -> String {
    let text = escaped(contact);
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
    fn nothing_escapes() {
        assert_eq!(escaped("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
        assert_eq!(contact("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(contact("\"@a.b"), "<a href=\"mailto:&quot;@a.b\">&quot;@a.b</a>");
        assert!(contact("https://a.example/?a&b").contains("href=\"https://a.example/?a&amp;b\""));
    }

    #[test]
    fn what_is_put_in_stays_as_it_is() {
        assert_eq!(filled("a {x} b {y}", &[("x", "{y}"), ("y", "2")]), "a {y} b 2");
        assert_eq!(filled("{", &[]), "{");
    }

    #[test]
    fn days_are_written_as_people_do() {
        let time = 1_772_625_600; // 2026-03-04T12:00:00Z
        let day = |language| date(Words::of(language), time);
        assert_eq!(day(Language::English), "<time datetime=\"2026-03-04\">4 March 2026</time>");
        assert_eq!(day(Language::German), "<time datetime=\"2026-03-04\">4. März 2026</time>");
        assert!(date(Words::of(Language::German), i64::MAX).contains(&i64::MAX.to_string()));
    }

    #[test]
    fn tokens_have_one_form() {
        assert!(is_token("abcdefghijklmnopqrst-_"));
        for bad in ["", "abcdefghijklmnopqrst-", "abcdefghijklmnopqrst-_x", "abcdefghijklmnopqrst.."] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
