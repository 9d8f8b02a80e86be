//! Commands on publications, with an embedded license or a separate one.

use restow_media::build::{
    AsfBuilder, Compression, Protection, ProtectionKind, PublicationBuilder, PublicationProtection, ZipBuilder,
};
use restow_media::{Format, KeyId};
use serde_json::{Value, json};

use super::sandbox::{Sandbox, TestService, key_id, lcp, signed_lcp};
use super::workshop;

fn book(identifier: &str, title: &str) -> PublicationBuilder {
    let book = PublicationBuilder::new(Format::Epub).title(title).identifier(identifier);
    book.protection(PublicationProtection::Lcp)
}

/// Returns a license with these rights, signed under an untrusted root.
fn with_rights(id: &str, rights: &Value) -> String {
    let mut license = workshop::document("2021-06-01T00:00:00Z");
    (license["id"], license["rights"]) = (id.into(), rights.clone());
    let title = json!({"rel": "publication", "href": format!("https://p.example/{id}"), "title": format!("Book {id}")});
    license["links"] = json!([{"rel": "hint", "href": "https://p.example/hint"}, title]);
    let key = workshop::Key::p256(2);
    let certificate = workshop::Form::provider(&key).sign(&workshop::Key::p256(1));
    String::from_utf8(workshop::signed(license, &certificate, &key)).unwrap()
}

fn write(sandbox: &Sandbox, name: &str, book: &PublicationBuilder) {
    std::fs::write(sandbox.path(name), book.build()).unwrap();
}

#[test]
fn files_show_license_states() {
    let sandbox = Sandbox::new();
    sandbox.folder("library");
    sandbox.folder("stick");
    let signed = |id: &str| with_rights(id, &json!({}));
    write(&sandbox, "library/a.epub", &book("urn:a", "Rain").license(signed("a").as_bytes()));
    write(&sandbox, "library/b.epub", &book("urn:b", "Snow").license(signed("b").as_bytes()));
    write(&sandbox, "library/c.epub", &book("urn:c", "Hail"));
    write(&sandbox, "library/d.epub", &PublicationBuilder::new(Format::Epub).title("Free"));
    sandbox.run(&["import", "library/a.epub"]).expect_exit(0);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    // The license expired before the next backup.
    let expired = with_rights("c", &json!({"end": "2001-01-01T00:00:00Z"}));
    write(&sandbox, "library/e.epub", &book("urn:e", "Sleet").license(expired.as_bytes()));
    sandbox.run(&["import", "library/b.epub", "library/e.epub"]).expect_exit(0);
    let scanned = sandbox.run(&["scan", "library", "--json"]).expect_exit(0).objects();
    assert!(scanned.iter().all(|file| file.get("state").is_none()), "a scan joins nothing");
    let files = sandbox.run(&["files", "--json"]).expect_exit(0).objects();
    let states: Vec<(&Value, &Value)> = files.iter().map(|file| (&file["licenses"], &file["state"])).collect();
    let expected = [
        (json!(["a"]), json!("backed_up")),
        (json!(["b"]), json!("licensed")),
        (json!([]), json!("none")),
        (json!([]), json!(null)),
        (json!(["c"]), json!("ended")),
    ];
    assert_eq!(states, expected.iter().map(|(ids, state)| (ids, state)).collect::<Vec<_>>());
    let listing = sandbox.run(&["files"]).expect_exit(0).out;
    let words: Vec<&str> = listing.lines().map(|line| line.split("  ").next().unwrap()).collect();
    assert_eq!(words, ["backed up", "licensed", "no license", "clear", "ended"].map(|word| word));
    let status = sandbox.run(&["status", "--json"]).expect_exit(0).objects();
    let summary = status.iter().find_map(|object| object.get("summary")).unwrap();
    assert_eq!(summary["files_without_license"], 1);
    let file = sandbox.run(&["file", "library/b.epub", "--json"]).expect_exit(0).objects();
    assert_eq!((&file[0]["state"], &file[0]["licenses"][0]["license_id"]), (&json!("licensed"), &json!("b")));
    assert!(
        sandbox.run(&["file", "library/c.epub"]).expect_exit(0).out.contains("This book has no known license here")
    );
}

/// The license is invalid in every command, and is backed up and restored unchanged.
#[test]
fn broken_signature_is_invalid_everywhere() {
    let sandbox = Sandbox::new();
    sandbox.folder("library");
    sandbox.folder("stick");
    let broken = with_rights("broken-1", &json!({"print": 10})).replace("\"print\":10", "\"print\":99");
    write(&sandbox, "library/rain.epub", &book("urn:a", "Rain").license(broken.as_bytes()));
    sandbox.run(&["import", "library/rain.epub"]).expect_exit(0);
    sandbox.run(&["scan", "library"]).expect_exit(0);
    let end = sandbox.run(&["backup", "stick", "--json"]).expect_exit(0).objects().pop().unwrap();
    assert_eq!(end["summary"]["backed_up"], 1);

    let only = |arguments: &[&str]| {
        let mut objects = sandbox.run(arguments).expect_exit(0).objects();
        assert_eq!(objects.len(), 1, "{objects:?}");
        objects.remove(0)
    };
    let listed = only(&["licenses", "--json"]);
    assert_eq!((&listed["status"], listed["backups"].as_array().unwrap().len()), (&json!("invalid"), 1));
    assert_eq!(only(&["show", "stick", "--json"])["status"], "invalid");
    assert_eq!(only(&["why", "broken-1", "--json"])["status"], "invalid");
    assert_eq!(only(&["files", "--json"])["state"], "invalid");
    let file = only(&["file", "library/rain.epub", "--json"]);
    assert_eq!((&file["state"], &file["licenses"][0]["status"]), (&json!("invalid"), &json!("invalid")));
    let denied = sandbox.run(&["can", "broken-1", "--json"]).expect_exit(1);
    assert_eq!(denied.objects()[0]["code"], "license-not-valid", "{}", denied.out);
    let status = sandbox.run(&["status", "--json"]).expect_exit(0).objects();
    let license = status.iter().find(|object| object.get("license_id").is_some()).unwrap();
    assert_eq!((&license["status"], &license["at_risk"]), (&json!("invalid"), &json!(true)));
    let summary = &status.iter().find(|object| object.get("summary").is_some()).unwrap()["summary"];
    assert_eq!((&summary["invalid"], &summary["in_backup"], &summary["at_risk"]), (&json!(1), &json!(0), &json!(1)));
    assert!(sandbox.run(&["status"]).expect_exit(0).out.contains("1 is not valid, and reading apps reject it"));
    assert!(sandbox.run(&["licenses"]).expect_exit(0).out.contains("not valid "));
    assert!(sandbox.run(&["files"]).expect_exit(0).out.starts_with("not valid"));

    let put_back = sandbox.run(&["put-back", "library", "--json"]).expect_exit(0).objects();
    let unusable = put_back.iter().find(|object| object["put_back"] == "not_usable").unwrap();
    assert_eq!((&unusable["license_id"], &unusable["status"]), (&json!("broken-1"), &json!("invalid")));
    assert_eq!(std::fs::read_dir(sandbox.path("library")).unwrap().count(), 1, "put-back writes no document");

    sandbox.run(&["--home", "other", "restore", "stick"]).expect_exit(0);
    sandbox.run(&["--home", "other", "export", "exported"]).expect_exit(0);
    let restored = std::fs::read_dir(sandbox.path("exported")).unwrap().map(|entry| entry.unwrap().path());
    let restored = restored.filter(|path| path.extension().is_some_and(|extension| extension == "lcpl"));
    let restored: Vec<_> = restored.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert_eq!(restored, [broken]);
}

#[test]
fn publication_license_decides_its_rights() {
    let sandbox = Sandbox::new();
    let rights = json!({"print": 10, "copy": 0, "end": "2999-01-01T00:00:00Z"});
    write(&sandbox, "my book", &book("urn:a", "Rain").license(with_rights("a", &rights).as_bytes()));
    write(&sandbox, "apart", &book("urn:a", "Rain"));
    write(&sandbox, "other", &book("urn:b", "Snow"));
    let output = sandbox.run(&["can", "my book"]).expect_exit(1).err;
    assert!(output.contains("“Rain” was not imported") && output.contains("restow import 'my book'"), "{output}");
    assert!(sandbox.run(&["why", "my book"]).expect_exit(0).out.contains("restow import 'my book'"));
    std::fs::write(sandbox.path("license"), with_rights("a", &rights)).unwrap();
    sandbox.run(&["import", "license"]).expect_exit(0);
    let output = sandbox.run(&["can", "apart"]).expect_exit(1).err;
    assert!(output.contains("no license for “Rain”") && output.contains("restow put-back"), "{output}");
    // The publication names its license.
    sandbox.run(&["import", "my book"]).expect_exit(0);
    for name in ["my book", "apart"] {
        let can = sandbox.run(&["can", name, "--json"]).expect_exit(0).objects().remove(0);
        assert_eq!((&can["allowed"], &can["license_id"], &can["left"]), (&json!(true), &json!("a"), &json!(null)));
        assert_eq!(can["expires"], "2999-01-01T00:00:00Z");
        let print = sandbox.run(&["can", name, "--action", "print", "--use"]).expect_exit(0).out;
        assert!(print.contains("10 pages may be printed") && print.contains("Nothing was counted"), "{print}");
        let copy = sandbox.run(&["can", name, "--action", "Copy", "--json"]).expect_exit(1);
        assert_eq!((&copy.objects()[0]["allowed"], &copy.error()["code"]), (&json!(false), &json!("not-granted")));
        let why = sandbox.run(&["why", name, "--json"]).expect_exit(0).objects();
        assert_eq!(why[1]["found_by"], if name == "apart" { "identifier" } else { "embedded" });
        assert_eq!(why[1]["rights"], json!({"print": 10, "copy": 0, "start": null, "end": "2999-01-01T00:00:00Z"}));
        assert_eq!((&why[1]["signature"], &why[1]["backups"]), (&json!("unknown_root"), &json!([])));
        let why = sandbox.run(&["why", name]).expect_exit(0).out;
        for fact in [
            "The signature is valid, but you do not trust its root certificate yet",
            "nothing may be copied",
            "in no backup",
            "until 1 Jan 2999, 00:00",
        ] {
            assert!(why.contains(fact), "{fact}: {why}");
        }
    }
    // A license ID selects the license.
    let can = sandbox.run(&["can", "a", "--action", "Print", "--json"]).expect_exit(0).objects().remove(0);
    assert_eq!((&can["license_id"], &can["left"], &can["counted_by"]), (&json!("a"), &json!(10), &json!("readers")));
    let output = sandbox.run(&["can", "a", "--use"]).expect_exit(0).out;
    assert!(output.contains("“Book a” may be opened") && output.contains("Nothing was counted"), "{output}");
    let output = sandbox.run(&["can", "a", "--action", "Fly"]).expect_exit(1).err;
    assert!(output.contains("“Fly” is not one of the usual rights: Play, Copy, Print"), "{output}");
    assert!(!sandbox.run(&["can", "a", "--action", "Copy"]).expect_exit(1).err.contains("usual rights"));
    // Rights of an unsigned license have no effect.
    std::fs::write(sandbox.path("forged.lcpl"), lcp("forged")).unwrap();
    write(&sandbox, "forged book", &book("urn:f", "Hail").license(lcp("forged").as_bytes()));
    sandbox.run(&["import", "forged.lcpl"]).expect_exit(0);
    let output = sandbox.run(&["file", "forged book"]).expect_exit(0).out;
    assert!(
        output.contains("The signature of license forged is not valid, and reading apps will reject it"),
        "{output}"
    );
    let can = sandbox.run(&["can", "forged book", "--json"]).expect_exit(1);
    assert_eq!((&can.objects()[0]["allowed"], &can.error()["code"]), (&json!(false), &json!("license-not-valid")));
    sandbox.run(&["forget", "forged", "--yes"]).expect_exit(0);
    let output = sandbox.run(&["acquire", "other"]).expect_exit(1).err;
    assert!(
        output.contains("Only its shop or library has the license") && output.contains("restow import"),
        "{output}"
    );
    assert!(sandbox.run(&["can", "other"]).expect_exit(1).err.contains("no license for “Snow”"));
    assert!(sandbox.run(&["licenses"]).expect_exit(0).out.contains("(10 pages may be printed, nothing may be copied)"));
    assert_eq!(sandbox.run(&["licenses", "--json"]).expect_exit(0).objects()[0]["rights"]["print"], 10);
}

#[test]
fn user_is_printed_only_on_request() {
    let sandbox = Sandbox::new();
    let user = r#""user":{"id":"u-7","name":"Ada\u202eL","email":"c2VjcmV0","encrypted":["email"]},"provider""#;
    std::fs::write(sandbox.path("a.lcpl"), lcp("a").replace("\"provider\"", user)).unwrap();
    sandbox.folder("stick");
    for arguments in [
        &["import", "a.lcpl"][..],
        &["licenses"],
        &["licenses", "--check"],
        &["backup", "stick"],
        &["show", "stick"],
        &["restore", "stick"],
    ] {
        for options in [&[][..], &["--json"]] {
            let output = sandbox.run(&[arguments, options].concat());
            let text = output.out + &output.err;
            assert!(["u-7", "Ada", "c2Vj"].iter().all(|word| !text.contains(word)), "{arguments:?}: {text}");
        }
    }
    let output = sandbox.run(&["licenses", "--user", "--json"]).expect_exit(0).objects();
    assert_eq!(output[0]["user"]["id"], "u-7");
    assert!(output[0]["user"]["name"].as_str().unwrap().starts_with("Ada") && output[0]["user"]["email"].is_null());
    let output = sandbox.run(&["licenses", "--user"]).expect_exit(0).out;
    assert!(
        output.contains("u-7") && output.contains("Ada") && !output.contains("c2Vj") && !output.contains('\u{202e}'),
        "{output}"
    );
}

#[test]
fn status_document_is_not_imported() {
    let sandbox = Sandbox::new();
    let status = r#"{"id":"a","status":"active","message":"fine","updated":{},"links":[]}"#;
    std::fs::write(sandbox.path("status.json"), status).unwrap();
    let output = sandbox.run(&["import", "status.json"]).expect_exit(1);
    assert!(output.err.contains("has the status of a license"), "{}", output.err);
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    let output = sandbox.run(&["import", ".", "--json"]).expect_exit(0).objects();
    assert_eq!(output.len(), 1, "in a folder it is passed over: {output:?}");
}

#[test]
fn export_rejects_backup_as_destination() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    sandbox.folder("stick");
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    for folder in ["stick", "stick/Restow"] {
        let output = sandbox.run(&["export", folder, "--json"]).expect_exit(2);
        assert_eq!(output.error()["code"], "export-into-backup");
    }
    assert_eq!(std::fs::read_dir(sandbox.path("stick")).unwrap().count(), 1);
    sandbox.run(&["export", "stick", "out"]).expect_exit(0);
}

#[test]
fn empty_backup_is_reported() {
    let sandbox = Sandbox::new();
    sandbox.folder("library/shelf");
    sandbox.folder("stick");
    write(&sandbox, "library/a.epub", &book("urn:a", "Rain").license(lcp("a").as_bytes()));
    write(&sandbox, "library/shelf/b.epub", &book("urn:b", "Snow").license(lcp("b").as_bytes()));
    write(&sandbox, "library/c.epub", &book("urn:c", "Hail"));
    let library = sandbox.path("library");
    let import = format!("2 books contain a license that is not imported yet: restow import {}\n", library.display());
    let scanned = sandbox.run(&["scan", "library"]).expect_exit(0).out;
    let listed = format!("{import}  Rain\n  Snow\n1 protected file has no license here:\n  Hail\n");
    assert!(scanned.contains(&listed), "{scanned}");
    for arguments in [&["status"][..], &["files"]] {
        let output = sandbox.run(arguments).expect_exit(0).out;
        assert!(output.contains(&import), "{arguments:?}: {output}");
    }
    for arguments in [&["backup", "stick", "--dry-run"][..], &["backup", "stick"]] {
        let output = sandbox.run(arguments).expect_exit(1);
        assert!(
            output.out.contains(&import) && output.err.contains("nothing to back up"),
            "{arguments:?}: {}",
            output.err
        );
        assert!(!output.out.contains("To restore on another"), "{}", output.out);
    }
    assert_eq!(std::fs::read_dir(sandbox.path("stick")).unwrap().count(), 0);
    let files = sandbox.run(&["files"]).expect_exit(0).out;
    let embedded_count = files.lines().filter(|line| line.starts_with("license inside  ")).count();
    assert_eq!((embedded_count, files.matches("no license  ").count()), (2, 1), "{files}");

    sandbox.run(&["import", "library/a.epub"]).expect_exit(0);
    let output = sandbox.run(&["backup", "stick"]).expect_exit(0).out;
    assert!(output.contains("1 book contains a license") && output.contains("To restore on another"), "{output}");
    let output = sandbox.run(&["restore", "stick", "--only", "nosuch"]).expect_exit(1).err;
    assert!(output.contains("The backup has no license nosuch") && output.contains("restow show stick"), "{output}");
    sandbox.run(&["restore", "stick", "--only", "a"]).expect_exit(0);

    sandbox.run(&["forget", "a", "--from", "stick", "--yes"]).expect_exit(0);
    let output = sandbox.run(&["restore", "stick"]).expect_exit(1);
    assert!(
        output.err.contains("is empty") && output.err.contains("restow import") && !output.out.contains("0 "),
        "{}",
        output.err
    );
    let output = sandbox.run(&["restore", "stick", "--json"]).expect_exit(1);
    assert_eq!(output.error()["code"], "restore-empty");
    assert_eq!(output.objects().last().unwrap()["hr"], "0x00000000", "{}", output.out);

    // Known backups are listed even if the store is empty.
    sandbox.run(&["forget", "a", "--yes"]).expect_exit(0);
    let output = sandbox.run(&["status"]).expect_exit(0).out;
    assert!(output.contains("There are no licenses here") && output.contains("stick"), "{output}");
}

#[test]
fn known_key_id_precedes_license_id() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    for number in [0, 7] {
        std::fs::write(sandbox.path("forged.lcpl"), lcp(&key_id(number))).unwrap();
        sandbox.run(&["import", "forged.lcpl"]).expect_exit(0);
    }
    let can =
        |number: usize, exit| sandbox.run(&["can", &key_id(number), "--json"]).expect_exit(exit).objects().remove(0);
    assert_eq!((&can(0, 0)["key_id"], &can(0, 0)["left"]), (&json!(key_id(0)), &json!(5)));
    assert_eq!(sandbox.run(&["why", &key_id(0), "--json"]).expect_exit(0).objects()[1]["found_by"], "key_id");
    // An unknown key ID is taken as a license ID.
    assert_eq!(can(7, 1)["license_id"], json!(key_id(7)));
}

#[test]
fn importable_files_are_named_by_kind() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    write(&sandbox, "broken.epub", &book("urn:a", "Rain").license(b"{}"));
    for command in ["file", "why", "can"] {
        let output = sandbox.run(&[command, "a.lcpl"]).out;
        assert!(output.contains("an LCP license: restow import a.lcpl"), "{command}: {output}");
    }
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    let why = sandbox.run(&["why", "a", "--json"]).expect_exit(0).objects();
    assert_eq!((&why[0]["license_id"], &why[0]["found_by"]), (&json!("a"), &json!("license_id")));
    // The content starts like a ZIP file.
    std::fs::write(sandbox.path("books.zip"), [b"PK\x03\x04", &[0; 64][..]].concat()).unwrap();
    assert!(
        sandbox
            .run(&["file", "books.zip"])
            .expect_exit(0)
            .out
            .contains("a ZIP archive. To import the licenses in it: restow import books.zip")
    );
    // One package is intact, the other one is damaged.
    let mut damaged = book("urn:a", "Rain").compression(Compression::Stored).license(b"{\"id\":1}").build();
    let at = damaged.windows(8).position(|part| part == b"{\"id\":1}").unwrap();
    damaged[at] ^= 1;
    std::fs::write(sandbox.path("damaged.epub"), damaged).unwrap();
    for name in ["broken.epub", "damaged.epub"] {
        for command in ["file", "why"] {
            let output = sandbox.run(&[command, name]).expect_exit(0).out;
            assert!(
                output.contains("The license in this file cannot be read") && !output.contains("restow import"),
                "{output}"
            );
        }
        let output = sandbox.run(&["can", name]).expect_exit(1).err;
        assert!(
            output.contains("The license inside “Rain” cannot be read") && !output.contains("imported"),
            "{output}"
        );
    }
    sandbox.run(&["scan", "."]).expect_exit(0);
    let output = sandbox.run(&["files"]).expect_exit(0).out;
    assert_eq!(output.lines().filter(|line| line.starts_with("license broken")).count(), 2, "{output}");
}

#[test]
fn suggested_put_back_names_one_license() {
    let sandbox = Sandbox::new();
    let library = sandbox.folder("library");
    // Two providers use the same license ID, and one of them has a name with special characters.
    let (first_issuer, odd_issuer) = ("https://p.example", "https://q.example/it's & more");
    std::fs::write(sandbox.path("a.lcpl"), signed_lcp("a", "Book a", first_issuer, 2)).unwrap();
    std::fs::write(sandbox.path("b.lcpl"), signed_lcp("a", "Book a", odd_issuer, 2)).unwrap();
    sandbox.run(&["import", "a.lcpl", "b.lcpl"]).expect_exit(0);
    write(&sandbox, "library/guess.epub", &book("urn:1", "Book a"));
    // The publication belongs to one of the licenses, but its embedded license is unreadable.
    let embedded = signed_lcp("a", "Book a", first_issuer, 2);
    write(&sandbox, "library/broken.epub", &book("urn:2", "Rain").license(embedded.as_bytes()));
    sandbox.run(&["scan", "library"]).expect_exit(0);
    write(&sandbox, "library/broken.epub", &book("urn:2", "Rain").license(b"{}"));
    let output = sandbox.run(&["put-back", "library"]).expect_exit(0);
    let command = |behind: &str| {
        let lines = output.out.lines().chain(output.err.lines());
        lines.filter_map(|line| line.split_once(behind)).next().unwrap().1.to_owned()
    };
    assert!(command("into the book: restow ").ends_with(&format!("--license a --issuer {first_issuer}")));
    // Both licenses may fit the other publication, so both are named.
    let odd = format!("--license a --issuer '{}'", odd_issuer.replace('\'', r"'\''"));
    for arguments in [odd, format!("--license a --issuer {first_issuer}")] {
        assert!(
            output.out.lines().any(|line| line.contains("guess.epub") && line.ends_with(&arguments)),
            "{}",
            output.out
        );
    }
    for (name, issuer) in [("guess", odd_issuer), ("broken", first_issuer)] {
        let path = library.join(format!("{name}.epub"));
        let put = ["put-back", path.to_str().unwrap(), "--license", "a"];
        assert_eq!(sandbox.run(&[&put[..], &["--json"]].concat()).expect_exit(1).error()["code"], "license-ambiguous");
        sandbox.run(&[&put[..], &["--issuer", issuer, "--yes"]].concat()).expect_exit(0);
    }
}

/// Writes an EPUB with these entries beside its container and its package document.
fn write_epub(sandbox: &Sandbox, name: &str, entries: &[(&str, &[u8])]) {
    const CONTAINER: &[u8] = b"<container><rootfiles><rootfile full-path='OPS/p.opf' \
        media-type='application/oebps-package+xml'/></rootfiles></container>";
    let zip = ZipBuilder::new()
        .entry("mimetype", b"application/epub+zip", Compression::Stored)
        .entry("META-INF/container.xml", CONTAINER, Compression::Stored)
        .entry("OPS/p.opf", b"<package><metadata><title>Rain</title></metadata></package>", Compression::Stored);
    let zip = entries.iter().fold(zip, |zip, (name, content)| zip.entry(name, content, Compression::Stored));
    std::fs::write(sandbox.path(name), zip.build()).unwrap();
}

const VOUCHER: &str = "<fulfillmentToken xmlns='http://ns.adobe.com/adept'><title>Rain</title></fulfillmentToken>";

#[test]
fn files_of_other_systems_are_named() {
    let sandbox = Sandbox::new();
    write_epub(&sandbox, "kobo.epub", &[("rights.xml", b"<rights><kdrm/></rights>")]);
    write_epub(&sandbox, "adobe.epub", &[("META-INF/rights.xml", b"<rights xmlns='http://ns.adobe.com/adept'/>")]);
    write_epub(&sandbox, "apple.epub", &[("META-INF/sinf.xml", b"")]);
    std::fs::write(sandbox.path("book.aax"), b"\0\0\0\x10ftypaax \0\0\0\0").unwrap();
    std::fs::write(sandbox.path("kindle"), b"\xeaDRMION\xee\xe0\x01\0\xea").unwrap();
    for (name, system, app) in [
        ("kobo.epub", "kobo", "Kobo"),
        ("adobe.epub", "adept", "Adobe"),
        ("apple.epub", "fairplay", "Apple"),
        ("book.aax", "audible", "Audible"),
        ("kindle", "kindle", "Kindle"),
    ] {
        for command in ["file", "why", "can"] {
            for language in ["en", "de"] {
                let output = sandbox.run(&[command, name, "--lang", language]).out;
                assert!(output.contains(app) && !output.contains("acquire"), "{command} {name}: {output}");
            }
        }
        let can = sandbox.run(&["can", name, "--json"]).expect_exit(1).objects();
        assert_eq!((&can[0]["protected"], &can[0]["allowed"]), (&json!(true), &Value::Null), "{name}");
        let file = sandbox.run(&["file", name, "--json"]).expect_exit(0).objects();
        assert_eq!((&file[0]["systems"], &file[0]["protected"]), (&json!([system]), &json!(true)), "{name}");
        let refused = sandbox.run(&["import", name, "--json"]).expect_exit(1).objects();
        assert_eq!(refused[0]["refused"]["code"], "license-other-system", "{name}");
    }
}

#[test]
fn voucher_is_no_license() {
    let sandbox = Sandbox::new();
    let library = sandbox.folder("library");
    std::fs::write(library.join("book"), VOUCHER).unwrap();
    std::fs::write(library.join("marked.acsm"), format!("\u{feff}{VOUCHER}")).unwrap();
    for command in ["file", "why", "can"] {
        let output = sandbox.run(&[command, "library/book"]).out;
        assert!(output.contains("Adobe voucher") && output.contains("Open it with Adobe Digital Editions"), "{output}");
        assert!(!output.contains("acquire") && !output.contains("is not protected"), "{output}");
    }
    let file = sandbox.run(&["file", "library/book", "--json"]).expect_exit(0).objects();
    assert_eq!((&file[0]["format"], &file[0]["title"]), (&json!("acsm"), &json!("Rain")));
    assert_eq!((&file[0]["systems"], &file[0]["protected"]), (&json!(["adept"]), &Value::Null));
    for path in ["library/book", "library"] {
        let refused = sandbox.run(&["import", path, "--json"]).objects();
        assert!(refused.iter().all(|object| object["refused"]["code"] == "license-adobe-voucher"), "{refused:?}");
        assert!(!refused.is_empty());
    }
    let output = sandbox.run(&["scan", "library"]).expect_exit(0).out;
    assert!(output.contains("2 vouchers are not licenses"), "{output}");
}

#[test]
fn scan_summary_covers_this_scan_only() {
    let sandbox = Sandbox::new();
    for folder in ["first", "second"] {
        sandbox.folder(folder);
    }
    write(&sandbox, "first/rain.epub", &book("urn:a", "Rain").protection(PublicationProtection::Unknown));
    write(&sandbox, "second/snow.epub", &book("urn:b", "Snow").protection(PublicationProtection::Unknown));
    std::fs::write(sandbox.path("second/a.lcpl"), lcp("a")).unwrap();
    std::fs::write(sandbox.path("second/b.lcpl"), format!("\u{feff}{}", lcp("b"))).unwrap();
    std::fs::write(sandbox.path("second/film.mp4"), b"\0\0\0\x10ftypisom\0\0\0\0").unwrap();
    std::fs::write(sandbox.path("second/film.m4v"), b"\0\0\0\x10ftypisom\0\0\0\0").unwrap();
    std::fs::write(sandbox.path("second/notes.txt"), b"a note").unwrap();
    sandbox.run(&["scan", "first"]).expect_exit(0);
    let output = sandbox.run(&["scan", "second"]).expect_exit(0).out;
    assert!(output.contains("Snow") && !output.contains("Rain"), "{output}");
    assert!(output.contains("2 license documents are not imported yet: restow import second"), "{output}");
    assert!(output.contains("2 MP4 files, 1 other file"), "{output}");
    let objects = sandbox.run(&["scan", "second", "--json"]).expect_exit(0).objects();
    let summary = objects.last().unwrap();
    assert_eq!((&summary["type"], &summary["license_documents"]), (&json!("scan_summary"), &json!(2)));
    assert_eq!(summary["not_examined"], json!({"mp4": 2, "other": 1}));
    // Imported documents need no import.
    sandbox.run(&["import", "second"]).expect_exit(0);
    assert!(!sandbox.run(&["scan", "second"]).expect_exit(0).out.contains("restow import"));
}

#[test]
fn scan_shows_three_warnings_per_kind() {
    let sandbox = Sandbox::new();
    let library = sandbox.folder("library");
    let song = AsfBuilder::new().title("T").build();
    for number in 0..9 {
        std::fs::write(library.join(format!("{number}.wma")), &song[..40 + number]).unwrap();
    }
    write_epub(&sandbox, "library/a.epub", &[("rights.xml", b"<rights/>")]);
    let scanned = sandbox.run(&["scan", "library"]).expect_exit(0);
    let count = |text: &str| text.matches("the file ends inside its header").count();
    assert_eq!(count(&scanned.err), 3, "{}", scanned.err);
    assert!(scanned.err.contains("6 more files have the same problem as "), "{}", scanned.err);
    assert!(scanned.err.contains("states a protection that Restow does not know"), "{}", scanned.err);
    assert!(scanned.out.contains("Restow cannot tell if 10 files are protected"), "{}", scanned.out);
    let verbose = sandbox.run(&["scan", "library", "--verbose"]).expect_exit(0).err;
    assert_eq!((count(&verbose), verbose.contains("same problem")), (9, false), "{verbose}");
}

#[test]
fn windows_media_license_cannot_be_had() {
    let sandbox = Sandbox::new();
    for (name, kind) in [("song.wma", ProtectionKind::Wmdrm), ("song.pya", ProtectionKind::Playready40)] {
        let protection = Protection::new(kind, KeyId::Uuid([7; 16])).license_url("https://shop.example/get");
        std::fs::write(sandbox.path(name), AsfBuilder::new().title("T").protection(protection).build()).unwrap();
        for command in ["file", "why", "can"] {
            for (language, bound) in [("en", "no program can get or save"), ("de", "kein programm")] {
                let output = sandbox.run(&[command, name, "--lang", language]);
                let text = format!("{}{}", output.out, output.err);
                assert!(text.to_lowercase().contains(bound), "{command} {name}: {text}");
                assert!(!text.contains("acquire") && !text.contains("restow restore"), "{command} {name}: {text}");
                assert!(command == "can" || text.contains("https://shop.example/get"), "{command} {name}: {text}");
            }
        }
        assert_eq!(sandbox.run(&["can", name, "--json"]).expect_exit(1).error()["code"], "no-license");
    }
}

#[test]
fn unreadable_license_state_is_invalid() {
    let sandbox = Sandbox::new();
    write(&sandbox, "broken.epub", &book("urn:a", "Rain").license(b"{}"));
    sandbox.run(&["scan", "broken.epub"]).expect_exit(0);
    let state = |arguments: &[&str]| sandbox.run(arguments).expect_exit(0).objects()[0]["state"].clone();
    for arguments in [&["files", "--json"][..], &["file", "broken.epub", "--json"]] {
        assert_eq!(state(arguments), json!("invalid"), "{arguments:?}");
    }
}
