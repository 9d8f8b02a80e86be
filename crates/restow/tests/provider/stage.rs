//! Homes with a fixed clock and licenses of a test provider.

use std::path::Path;
use std::sync::Arc;

use restow::lcp_provider::{ProviderError, RefreshEvent, RefreshedLicense};
use restow::license::{Kind, LicenseIdentity};
use restow::service::Cancel;
use restow::store::{LcpStatusEntry, LicenseEntry, TrustOrigin};
use restow::{Home, Machine, ManualClock, UnixTime};

use crate::library::{Library, root};

/// 2026-11-20, some weeks after the test provider opens.
pub const TODAY: UnixTime = 1_795_132_800;
pub const DAY: UnixTime = 86_400;

/// Creates a home that trusts the root of the test providers.
pub fn home(folder: &Path) -> Home {
    let home = Home::open_with(folder, Machine::from_id("m"), Arc::new(ManualClock::at(TODAY))).unwrap();
    restow::trust_store::add(&home, &root()).unwrap();
    home
}

pub fn identity(id: &str) -> LicenseIdentity {
    LicenseIdentity { kind: Kind::Lcp, issuer: "https://books.example".into(), license_id: id.into() }
}

/// Creates a home that allows the provider, with one license that ends in ten days.
pub fn reader(folder: &Path, library: &Library) -> Home {
    let home = home(folder);
    restow::import::import_document(&home, &library.lend("b1", "A Book", Some(TODAY + 10 * DAY))).unwrap();
    restow::lcp_provider::allow(&home, &library.origin, TrustOrigin::Manual).unwrap();
    home
}

/// Refreshes all licenses and returns the answers.
pub fn refreshed(home: &Home) -> Vec<Result<RefreshedLicense, ProviderError>> {
    let mut all = Vec::new();
    let mut visit = |refreshed: &RefreshEvent| match refreshed {
        RefreshEvent::Answered(answered) => all.push(Ok(answered.clone())),
        RefreshEvent::Failed { error, .. } => all.push(Err(error.clone())),
        RefreshEvent::Skipped { .. } => {}
        _ => panic!("{refreshed:?}"),
    };
    restow::lcp_provider::refresh(home, None, &Cancel::default(), &mut visit).unwrap();
    all
}

/// Refreshes the only license.
pub fn one(home: &Home) -> Result<RefreshedLicense, ProviderError> {
    let mut all = refreshed(home);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

pub fn license(home: &Home, id: &str) -> LicenseEntry {
    home.store().unwrap().view().license(&identity(id)).unwrap().unwrap()
}

pub fn standing(home: &Home, id: &str) -> Option<LcpStatusEntry> {
    home.store().unwrap().view().lcp_status(&identity(id)).unwrap()
}
