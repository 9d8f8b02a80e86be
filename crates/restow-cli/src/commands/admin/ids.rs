//! Completion of IDs from prefixes, as `admin list` prints them, and from names of computers.

use restow::KeyId;
use restow::service::protocol::admin::{ComputerRequest, ListAnswer, ListRequest, ListSubject};
use serde_json::Value;

use super::{CommandError, Exit, Failure, client::Client};
use crate::args::HolderComputer;

/// Length of a thumbprint, which is the ID of a holder or a computer.
const THUMBPRINT_LEN: usize = 43;
/// Length of a license ID that the service creates.
const LICENSE_ID_LEN: usize = 32;
/// Minimum length of a prefix.
const MIN_ID_PREFIX: usize = 6;

pub(super) fn find_holder(client: &Client, prefix: &str) -> Result<String, Failure> {
    complete_id(client, ListSubject::Holders, THUMBPRINT_LEN, prefix)
}

pub(super) fn find_license(client: &Client, prefix: &str) -> Result<String, Failure> {
    complete_id(client, ListSubject::Licenses, LICENSE_ID_LEN, prefix)
}

/// Completes a prefix to an ID. Lists are sorted by ID, so the match is the first entry after the prefix.
fn complete_id(client: &Client, what: ListSubject, full_len: usize, prefix: &str) -> Result<String, Failure> {
    if prefix.len() >= full_len {
        return Ok(prefix.to_owned());
    }
    let no_match = || Failure::new(CommandError::AdminNoneSuch).with("name", prefix);
    if prefix.len() < MIN_ID_PREFIX {
        return Err(no_match());
    }
    let page: ListAnswer = client.call("list", &ListRequest { what, after: Some(prefix.to_owned()), holder: None })?;
    let mut ids = page.rows.iter().filter_map(|row| row.get("id").and_then(Value::as_str));
    match (ids.next().filter(|id| id.starts_with(prefix)), ids.next().filter(|id| id.starts_with(prefix))) {
        (Some(id), None) => Ok(id.to_owned()),
        (Some(_), Some(_)) => Err(ambiguous(prefix)),
        (None, _) => Err(no_match()),
    }
}

fn ambiguous(prefix: &str) -> Failure {
    Failure::new(CommandError::AdminSeveral).with("name", prefix)
}

/// Finds a holder and its computer. Among computers with the same name, the one that is not released is used.
pub(super) fn find_computer(client: &Client, target: &HolderComputer) -> Result<ComputerRequest, Failure> {
    let holder = find_holder(client, &target.holder)?;
    let prefix = target.computer.as_str();
    if prefix.len() == THUMBPRINT_LEN {
        return Ok(ComputerRequest { holder, computer: prefix.to_owned() });
    }
    let mut matches: Vec<(String, bool)> = Vec::new();
    client.list(ListSubject::Computers, Some(&holder), |rows| {
        for row in rows {
            let text = |name: &str| row.get(name).and_then(Value::as_str);
            let id = text("computer").unwrap_or_default();
            if text("name") == Some(prefix) || (prefix.len() >= MIN_ID_PREFIX && id.starts_with(prefix)) {
                matches.push((id.to_owned(), row.contains_key("released_at")));
            }
        }
        true
    })?;
    if matches.len() > 1 {
        matches.retain(|(_, released)| !released);
        if matches.len() != 1 {
            return Err(ambiguous(prefix));
        }
    }
    match matches.pop() {
        Some((computer, _)) => Ok(ComputerRequest { holder, computer }),
        None => Err(Failure::new(CommandError::AdminNoneSuch).with("name", prefix)),
    }
}

/// Parses a key ID.
pub(super) fn parse_key_id(text: &str) -> Result<KeyId, Failure> {
    text.parse().map_err(|_| Failure::new(CommandError::KeyId).with("key", text).exit(Exit::Usage))
}
