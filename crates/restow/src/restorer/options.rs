//! What to do: options of a backup and of a restore, and what they would do.

use std::path::PathBuf;
use std::sync::Arc;

use restow_core::message::Note;
use restow_core::time::UnixTime;

use crate::error::Error;
use crate::home::Home;
use crate::lcp_provider::ProviderNeeded;
use crate::license::LicenseIdentity;
use crate::restorer::run::{Run, StatusCallback};
use crate::service::Cancel;
use crate::status::RestrictedLicense;

/// What a backup does when this computer already has a set at the location.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum ExistingSet {
    /// It adds a generation; old ones stay by the keep rule.
    #[default]
    AddGeneration,
    /// It ends with `NS_E_DRM_BACKUP_EXISTS`, as the SDK does without `WM_BACKUP_OVERWRITE`.
    Refuse,
}

/// A backup to be made.
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
    pub(super) location: PathBuf,
    pub(super) existing: ExistingSet,
    pub(super) keep: u32,
    pub(super) computer_name: Option<String>,
    pub(super) callback: Option<Arc<dyn StatusCallback>>,
    pub(super) cancel: Cancel,
}

impl Backup {
    /// A backup to a folder that exists.
    #[must_use]
    pub fn to(location: impl Into<PathBuf>) -> Self {
        Self {
            location: location.into(),
            existing: ExistingSet::default(),
            keep: 10,
            computer_name: None,
            callback: None,
            cancel: Cancel::default(),
        }
    }

    /// What to do with a set of this computer that is there already.
    #[must_use]
    pub const fn existing(mut self, existing: ExistingSet) -> Self {
        self.existing = existing;
        self
    }

    /// How many generations stay, at least 2; 10 unless said otherwise.
    #[must_use]
    pub const fn keep(mut self, generations: u32) -> Self {
        self.keep = generations;
        self
    }

    /// The name of this computer as the set shows it.
    #[must_use]
    pub fn computer_name(mut self, name: impl Into<String>) -> Self {
        self.computer_name = Some(name.into());
        self
    }

    /// What stops the run, as [`Run::cancel`] does; it may be cancelled before the run starts.
    #[must_use]
    pub fn cancelled_by(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Whom to tell, on the run's own thread.
    #[must_use]
    pub fn on_status(mut self, callback: impl StatusCallback + 'static) -> Self {
        self.callback = Some(Arc::new(callback));
        self
    }

    /// Says what the backup would do, and changes nothing.
    ///
    /// # Errors
    /// When the location or store cannot be read.
    pub fn plan(&self, home: &Home) -> Result<BackupPlan, Error> {
        crate::restorer::backup::run::plan(self, home)
    }

    /// Starts the backup on its own thread.
    ///
    /// # Errors
    /// When a run of this process already uses the home: nothing is told then.
    pub fn start(self, home: &Home) -> Result<Run, Error> {
        crate::restorer::run::start_backup(self, home)
    }
}

/// What a backup would do.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct BackupPlan {
    /// Where.
    pub location: PathBuf,
    /// The set it would write.
    pub set: String,
    /// The generation it would continue, if any.
    pub continues: Option<u64>,
    /// Licenses in the new generation that the store has.
    pub licenses: u64,
    /// Licenses among them that are new or changed since the last backup there.
    pub new_or_changed: u64,
    /// Licenses that may not be backed up.
    pub restricted: Vec<RestrictedLicense>,
}

/// To which services this computer may be registered during a restore: the user's consent.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
#[non_exhaustive]
pub enum Consent {
    /// None: a service that would need it is not contacted.
    #[default]
    None,
    /// Those with these root thumbprints, and the LCP providers at these addresses, which the user was shown.
    Services(Vec<String>),
    /// All services and LCP providers the sets name, as the SDK's `WM_RESTORE_INDIVIDUALIZE`.
    AllServices,
}

/// A restore to be made.
#[derive(Clone)]
pub struct Restore {
    pub(super) location: PathBuf,
    pub(super) consent: Consent,
    pub(super) adopt: bool,
    pub(super) only: Vec<String>,
    pub(super) set: Option<String>,
    pub(super) generation: Option<u64>,
    pub(super) computer_name: Option<String>,
    pub(super) callback: Option<Arc<dyn StatusCallback>>,
    pub(super) cancel: Cancel,
}

impl Restore {
    /// A restore from a location: the union of the newest generation of every set there.
    #[must_use]
    pub fn from(location: impl Into<PathBuf>) -> Self {
        Self {
            location: location.into(),
            consent: Consent::None,
            adopt: false,
            only: Vec::new(),
            set: None,
            generation: None,
            computer_name: None,
            callback: None,
            cancel: Cancel::default(),
        }
    }

    /// With which services this computer may register.
    #[must_use]
    pub fn consent(mut self, consent: Consent) -> Self {
        self.consent = consent;
        self
    }

    /// Takes over holders other than this home's.
    #[must_use]
    pub const fn adopt(mut self, adopt: bool) -> Self {
        self.adopt = adopt;
        self
    }

    /// Only licenses with these IDs.
    #[must_use]
    pub fn only(mut self, license_ids: impl IntoIterator<Item = String>) -> Self {
        self.only = license_ids.into_iter().collect();
        self
    }

    /// Only the set whose ID begins so.
    #[must_use]
    pub fn set(mut self, set: impl Into<String>) -> Self {
        self.set = Some(set.into());
        self
    }

    /// This generation instead of the newest.
    #[must_use]
    pub const fn generation(mut self, generation: u64) -> Self {
        self.generation = Some(generation);
        self
    }

    /// The name of this computer, should it be registered.
    #[must_use]
    pub fn computer_name(mut self, name: impl Into<String>) -> Self {
        self.computer_name = Some(name.into());
        self
    }

    /// What stops the run, as [`Run::cancel`] does; it may be cancelled before the run starts.
    #[must_use]
    pub fn cancelled_by(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// Whom to tell, on the run's own thread.
    #[must_use]
    pub fn on_status(mut self, callback: impl StatusCallback + 'static) -> Self {
        self.callback = Some(Arc::new(callback));
        self
    }

    /// Says what the restore would do: opens no socket and changes nothing.
    ///
    /// # Errors
    /// When the location or store cannot be read.
    pub fn plan(&self, home: &Home) -> Result<RestorePlan, Error> {
        crate::restorer::restore::run::plan(self, home, &Cancel::default())
    }

    /// Starts the restore on its own thread.
    ///
    /// # Errors
    /// When a run of this process already uses the home: nothing is told then.
    pub fn start(self, home: &Home) -> Result<Run, Error> {
        crate::restorer::run::start_restore(self, home)
    }
}

/// What a restore would do.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct RestorePlan {
    /// The sets it reads.
    pub sets: Vec<SetFound>,
    /// The services it would ask.
    pub services: Vec<ServiceNeeded>,
    /// The providers of LCP licenses it would ask how those stand. They come without it, too.
    pub providers: Vec<ProviderNeeded>,
    /// Licenses that are not here.
    pub to_restore: u64,
    /// Licenses that are here already.
    pub already_here: u64,
    /// Licenses of holders that need [`Restore::adopt`].
    pub needs_adopt: Vec<LicenseIdentity>,
    /// Damage found.
    pub warnings: Vec<Note>,
}

/// One set at a location.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct SetFound {
    /// Its ID.
    pub set: String,
    /// The generation read.
    pub generation: u64,
    /// The computer that wrote it.
    pub computer_name: String,
    /// When, by that computer's clock.
    pub created: UnixTime,
    /// Licenses in it.
    pub licenses: u64,
    /// Whether services that are trusted here vouch for who wrote it (docs/backup-format.md §4). A set without native
    /// licenses has nobody to vouch for it.
    pub vouched_for: bool,
}

/// A service a restore would ask: shown to the user before it is contacted.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ServiceNeeded {
    /// Thumbprint of its root: the fingerprint to compare.
    pub issuer: String,
    /// The name it gives itself.
    pub name: String,
    /// Where it is.
    pub origin: String,
    /// What it does with data.
    pub privacy_url: Option<String>,
    /// The holder the licenses belong to.
    pub holder: String,
    /// Whether the user trusts it already.
    pub pinned: bool,
    /// Whether this computer is registered there; else the restore needs consent.
    pub registered: bool,
    /// How many licenses it would be asked for.
    pub licenses: u64,
}
