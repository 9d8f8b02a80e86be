//! `restow import PATH…`

use restow::import::{Imported, import};
use restow::license::SignatureCheck;
use restow::store::Stored;
use serde_json::json;

use super::Context;
use crate::args::Paths;
use crate::failure::{Exit, Failure};
use crate::output::titled;
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Paths) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let mut unchecked = 0_u64;
    let mut see = |item: &Imported| match item {
        Imported::License { path, license, stored, signature } => {
            let checked = *signature == SignatureCheck::Verified;
            unchecked += u64::from(!checked);
            let path = path.to_string_lossy();
            let (word, id) = match stored {
                Stored::New => ("new", "import-new"),
                Stored::Newer => ("newer", "import-newer"),
                Stored::AlreadyHere => ("already_here", "import-already-here"),
            };
            ui.object(&json!({
                "path": path,
                "license_id": license.identity.license_id,
                "kind": license.identity.kind.as_str(),
                "stored": word,
                "signature": if checked { "verified" } else { "not_checked" },
            }));
            if !ui.json() {
                let title: Vec<String> = license.title.iter().cloned().collect();
                let title = titled(ui, &title, &license.identity.license_id);
                let line = ui.text(id, values![path = path.as_ref(), title = title]);
                ui.line(&line);
            }
        }
        Imported::Refused { path, error } => {
            let path = path.to_string_lossy();
            let why = ui.note(&error.into());
            let refused = json!({"code": error.code(), "message": why});
            ui.object(&json!({"path": path, "refused": refused}));
            ui.warn("import-refused", values![path = path.as_ref(), why = why]);
        }
        _ => {}
    };
    let summary = import(&home, &args.paths, &mut see)?;
    let counts = values![imported = summary.imported, here = summary.already_here, refused = summary.refused];
    ui.say("import-done", counts);
    if unchecked > 0 {
        ui.say("import-not-checked", values![count = unchecked]);
    }
    if summary.imported + summary.already_here == 0 {
        return Err(Failure::own("nothing-imported"));
    }
    ui.say("import-next", values![]);
    Ok(Exit::Done)
}
