//! The limit of computers is exact: under concurrency, retries, releases, changes of the limit, and a killed process.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use std::collections::BTreeMap;
use std::sync::Barrier;

use common::{Device, Shop, key};
use restow::service::protocol::{Outcome, Release, admin};

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
                let release = random.below(3) == 0 && gone.len() < 3;
                if release {
                    gone.push(at);
                }
                plan.push((alive[at].clone(), release));
            }
            let start = Barrier::new(plan.len());
            std::thread::scope(|scope| {
                for (device, release) in &plan {
                    let (start, shop, license) = (&start, &shop, &license);
                    scope.spawn(move || {
                        let device = Device { agent: common::agent(), ..device.clone() };
                        start.wait();
                        if *release {
                            device
                                .about(shop, &key(), |holder, computer| Release { holder, computer }, &device)
                                .unwrap();
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
        listen: "127.0.0.1:0".parse().unwrap(),
        restores_per_day: 1000,
        ..restow_service::Settings::default()
    };
    let clock = std::sync::Arc::new(restow::ManualClock::at(common::START));
    let running = restow_service::Service::open(folder, settings, clock).unwrap().serve().unwrap();
    println!("\nlistening {}", running.local_addr());
    running.wait();
}

/// What was answered before a kill -9 is there after it.
#[test]
fn nothing_answered_is_lost_by_a_kill() {
    use std::io::BufRead as _;
    let mut shop = Shop::with(|settings| settings.restores_per_day = 1000);
    let (devices, license) = family(&shop);
    let license = &license;
    shop.limit(license, 1000);
    for round in 0..3 {
        shop.stop();
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "child", "--nocapture"])
            .env(CHILD, shop.folder.path())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("listening ").map(str::to_owned));
        shop.address = address.unwrap().parse().unwrap();
        let batch = &devices[round * 8..round * 8 + 8];
        let placed: Vec<String> = std::thread::scope(|scope| {
            let asking: Vec<_> = batch
                .iter()
                .map(|device| {
                    let shop = &shop;
                    scope.spawn(move || {
                        assert_eq!(device.outcome(shop, license), Outcome::Granted);
                        device.id()
                    })
                })
                .collect();
            asking.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        child.kill().unwrap();
        child.wait().unwrap();
        shop.start();
        let slots = slots(&shop, license);
        assert!(placed.iter().all(|computer| slots.iter().any(|slot| slot.1 == *computer)));
        assert_eq!(slots.len(), (round + 1) * 8);
    }
}

/// The log goes where nobody reads any more, and there is something to say.
#[cfg(unix)]
#[test]
fn a_log_that_nobody_reads_does_not_end_serving() {
    use std::io::BufRead as _;
    let mut shop = Shop::open();
    shop.stop();
    let mut child = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 40; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(CHILD, shop.folder.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.map(Result::unwrap).find_map(|line| line.strip_prefix("listening ").map(str::to_owned));
    shop.address = address.unwrap().parse().unwrap();
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
