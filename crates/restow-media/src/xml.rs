//! Lenient XML reader. Malformed XML is read up to the first error. Custom entities are ignored.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use crate::text;

/// Maximum length of an attribute whose references are resolved, in bytes.
const MAX_ATTRIBUTE_LEN: usize = 4 * text::MAX_URL;

/// Receiver of the elements and texts of a document.
pub(crate) trait Visitor {
    /// Handles the start of an element.
    fn open(&mut self, tag: &BytesStart<'_>);
    /// Handles the end of an element. A malformed document may have more ends than starts.
    fn close(&mut self, _name: &str) {}
    /// Handles a part of the text of the open elements, with references resolved.
    fn text(&mut self, _part: &str) {}
    /// Returns true if the visitor needs no more input.
    fn is_done(&self) -> bool {
        false
    }
}

/// Passes a document to a visitor until its end, its first error, or until the visitor is done. Returns false
/// after an error.
pub(crate) fn walk<V: Visitor>(xml: &str, visitor: &mut V) -> bool {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    // Real documents have raw `&` in URLs and unbalanced elements of vendors.
    config.allow_dangling_amp = true;
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    while !visitor.is_done() {
        match reader.read_event() {
            Ok(Event::Start(tag)) => visitor.open(&tag),
            Ok(Event::Empty(tag)) => {
                visitor.open(&tag);
                visitor.close(tag.local_name().as_ref());
            }
            Ok(Event::End(tag)) => visitor.close(tag.local_name().as_ref()),
            Ok(Event::Text(part)) => visitor.text(&part),
            Ok(Event::CData(part)) => visitor.text(&part),
            Ok(Event::GeneralRef(reference)) => resolve(&reference, visitor),
            Ok(Event::Eof) => break,
            Err(_) => return false,
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
        }
    }
    true
}

fn resolve<V: Visitor>(reference: &BytesRef<'_>, visitor: &mut V) {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        visitor.text(character.encode_utf8(&mut [0; 4]));
    } else if let Some(text) = resolve_predefined_entity(reference) {
        visitor.text(text);
    }
    // Any other entity would need a DTD, which these documents do not have.
}

/// Appends a part of a text, until the text has more than `max` bytes.
pub(crate) fn append(text: &mut String, part: &str, max: usize) {
    if text.len() <= max {
        text.extend(part.chars().take(max));
    }
}

/// Returns an attribute by its qualified name, with its references resolved if possible.
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|found| found.key.as_ref() == name)?;
    let value = found.value.as_ref();
    if value.len() > MAX_ATTRIBUTE_LEN {
        return Some(value.to_owned());
    }
    Some(quick_xml::escape::unescape(value).map_or_else(|_| value.to_owned(), |value| value.into_owned()))
}

/// Returns true if the tag declares this namespace under any prefix.
pub(crate) fn declares_namespace(tag: &BytesStart<'_>, namespace: &str) -> bool {
    let declares = |found: quick_xml::events::attributes::Attribute<'_>| {
        found.key.as_ref().starts_with("xmlns") && found.value.as_ref() == namespace
    };
    tag.attributes().with_checks(false).flatten().any(declares)
}

/// Decodes a document of XML or JSON in UTF-8 or UTF-16, with or without a byte order mark. Invalid input becomes
/// U+FFFD.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let big_endian = |bytes: &[u8]| {
        let swapped: Vec<u8> = bytes.as_chunks::<2>().0.iter().flat_map(|[high, low]| [*low, *high]).collect();
        text::decode_utf16le(&swapped).collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => text::decode_utf16le(rest).collect(),
        [0xfe, 0xff, rest @ ..] => big_endian(rest),
        // Both formats begin with an ASCII character.
        [b'<' | b'{', 0, ..] => text::decode_utf16le(bytes).collect(),
        [0, b'<' | b'{', ..] => big_endian(bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{BytesStart, Visitor, attribute, declares_namespace, decode, walk};

    #[derive(Default)]
    struct Log(String);

    impl Visitor for Log {
        fn open(&mut self, tag: &BytesStart<'_>) {
            self.0 += &format!("<{}{}", tag.local_name().as_ref(), attribute(tag, "a").unwrap_or_default());
        }

        fn close(&mut self, name: &str) {
            self.0 += &format!("{name}>");
        }

        fn text(&mut self, part: &str) {
            self.0 += part;
        }

        fn is_done(&self) -> bool {
            self.0.contains("stop")
        }
    }

    #[test]
    fn malformed_xml_visited_up_to_error() {
        let visit_all = |xml: &str| {
            let mut log = Log::default();
            let well_formed = walk(xml, &mut log);
            (log.0, well_formed)
        };
        assert_eq!(
            visit_all("<x:y a='1&amp;2'>t&#65;&lt;&none;<![CDATA[<]]><z/></y>"),
            ("<y1&2tA<<<zz>y>".into(), true)
        );
        assert_eq!(visit_all("<y>stop<z>"), ("<ystop".into(), true));
        assert_eq!(visit_all("<y></z></z>"), ("<yz>z>".into(), true));
        assert_eq!(visit_all("<y><!-- "), ("<y".into(), false));
    }

    #[test]
    fn namespace_found_under_any_prefix() {
        for (tag, declared) in [("x xmlns='n'", true), ("a:x xmlns:a='n'", true), ("x n='n' xmlns='m'", false)] {
            assert_eq!(declares_namespace(&BytesStart::from_content(tag, 1), "n"), declared, "{tag}");
        }
    }

    #[test]
    fn byte_order_mark_selects_encoding() {
        let wide = |mark: char| -> Vec<u16> { [mark, 'ä'].iter().map(|c| *c as u16).collect() };
        let big: Vec<u8> = wide('\u{feff}').iter().flat_map(|unit| unit.to_be_bytes()).collect();
        let little: Vec<u8> = wide('\u{feff}').iter().flat_map(|unit| unit.to_le_bytes()).collect();
        for bytes in [&big, &little, "\u{feff}ä".as_bytes(), "ä".as_bytes()] {
            assert_eq!(decode(bytes), "ä");
        }
        assert_eq!(decode(b"\xe4"), "\u{fffd}");
    }
}
