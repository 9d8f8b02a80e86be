//! restow-media.
