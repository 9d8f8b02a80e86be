//! Options of a backup and of a restore.

use std::path::PathBuf;

use restow_backup::Access;

use super::run::RunOptions;
use crate::license::LicenseIdentity;
use crate::service::Origin;

/// Adds the builder methods of the options that every run has. `$run` is the path of the [`RunOptions`].
macro_rules! run_option_methods {
    ($options:ty, $($run:ident).+) => {
        impl $options {
            /// Sets the name of this computer, which its set and services show.
            #[must_use]
            pub fn computer_name(mut self, name: impl Into<String>) -> Self {
                self.$($run).+.computer_name = Some(name.into());
                self
            }

            /// Sets a token that stops the run like [`Run::cancel`](crate::restorer::Run::cancel), also before the run
            /// starts.
            #[must_use]
            pub fn cancelled_by(mut self, cancel: &crate::net::Cancel) -> Self {
                self.$($run).+.cancel = cancel.clone();
                self
            }

            /// Sets the callback, which the thread of the run calls.
            #[must_use]
            pub fn on_status(mut self, callback: impl crate::restorer::StatusCallback + 'static) -> Self {
                self.$($run).+.callback = Some(std::sync::Arc::new(callback));
                self
            }
        }
    };
}
pub(super) use run_option_methods;

/// Handling of a set that this computer already has at the location.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum ExistingSet {
    /// The backup adds a generation. The number of generations to keep decides on the old ones.
    #[default]
    AddGeneration,
    /// The backup ends with `NS_E_DRM_BACKUP_EXISTS`, like the SDK without `WM_BACKUP_OVERWRITE`.
    Refuse,
}

/// Handling of a location where this computer's set is missing, although this computer backed up there.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum MissingSet {
    /// The backup ends with [`RestorerError::BackupGone`](crate::restorer::RestorerError::BackupGone), because a drive
    /// may not be connected.
    #[default]
    Refuse,
    /// The backup begins a new set with the next number.
    BeginNew,
}

/// Options of a backup.
///
/// ```no_run
/// # fn main() -> Result<(), restow::Error> {
/// let home = restow::Home::open("/tmp/home")?;
/// let report = restow::restorer::Backup::to("/media/stick").start(&home)?.wait();
/// println!("{} licenses backed up", report.summary.backed_up);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Backup {
    pub(super) run: RunOptions,
    pub(super) existing: ExistingSet,
    pub(super) missing: MissingSet,
    pub(super) access: Access,
    pub(super) include: Vec<LicenseIdentity>,
    /// True if a backup without any license is written, as by the object of the SDK.
    pub(super) writes_empty: bool,
    pub(super) keep: u32,
}

impl Backup {
    /// Creates the options of a backup to an existing folder.
    #[must_use]
    pub fn to(location: impl Into<PathBuf>) -> Self {
        Self {
            run: RunOptions::new(location.into()),
            existing: ExistingSet::default(),
            missing: MissingSet::default(),
            access: Access::default(),
            include: Vec::new(),
            writes_empty: false,
            keep: 10,
        }
    }

    /// Sets the handling of an existing set of this computer.
    #[must_use]
    pub const fn existing(mut self, existing: ExistingSet) -> Self {
        self.existing = existing;
        self
    }

    /// Sets the handling of a location where the set of this computer is missing.
    #[must_use]
    pub const fn missing(mut self, missing: MissingSet) -> Self {
        self.missing = missing;
        self
    }

    /// Sets the access of other users of this computer to the set. Without this option only the owner reads the set,
    /// also if an earlier backup was open to all.
    #[must_use]
    pub const fn access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Backs up licenses again that were removed from the set.
    #[must_use]
    pub fn include(mut self, licenses: impl IntoIterator<Item = LicenseIdentity>) -> Self {
        self.include = licenses.into_iter().collect();
        self
    }

    /// Sets the number of generations to keep: at least 2, by default 10.
    #[must_use]
    pub const fn keep(mut self, generations: u32) -> Self {
        self.keep = generations;
        self
    }
}

/// Consent of the user to register this computer with services during a restore.
///
/// The consent does not cover LCP providers: see [`Restore::ask_providers`].
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum ServiceConsent {
    /// No consent. A service that requires a registration is not contacted.
    #[default]
    None,
    /// Consent to the services with these root thumbprints.
    Services(Vec<String>),
    /// Consent to all services that the sets name, like `WM_RESTORE_INDIVIDUALIZE` of the SDK.
    AllServices,
}

run_option_methods!(Backup, run);

/// Options of a restore.
#[derive(Clone)]
pub struct Restore {
    pub(super) run: RunOptions,
    pub(super) consent: ServiceConsent,
    pub(super) providers: Vec<Origin>,
    pub(super) adopt: bool,
    pub(super) only: Vec<String>,
    pub(super) set: Option<String>,
    pub(super) generation: Option<u64>,
}

impl Restore {
    /// Creates the options of a restore that merges the newest generation of every set at a location.
    #[must_use]
    pub fn from(location: impl Into<PathBuf>) -> Self {
        Self {
            run: RunOptions::new(location.into()),
            consent: ServiceConsent::None,
            providers: Vec::new(),
            adopt: false,
            only: Vec::new(),
            set: None,
            generation: None,
        }
    }

    /// Sets the services that the user consents to.
    #[must_use]
    pub fn consent(mut self, consent: ServiceConsent) -> Self {
        self.consent = consent;
        self
    }

    /// Sets the LCP providers that the user consents to ask for the status of licenses.
    /// [`parse_origin`](crate::lcp_provider::parse_origin) returns the origin of a provider.
    ///
    /// Providers that the user allowed before are asked too. For every other provider of the licenses the run sends
    /// [`Status::NeedsProviderConsent`](crate::Status::NeedsProviderConsent).
    #[must_use]
    pub fn ask_providers(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.providers = origins.into_iter().collect();
        self
    }

    /// Sets whether the restore takes over holders that this home does not have.
    #[must_use]
    pub const fn adopt(mut self, adopt: bool) -> Self {
        self.adopt = adopt;
        self
    }

    /// Restores only the licenses with these IDs.
    #[must_use]
    pub fn only(mut self, license_ids: impl IntoIterator<Item = String>) -> Self {
        self.only = license_ids.into_iter().collect();
        self
    }

    /// Restores only from the set with this prefix of its ID, or with this computer name.
    #[must_use]
    pub fn set(mut self, set: impl Into<String>) -> Self {
        self.set = Some(set.into());
        self
    }

    /// Restores from this generation instead of the newest.
    #[must_use]
    pub const fn generation(mut self, generation: u64) -> Self {
        self.generation = Some(generation);
        self
    }

    /// Reports whether the options select a license ID.
    pub(super) fn is_selected(&self, license_id: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|selected| selected == license_id)
    }
}

run_option_methods!(Restore, run);
