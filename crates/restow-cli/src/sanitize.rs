//! Cleaning of foreign text before a terminal shows it.

use std::borrow::Cow;

use restow::is_unsafe_for_display;

/// Replaces the characters of foreign text that would send commands to a terminal or reorder a line.
pub(crate) fn sanitize(text: &str) -> Cow<'_, str> {
    if text.contains(is_unsafe_for_display) {
        Cow::Owned(text.replace(is_unsafe_for_display, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}
