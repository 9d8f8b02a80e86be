//! Calls of computers over HTTP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::result_large_err)]

mod common;

use common::{
    DAY, START, TestComputer, TestService, problem_code, request_key, terms, verify_documents, verify_membership,
};
use restow::license::KeyUse;
use restow::service::protocol::{
    AcquireRequest, Answer, Counter, EmptyAnswer, ListComputersRequest, Outcome, Problem, ProblemCode, ReleaseRequest,
    ReportRequest, RestoreRequest, Revocations, Terms, WithdrawAnswer, WithdrawRequest, admin,
};
use sha2::{Digest as _, Sha256};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn register_acquire_and_restore_succeed() {
    let service = TestService::new();
    let first = service.new_computer(1, 1);
    let registered = first.register(&service, None).unwrap();
    assert_eq!((registered.holder.as_str(), registered.confirmed), (first.holder.as_str(), true));
    assert!(verify_membership(&service, &first, &registered.membership));

    let (code, licenses) = service.issue(3, None);
    let request = request_key();
    let grant = first.acquire_as(&service, &request, &code).unwrap();
    let mut sorted = licenses.clone();
    sorted.sort();
    assert_eq!(grant.licenses.iter().map(|l| l.license.clone()).collect::<Vec<_>>(), sorted);
    assert!(grant.licenses.iter().all(|license| license.outcome == Outcome::Granted));
    assert_eq!(verify_documents(&service, &first, &grant.documents), sorted);
    for (license, document) in grant.licenses.iter().zip(&grant.documents) {
        assert_eq!(license.sha256, hex(&Sha256::digest(document.as_bytes())));
    }
    // The operator's packager derives the same keys.
    let ids: Vec<restow::KeyId> = (0..3).map(|n| terms(n).key_ids[0].parse().unwrap()).collect();
    let expected = restow_service::content_keys(service.folder.path(), &ids, &service.clock).unwrap();
    let opened = first.open(&request, &grant);
    assert_eq!(opened.len(), 3);
    for key in &expected {
        let same = opened.iter().find(|k| k.key_id == key.key_id).unwrap();
        assert_eq!((same.seed, *same.key), (key.seed, *key.key));
    }

    // Another computer of the holder restores by ID and digest. It receives no document that it already has.
    let second = service.new_computer(2, 1);
    assert!(second.register(&service, Some(&first.holder)).unwrap().confirmed);
    let mut call = second.restore_call(&request_key(), &licenses);
    for asked in &mut call.licenses {
        asked.sha256 = grant.licenses.iter().find(|l| l.license == asked.license).unwrap().sha256.clone();
    }
    call.licenses
        .push(restow::service::protocol::RequestedLicense { license: "unknown".into(), sha256: "a".repeat(64) });
    let request = request_key();
    let answer = second.answer(&service, &request, &call).unwrap();
    assert_eq!(answer.time, START);
    assert!(answer.body.documents.is_empty());
    assert_eq!(second.open(&request, &answer.body).len(), 3);
    let unknown = answer.body.licenses.iter().find(|l| l.license == "unknown").unwrap();
    assert_eq!((unknown.outcome, unknown.sha256.as_str()), (Outcome::NotYours, ""), "nothing is echoed");
    // A different digest adds the document to the answer.
    assert_eq!(second.restore(&service, &licenses[..1]).unwrap().documents.len(), 1);

    let list = second.computers(&service);
    assert!(verify_membership(&service, &second, &list.membership));
    let rows: Vec<_> = list.computers.iter().map(|c| (c.computer.clone(), c.this, c.licenses)).collect();
    assert_eq!(rows, [(first.id(), false, 3), (second.id(), true, 3)]);

    // Acquire by key ID.
    let by_key = |key_ids: Vec<String>| AcquireRequest {
        holder: first.holder.clone(),
        code: None,
        key_ids,
        run: request_key(),
        key_set_version: 0,
    };
    let grant = first.call(&service, &by_key(terms(1).key_ids)).unwrap();
    assert_eq!((grant.licenses.len(), grant.documents.len(), grant.key_set.is_some()), (1, 1, true));
    assert_eq!(problem_code(first.call(&service, &by_key(terms(9).key_ids))), ProblemCode::NotYours);
    assert_eq!(problem_code(first.call(&service, &by_key(vec!["?".into()]))), ProblemCode::Malformed);
}

#[test]
fn link_serves_one_holder() {
    let service = TestService::new();
    let (ann, ben) = (service.register_holder(1), service.register_holder(2));
    let (code, licenses) = service.issue(2, None);
    let request = request_key();
    let grant = ann.acquire_as(&service, &request, &code).unwrap();
    assert_eq!(ann.acquire_as(&service, &request, &code).unwrap().licenses, grant.licenses, "a retry");
    assert_eq!(problem_code(ben.acquire(&service, &code)), ProblemCode::LinkUsed);
    assert_eq!(problem_code(ben.acquire(&service, &"A".repeat(22))), ProblemCode::NotYours);
    assert_eq!(problem_code(ben.acquire(&service, "x")), ProblemCode::NotYours);
    let again = ann.acquire(&service, &code).unwrap();
    assert_eq!((&again.licenses, &again.documents), (&grant.licenses, &grant.documents), "the same licenses");
    assert_eq!(ben.outcome(&service, &licenses[0]), Outcome::NotYours);

    // An offer bound to one holder is hidden from others.
    let issue = admin::IssueRequest { holder: Some(ben.holder.clone()), ..admin::IssueRequest::new(vec![terms(5)]) };
    let bound: admin::IssueAnswer = service.admin("admin/issue", &issue).unwrap();
    assert_eq!(problem_code(ann.acquire(&service, &service.code(&bound.link))), ProblemCode::NotYours);
    assert_eq!(ben.acquire(&service, &service.code(&bound.link)).unwrap().licenses.len(), 1);
}

#[test]
fn idempotency_keys_survive_restart() {
    let mut service = TestService::with_settings(|settings| settings.restores_per_day = 2);
    let (ann, code) = (service.register_holder(1), service.issue(2, None));
    ann.acquire(&service, &code.0).unwrap();
    let other = service.new_computer(2, 1);
    other.register(&service, Some(&ann.holder)).unwrap();
    let (request, call) = (request_key(), other.restore_call(&request_key(), &code.1[..1]));
    let changed = other.restore_call(&call.run, &code.1);
    for round in 0..3 {
        let grant = other.answer(&service, &request, &call).unwrap().body;
        assert_eq!(grant.licenses[0].outcome, Outcome::Granted);
        assert_eq!(problem_code(other.answer(&service, &request, &changed)), ProblemCode::KeyReused, "round {round}");
        let list = restow::service::protocol::ListComputersRequest { holder: ann.holder.clone() };
        assert_eq!(problem_code(other.answer(&service, &request, &list)), ProblemCode::KeyReused, "another path");
        service.stop();
        service.start();
    }
    // One of the two daily runs remains, because no retry counted.
    let third = service.new_computer(3, 1);
    third.register(&service, Some(&ann.holder)).unwrap();
    assert_eq!(third.outcome(&service, &code.1[0]), Outcome::Granted);
    assert_eq!(other.outcome(&service, &code.1[1]), Outcome::DailyLimit);
    // A key may be reused after 7 days.
    service.clock.advance(7 * DAY + 1);
    assert_eq!(other.answer(&service, &request, &changed).unwrap().body.licenses.len(), 2);
}

#[test]
fn daily_limit_counts_placing_runs() {
    let service = TestService::with_settings(|settings| settings.restores_per_day = 2);
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(6, None);
    ann.acquire(&service, &code).unwrap();
    let other = service.new_computer(2, 1);
    other.register(&service, Some(&ann.holder)).unwrap();
    // Two requests of one run count once.
    let run = request_key();
    for licenses in [&licenses[..2], &licenses[2..3]] {
        let grant = other.call(&service, &other.restore_call(&run, licenses)).unwrap();
        assert!(grant.licenses.iter().all(|l| l.outcome == Outcome::Granted));
    }
    for _ in 0..5 {
        assert_eq!(other.outcome(&service, &licenses[0]), Outcome::Granted, "what it holds counts nothing");
    }
    assert_eq!(other.outcome(&service, &licenses[3]), Outcome::Granted);
    assert_eq!(other.outcome(&service, &licenses[4]), Outcome::DailyLimit);
    let grant = other.restore(&service, &licenses).unwrap();
    let granted = grant.licenses.iter().filter(|l| l.outcome == Outcome::Granted).count();
    let refused = grant.licenses.iter().filter(|l| l.outcome == Outcome::DailyLimit).count();
    assert_eq!((granted, refused), (4, 2), "what it holds is still granted");
    // A counted run continues, even past midnight.
    assert_eq!(
        other.call(&service, &other.restore_call(&run, &licenses[4..5])).unwrap().licenses[0].outcome,
        Outcome::Granted
    );
    service.clock.advance(DAY / 2);
    assert_eq!(other.outcome(&service, &licenses[5]), Outcome::Granted, "a new day");
}

#[test]
fn run_named_like_join_counts() {
    for (limit, granted) in [(0, Outcome::DailyLimit), (1, Outcome::Granted)] {
        let service = TestService::with_settings(|settings| settings.restores_per_day = limit);
        let ann = service.register_holder(1);
        let (code, licenses) = service.issue(1, None);
        ann.acquire(&service, &code).unwrap();
        let mut joined = service.new_computer(2, 2);
        joined.join(&service, &ann, &ann.restore_key(0, 9)).unwrap();
        let db = rusqlite::Connection::open(service.database()).unwrap();
        let run: String = db.query_row("SELECT run FROM daily WHERE kind = 2", [], |row| row.get(0)).unwrap();
        let grant = joined.call(&service, &joined.restore_call(&run, &licenses)).unwrap();
        assert_eq!(grant.licenses[0].outcome, granted);
    }
}

#[test]
fn counters_merge_from_holding_computers() {
    let service = TestService::new();
    let (ann, ben) = (service.register_holder(1), service.register_holder(2));
    let (code, licenses) = service.issue(2, None);
    let license = &licenses[0];
    ann.acquire(&service, &code).unwrap();
    let other = service.new_computer(3, 1);
    other.register(&service, Some(&ann.holder)).unwrap();
    let report = |counters: Vec<Counter>| ReportRequest { holder: ann.holder.clone(), counters, licenses: vec![] };

    // The computer played ten times and reports nine.
    let known = ann.call(&service, &report(vec![ann.counter(license, 9)])).unwrap();
    assert_eq!(known.counters, [ann.counter(license, 9)]);
    // Lower counts, forged counters and counters of computers without the license are ignored.
    let mut forged = ann.counter(license, 9);
    forged.count = 1000;
    let counters = vec![ann.counter(license, 3), forged, other.counter(license, 1), ben.counter(license, 1)];
    assert_eq!(ann.call(&service, &report(counters)).unwrap().counters, [ann.counter(license, 9)]);
    let wrong_right = Counter::sign(&ann.issuer, license, "no right", 1, START, &ann.signing);
    assert_eq!(ann.call(&service, &report(vec![wrong_right])).unwrap().counters.len(), 1);
    // Another computer receives the count of nine.
    let grant = other.restore(&service, &[license]).unwrap();
    assert_eq!(grant.licenses[0].counters, [ann.counter(license, 9)]);
    // The computer now holds the license, so its restore may bring counters.
    let mut call = other.restore_call(&request_key(), &[license]);
    call.counters = vec![other.counter(license, 2), ann.counter(license, 10)];
    let mut counters = other.call(&service, &call).unwrap().licenses[0].counters.clone();
    counters.sort_by_key(|counter| counter.count);
    assert_eq!(counters, [other.counter(license, 2), ann.counter(license, 10)]);
    // Counters of a released computer stay and are still accepted.
    ann.call_about(&service, &request_key(), |holder, computer| ReleaseRequest { holder, computer }, &other).unwrap();
    let known = ann.call(&service, &report(vec![other.counter(license, 4)])).unwrap();
    assert_eq!(known.counters.iter().map(|counter| counter.count).sum::<u64>(), 14);
    // A report about a license of another holder is refused.
    let foreign = ReportRequest { holder: ben.holder.clone(), counters: vec![], licenses: vec![license.clone()] };
    assert_eq!(problem_code(ben.call(&service, &foreign)), ProblemCode::NotYours);
}

#[test]
fn revocation_reaches_every_answer() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(2, None);
    ann.acquire(&service, &code).unwrap();
    service.clock.advance(10);
    let revoke = admin::RevokeRequest { license: licenses[0].clone(), reason: "charged back".into() };
    let request = request_key();
    let changed: admin::ChangeAnswer = service.admin_as(&request, "admin/revoke", &revoke).unwrap();
    assert_eq!((changed.done, changed.at), (true, START + 10));
    service.clock.advance(10);
    assert_eq!(service.admin_as::<admin::ChangeAnswer>(&request, "admin/revoke", &revoke).unwrap(), changed);
    let grant = ann.restore(&service, &licenses).unwrap();
    let outcome = |id: &String| grant.licenses.iter().find(|l| l.license == *id).unwrap().outcome;
    assert_eq!((outcome(&licenses[0]), outcome(&licenses[1])), (Outcome::Revoked, Outcome::Granted));
    assert_eq!(grant.documents.len(), 1);
    let statement: Revocations =
        service.key_set().verify_statement(&grant.revocations[0], KeyUse::Service, |r: &Revocations| r.time).unwrap();
    assert_eq!((statement.holder.as_str(), statement.revoked.len()), (ann.holder.as_str(), 1));
    assert_eq!((statement.revoked[0].reason.as_str(), statement.revoked[0].at), ("charged back", START + 10));
    let report = ReportRequest { holder: ann.holder.clone(), counters: vec![], licenses: licenses.clone() };
    assert_eq!(ann.call(&service, &report).unwrap().revocations.len(), 1);
    // Revocation also works before redemption.
    let (code, licenses) = service.issue(1, None);
    let revoke = admin::RevokeRequest { license: licenses[0].clone(), reason: String::new() };
    let _: admin::ChangeAnswer = service.admin("admin/revoke", &revoke).unwrap();
    assert_eq!(ann.acquire(&service, &code).unwrap().licenses[0].outcome, Outcome::Revoked);
    let unknown = admin::RevokeRequest { license: "none".into(), reason: String::new() };
    assert_eq!(problem_code(service.admin::<admin::ChangeAnswer>("admin/revoke", &unknown)), ProblemCode::NotYours);
}

#[test]
fn expired_license_is_not_granted() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let mut terms = terms(1);
    terms.expires = Some(START + 100);
    let issued: admin::IssueAnswer = service.admin("admin/issue", &admin::IssueRequest::new(vec![terms])).unwrap();
    ann.acquire(&service, &service.code(&issued.link)).unwrap();
    service.clock.advance(99);
    assert_eq!(ann.outcome(&service, &issued.licenses[0]), Outcome::Granted);
    service.clock.advance(1);
    let grant = ann.restore(&service, &issued.licenses).unwrap();
    assert_eq!((grant.licenses[0].outcome, grant.keys.is_none()), (Outcome::Expired, true));
}

#[test]
fn signature_binds_issuer_time_and_body() {
    let service = TestService::new();
    let (ann, ben) = (service.register_holder(1), service.register_holder(2));
    let (code, licenses) = service.issue(1, None);
    ann.acquire(&service, &code).unwrap();
    let body = serde_json::to_vec(&ann.restore_call(&request_key(), &licenses)).unwrap();

    let other_issuer = "A".repeat(43);
    let reply = ann.send_at(&service, &other_issuer, START, &request_key(), "restore", &body);
    assert_eq!((reply.status, reply.problem().code()), (421, Some(ProblemCode::WrongIssuer)));

    for created in [START - 301, START + 301] {
        let request = request_key();
        let reply = ann.send_at(&service, &ann.issuer, created, &request, "restore", &body);
        let problem = reply.problem();
        assert_eq!((reply.status, problem.code()), (401, Some(ProblemCode::Clock)));
        let answer: Answer<Option<EmptyAnswer>> = service
            .key_set()
            .verify_statement(&problem.answer.unwrap(), KeyUse::Service, |a: &Answer<Option<EmptyAnswer>>| a.time)
            .unwrap();
        assert_eq!((answer.time, answer.body, answer.request), (START, None, request));
    }
    for created in [START - 300, START + 300] {
        assert_eq!(ann.send_at(&service, &ann.issuer, created, &request_key(), "restore", &body).status, 200);
    }

    // Ben's computer names Ann's holder.
    let mut foreign = ben.clone();
    foreign.holder.clone_from(&ann.holder);
    assert_eq!(problem_code(foreign.restore(&service, &licenses)), ProblemCode::UnknownComputer);
    // Ben's key signs under the ID of Ann's computer.
    let mut forged = ben.clone();
    forged.holder.clone_from(&ann.holder);
    let headers = {
        let full = "/restow/v1/restore";
        let request = restow_core::protocol::signature::SignedRequest {
            path: full,
            idempotency_key: "0123456789012345678901",
            issuer: &ann.issuer,
            body: &body,
        };
        let mut headers = request.sign(START, &ben.signing);
        headers.signature_input = headers.signature_input.replace(&ben.id(), &ann.id());
        headers
    };
    let send = |digest: &str, input: &str, signature: &str, body: &[u8], path: &str| {
        let call = common::agent().post(service.url(path)).header("Idempotency-Key", "0123456789012345678901");
        let call = call.header("Restow-Issuer", &ann.issuer).header("Content-Digest", digest);
        common::Reply::from_response(
            call.header("Signature-Input", input).header("Signature", signature).send(body).unwrap(),
        )
    };
    let h = &headers;
    let reply = send(&h.content_digest, &h.signature_input, &h.signature, &body, "restore");
    assert_eq!(reply.problem().code(), Some(ProblemCode::BadSignature));

    // A valid signature with a changed body, a changed path, no signature, or malformed headers.
    let good = restow_core::protocol::signature::SignedRequest {
        path: "/restow/v1/restore",
        idempotency_key: "0123456789012345678901",
        issuer: &ann.issuer,
        body: &body,
    }
    .sign(START, &ann.signing);
    let mut changed = body.clone();
    changed.push(b' ');
    let g = &good;
    for reply in [
        send(&g.content_digest, &g.signature_input, &g.signature, &changed, "restore"),
        send(&g.content_digest, &g.signature_input, &g.signature, &body, "counters"),
        send(&g.content_digest, &g.signature_input, "restow=:AAAA:", &body, "restore"),
        send(&g.content_digest, "sig=()", &g.signature, &body, "restore"),
        common::Reply::from_response(
            common::agent().post(service.url("restore")).header("Restow-Issuer", &ann.issuer).send(&body[..]).unwrap(),
        ),
    ] {
        let code = reply.problem().code().unwrap();
        assert!(matches!(code, ProblemCode::BadSignature | ProblemCode::Malformed), "{code:?}");
    }
    let reply = send(&g.content_digest, &g.signature_input, &g.signature, &body, "restore?x=1");
    assert_eq!(reply.problem().code(), Some(ProblemCode::Malformed), "a query string is refused");
    assert_eq!(send(&g.content_digest, &g.signature_input, &g.signature, &body, "restore").status, 200);
}

#[test]
fn garbage_is_refused_as_malformed() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
    let twice = format!(r#"{{"holder":"{0}","holder":"{0}"}}"#, ann.holder);
    for body in [&b""[..], b"{", b"null", b"{}", b"\xff\xfe", &deep, twice.as_bytes(), br#"{"holder":""}"#] {
        for path in ["restore", "register", "acquire", "counters", "computers", "computers/release"] {
            let reply = ann.send(&service, &request_key(), path, body);
            let is_too_large = path == "register" && body.len() > 64 << 10;
            let expected = if is_too_large { ProblemCode::TooLarge } else { ProblemCode::Malformed };
            assert_eq!(reply.problem().code(), Some(expected), "{path} {:?}", body.get(..20));
        }
        let reply = service.admin_raw(&service.api_key, &request_key(), "admin/issue", body);
        assert_eq!(reply.problem().code(), Some(ProblemCode::Malformed));
    }
    // The problem document repeats only a short part of the input.
    let long = "x\n".repeat(50_000);
    let unknown = serde_json::json!({"what": "holders", long.as_str(): 1, "holder": [long]}).to_string();
    let what = serde_json::json!({"what": long, "holder": null}).to_string();
    for body in [unknown, what] {
        for reply in [
            service.admin_raw(&service.api_key, &request_key(), "admin/list", body.as_bytes()),
            ann.send(&service, &request_key(), "computers", body.as_bytes()),
        ] {
            assert_eq!((reply.problem().code(), reply.text.len() < 2_000), (Some(ProblemCode::Malformed), true));
        }
    }
    let mut call = ann.restore_call(&request_key(), &["x"]);
    call.licenses = vec![call.licenses[0].clone(); 10_001];
    assert_eq!(problem_code(ann.call(&service, &call)), ProblemCode::Malformed);
    for run in ["short", "with spaces and more than 22 characters"] {
        assert_eq!(problem_code(ann.call(&service, &ann.restore_call(run, &["x"]))), ProblemCode::Malformed);
    }
    let mut call = ann.restore_call(&request_key(), &["x"]);
    call.licenses[0].sha256 = "A".repeat(64);
    assert_eq!(problem_code(ann.call(&service, &call)), ProblemCode::Malformed, "upper-case hex");
    for name in [String::new(), "x".repeat(101), "a\nb".into(), "  ".into()] {
        let mut computer = service.new_computer(2, 2);
        computer.name = name;
        assert_eq!(problem_code(computer.register(&service, None)), ProblemCode::Malformed);
    }
    // The zero point is not usable for encryption.
    let request = request_key();
    let computer = service.new_computer(2, 2);
    let mut registration = computer.registration(&request, None);
    registration.encryption_key = restow_core::keys::PublicKey::from_bytes([0; 32]);
    assert_eq!(problem_code(computer.answer(&service, &request, &registration)), ProblemCode::Malformed);

    assert_eq!(service.get("nothing-here").problem().problem_type, "urn:restow:problem:not-found");
    assert_eq!(service.get("restore").status, 405);
}

#[test]
fn ten_thousand_licenses_fit_one_request() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(10_000, None);
    let request = request_key();
    let grant = ann.acquire_as(&service, &request, &code).unwrap();
    assert_eq!((grant.documents.len(), ann.open(&request, &grant).len()), (10_000, 10_000));
    let other = service.new_computer(2, 1);
    other.register(&service, Some(&ann.holder)).unwrap();
    let request = request_key();
    let grant = other.answer(&service, &request, &other.restore_call(&request_key(), &licenses)).unwrap().body;
    assert!(grant.licenses.iter().all(|license| license.outcome == Outcome::Granted));
    assert_eq!(other.open(&request, &grant).len(), 10_000);
}

/// Rights without limits are not counted. Invented names therefore cannot fill the owner's answers.
#[test]
fn counters_require_counted_rights() {
    let service = TestService::new();
    let owner = service.register_holder(1);
    let (code, licenses) = service.issue(300, None);
    owner.acquire(&service, &code).unwrap();
    let mut thief = service.new_computer(2, 2);
    thief.join(&service, &owner, &owner.restore_key(0, 9)).unwrap();
    thief.restore(&service, &licenses).unwrap();
    let names = (0..62).map(|n| format!("x{n:063}")).chain(["Backup".to_owned(), "Play".to_owned()]);
    let rights: Vec<String> = names.collect();
    for chunk in licenses.chunks(100) {
        let counter =
            |license: &String, right: &String| Counter::sign(&thief.issuer, license, right, 1, START, &thief.signing);
        let counters = chunk.iter().flat_map(|license| rights.iter().map(|right| counter(license, right))).collect();
        let call = RestoreRequest { counters, ..thief.restore_call(&request_key(), &chunk[..1]) };
        thief.call(&service, &call).unwrap();
    }
    let grant = owner.restore(&service, &licenses).unwrap();
    let counters: Vec<&Counter> = grant.licenses.iter().flat_map(|license| &license.counters).collect();
    assert_eq!(counters.len(), licenses.len());
    assert!(counters.iter().all(|counter| counter.right == "Play"));
}

/// Licenses that do not fit one answer follow with the next call.
#[test]
fn acquire_by_key_ids_continues() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let mut ids = Vec::new();
    for part in 0..2_u16 {
        let long = |n| Terms { title: Some("𝄞".repeat(1000)), ..terms(part * 1000 + n) };
        let licenses: Vec<Terms> = (0..1000).map(long).collect();
        ids.extend(licenses.iter().flat_map(|terms| terms.key_ids.clone()));
        let issued: admin::IssueAnswer = service.admin("admin/issue", &admin::IssueRequest::new(licenses)).unwrap();
        ann.acquire(&service, &service.code(&issued.link)).unwrap();
    }
    let second = service.new_computer(2, 1);
    second.register(&service, None).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..2 {
        let call = AcquireRequest {
            holder: ann.holder.clone(),
            code: None,
            key_ids: ids.clone(),
            run: request_key(),
            key_set_version: 1,
        };
        let grant = second.call(&service, &call).unwrap();
        assert!(grant.licenses.iter().all(|license| license.outcome == Outcome::Granted));
        assert_eq!(grant.documents.len(), grant.licenses.len(), "no license without its document");
        seen.extend(grant.documents);
        assert_eq!(seen.len() == 2000, round == 1, "round {round}: {}", seen.len());
    }
}

fn remembered(service: &TestService) -> i64 {
    let db = rusqlite::Connection::open(service.database()).unwrap();
    db.query_row("SELECT count(*) FROM requests", [], |row| row.get(0)).unwrap()
}

fn withdraw(service: &TestService, computer: &TestComputer) -> Result<WithdrawAnswer, Problem> {
    let make = |holder, computer| WithdrawRequest { holder, computer };
    computer.call_about(service, &request_key(), make, computer)
}

#[test]
fn old_idempotency_keys_expire_gradually() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    for _ in 0..40 {
        withdraw(&service, &ann).unwrap();
    }
    assert_eq!(remembered(&service), 41);
    service.clock.advance(8 * DAY);
    let ben = service.register_holder(2);
    assert_eq!(remembered(&service), 38, "some go with every new one, whoever's they are");
    for _ in 0..10 {
        withdraw(&service, &ben).unwrap();
    }
    assert_eq!(remembered(&service), 11);
}

/// A repeated call of this kind reads the present state and changes nothing.
#[test]
fn call_without_change_is_not_remembered() {
    let service = TestService::new();
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(1, None);
    ann.acquire(&service, &code).unwrap();
    ann.restore(&service, &licenses).unwrap();
    let report = |count| ReportRequest {
        holder: ann.holder.clone(),
        counters: vec![ann.counter(&licenses[0], count)],
        licenses: vec![],
    };
    ann.call(&service, &report(1)).unwrap();
    assert_eq!(remembered(&service), 3, "register, acquire, and the counter");
    service.clock.advance(3600);
    for _ in 0..20 {
        ann.computers(&service);
        ann.restore(&service, &licenses).unwrap();
        ann.acquire(&service, &code).unwrap();
        ann.call(&service, &report(1)).unwrap();
        ann.register(&service, Some(&ann.holder)).unwrap();
        let refused = service.new_computer(2, 2);
        assert_eq!(problem_code(refused.register(&service, Some(&ann.holder))), ProblemCode::NotAllowed);
    }
    assert_eq!(remembered(&service), 3);
    // A key without a change may name another request. Afterwards the key belongs to the change.
    let request = request_key();
    let list = ListComputersRequest { holder: ann.holder.clone() };
    ann.answer(&service, &request, &list).unwrap();
    ann.answer(&service, &request, &report(2)).unwrap();
    assert_eq!(problem_code(ann.answer(&service, &request, &list)), ProblemCode::KeyReused);
    ann.answer(&service, &request, &report(2)).unwrap();
    assert_eq!(remembered(&service), 4);
}

#[test]
fn changes_of_computer_have_daily_quota() {
    let service = TestService::with_settings(|settings| settings.changes_per_day = 3);
    let ann = service.register_holder(1);
    let other = service.new_computer(2, 1);
    other.register(&service, None).unwrap();
    // The registration counts, too.
    assert_eq!(withdraw(&service, &ann).unwrap().epoch, 1);
    let request = request_key();
    let make = |holder, computer| WithdrawRequest { holder, computer };
    assert_eq!(ann.call_about(&service, &request, make, &ann).unwrap().epoch, 2);
    assert_eq!(problem_code(withdraw(&service, &ann)), ProblemCode::ChangeLimit);
    // A retry and calls without a change are answered, and so is another computer.
    assert_eq!(ann.call_about(&service, &request, make, &ann).unwrap().epoch, 2);
    assert_eq!(ann.computers(&service).computers.len(), 2);
    withdraw(&service, &other).unwrap();
    assert_eq!(remembered(&service), 5, "a refused change leaves nothing");
    service.clock.advance(DAY);
    assert_eq!(withdraw(&service, &ann).unwrap().epoch, 3);
}
