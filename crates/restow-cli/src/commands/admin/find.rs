//! What an operator means by the beginning of an ID, as `admin list` prints it, or by a computer's name.

use restow::service::protocol::admin::{List, ListWhat, Listed};
use serde_json::Value;

use super::client::Client;
use crate::args::HolderComputer;
use crate::failure::Failure;

/// The length of a thumbprint: a holder's and a computer's ID.
const THUMBPRINT: usize = 43;
/// The length of a license's ID as the service gives it.
const LICENSE: usize = 32;
/// The shortest beginning of an ID that is taken for the whole.
const SHORTEST: usize = 6;

pub(super) fn holder(client: &Client, meant: &str) -> Result<String, Failure> {
    beginning(client, ListWhat::Holders, THUMBPRINT, meant)
}

pub(super) fn license(client: &Client, meant: &str) -> Result<String, Failure> {
    beginning(client, ListWhat::Licenses, LICENSE, meant)
}

/// The ID that begins so. Lists are in the order of IDs: it is the first after its own beginning.
fn beginning(client: &Client, what: ListWhat, whole: usize, meant: &str) -> Result<String, Failure> {
    if meant.len() >= whole {
        return Ok(meant.to_owned());
    }
    let none = || Failure::own("admin-none-such").with("name", meant);
    if meant.len() < SHORTEST {
        return Err(none());
    }
    let page: Listed = client.call("list", &List { what, after: Some(meant.to_owned()), holder: None })?;
    let mut ids = page.rows.iter().filter_map(|row| row.get("id").and_then(Value::as_str));
    match (ids.next().filter(|id| id.starts_with(meant)), ids.next().filter(|id| id.starts_with(meant))) {
        (Some(id), None) => Ok(id.to_owned()),
        (Some(_), Some(_)) => Err(several(meant)),
        (None, _) => Err(none()),
    }
}

fn several(meant: &str) -> Failure {
    Failure::own("admin-several").with("name", meant)
}

/// A holder and its computer; of several of one name the one that is not released.
pub(super) fn computer(client: &Client, which: &HolderComputer) -> Result<(String, String), Failure> {
    let holder = holder(client, &which.holder)?;
    let meant = which.computer.as_str();
    if meant.len() == THUMBPRINT {
        return Ok((holder, meant.to_owned()));
    }
    let mut found: Vec<(String, bool)> = Vec::new();
    let mut after = None;
    loop {
        let list = List { what: ListWhat::Computers, after: after.take(), holder: Some(holder.clone()) };
        let page: Listed = client.call("list", &list)?;
        let text = |row: usize, name: &str| page.rows.get(row)?.get(name)?.as_str();
        for (n, row) in page.rows.iter().enumerate() {
            let id = text(n, "computer").unwrap_or_default();
            if text(n, "name") == Some(meant) || (meant.len() >= SHORTEST && id.starts_with(meant)) {
                found.push((id.to_owned(), row.contains_key("released_at")));
            }
        }
        after = page.rows.len().checked_sub(1).and_then(|last| text(last, "id")).map(str::to_owned);
        if !page.more || after.is_none() {
            break;
        }
    }
    if found.len() > 1 {
        found.retain(|(_, released)| !released);
        if found.len() != 1 {
            return Err(several(meant));
        }
    }
    match found.pop() {
        Some((id, _)) => Ok((holder, id)),
        None => Err(Failure::own("admin-none-such").with("name", meant)),
    }
}
