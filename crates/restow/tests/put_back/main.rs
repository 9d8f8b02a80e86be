//! Licenses put back. In a process of its own: other tests start programs, which for a moment hold the locks they inherit.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod fetching;
mod places;
mod stage;
mod whose;
#[path = "../lcp/workshop.rs"]
#[expect(dead_code, reason = "shared with other tests")]
mod workshop;
