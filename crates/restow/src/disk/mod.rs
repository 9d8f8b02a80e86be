//! Physical disk of a location, compared with the disk of the home.
//!
//! A backup on the disk of the home is lost with the home. The comparison goes down to the whole disks, below
//! partitions, volumes, encryption and file images. A disk that cannot be determined counts as unknown, never as
//! another disk.

mod identity;
#[cfg(any(target_os = "linux", target_os = "android", test))]
mod linux;
#[cfg(any(target_os = "macos", test))]
mod macos;
mod relation;
#[cfg(any(windows, test))]
mod windows;

use std::path::Path;

use identity::DiskIdentity;

pub use relation::DiskRelation;

/// Source of the relation between two folders, injected into a [`Home`](crate::Home) like its clock.
pub trait DiskProbe: Send + Sync {
    /// Returns the relation of the disk of `location` to the disk of `home`. Both folders exist.
    fn relation(&self, home: &Path, location: &Path) -> DiskRelation;
}

/// Disks of the operating system.
#[derive(Clone, Copy, Default, Debug)]
pub struct SystemDisks;

impl DiskProbe for SystemDisks {
    fn relation(&self, home: &Path, location: &Path) -> DiskRelation {
        identify(location).relation_to(&identify(home))
    }
}

/// Fixed relation for every location, for tests.
#[derive(Clone, Copy, Debug)]
pub struct FixedDisks(pub DiskRelation);

impl DiskProbe for FixedDisks {
    fn relation(&self, _home: &Path, _location: &Path) -> DiskRelation {
        self.0
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn identify(folder: &Path) -> DiskIdentity {
    linux::System::this().identify(folder)
}

#[cfg(target_os = "macos")]
fn identify(folder: &Path) -> DiskIdentity {
    macos::identify(folder)
}

#[cfg(windows)]
fn identify(folder: &Path) -> DiskIdentity {
    windows::identify(folder)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", windows)))]
fn identify(_folder: &Path) -> DiskIdentity {
    DiskIdentity::unknown()
}
