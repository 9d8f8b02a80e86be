//! `restow admin`: setup and operation of a License Management Service.

mod client;
mod content_key;
mod ids;
mod issue;
mod list;

use std::path::Path;

use restow::service::protocol::admin::{
    ChangeAnswer, ComputerRequest, LimitRequest, OperatorReleaseRequest, ReleaseTiming, RevokeRequest,
    WithdrawLinkRequest,
};
use restow::{Clock as _, SystemClock};
use restow_service::{InitOptions, KeySetUpdate, OldKeyAction, initialize, publish_new_url, rotate_keys};
use serde::Serialize;

use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::{AdminAction, AdminInit, Operator};
use crate::output::{Tone, shell_word};
use client::Client;

pub(super) fn run(context: &Context, action: AdminAction) -> Result<Exit, Failure> {
    match action {
        AdminAction::Init(args) => init(context, args),
        AdminAction::Issue(args) => issue::run(context, &args),
        AdminAction::WithdrawLink(args) => {
            change(context, &args.operator, "withdraw-link", "admin-link-withdrawn", |client| {
                Ok(WithdrawLinkRequest { offer: ids::find_offer(client, &args.offer)? })
            })
        }
        AdminAction::Revoke(args) => change(context, &args.operator, "revoke", "admin-revoked", |client| {
            Ok(RevokeRequest { license: ids::find_license(client, &args.license)?, reason: args.reason })
        }),
        AdminAction::Release(args) => change(context, &args.operator, "release", "admin-released", |client| {
            let ComputerRequest { holder, computer } = ids::find_computer(client, &args.target)?;
            let when = if args.waiting { ReleaseTiming::Waiting } else { ReleaseTiming::Now };
            Ok(OperatorReleaseRequest { holder, computer, when })
        }),
        AdminAction::Confirm(args) => change(context, &args.operator, "confirm", "admin-confirmed", |client| {
            ids::find_computer(client, &args.target)
        }),
        AdminAction::Withdraw(args) => change(context, &args.operator, "withdraw", "admin-withdrawn", |client| {
            ids::find_computer(client, &args.target)
        }),
        AdminAction::Limit(args) => change(context, &args.operator, "limit", "admin-limited", |client| {
            Ok(LimitRequest { license: ids::find_license(client, &args.license)?, limit: args.limit })
        }),
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
        ui.warn("admin-clock", values![now = ui.time(SystemClock.now()), before = ui.time(before)]);
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

/// Sends a request that changes something, and prints the answer.
fn change<R: Serialize>(
    context: &Context,
    operator: &Operator,
    path: &str,
    id: &str,
    request: impl FnOnce(&Client) -> Result<R, Failure>,
) -> Result<Exit, Failure> {
    let client = Client::from_operator(operator)?;
    let changed: ChangeAnswer = client.call(path, &request(&client)?)?;
    print_object!(context.ui, "change", {"done": changed.done, "at": restow::rfc3339(changed.at)});
    context.ui.print(if changed.done { id } else { "admin-waits" }, values![at = context.ui.time(changed.at)]);
    Ok(Exit::Done)
}
