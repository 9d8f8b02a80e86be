//! The story: what is done, in which order, and what must come of it.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::book::{self, BOOKS};
use super::library::{Item, Library, PLAYS};
use super::shop::Shop;
use super::stage::{Done, Stage};
use super::table::{Ending, Row};
use super::{failed, wrong};
use crate::args::Demo;
use crate::failure::{Exit, Failure};
use crate::output::{fingerprint, restricted_text};
use crate::texts::values;

/// How many licenses the first part of the restore on B takes.
const FIRST_PART: usize = 4;
/// How many computers may hold a license, unless the service says otherwise.
const HOLDERS: usize = 4;
/// How many unconfirmed computers a holder may have.
const UNCONFIRMED: u32 = 8;
/// Which license of the library is revoked.
const REVOKED: usize = 2;
const SHOP: &str = "Corner Shop";

/// What the story learns as it goes.
struct Cast {
    issuer: String,
    holder: String,
    computer_a: String,
    licenses: Vec<String>,
    link: String,
}

/// Fails unless it is so.
fn must(so: bool, what: impl std::fmt::Display) -> Result<(), Failure> {
    if so { Ok(()) } else { Err(wrong(what)) }
}

/// Tells the story.
pub(super) fn tell(stage: &mut Stage, library: &Library, args: &Demo) -> Result<Ending, Failure> {
    let mut shop = Shop::on_a_free_port()?;
    stage.script.port(shop.port());
    let mut ending = Ending::new(library);

    let mut cast = open_shop(stage, library, &mut shop)?;
    computer_a(stage, library, &shop, &mut cast, &mut ending)?;
    back_up(stage, library, &mut ending)?;
    lose(stage, library, &cast, &mut ending)?;
    restore_in_parts(stage, library, &mut shop, &cast, &mut ending)?;
    more_computers(stage, library, &shop, &cast, args, &mut ending)?;
    release_lost(stage, library, &cast, &mut ending)?;

    stage.ui.gap();
    shop.kill_at(stage)?;
    Ok(ending)
}

fn open_shop(stage: &mut Stage, library: &Library, shop: &mut Shop) -> Result<Cast, Failure> {
    stage.chapter("demo-chapter-shop");
    let files = library.write(&stage.folder)?;
    book::write(&stage.folder)?;
    let terms = stage.folder.join("terms.json");
    fs::write(&terms, library.terms().to_string()).map_err(|error| failed(&terms, &error))?;
    let stick = stage.folder.join("stick");
    fs::create_dir(&stick).map_err(|error| failed(&stick, &error))?;
    stage.shell("mkdir stick");
    stage.note("demo-library", values![files = files]);
    stage.note("demo-book", values![title = book::TITLE]);

    let made = stage.run(Exit::Done, &["admin", "init", "shop", "--name", SHOP, "--url", &shop.url()])?;
    let issuer = made.stated("issuer")?;
    stage.note("demo-shop", values![name = made.stated("name")?, fingerprint = made.stated("fingerprint")?]);
    shop.start(stage)?;

    let issued = stage.run(Exit::Done, &["admin", "issue", "terms.json", "--service", "shop"])?;
    let licenses: Vec<String> = serde_json::from_value(issued.member("licenses")?.clone())
        .map_err(|error| wrong(format!("the licenses issued: {error}")))?;
    must(licenses.len() == library.items.len(), "not every license was issued")?;
    let link = issued.stated("link")?;
    stage.script.capture("LINK", &link, "field link");
    for (number, license) in licenses.iter().enumerate().take(FIRST_PART) {
        stage.script.capture(&format!("L{}", number + 1), license, &format!("license {}", number + 1));
    }
    stage.note("demo-issued", values![count = licenses.len() as u64, link = link.as_str()]);
    Ok(Cast { issuer, holder: String::new(), computer_a: String::new(), licenses, link })
}

/// Adds the service on a computer; what is shown must be what the operator published.
fn add_service(stage: &mut Stage, home: &str, url: &str, issuer: &str) -> Result<(), Failure> {
    let added = stage.run(Exit::Done, &["--home", home, "service", "add", url, "--yes"])?;
    must(added.stated("issuer")? == issuer, "the service shows another fingerprint than its operator published")?;
    let values = values![name = added.stated("name")?, fingerprint = added.stated("fingerprint")?];
    stage.note("demo-trusted", values);
    Ok(())
}

fn computer_a(
    stage: &mut Stage,
    library: &Library,
    shop: &Shop,
    cast: &mut Cast,
    ending: &mut Ending,
) -> Result<(), Failure> {
    stage.chapter("demo-chapter-a");
    let home = ["--home", "computer-a"];
    add_service(stage, "computer-a", &shop.url(), &cast.issuer)?;
    let [flag, a] = home;
    let registered = stage.run(Exit::Done, &[flag, a, "computer", "register", "--name", "Computer A"])?;
    (cast.holder, cast.computer_a) = (registered.stated("holder")?, registered.stated("computer")?);
    stage.script.capture("HOLDER", &cast.holder, "field holder");
    stage.script.capture("COMPUTER_A", &cast.computer_a, "field computer");
    stage.note("demo-registered", values![computer = cast.computer_a.as_str()]);

    let acquired = stage.run(Exit::Done, &[flag, a, "acquire", &cast.link])?;
    let is_granted = |object: &&Value| object.get("outcome").and_then(Value::as_str) == Some("granted");
    let granted = acquired.objects.iter().filter(is_granted).count();
    must(granted == library.items.len(), format!("{granted} licenses were granted"))?;
    stage.note("demo-acquired", values![count = granted as u64]);

    let scanned = stage.run(Exit::Done, &[flag, a, "scan", "library"])?;
    let is_protected = |object: &&Value| object.get("protected") == Some(&Value::Bool(true));
    let protected = scanned.objects.iter().filter(is_protected).count();
    let expected = library.items.len() as u64 + BOOKS;
    must(protected as u64 == expected, format!("{protected} protected files were found"))?;
    let (known, shared) = keys_of(&scanned);
    must(shared == 1, format!("{shared} key IDs have two files"))?;
    stage.note("demo-scanned", values![files = protected as u64, keys = known as u64]);

    import_book(stage)?;

    let counted = counted(library)?;
    let file = counted.file();
    let mut left = PLAYS;
    for _ in 1..PLAYS {
        let used = stage.run(Exit::Done, &[flag, a, "can", &file, "--use"])?;
        left = used.member("left")?.as_u64().unwrap_or(PLAYS);
    }
    must(left == 1, format!("{left} plays are left"))?;
    stage.note("demo-used", values![title = counted.name(), used = PLAYS - left, left = left]);
    ending.computer(Row::new("A").acquired(granted as u64).books(BOOKS));
    Ok(())
}

/// Takes the license out of the book, which stays as it is.
fn import_book(stage: &mut Stage) -> Result<(), Failure> {
    stage.run(Exit::Done, &["--home", "computer-a", "roots", "add", book::ROOT])?;
    let imported = stage.run(Exit::Done, &["--home", "computer-a", "import", "library"])?;
    must(imported.stated("stored")? == "new", "the license inside the book was not imported")?;
    let signature = imported.stated("signature")?;
    must(signature == "verified", format!("the signature inside the book is {signature}"))?;
    stage.note("demo-book-imported", values![title = book::TITLE]);
    Ok(())
}

/// A book whose license is here again is known by what it calls itself, wherever it was fetched again, and gets it back.
fn read_book(stage: &mut Stage, home: &str) -> Result<(), Failure> {
    let put = stage.run(Exit::Done, &["--home", home, "put-back", book::DOWNLOADS])?;
    let is_book = |object: &&Value| object.get("put_back").and_then(Value::as_str) == Some("publication");
    let book = put.objects.iter().find(is_book).ok_or_else(|| wrong("the license was put into no book"))?;
    must(text(book, "done") == "written", format!("the license was not put into the book: {book}"))?;
    stage.note("demo-book-put-back", values![title = book::TITLE]);
    let can = stage.run(Exit::Done, &["--home", home, "can", book::FETCHED])?;
    must(can.member("allowed")? == &Value::Bool(true), "the book cannot be read")?;
    stage.note("demo-book-read", values![title = book::TITLE]);
    Ok(())
}

/// How many key IDs a scan found, and how many of them in two files.
fn keys_of(scanned: &Done) -> (usize, usize) {
    let mut files = std::collections::BTreeMap::new();
    for object in &scanned.objects {
        for key in object.get("key_ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            *files.entry(key).or_insert(0) += 1;
        }
    }
    (files.len(), files.values().filter(|count| **count == 2).count())
}

fn counted(library: &Library) -> Result<&Item, Failure> {
    library.items.first().ok_or_else(|| wrong("the library is empty"))
}

fn revoked(library: &Library) -> Result<&Item, Failure> {
    library.items.get(REVOKED).ok_or_else(|| wrong("the library is too small"))
}

fn back_up(stage: &mut Stage, library: &Library, ending: &mut Ending) -> Result<(), Failure> {
    stage.chapter("demo-chapter-backup");
    let done = stage.run(Exit::Done, &["--home", "computer-a", "backup", "stick"])?;
    let mut keys = BTreeSet::new();
    let mut unknown = 0_u64;
    for (status, event) in done.events() {
        if status != "RESTRICTED_LICENSE" {
            stage.note("demo-event", values![status = status]);
            continue;
        }
        let named = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let titles = event.get("titles").and_then(Value::as_array).into_iter().flatten();
        let titles: Vec<String> = titles.filter_map(Value::as_str).map(str::to_owned).collect();
        keys.insert(named("key_id").to_owned());
        unknown += u64::from(titles.is_empty());
        if !stage.ui.json() {
            let key_id = named("key_id").parse().ok();
            let line = restricted_text(&stage.ui, &titles, key_id.as_ref(), named("license_id"), named("reason"));
            stage.note("demo-restricted", values![line = line.trim()]);
        }
    }
    let (backed_up, restricted) = (done.count("backed_up")?, done.count("restricted")?);
    must(backed_up == library.allowed() + BOOKS, format!("{backed_up} licenses were backed up"))?;
    must(restricted == library.restricted(), format!("{restricted} licenses were restricted"))?;
    must(keys.len() as u64 == restricted, "the restricted licenses were not told one by one")?;
    must(unknown == 1, format!("{unknown} restricted licenses have no title"))?;
    stage.note("demo-backed-up", values![count = backed_up, restricted = restricted]);
    ending.backup(backed_up, restricted);
    Ok(())
}

fn lose(stage: &mut Stage, library: &Library, cast: &Cast, ending: &mut Ending) -> Result<(), Failure> {
    stage.chapter("demo-chapter-lost");
    let item = revoked(library)?;
    let license = cast.licenses.get(REVOKED).ok_or_else(|| wrong("the library is too small"))?;
    let reason = stage.ui.text("demo-reason", values![]);
    let done = stage.run(Exit::Done, &["admin", "revoke", license, "--reason", &reason, "--service", "shop"])?;
    must(done.member("done")? == &Value::Bool(true), "the license was not revoked")?;
    stage.note("demo-revoked", values![title = item.name()]);
    let home = stage.folder.join("computer-a");
    stage.shell("rm -r computer-a");
    fs::remove_dir_all(&home).map_err(|error| failed(&home, &error))?;
    must(!home.exists(), "computer A is still there")?;
    stage.note("demo-lost", values![]);
    ending.lost("A");
    Ok(())
}

/// The order of events when a service is needed and answers.
const ASKED: [&str; 4] =
    ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"];

/// Restores on a computer and shows the events; they must come in this order.
fn restore(stage: &mut Stage, expected: Exit, arguments: &[&str], order: &[&str]) -> Result<Done, Failure> {
    let done = stage.run(expected, arguments)?;
    let mut seen = Vec::new();
    for (status, event) in done.events() {
        seen.push(status);
        let named = |name: &str| event.get(name).and_then(Value::as_str);
        match (status, named("url"), named("service")) {
            ("BACKUPRESTORE_END", ..) => {
                let values = values![
                    restored = done.count("restored")?,
                    here = done.count("already_here")?,
                    refused = done.count("refused")?,
                    pending = done.count("pending")?,
                ];
                stage.note("demo-end", values);
            }
            (_, Some(url), _) => stage.note("demo-event-about", values![status = status, about = url]),
            (_, None, Some(service)) => stage.note("demo-event-about", values![status = status, about = service]),
            _ => stage.note("demo-event", values![status = status]),
        }
    }
    must(seen == order, format!("the events came as {}", seen.join(", ")))?;
    Ok(done)
}

/// Shows which service a restore would ask: what a person consents to.
fn plan(stage: &mut Stage, home: &str, issuer: &str) -> Result<(), Failure> {
    let plan = stage.run(Exit::Done, &["--home", home, "restore", "stick", "--dry-run"])?;
    let services = plan.member("plan")?.get("services").and_then(Value::as_array).cloned().unwrap_or_default();
    let [service] = services.as_slice() else { return Err(wrong("not exactly one service is needed")) };
    let text = |name: &str| service.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    must(text("issuer") == issuer, "the backup names another service")?;
    must(service.get("registered") == Some(&Value::Bool(false)), "the computer is registered already")?;
    let values = values![name = text("name"), origin = text("origin"), fingerprint = fingerprint(&text("issuer"))];
    stage.note("demo-consent", values);
    Ok(())
}

fn restore_in_parts(
    stage: &mut Stage,
    library: &Library,
    shop: &mut Shop,
    cast: &Cast,
    ending: &mut Ending,
) -> Result<(), Failure> {
    stage.chapter("demo-chapter-b");
    let (home, b) = ("--home", "computer-b");
    add_service(stage, b, &shop.url(), &cast.issuer)?;
    plan(stage, b, &cast.issuer)?;
    // The first part: the counted one among them, the revoked one not.
    let part = cast.licenses.iter().enumerate().filter(|(number, _)| *number != REVOKED);
    let part: Vec<&str> = part.map(|(_, license)| license.as_str()).take(FIRST_PART - 1).collect();
    let mut arguments = vec![home, b, "restore", "stick", "--register", "--name", "Computer B"];
    let only = part.join(",");
    arguments.extend(["--only", only.as_str()]);
    let first = restore(stage, Exit::Done, &arguments, &ASKED)?;
    let restored = first.count("restored")?;
    must(restored == part.len() as u64, format!("{restored} licenses came in the first part"))?;

    shop.kill_at(stage)?;
    stage.note("demo-killed", values![]);
    let rest = library.allowed() - restored;
    let second = restore(stage, Exit::Partly, &[home, b, "restore", "stick"], &ASKED)?;
    let (books, pending) = (second.count("restored")?, second.count("pending")?);
    must(pending == rest, format!("{pending} licenses are pending"))?;
    must(books == BOOKS, format!("{books} licenses came without the service"))?;
    stage.note("demo-pending", values![count = pending]);
    stage.note("demo-book-restored", values![title = book::TITLE]);
    read_book(stage, b)?;

    shop.start(stage)?;
    let third = restore(stage, Exit::Partly, &[home, b, "restore", "stick"], &ASKED)?;
    let (came, refused) = (third.count("restored")?, third.count("refused")?);
    must(came == rest - 1, format!("{came} licenses came in the second part"))?;
    must(refused == 1 && third.count("pending")? == 0, format!("{refused} licenses were refused"))?;
    must(outcomes(&third) == ["revoked"], "another license than the revoked one was refused")?;

    let (counted, gone) = (counted(library)?, revoked(library)?);
    let can = stage.run(Exit::Done, &[home, b, "can", &counted.file()])?;
    let left = can.member("left")?.as_u64();
    must(left == Some(1), format!("{left:?} plays are left on the new computer"))?;
    stage.note("demo-left", values![title = counted.name(), left = left.unwrap_or_default()]);
    let cannot = stage.run(Exit::Failed, &[home, b, "can", &gone.file()])?;
    must(cannot.error_code() == "revoked", format!("the revoked one is refused as {}", cannot.error_code()))?;
    stage.note("demo-refused", values![title = gone.name(), why = text(&cannot.error, "message")]);
    ending.plays(left.unwrap_or_default());
    ending.computer(Row::new("B").restored(restored + books + came).refused(refused).books(books));
    Ok(())
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Why licenses did not come.
fn outcomes(done: &Done) -> Vec<String> {
    let end = done.events().find(|(status, _)| *status == "BACKUPRESTORE_END");
    let items = end.and_then(|(_, end)| end.get("not_restored")?.as_array());
    items.into_iter().flatten().map(|item| text(item, "outcome")).collect()
}

/// The letter of a computer: A, B, … Z, AA, …
fn letter(number: u32) -> String {
    let last = char::from(b'A' + u8::try_from(number % 26).unwrap_or_default());
    if number < 26 { last.to_string() } else { format!("A{last}") }
}

/// C and D get all; from the fifth on, the limit is met.
fn more_computers(
    stage: &mut Stage,
    library: &Library,
    shop: &Shop,
    cast: &Cast,
    args: &Demo,
    ending: &mut Ending,
) -> Result<(), Failure> {
    for number in 2..args.computers {
        let letter = letter(number);
        let home = format!("computer-{}", letter.to_lowercase());
        let name = format!("Computer {letter}");
        let at_limit = number as usize >= HOLDERS;
        match number {
            2 => stage.chapter("demo-chapter-cd"),
            _ if number as usize == HOLDERS => stage.chapter("demo-chapter-e"),
            _ => {}
        }
        if number > UNCONFIRMED {
            confirm(stage, &format!("computer-{}", self::letter(number - UNCONFIRMED).to_lowercase()), cast)?;
        }
        add_service(stage, &home, &shop.url(), &cast.issuer)?;
        let arguments = ["--home", &home, "restore", "stick", "--register", "--name", &name];
        if !at_limit {
            let done = restore(stage, Exit::Partly, &arguments, &ASKED)?;
            let (came, refused) = (done.count("restored")?, done.count("refused")?);
            let all = library.allowed() - 1 + BOOKS;
            must(came == all && refused == 1, format!("{came} licenses came to {name}"))?;
            ending.computer(Row::new(&letter).restored(came).refused(refused).books(BOOKS));
            continue;
        }
        let mut order = ASKED.to_vec();
        order.insert(1, "ERROR_WITHURL");
        // The book asks nobody.
        let done = restore(stage, Exit::Partly, &arguments, &order)?;
        let (came, refused) = (done.count("restored")?, done.count("refused")?);
        must(came == BOOKS && refused == library.allowed(), format!("{refused} licenses were refused to {name}"))?;
        let limit = outcomes(&done).iter().filter(|outcome| *outcome == "limit").count() as u64;
        must(limit > 0, "none was refused for the limit")?;
        let url = done.events().find_map(|(_, event)| event.get("url")?.as_str()).unwrap_or_default().to_owned();
        let page = Shop::page(&url)?;
        let holders: Vec<String> = (0..HOLDERS as u32).map(|at| format!("Computer {}", self::letter(at))).collect();
        let all = holders.iter().all(|holder| page.contains(holder.as_str()));
        must(all, format!("the page {url} does not name the computers that hold it"))?;
        stage.note("demo-limit", values![url = url, computers = holders.join(", ")]);
        ending.computer(Row::new(&letter).restored(came).refused(refused).books(BOOKS).limit());
    }
    Ok(())
}

/// The operator confirms a computer, so that another unconfirmed one may join.
fn confirm(stage: &mut Stage, home: &str, cast: &Cast) -> Result<(), Failure> {
    let services = stage.run(Exit::Done, &["--home", home, "service", "list"])?;
    let registered = services.member("registered")?.as_array().and_then(|all| all.first()).cloned().unwrap_or_default();
    let computer = text(&registered, "computer");
    let variable = format!("ID_{}", home.replace('-', "_").to_uppercase());
    stage.script.capture(&variable, &computer, "field computer");
    let done = stage.run(Exit::Done, &["admin", "confirm", &cast.holder, &computer, "--service", "shop"])?;
    must(done.member("done")? == &Value::Bool(true), "the computer was not confirmed")
}

fn release_lost(stage: &mut Stage, library: &Library, cast: &Cast, ending: &mut Ending) -> Result<(), Failure> {
    stage.chapter("demo-chapter-release");
    let released = stage.run(Exit::Done, &["admin", "release", &cast.holder, &cast.computer_a, "--service", "shop"])?;
    must(released.member("done")? == &Value::Bool(true), "computer A was not released")?;
    stage.note("demo-released", values![]);
    let fifth = letter(HOLDERS as u32);
    let home = format!("computer-{}", fifth.to_lowercase());
    let done = restore(stage, Exit::Partly, &["--home", &home, "restore", "stick"], &ASKED)?;
    let (came, refused) = (done.count("restored")?, done.count("refused")?);
    must(came == library.allowed() - 1 && refused == 1, format!("{came} licenses came to the fifth computer"))?;
    ending.computer(Row::new(&fifth).restored(came + BOOKS).refused(refused).books(BOOKS).after_release());
    Ok(())
}
