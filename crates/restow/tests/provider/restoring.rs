//! Restores with and without queries to LCP providers.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use restow::lcp_provider::parse_origin;
use restow::restorer::{
    Backup, BackupRestorer, Contents, PROVIDER_CONSENT, RESTORE_PATH, Restore, ServiceConsent, WM_RESTORE_INDIVIDUALIZE,
};
use restow::service::{Origin, protocol::Outcome};
use restow::store::{LicenseStatus, TrustOrigin};
use restow::{Home, Hresult, NotRestoredReason, Report, Status};

use crate::library::{Fault, Library, Place};
use crate::stage::*;

/// Creates a home with two books of a library, and a location with their backup.
fn backed_up(dir: &Path, library: &Library) -> (Home, PathBuf) {
    let (home, stick) = (reader(&dir.join("a"), library), dir.join("stick"));
    restow::import::import_document(&home, &library.lend("b2", "Bought", None)).unwrap();
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    library.requests();
    (home, stick)
}

fn origin(library: &Library) -> Origin {
    parse_origin(&library.origin).unwrap()
}

/// Restores and returns the statuses, except progress.
fn run_restore(restore: Restore, home: &Home) -> (Report, Vec<String>) {
    let names = Arc::new(Mutex::new(Vec::new()));
    let recorder = names.clone();
    let record = move |status: &Status| match status {
        Status::Progress { .. } => {}
        Status::NeedsProviderConsent { provider, origin } => {
            let name = provider.as_deref().unwrap_or("?");
            recorder.lock().unwrap().push(format!("NEEDS_PROVIDER_CONSENT {name} at {origin}"));
        }
        Status::Connecting { service } => recorder.lock().unwrap().push(format!("CONNECTING {service}")),
        status => recorder.lock().unwrap().push(status.name().trim_start_matches("BACKUPRESTORE_").to_owned()),
    };
    let report = restore.on_status(record).start(home).unwrap().wait();
    let names = names.lock().unwrap().clone();
    (report, names)
}

#[test]
fn no_provider_is_asked_without_consent() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    library.ends("b2", "revoked");
    let new = home(&dir.path().join("b"));
    let plan = Restore::from(&stick).plan(&new).unwrap();
    let [provider] = plan.providers.as_slice() else { panic!("{plan:?}") };
    assert_eq!((provider.origin.as_str(), provider.name.as_deref()), (library.origin.as_str(), Some("Corner Library")));
    assert_eq!(
        (provider.licenses, provider.allowed, provider.manual_only, provider.is_verified),
        (2, false, true, true)
    );
    // Consent for services is none for providers, even for the origin of the provider.
    let unasked = format!("NEEDS_PROVIDER_CONSENT Corner Library at {}", library.origin);
    let other = [parse_origin("other.example").unwrap()];
    for restore in [
        Restore::from(&stick),
        Restore::from(&stick).consent(ServiceConsent::AllServices),
        Restore::from(&stick).consent(ServiceConsent::Services(vec![library.origin.clone()])),
        Restore::from(&stick).ask_providers(other),
    ] {
        let (report, statuses) = run_restore(restore, &new);
        assert_eq!((report.result, report.warnings.len()), (Hresult::S_OK, 0));
        assert_eq!(statuses, ["BEGIN", &unasked, "END"]);
    }
    let plan = Restore::from(&stick).plan(&new).unwrap().consent(ServiceConsent::AllServices);
    assert!(plan.start(&new).unwrap().wait().is_ok());
    assert_eq!(library.requests(), Vec::<String>::new());
    // A consent does not cover a private address, and is not stored for one.
    let (report, statuses) = run_restore(Restore::from(&stick).ask_providers([origin(&library)]), &new);
    assert_eq!((report.result, statuses), (Hresult::S_OK, vec!["BEGIN".to_owned(), "END".into()]));
    assert_eq!(report.warnings[0].code, "provider-private-address");
    assert!(new.store().unwrap().view().providers().unwrap().is_empty());
    restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Consent).unwrap();
    let (report, statuses) = run_restore(Restore::from(&stick), &new);
    assert_eq!((report.result, statuses.len(), report.warnings.len()), (Hresult::S_OK, 2, 1));
    assert_eq!(library.requests(), Vec::<String>::new());
}

/// The flag of the SDK is no consent for providers. The property of Restow names them.
#[test]
fn wm_property_names_providers_to_ask() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    let restorer = BackupRestorer::new(home(&dir.path().join("b")));
    restorer.set_property(RESTORE_PATH, stick.to_str().unwrap()).unwrap();
    let restore = || {
        let (sender, end) = std::sync::mpsc::channel();
        let callback = move |status: &Status| {
            if let Status::End(report) = status {
                sender.send(report.warnings.iter().map(|warning| warning.code).collect::<Vec<_>>()).unwrap();
            }
        };
        restorer.restore_licenses(WM_RESTORE_INDIVIDUALIZE, Some(Arc::new(callback))).unwrap();
        end.recv().unwrap()
    };
    assert_eq!(restore(), Vec::<&str>::new());
    restorer.set_property(PROVIDER_CONSENT, &format!("https://other.example {}", library.origin)).unwrap();
    assert_eq!(restore(), ["provider-private-address"], "the consent reaches the address check");
    assert_eq!(library.requests(), Vec::<String>::new());
    assert_eq!(restorer.set_property(PROVIDER_CONSENT, "ftp://x").unwrap_err().hresult(), Hresult::E_INVALIDARG);
}

#[test]
fn plan_start_asks_only_consented_providers() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    let new = home(&dir.path().join("b"));
    let plan = Restore::from(&stick).plan(&new).unwrap();
    assert_eq!(plan.providers.len(), 1);
    let report = plan.start(&new).unwrap().wait();
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2));
    assert_eq!(library.requests(), Vec::<String>::new());
    restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
    library.ends("b1", "returned");
    let report = Restore::from(&stick).plan(&new).unwrap().start(&new).unwrap().wait();
    assert_eq!((report.summary.refused, report.summary.already_here), (1, 1));
    assert!(!library.requests().is_empty());
}

#[test]
fn restore_asks_registers_and_refreshes() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    library.ends_at("b1", TODAY + 30 * DAY);
    let new = home(&dir.path().join("b"));
    restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
    let (report, statuses) = run_restore(Restore::from(&stick), &new);
    assert_eq!(statuses, ["CONNECTING 127.0.0.1", "DISCONNECTING", "BEGIN", "END"]);
    assert_eq!((report.result, report.summary.restored, report.warnings.len()), (Hresult::S_OK, 2, 0));
    assert_eq!(license(&new, "b1").document, library.license("b1"), "the newer document");
    assert_eq!((library.devices("b1").len(), library.devices("b2").len()), (1, 1));
    // The document from the library is in no backup yet.
    let store = new.store().unwrap();
    let backups = |id: &str| restow::listing::license_info(&new, &store, &license(&new, id)).unwrap().backups.len();
    assert_eq!((backups("b1"), backups("b2")), (0, 1));
    // A second restore asks about licenses of the store too.
    library.ends("b1", "returned");
    let (report, _) = run_restore(Restore::from(&stick), &new);
    assert_eq!((report.summary.refused, report.summary.already_here), (1, 1));
    assert_eq!(license(&new, "b1").status, LicenseStatus::Refused(Outcome::Returned));
}

#[test]
fn ended_license_is_refused_and_kept() {
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
        restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
        let (report, _) = run_restore(Restore::from(&stick).only(["b1".into()]), &new);
        assert_eq!((report.result, report.summary.refused, report.summary.restored), (result, 1, 0), "{status}");
        assert_eq!(report.not_restored[0].reason, NotRestoredReason::Refused(outcome));
        assert_eq!(report.not_restored[0].titles, ["A Book"]);
        assert_eq!(license(&new, "b1").status, LicenseStatus::Refused(outcome));
        // The rest is restored.
        let (report, _) = run_restore(Restore::from(&stick), &new);
        assert_eq!((report.result, report.summary.restored), (Hresult::NS_E_DRM_STORE_NOTALLSTORED, 1));
    }
    assert_eq!(license(&old, "b1").status, LicenseStatus::Usable, "that home asked no provider");
}

#[test]
fn provider_faults_do_not_stop_restore() {
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
        restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
        let (report, statuses) = run_restore(Restore::from(&stick), &new);
        assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 2), "{fault:?}");
        assert_eq!(statuses, ["CONNECTING 127.0.0.1", "DISCONNECTING", "BEGIN", "END"]);
        assert!((1..=2).contains(&report.warnings.len()), "{fault:?}: {:?}", report.warnings);
        assert_eq!(license(&new, "b1").document, license(&old, "b1").document);
    }
}

/// The contents of a location have the documents that a restore takes.
#[test]
fn contents_show_documents_of_restore() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, stick) = backed_up(dir.path(), &library);
    let genuine = license(&old, "b1").document;
    // The forgery has a later date and an invalid signature.
    let forger = home(&dir.path().join("forger"));
    library.with("b1", |loan| {
        loan.wrong_key = true;
        loan.document["updated"] = "2026-11-01T00:00:00Z".into();
    });
    restow::import::import_document(&forger, &library.license("b1")).unwrap();
    assert!(Backup::to(&stick).start(&forger).unwrap().wait().is_ok());
    // The other license was returned.
    let mut store = old.store().unwrap();
    let change = store.change().unwrap();
    change.put_lcp_status(&identity("b2"), restow::license::LcpStatus::Returned, TODAY, b"{}").unwrap();
    change.commit().unwrap();
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    let new = home(&dir.path().join("new"));
    let (restore, clock) = (Restore::from(&stick), restow::ManualClock::at(TODAY));
    for contents in [Contents::open(&new, &restore), Contents::open_without_home(&clock, &restore)] {
        let contents = contents.unwrap();
        let mut shown = Vec::new();
        let walk = contents.licenses::<()>(&mut |listed| {
            shown.push((
                listed.license.identity.license_id.clone(),
                listed.license.document == genuine,
                listed.state.as_str(),
            ));
            Ok(())
        });
        assert_eq!(walk, Ok(()));
        shown.sort();
        assert_eq!(shown, [("b1".into(), true, "usable"), ("b2".into(), false, "refused")]);
    }
}

/// Any person can sign as an unknown provider, so a set can name any number of providers.
#[test]
fn many_providers_are_limited() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, new) = (home(&dir.path().join("a")), home(&dir.path().join("b")));
    let stick = dir.path().join("stick");
    for port in 1..=103 {
        let id = format!("b{port}");
        library.lend(&id, "A Book", None);
        // No server listens on the port.
        let origin = format!("http://127.0.0.1:{port}");
        library.with(&id, |loan| loan.document["links"][2]["href"] = format!("{origin}/status").into());
        restow::import::import_document(&old, &library.license(&id)).unwrap();
        restow::lcp_provider::allow(&new, &origin, TrustOrigin::Manual).unwrap();
    }
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    let (report, statuses) = run_restore(Restore::from(&stick), &new);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 103));
    assert_eq!(statuses.iter().filter(|name| name.starts_with("CONNECTING")).count(), 100);
    let warning = report.warnings.last().unwrap();
    assert_eq!(warning.code, "provider-too-many", "{warning:?}");
    assert!(warning.to_string().starts_with("3 licenses"), "{warning}");
}

#[test]
fn unusable_status_links_are_named() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, new) = (home(&dir.path().join("a")), home(&dir.path().join("b")));
    let stick = dir.path().join("stick");
    for (id, link) in [("b1", "http://plain.example/status"), ("b2", "ftp://x.example/"), ("b3", "http://x.example/")] {
        library.lend(id, "A Book", None);
        library.with(id, |loan| loan.document["links"][2]["href"] = link.into());
        restow::import::import_document(&old, &library.license(id)).unwrap();
    }
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    restow::lcp_provider::allow(&new, "https://library.example", TrustOrigin::Manual).unwrap();
    let (report, _) = run_restore(Restore::from(&stick), &new);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 3));
    let [warning] = report.warnings.as_slice() else { panic!("{:?}", report.warnings) };
    assert_eq!(warning.code, "provider-not-asked");
    assert!(warning.to_string().starts_with("3 licenses were not checked"), "{warning}");
}

#[test]
fn cancel_during_query_changes_nothing() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    library.breaks(Place::Status, Fault::Mute);
    let new = home(&dir.path().join("b"));
    restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
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
fn forged_license_causes_no_query() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (home_of_forger, stick) = (home(&dir.path().join("a")), dir.path().join("stick"));
    library.lend("b1", "A Book", None);
    library.with("b1", |loan| loan.wrong_key = true);
    restow::import::import_document(&home_of_forger, &library.license("b1")).unwrap();
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&home_of_forger).unwrap().wait().is_ok());
    let new = home(&dir.path().join("b"));
    restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
    assert!(Restore::from(&stick).plan(&new).unwrap().providers.is_empty());
    // The forged license names nobody to the user either.
    let stranger = home(&dir.path().join("c"));
    assert_eq!(run_restore(Restore::from(&stick), &stranger).1, ["BEGIN", "END"]);
    let (report, statuses) = run_restore(Restore::from(&stick).ask_providers([origin(&library)]), &new);
    assert_eq!((report.summary.restored, statuses), (1, vec!["BEGIN".to_owned(), "END".into()]));
    assert_eq!(library.requests(), Vec::<String>::new());
}

/// Any person can sign as an unknown provider, and direct Restow to a server with false statuses.
#[test]
fn forged_license_does_not_end_verified_license() {
    let dir = tempfile::tempdir().unwrap();
    let (library, stranger) = (Library::open(), Library::unknown());
    let (old, forger, stick) = (home(&dir.path().join("a")), home(&dir.path().join("f")), dir.path().join("stick"));
    restow::import::import_document(&old, &library.lend("b1", "A Book", None)).unwrap();
    restow::import::import_document(&forger, &stranger.lend("b1", "A Book", None)).unwrap();
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    assert!(Backup::to(&stick).start(&forger).unwrap().wait().is_ok());
    stranger.ends("b1", "revoked");
    for is_stored in [true, false] {
        let new = home(&dir.path().join(format!("new-{is_stored}")));
        if is_stored {
            restow::import::import_document(&new, &library.license("b1")).unwrap();
        }
        restow::lcp_provider::allow(&new, &stranger.origin, TrustOrigin::Manual).unwrap();
        let (report, _) = run_restore(Restore::from(&stick), &new);
        let summary = &report.summary;
        let counts = (summary.restored, summary.already_here, summary.refused);
        assert_eq!(counts, (u64::from(!is_stored), u64::from(is_stored), 0));
        assert_eq!(license(&new, "b1").document, library.license("b1"));
        assert_eq!(license(&new, "b1").status, LicenseStatus::Usable);
        assert!(standing(&new, "b1").is_none());
        assert!(!is_stored || stranger.requests().is_empty(), "the stored document names another provider");
    }
}

/// The facts in a set count only for the document in the same set.
#[test]
fn facts_count_only_for_own_document() {
    let dir = tempfile::tempdir().unwrap();
    let (library, stranger) = (Library::open(), Library::unknown());
    let genuine = library.lend("b1", "A Book", None);
    for rounds in [(1, 2), (2, 1)] {
        let place = |name: &str| dir.path().join(format!("{name}-{}", rounds.0));
        let (old, forger, stick) = (home(&place("a")), home(&place("f")), place("stick"));
        restow::import::import_document(&old, &genuine).unwrap();
        restow::import::import_document(&forger, &stranger.lend("b1", "A Book", None)).unwrap();
        let mut store = forger.store().unwrap();
        let change = store.change().unwrap();
        change.put_lcp_status(&identity("b1"), restow::license::LcpStatus::Revoked, TODAY, b"{}").unwrap();
        change.put_publication("https://books.example", "b1", "urn:isbn:1").unwrap();
        change.commit().unwrap();
        std::fs::create_dir(&stick).unwrap();
        // The numbers of the generations decide the order of the merge.
        for (home, rounds) in [(&old, rounds.0), (&forger, rounds.1)] {
            for round in 0..rounds {
                restow::import::import_document(home, &library.lend(&format!("more-{round}"), "More", None)).unwrap();
                assert!(Backup::to(&stick).start(home).unwrap().wait().is_ok());
            }
        }
        let new = home(&place("new"));
        let (report, _) = run_restore(Restore::from(&stick), &new);
        assert_eq!((report.result, report.summary.refused), (Hresult::S_OK, 0), "{rounds:?}");
        assert_eq!(license(&new, "b1").document, genuine);
        assert_eq!(license(&new, "b1").status, LicenseStatus::Usable, "{rounds:?}");
        assert_eq!(new.store().unwrap().view().identifiers_of(&identity("b1")).unwrap(), Vec::<String>::new());
        let contents = Contents::open(&new, &Restore::from(&stick)).unwrap();
        let walk = contents.licenses::<()>(&mut |listed| {
            assert_eq!(listed.state.as_str(), "usable", "{:?}", listed.license.identity);
            Ok(())
        });
        assert_eq!(walk, Ok(()));
    }
}

#[test]
fn license_in_several_sets_counts_once() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let stranger = Library::unknown();
    for rounds in [(1, 2), (2, 1)] {
        let place = dir.path().join(rounds.0.to_string());
        let (old, stick) = backed_up(&place, &library);
        let forger = home(&place.join("f"));
        stranger.lend("b1", "A Book", None);
        stranger.with("b1", |loan| {
            loan.document["updated"] = restow::rfc3339(TODAY + 1000).into();
            loan.document["links"][2]["href"] = "https://nobody.example/s".into();
        });
        restow::import::import_document(&forger, &stranger.license("b1")).unwrap();
        // The numbers of the generations decide the order of the merge.
        for (home, rounds) in [(&old, rounds.0 - 1), (&forger, rounds.1)] {
            for round in 0..rounds {
                restow::import::import_document(home, &library.lend(&format!("more-{round}"), "More", None)).unwrap();
                assert!(Backup::to(&stick).start(home).unwrap().wait().is_ok());
            }
        }
        library.ends("b1", "returned");
        let new = home(&place.join("n"));
        restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
        let (report, _) = run_restore(Restore::from(&stick).only(["b1".into()]), &new);
        let summary = report.summary;
        assert_eq!((summary.restored, summary.already_here, summary.refused), (0, 0, 1));
        assert_eq!(license(&new, "b1").status, LicenseStatus::Refused(Outcome::Returned));
    }
}

/// The answer to a running restore would overwrite a newer status.
#[test]
fn return_during_query_is_busy() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (_, stick) = backed_up(dir.path(), &library);
    let new = home(&dir.path().join("n"));
    restow::import::import_document(&new, &library.license("b1")).unwrap();
    restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
    library.breaks(Place::Register, Fault::Mute);
    let run = Restore::from(&stick).only(["b1".into()]).start(&new).unwrap();
    while library.requests().is_empty() {
        std::thread::yield_now();
    }
    let cancel = restow::service::Cancel::default();
    let busy = restow::lcp_provider::return_loan(&new, &identity("b1"), &cancel).unwrap_err();
    assert_eq!(busy.code(), "busy");
    let busy = restow::lcp_provider::refresh(&new, None, &cancel, &mut |_| {}).unwrap_err();
    assert_eq!(busy.hresult(), Hresult::NS_E_DRM_BACKUPRESTORE_BUSY);
    run.cancel();
    assert_eq!(run.wait().result, Hresult::NS_E_DRM_OPERATION_CANCELED);
    library.is_mended();
    restow::lcp_provider::return_loan(&new, &identity("b1"), &cancel).unwrap();
    assert_ne!(license(&new, "b1").status, LicenseStatus::Usable);
}

#[test]
fn private_providers_do_not_fill_report() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, new) = (home(&dir.path().join("a")), home(&dir.path().join("b")));
    let stick = dir.path().join("stick");
    for port in 1..=13 {
        let id = format!("b{port}");
        library.lend(&id, "A Book", None);
        let status = format!("http://127.0.0.1:{port}/status");
        library.with(&id, |loan| loan.document["links"][2]["href"] = status.into());
        restow::import::import_document(&old, &library.license(&id)).unwrap();
    }
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    let origins = (1..=13).map(|port| parse_origin(&format!("http://127.0.0.1:{port}")).unwrap());
    let (report, _) = run_restore(Restore::from(&stick).ask_providers(origins), &new);
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, 13));
    let codes: Vec<_> = report.warnings.iter().map(|warning| warning.code).collect();
    assert_eq!(codes, [["provider-private-address"; 10].as_slice(), &["provider-too-many"]].concat());
    assert!(report.warnings[10].to_string().starts_with("3 licenses"), "{}", report.warnings[10]);
}

#[test]
fn skipped_licenses_of_silent_provider_are_counted() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let (old, stick) = backed_up(dir.path(), &library);
    for id in ["b3", "b4", "b5"] {
        restow::import::import_document(&old, &library.lend(id, "Another", None)).unwrap();
    }
    assert!(Backup::to(&stick).start(&old).unwrap().wait().is_ok());
    for fault in [Fault::Silent, Fault::Busy(503, 9, None)] {
        library.breaks(Place::Status, fault.clone());
        let new = home(&dir.path().join(format!("{fault:?}")));
        restow::lcp_provider::allow(&new, &library.origin, TrustOrigin::Manual).unwrap();
        library.requests();
        let (report, _) = run_restore(Restore::from(&stick), &new);
        assert_eq!((report.result, report.summary.restored, library.requests().len()), (Hresult::S_OK, 5, 2));
        let warning = report.warnings.last().unwrap();
        assert_eq!(warning.code, "provider-left-alone", "{warning:?}");
        assert!(warning.values.contains(&("count", "3".to_owned())), "{warning:?}");
    }
}
