//! The members of every object, as design §7 fixes them.

use restow_media::build::{AsfBuilder, Protection, ProtectionKind};
use serde_json::{Value, json};

use super::stage::{Shop, Stage, key_id, lcp, members};
use super::workshop;

const LICENSE: [&str; 13] = [
    "backup_right",
    "backups",
    "document_sha256",
    "expires",
    "issuer",
    "key_ids",
    "kind",
    "license_id",
    "not_before",
    "reason",
    "state",
    "status",
    "titles",
];

fn song(number: usize, title: &str) -> Vec<u8> {
    let protection = Protection::new(ProtectionKind::Wmdrm, key_id(number).parse().unwrap());
    AsfBuilder::new().title(title).protection(protection).build()
}

#[test]
fn scanned_files() {
    let stage = Stage::new();
    let library = stage.folder("library");
    std::fs::write(library.join("a.wma"), song(1, "Rain")).unwrap();
    std::fs::write(library.join("notes.txt"), "nothing").unwrap();
    let said = stage.run(&["scan", "library", "--json"]).exits(0);
    let objects = said.objects();
    assert_eq!(objects.len(), 1, "files of other formats are passed over");
    for name in ["path", "format", "protected", "systems", "key_ids", "title", "license_embedded", "warnings"] {
        assert!(objects[0].get(name).is_some(), "{name}");
    }
    assert_eq!(objects[0]["key_ids"], json!([key_id(1)]));
    assert_eq!((&objects[0]["title"], &objects[0]["protected"]), (&json!("Rain"), &json!(true)));
    // The catalog's list joins the licenses to what was scanned.
    let mut files = stage.run(&["files", "--json"]).exits(0).objects();
    let joined = files[0].as_object_mut().unwrap();
    assert_eq!((joined.remove("licenses"), joined.remove("state")), (Some(json!([])), Some(json!("none"))));
    assert_eq!(files, objects);
    let file = stage.run(&["file", "library/a.wma", "--json"]).exits(0).objects();
    assert_eq!((&file[0]["key_ids"], &file[0]["licenses"]), (&objects[0]["key_ids"], &json!([])));
}

#[test]
fn licenses_backup_show_restore() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    let ids = shop.sell(&stage, &["Rain", "Snow restricted", ""]);
    stage.folder("stick");

    let licenses = stage.run(&["licenses", "--json"]).exits(0).objects();
    assert_eq!(licenses.len(), 3);
    for license in &licenses {
        assert_eq!(members(license), LICENSE);
    }
    assert_eq!(licenses[0]["state"], json!({"category": "count", "left": 5}));
    assert_eq!((&licenses[0]["status"], &licenses[0]["backup_right"]), (&json!("usable"), &json!("allowed")));
    assert_eq!(licenses[1]["reason"], "denied_by_issuer");

    let events = stage.run(&["backup", "stick", "--json"]).exits(0).objects();
    let names: Vec<&str> = events.iter().map(|event| event["status"].as_str().unwrap()).collect();
    assert_eq!(names, ["BACKUPRESTORE_BEGIN", "RESTRICTED_LICENSE", "RESTRICTED_LICENSE", "BACKUPRESTORE_END"]);
    assert_eq!(events[0], json!({"status": "BACKUPRESTORE_BEGIN", "code": 21, "hr": "0x00000000"}));
    let snow = events.iter().find(|event| event["license_id"] == ids[1].as_str()).unwrap();
    assert_eq!(members(snow), ["code", "hr", "key_id", "kid", "license_id", "reason", "status", "titles"]);
    assert_eq!((&snow["code"], &snow["hr"], &snow["key_id"]), (&json!(31), &json!("0x00000000"), &json!(key_id(1))));
    assert_eq!(snow["kid"].as_str().unwrap().len(), 24);
    assert_eq!(snow["titles"], json!(["Snow restricted"]));
    let unknown = events.iter().find(|event| event["license_id"] == ids[2].as_str()).unwrap();
    assert_eq!(unknown["titles"], json!([]));
    let summary = ["already_here", "backed_up", "damaged", "pending", "refused", "restored", "restricted"];
    let end = events.last().unwrap();
    assert_eq!(members(&end["summary"]), summary);
    assert_eq!(
        (&end["code"], &end["summary"]["backed_up"], &end["summary"]["restricted"]),
        (&json!(27), &json!(1), &json!(2))
    );

    let licenses = stage.run(&["licenses", "--json"]).exits(0).objects();
    assert_eq!(members(&licenses[0]["backups"][0]), ["at", "location"]);

    let shown = stage.run(&["show", "stick", "--json"]).exits(0).objects();
    let (missing, there): (Vec<Value>, Vec<Value>) =
        shown.into_iter().partition(|object| object.get("missing").is_some());
    assert_eq!(members(&there[0]), LICENSE);
    assert_eq!(there[0]["document_sha256"], licenses[0]["document_sha256"]);
    // For programs it is pending until a grant names it; a person is told what will happen.
    assert_eq!(there[0]["status"], "pending");
    assert!(stage.run(&["show", "stick"]).exits(0).out.contains("asks its service on restore"));
    assert_eq!((there.len(), missing.len()), (1, 2));
    for name in ["key_ids", "titles", "reason", "where"] {
        assert!(missing[0].get(name).is_some(), "{name}");
    }

    let status = stage.run(&["status", "--json"]).exits(0).objects();
    let sum = &status.iter().find(|object| object.get("summary").is_some()).unwrap()["summary"];
    assert_eq!(
        *sum,
        json!({"licenses": 3, "in_backup": 1, "at_risk": 0, "restricted": 2, "revoked": 0, "ended": 0, "files_without_license": 0})
    );
    let verified = stage.run(&["verify", "stick", "--json"]).exits(0).objects();
    let sum = verified.iter().find(|object| object.get("verified").is_some()).unwrap();
    assert_eq!(sum["verified"]["damage"], 0);
    let proven = |arguments: &[&str]| {
        let said = stage.run(arguments).exits(0).objects();
        said.iter().find_map(|object| object.get("origin")).unwrap()["proven"].as_bool().unwrap()
    };
    assert!(proven(&["verify", "stick", "--json"]), "its own computer trusts the service");
    assert!(!proven(&["--home", "nobody", "verify", "stick", "--json"]));
    assert!(!stage.path("nobody").exists(), "looking makes no home");
    let backups = stage.run(&["backups", "stick", "--json"]).exits(0).objects();
    assert_eq!((backups.len(), &backups[0]["licenses"]), (1, &json!(1)));
    assert_eq!(backups[0]["licenses_counted"], json!(true));

    // On a new computer: consent to what the plan shows, then the events in their order.
    let there = |arguments: &[&str]| {
        let home = ["--home", "new-home"];
        stage.run(&[&home, arguments].concat())
    };
    there(&["service", "add", &shop.url, "--yes"]).exits(0);
    let plan = there(&["restore", "stick", "--dry-run", "--json"]).exits(0).objects();
    assert_eq!(plan[0]["plan"]["services"][0]["name"], "Shop");
    let refused = there(&["restore", "stick", "--json"]).exits(1);
    let names: Vec<Value> = refused.objects().iter().map(|event| event["status"].clone()).collect();
    assert_eq!(names, ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    // What a script consents to when it says --register.
    let asked = &refused.objects()[0];
    assert_eq!(members(asked), ["code", "fingerprint", "hr", "issuer", "origin", "service", "status"]);
    let planned = &plan[0]["plan"]["services"][0];
    assert_eq!((&asked["service"], &asked["origin"]), (&planned["name"], &planned["origin"]));
    assert_eq!(asked["issuer"], planned["issuer"]);
    let fingerprint = asked["fingerprint"].as_str().unwrap();
    assert_eq!(fingerprint.replace(' ', ""), asked["issuer"].as_str().unwrap());
    assert_eq!(members(&refused.error()), ["code", "help", "hr", "message"]);
    assert_eq!(refused.error()["code"], "needs-individualization");
    let events = there(&["restore", "stick", "--register", "--json"]).exits(0).objects();
    let names: Vec<&Value> = events.iter().map(|event| &event["status"]).collect();
    let order = ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"];
    assert_eq!(names, order);
    assert_eq!(events[0]["service"], "Shop");

    let used = there(&["can", &key_id(0), "--use", "--json"]).exits(0).objects();
    assert_eq!((&used[0]["allowed"], &used[0]["left"]), (&json!(true), &json!(4)));
    assert_eq!(there(&["can", &key_id(1), "--json"]).exits(1).error()["code"], "no-license");
    let computers = there(&["computer", "--json"]).exits(0).objects();
    assert_eq!((&computers[0]["service"], &computers[0]["confirmed"]), (&json!("Shop"), &json!(false)));
    for computer in computers[0]["computers"].as_array().unwrap() {
        for name in ["registered", "last_seen"] {
            assert!(computer[name].as_str().is_some_and(|time| time.ends_with('Z')), "{computer}");
        }
    }
    shop.kill();
}

#[test]
fn imported_documents() {
    let stage = Stage::new();
    let books = stage.folder("books");
    std::fs::write(books.join("one.lcpl"), lcp("one")).unwrap();
    std::fs::write(books.join("two.lcpl"), lcp("two").replace("\"issued\"", "\"once\"")).unwrap();
    let said = stage.run(&["import", "books", "--json"]).exits(0).objects();
    let kept = said.iter().find(|object| object.get("license_id").is_some()).unwrap();
    assert_eq!((&kept["kind"], &kept["stored"], &kept["signature"]), (&json!("lcp"), &json!("new"), &json!("invalid")));
    let refused = said.iter().find(|object| object.get("refused").is_some()).unwrap();
    assert_eq!(members(&refused["refused"]), ["code", "message"]);
    assert!(stage.run(&["licenses"]).exits(0).out.contains("one"));
}

#[test]
fn signatures_are_judged_when_asked_for() {
    let stage = Stage::new();
    std::fs::write(stage.folder("books").join("one.lcpl"), lcp("one")).unwrap();
    let told = stage.run(&["import", "books"]).exits(0);
    assert!(told.err.contains("is not valid: `signature.certificate` is not base64"), "{}", told.err);
    let plain = stage.run(&["licenses", "--json"]).exits(0).objects();
    assert!(plain[0].get("signature").is_none(), "a listing does not judge");
    let checked = stage.run(&["licenses", "--check", "--json"]).exits(1).objects();
    assert_eq!(checked[0]["signature"], "invalid");
    let said = stage.run(&["licenses", "--check"]).exits(1).out;
    let line = said.lines().find(|line| line.contains("Book one")).unwrap();
    assert!(line.ends_with("(signature not valid: `signature.certificate` is not base64)"), "{said}");
    assert_eq!(checked[0]["signature_problem"]["code"], "invalid-base64");
}

/// Made for this test: “Books Root”, P-256.
const ROOT: &str = "\
-----BEGIN CERTIFICATE-----
MIIBPzCB5qADAgECAgEHMAoGCCqGSM49BAMCMBUxEzARBgNVBAMMCkJvb2tzIFJv
b3QwIhgPMjAxNTAxMDEwMDAwMDBaGA8yMDQwMDEwMTAwMDAwMFowFTETMBEGA1UE
AwwKQm9va3MgUm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABG/wO5SSQc4d
rdQ1GeaWDgqFtBppoFwygQOqK84VlMoWPE91OlW/AdxT9sCwx+7ni0DG/30lqW4i
grmJzvccFEqjIzAhMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoG
CCqGSM49BAMCA0gAMEUCIEkyU57fDPy7m+mFII5papCAnhFM+qb4Nhz5pDcFMQUg
AiEAmp7te5pRbqwN9wH1x/fYW7msveHEj0HFWfU4zwZ/G7s=
-----END CERTIFICATE-----
";

#[test]
fn roots() {
    let stage = Stage::new();
    assert!(stage.run(&["roots"]).exits(0).out.contains("You trust no root"));
    std::fs::write(stage.path("root.pem"), ROOT).unwrap();
    let added = stage.run(&["roots", "add", "root.pem", "--json"]).exits(0).objects();
    let expected = ["distrusted", "expires", "fingerprint", "name", "not_before", "subject"];
    assert_eq!((members(&added[0]), &added[0]["name"]), (expected.to_vec(), &json!("Books Root")));
    assert!(stage.run(&["roots"]).exits(0).out.contains("valid 2015-01-01 to 2040-01-01"));
    let said = stage.run(&["roots", "distrust", "root.pem"]).exits(0).out;
    assert!(said.contains("are kept, but told as invalid"), "{said}");
    assert_eq!(stage.run(&["roots", "--json"]).exits(0).objects()[0]["distrusted"], true);
    assert_eq!(stage.run(&["roots", "add", "root.pem", "--json"]).exits(1).error()["code"], "root-distrusted");
    let fingerprint = added[0]["fingerprint"].as_str().unwrap();
    stage.run(&["roots", "remove", &fingerprint[..10]]).exits(0);
    assert_eq!(stage.run(&["roots", "remove", fingerprint, "--json"]).exits(1).error()["code"], "root-no-such");
    assert_eq!(stage.run(&["roots", "add", "books.txt"]).exits(1).out, "");
}

#[test]
fn dates_are_shown_wherever_a_license_is() {
    let stage = Stage::new();
    stage.folder("stick");
    let rights = r#""rights":{"print":5,"start":"2020-01-02T03:04:05Z","end":"2999-12-31T23:59:59+01:00"},"signature""#;
    std::fs::write(stage.path("a.lcpl"), lcp("a").replace("\"signature\"", rights)).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    stage.run(&["backup", "stick"]).exits(0);
    for arguments in [&["licenses"][..], &["show", "stick"]] {
        let license = &stage.run(&[arguments, &["--json"]].concat()).exits(0).objects()[0];
        let dates = (&license["not_before"], &license["expires"]);
        assert_eq!(dates, (&json!("2020-01-02T03:04:05Z"), &json!("2999-12-31T22:59:59Z")), "{arguments:?}");
        let said = stage.run(arguments).exits(0).out;
        assert!(said.contains("(from 2020-01-02 03:04 UTC until 2999-12-31 22:59 UTC)"), "{said}");
    }
}

#[test]
fn a_license_for_a_file_says_until_when() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &[]);
    let terms = json!([{"key_ids": [key_id(1)], "title": "Rain", "rights": {"Play": {"until": 32_503_680_000_i64}}}]);
    std::fs::write(stage.path("terms.json"), terms.to_string()).unwrap();
    let issued = stage.run(&["admin", "issue", "terms.json", "--service", "shop", "--json"]).exits(0).objects();
    stage.run(&["acquire", issued[0]["link"].as_str().unwrap()]);
    std::fs::write(stage.path("a.wma"), song(1, "Rain")).unwrap();
    let can = stage.run(&["can", "a.wma", "--json"]).exits(0).objects();
    assert_eq!(can[0]["expires"], "3000-01-01T00:00:00Z");
    assert!(stage.run(&["can", "a.wma"]).exits(0).out.contains("This ends 3000-01-01 00:00 UTC."));
    assert!(stage.run(&["file", "a.wma"]).exits(0).out.contains("usable  (until 3000-01-01 00:00 UTC)"));
    let file = stage.run(&["file", "a.wma", "--json"]).exits(0).objects();
    assert_eq!(file[0]["licenses"][0]["expires"], "3000-01-01T00:00:00Z");
}

#[test]
fn protected_files_without_a_license_are_named() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Here"]);
    let library = stage.folder("library");
    std::fs::write(library.join("here.wma"), song(0, "Here")).unwrap();
    std::fs::write(library.join("clear.wma"), AsfBuilder::new().title("Clear").build()).unwrap();
    for number in 1..=21 {
        std::fs::write(library.join(format!("{number:02}.wma")), song(number, &format!("Song {number}"))).unwrap();
    }
    let said = stage.run(&["scan", "library"]).exits(0).out;
    assert!(said.contains("21 protected files known here have no license here:\n  Song 1\n"), "{said}");
    assert!(said.contains("  Song 20\n  … and one more\n") && !said.contains("Here\n"), "{said}");
    assert!(stage.run(&["status"]).exits(0).out.contains("21 protected files known here have no license here"));
    assert!(stage.run(&["file", "library/01.wma"]).exits(0).out.contains("bound to its device"));
    assert!(!stage.run(&["file", "library/here.wma"]).exits(0).out.contains("bound to its device"));
}

#[test]
fn exported_documents() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain", "Snow restricted"]);
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    shop.kill();
    let of_store = stage.run(&["export", "out", "--json"]).exits(0).objects();
    let files: Vec<_> = of_store.iter().filter_map(|object| object["file"].as_str()).collect();
    assert_eq!(files, ["Rain.jws", "Book a.lcpl"]);
    let song = of_store.iter().find(|object| object["file"] == "Rain.jws").unwrap();
    assert_eq!((members(song).len(), &song["written"]), (LICENSE.len() + 2, &json!(true)));
    let missing = of_store.iter().find(|object| object["missing"] == true).unwrap();
    assert_eq!(members(missing), ["key_ids", "license_id", "missing", "reason", "titles", "where"]);
    assert_eq!(std::fs::read_to_string(stage.path("out/Book a.lcpl")).unwrap(), lcp("a"));
    // Out of a backup, on a computer that knows nothing.
    let there = |arguments: &[&str]| stage.run(&[&["--home", "elsewhere"], arguments].concat());
    let said = there(&["export", "stick", "unpacked"]).exits(0);
    assert!(said.out.contains("“Snow restricted”") && said.out.contains("2 licenses were written"), "{}", said.out);
    assert!(!stage.path("elsewhere").exists());
    for file in files {
        let read = |folder| std::fs::read(stage.path(folder).join(file)).unwrap();
        assert!(read("out") == read("unpacked"), "{file}");
    }
    // The same again, and out of the newest by name; a second set is none.
    assert!(there(&["export", "stick", "unpacked", "--generation", "1"]).exits(0).out.contains("2 were there already"));
    assert_eq!(there(&["show", "stick", "--generation", "7", "--json"]).exits(1).out, "");
    // Nothing to write is no success.
    assert_eq!(there(&["export", "nothing", "--json"]).exits(1).error()["code"], "export-empty");
    stage.folder("empty");
    there(&["backup", "empty"]).exits(0);
    assert_eq!(there(&["export", "empty", "nothing", "--json"]).exits(1).error()["code"], "export-empty");
    assert!(!stage.path("nothing").exists());
    assert_eq!(there(&["export", "unpacked", "--set", "x", "--json"]).exits(2).error()["code"], "usage-missing");
    let error = there(&["export", "stick", "a.lcpl", "--json"]).exits(1).error();
    assert_eq!(
        (&error["code"], error["message"].as_str().unwrap().contains("a.lcpl")),
        (&json!("file-unwritable"), true)
    );
}

#[test]
fn put_back() {
    use restow_media::Format;
    use restow_media::build::{PublicationBuilder, PublicationProtection};
    let stage = Stage::new();
    let library = stage.folder("library");
    let book = |identifier: &str, title: &str| {
        PublicationBuilder::new(Format::Epub).identifier(identifier).title(title).protection(PublicationProtection::Lcp)
    };
    for id in ["a", "b", "c"] {
        std::fs::write(stage.path("one.lcpl"), lcp(id)).unwrap();
        stage.run(&["import", "one.lcpl"]).exits(0);
    }
    std::fs::write(library.join("rain.epub"), book("urn:1", "Rain").license(lcp("a").as_bytes()).build()).unwrap();
    stage.run(&["scan", "library"]).exits(0);
    let bare = book("urn:1", "Rain").build();
    std::fs::write(library.join("rain.epub"), &bare).unwrap();
    std::fs::write(library.join("guess.epub"), book("urn:2", "Book b").build()).unwrap();

    let said = stage.run(&["put-back", "library", "--json"]).exits(0).objects();
    let of = |kind: &str| said.iter().filter(|object| object["put_back"] == kind).collect::<Vec<_>>();
    assert_eq!((of("publication").len(), of("document").len(), of("perhaps").len()), (1, 3, 1));
    assert_eq!(members(of("publication")[0]), ["done", "issuer", "license_id", "path", "put_back", "titles"]);
    assert_eq!(of("publication")[0]["done"], "written");
    assert_eq!(members(of("missing")[0]), ["issuer", "license_id", "put_back", "titles", "where", "why"]);
    assert_eq!(of("missing")[0]["why"]["code"], "fetch-invalid-license");
    let summary = json!({"documents": 3, "publications": 1, "fetched": 0, "already_there": 0, "disputed": 0, "missing": 2, "elsewhere": 0, "failed": 0});
    assert_eq!(said.last().unwrap()["summary"], summary);
    assert!(std::fs::read(library.join("rain.epub")).unwrap().len() > bare.len());

    // What was to be fetched and was not is a failure.
    let said = stage.run(&["put-back", "library", "--fetch", "--json"]).exits(1).objects();
    assert_eq!(said.last().unwrap()["summary"]["failed"], 2);
    let plain = stage.run(&["put-back", "library"]).exits(0);
    assert!(plain.out.contains("0 files were written; 4 were as they should be."), "{}", plain.out);
    let command = plain.out.lines().find_map(|line| line.split_once("If so: restow ")).unwrap().1;
    let words: Vec<&str> = command.split(' ').collect();
    let by_hand = stage.run(&words).exits(0);
    assert!(by_hand.out.contains("the license of “Book b” is inside now"), "{}", by_hand.out);
    let after = stage.run(&["put-back", "library"]).exits(0).out;
    assert!(after.contains("guess.lcpl") && after.contains("One file was written"), "{after}");
    // Another license of the store goes only if somebody says so; what opens as it is stays so.
    let replace = ["put-back", "library/guess.epub", "--license", "a", "--json"];
    assert_eq!(stage.run(&replace).exits(2).error()["code"], "needs-yes");
    let put = stage.run(&[&replace[..], &["--yes"]].concat()).exits(0).objects();
    assert_eq!(members(&put[0]), ["done", "issuer", "license_id", "path", "put_back", "titles"]);
    stage.run(&["put-back", "library/guess.epub", "--license", "b", "--yes"]).exits(0);
    std::fs::write(stage.path("clear.epub"), PublicationBuilder::new(Format::Epub).title("Book b").build()).unwrap();
    let clear = stage.run(&["put-back", "clear.epub", "--license", "a", "--yes", "--json"]).exits(1).error();
    assert_eq!(clear["code"], "put-not-protected");
    // A license inside that nobody can read: the command that helps is named, and asks before it does.
    std::fs::write(library.join("rain.epub"), book("urn:1", "Rain").license(b"{}").build()).unwrap();
    let left = stage.run(&["put-back", "library"]).exits(0);
    let line = left.err.lines().chain(left.out.lines()).find(|line| line.contains("cannot be read")).unwrap();
    let words: Vec<&str> = line.split_once("in its place: restow ").unwrap().1.split(' ').collect();
    assert_eq!(words, ["put-back", stage.path("library/rain.epub").to_str().unwrap(), "--license", "a"]);
    assert_eq!(stage.run(&[&words[..], &["--json"]].concat()).exits(2).error()["code"], "needs-yes");
    assert!(stage.run(&[&words[..], &["--yes"]].concat()).exits(0).out.contains("is inside now"));
    // Of one that may be the better document, too.
    let another = lcp("a").replace("Book a", "Book a, again");
    std::fs::write(library.join("rain.epub"), book("urn:1", "Rain").license(another.as_bytes()).build()).unwrap();
    std::fs::write(library.join("rain.lcpl"), &another).unwrap();
    let said = stage.run(&["put-back", "library", "--json"]).exits(0).objects();
    let disputed = said.iter().filter(|object| object["done"] == "disputed").count();
    assert_eq!((disputed, &said.last().unwrap()["summary"]["disputed"]), (2, &json!(2)));
    let left = stage.run(&["put-back", "library"]).exits(0);
    let lines: Vec<&str> = left.err.lines().chain(left.out.lines()).collect();
    assert!(lines.iter().any(|line| line.contains("rain.lcpl: left as it is: this is another document")), "{lines:?}");
    let line = lines.iter().find(|line| line.contains("left as it is: inside is another document")).unwrap();
    let words: Vec<&str> = line.split_once("in its place: restow ").unwrap().1.split(' ').collect();
    assert_eq!(stage.run(&[&words[..], &["--json"]].concat()).exits(2).error()["code"], "needs-yes");
    assert!(stage.run(&[&words[..], &["--yes"]].concat()).exits(0).out.contains("is inside now"));
    assert_eq!(std::fs::read_to_string(library.join("rain.lcpl")).unwrap(), another);
    // What goes wrong with one file is told, and the others are done.
    let cut = book("urn:1", "Rain").license(lcp("a").as_bytes()).build();
    std::fs::write(library.join("rain.epub"), &cut[..cut.len() / 2]).unwrap();
    stage.run(&["put-back", "library/rain.epub", "--license", "a", "--json"]).exits(1);
    for (arguments, exit, code) in [
        (&["put-back", "library/rain.epub", "--license", "none"][..], 1, "no-such-license"),
        (&["put-back", "nowhere"], 1, "file-unreadable"),
        (&["put-back", "library/guess.epub"], 2, "put-not-a-folder"),
        (&["put-back", "--license", "a"], 2, "usage-missing"),
    ] {
        assert_eq!(stage.run(&[arguments, &["--json"]].concat()).exits(exit).error()["code"], code);
    }
    // The reason, and the address once, of a license that somebody signed.
    let key = workshop::Key::p256(2);
    let mut document = workshop::document("2021-06-01T00:00:00Z");
    document["id"] = json!("d");
    document["links"][1]["href"] = json!("http://books.example/d");
    let certificate = workshop::Form::provider(&key).sign(&workshop::Key::p256(1));
    std::fs::write(stage.path("one.lcpl"), workshop::signed(document, &certificate, &key)).unwrap();
    stage.run(&["import", "one.lcpl"]).exits(0);
    let said = stage.run(&["put-back", "library"]).exits(0).out;
    let line = said.lines().find(|line| line.contains("by https")).unwrap();
    assert_eq!(line.matches("http://").count(), 1, "{line}");
    for lang in ["en", "de"] {
        let said = stage.run(&["put-back", "library", "--lang", lang]).exits(0);
        assert!(!said.out.contains("put-back-") && !said.err.contains("note-"), "{}{}", said.out, said.err);
    }
}
