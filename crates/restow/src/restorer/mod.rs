//! The backup restorer: backs up and restores on its own thread, and tells how it goes.

mod ask;
mod ask_providers;
mod backup;
mod contents;
mod end;
mod error;
mod faithful;
mod forget;
mod issuers;
mod left_out;
mod options;
mod passphrase;
mod restore;
mod run;
mod survey;
mod tally;
mod trust;
mod verify;

pub use contents::{Contents, sets_at};
pub use error::RestorerError;
pub use faithful::{BACKUP_PATH, BackupRestorer, RESTORE_PATH, WM_BACKUP_OVERWRITE, WM_RESTORE_INDIVIDUALIZE};
pub use forget::{ForgottenFrom, forget_from, is_held, other_sets};
pub use options::{Backup, BackupPlan, Consent, ExistingSet, Restore, RestorePlan, ServiceNeeded, SetFound};
pub use run::{Run, StatusCallback};
pub use verify::{Mending, Verified, verify};
