//! The limit of computers is exact: under concurrency, retries, releases, changes of the limit, and a killed process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::result_large_err)]

mod common;

use std::collections::BTreeMap;
use std::sync::Barrier;

use common::{Device, START, Shop, key};
use restow::license::KeyUse;
use restow::service::protocol::{Answer, Grant, Outcome, Problem, ProblemCode, Release, admin};

const COMPUTERS: u8 = 32;

fn slots(shop: &Shop, license: &str) -> Vec<(i64, String)> {
    let db = rusqlite::Connection::open(shop.database()).unwrap();
    let sql = "SELECT slot, computer FROM placements WHERE license = ?1 AND slot IS NOT NULL ORDER BY slot";
    let mut select = db.prepare(sql).unwrap();
    select.query_map([license], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

fn count(shop: &Shop, table: &str) -> i64 {
    let db = rusqlite::Connection::open(shop.database()).unwrap();
    db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

/// 32 computers of one person; the license was acquired by none of them but by a 33rd, gone since.
fn family(shop: &Shop) -> (Vec<Device>, String) {
    let buyer = shop.person(200);
    let (code, licenses) = shop.issue(1, None);
    buyer.acquire(shop, &code).unwrap();
    let gone = admin::Release { holder: buyer.holder.clone(), computer: buyer.id(), when: admin::ReleaseWhen::Now };
    let devices: Vec<Device> = (1..COMPUTERS)
        .map(|n| {
            let device = shop.device(n, 200);
            device.register(shop, Some(&buyer.holder)).unwrap();
            device
        })
        .collect();
    let _: admin::Changed = shop.admin("admin/release", &gone).unwrap();
    let last = shop.device(COMPUTERS, 200);
    last.register(shop, Some(&buyer.holder)).unwrap();
    (devices.into_iter().chain([last]).collect(), licenses[0].clone())
}

/// All ask at the same moment, each through two connections, twice, under one idempotency key.
fn storm(shop: &Shop, devices: &[Device], license: &str) -> BTreeMap<String, Outcome> {
    let start = Barrier::new(devices.len() * 2);
    let mut seen = BTreeMap::new();
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        for device in devices {
            let (request, call) = (key(), device.restore_call(&key(), &[license]));
            for _ in 0..2 {
                let (start, request, call) = (&start, request.clone(), call.clone());
                // A connection of its own.
                let device = Device { agent: common::agent(), ..device.clone() };
                threads.push(scope.spawn(move || {
                    start.wait();
                    [(); 2].map(|()| {
                        let grant = device.answer(shop, &request, &call).unwrap().body;
                        (device.id(), grant.licenses[0].outcome)
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
fn four_of_thirty_two() {
    let shop = Shop::with(|settings| settings.restores_per_day = 1000);
    let (devices, license) = family(&shop);
    let runs = count(&shop, "daily");
    let outcomes = storm(&shop, &devices, &license);
    let granted: Vec<&String> = outcomes.iter().filter(|o| *o.1 == Outcome::Granted).map(|o| o.0).collect();
    assert_eq!(granted.len(), 4);
    assert!(outcomes.values().all(|outcome| matches!(outcome, Outcome::Granted | Outcome::Limit)));
    assert_eq!(slots(&shop, &license).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(count(&shop, "daily") - runs, 4, "retries count nothing");
    // One goes, one more comes, and only one.
    let device = |id: &str| devices.iter().find(|device| device.id() == id).unwrap();
    let gone = device(granted[0]);
    gone.about(&shop, &key(), |holder, computer| Release { holder, computer }, gone).unwrap();
    let rest: Vec<Device> = devices.iter().filter(|device| device.id() != gone.id()).cloned().collect();
    let outcomes = storm(&shop, &rest, &license);
    assert_eq!(outcomes.values().filter(|outcome| **outcome == Outcome::Granted).count(), 4);
    assert_eq!(slots(&shop, &license).iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert_eq!(count(&shop, "daily") - runs, 5);
}

#[test]
fn a_lowered_limit_evicts_nobody_and_admits_nobody() {
    let shop = Shop::with(|settings| settings.restores_per_day = 1000);
    let (devices, license) = family(&shop);
    for device in &devices[..4] {
        assert_eq!(device.outcome(&shop, &license), Outcome::Granted);
    }
    shop.limit(&license, 2);
    for device in &devices[..4] {
        assert_eq!(device.outcome(&shop, &license), Outcome::Granted);
    }
    let release = |device: &Device| {
        device.about(&shop, &key(), |holder, computer| Release { holder, computer }, device).unwrap();
    };
    release(&devices[0]);
    assert_eq!(devices[4].outcome(&shop, &license), Outcome::Limit);
    release(&devices[1]);
    assert_eq!(devices[4].outcome(&shop, &license), Outcome::Limit);
    release(&devices[2]);
    assert_eq!(devices[4].outcome(&shop, &license), Outcome::Granted);
    assert_eq!(devices[5].outcome(&shop, &license), Outcome::Limit);
    shop.limit(&license, 0);
    assert_eq!(devices[4].outcome(&shop, &license), Outcome::Granted);
    shop.limit(&license, 3);
    assert_eq!(devices[5].outcome(&shop, &license), Outcome::Granted);
}

/// What comes of it when all do the same at the same moment, each through its own connection.
fn at_once<R: Send>(devices: &[Device], act: impl Fn(Device) -> R + Sync) -> Vec<R> {
    let start = Barrier::new(devices.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = devices
            .iter()
            .map(|device| {
                let (start, act) = (&start, &act);
                let device = Device { agent: common::agent(), ..device.clone() };
                scope.spawn(move || {
                    start.wait();
                    act(device)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// So many succeed; all others are refused with this code.
fn assert_some<T>(results: Vec<Result<T, Problem>>, succeed: usize, code: ProblemCode) {
    let (good, bad): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!(good.len(), succeed);
    assert!(bad.into_iter().filter_map(Result::err).all(|problem| problem.code() == Some(code)));
}

#[test]
fn the_day_the_year_and_the_caps_are_exact_too() {
    let shop = Shop::with(|settings| {
        settings.restores_per_day = 6;
        settings.releases_per_year = 3;
        settings.joins_per_day = 10;
        settings.unconfirmed_restores_per_year = 5;
    });
    let (devices, license) = family(&shop);
    shop.limit(&license, 1000);
    let outcomes = at_once(&devices, |device| device.outcome(&shop, &license));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Granted).count(), 6);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::DailyLimit).count(), devices.len() - 6);
    assert_eq!(slots(&shop, &license).len(), 6);

    // Those that hold it release themselves: three of them may. The others hold nothing, so theirs count nothing.
    let held = slots(&shop, &license);
    let (holding, idle): (Vec<Device>, Vec<Device>) =
        devices.iter().cloned().partition(|device| held.iter().any(|slot| slot.1 == device.id()));
    let release =
        |device: Device| device.about(&shop, &key(), |holder, computer| Release { holder, computer }, &device.clone());
    assert_some(at_once(&holding, release), 3, ProblemCode::ReleaseLimit);
    assert_eq!(slots(&shop, &license).iter().map(|slot| slot.0).collect::<Vec<_>>(), [1, 2, 3]);
    assert_some(at_once(&idle, release), idle.len(), ProblemCode::ReleaseLimit);

    // Three are left, so 29 more may come; eight of these by restore keys, and ten a day.
    let owner = holding.iter().find(|device| slots(&shop, &license).iter().any(|slot| slot.1 == device.id())).unwrap();
    let owner = Device { holder: devices[0].holder.clone(), ..owner.clone() };
    let join = |mut device: Device| device.join(&shop, &owner, &owner.restore_key(0, 9)).map(|_| device);
    let come = |from: u8, number: u8| -> Vec<Device> { (from..from + number).map(|n| shop.device(n, n)).collect() };
    let joined = at_once(&come(40, 12), join);
    let unconfirmed: Vec<Device> = joined.iter().flatten().cloned().collect();
    assert_some(joined, 8, ProblemCode::TooManyComputers);
    let outcomes = at_once(&unconfirmed, |device| device.outcome(&shop, &license));
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Granted).count(), 5);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Limit).count(), 3);
    for device in &unconfirmed {
        let refuse = |holder, computer| restow::service::protocol::Refuse { holder, computer };
        owner.about(&shop, &key(), refuse, device).unwrap();
    }
    assert_some(at_once(&come(60, 5), join), 2, ProblemCode::TooManyComputers);
    let more: Vec<Device> = (100..140).map(|n| shop.device(n, 200)).collect();
    let registered = at_once(&more, |device| device.register(&shop, Some(&owner.holder)));
    assert_some(registered, 32 - 3 - 2, ProblemCode::TooManyComputers);
}

#[test]
fn of_many_people_one_gets_the_link() {
    let shop = Shop::open();
    let people: Vec<Device> = (1..17).map(|n| shop.person(n)).collect();
    for _ in 0..8 {
        let (code, licenses) = shop.issue(2, None);
        assert_some(at_once(&people, |person| person.acquire(&shop, &code)), 1, ProblemCode::LinkUsed);
        assert!(licenses.iter().all(|license| slots(&shop, license).len() == 1));
    }
}

/// A small generator, the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Threads restore, release and come back, while the limit goes up and down between the rounds: whoever is placed anew
/// is placed below the limit, and slots have no holes.
#[test]
fn restores_releases_and_limits_in_any_order() {
    for seed in 1..=4_u64 {
        let shop = Shop::with(|settings| {
            settings.restores_per_day = 100_000;
            settings.releases_per_year = 100_000;
        });
        let (devices, license) = family(&shop);
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (seed << 32));
        let mut alive: Vec<Device> = devices;
        let mut incarnation = 0_u8;
        for round in 0..12 {
            let before = slots(&shop, &license);
            let limit = u32::try_from(random.below(7)).unwrap();
            shop.limit(&license, limit);
            // Two thirds restore, some release themselves or another, at the same time.
            let mut plan = Vec::new();
            let mut gone = Vec::new();
            for at in 0..8 {
                let at = usize::try_from(random.below(alive.len() as u64 / 8)).unwrap() + at * (alive.len() / 8);
                // Who releases another does nothing else: of each group of four one is in the plan.
                let by = match random.below(6) {
                    0 if gone.len() < 3 => Some(at),
                    1 if gone.len() < 3 => Some(at / 4 * 4 + (at + 1) % 4),
                    _ => None,
                };
                if by.is_some() {
                    gone.push(at);
                }
                plan.push((alive[at].clone(), by.map(|by| alive[by].clone())));
            }
            let start = Barrier::new(plan.len());
            std::thread::scope(|scope| {
                for (device, releaser) in &plan {
                    let (start, shop, license) = (&start, &shop, &license);
                    scope.spawn(move || {
                        let device = Device { agent: common::agent(), ..device.clone() };
                        start.wait();
                        if let Some(by) = releaser {
                            let by = Device { agent: common::agent(), ..by.clone() };
                            by.about(shop, &key(), |holder, computer| Release { holder, computer }, &device).unwrap();
                        } else {
                            device.outcome(shop, license);
                        }
                    });
                }
            });
            let after = slots(&shop, &license);
            let numbers: Vec<i64> = after.iter().map(|row| row.0).collect();
            assert_eq!(numbers, (1..=i64::try_from(after.len()).unwrap()).collect::<Vec<_>>(), "seed {seed} {round}");
            let new = after.iter().filter(|row| !before.iter().any(|old| old.1 == row.1)).count();
            assert!(new == 0 || after.len() <= usize::try_from(limit).unwrap(), "seed {seed}, round {round}: {limit}");
            for at in gone.into_iter().rev() {
                assert!(!after.iter().any(|row| row.1 == alive[at].id()));
                incarnation += 1;
                let device = Device::new(&shop, "again", [incarnation; 32].map(|b| b ^ 0x80), [200; 32]);
                device.register(&shop, None).unwrap();
                alive[at] = device;
            }
        }
    }
}

const CHILD: &str = "RESTOW_SERVICE_TEST_CHILD";

/// Not a test by itself: the process that is killed.
#[test]
fn child() {
    let Ok(folder) = std::env::var(CHILD) else { return };
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

/// A service in a process of its own, and where it listens.
fn spawn(shop: &mut Shop, command: &mut std::process::Command) -> std::process::Child {
    use std::io::BufRead as _;
    let command = command.args(["--exact", "child", "--nocapture"]).env(CHILD, shop.folder.path());
    let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("listening ").map(str::to_owned));
    shop.address = address.unwrap().parse().unwrap();
    child
}

/// What was answered before a kill -9 in the middle of it is there after it.
#[test]
fn nothing_answered_is_lost_by_a_kill() {
    let mut shop = Shop::with(|settings| settings.restores_per_day = 1000);
    let buyer = shop.person(200);
    let (code, licenses) = shop.issue(60, Some(1000));
    buyer.acquire(&shop, &code).unwrap();
    let mut answered = Vec::new();
    for round in 0..3_u8 {
        let devices: Vec<Device> = (0..8).map(|n| shop.device(1 + 8 * round + n, 200)).collect();
        for device in &devices {
            device.register(&shop, None).unwrap();
        }
        shop.stop();
        let mut child = spawn(&mut shop, &mut std::process::Command::new(std::env::current_exe().unwrap()));
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            for device in &devices {
                let (shop, licenses, tell) = (&shop, &licenses, tell.clone());
                scope.spawn(move || {
                    let run = key();
                    for license in licenses {
                        let (request, call) = (key(), device.restore_call(&run, &[license]));
                        let body = serde_json::to_vec(&call).unwrap();
                        match device.try_send_at(shop, &device.issuer, START, &request, "restore", &body) {
                            Ok(reply) => tell.send((device.id(), license.clone(), reply)).unwrap(),
                            Err(_) => return,
                        }
                    }
                });
            }
            drop(tell);
            answered.extend(told.iter().take(40 + 30 * usize::from(round)));
            child.kill().unwrap();
            answered.extend(told.iter());
        });
        child.wait().unwrap();
        shop.start();
        let mut held = BTreeMap::new();
        for license in &licenses {
            let slots = slots(&shop, license);
            let numbers: Vec<i64> = slots.iter().map(|slot| slot.0).collect();
            assert_eq!(numbers, (1..=i64::try_from(slots.len()).unwrap()).collect::<Vec<_>>());
            held.insert(license.clone(), slots);
        }
        let key_set = shop.key_set();
        for (computer, license, reply) in &answered {
            let answer: Answer<Grant> =
                key_set.verify_statement(&reply.text, KeyUse::Service, |answer: &Answer<Grant>| answer.time).unwrap();
            assert_eq!(answer.body.licenses[0].outcome, Outcome::Granted);
            assert!(held[license].iter().any(|slot| slot.1 == *computer));
        }
        assert!(answered.len() < (usize::from(round) + 1) * 480, "it was killed in the middle");
    }
}

/// The log goes where nobody reads any more, and there is something to say.
#[cfg(unix)]
#[test]
fn a_log_that_nobody_reads_does_not_end_serving() {
    use std::io::BufRead as _;
    let mut shop = Shop::open();
    shop.stop();
    let mut command = std::process::Command::new("sh");
    command.args(["-c", "ulimit -n 40; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    let mut child = spawn(&mut shop, command.stderr(std::process::Stdio::piped()));
    let many: Vec<_> = (0..60).map(|_| std::net::TcpStream::connect(shop.address).unwrap()).collect();
    // It has run out of files and says so; from now on it says so to nobody, every 50 ms.
    let mut log = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("accepting a connection") {
        line.clear();
        assert!(log.read_line(&mut line).unwrap() > 0, "the log ended");
    }
    drop(log);
    let waiting = std::net::TcpStream::connect(shop.address).unwrap();
    drop(many);
    assert_eq!(shop.get("health").status, 200);
    drop(waiting);
    child.kill().unwrap();
    child.wait().unwrap();
}
