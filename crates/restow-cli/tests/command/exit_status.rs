//! Exit statuses: 0 success, 1 failure, 2 wrong usage, 3 partial success, 130 interrupted.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use restow_media::Format;
use restow_media::build::{AsfBuilder, Compression, PublicationBuilder, PublicationProtection, ZipBuilder};

use super::sandbox::{CommandOutput, Sandbox, TestService, key_id, lcp, members, signed_lcp};

#[test]
fn wrong_usage_exits_with_two() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["nonsense"][..],
        &[],
        &["backup"],
        &["backup", "a", "b"],
        &["scan", "--nonsense"],
        &["restore", "x", "--generation", "many"],
        &["backup", "x", "--keep", "1"],
        &["--lang", "fr", "status"],
        &["admin"],
        &["demo", "--restricted", "40"],
        &["can", "x", "--action", "a b"],
        &["restore", "x", "--generation", "0"],
    ] {
        let output = sandbox.run(arguments).expect_exit(2);
        assert!(output.out.is_empty() && !output.err.is_empty(), "{arguments:?}");
    }
    assert!(!sandbox.path("home").exists(), "wrong usage makes no home");
    let error = sandbox.run(&["--json", "backup"]).expect_exit(2).error();
    assert_eq!((error["code"].as_str(), error["hr"].as_str()), (Some("usage-missing"), Some("0x80070057")));
    for (arguments, code) in [
        (&["admin", "revoke", "x", "--reason", "y"][..], "no-operator"),
        (&["admin", "list", "audit"], "no-operator"),
        (&["admin", "list", "audit", "--url", "http://shop.example"], "no-api-key"),
    ] {
        assert_eq!(
            sandbox.run(&[arguments, &["--json"]].concat()).expect_exit(2).error()["code"],
            code,
            "{arguments:?}"
        );
        assert!(!sandbox.run(&[arguments, &["--lang", "de"]].concat()).expect_exit(2).err.contains("error-"));
    }
    for (arguments, english_part) in [
        (
            &["demo", "--licenses", "9"][..],
            "--licenses <N> does not accept the value “9” (Licenses that the shop sells, 10 to 5000 [40]).",
        ),
        (&["demo", "--computers", "4"], "Computers, 5 to 30"),
        (&["demo", "--restricted", "40"], "from 1 to 6 fewer than all"),
        (&["restore", "x", "--generation", "many"], "a number from 1"),
        (&["backup", "x", "--keep", "1"], "at least 2"),
        (&["--lang", "fr", "status"], "en or de"),
        (
            &["--lang", "de", "demo", "--licenses", "9"],
            "Für --licenses <N> ist „9“ nicht möglich (Lizenzen, die der Shop verkauft, 10 bis",
        ),
        (&["--lang", "de", "backup"], "Es fehlt: <ORT>"),
        (&["backup"], "See the arguments: restow backup --help"),
        (&["admin", "issue"], "Missing: <FILE>, or --key-id"),
        (&["--lang", "de", "admin"], "Aufruf: restow admin [OPTIONEN] <BEFEHL>"),
        (&["--lang", "de", "admin"], "Lizenzen ausstellen"),
        (&["--lang", "de", "admin", "issue"], "Alle Argumente zeigt: restow admin issue --help"),
        (&["admin", "revoke", "x", "--reason", ""], "--reason <TEXT> needs a value"),
        (&["admin", "revoke", "x", "--reason", " "], "--reason <TEXT> does not accept the value “ ”"),
        (&["backup", "x", "--name", ""], "--name <NAME> needs a value"),
    ] {
        let output = sandbox.run(arguments).expect_exit(2).err;
        assert!(output.contains(english_part), "{arguments:?}: {output}");
    }
    sandbox.run(&["--help"]).expect_exit(0);
    assert!(sandbox.run(&["--version"]).expect_exit(0).out.starts_with("restow "));
}

/// A suggestion is the nearest command or option, also after options before the command.
#[test]
fn unknown_names_suggest_the_nearest() {
    let sandbox = Sandbox::new();
    for (arguments, suggestion) in [
        (&["bakup", "stick"][..], "backup"),
        (&["--home", "home", "bakup", "stick"], "backup"),
        (&["--home=home", "bakup", "stick"], "backup"),
        // The value of --home is no command.
        (&["--home", "backup", "scna"], "scan"),
        (&["admin", "isue"], "issue"),
        (&["--home", "home", "computer", "shw"], "show"),
        (&["backup", "stick", "--dry-rn"], "--dry-run"),
        (&["--home", "home", "backup", "stick", "--dry-rn"], "--dry-run"),
        (&["--hom", "home", "status"], "--home"),
        (&["--home", "home", "--jsn", "status"], "--json"),
        // The option belongs to the command after it.
        (&["--home", "home", "--dry-run", "backup", "stick"], "backup --dry-run"),
        (&["--dry-rn", "restore", "stick"], "restore --dry-run"),
    ] {
        let english = sandbox.run(arguments).expect_exit(2).err;
        assert!(english.contains(&format!("Did you mean “{suggestion}”?")), "{arguments:?}: {english}");
        let german = sandbox.run(&[&["--lang", "de"], arguments].concat()).expect_exit(2).err;
        assert!(german.contains(&format!("Ist „{suggestion}“ gemeint?")), "{arguments:?}: {german}");
        let error = sandbox.run(&[&["--json"], arguments].concat()).expect_exit(2).error();
        assert_eq!(members(&error), ["code", "help", "hr", "message"]);
        assert!(error["help"].as_str().unwrap().contains(suggestion), "{error}");
    }
    for arguments in [&["xyzzy"][..], &["--home", "home", "xyzzy"], &["status", "--xyzzy"], &["-x", "status"]] {
        let output = sandbox.run(arguments).expect_exit(2).err;
        assert!(!output.contains("Did you mean") && output.contains("--help"), "{arguments:?}: {output}");
    }
    for (arguments, command) in [
        (&["admin", "isue"][..], "restow admin --help"),
        (&["--home", "admin", "isue"], "restow --help"),
        (&["--home", "admin", "status", "--jsn"], "restow status --help"),
        (&["--home", "scan"], "restow [OPTIONS] <COMMAND>"),
    ] {
        let output = sandbox.run(arguments).expect_exit(2).err;
        assert!(output.contains(command), "{arguments:?}: {output}");
    }
}

#[test]
fn failures_exit_with_one() {
    let sandbox = Sandbox::new();
    sandbox.folder("empty");
    std::fs::write(sandbox.path("file"), "no license").unwrap();
    for (arguments, code) in [
        (&["backup", "nowhere"][..], "backup-location-missing"),
        (&["backup", "file"], "backup-not-a-folder"),
        (&["restore", "empty"], "backup-none-here"),
        (&["verify", "empty"], "backup-none-here"),
        (&["show", "nowhere"], "backup-location-missing"),
        (&["scan", "nowhere"], "file-unreadable"),
        (&["import", "nowhere"], "file-unreadable"),
        (&["import", "empty"], "nothing-imported"),
        (&["import", "file"], "nothing-imported"),
        (&["forget", "nothing"], "no-such-license"),
        (&["can", "nowhere"], "unreadable"),
        (&["service", "add", "ftp://x"], "service-address"),
        (&["service", "remove", "x"], "no-such-service"),
        (&["computer", "register"], "no-service"),
        (&["acquire", "file"], "no-key-id"),
        (&["acquire", "foo"], "acquire-what"),
        (&["--home", "file", "status"], "home-a-file"),
        (&["serve", "empty"], "service-not-initialized"),
    ] {
        let output = sandbox.run(&[arguments, &["--json"]].concat()).expect_exit(1);
        assert_eq!(output.error()["code"], code, "{arguments:?}");
        let english = sandbox.run(arguments).expect_exit(1).err;
        let german = sandbox.run(&[arguments, &["--lang", "de"]].concat()).expect_exit(1).err;
        assert!(!german.contains("error-") && german.lines().count() > 1, "{german}");
        for line in german.lines() {
            assert!(!english.contains(line), "{arguments:?} is not said in German: {line}");
        }
    }
}

#[test]
fn unknown_protection_is_not_allowed() {
    let sandbox = Sandbox::new();
    let book = |protection| PublicationBuilder::new(Format::Epub).title("Rain").protection(protection).build();
    let song = AsfBuilder::new().title("Rain").build();
    for (name, bytes, protected, exit, english_part, german_part) in [
        ("notes", b"no media file".to_vec(), None, 1, "does not examine such files yet", "untersucht es noch nicht"),
        ("cut off", song[..40].to_vec(), None, 1, "the file ends inside its header", "die Datei endet mitten im Kopf"),
        ("book", book(PublicationProtection::Adept), Some(true), 1, "is protected (adept)", "ist geschützt (adept)"),
        ("clear", book(PublicationProtection::None), Some(false), 0, "needs no license", "braucht keine Lizenz"),
        ("song", song, Some(false), 0, "needs no license", "braucht keine Lizenz"),
    ] {
        std::fs::write(sandbox.path(name), bytes).unwrap();
        let can = |options: &str| sandbox.run(&["can", name, options]).expect_exit(exit);
        let allowed = (exit == 0).then_some(true);
        let expected =
            serde_json::json!({"type": "right", "protected": protected, "action": "Play", "allowed": allowed});
        assert_eq!(can("--json").objects(), [expected], "{name}");
        let (english, german) = (can("--lang=en").out, can("--lang=de").out);
        assert!(english.contains(english_part) && german.contains(german_part), "{english}{german}");
    }
}

#[test]
fn import_names_each_refused_file() {
    let sandbox = Sandbox::new();
    let books = sandbox.folder("books");
    let book = PublicationBuilder::new(Format::Epub).title("T").protection(PublicationProtection::Lcp);
    let (without_license, with_license) = (book.build(), book.license(lcp("book").as_bytes()).build());
    let archive = ZipBuilder::new()
        .entry("b.epub", &with_license, Compression::Stored)
        .entry("c.lcpl", lcp("c").as_bytes(), Compression::Deflated)
        .entry("empty.lcpl", b"", Compression::Stored);
    // Bit 0 of the flags in both headers marks an encrypted entry.
    let mut locked = ZipBuilder::new().entry("c.lcpl", lcp("c").as_bytes(), Compression::Stored).build();
    let directory = locked.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    (locked[6], locked[directory + 8]) = (1, 1);
    for (name, bytes) in [
        ("apart.epub", without_license),
        ("book.epub", with_license.clone()),
        ("broken.epub", with_license[..with_license.len() - 9].to_vec()),
        ("cut off.LCPL", lcp("c")[..90].into()),
        ("empty.lcpl", Vec::new()),
        ("good", lcp("good").into()),
        ("more.zip", archive.build()),
        ("nested.zip", ZipBuilder::new().entry("inner.zip", &archive.build(), Compression::Stored).build()),
        ("locked.zip", locked),
        ("notes.tar.gz", vec![0x1F, 0x8B, 8, 0]),
        ("notes.txt", b"no license".to_vec()),
        ("notes.zip", ZipBuilder::new().entry("notes.txt", b"no license", Compression::Stored).build()),
        ("photos.zip", b"PK\x03\x04 and no more".to_vec()),
    ] {
        std::fs::write(books.join(name), bytes).unwrap();
    }
    let output = sandbox.run(&["import", "books", "--json"]).expect_exit(0);
    let mut results: Vec<(String, String)> = output
        .objects()
        .iter()
        .map(|object| {
            let result = object.get("refused").map_or(&object["license_id"], |refused| &refused["code"]);
            let path = object["path"].as_str().unwrap().trim_start_matches("books/");
            (path.to_owned(), result.as_str().unwrap().to_owned())
        })
        .collect();
    results.sort();
    let expected = [
        ("book.epub", "book"),
        ("broken.epub", "license-package"),
        ("cut off.LCPL", "license-malformed"),
        ("empty.lcpl", "license-malformed"),
        ("good", "good"),
        ("locked.zip!/c.lcpl", "license-unpack-first"),
        ("more.zip!/b.epub", "book"),
        ("more.zip!/c.lcpl", "c"),
        ("more.zip!/empty.lcpl", "license-malformed"),
    ];
    assert_eq!(results, expected.map(|(path, result)| (path.to_owned(), result.to_owned())));
    assert!(
        sandbox.run(&["import", "books"]).expect_exit(0).out.contains("0 imported, 3 already here, 5 not imported.")
    );
    // A file named as an argument must be importable.
    assert!(
        sandbox
            .run(&["import", "books/good", "books/notes.txt"])
            .expect_exit(1)
            .out
            .contains("0 imported, 1 already here")
    );
    sandbox.run(&["import", "books/good", "books/locked.zip"]).expect_exit(1);
    for (name, why) in [
        ("apart.epub", "has no license inside. If a .lcpl file came with it"),
        ("notes.zip", "No license was found in this archive"),
        ("nested.zip", "“inner.zip” is an archive inside the archive, which Restow does not search. Unpack it"),
        ("locked.zip", "“c.lcpl” is locked with a password. Unpack it"),
        ("broken.epub", "the file is incomplete"),
        ("photos.zip", "the file is incomplete"),
        ("notes.tar.gz", "cannot read archives of this kind. Unpack it, then import"),
        ("notes.txt", "does not recognize a license in this file"),
    ] {
        let output = sandbox.run(&["import", &format!("books/{name}")]).expect_exit(1).err;
        assert!(output.contains(why) && output.contains("shown above for each file"), "{name}: {output}");
    }
}

#[test]
fn missing_backup_does_not_allow_forget() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.lcpl"), signed_lcp("a", "Book a", "https://p.example", 2)).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    std::fs::create_dir(sandbox.path("stick")).unwrap();
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    std::fs::rename(sandbox.path("stick"), sandbox.path("away")).unwrap();
    let output = sandbox.run(&["forget", "a"]).expect_exit(2).err;
    assert!(output.contains("which is not connected") && output.contains("stick"), "{output}");
    assert!(sandbox.run(&["status"]).expect_exit(0).out.contains("not connected, last seen"));
    std::fs::create_dir(sandbox.path("stick")).unwrap();
    assert_eq!(sandbox.run(&["forget", "a", "--json"]).expect_exit(2).error()["code"], "last-copy");
    let status = sandbox.run(&["status"]).expect_exit(0).out;
    assert!(status.contains("yes; empty") && status.contains("No license is safe, 1 is at risk."), "{status}");
    std::fs::remove_dir(sandbox.path("stick")).unwrap();
    std::fs::rename(sandbox.path("away"), sandbox.path("stick")).unwrap();
    let output = sandbox.run(&["forget", "a"]).expect_exit(0).out;
    assert!(output.contains("A backup still has the license"), "{output}");
}

#[test]
fn replaced_damage_needs_no_action() {
    let sandbox = Sandbox::new();
    let stick = sandbox.folder("stick");
    for id in ["a", "b"] {
        std::fs::write(sandbox.path("one.lcpl"), lcp(id)).unwrap();
        sandbox.run(&["import", "one.lcpl"]).expect_exit(0);
        sandbox.run(&["backup", "stick"]).expect_exit(0);
    }
    for path in super::sandbox::files(&stick) {
        if path.to_string_lossy().contains("0000000002-") {
            std::fs::write(path, "not a manifest").unwrap();
        }
    }
    assert_eq!(sandbox.run(&["verify", "stick", "--json"]).expect_exit(1).error()["code"], "damaged");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    assert_eq!(sandbox.run(&["verify", "stick", "--json"]).expect_exit(1).error()["code"], "damaged-known");
    let output = sandbox.run(&["verify", "stick"]).expect_exit(1).err;
    assert!(output.contains("Nothing needs to be done") && !output.contains("new backup"), "{output}");
}

#[test]
fn older_state_is_reported() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    std::fs::create_dir(sandbox.path("stick")).unwrap();
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let sets = sandbox.path("stick").join("Restow").join("sets");
    let folder = std::fs::read_dir(sets).unwrap().next().unwrap().unwrap();
    let (set, generations) = (folder.file_name().into_string().unwrap(), folder.path().join("generations"));
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    for entry in std::fs::read_dir(generations).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("0000000002-") {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(sandbox.run(&["verify", "stick", "--json"]).expect_exit(1).error()["code"], "older-state");
    let output = sandbox.run(&["verify", "stick"]).expect_exit(1);
    assert!(output.out.contains(&set) && output.out.contains("(generation 2). Check the drive"), "{}", output.out);
    assert!(output.err.contains("older state") && output.err.contains("restow backup"), "{}", output.err);
    let end = sandbox.run(&["restore", "stick", "--json"]).expect_exit(0).objects().pop().unwrap();
    assert!(end["warnings"][0].as_str().unwrap().contains("(generation 2). Check the drive"), "{end}");
    assert!(sandbox.run(&["status"]).expect_exit(0).out.contains("yes; older state, back up again"));
    assert!(sandbox.run(&["backup", "stick"]).expect_exit(0).out.contains("generation 3"));
    sandbox.run(&["verify", "stick"]).expect_exit(0);
}

#[test]
fn forget_keeps_last_copy() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    assert_eq!(sandbox.run(&["forget", "a", "--json"]).expect_exit(2).error()["code"], "last-copy");
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    sandbox.run(&["forget", "a"]).expect_exit(0);
    sandbox.run(&["restore", "stick"]).expect_exit(0);
    assert_eq!(sandbox.run(&["licenses", "--json"]).expect_exit(0).objects().len(), 1);
}

#[test]
fn forget_from_names_other_copies() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    sandbox.folder("stick");
    sandbox.folder("disk");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let forget = |options: &[&str]| sandbox.run(&[&["forget", "a", "--from", "stick"], options].concat());
    let output = forget(&[]).expect_exit(2).err;
    assert!(output.contains("This computer keeps the license; no other backup has it."), "{output}");
    assert!(
        output.contains("Nothing was changed. Restow cannot ask here: add --yes to agree.")
            && output.contains("“Book a”"),
        "{output}"
    );
    sandbox.run(&["backup", "disk"]).expect_exit(0);
    let output = forget(&["--lang", "de"]).expect_exit(2).err;
    assert!(output.contains("Die Lizenz bleibt auf diesem Computer und in einer anderen Sicherung: "), "{output}");
    sandbox.run(&["forget", "a"]).expect_exit(0);
    assert_eq!(forget(&["--json"]).expect_exit(2).error()["code"], "needs-yes");
    forget(&["--yes"]).expect_exit(0);
    forget(&["--yes"]).expect_exit(1);
    sandbox.run(&["restore", "disk"]).expect_exit(0);
}

#[test]
fn refusal_depends_on_computer_state() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    for home in ["b", "c"] {
        sandbox.run(&["--home", home, "service", "add", &service.url, "--yes"]).expect_exit(0);
        sandbox.run(&["--home", home, "restore", "stick", "--register", "--name", home]).expect_exit(0);
    }
    assert_eq!(
        sandbox.run(&["computer", "refuse", "Mine", "--json"]).expect_exit(1).error()["code"],
        "nothing-to-refuse"
    );
    sandbox.run(&["computer", "confirm", "b"]).expect_exit(0);
    let output = sandbox.run(&["computer", "refuse", "b", "--lang", "de"]).expect_exit(1).err;
    assert!(output.contains("b ist schon bestätigt") && output.contains("restow computer release "), "{output}");
    assert!(sandbox.run(&["computer", "refuse", "c"]).expect_exit(0).out.contains("c was refused."));
    let holder =
        sandbox.run(&["computer", "--json"]).expect_exit(0).objects()[0]["holder"].as_str().unwrap().to_owned();
    sandbox.run(&["admin", "release", "--waiting", "--service", "shop", "--", &holder, "b"]).expect_exit(0);
    let listing = sandbox.run(&["computer"]).expect_exit(0).out;
    assert!(listing.contains("will be released ") && listing.contains(" unless refused"), "{listing}");
    let output = sandbox.run(&["computer", "refuse", "b"]).expect_exit(0).out;
    assert!(output.contains("The release of b was refused. It keeps its licenses."), "{output}");
    assert!(!sandbox.run(&["computer"]).expect_exit(0).out.contains("will be released"));
}

#[test]
fn private_service_must_be_added_first() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    for options in [&[][..], &["--register"]] {
        let output = sandbox.run(&[&["--home", "other", "restore", "stick"], options].concat()).expect_exit(1);
        let add = format!("restow service add {}", service.url);
        assert!(
            output.out.contains(&add) && output.err.contains(&add) && !output.err.contains("--register"),
            "{}",
            output.err
        );
    }
    // The error does not suggest --register again.
    let output = sandbox.run(&["--home", "other", "restore", "stick", "--register", "--json"]).expect_exit(1);
    let names: Vec<serde_json::Value> = output.objects().iter().map(|event| event["status"].clone()).collect();
    assert_eq!(names, ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    let error = output.error();
    assert_eq!((&error["code"], &error["hr"]), (&"service-private-address".into(), &"0xC00D2846".into()), "{error}");
    assert!(
        sandbox.run(&["--home", "other", "service", "--json"]).expect_exit(0).objects().is_empty(),
        "nobody agreed to it"
    );
}

#[test]
fn damaged_backup_fails_verification() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    let stick = sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let is_pack = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "pack");
    let pack = super::sandbox::files(&stick).into_iter().find(is_pack).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    let output = sandbox.run(&["check", "stick", "--json"]).expect_exit(1);
    assert_eq!(output.error()["code"], "damaged");
    assert!(output.objects().iter().any(|object| object.get("damage").is_some()));
    assert!(output.objects().iter().any(|object| object["mending"] == "next_backup"));
    assert!(!sandbox.run(&["verify", "stick", "--lang", "de"]).expect_exit(1).out.contains("damage-"));
    let output = sandbox.run(&["verify", "stick"]).expect_exit(1).out;
    assert!(
        output.contains("Book a") && output.contains("To write these licenses again: restow backup stick"),
        "{output}"
    );
    // The backup wrote the same pack again, so the damage is gone.
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    sandbox.run(&["verify", "stick"]).expect_exit(0);
}

#[test]
fn stored_facts_survive_service_outage() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    let ids = service.issue_licenses(&sandbox, &["Rain", "Snow"]);
    sandbox.run(&["computer", "show"]).expect_exit(0);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    sandbox.run(&["admin", "revoke", &ids[0], "--reason", "refunded", "--service", "shop"]).expect_exit(0);
    sandbox.run(&["can", &key_id(0), "--use"]);
    let summary = sandbox.run(&["status", "--json"]).expect_exit(0).objects().pop().unwrap()["summary"].clone();
    assert_eq!((summary["revoked"].as_u64(), summary["in_backup"].as_u64()), (Some(1), Some(1)), "{summary}");
    assert_eq!((summary["safe"].as_u64(), summary["at_risk"].as_u64()), (Some(0), Some(1)), "it is on the same disk");
    service.kill();
    let output = sandbox.run(&["computer", "show", "--json"]).expect_exit(1);
    assert!(output.objects()[0]["computer"].is_string());
    assert_eq!(output.error()["code"], "service-unreachable");
}

#[test]
fn partial_restore_exits_with_three() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    let ids = service.issue_licenses(&sandbox, &["Rain", "Snow"]);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let home = ["--home", "other"];
    sandbox.run(&[&home[..], &["service", "add", &service.url, "--yes"]].concat()).expect_exit(0);
    sandbox.run(&[&home[..], &["restore", "stick", "--register", "--only", &ids[0]]].concat()).expect_exit(0);
    service.kill();
    let output = sandbox.run(&[&home[..], &["restore", "stick", "--json"]].concat()).expect_exit(3);
    assert_eq!(output.error()["hr"], "0xC00D275F");
    let pending = &output.objects().pop().unwrap()["not_restored"][0];
    assert_eq!((pending["titles"][0].as_str(), pending["outcome"].as_str()), (Some("Snow"), Some("pending")));
    sandbox.run(&[&home[..], &["restore", "stick", "--only", &ids[1]]].concat()).expect_exit(1);
    sandbox.run(&[&home[..], &["can", &key_id(0)]].concat()).expect_exit(0);
}

#[cfg(unix)]
fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn interrupted_restore_exits_with_130() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let home = ["--home", "other"];
    sandbox.run(&[&home[..], &["service", "add", &service.url, "--yes"]].concat()).expect_exit(0);
    service.kill();
    // The listener accepts connections and never answers.
    let silent = std::net::TcpListener::bind(service.url.trim_start_matches("http://")).unwrap();
    let mut command = sandbox.command(&[&home[..], &["restore", "stick", "--register", "--json"]].concat());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let connection = silent.accept().unwrap();
    let start = Instant::now();
    signal("-INT", child.id());
    let output = CommandOutput::from(child.wait_with_output().unwrap()).expect_exit(130);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let last = output.objects().pop().unwrap();
    assert_eq!((last["status"].as_str(), last["hr"].as_str()), (Some("BACKUPRESTORE_END"), Some("0xC00D2768")));
    drop(connection);
    assert!(sandbox.run(&[&home[..], &["licenses", "--json"]].concat()).expect_exit(0).objects().is_empty());
}

#[cfg(unix)]
#[test]
fn signalled_service_exits_with_zero() {
    for name in ["-INT", "-TERM"] {
        let sandbox = Sandbox::new();
        let mut service = TestService::start(&sandbox);
        signal(name, service.pid());
        assert_eq!(service.wait(), 0, "{name}");
    }
}

/// Tests have no terminal for questions, so irreversible commands need --yes.
#[test]
fn irreversible_commands_need_yes() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    let computer =
        sandbox.run(&["computer", "--json"]).expect_exit(0).objects()[0]["computer"].as_str().unwrap().to_owned();
    for arguments in [&["computer", "release", &computer[..8]][..], &["service", "remove", "Shop"]] {
        let output = sandbox.run(&[arguments, &["--json"]].concat()).expect_exit(2);
        assert_eq!(output.error()["code"], "needs-yes", "{arguments:?}");
    }
    sandbox.run(&["can", &key_id(0)]).expect_exit(0);
    sandbox.run(&["computer", "release", &computer[..8], "--yes"]).expect_exit(0);
    assert!(sandbox.run(&["computer", "--json"]).expect_exit(0).objects().is_empty());
    sandbox.run(&["service", "remove", "Shop", "--yes"]).expect_exit(0);
}

#[test]
fn released_computer_loses_restore_keys() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    let first =
        sandbox.run(&["computer", "--json"]).expect_exit(0).objects()[0]["computer"].as_str().unwrap().to_owned();
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let join = |home: &str| {
        sandbox.run(&["--home", home, "service", "add", &service.url, "--yes"]).expect_exit(0);
        sandbox.run(&["--home", home, "restore", "stick", "--register", "--name", home, "--json"])
    };
    for home in ["b", "c"] {
        join(home).expect_exit(0);
    }
    assert_eq!(sandbox.run(&["computer", "release", "b", "--json"]).expect_exit(2).error()["code"], "needs-yes");
    assert!(sandbox.run(&["computer", "show"]).expect_exit(0).out.contains("b  "), "it is released only with a yes");
    let output = sandbox.run(&["computer", "release", "b", "--yes"]).expect_exit(0).out;
    let objects = sandbox.run(&["computer", "show", "--json"]).expect_exit(0).objects();
    let notice = objects.iter().find(|object| object["notice"]["code"] == "computer-released").unwrap();
    let released = notice["notice"]["computer"].as_str().unwrap();
    assert!(output.contains(&format!("restow computer withdraw-key {}", &released[..8])), "{output}");
    let withdrawn = sandbox.run(&["computer", "withdraw-key", &released[..8], "--json"]).expect_exit(0).objects();
    assert_eq!(withdrawn[0]["computer"], released);
    // The released computer made no backup, so the key of the first one still works. Without that key,
    // registration fails.
    join("d").expect_exit(0);
    let c = sandbox.run(&["--home", "c", "computer", "--json"]).expect_exit(0).objects();
    let c = c[0]["computer"].as_str().unwrap();
    let released_objects =
        sandbox.run(&["computer", "release", c, "--withdraw-keys", "--yes", "--json"]).expect_exit(0).objects();
    assert_eq!(
        (&released_objects[0]["released"], &released_objects[0]["keys_withdrawn"]),
        (&true.into(), &true.into())
    );
    sandbox.run(&["computer", "release", &first, "--withdraw-keys", "--yes"]).expect_exit(0);
    join("e").expect_exit(1);
}

#[test]
fn computers_are_listed_without_service() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    let computer =
        sandbox.run(&["computer", "--json"]).expect_exit(0).objects()[0]["computer"].as_str().unwrap().to_owned();
    service.kill();
    let output = sandbox.run(&["computer", "show"]).expect_exit(1);
    assert!(output.out.contains(&computer) && output.err.contains("cannot be reached"), "{}{}", output.out, output.err);
    let output = sandbox.run(&["computer", "show", "--json"]).expect_exit(1);
    assert_eq!(
        (output.objects()[0]["computer"].as_str(), output.error()["code"].as_str()),
        (Some(computer.as_str()), Some("service-unreachable"))
    );
}

/// A home that registers before its restore has its own holder.
#[test]
fn registered_home_needs_adopt() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let on_other = |arguments: &[&str]| sandbox.run(&[&["--home", "other"], arguments].concat());
    on_other(&["service", "add", &service.url, "--yes"]).expect_exit(0);
    on_other(&["computer", "register"]).expect_exit(0);
    for arguments in [&["restore", "stick", "--dry-run"][..], &["restore", "stick"]] {
        let output = on_other(arguments);
        let text = output.out + &output.err;
        for part in ["another holder", "--adopt", "--home DIR"] {
            assert!(text.contains(part), "{part}: {text}");
        }
    }
    on_other(&["restore", "stick", "--adopt", "--register"]).expect_exit(0);
    on_other(&["can", &key_id(0)]).expect_exit(0);
}

#[cfg(unix)]
#[test]
fn unreadable_folder_fails_scan() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::{fs::PermissionsExt as _, process::CommandExt as _};
    let sandbox = Sandbox::new();
    let secret = sandbox.folder("secret");
    set_permissions(sandbox.path(""), Permissions::from_mode(0o777)).unwrap();
    set_permissions(&secret, Permissions::from_mode(0o000)).unwrap();
    let scan = |lang: &str| {
        let mut command = sandbox.command(&["scan", "secret", "--lang", lang]);
        if std::fs::read_dir(&secret).is_ok() {
            // Root may read every folder, so the command runs as another user.
            command.uid(65_534);
        }
        command.output()
    };
    match scan("en") {
        Ok(output) => {
            let output = CommandOutput::from(output).expect_exit(1);
            assert!(output.err.contains("access is denied") && output.err.contains("Nothing could be read."));
            let german = CommandOutput::from(scan("de").unwrap()).expect_exit(1).err;
            assert!(german.contains("der Zugriff wurde verweigert"), "{german}");
        }
        Err(why) => println!("SKIPPED: unreadable_folder_fails_scan: {why}"),
    }
    set_permissions(&secret, Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn show_of_destroyed_backup_fails() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("rain.lcpl"), lcp("rain")).unwrap();
    sandbox.run(&["import", "rain.lcpl"]).expect_exit(0);
    let stick = sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    sandbox.run(&["show", "stick"]).expect_exit(0);
    let set = std::fs::read_dir(stick.join("Restow/sets")).unwrap().next().unwrap().unwrap().path();
    for pack in std::fs::read_dir(set.join("packs")).unwrap() {
        let pack = pack.unwrap().path();
        let len = std::fs::metadata(&pack).unwrap().len();
        std::fs::write(&pack, vec![0; usize::try_from(len).unwrap()]).unwrap();
    }
    let error = sandbox.run(&["show", "stick", "--json"]).expect_exit(1).error();
    assert_eq!(error["code"], "show-nothing");
    assert!(error["help"].as_str().unwrap().contains("restow verify stick"), "{error}");
}

#[test]
fn suggested_command_names_known_location() {
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("rain.lcpl"), signed_lcp("rain", "Rain", "https://p.example", 2)).unwrap();
    std::fs::write(sandbox.path("hail.lcpl"), signed_lcp("hail", "Hail", "https://p.example", 2)).unwrap();
    let stick = sandbox.folder("my stick").to_string_lossy().into_owned();
    let all = |output: CommandOutput| format!("{}{}", output.out, output.err);
    for (lang, placeholder) in [("en", "LOCATION"), ("de", "ORT")] {
        let home = ["--home", lang, "--lang", lang];
        let run = |arguments: &[&str]| all(sandbox.run(&[&home[..], arguments].concat()));
        // Without a known location, the suggestion is an example.
        let example = restow_core::message::EXAMPLE_LOCATION;
        for arguments in [&["backups"][..], &["import", "rain.lcpl"], &["status"], &["forget", "rain"]] {
            let output = run(arguments);
            assert!(output.contains(&format!("restow backup {example}")), "{arguments:?}: {output}");
            assert!(!output.contains(placeholder), "{arguments:?}: {output}");
        }
        assert!(run(&["can", &key_id(0)]).contains(&format!("restow restore {example}")));
        run(&["backup", &stick]);
        for arguments in [&["import", "hail.lcpl"][..], &["forget", "hail"]] {
            let output = run(arguments);
            assert!(output.contains(&format!("restow backup '{stick}'")), "{arguments:?}: {output}");
        }
        let output = sandbox.run(&[&home[..], &["can", &key_id(0), "--json"]].concat()).expect_exit(1).error();
        assert!(output["help"].as_str().unwrap().contains(&format!("restow restore '{stick}'")), "{output}");
        // The location of the command precedes the remembered one.
        let output = run(&["export", "my stick", "export.json", "--set", "none"]);
        assert!(!output.contains(placeholder), "{output}");
    }
}
