//! Generations: carrying over, heads, keeping, compacting, forgetting.

use std::collections::HashSet;

use super::*;

fn generations(location: &Location) -> Vec<u64> {
    sets(location)[0].generations().iter().map(|generation| generation.id.number).collect()
}

#[test]
fn later_generations_carry_over() {
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
fn licenses_are_counted_once_however_often_they_were_written() {
    let (memory, location) = memory();
    let first = back_up(&location, &key(1), &[license(1), license(2)], &[]).unwrap();
    let second = back_up(&location, &key(1), &[], &[sized_license(2, 77), license(3)]).unwrap();
    assert_eq!(second.licenses, 4, "records");
    let set = &sets(&location)[0];
    let counts = set.count_licenses(u64::MAX, &never).unwrap();
    assert_eq!((counts[&first.id], counts[&second.id]), (LicenseCount::Exact(2), LicenseCount::Exact(3)));
    assert!(matches!(set.count_licenses(u64::MAX, &|| true), Err(BackupError::Cancelled)));
    // Nothing is read that would take long, and what cannot be read is not passed over in silence.
    let counts = set.count_licenses(100, &|| true).unwrap();
    assert_eq!((counts[&first.id], counts[&second.id]), (LicenseCount::AtMost(2), LicenseCount::AtMost(4)));
    let manifest = set.manifest(second.id).unwrap();
    memory.delete(&set.id().pack_path(&manifest.packs[1].id));
    let counts = set.count_licenses(u64::MAX, &never).unwrap();
    assert_eq!((counts[&first.id], counts[&second.id]), (LicenseCount::Exact(2), LicenseCount::AtMost(4)));
}

#[test]
fn many_frames_and_large_records() {
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
fn heads_are_merged_and_continued() {
    let (memory, location) = memory();
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let (copied, other) = on(memory.fork());
    let ours = back_up(&location, &key(1), &[], &[license(2)]).unwrap();
    let theirs = back_up(&other, &key(1), &[], &[license(3)]).unwrap();
    assert_eq!(ours.id.number, theirs.id.number);
    for (path, bytes) in copied.image().into_iter().filter(|(path, _)| !path.ends_with('/')) {
        memory.put(&path, bytes);
    }
    let set = &sets(&location)[0];
    let heads: HashSet<GenerationId> = set.heads().into_iter().collect();
    assert_eq!(heads, HashSet::from([ours.id, theirs.id]));
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
    assert_eq!(previous, HashSet::from([ours.manifest_sha256, theirs.manifest_sha256]));
    assert_eq!((manifest.counts["licenses"], manifest.counts["restow"], manifest.counts["lcp"]), (4, 3, 1));
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2", "L3", "L4"]);
    assert!(set.history(&[merged.id]).contains(&first.manifest_sha256));
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn several_sets_are_read_by_generation() {
    let (memory, location) = memory();
    back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let before = memory.image();
    back_up(&location, &key(2), &[license(2)], &[]).unwrap();
    back_up(&location, &key(2), &[], &[license(3)]).unwrap();
    let others: Vec<_> =
        before.keys().filter(|name| name.contains(&SetId::from_key(&key(1).public()).to_string())).collect();
    assert!(others.iter().all(|name| memory.image().get(*name) == before.get(*name)), "another's set is never touched");
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2", "L3"]);
    let reader = Reader::latest(&sets(&location), &never).unwrap();
    let numbers: Vec<u64> = reader.generations().iter().map(|generation| generation.id.number).collect();
    assert_eq!(numbers, [1, 2]);
}

#[test]
fn old_generations_go_by_the_keep_rule() {
    let (memory, location) = memory();
    for n in 1..=6 {
        let committed = back_up(&location, &key(1), &[license(n)], &[license(n)]).unwrap();
        assert!(committed.warnings.is_empty());
    }
    assert_eq!(generations(&location), [6, 5]);
    assert_eq!(restore(&location).unwrap().0.len(), 6, "nothing is lost with them");
    // Their inventory packs go a day later.
    let packs = |memory: &Memory| memory.files().iter().filter(|name| name.ends_with(".pack")).count();
    let count = packs(&memory);
    memory.put("sets/.tmp-0011223344556677", vec![1]);
    memory.put(&format!("{}/.tmp-0011223344556677", sets(&location)[0].id().packs_path()), vec![1]);
    memory.let_pass(90_000);
    back_up(&location, &key(1), &[], &[]).unwrap();
    assert!(packs(&memory) <= count);
    let left: Vec<String> = memory.files().into_iter().filter(|name| name.contains(".tmp-")).collect();
    assert_eq!(left, ["sets/.tmp-0011223344556677"], "where no writer works nothing is removed");
    assert_eq!(check(&location, Depth::Records).foreign, ["sets/.tmp-0011223344556677"]);
}

#[test]
fn nothing_goes_while_a_manifest_cannot_be_read_or_packs_are_missing() {
    let (memory, location) = memory();
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let set = SetId::from_key(&key(1).public());
    memory.put(&set.manifest_path(&first.id), b"not a manifest".to_vec());
    memory.put(&set.copy_path(&first.id), Vec::new());
    // Only that one had license 1.
    for _ in 0..4 {
        assert_eq!(back_up(&location, &key(1), &[license(2)], &[]).unwrap().removed, []);
        memory.let_pass(90_000);
    }
    assert_eq!(generations(&location), [5, 4, 3, 2, 1]);
    let packs = |memory: &Memory| memory.files().iter().filter(|name| name.ends_with(".pack")).count();
    assert_eq!(packs(&memory), 3, "licenses twice, an inventory");
    memory.delete(&set.manifest_path(&first.id));
    memory.delete(&set.copy_path(&first.id));
    back_up(&location, &key(1), &[license(2)], &[]).unwrap();
    assert_eq!(generations(&location), [6, 5]);
}

#[test]
fn a_generation_nobody_can_read_goes_once_all_its_packs_are_listed_by_others() {
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
fn a_lost_pack_makes_one_full_backup_and_no_more() {
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
    assert!(writer.parent().unwrap().complete, "all was written again once");
    drop(writer);
    for _ in 0..4 {
        back_up(&location, &key(1), &[], &[]).unwrap();
    }
    assert_eq!(generations(&location).len(), 2, "and old generations still go");
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L2", "L9"]);
    assert_eq!(damage.iter().filter(|damage| damage.kind == DamageKind::PackMissing).count(), 1, "still reported");

    // The very same content again mends it.
    back_up(&location, &key(1), &[], &[license(1)]).unwrap();
    assert!(restore(&location).unwrap().1.is_empty());
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2", "L9"]);
}

#[test]
fn a_damaged_pack_of_the_same_content_is_mended() {
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
fn a_damaged_pack_of_other_content_is_called_lost_once_all_was_written_again() {
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
fn copies_and_manifests_are_mended_by_the_next_backup() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    memory.delete(&set.manifest_path(&first.id));
    assert_eq!(restore(&location).unwrap().1[0].kind, DamageKind::ManifestMissing);
    assert_eq!(back_up(&location, &key(1), &[], &[]).unwrap().repaired, 1);
    assert!(check(&location, Depth::Bytes).is_clean());
    // Damaged ones, each in turn, also of a generation that is kept.
    for path in [set.copy_path(&first.id), set.manifest_path(&first.id)] {
        memory.put(&path, b"not a manifest".to_vec());
        assert_eq!(SetWriter::begin(&location, &key(1), 10).unwrap().commit(facts(), &never).unwrap().repaired, 1);
        assert!(check(&location, Depth::Bytes).is_clean(), "{path}");
    }
}

#[test]
fn compaction_keeps_what_it_does_not_know() {
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
    let done = writer
        .compact(
            &mut |record| {
                asked += 1;
                !matches!(record, Record::License(license) if license.license_id == "L2")
            },
            &never,
        )
        .unwrap();
    assert_eq!((done.dropped_records, done.skipped_packs.len()), (1, 0));
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
    assert_eq!(records.last(), Some(&license(2)), "the store comes last");
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn a_pack_that_cannot_be_read_whole_stays_as_it_is() {
    let (memory, location) = memory();
    let set = SetId::from_key(&key(1).public());
    let first = back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let pack = sets(&location)[0].manifest(first.id).unwrap().packs[0].id;
    back_up(&location, &key(1), &[], &[license(2)]).unwrap();
    let mut bytes = memory.read(&set.pack_path(&pack));
    bytes[20] ^= 1;
    memory.put(&set.pack_path(&pack), bytes.clone());
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    let done = writer.compact(&mut |_| true, &never).unwrap();
    assert_eq!((done.copied_records, done.skipped_packs), (1, vec![pack]));
    let committed = writer.commit(facts(), &never).unwrap();
    assert_eq!(memory.read(&set.pack_path(&pack)), bytes);
    assert_eq!(committed.licenses, 2);
}

#[test]
fn epoch_keys_are_written_twice_in_different_frames() {
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
fn forgetting_takes_it_out_everywhere_at_once() {
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
    let done = writer.forget(&mut |record| is_2(record), &never).unwrap();
    assert_eq!((done.dropped_records, done.skipped_packs.len()), (2, 0));
    let gone = ForgottenDocument {
        kind: 1,
        issuer: "issuer".into(),
        license_id: "L2".into(),
        document: Digest::sha256(b"document"),
    };
    let facts = ManifestFacts { full: true, forgotten: vec![gone.clone()], ..facts() };
    let committed = writer.commit(facts, &never).unwrap();
    assert_eq!(committed.removed.len(), 2);
    let set = location.set(SetId::from_key(&key(1).public())).unwrap();
    assert_eq!(set.generations().len(), 1);
    assert_eq!(set.packs.len(), 1, "old packs are gone at once");
    assert_eq!(set.manifest(committed.id).unwrap().forgotten, [gone]);
    let reader = Reader::latest(&[set], &never).unwrap();
    assert_eq!(ids(&licenses_of(&reader).0), ["L1", "L3"]);
    assert!(all_records(&location, PackRole::Licenses).contains(&statement));
    assert!(location.set(SetId::from_key(&key(2).public())).unwrap().manifest(other.id).is_ok(), "others keep theirs");
    assert!(memory.files().iter().all(|name| !name.contains(".tmp-")));
}

#[test]
fn nothing_is_forgotten_from_a_set_that_cannot_be_read() {
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
fn two_writers_at_once_make_two_heads() {
    let (_, location) = memory();
    let [mut ours, mut theirs] = [(), ()].map(|()| SetWriter::begin(&location, &key(1), 2).unwrap());
    ours.push(&license(1)).unwrap();
    theirs.push(&license(2)).unwrap();
    let ours = ours.commit(facts(), &never).unwrap();
    let theirs = theirs.commit(facts(), &never).unwrap();
    assert_eq!((ours.id.number, theirs.id.number), (1, 1));
    assert_eq!(sets(&location)[0].heads().len(), 2);
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2"]);
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn a_cancelled_writer_leaves_packs_another_committed_meanwhile() {
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
fn full_packs_are_followed_by_others() {
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
