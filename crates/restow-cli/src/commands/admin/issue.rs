//! `restow admin issue`

use std::io::Read as _;
use std::path::Path;

use restow::KeyId;
use restow::license::{Limits, Right, Rights};
use restow::service::protocol::admin::{Issue, Issued};
use restow::service::protocol::{MAX_BODY, Terms};

use super::super::Context;
use super::client::Client;
use crate::args::AdminIssue;
use crate::failure::{Exit, Failure};
use crate::output::Tone;
use crate::texts::values;

pub(super) fn run(context: &Context, args: &AdminIssue) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let licenses = match &args.file {
        Some(file) => read(file)?,
        None => vec![single(args)?],
    };
    let issue = Issue { licenses, holder: args.holder.clone() };
    let issued: Issued = Client::of(&args.operator)?.call("issue", &issue)?;
    ui.object(&issued);
    ui.tell(Tone::Good, "admin-issued", values![count = issued.licenses.len() as u64]);
    if !ui.json() {
        ui.line(&issued.link);
    }
    ui.say("admin-issued-next", values![]);
    Ok(Exit::Done)
}

/// The terms in a file, or on standard input for `-`.
fn read(file: &Path) -> Result<Vec<Terms>, Failure> {
    let wrong = |why: String| Failure::own("terms").with("path", file.display()).with("why", why);
    let limit = MAX_BODY as u64;
    let mut text = String::new();
    let size = if file.as_os_str() == "-" {
        std::io::stdin().take(limit).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|opened| opened.take(limit).read_to_string(&mut text))
    };
    size.map_err(|error| wrong(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| wrong(error.to_string()))
}

fn single(args: &AdminIssue) -> Result<Terms, Failure> {
    let key_ids = args.key_id.iter().map(|text| match text.parse::<KeyId>() {
        Ok(key_id) => Ok(key_id.to_string()),
        Err(_) => Err(Failure::own("key-id").with("key", text).exit(Exit::Usage)),
    });
    let mut rights = Rights::new();
    for text in &args.right {
        let wrong = || Failure::own("usage-right").with("right", text).exit(Exit::Usage);
        let (name, count) = match text.split_once('=') {
            Some((name, count)) => (name, Some(count.parse().map_err(|_| wrong())?)),
            None => (text.as_str(), None),
        };
        rights.insert(Right::named(name).ok_or_else(wrong)?, Limits { count, ..Limits::default() });
    }
    if args.backup {
        rights.insert(Right::BACKUP, Limits::default());
    }
    Ok(Terms {
        key_ids: key_ids.collect::<Result<_, _>>()?,
        title: args.title.clone(),
        rights,
        priority: 0,
        not_before: None,
        expires: None,
        unreported: None,
        limit: args.computers,
    })
}
