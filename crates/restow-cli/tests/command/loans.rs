//! Providers of LCP licenses, and loans.

use restow_media::Format;
use restow_media::build::{PublicationBuilder, PublicationProtection};

use super::library::{Fault, Library, Place, root};
use super::sandbox::{Sandbox, TestService, lcp, members};

/// 2135-01-01 as seconds since 1970.
const NEW_YEAR: i64 = 5_206_896_000;

/// Creates a home that trusts the provider's root and has a loan until 2135.
fn home_with_loan(sandbox: &Sandbox, library: &Library) {
    std::fs::write(sandbox.path("root.pem"), root()).unwrap();
    sandbox.run(&["roots", "add", "root.pem"]).expect_exit(0);
    std::fs::write(sandbox.path("b1.lcpl"), library.lend("b1", "A Book", Some(NEW_YEAR))).unwrap();
    sandbox.run(&["import", "b1.lcpl"]).expect_exit(0);
}

#[test]
fn provider_gets_no_request_before_consent() {
    let (sandbox, library) = (Sandbox::new(), Library::open());
    home_with_loan(&sandbox, &library);
    for arguments in [&["renew", "b1"][..], &["renew", "b1", "--yes"], &["return", "b1", "--yes"], &["refresh", "b1"]] {
        let output = sandbox.run(&[arguments, &["--json"]].concat()).expect_exit(1);
        let error = output.error();
        assert_eq!(error["code"], "provider-private-address", "{arguments:?}");
        let help = error["help"].as_str().unwrap();
        assert!(help.contains(&format!("restow provider allow {}", library.origin)), "{help}");
    }
    let output = sandbox.run(&["refresh", "--json"]).expect_exit(1).objects();
    let expected = ["allowed", "by_hand", "licenses", "name", "origin", "vouched_for"];
    assert_eq!(members(&output[0]["not_asked"]), expected);
    assert!(sandbox.run(&["refresh"]).expect_exit(1).out.contains("restow provider allow"));
    assert!(sandbox.run(&["provider", "--json"]).expect_exit(0).objects().is_empty());
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn loan_is_renewed_and_returned() {
    let (sandbox, library) = (Sandbox::new(), Library::open());
    home_with_loan(&sandbox, &library);
    sandbox.run(&["provider", "allow", &format!("{}/any/page", library.origin)]).expect_exit(0);
    let listed = sandbox.run(&["provider", "--json"]).expect_exit(0).objects();
    assert_eq!((&listed[0]["origin"], &listed[0]["added"]), (&library.origin.as_str().into(), &"hand".into()));
    let output = sandbox.run(&["refresh", "--json"]).expect_exit(0).objects();
    assert_eq!((&output[0]["status"], &output[0]["renewable"]), (&"active".into(), &true.into()));
    assert_eq!(output[0]["until"], "2135-01-01T00:00:00Z");
    let output = sandbox.run(&["renew", "b1", "--until", "2135-02-01"]).expect_exit(0).out;
    assert!(output.contains("“A Book” is renewed") && output.contains("until 1 Feb 2135, 23:59"), "{output}");
    let license = &sandbox.run(&["licenses", "--json"]).expect_exit(0).objects()[0];
    let provider = &license["provider"];
    assert_eq!((&license["expires"], &provider["status"]), (&"2135-02-01T23:59:59Z".into(), &"active".into()));
    assert_eq!(provider["renewable_until"], "2135-03-02T00:00:00Z");
    let listing = sandbox.run(&["licenses"]).expect_exit(0).out;
    assert!(listing.contains("active, as of") && listing.contains("can be renewed"), "{listing}");
    let listing = sandbox.run(&["status"]).expect_exit(0).out;
    assert!(listing.contains("1 loan ends") && listing.contains("restow renew b1"), "{listing}");
    assert_eq!(sandbox.run(&["status", "--json"]).expect_exit(0).objects()[0]["expires"], "2135-02-01T23:59:59Z");
    let book = PublicationBuilder::new(Format::Epub).title("A Book").protection(PublicationProtection::Lcp);
    std::fs::write(sandbox.path("a.epub"), book.license(&library.license("b1")).build()).unwrap();
    let why = sandbox.run(&["why", "a.epub"]).expect_exit(0).out;
    assert!(why.contains("Answer of the provider: active") && why.contains("restow return b1"), "{why}");
    assert_eq!(sandbox.run(&["why", "a.epub", "--json"]).expect_exit(0).objects()[1]["provider"]["returnable"], true);
    let error = sandbox.run(&["renew", "b1", "--until", "2136-01-01", "--json"]).expect_exit(1).error();
    assert_eq!(error["code"], "provider-renew-date");
    sandbox.run(&["renew", "b1", "--until", "soon"]).expect_exit(2);

    assert_eq!(sandbox.run(&["return", "b1", "--json"]).expect_exit(2).error()["code"], "needs-yes");
    let output = sandbox.run(&["return", "b1", "--yes", "--lang", "de"]).expect_exit(0).out;
    assert!(output.contains("ist zurückgegeben. Die Lizenz bleibt hier"), "{output}");
    let license = &sandbox.run(&["licenses", "--json"]).expect_exit(0).objects()[0];
    assert_eq!((&license["status"], &license["outcome"]), (&"refused".into(), &"returned".into()));
    let error = sandbox.run(&["renew", "b1", "--json"]).expect_exit(1).error();
    assert_eq!((&error["code"], &error["message"]), (&"provider-ended".into(), &"License b1 was returned.".into()));
    sandbox.run(&["provider", "remove", &library.origin]).expect_exit(0);
    assert_eq!(
        sandbox.run(&["provider", "remove", &library.origin, "--json"]).expect_exit(1).error()["code"],
        "no-such-provider"
    );
}

#[test]
fn license_id_prefix_and_issuer_resolve() {
    let (sandbox, library) = (Sandbox::new(), Library::open());
    home_with_loan(&sandbox, &library);
    std::fs::write(sandbox.path("odd.lcpl"), library.lend("b;2", "Odd", Some(NEW_YEAR))).unwrap();
    sandbox.run(&["import", "odd.lcpl"]).expect_exit(0);
    sandbox.run(&["provider", "allow", &library.origin]).expect_exit(0);
    let output = sandbox.run(&["refresh", "b;2"]).expect_exit(0).out;
    assert!(output.contains("restow renew 'b;2'") && output.contains("restow return 'b;2'"), "{output}");
    assert!(sandbox.run(&["status"]).expect_exit(0).out.contains("restow renew 'b;2'"));
    // If one of two named licenses has no allowed provider, the other one is still refreshed.
    let unrelated = Library::open();
    std::fs::write(sandbox.path("c1.lcpl"), unrelated.lend("c1", "Far away", Some(NEW_YEAR))).unwrap();
    sandbox.run(&["import", "c1.lcpl"]).expect_exit(0);
    library.requests();
    let output = sandbox.run(&["refresh", "c1", "b1", "--yes", "--json"]).expect_exit(1).objects();
    assert!(!library.requests().is_empty() && unrelated.requests().is_empty());
    let of = |id: &str| output.iter().find(|object| object["license_id"] == id).unwrap();
    assert_eq!((&of("b1")["status"], &of("c1")["error"]["code"]), (&"active".into(), &"provider-not-allowed".into()));
    sandbox.run(&["refresh", "--issuer", "https://p.example"]).expect_exit(2);
    // A unique prefix of a license ID is accepted.
    std::fs::write(sandbox.path("long.lcpl"), lcp("0123456789")).unwrap();
    std::fs::write(sandbox.path("long2.lcpl"), lcp("0123457777")).unwrap();
    sandbox.run(&["import", "long.lcpl", "long2.lcpl"]).expect_exit(0);
    assert_eq!(sandbox.run(&["why", "0123456", "--json"]).expect_exit(0).objects()[0]["license_id"], "0123456789");
    assert_eq!(sandbox.run(&["can", "012345", "--json"]).expect_exit(1).error()["code"], "license-ambiguous");
    let can = sandbox.run(&["can", "0123456", "--json"]).expect_exit(1).objects();
    assert_eq!(can[0]["license_id"], "0123456789", "its whole ID");
    // Commands that change something ask, because a later license may share the prefix or the title.
    for text in ["0123457", "odd"] {
        for command in ["forget", "return", "renew", "refresh"] {
            let error = sandbox.run(&[command, text, "--json"]).expect_exit(2).error();
            assert_eq!(error["code"], "needs-yes", "{command} {text}");
            assert!(error["message"].as_str().unwrap().contains(if text == "odd" { "b;2" } else { "0123457777" }));
        }
    }
    let error = sandbox.run(&["forget", "012345", "--yes", "--json"]).expect_exit(1).error();
    let candidates: Vec<_> =
        error["candidates"].as_array().unwrap().iter().map(|one| one["license_id"].as_str().unwrap()).collect();
    assert_eq!((&error["code"], candidates), (&"license-ambiguous".into(), vec!["0123456789", "0123457777"]));
    let output = sandbox.run(&["forget", "012345", "--yes"]).expect_exit(1);
    assert!(output.err.contains("0123456789") && output.err.contains("0123457777"), "{}", output.err);
    let forgotten = &sandbox.run(&["forget", "0123457", "--yes", "--json"]).expect_exit(0).objects()[0];
    assert_eq!(forgotten["forgotten"]["license_id"], "0123457777");
    assert_eq!(sandbox.run(&["refresh", "ODD", "--yes", "--json"]).expect_exit(0).objects()[0]["license_id"], "b;2");
    assert_eq!(sandbox.run(&["why", "odd", "--json"]).expect_exit(0).objects()[0]["license_id"], "b;2");
    sandbox.run(&["can", "odd"]).expect_exit(0);
    // Several providers use one license ID.
    for provider in ["https://one.example", "https://two.example", "https://two.example.evil"] {
        std::fs::write(sandbox.path("-x.lcpl"), lcp("-x").replace("https://p.example", provider)).unwrap();
        sandbox.run(&["import", "./-x.lcpl"]).expect_exit(0);
    }
    assert_eq!(sandbox.run(&["refresh", "--json", "--", "-x"]).expect_exit(1).error()["code"], "license-ambiguous");
    let output = sandbox.run(&["refresh", "--issuer", "https://two.example", "--", "-x"]).expect_exit(1);
    assert!(!format!("{}{}", output.out, output.err).contains("Several issuers"), "{}{}", output.out, output.err);
    let put = ["put-back", "none.epub", "--license", "-x", "--json"];
    assert_eq!(sandbox.run(&put).expect_exit(1).error()["code"], "license-ambiguous");
    let code = &sandbox.run(&[&put[..], &["--issuer", "https://one"]].concat()).expect_exit(1).error()["code"];
    assert_ne!(code, "license-ambiguous");
    assert_ne!(code, "no-such-license");
    // An exact issuer precedes an issuer with that prefix.
    let code = &sandbox.run(&[&put[..], &["--issuer", "https://two.example"]].concat()).expect_exit(1).error()["code"];
    assert_ne!(code, "license-ambiguous");
}

#[test]
fn restore_asks_allowed_providers() {
    let (sandbox, library) = (Sandbox::new(), Library::open());
    home_with_loan(&sandbox, &library);
    sandbox.folder("stick");
    sandbox.run(&["backup", "stick"]).expect_exit(0);
    let on_other = |arguments: &[&str]| sandbox.run(&[&["--home", "other"], arguments].concat());
    let plan = &on_other(&["restore", "stick", "--dry-run", "--json"]).expect_exit(0).objects()[0]["plan"];
    assert_eq!((&plan["providers"][0]["licenses"], &plan["providers"][0]["vouched_for"]), (&1.into(), &false.into()));
    let listing = on_other(&["restore", "stick", "--dry-run"]).expect_exit(0).out;
    assert!(
        listing.contains("Corner Library") && listing.contains("You do not trust the root certificate"),
        "{listing}"
    );
    assert_eq!(library.requests(), Vec::<String>::new());
    on_other(&["provider", "allow", &library.origin]).expect_exit(0);
    library.ends("b1", "returned");
    let output = on_other(&["restore", "stick", "--json"]).expect_exit(1).objects();
    let names: Vec<_> = output.iter().filter_map(|event| event["status"].as_str()).collect();
    let expected =
        ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"];
    assert_eq!(names, expected);
    assert_eq!(output[0]["service"], "127.0.0.1");
    assert_eq!(output[3]["summary"]["refused"], 1);
    library.requests();
    // The store has the status now, so the listing asks no provider.
    let license = &on_other(&["licenses", "--json"]).expect_exit(0).objects()[0];
    assert_eq!((&license["status"], &license["provider"]["status"]), (&"refused".into(), &"returned".into()));
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn failed_refresh_names_the_title() {
    let (sandbox, library) = (Sandbox::new(), Library::open());
    home_with_loan(&sandbox, &library);
    sandbox.run(&["provider", "allow", &library.origin]).expect_exit(0);
    library.breaks(Place::Status, Fault::Page);
    let output = sandbox.run(&["refresh"]).expect_exit(1);
    assert!(output.out.contains("A Book") || output.err.contains("A Book"), "{}{}", output.out, output.err);
    let output = sandbox.run(&["refresh", "--json"]).expect_exit(1).objects();
    assert_eq!(output[0]["error"]["code"], "provider-no-status");
    library.is_mended();
    library.with("b1", |loan| loan.renewed_on_page = true);
    sandbox.run(&["refresh", "b1"]).expect_exit(0);
    let page = format!("{}/renew-page/b1", library.origin);
    assert_eq!(sandbox.run(&["licenses", "--json"]).expect_exit(0).objects()[0]["provider"]["renew_page"], page);
    let error = sandbox.run(&["renew", "b1", "--json"]).expect_exit(1).error();
    assert_eq!(error["code"], "provider-renew-page");
    assert!(error["message"].as_str().unwrap().contains(&page), "{error}");
}

#[test]
fn refresh_stores_revocations_of_services() {
    let sandbox = Sandbox::new();
    let mut service = TestService::start(&sandbox);
    let ids = service.issue_licenses(&sandbox, &["Rain", "Snow"]);
    let output = sandbox.run(&["refresh", "--json"]).expect_exit(0).objects();
    assert_eq!((&output[0]["licenses"], &output[0]["revoked"]), (&2.into(), &serde_json::json!([])));
    sandbox.run(&["admin", "revoke", &ids[1], "--reason", "refunded", "--service", "shop"]).expect_exit(0);
    let output = sandbox.run(&["refresh", &ids[0], "--json"]).expect_exit(0).objects();
    assert_eq!((output.len(), &output[0]["licenses"], &output[0]["revoked"]), (1, &1.into(), &serde_json::json!([])));
    let output = sandbox.run(&["refresh"]).expect_exit(0).out;
    assert!(output.contains("“Shop” revoked 1 license"), "{output}");
    let licenses = sandbox.run(&["licenses", "--json"]).expect_exit(0).objects();
    let status = |id: &str| licenses.iter().find(|license| license["license_id"] == id).unwrap()["status"].clone();
    assert_eq!((status(&ids[0]), status(&ids[1])), ("usable".into(), "revoked".into()));
    service.kill();
    let output = sandbox.run(&["refresh", "--json"]).expect_exit(1).objects();
    assert_eq!(output[0]["error"]["code"], "service-unreachable");
}

#[test]
fn refresh_reports_skipped_licenses() {
    let (sandbox, library) = (Sandbox::new(), Library::open());
    home_with_loan(&sandbox, &library);
    sandbox.run(&["provider", "allow", &library.origin]).expect_exit(0);
    std::fs::write(sandbox.path("bought.lcpl"), lcp("bought")).unwrap();
    sandbox.run(&["import", "bought.lcpl"]).expect_exit(0);
    let output = sandbox.run(&["refresh", "--json"]).expect_exit(0).objects();
    let passed_over = output.iter().find(|object| object.get("passed_over").is_some()).unwrap();
    assert_eq!((&passed_over["license_id"], output.len()), (&"bought".into(), 2));
    assert!(
        !sandbox.run(&["refresh"]).expect_exit(0).out.contains("was not asked about"),
        "it was bought: nobody needs to"
    );
    let broken = String::from_utf8(library.lend("c1", "Broken", None)).unwrap().replace("Ada", "Eve");
    std::fs::write(sandbox.path("broken.lcpl"), broken.replace("\"title\":\"Broken\"", "\"title\":\"Worse\"")).unwrap();
    sandbox.run(&["import", "broken.lcpl"]).expect_exit(0);
    assert!(sandbox.run(&["refresh"]).expect_exit(0).out.contains("1 license was not asked about"));
    // A failure of one named license does not stop the others.
    let output = sandbox.run(&["refresh", "bought", "b1", "--json"]).expect_exit(1).objects();
    let error = output.iter().find(|object| object["license_id"] == "bought").unwrap();
    assert_eq!((&error["error"]["code"], output.len()), (&"provider-no-status-link".into(), 2));
    let output = sandbox.run(&["refresh", "bought"]).expect_exit(1);
    assert!(output.out.contains("has no link to its state. Ask"), "{}{}", output.out, output.err);
    sandbox.run(&["forget", "b1", "--yes"]).expect_exit(0);
    let output = sandbox.run(&["refresh"]).expect_exit(0).out;
    assert!(output.contains("1 license was not asked about") && !output.contains("nothing to ask"), "{output}");
    sandbox.run(&["forget", "c1", "--yes"]).expect_exit(0);
    assert!(sandbox.run(&["refresh"]).expect_exit(0).out.contains("nothing to ask"));
}
