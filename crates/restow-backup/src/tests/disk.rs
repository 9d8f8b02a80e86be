//! Tests of folders on disk: links in place of folders, and access modes.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use super::*;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Returns all files and folders below a folder.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(tree(&path));
        }
        found.push(path);
    }
    found
}

fn modes(folder: &Path, is_folder: bool) -> Vec<u32> {
    let mut modes: Vec<u32> =
        tree(folder).iter().filter(|path| path.is_dir() == is_folder).map(|path| mode(path)).collect();
    modes.dedup();
    modes
}

#[test]
fn link_in_place_of_folder_is_named() {
    let set = SetId::from_key(&key(1).public());
    for folder in [
        "Restow".to_owned(),
        "Restow/sets".to_owned(),
        format!("Restow/sets/{set}"),
        format!("Restow/sets/{set}/packs"),
        format!("Restow/sets/{set}/generations"),
    ] {
        let drive = tempfile::tempdir().unwrap();
        back_up(&Location::create(drive.path()).unwrap(), &key(1), &[license(1)], &[]).unwrap();
        let (link, target) = (drive.path().join(&folder), drive.path().join("elsewhere"));
        fs::rename(&link, &target).unwrap();
        symlink(&target, &link).unwrap();
        let before = tree(drive.path());
        let write = Location::create(drive.path()).and_then(|location| SetWriter::begin(&location, &key(1), 2));
        let read = Location::open(drive.path()).and_then(|location| {
            verify_location(&location, Depth::Bytes, &mut |_, _| std::ops::ControlFlow::Continue(()))
        });
        for error in [write.unwrap_err(), read.unwrap_err()] {
            assert!(matches!(&error, BackupError::SymbolicLink(path) if *path == link), "{folder}: {error}");
        }
        assert_eq!(tree(drive.path()), before, "{folder}");
    }
}

#[test]
fn backup_is_private_or_shared() {
    let drive = tempfile::tempdir().unwrap();
    let private = Location::create(drive.path()).unwrap();
    let shared = Location::create_with_access(drive.path(), Access::AllUsers).unwrap();
    let set = SetId::from_key(&key(1).public());
    for (location, access, file, folder) in [
        (&private, Access::OwnerOnly, 0o600, 0o700),
        (&shared, Access::AllUsers, 0o644, 0o755),
        (&private, Access::OwnerOnly, 0o600, 0o700),
    ] {
        back_up(location, &key(1), &[license(1)], &[license(2)]).unwrap();
        assert_eq!(modes(drive.path(), false), [file]);
        assert_eq!(modes(drive.path(), true), [folder]);
        assert_eq!(location.set_access(set), access);
    }
}

/// The folders above the sets belong to all computers: only the own set becomes private.
#[test]
fn private_backup_keeps_other_set_readable() {
    let drive = tempfile::tempdir().unwrap();
    let shared = Location::create_with_access(drive.path(), Access::AllUsers).unwrap();
    back_up(&shared, &key(2), &[license(1)], &[]).unwrap();
    back_up(&Location::create(drive.path()).unwrap(), &key(1), &[license(1)], &[]).unwrap();
    let folder = |n| drive.path().join("Restow").join(SetId::from_key(&key(n).public()).folder_path());
    assert_eq!((mode(&drive.path().join("Restow")), mode(&drive.path().join("Restow/sets"))), (0o755, 0o755));
    assert_eq!((mode(&folder(1)), mode(&folder(2))), (0o700, 0o755));
}

#[test]
fn folder_that_cannot_be_created_is_named_by_its_parent() {
    let drive = tempfile::tempdir().unwrap();
    fs::write(drive.path().join("file"), "").unwrap();
    // The folder disappears between both steps, also for a user who may write everywhere.
    let location = Location::create(drive.path()).unwrap();
    let path = drive.path().to_path_buf();
    drop(drive);
    let error = SetWriter::begin(&location, &key(1), 2).unwrap_err();
    assert!(matches!(&error, BackupError::Write { path: named, .. } if *named == path), "{error}");
}
