//! The inside of errors: one line each on standard error. Never keys, codes of links, or titles.

use restow::{Clock as _, SystemClock, rfc3339};

/// Says what the operator should know and no caller may see.
pub(crate) fn problem(what: &str) {
    // Control characters could forge lines.
    let line: String = what.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    eprintln!("{} restow-service: {line}", rfc3339(SystemClock.now()));
}
