//! Regression tests for defects found in reviews.

use super::fixture::*;
use restow::Hresult;
use restow::license::{self, Limits, NativeLicense, Right, Rights};
use restow::restorer::{Restore, ServiceConsent};
use restow::service::protocol::{Counter, Signature};
use restow::store::LicenseStatus;
use restow_core::keys::{SecretKey, Seed};

fn registration(h: &restow::Home) -> restow::store::Registration {
    h.store().unwrap().view().registrations(None).unwrap().remove(0)
}

fn native(id: &str, issuer: &str, holder: &str, issued: i64, url: Option<String>, backup: bool) -> license::License {
    let mut rights = Rights::from([(Right::PLAY, Limits::default())]);
    if backup {
        rights.insert(Right::BACKUP, Limits::default());
    }
    let document = NativeLicense {
        id: id.into(),
        issuer: issuer.into(),
        holder: holder.into(),
        key_ids: vec![key_id(1).to_string()],
        seed: 1,
        issued,
        not_before: None,
        expires: None,
        title: None,
        priority: 0,
        rights,
        service_url: url,
        unreported: None,
        crit: vec![],
    }
    .sign(&Seed::from_bytes([9; 32]).signing_key("x", &[]))
    .unwrap();
    license::parse(document.as_bytes()).unwrap()
}

#[test]
fn forged_document_keeps_pending_license() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let id = service.register_with_licenses(&a, vec![playable(1)]).granted.remove(0);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let mallory = fixture.home("m");
    service.register_with_licenses(&mallory, vec![playable(2)]);
    let mut store = mallory.store().unwrap();
    let change = store.change().unwrap();
    change
        .put_license(
            &native(&id, &service.issuer, &registration(&mallory).holder, START + 999 * DAY, None, true),
            LicenseStatus::Usable,
        )
        .unwrap();
    change.commit().unwrap();
    backup(&mallory, &drive);
    backup(&mallory, &drive);
    // The home lost its store and keeps its keys.
    for n in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(a.folder().join(n));
    }
    service.add_to_home(&a);
    restow::service::register(&a, &mut a.store().unwrap(), &service.issuer, "a", &no_cancel()).unwrap();
    let (report, _) = restore_all(&a, &drive);
    assert!(report.summary.restored == 1 && play(&a, 1), "{report:#?}");
}

#[test]
fn foreign_holder_cannot_raise_counters() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let id = service.register_with_licenses(&a, vec![play_limited(1, 10)]).granted.remove(0);
    let drive = fixture.location("drive");
    let mallory = fixture.home("m");
    service.register_with_licenses(&mallory, vec![playable(2)]);
    let own_registration = registration(&a);
    let a_key = a.computer().unwrap().keys(&service.issuer, own_registration.incarnation).signing.public();
    let mut store = mallory.store().unwrap();
    let change = store.change().unwrap();
    change
        .put_counter(
            &service.issuer,
            &Counter {
                license: id.clone(),
                right: "Play".into(),
                computer_key: a_key,
                count: 1 << 52,
                first_use: 0,
                signature: Signature([0; 64]),
            },
            0,
        )
        .unwrap();
    change.commit().unwrap();
    backup(&mallory, &drive);
    assert!(play(&a, 1));
    restore_all(&a, &drive);
    assert!(play_online(&a, 1), "{:?}", restow::usage::check_right(&a, &key_id(1), &Right::PLAY));
}

#[test]
fn useless_restore_key_blocks_no_other() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    std::fs::remove_dir_all(a.folder()).unwrap();
    let b = fixture.home("b");
    service.add_to_home(&b);
    assert_eq!(restore_all(&b, &drive).0.result, Hresult::S_OK);
    backup(&b, &drive);
    backup(&b, &drive);
    std::fs::remove_dir_all(b.folder()).unwrap();
    let c = fixture.home("c");
    service.add_to_home(&c);
    let (report, _) = restore_all(&c, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn refused_foreign_license_is_not_stored() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let first_location = fixture.location("a");
    backup(&a, &first_location);
    let b = fixture.home("b");
    service.register_with_licenses(&b, vec![playable(2)]);
    let second_location = fixture.location("b");
    backup(&b, &second_location);
    restore_all(&b, &first_location); // refused: not adopted
    let (report, _) = restore_all(&b, &second_location);
    let (saved, _) = backup(&b, &second_location);
    assert_eq!(saved.summary.backed_up, 1, "the other person's license is not here");
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn consent_covers_only_named_services() {
    let fixture = Fixture::new();
    let one = fixture.service("One");
    let two = fixture.service("Two");
    let a = fixture.home("a");
    one.register_with_licenses(&a, vec![playable(1)]);
    let first_location = fixture.location("l1");
    backup(&a, &first_location);
    let c = fixture.home("c");
    two.register_with_licenses(&c, vec![playable(2)]);
    let second_location = fixture.location("l2");
    backup(&c, &second_location);
    let b = fixture.home("b");
    let (r, _) = restore(&b, Restore::from(&first_location)); // declined
    assert_eq!(r.summary.pending, 1);
    two.add_to_home(&b);
    let (report, events) = restore_all(&b, &second_location);
    let pinned = b.store().unwrap().view().service(&one.issuer).unwrap().unwrap().is_pinned();
    assert!(!pinned, "a service that second_location does not name was pinned and connected: {report:?} {events:#?}");
}

#[test]
fn consent_is_per_service() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let before = registration(&a);
    service.release(&before);
    let mut store = a.store().unwrap();
    let row = store.view().licenses_for(&key_id(1)).unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    let (report, _) =
        restore(&a, Restore::from(&drive).consent(ServiceConsent::Services(vec!["somebody else".into()])));
    assert_eq!(report.summary.pending, 1, "{report:?}");
    let now = a.store().unwrap().view().registrations(None).unwrap();
    assert!(now.is_empty(), "registered anew without consent to this service: {now:?}");
}

#[test]
fn holders_report_separately() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 10)]);
    let first_location = fixture.location("a");
    backup(&a, &first_location);
    let b = fixture.home("b");
    let id = service.register_with_licenses(&b, vec![play_limited(2, 10)]).granted.remove(0);
    let holder = registration(&b).holder;
    let (r, _) = restore(&b, Restore::from(&first_location).consent(ServiceConsent::AllServices).adopt(true));
    assert_eq!(r.result, Hresult::S_OK);
    assert!(play(&b, 1)); // offline use of the adopted holder's license
    let result = restow::usage::report_uses(&b, &service.issuer, &holder, &[id], &no_cancel());
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

#[test]
fn released_computer_stops_playing() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 10)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    service.release(&registration(&a));
    let mut plays = 0;
    while play_online(&a, 1) {
        plays += 1;
    }
    let b = fixture.home("b");
    service.add_to_home(&b);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.summary.restored, 1, "{report:?}");
    while play_online(&b, 1) {
        plays += 1;
    }
    assert!(plays <= 10, "{plays} plays of 10");
}

#[test]
fn copied_home_restores_portable_license() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let lcp = r#"{"id":"b1","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"http://readium.org/lcp/basic-profile","content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},"links":[],"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
    let file = fixture.dir.path().join("b1.lcpl");
    std::fs::write(&file, lcp).unwrap();
    restow::import::import(&a, &[file], &mut |_| {}).unwrap();
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let c = fixture.home("c");
    c.computer().unwrap();
    let copied = fixture.home_on_machine("c", "another");
    service.add_to_home(&copied);
    let (report, events) = restore_all(&copied, &drive);
    assert_eq!(report.summary.restored, 1, "the portable one: {report:?} {:?}", event_names(&events));
}

#[test]
fn copied_home_contacts_no_service() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let copied = fixture.home_on_machine("a", "another");
    let mut store = copied.store().unwrap();
    let row = store.view().licenses_for(&key_id(1)).unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    let (report, _) = restore_all(&copied, &drive);
    assert!(
        report.summary.restored == 0,
        "the copied home asked the service and says restored; plays: {}",
        play(&copied, 1)
    );
    let _ = SecretKey::from_bytes(&[1; 32]);
}

#[test]
fn wrong_clock_dates_no_first_use() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let rental = restow::service::protocol::Terms {
        rights: Rights::from([
            (Right::PLAY, Limits { first_use_seconds: Some(2 * DAY), ..Limits::default() }),
            (Right::BACKUP, Limits::default()),
        ]),
        ..playable(1)
    };
    service.register_with_licenses(&a, vec![rental]);
    let reset_home = restow::Home::open_with(
        a.folder(),
        restow::Machine::from_id("a"),
        std::sync::Arc::new(restow::ManualClock::at(0)),
    )
    .unwrap();
    assert!(play(&reset_home, 1));
    assert!(
        play(&a, 1),
        "a 48 h rental is over after one second: {:?}",
        restow::usage::check_right(&a, &key_id(1), &Right::PLAY)
    );
}

#[test]
fn rotated_service_key_is_accepted() {
    use restow::license::{CertifiedKey, KeyUse, TrustedKeySet};
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    service.stop();
    let encoding = data_encoding::BASE64URL_NOPAD;
    let root: [u8; 32] = encoding
        .decode(std::fs::read_to_string(service.folder.join("root.key")).unwrap().trim().as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    let root = SecretKey::from_bytes(&root);
    let old = std::fs::read_to_string(service.folder.join("key-set.jws")).unwrap();
    let mut set = TrustedKeySet::verify_self_signed(old.trim()).unwrap().set().clone();
    set.version = 2;
    set.keys.push(CertifiedKey::new(KeyUse::Service, SecretKey::from_bytes(&[77; 32]).public(), 0));
    std::fs::write(service.folder.join("service.key"), encoding.encode(&[77; 32])).unwrap();
    std::fs::write(service.folder.join("key-set.jws"), TrustedKeySet::sign(&set, &root).unwrap().document()).unwrap();
    service.start();
    let listed = restow::service::computers::list(&a, None, &no_cancel()).unwrap();
    assert_eq!((listed.holders.len(), listed.unreachable.len()), (1, 0));
}

#[test]
fn confirmation_updates_registration() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 10), playable(2)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let b = fixture.home("b");
    service.add_to_home(&b);
    restore_all(&b, &drive);
    let own_registration = registration(&a);
    restow::service::computers::confirm(&a, &own_registration, &registration(&b).computer, &no_cancel()).unwrap();
    assert!(play_online(&b, 1));
    restow::service::acquire::acquire_link(&b, &service.issue(vec![playable(5)]), &no_cancel()).unwrap();
    assert!(
        registration(&b).confirmed,
        "B was confirmed, has called the service since, and still backs up as unconfirmed"
    );
}

#[test]
fn bad_grant_affects_one_service() {
    let fixture = Fixture::new();
    let good = fixture.service("Good");
    let mut bad = fixture.service("Bad");
    let a = fixture.home("a");
    good.register_with_licenses(&a, vec![playable(1)]);
    bad.register_with_licenses(&a, vec![playable(2)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    bad.stop();
    let mut store = a.store().unwrap();
    for n in [1, 2] {
        let row = store.view().licenses_for(&key_id(n)).unwrap()[0].row;
        let change = store.change().unwrap();
        change.remove_license(row).unwrap();
        change.commit().unwrap();
    }
    let other = restow_core::hpke::HpkePrivateKey::from_secret(&[3; 32]).public();
    let db = rusqlite::Connection::open(bad.folder.join("service.db")).unwrap();
    let n = db.execute("UPDATE computers SET encryption_key = ?1", [other.as_bytes().to_vec()]).unwrap();
    assert!(n > 0);
    drop(db);
    bad.start();
    let (report, events) = restore_all(&a, &drive);
    assert!(report.summary.restored == 1 && play(&a, 1), "{report:?} {:?}", event_names(&events));
}

#[test]
fn proven_revocation_needs_no_service() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let id = service.register_with_licenses(&a, vec![playable(1)]).granted.remove(0);
    service.revoke(&id);
    restow::usage::report_uses(&a, &service.issuer, &registration(&a).holder, &[id], &no_cancel()).unwrap();
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let b = fixture.home("b");
    let plan = Restore::from(&drive).plan(&b).unwrap();
    let (report, events) = restore(&b, Restore::from(&drive));
    assert!(plan.services.is_empty() && report.summary.refused == 1, "{:?} {report:?} {plan:?}", event_names(&events));
}

#[test]
fn moved_service_key_set_is_stored() {
    use restow::license::TrustedKeySet;
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let b = fixture.home("b");
    service.add_to_home(&b);
    service.stop();
    let encoding = data_encoding::BASE64URL_NOPAD;
    let root: [u8; 32] = encoding
        .decode(std::fs::read_to_string(service.folder.join("root.key")).unwrap().trim().as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    let root = SecretKey::from_bytes(&root);
    let old = std::fs::read_to_string(service.folder.join("key-set.jws")).unwrap();
    let mut set = TrustedKeySet::verify_self_signed(old.trim()).unwrap().set().clone();
    set.version = 2;
    set.service_url = "https://new.shop.example".into();
    std::fs::write(service.folder.join("key-set.jws"), TrustedKeySet::sign(&set, &root).unwrap().document()).unwrap();
    let p = service.folder.join("service.json");
    let text = std::fs::read_to_string(&p).unwrap().replace(&service.url, "https://new.shop.example");
    std::fs::write(&p, text).unwrap();
    service.start();
    restore_all(&b, &drive);
    let version = b.store().unwrap().view().service(&service.issuer).unwrap().unwrap().key_set.set().version;
    assert_eq!(version, 2, "the signed move was thrown away");
}
#[test]
fn hostile_key_set_keeps_restore_working() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let lcp = r#"{"id":"b1","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"http://readium.org/lcp/basic-profile","content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},"links":[],"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
    let file = fixture.dir.path().join("b1.lcpl");
    std::fs::write(&file, lcp).unwrap();
    restow::import::import(&a, &[file], &mut |_| {}).unwrap();
    let drive = fixture.location("drive");
    backup(&a, &drive);
    // A hostile set lies in the same location.
    use restow::license::{CertifiedKey, KeySet, KeyUse};
    use restow_backup::*;
    let root = Seed::from_bytes([1; 32]).signing_key("root", &[]);
    let set = KeySet {
        issuer: root.public().thumbprint(),
        root: root.public(),
        version: u64::MAX,
        time: 0,
        name: "x".into(),
        service_url: "https://x.example".into(),
        privacy_url: None,
        keys: vec![CertifiedKey::new(KeyUse::Service, root.public(), 0)],
        sunset: None,
    };
    let key_set = restow_core::jws::sign(&set, &root).unwrap();
    let location = Location::create(&drive).unwrap();
    let writer = SetWriter::begin(&location, &root, 10).unwrap();
    let entry = IssuerEntry {
        issuer: set.issuer.clone(),
        key_set: key_set.clone(),
        holder: None,
        membership: None,
        certificate: None,
        restore_certificate: None,
    };
    writer.commit(ManifestFacts { issuers: vec![entry], ..ManifestFacts::default() }, &|| false).unwrap();
    let b = fixture.home("b");
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.summary.restored, 1, "{report:?}");
}

fn lcp(id: &str, issued: &str) -> String {
    format!(
        r#"{{"id":"{id}","issued":"{issued}","provider":"https://p.example","encryption":{{"profile":"http://readium.org/lcp/basic-profile","content_key":{{"algorithm":"x","encrypted_value":"x"}},"user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},"links":[],"signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

fn import(fixture: &Fixture, home: &restow::Home, text: &str) -> restow::import::ImportSummary {
    let file = fixture.dir.path().join("in.lcpl");
    std::fs::write(&file, text).unwrap();
    restow::import::import(home, &[file], &mut |_| {}).unwrap()
}

#[test]
fn lcp_document_with_escapes_imports() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let text = lcp("b", "2024-09-26T17:53:16Z").replace(r#""value":"x""#, r#""value":"ab\/c""#);
    assert_eq!(import(&fixture, &a, &text).imported, 1);
}

#[test]
fn foreign_database_is_untouched() {
    let fixture = Fixture::new();
    let folder = fixture.location("h");
    let path = folder.join("store.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(restow::store::Store::open(&path).is_err());
    assert!(std::fs::read(&path).unwrap() == before, "somebody else's database was converted");
}

#[test]
fn unknown_license_id_is_error() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    import(&fixture, &a, &lcp("loan", "2025-09-26T17:53:16Z"));
    backup(&a, &drive);
    let b = fixture.home("b");
    let (report, _) = restore(&b, restow::restorer::Restore::from(&drive).only(["lona".to_owned()]));
    assert!(!report.is_ok(), "{report:?}");
}

#[test]
fn forgotten_license_stays_out() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let acquired = service.register_with_licenses(&a, vec![playable(1), playable(2)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let identity = license::LicenseIdentity {
        kind: license::Kind::Restow,
        issuer: service.issuer.clone(),
        license_id: acquired.granted[0].clone(),
    };
    restow::restorer::forget_from(&a, &drive, &identity).unwrap();
    let store = a.store().unwrap();
    let entry = store.view().license(&identity).unwrap().unwrap();
    let listed = restow::listing::license_info(&a, &store, &entry).unwrap();
    assert_eq!(listed.backups, [], "it is in no backup any more");
    // At the new mount point the backup record is missing, so all licenses are written again.
    let moved = fixture.dir.path().join("locations/moved");
    std::fs::rename(&drive, &moved).unwrap();
    backup(&a, &moved);
    let b = fixture.home("b");
    let plan = Restore::from(&moved).plan(&b).unwrap();
    assert!(plan.to_restore == 1 && listed.backups.is_empty(), "{plan:#?}");
}

#[test]
fn long_statement_keeps_backup_working() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let mut store = a.store().unwrap();
    let change = store.change().unwrap();
    let revoked = (0..10_000)
        .map(|n| restow::service::protocol::Revocation {
            license: format!("license-with-some-id-{n:022}"),
            reason: "refunded by the shop, sorry".repeat(3),
            at: 1,
        })
        .collect();
    let statement = restow::service::protocol::Revocations { issuer: "i".into(), holder: "h".into(), time: 1, revoked };
    let jws = restow_core::jws::sign(&statement, &Seed::from_bytes([1; 32]).signing_key("x", &[])).unwrap();
    change.put_revocations(&jws, &statement).unwrap();
    change.commit().unwrap();
    import(&fixture, &a, &lcp("loan", "2024-09-26T17:53:16Z"));
    let drive = fixture.location("drive");
    let (report, _) = backup(&a, &drive);
    assert!(report.is_ok(), "{report:?}");
}

#[test]
fn compaction_keeps_newer_document() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    import(&fixture, &a, &lcp("loan", "2025-09-26T17:53:16Z")); // the renewed loan
    backup(&a, &drive);
    for n in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(a.folder().join(n));
    }
    import(&fixture, &a, &lcp("loan", "2024-09-26T17:53:16Z")); // the file found again in the downloads
    for n in 0..45 {
        import(&fixture, &a, &lcp(&format!("o{n}"), "2024-09-26T17:53:16Z"));
        assert!(backup(&a, &drive).0.is_ok());
    }
    let b = fixture.home("b");
    restore_all(&b, &drive);
    let entry = b.store().unwrap().view().licenses_with_id("loan").unwrap().remove(0);
    assert!(
        String::from_utf8(entry.document).unwrap().contains("2025"),
        "the newer document is gone from the set for good"
    );
}

#[test]
fn released_computer_is_told_when() {
    use restow::service::protocol::NoticeCode;
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let acquired = service.register_with_licenses(&a, vec![playable(1)]);
    let own = registration(&a);
    service.release(&own);
    let listed = restow::service::computers::list(&a, None, &no_cancel()).unwrap();
    let error = &listed.unreachable[0].error;
    assert_eq!(error.code(), "computer-released");
    let day = restow::rfc3339(restow::Clock::now(&fixture.clock));
    assert!(error.to_string().ends_with(&format!("released this computer on {}", &day[..10])), "{error}");
    // The registration ended, and a notice stays for `status`.
    let store = a.store().unwrap();
    assert!(store.view().registrations(None).unwrap().is_empty());
    let notices = store.view().notices().unwrap();
    let told = notices.iter().find(|(_, notice)| notice.code == NoticeCode::ThisComputerReleased).unwrap();
    assert_eq!((told.1.computer.as_str(), told.1.name.as_str()), (own.computer.as_str(), own.name.as_str()));
    drop(acquired);
    // A new registration ends the notice.
    service.register(&a);
    let notices = a.store().unwrap().view().notices().unwrap();
    assert!(notices.iter().all(|(_, notice)| notice.code != NoticeCode::ThisComputerReleased), "{notices:?}");
}
