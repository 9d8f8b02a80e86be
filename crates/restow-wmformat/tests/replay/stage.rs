//! A service, folders and files.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restow::license::{Limits, Right, Rights};
use restow::service::protocol::{Terms, admin};
use restow::{KeyId, SystemClock};
use restow_media::build::{AsfBuilder, Protection, ProtectionKind};
use restow_service::{InitOptions, Service, ServiceHandle, Settings, initialize};
use tokio::net::TcpSocket;

pub struct Stage(tempfile::TempDir);

impl Stage {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Returns a folder, created on first use.
    pub fn folder(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }

    /// Creates a clear file and a protected file.
    pub fn files(&self) -> (PathBuf, PathBuf) {
        let (clear, protected) = (self.path("clear.wma"), self.path("protected.wma"));
        std::fs::write(&clear, AsfBuilder::new().title("Clear").build()).unwrap();
        let protection = Protection::new(ProtectionKind::Wmdrm, KeyId::Uuid([7; 16]));
        std::fs::write(&protected, AsfBuilder::new().protection(protection).build()).unwrap();
        (clear, protected)
    }

    pub fn shop(&self) -> Shop {
        let (address, port) = reserve();
        let (folder, url) = (self.path("shop"), format!("http://{address}"));
        let contact = "help@shop.example".to_owned();
        initialize(&folder, &InitOptions { name: "Shop".into(), url: url.clone(), privacy_url: None, contact })
            .unwrap();
        let mut shop = Shop { folder, url, address, _port: port, running: None };
        shop.start();
        shop
    }
}

/// Reserves a port of this machine for the lifetime of the socket, so that a service can stop and start again.
fn reserve() -> (SocketAddr, Option<TcpSocket>) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_reuseaddr(true).unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    // The socket is bound but does not listen. Outside Linux the service could not listen on the same port.
    (socket.local_addr().unwrap(), cfg!(target_os = "linux").then_some(socket))
}

/// Makes the single-generation set at a location look encrypted.
pub fn encrypt(location: &Path) {
    let sets = location.join("Restow/sets");
    let set = std::fs::read_dir(sets).unwrap().next().unwrap().unwrap().path();
    let written: Vec<PathBuf> =
        std::fs::read_dir(set.join("generations")).unwrap().map(|found| found.unwrap().path()).collect();
    let mut bytes = std::fs::read(&written[0]).unwrap();
    bytes[10] = 1;
    let digest = restow_backup::Digest::sha256(&bytes).to_string();
    for path in written {
        let ending = path.extension().unwrap().display().to_string();
        std::fs::write(path.with_file_name(format!("0000000001-{}.{ending}", &digest[..16])), &bytes).unwrap();
        std::fs::remove_file(path).unwrap();
    }
}

pub struct Shop {
    folder: PathBuf,
    pub url: String,
    address: SocketAddr,
    _port: Option<TcpSocket>,
    running: Option<ServiceHandle>,
}

impl Shop {
    pub fn start(&mut self) {
        let settings = Settings { listen: Some(self.address), ..Settings::load(&self.folder).unwrap() };
        self.running = Some(Service::open(&self.folder, settings, Arc::new(SystemClock)).unwrap().serve().unwrap());
    }

    pub fn stop(&mut self) {
        self.running.take().unwrap().stop();
    }

    /// Issues licenses; returns the link to them.
    pub fn issue(&self, licenses: Vec<Terms>) -> String {
        let key = restow_service::api_key(&self.folder).unwrap();
        let text = ureq::post(format!("{}/restow/v1/admin/issue", self.url))
            .header("authorization", format!("Bearer {}", key.as_str()))
            .header("idempotency-key", "the-only-request-of-this-operator")
            .header("content-type", "application/json")
            .send(serde_json::to_vec(&admin::IssueRequest::new(licenses)).unwrap())
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        serde_json::from_str::<admin::IssueAnswer>(&text).unwrap().link
    }
}

fn terms(n: u8, rights: Rights) -> Terms {
    Terms {
        key_ids: vec![KeyId::Uuid([n; 16]).to_string()],
        title: Some(format!("Song {n}")),
        rights,
        priority: 0,
        not_before: None,
        expires: None,
        unreported: None,
        limit: None,
    }
}

/// Terms: plays and backup.
pub fn song(n: u8) -> Terms {
    terms(n, Rights::from([(Right::PLAY, Limits::default()), (Right::BACKUP, Limits::default())]))
}

/// Terms: plays, no backup.
pub fn restricted(n: u8) -> Terms {
    terms(n, Rights::from([(Right::PLAY, Limits::default())]))
}
