//! The inside of errors: one line each on standard error. Never keys, codes of links, or titles.

use std::io::{self, Write as _};

use restow_core::{Clock as _, SystemClock, leads_astray, rfc3339};

/// Says what the operator should know and no caller may see.
pub(crate) fn report(text: &str) {
    // They could forge lines.
    let line = text.replace(leads_astray, " ");
    // Nobody may be reading it; that is no reason to stop serving.
    let _ = writeln!(io::stderr(), "{} restow-service: {line}", rfc3339(SystemClock.now()));
}
