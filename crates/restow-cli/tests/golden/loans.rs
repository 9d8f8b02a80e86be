//! Commands about the providers of LCP licenses, loans, and trusted roots.

use serde_json::json;

use super::inputs::signed_license;
use super::library::{Fault, Library, Place, root};
use super::story::Story;

/// 2135-01-01: the end of the loans.
const END: i64 = 5_206_896_000;

#[test]
fn loans_run_is_unchanged() {
    let library = Library::open();
    let mut story = Story::begin("loans");
    story.set("LIBRARY", &library.origin);
    story.write("root.pem", root());
    for id in ["b1", "b2"] {
        story.write(&format!("{id}.lcpl"), library.lend(id, "A Book", Some(END)));
    }
    story.write("bought.lcpl", signed_license("bought", &json!({})));
    story.run("roots add root.pem");
    story.run("import b1.lcpl b2.lcpl bought.lcpl");
    for line in ["renew b1", "renew b1 --yes", "return b1 --yes", "refresh b1", "refresh", "provider"] {
        story.run(line);
    }
    story.run("provider allow ftp://x");
    story.run("provider allow $LIBRARY/any/page");
    story.run("provider list");
    story.run("refresh");
    story.run("refresh bought b1");
    story.run("renew b1 --until 2135-02-01");
    story.run("renew b1 --until 2136-01-01");
    story.run("renew b1 --until 2135-01-01T00:00:00Z --issuer https://books.example");
    story.run("renew b1 --until soon");
    story.run("renew b1 --until 2001-01-01");
    story.run("renew none");
    for line in ["licenses", "why b1", "status"] {
        story.run(line);
    }
    story.folder("stick");
    story.run("backup stick");
    story.run("return b1");
    story.run("return none");
    story.run("return b1 --yes");
    story.run("return b1 --yes");
    story.run("renew b1");
    for line in ["licenses", "can b1", "why b1", "status"] {
        story.run(line);
    }
    story.run("--home other restore stick --dry-run");
    story.run("--home other provider allow $LIBRARY");
    story.run("--home third restore stick");
    story.run("--home other restore stick");
    story.run("--home other licenses");

    for (fault, name) in [
        (Fault::Page, "a page"),
        (Fault::CutOff, "half of its answer"),
        (Fault::Problem(403, "registration"), "a problem"),
        (Fault::Gives(b"{}".to_vec()), "another document"),
    ] {
        story.remark(&format!("The library answers with {name}."));
        library.breaks(Place::Status, fault);
        story.run("refresh b2");
    }
    library.is_mended();
    library.with("b2", |loan| loan.renewed_on_page = true);
    story.remark("The library renews on a page.");
    story.run("refresh b2");
    story.run("renew b2");
    library.with("b2", |loan| (loan.renewed_on_page, loan.renewable, loan.returnable) = (false, false, false));
    story.remark("The library neither renews nor takes back.");
    story.run("renew b2");
    story.run("return b2 --yes");
    library.ends("b2", "revoked");
    story.remark("The library revokes the loan.");
    story.run("refresh b2");
    story.run("licenses --check");
    story.set("GONE", &library.origin);
    drop(library);
    story.remark("The library is gone.");
    story.run("refresh b2");
    story.run("provider remove $LIBRARY");
    story.run("provider remove $LIBRARY");
    story.end();
}

#[test]
fn roots_run_is_unchanged() {
    let mut story = Story::begin("roots").with(|normalizer| normalizer.keeps_ids = true);
    story.write("root.pem", root());
    story.write("a.lcpl", signed_license("a", &json!({})));
    story.write("notes.txt", "no certificate");
    story.run("roots list");
    story.run("import a.lcpl");
    let added = story.run("roots add root.pem");
    story.set("ROOT", &added[0]["fingerprint"].as_str().unwrap()[..10]);
    for line in ["licenses --check", "why a", "roots add notes.txt", "roots add nowhere", "roots distrust a.lcpl"] {
        story.run(line);
    }
    for line in ["licenses --check", "roots distrust root.pem", "roots distrust notes.txt", "roots add root.pem"] {
        story.run(line);
    }
    for line in ["roots", "roots remove $ROOT", "roots remove $ROOT", "roots list", "licenses --check"] {
        story.run(line);
    }
    story.end();
}
