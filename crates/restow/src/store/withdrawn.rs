//! Withdrawn restore keys of this computer.

use super::{StoreError, View};

/// Withdrawn restore keys, by issuer and holder.
pub(crate) struct WithdrawnKeys(Vec<WithdrawnKey>);

/// Withdrawn restore keys of this computer for one holder.
struct WithdrawnKey {
    issuer: String,
    holder: String,
    /// Change that recorded the withdrawal. Earlier backups hold such a key.
    change: i64,
    /// True if this computer is registered for the holder. If not, later backups repeat the withdrawn key.
    registered: bool,
}

impl WithdrawnKey {
    const fn concerns(&self, change: i64) -> bool {
        change < self.change || !self.registered
    }
}

impl WithdrawnKeys {
    pub(crate) fn of(view: View<'_>) -> Result<Self, StoreError> {
        let sql = "SELECT issuer, holder, change, EXISTS (SELECT 1 FROM registration r WHERE r.issuer = withdrawn.issuer \
             AND r.holder = withdrawn.holder) FROM withdrawn";
        let keys = view.all(sql, [], |row| {
            let (issuer, holder, change, registered) = row.try_into()?;
            Ok(WithdrawnKey { issuer, holder, change, registered })
        })?;
        Ok(Self(keys))
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
