//! Audiobooks of Audible. Every file of these formats is protected; the account of the customer holds the key.

use serde_json::Value;

use crate::{Format, Probe, System, xml};

/// Bytes 4 to 8 of an `.aa` file, after its length.
const AA_MAGIC: &[u8] = &[0x57, 0x90, 0x75, 0x36];

/// Brands of the first box of `.aax` and `.aaxc` files.
const BRANDS: [&[u8]; 2] = [b"aax ", b"aaxc"];

/// Returns the result for a file of Audible.
pub(crate) fn probe(start: &[u8]) -> Option<Probe> {
    let part = |from: usize, to: usize| start.get(from..to).unwrap_or_default();
    let format = if part(4, 8) == AA_MAGIC {
        Format::AudibleAa
    } else if part(4, 8) == b"ftyp" && has_brand(start) {
        Format::AudibleAax
    } else {
        return None;
    };
    let mut probe = Probe::new(format);
    probe.add_system(System::Audible);
    Some(probe)
}

/// Returns true if the first box has a brand of Audible, as the main brand or as a compatible one.
fn has_brand(start: &[u8]) -> bool {
    let len = start.first_chunk().copied().map_or(0, u32::from_be_bytes);
    let brands = start.get(..usize::try_from(len).unwrap_or_default().min(256)).unwrap_or(start);
    let brands = brands.get(8..).unwrap_or_default().as_chunks::<4>().0;
    brands.iter().any(|brand| BRANDS.contains(&&brand[..]))
}

/// Returns the result for a voucher, which holds the key of an `.aaxc` file.
pub(crate) fn probe_voucher(document: &[u8]) -> Option<Probe> {
    // Other documents are not parsed.
    const NAME: &[u8] = b"content_license";
    document.windows(NAME.len()).any(|part| part == NAME).then_some(())?;
    let voucher: Value = serde_json::from_str(&xml::decode(document)).ok()?;
    let license = voucher.get("content_license")?;
    license.get("license_response").or_else(|| license.get("drm_type"))?;
    let mut probe = Probe::new(Format::AudibleVoucher);
    probe.systems.insert(System::Audible);
    Some(probe)
}

#[cfg(test)]
mod tests {
    use super::{probe, probe_voucher};
    use crate::{Format, System};

    #[test]
    fn audiobooks_named_by_content() {
        for (start, format) in [
            (&b"\0\0\0\x18ftypaax \0\0\0\x01aax M4B "[..], Format::AudibleAax),
            (b"\0\0\0\x18ftypaaxc\0\0\0\0", Format::AudibleAax),
            (b"\0\0\0\x18ftypM4B \0\0\0\0aax mp42", Format::AudibleAax),
            (b"\0\x12\x34\x56\x57\x90\x75\x36\0\0", Format::AudibleAa),
        ] {
            let found = probe(start).unwrap();
            assert_eq!((found.format, found.protected), (format, Some(true)));
            assert!(found.systems.contains(&System::Audible));
        }
        // A brand after the first box is content.
        for start in [&b""[..], b"\0\0\0\x18ftypM4B ", b"\0\0\0\x10ftypM4B \0\0\0\0aax ", b"Wu"] {
            assert!(probe(start).is_none());
        }
    }

    #[test]
    fn voucher_named_without_secret() {
        let voucher = br#"{"content_license":{"asin":"B0","drm_type":"Adrm","license_response":"secret"}}"#;
        let found = probe_voucher(voucher).unwrap();
        assert_eq!((found.format, found.protected), (Format::AudibleVoucher, None));
        assert!(!format!("{found:?}").contains("secret"));
        for other in [&br#"{"content_license":1}"#[..], b"{}", b"content_license"] {
            assert!(probe_voucher(other).is_none());
        }
    }
}
