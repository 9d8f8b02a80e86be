//! `restow admin issue`

use std::io::Read as _;
use std::path::Path;

use restow::license::{DocumentError, Limits, Right, Rights};
use restow::service::AcquisitionLink;
use restow::service::protocol::admin::{IssueAnswer, IssueRequest};
use restow::service::protocol::{MAX_BODY, MAX_LICENSES, Terms};
use restow::{Clock as _, SystemClock};
use restow_service::{TermsError, check_not_expired, check_terms};

use super::{CommandError, Context, Exit, Failure, client::Client, ids, print_object, values};
use crate::args::AdminIssue;
use crate::output::{Tone, Ui};

pub(super) fn run(context: &Context, args: &AdminIssue) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let licenses = match &args.file {
        Some(file) => read_terms(ui, file)?,
        None => vec![single_terms(args)?],
    };
    let client = Client::from_operator(&args.operator)?;
    let holder = args.holder.as_deref().map(|prefix| ids::find_holder(&client, prefix)).transpose()?;
    let request = IssueRequest {
        licenses,
        holder,
        reference: args.reference.clone(),
        note: args.note.clone(),
        link_days: args.link_days,
    };
    let issued: IssueAnswer = client.call("issue", &request)?;
    print_object!(ui, "offer", {
        "offer": issued.offer, "link": issued.link, "link_expires": restow::rfc3339(issued.link_expires),
        "licenses": issued.licenses,
    });
    ui.print_styled(Tone::Good, "admin-issued", values![count = issued.licenses.len() as u64]);
    if !ui.is_json() {
        ui.print_line(&issued.link);
    }
    let service = AcquisitionLink::parse(&issued.link)?.origin;
    if service.is_private() {
        ui.print("admin-issued-add", values![url = service.to_string()]);
    }
    ui.print("admin-issued-next", values![at = ui.time(issued.link_expires)]);
    Ok(Exit::Done)
}

/// Reads the terms in a file, or from standard input for `-`.
fn read_terms(ui: &Ui, file: &Path) -> Result<Vec<Terms>, Failure> {
    let limit = MAX_BODY as u64;
    let mut text = String::new();
    let is_stdin = file.as_os_str() == "-";
    let source = if is_stdin { ui.text("word-stdin", values![]) } else { file.display().to_string() };
    let size = if is_stdin {
        std::io::stdin().take(limit).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(limit).read_to_string(&mut text))
    };
    size.map_err(|error| Failure::new(CommandError::Terms).with("path", &source).with_cause(&error))?;
    let mut licenses: Vec<Terms> = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| parse_failure(&source, &text, error))?;
    if !(1..=MAX_LICENSES).contains(&licenses.len()) {
        return Err(Failure::new(CommandError::TermsNumber).with("path", &source).with("most", MAX_LICENSES));
    }
    for (n, terms) in licenses.iter_mut().enumerate() {
        let checked = check_terms(terms).and_then(|()| check_not_expired(terms, SystemClock.now()));
        checked.map_err(|error| terms_failure(&format!("{source}[{n}]"), &error))?;
    }
    Ok(licenses)
}

/// Converts a JSON error of terms and locates it.
fn parse_failure(source: &str, text: &str, error: serde_json::Error) -> Failure {
    let (line, column) = (error.line(), error.column());
    let failure = match DocumentError::from(error) {
        DocumentError::Missing(name) => Failure::new(CommandError::TermsMissing).with("name", name),
        DocumentError::InvalidValue { detail, .. } => {
            let unknown = detail.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
            match (unknown, json_member_at(text, line, column)) {
                (Some(name), _) => Failure::new(CommandError::TermsUnknown).with("name", name),
                (None, Some(name)) => Failure::new(CommandError::TermsShape).with("name", name),
                (None, None) => Failure::new(CommandError::TermsList),
            }
        }
        _ => Failure::new(CommandError::TermsJson),
    };
    failure.with("path", source).with("line", line).with("column", column)
}

/// Returns the name of the member at a position of a JSON text: the last name before the position.
fn json_member_at(text: &str, line: usize, column: usize) -> Option<&str> {
    let before: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let end = text.floor_char_boundary(before.saturating_add(column));
    let prefix = text.get(..end)?;
    prefix.rmatch_indices(':').find_map(|(at, _)| prefix.get(..at)?.trim_end().strip_suffix('"')?.rsplit('"').next())
}

/// Converts an error in terms and locates it. No terms were sent.
fn terms_failure(place: &str, error: &TermsError) -> Failure {
    Failure::from_message(error.into(), error.hresult()).at(place)
}

fn single_terms(args: &AdminIssue) -> Result<Terms, Failure> {
    let key_ids = args.key_id.iter().map(|text| Ok(super::ids::parse_key_id(text)?.to_string()));
    let mut rights = Rights::new();
    for text in &args.right {
        let invalid_count = |count: &str| {
            Failure::new(CommandError::UsageCount).with("right", text).with("number", count).exit(Exit::Usage)
        };
        let unknown_right = || Failure::new(CommandError::UsageRight).with("right", text).exit(Exit::Usage);
        let (name, count) = match text.split_once('=') {
            Some((name, count)) => (name, Some(count.parse().map_err(|_| invalid_count(count))?)),
            None => (text.as_str(), None),
        };
        if rights
            .insert(Right::from_name(name).ok_or_else(unknown_right)?, Limits { count, ..Limits::default() })
            .is_some()
        {
            return Err(Failure::new(CommandError::RightTwice).with("right", name).exit(Exit::Usage));
        }
    }
    if args.backup {
        rights.insert(Right::BACKUP, Limits::default());
    }
    let mut terms = Terms {
        key_ids: key_ids.collect::<Result<_, Failure>>()?,
        title: args.title.clone(),
        rights,
        priority: 0,
        not_before: args.not_before,
        expires: args.expires,
        unreported: None,
        limit: args.computers,
    };
    check_terms(&mut terms)
        .and_then(|()| check_not_expired(&terms, SystemClock.now()))
        .map_err(|error| terms_failure("admin issue", &error).exit(Exit::Usage))?;
    Ok(terms)
}
