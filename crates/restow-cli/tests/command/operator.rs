//! What operators enter and see: `serve` and `admin`.

use std::net::TcpListener;

use serde_json::{Value, json};

use super::stage::{Shop, Stage, key_id};

/// Nothing listens there: whatever is sent fails in another way.
const NOWHERE: &str = "http://127.0.0.1:1";

#[test]
fn nonsense_terms_are_refused_before_anything_is_sent() {
    let stage = Stage::new();
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
            let mut command = stage.command(&[&issue, more].concat());
            super::stage::Said::from(command.env("RESTOW_API_KEY", "x").output().unwrap()).exits(2)
        };
        let error = run(&["--json"]).error();
        assert_eq!(error["code"], code, "{arguments:?}");
        assert!(!error["help"].as_str().unwrap().is_empty(), "{error}");
        let german = run(&["--lang", "de"]).err;
        assert!(!german.contains("error-") && !german.contains("nothing was issued"), "{german}");
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
        std::fs::write(stage.path("terms.json"), text).unwrap();
        let issue = |more: &str| stage.run(&["admin", "issue", "terms.json", "--url", NOWHERE, more]).exits(1);
        let said = issue("--json");
        assert_eq!(said.error()["code"], code, "{text}");
        assert!(said.error()["message"].as_str().unwrap().starts_with("terms.json"), "{}", said.err);
        let german = issue("--lang=de").err;
        assert!(!german.contains("error-") && !german.contains("nothing was issued"), "{german}");
    }
    let text = "[{\"key_ids\": [\"hex:00\"],\n  \"rights\": {\"Play\": {\"count\": \"five\"}}}]";
    std::fs::write(stage.path("terms.json"), text).unwrap();
    let said = stage.run(&["admin", "issue", "terms.json", "--url", NOWHERE]).exits(1).err;
    assert!(said.contains("“count” (line 2, column 37) is not of its kind"), "{said}");
    let missing = stage.run(&["admin", "issue", "nowhere.json", "--url", NOWHERE]).exits(1).err;
    assert!(missing.contains("nowhere.json: there is no such file or folder"), "{missing}");
}

#[test]
fn a_folder_is_served_once_and_where_its_address_says() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    let said = stage.run(&["serve", "shop", "--listen", "127.0.0.1:0", "--json"]).exits(1);
    assert_eq!(said.error()["code"], "service-in-use");
    let message = said.error()["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with("shop is in use"), "{message}");
    if cfg!(unix) {
        assert!(message.contains(&shop.pid().to_string()), "{message}");
    }
    drop(shop);

    // Nothing but the address is said, at setting up.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://localhost:{port}");
    stage.run(&["admin", "init", "library", "--name", "Library", "--url", &url]).exits(0);
    let shop = Shop::serve(&stage, &["library"]);
    assert_eq!(shop.url, format!("http://127.0.0.1:{port}"));
    let listed = stage.run(&["admin", "list", "holders", "--service", "library"]).exits(0);
    assert_eq!(listed.out, "There is nothing to list.\n");
}

/// What was listed: the cells of each line but the heading.
fn cells(out: &str) -> Vec<Vec<&str>> {
    out.lines().skip(1).map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect()).collect()
}

#[test]
fn lists_are_for_people_and_for_programs() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    let ids = shop.sell(&stage, &["Rain", "Snow"]);
    stage.run(&["admin", "revoke", &ids[1][..8], "--reason", "returned", "--service", "shop"]).exits(0);
    let list =
        |what: &str, more: &[&str]| stage.run(&[&["admin", "list", what, "--service", "shop"], more].concat()).exits(0);
    for what in ["licenses", "computers", "holders", "offers", "audit"] {
        for lang in ["en", "de"] {
            let out = list(what, &["--lang", lang]).out;
            assert!(!out.contains(['{', '[', '"']), "{out}");
            for cell in cells(&out).into_iter().flatten() {
                // No seconds since 1970; an ID in short may happen to be of digits only.
                assert!(
                    cell.parse::<u64>().is_ok_and(|number| number < 1_000_000_000) || cell.parse::<u64>().is_err(),
                    "{out}"
                );
                assert!(!cell.starts_with("admin-") && !cell.starts_with("column-"), "{out}");
            }
        }
        let times = ["at", "created", "redeemed", "registered", "last_seen", "issued", "revoked", "released_at"];
        for object in list(what, &["--json"]).objects() {
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
    assert!(rows[1][3].starts_with("revoked 20") && rows[1][3].ends_with(" UTC"), "{out}");
    let audit = list("audit", &["--json"]).objects();
    assert!(audit.iter().any(|entry| entry["what"] == "revoke" && entry["detail"] == "reason=returned"));
    assert_eq!(list("computers", &["--holder", &holder[..8], "--json"]).objects()[0]["name"], "Mine");
}

#[test]
fn what_is_listed_is_understood() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    stage.run(&["--home", "second", "service", "add", &shop.url, "--yes"]).exits(0);
    stage.run(&["--home", "second", "computer", "register", "--name", "Other"]).exits(0);
    let computers = stage.run(&["admin", "list", "computers", "--service", "shop", "--json"]).exits(0).objects();
    let of = |name: &str| computers.iter().find(|computer| computer["name"] == name).unwrap();
    let id = |computer: &Value, name: &str| computer[name].as_str().unwrap().to_owned();
    let (mine, other) = (of("Mine"), of("Other"));
    let (holder, computer) = (id(mine, "holder"), id(mine, "computer"));
    let admin = |command: &str, holder: &str, computer: &str| {
        stage.run(&["admin", command, "--service", "shop", "--json", "--", holder, computer])
    };
    assert_eq!(admin("confirm", &holder[..8], "Mine").exits(0).objects()[0]["done"], true);
    for (holder, computer) in [(&holder[..8], "Other"), (&holder[..8], "abc"), ("short", "Mine"), ("nobody", "Mine")] {
        assert_eq!(admin("release", holder, computer).exits(1).error()["code"], "admin-none-such", "{computer}");
    }
    assert_eq!(admin("release", &holder[..8], &computer[..8]).exits(0).objects()[0]["done"], true);
    let listed = stage.run(&["admin", "list", "computers", "--service", "shop", "--json"]).exits(0).objects();
    let released: Vec<&Value> = listed.iter().filter(|computer| computer.get("released_at").is_some()).collect();
    assert_eq!((released.len(), &released[0]["name"]), (1, &json!("Mine")));
    assert_ne!(holder, id(other, "holder"));
    assert_eq!(admin("withdraw", &holder[..8], "Mine").exits(0).objects()[0]["done"], true, "a released one, too");
}

#[test]
fn new_keys_and_a_new_address_are_learned() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    shop.sell(&stage, &["Rain"]);
    assert_eq!(
        stage.run(&["admin", "rotate-key", "shop", "--json"]).exits(1).error()["code"],
        "service-in-use",
        "a running service has its keys in memory"
    );
    shop.kill();
    std::fs::rename(stage.path("shop/root.key"), stage.path("root.key")).unwrap();
    let said = stage.run(&["admin", "rotate-key", "shop", "--json"]).exits(1).error();
    assert_eq!(said["code"], "service-no-root");
    assert!(said["help"].as_str().unwrap().contains("--root"), "{said}");
    let other = ["admin", "init", "other", "--name", "Other", "--url", "https://other.example"];
    stage.run(&other).exits(0);
    let wrong = stage.run(&["admin", "rotate-key", "shop", "--root", "other/root.key", "--lang", "de"]).exits(1).err;
    assert!(wrong.contains("Das ist der Wurzelschlüssel eines anderen Dienstes."), "{wrong}");
    let rotated = stage.run(&["admin", "rotate-key", "shop", "--root", "root.key", "--json"]).exits(0).objects();
    assert_eq!(rotated, [json!({"key_set_version": 3, "replacements_left": 28})]);
    for _ in 0..28 {
        stage.run(&["admin", "rotate-key", "shop", "--root", "root.key"]).exits(0);
    }
    let full = stage.run(&["admin", "rotate-key", "shop", "--root", "root.key"]).exits(1).err;
    assert!(full.contains("--revoke-all"), "{full}");
    let told = stage.run(&["admin", "rotate-key", "shop", "--root", "root.key", "--revoke"]).exits(0).err;
    assert!(told.contains("replaced no more before"), "{told}");
    let listen = shop.url.trim_start_matches("http://").to_owned();
    let mut shop = Shop::serve(&stage, &["shop", "--listen", &listen]);
    assert_eq!(stage.run(&["computer", "--json"]).exits(0).objects().len(), 1);
    shop.kill();

    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    assert_eq!(stage.run(&["admin", "move", "shop", "ftp://x", "--root", "root.key"]).exits(1).out, "");
    stage.run(&["admin", "move", "shop", &url, "--root", "root.key", "--lang", "de"]).exits(0);
    // At the old address, too, where every computer learns of the new one.
    let mut shop = Shop::serve(&stage, &["shop", "--listen", &listen]);
    assert_eq!(stage.run(&["computer", "--json"]).exits(0).objects().len(), 1);
    let known = || stage.run(&["service", "--json"]).exits(0).objects()[0]["origin"].as_str().unwrap().to_owned();
    assert_eq!(known(), url);
    assert_eq!(
        stage.run(&["--home", "new", "service", "add", &shop.url, "--yes", "--json"]).exits(1).error()["code"],
        "service-private-address",
        "nobody is led to an address of this computer without typing it"
    );
    shop.kill();
    let shop = Shop::serve(&stage, &["shop"]);
    assert_eq!(shop.url, url);
    stage.run(&["service", "add", &url, "--yes"]).exits(0);
    let computers = stage.run(&["computer", "--json"]).exits(0).objects();
    assert_eq!((computers.len(), &computers[0]["computers"][0]["name"]), (1, &json!("Mine")), "{computers:?}");
}

#[test]
fn what_an_operator_got_wrong_is_said_in_both_languages() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    let run = |arguments: &[&str], lang: &str, key: Option<&str>| {
        let mut command = stage.command(&[arguments, &["--lang", lang]].concat());
        command.envs(key.map(|key| ("RESTOW_API_KEY", key)));
        super::stage::Said::from(command.output().unwrap()).exits(1).err
    };
    let list = ["admin", "list", "audit", "--url", &shop.url];
    let init = ["admin", "init", "new", "--name", "New", "--url", "http://shop.example"];
    let again = ["serve", "shop"];
    let gone = ["admin", "revoke", "0123456789abcdef0123456789abcdef", "--reason", "x", "--service", "shop"];
    for (arguments, key, english, german) in [
        (
            &list[..],
            Some("wrong"),
            "does not take this API key (RESTOW_API_KEY)",
            "nimmt diesen API-Schlüssel nicht an",
        ),
        (&init, None, "This cannot be the address of a service.", "Das kann nicht die Adresse eines Dienstes sein."),
        (&again, None, "shop is in use already", "shop wird schon benutzt"),
        (&gone, None, "The service has no such license", "Eine solche Lizenz"),
    ] {
        let (en, de) = (run(arguments, "en", key), run(arguments, "de", key));
        assert!(en.contains(english) && de.contains(german), "{en}{de}");
        assert!(de.lines().all(|line| !en.contains(line)), "{en}{de}");
    }
    let issue = ["admin", "issue", "--key-id", &key_id(1), "--right", "Play", "--title", "Rain", "--service", "shop"];
    let said = stage.run(&issue).exits(0).out;
    assert!(said.contains(&format!("restow service add {}", shop.url)), "an address of this computer is added first");
    shop.kill();
    let (en, de) = (run(&gone, "en", None), run(&gone, "de", None));
    assert!(en.contains("nothing answers there") && de.contains("dort antwortet nichts"), "{en}{de}");
    let add = ["service", "add", &shop.url];
    let (en, de) = (run(&add, "en", None), run(&add, "de", None));
    assert!(en.contains("(nothing answers there)") && de.contains("(dort antwortet nichts)"), "{en}{de}");
}

#[test]
fn dated_licenses_are_listed_with_how_they_stand() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    shop.sell(&stage, &[]);
    let terms =
        json!([{"key_ids": [key_id(1)], "title": "Rain", "rights": {"Play": {}}, "expires": 32_503_680_000_i64}]);
    std::fs::write(stage.path("terms.json"), terms.to_string()).unwrap();
    let issued = stage.run(&["admin", "issue", "terms.json", "--service", "shop", "--json"]).exits(0).objects();
    let list = || stage.run(&["admin", "list", "licenses", "--service", "shop"]).exits(0).out;
    assert!(list().contains("offered, until 3000-01-01 00:00 UTC"), "{}", list());
    stage.run(&["acquire", issued[0]["link"].as_str().unwrap()]).exits(0);
    assert!(list().contains("issued, until 3000-01-01 00:00 UTC"), "{}", list());
}

#[test]
fn content_keys_are_printed_for_the_packager() {
    let stage = Stage::new();
    let shop = Shop::open(&stage);
    let key = key_id(1);
    let ask = |more: &[&str]| stage.run(&[&["admin", "content-key", "shop", &key], more].concat());
    // In any spelling of the key ID, and whether the service runs or not, it is the same key.
    let given = ask(&["hex:0A", "--json"]).exits(0);
    assert_eq!(given.err, "");
    let objects = given.objects();
    assert_eq!(objects.len(), 2);
    let content_key = objects[0]["content_key"].as_str().unwrap();
    assert!(content_key.len() == 32 && content_key.bytes().all(|digit| b"0123456789abcdef".contains(&digit)));
    let expected = json!({"key_id": key, "kid": "q5HgCTj40kGeNQAAAAAAAQ==", "seed": 1, "content_key": content_key});
    assert_eq!(objects[0], expected);
    assert_eq!(objects[1]["key_id"], "hex:0a");
    drop(shop);
    let plain = key.replace('-', "").to_uppercase();
    let said = stage.run(&["admin", "content-key", "shop", &plain]).exits(0);
    assert_eq!(said.out, format!("{key}  {content_key}\n"));
    assert!(said.err.contains("Keep it secret") && !said.err.contains(content_key), "{}", said.err);
    assert!(ask(&["--lang", "de"]).exits(0).err.contains("Geheim halten"));
    // What is no key ID is found before anything is given out.
    let wrong = ask(&["song.mp4", "--json"]).exits(2);
    assert_eq!((wrong.error()["code"].as_str(), wrong.out.as_str()), (Some("key-id"), ""));
    assert_eq!(
        stage.run(&["admin", "content-key", "nowhere", &key, "--json"]).exits(1).error()["code"],
        "service-not-initialized"
    );

    let _shop = Shop::serve(&stage, &["shop"]);
    let audit = |more: &str| stage.run(&["admin", "list", "audit", "--service", "shop", more]).exits(0);
    let asked: Vec<Value> = audit("--json").objects();
    let details: Vec<&str> = asked.iter().filter_map(|row| row["detail"].as_str()).collect();
    let of_key = format!("seed=1 key_id={key}");
    assert_eq!(details, [&of_key, "seed=1 key_id=hex:0a", &of_key, &of_key]);
    assert!(asked.iter().all(|row| row["who"] == "operator" && row["what"] == "content-key"));
    assert!(audit("--lang=en").out.contains("gave out a content key"));
    assert!(audit("--lang=de").out.contains("Inhaltsschlüssel herausgegeben"));
}
