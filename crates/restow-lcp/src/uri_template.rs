//! URI templates with the two kinds of expressions that status documents use: `{?id,name}` and `{&id,name}`.
//!
//! Source: RFC 6570, §§3.2.8 and 3.2.9. A name without a value is left out.

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
        /// Expression of an unsupported kind.
        Expression = "template-expression",
        /// Expanded URI longer than 8,192 bytes.
        TooLong = "template-too-long",
    }
}

/// Expands a URI template with pairs of names and values.
///
/// A text without braces is a URI and is returned unchanged.
///
/// # Errors
/// - [`TemplateError::Brace`] for an unpaired brace
/// - [`TemplateError::Expression`] for another kind of expression
/// - [`TemplateError::TooLong`] for an expanded URI of more than 8,192 bytes
pub fn expand(template: &str, values: &[(&str, &str)]) -> Result<String, TemplateError> {
    let mut uri = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (expression, after) = after.split_once('}').ok_or(TemplateError::Brace)?;
        push_literal(&mut uri, before)?;
        let (mut separator, names) = match expression.split_at_checked(1) {
            Some(("?", names)) => ('?', names),
            Some(("&", names)) => ('&', names),
            _ => return Err(TemplateError::Expression),
        };
        for name in names.split(',') {
            let is_name_char = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            if name.is_empty() || !name.chars().all(is_name_char) {
                return Err(TemplateError::Expression);
            }
            let Some((_, value)) = values.iter().find(|(known, _)| *known == name) else { continue };
            uri.push(separator);
            separator = '&';
            uri.push_str(name);
            uri.push('=');
            percent_encode(&mut uri, value);
        }
        if uri.len() > MAX_URI {
            return Err(TemplateError::TooLong);
        }
        rest = after;
    }
    push_literal(&mut uri, rest)?;
    if uri.len() > MAX_URI { Err(TemplateError::TooLong) } else { Ok(uri) }
}

fn push_literal(uri: &mut String, text: &str) -> Result<(), TemplateError> {
    if text.contains('}') {
        return Err(TemplateError::Brace);
    }
    uri.push_str(text);
    Ok(())
}

/// Appends a value. All bytes except the unreserved characters (RFC 3986 §2.3) become `%XX`.
fn percent_encode(uri: &mut String, value: &str) {
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
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

    const VALUES: [(&str, &str); 2] = [("id", "a/b?c"), ("name", "PC Küche & 1%")];

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
            ("", ""),
        ] {
            assert_eq!(expand(template, &VALUES).as_deref(), Ok(uri), "{template}");
        }
    }

    #[test]
    fn unsupported_template_is_refused() {
        for (template, error) in [
            ("https://l.example/{id}", TemplateError::Expression),
            ("https://l.example/{}", TemplateError::Expression),
            ("https://l.example/{?}", TemplateError::Expression),
            ("https://l.example/{?id*}", TemplateError::Expression),
            ("https://l.example/{?id:3}", TemplateError::Expression),
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
