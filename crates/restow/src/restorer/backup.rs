//! Backing up.
use super::options::{Backup, BackupPlan};
use super::run::Teller;
use crate::error::Error;
use crate::home::Home;
use crate::service::Cancel;
use crate::status::Report;

pub(super) fn plan(_backup: &Backup, _home: &Home) -> Result<BackupPlan, Error> {
    Err(super::error::RestorerError::Defect.into())
}

pub(super) fn run(_backup: &Backup, _home: &Home, _teller: &Teller, _cancel: &Cancel) -> Result<Report, Error> {
    Err(super::error::RestorerError::Defect.into())
}
