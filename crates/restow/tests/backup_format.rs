//! Tests of backups in a real folder, on a drive with other files.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use restow::Hresult;
use restow_backup::{
    BackupError, Depth, Digest, LicenseRecord, Location, ManifestFacts, PackRole, ReadItem, Reader, Record, SetId,
    SetWriter, verify_location,
};
use restow_core::keys::{SecretKey, Seed};

fn key(n: u8) -> SecretKey {
    Seed::from_bytes([n; 32]).signing_key("set", &[])
}

fn license(n: u64) -> Record {
    Record::License(LicenseRecord {
        kind: 1,
        issuer: "issuer".into(),
        license_id: format!("L{n}"),
        version: 1,
        titles: vec![format!("Song {n}")],
        document: format!("document {n}").into_bytes(),
    })
}

fn back_up(path: &Path, key: &SecretKey, licenses: std::ops::Range<u64>) {
    let location = Location::create(path).unwrap();
    let mut writer = SetWriter::begin(&location, key, 10).unwrap();
    for n in licenses {
        writer.push(&license(n)).unwrap();
    }
    let committed = writer.commit(ManifestFacts::default(), &|| false).unwrap();
    assert!(committed.warnings.is_empty(), "{:?}", committed.warnings);
}

fn count(location: &Location) -> usize {
    let sets: Vec<_> = location.sets().unwrap().into_iter().map(|id| location.set(id).unwrap()).collect();
    let reader = Reader::latest(&sets, &|| false).unwrap();
    let mut count = 0;
    reader
        .records::<String>(PackRole::Licenses, &mut |found| match found {
            ReadItem::Record(..) => {
                count += 1;
                Ok(())
            }
            ReadItem::Damage(damage) => Err(damage.to_string()),
        })
        .unwrap();
    count
}

fn all_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        let content = if entry.file_type().is_file() { fs::read(entry.path()).unwrap() } else { Vec::new() };
        out.insert(entry.path().strip_prefix(folder).unwrap().display().to_string(), content);
    }
    out
}

#[test]
fn foreign_files_are_never_changed() {
    let drive = tempfile::tempdir().unwrap();
    fs::create_dir_all(drive.path().join("Photos/sets/packs")).unwrap();
    for name in ["README.txt", "song.wma", ".tmp-0011223344556677", "Photos/1.jpg", "Photos/sets/packs/x.pack"] {
        fs::write(drive.path().join(name), name).unwrap();
    }
    let before = all_files(drive.path());
    for n in 0..12 {
        back_up(drive.path(), &key(1), n * 10..n * 10 + 10);
    }
    back_up(drive.path(), &key(2), 500..510);
    let after = all_files(drive.path());
    assert!(before.iter().all(|(name, content)| after.get(name) == Some(content)));
    assert!(after.keys().all(|name| before.contains_key(name) || name.starts_with("Restow")));
    let texts = ["Restow/README.txt", "Restow/LIESMICH.txt"];
    assert!(texts.iter().all(|name| after[*name].len() > 500 && std::str::from_utf8(&after[*name]).is_ok()));

    for path in [drive.path().to_path_buf(), drive.path().join("Restow")] {
        let location = Location::open(&path).unwrap();
        assert_eq!(location.path(), drive.path().join("Restow"));
        assert_eq!(location.sets().unwrap().len(), 2);
        assert_eq!(count(&location), 130);
    }
    let location = Location::open(drive.path()).unwrap();
    let report = verify_location(&location, Depth::Records, &mut |_, _| ControlFlow::Continue(())).unwrap();
    assert!(report.is_clean() && report.leftovers.is_empty(), "{report:?}");
    let generations = location.set(SetId::from_key(&key(1).public())).unwrap().generations().len();
    assert_eq!(generations, 10, "the keep rule");

    // A user may choose the `Restow` folder itself.
    back_up(&drive.path().join("Restow"), &key(1), 900..901);
    assert!(!drive.path().join("Restow/Restow").exists());
    assert_eq!(count(&location), 131);
}

#[test]
fn cancelled_first_backup_leaves_nothing() {
    let drive = tempfile::tempdir().unwrap();
    let location = Location::create(drive.path()).unwrap();
    let mut writer = SetWriter::begin(&location, &key(1), 10).unwrap();
    writer.push(&license(1)).unwrap();
    assert!(matches!(writer.commit(ManifestFacts::default(), &|| true), Err(BackupError::Cancelled)));
    assert_eq!(fs::read_dir(drive.path()).unwrap().count(), 0);
}

#[test]
fn invalid_locations_have_stable_codes() {
    let drive = tempfile::tempdir().unwrap();
    let path = drive.path();
    let missing = path.join("missing");
    let file = path.join("file");
    fs::write(&file, "x").unwrap();
    for result in [Location::open(&missing), Location::create(&missing)] {
        let error = result.unwrap_err();
        assert_eq!((error.code(), error.hresult()), ("backup-location-missing", Hresult::NS_E_WMPBR_DRIVE_INVALID));
        assert!(error.to_string().contains("missing does not exist"), "{error}");
    }
    for result in [Location::open(&file), Location::create(&file)] {
        assert_eq!(result.unwrap_err().code(), "backup-not-a-folder");
    }
    assert_eq!(Location::open(&file.join("in")).unwrap_err().code(), "backup-location-missing");
    let none = Location::open(path).unwrap_err();
    assert_eq!((none.code(), none.hresult()), ("backup-none-here", Hresult::NS_E_DRM_BACKUP_CORRUPT));
    fs::create_dir_all(path.join("Restow/sets")).unwrap();
    assert_eq!(Location::open(path).unwrap_err().code(), "backup-none-here");
    fs::remove_dir_all(path.join("Restow")).unwrap();
    fs::write(path.join("Restow"), "a file").unwrap();
    assert_eq!(Location::create(path).unwrap_err().code(), "backup-not-a-folder");
}

#[cfg(unix)]
#[test]
fn links_are_not_followed() {
    use std::os::unix::fs::symlink;
    let drive = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let set = drive.path().join("Restow/sets").join(SetId::from_key(&key(1).public()).to_string());
    fs::create_dir_all(&set).unwrap();
    symlink(elsewhere.path(), set.join("packs")).unwrap();
    let location = Location::create(drive.path()).unwrap();
    assert!(matches!(SetWriter::begin(&location, &key(1), 10), Err(BackupError::SymbolicLink(_))));
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);

    fs::remove_file(set.join("packs")).unwrap();
    back_up(drive.path(), &key(1), 0..3);
    let pack = fs::read_dir(set.join("packs")).unwrap().next().unwrap().unwrap().path();
    fs::rename(&pack, elsewhere.path().join("pack")).unwrap();
    symlink(elsewhere.path().join("pack"), &pack).unwrap();
    let report = verify_location(&location, Depth::Bytes, &mut |_, _| ControlFlow::Continue(())).unwrap();
    assert!(!report.is_intact() && !report.foreign.is_empty());
}

/// Decodes a backup by the format document, with digests, signatures and hex only.
#[test]
fn format_document_suffices_to_decode() {
    let drive = tempfile::tempdir().unwrap();
    back_up(drive.path(), &key(1), 1..3);
    let set = drive.path().join("Restow/sets").join(SetId::from_key(&key(1).public()).to_string());
    let mut files = fs::read_dir(set.join("generations")).unwrap().map(|entry| entry.unwrap().path());
    let manifest = files.find(|path| path.extension().unwrap() == "manifest").unwrap();
    let bytes = fs::read(&manifest).unwrap();
    let digest = Digest::sha256(&bytes).to_string();
    assert_eq!(manifest.file_stem().unwrap().to_str().unwrap(), format!("0000000001-{}", &digest[..16]));
    assert_eq!(&bytes[..12], b"RSTWMAN1\x01\0\0\0");
    assert_eq!(&bytes[12..44], key(1).public().as_bytes());
    let len = u32::from_le_bytes(bytes[44..48].try_into().unwrap()) as usize;
    assert_eq!(bytes.len(), 48 + len + 64);
    assert!(key(1).public().verifies(&bytes[..48 + len], bytes[48 + len..].try_into().unwrap()));
    let body: serde_json::Value = serde_json::from_slice(&bytes[48..48 + len]).unwrap();
    assert_eq!((&body["format"], &body["generation"], &body["counts"]["licenses"]), (&1.into(), &1.into(), &2.into()));
    let pack = &body["packs"][0];
    assert_eq!((&pack["role"], &pack["licenses"]), (&"licenses".into(), &2.into()));
    let frames = pack["frames"].as_array().unwrap();
    let mut rest = fs::read(set.join("packs").join(format!("{}.pack", pack["id"].as_str().unwrap()))).unwrap();
    let mut list = Vec::new();
    let mut raws = Vec::new();
    for frame in frames {
        let stored: Vec<u8> = rest.drain(..usize::try_from(frame[0].as_u64().unwrap()).unwrap()).collect();
        assert_eq!(Digest::sha256(&stored).to_string(), frame[2].as_str().unwrap());
        let raw = zstd::bulk::decompress(&stored, usize::try_from(frame[1].as_u64().unwrap()).unwrap()).unwrap();
        list.extend_from_slice(&u32::try_from(stored.len()).unwrap().to_le_bytes());
        list.extend_from_slice(&u32::try_from(raw.len()).unwrap().to_le_bytes());
        list.extend_from_slice(Digest::sha256(&stored).as_bytes());
        raws.push(raw);
    }
    assert_eq!((rest.len(), raws.len()), (0, 2));
    assert_eq!(Digest::sha256(&list).to_string(), pack["id"].as_str().unwrap());
    let mut first = vec![1, 0, 0, 0, 0, 0, 1, 6, 0];
    first.extend_from_slice(b"issuer\x02\0L1\x01\0\0\0\0\0\0\0\x01\0\x06\0Song 1\x0a\0\0\0document 1");
    first[2] = u8::try_from(first.len() - 6).unwrap();
    assert_eq!(&raws[0][..first.len()], first);
    // The list of the first frame: its index, two licenses, and their fields before the document.
    let mut contents = vec![9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 6, 0];
    contents.extend_from_slice(b"issuer\x02\0L1\x01\0\0\0\0\0\0\0\x01\0\x06\0Song 1\x01\x06\0issuer\x02\0L2");
    contents[2] = u8::try_from(raws[1].len() - 6).unwrap();
    assert_eq!(&raws[1][..contents.len()], contents);
}
