//! Licenses: exact documents, status, and revocations.

use std::cmp::Ordering;

use restow_core::encoding::sha256;
use restow_core::protocol::Revocations;
use restow_lcp::SignatureStrength;
use restow_media::KeyId;
use rusqlite::{OptionalExtension as _, Row, named_params};

use super::{Change, StoreError, View};
use crate::license::LicenseStatus;
use crate::license::{BackupRight, Kind, License, LicenseIdentity, Restriction};

/// Result of storing a license.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StoreResult {
    /// The license is new.
    New,
    /// The document replaced an older or weaker document.
    Updated,
    /// This document or a newer one was already stored.
    AlreadyStored,
    /// Another document with a stronger signature was already stored.
    StrongerStored,
}

/// Result of [`Change::put_license_if_better`].
pub(crate) struct StoreOutcome {
    pub(crate) result: StoreResult,
    /// Status of the stored license after the call.
    pub(crate) status: LicenseStatus,
    /// SHA-256 of the document that was passed in, stored or not.
    pub(crate) sha256: [u8; 32],
    /// SHA-256 of the previously stored document, if it differs, and the order of the new signature strength against
    /// its strength.
    pub(crate) other: Option<([u8; 32], Ordering)>,
}

impl StoreResult {
    /// Returns true if the document was written.
    #[must_use]
    pub const fn was_written(self) -> bool {
        matches!(self, Self::New | Self::Updated)
    }
}

/// Stored license with its document.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct LicenseEntry {
    /// Row number.
    pub row: i64,
    /// Identity of the license.
    pub identity: LicenseIdentity,
    /// Time of the last update of the document, in Unix milliseconds.
    pub version: i64,
    /// Holder of a native license.
    pub holder: Option<String>,
    /// Stored status.
    pub status: LicenseStatus,
    /// Reason why backups exclude the license, if they do.
    pub restriction: Option<Restriction>,
    /// Titles from a backup, if they differ from the title in the document.
    pub titles: Vec<String>,
    /// SHA-256 of the document.
    pub sha256: [u8; 32],
    /// Exact bytes of the document.
    pub document: Vec<u8>,
    /// Number of the change that last wrote the license.
    pub changed: i64,
}

pub(super) const COLUMNS: &str = "license.id, source.kind, source.issuer, license.license_id, license.version, license.holder, \
     license.status, license.restriction, license.sha256, license.document, license.changed, license.titles \
     FROM license JOIN source ON source.id = license.source";

fn titles(json: Option<&str>) -> Vec<String> {
    json.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

pub(super) fn entry(row: &Row<'_>) -> rusqlite::Result<LicenseEntry> {
    let kind: u8 = row.get(1)?;
    let restriction: Option<u8> = row.get(7)?;
    Ok(LicenseEntry {
        row: row.get(0)?,
        identity: LicenseIdentity {
            kind: Kind::from_number(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(1, kind.into()))?,
            issuer: row.get(2)?,
            license_id: row.get(3)?,
        },
        version: row.get(4)?,
        holder: row.get(5)?,
        status: LicenseStatus::from_name(row.get_ref(6)?.as_str()?),
        restriction: restriction.and_then(Restriction::from_number),
        sha256: row.get(8)?,
        document: row.get(9)?,
        changed: row.get(10)?,
        titles: titles(row.get_ref(11)?.as_str_or_null()?),
    })
}

/// Selection of licenses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum LicenseFilter {
    /// All licenses.
    All,
    /// Licenses that were written after this change.
    ChangedSince(i64),
    /// Licenses with new titles after this change, and no other change since.
    TitlesChangedSince(i64),
    /// Licenses that backups exclude.
    Restricted,
    /// Licenses with the status pending or refused.
    NotUsable,
}

impl LicenseFilter {
    const fn condition(self) -> (&'static str, Option<i64>) {
        match self {
            Self::All => ("?1 IS NULL", None),
            Self::ChangedSince(change) => ("license.changed > ?1", Some(change)),
            Self::TitlesChangedSince(change) => (
                "license.titles_changed > license.changed AND license.titles_changed > ?1 AND license.changed <= ?1",
                Some(change),
            ),
            Self::Restricted => ("?1 IS NULL AND license.restriction IS NOT NULL", None),
            Self::NotUsable => ("?1 IS NULL AND license.status <> 'usable'", None),
        }
    }
}

impl View<'_> {
    /// Calls `visit` for each selected license. [`LicenseFilter::All`] visits in the order of storing.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`, which ends the walk.
    pub fn each_license<E: From<StoreError>>(
        &self,
        filter: LicenseFilter,
        mut visit: impl FnMut(LicenseEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let (condition, since) = filter.condition();
        // CROSS JOIN keeps SQLite from walking by issuer and sorting. An order would keep SQLite from using the
        // indexes of the other filters.
        let order = if filter == LicenseFilter::All { "ORDER BY license.id" } else { "" };
        let sql = format!("SELECT {} WHERE {condition} {order}", COLUMNS.replace(" JOIN ", " CROSS JOIN "));
        let mut query = self.connection.prepare_cached(&sql).map_err(StoreError::from)?;
        let mut rows = query.query([since]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            visit(entry(row).map_err(StoreError::from)?)?;
        }
        Ok(())
    }

    /// Returns the number of selected licenses.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn count_licenses(&self, filter: LicenseFilter) -> Result<u64, StoreError> {
        let (condition, since) = filter.condition();
        let sql = format!("SELECT count(*) FROM license WHERE {condition}");
        Ok(self.connection.query_row(&sql, [since], |row| row.get(0))?)
    }

    /// Returns the license with this identity.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn license(&self, identity: &LicenseIdentity) -> Result<Option<LicenseEntry>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3"
        ))?;
        Ok(query.query_row((identity.kind.number(), &identity.issuer, &identity.license_id), entry).optional()?)
    }

    /// Returns at most `limit` licenses with this prefix of the ID, of all kinds and issuers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_with_id_prefix(&self, prefix: &str, limit: u32) -> Result<Vec<LicenseEntry>, StoreError> {
        let sql = format!("SELECT {COLUMNS} WHERE substr(license.license_id, 1, length(?1)) = ?1 LIMIT ?2");
        let mut query = self.connection.prepare_cached(&sql)?;
        Ok(query.query_map((prefix, limit), entry)?.collect::<Result<_, _>>()?)
    }

    /// Returns all licenses with this ID, of all kinds and issuers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_with_id(&self, license_id: &str) -> Result<Vec<LicenseEntry>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!("SELECT {COLUMNS} WHERE license.license_id = ?1"))?;
        Ok(query.query_map([license_id], entry)?.collect::<Result<_, _>>()?)
    }

    /// Returns all licenses for a key ID.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn licenses_for(&self, key_id: &KeyId) -> Result<Vec<LicenseEntry>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT {COLUMNS} JOIN license_key ON license_key.license = license.id WHERE license_key.key_id = ?1 ORDER BY license.id"
        ))?;
        Ok(query.query_map([key_id.to_bytes()], entry)?.collect::<Result<_, _>>()?)
    }

    /// Returns the key IDs of a stored license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn key_ids(&self, row: i64) -> Result<Vec<KeyId>, StoreError> {
        let mut query =
            self.connection.prepare_cached("SELECT key_id FROM license_key WHERE license = ?1 ORDER BY key_id")?;
        let keys = query.query_map([row], |row| row.get::<_, Vec<u8>>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(keys.iter().filter_map(|bytes| KeyId::from_bytes(bytes)).collect())
    }

    /// Returns the holder of a stored native license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn holder_of(&self, issuer: &str, license_id: &str) -> Result<Option<String>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT license.holder FROM license JOIN source ON source.id = license.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3",
        )?;
        let holder: Option<Option<String>> =
            query.query_row((Kind::Restow.number(), issuer, license_id), |row| row.get(0)).optional()?;
        Ok(holder.flatten())
    }

    /// Returns SHA-256 and status of a license without reading its document.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn license_digest(&self, identity: &LicenseIdentity) -> Result<Option<([u8; 32], LicenseStatus)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT license.sha256, license.status FROM license JOIN source ON source.id = license.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.license_id = ?3",
        )?;
        let row = query.query_row((identity.kind.number(), &identity.issuer, &identity.license_id), |row| {
            Ok((row.get(0)?, LicenseStatus::from_name(row.get_ref(1)?.as_str()?)))
        });
        Ok(row.optional()?)
    }

    /// Returns reason and time of the revocation, if the issuer revoked the license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn revoked(&self, identity: &LicenseIdentity) -> Result<Option<(String, i64)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT reason, at FROM revoked JOIN source ON source.id = revoked.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND revoked.license_id = ?3",
        )?;
        let row = query.query_row((identity.kind.number(), &identity.issuer, &identity.license_id), |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
        Ok(row.optional()?)
    }

    /// Calls `visit` with issuer and document of each signed statement that was stored after a change.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`.
    pub fn each_statement<E: From<StoreError>>(
        &self,
        since: i64,
        mut visit: impl FnMut(String, String) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut query = self
            .connection
            .prepare_cached(
                "SELECT source.issuer, statement.document FROM statement JOIN source ON source.id = statement.source \
                 WHERE statement.changed > ?1 ORDER BY statement.id",
            )
            .map_err(StoreError::from)?;
        let mut rows = query.query([since]).map_err(StoreError::from)?;
        while let Some(row) = rows.next().map_err(StoreError::from)? {
            let pair = || -> rusqlite::Result<_> { Ok((row.get(0)?, row.get(1)?)) };
            let (issuer, document) = pair().map_err(StoreError::from)?;
            visit(issuer, document)?;
        }
        Ok(())
    }

    /// Returns each pair of issuer and holder that a license names.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn holders_of_licenses(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT source.issuer, named.holder FROM \
             (SELECT DISTINCT source, holder FROM license WHERE holder IS NOT NULL) AS named \
             JOIN source ON source.id = named.source ORDER BY 1, 2",
        )?;
        Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }
}

impl Change<'_> {
    /// Stores a license. A newer document replaces an older one. A pending document never replaces a granted one.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_license(&self, license: &License, status: LicenseStatus) -> Result<StoreResult, StoreError> {
        Ok(self.put_license_if_better(license, status, &|_| SignatureStrength::Verified)?.result)
    }

    /// Stores a license unless the stored document is better.
    ///
    /// `strength` returns the signature strength of a document, and is called only if another document of the license
    /// is stored. Documents are compared by [`precedence`](restow_lcp::DocumentRank::precedence), then by SHA-256. An
    /// LCP license gets the last status from its provider instead of `status`.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn put_license_if_better(
        &self,
        license: &License,
        status: LicenseStatus,
        strength: &dyn Fn(&[u8]) -> SignatureStrength,
    ) -> Result<StoreOutcome, StoreError> {
        let by_provider = license.identity.kind == Kind::Lcp;
        let status = if by_provider { self.status_of(&license.identity, license.version)? } else { status };
        let source = self.source(license.identity.kind.number(), &license.identity.issuer)?;
        let restriction = match license.backup_right {
            BackupRight::Allowed => None,
            BackupRight::Denied(reason) | BackupRight::Unstated(reason) => Some(reason.number()),
        };
        let digest = sha256(&license.document);
        let outcome = |result, status| StoreOutcome { result, status, sha256: digest, other: None };
        // One statement suffices for a new license, which is the common case.
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO license (source, license_id, version, holder, status, restriction, seed, changed, titles_changed, sha256, document) \
             VALUES (:source, :license_id, :version, :holder, :status, :restriction, :seed, :change, :change, :sha256, :document) \
             ON CONFLICT (source, license_id) DO NOTHING",
        )?;
        let inserted = insert.execute(named_params! {
            ":source": source,
            ":license_id": license.identity.license_id,
            ":version": license.version,
            ":holder": license.holder,
            ":status": status.as_str(),
            ":restriction": restriction,
            ":seed": license.seed,
            ":change": self.number,
            ":sha256": digest,
            ":document": license.document,
        })?;
        if inserted == 1 {
            self.put_key_ids(self.transaction.last_insert_rowid(), &license.key_ids)?;
            return Ok(outcome(StoreResult::New, status));
        }
        let mut known = self
            .transaction
            .prepare_cached("SELECT id, version, status, sha256 FROM license WHERE source = ?1 AND license_id = ?2")?;
        let (row, version, status_before, digest_before) =
            known.query_row((source, &license.identity.license_id), |row| {
                let status = LicenseStatus::from_name(row.get_ref(2)?.as_str()?);
                Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, status, row.get::<_, [u8; 32]>(3)?))
            })?;
        if digest == digest_before {
            if status_before != status && (by_provider || status_before != LicenseStatus::Usable) {
                self.set_status(row, status)?;
                return Ok(outcome(StoreResult::AlreadyStored, status));
            }
            return Ok(outcome(StoreResult::AlreadyStored, status_before));
        }
        let strength_before = {
            let mut document = self.transaction.prepare_cached("SELECT document FROM license WHERE id = ?1")?;
            document.query_row([row], |row| Ok(strength(row.get_ref(0)?.as_blob()?)))?
        };
        let order = strength(&license.document).cmp(&strength_before);
        let outcome = |result, status| StoreOutcome { other: Some((digest_before, order)), ..outcome(result, status) };
        if order == Ordering::Less {
            return Ok(outcome(StoreResult::StrongerStored, status_before));
        }
        let is_accepted = |status| by_provider || status == LicenseStatus::Usable;
        // The larger digest breaks ties of version, so that the order of sets does not matter.
        let is_older = order == Ordering::Equal
            && (license.version, digest) <= (version, digest_before)
            && (is_accepted(status_before) || !is_accepted(status));
        if is_older || (is_accepted(status_before) && !is_accepted(status)) {
            return Ok(outcome(StoreResult::AlreadyStored, status_before));
        }
        let mut update = self.transaction.prepare_cached(
            "UPDATE license SET version = :version, holder = :holder, status = :status, restriction = :restriction, \
             seed = :seed, changed = :change, titles_changed = :change, sha256 = :sha256, document = :document WHERE id = :row",
        )?;
        update.execute(named_params! {
            ":row": row,
            ":version": license.version,
            ":holder": license.holder,
            ":status": status.as_str(),
            ":restriction": restriction,
            ":seed": license.seed,
            ":change": self.number,
            ":sha256": digest,
            ":document": license.document,
        })?;
        self.transaction.prepare_cached("DELETE FROM license_key WHERE license = ?1")?.execute([row])?;
        self.put_key_ids(row, &license.key_ids)?;
        Ok(outcome(StoreResult::Updated, status))
    }

    fn put_key_ids(&self, row: i64, key_ids: &[KeyId]) -> Result<(), StoreError> {
        let mut insert =
            self.transaction.prepare_cached("INSERT OR IGNORE INTO license_key (key_id, license) VALUES (?1, ?2)")?;
        for key_id in key_ids {
            insert.execute((key_id.to_bytes(), row))?;
        }
        Ok(())
    }

    /// Marks a license as changed if this document was excluded from a set. The next backup writes it again.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn mark_reimported(&self, identity: &LicenseIdentity, sha256: &[u8; 32]) -> Result<(), StoreError> {
        let LicenseIdentity { kind, issuer, license_id } = identity;
        let source = self.source(kind.number(), issuer)?;
        let mut touch = self.transaction.prepare_cached(
            "UPDATE license SET changed = ?5 WHERE source = ?1 AND license_id = ?2 AND sha256 = ?3 AND EXISTS \
             (SELECT 1 FROM left_out WHERE kind = ?4 AND issuer = ?6 AND license_id = ?2 AND sha256 = ?3)",
        )?;
        touch.execute((source, license_id, sha256, kind.number(), self.number, issuer))?;
        Ok(())
    }

    /// Stores the titles that a backup has for a license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn set_titles(&self, identity: &LicenseIdentity, titles: &[String]) -> Result<(), StoreError> {
        let source = self.source(identity.kind.number(), &identity.issuer)?;
        let titles = serde_json::to_string(titles).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let mut update = self.transaction.prepare_cached(
            "UPDATE license SET titles = ?3 WHERE source = ?1 AND license_id = ?2 AND titles IS NOT ?3",
        )?;
        update.execute((source, &identity.license_id, titles))?;
        Ok(())
    }

    /// Stores the status that a service reported for a license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn set_status(&self, row: i64, status: LicenseStatus) -> Result<(), StoreError> {
        let mut update = self.transaction.prepare_cached("UPDATE license SET status = ?2 WHERE id = ?1")?;
        update.execute((row, status.as_str()))?;
        Ok(())
    }

    /// Stores a statement of an issuer and the licenses it revokes. The caller has verified the statement.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_revocations(&self, document: &str, statement: &Revocations) -> Result<(), StoreError> {
        let source = self.source(Kind::Restow.number(), &statement.issuer)?;
        let mut insert = self.transaction.prepare_cached(
            "INSERT INTO statement (source, document, changed) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?;
        let mut note = self.transaction.prepare_cached(
            "INSERT INTO revoked (source, license_id, reason, at, statement) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?;
        let mut known =
            self.transaction.prepare_cached("SELECT 1 FROM revoked WHERE source = ?1 AND license_id = ?2")?;
        // The service signs the same facts again with each answer. One statement for each license is enough.
        let mut unknown = Vec::new();
        for revoked in &statement.revoked {
            if !known.exists((source, &revoked.license))? {
                unknown.push(revoked);
            }
        }
        if unknown.is_empty() {
            return Ok(());
        }
        let id = match insert.insert((source, document, self.number)) {
            Ok(id) => id,
            Err(rusqlite::Error::StatementChangedRows(0)) => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        for revoked in unknown {
            note.execute((source, &revoked.license, &revoked.reason, revoked.at, id))?;
        }
        Ok(())
    }

    /// Removes a license, and content keys that no other usable license of the issuer needs. Counters are kept.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn remove_license(&self, row: i64) -> Result<(), StoreError> {
        self.transaction.execute("DELETE FROM license WHERE id = ?1", [row])?;
        self.drop_unused_keys()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;

    fn store() -> (tempfile::TempDir, Store) {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store.db")).unwrap();
        (dir, store)
    }

    fn license(kind: Kind, issuer: &str, id: &str, version: i64) -> License {
        let identity = LicenseIdentity { kind, issuer: issuer.into(), license_id: id.into() };
        let document = format!("{issuer} {id} {version}").into_bytes();
        let mut license = License::new(identity, version, BackupRight::Allowed, &document);
        license.key_ids = vec![KeyId::Uuid([1; 16])];
        license
    }

    fn put(store: &mut Store, license: &License, status: LicenseStatus) -> StoreResult {
        let change = store.change().unwrap();
        let stored = change.put_license(license, status).unwrap();
        change.commit().unwrap();
        stored
    }

    #[test]
    fn newer_documents_win_and_pending_ones_never_displace() {
        use LicenseStatus::{Pending, Usable};
        let (_dir, mut store) = store();
        let a = |version| license(Kind::Restow, "i", "L", version);
        assert_eq!(put(&mut store, &a(5), Pending), StoreResult::New);
        assert_eq!(put(&mut store, &a(5), Pending), StoreResult::AlreadyStored);
        assert_eq!(put(&mut store, &a(4), Pending), StoreResult::AlreadyStored);
        assert_eq!(put(&mut store, &a(3), Usable), StoreResult::Updated, "a granted document beats any claim");
        assert_eq!(put(&mut store, &a(9), Pending), StoreResult::AlreadyStored);
        assert_eq!(put(&mut store, &a(6), Usable), StoreResult::Updated);
        let entry = store.view().license(&a(0).identity).unwrap().unwrap();
        assert_eq!((entry.version, entry.status), (6, Usable));
    }

    #[test]
    fn the_same_id_of_another_issuer_is_another_license() {
        let (_dir, mut store) = store();
        put(&mut store, &license(Kind::Restow, "i1", "L", 1), LicenseStatus::Usable);
        put(&mut store, &license(Kind::Restow, "i2", "L", 2), LicenseStatus::Usable);
        assert_eq!(store.view().licenses_with_id("L").unwrap().len(), 2);
        assert_eq!(store.view().licenses_for(&KeyId::Uuid([1; 16])).unwrap().len(), 2);
        let change = store.change().unwrap();
        let statement = Revocations {
            issuer: "i1".into(),
            holder: "h".into(),
            time: 0,
            revoked: vec![restow_core::protocol::Revocation { license: "L".into(), reason: "r".into(), at: 7 }],
        };
        change.put_revocations("jws", &statement).unwrap();
        change.commit().unwrap();
        let view = store.view();
        assert_eq!(view.revoked(&license(Kind::Restow, "i1", "L", 0).identity).unwrap(), Some(("r".into(), 7)));
        assert_eq!(view.revoked(&license(Kind::Restow, "i2", "L", 0).identity).unwrap(), None);
    }

    #[test]
    fn walks_show_what_changed() {
        let (_dir, mut store) = store();
        put(&mut store, &license(Kind::Lcp, "p", "1", 1), LicenseStatus::Usable);
        let after_first = store.view().last_change().unwrap();
        put(&mut store, &license(Kind::Lcp, "p", "2", 1), LicenseStatus::Usable);
        let mut seen = Vec::new();
        let mut collect = |which| {
            seen.clear();
            let visited: Result<(), StoreError> = store.view().each_license(which, |entry| {
                seen.push(entry.identity.license_id);
                Ok(())
            });
            visited.unwrap();
            seen.join(",")
        };
        assert_eq!(collect(LicenseFilter::All), "1,2");
        assert_eq!(collect(LicenseFilter::ChangedSince(after_first)), "2");
        assert_eq!(collect(LicenseFilter::NotUsable), "");
    }

    #[test]
    fn a_dropped_change_is_none() {
        let (_dir, mut store) = store();
        let change = store.change().unwrap();
        change.put_license(&license(Kind::Lcp, "p", "1", 1), LicenseStatus::Usable).unwrap();
        drop(change);
        assert_eq!(store.view().count_licenses(LicenseFilter::All).unwrap(), 0);
    }
}
