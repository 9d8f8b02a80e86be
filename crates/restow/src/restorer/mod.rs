//! The backup restorer: backs up and restores on its own thread, and tells how it goes.

mod backup;
mod options;
mod restore;
mod run;
mod wm_restorer;

pub use crate::error::RestorerError;
pub use backup::{ForgottenFrom, Mending, Verified, forget_from, is_held, other_sets, verify};
pub use options::{Backup, BackupPlan, Consent, ExistingSet, Restore, RestorePlan, ServiceNeeded, SetFound};
pub use restore::{Contents, sets_at};
pub use run::{Run, StatusCallback};
pub use wm_restorer::{BACKUP_PATH, BackupRestorer, RESTORE_PATH, WM_BACKUP_OVERWRITE, WM_RESTORE_INDIVIDUALIZE};
