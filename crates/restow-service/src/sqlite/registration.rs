//! Registration of a computer (§5.2).

use restow_core::UnixTime;
use restow_core::protocol::ProblemCode;
use rusqlite::{OptionalExtension as _, params};

use super::holder::Holder;
use crate::error::Refusal;
use crate::rules::{DailyQuota, Level, MAX_COMPUTERS, MAX_UNCONFIRMED};
use crate::storage::{Caller, JoinCertificate, Registration};

pub(super) fn register(holder: &Holder<'_>, caller: &Caller, registration: &Registration) -> Result<(), Refusal> {
    let Holder { db, id, .. } = holder;
    let Caller { computer, now, .. } = caller;
    let exists = db.prepare_cached("SELECT 1 FROM holders WHERE holder = ?1")?.exists([id])?;
    let is_retry = holder.is_retry(caller)?;
    if let Some(known) = holder.computer(computer)? {
        if let Some(at) = known.released_at {
            return Err(Refusal::released(at));
        }
        if !is_retry && known.name != registration.name {
            db.prepare_cached(
                "UPDATE computers SET name = ?3, last_seen = max(last_seen, ?4) WHERE holder = ?1 AND computer = ?2",
            )?
            .execute(params![id, computer, registration.name, now])?;
        }
        return Ok(());
    }
    if let Some(code) = &registration.link {
        super::queries::offer_link(db, code)?.ok_or_else(Refusal::unknown_link)?.check(id, *now)?;
    }
    let level = match &registration.join {
        Some(join) => level_by_restore_key(holder, join)?,
        None if exists => level_by_holder_key(holder, registration)?,
        None if registration.may_create_holder => create(holder, *now)?,
        None => return Err(Refusal::not_allowed("The holder key is not an active key of this holder.")),
    };
    let others = holder.computers()?;
    let unconfirmed = others.iter().filter(|other| !other.level.is_confirmed()).count();
    if others.len() >= MAX_COMPUTERS || (!level.is_confirmed() && unconfirmed >= MAX_UNCONFIRMED) {
        let detail = format!("A holder has at most {MAX_COMPUTERS} computers, {MAX_UNCONFIRMED} of them unconfirmed.");
        return Err(Refusal::new(ProblemCode::TooManyComputers, detail));
    }
    if registration.join.is_some() {
        count_join(holder, caller)?;
    }
    // A revoked key becomes unconfirmed again; an active key keeps its level.
    db.prepare_cached(
        "INSERT INTO holder_keys (holder, key, level, added) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (holder, key) \
         DO UPDATE SET level = CASE WHEN revoked THEN 0 ELSE level END, revoked = 0",
    )?
    .execute(params![id, registration.holder_key.as_bytes(), level as i64, now])?;
    db.prepare_cached(
        "INSERT INTO computers (holder, computer, number, computer_key, encryption_key, holder_key, name, level, \
         joined_by, registered, last_seen) VALUES (?1, ?2, (SELECT coalesce(max(number), 0) + 1 FROM computers WHERE \
         holder = ?1), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9)",
    )?
    .execute(params![
        id,
        computer,
        registration.computer_key.as_bytes(),
        registration.encryption_key.as_bytes(),
        registration.holder_key.as_bytes(),
        registration.name,
        level as i64,
        registration.join.as_ref().map(|join| &join.computer),
        now,
    ])?;
    let detail = registration.join.as_ref().map(|join| format!("restore_key_of={}", join.computer));
    holder.audit(*now, computer, "register", computer, detail.as_deref())?;
    if level != Level::Full {
        holder.extend_notice_period(*now)?;
    }
    Ok(holder.update_due_time()?)
}

/// Counts a computer in the day's quota for joins by a restore key.
fn count_join(holder: &Holder<'_>, caller: &Caller) -> Result<(), Refusal> {
    let Caller { computer, request, now, .. } = caller;
    let limit = holder.policy.settings.joins_per_day;
    let Some(n) = holder.next_number_in_day(DailyQuota::Joins, *now, limit)? else {
        let detail = format!("At most {limit} computers of a holder can join by a restore key on one day.");
        return Err(Refusal::new(ProblemCode::TooManyComputers, detail));
    };
    Ok(holder.record_in_day(DailyQuota::Joins, *now, n, computer, request)?)
}

fn create(holder: &Holder<'_>, now: UnixTime) -> Result<Level, Refusal> {
    holder
        .db
        .prepare_cached("INSERT INTO holders (holder, created) VALUES (?1, ?2)")?
        .execute(params![holder.id, now])?;
    Ok(Level::Full)
}

/// Returns the level for a registration by a holder key: the level of the key.
fn level_by_holder_key(holder: &Holder<'_>, registration: &Registration) -> Result<Level, Refusal> {
    let level: Option<i64> = holder
        .db
        .prepare_cached("SELECT level FROM holder_keys WHERE holder = ?1 AND key = ?2 AND revoked = 0 AND level > 0")?
        .query_row(params![holder.id, registration.holder_key.as_bytes()], |row| row.get(0))
        .optional()?;
    level
        .map(Level::from_number)
        .ok_or_else(|| Refusal::not_allowed("The holder key is not an active key of this holder."))
}

fn level_by_restore_key(holder: &Holder<'_>, join: &JoinCertificate) -> Result<Level, Refusal> {
    let unknown = || Refusal::bad_signature("No computer of this holder certified the restore key.");
    let certifier = holder.computer(&join.computer)?.ok_or_else(unknown)?;
    if !certifier.level.is_confirmed() {
        return Err(Refusal::not_allowed("The computer that certified the restore key was never confirmed."));
    }
    // A released computer can still sign. Its certificates for epochs after the release are invalid.
    let is_revoked =
        certifier.released_at.zip(certifier.withdrawn_at).is_some_and(|(released, withdrawn)| withdrawn >= released);
    if is_revoked || u64::try_from(certifier.epoch).ok() != Some(join.epoch) {
        return Err(Refusal::new(ProblemCode::RestoreKeyWithdrawn, "The restore key of this backup was withdrawn."));
    }
    Ok(Level::Unconfirmed)
}
