//! A holder's computers act on each other (§§5.6, 5.7).

use restow_core::protocol::{ComputerInfo, Released, Withdrawn};
use rusqlite::{Connection, params};

use super::holder::{self, Computer, OPERATOR, held};
use crate::error::Refusal;
use crate::rules::{self, Asker, Level, ReleaseDecision};
use crate::storage::{Caller, Policy, Standing};

pub(super) fn list(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
) -> Result<(Standing, Vec<ComputerInfo>), Refusal> {
    holder::enter(db, policy, caller)?;
    let mut count = db.prepare_cached(concat!("SELECT count(*)", held!()))?;
    let mut infos = Vec::new();
    for computer in holder::computers(db, &caller.holder)? {
        let licenses: i64 = count.query_row([&caller.holder, &computer.id], |row| row.get(0))?;
        let unconfirmed = computer.level == Level::Unconfirmed;
        infos.push(ComputerInfo {
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
    Ok((holder::standing(db, caller)?, infos))
}

pub(super) fn release(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
    target: &str,
) -> Result<(Standing, Released), Refusal> {
    let me = holder::enter_even_released(db, policy, caller)?;
    let target = named(db, caller, target)?;
    let released = if let Some(at) = target.released_at {
        Released { released: true, at }
    } else if me.seen {
        // It was carried out before; what came of it since is not undone by asking again.
        let over = || Refusal::not_allowed("This release ended meanwhile; ask anew if it is still wanted.");
        Released { released: false, at: target.release_at.ok_or_else(over)? }
    } else {
        let asker = if target.id == me.row.id { Asker::Itself } else { Asker::Other(me.row.member()) };
        ask(db, policy, &caller.holder, &target, asker, &me.row.id, caller.now)?
    };
    Ok((holder::standing(db, caller)?, released))
}

/// Releases a computer, or lets the release wait, as the rules say.
pub(super) fn ask(
    db: &Connection,
    policy: &Policy,
    holder: &str,
    target: &Computer,
    asker: Asker,
    by: &str,
    now: i64,
) -> Result<Released, Refusal> {
    match rules::decide_release(asker, target.member(), now) {
        ReleaseDecision::NotAllowed => Err(Refusal::not_allowed("An unconfirmed computer may release only itself.")),
        ReleaseDecision::Now => {
            holder::release(db, policy, holder, target, by, now)?;
            Ok(Released { released: true, at: now })
        }
        ReleaseDecision::Wait => {
            if let Some(at) = target.release_at {
                if by == OPERATOR && target.release_by.as_deref() != Some(OPERATOR) {
                    // From now on it is the operator's: it neither counts nor ends with the computer that asked first.
                    db.prepare_cached("UPDATE computers SET release_by = ?3 WHERE holder = ?1 AND computer = ?2")?
                        .execute([holder, &target.id, by])?;
                    holder::audit(db, now, by, "release-asked", holder, Some(&target.id), None, None)?;
                }
                return Ok(Released { released: false, at });
            }
            // It counts when it happens; what cannot happen is refused now.
            holder::release_fits(db, policy, holder, target, by, now)?;
            let at = now.saturating_add(rules::RELEASE_WAIT);
            db.prepare_cached(
                "UPDATE computers SET release_at = ?3, release_asked = ?4, release_by = ?5 \
                 WHERE holder = ?1 AND computer = ?2",
            )?
            .execute(params![holder, target.id, at, now, by])?;
            holder::audit(db, now, by, "release-asked", holder, Some(&target.id), None, None)?;
            holder::announce(db, holder, now)?;
            holder::reckon(db, holder)?;
            Ok(Released { released: false, at })
        }
    }
}

pub(super) fn confirm(db: &Connection, policy: &Policy, caller: &Caller, target: &str) -> Result<Standing, Refusal> {
    let me = holder::enter(db, policy, caller)?;
    me.confirmed()?;
    let target = present(db, caller, target)?;
    if target.id == me.row.id {
        return Err(Refusal::not_allowed("No computer confirms itself."));
    }
    if !me.seen && target.level < me.row.level {
        // One that is confirmed by time alone cannot make others more than it is.
        holder::raise(db, &caller.holder, &target, me.row.level, caller.now, &me.row.id)?;
        holder::reckon(db, &caller.holder)?;
    }
    holder::standing(db, caller)
}

pub(super) fn refuse(db: &Connection, policy: &Policy, caller: &Caller, target: &str) -> Result<Standing, Refusal> {
    let me = holder::enter(db, policy, caller)?;
    let target = named(db, caller, target)?;
    let concerned = target.id == me.row.id && (target.release_at.is_some() || me.seen);
    if !concerned {
        me.confirmed()?;
    }
    if me.seen || target.released_at.is_some() {
        return holder::standing(db, caller);
    }
    if target.level == Level::Unconfirmed && !concerned {
        holder::release(db, policy, &caller.holder, &target, &me.row.id, caller.now)?;
    } else if target.release_at.is_some() {
        holder::end_waiting(db, &caller.holder, &target.id)?;
        holder::audit(db, caller.now, &me.row.id, "refuse", &caller.holder, Some(&target.id), None, None)?;
        holder::reckon(db, &caller.holder)?;
    } else {
        return Err(Refusal::not_allowed("There is nothing to refuse: it is confirmed and no release waits."));
    }
    holder::standing(db, caller)
}

pub(super) fn withdraw(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
    target: &str,
) -> Result<(Standing, Withdrawn), Refusal> {
    let me = holder::enter(db, policy, caller)?;
    me.confirmed()?;
    let target = named(db, caller, target)?;
    let mut epoch = target.epoch;
    if !me.seen {
        epoch = end_epoch(db, &caller.holder, &target, &me.row.id, caller.now)?;
    }
    Ok((holder::standing(db, caller)?, Withdrawn { epoch: u64::try_from(epoch).unwrap_or(0) }))
}

/// Begins the next epoch of a computer's restore keys.
pub(super) fn end_epoch(db: &Connection, holder: &str, target: &Computer, by: &str, now: i64) -> rusqlite::Result<i64> {
    db.prepare_cached("UPDATE computers SET epoch = epoch + 1, withdrawn_at = ?3 WHERE holder = ?1 AND computer = ?2")?
        .execute(params![holder, target.id, now])?;
    holder::audit(db, now, by, "withdraw", holder, Some(&target.id), None, None)?;
    holder::announce(db, holder, now)?;
    Ok(target.epoch + 1)
}

fn named(db: &Connection, caller: &Caller, target: &str) -> Result<Computer, Refusal> {
    let unknown = || Refusal::not_yours("This holder has no such computer.");
    holder::computer(db, &caller.holder, target)?.ok_or_else(unknown)
}

fn present(db: &Connection, caller: &Caller, target: &str) -> Result<Computer, Refusal> {
    let computer = named(db, caller, target)?;
    let gone = || Refusal::not_yours("This computer was released.");
    if computer.released_at.is_some() { Err(gone()) } else { Ok(computer) }
}
