//! Tests of the verdict about each license, and of the identity of locations.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use restow::disk::{DiskRelation, FixedDisks};
use restow::location_status::{KnownLocation, LocationStatus, known_locations};
use restow::restorer::{Backup, Restore, forget_from, verify};
use restow::safety::{RiskReason, Safety};
use restow::{Home, Machine, ManualClock, Report, import, listing};
use serde_json::json;

use super::workshop::*;

/// 2026-11-20, the time at the start of each test.
const TODAY: i64 = 1_795_132_800;
const DAY: i64 = 24 * 60 * 60;

struct Scene {
    dir: tempfile::TempDir,
    clock: ManualClock,
    home: Home,
}

impl Scene {
    /// Creates a home with one signed license. Every location is on another disk.
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(TODAY);
        let home = open(dir.path(), &clock, DiskRelation::OtherDisk);
        let scene = Self { dir, clock, home };
        scene.import("a");
        scene
    }

    fn import(&self, id: &str) {
        let key = Key::p256(2);
        let certificate = Form::provider(&key).sign(&Key::p256(1));
        let mut license = document("2021-06-01T00:00:00Z");
        license["id"] = json!(id);
        let file = self.path(&format!("{id}.lcpl"));
        std::fs::write(&file, signed(license, &certificate, &key)).unwrap();
        import::import(&self.home, &[file], &mut |_| {}).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn drive(&self, name: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir(&path).unwrap();
        path
    }

    /// Moves a drive to another mount point.
    fn mount(&self, from: &str, to: &str) {
        std::fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn on_disk(&mut self, disk: DiskRelation) {
        self.home = open(self.dir.path(), &self.clock, disk);
    }

    fn backup(&self, name: &str) -> Report {
        let report = Backup::to(self.path(name)).start(&self.home).unwrap().wait();
        assert!(report.is_ok(), "{report:?}");
        report
    }

    fn verify(&self, name: &str) {
        verify(Some(&self.home), &self.path(name), &mut |_, _| ControlFlow::Continue(())).unwrap();
    }

    fn known(&self) -> Vec<KnownLocation> {
        known_locations(&self.home, &self.home.store().unwrap()).unwrap()
    }

    fn statuses(&self) -> Vec<LocationStatus> {
        let mut known = self.known();
        known.sort_by(|a, b| a.location.id.cmp(&b.location.id));
        known.into_iter().map(|known| known.status).collect()
    }

    fn safety(&self) -> Safety {
        let mut found = None;
        let store = self.home.store().unwrap();
        listing::licenses(&self.home, &store, &mut |listed| {
            found = found.or(listed.safety);
            Ok(())
        })
        .unwrap();
        found.unwrap()
    }

    /// Returns the verdict about the first license after a visit of all locations, as `status` makes it.
    fn status(&self) -> Safety {
        self.known();
        self.safety()
    }
}

fn open(dir: &Path, clock: &ManualClock, disk: DiskRelation) -> Home {
    let home = Home::open_with(dir.join("home"), Machine::from_id("m"), Arc::new(clock.clone())).unwrap();
    home.with_disks(Arc::new(FixedDisks(disk)))
}

const fn at_risk(reason: RiskReason) -> Safety {
    Safety::AtRisk(reason)
}

#[test]
fn safety_needs_read_and_seen_drive() {
    let scene = Scene::new();
    assert_eq!(scene.status(), at_risk(RiskReason::NoBackup));
    scene.drive("stick");
    scene.backup("stick");
    scene.verify("stick");
    assert_eq!(scene.status(), Safety::Safe);
    // The drive is away.
    scene.mount("stick", "away");
    scene.clock.advance(90 * DAY);
    assert_eq!(scene.status(), Safety::Safe);
    scene.clock.advance(1);
    assert_eq!(scene.status(), at_risk(RiskReason::NotSeen));
    scene.mount("away", "stick");
    assert_eq!(scene.status(), at_risk(RiskReason::NotReadBack));
    scene.verify("stick");
    assert_eq!(scene.status(), Safety::Safe);
    // The clock is set back by a year.
    scene.clock.advance(-365 * DAY);
    assert_eq!(scene.status(), at_risk(RiskReason::DateInFuture));
    // A setting of the home.
    scene.clock.advance(400 * DAY);
    let settings = scene.home.folder().join("settings.json");
    std::fs::write(&settings, r#"{"stale_after_days": 365}"#).unwrap();
    assert_eq!(scene.status(), Safety::Safe);
    std::fs::write(&settings, r#"{"stale_after_days": 0}"#).unwrap();
    assert_eq!(known_locations(&scene.home, &scene.home.store().unwrap()).unwrap_err().code(), "home-settings");
}

#[test]
fn disk_is_remembered_while_away() {
    let mut scene = Scene::new();
    scene.on_disk(DiskRelation::SameDisk);
    scene.drive("stick");
    let report = scene.backup("stick");
    assert!(report.warnings.iter().any(|warning| warning.code == "location-same-disk"), "{report:?}");
    scene.verify("stick");
    assert_eq!(scene.status(), at_risk(RiskReason::SameDisk));
    scene.mount("stick", "away");
    scene.on_disk(DiskRelation::OtherDisk);
    assert_eq!(scene.status(), at_risk(RiskReason::SameDisk));
    scene.mount("away", "stick");
    assert_eq!(scene.status(), Safety::Safe);
    for (disk, reason) in [(DiskRelation::Memory, RiskReason::Memory), (DiskRelation::Unknown, RiskReason::DiskUnknown)]
    {
        scene.on_disk(disk);
        assert_eq!(scene.status(), at_risk(reason));
    }
    scene.on_disk(DiskRelation::OtherMachine);
    assert_eq!(scene.status(), Safety::Safe);
}

#[test]
fn one_good_location_is_enough() {
    let scene = Scene::new();
    for name in ["one", "two"] {
        scene.drive(name);
        scene.backup(name);
        scene.verify(name);
    }
    std::fs::remove_dir_all(scene.path("one").join("Restow")).unwrap();
    assert_eq!(scene.status(), Safety::Safe);
    scene.mount("two", "away");
    scene.clock.advance(100 * DAY);
    assert_eq!(scene.status(), at_risk(RiskReason::NotSeen), "the reason of the better location");
    assert_eq!(scene.statuses(), [LocationStatus::Missing, LocationStatus::Unreachable]);
}

#[test]
fn moved_drive_is_same_location() {
    let scene = Scene::new();
    scene.drive("stick");
    scene.backup("stick");
    scene.mount("stick", "elsewhere");
    scene.import("b");
    assert_eq!(scene.backup("elsewhere").generation, Some(2));
    let known = scene.known();
    assert_eq!((known.len(), known[0].status), (1, LocationStatus::Present));
    assert!(known[0].is_at(&scene.path("elsewhere").join("Restow")) && !known[0].is_at(&scene.path("stick")));
    assert_eq!(known[0].location.sets.len(), 1);
    // Verification and restore move the record, too.
    scene.mount("elsewhere", "third");
    scene.verify("third");
    assert!(scene.known()[0].is_at(&scene.path("third")));
    scene.mount("third", "fourth");
    assert!(Restore::from(scene.path("fourth")).start(&scene.home).unwrap().wait().is_ok());
    let known = scene.known();
    assert_eq!((known.len(), known[0].status), (1, LocationStatus::Present));
    assert!(known[0].is_at(&scene.path("fourth")));
}

#[test]
fn drives_at_one_path_stay_two() {
    let scene = Scene::new();
    for name in ["one", "two"] {
        scene.drive(name);
        scene.backup(name);
        scene.verify(name);
    }
    // Both drives use the path `one` in turn.
    scene.mount("one", "away");
    scene.mount("two", "one");
    scene.verify("one");
    assert_eq!(scene.statuses(), [LocationStatus::Replaced, LocationStatus::Present]);
    scene.import("b");
    assert_eq!(scene.backup("one").generation, Some(2));
    scene.mount("one", "two");
    scene.mount("away", "one");
    assert_eq!(scene.backup("one").generation, Some(2), "the first drive continues its own set");
    assert_eq!(scene.known().len(), 2);
    assert_eq!(scene.statuses()[0], LocationStatus::Present);
}

#[test]
fn copied_drive_is_another_location() {
    let scene = Scene::new();
    scene.drive("one");
    scene.backup("one");
    copy_folder(&scene.path("one"), &scene.path("two"));
    scene.import("b");
    scene.backup("two");
    let known = scene.known();
    assert_eq!(known.len(), 2);
    assert!(known.iter().all(|known| known.status == LocationStatus::Present), "{known:?}");
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => copy_folder(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).unwrap()),
        }
    }
}

#[test]
fn forgotten_location_makes_nothing_safe() {
    let scene = Scene::new();
    scene.drive("stick");
    scene.backup("stick");
    scene.verify("stick");
    assert_eq!(scene.status(), Safety::Safe);
    let id = scene.known()[0].location.id.clone();
    scene.home.store().unwrap().update(|change| change.forget_location(&id)).unwrap();
    assert!(scene.known().is_empty() && scene.path("stick").join("Restow").is_dir());
    assert_eq!(scene.status(), at_risk(RiskReason::NoBackup));
    // The next backup knows the location again.
    scene.backup("stick");
    scene.verify("stick");
    assert_eq!(scene.status(), Safety::Safe);
}

#[test]
fn removed_license_is_at_risk_until_imported() {
    let scene = Scene::new();
    scene.drive("stick");
    scene.backup("stick");
    scene.verify("stick");
    let identity = scene.home.store().unwrap().view().licenses_with_id("a").unwrap().remove(0).identity;
    forget_from(&scene.home, &scene.path("stick"), &identity).unwrap();
    scene.backup("stick");
    assert_eq!(scene.status(), at_risk(RiskReason::Removed));
    scene.import("a");
    scene.backup("stick");
    scene.verify("stick");
    assert_eq!(scene.status(), Safety::Safe);
}

#[test]
fn restore_source_makes_licenses_safe() {
    let scene = Scene::new();
    scene.drive("stick");
    scene.backup("stick");
    let other = Home::open_with(scene.path("other"), Machine::from_id("o"), Arc::new(scene.clock.clone())).unwrap();
    let other = other.with_disks(Arc::new(FixedDisks(DiskRelation::OtherDisk)));
    assert!(Restore::from(scene.path("stick")).start(&other).unwrap().wait().is_ok());
    let scene = Scene { home: other, ..scene };
    assert_eq!(scene.status(), Safety::Safe);
    assert_eq!(scene.known()[0].location.sets.len(), 1, "the set of the other computer");
    // Another drive at the same path does not have the licenses.
    scene.mount("stick", "away");
    assert_eq!(scene.status(), Safety::Safe);
    scene.drive("stick");
    let stranger =
        Home::open_with(scene.path("stranger"), Machine::from_id("s"), Arc::new(scene.clock.clone())).unwrap();
    import::import(&stranger, &[scene.path("a.lcpl")], &mut |_| {}).unwrap();
    assert!(Backup::to(scene.path("stick")).start(&stranger).unwrap().wait().is_ok());
    assert_eq!(scene.status(), at_risk(RiskReason::Replaced));
}
