//! The backup restorer: backs up and restores on its own thread, and tells how it goes.

mod ask;
mod backup;
mod error;
mod options;
mod restore;
mod run;
mod survey;
mod trust;

pub use error::RestorerError;
pub use options::{Backup, BackupPlan, Consent, ExistingSet, Restore, RestorePlan, ServiceNeeded, SetFound};
pub use run::{Run, StatusCallback};
