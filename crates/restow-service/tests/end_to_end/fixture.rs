//! Services, homes and locations for the tests.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use restow::disk::{DiskRelation, FixedDisks};
use restow::license::{Limits, Right, Rights};
use restow::restorer::{Backup, Restore, ServiceConsent};
use restow::service::acquire::{Acquisition, acquire_link, look_up_service, trust};
use restow::service::protocol::{Terms, admin};
use restow::service::{AcquisitionLink, Cancel, register};
use restow::store::Registration;
use restow::{Home, KeyId, Machine, ManualClock, Report, Status};
use restow_service::{InitOptions, Service, ServiceHandle, Settings, initialize};

/// 2026-01-15 12:00 UTC.
pub const START: i64 = 1_768_478_400;
pub const DAY: i64 = 86_400;

pub struct Fixture {
    pub dir: tempfile::TempDir,
    pub clock: ManualClock,
}

pub struct TestService {
    pub folder: PathBuf,
    pub url: String,
    pub issuer: String,
    pub settings: Settings,
    pub clock: ManualClock,
    pub address: SocketAddr,
    running: Option<ServiceHandle>,
}

pub fn no_cancel() -> Cancel {
    Cancel::default()
}

/// Returns an address for a service that starts and stops.
///
/// Between two starts, an outgoing connection could get a port that the system chose. The ports here are below the
/// range of the system.
pub fn unused_address() -> SocketAddr {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_mul(97).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = 20_000 + u16::try_from(number % 12_000).unwrap();
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return listener.local_addr().unwrap();
        }
    }
}

impl Fixture {
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), clock: ManualClock::at(START) }
    }

    pub fn service(&self, name: &str) -> TestService {
        self.service_with_settings(name, |_| {})
    }

    pub fn service_with_settings(&self, name: &str, set: impl FnOnce(&mut Settings)) -> TestService {
        let folder = self.dir.path().join(name);
        let address = unused_address();
        let url = format!("http://{address}");
        let options =
            InitOptions { name: name.into(), url: url.clone(), privacy_url: None, contact: "help@shop.example".into() };
        let identity = initialize(&folder, &options).unwrap();
        let mut settings = Settings { listen: Some(address), ..Settings::load(&folder).unwrap() };
        set(&mut settings);
        let mut service = TestService {
            folder,
            url,
            issuer: identity.issuer,
            settings,
            clock: self.clock.clone(),
            address,
            running: None,
        };
        service.start();
        service
    }

    pub fn home(&self, name: &str) -> Home {
        self.home_on_machine(name, name)
    }

    pub fn home_on_machine(&self, name: &str, machine: &str) -> Home {
        let folder = self.dir.path().join("homes").join(name);
        let home = Home::open_with(folder, Machine::from_id(machine), Arc::new(self.clock.clone())).unwrap();
        home.with_disks(Arc::new(FixedDisks(DiskRelation::OtherDisk)))
    }

    pub fn location(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join("locations").join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    }
}

impl TestService {
    /// Starts the service and returns its address.
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
            .header("idempotency-key", request_key())
            .header("content-type", "application/json")
            .send(serde_json::to_vec(body).unwrap())
            .unwrap()
            .body_mut()
            .read_to_string()
            .unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub fn issue(&self, licenses: Vec<Terms>) -> AcquisitionLink {
        let issued: admin::IssueAnswer = self.admin("issue", &admin::IssueRequest::new(licenses));
        AcquisitionLink::parse(&issued.link).unwrap()
    }

    pub fn revoke(&self, license: &str) {
        let _: serde_json::Value =
            self.admin("revoke", &admin::RevokeRequest { license: license.into(), reason: "refunded".into() });
    }

    pub fn release(&self, registration: &Registration) {
        let body = admin::OperatorReleaseRequest {
            holder: registration.holder.clone(),
            computer: registration.computer.clone(),
            when: admin::ReleaseTiming::Now,
        };
        let changed: admin::ChangeAnswer = self.admin("release", &body);
        assert!(changed.done);
    }

    /// Trusts the service in a home, as its user does.
    pub fn add_to_home(&self, home: &Home) {
        let found = look_up_service(&self.url, &no_cancel()).unwrap();
        assert_eq!(found.key_set().set().issuer, self.issuer);
        trust(home, &found).unwrap();
    }

    pub fn register(&self, home: &Home) -> Registration {
        self.add_to_home(home);
        register(home, &mut home.store().unwrap(), &self.issuer, "computer", &no_cancel()).unwrap()
    }

    /// Registers a home and acquires these licenses.
    pub fn register_with_licenses(&self, home: &Home, licenses: Vec<Terms>) -> Acquisition {
        self.register(home);
        let acquired = acquire_link(home, &self.issue(licenses), &no_cancel()).unwrap();
        assert_eq!(acquired.refused, []);
        acquired
    }
}

fn request_key() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("operator-request-{:016}", NEXT.fetch_add(1, Ordering::SeqCst))
}

pub fn key_id(n: u8) -> KeyId {
    KeyId::Uuid([n; 16])
}

/// Returns terms for key `n` with the rights to play and to back up.
pub fn playable(n: u8) -> Terms {
    let limits = Limits::default();
    terms(n, Rights::from([(Right::PLAY, limits), (Right::BACKUP, limits)]))
}

/// Returns the same terms with a number of plays.
pub fn play_limited(n: u8, count: u64) -> Terms {
    let plays = Limits { count: Some(count), ..Limits::default() };
    terms(n, Rights::from([(Right::PLAY, plays), (Right::BACKUP, Limits::default())]))
}

/// Returns terms without the right to back up.
pub fn without_backup_right(n: u8) -> Terms {
    terms(n, Rights::from([(Right::PLAY, Limits::default())]))
}

fn terms(n: u8, rights: Rights) -> Terms {
    Terms {
        key_ids: vec![key_id(n).to_string()],
        title: Some(format!("Song {n}")),
        rights,
        priority: 0,
        not_before: None,
        expires: None,
        unreported: None,
        limit: None,
    }
}

/// Runs a backup and returns its report and events.
pub fn backup(home: &Home, location: &Path) -> (Report, Vec<Status>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = events.clone();
    let run = Backup::to(location).on_status(move |s: &Status| sink.lock().unwrap().push(s.clone())).start(home);
    let report = run.unwrap().wait();
    let events = events.lock().unwrap().clone();
    (report, events)
}

pub fn restore(home: &Home, restore: Restore) -> (Report, Vec<Status>) {
    let events = Arc::new(Mutex::new(Vec::new()));
    let sink = events.clone();
    let run = restore.on_status(move |s: &Status| sink.lock().unwrap().push(s.clone())).start(home);
    let report = run.unwrap().wait();
    let events = events.lock().unwrap().clone();
    (report, events)
}

/// Restores with consent to all services.
pub fn restore_all(home: &Home, location: &Path) -> (Report, Vec<Status>) {
    restore(home, Restore::from(location).consent(ServiceConsent::AllServices))
}

pub fn event_names(events: &[Status]) -> Vec<&'static str> {
    events.iter().map(Status::name).filter(|name| *name != "PROGRESS").collect()
}

/// Plays once offline. Returns true if allowed.
pub fn play(home: &Home, n: u8) -> bool {
    restow::usage::open_content_key(home, &key_id(n), &Right::PLAY).is_ok()
}

/// Plays once with contact to the service. Returns true if allowed.
pub fn play_online(home: &Home, n: u8) -> bool {
    restow::usage::open_content_key_online(home, &key_id(n), &Right::PLAY, &no_cancel()).is_ok()
}

/// Returns the content of every file below a folder.
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

/// Removes the license for key `n` from a home.
pub fn remove_license(home: &restow::Home, n: u8) {
    let mut store = home.store().unwrap();
    let row = store.view().licenses_for(&key_id(n)).unwrap()[0].row;
    let change = store.change().unwrap();
    change.remove_license(row).unwrap();
    change.commit().unwrap();
}
