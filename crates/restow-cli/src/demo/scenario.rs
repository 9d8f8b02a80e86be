//! Steps of the demo and their expected results.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use super::publication::{self, PUBLICATION_COUNT};
use super::runner::{CommandResult, CommandRunner};
use super::samples::{PLAYS, SampleFiles, SampleLicense};
use super::service::DemoService;
use super::summary::{ComputerOutcome, ComputerRow, DemoSummary};
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

/// One run of the demo, with the facts that later steps need.
struct Scenario<'a> {
    runner: &'a mut CommandRunner,
    samples: &'a SampleFiles,
    computers: u32,
    service: DemoService,
    summary: DemoSummary,
    issuer: String,
    holder: String,
    computer_a: String,
    licenses: Vec<String>,
    link: String,
}

/// Expected events if a service is asked and answers.
const SERVICE_EVENTS: [&str; 4] =
    ["BACKUPRESTORE_CONNECTING", "BACKUPRESTORE_DISCONNECTING", "BACKUPRESTORE_BEGIN", "BACKUPRESTORE_END"];

/// Fails unless the condition holds.
fn ensure(so: bool, what: impl std::fmt::Display) -> Result<(), Failure> {
    if so { Ok(()) } else { Err(scenario_error(what)) }
}

/// Runs all steps.
pub(super) fn run(runner: &mut CommandRunner, samples: &SampleFiles, args: &Demo) -> Result<DemoSummary, Failure> {
    let service = DemoService::on_free_port()?;
    runner.script.port(service.port());
    let mut scenario = Scenario {
        runner,
        samples,
        computers: args.computers,
        service,
        summary: DemoSummary::new(samples),
        issuer: String::new(),
        holder: String::new(),
        computer_a: String::new(),
        licenses: Vec::new(),
        link: String::new(),
    };
    scenario.open_service()?;
    scenario.computer_a()?;
    scenario.back_up()?;
    scenario.lose_computer()?;
    scenario.restore_in_parts()?;
    scenario.more_computers()?;
    scenario.release_lost()?;
    scenario.runner.ui.blank_line();
    scenario.service.kill_recorded(scenario.runner)?;
    Ok(scenario.summary)
}

impl<'a> Scenario<'a> {
    /// Runs a command that succeeds.
    fn run(&mut self, arguments: &[&str]) -> Result<CommandResult, Failure> {
        self.runner.run(Exit::Done, arguments)
    }

    /// Runs a command of the operator that changes something.
    fn operate(&mut self, arguments: &[&str]) -> Result<(), Failure> {
        let result = self.run(&[&["admin"], arguments, &["--service", "shop"]].concat())?;
        ensure(result.member("done")? == &Value::Bool(true), format!("nothing came from {}", arguments.join(" ")))
    }

    /// Returns a sample license by its index.
    fn sample(&self, index: usize) -> Result<&'a SampleLicense, Failure> {
        self.samples.items.get(index).ok_or_else(|| scenario_error("the library is too small"))
    }

    fn open_service(&mut self) -> Result<(), Failure> {
        self.runner.print_chapter("demo-chapter-shop");
        let files = self.samples.write(&self.runner.folder)?;
        publication::write(&self.runner.folder)?;
        let terms = self.runner.folder.join("terms.json");
        fs::write(&terms, self.samples.terms().to_string()).map_err(|error| io_failure(&terms, &error))?;
        let stick = self.runner.folder.join("stick");
        fs::create_dir(&stick).map_err(|error| io_failure(&stick, &error))?;
        self.runner.record_shell("mkdir stick");
        self.runner.print_note("demo-library", values![files = files]);
        self.runner.print_note("demo-book", values![title = publication::TITLE]);

        let created = self.run(&["admin", "init", "shop", "--name", SERVICE_NAME, "--url", &self.service.url()])?;
        self.issuer = created.text_member("issuer")?;
        self.runner.print_note(
            "demo-shop",
            values![name = created.text_member("name")?, fingerprint = created.text_member("fingerprint")?],
        );
        self.service.start(self.runner)?;

        let issued = self.run(&["admin", "issue", "terms.json", "--service", "shop"])?;
        let licenses: Vec<String> = serde_json::from_value(issued.member("licenses")?.clone())
            .map_err(|error| scenario_error(format!("the licenses issued: {error}")))?;
        ensure(licenses.len() == self.samples.items.len(), "not every license was issued")?;
        let link = issued.text_member("link")?;
        self.runner.script.capture("LINK", &link, "field link");
        for (number, license) in licenses.iter().enumerate().take(FIRST_PART) {
            self.runner.script.capture(&format!("L{}", number + 1), license, &format!("license {}", number + 1));
        }
        self.runner.print_note("demo-issued", values![count = licenses.len() as u64, link = link.as_str()]);
        (self.licenses, self.link) = (licenses, link);
        Ok(())
    }

    /// Adds the service on a computer. Name and fingerprint must match those of the operator.
    fn add_service(&mut self, home: &str) -> Result<(), Failure> {
        let added = self.run(&["--home", home, "service", "add", &self.service.url(), "--yes"])?;
        ensure(
            added.text_member("issuer")? == self.issuer,
            "the service shows another fingerprint than its operator published",
        )?;
        let values = values![name = added.text_member("name")?, fingerprint = added.text_member("fingerprint")?];
        self.runner.print_note("demo-trusted", values);
        Ok(())
    }

    fn computer_a(&mut self) -> Result<(), Failure> {
        self.runner.print_chapter("demo-chapter-a");
        self.add_service("computer-a")?;
        let registered = self.run(&["--home", "computer-a", "computer", "register", "--name", "Computer A"])?;
        (self.holder, self.computer_a) = (registered.text_member("holder")?, registered.text_member("computer")?);
        self.runner.script.capture("HOLDER", &self.holder, "field holder");
        self.runner.script.capture("COMPUTER_A", &self.computer_a, "field computer");
        self.runner.print_note("demo-registered", values![computer = self.computer_a.as_str()]);

        let acquired = self.run(&["--home", "computer-a", "acquire", &self.link.clone()])?;
        let is_granted = |object: &&Value| object.get("outcome").and_then(Value::as_str) == Some("granted");
        let granted = acquired.objects.iter().filter(is_granted).count();
        ensure(granted == self.samples.items.len(), format!("{granted} licenses were granted"))?;
        self.runner.print_note("demo-acquired", values![count = granted as u64]);

        let scanned = self.run(&["--home", "computer-a", "scan", "library"])?;
        let is_protected = |object: &&Value| object.get("protected") == Some(&Value::Bool(true));
        let protected = scanned.objects.iter().filter(is_protected).count();
        let expected = self.samples.items.len() as u64 + PUBLICATION_COUNT;
        ensure(protected as u64 == expected, format!("{protected} protected files were found"))?;
        let (known, shared) = count_key_ids(&scanned);
        ensure(shared == 1, format!("{shared} key IDs have two files"))?;
        self.runner.print_note("demo-scanned", values![files = protected as u64, keys = known as u64]);

        self.import_publication()?;

        let counted = self.sample(0)?;
        let file = counted.file();
        let mut left = PLAYS;
        for _ in 1..PLAYS {
            let used = self.run(&["--home", "computer-a", "can", &file, "--use"])?;
            left = used.member("left")?.as_u64().unwrap_or(PLAYS);
        }
        ensure(left == 1, format!("{left} plays are left"))?;
        self.runner.print_note("demo-used", values![title = counted.name(), used = PLAYS - left, left = left]);
        self.summary.set_computer(ComputerRow::new("A", granted as u64, 0, 0, ComputerOutcome::Complete));
        Ok(())
    }

    /// Imports the embedded license of the publication, which stays unchanged.
    fn import_publication(&mut self) -> Result<(), Failure> {
        self.run(&["--home", "computer-a", "roots", "add", publication::ROOT])?;
        let imported = self.run(&["--home", "computer-a", "import", "library"])?;
        ensure(imported.text_member("stored")? == "new", "the license inside the book was not imported")?;
        let signature = imported.text_member("signature")?;
        ensure(signature == "verified", format!("the signature inside the book is {signature}"))?;
        self.runner.print_note("demo-book-imported", values![title = publication::TITLE]);
        Ok(())
    }

    /// Puts the license back into the downloaded publication. Its identifier names it, independent of the file name.
    fn put_back_publication(&mut self, home: &str) -> Result<(), Failure> {
        let events = self.run(&["--home", home, "put-back", publication::DOWNLOADS, "--yes"])?;
        let is_book = |object: &&Value| object.get("put_back").and_then(Value::as_str) == Some("publication");
        let publication =
            events.objects.iter().find(is_book).ok_or_else(|| scenario_error("the license was put into no book"))?;
        ensure(
            text(publication, "done") == "written",
            format!("the license was not put into the book: {publication}"),
        )?;
        self.runner.print_note("demo-book-put-back", values![title = publication::TITLE]);
        let can = self.run(&["--home", home, "can", publication::FETCHED])?;
        ensure(can.member("allowed")? == &Value::Bool(true), "the book cannot be read")?;
        self.runner.print_note("demo-book-read", values![title = publication::TITLE]);
        Ok(())
    }

    fn back_up(&mut self) -> Result<(), Failure> {
        self.runner.print_chapter("demo-chapter-backup");
        let result = self.run(&["--home", "computer-a", "backup", "stick"])?;
        let mut keys = BTreeSet::new();
        let mut unknown = 0_u64;
        for (status, event) in result.events() {
            if status != "RESTRICTED_LICENSE" {
                self.runner.print_note("demo-event", values![status = status]);
                continue;
            }
            let text_of = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
            let titles = event.get("titles").and_then(Value::as_array).into_iter().flatten();
            let titles: Vec<String> = titles.filter_map(Value::as_str).map(str::to_owned).collect();
            keys.insert(text_of("key_id").to_owned());
            unknown += u64::from(titles.is_empty());
            if !self.runner.ui.is_json() {
                let key_id = text_of("key_id").parse().ok();
                let line = restricted_text(
                    &self.runner.ui,
                    &titles,
                    key_id.as_ref(),
                    text_of("license_id"),
                    text_of("reason"),
                );
                self.runner.print_note("demo-restricted", values![line = line.trim()]);
            }
        }
        let (backed_up, restricted) = (result.count("backed_up")?, result.count("restricted")?);
        ensure(
            backed_up == self.samples.allowed() + PUBLICATION_COUNT,
            format!("{backed_up} licenses were backed up"),
        )?;
        ensure(restricted == self.samples.restricted(), format!("{restricted} licenses were restricted"))?;
        ensure(keys.len() as u64 == restricted, "the restricted licenses were not told one by one")?;
        ensure(unknown == 1, format!("{unknown} restricted licenses have no title"))?;
        self.runner.print_note("demo-backed-up", values![count = backed_up, restricted = restricted]);
        (self.summary.backed_up, self.summary.restricted) = (backed_up, restricted);
        Ok(())
    }

    fn lose_computer(&mut self) -> Result<(), Failure> {
        self.runner.print_chapter("demo-chapter-lost");
        let item = self.sample(REVOKED)?;
        let license = self.licenses.get(REVOKED).cloned().unwrap_or_default();
        let reason = self.runner.ui.text("demo-reason", values![]);
        self.operate(&["revoke", &license, "--reason", &reason])?;
        self.runner.print_note("demo-revoked", values![title = item.name()]);
        let home = self.runner.folder.join("computer-a");
        self.runner.record_shell("rm -r computer-a");
        fs::remove_dir_all(&home).map_err(|error| io_failure(&home, &error))?;
        ensure(!home.exists(), "computer A is still there")?;
        self.runner.print_note("demo-lost", values![]);
        self.summary.mark_lost("A");
        Ok(())
    }

    /// Runs a restore, prints its events and checks their order.
    fn restore(&mut self, expected: Exit, arguments: &[&str], order: &[&str]) -> Result<CommandResult, Failure> {
        let result = self.runner.run(expected, arguments)?;
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
                    self.runner.print_note("demo-end", values);
                }
                (_, Some(url), _) => self.runner.print_note("demo-event-about", values![status = status, about = url]),
                (_, None, Some(service)) => {
                    self.runner.print_note("demo-event-about", values![status = status, about = service])
                }
                _ => self.runner.print_note("demo-event", values![status = status]),
            }
        }
        ensure(statuses == order, format!("the events came as {}", statuses.join(", ")))?;
        Ok(result)
    }

    /// Prints the service that a restore would ask: the facts for the user's consent.
    fn plan(&mut self, home: &str) -> Result<(), Failure> {
        let plan = self.run(&["--home", home, "restore", "stick", "--dry-run"])?;
        let services = plan.member("plan")?.get("services").and_then(Value::as_array).cloned().unwrap_or_default();
        let [service] = services.as_slice() else { return Err(scenario_error("not exactly one service is needed")) };
        let text = |name: &str| service.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        ensure(text("issuer") == self.issuer, "the backup names another service")?;
        ensure(service.get("registered") == Some(&Value::Bool(false)), "the computer is registered already")?;
        let values = values![name = text("name"), origin = text("origin"), fingerprint = fingerprint(&text("issuer"))];
        self.runner.print_note("demo-consent", values);
        Ok(())
    }

    fn restore_in_parts(&mut self) -> Result<(), Failure> {
        self.runner.print_chapter("demo-chapter-b");
        let (home, b) = ("--home", "computer-b");
        self.add_service(b)?;
        self.plan(b)?;
        // The first part has the counted license and not the revoked one.
        let part = self.licenses.iter().enumerate().filter(|(number, _)| *number != REVOKED);
        let part: Vec<&str> = part.map(|(_, license)| license.as_str()).take(FIRST_PART - 1).collect();
        let (count, part) = (part.len() as u64, part.join(","));
        let arguments = [home, b, "restore", "stick", "--register", "--name", "Computer B", "--only", &part];
        let first = self.restore(Exit::Done, &arguments, &SERVICE_EVENTS)?;
        let first_part = first.count("restored")?;
        ensure(first_part == count, format!("{first_part} licenses came in the first part"))?;

        self.service.kill_recorded(self.runner)?;
        self.runner.print_note("demo-killed", values![]);
        let rest = self.samples.allowed() - first_part;
        let second = self.restore(Exit::Partial, &[home, b, "restore", "stick"], &SERVICE_EVENTS)?;
        let (publications, pending) = (second.count("restored")?, second.count("pending")?);
        ensure(pending == rest, format!("{pending} licenses are pending"))?;
        ensure(publications == PUBLICATION_COUNT, format!("{publications} licenses came without the service"))?;
        self.runner.print_note("demo-pending", values![count = pending]);
        self.runner.print_note("demo-book-restored", values![title = publication::TITLE]);
        self.put_back_publication(b)?;

        self.service.start(self.runner)?;
        let third = self.restore(Exit::Partial, &[home, b, "restore", "stick"], &SERVICE_EVENTS)?;
        let (last_part, refused) = (third.count("restored")?, third.count("refused")?);
        ensure(last_part == rest - 1, format!("{last_part} licenses came in the second part"))?;
        ensure(refused == 1 && third.count("pending")? == 0, format!("{refused} licenses were refused"))?;
        ensure(outcomes(&third) == ["revoked"], "another license than the revoked one was refused")?;

        let (counted, revoked_license) = (self.sample(0)?, self.sample(REVOKED)?);
        let can = self.run(&[home, b, "can", &counted.file()])?;
        let left = can.member("left")?.as_u64();
        ensure(left == Some(1), format!("{left:?} plays are left on the new computer"))?;
        self.runner.print_note("demo-left", values![title = counted.name(), left = left.unwrap_or_default()]);
        let cannot = self.runner.run(Exit::Failed, &[home, b, "can", &revoked_license.file()])?;
        ensure(cannot.error_code() == "revoked", format!("the revoked one is refused as {}", cannot.error_code()))?;
        self.runner
            .print_note("demo-refused", values![title = revoked_license.name(), why = text(&cannot.error, "message")]);
        self.summary.plays_left = left.unwrap_or_default();
        let restored = first_part + publications + last_part;
        self.summary.set_computer(ComputerRow::new("B", 0, restored, refused, ComputerOutcome::Complete));
        Ok(())
    }

    /// Restores on computers C and D without a refusal. From the fifth computer on, the limit is reached.
    fn more_computers(&mut self) -> Result<(), Failure> {
        for number in 2..self.computers {
            let label = computer_label(number);
            let home = home_of(&label);
            let name = format!("Computer {label}");
            match number {
                2 => self.runner.print_chapter("demo-chapter-cd"),
                _ if number as usize == MAX_HOLDERS => self.runner.print_chapter("demo-chapter-e"),
                _ => {}
            }
            if number > MAX_UNCONFIRMED {
                self.confirm(&home_of(&computer_label(number - MAX_UNCONFIRMED)))?;
            }
            self.add_service(&home)?;
            let arguments = ["--home", &home, "restore", "stick", "--register", "--name", &name];
            if (number as usize) < MAX_HOLDERS {
                let result = self.restore(Exit::Partial, &arguments, &SERVICE_EVENTS)?;
                let (restored, refused) = (result.count("restored")?, result.count("refused")?);
                let all = self.samples.allowed() - 1 + PUBLICATION_COUNT;
                ensure(restored == all && refused == 1, format!("{restored} licenses came to {name}"))?;
                self.summary.set_computer(ComputerRow::new(&label, 0, restored, refused, ComputerOutcome::Complete));
                continue;
            }
            let mut order = SERVICE_EVENTS.to_vec();
            order.insert(1, "ERROR_WITHURL");
            // The license of the publication needs no service.
            let result = self.restore(Exit::Partial, &arguments, &order)?;
            let (restored, refused) = (result.count("restored")?, result.count("refused")?);
            ensure(
                restored == PUBLICATION_COUNT && refused == self.samples.allowed(),
                format!("{refused} licenses were refused to {name}"),
            )?;
            let limit = outcomes(&result).iter().filter(|outcome| *outcome == "limit").count() as u64;
            ensure(limit > 0, "none was refused for the limit")?;
            let url = result.events().find_map(|(_, event)| event.get("url")?.as_str()).unwrap_or_default().to_owned();
            let page = DemoService::page(&url)?;
            let holders: Vec<String> =
                (0..MAX_HOLDERS as u32).map(|at| format!("Computer {}", computer_label(at))).collect();
            let all = holders.iter().all(|holder| page.contains(holder.as_str()));
            ensure(all, format!("the page {url} does not name the computers that hold it"))?;
            self.runner.print_note("demo-limit", values![url = url, computers = holders.join(", ")]);
            self.summary.set_computer(ComputerRow::new(&label, 0, restored, refused, ComputerOutcome::Limit));
        }
        Ok(())
    }

    /// Confirms a computer, so that another unconfirmed one may register.
    fn confirm(&mut self, home: &str) -> Result<(), Failure> {
        let services = self.run(&["--home", home, "service", "list"])?;
        let registered =
            services.member("registered")?.as_array().and_then(|all| all.first()).cloned().unwrap_or_default();
        let computer = text(&registered, "computer");
        let variable = format!("ID_{}", home.replace('-', "_").to_uppercase());
        self.runner.script.capture(&variable, &computer, "field computer");
        self.operate(&["confirm", &self.holder.clone(), &computer])
    }

    fn release_lost(&mut self) -> Result<(), Failure> {
        self.runner.print_chapter("demo-chapter-release");
        self.operate(&["release", &self.holder.clone(), &self.computer_a.clone()])?;
        self.runner.print_note("demo-released", values![]);
        let fifth = computer_label(MAX_HOLDERS as u32);
        let home = home_of(&fifth);
        let result = self.restore(Exit::Partial, &["--home", &home, "restore", "stick"], &SERVICE_EVENTS)?;
        let (restored, refused) = (result.count("restored")?, result.count("refused")?);
        ensure(
            restored == self.samples.allowed() - 1 && refused == 1,
            format!("{restored} licenses came to the fifth computer"),
        )?;
        let restored = restored + PUBLICATION_COUNT;
        self.summary.set_computer(ComputerRow::new(&fifth, 0, restored, refused, ComputerOutcome::AfterRelease));
        Ok(())
    }
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

/// Returns the home of a computer.
fn home_of(label: &str) -> String {
    format!("computer-{}", label.to_lowercase())
}
