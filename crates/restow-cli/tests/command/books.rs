//! Publications in the commands: what is said of a book with its license inside, and of one whose license came apart.

use restow_media::Format;
use restow_media::build::{Compression, PublicationBuilder, PublicationProtection};
use serde_json::{Value, json};

use super::stage::{Shop, Stage, key_id, lcp};
use super::workshop;

fn book(identifier: &str, title: &str) -> PublicationBuilder {
    let book = PublicationBuilder::new(Format::Epub).title(title).identifier(identifier);
    book.protection(PublicationProtection::Lcp)
}

/// A license with these rights, signed under a root that nobody here trusts.
fn with_rights(id: &str, rights: &Value) -> String {
    let mut license = workshop::document("2021-06-01T00:00:00Z");
    (license["id"], license["rights"]) = (id.into(), rights.clone());
    let title = json!({"rel": "publication", "href": format!("https://p.example/{id}"), "title": format!("Book {id}")});
    license["links"] = json!([{"rel": "hint", "href": "https://p.example/hint"}, title]);
    let key = workshop::Key::p256(2);
    let certificate = workshop::Form::provider(&key).sign(&workshop::Key::p256(1));
    String::from_utf8(workshop::signed(license, &certificate, &key)).unwrap()
}

fn write(stage: &Stage, name: &str, book: &PublicationBuilder) {
    std::fs::write(stage.path(name), book.build()).unwrap();
}

#[test]
fn files_are_shown_with_their_licenses() {
    let stage = Stage::new();
    stage.folder("library");
    stage.folder("stick");
    write(&stage, "library/a.epub", &book("urn:a", "Rain").license(lcp("a").as_bytes()));
    write(&stage, "library/b.epub", &book("urn:b", "Snow").license(lcp("b").as_bytes()));
    write(&stage, "library/c.epub", &book("urn:c", "Hail"));
    write(&stage, "library/d.epub", &PublicationBuilder::new(Format::Epub).title("Free"));
    stage.run(&["import", "library/a.epub"]).exits(0);
    stage.run(&["backup", "stick"]).exits(0);
    // It expired before the next backup: nothing is left of it.
    let over = with_rights("c", &json!({"end": "2001-01-01T00:00:00Z"}));
    write(&stage, "library/e.epub", &book("urn:e", "Sleet").license(over.as_bytes()));
    stage.run(&["import", "library/b.epub", "library/e.epub"]).exits(0);
    let scanned = stage.run(&["scan", "library", "--json"]).exits(0).objects();
    assert!(scanned.iter().all(|file| file.get("state").is_none()), "a scan joins nothing");
    let files = stage.run(&["files", "--json"]).exits(0).objects();
    let states: Vec<(&Value, &Value)> = files.iter().map(|file| (&file["licenses"], &file["state"])).collect();
    let expected = [
        (json!(["a"]), json!("backed_up")),
        (json!(["b"]), json!("licensed")),
        (json!([]), json!("none")),
        (json!([]), json!(null)),
        (json!(["c"]), json!("ended")),
    ];
    assert_eq!(states, expected.iter().map(|(ids, state)| (ids, state)).collect::<Vec<_>>());
    let shown = stage.run(&["files"]).exits(0).out;
    let words: Vec<&str> = shown.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(words, ["backed up", "licensed", "no license", "clear", "ended"].map(|word| word));
    let status = stage.run(&["status", "--json"]).exits(0).objects();
    let summary = status.iter().find_map(|object| object.get("summary")).unwrap();
    assert_eq!(summary["files_without_license"], 1);
    let file = stage.run(&["file", "library/b.epub", "--json"]).exits(0).objects();
    assert_eq!((&file[0]["state"], &file[0]["licenses"][0]["license_id"]), (&json!("licensed"), &json!("b")));
    assert!(stage.run(&["file", "library/c.epub"]).exits(0).out.contains("delivered apart"));
}

#[test]
fn a_book_is_answered_for_by_its_license() {
    let stage = Stage::new();
    let rights = json!({"print": 10, "copy": 0, "end": "2999-01-01T00:00:00Z"});
    write(&stage, "my book", &book("urn:a", "Rain").license(with_rights("a", &rights).as_bytes()));
    write(&stage, "apart", &book("urn:a", "Rain"));
    write(&stage, "other", &book("urn:b", "Snow"));
    let said = stage.run(&["can", "my book"]).exits(1).err;
    assert!(said.contains("“Rain” was not imported") && said.contains("restow import 'my book'"), "{said}");
    assert!(stage.run(&["why", "my book"]).exits(0).out.contains("restow import 'my book'"));
    std::fs::write(stage.path("license"), with_rights("a", &rights)).unwrap();
    stage.run(&["import", "license"]).exits(0);
    assert!(stage.run(&["can", "apart"]).exits(1).err.contains("known to be for “Rain”"), "nobody said what it is for");
    // The book says it.
    stage.run(&["import", "my book"]).exits(0);
    for name in ["my book", "apart"] {
        let can = stage.run(&["can", name, "--json"]).exits(0).objects().remove(0);
        assert_eq!((&can["allowed"], &can["license_id"], &can["left"]), (&json!(true), &json!("a"), &json!(null)));
        assert_eq!(can["expires"], "2999-01-01T00:00:00Z");
        let print = stage.run(&["can", name, "--action", "print", "--use"]).exits(0).out;
        assert!(print.contains("10 pages may be printed") && print.contains("Nothing was counted"), "{print}");
        let copy = stage.run(&["can", name, "--action", "Copy", "--json"]).exits(1);
        assert_eq!((&copy.objects()[0]["allowed"], &copy.error()["code"]), (&json!(false), &json!("not-granted")));
        let why = stage.run(&["why", name, "--json"]).exits(0).objects();
        assert_eq!(why[1]["found_by"], if name == "apart" { "identifier" } else { "embedded" });
        assert_eq!(why[1]["rights"], json!({"print": 10, "copy": 0, "start": null, "end": "2999-01-01T00:00:00Z"}));
        assert_eq!((&why[1]["signature"], &why[1]["backups"]), (&json!("unknown_root"), &json!([])));
        let why = stage.run(&["why", name]).exits(0).out;
        for fact in [
            "Its signature is valid, and no root that is trusted here says whose it is",
            "nothing may be copied",
            "in no backup",
            "2999-01-01",
        ] {
            assert!(why.contains(fact), "{fact}: {why}");
        }
    }
    // The license by its own ID.
    let can = stage.run(&["can", "a", "--action", "Print", "--json"]).exits(0).objects().remove(0);
    assert_eq!((&can["license_id"], &can["left"], &can["counted_by"]), (&json!("a"), &json!(10), &json!("readers")));
    let said = stage.run(&["can", "a", "--use"]).exits(0).out;
    assert!(said.contains("Play is allowed for “Book a”") && said.contains("Nothing was counted"), "{said}");
    let said = stage.run(&["can", "a", "--action", "Fly"]).exits(1).err;
    assert!(said.contains("“Fly” is none of the usual rights: Play, Copy, Print"), "{said}");
    assert!(!stage.run(&["can", "a", "--action", "Copy"]).exits(1).err.contains("usual rights"));
    // What a license says of rights that nobody signed is nobody's word.
    std::fs::write(stage.path("forged.lcpl"), lcp("forged")).unwrap();
    write(&stage, "forged book", &book("urn:f", "Hail").license(lcp("forged").as_bytes()));
    stage.run(&["import", "forged.lcpl"]).exits(0);
    let said = stage.run(&["file", "forged book"]).exits(0).out;
    assert!(said.contains("The signature of license forged is not valid, and readers will refuse it"), "{said}");
    let can = stage.run(&["can", "forged book", "--json"]).exits(1);
    assert_eq!((&can.objects()[0]["allowed"], &can.error()["code"]), (&json!(false), &json!("license-not-valid")));
    stage.run(&["forget", "forged", "--yes"]).exits(0);
    let said = stage.run(&["acquire", "other"]).exits(1).err;
    assert!(said.contains("where it was bought") && said.contains("restow import"), "{said}");
    assert!(stage.run(&["can", "other"]).exits(1).err.contains("known to be for “Snow”"));
    assert!(stage.run(&["licenses"]).exits(0).out.contains("(10 pages may be printed, nothing may be copied)"));
    assert_eq!(stage.run(&["licenses", "--json"]).exits(0).objects()[0]["rights"]["print"], 10);
}

#[test]
fn whom_a_license_was_issued_to_is_printed_only_where_that_is_asked() {
    let stage = Stage::new();
    let user = r#""user":{"id":"u-7","name":"Ada\u202eL","email":"c2VjcmV0","encrypted":["email"]},"provider""#;
    std::fs::write(stage.path("a.lcpl"), lcp("a").replace("\"provider\"", user)).unwrap();
    stage.folder("stick");
    for arguments in [
        &["import", "a.lcpl"][..],
        &["licenses"],
        &["licenses", "--check"],
        &["backup", "stick"],
        &["show", "stick"],
        &["restore", "stick"],
    ] {
        for more in [&[][..], &["--json"]] {
            let said = stage.run(&[arguments, more].concat());
            let all = said.out + &said.err;
            assert!(["u-7", "Ada", "c2Vj"].iter().all(|word| !all.contains(word)), "{arguments:?}: {all}");
        }
    }
    let said = stage.run(&["licenses", "--user", "--json"]).exits(0).objects();
    assert_eq!(said[0]["user"]["id"], "u-7");
    assert!(said[0]["user"]["name"].as_str().unwrap().starts_with("Ada") && said[0]["user"]["email"].is_null());
    let said = stage.run(&["licenses", "--user"]).exits(0).out;
    assert!(
        said.contains("u-7") && said.contains("Ada") && !said.contains("c2Vj") && !said.contains('\u{202e}'),
        "{said}"
    );
}

#[test]
fn a_status_document_is_no_license() {
    let stage = Stage::new();
    let status = r#"{"id":"a","status":"active","message":"fine","updated":{},"links":[]}"#;
    std::fs::write(stage.path("status.json"), status).unwrap();
    let said = stage.run(&["import", "status.json"]).exits(1);
    assert!(said.err.contains("status document"), "{}", said.err);
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    let said = stage.run(&["import", ".", "--json"]).exits(0).objects();
    assert_eq!(said.len(), 1, "in a folder it is passed over: {said:?}");
}

#[test]
fn an_export_does_not_take_a_backup_for_its_folder() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.folder("stick");
    stage.run(&["import", "a.lcpl"]).exits(0);
    stage.run(&["backup", "stick"]).exits(0);
    for folder in ["stick", "stick/Restow"] {
        let said = stage.run(&["export", folder, "--json"]).exits(2);
        assert_eq!(said.error()["code"], "export-into-backup");
    }
    assert_eq!(std::fs::read_dir(stage.path("stick")).unwrap().count(), 1);
    stage.run(&["export", "stick", "out"]).exits(0);
}

#[test]
fn nobody_takes_a_backup_of_nothing_for_one() {
    let stage = Stage::new();
    stage.folder("library/shelf");
    stage.folder("stick");
    write(&stage, "library/a.epub", &book("urn:a", "Rain").license(lcp("a").as_bytes()));
    write(&stage, "library/shelf/b.epub", &book("urn:b", "Snow").license(lcp("b").as_bytes()));
    write(&stage, "library/c.epub", &book("urn:c", "Hail"));
    let library = stage.path("library");
    let import =
        format!("2 books have their license inside, and it is not here: restow import {}\n", library.display());
    let scanned = stage.run(&["scan", "library"]).exits(0).out;
    let listed = format!("{import}  Rain\n  Snow\nOne protected file known here has no license here:\n  Hail\n");
    assert!(scanned.contains(&listed), "{scanned}");
    for arguments in [&["status"][..], &["files"], &["backup", "stick", "--dry-run"], &["backup", "stick"]] {
        let said = stage.run(arguments).exits(0).out;
        assert!(said.contains(&import), "{arguments:?}: {said}");
        assert_eq!(said.contains("nothing to back up"), arguments[0] == "backup", "{said}");
        assert!(!said.contains("To restore on another"), "{said}");
    }
    let files = stage.run(&["files"]).exits(0).out;
    let inside = files.lines().filter(|line| line.starts_with("license inside  ")).count();
    assert_eq!((inside, files.matches("no license  ").count()), (2, 1), "{files}");

    let said = stage.run(&["restore", "stick"]).exits(1);
    assert!(
        said.err.contains("is empty") && said.err.contains("restow import") && !said.out.contains("0 "),
        "{}",
        said.err
    );
    let said = stage.run(&["restore", "stick", "--json"]).exits(1);
    assert_eq!(said.error()["code"], "restore-empty");
    assert_eq!(said.objects().last().unwrap()["hr"], "0x00000000", "{}", said.out);

    stage.run(&["import", "library/a.epub"]).exits(0);
    let said = stage.run(&["backup", "stick"]).exits(0).out;
    assert!(said.contains("One book has its license inside") && said.contains("To restore on another"), "{said}");
    let said = stage.run(&["restore", "stick", "--only", "nosuch"]).exits(1).err;
    assert!(said.contains("no license nosuch in the backup") && said.contains("restow show stick"), "{said}");
    stage.run(&["restore", "stick", "--only", "a"]).exits(0);

    // What was backed up is told even if nothing is here any more.
    stage.run(&["forget", "a", "--yes"]).exits(0);
    let said = stage.run(&["status"]).exits(0).out;
    assert!(said.contains("There are no licenses here") && said.contains("stick"), "{said}");
}

#[test]
fn a_key_id_that_is_known_is_no_license_that_calls_itself_so() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    for number in [0, 7] {
        std::fs::write(stage.path("forged.lcpl"), lcp(&key_id(number))).unwrap();
        stage.run(&["import", "forged.lcpl"]).exits(0);
    }
    let can = |number: usize, exit| stage.run(&["can", &key_id(number), "--json"]).exits(exit).objects().remove(0);
    assert_eq!((&can(0, 0)["key_id"], &can(0, 0)["left"]), (&json!(key_id(0)), &json!(5)));
    assert_eq!(stage.run(&["why", &key_id(0), "--json"]).exits(0).objects()[1]["found_by"], "key_id");
    // One that nothing here has is the license that is called so.
    assert_eq!(can(7, 1)["license_id"], json!(key_id(7)));
}

#[test]
fn what_can_be_imported_is_called_what_it_is() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    write(&stage, "broken.epub", &book("urn:a", "Rain").license(b"{}"));
    for command in ["file", "why", "can"] {
        let said = stage.run(&[command, "a.lcpl"]).out;
        assert!(said.contains("an LCP license document: restow import a.lcpl"), "{command}: {said}");
    }
    stage.run(&["import", "a.lcpl"]).exits(0);
    let why = stage.run(&["why", "a", "--json"]).exits(0).objects();
    assert_eq!((&why[0]["license_id"], &why[0]["found_by"]), (&json!("a"), &json!("license_id")));
    // What begins like a ZIP file.
    std::fs::write(stage.path("books.zip"), [b"PK\x03\x04", &[0; 64][..]].concat()).unwrap();
    assert!(stage.run(&["file", "books.zip"]).exits(0).out.contains("a ZIP archive: restow import books.zip looks"));
    // One that unpacks, and one that does not.
    let mut damaged = book("urn:a", "Rain").compression(Compression::Stored).license(b"{\"id\":1}").build();
    let at = damaged.windows(8).position(|part| part == b"{\"id\":1}").unwrap();
    damaged[at] ^= 1;
    std::fs::write(stage.path("damaged.epub"), damaged).unwrap();
    for name in ["broken.epub", "damaged.epub"] {
        for command in ["file", "why"] {
            let said = stage.run(&[command, name]).exits(0).out;
            assert!(said.contains("The license inside cannot be read") && !said.contains("restow import"), "{said}");
        }
        let said = stage.run(&["can", name]).exits(1).err;
        assert!(said.contains("The license inside “Rain” cannot be read") && !said.contains("imported"), "{said}");
    }
    stage.run(&["scan", "."]).exits(0);
    let said = stage.run(&["files"]).exits(0).out;
    assert_eq!(said.lines().filter(|line| line.starts_with("license broken")).count(), 2, "{said}");
}

#[test]
fn the_command_that_is_named_means_one_license() {
    let stage = Stage::new();
    let library = stage.folder("library");
    // Two shops gave theirs the same ID, and one of them has an odd name.
    let (here, there) = ("https://p.example", "https://q.example/it's & more");
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    std::fs::write(stage.path("b.lcpl"), lcp("a").replace(here, there)).unwrap();
    stage.run(&["import", "a.lcpl", "b.lcpl"]).exits(0);
    write(&stage, "library/guess.epub", &book("urn:1", "Book a"));
    // Known for one of them, which nobody can read any more.
    write(&stage, "library/broken.epub", &book("urn:2", "Rain").license(lcp("a").as_bytes()));
    stage.run(&["scan", "library"]).exits(0);
    write(&stage, "library/broken.epub", &book("urn:2", "Rain").license(b"{}"));
    let said = stage.run(&["put-back", "library"]).exits(0);
    let command = |behind: &str| {
        let lines = said.out.lines().chain(said.err.lines());
        lines.filter_map(|line| line.split_once(behind)).next().unwrap().1.to_owned()
    };
    assert!(command("in its place: restow ").ends_with(&format!("--license a --issuer {here}")));
    let perhaps = command("If so: restow ");
    let odd = format!("--license a --issuer '{}'", there.replace('\'', r"'\''"));
    assert!(perhaps.ends_with(&odd) || perhaps.ends_with(&format!("--license a --issuer {here}")), "{perhaps}");
    for (name, issuer) in [("guess", there), ("broken", here)] {
        let path = library.join(format!("{name}.epub"));
        let put = ["put-back", path.to_str().unwrap(), "--license", "a"];
        assert_eq!(stage.run(&[&put[..], &["--json"]].concat()).exits(1).error()["code"], "license-ambiguous");
        stage.run(&[&put[..], &["--issuer", issuer, "--yes"]].concat()).exits(0);
    }
}
