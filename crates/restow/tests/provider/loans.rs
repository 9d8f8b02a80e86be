//! Renewal and return of loans.

use restow::lcp_provider::{renew, return_loan};
use restow::license::LcpStatus;
use restow::service::Cancel;
use restow::service::protocol::Outcome;
use restow::store::LicenseStatus;

use crate::library::{Fault, Library, Place};
use crate::stage::*;

#[test]
fn renewal_until_date_or_provider_limit() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    let past = renew(&home, &identity("b1"), Some(TODAY - DAY), &Cancel::default()).unwrap_err();
    assert_eq!((past.code(), library.requests().len()), ("provider-renew-past", 0), "nobody is asked that");
    let answered = renew(&home, &identity("b1"), Some(TODAY + 20 * DAY), &Cancel::default()).unwrap();
    assert_eq!((answered.expires, answered.refreshed), (Some(TODAY + 20 * DAY), true));
    assert_eq!(library.requests(), ["GET /status/b1", "POST /register/b1", "PUT /renew/b1", "GET /license/b1"]);
    assert_eq!(license(&home, "b1").document, library.license("b1"));
    let error = renew(&home, &identity("b1"), Some(TODAY + 80 * DAY), &Cancel::default()).unwrap_err();
    assert_eq!(error.code(), "provider-renew-date");
    let answered = renew(&home, &identity("b1"), None, &Cancel::default()).unwrap();
    assert_eq!(answered.expires, Some(TODAY + 70 * DAY));
    library.with("b1", |loan| loan.renewable = false);
    assert_eq!(renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err().code(), "provider-no-renew");
    library.with("b1", |loan| loan.renewed_on_page = true);
    let error = renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err();
    assert_eq!(error.code(), "provider-renew-page");
    assert!(error.to_string().contains(&format!("{}/renew-page/b1", library.origin)), "{error}");
    assert!(!library.requests().iter().any(|request| request.contains("renew-page")), "a page is for people");
}

#[test]
fn short_answer_keeps_earlier_status_links() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.breaks(Place::Register, Fault::Short);
    let answered = one(&home).unwrap();
    assert!(answered.registered && answered.renewable && answered.returnable, "{answered:?}");
    let home = reader(&dir.path().join("again"), &library);
    let answered = renew(&home, &identity("b1"), Some(TODAY + 20 * DAY), &Cancel::default()).unwrap();
    assert_eq!(answered.expires, Some(TODAY + 20 * DAY));
}

#[test]
fn unchanged_date_is_no_renewal() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    let document = |updated: serde_json::Value| {
        let document = serde_json::json!({
            "id": "b1", "status": "active", "message": "", "updated": updated,
            "links": [{"rel": "renew", "href": format!("{}/renew/b1", library.origin), "type": restow::lcp_provider::STATUS_TYPE}],
        });
        document.to_string().into_bytes()
    };
    library.breaks(Place::Status, Fault::Gives(document(serde_json::json!({}))));
    let same = serde_json::json!({"license": "2026-01-01T00:00:00Z"});
    library.breaks(Place::Renew, Fault::Gives(document(same)));
    let error = renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err();
    assert_eq!(error.code(), "provider-not-done");
    // The answer does not name the address of the new license, so the status is fetched.
    library.is_mended();
    let bare = serde_json::json!({
        "id": "b1", "status": "active", "message": "", "updated": {"license": "2026-12-01T00:00:00Z"}, "links": [],
    });
    library.breaks(Place::Renew, Fault::Gives(bare.to_string().into_bytes()));
    library.requests();
    assert!(renew(&home, &identity("b1"), None, &Cancel::default()).unwrap().renewable);
    let requests = library.requests();
    assert_eq!(requests[requests.len() - 2..], ["GET /status/b1", "GET /license/b1"]);
    // A short answer that ends the license counts.
    let over = serde_json::json!({"id": "b1", "status": "revoked", "message": "", "links": []});
    let second = reader(&dir.path().join("second"), &library);
    library.breaks(Place::Register, Fault::Gives(over.to_string().into_bytes()));
    assert_eq!(one(&second).unwrap().status, LcpStatus::Revoked);
}

#[test]
fn returned_loan_stays_stored_as_refused() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    one(&home).unwrap();
    let answered = return_loan(&home, &identity("b1"), &Cancel::default()).unwrap();
    assert_eq!((answered.status, answered.refreshed), (LcpStatus::Returned, true));
    let entry = license(&home, "b1");
    assert_eq!(entry.status, LicenseStatus::Refused(Outcome::Returned));
    assert_eq!(entry.document, library.license("b1"));
    for again in [
        return_loan(&home, &identity("b1"), &Cancel::default()),
        renew(&home, &identity("b1"), None, &Cancel::default()),
    ] {
        let error = again.unwrap_err();
        assert_eq!((error.code(), error.hresult()), ("provider-ended", restow::Hresult::NS_E_DRM_LICENSE_UNUSABLE));
    }
}

#[test]
fn return_registers_computer_first() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    assert_eq!(return_loan(&home, &identity("b1"), &Cancel::default()).unwrap().status, LcpStatus::Returned);
    assert_eq!(library.requests(), ["GET /status/b1", "POST /register/b1", "PUT /return/b1", "GET /license/b1"]);
    assert_eq!(license(&home, "b1").status, LicenseStatus::Refused(Outcome::Returned));
    // A failed registration does not prevent the return.
    let second = reader(&dir.path().join("second"), &library);
    library.with("b1", |loan| loan.status = "ready");
    library.breaks(Place::Register, Fault::Problem(400, "registration"));
    let answered = return_loan(&second, &identity("b1"), &Cancel::default()).unwrap();
    assert_eq!((answered.status, answered.warnings.len()), (LcpStatus::Cancelled, 1));
}

#[test]
fn expired_loan_is_renewed_if_offered() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.ends_at("b1", TODAY - DAY);
    library.with("b1", |loan| loan.status = "expired");
    let answered = one(&home).unwrap();
    assert_eq!((answered.status, answered.renewable), (LcpStatus::Expired, true));
    assert_eq!(answered.renewable_until, Some(TODAY + 70 * DAY));
    assert_eq!(license(&home, "b1").status, LicenseStatus::Refused(Outcome::Expired));
    let answered = renew(&home, &identity("b1"), Some(TODAY + 20 * DAY), &Cancel::default()).unwrap();
    assert_eq!((answered.status, answered.expires), (LcpStatus::Active, Some(TODAY + 20 * DAY)));
    assert_eq!(license(&home, "b1").status, LicenseStatus::Usable);
    // Without the offer, and after every other end, the loan is over.
    library.with("b1", |loan| (loan.status, loan.renewable) = ("expired", false));
    assert_eq!(renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err().code(), "provider-ended");
    for status in ["returned", "revoked", "cancelled"] {
        library.with("b1", |loan| (loan.status, loan.renewable) = (status, true));
        assert_eq!(renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err().code(), "provider-ended");
    }
}

#[test]
fn failed_return_changes_nothing() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    one(&home).unwrap();
    for (fault, code) in [
        (Fault::Problem(400, "return"), "provider-return"),
        (Fault::Problem(403, "return/already"), "provider-return-already"),
        (Fault::Problem(403, "return/expired"), "provider-return-expired"),
        (Fault::Silent, "provider-unreachable"),
        (Fault::Page, "provider-no-status"),
    ] {
        library.breaks(Place::Return, fault);
        assert_eq!(return_loan(&home, &identity("b1"), &Cancel::default()).unwrap_err().code(), code);
        assert_eq!(license(&home, "b1").status, LicenseStatus::Usable);
    }
    library.is_mended();
    library.with("b1", |loan| loan.returnable = false);
    assert_eq!(return_loan(&home, &identity("b1"), &Cancel::default()).unwrap_err().code(), "provider-no-return");
}

#[test]
fn lost_answer_still_counts_as_done() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.breaks(Place::Renew, Fault::CutOff);
    let answered = renew(&home, &identity("b1"), Some(TODAY + 20 * DAY), &Cancel::default()).unwrap();
    assert_eq!((answered.expires, answered.refreshed), (Some(TODAY + 20 * DAY), true));
    library.breaks(Place::Return, Fault::CutOff);
    assert_eq!(return_loan(&home, &identity("b1"), &Cancel::default()).unwrap().status, LcpStatus::Returned);
    assert_eq!(license(&home, "b1").status, LicenseStatus::Refused(Outcome::Returned));
}

/// The provider answers but does nothing.
#[test]
fn action_without_effect_is_an_error() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    one(&home).unwrap();
    library.requests();
    let active = br#"{"id":"b1","status":"active"}"#.to_vec();
    library.breaks(Place::Return, Fault::Gives(active.clone()));
    library.breaks(Place::Renew, Fault::Gives(active));
    let error = return_loan(&home, &identity("b1"), &Cancel::default()).unwrap_err();
    assert_eq!((error.code(), error.help().as_str()), ("provider-not-done", "See its state: restow refresh"));
    assert_eq!(library.requests(), ["GET /status/b1", "PUT /return/b1", "GET /status/b1"], "it is asked once more");
    assert_eq!(license(&home, "b1").status, LicenseStatus::Usable);
    let error = renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err();
    assert_eq!(error.code(), "provider-not-done");
    // An event shows a renewal without a date.
    let renewed = br#"{"id":"b1","status":"active","events":[{"type":"renew","timestamp":"2026-11-20T00:00:00Z"}]}"#;
    library.breaks(Place::Renew, Fault::Gives(renewed.to_vec()));
    assert_eq!(renew(&home, &identity("b1"), None, &Cancel::default()).unwrap().status, LcpStatus::Active);
    // An end of the license is stored although the renewal failed.
    library.breaks(Place::Renew, Fault::Gives(br#"{"id":"b1","status":"revoked"}"#.to_vec()));
    library.breaks_after(Place::Renew, Place::Status, Fault::Silent);
    let error = renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err();
    assert_eq!(error.code(), "provider-not-done");
    assert_eq!(license(&home, "b1").status, LicenseStatus::Refused(Outcome::Revoked));
}

#[test]
fn repeated_date_after_registration_is_no_renewal() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    let link = r#"{"rel":"renew","href":"/renew/b1"}"#;
    let short = format!(r#"{{"id":"b1","status":"active","links":[{link}]}}"#);
    library.breaks(Place::Register, Fault::Gives(short.into_bytes()));
    let unchanged = r#"{"id":"b1","status":"active","updated":{"license":"2026-01-01T00:00:00Z"}}"#;
    library.breaks(Place::Renew, Fault::Gives(unchanged.into()));
    let error = renew(&home, &identity("b1"), None, &Cancel::default()).unwrap_err();
    assert_eq!(error.code(), "provider-not-done");
}

#[test]
fn license_without_provider_cannot_renew() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    let error = renew(&home, &identity("nobody"), None, &Cancel::default()).unwrap_err();
    assert_eq!(error.code(), "provider-no-status-link");
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn cancel_stops_waiting_for_provider() {
    let (dir, library) = (tempfile::tempdir().unwrap(), Library::open());
    let home = reader(dir.path(), &library);
    library.breaks(Place::Status, Fault::Mute);
    let cancel = Cancel::default();
    let run = std::thread::spawn({
        let (home, cancel) = (home.clone(), cancel.clone());
        move || renew(&home, &identity("b1"), None, &cancel)
    });
    while library.requests().is_empty() {
        std::thread::yield_now();
    }
    cancel.cancel();
    assert_eq!(run.join().unwrap().unwrap_err().code(), "cancelled");
}
