//! Tests of carrying over, heads, retention, compaction and removal of licenses.

use std::collections::HashSet;

use super::*;

fn generations(location: &Location) -> Vec<u64> {
    sets(location)[0].generations().iter().map(|generation| generation.id.number).collect()
}

#[test]
fn later_generation_carries_packs_over() {
    let (_, location) = memory();
    let first = back_up(&location, &key(1), &[license(1), license(2)], &[]).unwrap();
    let second = back_up(&location, &key(1), &[], &[license(3)]).unwrap();
    assert_eq!((first.id.number, second.id.number), (1, 2));
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L1", "L2", "L3"]);
    assert!(damage.is_empty());
    let set = &sets(&location)[0];
    assert_eq!(set.heads(), [second.id]);
    let manifest = set.manifest(second.id).unwrap();
    assert_eq!(manifest.previous, [first.manifest_sha256]);
    assert_eq!(manifest.counts["licenses"], 3);
    assert_eq!((manifest.counts["restow"], manifest.counts["lcp"], manifest.counts["missing"]), (2, 1, 1));
    assert_eq!(manifest.packs.iter().filter(|pack| pack.role == PackRole::Inventory).count(), 1, "never carried over");
    assert_eq!(manifest.restore_seed.map(|seed| *seed.expose()), Some([3; 32]));
    assert_eq!(all_records(&location, PackRole::Inventory), [missing(1)]);
    let writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    let base = writer.parent().unwrap();
    assert!(base.complete && base.continues(&first.manifest_sha256) && base.continues(&second.manifest_sha256));
    assert!(!base.continues(&Digest::sha256(b"")));
    assert_eq!(writer.number(), 3);
    let older = Reader::generation(set, 1, &never).unwrap();
    assert_eq!(ids(&licenses_of(&older).0), ["L1", "L2"]);
    assert!(matches!(Reader::generation(set, 9, &never), Err(BackupError::NoSuchGeneration { number: 9, .. })));
}

#[test]
fn license_with_two_records_counts_once() {
    let (memory, location) = memory();
    let first = back_up(&location, &key(1), &[license(1), license(2)], &[]).unwrap();
    let second = back_up(&location, &key(1), &[], &[sized_license(2, 77), license(3)]).unwrap();
    assert_eq!(second.licenses, 4, "records");
    let set = &sets(&location)[0];
    let counts = set.count_licenses(u64::MAX, &never).unwrap();
    assert_eq!((counts[&first.id], counts[&second.id]), (LicenseCount::Exact(2), LicenseCount::Exact(3)));
    assert!(matches!(set.count_licenses(u64::MAX, &|| true), Err(BackupError::Cancelled)));
    // Above the byte limit no pack is read, and damaged packs yield upper limits.
    let counts = set.count_licenses(100, &|| true).unwrap();
    assert_eq!((counts[&first.id], counts[&second.id]), (LicenseCount::AtMost(2), LicenseCount::AtMost(4)));
    let manifest = set.manifest(second.id).unwrap();
    memory.delete(&set.id().pack_path(&manifest.packs[1].id));
    let counts = set.count_licenses(u64::MAX, &never).unwrap();
    assert_eq!((counts[&first.id], counts[&second.id]), (LicenseCount::Exact(2), LicenseCount::AtMost(4)));
}

#[test]
fn many_frames_keep_record_order() {
    let (_, location) = memory();
    let mut all: Vec<Record> = (0..600).map(|n| sized_license(n, 1500)).collect();
    all.push(sized_license(1000, MAX_DOCUMENT));
    all.push(license(1001));
    let committed = back_up(&location, &key(1), &all, &[]).unwrap();
    assert_eq!(committed.licenses, 602);
    assert_eq!(all_records(&location, PackRole::Licenses), all, "in the order they were pushed");
    let manifest = sets(&location)[0].manifest(committed.id).unwrap();
    assert!(manifest.packs[0].frames.len() > 4);
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn two_heads_are_merged_and_continued() {
    let (memory, location) = memory();
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let (copied, other) = open_memory(memory.fork());
    let first_head = back_up(&location, &key(1), &[], &[license(2)]).unwrap();
    let second_head = back_up(&other, &key(1), &[], &[license(3)]).unwrap();
    assert_eq!(first_head.id.number, second_head.id.number);
    for (path, bytes) in copied.image().into_iter().filter(|(path, _)| !path.ends_with('/')) {
        memory.put(&path, bytes);
    }
    let set = &sets(&location)[0];
    let heads: HashSet<GenerationId> = set.heads().into_iter().collect();
    assert_eq!(heads, HashSet::from([first_head.id, second_head.id]));
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L1", "L2", "L3"]);
    assert!(damage.is_empty());
    let reader = Reader::latest(std::slice::from_ref(set), &never).unwrap();
    let mut listed_by = Vec::new();
    reader
        .records::<()>(PackRole::Licenses, &mut |found| {
            if let ReadItem::Record(context, Record::License(license)) = found {
                listed_by.push((license.license_id, context.listed_by.len()));
            }
            Ok(())
        })
        .unwrap();
    listed_by.sort();
    assert_eq!(listed_by, [("L1".into(), 2), ("L2".into(), 1), ("L3".into(), 1)], "each pack is read once");

    let merged = back_up(&location, &key(1), &[], &[license(4)]).unwrap();
    let set = &sets(&location)[0];
    assert_eq!(set.heads(), [merged.id]);
    let manifest = set.manifest(merged.id).unwrap();
    let previous: HashSet<Digest> = manifest.previous.iter().copied().collect();
    assert_eq!(previous, HashSet::from([first_head.manifest_sha256, second_head.manifest_sha256]));
    assert_eq!((manifest.counts["licenses"], manifest.counts["restow"], manifest.counts["lcp"]), (4, 3, 1));
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2", "L3", "L4"]);
    assert!(set.history(&[merged.id]).contains(&first.manifest_sha256));
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn several_sets_merge_by_generation() {
    let (memory, location) = memory();
    back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let before = memory.image();
    back_up(&location, &key(2), &[license(2)], &[]).unwrap();
    back_up(&location, &key(2), &[], &[license(3)]).unwrap();
    let others: Vec<_> =
        before.keys().filter(|name| name.contains(&SetId::from_key(&key(1).public()).to_string())).collect();
    assert!(others.iter().all(|name| memory.image().get(*name) == before.get(*name)), "other sets are never changed");
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2", "L3"]);
    let reader = Reader::latest(&sets(&location), &never).unwrap();
    let numbers: Vec<u64> = reader.generations().iter().map(|generation| generation.id.number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn old_generations_are_removed_beyond_limit() {
    let (memory, location) = memory();
    for n in 1..=6 {
        let committed = back_up(&location, &key(1), &[license(n)], &[license(n)]).unwrap();
        assert!(committed.warnings.is_empty());
    }
    assert_eq!(generations(&location), [6, 5]);
    assert_eq!(restore(&location).unwrap().0.len(), 6, "no license is lost");
    // Their inventory packs are removed one day later.
    let packs = |memory: &Memory| memory.files().iter().filter(|name| name.ends_with(".pack")).count();
    let count = packs(&memory);
    memory.put("sets/.tmp-0011223344556677", vec![1]);
    memory.put(&format!("{}/.tmp-0011223344556677", sets(&location)[0].id().packs_path()), vec![1]);
    memory.advance_clock(90_000);
    back_up(&location, &key(1), &[], &[]).unwrap();
    assert!(packs(&memory) <= count);
    let temporary: Vec<String> = memory.files().into_iter().filter(|name| name.contains(".tmp-")).collect();
    assert_eq!(temporary, ["sets/.tmp-0011223344556677"], "folders without a writer are left alone");
    assert_eq!(check(&location, Depth::Records).foreign, ["sets/.tmp-0011223344556677"]);
}

#[test]
fn damaged_manifest_prevents_removal() {
    let (memory, location) = memory();
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let set = SetId::from_key(&key(1).public());
    memory.put(&set.manifest_path(&first.id), b"not a manifest".to_vec());
    memory.put(&set.copy_path(&first.id), Vec::new());
    // Only the damaged generation has license 1.
    for _ in 0..4 {
        assert_eq!(back_up(&location, &key(1), &[license(2)], &[]).unwrap().removed, []);
        memory.advance_clock(90_000);
    }
    assert_eq!(generations(&location), [5, 4, 3, 2, 1]);
    let packs = |memory: &Memory| memory.files().iter().filter(|name| name.ends_with(".pack")).count();
    assert_eq!(packs(&memory), 3, "two license packs and an inventory");
    memory.delete(&set.manifest_path(&first.id));
    memory.delete(&set.copy_path(&first.id));
    back_up(&location, &key(1), &[license(2)], &[]).unwrap();
    assert_eq!(generations(&location), [6, 5]);
}

#[test]
fn damaged_generation_without_own_packs_is_removed() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let second = back_up(&location, &key(1), &[], &[]).unwrap();
    memory.put(&set.manifest_path(&second.id), b"not a manifest".to_vec());
    memory.put(&set.copy_path(&second.id), Vec::new());
    assert!(!check(&location, Depth::Bytes).is_intact());
    assert_eq!(back_up(&location, &key(1), &[license(1)], &[]).unwrap().removed, [second.id]);
    assert!(check(&location, Depth::Records).is_clean());
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1"]);
}

#[test]
fn lost_pack_causes_one_full_backup() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let pack = sets(&location)[0].manifest(first.id).unwrap().packs[0].id;
    back_up(&location, &key(1), &[], &[license(2)]).unwrap();
    memory.delete(&set.pack_path(&pack));
    let writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    let base = writer.parent().unwrap();
    assert!(!base.complete);
    assert!(base.damage.iter().any(|damage| damage.kind == DamageKind::PackMissing && damage.pack == Some(pack)));
    drop(writer);
    back_up(&location, &key(1), &[license(9), license(2)], &[]).unwrap();
    let writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    assert!(writer.parent().unwrap().complete, "one full backup is enough");
    drop(writer);
    for _ in 0..4 {
        back_up(&location, &key(1), &[], &[]).unwrap();
    }
    assert_eq!(generations(&location).len(), 2, "old generations are still removed");
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L2", "L9"]);
    assert_eq!(damage.iter().filter(|damage| damage.kind == DamageKind::PackMissing).count(), 1, "still reported");

    // Writing the same content again repairs the pack.
    back_up(&location, &key(1), &[], &[license(1)]).unwrap();
    assert!(restore(&location).unwrap().1.is_empty());
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2", "L9"]);
}

#[test]
fn same_content_repairs_damaged_pack() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let pack = sets(&location)[0].manifest(first.id).unwrap().packs[0].id;
    let mut bytes = memory.read(&set.pack_path(&pack));
    bytes[10] ^= 1;
    memory.put(&set.pack_path(&pack), bytes);
    assert!(!check(&location, Depth::Bytes).is_intact());
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    writer.push(&license(1)).unwrap();
    let committed = writer.commit(facts(), &never).unwrap();
    assert_eq!(committed.repaired, 1);
    assert!(check(&location, Depth::Records).is_clean());
    assert_eq!(committed.licenses, 1, "listed once");
}

#[test]
fn full_backup_lists_damaged_pack_lost() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let pack = sets(&location)[0].manifest(first.id).unwrap().packs[0].id;
    let mut bytes = memory.read(&set.pack_path(&pack));
    bytes[10] ^= 1;
    memory.put(&set.pack_path(&pack), bytes);
    let lost = |location: &Location| {
        let set = &sets(location)[0];
        set.manifest(set.heads()[0]).unwrap().lost
    };
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    assert!(writer.parent().unwrap().complete, "its length is right");
    assert!(!writer.check_carried(&never).unwrap());
    writer.push(&license(2)).unwrap();
    writer.push(&license(1)).unwrap();
    writer.commit(ManifestFacts { full: true, ..facts() }, &never).unwrap();
    assert_eq!(lost(&location), [pack]);
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    assert!(writer.check_carried(&never).unwrap(), "known");
    writer.commit(facts(), &never).unwrap();
    assert_eq!(lost(&location), [pack]);
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2"]);
}

#[test]
fn next_backup_repairs_manifest_and_copy() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    memory.delete(&set.manifest_path(&first.id));
    assert_eq!(restore(&location).unwrap().1[0].kind, DamageKind::ManifestMissing);
    assert_eq!(back_up(&location, &key(1), &[], &[]).unwrap().repaired, 1);
    assert!(check(&location, Depth::Bytes).is_clean());
    // Each file is damaged in turn, also in an older generation.
    for path in [set.copy_path(&first.id), set.manifest_path(&first.id)] {
        memory.put(&path, b"not a manifest".to_vec());
        assert_eq!(SetWriter::begin(&location, &key(1), 10).unwrap().commit(facts(), &never).unwrap().repaired, 1);
        assert!(check(&location, Depth::Bytes).is_clean(), "{path}");
    }
}

#[test]
fn compaction_keeps_unknown_records() {
    let (_, location) = memory();
    let unknown = Record::Unknown { record_type: 99, body: vec![1, 2, 3] };
    let odd_counter = Record::Unknown { record_type: 2, body: vec![9, 9] };
    let statement = Record::Statement(StatementRecord { issuer: "i".into(), document: "a.b.c".into() });
    let first = vec![license(1), unknown.clone(), license(2), odd_counter.clone(), statement.clone()];
    back_up(&location, &key(1), &first, &[]).unwrap();
    let mut n = 100;
    while !SetWriter::begin(&location, &key(1), 2).unwrap().needs_compaction() {
        n += 1;
        back_up(&location, &key(1), &[], &[license(n)]).unwrap();
    }
    assert!(n > 130);
    let before = restore(&location).unwrap().0.len();
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    let mut asked = 0;
    let result = writer
        .compact(
            &mut |record| {
                asked += 1;
                !matches!(record, Record::License(license) if license.license_id == "L2")
            },
            &never,
        )
        .unwrap();
    assert_eq!((result.dropped_records, result.skipped_packs.len()), (1, 0));
    assert_eq!(asked, before, "asked for licenses only");
    writer.push(&license(2)).unwrap();
    let committed = writer.commit(ManifestFacts { full: true, ..facts() }, &never).unwrap();
    assert_eq!(committed.packs, 1);
    assert_eq!(committed.licenses, before as u64);
    let records = all_records(&location, PackRole::Licenses);
    for kept in [&unknown, &odd_counter, &statement] {
        assert!(records.contains(kept), "{kept:?}");
    }
    assert_eq!(records.len(), before + 3);
    assert_eq!(records.last(), Some(&license(2)), "new records follow copied ones");
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn compaction_skips_damaged_pack() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let pack = sets(&location)[0].manifest(first.id).unwrap().packs[0].id;
    back_up(&location, &key(1), &[], &[license(2)]).unwrap();
    let mut bytes = memory.read(&set.pack_path(&pack));
    bytes[20] ^= 1;
    memory.put(&set.pack_path(&pack), bytes.clone());
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    let result = writer.compact(&mut |_| true, &never).unwrap();
    assert_eq!((result.copied_records, result.skipped_packs), (1, vec![pack]));
    let committed = writer.commit(facts(), &never).unwrap();
    assert_eq!(memory.read(&set.pack_path(&pack)), bytes);
    assert_eq!(committed.licenses, 2);
}

#[test]
fn epoch_keys_are_in_two_frames() {
    let (_, location) = memory();
    let epoch = |n| {
        Record::EpochKey(EpochKeyRecord {
            issuer: "i".into(),
            epoch: [n; 16],
            sunset_key: "s".into(),
            enc: [1; 32],
            sealed: [2; 48],
        })
    };
    let frames = |location: &Location| {
        let mut frames: BTreeMap<[u8; 16], Vec<(PackId, u32)>> = BTreeMap::new();
        let reader = Reader::latest(&sets(location), &never).unwrap();
        reader
            .records::<()>(PackRole::Licenses, &mut |found| {
                if let ReadItem::Record(context, Record::EpochKey(key)) = found {
                    frames.entry(key.epoch).or_default().push((context.pack, context.frame));
                }
                Ok(())
            })
            .unwrap();
        frames
    };
    back_up(&location, &key(1), &[epoch(1), license(1)], &[]).unwrap();
    back_up(&location, &key(1), &[], &[epoch(2)]).unwrap();
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    writer.compact(&mut |_| true, &never).unwrap();
    writer.push(&epoch(3)).unwrap();
    for found in [frames(&location), {
        writer.commit(facts(), &never).unwrap();
        frames(&location)
    }] {
        assert!(found.len() >= 2);
        for places in found.values() {
            assert_eq!(places.len(), 2);
            assert_ne!(places[0], places[1]);
        }
    }
}

#[test]
fn forget_removes_license_from_all_generations() {
    let (memory, location) = memory();
    let other = back_up(&location, &key(2), &[license(2)], &[]).unwrap();
    let titles =
        Record::Titles(TitlesRecord { kind: 1, issuer: "issuer".into(), license_id: "L2".into(), titles: vec![] });
    let statement = Record::Statement(StatementRecord { issuer: "i".into(), document: "about L2".into() });
    back_up(&location, &key(1), &[license(1), license(2), statement.clone()], &[]).unwrap();
    back_up(&location, &key(1), &[], &[license(3), titles]).unwrap();
    let mut writer = SetWriter::begin(&location, &key(1), 10).unwrap();
    let is_2 = |record: &Record| match record {
        Record::License(license) => license.license_id == "L2",
        Record::Titles(titles) => titles.license_id == "L2",
        Record::Counter(counter) => counter.counter.license == "L2",
        _ => panic!("never asked for {record:?}"),
    };
    let result = writer.forget(&mut |record| is_2(record), &never).unwrap();
    assert_eq!((result.dropped_records, result.skipped_packs.len()), (2, 0));
    let forgotten = ForgottenDocument {
        kind: 1,
        issuer: "issuer".into(),
        license_id: "L2".into(),
        document: Digest::sha256(b"document"),
    };
    let facts = ManifestFacts { full: true, forgotten: vec![forgotten.clone()], ..facts() };
    let committed = writer.commit(facts, &never).unwrap();
    assert_eq!(committed.removed.len(), 2);
    let set = location.set(SetId::from_key(&key(1).public())).unwrap();
    assert_eq!(set.generations().len(), 1);
    assert_eq!(set.packs.len(), 1, "old packs are removed at once");
    assert_eq!(set.manifest(committed.id).unwrap().forgotten, [forgotten]);
    let reader = Reader::latest(&[set], &never).unwrap();
    assert_eq!(ids(&licenses_of(&reader).0), ["L1", "L3"]);
    assert!(all_records(&location, PackRole::Licenses).contains(&statement));
    assert!(
        location.set(SetId::from_key(&key(2).public())).unwrap().manifest(other.id).is_ok(),
        "other sets are unchanged"
    );
    assert!(memory.files().iter().all(|name| !name.contains(".tmp-")));
}

#[test]
fn damaged_manifest_prevents_forget() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    back_up(&location, &key(1), &[], &[license(2)]).unwrap();
    memory.put(&set.manifest_path(&first.id), vec![]);
    memory.put(&set.copy_path(&first.id), vec![]);
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    assert!(matches!(writer.forget(&mut |_| false, &never), Err(BackupError::ForgetDamaged(_))));
}

#[test]
fn concurrent_writers_make_two_heads() {
    let (_, location) = memory();
    let [mut first_writer, mut second_writer] = [(), ()].map(|()| SetWriter::begin(&location, &key(1), 2).unwrap());
    first_writer.push(&license(1)).unwrap();
    second_writer.push(&license(2)).unwrap();
    let first = first_writer.commit(facts(), &never).unwrap();
    let second = second_writer.commit(facts(), &never).unwrap();
    assert_eq!((first.id.number, second.id.number), (1, 1));
    assert_eq!(sets(&location)[0].heads().len(), 2);
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2"]);
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn cancelled_writer_keeps_packs_of_another() {
    let (_, location) = memory();
    let mut cancelled = SetWriter::begin(&location, &key(1), 2).unwrap();
    cancelled.push(&license(1)).unwrap();
    let other = std::cell::Cell::new(false);
    let result = cancelled.commit(facts(), &|| {
        if !other.replace(true) {
            back_up(&location, &key(1), &[license(1)], &[]).unwrap();
        }
        true
    });
    assert!(matches!(result, Err(BackupError::Cancelled)));
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1"]);
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn full_pack_starts_another() {
    let (_, location) = memory();
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    for n in 0..70 {
        writer.push(&sized_license(n, MAX_DOCUMENT)).unwrap();
    }
    let committed = writer.commit(facts(), &never).unwrap();
    assert_eq!((committed.packs, committed.licenses), (2, 70));
    let writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    assert!(writer.parent().unwrap().complete && !writer.needs_compaction());
    assert_eq!(all_records(&location, PackRole::Licenses).len(), 70);
}
