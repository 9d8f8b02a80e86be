//! Setting up, the operator's calls, and the pages for people.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{START, Shop, code_of, key, terms};
use restow::license::{KeyUse, Limits, Right};
use restow::service::protocol::admin::{self, ListWhat};
use restow::service::protocol::{Outcome, ProblemCode};
use restow_service::{InitOptions, ServiceError, Settings, initialize};

fn options() -> InitOptions {
    InitOptions {
        name: "Shop".into(),
        url: "https://shop.example/".into(),
        privacy_url: None,
        contact: "help@shop.example".into(),
    }
}

#[test]
fn a_folder_is_set_up_once() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(Settings::load(folder.path()), Err(ServiceError::NotInitialized(_))));
    assert!(matches!(restow_service::api_key(folder.path()), Err(ServiceError::NotInitialized(_))));
    for bad in [
        InitOptions { url: "http://shop.example".into(), ..options() },
        InitOptions { name: String::new(), ..options() },
        InitOptions { contact: " ".into(), ..options() },
        InitOptions { privacy_url: Some("javascript:x".into()), ..options() },
    ] {
        let error = initialize(folder.path(), &bad).unwrap_err();
        assert_eq!(error.code(), "service-setting");
        assert!(!error.help().is_empty());
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of what was refused");
    let made = initialize(folder.path(), &options()).unwrap();
    assert_eq!((made.name.as_str(), made.url.as_str()), ("Shop", "https://shop.example"));
    assert_eq!(made.fingerprint.replace(' ', ""), made.issuer);
    assert_eq!(restow_service::service_url(folder.path()).unwrap(), made.url);
    assert!(matches!(initialize(folder.path(), &options()), Err(ServiceError::AlreadyInitialized(_))));
    #[cfg(unix)]
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    // The root is not needed to run.
    std::fs::rename(folder.path().join("root.key"), folder.path().join("elsewhere")).unwrap();
    let settings = Settings { listen: "127.0.0.1:0".parse().ok(), ..Settings::default() };
    let clock = std::sync::Arc::new(restow::SystemClock);
    restow_service::Service::open(folder.path(), settings, clock).unwrap().serve().unwrap().stop();
    assert_eq!(initialize(folder.path(), &options()).unwrap_err().code(), "service-already-initialized");
}

#[test]
fn a_folder_has_one_server() {
    let mut shop = Shop::open();
    let (folder, settings) = (shop.folder.path().to_owned(), shop.settings.clone());
    let clock = std::sync::Arc::new(restow::SystemClock);
    let open = || restow_service::Service::open(&folder, settings.clone(), clock.clone());
    let error = open().err().unwrap();
    assert!(
        matches!(&error, ServiceError::InUse { folder: named, process } if *named == folder && process.is_none_or(|id| id == std::process::id())),
        "{error:?}"
    );
    assert_eq!(error.code(), "service-in-use");
    shop.stop();
    drop(open().unwrap());
    shop.start();
    assert_eq!(shop.get("health").status, 200);
}

#[test]
fn a_service_listens_where_its_address_says() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let folder = tempfile::tempdir().unwrap();
    initialize(folder.path(), &InitOptions { url: format!("http://localhost:{port}"), ..options() }).unwrap();
    let settings = Settings::load(folder.path()).unwrap();
    assert_eq!(settings.listen, None);
    let clock = std::sync::Arc::new(restow::SystemClock);
    let running = restow_service::Service::open(folder.path(), settings, clock).unwrap().serve().unwrap();
    assert_eq!(running.local_addr(), std::net::SocketAddr::from(([127, 0, 0, 1], port)));
    running.stop();
}

#[test]
fn the_key_set_is_signed_by_the_root() {
    let shop = Shop::open();
    let set = shop.key_set();
    let uses: Vec<KeyUse> = set.set().keys.iter().map(|key| key.key_use).collect();
    assert_eq!(uses, [KeyUse::License, KeyUse::Service, KeyUse::Sunset]);
    assert_eq!(set.sunset_keys(START).count(), 1);
    assert_eq!(set.set().service_url, "http://127.0.0.1:8080");
    let reply = shop.get("key-set");
    assert_eq!(reply.headers["content-type"], "application/jose");
}

#[test]
fn keys_are_replaced_and_what_they_signed_stays_good() {
    use restow_service::{OldKeyAction, rotate_keys};
    let mut shop = Shop::open();
    let ann = shop.person(1);
    let (code, licenses) = shop.issue(1, None);
    let old = ann.acquire(&shop, &code).unwrap().documents;
    let clock = shop.clock.clone();
    let folder = shop.folder.path().to_owned();
    let rotate = |replaced| rotate_keys(&folder, None, replaced, &clock);
    assert_eq!(rotate(OldKeyAction::Retire).unwrap_err().code(), "service-in-use");
    let before = shop.key_set();
    shop.stop();
    // Another's root, and none at all, change nothing.
    let other = tempfile::tempdir().unwrap();
    initialize(other.path(), &options()).unwrap();
    let wrong = rotate_keys(&folder, Some(&other.path().join("root.key")), OldKeyAction::Retire, &clock);
    assert_eq!(wrong.unwrap_err().code(), "service-setting");
    let root = other.path().join("kept.key");
    std::fs::rename(folder.join("root.key"), &root).unwrap();
    assert_eq!(rotate(OldKeyAction::Retire).unwrap_err().code(), "service-no-root");
    rotate_keys(&folder, Some(&root), OldKeyAction::Retire, &clock).unwrap();
    shop.start();
    let after = shop.key_set();
    assert!(after.set().version > before.set().version && after.set().keys.len() == before.set().keys.len() + 2);
    assert_eq!(common::verify_documents(&shop, &ann, &old), licenses, "what the old key signed");
    // Whoever asks is answered, and given licenses, by the new ones.
    shop.clock.advance(common::DAY);
    let (code, licenses) = shop.issue(1, None);
    let new = ann.acquire(&shop, &code).unwrap().documents;
    assert_eq!(common::verify_documents(&shop, &ann, &new), licenses);
    assert!(restow::license::verify_native(new[0].as_bytes(), &before).is_err());

    shop.stop();
    rotate_keys(&folder, Some(&root), OldKeyAction::Revoke, &clock).unwrap();
    shop.start();
    let good = |document: &String| restow::license::verify_native(document.as_bytes(), &shop.key_set()).is_ok();
    assert_eq!((good(&old[0]), good(&new[0])), (true, false), "the keys that are replaced");
    assert_eq!(ann.outcome(&shop, &licenses[0]), Outcome::Granted, "a grant brings it all the same");
    shop.stop();
    rotate_keys(&folder, Some(&root), OldKeyAction::RevokeAll, &clock).unwrap();
    shop.start();
    assert!(restow::license::verify_native(old[0].as_bytes(), &shop.key_set()).is_err());
    let kept: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(kept.iter().all(|path| path.extension().is_none_or(|ending| ending != "tmp")), "{kept:?}");
}

#[test]
fn a_new_address_is_published() {
    let mut shop = Shop::open();
    let folder = shop.folder.path().to_owned();
    shop.stop();
    let clock = shop.clock.clone();
    let to = |url: &str| restow_service::publish_new_url(&folder, None, url, &clock);
    assert_eq!(to("http://shop.example").unwrap_err().code(), "service-setting");
    to("https://moved.example/").unwrap();
    shop.start();
    assert_eq!(shop.key_set().set().service_url, "https://moved.example");
    let issued: admin::Issued =
        shop.admin("admin/issue", &admin::Issue { licenses: vec![terms(1)], holder: None }).unwrap();
    assert!(issued.link.starts_with("https://moved.example/restow/v1/link/"));
}

#[test]
fn the_api_key_is_needed() {
    let shop = Shop::open();
    let body = serde_json::to_vec(&admin::List { what: ListWhat::Holders, after: None, holder: None }).unwrap();
    for wrong in ["", "x", &shop.api_key[1..], &format!("{}A", shop.api_key)] {
        let reply = shop.admin_raw(wrong, &key(), "admin/list", &body);
        assert_eq!(reply.status, 401);
        assert_eq!(reply.problem().problem_type, "urn:restow:problem:api-key");
    }
    assert_eq!(shop.admin_raw(&shop.api_key, &key(), "admin/list", &body).status, 200);
    let call = common::agent().post(shop.url("admin/list")).send(&body[..]).unwrap();
    assert_eq!(call.status().as_u16(), 401);
}

#[test]
fn issuing_again_is_the_same_link() {
    let mut shop = Shop::open();
    let request = key();
    let issue = admin::Issue { licenses: vec![terms(1), terms(2)], holder: None };
    let first: admin::Issued = shop.admin_as(&request, "admin/issue", &issue).unwrap();
    shop.stop();
    shop.start();
    assert_eq!(shop.admin_as::<admin::Issued>(&request, "admin/issue", &issue).unwrap(), first);
    let other = admin::Issue { licenses: vec![terms(1)], holder: None };
    assert_eq!(code_of(shop.admin_as::<admin::Issued>(&request, "admin/issue", &other)), ProblemCode::KeyReused);
    assert_eq!(code_of(shop.admin_as::<admin::Issued>("short", "admin/issue", &issue)), ProblemCode::Malformed);
    assert_eq!(shop.list(ListWhat::Licenses).rows.len(), 2);
    // The code itself is nowhere.
    let code = shop.code(&first.link);
    shop.stop();
    for entry in std::fs::read_dir(shop.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(code.len()).any(|window| window == code.as_bytes()));
    }
    shop.start();
}

#[test]
fn terms_that_cannot_be_signed_are_refused() {
    let shop = Shop::open();
    let good = terms(1);
    let mut no_keys = good.clone();
    no_keys.key_ids.clear();
    let mut twice = good.clone();
    twice.key_ids.push(good.key_ids[0].to_uppercase());
    let mut nonsense = good.clone();
    nonsense.key_ids = vec!["nonsense".into()];
    let mut long = good.clone();
    long.title = Some("x".repeat(1001));
    let mut never = good.clone();
    (never.not_before, never.expires) = (Some(10), Some(10));
    let mut limit = good.clone();
    limit.limit = Some(1001);
    let mut rights = good.clone();
    for n in 0..65 {
        rights.rights.insert(Right::named(&format!("r{n}")).unwrap(), Limits::default());
    }
    let mut nothing = good.clone();
    nothing.rights.clear();
    let mut no_play = good.clone();
    no_play.rights.insert(Right::PLAY, Limits { count: Some(0), ..Limits::default() });
    let mut nowhere = good.clone();
    nowhere.limit = Some(0);
    let mut over = good.clone();
    over.expires = Some(START);
    let wrong = [no_keys, twice, nonsense, long, never, limit, rights, nothing, no_play, nowhere, over];
    for terms in wrong {
        let licenses = vec![good.clone(), terms];
        let issued = shop.admin::<admin::Issued>("admin/issue", &admin::Issue { licenses, holder: None });
        let problem = issued.unwrap_err();
        assert_eq!(problem.code(), Some(ProblemCode::Malformed));
        assert!(problem.detail.starts_with("Of `licenses[1]`, "), "{}", problem.detail);
    }
    let none = admin::Issue { licenses: vec![], holder: None };
    assert_eq!(code_of(shop.admin::<admin::Issued>("admin/issue", &none)), ProblemCode::Malformed);
    let nobody = admin::Issue { licenses: vec![good.clone()], holder: Some("nobody".into()) };
    assert_eq!(code_of(shop.admin::<admin::Issued>("admin/issue", &nobody)), ProblemCode::NotYours);
    assert!(shop.list(ListWhat::Licenses).rows.is_empty(), "nothing of it was issued");
    let body = br#"{"licenses":[{"key_ids":["hex:00"],"rights":{"Play":{"resolution":480}}}]}"#;
    let reply = shop.admin_raw(&shop.api_key, &key(), "admin/issue", body);
    assert_eq!(reply.problem().code(), Some(ProblemCode::Malformed));
    // Too much for one answer.
    let mut large = good;
    large.title = Some("ä".repeat(1000));
    let issued =
        shop.admin::<admin::Issued>("admin/issue", &admin::Issue { licenses: vec![large; 4000], holder: None });
    assert_eq!(code_of(issued), ProblemCode::TooLarge);
}

#[test]
fn lists_show_what_there_is_page_by_page() {
    let shop = Shop::open();
    let ann = shop.person(1);
    let (code, licenses) = shop.issue(3, Some(2));
    shop.issue(1_001, None);
    ann.acquire(&shop, &code).unwrap();

    let page = shop.list(ListWhat::Licenses);
    assert_eq!((page.rows.len(), page.more), (1_000, true));
    let after = page.rows[999]["id"].as_str().map(str::to_owned);
    let rest: admin::Listed =
        shop.admin("admin/list", &admin::List { what: ListWhat::Licenses, after, holder: None }).unwrap();
    assert_eq!((rest.rows.len(), rest.more), (4, false));
    let mine = admin::List { what: ListWhat::Licenses, after: None, holder: Some(ann.holder.clone()) };
    let mine: admin::Listed = shop.admin("admin/list", &mine).unwrap();
    assert_eq!(mine.rows.len(), 3);
    for row in &mine.rows {
        assert!(licenses.contains(&row["id"].as_str().unwrap().to_owned()));
        assert_eq!((row["limit"].as_i64(), row["computers"].as_i64()), (Some(2), Some(1)));
        assert_eq!((row["title"].as_str(), row["holder"].as_str()), (Some("A Song"), Some(ann.holder.as_str())));
    }
    let computers = shop.list(ListWhat::Computers);
    assert_eq!(computers.rows.len(), 1);
    let row = &computers.rows[0];
    assert_eq!((row["computer"].as_str(), row["confirmed"].as_bool()), (Some(ann.id().as_str()), Some(true)));
    let after = row["id"].as_str().map(str::to_owned);
    let next: admin::Listed =
        shop.admin("admin/list", &admin::List { what: ListWhat::Computers, after, holder: None }).unwrap();
    assert!(next.rows.is_empty());
    assert_eq!(shop.list(ListWhat::Holders).rows[0]["licenses"].as_i64(), Some(3));
    assert_eq!(shop.list(ListWhat::Offers).rows.len(), 2);
    let audit = shop.list(ListWhat::Audit);
    let what: Vec<&str> = audit.rows.iter().map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["register", "issue", "issue", "redeem", "restore"]);
    assert!(audit.rows.iter().all(|row| !format!("{row:?}").contains("A Song")));
}

#[test]
fn a_content_key_is_the_one_that_a_grant_delivers_later() {
    let shop = Shop::open();
    let texts = ["09e091ab-f838-41d2-9e35-58531fd19ec7", "hex:0a0b", "text:Track 7"];
    let ids: Vec<restow::KeyId> = texts.iter().map(|text| text.parse().unwrap()).collect();
    let packaged = restow_service::content_keys(shop.folder.path(), &ids, &shop.clock).unwrap();
    assert!(packaged.iter().map(|key| &key.key_id).eq(&ids));
    // Each was asked for, which is all that is kept.
    let audit = shop.list(ListWhat::Audit);
    let text = |row: usize, name: &str| audit.rows[row][name].as_str().unwrap().to_owned();
    for (row, id) in texts.iter().enumerate() {
        assert_eq!([text(row, "who"), text(row, "what")], ["operator", "content-key"]);
        assert_eq!(text(row, "detail"), format!("seed=1 key_id={id}"));
        assert_eq!(audit.rows[row]["at"].as_i64(), Some(START));
    }
    assert_eq!(audit.rows.len(), 3);

    let terms = terms(1);
    let licenses = vec![restow::service::protocol::Terms { key_ids: texts.map(str::to_owned).to_vec(), ..terms }];
    let issued: admin::Issued = shop.admin("admin/issue", &admin::Issue { licenses, holder: None }).unwrap();
    let (ann, request) = (shop.person(1), key());
    let grant = ann.acquire_as(&shop, &request, &shop.code(&issued.link)).unwrap();
    let granted = ann.open(&request, &grant);
    assert_eq!(granted.len(), 3);
    for key in &packaged {
        let same = granted.iter().find(|granted| granted.key_id == key.key_id).unwrap();
        assert_eq!((same.seed, &*same.key), (key.seed, &*key.key));
    }
}

#[test]
fn content_keys_and_a_busy_service_wait_for_each_other() {
    let shop = Shop::open();
    let id = [restow::KeyId::Uuid([1; 16])];
    std::thread::scope(|scope| {
        scope.spawn(|| (0..40).for_each(|_| drop(shop.issue(1, None))));
        for _ in 0..40 {
            restow_service::content_keys(shop.folder.path(), &id, &shop.clock).unwrap();
        }
    });
    let audit = shop.list(ListWhat::Audit);
    let count = |what: &str| audit.rows.iter().filter(|row| row["what"] == what).count();
    assert_eq!((count("content-key"), count("issue")), (40, 40));
}

#[test]
fn no_content_key_is_handed_out_without_a_trace() {
    let mut shop = Shop::open();
    let (folder, ids) = (shop.folder.path().to_owned(), [restow::KeyId::Uuid([1; 16])]);
    let refused = || restow_service::content_keys(&folder, &ids, &restow::SystemClock).err().unwrap().code();
    shop.stop();
    let database = rusqlite::Connection::open(shop.database()).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(refused(), "service-database-too-new");
    database.pragma_update(None, "user_version", 2).unwrap();
    database.execute_batch("DROP TABLE audit").unwrap();
    drop(database);
    assert_eq!(refused(), "service-database");
    std::fs::remove_file(shop.database()).unwrap();
    assert_eq!(refused(), "service-database");
    assert!(!shop.database().exists(), "none is made");
    std::fs::remove_file(folder.join("seed-1.key")).unwrap();
    assert_eq!(refused(), "service-file");
    std::fs::remove_file(folder.join("service.json")).unwrap();
    assert_eq!(refused(), "service-unfinished");
}

#[test]
fn the_operator_confirms() {
    let shop = Shop::open();
    let ann = shop.person(1);
    let mut joined = shop.device(2, 2);
    joined.join(&shop, &ann, &ann.restore_key(0, 9)).unwrap();
    let one = admin::OneComputer { holder: ann.holder.clone(), computer: joined.id() };
    let changed: admin::Changed = shop.admin("admin/confirm", &one).unwrap();
    assert!(changed.done);
    assert!(joined.computers(&shop).computers[1].confirmed);
    let unknown = admin::OneComputer { computer: "x".into(), ..one };
    assert_eq!(code_of(shop.admin::<admin::Changed>("admin/confirm", &unknown)), ProblemCode::NotYours);
}

#[test]
fn the_page_about_a_limit_names_computers_and_escapes_them() {
    let shop = Shop::open();
    let mut ann = shop.device(1, 1);
    ann.name = "<script>alert('x')</script> & \"Söhne\"".into();
    ann.register(&shop, None).unwrap();
    let (code, licenses) = shop.issue(1, Some(1));
    ann.acquire(&shop, &code).unwrap();
    let other = shop.device(2, 1);
    other.register(&shop, None).unwrap();
    let grant = other.restore(&shop, &licenses).unwrap();
    assert_eq!((grant.licenses[0].outcome, grant.keys.is_none()), (Outcome::Limit, true));
    let url = grant.url.unwrap();
    let path = url.strip_prefix("http://127.0.0.1:8080/restow/v1/").unwrap();
    assert_eq!(path.len(), "limit/".len() + 22);
    let page = shop.get(path);
    assert_eq!(page.status, 200);
    let command = format!("<code>restow computer release {}</code>", &ann.id()[..8]);
    assert!(page.text.contains(&command) && page.text.contains("<time datetime=\"2026-01-15\">15 January 2026</time>"));
    assert!(page.text.contains("“<bdi>A Song</bdi>” is on as many computers"), "{}", page.text);
    assert!(page.text.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;Söhne&quot;"));
    assert!(!page.text.contains("<script"));
    assert!(page.text.contains("help@shop.example") && page.text.contains("Shop &lt;&amp;&gt; Söhne"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(other.restore(&shop, &licenses).unwrap().url.as_deref(), Some(url.as_str()), "always the same");
    for wrong in ["limit/AAAAAAAAAAAAAAAAAAAAAA", "limit/x", "limit/%00", "limit/%FF", "link/%FF"] {
        let page = shop.get(wrong);
        assert_eq!((page.status, page.headers.contains_key("content-security-policy")), (404, true), "{wrong}");
    }
    // The token is nowhere in the folder.
    let token = path.trim_start_matches("limit/").as_bytes();
    for entry in std::fs::read_dir(shop.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token));
    }
}

#[test]
fn pages_speak_the_language_of_the_browser() {
    let shop = Shop::open();
    let ann = shop.person(1);
    let (code, licenses) = shop.issue(1, Some(1));
    ann.acquire(&shop, &code).unwrap();
    let mut other = shop.device(2, 1);
    other.name = "Zweiter".into();
    other.register(&shop, None).unwrap();
    let url = other.restore(&shop, &licenses).unwrap().url.unwrap();
    let limit = url.strip_prefix("http://127.0.0.1:8080/restow/v1/").unwrap();
    for (path, status, english, german) in [
        (limit, 200, "Too many computers", "Zu viele Computer"),
        (&format!("link/{code}"), 200, "Your licenses", "Lizenzen abholen"),
        ("limit/x", 404, "Nothing here", "Hier ist nichts"),
        ("link/x", 404, "Nothing here", "Hier ist nichts"),
    ] {
        for (accept, lang, title) in [
            (None, "en", english),
            (Some("fr"), "en", english),
            (Some("de-AT,de;q=0.9,en;q=0.8"), "de", german),
            (Some("de;q=0.2, en-GB;q=0.3"), "en", english),
        ] {
            let mut call = common::agent().get(shop.url(path));
            if let Some(accept) = accept {
                call = call.header("Accept-Language", accept);
            }
            let page = common::Reply::of(call.call().unwrap());
            assert_eq!((page.status, page.headers["content-language"].to_str().unwrap()), (status, lang), "{accept:?}");
            assert_eq!(page.headers["vary"], "Accept-Language");
            assert!(page.text.contains(&format!("<html lang=\"{lang}\">")), "{}", page.text);
            assert!(page.text.contains(&format!("<title>{title} – Shop &lt;&amp;&gt; Söhne</title>")), "{}", page.text);
            let outside = ["<script", "<link", "<img", "@import", "url(", "src="];
            assert!(!outside.iter().any(|outside| page.text.contains(outside)), "{}", page.text);
        }
    }
}

#[test]
fn looking_at_a_link_does_not_use_it() {
    let shop = Shop::open();
    let ann = shop.person(1);
    let (code, _) = shop.issue(1, None);
    for _ in 0..2 {
        let page = shop.get(&format!("link/{code}"));
        assert_eq!(page.status, 200);
        let whole = format!("restow acquire &#39;http://127.0.0.1:8080/restow/v1/link/{code}#{}&#39;", shop.issuer());
        assert!(page.text.contains(&whole) || page.text.contains(&whole.replace("&#39;", "'")), "{}", page.text);
    }
    assert_eq!(ann.acquire(&shop, &code).unwrap().licenses.len(), 1);
    assert_eq!(shop.get("link/x").status, 404);
    assert_eq!(shop.get("health").text, r#"{"status":"ok"}"#);
}

#[test]
fn who_sends_nothing_is_not_waited_for() {
    use std::io::{Read as _, Write as _};
    let shop = Shop::with(|settings| settings.read_seconds = 1);
    let connect = || std::net::TcpStream::connect(shop.address).unwrap();
    let mut silent = connect();
    let mut half_a_head = connect();
    half_a_head.write_all(b"GET /restow/v1/health HTTP/1.1\r\nHo").unwrap();
    let mut idle = connect();
    idle.write_all(b"GET /restow/v1/health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut half_a_body = connect();
    let head = format!(
        "POST /restow/v1/admin/list HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 10\r\n\r\n12345",
        shop.api_key
    );
    half_a_body.write_all(head.as_bytes()).unwrap();
    // Each is closed by the service: reading comes to an end.
    for stream in [&mut silent, &mut half_a_head, &mut idle] {
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        assert!(!String::from_utf8_lossy(&text).contains("HTTP/1.1 5"));
    }
    // Whoever was only slow may come again.
    let mut text = String::new();
    half_a_body.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("urn:restow:problem:busy"), "{text}");
    assert_eq!(shop.get("health").status, 200);
}

/// Who takes no answers is cut off, so that its place is another's: no more connections are served at once than these.
#[test]
fn who_reads_nothing_is_not_waited_for() {
    use std::io::Write as _;
    let shop = Shop::with(|settings| {
        settings.read_seconds = 1;
        settings.connections = 4;
    });
    let requests = b"GET /restow/v1/key-set HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut stream = std::net::TcpStream::connect(shop.address).unwrap();
                // Writing ends only when the service closes the connection.
                while stream.write_all(&requests).is_ok() {}
            });
        }
    });
    assert_eq!(shop.get("health").status, 200);
}

#[test]
fn settings_have_ranges() {
    let folder = tempfile::tempdir().unwrap();
    initialize(folder.path(), &options()).unwrap();
    for bad in [
        Settings { connections: 0, ..Settings::default() },
        Settings { read_seconds: 0, ..Settings::default() },
        Settings { computers_per_license: 1_001, ..Settings::default() },
    ] {
        let clock = std::sync::Arc::new(restow::SystemClock);
        let error = restow_service::Service::open(folder.path(), bad, clock).err().unwrap();
        assert_eq!(error.code(), "service-setting");
    }
    // What the operator writes into the file counts; what nobody knows is an error.
    let path = folder.path().join("service.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"restores_per_day\": 10", "\"restores_per_day\": 11")).unwrap();
    assert_eq!(Settings::load(folder.path()).unwrap().restores_per_day, 11);
    std::fs::write(&path, text.replace("restores_per_day", "restores_per_dya")).unwrap();
    assert_eq!(Settings::load(folder.path()).unwrap_err().code(), "service-file-malformed");
}

#[test]
fn a_profile_that_does_not_fit_its_keys_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    initialize(folder.path(), &options()).unwrap();
    let path = folder.path().join("service.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let open = |from: &str, to: &str| {
        let changed = text.replace(from, to);
        assert_ne!(changed, text);
        std::fs::write(&path, changed).unwrap();
        let clock = std::sync::Arc::new(restow::SystemClock);
        restow_service::Service::open(folder.path(), Settings::default(), clock).map(drop)
    };
    assert_eq!(open("\"seed\": 1", "\"seed\": 0").unwrap_err().code(), "service-file-malformed");
    // Where the service is the key set alone says; older programs wrote it here, too.
    open("{\n  \"name\"", "{\n  \"url\": \"https://before.example\",\n  \"name\"").unwrap();
    assert_eq!(restow_service::service_url(folder.path()).unwrap(), "https://shop.example");
}

#[test]
fn what_was_begun_is_told_from_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let clock = || std::sync::Arc::new(restow::SystemClock);
    let open = || restow_service::Service::open(folder.path(), Settings::default(), clock()).err().unwrap();
    let rotate = || {
        let replaced = restow_service::OldKeyAction::Retire;
        restow_service::rotate_keys(folder.path(), None, replaced, &restow::SystemClock).unwrap_err()
    };
    assert_eq!([open().code(), rotate().code()], ["service-not-initialized"; 2]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left where there is no service");
    initialize(folder.path(), &options()).unwrap();
    std::fs::rename(folder.path().join("root.key"), folder.path().join("away")).unwrap();
    assert!(matches!(rotate(), ServiceError::RootKeyMissing(path) if path.ends_with("root.key")));
    // What is written last.
    std::fs::remove_file(folder.path().join("service.json")).unwrap();
    let again = initialize(folder.path(), &options()).unwrap_err();
    assert_eq!([open().code(), rotate().code(), again.code()], ["service-unfinished"; 3]);
    restow_service::api_key(folder.path()).unwrap();
}
