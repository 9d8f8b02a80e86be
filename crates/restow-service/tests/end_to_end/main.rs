//! End-to-end tests of homes with a real service over HTTP.
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
mod backup_retention;
mod backup_status;
mod browser;
mod counters;
mod faulty_services;
mod fixture;
mod lifecycle;
mod limits;
mod reasons;
mod regressions;
