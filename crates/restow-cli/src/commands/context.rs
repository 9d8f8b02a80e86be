//! The home and the output that commands work with.

use std::path::PathBuf;
use std::sync::Arc;

use restow::restorer::{Contents, Restore};
use restow::{Home, SystemClock};

use super::{CommandError, Failure};
use crate::output::{LocationHint, Ui};

/// Shared state of a command.
pub(crate) struct Context {
    pub(crate) ui: Arc<Ui>,
    home: Option<PathBuf>,
}

impl Context {
    pub(crate) const fn new(ui: Arc<Ui>, home: Option<PathBuf>) -> Self {
        Self { ui, home }
    }

    /// Opens the home of `--home`, `RESTOW_HOME` or the platform. Creates a missing home.
    pub(crate) fn home(&self) -> Result<Home, Failure> {
        let folder = self.home_folder()?;
        if folder.is_file() {
            return Err(Failure::new(CommandError::HomeAFile).with("path", folder.display()));
        }
        let home = Home::open(folder)?;
        self.ui.set_location(LocationHint::OfHome(home.clone()));
        Ok(home)
    }

    /// Opens the home if it exists.
    pub(crate) fn existing_home(&self) -> Result<Option<Home>, Failure> {
        let folder = self.home_folder()?;
        if folder.join("store.db").is_file() { Ok(Some(Home::open(folder)?)) } else { Ok(None) }
    }

    /// Reads the backup that `restore` selects, with the trust settings of the home if there is one.
    pub(crate) fn contents(&self, restore: &Restore) -> Result<Contents, Failure> {
        let contents = match self.existing_home()? {
            Some(home) => Contents::open(&home, restore),
            None => Contents::open_without_home(&SystemClock, restore),
        };
        contents.map_err(Failure::from)
    }

    fn home_folder(&self) -> Result<PathBuf, Failure> {
        match &self.home {
            Some(folder) => Ok(folder.clone()),
            None => Ok(Home::shared_folder()?),
        }
    }
}
