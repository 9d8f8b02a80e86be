//! Tests of downloads of missing publications.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

use restow::listing::LicenseState;
use restow::put_back::{Action, PutBackEvent, PutBackHandler, put_back};
use restow::service::Cancel;
use restow_media::build::strip_license;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::fixture::*;

/// Starts a server that answers each connection with the next response. Returns its address; the thread returns the
/// requests.
fn start_server(responses: Vec<Vec<u8>>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let mut requests = Vec::new();
        for response in responses {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut request, mut byte) = (Vec::new(), [0]);
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.push(byte[0]);
            }
            requests.push(String::from_utf8(request).unwrap());
            // A client that rejects a response closes the connection early.
            let _ = stream.write_all(&response);
        }
        requests
    });
    (url, thread)
}

fn ok_response(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes(), body]
        .concat()
}

fn redirect_response(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// Returns a license with a link to a publication, its length, and the hash of a content.
fn license_with_link(url: &str, length: Option<usize>, hashed: Option<&[u8]>) -> Vec<u8> {
    license_with("one", |document| {
        let link = &mut document["links"][1];
        link["href"] = json!(url);
        if let Some(length) = length {
            link["length"] = json!(length);
        }
        if let Some(content) = hashed {
            link["hash"] = json!(data_encoding::HEXLOWER.encode(&Sha256::digest(content)));
        }
    })
}

/// Changes the name of the user, so that the signature is no longer valid.
fn with_invalid_signature(license: Vec<u8>) -> Vec<u8> {
    String::from_utf8(license).unwrap().replace("Ada", "Eve").into_bytes()
}

fn too_long_url() -> String {
    format!("https://books.example/{}", "b".repeat(4096))
}

#[test]
fn missing_publication_is_downloaded_and_checked() {
    let content = publication("urn:isbn:1", "Rain", None);
    let (url, requests) = start_server(vec![redirect_response("/cdn/b?x=1"), ok_response(&content)]);
    let license = license_with_link(&format!("{url}/b#part"), Some(content.len()), Some(&content));
    let library = Library::new(&[&license]);
    allow_origin(&library.home, &url);
    let result = run_put_back(&library.home, Some(&library.folder), true);
    assert_eq!((result.offers.len(), result.offers[0].checked, &result.offers[0].host), (1, true, &url));
    assert_eq!(result.summary.as_ref().unwrap().downloaded, 1, "{:?}", result.events);
    let path = library.folder.join("From the shop.epub");
    assert_eq!((result.publication(&path), embedded(&path)), (Some(Action::Downloaded), Some(license.clone())));
    assert!(strip_license(&std::fs::read(&path).unwrap()).unwrap() == content);
    assert_eq!(std::fs::read(library.folder.join("From the shop.lcpl")).unwrap(), license);
    assert_eq!(snapshot(&library.folder).len(), 2);
    let requests = requests.join().unwrap();
    assert!(requests[0].starts_with("GET /b HTTP") && requests[1].starts_with("GET /cdn/b?x=1 HTTP"), "{requests:?}");
    assert!(!requests.concat().to_lowercase().contains("ada"), "the name of the user is not sent");
    // The next run finds the publication and asks no question.
    let result = run_put_back(&library.home, Some(&library.folder), true);
    assert_eq!((result.offers.len(), result.summary.unwrap().already_present), (0, 2));
}

#[test]
fn wrong_download_is_discarded() {
    let content = publication("urn:isbn:1", "Rain", None);
    let other = publication("urn:isbn:2", "Rain", None);
    let (length, hashed) = (Some(content.len()), Some(content.as_slice()));
    let not_found = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
    let cut = ok_response(&content)[..content.len() / 2].to_vec();
    let unprotected = unprotected_publication("urn:isbn:1", "Rain");
    for (responses, length, hashed, code) in [
        (vec![ok_response(&other)], length, hashed, "fetch-hash"),
        (vec![ok_response(&content)], Some(content.len() - 1), hashed, "fetch-too-long"),
        (vec![ok_response(&content)], Some(content.len() + 1), hashed, "fetch-length"),
        (vec![ok_response(b"no book")], Some(7), Some(b"no book".as_slice()), "fetch-not-a-publication"),
        (vec![ok_response(&unprotected)], Some(unprotected.len()), Some(&unprotected), "put-not-protected"),
        (vec![not_found], length, hashed, "fetch-status"),
        (vec![cut], length, hashed, "fetch-unreachable"),
        (vec![b"nonsense".to_vec()], length, hashed, "fetch-unreachable"),
        (vec![redirect_response("/b"); 6], length, hashed, "fetch-redirects"),
        (vec![redirect_response("http://127.0.0.1:1/")], length, hashed, "fetch-address"),
        (vec![redirect_response("https://10.0.0.1/")], length, hashed, "fetch-address"),
        (vec![redirect_response("file:///etc/passwd")], length, hashed, "fetch-address"),
    ] {
        let (url, requests) = start_server(responses);
        let license = license_with_link(&format!("{url}/b"), length, hashed);
        let library = Library::new(&[&license]);
        allow_origin(&library.home, &url);
        let result = run_put_back(&library.home, Some(&library.folder), true);
        assert_eq!(result.missing(), [code], "{:?}", result.events);
        assert_eq!(result.summary.unwrap().documents, 0);
        assert_eq!(snapshot(&library.folder).len(), 0, "{code}");
        requests.join().unwrap();
    }
}

#[test]
fn unusable_link_asks_no_question() {
    let content = publication("urn:isbn:1", "Rain", None);
    let license_at = |url: &str| license_with_link(url, Some(content.len()), Some(&content));
    let templated = license_with("one", |document| {
        document["links"][1] = json!({"rel": "publication", "href": "https://books.example/{x}", "templated": true});
    });
    let too_large = license_with("one", |document| {
        document["links"][1]["length"] = json!((64_u64 << 30) + 1);
        document["links"][1]["hash"] = json!("0".repeat(64));
    });
    for (license, code) in [
        (too_large, "fetch-too-large"),
        (license_at(&too_long_url()), "fetch-address"),
        (license_at("http://127.0.0.1:1/b"), "fetch-address"),
        (license_at("https://192.168.1.1/b"), "fetch-address"),
        (license_at("http://books.example/b"), "fetch-address"),
        (templated, "fetch-address"),
    ] {
        let library = Library::new(&[&license]);
        let result = run_put_back(&library.home, Some(&library.folder), true);
        assert_eq!((result.missing(), result.offers.len()), (vec![code], 0), "{:?}", result.events);
    }
    // Without a folder, neither the publication nor the license file has a place.
    let library = Library::new(&[&license_at("https://books.example/b")]);
    let result = run_put_back(&library.home, None, true);
    assert_eq!((result.missing(), result.offers.len(), result.events.len()), (vec!["put-no-folder"], 0, 1));
}

#[test]
fn invalid_license_is_not_put_back() {
    let content = publication("urn:isbn:1", "Rain", None);
    let license = license_with_link("https://books.example/b", Some(content.len()), Some(&content));
    let library = Library::new(&[&with_invalid_signature(license)]);
    let result = run_put_back(&library.home, Some(&library.folder), true);
    let [PutBackEvent::NotUsable { state: LicenseState::Invalid, .. }] = &result.events[..] else {
        panic!("{:?}", result.events);
    };
    assert!(snapshot(&library.folder).is_empty());
}

#[test]
fn declined_download_contacts_no_server() {
    let library = Library::new(&[&license_with_link("https://books.example/b", Some(1), Some(b"x"))]);
    let result = library.put_back();
    assert_eq!((result.missing(), result.offers.len()), (vec!["fetch-not-agreed"], 1));
    let unchecked = Library::new(&[&license_with_link("https://books.example/b", None, None)]);
    let result = unchecked.put_back();
    assert_eq!((result.missing(), result.offers[0].checked), (vec!["fetch-no-hash"], false));
}

/// An origin that the user typed for one library must not be reachable through a redirect of another one.
#[test]
fn redirect_to_other_private_origin_is_refused() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let other_origin = format!("http://{}", other.local_addr().unwrap());
    let (url, requests) = start_server(vec![redirect_response(&format!("{other_origin}/b"))]);
    let library = Library::new(&[&license_with_link(&format!("{url}/b"), Some(9), Some(b"x"))]);
    allow_origin(&library.home, &url);
    allow_origin(&library.home, &other_origin);
    let result = run_put_back(&library.home, Some(&library.folder), true);
    assert_eq!(result.missing(), ["fetch-address"], "{:?}", result.events);
    assert_eq!(result.offers[0].host, url);
    assert!(other.accept().is_err());
    requests.join().unwrap();
}

#[test]
fn only_checked_downloads_of_usual_size_are_auto_approved() {
    for (length, has_hash, is_approved) in [
        (Some(4 << 30), true, true),
        (None, true, true),
        (Some((4 << 30) + 1), true, false),
        (Some(64 << 30), true, false),
        (Some(1), false, false),
    ] {
        let hashed = has_hash.then_some(b"x".as_slice());
        let library = Library::new(&[&license_with_link("https://books.example/b", length, hashed)]);
        let result = library.put_back();
        let [offer] = &result.offers[..] else { panic!("{:?}", result.events) };
        assert_eq!((offer.length, offer.is_auto_approved()), (length.map(|length| length as u64), is_approved));
    }
}

#[test]
fn only_signed_web_addresses_are_shown() {
    let shown_url = |license: &[u8]| {
        let library = Library::new(&[license]);
        library.put_back().events.into_iter().find_map(|event| match event {
            PutBackEvent::Missing { url, .. } => Some(url),
            _ => None,
        })
    };
    let license_at = |url: &str| license_with_link(url, None, None);
    for url in ["https://books.example/b", "http://books.example/b", "HTTPS://books.example/b"] {
        assert_eq!(shown_url(&license_at(url)), Some(Some(url.to_owned())));
    }
    let too_long = too_long_url();
    for url in
        ["javascript:alert(1)", "file:///etc/passwd", "ftp://books.example/b", "https://books.example/a b", &too_long]
    {
        assert_eq!(shown_url(&license_at(url)), Some(None), "{url}");
    }
    let invalid = with_invalid_signature(license_at("https://books.example/b"));
    assert_eq!(shown_url(&invalid), None, "an invalid license is not put back");
}

#[test]
fn waiting_download_is_cancelled_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let cancel = Cancel::default();
    let server_cancel = cancel.clone();
    // The server sends the first bytes, and then no others.
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nPK").unwrap();
        server_cancel.cancel();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let library = Library::new(&[&license_with_link(&format!("{origin}/b"), Some(1_000_000), Some(b"x"))]);
    allow_origin(&library.home, &origin);
    let handler = &mut PutBackHandler {
        confirm: &mut |_| true,
        confirm_changes: &mut |_| true,
        on_event: &mut |_| {},
        cancel: &cancel,
    };
    assert_eq!(put_back(&library.home, Some(&library.folder), handler).unwrap_err().code(), "cancelled");
    assert!(snapshot(&library.folder).is_empty());
    drop(server);
}
