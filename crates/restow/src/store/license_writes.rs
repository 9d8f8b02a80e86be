//! Writes of licenses: the choice between two documents, status, titles, and removal.

use std::cmp::Ordering;

use restow_core::encoding::sha256;
use restow_lcp::SignatureStrength;
use restow_media::KeyId;

use super::{Change, StoreError};
use crate::license::{Kind, License, LicenseIdentity, LicenseStatus, Restriction, parse_as};

/// Result of storing a license.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum StoreResult {
    /// The license is new.
    New,
    /// The document replaced an older or weaker document.
    Updated,
    /// The document replaced another document of the same date that does not end later.
    Extended,
    /// This document or a newer one was already stored.
    AlreadyStored,
    /// Another document of the same date that does not end earlier was already stored.
    LongerStored,
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
        matches!(self, Self::New | Self::Updated | Self::Extended)
    }
}

/// Origin of a document that is stored, which decides between documents of one date.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DocumentSource {
    /// File, backup or service: of one date, the document that ends later is kept.
    Any,
    /// Present answer of the provider, which replaces another document of one date.
    Provider,
}

impl Change<'_> {
    /// Stores a license. A newer document replaces an older one. A pending document never replaces a granted one.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_license(&self, license: &License, status: LicenseStatus) -> Result<StoreResult, StoreError> {
        let strength = &|_: &[u8]| SignatureStrength::Verified;
        Ok(self.put_license_if_better(license, status, DocumentSource::Any, strength)?.result)
    }

    /// Stores a license unless the stored document is better.
    ///
    /// `strength` returns the signature strength of a document, and is called only if another document of the license
    /// is stored. Documents are compared by [`precedence`](restow_lcp::DocumentRank::precedence), then by SHA-256;
    /// `from` can change the result for LCP documents of one date. An LCP license gets the last status from its provider instead of `status`.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn put_license_if_better(
        &self,
        license: &License,
        status: LicenseStatus,
        from: DocumentSource,
        strength: &dyn Fn(&[u8]) -> SignatureStrength,
    ) -> Result<StoreOutcome, StoreError> {
        let License { identity, version, holder, seed, document, .. } = license;
        let by_provider = identity.kind == Kind::Lcp;
        let status = if by_provider { self.status_of(identity, *version)? } else { status };
        let source = self.source(identity.kind.number(), &identity.issuer)?;
        let restriction = license.backup_right.restriction().map(Restriction::number);
        let (id, digest) = (&identity.license_id, sha256(document));
        let outcome = |result, status| StoreOutcome { result, status, sha256: digest, other: None };
        let write = |on_conflict| {
            let sql = format!(
                "INSERT INTO license (source, license_id, version, holder, status, restriction, seed, changed, titles_changed, sha256, document) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?10) ON CONFLICT (source, license_id) DO {on_conflict}"
            );
            let change = self.number;
            let name = status.as_str();
            self.execute(&sql, (source, id, version, holder, name, restriction, seed, change, digest, document))
        };
        // One statement suffices for a new license, which is the common case.
        if write("NOTHING")? == 1 {
            self.put_key_ids(self.transaction.last_insert_rowid(), &license.key_ids)?;
            return Ok(outcome(StoreResult::New, status));
        }
        let sql = "SELECT id, version, status, sha256 FROM license WHERE source = ?1 AND license_id = ?2";
        let (row, version_before, status_before, digest_before): (i64, i64, _, [u8; 32]) =
            self.view().one(sql, (source, id), |row| {
                let status = LicenseStatus::from_name(row.get_ref(2)?.as_str()?);
                Ok((row.get(0)?, row.get(1)?, status, row.get(3)?))
            })?;
        if digest == digest_before {
            if status_before != status && (by_provider || status_before != LicenseStatus::Usable) {
                self.set_status(row, status)?;
                return Ok(outcome(StoreResult::AlreadyStored, status));
            }
            return Ok(outcome(StoreResult::AlreadyStored, status_before));
        }
        let sql = "SELECT document FROM license WHERE id = ?1";
        let (strength_before, same_date) = self.view().one(sql, [row], |row| {
            let stored = row.get_ref(0)?.as_blob()?;
            let same_date = (by_provider && *version == version_before).then(|| compare_same_date(license, stored));
            Ok((strength(stored), same_date))
        })?;
        let order = strength(document).cmp(&strength_before);
        let outcome = |result, status| StoreOutcome { other: Some((digest_before, order)), ..outcome(result, status) };
        if order == Ordering::Less {
            return Ok(outcome(StoreResult::StrongerStored, status_before));
        }
        let is_accepted = |status| by_provider || status == LicenseStatus::Usable;
        // Without a difference, the larger digest breaks ties, so that the order of sets does not matter.
        let (end_order, is_other) = same_date.unwrap_or((Ordering::Equal, false));
        let by_end = match from {
            DocumentSource::Provider if *version == version_before => Ordering::Greater,
            _ => end_order.then(digest.cmp(&digest_before)),
        };
        let is_older = order == Ordering::Equal
            && version.cmp(&version_before).then(by_end) != Ordering::Greater
            && (is_accepted(status_before) || !is_accepted(status));
        let is_other = is_other && order == Ordering::Equal;
        if is_older || (is_accepted(status_before) && !is_accepted(status)) {
            let result = if is_other { StoreResult::LongerStored } else { StoreResult::AlreadyStored };
            return Ok(outcome(result, status_before));
        }
        write(
            "UPDATE SET version = excluded.version, holder = excluded.holder, status = excluded.status, \
             restriction = excluded.restriction, seed = excluded.seed, changed = excluded.changed, \
             titles_changed = excluded.titles_changed, sha256 = excluded.sha256, document = excluded.document",
        )?;
        self.execute("DELETE FROM license_key WHERE license = ?1", [row])?;
        self.put_key_ids(row, &license.key_ids)?;
        Ok(outcome(if is_other { StoreResult::Extended } else { StoreResult::Updated }, status))
    }

    fn put_key_ids(&self, row: i64, key_ids: &[KeyId]) -> Result<(), StoreError> {
        for key_id in key_ids {
            let sql = "INSERT OR IGNORE INTO license_key (key_id, license) VALUES (?1, ?2)";
            self.execute(sql, (key_id.to_bytes(), row))?;
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
        let sql = "UPDATE license SET changed = ?5 WHERE source = ?1 AND license_id = ?2 AND sha256 = ?3 AND EXISTS \
             (SELECT 1 FROM left_out WHERE kind = ?4 AND issuer = ?6 AND license_id = ?2 AND sha256 = ?3)";
        self.execute(sql, (source, license_id, sha256, kind.number(), self.number, issuer)).map(drop)
    }

    /// Stores the titles that a backup has for a license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn set_titles(&self, identity: &LicenseIdentity, titles: &[String]) -> Result<(), StoreError> {
        let source = self.source(identity.kind.number(), &identity.issuer)?;
        let titles = serde_json::to_string(titles).map_err(|error| self.view().damaged(error))?;
        let sql = "UPDATE license SET titles = ?3 WHERE source = ?1 AND license_id = ?2 AND titles IS NOT ?3";
        self.execute(sql, (source, &identity.license_id, titles)).map(drop)
    }

    /// Stores the status that a service reported for a license.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn set_status(&self, row: i64, status: LicenseStatus) -> Result<(), StoreError> {
        self.execute("UPDATE license SET status = ?2 WHERE id = ?1", (row, status.as_str())).map(drop)
    }

    /// Removes a license, and content keys that no other usable license of the issuer needs. Counters are kept.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn remove_license(&self, row: i64) -> Result<(), StoreError> {
        self.execute("DELETE FROM license WHERE id = ?1", [row])?;
        self.execute("UPDATE meta SET value = ?1 WHERE key = 'removal'", [self.number])?;
        self.drop_unused_keys()
    }
}

/// Compares the ends of an LCP license and a stored document of the same date. Also returns true if the contents
/// differ, and not only their signatures.
fn compare_same_date(license: &License, stored: &[u8]) -> (Ordering, bool) {
    let form = |document| restow_lcp::canonical_form(document).ok();
    let Ok(before) = parse_as(Kind::Lcp, stored) else { return (Ordering::Equal, false) };
    (license.end_order().cmp(&before.end_order()), form(&license.document) != form(stored))
}

#[cfg(test)]
mod tests {
    use restow_core::protocol::Revocations;

    use super::*;
    use crate::license::BackupRight;
    use crate::store::{LicenseFilter, Store};

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
    fn newer_document_replaces_pending_never_does() {
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
    fn same_id_is_separate_per_issuer() {
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
    fn filter_selects_changed_licenses() {
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
    fn dropped_change_has_no_effect() {
        let (_dir, mut store) = store();
        let change = store.change().unwrap();
        change.put_license(&license(Kind::Lcp, "p", "1", 1), LicenseStatus::Usable).unwrap();
        drop(change);
        assert_eq!(store.view().count_licenses(LicenseFilter::All).unwrap(), 0);
    }
}
