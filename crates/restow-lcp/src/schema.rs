//! What the published JSON schema of LCP license documents demands, and where a document departs from it.
//!
//! Source: `license.schema.json` and `link.schema.json` of the specification's appendix A (JSON Schema draft 7, formats included).
//! Reading is more lenient: licenses that readers open depart from it.

use std::collections::BTreeSet;

use restow_core::license::{Fault, Shape};

use super::canonical::write;
use super::json::Json;

/// The most departures that are told of one document.
const MAX_FAULTS: usize = 64;

/// Every departure from the schema, in the schema's order.
pub(super) fn faults(document: &Json) -> Vec<Fault> {
    let mut look = Look::default();
    look.license(document);
    look.faults
}

#[derive(Default)]
struct Look {
    faults: Vec<Fault>,
}

/// The name of a member for people: where it is, and what it is called.
fn at(place: &str, name: &str) -> String {
    let name = restow_core::text::quoted(name);
    if place.is_empty() { name } else { format!("{place}.{name}") }
}

impl Look {
    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        }
    }

    /// A value that is there must have this shape.
    fn shape(&mut self, object: &Json, place: &str, name: &str, shape: Shape) {
        let Some(value) = object.get(name) else { return };
        let fits = match (shape, value) {
            (Shape::Text, Json::Text(_))
            | (Shape::Object, Json::Object(_))
            | (Shape::List, Json::List(_))
            | (Shape::Bool, Json::Bool(_))
            | (Shape::Integer, Json::Integer(_)) => true,
            (Shape::Count, Json::Integer(count)) => *count >= 0,
            // Too large to be kept exactly, and whole all the same.
            (Shape::Integer, Json::Fraction(number)) => number.fract() == 0.0,
            (Shape::Count, Json::Fraction(number)) => number.fract() == 0.0 && *number >= 0.0,
            (Shape::Texts, Json::List(values)) => values.iter().all(|value| value.as_text().is_some()),
            (Shape::TextOrTexts, Json::Text(_)) => true,
            (Shape::TextOrTexts, Json::List(values)) => values.iter().all(|value| value.as_text().is_some()),
            (Shape::Uri, Json::Text(text)) => is_uri(text),
            (Shape::Template, Json::Text(text)) => is_template(text),
            (Shape::Date, Json::Text(text)) => is_date(text),
            _ => false,
        };
        if !fits {
            self.fault(Fault::NotA { name: at(place, name), shape });
        }
    }

    fn required(&mut self, object: &Json, place: &str, names: &[&str]) {
        for name in names {
            if object.get(name).is_none() {
                self.fault(Fault::Missing(at(place, name)));
            }
        }
    }

    /// Nothing but these.
    fn only(&mut self, object: &Json, place: &str, names: &[&str]) {
        let Json::Object(members) = object else { return };
        for name in members.keys().filter(|name| !names.contains(&name.as_str())) {
            self.fault(Fault::NotAllowed(at(place, name)));
        }
    }

    fn license(&mut self, license: &Json) {
        if !matches!(license, Json::Object(_)) {
            self.fault(Fault::NotA { name: "/".into(), shape: Shape::Object });
            return;
        }
        self.required(license, "", &["id", "issued", "provider", "encryption", "links", "signature"]);
        self.shape(license, "", "id", Shape::Text);
        self.shape(license, "", "issued", Shape::Date);
        self.shape(license, "", "updated", Shape::Date);
        self.shape(license, "", "provider", Shape::Uri);
        self.encryption(license);
        self.links(license);
        self.shape(license, "", "rights", Shape::Object);
        if let Some(rights) = license.get("rights") {
            self.shape(rights, "rights", "print", Shape::Count);
            self.shape(rights, "rights", "copy", Shape::Count);
            self.shape(rights, "rights", "start", Shape::Date);
            self.shape(rights, "rights", "end", Shape::Date);
        }
        self.shape(license, "", "user", Shape::Object);
        if let Some(user) = license.get("user") {
            for name in ["id", "email", "name"] {
                self.shape(user, "user", name, Shape::Text);
            }
            self.shape(user, "user", "encrypted", Shape::Texts);
        }
        self.shape(license, "", "signature", Shape::Object);
        if let Some(signature @ Json::Object(_)) = license.get("signature") {
            let members = ["algorithm", "certificate", "value"];
            self.required(signature, "signature", &members);
            self.shape(signature, "signature", "algorithm", Shape::Uri);
            self.shape(signature, "signature", "certificate", Shape::Text);
            self.shape(signature, "signature", "value", Shape::Text);
            self.only(signature, "signature", &members);
        }
    }

    fn encryption(&mut self, license: &Json) {
        self.shape(license, "", "encryption", Shape::Object);
        let Some(encryption @ Json::Object(_)) = license.get("encryption") else { return };
        self.required(encryption, "encryption", &["profile", "content_key", "user_key"]);
        self.shape(encryption, "encryption", "profile", Shape::Uri);
        self.shape(encryption, "encryption", "content_key", Shape::Object);
        if let Some(key @ Json::Object(_)) = encryption.get("content_key") {
            let place = "encryption.content_key";
            self.required(key, place, &["encrypted_value", "algorithm"]);
            self.shape(key, place, "encrypted_value", Shape::Text);
            self.shape(key, place, "algorithm", Shape::Uri);
        }
        self.shape(encryption, "encryption", "user_key", Shape::Object);
        if let Some(key @ Json::Object(_)) = encryption.get("user_key") {
            let place = "encryption.user_key";
            let members = ["algorithm", "key_check", "text_hint"];
            self.required(key, place, &members);
            self.shape(key, place, "algorithm", Shape::Uri);
            self.shape(key, place, "key_check", Shape::Text);
            self.shape(key, place, "text_hint", Shape::Text);
            self.only(key, place, &members);
        }
    }

    fn links(&mut self, license: &Json) {
        self.shape(license, "", "links", Shape::List);
        let Some(Json::List(links)) = license.get("links") else { return };
        let mut seen = BTreeSet::new();
        for (number, link) in links.iter().enumerate() {
            let place = format!("links[{number}]");
            let mut form = Vec::new();
            write(link, &mut form);
            if !seen.insert(form) {
                self.fault(Fault::LinkTwice(place.clone()));
            }
            if !matches!(link, Json::Object(_)) {
                self.fault(Fault::NotA { name: place, shape: Shape::Object });
                continue;
            }
            self.required(link, &place, &["href", "rel"]);
            let templated = !matches!(link.get("templated"), None | Some(Json::Bool(false) | Json::Null));
            self.shape(link, &place, "href", if templated { Shape::Template } else { Shape::Uri });
            self.shape(link, &place, "rel", Shape::TextOrTexts);
            self.shape(link, &place, "type", Shape::Text);
            self.shape(link, &place, "templated", Shape::Bool);
            self.shape(link, &place, "title", Shape::Text);
            self.shape(link, &place, "profile", Shape::Uri);
            self.shape(link, &place, "length", Shape::Integer);
            self.shape(link, &place, "hash", Shape::Text);
        }
        for rel in ["hint", "publication"] {
            if !links.iter().any(|link| is_for(link, rel)) {
                self.fault(Fault::NoLink(rel));
            }
        }
    }
}

fn is_for(link: &Json, rel: &str) -> bool {
    match link.get("rel") {
        Some(Json::Text(one)) => one == rel,
        Some(Json::List(several)) => several.iter().any(|one| one.as_text() == Some(rel)),
        _ => false,
    }
}

/// RFC 3339, §5.6.
fn is_date(text: &str) -> bool {
    // What the parser of dates takes besides: other separators, no seconds, names of time zones.
    let form = text.get(..19).is_some_and(|head| {
        head.bytes().enumerate().all(|(place, byte)| match place {
            4 | 7 => byte == b'-',
            10 => byte.eq_ignore_ascii_case(&b'T'),
            13 | 16 => byte == b':',
            _ => byte.is_ascii_digit(),
        })
    });
    let rest = text.get(19..).unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (fraction, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
    let fraction = fraction.is_empty() || fraction.strip_prefix('.').is_some_and(digits);
    let offset = match offset.as_bytes() {
        [b'Z' | b'z'] => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|byte| byte.is_ascii_digit()),
        _ => false,
    };
    form && fraction && offset && super::license::timestamp(text).is_some()
}

/// RFC 3986, §3: a scheme, and only characters that may be.
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && has_only(rest, "-._~:/?#[]@!$&'()*+,;=%")
}

/// RFC 6570, §2: braces in pairs, and only characters that may be.
fn is_template(text: &str) -> bool {
    let mut open = false;
    for c in text.chars() {
        match c {
            '{' if open => return false,
            '}' if !open => return false,
            '{' | '}' => open = !open,
            _ => {}
        }
    }
    !open && has_only(text, "-._~:/?#[]@!$&'()*+,;=%{}|")
}

/// ASCII letters, digits and these; after a percent sign two hexadecimal digits.
fn has_only(text: &str, others: &str) -> bool {
    let hex = |place: usize| text.as_bytes().get(place).is_some_and(u8::is_ascii_hexdigit);
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || others.as_bytes().contains(&byte))
        && text.match_indices('%').all(|(place, _)| hex(place.saturating_add(1)) && hex(place.saturating_add(2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_rfc_3339() {
        for date in ["2024-09-26T17:53:16Z", "2013-11-04T01:08:15+01:00", "2017-10-31t11:23:03.250720346z"] {
            assert!(is_date(date), "{date}");
        }
        for none in [
            "",
            "2024-09-26",
            "2024-09-26 17:53:16Z",
            "2024-09-26T17:53Z",
            "2024-09-26T17:53:16",
            "2024-02-30T00:00:00Z",
            "2024-09-26T25:53:16Z",
            "2024-09-26T17:53:16+0100",
            "2024-09-26T17:53:16.Z",
            "2024-09-26T17:53:16Z[UTC]",
            "+002024-09-26T17:53:16Z",
            "2024-09-26T17:53:1\u{e9}Z",
        ] {
            assert!(!is_date(none), "{none}");
        }
    }

    #[test]
    fn uris_have_a_scheme() {
        for uri in ["https://a.example/%20?b=c#d", "urn:uuid:1", "mailto:a@b", "tel:1800836482", "a+b-c.1:"] {
            assert!(is_uri(uri), "{uri}");
        }
        for none in ["", "provider", ":a", "1a:b", "https://a b", "https://a/%2", "https://ü.example", "https://{a}"] {
            assert!(!is_uri(none), "{none}");
        }
        assert!(is_template("https://a.example/r{?id,name}") && is_template("/b"));
        assert!(!is_template("https://a.example/{") && !is_template("a}b") && !is_template("{a{b}}"));
    }
}
