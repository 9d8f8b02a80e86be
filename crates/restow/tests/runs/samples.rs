//! Licenses of other vendors, if the samples exist beside the project.

use restow::restorer::{Backup, Restore};
use restow::{Home, Hresult};
use restow_media::build::{Compression, ZipBuilder};

use super::real::samples;
use super::stage::*;

#[test]
fn sample_documents_are_restored_identically() {
    let Some(samples) = samples("sample_documents_are_restored_identically") else { return };
    let folder = samples.join("lcp_licence");
    let expected = std::fs::read_to_string(samples.join("EXPECTED.jsonl")).unwrap();
    let (mut good, mut malformed) = (Vec::new(), Vec::new());
    for line in expected.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        if row["kind"] != "license_document" || !row["path"].as_str().unwrap().starts_with("lcp_licence/") {
            continue;
        }
        let bytes = std::fs::read(samples.join(row["path"].as_str().unwrap())).unwrap();
        if row["malformed"] == true { malformed.push(bytes) } else { good.push(bytes) }
    }
    good.sort();
    assert!(good.len() >= 3 && !malformed.is_empty(), "the samples have both");

    let dir = tempfile::tempdir().unwrap();
    let home: Home = super::stage::home(&dir.path().join("a"));
    let mut refused = Vec::new();
    let summary = restow::import::import(&home, &[folder], &mut |item| {
        if let restow::import::ImportEvent::Refused { error, .. } = item {
            refused.push(error.to_string());
        }
    })
    .unwrap();
    assert_eq!(summary.imported, good.len() as u64);
    assert_eq!(refused.len(), malformed.len(), "{refused:?}");
    assert!(refused.iter().all(|why| why.contains("is missing")), "{refused:?}");
    assert_eq!(documents(&home), good);

    let stick = super::stage::folder(dir.path(), "stick");
    assert!(Backup::to(&stick).start(&home).unwrap().wait().is_ok());
    std::fs::remove_dir_all(home.folder()).unwrap();
    let new = super::stage::home(&dir.path().join("b"));
    let report = Restore::from(&stick).start(&new).unwrap().wait();
    assert_eq!((report.result, report.summary.restored), (Hresult::S_OK, good.len() as u64));
    assert_eq!(documents(&new), good);
}

#[test]
fn embedded_sample_licenses_are_imported() {
    let Some(samples) = samples("embedded_sample_licenses_are_imported") else { return };
    let expected = std::fs::read_to_string(samples.join("EXPECTED.jsonl")).unwrap();
    let mut count = 0;
    for line in expected.lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        if row["license_embedded"] != true || row["systems"] != serde_json::json!(["lcp"]) {
            continue;
        }
        let path = samples.join(row["path"].as_str().unwrap());
        let license = restow_media::embedded_license(&mut std::fs::File::open(&path).unwrap()).unwrap().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("my books");
        let book = std::fs::read(&path).unwrap();
        std::fs::write(&archive, ZipBuilder::new().entry("a/book", &book, Compression::Stored).build()).unwrap();
        for (number, file) in [path, archive].into_iter().enumerate() {
            let home = super::stage::home(&dir.path().join(number.to_string()));
            let summary = restow::import::import(&home, &[file], &mut |_| {}).unwrap();
            // Some samples lack a required member.
            let good = restow::license::parse(&license).is_ok();
            assert_eq!((summary.imported, summary.refused), if good { (1, 0) } else { (0, 1) }, "{row}");
            assert_eq!(documents(&home), if good { vec![license.clone()] } else { Vec::new() }, "{row}");
            count += u32::from(good);
        }
    }
    assert!(count >= 4, "{count}");
}
