//! Measures signed restores over HTTP. Each restore places one license durably on a new computer:
//!
//! `cargo run --release -p restow-service --example throughput [CONNECTIONS [RESTORES]]`
//!
//! The requests are signed before the measurement, and the placements are counted after it. For comparison, run
//! `pgbench -N -c 8 -j 2` against a PostgreSQL with default durability on the same machine.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "a measurement, not a program")]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use common::{START, TestService, request_key};
use restow::service::protocol::{BASE, Outcome};
use restow_core::protocol::signature::SignedRequest;

fn main() {
    let numbers: Vec<u16> = std::env::args().skip(1).map(|text| text.parse().unwrap()).collect();
    let connections = numbers.first().copied().unwrap_or(8);
    let restores = numbers.get(1).copied().unwrap_or(8_000);
    let each = restores / connections;
    let service = TestService::with_settings(|settings| settings.restores_per_day = 1_000_000);
    let mut prepared = Vec::new();
    let mut second = Vec::new();
    for n in 0..u8::try_from(connections).unwrap() {
        let owner = service.register_holder(2 * n + 1);
        let (code, licenses) = service.issue(each, Some(2));
        owner.acquire(&service, &code).unwrap();
        let computer = service.new_computer(2 * n + 2, 2 * n + 1);
        computer.register(&service, None).unwrap();
        let requests: Vec<Vec<u8>> = licenses.iter().map(|license| restore(&service, &computer, license)).collect();
        prepared.push(requests);
        second.push((computer, licenses));
    }

    let address = service.address;
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for requests in &prepared {
            scope.spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                stream.set_nodelay(true).unwrap();
                for request in requests {
                    stream.write_all(request).unwrap();
                    read_ok(&mut stream);
                }
            });
        }
    });
    let seconds = begun.elapsed().as_secs_f64();

    for (computer, licenses) in &second {
        let grant = computer.restore(&service, licenses).unwrap();
        assert!(grant.licenses.iter().all(|license| license.outcome == Outcome::Granted));
        let computers = computer.computers(&service).computers;
        assert!(computers.iter().all(|computer| computer.licenses == u64::from(each)), "each came to both");
    }
    let count = f64::from(each) * f64::from(connections);
    println!("{connections} connections: {count} restores in {seconds:.2} s, {:.0} a second", count / seconds);
}

/// Builds a signed restore request with its own run ID.
fn restore(service: &TestService, computer: &common::TestComputer, license: &str) -> Vec<u8> {
    let request = request_key();
    let body = serde_json::to_vec(&computer.restore_call(&request, &[license])).unwrap();
    let path = format!("{BASE}restore");
    let signed = SignedRequest { path: &path, idempotency_key: &request, issuer: service.issuer(), body: &body };
    let signed = signed.sign(START, &computer.signing);
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in [
        ("Idempotency-Key", request.as_str()),
        ("Restow-Issuer", service.issuer()),
        ("Content-Digest", &signed.content_digest),
        ("Signature-Input", &signed.signature_input),
        ("Signature", &signed.signature),
    ] {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head.push_str("\r\n");
    [head.into_bytes(), body].concat()
}

/// Reads one answer and checks that it is a success.
fn read_ok(stream: &mut TcpStream) {
    let mut answer = Vec::new();
    let mut part = [0; 16 << 10];
    loop {
        let length = stream.read(&mut part).unwrap();
        assert_ne!(length, 0, "the connection ended");
        answer.extend_from_slice(&part[..length]);
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&answer[..end]).unwrap().to_ascii_lowercase();
        assert!(head.starts_with("http/1.1 200"), "{}", String::from_utf8_lossy(&answer));
        let body = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if answer.len() >= end + 4 + body.parse::<usize>().unwrap() {
            return;
        }
    }
}
