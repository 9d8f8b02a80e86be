//! The backup restorer: backups and restores on their own thread, with a callback for their status.

mod backup;
mod location;
mod options;
mod restore;
mod run;
mod wm_restorer;

pub use crate::error::RestorerError;
pub use backup::{BackupPlan, ForgetReport, RepairStatus, VerifyReport, forget_from, other_sets, own_set, verify};
pub use options::{Backup, ExistingSet, MissingSet, Restore, ServiceConsent};
pub use restore::{Contents, RequiredService, RestorePlan, SetInfo, backup_holds, list_sets};
pub use restow_backup::Access;
pub use run::{Run, StatusCallback};
pub use wm_restorer::{
    BACKUP_NEW, BACKUP_PATH, BackupRestorer, PROVIDER_CONSENT, RESTORE_PATH, WM_BACKUP_OVERWRITE,
    WM_RESTORE_INDIVIDUALIZE,
};
