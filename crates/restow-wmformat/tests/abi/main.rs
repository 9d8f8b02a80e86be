//! Rules of COM and of the SDK, tested through vtables with a callback of the test: references, null arguments,
//! hostile values, released objects, threads. `tests/replay` tests the view of a C program.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod com;
mod identity;
mod lifetimes;
mod nulls;
mod properties;
mod threads;
#[cfg(target_os = "linux")]
mod unload;
mod world;
