//! The command from outside: shapes of what it prints, exit statuses, streams, its reference, and the demo.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod books;
mod demo;
mod exits;
mod film;
#[path = "../../../restow/tests/provider/library.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod library;
mod loans;
mod operator;
mod reference;
mod shapes;
mod stage;
mod streams;
mod terminal;
#[path = "../../../restow/tests/lcp/workshop.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod workshop;
