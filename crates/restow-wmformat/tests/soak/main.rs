//! Memory use of ten thousand objects, each with a cancelled run. Ignored by default, because it takes minutes:
//! `scripts/sanitize`.

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

use com::{BEGIN, CANCELED, Callback, Object, S_OK, SendObject};
use world::World;

const WARM: usize = 1_000;
const CYCLES: usize = 10_000;
/// A leaked object or thread would need a hundred times this growth.
const MAX_GROWTH: usize = 1 << 20;

/// Returns the resident memory of this process.
fn resident_memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[test]
#[ignore = "takes minutes: scripts/sanitize soak runs it"]
fn ten_thousand_cycles_keep_memory_flat() {
    let world = World::with_licenses();
    // The backup provides licenses to restore.
    let first = Callback::new();
    assert_eq!(world.object().back_up(&first), S_OK);
    assert_eq!(first.end(), S_OK);
    let mut warm = 0;
    for cycle in 0..WARM + CYCLES {
        if cycle == WARM {
            warm = resident_memory();
        }
        let object = world.object();
        let all = SendObject(object.clone());
        let callback = Callback::with_result(move |_, calls| {
            let SendObject(object) = &all;
            if calls.status == BEGIN {
                object.cancel();
            }
            S_OK
        });
        let run = if cycle % 2 == 0 { Object::back_up } else { Object::restore };
        assert_eq!(run(&object, &callback), S_OK);
        drop(object);
        assert_eq!(callback.end(), CANCELED);
    }
    let end = resident_memory();
    println!("{} kB after {WARM} cycles, {} kB after {CYCLES} more", warm / 1024, end / 1024);
    assert!(end <= warm + MAX_GROWTH, "memory grew by {} bytes", end - warm);
}
