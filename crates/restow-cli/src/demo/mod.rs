//! `restow demo`: the main scenario on sample content, with the public commands.
//!
//! Each step is a child process of this binary, and each printed fact is taken from the output of a step. `runner`
//! runs and records the steps, `samples` and `publication` create the content, `authority` signs, `service`
//! runs the service, `scenario` has the steps, and `summary` prints the result.

mod authority;
mod error;
mod publication;
mod replay;
mod runner;
mod samples;
mod scenario;
mod service;
mod summary;

use std::sync::Arc;
use std::time::Instant;

use crate::args::Demo;
use crate::command_error::CommandError;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::output::{Ui, print_object};
use crate::texts::values;
use error::{io_failure, scenario_error};
use runner::CommandRunner;
use samples::SampleFiles;

/// Number of licenses that the scenario needs besides the restricted ones.
const ROLES: u32 = 6;

pub(crate) fn run(ui: &Arc<Ui>, args: &Demo) -> Result<Exit, Failure> {
    if args.restricted > args.licenses - ROLES {
        let failure =
            Failure::new(CommandError::UsageValue).with("argument", "--restricted").with("value", args.restricted);
        let failure = failure.with("what", ui.text("help-demo.restricted", values![])).with("command", "restow demo");
        return Err(failure.exit(Exit::Usage));
    }
    // Lives until the end of the function, because dropping it deletes the folder.
    let temporary;
    let folder = match &args.keep {
        Some(folder) => {
            std::fs::create_dir(folder).map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    Failure::new(CommandError::DemoFolder).with("path", folder.display())
                }
                _ => io_failure(folder, &error),
            })?;
            folder.as_path()
        }
        None => {
            temporary = tempfile::Builder::new()
                .prefix("restow-demo-")
                .tempdir()
                .map_err(|error| io_failure(&std::env::temp_dir(), &error))?;
            temporary.path()
        }
    };
    let folder = std::path::absolute(folder).map_err(|error| io_failure(folder, &error))?;
    let start = Instant::now();
    let samples = SampleFiles::plan(args)?;
    let mut runner = CommandRunner::new(ui, &folder)?;
    if args.keep.is_some() {
        runner.print_location();
    }
    // After an interrupt, the interrupt is the reason of each failure.
    let summary = scenario::run(&mut runner, &samples, args)
        .or_else(|failure| runner.check_interrupted_after_failure().and(Err(failure)))?;
    let script = args.keep.is_some().then(|| replay::write(&folder, &runner.binary, &runner.script)).transpose()?;
    let seconds = start.elapsed().as_secs_f64();
    print_object!(ui, "demo_summary", {
        "demo": {"ok": true, "seconds": (seconds * 100.0).round() / 100.0, "facts": summary.facts()},
    });
    if !ui.is_json() {
        ui.blank_line();
        ui.print_table(&summary.table(ui));
        ui.blank_line();
        summary.print(ui);
        ui.print("demo-time", values![seconds = format!("{seconds:.1}")]);
        if let Some(script) = script {
            ui.print("demo-kept", values![folder = folder.to_string_lossy(), script = script.to_string_lossy()]);
        }
    }
    Ok(Exit::Done)
}
