//! A file is clear only if every part that decides this was read and understood.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::io::Cursor;

use restow_media::build::{AsfBuilder, Compression, Protection, ProtectionKind, ZipBuilder};
use restow_media::{
    EmbedError, EntryProblem, Format, KeyId, Probe, System, Warning, ZipKind, embed_license, embedded_license,
    open_zip, probe,
};

const LICENSE: &[u8] = br#"{"id":"b7a1","provider":"https://books.example"}"#;
const CONTAINER: &str = "<container><rootfiles><rootfile full-path='OPS/p.opf' \
    media-type='application/oebps-package+xml'/></rootfiles></container>";
const PACKAGE: &str = "<package><metadata><title>Rain</title></metadata></package>";
const LCP: &str = "<encryption><EncryptedData><EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes256-cbc'/>\
    <KeyInfo><RetrievalMethod URI='license.lcpl#/encryption/content_key'/></KeyInfo></EncryptedData></encryption>";
const FONTS: &str = "<encryption><EncryptedData><EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/>\
    </EncryptedData></encryption>";

fn probe_bytes(file: &[u8]) -> Probe {
    let found = probe(&mut Cursor::new(file)).unwrap();
    // An unknown protection has a reason, and a known one has none.
    let needs_reason = found.protected.is_none() && found.format != Format::Unknown && !found.format.is_voucher();
    assert_eq!(found.unknown_because.is_some(), needs_reason, "{found:?}");
    found
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let zip = ZipBuilder::new();
    entries.iter().fold(zip, |zip, (name, content)| zip.entry(name, content, Compression::Deflated)).build()
}

/// Builds an EPUB from a container, a package document and these entries. `rename` changes the name of each entry.
fn epub(rename: impl Fn(&str) -> String, entries: &[(&str, &[u8])]) -> Vec<u8> {
    let usual = [
        ("mimetype", &b"application/epub+zip"[..]),
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("OPS/p.opf", PACKAGE.as_bytes()),
    ];
    let all: Vec<(String, &[u8])> =
        usual.iter().chain(entries).map(|(name, content)| (rename(name), *content)).collect();
    zip(&all.iter().map(|(name, content)| (name.as_str(), *content)).collect::<Vec<_>>())
}

fn unchanged(name: &str) -> String {
    name.to_owned()
}

fn license_of(file: &[u8]) -> Option<Vec<u8>> {
    embedded_license(&mut Cursor::new(file)).unwrap()
}

#[test]
fn unusual_entry_names_understood() {
    let backslash = |name: &str| name.replace('/', "\\");
    let lower = |name: &str| name.to_lowercase();
    let upper = |name: &str| name.replace("META-INF/", "Meta-Inf/").replace("encryption.xml", "Encryption.XML");
    let nested = |name: &str| format!("book/{name}");
    let deeper = |name: &str| format!("Books/My book/{name}");
    let below_mimetype = |name: &str| if name == "mimetype" { unchanged(name) } else { format!("book/{name}") };
    let nested_backslash = |name: &str| format!("book\\{}", name.replace('/', "\\"));
    let dotted = |name: &str| format!("./{name}");
    let absolute = |name: &str| format!("/{name}");
    let no_mimetype = |name: &str| if name == "mimetype" { "x".to_owned() } else { backslash(name) };
    let renames: [&dyn Fn(&str) -> String; 11] = [
        &unchanged,
        &backslash,
        &lower,
        &upper,
        &nested,
        &deeper,
        &below_mimetype,
        &nested_backslash,
        &dotted,
        &absolute,
        &no_mimetype,
    ];
    for rename in renames {
        let name = rename("META-INF/license.lcpl");
        let licensed = epub(rename, &[("META-INF/encryption.xml", LCP.as_bytes()), ("META-INF/license.lcpl", LICENSE)]);
        let found = probe_bytes(&licensed);
        assert_eq!((found.format, found.protected), (Format::Epub, Some(true)), "{name}");
        assert_eq!(found.title.unwrap().text, "Rain", "{name}");
        assert_eq!(found.license_id.as_deref(), Some("b7a1"), "{name}");
        assert_eq!(license_of(&licensed).as_deref(), Some(LICENSE), "{name}");
        assert!(matches!(open_zip(&mut Cursor::new(&licensed)).unwrap(), Some(ZipKind::Publication(Some(_)))));
        // A new license replaces the one that is there, at its place.
        let mut output = Vec::new();
        embed_license(&mut Cursor::new(&licensed), b"{}", &mut output).unwrap();
        assert_eq!(license_of(&output).as_deref(), Some(&b"{}"[..]), "{name}");

        for (encryption, protected) in [(LCP, true), (FONTS, false)] {
            let found = probe_bytes(&epub(rename, &[("META-INF/encryption.xml", encryption.as_bytes())]));
            assert_eq!(found.protected, Some(protected), "{name}");
        }
        assert_eq!(probe_bytes(&epub(rename, &[])).protected, Some(false), "{name}");
    }
    // Readers look for the license of such a book in different places.
    let error = embed_license(&mut Cursor::new(epub(backslash, &[])), LICENSE, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, EmbedError::UnsupportedFormat));
}

#[test]
fn license_in_any_folder_found() {
    for name in ["license.lcpl", "META-INF\\license.lcpl", "OPS/License.lcpl", "meta-inf/LICENSE.LCPL"] {
        let file = epub(unchanged, &[("META-INF/encryption.xml", LCP.as_bytes()), (name, LICENSE)]);
        assert_eq!(license_of(&file).as_deref(), Some(LICENSE), "{name}");
        assert_eq!(probe_bytes(&file).license_id.as_deref(), Some("b7a1"), "{name}");
    }
}

#[test]
fn folders_of_several_books_are_archive() {
    let book = |folder: &str| {
        [
            (format!("{folder}/mimetype"), &b"application/epub+zip"[..]),
            (format!("{folder}/META-INF/license.lcpl"), LICENSE),
        ]
    };
    let entries: Vec<_> = [book("a"), book("b")].concat();
    let file = zip(&entries.iter().map(|(name, content)| (name.as_str(), *content)).collect::<Vec<_>>());
    assert_eq!(probe_bytes(&file).format, Format::Unknown);
    assert!(matches!(open_zip(&mut Cursor::new(&file)).unwrap(), Some(ZipKind::Archive(_))));
    // A book beside other files is no book.
    let file = zip(&[("a/META-INF/container.xml", CONTAINER.as_bytes()), ("a/OPS/p.opf", b""), ("setup.exe", b"x")]);
    assert_eq!(probe_bytes(&file).format, Format::Unknown);
}

#[test]
fn same_license_twice_is_taken() {
    let place = "META-INF/license.lcpl";
    for other in [place, "META-INF\\license.lcpl", "meta-inf/license.lcpl"] {
        let file = epub(unchanged, &[("META-INF/encryption.xml", LCP.as_bytes()), (place, LICENSE), (other, LICENSE)]);
        let found = probe_bytes(&file);
        assert_eq!((found.license_id.as_deref(), found.warnings.len()), (Some("b7a1"), 0), "{other}");
        assert_eq!(license_of(&file).as_deref(), Some(LICENSE), "{other}");

        // Of two different licenses none is taken, and this is said.
        let file = epub(unchanged, &[(place, LICENSE), (other, b"{\"id\":\"other\"}")]);
        let found = probe_bytes(&file);
        let twice = Warning::Entry { name: other.to_owned(), problem: EntryProblem::Duplicate };
        assert!(found.warnings.contains(&twice), "{:?}", found.warnings);
        assert_eq!((found.protected, found.license_id), (Some(true), None), "{other}");
        assert!(embedded_license(&mut Cursor::new(&file)).is_err(), "{other}");
        assert!(embed_license(&mut Cursor::new(&file), LICENSE, &mut Vec::new()).is_err(), "{other}");
    }
}

#[test]
fn byte_order_marks_read() {
    let utf8 = |text: &[u8]| [b"\xef\xbb\xbf", text].concat();
    let little = |text: &[u8]| -> Vec<u8> {
        let text = format!("\u{feff}{}", String::from_utf8_lossy(text));
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    };
    let big = |text: &[u8]| -> Vec<u8> {
        let text = format!("\u{feff}{}", String::from_utf8_lossy(text));
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    };
    let without_mark = |text: &[u8]| little(text).split_off(2);
    type Encoding<'a> = &'a dyn Fn(&[u8]) -> Vec<u8>;
    for encode in [&utf8 as Encoding<'_>, &little, &big, &without_mark] {
        let license = encode(LICENSE);
        let file = zip(&[
            ("mimetype", &utf8(b"application/epub+zip")),
            ("META-INF/container.xml", &encode(CONTAINER.as_bytes())),
            ("OPS/p.opf", &encode(PACKAGE.as_bytes())),
            ("META-INF/encryption.xml", &encode(LCP.as_bytes())),
            ("META-INF/license.lcpl", &license),
        ]);
        let found = probe_bytes(&file);
        assert_eq!((found.title.unwrap().text.as_str(), found.license_id.as_deref()), ("Rain", Some("b7a1")));
        assert_eq!(found.warnings, []);
        assert_eq!(license_of(&file), Some(license.clone()), "the bytes are kept");
        let manifest = br#"{"metadata":{"title":"Rain"},"readingOrder":[{"href":"a","type":"audio/mpeg"}]}"#;
        let file = zip(&[("manifest.json", &encode(manifest)), ("license.lcpl", &license)]);
        let found = probe_bytes(&file);
        assert_eq!((found.format, found.license_id.as_deref()), (Format::Audiobook, Some("b7a1")));
    }
}

#[test]
fn rights_name_system() {
    let adept = "<adept:rights xmlns:adept='http://ns.adobe.com/adept'/>";
    let kobo = "<?xml version='1.0'?><rights><kdrm><timestamp>2026-01-01</timestamp></kdrm></rights>";
    for (path, content, system) in [
        ("META-INF/rights.xml", adept, Some(System::Adept)),
        ("META-INF\\rights.xml", adept, Some(System::Adept)),
        ("rights.xml", kobo, Some(System::Kobo)),
        ("META-INF/rights.xml", kobo, Some(System::Kobo)),
        ("Rights.XML", "<x:kdrm xmlns:x='k'/>", Some(System::Kobo)),
        ("META-INF/sinf.xml", "", Some(System::Fairplay)),
        ("META-INF/SINF.xml", "", Some(System::Fairplay)),
        // Unknown rights may be any protection.
        ("rights.xml", "<rights/>", None),
        ("META-INF/rights.xml", "", None),
        ("META-INF/rights.xml", "\u{1}", None),
    ] {
        let found = probe_bytes(&epub(unchanged, &[(path, content.as_bytes())]));
        assert_eq!(found.protected, system.map(|_| true), "{path} {content}");
        assert_eq!(found.systems, BTreeSet::from_iter(system), "{path} {content}");
        if system.is_none() {
            assert_eq!(found.unknown_because, Some(Warning::UnknownRights(path.to_owned())));
        }
    }
}

#[test]
fn encryption_decides_only_if_understood() {
    for (encryption, protected) in [
        (FONTS, Some(false)),
        ("<encryption/>", Some(false)),
        (LCP, Some(true)),
        ("<encryption><EncryptedData><EncryptionMethod Algorithm='urn:new'/></EncryptedData></encryption>", Some(true)),
        // Encrypted data without an algorithm is no obfuscation.
        ("<encryption><EncryptedData><CipherData/></EncryptedData></encryption>", Some(true)),
        ("<encryption><EncryptedData/></encryption>", Some(true)),
        ("", None),
        ("<encryption", None),
        ("<other/>", None),
        ("{}", None),
    ] {
        let found = probe_bytes(&epub(unchanged, &[("META-INF/encryption.xml", encryption.as_bytes())]));
        assert_eq!(found.protected, protected, "{encryption}");
    }
    // Readers of two similar names use different ones.
    for names in [["META-INF/encryption.xml", "META-INF\\encryption.xml"], ["META-INF/encryption.xml"; 2]] {
        for order in [[FONTS, LCP], [LCP, FONTS]] {
            let entries = [(names[0], order[0].as_bytes()), (names[1], order[1].as_bytes())];
            assert_eq!(probe_bytes(&epub(unchanged, &entries)).protected, Some(true), "{names:?}");
        }
    }
    let long = format!("<encryption>{}", " ".repeat(5 << 20));
    let found = probe_bytes(&epub(unchanged, &[("META-INF/encryption.xml", long.as_bytes())]));
    let too_large = Warning::EntryTooLarge { name: "META-INF/encryption.xml".to_owned(), limit: 4 << 20 };
    assert_eq!((found.protected, found.unknown_because), (None, Some(too_large)));
}

#[test]
fn every_damage_of_epub_is_doubt() {
    let file = epub(unchanged, &[("META-INF/encryption.xml", FONTS.as_bytes()), ("OPS/c.xhtml", b"<html/>")]);
    assert_eq!(probe_bytes(&file).protected, Some(false));
    let directory = file.windows(4).position(|part| part == b"PK\x01\x02").unwrap();
    for len in 0..file.len() {
        assert_ne!(probe_bytes(&file[..len]).protected, Some(false), "{len}");
    }
    for at in directory..file.len() {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            let found = probe_bytes(&changed);
            // Dates, versions and attributes decide nothing.
            assert!(found.protected != Some(true), "{at}");
        }
    }
    // The names of the entries show a publication, also where the first entry is another one.
    let reordered =
        zip(&[("OPS/c.xhtml", b"x"), ("META-INF/container.xml", CONTAINER.as_bytes()), ("OPS/p.opf", b"x")]);
    let directory = reordered.windows(4).position(|part| part == b"PK\x01\x02").unwrap();
    let found = probe_bytes(&reordered[..directory]);
    assert_eq!((found.format, found.unknown_because), (Format::Epub, Some(Warning::NoDirectory)));
}

#[test]
fn password_on_any_entry_is_doubt() {
    for name in ["OPS/c.xhtml", "META-INF/encryption.xml", "META-INF/container.xml"] {
        let mut file = epub(unchanged, &[("OPS/c.xhtml", b"x"), ("META-INF/encryption.xml", FONTS.as_bytes())]);
        let record = file.windows(name.len()).rposition(|part| part == name.as_bytes()).unwrap() - 46;
        file[record + 8] |= 1;
        let found = probe_bytes(&file);
        assert_eq!((found.format, found.protected), (Format::Epub, None), "{name}");
        let locked = Warning::Entry { name: name.to_owned(), problem: EntryProblem::PasswordProtected };
        assert!(found.warnings.contains(&locked), "{name}");
    }
}

#[test]
fn bytes_before_header_skipped() {
    let licensed = epub(unchanged, &[("META-INF/encryption.xml", LCP.as_bytes()), ("META-INF/license.lcpl", LICENSE)]);
    let clear = epub(unchanged, &[]);
    let protection = Protection::new(ProtectionKind::Wmdrm, KeyId::Uuid([1; 16]));
    let song = AsfBuilder::new().title("T").protection(protection).build();
    let clear_song = AsfBuilder::new().title("T").build();
    let program = [&b"MZ"[..], &[0x90; 100_000]].concat();
    let mail = b"Subject: your book\r\nContent-Type: application/epub+zip\r\n\r\n".to_vec();
    let tag = [&b"ID3\x04\0\0\0\x01\x00\x00"[..], &vec![b'x'; 1 << 14]].concat();
    let prefixes = [&b"\n"[..], &[0; 7], &[0; 70_000], &program, &mail, &tag];
    for prefix in prefixes {
        let with_prefix = |file: &[u8]| [prefix, file].concat();
        let leading = Warning::LeadingBytes { len: prefix.len() as u64 };
        for (file, protected) in [(&licensed, true), (&clear, false)] {
            let found = probe_bytes(&with_prefix(file));
            assert_eq!((found.format, found.protected), (Format::Epub, Some(protected)), "{}", prefix.len());
            assert!(found.warnings.contains(&leading), "{:?}", found.warnings);
        }
        let file = with_prefix(&licensed);
        assert_eq!(license_of(&file).as_deref(), Some(LICENSE));
        assert!(matches!(open_zip(&mut Cursor::new(&file)).unwrap(), Some(ZipKind::Publication(Some(_)))));
        let error = embed_license(&mut Cursor::new(&file), b"{}", &mut Vec::new()).unwrap_err();
        assert!(matches!(error, EmbedError::Damaged(Warning::LeadingBytes { .. })), "{error}");
        // The end of such a file may be missing as well.
        assert_ne!(probe_bytes(&file[..file.len() - 30]).protected, Some(false));

        // Programs are not searched for songs.
        if prefix.len() == program.len() {
            continue;
        }
        for (file, protected) in [(&song, true), (&clear_song, false)] {
            let found = probe_bytes(&with_prefix(file));
            assert_eq!((found.format, found.protected), (Format::Asf, Some(protected)), "{}", prefix.len());
            assert!(found.warnings.contains(&leading), "{:?}", found.warnings);
        }
    }
}

#[test]
fn short_header_size_is_doubt() {
    // The stated size ends before the objects with the protection.
    let clear = AsfBuilder::new().title("T").build();
    let song = AsfBuilder::new().title("T").protection(Protection::new(ProtectionKind::Wmdrm, KeyId::Uuid([1; 16])));
    for file in [clear, song.build()] {
        let header = u64::from_le_bytes(file[16..24].try_into().unwrap());
        for size in 30..header {
            let mut file = file.clone();
            file[16..24].copy_from_slice(&size.to_le_bytes());
            assert_ne!(probe_bytes(&file).protected, Some(false), "{size}");
        }
    }
}

#[test]
fn nested_link_encryption_marks_protection() {
    for link in [
        r#"{"href":"a","alternate":[{"href":"b","properties":{"encrypted":{"scheme":"urn:x"}}}]}"#,
        r#"{"href":"a","children":[{"href":"b","properties":{"encrypted":true}}]}"#,
    ] {
        let manifest = format!(r#"{{"metadata":{{"title":"T"}},"readingOrder":[{link}]}}"#);
        assert_eq!(probe_bytes(&zip(&[("manifest.json", manifest.as_bytes())])).protected, Some(true), "{link}");
    }
}
