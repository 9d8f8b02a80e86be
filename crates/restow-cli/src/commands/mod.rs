//! The commands, one module each.

mod acquire;
mod admin;
mod backup;
mod backups;
mod can;
mod computer;
mod context;
mod export;
mod file;
mod files;
mod forget;
mod generations;
mod import;
mod licenses;
mod loans;
mod provider;
mod put_back;
mod restore;
mod roots;
mod scan;
mod serve;
mod service;
mod show;
mod status;
mod target;
mod verify;
mod why;

use std::sync::Arc;

use crate::args::{self, Args, Command};
use crate::command_error::CommandError;
use crate::failure::{Exit, Failure, exit_for_result, only_match};
use crate::interrupt;
use crate::output::{LocationHint, Ui, print_object};
use crate::texts::values;
use context::Context;

pub(crate) fn run(ui: &Arc<Ui>, args: Args) -> Result<Exit, Failure> {
    let context = Context::new(ui.clone(), args.home);
    let context = &context;
    if let Some(location) = args.command.location() {
        ui.set_location(LocationHint::Named(location.clone()));
    }
    match args.command {
        Command::Scan(args) => scan::run(context, &args),
        Command::Files => files::run(context),
        Command::File { path } => file::run(context, &path),
        Command::Import(args) => import::run(context, &args),
        Command::Acquire(args) => acquire::run(context, &args),
        Command::Licenses(args) => licenses::run(context, &args),
        Command::Forget(args) => forget::run(context, &args),
        Command::Can(args) => can::run(context, &args),
        Command::Why { target } => why::run(context, &target),
        Command::Status => status::run(context),
        Command::Backup(args) => backup::run(context, &args),
        Command::Restore(args) => restore::run(context, args),
        Command::Computer { action } => computer::run(context, action),
        Command::Service { action } => service::run(context, action),
        Command::Provider { action } => provider::run(context, action),
        Command::Renew(args) => loans::renew(context, &args),
        Command::Return(args) => loans::return_loan(context, &args),
        Command::Refresh(args) => loans::refresh(context, &args),
        Command::Roots { action } => roots::run(context, action),
        Command::Backups(args) => backups::run(context, &args),
        Command::Show(args) => show::run(context, &args),
        Command::Export(args) => export::run(context, &args),
        Command::PutBack(args) => put_back::run(context, &args),
        Command::Verify { location } => verify::run(context, &location),
        Command::Serve(args) => serve::run(context, &args),
        Command::Admin { action } => admin::run(context, action),
        Command::Demo(args) => crate::demo::run(ui, &args),
    }
}
