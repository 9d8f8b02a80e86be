//! Questions on a terminal, which the program `script` provides.
#![cfg(target_os = "linux")]

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};

use super::sandbox::{Sandbox, TestService, lcp};
use super::workshop;

/// Runs a command on a terminal, types an answer to each question, and returns the output and the exit status.
fn type_answers(sandbox: &Sandbox, arguments: &[&str], answers: &[&str]) -> (String, i32) {
    type_answers_after("", sandbox, arguments, answers)
}

/// Prefix of a command line that runs without a network.
const NO_NETWORK: &str = "unshare --user --map-root-user --net ";

/// Runs a command like [`type_answers`], after a prefix of the command line.
fn type_answers_after(prefix: &str, sandbox: &Sandbox, arguments: &[&str], answers: &[&str]) -> (String, i32) {
    let words = sandbox.command(arguments);
    let quoted = |word: &std::ffi::OsStr| format!("'{}'", word.to_str().unwrap());
    let line: Vec<String> = std::iter::once(words.get_program()).chain(words.get_args()).map(quoted).collect();
    let mut script = Command::new("script");
    script.args(["-qec", &format!("{prefix}{}", line.join(" ")), "/dev/null"]).current_dir(sandbox.path(""));
    script.env("RESTOW_HOME", sandbox.path("home")).env("LANG", "C").env_remove("LC_ALL");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let (mut output, mut answers, mut answered) = (Vec::new(), answers.iter(), 0);
    let mut byte = [0];
    while stdout.read(&mut byte).is_ok_and(|read| read > 0) {
        output.push(byte[0]);
        let questions = String::from_utf8_lossy(&output).matches("[y/N]").count();
        if questions > answered {
            answered = questions;
            let answer = answers.next().unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output)));
            stdin.write_all(answer.as_bytes()).unwrap();
        }
    }
    (String::from_utf8(output).unwrap(), child.wait().unwrap().code().unwrap())
}

fn has_terminal(test: &str) -> bool {
    let probe = Command::new("script").args(["-qec", "true", "/dev/null"]).stdin(Stdio::null()).output();
    if probe.is_ok_and(|stdout| stdout.status.success()) {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: script not found");
    println!("SKIPPED: {test}: script not found");
    false
}

fn can_use_namespaces(test: &str) -> bool {
    let probe = Command::new("unshare").args(["--user", "--map-root-user", "--net", "true"]).output();
    if probe.is_ok_and(|stdout| stdout.status.success()) {
        return true;
    }
    assert!(std::env::var_os("RESTOW_REQUIRE_TOOLS").is_none(), "{test}: unshare cannot make a network namespace");
    println!("SKIPPED: {test}: unshare not found, or network namespaces are not allowed");
    false
}

const INTERRUPT: &str = "\u{3}";
const END: &str = "\u{4}";

#[test]
fn interrupted_question_changes_nothing() {
    if !has_terminal("interrupted_question_changes_nothing") {
        return;
    }
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    let add = ["service", "add", &service.url];
    for (answer, exit) in [(INTERRUPT, 130), (END, 1)] {
        let (output, status) = type_answers(&sandbox, &add, &[answer]);
        assert_eq!(status, exit, "{output}");
        assert!(sandbox.run(&["service", "--json"]).expect_exit(0).objects().is_empty());
    }
    assert_eq!(type_answers(&sandbox, &add, &["y\n"]).1, 0);

    service.issue_licenses(&sandbox, &["Rain"]);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let there = |arguments: &[&str]| sandbox.run(&[&["--home", "other"], arguments].concat());
    there(&["service", "add", &service.url, "--yes"]).expect_exit(0);
    there(&["restore", "stick", "--register", "--name", "other"]).expect_exit(0);
    let release = ["computer", "release", "other"];
    for (answers, exit) in [
        (&[INTERRUPT][..], 130),
        (&[END], 1),
        (&["n\n"], 1),
        // At an interrupt of the second question, the first answer does not count either.
        (&["y\n", INTERRUPT], 130),
    ] {
        let (output, status) = type_answers(&sandbox, &release, answers);
        assert_eq!(status, exit, "{output}");
        assert_eq!(
            there(&["computer", "--json"]).expect_exit(0).objects()[0]["computers"].as_array().unwrap().len(),
            2
        );
    }
    let (output, status) = type_answers(&sandbox, &release, &["y\n", END]);
    assert_eq!(status, 0, "{output}");
    assert!(output.contains("other was released") && output.contains("New computers can still join"), "{output}");
}

#[test]
fn title_selects_license_after_question() {
    if !has_terminal("title_selects_license_after_question") {
        return;
    }
    let sandbox = Sandbox::new();
    for id in ["rain", "hail"] {
        std::fs::write(sandbox.path(&format!("{id}.lcpl")), lcp(id)).unwrap();
    }
    sandbox.run(&["import", "rain.lcpl", "hail.lcpl"]).expect_exit(0);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let restore = ["--home", "other", "restore", "stick", "--only", "book HAIL"];
    let error = sandbox.run(&[&restore[..], &["--json"]].concat()).expect_exit(2).error();
    assert!(error["message"].as_str().unwrap().contains("“Book hail” (hail)"), "{error}");
    let error =
        sandbox.run(&["--home", "other", "restore", "stick", "--only", "book", "--json"]).expect_exit(1).error();
    assert_eq!((&error["code"], error["candidates"].as_array().unwrap().len()), (&"license-ambiguous".into(), 2));
    for (answer, exit, count) in [("n\n", 1, 0), ("y\n", 0, 1)] {
        let (output, status) = type_answers(&sandbox, &restore, &[answer]);
        assert_eq!(status, exit, "{output}");
        let licenses = sandbox.run(&["--home", "other", "licenses", "--json"]).expect_exit(0).objects();
        assert_eq!(licenses.len(), count, "{output}");
    }
    let (output, status) = type_answers(&sandbox, &["forget", "Book Rain"], &["n\n"]);
    assert!(status == 1 && output.contains("Use “Book rain” (rain)?"), "{output}");
    assert_eq!(sandbox.run(&["licenses", "--json"]).expect_exit(0).objects().len(), 2);
}

#[test]
fn missing_publication_needs_consent() {
    if !has_terminal("missing_publication_needs_consent") {
        return;
    }
    let sandbox = Sandbox::new();
    // The demo's provider signs its licenses, but its address does not exist, and its license has no hash.
    sandbox.run(&["demo", "--keep", "demo", "--licenses", "10", "--restricted", "1"]).expect_exit(0);
    sandbox.run(&["import", "demo/library/Books"]).expect_exit(0);
    let shelf = sandbox.folder("shelf");
    let there = || std::fs::read_dir(&shelf).unwrap().count();
    let put_back = ["put-back", "shelf"];
    let (output, status) = type_answers(&sandbox, &put_back, &[INTERRUPT]);
    assert_eq!((status, there()), (130, 0), "{output}");
    assert!(output.contains("[y/N] (or: all, none)"), "{output}");
    assert!(
        output.contains("Download it from https://library.example") && output.contains("cannot check the download"),
        "{output}"
    );
    for answer in [END, "n\n", "none\n"] {
        let (output, status) = type_answers(&sandbox, &put_back, &[answer]);
        assert_eq!((status, there()), (0, 0), "{output}");
        assert!(output.contains("Get the book from https://library.example/books/winter"), "{output}");
    }
    // A requested download that fails is a failure. Without a network, it always fails.
    if can_use_namespaces("missing_publication_needs_consent") {
        let (output, status) = type_answers_after(NO_NETWORK, &sandbox, &put_back, &["y\n"]);
        assert_eq!((status, there()), (1, 0), "{output}");
        assert!(output.contains("https://library.example/books/winter"), "{output}");
    }
    // Consent to all downloads excludes a download without a hash.
    let missing = sandbox.run(&["put-back", "shelf", "--fetch", "--json"]).expect_exit(0).objects();
    let why = missing.iter().find(|object| object["put_back"] == "missing").unwrap();
    assert_eq!(why["why"]["code"], "fetch-no-hash");
    // The downloaded publication gets its license after one question, which lists the change.
    let lent = std::fs::read(sandbox.path("demo/library/Books/A Winter by the Sea.epub")).unwrap();
    std::fs::write(shelf.join("winter.epub"), restow_media::build::strip_license(&lent).unwrap()).unwrap();
    sandbox.run(&["scan", "demo/library/Books"]).expect_exit(0);
    let (output, status) = type_answers(&sandbox, &put_back, &["n\n"]);
    assert!(status == 1 && output.contains("would be put into the book"), "{output}");
    assert!(output.contains("into 1 book and write 1 license file?") && there() == 1, "{output}");
    let (output, status) = type_answers(&sandbox, &put_back, &["y\n"]);
    assert!(status == 0 && output.contains("is in the book again"), "{output}");
}

#[test]
fn each_provider_needs_one_consent() {
    if !has_terminal("each_provider_needs_one_consent") {
        return;
    }
    let sandbox = Sandbox::new();
    let workshop = workshop::Key::p256(2);
    let form = workshop::Form { until: "21991231235959Z", ..workshop::Form::provider(&workshop) };
    let certificate = form.sign(&workshop::Key::p256(1));
    for (id, host) in [("a", "one.example"), ("b", "one.example"), ("c", "two.example")] {
        let mut document = workshop::document("2026-01-01T00:00:00Z");
        document["id"] = id.into();
        let link = serde_json::json!({"rel": "status", "href": format!("https://{host}/status/{id}")});
        document["links"].as_array_mut().unwrap().push(link);
        std::fs::write(sandbox.path(&format!("{id}.lcpl")), workshop::signed(document, &certificate, &workshop))
            .unwrap();
    }
    sandbox.folder("stick");
    sandbox.run(&["import", "."]).expect_exit(0);
    for command in ["renew", "return", "refresh"] {
        // Without a terminal, each command gives the same error for a named license.
        assert_eq!(sandbox.run(&[command, "a", "--json"]).expect_exit(2).error()["code"], "needs-yes", "{command}");
    }
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let no = ["n\n", "\n"];
    let (output, status) = type_answers(&sandbox, &["refresh"], &no);
    assert_eq!((status, output.matches("[y/N]").count()), (1, 2), "{output}");
    let (output, status) = type_answers(&sandbox, &["--home", "other", "restore", "stick"], &no);
    assert_eq!((status, output.matches("[y/N]").count()), (0, 2), "{output}");
    assert!(
        output.contains("https://one.example") && output.contains("You do not trust the root certificate"),
        "{output}"
    );
    let (output, status) = type_answers(&sandbox, &["renew", "a"], &[INTERRUPT]);
    assert_eq!(status, 130, "{output}");
    // Consent counts after the last answer.
    let (output, status) = type_answers(&sandbox, &["refresh"], &["y\n", INTERRUPT]);
    assert_eq!(status, 130, "{output}");
    let (output, status) = type_answers(&sandbox, &["renew", "a"], &["n\n"]);
    assert!(status == 1 && output.contains("restow provider allow https://one.example"), "{output}");
    for home in ["home", "other"] {
        let allowed = sandbox.run(&["--home", home, "provider", "--json"]).expect_exit(0).objects();
        assert!(allowed.is_empty(), "{allowed:?}");
    }
    // Consent is stored and not asked for again. Without consent, the question returns.
    if can_use_namespaces("each_provider_needs_one_consent") {
        let (output, status) = type_answers_after(NO_NETWORK, &sandbox, &["refresh"], &["y\n", "n\n"]);
        assert_eq!((status, output.matches("[y/N]").count()), (1, 2), "{output}");
        assert!(output.contains("cannot be reached"), "{output}");
        let allowed = sandbox.run(&["provider", "--json"]).expect_exit(0).objects();
        assert_eq!((allowed.len(), &allowed[0]["origin"]), (1, &"https://one.example".into()));
        assert_eq!(allowed[0]["added"], "consent");
        let (output, status) = type_answers_after(NO_NETWORK, &sandbox, &["refresh"], &["n\n"]);
        assert_eq!((status, output.matches("[y/N]").count()), (1, 1), "{output}");
        assert!(output.contains("Allow contact with https://two.example"), "{output}");
    }
}

#[test]
fn missing_backup_is_asked_about() {
    if !has_terminal("missing_backup_is_asked_about") {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.folder("stick");
    std::fs::write(sandbox.path("a.lcpl"), lcp("a")).unwrap();
    sandbox.run(&["import", "a.lcpl"]).expect_exit(0);
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    std::fs::remove_dir_all(sandbox.path("stick/Restow")).unwrap();
    let (output, exit) = type_answers(&sandbox, &["backup", "stick"], &["n\n"]);
    assert!(output.contains("generation 1") && output.contains("Begin a new backup there?"), "{output}");
    assert_eq!((exit, std::fs::read_dir(sandbox.path("stick")).unwrap().count()), (1, 0));
    let (output, exit) = type_answers(&sandbox, &["backup", "stick"], &["y\n"]);
    assert!(output.contains("generation 2"), "{output}");
    assert_eq!(exit, 0);
}
