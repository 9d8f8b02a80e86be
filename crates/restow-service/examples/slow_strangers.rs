//! Measures a service while slow strangers attack it. `scripts/slow-strangers` runs this program.
//!
//! `slow_strangers [SECONDS [STRANGERS]]` measures four kinds of work without strangers, then for SECONDS with each kind
//! of strangers. It exits with 1 if a rate falls below half, or if the memory of the service exceeds 128 MiB.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a measurement, not a program"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use common::{START, TestComputer, TestService, request_key, terms};
use restow::ManualClock;
use restow::service::protocol::BASE;
use restow_core::protocol::signature::SignedRequest;
use restow_service::{Service, Settings, prepare_process};
use serde_json::json;

/// Least ratio of a rate with strangers to the rate without.
const MIN_RATIO: f64 = 0.5;
/// Maximum memory of the service, in KiB.
const MAX_MEMORY_KIB: u64 = 128 << 10;
/// Time for which one kind of work is measured without a break.
const SLICE: Duration = Duration::from_secs(5);
/// Bytes that a slow stranger sends or reads every 100 ms: 70 KB/s.
const SLOW_BYTES: usize = 7_000;
const PAUSE: Duration = Duration::from_millis(100);

/// Kind of strangers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Strangers {
    /// Unregistered keys with well-formed heads, and bodies of 16 MB at 70 KB/s.
    Unregistered,
    /// Registered computers of holders without licenses, with the same bodies.
    Registered,
    /// Registered computers that read answers of 3 MB at 70 KB/s.
    Readers,
}

/// One kind of work: requests of several computers, each built when it is sent.
struct Work {
    name: &'static str,
    builders: Vec<Box<dyn Fn() -> Vec<u8> + Send + Sync>>,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, folder] = arguments.as_slice()
        && first == "serve"
    {
        return serve(folder);
    }
    let seconds = arguments.first().map_or(120, |text| text.parse().unwrap());
    let strangers = arguments.get(1).map_or(64, |text| text.parse().unwrap());

    let mut service = TestService::with_settings(|settings| settings.restores_per_day = 1_000_000);
    let works = prepare(&service);
    let registered: Vec<TestComputer> = (0..strangers)
        .map(|number: u8| {
            let computer = service.new_computer(100 + number, 100 + number);
            computer.register(&service, None).unwrap();
            computer
        })
        .collect();
    service.stop();
    let mut child = ServiceProcess::start(&mut service);
    let service = Arc::new(service);

    let quiet = measure(service.address, &works, Duration::from_secs(seconds / 2));
    let mut passed = true;
    println!("{:<34} {:>10} {:>10} {:>7} {:>6}", "requests a second", "quiet", "attacked", "ratio", "busy");
    for kind in [Strangers::Unregistered, Strangers::Registered, Strangers::Readers] {
        let stop = Arc::new(AtomicBool::new(false));
        let refused = Arc::new(AtomicU64::new(0));
        let attackers: Vec<_> = (0..strangers)
            .map(|number| {
                let (service, stop, refused) = (Arc::clone(&service), Arc::clone(&stop), Arc::clone(&refused));
                let computer = match kind {
                    Strangers::Unregistered => service.new_computer(100 + number, 99),
                    Strangers::Registered | Strangers::Readers => registered[usize::from(number)].clone(),
                };
                thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        attack(&service, &computer, kind, &stop);
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        let attacked = measure(service.address, &works, Duration::from_secs(seconds));
        stop.store(true, Ordering::Relaxed);
        attackers.into_iter().for_each(|attacker| attacker.join().unwrap());
        println!("{kind:?}: {strangers} strangers, {} connections", refused.load(Ordering::Relaxed));
        for ((work, quiet), attacked) in works.iter().zip(&quiet).zip(&attacked) {
            let ratio = attacked.rate / quiet.rate;
            println!(
                "  {:<32} {:>10.1} {:>10.1} {ratio:>7.2} {:>6}",
                work.name, quiet.rate, attacked.rate, attacked.busy
            );
            passed &= ratio >= MIN_RATIO;
        }
        let memory = peak_memory_kib(&child.0);
        println!("  memory of the service at most    {:>10.1} MiB", memory as f64 / 1024.0);
        passed &= memory <= MAX_MEMORY_KIB;
    }
    child.end();
    println!("{}", if passed { "passed" } else { "FAILED" });
    if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Serves a folder until standard input ends.
fn serve(folder: &str) -> ExitCode {
    prepare_process();
    let settings = Settings {
        listen: "127.0.0.1:0".parse().ok(),
        restores_per_day: 1_000_000,
        ..Settings::load(folder.as_ref()).unwrap()
    };
    let service = Service::open(folder.as_ref(), settings, Arc::new(ManualClock::at(START))).unwrap().serve().unwrap();
    println!("{}", service.local_addr());
    let _ = std::io::stdin().read(&mut [0]);
    service.stop();
    ExitCode::SUCCESS
}

/// Service in a process of its own, so that its memory can be measured.
struct ServiceProcess(Child);

impl ServiceProcess {
    /// Starts the service of this folder, and sets its address.
    fn start(service: &mut TestService) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        let command = command.arg("serve").arg(service.folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        service.address = line.trim().parse().unwrap();
        Self(child)
    }

    fn end(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().unwrap();
    }
}

/// Returns the largest resident memory of a process so far.
fn peak_memory_kib(child: &Child) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Issues licenses, and returns the work with them.
fn prepare(service: &TestService) -> Vec<Work> {
    let owner = service.register_holder(1);
    let (code, licenses) = service.issue(10_000, Some(1_000));
    owner.acquire(service, &code).unwrap();
    let computers: Vec<TestComputer> = (10..14)
        .map(|number| {
            let computer = service.new_computer(number, 1);
            computer.register(service, None).unwrap();
            computer
        })
        .collect();
    let restores = |count: usize, threads: usize| -> Vec<Box<dyn Fn() -> Vec<u8> + Send + Sync>> {
        let licenses = &licenses[..count];
        computers[..threads]
            .iter()
            .map(|computer| {
                computer.restore(service, licenses).unwrap();
                let (computer, issuer) = (computer.clone(), service.issuer().to_owned());
                // The digests differ from those of the documents, so that the answer contains the documents.
                let body = serde_json::to_vec(&computer.restore_call(&request_key(), licenses)).unwrap();
                Box::new(move || signed(&issuer, &computer, "restore", &body)) as Box<dyn Fn() -> Vec<u8> + Send + Sync>
            })
            .collect()
    };
    let api_key = service.api_key.clone();
    let issue = move || {
        let body = json!({"licenses": [terms(1)]}).to_string();
        let (key, length) = (request_key(), body.len());
        format!(
            "POST {BASE}admin/issue HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api_key}\r\nIdempotency-Key: {key}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
        .into_bytes()
    };
    vec![
        Work { name: "restore of 1 license", builders: restores(1, 4) },
        Work { name: "restore of 300 licenses", builders: restores(300, 4) },
        Work { name: "restore of 10,000 licenses", builders: restores(10_000, 2) },
        Work { name: "admin issue", builders: vec![Box::new(issue)] },
    ]
}

/// Returns a signed request.
fn signed(issuer: &str, computer: &TestComputer, path: &str, body: &[u8]) -> Vec<u8> {
    [head(issuer, computer, path, body, body.len()).as_bytes(), body].concat()
}

fn head(issuer: &str, computer: &TestComputer, path: &str, body: &[u8], length: usize) -> String {
    let (request, path) = (request_key(), format!("{BASE}{path}"));
    let signed = SignedRequest { path: &path, idempotency_key: &request, issuer, body };
    let signed = signed.sign(START, &computer.signing);
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n");
    for (name, value) in [
        ("Idempotency-Key", request.as_str()),
        ("Restow-Issuer", issuer),
        ("Content-Digest", &signed.content_digest),
        ("Signature-Input", &signed.signature_input),
        ("Signature", &signed.signature),
    ] {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head + "\r\n"
}

/// Rate of one kind of work.
#[derive(Clone, Copy, Default)]
struct Measured {
    rate: f64,
    /// Number of answers that the service is busy.
    busy: u64,
}

/// Measures all kinds of work in turn for a time.
fn measure(address: SocketAddr, works: &[Work], time: Duration) -> Vec<Measured> {
    let end = Instant::now() + time;
    let mut totals = vec![(0_u64, 0_u64, Duration::ZERO); works.len()];
    while Instant::now() < end {
        for (work, total) in works.iter().zip(&mut totals) {
            let begun = Instant::now();
            let counts: Vec<(u64, u64)> = thread::scope(|scope| {
                let mut threads = Vec::new();
                for build in &work.builders {
                    threads.push(scope.spawn(move || run_slice(address, build, begun + SLICE)));
                }
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            for (done, busy) in counts {
                total.0 += done;
                total.1 += busy;
            }
            total.2 += begun.elapsed();
        }
    }
    totals.into_iter().map(|(done, busy, time)| Measured { rate: done as f64 / time.as_secs_f64(), busy }).collect()
}

/// Sends requests one after another. Returns the number of successes and of busy answers.
fn run_slice(address: SocketAddr, build: &(dyn Fn() -> Vec<u8> + Send + Sync), end: Instant) -> (u64, u64) {
    let (mut done, mut busy) = (0, 0);
    let mut stream = None;
    while Instant::now() < end {
        let mut connection = stream.take().unwrap_or_else(|| TcpStream::connect(address).unwrap());
        connection.set_nodelay(true).unwrap();
        if connection.write_all(&build()).is_err() {
            continue;
        }
        match read_status(&mut connection) {
            Some(200) => {
                done += 1;
                stream = Some(connection);
            }
            Some(503) | None => {
                busy += 1;
                thread::sleep(PAUSE);
            }
            Some(status) => panic!("status {status}"),
        }
    }
    (done, busy)
}

/// Reads one answer and returns its status.
fn read_status(stream: &mut TcpStream) -> Option<u16> {
    let mut answer = Vec::new();
    let mut part = vec![0; 64 << 10];
    let (end, length) = loop {
        let read = stream.read(&mut part).ok().filter(|read| *read > 0)?;
        answer.extend_from_slice(&part[..read]);
        if let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = std::str::from_utf8(&answer[..end]).unwrap().to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            break (end + 4, length.parse::<usize>().unwrap());
        }
    };
    let mut rest = (end + length).saturating_sub(answer.len());
    while rest > 0 {
        rest -= stream.read(&mut part).ok().filter(|read| *read > 0)?;
    }
    std::str::from_utf8(&answer[9..12]).unwrap().parse().ok()
}

/// Opens one connection and keeps it open as long as the service allows.
fn attack(service: &TestService, computer: &TestComputer, kind: Strangers, stop: &AtomicBool) {
    let Ok(mut stream) = TcpStream::connect(service.address) else { return thread::sleep(PAUSE) };
    if kind == Strangers::Readers {
        let ids: Vec<String> = (0..10_000).map(|n| format!("{n:0>200}")).collect();
        let body = serde_json::to_vec(&computer.restore_call(&request_key(), &ids)).unwrap();
        if stream.write_all(&signed(service.issuer(), computer, "restore", &body)).is_err() {
            return thread::sleep(PAUSE);
        }
        let mut part = vec![0; SLOW_BYTES];
        while !stop.load(Ordering::Relaxed) && stream.read(&mut part).is_ok_and(|read| read > 0) {
            thread::sleep(PAUSE);
        }
        return;
    }
    let part = vec![b' '; SLOW_BYTES];
    if stream.write_all(head(service.issuer(), computer, "restore", &part, 16_000_000).as_bytes()).is_err() {
        return thread::sleep(PAUSE);
    }
    while !stop.load(Ordering::Relaxed) && stream.write_all(&part).is_ok() {
        thread::sleep(PAUSE);
    }
}
