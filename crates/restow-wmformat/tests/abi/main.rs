//! The rules of COM and of the SDK, kept through vtables against a callback of our own: references, null arguments, hostile values,
//! objects that go away, many threads. What a program in C sees of it is in `tests/replay`.

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
