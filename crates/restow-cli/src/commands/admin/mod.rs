//! `restow admin`: setting up and operating a License Management Service.

mod client;
mod find;
mod issue;
mod list;

use std::io::ErrorKind;
use std::path::Path;

use restow::service::protocol::admin::{Changed, Limit, OneComputer, Release, ReleaseWhen, Revoke};
use restow::{Hresult, SystemClock};
use restow_service::{Initialize, Replaced, ServiceError, initialize, move_to, rotate_keys};
use serde_json::json;

use super::Context;
use crate::args::{AdminAction, AdminInit};
use crate::failure::{Exit, Failure};
use crate::output::{Tone, shell_word, time};
use crate::texts::values;
use client::Client;

pub(super) fn run(context: &Context, action: AdminAction) -> Result<Exit, Failure> {
    match action {
        AdminAction::Init(args) => init(context, args),
        AdminAction::Issue(args) => issue::run(context, &args),
        AdminAction::Revoke(args) => {
            let client = Client::of(&args.operator)?;
            let call = Revoke { license: find::license(&client, &args.license)?, reason: args.reason };
            changed(context, &client.call("revoke", &call)?, "admin-revoked")
        }
        AdminAction::Release(args) => {
            let client = Client::of(&args.operator)?;
            let (holder, computer) = find::computer(&client, &args.which)?;
            let when = if args.waiting { ReleaseWhen::Waiting } else { ReleaseWhen::Now };
            changed(context, &client.call("release", &Release { holder, computer, when })?, "admin-released")
        }
        AdminAction::Confirm(args) => {
            let client = Client::of(&args.operator)?;
            let (holder, computer) = find::computer(&client, &args.which)?;
            changed(context, &client.call("confirm", &OneComputer { holder, computer })?, "admin-confirmed")
        }
        AdminAction::Withdraw(args) => {
            let client = Client::of(&args.operator)?;
            let (holder, computer) = find::computer(&client, &args.which)?;
            changed(context, &client.call("withdraw", &OneComputer { holder, computer })?, "admin-withdrawn")
        }
        AdminAction::Limit(args) => {
            let client = Client::of(&args.operator)?;
            let call = Limit { license: find::license(&client, &args.license)?, limit: args.limit };
            changed(context, &client.call("limit", &call)?, "admin-limited")
        }
        AdminAction::List(args) => list::run(context, &args),
        AdminAction::RotateKey(args) => {
            let replaced = if args.revoke { Replaced::Revoked } else { Replaced::Retired };
            let version = rotate_keys(&args.folder, args.root.as_deref(), replaced, &SystemClock)
                .map_err(|error| without_root(error, &args.folder, args.root.as_deref()))?;
            published(context, version, "admin-rotated", &args.folder)
        }
        AdminAction::Move(args) => {
            let version = move_to(&args.folder, args.root.as_deref(), &args.url, &SystemClock)
                .map_err(|error| without_root(error, &args.folder, args.root.as_deref()))?;
            published(context, version, "admin-moved", &args.folder)
        }
    }
}

/// The root key is offline, as it should be: then it must be named.
fn without_root(error: ServiceError, folder: &Path, named: Option<&Path>) -> Failure {
    let root = named.map_or_else(|| folder.join("root.key"), Path::to_owned);
    match &error {
        ServiceError::File { path, source } if *path == root && source.kind() == ErrorKind::NotFound => {
            Failure::own("root-key-missing").hresult(Hresult::E_FAIL).with("path", path.display())
        }
        _ => error.into(),
    }
}

/// A new version of the key set, which is served from the next start on.
fn published(context: &Context, version: u64, id: &str, folder: &Path) -> Result<Exit, Failure> {
    let ui = &context.ui;
    ui.object(&json!({"key_set_version": version}));
    ui.say(id, values![version = version, folder = shell_word(&folder.to_string_lossy())]);
    Ok(Exit::Done)
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
    ui.say("admin-made-next", values![folder = shell_word(&folder)]);
    Ok(Exit::Done)
}

fn changed(context: &Context, changed: &Changed, id: &str) -> Result<Exit, Failure> {
    let ui = &context.ui;
    ui.object(&json!({"done": changed.done, "at": restow::rfc3339(changed.at)}));
    let id = if changed.done { id } else { "admin-waits" };
    ui.say(id, values![at = time(changed.at)]);
    Ok(Exit::Done)
}
