//! Services that are unreachable, slow, or send wrong answers.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use restow::Hresult;

use super::fixture::*;

/// Accepts connections at the address of a stopped service and answers each request.
pub fn answer_with(listener: TcpListener, answer: impl Fn(&str) -> String + Send + 'static) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let seen = request(&mut stream);
            let head = String::from_utf8_lossy(&seen).into_owned();
            let _ = stream.write_all(answer(&head).as_bytes());
        }
    });
}

pub fn http(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// Returns a stopped service, a registered home without its license, and the location of its backup.
fn stopped_service(fixture: &Fixture) -> (TestService, restow::Home, std::path::PathBuf) {
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![playable(1)]);
    let location = fixture.location("stick");
    backup(&a, &location);
    remove_license(&a, 1);
    service.stop();
    (service, a, location)
}

#[test]
fn invalid_answers_leave_licenses_pending() {
    let answers = [
        http("200 OK", "application/jose", "garbage"),
        http("200 OK", "application/jose", "a.b.c"),
        http("200 OK", "text/html", "<html>hello</html>"),
        http("302 Found\r\nlocation: http://127.0.0.1:1/", "text/plain", ""),
        http("500 Internal Server Error", "text/plain", "oops"),
        http(
            "503 Service Unavailable",
            "application/problem+json",
            r#"{"type":"urn:restow:problem:busy","title":"busy","status":503}"#,
        ),
        "not http at all\r\n\r\n".to_owned(),
        String::new(),
    ];
    for answer in answers {
        let fixture = Fixture::new();
        let (mut service, a, location) = stopped_service(&fixture);
        let shown = answer.clone();
        answer_with(TcpListener::bind(service.address).unwrap(), move |_| answer.clone());
        let (report, events) = restore_all(&a, &location);
        assert_eq!(report.summary.pending, 1, "{shown}: {report:?}");
        assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE, "{shown}");
        assert_eq!(
            event_names(&events),
            ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]
        );
        assert!(!play(&a, 1));
        service.settings.listen = "127.0.0.1:0".parse().ok();
    }
}

/// Reads a complete request: the head and the declared length of the body.
fn request(stream: &mut TcpStream) -> Vec<u8> {
    let mut seen = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let head = seen.windows(4).position(|w| w == b"\r\n\r\n");
        if let Some(end) = head {
            let text = String::from_utf8_lossy(&seen[..end]).to_ascii_lowercase();
            let length =
                text.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.trim().parse().ok());
            if seen.len() >= end + 4 + length.unwrap_or(0) {
                return seen;
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return seen,
            Ok(n) => seen.extend_from_slice(&buffer[..n]),
        }
    }
}

#[test]
fn replayed_answer_is_rejected() {
    let fixture = Fixture::new();
    let (mut service, a, location) = stopped_service(&fixture);
    let public = service.address;
    service.settings.listen = "127.0.0.1:0".parse().ok();
    let hidden = service.start();
    let replaying = Arc::new(AtomicBool::new(false));
    let (kept, replay) = (Arc::new(Mutex::new(Vec::new())), replaying.clone());
    let listener = TcpListener::bind(public).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let head =
                String::from_utf8_lossy(&request(&mut stream)).replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n");
            let is_restore = head.contains("POST /restow/v1/restore ");
            if is_restore && replay.load(Ordering::SeqCst) {
                let _ = stream.write_all(kept.lock().unwrap().as_slice());
                continue;
            }
            let mut onward = TcpStream::connect(hidden).unwrap();
            onward.write_all(head.as_bytes()).unwrap();
            let mut answer = Vec::new();
            onward.read_to_end(&mut answer).unwrap();
            if is_restore {
                kept.lock().unwrap().clone_from(&answer);
            }
            let _ = stream.write_all(&answer);
        }
    });
    assert_eq!(restore_all(&a, &location).0.summary.restored, 1);
    remove_license(&a, 1);
    replaying.store(true, Ordering::SeqCst);
    let (report, _) = restore_all(&a, &location);
    assert_eq!((report.summary.restored, report.summary.pending), (0, 1), "{report:?}");
    assert!(!play(&a, 1));
    replaying.store(false, Ordering::SeqCst);
    assert_eq!(restore_all(&a, &location).0.summary.restored, 1);
}

#[test]
fn cancel_stops_silent_service() {
    let fixture = Fixture::new();
    let (service, a, location) = stopped_service(&fixture);
    let silent = TcpListener::bind(service.address).unwrap();
    let (connected, seen) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let held: Vec<_> = silent.incoming().take(1).collect();
        connected.send(()).unwrap();
        std::thread::park();
        drop(held);
    });
    let before = fingerprint(&location);
    let run = restow::restorer::Restore::from(&location)
        .consent(restow::restorer::ServiceConsent::AllServices)
        .start(&a)
        .unwrap();
    seen.recv().unwrap();
    run.cancel();
    let report = run.wait();
    assert_eq!(report.result, Hresult::NS_E_DRM_OPERATION_CANCELED);
    assert_eq!(fingerprint(&location), before);
    assert_eq!(a.store().unwrap().view().licenses_for(&key_id(1)).unwrap().len(), 0, "the store is as before");
}

#[test]
fn unreachable_service_is_contacted_once() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 10)]);
    service.stop();
    let listener = TcpListener::bind(service.address).unwrap();
    let contacts = Arc::new(Mutex::new(0));
    let counting = contacts.clone();
    std::thread::spawn(move || {
        for _stream in listener.incoming() {
            *counting.lock().unwrap() += 1;
        }
    });
    assert!(play_online(&a, 1));
    assert_eq!(*contacts.lock().unwrap(), 1, "neither tried again before the use nor told after it");
}

#[test]
fn silent_service_delays_use_until_timeout() {
    let fixture = Fixture::new();
    let mut service = fixture.service("Shop");
    let a = fixture.home("a");
    service.register_with_licenses(&a, vec![play_limited(1, 1)]);
    service.stop();
    // The connection succeeds without any answer. Without the timeout this takes minutes.
    let _silent = TcpListener::bind(service.address).unwrap();
    let limit = no_cancel().with_timeout(std::time::Duration::from_millis(100));
    let play = || restow::usage::open_content_key_online(&a, &key_id(1), &restow::license::Right::PLAY, &limit);
    assert!(play().is_ok());
    assert_eq!(play().unwrap_err().code(), "used-up", "the use was counted");
}
