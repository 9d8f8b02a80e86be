//! The probe reads every built publication, and embedding a license changes nothing else.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use restow_media::build::{Compression, PublicationBuilder, PublicationProtection, ZipBuilder, strip_license};
use restow_media::{
    EmbedError, EntryProblem, Format, OtherKind, Probe, ProbeError, System, Title, TitleSource, Warning, embed_license,
    embedded_license, probe,
};

const PACKAGES: [Format; 5] = [Format::Epub, Format::Audiobook, Format::Divina, Format::PdfPackage, Format::Webpub];
const LICENSE: &[u8] = br#"{"id":"b7a1","provider":"https://books.example"}"#;

fn probe_bytes(file: &[u8]) -> Probe {
    probe(&mut Cursor::new(file)).unwrap()
}

fn probe_epub(entries: &[(&str, &str)]) -> Probe {
    let zip = ZipBuilder::new().entry("mimetype", b"application/epub+zip", Compression::Stored);
    let zip =
        entries.iter().fold(zip, |zip, (name, content)| zip.entry(name, content.as_bytes(), Compression::Deflated));
    probe_bytes(&zip.build())
}

const CONTAINER: (&str, &str) = (
    "META-INF/container.xml",
    "<container><rootfiles><rootfile full-path='x/y.opf' media-type='application/oebps-package+xml'/></rootfiles></container>",
);

fn probe_opf(metadata: &str) -> Probe {
    let document = format!("<package unique-identifier='u'><metadata>{metadata}</metadata></package>");
    probe_epub(&[CONTAINER, ("x/y.opf", &document)])
}

#[test]
fn package_document_found_by_url_or_name() {
    let package_document = |title: &str| format!("<package><metadata><title>{title}</title></metadata></package>");
    let container = CONTAINER.1;
    for (path, name) in [
        ("O%20E/p%C3%A4.opf", "O E/p\u{e4}.opf"),
        ("O%20E/p.opf", "O%20E/p.opf"),
        ("100%/p.opf", "100%/p.opf"),
        ("100%/%70.opf", "100%/p.opf"),
        ("%zz/p%2", "%zz/p%2"),
    ] {
        let container = container.replace("x/y.opf", path);
        let found = probe_epub(&[(CONTAINER.0, &container), (name, &package_document("Here"))]);
        assert_eq!(found.title.map(|title| title.text).as_deref(), Some("Here"), "{path}");
        assert!(found.warnings.is_empty(), "{path}: {:?}", found.warnings);
    }
    // The literal name has priority, and a name that is not UTF-8 matches nothing.
    let container = container.replace("x/y.opf", "%61.opf");
    let both = probe_epub(&[
        (CONTAINER.0, &container),
        ("a.opf", &package_document("Decoded")),
        ("%61.opf", &package_document("Literal")),
    ]);
    assert_eq!(both.title.map(|title| title.text).as_deref(), Some("Literal"));
    let unmatched = probe_epub(&[(CONTAINER.0, &container.replace("%61", "%ff")), ("a.opf", &package_document("x"))]);
    assert!(unmatched.title.is_none() && !unmatched.warnings.is_empty());
}

#[test]
fn license_embedded_with_url_package_path() {
    let container = CONTAINER.1.replace("x/y.opf", "O%20E/y.opf");
    let package_document =
        "<package unique-identifier='u'><metadata><identifier id='u'>urn:isbn:9</identifier></metadata></package>";
    let bare = ZipBuilder::new()
        .entry("mimetype", b"application/epub+zip", Compression::Stored)
        .entry(CONTAINER.0, container.as_bytes(), Compression::Deflated)
        .entry("O E/y.opf", package_document.as_bytes(), Compression::Deflated)
        .build();
    let mut with = Vec::new();
    embed_license(&mut Cursor::new(&bare), LICENSE, &mut with).unwrap();
    let found = probe_bytes(&with);
    assert_eq!((found.identifier.as_deref(), found.license_embedded), (Some("urn:isbn:9"), true));
    assert!(strip_license(&with).unwrap() == bare);
}

#[test]
fn built_publications_probed() {
    for format in PACKAGES.into_iter().chain([Format::Cbz]) {
        for protection in PublicationProtection::ALL {
            for compression in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
                for (license, zip64) in [(None, false), (Some(LICENSE), true), (Some(LICENSE), false)] {
                    let book = PublicationBuilder::new(format).title("Größe & — 第二章").author("A <A>").author("B");
                    let mut book =
                        book.protection(protection).identifier("urn:isbn:9").compression(compression).zip64(zip64);
                    if let Some(license) = license {
                        book = book.license(license);
                    }
                    let file = book.build();
                    let found = probe_bytes(&file);
                    let case = format!("{format} {protection} {compression:?} {zip64} {}", license.is_some());
                    let license = license.filter(|_| format != Format::Cbz);
                    assert_eq!(found.format, format, "{case}");
                    let title = Title { text: "Größe & — 第二章".to_owned(), source: TitleSource::Stated };
                    assert_eq!(found.title, Some(title), "{case}");
                    assert_eq!(found.author.as_deref(), Some("A <A>; B"), "{case}");
                    assert_eq!(found.identifier.as_deref(), Some("urn:isbn:9"), "{case}");
                    assert_eq!(found.license_embedded, license.is_some(), "{case}");
                    assert_eq!(found.license_id.as_deref(), license.map(|_| "b7a1"), "{case}");
                    assert!(found.key_ids.is_empty(), "{case}: LCP has no key IDs");

                    let mut systems = BTreeSet::new();
                    if license.is_some() || (protection == PublicationProtection::Lcp && format != Format::Cbz) {
                        systems.insert(System::Lcp);
                    }
                    if protection == PublicationProtection::Adept && format == Format::Epub {
                        systems.insert(System::Adept);
                    }
                    assert_eq!(found.systems, systems, "{case}");
                    let unknown = protection == PublicationProtection::Unknown && format != Format::Cbz;
                    assert_eq!(found.protected, Some(unknown || !systems.is_empty()), "{case}");
                    let clear = matches!(protection, PublicationProtection::None | PublicationProtection::Fonts);
                    let warnings = match () {
                        () if unknown && systems.is_empty() => vec![Warning::SystemNotNamed],
                        () if format == Format::Epub && license.is_some() && clear => vec![Warning::EncryptionMissing],
                        () => Vec::new(),
                    };
                    assert_eq!(found.warnings, warnings, "{case}");
                    assert_eq!(embedded_license(&mut Cursor::new(&file)).unwrap().as_deref(), license, "{case}");
                }
            }
        }
    }
}

#[test]
fn other_zip_files_unknown_without_warnings() {
    let zips = [
        vec![("document.xml", "<x/>"), ("[Content_Types].xml", "<y/>")],
        vec![("manifest.json", r#"{"name":"an extension"}"#)],
        vec![("manifest.json", "not even JSON")],
        vec![("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<x/>")],
        // Music scores and page layouts have a container, too.
        vec![("META-INF/container.xml", "<container><rootfile full-path='score.xml'/></container>")],
        vec![("META-INF/container.xml", "")],
        vec![("01.jpg", "x"), ("setup.exe", "x")],
        vec![("readme.txt", "x")],
        vec![("a/", "")],
        vec![("a/../b", "x")],
        vec![],
    ];
    for entries in zips {
        let zip = ZipBuilder::new();
        let zip = entries.iter().fold(zip, |zip, (name, body)| zip.entry(name, body.as_bytes(), Compression::Deflated));
        let zip = zip.build();
        let mut unknown = Probe::new(Format::Unknown);
        unknown.other_kind = Some(OtherKind::Zip);
        assert_eq!(probe_bytes(&zip), unknown, "{entries:?}");
        assert_eq!(embedded_license(&mut Cursor::new(&zip)).unwrap(), None);
        let refused = embed_license(&mut Cursor::new(&zip), LICENSE, &mut Vec::new()).unwrap_err();
        assert_eq!(refused.code(), "put-no-place");
    }
}

#[test]
fn epub_metadata_in_all_forms() {
    // The main title among several, the creator with the role of author, the unique identifier.
    let found = probe_opf(
        "<dc:title id='s'>A Series</dc:title><dc:title id='m'> The\n Title </dc:title>\
         <meta refines='#m' property='title-type'>main</meta><meta property='title-type'>main</meta>\
         <dc:creator id='i'>Painter</dc:creator><meta refines='#i' property='role' scheme='x'>ill</meta>\
         <dc:creator id='w'>Writer</dc:creator><meta refines='#w' property='role'>aut</meta><dc:creator>Another</dc:creator>\
         <dc:identifier>other</dc:identifier><dc:identifier id='u'>urn:x</dc:identifier>",
    );
    assert_eq!(found.title.unwrap().text, "The  Title");
    assert_eq!(found.author.as_deref(), Some("Writer; Another"));
    assert_eq!(found.identifier.as_deref(), Some("urn:x"));
    assert_eq!((found.protected, found.warnings.len()), (Some(false), 0));

    // EPUB 2.
    let found = probe_opf(
        "<dc-metadata><Title>T</Title></dc-metadata><title>U</title>\
         <creator opf:role='edt'>Editor</creator><identifier>only</identifier><title>V</title>",
    );
    assert_eq!(found.title.unwrap().text, "U");
    assert_eq!(found.author.as_deref(), Some("Editor"));
    assert_eq!(found.identifier.as_deref(), Some("only"));

    // Titles outside of the metadata and empty titles are ignored.
    let found = probe_opf("<title> </title></metadata><title>no</title><metadata>");
    assert_eq!((found.title, found.author, found.identifier), (None, None, None));

    // Too many elements, and an oversized title.
    let many: String = (0..3000)
        .map(|n| format!("<creator id='c{n}'>{n}</creator><meta refines='#c{n}' property='role'>x</meta>"))
        .collect();
    let found = probe_opf(&format!("{many}<title>{}</title>", "x".repeat(100_000)));
    assert_eq!(found.author.unwrap().split("; ").count(), 64);
    assert_eq!(found.title.unwrap().text.len(), 1024);
}

#[test]
fn missing_or_malformed_entries_warned() {
    let problem = |found: Probe| match found.warnings.as_slice() {
        [Warning::Entry { name, problem }] | [Warning::EncryptionMissing, Warning::Entry { name, problem }] => {
            (name.clone(), *problem, found.protected)
        }
        other => panic!("{other:?}"),
    };
    let container = || CONTAINER.0.to_owned();
    // Names that are not understood leave the protection unknown.
    assert_eq!(problem(probe_epub(&[])), (container(), EntryProblem::Missing, None));
    assert_eq!(problem(probe_epub(&[(CONTAINER.0, "<rootfile/>")])), (container(), EntryProblem::Malformed, None));
    assert_eq!(problem(probe_epub(&[CONTAINER])), ("x/y.opf".to_owned(), EntryProblem::Missing, None));
    let encrypted = ("x/y.opf", "\u{1}\u{7f} no XML");
    assert_eq!(problem(probe_epub(&[CONTAINER, encrypted])), ("x/y.opf".to_owned(), EntryProblem::Malformed, None));
    let package_document = ("x/y.opf", "<package><metadata><title>T</title></metadata></package>");
    let cut = ("x/y.opf", "<package><metadata><title>T</title>");
    assert_eq!(problem(probe_epub(&[CONTAINER, cut])), ("x/y.opf".to_owned(), EntryProblem::Malformed, Some(false)));
    assert_eq!(probe_epub(&[CONTAINER, cut]).title.unwrap().text, "T");

    // The protection is unknown then.
    let encryption = "META-INF/encryption.xml";
    let found = probe_epub(&[CONTAINER, package_document, (encryption, "<encryption><!-- ")]);
    assert_eq!(problem(found), (encryption.to_owned(), EntryProblem::Malformed, None));
    // Signs before the error count.
    let lcp = "<RetrievalMethod URI='license.lcpl#/encryption/content_key'/><!-- ";
    let found = probe_epub(&[CONTAINER, package_document, (encryption, lcp)]);
    assert_eq!((found.protected, found.systems), (Some(true), BTreeSet::from([System::Lcp])));
    assert_eq!(
        probe_epub(&[CONTAINER, package_document, ("META-INF/sinf.xml", "")]).systems,
        BTreeSet::from([System::Fairplay])
    );

    let place = "META-INF/license.lcpl";
    let found = probe_epub(&[CONTAINER, package_document, (place, "no JSON")]);
    assert!(found.license_embedded && found.license_id.is_none());
    assert_eq!(problem(found), (place.to_owned(), EntryProblem::Malformed, Some(true)));

    // Readers would choose different licenses, so the probe chooses neither.
    let both = [("license.lcpl", "{\"id\":\"1\"}"), ("license.lcpl", "{\"id\":\"2\"}")];
    let zip =
        both.iter().fold(ZipBuilder::new(), |zip, (name, body)| zip.entry(name, body.as_bytes(), Compression::Stored));
    let found = probe_bytes(&zip.clone().build());
    let twice = Warning::Entry { name: "license.lcpl".to_owned(), problem: EntryProblem::Duplicate };
    assert!(found.warnings.contains(&twice) && found.license_embedded && found.protected == Some(true));
    assert!(
        embedded_license(&mut Cursor::new(zip.clone().build())).unwrap_err().to_string().contains("more than once")
    );
    let refused = embed_license(&mut Cursor::new(zip.build()), LICENSE, &mut Vec::new()).unwrap_err();
    assert!(matches!(refused, EmbedError::Damaged(warning) if warning == twice));
}

#[test]
fn damaged_license_still_reported_embedded() {
    for format in PACKAGES {
        for compression in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
            let builder =
                PublicationBuilder::new(format).protection(PublicationProtection::Lcp).compression(compression);
            // Incompressible, so that a part of the license is in the file unchanged.
            let license = br#"{"id":"Zq8-jK","provider":"https://x.example"}"#;
            let mut file = builder.license(license).build();
            let at = find_positions(&file, b"Zq8-jK").first().copied().unwrap();
            *file.get_mut(at).unwrap() ^= 1;
            let found = probe_bytes(&file);
            assert!(found.license_embedded && found.protected == Some(true), "{format:?} {compression:?}");
            assert_eq!((found.license_id, found.license_provider), (None, None));
            let name = if format == Format::Epub { "META-INF/license.lcpl" } else { "license.lcpl" };
            let damaged = Warning::Entry { name: name.to_owned(), problem: EntryProblem::Damaged };
            assert!(found.warnings.contains(&damaged), "{:?}", found.warnings);
            let error = embedded_license(&mut Cursor::new(&file)).unwrap_err();
            assert!(matches!(error, ProbeError::Package(warning) if warning == damaged));
            // A new license replaces the damaged one, and every other byte stays.
            let mut with = Vec::new();
            embed_license(&mut Cursor::new(&file), LICENSE, &mut with).unwrap();
            assert_eq!(embedded_license(&mut Cursor::new(&with)).unwrap().as_deref(), Some(LICENSE));
            assert!(strip_license(&with).unwrap() == strip_license(&file).unwrap());
        }
    }
}

#[test]
fn license_found_without_manifest() {
    let file = ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Deflated).build();
    let found = probe_bytes(&file);
    assert_eq!((found.format, found.license_id.as_deref()), (Format::Webpub, Some("b7a1")));
    assert_eq!(found.warnings, [Warning::Entry { name: "manifest.json".to_owned(), problem: EntryProblem::Missing }]);
    assert_eq!(embedded_license(&mut Cursor::new(file)).unwrap().as_deref(), Some(LICENSE));
}

#[test]
fn comic_title_from_series() {
    let comic = |info: &str| {
        let zip = ZipBuilder::new().entry("p/01.JPG", b"x", Compression::Stored).entry(
            "__MACOSX/p/._01",
            b"x",
            Compression::Stored,
        );
        probe_bytes(
            &zip.entry("Thumbs.db", b"x", Compression::Stored)
                .entry("ComicInfo.xml", info.as_bytes(), Compression::Stored)
                .build(),
        )
    };
    let found = comic("<ComicInfo><Series>S</Series><Number>7</Number><Pages><Page/></Pages></ComicInfo>");
    assert_eq!(found.title.unwrap(), Title { text: "S – 7".to_owned(), source: TitleSource::Album });
    assert_eq!((found.album.as_deref(), found.track, found.protected), (Some("S"), Some(7), Some(false)));
    assert_eq!(comic("<ComicInfo><Series>S</Series><Number>1.5</Number></ComicInfo>").title.unwrap().text, "S");
    let damaged = comic("<ComicInfo><Title>T</Title><!-- ");
    assert_eq!((damaged.title.unwrap().text.as_str(), damaged.warnings.len()), ("T", 1));
}

#[test]
fn path_traversal_names_warned() {
    let file = ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Stored);
    for name in ["../x", "/x", "a/../../x", "C:x"] {
        let found = probe_bytes(&file.clone().entry(name, b"", Compression::Stored).build());
        assert!(found.warnings.contains(&Warning::PathTraversal), "{name}");
    }
}

/// Reader that counts the bytes read.
struct CountingReader {
    inner: Cursor<Vec<u8>>,
    bytes: usize,
}

impl Read for CountingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.bytes += len;
        Ok(len)
    }
}

impl Seek for CountingReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn publication_content_not_read() {
    let zip = ZipBuilder::new().entry("mimetype", b"application/epub+zip", Compression::Stored);
    let zip = zip.entry(CONTAINER.0, CONTAINER.1.as_bytes(), Compression::Deflated);
    let zip = zip.entry("x/y.opf", b"<package><metadata><title>T</title></metadata>", Compression::Deflated);
    let file = zip.entry("film.mp4", &vec![7; 10_000_000], Compression::Stored).build();
    let mut meter = CountingReader { inner: Cursor::new(file), bytes: 0 };
    assert_eq!(probe(&mut meter).unwrap().title.unwrap().text, "T");
    assert!(meter.bytes < 4096, "{} bytes", meter.bytes);
}

/// Returns the positions of these bytes in a file.
fn find_positions(file: &[u8], part: &[u8]) -> Vec<usize> {
    file.windows(part.len()).enumerate().filter(|(_, window)| *window == part).map(|(at, _)| at).collect()
}

#[test]
fn embedding_keeps_every_other_byte() {
    for format in PACKAGES {
        for compression in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
            for zip64 in [false, true] {
                let builder = PublicationBuilder::new(format).compression(compression).zip64(zip64);
                let (clear, licensed) = (builder.build(), builder.clone().license(LICENSE).build());
                let case = format!("{format} {compression:?} {zip64}");
                // Removed: the file equals the one without a license.
                assert_eq!(strip_license(&licensed).unwrap(), clear, "{case}");
                assert_eq!(strip_license(&clear).unwrap(), clear, "{case}");

                // Embedded: at the end, after the existing entries.
                let mut output = Vec::new();
                embed_license(&mut Cursor::new(&clear), LICENSE, &mut output).unwrap();
                assert_eq!(strip_license(&output).unwrap(), clear, "{case}");
                assert_eq!(embedded_license(&mut Cursor::new(&output)).unwrap().as_deref(), Some(LICENSE), "{case}");
                let found = probe_bytes(&output);
                // The builder encrypts nothing here, which no license changes.
                let lost = found.warnings.iter().all(|warning| *warning == Warning::EncryptionMissing);
                assert_eq!((lost, found.license_id.as_deref()), (true, Some("b7a1")), "{case}");

                // Replaced by a longer and a shorter license, and back again.
                for other in [&[b' '; 4000][..], b"{}"] {
                    let mut replaced = Vec::new();
                    embed_license(&mut Cursor::new(&licensed), other, &mut replaced).unwrap();
                    assert_eq!(
                        embedded_license(&mut Cursor::new(&replaced)).unwrap().as_deref(),
                        Some(other),
                        "{case}"
                    );
                    assert_eq!(strip_license(&replaced).unwrap(), clear, "{case}");
                    let mut restored = Vec::new();
                    embed_license(&mut Cursor::new(&replaced), LICENSE, &mut restored).unwrap();
                    // The entry keeps its position, as in a package that stored it without compression.
                    let name = if format == Format::Epub { &b"META-INF/license.lcpl"[..] } else { b"license.lcpl" };
                    let (restored_positions, original_positions) =
                        (find_positions(&restored, name), find_positions(&licensed, name));
                    assert_eq!(restored_positions.len(), original_positions.len(), "{case}");
                    assert_eq!(restored_positions.first(), original_positions.first(), "{case}");
                    if compression == Compression::Stored && !zip64 {
                        assert_eq!(restored, licensed, "{case}");
                    }
                }
            }
        }
    }
}

#[test]
fn embedding_keeps_unused_bytes() {
    let file = ZipBuilder::new()
        .entry("a.html", b"before", Compression::DeflatedWithDescriptor)
        .entry("license.lcpl", LICENSE, Compression::DeflatedWithDescriptor)
        .entry("b.html", b"behind", Compression::DeflatedWithDescriptor)
        .comment(b"A comment with PK\x05\x06 in it, and more than an end record has bytes.")
        .build();
    // Bytes between the last entry and the directory, and after the comment.
    let at = *find_positions(&file, b"PK\x01\x02").first().unwrap();
    let mut unusual = file.clone();
    unusual.splice(at..at, *b"nobody's");
    let end = *find_positions(&unusual, b"PK\x05\x06").first().unwrap() + 16;
    let start = u32::try_from(at + 8).unwrap().to_le_bytes();
    unusual.splice(end..end + 4, start);
    unusual.extend(b"\r\n");
    assert_eq!(embedded_license(&mut Cursor::new(&unusual)).unwrap().as_deref(), Some(LICENSE));

    let without = strip_license(&unusual).unwrap();
    assert!(without.ends_with(b"has bytes.\r\n"));
    assert_eq!(find_positions(&without, b"nobody's").len(), 1);
    assert_eq!(find_positions(&without, b"license.lcpl").len(), 0);
    // The data descriptor is removed as well: the other entries are adjacent.
    let neighbors = ZipBuilder::new().entry("a.html", b"before", Compression::DeflatedWithDescriptor);
    let neighbors = neighbors.entry("b.html", b"behind", Compression::DeflatedWithDescriptor).build();
    let entries = find_positions(&neighbors, b"PK\x01\x02");
    assert!(without.starts_with(neighbors.get(..*entries.first().unwrap()).unwrap()));
}

struct FullWriter;

impl Write for FullWriter {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn embedding_reports_read_write_errors() {
    let file = PublicationBuilder::new(Format::Epub).license(LICENSE).build();
    let error = embed_license(&mut Cursor::new(&file), b"{}", &mut FullWriter).unwrap_err();
    assert_eq!(error.code(), "put-write");
    // Nothing of a damaged package is written.
    let mut written = Vec::new();
    let cut = file.get(..file.len() - 1).unwrap();
    let error = embed_license(&mut Cursor::new(cut), b"{}", &mut written).unwrap_err();
    assert!(matches!(error, EmbedError::Damaged(Warning::NoDirectory)) && written.is_empty(), "{error}");
    let full = (0..65_534).fold(ZipBuilder::new().entry("license.lcpl", b"", Compression::Stored), |zip, _| {
        zip.entry("x", b"", Compression::Stored)
    });
    let full = full.build();
    // The count needs zip64 records, which the package does not have yet.
    embed_license(&mut Cursor::new(&full), b"{}", &mut written).unwrap();
    assert_eq!(embedded_license(&mut Cursor::new(&written)).unwrap().as_deref(), Some(&b"{}"[..]));
}
