//! Counters of uses (§§5.1, 5.5).

use restow_core::keys::PublicKey;
use restow_core::protocol::{Counter, ProblemCode, Revocation, Signature};
use rusqlite::{OptionalExtension as _, params};

use super::holder::Holder;
use crate::error::Refusal;
use crate::storage::{UsageState, VerifiedCounter};

/// Size of a counter without its license ID and right, in bytes.
const COUNTER_OVERHEAD_BYTES: usize = 256;
/// Maximum size of all counters in an answer, in bytes. It keeps the signed answer below its limit.
const MAX_COUNTER_BYTES: usize = 8 << 20;

pub(super) fn report(
    holder: &Holder<'_>,
    reported: &[VerifiedCounter],
    mut licenses: Vec<String>,
) -> Result<UsageState, Refusal> {
    licenses.extend(reported.iter().map(|verified| verified.counter.license.clone()));
    licenses.sort_unstable();
    licenses.dedup();
    let mut usage = UsageState { counters: Vec::new(), revoked: Vec::new() };
    let mut select =
        holder.db.prepare_cached("SELECT revoked, reason FROM licenses WHERE holder = ?1 AND license = ?2")?;
    for license in &licenses {
        let (revoked, reason): (Option<i64>, Option<String>) = select
            .query_row([holder.id, license], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or_else(|| Refusal::not_yours(format!("This holder has no license `{license}`.")))?;
        if let Some(at) = revoked {
            usage.revoked.push(Revocation { license: license.clone(), reason: reason.unwrap_or_default(), at });
        }
    }
    merge(holder, reported)?;
    let mut remaining_bytes = MAX_COUNTER_BYTES;
    for license in &licenses {
        usage.counters.extend(license_counters(holder, license, &mut remaining_bytes)?);
    }
    Ok(usage)
}

/// Stores counters with higher counts. Only counted rights are accepted, and only from computers that hold or held
/// the license.
pub(super) fn merge(holder: &Holder<'_>, reported: &[VerifiedCounter]) -> Result<(), Refusal> {
    let mut select = holder.db.prepare_cached(
        "SELECT l.counted FROM placements p JOIN licenses l ON l.holder = p.holder AND l.license = p.license \
         WHERE p.holder = ?1 AND p.license = ?2 AND p.computer = ?3",
    )?;
    let mut upsert = holder.db.prepare_cached(
        "INSERT INTO counters (holder, license, use_right, computer, computer_key, count, first_use, signature) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (holder, license, use_right, computer) DO UPDATE SET \
         count = excluded.count, first_use = excluded.first_use, signature = excluded.signature \
         WHERE excluded.count > count OR (excluded.count = count AND excluded.first_use < first_use)",
    )?;
    for VerifiedCounter { computer, counter } in reported {
        let rights: Option<String> =
            select.query_row([holder.id, &counter.license, computer], |row| row.get(0)).optional()?;
        // Other rights need no count, and invented names would only fill answers.
        if !rights.is_some_and(|rights| rights.lines().any(|right| right == counter.right)) {
            continue;
        }
        upsert.execute(params![
            holder.id,
            counter.license,
            counter.right,
            computer,
            counter.computer_key.as_bytes(),
            i64::try_from(counter.count).unwrap_or(i64::MAX),
            counter.first_use,
            counter.signature.0,
        ])?;
    }
    Ok(())
}

/// Returns the approximate size of a license's counters in an answer, in bytes.
pub(super) fn counters_size(holder: &Holder<'_>, license: &str) -> rusqlite::Result<usize> {
    let mut select = holder.db.prepare_cached(
        "SELECT coalesce(sum(octet_length(license) + octet_length(use_right) + ?3), 0) FROM counters \
         WHERE holder = ?1 AND license = ?2",
    )?;
    select.query_row(params![holder.id, license, COUNTER_OVERHEAD_BYTES], |row| row.get(0))
}

/// Returns all counters of a license, or refuses if they exceed the remaining size.
pub(super) fn license_counters(
    holder: &Holder<'_>,
    license: &str,
    remaining_bytes: &mut usize,
) -> Result<Vec<Counter>, Refusal> {
    let counters: Vec<Counter> = holder
        .db
        .prepare_cached(
            "SELECT use_right, computer_key, count, first_use, signature FROM counters \
         WHERE holder = ?1 AND license = ?2 ORDER BY use_right, computer",
        )?
        .query_map([holder.id, license], |row| {
            Ok(Counter {
                license: license.to_owned(),
                right: row.get(0)?,
                computer_key: PublicKey::from_bytes(row.get(1)?),
                count: u64::try_from(row.get::<_, i64>(2)?).unwrap_or(0),
                first_use: row.get(3)?,
                signature: Signature(row.get(4)?),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let size: usize =
        counters.iter().map(|counter| counter.license.len() + counter.right.len() + COUNTER_OVERHEAD_BYTES).sum();
    let too_large = || Refusal::new(ProblemCode::TooLarge, "These licenses have too many counters for one answer.");
    *remaining_bytes = remaining_bytes.checked_sub(size).ok_or_else(too_large)?;
    Ok(counters)
}
