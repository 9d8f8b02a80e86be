//! `restow roots`

use restow::license::lcp::{KNOWN_AUTHORITIES, KnownAuthority, Root};
use restow::{Home, trust_store};
use serde_json::{Value, json};

use super::{CommandError, Context, Exit, Failure, print_object, values};
use crate::args::{RootsAction, RootsAdd};
use crate::output::{Tone, Ui, fingerprint};

pub(super) fn run(context: &Context, action: Option<RootsAction>) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    match action.unwrap_or(RootsAction::List) {
        RootsAction::List => {
            let trusted = trust_store::load(&home)?.list();
            trusted.iter().for_each(|root| print_root(ui, root));
            if trusted.is_empty() {
                ui.print("root-none", values![]);
            }
        }
        RootsAction::Add(args) => return add(ui, &home, &args),
        RootsAction::Distrust { file } => {
            let distrusted = trust_store::distrust(&home, &trust_store::read_file(&file)?)?;
            distrusted.iter().for_each(|root| print_root(ui, root));
        }
        RootsAction::Remove { fingerprint } => {
            let root = trust_store::remove(&home, &fingerprint)?;
            print_object!(ui, "removed_root", {"removed": root_object(&root)});
            ui.print("root-removed", values![name = root.name.as_str()]);
        }
    }
    Ok(Exit::Done)
}

/// Trusts the certificates of a file, or downloads the certificate of a known authority.
fn add(ui: &Ui, home: &Home, args: &RootsAdd) -> Result<Exit, Failure> {
    // A file with the name of an authority can be named with its folder: `./edrlab`.
    let authority = args.source.to_str().and_then(KnownAuthority::find);
    let added = match authority {
        Some(authority) => {
            let url = args.from.as_deref().unwrap_or(authority.url);
            let origin = trust_store::authority_origin(url)?.to_string();
            let values = values![name = authority.name, origin = origin, url = url];
            if !ui.confirm_or_yes(args.yes, "root-fetch-ask", values)? {
                ui.print("nothing-changed", values![]);
                return Ok(Exit::Failed);
            }
            trust_store::fetch(home, authority, args.from.as_deref())?
        }
        None if args.from.is_some() => {
            let names = KNOWN_AUTHORITIES.map(|authority| authority.id).join(", ");
            return Err(Failure::new(CommandError::UnknownAuthority).with("names", names).exit(Exit::Usage));
        }
        None => trust_store::add(home, &trust_store::read_file(&args.source)?)?,
    };
    let trusted = trust_store::load(home)?.list();
    for root in added {
        print_root(ui, &root);
        ui.print_styled(Tone::Good, "root-added", values![name = root.name.as_str()]);
        match (root.authority(), root.namesake()) {
            (Some(authority), _) => ui.print("root-is-known", values![name = authority.name]),
            (None, Some(authority)) => ui.warn("root-namesake", values![name = authority.name]),
            (None, None) => {
                let is_other = |other: &&Root| other.subject == root.subject && other.fingerprint != root.fingerprint;
                if let Some(other) = trusted.iter().find(is_other) {
                    let digits = fingerprint(&fingerprint_hex(other));
                    ui.warn("root-same-name", values![name = root.name.as_str(), fingerprint = digits]);
                }
            }
        }
    }
    Ok(Exit::Done)
}

fn fingerprint_hex(root: &Root) -> String {
    restow::backup::Digest::from_bytes(root.fingerprint).to_string()
}

fn root_object(root: &Root) -> Value {
    let mut object = json!({
        "name": root.name,
        "subject": root.subject,
        "fingerprint": fingerprint_hex(root),
        "not_before": restow::rfc3339(root.from),
        "expires": restow::rfc3339(root.until),
        "distrusted": root.distrusted,
    });
    for (member, authority) in [("authority", root.authority()), ("namesake", root.namesake())] {
        if let (Some(object), Some(authority)) = (object.as_object_mut(), authority) {
            object.insert(member.to_owned(), authority.id.into());
        }
    }
    object
}

fn print_root(ui: &Ui, root: &Root) {
    print_object!(ui, "root", &root_object(root));
    ui.print_styled(Tone::Strong, "root-name", values![name = root.name.as_str()]);
    ui.print("root-subject", values![subject = root.subject.as_str()]);
    ui.print("root-fingerprint", values![fingerprint = fingerprint(&fingerprint_hex(root))]);
    let day = |time| ui.day(time);
    ui.print("root-valid", values![from = day(root.from), until = day(root.until)]);
    if root.distrusted {
        ui.print("root-distrusted", values![]);
    }
}
