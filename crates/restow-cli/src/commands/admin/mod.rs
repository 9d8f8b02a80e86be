//! `restow admin`: setting up and operating a License Management Service.

mod client;
mod issue;

use std::collections::BTreeSet;

use restow::service::protocol::admin::{
    Changed, Limit, List, ListWhat, Listed, OneComputer, Release, ReleaseWhen, Revoke,
};
use restow_service::{Initialize, initialize};
use serde_json::{Value, json};

use super::Context;
use crate::args::{AdminAction, AdminInit, AdminList, Listable};
use crate::failure::{Exit, Failure};
use crate::output::{Align, Table, Tone, time};
use crate::texts::values;
use client::Client;

pub(super) fn run(context: &Context, action: AdminAction) -> Result<Exit, Failure> {
    match action {
        AdminAction::Init(args) => init(context, args),
        AdminAction::Issue(args) => issue::run(context, &args),
        AdminAction::Revoke(args) => {
            let call = Revoke { license: args.license, reason: args.reason };
            changed(context, &Client::of(&args.operator)?.call("revoke", &call)?, "admin-revoked")
        }
        AdminAction::Release(args) => {
            let when = if args.waiting { ReleaseWhen::Waiting } else { ReleaseWhen::Now };
            let call = Release { holder: args.which.holder, computer: args.which.computer, when };
            changed(context, &Client::of(&args.operator)?.call("release", &call)?, "admin-released")
        }
        AdminAction::Confirm(args) => {
            let call = OneComputer { holder: args.which.holder, computer: args.which.computer };
            changed(context, &Client::of(&args.operator)?.call("confirm", &call)?, "admin-confirmed")
        }
        AdminAction::Withdraw(args) => {
            let call = OneComputer { holder: args.which.holder, computer: args.which.computer };
            changed(context, &Client::of(&args.operator)?.call("withdraw", &call)?, "admin-withdrawn")
        }
        AdminAction::Limit(args) => {
            let call = Limit { license: args.license, limit: args.limit };
            changed(context, &Client::of(&args.operator)?.call("limit", &call)?, "admin-limited")
        }
        AdminAction::List(args) => list(context, &args),
    }
}

fn init(context: &Context, args: AdminInit) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let options = Initialize {
        contact: args.contact.unwrap_or_else(|| args.url.clone()),
        name: args.name,
        url: args.url,
        privacy_url: args.privacy_url,
    };
    let made = initialize(&args.folder, &options)?;
    let folder = args.folder.to_string_lossy();
    ui.object(&json!({
        "folder": folder, "name": made.name, "url": made.url, "issuer": made.issuer, "fingerprint": made.fingerprint,
    }));
    ui.tell(Tone::Good, "admin-made", values![folder = folder.as_ref()]);
    ui.tell(Tone::Strong, "service-name", values![name = made.name]);
    ui.say("service-origin", values![origin = made.url]);
    ui.say("service-fingerprint", values![fingerprint = made.fingerprint]);
    ui.say("admin-made-next", values![folder = folder.as_ref()]);
    Ok(Exit::Done)
}

fn changed(context: &Context, changed: &Changed, id: &str) -> Result<Exit, Failure> {
    let ui = &context.ui;
    ui.object(&json!({"done": changed.done, "at": restow::rfc3339(changed.at)}));
    let id = if changed.done { id } else { "admin-waits" };
    ui.say(id, values![at = time(changed.at)]);
    Ok(Exit::Done)
}

fn list(context: &Context, args: &AdminList) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let what = match args.what {
        Listable::Licenses => ListWhat::Licenses,
        Listable::Computers => ListWhat::Computers,
        Listable::Holders => ListWhat::Holders,
        Listable::Offers => ListWhat::Offers,
        Listable::Audit => ListWhat::Audit,
    };
    let client = Client::of(&args.operator)?;
    let mut after = None;
    loop {
        let page: Listed = client.call("list", &List { what, after, holder: args.holder.clone() })?;
        let names: BTreeSet<&String> = page.rows.iter().flat_map(|row| row.keys()).collect();
        let mut columns: Vec<&String> = names.into_iter().collect();
        columns.sort_by_key(|name| *name != "id");
        let mut table = Table::new(columns.iter().map(|name| (Align::Left, (*name).clone())));
        for row in &page.rows {
            ui.object(row);
            table.row(columns.iter().map(|name| row.get(*name).map(shown).unwrap_or_default()));
        }
        if !table.is_empty() {
            ui.table(&table);
        }
        after = page.rows.last().and_then(|row| row.get("id")).and_then(Value::as_str).map(str::to_owned);
        if !page.more || after.is_none() || ui.is_closed() {
            return Ok(Exit::Done);
        }
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
