//! Adobe vouchers: XML documents with which a reading app fetches a book, once.

use quick_xml::events::BytesStart;

use crate::xml::{self, declares_namespace};
use crate::{Format, Probe, System, Title, text};

const ADEPT_NAMESPACE: &str = "http://ns.adobe.com/adept";

/// Root elements of vouchers. The second form is the answer of a server to a voucher, saved as a file.
const ROOTS: [&str; 2] = ["fulfillmentToken", "fulfillmentResult"];

/// Maximum length of a title or author, in bytes.
const MAX_VALUE_LEN: usize = 4 * text::MAX_TEXT;

/// Returns the result for a voucher by the start of the file.
pub(crate) fn probe(start: &[u8]) -> Option<Probe> {
    let text = xml::decode(start);
    if !text.trim_start().starts_with('<') || !ROOTS.iter().any(|root| text.contains(root)) {
        return None;
    }
    let mut document = VoucherDocument::default();
    xml::walk(text.trim_start(), &mut document);
    if document.is_voucher != Some(true) {
        return None;
    }
    let mut probe = Probe::new(Format::AdobeVoucher);
    probe.systems.insert(System::Adept);
    let clean = |text: String| text::clean(text.chars(), text::MAX_TEXT);
    probe.title = document.title.and_then(clean).map(Title::stated);
    probe.author = document.author.and_then(clean);
    Some(probe)
}

#[derive(Default)]
struct VoucherDocument {
    /// `None` before the root element.
    is_voucher: Option<bool>,
    current: String,
    title: Option<String>,
    author: Option<String>,
}

impl xml::Visitor for VoucherDocument {
    fn open(&mut self, tag: &BytesStart<'_>) {
        let is_voucher = || {
            ROOTS.contains(&tag.local_name().as_ref())
                && (declares_namespace(tag, ADEPT_NAMESPACE) || tag.local_name().as_ref() == "fulfillmentToken")
        };
        self.is_voucher.get_or_insert_with(is_voucher);
        self.current.clear();
    }

    fn close(&mut self, name: &str) {
        let field = match name {
            "title" => &mut self.title,
            "creator" => &mut self.author,
            _ => return,
        };
        field.get_or_insert_with(|| self.current.clone());
    }

    fn text(&mut self, part: &str) {
        xml::append(&mut self.current, part, MAX_VALUE_LEN);
    }

    fn is_done(&self) -> bool {
        self.is_voucher == Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::probe;
    use crate::{Format, System};

    #[test]
    fn voucher_named_with_title() {
        let voucher = r#"<?xml version="1.0"?><fulfillmentToken fulfillmentType="loan" xmlns="http://ns.adobe.com/adept">
            <resourceItemInfo><metadata xmlns:dc="d"><dc:title>Rain</dc:title><dc:creator>A. B.</dc:creator></metadata>"#;
        let utf16: Vec<u8> = format!("\u{feff}{voucher}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        let prefixed = voucher.replace("fulfillmentToken", "a:fulfillmentToken").replace("xmlns=", "xmlns:a=");
        for start in [voucher.as_bytes(), format!("\u{feff}\n{voucher}").as_bytes(), &utf16, prefixed.as_bytes()] {
            let found = probe(start).unwrap();
            assert_eq!((found.format, found.protected), (Format::AdobeVoucher, None));
            assert!(found.systems.contains(&System::Adept));
            assert_eq!(found.title.unwrap().text, "Rain");
            assert_eq!(found.author.as_deref(), Some("A. B."));
        }
        for other in ["", "<a>fulfillmentToken</a>", "fulfillmentToken", "<fulfillmentResult/>"] {
            assert!(probe(other.as_bytes()).is_none(), "{other}");
        }
    }
}
