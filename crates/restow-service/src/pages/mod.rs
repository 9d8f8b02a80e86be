//! Pages for people: no scripts, no external resources, escaped names, in the browser's language.

mod language;

use std::fmt::Write as _;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use restow_core::texts::{Language, Texts};
use restow_core::{UnixTime, rfc3339};

pub(crate) use self::language::preferred_language;
use crate::folder::Profile;
use crate::http::response;
use crate::storage::LimitPage;

const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                   frame-ancestors 'none'";
static TEXTS: Texts = Texts::new(include_str!("../../i18n/pages.en.ftl"), include_str!("../../i18n/pages.de.ftl"));
const STYLE: &str = include_str!("style.css");
/// Length of the computer ID prefix for `restow computer release`.
const SHORT_ID: usize = 8;

/// Renders the page about a limit: the computers with the license, how to release them, and how to appeal (§7).
pub(crate) fn limit_page(profile: &Profile, language: Language, page: &LimitPage) -> Response {
    let text = |id, values: &[_]| text(language, id, values);
    let heading = match &page.title {
        Some(title) => text("limit-heading-titled", &[("title", isolate(title))]),
        None => text("limit-heading", &[]),
    };
    let allowed = match page.limit {
        0 => text("limit-none", &[]),
        1 => text("limit-one", &[]),
        limit => text("limit-many", &[("limit", limit.to_string())]),
    };
    let mut body = format!("<h1>{heading}</h1>\n<p>{allowed}</p>\n<h2>{}</h2>\n", text("holders-heading", &[]));
    if page.computers.is_empty() {
        let _ = writeln!(body, "<p>{}</p>", text("no-holders", &[]));
    } else {
        let _ = writeln!(body, "<p>{}</p>\n<ul>", text("release", &[]));
        for computer in &page.computers {
            let id: String = computer.computer.chars().take(SHORT_ID).collect();
            let (name, id) = (isolate(&computer.name), escape_html(&id));
            let seen = text("seen", &[("date", date(language, computer.last_seen))]);
            let _ = writeln!(body, "<li>{name} <small>{seen}</small><code>restow computer release {id}</code></li>");
        }
        let _ = writeln!(body, "</ul>\n<p>{}</p>", text("release-then", &[]));
    }
    let name = format!("<b>{}</b>", isolate(&profile.name));
    let how = text("appeal-how", &[("name", name), ("contact", contact(&profile.contact))]);
    let (unconfirmed, appeal) = (text("unconfirmed", &[]), text("appeal", &[]));
    let _ = writeln!(body, "<p>{unconfirmed}</p>\n<h2>{appeal}</h2>\n<p>{how}</p>");
    render(profile, language, StatusCode::OK, "limit-title", &body)
}

/// Renders the page of an acquisition link. Viewing it does not redeem the link.
pub(crate) fn link_page(profile: &Profile, language: Language, issuer: &str, code: &str) -> Response {
    let [heading, how, next, once] =
        ["link-heading", "link-how", "link-next", "link-once"].map(|id| text(language, id, &[]));
    let body = format!(
        "<h1>{heading}</h1>\n<p>{how}</p>\n<p><code>restow acquire '{}/restow/v1/link/{}#{}'</code></p>\n\
         <p>{next}</p>\n<p>{once}</p>\n<p>{}</p>\n",
        escape_html(&profile.url),
        escape_html(code),
        escape_html(issuer),
        text(language, "questions", &[("contact", contact(&profile.contact))]),
    );
    render(profile, language, StatusCode::OK, "link-title", &body)
}

/// Renders the page for an unknown path.
pub(crate) fn not_found_page(profile: &Profile, language: Language) -> Response {
    let [heading, how] = ["missing-heading", "missing-how"].map(|id| text(language, id, &[]));
    let questions = text(language, "questions", &[("contact", contact(&profile.contact))]);
    let body = format!("<h1>{heading}</h1>\n<p>{how}</p>\n<p>{questions}</p>\n");
    render(profile, language, StatusCode::NOT_FOUND, "missing-title", &body)
}

fn render(profile: &Profile, language: Language, status: StatusCode, title: &str, body: &str) -> Response {
    let (name, title) = (escape_html(&profile.name), text(language, title, &[]));
    let html = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"robots\" content=\"noindex\">\n<title>{title} – {name}</title>\n<style>\n{STYLE}</style>\n</head>\n\
         <body>\n<header><bdi>{name}</bdi></header>\n<main>\n{body}</main>\n</body>\n</html>\n"
    );
    let mut response = response(status, "text/html; charset=utf-8", html);
    let headers: [(HeaderName, &'static str); 5] = [
        (header::CONTENT_LANGUAGE, language.as_str()),
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

/// Returns a text with HTML values.
fn text(language: Language, id: &str, values: &[(&str, String)]) -> String {
    // `Texts` replaces direction marks in values. Here elements isolate the values, so they are inserted afterwards.
    let placeholders: Vec<_> = values.iter().map(|(name, _)| (*name, format!("{{{name}}}").into())).collect();
    interpolate(&TEXTS.find(language, id, &placeholders).unwrap_or_default(), values)
}

/// Replaces placeholders in braces with HTML values. Braces in the values stay unchanged.
fn interpolate(text: &str, values: &[(&str, String)]) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?))) {
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str());
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
fn date(language: Language, time: UnixTime) -> String {
    let rfc3339 = rfc3339(time);
    let day = rfc3339.split('T').next().unwrap_or(&rfc3339);
    let localized = || {
        let (year, rest) = day.split_once('-')?;
        let (month, day_of_month) = rest.split_once('-')?;
        let months = text(language, "months", &[]);
        let month = months.split(' ').nth(month.parse::<usize>().ok()?.checked_sub(1)?)?;
        let day_of_month = day_of_month.trim_start_matches('0');
        Some(text(language, "date", &[("day", day_of_month.into()), ("month", month.into()), ("year", year.into())]))
    };
    format!("<time datetime=\"{}\">{}</time>", escape_html(day), localized().unwrap_or_else(|| escape_html(day)))
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
    use crate::storage::PageComputer;

    #[test]
    fn html_is_escaped() {
        assert_eq!(escape_html("<a href=\"x\" b='y'>&"), "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
        assert_eq!(contact("javascript:alert(1)"), "javascript:alert(1)");
        assert_eq!(contact("\"@a.b"), "<a href=\"mailto:&quot;@a.b\">&quot;@a.b</a>");
        assert!(contact("https://a.example/?a&b").contains("href=\"https://a.example/?a&amp;b\""));
    }

    #[test]
    fn interpolation_keeps_braces_in_values() {
        assert_eq!(interpolate("a {x} b {y}", &[("x", "{y}".into()), ("y", "2".into())]), "a {y} b 2");
        assert_eq!(interpolate("{", &[]), "{");
    }

    #[test]
    fn dates_follow_language() {
        let time = 1_772_625_600; // 2026-03-04T12:00:00Z
        let day = |language| date(language, time);
        assert_eq!(day(Language::English), "<time datetime=\"2026-03-04\">4 March 2026</time>");
        assert_eq!(day(Language::German), "<time datetime=\"2026-03-04\">4. März 2026</time>");
        assert!(date(Language::German, i64::MAX).contains(&i64::MAX.to_string()));
    }

    #[test]
    fn languages_have_equal_placeholders() {
        assert_eq!(TEXTS.differences().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn pages_lack_no_text() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let json = r#"{"name":"Shop","contact":"help@shop.example","seed":1}"#;
        let profile: Profile = serde_json::from_str(json).unwrap();
        for language in Language::ALL.iter().copied() {
            let mut pages = vec![link_page(&profile, language, "i", "c"), not_found_page(&profile, language)];
            for (limit, title) in [(0, None), (1, Some("Song".to_owned())), (2, None)] {
                let computer = PageComputer { computer: "c".into(), name: "n".into(), last_seen: 0 };
                let computers = if limit == 0 { vec![] } else { vec![computer] };
                pages.push(limit_page(&profile, language, &LimitPage { title, limit, computers }));
            }
            for page in pages {
                let html = runtime.block_on(axum::body::to_bytes(page.into_body(), 1 << 20)).unwrap();
                let html = str::from_utf8(&html).unwrap();
                let gaps = ["<title> ", "<h1></h1>", "<h2></h2>", "<p></p>", "<small></small>"];
                assert!(!gaps.iter().any(|gap| html.contains(gap)), "{html}");
            }
        }
    }
}
