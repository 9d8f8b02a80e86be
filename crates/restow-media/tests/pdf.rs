//! PDF outside of a package: results and damaged input.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::io::Cursor;

use restow_media::build::{Compression, PublicationBuilder, PublicationProtection};
use restow_media::{Format, Probe, System, Warning, embedded_license, probe};

fn probe_bytes(file: &[u8]) -> Probe {
    probe(&mut Cursor::new(file)).unwrap()
}

fn build_pdf(protection: PublicationProtection, compression: Compression) -> Vec<u8> {
    let builder = PublicationBuilder::new(Format::Pdf).title("Größe (1)").author("Ä");
    builder.protection(protection).compression(compression).build()
}

/// Returns a file of these objects, numbered from 1, and this trailer.
fn pdf_file(objects: &[&str], trailer: &str) -> Vec<u8> {
    let mut file = "%PDF-1.7\n".to_owned();
    let mut lines = String::new();
    for (number, object) in (1..).zip(objects) {
        lines += &format!("{:010} 00000 n\r\n", file.len());
        file += &format!("{number} 0 obj\r{object}\rendobj\r");
    }
    let start = file.len();
    file += &format!("xref\r1 {}\r{lines}trailer<<{trailer}>>startxref\r{start}\r%%EOF", objects.len());
    file.into_bytes()
}

#[test]
fn both_cross_reference_kinds_read() {
    for compression in [Compression::Stored, Compression::Deflated] {
        let clear = probe_bytes(&build_pdf(PublicationProtection::None, compression));
        assert_eq!(
            (clear.format, clear.protected, clear.warnings.len()),
            (Format::Pdf, Some(false), 0),
            "{compression:?}"
        );
        assert_eq!(clear.title.unwrap().text, "Größe (1)", "{compression:?}");
        assert_eq!(clear.author.as_deref(), Some("Ä"));
        assert_eq!(clear.identifier.as_deref(), Some("00112233445566778899aabbccddeeff"));

        let adept = probe_bytes(&build_pdf(PublicationProtection::Adept, compression));
        assert_eq!((adept.protected, adept.warnings.len()), (Some(true), 0), "{compression:?}");
        assert_eq!(adept.systems, BTreeSet::from([System::Adept]));
        assert_eq!(adept.title, None);

        let unknown = probe_bytes(&build_pdf(PublicationProtection::Unknown, compression));
        assert_eq!((unknown.protected, unknown.systems.len()), (Some(true), 0), "{compression:?}");
        assert_eq!(unknown.warnings, [Warning::SystemNotNamed]);
    }
    assert_eq!(
        embedded_license(&mut Cursor::new(build_pdf(PublicationProtection::Adept, Compression::Stored))).unwrap(),
        None
    );
}

#[test]
fn password_leaves_protection_unknown() {
    let found =
        probe_bytes(&pdf_file(&["<</Filter/Standard/V 2>>", "<</Title(secret)>>"], "/Encrypt 1 0 R/Info 2 0 R"));
    assert_eq!((found.protected, found.title), (None, None));
    assert_eq!(found.unknown_because, Some(Warning::PasswordNeeded));
    // The dictionary may be in the trailer itself. A missing dictionary leaves the protection unknown.
    assert_eq!(probe_bytes(&pdf_file(&[], "/Encrypt<</Filter/EBX_HANDLER>>")).protected, Some(true));
    for trailer in ["/Encrypt 1 0 R", "/Encrypt 7 0 R", "/Encrypt<<>>", "/Encrypt 2 0 R", "/Encrypt true"] {
        let found = probe_bytes(&pdf_file(&["<</V 2>>", "(text)"], trailer));
        assert_eq!(found.protected, None, "{trailer}");
        assert_eq!(found.warnings, [Warning::MalformedObject { object: "encryption dictionary" }], "{trailer}");
    }
    assert_eq!(probe_bytes(&pdf_file(&[], "/Encrypt null")).protected, Some(false));
}

#[test]
fn newest_section_counts() {
    let mut file = pdf_file(&["<</Title(Old)>>", "<</Author(Old)>>"], "/Info 1 0 R/ID[<01><02>]");
    let prev = file.windows(4).position(|part| part == b"xref").unwrap();
    let at = file.len();
    file.extend(b"1 0 obj<</Title(New)/Author(\xe4\\344)>>endobj ");
    let start = file.len();
    let section = format!("xref\n0 1\n0000000000 65535 f \n1 1\n{at:010} 00000 n \ntrailer<</Info 1 0 R/Prev {prev}>>");
    file.extend(format!("{section}\nstartxref {start} %%EOF").into_bytes());
    let found = probe_bytes(&file);
    assert_eq!(found.title.unwrap().text, "New");
    assert_eq!(found.author.as_deref(), Some("ää"));
    assert_eq!(found.identifier.as_deref(), Some("01"));

    // Sections that refer to themselves end.
    let xref_position = |file: &[u8]| file.windows(4).position(|part| part == b"xref").unwrap();
    let cyclic = |start: usize| pdf_file(&["<</Title(T)>>"], &format!("/Info 1 0 R/Prev {start}/XRefStm {start}"));
    let start = xref_position(&cyclic(0));
    let found = probe_bytes(&cyclic(start));
    assert_eq!((found.title.unwrap().text.as_str(), found.warnings.len()), ("T", 0));
}

#[test]
fn damaged_pdf_gives_warnings() {
    let broken = |object| [Warning::MalformedObject { object }];
    assert_eq!(probe_bytes(b"%PDF-1.4").warnings, broken("end of the file"));
    assert_eq!(probe_bytes(b"%PDF-1.4 startxref 99999999999999999999").warnings, broken("end of the file"));
    for start in [0, 5, 1 << 40, u64::MAX] {
        let found = probe_bytes(format!("%PDF-1.4\nstartxref\n{start}\n%%EOF").as_bytes());
        assert_eq!(
            (found.protected, found.warnings.as_slice()),
            (None, &broken("cross-reference table")[..]),
            "{start}"
        );
    }
    for compression in [Compression::Stored, Compression::Deflated] {
        let file = build_pdf(PublicationProtection::Adept, compression);
        for len in 0..file.len() {
            let found = probe_bytes(&file[..len]);
            // The last line may be missing.
            let complete = len >= file.len() - 8;
            assert!(complete || found.protected.is_none(), "{len}");
            for value in [0, b'9', b'(', 0xff] {
                let mut changed = file.clone();
                changed[len] = value;
                let found = probe_bytes(&changed);
                assert!(found.warnings.len() <= 2 && found.title.is_none());
            }
        }
    }
    // Numbers of maximum size.
    for text in ["0 18446744073709551615", "18446744073709551615 18446744073709551615", "0 0\n0 0\n0 0"] {
        let file = format!("%PDF-1.4\nxref\n{text}\ntrailer<</Encrypt 18446744073709551615 0 R>>\nstartxref\n9\n%%EOF");
        probe_bytes(file.as_bytes());
    }
    for fields in [
        "/W[8 8 8]/Size 99999999999999",
        "/W[0 0 0]/Size 3",
        "/W[9 1 1]",
        "/W[1 2]/Size 1",
        "/W[1 1 1]/Index[0 -1]/Size 1",
    ] {
        for length in ["0", "5", "99999999999"] {
            let stream = format!("%PDF-1.5\n1 0 obj<</Type/XRef{fields}/Length {length}>>stream\nabcdefgh");
            probe_bytes(format!("{stream}\nendstream startxref 9 %%EOF").as_bytes());
        }
    }
}
