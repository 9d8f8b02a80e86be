//! What the builders of publications write, the probe reads; and putting a license back changes nothing else.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use restow_media::build::{Compression, PublicationBuilder, PublicationProtection, ZipBuilder, strip_license};
use restow_media::{
    EmbedError, EntryProblem, Format, Probe, ProbeError, System, Title, TitleSource, Warning, embed_license,
    embedded_license, probe,
};

const PACKAGES: [Format; 5] = [Format::Epub, Format::Audiobook, Format::Divina, Format::PdfPackage, Format::Webpub];
const LICENSE: &[u8] = br#"{"id":"b7a1","provider":"https://books.example"}"#;

fn read(file: &[u8]) -> Probe {
    probe(&mut Cursor::new(file)).unwrap()
}

fn epub(entries: &[(&str, &str)]) -> Probe {
    let zip = ZipBuilder::new().entry("mimetype", b"application/epub+zip", Compression::Stored);
    let zip =
        entries.iter().fold(zip, |zip, (name, content)| zip.entry(name, content.as_bytes(), Compression::Deflated));
    read(&zip.build())
}

const CONTAINER: (&str, &str) = (
    "META-INF/container.xml",
    "<container><rootfiles><rootfile full-path='x/y.opf' media-type='application/oebps-package+xml'/></rootfiles></container>",
);

fn opf(metadata: &str) -> Probe {
    let opf = format!("<package unique-identifier='u'><metadata>{metadata}</metadata></package>");
    epub(&[CONTAINER, ("x/y.opf", &opf)])
}

#[test]
fn the_package_document_is_named_by_a_url_or_by_its_name() {
    let opf = |title: &str| format!("<package><metadata><title>{title}</title></metadata></package>");
    let container = CONTAINER.1;
    for (path, name) in [
        ("O%20E/p%C3%A4.opf", "O E/p\u{e4}.opf"),
        ("O%20E/p.opf", "O%20E/p.opf"),
        ("100%/p.opf", "100%/p.opf"),
        ("100%/%70.opf", "100%/p.opf"),
        ("%zz/p%2", "%zz/p%2"),
    ] {
        let container = container.replace("x/y.opf", path);
        let found = epub(&[(CONTAINER.0, &container), (name, &opf("Here"))]);
        assert_eq!(found.title.map(|title| title.text).as_deref(), Some("Here"), "{path}");
        assert!(found.warnings.is_empty(), "{path}: {:?}", found.warnings);
    }
    // The name that stands there comes first, and what is no text names nothing.
    let container = container.replace("x/y.opf", "%61.opf");
    let both = epub(&[(CONTAINER.0, &container), ("a.opf", &opf("Decoded")), ("%61.opf", &opf("Literal"))]);
    assert_eq!(both.title.map(|title| title.text).as_deref(), Some("Literal"));
    let none = epub(&[(CONTAINER.0, &container.replace("%61", "%ff")), ("a.opf", &opf("x"))]);
    assert!(none.title.is_none() && !none.warnings.is_empty());
}

#[test]
fn a_license_is_put_into_a_book_whose_package_document_is_named_by_a_url() {
    let container = CONTAINER.1.replace("x/y.opf", "O%20E/y.opf");
    let opf =
        "<package unique-identifier='u'><metadata><identifier id='u'>urn:isbn:9</identifier></metadata></package>";
    let bare = ZipBuilder::new()
        .entry("mimetype", b"application/epub+zip", Compression::Stored)
        .entry(CONTAINER.0, container.as_bytes(), Compression::Deflated)
        .entry("O E/y.opf", opf.as_bytes(), Compression::Deflated)
        .build();
    let mut with = Vec::new();
    embed_license(&mut Cursor::new(&bare), LICENSE, &mut with).unwrap();
    let found = read(&with);
    assert_eq!((found.identifier.as_deref(), found.license_embedded), (Some("urn:isbn:9"), true));
    assert!(strip_license(&with).unwrap() == bare);
}

#[test]
fn every_kind_comes_back() {
    for format in PACKAGES.into_iter().chain([Format::Cbz]) {
        for protection in PublicationProtection::ALL {
            for compression in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
                for (license, zip64) in [(None, false), (Some(LICENSE), true), (Some(LICENSE), false)] {
                    let book = PublicationBuilder::new(format).title("Größe & — 第二章").author("A <A>").author("B");
                    let mut book =
                        book.protection(*protection).identifier("urn:isbn:9").compression(compression).zip64(zip64);
                    if let Some(license) = license {
                        book = book.license(license);
                    }
                    let file = book.build();
                    let found = read(&file);
                    let what = format!("{format} {protection} {compression:?} {zip64} {}", license.is_some());
                    let license = license.filter(|_| format != Format::Cbz);
                    assert_eq!(found.format, format, "{what}");
                    let title = Title { text: "Größe & — 第二章".to_owned(), source: TitleSource::Stated };
                    assert_eq!(found.title, Some(title), "{what}");
                    assert_eq!(found.author.as_deref(), Some("A <A>; B"), "{what}");
                    assert_eq!(found.identifier.as_deref(), Some("urn:isbn:9"), "{what}");
                    assert_eq!(found.license_embedded, license.is_some(), "{what}");
                    assert_eq!(found.license_id.as_deref(), license.map(|_| "b7a1"), "{what}");
                    assert!(found.key_ids.is_empty(), "{what}: LCP has no key IDs");

                    let mut systems = BTreeSet::new();
                    if license.is_some() || (*protection == PublicationProtection::Lcp && format != Format::Cbz) {
                        systems.insert(System::Lcp);
                    }
                    if *protection == PublicationProtection::Adept && format == Format::Epub {
                        systems.insert(System::Adept);
                    }
                    assert_eq!(found.systems, systems, "{what}");
                    let unknown = *protection == PublicationProtection::Unknown && format != Format::Cbz;
                    assert_eq!(found.protected, Some(unknown || !systems.is_empty()), "{what}");
                    let warnings = [Warning::SystemNotNamed];
                    let warned = usize::from(unknown && systems.is_empty());
                    assert_eq!(found.warnings, warnings.get(..warned).unwrap(), "{what}");
                    assert_eq!(embedded_license(&mut Cursor::new(&file)).unwrap().as_deref(), license, "{what}");
                }
            }
        }
    }
}

#[test]
fn other_zip_files_are_of_unknown_format_and_nothing_is_said_of_them() {
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
        assert_eq!(read(&zip), Probe::new(Format::Unknown), "{entries:?}");
        assert_eq!(embedded_license(&mut Cursor::new(&zip)).unwrap(), None);
        let refused = embed_license(&mut Cursor::new(&zip), LICENSE, &mut Vec::new()).unwrap_err();
        assert_eq!(refused.code(), "put-no-place");
    }
}

#[test]
fn metadata_of_books_in_all_its_forms() {
    // The main one of several titles, the one that is said to be an author of several makers, the ID that counts.
    let found = opf("<dc:title id='s'>A Series</dc:title><dc:title id='m'> The\n Title </dc:title>\
         <meta refines='#m' property='title-type'>main</meta><meta property='title-type'>main</meta>\
         <dc:creator id='i'>Painter</dc:creator><meta refines='#i' property='role' scheme='x'>ill</meta>\
         <dc:creator id='w'>Writer</dc:creator><meta refines='#w' property='role'>aut</meta><dc:creator>Another</dc:creator>\
         <dc:identifier>other</dc:identifier><dc:identifier id='u'>urn:x</dc:identifier>");
    assert_eq!(found.title.unwrap().text, "The  Title");
    assert_eq!(found.author.as_deref(), Some("Writer; Another"));
    assert_eq!(found.identifier.as_deref(), Some("urn:x"));
    assert_eq!((found.protected, found.warnings.len()), (Some(false), 0));

    // EPUB 2.
    let found = opf("<dc-metadata><Title>T</Title></dc-metadata><title>U</title>\
         <creator opf:role='edt'>Editor</creator><identifier>only</identifier><title>V</title>");
    assert_eq!(found.title.unwrap().text, "U");
    assert_eq!(found.author.as_deref(), Some("Editor"));
    assert_eq!(found.identifier.as_deref(), Some("only"));

    // A title outside of the metadata is none, and neither is an empty one.
    let found = opf("<title> </title></metadata><title>no</title><metadata>");
    assert_eq!((found.title, found.author, found.identifier), (None, None, None));

    // Many of everything, and endless ones.
    let many: String = (0..3000)
        .map(|n| format!("<creator id='c{n}'>{n}</creator><meta refines='#c{n}' property='role'>x</meta>"))
        .collect();
    let found = opf(&format!("{many}<title>{}</title>", "x".repeat(100_000)));
    assert_eq!(found.author.unwrap().split("; ").count(), 64);
    assert_eq!(found.title.unwrap().text.len(), 1024);
}

#[test]
fn what_is_missing_or_malformed_is_said() {
    let problem = |found: Probe| match found.warnings.as_slice() {
        [Warning::Entry { name, problem }] => (name.clone(), *problem, found.protected),
        other => panic!("{other:?}"),
    };
    let container = || CONTAINER.0.to_owned();
    assert_eq!(problem(epub(&[])), (container(), EntryProblem::Missing, Some(false)));
    assert_eq!(problem(epub(&[(CONTAINER.0, "<rootfile/>")])), (container(), EntryProblem::Malformed, Some(false)));
    assert_eq!(problem(epub(&[CONTAINER])), ("x/y.opf".to_owned(), EntryProblem::Missing, Some(false)));
    let opf = ("x/y.opf", "<package><metadata><title>T</title></metadata></package>");
    let cut = ("x/y.opf", "<package><metadata><title>T</title>");
    assert_eq!(problem(epub(&[CONTAINER, cut])), ("x/y.opf".to_owned(), EntryProblem::Malformed, Some(false)));
    assert_eq!(epub(&[CONTAINER, cut]).title.unwrap().text, "T");

    // What is encrypted cannot be told then.
    let encryption = "META-INF/encryption.xml";
    let found = epub(&[CONTAINER, opf, (encryption, "<encryption><!-- ")]);
    assert_eq!(problem(found), (encryption.to_owned(), EntryProblem::Malformed, None));
    // But what was said before, was said.
    let lcp = "<RetrievalMethod URI='license.lcpl#/encryption/content_key'/><!-- ";
    let found = epub(&[CONTAINER, opf, (encryption, lcp)]);
    assert_eq!((found.protected, found.systems), (Some(true), BTreeSet::from([System::Lcp])));
    assert_eq!(epub(&[CONTAINER, opf, ("META-INF/sinf.xml", "")]).systems, BTreeSet::from([System::Fairplay]));

    let place = "META-INF/license.lcpl";
    let found = epub(&[CONTAINER, opf, (place, "no JSON")]);
    assert!(found.license_embedded && found.license_id.is_none());
    assert_eq!(problem(found), (place.to_owned(), EntryProblem::Malformed, Some(true)));

    // Two licenses: readers would take different ones, and so none is taken.
    let both = [("license.lcpl", "{\"id\":\"1\"}"), ("license.lcpl", "{\"id\":\"2\"}")];
    let zip =
        both.iter().fold(ZipBuilder::new(), |zip, (name, body)| zip.entry(name, body.as_bytes(), Compression::Stored));
    let found = read(&zip.clone().build());
    let twice = Warning::Entry { name: "license.lcpl".to_owned(), problem: EntryProblem::Duplicate };
    assert!(found.warnings.contains(&twice) && found.license_embedded && found.protected == Some(true));
    assert!(
        embedded_license(&mut Cursor::new(zip.clone().build())).unwrap_err().to_string().contains("more than once")
    );
    let refused = embed_license(&mut Cursor::new(zip.build()), LICENSE, &mut Vec::new()).unwrap_err();
    assert!(matches!(refused, EmbedError::Damaged(warning) if warning == twice));
}

#[test]
fn a_license_that_does_not_unpack_is_inside_all_the_same() {
    for format in PACKAGES {
        for compression in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
            let builder =
                PublicationBuilder::new(format).protection(PublicationProtection::Lcp).compression(compression);
            // Nothing to compress, so that a piece of it stands there as it is.
            let license = br#"{"id":"Zq8-jK","provider":"https://x.example"}"#;
            let mut file = builder.license(license).build();
            let at = positions_of(&file, b"Zq8-jK").first().copied().unwrap();
            *file.get_mut(at).unwrap() ^= 1;
            let found = read(&file);
            assert!(found.license_embedded && found.protected == Some(true), "{format:?} {compression:?}");
            assert_eq!((found.license_id, found.license_provider), (None, None));
            let name = if format == Format::Epub { "META-INF/license.lcpl" } else { "license.lcpl" };
            let damaged = Warning::Entry { name: name.to_owned(), problem: EntryProblem::Damaged };
            assert!(found.warnings.contains(&damaged), "{:?}", found.warnings);
            let error = embedded_license(&mut Cursor::new(&file)).unwrap_err();
            assert!(matches!(error, ProbeError::Package(warning) if warning == damaged));
            // Another can take its place, and every other byte stays.
            let mut with = Vec::new();
            embed_license(&mut Cursor::new(&file), LICENSE, &mut with).unwrap();
            assert_eq!(embedded_license(&mut Cursor::new(&with)).unwrap().as_deref(), Some(LICENSE));
            assert!(strip_license(&with).unwrap() == strip_license(&file).unwrap());
        }
    }
}

#[test]
fn a_license_without_a_manifest_is_a_license() {
    let file = ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Deflated).build();
    let found = read(&file);
    assert_eq!((found.format, found.license_id.as_deref()), (Format::Webpub, Some("b7a1")));
    assert_eq!(found.warnings, [Warning::Entry { name: "manifest.json".to_owned(), problem: EntryProblem::Missing }]);
    assert_eq!(embedded_license(&mut Cursor::new(file)).unwrap().as_deref(), Some(LICENSE));
}

#[test]
fn comics_may_be_called_by_their_series() {
    let comic = |info: &str| {
        let zip = ZipBuilder::new().entry("p/01.JPG", b"x", Compression::Stored).entry(
            "__MACOSX/p/._01",
            b"x",
            Compression::Stored,
        );
        read(
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
fn names_that_lead_out_are_warned_of() {
    let file = ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Stored);
    for name in ["../x", "/x", "a/../../x", "C:x"] {
        let found = read(&file.clone().entry(name, b"", Compression::Stored).build());
        assert!(found.warnings.contains(&Warning::PathTraversal), "{name}");
    }
}

/// Notes what was read, and from how many places.
struct Meter {
    inner: Cursor<Vec<u8>>,
    bytes: usize,
}

impl Read for Meter {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.bytes += len;
        Ok(len)
    }
}

impl Seek for Meter {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn content_is_not_read() {
    let zip = ZipBuilder::new().entry("mimetype", b"application/epub+zip", Compression::Stored);
    let zip = zip.entry(CONTAINER.0, CONTAINER.1.as_bytes(), Compression::Deflated);
    let zip = zip.entry("x/y.opf", b"<package><metadata><title>T</title></metadata>", Compression::Deflated);
    let file = zip.entry("film.mp4", &vec![7; 10_000_000], Compression::Stored).build();
    let mut meter = Meter { inner: Cursor::new(file), bytes: 0 };
    assert_eq!(probe(&mut meter).unwrap().title.unwrap().text, "T");
    assert!(meter.bytes < 4096, "{} bytes", meter.bytes);
}

/// Where in a file these bytes stand.
fn positions_of(file: &[u8], part: &[u8]) -> Vec<usize> {
    file.windows(part.len()).enumerate().filter(|(_, window)| *window == part).map(|(at, _)| at).collect()
}

#[test]
fn a_license_goes_in_and_out_and_every_other_byte_stays() {
    for format in PACKAGES {
        for compression in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
            for zip64 in [false, true] {
                let builder = PublicationBuilder::new(format).compression(compression).zip64(zip64);
                let (clear, licensed) = (builder.build(), builder.clone().license(LICENSE).build());
                let what = format!("{format} {compression:?} {zip64}");
                // Out: as if it never was there.
                assert_eq!(strip_license(&licensed).unwrap(), clear, "{what}");
                assert_eq!(strip_license(&clear).unwrap(), clear, "{what}");

                // In: at the end, behind what was there.
                let mut back = Vec::new();
                embed_license(&mut Cursor::new(&clear), LICENSE, &mut back).unwrap();
                assert_eq!(strip_license(&back).unwrap(), clear, "{what}");
                assert_eq!(embedded_license(&mut Cursor::new(&back)).unwrap().as_deref(), Some(LICENSE), "{what}");
                let found = read(&back);
                assert_eq!((found.warnings.len(), found.license_id.as_deref()), (0, Some("b7a1")), "{what}");

                // Another in its place, longer and shorter, and back again.
                for other in [&[b' '; 4000][..], b"{}"] {
                    let mut replaced = Vec::new();
                    embed_license(&mut Cursor::new(&licensed), other, &mut replaced).unwrap();
                    assert_eq!(
                        embedded_license(&mut Cursor::new(&replaced)).unwrap().as_deref(),
                        Some(other),
                        "{what}"
                    );
                    assert_eq!(strip_license(&replaced).unwrap(), clear, "{what}");
                    let mut again = Vec::new();
                    embed_license(&mut Cursor::new(&replaced), LICENSE, &mut again).unwrap();
                    // It stands where it stood: as in a package in which it was stored as it is.
                    let name = if format == Format::Epub { &b"META-INF/license.lcpl"[..] } else { b"license.lcpl" };
                    let (here, there) = (positions_of(&again, name), positions_of(&licensed, name));
                    assert_eq!(here.len(), there.len(), "{what}");
                    assert_eq!(here.first(), there.first(), "{what}");
                    if compression == Compression::Stored && !zip64 {
                        assert_eq!(again, licensed, "{what}");
                    }
                }
            }
        }
    }
}

#[test]
fn bytes_that_belong_to_nothing_stay() {
    let file = ZipBuilder::new()
        .entry("a.html", b"before", Compression::DeflatedWithDescriptor)
        .entry("license.lcpl", LICENSE, Compression::DeflatedWithDescriptor)
        .entry("b.html", b"behind", Compression::DeflatedWithDescriptor)
        .comment(b"A comment with PK\x05\x06 in it, and more than an end record has bytes.")
        .build();
    // Something between the last entry and the directory, and behind the comment.
    let at = *positions_of(&file, b"PK\x01\x02").first().unwrap();
    let mut odd = file.clone();
    odd.splice(at..at, *b"nobody's");
    let end = *positions_of(&odd, b"PK\x05\x06").first().unwrap() + 16;
    let start = u32::try_from(at + 8).unwrap().to_le_bytes();
    odd.splice(end..end + 4, start);
    odd.extend(b"\r\n");
    assert_eq!(embedded_license(&mut Cursor::new(&odd)).unwrap().as_deref(), Some(LICENSE));

    let without = strip_license(&odd).unwrap();
    assert!(without.ends_with(b"has bytes.\r\n"));
    assert_eq!(positions_of(&without, b"nobody's").len(), 1);
    assert_eq!(positions_of(&without, b"license.lcpl").len(), 0);
    // Nothing of its data descriptor is left: header, content and descriptor of the others follow each other.
    let neighbours = ZipBuilder::new().entry("a.html", b"before", Compression::DeflatedWithDescriptor);
    let neighbours = neighbours.entry("b.html", b"behind", Compression::DeflatedWithDescriptor).build();
    let entries = positions_of(&neighbours, b"PK\x01\x02");
    assert!(without.starts_with(neighbours.get(..*entries.first().unwrap()).unwrap()));
}

struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn what_cannot_be_read_or_written_is_said() {
    let file = PublicationBuilder::new(Format::Epub).license(LICENSE).build();
    let error = embed_license(&mut Cursor::new(&file), b"{}", &mut Full).unwrap_err();
    assert_eq!(error.code(), "put-write");
    // A directory that is not the last thing read: nothing is written of a package that is refused.
    let mut written = Vec::new();
    let cut = file.get(..file.len() - 1).unwrap();
    let error = embed_license(&mut Cursor::new(cut), b"{}", &mut written).unwrap_err();
    assert!(matches!(error, EmbedError::Damaged(Warning::NoDirectory)) && written.is_empty(), "{error}");
    let full = (0..65_534).fold(ZipBuilder::new().entry("license.lcpl", b"", Compression::Stored), |zip, _| {
        zip.entry("x", b"", Compression::Stored)
    });
    let full = full.build();
    let error = embed_license(&mut Cursor::new(&full), b"{}", &mut written).unwrap_err();
    assert!(matches!(error, EmbedError::TooLarge) && written.is_empty(), "{error}");
}
