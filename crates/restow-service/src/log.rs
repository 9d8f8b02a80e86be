//! Log of internal error details, one line each on standard error. It never contains keys, link codes or titles.

use std::io::{self, Write as _};

use restow_core::{Clock as _, SystemClock, is_unsafe_for_display, rfc3339};

/// Writes one line for the operator. Callers never see it.
pub(crate) fn report(text: &str) {
    // Control and direction characters could forge lines.
    let line = text.replace(is_unsafe_for_display, " ");
    // A closed standard error must not stop the service.
    let _ = writeln!(io::stderr(), "{} restow-service: {line}", rfc3339(SystemClock.now()));
}
