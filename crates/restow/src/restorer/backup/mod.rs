//! Backup, verification of a backup, and removal of licenses from a backup.

mod exclusions;
mod forget;
mod held;
mod issuer_entries;
mod run;
mod target;
mod titles;
mod verify;

pub use forget::{ForgetReport, forget_from, other_sets, own_set};
pub use run::BackupPlan;
pub use verify::{RepairStatus, VerifyReport, verify};
