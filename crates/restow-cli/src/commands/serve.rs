//! `restow serve DIR`

use std::path::Path;
use std::sync::{Arc, mpsc};

use restow::SystemClock;
use restow_service::{Service, Settings, prepare_process, service_url};
use ureq::http::Uri;

use super::{Context, Exit, Failure, interrupt, print_object, values};
use crate::args::Serve;

pub(super) fn run(context: &Context, args: &Serve) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let folder: &Path = &args.folder;
    // The keys are read after this.
    prepare_process();
    let mut settings = Settings::load(folder)?;
    if let Some(listen) = args.listen {
        settings.listen = Some(listen);
    }
    let (sender, receiver) = mpsc::channel();
    interrupt::set_handler(move || {
        // The receiver is gone if the service has already ended.
        let _ = sender.send(());
    });
    let has_proxy = !settings.trusted_proxies.is_empty();
    let running = Service::open(folder, settings, Arc::new(SystemClock))?.serve()?;
    let address = format!("http://{}", running.local_addr());
    print_object!(ui, "listening", {"listening": address});
    ui.print("serve-listening", values![address = address]);
    let url = service_url(folder)?;
    let port = running.local_addr().port();
    if url.starts_with("https://") {
        ui.print("serve-behind", values![url = url]);
    } else if url.parse::<Uri>().ok().and_then(|uri| uri.port_u16()).unwrap_or(80) != port {
        ui.warn("serve-elsewhere", values![url = url]);
    }
    let listening = running.local_addr().ip();
    if !listening.to_canonical().is_loopback() && !has_proxy {
        ui.warn("serve-open", values![address = listening.to_string()]);
    }
    ui.flush();
    // The service ends in order, with or without a signal.
    let _ = receiver.recv();
    running.stop();
    ui.print("serve-ended", values![]);
    Ok(Exit::Done)
}
