//! `restow files`

use restow::Error;
use serde_json::Value;

use super::Context;
use crate::failure::{Exit, Failure};
use crate::output::clean;
use crate::texts::values;

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut count = 0_u64;
    let words = ["file-protected", "file-clear", "file-not-known"].map(|id| ui.text(id, values![]));
    let [protected, clear, unknown] = &words;
    let wide = words.iter().map(|word| word.chars().count()).max().unwrap_or_default();
    let walked = store.view().each_file(|file| {
        count += 1;
        ui.object(&file.facts);
        if !ui.json() {
            let word = match file.facts.get("protected").and_then(Value::as_bool) {
                Some(true) => protected,
                Some(false) => clear,
                None => unknown,
            };
            let title = file.facts.get("title").and_then(Value::as_str).unwrap_or_default();
            ui.line(&format!("{word:wide$}  {}  {}", clean(title), clean(&file.path)));
        }
        if ui.is_closed() { Err(Stop::Closed) } else { Ok(()) }
    });
    match walked {
        Ok(()) | Err(Stop::Closed) => {}
        Err(Stop::Store(error)) => return Err(error.into()),
    }
    if count == 0 {
        ui.say("files-none", values![]);
    }
    Ok(Exit::Done)
}

/// Why a walk ends early.
enum Stop {
    Closed,
    Store(Error),
}

impl From<restow::store::StoreError> for Stop {
    fn from(error: restow::store::StoreError) -> Self {
        Self::Store(error.into())
    }
}
