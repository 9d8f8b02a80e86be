//! Backing up, checking a backup, and taking licenses out of one.

pub(crate) mod exclusions;
pub(crate) mod forget;
pub(crate) mod issuer_entries;
pub(crate) mod run;
pub(crate) mod verify;

pub use forget::{ForgottenFrom, forget_from, is_held, other_sets};
pub use verify::{Mending, Verified, verify};
