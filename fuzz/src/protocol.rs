//! Any bytes as a message of the service protocol. The first byte selects the kind. A parsed message encodes to
//! an equal message, as plain JSON and as a signed statement.

use restow::license::{KeySet, Limits, NativeLicense, Right, Rights};
use restow::service::protocol::{
    AcquireRequest, Answer, ComputerInfo, ConfirmRequest, Counter, EmptyAnswer, Grant, GrantEntry, HolderProof,
    JoinProof, ListComputersAnswer, ListComputersRequest, Membership, Notice, NoticeCode, Outcome, Problem,
    ProblemCode, RefuseRequest, RegisterAnswer, RegisterRequest, ReleaseAnswer, ReleaseRequest, ReportAnswer,
    ReportRequest, RequestedLicense, RestoreCertificate, RestoreKeyJoin, RestoreRequest, Revocation, Revocations,
    SealedKeys, SetCertificate, Terms, WithdrawAnswer, WithdrawRequest, admin,
};
use restow_core::jws::{self, Statement};
use restow_core::keys::PublicKey;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::common::{check_presentable, key, key_set, native_license, sign_raw, with_mode};

/// Kind of message: the check for its bytes, and an example.
type Message = (fn(&[u8]), fn() -> Value);

fn plain<T: Serialize + DeserializeOwned>(json: &[u8]) {
    match serde_json::from_slice::<T>(json) {
        Ok(message) => {
            let written = serde_json::to_vec(&message).expect("JSON");
            let again: T = serde_json::from_slice(&written).expect("what was written can be read");
            assert_eq!(serde_json::to_vec(&again).ok(), Some(written));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn statement<T: Statement>(json: &[u8]) {
    plain::<T>(json);
    let service = key("service");
    match jws::verify::<T>(&sign_raw(T::TYP, json, &service), &service.public()) {
        Ok(said) => {
            let again = jws::sign(&said, &service).expect("what was read can be signed");
            let again = jws::verify::<T>(&again, &service.public()).expect("what was signed verifies");
            assert_eq!(serde_json::to_value(&again).ok(), serde_json::to_value(&said).ok());
        }
        Err(error) => check_presentable(&error.to_string()),
    }
    // The bytes as the whole document, which has no signature.
    if let Ok(text) = str::from_utf8(json) {
        assert!(jws::verify::<T>(text, &service.public()).is_err());
    }
}

fn counter(json: &[u8]) {
    plain::<Counter>(json);
    if let Ok(counter) = serde_json::from_slice::<Counter>(json) {
        let _ = counter.verifies("i");
        assert!(!counter.supersedes(&counter));
    }
}

fn problem(json: &[u8]) {
    plain::<Problem>(json);
    if let Ok(problem) = serde_json::from_slice::<Problem>(json)
        && let Some(code) = problem.code()
    {
        assert_eq!(problem.problem_type, format!("urn:restow:problem:{}", code.as_str()));
    }
}

fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

fn public() -> PublicKey {
    key("computer").public()
}

fn a_counter() -> Counter {
    Counter::sign("i", "L1", "Play", 3, 1_700_000_000, &key("computer"))
}

fn grant() -> Grant {
    let granted = GrantEntry {
        license: "L1".into(),
        sha256: "00".repeat(32),
        outcome: Outcome::Granted,
        counters: vec![a_counter()],
    };
    Grant {
        licenses: vec![granted],
        keys: Some(SealedKeys { enc: "AA".into(), ct: "AA".into() }),
        url: Some("https://licenses.shop.example/limit/x".into()),
        revocations: vec!["a.b.c".into()],
        documents: vec!["a.b.c".into()],
        key_set: None,
    }
}

fn answer<T>(body: T) -> Answer<T> {
    let notice = Notice { code: NoticeCode::ReleaseRequested, computer: "c".into(), name: "desk".into(), at: 7 };
    Answer {
        issuer: "i".into(),
        computer: "c".into(),
        request: "r".into(),
        path: "restore".into(),
        time: 1_700_000_000,
        notices: vec![notice],
        restore_epoch: 2,
        key_set_version: 1,
        body,
    }
}

fn terms() -> Terms {
    Terms {
        key_ids: vec!["hex:01".into()],
        title: Some("A Song".into()),
        rights: Rights::from([(Right::PLAY, Limits { count: Some(3), ..Limits::default() })]),
        priority: 1,
        not_before: None,
        expires: Some(9),
        unreported: Some(1),
        limit: Some(2),
    }
}

/// All kinds by number. New kinds are added at the end, so that existing corpora stay valid.
const MESSAGES: &[Message] = &[
    (plain::<RegisterRequest>, || {
        json(RegisterRequest {
            holder: Some("H".into()),
            holder_key: public(),
            computer_key: public(),
            encryption_key: public(),
            name: "desk".into(),
            holder_proof: "a.b.c".into(),
            restore: Some(RestoreKeyJoin { certificate: "a.b.c".into(), proof: "a.b.c".into() }),
            link: Some("c".into()),
        })
    }),
    (plain::<RegisterAnswer>, || {
        json(RegisterAnswer { holder: "H".into(), computer: "c".into(), confirmed: false, membership: "a.b.c".into() })
    }),
    (plain::<AcquireRequest>, || {
        let (holder, code, run) = ("H".into(), Some("AAAA".into()), "r".into());
        json(AcquireRequest { holder, code, key_ids: vec!["hex:01".into()], run, key_set_version: 3 })
    }),
    (plain::<RestoreRequest>, || {
        let asked = RequestedLicense { license: "L1".into(), sha256: "00".repeat(32) };
        let (holder, run) = ("H".into(), "r".into());
        json(RestoreRequest { holder, run, licenses: vec![asked], counters: vec![a_counter()], key_set_version: 3 })
    }),
    (plain::<ReportRequest>, || {
        json(ReportRequest { holder: "H".into(), counters: vec![a_counter()], licenses: vec!["L1".into()] })
    }),
    (plain::<ReportAnswer>, || json(ReportAnswer { counters: vec![a_counter()], revocations: vec!["a.b.c".into()] })),
    (plain::<ListComputersRequest>, || json(ListComputersRequest { holder: "H".into() })),
    (plain::<ListComputersAnswer>, || {
        let info = ComputerInfo {
            computer: "c".into(),
            name: "desk".into(),
            confirmed: true,
            confirms_at: None,
            registered: 1,
            last_seen: 2,
            this: true,
            joined_by: Some("d".into()),
            release_at: Some(3),
            licenses: 4,
        };
        json(ListComputersAnswer { computers: vec![info], membership: "a.b.c".into() })
    }),
    (plain::<ReleaseRequest>, || json(ReleaseRequest { holder: "H".into(), computer: "c".into() })),
    (plain::<ConfirmRequest>, || json(ConfirmRequest { holder: "H".into(), computer: "c".into() })),
    (plain::<RefuseRequest>, || json(RefuseRequest { holder: "H".into(), computer: "c".into() })),
    (plain::<WithdrawRequest>, || json(WithdrawRequest { holder: "H".into(), computer: "c".into() })),
    (plain::<ReleaseAnswer>, || json(ReleaseAnswer { released: true, at: 5 })),
    (plain::<WithdrawAnswer>, || json(WithdrawAnswer { epoch: 5 })),
    (counter, || json(a_counter())),
    (problem, || {
        let mut problem = ProblemCode::Clock.problem("the clock", "set it");
        problem.answer = Some("a.b.c".into());
        json(problem)
    }),
    // Answer to a wrong clock.
    (statement::<Answer<Option<EmptyAnswer>>>, || versioned(answer(Some(EmptyAnswer {})))),
    (statement::<Answer<Grant>>, || versioned(answer(grant()))),
    (statement::<Answer<ListComputersAnswer>>, || {
        versioned(answer(ListComputersAnswer { computers: vec![], membership: "a".into() }))
    }),
    (statement::<Membership>, || {
        versioned(Membership {
            issuer: "i".into(),
            holder: "H".into(),
            holder_key: public(),
            computer: "c".into(),
            computer_key: public(),
            confirmed: true,
            time: 5,
        })
    }),
    (statement::<Revocations>, || {
        let revoked = Revocation { license: "L1".into(), reason: "returned".into(), at: 4 };
        versioned(Revocations { issuer: "i".into(), holder: "H".into(), time: 5, revoked: vec![revoked] })
    }),
    (statement::<SetCertificate>, || {
        versioned(SetCertificate { issuer: "i".into(), holder: "H".into(), set_key: public(), time: 5 })
    }),
    (statement::<RestoreCertificate>, || {
        versioned(RestoreCertificate {
            issuer: "i".into(),
            holder: "H".into(),
            computer: "c".into(),
            epoch: 1,
            restore_key: public(),
            generation: 2,
            time: 5,
        })
    }),
    (statement::<JoinProof>, || {
        let (issuer, holder, computer, request) = ("i".into(), "H".into(), "c".into(), "r".into());
        versioned(JoinProof { issuer, holder, computer, holder_key: public(), request })
    }),
    (statement::<HolderProof>, || {
        versioned(HolderProof { issuer: "i".into(), computer: "c".into(), request: "r".into() })
    }),
    (statement::<KeySet>, || versioned(key_set())),
    (statement::<NativeLicense>, || versioned(native_license())),
    (plain::<Terms>, || json(terms())),
    (plain::<admin::IssueRequest>, || json(admin::IssueRequest::new(vec![terms()]))),
    (plain::<admin::IssueAnswer>, || serde_json::json!({"offer": "o", "link": "https://a", "licenses": ["L1"]})),
    (plain::<admin::RevokeRequest>, || serde_json::json!({"license": "L1", "reason": "returned"})),
    (plain::<admin::OperatorReleaseRequest>, || serde_json::json!({"holder": "H", "computer": "c", "when": "now"})),
    (plain::<admin::ListRequest>, || serde_json::json!({"what": "licenses", "limit": 10})),
    (plain::<admin::ListAnswer>, || serde_json::json!({"items": [], "next": null})),
];

/// Returns a statement as it is signed, with the version of its form.
fn versioned(payload: impl Serialize) -> Value {
    let mut value = json(payload);
    value["v"] = 1.into();
    value
}

pub fn run(data: &[u8]) {
    let Some((kind, message)) = data.split_first() else { return };
    (MESSAGES[usize::from(*kind) % MESSAGES.len()].0)(message);
}

pub fn seeds() -> Vec<Vec<u8>> {
    let example = |(kind, message): (usize, &Message)| {
        let kind = u8::try_from(kind).expect("few kinds");
        with_mode(kind, &serde_json::to_vec(&(message.1)()).expect("JSON"))
    };
    MESSAGES.iter().enumerate().map(example).collect()
}
