//! Restores that ask the providers of LCP licenses, and those that do not.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use restow::restorer::{Backup, Consent, Restore};
use restow::service::protocol::Outcome;
use restow::store::{AddedBy, LicenseStatus};
use restow::{Home, Hresult, Report, Status, WhyNot};

use crate::library::{Fault, Library, Place};
use crate::stage::*;

/// A location with two books of a library, and the home they were backed up from.
fn backed_up(dir: &Path, library: &Library) -> (Home, PathBuf) {
    let (home, stick) = (reader(&dir.join("a"), library), dir.join("stick"));
    restow::import::import_document(&home, &library.lend("b2", "Bought", None)).unwrap();
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    library.requests();
    (home, stick)
}

/// What a restore told, but for progress.
fn told(restore: Restore, home: &Home) -> (Report, Vec<String>) {
    let names = Arc::new(Mutex::new(Vec::new()));
    let all = names.clone();
    let tell = move |status: &Status| match status {
        Status::Progress { .. } => {}
        Status::Connecting { service } => all.lock().unwrap().push(format!("CONNECTING {service}")),
        status => all.lock().unwrap().push(status.name().trim_start_matches("BACKUPRESTORE_").to_owned()),
    };
    let report = restore.on_status(tell).start(home).unwrap().wait();
    let names = names.lock().unwrap().clone();
    (report, names)
}

#[test]
fn without_consent_nobody_is_asked_and_all_is_well() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    library.ends("b2", "revoked");
    let new = home(&dir.path().join("b"));
    let plan = Restore::from(&stick).plan(&new).unwrap();
    let [provider] = plan.providers.as_slice() else { panic!("{plan:?}") };
    assert_eq!((provider.origin.as_str(), provider.name.as_deref()), (library.origin.as_str(), Some("Corner Library")));
    assert_eq!((provider.licenses, provider.allowed, provider.by_hand, provider.vouched_for), (2, false, true, true));
    for consent in [Consent::None, Consent::Services(vec!["https://other.example".into()])] {
        let (report, told) = told(Restore::from(&stick).consent(consent), &new);
        assert_eq!((report.result, told), (Hresult::S_OK, vec!["BEGIN".to_owned(), "END".into()]));
    }
    assert_eq!(library.requests(), Vec::<String>::new());
    // No consent leads to a private address, and none is kept for one.
    let (report, told) = told(Restore::from(&stick).consent(Consent::AllServices), &new);
    assert_eq!((report.result, told), (Hresult::S_OK, vec!["BEGIN".to_owned(), "END".into()]));
    assert_eq!(report.warnings[0].code, "provider-private-address");
    assert!(new.store().unwrap().view().providers().unwrap().is_empty());
    restow::provider::allow(&new, &library.origin, AddedBy::Consent).unwrap();
    let (report, told) = self::told(Restore::from(&stick), &new);
    assert_eq!((report.result, told.len(), report.warnings.len()), (Hresult::S_OK, 2, 1));
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn a_restore_asks_registers_and_refreshes() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    library.ends_at("b1", TODAY + 30 * DAY);
    let new = home(&dir.path().join("b"));
    restow::provider::allow(&new, &library.origin, AddedBy::Hand).unwrap();
    let (report, told) = told(Restore::from(&stick), &new);
    assert_eq!(told, ["CONNECTING 127.0.0.1", "DISCONNECTING", "BEGIN", "END"]);
    assert_eq!((report.result, report.summary.restored, report.warnings.len()), (Hresult::S_OK, 2, 0));
    assert_eq!(license(&new, "b1").document, library.license("b1"), "the newer one");
    assert_eq!((library.devices("b1").len(), library.devices("b2").len()), (1, 1));
    // What the library gave is in no backup yet.
    let store = new.store().unwrap();
    let backups = |id: &str| restow::listing::listed(&new, &store, &license(&new, id)).unwrap().backups.len();
    assert_eq!((backups("b1"), backups("b2")), (0, 1));
    // Again: what is here is asked about, too.
    library.ends("b1", "returned");
    let (report, _) = self::told(Restore::from(&stick), &new);
    assert_eq!((report.summary.refused, report.summary.already_here), (1, 1));
    assert_eq!(license(&new, "b1").status, LicenseStatus::Refused(Outcome::Returned));
}

#[test]
fn what_ended_is_refused_with_the_reason_and_kept() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, stick) = backed_up(dir.path(), &library);
    for (status, outcome, result) in [
        ("revoked", Outcome::Revoked, Hresult::NS_E_DRM_LICENSE_UNUSABLE),
        ("returned", Outcome::Returned, Hresult::NS_E_DRM_LICENSE_UNUSABLE),
        ("cancelled", Outcome::Cancelled, Hresult::NS_E_DRM_LICENSE_UNUSABLE),
        ("expired", Outcome::Expired, Hresult::NS_E_DRM_LICENSE_EXPIRED),
    ] {
        library.ends("b1", status);
        let new = home(&dir.path().join(status));
        restow::provider::allow(&new, &library.origin, AddedBy::Hand).unwrap();
        let (report, _) = told(Restore::from(&stick).only(["b1".into()]), &new);
        assert_eq!((report.result, report.summary.refused, report.summary.restored), (result, 1, 0), "{status}");
        assert_eq!(report.not_restored[0].why, WhyNot::Refused(outcome));
        assert_eq!(report.not_restored[0].titles, ["A Book"]);
        assert_eq!(license(&new, "b1").status, LicenseStatus::Refused(outcome));
        // The rest comes.
        let (report, _) = told(Restore::from(&stick), &new);
        assert_eq!((report.result, report.summary.restored), (Hresult::NS_E_DRM_STORE_NOTALLSTORED, 1));
    }
    assert_eq!(license(&old, "b1").status, LicenseStatus::Usable, "nobody asked for that home");
}

#[test]
fn whatever_a_library_does_its_licenses_come() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, stick) = backed_up(dir.path(), &library);
    let faults = [
        Fault::Silent,
        Fault::Page,
        Fault::CutOff,
        Fault::Endless,
        Fault::Busy(429, 99, None),
        Fault::Problem(500, "server"),
        Fault::Redirects(302, "https://elsewhere.example/".into()),
        Fault::Gives(br#"{"id":"b9","status":"revoked"}"#.to_vec()),
    ];
    for (number, fault) in faults.into_iter().enumerate() {
        library.breaks(Place::Status, fault.clone());
        let new = home(&dir.path().join(format!("new-{number}")));
        restow::provider::allow(&new, &library.origin, AddedBy::Hand).unwrap();
        let (report, told) = told(Restore::from(&stick), &new);
        assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{fault:?}");
        assert_eq!(told, ["CONNECTING 127.0.0.1", "DISCONNECTING", "BEGIN", "END"]);
        assert!((1..=2).contains(&report.warnings.len()), "{fault:?}: {:?}", report.warnings);
        assert_eq!(license(&new, "b1").document, license(&old, "b1").document);
    }
}

/// What is shown of a location is what a restore would bring.
#[test]
fn what_is_shown_of_a_location_is_what_would_come() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, stick) = backed_up(dir.path(), &library);
    let genuine = license(&old, "b1").document;
    // Dated later, and its signature proves nothing.
    let forger = home(&dir.path().join("forger"));
    library.with("b1", |loan| {
        loan.wrong_key = true;
        loan.document["updated"] = "2026-11-01T00:00:00Z".into();
    });
    restow::import::import_document(&forger, &library.license("b1")).unwrap();
    assert!(Backup::to(&stick).start(&forger).unwrap().wait().is_ok());
    // And the other one was given back.
    let mut store = old.store().unwrap();
    let change = store.change().unwrap();
    change.put_standing(&identity("b2"), restow::license::Standing::Returned, TODAY, b"{}").unwrap();
    change.commit().unwrap();
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    let new = home(&dir.path().join("new"));
    for home in [Some(&new), None] {
        let contents = restow::restorer::Contents::open(home, &stick).unwrap();
        let mut shown = Vec::new();
        let all = contents.licenses::<()>(&mut |listed| {
            shown.push((
                listed.license.identity.license_id.clone(),
                listed.license.document == genuine,
                listed.usability.as_str(),
            ));
            Ok(())
        });
        assert_eq!(all, Ok(()));
        shown.sort();
        assert_eq!(shown, [("b1".into(), true, "usable"), ("b2".into(), false, "refused")]);
    }
}

/// Anybody can sign as an unknown provider: a set may name as many as it likes.
#[test]
fn a_set_of_very_many_providers_keeps_nobody_waiting() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, new) = (home(&dir.path().join("a")), home(&dir.path().join("b")));
    let stick = dir.path().join("stick");
    for port in 1..=103 {
        let id = format!("b{port}");
        library.lend(&id, "A Book", None);
        // Nobody listens there.
        let origin = format!("http://127.0.0.1:{port}");
        library.with(&id, |loan| loan.document["links"][2]["href"] = format!("{origin}/status").into());
        restow::import::import_document(&old, &library.license(&id)).unwrap();
        restow::provider::allow(&new, &origin, AddedBy::Hand).unwrap();
    }
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    let (report, told) = told(Restore::from(&stick), &new);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 103));
    assert_eq!(told.iter().filter(|name| name.starts_with("CONNECTING")).count(), 100);
    let left = report.warnings.last().unwrap();
    assert_eq!(left.code, "provider-too-many", "{left:?}");
    assert!(left.to_string().starts_with("3 licenses"), "{left}");
}

#[test]
fn a_cancel_leaves_a_silent_library_and_nothing_changed() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    library.breaks(Place::Status, Fault::Mute);
    let new = home(&dir.path().join("b"));
    restow::provider::allow(&new, &library.origin, AddedBy::Hand).unwrap();
    let run = Restore::from(&stick).start(&new).unwrap();
    while library.requests().is_empty() {
        std::thread::yield_now();
    }
    run.cancel();
    let report = run.wait();
    assert_eq!(report.result, Hresult::NS_E_DRM_OPERATION_CANCELED);
    assert!(new.store().unwrap().view().license(&identity("b1")).unwrap().is_none());
}

#[test]
fn a_forged_license_in_a_set_leads_to_nobody() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (home_of_forger, stick) = (home(&dir.path().join("a")), dir.path().join("stick"));
    library.lend("b1", "A Book", None);
    library.with("b1", |loan| loan.wrong_key = true);
    restow::import::import_document(&home_of_forger, &library.license("b1")).unwrap();
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&home_of_forger).unwrap().wait().is_ok());
    let new = home(&dir.path().join("b"));
    restow::provider::allow(&new, &library.origin, AddedBy::Hand).unwrap();
    assert!(Restore::from(&stick).plan(&new).unwrap().providers.is_empty());
    let (report, told) = told(Restore::from(&stick).consent(Consent::AllServices), &new);
    assert_eq!((report.summary.restored, told), (1, vec!["BEGIN".to_owned(), "END".into()]));
    assert_eq!(library.requests(), Vec::<String>::new());
}
