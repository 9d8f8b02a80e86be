//! Tests of signed licenses whose members have unexpected forms. Each is kept unchanged.

use std::path::Path;
use std::sync::Arc;

use restow::import::import_document;
use restow::license::lcp::Verifier;
use restow::license::{LicenseMember, LicenseWarning, Right, SignatureCheck};
use restow::listing::{self, LcpAmount, LicenseInfo, LicenseState};
use restow::store::{LicenseFilter, StoreResult};
use restow::{Error, Home, Machine, ManualClock, trust_store, usage};
use serde_json::{Value, json};

use super::workshop::*;

/// 2026-11-20.
const TODAY: i64 = 1_795_132_800;

fn home(folder: &Path) -> Home {
    let home = Home::open_with(folder, Machine::from_id("m"), Arc::new(ManualClock::at(TODAY))).unwrap();
    trust_store::add(&home, &pem(&Form::root(&Key::p256(1)).sign(&Key::p256(1)))).unwrap();
    home
}

fn sign(document: Value) -> Vec<u8> {
    let key = Key::p256(2);
    let certificate = Form { until: "21991231235959Z", ..Form::provider(&key) }.sign(&Key::p256(1));
    signed(document, &certificate, &key)
}

/// Returns a signed license with changed members.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = document("2026-05-01T10:00:00Z");
    change(&mut document);
    sign(document)
}

/// Imports a license and returns it as the listing shows it.
fn imported(document: &[u8]) -> LicenseInfo {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    assert_eq!(import_document(&home, document).unwrap(), StoreResult::New);
    let store = home.store().unwrap();
    let mut listed = Vec::new();
    listing::licenses(&home, &store, &mut |license| {
        listed.push(license);
        Ok(())
    })
    .unwrap();
    let listed = listed.remove(0);
    assert_eq!(listed.license.document, document, "the bytes are kept");
    let check = Verifier::new(trust_store::load(&home).unwrap()).verify(document).check;
    assert_eq!(check, SignatureCheck::Verified, "{}", String::from_utf8_lossy(document));
    listed
}

#[test]
fn end_in_last_year_is_kept() {
    for (end, printed) in [
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"),
        ("10000-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("2099-06-01 12:00:00+0200", "2099-06-01T10:00:00Z"),
    ] {
        let listed = imported(&changed(|document| document["rights"]["end"] = json!(end)));
        assert_eq!((listed.state, listed.license.warnings.len()), (LicenseState::Usable, 0), "{end}");
        assert_eq!(listed.expires().map(restow::rfc3339).as_deref(), Some(printed), "{end}");
    }
}

#[test]
fn unreadable_end_is_not_usable() {
    for end in [json!(""), json!("31.12.2027"), json!(1_830_000_000), json!(["2027-01-01T00:00:00Z"]), json!("2027-01")]
    {
        let document = changed(|document| document["rights"]["end"] = end.clone());
        let listed = imported(&document);
        assert_eq!((listed.state, listed.expires()), (LicenseState::Unknown, None), "{end}");
        assert_eq!(listed.license.warnings, [LicenseWarning::UnknownDate(LicenseMember::End)], "{end}");
        let folder = tempfile::tempdir().unwrap();
        let home = home(folder.path());
        import_document(&home, &document).unwrap();
        let entries = home.store().unwrap().view().licenses_with_id("b7a1").unwrap();
        let error = usage::check_right_by_licenses(&home, "A Book", entries, &Right::PLAY).unwrap_err();
        assert!(matches!(error, Error::UseDenied(_)) && error.code() == "right-unknown", "{error}");
    }
}

#[test]
fn unreadable_amount_is_unknown() {
    for print in [json!("10"), json!(10.0), json!(-1), json!(1e3), json!(1e300), json!([10]), json!(""), json!(true)] {
        let listed = imported(&changed(|document| document["rights"]["print"] = print.clone()));
        assert_eq!(listed.state, LicenseState::Usable, "the book itself can be read: {print}");
        let amounts = listed.amounts().unwrap();
        assert_eq!((amounts.print, amounts.copy), (LcpAmount::Unknown, LcpAmount::Unlimited), "{print}");
        assert_eq!(listed.license.warnings, [LicenseWarning::UnknownAmount(LicenseMember::Print)], "{print}");
    }
}

#[test]
fn unreadable_update_is_checked_by_issue() {
    for updated in [json!(""), json!(0), json!("0001-01-01T00:00:00Z"), json!(null), json!("yesterday")] {
        let listed = imported(&changed(|document| document["updated"] = updated.clone()));
        assert_eq!((listed.state, listed.license.version), (LicenseState::Usable, 1_777_629_600_000), "{updated}");
    }
}

#[test]
fn license_with_byte_order_mark_is_verified() {
    let marked = [b"\xEF\xBB\xBF".as_slice(), &changed(|_| ())].concat();
    assert_eq!(imported(&marked).state, LicenseState::Usable);
}

#[test]
fn missing_links_are_kept_and_named() {
    for links in [json!(null), json!("none"), json!([7, {"rel": "hint"}])] {
        let listed = imported(&changed(|document| document["links"] = links.clone()));
        assert_eq!((listed.state, listed.license.warnings.len()), (LicenseState::Usable, 1), "{links}");
    }
}

#[test]
fn longer_document_of_one_date_is_kept() {
    let until = |end: Value| changed(|document| document["rights"]["end"] = end);
    let (short, long) = (until(json!("2027-01-01T00:00:00Z")), until(json!("2028-01-01T00:00:00Z")));
    let (forever, unknown) = (until(json!(null)), until(json!("")));
    for (longer, shorter) in [(&long, &short), (&forever, &long), (&long, &unknown)] {
        for (first, second, results) in [
            (longer, shorter, [StoreResult::New, StoreResult::LongerStored]),
            (shorter, longer, [StoreResult::New, StoreResult::Extended]),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let home = home(folder.path());
            assert_eq!([first, second].map(|document| import_document(&home, document).unwrap()), results);
            let mut stored = Vec::new();
            let visited: Result<(), Error> = home.store().unwrap().view().each_license(LicenseFilter::All, |entry| {
                stored.push(entry.document);
                Ok(())
            });
            visited.unwrap();
            assert_eq!(stored.as_slice(), std::slice::from_ref(longer));
        }
    }
    // A second signature of the same content is no other document.
    let signed_again = String::from_utf8(short.clone()).unwrap().replace("\"provider\"", " \"provider\"");
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    import_document(&home, &short).unwrap();
    let again = import_document(&home, signed_again.as_bytes()).unwrap();
    assert!(matches!(again, StoreResult::AlreadyStored | StoreResult::Updated), "{again:?}");
}
