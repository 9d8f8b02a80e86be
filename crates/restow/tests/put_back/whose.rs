//! Which license a book gets, and which books get none.

use std::path::Path;
use std::time::SystemTime;

use restow::import::import_document;
use restow::license::LcpStatus;
use restow::put_back::{Action, ConflictKind, OnConflict, PutBackEvent, embed_license};
use restow::service::Cancel;
use restow_media::Format;
use restow_media::build::{Compression, PublicationBuilder, PublicationProtection, ZipBuilder};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::stage::*;
use super::workshop::*;

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
            (Some(Action::Written), None),
            "{:?}",
            told.items
        );
        assert_eq!((inside(&path), inside(&other)), (Some(license), None));
    }
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
    // What says whether it is protected cannot be read.
    let unclear = ZipBuilder::new().entry("mimetype", b"application/epub+zip", Compression::Stored);
    let unclear =
        place.file("unclear.epub", &unclear.entry("META-INF/encryption.xml", b"<", Compression::Stored).build());
    place.file("notes.txt", b"PK, but not really");
    place.file("empty.epub", b"");
    let before = state(&place.library);
    let told = put_all(&place.home, &place.library);
    let perhaps: Vec<&Path> = told
        .items
        .iter()
        .filter_map(|item| match item {
            PutBackEvent::PossibleMatch { path, .. } => Some(path.as_path()),
            _ => None,
        })
        .collect();
    assert_eq!(perhaps, [&guess], "what opens as it is needs none");
    assert_eq!(told.left(&other), Some(("put-other-license", false)));
    assert_eq!((told.left(&stranger), told.left(&clear)), (Some(("put-none-known", false)), None));
    assert_eq!([told.left(&cut), told.left(&unclear)], [Some(("put-refused", false)); 2]);
    assert_eq!(told.summary.as_ref().unwrap().publications, 0);
    assert_eq!(told.missing(), ["fetch-no-hash"]);
    let mut after = state(&place.library);
    let document = after.remove(&place.library.join("From the shop.lcpl")).unwrap();
    assert_eq!(document.0, license);
    assert!(after == before);

    // By hand: it is the user's choice; but a license that is nowhere else is not lost.
    let cancel = Cancel::default();
    let by_hand = |path: &Path| embed_license(&place.home, path, &identity(&license), OnConflict::Keep, &cancel);
    assert_eq!(by_hand(&guess).unwrap(), Action::Written);
    assert_eq!((by_hand(&guess).unwrap(), inside(&guess)), (Action::AlreadyPresent, Some(license.clone())));
    assert_eq!(by_hand(&other).unwrap_err().code(), "put-other-license");
    import_document(&place.home, &plain("two")).unwrap();
    assert_eq!(by_hand(&other).unwrap_err().code(), "put-has-license");
    assert_eq!(inside(&other), Some(plain("two")));
    let done = embed_license(
        &place.home,
        &other,
        &identity(&license),
        OnConflict::Replace(ConflictKind::StoredLicense),
        &cancel,
    );
    assert_eq!((done.unwrap(), inside(&other)), (Action::Written, Some(license.clone())));
    assert_eq!(by_hand(&clear).unwrap_err().code(), "put-not-protected");
    assert_eq!(inside(&clear), None);
    assert_eq!([&cut, &unclear].map(|path| by_hand(path).unwrap_err().code()), ["put-refused"; 2]);
    assert_eq!(inside(&unclear), None);
    assert_eq!(by_hand(&place.library.join("notes.txt")).unwrap_err().code(), "put-no-place");
    assert_eq!(by_hand(&place.library.join("none.epub")).unwrap_err().code(), "file-unreadable");
    let unknown = embed_license(&place.home, &guess, &identity(&plain("three")), OnConflict::Keep, &cancel);
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
fn the_loan_before_is_known_for_ones_own() {
    let over = license("over", |document| document["rights"]["end"] = json!("2022-01-01T00:00:00Z"));
    let (given_back, lent_again, strange) = (plain("given-back"), plain("again"), plain("strange"));
    let place = Place::new(&[&over, &given_back, &lent_again]);
    let mut store = place.home.store().unwrap();
    let change = store.change().unwrap();
    change.put_lcp_status(&identity(&given_back), LcpStatus::Returned, 1_800_000_000, b"{}").unwrap();
    change.commit().unwrap();
    place.learn("urn:isbn:1", &lent_again);
    for (before, code) in
        [(&over, "put-has-license"), (&given_back, "put-has-license"), (&strange, "put-other-license")]
    {
        let path = place.file(&format!("{code}.epub"), &book("urn:isbn:1", "Rain", Some(before)));
        let told = put_all(&place.home, &place.library);
        assert_eq!(told.left(&path), Some((code, false)), "{:?}", told.items);
        assert_eq!(told.left_for(&path), Some(identity(&lent_again)));
        let by_hand = embed_license(
            &place.home,
            &path,
            &identity(&lent_again),
            OnConflict::Replace(ConflictKind::StoredLicense),
            &Cancel::default(),
        );
        assert_eq!(by_hand.is_ok(), code == "put-has-license");
    }
    // Nobody said what the new one is for: its title says it, and it is from the same library.
    let place = Place::new(&[&over, &lent_again]);
    let path = place.file("again.epub", &book("urn:isbn:9", "From the shop", Some(&over)));
    let other = place.file("other.epub", &book("urn:isbn:8", "OnConflict", Some(&over)));
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
fn a_wrong_license_by_hand_teaches_nothing_for_good() {
    let (right, wrong) = (plain("right"), plain("wrong"));
    let place = Place::new(&[&right, &wrong]);
    let path = place.file("rain.epub", &book("urn:isbn:1", "Rain", None));
    let cancel = Cancel::default();
    let known = |license: &[u8]| {
        let store = place.home.store().unwrap();
        let entry = store.view().license(&identity(license)).unwrap().unwrap();
        let titles = restow::listing::license_info(&place.home, &store, &entry).unwrap().titles;
        (store.view().identifiers_of(&identity(license)).unwrap().len(), titles == ["Rain"])
    };
    embed_license(&place.home, &path, &identity(&wrong), OnConflict::Keep, &cancel).unwrap();
    assert_eq!(known(&wrong), (0, true));
    embed_license(&place.home, &path, &identity(&right), OnConflict::Replace(ConflictKind::StoredLicense), &cancel)
        .unwrap();
    assert_eq!((known(&wrong), known(&right)), ((0, false), (0, true)));
    // Learned by a scan all the same, and put right by hand.
    std::fs::write(&path, book("urn:isbn:1", "Rain", Some(&wrong))).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    restow::scan::scan(&place.home, std::slice::from_ref(&path), &mut |_| {}).unwrap();
    assert_eq!(known(&wrong), (1, true));
    embed_license(&place.home, &path, &identity(&right), OnConflict::Replace(ConflictKind::StoredLicense), &cancel)
        .unwrap();
    assert_eq!((known(&wrong), known(&right)), ((0, false), (0, true)));
}

#[test]
fn of_books_called_alike_each_gets_its_own_or_none() {
    let named = |id: &str, name: &str, value: &str| license(id, |document| document["links"][1][name] = json!(value));
    let perhaps = |told: &Told, path: &Path| -> Vec<String> {
        let found = told.items.iter().find_map(|item| match item {
            PutBackEvent::PossibleMatch { path: at, licenses } if at == path => Some(licenses),
            _ => None,
        });
        found.into_iter().flatten().map(|license| license.identity.license_id.clone()).collect()
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
    assert_eq!((perhaps(&put_all(&place.home, &place.library), &as_pdf), inside(&as_pdf)), (vec!["epub".into()], None));

    // Two works under one number: none is taken, and the one of that title named, also after a scan.
    let (rain, snow) = (named("rain", "title", "Rain"), named("snow", "title", "Snow"));
    let place = Place::new(&[&rain, &snow]);
    [&rain, &snow].into_iter().for_each(|license| place.learn("urn:isbn:1", license));
    let [one, two, third] = ["Rain", "Snow", "Hail"].map(|title| place.file(title, &book("urn:isbn:1", title, None)));
    restow::scan::scan(&place.home, std::slice::from_ref(&place.library), &mut |_| {}).unwrap();
    let told = put_all(&place.home, &place.library);
    assert_eq!([perhaps(&told, &one), perhaps(&told, &two)], [["rain"], ["snow"]]);
    assert_eq!(perhaps(&told, &third), ["snow", "rain"], "each candidate is named");
    assert!([one, two, third].iter().all(|path| inside(path).is_none()));

    // Nor is the better signed one of them taken.
    let unknown = {
        let (key, mut document) = (Key::p256(5), document("2021-06-01T00:00:00Z"));
        document["id"] = json!("unknown");
        document["links"][1] = json!({"rel": "publication", "href": "https://books.example/b", "title": "Rain"});
        signed(document, &Form { issuer: "OnConflict", ..Form::provider(&key) }.sign(&Key::p256(6)), &key)
    };
    let place = Place::new(&[]);
    restow::trust_store::add(&place.home, &Form::root(&Key::p256(1)).sign(&Key::p256(1))).unwrap();
    for license in [&unknown, &snow] {
        import_document(&place.home, license).unwrap();
        place.learn("urn:isbn:1", license);
    }
    let path = place.file("book.epub", &book("urn:isbn:1", "Rain", None));
    assert_eq!(perhaps(&put_all(&place.home, &place.library), &path), ["unknown"]);

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
        assert_eq!(perhaps(&told, &path).is_empty(), put.is_some());
        assert!(inside(&path).as_ref() == put.map(|put: usize| &licenses[put]));
    }
}

#[test]
fn title_match_names_every_candidate() {
    let ends = |id: &str, end: &str| license(id, |document| document["rights"]["end"] = json!(end));
    let (first, second) = (ends("first", "2090-01-01T00:00:00Z"), ends("second", "2091-01-01T00:00:00Z"));
    let place =
        Place::new(&[&first, &second, &license("other", |document| document["links"][1]["title"] = json!("Snow"))]);
    let path = place.file("book.epub", &book("urn:isbn:9", "From the shop", None));
    let told = put_all(&place.home, &place.library);
    let candidates = told.items.iter().find_map(|item| match item {
        PutBackEvent::PossibleMatch { licenses, path: at } if *at == path => Some(licenses),
        _ => None,
    });
    let ids: Vec<&str> = candidates.unwrap().iter().map(|license| license.identity.license_id.as_str()).collect();
    assert_eq!((ids, inside(&path)), (vec!["second", "first"], None));
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
        let perhaps = |item: &PutBackEvent| matches!(item, PutBackEvent::PossibleMatch { path: at, .. } if *at == path);
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
    change.put_lcp_status(&identity(&given_back), LcpStatus::Returned, 1_800_000_000, b"{}").unwrap();
    change.commit().unwrap();
    for license in [&short, &long, &over, &forged, &given_back] {
        place.learn("urn:isbn:1", license);
    }
    let path = place.file("rain.epub", &book("urn:isbn:1", "Rain", None));
    let told = put_all(&place.home, &place.library);
    assert_eq!(inside(&path).unwrap(), long, "{:?}", told.items);
    let unusable = told.items.iter().filter_map(|item| match item {
        PutBackEvent::NotUsable { license, usability } => {
            Some((license.identity.license_id.as_str(), usability.as_str()))
        }
        _ => None,
    });
    assert_eq!(unusable.collect::<Vec<_>>(), [("over", "expired"), ("forged", "invalid"), ("given-back", "refused")]);
    for name in state(&place.library).keys() {
        let content = std::fs::read(name).unwrap();
        assert!(content != over && content != given_back, "what gives nothing is put nowhere");
    }
}
