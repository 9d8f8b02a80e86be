//! Members of the JSON objects, which are a contract with programs.

use restow_media::build::{AsfBuilder, Protection, ProtectionKind};
use serde_json::{Value, json};

use super::sandbox::{Sandbox, TestService, key_id, lcp, members, signed_lcp};
use super::workshop;

const LICENSE: [&str; 14] = [
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
    "type",
];

fn song(number: usize, title: &str) -> Vec<u8> {
    let protection = Protection::new(ProtectionKind::Wmdrm, key_id(number).parse().unwrap());
    AsfBuilder::new().title(title).protection(protection).build()
}

#[test]
fn scan_objects_have_fixed_members() {
    let sandbox = Sandbox::new();
    let library = sandbox.folder("library");
    std::fs::write(library.join("a.wma"), song(1, "Rain")).unwrap();
    std::fs::write(library.join("notes.txt"), "nothing").unwrap();
    let output = sandbox.run(&["scan", "library", "--json"]).expect_exit(0);
    let objects = output.objects();
    assert_eq!(objects.len(), 2, "files of other formats are only counted");
    assert_eq!((&objects[1]["type"], &objects[1]["not_examined"]), (&json!("scan_summary"), &json!({"other": 1})));
    for name in ["path", "format", "protected", "systems", "key_ids", "title", "license_embedded", "warnings"] {
        assert!(objects[0].get(name).is_some(), "{name}");
    }
    assert_eq!(objects[0]["key_ids"], json!([key_id(1)]));
    assert_eq!((&objects[0]["title"], &objects[0]["protected"]), (&json!("Rain"), &json!(true)));
    // `files` adds the licenses to the scanned facts.
    let objects = &objects[..1];
    let mut files = sandbox.run(&["files", "--json"]).expect_exit(0).objects();
    let joined = files[0].as_object_mut().unwrap();
    assert_eq!((joined.remove("licenses"), joined.remove("state")), (Some(json!([])), Some(json!("none"))));
    assert_eq!(files, objects);
    let file = sandbox.run(&["file", "library/a.wma", "--json"]).expect_exit(0).objects();
    assert_eq!((&file[0]["key_ids"], &file[0]["licenses"]), (&objects[0]["key_ids"], &json!([])));
}

#[test]
fn backup_and_restore_objects_are_fixed() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    let ids = service.issue_licenses(&sandbox, &["Rain", "Snow restricted", ""]);
    sandbox.folder("stick");

    let licenses = sandbox.run(&["licenses", "--json"]).expect_exit(0).objects();
    assert_eq!(licenses.len(), 3);
    for license in &licenses {
        assert_eq!(members(license), LICENSE);
    }
    assert_eq!(licenses[0]["state"], json!({"category": "count", "left": 5}));
    assert_eq!((&licenses[0]["status"], &licenses[0]["backup_right"]), (&json!("usable"), &json!("allowed")));
    assert_eq!(licenses[1]["reason"], "denied_by_issuer");

    let events = sandbox.run(&["backup", "stick", "--json"]).expect_exit(0).objects();
    let names: Vec<&str> = events.iter().map(|event| event["status"].as_str().unwrap()).collect();
    assert_eq!(names, ["BACKUPRESTORE_BEGIN", "RESTRICTED_LICENSE", "RESTRICTED_LICENSE", "BACKUPRESTORE_END"]);
    assert_eq!(
        events[0],
        json!({"type": "status_event", "status": "BACKUPRESTORE_BEGIN", "code": 21, "hr": "0x00000000"})
    );
    let snow = events.iter().find(|event| event["license_id"] == ids[1].as_str()).unwrap();
    assert_eq!(members(snow), ["code", "hr", "key_id", "kid", "license_id", "reason", "status", "titles", "type"]);
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

    let licenses = sandbox.run(&["licenses", "--json"]).expect_exit(0).objects();
    assert_eq!(members(&licenses[0]["backups"][0]), ["at", "location"]);

    let objects = sandbox.run(&["show", "stick", "--json"]).expect_exit(0).objects();
    let (missing, there): (Vec<Value>, Vec<Value>) =
        objects.into_iter().partition(|object| object.get("missing").is_some());
    assert_eq!(members(&there[0]), LICENSE);
    assert_eq!(there[0]["document_sha256"], licenses[0]["document_sha256"]);
    // A backup does not know the grant, so its license is pending. People see an explanation.
    assert_eq!(there[0]["status"], "pending");
    assert!(sandbox.run(&["show", "stick"]).expect_exit(0).out.contains("needs its service to restore"));
    assert_eq!((there.len(), missing.len()), (1, 2));
    for name in ["key_ids", "titles", "reason", "where"] {
        assert!(missing[0].get(name).is_some(), "{name}");
    }

    let status = sandbox.run(&["status", "--json"]).expect_exit(0).objects();
    let sum = &status.iter().find(|object| object.get("summary").is_some()).unwrap()["summary"];
    let counts = |names: &[&str]| names.iter().map(|name| sum[*name].as_u64().unwrap()).collect::<Vec<_>>();
    assert_eq!(
        counts(&["licenses", "safe", "at_risk", "cannot_be_saved"]),
        [3, 0, 1, 2],
        "the stick is on the same disk"
    );
    assert_eq!(counts(&["in_backup", "restricted", "revoked", "ended", "files_without_license"]), [1, 2, 0, 0, 0]);
    assert_eq!(sum["titles"]["cannot_be_saved"][0]["reason"], "denied_by_issuer");
    let verified = sandbox.run(&["verify", "stick", "--json"]).expect_exit(0).objects();
    let sum = verified.iter().find(|object| object.get("verified").is_some()).unwrap();
    assert_eq!(sum["verified"]["damage"], 0);
    let proven = |arguments: &[&str]| {
        let output = sandbox.run(arguments).expect_exit(0).objects();
        output.iter().find_map(|object| object.get("origin")).unwrap()["proven"].as_bool().unwrap()
    };
    assert!(proven(&["verify", "stick", "--json"]), "its own computer trusts the service");
    assert!(!proven(&["--home", "nobody", "verify", "stick", "--json"]));
    assert!(!sandbox.path("nobody").exists(), "looking makes no home");
    let backups = sandbox.run(&["backups", "stick", "--json"]).expect_exit(0).objects();
    assert_eq!((backups.len(), &backups[0]["licenses"]), (1, &json!(1)));
    assert_eq!(backups[0]["licenses_counted"], json!(true));

    // On a new computer, the plan shows the facts for consent, and the events follow in order.
    let there = |arguments: &[&str]| {
        let home = ["--home", "new-home"];
        sandbox.run(&[&home, arguments].concat())
    };
    there(&["service", "add", &service.url, "--yes"]).expect_exit(0);
    let plan = there(&["restore", "stick", "--dry-run", "--json"]).expect_exit(0).objects();
    assert_eq!(plan[0]["plan"]["services"][0]["name"], "Shop");
    let refused = there(&["restore", "stick", "--json"]).expect_exit(1);
    let names: Vec<Value> = refused.objects().iter().map(|event| event["status"].clone()).collect();
    assert_eq!(names, ["NEEDS_INDIVIDUALIZATION", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    // Facts for the consent that `--register` gives.
    let consent = &refused.objects()[0];
    assert_eq!(members(consent), ["code", "fingerprint", "hr", "issuer", "origin", "service", "status", "type"]);
    let planned = &plan[0]["plan"]["services"][0];
    assert_eq!((&consent["service"], &consent["origin"]), (&planned["name"], &planned["origin"]));
    assert_eq!(consent["issuer"], planned["issuer"]);
    let fingerprint = consent["fingerprint"].as_str().unwrap();
    assert_eq!(fingerprint.replace(' ', ""), consent["issuer"].as_str().unwrap());
    assert_eq!(members(&refused.error()), ["code", "help", "hr", "message"]);
    assert_eq!(refused.error()["code"], "needs-individualization");
    let events = there(&["restore", "stick", "--register", "--json"]).expect_exit(0).objects();
    let names: Vec<&Value> = events.iter().map(|event| &event["status"]).collect();
    let order = ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"];
    assert_eq!(names, order);
    assert_eq!(events[0]["service"], "Shop");

    let used = there(&["can", &key_id(0), "--use", "--json"]).expect_exit(0).objects();
    assert_eq!((&used[0]["allowed"], &used[0]["left"]), (&json!(true), &json!(4)));
    assert_eq!(there(&["can", &key_id(1), "--json"]).expect_exit(1).error()["code"], "no-license");
    let computers = there(&["computer", "--json"]).expect_exit(0).objects();
    assert_eq!((&computers[0]["service"], &computers[0]["confirmed"]), (&json!("Shop"), &json!(false)));
    for computer in computers[0]["computers"].as_array().unwrap() {
        for name in ["registered", "last_seen"] {
            assert!(computer[name].as_str().is_some_and(|time| time.ends_with('Z')), "{computer}");
        }
    }
    service.kill();
}

#[test]
fn import_objects_have_fixed_members() {
    let sandbox = Sandbox::new();
    let books = sandbox.folder("books");
    std::fs::write(books.join("one.lcpl"), lcp("one")).unwrap();
    std::fs::write(books.join("two.lcpl"), lcp("two").replace("\"provider\"", "\"once\"")).unwrap();
    let output = sandbox.run(&["import", "books", "--json"]).expect_exit(0).objects();
    let imported = output.iter().find(|object| object.get("license_id").is_some()).unwrap();
    assert_eq!(
        (&imported["kind"], &imported["stored"], &imported["signature"]),
        (&json!("lcp"), &json!("new"), &json!("invalid"))
    );
    let refused = output.iter().find(|object| object.get("refused").is_some()).unwrap();
    assert_eq!(members(&refused["refused"]), ["code", "message"]);
    assert!(sandbox.run(&["licenses"]).expect_exit(0).out.contains("one"));
}

#[test]
fn check_option_verifies_signatures() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.folder("books").join("one.lcpl"), lcp("one")).unwrap();
    let output = sandbox.run(&["import", "books"]).expect_exit(0);
    assert!(output.err.contains("is not valid: “signature.certificate” is damaged (not base64)"), "{}", output.err);
    let plain = sandbox.run(&["licenses", "--json"]).expect_exit(0).objects();
    assert!(plain[0].get("signature").is_none(), "a listing does not judge");
    let checked = sandbox.run(&["licenses", "--check", "--json"]).expect_exit(1).objects();
    assert_eq!(checked[0]["signature"], "invalid");
    let output = sandbox.run(&["licenses", "--check"]).expect_exit(1).out;
    let line = output.lines().find(|line| line.contains("Book one")).unwrap();
    assert!(line.ends_with("(signature not valid: “signature.certificate” is damaged (not base64))"), "{output}");
    assert_eq!(checked[0]["signature_problem"]["code"], "invalid-base64");
}

/// Test root “Books Root”, P-256.
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
fn roots_are_added_distrusted_and_removed() {
    let sandbox = Sandbox::new();
    assert!(sandbox.run(&["roots"]).expect_exit(0).out.contains("You trust no root certificate yet"));
    std::fs::write(sandbox.path("root.pem"), ROOT).unwrap();
    let added = sandbox.run(&["roots", "add", "root.pem", "--json"]).expect_exit(0).objects();
    let expected = ["distrusted", "expires", "fingerprint", "name", "not_before", "subject", "type"];
    assert_eq!((members(&added[0]), &added[0]["name"]), (expected.to_vec(), &json!("Books Root")));
    assert!(sandbox.run(&["roots"]).expect_exit(0).out.contains("valid 1 Jan 2015 to 1 Jan 2040"));
    let output = sandbox.run(&["roots", "distrust", "root.pem"]).expect_exit(0).out;
    assert!(output.contains("its licenses stay, are shown as invalid"), "{output}");
    assert_eq!(sandbox.run(&["roots", "--json"]).expect_exit(0).objects()[0]["distrusted"], true);
    assert_eq!(sandbox.run(&["roots", "add", "root.pem", "--json"]).expect_exit(1).error()["code"], "root-distrusted");
    let fingerprint = added[0]["fingerprint"].as_str().unwrap();
    sandbox.run(&["roots", "remove", &fingerprint[..10]]).expect_exit(0);
    assert_eq!(sandbox.run(&["roots", "remove", fingerprint, "--json"]).expect_exit(1).error()["code"], "root-no-such");
    assert_eq!(sandbox.run(&["roots", "add", "books.txt"]).expect_exit(1).out, "");
}

#[test]
fn license_output_includes_dates() {
    let sandbox = Sandbox::new();
    sandbox.folder("stick");
    let rights = r#""rights":{"print":5,"start":"2020-01-02T03:04:05Z","end":"2999-12-31T23:59:59+01:00"},"signature""#;
    std::fs::write(sandbox.path("a.lcpl"), lcp("a").replace("\"signature\"", rights)).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    for arguments in [&["licenses"][..], &["show", "stick"]] {
        let license = &sandbox.run(&[arguments, &["--json"]].concat()).expect_exit(0).objects()[0];
        let dates = (&license["not_before"], &license["expires"]);
        assert_eq!(dates, (&json!("2020-01-02T03:04:05Z"), &json!("2999-12-31T22:59:59Z")), "{arguments:?}");
        let output = sandbox.run(arguments).expect_exit(0).out;
        assert!(output.contains("(from 2 Jan 2020, 03:04 until 31 Dec 2999, 22:59)"), "{output}");
    }
}

#[test]
fn file_license_shows_its_end() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &[]);
    let terms = json!([{"key_ids": [key_id(1)], "title": "Rain", "rights": {"Play": {"until": 32_503_680_000_i64}}}]);
    std::fs::write(sandbox.path("terms.json"), terms.to_string()).unwrap();
    let issued = sandbox.run(&["admin", "issue", "terms.json", "--service", "shop", "--json"]).expect_exit(0).objects();
    sandbox.run(&["acquire", issued[0]["link"].as_str().unwrap()]);
    std::fs::write(sandbox.path("a.wma"), song(1, "Rain")).unwrap();
    let can = sandbox.run(&["can", "a.wma", "--json"]).expect_exit(0).objects();
    assert_eq!(can[0]["expires"], "3000-01-01T00:00:00Z");
    assert!(sandbox.run(&["can", "a.wma"]).expect_exit(0).out.contains("Allowed until 1 Jan 3000, 00:00."));
    assert!(sandbox.run(&["file", "a.wma"]).expect_exit(0).out.contains("usable  (until 1 Jan 3000, 00:00)"));
    // People see the time of their zone, programs the exact time.
    let there = |arguments: &[&str]| {
        let output = sandbox.command(arguments).env("TZ", "Pacific/Apia").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(there(&["can", "a.wma", "--lang", "de"]).contains("1.1.3000, 13:00"), "{}", there(&["can", "a.wma"]));
    assert!(there(&["can", "a.wma", "--json"]).contains("3000-01-01T00:00:00Z"));
    let file = sandbox.run(&["file", "a.wma", "--json"]).expect_exit(0).objects();
    assert_eq!(file[0]["licenses"][0]["expires"], "3000-01-01T00:00:00Z");
}

#[test]
fn scan_names_files_without_license() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Here"]);
    let library = sandbox.folder("library");
    std::fs::write(library.join("here.wma"), song(0, "Here")).unwrap();
    std::fs::write(library.join("clear.wma"), AsfBuilder::new().title("Clear").build()).unwrap();
    for number in 1..=21 {
        std::fs::write(library.join(format!("{number:02}.wma")), song(number, &format!("Song {number}"))).unwrap();
    }
    let output = sandbox.run(&["scan", "library"]).expect_exit(0).out;
    assert!(output.contains("21 protected files have no license here:\n  Song 1\n"), "{output}");
    assert!(output.contains("  Song 20\n  … and 1 more\n") && !output.contains("Here\n"), "{output}");
    assert!(
        sandbox.run(&["status"]).expect_exit(0).out.contains("No program can save the licenses of 21 protected files")
    );
    assert!(sandbox.run(&["file", "library/01.wma"]).expect_exit(0).out.contains("bound to one device"));
    assert!(!sandbox.run(&["file", "library/here.wma"]).expect_exit(0).out.contains("bound to one device"));
}

#[test]
fn export_writes_store_and_backup() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain", "Snow restricted"]);
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    service.kill();
    let of_store = sandbox.run(&["export", "out", "--json"]).expect_exit(0).objects();
    let files: Vec<_> = of_store.iter().filter_map(|object| object["file"].as_str()).collect();
    assert_eq!(files, ["Rain.jws", "Book a.lcpl"]);
    let song = of_store.iter().find(|object| object["file"] == "Rain.jws").unwrap();
    assert_eq!((members(song).len(), &song["written"]), (LICENSE.len() + 2, &json!(true)));
    let missing = of_store.iter().find(|object| object["missing"] == true).unwrap();
    assert_eq!(members(missing), ["key_ids", "license_id", "missing", "reason", "titles", "type", "where"]);
    assert_eq!(std::fs::read_to_string(sandbox.path("out/Book a.lcpl")).unwrap(), lcp("a"));
    // A computer without a home exports from the backup.
    let there = |arguments: &[&str]| sandbox.run(&[&["--home", "elsewhere"], arguments].concat());
    let output = there(&["export", "stick", "unpacked"]).expect_exit(0);
    assert!(
        output.out.contains("“Snow restricted”") && output.out.contains("2 licenses were written"),
        "{}",
        output.out
    );
    assert!(!sandbox.path("elsewhere").exists());
    for file in files {
        let read = |folder| std::fs::read(sandbox.path(folder).join(file)).unwrap();
        assert!(read("out") == read("unpacked"), "{file}");
    }
    // A second export writes no file. A missing generation is an error.
    assert!(
        there(&["export", "stick", "unpacked", "--generation", "1"])
            .expect_exit(0)
            .out
            .contains("2 were already there")
    );
    assert_eq!(there(&["show", "stick", "--generation", "7", "--json"]).expect_exit(1).out, "");
    // An empty export is a failure.
    assert_eq!(there(&["export", "nothing", "--json"]).expect_exit(1).error()["code"], "export-empty");
    sandbox.folder("empty");
    assert_eq!(there(&["backup", "empty", "--json"]).expect_exit(1).error()["code"], "backup-nothing");
    assert_eq!(there(&["export", "empty", "nothing", "--json"]).expect_exit(1).error()["code"], "backup-none-here");
    assert!(!sandbox.path("nothing").exists());
    assert_eq!(there(&["export", "unpacked", "--set", "x", "--json"]).expect_exit(2).error()["code"], "usage-missing");
    let error = there(&["export", "stick", "a.lcpl", "--json"]).expect_exit(1).error();
    assert_eq!(
        (&error["code"], error["message"].as_str().unwrap().contains("a.lcpl")),
        (&json!("file-unwritable"), true)
    );
}

#[test]
fn put_back_reports_each_action() {
    use restow_media::Format;
    use restow_media::build::{PublicationBuilder, PublicationProtection};
    let sandbox = Sandbox::new();
    let library = sandbox.folder("library");
    let book = |identifier: &str, title: &str| {
        PublicationBuilder::new(Format::Epub).identifier(identifier).title(title).protection(PublicationProtection::Lcp)
    };
    let license = |id: &str| signed_lcp(id, &format!("Book {id}"), "http://127.0.0.1:1", 2);
    for id in ["a", "b", "c"] {
        std::fs::write(sandbox.path("one.lcpl"), license(id)).unwrap();
        sandbox.run(&["import", "one.lcpl"]).expect_exit(0);
    }
    std::fs::write(library.join("rain.epub"), book("urn:1", "Rain").license(license("a").as_bytes()).build()).unwrap();
    sandbox.run(&["scan", "library"]).expect_exit(0);
    let bare = book("urn:1", "Rain").build();
    std::fs::write(library.join("rain.epub"), &bare).unwrap();
    std::fs::write(library.join("guess.epub"), book("urn:2", "Book b").build()).unwrap();

    // Without consent nothing changes, and a preview says what would change.
    let refused = sandbox.run(&["put-back", "library", "--json"]).expect_exit(2).error();
    assert_eq!(refused["code"], "needs-yes");
    let preview = sandbox.run(&["put-back", "library", "--dry-run", "--json"]).expect_exit(0).objects();
    let planned = preview.iter().filter(|object| object["planned"] == "written").count();
    assert_eq!((planned, &preview.last().unwrap()["dry_run"]), (2, &json!(true)));
    let text = sandbox.run(&["put-back", "library", "--dry-run"]).expect_exit(0).out;
    assert!(text.contains("would be put into the book") && text.contains("Nothing was changed."), "{text}");
    assert!(std::fs::read(library.join("rain.epub")).unwrap() == bare && !library.join("rain.lcpl").exists());

    let output = sandbox.run(&["put-back", "library", "--yes", "--json"]).expect_exit(0).objects();
    let of = |kind: &str| output.iter().filter(|object| object["put_back"] == kind).collect::<Vec<_>>();
    assert_eq!((of("publication").len(), of("document").len(), of("perhaps").len()), (1, 1, 1));
    assert_eq!(members(of("publication")[0]), ["done", "issuer", "license_id", "path", "put_back", "titles", "type"]);
    assert_eq!(of("publication")[0]["done"], "written");
    assert_eq!(members(of("missing")[0]), ["issuer", "license_id", "put_back", "titles", "type", "where", "why"]);
    assert_eq!(of("missing")[0]["why"]["code"], "fetch-address");
    let summary = json!({"documents": 1, "publications": 1, "fetched": 0, "already_there": 0, "disputed": 0, "missing": 2, "elsewhere": 0, "failed": 0});
    assert_eq!(output.last().unwrap()["summary"], summary);
    assert!(std::fs::read(library.join("rain.epub")).unwrap().len() > bare.len());

    // A requested publication that was not fetched is a failure.
    let output = sandbox.run(&["put-back", "library", "--fetch", "--json"]).expect_exit(1).objects();
    assert_eq!(output.last().unwrap()["summary"]["failed"], 2);
    let plain = sandbox.run(&["put-back", "library"]).expect_exit(0);
    assert!(plain.out.contains("0 files were written; 2 were already right."), "{}", plain.out);
    let command = plain.out.lines().find_map(|line| line.split_once("If so: restow ")).unwrap().1;
    let words: Vec<&str> = command.split(' ').collect();
    let by_hand = sandbox.run(&words).expect_exit(0);
    assert!(by_hand.out.contains("the license of “Book b” is in the book now"), "{}", by_hand.out);
    let after = sandbox.run(&["put-back", "library", "--yes"]).expect_exit(0).out;
    assert!(after.contains("guess.lcpl") && after.contains("1 file was written"), "{after}");
    // Another license is replaced only after consent. A readable publication is kept.
    let replace = ["put-back", "library/guess.epub", "--license", "a", "--json"];
    assert_eq!(sandbox.run(&replace).expect_exit(2).error()["code"], "needs-yes");
    let put = sandbox.run(&[&replace[..], &["--yes"]].concat()).expect_exit(0).objects();
    assert_eq!(members(&put[0]), ["done", "issuer", "license_id", "path", "put_back", "titles", "type"]);
    sandbox.run(&["put-back", "library/guess.epub", "--license", "b", "--yes"]).expect_exit(0);
    std::fs::write(sandbox.path("clear.epub"), PublicationBuilder::new(Format::Epub).title("Book b").build()).unwrap();
    let clear = sandbox.run(&["put-back", "clear.epub", "--license", "a", "--yes", "--json"]).expect_exit(1).error();
    assert_eq!(clear["code"], "put-not-protected");
    // For an unreadable embedded license, the output names the command, which asks first.
    std::fs::write(library.join("rain.epub"), book("urn:1", "Rain").license(b"{}").build()).unwrap();
    let output = sandbox.run(&["put-back", "library"]).expect_exit(0);
    let line = output.err.lines().chain(output.out.lines()).find(|line| line.contains("cannot be read")).unwrap();
    let words: Vec<&str> = line.split_once("into the book: restow ").unwrap().1.split(' ').collect();
    assert_eq!(words, ["put-back", sandbox.path("library/rain.epub").to_str().unwrap(), "--license", "a"]);
    assert_eq!(sandbox.run(&[&words[..], &["--json"]].concat()).expect_exit(2).error()["code"], "needs-yes");
    assert!(sandbox.run(&[&words[..], &["--yes"]].concat()).expect_exit(0).out.contains("is in the book now"));
    // The same holds for an embedded license that may be newer.
    let other_document = signed_lcp("a", "Book a, again", "http://127.0.0.1:1", 3);
    std::fs::write(library.join("rain.epub"), book("urn:1", "Rain").license(other_document.as_bytes()).build())
        .unwrap();
    std::fs::write(library.join("rain.lcpl"), &other_document).unwrap();
    let output = sandbox.run(&["put-back", "library", "--json"]).expect_exit(0).objects();
    let disputed = output.iter().filter(|object| object["done"] == "disputed").count();
    assert_eq!((disputed, &output.last().unwrap()["summary"]["disputed"]), (2, &json!(2)));
    let output = sandbox.run(&["put-back", "library"]).expect_exit(0);
    let lines: Vec<&str> = output.err.lines().chain(output.out.lines()).collect();
    assert!(lines.iter().any(|line| line.contains("rain.lcpl: kept: the file is a different version")), "{lines:?}");
    let line = lines.iter().find(|line| line.contains("kept: the book contains a different version")).unwrap();
    let words: Vec<&str> = line.split_once("into the book: restow ").unwrap().1.split(' ').collect();
    assert_eq!(sandbox.run(&[&words[..], &["--json"]].concat()).expect_exit(2).error()["code"], "needs-yes");
    assert!(sandbox.run(&[&words[..], &["--yes"]].concat()).expect_exit(0).out.contains("is in the book now"));
    assert_eq!(std::fs::read_to_string(library.join("rain.lcpl")).unwrap(), other_document);
    // A damaged file does not stop the others.
    let cut = book("urn:1", "Rain").license(license("a").as_bytes()).build();
    std::fs::write(library.join("rain.epub"), &cut[..cut.len() / 2]).unwrap();
    sandbox.run(&["put-back", "library/rain.epub", "--license", "a", "--json"]).expect_exit(1);
    for (arguments, exit, code) in [
        (&["put-back", "library/rain.epub", "--license", "none"][..], 1, "no-such-license"),
        (&["put-back", "nowhere"], 1, "file-unreadable"),
        (&["put-back", "library/guess.epub"], 2, "put-not-a-folder"),
        (&["put-back", "--license", "a"], 2, "usage-missing"),
    ] {
        assert_eq!(sandbox.run(&[arguments, &["--json"]].concat()).expect_exit(exit).error()["code"], code);
    }
    // For a signed license, the output names the reason and the address once.
    let key = workshop::Key::p256(2);
    let mut document = workshop::document("2021-06-01T00:00:00Z");
    document["id"] = json!("d");
    document["links"][1]["href"] = json!("http://books.example/d");
    let certificate = workshop::Form::provider(&key).sign(&workshop::Key::p256(1));
    std::fs::write(sandbox.path("one.lcpl"), workshop::signed(document, &certificate, &key)).unwrap();
    sandbox.run(&["import", "one.lcpl"]).expect_exit(0);
    let output = sandbox.run(&["put-back", "library"]).expect_exit(0).out;
    let line = output.lines().find(|line| line.contains("by https")).unwrap();
    assert_eq!(line.matches("http://").count(), 1, "{line}");
    for lang in ["en", "de"] {
        let output = sandbox.run(&["put-back", "library", "--lang", lang]).expect_exit(0);
        assert!(!output.out.contains("put-back-") && !output.err.contains("note-"), "{}{}", output.out, output.err);
    }
}
