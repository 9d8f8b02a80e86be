//! What an operator means by the beginning of an ID, as `admin list` prints it, or by a computer's name.

use restow::KeyId;
use restow::service::protocol::admin::{List, ListWhat, Listed};
use serde_json::Value;

use super::client::Client;
use crate::args::HolderComputer;
use crate::failure::{Exit, Failure};

/// The length of a thumbprint: a holder's and a computer's ID.
const THUMBPRINT_LEN: usize = 43;
/// The length of a license's ID as the service gives it.
const LICENSE_ID_LEN: usize = 32;
/// The shortest beginning of an ID that is taken for the whole.
const MIN_ID_PREFIX: usize = 6;

pub(super) fn find_holder(client: &Client, prefix: &str) -> Result<String, Failure> {
    complete_id(client, ListWhat::Holders, THUMBPRINT_LEN, prefix)
}

pub(super) fn find_license(client: &Client, prefix: &str) -> Result<String, Failure> {
    complete_id(client, ListWhat::Licenses, LICENSE_ID_LEN, prefix)
}

/// The ID that begins so. Lists are in the order of IDs: it is the first after its own beginning.
fn complete_id(client: &Client, what: ListWhat, full_len: usize, prefix: &str) -> Result<String, Failure> {
    if prefix.len() >= full_len {
        return Ok(prefix.to_owned());
    }
    let no_match = || Failure::cli_error("admin-none-such").with("name", prefix);
    if prefix.len() < MIN_ID_PREFIX {
        return Err(no_match());
    }
    let page: Listed = client.call("list", &List { what, after: Some(prefix.to_owned()), holder: None })?;
    let mut ids = page.rows.iter().filter_map(|row| row.get("id").and_then(Value::as_str));
    match (ids.next().filter(|id| id.starts_with(prefix)), ids.next().filter(|id| id.starts_with(prefix))) {
        (Some(id), None) => Ok(id.to_owned()),
        (Some(_), Some(_)) => Err(ambiguous(prefix)),
        (None, _) => Err(no_match()),
    }
}

fn ambiguous(prefix: &str) -> Failure {
    Failure::cli_error("admin-several").with("name", prefix)
}

/// A holder and its computer; of several of one name the one that is not released.
pub(super) fn find_computer(client: &Client, target: &HolderComputer) -> Result<(String, String), Failure> {
    let holder = find_holder(client, &target.holder)?;
    let prefix = target.computer.as_str();
    if prefix.len() == THUMBPRINT_LEN {
        return Ok((holder, prefix.to_owned()));
    }
    let mut matches: Vec<(String, bool)> = Vec::new();
    let mut after = None;
    loop {
        let list = List { what: ListWhat::Computers, after: after.take(), holder: Some(holder.clone()) };
        let page: Listed = client.call("list", &list)?;
        let text = |row: usize, name: &str| page.rows.get(row)?.get(name)?.as_str();
        for (n, row) in page.rows.iter().enumerate() {
            let id = text(n, "computer").unwrap_or_default();
            if text(n, "name") == Some(prefix) || (prefix.len() >= MIN_ID_PREFIX && id.starts_with(prefix)) {
                matches.push((id.to_owned(), row.contains_key("released_at")));
            }
        }
        after = page.rows.len().checked_sub(1).and_then(|last| text(last, "id")).map(str::to_owned);
        if !page.more || after.is_none() {
            break;
        }
    }
    if matches.len() > 1 {
        matches.retain(|(_, released)| !released);
        if matches.len() != 1 {
            return Err(ambiguous(prefix));
        }
    }
    match matches.pop() {
        Some((id, _)) => Ok((holder, id)),
        None => Err(Failure::cli_error("admin-none-such").with("name", prefix)),
    }
}

/// The key ID that an operator means.
pub(super) fn parse_key_id(text: &str) -> Result<KeyId, Failure> {
    text.parse().map_err(|_| Failure::cli_error("key-id").with("key", text).exit(Exit::Usage))
}
