//! Providers of LCP licenses that the user allowed Restow to contact.

use restow_core::time::UnixTime;

use super::{Change, StoreError, TrustOrigin, View};

/// Allowed provider.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ProviderEntry {
    /// Scheme, host and port.
    pub origin: String,
    /// Origin of the permission. Only a manually added provider may have a private address.
    pub added: TrustOrigin,
    /// Time of the permission.
    pub at: UnixTime,
}

impl View<'_> {
    /// Returns the allowed providers in the order of their origins.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn providers(&self) -> Result<Vec<ProviderEntry>, StoreError> {
        self.all("SELECT origin, added, at FROM provider ORDER BY origin", [], |row| {
            let added = TrustOrigin::from_name(row.get_ref(1)?.as_str()?);
            Ok(ProviderEntry { origin: row.get(0)?, added, at: row.get(2)? })
        })
    }
}

impl Change<'_> {
    /// Allows contact with a provider. A manual permission is kept.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_provider(&self, origin: &str, added: TrustOrigin, at: UnixTime) -> Result<(), StoreError> {
        let sql = "INSERT INTO provider (origin, added, at) VALUES (?1, ?2, ?3) \
             ON CONFLICT DO UPDATE SET added = iif(added = 'hand', added, excluded.added)";
        self.execute(sql, (origin, added.as_str(), at)).map(drop)
    }

    /// Ends the permission for a provider. Returns false if the provider was not allowed.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn remove_provider(&self, origin: &str) -> Result<bool, StoreError> {
        Ok(self.execute("DELETE FROM provider WHERE origin = ?1", [origin])? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    #[test]
    fn manual_permission_is_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&dir.path().join("store.db")).unwrap();
        let change = store.change().unwrap();
        for (added, at) in [(TrustOrigin::Consent, 1), (TrustOrigin::Manual, 2), (TrustOrigin::Consent, 3)] {
            change.put_provider("https://l.example", added, at).unwrap();
        }
        change.commit().unwrap();
        let known = store.view().providers().unwrap();
        assert_eq!((known.len(), known[0].added, known[0].at), (1, TrustOrigin::Manual, 1));
        let change = store.change().unwrap();
        assert!(change.remove_provider("https://l.example").unwrap());
        assert!(!change.remove_provider("https://l.example").unwrap());
    }
}
