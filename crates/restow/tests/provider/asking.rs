//! Status checks: requests sent, answers accepted, and failures.

use restow::lcp_provider::{ProblemKind, ProviderError, RefreshEvent, RejectedUpdate};
use restow::license::LcpStatus;
use restow::service::protocol::Outcome;
use restow::store::{LicenseStatus, TrustOrigin};
use restow::{Home, Language, Machine};

use crate::library::{Fault, Library, Place};
use crate::stage::*;

#[test]
fn status_check_registers_computer_once() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(&dir.path().join("a"), &library);
    let answered = one(&home).unwrap();
    assert_eq!((answered.status, answered.message.as_str()), (LcpStatus::Active, "The loan is active."));
    assert_eq!((answered.expires, answered.renewable_until), (Some(TODAY + 10 * DAY), Some(TODAY + 70 * DAY)));
    assert!(answered.renewable && answered.returnable && answered.registered && !answered.refreshed);
    assert_eq!(library.requests(), ["GET /status/b1", "POST /register/b1"]);
    assert_eq!(one(&home).unwrap().status, LcpStatus::Active);
    assert_eq!(library.requests(), ["GET /status/b1"]);
    let devices = library.devices("b1");
    assert_eq!((devices.len(), devices[0].1.as_str()), (1, format!("computer {}", &devices[0].0[..6]).as_str()));
    let known = standing(&home, "b1").unwrap();
    assert!(known.registered && known.document.is_some());
    assert_eq!((known.status, known.at), (LcpStatus::Active, TODAY));
}

#[test]
fn device_id_differs_by_provider() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (Library::open(), Library::open());
    let home = reader(dir.path(), &one);
    restow::import::import_document(&home, &other.lend("b2", "Another", None)).unwrap();
    restow::lcp_provider::allow(&home, &other.origin, TrustOrigin::Manual).unwrap();
    assert_eq!(refreshed(&home).len(), 2);
    assert_ne!(one.devices("b1"), other.devices("b2"));
}

#[test]
fn copied_home_is_not_registered() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    reader(dir.path(), &library).computer().unwrap();
    let clock = std::sync::Arc::new(restow::ManualClock::at(TODAY));
    let copied = Home::open_with(dir.path(), Machine::from_id("another"), clock).unwrap();
    assert!(!one(&copied).unwrap().registered);
    assert_eq!(library.requests(), ["GET /status/b1"]);
}

#[test]
fn provider_not_allowed_gets_no_request() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    restow::lcp_provider::disallow(&home, &format!("{}/whatever", library.origin)).unwrap();
    assert!(refreshed(&home).is_empty());
    let cancel = restow::service::Cancel::default();
    let error = restow::lcp_provider::renew(&home, &identity("b1"), None, &cancel).unwrap_err();
    assert_eq!(error.code(), "provider-not-allowed");
    assert!(error.help().contains(&library.origin), "{}", error.help());
    // Consent gives no access to a private address.
    restow::lcp_provider::allow(&home, &library.origin, TrustOrigin::Consent).unwrap();
    assert!(matches!(one(&home), Err(ProviderError::PrivateAddress { .. })));
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn unsigned_license_gets_no_status_check() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = home(dir.path());
    library.lend("b1", "A Book", None);
    library.with("b1", |loan| loan.wrong_key = true);
    restow::import::import_document(&home, &library.license("b1")).unwrap();
    restow::lcp_provider::allow(&home, &library.origin, TrustOrigin::Manual).unwrap();
    let mut passed_over = Vec::new();
    let mut visit = |refreshed: &restow::lcp_provider::RefreshEvent| match refreshed {
        restow::lcp_provider::RefreshEvent::Skipped { error, .. } => passed_over.push(error.code()),
        other => panic!("{other:?}"),
    };
    restow::lcp_provider::refresh(&home, None, &restow::service::Cancel::default(), &mut visit).unwrap();
    assert_eq!(passed_over, ["provider-not-signed"]);
    assert!(refreshed(&home).is_empty() && restow::lcp_provider::required_providers(&home, None).unwrap().is_empty());
    let named = [identity("b1")];
    assert!(restow::lcp_provider::required_providers(&home, Some(&named)).unwrap().is_empty());
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn skipped_license_does_not_stop_others() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.lend("b2", "Another", None);
    library.with("b2", |loan| loan.wrong_key = true);
    restow::import::import_document(&home, &library.license("b2")).unwrap();
    let named = [identity("b3"), identity("b2"), identity("b1")];
    let mut told = Vec::new();
    let mut visit = |refreshed: &RefreshEvent| match refreshed {
        RefreshEvent::Skipped { identity, error } => told.push((identity.license_id.clone(), error.code())),
        RefreshEvent::Answered(answered) => told.push((answered.identity.license_id.clone(), "")),
        other => panic!("{other:?}"),
    };
    restow::lcp_provider::refresh(&home, Some(&named), &restow::service::Cancel::default(), &mut visit).unwrap();
    let passed_over = [("b3", "provider-no-status-link"), ("b2", "provider-not-signed"), ("b1", "")];
    assert_eq!(told, passed_over.map(|(id, code)| (id.to_owned(), code)));
}

#[test]
fn license_link_with_same_profile_wins() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.ends_at("b1", TODAY + 30 * DAY);
    let document: serde_json::Value = serde_json::from_slice(&library.license("b1")).unwrap();
    let profile = &document["encryption"]["profile"];
    let status = |links: serde_json::Value| {
        let updated = serde_json::json!({"license": document["updated"], "status": document["updated"]});
        let status = serde_json::json!({"id": "b1", "status": "ready", "updated": updated, "links": links});
        library.breaks(Place::Status, Fault::Gives(status.to_string().into_bytes()));
    };
    let link = |path: &str| serde_json::json!({"rel": "license", "href": path});
    let of = |path: &str, profile: &serde_json::Value| serde_json::json!({"rel": "license", "href": path, "profile": profile});
    let other = of("/license/other", &"http://readium.org/lcp/profile-2.x".into());
    status(serde_json::json!([other]));
    assert!(!one(&home).unwrap().refreshed, "nobody knows whether it can be read");
    status(serde_json::json!([link("/license/any"), other, of("/license/b1", profile)]));
    library.requests();
    assert!(one(&home).unwrap().refreshed);
    assert_eq!(library.requests(), ["GET /status/b1", "GET /license/b1"]);
    library.ends_at("b1", TODAY + 31 * DAY);
    let document: serde_json::Value = serde_json::from_slice(&library.license("b1")).unwrap();
    let updated = serde_json::json!({"license": document["updated"]});
    let status =
        serde_json::json!({"id": "b1", "status": "ready", "updated": updated, "links": [other, link("/license/b1")]});
    library.breaks(Place::Status, Fault::Gives(status.to_string().into_bytes()));
    assert!(one(&home).unwrap().refreshed, "what names none is taken where there is no other");
}

/// The clock of the provider may be ahead.
#[test]
fn revoked_status_covers_later_dated_document() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.with("b1", |loan| {
        loan.status = "revoked";
        (loan.license_updated, loan.status_updated) = (TODAY - 60, TODAY - 60);
        loan.document["updated"] = restow::rfc3339(TODAY + 30).into();
    });
    let answered = one(&home).unwrap();
    assert_eq!((answered.status, answered.refreshed), (LcpStatus::Revoked, true));
    assert_eq!(license(&home, "b1").document, library.license("b1"));
    assert_eq!(license(&home, "b1").status, LicenseStatus::Refused(Outcome::Revoked));
}

#[test]
fn unknown_root_is_reported_and_checked() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::unknown());
    let home = reader(dir.path(), &library);
    let needed = restow::lcp_provider::required_providers(&home, None).unwrap();
    assert_eq!((needed.len(), needed[0].is_verified, needed[0].allowed), (1, false, true));
    assert_eq!(needed[0].name.as_deref(), Some("Other Library"));
    assert_eq!(one(&home).unwrap().status, LcpStatus::Active);
}

#[test]
fn newer_license_replaces_stored_one() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.ends_at("b1", TODAY + 30 * DAY);
    let answered = one(&home).unwrap();
    assert!(answered.refreshed);
    assert_eq!(answered.expires, Some(TODAY + 30 * DAY));
    assert_eq!(license(&home, "b1").document, library.license("b1"));
    assert!(!one(&home).unwrap().refreshed, "it is not fetched twice");
}

#[test]
fn unusable_update_keeps_stored_license() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    let before = license(&home, "b1");
    library.ends_at("b1", TODAY + 30 * DAY);
    let another = library.lend("b2", "Another", None);
    let not_taken = |why: RejectedUpdate| {
        let answered = one(&home).unwrap();
        assert_eq!(answered.warnings.len(), 1, "{:?}", answered.warnings);
        assert_eq!(answered.warnings[0].cause.as_ref().unwrap().code, why.code());
        assert_eq!(license(&home, "b1"), before, "the old one is kept");
    };
    library.breaks(Place::License, Fault::Gives(another));
    not_taken(RejectedUpdate::OtherLicense);
    library.breaks(Place::License, Fault::Gives(b"{}".to_vec()));
    not_taken(RejectedUpdate::NoLicense);
    library.breaks(Place::License, Fault::Page);
    not_taken(RejectedUpdate::NoLicense);
    library.is_mended();
    library.with("b1", |loan| loan.wrong_key = true);
    not_taken(RejectedUpdate::WeakerSignature);
    library.with("b1", |loan| loan.wrong_key = false);
    assert!(one(&home).unwrap().refreshed);
}

#[test]
fn license_at_other_origin_needs_permission() {
    let dir = tempfile::tempdir().unwrap();
    let (library, elsewhere) = (Library::open(), Library::open());
    let home = reader(dir.path(), &library);
    library.ends_at("b1", TODAY + 30 * DAY);
    elsewhere.lend("b1", "A Book", Some(TODAY + 30 * DAY));
    elsewhere.ends_at("b1", TODAY + 30 * DAY);
    library.with("b1", |loan| loan.license_at = Some(format!("{}/license/b1", elsewhere.origin)));
    let answered = one(&home).unwrap();
    assert_eq!((answered.refreshed, answered.warnings[0].code), (false, "provider-not-allowed"));
    let text = answered.warnings[0].text_with_help(Language::English);
    assert!(text.contains(&format!("restow provider allow {}", elsewhere.origin)), "{text}");
    library.with("b1", |loan| loan.license_at = None);
    library.breaks(Place::License, Fault::Redirects(302, format!("{}/license/b1", elsewhere.origin)));
    assert_eq!(one(&home).unwrap().warnings[0].code, "provider-not-allowed");
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
    restow::lcp_provider::allow(&home, &elsewhere.origin, TrustOrigin::Manual).unwrap();
    assert!(one(&home).unwrap().refreshed);
    assert_eq!(elsewhere.requests(), ["GET /license/b1"]);
}

#[test]
fn redirects_within_provider_are_limited() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.ends_at("b1", TODAY + 30 * DAY);
    library.breaks(Place::License, Fault::Redirects(307, "/license/b1?again".into()));
    let answered = one(&home).unwrap();
    assert_eq!(answered.warnings[0].code, "provider-bad-answer");
    let asked = library.requests().iter().filter(|request| *request == "GET /license/b1").count();
    assert_eq!(asked, 6, "the first, and five more");
    for status in [301, 302, 303, 307, 308] {
        library.breaks(Place::Register, Fault::Redirects(status, "../status/b1".into()));
        assert_eq!(one(&home).unwrap().status, LcpStatus::Active, "{status}");
    }
}

#[test]
fn newer_license_clears_earlier_end() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    let ends = [
        ("revoked", Outcome::Revoked),
        ("returned", Outcome::Returned),
        ("cancelled", Outcome::Cancelled),
        ("expired", Outcome::Expired),
    ];
    for (status, outcome) in ends {
        library.ends("b1", status);
        let answered = one(&home).unwrap();
        assert_eq!((answered.status.as_str(), answered.refreshed), (status, true));
        assert_eq!(license(&home, "b1").status, LicenseStatus::Refused(outcome));
        // The provider lends the license again.
        library.with("b1", |loan| loan.status = "active");
        library.ends_at("b1", TODAY + 30 * DAY);
        assert_eq!(one(&home).unwrap().status, LcpStatus::Active);
        assert_eq!(license(&home, "b1").status, LicenseStatus::Usable);
    }
}

#[test]
fn end_date_of_license_takes_precedence() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.with("b1", |loan| loan.status = "expired");
    assert_eq!(one(&home).unwrap().status, LcpStatus::Active, "it is good for ten days more");
    library.ends_at("b1", TODAY - DAY);
    assert_eq!(one(&home).unwrap().status, LcpStatus::Expired);
}

#[test]
fn failed_registration_is_a_warning() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.breaks(Place::Register, Fault::Problem(400, "registration"));
    let answered = one(&home).unwrap();
    assert_eq!((answered.registered, answered.warnings[0].code), (false, "provider-registration"));
    assert!(answered.warnings[0].to_string().contains("Not today"));
    assert_eq!(license(&home, "b1").status, LicenseStatus::Usable);
    // The registration is tried again, and counts although its answer cannot be read.
    library.breaks(Place::Register, Fault::Page);
    let answered = one(&home).unwrap();
    assert_eq!((answered.registered, answered.warnings[0].code), (true, "provider-no-status"));
    library.requests();
    assert!(one(&home).unwrap().registered);
    assert_eq!(library.requests(), ["GET /status/b1"]);
}

/// A set may contain ten thousand licenses, so little is remembered of each one.
#[test]
fn license_with_long_links_is_skipped() {
    let long = "x".repeat(5000);
    for (pointer, value) in [
        ("/links/2/href", format!("https://l.example/{long}")),
        ("/encryption/profile", format!("https://l.example/{long}")),
    ] {
        let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
        let home = reader(dir.path(), &library);
        library.lend("b2", "Another", None);
        library.with("b2", |loan| *loan.document.pointer_mut(pointer).unwrap() = value.into());
        restow::import::import_document(&home, &library.license("b2")).unwrap();
        let needed = restow::lcp_provider::required_providers(&home, None).unwrap();
        assert_eq!((needed.len(), needed[0].licenses), (1, 1), "{pointer}: {needed:?}");
        let error =
            restow::lcp_provider::return_loan(&home, &identity("b2"), &restow::service::Cancel::default()).unwrap_err();
        assert_eq!(error.code(), "provider-long-link");
    }
}

#[test]
fn messages_omit_device_id_and_name() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    for fault in [Fault::Silent, Fault::Endless, Fault::Redirects(307, "/register/b1?name=x".into()), Fault::Page] {
        library.breaks(Place::Register, fault.clone());
        let answered = one(&home).unwrap();
        let [warning] = answered.warnings.as_slice() else { panic!("{fault:?}: {answered:?}") };
        let text = format!("{warning:?}");
        assert!(text.contains("/register/b1") && !text.contains('?') && !text.contains("name="), "{fault:?}: {text}");
    }
}

#[test]
fn unusable_answer_changes_nothing() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    let before = license(&home, "b1");
    let other = br#"{"id":"b9","status":"revoked"}"#.to_vec();
    for (fault, code) in [
        (Fault::Gives(b"\x00\xff garbage".to_vec()), "provider-no-status"),
        (Fault::Gives(Vec::new()), "provider-no-status"),
        (Fault::Gives(other), "provider-other-license"),
        (Fault::Page, "provider-no-status"),
        (Fault::CutOff, "provider-unreachable"),
        (Fault::Endless, "provider-bad-answer"),
        (Fault::Silent, "provider-unreachable"),
        (Fault::Problem(500, "server"), "provider-server"),
        (Fault::Problem(503, "server"), "provider-busy"),
        (Fault::Problem(404, ""), "provider-problem"),
        (Fault::Redirects(302, "https://elsewhere.example/status".into()), "provider-not-allowed"),
        (Fault::Redirects(302, "ftp://elsewhere.example/status".into()), "provider-address"),
        (Fault::Redirects(302, "/status/b1".into()), "provider-bad-answer"),
    ] {
        library.breaks(Place::Status, fault.clone());
        let error = one(&home).unwrap_err();
        assert_eq!(error.code(), code, "{fault:?}: {error}");
        assert_eq!(license(&home, "b1"), before);
        assert_eq!(standing(&home, "b1"), None);
    }
}

#[test]
fn every_problem_kind_has_its_code() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    one(&home).unwrap();
    let cancel = restow::service::Cancel::default();
    for kind in ProblemKind::ALL {
        let uri = kind.uri();
        let name = uri.split("/error/").nth(1).unwrap_or_default().to_owned();
        library.breaks(Place::Renew, Fault::Problem(400, Box::leak(name.into_boxed_str())));
        let error = restow::lcp_provider::renew(&home, &identity("b1"), None, &cancel).unwrap_err();
        assert_eq!(error.code(), kind.as_str());
        assert!(error.to_string().contains("Not today"), "{error}");
    }
}

#[test]
fn busy_provider_is_retried_or_given_up() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    restow::import::import_document(&home, &library.lend("b2", "Another", None)).unwrap();
    for status in [429, 503] {
        library.breaks(Place::Status, Fault::Busy(status, 2, Some("0")));
        assert!(refreshed(&home).iter().all(Result::is_ok), "it was asked again");
        library.requests();
        for after in ["3600", "Fri, 20 Nov 2026 12:00:00 GMT"] {
            library.breaks(Place::Status, Fault::Busy(status, 9, Some(after)));
            let codes: Vec<_> = refreshed(&home).into_iter().map(|one| one.unwrap_err().code()).collect();
            assert_eq!(codes, ["provider-busy", "provider-given-up"], "{after:?}");
            assert_eq!(library.requests(), ["GET /status/b1"]);
        }
    }
}

#[test]
fn busy_without_delay_allows_one_more_license() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    for id in ["b2", "b3"] {
        restow::import::import_document(&home, &library.lend(id, "Another", None)).unwrap();
    }
    let codes = |times| {
        library.breaks(Place::Status, Fault::Busy(503, times, None));
        let code = |one: Result<_, ProviderError>| one.err().map_or("", |error| error.code());
        refreshed(&home).into_iter().map(code).collect::<Vec<_>>()
    };
    assert_eq!(codes(1), ["provider-busy", "", ""]);
    assert_eq!(codes(2), ["provider-busy", "provider-busy", "provider-given-up"]);
}

#[test]
fn twice_silent_provider_is_given_up() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    for id in ["b2", "b3", "b4"] {
        restow::import::import_document(&home, &library.lend(id, "Another", None)).unwrap();
    }
    library.breaks(Place::Status, Fault::Silent);
    let codes: Vec<_> = refreshed(&home).into_iter().map(|one| one.unwrap_err().code()).collect();
    let (silent, given_up) = ("provider-unreachable", "provider-given-up");
    assert_eq!(codes, [silent, silent, given_up, given_up]);
    assert_eq!(library.requests(), ["GET /status/b1", "GET /status/b2"]);
}
