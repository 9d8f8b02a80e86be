//! License Status Documents: the status of an LCP license at its provider.
//!
//! Source: License Status Document 1.0, §2. Only the license ID and the status are required. Other members may be
//! missing or of another type, as in documents of real providers. Unknown members are ignored.

use restow_core::license::{DocumentError, JsonType};
use restow_core::origin::Origin;
use restow_core::text::to_short_line;
use restow_core::time::UnixTime;
use serde_json::Value;

use crate::json;
use crate::license::{known_timestamp, names_rel, texts};
use crate::status::LcpStatus;
use crate::uri::resolve;
use crate::uri_template::expand;

/// Maximum size of a status document in bytes. Documents of real providers have a few thousand.
pub const MAX_STATUS: usize = 64 << 10;
/// Maximum number of links, and of events, that are kept.
const MAX_ENTRIES: usize = 100;
/// Maximum number of relations that are kept of one link.
const MAX_RELS: usize = 8;
/// Maximum length of an address in a status document, in bytes.
pub const MAX_HREF: usize = 4096;

/// Link of a status document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StatusLink {
    /// Relations of the link: `license`, `register`, `renew`, `return`, `self`, or a URI. At most 8.
    pub rels: Vec<String>,
    /// Target: a URI or a URI template, at most 4,096 bytes.
    pub href: String,
    /// Expected media type of the target.
    pub media_type: Option<String>,
    /// Profile of the target.
    pub profile: Option<String>,
}

impl StatusLink {
    /// Returns true if the target is an HTML page for the user.
    #[must_use]
    pub fn is_page(&self) -> bool {
        self.has_type("text/html") || self.has_type("application/xhtml+xml")
    }

    /// Returns true if the link states this media type, with any parameters.
    #[must_use]
    pub fn has_type(&self, media_type: &str) -> bool {
        let own = self.media_type.as_deref().unwrap_or_default();
        own.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(media_type))
    }

    /// Reads a link. `rel` is the relation by which an object of links names the link.
    fn read(link: &Value, rel: Option<&str>) -> Option<Self> {
        let text = |name: &str| json::text(link, name).map(to_short_line);
        let href =
            json::text(link, "href").filter(|href| href.len() <= MAX_HREF && !href.contains(char::is_control))?;
        let rels = link.get("rel").map(texts).unwrap_or_default();
        let rels: Vec<String> = rel.map(str::to_owned).into_iter().chain(rels).collect();
        let rels = rels.iter().take(MAX_RELS).map(|rel| to_short_line(rel)).collect();
        Some(Self { rels, href: href.to_owned(), media_type: text("type"), profile: text("profile") })
    }
}

/// Earlier event of a license.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Event {
    /// Type of the event: `register`, `renew`, `return`, `revoke`, `cancel`, or another word of the provider.
    pub kind: String,
    /// ID of the device that caused the event.
    pub device: Option<String>,
    /// Time of the event.
    pub at: Option<UnixTime>,
}

/// License Status Document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct StatusDocument {
    /// ID of the license, 1 to 1,024 bytes.
    pub license_id: String,
    /// Status of the license.
    pub status: LcpStatus,
    /// Message of the provider for the user, on one line; may be empty.
    pub message: String,
    /// Time of the last update of the license document: Unix milliseconds.
    pub license_updated: Option<i64>,
    /// Time of the last update of this document: Unix milliseconds.
    pub status_updated: Option<i64>,
    /// Links in the order of the document, at most 100.
    pub links: Vec<StatusLink>,
    /// Latest end date that a renewal can give.
    pub potential_end: Option<UnixTime>,
    /// Last events, at most 100.
    pub events: Vec<Event>,
}

impl StatusDocument {
    /// Parses a status document.
    ///
    /// # Errors
    /// [`DocumentError`] for a document that is not a JSON object, is larger than [`MAX_STATUS`], repeats a member,
    /// or has no valid license ID or status.
    pub fn parse(document: &[u8]) -> Result<Self, DocumentError> {
        if document.len() > MAX_STATUS {
            return Err(DocumentError::Text { name: "document", max: MAX_STATUS });
        }
        let json = json::parse(document)?;
        if !json.is_object() {
            return Err(DocumentError::WrongType { name: "document".into(), expected: JsonType::Object });
        }
        let license_id = required(&json, "id")?;
        if license_id.is_empty() || license_id.len() > 1024 || license_id.contains(char::is_control) {
            return Err(DocumentError::Text { name: "id", max: 1024 });
        }
        let name = required(&json, "status")?;
        let status = LcpStatus::from_provider(name)
            .ok_or_else(|| DocumentError::NotAllowed(format!("status: {}", to_short_line(name))))?;
        let time = |object: &str, name: &str| {
            json.get(object).and_then(|object| json::text(object, name)).and_then(known_timestamp)
        };
        let list = |name: &str| match json.get(name) {
            Some(Value::Array(list)) => list.as_slice(),
            _ => &[],
        };
        let events = list("events");
        Ok(Self {
            license_id: license_id.to_owned(),
            status,
            message: to_short_line(json::text(&json, "message").unwrap_or_default().trim()),
            license_updated: time("updated", "license"),
            status_updated: time("updated", "status"),
            links: links(&json),
            potential_end: time("potential_rights", "end").map(|millis| millis.div_euclid(1000)),
            events: events
                .get(events.len().saturating_sub(MAX_ENTRIES)..)
                .unwrap_or_default()
                .iter()
                .filter_map(event)
                .collect(),
        })
    }

    /// Returns the links with this relation.
    pub fn links<'a>(&'a self, rel: &'a str) -> impl Iterator<Item = &'a StatusLink> {
        self.links.iter().filter(move |link| link.rels.iter().any(|one| names_rel(one, rel)))
    }

    /// Returns the link that a program uses for an action: `register`, `renew` or `return`.
    #[must_use]
    pub fn action<'a>(&'a self, rel: &'a str) -> Option<&'a StatusLink> {
        self.links(rel).find(|link| !link.is_page())
    }

    /// Returns the address of the page for an action of the user: `renew` or `return`.
    ///
    /// A relative address is resolved against `document_url`, the address of this document. The result is `None`
    /// for an address that is not a safe web address.
    #[must_use]
    pub fn page(&self, rel: &str, document_url: &str) -> Option<String> {
        let link = self.links(rel).find(|link| link.is_page())?;
        // A page may need no value, and no value is sent to it.
        let page = resolve(document_url, &expand(&link.href, &[]).ok()?);
        let is_safe = !page.contains(|c: char| c.is_whitespace() || restow_core::is_unsafe_for_display(c))
            && page.len() <= MAX_HREF;
        (is_safe && Origin::parse(&page).is_ok()).then_some(page)
    }

    /// Returns true if the document is about the license with this ID. Servers differ in the form of UUIDs.
    #[must_use]
    pub fn is_about(&self, license_id: &str) -> bool {
        fn uuid(id: &str) -> Option<&str> {
            let prefix = id.get(..9).filter(|prefix| prefix.eq_ignore_ascii_case("urn:uuid:"));
            let id = prefix.and_then(|prefix| id.get(prefix.len()..)).unwrap_or(id).trim();
            let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            is_uuid.then_some(id)
        }
        let same_uuid = uuid(&self.license_id).zip(uuid(license_id));
        self.license_id == license_id || same_uuid.is_some_and(|(one, other)| one.eq_ignore_ascii_case(other))
    }
}

/// Reads the links: an array, one link, or an object by relation.
fn links(json: &Value) -> Vec<StatusLink> {
    let one = |rel: Option<&str>, links: &Value| match links {
        Value::Array(list) => list.iter().filter_map(|link| StatusLink::read(link, rel)).take(MAX_ENTRIES).collect(),
        link => StatusLink::read(link, rel).into_iter().collect::<Vec<_>>(),
    };
    match json.get("links") {
        Some(Value::Object(by_rel)) if !by_rel.contains_key("href") => {
            by_rel.iter().flat_map(|(rel, links)| one(Some(rel), links)).take(MAX_ENTRIES).collect()
        }
        Some(links) => one(None, links),
        None => Vec::new(),
    }
}

fn required<'a>(json: &'a Value, name: &str) -> Result<&'a str, DocumentError> {
    let value = json.get(name).ok_or_else(|| DocumentError::Missing(name.to_owned()))?;
    value.as_str().ok_or_else(|| DocumentError::WrongType { name: name.to_owned(), expected: JsonType::Text })
}

fn event(event: &Value) -> Option<Event> {
    // The name of a device is personal data that Restow does not need.
    Some(Event {
        kind: to_short_line(json::text(event, "type")?),
        device: json::text(event, "id").map(to_short_line),
        at: json::text(event, "timestamp").and_then(known_timestamp).map(|millis| millis.div_euclid(1000)),
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
    fn status_document_is_parsed() {
        let document = StatusDocument::parse(EXAMPLE.as_bytes()).unwrap();
        assert_eq!((document.license_id.as_str(), document.status), ("L1", LcpStatus::Active));
        assert_eq!(document.message, "Onedevice.");
        assert_eq!(document.license_updated, Some(1_785_888_000_000));
        assert_eq!(document.status_updated, Some(1_786_147_200_500));
        assert_eq!(document.links.len(), 3);
        assert_eq!(document.page("renew", "https://l.example/s").as_deref(), Some("https://l.example/renew"));
        assert_eq!(document.action("renew").unwrap().href, "https://l.example/renew{?end,id,name}");
        assert!(document.action("return").is_none());
        assert_eq!(document.potential_end, Some(1_789_257_600));
        assert_eq!(document.events.len(), 1);
        assert!(!format!("{document:?}").contains("Ada"), "device names must not be kept");
    }

    #[test]
    fn only_id_and_status_are_required() {
        let minimal =
            StatusDocument::parse(br#"{"id":"L1","status":"revoked","links":{},"updated":5,"events":"x"}"#).unwrap();
        assert_eq!((minimal.status, minimal.links.len()), (LcpStatus::Revoked, 0));
        for (text, error) in [
            (r#"{"status":"ready"}"#, DocumentError::Missing("id".into())),
            (r#"{"id":"L1"}"#, DocumentError::Missing("status".into())),
            (r#"{"id":7,"status":"ready"}"#, DocumentError::WrongType { name: "id".into(), expected: JsonType::Text }),
            (r#"{"id":"","status":"ready"}"#, DocumentError::Text { name: "id", max: 1024 }),
            (r#"{"id":"L1","status":"lost"}"#, DocumentError::NotAllowed("status: lost".into())),
            ("[]", DocumentError::WrongType { name: "document".into(), expected: JsonType::Object }),
            ("<html>", DocumentError::Json { line: 1, column: 1 }),
            (r#"{"id":"L1","#, DocumentError::CutOff),
        ] {
            assert_eq!(StatusDocument::parse(text.as_bytes()), Err(error), "{text}");
        }
        let repeated = StatusDocument::parse(br#"{"id":"L1","status":"ready","status":"revoked"}"#).unwrap_err();
        assert!(repeated.to_string().contains("twice"), "readers take different values: {repeated}");
    }

    #[test]
    fn unusual_forms_are_understood() {
        let parse = |text: &str| StatusDocument::parse(text.as_bytes()).unwrap();
        let odd = parse(
            "\u{feff}{\"id\":\"URN:UUID:EF15E740-697F-11E3-949A-0800200C9A66\",\"status\":\" Active\",
            \"updated\":{\"license\":\"2026-08-05 00:00:00+0000\",\"status\":\"0001-01-01T00:00:00Z\"},
            \"links\":[null,{\"rel\":\"Return self\",\"href\":\"/r{?x}\",\"type\":\"application/XHTML+xml;a=b\"}]}",
        );
        assert_eq!(
            (odd.status, odd.license_updated, odd.status_updated),
            (LcpStatus::Active, Some(1_785_888_000_000), None)
        );
        assert_eq!(odd.page("return", "https://l.example/s").as_deref(), Some("https://l.example/r"));
        assert!(odd.is_about("ef15e740-697f-11e3-949a-0800200c9a66") && !odd.is_about("ef15e740"));
        assert!(
            parse(r#"{"id":"A","status":"ready"}"#).is_about("A")
                && !parse(r#"{"id":"A","status":"ready"}"#).is_about("a")
        );
        let by_rel = parse(r#"{"id":"A","status":"ready","links":{"renew":{"href":"/a"},"return":[{"href":"/b"},5]}}"#);
        assert_eq!(by_rel.action("renew").unwrap().href, "/a");
        assert_eq!(by_rel.action("return").unwrap().href, "/b");
        let one = parse(r#"{"id":"A","status":"ready","links":{"rel":"renew","href":"/a"}}"#);
        assert_eq!(one.action("renew").unwrap().href, "/a");
    }

    #[test]
    fn large_documents_use_bounded_memory() {
        let link = r#"{"rel":"x","href":"h"}"#;
        let many = format!(r#"{{"id":"L","status":"ready","links":[{}]}}"#, [link; 1000].join(","));
        assert_eq!(StatusDocument::parse(many.as_bytes()).unwrap().links.len(), MAX_ENTRIES);
        let rels = format!(r#"{{"rel":[{}],"href":"h"}}"#, [r#""x""#; 100].join(","));
        let many = format!(r#"{{"id":"L","status":"ready","links":[{rels}]}}"#);
        assert_eq!(StatusDocument::parse(many.as_bytes()).unwrap().links[0].rels.len(), MAX_RELS);
        let long = format!(r#"{{"id":"L","status":"ready","message":"{}"}}"#, "x".repeat(MAX_STATUS));
        assert!(StatusDocument::parse(long.as_bytes()).is_err());
        let deep = format!(r#"{{"id":"L","status":"ready","x":{}"#, "[".repeat(10_000));
        assert!(StatusDocument::parse(deep.as_bytes()).is_err());
    }

    #[test]
    fn renew_page_is_resolved_and_safe() {
        let page = |href: &str| {
            let link = serde_json::json!({"rel": "renew", "href": href, "type": "text/html"});
            let document = serde_json::json!({"id": "a", "status": "active", "links": [link]});
            StatusDocument::parse(document.to_string().as_bytes()).unwrap().page("renew", "https://l.example/status/a")
        };
        assert_eq!(page("../renew").as_deref(), Some("https://l.example/status/../renew"));
        assert_eq!(page("/renew").as_deref(), Some("https://l.example/renew"));
        assert_eq!(page("https://p.example/").as_deref(), Some("https://p.example/"));
        assert_eq!(page("/a b\u{202e}").as_deref(), Some("https://l.example/a%20b%E2%80%AE"));
        for unsafe_address in ["javascript:alert(1)", "http://p.example/", "https://u@l.example/", "file:///etc/passwd"]
        {
            assert_eq!(page(unsafe_address), None, "{unsafe_address}");
        }
    }
}
