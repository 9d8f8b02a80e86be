//! Provider of LCP licenses on loopback: an HTTP server for License Status Document 1.0, revision 5, with
//! faults on request. Its own root certifies the provider that signs the licenses.

use std::collections::{BTreeMap, HashMap};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use restow::UnixTime;
use serde_json::{Value, json};

use crate::workshop::{self, Form, Key};

const LICENSE: &str = "application/vnd.readium.lcp.license.v1.0+json";
const STATUS: &str = "application/vnd.readium.license.status.v1.0+json";
const ERRORS: &str = "http://readium.org/license-status-document/error/";
/// 2026-11-01, start of the clock.
const OPENING: UnixTime = 1_793_491_200;

/// Resource of a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    Status,
    License,
    Register,
    Renew,
    Return,
}

/// Answer in place of the correct one.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Closes the connection without an answer.
    Silent,
    /// Keeps the connection open without an answer.
    Mute,
    /// Answers with these bytes.
    Gives(Vec<u8>),
    /// Answers with a web page.
    Page,
    /// Sends the first half of the body only.
    CutOff,
    /// Sends more bytes than the limit.
    Endless,
    /// Answers with status 429 or 503: the status, the number of times, and the `Retry-After` header.
    Busy(u16, usize, Option<&'static str>),
    /// Answers with the required members only: no links, no dates.
    Short,
    /// Answers with a problem: status and type.
    Problem(u16, &'static str),
    /// Redirects to a location. `{at}` becomes the number of requests so far.
    Redirects(u16, String),
}

/// License with its status.
pub struct Loan {
    pub document: Value,
    pub status: &'static str,
    pub license_updated: UnixTime,
    pub status_updated: UnixTime,
    /// Names of the registered devices by ID.
    pub devices: BTreeMap<String, String>,
    pub longest: Option<UnixTime>,
    /// A person renews the loan on a page.
    pub renewed_on_page: bool,
    pub renewable: bool,
    pub returnable: bool,
    /// Address of the license in the status document, if changed.
    pub license_at: Option<String>,
    /// Signs the license with a wrong key.
    pub wrong_key: bool,
    events: Vec<Value>,
}

struct State {
    now: UnixTime,
    loans: BTreeMap<String, Loan>,
    faults: HashMap<Place, Fault>,
    /// Faults that start after a request for the first resource.
    later: HashMap<Place, (Place, Fault)>,
    requests: Vec<String>,
    certificate: Vec<u8>,
    key: Key,
}

/// Running server. Dropping the value stops the server.
pub struct Library {
    pub origin: String,
    state: Arc<Mutex<State>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// Returns the root that certifies the test providers, as a PEM file.
pub fn root() -> Vec<u8> {
    let key = Key::p256(1);
    workshop::pem(&Form::root(&key).sign(&key))
}

impl Library {
    pub fn open() -> Self {
        let key = Key::p256(2);
        let certificate = Form { until: "21991231235959Z", ..Form::provider(&key) }.sign(&Key::p256(1));
        Self::certified(certificate, key)
    }

    /// Starts a provider under an unknown root.
    pub fn unknown() -> Self {
        let key = Key::p256(5);
        let form = Form { subject: "Other Library", issuer: "Nobody's Root", ..Form::provider(&key) };
        Self::certified(Form { until: "21991231235959Z", ..form }.sign(&Key::p256(6)), key)
    }

    fn certified(certificate: Vec<u8>, key: Key) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (loans, faults, later) = (BTreeMap::new(), HashMap::new(), HashMap::new());
        let state = State { now: OPENING, loans, faults, later, requests: Vec::new(), certificate, key };
        let (state, over) = (Arc::new(Mutex::new(state)), Arc::new(AtomicBool::new(false)));
        let (shared, ends, at) = (state.clone(), over.clone(), origin.clone());
        let thread = thread::spawn(move || {
            for stream in listener.incoming() {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let (state, origin) = (shared.clone(), at.clone());
                thread::spawn(move || serve(&stream.unwrap(), &state, &origin));
            }
        });
        Self { origin, state, over, thread: Some(thread) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Lends a publication until a time and returns its license.
    pub fn lend(&self, id: &str, title: &str, end: Option<UnixTime>) -> Vec<u8> {
        let mut document = workshop::document("2026-01-01T00:00:00Z");
        document["id"] = id.into();
        document["links"] = json!([
            {"rel": "hint", "href": format!("{}/hint", self.origin)},
            {"rel": "publication", "href": format!("{}/book/{id}", self.origin), "title": title},
            {"rel": "status", "href": format!("{}/status/{id}", self.origin), "type": STATUS},
        ]);
        if let Some(end) = end {
            document["rights"]["end"] = restow::rfc3339(end).into();
        }
        let issued = 1_767_225_600; // 2026-01-01, the date in the document
        let loan = Loan {
            document,
            status: "ready",
            license_updated: issued,
            status_updated: issued,
            devices: BTreeMap::new(),
            longest: end.map(|end| end + 60 * 86_400),
            renewed_on_page: false,
            renewable: true,
            returnable: true,
            license_at: None,
            wrong_key: false,
            events: Vec::new(),
        };
        let mut state = self.state();
        state.loans.insert(id.to_owned(), loan);
        state.license(id)
    }

    /// Changes a loan.
    pub fn with(&self, id: &str, change: impl FnOnce(&mut Loan)) {
        change(self.state().loans.get_mut(id).unwrap());
    }

    /// Sets the end of the license and updates its document.
    pub fn ends_at(&self, id: &str, end: UnixTime) {
        self.state().end_at(id, end);
    }

    /// Ends the license with this status.
    pub fn ends(&self, id: &str, status: &'static str) {
        let mut state = self.state();
        let now = state.tick();
        state.end_at(id, now);
        let loan = state.loans.get_mut(id).unwrap();
        (loan.status, loan.status_updated) = (status, now);
    }

    pub fn breaks(&self, place: Place, fault: Fault) {
        self.state().faults.insert(place, fault);
    }

    /// Sets a fault that starts after a request for another resource.
    pub fn breaks_after(&self, asked: Place, place: Place, fault: Fault) {
        self.state().later.insert(asked, (place, fault));
    }

    pub fn is_mended(&self) {
        self.state().faults.clear();
    }

    /// Returns the requests since the last call, as `GET /status/ID`.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }

    /// Returns the current license document.
    pub fn license(&self, id: &str) -> Vec<u8> {
        self.state().license(id)
    }

    pub fn devices(&self, id: &str) -> Vec<(String, String)> {
        self.state().loans[id].devices.clone().into_iter().collect()
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts connections.
        let _ = TcpStream::connect(self.origin.trim_start_matches("http://"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Answer {
    status: u16,
    media_type: &'static str,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn new(status: u16, media_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self { status, media_type, headers: String::new(), body: body.into() }
    }

    fn problem(status: u16, name: &str, detail: &str) -> Self {
        let problem = json!({"type": format!("{ERRORS}{name}"), "title": "It did not work.", "detail": detail});
        Self::new(status, "application/problem+json", problem.to_string())
    }
}

impl State {
    fn tick(&mut self) -> UnixTime {
        self.now += 60;
        self.now
    }

    fn end_at(&mut self, id: &str, end: UnixTime) {
        let now = self.tick();
        let loan = self.loans.get_mut(id).unwrap();
        loan.document["rights"]["end"] = restow::rfc3339(end).into();
        loan.document["updated"] = restow::rfc3339(now).into();
        (loan.license_updated, loan.status_updated) = (now, now);
    }

    fn license(&self, id: &str) -> Vec<u8> {
        let loan = &self.loans[id];
        let wrong = Key::p256(9);
        workshop::signed(loan.document.clone(), &self.certificate, if loan.wrong_key { &wrong } else { &self.key })
    }

    fn status(&self, origin: &str, id: &str) -> Vec<u8> {
        let loan = &self.loans[id];
        let license_at = loan.license_at.clone().unwrap_or_else(|| format!("{origin}/license/{id}"));
        let mut links = vec![
            json!({"rel": "license", "href": license_at, "type": LICENSE}),
            json!({"rel": "register", "href": format!("{origin}/register/{id}{{?id,name}}"), "type": STATUS, "templated": true}),
        ];
        if loan.returnable {
            links.push(json!({"rel": "return", "href": format!("{origin}/return/{id}{{?id,name}}"), "type": STATUS, "templated": true}));
        }
        if loan.renewed_on_page {
            links.push(json!({"rel": "renew", "href": format!("{origin}/renew-page/{id}"), "type": "text/html"}));
        } else if loan.renewable {
            links.push(json!({"rel": "renew", "href": format!("{origin}/renew/{id}{{?end,id,name}}"), "type": STATUS, "templated": true}));
        }
        let mut document = json!({
            "id": id, "status": loan.status, "message": format!("The loan is {}.", loan.status),
            "updated": {"license": restow::rfc3339(loan.license_updated), "status": restow::rfc3339(loan.status_updated)},
            "links": links, "events": loan.events, "provider_extra": {"x": [1]},
        });
        if let Some(longest) = loan.longest {
            document["potential_rights"] = json!({"end": restow::rfc3339(longest)});
        }
        document.to_string().into_bytes()
    }

    /// Answers as the specification requires.
    fn answer(&mut self, origin: &str, place: Place, id: &str, query: &HashMap<String, String>) -> Answer {
        if !self.loans.contains_key(id) {
            return Answer::problem(404, "", "There is no such license.");
        }
        let now = self.tick();
        let event = |kind: &str| json!({"type": kind, "id": query.get("id"), "name": query.get("name"), "timestamp": restow::rfc3339(now)});
        let loan = self.loans.get_mut(id).unwrap();
        let is_open = matches!(loan.status, "ready" | "active");
        match place {
            Place::Status => {}
            Place::License => return Answer::new(200, LICENSE, self.license(id)),
            Place::Register => {
                let (Some(device), Some(name), true) = (query.get("id"), query.get("name"), is_open) else {
                    return Answer::problem(400, "registration", "No more devices.");
                };
                loan.devices.insert(device.clone(), name.clone());
                (loan.status, loan.status_updated) = ("active", now);
                loan.events.push(event("register"));
            }
            Place::Renew => {
                if !(is_open || loan.status == "expired") || !loan.renewable {
                    return Answer::problem(403, "renew", "Somebody else waits for it.");
                }
                let end =
                    query.get("end").and_then(|end| end.parse::<jiff::Timestamp>().ok()).map(|end| end.as_second());
                let end = end.or(loan.longest).unwrap_or(now);
                if loan.longest.is_some_and(|longest| end > longest) {
                    return Answer::problem(403, "renew/date", "That is too long.");
                }
                loan.events.push(event("renew"));
                loan.status = "active";
                self.end_at(id, end);
            }
            Place::Return => {
                match loan.status {
                    "returned" => return Answer::problem(403, "return/already", "It is back already."),
                    "expired" => return Answer::problem(403, "return/expired", "Its time is over."),
                    "ready" => loan.status = "cancelled",
                    _ => loan.status = "returned",
                }
                loan.events.push(event("return"));
                self.end_at(id, now);
            }
        }
        Answer::new(200, STATUS, self.status(origin, id))
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>, origin: &str) {
    let mut lines = BufReader::new(stream).lines();
    let Some(Ok(first)) = lines.next() else { return };
    // These requests have no body.
    let _ = lines.find(|line| line.as_ref().is_ok_and(String::is_empty));
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    let query: HashMap<String, String> = query.map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    let (name, id) = path.trim_start_matches('/').split_once('/').unwrap_or_default();
    let place = match (method, name) {
        ("GET", "status") => Place::Status,
        ("GET", "license") => Place::License,
        ("POST", "register") => Place::Register,
        ("PUT", "renew") => Place::Renew,
        ("PUT", "return") => Place::Return,
        _ => {
            state.lock().unwrap().requests.push(format!("{method} {path}"));
            return send(stream, &Answer::new(405, "text/plain", "no"), 1);
        }
    };
    let mut locked = state.lock().unwrap();
    locked.requests.push(format!("{method} {path}"));
    let here = locked.requests.iter().filter(|request| request.contains(path)).count();
    let fault = locked.faults.get(&place).cloned();
    if let Some((place, fault)) = locked.later.remove(&place) {
        locked.faults.insert(place, fault);
    }
    let mut answer = match fault {
        None | Some(Fault::CutOff) => locked.answer(origin, place, id, &query),
        Some(Fault::Short) => {
            let mut answer = locked.answer(origin, place, id, &query);
            let document: Value = serde_json::from_slice(&answer.body).unwrap();
            answer.body =
                json!({"id": document["id"], "status": document["status"], "message": "Done."}).to_string().into();
            answer
        }
        Some(Fault::Silent) => return drop(stream.shutdown(Shutdown::Both)),
        Some(Fault::Mute) => {
            drop(locked);
            // Waits until the client closes the connection.
            return drop(lines.next());
        }
        Some(Fault::Gives(bytes)) => Answer::new(200, STATUS, bytes),
        Some(Fault::Page) => Answer::new(200, "text/html", "<!doctype html><title>Log in</title>"),
        Some(Fault::Endless) => Answer::new(200, STATUS, vec![b' '; 4 << 20]),
        Some(Fault::Busy(status, times, after)) => {
            if times <= 1 {
                locked.faults.remove(&place);
            } else {
                locked.faults.insert(place, Fault::Busy(status, times - 1, after));
            }
            let mut answer = Answer::new(status, "text/plain", "Later.");
            answer.headers = after.map(|after| format!("Retry-After: {after}\r\n")).unwrap_or_default();
            answer
        }
        Some(Fault::Problem(status, name)) => Answer::problem(status, name, "Not today."),
        Some(Fault::Redirects(status, location)) => {
            let mut answer = Answer::new(status, "text/plain", "There.");
            answer.headers = format!("Location: {}\r\n", location.replace("{at}", &here.to_string()));
            answer
        }
    };
    let cut = matches!(locked.faults.get(&place), Some(Fault::CutOff));
    drop(locked);
    answer.headers.push_str("Connection: close\r\n");
    send(stream, &answer, if cut { 2 } else { 1 });
}

/// Sends the answer, or a part of its body.
fn send(mut stream: &TcpStream, answer: &Answer, part: usize) {
    let Answer { status, media_type, headers, body } = answer;
    let head =
        format!("HTTP/1.1 {status} X\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    // The client may have closed the connection.
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body[..body.len() / part]));
    let _ = stream.shutdown(Shutdown::Both);
}

fn decoded(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
        match (first, behind.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}
