//! Ctrl-C: the first one cancels the running operation, the second one ends the program.

use std::sync::{Mutex, PoisonError};

use restow::service::Cancel;

use crate::failure::Exit;

/// Action of the first Ctrl-C. Without an action, Ctrl-C ends the program.
static HANDLER: Mutex<Option<Box<dyn FnOnce() + Send>>> = Mutex::new(None);

/// Installs the handler for Ctrl-C. If the system refuses the handler, its default action stays.
pub(crate) fn install() {
    let _ = ctrlc::set_handler(|| {
        let handler = HANDLER.lock().unwrap_or_else(PoisonError::into_inner).take();
        match handler {
            Some(handler) => handler(),
            // There is nothing to undo: each change of the store is one transaction, each change of a location
            // one rename.
            None => std::process::exit(Exit::Interrupted.code().into()),
        }
    });
}

/// Sets the action of the next interrupt.
pub(crate) fn set_handler(handler: impl FnOnce() + Send + 'static) {
    *HANDLER.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(handler));
}

/// Removes the action, so that Ctrl-C ends the program. Nothing runs while a question waits for its answer.
pub(crate) fn restore_default_handler() {
    *HANDLER.lock().unwrap_or_else(PoisonError::into_inner) = None;
}

/// Creates a token that an interrupt cancels.
pub(crate) fn cancel_token() -> Cancel {
    let cancel = Cancel::default();
    cancel_on_interrupt(&cancel);
    cancel
}

/// Makes the next interrupt cancel a token. A question removes the action.
pub(crate) fn cancel_on_interrupt(cancel: &Cancel) {
    let token = cancel.clone();
    set_handler(move || token.cancel());
}
