//! Ctrl-C: the first one ends what runs cleanly, the second one at once.

use std::sync::{Mutex, PoisonError};

use restow::service::Cancel;

use crate::failure::Exit;

/// What a first Ctrl-C does; with nothing here it ends the program.
static HANDLER: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);

/// Listens for Ctrl-C. A system that does not let us keeps its own way of ending programs.
pub(crate) fn install() {
    let _ = ctrlc::set_handler(|| {
        let handler = HANDLER.lock().unwrap_or_else(PoisonError::into_inner).take();
        match handler {
            Some(handler) => handler(),
            // Nothing to undo: all that changes the store is one transaction, all that changes a location one rename.
            None => std::process::exit(Exit::Interrupted.code().into()),
        }
    });
}

/// Does this once when interrupted.
pub(crate) fn set_handler(handler: impl FnOnce() + Send + 'static) {
    *HANDLER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(handler));
}

/// While somebody is asked nothing runs, whatever ran before: Ctrl-C ends the program at once.
pub(crate) fn restore_default_handler() {
    *HANDLER.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// A token that is cancelled when interrupted.
pub(crate) fn cancel_token() -> Cancel {
    let cancel = Cancel::default();
    let token = cancel.clone();
    set_handler(move || token.cancel());
    cancel
}
