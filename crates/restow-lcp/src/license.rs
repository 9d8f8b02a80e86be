//! Members of an LCP license document.
//!
//! Source: LCP 1.0, §3. Parsing is lenient where licenses of real providers differ from the published schema.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use restow_core::license::{
    BackupRight, DocumentError, Kind, License, LicenseError, LicenseIdentity, LicenseMember, LicenseWarning, Limits,
    Right, Rights,
};
use restow_core::text::{to_short_line, without_byte_order_mark};
use restow_core::time::{TimeForm, parse_time};
use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{canonical, json};

// Members of an LCP license. Only the members without which no reader can open the publication are required; the
// stored document holds them.
#[derive(Deserialize)]
#[expect(dead_code, reason = "required members, which the stored document holds")]
struct LcpDocument {
    id: String,
    #[serde(default)]
    issued: Lenient<String>,
    #[serde(default)]
    updated: Lenient<String>,
    provider: String,
    encryption: Object<Encryption>,
    #[serde(default)]
    links: Lenient<Links>,
    #[serde(default)]
    rights: Lenient<RightsForm>,
    signature: IgnoredAny,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct Encryption {
    profile: Lenient<String>,
    content_key: Object<ContentKey>,
    user_key: IgnoredAny,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "as above")]
struct ContentKey {
    encrypted_value: IgnoredAny,
}

/// Value that is a JSON object. Derived types alone also accept an array, by the order of their members.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// Value of an optional member, which may have another type than the format demands.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient<T> {
    Expected(Option<T>),
    Other(IgnoredAny),
}

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self::Expected(None)
    }
}

impl<T> Lenient<T> {
    /// Returns the value; `None` if the member is absent, null or of another type.
    fn get(&self) -> Option<&T> {
        match self {
            Self::Expected(value) => value.as_ref(),
            Self::Other(_) => None,
        }
    }

    const fn is_other(&self) -> bool {
        matches!(self, Self::Other(_))
    }
}

/// Rights of a document. Some programs write an empty array for an object without members.
#[derive(Deserialize)]
#[serde(untagged)]
enum RightsForm {
    Object(Object<LcpRights>),
    Empty([IgnoredAny; 0]),
}

#[derive(Deserialize, Default)]
struct LcpRights {
    #[serde(default)]
    print: Lenient<u64>,
    #[serde(default)]
    copy: Lenient<u64>,
    #[serde(default)]
    start: Lenient<String>,
    #[serde(default)]
    end: Lenient<String>,
}

#[derive(Deserialize)]
struct Link {
    #[serde(default)]
    rel: Lenient<Rel>,
    #[serde(default)]
    href: Lenient<String>,
    #[serde(default)]
    title: Lenient<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Rel {
    One(String),
    Many(Vec<Lenient<String>>),
}

impl Rel {
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(rel) => names_rel(rel, name),
            Self::Many(rels) => rels.iter().filter_map(Lenient::get).any(|rel| names_rel(rel, name)),
        }
    }
}

/// Returns true if a `rel` member has a relation. Registered relations are compared without regard to case (RFC 8288,
/// section 2.1.1), and some servers write several in one string.
pub(crate) fn names_rel(rel: &str, name: &str) -> bool {
    rel.split_whitespace().any(|own| own.eq_ignore_ascii_case(name))
}

/// Links of a document: an array, or an object by relation in drafts of 2015.
#[derive(Deserialize)]
#[serde(untagged)]
enum Links {
    Array(Vec<Lenient<Object<Link>>>),
    Object(BTreeMap<String, Lenient<OneOrMany>>),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Object<Link>),
    Many(Vec<Lenient<Object<Link>>>),
}

impl Links {
    fn find(&self, rel: &str) -> Option<&Link> {
        match self {
            Self::Array(links) => {
                let mut links = links.iter().filter_map(Lenient::get).map(|Object(link)| link);
                links.find(|link| link.rel.get().is_some_and(|own| own.contains(rel)))
            }
            Self::Object(by_rel) => match by_rel.get(rel)?.get()? {
                OneOrMany::One(Object(link)) => Some(link),
                OneOrMany::Many(links) => links.iter().find_map(Lenient::get).map(|Object(link)| link),
            },
        }
    }

    /// Returns true if a link cannot be read: it is not an object, or has no address.
    fn has_unreadable(&self) -> bool {
        let is_unreadable =
            |link: &Lenient<Object<Link>>| link.get().is_none_or(|Object(link)| link.href.get().is_none());
        match self {
            Self::Array(links) => links.iter().any(is_unreadable),
            Self::Object(by_rel) => by_rel.values().any(|links| match links.get() {
                Some(OneOrMany::One(Object(link))) => link.href.get().is_none(),
                Some(OneOrMany::Many(links)) => links.iter().any(is_unreadable),
                None => true,
            }),
        }
    }
}

/// Returns true if the bytes look like an LCP license document.
#[must_use]
pub fn recognizes(document: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Probe {
        encryption: Option<Object<EncryptionProbe>>,
    }
    #[derive(Deserialize)]
    struct EncryptionProbe {
        profile: Option<IgnoredAny>,
        content_key: Option<IgnoredAny>,
        user_key: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Object<Probe>>(without_byte_order_mark(document)).is_ok_and(|Object(probe)| {
        let has_keys = |Object(e): Object<EncryptionProbe>| {
            e.profile.is_some() && (e.content_key.is_some() || e.user_key.is_some())
        };
        probe.encryption.is_some_and(has_keys)
    })
}

/// Parses an LCP license document without a check of its signature.
///
/// A member in an unexpected form does not make the document malformed: its fact is then unknown, and
/// [`License::warnings`] names it.
///
/// # Errors
/// [`LicenseError::Malformed`] if the document is no JSON, or lacks a member without which it is no license: an ID, a
/// provider, an encryption profile, a content key, a user key or a signature.
pub fn parse(document: &[u8]) -> Result<License, LicenseError> {
    let Object(lcp): Object<LcpDocument> = serde_json::from_slice(without_byte_order_mark(document))
        .map_err(|e| LicenseError::malformed(Kind::Lcp, e.into()))?;
    for (name, text) in [("id", &lcp.id), ("provider", &lcp.provider)] {
        if text.is_empty() || text.len() > 1024 || text.chars().any(char::is_control) {
            return Err(LicenseError::malformed(Kind::Lcp, DocumentError::Text { name, max: 1024 }));
        }
    }
    let mut warnings = Vec::new();
    let issued = date(LicenseMember::Issued, &lcp.issued, &mut warnings);
    let updated = date(LicenseMember::Updated, &lcp.updated, &mut warnings);
    if matches!(lcp.issued, Lenient::Expected(None)) {
        warnings.push(LicenseWarning::UnknownDate(LicenseMember::Issued));
    }
    let no_rights = LcpRights::default();
    let rights = match lcp.rights.get() {
        Some(RightsForm::Object(Object(rights))) => rights,
        Some(RightsForm::Empty(_)) | None => &no_rights,
    };
    if lcp.rights.is_other() {
        warnings.push(LicenseWarning::UnknownRights);
    }
    let mut seconds = |name, value| date(name, value, &mut warnings).map(|millis: i64| millis.div_euclid(1000));
    let (start, end) = (seconds(LicenseMember::Start, &rights.start), seconds(LicenseMember::End, &rights.end));
    // An unknown amount grants nothing.
    let is_known = !lcp.rights.is_other();
    let mut amount = |member, value: &Lenient<u64>| {
        if value.is_other() {
            warnings.push(LicenseWarning::UnknownAmount(member));
        }
        let limits = Limits { count: value.get().copied(), ..Limits::default() };
        (is_known && !value.is_other()).then_some(limits)
    };
    let (print, copy) = (amount(LicenseMember::Print, &rights.print), amount(LicenseMember::Copy, &rights.copy));
    let play = Limits { from: start, until: end, ..Limits::default() };
    let known =
        [(Right::PRINT, print), (Right::COPY, copy)].into_iter().filter_map(|(right, limits)| Some((right, limits?)));
    let rights: Rights = known.chain([(Right::PLAY, play)]).collect();
    match Profile::from_uri(lcp.encryption.0.profile.get().map_or("", String::as_str)) {
        Profile::Other(profile) => warnings.push(LicenseWarning::UnknownProfile(to_short_line(&profile))),
        Profile::Basic | Profile::Production(_) => {}
    }
    let links = lcp.links.get();
    if links.is_none() {
        warnings.push(LicenseWarning::NoLinks);
    } else if links.is_some_and(Links::has_unreadable) {
        warnings.push(LicenseWarning::UnreadableLink);
    }
    let publication = links.and_then(|links| links.find("publication"));
    // The passphrase opens the license on any reader. Copies of the document are its normal use.
    let identity = LicenseIdentity { kind: Kind::Lcp, issuer: lcp.provider, license_id: lcp.id };
    let version = updated.or(issued).unwrap_or_default();
    let mut license = License::new(identity, version, BackupRight::Allowed, document);
    license.title = publication.and_then(|link| link.title.get().cloned());
    license.not_before = start;
    license.expires = end;
    license.rights = rights;
    license.source_url = publication.and_then(|link| link.href.get().cloned());
    license.warnings = warnings;
    license.status_url = links.and_then(|links| links.find("status")).and_then(|link| link.href.get().cloned());
    Ok(license)
}

/// Parses a date of a license into Unix milliseconds, and adds a warning about what is unknown or assumed.
fn date(member: LicenseMember, value: &Lenient<String>, warnings: &mut Vec<LicenseWarning>) -> Option<i64> {
    let text = match value {
        Lenient::Expected(None) => return None,
        Lenient::Expected(Some(text)) => text.as_str(),
        Lenient::Other(_) => "",
    };
    let stated = parse_time(text).filter(|stated| !is_unset(stated.millis));
    match stated.map(|stated| stated.form) {
        Some(TimeForm::Exact) => {}
        Some(TimeForm::NoOffset) => warnings.push(LicenseWarning::AssumedUtc(member)),
        Some(TimeForm::DateOnly) => warnings.push(LicenseWarning::AssumedMidnight(member)),
        None => warnings.push(LicenseWarning::UnknownDate(member)),
    }
    stated.map(|stated| stated.millis)
}

/// Returns true for a date that a program writes for an unset one: in year 1, or before. No license is that old.
const fn is_unset(millis: i64) -> bool {
    const YEAR_2: i64 = -62_104_060_800_000;
    millis < YEAR_2
}

/// Returns the time of the last update of a license document, or of its issue, in Unix milliseconds; `None` if neither
/// is a date.
pub(crate) fn document_time(json: &Value) -> Option<i64> {
    let time = |name| json::text(json, name).and_then(known_timestamp);
    time("updated").or_else(|| time("issued"))
}

/// Parses a date into Unix milliseconds. Returns `None` for an unset date.
pub(crate) fn known_timestamp(text: &str) -> Option<i64> {
    parse_time(text).map(|stated| stated.millis).filter(|millis| !is_unset(*millis))
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
        self.links.iter().find(|link| link.has_rel(rel))
    }
}

impl LcpLink {
    /// Returns true if the link has a relation.
    #[must_use]
    pub fn has_rel(&self, rel: &str) -> bool {
        self.rels.iter().any(|own| names_rel(own, rel))
    }

    /// Returns true if the link states this media type, with any parameters.
    #[must_use]
    pub fn has_type(&self, media_type: &str) -> bool {
        let own = self.media_type.as_deref().unwrap_or_default();
        own.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(media_type))
    }

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

    fn parse_changed(from: &str, to: &str) -> License {
        let changed = GOOD.replace(from, to);
        assert_ne!(changed, GOOD);
        assert!(recognizes(changed.as_bytes()), "{to}");
        let license = parse(changed.as_bytes()).unwrap_or_else(|error| panic!("{to}: {error}"));
        assert_eq!(license.document, changed.as_bytes());
        license
    }

    fn codes(license: &License) -> Vec<&'static str> {
        license.warnings.iter().map(LicenseWarning::code).collect()
    }

    #[test]
    fn unreadable_end_is_unknown() {
        const END: &str = r#""end":"2025-01-01T00:00:00Z""#;
        for value in [
            "\"\"",
            "\"never\"",
            "\"2026-13-01T00:00:00Z\"",
            "\"2026-12\"",
            "1735689600",
            "true",
            "[\"2025-01-01\"]",
            "{}",
        ] {
            let license = parse_changed(END, &format!("\"end\":{value}"));
            assert_eq!((license.expires, license.end_order()), (None, i64::MIN), "{value}");
            assert_eq!(license.warnings, [LicenseWarning::UnknownDate(LicenseMember::End)], "{value}");
            assert!(license.has_unknown_period());
        }
        let unlimited = parse_changed(END, r#""end":null"#);
        assert_eq!((unlimited.expires, unlimited.end_order(), unlimited.has_unknown_period()), (None, i64::MAX, false));
        for (value, seconds, code) in [
            ("9999-12-31T23:59:59Z", 253_402_300_799, None),
            ("2025-01-01T01:00:00+0100", 1_735_689_600, None),
            ("2025-01-01T00:00:00", 1_735_689_600, Some("license-date-utc")),
            ("2025-01-01", 1_735_689_600, Some("license-date-day")),
        ] {
            let license = parse_changed(END, &format!("\"end\":\"{value}\""));
            assert_eq!((license.expires, codes(&license)), (Some(seconds), Vec::from_iter(code)), "{value}");
        }
    }

    #[test]
    fn unreadable_amount_grants_nothing() {
        for value in ["\"10\"", "10.0", "-1", "1e3", "18446744073709551616", "\"\"", "true", "[10]", "{}"] {
            let license = parse_changed("\"print\":3", &format!("\"print\":{value}"));
            assert_eq!(license.rights.get(&Right::PRINT), None, "{value}");
            assert_eq!(license.warnings, [LicenseWarning::UnknownAmount(LicenseMember::Print)], "{value}");
            assert!(license.has_unknown_amount(&Right::PRINT) && !license.has_unknown_amount(&Right::COPY));
            assert_eq!(license.expires, Some(1_735_689_600), "the other rights are known: {value}");
        }
        let unlimited = parse_changed("\"print\":3", "\"print\":null");
        assert_eq!((unlimited.rights[&Right::PRINT].count, unlimited.warnings), (None, vec![]));
    }

    #[test]
    fn unreadable_rights_are_unknown() {
        const RIGHTS: &str = r#"{"end":"2025-01-01T00:00:00Z","print":3}"#;
        for value in ["\"all\"", "7", "[3]", "false"] {
            let license = parse_changed(RIGHTS, value);
            assert_eq!(license.warnings, [LicenseWarning::UnknownRights], "{value}");
            assert!(license.has_unknown_period() && license.has_unknown_amount(&Right::COPY), "{value}");
        }
        for value in ["null", "{}", "[]"] {
            let license = parse_changed(RIGHTS, value);
            assert_eq!((license.warnings.len(), license.rights.len(), license.expires), (0, 3, None), "{value}");
        }
    }

    #[test]
    fn unreadable_update_leaves_issue_date() {
        const ISSUED: &str = r#""issued":"2024-09-26T17:53:16Z""#;
        let issued = 1_727_373_196_000;
        for value in ["\"\"", "5", "\"0001-01-01T00:00:00Z\"", "\"soon\""] {
            let license = parse_changed(ISSUED, &format!("{ISSUED},\"updated\":{value}"));
            assert_eq!((license.version, codes(&license)), (issued, vec!["license-date-unknown"]), "{value}");
        }
        assert_eq!(parse_changed(ISSUED, &format!("{ISSUED},\"updated\":null")).warnings, []);
        for value in ["", "\"issued\":null,", "\"issued\":\"x\","] {
            let license = parse_changed(&format!("{ISSUED},"), value);
            assert_eq!((license.version, codes(&license)), (0, vec!["license-date-unknown"]), "{value}");
        }
    }

    #[test]
    fn one_bad_link_keeps_the_others() {
        const LINKS: &str =
            r#"[{"rel":"hint","href":"https://h"},{"rel":["publication"],"href":"https://p","title":"Moby"}]"#;
        let publication = r#"{"rel":["self",7,"Publication"],"href":"https://p","title":"Moby","type":5}"#;
        for bad in ["7", "null", "[]", "{}", r#"{"rel":5,"href":5}"#, r#"{"rel":"hint","href":null}"#] {
            let license = parse_changed(LINKS, &format!("[{bad},{publication}]"));
            assert_eq!((license.title.as_deref(), codes(&license)), (Some("Moby"), vec!["license-link-unreadable"]));
        }
        for none in ["null", "5", "\"x\""] {
            let license = parse_changed(LINKS, none);
            assert_eq!((license.title.as_deref(), codes(&license)), (None, vec!["license-no-links"]), "{none}");
        }
        assert_eq!(codes(&parse_changed(&format!("\"links\":{LINKS},"), "")), ["license-no-links"]);
    }

    #[test]
    fn unknown_profile_is_kept() {
        let license = parse_changed("http://readium.org/lcp/basic-profile", "urn:other");
        assert_eq!(license.warnings, [LicenseWarning::UnknownProfile("urn:other".into())]);
        assert_eq!(codes(&parse_changed("\"http://readium.org/lcp/basic-profile\"", "7")), ["license-profile-unknown"]);
    }

    #[test]
    fn identifiers_are_kept_as_written() {
        for id in ["URN:UUID:EF15E740-697F-11E3-949A-0800200C9A66", "EF15E740-697F-11E3-949A-0800200C9A66"] {
            assert_eq!(parse_changed("\"id\":\"a\"", &format!("\"id\":\"{id}\"")).identity.license_id, id);
        }
        assert_eq!(parse_changed("https://p.example", "library").identity.issuer, "library");
    }

    #[test]
    fn byte_order_mark_is_kept_and_ignored() {
        let marked = format!("\u{feff}{GOOD}");
        assert!(recognizes(marked.as_bytes()));
        let license = parse(marked.as_bytes()).unwrap();
        assert_eq!((license.document.as_slice(), license.title.as_deref()), (marked.as_bytes(), Some("Moby")));
        assert_eq!(canonical_form(marked.as_bytes()).unwrap(), canonical_form(GOOD.as_bytes()).unwrap());
        assert_eq!(LcpDetails::read(marked.as_bytes()).unwrap().links.len(), 2);
    }

    #[test]
    fn error_message_has_bounded_length() {
        let long = GOOD.replace("\"id\":\"a\"", &format!("\"id\":{{\"{}\":1}}", "x".repeat(100_000)));
        assert_ne!(long, GOOD);
        assert!(parse(long.as_bytes()).unwrap_err().to_string().chars().count() < 400);
    }

    #[test]
    fn document_that_is_no_license_is_refused() {
        for member in [
            "\"id\":\"a\",",
            "\"provider\":\"https://p.example\",",
            "\"profile\":\"http://readium.org/lcp/basic-profile\",",
            "\"encrypted_value\":\"x\"",
            ",\n        \"signature\":{\"algorithm\":\"x\",\"certificate\":\"x\",\"value\":\"x\"}",
        ] {
            let broken = GOOD.replace(member, "").replace("\"x\",}", "\"x\"}");
            assert_ne!(broken, GOOD, "{member}");
            let error = parse(broken.as_bytes()).unwrap_err().to_string();
            assert!(error.contains("is missing"), "{member}: {error}");
        }
    }
}
