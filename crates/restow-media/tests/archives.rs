//! Licenses in ZIP archives: the entries found and the bytes read.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use restow_media::build::{Compression, PublicationBuilder, PublicationProtection, ZipBuilder};
use restow_media::{EntryContent, EntryProblem, Format, Warning, ZipKind, open_zip};

const LICENSE: &[u8] = br#"{"id":"b7a1"}"#;

/// Reader that counts the bytes read.
struct CountingReader {
    file: Cursor<Vec<u8>>,
    read: usize,
}

impl Read for CountingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.file.read(buffer)?;
        self.read += len;
        Ok(len)
    }
}

impl Seek for CountingReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

fn json(name: &str, start: &[u8]) -> bool {
    name.ends_with(".json") || start.starts_with(b"{")
}

/// Returns the publications and selected entries, and the number of bytes read.
fn read_archive(file: Vec<u8>, limit: usize) -> (Vec<(String, EntryContent)>, usize) {
    let mut reader = CountingReader { file: Cursor::new(file), read: 0 };
    let Some(ZipKind::Archive(mut archive)) = open_zip(&mut reader).unwrap() else { panic!("an archive") };
    let mut found = Vec::new();
    while let Some(entry) = archive.next_entry(limit, &json).unwrap() {
        found.push((entry.name, entry.content));
    }
    (found, reader.read)
}

fn build_book(format: Format, license: Option<&[u8]>) -> Vec<u8> {
    let builder = PublicationBuilder::new(format).title("T").protection(PublicationProtection::Lcp);
    license.into_iter().fold(builder, PublicationBuilder::license).build()
}

/// Returns incompressible bytes.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(len).collect()
}

fn unreadable(name: &str, problem: EntryProblem) -> EntryContent {
    EntryContent::Unreadable(Warning::Entry { name: name.to_owned(), problem })
}

#[test]
fn entries_found_with_every_compression() {
    let formats = [Format::Epub, Format::Audiobook, Format::PdfPackage, Format::Divina, Format::Webpub];
    for compression in [Compression::Stored, Compression::Deflated, Compression::DeflatedWithDescriptor] {
        let nested = ZipBuilder::new().entry("a.lcpl", LICENSE, compression).build();
        let mut zip = ZipBuilder::new()
            .entry("books/", b"", Compression::Stored)
            .entry("books/license", LICENSE, compression)
            .entry("notes.txt", b"[1]", compression)
            .entry("empty", b"", compression)
            .entry("nested.zip", &nested, compression)
            .entry("apart", &build_book(Format::Epub, None), compression);
        for format in formats {
            zip = zip.entry(format.as_str(), &build_book(format, Some(LICENSE)), compression);
        }
        let mut expected = vec![
            ("books/license".to_owned(), EntryContent::Selected(LICENSE.to_vec())),
            ("nested.zip".to_owned(), unreadable("nested.zip", EntryProblem::NestedArchive)),
            ("apart".to_owned(), EntryContent::Publication(None)),
        ];
        let license = || EntryContent::Publication(Some(LICENSE.to_vec()));
        expected.extend(formats.map(|format| (format.as_str().to_owned(), license())));
        assert_eq!(read_archive(zip.build(), 100).0, expected, "{compression:?}");
    }
}

#[test]
fn macos_metadata_entries_skipped() {
    let zip = ZipBuilder::new()
        .entry("a.json", b"{}", Compression::Deflated)
        .entry("__MACOSX/._a.json", b"\0\x05\x16\x07\0\x02\0\0Mac OS X", Compression::Deflated)
        .entry("books/._b.json", b"{}", Compression::Stored)
        .entry("__MACOSX/c.epub", &build_book(Format::Epub, Some(LICENSE)), Compression::Stored)
        .entry("__MACOSX.json", b"{}", Compression::Stored);
    let names: Vec<_> = read_archive(zip.build(), 100).0.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a.json", "__MACOSX.json"]);
}

#[test]
fn overlapping_header_claims_read_nothing() {
    let zip =
        (0..2000).fold(ZipBuilder::new(), |zip, n| zip.entry(&format!("{n:04}"), b"{}", Compression::Stored)).build();
    let intact = read_archive(zip.clone(), 100);
    assert_eq!(intact.0.len(), 2000);
    let local: Vec<usize> = (0..zip.len() - 4).filter(|at| &zip[*at..*at + 4] == b"PK\x03\x04").collect();
    assert_eq!(local.len(), 2000);
    // A name or an extra field that covers all following entries.
    for field in [26, 28] {
        let mut zip = zip.clone();
        for at in &local {
            zip[at + field..at + field + 2].copy_from_slice(&[0xff, 0xff]);
        }
        let len = zip.len();
        let (found, read) = read_archive(zip, 100);
        assert!(found.is_empty() && read <= intact.1, "{field}: {read} of {len}");
    }
}

#[test]
fn archive_with_license_path_stays_archive() {
    let zip = ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Deflated).entry(
        "a.epub",
        &build_book(Format::Epub, Some(b"{}")),
        Compression::Stored,
    );
    let found = read_archive(zip.build(), 100).0;
    assert_eq!(found[0].1, EntryContent::Selected(LICENSE.to_vec()));
    assert_eq!(found[1].1, EntryContent::Publication(Some(b"{}".to_vec())));
}

#[test]
fn zip_kind_distinguishes_publication_and_archive() {
    for license in [None, Some(LICENSE)] {
        let mut file = Cursor::new(build_book(Format::Epub, license));
        let Some(ZipKind::Publication(embedded)) = open_zip(&mut file).unwrap() else { panic!("a publication") };
        assert_eq!(embedded.as_deref(), license);
    }
    for file in [&b""[..], b"PK", b"%PDF-1.7", LICENSE] {
        assert!(open_zip(&mut Cursor::new(file)).unwrap().is_none());
    }
}

#[test]
fn stored_publication_content_not_read() {
    let content = noise(8 << 20);
    let large = ZipBuilder::new()
        .entry("mimetype", b"application/epub+zip", Compression::Stored)
        .entry("content", &content, Compression::Stored)
        .entry("META-INF/license.lcpl", LICENSE, Compression::Deflated)
        .build();
    let file =
        ZipBuilder::new().entry("a", &large, Compression::Stored).entry("b", &content, Compression::Stored).build();
    let (found, read) = read_archive(file, 100);
    assert_eq!(found, [("a".to_owned(), EntryContent::Publication(Some(LICENSE.to_vec())))]);
    assert!(read < 100_000, "{read} bytes were read");
}

#[test]
fn oversized_entries_reported_unreadable() {
    // A compressed publication larger than the limit, and a bomb that states its size.
    let mut large = build_book(Format::Epub, Some(LICENSE));
    large.splice(0..0, noise(33 << 20));
    large[..4].copy_from_slice(b"PK\x03\x04");
    let mut bomb = vec![0; 4 << 20];
    bomb[..4].copy_from_slice(b"PK\x03\x04");
    let long = [LICENSE, &vec![b' '; 1000]].concat();
    let file = ZipBuilder::new()
        .entry("large.epub", &large, Compression::Deflated)
        .entry("bomb.epub", &bomb, Compression::Deflated)
        .entry("bomb", &bomb, Compression::Deflated)
        .entry("long.json", &long, Compression::Deflated)
        .entry("long", &long, Compression::Deflated)
        .build();
    let (found, _) = read_archive(file, 1000);
    let expected = [
        ("large.epub", EntryProblem::CompressedPublication),
        ("bomb.epub", EntryProblem::CompressedPublication),
        ("long.json", EntryProblem::TooLarge),
    ];
    assert_eq!(found, expected.map(|(name, problem)| (name.to_owned(), unreadable(name, problem))));
}

#[test]
fn damaged_selected_entries_reported() {
    let cut = |file: Vec<u8>| file[..file.len() - 5].to_vec();
    let file = ZipBuilder::new()
        .entry("a.json", LICENSE, Compression::Stored)
        .entry("b.epub", &cut(build_book(Format::Epub, Some(LICENSE))), Compression::Stored)
        .entry("c", &cut(build_book(Format::Epub, Some(LICENSE))), Compression::Deflated)
        .entry("d", &cut(ZipBuilder::new().entry("x", b"x", Compression::Stored).build()), Compression::Stored)
        .build();
    let mut damaged = file.clone();
    let at = file.windows(LICENSE.len()).position(|window| window == LICENSE).unwrap();
    damaged[at + 2] ^= 1;
    let no_directory = || EntryContent::Unreadable(Warning::NoDirectory);
    let first = |content| ("a.json".to_owned(), content);
    let rest = [("b.epub".to_owned(), no_directory()), ("c".to_owned(), no_directory())];
    assert_eq!(
        read_archive(file, 100).0,
        [vec![first(EntryContent::Selected(LICENSE.to_vec()))], rest.to_vec()].concat()
    );
    assert_eq!(
        read_archive(damaged, 100).0,
        [vec![first(unreadable("a.json", EntryProblem::Damaged))], rest.to_vec()].concat()
    );
}

#[test]
fn damaged_archive_never_panics() {
    let file = ZipBuilder::new()
        .entry("a.json", LICENSE, Compression::Deflated)
        .entry("b", &build_book(Format::Audiobook, Some(LICENSE)), Compression::Stored)
        .entry("c", &build_book(Format::Epub, Some(LICENSE)), Compression::DeflatedWithDescriptor)
        .build();
    let read_all = |file: &[u8]| {
        let mut reader = CountingReader { file: Cursor::new(file.to_vec()), read: 0 };
        if let Ok(Some(ZipKind::Archive(mut archive))) = open_zip(&mut reader) {
            while archive.next_entry(1000, &json).unwrap().is_some() {}
        }
        assert!(reader.read < 64 * file.len().max(1000), "{}", reader.read);
    };
    for at in 0..file.len() {
        read_all(&file[..at]);
        for value in [0, 0xFF, file[at] ^ 1] {
            let mut damaged = file.clone();
            damaged[at] = value;
            read_all(&damaged);
        }
    }
}
