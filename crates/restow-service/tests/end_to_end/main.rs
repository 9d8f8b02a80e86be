//! Homes and a real service over HTTP: what people live through, and what attackers try.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod attacks;
mod browser;
mod counting;
mod keeping;
mod limits;
mod mended;
mod reasons;
mod remembered;
mod story;
mod troubles;
mod world;
