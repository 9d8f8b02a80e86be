//! Tests of the license that a publication gets, or does not get.

use std::time::SystemTime;

use restow::import::import_document;
use restow::put_back::{Action, ConflictKind, OnConflict, PutBackEvent};
use restow_media::build::{Compression, ZipBuilder};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::fixture::*;
use super::workshop::*;

const STORED_LICENSE: OnConflict = OnConflict::Replace(ConflictKind::StoredLicense);

#[test]
fn length_and_hash_identify_publication() {
    let content = publication("urn:isbn:1", "Rain", None);
    let same_length = publication("urn:isbn:2", "Rain", None);
    assert_eq!(content.len(), same_length.len());
    let sha256 = Sha256::digest(&content);
    for hash in [data_encoding::HEXLOWER.encode(&sha256), data_encoding::BASE64.encode(&sha256)] {
        let license = license_with("one", |document| {
            document["links"][1]["length"] = json!(content.len());
            document["links"][1]["hash"] = json!(hash);
        });
        let library = Library::new(&[&license]);
        let (path, other) = (library.add_file("a.epub", &content), library.add_file("b.epub", &same_length));
        let result = library.put_back();
        assert_eq!(result.publication(&path), Some(Action::Written), "{:?}", result.events);
        assert_eq!(result.publication(&other), None, "{:?}", result.events);
        assert_eq!((embedded(&path), embedded(&other)), (Some(license), None));
    }
}

#[test]
fn uncertain_publications_stay_unchanged() {
    let (own, foreign) = (license("one"), license("two"));
    let library = Library::new(&[&own]);
    library.learn_identifier("urn:isbn:1", &own);
    let same_title = library.add_file("title.epub", &publication("urn:isbn:9", "from the SHOP", None));
    let unprotected = library.add_file("unprotected.epub", &unprotected_publication("urn:isbn:1", "Mine"));
    let other = library.add_file("other.epub", &publication("urn:isbn:1", "Rain", Some(&foreign)));
    let content = publication("urn:isbn:1", "Rain", None);
    let unknown = library.add_file("unknown.epub", &publication("urn:isbn:8", "Snow", None));
    let cut = library.add_file("cut.epub", &content[..content.len() - 30]);
    // The entry that states the protection is damaged.
    let damaged = ZipBuilder::new().entry("mimetype", b"application/epub+zip", Compression::Stored).entry(
        "META-INF/encryption.xml",
        b"<",
        Compression::Stored,
    );
    let damaged = library.add_file("damaged.epub", &damaged.build());
    let text = library.add_file("notes.txt", b"PK, but not really");
    library.add_file("empty.epub", b"");
    let before = snapshot(&library.folder);
    let result = library.put_back();
    assert_eq!(result.possible(&same_title), ["one"]);
    let possible = result.events.iter().filter(|event| matches!(event, PutBackEvent::PossibleMatch { .. }));
    assert_eq!(possible.count(), 1, "{:?}", result.events);
    assert_eq!(result.skipped(&other), Some(("put-other-license", false)));
    assert_eq!(result.skipped(&unknown), Some(("put-none-known", false)));
    assert_eq!(result.skipped(&unprotected), None);
    assert_eq!([&cut, &damaged].map(|path| result.skipped(path)), [Some(("put-refused", false)); 2]);
    assert_eq!(result.summary.as_ref().unwrap().publications, 0);
    assert_eq!(result.missing(), ["fetch-no-hash"]);
    assert!(snapshot(&library.folder) == before);

    // The user decides, but no license is lost.
    let embed = |path| library.embed(path, &own, OnConflict::Keep);
    assert_eq!(embed(&same_title), Ok(Action::Written));
    assert_eq!((embed(&same_title), embedded(&same_title)), (Ok(Action::AlreadyPresent), Some(own.clone())));
    assert_eq!(embed(&other), Err("put-other-license"));
    import_document(&library.home, &foreign).unwrap();
    assert_eq!((embed(&other), embedded(&other)), (Err("put-has-license"), Some(foreign)));
    assert_eq!(library.embed(&other, &own, STORED_LICENSE), Ok(Action::Written));
    assert_eq!(embedded(&other), Some(own.clone()));
    assert_eq!((embed(&unprotected), embedded(&unprotected)), (Err("put-not-protected"), None));
    assert_eq!([&cut, &damaged].map(|path| embed(path)), [Err("put-refused"); 2]);
    assert_eq!(embedded(&damaged), None);
    assert_eq!(embed(&text), Err("put-no-place"));
    assert_eq!(embed(&library.folder.join("none.epub")), Err("file-unreadable"));
    assert_eq!(library.embed(&same_title, &license("three"), OnConflict::Keep), Err("put-not-usable"));
}

/// Any person with the publication can compute its hash, so a hash in a license proves nothing.
#[test]
fn unprotected_publication_gets_no_license() {
    let content = unprotected_publication("urn:isbn:1", "Mine");
    let signed = license_with("one", |document| {
        document["links"][1]["length"] = json!(content.len());
        document["links"][1]["hash"] = json!(data_encoding::HEXLOWER.encode(&Sha256::digest(&content)));
    });
    let forged = forged(&signed, |rights| *rights = json!({"print": 1}));
    for license in [signed, forged] {
        let library = Library::new(&[&license]);
        let path = library.add_file("unprotected.epub", &content);
        let result = library.put_back();
        assert_eq!((result.publication(&path), result.skipped(&path)), (None, None), "{:?}", result.events);
        assert!(std::fs::read(&path).unwrap() == content);
    }
}

#[test]
fn renewed_loan_is_named_for_earlier_loan() {
    let expired = license_until("expired", "2022-01-01T00:00:00Z");
    let (returned, renewed, foreign) = (license("returned"), license("renewed"), license("foreign"));
    let library = Library::new(&[&expired, &returned, &renewed]);
    library.record_return(&returned);
    library.learn_identifier("urn:isbn:1", &renewed);
    for (earlier, code) in
        [(&expired, "put-has-license"), (&returned, "put-has-license"), (&foreign, "put-other-license")]
    {
        let path = library.add_file(&format!("{code}.epub"), &publication("urn:isbn:1", "Rain", Some(earlier)));
        let result = library.put_back();
        assert_eq!(result.skipped(&path), Some((code, false)), "{:?}", result.events);
        assert_eq!(result.skipped_license(&path), Some(identity(&renewed)));
        assert_eq!(library.embed(&path, &renewed, STORED_LICENSE).is_ok(), code == "put-has-license");
    }
    // No publication is known for the renewed loan. Its title and its provider connect it with the earlier loan.
    let library = Library::new(&[&expired, &renewed]);
    let path = library.add_file("renewed.epub", &publication("urn:isbn:9", TITLE, Some(&expired)));
    let other = library.add_file("other.epub", &publication("urn:isbn:8", "Another", Some(&expired)));
    let result = library.put_back();
    assert_eq!(result.skipped(&path), Some(("put-has-license", false)));
    assert_eq!(result.skipped_license(&path), Some(identity(&renewed)));
    assert_eq!(result.skipped(&other), None);
}

/// A license for another publication would lock a publication that readers can open.
#[test]
fn license_of_other_publication_is_not_named() {
    let license_of = |id: &str, provider: &str, hash: &str, end: Option<&str>| {
        license_with(id, |document| {
            document["provider"] = json!(provider);
            document["links"][1]["hash"] = json!(hash.repeat(64));
            if let Some(end) = end {
                document["rights"]["end"] = json!(end);
            }
        })
    };
    let (shop, library_provider) = ("https://shop.example", "https://library.example");
    let own = license_of("own", shop, "a", None);
    let expired = |provider: &str, hash: &str| license_of("expired", provider, hash, Some("2022-01-01T00:00:00Z"));
    let unreadable = |provider: &str| format!(r#"{{"provider":"{provider}"}}"#).into_bytes();
    let unreadable_with_id = format!(r#"{{"id":"x","provider":"{library_provider}"}}"#).into_bytes();
    for (embedded, code, is_named) in [
        (expired(library_provider, "a"), None, false),
        (expired(shop, "a"), Some("put-has-license"), true),
        // The same provider encrypted the publication anew.
        (expired(shop, "b"), None, false),
        (unreadable(library_provider), Some("put-broken-inside"), false),
        (unreadable(shop), Some("put-broken-inside"), true),
        (unreadable_with_id, Some("put-broken-inside"), false),
    ] {
        let library = Library::new(&[&own]);
        let _ = import_document(&library.home, &embedded);
        library.learn_identifier("urn:isbn:1", &own);
        let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", Some(&embedded)));
        let result = library.put_back();
        assert_eq!(result.skipped(&path).map(|(code, _)| code), code, "{:?}", result.events);
        assert_eq!(result.skipped_license(&path), is_named.then(|| identity(&own)), "{:?}", result.events);
    }
    // Two licenses are for different publications, so neither is named.
    for second in [license_of("second", library_provider, "a", None), license_of("second", shop, "b", None)] {
        let library = Library::new(&[&own, &second]);
        [&own, &second].into_iter().for_each(|license| library.learn_identifier("urn:isbn:1", license));
        let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", Some(b"{}")));
        let result = library.put_back();
        assert_eq!(result.skipped(&path), Some(("put-broken-inside", false)));
        assert_eq!(result.skipped_license(&path), None);
    }
}

#[test]
fn wrong_choice_of_user_is_not_learned() {
    let (right, wrong) = (license("right"), license("wrong"));
    let library = Library::new(&[&right, &wrong]);
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
    // Number of known identifiers, and true if the title of the publication is known.
    let known = |license: &[u8]| {
        let store = library.home.store().unwrap();
        let entry = store.view().license(&identity(license)).unwrap().unwrap();
        let titles = restow::listing::license_info(&library.home, &store, &entry).unwrap().titles;
        (store.view().identifiers_of(&identity(license)).unwrap().len(), titles == ["Rain"])
    };
    library.embed(&path, &wrong, OnConflict::Keep).unwrap();
    assert_eq!(known(&wrong), (0, true));
    library.embed(&path, &right, STORED_LICENSE).unwrap();
    assert_eq!((known(&wrong), known(&right)), ((0, false), (0, true)));
    // A scan learns the identifier, and the choice of the user removes it.
    std::fs::write(&path, publication("urn:isbn:1", "Rain", Some(&wrong))).unwrap();
    std::fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    library.scan(&path);
    assert_eq!(known(&wrong), (1, true));
    library.embed(&path, &right, STORED_LICENSE).unwrap();
    assert_eq!((known(&wrong), known(&right)), ((0, false), (0, true)));
}

fn license_with_link(id: &str, name: &str, value: &str) -> Vec<u8> {
    license_with(id, |document| document["links"][1][name] = json!(value))
}

#[test]
fn each_format_gets_its_own_license() {
    let epub = license_with_link("epub", "type", "application/epub+zip");
    let pdf = license_with_link("pdf", "type", "application/pdf+lcp");
    let library = Library::new(&[&epub, &pdf]);
    [&epub, &pdf].into_iter().for_each(|license| library.learn_identifier("urn:isbn:1", license));
    let epub_path = library.add_file("book.epub", &publication("urn:isbn:1", "Rain", None));
    let pdf_path = library.add_file("book.lcpdf", &pdf_package("urn:isbn:1", "Rain"));
    library.put_back();
    assert!(embedded(&epub_path).as_ref() == Some(&epub) && embedded(&pdf_path) == Some(pdf));
    // The provider may state one type for all formats, so the license is named.
    let library = Library::new(&[&epub]);
    library.learn_identifier("urn:isbn:1", &epub);
    let pdf_path = library.add_file("book.lcpdf", &pdf_package("urn:isbn:1", "Rain"));
    assert_eq!((library.put_back().possible(&pdf_path), embedded(&pdf_path)), (vec!["epub"], None));
}

#[test]
fn title_selects_among_licenses_of_identifier() {
    let (rain, snow) = (license_with_link("rain", "title", "Rain"), license_with_link("snow", "title", "Snow"));
    let library = Library::new(&[&rain, &snow]);
    [&rain, &snow].into_iter().for_each(|license| library.learn_identifier("urn:isbn:1", license));
    let paths = ["Rain", "Snow", "Hail"].map(|title| library.add_file(title, &publication("urn:isbn:1", title, None)));
    library.scan(&library.folder);
    let result = library.put_back();
    let possible = paths.each_ref().map(|path| result.possible(path));
    assert_eq!(possible, [vec!["rain"], vec!["snow"], vec!["snow", "rain"]]);
    assert!(paths.iter().all(|path| embedded(path).is_none()));
}

#[test]
fn stronger_signature_selects_no_license() {
    let snow = license_with_link("snow", "title", "Snow");
    let unknown_root = {
        let (key, mut document) = (Key::p256(5), document("2021-06-01T00:00:00Z"));
        document["id"] = json!("unknown");
        document["links"][1] = json!({"rel": "publication", "href": "https://books.example/b", "title": "Rain"});
        signed(document, &Form { issuer: "Another", ..Form::provider(&key) }.sign(&Key::p256(6)), &key)
    };
    let library = Library::new(&[]);
    restow::trust_store::add(&library.home, &Form::root(&Key::p256(1)).sign(&Key::p256(1))).unwrap();
    for license in [&unknown_root, &snow] {
        import_document(&library.home, license).unwrap();
        library.learn_identifier("urn:isbn:1", license);
    }
    let path = library.add_file("book.epub", &publication("urn:isbn:1", "Rain", None));
    assert_eq!((library.put_back().possible(&path), embedded(&path)), (vec!["unknown"], None));
}

/// A hash selects no license either: the provider issued both for this file.
#[test]
fn same_hash_names_each_license() {
    let content = publication("urn:isbn:1", "Rain", None);
    let license_of = |id: &str| {
        license_with(id, |document| {
            document["links"][1]["length"] = json!(content.len());
            document["links"][1]["hash"] = json!(data_encoding::HEXLOWER.encode(&Sha256::digest(&content)));
        })
    };
    let library = Library::new(&[&license_of("one"), &license_of("two")]);
    let path = library.add_file("rain.epub", &content);
    let result = library.put_back();
    assert_eq!((result.possible(&path), embedded(&path)), (vec!["two", "one"], None), "{:?}", result.events);
    // The provider issued a second license, for which no identifier is known yet.
    let (known, rival) = (license("known"), license("rival"));
    let library = Library::new(&[&known, &rival]);
    library.learn_identifier("urn:isbn:1", &known);
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", TITLE, None));
    let result = library.put_back();
    assert_eq!((result.possible(&path), embedded(&path)), (vec!["rival", "known"], None), "{:?}", result.events);
}

#[test]
fn invalid_license_is_named_invalid() {
    let forged = forged(&license("forged"), |rights| rights["print"] = json!(1));
    let expired = license_until("expired", "2022-01-01T00:00:00Z");
    for (license, code, by_hand) in
        [(&forged, "put-invalid", "put-invalid"), (&expired, "put-none-usable", "put-not-usable")]
    {
        let library = Library::new(&[license]);
        library.learn_identifier("urn:isbn:1", license);
        let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
        let result = library.put_back();
        assert_eq!(result.skipped(&path), Some((code, false)), "{:?}", result.events);
        assert_eq!(result.skipped_license(&path), Some(identity(license)));
        assert_eq!((library.embed(&path, license, OnConflict::Keep), embedded(&path)), (Err(by_hand), None));
    }
}

#[test]
fn hash_joins_licenses_and_title_does_not() {
    let license_of = |id: &str, provider: &str, title: &str, hash: Option<&str>, end: &str| {
        license_with(id, |document| {
            document["provider"] = json!(provider);
            document["links"][1]["title"] = json!(title);
            document["rights"]["end"] = json!(end);
            if let Some(hash) = hash {
                document["links"][1]["hash"] = json!(hash.repeat(64));
            }
        })
    };
    let (soon, later) = ("2090-01-01T00:00:00Z", "2091-01-01T00:00:00Z");
    let (first, second) = ("https://books.example", "https://b.example");
    for (licenses, expected) in [
        ([license_of("a", first, "Rain", None, soon), license_of("b", second, "b-1.epub", None, soon)], vec!["a"]),
        (
            [license_of("a", first, "Rain", Some("a"), soon), license_of("b", first, "b-1.epub", Some("a"), later)],
            vec!["b", "a"],
        ),
    ] {
        let library = Library::new(&[&licenses[0], &licenses[1]]);
        licenses.iter().for_each(|license| library.learn_identifier("urn:isbn:1", license));
        let path = library.add_file("book.epub", &publication("urn:isbn:1", "Rain", None));
        let result = library.put_back();
        assert_eq!((result.possible(&path), embedded(&path)), (expected, None));
    }
}

#[test]
fn title_match_names_every_candidate() {
    let first = license_until("first", "2090-01-01T00:00:00Z");
    let second = license_until("second", "2091-01-01T00:00:00Z");
    let other = license_with_link("other", "title", "Snow");
    let library = Library::new(&[&first, &second, &other]);
    let path = library.add_file("book.epub", &publication("urn:isbn:9", TITLE, None));
    let result = library.put_back();
    assert_eq!((result.possible(&path), embedded(&path)), (vec!["second", "first"], None));
}

/// Two providers encrypt the same publication with different keys, and any person can claim this.
#[test]
fn contradicting_licenses_are_not_embedded() {
    let license_of = |id: &str, member: &str, value: &str| {
        license_with(id, |document| match member {
            "provider" => document["provider"] = json!(value),
            _ => document["links"][1]["hash"] = json!(value.repeat(64)),
        })
    };
    for member in ["provider", "hash"] {
        let licenses = [license_of("one", member, "a"), license_of("two", member, "b")];
        let library = Library::new(&[&licenses[0], &licenses[1]]);
        licenses.iter().for_each(|license| library.learn_identifier("urn:isbn:1", license));
        let path = library.add_file("book.epub", &publication("urn:isbn:1", "Rain", None));
        let result = library.put_back();
        assert_eq!((result.publication(&path), embedded(&path)), (None, None), "{member}: {:?}", result.events);
        assert_eq!(result.possible(&path), ["two", "one"], "{member}: {:?}", result.events);

        // A forged license does not contradict a signed one.
        let forged = forged(&licenses[1], |rights| rights["print"] = json!(1000));
        let library = Library::new(&[&licenses[0], &forged]);
        licenses.iter().for_each(|license| library.learn_identifier("urn:isbn:1", license));
        let path = library.add_file("book.epub", &publication("urn:isbn:1", "Rain", None));
        library.put_back();
        assert!(embedded(&path).as_ref() == Some(&licenses[0]), "{member}");
    }
}

#[test]
fn several_licenses_are_named_only() {
    let first = license_until("first", "2090-01-01T00:00:00Z");
    let latest = license_until("latest", "2091-01-01T00:00:00Z");
    let expired = license_until("expired", "2022-01-01T00:00:00Z");
    let forged = forged(&license("forged"), |rights| rights["end"] = json!("2099-01-01T00:00:00Z"));
    let returned = license("returned");
    let library = Library::new(&[&first, &latest, &expired, &forged, &returned]);
    library.record_return(&returned);
    for license in [&first, &latest, &expired, &forged, &returned] {
        library.learn_identifier("urn:isbn:1", license);
    }
    let path = library.add_file("rain.epub", &publication("urn:isbn:1", "Rain", None));
    let result = library.put_back();
    assert_eq!((result.possible(&path), embedded(&path)), (vec!["latest", "first"], None), "{:?}", result.events);
    assert!(!library.folder.join("rain.lcpl").exists());
    assert_eq!(library.embed(&path, &first, OnConflict::Keep), Ok(Action::Written));
    let not_usable = result.events.iter().filter_map(|event| match event {
        PutBackEvent::NotUsable { license, state } => Some((license.identity.license_id.as_str(), state.as_str())),
        _ => None,
    });
    assert_eq!(
        not_usable.collect::<Vec<_>>(),
        [("expired", "expired"), ("forged", "invalid"), ("returned", "refused")]
    );
    assert_eq!(snapshot(&library.folder).len(), 1);
    for path in snapshot(&library.folder).keys() {
        let content = std::fs::read(path).unwrap();
        assert!(content != expired && content != returned, "{}", path.display());
    }
}
