//! Hostile input causes no panic, endless read, or excessive memory use.
//!
//! A single test function, so that no other test affects the memory measurement.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek, SeekFrom};

use restow_media::build::{
    AsfBuilder, Carrier, ObjectOrder, Protection, ProtectionKind, TitleObject, splice_protection,
};
use restow_media::{KeyId, Probe, Warning, probe};

/// Maximum size of a header, in bytes.
const MAX_HEADER: u64 = 16 << 20;

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

/// Returns small files that together have every object and option.
fn build_files() -> Vec<Vec<u8>> {
    let places =
        [TitleObject::ContentDescription, TitleObject::ExtendedContentDescription, TitleObject::MetadataLibrary];
    let orders = [ObjectOrder::EncryptionLast, ObjectOrder::EncryptionFirst, ObjectOrder::StreamsLast];
    let mut files = vec![AsfBuilder::new().title("T").packets(1).build()];
    for (number, kind) in ProtectionKind::ALL.iter().enumerate() {
        let protection = Protection::new(*kind, KeyId::Uuid([9; 16]))
            .license_url("https://a/?b=1&c=2")
            .byte_order_mark(number % 2 == 0)
            .carrier(if number == 5 { Carrier::Unknown } else { Carrier::ExtendedContentEncryption });
        let file = AsfBuilder::new().title("Title").author("Author").album("Album").track(7).packets(1);
        files.push(file.title_object(places[number % 3]).order(orders[number / 2]).protection(protection).build());
    }
    files
}

fn header_len(file: &[u8]) -> usize {
    usize::try_from(u64::from_le_bytes(file[16..24].try_into().unwrap())).unwrap()
}

/// Probes a file and checks the invariants of every result.
fn check(file: &[u8]) -> Probe {
    let found = probe(&mut Cursor::new(file)).unwrap();
    assert!(found.warnings.len() <= 32 && found.license_urls.len() <= 16 && found.key_ids.len() <= 1024);
    assert!(found.key_ids.is_sorted());
    let texts = [&found.author, &found.album, &found.header_version];
    let texts = texts.into_iter().flatten().chain(found.title.iter().map(|title| &title.text));
    for text in texts.chain(&found.license_urls).chain(&found.raw_key_ids) {
        assert!(!text.contains(char::is_control) && text.chars().count() <= 4096, "{text:?}");
    }
    for warning in &found.warnings {
        assert!(!warning.to_string().contains(char::is_control));
    }
    for id in &found.key_ids {
        assert_eq!(KeyId::from_bytes(&id.to_bytes()).as_ref(), Some(id));
        assert_eq!(id.to_string().parse().as_ref(), Ok(id));
    }
    found
}

fn check_truncations(file: &[u8]) {
    let intact = check(file);
    let header = header_len(file);
    for len in 0..file.len() {
        let found = check(&file[..len]);
        if len < header && len >= 16 {
            assert!(!found.warnings.is_empty(), "{len}");
            assert_ne!(found.protected, Some(false), "{len}");
        } else if len >= header {
            assert_eq!((found.protected, &found.key_ids), (intact.protected, &intact.key_ids), "{len}");
        }
        assert!(found.key_ids.iter().all(|id| intact.key_ids.contains(id)), "{len}: a cut key ID");
        assert!(found.license_urls.iter().all(|url| intact.license_urls.contains(url)), "{len}: a cut URL");
    }
}

fn check_bit_flips(file: &[u8], random: &mut Random, rounds: usize) {
    let header = header_len(file);
    for _ in 0..rounds {
        let mut copy = file.to_vec();
        for _ in 0..=random.below(6) {
            let at = random.below(header);
            copy[at] = match random.below(4) {
                0 => copy[at] ^ (1 << random.below(8)),
                1 => 0xff,
                2 => 0,
                _ => random.next().to_le_bytes()[0],
            };
        }
        check(&copy);
        // Splicing parses the same bytes and must not panic either.
        let _ = splice_protection(&copy, &Protection::new(ProtectionKind::Wmdrm, KeyId::Uuid([1; 16])));
    }
}

/// Sets every 16-, 32- and 64-bit field, at any position, to extreme values.
fn check_extreme_fields(file: &[u8]) {
    for at in 16..header_len(file) {
        for width in [2, 4, 8] {
            for value in [0_u64, 1, 23, 0x7fff_ffff, u64::MAX, u64::MAX - 15] {
                let mut copy = file.to_vec();
                let end = (at + width).min(copy.len());
                copy[at..end].copy_from_slice(&value.to_le_bytes()[..end - at]);
                check(&copy);
            }
        }
    }
}

/// Returns a header of `objects` with the stated size `claim`.
fn header(claim: u64, objects: &[u8]) -> Vec<u8> {
    let clear = AsfBuilder::new().build();
    [&clear[..16], &claim.to_le_bytes(), &[1, 0, 0, 0, 1, 2], objects].concat()
}

/// Reader that records the largest buffer.
struct BufferMeter {
    inner: Cursor<Vec<u8>>,
    largest: usize,
}

impl Read for BufferMeter {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.largest = self.largest.max(buffer.len());
        self.inner.read(buffer)
    }
}

impl Seek for BufferMeter {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

fn check_stated_sizes() {
    for claim in [0, 1, 29] {
        assert_eq!(check(&header(claim, &[0; 100])).warnings, [Warning::HeaderTooSmall { stated: claim }]);
    }
    for claim in [MAX_HEADER + 1, 1 << 40, u64::MAX] {
        let found = check(&header(claim, &[0; 100]));
        assert_eq!(found.warnings, [Warning::HeaderTruncated { stated: claim, found: 130 }]);
        assert_eq!(found.protected, None);
    }

    // A small file with the largest accepted size must not cost that much memory.
    let mut reader = BufferMeter { inner: Cursor::new(header(MAX_HEADER, &[0; 100])), largest: 0 };
    let found = probe(&mut reader).unwrap();
    assert_eq!(found.warnings.first(), Some(&Warning::HeaderTruncated { stated: MAX_HEADER, found: 130 }));
    assert_eq!(reader.largest, 100);

    // A larger header, full of objects that are small.
    let object = [&[7; 16][..], &24_u64.to_le_bytes()].concat();
    let large = header(MAX_HEADER + 30, &object.repeat(usize::try_from(MAX_HEADER / 24 + 1).unwrap()));
    let found = check(&large);
    assert_eq!(found.protected, None);
    assert!(found.warnings.contains(&Warning::HeaderTooLarge { stated: MAX_HEADER + 30, limit: MAX_HEADER }));

    // The largest header, full of objects or of headers to find.
    let len = usize::try_from(MAX_HEADER).unwrap() - 30;
    let object = [&[7; 16][..], &24_u64.to_le_bytes()].concat();
    check(&header(MAX_HEADER, &object.repeat(len / 24)));
    let mark: Vec<u8> = "<WRMHEADER".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&header(MAX_HEADER, &mark.repeat(len / mark.len())));
    check(&header(MAX_HEADER, &vec![b'<'; len]));
    check(&many_key_ids(len));
}

/// Returns objects with as many protection headers as fit, all with the same thousand key IDs.
fn many_key_ids(room: usize) -> Vec<u8> {
    let key_ids: String = (1000..2000).map(|n| format!("<KID>{n}</KID>")).collect();
    let xml = format!("<WRMHEADER version=\"2.0.0.0\">{}", key_ids.repeat(250_000 / key_ids.len()));
    let len = |len: usize| u32::try_from(len).unwrap().to_le_bytes();
    // The Extended Content Encryption Object.
    let guid = *b"\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c";
    let object = [&guid[..], &len(xml.len() + 28), &[0; 4], &len(xml.len()), xml.as_bytes()].concat();
    header(MAX_HEADER, &object.repeat(room / object.len()))
}

/// Returns the peak memory of this process in KiB, if the system reports it.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn hostile_asf_keeps_memory_limit() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let files = build_files();
    check(&files[0]);
    let before = peak_kib();
    for file in &files {
        check_truncations(file);
        check_extreme_fields(file);
        check_bit_flips(file, &mut random, 3000);
    }
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        assert!(after - before < 8 * 1024, "{} KiB for files of a few KiB", after - before);
    }
    // Last, because these files have up to 16 MiB themselves.
    check_stated_sizes();
    let kinds: BTreeSet<_> = files.iter().map(|file| check(file).header_version).collect();
    assert_eq!(kinds.len(), 6);
}
