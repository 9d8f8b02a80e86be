//! Pages for people: no scripts, nothing loaded from anywhere, every name escaped.

use std::fmt::Write as _;

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use restow::rfc3339;

use crate::api::response;
use crate::folder::Profile;
use crate::storage::LimitPage;

const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                   frame-ancestors 'none'";
const STYLE: &str = "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:40rem;margin:0 auto;padding:2rem 1rem;\
                     color:#1b1b1f;background:#fdfcff}h1{font-size:1.6rem;line-height:1.25}code{display:block;\
                     overflow-wrap:anywhere;background:#eceaf2;padding:.8rem;border-radius:.4rem}li{margin:.4rem 0}\
                     small{color:#5c5b66}@media(prefers-color-scheme:dark){body{color:#e6e4ec;background:#16161a}\
                     code{background:#26262d}small{color:#a5a3b0}a{color:#a9b8ff}}";

/// True for the 22 characters of 16 bytes in base64url: a page's token or a link's code.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == 22 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Which computers hold a license, and how to appeal (§7).
pub(crate) fn limit(profile: &Profile, page: &LimitPage) -> Response {
    let mut body = String::from("<h1>This license is on as many computers as it may be</h1>\n");
    let limit = page.limit;
    let plural = if limit == 1 { "computer" } else { "computers" };
    let _ = writeln!(body, "<p>It may be on {limit} {plural} at the same time. Now it is on:</p>\n<ul>");
    for computer in &page.computers {
        let seen = rfc3339(computer.last_seen);
        let day = seen.split('T').next().unwrap_or(&seen);
        let _ = writeln!(
            body,
            "<li><bdi>{}</bdi> <small>last seen on <time>{}</time></small></li>",
            escaped(&computer.name),
            escaped(day)
        );
    }
    if page.computers.is_empty() {
        body.push_str("<li>no computer</li>\n");
    }
    body.push_str(
        "</ul>\n<p>A computer that came by a restore key and is not confirmed may also have to wait until another of your \
         computers confirms it.</p>\n<p>To use it on another computer, release one that you do not need any more: on any of your computers, \
         with</p>\n<p><code>restow computer release NAME</code></p>\n",
    );
    let _ = writeln!(
        body,
        "<p>If that is not possible, or one of these computers is not yours, ask <b>{}</b>: {}</p>",
        escaped(&profile.name),
        contact(&profile.contact)
    );
    page_of(profile, StatusCode::OK, "Too many computers", &body)
}

/// What to do with an acquisition link; it is not redeemed by looking.
pub(crate) fn link(profile: &Profile, issuer: &str, code: &str) -> Response {
    let body = format!(
        "<h1>Your licenses are waiting</h1>\n<p>Restow takes them from this link. On the computer where you want to use \
         them, run:</p>\n<p><code>restow acquire '{}/restow/v1/link/{}#{}'</code></p>\n<p>The link works for one person. \
         Opening this page has not used it. If you did not ask for it, close the page and nothing happens.</p>\n\
         <p>Questions? {}</p>\n",
        escaped(&profile.url),
        escaped(code),
        escaped(issuer),
        contact(&profile.contact)
    );
    page_of(profile, StatusCode::OK, "Your licenses", &body)
}

/// There is no such page.
pub(crate) fn not_found(profile: &Profile) -> Response {
    let body = format!(
        "<h1>There is nothing here</h1>\n<p>Check that the whole address was copied. Questions? {}</p>\n",
        contact(&profile.contact)
    );
    page_of(profile, StatusCode::NOT_FOUND, "Nothing here", &body)
}

fn page_of(profile: &Profile, status: StatusCode, title: &str, body: &str) -> Response {
    let name = escaped(&profile.name);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<meta name=\"robots\" content=\"noindex\">\n<title>{} – {name}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n<footer><small>{name}</small></footer>\n\
         </body>\n</html>\n",
        escaped(title)
    );
    let mut response = response(status, "text/html; charset=utf-8", html);
    let headers: [(HeaderName, &'static str); 3] = [
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
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
    fn tokens_have_one_form() {
        assert!(is_token("abcdefghijklmnopqrst-_"));
        for bad in ["", "abcdefghijklmnopqrst-", "abcdefghijklmnopqrst-_x", "abcdefghijklmnopqrst.."] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
