//! Refusals in the audit log. Their number of rows is limited, because strangers cause them.

use restow_core::{UnixTime, rfc3339};
use rusqlite::{Connection, OptionalExtension as _, params};

use crate::rules;
use crate::storage::RefusedCall;

/// Maximum number of audit rows about refusals with a holder in one UTC day. Further refusals count in rows without a
/// holder, one for each reason.
const MAX_ROWS_PER_DAY: i64 = 10_000;
/// Number of days after which the audit log loses a row about refusals.
const RETENTION_DAYS: i64 = 90;
/// Number of old rows deleted with each new row.
const CLEANUP_BATCH: i64 = 4;

/// Records a refusal. All refusals of one UTC day, holder and reason share one row of the audit log.
pub(super) fn record(db: &Connection, refused: &RefusedCall, now: UnixTime) -> rusqlite::Result<()> {
    let day = rules::day(now);
    let is_known = |holder: &&String| {
        db.prepare_cached("SELECT 1 FROM holders WHERE holder = ?1").and_then(|mut select| select.exists([*holder]))
    };
    let holder = match &refused.holder {
        Some(holder) if is_known(&holder)? => holder.as_str(),
        _ => "",
    };
    if holder.is_empty() || add_to_row(db, refused, holder, now)? {
        return if holder.is_empty() { record_without_holder(db, refused, now) } else { Ok(()) };
    }
    let rows: i64 = db
        .prepare_cached("SELECT count(*) FROM refusals WHERE day = ?1 AND holder > ''")?
        .query_row([day], |row| row.get(0))?;
    if rows >= MAX_ROWS_PER_DAY {
        return record_without_holder(db, refused, now);
    }
    insert_row(db, refused, Some(holder), now)
}

fn record_without_holder(db: &Connection, refused: &RefusedCall, now: UnixTime) -> rusqlite::Result<()> {
    if add_to_row(db, refused, "", now)? { Ok(()) } else { insert_row(db, refused, None, now) }
}

/// Counts a refusal in the row of its day. Returns false if there is no such row.
fn add_to_row(db: &Connection, refused: &RefusedCall, holder: &str, now: UnixTime) -> rusqlite::Result<bool> {
    let row: Option<(i64, i64)> = db
        .prepare_cached(
            "UPDATE refusals SET times = times + ?4 WHERE day = ?1 AND holder = ?2 AND reason = ?3 RETURNING audit, times",
        )?
        .query_row(params![rules::day(now), holder, refused.reason, refused.times], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((audit, times)) = row else { return Ok(false) };
    db.prepare_cached("UPDATE audit SET detail = ?2 WHERE id = ?1")?
        .execute(params![audit, detail(refused.reason, times, now)])?;
    Ok(true)
}

fn insert_row(db: &Connection, refused: &RefusedCall, holder: Option<&str>, now: UnixTime) -> rusqlite::Result<()> {
    let RefusedCall { reason, times, .. } = refused;
    // A row that counts for several holders names no computer and no license.
    let (computer, license) = holder.map_or((None, None), |_| (refused.computer.as_ref(), refused.license.as_ref()));
    db.prepare_cached(
        "INSERT INTO audit (at, who, what, holder, computer, license, detail) VALUES (?1, ?2, 'refused', ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        now,
        computer.map_or("unknown", String::as_str),
        holder,
        computer,
        license,
        detail(reason, i64::from(*times), now)
    ])?;
    let audit = db.last_insert_rowid();
    db.prepare_cached("INSERT INTO refusals (day, holder, reason, audit, times) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![rules::day(now), holder.unwrap_or_default(), reason, audit, times])?;
    delete_old_rows(db, now)
}

fn detail(reason: &str, times: i64, last: UnixTime) -> String {
    format!("reason={reason} times={times} last={}", rfc3339(last))
}

/// Deletes some old rows about refusals.
fn delete_old_rows(db: &Connection, now: UnixTime) -> rusqlite::Result<()> {
    let old = "SELECT {} FROM refusals WHERE day < ?1 ORDER BY day, holder, reason LIMIT ?2";
    let limits = [rules::day(now) - RETENTION_DAYS, CLEANUP_BATCH];
    db.prepare_cached(&format!("DELETE FROM audit WHERE id IN ({})", old.replace("{}", "audit")))?.execute(limits)?;
    db.prepare_cached(&format!(
        "DELETE FROM refusals WHERE (day, holder, reason) IN ({})",
        old.replace("{}", "day, holder, reason")
    ))?
    .execute(limits)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    fn database() -> (tempfile::TempDir, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        std::fs::write(&path, b"").unwrap();
        let db = schema::open_writer(&restow_core::sqlite_files::DatabaseFiles::new(&path)).unwrap();
        (folder, db)
    }

    fn refused(holder: &str) -> RefusedCall {
        RefusedCall {
            reason: "limit",
            holder: Some(holder.into()),
            computer: Some("c".into()),
            license: Some("l".into()),
            times: 1,
        }
    }

    fn rows(db: &Connection) -> Vec<(Option<String>, String)> {
        let mut select = db.prepare("SELECT holder, detail FROM audit ORDER BY id").unwrap();
        select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn refusals_of_day_share_row() {
        let (_folder, db) = database();
        db.execute("INSERT INTO holders (holder, created) VALUES ('h', 1)", []).unwrap();
        for now in [10, 20, 30, rules::DAY + 5] {
            record(&db, &refused("h"), now).unwrap();
        }
        record(&db, &refused("stranger"), 40).unwrap();
        record(&db, &RefusedCall { reason: "api-key", times: 7, ..refused("") }, 50).unwrap();
        assert_eq!(
            rows(&db),
            [
                (Some("h".into()), "reason=limit times=3 last=1970-01-01T00:00:30Z".into()),
                (Some("h".into()), "reason=limit times=1 last=1970-01-02T00:00:05Z".into()),
                (None, "reason=limit times=1 last=1970-01-01T00:00:40Z".into()),
                (None, "reason=api-key times=7 last=1970-01-01T00:00:50Z".into()),
            ]
        );
    }

    #[test]
    fn many_holders_cannot_fill_log() {
        let (_folder, db) = database();
        db.execute_batch("BEGIN").unwrap();
        let holders = MAX_ROWS_PER_DAY + 50;
        for n in 0..holders {
            let holder = format!("h{n}");
            db.execute("INSERT INTO holders (holder, created) VALUES (?1, 1)", [&holder]).unwrap();
            record(&db, &refused(&holder), 10).unwrap();
            record(&db, &refused(&holder), 10).unwrap();
        }
        let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        assert_eq!(count("SELECT count(*) FROM audit"), MAX_ROWS_PER_DAY + 1);
        assert_eq!(count("SELECT sum(times) FROM refusals"), 2 * holders);
        // Later rows replace old ones.
        let later = 10 + (RETENTION_DAYS + 1) * rules::DAY;
        for n in 0..100 {
            record(&db, &refused(&format!("h{n}")), later).unwrap();
        }
        assert_eq!(count("SELECT count(*) FROM audit"), MAX_ROWS_PER_DAY + 1 - 400 + 100);
        assert_eq!(count("SELECT count(*) FROM refusals"), MAX_ROWS_PER_DAY + 1 - 400 + 100);
    }
}
