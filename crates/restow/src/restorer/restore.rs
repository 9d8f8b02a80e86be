//! Restoring.
use super::options::{Restore, RestorePlan};
use super::run::Teller;
use crate::error::Error;
use crate::home::Home;
use crate::service::Cancel;
use crate::status::Report;

pub(super) fn plan(_restore: &Restore, _home: &Home, _cancel: &Cancel) -> Result<RestorePlan, Error> {
    Err(super::error::RestorerError::Defect.into())
}

pub(super) fn run(_restore: &Restore, _home: &Home, _teller: &Teller, _cancel: &Cancel) -> Result<Report, Error> {
    Err(super::error::RestorerError::Defect.into())
}
