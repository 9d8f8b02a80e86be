//! Actions between a holder's computers and timed events (§§5.2, 5.6–5.8).
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{DAY, START, TestComputer, TestService, problem_code, request_key, verify_membership};
use restow::service::protocol::{
    AcquireRequest, ConfirmRequest, NoticeCode, Outcome, ProblemCode, RefuseRequest, ReleaseAnswer, ReleaseRequest,
    WithdrawRequest, admin,
};

fn release(holder: String, computer: String) -> ReleaseRequest {
    ReleaseRequest { holder, computer }
}
fn confirm(holder: String, computer: String) -> ConfirmRequest {
    ConfirmRequest { holder, computer }
}
fn refuse(holder: String, computer: String) -> RefuseRequest {
    RefuseRequest { holder, computer }
}
fn withdraw(holder: String, computer: String) -> WithdrawRequest {
    WithdrawRequest { holder, computer }
}

/// Returns a service, an owner with one license, the license ID, and a computer that joined by a restore key.
fn service_with_joined_computer() -> (TestService, TestComputer, String, TestComputer) {
    let service = TestService::new();
    let owner = service.register_holder(1);
    let (code, licenses) = service.issue(1, None);
    owner.acquire(&service, &code).unwrap();
    let mut joined = service.new_computer(2, 2);
    assert!(!joined.join(&service, &owner, &owner.restore_key(0, 9)).unwrap().confirmed);
    (service, owner, licenses[0].clone(), joined)
}

fn notices(service: &TestService, computer: &TestComputer) -> Vec<(NoticeCode, String)> {
    let list = restow::service::protocol::ListComputersRequest { holder: computer.holder.clone() };
    let answer = computer.answer(service, &request_key(), &list).unwrap();
    answer.notices.into_iter().map(|notice| (notice.code, notice.computer)).collect()
}

#[test]
fn unconfirmed_computer_may_only_restore() {
    let (service, owner, license, joined) = service_with_joined_computer();
    assert_eq!(joined.outcome(&service, &license), Outcome::Granted);
    let (code, _) = service.issue(1, None);
    assert_eq!(problem_code(joined.acquire(&service, &code)), ProblemCode::NotAllowed);
    let by_key = AcquireRequest {
        holder: joined.holder.clone(),
        code: None,
        key_ids: common::terms(0).key_ids,
        run: request_key(),
        key_set_version: 1,
    };
    assert_eq!(problem_code(joined.call(&service, &by_key)), ProblemCode::NotAllowed);
    assert_eq!(problem_code(joined.call_about(&service, &request_key(), release, &owner)), ProblemCode::NotAllowed);
    assert_eq!(problem_code(joined.call_about(&service, &request_key(), confirm, &joined)), ProblemCode::NotAllowed);
    assert_eq!(problem_code(joined.call_about(&service, &request_key(), confirm, &owner)), ProblemCode::NotAllowed);
    assert_eq!(problem_code(joined.call_about(&service, &request_key(), refuse, &owner)), ProblemCode::NotAllowed);
    assert_eq!(problem_code(joined.call_about(&service, &request_key(), withdraw, &owner)), ProblemCode::NotAllowed);
    // Its holder key is also unconfirmed. Neither this key nor its restore keys admit a computer.
    let accomplice = service.new_computer(3, 2);
    assert_eq!(problem_code(accomplice.register(&service, Some(&owner.holder))), ProblemCode::NotAllowed);
    let mut accomplice = service.new_computer(3, 3);
    assert_eq!(problem_code(accomplice.join(&service, &joined, &joined.restore_key(0, 8))), ProblemCode::NotAllowed);
    assert_eq!(problem_code(accomplice.join(&service, &owner, &joined.restore_key(0, 8))), ProblemCode::NotAllowed);
    let list = joined.computers(&service);
    assert!(!verify_membership(&service, &joined, &list.membership));
    assert_eq!(list.computers[1].confirms_at, Some(START + 7 * DAY));
    assert_eq!(list.computers[1].joined_by, Some(owner.id()));
    // The owner receives a notice and can undo the join without using the yearly quota.
    assert_eq!(notices(&service, &owner), [(NoticeCode::UnconfirmedComputer, joined.id())]);
    owner.call_about(&service, &request_key(), refuse, &joined).unwrap();
    assert_eq!(problem_code(joined.restore(&service, &[license])), ProblemCode::UnknownComputer);
    assert_eq!(notices(&service, &owner), [(NoticeCode::ComputerReleased, joined.id())]);
    assert_eq!(
        problem_code(joined.register(&service, Some(&owner.holder))),
        ProblemCode::UnknownComputer,
        "not the same key"
    );
}

#[test]
fn confirmed_computer_may_confirm() {
    let (service, owner, license, joined) = service_with_joined_computer();
    let request = request_key();
    for _ in 0..2 {
        owner.call_about(&service, &request, confirm, &joined).unwrap();
    }
    assert!(notices(&service, &owner).is_empty());
    assert!(verify_membership(&service, &joined, &joined.computers(&service).membership));
    let (code, _) = service.issue(1, None);
    assert_eq!(joined.acquire(&service, &code).unwrap().licenses[0].outcome, Outcome::Granted);
    // Its holder key is now active.
    let third = service.new_computer(3, 2);
    assert!(third.register(&service, Some(&owner.holder)).unwrap().confirmed);
    assert_eq!(third.holder, joined.holder_key.public().thumbprint());
    let released = joined.call_about(&service, &request_key(), release, &owner).unwrap();
    assert_eq!(released, ReleaseAnswer { released: true, at: START });
    assert_eq!(problem_code(owner.restore(&service, &[license])), ProblemCode::UnknownComputer);
}

#[test]
fn older_computer_can_refuse_release() {
    let (service, owner, license, joined) = service_with_joined_computer();
    joined.outcome(&service, &license);
    service.clock.advance(7 * DAY - 1);
    assert!(!verify_membership(&service, &joined, &joined.computers(&service).membership));
    service.clock.advance(1);
    assert!(verify_membership(&service, &joined, &joined.computers(&service).membership));
    owner.computers(&service); // The owner is around.
    assert_eq!(
        problem_code(joined.call_about(&service, &request_key(), confirm, &joined)),
        ProblemCode::NotAllowed,
        "not itself"
    );

    // A release of the older computer waits 72 hours, and the older computer can refuse.
    let request = request_key();
    let now = START + 7 * DAY;
    let waiting = ReleaseAnswer { released: false, at: now + 3 * DAY };
    assert_eq!(joined.call_about(&service, &request, release, &owner).unwrap(), waiting);
    service.clock.advance(DAY);
    assert_eq!(
        joined.call_about(&service, &request_key(), release, &owner).unwrap(),
        waiting,
        "asking again changes nothing"
    );
    assert_eq!(owner.computers(&service).computers[0].release_at, Some(now + 3 * DAY));
    assert!(notices(&service, &owner).contains(&(NoticeCode::ReleaseRequested, owner.id())));
    owner.call_about(&service, &request_key(), refuse, &owner).unwrap();
    assert_eq!(owner.computers(&service).computers[0].release_at, None);
    assert_eq!(
        problem_code(joined.call_about(&service, &request, release, &owner)),
        ProblemCode::NotAllowed,
        "a retry, refused"
    );
    assert_eq!(
        problem_code(owner.call_about(&service, &request_key(), refuse, &owner)),
        ProblemCode::NotAllowed,
        "nothing waits"
    );
    service.clock.advance(5 * DAY);
    assert_eq!(owner.outcome(&service, &license), Outcome::Granted);

    // Its waiting requests end with its own release.
    joined.call_about(&service, &request_key(), release, &owner).unwrap();
    assert!(owner.call_about(&service, &request_key(), release, &joined).unwrap().released);
    service.clock.advance(5 * DAY);
    assert_eq!(owner.outcome(&service, &license), Outcome::Granted);
}

#[test]
fn unopposed_release_takes_effect() {
    let (service, owner, license, joined) = service_with_joined_computer();
    joined.outcome(&service, &license);
    service.clock.advance(7 * DAY);
    owner.computers(&service);
    joined.call_about(&service, &request_key(), release, &owner).unwrap();
    service.clock.advance(3 * DAY - 1);
    assert_eq!(joined.computers(&service).computers.len(), 2);
    service.clock.advance(1);
    assert_eq!(joined.computers(&service).computers.len(), 1);
    assert_eq!(problem_code(owner.restore(&service, &[license])), ProblemCode::UnknownComputer);
    // The owner's holder key was revoked with its last computer.
    let again = service.new_computer(3, 1);
    assert_eq!(problem_code(again.register(&service, None)), ProblemCode::NotAllowed);
}

#[test]
fn inactive_computer_is_released_at_once() {
    let (service, owner, license, joined) = service_with_joined_computer();
    joined.outcome(&service, &license);
    service.clock.advance(30 * DAY - 1);
    assert!(!joined.call_about(&service, &request_key(), release, &owner).unwrap().released);
    joined.call_about(&service, &request_key(), refuse, &owner).unwrap();
    service.clock.advance(1);
    assert!(joined.call_about(&service, &request_key(), release, &owner).unwrap().released);
}

#[test]
fn confirmation_by_time_grants_equal_level() {
    let (service, owner, license, joined) = service_with_joined_computer();
    let mut second = service.new_computer(3, 3);
    second.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    service.clock.advance(6 * DAY);
    let mut third = service.new_computer(4, 4);
    third.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    owner.computers(&service);
    service.clock.advance(DAY);
    // `joined` is confirmed by time. Computers that it confirms or admits gain no more power against the owner.
    joined.call_about(&service, &request_key(), confirm, &third).unwrap();
    let fourth = TestComputer { holder: owner.holder.clone(), ..service.new_computer(5, 2) };
    assert!(fourth.register(&service, Some(&owner.holder)).unwrap().confirmed);
    for computer in [&joined, &third, &fourth] {
        assert!(!computer.call_about(&service, &request_key(), release, &owner).unwrap().released);
        owner.call_about(&service, &request_key(), refuse, &owner).unwrap();
    }
    assert_eq!(owner.outcome(&service, &license), Outcome::Granted);
}

#[test]
fn release_includes_dependent_computers() {
    let (service, owner, license, joined) = service_with_joined_computer();
    service.clock.advance(7 * DAY);
    owner.computers(&service);
    joined.computers(&service);
    // `joined` is confirmed by time, so its restore keys and its holder key admit computers.
    let mut through = service.new_computer(3, 3);
    through.join(&service, &joined, &joined.restore_key(0, 8)).unwrap();
    let same_home = service.new_computer(4, 2);
    let same_home = TestComputer { holder: owner.holder.clone(), ..same_home };
    same_home.register(&service, Some(&owner.holder)).unwrap();
    let mut other = service.new_computer(5, 5);
    other.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    for computer in [&joined, &through, &same_home] {
        assert_eq!(computer.outcome(&service, &license), Outcome::Granted);
    }
    assert_eq!(other.outcome(&service, &license), Outcome::Limit);
    owner.call_about(&service, &request_key(), release, &joined).unwrap();
    for computer in [&joined, &through, &same_home] {
        assert_eq!(problem_code(computer.restore(&service, &[&license])), ProblemCode::UnknownComputer);
    }
    assert_eq!(other.outcome(&service, &license), Outcome::Granted, "who came otherwise stays, and all slots are free");
}

#[test]
fn revoked_restore_keys_admit_no_computer() {
    let (service, owner, _, _) = service_with_joined_computer();
    let old = owner.restore_key(0, 9);
    let request = request_key();
    for _ in 0..2 {
        assert_eq!(owner.call_about(&service, &request, withdraw, &owner).unwrap().epoch, 1, "a retry withdraws once");
    }
    let mut thief = service.new_computer(3, 3);
    assert_eq!(problem_code(thief.join(&service, &owner, &old)), ProblemCode::RestoreKeyWithdrawn);
    assert_eq!(problem_code(thief.join(&service, &owner, &owner.restore_key(2, 9))), ProblemCode::RestoreKeyWithdrawn);
    let list = restow::service::protocol::ListComputersRequest { holder: owner.holder.clone() };
    let answer = owner.answer(&service, &request_key(), &list).unwrap();
    assert_eq!(answer.restore_epoch, 1, "it hears of the new epoch");
    assert!(answer.notices.iter().any(|notice| notice.code == NoticeCode::RestoreKeyWithdrawn));
    assert!(!thief.join(&service, &owner, &owner.restore_key(1, 9)).unwrap().confirmed);
    // A certificate by another computer, or a proof by another key.
    let mut other = service.new_computer(4, 4);
    let (secret, _) = owner.restore_key(1, 9);
    let (_, certificate) = owner.restore_key(1, 7);
    assert_eq!(problem_code(other.join(&service, &owner, &(secret, certificate))), ProblemCode::BadSignature);
    let mut stranger = other.clone();
    stranger.holder = owner.holder.clone();
    assert_eq!(problem_code(other.join(&service, &owner, &stranger.restore_key(1, 9))), ProblemCode::BadSignature);
    // Keys of a released computer can be revoked, also by the operator.
    let second = service.new_computer(5, 1);
    second.register(&service, Some(&owner.holder)).unwrap();
    owner.call_about(&service, &request_key(), release, &second).unwrap();
    assert_eq!(owner.call_about(&service, &request_key(), withdraw, &second).unwrap().epoch, 1);
    let one = admin::ComputerRequest { holder: owner.holder.clone(), computer: second.id() };
    let _: admin::ChangeAnswer = service.admin("admin/withdraw", &one).unwrap();
    assert_eq!(
        problem_code(other.join(&service, &owner, &restore_key_of(&second, &owner))),
        ProblemCode::RestoreKeyWithdrawn
    );
}

fn restore_key_of(computer: &TestComputer, owner: &TestComputer) -> (restow_core::keys::SecretKey, String) {
    TestComputer { holder: owner.holder.clone(), ..computer.clone() }.restore_key(1, 9)
}

#[test]
fn releases_fill_gap_and_count_yearly() {
    let service = TestService::with_settings(|settings| settings.restores_per_day = 100);
    let owner = service.register_holder(1);
    let (code, licenses) = service.issue(1, None);
    owner.acquire(&service, &code).unwrap();
    let license = &licenses[0];
    let mut next = 2;
    let mut more = |service: &TestService| {
        let computer = service.new_computer(next, 1);
        next += 1;
        computer.register(service, Some(&owner.holder)).unwrap();
        computer
    };
    let mut held: Vec<TestComputer> = (0..3)
        .map(|_| {
            let computer = more(&service);
            assert_eq!(computer.outcome(&service, license), Outcome::Granted);
            computer
        })
        .collect();
    let idle = more(&service);
    assert_eq!(idle.outcome(&service, license), Outcome::Limit);
    assert!(
        owner.call_about(&service, &request_key(), release, &idle).unwrap().released,
        "without placements it counts nothing"
    );
    for round in 0..4 {
        let request = request_key();
        let gone = held.remove(round % 3);
        for _ in 0..3 {
            assert!(owner.call_about(&service, &request, release, &gone).unwrap().released, "a retry counts nothing");
        }
        let computer = more(&service);
        assert_eq!(computer.outcome(&service, license), Outcome::Granted, "round {round}");
        held.push(computer);
        assert_eq!(slots(&service), [1, 2, 3, 4]);
    }
    assert_eq!(problem_code(owner.call_about(&service, &request_key(), release, &held[0])), ProblemCode::ReleaseLimit);
    assert_eq!(
        problem_code(held[0].call_about(&service, &request_key(), release, &held[0])),
        ProblemCode::ReleaseLimit,
        "itself, too"
    );
    assert_eq!(slots(&service), [1, 2, 3, 4]);
    // The operator's releases do not count, and the quota restarts with the year.
    let call = admin::OperatorReleaseRequest {
        holder: owner.holder.clone(),
        computer: held[0].id(),
        when: admin::ReleaseTiming::Now,
    };
    let changed: admin::ChangeAnswer = service.admin("admin/release", &call).unwrap();
    assert!(changed.done);
    assert_eq!(slots(&service), [1, 2, 3]);
    service.clock.set(1_798_761_600); // 2027
    let request = request_key();
    let first = held[1].call_about(&service, &request, release, &held[1]).unwrap();
    assert_eq!(first, ReleaseAnswer { released: true, at: 1_798_761_600 });
    assert_eq!(
        held[1].call_about(&service, &request, release, &held[1]).unwrap(),
        first,
        "its own release can be retried"
    );
    assert_eq!(problem_code(held[1].restore(&service, &[license])), ProblemCode::UnknownComputer);
    // Its holder key stays active after a release by itself.
    assert!(service.new_computer(99, 1).register(&service, None).unwrap().confirmed);
}

fn slots(service: &TestService) -> Vec<i64> {
    let db = rusqlite::Connection::open(service.database()).unwrap();
    let mut select = db.prepare("SELECT slot FROM placements WHERE slot IS NOT NULL ORDER BY slot").unwrap();
    select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn unconfirmed_restores_have_own_quota() {
    let service = TestService::with_settings(|settings| settings.restores_per_day = 1);
    let owner = service.register_holder(1);
    let (code, licenses) = service.issue(2, None);
    owner.acquire(&service, &code).unwrap();
    let mut thieves: Vec<TestComputer> = (2..4).map(|n| service.new_computer(n, n)).collect();
    for thief in &mut thieves {
        thief.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    }
    assert_eq!(thieves[0].outcome(&service, &licenses[0]), Outcome::Granted);
    assert_eq!(thieves[1].outcome(&service, &licenses[0]), Outcome::DailyLimit);
    let second = service.new_computer(9, 1);
    second.register(&service, Some(&owner.holder)).unwrap();
    assert_eq!(second.outcome(&service, &licenses[0]), Outcome::Granted);
}

#[test]
fn computer_count_is_limited() {
    let (service, owner, _, _) = service_with_joined_computer();
    for n in 0..7 {
        service.new_computer(50 + n, 50 + n).join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    }
    let mut ninth = service.new_computer(60, 60);
    assert_eq!(problem_code(ninth.join(&service, &owner, &owner.restore_key(0, 9))), ProblemCode::TooManyComputers);
    for n in 0..23 {
        service.new_computer(100 + n, 1).register(&service, None).unwrap();
    }
    assert_eq!(owner.computers(&service).computers.len(), 32);
    assert_eq!(problem_code(service.new_computer(200, 1).register(&service, None)), ProblemCode::TooManyComputers);
    // A repeated registration adds no computer.
    let renamed = TestComputer { name: "Renamed".into(), ..owner.clone() };
    renamed.register(&service, None).unwrap();
    assert_eq!(owner.computers(&service).computers[0].name, "Renamed");
}

#[test]
fn registration_proofs_are_bound() {
    let service = TestService::new();
    let (ann, ben) = (service.register_holder(1), service.new_computer(2, 2));
    let request = request_key();
    // A holder proof for another request, for another computer, or by another key.
    let mut other_request = ben.registration(&request, None);
    other_request.holder_proof = ben.proof("another-request-of-22-or-more");
    let mut other_computer = ben.registration(&request, None);
    other_computer.holder_proof = TestComputer { signing: ann.signing.clone(), ..ben.clone() }.proof(&request);
    let mut other_key = ben.registration(&request, Some(&ann.holder));
    other_key.holder_key = ann.holder_key.public();
    for registration in [other_request, other_computer, other_key] {
        assert_eq!(problem_code(ben.answer(&service, &request, &registration)), ProblemCode::BadSignature);
    }
    // The registered key did not sign the request.
    let mut not_signing = ben.registration(&request, None);
    not_signing.computer_key = ann.signing.public();
    assert_eq!(problem_code(ben.answer(&service, &request, &not_signing)), ProblemCode::BadSignature);
    // The holder belongs to another person, or does not exist.
    assert_eq!(problem_code(ben.register(&service, Some(&ann.holder))), ProblemCode::NotAllowed);
    assert_eq!(problem_code(ben.register(&service, Some("nobody"))), ProblemCode::NotAllowed);
    let unknown = service.new_computer(7, 7);
    assert_eq!(problem_code(unknown.restore(&service, &["x"])), ProblemCode::UnknownComputer);
}

#[test]
fn waiting_operator_release_can_be_refused() {
    let (service, owner, license, _) = service_with_joined_computer();
    let call = admin::OperatorReleaseRequest {
        holder: owner.holder.clone(),
        computer: owner.id(),
        when: admin::ReleaseTiming::Waiting,
    };
    let changed: admin::ChangeAnswer = service.admin("admin/release", &call).unwrap();
    assert_eq!((changed.done, changed.at), (false, START + 3 * DAY));
    owner.call_about(&service, &request_key(), refuse, &owner).unwrap();
    service.clock.advance(4 * DAY);
    assert_eq!(owner.outcome(&service, &license), Outcome::Granted);
    let changed: admin::ChangeAnswer = service.admin("admin/release", &call).unwrap();
    assert!(!changed.done);
    service.clock.advance(4 * DAY);
    assert_eq!(problem_code(owner.restore(&service, &[license])), ProblemCode::UnknownComputer);
}

#[test]
fn revoked_holder_key_returns_unconfirmed() {
    let service = TestService::new();
    let owner = service.register_holder(1);
    let mut laptop = service.new_computer(2, 2);
    laptop.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    owner.call_about(&service, &request_key(), confirm, &laptop).unwrap();
    owner.call_about(&service, &request_key(), release, &laptop).unwrap();
    let mut again = service.new_computer(3, 2);
    assert_eq!(problem_code(again.register(&service, Some(&owner.holder))), ProblemCode::NotAllowed);
    assert!(!again.join(&service, &owner, &owner.restore_key(0, 9)).unwrap().confirmed);
    assert_eq!(
        problem_code(service.new_computer(4, 2).register(&service, Some(&owner.holder))),
        ProblemCode::NotAllowed
    );
    owner.call_about(&service, &request_key(), confirm, &again).unwrap();
    assert!(service.new_computer(4, 2).register(&service, Some(&owner.holder)).unwrap().confirmed);
}

/// A thief joins, restores and releases up to the quota. The owner's refusals have no quota.
#[test]
fn refusing_unconfirmed_computers_has_no_quota() {
    let service = TestService::with_settings(|settings| settings.unconfirmed_restores_per_year = 9);
    let owner = service.register_holder(1);
    let (code, licenses) = service.issue(1, None);
    owner.acquire(&service, &code).unwrap();
    let mut thieves = (20..).map(|n| {
        let mut thief = service.new_computer(n, n);
        thief.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
        thief
    });
    for thief in thieves.by_ref().take(8) {
        assert_eq!(thief.outcome(&service, &licenses[0]), Outcome::Granted);
        thief.call_about(&service, &request_key(), release, &thief).unwrap();
    }
    let ninth = thieves.next().unwrap();
    assert_eq!(ninth.outcome(&service, &licenses[0]), Outcome::Granted);
    owner.call_about(&service, &request_key(), refuse, &ninth).unwrap();
    // The quota limits unconfirmed computers that take a slot in a year. Confirmation lifts it.
    let tenth = thieves.next().unwrap();
    let grant = tenth.restore(&service, &licenses).unwrap();
    assert_eq!((grant.licenses[0].outcome, grant.url.is_some()), (Outcome::Limit, true));
    owner.call_about(&service, &request_key(), confirm, &tenth).unwrap();
    assert_eq!(tenth.outcome(&service, &licenses[0]), Outcome::Granted);
    let last = thieves.next().unwrap();
    service.clock.set(1_798_761_600); // 2027
    assert_eq!(last.outcome(&service, &licenses[0]), Outcome::Granted, "confirmed by time");
}

#[test]
fn dependent_releases_count_restores() {
    let (service, owner, license, _) = service_with_joined_computer();
    let mut granted = 0;
    for round in 0..30_u8 {
        service.clock.advance(DAY);
        let mut idle = service.new_computer(20 + 2 * round, 7);
        idle.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
        let mut user = service.new_computer(21 + 2 * round, 7);
        user.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
        match user.outcome(&service, &license) {
            Outcome::Granted => granted += 1,
            outcome => assert_eq!(outcome, Outcome::Limit),
        }
        owner.call_about(&service, &request_key(), refuse, &idle).unwrap();
        assert_eq!(problem_code(user.restore(&service, &[&license])), ProblemCode::UnknownComputer);
    }
    assert_eq!(granted, 16);
}

#[test]
fn dependent_computers_beyond_quota_stay() {
    let service = TestService::with_settings(|settings| settings.releases_per_year = 2);
    let owner = service.register_holder(1);
    let (code, licenses) = service.issue(1, None);
    owner.acquire(&service, &code).unwrap();
    let mut dependents: Vec<TestComputer> = (10..13).map(|n| service.new_computer(n, 7)).collect();
    for computer in &mut dependents {
        computer.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
        assert_eq!(computer.outcome(&service, &licenses[0]), Outcome::Granted);
    }
    service.clock.advance(7 * DAY);
    owner.computers(&service);
    let mut fresh = service.new_computer(13, 7);
    fresh.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    assert!(
        owner.call_about(&service, &request_key(), refuse, &fresh).is_ok(),
        "an unconfirmed one can always be refused"
    );
    let remaining: Vec<String> = owner.computers(&service).computers.into_iter().map(|c| c.computer).collect();
    assert_eq!(remaining, [owner.id(), dependents[2].id()]);
    assert_eq!(
        problem_code(owner.call_about(&service, &request_key(), release, &dependents[2])),
        ProblemCode::ReleaseLimit
    );
}

#[test]
fn operator_takes_over_waiting_release() {
    let (service, owner, _, thief) = service_with_joined_computer();
    let family = service.new_computer(3, 1);
    family.register(&service, None).unwrap();
    service.clock.advance(7 * DAY);
    owner.computers(&service);
    family.computers(&service);
    let waiting = thief.call_about(&service, &request_key(), release, &owner).unwrap();
    let call = admin::OperatorReleaseRequest {
        holder: owner.holder.clone(),
        computer: owner.id(),
        when: admin::ReleaseTiming::Waiting,
    };
    let changed: admin::ChangeAnswer = service.admin("admin/release", &call).unwrap();
    assert_eq!((changed.done, changed.at), (false, waiting.at));
    family.call_about(&service, &request_key(), release, &thief).unwrap();
    service.clock.advance(3 * DAY);
    let remaining: Vec<String> = family.computers(&service).computers.into_iter().map(|c| c.computer).collect();
    assert_eq!(remaining, [family.id()], "the operator was told it would happen");
}

#[test]
fn actionable_notices_come_first() {
    let service = TestService::with_settings(|settings| settings.joins_per_day = 100);
    let owner = service.register_holder(1);
    let mut thief = service.new_computer(2, 2);
    thief.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    for n in 0..70 {
        service.clock.advance(1);
        let mut distraction = service.new_computer(100 + n, 3);
        distraction.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
        distraction.call_about(&service, &request_key(), release, &distraction).unwrap();
    }
    let notices_of_owner = notices(&service, &owner);
    assert_eq!((notices_of_owner.len(), &notices_of_owner[0]), (64, &(NoticeCode::UnconfirmedComputer, thief.id())));
    assert!(notices_of_owner[1..].iter().all(|notice| notice.0 == NoticeCode::ComputerReleased));
}

#[test]
fn restore_key_joins_count_daily() {
    let service = TestService::with_settings(|settings| settings.joins_per_day = 2);
    let owner = service.register_holder(1);
    for n in 10..12 {
        service.new_computer(n, n).join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    }
    let mut third = service.new_computer(12, 12);
    assert_eq!(problem_code(third.join(&service, &owner, &owner.restore_key(0, 9))), ProblemCode::TooManyComputers);
    service.new_computer(20, 1).register(&service, None).unwrap();
    service.clock.advance(DAY / 2);
    third.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
}

#[test]
fn join_by_timed_holder_key_notifies() {
    let (service, owner, _, thief) = service_with_joined_computer();
    service.clock.advance(40 * DAY);
    let list = |computer: &TestComputer| computer.computers(&service).computers.len();
    assert_eq!((list(&owner), list(&thief)), (2, 2));
    let mut second = service.new_computer(3, 3);
    second.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    service.clock.advance(20 * DAY);
    owner.computers(&service);
    service.clock.advance(20 * DAY);
    assert!(notices(&service, &owner).is_empty(), "no news for 30 days");
    let third = TestComputer { holder: owner.holder.clone(), ..service.new_computer(4, 3) };
    third.register(&service, Some(&owner.holder)).unwrap();
    assert!(notices(&service, &owner).contains(&(NoticeCode::UnconfirmedComputer, third.id())));
}

#[test]
fn released_computer_certifies_no_later_epoch() {
    let service = TestService::new();
    let owner = service.register_holder(1);
    let stolen = service.new_computer(5, 1);
    stolen.register(&service, Some(&owner.holder)).unwrap();
    owner.call_about(&service, &request_key(), withdraw, &stolen).unwrap();
    service.clock.advance(1);
    owner.call_about(&service, &request_key(), release, &stolen).unwrap();
    service.new_computer(8, 8).join(&service, &owner, &stolen.restore_key(1, 3)).unwrap();
    service.clock.advance(1);
    assert_eq!(owner.call_about(&service, &request_key(), withdraw, &stolen).unwrap().epoch, 2);
    for epoch in 0..4 {
        let joined = service.new_computer(9, 9).join(&service, &owner, &stolen.restore_key(epoch, 3));
        assert_eq!(problem_code(joined), ProblemCode::RestoreKeyWithdrawn, "{epoch}");
    }
}

#[test]
fn repeated_registration_keeps_newer_name() {
    let service = TestService::new();
    let mut ann = service.new_computer(1, 1);
    let request = request_key();
    ann.name = "first".into();
    let old = ann.registration(&request, None);
    ann.answer(&service, &request, &old).unwrap();
    ann.name = "second".into();
    ann.register(&service, None).unwrap();
    ann.answer(&service, &request, &old).unwrap();
    assert_eq!(ann.computers(&service).computers[0].name, "second");
}
