//! Acquisition links, refusals in the audit log, and the pages around them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::result_large_err)]

mod common;

use std::collections::BTreeMap;

use common::{DAY, Reply, TestComputer, TestService, problem_code, request_key, terms};
use restow::service::protocol::admin::{self, ListSubject};
use restow::service::protocol::{ProblemCode, ReleaseRequest};
use serde_json::Value;

const HOSTILE: &str = "A-17 <script>\"'&";

fn issue(service: &TestService, change: impl FnOnce(&mut admin::IssueRequest)) -> (String, admin::IssueAnswer) {
    let mut request = admin::IssueRequest::new(vec![terms(1)]);
    request.licenses[0].limit = Some(1);
    change(&mut request);
    let issued: admin::IssueAnswer = service.admin("admin/issue", &request).unwrap();
    (service.code(&issued.link), issued)
}

fn withdraw(service: &TestService, offer: &str) -> Result<admin::ChangeAnswer, restow::service::protocol::Problem> {
    service.admin("admin/withdraw-link", &admin::WithdrawLinkRequest { offer: offer.to_owned() })
}

fn rows(service: &TestService, what: ListSubject, search: &str) -> Vec<BTreeMap<String, Value>> {
    let request = admin::ListRequest { search: Some(search.to_owned()), ..admin::ListRequest::new(what) };
    service.admin::<admin::ListAnswer>("admin/list", &request).unwrap().rows
}

/// Returns the holder and the detail of the audit rows about refusals.
fn refusals(service: &TestService) -> Vec<(Option<String>, String)> {
    let rows = service.list(ListSubject::Audit).rows;
    let text = |row: &BTreeMap<String, Value>, name: &str| row.get(name).and_then(Value::as_str).map(str::to_owned);
    let refused = rows.iter().filter(|row| row["what"] == "refused");
    refused.map(|row| (text(row, "holder"), text(row, "detail").unwrap())).collect()
}

fn get(service: &TestService, path: &str, accept: &str) -> Reply {
    let url = format!("http://{}{path}", service.address);
    Reply::from_response(common::agent().get(url).header("Accept", accept).call().unwrap())
}

/// Reaches the limit with a computer and returns its page.
fn limit_page(service: &TestService, computer: &TestComputer, licenses: &[String]) -> String {
    let url = computer.restore(service, licenses).unwrap().url.unwrap();
    service.get(url.strip_prefix("http://127.0.0.1:8080/restow/v1/").unwrap()).text
}

#[test]
fn link_ends_after_its_days() {
    let service = TestService::with_settings(|settings| settings.link_days = 2);
    let ann = service.register_holder(1);
    let (short, issued) = issue(&service, |request| request.link_days = Some(1));
    assert_eq!(issued.link_expires, common::START + DAY);
    let (usual, issued) = issue(&service, |_| {});
    assert_eq!(issued.link_expires, common::START + 2 * DAY);
    service.clock.advance(DAY - 1);
    assert!(service.get(&format!("link/{short}")).text.contains("The link works until"));
    service.clock.advance(1);
    assert_eq!(problem_code(ann.acquire(&service, &short)), ProblemCode::LinkExpired);
    let page = service.get(&format!("link/{short}"));
    assert_eq!(page.status, 410);
    assert!(page.text.contains("expired") && !page.text.contains("restow acquire"), "{}", page.text);
    assert_eq!(ann.acquire(&service, &usual).unwrap().licenses.len(), 1);
    // After its redemption, the link has no end for its holder.
    service.clock.advance(100 * DAY);
    assert_eq!(ann.acquire(&service, &usual).unwrap().licenses.len(), 1);
    for days in [0, 3_651] {
        let request = admin::IssueRequest { link_days: Some(days), ..admin::IssueRequest::new(vec![terms(1)]) };
        assert_eq!(problem_code(service.admin::<Value>("admin/issue", &request)), ProblemCode::Malformed);
    }
}

#[test]
fn withdrawn_link_gives_no_license() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, issued) = issue(&service, |_| {});
    let withdrawn = withdraw(&service, &issued.offer).unwrap();
    assert!(withdrawn.done);
    service.clock.advance(60);
    assert_eq!(withdraw(&service, &issued.offer).unwrap().at, withdrawn.at, "the first time counts");
    assert_eq!(problem_code(ann.acquire(&service, &code)), ProblemCode::LinkWithdrawn);
    let page = service.get(&format!("link/{code}"));
    assert_eq!((page.status, page.text.contains("This link was withdrawn")), (410, true), "{}", page.text);
    assert_eq!(service.list(ListSubject::Offers).rows[0]["withdrawn"].as_i64(), Some(withdrawn.at));
    assert_eq!(rows(&service, ListSubject::Audit, "withdraw-link").len(), 1);

    let (code, issued) = issue(&service, |_| {});
    ann.acquire(&service, &code).unwrap();
    assert_eq!(problem_code(withdraw(&service, &issued.offer)), ProblemCode::LinkUsed);
    assert_eq!(problem_code(withdraw(&service, "none")), ProblemCode::NotYours);
    assert!(service.get(&format!("link/{code}")).text.contains("This link was used"));
}

#[test]
fn unusable_link_registers_no_holder() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (used, _) = issue(&service, |_| {});
    ann.acquire(&service, &used).unwrap();
    let (expired, _) = issue(&service, |request| request.link_days = Some(1));
    let (withdrawn, issued) = issue(&service, |_| {});
    withdraw(&service, &issued.offer).unwrap();
    let (bound, _) = issue(&service, |request| request.holder = Some(ann.holder.clone()));
    service.clock.advance(DAY);
    let (open, _) = issue(&service, |_| {});
    let ben = service.new_computer(2, 2);
    let register = |computer: &TestComputer, code: &str| {
        let request = request_key();
        let mut registration = computer.registration(&request, None);
        registration.link = Some(code.to_owned());
        computer.answer(&service, &request, &registration).map(drop)
    };
    for (code, expected) in [
        (used.as_str(), ProblemCode::LinkUsed),
        (&expired, ProblemCode::LinkExpired),
        (&withdrawn, ProblemCode::LinkWithdrawn),
        (&bound, ProblemCode::NotYours),
        ("AAAAAAAAAAAAAAAAAAAAAA", ProblemCode::NotYours),
        ("x", ProblemCode::NotYours),
    ] {
        assert_eq!(problem_code(register(&ben, code)), expected, "{code}");
        assert_eq!(service.list(ListSubject::Holders).rows.len(), 1, "{code}");
    }
    let reasons: Vec<String> = refusals(&service).into_iter().map(|(_, detail)| detail).collect();
    assert!(reasons[0].starts_with("reason=link-used times=1 last="), "{reasons:?}");
    assert_eq!(reasons.len(), 3);
    // The redeemer may register another computer with its link.
    register(&service.new_computer(3, 1), &used).unwrap();
    register(&ben, &open).unwrap();
    assert_eq!(service.list(ListSubject::Holders).rows.len(), 2);
}

#[test]
fn refusals_share_row_of_day() {
    let service = TestService::with_settings(|settings| settings.restores_per_day = 1);
    let ann = service.register_holder(1);
    let (code, issued) = issue(&service, |_| {});
    ann.acquire(&service, &code).unwrap();
    let other = service.new_computer(2, 1);
    other.register(&service, None).unwrap();
    let ben = service.register_holder(3);
    for _ in 0..5 {
        other.restore(&service, &issued.licenses).unwrap();
        ben.acquire(&service, &code).unwrap_err();
    }
    // A retry is no further refusal.
    let call = other.restore_call(&request_key(), &issued.licenses);
    let request = request_key();
    other.answer(&service, &request, &call).unwrap();
    other.answer(&service, &request, &call).unwrap();
    let (_, two) = issue(&service, |request| {
        request.licenses = vec![terms(2), terms(3)];
    });
    let code = service.code(&two.link);
    ann.acquire(&service, &code).unwrap();
    for license in &two.licenses {
        other.restore(&service, &[license]).unwrap();
    }
    let time = "last=2026-01-15T12:00:00Z";
    assert_eq!(
        refusals(&service),
        [
            (Some(ann.holder.clone()), format!("reason=limit times=6 {time}")),
            (Some(ben.holder.clone()), format!("reason=link-used times=5 {time}")),
            (Some(ann.holder.clone()), format!("reason=daily-limit times=1 {time}")),
        ]
    );
    let row = &rows(&service, ListSubject::Audit, "reason=limit")[0];
    assert_eq!((row["license"].as_str(), row["who"].as_str()), (Some(&*issued.licenses[0]), Some(&*other.id())));
}

#[test]
fn wrong_api_keys_are_audited_once_a_minute() {
    let service = TestService::new();
    let wrong = || service.admin_raw("wrong", &request_key(), "admin/list", b"{}").status;
    for _ in 0..5 {
        assert_eq!(wrong(), 401);
    }
    service.clock.advance(61);
    wrong();
    // The row is written after the answer.
    let last = (0..500).map(|_| refusals(&service)).find(|rows| rows.iter().any(|row| row.1.contains("times=6")));
    let row = &last.unwrap()[0];
    assert_eq!(*row, (None, "reason=api-key times=6 last=2026-01-15T12:01:01Z".to_owned()));
    assert_eq!(rows(&service, ListSubject::Audit, "api-key")[0]["who"], "unknown");
}

#[test]
fn lists_show_and_search_reference() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, first) = issue(&service, |request| {
        request.reference = Some("Kunde Ä-17".into());
        request.note = Some("paid by INVOICE".into());
    });
    ann.acquire(&service, &code).unwrap();
    let (_, second) = issue(&service, |request| request.reference = Some("B-4".into()));
    for (what, found) in [
        (ListSubject::Licenses, first.licenses[0].as_str()),
        (ListSubject::Offers, &first.offer),
        (ListSubject::Holders, &ann.holder),
        (ListSubject::Computers, &format!("{}.{}", ann.holder, ann.id())),
    ] {
        for search in ["kunde ä-17", "Invoice", "Ä"] {
            let rows = rows(&service, what, search);
            assert_eq!(rows.len(), 1, "{what:?} {search}");
            assert_eq!(rows[0]["id"], found);
        }
        assert!(rows(&service, what, "%").is_empty() && rows(&service, what, "nothing").is_empty());
    }
    let row = &rows(&service, ListSubject::Licenses, "b-4")[0];
    assert_eq!((row["reference"].as_str(), row.get("note")), (Some("B-4"), None));
    assert_eq!(rows(&service, ListSubject::Licenses, &second.licenses[0][..8]).len(), 1, "an ID");
    assert_eq!(rows(&service, ListSubject::Licenses, "a song").len(), 2, "a title");
    assert_eq!(rows(&service, ListSubject::Computers, "computer 1").len(), 1, "a name");
    let row = &rows(&service, ListSubject::Offers, "ä-17")[0];
    assert_eq!((row["reference"].as_str(), row["note"].as_str()), (Some("Kunde Ä-17"), Some("paid by INVOICE")));
    assert_eq!(row["link_expires"].as_i64(), Some(common::START + 30 * DAY));
    assert_eq!(service.list(ListSubject::Holders).rows[0]["references"], serde_json::json!(["Kunde Ä-17"]));
    assert!(!rows(&service, ListSubject::Audit, "ä-17").is_empty());
    for bad in ["", "  ", "a\nb", "a\u{202e}b", &"x".repeat(101)] {
        let request = admin::IssueRequest { reference: Some(bad.into()), ..admin::IssueRequest::new(vec![terms(1)]) };
        assert_eq!(problem_code(service.admin::<Value>("admin/issue", &request)), ProblemCode::Malformed, "{bad:?}");
    }
}

#[test]
fn limit_page_names_confirmed_helper() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, issued) = issue(&service, |request| {
        request.reference = Some(HOSTILE.into());
        request.note = Some("secret note".into());
    });
    ann.acquire(&service, &code).unwrap();
    let mut joined = service.new_computer(2, 2);
    joined.join(&service, &ann, &ann.restore_key(0, 9)).unwrap();
    let page = limit_page(&service, &joined, &issued.licenses);
    assert!(page.contains("This works on your computer <bdi>Computer 1</bdi>"), "{page}");
    assert!(page.contains("confirmed, last seen on") && !page.contains("can help you now"), "{page}");
    let text = page.replace("&#39;", "'");
    assert!(text.contains("The number to quote: <b><bdi>A-17 &lt;script&gt;&quot;'&amp;</bdi></b>"), "{page}");
    assert!(!page.contains("secret note") && !page.contains("<script"), "{page}");
}

#[test]
fn limit_page_names_shop_first_without_helper() {
    let service = TestService::with_settings(|settings| settings.releases_per_year = 1);
    let ann = service.register_holder(1);
    let (code, issued) = issue(&service, |_| {});
    ann.acquire(&service, &code).unwrap();
    let mut joined = service.new_computer(2, 2);
    joined.join(&service, &ann, &ann.restore_key(0, 9)).unwrap();
    let number = format!("{} / {}", &issued.licenses[0][..8], &ann.holder[..8]);
    let names_shop_first = |page: &str| {
        let (shop, computers) = (page.find("can help you now"), page.find("Computers with this license").unwrap());
        assert!(page.contains(&format!("<b><bdi>{number}</bdi></b>")), "{page}");
        shop.is_some_and(|shop| shop < computers)
    };
    assert!(!names_shop_first(&limit_page(&service, &joined, &issued.licenses)));
    // The only confirmed computer had no contact for 30 days, and may be lost.
    service.clock.advance(30 * DAY);
    let mut late = service.new_computer(3, 3);
    late.join(&service, &ann, &ann.restore_key(0, 9)).unwrap();
    let page = limit_page(&service, &late, &issued.licenses);
    assert!(names_shop_first(&page), "{page}");
    assert!(page.contains(&format!("restow computer release {}", &ann.id()[..8])), "{page}");

    // The releases of the year are used up.
    let ben = service.register_holder(5);
    let (code, issued) = issue(&service, |request| request.licenses[0].limit = Some(2));
    ben.acquire(&service, &code).unwrap();
    let others: Vec<TestComputer> = (6..9).map(|n| service.new_computer(n, 5)).collect();
    for other in &others {
        other.register(&service, None).unwrap();
    }
    others[0].restore(&service, &issued.licenses).unwrap();
    let number_of = |page: &str| page.contains("can help you now");
    assert!(!number_of(&limit_page(&service, &others[1], &issued.licenses)));
    let release = |holder, computer| ReleaseRequest { holder, computer };
    ben.call_about(&service, &request_key(), release, &others[0]).unwrap();
    others[1].restore(&service, &issued.licenses).unwrap();
    assert!(number_of(&limit_page(&service, &others[2], &issued.licenses)));
}

#[test]
fn unconfirmed_computer_is_told_to_be_confirmed() {
    let service = TestService::with_settings(|settings| settings.unconfirmed_restores_per_year = 0);
    let ann = service.register_holder(1);
    let (code, issued) = issue(&service, |request| request.licenses[0].limit = Some(4));
    ann.acquire(&service, &code).unwrap();
    let mut joined = service.new_computer(2, 2);
    joined.join(&service, &ann, &ann.restore_key(0, 9)).unwrap();
    let page = limit_page(&service, &joined, &issued.licenses);
    assert!(page.contains("Your new computer is not confirmed yet"), "{page}");
    assert!(page.contains(&format!("<code>restow computer confirm {}</code>", &joined.id()[..8])), "{page}");
    assert!(page.contains("Type this line on your computer <bdi>Computer 1</bdi>"), "{page}");
    let one = admin::ComputerRequest { holder: ann.holder.clone(), computer: joined.id() };
    let token = joined.restore(&service, &issued.licenses).unwrap().url.unwrap();
    let _: admin::ChangeAnswer = service.admin("admin/confirm", &one).unwrap();
    let page = service.get(token.strip_prefix("http://127.0.0.1:8080/restow/v1/").unwrap()).text;
    assert!(page.contains("There is room for another computer now"), "{page}");
}

#[test]
fn browsers_get_pages_and_programs_problems() {
    let service = TestService::new();
    let (browser, program) = ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json");
    for accept in [browser, program] {
        let page = get(&service, "/", accept);
        assert_eq!((page.status, &page.headers["content-type"]), (200, &"text/html; charset=utf-8".parse().unwrap()));
        assert!(page.text.contains("<code>restow service add http://127.0.0.1:8080</code>"), "{}", page.text);
        assert!(page.text.contains(&service.identity.fingerprint), "{}", page.text);
        assert!(page.text.contains("help@shop.example") && page.text.contains("Shop &lt;&amp;&gt; Söhne"));
    }
    for (path, status) in [("/nothing", 404), ("/restow/v1", 404), ("/restow/v1/restore", 405)] {
        let page = get(&service, path, browser);
        assert_eq!((page.status, page.headers.contains_key("content-security-policy")), (status, true), "{path}");
        let problem = get(&service, path, program);
        assert_eq!((problem.status, problem.problem().status), (status, status), "{path}");
    }
    let (code, _) = issue(&service, |_| {});
    for (path, status) in [
        ("/", 200),
        (&*format!("/restow/v1/link/{code}"), 200),
        ("/restow/v1/key-set", 200),
        ("/restow/v1/health", 200),
        ("/nothing", 404),
        ("/restow/v1/restore", 405),
    ] {
        for accept in [browser, program] {
            let url = format!("http://{}{path}", service.address);
            let mut head = common::agent().head(url).header("Accept", accept).call().unwrap();
            assert_eq!(head.status().as_u16(), status, "{path}");
            assert!(head.body_mut().read_to_string().unwrap().is_empty(), "{path}");
        }
    }
}
