//! Members of an LCP license document.
//!
//! Source: LCP 1.0, §3. Parsing is lenient where licenses of real providers differ from the published schema.

use std::borrow::Cow;

use restow_core::license::{
    BackupRight, DocumentError, Kind, License, LicenseError, LicenseIdentity, Limits, Right, Rights,
};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{canonical, json};

// Required members of an LCP license. Members that only have to exist are ignored values.
#[derive(Deserialize)]
#[expect(dead_code, reason = "required members, which the stored document holds")]
struct LcpDocument<'a> {
    id: String,
    issued: String,
    updated: Option<String>,
    provider: String,
    encryption: Encryption,
    links: Links,
    #[serde(default)]
    rights: Option<LcpRights>,
    #[serde(borrow)]
    signature: SignatureMembers<'a>,
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
struct SignatureMembers<'a> {
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
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(rel) => rel == name,
            Self::Many(rels) => rels.iter().any(|rel| rel == name),
        }
    }
}

/// Links of a document: an array, or an object by relation in drafts of 2015.
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
            Self::Array(links) => links.iter().find(|link| link.rel.as_ref().is_some_and(|own| own.contains(rel))),
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
    struct Probe {
        encryption: Option<EncryptionProbe>,
        links: Option<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct EncryptionProbe {
        profile: Option<IgnoredAny>,
        content_key: Option<IgnoredAny>,
        user_key: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Probe>(document).is_ok_and(|probe| {
        probe.links.is_some()
            && probe
                .encryption
                .is_some_and(|e| e.profile.is_some() && (e.content_key.is_some() || e.user_key.is_some()))
    })
}

/// Parses an LCP license document without a check of its signature.
///
/// # Errors
/// [`LicenseError::Malformed`] if the document breaks a rule of the format.
pub fn parse(document: &[u8]) -> Result<License, LicenseError> {
    let lcp: LcpDocument<'_> =
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
    // The passphrase opens the license on any reader. Copies of the document are its normal use.
    let identity = LicenseIdentity { kind: Kind::Lcp, issuer: lcp.provider, license_id: lcp.id };
    let mut license = License::new(identity, version, BackupRight::Allowed, document);
    license.title = publication.and_then(|link| link.title.clone());
    license.not_before = start;
    license.expires = end;
    license.rights = rights;
    license.source_url = publication.and_then(|link| link.href.clone());
    license.status_url = lcp.links.find("status").and_then(|link| link.href.clone());
    Ok(license)
}

fn millis(name: &'static str, text: &str) -> Result<i64, LicenseError> {
    timestamp(text).ok_or_else(|| LicenseError::malformed(Kind::Lcp, DocumentError::Date(name)))
}

/// Parses a date with time and offset (RFC 3339) into Unix milliseconds.
pub(crate) fn timestamp(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().map(|time| time.as_millisecond()).ok()
}

/// Encryption profile of a publication. Restow does not decrypt publications of any profile.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Profile {
    /// Basic profile, which is public and made for tests.
    Basic,
    /// Profile of certified readers, by its URI.
    Production(String),
    /// Unregistered profile, by its URI.
    Other(String),
}

impl Profile {
    /// Returns the profile with this URI.
    #[must_use]
    pub fn from_uri(uri: &str) -> Self {
        match uri.strip_prefix("http://readium.org/lcp/") {
            Some("basic-profile") => Self::Basic,
            Some(name) if name.starts_with("profile-") => Self::Production(uri.to_owned()),
            _ => Self::Other(uri.to_owned()),
        }
    }
}

/// Link of a license document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LcpLink {
    /// Relations of the link: `publication`, `hint`, `status`, `self`, `support`, or a URI.
    pub rels: Vec<String>,
    /// Target: a URI, or a URI template if [`templated`](Self::templated) is true. Restow contacts the target only
    /// after the user agrees.
    pub href: String,
    /// Expected media type of the target.
    pub media_type: Option<String>,
    /// Title of the target.
    pub title: Option<String>,
    /// True if `href` is a URI template.
    pub templated: bool,
    /// Length of the target in bytes.
    pub length: Option<u64>,
    /// SHA-256 of the target in the spelling of the document.
    pub hash: Option<String>,
}

/// User that a license was issued to. The members are personal data, so `Debug` does not print them.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct LcpUser {
    /// ID of the user at the provider.
    pub id: Option<String>,
    /// Email address, possibly encrypted.
    pub email: Option<String>,
    /// Name, possibly encrypted.
    pub name: Option<String>,
    /// Names of the members that are encrypted with the user key.
    pub encrypted: Vec<String>,
}

impl std::fmt::Debug for LcpUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LcpUser(…)")
    }
}

/// Members of an LCP license document that [`License`] does not have.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LcpDetails {
    /// Encryption profile.
    pub profile: Profile,
    /// Hint that reminds the user of the passphrase.
    pub hint: Option<String>,
    /// All links in the order of the document. Links of drafts of 2015 are in the order of their relations.
    pub links: Vec<LcpLink>,
    /// User that the license was issued to.
    pub user: LcpUser,
}

impl LcpDetails {
    /// Parses the members of a license document.
    ///
    /// # Errors
    /// [`LicenseError::Malformed`] if the document is not JSON or repeats a member.
    pub fn read(document: &[u8]) -> Result<Self, LicenseError> {
        let json = json::parse(document).map_err(|error| LicenseError::malformed(Kind::Lcp, error))?;
        let encryption = json.get("encryption");
        let text = |object: Option<&Value>, name: &str| object.and_then(|o| json::text(o, name)).map(str::to_owned);
        let user = json.get("user");
        let encrypted = user.and_then(|user| user.get("encrypted"));
        let mut links = Vec::new();
        match json.get("links") {
            Some(Value::Array(list)) => links.extend(list.iter().filter_map(|link| LcpLink::read(link, None))),
            Some(Value::Object(by_rel)) => {
                for (rel, link) in by_rel {
                    let list = if let Value::Array(list) = link { list.as_slice() } else { std::slice::from_ref(link) };
                    links.extend(list.iter().filter_map(|link| LcpLink::read(link, Some(rel))));
                }
            }
            _ => {}
        }
        Ok(Self {
            profile: Profile::from_uri(encryption.and_then(|e| json::text(e, "profile")).unwrap_or_default()),
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

    /// Returns the first link with this relation.
    #[must_use]
    pub fn link(&self, rel: &str) -> Option<&LcpLink> {
        self.links.iter().find(|link| link.rels.iter().any(|one| one == rel))
    }
}

impl LcpLink {
    fn read(link: &Value, rel: Option<&String>) -> Option<Self> {
        let text = |name: &str| json::text(link, name).map(str::to_owned);
        let own_rels = link.get("rel").map(texts).unwrap_or_default();
        Some(Self {
            rels: rel.into_iter().cloned().chain(own_rels).collect(),
            href: text("href")?,
            media_type: text("type"),
            title: text("title"),
            templated: link.get("templated") == Some(&Value::Bool(true)),
            length: match link.get("length") {
                Some(Value::Number(length)) => json::integer(length).and_then(|length| u64::try_from(length).ok()),
                // The example in the specification and real licenses have the digits in a string.
                Some(Value::String(digits)) if digits.bytes().all(|digit| digit.is_ascii_digit()) => {
                    digits.parse().ok()
                }
                _ => None,
            },
            hash: text("hash"),
        })
    }
}

/// Returns the string as a list, or the strings of a list. Values of other types are left out.
pub(crate) fn texts(json: &Value) -> Vec<String> {
    match json {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Returns the certificate of the provider in base64.
pub(super) fn provider_certificate(license: &Value) -> Option<&str> {
    json::text(license.get("signature")?, "certificate")
}

/// Returns true if two license documents contain the same provider certificate.
pub fn same_certificate(one: &[u8], other: &[u8]) -> bool {
    let certificate = |document| provider_certificate(&json::parse(document).ok()?).map(str::to_owned);
    certificate(one).is_some_and(|one| certificate(other) == Some(one))
}

/// Returns true if two documents contain the same JSON values. The order of members and whitespace are ignored.
pub fn is_equivalent_json(one: &[u8], other: &[u8]) -> bool {
    let form = |document| {
        let mut form = Vec::new();
        canonical::write(&json::parse(document).ok()?, &mut form);
        Some(form)
    };
    form(one).is_some_and(|one| form(other) == Some(one))
}

/// Returns the canonical form of a license document (LCP 1.0, §5.3): the bytes that the provider signs.
///
/// # Errors
/// [`LicenseError::Malformed`] if the document is not JSON or repeats a member.
pub fn canonical_form(document: &[u8]) -> Result<Vec<u8>, LicenseError> {
    let json = json::parse(document).map_err(|error| LicenseError::malformed(Kind::Lcp, error))?;
    Ok(canonical::canonical_form(&json))
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
    fn license_document_is_parsed() {
        assert!(recognizes(GOOD.as_bytes()));
        let license = parse(GOOD.as_bytes()).unwrap();
        assert_eq!(license.title.as_deref(), Some("Moby"));
        assert_eq!(license.backup_right, BackupRight::Allowed);
        assert_eq!(license.expires, Some(1_735_689_600));
        assert_eq!(license.rights[&Right::PRINT].count, Some(3));
        assert_eq!(license.document, GOOD.as_bytes());
    }

    #[test]
    fn escaped_strings_are_accepted() {
        let escaped = GOOD.replace(r#""value":"x""#, r#""value":"a\/b\u002Bc""#);
        assert_ne!(escaped, GOOD);
        assert!(parse(escaped.as_bytes()).is_ok());
    }

    #[test]
    fn draft_links_in_object_are_parsed() {
        let early = GOOD.replace(
            r#"[{"rel":"hint","href":"https://h"},{"rel":["publication"],"href":"https://p","title":"Moby"}]"#,
            r#"{"publication":{"href":"https://p","title":"Moby"},"hint":{"href":"https://h"}}"#,
        );
        assert_ne!(early, GOOD);
        assert_eq!(parse(early.as_bytes()).unwrap().title.as_deref(), Some("Moby"));
    }

    #[test]
    fn details_are_parsed_from_both_forms() {
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
    fn link_length_in_string_is_accepted() {
        let length = |value: &str| {
            let changed = GOOD.replace("\"title\":\"Moby\"", &format!("\"title\":\"Moby\",\"length\":{value}"));
            assert_ne!(changed, GOOD);
            LcpDetails::read(changed.as_bytes()).unwrap().link("publication").unwrap().length
        };
        assert_eq!((length("264929"), length("\"264929\"")), (Some(264_929), Some(264_929)));
        for invalid in
            ["\"\"", "\"+7\"", "\"-7\"", "\"7 \"", "\"7.0\"", "-7", "7.5", "null", "\"18446744073709551616\""]
        {
            assert_eq!(length(invalid), None, "{invalid}");
        }
    }

    #[test]
    fn debug_output_hides_user() {
        let named =
            GOOD.replace("\"extra\":1", r#""user":{"id":"u1","name":"Ada","email":"a@b","encrypted":["name"]}"#);
        let details = LcpDetails::read(named.as_bytes()).unwrap();
        assert_eq!((details.user.name.as_deref(), details.user.encrypted.len()), (Some("Ada"), 1));
        let printed = format!("{details:?}");
        assert!(["u1", "Ada", "a@b"].iter().all(|word| !printed.contains(word)), "{printed}");
    }

    #[test]
    fn error_message_has_bounded_length() {
        let print = format!("\"print\":\"{}\"", "x".repeat(100_000));
        let long = GOOD.replace("\"print\":3", &print);
        assert_ne!(long, GOOD);
        assert!(parse(long.as_bytes()).unwrap_err().to_string().chars().count() < 400);
    }

    #[test]
    fn missing_member_is_named() {
        for member in ["\"id\":\"a\",", "\"provider\":\"https://p.example\",", "\"issued\":\"2024-09-26T17:53:16Z\","] {
            let broken = GOOD.replace(member, "");
            let error = parse(broken.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("is missing"), "{error}");
        }
        let invalid_date = GOOD.replace("2024-09-26T17:53:16Z", "2024-99-26");
        assert!(parse(invalid_date.as_bytes()).unwrap_err().to_string().contains("issued"));
    }
}
