//! Changes by operators (§6). Answers are stored under their idempotency keys.

use restow_core::protocol::admin::{
    ChangeAnswer, ComputerRequest, LimitRequest, OperatorReleaseRequest, ReleaseTiming, RevokeRequest,
};
use restow_core::protocol::{ProblemCode, ReleaseAnswer};
use restow_core::{KeyId, UnixTime};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::holder::{Computer, Holder, OPERATOR_ACTOR};
use crate::error::Refusal;
use crate::rules::{self, Level, ReleaseRequester};
use crate::storage::{IssuedOffer, NewOffer, OperatorCall, Policy};

/// Executes a request once. A retry receives the stored answer.
pub(super) fn execute_once<T: Serialize + DeserializeOwned>(
    db: &Connection,
    policy: &Policy,
    call: &OperatorCall,
    work: impl FnOnce(&Operation<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let serde_error = |error: serde_json::Error| Refusal::internal(error.to_string());
    let oldest = call.now.saturating_sub(rules::REQUEST_RETENTION);
    let recorded: Option<([u8; 32], String)> = db
        .prepare_cached("SELECT digest, answer FROM operator_requests WHERE request = ?1 AND at >= ?2")?
        .query_row(params![call.request, oldest], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    match recorded {
        Some((digest, answer)) if digest == call.digest => serde_json::from_str(&answer).map_err(serde_error),
        Some(_) => Err(Refusal::key_reused()),
        None => {
            let answer = work(&Operation { db, policy, now: call.now })?;
            let json = serde_json::to_string(&answer).map_err(serde_error)?;
            db.prepare_cached("DELETE FROM operator_requests WHERE at < ?1")?.execute([oldest])?;
            db.prepare_cached("INSERT INTO operator_requests (request, digest, at, answer) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![call.request, call.digest, call.now, json])?;
            Ok(answer)
        }
    }
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
        audit(&transaction, now, "content-key", None, None, &format!("seed={seed} key_id={key_id}"))?;
    }
    transaction.commit()
}

/// Adds a row about licenses to the audit log.
fn audit(
    db: &Connection,
    now: UnixTime,
    action: &str,
    holder: Option<&str>,
    license: Option<&str>,
    detail: &str,
) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO audit (at, who, what, holder, license, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![now, OPERATOR_ACTOR, action, holder, license, detail])?;
    Ok(())
}

/// Change by the operator in a transaction.
pub(crate) struct Operation<'a> {
    db: &'a Connection,
    policy: &'a Policy,
    now: UnixTime,
}

impl Operation<'_> {
    pub(crate) fn issue(&self, offer: &NewOffer) -> Result<IssuedOffer, Refusal> {
        let Self { db, now, .. } = self;
        if let Some(holder) = &offer.bound_to
            && !db.prepare_cached("SELECT 1 FROM holders WHERE holder = ?1")?.exists([holder])?
        {
            return Err(Refusal::not_yours(format!("There is no holder `{holder}`.")));
        }
        db.prepare_cached(
            "INSERT INTO offers (code, offer, bound_to, created, reference, note, expires) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            offer.code,
            offer.offer,
            offer.bound_to,
            now,
            offer.reference,
            offer.note,
            offer.expires
        ])?;
        let mut insert =
            db.prepare_cached("INSERT INTO issued (license, offer, n, terms, computers) VALUES (?1, ?2, ?3, ?4, ?5)")?;
        for (n, (license, terms)) in (0_i64..).zip(&offer.licenses) {
            let json = serde_json::to_string(terms).map_err(|error| Refusal::internal(error.to_string()))?;
            insert.execute(params![license, offer.offer, n, json, terms.limit])?;
        }
        let detail = format!("offer={} licenses={}", offer.offer, offer.licenses.len());
        audit(db, *now, "issue", offer.bound_to.as_deref(), None, &detail)?;
        let licenses = offer.licenses.iter().map(|(license, _)| license.clone()).collect();
        Ok(IssuedOffer { offer: offer.offer.clone(), expires: offer.expires, licenses })
    }

    pub(crate) fn withdraw_link(&self, offer: &str) -> Result<ChangeAnswer, Refusal> {
        let Self { db, now, .. } = self;
        let (redeemed, withdrawn): (Option<UnixTime>, Option<UnixTime>) = db
            .prepare_cached("SELECT redeemed, withdrawn FROM offers WHERE offer = ?1")?
            .query_row([offer], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .ok_or_else(|| Refusal::not_yours(format!("There is no offer `{offer}`.")))?;
        if redeemed.is_some() {
            return Err(Refusal::new(ProblemCode::LinkUsed, "This link is redeemed. Revoke its licenses instead."));
        }
        if let Some(at) = withdrawn {
            return Ok(ChangeAnswer { done: true, at });
        }
        db.prepare_cached("UPDATE offers SET withdrawn = ?2 WHERE offer = ?1")?.execute(params![offer, now])?;
        audit(db, *now, "withdraw-link", None, None, &format!("offer={offer}"))?;
        Ok(ChangeAnswer { done: true, at: *now })
    }

    /// Returns the holder of a license, or `None` if the license is not redeemed.
    fn license_holder(&self, license: &str) -> Result<Option<String>, Refusal> {
        self.db
            .prepare_cached("SELECT holder FROM issued WHERE license = ?1")?
            .query_row([license], |row| row.get(0))
            .optional()?
            .ok_or_else(|| Refusal::not_yours(format!("There is no license `{license}`.")))
    }

    pub(crate) fn revoke(&self, RevokeRequest { license, reason }: &RevokeRequest) -> Result<ChangeAnswer, Refusal> {
        let Self { db, now, .. } = self;
        let holder = self.license_holder(license)?;
        db.prepare_cached("UPDATE issued SET revoked = ?2, reason = ?3 WHERE license = ?1 AND revoked IS NULL")?
            .execute(params![license, now, reason])?;
        if let Some(holder) = &holder {
            db.prepare_cached(
                "UPDATE licenses SET revoked = ?3, reason = ?4 WHERE holder = ?1 AND license = ?2 AND revoked IS NULL",
            )?
            .execute(params![holder, license, now, reason])?;
        }
        let at: UnixTime = db
            .prepare_cached("SELECT revoked FROM issued WHERE license = ?1")?
            .query_row([license], |row| row.get(0))?;
        audit(db, *now, "revoke", holder.as_deref(), Some(license), &format!("reason={reason}"))?;
        Ok(ChangeAnswer { done: true, at })
    }

    pub(crate) fn limit(&self, LimitRequest { license, limit }: &LimitRequest) -> Result<ChangeAnswer, Refusal> {
        let Self { db, now, .. } = self;
        let holder = self.license_holder(license)?;
        db.prepare_cached("UPDATE issued SET computers = ?2 WHERE license = ?1")?.execute(params![license, limit])?;
        if let Some(holder) = &holder {
            db.prepare_cached("UPDATE licenses SET computers = ?3 WHERE holder = ?1 AND license = ?2")?
                .execute(params![holder, license, limit])?;
        }
        audit(db, *now, "limit", holder.as_deref(), Some(license), &format!("limit={limit}"))?;
        Ok(ChangeAnswer { done: true, at: *now })
    }

    /// Returns a holder and its computer after elapsed events are applied.
    fn find_target<'a>(&'a self, id: &'a str, computer: &str) -> Result<(Holder<'a>, Computer), Refusal> {
        let unknown = || Refusal::not_yours("This holder has no such computer.");
        let holder = Holder { db: self.db, policy: self.policy, id };
        if !holder.apply_elapsed_events(self.now)? {
            return Err(unknown());
        }
        Ok((holder, holder.computer(computer)?.ok_or_else(unknown)?))
    }

    pub(crate) fn release(&self, release: &OperatorReleaseRequest) -> Result<ChangeAnswer, Refusal> {
        let (holder, computer) = self.find_target(&release.holder, &release.computer)?;
        if let Some(at) = computer.released_at {
            return Ok(ChangeAnswer { done: true, at });
        }
        let requester = match release.when {
            ReleaseTiming::Now => ReleaseRequester::Operator,
            ReleaseTiming::Waiting => ReleaseRequester::OperatorAfterWait,
        };
        let ReleaseAnswer { released, at } = holder.request_release(&computer, requester, OPERATOR_ACTOR, self.now)?;
        Ok(ChangeAnswer { done: released, at })
    }

    pub(crate) fn confirm(&self, target: &ComputerRequest) -> Result<ChangeAnswer, Refusal> {
        let (holder, computer) = self.find_target(&target.holder, &target.computer)?;
        if computer.released_at.is_some() {
            return Err(Refusal::not_yours("This computer was released."));
        }
        holder.promote_level(&computer, Level::Full, self.now, OPERATOR_ACTOR)?;
        holder.update_due_time()?;
        Ok(ChangeAnswer { done: true, at: self.now })
    }

    pub(crate) fn withdraw(&self, target: &ComputerRequest) -> Result<ChangeAnswer, Refusal> {
        let (holder, computer) = self.find_target(&target.holder, &target.computer)?;
        holder.start_next_epoch(&computer, OPERATOR_ACTOR, self.now)?;
        Ok(ChangeAnswer { done: true, at: self.now })
    }
}
