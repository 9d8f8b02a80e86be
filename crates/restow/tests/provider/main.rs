//! Providers of LCP licenses: status checks, loans, and restores that query providers.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod answers;
mod asking;
mod library;
mod loans;
#[path = "../shared/real.rs"]
mod real;
mod restoring;
mod samples;
mod stage;
#[path = "../lcp/workshop.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod workshop;
