//! `restow computer`

use restow::Home;
use restow::service::protocol::{ComputerInfo, NoticeCode};
use restow::service::{AcquisitionLink, computers};
use restow::store::Registration;
use serde_json::{Value, json};

use super::service::find_pinned;
use super::status::print_notice;
use super::{CommandError, Context, Exit, Failure, interrupt, only_match, print_object, values};
use crate::args::{ComputerAction, ComputerRelease, OneComputer, Register};
use crate::output::{Table, Tone, Ui, confirmation_id, short_id};

/// Length of a computer ID in characters.
const COMPUTER_ID_LEN: usize = 43;
/// Minimum length of a prefix that identifies a computer.
const MIN_ID_PREFIX: usize = 6;

pub(super) fn run(context: &Context, action: Option<ComputerAction>) -> Result<Exit, Failure> {
    match action.unwrap_or(ComputerAction::Show) {
        ComputerAction::Show => show(context),
        ComputerAction::Register(args) => register(context, &args),
        ComputerAction::Release(args) => release(context, &args),
        ComputerAction::Confirm(args) => confirm(context, &args),
        ComputerAction::Refuse(args) => refuse(context, &args),
        ComputerAction::WithdrawKey(args) => withdraw(context, &args),
    }
}

/// Returns a name for this computer. The host name is not used, because it may identify the user.
pub(super) fn default_name(home: &Home, issuer: &str) -> Result<String, Failure> {
    let incarnation = home.store()?.view().service(issuer)?.map_or(0, |service| service.incarnation);
    let id = home.computer()?.keys(issuer, incarnation).computer_id();
    Ok(format!("computer {}", id.chars().take(MIN_ID_PREFIX).collect::<String>()))
}

fn print_registration_object(ui: &Ui, service: &str, registration: &Registration, computers: Option<&[ComputerInfo]>) {
    print_object!(ui, "registration", {
        "service": service, "issuer": registration.issuer, "holder": registration.holder,
        "computer": registration.computer, "confirmed": registration.confirmed,
        "computers": computers.map(|computers| computers.iter().map(computer_object).collect::<Vec<_>>()),
    });
}

fn computer_object(computer: &ComputerInfo) -> Value {
    json!({
        "computer": computer.computer, "name": computer.name, "confirmed": computer.confirmed,
        "confirms_at": computer.confirms_at.map(restow::rfc3339), "registered": restow::rfc3339(computer.registered),
        "last_seen": restow::rfc3339(computer.last_seen), "this": computer.this, "joined_by": computer.joined_by,
        "release_at": computer.release_at.map(restow::rfc3339), "licenses": computer.licenses,
    })
}

/// Registers this computer with a service and prints the result.
pub(super) fn register_with(
    ui: &Ui,
    home: &Home,
    issuer: &str,
    name: Option<&str>,
    link: Option<&AcquisitionLink>,
) -> Result<Registration, Failure> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => default_name(home, issuer)?,
    };
    let mut store = home.store()?;
    let cancel = interrupt::cancel_token();
    let registration = match link {
        Some(link) => restow::service::register_for_link(home, &mut store, link, &name, &cancel)?,
        None => restow::service::register(home, &mut store, issuer, &name, &cancel)?,
    };
    ui.print_styled(Tone::Good, "computer-registered", values![name = name, computer = registration.computer.as_str()]);
    Ok(registration)
}

fn register(context: &Context, args: &Register) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let service = find_pinned(&home.store()?, args.service.as_deref())?;
    let registration = register_with(ui, &home, service.issuer(), args.name.as_deref(), None)?;
    print_registration_object(ui, &service.key_set.set().name, &registration, None);
    Ok(Exit::Done)
}

fn show(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let registrations = home.store()?.view().registrations(None)?;
    if registrations.is_empty() {
        ui.print("computer-none", values![]);
    }
    let listed = computers::list(&home, None, &interrupt::cancel_token())?;
    for holder in &listed.holders {
        print_registration(ui, &holder.service, &holder.registration, Some(&holder.computers));
        ui.print_table(&computer_table(ui, &holder.computers));
    }
    // The stored registration is shown even if the service cannot be reached.
    let exit = if listed.unreachable.is_empty() { Exit::Done } else { Exit::Failed };
    for holder in listed.unreachable {
        print_registration(ui, &holder.service, &holder.registration, None);
        ui.print_failure(&holder.error.into());
    }
    for (issuer, notice) in home.store()?.view().notices()? {
        print_notice(ui, &issuer, &notice);
    }
    Ok(exit)
}

fn print_registration(ui: &Ui, service: &str, registration: &Registration, computers: Option<&[ComputerInfo]>) {
    print_registration_object(ui, service, registration, computers);
    ui.print_styled(Tone::Strong, "service-name", values![name = service]);
    ui.print("computer-this", values![computer = registration.computer.as_str()]);
    ui.print("computer-holder", values![holder = registration.holder.as_str()]);
    if !registration.confirmed {
        ui.print_styled(
            Tone::Warning,
            "computer-unconfirmed",
            values![computer = confirmation_id(&registration.computer)],
        );
    }
}

fn computer_table(ui: &Ui, computers: &[ComputerInfo]) -> Table {
    let columns = ["column-computer", "column-id", "column-state", "column-licenses", "column-seen"];
    let mut table = Table::new(ui.texts(), &columns);
    for computer in computers {
        let state = match computer {
            ComputerInfo { release_at: Some(at), .. } => ui.text("computer-releasing", values![at = ui.time(*at)]),
            ComputerInfo { confirmed: false, confirms_at: Some(at), .. } => {
                ui.text("computer-confirms", values![at = ui.time(*at)])
            }
            ComputerInfo { confirmed: false, .. } => ui.text("word-unconfirmed", values![]),
            ComputerInfo { confirmed: true, .. } => ui.text("word-confirmed", values![]),
        };
        let name = if computer.this {
            ui.text("computer-this-name", values![name = computer.name.as_str()])
        } else {
            computer.name.clone()
        };
        table.row([
            name,
            short_id(&computer.computer),
            state,
            computer.licenses.to_string(),
            ui.time(computer.last_seen),
        ]);
    }
    table
}

/// Finds a computer by its name or a prefix of its ID, and the registration that may manage it.
fn find_computer(context: &Context, name_or_id: &str) -> Result<(Home, Registration, ComputerInfo), Failure> {
    let home = context.home()?;
    let mut matches = Vec::new();
    let mut is_short = false;
    let listed = computers::list(&home, None, &interrupt::cancel_token())?;
    for holder in listed.holders {
        for computer in holder.computers {
            let has_prefix = computer.computer.starts_with(name_or_id);
            is_short |= has_prefix && name_or_id.len() < MIN_ID_PREFIX;
            let by_id = has_prefix && name_or_id.len() >= MIN_ID_PREFIX;
            if by_id || computer.name == name_or_id {
                matches.push((holder.registration.clone(), computer));
            }
        }
    }
    // The computer may belong to a service that did not answer.
    if let (true, Some(unreachable)) = (matches.is_empty(), listed.unreachable.into_iter().next()) {
        return Err(unreachable.error.into());
    }
    if matches.is_empty() && is_short {
        return Err(Failure::new(CommandError::IdTooShort).with("name", name_or_id).with("least", MIN_ID_PREFIX));
    }
    let (registration, computer) =
        only_match(matches, ("name", name_or_id), CommandError::NoSuchComputer, CommandError::WhichComputer)?;
    Ok((home, registration, computer))
}

fn release(context: &Context, args: &ComputerRelease) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let (home, registration, computer) = find_computer(context, &args.computer.computer)?;
    let name = computer.name.as_str();
    let is_agreed = if computer.this {
        ui.confirm_or_yes(args.yes, "computer-release-ask", values![name = name])?
    } else {
        ui.confirm_or_yes(args.yes, "computer-release-other-ask", values![name = name, count = computer.licenses])?
    };
    if !is_agreed {
        ui.print("nothing-changed", values![]);
        return Ok(Exit::Failed);
    }
    let confirm = || !computer.this && !args.yes && ui.ask("computer-withdraw-ask", values![name = name]);
    let withdraw = args.withdraw_keys || confirm();
    // The keys are withdrawn first: a released computer may not withdraw its own keys.
    if withdraw {
        computers::withdraw_restore_keys(&home, &registration, &computer.computer, &interrupt::cancel_token())?;
        ui.print("computer-keys-withdrawn", values![name = name]);
    }
    let released = computers::release(&home, &registration, &computer.computer, &interrupt::cancel_token())?;
    let at = restow::rfc3339(released.at);
    print_object!(ui, "released_computer", {
        "computer": computer.computer, "released": released.released, "at": at, "keys_withdrawn": withdraw,
    });
    let id = if released.released { "computer-released" } else { "computer-release-waits" };
    ui.print(id, values![name = name, at = ui.time(released.at)]);
    if !withdraw {
        ui.print("computer-keys-work", values![computer = short_id(&computer.computer)]);
    }
    Ok(Exit::Done)
}

fn confirm(context: &Context, args: &OneComputer) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let (home, registration, computer) = find_computer(context, &args.computer)?;
    computers::confirm(&home, &registration, &computer.computer, &interrupt::cancel_token())?;
    print_object!(ui, "confirmed_computer", {"computer": computer.computer, "confirmed": true});
    ui.print("computer-confirmed", values![name = computer.name.as_str()]);
    Ok(Exit::Done)
}

fn refuse(context: &Context, args: &OneComputer) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let (home, registration, computer) = find_computer(context, &args.computer)?;
    let name = computer.name.as_str();
    if computer.confirmed && computer.release_at.is_none() {
        let failure = Failure::new(CommandError::NothingToRefuse).with("name", name);
        return Err(failure.with("computer", short_id(&computer.computer)));
    }
    computers::refuse(&home, &registration, &computer.computer, &interrupt::cancel_token())?;
    print_object!(ui, "refused_computer", {"computer": computer.computer, "refused": true});
    // For a confirmed computer, or this one, the refusal concerns the pending release.
    let is_release = computer.release_at.is_some() && (computer.confirmed || computer.this);
    ui.print(if is_release { "computer-release-refused" } else { "computer-refused" }, values![name = name]);
    Ok(Exit::Done)
}

fn withdraw(context: &Context, args: &OneComputer) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let (home, registration, computer, name) = match find_computer(context, &args.computer) {
        Ok((home, registration, found)) => (home, registration, found.computer, found.name),
        Err(failure) if failure.error == Some(CommandError::NoSuchComputer) => {
            let home = context.home()?;
            let (registration, computer, name) = find_released(&home, &args.computer)?.ok_or(failure)?;
            (home, registration, computer, name)
        }
        Err(failure) => return Err(failure),
    };
    let epoch = computers::withdraw_restore_keys(&home, &registration, &computer, &interrupt::cancel_token())?;
    print_object!(ui, "withdrawn_keys", {"computer": computer, "epoch": epoch});
    ui.print("computer-withdrawn", values![name = name]);
    Ok(Exit::Done)
}

/// Finds a released computer: by its name or a prefix of its ID if a notice names it, or else by its complete
/// ID. Also returns the registration that may manage it.
fn find_released(home: &Home, name_or_id: &str) -> Result<Option<(Registration, String, String)>, Failure> {
    let store = home.store()?;
    let mut registrations = store.view().registrations(None)?;
    let mut notices = store.view().notices()?;
    notices.retain(|(_, notice)| {
        let by_id = name_or_id.len() >= MIN_ID_PREFIX && notice.computer.starts_with(name_or_id);
        notice.code == NoticeCode::ComputerReleased && (by_id || notice.name == name_or_id)
    });
    notices.sort_by(|a, b| (&a.0, &a.1.computer).cmp(&(&b.0, &b.1.computer)));
    notices.dedup_by(|a, b| (&a.0, &a.1.computer) == (&b.0, &b.1.computer));
    let is_ambiguous = notices.len() > 1;
    if let Some((issuer, notice)) = notices.pop() {
        registrations.retain(|registration| registration.issuer == issuer);
        return match registrations.pop() {
            Some(_) if is_ambiguous => Err(Failure::new(CommandError::WhichComputer).with("name", name_or_id)),
            Some(registration) => Ok(Some((registration, notice.computer, notice.name))),
            None => Ok(None),
        };
    }
    let registration = registrations.pop().filter(|_| registrations.is_empty() && name_or_id.len() == COMPUTER_ID_LEN);
    Ok(registration.map(|registration| (registration, name_or_id.to_owned(), short_id(name_or_id))))
}
