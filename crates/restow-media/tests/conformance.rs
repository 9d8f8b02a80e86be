//! Conformance with the samples beside the project.
//!
//! Third parties made the samples. Without them the tests print SKIPPED and pass, unless
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

/// Returns the differences between the probe and the expected result, except where careful readers may differ.
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
    // The fault may be outside the parts that this crate reads, but an intact file must not give a warning.
    check("malformed", malformed || !warned, format!("{:?}", found.warnings));
    differences
}

#[test]
fn asf_samples_match_expected_results() {
    let Some(folder) = samples("asf_samples_match_expected_results") else { return };
    let mut count = 0;
    let mut failures = Vec::new();
    for row in expected(&folder).iter().filter(|row| row.get("container").unwrap() == "asf") {
        let path = row.get("path").unwrap().as_str().unwrap();
        let found = probe_path(&folder.join(path)).unwrap();
        assert_eq!(found.format, Format::Asf, "{path}");
        failures.extend(differences(row, &found).into_iter().map(|difference| format!("{path}: {difference}")));
        count += 1;
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(count >= 17, "only {count} samples");
}

#[test]
fn other_samples_not_detected_as_asf() {
    let Some(folder) = samples("other_samples_not_detected_as_asf") else { return };
    for row in expected(&folder).iter().filter(|row| row.get("container").unwrap() != "asf") {
        let path = row.get("path").unwrap().as_str().unwrap();
        let found = probe_path(&folder.join(path)).unwrap();
        assert_ne!(found.format, Format::Asf, "{path}");
    }
}

/// Returns true if a probe may report this format for this container of the samples.
fn is_allowed_format(container: Option<&str>, format: Format) -> bool {
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
fn package_samples_match_expected_results() {
    let Some(folder) = samples("package_samples_match_expected_results") else { return };
    let mut failures = Vec::new();
    let packages = packages(&folder);
    for (path, row) in &packages {
        let found = probe_path(&folder.join(path)).unwrap();
        let container = row.get("container").unwrap().as_str();
        if !is_allowed_format(container, found.format) {
            failures.push(format!("{path}: {}, expected {container:?}", found.format));
        }
        failures.extend(differences(row, &found).into_iter().map(|difference| format!("{path}: {difference}")));
    }
    assert!(failures.is_empty(), "{failures:#?}");
    assert!(packages.len() >= 9, "only {} samples", packages.len());
}

#[test]
fn xml_samples_not_detected_as_publications() {
    let Some(folder) = samples("xml_samples_not_detected_as_publications") else { return };
    for row in expected(&folder).iter().filter(|row| row.get("container").unwrap() == "xml") {
        let path = row.get("path").unwrap().as_str().unwrap();
        assert_eq!(probe_path(&folder.join(path)).unwrap().format, Format::Unknown, "{path}");
    }
}

/// Returns all entries of a package but one, read by Python: name, date, attributes, and compressed content.
fn read_other_entries(package: &Path, excluded: &str) -> Option<String> {
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
    let output = std::process::Command::new("python3").args(["-c", script]).arg(package).arg(excluded).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn removed_licenses_embedded_in_every_package() {
    let test = "removed_licenses_embedded_in_every_package";
    let Some(folder) = samples(test) else { return };
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (mut licensed, mut compared) = (0, 0);
    for (path, row) in packages(&folder) {
        let bytes = fs::read(folder.join(&path)).unwrap();
        let mut output = Vec::new();
        if row.get("malformed").unwrap() == true {
            let error = embed_license(&mut Cursor::new(&bytes), b"{}", &mut output).unwrap_err();
            assert!(matches!(error, EmbedError::UnsupportedFormat), "{path}: {error}");
            continue;
        }
        let license = embedded_license(&mut Cursor::new(&bytes)).unwrap();
        let without = strip_license(&bytes).unwrap();
        assert_eq!(embedded_license(&mut Cursor::new(&without)).unwrap(), None, "{path}");
        let embedded = license.clone().unwrap_or_else(|| br#"{"id":"new"}"#.to_vec());
        embed_license(&mut Cursor::new(&without), &embedded, &mut output).unwrap();
        assert_eq!(embedded_license(&mut Cursor::new(&output)).unwrap(), Some(embedded), "{path}");

        // Python must see the same entries.
        let place = if row.get("container").unwrap() == "epub" { "META-INF/license.lcpl" } else { "license.lcpl" };
        let mut outputs = Vec::new();
        for (name, content) in [("before", &bytes), ("without", &without), ("back", &output)] {
            let file = scratch.join(format!("{name}-{}", path.replace('/', "-")));
            fs::write(&file, content).unwrap();
            outputs.extend(read_other_entries(&file, place));
        }
        match outputs.as_slice() {
            [before, without, output] => {
                assert_eq!(before, without, "{path}");
                assert_eq!(before, output, "{path}");
                compared += 1;
            }
            _ => {
                println!("SKIPPED: {test}: python3 not found");
                assert!(std::env::var("RESTOW_REQUIRE_TOOLS").as_deref() != Ok("1"), "python3 is required");
            }
        }
        licensed += u32::from(license.is_some());
        // Embedding the same license again changes nothing.
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
fn damaged_samples_give_warnings() {
    let Some(folder) = samples("damaged_samples_give_warnings") else { return };
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
fn titles_report_their_source() {
    let Some(folder) = samples("titles_report_their_source") else { return };
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

/// Returns every intact clear sample with its bytes.
fn clear_samples(folder: &Path) -> Vec<(String, Vec<u8>)> {
    expected(folder)
        .iter()
        .filter(|row| row.get("container").unwrap() == "asf" && row.get("malformed").unwrap() == false)
        .filter(|row| row.get("protected").unwrap() == false)
        .map(|row| row.get("path").unwrap().as_str().unwrap().to_owned())
        .map(|path| (path.clone(), fs::read(folder.join(path)).unwrap()))
        .collect()
}

#[test]
fn spliced_protection_detected_in_clear_samples() {
    let Some(folder) = samples("spliced_protection_detected_in_clear_samples") else { return };
    let key_id: KeyId = "09e091ab-f838-41d2-9e35-58531fd19ec7".parse().unwrap();
    let url = "https://shop.example/get?a=1&b=2";
    let samples = clear_samples(&folder);
    assert!(samples.len() >= 9);
    for (path, bytes) in samples {
        let before = probe(&mut Cursor::new(&bytes)).unwrap();
        assert_eq!(before.protected, Some(false), "{path}");
        for kind in ProtectionKind::ALL {
            for carrier in [Carrier::ExtendedContentEncryption, Carrier::Unknown] {
                let protection = Protection::new(kind, key_id.clone()).license_url(url).carrier(carrier);
                let spliced = splice_protection(&bytes, &protection).unwrap();
                let found = probe(&mut Cursor::new(spliced)).unwrap();
                let case = format!("{path} with {kind}");
                assert_eq!(found.protected, Some(true), "{case}");
                assert_eq!(found.key_ids, std::slice::from_ref(&key_id), "{case}");
                assert_eq!(found.license_urls, [url], "{case}");
                let system = match kind {
                    ProtectionKind::WmdrmV1 | ProtectionKind::Wmdrm => System::Wmdrm,
                    _ => System::Playready,
                };
                assert_eq!(found.systems, BTreeSet::from([system]), "{case}");
                assert!(!found.encrypted_streams.is_empty(), "{case}");
                assert_eq!((found.title, found.author), (before.title.clone(), before.author.clone()), "{case}");
                assert_eq!(found.warnings, before.warnings, "{case}");
            }
        }
    }
}

#[test]
fn playready_header_overrides_wmdrm_object() {
    let Some(folder) = samples("playready_header_overrides_wmdrm_object") else { return };
    let old = Protection::new(ProtectionKind::WmdrmV1, KeyId::Uuid([1; 16]));
    let new = Protection::new(ProtectionKind::Playready40, KeyId::Uuid([2; 16]));
    for (path, bytes) in clear_samples(&folder) {
        let spliced = splice_protection(&splice_protection(&bytes, &old).unwrap(), &new).unwrap();
        let found = probe(&mut Cursor::new(spliced)).unwrap();
        assert_eq!(found.systems, BTreeSet::from([System::Playready]), "{path}");
        assert_eq!(found.key_ids, [KeyId::Uuid([1; 16]), KeyId::Uuid([2; 16])], "{path}");
    }
}
