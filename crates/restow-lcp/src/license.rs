//! The members of a license document.
//!
//! Source: LCP 1.0, §3.

use std::borrow::Cow;

use restow_core::license::{
    BackupRight, DocumentError, Kind, License, LicenseError, LicenseIdentity, Limits, Right, Rights,
};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json::Json;

// What every LCP license must have; members that are only checked to be there are kept as ignored values.
#[derive(Deserialize)]
#[expect(dead_code, reason = "members that must be there, and are carried in the document itself")]
struct Document<'a> {
    id: String,
    issued: String,
    updated: Option<String>,
    provider: String,
    encryption: Encryption,
    links: Links,
    #[serde(default)]
    rights: Option<LcpRights>,
    #[serde(borrow)]
    signature: Signature<'a>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Encryption {
    profile: String,
    content_key: ContentKey,
    user_key: UserKey,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct ContentKey {
    algorithm: IgnoredAny,
    encrypted_value: IgnoredAny,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct UserKey {
    algorithm: IgnoredAny,
    text_hint: IgnoredAny,
    key_check: IgnoredAny,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Signature<'a> {
    #[serde(borrow)]
    algorithm: Cow<'a, str>,
    #[serde(borrow)]
    certificate: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct LcpRights {
    print: Option<u64>,
    copy: Option<u64>,
    start: Option<String>,
    end: Option<String>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    rel: Option<Rel>,
    href: Option<String>,
    title: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Rel {
    One(String),
    Many(Vec<String>),
}

impl Rel {
    fn is(&self, name: &str) -> bool {
        match self {
            Self::One(rel) => rel == name,
            Self::Many(rels) => rels.iter().any(|rel| rel == name),
        }
    }
}

/// An array today; an object by relation in drafts of 2015.
#[derive(Deserialize)]
#[serde(untagged)]
enum Links {
    Array(Vec<Link>),
    Object(std::collections::BTreeMap<String, OneOrMany>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Link),
    Many(Vec<Link>),
}

impl Links {
    fn find(&self, rel: &str) -> Option<&Link> {
        match self {
            Self::Array(links) => links.iter().find(|link| link.rel.as_ref().is_some_and(|r| r.is(rel))),
            Self::Object(by_rel) => match by_rel.get(rel)? {
                OneOrMany::One(link) => Some(link),
                OneOrMany::Many(links) => links.first(),
            },
        }
    }
}

/// Returns true if the bytes look like an LCP license document.
#[must_use]
pub fn recognizes(document: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Look {
        encryption: Option<LookEncryption>,
        links: Option<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct LookEncryption {
        profile: Option<IgnoredAny>,
        content_key: Option<IgnoredAny>,
        user_key: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Look>(document).is_ok_and(|look| {
        look.links.is_some()
            && look.encryption.is_some_and(|e| e.profile.is_some() && (e.content_key.is_some() || e.user_key.is_some()))
    })
}

/// Reads a license document without checking its signature.
///
/// # Errors
/// [`LicenseError::Malformed`] when the document breaks a rule of the format.
pub fn parse(document: &[u8]) -> Result<License, LicenseError> {
    let lcp: Document<'_> =
        serde_json::from_slice(document).map_err(|e| LicenseError::malformed(Kind::Lcp, e.into()))?;
    for (name, text) in [("id", &lcp.id), ("provider", &lcp.provider)] {
        if text.is_empty() || text.len() > 1024 || text.chars().any(char::is_control) {
            return Err(LicenseError::malformed(Kind::Lcp, DocumentError::Text { name, max: 1024 }));
        }
    }
    let issued = millis("issued", &lcp.issued)?;
    let version = lcp.updated.as_deref().map_or(Ok(issued), |text| millis("updated", text))?;
    let seconds = |name, text: &Option<String>| {
        text.as_deref().map(|text| millis(name, text).map(|ms| ms.div_euclid(1000))).transpose()
    };
    let (start, end) = match &lcp.rights {
        Some(rights) => (seconds("rights.start", &rights.start)?, seconds("rights.end", &rights.end)?),
        None => (None, None),
    };
    let amount = |count| Limits { count, ..Limits::default() };
    let rights = Rights::from([
        (Right::PLAY, Limits { from: start, until: end, ..Limits::default() }),
        (Right::PRINT, amount(lcp.rights.as_ref().and_then(|r| r.print))),
        (Right::COPY, amount(lcp.rights.as_ref().and_then(|r| r.copy))),
    ]);
    let publication = lcp.links.find("publication");
    // Usable by whoever knows the passphrase, on any reader: copying the document is its normal use.
    let identity = LicenseIdentity { kind: Kind::Lcp, issuer: lcp.provider, license_id: lcp.id };
    let mut license = License::new(identity, version, BackupRight::Allowed, document);
    license.title = publication.and_then(|link| link.title.clone());
    license.not_before = start;
    license.expires = end;
    license.rights = rights;
    license.source_url = publication.and_then(|link| link.href.clone());
    Ok(license)
}

fn millis(name: &'static str, text: &str) -> Result<i64, LicenseError> {
    timestamp(text).ok_or_else(|| LicenseError::malformed(Kind::Lcp, DocumentError::Date(name)))
}

/// A date, as Unix milliseconds.
pub(crate) fn timestamp(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().map(|time| time.as_millisecond()).ok()
}

/// Which algorithms a publication is protected with. Content keys are no matter of this program, whatever the profile.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Profile {
    /// The public one, for tests.
    Basic,
    /// One of those that certified readers implement.
    Production(String),
    /// None that is registered.
    Other(String),
}

impl Profile {
    /// The profile of this URI.
    #[must_use]
    pub fn from_uri(uri: &str) -> Self {
        match uri.strip_prefix("http://readium.org/lcp/") {
            Some("basic-profile") => Self::Basic,
            Some(name) if name.starts_with("profile-") => Self::Production(uri.to_owned()),
            _ => Self::Other(uri.to_owned()),
        }
    }
}

/// One link of a license document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LcpLink {
    /// What it leads to: `publication`, `hint`, `status`, `self`, `support`, or a URI.
    pub rels: Vec<String>,
    /// Where: a URI, or a template of URIs. Never contacted by itself.
    pub href: String,
    /// The media type expected there.
    pub media_type: Option<String>,
    /// What it is called.
    pub title: Option<String>,
    /// Whether `href` is a template.
    pub templated: bool,
    /// How many bytes are there.
    pub length: Option<u64>,
    /// Their SHA-256, as the document spells it.
    pub hash: Option<String>,
}

/// Whom a license was issued to. What it says is personal: it is not printed unless somebody asks for it.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LcpUser {
    /// The provider's ID of the person.
    pub id: Option<String>,
    /// Their address, perhaps encrypted.
    pub email: Option<String>,
    /// Their name, perhaps encrypted.
    pub name: Option<String>,
    /// Which of these are encrypted under the person's key.
    pub encrypted: Vec<String>,
}

impl std::fmt::Debug for LcpUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LcpUser(…)")
    }
}

/// What a license document says that a [`License`] has no room for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LcpDetails {
    /// The profile.
    pub profile: Profile,
    /// What reminds the person of their passphrase.
    pub hint: Option<String>,
    /// Every link, in the document's order; in drafts of 2015 in that of their relations.
    pub links: Vec<LcpLink>,
    /// Whom it was issued to.
    pub user: LcpUser,
}

impl LcpDetails {
    /// Reads them from a license document.
    ///
    /// # Errors
    /// [`LicenseError::Malformed`] when it is not JSON, or states something twice.
    pub fn read(document: &[u8]) -> Result<Self, LicenseError> {
        let json = read(document).map_err(|fault| LicenseError::malformed(Kind::Lcp, fault))?;
        let encryption = json.get("encryption");
        let text = |object: Option<&Json>, name: &str| object.and_then(|o| o.text(name)).map(str::to_owned);
        let user = json.get("user");
        let encrypted = user.and_then(|user| user.get("encrypted"));
        let mut links = Vec::new();
        match json.get("links") {
            Some(Json::List(list)) => links.extend(list.iter().filter_map(|link| LcpLink::read(link, None))),
            Some(Json::Object(by_rel)) => {
                for (rel, link) in by_rel {
                    let several =
                        if let Json::List(several) = link { several.as_slice() } else { std::slice::from_ref(link) };
                    links.extend(several.iter().filter_map(|link| LcpLink::read(link, Some(rel))));
                }
            }
            _ => {}
        }
        Ok(Self {
            profile: Profile::from_uri(encryption.and_then(|e| e.text("profile")).unwrap_or_default()),
            hint: text(encryption.and_then(|e| e.get("user_key")), "text_hint"),
            links,
            user: LcpUser {
                id: text(user, "id"),
                email: text(user, "email"),
                name: text(user, "name"),
                encrypted: encrypted.map(texts).unwrap_or_default(),
            },
        })
    }

    /// The first link of this relation.
    #[must_use]
    pub fn link(&self, rel: &str) -> Option<&LcpLink> {
        self.links.iter().find(|link| link.rels.iter().any(|one| one == rel))
    }
}

impl LcpLink {
    fn read(link: &Json, rel: Option<&String>) -> Option<Self> {
        let text = |name: &str| link.text(name).map(str::to_owned);
        let stated = link.get("rel").map(texts).unwrap_or_default();
        Some(Self {
            rels: rel.into_iter().cloned().chain(stated).collect(),
            href: text("href")?,
            media_type: text("type"),
            title: text("title"),
            templated: link.get("templated") == Some(&Json::Bool(true)),
            length: match link.get("length") {
                Some(Json::Integer(length)) => u64::try_from(*length).ok(),
                // The specification's own example has digits in a text, and so have licenses.
                Some(Json::Text(digits)) if digits.bytes().all(|digit| digit.is_ascii_digit()) => digits.parse().ok(),
                _ => None,
            },
            hash: text("hash"),
        })
    }
}

/// One text, or the texts of a list.
pub(crate) fn texts(json: &Json) -> Vec<String> {
    match json {
        Json::Text(text) => vec![text.clone()],
        Json::List(list) => list.iter().filter_map(Json::as_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// A document as its signature and its schema look at it.
pub(super) fn read(document: &[u8]) -> Result<Json, DocumentError> {
    Ok(serde_json::from_slice(document)?)
}

/// Whether the same certificate is in two documents.
pub fn same_certificate(one: &[u8], other: &[u8]) -> bool {
    let certificate = |document: &[u8]| read(document).ok()?.get("signature")?.text("certificate").map(str::to_owned);
    certificate(one).is_some_and(|one| certificate(other) == Some(one))
}

/// Whether two documents differ in nothing but how they are written: in order and whitespace.
pub fn is_equivalent_json(one: &[u8], other: &[u8]) -> bool {
    read(one).ok().zip(read(other).ok()).is_some_and(|(one, other)| one == other)
}

/// Returns the canonical form of a license document: the bytes that its signature covers.
///
/// # Errors
/// [`LicenseError::Malformed`] when the document is not JSON or states a member twice.
pub fn canonical_form(document: &[u8]) -> Result<Vec<u8>, LicenseError> {
    let json = read(document).map_err(|fault| LicenseError::malformed(Kind::Lcp, fault))?;
    Ok(crate::canonical::canonical(&json))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"a","issued":"2024-09-26T17:53:16Z","provider":"https://p.example",
        "encryption":{"profile":"http://readium.org/lcp/basic-profile",
          "content_key":{"algorithm":"x","encrypted_value":"x"},
          "user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
        "links":[{"rel":"hint","href":"https://h"},{"rel":["publication"],"href":"https://p","title":"Moby"}],
        "rights":{"end":"2025-01-01T00:00:00Z","print":3},"extra":1,
        "signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;

    #[test]
    fn reads_a_license() {
        assert!(recognizes(GOOD.as_bytes()));
        let license = parse(GOOD.as_bytes()).unwrap();
        assert_eq!(license.title.as_deref(), Some("Moby"));
        assert_eq!(license.backup_right, BackupRight::Allowed);
        assert_eq!(license.expires, Some(1_735_689_600));
        assert_eq!(license.rights[&Right::PRINT].count, Some(3));
        assert_eq!(license.document, GOOD.as_bytes());
    }

    #[test]
    fn escapes_are_json_too() {
        let escaped = GOOD.replace(r#""value":"x""#, r#""value":"a\/b\u002Bc""#);
        assert_ne!(escaped, GOOD);
        assert!(parse(escaped.as_bytes()).is_ok());
    }

    #[test]
    fn early_links_are_an_object() {
        let early = GOOD.replace(
            r#"[{"rel":"hint","href":"https://h"},{"rel":["publication"],"href":"https://p","title":"Moby"}]"#,
            r#"{"publication":{"href":"https://p","title":"Moby"},"hint":{"href":"https://h"}}"#,
        );
        assert_ne!(early, GOOD);
        assert_eq!(parse(early.as_bytes()).unwrap().title.as_deref(), Some("Moby"));
    }

    #[test]
    fn details() {
        let early = GOOD.replace(
            r#"[{"rel":"hint","href":"https://h"},{"rel":["publication"],"href":"https://p","title":"Moby"}]"#,
            r#"{"publication":[{"href":"https://p","title":"Moby","length":7,"hash":"ab"}],"hint":{"href":"https://h"}}"#,
        );
        for document in [GOOD, &early] {
            let details = LcpDetails::read(document.as_bytes()).unwrap();
            assert_eq!(details.profile, Profile::Basic);
            assert_eq!(details.hint.as_deref(), Some("x"));
            assert_eq!(details.link("publication").unwrap().title.as_deref(), Some("Moby"));
            assert_eq!(details.link("hint").unwrap().href, "https://h");
        }
        let production = "http://readium.org/lcp/profile-2.3";
        assert_eq!(Profile::from_uri(production), Profile::Production(production.into()));
        assert_eq!(Profile::from_uri("x"), Profile::Other("x".into()));
    }

    #[test]
    fn a_length_may_be_digits_in_a_text() {
        let length = |value: &str| {
            let stated = GOOD.replace("\"title\":\"Moby\"", &format!("\"title\":\"Moby\",\"length\":{value}"));
            assert_ne!(stated, GOOD);
            LcpDetails::read(stated.as_bytes()).unwrap().link("publication").unwrap().length
        };
        assert_eq!((length("264929"), length("\"264929\"")), (Some(264_929), Some(264_929)));
        for none in ["\"\"", "\"+7\"", "\"-7\"", "\"7 \"", "\"7.0\"", "-7", "7.5", "null", "\"18446744073709551616\""] {
            assert_eq!(length(none), None, "{none}");
        }
    }

    #[test]
    fn the_user_is_not_printed() {
        let named =
            GOOD.replace("\"extra\":1", r#""user":{"id":"u1","name":"Ada","email":"a@b","encrypted":["name"]}"#);
        let details = LcpDetails::read(named.as_bytes()).unwrap();
        assert_eq!((details.user.name.as_deref(), details.user.encrypted.len()), (Some("Ada"), 1));
        let printed = format!("{details:?}");
        assert!(["u1", "Ada", "a@b"].iter().all(|word| !printed.contains(word)), "{printed}");
    }

    #[test]
    fn what_is_wrong_is_said_in_few_words() {
        let print = format!("\"print\":\"{}\"", "x".repeat(100_000));
        let long = GOOD.replace("\"print\":3", &print);
        assert_ne!(long, GOOD);
        assert!(parse(long.as_bytes()).unwrap_err().to_string().chars().count() < 400);
    }

    #[test]
    fn says_what_is_missing() {
        for member in ["\"id\":\"a\",", "\"provider\":\"https://p.example\",", "\"issued\":\"2024-09-26T17:53:16Z\","] {
            let broken = GOOD.replace(member, "");
            let error = parse(broken.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("is missing"), "{error}");
        }
        let absurd = GOOD.replace("2024-09-26T17:53:16Z", "2024-99-26");
        assert!(parse(absurd.as_bytes()).unwrap_err().to_string().contains("issued"));
    }
}
