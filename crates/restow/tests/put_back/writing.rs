//! Tests of the files that put-back writes, replaces and keeps.

use std::time::{Duration, SystemTime};

use restow::license::Right;
use restow::put_back::{Action, ConflictKind, OnConflict, PutBackEvent, PutBackHandler, preview_put_back, put_back};
use restow::restorer::{Backup, Restore};
use restow::service::Cancel;
use restow_media::build::{PublicationBuilder, strip_license};
use restow_media::{Format, Warning};
use serde_json::{Value, json};

use super::fixture::*;
use super::workshop::*;

const STORED_LICENSE: OnConflict = OnConflict::Replace(ConflictKind::StoredLicense);
const UNREADABLE_LICENSE: OnConflict = OnConflict::Replace(ConflictKind::UnreadableLicense);
const UNDECIDED_VERSION: OnConflict = OnConflict::Replace(ConflictKind::UndecidedVersion);

#[test]
fn restored_license_is_embedded_again() {
    let license = license("one");
    let lost = Library::new(&[&license]);
    let content = publication("urn:isbn:1", "Rain", Some(&license));
    lost.add_file("rain.epub", &content);
    lost.scan(&lost.folder);
    let backup = lost.dir.path().join("backup");
    std::fs::create_dir(&backup).unwrap();
    assert!(Backup::to(&backup).start(&lost.home).unwrap().wait().is_ok());
    std::fs::remove_dir_all(lost.home.folder()).unwrap();

    let library = Library::new(&[]);
    let stripped = strip_license(&content).unwrap();
    std::fs::create_dir(library.folder.join("shelf")).unwrap();
    let path = library.add_file("shelf/The rain.epub", &stripped);
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(date).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    }
    // One file of an interrupted run, and one with a similar name.
    library.add_file("shelf/.restow-unfinished-0123456789abcdef", b"half");
    let other = library.add_file("shelf/.restow-unfinished-notes", b"mine");
    assert!(Restore::from(&backup).start(&library.home).unwrap().wait().is_ok());
    let result = library.put_back();
    let summary = result.summary.as_ref().unwrap();
    assert_eq!((summary.publications, summary.documents), (1, 1), "{:?}", result.events);
    assert_eq!((summary.missing, summary.failed), (0, 0), "{:?}", result.events);
    assert_eq!(result.publication(&path), Some(Action::Written));
    assert_eq!(embedded(&path).unwrap(), license);
    assert!(strip_license(&std::fs::read(&path).unwrap()).unwrap() == stripped, "all other bytes are unchanged");
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), date);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
    let license_file = library.folder.join("shelf/The rain.lcpl");
    assert_eq!(std::fs::read(&license_file).unwrap(), license);
    let after = snapshot(&library.folder);
    assert_eq!(after.keys().collect::<Vec<_>>(), [&other, &path, &license_file]);
    // A second run changes nothing. The catalog has the publication now, so the run needs no folder.
    for folder in [Some(library.folder.as_path()), None] {
        let result = run_put_back(&library.home, folder, false);
        assert_eq!(result.summary.as_ref().unwrap().already_present, 2, "{:?}", result.events);
        assert_eq!(result.publication(&path), Some(Action::AlreadyPresent));
        assert_eq!(result.license_file(&license_file), Some(Action::AlreadyPresent));
        assert!(snapshot(&library.folder) == after);
    }
}

#[test]
fn files_outside_folder_stay_unchanged() {
    let licenses = [license("one"), license("two")];
    let library = Library::new(&[&licenses[0], &licenses[1]]);
    let outside = library.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    for (n, license) in licenses.iter().enumerate() {
        library.learn_identifier(&format!("urn:isbn:{n}"), license);
    }
    let outside_path = outside.join("rain.epub");
    std::fs::write(&outside_path, publication("urn:isbn:1", "Rain", None)).unwrap();
    library.scan(&outside);
    let path = library.add_file("snow.epub", &publication("urn:isbn:0", "Snow", None));
    let before = snapshot(&outside);
    let result = library.put_back();
    let summary = result.summary.as_ref().unwrap();
    assert_eq!((summary.publications, summary.documents), (1, 1));
    assert_eq!((summary.missing, summary.outside_folder), (0, 1));
    let files = snapshot(&library.folder);
    assert_eq!(files.keys().collect::<Vec<_>>(), [&path, &library.folder.join("snow.lcpl")]);
    assert!(snapshot(&outside) == before && result.events.len() == 2, "{:?}", result.events);
    // A file is not a folder.
    let result = run_put_back(&library.home, Some(&outside_path), false);
    assert_eq!(result.summary.unwrap_err().code(), "put-not-a-folder");
    assert!(snapshot(&outside) == before);
    // Without a folder, the run changes the publications of the catalog.
    let result = run_put_back(&library.home, None, false);
    assert_eq!(result.publication(&outside_path), Some(Action::Written));
    assert_eq!(result.summary.unwrap().outside_folder, 0);
}

/// Returns a license with a missing publication that leads to a question.
fn license_with_hash(id: &str) -> Vec<u8> {
    license_with(id, |document| {
        document["links"][1]["length"] = json!(1);
        document["links"][1]["hash"] = json!("0".repeat(64));
    })
}

#[test]
fn all_questions_precede_first_write() {
    let license = license("one");
    let library = Library::new(&[&license, &license_with_hash("two"), &license_with_hash("three")]);
    library.learn_identifier("urn:isbn:1", &license);
    library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
    library.add_file(".restow-unfinished-0123456789abcdef", b"half");
    let (before, mut questions) = (snapshot(&library.folder), 0);
    let handler = &mut PutBackHandler {
        confirm: &mut |_| {
            assert!(snapshot(&library.folder) == before);
            questions += 1;
            false
        },
        confirm_changes: &mut |_| true,
        on_event: &mut |_| {},
        cancel: &Cancel::default(),
    };
    let summary = put_back(&library.home, Some(&library.folder), handler).unwrap();
    assert_eq!((questions, summary.publications, summary.documents, summary.missing), (2, 1, 1, 2));
}

#[test]
fn unreadable_license_is_replaced_only_after_consent() {
    let license = license("one");
    let library = Library::new(&[&license]);
    library.learn_identifier("urn:isbn:1", &license);
    let identifiers = || library.home.store().unwrap().view().identifiers_of(&identity(&license)).unwrap();
    let same_identity = br#"{"id":"one","provider":"https://books.example"}"#;
    for (n, damaged) in [&license[..40], b"{}", b"", same_identity].into_iter().enumerate() {
        let path = library.add_file(&format!("{n}.epub"), &publication("urn:isbn:1", "Rain", Some(damaged)));
        let result = library.put_back();
        assert_eq!(result.skipped(&path), Some(("put-broken-inside", false)), "{n}: {:?}", result.events);
        assert_eq!(result.skipped_license(&path), Some(identity(&license)), "{n}");
        assert_eq!(library.embed(&path, &license, OnConflict::Keep), Err("put-broken-inside"));
        assert_eq!(embedded(&path).as_deref(), Some(damaged));
        assert_eq!(library.embed(&path, &license, UNREADABLE_LICENSE), Ok(Action::Written));
        assert_eq!(embedded(&path).as_ref(), Some(&license));
        assert_eq!(identifiers(), ["urn:isbn:1"]);
    }
    // The damage is reported for a publication of an unknown license too.
    let unknown = library.add_file("unknown.epub", &publication("urn:isbn:9", "Snow", Some(b"{}")));
    let result = library.put_back();
    assert_eq!(result.skipped(&unknown), Some(("put-broken-inside", false)));
    assert_eq!(result.skipped_license(&unknown), None);
    assert_eq!(embedded(&unknown).as_deref(), Some(&b"{}"[..]));
}

#[test]
fn corrupt_entry_is_replaced_only_after_consent() {
    let (license, foreign) = (license("one"), license("foreign"));
    let library = Library::new(&[&license]);
    library.learn_identifier("urn:isbn:1", &license);
    let mut damaged = publication("urn:isbn:1", "Rain", Some(&foreign));
    let start = damaged.windows(foreign.len()).position(|window| window == foreign).unwrap();
    damaged[start + 20] ^= 1;
    let path = library.add_file("rain.epub", &damaged);
    // No part of the library treats the entry as a readable license.
    let probe = restow_media::probe_path(&path).unwrap();
    let error = restow::usage::check_publication_right(&library.home, &path, &probe, &Right::PLAY).unwrap_err();
    assert_eq!(error.code(), "license-inside-broken");
    library.scan(&path);
    let store = library.home.store().unwrap();
    assert!(store.view().licenses_of_file(path.to_str().unwrap()).unwrap().is_empty());
    assert!(restow::usage::licenses_of(store.view(), &probe).unwrap().is_empty());
    drop(store);

    for folder in [Some(library.folder.as_path()), None] {
        let result = run_put_back(&library.home, folder, false);
        assert_eq!(result.skipped(&path), Some(("put-broken-inside", false)), "{:?}", result.events);
        assert_eq!(result.skipped_license(&path), Some(identity(&license)));
        assert!(std::fs::read(&path).unwrap() == damaged);
    }
    assert_eq!(library.embed(&path, &license, OnConflict::Keep), Err("put-broken-inside"));
    assert!(std::fs::read(&path).unwrap() == damaged);
    assert_eq!(library.embed(&path, &license, UNREADABLE_LICENSE), Ok(Action::Written));
    assert_eq!(embedded(&path), Some(license));
    let stripped = strip_license(&std::fs::read(&path).unwrap()).unwrap();
    assert!(stripped == strip_license(&damaged).unwrap(), "all other bytes are unchanged");
}

#[test]
fn file_changed_during_question_is_kept() {
    let license = license("one");
    let library = Library::new(&[&license, &license_with_hash("two")]);
    library.learn_identifier("urn:isbn:1", &license);
    for changed in [
        // A license above the limit.
        publication("urn:isbn:1", "Rain", Some(&vec![b' '; (1 << 20) + 1])),
        publication("urn:isbn:2", "Snowfall", None),
        unprotected_publication("urn:isbn:1", "Rain"),
    ] {
        let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
        let (mut questions, mut skipped) = (0, Vec::new());
        let handler = &mut PutBackHandler {
            confirm: &mut |_| {
                questions += 1;
                std::fs::write(&path, &changed).unwrap();
                false
            },
            confirm_changes: &mut |_| true,
            on_event: &mut |event| {
                if let PutBackEvent::Skipped { path, reason, failed, .. } = event {
                    skipped.push((path.clone(), reason.code, *failed));
                }
            },
            cancel: &Cancel::default(),
        };
        let summary = put_back(&library.home, Some(&library.folder), handler).unwrap();
        assert_eq!((questions, summary.publications, summary.failed), (1, 0, 1));
        assert_eq!(skipped, [(path.clone(), "put-changed", true)]);
        assert!(std::fs::read(&path).unwrap() == changed);
    }
}

#[test]
fn unreadable_stored_document_blocks_no_other_license() {
    let (license, unreadable) = (license("one"), license("unreadable"));
    let library = Library::new(&[&license]);
    let mut stored = restow::license::parse(&unreadable).unwrap();
    stored.document = b"a document of a later version".to_vec();
    let mut store = library.home.store().unwrap();
    let change = store.change().unwrap();
    change.put_license(&stored, restow::store::LicenseStatus::Usable).unwrap();
    change.commit().unwrap();
    drop(store);
    library.learn_identifier("urn:isbn:1", &license);
    let first = library.add_file("a.epub", &publication("urn:isbn:1", "Rain", Some(&unreadable)));
    let second = library.add_file("b.epub", &publication("urn:isbn:1", "Rain", None));
    let result = library.put_back();
    assert_eq!(result.skipped(&first), Some(("put-other-license", false)), "{:?}", result.summary);
    assert_eq!((result.publication(&second), embedded(&second)), (Some(Action::Written), Some(license.clone())));
    assert_eq!(library.embed(&first, &license, STORED_LICENSE), Err("put-other-license"));
    assert_eq!(embedded(&first), Some(unreadable));
}

#[cfg(unix)]
#[test]
fn pipe_does_not_block() {
    let license = license("one");
    let library = Library::new(&[&license]);
    let pipe = library.folder.join("pipe");
    match std::process::Command::new("mkfifo").arg(&pipe).status() {
        Ok(status) => assert!(status.success()),
        Err(_) if std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none() => {
            return eprintln!("SKIPPED: pipe_does_not_block: mkfifo not found");
        }
        Err(error) => panic!("mkfifo: {error}"),
    }
    // With both ends open, opening the pipe by mistake returns and fails the assertion.
    let _pipe = std::fs::File::options().read(true).write(true).open(&pipe).unwrap();
    assert_eq!(library.embed(&pipe, &license, OnConflict::Keep), Err("file-unreadable"));
}

/// Documents of one license, compared with the stored document `stored`.
struct Documents {
    older: Vec<u8>,
    stored: Vec<u8>,
    newer: Vec<u8>,
    /// Same version, signature not valid.
    forged: Vec<u8>,
    /// Newer, signature not valid.
    newer_forged: Vec<u8>,
    /// Differs only in formatting.
    formatted: Vec<u8>,
    /// Same version and signer, for another request.
    reissued: Vec<u8>,
    /// Same version, another signer.
    other_signer: Vec<u8>,
}

impl Documents {
    fn new() -> Self {
        let (time, later) = ("2021-07-01T00:00:00Z", "2021-08-01T00:00:00Z");
        let (stored, newer) = (license_updated("one", time), license_updated("one", later));
        let parsed: Value = serde_json::from_slice(&stored).unwrap();
        let other_signer = {
            let (key, mut document) = (Key::p256(3), document("2021-06-01T00:00:00Z"));
            document["id"] = json!("one");
            document["updated"] = json!(time);
            signed(document, &Form::provider(&key).sign(&Key::p256(1)), &key)
        };
        Self {
            older: license("one"),
            forged: forged(&stored, |rights| rights["print"] = json!(1000)),
            newer_forged: forged(&newer, |rights| rights["print"] = json!(1000)),
            formatted: serde_json::to_vec_pretty(&parsed).unwrap(),
            reissued: license_with("one", |document| {
                document["updated"] = json!(time);
                document["encryption"]["content_key"]["encrypted_value"] = json!("BBBB");
            }),
            other_signer,
            stored,
            newer,
        }
    }
}

#[test]
fn embedded_document_is_replaced_only_by_better() {
    let documents = Documents::new();
    let library = Library::new(&[&documents.stored]);
    let cases = [
        ("older", &documents.older, Action::Refreshed),
        ("stored", &documents.stored, Action::AlreadyPresent),
        ("formatted", &documents.formatted, Action::AlreadyPresent),
        ("reissued", &documents.reissued, Action::AlreadyPresent),
        ("other_signer", &documents.other_signer, Action::Conflict),
        ("newer", &documents.newer, Action::BetterPresent),
        ("forged", &documents.forged, Action::Refreshed),
        ("newer_forged", &documents.newer_forged, Action::Conflict),
    ];
    for (name, document, _) in cases {
        library.add_file(&format!("{name}.epub"), &publication("urn:isbn:1", "Rain", Some(document)));
    }
    let result = library.put_back();
    for (name, document, action) in cases {
        let path = library.folder.join(format!("{name}.epub"));
        assert_eq!(result.publication(&path), Some(action), "{name}");
        let expected = if action == Action::Refreshed { &documents.stored } else { document };
        assert!(embedded(&path).as_ref() == Some(expected), "{name}");
    }
    let summary = result.summary.as_ref().unwrap();
    assert_eq!((summary.already_present, summary.conflicts), (4, 2));
}

#[test]
fn older_document_with_stronger_signature_is_kept() {
    let (verified, other) = (license("one"), license("two"));
    let newer = {
        let (key, mut document) = (Key::p256(5), document("2021-06-01T00:00:00Z"));
        document["id"] = json!("one");
        document["updated"] = json!("2021-07-01T00:00:00Z");
        signed(document, &Form { issuer: "Another", ..Form::provider(&key) }.sign(&Key::p256(6)), &key)
    };
    let library = Library::new(&[&newer, &other]);
    restow::trust_store::add(&library.home, &Form::root(&Key::p256(1)).sign(&Key::p256(1))).unwrap();
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", Some(&verified)));
    assert_eq!(library.put_back().publication(&path), Some(Action::BetterPresent));
    assert_eq!(library.embed(&path, &newer, UNDECIDED_VERSION), Err("put-better-there"));
    assert_eq!(library.embed(&path, &other, UNDECIDED_VERSION), Err("put-other-license"));
    assert!(embedded(&path) == Some(verified));
}

/// The newer document may be a renewal with an unknown root, so only the user may replace it.
#[test]
fn undecided_document_is_replaced_only_after_consent() {
    let (documents, other) = (Documents::new(), license("two"));
    let library = Library::new(&[&documents.stored, &other]);
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", Some(&documents.newer_forged)));
    assert_eq!(library.embed(&path, &documents.stored, OnConflict::Keep), Err("put-disputed"));
    assert_eq!(library.embed(&path, &other, OnConflict::Keep), Err("put-disputed"));
    assert_eq!(library.embed(&path, &documents.stored, UNREADABLE_LICENSE), Err("put-disputed"), "another conflict");
    assert!(embedded(&path).as_ref() == Some(&documents.newer_forged));
    assert_eq!(library.embed(&path, &documents.stored, UNDECIDED_VERSION), Ok(Action::Written));
    assert!(embedded(&path).as_ref() == Some(&documents.stored));
    for (document, code) in [
        (&documents.reissued, "put-has-license"),
        (&documents.other_signer, "put-disputed"),
        (&documents.formatted, "put-has-license"),
        (&documents.newer_forged, "put-disputed"),
    ] {
        std::fs::write(&path, publication("urn:isbn:1", "Rain", Some(document))).unwrap();
        assert_eq!(library.embed(&path, &other, OnConflict::Keep), Err(code));
    }
    assert_eq!(library.embed(&path, &other, UNDECIDED_VERSION), Ok(Action::Written));
    assert!(embedded(&path) == Some(other));
}

#[test]
fn license_file_is_replaced_only_by_better() {
    let (documents, other) = (Documents::new(), license("two"));
    let stored = &documents.stored;
    // The last two files are not documents of the license, so the license gets a file of another name.
    for (content, action, is_own) in [
        (documents.older.as_slice(), Action::Refreshed, true),
        (&documents.forged, Action::Refreshed, true),
        (&documents.newer_forged, Action::Conflict, true),
        (&documents.formatted, Action::AlreadyPresent, true),
        (&documents.newer, Action::BetterPresent, true),
        (&other, Action::Written, false),
        (b"{}", Action::Written, false),
    ] {
        let library = Library::new(&[stored]);
        library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", Some(stored)));
        let path = library.add_file("rain.lcpl", content);
        let result = library.put_back();
        let is_expected =
            |event: &&PutBackEvent| matches!(event, PutBackEvent::Document { action: a, .. } if *a == action);
        assert_eq!(result.events.iter().filter(is_expected).count(), 1, "{:?}", result.events);
        let expected = if action == Action::Refreshed { stored.as_slice() } else { content };
        assert!(std::fs::read(&path).unwrap() == expected, "{action:?}");
        assert_eq!(snapshot(&library.folder).len(), if is_own { 2 } else { 3 });
    }
    // A license file in the folder is found under any name.
    let library = Library::new(&[stored]);
    let path = library.add_file("my card.LCPL", &documents.older);
    let result = library.put_back();
    assert_eq!(result.license_file(&path), Some(Action::Refreshed));
    assert!(std::fs::read(&path).unwrap() == *stored);
    assert_eq!(snapshot(&library.folder).len(), 1);
    // A kept license file gets no second file beside it.
    let library = Library::new(&[stored]);
    let path = library.add_file("my card.LCPL", &documents.newer_forged);
    let result = library.put_back();
    assert_eq!((result.license_file(&path), snapshot(&library.folder).len()), (Some(Action::Conflict), 1));
    assert!(std::fs::read(&path).unwrap() == documents.newer_forged);
}

/// Readers would else find an older document in the book, or beside it.
#[test]
fn older_document_is_not_put_beside_newer() {
    let documents = Documents::new();
    let library = Library::new(&[&documents.stored]);
    library.learn_identifier("urn:isbn:1", &documents.stored);
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", Some(&documents.newer)));
    let result = library.put_back();
    assert_eq!(result.publication(&path), Some(Action::BetterPresent), "{:?}", result.events);
    assert_eq!(snapshot(&library.folder).len(), 1);
    // The newer document is beside the book.
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
    let license_file = library.add_file("rain.lcpl", &documents.newer);
    let result = library.put_back();
    assert_eq!(result.skipped(&path), Some(("put-better-beside", false)), "{:?}", result.events);
    assert_eq!(result.license_file(&license_file), Some(Action::BetterPresent));
    assert_eq!((embedded(&path), std::fs::read(&license_file).unwrap()), (None, documents.newer));
}

#[test]
fn publication_without_encryption_list_is_named() {
    let license = license("one");
    let library = Library::new(&[&license]);
    let lost = PublicationBuilder::new(Format::Epub).title("Rain").license(&license).build();
    let path = library.add_file("rain.epub", &lost);
    assert_eq!(restow_media::probe_path(&path).unwrap().warnings, [Warning::EncryptionMissing]);
    let result = library.put_back();
    assert_eq!(result.skipped(&path), Some(("put-encryption-lost", false)), "{:?}", result.events);
    assert_eq!((snapshot(&library.folder).len(), std::fs::read(&path).unwrap() == lost), (1, true));
}

/// A preview shows the same events as the run, and changes nothing.
#[test]
fn preview_changes_nothing() {
    let licenses = [license("one"), license_with_hash("two")];
    let library = Library::new(&[&licenses[0], &licenses[1]]);
    library.learn_identifier("urn:isbn:1", &licenses[0]);
    library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
    library.add_file(".restow-unfinished-0123456789abcdef", b"half");
    let (before, mut events) = (snapshot(&library.folder), Vec::new());
    let on_event = &mut |event: &PutBackEvent| events.push(event.clone());
    let preview = preview_put_back(&library.home, Some(&library.folder), on_event, &Cancel::default()).unwrap();
    assert!(snapshot(&library.folder) == before);
    assert!(matches!(events[0], PutBackEvent::Offer(_)), "{events:?}");
    // The run asks about the changes once, and keeps all files after a no.
    let mut asked = Vec::new();
    let handler = &mut PutBackHandler {
        confirm: &mut |_| false,
        confirm_changes: &mut |changes| {
            asked.push(changes.to_vec());
            false
        },
        on_event: &mut |_| {},
        cancel: &Cancel::default(),
    };
    let error = put_back(&library.home, Some(&library.folder), handler).unwrap_err();
    assert_eq!((error.code(), asked), ("put-not-agreed", vec![events[1..].to_vec()]));
    assert!(snapshot(&library.folder) == before);
    let result = library.put_back();
    let changes = result.events.into_iter().filter(PutBackEvent::is_change).collect::<Vec<_>>();
    assert_eq!(changes, events[1..]);
    let summary = result.summary.unwrap();
    assert_eq!((summary.publications, summary.documents), (preview.publications, preview.documents));
    assert_eq!((preview.missing, summary.missing), (0, 1));
}

#[cfg(unix)]
#[test]
fn links_and_read_only_files_stay_unchanged() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let license = license("one");
    let library = Library::new(&[&license]);
    library.learn_identifier("urn:isbn:1", &license);
    let content = publication("urn:isbn:1", "Rain", None);
    let outside = library.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("rain.epub"), &content).unwrap();
    symlink(&outside, library.folder.join("folder")).unwrap();
    symlink(outside.join("rain.epub"), library.folder.join("link.epub")).unwrap();
    symlink(outside.join("new.lcpl"), library.folder.join("read-only.lcpl")).unwrap();
    let read_only = library.add_file("read-only.epub", &content);
    std::fs::set_permissions(&read_only, std::fs::Permissions::from_mode(0o444)).unwrap();
    let result = library.put_back();
    assert_eq!(result.skipped(&read_only), Some(("put-read-only", true)));
    assert!(std::fs::read(&read_only).unwrap() == content);
    assert!(std::fs::read(outside.join("rain.epub")).unwrap() == content);
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    let link = library.folder.join("link.epub");
    assert_eq!(result.skipped(&link), Some(("put-link", false)));
    assert_eq!(library.embed(&link, &license, OnConflict::Keep), Err("put-link"));
}

#[test]
fn cancelled_run_leaves_old_or_new_files() {
    let licenses: Vec<Vec<u8>> = (0..5).map(|n| license(&format!("L{n}"))).collect();
    for last_event in 0..12 {
        let library = Library::new(&licenses.iter().map(Vec::as_slice).collect::<Vec<_>>());
        for (n, license) in licenses.iter().enumerate() {
            library.learn_identifier(&format!("urn:isbn:{n}"), license);
            library.add_file(&format!("{n}.epub"), &publication(&format!("urn:isbn:{n}"), "Rain", None));
        }
        let (cancel, mut events) = (Cancel::default(), 0);
        let handler = &mut PutBackHandler {
            confirm: &mut |_| false,
            confirm_changes: &mut |_| true,
            on_event: &mut |_| {
                events += 1;
                if events >= last_event {
                    cancel.cancel();
                }
            },
            cancel: &cancel,
        };
        let result = put_back(&library.home, Some(&library.folder), handler);
        assert!(result.is_ok() || result.unwrap_err().code() == "cancelled");
        for (n, license) in licenses.iter().enumerate() {
            let old = publication(&format!("urn:isbn:{n}"), "Rain", None);
            let path = library.folder.join(format!("{n}.epub"));
            let document = embedded(&path);
            assert!(document.is_none() || document.as_ref() == Some(license));
            let content = std::fs::read(path).unwrap();
            assert!(content == old || strip_license(&content).unwrap() == old);
            let license_file = std::fs::read(library.folder.join(format!("{n}.lcpl")));
            assert!(license_file.is_ok_and(|document| document == *license) || last_event < 11);
        }
        assert!(snapshot(&library.folder).keys().all(|path| !path.to_str().unwrap().contains("unfinished")));
        // The next run completes the work.
        let summary = library.put_back().summary.unwrap();
        assert_eq!((summary.failed, summary.missing), (0, 0));
        assert!((0..5).all(|n| embedded(&library.folder.join(format!("{n}.epub"))).is_some()));
    }
}

#[test]
fn second_run_is_refused_as_busy() {
    let library = Library::new(&[&license("one")]);
    let mut second = None;
    let handler = &mut PutBackHandler {
        confirm: &mut |_| false,
        confirm_changes: &mut |_| true,
        on_event: &mut |_| second = Some(library.put_back().summary.unwrap_err().code()),
        cancel: &Cancel::default(),
    };
    put_back(&library.home, Some(&library.folder), handler).unwrap();
    assert_eq!(second, Some("busy"));
}
