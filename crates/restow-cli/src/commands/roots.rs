//! `restow roots`

use restow::license::lcp::Root;
use restow::trust_store;
use serde_json::{Value, json};

use super::{Context, Exit, Failure, print_object, values};
use crate::args::RootsAction;
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
        RootsAction::Add { file } => {
            for root in trust_store::add(&home, &trust_store::read_file(&file)?)? {
                print_root(ui, &root);
                ui.print_styled(Tone::Good, "root-added", values![name = root.name.as_str()]);
            }
        }
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

fn fingerprint_hex(root: &Root) -> String {
    restow::backup::Digest::from_bytes(root.fingerprint).to_string()
}

fn root_object(root: &Root) -> Value {
    json!({
        "name": root.name,
        "subject": root.subject,
        "fingerprint": fingerprint_hex(root),
        "not_before": restow::rfc3339(root.from),
        "expires": restow::rfc3339(root.until),
        "distrusted": root.distrusted,
    })
}

fn print_root(ui: &Ui, root: &Root) {
    print_object!(ui, "root", &root_object(root));
    ui.print_styled(Tone::Strong, "root-name", values![name = root.name.as_str()]);
    ui.print("root-subject", values![subject = root.subject.as_str()]);
    ui.print("root-fingerprint", values![fingerprint = fingerprint(&fingerprint_hex(root))]);
    let day = |time| restow::rfc3339(time).chars().take(10).collect::<String>();
    ui.print("root-valid", values![from = day(root.from), until = day(root.until)]);
    if root.distrusted {
        ui.print("root-distrusted", values![]);
    }
}
