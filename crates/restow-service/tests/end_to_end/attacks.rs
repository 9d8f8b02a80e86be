//! One test per attack of docs/threat-model.md that needs both sides.

use restow::Hresult;
use restow::computers;
use restow::restorer::{Consent, Restore};
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
        restow::acquire::acquire_link(&thief, &shop.issue(vec![song(9)]), &never()).map(|_| ()).unwrap_err(),
    ] {
        assert_eq!(error.code(), "not-allowed");
    }

    let seen = computers::list(&owner, None, &never()).unwrap().remove(0);
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
    restow::computers::list(&ahead, None, &never()).unwrap(); // the service signs its time
    local.set(START);
    assert!(!play(&ahead, 1), "set back, the latest signed time counts");
    assert!(play(&ahead, 2), "what has no date is not affected");
    // A clock that is far off still gets through: the service tells the right time.
    local.set(START - 400 * DAY);
    assert!(restow::computers::list(&ahead, None, &never()).is_ok());
}
