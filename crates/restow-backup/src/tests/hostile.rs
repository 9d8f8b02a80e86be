//! Tests with hostile sets that are correctly signed by their own key.

use super::*;
use crate::ids::parse_manifest_name;

/// Creates a signed manifest file with any body.
fn forge_manifest(key: &SecretKey, reader: u16, flags: u16, len: Option<u32>, body: &[u8]) -> Vec<u8> {
    let mut file = b"RSTWMAN1".to_vec();
    file.extend_from_slice(&reader.to_le_bytes());
    file.extend_from_slice(&flags.to_le_bytes());
    file.extend_from_slice(key.public().as_bytes());
    file.extend_from_slice(&len.unwrap_or(body.len() as u32).to_le_bytes());
    file.extend_from_slice(body);
    let signature = key.sign(&file);
    file.extend_from_slice(&signature);
    file
}

fn verify(file: &[u8], key: &SecretKey, number: u64) -> Result<Manifest, ManifestError> {
    let set = SetId::from_key(&key.public());
    Manifest::verify(file, set, GenerationId::new(number, &Digest::sha256(file)))
}

fn manifest(key: &SecretKey, number: u64) -> Manifest {
    Manifest {
        format: 1,
        set: SetId::from_key(&key.public()),
        generation: number,
        previous: vec![],
        created: 0,
        computer_name: "c".into(),
        software: "s".into(),
        counts: BTreeMap::new(),
        packs: vec![],
        issuers: vec![],
        restore_seed: None,
        forgotten: vec![],
        lost: vec![],
    }
}

fn put_generation(memory: &Memory, key: &SecretKey, number: u64, file: &[u8]) {
    let set = SetId::from_key(&key.public());
    let id = GenerationId::new(number, &Digest::sha256(file));
    memory.put(&set.manifest_path(&id), file.to_vec());
    memory.put(&set.copy_path(&id), file.to_vec());
}

#[test]
fn newer_format_is_not_damage() {
    let (memory, location) = memory();
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    for (reader, flags) in [(2, 0), (1, 1), (1, 2)] {
        let file = forge_manifest(&key(1), reader, flags, None, b"whatever comes");
        assert_eq!(verify(&file, &key(1), 2).unwrap_err(), ManifestError::Newer { reader, flags });
        let (memory, location) = open_memory(memory.fork());
        put_generation(&memory, &key(1), 2, &file);
        let error = SetWriter::begin(&location, &key(1), 2).unwrap_err();
        assert!(matches!(error, BackupError::NewerFormat { .. }), "{error}");
        let report = check(&location, Depth::Records);
        assert!(report.is_clean() && report.sets[0].generations[0].is_newer, "a newer format is no damage");
        assert_eq!(ids(&restore(&location).unwrap().0), ["L1"], "readable generations are read");
        let set = SetId::from_key(&key(1).public());
        memory.delete(&set.manifest_path(&first.id));
        memory.delete(&set.copy_path(&first.id));
        assert!(matches!(restore(&location), Err(BackupError::NewerFormat { .. })));
    }
}

#[test]
fn inconsistent_manifests_are_rejected() {
    let valid = manifest(&key(1), 7).sign(&key(1)).unwrap();
    assert!(verify(&valid, &key(1), 7).is_ok());
    assert!(verify(&valid, &key(1), 8).is_err(), "another number");
    assert!(verify(&valid, &key(2), 7).is_err(), "another set");
    assert!(manifest(&key(2), 7).sign(&key(1)).is_err());
    let body = &valid[48..valid.len() - 64];
    assert!(verify(&forge_manifest(&key(1), 1, 0, None, body), &key(1), 7).is_ok());
    for len in [0, 1, u32::MAX, (64 << 20) + 1, body.len() as u32 + 1, body.len() as u32 - 1] {
        assert!(verify(&forge_manifest(&key(1), 1, 0, Some(len), body), &key(1), 7).is_err(), "{len}");
    }
    let mut unsigned = valid.clone();
    let at = unsigned.len() - 1;
    unsigned[at] ^= 1;
    assert!(verify(&unsigned, &key(1), 7).is_err());
    assert!(verify(&[], &key(1), 7).is_err());
    assert!(verify(b"RSTWMAN1", &key(1), 7).is_err());
}

#[test]
fn license_count_is_limited_by_length() {
    let frame = Frame { stored: 1, raw: 50, hash: Digest::sha256(b"frame") };
    for (licenses, valid) in [(0, true), (2, true), (3, false), (1 << 63, false), (u64::MAX, false)] {
        let packs = vec![PackEntry::new(PackRole::Licenses, licenses, vec![frame])];
        let signed = Manifest { packs, ..manifest(&key(1), 7) }.sign(&key(1));
        assert_eq!(signed.is_ok(), valid, "{licenses}");
        let text = serde_json::to_string(&manifest(&key(1), 7)).unwrap();
        let pack = serde_json::to_string(&PackEntry::new(PackRole::Licenses, licenses, vec![frame])).unwrap();
        let body = text.replace("\"packs\":[]", &format!("\"packs\":[{pack}]"));
        assert_eq!(
            verify(&forge_manifest(&key(1), 1, 0, None, body.as_bytes()), &key(1), 7).is_ok(),
            valid,
            "{licenses}"
        );
    }
}

#[test]
fn malformed_bodies_are_rejected() {
    let text = String::from_utf8(serde_json::to_vec(&manifest(&key(1), 7)).unwrap()).unwrap();
    let verify_body = |body: &str| verify(&forge_manifest(&key(1), 1, 0, None, body.as_bytes()), &key(1), 7);
    assert!(verify_body(&text).is_ok());
    assert!(
        verify_body(&text.replacen('{', r#"{"later":{"x":[1,{"y":2}]},"#, 1)).is_ok(),
        "unknown members are ignored"
    );
    let deep = format!(r#"{{"later":{}1{},"#, "[".repeat(100_000), "]".repeat(100_000));
    for invalid in [
        text.replacen('{', r#"{"format":1,"#, 1),
        text.replacen('{', r#"{"later":{"x":1,"x":2},"#, 1),
        text.replacen('{', &deep, 1),
        text.replace("\"generation\":7", "\"generation\":8"),
        text.replace("\"generation\":7", "\"generation\":-1"),
        text.replace("\"generation\":7", "\"generation\":1e99"),
        text.replace("\"format\":1", "\"format\":0"),
        text.replace("\"packs\":[]", "\"packs\":null"),
        text.replace("\"restore_seed\":null", "\"restore_seed\":\"AAAA\""),
        text.replace(&SetId::from_key(&key(1).public()).to_string(), "../../../../../../../../etc/pass"),
        text.replacen("\"packs\":[]", r#""packs":[{"id":"../../../x","role":"licenses","licenses":0,"frames":[]}]"#, 1),
        format!("{text} x"),
        String::new(),
        "[]".to_owned(),
    ] {
        assert!(verify_body(&invalid).is_err(), "{}", &invalid[..invalid.len().min(200)]);
    }
}

#[test]
fn invalid_lists_are_rejected() {
    let frame = Frame { stored: 10, raw: 25, hash: Digest::sha256(b"") };
    let with = |change: &dyn Fn(&mut Manifest)| {
        let mut manifest = manifest(&key(1), 7);
        change(&mut manifest);
        let signed = manifest.sign(&key(1)).is_ok();
        let body = serde_json::to_vec(&manifest).unwrap();
        let read = verify(&forge_manifest(&key(1), 1, 0, None, &body), &key(1), 7).is_ok();
        assert_eq!(signed, read, "reading and writing have the same limits");
        read
    };
    let pack = |frames| PackEntry::new(PackRole::Licenses, 1, frames);
    assert!(with(&|m| m.packs = vec![pack(vec![frame])]));
    for invalid in [
        Frame { raw: 0, ..frame },
        Frame { raw: (4 << 20) + 1, ..frame },
        Frame { raw: u32::MAX, ..frame },
        Frame { stored: 0, ..frame },
        Frame { stored: u32::MAX, ..frame },
    ] {
        assert!(!with(&|m| m.packs = vec![pack(vec![invalid])]), "{invalid:?}");
    }
    assert!(!with(&|m| m.packs = vec![pack(vec![])]));
    assert!(!with(&|m| m.packs = vec![pack(vec![frame]), pack(vec![frame])]));
    assert!(!with(&|m| m.packs = vec![PackEntry { id: PackId::from_bytes([0; 32]), ..pack(vec![frame]) }]));
    let entry = IssuerEntry {
        issuer: "i".into(),
        key_set: "k".into(),
        holder: None,
        membership: None,
        certificate: None,
        restore_certificate: None,
    };
    assert!(with(&|m| m.issuers = vec![entry.clone(); 1000]));
    assert!(!with(&|m| m.issuers = vec![entry.clone(); 1001]));
    assert!(!with(&|m| m.issuers = vec![IssuerEntry { key_set: "k".repeat(65_537), ..entry.clone() }]));
    assert!(!with(&|m| m.issuers = vec![IssuerEntry { certificate: Some("k".repeat(8193)), ..entry.clone() }]));
    assert!(!with(&|m| m.computer_name = "k".repeat(65_536)));
}

/// Creates a signed set around one frame.
fn set_with_frame(stored: &[u8], raw: u32, licenses: u64) -> Location {
    set_with_role(PackRole::Licenses, stored, raw, licenses)
}

fn set_with_role(role: PackRole, stored: &[u8], raw: u32, licenses: u64) -> Location {
    let (memory, location) = memory();
    back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let frame = Frame { stored: stored.len() as u32, raw, hash: Digest::sha256(stored) };
    let pack = PackEntry::new(role, licenses, vec![frame]);
    let set = SetId::from_key(&key(1).public());
    memory.put(&set.pack_path(&pack.id), stored.to_vec());
    let manifest = Manifest { packs: vec![pack], ..manifest(&key(1), 2) };
    put_generation(&memory, &key(1), 2, &manifest.sign(&key(1)).unwrap());
    location
}

#[test]
fn false_frame_lengths_are_damage() {
    let zeros = zstd::bulk::compress(&vec![0; 64 << 20], 1).unwrap();
    let mut record = Vec::new();
    license(5).encode(&mut record).unwrap();
    let one = zstd::bulk::compress(&record, 1).unwrap();
    let len = record.len() as u32;
    let skippable = [0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 0];
    for (stored, raw) in [
        (zeros.clone(), 64),
        (zeros, 4 << 20),
        (one.clone(), len - 1),
        (one.clone(), len + 1),
        ([one.as_slice(), &one].concat(), len * 2),
        ([one.as_slice(), &skippable].concat(), len),
        (skippable.to_vec(), 25),
        (record.clone(), len),
    ] {
        let location = set_with_frame(&stored, raw, 1);
        let (licenses, damage) = restore(&location).unwrap();
        assert!(!licenses.contains_key("L5"));
        assert!(damage.iter().any(|damage| matches!(damage.kind, DamageKind::FrameContent(_))), "{damage:?}");
        assert!(check(&location, Depth::Bytes).is_intact(), "the signed bytes are unchanged");
        assert!(!check(&location, Depth::Records).is_intact());
    }
    let location = set_with_frame(&one, len, 1);
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L5"]);
    let location = set_with_frame(&one, len, 2);
    let damage = restore(&location).unwrap().1;
    assert_eq!(damage[0].kind, DamageKind::Count { expected: 2, found: 1 });
    assert_eq!(check(&location, Depth::Records).damage[0].kind, damage[0].kind);
}

#[test]
fn malformed_records_are_one_damage() {
    let mut bytes = Vec::new();
    license(5).encode(&mut bytes).unwrap();
    bytes.extend_from_slice(&[1, 0, 3, 0, 0, 0, 1, 255, 255]); // a license with an issuer that exceeds the body
    license(6).encode(&mut bytes).unwrap();
    bytes.extend_from_slice(&[99, 0, 255, 255, 255, 255]); // longer than any frame
    let stored = zstd::bulk::compress(&bytes, 1).unwrap();
    let location = set_with_frame(&stored, bytes.len() as u32, 3);
    let (licenses, damage) = restore(&location).unwrap();
    assert!(licenses.contains_key("L5") && licenses.contains_key("L6"));
    let kinds: Vec<_> = damage.iter().map(|damage| damage.kind.clone()).collect();
    assert_eq!(kinds, [DamageKind::Record(RecordError::Truncated)], "one damage per frame");
    assert_eq!(damage[0].licenses_lost, Some(1));
    // Compaction leaves a pack with malformed records unchanged.
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    assert_eq!(writer.compact(&mut |_| true, &never).unwrap().skipped_packs.len(), 1);
}

#[test]
fn many_malformed_records_are_one_damage() {
    let empty_license = [1, 0, 0, 0, 0, 0];
    let raw = empty_license.repeat((4 << 20) / empty_license.len());
    let stored = zstd::bulk::compress(&raw, 1).unwrap();
    assert!(stored.len() < 4096);
    let location = set_with_frame(&stored, raw.len() as u32, 0);
    assert_eq!(restore(&location).unwrap().1.len(), 1);
    assert_eq!(check(&location, Depth::Records).damage.len(), 1);
}

#[test]
fn reader_and_verify_count_alike() {
    let mut raw = Vec::new();
    license(5).encode(&mut raw).unwrap();
    let stored = zstd::bulk::compress(&raw, 1).unwrap();
    for (stated, intact) in [(1, true), (0, false)] {
        let location = set_with_role(PackRole::Inventory, &stored, raw.len() as u32, stated);
        assert_eq!(check(&location, Depth::Records).is_intact(), intact, "{stated}");
        let reader = Reader::latest(&sets(&location), &never).unwrap();
        let mut damage = 0;
        let read = reader.records::<()>(PackRole::Inventory, &mut |found| {
            damage += u32::from(matches!(found, ReadItem::Damage(_)));
            Ok(())
        });
        assert_eq!((read, damage == 0), (Ok(()), intact), "the reader agrees with verify");
    }
}

#[test]
fn last_generation_number_prevents_backup() {
    let (memory, location) = memory();
    back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let set = SetId::from_key(&key(1).public());
    let name = format!("{}/9999999999-0000000000000000.manifest", set.generations_path());
    assert!(parse_manifest_name(name.rsplit('/').next().unwrap()).is_some());
    memory.put(&name, vec![]);
    let error = SetWriter::begin(&location, &key(1), 2).unwrap_err();
    assert!(matches!(error, BackupError::LimitExceeded { .. }), "{error}");
}
