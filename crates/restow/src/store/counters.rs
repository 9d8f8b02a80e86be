//! Counters: uses of each right on each computer. Counts only grow.

use restow_core::keys::PublicKey;
use restow_core::protocol::{Counter, Signature};
use rusqlite::{Row, params};

use super::{Change, StoreError, View};
use crate::license::{Kind, Used};

/// Counter of one right on one computer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterEntry {
    /// Issuer of the license.
    pub issuer: String,
    /// Signed statement.
    pub counter: Counter,
    /// Count that the service has acknowledged.
    pub reported: u64,
}

const COLUMNS: &str = "source.issuer, counter.license_id, counter.right, counter.computer, counter.count, \
     counter.first_use, counter.signature, counter.reported FROM counter JOIN source ON source.id = counter.source";

fn entry(row: &Row<'_>) -> rusqlite::Result<CounterEntry> {
    let (issuer, license, right, key, count, first_use, signature, reported) = row.try_into()?;
    let (computer_key, signature) = (PublicKey::from_bytes(key), Signature(signature));
    Ok(CounterEntry {
        issuer,
        counter: Counter { license, right, computer_key, count, first_use, signature },
        reported,
    })
}

impl View<'_> {
    /// Returns the uses of a right of a native license on all computers.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn used(&self, issuer: &str, license_id: &str, right: &str) -> Result<Used, StoreError> {
        let sql = "SELECT counter.count, counter.first_use FROM counter JOIN source ON source.id = counter.source \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND counter.license_id = ?3 AND counter.right = ?4";
        let key = (Kind::Restow.number(), issuer, license_id, right);
        let uses: Vec<(u64, i64)> = self.all(sql, key, |row| row.try_into())?;
        let count = uses.iter().fold(0_u64, |sum, (count, _)| sum.saturating_add(*count));
        Ok(Used { count, first_use: uses.iter().map(|(_, first_use)| *first_use).min() })
    }

    /// Returns the counter of a right on one computer.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn counter(
        &self,
        issuer: &str,
        license_id: &str,
        right: &str,
        computer: &PublicKey,
    ) -> Result<Option<CounterEntry>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} WHERE source.kind = ?1 AND source.issuer = ?2 AND counter.license_id = ?3 \
             AND counter.right = ?4 AND counter.computer = ?5"
        );
        self.first(&sql, (Kind::Restow.number(), issuer, license_id, right, computer.as_bytes()), entry)
    }

    /// Calls `visit` for each counter that changed after a change.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the error of `visit`.
    pub fn each_counter<E: From<StoreError>>(
        &self,
        since: i64,
        visit: impl FnMut(CounterEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        self.each(&format!("SELECT {COLUMNS} WHERE counter.changed > ?1"), [since], entry, visit)
    }

    /// Returns at most `limit` counters of a holder's licenses that the service has not acknowledged.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn unreported(&self, issuer: &str, holder: &str, limit: usize) -> Result<Vec<CounterEntry>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} JOIN license ON license.source = counter.source AND license.license_id = counter.license_id \
             WHERE source.kind = ?1 AND source.issuer = ?2 AND license.holder = ?3 AND counter.reported < counter.count LIMIT ?4"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.all(&sql, (Kind::Restow.number(), issuer, holder, limit), entry)
    }
}

impl Change<'_> {
    /// Merges a counter statement: the larger count is kept. `reported` is the least count that the service knows.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_counter(&self, issuer: &str, counter: &Counter, reported: u64) -> Result<(), StoreError> {
        let source = self.source(Kind::Restow.number(), issuer)?;
        let Counter { license, right, computer_key, count, first_use, signature } = counter;
        let computer = computer_key.as_bytes();
        self.execute(
            "INSERT INTO counter (source, license_id, right, computer, count, first_use, signature, reported, changed) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (source, license_id, right, computer) DO UPDATE SET \
             count = excluded.count, first_use = excluded.first_use, signature = excluded.signature, changed = excluded.changed \
             WHERE excluded.count > count OR (excluded.count = count AND excluded.first_use < first_use)",
            params![source, license, right, computer, count, first_use, signature.0, reported, self.number],
        )?;
        let sql = "UPDATE counter SET reported = ?5 WHERE source = ?1 AND license_id = ?2 AND right = ?3 AND computer = ?4 AND reported < ?5";
        self.execute(sql, (source, license, right, computer, reported)).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Store;
    use super::*;
    use restow_core::keys::Seed;

    #[test]
    fn merged_counters_grow_and_sum() {
        let dir = tempfile::tempdir().unwrap();
        let mut store = Store::open(&dir.path().join("store.db")).unwrap();
        let key = |n| Seed::from_bytes([n; 32]).signing_key("c", &[]);
        let counter = |n, count, first| Counter::sign("i", "L", "Play", count, first, &key(n));
        let change = store.change().unwrap();
        for (n, count, first) in [(1, 5, 100), (1, 3, 50), (2, 5, 90), (1, 5, 100)] {
            change.put_counter("i", &counter(n, count, first), 0).unwrap();
        }
        change.commit().unwrap();
        assert_eq!(store.view().used("i", "L", "Play").unwrap(), Used { count: 10, first_use: Some(90) });
        assert_eq!(store.view().used("other", "L", "Play").unwrap(), Used::default());
        let entry = store.view().counter("i", "L", "Play", &key(1).public()).unwrap().unwrap();
        assert!(entry.counter.verifies("i"), "the statement is kept as it was signed");
        let change = store.change().unwrap();
        change.put_counter("i", &counter(1, 5, 100), 5).unwrap();
        change.commit().unwrap();
        let reported = store.view().counter("i", "L", "Play", &key(1).public()).unwrap().unwrap().reported;
        assert_eq!(reported, 5);
    }
}
