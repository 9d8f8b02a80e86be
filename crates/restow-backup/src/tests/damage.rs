//! Tests that every changed bit and every truncation is detected, and that all other data stays readable.

use super::*;

/// Creates two packs of licenses, the first with two license frames, and an inventory.
fn two_packs() -> (Arc<Memory>, Location) {
    let (memory, location) = memory();
    let big = sized_license(1, 200_000);
    back_up(&location, &key(1), &[license(2), big, sized_license(3, 100_000)], &[]).unwrap();
    back_up(&location, &key(1), &[], &[license(4)]).unwrap();
    (memory, location)
}

fn one_pack() -> (Arc<Memory>, Location) {
    let (memory, location) = memory();
    back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    (memory, location)
}

fn verified_files(memory: &Memory) -> Vec<String> {
    memory.files().into_iter().filter(|name| !name.ends_with(".txt")).collect()
}

#[test]
fn every_flipped_bit_is_detected() {
    let (memory, location) = one_pack();
    let expected = restorable_ids(&location);
    for path in verified_files(&memory) {
        let bytes = memory.read(&path);
        for bit in 0..bytes.len() * 8 {
            // One bit per byte is enough inside the JSON.
            let byte = bit / 8;
            let is_json = byte >= 60 && byte + 80 < bytes.len() && !path.ends_with(".pack");
            if is_json && bit % 8 != byte % 8 {
                continue;
            }
            let mut changed = bytes.clone();
            changed[byte] ^= 1 << (bit % 8);
            memory.put(&path, changed);
            let report = check(&location, Depth::Bytes);
            assert_eq!(report.damage.len(), 1, "{path}, bit {bit}: {report:?}");
            assert_eq!(report.is_intact(), !path.ends_with(".pack"), "{path}, bit {bit}");
            if report.is_intact() {
                assert_eq!(restorable_ids(&location), expected, "{path}, bit {bit}");
            }
        }
        memory.put(&path, bytes);
    }
    assert!(check(&location, Depth::Records).is_clean());
}

fn restorable_ids(location: &Location) -> Vec<String> {
    restore(location).unwrap().0.into_keys().collect()
}

#[test]
fn every_wrong_length_is_detected() {
    let (memory, location) = one_pack();
    let expected = restorable_ids(&location);
    for path in verified_files(&memory) {
        let bytes = memory.read(&path);
        let lengths = (0..bytes.len()).map(|len| bytes[..len].to_vec());
        for changed in lengths.chain([[bytes.as_slice(), &[0]].concat()]) {
            let len = changed.len();
            memory.put(&path, changed);
            let report = check(&location, Depth::Bytes);
            assert!(!report.damage.is_empty(), "{path} with {len} bytes");
            if !path.ends_with(".pack") || len > bytes.len() {
                assert_eq!(restorable_ids(&location), expected, "{path} with {len} bytes");
            }
        }
        memory.put(&path, bytes);
    }
}

#[test]
fn damage_affects_one_frame() {
    let (memory, location) = two_packs();
    let set = &sets(&location)[0];
    let manifest = set.manifest(set.heads()[0]).unwrap();
    let pack = &manifest.packs[0];
    // Two frames have licenses, and one lists them.
    assert_eq!(pack.frames.len(), 3);
    let path = set.id().pack_path(&pack.id);
    let bytes = memory.read(&path);
    let in_frames = [vec!["L2", "L1"], vec!["L3"]];
    let mut offset = 0;
    for (index, frame) in pack.frames.iter().take(2).enumerate() {
        let mut changed = bytes.clone();
        changed[offset + frame.stored as usize / 2] ^= 4;
        memory.put(&path, changed);
        offset += frame.stored as usize;
        let (licenses, damage) = restore(&location).unwrap();
        assert_eq!(licenses.len(), 4 - in_frames[index].len());
        assert!(in_frames[index].iter().all(|lost| !licenses.contains_key(*lost)));
        assert_eq!(damage.len(), 1);
        assert_eq!((damage[0].pack, damage[0].frame), (Some(pack.id), Some(index as u32)));
        assert_eq!(damage[0].kind, DamageKind::FrameHash);
        assert_eq!(damage[0].licenses_lost, Some(in_frames[index].len() as u64));
        let named: Vec<_> =
            damage[0].lost_licenses.iter().map(|lost| (lost.license_id.as_str(), lost.version)).collect();
        assert_eq!(named, in_frames[index].iter().map(|id| (*id, 5)).collect::<Vec<_>>());
        assert!(damage[0].lost_licenses.iter().all(|lost| lost.titles.len() == 1));
        let report = check(&location, Depth::Records);
        assert_eq!(report.damage, damage, "verify finds the same");
        assert!(report.sets[0].generations.iter().all(|generation| !generation.is_intact), "both list it");
    }
    // Damage of the list affects no license.
    let mut changed = bytes.clone();
    changed[offset + 8] ^= 4;
    memory.put(&path, changed);
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!((licenses.len(), damage.len(), damage[0].licenses_lost), (4, 1, Some(0)));
    // A truncation in the second frame leaves the first one readable.
    memory.put(&path, bytes[..offset - 1].to_vec());
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L1", "L2", "L4"]);
    assert_eq!(damage.len(), 3);
    assert_eq!(damage.iter().filter_map(|damage| damage.licenses_lost).sum::<u64>(), 1);
}

#[test]
fn swapped_and_missing_packs_are_damage() {
    let (memory, location) = two_packs();
    let set = &sets(&location)[0];
    let manifest = set.manifest(set.heads()[0]).unwrap();
    let [first, second] = [&manifest.packs[0], &manifest.packs[1]].map(|pack| set.id().pack_path(&pack.id));
    let [first_bytes, second_bytes] = [memory.read(&first), memory.read(&second)];
    memory.put(&first, second_bytes.clone());
    memory.put(&second, first_bytes.clone());
    let (licenses, damage) = restore(&location).unwrap();
    assert!(licenses.is_empty());
    assert_eq!(damage.iter().filter_map(|damage| damage.licenses_lost).sum::<u64>(), 4);
    memory.put(&first, first_bytes);
    memory.put(&second, Vec::new());
    let (licenses, _) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L1", "L2", "L3"]);
    memory.delete(&second);
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L1", "L2", "L3"]);
    assert_eq!((&damage[0].kind, damage[0].licenses_lost), (&DamageKind::PackMissing, Some(1)));
    assert!(!check(&location, Depth::Bytes).is_intact());
}

#[test]
fn lost_license_lists_are_limited() {
    use crate::damage::LossTracker;
    let contents = |frame, count: usize| {
        let named = |n| LicenseSummary { license_id: format!("L{n}"), ..Default::default() };
        let record = Record::Contents(ContentsRecord { frame, licenses: (0..count).map(named).collect() });
        let mut body = Vec::new();
        record.encode(&mut body).unwrap();
        body.split_off(6)
    };
    let mut losses = LossTracker::with_limit(100);
    losses.add_contents(&contents(0, 3)).unwrap();
    assert!(losses.is_empty() && losses.into_lost_licenses(9).is_empty(), "no frame is lost");
    let mut losses = LossTracker::with_limit(100);
    losses.add_frame(4);
    losses.add_contents(&contents(3, 2)).unwrap();
    losses.add_contents(&contents(4, 5)).unwrap();
    losses.add_contents(&contents(4, 5)).unwrap();
    assert_eq!(losses.into_lost_licenses(9).len(), 5);
    let mut losses = LossTracker::with_limit(100);
    losses.add_frame(4);
    losses.add_contents(&contents(4, 5)).unwrap();
    assert_eq!(losses.into_lost_licenses(2).len(), 2, "at most the missing licenses are listed");
    // A small pack can list very many licenses: 40 such frames have 1 GiB in memory.
    let mut losses = LossTracker::with_limit(usize::MAX);
    let full = contents(0, 150_000);
    for frame in 0..40_u32 {
        losses.add_frame(frame);
        let body = [&frame.to_le_bytes()[..], &full[4..]].concat();
        losses.add_contents(&body).unwrap();
        assert!(losses.len() <= 10_000);
    }
    assert_eq!(losses.into_lost_licenses(u64::MAX).len(), 10_000);
    let mut cut = LossTracker::with_limit(100);
    assert!(cut.add_contents(&full[..full.len() - 1]).is_err(), "unlisted licenses are decoded as well");
}

/// Documents an accepted risk of docs/threat-model.md: only its own packs reveal a removed newest generation.
#[test]
fn removed_newest_generation_leaves_leftovers() {
    let (memory, location) = memory();
    back_up(&location, &key(1), &[license(1)], &[]).unwrap();
    let second = back_up(&location, &key(1), &[], &[license(2)]).unwrap();
    let set = SetId::from_key(&key(1).public());
    memory.delete(&set.manifest_path(&second.id));
    memory.delete(&set.copy_path(&second.id));
    let report = check(&location, Depth::Records);
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.leftovers.len(), 1, "{report:?}");
    assert_eq!(restorable_ids(&location), ["L1"]);
}

#[test]
fn copy_replaces_damaged_manifest() {
    let (memory, location) = one_pack();
    let set = &sets(&location)[0];
    let id = set.heads()[0];
    let bytes = memory.read(&set.id().manifest_path(&id));
    memory.delete(&set.id().manifest_path(&id));
    assert_eq!(restorable_ids(&location), ["L1"]);
    memory.put(&set.id().manifest_path(&id), Vec::new());
    assert_eq!(restorable_ids(&location), ["L1"]);
    assert!(matches!(restore(&location).unwrap().1[0].kind, DamageKind::Manifest(_)));
    memory.put(&set.id().copy_path(&id), vec![0; 10]);
    assert!(matches!(restore(&location), Err(BackupError::AllDamaged(_))));
    memory.delete(&set.id().copy_path(&id));
    memory.put(&set.id().manifest_path(&id), bytes);
    assert_eq!(check(&location, Depth::Bytes).damage[0].kind, DamageKind::CopyMissing);
}

#[test]
fn older_generations_are_merged_first() {
    let (memory, location) = memory();
    let old = sized_license(1, 50);
    back_up(&location, &key(1), &[old.clone(), license(2)], &[]).unwrap();
    // After compaction, the new generation lists no pack of the old one.
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    writer.compact(&mut |_| false, &never).unwrap();
    let Record::License(mut newer) = old else { unreachable!() };
    newer.titles = vec!["newer".into()];
    writer.push(&Record::License(newer)).unwrap();
    writer.push(&sized_license(3, 300_000)).unwrap();
    let second = writer.commit(facts(), &never).unwrap();
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!((ids(&licenses), damage.len()), (vec!["L1", "L3"], 0), "only the head is read while intact");
    let set = &sets(&location)[0];
    let pack = &set.manifest(second.id).unwrap().packs[0];
    let path = set.id().pack_path(&pack.id);
    let mut bytes = memory.read(&path);
    let at = pack.frames[0].stored as usize + 5;
    bytes[at] ^= 1;
    memory.put(&path, bytes);
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L1", "L2"]);
    assert_eq!(licenses["L1"].titles, ["newer"], "the older generation is read first");
    assert_eq!(damage.len(), 1);
    let reader = Reader::latest(std::slice::from_ref(set), &never).unwrap();
    let parts: Vec<GenerationRole> = reader.generations().iter().map(|generation| generation.role).collect();
    assert_eq!(parts, [GenerationRole::Fallback, GenerationRole::Requested]);
    memory.put(&set.id().manifest_path(&second.id), vec![]);
    memory.put(&set.id().copy_path(&second.id), vec![]);
    let (licenses, damage) = restore(&location).unwrap();
    assert_eq!(ids(&licenses), ["L1", "L2"], "older generations are read");
    assert!(matches!(damage[0].kind, DamageKind::Generation(_)));
    let writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    assert!(!writer.parent().unwrap().complete, "a newer generation is unknown");
    assert_eq!(writer.number(), 3);
}

#[test]
fn verify_lists_foreign_files_and_leftovers() {
    let (memory, location) = one_pack();
    let set = sets(&location)[0].id();
    let foreign = [
        "notes.txt".to_owned(),
        "sets/readme".to_owned(),
        format!("{}/Thumbs.db", set.folder_path()),
        format!("{}/x.manifest", set.generations_path()),
        format!("{}/0000000001-zz.copy", set.generations_path()),
        format!("{}/a.pack", set.packs_path()),
    ];
    for path in &foreign {
        memory.put(path, vec![1]);
    }
    let leftovers =
        [format!("{}/.tmp-0123456789abcdef", set.packs_path()), set.pack_path(&PackId::from_bytes([9; 32]))];
    for path in &leftovers {
        memory.put(path, vec![1]);
    }
    let report = check(&location, Depth::Bytes);
    let mut expected = foreign.to_vec();
    expected.sort_unstable();
    assert_eq!(report.foreign, expected);
    let mut expected = leftovers.to_vec();
    expected.sort_unstable();
    assert_eq!(report.leftovers, expected);
    assert!(report.is_intact() && !report.is_clean());
    assert_eq!(restorable_ids(&location), ["L1"]);
}

#[test]
fn verify_reports_progress_and_cancels() {
    let (_, location) = two_packs();
    let mut last = (0, 0);
    let report = verify_location(&location, Depth::Records, &mut |done, total| {
        assert!(done >= last.0 && done <= total);
        last = (done, total);
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(last, (report.bytes, report.bytes));
    let cancelled = verify_location(&location, Depth::Bytes, &mut |_, _| std::ops::ControlFlow::Break(()));
    assert!(matches!(cancelled, Err(BackupError::Cancelled)));
}
