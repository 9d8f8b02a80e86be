//! The backup restorer as the Windows Media Format SDK knows it: properties, flags, a callback, cancel.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Error;
use crate::error::RestorerError;
use crate::home::Home;
use crate::restorer::options::{Backup, Consent, ExistingSet, Restore};
use crate::restorer::run::{Run, StatusCallback};
use crate::status::Status;

/// Flag of [`BackupRestorer::backup_licenses`]: a backup that is already there may be added to.
pub const WM_BACKUP_OVERWRITE: u32 = 1;
/// Flag of [`BackupRestorer::restore_licenses`]: the user consented to registering this computer with every service needed.
pub const WM_RESTORE_INDIVIDUALIZE: u32 = 2;

/// The property that says where backups are written to.
pub const BACKUP_PATH: &str = "BackupPath";
/// The property that says where backups are read from.
pub const RESTORE_PATH: &str = "RestorePath";

/// An object that backs up and restores, one run at a time, as often as one likes.
#[derive(Debug)]
pub struct BackupRestorer {
    home: Home,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    properties: BTreeMap<&'static str, String>,
    /// The last run, and the property its path came from.
    run: Option<(&'static str, Run)>,
}

fn known(name: &str) -> Result<&'static str, Error> {
    let known = [BACKUP_PATH, RESTORE_PATH].into_iter().find(|known| *known == name);
    Ok(known.ok_or_else(|| RestorerError::UnknownProperty(name.chars().take(64).collect()))?)
}

struct Shared(Arc<dyn StatusCallback>);

impl StatusCallback for Shared {
    fn on_status(&self, status: &Status) {
        self.0.on_status(status);
    }
}

impl BackupRestorer {
    /// The restorer of a home, without any property set.
    #[must_use]
    pub fn new(home: Home) -> Self {
        Self { home, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets [`BACKUP_PATH`] or [`RESTORE_PATH`], in this spelling.
    ///
    /// # Errors
    /// [`RestorerError::UnknownProperty`] for other names.
    pub fn set_property(&self, name: &str, value: &str) -> Result<(), Error> {
        self.state().properties.insert(known(name)?, value.to_owned());
        Ok(())
    }

    /// Removes a property; one that is not set is no error.
    ///
    /// # Errors
    /// [`RestorerError::UnknownProperty`] for names that do not exist.
    pub fn remove_property(&self, name: &str) -> Result<(), Error> {
        self.state().properties.remove(known(name)?);
        Ok(())
    }

    /// Removes all properties.
    pub fn remove_all_properties(&self) {
        self.state().properties.clear();
    }

    /// Starts a backup to [`BACKUP_PATH`] and returns at once; all else is told to `callback` from another thread.
    ///
    /// # Errors
    /// No callback, no path, or a run of this object or process: then nothing is told.
    pub fn backup_licenses(&self, flags: u32, callback: Option<Arc<dyn StatusCallback>>) -> Result<(), Error> {
        self.start(BACKUP_PATH, callback, |path, callback| {
            let existing =
                if flags & WM_BACKUP_OVERWRITE == 0 { ExistingSet::Refuse } else { ExistingSet::AddGeneration };
            Backup::to(path).existing(existing).on_status(callback).start(&self.home)
        })
    }

    /// Starts a restore from [`RESTORE_PATH`] and returns at once; all else is told to `callback` from another thread.
    ///
    /// # Errors
    /// As [`backup_licenses`](Self::backup_licenses).
    pub fn restore_licenses(&self, flags: u32, callback: Option<Arc<dyn StatusCallback>>) -> Result<(), Error> {
        self.start(RESTORE_PATH, callback, |path, callback| {
            let consent = if flags & WM_RESTORE_INDIVIDUALIZE == 0 { Consent::None } else { Consent::AllServices };
            Restore::from(path).consent(consent).on_status(callback).start(&self.home)
        })
    }

    fn start(
        &self,
        property: &'static str,
        callback: Option<Arc<dyn StatusCallback>>,
        begin: impl FnOnce(String, Shared) -> Result<Run, Error>,
    ) -> Result<(), Error> {
        let callback = callback.ok_or(RestorerError::NoCallback)?;
        // Under the lock, so that a cancel from the run's first status finds the run. `callback` outlives the lock: what an
        // application does where it is let go of, when no run came of it, may call this object again.
        let mut state = self.state();
        let path = state.properties.get(property).cloned().ok_or(RestorerError::NoPath(property))?;
        state.run = Some((property, begin(path, Shared(Arc::clone(&callback)))?));
        Ok(())
    }

    /// Asks a backup that is going on to stop; how it ended comes with END. Without one nothing happens.
    pub fn cancel_license_backup(&self) {
        self.cancel(BACKUP_PATH);
    }

    /// Asks a restore that is going on to stop; how it ended comes with END. Without one nothing happens.
    pub fn cancel_license_restore(&self) {
        self.cancel(RESTORE_PATH);
    }

    fn cancel(&self, property: &'static str) {
        if let Some((of, run)) = &self.state().run
            && *of == property
        {
            run.cancel();
        }
    }
}
