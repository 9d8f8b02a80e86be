//! Backup, verification of a backup, and removal of licenses from a backup.

mod exclusions;
mod forget;
mod issuer_entries;
mod run;
mod verify;

pub use forget::{ForgetReport, forget_from, other_sets};
pub use run::BackupPlan;
pub use verify::{RepairStatus, VerifyReport, verify};
