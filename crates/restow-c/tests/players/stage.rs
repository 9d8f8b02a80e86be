//! A service and the homes of some computers.

use std::cell::Cell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use restow::license::{Limits, Right, Rights};
use restow::service::Cancel;
use restow::service::acquire::{look_up_service, trust};
use restow::service::protocol::{Terms, admin};
use restow::{Home, KeyId, SystemClock};
use restow_service::{InitOptions, Service, ServiceHandle, Settings, api_key, initialize};
use serde::Serialize;
use tokio::net::TcpSocket;

pub struct Stage {
    folder: tempfile::TempDir,
    pub url: String,
    pub fingerprint: String,
    requests: Cell<u32>,
    _running: ServiceHandle,
    _port: Option<TcpSocket>,
}

/// Reserves a port of this machine for the lifetime of the socket.
fn reserve() -> (SocketAddr, Option<TcpSocket>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    // The socket is bound but does not listen. Outside Linux the service could not listen on the same port.
    (socket.local_addr().unwrap(), cfg!(target_os = "linux").then_some(socket))
}

impl Stage {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (address, port) = reserve();
        let (shop, url) = (folder.path().join("shop"), format!("http://{address}"));
        let contact = "help@shop.example".to_owned();
        initialize(&shop, &InitOptions { name: "Shop".into(), url: url.clone(), privacy_url: None, contact }).unwrap();
        let settings = Settings { listen: Some(address), ..Settings::load(&shop).unwrap() };
        let running = Service::open(&shop, settings, Arc::new(SystemClock)).unwrap().serve().unwrap();
        let found = look_up_service(&url, &Cancel::default()).unwrap();
        Self {
            folder,
            url,
            fingerprint: found.key_set().set().issuer.clone(),
            requests: Cell::new(0),
            _running: running,
            _port: port,
        }
    }

    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// Creates a computer that trusts the shop manually, as its private address requires.
    pub fn computer(&self, name: &str) -> PathBuf {
        let folder = self.folder(name);
        let found = look_up_service(&self.url, &Cancel::default()).unwrap();
        trust(&Home::open(&folder).unwrap(), &found).unwrap();
        folder
    }

    /// Issues a license; returns the link to it and its ID.
    pub fn issue(&self, license: Terms) -> (String, String) {
        let text = self.operate("issue", &admin::IssueRequest::new(vec![license]));
        let mut issued: admin::IssueAnswer = serde_json::from_str(&text).unwrap();
        (issued.link, issued.licenses.remove(0))
    }

    pub fn revoke(&self, license: String) {
        self.operate("revoke", &admin::RevokeRequest { license, reason: "refunded".into() });
    }

    fn operate(&self, what: &str, request: &impl Serialize) -> String {
        let key = api_key(&self.folder.path().join("shop")).unwrap();
        self.requests.set(self.requests.get() + 1);
        ureq::post(format!("{}/restow/v1/admin/{what}", self.url))
            .header("authorization", format!("Bearer {}", key.as_str()))
            .header("idempotency-key", format!("a-request-of-the-operator-{}", self.requests.get()))
            .header("content-type", "application/json")
            .send(serde_json::to_vec(request).unwrap())
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap()
    }
}

pub fn key_id(n: u8) -> String {
    KeyId::Uuid([n; 16]).to_string()
}

fn terms(n: u8, rights: Rights) -> Terms {
    Terms {
        key_ids: vec![key_id(n)],
        title: Some(format!("Song {n}")),
        rights,
        priority: 0,
        not_before: None,
        expires: None,
        unreported: None,
        limit: Some(2),
    }
}

/// Terms: three plays, backup allowed, two computers.
pub fn song(n: u8) -> Terms {
    let thrice = Limits { count: Some(3), ..Limits::default() };
    terms(n, Rights::from([(Right::PLAY, thrice), (Right::BACKUP, Limits::default())]))
}

/// Terms: plays, no backup.
pub fn restricted(n: u8) -> Terms {
    terms(n, Rights::from([(Right::PLAY, Limits::default())]))
}
