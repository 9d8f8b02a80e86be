//! Changes by operators (§6). Answers are stored under their idempotency keys.

use restow_core::protocol::ProblemCode;
use restow_core::protocol::admin::{
    ChangeAnswer, ComputerRequest, LimitRequest, OperatorReleaseRequest, ReleaseTiming, RevokeRequest,
};
use restow_core::{KeyId, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::computers;
use super::holder::{self, Computer, OPERATOR_ACTOR};
use crate::error::Refusal;
use crate::rules::{self, Level, ReleaseRequester};
use crate::storage::{IssuedOffer, NewOffer, OperatorCall, Policy};

/// Executes a request once. A retry receives the stored answer.
fn idempotent<T: Serialize + DeserializeOwned>(
    db: &Connection,
    operator: &OperatorCall,
    work: impl FnOnce() -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let serde_error = |error: serde_json::Error| Refusal::internal(error.to_string());
    let oldest = operator.now.saturating_sub(rules::REQUEST_RETENTION);
    let recorded: Option<([u8; 32], String)> = db
        .prepare_cached("SELECT digest, answer FROM operator_requests WHERE request = ?1 AND at >= ?2")?
        .query_row(params![operator.request, oldest], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match recorded {
        Some((digest, answer)) if digest == operator.digest => serde_json::from_str(&answer).map_err(serde_error),
        Some(_) => Err(Refusal::new(ProblemCode::KeyReused, "Another request was sent under this idempotency key.")),
        None => {
            let answer = work()?;
            db.prepare_cached("DELETE FROM operator_requests WHERE at < ?1")?.execute([oldest])?;
            db.prepare_cached("INSERT INTO operator_requests (request, digest, at, answer) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![
                operator.request,
                operator.digest,
                operator.now,
                serde_json::to_string(&answer).map_err(serde_error)?
            ])?;
            Ok(answer)
        }
    }
}

fn audit(
    db: &Connection,
    now: UnixTime,
    action: &str,
    holder: Option<&str>,
    license: Option<&str>,
    detail: Option<&str>,
) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO audit (at, who, what, holder, license, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![now, OPERATOR_ACTOR, action, holder, license, detail])?;
    Ok(())
}

pub(super) fn issue(db: &Connection, operator: &OperatorCall, offer: &NewOffer) -> Result<IssuedOffer, Refusal> {
    idempotent(db, operator, || {
        if let Some(holder) = &offer.bound_to
            && !db.prepare_cached("SELECT 1 FROM holders WHERE holder = ?1")?.exists([holder])?
        {
            return Err(Refusal::not_yours(format!("There is no holder `{holder}`.")));
        }
        db.prepare_cached("INSERT INTO offers (code, offer, bound_to, created) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![offer.code, offer.offer, offer.bound_to, operator.now])?;
        let mut insert =
            db.prepare_cached("INSERT INTO issued (license, offer, n, terms, computers) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (n, (license, terms)) in (0_i64..).zip(&offer.licenses) {
            let json = serde_json::to_string(terms).map_err(|error| Refusal::internal(error.to_string()))?;
            insert.execute(params![license, offer.offer, n, json, terms.limit])?;
        }
        let detail = format!("offer={} licenses={}", offer.offer, offer.licenses.len());
        audit(db, operator.now, "issue", offer.bound_to.as_deref(), None, Some(&detail))?;
        let licenses = offer.licenses.iter().map(|(license, _)| license.clone()).collect();
        Ok(IssuedOffer { offer: offer.offer.clone(), licenses })
    })
}

/// Records the key IDs in one transaction. A content key needs no license, so the log must show its use.
pub(super) fn record_content_keys(
    db: &mut Connection,
    key_ids: &[KeyId],
    seed: u32,
    now: UnixTime,
) -> rusqlite::Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    for key_id in key_ids {
        let detail = format!("seed={seed} key_id={key_id}");
        audit(&transaction, now, "content-key", None, None, Some(&detail))?;
    }
    transaction.commit()
}

/// Returns the holder of a license, or `None` if the license is not redeemed.
fn license_holder(db: &Connection, license: &str) -> Result<Option<String>, Refusal> {
    db.prepare_cached("SELECT holder FROM issued WHERE license = ?1")?
        .query_row([license], |row| row.get(0))
        .optional()?
        .ok_or_else(|| Refusal::not_yours(format!("There is no license `{license}`.")))
}

pub(super) fn revoke(
    db: &Connection,
    operator: &OperatorCall,
    revoke: &RevokeRequest,
) -> Result<ChangeAnswer, Refusal> {
    idempotent(db, operator, || {
        let holder = license_holder(db, &revoke.license)?;
        let values = params![revoke.license, operator.now, revoke.reason];
        db.prepare_cached("UPDATE issued SET revoked = ?2, reason = ?3 WHERE license = ?1 AND revoked IS NULL")?
            .execute(values)?;
        if let Some(holder) = &holder {
            db.prepare_cached(
                "UPDATE licenses SET revoked = ?3, reason = ?4 WHERE holder = ?1 AND license = ?2 AND revoked IS NULL",
            )?
            .execute(params![holder, revoke.license, operator.now, revoke.reason])?;
        }
        let at: UnixTime = db
            .prepare_cached("SELECT revoked FROM issued WHERE license = ?1")?
            .query_row([&revoke.license], |row| row.get(0))?;
        let detail = format!("reason={}", revoke.reason);
        audit(db, operator.now, "revoke", holder.as_deref(), Some(&revoke.license), Some(&detail))?;
        Ok(ChangeAnswer { done: true, at })
    })
}

pub(super) fn limit(db: &Connection, operator: &OperatorCall, limit: &LimitRequest) -> Result<ChangeAnswer, Refusal> {
    idempotent(db, operator, || {
        let holder = license_holder(db, &limit.license)?;
        db.prepare_cached("UPDATE issued SET computers = ?2 WHERE license = ?1")?
            .execute(params![limit.license, limit.limit])?;
        if let Some(holder) = &holder {
            db.prepare_cached("UPDATE licenses SET computers = ?3 WHERE holder = ?1 AND license = ?2")?
                .execute(params![holder, limit.license, limit.limit])?;
        }
        let detail = format!("limit={}", limit.limit);
        audit(db, operator.now, "limit", holder.as_deref(), Some(&limit.license), Some(&detail))?;
        Ok(ChangeAnswer { done: true, at: operator.now })
    })
}

/// Returns a computer after its elapsed events are applied.
fn find_target(
    db: &Connection,
    policy: &Policy,
    operator: &OperatorCall,
    holder: &str,
    computer: &str,
) -> Result<Computer, Refusal> {
    let unknown_computer = || Refusal::not_yours("There is no such computer of this holder.");
    if !holder::apply_elapsed_events(db, policy, holder, operator.now)? {
        return Err(unknown_computer());
    }
    holder::computer(db, holder, computer)?.ok_or_else(unknown_computer)
}

pub(super) fn release(
    db: &Connection,
    policy: &Policy,
    operator: &OperatorCall,
    release: &OperatorReleaseRequest,
) -> Result<ChangeAnswer, Refusal> {
    idempotent(db, operator, || {
        let target = find_target(db, policy, operator, &release.holder, &release.computer)?;
        if let Some(at) = target.released_at {
            return Ok(ChangeAnswer { done: true, at });
        }
        let requester = match release.when {
            ReleaseTiming::Now => ReleaseRequester::Operator,
            ReleaseTiming::Waiting => ReleaseRequester::OperatorAfterWait,
        };
        let released =
            computers::request_release(db, policy, &release.holder, &target, requester, OPERATOR_ACTOR, operator.now)?;
        Ok(ChangeAnswer { done: released.released, at: released.at })
    })
}

pub(super) fn confirm(
    db: &Connection,
    policy: &Policy,
    operator: &OperatorCall,
    target: &ComputerRequest,
) -> Result<ChangeAnswer, Refusal> {
    idempotent(db, operator, || {
        let computer = find_target(db, policy, operator, &target.holder, &target.computer)?;
        if computer.released_at.is_some() {
            return Err(Refusal::not_yours("This computer was released."));
        }
        holder::promote_level(db, &target.holder, &computer, Level::Full, operator.now, OPERATOR_ACTOR)?;
        holder::update_due_time(db, &target.holder)?;
        Ok(ChangeAnswer { done: true, at: operator.now })
    })
}

pub(super) fn withdraw(
    db: &Connection,
    policy: &Policy,
    operator: &OperatorCall,
    target: &ComputerRequest,
) -> Result<ChangeAnswer, Refusal> {
    idempotent(db, operator, || {
        let computer = find_target(db, policy, operator, &target.holder, &target.computer)?;
        computers::start_next_epoch(db, &target.holder, &computer, OPERATOR_ACTOR, operator.now)?;
        Ok(ChangeAnswer { done: true, at: operator.now })
    })
}
