//! Services that are down, slow, lying or elsewhere.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use restow::Hresult;

use super::world::*;

/// Answers every connection with the same bytes, on the address the shop had.
fn impostor(listener: TcpListener, answer: impl Fn(&str) -> String + Send + 'static) {
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut seen = Vec::new();
            let mut buffer = [0; 4096];
            while !seen.windows(4).any(|w| w == b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(0) | Err(_) => break,
                    Ok(n) => seen.extend_from_slice(&buffer[..n]),
                }
            }
            let head = String::from_utf8_lossy(&seen).into_owned();
            let _ = stream.write_all(answer(&head).as_bytes());
        }
    });
}

fn http(status: &str, kind: &str, body: &str) -> String {
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
    let mut store = a.store().unwrap();
    let row = store.view().licenses_for(&key(1)).unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
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
        shop.settings.listen = "127.0.0.1:0".parse().unwrap();
    }
}

#[test]
fn an_old_answer_is_worth_nothing() {
    let world = World::new();
    let (mut shop, a, location) = stage(&world);
    // What the service once answered to this very computer, recorded on the way.
    shop.start();
    let session_store = a.store().unwrap();
    let session = restow::service::Session::only(&a, &session_store, &shop.issuer).unwrap();
    let request = restow::service::protocol::Restore {
        holder: session.registration().holder.clone(),
        run: "r".repeat(22),
        licenses: vec![],
        counters: vec![],
        key_set_version: 1,
    };
    let answer = session.call(&request, &never()).unwrap();
    drop(session_store);
    shop.stop();
    // It cannot be signed anew here; a recording of the signed text is what a replay would be.
    let recorded = serde_json::to_string(&answer).unwrap();
    impostor(TcpListener::bind(shop.address).unwrap(), move |_| http("200 OK", "application/jose", &recorded));
    let (report, _) = restore_all(&a, &location);
    assert_eq!(report.summary.pending, 1);
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
