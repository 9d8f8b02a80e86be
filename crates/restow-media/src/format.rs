//! Containers this crate can tell.

use crate::names::named;

/// The container of a file, told by its content and never by its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Format {
    /// Advanced Systems Format: `.asf`, `.wma`, `.wmv`, `.pya`, `.pyv`.
    Asf,
    /// None of those this crate knows.
    #[default]
    Unknown,
}

named!(Format {
    Asf => "asf",
    Unknown => "unknown",
});
