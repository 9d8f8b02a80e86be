//! Ctrl-C: the first one ends what runs cleanly, the second one at once.

use std::sync::{Mutex, PoisonError};

use restow::service::Cancel;

use crate::failure::Exit;

/// What a first Ctrl-C does; with nothing here it ends the program.
static STOP: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);

/// Listens for Ctrl-C. A system that does not let us keeps its own way of ending programs.
pub(crate) fn listen() {
    let _ = ctrlc::set_handler(|| {
        let stop = STOP.lock().unwrap_or_else(PoisonError::into_inner).take();
        match stop {
            Some(stop) => stop(),
            // Nothing to undo: all that changes the store is one transaction, all that changes a location one rename.
            None => std::process::exit(Exit::Interrupted.code().into()),
        }
    });
}

/// Does this once when interrupted.
pub(crate) fn on_interrupt(stop: impl FnOnce() + Send + 'static) {
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(stop));
}

/// While somebody is asked nothing runs, whatever ran before: Ctrl-C ends the program at once.
pub(crate) fn ends_the_program() {
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// A token that is cancelled when interrupted.
pub(crate) fn token() -> Cancel {
    let cancel = Cancel::default();
    let token = cancel.clone();
    on_interrupt(move || token.cancel());
    cancel
}
