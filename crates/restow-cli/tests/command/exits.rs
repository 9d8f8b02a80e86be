//! Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 in part, 130 interrupted.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use restow_media::Format;
use restow_media::build::{AsfBuilder, Compression, PublicationBuilder, PublicationProtection, ZipBuilder};

use super::stage::{Said, Shop, Stage, key_id, lcp};

#[test]
fn usage() {
    let stage = Stage::new();
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
        let said = stage.run(arguments).exits(2);
        assert!(said.out.is_empty() && !said.err.is_empty(), "{arguments:?}");
    }
    assert!(!stage.path("home").exists(), "wrong usage makes no home");
    let error = stage.run(&["--json", "backup"]).exits(2).error();
    assert_eq!((error["code"].as_str(), error["hr"].as_str()), (Some("usage-missing"), Some("0x80070057")));
    for (arguments, code) in [
        (&["admin", "revoke", "x", "--reason", "y"][..], "no-operator"),
        (&["admin", "list", "audit"], "no-operator"),
        (&["admin", "list", "audit", "--url", "http://shop.example"], "no-api-key"),
    ] {
        assert_eq!(stage.run(&[arguments, &["--json"]].concat()).exits(2).error()["code"], code, "{arguments:?}");
        assert!(!stage.run(&[arguments, &["--lang", "de"]].concat()).exits(2).err.contains("error-"));
    }
    for (arguments, says) in [
        (
            &["demo", "--licenses", "9"][..],
            "“9” is no value for --licenses <N> (Licenses the shop sells, 10 to 5000 [40]).",
        ),
        (&["demo", "--computers", "4"], "Computers, 5 to 30"),
        (&["demo", "--restricted", "40"], "from 1 to 6 fewer than all"),
        (&["restore", "x", "--generation", "many"], "a number from 1"),
        (&["backup", "x", "--keep", "1"], "at least 2"),
        (&["--lang", "fr", "status"], "en or de"),
        (
            &["--lang", "de", "demo", "--licenses", "9"],
            "„9“ ist kein Wert für --licenses <N> (Lizenzen, die der Laden verkauft, 10 bis",
        ),
        (&["--lang", "de", "backup"], "Es fehlt: <ORT>"),
        (&["backup"], "See the arguments: restow backup --help"),
        (&["admin", "issue"], "Missing: <FILE>, or --key-id"),
        (&["--lang", "de", "admin"], "Aufruf: restow admin [OPTIONEN] <BEFEHL>"),
        (&["--lang", "de", "admin"], "Lizenzen ausstellen"),
        (&["--lang", "de", "admin", "issue"], "Die Argumente zeigt: restow admin issue --help"),
        (&["admin", "revoke", "x", "--reason", ""], "A value is missing for --reason <TEXT>"),
        (&["admin", "revoke", "x", "--reason", " "], "“ ” is no value for --reason <TEXT>"),
        (&["backup", "x", "--name", ""], "A value is missing for --name <NAME>"),
    ] {
        let said = stage.run(arguments).exits(2).err;
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    stage.run(&["--help"]).exits(0);
    assert!(stage.run(&["--version"]).exits(0).out.starts_with("restow "));
}

#[test]
fn failures() {
    let stage = Stage::new();
    stage.folder("empty");
    std::fs::write(stage.path("file"), "no license").unwrap();
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
        let said = stage.run(&[arguments, &["--json"]].concat()).exits(1);
        assert_eq!(said.error()["code"], code, "{arguments:?}");
        let english = stage.run(arguments).exits(1).err;
        let german = stage.run(&[arguments, &["--lang", "de"]].concat()).exits(1).err;
        assert!(!german.contains("error-") && german.lines().count() > 1, "{german}");
        for line in german.lines() {
            assert!(!english.contains(line), "{arguments:?} is not said in German: {line}");
        }
    }
}

#[test]
fn what_cannot_be_told_is_neither_yes_nor_no() {
    let stage = Stage::new();
    let book = |protection| PublicationBuilder::new(Format::Epub).title("Rain").protection(protection).build();
    let song = AsfBuilder::new().title("Rain").build();
    for (name, bytes, protected, exit, says, sagt) in [
        ("notes", b"no media file".to_vec(), None, 1, "does not read files of its kind", "Dateien dieser Art"),
        ("cut off", song[..40].to_vec(), None, 1, "its header is damaged", "Der Kopf der Datei ist beschädigt"),
        ("book", book(PublicationProtection::Adept), Some(true), 1, "is protected (adept)", "ist geschützt (adept)"),
        ("clear", book(PublicationProtection::None), Some(false), 0, "no license is needed", "nicht nötig"),
        ("song", song, Some(false), 0, "no license is needed", "nicht nötig"),
    ] {
        std::fs::write(stage.path(name), bytes).unwrap();
        let can = |more: &str| stage.run(&["can", name, more]).exits(exit);
        let allowed = (exit == 0).then_some(true);
        let expected = serde_json::json!({"protected": protected, "action": "Play", "allowed": allowed});
        assert_eq!(can("--json").objects(), [expected], "{name}");
        let (english, german) = (can("--lang=en").out, can("--lang=de").out);
        assert!(english.contains(says) && german.contains(sagt), "{english}{german}");
    }
}

#[test]
fn an_import_names_what_it_cannot_take() {
    let stage = Stage::new();
    let books = stage.folder("books");
    let book = PublicationBuilder::new(Format::Epub).title("T").protection(PublicationProtection::Lcp);
    let (apart, whole) = (book.build(), book.license(lcp("book").as_bytes()).build());
    let archive = ZipBuilder::new()
        .entry("b.epub", &whole, Compression::Stored)
        .entry("c.lcpl", lcp("c").as_bytes(), Compression::Deflated)
        .entry("empty.lcpl", b"", Compression::Stored);
    // Bit 0 of the flags, in both headers, says that a password is needed.
    let mut locked = ZipBuilder::new().entry("c.lcpl", lcp("c").as_bytes(), Compression::Stored).build();
    let directory = locked.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap();
    (locked[6], locked[directory + 8]) = (1, 1);
    for (name, bytes) in [
        ("apart.epub", apart),
        ("book.epub", whole.clone()),
        ("broken.epub", whole[..whole.len() - 9].to_vec()),
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
    let said = stage.run(&["import", "books", "--json"]).exits(0);
    let mut seen: Vec<(String, String)> = said
        .objects()
        .iter()
        .map(|object| {
            let what = object.get("refused").map_or(&object["license_id"], |refused| &refused["code"]);
            let path = object["path"].as_str().unwrap().trim_start_matches("books/");
            (path.to_owned(), what.as_str().unwrap().to_owned())
        })
        .collect();
    seen.sort();
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
    assert_eq!(seen, expected.map(|(path, what)| (path.to_owned(), what.to_owned())));
    assert!(stage.run(&["import", "books"]).exits(0).out.contains("0 imported, 3 here already, 5 refused."));
    // What is named is answered for.
    assert!(
        stage.run(&["import", "books/good", "books/notes.txt"]).exits(1).out.contains("0 imported, 1 here already")
    );
    stage.run(&["import", "books/good", "books/locked.zip"]).exits(1);
    for (name, why) in [
        ("apart.epub", "There is no license in it; it may have been delivered apart"),
        ("notes.zip", "There is no license in this archive"),
        ("nested.zip", "“inner.zip” is an archive in the archive, which is not looked into. Unpack it"),
        ("locked.zip", "“c.lcpl” is locked with a password. Unpack it"),
        ("broken.epub", "the package has no directory at its end"),
        ("photos.zip", "the package has no directory at its end"),
        ("notes.tar.gz", "it must be unpacked first. Unpack it, and import the folder"),
        ("notes.txt", "no license document of a known kind"),
    ] {
        let said = stage.run(&["import", &format!("books/{name}")]).exits(1).err;
        assert!(said.contains(why) && said.contains("said above of each"), "{name}: {said}");
    }
}

#[test]
fn a_backup_that_is_gone_or_away_keeps_no_license() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    std::fs::create_dir(stage.path("stick")).unwrap();
    stage.run(&["backup", "stick"]).exits(0);
    std::fs::rename(stage.path("stick"), stage.path("away")).unwrap();
    let said = stage.run(&["forget", "a"]).exits(2).err;
    assert!(said.contains("it cannot be looked at now") && said.contains("stick"), "{said}");
    assert!(stage.run(&["status"]).exits(0).out.contains("not connected now"));
    std::fs::create_dir(stage.path("stick")).unwrap();
    assert_eq!(stage.run(&["forget", "a", "--json"]).exits(2).error()["code"], "last-copy");
    let status = stage.run(&["status"]).exits(0).out;
    assert!(status.contains("yes; holds nothing any more") && status.contains("1 would be lost"), "{status}");
    std::fs::remove_dir(stage.path("stick")).unwrap();
    std::fs::rename(stage.path("away"), stage.path("stick")).unwrap();
    let said = stage.run(&["forget", "a"]).exits(0).out;
    assert!(said.contains("A backup still has it"), "{said}");
}

#[test]
fn damage_that_a_later_backup_took_the_place_of_asks_for_nothing() {
    let stage = Stage::new();
    let stick = stage.folder("stick");
    for id in ["a", "b"] {
        std::fs::write(stage.path("one.lcpl"), lcp(id)).unwrap();
        stage.run(&["import", "one.lcpl"]).exits(0);
        stage.run(&["backup", "stick"]).exits(0);
    }
    for path in super::stage::files(&stick) {
        if path.to_string_lossy().contains("0000000002-") {
            std::fs::write(path, "not a manifest").unwrap();
        }
    }
    assert_eq!(stage.run(&["verify", "stick", "--json"]).exits(1).error()["code"], "damaged");
    stage.run(&["backup", "stick"]).exits(0);
    assert_eq!(stage.run(&["verify", "stick", "--json"]).exits(1).error()["code"], "damaged-known");
    let said = stage.run(&["verify", "stick"]).exits(1).err;
    assert!(said.contains("Nothing needs to be done") && !said.contains("new backup"), "{said}");
}

#[test]
fn an_older_state_is_a_fault() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    std::fs::create_dir(stage.path("stick")).unwrap();
    stage.run(&["backup", "stick"]).exits(0);
    let sets = stage.path("stick").join("Restow").join("sets");
    let generations = std::fs::read_dir(sets).unwrap().next().unwrap().unwrap().path().join("generations");
    stage.run(&["backup", "stick"]).exits(0);
    for entry in std::fs::read_dir(generations).unwrap() {
        let path = entry.unwrap().path();
        if path.to_string_lossy().contains("0000000002-") {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(stage.run(&["verify", "stick", "--json"]).exits(1).error()["code"], "older-state");
    let said = stage.run(&["verify", "stick"]).exits(1);
    assert!(said.out.contains("this computer wrote generation 2") && said.err.contains("older state"), "{}", said.out);
    assert!(stage.run(&["status"]).exits(0).out.contains("an older state than was written"));
    assert!(stage.run(&["backup", "stick"]).exits(0).out.contains("generation 3"));
    stage.run(&["verify", "stick"]).exits(0);
}

#[test]
fn the_last_copy_stays() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    assert_eq!(stage.run(&["forget", "a", "--json"]).exits(2).error()["code"], "last-copy");
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    stage.run(&["forget", "a"]).exits(0);
    stage.run(&["restore", "stick"]).exits(0);
    assert_eq!(stage.run(&["licenses", "--json"]).exits(0).objects().len(), 1);
}

#[test]
fn taking_a_license_out_of_a_backup_says_where_else_it_is() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    stage.folder("stick");
    stage.folder("disk");
    stage.run(&["backup", "stick"]).exits(0);
    let forget = |more: &[&str]| stage.run(&[&["forget", "a", "--from", "stick"], more].concat());
    let said = forget(&[]).exits(2).err;
    assert!(said.contains("It is on this computer, and in no other backup."), "{said}");
    assert!(said.contains("Nothing was changed; --yes is needed") && said.contains("“Book a”"), "{said}");
    stage.run(&["backup", "disk"]).exits(0);
    let said = forget(&["--lang", "de"]).exits(2).err;
    assert!(said.contains("Sie ist auf diesem Computer, und in einer anderen Sicherung: "), "{said}");
    stage.run(&["forget", "a"]).exits(0);
    assert_eq!(forget(&["--json"]).exits(2).error()["code"], "needs-yes");
    forget(&["--yes"]).exits(0);
    forget(&["--yes"]).exits(1);
    stage.run(&["restore", "disk"]).exits(0);
}

#[test]
fn what_is_to_be_refused_is_looked_at() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    for home in ["b", "c"] {
        stage.run(&["--home", home, "service", "add", &shop.url, "--yes"]).exits(0);
        stage.run(&["--home", home, "restore", "stick", "--register", "--name", home]).exits(0);
    }
    assert_eq!(stage.run(&["computer", "refuse", "Mine", "--json"]).exits(1).error()["code"], "nothing-to-refuse");
    stage.run(&["computer", "confirm", "b"]).exits(0);
    let said = stage.run(&["computer", "refuse", "b", "--lang", "de"]).exits(1).err;
    assert!(said.contains("b ist schon bestätigt") && said.contains("restow computer release "), "{said}");
    assert!(stage.run(&["computer", "refuse", "c"]).exits(0).out.contains("c was refused."));
    let holder = stage.run(&["computer", "--json"]).exits(0).objects()[0]["holder"].as_str().unwrap().to_owned();
    stage.run(&["admin", "release", "--waiting", "--service", "shop", "--", &holder, "b"]).exits(0);
    let shown = stage.run(&["computer"]).exits(0).out;
    assert!(shown.contains("will be released 20") && shown.contains(" unless refused"), "{shown}");
    let said = stage.run(&["computer", "refuse", "b"]).exits(0).out;
    assert!(said.contains("The release of b was refused; it keeps its licenses."), "{said}");
    assert!(!stage.run(&["computer"]).exits(0).out.contains("will be released"));
}

#[test]
fn a_service_of_this_computer_is_added_before_anybody_is_asked() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    for more in [&[][..], &["--register"]] {
        let said = stage.run(&[&["--home", "other", "restore", "stick"], more].concat()).exits(1);
        let add = format!("restow service add {}", shop.url);
        assert!(said.out.contains(&add) && said.err.contains(&add) && !said.err.contains("--register"), "{}", said.err);
    }
    // A script that said yes is not told to ask again.
    let said = stage.run(&["--home", "other", "restore", "stick", "--register", "--json"]).exits(1);
    let names: Vec<serde_json::Value> = said.objects().iter().map(|event| event["status"].clone()).collect();
    assert_eq!(names, ["BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"]);
    let error = said.error();
    assert_eq!((&error["code"], &error["hr"]), (&"service-private-address".into(), &"0xC00D2846".into()), "{error}");
    assert!(stage.run(&["--home", "other", "service", "--json"]).exits(0).objects().is_empty(), "nobody agreed to it");
}

#[test]
fn damage_is_a_failure() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    let stick = stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let is_pack = |path: &std::path::PathBuf| path.extension().is_some_and(|ending| ending == "pack");
    let pack = super::stage::files(&stick).into_iter().find(is_pack).unwrap();
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes[0] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    let said = stage.run(&["check", "stick", "--json"]).exits(1);
    assert_eq!(said.error()["code"], "damaged");
    assert!(said.objects().iter().any(|object| object.get("damage").is_some()));
    assert!(said.objects().iter().any(|object| object["mending"] == "next_backup"));
    assert!(!stage.run(&["verify", "stick", "--lang", "de"]).exits(1).out.contains("damage-"));
    let told = stage.run(&["verify", "stick"]).exits(1).out;
    assert!(told.contains("Book a") && told.contains("the next backup writes these licenses again"), "{told}");
    // The same content in the same pack: nothing is damaged any more.
    stage.run(&["backup", "stick"]).exits(0);
    stage.run(&["verify", "stick"]).exits(0);
}

#[test]
fn what_is_known_is_shown_while_the_service_is_down() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    let ids = shop.sell(&stage, &["Rain", "Snow"]);
    stage.run(&["computer", "show"]).exits(0);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    stage.run(&["admin", "revoke", &ids[0], "--reason", "refunded", "--service", "shop"]).exits(0);
    stage.run(&["can", &key_id(0), "--use"]);
    let summary = stage.run(&["status", "--json"]).exits(0).objects().pop().unwrap()["summary"].clone();
    assert_eq!((summary["revoked"].as_u64(), summary["in_backup"].as_u64()), (Some(1), Some(1)), "{summary}");
    assert_eq!(summary["at_risk"], 0);
    shop.kill();
    let said = stage.run(&["computer", "show", "--json"]).exits(1);
    assert!(said.objects()[0]["computer"].is_string());
    assert_eq!(said.error()["code"], "service-unreachable");
}

#[test]
fn a_restore_in_part() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    let ids = shop.sell(&stage, &["Rain", "Snow"]);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let home = ["--home", "other"];
    stage.run(&[&home[..], &["service", "add", &shop.url, "--yes"]].concat()).exits(0);
    stage.run(&[&home[..], &["restore", "stick", "--register", "--only", &ids[0]]].concat()).exits(0);
    shop.kill();
    let said = stage.run(&[&home[..], &["restore", "stick", "--json"]].concat()).exits(3);
    assert_eq!(said.error()["hr"], "0xC00D275F");
    let pending = &said.objects().pop().unwrap()["not_restored"][0];
    assert_eq!((pending["titles"][0].as_str(), pending["outcome"].as_str()), (Some("Snow"), Some("pending")));
    stage.run(&[&home[..], &["restore", "stick", "--only", &ids[1]]].concat()).exits(1);
    stage.run(&[&home[..], &["can", &key_id(0)]].concat()).exits(0);
}

#[cfg(unix)]
fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn interrupted() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let home = ["--home", "other"];
    stage.run(&[&home[..], &["service", "add", &shop.url, "--yes"]].concat()).exits(0);
    shop.kill();
    // In the service's place somebody who takes connections and says nothing.
    let silent = std::net::TcpListener::bind(shop.url.trim_start_matches("http://")).unwrap();
    let mut command = stage.command(&[&home[..], &["restore", "stick", "--register", "--json"]].concat());
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let connection = silent.accept().unwrap();
    let begun = Instant::now();
    signal("-INT", child.id());
    let said = Said::from(child.wait_with_output().unwrap()).exits(130);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let end = said.objects().pop().unwrap();
    assert_eq!((end["status"].as_str(), end["hr"].as_str()), (Some("BACKUPRESTORE_END"), Some("0xC00D2768")));
    drop(connection);
    assert!(stage.run(&[&home[..], &["licenses", "--json"]].concat()).exits(0).objects().is_empty());
}

#[cfg(unix)]
#[test]
fn a_service_ends_in_order() {
    for name in ["-INT", "-TERM"] {
        let stage = Stage::new();
        let mut shop = Shop::open(&stage);
        signal(name, shop.pid());
        assert_eq!(shop.wait(), 0, "{name}");
    }
}

/// Nobody can be asked in a test: what cannot be undone is then refused, unless --yes was said.
#[test]
fn what_cannot_be_undone_needs_a_yes() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    let computer = stage.run(&["computer", "--json"]).exits(0).objects()[0]["computer"].as_str().unwrap().to_owned();
    for arguments in [&["computer", "release", &computer[..8]][..], &["service", "remove", "Shop"]] {
        let said = stage.run(&[arguments, &["--json"]].concat()).exits(2);
        assert_eq!(said.error()["code"], "needs-yes", "{arguments:?}");
    }
    stage.run(&["can", &key_id(0)]).exits(0);
    stage.run(&["computer", "release", &computer[..8], "--yes"]).exits(0);
    assert!(stage.run(&["computer", "--json"]).exits(0).objects().is_empty());
    stage.run(&["service", "remove", "Shop", "--yes"]).exits(0);
}

#[test]
fn a_computer_is_released_with_its_restore_keys() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    let first = stage.run(&["computer", "--json"]).exits(0).objects()[0]["computer"].as_str().unwrap().to_owned();
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let join = |home: &str| {
        stage.run(&["--home", home, "service", "add", &shop.url, "--yes"]).exits(0);
        stage.run(&["--home", home, "restore", "stick", "--register", "--name", home, "--json"])
    };
    for home in ["b", "c"] {
        join(home).exits(0);
    }
    assert_eq!(stage.run(&["computer", "release", "b", "--json"]).exits(2).error()["code"], "needs-yes");
    assert!(stage.run(&["computer", "show"]).exits(0).out.contains("b  "), "it is released only with a yes");
    let said = stage.run(&["computer", "release", "b", "--yes"]).exits(0).out;
    let told = stage.run(&["computer", "show", "--json"]).exits(0).objects();
    let notice = told.iter().find(|object| object["notice"]["code"] == "computer-released").unwrap();
    let released = notice["notice"]["computer"].as_str().unwrap();
    assert!(said.contains(&format!("restow computer withdraw-key {}", &released[..8])), "{said}");
    let withdrawn = stage.run(&["computer", "withdraw-key", &released[..8], "--json"]).exits(0).objects();
    assert_eq!(withdrawn[0]["computer"], released);
    // That computer made no backup: the first one's key still lets in. With its own keys withdrawn, nobody comes in.
    join("d").exits(0);
    let name = |home: &str| stage.run(&["--home", home, "computer", "--json"]).exits(0).objects();
    let c = name("c")[0]["computer"].as_str().unwrap().to_owned();
    let done = stage.run(&["computer", "release", &c, "--withdraw-keys", "--yes", "--json"]).exits(0).objects();
    assert_eq!((&done[0]["released"], &done[0]["keys_withdrawn"]), (&true.into(), &true.into()));
    stage.run(&["computer", "release", &first, "--withdraw-keys", "--yes"]).exits(0);
    join("e").exits(1);
}

#[test]
fn computers_are_shown_while_their_service_is_away() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    let computer = stage.run(&["computer", "--json"]).exits(0).objects()[0]["computer"].as_str().unwrap().to_owned();
    shop.kill();
    let said = stage.run(&["computer", "show"]).exits(1);
    assert!(said.out.contains(&computer) && said.err.contains("cannot be reached"), "{}{}", said.out, said.err);
    let said = stage.run(&["computer", "show", "--json"]).exits(1);
    assert_eq!(
        (said.objects()[0]["computer"].as_str(), said.error()["code"].as_str()),
        (Some(computer.as_str()), Some("service-unreachable"))
    );
}

/// Registered before it restored, a home has a holder of its own.
#[test]
fn a_home_registered_first_is_told_why_it_must_adopt() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let there = |arguments: &[&str]| stage.run(&[&["--home", "other"], arguments].concat());
    there(&["service", "add", &shop.url, "--yes"]).exits(0);
    there(&["computer", "register"]).exits(0);
    for arguments in [&["restore", "stick", "--dry-run"][..], &["restore", "stick"]] {
        let said = there(arguments);
        let all = said.out + &said.err;
        for part in ["--adopt lets this computer join that holder too", "it is needed because", "--home DIR"] {
            assert!(all.contains(part), "{part}: {all}");
        }
    }
    there(&["restore", "stick", "--adopt", "--register"]).exits(0);
    there(&["can", &key_id(0)]).exits(0);
}

#[cfg(unix)]
#[test]
fn a_folder_nobody_may_read_is_a_failure() {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::{fs::PermissionsExt as _, process::CommandExt as _};
    let stage = Stage::new();
    let secret = stage.folder("secret");
    set_permissions(stage.path(""), Permissions::from_mode(0o777)).unwrap();
    set_permissions(&secret, Permissions::from_mode(0o000)).unwrap();
    let scan = |lang: &str| {
        let mut command = stage.command(&["scan", "secret", "--lang", lang]);
        if std::fs::read_dir(&secret).is_ok() {
            // Whoever may read everything asks as somebody who may not.
            command.uid(65_534);
        }
        command.output()
    };
    match scan("en") {
        Ok(output) => {
            let said = Said::from(output).exits(1);
            assert!(said.err.contains("access is denied") && said.err.contains("Nothing there could be read."));
            let german = Said::from(scan("de").unwrap()).exits(1).err;
            assert!(german.contains("der Zugriff ist verboten"), "{german}");
        }
        Err(why) => println!("SKIPPED: a_folder_nobody_may_read_is_a_failure: {why}"),
    }
    set_permissions(&secret, Permissions::from_mode(0o700)).unwrap();
}
