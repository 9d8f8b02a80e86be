//! Services that are down, slow, lying or elsewhere.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use restow::Hresult;

use super::world::*;

/// Answers every connection with the same bytes, on the address the shop had.
pub fn impostor(listener: TcpListener, answer: impl Fn(&str) -> String + Send + 'static) {
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

/// A home that is registered, with one license that is not here any more, and a stopped shop.
fn stage(world: &World) -> (Shop, restow::Home, std::path::PathBuf) {
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![song(1)]);
    let location = world.location("stick");
    backup(&a, &location);
    forget(&a, 1);
    shop.stop();
    (shop, a, location)
}

#[test]
fn garbage_redirects_and_errors_leave_licenses_pending() {
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
        let world = World::new();
        let (mut shop, a, location) = stage(&world);
        let shown = answer.clone();
        impostor(TcpListener::bind(shop.address).unwrap(), move |_| answer.clone());
        let (report, told) = restore_all(&a, &location);
        assert_eq!(report.summary.pending, 1, "{shown}: {report:?}");
        assert_eq!(report.result, Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE, "{shown}");
        assert_eq!(
            names(&told),
            ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]
        );
        assert!(!play(&a, 1));
        shop.settings.listen = "127.0.0.1:0".parse().ok();
    }
}

/// A whole request: its head, and as much body as it announces.
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
fn an_old_answer_to_this_very_computer_is_worth_nothing() {
    let world = World::new();
    let (mut shop, a, location) = stage(&world);
    let public = shop.address;
    shop.settings.listen = "127.0.0.1:0".parse().ok();
    let hidden = shop.start();
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
    forget(&a, 1);
    replaying.store(true, Ordering::SeqCst);
    let (report, _) = restore_all(&a, &location);
    assert_eq!((report.summary.restored, report.summary.pending), (0, 1), "{report:?}");
    assert!(!play(&a, 1));
    replaying.store(false, Ordering::SeqCst);
    assert_eq!(restore_all(&a, &location).0.summary.restored, 1);
}

#[test]
fn a_silent_service_is_left_by_cancel_within_a_second() {
    let world = World::new();
    let (shop, a, location) = stage(&world);
    let silent = TcpListener::bind(shop.address).unwrap();
    let (connected, seen) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let held: Vec<_> = silent.incoming().take(1).collect();
        connected.send(()).unwrap();
        std::thread::park();
        drop(held);
    });
    let before = fingerprint(&location);
    let run =
        restow::restorer::Restore::from(&location).consent(restow::restorer::Consent::AllServices).start(&a).unwrap();
    seen.recv().unwrap();
    run.cancel();
    let report = run.wait();
    assert_eq!(report.result, Hresult::NS_E_DRM_OPERATION_CANCELED);
    assert_eq!(fingerprint(&location), before);
    assert_eq!(a.store().unwrap().view().licenses_for(&key(1)).unwrap().len(), 0, "the store is as before");
}

#[test]
fn a_service_out_of_reach_is_contacted_once_for_a_use() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 10)]);
    shop.stop();
    let listener = TcpListener::bind(shop.address).unwrap();
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
fn a_service_that_never_answers_holds_up_a_use_no_longer_than_the_limit() {
    let world = World::new();
    let mut shop = world.shop("Shop");
    let a = world.home("a");
    shop.customer(&a, vec![counted(1, 1)]);
    shop.stop();
    // The system connects, and nobody ever answers: without the limit this takes minutes.
    let _silent = TcpListener::bind(shop.address).unwrap();
    let limit = never().within(std::time::Duration::from_millis(100));
    let play = || restow::usage::open_content_key_online(&a, &key(1), &restow::license::Right::PLAY, &limit);
    assert!(play().is_ok());
    assert_eq!(play().unwrap_err().code(), "used-up", "the use was counted");
}
