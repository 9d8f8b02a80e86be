//! Licenses put back where readers look for them.

use std::path::Path;
use std::time::{Duration, SystemTime};

use restow::import::import_document;
use restow::license::Standing;
use restow::put_back::{Another, Dialog, Done, PutBack, put_back, put_into};
use restow::restorer::{Backup, Restore};
use restow::service::Cancel;
use restow_media::Format;
use restow_media::build::{PublicationBuilder, PublicationProtection, without_license};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

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
    let bare = without_license(&whole).unwrap();
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
    assert_eq!(told.publication(&path), Some(Done::Written));
    assert_eq!(inside(&path).unwrap(), license);
    assert!(without_license(&std::fs::read(&path).unwrap()).unwrap() == bare, "every other byte is as it was");
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
        assert_eq!(told.summary.as_ref().unwrap().already_there, 2, "{:?}", told.items);
        assert_eq!(
            (told.publication(&path), told.document(&document)),
            (Some(Done::AlreadyThere), Some(Done::AlreadyThere))
        );
        assert!(state(&now.library) == after);
    }
}

#[test]
fn a_book_is_known_by_length_and_hash() {
    let bare = book("urn:isbn:1", "Rain", None);
    let same_length = book("urn:isbn:2", "Rain", None);
    assert_eq!(bare.len(), same_length.len());
    let sum = Sha256::digest(&bare);
    for hash in [data_encoding::HEXLOWER.encode(&sum), data_encoding::BASE64.encode(&sum)] {
        let license = license("one", |document| {
            document["links"][1]["length"] = json!(bare.len());
            document["links"][1]["hash"] = json!(hash);
        });
        let place = Place::new(&[&license]);
        let (path, other) = (place.file("a.epub", &bare), place.file("b.epub", &same_length));
        let told = put_all(&place.home, &place.library);
        assert_eq!(
            (told.publication(&path), told.publication(&other)),
            (Some(Done::Written), None),
            "{:?}",
            told.items
        );
        assert_eq!((inside(&path), inside(&other)), (Some(license), None));
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
    assert_eq!((summary.publications, summary.documents, summary.missing, summary.elsewhere), (1, 1, 0, 1));
    assert_eq!(state(&place.library).into_keys().collect::<Vec<_>>(), [here, place.library.join("snow.lcpl")]);
    assert!(state(&elsewhere) == before && told.items.len() == 2, "{:?}", told.items);
    // A file is no folder.
    let told = put_all(&place.home, &there);
    assert_eq!(told.summary.unwrap_err().code(), "put-not-a-folder");
    assert!(state(&elsewhere) == before);
    // Without a folder it is what the catalog knows.
    let told = put(&place.home, None, false);
    assert_eq!((told.publication(&there), told.summary.unwrap().elsewhere), (Some(Done::Written), 0));
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
    let dialog = &mut Dialog {
        agrees: &mut |_| {
            assert!(state(&place.library) == before);
            asked += 1;
            false
        },
        tell: &mut |_| {},
        cancel: &Cancel::default(),
    };
    let summary = put_back(&place.home, Some(&place.library), dialog).unwrap();
    assert_eq!((asked, summary.publications, summary.documents, summary.missing), (2, 1, 3, 2));
}

#[test]
fn what_is_not_known_for_sure_is_left_alone() {
    let license = plain("one");
    let place = Place::new(&[&license]);
    place.learn("urn:isbn:1", &license);
    let guess = place.file("guess.epub", &book("urn:isbn:9", "from the SHOP", None));
    let clear = PublicationBuilder::new(Format::Epub).title("Mine").identifier("urn:isbn:1").build();
    let clear = place.file("clear.epub", &clear);
    let other = place.file("other.epub", &book("urn:isbn:1", "Rain", Some(&plain("two"))));
    let whole = book("urn:isbn:1", "Rain", None);
    let stranger = place.file("stranger.epub", &book("urn:isbn:8", "Snow", None));
    let cut = place.file("cut.epub", &whole[..whole.len() - 30]);
    place.file("notes.txt", b"PK, but not really");
    place.file("empty.epub", b"");
    let before = state(&place.library);
    let told = put_all(&place.home, &place.library);
    let perhaps: Vec<&Path> = told
        .items
        .iter()
        .filter_map(|item| match item {
            PutBack::Perhaps { path, .. } => Some(path.as_path()),
            _ => None,
        })
        .collect();
    assert_eq!(perhaps, [&guess], "what opens as it is needs none");
    assert_eq!(told.left(&other), Some(("put-other-license", false)));
    assert_eq!((told.left(&stranger), told.left(&clear)), (Some(("put-none-known", false)), None));
    assert_eq!(told.left(&cut), Some(("put-refused", false)));
    assert_eq!(told.summary.as_ref().unwrap().publications, 0);
    assert_eq!(told.missing(), ["fetch-no-hash"]);
    let mut after = state(&place.library);
    let document = after.remove(&place.library.join("From the shop.lcpl")).unwrap();
    assert_eq!(document.0, license);
    assert!(after == before);

    // By hand: it is the user's choice; but a license that is nowhere else is not lost.
    let cancel = Cancel::default();
    let by_hand = |path: &Path| put_into(&place.home, path, &identity(&license), Another::Stays, &cancel);
    assert_eq!(by_hand(&guess).unwrap(), Done::Written);
    assert_eq!((by_hand(&guess).unwrap(), inside(&guess)), (Done::AlreadyThere, Some(license.clone())));
    assert_eq!(by_hand(&other).unwrap_err().code(), "put-other-license");
    import_document(&place.home, &plain("two")).unwrap();
    assert_eq!(by_hand(&other).unwrap_err().code(), "put-has-license");
    assert_eq!(inside(&other), Some(plain("two")));
    let done = put_into(&place.home, &other, &identity(&license), Another::Goes("put-has-license"), &cancel);
    assert_eq!((done.unwrap(), inside(&other)), (Done::Written, Some(license.clone())));
    assert_eq!(by_hand(&clear).unwrap_err().code(), "put-not-protected");
    assert_eq!(inside(&clear), None);
    assert_eq!(by_hand(&cut).unwrap_err().code(), "put-refused");
    assert_eq!(by_hand(&place.library.join("notes.txt")).unwrap_err().code(), "put-no-place");
    assert_eq!(by_hand(&place.library.join("none.epub")).unwrap_err().code(), "file-unreadable");
    let unknown = put_into(&place.home, &guess, &identity(&plain("three")), Another::Stays, &cancel);
    assert_eq!(unknown.unwrap_err().code(), "put-not-usable");
}

#[test]
fn a_book_that_opens_as_it_is_gets_none_whatever_a_license_says() {
    let clear = PublicationBuilder::new(Format::Epub).title("Mine").identifier("urn:isbn:1").build();
    // Signed or not: whoever has the book knows its hash.
    let signed = license("one", |document| {
        document["links"][1]["length"] = json!(clear.len());
        document["links"][1]["hash"] = json!(data_encoding::HEXLOWER.encode(&Sha256::digest(&clear)));
    });
    let mut forged: Value = serde_json::from_slice(&signed).unwrap();
    forged["rights"] = json!({"print": 1});
    for license in [signed, forged.to_string().into_bytes()] {
        let place = Place::new(&[&license]);
        let path = place.file("clear.epub", &clear);
        let told = put_all(&place.home, &place.library);
        assert_eq!((told.publication(&path), told.left(&path)), (None, None), "{:?}", told.items);
        assert!(std::fs::read(&path).unwrap() == clear);
    }
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
        let by_hand = |another| put_into(&place.home, &path, &identity(&license), another, &Cancel::default());
        assert_eq!(by_hand(Another::Stays).unwrap_err().code(), "put-broken-inside");
        assert_eq!(inside(&path).as_deref(), Some(damaged));
        assert_eq!(
            (by_hand(Another::Goes("put-broken-inside")).unwrap(), inside(&path)),
            (Done::Written, Some(license.clone()))
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
    let may = restow::usage::can_publication(&place.home, &path, &probe, &restow::license::Right::PLAY);
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
    let by_hand = |another| put_into(&place.home, &path, &identity(&license), another, &Cancel::default());
    assert_eq!(by_hand(Another::Stays).unwrap_err().code(), "put-broken-inside");
    assert!(std::fs::read(&path).unwrap() == damaged);
    assert_eq!((by_hand(Another::Goes("put-broken-inside")).unwrap(), inside(&path)), (Done::Written, Some(license)));
    assert!(
        without_license(&std::fs::read(&path).unwrap()).unwrap() == without_license(&damaged).unwrap(),
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
        let dialog = &mut Dialog {
            agrees: &mut |_| {
                asked += 1;
                std::fs::write(&path, &came).unwrap();
                false
            },
            tell: &mut |item| {
                if let PutBack::Left { path, why, failed, .. } = item {
                    left.push((path.clone(), why.code, *failed));
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
fn the_loan_before_is_known_for_ones_own() {
    let over = license("over", |document| document["rights"]["end"] = json!("2022-01-01T00:00:00Z"));
    let (given_back, lent_again, strange) = (plain("given-back"), plain("again"), plain("strange"));
    let place = Place::new(&[&over, &given_back, &lent_again]);
    let mut store = place.home.store().unwrap();
    let change = store.change().unwrap();
    change.put_standing(&identity(&given_back), Standing::Returned, 1_800_000_000, b"{}").unwrap();
    change.commit().unwrap();
    place.learn("urn:isbn:1", &lent_again);
    for (before, code) in
        [(&over, "put-has-license"), (&given_back, "put-has-license"), (&strange, "put-other-license")]
    {
        let path = place.file(&format!("{code}.epub"), &book("urn:isbn:1", "Rain", Some(before)));
        let told = put_all(&place.home, &place.library);
        assert_eq!(told.left(&path), Some((code, false)), "{:?}", told.items);
        assert_eq!(told.left_for(&path), Some(identity(&lent_again)));
        let by_hand =
            put_into(&place.home, &path, &identity(&lent_again), Another::Goes("put-has-license"), &Cancel::default());
        assert_eq!(by_hand.is_ok(), code == "put-has-license");
    }
    // Nobody said what the new one is for: its title says it, and it is from the same library.
    let place = Place::new(&[&over, &lent_again]);
    let path = place.file("again.epub", &book("urn:isbn:9", "From the shop", Some(&over)));
    let other = place.file("other.epub", &book("urn:isbn:8", "Another", Some(&over)));
    let told = put_all(&place.home, &place.library);
    assert_eq!(
        (told.left(&path), told.left_for(&path)),
        (Some(("put-has-license", false)), Some(identity(&lent_again)))
    );
    assert_eq!(told.left(&other), None);
}

#[test]
fn none_is_named_that_would_lock_what_opens() {
    let of = |id: &str, provider: &str, hash: &str| {
        license(id, |document| {
            document["provider"] = json!(provider);
            document["links"][1]["hash"] = json!(hash.repeat(64));
        })
    };
    let (shop, library) = ("https://shop.example", "https://library.example");
    let mine = of("mine", shop, "a");
    let over = |provider: &str, hash: &str| {
        let mut over: Value = serde_json::from_slice(&of("over", provider, hash)).unwrap();
        over["rights"]["end"] = json!("2022-01-01T00:00:00Z");
        over.to_string().into_bytes()
    };
    let broken = |provider: &str| format!(r#"{{"provider":"{provider}"}}"#).into_bytes();
    let (borrowed, bought, other) = (over(library, "a"), over(shop, "a"), over(shop, "b"));
    for (there, told_as, named) in [
        (&borrowed, None, false),
        (&bought, Some("put-has-license"), true),
        // The same shop, and the book is locked anew.
        (&other, None, false),
        (&broken(library), Some("put-broken-inside"), false),
        (&broken(shop), Some("put-broken-inside"), true),
        (&format!(r#"{{"id":"x","provider":"{library}"}}"#).into_bytes(), Some("put-broken-inside"), false),
    ] {
        let place = Place::new(&[&mine]);
        let _ = import_document(&place.home, there);
        place.learn("urn:isbn:1", &mine);
        let path = place.file("rain.epub", &book("urn:isbn:1", "Rain", Some(there)));
        let told = put_all(&place.home, &place.library);
        assert_eq!(told.left(&path).map(|(code, _)| code), told_as, "{:?}", told.items);
        assert_eq!(told.left_for(&path), named.then(|| identity(&mine)), "{:?}", told.items);
    }
    // Of two that are for different publications neither.
    for second in [of("second", library, "a"), of("second", shop, "b")] {
        let place = Place::new(&[&mine, &second]);
        [&mine, &second].into_iter().for_each(|license| place.learn("urn:isbn:1", license));
        let path = place.file("rain.epub", &book("urn:isbn:1", "Rain", Some(b"{}")));
        let told = put_all(&place.home, &place.library);
        assert_eq!((told.left(&path), told.left_for(&path)), (Some(("put-broken-inside", false)), None));
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
    assert_eq!((told.publication(&second), inside(&second)), (Some(Done::Written), Some(license.clone())));
    let by_hand =
        put_into(&place.home, &first, &identity(&license), Another::Goes("put-other-license"), &Cancel::default());
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
    let told = put_into(&place.home, &pipe, &identity(&license), Another::Stays, &Cancel::default());
    assert_eq!(told.unwrap_err().code(), "file-unreadable");
}

#[test]
fn a_wrong_license_by_hand_teaches_nothing_for_good() {
    let (right, wrong) = (plain("right"), plain("wrong"));
    let place = Place::new(&[&right, &wrong]);
    let path = place.file("rain.epub", &book("urn:isbn:1", "Rain", None));
    let cancel = Cancel::default();
    let known = |license: &[u8]| {
        let store = place.home.store().unwrap();
        let entry = store.view().license(&identity(license)).unwrap().unwrap();
        let titles = restow::listing::listed(&place.home, &store, &entry).unwrap().titles;
        (store.view().identifiers_of(&identity(license)).unwrap().len(), titles == ["Rain"])
    };
    put_into(&place.home, &path, &identity(&wrong), Another::Stays, &cancel).unwrap();
    assert_eq!(known(&wrong), (0, true));
    put_into(&place.home, &path, &identity(&right), Another::Goes("put-has-license"), &cancel).unwrap();
    assert_eq!((known(&wrong), known(&right)), ((0, false), (0, true)));
    // Learned by a scan all the same, and put right by hand.
    std::fs::write(&path, book("urn:isbn:1", "Rain", Some(&wrong))).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    restow::scan::scan(&place.home, std::slice::from_ref(&path), &mut |_| {}).unwrap();
    assert_eq!(known(&wrong), (1, true));
    put_into(&place.home, &path, &identity(&right), Another::Goes("put-has-license"), &cancel).unwrap();
    assert_eq!((known(&wrong), known(&right)), ((0, false), (0, true)));
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
        ("old", &old, Done::Refreshed, &now),
        ("now", &now, Done::AlreadyThere, &now),
        ("spaced", &spaced, Done::AlreadyThere, &spaced),
        ("again", &again, Done::AlreadyThere, &again),
        ("stranger", &stranger, Done::Disputed, &stranger),
        ("new", &new, Done::BetterThere, &new),
        ("broken", &broken, Done::Refreshed, &now),
        ("disputed", &disputed, Done::Disputed, &disputed),
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
    assert_eq!((summary.already_there, summary.disputed), (4, 2));
    // What may be a renewal that nobody here can judge goes by hand alone, after a question; also where it is another license.
    let path = place.library.join("disputed.epub");
    let by_hand = |license: &[u8], another| {
        put_into(&place.home, &path, &identity(license), another, &Cancel::default()).map_err(|error| error.code())
    };
    let two = plain("two");
    import_document(&place.home, &two).unwrap();
    assert_eq!(by_hand(&now, Another::Stays), Err("put-disputed"));
    assert_eq!(by_hand(&two, Another::Stays), Err("put-disputed"));
    assert!(inside(&path) == Some(disputed.clone()));
    assert_eq!(by_hand(&now, Another::Goes("put-broken-inside")), Err("put-disputed"), "another question");
    assert_eq!(by_hand(&now, Another::Goes("put-disputed")), Ok(Done::Written));
    assert!(inside(&path).as_ref() == Some(&now));
    for (there, why) in [
        (&again, "put-has-license"),
        (&stranger, "put-disputed"),
        (&spaced, "put-has-license"),
        (&disputed, "put-disputed"),
    ] {
        std::fs::write(&path, book("urn:isbn:1", "Rain", Some(there))).unwrap();
        assert_eq!(by_hand(&two, Another::Stays), Err(why));
    }
    assert_eq!(by_hand(&two, Another::Goes("put-disputed")), Ok(Done::Written));
    assert!(inside(&path) == Some(two));
    // The same of documents beside it; what is something else stays.
    for (there, done, then) in [
        (old.as_slice(), Done::Refreshed, Some(&now)),
        (&broken, Done::Refreshed, Some(&now)),
        (&disputed, Done::Disputed, Some(&disputed)),
        (&spaced, Done::AlreadyThere, Some(&spaced)),
        (&new, Done::BetterThere, Some(&new)),
        (&plain("two"), Done::Written, None),
        (b"{}", Done::Written, None),
    ] {
        let place = Place::new(&[&now]);
        place.file("rain.epub", &book("urn:isbn:1", "Rain", Some(&now)));
        let beside = place.file("rain.lcpl", there);
        let told = put_all(&place.home, &place.library);
        let items = told.items.iter().filter(|item| matches!(item, PutBack::Document { done: d, .. } if *d == done));
        assert_eq!(items.count(), 1, "{:?}", told.items);
        assert!(std::fs::read(&beside).unwrap() == then.map_or(there, Vec::as_slice), "{done:?}");
        assert_eq!(state(&place.library).len(), 2 + usize::from(then.is_none()));
    }
    // A document that lies in the folder under a name of its own is found there.
    let place = Place::new(&[&now]);
    let own = place.file("my card.LCPL", &old);
    let told = put_all(&place.home, &place.library);
    assert_eq!((told.document(&own), std::fs::read(&own).unwrap()), (Some(Done::Refreshed), now.clone()));
    assert_eq!(state(&place.library).len(), 1);
    // Where a disputed one stays, no other is put beside it.
    let place = Place::new(&[&now]);
    let own = place.file("my card.LCPL", &disputed);
    let told = put_all(&place.home, &place.library);
    assert_eq!((told.document(&own), state(&place.library).len()), (Some(Done::Disputed), 1));
    assert!(std::fs::read(&own).unwrap() == disputed);
}

#[test]
fn of_books_called_alike_each_gets_its_own_or_none() {
    let named = |id: &str, name: &str, value: &str| license(id, |document| document["links"][1][name] = json!(value));
    let perhaps = |told: &Told, path: &Path| {
        told.items.iter().find_map(|item| match item {
            PutBack::Perhaps { path: at, license } if at == path => Some(license.identity.license_id.clone()),
            _ => None,
        })
    };
    // One work in two formats, under one number.
    let (epub, pdf) = (named("epub", "type", "application/epub+zip"), named("pdf", "type", "application/pdf+lcp"));
    let place = Place::new(&[&epub, &pdf]);
    [&epub, &pdf].into_iter().for_each(|license| place.learn("urn:isbn:1", license));
    let as_epub = place.file("book.epub", &book("urn:isbn:1", "Rain", None));
    let package = PublicationBuilder::new(Format::PdfPackage).title("Rain").identifier("urn:isbn:1");
    let as_pdf = place.file("book.lcpdf", &package.protection(PublicationProtection::Lcp).build());
    put_all(&place.home, &place.library);
    assert!(inside(&as_epub).as_ref() == Some(&epub) && inside(&as_pdf) == Some(pdf));
    // A shop that calls every type alike: what is known of the book is worth a word.
    let place = Place::new(&[&epub]);
    place.learn("urn:isbn:1", &epub);
    let package = PublicationBuilder::new(Format::PdfPackage).title("Rain").identifier("urn:isbn:1");
    let as_pdf = place.file("book.lcpdf", &package.protection(PublicationProtection::Lcp).build());
    assert_eq!((perhaps(&put_all(&place.home, &place.library), &as_pdf), inside(&as_pdf)), (Some("epub".into()), None));

    // Two works under one number: none is taken, and the one of that title named, also after a scan.
    let (rain, snow) = (named("rain", "title", "Rain"), named("snow", "title", "Snow"));
    let place = Place::new(&[&rain, &snow]);
    [&rain, &snow].into_iter().for_each(|license| place.learn("urn:isbn:1", license));
    let [one, two, third] = ["Rain", "Snow", "Hail"].map(|title| place.file(title, &book("urn:isbn:1", title, None)));
    restow::scan::scan(&place.home, std::slice::from_ref(&place.library), &mut |_| {}).unwrap();
    let told = put_all(&place.home, &place.library);
    assert_eq!((perhaps(&told, &one), perhaps(&told, &two)), (Some("rain".into()), Some("snow".into())));
    assert!(perhaps(&told, &third).is_some() && [one, two, third].iter().all(|path| inside(path).is_none()));

    // Nor is the better signed one of them taken.
    let unknown = {
        let (key, mut document) = (Key::p256(5), document("2021-06-01T00:00:00Z"));
        document["id"] = json!("unknown");
        document["links"][1] = json!({"rel": "publication", "href": "https://books.example/b", "title": "Rain"});
        signed(document, &Form { issuer: "Another", ..Form::provider(&key) }.sign(&Key::p256(6)), &key)
    };
    let place = Place::new(&[]);
    restow::roots::add(&place.home, &Form::root(&Key::p256(1)).sign(&Key::p256(1))).unwrap();
    for license in [&unknown, &snow] {
        import_document(&place.home, license).unwrap();
        place.learn("urn:isbn:1", license);
    }
    let path = place.file("book.epub", &book("urn:isbn:1", "Rain", None));
    assert_eq!(perhaps(&put_all(&place.home, &place.library), &path), Some("unknown".into()));

    // A title proves nothing between shops, whatever others are called; one hash is one file, whatever it is called.
    let of = |id: &str, provider: &str, title: &str, hash: Option<&str>, end: &str| {
        license(id, |document| {
            document["provider"] = json!(provider);
            document["links"][1]["title"] = json!(title);
            document["rights"]["end"] = json!(end);
            if let Some(hash) = hash {
                document["links"][1]["hash"] = json!(hash.repeat(64));
            }
        })
    };
    let (soon, later) = ("2090-01-01T00:00:00Z", "2091-01-01T00:00:00Z");
    let one_shop = "https://books.example";
    for (licenses, put) in [
        ([of("a", one_shop, "Rain", None, soon), of("b", "https://b.example", "b-1.epub", None, soon)], None),
        ([of("a", one_shop, "Rain", Some("a"), soon), of("b", one_shop, "b-1.epub", Some("a"), later)], Some(1)),
    ] {
        let place = Place::new(&[&licenses[0], &licenses[1]]);
        licenses.iter().for_each(|license| place.learn("urn:isbn:1", license));
        let path = place.file("book.epub", &book("urn:isbn:1", "Rain", None));
        let told = put_all(&place.home, &place.library);
        assert_eq!(perhaps(&told, &path).is_some(), put.is_none());
        assert!(inside(&path).as_ref() == put.map(|put: usize| &licenses[put]));
    }
}

#[test]
fn of_licenses_for_different_publications_none_is_taken() {
    let apart = |id: &str, name: &str, value: &str| {
        license(id, |document| match name {
            "provider" => document["provider"] = json!(value),
            _ => document["links"][1]["hash"] = json!(value.repeat(64)),
        })
    };
    for name in ["provider", "hash"] {
        let licenses = [apart("one", name, "a"), apart("two", name, "b")];
        let place = Place::new(&[&licenses[0], &licenses[1]]);
        // Two shops have the same book, each locked with a key of its own; or somebody says so.
        licenses.iter().for_each(|license| place.learn("urn:isbn:1", license));
        let path = place.file("book.epub", &book("urn:isbn:1", "Rain", None));
        let told = put_all(&place.home, &place.library);
        assert_eq!((told.publication(&path), inside(&path).is_some()), (None, false), "{name}: {:?}", told.items);
        let perhaps = |item: &PutBack| matches!(item, PutBack::Perhaps { path: at, .. } if *at == path);
        assert!(told.items.iter().any(perhaps), "{name}: {:?}", told.items);

        // A forged one is in nobody's way.
        let mut forged: Value = serde_json::from_slice(&licenses[1]).unwrap();
        forged["rights"]["print"] = json!(1000);
        let place = Place::new(&[&licenses[0], forged.to_string().as_bytes()]);
        licenses.iter().for_each(|license| place.learn("urn:isbn:1", license));
        let path = place.file("book.epub", &book("urn:isbn:1", "Rain", None));
        put_all(&place.home, &place.library);
        assert!(inside(&path).as_ref() == Some(&licenses[0]), "{name}");
    }
}

#[test]
fn of_several_licenses_the_one_that_lasts_is_taken() {
    let ends = |id: &str, end: &str| license(id, |document| document["rights"]["end"] = json!(end));
    let (short, long, over) = (
        ends("short", "2090-01-01T00:00:00Z"),
        ends("long", "2091-01-01T00:00:00Z"),
        ends("over", "2022-01-01T00:00:00Z"),
    );
    let mut forged: Value = serde_json::from_slice(&plain("forged")).unwrap();
    forged["rights"]["end"] = json!("2099-01-01T00:00:00Z");
    let forged = forged.to_string().into_bytes();
    let given_back = plain("given-back");
    let place = Place::new(&[&short, &long, &over, &forged, &given_back]);
    let mut store = place.home.store().unwrap();
    let change = store.change().unwrap();
    change.put_standing(&identity(&given_back), Standing::Returned, 1_800_000_000, b"{}").unwrap();
    change.commit().unwrap();
    for license in [&short, &long, &over, &forged, &given_back] {
        place.learn("urn:isbn:1", license);
    }
    let path = place.file("rain.epub", &book("urn:isbn:1", "Rain", None));
    let told = put_all(&place.home, &place.library);
    assert_eq!(inside(&path).unwrap(), long, "{:?}", told.items);
    let unusable = told.items.iter().filter_map(|item| match item {
        PutBack::NotUsable { license, usability } => Some((license.identity.license_id.as_str(), usability.as_str())),
        _ => None,
    });
    assert_eq!(unusable.collect::<Vec<_>>(), [("over", "expired"), ("given-back", "refused")]);
    for name in state(&place.library).keys() {
        let content = std::fs::read(name).unwrap();
        assert!(content != over && content != given_back, "what gives nothing is put nowhere");
    }
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
    let told = put_into(
        &place.home,
        &place.library.join("link.epub"),
        &identity(&license),
        Another::Stays,
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
        let dialog = &mut Dialog {
            agrees: &mut |_| false,
            tell: &mut |_| {
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
            assert!(content == bare || without_license(&content).unwrap() == bare);
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
    let dialog = &mut Dialog {
        agrees: &mut |_| false,
        tell: &mut |_| second = Some(put_all(&inner.home, &inner.library).summary.unwrap_err().code()),
        cancel: &Cancel::default(),
    };
    put_back(&place.home, Some(&place.library), dialog).unwrap();
    assert_eq!(second, Some("busy"));
}
