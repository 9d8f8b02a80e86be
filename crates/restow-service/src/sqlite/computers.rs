//! Actions of a holder's computers on each other (§§5.6, 5.7).

use restow_core::protocol::{ComputerInfo, ReleaseAnswer, WithdrawAnswer};
use rusqlite::{Connection, params};

use super::holder::{self, Computer, OPERATOR_ACTOR, held_placements};
use crate::error::Refusal;
use crate::rules::{self, Level, ReleaseDecision, ReleaseRequester};
use crate::storage::{Caller, ComputerState, Policy};

pub(super) fn list(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
) -> Result<(ComputerState, Vec<ComputerInfo>), Refusal> {
    holder::authorize(db, policy, caller)?;
    let mut count = db.prepare_cached(concat!("SELECT count(*)", held_placements!()))?;
    let mut computers = Vec::new();
    for computer in holder::computers(db, &caller.holder)? {
        let licenses: i64 = count.query_row([&caller.holder, &computer.id], |row| row.get(0))?;
        let unconfirmed = computer.level == Level::Unconfirmed;
        computers.push(ComputerInfo {
            this: computer.id == caller.computer,
            computer: computer.id,
            name: computer.name,
            confirmed: !unconfirmed,
            confirms_at: unconfirmed.then_some(computer.registered.saturating_add(rules::CONFIRM_AFTER)),
            registered: computer.registered,
            last_seen: computer.last_seen,
            joined_by: computer.joined_by,
            release_at: computer.release_at,
            licenses: u64::try_from(licenses).unwrap_or(0),
        });
    }
    Ok((holder::computer_state(db, caller)?, computers))
}

pub(super) fn release(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
    target: &str,
) -> Result<(ComputerState, ReleaseAnswer), Refusal> {
    let state = holder::authorize_released(db, policy, caller)?;
    let target = find_computer(db, caller, target)?;
    let released = if let Some(at) = target.released_at {
        ReleaseAnswer { released: true, at }
    } else if state.is_retry {
        // A retry must not undo later changes.
        let cancelled = || Refusal::not_allowed("This release ended meanwhile; ask anew if it is still wanted.");
        ReleaseAnswer { released: false, at: target.release_at.ok_or_else(cancelled)? }
    } else {
        let requester = if target.id == state.row.id {
            ReleaseRequester::Itself
        } else {
            ReleaseRequester::Other(state.row.member())
        };
        request_release(db, policy, &caller.holder, &target, requester, &state.row.id, caller.now)?
    };
    Ok((holder::computer_state(db, caller)?, released))
}

/// Releases a computer at once or schedules the release, by the rules.
pub(super) fn request_release(
    db: &Connection,
    policy: &Policy,
    holder: &str,
    target: &Computer,
    requester: ReleaseRequester,
    by: &str,
    now: i64,
) -> Result<ReleaseAnswer, Refusal> {
    match rules::decide_release(requester, target.member(), now) {
        ReleaseDecision::NotAllowed => Err(Refusal::not_allowed("An unconfirmed computer may release only itself.")),
        ReleaseDecision::Now => {
            holder::release(db, policy, holder, target, by, now)?;
            Ok(ReleaseAnswer { released: true, at: now })
        }
        ReleaseDecision::Wait => {
            if let Some(at) = target.release_at {
                if by == OPERATOR_ACTOR && target.release_by.as_deref() != Some(OPERATOR_ACTOR) {
                    // The release becomes the operator's. It counts against no quota and survives the release of the
                    // first requester.
                    db.prepare_cached("UPDATE computers SET release_by = ?3 WHERE holder = ?1 AND computer = ?2")?
                        .execute([holder, &target.id, by])?;
                    holder::audit(db, now, by, "release-asked", holder, Some(&target.id), None, None)?;
                }
                return Ok(ReleaseAnswer { released: false, at });
            }
            // The quota counts at the time of release, but a release without quota is refused now.
            holder::release_number_in_year(db, policy, holder, target, by, now)?;
            let at = now.saturating_add(rules::RELEASE_WAIT);
            db.prepare_cached(
                "UPDATE computers SET release_at = ?3, release_asked = ?4, release_by = ?5 \
                 WHERE holder = ?1 AND computer = ?2",
            )?
            .execute(params![holder, target.id, at, now, by])?;
            holder::audit(db, now, by, "release-asked", holder, Some(&target.id), None, None)?;
            holder::extend_notice_period(db, holder, now)?;
            holder::update_due_time(db, holder)?;
            Ok(ReleaseAnswer { released: false, at })
        }
    }
}

pub(super) fn confirm(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
    target: &str,
) -> Result<ComputerState, Refusal> {
    let state = holder::authorize(db, policy, caller)?;
    state.check_confirmed()?;
    let target = find_active_computer(db, caller, target)?;
    if target.id == state.row.id {
        return Err(Refusal::not_allowed("No computer confirms itself."));
    }
    if !state.is_retry && target.level < state.row.level {
        // A computer confirmed by time cannot grant a higher level than its own.
        holder::promote_level(db, &caller.holder, &target, state.row.level, caller.now, &state.row.id)?;
        holder::update_due_time(db, &caller.holder)?;
    }
    holder::computer_state(db, caller)
}

pub(super) fn refuse(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
    target: &str,
) -> Result<ComputerState, Refusal> {
    let state = holder::authorize(db, policy, caller)?;
    let target = find_computer(db, caller, target)?;
    let is_own_release = target.id == state.row.id && (target.release_at.is_some() || state.is_retry);
    if !is_own_release {
        state.check_confirmed()?;
    }
    if state.is_retry || target.released_at.is_some() {
        return holder::computer_state(db, caller);
    }
    if target.level == Level::Unconfirmed && !is_own_release {
        holder::release(db, policy, &caller.holder, &target, &state.row.id, caller.now)?;
    } else if target.release_at.is_some() {
        holder::cancel_waiting_release(db, &caller.holder, &target.id)?;
        holder::audit(db, caller.now, &state.row.id, "refuse", &caller.holder, Some(&target.id), None, None)?;
        holder::update_due_time(db, &caller.holder)?;
    } else {
        return Err(Refusal::not_allowed("There is nothing to refuse: it is confirmed and no release waits."));
    }
    holder::computer_state(db, caller)
}

pub(super) fn withdraw(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
    target: &str,
) -> Result<(ComputerState, WithdrawAnswer), Refusal> {
    let state = holder::authorize(db, policy, caller)?;
    state.check_confirmed()?;
    let target = find_computer(db, caller, target)?;
    let mut epoch = target.epoch;
    if !state.is_retry {
        epoch = start_next_epoch(db, &caller.holder, &target, &state.row.id, caller.now)?;
    }
    Ok((holder::computer_state(db, caller)?, WithdrawAnswer { epoch: u64::try_from(epoch).unwrap_or(0) }))
}

/// Starts the next epoch of a computer's restore keys.
pub(super) fn start_next_epoch(
    db: &Connection,
    holder: &str,
    target: &Computer,
    by: &str,
    now: i64,
) -> rusqlite::Result<i64> {
    db.prepare_cached("UPDATE computers SET epoch = epoch + 1, withdrawn_at = ?3 WHERE holder = ?1 AND computer = ?2")?
        .execute(params![holder, target.id, now])?;
    holder::audit(db, now, by, "withdraw", holder, Some(&target.id), None, None)?;
    holder::extend_notice_period(db, holder, now)?;
    Ok(target.epoch + 1)
}

fn find_computer(db: &Connection, caller: &Caller, target: &str) -> Result<Computer, Refusal> {
    let unknown = || Refusal::not_yours("This holder has no such computer.");
    holder::computer(db, &caller.holder, target)?.ok_or_else(unknown)
}

fn find_active_computer(db: &Connection, caller: &Caller, target: &str) -> Result<Computer, Refusal> {
    let computer = find_computer(db, caller, target)?;
    let released = || Refusal::not_yours("This computer was released.");
    if computer.released_at.is_some() { Err(released()) } else { Ok(computer) }
}
