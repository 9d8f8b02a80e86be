//! Ten thousand objects, each with a run that is cancelled: memory stays flat. Ignored, for it takes a while: `scripts/sanitize`.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "../abi/com.rs"]
mod com;
#[path = "../abi/world.rs"]
mod world;

use com::{BEGIN, CANCELED, Callback, Everywhere, Object, S_OK};
use world::World;

const WARM: usize = 1_000;
const CYCLES: usize = 10_000;
/// An object that stayed, or a run's thread, would be a hundred times as much.
const MAX_GROWTH: usize = 1 << 20;

/// What of this process is in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[test]
#[ignore = "takes minutes: scripts/sanitize soak runs it"]
fn ten_thousand_cycles_leave_memory_flat() {
    let world = World::with_books();
    // So that there is something to restore.
    let first = Callback::new();
    assert_eq!(world.object().back_up(&first), S_OK);
    assert_eq!(first.end(), S_OK);
    let mut warm = 0;
    for cycle in 0..WARM + CYCLES {
        if cycle == WARM {
            warm = resident();
        }
        let object = world.object();
        let all = Everywhere(object.clone());
        let callback = Callback::answering(move |_, told| {
            let Everywhere(object) = &all;
            if told.status == BEGIN {
                object.cancel();
            }
            S_OK
        });
        let run = if cycle % 2 == 0 { Object::back_up } else { Object::restore };
        assert_eq!(run(&object, &callback), S_OK);
        drop(object);
        assert_eq!(callback.end(), CANCELED);
    }
    let end = resident();
    println!("{} kB after {WARM} cycles, {} kB after {CYCLES} more", warm / 1024, end / 1024);
    assert!(end <= warm + MAX_GROWTH, "memory grew by {} bytes", end - warm);
}
