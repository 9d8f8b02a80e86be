//! Tests of the read-back after a commit, and of drives that cannot sync.

use super::*;

#[cfg(unix)]
const EIO: i32 = 5;
/// EINVAL, ENOTTY, ENOSYS and EOPNOTSUPP.
#[cfg(target_os = "linux")]
const UNSUPPORTED: [i32; 4] = [22, 25, 38, 95];

/// Writes a generation as `restow` does: the carried-over packs are read before.
fn back_up_checked(location: &Location, all: &[Record], new: &[Record]) -> CommittedGeneration {
    let mut writer = SetWriter::begin(location, &key(1), 2).unwrap();
    let is_intact = writer.check_carried(&never).unwrap();
    let full = !is_intact || !writer.parent().is_some_and(|base| base.complete);
    for record in if full { all } else { new } {
        writer.push(record).unwrap();
    }
    writer.commit(ManifestFacts { full, ..facts() }, &never).unwrap()
}

fn packs(memory: &Memory) -> Vec<String> {
    memory.files().into_iter().filter(|path| path.ends_with(".pack")).collect()
}

fn two_generations() -> (Arc<Memory>, Location, Vec<Record>) {
    let (memory, location) = memory();
    let all = vec![license(1), license(2)];
    back_up_checked(&location, &all[..1], &all[..1]);
    back_up_checked(&location, &all, &all[1..]);
    (memory, location, all)
}

#[test]
fn intact_set_is_read_back_whole() {
    let (_, location, all) = two_generations();
    let committed = back_up_checked(&location, &all, &[]);
    assert!(committed.read_back.is_whole && committed.read_back.damage.is_empty(), "{committed:?}");
    assert!(!committed.cannot_sync);
}

/// The cache has the right bytes, and the medium does not.
#[test]
fn rotten_pack_is_written_again() {
    let (memory, location) = memory();
    let all = [license(1), license(2)];
    back_up_checked(&location, &all, &all);
    for rot in [Memory::rot, Memory::break_sector] {
        rot(&memory, &packs(&memory)[0]);
        assert!(!check(&location, Depth::Bytes).is_intact(), "the verification reads the medium");
        let committed = back_up_checked(&location, &all, &[]);
        assert!(committed.read_back.is_whole && committed.read_back.damage.is_empty(), "{committed:?}");
        assert_eq!(committed.repaired, 1);
        assert!(check(&location, Depth::Records).is_clean());
    }
}

#[test]
fn changed_new_pack_is_reported() {
    let (memory, location) = memory();
    memory.change_packs(1);
    let committed = back_up_checked(&location, &[license(1)], &[license(1)]);
    assert!(!committed.read_back.is_whole);
    let [damage] = committed.read_back.damage.as_slice() else { panic!("{committed:?}") };
    assert_eq!((damage.pack.is_some(), &damage.kind), (true, &DamageKind::FrameHash));
    let again = back_up_checked(&location, &[license(1)], &[license(1)]);
    assert!(again.read_back.is_whole && again.repaired == 1, "{again:?}");
}

/// Without the check before the writing, the read-back after the commit finds the old damage.
#[test]
fn unread_old_damage_is_reported() {
    let (memory, location, _) = two_generations();
    memory.rot(&packs(&memory)[0]);
    let committed = SetWriter::begin(&location, &key(1), 2).unwrap().commit(facts(), &never).unwrap();
    assert_eq!(committed.read_back.damage.len(), 1, "{committed:?}");
    assert!(committed.removed.is_empty(), "nothing is removed beside damage");
}

#[test]
fn rotten_manifest_and_copy_are_repaired() {
    for ending in [".manifest", ".copy"] {
        let (memory, location, all) = two_generations();
        let newest = memory.files().into_iter().rfind(|path| path.ends_with(ending)).unwrap();
        memory.rot(&newest);
        let committed = back_up_checked(&location, &all, &[]);
        assert_eq!(committed.repaired, 1, "{ending}");
        assert!(check(&location, Depth::Records).is_clean(), "{ending}");
    }
}

/// A folder is never removed or replaced.
#[test]
fn folder_in_place_of_pack_stays() {
    let (memory, location) = memory();
    let all = [license(1), license(2)];
    back_up_checked(&location, &all, &all);
    let pack = packs(&memory)[0].clone();
    memory.delete(&pack);
    memory.put_folder(&pack);
    memory.put(&format!("{pack}/mine"), b"mine".to_vec());
    let committed = back_up_checked(&location, &all, &[]);
    assert!(committed.read_back.is_whole, "{committed:?}");
    assert_eq!(ids(&restore(&location).unwrap().0), ["L1", "L2"]);
    assert_eq!(memory.read(&format!("{pack}/mine")), b"mine");
}

#[cfg(target_os = "linux")]
#[test]
fn drive_without_sync_takes_backup() {
    for error in UNSUPPORTED {
        let (memory, location) = memory();
        memory.fail_syncs(error);
        let committed = back_up_checked(&location, &[license(1)], &[license(1)]);
        assert!(committed.cannot_sync && committed.warnings.is_empty(), "{error}: {committed:?}");
        assert_eq!(ids(&restore(&location).unwrap().0), ["L1"]);
    }
}

#[cfg(unix)]
#[test]
fn drive_error_at_sync_ends_backup() {
    let (memory, location) = memory();
    memory.fail_syncs(EIO);
    let error = SetWriter::begin(&location, &key(1), 2).unwrap_err();
    assert_eq!(error.code(), "backup-write-failed");
    assert!(memory.image().is_empty());
}
