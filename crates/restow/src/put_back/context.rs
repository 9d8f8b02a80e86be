//! Read-only inputs of a run.

use std::path::Path;

use restow_lcp::Verifier;

use super::fetch::ManualOrigins;
use crate::license::{self, Kind, License, LicenseIdentity};
use crate::{error::Error, service::Cancel, store::View};

/// Read-only inputs of a run.
#[derive(Clone, Copy)]
pub(super) struct PutBackContext<'a> {
    pub view: View<'a>,
    pub verifier: &'a Verifier,
    /// Absolute folder that the run may change; `None` for the publications of the catalog.
    pub folder: Option<&'a Path>,
    pub manual_origins: &'a ManualOrigins,
    pub cancel: &'a Cancel,
}

impl PutBackContext<'_> {
    /// Returns [`Error::Cancelled`] if the run was cancelled.
    pub(super) fn check_cancelled(&self) -> Result<(), Error> {
        self.cancel.check(Error::Cancelled)
    }

    /// Reads a license from the store. Returns `None` if the store no longer has the license.
    pub(super) fn read_license(&self, identity: &LicenseIdentity) -> Result<Option<License>, Error> {
        let entry = self.view.license(identity)?;
        Ok(entry.map(|entry| license::parse_as(Kind::Lcp, &entry.document)).transpose()?)
    }
}
