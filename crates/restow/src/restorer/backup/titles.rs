//! Titles of stored licenses for a set and for reports.

use restow_backup::limit_titles;

use crate::error::Error;
use crate::license::{self, License};
use crate::listing::TitleResolver;
use crate::store::LicenseEntry;

/// Returns the titles of a license within the limits of the format.
pub(super) fn titles_of(titles: &TitleResolver<'_>, entry: &LicenseEntry) -> Result<Vec<String>, Error> {
    let Some(license) = parse_entry(entry) else { return Ok(limit_titles(&entry.titles)) };
    Ok(limit_titles(titles.of(&license, &entry.titles)?))
}

/// Returns the parsed license; `None` for a document of another version, which is backed up without parsing.
pub(super) fn parse_entry(entry: &LicenseEntry) -> Option<License> {
    license::parse_as(entry.identity.kind, &entry.document).ok()
}
