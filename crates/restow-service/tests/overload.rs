//! Slow, silent and excessive clients. Each is bounded, and others are served meanwhile.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, clippy::result_large_err)]

mod common;

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use common::{Reply, START, TestComputer, TestService, problem_code, request_key, terms};
use restow::service::protocol::{AcquireRequest, BASE, Outcome, ProblemCode, Terms, admin};
use restow_core::protocol::signature::SignedRequest;
use serde_json::json;

/// Returns the head of a signed request. `framing` is the header of its length.
fn head(service: &TestService, computer: &TestComputer, path: &str, body: &[u8], framing: &str) -> String {
    let (request, path) = (request_key(), format!("{BASE}{path}"));
    let signed = SignedRequest { path: &path, idempotency_key: &request, issuer: service.issuer(), body };
    let signed = signed.sign(START, &computer.signing);
    let mut head = format!("POST {path} HTTP/1.1\r\nHost: x\r\n{framing}\r\n");
    for (name, value) in [
        ("Idempotency-Key", request.as_str()),
        ("Restow-Issuer", service.issuer()),
        ("Content-Digest", &signed.content_digest),
        ("Signature-Input", &signed.signature_input),
        ("Signature", &signed.signature),
    ] {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head + "\r\n"
}

fn operator_head(service: &TestService, path: &str, framing: &str) -> String {
    format!(
        "POST {BASE}{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nIdempotency-Key: {}\r\n{framing}\r\n\r\n",
        service.api_key,
        request_key()
    )
}

fn send(service: &TestService, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut stream = TcpStream::connect(service.address).unwrap();
    stream.write_all(bytes.as_ref()).unwrap();
    stream
}

/// Reads the head of one answer, and nothing after it.
fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&head));
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

fn read_all(mut stream: TcpStream) -> String {
    let mut answer = Vec::new();
    // The service may close a connection with unread data.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

#[track_caller]
fn assert_problem(answer: &str, status: u16, code: &str) {
    let expected = format!("HTTP/1.1 {status} ");
    assert!(answer.starts_with(&expected) && answer.contains(&format!("urn:restow:problem:{code}")), "{answer}");
}

/// Sends a part of a large body that keeps its place, and returns the open connection.
fn hold_place(service: &TestService, computer: &TestComputer, more: &str) -> TcpStream {
    let body = vec![b' '; 1 << 20];
    let framing = format!("Content-Length: {}{more}\r\nExpect: 100-continue", body.len());
    let mut stream = send(service, head(service, computer, "restore", &body, &framing));
    // The service asks for the body only after the request took its place.
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 100 "));
    stream.write_all(&body[..100_000]).unwrap();
    stream
}

/// Registers a holder with licenses, and returns its computer and their IDs.
fn customer(service: &TestService, number: u8, licenses: u16) -> (TestComputer, Vec<String>) {
    let computer = service.register_holder(number);
    let (code, licenses) = service.issue(licenses, None);
    computer.acquire(service, &code).unwrap();
    (computer, licenses)
}

fn unbound() -> admin::IssueRequest {
    admin::IssueRequest { licenses: vec![], holder: None, reference: None, note: None, link_days: None }
}

#[test]
fn unknown_computer_is_refused_before_body() {
    let service = TestService::with_settings(|settings| settings.large_requests = 1);
    let (ann, licenses) = customer(&service, 1, 300);
    let mut open = Vec::new();
    for number in 0..64_u8 {
        let stranger = service.new_computer(100 + number, 2);
        let paths = ["restore", "acquire", "counters", "computers", "computers/release", "restore-keys/withdraw"];
        let path = paths[usize::from(number) % paths.len()];
        let framing = if number % 2 == 0 { "Content-Length: 16000000" } else { "Transfer-Encoding: chunked" };
        let mut stream = send(&service, head(&service, &stranger, path, b"x", framing));
        // No byte of the body was sent.
        assert!(read_head(&mut stream).starts_with("HTTP/1.1 401 "));
        open.push(stream);
    }
    assert_eq!(ann.restore(&service, &licenses).unwrap().licenses.len(), 300);
    assert_eq!(service.issue(300, None).1.len(), 300);
    // The known key of another computer, an old signature, and another issuer are refused as early.
    let mut forged = ann.clone();
    forged.signing = service.new_computer(9, 9).signing;
    let forged = head(&service, &forged, "restore", b"x", "Content-Length: 16000000");
    let forged = forged.replace(&service.new_computer(9, 9).id(), &ann.id());
    let good = head(&service, &ann, "restore", b"x", "Content-Length: 16000000");
    for (head, status) in [
        (forged, 401),
        (good.replace(&format!("created={START}"), &format!("created={}", START - 1)), 401),
        (good.replace(service.issuer(), &"A".repeat(43)), 421),
        (good.replace("Signature: restow=", "Signature: other="), 401),
        (good.replace(" /restow/v1/restore ", " /restow/v1/restore?x=1 "), 400),
    ] {
        let mut stream = send(&service, head);
        let answer = read_head(&mut stream);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    service.clock.advance(301);
    assert!(read_head(&mut send(&service, good)).starts_with("HTTP/1.1 401 "), "the clock");
}

/// A client that sends its whole body before it reads sees the reason, and no broken connection.
#[test]
fn refused_large_body_gets_reason() {
    let service = TestService::new();
    let stranger = service.new_computer(1, 1);
    let body = vec![b' '; 8 << 20];
    let reply = stranger.send(&service, &request_key(), "restore", &body);
    assert_eq!((reply.status, reply.problem().code()), (401, Some(ProblemCode::UnknownComputer)));
    let reply = stranger.send(&service, &request_key(), "register", &body);
    assert_eq!((reply.status, reply.problem().code()), (413, Some(ProblemCode::TooLarge)));
    let reply = service.admin_raw("wrong", &request_key(), "admin/issue", &body);
    assert_eq!((reply.status, reply.problem().problem_type.as_str()), (401, "urn:restow:problem:api-key"));
}

#[test]
fn body_must_have_signed_digest() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    for body in [&b"{}"[..], &[b' '; 100_000]] {
        for framing in [format!("Content-Length: {}", body.len()), "Transfer-Encoding: chunked".to_owned()] {
            let sent = if framing.contains("chunked") {
                [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
            } else {
                body.to_vec()
            };
            for (signed, code) in [(body, ProblemCode::Malformed), (&b"other"[..], ProblemCode::BadSignature)] {
                let head = head(&service, &ann, "restore", signed, &format!("{framing}\r\nConnection: close"));
                let answer = read_all(send(&service, [head.as_bytes(), &sent].concat()));
                assert!(answer.contains(code.as_str()), "{framing}: {answer}");
            }
        }
    }
}

#[test]
fn registration_is_limited_in_size() {
    let service = TestService::new();
    let computer = service.new_computer(1, 1);
    let framing = format!("Content-Length: {}", (64 << 10) + 1);
    let answer = read_head(&mut send(&service, head(&service, &computer, "register", b"", &framing)));
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    let mut stream = send(&service, head(&service, &computer, "register", b"", "Transfer-Encoding: chunked"));
    stream.write_all(&[b"10001\r\n".as_slice(), &[b' '; (64 << 10) + 1]].concat()).unwrap();
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 413 "));
    let padded = vec![b' '; 64 << 10];
    let reply = computer.send(&service, &request_key(), "register", &padded);
    assert_eq!(reply.problem().code(), Some(ProblemCode::Malformed), "64 KiB are read");
    computer.register(&service, None).unwrap();
}

#[test]
fn oversized_body_is_refused_early() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    for length in [((16_u64 << 20) + 1).to_string(), u64::MAX.to_string(), "9".repeat(30), "-1".into(), "1, 2".into()] {
        for head in [
            head(&service, &ann, "restore", b"", &format!("Content-Length: {length}")),
            operator_head(&service, "admin/issue", &format!("Content-Length: {length}")),
        ] {
            let answer = read_head(&mut send(&service, head));
            let status = answer.get(9..12).unwrap();
            let expected = if length.len() == 8 { "413" } else { "400 431" };
            assert!(expected.contains(status), "{length}: {answer}");
        }
    }
    // A chunked body has no declared length.
    for head in [
        head(&service, &ann, "restore", b"", "Transfer-Encoding: chunked"),
        operator_head(&service, "admin/issue", "Transfer-Encoding: chunked"),
    ] {
        let mut stream = send(&service, head);
        let chunk = [b"100000\r\n".as_slice(), &vec![b' '; 1 << 20], b"\r\n"].concat();
        for _ in 0..16 {
            stream.write_all(&chunk).unwrap();
        }
        stream.write_all(b"1\r\n ").unwrap();
        assert_problem(&read_all(stream), 413, "too-large");
    }
    assert_eq!(service.get("health").status, 200);
}

#[test]
fn computer_has_few_places() {
    let service = TestService::new();
    let (ann, licenses) = customer(&service, 1, 300);
    let held = [hold_place(&service, &ann, ""), hold_place(&service, &ann, "")];
    let reply = ann.send(&service, &request_key(), "restore", &vec![b' '; 100_000]);
    assert_eq!((reply.status, reply.problem().code()), (503, Some(ProblemCode::Busy)));
    assert_eq!(reply.headers["retry-after"], "2");
    // Small requests of this computer, and large ones of others, go on.
    assert_eq!(ann.outcome(&service, &licenses[0]), Outcome::Granted);
    let other = service.new_computer(2, 1);
    other.register(&service, None).unwrap();
    assert_eq!(other.restore(&service, &licenses).unwrap().licenses.len(), 300);
    drop(held);
    retry(|| ann.restore(&service, &licenses).map(|grant| assert_eq!(grant.licenses.len(), 300)));
}

/// Repeats a call while the service is busy, as clients do.
fn retry<T: std::fmt::Debug>(mut call: impl FnMut() -> Result<T, restow::service::protocol::Problem>) -> T {
    loop {
        match call() {
            Err(problem) if problem.code() == Some(ProblemCode::Busy) => {}
            other => return other.unwrap(),
        }
    }
}

#[test]
fn holder_has_few_places() {
    let service = TestService::new();
    let (ann, licenses) = customer(&service, 1, 300);
    let computers: Vec<_> = (10..14).map(|number| service.new_computer(number, 1)).collect();
    computers.iter().for_each(|computer| drop(computer.register(&service, None).unwrap()));
    let held: Vec<_> =
        computers.iter().flat_map(|computer| [(); 2].map(|()| hold_place(&service, computer, ""))).collect();
    assert_eq!(problem_code(ann.restore(&service, &licenses)), ProblemCode::Busy);
    let (ben, licenses) = customer(&service, 2, 300);
    assert_eq!(ben.restore(&service, &licenses).unwrap().licenses.len(), 300);
    drop(held);
}

/// Anyone can register. Computers of holders without licenses have places of their own.
#[test]
fn registered_strangers_take_no_customer_place() {
    let service = TestService::with_settings(|settings| {
        settings.large_requests = 4;
        settings.read_seconds = 600;
    });
    let (ann, licenses) = customer(&service, 1, 300);
    let held = hold_place(&service, &service.register_holder(10), "");
    let waiting: Vec<_> = (11..40)
        .map(|number| {
            let stranger = service.register_holder(number);
            send(&service, head(&service, &stranger, "restore", b"x", "Content-Length: 16000000"))
        })
        .collect();
    assert_eq!(ann.restore(&service, &licenses).unwrap().licenses.len(), 300);
    assert_eq!(service.issue(300, None).1.len(), 300);
    drop((held, waiting));
}

#[test]
fn operator_has_places_of_its_own() {
    let service = TestService::with_settings(|settings| {
        settings.large_requests = 1;
        settings.read_seconds = 600;
    });
    let (ann, _) = customer(&service, 1, 1);
    let held = [hold_place(&service, &ann, ""), hold_place(&service, &service.register_holder(2), "")];
    let long = |n| Terms { title: Some("x".repeat(1000)), ..terms(n) };
    let issued: admin::IssueAnswer = service
        .admin("admin/issue", &admin::IssueRequest { licenses: (0..1000).map(long).collect(), ..unbound() })
        .unwrap();
    assert_eq!(issued.licenses.len(), 1000);
    assert_eq!(service.list(admin::ListSubject::Licenses).rows.len(), 1000);
    drop(held);
}

#[test]
fn address_counts_only_from_trusted_proxy() {
    let trusted = |proxies: &'static [&'static str]| {
        TestService::with_settings(|settings| {
            settings.large_requests_per_address = 1;
            settings.trusted_proxies = proxies.iter().map(|text| text.parse().unwrap()).collect();
        })
    };
    for (proxies, by_header, by_peer) in
        [(&["127.0.0.1"][..], true, false), (&["192.0.2.0/24"], false, true), (&[], false, false)]
    {
        let service = trusted(proxies);
        let customers: Vec<_> = (1..4).map(|number| customer(&service, number, 1).0).collect();
        let held = hold_place(&service, &customers[0], "\r\nX-Forwarded-For: 198.51.100.7");
        for (computer, address, is_busy) in [
            (&customers[1], "198.51.100.7", by_header || by_peer),
            (&customers[1], "203.0.113.1, 198.51.100.7", by_header || by_peer),
            (&customers[2], "198.51.100.7, 203.0.113.1", by_peer),
        ] {
            let body = vec![b' '; 100_000];
            let framing = format!("Content-Length: {}\r\nX-Forwarded-For: {address}", body.len());
            let head = head(&service, computer, "restore", &body, &framing);
            let answer = read_head(&mut send(&service, [head.as_bytes(), &body].concat()));
            let expected = if is_busy { "HTTP/1.1 503 " } else { "HTTP/1.1 400 " };
            assert!(answer.starts_with(expected), "{proxies:?} {address}: {answer}");
        }
        drop(held);
    }
}

/// Large answers wait in temporary files, so that clients that read nothing keep no memory from others.
#[test]
fn unread_answers_keep_no_memory() {
    let service = TestService::with_settings(|settings| settings.read_seconds = 600);
    let mut held = Vec::new();
    for number in 1..6 {
        let computer = service.register_holder(number);
        let long = |n| Terms { title: Some("𝄞".repeat(1000)), ..terms(n) };
        let licenses = (0..1000).map(long).collect();
        let issued: admin::IssueAnswer =
            service.admin("admin/issue", &admin::IssueRequest { licenses, ..unbound() }).unwrap();
        let code = service.code(&issued.link);
        computer.acquire(&service, &code).unwrap();
        let call = AcquireRequest {
            holder: computer.holder.clone(),
            code: Some(code),
            key_ids: vec![],
            run: request_key(),
            key_set_version: 1,
        };
        let body = serde_json::to_vec(&call).unwrap();
        for _ in 0..2 {
            let head = head(&service, &computer, "acquire", &body, &format!("Content-Length: {}", body.len()));
            let mut stream = send(&service, [head.as_bytes(), &body].concat());
            let answer = read_head(&mut stream);
            let length = answer.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 ") && length.parse::<usize>().unwrap() > 4 << 20, "{answer}");
            held.push(stream);
        }
    }
    let (ann, licenses) = customer(&service, 9, 3_000);
    assert_eq!(ann.restore(&service, &licenses).unwrap().licenses.len(), 3_000);
    drop(held);
}

/// The files of bodies and answers have no names.
#[test]
fn temporary_files_leave_nothing() {
    let service = TestService::new();
    let (ann, licenses) = customer(&service, 1, 1_000);
    let files = || std::fs::read_dir(service.folder.path()).unwrap().count();
    let before = files();
    let held = hold_place(&service, &ann, "");
    ann.restore(&service, &licenses).unwrap();
    assert_eq!(files(), before);
    drop(held);
}

#[test]
fn slow_reader_loses_its_connection() {
    let service = TestService::with_settings(|settings| settings.read_seconds = 1);
    let ann = service.register_holder(1);
    let long = |n| Terms { title: Some("𝄞".repeat(1000)), ..terms(n) };
    let licenses = (0..1000).map(long).collect();
    let issued: admin::IssueAnswer =
        service.admin("admin/issue", &admin::IssueRequest { licenses, ..unbound() }).unwrap();
    let call = AcquireRequest {
        holder: ann.holder.clone(),
        code: Some(service.code(&issued.link)),
        key_ids: vec![],
        run: request_key(),
        key_set_version: 1,
    };
    let body = serde_json::to_vec(&call).unwrap();
    // Pipelined answers are larger than the buffers of the system.
    let request = |_| {
        let head = head(&service, &ann, "acquire", &body, &format!("Content-Length: {}", body.len()));
        [head.as_bytes(), &body].concat()
    };
    let requests: Vec<u8> = (0..4).flat_map(request).collect();
    let mut stream = send(&service, &requests);
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 200 "));
    // Writing fails once the service has closed the connection. Until then the input buffer may be full.
    let mut closed = false;
    while !closed {
        closed = stream.write_all(&requests).is_err();
    }
    assert_eq!(retry(|| ann.acquire(&service, &service.code(&issued.link))).documents.len(), 1000);
}

#[test]
fn connection_beyond_limit_is_answered() {
    let service = TestService::with_settings(|settings| {
        settings.connections = 4;
        settings.read_seconds = 600;
    });
    let idle: Vec<_> = (0..4)
        .map(|_| {
            let mut stream = send(&service, "GET /restow/v1/key-set HTTP/1.1\r\nHost: x\r\n\r\n");
            assert!(read_head(&mut stream).starts_with("HTTP/1.1 200 "));
            stream
        })
        .collect();
    let reply = service.get("key-set");
    assert_eq!((reply.status, reply.problem().code()), (503, Some(ProblemCode::Busy)));
    assert_eq!(
        (&reply.headers["retry-after"], &reply.headers["connection"]),
        (&"2".parse().unwrap(), &"close".parse().unwrap())
    );
    // Silent ones learn it, too.
    let silent: Vec<_> = (0..8).map(|_| TcpStream::connect(service.address).unwrap()).collect();
    for stream in silent {
        let answer = read_all(stream);
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 2"), "{answer:?}");
    }
    // The operator is served.
    assert_eq!(service.issue(100, None).1.len(), 100);
    assert_eq!(service.admin_raw("wrong", &request_key(), "admin/list", b"{}").status, 503);
    drop(idle);
    while service.get("key-set").status != 200 {}
}

#[test]
fn bearer_scheme_has_no_case() {
    let service = TestService::new();
    let list = |authorization: String| {
        let call = common::agent().post(service.url("admin/list")).header("Authorization", authorization);
        Reply::from_response(call.send(r#"{"what":"holders"}"#).unwrap()).status
    };
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        assert_eq!(list(format!("{scheme} {}", service.api_key)), 200, "{scheme}");
        assert_eq!(list(format!("{scheme}{}", service.api_key)), 401, "{scheme}");
    }
    assert_eq!(list(format!("Basic {}", service.api_key)), 401);
    assert_eq!(list(service.api_key.clone()), 401);
}

/// Bytes of a head that arrive one by one do not extend its time.
#[test]
fn dripped_head_is_closed() {
    let service = TestService::with_settings(|settings| {
        settings.connections = 2;
        settings.read_seconds = 1;
    });
    let mut stream = send(&service, "GET /restow/v1/health HTTP/1.1\r\n");
    stream.set_nodelay(true).unwrap();
    while stream.write_all(b"a: b\r\n").is_ok() {
        if stream.take_error().unwrap().is_some() {
            break;
        }
        std::thread::yield_now();
    }
    while service.get("health").status != 200 {}
}

#[test]
fn oversized_head_is_refused() {
    let service = TestService::new();
    let head = format!("GET /restow/v1/health HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "a".repeat(64 << 10));
    let mut stream = TcpStream::connect(service.address).unwrap();
    let _ = stream.write_all(head.as_bytes());
    let answer = read_all(stream);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
    let many = (0..101).fold(String::new(), |all, n| all + &format!("a{n}: b\r\n"));
    let answer = read_all(send(&service, format!("GET /restow/v1/health HTTP/1.1\r\nHost: x\r\n{many}\r\n")));
    assert!(answer.starts_with("HTTP/1.1 431 ") || answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert_eq!(service.get("health").status, 200);
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let list = json!({"holder": ann.holder}).to_string();
    let signed = head(&service, &ann, "computers", list.as_bytes(), &format!("Content-Length: {}", list.len()));
    let unknown = service.new_computer(2, 2);
    let refused = head(&service, &unknown, "computers", list.as_bytes(), &format!("Content-Length: {}", list.len()));
    let get = "GET /restow/v1/health HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let requests = format!("{}{signed}{list}{refused}{list}{get}{last}", get.repeat(200));
    let answers = read_all(send(&service, requests));
    let statuses: Vec<&str> = answers.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    let expected: Vec<&str> = [vec!["200"; 201], vec!["401", "200", "404"]].concat();
    assert_eq!(statuses, expected);
}

#[test]
fn half_closed_connection_ends() {
    let service = TestService::with_settings(|settings| settings.read_seconds = 600);
    let ann = service.register_holder(1);
    let body = vec![b' '; 100_000];
    let large = head(&service, &ann, "restore", &body, "Content-Length: 100000");
    for sent in ["", "GET /restow/v1/hea", "GET /restow/v1/health HTTP/1.1\r\nHost", &large, &(large.clone() + "   ")] {
        let stream = send(&service, sent);
        stream.shutdown(Shutdown::Write).unwrap();
        let answer = read_all(stream);
        assert!(!answer.starts_with("HTTP/1.1 2"), "{sent:?}: {answer}");
    }
    // The places are free again.
    for _ in 0..3 {
        let reply = ann.send(&service, &request_key(), "restore", &body);
        assert_eq!(reply.problem().code(), Some(ProblemCode::Malformed));
    }
}

#[test]
fn http_1_0_is_answered_and_closed() {
    let service = TestService::new();
    let answer = read_all(send(&service, "GET /restow/v1/health HTTP/1.0\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.0 200 ") && answer.ends_with(r#"{"status":"ok"}"#), "{answer}");
    let ann = service.register_holder(1);
    let list = json!({"holder": ann.holder}).to_string();
    let head = head(&service, &ann, "computers", list.as_bytes(), &format!("Content-Length: {}", list.len()));
    let answer = read_all(send(&service, (head + &list).replace(" HTTP/1.1\r\n", " HTTP/1.0\r\n")));
    assert!(answer.starts_with("HTTP/1.0 200 "), "{answer}");
    // Another protocol is no request.
    for garbage in
        ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\x16\x03\x01\x02\x00\x01\x00\x01\u{fc}\x03\x03", "\r\n\r\n\r\nx\r\n\r\n"]
    {
        let answer = read_all(send(&service, garbage));
        assert!(answer.is_empty() || answer.contains(" 400 ") || answer.contains(" 505 "), "{garbage:?}: {answer}");
    }
}

#[test]
fn chunked_body_is_accepted() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let list = json!({"holder": ann.holder}).to_string();
    let head = head(&service, &ann, "computers", list.as_bytes(), "Transfer-Encoding: chunked\r\nConnection: close");
    let chunks: String = list.chars().map(|c| format!("1;x=y\r\n{c}\r\n")).collect();
    let answer = read_all(send(&service, format!("{head}{chunks}0\r\nTrailer: x\r\n\r\n")));
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    let both = "Transfer-Encoding: chunked\r\nContent-Length: 5";
    let answer = read_all(send(&service, operator_head(&service, "admin/list", both) + "0\r\n\r\n"));
    assert!(!answer.starts_with("HTTP/1.1 2"), "two lengths: {answer}");
}

#[test]
fn refused_client_is_not_asked_to_continue() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let list = json!({"holder": ann.holder}).to_string();
    let framing = format!("Content-Length: {}\r\nExpect: 100-continue\r\nConnection: close", list.len());
    let mut stream = send(&service, head(&service, &ann, "computers", list.as_bytes(), &framing));
    assert!(read_head(&mut stream).starts_with("HTTP/1.1 100 "));
    stream.write_all(list.as_bytes()).unwrap();
    assert!(read_all(stream).starts_with("HTTP/1.1 200 "));
    let stranger = service.new_computer(2, 2);
    let answer = read_all(send(&service, head(&service, &stranger, "computers", list.as_bytes(), &framing)));
    assert_problem(&answer, 401, "unknown-computer");
}

#[test]
fn many_unknown_computers_leave_nothing() {
    let service = TestService::new();
    let list = json!({"holder": "x"}).to_string();
    let framing = format!("Content-Length: {}", list.len());
    let mut stream = TcpStream::connect(service.address).unwrap();
    for number in 0..1_000_u16 {
        let [high, low] = number.to_be_bytes();
        let mut seed = [7; 32];
        (seed[0], seed[1]) = (high, low);
        let stranger = TestComputer::new(&service, "x", seed, seed);
        stream
            .write_all((head(&service, &stranger, "computers", list.as_bytes(), &framing) + &list).as_bytes())
            .unwrap();
        let answer = read_head(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
        let length = answer.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        stream.read_exact(&mut vec![0; length.parse().unwrap()]).unwrap();
    }
    let db = rusqlite::Connection::open(service.database()).unwrap();
    for table in ["requests", "computers", "holders", "audit"] {
        let rows: i64 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}
