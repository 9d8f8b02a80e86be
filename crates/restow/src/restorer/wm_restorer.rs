//! The backup restorer object of the Windows Media Format SDK: properties, flags, a callback and cancellation.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::options::{Backup, ExistingSet, MissingSet, Restore, ServiceConsent};
use super::run::{Run, StatusCallback};
use crate::error::{Error, RestorerError};
use crate::home::Home;
use crate::lcp_provider::{ProviderError, parse_origin};
use crate::service::Origin;

/// Flag of [`BackupRestorer::backup_licenses`]: permits another generation of an existing backup.
pub const WM_BACKUP_OVERWRITE: u32 = 1;
/// Flag of [`BackupRestorer::backup_licenses`], which the SDK does not have: begins a new backup where the backup of
/// this computer is missing.
pub const BACKUP_NEW: u32 = 16;
/// Flag of [`BackupRestorer::restore_licenses`]: the user consents to a registration with every required service.
/// The flag does not cover LCP providers: see [`PROVIDER_CONSENT`].
pub const WM_RESTORE_INDIVIDUALIZE: u32 = 2;

/// Property with the location that backups are written to.
pub const BACKUP_PATH: &str = "BackupPath";
/// Property with the location that backups are read from.
pub const RESTORE_PATH: &str = "RestorePath";
/// Property with the LCP providers that the user consents to ask during a restore: origins, separated by spaces.
/// The SDK does not have this property.
pub const PROVIDER_CONSENT: &str = "ProviderConsent";

/// Object for any number of backups and restores, one at a time.
#[derive(Debug)]
pub struct BackupRestorer {
    home: Home,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    properties: BTreeMap<&'static str, String>,
    /// Last run, and the property with its path.
    run: Option<(&'static str, Run)>,
}

fn property(name: &str) -> Result<&'static str, Error> {
    let property = [BACKUP_PATH, RESTORE_PATH, PROVIDER_CONSENT].into_iter().find(|known| *known == name);
    Ok(property.ok_or_else(|| RestorerError::UnknownProperty(name.chars().take(64).collect()))?)
}

/// Returns the origins in the value of [`PROVIDER_CONSENT`].
fn provider_origins(value: &str) -> Result<Vec<Origin>, ProviderError> {
    value.split_whitespace().map(parse_origin).collect()
}

impl BackupRestorer {
    /// Creates the object of a home, without properties.
    #[must_use]
    pub fn new(home: Home) -> Self {
        Self { home, state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets [`BACKUP_PATH`], [`RESTORE_PATH`] or [`PROVIDER_CONSENT`]. Names are case-sensitive.
    ///
    /// # Errors
    /// [`RestorerError::UnknownProperty`] for other names; [`ProviderError::Address`] if [`PROVIDER_CONSENT`] has a word that is no origin.
    pub fn set_property(&self, name: &str, value: &str) -> Result<(), Error> {
        let name = property(name)?;
        if name == PROVIDER_CONSENT {
            provider_origins(value)?;
        }
        self.state().properties.insert(name, value.to_owned());
        Ok(())
    }

    /// Removes a property. A property without a value is no error.
    ///
    /// # Errors
    /// [`RestorerError::UnknownProperty`] for other names.
    pub fn remove_property(&self, name: &str) -> Result<(), Error> {
        self.state().properties.remove(property(name)?);
        Ok(())
    }

    /// Removes all properties.
    pub fn remove_all_properties(&self) {
        self.state().properties.clear();
    }

    /// Starts a backup to [`BACKUP_PATH`] and returns at once. Another thread calls `callback`.
    ///
    /// # Errors
    /// [`RestorerError::NoCallback`], [`RestorerError::NoPath`], or [`Error::Busy`] if a run of this process uses the
    /// home. The callback receives nothing then.
    pub fn backup_licenses(&self, flags: u32, callback: Option<Arc<dyn StatusCallback>>) -> Result<(), Error> {
        self.start(BACKUP_PATH, callback, |path, callback| {
            let existing =
                if flags & WM_BACKUP_OVERWRITE == 0 { ExistingSet::Refuse } else { ExistingSet::AddGeneration };
            let missing = if flags & BACKUP_NEW == 0 { MissingSet::Refuse } else { MissingSet::BeginNew };
            let mut backup = Backup::to(path).existing(existing).missing(missing);
            // The SDK knows no backup of nothing.
            backup.writes_empty = true;
            backup.run.callback = Some(callback);
            backup.start(&self.home)
        })
    }

    /// Starts a restore from [`RESTORE_PATH`] and returns at once. Another thread calls `callback`.
    ///
    /// # Errors
    /// The same errors as [`backup_licenses`](Self::backup_licenses).
    pub fn restore_licenses(&self, flags: u32, callback: Option<Arc<dyn StatusCallback>>) -> Result<(), Error> {
        let providers = provider_origins(self.state().properties.get(PROVIDER_CONSENT).map_or("", |value| value))?;
        self.start(RESTORE_PATH, callback, |path, callback| {
            let consent =
                if flags & WM_RESTORE_INDIVIDUALIZE == 0 { ServiceConsent::None } else { ServiceConsent::AllServices };
            let mut restore = Restore::from(path).consent(consent).ask_providers(providers);
            restore.run.callback = Some(callback);
            restore.start(&self.home)
        })
    }

    fn start(
        &self,
        property: &'static str,
        callback: Option<Arc<dyn StatusCallback>>,
        start_run: impl FnOnce(String, Arc<dyn StatusCallback>) -> Result<Run, Error>,
    ) -> Result<(), Error> {
        let callback = callback.ok_or(RestorerError::NoCallback)?;
        // The lock makes a cancel from the first status of the run find the run. `callback` outlives the lock:
        // without a run, the destructor of the callback is free to call this object.
        let mut state = self.state();
        let path = state.properties.get(property).cloned().ok_or(RestorerError::NoPath(property))?;
        state.run = Some((property, start_run(path, Arc::clone(&callback))?));
        Ok(())
    }

    /// Requests the end of a running backup; END has the result. Without a running backup nothing happens.
    pub fn cancel_license_backup(&self) {
        self.cancel(BACKUP_PATH);
    }

    /// Requests the end of a running restore; END has the result. Without a running restore nothing happens.
    pub fn cancel_license_restore(&self) {
        self.cancel(RESTORE_PATH);
    }

    fn cancel(&self, property: &'static str) {
        if let Some((run_property, run)) = &self.state().run
            && *run_property == property
        {
            run.cancel();
        }
    }
}
