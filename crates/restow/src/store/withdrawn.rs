//! Withdrawn restore keys of this computer.

use super::{StoreError, View};

/// Withdrawn restore keys, by issuer and holder.
pub(crate) struct WithdrawnKeys(Vec<WithdrawnKey>);

/// Withdrawn restore keys of this computer for one holder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct WithdrawnKey {
    pub(crate) issuer: String,
    pub(crate) holder: String,
    /// Change that recorded the withdrawal. Earlier backups hold such a key.
    pub(crate) change: i64,
    /// True if this computer is registered for the holder. If not, later backups repeat the withdrawn key.
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

    /// Returns true if a backup of this change holds a withdrawn restore key of this holder.
    pub(crate) fn concerns(&self, issuer: &str, holder: &str, change: i64) -> bool {
        self.0.iter().any(|key| key.issuer == issuer && key.holder == holder && key.concerns(change))
    }
}
