//! Completion of IDs from prefixes, as `admin list` prints them, from references, and from names of computers.

use restow::KeyId;
use restow::service::protocol::admin::{ComputerRequest, ListAnswer, ListRequest, ListSubject};
use serde_json::Value;

use super::{
    CommandError, Exit, Failure,
    client::{Client, JsonMembers},
};
use crate::args::HolderComputer;

/// Length of a thumbprint, which is the ID of a holder or a computer.
const THUMBPRINT_LEN: usize = 43;
/// Length of the ID of a license or an offer, which the service creates.
const CREATED_ID_LEN: usize = 32;
/// Minimum length of a prefix.
const MIN_ID_PREFIX: usize = 6;

/// Finds a holder by ID, prefix or reference.
pub(super) fn find_holder(client: &Client, text: &str) -> Result<String, Failure> {
    find_with_reference(client, ListSubject::Holders, THUMBPRINT_LEN, text)
}

/// Finds an offer by ID, prefix or reference.
pub(super) fn find_offer(client: &Client, text: &str) -> Result<String, Failure> {
    find_with_reference(client, ListSubject::Offers, CREATED_ID_LEN, text)
}

pub(super) fn find_license(client: &Client, prefix: &str) -> Result<String, Failure> {
    complete_id(client, ListSubject::Licenses, CREATED_ID_LEN, prefix)?.ok_or_else(|| none_such(prefix))
}

fn none_such(text: &str) -> Failure {
    Failure::new(CommandError::AdminNoneSuch).with("name", text)
}

fn too_short(text: &str) -> Failure {
    Failure::new(CommandError::IdTooShort).with("name", text).with("least", MIN_ID_PREFIX)
}

fn ambiguous(text: &str) -> Failure {
    Failure::new(CommandError::AdminSeveral).with("name", text)
}

fn find_with_reference(client: &Client, what: ListSubject, full_len: usize, text: &str) -> Result<String, Failure> {
    // A reference may be as short as the beginning of an ID.
    let is_id = text.len() >= MIN_ID_PREFIX;
    if let Some(id) = is_id.then(|| complete_id(client, what, full_len, text)).transpose()?.flatten() {
        return Ok(id);
    }
    let has_reference = |row: &JsonMembers| {
        let several = row.get("references").and_then(Value::as_array).into_iter().flatten();
        row.get("reference").into_iter().chain(several).any(|reference| reference.as_str() == Some(text))
    };
    let mut matches = Vec::new();
    client.list(ListRequest { search: Some(text.to_owned()), ..ListRequest::new(what) }, |rows| {
        let ids = rows.iter().filter(|row| has_reference(row)).filter_map(|row| row.get("id")?.as_str());
        matches.extend(ids.map(str::to_owned));
        true
    })?;
    match (matches.pop(), matches.is_empty()) {
        (Some(id), true) => Ok(id),
        (Some(_), false) => Err(ambiguous(text)),
        (None, _) => complete_id(client, what, full_len, text)?.ok_or_else(|| none_such(text)),
    }
}

/// Completes a prefix to an ID. Lists are sorted by ID, so the match is the first entry after the prefix.
fn complete_id(client: &Client, what: ListSubject, full_len: usize, prefix: &str) -> Result<Option<String>, Failure> {
    if prefix.len() == full_len {
        return Ok(Some(prefix.to_owned()));
    }
    let page: ListAnswer =
        client.call("list", &ListRequest { after: Some(prefix.to_owned()), ..ListRequest::new(what) })?;
    let mut ids = page.rows.iter().filter_map(|row| row.get("id").and_then(Value::as_str));
    match (ids.next().filter(|id| id.starts_with(prefix)), ids.next().filter(|id| id.starts_with(prefix))) {
        (Some(_), _) if prefix.len() < MIN_ID_PREFIX => Err(too_short(prefix)),
        (Some(id), None) => Ok(Some(id.to_owned())),
        (Some(_), Some(_)) => Err(ambiguous(prefix)),
        (None, _) => Ok(None),
    }
}

/// Finds a holder and its computer. Among computers with the same name, the one that is not released is used.
pub(super) fn find_computer(client: &Client, target: &HolderComputer) -> Result<ComputerRequest, Failure> {
    let holder = find_holder(client, &target.holder)?;
    let prefix = target.computer.as_str();
    if prefix.len() == THUMBPRINT_LEN {
        return Ok(ComputerRequest { holder, computer: prefix.to_owned() });
    }
    let mut matches: Vec<(String, bool)> = Vec::new();
    let mut is_short = false;
    let request = ListRequest { holder: Some(holder.clone()), ..ListRequest::new(ListSubject::Computers) };
    client.list(request, |rows| {
        for row in rows {
            let text = |name: &str| row.get(name).and_then(Value::as_str);
            let id = text("computer").unwrap_or_default();
            let has_prefix = id.starts_with(prefix);
            is_short |= has_prefix && prefix.len() < MIN_ID_PREFIX;
            if text("name") == Some(prefix) || (has_prefix && prefix.len() >= MIN_ID_PREFIX) {
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
        None if is_short => Err(too_short(prefix)),
        None => Err(none_such(prefix)),
    }
}

/// Parses a key ID.
pub(super) fn parse_key_id(text: &str) -> Result<KeyId, Failure> {
    text.parse().map_err(|_| Failure::new(CommandError::KeyId).with("key", text).exit(Exit::Usage))
}
