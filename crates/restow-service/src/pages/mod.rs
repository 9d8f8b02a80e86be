//! Pages for people: no scripts, no external resources, escaped values, in the browser's language.

mod language;
mod localized;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use restow_core::texts::{FluentValue, Language};

use self::language::preferred_language;
use self::localized::{Localized, date, day};
use crate::address::is_web_address;
use crate::folder::Profile;
use crate::http::response;
use crate::ids::{fingerprint, short};
use crate::storage::{LimitCause, LimitPage, LinkState};

const CSP: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                   frame-ancestors 'none'";
const STYLE: &str = include_str!("style.css");

/// Returns true if the caller prefers a page to a problem document, as browsers do.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok());
    accepted.any(|line| line.split([',', ';']).any(|part| part.trim().eq_ignore_ascii_case("text/html")))
}

/// Pages of one service in one language.
pub(crate) struct Pages<'a> {
    profile: &'a Profile,
    language: Language,
}

impl<'a> Pages<'a> {
    pub(crate) fn new(profile: &'a Profile, headers: &HeaderMap) -> Self {
        Self { profile, language: preferred_language(headers) }
    }

    fn text(&self, id: &str, values: &[(&str, FluentValue<'_>)]) -> Localized {
        Localized::new(self.language, id, values)
    }

    /// Returns a text with the name of the service.
    fn named_text(&self, id: &str) -> Localized {
        self.text(id, &[("name", self.profile.name.as_str().into())])
    }

    /// Renders the page about a limit: the next action, the computers with the license, and the appeal (§7).
    pub(crate) fn limit(&self, page: &LimitPage) -> Response {
        match page.cause {
            LimitCause::NoSlot | LimitCause::Room => self.slots(page),
            LimitCause::Unconfirmed => self.confirmation(page),
        }
    }

    /// Renders the page about a license without a free slot.
    fn slots(&self, page: &LimitPage) -> Response {
        let heading = match &page.title {
            Some(title) => self.text("limit-heading-titled", &[("title", title.as_str().into())]),
            None => self.text("limit-heading", &[]),
        };
        let has_room = page.cause == LimitCause::Room;
        let can_release = page.limit > 0 && !has_room && !page.computers.is_empty();
        let needs_shop = can_release && page.helpers.is_empty();
        // A limit below the number of computers needs several releases.
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let count = (page.computers.len() + 1).saturating_sub(limit).max(1) as u64;
        let body = html! {
            h1 { (heading) }
            p { (self.text("limit-allowed", &[("limit", page.limit.into())])) }
            @if needs_shop { (self.shop("shop-release", &page.number)) }
            h2 { (self.text("holders-heading", &[])) }
            @if has_room { p { (self.text("room", &[])) } }
            @if page.computers.is_empty() {
                p { (self.text("no-holders", &[])) }
            } @else {
                @if needs_shop {
                    p { (self.text("release-still", &[])) }
                } @else if can_release {
                    p { (self.text("release", &[("count", count.into())])) " " (self.helper_text("release-on", page)) }
                }
                ul {
                    @for computer in &page.computers {
                        li {
                            bdi { (computer.name) } " "
                            small {
                                @if computer.is_caller { (self.text("this-computer", &[])) ", " }
                                (self.text(if computer.confirmed { "confirmed" } else { "unconfirmed" }, &[])) ", "
                                (self.text("seen", &[])) " " (date(self.language, computer.last_seen))
                            }
                            @if can_release { code { "restow computer release " (short(&computer.computer)) } }
                        }
                    }
                }
                @if can_release { p { (self.text("release-then", &[])) } }
            }
            @if !needs_shop { (self.appeal(if can_release { "appeal-how" } else { "appeal-none" }, &page.number)) }
        };
        self.render(StatusCode::OK, "limit-title", &body)
    }

    /// Renders the page about a computer that receives no license before its confirmation.
    fn confirmation(&self, page: &LimitPage) -> Response {
        let command = html! {
            @if let Some(caller) = &page.caller { p { code { "restow computer confirm " (short(caller)) } } }
            p { (self.text("confirm-then", &[])) }
        };
        let body = html! {
            h1 { (self.text("confirm-heading", &[])) }
            p { (self.text("confirm-why", &[])) }
            @if page.helpers.is_empty() {
                (self.shop("shop-confirm", &page.number))
                h2 { (self.text("appeal", &[])) }
                p { (self.text("confirm-still", &[])) }
                (command)
            } @else {
                p { (self.helper_text("confirm-on", page)) }
                (command)
                (self.appeal("confirm-appeal", &page.number))
            }
        };
        self.render(StatusCode::OK, "confirm-title", &body)
    }

    /// Returns a text with the names of the computers that can help.
    fn helper_text(&self, id: &str, page: &LimitPage) -> Localized {
        let names = page.helpers.join(", ");
        self.text(id, &[("count", page.helpers.len().into()), ("names", names.into())])
    }

    /// Returns the part about help by the shop.
    fn shop(&self, how: &str, number: &str) -> Markup {
        html! {
            h2 { (self.named_text("shop-heading")) }
            p { (self.named_text(how)) }
            (self.contact_and_number(number))
        }
    }

    fn appeal(&self, how: &str, number: &str) -> Markup {
        html! {
            h2 { (self.text("appeal", &[])) }
            p { (self.named_text(how)) }
            (self.contact_and_number(number))
        }
    }

    fn contact_and_number(&self, number: &str) -> Markup {
        html! {
            p { (contact(&self.profile.contact)) }
            p { (self.text("number", &[])) " " b { bdi { (number) } } }
        }
    }

    fn questions(&self) -> Markup {
        html! { p { (self.text("questions", &[])) " " (contact(&self.profile.contact)) } }
    }

    /// Renders the page of an acquisition link. Viewing it does not redeem the link.
    pub(crate) fn link(&self, issuer: &str, code: &str, state: &LinkState) -> Response {
        let values = |at| [("name", self.profile.name.as_str().into()), ("date", day(self.language, at).into())];
        let command = html! {
            p { code { "restow acquire '" (self.profile.url) "/restow/v1/link/" (code) "#" (issuer) "'" } }
        };
        let ended = |heading: &str, how: Localized| {
            html! {
                h1 { (self.text(heading, &[])) }
                p { (how) " " (contact(&self.profile.contact)) }
            }
        };
        let (status, body) = match *state {
            LinkState::Open { expires } => {
                let body = html! {
                    h1 { (self.text("link-heading", &[])) }
                    p { (self.text("link-how", &[])) }
                    (command)
                    @if let Some(at) = expires { p { (self.text("link-until", &[("date", day(self.language, at).into())])) } }
                    p { (self.text("link-next", &[])) }
                    p { (self.text("link-once", &[])) }
                    (self.questions())
                };
                (StatusCode::OK, body)
            }
            LinkState::Redeemed => {
                let body = html! {
                    h1 { (self.text("link-used-heading", &[])) }
                    p { (self.text("link-used", &[])) }
                    (command)
                    p { (self.named_text("link-used-other")) " " (contact(&self.profile.contact)) }
                };
                (StatusCode::OK, body)
            }
            LinkState::Expired { at } => {
                (StatusCode::GONE, ended("link-expired-heading", self.text("link-expired", &values(at))))
            }
            LinkState::Withdrawn { at } => {
                (StatusCode::GONE, ended("link-withdrawn-heading", self.text("link-withdrawn", &values(at))))
            }
        };
        self.render(status, "link-title", &body)
    }

    /// Renders the start page of the service.
    pub(crate) fn home(&self, issuer: &str) -> Response {
        let body = html! {
            h1 { (self.named_text("home-heading")) }
            p { (self.named_text("home-what")) }
            h2 { (self.text("home-how-heading", &[])) }
            p { (self.text("home-how", &[])) }
            p { code { "restow service add " (self.profile.url) } }
            p { (self.text("home-fingerprint", &[])) }
            p { code { (fingerprint(issuer)) } }
            p { (self.named_text("home-next")) }
            (self.questions())
            @if let Some(url) = self.profile.privacy_url.as_deref().filter(|url| is_web_address(url)) {
                p { a href=(url) rel="noreferrer" { (self.text("privacy", &[])) } }
            }
        };
        self.render(StatusCode::OK, "home-title", &body)
    }

    /// Renders the page for an unknown path.
    pub(crate) fn not_found(&self) -> Response {
        let body = html! {
            h1 { (self.text("missing-heading", &[])) }
            p { (self.text("missing-how", &[])) }
            (self.questions())
        };
        self.render(StatusCode::NOT_FOUND, "missing-title", &body)
    }

    /// Renders the page for a path that takes another method.
    pub(crate) fn method_not_allowed(&self) -> Response {
        let body = html! {
            h1 { (self.text("method-heading", &[])) }
            p { (self.text("method-how", &[])) " " a href="/" { (self.profile.url) } }
        };
        self.render(StatusCode::METHOD_NOT_ALLOWED, "method-title", &body)
    }

    fn render(&self, status: StatusCode, title: &str, body: &Markup) -> Response {
        let name = &self.profile.name;
        let page = html! {
            (DOCTYPE)
            html lang=(self.language) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="robots" content="noindex";
                    title { (self.text(title, &[])) " – " (name) }
                    style { (PreEscaped(STYLE)) }
                }
                body {
                    header { bdi { (name) } }
                    main { (body) }
                }
            }
        };
        let mut response = response(status, "text/html; charset=utf-8", page.into_string());
        let headers: [(HeaderName, &'static str); 5] = [
            (header::CONTENT_LANGUAGE, self.language.as_str()),
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
}

/// Formats the contact, as a link if the text is clearly an address.
fn contact(contact: &str) -> Markup {
    let is_mail = |text: &str| text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    html! {
        @if is_web_address(contact) {
            a href=(contact) rel="noreferrer" { (contact) }
        } @else if !contact.contains(char::is_whitespace) && is_mail(contact) {
            a href={ "mailto:" (contact) } { (contact) }
        } @else {
            bdi { (contact) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::PageComputer;

    const HOSTILE: &str = "<script>\"'&\u{202e}</bdi>";

    #[test]
    fn contact_links_addresses_only() {
        let html = |text: &str| contact(text).into_string();
        assert_eq!(html("javascript:alert(1)"), "<bdi>javascript:alert(1)</bdi>");
        assert_eq!(html("https://"), "<bdi>https://</bdi>");
        assert_eq!(html("\"@a.b"), "<a href=\"mailto:&quot;@a.b\">&quot;@a.b</a>");
        assert!(html("https://a.example/?a&b").contains("href=\"https://a.example/?a&amp;b\""));
    }

    #[test]
    fn browser_prefers_page() {
        let wants = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
            wants_page(&headers)
        };
        assert!(wants("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8") && wants("Text/HTML;q=0.5"));
        assert!(!wants("*/*") && !wants("application/json") && !wants("application/problem+json, */*"));
        assert!(!wants_page(&HeaderMap::new()));
    }

    #[test]
    fn pages_lack_no_text() {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let json = r#"{"name":"Shop","contact":"help@shop.example","privacy_url":"https://shop.example/p","seed":1}"#;
        let mut profile: Profile = serde_json::from_str(json).unwrap();
        profile.name.push_str(HOSTILE);
        for language in Language::ALL.iter().copied() {
            let pages = Pages { profile: &profile, language };
            let states = [
                LinkState::Open { expires: None },
                LinkState::Open { expires: Some(0) },
                LinkState::Redeemed,
                LinkState::Expired { at: 0 },
                LinkState::Withdrawn { at: 0 },
            ];
            let mut rendered = vec![pages.home(HOSTILE), pages.not_found(), pages.method_not_allowed()];
            rendered.extend(states.map(|state| pages.link(HOSTILE, HOSTILE, &state)));
            for (cause, limit, helpers) in [
                (LimitCause::NoSlot, 0, 0),
                (LimitCause::NoSlot, 1, 0),
                (LimitCause::NoSlot, 1, 1),
                (LimitCause::NoSlot, 2, 2),
                (LimitCause::Room, 4, 0),
                (LimitCause::Unconfirmed, 2, 0),
                (LimitCause::Unconfirmed, 2, 1),
            ] {
                for computers in [0, 3] {
                    let computer = |n: usize| PageComputer {
                        computer: HOSTILE.into(),
                        name: HOSTILE.into(),
                        last_seen: 0,
                        confirmed: n == 1,
                        is_caller: n == 2,
                    };
                    rendered.push(pages.limit(&LimitPage {
                        title: (limit > 1).then(|| HOSTILE.into()),
                        limit,
                        cause,
                        computers: (0..computers).map(computer).collect(),
                        helpers: vec![HOSTILE.into(); helpers],
                        caller: Some(HOSTILE.into()),
                        number: HOSTILE.into(),
                    }));
                }
            }
            for page in rendered {
                let html = runtime.block_on(axum::body::to_bytes(page.into_body(), 1 << 20)).unwrap();
                let html = str::from_utf8(&html).unwrap();
                assert!(!html.contains("<script") && !html.contains("\"'") && !html.contains("&\u{202e}"), "{html}");
                for (open, close) in [("<bdi>", "</bdi>"), ("<p>", "</p>"), ("<code>", "</code>"), ("<h1>", "</h1>")] {
                    assert_eq!(html.matches(open).count(), html.matches(close).count(), "{open}: {html}");
                }
                for element in ["h1", "h2", "p", "small", "title", "bdi", "a", "b"] {
                    assert!(!html.contains(&format!("<{element}></{element}>")), "{element}: {html}");
                }
            }
        }
    }
}
