//! `restow admin`: setup and operation of a License Management Service.

mod client;
mod content_key;
mod ids;
mod issue;
mod list;

use std::path::Path;

use restow::service::protocol::admin::{
    ChangeAnswer, ComputerRequest, LimitRequest, OperatorReleaseRequest, ReleaseTiming, RevokeRequest,
};
use restow::{Clock as _, SystemClock};
use restow_service::{InitOptions, KeySetUpdate, OldKeyAction, initialize, publish_new_url, rotate_keys};

use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::{AdminAction, AdminInit};
use crate::output::{Tone, shell_word, time};
use client::Client;

pub(super) fn run(context: &Context, action: AdminAction) -> Result<Exit, Failure> {
    match action {
        AdminAction::Init(args) => init(context, args),
        AdminAction::Issue(args) => issue::run(context, &args),
        AdminAction::Revoke(args) => {
            let client = Client::from_operator(&args.operator)?;
            let call = RevokeRequest { license: ids::find_license(&client, &args.license)?, reason: args.reason };
            print_change(context, &client.call("revoke", &call)?, "admin-revoked")
        }
        AdminAction::Release(args) => {
            let client = Client::from_operator(&args.operator)?;
            let (holder, computer) = ids::find_computer(&client, &args.target)?;
            let when = if args.waiting { ReleaseTiming::Waiting } else { ReleaseTiming::Now };
            print_change(
                context,
                &client.call("release", &OperatorReleaseRequest { holder, computer, when })?,
                "admin-released",
            )
        }
        AdminAction::Confirm(args) => {
            let client = Client::from_operator(&args.operator)?;
            let (holder, computer) = ids::find_computer(&client, &args.target)?;
            print_change(context, &client.call("confirm", &ComputerRequest { holder, computer })?, "admin-confirmed")
        }
        AdminAction::Withdraw(args) => {
            let client = Client::from_operator(&args.operator)?;
            let (holder, computer) = ids::find_computer(&client, &args.target)?;
            print_change(context, &client.call("withdraw", &ComputerRequest { holder, computer })?, "admin-withdrawn")
        }
        AdminAction::Limit(args) => {
            let client = Client::from_operator(&args.operator)?;
            let call = LimitRequest { license: ids::find_license(&client, &args.license)?, limit: args.limit };
            print_change(context, &client.call("limit", &call)?, "admin-limited")
        }
        AdminAction::List(args) => list::run(context, &args),
        AdminAction::ContentKey(args) => content_key::run(context, &args),
        AdminAction::RotateKey(args) => {
            let replaced = match (args.revoke, args.revoke_all) {
                (_, true) => OldKeyAction::RevokeAll,
                (true, false) => OldKeyAction::Revoke,
                (false, false) => OldKeyAction::Retire,
            };
            let published = rotate_keys(&args.folder, args.root.as_deref(), replaced, &SystemClock)?;
            if published.remaining_rotations < LOW_KEY_SPACE {
                context.ui.warn("admin-keys-many", values![room = published.remaining_rotations as u64]);
            }
            print_published(context, &published, "admin-rotated", &args.folder)
        }
        AdminAction::Move(args) => {
            let published = publish_new_url(&args.folder, args.root.as_deref(), &args.url, &SystemClock)?;
            print_published(context, &published, "admin-moved", &args.folder)
        }
    }
}

/// Number of remaining key replacements below which the operator is warned.
const LOW_KEY_SPACE: usize = 10;

/// Prints the new version of the key set. The service uses it from its next start.
fn print_published(context: &Context, published: &KeySetUpdate, id: &str, folder: &Path) -> Result<Exit, Failure> {
    let (ui, version) = (&context.ui, published.version);
    if let Some(before) = published.suspicious_previous_time {
        ui.warn("admin-clock", values![now = time(SystemClock.now()), before = time(before)]);
    }
    print_object!(ui, "key_set", {"key_set_version": version, "replacements_left": published.remaining_rotations});
    ui.print(id, values![version = version, folder = shell_word(&folder.to_string_lossy())]);
    Ok(Exit::Done)
}

fn init(context: &Context, args: AdminInit) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let options = InitOptions {
        contact: args.contact.unwrap_or_else(|| args.url.clone()),
        name: args.name,
        url: args.url,
        privacy_url: args.privacy_url,
    };
    let created = initialize(&args.folder, &options)?;
    let folder = args.folder.to_string_lossy();
    print_object!(ui, "created_service", {
        "folder": folder, "name": created.name, "url": created.url, "issuer": created.issuer,
        "fingerprint": created.fingerprint,
    });
    ui.print_styled(Tone::Good, "admin-made", values![folder = folder.as_ref()]);
    ui.print_styled(Tone::Strong, "service-name", values![name = created.name]);
    ui.print("service-origin", values![origin = created.url]);
    ui.print("service-fingerprint", values![fingerprint = created.fingerprint]);
    ui.print("admin-made-next", values![folder = shell_word(&folder)]);
    Ok(Exit::Done)
}

fn print_change(context: &Context, changed: &ChangeAnswer, id: &str) -> Result<Exit, Failure> {
    let ui = &context.ui;
    print_object!(ui, "change", {"done": changed.done, "at": restow::rfc3339(changed.at)});
    let id = if changed.done { id } else { "admin-waits" };
    ui.print(id, values![at = time(changed.at)]);
    Ok(Exit::Done)
}
