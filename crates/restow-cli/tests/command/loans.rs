//! Libraries and shops of LCP licenses, and loans.

use restow_media::Format;
use restow_media::build::{PublicationBuilder, PublicationProtection};

use super::library::{Fault, Library, Place, root};
use super::stage::{Shop, Stage, lcp, members};

/// 2135-01-01, and a month later.
const NEW_YEAR: i64 = 5_206_896_000;

/// A home that trusts the root of the library, with a book that is lent until New Year.
fn reader(stage: &Stage, library: &Library) {
    std::fs::write(stage.path("root.pem"), root()).unwrap();
    stage.run(&["roots", "add", "root.pem"]).exits(0);
    std::fs::write(stage.path("b1.lcpl"), library.lend("b1", "A Book", Some(NEW_YEAR))).unwrap();
    stage.run(&["import", "b1.lcpl"]).exits(0);
}

#[test]
fn nobody_is_asked_before_the_user_allows_it() {
    let (stage, library) = (Stage::new(), Library::open());
    reader(&stage, &library);
    for arguments in [&["renew", "b1"][..], &["renew", "b1", "--yes"], &["return", "b1", "--yes"], &["refresh", "b1"]] {
        let said = stage.run(&[arguments, &["--json"]].concat()).exits(1);
        let error = said.error();
        assert_eq!(error["code"], "provider-private-address", "{arguments:?}");
        let help = error["help"].as_str().unwrap();
        assert!(help.contains(&format!("restow provider allow {}", library.origin)), "{help}");
    }
    let said = stage.run(&["refresh", "--json"]).exits(1).objects();
    let expected = ["allowed", "by_hand", "licenses", "name", "origin", "vouched_for"];
    assert_eq!(members(&said[0]["not_asked"]), expected);
    assert!(stage.run(&["refresh"]).exits(1).out.contains("restow provider allow"));
    assert!(stage.run(&["provider", "--json"]).exits(0).objects().is_empty());
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn a_loan_is_shown_renewed_and_returned() {
    let (stage, library) = (Stage::new(), Library::open());
    reader(&stage, &library);
    stage.run(&["provider", "allow", &format!("{}/any/page", library.origin)]).exits(0);
    let listed = stage.run(&["provider", "--json"]).exits(0).objects();
    assert_eq!((&listed[0]["origin"], &listed[0]["added"]), (&library.origin.as_str().into(), &"hand".into()));
    let said = stage.run(&["refresh", "--json"]).exits(0).objects();
    assert_eq!((&said[0]["status"], &said[0]["renewable"]), (&"active".into(), &true.into()));
    assert_eq!(said[0]["until"], "2135-01-01T00:00:00Z");
    let said = stage.run(&["renew", "b1", "--until", "2135-02-01"]).exits(0).out;
    assert!(said.contains("“A Book” is renewed") && said.contains("2135-02-01"), "{said}");
    let license = &stage.run(&["licenses", "--json"]).exits(0).objects()[0];
    let provider = &license["provider"];
    assert_eq!((&license["expires"], &provider["status"]), (&"2135-02-01T23:59:59Z".into(), &"active".into()));
    assert_eq!(provider["renewable_until"], "2135-03-02T00:00:00Z");
    let shown = stage.run(&["licenses"]).exits(0).out;
    assert!(shown.contains("active, as of") && shown.contains("can be renewed"), "{shown}");
    let shown = stage.run(&["status"]).exits(0).out;
    assert!(shown.contains("One loan has an end") && shown.contains("restow renew b1"), "{shown}");
    assert_eq!(stage.run(&["status", "--json"]).exits(0).objects()[0]["expires"], "2135-02-01T23:59:59Z");
    let book = PublicationBuilder::new(Format::Epub).title("A Book").protection(PublicationProtection::Lcp);
    std::fs::write(stage.path("a.epub"), book.license(&library.license("b1")).build()).unwrap();
    let why = stage.run(&["why", "a.epub"]).exits(0).out;
    assert!(why.contains("Its provider said: active") && why.contains("restow return b1"), "{why}");
    assert_eq!(stage.run(&["why", "a.epub", "--json"]).exits(0).objects()[1]["provider"]["returnable"], true);
    let error = stage.run(&["renew", "b1", "--until", "2136-01-01", "--json"]).exits(1).error();
    assert_eq!(error["code"], "provider-renew-date");
    stage.run(&["renew", "b1", "--until", "soon"]).exits(2);

    assert_eq!(stage.run(&["return", "b1", "--json"]).exits(2).error()["code"], "needs-yes");
    let said = stage.run(&["return", "b1", "--yes", "--lang", "de"]).exits(0).out;
    assert!(said.contains("ist zurückgegeben. Die Lizenz bleibt hier"), "{said}");
    let license = &stage.run(&["licenses", "--json"]).exits(0).objects()[0];
    assert_eq!((&license["status"], &license["outcome"]), (&"refused".into(), &"returned".into()));
    let error = stage.run(&["renew", "b1", "--json"]).exits(1).error();
    assert_eq!((&error["code"], &error["message"]), (&"provider-ended".into(), &"License b1 was returned.".into()));
    stage.run(&["provider", "remove", &library.origin]).exits(0);
    assert_eq!(
        stage.run(&["provider", "remove", &library.origin, "--json"]).exits(1).error()["code"],
        "no-such-provider"
    );
}

#[test]
fn a_license_is_named_as_a_shell_takes_it_and_by_its_issuer() {
    let (stage, library) = (Stage::new(), Library::open());
    reader(&stage, &library);
    std::fs::write(stage.path("odd.lcpl"), library.lend("b;2", "Odd", Some(NEW_YEAR))).unwrap();
    stage.run(&["import", "odd.lcpl"]).exits(0);
    stage.run(&["provider", "allow", &library.origin]).exits(0);
    let said = stage.run(&["refresh", "b;2"]).exits(0).out;
    assert!(said.contains("restow renew 'b;2'") && said.contains("restow return 'b;2'"), "{said}");
    assert!(stage.run(&["status"]).exits(0).out.contains("restow renew 'b;2'"));
    // Of two that are named, one may not be asked: the other is.
    let other = Library::open();
    std::fs::write(stage.path("c1.lcpl"), other.lend("c1", "Far away", Some(NEW_YEAR))).unwrap();
    stage.run(&["import", "c1.lcpl"]).exits(0);
    library.requests();
    let said = stage.run(&["refresh", "c1", "b1", "--yes", "--json"]).exits(1).objects();
    assert!(!library.requests().is_empty() && other.requests().is_empty());
    let of = |id: &str| said.iter().find(|object| object["license_id"] == id).unwrap();
    assert_eq!((&of("b1")["status"], &of("c1")["error"]["code"]), (&"active".into(), &"provider-not-allowed".into()));
    stage.run(&["refresh", "--issuer", "https://p.example"]).exits(2);
    // The beginning of an ID will do, if it is that of one license.
    std::fs::write(stage.path("long.lcpl"), lcp("0123456789")).unwrap();
    std::fs::write(stage.path("long2.lcpl"), lcp("0123457777")).unwrap();
    stage.run(&["import", "long.lcpl", "long2.lcpl"]).exits(0);
    assert_eq!(stage.run(&["why", "0123456", "--json"]).exits(0).objects()[0]["license_id"], "0123456789");
    assert_eq!(stage.run(&["can", "012345", "--json"]).exits(1).error()["code"], "license-ambiguous");
    let can = stage.run(&["can", "0123456", "--json"]).exits(1).objects();
    assert_eq!(can[0]["license_id"], "0123456789", "its whole ID");
    // What changes something takes whole IDs: after the one, another might begin so.
    for command in ["forget", "return"] {
        let error = stage.run(&[command, "0123457", "--yes", "--json"]).exits(1).error();
        assert_eq!(error["code"], "no-such-license", "{command}");
    }
    // Two providers use one ID.
    for provider in ["https://one.example", "https://two.example", "https://two.example.evil"] {
        std::fs::write(stage.path("-x.lcpl"), lcp("-x").replace("https://p.example", provider)).unwrap();
        stage.run(&["import", "./-x.lcpl"]).exits(0);
    }
    assert_eq!(stage.run(&["refresh", "--json", "--", "-x"]).exits(1).error()["code"], "license-ambiguous");
    let said = stage.run(&["refresh", "--issuer", "https://two.example", "--", "-x"]).exits(1);
    assert!(!format!("{}{}", said.out, said.err).contains("Several issuers"), "{}{}", said.out, said.err);
    let put = ["put-back", "none.epub", "--license", "-x", "--json"];
    assert_eq!(stage.run(&put).exits(1).error()["code"], "license-ambiguous");
    let code = &stage.run(&[&put[..], &["--issuer", "https://one"]].concat()).exits(1).error()["code"];
    assert_ne!(code, "license-ambiguous");
    assert_ne!(code, "no-such-license");
    // One whose name is the beginning of another's is named all the same.
    let code = &stage.run(&[&put[..], &["--issuer", "https://two.example"]].concat()).exits(1).error()["code"];
    assert_ne!(code, "license-ambiguous");
}

#[test]
fn a_restore_asks_whom_the_user_allowed() {
    let (stage, library) = (Stage::new(), Library::open());
    reader(&stage, &library);
    stage.folder("stick");
    stage.run(&["backup", "stick"]).exits(0);
    let there = |arguments: &[&str]| stage.run(&[&["--home", "other"], arguments].concat());
    let plan = &there(&["restore", "stick", "--dry-run", "--json"]).exits(0).objects()[0]["plan"];
    assert_eq!((&plan["providers"][0]["licenses"], &plan["providers"][0]["vouched_for"]), (&1.into(), &false.into()));
    let shown = there(&["restore", "stick", "--dry-run"]).exits(0).out;
    assert!(shown.contains("Corner Library") && shown.contains("No root you trust"), "{shown}");
    assert_eq!(library.requests(), Vec::<String>::new());
    there(&["provider", "allow", &library.origin]).exits(0);
    library.ends("b1", "returned");
    let said = there(&["restore", "stick", "--json"]).exits(1).objects();
    let names: Vec<_> = said.iter().filter_map(|event| event["status"].as_str()).collect();
    let expected =
        ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"];
    assert_eq!(names, expected);
    assert_eq!(said[0]["service"], "127.0.0.1");
    assert_eq!(said[3]["summary"]["refused"], 1);
    library.requests();
    // Afterwards it is known here, and shown without asking.
    let license = &there(&["licenses", "--json"]).exits(0).objects()[0];
    assert_eq!((&license["status"], &license["provider"]["status"]), (&"refused".into(), &"returned".into()));
    assert_eq!(library.requests(), Vec::<String>::new());
}

#[test]
fn what_goes_wrong_is_said_by_title() {
    let (stage, library) = (Stage::new(), Library::open());
    reader(&stage, &library);
    stage.run(&["provider", "allow", &library.origin]).exits(0);
    library.breaks(Place::Status, Fault::Page);
    let said = stage.run(&["refresh"]).exits(1);
    assert!(said.out.contains("A Book") || said.err.contains("A Book"), "{}{}", said.out, said.err);
    let said = stage.run(&["refresh", "--json"]).exits(1).objects();
    assert_eq!(said[0]["error"]["code"], "provider-no-status");
    library.is_mended();
    library.with("b1", |loan| loan.renewed_on_page = true);
    stage.run(&["refresh", "b1"]).exits(0);
    let page = format!("{}/renew-page/b1", library.origin);
    assert_eq!(stage.run(&["licenses", "--json"]).exits(0).objects()[0]["provider"]["renew_page"], page);
    let error = stage.run(&["renew", "b1", "--json"]).exits(1).error();
    assert_eq!(error["code"], "provider-renew-page");
    assert!(error["message"].as_str().unwrap().contains(&page), "{error}");
}

#[test]
fn a_service_is_asked_too_and_what_it_revoked_is_known() {
    let stage = Stage::new();
    let mut shop = Shop::open(&stage);
    let ids = shop.sell(&stage, &["Rain", "Snow"]);
    let said = stage.run(&["refresh", "--json"]).exits(0).objects();
    assert_eq!((&said[0]["licenses"], &said[0]["revoked"]), (&2.into(), &serde_json::json!([])));
    stage.run(&["admin", "revoke", &ids[1], "--reason", "refunded", "--service", "shop"]).exits(0);
    let said = stage.run(&["refresh", &ids[0], "--json"]).exits(0).objects();
    assert_eq!((said.len(), &said[0]["licenses"], &said[0]["revoked"]), (1, &1.into(), &serde_json::json!([])));
    let said = stage.run(&["refresh"]).exits(0).out;
    assert!(said.contains("“Shop” revoked one license"), "{said}");
    let licenses = stage.run(&["licenses", "--json"]).exits(0).objects();
    let status = |id: &str| licenses.iter().find(|license| license["license_id"] == id).unwrap()["status"].clone();
    assert_eq!((status(&ids[0]), status(&ids[1])), ("usable".into(), "revoked".into()));
    shop.kill();
    let said = stage.run(&["refresh", "--json"]).exits(1).objects();
    assert_eq!(said[0]["error"]["code"], "service-unreachable");
}

#[test]
fn what_cannot_be_asked_about_is_told() {
    let (stage, library) = (Stage::new(), Library::open());
    reader(&stage, &library);
    stage.run(&["provider", "allow", &library.origin]).exits(0);
    std::fs::write(stage.path("bought.lcpl"), lcp("bought")).unwrap();
    stage.run(&["import", "bought.lcpl"]).exits(0);
    let said = stage.run(&["refresh", "--json"]).exits(0).objects();
    let passed_over = said.iter().find(|object| object.get("passed_over").is_some()).unwrap();
    assert_eq!((&passed_over["license_id"], said.len()), (&"bought".into(), 2));
    assert!(!stage.run(&["refresh"]).exits(0).out.contains("cannot be asked about"), "it was bought: nobody needs to");
    let broken = String::from_utf8(library.lend("c1", "Broken", None)).unwrap().replace("Ada", "Eve");
    std::fs::write(stage.path("broken.lcpl"), broken.replace("\"title\":\"Broken\"", "\"title\":\"Worse\"")).unwrap();
    stage.run(&["import", "broken.lcpl"]).exits(0);
    assert!(stage.run(&["refresh"]).exits(0).out.contains("One license cannot be asked about"));
    // What is named is to be asked about, and does not keep others from it.
    let said = stage.run(&["refresh", "bought", "b1", "--json"]).exits(1).objects();
    let error = said.iter().find(|object| object["license_id"] == "bought").unwrap();
    assert_eq!((&error["error"]["code"], said.len()), (&"provider-no-status-link".into(), 2));
    let said = stage.run(&["refresh", "bought"]).exits(1);
    assert!(said.out.contains("names no place that says how it stands"), "{}{}", said.out, said.err);
    stage.run(&["forget", "b1", "--yes"]).exits(0);
    let said = stage.run(&["refresh"]).exits(0).out;
    assert!(said.contains("One license cannot be asked about") && !said.contains("nothing to ask"), "{said}");
    stage.run(&["forget", "c1", "--yes"]).exits(0);
    assert!(stage.run(&["refresh"]).exits(0).out.contains("nothing to ask"));
}
