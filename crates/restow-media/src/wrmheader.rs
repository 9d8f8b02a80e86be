//! The WRMHEADER: XML in which Windows Media DRM 7 and PlayReady name a key.
//!
//! | version | key IDs | addresses |
//! |---|---|---|
//! | 2.0.0.0 (WMDRM) | `DATA/KID`, text | `LAINFO` |
//! | 4.0.0.0 | `DATA/KID`, text | `LA_URL`, `LUI_URL` |
//! | 4.1.0.0 | `DATA/PROTECTINFO/KID@VALUE`, at most one | as 4.0 |
//! | 4.2.0.0, 4.3.0.0 | `DATA/PROTECTINFO/KIDS/KID@VALUE`, any number | as 4.0 |
//!
//! Sources: Microsoft's PlayReady Header Specification; for 2.0 the description of the DRM header in MS-DRM.
//! Vendors add elements of their own, so unknown elements are ignored and elements match by local name. The
//! content of `CUSTOMATTRIBUTES` and `SIGNATURE` is skipped: a `KID` there names no content key.

use quick_xml::events::BytesStart;

use crate::xml::{self, attribute};
use crate::{KeyId, System, text};

/// Maximum length of a header, in bytes. PlayReady Objects end at 15 KB; Windows Media headers also carry
/// vendors' elements.
const MAX_HEADER_LEN: usize = 256 * 1024;

/// Maximum nesting depth. The known versions need five levels.
const MAX_DEPTH: usize = 32;

/// Maximum length of a text or attribute, in bytes.
const MAX_VALUE_LEN: usize = 4 * text::MAX_URL;

/// `<WRMHEADER` in UTF-16LE.
const MARK_UTF16LE: &[u8] = b"<\0W\0R\0M\0H\0E\0A\0D\0E\0R\0";

/// `<WRMHEADER` in ASCII and UTF-8.
const MARK_ASCII: &[u8] = b"<WRMHEADER";

/// Fields of a header, as far as they are readable.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct WrmHeader {
    /// `version` attribute, limited in length and printable.
    pub(crate) version: Option<String>,
    /// True if this module knows `version`.
    pub(crate) known: bool,
    /// True if the namespace is that of PlayReady.
    playready_namespace: bool,
    /// Texts of the key IDs: trimmed, limited in length, not empty.
    pub(crate) key_ids: Vec<String>,
    /// License URLs in the order of the header.
    pub(crate) urls: Vec<String>,
    /// Kind of the last value that exceeded its length limit.
    pub(crate) too_long: Option<&'static str>,
    /// True if the XML was read to the end of its root element.
    pub(crate) complete: bool,
}

impl WrmHeader {
    /// Returns the system that wrote the header.
    pub(crate) fn system(&self) -> System {
        match self.version.as_deref().and_then(parse_version) {
            Some((major, _)) if major >= 4 => System::Playready,
            Some((2, _)) => System::Wmdrm,
            // If the version is missing or odd, the namespace decides: only PlayReady headers have one.
            _ if self.playready_namespace => System::Playready,
            _ => System::Wmdrm,
        }
    }
}

/// Returns the offset of the first UTF-16LE header in `bytes`, at any alignment.
pub(crate) fn find_utf16le(bytes: &[u8]) -> Option<usize> {
    find_mark(bytes, MARK_UTF16LE)
}

/// Reads the first header in `bytes`, in UTF-16LE or else UTF-8. Skips the bytes before it, such as a byte
/// order mark or the frame of a PlayReady Object. Returns `None` if there is no header.
pub(crate) fn read(bytes: &[u8]) -> Option<WrmHeader> {
    if let Some(start) = find_utf16le(bytes) {
        let header = truncate_header(bytes, start);
        let xml: String = text::decode_utf16le(header).take_while(|c| *c != '\0').collect();
        return Some(parse(&xml));
    }
    let header = truncate_header(bytes, find_mark(bytes, MARK_ASCII)?);
    Some(parse(&text::decode_utf8_or_latin1(header)))
}

fn truncate_header(bytes: &[u8], start: usize) -> &[u8] {
    let rest = bytes.get(start..).unwrap_or_default();
    rest.get(..MAX_HEADER_LEN).unwrap_or(rest)
}

/// Returns the offset of the first `mark`, which begins with `<`.
fn find_mark(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    // Most headers hold no mark and much padding, and headers of clear files are searched too. `contains` on a
    // block is many times faster than a comparison at every byte.
    const BLOCK: usize = 256;
    for (number, block) in bytes.chunks(BLOCK).enumerate() {
        if !block.contains(&b'<') {
            continue;
        }
        let base = number.saturating_mul(BLOCK);
        let candidates = block.iter().enumerate().filter(|(_, byte)| **byte == b'<');
        for at in candidates.map(|(at, _)| base.saturating_add(at)) {
            if bytes.get(at..).is_some_and(|rest| rest.starts_with(mark)) {
                return Some(at);
            }
        }
    }
    None
}

/// Parses the major and minor version of `4.1.0.0`.
fn parse_version(version: &str) -> Option<(u16, u16)> {
    let mut parts = version.split('.');
    let major = parts.next()?.parse().ok()?;
    let minor = parts.next()?.parse().ok()?;
    Some((major, minor))
}

fn is_known_version(version: &str) -> bool {
    matches!(version, "2.0.0.0" | "4.0.0.0" | "4.1.0.0" | "4.2.0.0" | "4.3.0.0")
}

fn parse(xml: &str) -> WrmHeader {
    let mut parser = HeaderParser::default();
    xml::walk(xml, &mut parser);
    parser.header
}

/// Parser state within the element tree.
#[derive(Default)]
struct HeaderParser {
    header: WrmHeader,
    depth: usize,
    /// Depth of the element whose content is skipped.
    skipped_depth: Option<usize>,
    /// Field that is being read: the depth of its element, its kind, and its text so far.
    current_field: Option<(usize, HeaderField, String)>,
    stopped: bool,
}

#[derive(Clone, Copy)]
enum HeaderField {
    KeyId,
    Url,
}

impl xml::Visitor for HeaderParser {
    fn open(&mut self, tag: &BytesStart<'_>) {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            self.stopped = true;
        }
        if self.skipped_depth.is_some() {
            return;
        }
        let name = tag.local_name();
        match name.as_ref() {
            "WRMHEADER" if self.depth == 1 => self.read_root_tag(tag),
            "CUSTOMATTRIBUTES" | "SIGNATURE" => self.skipped_depth = Some(self.depth),
            "KID" => match attribute(tag, "VALUE") {
                Some(value) => self.commit_field(HeaderField::KeyId, &value),
                None => self.begin_field(HeaderField::KeyId),
            },
            "LA_URL" | "LUI_URL" | "LAINFO" => self.begin_field(HeaderField::Url),
            _ => {}
        }
    }

    fn close(&mut self, _: &str) {
        if self.current_field.as_ref().is_some_and(|(depth, ..)| *depth == self.depth)
            && let Some((_, field, text)) = self.current_field.take()
        {
            // Stored at the end tag only: without an end tag, the text may be incomplete.
            self.commit_field(field, &text);
        }
        if self.skipped_depth == Some(self.depth) {
            self.skipped_depth = None;
        }
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.header.complete = true;
            self.stopped = true;
        }
    }

    fn text(&mut self, part: &str) {
        if let Some((_, _, text)) = &mut self.current_field {
            xml::append(text, part, MAX_VALUE_LEN);
        }
    }

    fn is_done(&self) -> bool {
        self.stopped
    }
}

impl HeaderParser {
    fn read_root_tag(&mut self, tag: &BytesStart<'_>) {
        self.header.version = attribute(tag, "version").and_then(|version| text::clean(version.chars(), 32));
        self.header.known = self.header.version.as_deref().is_some_and(is_known_version);
        self.header.playready_namespace = attribute(tag, "xmlns").is_some_and(|name| name.contains("PlayReadyHeader"));
    }

    fn begin_field(&mut self, field: HeaderField) {
        if self.current_field.is_none() {
            self.current_field = Some((self.depth, field, String::new()));
        }
    }

    fn commit_field(&mut self, field: HeaderField, value: &str) {
        let (kind, max) = match field {
            HeaderField::KeyId => ("key ID", KeyId::MAX_LEN),
            HeaderField::Url => ("license URL", text::MAX_URL),
        };
        match (text::clean_or_reject(value.chars(), max), field) {
            (Ok(Some(id)), HeaderField::KeyId) if id.len() <= max => self.header.key_ids.push(id),
            (Ok(Some(url)), HeaderField::Url) => self.header.urls.push(url),
            (Ok(None), _) => {}
            _ => self.header.too_long = Some(kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{WrmHeader, find_mark, find_utf16le, parse, read};
    use crate::System;

    const KID: &str = "q5HgCTj40kGeNVhTH9Gexw==";
    const KID2: &str = "Z0UjAauJ3kyPASNFZ4mrzQ==";

    fn to_utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn header(version: &str, data: &str) -> WrmHeader {
        parse(&format!(r#"<WRMHEADER version="{version}"><DATA>{data}</DATA></WRMHEADER>"#))
    }

    #[test]
    fn known_versions_return_key_ids() {
        let cases = [
            ("2.0.0.0", format!("<CID>x</CID><KID>{KID}</KID>"), System::Wmdrm, 1),
            (
                "4.0.0.0",
                format!("<PROTECTINFO><KEYLEN>16</KEYLEN></PROTECTINFO><KID>{KID}</KID>"),
                System::Playready,
                1,
            ),
            (
                "4.1.0.0",
                format!(r#"<PROTECTINFO><KID ALGID="AESCTR" VALUE="{KID}"></KID></PROTECTINFO>"#),
                System::Playready,
                1,
            ),
            ("4.1.0.0", String::new(), System::Playready, 0),
            (
                "4.2.0.0",
                format!(r#"<PROTECTINFO><KIDS><KID VALUE="{KID}"/><KID VALUE='{KID2}'></KID></KIDS></PROTECTINFO>"#),
                System::Playready,
                2,
            ),
            (
                "4.3.0.0",
                format!(
                    r#"<PROTECTINFO LICENSEREQUESTED="x"><KIDS><KID ALGID="AESCBC" VALUE="{KID}"/></KIDS></PROTECTINFO>"#
                ),
                System::Playready,
                1,
            ),
        ];
        for (version, data, system, count) in cases {
            let header = header(version, &data);
            assert_eq!(header.system(), system, "{version}");
            assert_eq!(header.key_ids.len(), count, "{version}");
            assert!(header.key_ids.iter().all(|id| id == KID || id == KID2));
            assert!(header.known && header.complete);
        }
    }

    #[test]
    fn urls_keep_ampersands() {
        let data = "<LA_URL>http://a/?x=1&amp;y=2&#38;z</LA_URL><LUI_URL><![CDATA[http://b/?c&d]]></LUI_URL>\
                    <LAINFO> http://c/?raw=1&b=2 </LAINFO><LA_URL></LA_URL>";
        let header = header("4.0.0.0", data);
        assert_eq!(header.urls, ["http://a/?x=1&y=2&z", "http://b/?c&d", "http://c/?raw=1&b=2"]);
    }

    #[test]
    fn vendor_elements_ignored() {
        let data = format!(
            "<CUSTOMATTRIBUTES><KID>not this</KID><a><LA_URL>nor this</LA_URL></a></CUSTOMATTRIBUTES>\
             <ContentDistributor>x</ContentDistributor><x:KID xmlns:x='y'>{KID}</x:KID>"
        );
        let header = header("4.0.0.0", &data);
        assert_eq!(header.key_ids, [KID]);
        assert!(header.urls.is_empty());
        let header =
            parse(&format!("<WRMHEADER><DATA><KID>{KID}</KID></DATA><SIGNATURE><KID>no</KID></SIGNATURE></WRMHEADER>"));
        assert_eq!(header.key_ids, [KID]);
    }

    #[test]
    fn truncated_header_keeps_complete_fields() {
        let intact = format!(
            r#"<WRMHEADER version="2.0.0.0"><DATA><KID>{KID}</KID><LAINFO>http://a/b</LAINFO></DATA></WRMHEADER>"#
        );
        for end in 0..intact.len() {
            let header = parse(&intact[..end]);
            assert!(!header.complete);
            assert!(header.key_ids.is_empty() || header.key_ids == [KID]);
            assert!(header.urls.is_empty() || header.urls == ["http://a/b"]);
        }
        let header = parse(&intact[..intact.len() - 12]);
        assert_eq!((header.key_ids.len(), header.urls.len()), (1, 1));
    }

    #[test]
    fn odd_versions_map_to_systems() {
        let playready = r#"xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader""#;
        assert_eq!(header("5.0.0.0", "").system(), System::Playready);
        assert_eq!(header("4.4.0.0", "").system(), System::Playready);
        assert!(!header("4.4.0.0", "").known);
        assert_eq!(header("2.1.0.0", "").system(), System::Wmdrm);
        assert_eq!(parse(&format!("<WRMHEADER {playready}>")).system(), System::Playready);
        assert_eq!(parse("<WRMHEADER>").system(), System::Wmdrm);
    }

    #[test]
    fn headers_found_after_marks_and_frames() {
        let xml = format!(r#"<WRMHEADER version="2.0.0.0"><DATA><KID>{KID}</KID></DATA></WRMHEADER>"#);
        for before in [&[][..], &[0xff, 0xfe], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]] {
            let found = read(&[before, &to_utf16le(&xml), &[0, 0, 9]].concat()).unwrap();
            assert_eq!(found.key_ids, [KID]);
        }
        assert_eq!(read(xml.as_bytes()).unwrap().key_ids, [KID]);
        assert_eq!(read(b"no header"), None);
        assert_eq!(find_utf16le(&to_utf16le(&format!("{}{xml}", "<WRM <".repeat(300)))), Some(3600));
        assert_eq!(find_mark(b"<<ab", b"<ab"), Some(1));
    }

    #[test]
    fn header_depth_and_length_limited() {
        let deep = format!("<WRMHEADER>{}", "<a>".repeat(100_000));
        assert!(!parse(&deep).complete);
        let long =
            header("4.0.0.0", &format!("<KID>{0}</KID><LA_URL>{0}</LA_URL><KID>{KID}</KID>", "x".repeat(100_000)));
        assert_eq!(long.key_ids, [KID]);
        assert!(long.urls.is_empty() && long.too_long.is_some());
        let endless = to_utf16le(&format!("<WRMHEADER><DATA>{}", "x".repeat(1_000_000)));
        assert!(!read(&endless).unwrap().complete);
    }
}
