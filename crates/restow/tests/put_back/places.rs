//! Where licenses are put back: what lies there already, what comes meanwhile, and what stays.

use std::time::{Duration, SystemTime};

use restow::import::import_document;
use restow::put_back::{Action, ConflictKind, OnConflict, PutBackEvent, PutBackHandler, embed_license, put_back};
use restow::restorer::{Backup, Restore};
use restow::service::Cancel;
use restow_media::Format;
use restow_media::build::{PublicationBuilder, strip_license};
use serde_json::{Value, json};

use super::stage::*;
use super::workshop::*;

#[test]
fn after_a_loss_a_book_has_its_license_back() {
    let license = plain("one");
    let before = Place::new(&[&license]);
    let whole = book("urn:isbn:1", "Rain", Some(&license));
    before.file("rain.epub", &whole);
    restow::scan::scan(&before.home, std::slice::from_ref(&before.library), &mut |_| {}).unwrap();
    let stick = before.dir.path().join("stick");
    std::fs::create_dir(&stick).unwrap();
    assert!(Backup::to(&stick).start(&before.home).unwrap().wait().is_ok());
    std::fs::remove_dir_all(before.home.folder()).unwrap();

    let now = Place::new(&[]);
    let bare = strip_license(&whole).unwrap();
    std::fs::create_dir(now.library.join("shelf")).unwrap();
    let path = now.file("shelf/The rain.epub", &bare);
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    }
    // What an interrupted run left; and what only looks like it.
    now.file("shelf/.restow-unfinished-0123456789abcdef", b"half");
    let other = now.file("shelf/.restow-unfinished-notes", b"mine");
    assert!(Restore::from(&stick).start(&now.home).unwrap().wait().is_ok());
    let told = put_all(&now.home, &now.library);
    let summary = told.summary.as_ref().unwrap();
    assert_eq!(
        (summary.publications, summary.documents, summary.missing, summary.failed),
        (1, 1, 0, 0),
        "{:?}",
        told.items
    );
    assert_eq!(told.publication(&path), Some(Action::Written));
    assert_eq!(inside(&path).unwrap(), license);
    assert!(strip_license(&std::fs::read(&path).unwrap()).unwrap() == bare, "every other byte is as it was");
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), old);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }
    let document = now.library.join("shelf/The rain.lcpl");
    assert_eq!(std::fs::read(&document).unwrap(), license);
    assert_eq!(state(&now.library).into_keys().collect::<Vec<_>>(), [other, path.clone(), document.clone()]);
    // Again: all is there, and nothing is touched. The catalog knows it now, so no folder is needed.
    let after = state(&now.library);
    for folder in [Some(now.library.as_path()), None] {
        let told = put(&now.home, folder, false);
        assert_eq!(told.summary.as_ref().unwrap().already_present, 2, "{:?}", told.items);
        assert_eq!(
            (told.publication(&path), told.document(&document)),
            (Some(Action::AlreadyPresent), Some(Action::AlreadyPresent))
        );
        assert!(state(&now.library) == after);
    }
}

#[test]
fn only_the_folder_that_was_named_is_touched() {
    let licenses = [plain("one"), plain("two")];
    let place = Place::new(&[&licenses[0], &licenses[1]]);
    let elsewhere = place.dir.path().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    for (n, license) in licenses.iter().enumerate() {
        place.learn(&format!("urn:isbn:{n}"), license);
    }
    let there = elsewhere.join("rain.epub");
    std::fs::write(&there, book("urn:isbn:1", "Rain", None)).unwrap();
    restow::scan::scan(&place.home, std::slice::from_ref(&elsewhere), &mut |_| {}).unwrap();
    let here = place.file("snow.epub", &book("urn:isbn:0", "Snow", None));
    let before = state(&elsewhere);
    let told = put_all(&place.home, &place.library);
    let summary = told.summary.as_ref().unwrap();
    assert_eq!((summary.publications, summary.documents, summary.missing, summary.outside_folder), (1, 1, 0, 1));
    assert_eq!(state(&place.library).into_keys().collect::<Vec<_>>(), [here, place.library.join("snow.lcpl")]);
    assert!(state(&elsewhere) == before && told.items.len() == 2, "{:?}", told.items);
    // A file is no folder.
    let told = put_all(&place.home, &there);
    assert_eq!(told.summary.unwrap_err().code(), "put-not-a-folder");
    assert!(state(&elsewhere) == before);
    // Without a folder it is what the catalog knows.
    let told = put(&place.home, None, false);
    assert_eq!((told.publication(&there), told.summary.unwrap().outside_folder), (Some(Action::Written), 0));
}

/// A license whose book is asked about.
fn bought(id: &str) -> Vec<u8> {
    license(id, |document| {
        document["links"][1]["length"] = json!(1);
        document["links"][1]["hash"] = json!("0".repeat(64));
    })
}

#[test]
fn nothing_is_written_before_all_is_asked() {
    let license = plain("one");
    let place = Place::new(&[&license, &bought("two"), &bought("three")]);
    place.learn("urn:isbn:1", &license);
    place.file("rain.epub", &book("urn:isbn:1", "Rain", None));
    place.file(".restow-unfinished-0123456789abcdef", b"half");
    let (before, mut asked) = (state(&place.library), 0);
    let dialog = &mut PutBackHandler {
        confirm: &mut |_| {
            assert!(state(&place.library) == before);
            asked += 1;
            false
        },
        on_event: &mut |_| {},
        cancel: &Cancel::default(),
    };
    let summary = put_back(&place.home, Some(&place.library), dialog).unwrap();
    assert_eq!((asked, summary.publications, summary.documents, summary.missing), (2, 1, 3, 2));
}

#[test]
fn a_license_inside_that_cannot_be_read_goes_by_hand() {
    let license = plain("one");
    let place = Place::new(&[&license]);
    place.learn("urn:isbn:1", &license);
    let identifiers = || place.home.store().unwrap().view().identifiers_of(&identity(&license)).unwrap();
    let same = br#"{"id":"one","provider":"https://books.example"}"#;
    for (n, damaged) in [&license[..40], b"{}", b"", same].into_iter().enumerate() {
        let path = place.file(&format!("{n}.epub"), &book("urn:isbn:1", "Rain", Some(damaged)));
        let told = put_all(&place.home, &place.library);
        assert_eq!(told.left(&path), Some(("put-broken-inside", false)), "{n}: {:?}", told.items);
        assert_eq!(told.left_for(&path), Some(identity(&license)), "{n}: which one is for it");
        let by_hand = |another| embed_license(&place.home, &path, &identity(&license), another, &Cancel::default());
        assert_eq!(by_hand(OnConflict::Keep).unwrap_err().code(), "put-broken-inside");
        assert_eq!(inside(&path).as_deref(), Some(damaged));
        assert_eq!(
            (by_hand(OnConflict::Replace(ConflictKind::UnreadableLicense)).unwrap(), inside(&path)),
            (Action::Written, Some(license.clone()))
        );
        assert_eq!(identifiers(), ["urn:isbn:1"]);
    }
    // Nobody knows for whom it is; that it is broken is told all the same.
    let stranger = place.file("stranger.epub", &book("urn:isbn:9", "Snow", Some(b"{}")));
    let told = put_all(&place.home, &place.library);
    assert_eq!((told.left(&stranger), told.left_for(&stranger)), (Some(("put-broken-inside", false)), None));
    assert_eq!(inside(&stranger).as_deref(), Some(&b"{}"[..]));
}

#[test]
fn a_license_inside_that_does_not_unpack_is_not_lost_unasked() {
    let (license, foreign) = (plain("one"), plain("foreign"));
    let place = Place::new(&[&license]);
    place.learn("urn:isbn:1", &license);
    let mut damaged = book("urn:isbn:1", "Rain", Some(&foreign));
    let at = damaged.windows(foreign.len()).position(|part| part == foreign).unwrap();
    damaged[at + 20] ^= 1;
    let path = place.file("rain.epub", &damaged);
    // Nothing here says of it that it could be read.
    let probe = restow_media::probe_path(&path).unwrap();
    let may = restow::usage::check_publication_right(&place.home, &path, &probe, &restow::license::Right::PLAY);
    assert_eq!(may.unwrap_err().code(), "license-inside-broken");
    restow::scan::scan(&place.home, std::slice::from_ref(&path), &mut |_| {}).unwrap();
    let store = place.home.store().unwrap();
    assert!(store.view().licenses_of_file(path.to_str().unwrap()).unwrap().is_empty());
    assert!(restow::usage::licenses_of(store.view(), &probe).unwrap().is_empty());
    drop(store);

    for folder in [Some(place.library.as_path()), None] {
        let told = put(&place.home, folder, false);
        assert_eq!(told.left(&path), Some(("put-broken-inside", false)), "{:?}", told.items);
        assert_eq!(told.left_for(&path), Some(identity(&license)));
        assert!(std::fs::read(&path).unwrap() == damaged);
    }
    let by_hand = |another| embed_license(&place.home, &path, &identity(&license), another, &Cancel::default());
    assert_eq!(by_hand(OnConflict::Keep).unwrap_err().code(), "put-broken-inside");
    assert!(std::fs::read(&path).unwrap() == damaged);
    assert_eq!(
        (by_hand(OnConflict::Replace(ConflictKind::UnreadableLicense)).unwrap(), inside(&path)),
        (Action::Written, Some(license))
    );
    assert!(
        strip_license(&std::fs::read(&path).unwrap()).unwrap() == strip_license(&damaged).unwrap(),
        "every other byte is as it was"
    );
}

#[test]
fn what_comes_while_somebody_is_asked_stays() {
    let license = plain("one");
    let asked_about = bought("two");
    let place = Place::new(&[&license, &asked_about]);
    place.learn("urn:isbn:1", &license);
    // A license, larger than anything that is read here; another book; somebody's own copy that opens as it is.
    for came in [
        book("urn:isbn:1", "Rain", Some(&vec![b' '; (1 << 20) + 1])),
        book("urn:isbn:2", "Snowfall", None),
        PublicationBuilder::new(Format::Epub).title("Rain").identifier("urn:isbn:1").build(),
    ] {
        let path = place.file("rain.epub", &book("urn:isbn:1", "Rain", None));
        let (mut asked, mut left) = (0, Vec::new());
        let dialog = &mut PutBackHandler {
            confirm: &mut |_| {
                asked += 1;
                std::fs::write(&path, &came).unwrap();
                false
            },
            on_event: &mut |item| {
                if let PutBackEvent::Skipped { path, reason, failed, .. } = item {
                    left.push((path.clone(), reason.code, *failed));
                }
            },
            cancel: &Cancel::default(),
        };
        let summary = put_back(&place.home, Some(&place.library), dialog).unwrap();
        assert_eq!((asked, summary.publications, summary.failed), (1, 0, 1));
        assert_eq!(left, [(path.clone(), "put-changed", true)]);
        assert!(std::fs::read(&path).unwrap() == came);
    }
}

#[test]
fn a_document_here_that_cannot_be_read_keeps_no_book_back() {
    let (license, odd) = (plain("one"), plain("odd"));
    let place = Place::new(&[&license]);
    let mut kept = restow::license::parse(&odd).unwrap();
    kept.document = b"not what this version reads".to_vec();
    let mut store = place.home.store().unwrap();
    let change = store.change().unwrap();
    change.put_license(&kept, restow::store::LicenseStatus::Usable).unwrap();
    change.commit().unwrap();
    drop(store);
    place.learn("urn:isbn:1", &license);
    let first = place.file("a.epub", &book("urn:isbn:1", "Rain", Some(&odd)));
    let second = place.file("b.epub", &book("urn:isbn:1", "Rain", None));
    let told = put_all(&place.home, &place.library);
    assert_eq!(told.left(&first), Some(("put-other-license", false)), "{:?}", told.summary);
    assert_eq!((told.publication(&second), inside(&second)), (Some(Action::Written), Some(license.clone())));
    let by_hand = embed_license(
        &place.home,
        &first,
        &identity(&license),
        OnConflict::Replace(ConflictKind::StoredLicense),
        &Cancel::default(),
    );
    assert_eq!((by_hand.unwrap_err().code(), inside(&first)), ("put-other-license", Some(odd)));
}

#[cfg(unix)]
#[test]
fn a_pipe_is_not_waited_for() {
    let license = plain("one");
    let place = Place::new(&[&license]);
    let pipe = place.library.join("pipe");
    match std::process::Command::new("mkfifo").arg(&pipe).status() {
        Ok(made) => assert!(made.success()),
        Err(_) if std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none() => {
            return eprintln!("SKIPPED: a_pipe_is_not_waited_for: mkfifo not found");
        }
        Err(error) => panic!("mkfifo: {error}"),
    }
    // Somebody holds it open, so that whoever opens it comes back to be judged.
    let _held = std::fs::File::options().read(true).write(true).open(&pipe).unwrap();
    let told = embed_license(&place.home, &pipe, &identity(&license), OnConflict::Keep, &Cancel::default());
    assert_eq!(told.unwrap_err().code(), "file-unreadable");
}

#[test]
fn older_documents_are_refreshed_and_newer_ones_stay() {
    let (old, now, new) =
        (plain("one"), updated("one", "2021-07-01T00:00:00Z"), updated("one", "2021-08-01T00:00:00Z"));
    // Its signature proves nothing.
    let forged = |document: &[u8]| {
        let mut forged: Value = serde_json::from_slice(document).unwrap();
        forged["rights"]["print"] = json!(1000);
        forged.to_string().into_bytes()
    };
    let (broken, disputed) = (forged(&now), forged(&new));
    let spaced = serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&now).unwrap()).unwrap();
    // Signed anew for somebody who asked again.
    let again = license("one", |document| {
        document["updated"] = json!("2021-07-01T00:00:00Z");
        document["encryption"]["content_key"]["encrypted_value"] = json!("BBBB");
    });
    // As new, and by somebody else who calls himself the provider.
    let stranger = {
        let (key, mut document) = (Key::p256(3), document("2021-06-01T00:00:00Z"));
        document["id"] = json!("one");
        document["updated"] = json!("2021-07-01T00:00:00Z");
        signed(document, &Form::provider(&key).sign(&Key::p256(1)), &key)
    };
    let place = Place::new(&[&now]);
    let files = [
        ("old", &old, Action::Refreshed, &now),
        ("now", &now, Action::AlreadyPresent, &now),
        ("spaced", &spaced, Action::AlreadyPresent, &spaced),
        ("again", &again, Action::AlreadyPresent, &again),
        ("stranger", &stranger, Action::Conflict, &stranger),
        ("new", &new, Action::BetterPresent, &new),
        ("broken", &broken, Action::Refreshed, &now),
        ("disputed", &disputed, Action::Conflict, &disputed),
    ];
    for (name, there, ..) in files {
        place.file(&format!("{name}.epub"), &book("urn:isbn:1", "Rain", Some(there)));
    }
    let told = put_all(&place.home, &place.library);
    for (name, _, done, then) in files {
        let path = place.library.join(format!("{name}.epub"));
        assert_eq!(told.publication(&path), Some(done), "{name}");
        assert!(inside(&path).as_ref() == Some(then), "{name}");
    }
    let summary = told.summary.as_ref().unwrap();
    assert_eq!((summary.already_present, summary.conflicts), (4, 2));
    // What may be a renewal that nobody here can judge goes by hand alone, after a question; also where it is another license.
    let path = place.library.join("disputed.epub");
    let by_hand = |license: &[u8], another| {
        embed_license(&place.home, &path, &identity(license), another, &Cancel::default()).map_err(|error| error.code())
    };
    let two = plain("two");
    import_document(&place.home, &two).unwrap();
    assert_eq!(by_hand(&now, OnConflict::Keep), Err("put-disputed"));
    assert_eq!(by_hand(&two, OnConflict::Keep), Err("put-disputed"));
    assert!(inside(&path) == Some(disputed.clone()));
    assert_eq!(
        by_hand(&now, OnConflict::Replace(ConflictKind::UnreadableLicense)),
        Err("put-disputed"),
        "another question"
    );
    assert_eq!(by_hand(&now, OnConflict::Replace(ConflictKind::UndecidedVersion)), Ok(Action::Written));
    assert!(inside(&path).as_ref() == Some(&now));
    for (there, why) in [
        (&again, "put-has-license"),
        (&stranger, "put-disputed"),
        (&spaced, "put-has-license"),
        (&disputed, "put-disputed"),
    ] {
        std::fs::write(&path, book("urn:isbn:1", "Rain", Some(there))).unwrap();
        assert_eq!(by_hand(&two, OnConflict::Keep), Err(why));
    }
    assert_eq!(by_hand(&two, OnConflict::Replace(ConflictKind::UndecidedVersion)), Ok(Action::Written));
    assert!(inside(&path) == Some(two));
    // The same of documents beside it; what is something else stays.
    for (there, done, then) in [
        (old.as_slice(), Action::Refreshed, Some(&now)),
        (&broken, Action::Refreshed, Some(&now)),
        (&disputed, Action::Conflict, Some(&disputed)),
        (&spaced, Action::AlreadyPresent, Some(&spaced)),
        (&new, Action::BetterPresent, Some(&new)),
        (&plain("two"), Action::Written, None),
        (b"{}", Action::Written, None),
    ] {
        let place = Place::new(&[&now]);
        place.file("rain.epub", &book("urn:isbn:1", "Rain", Some(&now)));
        let beside = place.file("rain.lcpl", there);
        let told = put_all(&place.home, &place.library);
        let items =
            told.items.iter().filter(|item| matches!(item, PutBackEvent::Document { action: d, .. } if *d == done));
        assert_eq!(items.count(), 1, "{:?}", told.items);
        assert!(std::fs::read(&beside).unwrap() == then.map_or(there, Vec::as_slice), "{done:?}");
        assert_eq!(state(&place.library).len(), 2 + usize::from(then.is_none()));
    }
    // A document that lies in the folder under a name of its own is found there.
    let place = Place::new(&[&now]);
    let own = place.file("my card.LCPL", &old);
    let told = put_all(&place.home, &place.library);
    assert_eq!((told.document(&own), std::fs::read(&own).unwrap()), (Some(Action::Refreshed), now.clone()));
    assert_eq!(state(&place.library).len(), 1);
    // Where a disputed one stays, no other is put beside it.
    let place = Place::new(&[&now]);
    let own = place.file("my card.LCPL", &disputed);
    let told = put_all(&place.home, &place.library);
    assert_eq!((told.document(&own), state(&place.library).len()), (Some(Action::Conflict), 1));
    assert!(std::fs::read(&own).unwrap() == disputed);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_files_that_may_not_be_changed_stay() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let license = plain("one");
    let place = Place::new(&[&license]);
    place.learn("urn:isbn:1", &license);
    let bare = book("urn:isbn:1", "Rain", None);
    let outside = place.dir.path().join("outside");
    std::fs::create_dir(&outside).unwrap();
    std::fs::write(outside.join("rain.epub"), &bare).unwrap();
    symlink(&outside, place.library.join("folder")).unwrap();
    symlink(outside.join("rain.epub"), place.library.join("link.epub")).unwrap();
    symlink(outside.join("stolen.lcpl"), place.library.join("closed.lcpl")).unwrap();
    let closed = place.file("closed.epub", &bare);
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o444)).unwrap();
    let told = put_all(&place.home, &place.library);
    assert_eq!(told.left(&closed), Some(("put-read-only", true)));
    assert!(std::fs::read(&closed).unwrap() == bare && std::fs::read(outside.join("rain.epub")).unwrap() == bare);
    assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 1);
    let told = embed_license(
        &place.home,
        &place.library.join("link.epub"),
        &identity(&license),
        OnConflict::Keep,
        &Cancel::default(),
    );
    assert_eq!(told.unwrap_err().code(), "file-unreadable");
}

#[test]
fn wherever_it_is_stopped_every_file_is_old_or_new() {
    let licenses: Vec<Vec<u8>> = (0..5).map(|n| plain(&format!("L{n}"))).collect();
    for stop_at in 0..12 {
        let place = Place::new(&licenses.iter().map(Vec::as_slice).collect::<Vec<_>>());
        for (n, license) in licenses.iter().enumerate() {
            place.learn(&format!("urn:isbn:{n}"), license);
            place.file(&format!("{n}.epub"), &book(&format!("urn:isbn:{n}"), "Rain", None));
        }
        let (cancel, mut told) = (Cancel::default(), 0);
        let dialog = &mut PutBackHandler {
            confirm: &mut |_| false,
            on_event: &mut |_| {
                told += 1;
                if told >= stop_at {
                    cancel.cancel();
                }
            },
            cancel: &cancel,
        };
        let ended = put_back(&place.home, Some(&place.library), dialog);
        assert!(ended.is_ok() || ended.unwrap_err().code() == "cancelled");
        for (n, license) in licenses.iter().enumerate() {
            let bare = book(&format!("urn:isbn:{n}"), "Rain", None);
            let path = place.library.join(format!("{n}.epub"));
            let found = inside(&path);
            assert!(found.is_none() || found.as_ref() == Some(license));
            let content = std::fs::read(path).unwrap();
            assert!(content == bare || strip_license(&content).unwrap() == bare);
            assert!(
                std::fs::read(place.library.join(format!("{n}.lcpl"))).is_ok_and(|d| d == *license) || stop_at < 11
            );
        }
        assert!(state(&place.library).keys().all(|path| !path.to_str().unwrap().contains("unfinished")));
        // And the next one does the rest.
        let rest = put_all(&place.home, &place.library).summary.unwrap();
        assert_eq!((rest.failed, rest.missing), (0, 0));
        assert!((0..5).all(|n| inside(&place.library.join(format!("{n}.epub"))).is_some()));
    }
}

#[test]
fn one_at_a_time() {
    let place = Place::new(&[&plain("one")]);
    let (mut second, inner) = (None, &place);
    let dialog = &mut PutBackHandler {
        confirm: &mut |_| false,
        on_event: &mut |_| second = Some(put_all(&inner.home, &inner.library).summary.unwrap_err().code()),
        cancel: &Cancel::default(),
    };
    put_back(&place.home, Some(&place.library), dialog).unwrap();
    assert_eq!(second, Some("busy"));
}
