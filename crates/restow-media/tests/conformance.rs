//! Agreement with the samples that lie beside the project.
//!
//! They were made by others and are read where they lie. Without them the tests print SKIPPED and pass, unless
//! `RESTOW_REQUIRE_SAMPLES` is 1.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use restow_media::build::{Carrier, Protection, ProtectionKind, splice_protection, strip_license};
use restow_media::{
    EmbedError, Format, KeyId, Probe, System, Title, TitleSource, embed_license, embedded_license, probe, probe_path,
};
use serde_json::Value;

fn samples(test: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/samples");
    if folder.join("EXPECTED.jsonl").is_file() {
        return Some(folder);
    }
    println!("SKIPPED: {test}: ../shared/samples not found");
    assert!(std::env::var("RESTOW_REQUIRE_SAMPLES").as_deref() != Ok("1"), "the samples are required");
    None
}

fn expected(folder: &Path) -> Vec<Value> {
    let lines = fs::read_to_string(folder.join("EXPECTED.jsonl")).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn strings(row: &Value, field: &str) -> Vec<String> {
    row.get(field).unwrap().as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// Every way in which the answer differs from the expected one, except where careful readers may differ.
fn differences(row: &Value, found: &Probe) -> Vec<String> {
    let doubt = if row.get("certain").unwrap().as_bool() == Some(false) { strings(row, "doubt") } else { vec![] };
    let mut differences = Vec::new();
    let mut check = |field: &str, agrees: bool, found: String| {
        if !agrees && !doubt.iter().any(|name| name == field) {
            differences.push(format!("{field}: {found}, expected {}", row.get(field).unwrap()));
        }
    };
    let protected = row.get("protected").unwrap().as_bool();
    check("protected", protected.is_none() || protected == found.protected, format!("{:?}", found.protected));
    let systems: Vec<String> = found.systems.iter().map(System::to_string).collect();
    check("systems", systems == strings(row, "systems"), format!("{systems:?}"));
    let (ids, raw): (Vec<_>, Vec<_>) = found.key_ids.iter().partition(|id| matches!(id, KeyId::Uuid(_)));
    let ids: Vec<String> = ids.into_iter().map(KeyId::to_string).collect();
    check("key_ids", ids == strings(row, "key_ids"), format!("{ids:?}"));
    let raw: Vec<String> = raw.into_iter().map(|id| id.to_string().replace("hex:", "")).collect();
    check("raw_key_ids", raw == strings(row, "raw_key_ids"), format!("{raw:?}"));
    let title = found.title.as_ref().map(|title| title.text.as_str());
    let titles = row.get("titles_ok").unwrap().as_array().unwrap();
    check("title", titles.iter().any(|ok| ok.as_str() == title), format!("{title:?}"));
    let embedded = row.get("license_embedded").unwrap().as_bool();
    check(
        "license_embedded",
        embedded.is_none_or(|is| is == found.license_embedded),
        found.license_embedded.to_string(),
    );
    let id = row.get("license_id").unwrap().as_str();
    check("license_id", id == found.license_id.as_deref(), format!("{:?}", found.license_id));
    let malformed = row.get("malformed").unwrap().as_bool() == Some(true);
    let warned = !found.warnings.is_empty();
    // What is wrong may lie outside what this crate reads, but a sound file must not be called malformed.
    check("malformed", malformed || !warned, format!("{:?}", found.warnings));
    differences
}

#[test]
fn every_asf_sample_is_read_as_expected() {
    let Some(folder) = samples("every_asf_sample_is_read_as_expected") else { return };
    let mut seen = 0;
    let mut failures = Vec::new();
    for row in expected(&folder).iter().filter(|row| row.get("container").unwrap() == "asf") {
        let path = row.get("path").unwrap().as_str().unwrap();
        let found = probe_path(&folder.join(path)).unwrap();
        assert_eq!(found.format, Format::Asf, "{path}");
        failures.extend(differences(row, &found).into_iter().map(|difference| format!("{path}: {difference}")));
        seen += 1;
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(seen >= 17, "only {seen} samples");
}

#[test]
fn every_other_sample_is_survived_and_not_taken_for_asf() {
    let Some(folder) = samples("every_other_sample_is_survived_and_not_taken_for_asf") else { return };
    for row in expected(&folder).iter().filter(|row| row.get("container").unwrap() != "asf") {
        let path = row.get("path").unwrap().as_str().unwrap();
        let found = probe_path(&folder.join(path)).unwrap();
        assert_ne!(found.format, Format::Asf, "{path}");
    }
}

/// Whether the answer may be this format where the samples say that container.
fn fits(container: Option<&str>, format: Format) -> bool {
    match container {
        Some("epub") => format == Format::Epub,
        Some("lcp_package") => {
            matches!(format, Format::Audiobook | Format::Divina | Format::PdfPackage | Format::Webpub)
        }
        _ => format == Format::Unknown,
    }
}

fn packages(folder: &Path) -> Vec<(String, Value)> {
    let rows = expected(folder).into_iter().filter(|row| row.get("kind").unwrap() == "package");
    rows.map(|row| (row.get("path").unwrap().as_str().unwrap().to_owned(), row)).collect()
}

#[test]
fn every_package_is_read_as_expected() {
    let Some(folder) = samples("every_package_is_read_as_expected") else { return };
    let mut failures = Vec::new();
    let packages = packages(&folder);
    for (path, row) in &packages {
        let found = probe_path(&folder.join(path)).unwrap();
        let container = row.get("container").unwrap().as_str();
        if !fits(container, found.format) {
            failures.push(format!("{path}: {}, expected {container:?}", found.format));
        }
        failures.extend(differences(row, &found).into_iter().map(|difference| format!("{path}: {difference}")));
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(packages.len() >= 9, "only {} samples", packages.len());
}

#[test]
fn documents_beside_publications_are_no_publications() {
    let Some(folder) = samples("documents_beside_publications_are_no_publications") else { return };
    for row in expected(&folder).iter().filter(|row| row.get("container").unwrap() == "xml") {
        let path = row.get("path").unwrap().as_str().unwrap();
        assert_eq!(probe_path(&folder.join(path)).unwrap().format, Format::Unknown, "{path}");
    }
}

/// Everything of a package but one entry, as another program reads it: name, date, attributes, and packed content.
fn others(package: &Path, but: &str) -> Option<String> {
    let script = "import sys, zipfile\n\
        package = zipfile.ZipFile(sys.argv[1])\n\
        assert package.testzip() is None\n\
        file = open(sys.argv[1], 'rb')\n\
        for entry in package.infolist():\n\
        \x20   if entry.filename == sys.argv[2]: continue\n\
        \x20   file.seek(entry.header_offset)\n\
        \x20   header = file.read(30)\n\
        \x20   names = int.from_bytes(header[26:28], 'little') + int.from_bytes(header[28:30], 'little')\n\
        \x20   body = file.read(names + entry.compress_size + (16 if entry.flag_bits & 8 else 0))\n\
        \x20   entry.header_offset = 0\n\
        \x20   print({name: getattr(entry, name) for name in entry.__slots__ if hasattr(entry, name)}, header, body)\n\
        print(package.comment)\n";
    let output = std::process::Command::new("python3").args(["-c", script]).arg(package).arg(but).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn licenses_are_taken_out_of_every_package_and_put_back() {
    let test = "licenses_are_taken_out_of_every_package_and_put_back";
    let Some(folder) = samples(test) else { return };
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (mut licensed, mut compared) = (0, 0);
    for (path, row) in packages(&folder) {
        let bytes = fs::read(folder.join(&path)).unwrap();
        let mut back = Vec::new();
        if row.get("malformed").unwrap() == true {
            let refused = embed_license(&mut Cursor::new(&bytes), b"{}", &mut back).unwrap_err();
            assert!(matches!(refused, EmbedError::UnsupportedFormat), "{path}: {refused}");
            continue;
        }
        let license = embedded_license(&mut Cursor::new(&bytes)).unwrap();
        let without = strip_license(&bytes).unwrap();
        assert_eq!(embedded_license(&mut Cursor::new(&without)).unwrap(), None, "{path}");
        let given = license.clone().unwrap_or_else(|| br#"{"id":"new"}"#.to_vec());
        embed_license(&mut Cursor::new(&without), &given, &mut back).unwrap();
        assert_eq!(embedded_license(&mut Cursor::new(&back)).unwrap(), Some(given), "{path}");

        // The same, said by another program.
        let place = if row.get("container").unwrap() == "epub" { "META-INF/license.lcpl" } else { "license.lcpl" };
        let mut seen = Vec::new();
        for (name, content) in [("before", &bytes), ("without", &without), ("back", &back)] {
            let file = scratch.join(format!("{name}-{}", path.replace('/', "-")));
            fs::write(&file, content).unwrap();
            seen.extend(others(&file, place));
        }
        match seen.as_slice() {
            [before, without, back] => {
                assert_eq!(before, without, "{path}");
                assert_eq!(before, back, "{path}");
                compared += 1;
            }
            _ => {
                println!("SKIPPED: {test}: python3 not found");
                assert!(std::env::var("RESTOW_REQUIRE_TOOLS").as_deref() != Ok("1"), "python3 is required");
            }
        }
        licensed += u32::from(license.is_some());
        // The one that is there already changes nothing.
        if let Some(license) = license {
            let mut same = Vec::new();
            embed_license(&mut Cursor::new(&bytes), &license, &mut same).unwrap();
            assert_eq!(same, bytes, "{path}");
        }
    }
    assert!(licensed >= 4, "only {licensed} licenses");
    assert!(compared == 0 || compared >= 8);
}

#[test]
fn damaged_samples_are_warned_of() {
    let Some(folder) = samples("damaged_samples_are_warned_of") else { return };
    let damaged = [
        "asf_drm_derived/m1_ceo_secret_len_overflow.wma",
        "asf_drm_derived/m3_eceo_odd_utf16_truncated.wma",
        "asf_malformed/tinytag__invalid_object_size.wma",
        "asf_malformed/mediafile__unparseable.wma",
    ];
    for path in damaged {
        let found = probe_path(&folder.join(path)).unwrap();
        assert!(!found.warnings.is_empty(), "{path}");
    }
}

#[test]
fn titles_say_where_they_come_from() {
    let Some(folder) = samples("titles_say_where_they_come_from") else { return };
    let title = |path: &str| probe_path(&folder.join(path)).unwrap().title.unwrap();
    assert_eq!(
        title("asf_drm_derived/d6_wmdrm_v2_title_only_in_ecd.wma"),
        Title { text: "Quiet Station".to_owned(), source: TitleSource::Stated }
    );
    assert_eq!(
        title("asf_clear/picard__test.asf"),
        Title { text: "picard__test".to_owned(), source: TitleSource::FileName }
    );
}

/// Every sound clear sample, with its bytes.
fn clear(folder: &Path) -> Vec<(String, Vec<u8>)> {
    expected(folder)
        .iter()
        .filter(|row| row.get("container").unwrap() == "asf" && row.get("malformed").unwrap() == false)
        .filter(|row| row.get("protected").unwrap() == false)
        .map(|row| row.get("path").unwrap().as_str().unwrap().to_owned())
        .map(|path| (path.clone(), fs::read(folder.join(path)).unwrap()))
        .collect()
}

#[test]
fn spliced_protection_comes_out_of_every_clear_sample() {
    let Some(folder) = samples("spliced_protection_comes_out_of_every_clear_sample") else { return };
    let key_id: KeyId = "09e091ab-f838-41d2-9e35-58531fd19ec7".parse().unwrap();
    let url = "https://shop.example/get?a=1&b=2";
    let clear = clear(&folder);
    assert!(clear.len() >= 9);
    for (path, bytes) in clear {
        let before = probe(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!(before.protected, Some(false), "{path}");
        for kind in ProtectionKind::ALL {
            for carrier in [Carrier::ExtendedContentEncryption, Carrier::Unknown] {
                let protection = Protection::new(*kind, key_id.clone()).license_url(url).carrier(carrier);
                let spliced = splice_protection(&bytes, &protection).unwrap();
                let found = probe(&mut Cursor::new(spliced)).unwrap();
                let what = format!("{path} with {kind}");
                assert_eq!(found.protected, Some(true), "{what}");
                assert_eq!(found.key_ids, std::slice::from_ref(&key_id), "{what}");
                assert_eq!(found.license_urls, [url], "{what}");
                let system = match kind {
                    ProtectionKind::WmdrmV1 | ProtectionKind::Wmdrm => System::Wmdrm,
                    _ => System::Playready,
                };
                assert_eq!(found.systems, BTreeSet::from([system]), "{what}");
                assert!(!found.encrypted_streams.is_empty(), "{what}");
                assert_eq!((found.title, found.author), (before.title.clone(), before.author.clone()), "{what}");
                assert_eq!(found.warnings, before.warnings, "{what}");
            }
        }
    }
}

#[test]
fn a_playready_header_outweighs_the_older_object() {
    let Some(folder) = samples("a_playready_header_outweighs_the_older_object") else { return };
    let old = Protection::new(ProtectionKind::WmdrmV1, KeyId::Uuid([1; 16]));
    let new = Protection::new(ProtectionKind::Playready40, KeyId::Uuid([2; 16]));
    for (path, bytes) in clear(&folder) {
        let spliced = splice_protection(&splice_protection(&bytes, &old).unwrap(), &new).unwrap();
        let found = probe(&mut Cursor::new(spliced)).unwrap();
        assert_eq!(found.systems, BTreeSet::from([System::Playready]), "{path}");
        assert_eq!(found.key_ids, [KeyId::Uuid([1; 16]), KeyId::Uuid([2; 16])], "{path}");
    }
}
