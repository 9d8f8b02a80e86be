//! Hostile packages cause no panic, endless read, or excessive memory use, and embedding gives a valid package.
//!
//! A single test function, so that no other test affects the memory measurement.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::io::{self, Cursor, Read, Seek, SeekFrom};

use restow_media::build::{Compression, PublicationBuilder, PublicationProtection, ZipBuilder, strip_license};
use restow_media::{EntryProblem, Format, Probe, ProbeError, Warning, embed_license, embedded_license, probe};

const LICENSE: &[u8] = br#"{"id":"b7a1"}"#;
const END: &[u8] = b"PK\x05\x06";
const RECORD: &[u8] = b"PK\x01\x02";

/// Deterministic generator, so that failures are reproducible.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }
}

fn build_files() -> Vec<Vec<u8>> {
    let formats = [Format::Epub, Format::Audiobook, Format::Cbz, Format::Webpub];
    let compressions = [
        Compression::Deflated,
        Compression::DeflatedWithDescriptor,
        Compression::Stored,
        Compression::DeflatedWithDescriptor,
    ];
    let book = |number: usize| {
        let book = PublicationBuilder::new(formats[number]).title("T").author("A").compression(compressions[number]);
        book.protection(PublicationProtection::Lcp).zip64(number == 3).license(LICENSE).build()
    };
    (0..4).map(book).collect()
}

fn find(file: &[u8], part: &[u8]) -> usize {
    file.windows(part.len()).position(|window| window == part).unwrap()
}

fn patched(file: &[u8], at: usize, value: &[u8]) -> Vec<u8> {
    let mut copy = file.to_vec();
    copy[at..at + value.len()].copy_from_slice(value);
    copy
}

/// Probes a file and checks the invariants of every result.
fn check(file: &[u8]) -> Probe {
    let found = probe(&mut Cursor::new(file)).unwrap();
    assert!(found.warnings.len() <= 32 && found.key_ids.is_empty());
    let texts = [&found.author, &found.album, &found.identifier, &found.license_id];
    for text in texts.into_iter().flatten().chain(found.title.iter().map(|title| &title.text)) {
        assert!(!text.contains(char::is_control) && text.chars().count() <= 1100, "{text:?}");
    }
    for warning in &found.warnings {
        assert!(!warning.to_string().contains(char::is_control));
    }
    let embedded = embedded_license(&mut Cursor::new(file));
    let damaged = match &embedded {
        Err(ProbeError::Package(Warning::Entry { .. } | Warning::EntryTooLarge { .. })) => true,
        // In a package without a directory, the name of the license shows that there is one.
        Err(ProbeError::Package(_)) => found.license_embedded,
        // Other bytes may hide the start of such a package.
        Ok(None) if !file.starts_with(b"PK") => found.license_embedded,
        _ => false,
    };
    assert_eq!(found.license_embedded, damaged || matches!(embedded, Ok(Some(_))));
    assert!(found.protected.is_some() || found.format == Format::Unknown || found.unknown_because.is_some());

    // An embedded license can be read and removed again.
    let mut output = Vec::new();
    if embed_license(&mut Cursor::new(file), b"another", &mut output).is_ok() {
        assert_eq!(embedded_license(&mut Cursor::new(&output)).unwrap().as_deref(), Some(&b"another"[..]));
        assert_eq!(strip_license(&output).unwrap(), strip_license(file).unwrap());
    }
    found
}

fn check_damage(file: &[u8], random: &mut Random) {
    let intact = check(file);
    for len in 0..file.len() {
        let found = check(&file[..len]);
        // Without its directory a package gives the damage warning only, and is never clear.
        assert_eq!((found.protected == Some(false), found.title), (false, None), "{len}");
        assert!(found.format == Format::Unknown || found.warnings == [Warning::NoDirectory], "{len}");
        // Trailing bytes change nothing.
        let extended = [file, &file[..len.min(200)]].concat();
        if len % 16 == 0 && !extended.ends_with(END) {
            assert_eq!(check(&extended).format, intact.format, "{len}");
        }
    }
    for at in 0..file.len() {
        for value in [0xff, file[at] ^ 1] {
            check(&patched(file, at, &[value]));
        }
    }
    let directory = find(file, RECORD);
    for at in directory..file.len() {
        for width in [2, 4, 8] {
            for value in [1, u64::MAX - 15] {
                let end = (at + width).min(file.len());
                check(&patched(file, at, &value.to_le_bytes()[..end - at]));
            }
        }
    }
    for _ in 0..1000 {
        let mut copy = file.to_vec();
        for _ in 0..=random.below(6) {
            let at = random.below(copy.len());
            copy[at] = random.next().to_le_bytes()[0];
        }
        check(&copy);
    }
}

fn has_problem(found: &Probe, expected: EntryProblem) -> bool {
    found.warnings.iter().any(|warning| matches!(warning, Warning::Entry { problem, .. } if *problem == expected))
}

/// Packages with entries that decompress to far more than the limit.
struct Bombs {
    /// Decompressed size of the large entries, in bytes.
    size: usize,
    /// Packages that state the large size.
    honest: Vec<Vec<u8>>,
    /// Packages that state a small size.
    dishonest: Vec<Vec<u8>>,
    /// Package with a large rest after the title.
    title: Vec<u8>,
    /// Package with a large encryption document.
    encryption: Vec<u8>,
}

impl Bombs {
    fn build() -> Self {
        // A size that occurs nowhere else in the file.
        let large = vec![b' '; 0x0212_3457];
        let license = ZipBuilder::new().entry("META-INF/license.lcpl", &large, Compression::Deflated);
        let container = ZipBuilder::new().entry("META-INF/license.lcpl", LICENSE, Compression::Stored);
        let container = container.entry("META-INF/container.xml", &large, Compression::DeflatedWithDescriptor);
        let honest = vec![license.build(), container.build()];
        let size = u32::try_from(large.len()).unwrap().to_le_bytes();
        let understate = |bomb: &Vec<u8>| {
            let mut dishonest_bomb = bomb.clone();
            while let Some(at) = dishonest_bomb.windows(4).position(|window| window == size) {
                dishonest_bomb = patched(&dishonest_bomb, at, &100_u32.to_le_bytes());
            }
            dishonest_bomb
        };
        let dishonest = honest.iter().map(understate).collect();
        let opf = [&b"<package><metadata><title>T</title></metadata>"[..], &large].concat();
        let epub = ZipBuilder::new()
            .entry("mimetype", b"application/epub+zip", Compression::Stored)
            .entry("META-INF/container.xml", CONTAINER, Compression::Deflated)
            .entry("a.opf", &opf, Compression::Deflated);
        let encryption = epub.clone().entry("META-INF/encryption.xml", &large, Compression::Deflated).build();
        Self { size: large.len(), honest, dishonest, title: epub.build(), encryption }
    }

    fn check(&self) {
        let is_too_large = |warning: &Warning| matches!(warning, Warning::EntryTooLarge { .. });
        for bomb in &self.honest {
            assert!(bomb.len() < self.size / 100);
            assert!(check(bomb).warnings.iter().any(is_too_large), "{:?}", check(bomb));
        }
        for bomb in &self.dishonest {
            assert!(has_problem(&check(bomb), EntryProblem::Damaged), "{:?}", check(bomb));
        }
        // Documents that are read in part may have any size.
        let found = check(&self.title);
        assert_eq!((found.title.unwrap().text.as_str(), found.warnings.len()), ("T", 0));
        assert_eq!(check(&self.encryption).protected, None);
    }
}

const CONTAINER: &[u8] = br#"<rootfile media-type="application/oebps-package+xml" full-path="a.opf"/>"#;

/// Tests entries that share bytes and sizes that contradict each other.
fn check_overlaps() {
    let file = ZipBuilder::new()
        .entry("license.lcpl", LICENSE, Compression::Stored)
        .entry("b", b"bbbb", Compression::Stored)
        .build();
    let (start, end) = (find(&file, RECORD), find(&file, END));
    let record = start + 46 + "license.lcpl".len();
    let refused = |file: &[u8], warning: Warning| {
        let found = check(file);
        // The name of the license shows that there is one.
        assert_eq!((found.format, found.protected), (Format::Webpub, Some(true)));
        assert_eq!(found.warnings, [warning]);
    };
    // The second entry is the first one.
    refused(&patched(&file, record + 42, &[0; 4]), Warning::EntriesOverlap);
    // The first entry reaches into the second, far beyond, or into the directory.
    for compressed in [LICENSE.len() as u32 + 1, u32::MAX - 1] {
        let sizes = [compressed.to_le_bytes(), compressed.to_le_bytes()].concat();
        refused(&patched(&file, start + 20, &sizes), Warning::EntriesOverlap);
    }
    refused(&patched(&file, record + 20, &[5, 0, 0, 0, 5, 0, 0, 0]), Warning::EntriesOverlap);
    refused(&patched(&file, record + 42, &u32::try_from(end).unwrap().to_le_bytes()), Warning::EntriesOverlap);
    // A saturated size without an extra field.
    let malformed = |object| Warning::MalformedObject { object };
    refused(&patched(&file, start + 20, &[0xff; 4]), malformed("central directory"));
    // More or fewer records than stated, and a directory with a wrong end, offset or signature.
    for count in [0, 1, 3, 1000_u16] {
        let count = [count.to_le_bytes(), count.to_le_bytes()].concat();
        refused(&patched(&file, end + 8, &count), malformed("central directory"));
    }
    for (at, value) in [(8, 1), (12, 7), (12, u32::MAX), (16, 0), (16, u32::MAX), (4, 1), (6, 1)] {
        refused(&patched(&file, end + at, &value.to_le_bytes()[..2]), malformed("end of central directory record"));
    }
    refused(&patched(&file, start, b"PK\x03\x04"), malformed("central directory"));
    // Local headers that contradict the directory.
    for (at, value) in
        [(8, &[8, 0][..]), (14, &[0; 4]), (18, &[1, 0]), (22, &[9, 9]), (26, &[11]), (28, &[9]), (30, b"L")]
    {
        let found = check(&patched(&file, at, value));
        assert_eq!(found.warnings.last(), Some(&entry(EntryProblem::HeaderMismatch)), "{at}");
    }
    assert_eq!(check(&patched(&file, 6, &[1])).warnings.last(), Some(&entry(EntryProblem::PasswordProtected)));
    for method in [1, 12, 14, 93, 99] {
        let other = patched(&patched(&file, 8, &[method]), start + 10, &[method]);
        assert_eq!(check(&other).warnings.last(), Some(&entry(EntryProblem::UnsupportedCompression)));
    }
    // Content that does not match its checksum.
    let content = find(&file, LICENSE);
    assert_eq!(check(&patched(&file, content + 3, b"x")).warnings.last(), Some(&entry(EntryProblem::Damaged)));
}

fn entry(problem: EntryProblem) -> Warning {
    Warning::Entry { name: "license.lcpl".to_owned(), problem }
}

/// Tests end records in comments, after other data, and in zip64 form.
fn check_end_records() {
    let builder = ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Stored);
    let plain = builder.clone().build();
    let end = &plain[find(&plain, END)..];
    // Comments that are, contain, or consist of end records, none of them valid.
    for comment in [end.to_vec(), [end, end, b"x"].concat(), END.repeat(16_383), vec![b'P'; 65_535]] {
        let found = check(&builder.clone().comment(&comment).build());
        assert_eq!(found.license_id.as_deref(), Some("b7a1"));
    }
    // A comment with a whole directory: the last valid one counts, as in other readers.
    let mut other = builder.clone().comment(&[b'x'; 100]).build();
    let at = other.len() - 100;
    let hidden =
        [&plain[find(&plain, RECORD)..find(&plain, END)], &patched(end, 16, &u32::try_from(at).unwrap().to_le_bytes())];
    other.truncate(at);
    other.extend(hidden.concat());
    assert_eq!(check(&other).license_id.as_deref(), Some("b7a1"));

    // Other data may precede a package. It is said, and nothing is written into such a package.
    for other in [&b"junk"[..], &plain] {
        let found = check(&[other, &plain].concat());
        assert_eq!(found.license_id.as_deref(), Some("b7a1"));
        assert!(found.warnings.contains(&Warning::LeadingBytes { len: other.len() as u64 }));
    }
    // Offsets that lead elsewhere are wrong, not moved.
    let moved = patched(&plain, find(&plain, END) + 16, &[1, 0, 0, 0]);
    assert_eq!(check(&moved).warnings, [Warning::MalformedObject { object: "end of central directory record" }]);

    // Contradicting zip64 records.
    let wide = builder.zip64(true).build();
    assert_eq!(check(&wide).license_id.as_deref(), Some("b7a1"));
    let (record, locator) = (find(&wide, b"PK\x06\x06"), find(&wide, b"PK\x06\x07"));
    for at in [4, 16, 20, 24, 32, 40, 48] {
        for value in [u64::MAX, 1 << 40, 7] {
            assert!(check(&patched(&wide, record + at, &value.to_le_bytes())).license_id.is_none(), "{at}");
        }
    }
    for value in [u64::MAX, 0, locator as u64] {
        assert!(check(&patched(&wide, locator + 8, &value.to_le_bytes())).license_id.is_none());
    }
    let end = find(&wide, END);
    for at in [8, 12, 16] {
        assert!(check(&patched(&wide, end + at, &[9, 0, 9, 0])).license_id.is_none(), "{at}: two records disagree");
    }
}

/// Sparse file: its first and last bytes, and zeros between.
struct SparseReader {
    start: Vec<u8>,
    end: Vec<u8>,
    len: u64,
    at: u64,
    read: u64,
}

impl Read for SparseReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end_at = self.len - self.end.len() as u64;
        let mut filled = 0;
        for byte in buffer.iter_mut() {
            let Some(remaining) = self.len.checked_sub(self.at).filter(|remaining| *remaining > 0) else { break };
            *byte = match usize::try_from(self.at).ok().and_then(|at| self.start.get(at)) {
                Some(byte) => *byte,
                None if self.at >= end_at => self.end[self.end.len() - usize::try_from(remaining).unwrap()],
                None => 0,
            };
            self.at += 1;
            filled += 1;
        }
        self.read += filled as u64;
        Ok(filled)
    }
}

impl Seek for SparseReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(0) => self.len,
            _ => return Err(io::ErrorKind::Unsupported.into()),
        };
        Ok(self.at)
    }
}

/// Tests packages that really have a huge stated size, which must not be read.
fn check_huge_packages() {
    let wide = ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Stored).zip64(true).build();
    let start = wide[..find(&wide, RECORD)].to_vec();
    let ends = &wide[find(&wide, b"PK\x06\x06")..];
    for (entries, size) in
        [(10_000_000_u64, 10_000_000 * 46_u64), (1, 1 << 40), (262_145, 262_145 * 46), (u64::MAX, 46)]
    {
        let ends = patched(ends, 24, &[entries.to_le_bytes(), entries.to_le_bytes(), size.to_le_bytes()].concat());
        let at = start.len() as u64 + size;
        let locator = find(&ends, b"PK\x06\x07");
        let end = patched(&ends, locator + 8, &at.to_le_bytes());
        let mut huge = SparseReader { len: at + end.len() as u64, start: start.clone(), end, at: 0, read: 0 };
        let found = probe(&mut huge).unwrap();
        assert!(
            matches!(found.warnings.as_slice(), [Warning::HeaderTooLarge { .. }]),
            "{entries}: {:?}",
            found.warnings
        );
        assert!(huge.read < 200_000, "{} bytes", huge.read);
    }
}

/// Packages at the limits of the reader.
struct LimitPackages {
    entries: Vec<u8>,
    names: Vec<u8>,
    values: Vec<u8>,
    depth: Vec<u8>,
}

impl LimitPackages {
    fn build() -> Self {
        let licensed = || ZipBuilder::new().entry("license.lcpl", LICENSE, Compression::Stored);
        let manifest =
            |text: &str| ZipBuilder::new().entry("manifest.json", text.as_bytes(), Compression::Deflated).build();
        let name = "/../".repeat(16_000);
        let values = format!("{{\"readingOrder\":[],\"metadata\":{{\"author\":[{}0]}}}}", "[],".repeat(690_000));
        Self {
            entries: (1..1 << 16)
                .fold(licensed(), |zip, _| zip.entry("p", b"", Compression::Stored))
                .zip64(true)
                .build(),
            names: (0..200).fold(licensed(), |zip, _| zip.entry(&name, b"", Compression::Stored)).build(),
            values: manifest(&values),
            depth: manifest(&format!("{{\"readingOrder\":{}", "[".repeat(1 << 20))),
        }
    }

    fn check(&self) {
        for file in [&self.entries, &self.names] {
            assert_eq!(check(file).license_id.as_deref(), Some("b7a1"));
        }
        assert_eq!(check(&self.values).format, Format::Webpub);
        assert_eq!(check(&self.depth).format, Format::Unknown);
    }
}

/// Runs `work` and fails if it needs more than this many MiB of additional memory, if the system reports that.
fn assert_memory(mib: u64, work: impl FnOnce()) {
    let memory_kib = |name: &str| -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse().ok()
    };
    // Resets the peak memory.
    let reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = memory_kib("VmRSS:");
    work();
    if let (true, Some(before), Some(after)) = (reset, before, memory_kib("VmHWM:")) {
        let kib = after.saturating_sub(before);
        assert!(kib < mib * 1024, "{kib} KiB");
    }
}

#[test]
fn hostile_packages_keep_memory_limit() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let files = build_files();
    check(&files[0]);
    assert_memory(8, || {
        check_overlaps();
        check_end_records();
        files.iter().for_each(|file| check_damage(file, &mut random));
    });
    let bombs = Bombs::build();
    assert_memory(16, || bombs.check());
    assert_memory(8, check_huge_packages);
    let limits = LimitPackages::build();
    assert_memory(128, || limits.check());
}
