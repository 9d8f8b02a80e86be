//! Canonical form of a license document, which the provider signs.
//!
//! Source: LCP 1.0, §5.3.
//!
//! - The member `signature` of the document is left out.
//! - Members are sorted by code point at all levels; arrays keep their order.
//! - Numbers have no insignificant zeros. Numbers with a fraction are in normalized scientific notation with `E`.
//! - Strings escape only backslash, quotation mark and control characters, with upper-case hexadecimal digits.
//! - No whitespace is outside of strings.

use restow_core::text::without_byte_order_mark;
use serde_json::{Map, Value};

use super::json;

/// Form of the numbers with a fraction or an exponent. Signers differ in these, against the specification.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum NumberForm {
    /// Form of the specification.
    Specified,
    /// Decimal form with a fraction, as most programs print numbers that are not integers.
    Printed,
    /// Form in the document. The value has each number as a string after [`NUMBER_MARK`].
    Original,
}

/// Mark of a number in the value of [`read_original_numbers`].
const NUMBER_MARK: char = '\0';

/// Returns the canonical form of a document.
pub(super) fn canonical_form(document: &Value) -> Vec<u8> {
    write_document(document, NumberForm::Specified)
}

/// Returns the further forms that signers sign instead of the canonical form. Only numbers that are not written as
/// integers make a difference.
pub(super) fn deviating_forms(document: &[u8], json: &Value) -> Vec<Vec<u8>> {
    if !has_fraction(json) {
        return Vec::new();
    }
    let original = read_original_numbers(document).map(|json| write_document(&json, NumberForm::Original));
    std::iter::once(write_document(json, NumberForm::Printed)).chain(original).collect()
}

fn has_fraction(json: &Value) -> bool {
    match json {
        Value::Number(number) => number.is_f64(),
        Value::Array(values) => values.iter().any(has_fraction),
        Value::Object(members) => members.values().any(has_fraction),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}

/// Parses a document with each number as a string: the mark, and the number as the document has it.
fn read_original_numbers(document: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(without_byte_order_mark(document)).ok()?;
    // A string with the mark would pass for a number.
    if text.contains("\\u0000") {
        return None;
    }
    let mut marked = String::with_capacity(text.len());
    let (mut in_string, mut rest) = (false, text);
    while let Some(first) = rest.chars().next() {
        let is_number = !in_string && (first.is_ascii_digit() || first == '-');
        let len = match first {
            _ if is_number => rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')),
            '\\' if in_string => rest.char_indices().nth(2).map(|(at, _)| at),
            _ => Some(first.len_utf8()),
        };
        in_string ^= first == '"';
        let (part, after) = rest.split_at(len.unwrap_or(rest.len()));
        if is_number {
            marked.push_str("\"\\u0000");
        }
        marked.push_str(part);
        if is_number {
            marked.push('"');
        }
        rest = after;
    }
    serde_json::from_str(&marked).ok()
}

fn write_document(document: &Value, numbers: NumberForm) -> Vec<u8> {
    let mut form = Vec::new();
    match document {
        Value::Object(members) => write_object(members, "signature", numbers, &mut form),
        other => write_value(other, numbers, &mut form),
    }
    form
}

/// Appends the canonical form of a value.
pub(super) fn write(json: &Value, form: &mut Vec<u8>) {
    write_value(json, NumberForm::Specified, form);
}

fn write_value(json: &Value, numbers: NumberForm, form: &mut Vec<u8>) {
    match json {
        Value::Null => form.extend_from_slice(b"null"),
        Value::Bool(value) => form.extend_from_slice(value.to_string().as_bytes()),
        Value::Number(value) if numbers == NumberForm::Printed => form.extend_from_slice(value.to_string().as_bytes()),
        Value::Number(value) => match (json::integer(value), value.as_f64()) {
            (Some(integer), _) => form.extend_from_slice(integer.to_string().as_bytes()),
            (None, fraction) => form.extend_from_slice(format!("{:E}", fraction.unwrap_or_default()).as_bytes()),
        },
        Value::String(value) => match value.strip_prefix(NUMBER_MARK).filter(|_| numbers == NumberForm::Original) {
            Some(number) => form.extend_from_slice(number.as_bytes()),
            None => write_string(value, form),
        },
        Value::Array(values) => {
            form.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    form.push(b',');
                }
                write_value(value, numbers, form);
            }
            form.push(b']');
        }
        Value::Object(members) => write_object(members, "", numbers, form),
    }
}

/// Appends the canonical form of an object without the member `excluded`.
fn write_object(members: &Map<String, Value>, excluded: &str, numbers: NumberForm, form: &mut Vec<u8>) {
    // A feature of `serde_json` keeps the order of the document, so the order of the map proves nothing.
    let mut members: Vec<_> = members.iter().filter(|(name, _)| excluded.is_empty() || *name != excluded).collect();
    members.sort_unstable_by_key(|(name, _)| name.as_str());
    form.push(b'{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        if index > 0 {
            form.push(b',');
        }
        write_string(name, form);
        form.push(b':');
        write_value(value, numbers, form);
    }
    form.push(b'}');
}

fn write_string(value: &str, form: &mut Vec<u8>) {
    form.push(b'"');
    for byte in value.bytes() {
        // The specification leaves the escape of these control characters open. Signers use the short one.
        let letter = match byte {
            b'"' | b'\\' => byte,
            0x08 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            0x0C => b'f',
            b'\r' => b'r',
            0..=0x1F => {
                form.extend_from_slice(format!("\\u{byte:04X}").as_bytes());
                continue;
            }
            _ => {
                form.push(byte);
                continue;
            }
        };
        form.extend_from_slice(&[b'\\', letter]);
    }
    form.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(document: &str) -> String {
        String::from_utf8(canonical_form(&serde_json::from_str(document).unwrap())).unwrap()
    }

    #[test]
    fn members_are_sorted_without_signature() {
        let document = "{ \"b\" : [ {\"z\":1, \"a\":[3,1,2]} ],\n\"signature\":{\"a\":1}, \"\u{e9}\":0,
            \"\u{10000}\":0, \"\u{ffff}\":0, \"a\":{\"signature\":\"kept\"}, \"B\":null }";
        let sorted = "{\"B\":null,\"a\":{\"signature\":\"kept\"},\"b\":[{\"a\":[3,1,2],\"z\":1}],\"\u{e9}\":0,\"\u{ffff}\":0,\"\u{10000}\":0}";
        assert_eq!(form(document), sorted);
    }

    #[test]
    fn numbers_have_one_form() {
        let numbers = "[0, -0, 7, 1.0, 1e2, 1.50, 0.25, -12.5e-3, 677442, 1e300]";
        assert_eq!(form(numbers), "[0,0,7,1,100,1.5E0,2.5E-1,-1.25E-2,677442,1E300]");
    }

    #[test]
    fn deviating_forms_keep_other_numbers() {
        let forms = |document: &str| {
            let forms = deviating_forms(document.as_bytes(), &serde_json::from_str(document).unwrap());
            forms.into_iter().map(|form| String::from_utf8(form).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(forms(r#"{"a":10,"b":"1.5"}"#), Vec::<String>::new(), "integers have one form");
        assert_eq!(
            forms(
                "\u{feff}{\"b\" : [1e3, -2, 1.50], \"a\":\"\\\"1.0\", \"signature\":{}}".trim_start_matches('\u{feff}')
            ),
            ["{\"a\":\"\\\"1.0\",\"b\":[1000.0,-2,1.5]}", "{\"a\":\"\\\"1.0\",\"b\":[1e3,-2,1.50]}"]
        );
        assert_eq!(forms(r#"{"a":10.0,"b":"\u0000\u0031"}"#).len(), 1, "the string is no number");
    }

    #[test]
    fn large_numbers_keep_their_digits() {
        let large = "[1333333333333333333333333333333330,123456789.12345679,5e-324]";
        let once = form(large);
        assert_eq!(once, "[1.3333333333333335E33,1.2345678912345679E8,5E-324]");
        assert_eq!(form(&once), once);
    }

    #[test]
    fn strings_are_escaped_minimally() {
        let strings = r#"["\u0022\u005c\/\u0041<>&\u00e9","\u0000\b\t\n\u000b\f\r\u001f\u007f\u2028"]"#;
        assert_eq!(form(strings), "[\"\\\"\\\\/A<>&\u{e9}\",\"\\u0000\\b\\t\\n\\u000B\\f\\r\\u001F\u{7f}\u{2028}\"]");
    }

    /// Example document of LCP 1.0, §5.3.1.
    #[test]
    fn specification_example_has_published_digest() {
        let example = r#"{"id":"ef15e740-697f-11e3-949a-0800200c9a66","issued":"2013-11-04T01:08:15+01:00",
            "updated":"2014-02-21T09:44:17+01:00","provider":"https://www.imaginaryebookretailer.com","encryption":{
            "profile":"http://readium.org/lcp/basic-profile","content_key":{"encrypted_value":
            "/k8RpXqf4E2WEunCp76E8PjhS051NXwAXeTD1ioazYxCRGvHLAck/KQ3cCh5JxDmCK0nRLyAxs1X0aA3z55boQ==",
            "algorithm":"http://www.w3.org/2001/04/xmlenc#aes256-cbc"},"user_key":{"text_hint":"Enter your email address",
            "algorithm":"http://www.w3.org/2001/04/xmlenc#sha256",
            "key_check":"jJEjUDipHK3OjGt6kFq7dcOLZuicQFUYwQ+TYkAIWKm6Xv6kpHFhF7LOkUK/Owww"}},
            "links":[{"rel":"hint","href":"https://www.imaginaryebookretailer.com/lcp/hint","type":"text/html"}],
            "user":{"id":"d9f298a7-7f34-49e7-8aae-4378ecb1d597"}}"#;
        let form = form(example);
        // The example has unsorted members in its link, against its own rule, and the published digest includes
        // this error. Signers follow the rule.
        let link = r#"{"href":"https://www.imaginaryebookretailer.com/lcp/hint","rel":"hint","type":"text/html"}"#;
        let unsorted = r#"{"rel":"hint","href":"https://www.imaginaryebookretailer.com/lcp/hint","type":"text/html"}"#;
        assert!(form.contains(link));
        let digest = restow_core::encoding::sha256(form.replace(link, unsorted).as_bytes());
        assert_eq!(
            restow_core::encoding::hex(&digest),
            "23c68442c7214ba294ddd1a2902756e9fe575116a88f36e55baf94590a90c2ad"
        );
    }
}
