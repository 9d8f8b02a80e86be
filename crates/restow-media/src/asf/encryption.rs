//! Key IDs and protection systems of an ASF file.
//!
//! Windows Media DRM version 1 names the key in the Content Encryption Object. Version 7 repeats it in the XML
//! of the Extended Content Encryption Object. The place of PlayReady's header in ASF is not published. The
//! Extended Content Encryption Object is read first, then the whole header is searched.

use std::collections::BTreeSet;
use std::ops::Range;

use super::objects::{HEADER_PREFIX_LEN, guid};
use super::streams::Streams;
use crate::cursor::Cursor;
use crate::wrmheader::{self, WrmHeader};
use crate::{KeyId, Probe, System, Warning, text};

/// Maximum number of protection headers read outside their object.
const MAX_HEADERS_SEARCHED: usize = 8;

/// Signs of protection in a header.
#[derive(Default)]
pub(super) struct Encryption {
    /// Hint from the Content Encryption Object, if the header has one.
    content_object: Option<WmdrmHint>,
    /// True if the header has an Extended Content Encryption Object.
    extended_object: bool,
    /// True if the header has an Advanced Content Encryption Object with at least one record.
    advanced_object: bool,
    /// Systems that the records of the Advanced Content Encryption Object name.
    advanced_systems: BTreeSet<System>,
    /// Systems of the WRMHEADERs.
    header_systems: BTreeSet<System>,
    /// Ranges of the objects with user-written texts, in bytes from the start of the file.
    pub(super) text_ranges: Vec<Range<u64>>,
}

/// True if the protection type is `DRM` or unreadable.
type WmdrmHint = bool;

impl Encryption {
    /// Reads the Content Encryption Object (section 3.14) and returns `None` if its fields do not fit. It has four byte
    /// strings, each after its 32-bit length: secret data, protection type (`DRM`), key ID, license URL. The
    /// last three are ASCII with a final NUL.
    ///
    /// The secret data is skipped and never kept.
    pub(super) fn content_encryption(&mut self, body: &[u8], probe: &mut Probe) -> Option<()> {
        let wmdrm_hint = self.content_object.get_or_insert(true);
        let mut cursor = Cursor::new(body);
        cursor.counted32()?;
        let kind = text::decode_utf8_or_latin1(cursor.counted32()?);
        if !kind.trim().eq_ignore_ascii_case("DRM") {
            *wmdrm_hint = false;
            let kind = text::clean(kind.chars(), 32).unwrap_or_default();
            probe.warn(Warning::UnknownProtectionType(kind));
        }
        // In version 1 any text is a key ID.
        add_key_id(&text::decode_utf8_or_latin1(cursor.counted32()?), probe);
        match text::clean_or_reject(text::decode_utf8_or_latin1(cursor.counted32()?).chars(), text::MAX_URL) {
            Ok(Some(url)) => probe.add_license_url(url),
            Ok(None) => {}
            Err(_) => probe.warn(Warning::TooLong("license URL")),
        }
        Some(())
    }

    /// Reads the Extended Content Encryption Object (section 3.15) and returns `None` if its fields do not fit. The
    /// object has a 32-bit length and a WRMHEADER in UTF-16LE, normally with a byte order mark.
    pub(super) fn extended_content_encryption(&mut self, body: &[u8], probe: &mut Probe) -> Option<()> {
        self.extended_object = true;
        let content = Cursor::new(body).counted32();
        // A wrong length does not hide the header.
        match wrmheader::read(content.unwrap_or(body.get(4..).unwrap_or(body))) {
            Some(header) => self.add_header(header, probe),
            None => probe.warn(Warning::ProtectionHeaderMissing),
        }
        content.map(|_| ())
    }

    /// Reads the Advanced Content Encryption Object (section 4.14), which describes protected links rather than
    /// files. Returns `None` if its fields do not fit.
    ///
    /// | size | field |
    /// |---|---|
    /// | 2 | number of records, then for each: |
    /// | 16 | GUID of the system |
    /// | 4 | version of the system |
    /// | 2 | number of encrypted objects; of each a 16-bit type, a 16-bit length and an ID |
    /// | 4, n | data after its length |
    pub(super) fn advanced_content_encryption(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(body);
        for _ in 0..cursor.u16()? {
            let system: guid::Guid = cursor.array()?;
            self.advanced_object = true;
            let system = match system {
                guid::WMDRM_ND => Some(System::Wmdrm),
                guid::PLAYREADY | guid::PLAYREADY_ASF => Some(System::Playready),
                _ => None,
            };
            self.advanced_systems.extend(system);
            cursor.take(4)?;
            for _ in 0..cursor.u16()? {
                cursor.take(2)?;
                cursor.counted16()?;
            }
            cursor.counted32()?;
        }
        Some(())
    }

    fn add_header(&mut self, header: WrmHeader, probe: &mut Probe) {
        self.header_systems.insert(header.system());
        if !header.complete {
            probe.warn(Warning::ProtectionHeaderMalformed);
        }
        if !header.known {
            probe.warn(match &header.version {
                Some(version) => Warning::UnknownHeaderVersion(version.clone()),
                None => Warning::ProtectionHeaderMalformed,
            });
        }
        if let Some(kind) = header.too_long {
            probe.warn(Warning::TooLong(kind));
        }
        for raw in &header.key_ids {
            if KeyId::from_wm_base64(raw).is_none() {
                probe.warn(Warning::UnusualKeyId);
            }
            add_key_id(raw, probe);
        }
        for url in header.urls {
            probe.add_license_url(url);
        }
        if probe.header_version.is_none() {
            probe.header_version = header.version;
        }
    }

    /// Searches the objects of a header for WRMHEADERs if the Extended Content Encryption Object had none.
    pub(super) fn search_headers(&mut self, objects: &[u8], encrypted: bool, probe: &mut Probe) {
        if !self.header_systems.is_empty() {
            return;
        }
        // The title of a clear file may be `<WRMHEADER`. Texts count only if there is another sign of
        // protection.
        let may_be_protected = encrypted || self.has_encryption_object();
        let mut at = 0_usize;
        for _ in 0..MAX_HEADERS_SEARCHED {
            let rest = objects.get(at..).unwrap_or_default();
            let Some(found) = wrmheader::find_utf16le(rest) else { return };
            at = at.saturating_add(found);
            let offset = at.saturating_add(HEADER_PREFIX_LEN) as u64;
            let text_range = self.text_ranges.iter().find(|range| range.contains(&offset));
            if let Some(range) = text_range.filter(|_| !may_be_protected) {
                let end = range.end.saturating_sub(HEADER_PREFIX_LEN as u64);
                at = usize::try_from(end).unwrap_or(usize::MAX);
                continue;
            }
            if let Some(header) = objects.get(at..).and_then(wrmheader::read) {
                self.add_header(header, probe);
            }
            at = at.saturating_add(1);
        }
    }

    /// Returns true if the header has an encryption object.
    fn has_encryption_object(&self) -> bool {
        self.content_object.is_some() || self.extended_object || self.advanced_object
    }

    /// Adds the systems to the probe and returns true if there is any sign of protection.
    pub(super) fn set_probe_fields(&self, streams: &Streams, probe: &mut Probe) -> bool {
        if self.header_systems.is_empty() {
            // Without a WRMHEADER the objects decide; both were made for Windows Media DRM.
            if self.content_object.unwrap_or(self.extended_object) {
                probe.systems.insert(System::Wmdrm);
            }
        } else {
            // A PlayReady header makes the file PlayReady's, even inside an object of Windows Media DRM.
            probe.systems.extend(&self.header_systems);
        }
        probe.systems.extend(&self.advanced_systems);
        if streams.has_playready_format {
            probe.systems.insert(System::Playready);
        }
        let has_signs = self.has_encryption_object() || !self.header_systems.is_empty() || streams.has_playready_format;
        if !has_signs && !streams.encrypted.is_empty() {
            probe.warn(Warning::SystemNotNamed);
        }
        has_signs || !streams.encrypted.is_empty()
    }
}

/// Adds a key ID as Windows Media writes it: the base64 of 16 bytes, or else any text.
fn add_key_id(raw: &str, probe: &mut Probe) {
    let Ok(Some(raw)) = text::clean_or_reject(raw.chars(), KeyId::MAX_LEN) else {
        if raw.len() > KeyId::MAX_LEN {
            probe.warn(Warning::TooLong("key ID"));
        }
        return;
    };
    match KeyId::from_wm_base64(&raw).or_else(|| KeyId::from_text(&raw)) {
        Some(id) => probe.add_key_id(&raw, id),
        None => probe.warn(Warning::TooLong("key ID")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Encryption, guid};
    use crate::asf::streams::Streams;
    use crate::{Format, KeyId, Probe, System, Warning};

    const KID: &str = "q5HgCTj40kGeNVhTH9Gexw==";

    fn strings(parts: [&[u8]; 4]) -> Vec<u8> {
        let len = |part: &[u8]| u32::try_from(part.len()).unwrap_or(0).to_le_bytes();
        parts.iter().flat_map(|part| [&len(part)[..], part].concat()).collect()
    }

    fn content(parts: [&[u8]; 4]) -> (Probe, bool) {
        let (mut encryption, mut probe) = (Encryption::default(), Probe::new(Format::Asf));
        let fits = encryption.content_encryption(&strings(parts), &mut probe).is_some();
        assert!(encryption.set_probe_fields(&Streams::default(), &mut probe));
        (probe, fits)
    }

    #[test]
    fn version_1_key_id_any_text() {
        let (probe, fits) = content([b"secret!", b"DRM\0", b"A-17 \xe4\x07\0rest", b"http://a/\0"]);
        assert!(fits);
        assert_eq!(probe.key_ids, [KeyId::Text("A-17 ä".to_owned())]);
        assert_eq!(probe.license_urls, ["http://a/"]);
        assert!(probe.systems.contains(&System::Wmdrm));
        assert!(!format!("{probe:?}").contains("secret"));
    }

    #[test]
    fn empty_and_oversized_values_dropped() {
        let (probe, fits) = content([b"", b"DRM", b"\0", b""]);
        assert!(fits && probe.key_ids.is_empty() && probe.license_urls.is_empty() && probe.warnings.is_empty());
        let long = [b'x'; 5000];
        let (probe, fits) = content([b"", b"DRM", &long, &long]);
        assert!(fits && probe.key_ids.is_empty() && probe.license_urls.is_empty());
        assert_eq!(probe.warnings, [Warning::TooLong("key ID"), Warning::TooLong("license URL")]);
    }

    #[test]
    fn unknown_protection_type_names_no_system() {
        let (probe, _) = content([b"", b"XYZ\x1b\0", KID.as_bytes(), b""]);
        assert!(probe.systems.is_empty());
        assert_eq!(probe.key_ids.len(), 1);
        assert_eq!(probe.warnings, [Warning::UnknownProtectionType("XYZ".to_owned())]);
    }

    #[test]
    fn length_beyond_object_stops_reading() {
        let whole = strings([b"12", b"DRM\0", KID.as_bytes(), b"http://a/"]);
        for len in 0..whole.len() {
            let (mut encryption, mut probe) = (Encryption::default(), Probe::new(Format::Asf));
            assert!(encryption.content_encryption(&whole[..len], &mut probe).is_none());
            assert!(encryption.set_probe_fields(&Streams::default(), &mut probe));
            assert!(probe.systems.contains(&System::Wmdrm) && probe.license_urls.is_empty());
        }
    }

    #[test]
    fn protected_links_name_system_without_key() {
        let record = [&guid::WMDRM_ND[..], &[1, 0, 0, 0], &[1, 0, 1, 0, 2, 0, 9, 9], &[3, 0, 0, 0, 7, 7, 7]].concat();
        let body = [&[2, 0][..], &record, &record].concat();
        let (mut encryption, mut probe) = (Encryption::default(), Probe::new(Format::Asf));
        assert!(encryption.advanced_content_encryption(&body).is_some());
        assert!(encryption.set_probe_fields(&Streams::default(), &mut probe));
        assert_eq!(probe.systems.into_iter().collect::<Vec<_>>(), [System::Wmdrm]);
        assert!(probe.key_ids.is_empty());

        assert!(Encryption::default().advanced_content_encryption(&body[..body.len() - 1]).is_none());
        let mut empty = Encryption::default();
        assert!(empty.advanced_content_encryption(&[0, 0]).is_some());
        assert!(!empty.set_probe_fields(&Streams::default(), &mut Probe::default()));
    }
}
