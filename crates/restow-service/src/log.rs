//! The inside of errors: one line each on standard error. Never keys, codes of links, or titles.

use std::io::{self, Write as _};

use restow::{Clock as _, SystemClock, rfc3339};

/// Says what the operator should know and no caller may see.
pub(crate) fn problem(what: &str) {
    // Control characters could forge lines.
    let line: String = what.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    // Nobody may be reading it; that is no reason to stop serving.
    let _ = writeln!(io::stderr(), "{} restow-service: {line}", rfc3339(SystemClock.now()));
}
