//! The files by others, where they lie.

use std::path::{Path, PathBuf};

/// Their folder; without it a test is skipped, and says so.
pub fn samples(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_SAMPLES").is_none(), "{test}: ../shared/samples not found");
    println!("SKIPPED: {test}: ../shared/samples not found");
    None
}
