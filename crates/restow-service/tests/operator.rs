//! Setup, the operator's calls and the pages.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{START, TestService, problem_code, request_key, terms};
use restow::license::{KeyUse, Limits, Right};
use restow::service::protocol::admin::{self, ListSubject};
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
fn folder_is_initialized_once() {
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
    let identity = initialize(folder.path(), &options()).unwrap();
    assert_eq!((identity.name.as_str(), identity.url.as_str()), ("Shop", "https://shop.example"));
    assert_eq!(identity.fingerprint.replace(' ', ""), identity.issuer);
    assert_eq!(restow_service::service_url(folder.path()).unwrap(), identity.url);
    assert!(matches!(initialize(folder.path(), &options()), Err(ServiceError::AlreadyInitialized(_))));
    #[cfg(unix)]
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        use std::os::unix::fs::PermissionsExt as _;
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
    // The service runs without the root key.
    std::fs::rename(folder.path().join("root.key"), folder.path().join("elsewhere")).unwrap();
    let settings = Settings { listen: "127.0.0.1:0".parse().ok(), ..Settings::default() };
    let clock = std::sync::Arc::new(restow::SystemClock);
    restow_service::Service::open(folder.path(), settings, clock).unwrap().serve().unwrap().stop();
    assert_eq!(initialize(folder.path(), &options()).unwrap_err().code(), "service-already-initialized");
}

#[test]
fn folder_has_one_server() {
    let mut service = TestService::new();
    let (folder, settings) = (service.folder.path().to_owned(), service.settings.clone());
    let clock = std::sync::Arc::new(restow::SystemClock);
    let open = || restow_service::Service::open(&folder, settings.clone(), clock.clone());
    let error = open().err().unwrap();
    assert!(
        matches!(&error, ServiceError::InUse { folder: named, process } if *named == folder && process.is_none_or(|id| id == std::process::id())),
        "{error:?}"
    );
    assert_eq!(error.code(), "service-in-use");
    service.stop();
    drop(open().unwrap());
    service.start();
    assert_eq!(service.get("health").status, 200);
}

#[test]
fn service_listens_at_its_url() {
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
fn root_signs_key_set() {
    let service = TestService::new();
    let set = service.key_set();
    let uses: Vec<KeyUse> = set.set().keys.iter().map(|key| key.key_use).collect();
    assert_eq!(uses, [KeyUse::License, KeyUse::Service, KeyUse::Sunset]);
    assert_eq!(set.sunset_keys(START).count(), 1);
    assert_eq!(set.set().service_url, "http://127.0.0.1:8080");
    let reply = service.get("key-set");
    assert_eq!(reply.headers["content-type"], "application/jose");
}

#[test]
fn retired_keys_keep_valid_signatures() {
    use restow_service::{OldKeyAction, rotate_keys};
    let mut service = TestService::new();
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(1, None);
    let old = ann.acquire(&service, &code).unwrap().documents;
    let clock = service.clock.clone();
    let folder = service.folder.path().to_owned();
    let rotate = |old_keys| rotate_keys(&folder, None, old_keys, &clock);
    assert_eq!(rotate(OldKeyAction::Retire).unwrap_err().code(), "service-in-use");
    let before = service.key_set();
    service.stop();
    // A foreign or missing root key changes nothing.
    let other = tempfile::tempdir().unwrap();
    initialize(other.path(), &options()).unwrap();
    let wrong = rotate_keys(&folder, Some(&other.path().join("root.key")), OldKeyAction::Retire, &clock);
    assert_eq!(wrong.unwrap_err().code(), "service-setting");
    let root = other.path().join("kept.key");
    std::fs::rename(folder.join("root.key"), &root).unwrap();
    assert_eq!(rotate(OldKeyAction::Retire).unwrap_err().code(), "service-no-root");
    rotate_keys(&folder, Some(&root), OldKeyAction::Retire, &clock).unwrap();
    service.start();
    let after = service.key_set();
    assert!(after.set().version > before.set().version && after.set().keys.len() == before.set().keys.len() + 2);
    assert_eq!(common::verify_documents(&service, &ann, &old), licenses, "what the old key signed");
    // The new keys sign answers and licenses.
    service.clock.advance(common::DAY);
    let (code, licenses) = service.issue(1, None);
    let new = ann.acquire(&service, &code).unwrap().documents;
    assert_eq!(common::verify_documents(&service, &ann, &new), licenses);
    assert!(restow::license::verify_native(new[0].as_bytes(), &before).is_err());

    service.stop();
    rotate_keys(&folder, Some(&root), OldKeyAction::Revoke, &clock).unwrap();
    service.start();
    let verifies = |document: &String| restow::license::verify_native(document.as_bytes(), &service.key_set()).is_ok();
    assert_eq!((verifies(&old[0]), verifies(&new[0])), (true, false), "the keys that are replaced");
    assert_eq!(ann.outcome(&service, &licenses[0]), Outcome::Granted, "a grant brings it all the same");
    service.stop();
    rotate_keys(&folder, Some(&root), OldKeyAction::RevokeAll, &clock).unwrap();
    service.start();
    assert!(restow::license::verify_native(old[0].as_bytes(), &service.key_set()).is_err());
    let kept: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(kept.iter().all(|path| !path.to_string_lossy().contains(".tmp-")), "{kept:?}");
}

#[test]
fn new_url_is_published() {
    let mut service = TestService::new();
    let folder = service.folder.path().to_owned();
    service.stop();
    let clock = service.clock.clone();
    let publish = |url: &str| restow_service::publish_new_url(&folder, None, url, &clock);
    assert_eq!(publish("http://shop.example").unwrap_err().code(), "service-setting");
    publish("https://moved.example/").unwrap();
    service.start();
    assert_eq!(service.key_set().set().service_url, "https://moved.example");
    let issued: admin::IssueAnswer = service.admin("admin/issue", &admin::IssueRequest::new(vec![terms(1)])).unwrap();
    assert!(issued.link.starts_with("https://moved.example/restow/v1/link/"));
}

#[test]
fn api_key_is_required() {
    let service = TestService::new();
    let body = serde_json::to_vec(&admin::ListRequest::new(ListSubject::Holders)).unwrap();
    for wrong in ["", "x", &service.api_key[1..], &format!("{}A", service.api_key)] {
        let reply = service.admin_raw(wrong, &request_key(), "admin/list", &body);
        assert_eq!(reply.status, 401);
        assert_eq!(reply.problem().problem_type, "urn:restow:problem:api-key");
    }
    assert_eq!(service.admin_raw(&service.api_key, &request_key(), "admin/list", &body).status, 200);
    let call = common::agent().post(service.url("admin/list")).send(&body[..]).unwrap();
    assert_eq!(call.status().as_u16(), 401);
}

#[test]
fn repeated_issue_returns_same_link() {
    let mut service = TestService::new();
    let request = request_key();
    let issue = admin::IssueRequest::new(vec![terms(1), terms(2)]);
    let first: admin::IssueAnswer = service.admin_as(&request, "admin/issue", &issue).unwrap();
    service.stop();
    service.start();
    assert_eq!(service.admin_as::<admin::IssueAnswer>(&request, "admin/issue", &issue).unwrap(), first);
    let other = admin::IssueRequest::new(vec![terms(1)]);
    assert_eq!(
        problem_code(service.admin_as::<admin::IssueAnswer>(&request, "admin/issue", &other)),
        ProblemCode::KeyReused
    );
    assert_eq!(
        problem_code(service.admin_as::<admin::IssueAnswer>("short", "admin/issue", &issue)),
        ProblemCode::Malformed
    );
    assert_eq!(service.list(ListSubject::Licenses).rows.len(), 2);
    // The link code is stored nowhere.
    let code = service.code(&first.link);
    service.stop();
    for entry in std::fs::read_dir(service.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(code.len()).any(|window| window == code.as_bytes()));
    }
    service.start();
}

#[test]
fn invalid_terms_are_refused() {
    let service = TestService::new();
    let verifies = terms(1);
    let mut no_keys = verifies.clone();
    no_keys.key_ids.clear();
    let mut twice = verifies.clone();
    twice.key_ids.push(verifies.key_ids[0].to_uppercase());
    let mut nonsense = verifies.clone();
    nonsense.key_ids = vec!["nonsense".into()];
    let mut long = verifies.clone();
    long.title = Some("x".repeat(1001));
    let mut never = verifies.clone();
    (never.not_before, never.expires) = (Some(10), Some(10));
    let mut limit = verifies.clone();
    limit.limit = Some(1001);
    let mut rights = verifies.clone();
    for n in 0..65 {
        rights.rights.insert(Right::from_name(&format!("r{n}")).unwrap(), Limits::default());
    }
    let mut nothing = verifies.clone();
    nothing.rights.clear();
    let mut no_play = verifies.clone();
    no_play.rights.insert(Right::PLAY, Limits { count: Some(0), ..Limits::default() });
    let mut nowhere = verifies.clone();
    nowhere.limit = Some(0);
    let mut over = verifies.clone();
    over.expires = Some(START);
    let wrong = [no_keys, twice, nonsense, long, never, limit, rights, nothing, no_play, nowhere, over];
    for terms in wrong {
        let licenses = vec![verifies.clone(), terms];
        let issued = service.admin::<admin::IssueAnswer>("admin/issue", &admin::IssueRequest::new(licenses));
        let problem = issued.unwrap_err();
        assert_eq!(problem.code(), Some(ProblemCode::Malformed));
        assert!(problem.detail.starts_with("`licenses[1]`: "), "{}", problem.detail);
    }
    let none = admin::IssueRequest::new(vec![]);
    assert_eq!(problem_code(service.admin::<admin::IssueAnswer>("admin/issue", &none)), ProblemCode::Malformed);
    let nobody =
        admin::IssueRequest { holder: Some("nobody".into()), ..admin::IssueRequest::new(vec![verifies.clone()]) };
    assert_eq!(problem_code(service.admin::<admin::IssueAnswer>("admin/issue", &nobody)), ProblemCode::NotYours);
    assert!(service.list(ListSubject::Licenses).rows.is_empty(), "nothing of it was issued");
    let body = br#"{"licenses":[{"key_ids":["hex:00"],"rights":{"Play":{"resolution":480}}}]}"#;
    let reply = service.admin_raw(&service.api_key, &request_key(), "admin/issue", body);
    assert_eq!(reply.problem().code(), Some(ProblemCode::Malformed));
    // The documents exceed the size of one answer.
    let mut large = verifies;
    large.title = Some("ä".repeat(1000));
    let issued = service.admin::<admin::IssueAnswer>("admin/issue", &admin::IssueRequest::new(vec![large; 4000]));
    assert_eq!(problem_code(issued), ProblemCode::TooLarge);
}

#[test]
fn lists_are_paged() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(3, Some(2));
    service.issue(1_001, None);
    ann.acquire(&service, &code).unwrap();

    let page = service.list(ListSubject::Licenses);
    assert_eq!((page.rows.len(), page.more), (1_000, true));
    let after = page.rows[999]["id"].as_str().map(str::to_owned);
    let rest: admin::ListAnswer = service
        .admin("admin/list", &admin::ListRequest { after, ..admin::ListRequest::new(ListSubject::Licenses) })
        .unwrap();
    assert_eq!((rest.rows.len(), rest.more), (4, false));
    let mine =
        admin::ListRequest { holder: Some(ann.holder.clone()), ..admin::ListRequest::new(ListSubject::Licenses) };
    let mine: admin::ListAnswer = service.admin("admin/list", &mine).unwrap();
    assert_eq!(mine.rows.len(), 3);
    for row in &mine.rows {
        assert!(licenses.contains(&row["id"].as_str().unwrap().to_owned()));
        assert_eq!((row["limit"].as_i64(), row["computers"].as_i64()), (Some(2), Some(1)));
        assert_eq!((row["title"].as_str(), row["holder"].as_str()), (Some("A Song"), Some(ann.holder.as_str())));
    }
    let computers = service.list(ListSubject::Computers);
    assert_eq!(computers.rows.len(), 1);
    let row = &computers.rows[0];
    assert_eq!((row["computer"].as_str(), row["confirmed"].as_bool()), (Some(ann.id().as_str()), Some(true)));
    let after = row["id"].as_str().map(str::to_owned);
    let next: admin::ListAnswer = service
        .admin("admin/list", &admin::ListRequest { after, ..admin::ListRequest::new(ListSubject::Computers) })
        .unwrap();
    assert!(next.rows.is_empty());
    assert_eq!(service.list(ListSubject::Holders).rows[0]["licenses"].as_i64(), Some(3));
    assert_eq!(service.list(ListSubject::Offers).rows.len(), 2);
    let audit = service.list(ListSubject::Audit);
    let what: Vec<&str> = audit.rows.iter().map(|row| row["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["register", "issue", "issue", "redeem", "restore"]);
    assert!(audit.rows.iter().all(|row| !format!("{row:?}").contains("A Song")));
}

#[test]
fn content_key_equals_granted_key() {
    let service = TestService::new();
    let texts = ["09e091ab-f838-41d2-9e35-58531fd19ec7", "hex:0a0b", "text:Track 7"];
    let ids: Vec<restow::KeyId> = texts.iter().map(|text| text.parse().unwrap()).collect();
    let packaged = restow_service::content_keys(service.folder.path(), &ids, &service.clock).unwrap();
    assert!(packaged.iter().map(|key| &key.key_id).eq(&ids));
    // The audit log records each key ID and nothing else.
    let audit = service.list(ListSubject::Audit);
    let text = |row: usize, name: &str| audit.rows[row][name].as_str().unwrap().to_owned();
    for (row, id) in texts.iter().enumerate() {
        assert_eq!([text(row, "who"), text(row, "what")], ["operator", "content-key"]);
        assert_eq!(text(row, "detail"), format!("seed=1 key_id={id}"));
        assert_eq!(audit.rows[row]["at"].as_i64(), Some(START));
    }
    assert_eq!(audit.rows.len(), 3);

    let terms = terms(1);
    let licenses = vec![restow::service::protocol::Terms { key_ids: texts.map(str::to_owned).to_vec(), ..terms }];
    let issued: admin::IssueAnswer = service.admin("admin/issue", &admin::IssueRequest::new(licenses)).unwrap();
    let (ann, request) = (service.register_holder(1), request_key());
    let grant = ann.acquire_as(&service, &request, &service.code(&issued.link)).unwrap();
    let granted = ann.open(&request, &grant);
    assert_eq!(granted.len(), 3);
    for key in &packaged {
        let same = granted.iter().find(|granted| granted.key_id == key.key_id).unwrap();
        assert_eq!((same.seed, &*same.key), (key.seed, &*key.key));
    }
}

#[test]
fn content_keys_work_beside_busy_service() {
    let service = TestService::new();
    let id = [restow::KeyId::Uuid([1; 16])];
    std::thread::scope(|scope| {
        scope.spawn(|| (0..40).for_each(|_| drop(service.issue(1, None))));
        for _ in 0..40 {
            restow_service::content_keys(service.folder.path(), &id, &service.clock).unwrap();
        }
    });
    let audit = service.list(ListSubject::Audit);
    let count = |what: &str| audit.rows.iter().filter(|row| row["what"] == what).count();
    assert_eq!((count("content-key"), count("issue")), (40, 40));
}

#[test]
fn content_key_requires_audit_row() {
    let mut service = TestService::new();
    let (folder, ids) = (service.folder.path().to_owned(), [restow::KeyId::Uuid([1; 16])]);
    let refused = || restow_service::content_keys(&folder, &ids, &restow::SystemClock).err().unwrap().code();
    service.stop();
    let database = rusqlite::Connection::open(service.database()).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(refused(), "service-database-too-new");
    database.pragma_update(None, "user_version", 2).unwrap();
    database.execute_batch("DROP TABLE audit").unwrap();
    drop(database);
    assert_eq!(refused(), "service-database");
    std::fs::remove_file(service.database()).unwrap();
    assert_eq!(refused(), "service-database");
    assert!(!service.database().exists(), "none is made");
    std::fs::remove_file(folder.join("seed-1.key")).unwrap();
    assert_eq!(refused(), "service-file");
    std::fs::remove_file(folder.join("service.json")).unwrap();
    assert_eq!(refused(), "service-unfinished");
}

#[test]
fn operator_confirms_computer() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let mut joined = service.new_computer(2, 2);
    joined.join(&service, &ann, &ann.restore_key(0, 9)).unwrap();
    let one = admin::ComputerRequest { holder: ann.holder.clone(), computer: joined.id() };
    let changed: admin::ChangeAnswer = service.admin("admin/confirm", &one).unwrap();
    assert!(changed.done);
    assert!(joined.computers(&service).computers[1].confirmed);
    let unknown = admin::ComputerRequest { computer: "x".into(), ..one };
    assert_eq!(problem_code(service.admin::<admin::ChangeAnswer>("admin/confirm", &unknown)), ProblemCode::NotYours);
}

#[test]
fn limit_page_escapes_computer_names() {
    let service = TestService::new();
    let mut ann = service.new_computer(1, 1);
    ann.name = "<script>alert('x')</script> & \"Söhne\"".into();
    ann.register(&service, None).unwrap();
    let (code, licenses) = service.issue(1, Some(1));
    ann.acquire(&service, &code).unwrap();
    let other = service.new_computer(2, 1);
    other.register(&service, None).unwrap();
    let grant = other.restore(&service, &licenses).unwrap();
    assert_eq!((grant.licenses[0].outcome, grant.keys.is_none()), (Outcome::Limit, true));
    let url = grant.url.unwrap();
    let path = url.strip_prefix("http://127.0.0.1:8080/restow/v1/").unwrap();
    assert_eq!(path.len(), "limit/".len() + 22);
    let page = service.get(path);
    assert_eq!(page.status, 200);
    let command = format!("<code>restow computer release {}</code>", &ann.id()[..8]);
    assert!(page.text.contains(&command) && page.text.contains("<time datetime=\"2026-01-15\">15 January 2026</time>"));
    assert!(page.text.contains("The limit of computers for “<bdi>A Song</bdi>” is reached"), "{}", page.text);
    // In text, an apostrophe may stand for itself.
    let text = page.text.replace("&#39;", "'");
    assert!(text.contains("&lt;script&gt;alert('x')&lt;/script&gt; &amp; &quot;Söhne&quot;"));
    assert!(!page.text.contains("<script"));
    assert!(page.text.contains("help@shop.example") && page.text.contains("Shop &lt;&amp;&gt; Söhne"));
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert_eq!(other.restore(&service, &licenses).unwrap().url.as_deref(), Some(url.as_str()), "always the same");
    for wrong in ["limit/AAAAAAAAAAAAAAAAAAAAAA", "limit/x", "limit/%00", "limit/%FF", "link/%FF"] {
        let page = service.get(wrong);
        assert_eq!((page.status, page.headers.contains_key("content-security-policy")), (404, true), "{wrong}");
    }
    // The token is stored nowhere in the folder.
    let token = path.trim_start_matches("limit/").as_bytes();
    for entry in std::fs::read_dir(service.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(token.len()).any(|window| window == token));
    }
}

#[test]
fn pages_follow_browser_language() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(1, Some(1));
    ann.acquire(&service, &code).unwrap();
    let mut other = service.new_computer(2, 1);
    other.name = "Zweiter".into();
    other.register(&service, None).unwrap();
    let url = other.restore(&service, &licenses).unwrap().url.unwrap();
    let limit = url.strip_prefix("http://127.0.0.1:8080/restow/v1/").unwrap();
    for (path, status, english, german) in [
        (limit, 200, "Too many computers", "Zu viele Computer"),
        (&format!("link/{code}"), 200, "Your licenses", "Ihre Lizenzen"),
        ("limit/x", 404, "Page not found", "Seite nicht gefunden"),
        ("link/x", 404, "Page not found", "Seite nicht gefunden"),
    ] {
        for (accept, lang, title) in [
            (None, "en", english),
            (Some("fr"), "en", english),
            (Some("de-AT,de;q=0.9,en;q=0.8"), "de", german),
            (Some("de;q=0.2, en-GB;q=0.3"), "en", english),
        ] {
            let mut call = common::agent().get(service.url(path));
            if let Some(accept) = accept {
                call = call.header("Accept-Language", accept);
            }
            let page = common::Reply::from_response(call.call().unwrap());
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
fn viewing_link_does_not_redeem() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, _) = service.issue(1, None);
    for _ in 0..2 {
        let page = service.get(&format!("link/{code}"));
        assert_eq!(page.status, 200);
        let command =
            format!("restow acquire &#39;http://127.0.0.1:8080/restow/v1/link/{code}#{}&#39;", service.issuer());
        assert!(page.text.contains(&command) || page.text.contains(&command.replace("&#39;", "'")), "{}", page.text);
    }
    assert_eq!(ann.acquire(&service, &code).unwrap().licenses.len(), 1);
    assert_eq!(service.get("link/x").status, 404);
    assert_eq!(service.get("health").text, r#"{"status":"ok"}"#);
}

#[test]
fn silent_connections_are_closed() {
    use std::io::{Read as _, Write as _};
    let service = TestService::with_settings(|settings| settings.read_seconds = 1);
    let connect = || std::net::TcpStream::connect(service.address).unwrap();
    let mut silent = connect();
    let mut partial_head = connect();
    partial_head.write_all(b"GET /restow/v1/health HTTP/1.1\r\nHo").unwrap();
    let mut idle = connect();
    idle.write_all(b"GET /restow/v1/health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut partial_body = connect();
    let head = format!(
        "POST /restow/v1/admin/list HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Length: 10\r\n\r\n12345",
        service.api_key
    );
    partial_body.write_all(head.as_bytes()).unwrap();
    // The service closes each connection, so reading ends.
    for stream in [&mut silent, &mut partial_head, &mut idle] {
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        assert!(!String::from_utf8_lossy(&text).contains("HTTP/1.1 5"));
    }
    // The caller may try again.
    let mut text = String::new();
    partial_body.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("urn:restow:problem:busy"), "{text}");
    assert_eq!(service.get("health").status, 200);
}

/// The service closes connections of clients that read no answers. Their slots become free for others.
#[test]
fn unread_connections_are_closed() {
    use std::io::Write as _;
    let service = TestService::with_settings(|settings| {
        settings.read_seconds = 1;
        settings.connections = 4;
    });
    let requests = b"GET /restow/v1/key-set HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut stream = std::net::TcpStream::connect(service.address).unwrap();
                // Writing ends when the service closes the connection.
                while stream.write_all(&requests).is_ok() {}
            });
        }
    });
    assert_eq!(service.get("health").status, 200);
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
    // Settings from the file apply, and unknown settings are errors.
    let path = folder.path().join("service.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("\"restores_per_day\": 10", "\"restores_per_day\": 11")).unwrap();
    assert_eq!(Settings::load(folder.path()).unwrap().restores_per_day, 11);
    std::fs::write(&path, text.replace("restores_per_day", "restores_per_dya")).unwrap();
    assert_eq!(Settings::load(folder.path()).unwrap_err().code(), "service-file-malformed");
}

#[test]
fn mismatched_profile_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    initialize(folder.path(), &options()).unwrap();
    let path = folder.path().join("service.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let open = |from: &str, publish: &str| {
        let changed = text.replace(from, publish);
        assert_ne!(changed, text);
        std::fs::write(&path, changed).unwrap();
        let clock = std::sync::Arc::new(restow::SystemClock);
        restow_service::Service::open(folder.path(), Settings::default(), clock).map(drop)
    };
    assert_eq!(open("\"seed\": 1", "\"seed\": 0").unwrap_err().code(), "service-file-malformed");
    // The key set alone defines the URL. Earlier versions also wrote the URL to this file.
    open("{\n  \"name\"", "{\n  \"url\": \"https://before.example\",\n  \"name\"").unwrap();
    assert_eq!(restow_service::service_url(folder.path()).unwrap(), "https://shop.example");
}

#[test]
fn incomplete_setup_has_own_error() {
    let folder = tempfile::tempdir().unwrap();
    let clock = || std::sync::Arc::new(restow::SystemClock);
    let open = || restow_service::Service::open(folder.path(), Settings::default(), clock()).err().unwrap();
    let rotate = || {
        let old_keys = restow_service::OldKeyAction::Retire;
        restow_service::rotate_keys(folder.path(), None, old_keys, &restow::SystemClock).unwrap_err()
    };
    assert_eq!([open().code(), rotate().code()], ["service-not-initialized"; 2]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left where there is no service");
    initialize(folder.path(), &options()).unwrap();
    std::fs::rename(folder.path().join("root.key"), folder.path().join("away")).unwrap();
    assert!(matches!(rotate(), ServiceError::RootKeyMissing(path) if path.ends_with("root.key")));
    // The setup writes this file last.
    std::fs::remove_file(folder.path().join("service.json")).unwrap();
    let again = initialize(folder.path(), &options()).unwrap_err();
    assert_eq!([open().code(), rotate().code(), again.code()], ["service-unfinished"; 3]);
    restow_service::api_key(folder.path()).unwrap();
}
