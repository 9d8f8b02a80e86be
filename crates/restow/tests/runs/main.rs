//! Backups and restores through the public API, without a service.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod books;
mod damage;
mod export;
mod faithful;
mod locations;
mod plan;
mod portable;
mod read_back;
#[path = "../shared/real.rs"]
mod real;
mod remembered;
mod samples;
mod stage;
#[path = "../lcp/workshop.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod workshop;
