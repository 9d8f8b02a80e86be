//! `restow demo`: the whole story on sample content, told through the public commands.
//!
//! Every step is a child process of this very binary, and everything said about it is computed from what it printed. The
//! `stage` runs and records, the `library` makes the sample files, `book` one more, signed by an `authority` of its own, the `story` is the sequence, and the `table` its end.

mod authority;
mod book;
mod library;
mod replay;
mod shop;
mod stage;
mod story;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use crate::args::Demo;
use crate::failure::{Exit, Failure};
use crate::output::Ui;
use crate::texts::values;
use library::Library;
use stage::Stage;

/// Licenses that have a part of their own in the story, besides those that may not be backed up.
const ROLES: u32 = 6;

pub(crate) fn run(ui: &Arc<Ui>, args: &Demo) -> Result<Exit, Failure> {
    if args.restricted > args.licenses - ROLES {
        let failure = Failure::own("usage-value").with("argument", "--restricted").with("value", args.restricted);
        let failure = failure.with("what", ui.text("help-demo.restricted", values![])).with("command", "restow demo");
        return Err(failure.exit(Exit::Usage));
    }
    // Held to the end: dropped, the folder goes.
    let temporary;
    let folder = match &args.keep {
        Some(folder) => {
            std::fs::create_dir(folder).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Failure::own("demo-folder").with("path", folder.display()),
                _ => failed(folder, &error),
            })?;
            folder.as_path()
        }
        None => {
            temporary = tempfile::Builder::new()
                .prefix("restow-demo-")
                .tempdir()
                .map_err(|error| failed(&std::env::temp_dir(), &error))?;
            temporary.path()
        }
    };
    let folder = std::path::absolute(folder).map_err(|error| failed(folder, &error))?;
    let began = Instant::now();
    let library = Library::plan(args)?;
    let mut stage = Stage::new(ui, &folder)?;
    if args.keep.is_some() {
        stage.say_where();
    }
    // Interrupted, whatever failed failed for that.
    let ending =
        story::tell(&mut stage, &library, args).or_else(|failure| stage.go_on_after_failure().and(Err(failure)))?;
    let script = replay::write(&stage, args.keep.is_some())?;
    let seconds = began.elapsed().as_secs_f64();
    ui.object(&json!({"demo": {"ok": true, "seconds": (seconds * 100.0).round() / 100.0, "facts": ending.facts()}}));
    if !ui.json() {
        ui.gap();
        ui.table(&ending.table(ui));
        ui.gap();
        ending.say(ui);
        ui.say("demo-time", values![seconds = format!("{seconds:.1}")]);
        if let Some(script) = script {
            ui.say("demo-kept", values![folder = folder.to_string_lossy(), script = script.to_string_lossy()]);
        }
    }
    Ok(Exit::Done)
}

/// Something outside the story failed, such as the disk.
fn failed(path: &Path, error: &std::io::Error) -> Failure {
    let source = std::io::Error::new(error.kind(), error.to_string());
    restow::HomeError::Io { path: path.to_owned(), source }.into()
}

/// Something did not happen as the story says.
fn wrong(what: impl std::fmt::Display) -> Failure {
    Failure::own("demo").with("what", what)
}
