//! `restow scan PATH…`

use restow::scan::{Scanned, scan};
use serde_json::json;

use super::Context;
use crate::args::Paths;
use crate::failure::{Exit, Failure};
use crate::output::{Progress, Tone};
use crate::texts::values;

pub(super) fn run(context: &Context, args: &Paths) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let progress = Progress::new(ui);
    let mut see = |found: &Scanned| match found {
        Scanned::File(facts) => {
            progress.one_more();
            ui.object(facts);
            if let Some(warnings) = facts.get("warnings").and_then(|warnings| warnings.as_array()) {
                let path = facts.get("path").and_then(|path| path.as_str()).unwrap_or_default();
                for warning in warnings.iter().filter_map(|warning| warning.as_str()) {
                    progress.aside(|| ui.warn("scan-warning", values![path = path, why = warning]));
                }
            }
        }
        Scanned::Unreadable { path, why } => {
            let path = path.to_string_lossy();
            ui.object(&json!({"path": path, "unreadable": why}));
            progress.aside(|| ui.warn("scan-unreadable", values![path = path.as_ref(), why = why.as_str()]));
        }
        _ => {}
    };
    let summary = scan(&home, &args.paths, &mut see);
    progress.end();
    let summary = summary?;
    ui.say("scan-done", values![files = summary.files, protected = summary.protected]);
    if summary.other > 0 {
        ui.say("scan-other", values![count = summary.other]);
    }
    if summary.malformed > 0 {
        ui.tell(Tone::Warning, "scan-malformed", values![count = summary.malformed]);
    }
    if summary.unreadable > 0 {
        ui.tell(Tone::Warning, "scan-unreadable-count", values![count = summary.unreadable]);
    }
    if summary.removed > 0 {
        ui.say("scan-removed", values![count = summary.removed]);
    }
    if summary.protected > 0 {
        ui.say("scan-next", values![]);
    }
    Ok(Exit::Done)
}
