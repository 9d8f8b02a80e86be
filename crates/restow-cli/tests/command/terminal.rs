//! Questions, which are asked on a terminal only: `script` makes one.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use super::stage::{Shop, Stage};
use super::workshop;

/// Runs a command on a terminal and types this at each of its questions: what it said, and its exit status.
fn typed(stage: &Stage, arguments: &[&str], answers: &[&str]) -> (String, i32) {
    typed_after("", stage, arguments, answers)
}

/// What runs the command where there is no network at all.
const NO_NETWORK: &str = "unshare --user --map-root-user --net ";

/// As [`typed`], after the beginning of a command line that runs another.
fn typed_after(beginning: &str, stage: &Stage, arguments: &[&str], answers: &[&str]) -> (String, i32) {
    let words = stage.command(arguments);
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_str().unwrap());
    let line: Vec<String> = std::iter::once(words.get_program()).chain(words.get_args()).map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{beginning}{}", line.join(" ")), "/dev/null"]).current_dir(stage.path(""));
    script.env("RESTOW_HOME", stage.path("home")).env("LANG", "C").env_remove("LC_ALL");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut said, mut answers, mut seen) = (Vec::new(), answers.iter(), 0);
    let mut byte = [0];
    while output.read(&mut byte).is_ok_and(|read| read > 0) {
        said.push(byte[0]);
        let asked = String::from_utf8_lossy(&said).matches("[y/N]").count();
        if asked > seen {
            seen = asked;
            let answer = answers.next().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&said)));
            input.write_all(answer.as_bytes()).unwrap();
        }
    }
    (String::from_utf8(said).unwrap(), child.wait().unwrap().code().unwrap())
}

fn terminals(test: &str) -> bool {
    let works = Command::new("script").args(["-qec", "true", "/dev/null"]).stdin(Stdio::null()).output();
    if works.is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: script not found");
    println!("SKIPPED: {test}: script not found");
    false
}

fn namespaces(test: &str) -> bool {
    let works = Command::new("unshare").args(["--user", "--map-root-user", "--net", "true"]).output();
    if works.is_ok_and(|output| output.status.success()) {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: unshare cannot make a network namespace");
    println!("SKIPPED: {test}: unshare not found, or network namespaces are not allowed");
    false
}

const INTERRUPT: &str = "\u{3}";
const END: &str = "\u{4}";

#[test]
fn an_interrupted_question_changes_nothing() {
    if !terminals("an_interrupted_question_changes_nothing") {
        return;
    }
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    let add = ["service", "add", &shop.url];
    for (answer, exit) in [(INTERRUPT, 130), (END, 1)] {
        let (said, status) = typed(&stage, &add, &[answer]);
        assert_eq!(status, exit, "{said}");
        assert!(stage.run(&["service", "--json"]).exits(0).objects().is_empty());
    }
    assert_eq!(typed(&stage, &add, &["y\n"]).1, 0);

    shop.sell(&stage, &["Rain"]);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let there = |arguments: &[&str]| stage.run(&[&["--home", "other"], arguments].concat());
    there(&["service", "add", &shop.url, "--yes"]).exits(0);
    there(&["restore", "stick", "--register", "--name", "other"]).exits(0);
    let release = ["computer", "release", "other"];
    for (answers, exit) in [
        (&[INTERRUPT][..], 130),
        (&[END], 1),
        (&["n\n"], 1),
        // Of two questions the second one: the first one's yes does not count either.
        (&["y\n", INTERRUPT], 130),
    ] {
        let (said, status) = typed(&stage, &release, answers);
        assert_eq!(status, exit, "{said}");
        assert_eq!(there(&["computer", "--json"]).exits(0).objects()[0]["computers"].as_array().unwrap().len(), 2);
    }
    let (said, status) = typed(&stage, &release, &["y\n", END]);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("other was released") && said.contains("still let new computers in"), "{said}");
}

#[test]
fn a_missing_book_is_fetched_only_if_somebody_says_so() {
    if !terminals("a_missing_book_is_fetched_only_if_somebody_says_so") {
        return;
    }
    let stage = Stage::new();
    // The library of the demo signs what it lends; it is nowhere, and states no hash.
    stage.run(&["demo", "--keep", "demo", "--licenses", "10", "--restricted", "1"]).exits(0);
    stage.run(&["import", "demo/library/Books"]).exits(0);
    let shelf = stage.folder("shelf");
    let there = || std::fs::read_dir(&shelf).unwrap().count();
    let put_back = ["put-back", "shelf"];
    let (said, status) = typed(&stage, &put_back, &[INTERRUPT]);
    assert_eq!((status, there()), (130, 0), "{said}");
    assert!(said.contains("Fetch it from https://library.example") && said.contains("nobody can check"), "{said}");
    for answer in [END, "n\n"] {
        let (said, status) = typed(&stage, &put_back, &[answer]);
        assert_eq!((status, there()), (0, 1), "{said}");
        assert!(said.contains("It can be had from https://library.example/books/winter"), "{said}");
    }
    // What somebody wanted and did not get is a failure. Nothing is reached here.
    if namespaces("a_missing_book_is_fetched_only_if_somebody_says_so") {
        let (said, status) = typed_after(NO_NETWORK, &stage, &put_back, &["y\n"]);
        assert_eq!((status, there()), (1, 1), "{said}");
        assert!(said.contains("https://library.example/books/winter"), "{said}");
    }
    // Consent to all is none to what nothing checks.
    let missing = stage.run(&["put-back", "shelf", "--fetch", "--json"]).exits(0).objects();
    let why = missing.iter().find(|object| object["put_back"] == "missing").unwrap();
    assert_eq!(why["why"]["code"], "fetch-no-hash");
    // As it came from the library: it gets its license, and nobody is asked.
    let lent = std::fs::read(stage.path("demo/library/Books/A Winter by the Sea.epub")).unwrap();
    std::fs::write(shelf.join("winter.epub"), restow_media::build::strip_license(&lent).unwrap()).unwrap();
    stage.run(&["scan", "demo/library/Books"]).exits(0);
    let said = stage.run(&["put-back", "shelf"]).exits(0).out;
    assert!(said.contains("is inside again"), "{said}");
}

#[test]
fn each_library_is_asked_about_once_and_no_is_no() {
    if !terminals("each_library_is_asked_about_once_and_no_is_no") {
        return;
    }
    let stage = Stage::new();
    let workshop = workshop::Key::p256(2);
    let form = workshop::Form { until: "21991231235959Z", ..workshop::Form::provider(&workshop) };
    let certificate = form.sign(&workshop::Key::p256(1));
    for (id, host) in [("a", "one.example"), ("b", "one.example"), ("c", "two.example")] {
        let mut document = workshop::document("2026-01-01T00:00:00Z");
        document["id"] = id.into();
        let link = serde_json::json!({"rel": "status", "href": format!("https://{host}/status/{id}")});
        document["links"].as_array_mut().unwrap().push(link);
        std::fs::write(stage.path(&format!("{id}.lcpl")), workshop::signed(document, &certificate, &workshop)).unwrap();
    }
    stage.folder("stick");
    stage.run(&["import", "."]).exits(0);
    for command in ["renew", "return", "refresh"] {
        // Where nobody can be asked, each says the same of a license that is named.
        assert_eq!(stage.run(&[command, "a", "--json"]).exits(2).error()["code"], "needs-yes", "{command}");
    }
    stage.run(&["backup", "stick"]).exits(0);
    let no = ["n\n", "\n"];
    let (said, status) = typed(&stage, &["refresh"], &no);
    assert_eq!((status, said.matches("[y/N]").count()), (1, 2), "{said}");
    let (said, status) = typed(&stage, &["--home", "other", "restore", "stick"], &no);
    assert_eq!((status, said.matches("[y/N]").count()), (0, 2), "{said}");
    assert!(said.contains("https://one.example") && said.contains("No root you trust"), "{said}");
    let (said, status) = typed(&stage, &["renew", "a"], &[INTERRUPT]);
    assert_eq!(status, 130, "{said}");
    // A yes counts once all is answered.
    let (said, status) = typed(&stage, &["refresh"], &["y\n", INTERRUPT]);
    assert_eq!(status, 130, "{said}");
    let (said, status) = typed(&stage, &["renew", "a"], &["n\n"]);
    assert!(status == 1 && said.contains("restow provider allow https://one.example"), "{said}");
    for home in ["home", "other"] {
        let allowed = stage.run(&["--home", home, "provider", "--json"]).exits(0).objects();
        assert!(allowed.is_empty(), "{allowed:?}");
    } // Yes is kept, and asked no more; what was not said yes to is asked again.
    if namespaces("each_library_is_asked_about_once_and_no_is_no") {
        let (said, status) = typed_after(NO_NETWORK, &stage, &["refresh"], &["y\n", "n\n"]);
        assert_eq!((status, said.matches("[y/N]").count()), (1, 2), "{said}");
        assert!(said.contains("cannot be reached"), "{said}");
        let allowed = stage.run(&["provider", "--json"]).exits(0).objects();
        assert_eq!((allowed.len(), &allowed[0]["origin"]), (1, &"https://one.example".into()));
        assert_eq!(allowed[0]["added"], "consent");
        let (said, status) = typed_after(NO_NETWORK, &stage, &["refresh"], &["n\n"]);
        assert_eq!((status, said.matches("[y/N]").count()), (1, 1), "{said}");
        assert!(said.contains("Allow contact with https://two.example"), "{said}");
    }
}
