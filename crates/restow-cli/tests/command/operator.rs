//! Commands for operators: `serve` and `admin`.

use std::io::Write as _;
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::{Value, json};

use super::sandbox::{Sandbox, TestService, key_id};

/// Closed port, so that each request fails in another way.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn invalid_terms_are_rejected_before_sending() {
    let sandbox = Sandbox::new();
    let key = key_id(1);
    for (arguments, code) in [
        (&["--right", "Play=0"][..], "terms-range"),
        (&["--right", "Plya=5"], "terms-unknown-right"),
        (&["--backup"], "terms-no-right"),
        (&[], "terms-no-right"),
        (&["--right", "Play=-1"], "usage-count"),
        (&["--right", "Play=99999999999999999999"], "usage-count"),
        (&["--right", "a b=5"], "usage-right"),
        (&["--right", "Play=5", "--right", "play"], "right-twice"),
        (&["--right", "Play", "--computers", "0"], "terms-range"),
        (&["--right", "Play", "--computers", "1001"], "terms-range"),
        (&["--right", "Play", "--title", " "], "terms-title"),
        (&["--right", "Play", "--key-id", &key], "terms-key-id-twice"),
    ] {
        let issue = [&["admin", "issue", "--url", NOWHERE, "--key-id", &key], arguments].concat();
        let run = |more: &[&str]| {
            let mut command = sandbox.command(&[&issue, more].concat());
            super::sandbox::CommandOutput::from(command.env("RESTOW_API_KEY", "x").output().unwrap()).expect_exit(2)
        };
        let error = run(&["--json"]).error();
        assert_eq!(error["code"], code, "{arguments:?}");
        assert!(!error["help"].as_str().unwrap().is_empty(), "{error}");
        let german = run(&["--lang", "de"]).err;
        assert!(!german.contains("error-") && !german.contains("Nothing was issued"), "{german}");
    }
    for (text, code) in [
        ("[]", "terms-number"),
        ("{}", "terms-list"),
        ("[{", "terms-json"),
        (r#"[{"key_ids":["hex:00"]}]"#, "terms-missing"),
        (r#"[{"key_ids":["hex:00"],"rights":{"Play":{}},"limits":4}]"#, "terms-unknown"),
        (r#"[{"key_ids":"hex:00","rights":{"Play":{}}}]"#, "terms-shape"),
        (r#"[{"key_ids":["hex:00"],"rights":{"Play":{"count":5},"Play":{}}}]"#, "terms-shape"),
        (r#"[{"key_ids":["hex:00"],"rights":{"Play":{}},"expires":5}]"#, "terms-past"),
        (r#"[{"key_ids":["hex:00"],"rights":{"Play":{}},"expires":-5}]"#, "terms-range"),
        (r#"[{"key_ids":["hex:00"],"rights":{"Play":{"from":10,"until":5}}}]"#, "terms-order"),
    ] {
        std::fs::write(sandbox.path("terms.json"), text).unwrap();
        let issue = |more: &str| sandbox.run(&["admin", "issue", "terms.json", "--url", NOWHERE, more]).expect_exit(1);
        let output = issue("--json");
        assert_eq!(output.error()["code"], code, "{text}");
        assert!(output.error()["message"].as_str().unwrap().starts_with("terms.json"), "{}", output.err);
        let german = issue("--lang=de").err;
        assert!(!german.contains("error-") && !german.contains("Nothing was issued"), "{german}");
    }
    let text = "[{\"key_ids\": [\"hex:00\"],\n  \"rights\": {\"Play\": {\"count\": \"five\"}}}]";
    std::fs::write(sandbox.path("terms.json"), text).unwrap();
    let output = sandbox.run(&["admin", "issue", "terms.json", "--url", NOWHERE]).expect_exit(1).err;
    assert!(output.contains("“count” (line 2, column 37) has a value of the wrong type"), "{output}");
    for (value, column) in [("\"soon\"", 66), ("1.5", 63)] {
        let text = format!("[{{\"key_ids\": [\"hex:00\"], \"rights\": {{\"Play\": {{}}}}, \"expires\": {value}}}]");
        let mut command = sandbox.command(&["admin", "issue", "-", "--url", NOWHERE]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = super::sandbox::CommandOutput::from(child.wait_with_output().unwrap()).expect_exit(1).err;
        let place = format!("standard input: “expires” (line 1, column {column})");
        assert!(output.contains(&place) && output.contains("dates as 2030-12-31"), "{output}");
    }
    let missing = sandbox.run(&["admin", "issue", "nowhere.json", "--url", NOWHERE]).expect_exit(1).err;
    assert!(missing.contains("nowhere.json: there is no such file or folder"), "{missing}");
}

#[test]
fn service_folder_has_one_server() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    let output = sandbox.run(&["serve", "shop", "--listen", "127.0.0.1:0", "--json"]).expect_exit(1);
    assert_eq!(output.error()["code"], "service-in-use");
    let message = output.error()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("Another program uses shop"), "{message}");
    if cfg!(unix) {
        assert!(message.contains(&service.pid().to_string()), "{message}");
    }
    drop(service);

    // The address is the only setting of this service.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://localhost:{port}");
    sandbox.run(&["admin", "init", "library", "--name", "Library", "--url", &url]).expect_exit(0);
    let service = TestService::serve(&sandbox, &["library"]);
    assert_eq!(service.url, format!("http://127.0.0.1:{port}"));
    let listed = sandbox.run(&["admin", "list", "holders", "--service", "library"]).expect_exit(0);
    assert_eq!(listed.out, "There is nothing to list.\n");
}

/// Returns the cells of each listed row.
fn cells(out: &str) -> Vec<Vec<&str>> {
    out.lines().skip(1).map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect()
}

#[test]
fn lists_have_tables_and_objects() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    let ids = service.issue_licenses(&sandbox, &["Rain", "Snow"]);
    sandbox.run(&["admin", "revoke", &ids[1][..8], "--reason", "returned", "--service", "shop"]).expect_exit(0);
    let list = |kind: &str, more: &[&str]| {
        sandbox.run(&[&["admin", "list", kind, "--service", "shop"], more].concat()).expect_exit(0)
    };
    for kind in ["licenses", "computers", "holders", "offers", "audit"] {
        for lang in ["en", "de"] {
            let out = list(kind, &["--lang", lang]).out;
            assert!(!out.contains(['{', '[', '"']), "{out}");
            for cell in cells(&out).into_iter().flatten() {
                // A time is not shown in seconds since 1970. A short ID may consist of digits only.
                assert!(
                    cell.parse::<u64>().is_ok_and(|number| number < 1_000_000_000) || cell.parse::<u64>().is_err(),
                    "{out}"
                );
                assert!(!cell.starts_with("admin-") && !cell.starts_with("column-"), "{out}");
            }
        }
        let times = [
            "at",
            "created",
            "link_expires",
            "redeemed",
            "registered",
            "last_seen",
            "issued",
            "revoked",
            "released_at",
        ];
        for object in list(kind, &["--json"]).objects() {
            for (name, value) in object.as_object().unwrap() {
                let is_time = value.as_str().is_some_and(|text| text.len() == 20 && text.ends_with('Z'));
                assert_eq!(is_time, times.contains(&name.as_str()), "{name}: {value}");
            }
        }
    }
    let out = list("licenses", &[]).out;
    let mut rows = cells(&out);
    rows.sort_by_key(|row| row.last().copied().map(str::to_owned));
    let holder = list("holders", &["--json"]).objects()[0]["holder"].as_str().unwrap().to_owned();
    assert_eq!(rows[0], [&ids[0][..8], &holder[..8], "1/4", "issued", "Backup Play=5", "Rain"]);
    assert!(rows[1][3].starts_with("revoked ") && rows[1][3].contains(", "), "{out}");
    let audit = list("audit", &["--json"]).objects();
    assert!(audit.iter().any(|entry| entry["what"] == "revoke" && entry["detail"] == "reason=returned"));
    assert_eq!(list("computers", &["--holder", &holder[..8], "--json"]).objects()[0]["name"], "Mine");
}

#[test]
fn listed_prefixes_are_accepted() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    sandbox.run(&["--home", "second", "service", "add", &service.url, "--yes"]).expect_exit(0);
    sandbox.run(&["--home", "second", "computer", "register", "--name", "Other"]).expect_exit(0);
    let computers =
        sandbox.run(&["admin", "list", "computers", "--service", "shop", "--json"]).expect_exit(0).objects();
    let of = |name: &str| computers.iter().find(|computer| computer["name"] == name).unwrap();
    let id = |computer: &Value, name: &str| computer[name].as_str().unwrap().to_owned();
    let (mine, other_init) = (of("Mine"), of("Other"));
    let (holder, computer) = (id(mine, "holder"), id(mine, "computer"));
    let admin = |command: &str, holder: &str, computer: &str| {
        sandbox.run(&["admin", command, "--service", "shop", "--json", "--", holder, computer])
    };
    assert_eq!(admin("confirm", &holder[..8], "Mine").expect_exit(0).objects()[0]["done"], true);
    for (holder, computer, code) in [
        (&holder[..8], "Other", "admin-none-such"),
        (&holder[..8], "abc", "admin-none-such"),
        (&holder[..8], &computer[..5], "id-too-short"),
        (&holder[..5], "Mine", "id-too-short"),
        ("short", "Mine", "admin-none-such"),
        ("nobody", "Mine", "admin-none-such"),
    ] {
        let error = admin("release", holder, computer).expect_exit(1).error();
        assert_eq!(error["code"], code, "{computer}");
        assert!(error["help"].as_str().unwrap().contains("at least 6"), "{error}");
    }
    assert_eq!(admin("release", &holder[..8], &computer[..8]).expect_exit(0).objects()[0]["done"], true);
    let listed = sandbox.run(&["admin", "list", "computers", "--service", "shop", "--json"]).expect_exit(0).objects();
    let released: Vec<&Value> = listed.iter().filter(|computer| computer.get("released_at").is_some()).collect();
    assert_eq!((released.len(), &released[0]["name"]), (1, &json!("Mine")));
    assert_ne!(holder, id(other_init, "holder"));
    assert_eq!(
        admin("withdraw", &holder[..8], "Mine").expect_exit(0).objects()[0]["done"],
        true,
        "a released one, too"
    );
}

#[test]
fn computers_learn_new_keys_and_address() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    assert_eq!(
        sandbox.run(&["admin", "rotate-key", "shop", "--json"]).expect_exit(1).error()["code"],
        "service-in-use",
        "a running service has its keys in memory"
    );
    service.kill();
    std::fs::rename(sandbox.path("shop/root.key"), sandbox.path("root.key")).unwrap();
    let output = sandbox.run(&["admin", "rotate-key", "shop", "--json"]).expect_exit(1).error();
    assert_eq!(output["code"], "service-no-root");
    assert!(output["help"].as_str().unwrap().contains("--root"), "{output}");
    let other_init = ["admin", "init", "other", "--name", "Other", "--url", "https://other.example"];
    sandbox.run(&other_init).expect_exit(0);
    let wrong =
        sandbox.run(&["admin", "rotate-key", "shop", "--root", "other/root.key", "--lang", "de"]).expect_exit(1).err;
    assert!(wrong.contains("Das ist der Wurzelschlüssel eines anderen Dienstes."), "{wrong}");
    let rotated =
        sandbox.run(&["admin", "rotate-key", "shop", "--root", "root.key", "--json"]).expect_exit(0).objects();
    assert_eq!(rotated, [json!({"type": "key_set", "key_set_version": 3, "replacements_left": 28})]);
    for _ in 0..28 {
        sandbox.run(&["admin", "rotate-key", "shop", "--root", "root.key"]).expect_exit(0);
    }
    let full = sandbox.run(&["admin", "rotate-key", "shop", "--root", "root.key"]).expect_exit(1).err;
    assert!(full.contains("--revoke-all"), "{full}");
    let output = sandbox.run(&["admin", "rotate-key", "shop", "--root", "root.key", "--revoke"]).expect_exit(0).err;
    assert!(output.contains("cannot be replaced again without --revoke-all"), "{output}");
    let listen = service.url.trim_start_matches("http://").to_owned();
    let mut service = TestService::serve(&sandbox, &["shop", "--listen", &listen]);
    assert_eq!(sandbox.run(&["computer", "--json"]).expect_exit(0).objects().len(), 1);
    service.kill();

    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    assert_eq!(sandbox.run(&["admin", "move", "shop", "ftp://x", "--root", "root.key"]).expect_exit(1).out, "");
    sandbox.run(&["admin", "move", "shop", &url, "--root", "root.key", "--lang", "de"]).expect_exit(0);
    // The old address serves the new key set, so that computers learn the new address.
    let mut service = TestService::serve(&sandbox, &["shop", "--listen", &listen]);
    assert_eq!(sandbox.run(&["computer", "--json"]).expect_exit(0).objects().len(), 1);
    let known_origin =
        || sandbox.run(&["service", "--json"]).expect_exit(0).objects()[0]["origin"].as_str().unwrap().to_owned();
    assert_eq!(known_origin(), url);
    assert_eq!(
        sandbox.run(&["--home", "new", "service", "add", &service.url, "--yes", "--json"]).expect_exit(1).error()["code"],
        "service-private-address",
        "nobody is led to an address of this computer without typing it"
    );
    service.kill();
    let service = TestService::serve(&sandbox, &["shop"]);
    assert_eq!(service.url, url);
    sandbox.run(&["service", "add", &url, "--yes"]).expect_exit(0);
    let computers = sandbox.run(&["computer", "--json"]).expect_exit(0).objects();
    assert_eq!((computers.len(), &computers[0]["computers"][0]["name"]), (1, &json!("Mine")), "{computers:?}");
}

#[test]
fn operator_errors_have_both_languages() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    let run = |arguments: &[&str], lang: &str, key: Option<&str>| {
        let mut command = sandbox.command(&[arguments, &["--lang", lang]].concat());
        command.envs(key.map(|key| ("RESTOW_API_KEY", key)));
        super::sandbox::CommandOutput::from(command.output().unwrap()).expect_exit(1).err
    };
    let list = ["admin", "list", "audit", "--url", &service.url];
    let init = ["admin", "init", "new", "--name", "New", "--url", "http://shop.example"];
    let serve = ["serve", "shop"];
    let revoke = ["admin", "revoke", "0123456789abcdef0123456789abcdef", "--reason", "x", "--service", "shop"];
    for (arguments, key, english, german) in [
        (
            &list[..],
            Some("wrong"),
            "does not accept this API key (RESTOW_API_KEY)",
            "nimmt diesen API-Schlüssel nicht an",
        ),
        (&init, None, "This cannot be the address of a service.", "Das kann nicht die Adresse eines Dienstes sein."),
        (&serve, None, "Another program uses shop", "Ein anderes Programm benutzt shop"),
        (&revoke, None, "The service does not have this license", "Diese Lizenz, diesen Inhaber"),
    ] {
        let (en, de) = (run(arguments, "en", key), run(arguments, "de", key));
        assert!(en.contains(english) && de.contains(german), "{en}{de}");
        assert!(de.lines().all(|line| !en.contains(line)), "{en}{de}");
    }
    let issue = ["admin", "issue", "--key-id", &key_id(1), "--right", "Play", "--title", "Rain", "--service", "shop"];
    let output = sandbox.run(&issue).expect_exit(0).out;
    assert!(
        output.contains(&format!("restow service add {}", service.url)),
        "an address of this computer is added first"
    );
    service.kill();
    let (en, de) = (run(&revoke, "en", None), run(&revoke, "de", None));
    assert!(en.contains("no program answers there") && de.contains("dort antwortet kein Programm"), "{en}{de}");
    let add = ["service", "add", &service.url];
    let (en, de) = (run(&add, "en", None), run(&add, "de", None));
    assert!(en.contains("(no program answers there)") && de.contains("(dort antwortet kein Programm)"), "{en}{de}");
}

#[test]
fn license_list_shows_end_dates() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &[]);
    let terms =
        json!([{"key_ids": [key_id(1)], "title": "Rain", "rights": {"Play": {}}, "expires": 32_503_680_000_i64}]);
    std::fs::write(sandbox.path("terms.json"), terms.to_string()).unwrap();
    let issued = sandbox.run(&["admin", "issue", "terms.json", "--service", "shop", "--json"]).expect_exit(0).objects();
    let list = || sandbox.run(&["admin", "list", "licenses", "--service", "shop"]).expect_exit(0).out;
    assert!(list().contains("offered, until 1 Jan 3000, 00:00"), "{}", list());
    sandbox.run(&["acquire", issued[0]["link"].as_str().unwrap()]).expect_exit(0);
    assert!(list().contains("issued, until 1 Jan 3000, 00:00"), "{}", list());
}

#[test]
fn six_characters_confirm_computer() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    service.issue_licenses(&sandbox, &["Rain"]);
    std::fs::create_dir(sandbox.path("stick")).unwrap();
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    sandbox.run(&["--home", "second", "service", "add", &service.url, "--yes"]).expect_exit(0);
    let restored = sandbox.run(&["--home", "second", "restore", "stick", "--register"]);
    let shown = |text: &str| {
        let after = text.split("restow computer confirm ").nth(1).unwrap().to_owned();
        after.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect::<String>()
    };
    let new_screen = shown(&format!("{}{}", restored.out, restored.err));
    let computers = sandbox.run(&["computer"]).expect_exit(0);
    let old_screen = shown(&format!("{}{}", computers.out, computers.err));
    assert_eq!((new_screen.len(), &new_screen), (6, &old_screen));
    sandbox.run(&["computer", "confirm", &new_screen]).expect_exit(0);
}

#[test]
fn issue_takes_dates_and_reference() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    let admin = |arguments: &[&str]| sandbox.run(&[&["admin"], arguments, &["--service", "shop"]].concat());
    let key = key_id(1);
    let issue =
        |more: &[&str]| admin(&[&["issue", "--key-id", &key, "--right", "Play", "--title", "Rain"], more].concat());
    let dated = ["--not-before", "2999-01-01", "--expires", "2999-12-31", "--reference", "A-17", "--note", "by phone"];
    let issued = issue(&[&dated[..], &["--link-days", "3", "--json"]].concat()).expect_exit(0).objects();
    assert!(issued[0]["link_expires"].as_str().unwrap().ends_with('Z'), "{issued:?}");
    let list = |what: &str, more: &[&str]| admin(&[&["list", what], more].concat()).expect_exit(0);
    let licenses = list("licenses", &["--json"]).objects();
    assert_eq!(licenses[0]["not_before"], "2999-01-01T00:00:00Z");
    assert_eq!(licenses[0]["expires"], "2999-12-31T23:59:59Z");
    assert_eq!((&licenses[0]["reference"], &licenses[0]["note"]), (&json!("A-17"), &json!("by phone")));
    for (what, search) in [("licenses", "a-17"), ("offers", "PHONE"), ("licenses", "rain")] {
        let out = list(what, &["--search", search]).out;
        assert!(out.contains("A-17") && out.contains("by phone"), "{out}");
    }
    assert_eq!(list("licenses", &["--search", "B-4"]).out, "There is nothing to list.\n");
    for (arguments, code) in [
        (&["--expires", "soon"][..], "usage-value"),
        (&["--not-before", "2999-02-30"], "usage-value"),
        (&["--expires", "2020-01-01"], "terms-past"),
        (&["--not-before", "2999-01-02", "--expires", "2999-01-01"], "terms-order"),
        (&["--link-days", "0"], "usage-value"),
        (&["--reference", " "], "usage-value"),
    ] {
        let error = issue(&[arguments, &["--json"]].concat()).expect_exit(2).error();
        assert_eq!(error["code"], code, "{arguments:?}");
    }

    // A reference names its open link.
    assert_eq!(admin(&["withdraw-link", "A-1", "--json"]).expect_exit(1).error()["code"], "admin-none-such");
    assert_eq!(admin(&["withdraw-link", "A-17", "--json"]).expect_exit(0).objects()[0]["done"], true);
    assert!(list("offers", &["--search", "A-17"]).out.contains("withdrawn "));
    let refused = sandbox.run(&["service", "add", &service.url, "--yes"]).expect_exit(0);
    assert!(refused.err.is_empty(), "{}", refused.err);
    let link = issued[0]["link"].as_str().unwrap();
    let refused = sandbox.run(&["acquire", link, "--register", "--json"]).expect_exit(1).error();
    assert_eq!(refused["code"], "link-withdrawn");
    assert_eq!(list("holders", &[]).out, "There is nothing to list.\n", "no empty holder");
    assert!(list("audit", &["--search", "link-withdrawn"]).out.contains("call refused"));
    // The link lost its end.
    let cut = sandbox.run(&["acquire", link.split('#').next().unwrap(), "--json"]).expect_exit(1).error();
    assert!(cut["message"].as_str().unwrap().starts_with("The link is incomplete"), "{cut}");
    assert!(cut["help"].as_str().unwrap().contains("restow acquire 'LINK'"), "{cut}");
}

#[test]
fn content_keys_are_printed_and_audited() {
    let sandbox = Sandbox::new();
    let service = TestService::start(&sandbox);
    let key = key_id(1);
    let ask = |more: &[&str]| sandbox.run(&[&["admin", "content-key", "shop", &key], more].concat());
    // The key does not depend on the spelling of the key ID or on a running service.
    let printed = ask(&["hex:0A", "--json"]).expect_exit(0);
    assert_eq!(printed.err, "");
    let objects = printed.objects();
    assert_eq!(objects.len(), 2);
    let content_key = objects[0]["content_key"].as_str().unwrap();
    assert!(content_key.len() == 32 && content_key.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
    let expected = json!({
        "type": "content_key", "key_id": key, "kid": "q5HgCTj40kGeNQAAAAAAAQ==", "seed": 1, "content_key": content_key,
    });
    assert_eq!(objects[0], expected);
    assert_eq!(objects[1]["key_id"], "hex:0a");
    drop(service);
    let plain = key.replace('-', "").to_uppercase();
    let output = sandbox.run(&["admin", "content-key", "shop", &plain]).expect_exit(0);
    assert_eq!(output.out, format!("{key}  {content_key}\n"));
    assert!(output.err.contains("Keep the content key secret") && !output.err.contains(content_key), "{}", output.err);
    assert!(ask(&["--lang", "de"]).expect_exit(0).err.contains("Den Inhaltsschlüssel geheim halten"));
    // An invalid key ID is rejected before any key is printed.
    let wrong = ask(&["song.mp4", "--json"]).expect_exit(2);
    assert_eq!((wrong.error()["code"].as_str(), wrong.out.as_str()), (Some("key-id"), ""));
    assert_eq!(
        sandbox.run(&["admin", "content-key", "nowhere", &key, "--json"]).expect_exit(1).error()["code"],
        "service-not-initialized"
    );

    let _shop = TestService::serve(&sandbox, &["shop"]);
    let audit = |more: &str| sandbox.run(&["admin", "list", "audit", "--service", "shop", more]).expect_exit(0);
    let entries: Vec<Value> = audit("--json").objects();
    let details: Vec<&str> = entries.iter().filter_map(|row| row["detail"].as_str()).collect();
    let of_key = format!("seed=1 key_id={key}");
    assert_eq!(details, [&of_key, "seed=1 key_id=hex:0a", &of_key, &of_key]);
    assert!(entries.iter().all(|row| row["who"] == "operator" && row["what"] == "content-key"));
    assert!(audit("--lang=en").out.contains("content key printed"));
    assert!(audit("--lang=de").out.contains("Inhaltsschlüssel ausgegeben"));
}
