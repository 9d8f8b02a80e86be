//! Tests of owner, permissions and extended attributes of files that put-back replaces.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use restow::put_back::{Action, OnConflict};
use rustix::fs::{XattrFlags, getxattr, setxattr};

use super::fixture::*;

/// Access list of POSIX: the version, then tag, permissions and ID of each entry.
fn access_list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let entry = |(tag, permissions, id): &(u16, u16, u32)| {
        [&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    [2_u32.to_le_bytes().to_vec(), entries.iter().flat_map(entry).collect()].concat()
}

const NO_ID: u32 = u32::MAX;
const ACCESS: &str = "system.posix_acl_access";

/// Access list in which the owning group has no access, and user 12345 may read.
fn private_list() -> Vec<u8> {
    access_list(&[(1, 6, NO_ID), (2, 4, 12_345), (4, 0, NO_ID), (0x10, 4, NO_ID), (0x20, 0, NO_ID)])
}

fn attribute(path: &Path, name: &str) -> Option<Vec<u8>> {
    let mut value = vec![0; 1024];
    let len = getxattr(path, name, value.as_mut_slice()).ok()?;
    value.truncate(len);
    Some(value)
}

/// Sets an attribute. Returns false where the file system has none.
fn set_attribute(path: &Path, name: &str, value: &[u8]) -> bool {
    setxattr(path, name, value, XattrFlags::empty())
        .inspect_err(|error| eprintln!("SKIPPED: attributes: {name}: {error}"))
        .is_ok()
}

fn library_with_book() -> (Library, Vec<u8>, std::path::PathBuf) {
    let license = license("one");
    let library = Library::new(&[&license]);
    library.learn_identifier("urn:isbn:1", &license);
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
    (library, license, path)
}

#[test]
fn extended_attributes_and_access_are_kept() {
    let (library, license, path) = library_with_book();
    if !set_attribute(&path, ACCESS, &private_list()) || !set_attribute(&path, "user.rating", b"5") {
        return;
    }
    // The folder gives new files a list of its own, which the mask would widen.
    let inherited = access_list(&[(1, 7, NO_ID), (2, 7, 23_456), (4, 7, NO_ID), (0x10, 7, NO_ID), (0x20, 0, NO_ID)]);
    assert!(set_attribute(&library.folder, "system.posix_acl_default", &inherited));
    let mode = path.metadata().unwrap().mode();
    let result = library.put_back();
    assert_eq!(result.publication(&path), Some(Action::Written), "{:?}", result.events);
    assert_eq!(embedded(&path), Some(license));
    assert_eq!(attribute(&path, ACCESS), Some(private_list()));
    assert_eq!(attribute(&path, "user.rating").as_deref(), Some(&b"5"[..]));
    assert_eq!(path.metadata().unwrap().mode(), mode);
    // The license beside a private book is as private, and has no other attribute.
    let license_file = library.folder.join("rain.lcpl");
    assert_eq!(
        (attribute(&license_file, ACCESS), attribute(&license_file, "user.rating")),
        (Some(private_list()), None)
    );
}

#[test]
fn inherited_access_list_is_not_added() {
    let (library, _, path) = library_with_book();
    std::fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let inherited = access_list(&[(1, 7, NO_ID), (2, 7, 23_456), (4, 7, NO_ID), (0x10, 7, NO_ID), (0x20, 0, NO_ID)]);
    if !set_attribute(&library.folder, "system.posix_acl_default", &inherited) {
        return;
    }
    library.put_back();
    assert!(embedded(&path).is_some());
    for path in [path, library.folder.join("rain.lcpl")] {
        assert_eq!((attribute(&path, ACCESS), path.metadata().unwrap().mode() & 0o777), (None, 0o640));
    }
}

#[test]
fn hard_linked_publication_is_kept() {
    let (library, license, path) = library_with_book();
    let other = library.dir.path().join("other.epub");
    std::fs::hard_link(&path, &other).unwrap();
    let before = std::fs::read(&path).unwrap();
    let result = library.put_back();
    assert_eq!(result.skipped(&path), Some(("put-hard-links", false)), "{:?}", result.events);
    assert_eq!(result.summary.unwrap().kept, 1);
    assert_eq!(library.embed(&path, &license, OnConflict::Keep), Err("put-hard-links"));
    assert!(std::fs::read(&path).unwrap() == before && std::fs::read(&other).unwrap() == before);
    // Readers find the license beside the book.
    assert_eq!(std::fs::read(library.folder.join("rain.lcpl")).unwrap(), license);
}

/// The owner of a replaced file would change, so that its group gains access.
#[test]
fn file_of_other_owner_is_kept() {
    const TEST: &str = "file_of_other_owner_is_kept";
    let (library, _, path) = library_with_book();
    if path.metadata().unwrap().uid() != 0 {
        return eprintln!("SKIPPED: {TEST}: not the administrator");
    }
    std::os::unix::fs::chown(&path, Some(12_345), Some(12_345)).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
    let before = std::fs::read(&path).unwrap();
    // Without the capability to give files away, the process is as any other user.
    let binary = std::env::current_exe().unwrap();
    let status = std::process::Command::new("setpriv")
        .args(["--bounding-set", "-chown", "--inh-caps", "-chown", "--"])
        .arg(binary)
        .args(["--exact", "attributes::puts_back_into_named_folder", "--ignored"])
        .env("RESTOW_TEST_LIBRARY", library.dir.path())
        .output();
    let output = match status {
        Ok(output) => output,
        Err(error) => return eprintln!("SKIPPED: {TEST}: setpriv: {error}"),
    };
    assert!(output.status.success(), "{output:?}");
    assert!(std::fs::read(&path).unwrap() == before);
    let meta = path.metadata().unwrap();
    assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o777), (12_345, 12_345, 0o666));
    assert!(library.put_back().publication(&path) == Some(Action::Written));
    let meta = path.metadata().unwrap();
    assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o777), (12_345, 12_345, 0o666));
}

/// Part of `file_of_other_owner_is_kept` in a process without capabilities.
#[test]
#[ignore = "run by file_of_other_owner_is_kept"]
fn puts_back_into_named_folder() {
    let folder = std::env::var_os("RESTOW_TEST_LIBRARY").map(std::path::PathBuf::from).unwrap();
    let result = run_put_back(&home(&folder.join("home")), Some(&folder.join("library")), false);
    assert_eq!(result.skipped(&folder.join("library/rain.epub")), Some(("put-access", false)), "{:?}", result.events);
    assert!(
        std::fs::read_dir(folder.join("library"))
            .unwrap()
            .all(|entry| { !entry.unwrap().file_name().to_string_lossy().contains("unfinished") })
    );
}

#[test]
fn locked_publication_is_kept() {
    const TEST: &str = "locked_publication_is_kept";
    let (library, license, path) = library_with_book();
    let set_flag = |flag: &str| {
        std::process::Command::new("chattr").arg(flag).arg(&path).output().is_ok_and(|output| output.status.success())
    };
    if !set_flag("+i") {
        return eprintln!("SKIPPED: {TEST}: chattr does not work here");
    }
    let (result, by_hand) = (library.put_back(), library.embed(&path, &license, OnConflict::Keep));
    assert!(set_flag("-i"));
    assert_eq!((result.skipped(&path), by_hand), (Some(("put-locked", false)), Err("put-locked")));
    assert_eq!(embedded(&path), None);
}
