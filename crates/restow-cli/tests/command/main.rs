//! The command from outside: JSON objects, exit statuses, streams, the reference, and the demo.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod backups;
mod demo;
mod exit_status;
mod film;
mod homes;
mod json_output;
#[path = "../../../restow/tests/provider/library.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod library;
mod loans;
mod operator;
mod publications;
mod reference;
mod sandbox;
#[cfg(unix)]
mod serve;
mod streams;
mod terminal;
#[path = "../../../restow/tests/lcp/workshop.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod workshop;
