//! The command `restow`: backs up and restores media licenses, and runs the License Management Service.
//!
//! This crate reads arguments, prints, asks questions and shows progress. Everything that another program could
//! need is in the library `restow`. `args` defines the arguments, `commands` has a module for each command,
//! `output` prints, `texts` holds the texts.

mod args;
mod command_error;
mod commands;
mod demo;
mod failure;
mod help;
mod interrupt;
mod output;
mod texts;

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;

use args::parse_language;
use output::Ui;
use texts::Texts;

fn main() -> ExitCode {
    let arguments = help::move_options_first(help::rewrite_help_command(std::env::args_os().collect()));
    let args = match help::parse(&arguments, &|| before_parsing(&arguments)) {
        Ok(args) => args,
        Err(exit) => return exit.into(),
    };
    interrupt::install();
    let ui = Arc::new(Ui::new(args.json, Texts::for_user(args.lang)));
    let exit = match commands::run(&ui, args) {
        Ok(exit) => exit,
        Err(failure) => {
            ui.print_failure(&failure);
            failure.exit
        }
    };
    ui.finish(exit).into()
}

/// Creates the output for arguments that cannot be parsed. `--lang` and `--json` are honored if they are
/// readable.
fn before_parsing(arguments: &[OsString]) -> Ui {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let after = texts.iter().skip_while(|text| **text != "--lang").nth(1).copied();
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    let lang = joined.or(after).and_then(|name| parse_language(&name.to_ascii_lowercase()).ok());
    Ui::new(texts.contains(&"--json"), Texts::for_user(lang))
}
