//! Exit statuses: 0 done, 1 failed, 2 wrong usage, 3 in part, 130 interrupted.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

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
        (&["scan", "nowhere"], "home-unusable"),
        (&["import", "empty"], "nothing-imported"),
        (&["import", "file"], "nothing-imported"),
        (&["forget", "nothing"], "no-such-license"),
        (&["can", "nowhere"], "unreadable"),
        (&["service", "add", "ftp://x"], "service-address"),
        (&["service", "remove", "x"], "no-such-service"),
        (&["computer", "register"], "no-service"),
        (&["acquire", "file"], "no-key-id"),
        (&["serve", "empty"], "service-not-initialized"),
    ] {
        let said = stage.run(&[arguments, &["--json"]].concat()).exits(1);
        assert_eq!(said.error()["code"], code, "{arguments:?}");
        let german = stage.run(&[arguments, &["--lang", "de"]].concat()).exits(1);
        assert!(!german.err.contains("error-"), "{}", german.err);
    }
}

#[test]
fn the_last_copy_stays() {
    let stage = Stage::new();
    std::fs::write(stage.path("a.lcpl"), lcp("a")).unwrap();
    stage.run(&["import", "a.lcpl"]).exits(0);
    assert_eq!(stage.run(&["forget", "a", "--json"]).exits(1).error()["code"], "last-copy");
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    stage.run(&["forget", "a"]).exits(0);
    stage.run(&["restore", "stick"]).exits(0);
    assert_eq!(stage.run(&["licenses", "--json"]).exits(0).objects().len(), 1);
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
