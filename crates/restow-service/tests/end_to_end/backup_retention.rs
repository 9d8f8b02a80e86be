//! Restore keys, certificate chains and documents stay in a set, even if the home loses data.

use restow::Hresult;
use restow::license::{
    self, BackupRight, CertifiedKey, KeyUse, Kind, LicenseIdentity, Limits, NativeLicense, Right, Rights, TrustedKeySet,
};
use restow::restorer::Backup;
use restow::service::protocol::{Counter, Membership};
use restow::store::{LicenseStatus, Registration, ScannedFile};
use restow_backup::{Digest, Location, Manifest, PackRole, ReadItem, Reader, Record};
use restow_core::jws::Unverified;
use restow_core::keys::{SecretKey, Seed};

use super::fixture::*;

fn registration(home: &restow::Home) -> Registration {
    home.store().unwrap().view().registrations(None).unwrap().remove(0)
}

fn delete_store(home: &restow::Home) {
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let _ = std::fs::remove_file(home.folder().join(name));
    }
}

fn reader(drive: &std::path::Path) -> Reader {
    let location = Location::open(drive).unwrap();
    let sets: Vec<_> = location.sets().unwrap().into_iter().map(|id| location.set(id).unwrap()).collect();
    Reader::latest(&sets, &|| false).unwrap()
}

fn records(drive: &std::path::Path) -> Vec<Record> {
    let mut all = Vec::new();
    let read: Result<(), restow::Error> = reader(drive).records(PackRole::Licenses, &mut |found| {
        if let ReadItem::Record(_, record) = found {
            all.push(record);
        }
        Ok(())
    });
    read.unwrap();
    all
}

fn manifests(drive: &std::path::Path) -> Vec<Manifest> {
    reader(drive).generations().iter().map(|generation| generation.manifest.clone()).collect()
}

fn native(service: &TestService, license: &str) -> LicenseIdentity {
    LicenseIdentity { kind: Kind::Restow, issuer: service.issuer.clone(), license_id: license.to_owned() }
}

/// Deletes a home and restores its backup to a new one.
fn restore_to_new_home(
    fixture: &Fixture,
    service: &TestService,
    lost: &restow::Home,
    location: &std::path::Path,
) -> restow::Report {
    std::fs::remove_dir_all(lost.folder()).unwrap();
    let b = fixture.home("b");
    service.add_to_home(&b);
    restore_all(&b, location).0
}

#[test]
fn lost_store_backup_keeps_restore_key() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    delete_store(&a);
    for _ in 0..3 {
        assert!(backup(&a, &drive).0.is_ok());
    }
    assert_eq!(manifests(&drive)[0].issuers.len(), 1);
    let report = restore_to_new_home(&fixture, &service, &a, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn released_computer_backup_keeps_restore_key() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let own = registration(&a);
    assert!(restow::service::computers::release(&a, &own, &own.computer, &no_cancel()).unwrap().released);
    for _ in 0..3 {
        assert!(backup(&a, &drive).0.is_ok());
    }
    assert_eq!(manifests(&drive)[0].issuers.len(), 1);
    let report = restore_to_new_home(&fixture, &service, &a, &drive);
    assert_eq!(report.result, Hresult::S_OK, "{report:#?}");
}

#[test]
fn forgetting_license_keeps_restore_key() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let got = service.register_with_licenses(&a, vec![playable(1), playable(2)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    delete_store(&a);
    restow::restorer::forget_from(&a, &drive, &native(&service, &got.granted[0])).unwrap();
    let report = restore_to_new_home(&fixture, &service, &a, &drive);
    assert_eq!(report.summary.restored, 1, "{report:#?}");
}

#[test]
fn unconfirmed_registration_keeps_confirmed_chain() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1), playable(2)]);
    let drive = fixture.location("drive");
    backup(&a, &drive);
    let b = fixture.home("b");
    service.add_to_home(&b);
    restore_all(&b, &drive);
    restow::service::computers::confirm(&a, &registration(&a), &registration(&b).computer, &no_cancel()).unwrap();
    assert!(
        restow::service::computers::release(&b, &registration(&b), &registration(&a).computer, &no_cancel())
            .unwrap()
            .released
    );
    remove_license(&a, 1);
    restore_all(&a, &drive);
    assert!(!registration(&a).confirmed);
    for _ in 0..3 {
        assert!(backup(&a, &drive).0.is_ok());
    }
    let manifests = manifests(&drive);
    let confirmed: Vec<bool> = manifests[0]
        .issuers
        .iter()
        .map(|entry| {
            let membership = entry.membership.as_ref().unwrap();
            Unverified::<Membership>::parse(membership).unwrap().claims().unwrap().confirmed
        })
        .collect();
    // Readers try restore keys from the last to the first.
    assert_eq!(confirmed, [false, true], "both, and no more with each backup");
    assert!(manifests[0].issuers.iter().all(|entry| entry.restore_certificate.is_some()));
}

fn document(id: &str, issued: i64, url: Option<&str>, backup: bool) -> license::License {
    let mut rights = Rights::from([(Right::PLAY, Limits::default())]);
    if backup {
        rights.insert(Right::BACKUP, Limits::default());
    }
    let text = NativeLicense {
        id: id.into(),
        issuer: "issuer".into(),
        holder: "holder".into(),
        key_ids: vec![key_id(1).to_string()],
        seed: 1,
        issued,
        not_before: None,
        expires: None,
        title: None,
        priority: 0,
        rights,
        service_url: url.map(str::to_owned),
        unreported: None,
        crit: vec![],
    }
    .sign(&Seed::from_bytes([9; 32]).signing_key("x", &[]))
    .unwrap();
    license::parse(text.as_bytes()).unwrap()
}

/// Returns a license too large for a record.
fn too_large(backup: bool) -> license::License {
    let mut license = document("L", START, None, true);
    license.identity.kind = Kind::Lcp;
    license.identity.license_id = "x".repeat(70_000);
    license.document = b"not what this version reads".to_vec();
    if !backup {
        license.backup_right = BackupRight::Denied(license::Restriction::DeniedByIssuer);
    }
    license
}

fn store_license(home: &restow::Home, license: &license::License) {
    let mut store = home.store().unwrap();
    let change = store.change().unwrap();
    change.put_license(license, LicenseStatus::Usable).unwrap();
    change.commit().unwrap();
}

/// Writes small packs until the set is compacted.
fn compact(home: &restow::Home, drive: &std::path::Path) {
    for n in 0..45 {
        store_license(home, &document(&format!("other {n}"), START, None, true));
        assert!(backup(home, drive).0.is_ok());
    }
    assert!(manifests(drive)[0].packs.len() < 40, "it was compacted");
}

fn documents(drive: &std::path::Path, id: &str) -> Vec<Vec<u8>> {
    let all = records(drive).into_iter();
    all.filter_map(|record| match record {
        Record::License(record) if record.license_id == id => Some(record.document),
        _ => None,
    })
    .collect()
}

#[test]
fn compaction_keeps_larger_digest() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let digest = |license: &license::License| Digest::sha256(&license.document);
    let mut both = [document("L", START, None, true), document("L", START, Some("https://shop.example"), true)];
    both.sort_by_key(digest);
    store_license(&a, &both[1]);
    backup(&a, &drive);
    delete_store(&a);
    store_license(&a, &both[0]);
    compact(&a, &drive);
    assert!(documents(&drive, "L").contains(&both[1].document));
}

#[test]
fn compaction_keeps_license_without_backup_right() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let before = document("L", START, None, true);
    store_license(&a, &before);
    backup(&a, &drive);
    store_license(&a, &document("L", START + DAY, None, false));
    compact(&a, &drive);
    assert_eq!(documents(&drive, "L"), [before.document]);
}

#[test]
fn compaction_keeps_higher_counters() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let signing = SecretKey::from_bytes(&[5; 32]);
    let count = |count| {
        let mut store = a.store().unwrap();
        let change = store.change().unwrap();
        change.put_counter("issuer", &Counter::sign("issuer", "L", "Play", count, 7, &signing), 0).unwrap();
        change.commit().unwrap();
    };
    count(3);
    store_license(&a, &document("L", START, None, true));
    backup(&a, &drive);
    delete_store(&a);
    count(1);
    compact(&a, &drive);
    let counts = records(&drive).into_iter().filter_map(|record| match record {
        Record::Counter(record) => Some(record.counter.count),
        _ => None,
    });
    assert_eq!(counts.max(), Some(3));
}

#[test]
fn compaction_keeps_titles() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let newer = document("L", START + DAY, None, true);
    store_license(&a, &newer);
    backup(&a, &drive);
    // The title becomes known later and gets its own record.
    let mut store = a.store().unwrap();
    let change = store.change().unwrap();
    let mut facts = restow::scan::FileFacts::default();
    (facts.path, facts.title, facts.protected) = ("/song".into(), Some("Known later".into()), Some(true));
    let file = ScannedFile { facts, key_ids: vec![key_id(1)], ..ScannedFile::default() };
    change.put_file(&file).unwrap();
    change.commit().unwrap();
    drop(store);
    backup(&a, &drive);
    delete_store(&a);
    store_license(&a, &document("L", START, None, true));
    compact(&a, &drive);
    assert!(documents(&drive, "L").contains(&newer.document), "the newer one stays beside the store's");
    let titles = records(&drive).into_iter().filter_map(|record| match record {
        Record::Titles(record) if record.license_id == "L" => Some(record.titles),
        _ => None,
    });
    assert_eq!(titles.collect::<Vec<_>>(), [["Known later"]], "and so do its titles");
}

#[test]
fn oversized_inventory_entry_keeps_backup_working() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    store_license(&a, &too_large(false));
    store_license(&a, &document("M", START, None, true));
    let drive = fixture.location("drive");
    let (report, _) = backup(&a, &drive);
    assert!(report.is_ok(), "{:?}", report.error);
    assert_eq!((report.summary.backed_up, report.summary.restricted), (1, 1));
    assert_eq!(report.warnings.len(), 1);
}

#[test]
fn oversized_license_is_not_backed_up() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let large = too_large(true);
    store_license(&a, &large);
    for n in 1..4 {
        store_license(&a, &document(&format!("M {n}"), START, None, true));
        let (report, _) = backup(&a, &drive);
        assert!(report.is_ok(), "{:?}", report.error);
        assert_eq!(report.summary.backed_up, n, "also when only what is new is written");
    }
    let store = a.store().unwrap();
    let note = store.view().backups().unwrap().remove(0);
    let left_out = store.view().exclusions(&note.location, &note.set_id).unwrap();
    assert!(left_out.len() == 1 && left_out[0].identity == large.identity);
}

#[test]
fn forgotten_license_returns_when_reimported() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let (one, two) = (document("1", START, None, true), document("2", START, None, true));
    store_license(&a, &one);
    store_license(&a, &two);
    backup(&a, &drive);
    restow::restorer::forget_from(&a, &drive, &one.identity).unwrap();
    let (report, _) = backup(&a, &drive);
    assert_eq!((report.summary.backed_up, documents(&drive, "1").len()), (1, 0));
    let plan = Backup::to(&drive).plan(&a).unwrap();
    assert_eq!((plan.licenses, plan.new_or_changed), (1, 0));
    compact(&a, &drive);
    assert_eq!(documents(&drive, "1").len(), 0);
    let mut store = a.store().unwrap();
    let row = store.view().license(&one.identity).unwrap().unwrap().row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
    store_license(&a, &one);
    backup(&a, &drive);
    assert_eq!(documents(&drive, "1"), [one.document]);
    assert_eq!(manifests(&drive)[0].forgotten, []);
    let entry = store.view().license(&one.identity).unwrap().unwrap();
    assert_eq!(restow::listing::license_info(&a, &store, &entry).unwrap().backups.len(), 1);
}

#[test]
fn newer_document_of_forgotten_license_returns() {
    let fixture = Fixture::new();
    let a = fixture.home("a");
    let drive = fixture.location("drive");
    let (old, new) = (document("1", START, None, true), document("1", START + DAY, None, true));
    store_license(&a, &old);
    backup(&a, &drive);
    restow::restorer::forget_from(&a, &drive, &old.identity).unwrap();
    store_license(&a, &new);
    backup(&a, &drive);
    assert_eq!(documents(&drive, "1"), [new.document]);
}

#[test]
fn new_sunset_keys_receive_content_keys() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1), playable(2)]);
    let drive = fixture.location("drive");
    let keys = || {
        let all = records(&drive);
        let epochs = all.iter().filter(|record| matches!(record, Record::EpochKey(_))).count();
        (all.iter().filter(|record| matches!(record, Record::ContentKey(_))).count(), epochs)
    };
    for _ in 0..2 {
        backup(&a, &drive);
        // Each epoch key is written twice.
        assert_eq!(keys(), (2, 2));
    }
    service.stop();
    let root = std::fs::read_to_string(service.folder.join("root.key")).unwrap();
    let root = data_encoding::BASE64URL_NOPAD.decode(root.trim().as_bytes()).unwrap();
    let root = SecretKey::from_bytes(&root.try_into().unwrap());
    let old = std::fs::read_to_string(service.folder.join("key-set.jws")).unwrap();
    let mut set = TrustedKeySet::verify_self_signed(old.trim()).unwrap().set().clone();
    set.version += 1;
    let sunset = restow_core::hpke::HpkePrivateKey::from_secret(&[3; 32]).public();
    let sunset = restow_core::keys::PublicKey::from_bytes(*sunset.as_bytes());
    set.keys.push(CertifiedKey::new(KeyUse::Sunset, sunset, 0));
    std::fs::write(service.folder.join("key-set.jws"), TrustedKeySet::sign(&set, &root).unwrap().document()).unwrap();
    service.start();
    service.add_to_home(&a);
    for _ in 0..2 {
        backup(&a, &drive);
        assert_eq!(keys(), (4, 6), "all of them again, for both sunset keys, and only once");
    }
}
