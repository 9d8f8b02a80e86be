//! Requests and answers match `openapi.json`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod common;

use common::{Reply, TestService, request_key, terms};
use restow::service::protocol::{
    BASE, Call, ConfirmRequest, ListComputersRequest, RefuseRequest, ReleaseRequest, ReportRequest, RestoreRequest,
    Terms, WithdrawRequest, admin,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// OpenAPI document with a checker for the keywords of its schemas.
struct Description(Value);

impl Description {
    fn served(service: &TestService) -> Self {
        let reply = service.get("openapi.json");
        assert_eq!((reply.status, &reply.headers["content-type"]), (200, &"application/json".parse().unwrap()));
        Self(serde_json::from_str(&reply.text).unwrap())
    }

    fn operation(&self, path: &str, method: &str) -> &Value {
        let operation = &self.0["paths"][format!("{BASE}{path}")][method];
        assert!(operation.is_object(), "{method} {path}");
        operation
    }

    /// Checks a call and its answer.
    fn check(&self, path: &str, body: &impl Serialize, reply: &Reply) -> Value {
        let operation = self.operation(path, "post");
        let request = &operation["requestBody"]["content"]["application/json"]["schema"];
        let sent = serde_json::to_value(body).unwrap();
        let answer = self.answer(operation, reply);
        if reply.status == 200 {
            self.assert_matches(request, &sent, path);
        }
        answer
    }

    fn answer(&self, operation: &Value, reply: &Reply) -> Value {
        let responses = &operation["responses"];
        let response = responses.get(reply.status.to_string()).unwrap_or(&responses["default"]);
        let media_type = reply.headers["content-type"].to_str().unwrap().split(';').next().unwrap();
        let schema = &self.resolve(response)["content"][media_type]["schema"];
        assert!(schema.is_object(), "{media_type}: {response}");
        let Some(payload) = schema.get("contentSchema") else {
            let value = if media_type == "text/html" {
                Value::String(reply.text.clone())
            } else {
                serde_json::from_str(&reply.text).unwrap()
            };
            self.assert_matches(schema, &value, media_type);
            return value;
        };
        assert_eq!(schema["contentMediaType"], media_type);
        let encoded = reply.text.split('.').nth(1).unwrap();
        let bytes = data_encoding::BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        self.assert_matches(payload, &value, media_type);
        value
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema.get("$ref").and_then(Value::as_str) {
            Some(reference) => self.0.pointer(reference.strip_prefix('#').unwrap()).unwrap(),
            None => schema,
        }
    }

    #[track_caller]
    fn assert_matches(&self, schema: &Value, value: &Value, location: &str) {
        if let Err(error) = self.check_schema(schema, value, location) {
            panic!("{error}");
        }
    }

    /// Checks a value more strictly than JSON Schema: unknown members and unknown keywords are errors.
    fn check_schema(&self, schema: &Value, value: &Value, location: &str) -> Result<(), String> {
        let schema = self.resolve(schema);
        let mismatch = |what: &str| Err(format!("{location}: {what}: {value} is not {schema}"));
        for (keyword, constraint) in schema.as_object().unwrap() {
            let assert_matches = match keyword.as_str() {
                "description" | "contentMediaType" | "contentSchema" | "additionalProperties" => true,
                "type" => match constraint {
                    Value::Array(types) => types.iter().any(|name| is_type(name, value)),
                    name => is_type(name, value),
                },
                "enum" => constraint.as_array().unwrap().contains(value),
                "anyOf" => {
                    constraint.as_array().unwrap().iter().any(|one| self.check_schema(one, value, location).is_ok())
                }
                "minimum" => value.as_i64().is_none_or(|number| number >= constraint.as_i64().unwrap()),
                "maximum" => value.as_i64().is_none_or(|number| number <= constraint.as_i64().unwrap()),
                "minLength" => characters(value).is_none_or(|length| length >= constraint.as_u64().unwrap()),
                "maxLength" => characters(value).is_none_or(|length| length <= constraint.as_u64().unwrap()),
                "pattern" => value.as_str().is_none_or(|text| matches_pattern(constraint.as_str().unwrap(), text)),
                "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= constraint.as_u64().unwrap()),
                "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= constraint.as_u64().unwrap()),
                "required" => value.as_object().is_none_or(|members| {
                    constraint.as_array().unwrap().iter().all(|name| members.contains_key(name.as_str().unwrap()))
                }),
                "items" => {
                    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                        self.check_schema(constraint, item, &format!("{location}[{n}]"))?;
                    }
                    true
                }
                "properties" => {
                    for (name, member) in value.as_object().into_iter().flatten() {
                        let Some(of) = constraint.get(name) else {
                            return mismatch(&format!("`{name}` is not described"));
                        };
                        self.check_schema(of, member, &format!("{location}.{name}"))?;
                    }
                    true
                }
                other => return Err(format!("{location}: the keyword {other} is not known here")),
            };
            if !assert_matches {
                return mismatch(keyword);
            }
        }
        Ok(())
    }
}

/// Matches a text with the regular expressions of the document: literals, classes and counts, all of them greedy.
fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut pattern = pattern.strip_prefix('^').unwrap().strip_suffix('$').unwrap();
    let mut text = text;
    while !pattern.is_empty() {
        let (class, rest) = match pattern.strip_prefix('[') {
            Some(class) => class.split_once(']').unwrap(),
            None => {
                let literal = pattern.strip_prefix('\\').unwrap_or(pattern);
                let end = pattern.len() - literal.len() + literal.chars().next().unwrap().len_utf8();
                pattern.split_at(end)
            }
        };
        let (least, most, rest) = match rest.strip_prefix('{') {
            Some(counts) => {
                let (counts, rest) = counts.split_once('}').unwrap();
                let (least, most) = counts.split_once(',').unwrap_or((counts, counts));
                (least.parse().unwrap(), most.parse().unwrap(), rest)
            }
            None => rest.strip_prefix('+').map_or((1, 1, rest), |rest| (1, usize::MAX, rest)),
        };
        let count = text.chars().take(most).take_while(|c| is_in_class(class, *c)).count();
        if count < least {
            return false;
        }
        text = text.char_indices().nth(count).map_or("", |(end, _)| &text[end..]);
        pattern = rest;
    }
    text.is_empty()
}

fn is_in_class(class: &str, c: char) -> bool {
    let (class, negated) = class.strip_prefix('^').map_or((class, false), |class| (class, true));
    let mut members: Vec<char> = Vec::new();
    let mut escaped = class.chars();
    while let Some(member) = escaped.next() {
        members.push(match member {
            '\\' if escaped.as_str().starts_with('u') => {
                let code: String = escaped.by_ref().skip(1).take(4).collect();
                char::from_u32(u32::from_str_radix(&code, 16).unwrap()).unwrap()
            }
            '\\' => escaped.next().unwrap(),
            member => member,
        });
    }
    let mut found = false;
    let mut rest = members.as_slice();
    while let [first, after @ ..] = rest {
        (found, rest) = match after {
            ['-', last, after @ ..] => (found || (first..=last).contains(&&c), after),
            after => (found || *first == c, after),
        };
    }
    found != negated
}

fn characters(value: &Value) -> Option<u64> {
    value.as_str().map(|text| text.chars().count() as u64)
}

fn is_type(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{other} is no type"),
    }
}

#[test]
fn requests_and_answers_match_openapi() {
    let service = TestService::new();
    let description = Description::served(&service);
    let check_get = |path: &str, reply: &Reply| description.answer(description.operation(path, "get"), reply);
    check_get("key-set", &service.get("key-set"));
    check_get("health", &service.get("health"));

    let admin = |path: &str, body: &Value, status: u16| {
        let path = format!("admin/{path}");
        let reply = service.admin_raw(&service.api_key, &request_key(), &path, &serde_json::to_vec(body).unwrap());
        assert_eq!(reply.status, status, "{}", reply.text);
        description.check(&path, body, &reply)
    };
    let mut ann = service.new_computer(1, 1);
    ann.name = "Ann's".into();
    call(&service, &description, &ann, |request| ann.registration(request, None), 200);
    let mut joined = service.new_computer(2, 2);
    joined.join(&service, &ann, &ann.restore_key(0, 9)).unwrap();

    let full = Terms { limit: Some(1), expires: Some(common::START + 1_000_000), unreported: Some(3), ..terms(1) };
    let issued = admin("issue", &json!({"licenses": [full, terms(2)], "holder": ann.holder}), 200);
    let code = service.code(issued["link"].as_str().unwrap());
    check_get("link/{code}", &service.get(&format!("link/{code}")));
    check_get("link/{code}", &service.get("link/x"));
    let acquire = |request: &str| restow::service::protocol::AcquireRequest {
        holder: ann.holder.clone(),
        code: Some(code.clone()),
        key_ids: vec![],
        run: request.to_owned(),
        key_set_version: 0,
    };
    let answer = call(&service, &description, &ann, acquire, 200);
    assert!(answer["body"]["key_set"].is_string() && answer["body"]["keys"].is_object());
    let licenses: Vec<String> = serde_json::from_value(issued["licenses"].clone()).unwrap();
    let restore = |request: &str| RestoreRequest {
        counters: vec![ann.counter(&licenses[0], 3)],
        ..joined.restore_call(request, &licenses)
    };
    let answer = call(&service, &description, &joined, restore, 200);
    let page = answer["body"]["url"].as_str().unwrap().rsplit_once('/').unwrap().1.to_owned();
    check_get("limit/{token}", &service.get(&format!("limit/{page}")));
    admin("revoke", &json!({"license": licenses[1], "reason": "returned"}), 200);
    let report = |_: &str| ReportRequest {
        holder: ann.holder.clone(),
        counters: vec![ann.counter(&licenses[0], 4)],
        licenses: licenses.clone(),
    };
    let answer = call(&service, &description, &ann, report, 200);
    assert_eq!(answer["notices"][0]["code"], "unconfirmed-computer");
    assert_eq!(answer["body"]["revocations"].as_array().unwrap().len(), 1);
    let (holder, other) = (ann.holder.clone(), joined.id());
    call(&service, &description, &ann, |_| ListComputersRequest { holder: holder.clone() }, 200);
    admin("confirm", &json!({"holder": holder, "computer": other}), 200);
    admin("release", &json!({"holder": holder, "computer": other, "when": "waiting"}), 200);
    let call_about = || (holder.clone(), other.clone());
    let make = |(holder, computer)| RefuseRequest { holder, computer };
    call(&service, &description, &ann, |_| make(call_about()), 200);
    let make = |(holder, computer)| ConfirmRequest { holder, computer };
    call(&service, &description, &ann, |_| make(call_about()), 200);
    let make = |(holder, computer)| WithdrawRequest { holder, computer };
    call(&service, &description, &ann, |_| make(call_about()), 200);
    let make = |(holder, computer)| ReleaseRequest { holder, computer };
    call(&service, &description, &ann, |_| make(call_about()), 200);
    call(&service, &description, &joined, |_| ListComputersRequest { holder: holder.clone() }, 401);

    admin("withdraw", &json!({"holder": holder, "computer": other}), 200);
    admin("limit", &json!({"license": licenses[0], "limit": 0}), 200);
    admin("issue", &json!({"licenses": [terms(3)]}), 200);
    restow_service::content_keys(service.folder.path(), &[restow::KeyId::Uuid([1; 16])], &service.clock).unwrap();
    for what in ["licenses", "computers", "holders", "offers", "audit"] {
        let listed = admin("list", &json!({"what": what, "holder": holder}), 200);
        assert!(!listed["rows"].as_array().unwrap().is_empty(), "{what}");
        admin("list", &json!({"what": what}), 200);
    }
    admin("issue", &json!({"licenses": []}), 400);
    admin("revoke", &json!({"license": "x", "reason": ""}), 404);
    let wrong_key = service.admin_raw("x", &request_key(), "admin/list", b"{}");
    assert_eq!(description.answer(description.operation("admin/list", "post"), &wrong_key)["status"], 401);
    for (path, status) in [("nothing", 404), ("restore", 405)] {
        let reply = service.get(path);
        assert_eq!((reply.status, reply.problem().status), (status, status));
        description.answer(description.operation("health", "get"), &reply);
    }
}

#[test]
fn paths_accept_only_described_methods() {
    let service = TestService::new();
    let description = Description::served(&service);
    for (path, described) in description.0["paths"].as_object().unwrap() {
        let url = service.url(path.strip_prefix(BASE).unwrap());
        for method in ["get", "put", "post", "delete", "options", "patch", "trace"] {
            let request = ureq::http::Request::builder().method(&*method.to_uppercase()).uri(&url).body(()).unwrap();
            let status = common::agent().run(request).unwrap().status();
            assert_eq!(status != 405, described.get(method).is_some(), "{method} {path}: {status}");
        }
    }
}

/// Sends a signed call and checks the request and the answer.
fn call<T: Call>(
    service: &TestService,
    description: &Description,
    computer: &common::TestComputer,
    make: impl Fn(&str) -> T,
    status: u16,
) -> Value {
    let request = request_key();
    let body = make(&request);
    let reply = computer.send(service, &request, T::PATH, &serde_json::to_vec(&body).unwrap());
    assert_eq!(reply.status, status, "{}", reply.text);
    description.check(T::PATH, &body, &reply)
}

/// The schema rejects the same terms as the service, as far as a schema can.
#[test]
fn openapi_rejects_invalid_terms() {
    let service = TestService::new();
    let description = Description::served(&service);
    let schema = json!({"$ref": "#/components/schemas/Terms"});
    let good = serde_json::to_value(terms(1)).unwrap();
    description.assert_matches(&schema, &good, "terms");
    for (member, value) in [
        ("rights", json!({"Plya": {}})),
        ("rights", json!({"Play": {"count": 0}})),
        ("rights", json!({"Play": {"until": 253_402_300_800_i64}})),
        ("rights", json!({"Play": {"first_use_seconds": 3_155_760_001_i64}})),
        ("rights", json!({"Play": {"count": 1_000_000_001}})),
        ("key_ids", json!([])),
        ("title", json!("")),
        ("limit", json!(0)),
        ("limit", json!(1_001)),
        ("unreported", json!(1_000_000_001)),
        ("expires", json!(-1)),
        ("more", json!(1)),
    ] {
        let mut terms: Map<String, Value> = good.as_object().unwrap().clone();
        terms.insert(member.to_owned(), value);
        let terms = Value::Object(terms);
        assert!(description.check_schema(&schema, &terms, "terms").is_err(), "{terms}");
        let body = serde_json::to_vec(&json!({"licenses": [terms]})).unwrap();
        let reply = service.admin_raw(&service.api_key, &request_key(), "admin/issue", &body);
        assert_eq!((reply.status, reply.problem().problem_type.as_str()), (400, "urn:restow:problem:malformed"));
    }
    let rows = service.list(admin::ListSubject::Licenses).rows;
    assert!(rows.is_empty());
}

/// The service enforces the patterns and lengths of the document.
#[test]
fn openapi_patterns_are_enforced() {
    let service = TestService::new();
    let description = Description::served(&service);
    let ann = service.register_holder(1);
    let (code, licenses) = service.issue(1, None);
    ann.acquire(&service, &code).unwrap();
    let restore =
        RestoreRequest { counters: vec![ann.counter(&licenses[0], 1)], ..ann.restore_call(&request_key(), &licenses) };
    let restore = serde_json::to_value(restore).unwrap();
    let release = json!({"holder": ann.holder, "computer": ann.id()});
    let acquire = json!({"holder": ann.holder, "code": code, "run": request_key(), "key_set_version": 1});
    let register = serde_json::to_value(ann.registration(&request_key(), None)).unwrap();
    let long = "x".repeat(256);
    for (path, body, member, bad) in [
        ("restore", &restore, "/holder", ""),
        ("restore", &restore, "/holder", "a\u{0}b"),
        ("restore", &restore, "/holder", &long),
        ("restore", &restore, "/licenses/0/license", "a\nb"),
        ("restore", &restore, "/licenses/0/license", "a\u{85}b"),
        ("restore", &restore, "/licenses/0/sha256", &"A".repeat(64)),
        ("restore", &restore, "/licenses/0/sha256", &"0".repeat(63)),
        ("restore", &restore, "/run", "short"),
        ("restore", &restore, "/run", "with spaces and more than 22 characters"),
        ("restore", &restore, "/run", &"x".repeat(65)),
        ("restore", &restore, "/counters/0/signature", &"A".repeat(85)),
        ("restore", &restore, "/counters/0/signature", &"+".repeat(86)),
        ("restore", &restore, "/counters/0/computer_key", &"A".repeat(44)),
        ("computers/release", &release, "/computer", "\t"),
        ("acquire", &acquire, "/code", "short"),
        ("acquire", &acquire, "/code", "..............................".get(..22).unwrap()),
        ("register", &register, "/computer_key", "A"),
        ("register", &register, "/encryption_key", &"=".repeat(43)),
        ("register", &register, "/name", "a\nb"),
        ("register", &register, "/name", ""),
        ("register", &register, "/holder_proof", "a.b"),
    ] {
        let request = &description.operation(path, "post")["requestBody"]["content"]["application/json"]["schema"];
        description.assert_matches(request, body, path);
        let mut changed = body.clone();
        *changed.pointer_mut(member).unwrap() = bad.into();
        assert!(description.check_schema(request, &changed, path).is_err(), "{path} {member} {bad:?}");
        let reply = ann.send(&service, &request_key(), path, &serde_json::to_vec(&changed).unwrap());
        assert!((400..=404).contains(&reply.status), "{path} {member} {bad:?}: {reply:?}");
    }
    let parameters = &description.0["components"]["parameters"];
    let signed = restow_core::protocol::signature::SignedRequest {
        path: "/restow/v1/computers",
        idempotency_key: &request_key(),
        issuer: service.issuer(),
        body: b"{}",
    };
    let headers = signed.sign(common::START, &ann.signing);
    for (name, value) in [("ContentDigest", headers.content_digest), ("SignatureInput", headers.signature_input)] {
        description.assert_matches(&parameters[name]["schema"], &value.clone().into(), name);
        assert!(description.check_schema(&parameters[name]["schema"], &format!("{value} ").into(), name).is_err());
    }
}
