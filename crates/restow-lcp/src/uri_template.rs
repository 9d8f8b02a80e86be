//! URI templates (RFC 6570) with values that are strings: the expressions of levels 1 to 4.
//!
//! A name without a value is left out. The modifier `*` makes no difference for a string.

use std::fmt::Write as _;

use restow_core::message_error;

use super::texts::TEXTS;

/// Maximum length of an expanded URI in bytes.
const MAX_URI: usize = 8192;

message_error! {
    /// Error of a URI template.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum TemplateError in TEXTS {
        /// Unpaired brace.
        Brace = "template-brace",
        /// Expression with an unknown operator, or without a name.
        Expression = "template-expression",
        /// Expanded URI longer than 8,192 bytes.
        TooLong = "template-too-long",
    }
}

/// Form of an expression by its operator (RFC 6570, appendix A).
struct Operator {
    /// Text before the first value.
    first: &'static str,
    /// Text between two values.
    separator: char,
    /// True if the name precedes the value.
    named: bool,
    /// Text after the name of an empty value.
    if_empty: &'static str,
    /// True if reserved characters of a value stay as they are.
    reserved: bool,
}

impl Operator {
    /// Splits an expression into its operator and its names.
    fn parse(expression: &str) -> Result<(Self, &str), TemplateError> {
        let plain = Self { first: "", separator: ',', named: false, if_empty: "", reserved: false };
        let query = |first| Self { first, separator: '&', named: true, if_empty: "=", reserved: false };
        let path = |first, separator| Self { first, separator, ..plain };
        let names = expression.get(1..).unwrap_or_default();
        let operator = match expression.chars().next() {
            Some('+') => Self { reserved: true, ..plain },
            Some('#') => Self { first: "#", reserved: true, ..plain },
            Some('.') => path(".", '.'),
            Some('/') => path("/", '/'),
            Some(';') => Self { named: true, ..path(";", ';') },
            Some('?') => query("?"),
            Some('&') => query("&"),
            Some(first) if is_name_char(first) => return Ok((plain, expression)),
            _ => return Err(TemplateError::Expression),
        };
        Ok((operator, names))
    }
}

/// Expands a URI template with pairs of names and values.
///
/// In a text without braces, only characters that no URI has are encoded.
///
/// # Errors
/// - [`TemplateError::Brace`] for an unpaired brace
/// - [`TemplateError::Expression`] for an expression of an unknown kind
/// - [`TemplateError::TooLong`] for an expanded URI of more than 8,192 bytes
pub fn expand(template: &str, values: &[(&str, &str)]) -> Result<String, TemplateError> {
    let mut uri = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (expression, after) = after.split_once('}').ok_or(TemplateError::Brace)?;
        push_literal(&mut uri, before)?;
        push_expression(&mut uri, expression, values)?;
        if uri.len() > MAX_URI {
            return Err(TemplateError::TooLong);
        }
        rest = after;
    }
    push_literal(&mut uri, rest)?;
    if uri.len() > MAX_URI { Err(TemplateError::TooLong) } else { Ok(uri) }
}

fn push_expression(uri: &mut String, expression: &str, values: &[(&str, &str)]) -> Result<(), TemplateError> {
    let (operator, names) = Operator::parse(expression)?;
    let mut is_first = true;
    for spec in names.split(',') {
        let (name, max_chars) = parse_name(spec)?;
        let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else { continue };
        let end = max_chars.and_then(|max| value.char_indices().nth(max)).map_or(value.len(), |(at, _)| at);
        let value = value.get(..end).unwrap_or_default();
        if std::mem::take(&mut is_first) {
            uri.push_str(operator.first);
        } else {
            uri.push(operator.separator);
        }
        if operator.named {
            uri.push_str(name);
            uri.push_str(if value.is_empty() { operator.if_empty } else { "=" });
        }
        push_encoded(uri, value, operator.reserved);
    }
    Ok(())
}

/// Parses a name and the maximum number of characters of its value.
fn parse_name(spec: &str) -> Result<(&str, Option<usize>), TemplateError> {
    let (name, max_chars) = match spec.split_once(':') {
        Some((name, digits)) => {
            let max = digits.parse().ok().filter(|max| (1..10_000).contains(max));
            (name, Some(max.ok_or(TemplateError::Expression)?))
        }
        None => (spec.strip_suffix('*').unwrap_or(spec), None),
    };
    if name.is_empty() || !name.chars().all(is_name_char) {
        return Err(TemplateError::Expression);
    }
    Ok((name, max_chars))
}

const fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '%')
}

fn push_literal(uri: &mut String, text: &str) -> Result<(), TemplateError> {
    if text.contains('}') {
        return Err(TemplateError::Brace);
    }
    push_encoded(uri, text, true);
    Ok(())
}

/// Appends a text. All bytes except the unreserved characters (RFC 3986 §2.3) become `%XX`. With `reserved`, the
/// reserved characters and `%` stay, too.
fn push_encoded(uri: &mut String, text: &str, reserved: bool) {
    for byte in text.bytes() {
        let is_unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if is_unreserved || (reserved && b":/?#[]@!$&'()*+,;=%".contains(&byte)) {
            uri.push(char::from(byte));
        } else {
            // Writing to a `String` does not fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [(&str, &str); 3] = [("id", "a/b?c"), ("name", "PC Küche & 1%"), ("empty", "")];

    #[test]
    fn template_expands_as_rfc_6570_defines() {
        for (template, uri) in [
            (
                "https://l.example/register{?id,name}",
                "https://l.example/register?id=a%2Fb%3Fc&name=PC%20K%C3%BCche%20%26%201%25",
            ),
            ("https://l.example/renew{?end,id}", "https://l.example/renew?id=a%2Fb%3Fc"),
            ("https://l.example/renew{?end}", "https://l.example/renew"),
            ("https://l.example/r?x=1{&id}", "https://l.example/r?x=1&id=a%2Fb%3Fc"),
            (
                "https://l.example/r{?id}{&name}#f",
                "https://l.example/r?id=a%2Fb%3Fc&name=PC%20K%C3%BCche%20%26%201%25#f",
            ),
            ("https://l.example/plain?x=%7B", "https://l.example/plain?x=%7B"),
            ("https://l.example/{id}/renew/{end}", "https://l.example/a%2Fb%3Fc/renew/"),
            ("https://l.example{/id,name}", "https://l.example/a%2Fb%3Fc/PC%20K%C3%BCche%20%26%201%25"),
            ("https://l.example/r{;id,empty}", "https://l.example/r;id=a%2Fb%3Fc;empty"),
            ("https://l.example/r{?empty,id}", "https://l.example/r?empty=&id=a%2Fb%3Fc"),
            ("https://l.example/r{.id}{#id}", "https://l.example/r.a%2Fb%3Fc#a/b?c"),
            ("https://l.example/{+id}", "https://l.example/a/b?c"),
            ("https://l.example/{id,end,id}", "https://l.example/a%2Fb%3Fc,a%2Fb%3Fc"),
            ("https://l.example/r{?id*}", "https://l.example/r?id=a%2Fb%3Fc"),
            ("https://l.example/r{?id:3}", "https://l.example/r?id=a%2Fb"),
            ("https://l.example/a b/\u{fc}", "https://l.example/a%20b/%C3%BC"),
            ("", ""),
        ] {
            assert_eq!(expand(template, &VALUES).as_deref(), Ok(uri), "{template}");
        }
    }

    #[test]
    fn unsupported_template_is_refused() {
        for (template, error) in [
            ("https://l.example/{}", TemplateError::Expression),
            ("https://l.example/{?}", TemplateError::Expression),
            ("https://l.example/{?id:0}", TemplateError::Expression),
            ("https://l.example/{?id:x}", TemplateError::Expression),
            ("https://l.example/{|id}", TemplateError::Expression),
            ("https://l.example/{=id}", TemplateError::Expression),
            ("https://l.example/{id, name}", TemplateError::Expression),
            ("https://l.example/{?ä}", TemplateError::Expression),
            ("https://l.example/{ü}", TemplateError::Expression),
            ("https://l.example/{?id", TemplateError::Brace),
            ("https://l.example/?id}", TemplateError::Brace),
            (&format!("https://l.example/{}", "x".repeat(MAX_URI)), TemplateError::TooLong),
            (&"{?id}".repeat(MAX_URI), TemplateError::TooLong),
        ] {
            assert_eq!(expand(template, &VALUES), Err(error), "{}", &template[..template.len().min(40)]);
        }
    }
}
