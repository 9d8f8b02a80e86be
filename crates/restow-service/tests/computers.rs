//! What a holder's computers may do to each other, and what time does (§§5.2, 5.6–5.8).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{DAY, Device, START, Shop, code_of, key, membership};
use restow::service::protocol::{
    Acquire, Confirm, NoticeCode, Outcome, ProblemCode, Refuse, Release, Released, Withdraw, admin,
};

fn release(holder: String, computer: String) -> Release {
    Release { holder, computer }
}
fn confirm(holder: String, computer: String) -> Confirm {
    Confirm { holder, computer }
}
fn refuse(holder: String, computer: String) -> Refuse {
    Refuse { holder, computer }
}
fn withdraw(holder: String, computer: String) -> Withdraw {
    Withdraw { holder, computer }
}

/// A shop, its customer's first computer with one license, the license, and one that joined by a restore key.
fn scene() -> (Shop, Device, String, Device) {
    let shop = Shop::open();
    let owner = shop.person(1);
    let (code, licenses) = shop.issue(1, None);
    owner.acquire(&shop, &code).unwrap();
    let mut joined = shop.device(2, 2);
    assert!(!joined.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap().confirmed);
    (shop, owner, licenses[0].clone(), joined)
}

fn notices(shop: &Shop, device: &Device) -> Vec<(NoticeCode, String)> {
    let list = restow::service::protocol::ListComputers { holder: device.holder.clone() };
    let answer = device.answer(shop, &key(), &list).unwrap();
    answer.notices.into_iter().map(|notice| (notice.code, notice.computer)).collect()
}

#[test]
fn an_unconfirmed_computer_restores_and_nothing_else() {
    let (shop, owner, license, joined) = scene();
    assert_eq!(joined.outcome(&shop, &license), Outcome::Granted);
    let (code, _) = shop.issue(1, None);
    assert_eq!(code_of(joined.acquire(&shop, &code)), ProblemCode::NotAllowed);
    let by_key = Acquire {
        holder: joined.holder.clone(),
        code: None,
        key_ids: common::terms(0).key_ids,
        run: key(),
        key_set_version: 1,
    };
    assert_eq!(code_of(joined.call(&shop, &by_key)), ProblemCode::NotAllowed);
    assert_eq!(code_of(joined.about(&shop, &key(), release, &owner)), ProblemCode::NotAllowed);
    assert_eq!(code_of(joined.about(&shop, &key(), confirm, &joined)), ProblemCode::NotAllowed);
    assert_eq!(code_of(joined.about(&shop, &key(), confirm, &owner)), ProblemCode::NotAllowed);
    assert_eq!(code_of(joined.about(&shop, &key(), refuse, &owner)), ProblemCode::NotAllowed);
    assert_eq!(code_of(joined.about(&shop, &key(), withdraw, &owner)), ProblemCode::NotAllowed);
    // Its holder key is unconfirmed, too: it lets nobody in, and its own restore keys are worth nothing.
    let accomplice = shop.device(3, 2);
    assert_eq!(code_of(accomplice.register(&shop, Some(&owner.holder))), ProblemCode::NotAllowed);
    let mut accomplice = shop.device(3, 3);
    assert_eq!(code_of(accomplice.join(&shop, &joined, &joined.restore_key(0, 8))), ProblemCode::NotAllowed);
    assert_eq!(code_of(accomplice.join(&shop, &owner, &joined.restore_key(0, 8))), ProblemCode::NotAllowed);
    let list = joined.computers(&shop);
    assert!(!membership(&shop, &joined, &list.membership));
    assert_eq!(list.computers[1].confirms_at, Some(START + 7 * DAY));
    assert_eq!(list.computers[1].joined_by, Some(owner.id()));
    // The owner is told, and can take everything back at no cost of the year's four.
    assert_eq!(notices(&shop, &owner), [(NoticeCode::UnconfirmedComputer, joined.id())]);
    owner.about(&shop, &key(), refuse, &joined).unwrap();
    assert_eq!(code_of(joined.restore(&shop, &[license])), ProblemCode::UnknownComputer);
    assert_eq!(notices(&shop, &owner), [(NoticeCode::ComputerReleased, joined.id())]);
    assert_eq!(code_of(joined.register(&shop, Some(&owner.holder))), ProblemCode::UnknownComputer, "not the same key");
}

#[test]
fn a_confirmed_computer_confirms() {
    let (shop, owner, license, joined) = scene();
    let request = key();
    for _ in 0..2 {
        owner.about(&shop, &request, confirm, &joined).unwrap();
    }
    assert!(notices(&shop, &owner).is_empty());
    assert!(membership(&shop, &joined, &joined.computers(&shop).membership));
    let (code, _) = shop.issue(1, None);
    assert_eq!(joined.acquire(&shop, &code).unwrap().licenses[0].outcome, Outcome::Granted);
    // Its holder key is active now.
    let third = shop.device(3, 2);
    assert!(third.register(&shop, Some(&owner.holder)).unwrap().confirmed);
    assert_eq!(third.holder, joined.holder_key.public().thumbprint());
    let released = joined.about(&shop, &key(), release, &owner).unwrap();
    assert_eq!(released, Released { released: true, at: START });
    assert_eq!(code_of(owner.restore(&shop, &[license])), ProblemCode::UnknownComputer);
}

#[test]
fn time_confirms_but_the_older_can_object() {
    let (shop, owner, license, joined) = scene();
    joined.outcome(&shop, &license);
    shop.clock.advance(7 * DAY - 1);
    assert!(!membership(&shop, &joined, &joined.computers(&shop).membership));
    shop.clock.advance(1);
    assert!(membership(&shop, &joined, &joined.computers(&shop).membership));
    owner.computers(&shop); // The owner is around.
    assert_eq!(code_of(joined.about(&shop, &key(), confirm, &joined)), ProblemCode::NotAllowed, "not itself");

    // It may release the older one only after 72 hours, and the older one can refuse.
    let request = key();
    let now = START + 7 * DAY;
    let waits = Released { released: false, at: now + 3 * DAY };
    assert_eq!(joined.about(&shop, &request, release, &owner).unwrap(), waits);
    shop.clock.advance(DAY);
    assert_eq!(joined.about(&shop, &key(), release, &owner).unwrap(), waits, "asking again changes nothing");
    assert_eq!(owner.computers(&shop).computers[0].release_at, Some(now + 3 * DAY));
    assert!(notices(&shop, &owner).contains(&(NoticeCode::ReleaseRequested, owner.id())));
    owner.about(&shop, &key(), refuse, &owner).unwrap();
    assert_eq!(owner.computers(&shop).computers[0].release_at, None);
    assert_eq!(code_of(joined.about(&shop, &request, release, &owner)), ProblemCode::NotAllowed, "a retry, refused");
    assert_eq!(code_of(owner.about(&shop, &key(), refuse, &owner)), ProblemCode::NotAllowed, "nothing waits");
    shop.clock.advance(5 * DAY);
    assert_eq!(owner.outcome(&shop, &license), Outcome::Granted);

    // What it asked for ends when it is released itself.
    joined.about(&shop, &key(), release, &owner).unwrap();
    assert!(owner.about(&shop, &key(), release, &joined).unwrap().released);
    shop.clock.advance(5 * DAY);
    assert_eq!(owner.outcome(&shop, &license), Outcome::Granted);
}

#[test]
fn a_waiting_release_happens_when_nobody_objects() {
    let (shop, owner, license, joined) = scene();
    joined.outcome(&shop, &license);
    shop.clock.advance(7 * DAY);
    owner.computers(&shop);
    joined.about(&shop, &key(), release, &owner).unwrap();
    shop.clock.advance(3 * DAY - 1);
    assert_eq!(joined.computers(&shop).computers.len(), 2);
    shop.clock.advance(1);
    assert_eq!(joined.computers(&shop).computers.len(), 1);
    assert_eq!(code_of(owner.restore(&shop, &[license])), ProblemCode::UnknownComputer);
    // The owner's holder key went with its last computer.
    let again = shop.device(3, 1);
    assert_eq!(code_of(again.register(&shop, None)), ProblemCode::NotAllowed);
}

#[test]
fn a_silent_computer_is_released_at_once_and_objects_no_more() {
    let (shop, owner, license, joined) = scene();
    joined.outcome(&shop, &license);
    shop.clock.advance(30 * DAY - 1);
    assert!(!joined.about(&shop, &key(), release, &owner).unwrap().released);
    joined.about(&shop, &key(), refuse, &owner).unwrap();
    shop.clock.advance(1);
    assert!(joined.about(&shop, &key(), release, &owner).unwrap().released);
}

#[test]
fn confirmed_by_time_gives_no_more_than_it_has() {
    let (shop, owner, license, joined) = scene();
    let mut second = shop.device(3, 3);
    second.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    shop.clock.advance(6 * DAY);
    let mut third = shop.device(4, 4);
    third.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    owner.computers(&shop);
    shop.clock.advance(DAY);
    // `joined` is confirmed by time; whom it confirms, or lets in by its holder key, can oppose the owner no better.
    joined.about(&shop, &key(), confirm, &third).unwrap();
    let fourth = Device { holder: owner.holder.clone(), ..shop.device(5, 2) };
    assert!(fourth.register(&shop, Some(&owner.holder)).unwrap().confirmed);
    for device in [&joined, &third, &fourth] {
        assert!(!device.about(&shop, &key(), release, &owner).unwrap().released);
        owner.about(&shop, &key(), refuse, &owner).unwrap();
    }
    assert_eq!(owner.outcome(&shop, &license), Outcome::Granted);
}

#[test]
fn with_one_go_all_that_came_through_it() {
    let (shop, owner, license, joined) = scene();
    shop.clock.advance(7 * DAY);
    owner.computers(&shop);
    joined.computers(&shop);
    // `joined` is confirmed by time, so its restore keys let others in, and its holder key, too.
    let mut through = shop.device(3, 3);
    through.join(&shop, &joined, &joined.restore_key(0, 8)).unwrap();
    let same_home = shop.device(4, 2);
    let same_home = Device { holder: owner.holder.clone(), ..same_home };
    same_home.register(&shop, Some(&owner.holder)).unwrap();
    let mut other = shop.device(5, 5);
    other.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    for device in [&joined, &through, &same_home] {
        assert_eq!(device.outcome(&shop, &license), Outcome::Granted);
    }
    assert_eq!(other.outcome(&shop, &license), Outcome::Limit);
    owner.about(&shop, &key(), release, &joined).unwrap();
    for device in [&joined, &through, &same_home] {
        assert_eq!(code_of(device.restore(&shop, &[&license])), ProblemCode::UnknownComputer);
    }
    assert_eq!(other.outcome(&shop, &license), Outcome::Granted, "who came otherwise stays, and all slots are free");
}

#[test]
fn withdrawn_restore_keys_let_nobody_in() {
    let (shop, owner, _, _) = scene();
    let old = owner.restore_key(0, 9);
    let request = key();
    for _ in 0..2 {
        assert_eq!(owner.about(&shop, &request, withdraw, &owner).unwrap().epoch, 1, "a retry withdraws once");
    }
    let mut thief = shop.device(3, 3);
    assert_eq!(code_of(thief.join(&shop, &owner, &old)), ProblemCode::RestoreKeyWithdrawn);
    assert_eq!(code_of(thief.join(&shop, &owner, &owner.restore_key(2, 9))), ProblemCode::RestoreKeyWithdrawn);
    let list = restow::service::protocol::ListComputers { holder: owner.holder.clone() };
    let answer = owner.answer(&shop, &key(), &list).unwrap();
    assert_eq!(answer.restore_epoch, 1, "it hears of the new epoch");
    assert!(answer.notices.iter().any(|notice| notice.code == NoticeCode::RestoreKeyWithdrawn));
    assert!(!thief.join(&shop, &owner, &owner.restore_key(1, 9)).unwrap().confirmed);
    // A certificate by somebody else, or a proof by another key.
    let mut other = shop.device(4, 4);
    let (secret, _) = owner.restore_key(1, 9);
    let (_, certificate) = owner.restore_key(1, 7);
    assert_eq!(code_of(other.join(&shop, &owner, &(secret, certificate))), ProblemCode::BadSignature);
    let mut stranger = other.clone();
    stranger.holder = owner.holder.clone();
    assert_eq!(code_of(other.join(&shop, &owner, &stranger.restore_key(1, 9))), ProblemCode::BadSignature);
    // A released computer's keys can be withdrawn as well, by the operator too.
    let second = shop.device(5, 1);
    second.register(&shop, Some(&owner.holder)).unwrap();
    owner.about(&shop, &key(), release, &second).unwrap();
    assert_eq!(owner.about(&shop, &key(), withdraw, &second).unwrap().epoch, 1);
    let one = admin::OneComputer { holder: owner.holder.clone(), computer: second.id() };
    let _: admin::Changed = shop.admin("admin/withdraw", &one).unwrap();
    assert_eq!(code_of(other.join(&shop, &owner, &restow_key_of(&second, &owner))), ProblemCode::RestoreKeyWithdrawn);
}

fn restow_key_of(device: &Device, owner: &Device) -> (restow::keys::SecretKey, String) {
    Device { holder: owner.holder.clone(), ..device.clone() }.restore_key(1, 9)
}

#[test]
fn releases_close_the_hole_and_are_counted_by_the_year() {
    let shop = Shop::with(|settings| settings.restores_per_day = 100);
    let owner = shop.person(1);
    let (code, licenses) = shop.issue(1, None);
    owner.acquire(&shop, &code).unwrap();
    let license = &licenses[0];
    let mut next = 2;
    let mut more = |shop: &Shop| {
        let device = shop.device(next, 1);
        next += 1;
        device.register(shop, Some(&owner.holder)).unwrap();
        device
    };
    let mut held: Vec<Device> = (0..3)
        .map(|_| {
            let device = more(&shop);
            assert_eq!(device.outcome(&shop, license), Outcome::Granted);
            device
        })
        .collect();
    let idle = more(&shop);
    assert_eq!(idle.outcome(&shop, license), Outcome::Limit);
    assert!(owner.about(&shop, &key(), release, &idle).unwrap().released, "without placements it counts nothing");
    for round in 0..4 {
        let request = key();
        let gone = held.remove(round % 3);
        for _ in 0..3 {
            assert!(owner.about(&shop, &request, release, &gone).unwrap().released, "a retry counts nothing");
        }
        let device = more(&shop);
        assert_eq!(device.outcome(&shop, license), Outcome::Granted, "round {round}");
        held.push(device);
        assert_eq!(slots(&shop), [1, 2, 3, 4]);
    }
    assert_eq!(code_of(owner.about(&shop, &key(), release, &held[0])), ProblemCode::ReleaseLimit);
    assert_eq!(code_of(held[0].about(&shop, &key(), release, &held[0])), ProblemCode::ReleaseLimit, "itself, too");
    assert_eq!(slots(&shop), [1, 2, 3, 4]);
    // The operator's releases count nothing; the next year begins anew.
    let call = admin::Release { holder: owner.holder.clone(), computer: held[0].id(), when: admin::ReleaseWhen::Now };
    let changed: admin::Changed = shop.admin("admin/release", &call).unwrap();
    assert!(changed.done);
    assert_eq!(slots(&shop), [1, 2, 3]);
    shop.clock.set(1_798_761_600); // 2027
    let request = key();
    let first = held[1].about(&shop, &request, release, &held[1]).unwrap();
    assert_eq!(first, Released { released: true, at: 1_798_761_600 });
    assert_eq!(held[1].about(&shop, &request, release, &held[1]).unwrap(), first, "its own release can be retried");
    assert_eq!(code_of(held[1].restore(&shop, &[license])), ProblemCode::UnknownComputer);
    // Its holder key stays: it went by itself.
    assert!(shop.device(99, 1).register(&shop, None).unwrap().confirmed);
}

fn slots(shop: &Shop) -> Vec<i64> {
    let db = rusqlite::Connection::open(shop.database()).unwrap();
    let mut select = db.prepare("SELECT slot FROM placements WHERE slot IS NOT NULL ORDER BY slot").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn unconfirmed_restores_are_counted_apart() {
    let shop = Shop::with(|settings| settings.restores_per_day = 1);
    let owner = shop.person(1);
    let (code, licenses) = shop.issue(2, None);
    owner.acquire(&shop, &code).unwrap();
    let mut thieves: Vec<Device> = (2..4).map(|n| shop.device(n, n)).collect();
    for thief in &mut thieves {
        thief.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    }
    assert_eq!(thieves[0].outcome(&shop, &licenses[0]), Outcome::Granted);
    assert_eq!(thieves[1].outcome(&shop, &licenses[0]), Outcome::DailyLimit);
    let second = shop.device(9, 1);
    second.register(&shop, Some(&owner.holder)).unwrap();
    assert_eq!(second.outcome(&shop, &licenses[0]), Outcome::Granted);
}

#[test]
fn there_is_an_end_to_computers() {
    let (shop, owner, _, _) = scene();
    for n in 0..7 {
        shop.device(50 + n, 50 + n).join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    }
    let mut ninth = shop.device(60, 60);
    assert_eq!(code_of(ninth.join(&shop, &owner, &owner.restore_key(0, 9))), ProblemCode::TooManyComputers);
    for n in 0..23 {
        shop.device(100 + n, 1).register(&shop, None).unwrap();
    }
    assert_eq!(owner.computers(&shop).computers.len(), 32);
    assert_eq!(code_of(shop.device(200, 1).register(&shop, None)), ProblemCode::TooManyComputers);
    // Registering again is no new computer.
    let renamed = Device { name: "Renamed".into(), ..owner.clone() };
    renamed.register(&shop, None).unwrap();
    assert_eq!(owner.computers(&shop).computers[0].name, "Renamed");
}

#[test]
fn proofs_of_registration_are_bound() {
    let shop = Shop::open();
    let (ann, ben) = (shop.person(1), shop.device(2, 2));
    let request = key();
    // A holder proof for another request, another computer, by another key.
    let mut other_request = ben.registration(&request, None);
    other_request.holder_proof = ben.proof("another-request-of-22-or-more");
    let mut other_computer = ben.registration(&request, None);
    other_computer.holder_proof = Device { signing: ann.signing.clone(), ..ben.clone() }.proof(&request);
    let mut other_key = ben.registration(&request, Some(&ann.holder));
    other_key.holder_key = ann.holder_key.public();
    for registration in [other_request, other_computer, other_key] {
        assert_eq!(code_of(ben.answer(&shop, &request, &registration)), ProblemCode::BadSignature);
    }
    // A key that does not sign the request.
    let mut not_signing = ben.registration(&request, None);
    not_signing.computer_key = ann.signing.public();
    assert_eq!(code_of(ben.answer(&shop, &request, &not_signing)), ProblemCode::BadSignature);
    // A holder that is not its own, known or not.
    assert_eq!(code_of(ben.register(&shop, Some(&ann.holder))), ProblemCode::NotAllowed);
    assert_eq!(code_of(ben.register(&shop, Some("nobody"))), ProblemCode::NotAllowed);
    let unknown = shop.device(7, 7);
    assert_eq!(code_of(unknown.restore(&shop, &["x"])), ProblemCode::UnknownComputer);
}

#[test]
fn the_operator_waits_for_the_holder() {
    let (shop, owner, license, _) = scene();
    let call = admin::Release { holder: owner.holder.clone(), computer: owner.id(), when: admin::ReleaseWhen::Waiting };
    let changed: admin::Changed = shop.admin("admin/release", &call).unwrap();
    assert_eq!((changed.done, changed.at), (false, START + 3 * DAY));
    owner.about(&shop, &key(), refuse, &owner).unwrap();
    shop.clock.advance(4 * DAY);
    assert_eq!(owner.outcome(&shop, &license), Outcome::Granted);
    let changed: admin::Changed = shop.admin("admin/release", &call).unwrap();
    assert!(!changed.done);
    shop.clock.advance(4 * DAY);
    assert_eq!(code_of(owner.restore(&shop, &[license])), ProblemCode::UnknownComputer);
}

#[test]
fn a_revoked_holder_key_comes_back_only_unconfirmed() {
    let shop = Shop::open();
    let owner = shop.person(1);
    let mut laptop = shop.device(2, 2);
    laptop.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    owner.about(&shop, &key(), confirm, &laptop).unwrap();
    owner.about(&shop, &key(), release, &laptop).unwrap();
    let mut again = shop.device(3, 2);
    assert_eq!(code_of(again.register(&shop, Some(&owner.holder))), ProblemCode::NotAllowed);
    assert!(!again.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap().confirmed);
    assert_eq!(code_of(shop.device(4, 2).register(&shop, Some(&owner.holder))), ProblemCode::NotAllowed);
    owner.about(&shop, &key(), confirm, &again).unwrap();
    assert!(shop.device(4, 2).register(&shop, Some(&owner.holder)).unwrap().confirmed);
}

/// A thief with a restore key comes, restores and goes as often as it may; the owner's refusal is never used up.
#[test]
fn no_quota_stands_between_the_owner_and_an_unconfirmed_computer() {
    let shop = Shop::with(|settings| settings.unconfirmed_restores_per_year = 9);
    let owner = shop.person(1);
    let (code, licenses) = shop.issue(1, None);
    owner.acquire(&shop, &code).unwrap();
    let mut thieves = (20..).map(|n| {
        let mut thief = shop.device(n, n);
        thief.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
        thief
    });
    for thief in thieves.by_ref().take(8) {
        assert_eq!(thief.outcome(&shop, &licenses[0]), Outcome::Granted);
        thief.about(&shop, &key(), release, &thief).unwrap();
    }
    let ninth = thieves.next().unwrap();
    assert_eq!(ninth.outcome(&shop, &licenses[0]), Outcome::Granted);
    owner.about(&shop, &key(), refuse, &ninth).unwrap();
    // What is limited is how many of them take a slot in a year; who confirms one says that it is no thief.
    let tenth = thieves.next().unwrap();
    let grant = tenth.restore(&shop, &licenses).unwrap();
    assert_eq!((grant.licenses[0].outcome, grant.url.is_some()), (Outcome::Limit, true));
    owner.about(&shop, &key(), confirm, &tenth).unwrap();
    assert_eq!(tenth.outcome(&shop, &licenses[0]), Outcome::Granted);
    let last = thieves.next().unwrap();
    shop.clock.set(1_798_761_600); // 2027
    assert_eq!(last.outcome(&shop, &licenses[0]), Outcome::Granted, "confirmed by time");
}

#[test]
fn all_that_go_along_are_counted() {
    let (shop, owner, license, _) = scene();
    let mut granted = 0;
    for round in 0..30_u8 {
        shop.clock.advance(DAY);
        let mut idle = shop.device(20 + 2 * round, 7);
        idle.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
        let mut user = shop.device(21 + 2 * round, 7);
        user.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
        match user.outcome(&shop, &license) {
            Outcome::Granted => granted += 1,
            outcome => assert_eq!(outcome, Outcome::Limit),
        }
        owner.about(&shop, &key(), refuse, &idle).unwrap();
        assert_eq!(code_of(user.restore(&shop, &[&license])), ProblemCode::UnknownComputer);
    }
    assert_eq!(granted, 16);
}

#[test]
fn of_confirmed_ones_that_go_along_those_beyond_the_year_stay() {
    let shop = Shop::with(|settings| settings.releases_per_year = 2);
    let owner = shop.person(1);
    let (code, licenses) = shop.issue(1, None);
    owner.acquire(&shop, &code).unwrap();
    let mut same_hands: Vec<Device> = (10..13).map(|n| shop.device(n, 7)).collect();
    for device in &mut same_hands {
        device.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
        assert_eq!(device.outcome(&shop, &licenses[0]), Outcome::Granted);
    }
    shop.clock.advance(7 * DAY);
    owner.computers(&shop);
    let mut fresh = shop.device(13, 7);
    fresh.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    assert!(owner.about(&shop, &key(), refuse, &fresh).is_ok(), "an unconfirmed one can always be refused");
    let left: Vec<String> = owner.computers(&shop).computers.into_iter().map(|c| c.computer).collect();
    assert_eq!(left, [owner.id(), same_hands[2].id()]);
    assert_eq!(code_of(owner.about(&shop, &key(), release, &same_hands[2])), ProblemCode::ReleaseLimit);
}

#[test]
fn the_operator_takes_a_waiting_release_over() {
    let (shop, owner, _, thief) = scene();
    let family = shop.device(3, 1);
    family.register(&shop, None).unwrap();
    shop.clock.advance(7 * DAY);
    owner.computers(&shop);
    family.computers(&shop);
    let waits = thief.about(&shop, &key(), release, &owner).unwrap();
    let call = admin::Release { holder: owner.holder.clone(), computer: owner.id(), when: admin::ReleaseWhen::Waiting };
    let changed: admin::Changed = shop.admin("admin/release", &call).unwrap();
    assert_eq!((changed.done, changed.at), (false, waits.at));
    family.about(&shop, &key(), release, &thief).unwrap();
    shop.clock.advance(3 * DAY);
    let left: Vec<String> = family.computers(&shop).computers.into_iter().map(|c| c.computer).collect();
    assert_eq!(left, [family.id()], "the operator was told it would happen");
}

#[test]
fn what_can_be_answered_comes_before_what_happened() {
    let shop = Shop::with(|settings| settings.joins_per_day = 100);
    let owner = shop.person(1);
    let mut thief = shop.device(2, 2);
    thief.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    for n in 0..70 {
        shop.clock.advance(1);
        let mut distraction = shop.device(100 + n, 3);
        distraction.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
        distraction.about(&shop, &key(), release, &distraction).unwrap();
    }
    let told = notices(&shop, &owner);
    assert_eq!((told.len(), &told[0]), (64, &(NoticeCode::UnconfirmedComputer, thief.id())));
    assert!(told[1..].iter().all(|notice| notice.0 == NoticeCode::ComputerReleased));
}

#[test]
fn joins_by_restore_keys_are_counted_by_the_day() {
    let shop = Shop::with(|settings| settings.joins_per_day = 2);
    let owner = shop.person(1);
    for n in 10..12 {
        shop.device(n, n).join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    }
    let mut third = shop.device(12, 12);
    assert_eq!(code_of(third.join(&shop, &owner, &owner.restore_key(0, 9))), ProblemCode::TooManyComputers);
    shop.device(20, 1).register(&shop, None).unwrap();
    shop.clock.advance(DAY / 2);
    third.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
}

#[test]
fn who_comes_by_a_holder_key_that_time_confirmed_is_announced() {
    let (shop, owner, _, thief) = scene();
    shop.clock.advance(40 * DAY);
    let list = |device: &Device| device.computers(&shop).computers.len();
    assert_eq!((list(&owner), list(&thief)), (2, 2));
    let mut second = shop.device(3, 3);
    second.join(&shop, &owner, &owner.restore_key(0, 9)).unwrap();
    shop.clock.advance(20 * DAY);
    owner.computers(&shop);
    shop.clock.advance(20 * DAY);
    assert!(notices(&shop, &owner).is_empty(), "no news for 30 days");
    let third = Device { holder: owner.holder.clone(), ..shop.device(4, 3) };
    third.register(&shop, Some(&owner.holder)).unwrap();
    assert!(notices(&shop, &owner).contains(&(NoticeCode::UnconfirmedComputer, third.id())));
}

#[test]
fn a_released_computer_certifies_nothing_after_its_keys_were_withdrawn() {
    let shop = Shop::open();
    let owner = shop.person(1);
    let stolen = shop.device(5, 1);
    stolen.register(&shop, Some(&owner.holder)).unwrap();
    owner.about(&shop, &key(), withdraw, &stolen).unwrap();
    shop.clock.advance(1);
    owner.about(&shop, &key(), release, &stolen).unwrap();
    shop.device(8, 8).join(&shop, &owner, &stolen.restore_key(1, 3)).unwrap();
    shop.clock.advance(1);
    assert_eq!(owner.about(&shop, &key(), withdraw, &stolen).unwrap().epoch, 2);
    for epoch in 0..4 {
        let joined = shop.device(9, 9).join(&shop, &owner, &stolen.restore_key(epoch, 3));
        assert_eq!(code_of(joined), ProblemCode::RestoreKeyWithdrawn, "{epoch}");
    }
}

#[test]
fn a_repeated_registration_does_not_rename_again() {
    let shop = Shop::open();
    let mut ann = shop.device(1, 1);
    let request = key();
    ann.name = "first".into();
    let old = ann.registration(&request, None);
    ann.answer(&shop, &request, &old).unwrap();
    ann.name = "second".into();
    ann.register(&shop, None).unwrap();
    ann.answer(&shop, &request, &old).unwrap();
    assert_eq!(ann.computers(&shop).computers[0].name, "second");
}
