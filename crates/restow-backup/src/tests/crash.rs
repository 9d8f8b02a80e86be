//! A cut, an error, a full disk and a cancel at every operation.

use std::sync::atomic::{AtomicU64, Ordering};

use super::memory::{Fault, Unsynced};
use super::*;

/// The kinds of run that are cut: what differs is what they do to what is there.
#[derive(Clone, Copy, Debug)]
enum Run {
    First,
    Incremental,
    Compacting,
    Forgetting,
}

const RUNS: [Run; 4] = [Run::First, Run::Incremental, Run::Compacting, Run::Forgetting];

fn prepared(run: Run) -> Memory {
    let (memory, location) = memory();
    if !matches!(run, Run::First) {
        back_up(&location, &key(1), &[license(1), license(2)], &[]).unwrap();
        back_up(&location, &key(1), &[], &[license(3)]).unwrap();
        back_up(&location, &key(1), &[], &[]).unwrap();
        memory.let_pass(200_000);
    }
    memory.fork()
}

fn act(run: Run, location: &Location, cancel: &dyn Fn() -> bool) -> Result<CommittedGeneration, BackupError> {
    let mut writer = SetWriter::begin(location, &key(1), 2)?;
    match run {
        Run::First | Run::Incremental => {}
        Run::Compacting => {
            writer.compact(&mut |_| true, cancel)?;
        }
        Run::Forgetting => {
            let is_2 = |record: &Record| matches!(record, Record::License(license) if license.license_id == "L2");
            let done = writer.forget(&mut |record| is_2(record), cancel)?;
            // What a caller does who cannot take back what it promised.
            if let Some(left) = done.skipped_packs.first() {
                return Err(BackupError::ForgetDamaged(location.path().join(left.to_string())));
            }
        }
    }
    writer.push(&license(4))?;
    writer.push_inventory(&missing(2))?;
    writer.commit(ManifestFacts { full: true, ..facts() }, cancel)
}

fn old_state(run: Run) -> &'static [&'static str] {
    if matches!(run, Run::First) { &[] } else { &["L1", "L2", "L3"] }
}

fn new_state(run: Run) -> &'static [&'static str] {
    match run {
        Run::First => &["L4"],
        Run::Incremental | Run::Compacting => &["L1", "L2", "L3", "L4"],
        Run::Forgetting => &["L1", "L3", "L4"],
    }
}

/// The old state or the new one, whole; and then the next backup works.
fn assert_whole(run: Run, location: &Location, when: &str) {
    let found = match restore(location) {
        Ok((licenses, damage)) => {
            assert!(damage.iter().all(|damage| !damage.kind.is_loss()), "{when}: {damage:?}");
            licenses
        }
        Err(BackupError::NoBackup(_)) | Err(BackupError::AllDamaged(_)) if matches!(run, Run::First) => BTreeMap::new(),
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
fn a_cut_at_any_operation_leaves_the_old_or_the_new() {
    for run in RUNS {
        let before = prepared(run);
        for operation in 1.. {
            let (memory, location) = on(before.fork());
            memory.fail_at(operation, Fault::Cut);
            let result = act(run, &location, &never);
            if !memory.failed() {
                result.unwrap();
                assert!(operation > 20, "there are more operations than that");
                break;
            }
            for unsynced in
                [Unsynced::Lost, Unsynced::NamesKept, Unsynced::Mixed(operation), Unsynced::Mixed(operation * 7)]
            {
                let (_, after) = on(memory.after_cut(unsynced));
                assert_whole(run, &after, &format!("{run:?}, cut at {operation}, {unsynced:?}"));
            }
        }
    }
}

#[test]
fn what_was_reported_as_done_survives_a_cut() {
    for run in RUNS {
        let (memory, location) = on(prepared(run));
        let committed = act(run, &location, &never).unwrap();
        assert!(committed.warnings.is_empty(), "{:?}", committed.warnings);
        let (_, after) = on(memory.after_cut(Unsynced::Lost));
        assert_eq!(ids(&restore(&after).unwrap().0), new_state(run));
    }
}

#[test]
fn an_error_at_any_operation_is_clean() {
    for run in RUNS {
        for fault in [Fault::Error, Fault::ErrorAfter, Fault::Full] {
            let before = prepared(run);
            for operation in 1.. {
                let (memory, location) = on(before.fork());
                memory.fail_at(operation, fault);
                let result = act(run, &location, &never);
                if !memory.failed() {
                    result.unwrap();
                    break;
                }
                let when = format!("{run:?}, {fault:?} at {operation}");
                if let Err(error) = result {
                    assert!(!error.to_string().is_empty() && !error.help().is_empty());
                    if fault == Fault::Full {
                        assert_eq!(error.code(), "backup-disk-full", "{when}");
                    }
                    // An operation whose answer was lost may leave something; nothing else leaves anything.
                    if fault != Fault::ErrorAfter {
                        assert_eq!(memory.image(), before.image(), "{when}: {error}");
                    }
                }
                let (_, after) = on(memory.fork());
                assert_whole(run, &after, &when);
            }
        }
    }
}

#[test]
fn a_cancel_at_any_moment_changes_nothing() {
    for run in RUNS {
        let before = prepared(run);
        for polls in 0.. {
            let (memory, location) = on(before.fork());
            let asked = AtomicU64::new(0);
            let result = act(run, &location, &|| asked.fetch_add(1, Ordering::SeqCst) >= polls);
            if asked.load(Ordering::SeqCst) <= polls {
                result.unwrap();
                assert!(polls >= 2, "it is asked before the commit");
                break;
            }
            assert!(matches!(result, Err(BackupError::Cancelled)), "{run:?}, {polls}: {result:?}");
            assert_eq!(memory.image(), before.image(), "{run:?}, cancelled at {polls}");
        }
    }
}

#[test]
fn without_room_for_the_copy_nothing_is_backed_up_and_without_room_for_the_texts_everything_is() {
    for run in RUNS {
        let before = prepared(run);
        let (memory, location) = on(before.fork());
        act(run, &location, &never).unwrap();
        let set = SetId::from_key(&key(1).public());
        let new: usize = memory
            .image()
            .iter()
            .filter(|(path, _)| path.starts_with(&set.folder_path()) && !before.image().contains_key(*path))
            .map(|(_, bytes)| bytes.len())
            .sum();
        let needed = before.image().values().map(Vec::len).sum::<usize>() + new;
        let (memory, location) = on(before.fork());
        memory.has_room_for(needed - 1);
        let error = act(run, &location, &never).unwrap_err();
        assert_eq!(error.code(), "backup-disk-full", "{run:?}");
        assert_eq!(memory.image(), before.image(), "{run:?}");
        memory.has_room_for(needed);
        act(run, &location, &never).unwrap();
        assert!(check(&location, Depth::Records).is_clean(), "{run:?}");
    }
}

#[test]
fn a_dropped_writer_leaves_nothing() {
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
