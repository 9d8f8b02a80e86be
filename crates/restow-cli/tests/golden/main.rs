//! The golden run: a scripted story through every command, with the JSON output and the exit status of each step.
//!
//! Each chapter is a test that plays its part of the story in a folder of its own. The chapter compares its transcript
//! with the file `transcripts/CHAPTER.txt`. Values that differ between runs are placeholders there, and prose is its
//! code. `RESTOW_GOLDEN=update` writes the files anew.
#![cfg(unix)]
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

mod computers;
mod coverage;
mod demo;
mod diff;
mod errors;
mod inputs;
#[path = "../../../restow/tests/provider/library.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod library;
mod licenses;
mod loans;
mod normalizer;
mod operator;
mod samples;
mod service;
mod story;
mod usage;
#[path = "../../../restow/tests/lcp/workshop.rs"]
#[allow(unreachable_pub, dead_code, reason = "other tests use the rest")]
mod workshop;
