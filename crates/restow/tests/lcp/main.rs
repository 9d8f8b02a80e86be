//! Tests of the verification, import and restore of LCP license documents.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod certificates;
mod forms;
mod home;
#[path = "../shared/real.rs"]
mod real;
mod round_trip;
mod safety;
mod samples;
mod verdicts;
mod workshop;
