//! Attacks of docs/threat-model.md that involve client and service.

use restow::Hresult;
use restow::restorer::{Restore, ServiceConsent};
use restow::service::computers;
use restow::service::protocol::NoticeCode;

use super::fixture::*;

#[test]
fn thief_with_stolen_set_is_released() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let owner = fixture.home("owner");
    service.register_with_licenses(&owner, vec![playable(1), playable(2)]);
    let location = fixture.location("stick");
    backup(&owner, &location);
    let stolen = fixture.location("stolen");
    copy(&location, &stolen);

    let thief = fixture.home("thief");
    service.add_to_home(&thief);
    assert_eq!(restore_all(&thief, &stolen).0.result, Hresult::S_OK, "admitted: it can restore");
    let thief_registration = thief.store().unwrap().view().registrations(None).unwrap().remove(0);
    assert!(!thief_registration.confirmed);
    let own = owner.store().unwrap().view().registrations(None).unwrap().remove(0);
    for error in [
        computers::release(&thief, &thief_registration, &own.computer, &no_cancel()).unwrap_err(),
        computers::confirm(&thief, &thief_registration, &thief_registration.computer, &no_cancel()).unwrap_err(),
        computers::withdraw_restore_keys(&thief, &thief_registration, &own.computer, &no_cancel())
            .map(|_| ())
            .unwrap_err(),
        restow::service::acquire::acquire_link(&thief, &service.issue(vec![playable(9)]), &no_cancel())
            .map(|_| ())
            .unwrap_err(),
    ] {
        assert_eq!(error.code(), "not-allowed");
    }

    let seen = computers::list(&owner, None, &no_cancel()).unwrap().holders.remove(0);
    assert!(
        seen.computers.iter().any(|c| c.computer == thief_registration.computer && !c.confirmed),
        "the owner is told"
    );
    let notices = owner.store().unwrap().view().notices().unwrap();
    assert!(notices.iter().any(|(_, notice)| notice.code == NoticeCode::UnconfirmedComputer));
    assert!(computers::release(&owner, &own, &thief_registration.computer, &no_cancel()).unwrap().released);
    computers::withdraw_restore_keys(&owner, &own, &own.computer, &no_cancel()).unwrap();
    let (report, _) = restore_all(&new_home(&fixture, &service, "thief2"), &stolen);
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_FRAUD, "{report:?}");
    let (report, _) = restore_all(&thief, &stolen);
    assert_eq!(report.summary.restored, 0);

    backup(&owner, &location);
    let (report, _) = restore_all(&new_home(&fixture, &service, "new"), &location);
    assert_eq!(report.result, Hresult::S_OK, "the owner's next backup carries a fresh key: {report:?}");
}

fn new_home(fixture: &Fixture, service: &TestService, name: &str) -> restow::Home {
    let home = fixture.home(name);
    service.add_to_home(&home);
    home
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for (path, bytes) in fingerprint(from) {
        let target = to.join(path.strip_prefix(from).unwrap());
        if path.is_dir() {
            std::fs::create_dir_all(target).unwrap();
        } else {
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            std::fs::write(target, bytes).unwrap();
        }
    }
}

#[test]
fn foreign_holder_set_needs_adopt() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let location = fixture.location("stick");
    backup(&a, &location);
    let b = fixture.home("b");
    service.register_with_licenses(&b, vec![playable(2)]);
    let before = fingerprint(&location);
    let (report, events) = restore_all(&b, &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_FRAUD, "{report:?}");
    assert_eq!(event_names(&events), ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"], "nobody is asked");
    assert_eq!(report.summary.refused, 1);
    let adopt = Restore::from(&location).consent(ServiceConsent::AllServices).adopt(true);
    let (report, _) = restore(&b, adopt);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert!(play(&b, 1) && play(&b, 2));
    assert_eq!(fingerprint(&location), before, "restoring changes nothing at the location");
}

#[test]
fn second_issuer_with_same_ids_separate() {
    let fixture = Fixture::new();
    let one = fixture.service("One");
    let other = fixture.service("Other");
    let a = fixture.home("a");
    one.register_with_licenses(&a, vec![playable(1)]);
    let id = other.register_with_licenses(&a, vec![playable(1)]).granted.remove(0);
    other.revoke(&id);
    restow::usage::report_uses(
        &a,
        &other.issuer,
        &a.store().unwrap().view().registrations(Some(&other.issuer)).unwrap()[0].holder,
        &[id],
        &no_cancel(),
    )
    .unwrap();
    assert!(play(&a, 1), "the first issuer's license stands");
    let store = a.store().unwrap();
    let entries = store.view().licenses_for(&key_id(1)).unwrap();
    assert_eq!(entries.len(), 2);
    let revoked: Vec<_> = entries
        .iter()
        .filter(|e| store.view().revoked(&e.identity).unwrap().is_some())
        .map(|e| &e.identity.issuer)
        .collect();
    assert_eq!(revoked, [&other.issuer]);
}

#[test]
fn copied_home_only_backs_up() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let copied = fixture.home_on_machine("a", "another machine");
    let error = restow::usage::open_content_key(&copied, &key_id(1), &restow::license::Right::PLAY).unwrap_err();
    assert_eq!(error.hresult(), Hresult::NS_E_DRM_INVALID_MACHINE);
    let location = fixture.location("stick");
    assert_eq!(backup(&copied, &location).0.result, Hresult::S_OK);
    assert!(play(&a, 1));
}

#[test]
fn changed_clocks_do_not_extend_licenses() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let dated = restow::service::protocol::Terms { expires: Some(START + 10 * DAY), ..playable(1) };
    service.register_with_licenses(&a, vec![dated, playable(2)]);
    // From here on, the clocks of service and home differ.
    let local = restow::ManualClock::at(START + 20 * DAY);
    let ahead =
        restow::Home::open_with(a.folder(), restow::Machine::from_id("a"), std::sync::Arc::new(local.clone())).unwrap();
    assert!(!play(&ahead, 1), "by the clock here it has expired");
    local.set(START);
    assert!(play(&ahead, 1), "a jump ahead was not stored");
    fixture.clock.advance(11 * DAY);
    local.set(START + 11 * DAY);
    let listed = restow::service::computers::list(&ahead, None, &no_cancel()).unwrap(); // the service signs its time
    assert_eq!((listed.holders.len(), listed.unreachable.len()), (1, 0));
    local.set(START);
    assert!(!play(&ahead, 1), "set back, the latest signed time counts");
    assert!(play(&ahead, 2), "what has no date is not affected");
    // A call with a wrong clock succeeds, because the service sends the correct time.
    local.set(START - 400 * DAY);
    let listed = restow::service::computers::list(&ahead, None, &no_cancel()).unwrap();
    assert_eq!((listed.holders.len(), listed.unreachable.len()), (1, 0));
}

#[test]
fn wrong_service_clock_is_corrected_later() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(2)]);
    // The setup of the service has the time of the system, and the kept time is never lower than the key set's.
    let start = a.store().unwrap().view().services().unwrap()[0].key_set.set().time;
    fixture.clock.set(start);
    let dated = restow::service::protocol::Terms { expires: Some(start + 10 * DAY), ..playable(1) };
    service.register_with_licenses(&a, vec![dated]);
    let local = restow::ManualClock::at(start);
    let home =
        restow::Home::open_with(a.folder(), restow::Machine::from_id("a"), std::sync::Arc::new(local.clone())).unwrap();
    let contact = |days: i64| {
        fixture.clock.set(start + days * DAY);
        let listed = restow::service::computers::list(&home, None, &no_cancel()).unwrap();
        assert_eq!((listed.holders.len(), listed.unreachable.len()), (1, 0));
    };
    contact(4000);
    assert!(!play(&home, 1), "the service says that the license has expired");
    contact(1);
    assert!(play(&home, 1), "the service has corrected its clock");
    local.set(start - 100 * DAY);
    contact(11);
    assert!(!play(&home, 1), "a clock set back here changes nothing");
    // A document of the wrong time stays a proof.
    fixture.clock.set(start + 30 * DAY);
    service.register_with_licenses(&home, vec![playable(3)]);
    contact(1);
    let kept = home.store().unwrap().view().services().unwrap()[0].signed_time;
    assert_eq!(kept, start + 30 * DAY);
    assert!(!play(&home, 1) && play(&home, 2) && play(&home, 3));
}

#[test]
fn clock_set_ahead_starts_no_license() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    let later = restow::service::protocol::Terms { not_before: Some(START + 10 * DAY), ..playable(1) };
    let mut right = playable(2);
    let limits = restow::license::Limits { from: Some(START + 10 * DAY), ..Default::default() };
    right.rights.insert(restow::license::Right::PLAY, limits);
    service.register_with_licenses(&a, vec![later, right]);
    let local = restow::ManualClock::at(START + 20 * DAY);
    let ahead =
        restow::Home::open_with(a.folder(), restow::Machine::from_id("a"), std::sync::Arc::new(local.clone())).unwrap();
    for key in [1, 2] {
        assert!(!play(&ahead, key), "no service has signed this date");
        let play = restow::license::Right::PLAY;
        let error = restow::usage::check_right(&ahead, &key_id(key), &play).unwrap_err();
        let needs_service = matches!(
            error,
            restow::Error::UseDenied(restow::usage::UseDenied::NotYetValid { needs_service: true, .. })
        );
        assert!(needs_service, "{error}");
    }
    fixture.clock.advance(11 * DAY);
    restow::service::computers::list(&ahead, None, &no_cancel()).unwrap();
    local.set(START);
    assert!(play(&ahead, 1) && play(&ahead, 2), "the service has signed a later date");
}

/// Returns a signing key of the service, as a thief of its folder or the service itself could use it.
fn service_key(service: &TestService, file: &str) -> restow_core::keys::SecretKey {
    let text = std::fs::read_to_string(service.folder.join(file)).unwrap();
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.trim().as_bytes()).unwrap();
    restow_core::keys::SecretKey::from_bytes(&bytes.try_into().unwrap())
}

#[test]
fn set_by_foreign_key_is_damaged() {
    use restow::license::{Limits, NativeLicense, Right};
    use restow::service::protocol::Counter;
    use restow_backup::{CounterRecord, LicenseRecord, Location, ManifestFacts, Record, SetWriter};

    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let owner = fixture.home("owner");
    service.register_with_licenses(&owner, vec![play_limited(1, 1)]);
    let genuine = owner.store().unwrap().view().licenses_for(&key_id(1)).unwrap().remove(0);
    let license = restow::license::parse(&genuine.document).unwrap();

    // The forged set contains the genuine document, one with better rights, and a counter with a wrong count.
    let forger = restow_core::keys::Seed::from_bytes([9; 32]).signing_key("forger", &[]);
    let better = NativeLicense {
        id: license.identity.license_id.clone(),
        issuer: service.issuer.clone(),
        holder: license.holder.clone().unwrap(),
        key_ids: vec![key_id(1).to_string()],
        seed: 1,
        issued: START + 1_000,
        not_before: None,
        expires: None,
        title: Some("Better".into()),
        priority: 9,
        rights: [(Right::PLAY, Limits::default()), (Right::BACKUP, Limits::default())].into(),
        service_url: None,
        unreported: None,
        crit: vec![],
    };
    let better = better.sign(&forger).unwrap();
    let location = fixture.location("forged");
    let mut writer = SetWriter::begin(&Location::create(&location).unwrap(), &forger, 10).unwrap();
    for (version, document) in
        [(license.version, genuine.document.clone()), ((START + 1_000) * 1000, better.into_bytes())]
    {
        let record = LicenseRecord {
            kind: 1,
            issuer: service.issuer.clone(),
            license_id: license.identity.license_id.clone(),
            version,
            titles: vec!["A lie".into()],
            document,
        };
        writer.push(&Record::License(record)).unwrap();
    }
    let spoil = Counter::sign(&service.issuer, &license.identity.license_id, "Play", 1000, START, &forger);
    writer.push(&Record::Counter(CounterRecord { issuer: service.issuer.clone(), counter: spoil })).unwrap();
    let key_set =
        owner.store().unwrap().view().service(&service.issuer).unwrap().unwrap().key_set.document().to_owned();
    let entry = restow_backup::IssuerEntry {
        issuer: service.issuer.clone(),
        key_set,
        holder: license.holder.clone(),
        membership: None,
        certificate: None,
        restore_certificate: None,
    };
    let facts = ManifestFacts { issuers: vec![entry], full: true, ..ManifestFacts::default() };
    writer.commit(facts, &|| false).unwrap();

    // The owner's computer accepts nothing from the set.
    let (report, _) = restore_all(&owner, &location);
    assert_eq!((report.summary.already_here, report.summary.damaged), (1, 1), "{report:?}");
    assert!(play(&owner, 1), "the count was not spoilt");
    assert!(!play(&owner, 1), "and the better rights do not count");

    // A new computer stores the genuine document as pending. The set does not admit the computer.
    let new = fixture.home("new");
    service.add_to_home(&new);
    let (report, _) = restore_all(&new, &location);
    assert_eq!((report.summary.restored, report.summary.pending, report.summary.damaged), (0, 1, 1), "{report:?}");
    assert_eq!(new.store().unwrap().view().licenses_for(&key_id(1)).unwrap()[0].document, genuine.document);
}

/// Writes a set signed by an unknown key. It contains a document that claims to be newer than a license.
fn write_forged_set(
    service: &TestService,
    of: &restow::store::LicenseEntry,
    key_set: String,
    location: &std::path::Path,
) {
    use restow::license::{Limits, NativeLicense, Right};
    use restow_backup::{LicenseRecord, Location, ManifestFacts, Record, SetWriter};

    let forger = restow_core::keys::Seed::from_bytes([9; 32]).signing_key("forger", &[]);
    let issued = START + 1_000;
    let better = NativeLicense {
        id: of.identity.license_id.clone(),
        issuer: service.issuer.clone(),
        holder: of.holder.clone().unwrap(),
        key_ids: vec![key_id(1).to_string()],
        seed: 1,
        issued,
        not_before: None,
        expires: None,
        title: Some("Better".into()),
        priority: 9,
        rights: [(Right::PLAY, Limits::default()), (Right::BACKUP, Limits::default())].into(),
        service_url: None,
        unreported: None,
        crit: vec![],
    };
    let record = LicenseRecord {
        kind: 1,
        issuer: service.issuer.clone(),
        license_id: of.identity.license_id.clone(),
        version: issued * 1_000,
        titles: vec!["A lie".into()],
        document: better.sign(&forger).unwrap().into_bytes(),
    };
    let mut writer = SetWriter::begin(&Location::create(location).unwrap(), &forger, 10).unwrap();
    writer.push(&Record::License(record)).unwrap();
    let entry = restow_backup::IssuerEntry {
        issuer: service.issuer.clone(),
        key_set,
        holder: of.holder.clone(),
        membership: None,
        certificate: None,
        restore_certificate: None,
    };
    let facts = ManifestFacts { issuers: vec![entry], full: true, ..ManifestFacts::default() };
    writer.commit(facts, &|| false).unwrap();
}

#[test]
fn unproven_document_beside_revoked_set_loses() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let owner = fixture.home("owner");
    service.register_with_licenses(&owner, vec![play_limited(1, 1)]);
    let genuine = owner.store().unwrap().view().licenses_for(&key_id(1)).unwrap().remove(0);
    let location = fixture.location("stick");
    backup(&owner, &location);
    let key_set =
        owner.store().unwrap().view().service(&service.issuer).unwrap().unwrap().key_set.document().to_owned();
    write_forged_set(&service, &genuine, key_set, &location);
    service.stop();
    restow_service::rotate_keys(&service.folder, None, restow_service::OldKeyAction::Revoke, &service.clock).unwrap();
    service.start();
    fixture.clock.advance(DAY);
    // Neither document is proven, and the forged one claims to be newer. The service names the issued one.
    let new = fixture.home("new");
    service.add_to_home(&new);
    let (report, _) = restore_all(&new, &location);
    assert_eq!((report.summary.restored, report.summary.damaged), (1, 1), "{report:#?}");
    let stored = new.store().unwrap().view().licenses_for(&key_id(1)).unwrap();
    assert_eq!(stored.iter().map(|entry| &entry.document).collect::<Vec<_>>(), [&genuine.document]);
    assert!(play(&new, 1) && !play(&new, 1));
    // With the genuine document present, no service is contacted.
    service.stop();
    let (report, events) = restore_all(&new, &location);
    assert_eq!((report.summary.already_here, report.summary.damaged), (1, 1), "{report:#?}");
    assert!(!event_names(&events).contains(&"BACKUPRESTORE_CONNECTING"), "{events:?}");
}

#[test]
fn unproven_document_is_never_stored() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let (owner, stranger) = (fixture.home("owner"), fixture.home("stranger"));
    service.register_with_licenses(&owner, vec![playable(2)]);
    service.register_with_licenses(&stranger, vec![playable(1)]);
    let key_set =
        owner.store().unwrap().view().service(&service.issuer).unwrap().unwrap().key_set.document().to_owned();
    let mut claim = owner.store().unwrap().view().licenses_for(&key_id(2)).unwrap().remove(0);
    claim.identity.license_id = "no such license".into();
    let location = fixture.location("forged");
    write_forged_set(&service, &claim, key_set, &location);
    let (report, _) = restore_all(&owner, &location);
    assert_eq!((report.summary.restored, report.summary.damaged), (0, 1), "{report:#?}");
    let causes = report.warnings.iter().filter_map(|warning| warning.cause.as_ref()).map(|cause| cause.code);
    assert_eq!(causes.collect::<Vec<_>>(), ["not-certified"], "{report:#?}");
    service.stop();
    let (report, _) = restore_all(&owner, &location);
    assert_eq!((report.summary.pending, report.summary.damaged), (1, 0), "nobody knows yet: {report:#?}");
    assert_eq!(owner.store().unwrap().view().licenses_with_id("no such license").unwrap(), []);
    // Without consent, no service is contacted.
    let bare = fixture.home("bare");
    let (report, events) = restore(&bare, restow::restorer::Restore::from(&location));
    assert_eq!(report.summary.pending, 1, "{report:#?}");
    assert_eq!(event_names(&events), ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    assert_eq!(bare.store().unwrap().view().licenses_with_id("no such license").unwrap(), []);
}

#[test]
fn import_verifies_native_documents() {
    let fixture = Fixture::new();
    let service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let document = a.store().unwrap().view().licenses_for(&key_id(1)).unwrap().remove(0).document;
    let folder = fixture.location("documents");
    let mut broken = document.clone();
    let last = broken.len() - 5;
    broken[last] = if broken[last] == b'A' { b'B' } else { b'A' };
    std::fs::write(folder.join("good"), &document).unwrap();
    std::fs::write(folder.join("broken"), &broken).unwrap();
    let b = fixture.home("b");
    let import = |home: &restow::Home| {
        let mut refused = Vec::new();
        let summary = restow::import::import(home, std::slice::from_ref(&folder), &mut |item| {
            if let restow::import::ImportEvent::Refused { path, error } = item {
                refused.push((path.file_name().unwrap().to_owned(), error.code()));
            }
        });
        (summary.unwrap().imported, refused)
    };
    let (imported, refused) = import(&b);
    assert_eq!(imported, 0, "nobody added the service");
    assert!(refused.iter().all(|(_, code)| *code == "license-unknown-issuer"), "{refused:?}");
    service.add_to_home(&b);
    let (imported, refused) = import(&b);
    assert_eq!((imported, refused), (1, vec![("broken".into(), "license-not-accepted")]));
    assert!(!play(&b, 1), "a document is no key");
}

#[test]
fn unrequested_licenses_in_answer_are_ignored() {
    use restow::service::protocol::{Answer, Counter, Grant, GrantEntry, Outcome, RequestedLicense};

    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let other = fixture.service("Other");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    other.register_with_licenses(&a, vec![playable(2)]);
    let theirs = a.store().unwrap().view().licenses_for(&key_id(2)).unwrap().remove(0);
    let location = fixture.location("stick");
    backup(&a, &location);
    remove_license(&a, 1);
    service.stop();
    // The service signs correct answers about licenses that were not requested.
    let signing_key = service_key(&service, "service.key");
    let (issuer, stranger) = (service.issuer.clone(), theirs.identity.license_id.clone());
    let digest = data_encoding::HEXLOWER.encode(&theirs.sha256);
    super::faulty_services::answer_with(std::net::TcpListener::bind(service.address).unwrap(), move |request| {
        let header = |name: &str| {
            let line = request
                .lines()
                .find_map(|line| line.to_ascii_lowercase().starts_with(name).then(|| line.split_once(": ")));
            line.flatten().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let input = header("signature-input");
        let computer = input.split("keyid=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let asked: RequestedLicense = RequestedLicense { license: stranger.clone(), sha256: digest.clone() };
        let thief = restow_core::keys::Seed::from_bytes([7; 32]).signing_key("x", &[]);
        let grant = Grant {
            licenses: vec![GrantEntry {
                license: asked.license,
                sha256: asked.sha256,
                outcome: Outcome::Revoked,
                counters: vec![Counter::sign(&issuer, &stranger, "Play", 99, START, &thief)],
            }],
            ..Grant::default()
        };
        let answer = Answer {
            issuer: issuer.clone(),
            computer: computer.to_owned(),
            request: header("idempotency-key"),
            path: "restore".into(),
            time: START,
            notices: vec![],
            restore_epoch: 0,
            key_set_version: 1,
            body: grant,
        };
        super::faulty_services::http(
            "200 OK",
            "application/jose",
            &restow_core::jws::sign(&answer, &signing_key).unwrap(),
        )
    });
    let (report, _) = restore_all(&a, &location);
    assert_eq!(
        (report.summary.restored, report.summary.pending),
        (0, 1),
        "what was asked was not answered: {report:?}"
    );
    assert!(play(&a, 2), "the other issuer's license is untouched");
    assert!(!play(&a, 1));
}
