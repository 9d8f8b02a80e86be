//! Cleaning of foreign text before a terminal shows it.

use std::borrow::Cow;

use restow::leads_astray;

/// Replaces the characters of foreign text that would send commands to a terminal or reorder a line.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    if text.contains(leads_astray) { Cow::Owned(text.replace(leads_astray, "\u{fffd}")) } else { Cow::Borrowed(text) }
}
