//! Steps of the demo and their expected results.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::publication::{self, PUBLICATION_COUNT};
use super::runner::{CommandResult, CommandRunner};
use super::samples::{PLAYS, SampleFiles, SampleLicense};
use super::service::DemoService;
use super::summary::{ComputerRow, DemoSummary};
use super::{Demo, Exit, Failure, io_failure, scenario_error, values};
use crate::output::{fingerprint, restricted_text};

/// Number of licenses in the first part of the restore on computer B.
const FIRST_PART: usize = 4;
/// Number of computers that may hold a license by default.
const MAX_HOLDERS: usize = 4;
/// Maximum number of unconfirmed computers of a holder.
const MAX_UNCONFIRMED: u32 = 8;
/// Index of the revoked license.
const REVOKED: usize = 2;
const SERVICE_NAME: &str = "Corner Shop";

/// Facts that later steps need.
struct DemoState {
    issuer: String,
    holder: String,
    computer_a: String,
    licenses: Vec<String>,
    link: String,
}

/// Fails unless the condition holds.
fn ensure(so: bool, what: impl std::fmt::Display) -> Result<(), Failure> {
    if so { Ok(()) } else { Err(scenario_error(what)) }
}

/// Runs all steps.
pub(super) fn run(runner: &mut CommandRunner, samples: &SampleFiles, args: &Demo) -> Result<DemoSummary, Failure> {
    let mut service = DemoService::on_free_port()?;
    runner.script.port(service.port());
    let mut summary = DemoSummary::new(samples);

    let mut state = open_service(runner, samples, &mut service)?;
    computer_a(runner, samples, &service, &mut state, &mut summary)?;
    back_up(runner, samples, &mut summary)?;
    lose_computer(runner, samples, &state, &mut summary)?;
    restore_in_parts(runner, samples, &mut service, &state, &mut summary)?;
    more_computers(runner, samples, &service, &state, args, &mut summary)?;
    release_lost(runner, samples, &state, &mut summary)?;

    runner.ui.blank_line();
    service.kill_recorded(runner)?;
    Ok(summary)
}

fn open_service(
    runner: &mut CommandRunner,
    samples: &SampleFiles,
    service: &mut DemoService,
) -> Result<DemoState, Failure> {
    runner.print_chapter("demo-chapter-shop");
    let files = samples.write(&runner.folder)?;
    publication::write(&runner.folder)?;
    let terms = runner.folder.join("terms.json");
    fs::write(&terms, samples.terms().to_string()).map_err(|error| io_failure(&terms, &error))?;
    let stick = runner.folder.join("stick");
    fs::create_dir(&stick).map_err(|error| io_failure(&stick, &error))?;
    runner.record_shell("mkdir stick");
    runner.print_note("demo-library", values![files = files]);
    runner.print_note("demo-book", values![title = publication::TITLE]);

    let created =
        runner.run(Exit::Done, &["admin", "init", "shop", "--name", SERVICE_NAME, "--url", &service.url()])?;
    let issuer = created.text_member("issuer")?;
    runner.print_note(
        "demo-shop",
        values![name = created.text_member("name")?, fingerprint = created.text_member("fingerprint")?],
    );
    service.start(runner)?;

    let issued = runner.run(Exit::Done, &["admin", "issue", "terms.json", "--service", "shop"])?;
    let licenses: Vec<String> = serde_json::from_value(issued.member("licenses")?.clone())
        .map_err(|error| scenario_error(format!("the licenses issued: {error}")))?;
    ensure(licenses.len() == samples.items.len(), "not every license was issued")?;
    let link = issued.text_member("link")?;
    runner.script.capture("LINK", &link, "field link");
    for (number, license) in licenses.iter().enumerate().take(FIRST_PART) {
        runner.script.capture(&format!("L{}", number + 1), license, &format!("license {}", number + 1));
    }
    runner.print_note("demo-issued", values![count = licenses.len() as u64, link = link.as_str()]);
    Ok(DemoState { issuer, holder: String::new(), computer_a: String::new(), licenses, link })
}

/// Adds the service on a computer. Name and fingerprint must match those of the operator.
fn add_service(runner: &mut CommandRunner, home: &str, url: &str, issuer: &str) -> Result<(), Failure> {
    let added = runner.run(Exit::Done, &["--home", home, "service", "add", url, "--yes"])?;
    ensure(
        added.text_member("issuer")? == issuer,
        "the service shows another fingerprint than its operator published",
    )?;
    let values = values![name = added.text_member("name")?, fingerprint = added.text_member("fingerprint")?];
    runner.print_note("demo-trusted", values);
    Ok(())
}

fn computer_a(
    runner: &mut CommandRunner,
    samples: &SampleFiles,
    service: &DemoService,
    state: &mut DemoState,
    summary: &mut DemoSummary,
) -> Result<(), Failure> {
    runner.print_chapter("demo-chapter-a");
    let home = ["--home", "computer-a"];
    add_service(runner, "computer-a", &service.url(), &state.issuer)?;
    let [flag, a] = home;
    let registered = runner.run(Exit::Done, &[flag, a, "computer", "register", "--name", "Computer A"])?;
    (state.holder, state.computer_a) = (registered.text_member("holder")?, registered.text_member("computer")?);
    runner.script.capture("HOLDER", &state.holder, "field holder");
    runner.script.capture("COMPUTER_A", &state.computer_a, "field computer");
    runner.print_note("demo-registered", values![computer = state.computer_a.as_str()]);

    let acquired = runner.run(Exit::Done, &[flag, a, "acquire", &state.link])?;
    let is_granted = |object: &&Value| object.get("outcome").and_then(Value::as_str) == Some("granted");
    let granted = acquired.objects.iter().filter(is_granted).count();
    ensure(granted == samples.items.len(), format!("{granted} licenses were granted"))?;
    runner.print_note("demo-acquired", values![count = granted as u64]);

    let scanned = runner.run(Exit::Done, &[flag, a, "scan", "library"])?;
    let is_protected = |object: &&Value| object.get("protected") == Some(&Value::Bool(true));
    let protected = scanned.objects.iter().filter(is_protected).count();
    let expected = samples.items.len() as u64 + PUBLICATION_COUNT;
    ensure(protected as u64 == expected, format!("{protected} protected files were found"))?;
    let (known, shared) = count_key_ids(&scanned);
    ensure(shared == 1, format!("{shared} key IDs have two files"))?;
    runner.print_note("demo-scanned", values![files = protected as u64, keys = known as u64]);

    import_publication(runner)?;

    let counted = counted(samples)?;
    let file = counted.file();
    let mut left = PLAYS;
    for _ in 1..PLAYS {
        let used = runner.run(Exit::Done, &[flag, a, "can", &file, "--use"])?;
        left = used.member("left")?.as_u64().unwrap_or(PLAYS);
    }
    ensure(left == 1, format!("{left} plays are left"))?;
    runner.print_note("demo-used", values![title = counted.name(), used = PLAYS - left, left = left]);
    summary.set_computer(ComputerRow::new("A").acquired(granted as u64).publications(PUBLICATION_COUNT));
    Ok(())
}

/// Imports the embedded license of the publication, which stays unchanged.
fn import_publication(runner: &mut CommandRunner) -> Result<(), Failure> {
    runner.run(Exit::Done, &["--home", "computer-a", "roots", "add", publication::ROOT])?;
    let imported = runner.run(Exit::Done, &["--home", "computer-a", "import", "library"])?;
    ensure(imported.text_member("stored")? == "new", "the license inside the book was not imported")?;
    let signature = imported.text_member("signature")?;
    ensure(signature == "verified", format!("the signature inside the book is {signature}"))?;
    runner.print_note("demo-book-imported", values![title = publication::TITLE]);
    Ok(())
}

/// Puts the license back into the downloaded publication. Its identifier names it, independent of the file name.
fn put_back_publication(runner: &mut CommandRunner, home: &str) -> Result<(), Failure> {
    let events = runner.run(Exit::Done, &["--home", home, "put-back", publication::DOWNLOADS])?;
    let is_book = |object: &&Value| object.get("put_back").and_then(Value::as_str) == Some("publication");
    let publication =
        events.objects.iter().find(is_book).ok_or_else(|| scenario_error("the license was put into no book"))?;
    ensure(text(publication, "done") == "written", format!("the license was not put into the book: {publication}"))?;
    runner.print_note("demo-book-put-back", values![title = publication::TITLE]);
    let can = runner.run(Exit::Done, &["--home", home, "can", publication::FETCHED])?;
    ensure(can.member("allowed")? == &Value::Bool(true), "the book cannot be read")?;
    runner.print_note("demo-book-read", values![title = publication::TITLE]);
    Ok(())
}

/// Returns the number of scanned key IDs, and how many of them have two files.
fn count_key_ids(scanned: &CommandResult) -> (usize, usize) {
    let mut files = std::collections::BTreeMap::new();
    for object in &scanned.objects {
        for key in object.get("key_ids").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
            *files.entry(key).or_insert(0) += 1;
        }
    }
    (files.len(), files.values().filter(|count| **count == 2).count())
}

fn counted(samples: &SampleFiles) -> Result<&SampleLicense, Failure> {
    samples.items.first().ok_or_else(|| scenario_error("the library is empty"))
}

fn revoked(samples: &SampleFiles) -> Result<&SampleLicense, Failure> {
    samples.items.get(REVOKED).ok_or_else(|| scenario_error("the library is too small"))
}

fn back_up(runner: &mut CommandRunner, samples: &SampleFiles, summary: &mut DemoSummary) -> Result<(), Failure> {
    runner.print_chapter("demo-chapter-backup");
    let result = runner.run(Exit::Done, &["--home", "computer-a", "backup", "stick"])?;
    let mut keys = BTreeSet::new();
    let mut unknown = 0_u64;
    for (status, event) in result.events() {
        if status != "RESTRICTED_LICENSE" {
            runner.print_note("demo-event", values![status = status]);
            continue;
        }
        let text_of = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let titles = event.get("titles").and_then(Value::as_array).into_iter().flatten();
        let titles: Vec<String> = titles.filter_map(Value::as_str).map(str::to_owned).collect();
        keys.insert(text_of("key_id").to_owned());
        unknown += u64::from(titles.is_empty());
        if !runner.ui.is_json() {
            let key_id = text_of("key_id").parse().ok();
            let line = restricted_text(&runner.ui, &titles, key_id.as_ref(), text_of("license_id"), text_of("reason"));
            runner.print_note("demo-restricted", values![line = line.trim()]);
        }
    }
    let (backed_up, restricted) = (result.count("backed_up")?, result.count("restricted")?);
    ensure(backed_up == samples.allowed() + PUBLICATION_COUNT, format!("{backed_up} licenses were backed up"))?;
    ensure(restricted == samples.restricted(), format!("{restricted} licenses were restricted"))?;
    ensure(keys.len() as u64 == restricted, "the restricted licenses were not told one by one")?;
    ensure(unknown == 1, format!("{unknown} restricted licenses have no title"))?;
    runner.print_note("demo-backed-up", values![count = backed_up, restricted = restricted]);
    summary.set_backup(backed_up, restricted);
    Ok(())
}

fn lose_computer(
    runner: &mut CommandRunner,
    samples: &SampleFiles,
    state: &DemoState,
    summary: &mut DemoSummary,
) -> Result<(), Failure> {
    runner.print_chapter("demo-chapter-lost");
    let item = revoked(samples)?;
    let license = state.licenses.get(REVOKED).ok_or_else(|| scenario_error("the library is too small"))?;
    let reason = runner.ui.text("demo-reason", values![]);
    let result = runner.run(Exit::Done, &["admin", "revoke", license, "--reason", &reason, "--service", "shop"])?;
    ensure(result.member("done")? == &Value::Bool(true), "the license was not revoked")?;
    runner.print_note("demo-revoked", values![title = item.name()]);
    let home = runner.folder.join("computer-a");
    runner.record_shell("rm -r computer-a");
    fs::remove_dir_all(&home).map_err(|error| io_failure(&home, &error))?;
    ensure(!home.exists(), "computer A is still there")?;
    runner.print_note("demo-lost", values![]);
    summary.mark_lost("A");
    Ok(())
}

/// Expected events if a service is asked and answers.
const SERVICE_EVENTS: [&str; 4] =
    ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"];

/// Runs a restore, prints its events and checks their order.
fn restore(
    runner: &mut CommandRunner,
    expected: Exit,
    arguments: &[&str],
    order: &[&str],
) -> Result<CommandResult, Failure> {
    let result = runner.run(expected, arguments)?;
    let mut statuses = Vec::new();
    for (status, event) in result.events() {
        statuses.push(status);
        let text_of = |name: &str| event.get(name).and_then(Value::as_str);
        match (status, text_of("url"), text_of("service")) {
            ("BACKUPRESTORE_END", ..) => {
                let values = values![
                    restored = result.count("restored")?,
                    here = result.count("already_here")?,
                    refused = result.count("refused")?,
                    pending = result.count("pending")?,
                ];
                runner.print_note("demo-end", values);
            }
            (_, Some(url), _) => runner.print_note("demo-event-about", values![status = status, about = url]),
            (_, None, Some(service)) => {
                runner.print_note("demo-event-about", values![status = status, about = service])
            }
            _ => runner.print_note("demo-event", values![status = status]),
        }
    }
    ensure(statuses == order, format!("the events came as {}", statuses.join(", ")))?;
    Ok(result)
}

/// Prints the service that a restore would ask: the facts for the user's consent.
fn plan(runner: &mut CommandRunner, home: &str, issuer: &str) -> Result<(), Failure> {
    let plan = runner.run(Exit::Done, &["--home", home, "restore", "stick", "--dry-run"])?;
    let services = plan.member("plan")?.get("services").and_then(Value::as_array).cloned().unwrap_or_default();
    let [service] = services.as_slice() else { return Err(scenario_error("not exactly one service is needed")) };
    let text = |name: &str| service.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    ensure(text("issuer") == issuer, "the backup names another service")?;
    ensure(service.get("registered") == Some(&Value::Bool(false)), "the computer is registered already")?;
    let values = values![name = text("name"), origin = text("origin"), fingerprint = fingerprint(&text("issuer"))];
    runner.print_note("demo-consent", values);
    Ok(())
}

fn restore_in_parts(
    runner: &mut CommandRunner,
    samples: &SampleFiles,
    service: &mut DemoService,
    state: &DemoState,
    summary: &mut DemoSummary,
) -> Result<(), Failure> {
    runner.print_chapter("demo-chapter-b");
    let (home, b) = ("--home", "computer-b");
    add_service(runner, b, &service.url(), &state.issuer)?;
    plan(runner, b, &state.issuer)?;
    // The first part has the counted license and not the revoked one.
    let part = state.licenses.iter().enumerate().filter(|(number, _)| *number != REVOKED);
    let part: Vec<&str> = part.map(|(_, license)| license.as_str()).take(FIRST_PART - 1).collect();
    let mut arguments = vec![home, b, "restore", "stick", "--register", "--name", "Computer B"];
    let license_list = part.join(",");
    arguments.extend(["--only", license_list.as_str()]);
    let first = restore(runner, Exit::Done, &arguments, &SERVICE_EVENTS)?;
    let first_part = first.count("restored")?;
    ensure(first_part == part.len() as u64, format!("{first_part} licenses came in the first part"))?;

    service.kill_recorded(runner)?;
    runner.print_note("demo-killed", values![]);
    let rest = samples.allowed() - first_part;
    let second = restore(runner, Exit::Partial, &[home, b, "restore", "stick"], &SERVICE_EVENTS)?;
    let (publications, pending) = (second.count("restored")?, second.count("pending")?);
    ensure(pending == rest, format!("{pending} licenses are pending"))?;
    ensure(publications == PUBLICATION_COUNT, format!("{publications} licenses came without the service"))?;
    runner.print_note("demo-pending", values![count = pending]);
    runner.print_note("demo-book-restored", values![title = publication::TITLE]);
    put_back_publication(runner, b)?;

    service.start(runner)?;
    let third = restore(runner, Exit::Partial, &[home, b, "restore", "stick"], &SERVICE_EVENTS)?;
    let (last_part, refused) = (third.count("restored")?, third.count("refused")?);
    ensure(last_part == rest - 1, format!("{last_part} licenses came in the second part"))?;
    ensure(refused == 1 && third.count("pending")? == 0, format!("{refused} licenses were refused"))?;
    ensure(outcomes(&third) == ["revoked"], "another license than the revoked one was refused")?;

    let (counted, revoked_license) = (counted(samples)?, revoked(samples)?);
    let can = runner.run(Exit::Done, &[home, b, "can", &counted.file()])?;
    let left = can.member("left")?.as_u64();
    ensure(left == Some(1), format!("{left:?} plays are left on the new computer"))?;
    runner.print_note("demo-left", values![title = counted.name(), left = left.unwrap_or_default()]);
    let cannot = runner.run(Exit::Failed, &[home, b, "can", &revoked_license.file()])?;
    ensure(cannot.error_code() == "revoked", format!("the revoked one is refused as {}", cannot.error_code()))?;
    runner.print_note("demo-refused", values![title = revoked_license.name(), why = text(&cannot.error, "message")]);
    summary.set_plays_left(left.unwrap_or_default());
    summary.set_computer(
        ComputerRow::new("B")
            .restored(first_part + publications + last_part)
            .refused(refused)
            .publications(publications),
    );
    Ok(())
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Returns the outcome of each license that was not restored.
fn outcomes(result: &CommandResult) -> Vec<String> {
    let end = result.events().find(|(status, _)| *status == "BACKUPRESTORE_END");
    let items = end.and_then(|(_, end)| end.get("not_restored")?.as_array());
    items.into_iter().flatten().map(|item| text(item, "outcome")).collect()
}

/// Returns the label of a computer: A, B, … Z, AA, …
fn computer_label(number: u32) -> String {
    let last = char::from(b'A' + u8::try_from(number % 26).unwrap_or_default());
    if number < 26 { last.to_string() } else { format!("A{last}") }
}

/// Restores on computers C and D without a refusal. From the fifth computer on, the limit is reached.
fn more_computers(
    runner: &mut CommandRunner,
    samples: &SampleFiles,
    service: &DemoService,
    state: &DemoState,
    args: &Demo,
    summary: &mut DemoSummary,
) -> Result<(), Failure> {
    for number in 2..args.computers {
        let label = computer_label(number);
        let home = format!("computer-{}", label.to_lowercase());
        let name = format!("Computer {label}");
        let at_limit = number as usize >= MAX_HOLDERS;
        match number {
            2 => runner.print_chapter("demo-chapter-cd"),
            _ if number as usize == MAX_HOLDERS => runner.print_chapter("demo-chapter-e"),
            _ => {}
        }
        if number > MAX_UNCONFIRMED {
            confirm(
                runner,
                &format!("computer-{}", self::computer_label(number - MAX_UNCONFIRMED).to_lowercase()),
                state,
            )?;
        }
        add_service(runner, &home, &service.url(), &state.issuer)?;
        let arguments = ["--home", &home, "restore", "stick", "--register", "--name", &name];
        if !at_limit {
            let result = restore(runner, Exit::Partial, &arguments, &SERVICE_EVENTS)?;
            let (restored, refused) = (result.count("restored")?, result.count("refused")?);
            let all = samples.allowed() - 1 + PUBLICATION_COUNT;
            ensure(restored == all && refused == 1, format!("{restored} licenses came to {name}"))?;
            summary.set_computer(
                ComputerRow::new(&label).restored(restored).refused(refused).publications(PUBLICATION_COUNT),
            );
            continue;
        }
        let mut order = SERVICE_EVENTS.to_vec();
        order.insert(1, "ERROR_WITHURL");
        // The license of the publication needs no service.
        let result = restore(runner, Exit::Partial, &arguments, &order)?;
        let (restored, refused) = (result.count("restored")?, result.count("refused")?);
        ensure(
            restored == PUBLICATION_COUNT && refused == samples.allowed(),
            format!("{refused} licenses were refused to {name}"),
        )?;
        let limit = outcomes(&result).iter().filter(|outcome| *outcome == "limit").count() as u64;
        ensure(limit > 0, "none was refused for the limit")?;
        let url = result.events().find_map(|(_, event)| event.get("url")?.as_str()).unwrap_or_default().to_owned();
        let page = DemoService::page(&url)?;
        let holders: Vec<String> =
            (0..MAX_HOLDERS as u32).map(|at| format!("Computer {}", self::computer_label(at))).collect();
        let all = holders.iter().all(|holder| page.contains(holder.as_str()));
        ensure(all, format!("the page {url} does not name the computers that hold it"))?;
        runner.print_note("demo-limit", values![url = url, computers = holders.join(", ")]);
        summary.set_computer(
            ComputerRow::new(&label).restored(restored).refused(refused).publications(PUBLICATION_COUNT).limit(),
        );
    }
    Ok(())
}

/// Confirms a computer, so that another unconfirmed one may register.
fn confirm(runner: &mut CommandRunner, home: &str, state: &DemoState) -> Result<(), Failure> {
    let services = runner.run(Exit::Done, &["--home", home, "service", "list"])?;
    let registered = services.member("registered")?.as_array().and_then(|all| all.first()).cloned().unwrap_or_default();
    let computer = text(&registered, "computer");
    let variable = format!("ID_{}", home.replace('-', "_").to_uppercase());
    runner.script.capture(&variable, &computer, "field computer");
    let result = runner.run(Exit::Done, &["admin", "confirm", &state.holder, &computer, "--service", "shop"])?;
    ensure(result.member("done")? == &Value::Bool(true), "the computer was not confirmed")
}

fn release_lost(
    runner: &mut CommandRunner,
    samples: &SampleFiles,
    state: &DemoState,
    summary: &mut DemoSummary,
) -> Result<(), Failure> {
    runner.print_chapter("demo-chapter-release");
    let released =
        runner.run(Exit::Done, &["admin", "release", &state.holder, &state.computer_a, "--service", "shop"])?;
    ensure(released.member("done")? == &Value::Bool(true), "computer A was not released")?;
    runner.print_note("demo-released", values![]);
    let fifth = computer_label(MAX_HOLDERS as u32);
    let home = format!("computer-{}", fifth.to_lowercase());
    let result = restore(runner, Exit::Partial, &["--home", &home, "restore", "stick"], &SERVICE_EVENTS)?;
    let (restored, refused) = (result.count("restored")?, result.count("refused")?);
    ensure(
        restored == samples.allowed() - 1 && refused == 1,
        format!("{restored} licenses came to the fifth computer"),
    )?;
    summary.set_computer(
        ComputerRow::new(&fifth)
            .restored(restored + PUBLICATION_COUNT)
            .refused(refused)
            .publications(PUBLICATION_COUNT)
            .after_release(),
    );
    Ok(())
}
