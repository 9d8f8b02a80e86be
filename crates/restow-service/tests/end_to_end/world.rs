//! A shop, homes, a location: the stage of every test.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use restow::license::{Limits, Right, Rights};
use restow::restorer::{Backup, Consent, Restore};
use restow::service::acquire::{Acquired, acquire_link, look_up_service, trust};
use restow::service::protocol::{Terms, admin};
use restow::service::{AcquisitionLink, Cancel, register};
use restow::store::Registration;
use restow::{Home, KeyId, Machine, ManualClock, Report, Status};
use restow_service::{InitOptions, Service, ServiceHandle, Settings, initialize};

/// 2026-01-15 12:00 UTC.
pub const START: i64 = 1_768_478_400;
pub const DAY: i64 = 86_400;

pub struct World {
    pub dir: tempfile::TempDir,
    pub clock: ManualClock,
}

pub struct Shop {
    pub folder: PathBuf,
    pub url: String,
    pub issuer: String,
    pub settings: Settings,
    pub clock: ManualClock,
    pub address: SocketAddr,
    running: Option<ServiceHandle>,
}

pub fn never() -> Cancel {
    Cancel::default()
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

impl World {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), clock: ManualClock::at(START) }
    }

    pub fn shop(&self, name: &str) -> Shop {
        self.shop_with(name, |_| {})
    }

    pub fn shop_with(&self, name: &str, set: impl FnOnce(&mut Settings)) -> Shop {
        let folder = self.dir.path().join(name);
        let address = free_address();
        let url = format!("http://{address}");
        let options =
            InitOptions { name: name.into(), url: url.clone(), privacy_url: None, contact: "help@shop.example".into() };
        let made = initialize(&folder, &options).unwrap();
        let mut settings = Settings { listen: Some(address), ..Settings::load(&folder).unwrap() };
        set(&mut settings);
        let mut shop =
            Shop { folder, url, issuer: made.issuer, settings, clock: self.clock.clone(), address, running: None };
        shop.start();
        shop
    }

    pub fn home(&self, name: &str) -> Home {
        self.home_on(name, name)
    }

    pub fn home_on(&self, name: &str, machine: &str) -> Home {
        let folder = self.dir.path().join("homes").join(name);
        Home::open_on(folder, Machine::named(machine), Arc::new(self.clock.clone())).unwrap()
    }

    pub fn location(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join("locations").join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }
}

impl Shop {
    /// Starts the service and says where it listens.
    pub fn start(&mut self) -> SocketAddr {
        let service = Service::open(&self.folder, self.settings.clone(), Arc::new(self.clock.clone())).unwrap();
        let running = service.serve().unwrap();
        let address = running.local_addr();
        self.running = Some(running);
        address
    }

    pub fn stop(&mut self) {
        self.running.take().unwrap().stop();
    }

    pub fn admin<A: serde::de::DeserializeOwned>(&self, path: &str, body: &impl serde::Serialize) -> A {
        let key = restow_service::api_key(&self.folder).unwrap();
        let text = ureq::post(format!("{}/restow/v1/admin/{path}", self.url))
            .header("authorization", format!("Bearer {}", key.as_str()))
            .header("idempotency-key", fresh_key())
            .header("content-type", "application/json")
            .send(serde_json::to_vec(body).unwrap())
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub fn issue(&self, licenses: Vec<Terms>) -> AcquisitionLink {
        let issued: admin::Issued = self.admin("issue", &admin::Issue { licenses, holder: None });
        AcquisitionLink::parse(&issued.link).unwrap()
    }

    pub fn revoke(&self, license: &str) {
        let _: serde_json::Value =
            self.admin("revoke", &admin::Revoke { license: license.into(), reason: "refunded".into() });
    }

    pub fn release(&self, registration: &Registration) {
        let body = admin::Release {
            holder: registration.holder.clone(),
            computer: registration.computer.clone(),
            when: admin::ReleaseWhen::Now,
        };
        let changed: admin::Changed = self.admin("release", &body);
        assert!(changed.done);
    }

    /// Adds the service to a home, as its user does.
    pub fn add_to(&self, home: &Home) {
        let found = look_up_service(&self.url, &never()).unwrap();
        assert_eq!(found.key_set().set().issuer, self.issuer);
        trust(home, &found).unwrap();
    }

    pub fn register(&self, home: &Home) -> Registration {
        self.add_to(home);
        register(home, &mut home.store().unwrap(), &self.issuer, "computer", &never()).unwrap()
    }

    /// A registered home with these licenses.
    pub fn customer(&self, home: &Home, licenses: Vec<Terms>) -> Acquired {
        self.register(home);
        let acquired = acquire_link(home, &self.issue(licenses), &never()).unwrap();
        assert_eq!(acquired.refused, []);
        acquired
    }
}

fn fresh_key() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("operator-request-{:016}", NEXT.fetch_add(1, Ordering::SeqCst))
}

pub fn key(n: u8) -> KeyId {
    KeyId::Uuid([n; 16])
}

/// A license for key `n` that may be played and backed up.
pub fn song(n: u8) -> Terms {
    let limits = Limits::default();
    terms(n, Rights::from([(Right::PLAY, limits), (Right::BACKUP, limits)]))
}

/// The same, with a number of plays.
pub fn counted(n: u8, count: u64) -> Terms {
    let plays = Limits { count: Some(count), ..Limits::default() };
    terms(n, Rights::from([(Right::PLAY, plays), (Right::BACKUP, Limits::default())]))
}

/// May be played, not backed up.
pub fn restricted(n: u8) -> Terms {
    terms(n, Rights::from([(Right::PLAY, Limits::default())]))
}

fn terms(n: u8, rights: Rights) -> Terms {
    Terms {
        key_ids: vec![key(n).to_string()],
        title: Some(format!("Song {n}")),
        rights,
        priority: 0,
        not_before: None,
        expires: None,
        unreported: None,
        limit: None,
    }
}

/// Runs and keeps what was told.
pub fn backup(home: &Home, location: &Path) -> (Report, Vec<Status>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hear = told.clone();
    let run = Backup::to(location).on_status(move |s: &Status| hear.lock().unwrap().push(s.clone())).start(home);
    let report = run.unwrap().wait();
    let told = told.lock().unwrap().clone();
    (report, told)
}

pub fn restore(home: &Home, restore: Restore) -> (Report, Vec<Status>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let hear = told.clone();
    let run = restore.on_status(move |s: &Status| hear.lock().unwrap().push(s.clone())).start(home);
    let report = run.unwrap().wait();
    let told = told.lock().unwrap().clone();
    (report, told)
}

/// A restore with consent to everything.
pub fn restore_all(home: &Home, location: &Path) -> (Report, Vec<Status>) {
    restore(home, Restore::from(location).consent(Consent::AllServices))
}

pub fn names(told: &[Status]) -> Vec<&'static str> {
    told.iter().map(Status::name).filter(|name| *name != "PROGRESS").collect()
}

/// Plays once, offline; true when allowed.
pub fn play(home: &Home, n: u8) -> bool {
    restow::usage::open_content_key(home, &key(n), &Right::PLAY).is_ok()
}

/// Plays once, asking and telling the service.
pub fn play_online(home: &Home, n: u8) -> bool {
    restow::usage::open_content_key_online(home, &key(n), &Right::PLAY, &never()).is_ok()
}

/// The hash of every file below a folder, by path.
pub fn fingerprint(folder: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut all = std::collections::BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                all.insert(path.clone(), Vec::new());
                open.push(path);
            } else {
                all.insert(path.clone(), std::fs::read(&path).unwrap());
            }
        }
    }
    all
}

/// Takes the license for key `n` out of a home.
pub fn forget(home: &restow::Home, n: u8) {
    let mut store = home.store().unwrap();
    let row = store.view().licenses_for(&key(n)).unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
}
