//! Restore keys of this computer that were withdrawn.

use super::{StoreError, View};

/// Restore keys that are worth nothing any more, by issuer and holder.
pub(crate) struct WithdrawnKeys(Vec<WithdrawnKey>);

/// Restore keys of this computer for one holder that were withdrawn, as far as this home learned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WithdrawnKey {
    pub(crate) issuer: String,
    pub(crate) holder: String,
    /// The store's change that noted it: what was backed up before has such a key.
    pub(crate) change: i64,
    /// Whether this computer is registered there for that holder: if not, later backups repeat the withdrawn key.
    pub(crate) registered: bool,
}

impl WithdrawnKey {
    const fn concerns(&self, change: i64) -> bool {
        change < self.change || !self.registered
    }
}

impl WithdrawnKeys {
    pub(crate) fn of(view: View<'_>) -> Result<Self, StoreError> {
        Ok(Self(view.withdrawn_keys()?))
    }

    /// Returns true if a backup of this change holds a withdrawn restore key of any holder.
    pub(crate) fn concerns_any(&self, change: i64) -> bool {
        self.0.iter().any(|key| key.concerns(change))
    }

    /// Whether a backup of so many changes lets nobody in for this holder's licenses.
    pub(crate) fn concerns(&self, issuer: &str, holder: &str, change: i64) -> bool {
        self.0.iter().any(|key| key.issuer == issuer && key.holder == holder && key.concerns(change))
    }
}
