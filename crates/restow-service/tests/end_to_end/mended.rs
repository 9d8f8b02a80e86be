//! Defects found by readers of the code; each of these failed once.

use super::world::*;
use restow::Hresult;
use restow::keys::{SecretKey, Seed};
use restow::license::{self, Limits, NativeLicense, Right, Rights};
use restow::restorer::{Consent, Restore};
use restow::service::protocol::{Counter, Signature};
use restow::store::LicenseStatus;

fn reg(h: &restow::Home) -> restow::store::Registration {
    h.store().unwrap().view().registrations(None).unwrap().remove(0)
}

fn native(id: &str, issuer: &str, holder: &str, issued: i64, url: Option<String>, backup: bool) -> license::License {
    let mut rights = Rights::from([(Right::PLAY, Limits::default())]);
    if backup {
        rights.insert(Right::BACKUP, Limits::default());
    }
    let doc = NativeLicense {
        id: id.into(),
        issuer: issuer.into(),
        holder: holder.into(),
        key_ids: vec![key(1).to_string()],
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
    license::parse(doc.as_bytes()).unwrap()
}

#[test]
fn a_forged_document_displaces_no_pending_one() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let id = shop.customer(&a, vec![song(1)]).granted.remove(0);
    let drive = world.location("drive");
    backup(&a, &drive);
    let mallory = world.home("m");
    shop.customer(&mallory, vec![song(2)]);
    let mut store = mallory.store().unwrap();
    let change = store.change().unwrap();
    change
        .put_license(
            &native(&id, &shop.issuer, &reg(&mallory).holder, START + 999 * DAY, None, true),
            LicenseStatus::Usable,
        )
        .unwrap();
    change.commit().unwrap();
    backup(&mallory, &drive);
    backup(&mallory, &drive);
    // A's own home after a crash of its store: same person, same keys.
    for n in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(a.folder().join(n));
    }
    shop.add_to(&a);
    restow::service::register(&a, &mut a.store().unwrap(), &shop.issuer, "a", &never()).unwrap();
    let (report, _) = restore_all(&a, &drive);
    assert!(report.summary.restored == 1 && play(&a, 1), "{report:#?}");
}

#[test]
fn another_customer_cannot_spoil_counts() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let id = shop.customer(&a, vec![counted(1, 10)]).granted.remove(0);
    let drive = world.location("drive");
    let mallory = world.home("m");
    shop.customer(&mallory, vec![song(2)]);
    let ra = reg(&a);
    let a_key = a.computer().unwrap().keys(&shop.issuer, ra.incarnation).signing.public();
    let mut store = mallory.store().unwrap();
    let change = store.change().unwrap();
    change
        .put_counter(
            &shop.issuer,
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
    assert!(play_online(&a, 1), "{:?}", restow::usage::can(&a, &key(1), &Right::PLAY));
}

#[test]
fn a_useless_restore_key_does_not_block_a_good_one() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    std::fs::remove_dir_all(a.folder()).unwrap();
    let b = world.home("b");
    shop.add_to(&b);
    assert_eq!(restore_all(&b, &drive).0.result, Hresult::S_OK);
    backup(&b, &drive);
    backup(&b, &drive);
    std::fs::remove_dir_all(b.folder()).unwrap();
    let c = world.home("c");
    shop.add_to(&c);
    let (report, _) = restore_all(&c, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn what_was_not_adopted_is_not_stored() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let la = world.location("a");
    backup(&a, &la);
    let b = world.home("b");
    shop.customer(&b, vec![song(2)]);
    let lb = world.location("b");
    backup(&b, &lb);
    restore_all(&b, &la); // refused: not adopted
    let (report, _) = restore_all(&b, &lb);
    let (saved, _) = backup(&b, &lb);
    assert_eq!(saved.summary.backed_up, 1, "the other person's license is not here");
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn all_services_means_services_of_the_set() {
    let world = World::new();
    let one = world.shop("One");
    let two = world.shop("Two");
    let a = world.home("a");
    one.customer(&a, vec![song(1)]);
    let l1 = world.location("l1");
    backup(&a, &l1);
    let c = world.home("c");
    two.customer(&c, vec![song(2)]);
    let l2 = world.location("l2");
    backup(&c, &l2);
    let b = world.home("b");
    let (r, _) = restore(&b, Restore::from(&l1)); // declined
    assert_eq!(r.summary.pending, 1);
    two.add_to(&b);
    let (report, told) = restore_all(&b, &l2);
    let pinned = b.store().unwrap().view().service(&one.issuer).unwrap().unwrap().is_pinned();
    assert!(!pinned, "a service that l2 does not name was pinned and connected: {report:?} {told:#?}");
}

#[test]
fn consent_to_one_service_is_not_consent_to_another() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let before = reg(&a);
    shop.release(&before);
    let mut store = a.store().unwrap();
    let row = store.view().licenses_for(&key(1)).unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    let (report, _) = restore(&a, Restore::from(&drive).consent(Consent::Services(vec!["somebody else".into()])));
    assert_eq!(report.summary.pending, 1, "{report:?}");
    let now = a.store().unwrap().view().registrations(None).unwrap();
    assert!(now.is_empty(), "registered anew without consent to this service: {now:?}");
}

#[test]
fn two_holders_report_apart() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 10)]);
    let la = world.location("a");
    backup(&a, &la);
    let b = world.home("b");
    let id = shop.customer(&b, vec![counted(2, 10)]).granted.remove(0);
    let hb = reg(&b).holder;
    let (r, _) = restore(&b, Restore::from(&la).consent(Consent::AllServices).adopt(true));
    assert_eq!(r.result, Hresult::S_OK);
    assert!(play(&b, 1)); // offline use of the adopted holder's license
    let result = restow::usage::report(&b, &shop.issuer, &hb, &[id], &never());
    assert!(result.is_ok(), "{}", result.unwrap_err());
}

#[test]
fn a_released_computer_plays_no_more() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 10)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    shop.release(&reg(&a));
    let mut plays = 0;
    while play_online(&a, 1) {
        plays += 1;
    }
    let b = world.home("b");
    shop.add_to(&b);
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.summary.restored, 1, "{report:?}");
    while play_online(&b, 1) {
        plays += 1;
    }
    assert!(plays <= 10, "{plays} plays of 10");
}

#[test]
fn a_copied_home_restores_what_needs_no_service() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let lcp = r#"{"id":"b1","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"http://readium.org/lcp/basic-profile","content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},"links":[],"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
    let file = world.dir.path().join("b1.lcpl");
    std::fs::write(&file, lcp).unwrap();
    restow::import::import(&a, &[file], &mut |_| {}).unwrap();
    let drive = world.location("drive");
    backup(&a, &drive);
    let c = world.home("c");
    c.computer().unwrap();
    let copied = world.home_on("c", "another");
    shop.add_to(&copied);
    let (report, told) = restore_all(&copied, &drive);
    assert_eq!(report.summary.restored, 1, "the portable one: {report:?} {:?}", names(&told));
}

#[test]
fn a_copied_home_asks_no_service() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let copied = world.home_on("a", "another");
    let mut store = copied.store().unwrap();
    let row = store.view().licenses_for(&key(1)).unwrap()[0].row;
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
fn first_use_is_not_dated_by_a_wrong_clock() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let rental = restow::service::protocol::Terms {
        rights: Rights::from([
            (Right::PLAY, Limits { first_use_seconds: Some(2 * DAY), ..Limits::default() }),
            (Right::BACKUP, Limits::default()),
        ]),
        ..song(1)
    };
    shop.customer(&a, vec![rental]);
    let flat =
        restow::Home::open_on(a.folder(), restow::Machine::named("a"), std::sync::Arc::new(restow::ManualClock::at(0)))
            .unwrap();
    assert!(play(&flat, 1));
    assert!(play(&a, 1), "a 48 h rental is over after one second: {:?}", restow::usage::can(&a, &key(1), &Right::PLAY));
}

#[test]
fn a_rotated_service_key_is_learned() {
    use restow::license::{CertifiedKey, KeyUse, TrustedKeySet};
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    shop.stop();
    let enc = data_encoding::BASE64URL_NOPAD;
    let root: [u8; 32] = enc
        .decode(std::fs::read_to_string(shop.folder.join("root.key")).unwrap().trim().as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    let root = SecretKey::from_bytes(&root);
    let old = std::fs::read_to_string(shop.folder.join("key-set.jws")).unwrap();
    let mut set = TrustedKeySet::self_proven(old.trim()).unwrap().set().clone();
    set.version = 2;
    set.keys.push(CertifiedKey::new(KeyUse::Service, SecretKey::from_bytes(&[77; 32]).public(), 0));
    std::fs::write(shop.folder.join("service.key"), enc.encode(&[77; 32])).unwrap();
    std::fs::write(shop.folder.join("key-set.jws"), TrustedKeySet::sign(&set, &root).unwrap().document()).unwrap();
    shop.start();
    let listed = restow::service::computers::list(&a, None, &never()).unwrap();
    assert_eq!((listed.answered.len(), listed.unanswered.len()), (1, 0));
}

#[test]
fn a_confirmation_is_noticed() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 10), song(2)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let b = world.home("b");
    shop.add_to(&b);
    restore_all(&b, &drive);
    let ra = reg(&a);
    restow::service::computers::confirm(&a, &ra, &reg(&b).computer, &never()).unwrap();
    assert!(play_online(&b, 1));
    restow::service::acquire::acquire_link(&b, &shop.issue(vec![song(5)]), &never()).unwrap();
    assert!(reg(&b).confirmed, "B was confirmed, has called the service since, and still backs up as unconfirmed");
}

#[test]
fn one_services_bad_grant_is_its_own_affair() {
    let world = World::new();
    let good = world.shop("Good");
    let mut bad = world.shop("Bad");
    let a = world.home("a");
    good.customer(&a, vec![song(1)]);
    bad.customer(&a, vec![song(2)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    bad.stop();
    let mut store = a.store().unwrap();
    for n in [1, 2] {
        let row = store.view().licenses_for(&key(n)).unwrap()[0].row;
        let change = store.change().unwrap();
        change.remove_license(row).unwrap();
        change.commit().unwrap();
    }
    let other = restow::seal::OpeningKey::from_secret(&[3; 32]).public();
    let db = rusqlite::Connection::open(bad.folder.join("service.db")).unwrap();
    let n = db.execute("UPDATE computers SET encryption_key = ?1", [other.as_bytes().to_vec()]).unwrap();
    assert!(n > 0);
    drop(db);
    bad.start();
    let (report, told) = restore_all(&a, &drive);
    assert!(report.summary.restored == 1 && play(&a, 1), "{report:?} {:?}", names(&told));
}

#[test]
fn what_a_set_proves_revoked_is_not_asked() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let id = shop.customer(&a, vec![song(1)]).granted.remove(0);
    shop.revoke(&id);
    restow::usage::report(&a, &shop.issuer, &reg(&a).holder, &[id], &never()).unwrap();
    let drive = world.location("drive");
    backup(&a, &drive);
    let b = world.home("b");
    let plan = Restore::from(&drive).plan(&b).unwrap();
    let (report, told) = restore(&b, Restore::from(&drive));
    assert!(plan.services.is_empty() && report.summary.refused == 1, "{:?} {report:?} {plan:?}", names(&told));
}

#[test]
fn a_service_that_moved_is_followed() {
    use restow::license::TrustedKeySet;
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let b = world.home("b");
    shop.add_to(&b);
    shop.stop();
    let enc = data_encoding::BASE64URL_NOPAD;
    let root: [u8; 32] = enc
        .decode(std::fs::read_to_string(shop.folder.join("root.key")).unwrap().trim().as_bytes())
        .unwrap()
        .try_into()
        .unwrap();
    let root = SecretKey::from_bytes(&root);
    let old = std::fs::read_to_string(shop.folder.join("key-set.jws")).unwrap();
    let mut set = TrustedKeySet::self_proven(old.trim()).unwrap().set().clone();
    set.version = 2;
    set.service_url = "https://new.shop.example".into();
    std::fs::write(shop.folder.join("key-set.jws"), TrustedKeySet::sign(&set, &root).unwrap().document()).unwrap();
    let p = shop.folder.join("service.json");
    let text = std::fs::read_to_string(&p).unwrap().replace(&shop.url, "https://new.shop.example");
    std::fs::write(&p, text).unwrap();
    shop.start();
    restore_all(&b, &drive);
    let version = b.store().unwrap().view().service(&shop.issuer).unwrap().unwrap().key_set.set().version;
    assert_eq!(version, 2, "the signed move was thrown away");
}
#[test]
fn a_hostile_key_set_stops_nothing() {
    let world = World::new();
    let a = world.home("a");
    let lcp = r#"{"id":"b1","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"http://readium.org/lcp/basic-profile","content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},"links":[],"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;
    let file = world.dir.path().join("b1.lcpl");
    std::fs::write(&file, lcp).unwrap();
    restow::import::import(&a, &[file], &mut |_| {}).unwrap();
    let drive = world.location("drive");
    backup(&a, &drive);
    // A hostile set beside it.
    use restow::backup::*;
    use restow::license::{CertifiedKey, KeySet, KeyUse};
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
    let ks = restow::jws::sign(&set, &root).unwrap();
    let location = Location::create(&drive).unwrap();
    let writer = SetWriter::begin(&location, &root, 10).unwrap();
    let entry = IssuerEntry {
        issuer: set.issuer.clone(),
        key_set: ks.clone(),
        holder: None,
        membership: None,
        certificate: None,
        restore_certificate: None,
    };
    writer.commit(ManifestFacts { issuers: vec![entry], ..ManifestFacts::default() }, &|| false).unwrap();
    let b = world.home("b");
    let (report, _) = restore_all(&b, &drive);
    assert_eq!(report.summary.restored, 1, "{report:?}");
}

fn lcp(id: &str, issued: &str) -> String {
    format!(
        r#"{{"id":"{id}","issued":"{issued}","provider":"https://p.example","encryption":{{"profile":"http://readium.org/lcp/basic-profile","content_key":{{"algorithm":"x","encrypted_value":"x"}},"user_key":{{"algorithm":"x","text_hint":"x","key_check":"x"}}}},"links":[],"signature":{{"algorithm":"x","certificate":"x","value":"x"}}}}"#
    )
}

fn import(world: &World, home: &restow::Home, text: &str) -> restow::import::ImportSummary {
    let file = world.dir.path().join("in.lcpl");
    std::fs::write(&file, text).unwrap();
    restow::import::import(home, &[file], &mut |_| {}).unwrap()
}

#[test]
fn lcp_documents_may_have_escapes() {
    let world = World::new();
    let a = world.home("a");
    let text = lcp("b", "2024-09-26T17:53:16Z").replace(r#""value":"x""#, r#""value":"ab\/c""#);
    assert_eq!(import(&world, &a, &text).imported, 1);
}

#[test]
fn a_foreign_database_is_untouched() {
    let world = World::new();
    let folder = world.location("h");
    let path = folder.join("store.db");
    rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let before = std::fs::read(&path).unwrap();
    assert!(restow::store::Store::open(&path).is_err());
    assert!(std::fs::read(&path).unwrap() == before, "somebody else's database was converted");
}

#[test]
fn an_unknown_id_is_an_error() {
    let world = World::new();
    let a = world.home("a");
    let drive = world.location("drive");
    import(&world, &a, &lcp("loan", "2025-09-26T17:53:16Z"));
    backup(&a, &drive);
    let b = world.home("b");
    let (report, _) = restore(&b, restow::restorer::Restore::from(&drive).only(["lona".to_owned()]));
    assert!(!report.is_ok(), "{report:?}");
}

#[test]
fn what_was_taken_out_stays_out_and_is_not_listed_as_backed_up() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let got = shop.customer(&a, vec![song(1), song(2)]);
    let drive = world.location("drive");
    backup(&a, &drive);
    let identity = license::LicenseIdentity {
        kind: license::Kind::Restow,
        issuer: shop.issuer.clone(),
        license_id: got.granted[0].clone(),
    };
    restow::restorer::forget_from(&a, &drive, &identity).unwrap();
    let store = a.store().unwrap();
    let entry = store.view().license(&identity).unwrap().unwrap();
    let listed = restow::listing::listed(&a, &store, &entry).unwrap();
    assert_eq!(listed.backups, [], "it is in no backup any more");
    // another mount point: the note is not found, so everything is pushed again
    let moved = world.dir.path().join("locations/moved");
    std::fs::rename(&drive, &moved).unwrap();
    backup(&a, &moved);
    let b = world.home("b");
    let plan = Restore::from(&moved).plan(&b).unwrap();
    assert!(plan.to_restore == 1 && listed.backups.is_empty(), "{plan:#?}");
}

#[test]
fn one_long_statement_stops_no_backup() {
    let world = World::new();
    let a = world.home("a");
    let mut store = a.store().unwrap();
    let change = store.change().unwrap();
    let revoked = (0..10_000)
        .map(|n| restow::service::protocol::Revoked {
            license: format!("license-with-some-id-{n:022}"),
            reason: "refunded by the shop, sorry".repeat(3),
            at: 1,
        })
        .collect();
    let statement = restow::service::protocol::Revocations { issuer: "i".into(), holder: "h".into(), time: 1, revoked };
    let jws = restow::jws::sign(&statement, &Seed::from_bytes([1; 32]).signing_key("x", &[])).unwrap();
    change.put_revocations(&jws, &statement).unwrap();
    change.commit().unwrap();
    let drive = world.location("drive");
    let (report, _) = backup(&a, &drive);
    assert!(report.is_ok(), "{report:?}");
}

#[test]
fn compaction_keeps_what_is_newer() {
    let world = World::new();
    let a = world.home("a");
    let drive = world.location("drive");
    import(&world, &a, &lcp("loan", "2025-09-26T17:53:16Z")); // the renewed loan
    backup(&a, &drive);
    for n in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(a.folder().join(n));
    }
    import(&world, &a, &lcp("loan", "2024-09-26T17:53:16Z")); // the file found again in the downloads
    for n in 0..45 {
        import(&world, &a, &lcp(&format!("o{n}"), "2024-09-26T17:53:16Z"));
        assert!(backup(&a, &drive).0.is_ok());
    }
    let b = world.home("b");
    restore_all(&b, &drive);
    let entry = b.store().unwrap().view().licenses_called("loan").unwrap().remove(0);
    assert!(
        String::from_utf8(entry.document).unwrap().contains("2025"),
        "the newer document is gone from the set for good"
    );
}
