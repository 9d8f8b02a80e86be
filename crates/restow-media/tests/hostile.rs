//! No input makes the probe panic, read without end, or fill the memory.
//!
//! One test function, so that what it measures is its own doing.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek, SeekFrom};

use restow_media::build::{
    AsfBuilder, Carrier, ObjectOrder, Protection, ProtectionKind, TitleObject, splice_protection,
};
use restow_media::{KeyId, Probe, Warning, probe};

/// The largest header that is read, in bytes.
const CAP: u64 = 16 << 20;

/// Deterministic, so that a failure can be repeated.
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

/// Small files that between them have every object and every option.
fn files() -> Vec<Vec<u8>> {
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

/// Probes, and checks what holds for every answer.
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

fn truncations(file: &[u8]) {
    let whole = check(file);
    let header = header_len(file);
    for len in 0..file.len() {
        let found = check(&file[..len]);
        if len < header && len >= 16 {
            assert!(!found.warnings.is_empty(), "{len}");
            assert_ne!(found.protected, Some(false), "{len}");
        } else if len >= header {
            assert_eq!((found.protected, &found.key_ids), (whole.protected, &whole.key_ids), "{len}");
        }
        assert!(found.key_ids.iter().all(|id| whole.key_ids.contains(id)), "{len}: a cut key ID");
        assert!(found.license_urls.iter().all(|url| whole.license_urls.contains(url)), "{len}: a cut URL");
    }
}

fn flips(file: &[u8], random: &mut Random, rounds: usize) {
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
        // Splicing reads the same bytes, and must be as patient.
        let _ = splice_protection(&copy, &Protection::new(ProtectionKind::Wmdrm, KeyId::Uuid([1; 16])));
    }
}

/// Every 16-, 32- and 64-bit field, wherever it may be, set to extremes.
fn extremes(file: &[u8]) {
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

/// A header of `objects`, and what it claims to be long.
fn header(claim: u64, objects: &[u8]) -> Vec<u8> {
    let clear = AsfBuilder::new().build();
    [&clear[..16], &claim.to_le_bytes(), &[1, 0, 0, 0, 1, 2], objects].concat()
}

/// Notes the largest buffer it was asked to fill.
struct Asked {
    inner: Cursor<Vec<u8>>,
    most: usize,
}

impl Read for Asked {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.most = self.most.max(buffer.len());
        self.inner.read(buffer)
    }
}

impl Seek for Asked {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

fn absurd_sizes() {
    for claim in [0, 1, 29] {
        assert_eq!(check(&header(claim, &[0; 100])).warnings, [Warning::HeaderTooSmall { stated: claim }]);
    }
    for claim in [CAP + 1, 1 << 40, u64::MAX] {
        let found = check(&header(claim, &[0; 100]));
        assert_eq!(found.warnings, [Warning::HeaderTooLarge { stated: claim, limit: CAP }]);
        assert_eq!(found.protected, None);
    }

    // A small file with the largest claim that is believed does not cost what it claims.
    let mut reader = Asked { inner: Cursor::new(header(CAP, &[0; 100])), most: 0 };
    let found = probe(&mut reader).unwrap();
    assert_eq!(found.warnings.first(), Some(&Warning::HeaderTruncated { stated: CAP, found: 130 }));
    assert_eq!(reader.most, 100);

    // As many objects, and as many headers to find, as the largest header has room for.
    let len = usize::try_from(CAP).unwrap() - 30;
    let object = [&[7; 16][..], &24_u64.to_le_bytes()].concat();
    check(&header(CAP, &object.repeat(len / 24)));
    let mark: Vec<u8> = "<WRMHEADER".encode_utf16().flat_map(u16::to_le_bytes).collect();
    check(&header(CAP, &mark.repeat(len / mark.len())));
    check(&header(CAP, &vec![b'<'; len]));
    check(&many_key_ids(len));
}

/// As many protection headers as there is room for, all with the same thousand key IDs again and again.
fn many_key_ids(room: usize) -> Vec<u8> {
    let key_ids: String = (1000..2000).map(|n| format!("<KID>{n}</KID>")).collect();
    let xml = format!("<WRMHEADER version=\"2.0.0.0\">{}", key_ids.repeat(250_000 / key_ids.len()));
    let len = |len: usize| u32::try_from(len).unwrap().to_le_bytes();
    // The Extended Content Encryption Object.
    let guid = *b"\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c";
    let object = [&guid[..], &len(xml.len() + 28), &[0; 4], &len(xml.len()), xml.as_bytes()].concat();
    header(CAP, &object.repeat(room / object.len()))
}

/// The most memory this process ever used, in KiB, where the system tells.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[test]
fn nothing_makes_it_panic_or_fill_the_memory() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let files = files();
    check(&files[0]);
    let before = peak_kib();
    for file in &files {
        truncations(file);
        extremes(file);
        flips(file, &mut random, 3000);
    }
    if let (Some(before), Some(after)) = (before, peak_kib()) {
        assert!(after - before < 8 * 1024, "{} KiB for files of a few KiB", after - before);
    }
    // These are up to 16 MiB themselves, so they come last.
    absurd_sizes();
    let kinds: BTreeSet<_> = files.iter().map(|file| check(file).header_version).collect();
    assert_eq!(kinds.len(), 6);
}
