//! Memory use of ten thousand runs. Ignored by default, because it takes minutes; `scripts/sanitize soak` runs
//! it.

#![cfg(target_os = "linux")]
#![allow(
    missing_docs,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::ffi::{CString, c_void};
use std::ptr::null_mut;

use restow_c::*;

const LCP: &[u8] =
    br#"{"id":"b","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"p",
"content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
"links":[],"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;

/// Returns the resident memory of this process, in KiB.
fn resident_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

unsafe extern "C" fn cancel_at_begin(event: *const restow_event, context: *mut c_void) {
    unsafe {
        if restow_event_status(event) == RESTOW_STATUS_BEGIN {
            restow_cancel(context.cast());
        }
    }
}

/// Creates, backs up, cancels and frees. Some cycles use a callback, some poll, some do not cancel, and some
/// fail.
fn cycle(n: usize, folder: &CString, location: &CString) {
    let (mut home, mut restorer, mut error) = (null_mut(), null_mut(), null_mut());
    unsafe {
        assert_eq!(restow_home_open(folder.as_ptr(), &raw mut home, null_mut()), RESTOW_OK);
        assert_eq!(restow_restorer_new(home, &raw mut restorer, null_mut()), RESTOW_OK);
        assert_eq!(restow_backup(restorer, 1, None, null_mut(), &raw mut error), RESTOW_E_NO_LOCATION);
        restow_error_free(error);
        assert_eq!(restow_set_location(restorer, location.as_ptr(), null_mut()), RESTOW_OK);
        if n.is_multiple_of(2) {
            assert_eq!(restow_backup(restorer, 1, Some(cancel_at_begin), restorer.cast(), null_mut()), RESTOW_OK);
        } else {
            assert_eq!(restow_backup(restorer, 1, None, null_mut(), null_mut()), RESTOW_OK);
            if !n.is_multiple_of(5) {
                restow_cancel(restorer);
            }
            restow_event_free(restow_poll(restorer, u32::MAX));
        }
        restow_wait(restorer);
        restow_restorer_free(restorer);
        restow_home_free(home);
    }
}

#[test]
#[ignore = "takes minutes: scripts/sanitize soak runs it"]
fn ten_thousand_cycles_keep_memory_flat() {
    let folder = tempfile::tempdir().unwrap();
    let text = |name: &str| CString::new(folder.path().join(name).to_str().unwrap()).unwrap();
    let (home_folder, location) = (text("home"), text("stick"));
    std::fs::create_dir(folder.path().join("stick")).unwrap();
    let mut home = null_mut();
    unsafe {
        assert_eq!(restow_home_open(home_folder.as_ptr(), &raw mut home, null_mut()), RESTOW_OK);
        assert_eq!(restow_import_document(home, LCP.as_ptr(), LCP.len(), null_mut(), null_mut()), RESTOW_OK);
        restow_home_free(home);
    }
    (0..1_000).for_each(|n| cycle(n, &home_folder, &location));
    let early = resident_memory();
    (1_000..10_000).for_each(|n| cycle(n, &home_folder, &location));
    let late = resident_memory();
    println!("{early} KiB after 1,000 cycles, {late} KiB after 10,000");
    assert!(late <= early + 1024, "memory grows: {early} KiB after 1,000 cycles, {late} KiB after 10,000");
}
