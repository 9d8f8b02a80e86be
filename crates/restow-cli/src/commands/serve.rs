//! `restow serve DIR`

use std::path::Path;
use std::sync::{Arc, mpsc};

use restow::{Hresult, SystemClock};
use restow_service::{Service, ServiceError, Settings, service_url};
use serde_json::json;
use ureq::http::Uri;

use super::context::Context;
use crate::args::Serve;
use crate::failure::{Exit, Failure};
use crate::interrupt;
use crate::texts::values;

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        let mut failure = Self::cli_error(error.code()).hresult(Hresult::E_FAIL);
        failure.message = error.to_string();
        failure.help = error.help();
        match &error {
            ServiceError::AlreadyInitialized(path)
            | ServiceError::NotInitialized(path)
            | ServiceError::Unfinished(path)
            | ServiceError::RootKeyMissing(path)
            | ServiceError::KeySetFull(path)
            | ServiceError::DatabaseTooNew { path, .. } => failure.with("path", path.display()),
            ServiceError::File { path, source } => failure.with("path", path.display()).with_cause(source),
            ServiceError::Malformed { path, reason } | ServiceError::Database { path, reason } => {
                failure.with("path", path.display()).with("text", reason)
            }
            ServiceError::Setting { name, reason } => failure.with("name", name).with("text", reason),
            ServiceError::InUse { folder, process } => {
                let process = process.map_or_else(|| "none".to_owned(), |id| id.to_string());
                failure.with("path", folder.display()).with("process", process)
            }
            ServiceError::Listen { address, source } => failure.with("address", address).with_cause(source),
            ServiceError::System(source) => failure.with_cause(source),
            _ => failure,
        }
    }
}

pub(super) fn run(context: &Context, args: &Serve) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let folder: &Path = &args.folder;
    let mut settings = Settings::load(folder)?;
    if let Some(listen) = args.listen {
        settings.listen = Some(listen);
    }
    let (sender, receiver) = mpsc::channel();
    interrupt::set_handler(move || {
        // The receiver is gone if the service has already ended.
        let _ = sender.send(());
    });
    let running = Service::open(folder, settings, Arc::new(SystemClock))?.serve()?;
    let address = format!("http://{}", running.local_addr());
    ui.print_object("listening", &json!({"listening": address}));
    ui.print("serve-listening", values![address = address]);
    let url = service_url(folder)?;
    let port = running.local_addr().port();
    if url.starts_with("https://") {
        ui.print("serve-behind", values![url = url]);
    } else if url.parse::<Uri>().ok().and_then(|uri| uri.port_u16()).unwrap_or(80) != port {
        ui.warn("serve-elsewhere", values![url = url]);
    }
    ui.flush();
    // The service ends in order, with or without a signal.
    let _ = receiver.recv();
    running.stop();
    ui.print("serve-ended", values![]);
    Ok(Exit::Done)
}
