//! Tests of the requests to providers, and of answers as strict and lenient servers give them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use restow::lcp_provider::{ProviderError, RefreshedLicense, renew, return_loan};
use restow::license::LcpStatus;
use restow::service::Cancel;
use restow::store::TrustOrigin;
use serde_json::{Value, json};

use crate::stage::*;
use crate::workshop::{self, Form, Key};

/// Server that gives these answers, one for each connection, and returns the heads of the requests.
struct Script {
    origin: String,
    thread: JoinHandle<Vec<String>>,
}

impl Script {
    /// `answers` gets the origin of the server.
    fn new(answers: impl FnOnce(&str) -> Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let answers = answers(&origin);
        let thread = thread::spawn(move || {
            let answer = |bytes: Vec<u8>| {
                let (mut stream, _) = listener.accept().unwrap();
                let lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                // The client may close the connection before the end of a large answer.
                let _ = stream.write_all(&bytes);
                head.join("\n")
            };
            answers.into_iter().map(answer).collect()
        });
        Self { origin, thread }
    }

    /// Returns the heads of all requests.
    fn heads(self) -> Vec<String> {
        // Empty connections take the answers that no request took.
        while !self.thread.is_finished() {
            let _ = TcpStream::connect(self.origin.trim_start_matches("http://"));
        }
        let heads = self.thread.join().unwrap();
        heads.into_iter().filter(|head| !head.is_empty()).collect()
    }
}

/// Returns an answer with this status line and headers.
fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    answer("200 OK\r\nContent-Type: text/plain; charset=utf-8", body)
}

/// Returns a status document for the license `s1`.
fn status(members: Value) -> Vec<u8> {
    let mut document = json!({"id": "s1", "status": "active", "message": "", "links": []});
    for (name, value) in members.as_object().unwrap() {
        document[name] = value.clone();
    }
    document.to_string().into_bytes()
}

/// Returns the license `s1` of a provider, with changed members.
fn lent(origin: &str, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document = workshop::document("2026-05-01T10:00:00Z");
    document["id"] = "s1".into();
    document["links"] = json!([{"rel": "publication", "href": "https://x.example/"}, {"rel": "status", "href": format!("{origin}/status")}]);
    document["rights"]["end"] = restow::rfc3339(TODAY + 10 * DAY).into();
    change(&mut document);
    let key = Key::p256(2);
    let certificate = Form { until: "21991231235959Z", ..Form::provider(&key) }.sign(&Key::p256(1));
    workshop::signed(document, &certificate, &key)
}

/// Creates a home with the license, which may contact the server.
fn borrower(origin: &str) -> (tempfile::TempDir, restow::Home) {
    let dir = tempfile::tempdir().unwrap();
    let home = home(dir.path());
    restow::import::import_document(&home, &lent(origin, |_| ())).unwrap();
    restow::lcp_provider::allow(&home, origin, TrustOrigin::Manual).unwrap();
    (dir, home)
}

fn ask(answers: impl FnOnce(&str) -> Vec<Vec<u8>>) -> (Result<RefreshedLicense, ProviderError>, Vec<String>) {
    let script = Script::new(answers);
    let (_dir, home) = borrower(&script.origin);
    (one(&home), script.heads())
}

/// Asks a server that answers once, and returns the error.
fn fails(answer: Vec<u8>) -> String {
    let (result, _) = ask(|_| vec![answer]);
    result.unwrap_err().to_string()
}

#[test]
fn request_states_what_is_accepted() {
    let (result, heads) = ask(|_| vec![ok(status(json!({"status": "ACTIVE "})))]);
    assert_eq!(result.unwrap().status, LcpStatus::Active);
    let head = heads[0].to_ascii_lowercase();
    for line in [
        "get /status http/1.1",
        "accept: application/vnd.readium.license.status.v1.0+json, application/problem+json, \
         application/json;q=0.9, */*;q=0.1",
        "accept-encoding: identity",
        concat!("user-agent: restow/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(head.lines().any(|own| own == line), "{line}\n{head}");
    }
}

#[test]
fn refusal_shows_status_and_reason() {
    for (body, text) in [
        (r#"{"title":"No","detail":"Your card has expired."}"#, "Your card has expired."),
        ("Closed on Sundays.\n", "Closed on Sundays."),
        ("<html><title>Gone fishing</title></html>", "Gone fishing"),
    ] {
        let error = fails(answer("403 Forbidden", body));
        assert!(error.contains("HTTP 403") && error.contains(text.trim_end_matches('.')), "{error}");
    }
    let busy = fails(answer("503 Service Unavailable\r\nRetry-After: 600", "Maintenance."));
    assert!(busy.contains("HTTP 503") && busy.contains("Maintenance"), "{busy}");
}

#[test]
fn exceeded_limit_is_named_with_number() {
    let large = fails(ok(vec![b' '; 70_000]));
    assert!(large.contains("65536") || large.contains("65,536"), "{large}");
    let (result, heads) = ask(|_| vec![answer("302 Found\r\nLocation: /status?x", ""); 6]);
    let error = result.unwrap_err().to_string();
    assert!(error.contains("more than 5 times") && heads.len() == 6, "{error}");
}

#[test]
fn compressed_answer_is_refused_by_name() {
    let error = fails(answer("200 OK\r\nContent-Encoding: gzip", [0x1F, 0x8B, 8]));
    assert!(error.contains("compressed (gzip)"), "{error}");
}

#[test]
fn redirects_keep_method_and_origin_rules() {
    for (code, method) in [(301, "PUT"), (302, "PUT"), (303, "GET"), (307, "PUT"), (308, "PUT")] {
        let script = Script::new(|_| {
            let link = json!({"links": [{"rel": "return", "href": "return/1{?id}"}]});
            vec![
                ok(status(link)),
                answer(&format!("{code} X\r\nLocation: ../other?a=b"), ""),
                ok(status(json!({"status": "returned"}))),
                ok(status(json!({"status": "returned"}))),
            ]
        });
        let (_dir, home) = borrower(&script.origin);
        let answered = return_loan(&home, &identity("s1"), &Cancel::default()).unwrap();
        assert_eq!(answered.status, LcpStatus::Returned, "{code}");
        let heads = script.heads();
        assert!(heads[2].starts_with(&format!("{method} /return/../other?a=b ")), "{code}: {}", heads[2]);
    }
    let error = fails(answer("302 Found\r\nLocation: http://elsewhere.example/", ""));
    assert!(error.contains("elsewhere.example") && error.contains("http"), "{error}");
    let error = fails(answer("302 Found\r\nLocation: https://elsewhere.example/", ""));
    assert!(error.contains("not allowed contact with https://elsewhere.example"), "{error}");
}

#[test]
fn answer_without_document_is_a_success() {
    let script = Script::new(|_| {
        let links = json!({"links": [{"rel": "register", "href": "/register{?id,name}"}, {"rel": "return", "href": "/return/{id}"}]});
        vec![
            ok(status(links)),
            answer("204 No Content", ""),
            answer("204 No Content", ""),
            ok(status(json!({"status": "Returned"}))),
        ]
    });
    let (_dir, home) = borrower(&script.origin);
    let answered = return_loan(&home, &identity("s1"), &Cancel::default()).unwrap();
    assert_eq!((answered.status, answered.registered), (LcpStatus::Returned, true));
    assert_eq!(answered.warnings, []);
    let heads = script.heads();
    assert!(heads[1].starts_with("POST /register?id=") && heads[2].starts_with("PUT /return/"), "{heads:?}");
}

#[test]
fn license_link_of_media_type_is_taken() {
    let updated = |origin: &str| lent(origin, |document| document["updated"] = "2026-06-01T00:00:00Z".into());
    let links = |types: &[(&str, &str)]| {
        let link = |(href, kind): &(&str, &str)| json!({"rel": ["license"], "href": href, "type": kind});
        let links: Vec<Value> = types.iter().map(link).collect();
        ok(status(json!({"links": links, "updated": {"license": "2026-06-01T00:00:00Z"}})))
    };
    let (result, heads) = ask(|origin| {
        let types = [
            ("/fulfill", "application/vnd.adobe.adept+xml"),
            ("/plain", "application/json"),
            ("/lcp", "Application/vnd.readium.lcp.license.v1.0+JSON; charset=utf-8"),
        ];
        vec![links(&types), ok(updated(origin))]
    });
    assert!(result.unwrap().refreshed);
    assert!(heads[1].starts_with("GET /lcp "), "{}", heads[1]);
    // Without a fitting link, the reason is stated.
    let (result, _) = ask(|_| vec![links(&[("/fulfill", "application/vnd.adobe.adept+xml")])]);
    let warnings: Vec<String> = result.unwrap().warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.len() == 1 && warnings[0].contains("application/vnd.adobe.adept+xml"), "{warnings:?}");
    let (result, _) = ask(|_| {
        let link = json!({"rel": "license", "href": "/l", "profile": "http://readium.org/lcp/profile-2.9"});
        vec![ok(status(json!({"links": [link], "updated": {"license": "2026-06-01T00:00:00Z"}})))]
    });
    let warnings: Vec<String> = result.unwrap().warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.len() == 1 && warnings[0].contains("profile-2.9"), "{warnings:?}");
}

/// The provider renewed the loan within the precision of its dates.
#[test]
fn newest_answer_of_one_date_is_stored() {
    for days in [5, 20] {
        let end = TODAY + days * DAY;
        let script = Script::new(|origin| {
            let link = json!({"rel": "license", "href": "/license"});
            let event = json!({"type": "renew", "timestamp": "2026-05-02T00:00:00Z"});
            let renewed = lent(origin, |document| document["rights"]["end"] = restow::rfc3339(end).into());
            let same_date = json!({"license": "2026-05-01T10:00:00Z"});
            vec![ok(status(json!({"links": [link], "events": [event], "updated": same_date}))), ok(renewed)]
        });
        let (_dir, home) = borrower(&script.origin);
        let answered = one(&home).unwrap();
        assert_eq!((answered.refreshed, answered.expires), (true, Some(end)));
        assert!(String::from_utf8(license(&home, "s1").document).unwrap().contains(&restow::rfc3339(end)));
        script.heads();
    }
}

#[test]
fn older_license_is_refused_with_reason() {
    let (result, _) = ask(|origin| {
        let link = json!({"rel": "license", "href": "/license"});
        let older = lent(origin, |document| document["issued"] = "2026-04-01T10:00:00Z".into());
        vec![ok(status(json!({"links": [link], "updated": {"license": "2026-06-01T00:00:00Z"}}))), ok(older)]
    });
    let answered = result.unwrap();
    assert!(!answered.refreshed, "only a stored license is a newer one");
    assert!(answered.warnings[0].to_string().contains("older"), "{:?}", answered.warnings);
}

#[test]
fn page_links_are_shown_and_not_called() {
    for (rel, code) in [("renew", "provider-renew-page"), ("return", "provider-return-page")] {
        for kind in ["text/html", "TEXT/HTML; charset=utf-8", "application/xhtml+xml"] {
            let script =
                Script::new(|_| vec![ok(status(json!({"links": [{"rel": rel, "href": "/page", "type": kind}]})))]);
            let (_dir, home) = borrower(&script.origin);
            let cancel = Cancel::default();
            let result = match rel {
                "renew" => renew(&home, &identity("s1"), None, &cancel),
                _ => return_loan(&home, &identity("s1"), &cancel),
            };
            let error = result.unwrap_err();
            assert_eq!(error.code(), code);
            assert!(error.to_string().contains(&format!("{}/page", script.origin)), "{error}");
            assert_eq!(script.heads().len(), 1);
        }
    }
}
