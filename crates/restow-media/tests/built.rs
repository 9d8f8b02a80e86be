//! The probe reads every file that the builders write.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::io::{Cursor, Read, Seek, SeekFrom};

use restow_media::build::{AsfBuilder, Carrier, ObjectOrder, Protection, ProtectionKind, TitleObject};
use restow_media::{Format, KeyId, Probe, System, Title, TitleSource, Warning, probe, probe_path};

const URL: &str = "https://shop.example/get?id=7&x=<\"é\">";

fn probe_bytes(file: &[u8]) -> Probe {
    probe(&mut Cursor::new(file)).unwrap()
}

fn key_id(byte: u8) -> KeyId {
    let mut uuid = [byte; 16];
    uuid[0] = 0xa0;
    KeyId::Uuid(uuid)
}

#[test]
fn built_header_versions_probed() {
    let versions = [None, Some("2.0.0.0"), Some("4.0.0.0"), Some("4.1.0.0"), Some("4.2.0.0"), Some("4.3.0.0")];
    assert_eq!(versions.len(), ProtectionKind::ALL.len());
    for (kind, version) in ProtectionKind::ALL.iter().zip(versions) {
        for order in [ObjectOrder::EncryptionLast, ObjectOrder::EncryptionFirst, ObjectOrder::StreamsLast] {
            for carrier in [Carrier::ExtendedContentEncryption, Carrier::Unknown] {
                for mark in [true, false] {
                    let protection = Protection::new(*kind, key_id(7))
                        .add_key_id(key_id(3))
                        .license_url(URL)
                        .byte_order_mark(mark)
                        .carrier(carrier);
                    let file =
                        AsfBuilder::new().title("Größe — 第二章").author("A").protection(protection).order(order);
                    let found = probe_bytes(&file.build());
                    let case = format!("{kind} {order:?} {carrier:?} {mark}");
                    assert_eq!(found.format, Format::Asf, "{case}");
                    assert_eq!(found.protected, Some(true), "{case}");
                    assert_eq!(found.header_version.as_deref(), version, "{case}");
                    let several = matches!(kind, ProtectionKind::Playready42 | ProtectionKind::Playready43);
                    let ids = if several { vec![key_id(3), key_id(7)] } else { vec![key_id(7)] };
                    assert_eq!(found.key_ids, ids, "{case}");
                    assert_eq!(found.raw_key_ids.first(), Some(&key_id(7).wm_base64()), "{case}");
                    let wmdrm = matches!(kind, ProtectionKind::WmdrmV1 | ProtectionKind::Wmdrm);
                    let system = if wmdrm { System::Wmdrm } else { System::Playready };
                    assert_eq!(found.systems, BTreeSet::from([system]), "{case}");
                    assert_eq!(found.license_urls, [URL], "{case}");
                    assert_eq!(found.encrypted_streams, BTreeSet::from([1]), "{case}");
                    assert_eq!(found.title.unwrap().text, "Größe — 第二章", "{case}");
                    assert_eq!(found.author.as_deref(), Some("A"), "{case}");
                    assert!(!found.license_embedded);
                    assert_eq!(found.warnings, [], "{case}");
                }
            }
        }
    }
}

#[test]
fn version_1_key_id_any_text() {
    let text = KeyId::from_text("label/1999-Ä").unwrap();
    let file = AsfBuilder::new().protection(Protection::new(ProtectionKind::WmdrmV1, text.clone())).build();
    let found = probe_bytes(&file);
    assert_eq!(found.key_ids, [text]);
    assert_eq!(found.raw_key_ids, ["label/1999-Ä"]);
}

#[test]
fn zero_key_id_kept_only_alone() {
    let zero = KeyId::Uuid([0; 16]);
    let alone = Protection::new(ProtectionKind::Playready42, zero.clone());
    assert_eq!(probe_bytes(&AsfBuilder::new().protection(alone.clone()).build()).key_ids, [zero]);
    let both = alone.add_key_id(key_id(1));
    assert_eq!(probe_bytes(&AsfBuilder::new().protection(both).build()).key_ids, [key_id(1)]);
}

#[test]
fn clear_file_not_protected() {
    let found = probe_bytes(&AsfBuilder::new().title("T").album("A").track(3).build());
    assert_eq!((found.protected, found.key_ids.len(), found.systems.len()), (Some(false), 0, 0));
    assert_eq!((found.album.as_deref(), found.track), (Some("A"), Some(3)));
    assert_eq!(found.warnings, []);
}

#[test]
fn title_found_in_every_object() {
    let base = AsfBuilder::new().title("T").author("W").album("A").track(12);
    for place in
        [TitleObject::ContentDescription, TitleObject::ExtendedContentDescription, TitleObject::MetadataLibrary]
    {
        let title = probe_bytes(&base.clone().title_object(place).build()).title;
        assert_eq!(title, Some(Title { text: "T".to_owned(), source: TitleSource::Stated }), "{place:?}");
    }
    let title = probe_bytes(&AsfBuilder::new().album("A").track(12).build()).title;
    assert_eq!(title, Some(Title { text: "A – 12".to_owned(), source: TitleSource::Album }));
    assert_eq!(probe_bytes(&AsfBuilder::new().build()).title, None);
}

#[test]
fn user_texts_not_searched_for_protection() {
    let header = "<WRMHEADER version=\"4.0.0.0\"><DATA><KID>q5HgCTj40kGeNVhTH9Gexw==</KID></DATA></WRMHEADER>";
    for place in
        [TitleObject::ContentDescription, TitleObject::ExtendedContentDescription, TitleObject::MetadataLibrary]
    {
        let found =
            probe_bytes(&AsfBuilder::new().title(header).title_object(place).author(header).album(header).build());
        assert_eq!((found.protected, found.key_ids.len()), (Some(false), 0), "{place:?}");
    }
}

#[test]
fn title_limited_and_printable() {
    let nasty = format!("\u{1b}]0;x\u{7}\u{202e}{}", "é".repeat(20_000));
    let title = probe_bytes(&AsfBuilder::new().title(&nasty).build()).title.unwrap().text;
    assert_eq!(title.chars().count(), 1024);
    assert!(title.starts_with("]0;xé"));
}

/// Replaces the only occurrence of `old` in UTF-16LE by `new`, which has the same length.
fn replace_utf16le(file: &mut [u8], old: &str, new: &str) {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let (old, new) = (wide(old), wide(new));
    let at = file.windows(old.len()).position(|window| window == old).unwrap();
    file[at..at + new.len()].copy_from_slice(&new);
}

#[test]
fn newer_header_version_still_protected() {
    for (version, system) in
        [("4.4.0.0", System::Playready), ("9.9.9.9", System::Playready), ("2.9.0.0", System::Wmdrm)]
    {
        let mut file = AsfBuilder::new().protection(Protection::new(ProtectionKind::Playready43, key_id(1))).build();
        replace_utf16le(&mut file, "4.3.0.0", version);
        let found = probe_bytes(&file);
        assert_eq!((found.protected, found.systems), (Some(true), BTreeSet::from([system])));
        assert_eq!(found.key_ids, [key_id(1)]);
        assert_eq!(found.warnings, [Warning::UnknownHeaderVersion(version.to_owned())]);
        assert!(found.warnings.iter().any(|warning| warning.to_string().contains("unknown version")));
    }
}

#[test]
fn encrypted_flag_alone_names_no_system() {
    let mut file = AsfBuilder::new().build();
    // The flags of the only stream, after File Properties.
    file[30 + 104 + 73] |= 0x80;
    let found = probe_bytes(&file);
    assert_eq!((found.protected, found.systems.len()), (Some(true), 0));
    assert_eq!(found.warnings, [Warning::SystemNotNamed]);
}

/// Returns a header with these objects, each a GUID and a body, and the start of a Data Object.
fn build_file(objects: &[(&[u8; 16], &[u8])]) -> Vec<u8> {
    let object =
        |(guid, body): &(&[u8; 16], &[u8])| [&guid[..], &(body.len() as u64 + 24).to_le_bytes(), body].concat();
    let objects: Vec<Vec<u8>> = objects.iter().map(object).collect();
    let clear = AsfBuilder::new().build();
    let data = usize::try_from(u64::from_le_bytes(clear[16..24].try_into().unwrap())).unwrap();
    let count = u32::try_from(objects.len()).unwrap().to_le_bytes();
    let objects = objects.concat();
    let size = (objects.len() as u64 + 30).to_le_bytes();
    [&clear[..16], &size, &count, &[1, 2], &objects, &clear[data..]].concat()
}

/// GUIDs in file byte order.
const STREAM_PROPERTIES: &[u8; 16] = b"\x91\x07\xdc\xb7\xb7\xa9\xcf\x11\x8e\xe6\x00\xc0\x0c\x20\x53\x65";
const CONTENT_DESCRIPTION: &[u8; 16] = b"\x33\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";

#[test]
fn unreadable_stream_leaves_protection_unknown() {
    let clear = build_file(&[(STREAM_PROPERTIES, &[0; 78])]);
    assert_eq!((probe_bytes(&clear).protected, probe_bytes(&clear).warnings), (Some(false), vec![]));

    let unreadable = probe_bytes(&build_file(&[(STREAM_PROPERTIES, &[0; 78]), (STREAM_PROPERTIES, &[0; 40])]));
    assert_eq!(unreadable.protected, None);
    assert_eq!(unreadable.warnings, [Warning::MalformedObject { object: "Stream Properties Object" }]);

    let title = probe_bytes(&build_file(&[(STREAM_PROPERTIES, &[0; 78]), (CONTENT_DESCRIPTION, &[0xff; 12])]));
    assert_eq!(title.protected, Some(false));
    assert_eq!(title.warnings, [Warning::MalformedObject { object: "Content Description Object" }]);

    let no_stream = probe_bytes(&build_file(&[(CONTENT_DESCRIPTION, &[0; 10])]));
    assert_eq!((no_stream.protected, no_stream.warnings), (None, vec![Warning::NoStreams]));
}

#[test]
fn missing_title_uses_file_name() {
    let folder = std::env::temp_dir().join(format!("restow-media-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("03 Song.v2.wma");
    let protection = Protection::new(ProtectionKind::Wmdrm, key_id(1));
    std::fs::write(&path, AsfBuilder::new().protection(protection).build()).unwrap();
    let title = probe_path(&path).unwrap().title;
    std::fs::write(&path, b"not media").unwrap();
    let unknown = probe_path(&path).unwrap();
    let missing = probe_path(&folder.join("none.wma")).unwrap_err();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(title, Some(Title { text: "03 Song.v2".to_owned(), source: TitleSource::FileName }));
    assert_eq!((unknown.format, unknown.title), (Format::Unknown, None));
    assert_eq!(missing.kind(), std::io::ErrorKind::NotFound);
}

/// Reader that counts bytes and calls.
struct CountingReader<R> {
    inner: R,
    read: u64,
    calls: u64,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let len = self.inner.read(buffer)?;
        self.calls += 1;
        self.read += len as u64;
        Ok(len)
    }
}

impl<R: Seek> Seek for CountingReader<R> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn header_read_in_two_pieces() {
    let file = AsfBuilder::new().title("T").packets(2000).build();
    let header = u64::from_le_bytes(file[16..24].try_into().unwrap());
    let mut reader = CountingReader { inner: Cursor::new(&file), read: 0, calls: 0 };
    probe(&mut reader).unwrap();
    // The header and the GUID of the Data Object.
    assert_eq!((reader.read, reader.calls), (header + 16, 2));

    let mut reader = CountingReader { inner: Cursor::new(vec![0x1a; 1 << 20]), read: 0, calls: 0 };
    probe(&mut reader).unwrap();
    // The start and the end: other bytes may precede a header.
    assert_eq!((reader.read, reader.calls), (30 + 4096 + 1024, 3));
}
