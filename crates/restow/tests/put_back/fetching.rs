//! Publications fetched again, from a server that may say anything.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;

use restow::put_back::{Action, PutBackEvent, PutBackHandler, put_back};
use restow::service::Cancel;
use restow_media::Format;
use restow_media::build::{PublicationBuilder, strip_license};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::stage::*;

/// Answers each connection with the next of these, then closes it.
fn server(answers: Vec<Vec<u8>>) -> (String, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (mut stream, _) = listener.accept().unwrap();
            let (mut request, mut byte) = (Vec::new(), [0]);
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.push(byte[0]);
            }
            asked.push(String::from_utf8(request).unwrap());
            // Whoever has enough closes it before the end.
            let _ = stream.write_all(&answer);
        }
        asked
    });
    (url, thread)
}

fn ok(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len()).as_bytes(), body]
        .concat()
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into_bytes()
}

/// A license whose publication is there.
fn for_sale(url: &str, length: Option<usize>, hash: Option<&[u8]>) -> Vec<u8> {
    license("one", |document| {
        let link = &mut document["links"][1];
        link["href"] = json!(url);
        if let Some(length) = length {
            link["length"] = json!(length);
        }
        if let Some(body) = hash {
            link["hash"] = json!(data_encoding::HEXLOWER.encode(&Sha256::digest(body)));
        }
    })
}

#[test]
fn a_missing_book_is_fetched_and_checked() {
    let bare = book("urn:isbn:1", "Rain", None);
    // By way of a redirect to itself.
    let (url, asked) = server(vec![redirect("/cdn/b?x=1"), ok(&bare)]);
    let license = for_sale(&format!("{url}/b#part"), Some(bare.len()), Some(&bare));
    let place = Place::new(&[&license]);
    allow(&place.home, &url);
    let told = put(&place.home, Some(&place.library), true);
    assert_eq!((told.offers.len(), told.offers[0].checked, &told.offers[0].host), (1, true, &url));
    assert_eq!(told.summary.as_ref().unwrap().downloaded, 1, "{:?}", told.items);
    let path = place.library.join("From the shop.epub");
    assert_eq!((told.publication(&path), inside(&path)), (Some(Action::Downloaded), Some(license.clone())));
    assert!(strip_license(&std::fs::read(&path).unwrap()).unwrap() == bare);
    assert_eq!(std::fs::read(place.library.join("From the shop.lcpl")).unwrap(), license);
    assert_eq!(state(&place.library).len(), 2);
    let asked = asked.join().unwrap();
    assert!(asked[0].starts_with("GET /b HTTP") && asked[1].starts_with("GET /cdn/b?x=1 HTTP"), "{asked:?}");
    assert!(!asked.concat().to_lowercase().contains("ada"), "nothing of the person is sent");
    // It is found now, and nobody is asked.
    let told = put(&place.home, Some(&place.library), true);
    assert_eq!((told.offers.len(), told.summary.unwrap().already_present), (0, 2));
}

#[test]
fn what_is_not_what_the_license_says_is_not_kept() {
    let bare = book("urn:isbn:1", "Rain", None);
    let other = book("urn:isbn:2", "Rain", None);
    let (len, body) = (Some(bare.len()), Some(bare.as_slice()));
    let status = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec();
    let cut = ok(&bare)[..bare.len() / 2].to_vec();
    let clear = PublicationBuilder::new(Format::Epub).title("Rain").build();
    let loops = || vec![redirect("/b"); 6];
    for (answers, length, hash, code) in [
        (vec![ok(&other)], len, body, "fetch-hash"),
        (vec![ok(&bare)], Some(bare.len() - 1), body, "fetch-too-long"),
        (vec![ok(&bare)], Some(bare.len() + 1), body, "fetch-length"),
        (vec![ok(b"no book")], Some(7), Some(b"no book".as_slice()), "fetch-not-a-publication"),
        (vec![ok(&clear)], Some(clear.len()), Some(clear.as_slice()), "put-not-protected"),
        (vec![status], len, body, "fetch-status"),
        (vec![cut], len, body, "fetch-unreachable"),
        (vec![b"nonsense".to_vec()], len, body, "fetch-unreachable"),
        (loops(), len, body, "fetch-redirects"),
        (vec![redirect("http://127.0.0.1:1/")], len, body, "fetch-address"),
        (vec![redirect("https://10.0.0.1/")], len, body, "fetch-address"),
        (vec![redirect("file:///etc/passwd")], len, body, "fetch-address"),
    ] {
        let (url, asked) = server(answers);
        let license = for_sale(&format!("{url}/b"), length, hash);
        let place = Place::new(&[&license]);
        allow(&place.home, &url);
        let told = put(&place.home, Some(&place.library), true);
        assert_eq!(told.missing(), [code], "{:?}", told.items);
        assert_eq!(told.summary.unwrap().documents, 1);
        let names: Vec<PathBuf> = state(&place.library).into_keys().collect();
        assert_eq!(names, [place.library.join("From the shop.lcpl")], "{code}: nothing is left of it");
        asked.join().unwrap();
    }
}

#[test]
fn nobody_is_asked_for_what_is_not_fetched() {
    let bare = book("urn:isbn:1", "Rain", None);
    let sound = |url: &str| for_sale(url, Some(bare.len()), Some(&bare));
    let templated = license("one", |document| {
        document["links"][1] = json!({"rel": "publication", "href": "https://books.example/{x}", "templated": true});
    });
    let endless = license("one", |document| {
        document["links"][1]["length"] = json!((64_u64 << 30) + 1);
        document["links"][1]["hash"] = json!("0".repeat(64));
    });
    for (license, code) in [
        (endless, "fetch-too-large"),
        (sound(&format!("https://books.example/{}", "b".repeat(4096))), "fetch-address"),
        (sound("http://127.0.0.1:1/b"), "fetch-address"),
        (sound("https://192.168.1.1/b"), "fetch-address"),
        (sound("http://books.example/b"), "fetch-address"),
        (templated, "fetch-address"),
    ] {
        let place = Place::new(&[&license]);
        let told = put(&place.home, Some(&place.library), true);
        assert_eq!((told.missing(), told.offers.len()), (vec![code], 0), "{:?}", told.items);
    }
    let forged = String::from_utf8(sound("https://books.example/b")).unwrap().replace("Ada", "Eve").into_bytes();
    let place = Place::new(&[&forged]);
    let told = put(&place.home, Some(&place.library), true);
    assert!(
        matches!(&told.items[..], [PutBack::NotUsable { usability: LicenseState::Invalid, .. }]),
        "{:?}",
        told.items
    );
    assert!(state(&place.library).is_empty());
    // Without a folder there is no place for it, nor for the document.
    let place = Place::new(&[&sound("https://books.example/b")]);
    let told = put(&place.home, None, true);
    assert_eq!((told.missing(), told.offers.len(), told.items.len()), (vec!["put-no-folder"], 0, 1));
    // Asked, and the answer was no: no name is looked up, nothing is opened.
    let told = put(&place.home, Some(&place.library), false);
    assert_eq!((told.missing(), told.offers.len()), (vec!["fetch-not-agreed"], 1));
    let unchecked = Place::new(&[&for_sale("https://books.example/b", None, None)]);
    let told = put(&unchecked.home, Some(&unchecked.library), false);
    assert_eq!((told.missing(), told.offers[0].checked), (vec!["fetch-no-hash"], false));
}

#[test]
fn what_was_agreed_to_leads_nowhere_private_that_was_not_shown() {
    // Allowed for another library; nobody said that this one may send anybody there.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let there = format!("http://{}", other.local_addr().unwrap());
    let (url, asked) = server(vec![redirect(&format!("{there}/b"))]);
    let place = Place::new(&[&for_sale(&format!("{url}/b"), Some(9), Some(b"x"))]);
    allow(&place.home, &url);
    allow(&place.home, &there);
    let told = put(&place.home, Some(&place.library), true);
    assert_eq!((told.missing(), &told.offers[0].host), (vec!["fetch-address"], &url), "{:?}", told.items);
    assert!(other.accept().is_err(), "nobody came");
    asked.join().unwrap();
}

#[test]
fn who_agrees_to_all_agrees_to_what_is_checked_and_of_usual_size() {
    for (length, hash, unasked) in [
        (Some(4 << 30), true, true),
        (None, true, true),
        (Some((4 << 30) + 1), true, false),
        (Some(64 << 30), true, false),
        (Some(1), false, false),
    ] {
        let place = Place::new(&[&for_sale("https://books.example/b", length, hash.then_some(b"x"))]);
        let told = put(&place.home, Some(&place.library), false);
        assert_eq!(told.offers.len(), 1, "{:?}", told.items);
        assert_eq!((told.offers[0].length, told.offers[0].is_auto_approved()), (length.map(|n| n as u64), unasked));
    }
}

#[test]
fn people_are_led_only_where_somebody_signed_and_to_the_web() {
    let shown = |license: &[u8]| {
        let place = Place::new(&[license]);
        let told = put(&place.home, Some(&place.library), false);
        told.items.iter().find_map(|item| match item {
            PutBackEvent::Missing { url, .. } => Some(url.clone()),
            _ => None,
        })
    };
    let at = |url: &str| for_sale(url, None, None);
    for url in ["https://books.example/b", "http://books.example/b", "HTTPS://books.example/b"] {
        assert_eq!(shown(&at(url)), Some(Some(url.to_owned())));
    }
    let long = format!("https://books.example/{}", "b".repeat(4096));
    for url in
        ["javascript:alert(1)", "file:///etc/passwd", "ftp://books.example/b", "https://books.example/a b", &long]
    {
        assert_eq!(shown(&at(url)), Some(None), "{url}");
    }
    let forged = String::from_utf8(at("https://books.example/b")).unwrap().replace("Ada", "Eve");
    assert_eq!(shown(forged.as_bytes()), None, "an invalid license is not put back");
}

#[test]
fn a_fetch_is_cancelled_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    let cancel = Cancel::default();
    let stop = cancel.clone();
    // Says the beginning, and nothing more.
    let silent = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nPK").unwrap();
        stop.cancel();
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let place = Place::new(&[&for_sale(&format!("{origin}/b"), Some(1_000_000), Some(b"x"))]);
    allow(&place.home, &origin);
    let dialog = &mut PutBackHandler { confirm: &mut |_| true, on_event: &mut |_| {}, cancel: &cancel };
    assert_eq!(put_back(&place.home, Some(&place.library), dialog).unwrap_err().code(), "cancelled");
    assert!(state(&place.library).is_empty());
    drop(silent);
}
