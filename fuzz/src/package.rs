//! Any bytes as a publication: a package or a single PDF.
//!
//! The first byte selects the mode. Even: the bytes are the file. Odd: the bytes are entries of a correct
//! package, each with a byte for its name and packing, and its content.

use std::io::Cursor;

use restow_media::build::{Compression, PublicationBuilder, PublicationProtection, ZipBuilder, strip_license};
use restow_media::{
    EmbedError, EntryContent, Format, ProbeError, Warning, ZipKind, embed_license, embedded_license, open_zip, probe,
};

use super::common::{Bytes, LCP, counted, with_mode};

const NAMES: [&str; 16] = [
    "mimetype",
    "META-INF/container.xml",
    "a.opf",
    "META-INF/encryption.xml",
    "META-INF/rights.xml",
    "META-INF/license.lcpl",
    "manifest.json",
    "license.lcpl",
    "ComicInfo.xml",
    "01.jpg",
    "META-INF/sinf.xml",
    "b.html",
    "../c",
    "",
    "mimetype ",
    "ä/",
];

const PACKINGS: [Compression; 3] = [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor];

/// License to embed.
const OTHER_LICENSE: &[u8] = br#"{"id":"another"}"#;

pub fn run(data: &[u8]) {
    let Some((mode, data)) = data.split_first() else { return };
    if mode & 1 == 0 {
        check(data);
        return;
    }
    let mut bytes = Bytes(data);
    let mut zip = ZipBuilder::new().zip64(mode & 2 != 0).comment(if mode & 4 == 0 { b"" } else { b"PK\x05\x06" });
    for _ in 0..32 {
        if bytes.is_empty() {
            break;
        }
        let choice = usize::from(bytes.u8());
        zip = zip.entry(NAMES[choice % 16], bytes.counted(), PACKINGS[choice / 16 % 3]);
    }
    check(&zip.build());
}

fn check(file: &[u8]) {
    let found = probe(&mut Cursor::new(file)).expect("reading from memory cannot fail");
    super::probe::check(&found);
    assert_eq!(probe(&mut Cursor::new(file)).ok(), Some(found.clone()));
    let inside = embedded_license(&mut Cursor::new(file));
    if found.format != Format::Asf {
        let damaged = match &inside {
            Err(ProbeError::Package(Warning::Entry { .. } | Warning::EntryTooLarge { .. })) => true,
            // The name of the license shows in a package without a directory.
            Err(ProbeError::Package(_)) => found.license_embedded,
            Ok(None) if !file.starts_with(b"PK") => found.license_embedded,
            _ => false,
        };
        assert_eq!(found.license_embedded, damaged || matches!(inside, Ok(Some(_))));
    }
    if let Err(error) = &inside {
        super::common::check_presentable(&error.to_string());
    }

    let mut reader = Cursor::new(file);
    if let Ok(Some(ZipKind::Archive(mut archive))) = open_zip(&mut reader) {
        let mut count = 0;
        while let Some(entry) = archive.next_entry(1 << 16, &|_, start| start.starts_with(b"{")).expect("as above") {
            super::common::check_presentable(&entry.name);
            match entry.content {
                EntryContent::Selected(content) => assert!(content.len() <= 1 << 16),
                EntryContent::Unreadable(warning) => super::common::check_presentable(&warning.to_string()),
                _ => {}
            }
            count += 1;
        }
        // Each entry has a record in the directory.
        assert!(count <= file.len() / 46);
    }

    let mut with = Vec::new();
    match embed_license(&mut Cursor::new(file), OTHER_LICENSE, &mut with) {
        Ok(()) => {
            // The file grows by the new header, record and content only.
            assert!(with.len() <= file.len() + 256 + OTHER_LICENSE.len());
            assert_eq!(embedded_license(&mut Cursor::new(&with)).ok().flatten().as_deref(), Some(OTHER_LICENSE));
            let now = probe(&mut Cursor::new(&with)).expect("reading from memory cannot fail");
            super::probe::check(&now);
            assert_eq!(now.license_id.as_deref(), Some("another"));
            assert_eq!((now.format, &now.title, now.protected), (found.format, &found.title, Some(true)));
            // All other bytes are unchanged.
            let left = strip_license(&with).expect("what was put in can be taken out");
            assert_eq!(left, strip_license(file).expect("what can be replaced can be taken out"));
            if matches!(inside, Ok(None)) {
                assert_eq!(left, file);
            }
        }
        Err(error) => {
            assert!(with.is_empty() && !matches!(error, EmbedError::Read(_) | EmbedError::Write(_)), "{error}");
            super::common::check_presentable(&error.to_string());
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let formats =
        [Format::Epub, Format::Audiobook, Format::Divina, Format::PdfPackage, Format::Webpub, Format::Cbz, Format::Pdf];
    let mut seeds = Vec::new();
    for (number, format) in formats.into_iter().enumerate() {
        for protection in PublicationProtection::ALL {
            let book = PublicationBuilder::new(format).title("T").author("A").protection(protection);
            let book = book.compression(PACKINGS[(number + seeds.len()) % 3]).zip64(seeds.len() % 4 == 3);
            seeds.push(with_mode(0, &book.build()));
            seeds.push(with_mode(0, &book.license(LCP.as_bytes()).build()));
        }
    }
    let entries = |entries: &[(u8, &str)]| {
        let entries = entries.iter().map(|(choice, content)| [&[*choice][..], &counted(content.as_bytes())].concat());
        with_mode(1, &entries.collect::<Vec<_>>().concat())
    };
    let container = "<rootfile media-type='application/oebps-package+xml' full-path='a.opf'/>";
    let opf = "<package unique-identifier='u'><metadata><dc:title id='t'>T</dc:title><meta refines='#t' property='title-type'>\
        main</meta><dc:creator opf:role='aut'>A</dc:creator><dc:identifier id='u'>urn:x</dc:identifier></metadata></package>";
    let encryption = "<EncryptedData><EncryptionMethod Algorithm='http://ns.adobe.com/pdf/enc#RC'/></EncryptedData>\
        <EncryptionMethod Algorithm='x'/><RetrievalMethod URI='license.lcpl#' Type='http://readium.org/2014/01/lcp'/>";
    let manifest = r#"{"metadata":{"title":{"de":"A","en":"B"},"author":["C",{"name":"D"}],"@type":"schema.org/Audiobook",
        "identifier":"x","language":["de"],"conformsTo":"https://readium.org/webpub-manifest/profiles/pdf"},"readingOrder":[
        {"type":"audio/mpeg","properties":{"encrypted":{"scheme":"http://readium.org/2014/01/lcp","algorithm":"x"}}}]}"#;
    let comic = "<ComicInfo><Series>S</Series><Number>7</Number><Writer>A, B</Writer><GTIN>9</GTIN></ComicInfo>";
    let rights = "<rights xmlns='http://ns.adobe.com/adept'/>";
    seeds.push(entries(&[
        (0, "application/epub+zip"),
        (1, container),
        (18, opf),
        (35, encryption),
        (5, "{\"id\":\"1\"}"),
    ]));
    seeds.push(entries(&[(17, container), (34, opf), (4, rights), (10, ""), (12, "")]));
    seeds.push(entries(&[(22, manifest), (7, LCP), (11, "x")]));
    seeds.push(entries(&[(8, comic), (9, "x"), (15, "")]));
    seeds.push(entries(&[(7, "{\"id\":\"1\"}"), (23, "{\"id\":\"2\"}")]));
    seeds
}
