//! Any bytes as a status document, as problem details after a status, or as a URI template with values. The
//! first byte selects the mode.

use restow::lcp_provider::{MAX_STATUS, ProblemKind, ProviderProblem, StatusDocument, expand};

use super::common::{Bytes, check_presentable, with_mode};

pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    match bytes.u8() % 3 {
        0 => status(bytes.0),
        1 => {
            let status = bytes.u16();
            let problem = ProviderProblem::from_response(status, bytes.0);
            check_presentable(&problem.text);
            assert!(status < 500 || problem.kind != ProblemKind::Other);
        }
        _ => template(&mut bytes),
    }
}

fn status(data: &[u8]) {
    let document = match StatusDocument::parse(data) {
        Ok(document) => document,
        Err(fault) => return check_presentable(&fault.to_string()),
    };
    assert!(data.len() <= MAX_STATUS);
    check_presentable(&document.message);
    check_presentable(&document.license_id);
    assert!(document.links.len() <= 100 && document.events.len() <= 100);
    for link in &document.links {
        assert!(link.href.len() <= 4096 && !link.href.contains(char::is_control));
        link.rels.iter().chain(&link.media_type).chain(&link.profile).for_each(|text| check_presentable(text));
    }
    for event in &document.events {
        event.device.iter().chain([&event.kind]).for_each(|text| check_presentable(text));
    }
    for rel in ["register", "renew", "return"] {
        assert!(document.action(rel).is_none_or(|link| !link.is_page()));
    }
    for page in ["renew", "return"].iter().filter_map(|rel| document.page(rel, "https://l.example/status")) {
        assert!(page.len() <= 4096 && !page.contains(restow::is_unsafe_for_display), "{page:?}");
    }
}

fn template(bytes: &mut Bytes<'_>) {
    let values = [bytes.counted(), bytes.counted()].map(|value| String::from_utf8_lossy(value).into_owned());
    let template = String::from_utf8_lossy(bytes.0);
    let values = [("id", values[0].as_str()), ("name", values[1].as_str())];
    match expand(&template, &values) {
        Ok(uri) => {
            assert!(uri.len() <= 8192 && !uri.contains(['{', '}']));
            // The result is not a template, and a text without a template is unchanged.
            assert_eq!(expand(&uri, &values).as_ref(), Ok(&uri));
            assert!(template.contains('{') || uri == template);
        }
        Err(fault) => check_presentable(&fault.to_string()),
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let document = r#"{"id":"b1","status":"active","message":"On one device.","updated":{"license":"2026-08-05T00:00:00Z","status":"2026-08-08T00:00:00Z"},
        "links":[{"rel":"license","href":"https://l.example/license/b1","type":"application/vnd.readium.lcp.license.v1.0+json","profile":"http://readium.org/lcp/basic-profile"},
        {"rel":["register"],"href":"https://l.example/register/b1{?id,name}","type":"application/vnd.readium.license.status.v1.0+json","templated":true},
        {"rel":"return","href":"https://l.example/return/b1{?id,name}","templated":true},{"rel":"renew","href":"https://l.example/renew","type":"text/html; charset=utf-8"},
        {"rel":"renew","href":"https://l.example/renew/b1{?end,id,name}","templated":true}],
        "potential_rights":{"end":"2026-09-13T00:00:00+02:00"},
        "events":[{"type":"register","name":"PC","timestamp":"2026-07-14T00:00:00Z","id":"709e1380-3528-11e5-a2cb-0800200c9a66"},{"type":"renew","timestamp":"2026-07-15T00:00:00Z"}]}"#;
    let mut seeds: Vec<Vec<u8>> = ["active", "ready", "revoked", "returned", "cancelled", "expired"]
        .map(|status| with_mode(0, document.replace("active", status).as_bytes()))
        .to_vec();
    for kind in ProblemKind::ALL {
        let details =
            format!(r#"{{"type":"{}","title":"It did not work.","detail":"Not today.","status":403}}"#, kind.uri());
        let behind = [&403_u16.to_le_bytes()[..], details.as_bytes()].concat();
        seeds.push(with_mode(1, &behind));
    }
    for template in
        ["https://l.example/renew/b1{?end,id,name}", "https://l.example/r?x=1{&id,name}#f", "https://l.example/{id}"]
    {
        let values = [super::common::counted(b"709e1380"), super::common::counted("PC Küche".as_bytes())].concat();
        seeds.push(with_mode(2, &[&values, template.as_bytes()].concat()));
    }
    seeds
}
