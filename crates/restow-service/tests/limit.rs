//! The limit of computers is exact under concurrency, retries, releases, changed limits and a killed process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::result_large_err)]

mod common;

use std::collections::BTreeMap;
use std::sync::Barrier;

use common::{START, TestComputer, TestService, request_key};
use restow::license::KeyUse;
use restow::service::protocol::{Answer, Grant, Outcome, Problem, ProblemCode, ReleaseRequest, admin};

const COMPUTERS: u8 = 32;

fn slots(service: &TestService, license: &str) -> Vec<(i64, String)> {
    let db = rusqlite::Connection::open(service.database()).unwrap();
    let sql = "SELECT slot, computer FROM placements WHERE license = ?1 AND slot IS NOT NULL ORDER BY slot";
    let mut select = db.prepare(sql).unwrap();
    select.query_map([license], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

fn count(service: &TestService, table: &str) -> i64 {
    let db = rusqlite::Connection::open(service.database()).unwrap();
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// Registers 32 computers of one holder. A 33rd computer acquired the license and was released.
fn register_computers(service: &TestService) -> (Vec<TestComputer>, String) {
    let buyer = service.register_holder(200);
    let (code, licenses) = service.issue(1, None);
    buyer.acquire(service, &code).unwrap();
    let released = admin::OperatorReleaseRequest {
        holder: buyer.holder.clone(),
        computer: buyer.id(),
        when: admin::ReleaseTiming::Now,
    };
    let computers: Vec<TestComputer> = (1..COMPUTERS)
        .map(|n| {
            let computer = service.new_computer(n, 200);
            computer.register(service, Some(&buyer.holder)).unwrap();
            computer
        })
        .collect();
    let _: admin::ChangeAnswer = service.admin("admin/release", &released).unwrap();
    let last = service.new_computer(COMPUTERS, 200);
    last.register(service, Some(&buyer.holder)).unwrap();
    (computers.into_iter().chain([last]).collect(), licenses[0].clone())
}

/// Restores on all computers at the same moment: two connections each, two requests each, one idempotency key.
fn restore_concurrently(service: &TestService, computers: &[TestComputer], license: &str) -> BTreeMap<String, Outcome> {
    let start = Barrier::new(computers.len() * 2);
    let mut seen = BTreeMap::new();
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for computer in computers {
            let (request, call) = (request_key(), computer.restore_call(&request_key(), &[license]));
            for _ in 0..2 {
                let (start, request, call) = (&start, request.clone(), call.clone());
                // Each thread uses its own connection.
                let computer = TestComputer { agent: common::agent(), ..computer.clone() };
                threads.push(scope.spawn(move || {
                    start.wait();
                    [(); 2].map(|()| {
                        let grant = computer.answer(service, &request, &call).unwrap().body;
                        (computer.id(), grant.licenses[0].outcome)
                    })
                }));
            }
        }
        for thread in threads {
            for (computer, outcome) in thread.join().unwrap() {
                assert_eq!(*seen.entry(computer).or_insert(outcome), outcome, "all answers to one computer agree");
            }
        }
    });
    seen
}

#[test]
fn concurrent_restores_respect_limit() {
    let service = TestService::with_settings(|settings| settings.restores_per_day = 1000);
    let (computers, license) = register_computers(&service);
    let runs = count(&service, "daily");
    let outcomes = restore_concurrently(&service, &computers, &license);
    let granted: Vec<&String> = outcomes.iter().filter(|o| *o.1 == Outcome::Granted).map(|o| o.0).collect();
    assert_eq!(granted.len(), 4);
    assert!(outcomes.values().all(|outcome| matches!(outcome, Outcome::Granted | Outcome::Limit)));
    assert_eq!(slots(&service, &license).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(count(&service, "daily") - runs, 4, "retries count nothing");
    // One release admits exactly one more computer.
    let computer = |id: &str| computers.iter().find(|computer| computer.id() == id).unwrap();
    let released = computer(granted[0]);
    released
        .call_about(&service, &request_key(), |holder, computer| ReleaseRequest { holder, computer }, released)
        .unwrap();
    let rest: Vec<TestComputer> = computers.iter().filter(|computer| computer.id() != released.id()).cloned().collect();
    let outcomes = restore_concurrently(&service, &rest, &license);
    assert_eq!(outcomes.values().filter(|outcome| **outcome == Outcome::Granted).count(), 4);
    assert_eq!(slots(&service, &license).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(count(&service, "daily") - runs, 5);
}

#[test]
fn lowered_limit_keeps_placements() {
    let service = TestService::with_settings(|settings| settings.restores_per_day = 1000);
    let (computers, license) = register_computers(&service);
    for computer in &computers[..4] {
        assert_eq!(computer.outcome(&service, &license), Outcome::Granted);
    }
    service.limit(&license, 2);
    for computer in &computers[..4] {
        assert_eq!(computer.outcome(&service, &license), Outcome::Granted);
    }
    let release = |computer: &TestComputer| {
        computer
            .call_about(&service, &request_key(), |holder, computer| ReleaseRequest { holder, computer }, computer)
            .unwrap();
    };
    release(&computers[0]);
    assert_eq!(computers[4].outcome(&service, &license), Outcome::Limit);
    release(&computers[1]);
    assert_eq!(computers[4].outcome(&service, &license), Outcome::Limit);
    release(&computers[2]);
    assert_eq!(computers[4].outcome(&service, &license), Outcome::Granted);
    assert_eq!(computers[5].outcome(&service, &license), Outcome::Limit);
    service.limit(&license, 0);
    assert_eq!(computers[4].outcome(&service, &license), Outcome::Granted);
    service.limit(&license, 3);
    assert_eq!(computers[5].outcome(&service, &license), Outcome::Granted);
}

/// Runs an action for all computers at the same moment, each over its own connection.
fn run_concurrently<R: Send>(computers: &[TestComputer], action: impl Fn(TestComputer) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(computers.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = computers
            .iter()
            .map(|computer| {
                let (start, action) = (&start, &action);
                let computer = TestComputer { agent: common::agent(), ..computer.clone() };
                scope.spawn(move || {
                    start.wait();
                    action(computer)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Checks the number of successes. All other results must have this problem code.
fn assert_success_count<T>(results: Vec<Result<T, Problem>>, succeed: usize, code: ProblemCode) {
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), succeed);
    assert!(bad.into_iter().filter_map(Result::err).all(|problem| problem.code() == Some(code)));
}

#[test]
fn concurrent_quotas_are_exact() {
    let service = TestService::with_settings(|settings| {
        settings.restores_per_day = 6;
        settings.releases_per_year = 3;
        settings.joins_per_day = 10;
        settings.unconfirmed_restores_per_year = 5;
    });
    let (computers, license) = register_computers(&service);
    service.limit(&license, 1000);
    let outcomes = run_concurrently(&computers, |computer| computer.outcome(&service, &license));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Granted).count(), 6);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::DailyLimit).count(), computers.len() - 6);
    assert_eq!(slots(&service, &license).len(), 6);

    // Three of the computers with the license can release themselves. The other releases do not count.
    let held = slots(&service, &license);
    let (holding, idle): (Vec<TestComputer>, Vec<TestComputer>) =
        computers.iter().cloned().partition(|computer| held.iter().any(|slot| slot.1 == computer.id()));
    let release = |computer: TestComputer| {
        computer.call_about(
            &service,
            &request_key(),
            |holder, computer| ReleaseRequest { holder, computer },
            &computer.clone(),
        )
    };
    assert_success_count(run_concurrently(&holding, release), 3, ProblemCode::ReleaseLimit);
    assert_eq!(slots(&service, &license).iter().map(|slot| slot.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_success_count(run_concurrently(&idle, release), idle.len(), ProblemCode::ReleaseLimit);

    // Three computers remain, so 29 more may join: eight by restore keys, at most ten per day.
    let owner =
        holding.iter().find(|computer| slots(&service, &license).iter().any(|slot| slot.1 == computer.id())).unwrap();
    let owner = TestComputer { holder: computers[0].holder.clone(), ..owner.clone() };
    let join = |mut computer: TestComputer| computer.join(&service, &owner, &owner.restore_key(0, 9)).map(|_| computer);
    let new_computers = |from: u8, number: u8| -> Vec<TestComputer> {
        (from..from + number).map(|n| service.new_computer(n, n)).collect()
    };
    let joined = run_concurrently(&new_computers(40, 12), join);
    let unconfirmed: Vec<TestComputer> = joined.iter().flatten().cloned().collect();
    assert_success_count(joined, 8, ProblemCode::TooManyComputers);
    let outcomes = run_concurrently(&unconfirmed, |computer| computer.outcome(&service, &license));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Granted).count(), 5);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Limit).count(), 3);
    for computer in &unconfirmed {
        let refuse = |holder, computer| restow::service::protocol::RefuseRequest { holder, computer };
        owner.call_about(&service, &request_key(), refuse, computer).unwrap();
    }
    assert_success_count(run_concurrently(&new_computers(60, 5), join), 2, ProblemCode::TooManyComputers);
    let more: Vec<TestComputer> = (100..140).map(|n| service.new_computer(n, 200)).collect();
    let registered = run_concurrently(&more, |computer| computer.register(&service, Some(&owner.holder)));
    assert_success_count(registered, 32 - 3 - 2, ProblemCode::TooManyComputers);
}

#[test]
fn concurrent_redemption_grants_one_holder() {
    let service = TestService::new();
    let people: Vec<TestComputer> = (1..17).map(|n| service.register_holder(n)).collect();
    for _ in 0..8 {
        let (code, licenses) = service.issue(2, None);
        assert_success_count(
            run_concurrently(&people, |register_holder| register_holder.acquire(&service, &code)),
            1,
            ProblemCode::LinkUsed,
        );
        assert!(licenses.iter().all(|license| slots(&service, license).len() == 1));
    }
}

/// Deterministic random number generator.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Threads restore, release and register again while the limit changes between rounds. New placements stay within the
/// limit, and slots have no gaps.
#[test]
fn random_operations_keep_slots_dense() {
    for seed in 1..=4_u64 {
        let service = TestService::with_settings(|settings| {
            settings.restores_per_day = 100_000;
            settings.releases_per_year = 100_000;
        });
        let (computers, license) = register_computers(&service);
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (seed << 32));
        let mut alive: Vec<TestComputer> = computers;
        let mut incarnation = 0_u8;
        for round in 0..12 {
            let before = slots(&service, &license);
            let limit = u32::try_from(random.below(7)).unwrap();
            service.limit(&license, limit);
            // Two thirds restore. The others release themselves or another computer.
            let mut plan = Vec::new();
            let mut released = Vec::new();
            for at in 0..8 {
                let at = usize::try_from(random.below(alive.len() as u64 / 8)).unwrap() + at * (alive.len() / 8);
                // A releasing computer does nothing else: the plan contains one of each group of four.
                let by = match random.below(6) {
                    0 if released.len() < 3 => Some(at),
                    1 if released.len() < 3 => Some(at / 4 * 4 + (at + 1) % 4),
                    _ => None,
                };
                if by.is_some() {
                    released.push(at);
                }
                plan.push((alive[at].clone(), by.map(|by| alive[by].clone())));
            }
            let start = Barrier::new(plan.len());
            std::thread::scope(|scope| {
                for (computer, releaser) in &plan {
                    let (start, service, license) = (&start, &service, &license);
                    scope.spawn(move || {
                        let computer = TestComputer { agent: common::agent(), ..computer.clone() };
                        start.wait();
                        if let Some(by) = releaser {
                            let by = TestComputer { agent: common::agent(), ..by.clone() };
                            by.call_about(
                                service,
                                &request_key(),
                                |holder, computer| ReleaseRequest { holder, computer },
                                &computer,
                            )
                            .unwrap();
                        } else {
                            computer.outcome(service, license);
                        }
                    });
                }
            });
            let after = slots(&service, &license);
            let numbers: Vec<i64> = after.iter().map(|row| row.0).collect();
            assert_eq!(numbers, (1..=i64::try_from(after.len()).unwrap()).collect::<Vec<_>>(), "seed {seed} {round}");
            let new = after.iter().filter(|row| !before.iter().any(|old| old.1 == row.1)).count();
            assert!(new == 0 || after.len() <= usize::try_from(limit).unwrap(), "seed {seed}, round {round}: {limit}");
            for at in released.into_iter().rev() {
                assert!(!after.iter().any(|row| row.1 == alive[at].id()));
                incarnation += 1;
                let computer = TestComputer::new(&service, "again", [incarnation; 32].map(|b| b ^ 0x80), [200; 32]);
                computer.register(&service, None).unwrap();
                alive[at] = computer;
            }
        }
    }
}

const CHILD_FOLDER: &str = "RESTOW_SERVICE_TEST_CHILD";

/// Server process for the tests that kill it. It does nothing in a normal test run.
#[test]
fn server_process() {
    let Ok(folder) = std::env::var(CHILD_FOLDER) else { return };
    let folder = std::path::Path::new(&folder);
    let settings = restow_service::Settings {
        listen: "127.0.0.1:0".parse().ok(),
        restores_per_day: 1000,
        ..restow_service::Settings::default()
    };
    let clock = std::sync::Arc::new(restow::ManualClock::at(common::START));
    let running = restow_service::Service::open(folder, settings, clock).unwrap().serve().unwrap();
    println!("\nlistening {}", running.local_addr());
    running.wait();
}

/// Starts a service in its own process and stores its address.
fn spawn(service: &mut TestService, command: &mut std::process::Command) -> std::process::Child {
    use std::io::BufRead as _;
    let command = command.args(["--exact", "server_process", "--nocapture"]).env(CHILD_FOLDER, service.folder.path());
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("listening ").map(str::to_owned));
    service.address = address.unwrap().parse().unwrap();
    child
}

/// Placements answered before a kill signal are present after it.
#[test]
fn killed_service_keeps_answered_placements() {
    let mut service = TestService::with_settings(|settings| settings.restores_per_day = 1000);
    let buyer = service.register_holder(200);
    let (code, licenses) = service.issue(60, Some(1000));
    buyer.acquire(&service, &code).unwrap();
    let mut answered = Vec::new();
    for round in 0..3_u8 {
        let computers: Vec<TestComputer> = (0..8).map(|n| service.new_computer(1 + 8 * round + n, 200)).collect();
        for computer in &computers {
            computer.register(&service, None).unwrap();
        }
        service.stop();
        let mut child = spawn(&mut service, &mut std::process::Command::new(std::env::current_exe().unwrap()));
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for computer in &computers {
                let (service, licenses, sender) = (&service, &licenses, sender.clone());
                scope.spawn(move || {
                    let run = request_key();
                    for license in licenses {
                        let (request, call) = (request_key(), computer.restore_call(&run, &[license]));
                        let body = serde_json::to_vec(&call).unwrap();
                        match computer.try_send_at(service, &computer.issuer, START, &request, "restore", &body) {
                            Ok(reply) => sender.send((computer.id(), license.clone(), reply)).unwrap(),
                            Err(_) => return,
                        }
                    }
                });
            }
            drop(sender);
            answered.extend(receiver.iter().take(40 + 30 * usize::from(round)));
            child.kill().unwrap();
            answered.extend(receiver.iter());
        });
        child.wait().unwrap();
        service.start();
        let mut held = BTreeMap::new();
        for license in &licenses {
            let slots = slots(&service, license);
            let numbers: Vec<i64> = slots.iter().map(|slot| slot.0).collect();
            assert_eq!(numbers, (1..=i64::try_from(slots.len()).unwrap()).collect::<Vec<_>>());
            held.insert(license.clone(), slots);
        }
        let key_set = service.key_set();
        for (computer, license, reply) in &answered {
            let answer: Answer<Grant> =
                key_set.verify_statement(&reply.text, KeyUse::Service, |answer: &Answer<Grant>| answer.time).unwrap();
            assert_eq!(answer.body.licenses[0].outcome, Outcome::Granted);
            assert!(held[license].iter().any(|slot| slot.1 == *computer));
        }
        assert!(answered.len() < (usize::from(round) + 1) * 480, "it was killed in the middle");
    }
}

/// The reader of the log is gone while the service has lines to write.
#[cfg(unix)]
#[test]
fn closed_log_keeps_service_running() {
    use std::io::BufRead as _;
    let mut service = TestService::new();
    service.stop();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -n 40; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let mut child = spawn(&mut service, command.stderr(std::process::Stdio::piped()));
    let many: Vec<_> = (0..60).map(|_| std::net::TcpStream::connect(service.address).unwrap()).collect();
    // The service has no free file descriptors and logs an error every 50 ms.
    let mut log = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("accepting a connection") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the log ended");
    }
    drop(log);
    let waiting = std::net::TcpStream::connect(service.address).unwrap();
    drop(many);
    // The service is busy until it noticed the closed connections.
    while service.get("health").status != 200 {}
    drop(waiting);
    child.kill().unwrap();
    child.wait().unwrap();
}
