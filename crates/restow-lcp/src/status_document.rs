//! Status documents: what a provider says of a license.
//!
//! Source: License Status Document 1.0, §2. What is not needed to know how a license stands may be missing or of another type, as in
//! documents of real providers; members nobody knows are passed over.

use restow_core::license::{DocumentError, JsonType};
use restow_core::origin::Origin;
use restow_core::text::quoted;
use restow_core::time::UnixTime;

use crate::json::Json;
use crate::license::{texts, timestamp};
use crate::status::LcpStatus;
use crate::uri::resolve;

/// The most bytes of a status document; real ones have a few thousand.
pub const MAX_STATUS: usize = 64 << 10;
/// So many links and events are read.
const MOST: usize = 100;
/// So many relations of a link are.
const RELS: usize = 8;
/// The longest address.
pub const MAX_HREF: usize = 4096;

/// A link of a status document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StatusLink {
    /// What it leads to: `license`, `register`, `renew`, `return`, `self`, or a URI.
    pub rels: Vec<String>,
    /// Where: a URI, or a template of URIs.
    pub href: String,
    /// The media type expected there.
    pub media_type: Option<String>,
    /// The profile of what is there.
    pub profile: Option<String>,
}

impl StatusLink {
    /// True when it leads to a page for people.
    #[must_use]
    pub fn is_page(&self) -> bool {
        let media_type = self.media_type.as_deref().unwrap_or_default();
        media_type.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("text/html"))
    }

    fn read(link: &Json) -> Option<Self> {
        let text = |name: &str| link.text(name).map(quoted);
        let href = link.text("href").filter(|href| href.len() <= MAX_HREF && !href.contains(char::is_control))?;
        let rels = link.get("rel").map(texts).unwrap_or_default();
        let rels = rels.iter().take(RELS).map(|rel| quoted(rel)).collect();
        Some(Self { rels, href: href.to_owned(), media_type: text("type"), profile: text("profile") })
    }
}

/// What happened to a license before.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Event {
    /// `register`, `renew`, `return`, `revoke` or `cancel`, as the provider says it.
    pub kind: String,
    /// The ID of the device it came from.
    pub device: Option<String>,
    /// When.
    pub at: Option<UnixTime>,
}

/// A status document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StatusDocument {
    /// The ID of the license it is about.
    pub license_id: String,
    /// How the license stands.
    pub standing: LcpStatus,
    /// What the provider wants the user to know, in one line.
    pub message: String,
    /// When the license document was last updated: Unix milliseconds.
    pub license_updated: Option<i64>,
    /// When this document was: Unix milliseconds.
    pub status_updated: Option<i64>,
    /// Links, in their order.
    pub links: Vec<StatusLink>,
    /// Until when the license can be renewed at most.
    pub potential_end: Option<UnixTime>,
    /// What happened, the last of it.
    pub events: Vec<Event>,
}

impl StatusDocument {
    /// Reads a status document.
    ///
    /// # Errors
    /// When it is no JSON, too long, or does not say of which license it is or how that stands.
    pub fn parse(document: &[u8]) -> Result<Self, DocumentError> {
        if document.len() > MAX_STATUS {
            return Err(DocumentError::Text { name: "document", max: MAX_STATUS });
        }
        let json: Json = serde_json::from_slice(document)?;
        if !matches!(json, Json::Object(_)) {
            return Err(DocumentError::WrongType { name: "document".into(), shape: JsonType::Object });
        }
        let license_id = required(&json, "id")?;
        if license_id.is_empty() || license_id.len() > 1024 || license_id.contains(char::is_control) {
            return Err(DocumentError::Text { name: "id", max: 1024 });
        }
        let status = required(&json, "status")?;
        let standing = LcpStatus::from_name(status)
            .ok_or_else(|| DocumentError::NotAllowed(format!("status: {}", quoted(status))))?;
        let time = |object: &str, name: &str| json.get(object).and_then(|object| object.text(name)).and_then(timestamp);
        let list = |name: &str| match json.get(name) {
            Some(Json::List(list)) => list.as_slice(),
            _ => &[],
        };
        let events = list("events");
        Ok(Self {
            license_id: license_id.to_owned(),
            standing,
            message: quoted(json.text("message").unwrap_or_default().trim()),
            license_updated: time("updated", "license"),
            status_updated: time("updated", "status"),
            links: list("links").iter().filter_map(StatusLink::read).take(MOST).collect(),
            potential_end: time("potential_rights", "end").map(|millis| millis.div_euclid(1000)),
            events: events
                .get(events.len().saturating_sub(MOST)..)
                .unwrap_or_default()
                .iter()
                .filter_map(event)
                .collect(),
        })
    }

    /// The links of this relation.
    pub fn links<'a>(&'a self, rel: &'a str) -> impl Iterator<Item = &'a StatusLink> {
        self.links.iter().filter(move |link| link.rels.iter().any(|one| one == rel))
    }

    /// Where a program may do this, by its relation: `register`, `renew` or `return`.
    #[must_use]
    pub fn action<'a>(&'a self, rel: &'a str) -> Option<&'a StatusLink> {
        self.links(rel).find(|link| !link.is_page())
    }

    /// The address of the page where a person may renew it, seen from where this document was asked for. What is no page of the
    /// web is none.
    #[must_use]
    pub fn renew_page(&self, asked: &str) -> Option<String> {
        let page = resolve(asked, &self.page("renew")?.href);
        let harmless = !page.contains(|c: char| c.is_whitespace() || restow_core::is_unsafe_for_display(c))
            && page.len() <= MAX_HREF;
        (harmless && Origin::parse(&page).is_ok()).then_some(page)
    }

    /// The page where a person may do this.
    fn page<'a>(&'a self, rel: &'a str) -> Option<&'a StatusLink> {
        self.links(rel).find(|link| link.is_page())
    }
}

fn required<'a>(json: &'a Json, name: &str) -> Result<&'a str, DocumentError> {
    let found = json.get(name).ok_or_else(|| DocumentError::Missing(name.to_owned()))?;
    found.as_text().ok_or_else(|| DocumentError::WrongType { name: name.to_owned(), shape: JsonType::Text })
}

fn event(event: &Json) -> Option<Event> {
    // The name of a device is what its owner called it: nothing here needs it.
    Some(Event {
        kind: quoted(event.text("type")?),
        device: event.text("id").map(quoted),
        at: event.text("timestamp").and_then(timestamp).map(|millis| millis.div_euclid(1000)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"{"id":"L1","status":"active","message":"One\ndevice.","x":{"y":[1]},
        "updated":{"license":"2026-08-05T00:00:00Z","status":"2026-08-08T00:00:00.5Z"},
        "links":[{"rel":"license","href":"https://l.example/L1","type":"application/vnd.readium.lcp.license.v1.0+json"},
          {"rel":["renew"],"href":"https://l.example/renew","type":"Text/HTML; charset=utf-8"},
          {"rel":"renew","href":"https://l.example/renew{?end,id,name}","templated":true},{"rel":"x"}, 7],
        "potential_rights":{"end":"2026-09-13T00:00:00Z"},
        "events":[{"type":"register","name":"Ada's phone","id":"d1","timestamp":"2026-07-14T00:00:00Z"},{}]}"#;

    #[test]
    fn reads_a_document() {
        let document = StatusDocument::parse(EXAMPLE.as_bytes()).unwrap();
        assert_eq!((document.license_id.as_str(), document.standing), ("L1", LcpStatus::Active));
        assert_eq!(document.message, "Onedevice.");
        assert_eq!(document.license_updated, Some(1_785_888_000_000));
        assert_eq!(document.status_updated, Some(1_786_147_200_500));
        assert_eq!(document.links.len(), 3);
        assert_eq!(document.renew_page("https://l.example/s").as_deref(), Some("https://l.example/renew"));
        assert_eq!(document.action("renew").unwrap().href, "https://l.example/renew{?end,id,name}");
        assert!(document.action("return").is_none());
        assert_eq!(document.potential_end, Some(1_789_257_600));
        assert_eq!(document.events.len(), 1);
        assert!(!format!("{document:?}").contains("Ada"), "nobody needs the names of devices");
    }

    #[test]
    fn only_what_is_needed_is_required() {
        let least =
            StatusDocument::parse(br#"{"id":"L1","status":"revoked","links":{},"updated":5,"events":"x"}"#).unwrap();
        assert_eq!((least.standing, least.links.len()), (LcpStatus::Revoked, 0));
        for (wrong, fault) in [
            (r#"{"status":"ready"}"#, DocumentError::Missing("id".into())),
            (r#"{"id":"L1"}"#, DocumentError::Missing("status".into())),
            (r#"{"id":7,"status":"ready"}"#, DocumentError::WrongType { name: "id".into(), shape: JsonType::Text }),
            (r#"{"id":"","status":"ready"}"#, DocumentError::Text { name: "id", max: 1024 }),
            (r#"{"id":"L1","status":"lost"}"#, DocumentError::NotAllowed("status: lost".into())),
            ("[]", DocumentError::WrongType { name: "document".into(), shape: JsonType::Object }),
            ("<html>", DocumentError::Json { line: 1, column: 1 }),
            (r#"{"id":"L1","#, DocumentError::CutOff),
        ] {
            assert_eq!(StatusDocument::parse(wrong.as_bytes()), Err(fault), "{wrong}");
        }
        let twice = StatusDocument::parse(br#"{"id":"L1","status":"ready","status":"revoked"}"#).unwrap_err();
        assert!(twice.to_string().contains("twice"), "readers would not agree: {twice}");
    }

    #[test]
    fn whatever_is_claimed_memory_is_bounded() {
        let link = r#"{"rel":"x","href":"h"}"#;
        let many = format!(r#"{{"id":"L","status":"ready","links":[{}]}}"#, [link; 1000].join(","));
        assert_eq!(StatusDocument::parse(many.as_bytes()).unwrap().links.len(), MOST);
        let rels = format!(r#"{{"rel":[{}],"href":"h"}}"#, [r#""x""#; 100].join(","));
        let many = format!(r#"{{"id":"L","status":"ready","links":[{rels}]}}"#);
        assert_eq!(StatusDocument::parse(many.as_bytes()).unwrap().links[0].rels.len(), RELS);
        let long = format!(r#"{{"id":"L","status":"ready","message":"{}"}}"#, "x".repeat(MAX_STATUS));
        assert!(StatusDocument::parse(long.as_bytes()).is_err());
        let deep = format!(r#"{{"id":"L","status":"ready","x":{}"#, "[".repeat(10_000));
        assert!(StatusDocument::parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_page_is_one_of_the_web_seen_from_where_it_was_named() {
        let page = |href: &str| {
            let link = serde_json::json!({"rel": "renew", "href": href, "type": "text/html"});
            let document = serde_json::json!({"id": "a", "status": "active", "links": [link]});
            StatusDocument::parse(document.to_string().as_bytes()).unwrap().renew_page("https://l.example/status/a")
        };
        assert_eq!(page("../renew").as_deref(), Some("https://l.example/status/../renew"));
        assert_eq!(page("/renew").as_deref(), Some("https://l.example/renew"));
        assert_eq!(page("https://p.example/").as_deref(), Some("https://p.example/"));
        for none in [
            "javascript:alert(1)",
            "http://p.example/",
            "https://u@l.example/",
            "file:///etc/passwd",
            "/a b",
            "/\u{202e}gpj",
        ] {
            assert_eq!(page(none), None, "{none}");
        }
    }
}
