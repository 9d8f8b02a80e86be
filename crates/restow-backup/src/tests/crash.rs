//! Tests with a crash, an error, a full disk or a cancellation at every operation.

use std::sync::atomic::{AtomicU64, Ordering};

use super::memory::{Fault, Unsynced};
use super::*;

/// Kind of backup run, by its effect on existing files.
#[derive(Clone, Copy, Debug)]
enum RunKind {
    First,
    Incremental,
    Compacting,
    Forgetting,
}

const RUNS: [RunKind; 4] = [RunKind::First, RunKind::Incremental, RunKind::Compacting, RunKind::Forgetting];

fn prepare(run: RunKind) -> Memory {
    let (memory, location) = memory();
    if !matches!(run, RunKind::First) {
        back_up(&location, &key(1), &[license(1), license(2)], &[]).unwrap();
        back_up(&location, &key(1), &[], &[license(3)]).unwrap();
        back_up(&location, &key(1), &[], &[]).unwrap();
        memory.advance_clock(200_000);
    }
    memory.fork()
}

fn run_backup(
    run: RunKind,
    location: &Location,
    cancel: &dyn Fn() -> bool,
) -> Result<CommittedGeneration, BackupError> {
    let mut writer = SetWriter::begin(location, &key(1), 2)?;
    match run {
        RunKind::First | RunKind::Incremental => {}
        RunKind::Compacting => {
            writer.compact(&mut |_| true, cancel)?;
        }
        RunKind::Forgetting => {
            let is_2 = |record: &Record| matches!(record, Record::License(license) if license.license_id == "L2");
            let result = writer.forget(&mut |record| is_2(record), cancel)?;
            // A caller has to abort here, because the license may remain in a skipped pack.
            if let Some(pack) = result.skipped_packs.first() {
                return Err(BackupError::ForgetDamaged(location.path().join(pack.to_string())));
            }
        }
    }
    writer.push(&license(4))?;
    writer.push_inventory(&missing(2))?;
    writer.commit(ManifestFacts { full: true, ..facts() }, cancel)
}

fn old_state(run: RunKind) -> &'static [&'static str] {
    if matches!(run, RunKind::First) { &[] } else { &["L1", "L2", "L3"] }
}

fn new_state(run: RunKind) -> &'static [&'static str] {
    match run {
        RunKind::First => &["L4"],
        RunKind::Incremental | RunKind::Compacting => &["L1", "L2", "L3", "L4"],
        RunKind::Forgetting => &["L1", "L3", "L4"],
    }
}

/// Asserts that the location has the complete old or new state, and that the next backup works.
fn assert_consistent(run: RunKind, location: &Location, when: &str) {
    let found = match restore(location) {
        Ok((licenses, damage)) => {
            assert!(damage.iter().all(|damage| !damage.kind.is_loss()), "{when}: {damage:?}");
            licenses
        }
        Err(BackupError::NoBackup(_)) | Err(BackupError::AllDamaged(_)) if matches!(run, RunKind::First) => {
            BTreeMap::new()
        }
        Err(error) => panic!("{when}: {error}"),
    };
    let found: Vec<&str> = found.keys().map(String::as_str).collect();
    assert!(found == old_state(run) || found == new_state(run), "{when}: {found:?}");
    let all = [license(1), license(5)];
    back_up(location, &key(1), &all, &[license(5)]).unwrap_or_else(|error| panic!("{when}: next backup: {error}"));
    let (after, damage) = restore(location).unwrap();
    assert!(damage.iter().all(|damage| !damage.kind.is_loss()), "{when}: {damage:?}");
    assert!(found.iter().all(|id| after.contains_key(*id)) && after.contains_key("L5"), "{when}: {after:?}");
    let report = check(location, Depth::Records);
    assert!(report.is_intact() && report.foreign.is_empty(), "{when}: {report:?}");
}

#[test]
fn power_cut_keeps_old_or_new() {
    for run in RUNS {
        let before = prepare(run);
        for operation in 1.. {
            let (memory, location) = open_memory(before.fork());
            memory.fail_at(operation, Fault::Cut);
            let result = run_backup(run, &location, &never);
            if !memory.fault_occurred() {
                result.unwrap();
                assert!(operation > 20, "a run has more operations");
                break;
            }
            for unsynced in
                [Unsynced::Lost, Unsynced::NamesKept, Unsynced::Mixed(operation), Unsynced::Mixed(operation * 7)]
            {
                let (_, after) = open_memory(memory.after_cut(unsynced));
                assert_consistent(run, &after, &format!("{run:?}, cut at {operation}, {unsynced:?}"));
            }
        }
    }
}

#[test]
fn committed_generation_survives_power_cut() {
    for run in RUNS {
        let (memory, location) = open_memory(prepare(run));
        let committed = run_backup(run, &location, &never).unwrap();
        assert!(committed.warnings.is_empty(), "{:?}", committed.warnings);
        let (_, after) = open_memory(memory.after_cut(Unsynced::Lost));
        assert_eq!(ids(&restore(&after).unwrap().0), new_state(run));
    }
}

#[test]
fn failed_operation_keeps_old_or_new() {
    for run in RUNS {
        for fault in [Fault::Error, Fault::ErrorAfter, Fault::Full] {
            let before = prepare(run);
            for operation in 1.. {
                let (memory, location) = open_memory(before.fork());
                memory.fail_at(operation, fault);
                let result = run_backup(run, &location, &never);
                if !memory.fault_occurred() {
                    result.unwrap();
                    break;
                }
                let when = format!("{run:?}, {fault:?} at {operation}");
                if let Err(error) = result {
                    assert!(!error.to_string().is_empty() && !error.help().is_empty());
                    if fault == Fault::Full {
                        assert_eq!(error.code(), "backup-disk-full", "{when}");
                    }
                    // Only an operation with a lost answer may leave files behind.
                    if fault != Fault::ErrorAfter {
                        assert_eq!(memory.image(), before.image(), "{when}: {error}");
                    }
                }
                let (_, after) = open_memory(memory.fork());
                assert_consistent(run, &after, &when);
            }
        }
    }
}

#[test]
fn cancellation_changes_nothing() {
    for run in RUNS {
        let before = prepare(run);
        for polls in 0.. {
            let (memory, location) = open_memory(before.fork());
            let asked = AtomicU64::new(0);
            let result = run_backup(run, &location, &|| asked.fetch_add(1, Ordering::SeqCst) >= polls);
            if asked.load(Ordering::SeqCst) <= polls {
                result.unwrap();
                assert!(polls >= 2, "the commit checks for a cancellation");
                break;
            }
            assert!(matches!(result, Err(BackupError::Cancelled)), "{run:?}, {polls}: {result:?}");
            assert_eq!(memory.image(), before.image(), "{run:?}, cancelled at {polls}");
        }
    }
}

#[test]
fn disk_full_for_copy_prevents_commit() {
    for run in RUNS {
        let before = prepare(run);
        let (memory, location) = open_memory(before.fork());
        run_backup(run, &location, &never).unwrap();
        let set = SetId::from_key(&key(1).public());
        let new: usize = memory
            .image()
            .iter()
            .filter(|(path, _)| path.starts_with(&set.folder_path()) && !before.image().contains_key(*path))
            .map(|(_, bytes)| bytes.len())
            .sum();
        let needed = before.image().values().map(Vec::len).sum::<usize>() + new;
        let (memory, location) = open_memory(before.fork());
        memory.set_capacity(needed - 1);
        let error = run_backup(run, &location, &never).unwrap_err();
        assert_eq!(error.code(), "backup-disk-full", "{run:?}");
        assert_eq!(memory.image(), before.image(), "{run:?}");
        memory.set_capacity(needed);
        run_backup(run, &location, &never).unwrap();
        assert!(check(&location, Depth::Records).is_clean(), "{run:?}");
    }
}

#[test]
fn dropped_writer_removes_its_files() {
    let (memory, location) = memory();
    let before = memory.image();
    for licenses in [0, 3, 2000] {
        let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
        for n in 0..licenses {
            writer.push(&sized_license(n, 1000)).unwrap();
        }
        drop(writer);
        assert_eq!(memory.image(), before, "{licenses}");
    }
}
