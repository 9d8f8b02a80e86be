//! Tests of put-back.
//!
//! They run in a process of their own, because a started program inherits file locks for a moment, and other tests
//! start programs.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[cfg(target_os = "linux")]
mod attributes;
mod download;
mod fixture;
mod matching;
#[path = "../lcp/workshop.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod workshop;
mod writing;
