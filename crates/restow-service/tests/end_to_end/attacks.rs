//! One test per attack of docs/threat-model.md that needs both sides.

use restow::Hresult;
use restow::restorer::{Consent, Restore};
use restow::service::computers;
use restow::service::protocol::NoticeCode;

use super::world::*;

#[test]
fn a_thief_with_the_stick_is_shown_released_and_locked_out() {
    let world = World::new();
    let shop = world.shop("Shop");
    let owner = world.home("owner");
    shop.customer(&owner, vec![song(1), song(2)]);
    let location = world.location("stick");
    backup(&owner, &location);
    let stolen = world.location("stolen");
    copy(&location, &stolen);

    let thief = world.home("thief");
    shop.add_to(&thief);
    assert_eq!(restore_all(&thief, &stolen).0.result, Hresult::S_OK, "admitted: it can restore");
    let thief_is = thief.store().unwrap().view().registrations(None).unwrap().remove(0);
    assert!(!thief_is.confirmed);
    let own = owner.store().unwrap().view().registrations(None).unwrap().remove(0);
    for error in [
        computers::release(&thief, &thief_is, &own.computer, &never()).unwrap_err(),
        computers::confirm(&thief, &thief_is, &thief_is.computer, &never()).unwrap_err(),
        computers::withdraw_restore_keys(&thief, &thief_is, &own.computer, &never()).map(|_| ()).unwrap_err(),
        restow::service::acquire::acquire_link(&thief, &shop.issue(vec![song(9)]), &never()).map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error.code(), "not-allowed");
    }

    let seen = computers::list(&owner, None, &never()).unwrap().answered.remove(0);
    assert!(seen.computers.iter().any(|c| c.computer == thief_is.computer && !c.confirmed), "the owner is told");
    let notices = owner.store().unwrap().view().notices().unwrap();
    assert!(notices.iter().any(|(_, notice)| notice.code == NoticeCode::UnconfirmedComputer));
    assert!(computers::release(&owner, &own, &thief_is.computer, &never()).unwrap().released);
    computers::withdraw_restore_keys(&owner, &own, &own.computer, &never()).unwrap();
    let (report, _) = restore_all(&world_again(&world, &shop, "thief2"), &stolen);
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_FRAUD, "{report:?}");
    let (report, _) = restore_all(&thief, &stolen);
    assert_eq!(report.summary.restored, 0);

    backup(&owner, &location);
    let (report, _) = restore_all(&world_again(&world, &shop, "new"), &location);
    assert_eq!(report.result, Hresult::S_OK, "the owner's next backup carries a fresh key: {report:?}");
}

fn world_again(world: &World, shop: &Shop, name: &str) -> restow::Home {
    let home = world.home(name);
    shop.add_to(&home);
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
fn another_persons_set_needs_adopt() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let location = world.location("stick");
    backup(&a, &location);
    let b = world.home("b");
    shop.customer(&b, vec![song(2)]);
    let before = fingerprint(&location);
    let (report, told) = restore_all(&b, &location);
    assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_FRAUD, "{report:?}");
    assert_eq!(names(&told), ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"], "nobody is asked");
    assert_eq!(report.summary.refused, 1);
    let adopt = Restore::from(&location).consent(Consent::AllServices).adopt(true);
    let (report, _) = restore(&b, adopt);
    assert_eq!(report.result, Hresult::S_OK, "{report:?}");
    assert!(play(&b, 1) && play(&b, 2));
    assert_eq!(fingerprint(&location), before, "restoring changes nothing at the location");
}

#[test]
fn a_second_issuer_with_the_same_ids_touches_nothing() {
    let world = World::new();
    let one = world.shop("One");
    let other = world.shop("Other");
    let a = world.home("a");
    one.customer(&a, vec![song(1)]);
    let id = other.customer(&a, vec![song(1)]).granted.remove(0);
    other.revoke(&id);
    restow::usage::report(
        &a,
        &other.issuer,
        &a.store().unwrap().view().registrations(Some(&other.issuer)).unwrap()[0].holder,
        &[id],
        &never(),
    )
    .unwrap();
    assert!(play(&a, 1), "the first issuer's license stands");
    let store = a.store().unwrap();
    let entries = store.view().licenses_for(&key(1)).unwrap();
    assert_eq!(entries.len(), 2);
    let revoked: Vec<_> = entries
        .iter()
        .filter(|e| store.view().revoked(&e.identity).unwrap().is_some())
        .map(|e| &e.identity.issuer)
        .collect();
    assert_eq!(revoked, [&other.issuer]);
}

#[test]
fn a_copied_home_opens_nothing_but_backs_up() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let copied = world.home_on("a", "another machine");
    let error = restow::usage::open_content_key(&copied, &key(1), &restow::license::Right::PLAY).unwrap_err();
    assert_eq!(error.hresult(), Hresult::NS_E_DRM_INVALID_MACHINE);
    let location = world.location("stick");
    assert_eq!(backup(&copied, &location).0.result, Hresult::S_OK);
    assert!(play(&a, 1));
}

#[test]
fn clocks_set_ahead_and_back() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    let dated = restow::service::protocol::Terms { expires: Some(START + 10 * DAY), ..song(1) };
    shop.customer(&a, vec![dated, song(2)]);
    // The shop's clock and the home's are apart now.
    let local = restow::ManualClock::at(START + 20 * DAY);
    let ahead =
        restow::Home::open_on(a.folder(), restow::Machine::named("a"), std::sync::Arc::new(local.clone())).unwrap();
    assert!(!play(&ahead, 1), "by the clock here it has expired");
    local.set(START);
    assert!(play(&ahead, 1), "a jump ahead was not stored");
    world.clock.advance(11 * DAY);
    local.set(START + 11 * DAY);
    let listed = restow::service::computers::list(&ahead, None, &never()).unwrap(); // the service signs its time
    assert_eq!((listed.answered.len(), listed.unanswered.len()), (1, 0));
    local.set(START);
    assert!(!play(&ahead, 1), "set back, the latest signed time counts");
    assert!(play(&ahead, 2), "what has no date is not affected");
    // A clock that is far off still gets through: the service tells the right time.
    local.set(START - 400 * DAY);
    let listed = restow::service::computers::list(&ahead, None, &never()).unwrap();
    assert_eq!((listed.answered.len(), listed.unanswered.len()), (1, 0));
}

/// The shop's own signing keys: what a thief of its folder, or the shop itself, can do with them.
fn shop_key(shop: &Shop, file: &str) -> restow::keys::SecretKey {
    let text = std::fs::read_to_string(shop.folder.join(file)).unwrap();
    let bytes = data_encoding::BASE64URL_NOPAD.decode(text.trim().as_bytes()).unwrap();
    restow::keys::SecretKey::from_bytes(&bytes.try_into().unwrap())
}

#[test]
fn a_set_signed_by_a_key_its_licenses_do_not_name() {
    use restow::backup::{CounterRecord, LicenseRecord, Location, ManifestFacts, Record, SetWriter};
    use restow::license::{Limits, NativeLicense, Right};
    use restow::service::protocol::Counter;

    let world = World::new();
    let shop = world.shop("Shop");
    let owner = world.home("owner");
    shop.customer(&owner, vec![counted(1, 1)]);
    let genuine = owner.store().unwrap().view().licenses_for(&key(1)).unwrap().remove(0);
    let license = restow::license::parse(&genuine.document).unwrap();

    // A forger with a set key of his own: the genuine document, one with better rights, and a counter to spoil the count.
    let forger = restow::keys::Seed::from_bytes([9; 32]).signing_key("forger", &[]);
    let better = NativeLicense {
        id: license.identity.license_id.clone(),
        issuer: shop.issuer.clone(),
        holder: license.holder.clone().unwrap(),
        key_ids: vec![key(1).to_string()],
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
    let location = world.location("forged");
    let mut writer = SetWriter::begin(&Location::create(&location).unwrap(), &forger, 10).unwrap();
    for (version, document) in
        [(license.version, genuine.document.clone()), ((START + 1_000) * 1000, better.into_bytes())]
    {
        let record = LicenseRecord {
            kind: 1,
            issuer: shop.issuer.clone(),
            license_id: license.identity.license_id.clone(),
            version,
            titles: vec!["A lie".into()],
            document,
        };
        writer.push(&Record::License(record)).unwrap();
    }
    let spoil = Counter::sign(&shop.issuer, &license.identity.license_id, "Play", 1000, START, &forger);
    writer.push(&Record::Counter(CounterRecord { issuer: shop.issuer.clone(), counter: spoil })).unwrap();
    let key_set = owner.store().unwrap().view().service(&shop.issuer).unwrap().unwrap().key_set.document().to_owned();
    let entry = restow::backup::IssuerEntry {
        issuer: shop.issuer.clone(),
        key_set,
        holder: license.holder.clone(),
        membership: None,
        certificate: None,
        restore_certificate: None,
    };
    let facts = ManifestFacts { issuers: vec![entry], full: true, ..ManifestFacts::default() };
    writer.commit(facts, &|| false).unwrap();

    // The owner's own computer takes nothing from it.
    let (report, _) = restore_all(&owner, &location);
    assert_eq!((report.summary.already_here, report.summary.damaged), (1, 1), "{report:?}");
    assert!(play(&owner, 1), "the count was not spoilt");
    assert!(!play(&owner, 1), "and the better rights do not count");

    // A new computer keeps the genuine document as pending, and is not let in by this set.
    let new = world.home("new");
    shop.add_to(&new);
    let (report, _) = restore_all(&new, &location);
    assert_eq!((report.summary.restored, report.summary.pending, report.summary.damaged), (0, 1, 1), "{report:?}");
    assert_eq!(new.store().unwrap().view().licenses_for(&key(1)).unwrap()[0].document, genuine.document);
}

/// A set of somebody who has no key of anybody: one document that claims to be a newer one of a license.
fn forge_claim(shop: &Shop, of: &restow::store::LicenseEntry, key_set: String, location: &std::path::Path) {
    use restow::backup::{LicenseRecord, Location, ManifestFacts, Record, SetWriter};
    use restow::license::{Limits, NativeLicense, Right};

    let forger = restow::keys::Seed::from_bytes([9; 32]).signing_key("forger", &[]);
    let issued = START + 1_000;
    let better = NativeLicense {
        id: of.identity.license_id.clone(),
        issuer: shop.issuer.clone(),
        holder: of.holder.clone().unwrap(),
        key_ids: vec![key(1).to_string()],
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
        issuer: shop.issuer.clone(),
        license_id: of.identity.license_id.clone(),
        version: issued * 1_000,
        titles: vec!["A lie".into()],
        document: better.sign(&forger).unwrap().into_bytes(),
    };
    let mut writer = SetWriter::begin(&Location::create(location).unwrap(), &forger, 10).unwrap();
    writer.push(&Record::License(record)).unwrap();
    let entry = restow::backup::IssuerEntry {
        issuer: shop.issuer.clone(),
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
fn a_claim_beside_a_set_whose_keys_were_revoked() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let owner = world.home("owner");
    shop.customer(&owner, vec![counted(1, 1)]);
    let genuine = owner.store().unwrap().view().licenses_for(&key(1)).unwrap().remove(0);
    let location = world.location("stick");
    backup(&owner, &location);
    let key_set = owner.store().unwrap().view().service(&shop.issuer).unwrap().unwrap().key_set.document().to_owned();
    forge_claim(&shop, &genuine, key_set, &location);
    shop.stop();
    restow_service::rotate_keys(&shop.folder, None, restow_service::OldKeyAction::Revoke, &shop.clock).unwrap();
    shop.start();
    world.clock.advance(DAY);
    // Neither document is proven now, and the forged one claims to be newer; the service says which it issued.
    let new = world.home("new");
    shop.add_to(&new);
    let (report, _) = restore_all(&new, &location);
    assert_eq!((report.summary.restored, report.summary.damaged), (1, 1), "{report:#?}");
    let stored = new.store().unwrap().view().licenses_for(&key(1)).unwrap();
    assert_eq!(stored.iter().map(|entry| &entry.document).collect::<Vec<_>>(), [&genuine.document]);
    assert!(play(&new, 1) && !play(&new, 1));
    // Where the genuine one is, nobody is asked about the other.
    shop.stop();
    let (report, told) = restore_all(&new, &location);
    assert_eq!((report.summary.already_here, report.summary.damaged), (1, 1), "{report:#?}");
    assert!(!names(&told).contains(&"BACKUPRESTORE_CONNECTING"), "{told:?}");
}

#[test]
fn a_claim_alone_is_asked_after_and_never_stored() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let (owner, stranger) = (world.home("owner"), world.home("stranger"));
    shop.customer(&owner, vec![song(2)]);
    shop.customer(&stranger, vec![song(1)]);
    let key_set = owner.store().unwrap().view().service(&shop.issuer).unwrap().unwrap().key_set.document().to_owned();
    let mut claim = owner.store().unwrap().view().licenses_for(&key(2)).unwrap().remove(0);
    claim.identity.license_id = "no such license".into();
    let location = world.location("forged");
    forge_claim(&shop, &claim, key_set, &location);
    let (report, _) = restore_all(&owner, &location);
    assert_eq!((report.summary.restored, report.summary.damaged), (0, 1), "{report:#?}");
    assert!(report.warnings.iter().any(|warning| warning.to_string().contains("not certified")), "{report:#?}");
    shop.stop();
    let (report, _) = restore_all(&owner, &location);
    assert_eq!((report.summary.pending, report.summary.damaged), (1, 0), "nobody knows yet: {report:#?}");
    assert_eq!(owner.store().unwrap().view().licenses_called("no such license").unwrap(), []);
    // Without consent nobody is asked.
    let bare = world.home("bare");
    let (report, told) = restore(&bare, restow::restorer::Restore::from(&location));
    assert_eq!(report.summary.pending, 1, "{report:#?}");
    assert_eq!(names(&told), ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    assert_eq!(bare.store().unwrap().view().licenses_called("no such license").unwrap(), []);
}

#[test]
fn native_documents_are_checked_when_imported() {
    let world = World::new();
    let shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let document = a.store().unwrap().view().licenses_for(&key(1)).unwrap().remove(0).document;
    let folder = world.location("documents");
    let mut broken = document.clone();
    let last = broken.len() - 5;
    broken[last] = if broken[last] == b'A' { b'B' } else { b'A' };
    std::fs::write(folder.join("good"), &document).unwrap();
    std::fs::write(folder.join("broken"), &broken).unwrap();
    let b = world.home("b");
    let import = |home: &restow::Home| {
        let mut refused = Vec::new();
        let summary = restow::import::import(home, std::slice::from_ref(&folder), &mut |item| {
            if let restow::import::Imported::Refused { path, error } = item {
                refused.push((path.file_name().unwrap().to_owned(), error.code()));
            }
        });
        (summary.unwrap().imported, refused)
    };
    let (imported, refused) = import(&b);
    assert_eq!(imported, 0, "nobody added the service");
    assert!(refused.iter().all(|(_, code)| *code == "license-unknown-issuer"), "{refused:?}");
    shop.add_to(&b);
    let (imported, refused) = import(&b);
    assert_eq!((imported, refused), (1, vec![("broken".into(), "license-not-accepted")]));
    assert!(!play(&b, 1), "a document is no key");
}

#[test]
fn a_service_that_answers_about_other_licenses() {
    use restow::service::protocol::{Answer, Asked, Counter, Grant, Granted, Outcome};

    let world = World::new();
    let mut shop = world.shop("Shop");
    let other = world.shop("Other");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    other.customer(&a, vec![song(2)]);
    let theirs = a.store().unwrap().view().licenses_for(&key(2)).unwrap().remove(0);
    let location = world.location("stick");
    backup(&a, &location);
    forget(&a, 1);
    shop.stop();
    // The shop itself turns bad: its answers are signed as they must be, and speak of what was not asked.
    let service = shop_key(&shop, "service.key");
    let (issuer, stranger) = (shop.issuer.clone(), theirs.identity.license_id.clone());
    let digest = data_encoding::HEXLOWER.encode(&theirs.sha256);
    super::troubles::impostor(std::net::TcpListener::bind(shop.address).unwrap(), move |request| {
        let header = |name: &str| {
            let line = request
                .lines()
                .find_map(|line| line.to_ascii_lowercase().starts_with(name).then(|| line.split_once(": ")));
            line.flatten().map(|(_, value)| value.trim().to_owned()).unwrap_or_default()
        };
        let input = header("signature-input");
        let computer = input.split("keyid=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
        let asked: Asked = Asked { license: stranger.clone(), sha256: digest.clone() };
        let thief = restow::keys::Seed::from_bytes([7; 32]).signing_key("x", &[]);
        let grant = Grant {
            licenses: vec![Granted {
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
        super::troubles::http("200 OK", "application/jose", &restow::jws::sign(&answer, &service).unwrap())
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
