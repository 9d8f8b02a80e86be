//! Actions of a holder's computers on each other (§§5.6, 5.7).

use restow_core::UnixTime;
use restow_core::protocol::{ComputerInfo, EmptyAnswer, ReleaseAnswer, WithdrawAnswer};
use rusqlite::params;

use super::holder::{Authorized, Computer, Holder, OPERATOR_ACTOR, held_placements};
use crate::error::Refusal;
use crate::rules::{self, Level, ReleaseDecision, ReleaseRequester};

impl Authorized<'_> {
    pub(super) fn list_computers(&self) -> Result<Vec<ComputerInfo>, Refusal> {
        let mut count = self.holder.db.prepare_cached(concat!("SELECT count(*)", held_placements!()))?;
        let mut computers = Vec::new();
        for computer in self.holder.computers()? {
            let licenses: i64 = count.query_row([self.holder.id, &computer.id], |row| row.get(0))?;
            let unconfirmed = computer.level == Level::Unconfirmed;
            computers.push(ComputerInfo {
                this: computer.id == self.row.id,
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
        Ok(computers)
    }

    pub(super) fn release(&self, target: &str) -> Result<ReleaseAnswer, Refusal> {
        let target = self.find_computer(target)?;
        if let Some(at) = target.released_at {
            Ok(ReleaseAnswer { released: true, at })
        } else if self.is_retry {
            // A retry must not undo later changes.
            let cancelled = || Refusal::not_allowed("This release was cancelled. Request it again if needed.");
            Ok(ReleaseAnswer { released: false, at: target.release_at.ok_or_else(cancelled)? })
        } else {
            let is_own = target.id == self.row.id;
            let requester = if is_own { ReleaseRequester::Itself } else { ReleaseRequester::Other(self.row.member()) };
            self.holder.request_release(&target, requester, &self.row.id, self.caller.now)
        }
    }

    pub(super) fn confirm(&self, target: &str) -> Result<EmptyAnswer, Refusal> {
        self.check_confirmed()?;
        let target = self.find_computer(target)?;
        if target.released_at.is_some() {
            return Err(Refusal::not_yours("This computer was released."));
        }
        if target.id == self.row.id {
            return Err(Refusal::not_allowed("A computer cannot confirm itself."));
        }
        if !self.is_retry && target.level < self.row.level {
            // A computer confirmed by time cannot grant a higher level than its own.
            self.holder.promote_level(&target, self.row.level, self.caller.now, &self.row.id)?;
            self.holder.update_due_time()?;
        }
        Ok(EmptyAnswer {})
    }

    pub(super) fn refuse(&self, target: &str) -> Result<EmptyAnswer, Refusal> {
        let (holder, now) = (&self.holder, self.caller.now);
        let target = self.find_computer(target)?;
        let is_own_release = target.id == self.row.id && (target.release_at.is_some() || self.is_retry);
        if !is_own_release {
            self.check_confirmed()?;
        }
        if self.is_retry || target.released_at.is_some() {
            return Ok(EmptyAnswer {});
        }
        if target.level == Level::Unconfirmed && !is_own_release {
            holder.release(&target, &self.row.id, now)?;
        } else if target.release_at.is_some() {
            holder.cancel_waiting_release(&target.id)?;
            holder.audit(now, &self.row.id, "refuse", &target.id, None)?;
            holder.update_due_time()?;
        } else {
            return Err(Refusal::not_allowed("The computer is confirmed, and no release is waiting."));
        }
        Ok(EmptyAnswer {})
    }

    pub(super) fn withdraw(&self, target: &str) -> Result<WithdrawAnswer, Refusal> {
        self.check_confirmed()?;
        let target = self.find_computer(target)?;
        let mut epoch = target.epoch;
        if !self.is_retry {
            epoch = self.holder.start_next_epoch(&target, &self.row.id, self.caller.now)?;
        }
        Ok(WithdrawAnswer { epoch: u64::try_from(epoch).unwrap_or(0) })
    }

    fn find_computer(&self, target: &str) -> Result<Computer, Refusal> {
        let unknown = || Refusal::not_yours("This holder has no such computer.");
        self.holder.computer(target)?.ok_or_else(unknown)
    }
}

impl Holder<'_> {
    /// Releases a computer at once or schedules the release, by the rules.
    pub(super) fn request_release(
        &self,
        target: &Computer,
        requester: ReleaseRequester,
        by: &str,
        now: UnixTime,
    ) -> Result<ReleaseAnswer, Refusal> {
        match rules::decide_release(requester, target.member(), now) {
            ReleaseDecision::NotAllowed => {
                Err(Refusal::not_allowed("An unconfirmed computer can release only itself."))
            }
            ReleaseDecision::Now => {
                self.release(target, by, now)?;
                Ok(ReleaseAnswer { released: true, at: now })
            }
            ReleaseDecision::Wait => {
                if let Some(at) = target.release_at {
                    if by == OPERATOR_ACTOR && target.release_by.as_deref() != Some(OPERATOR_ACTOR) {
                        // The release becomes the operator's. It counts against no quota and survives the release of
                        // the first requester.
                        self.db
                            .prepare_cached("UPDATE computers SET release_by = ?3 WHERE holder = ?1 AND computer = ?2")?
                            .execute([self.id, &target.id, by])?;
                        self.audit(now, by, "release-asked", &target.id, None)?;
                    }
                    return Ok(ReleaseAnswer { released: false, at });
                }
                // The quota counts at the time of release, but a release without quota is refused now.
                self.release_number_in_year(target, by, now)?;
                let at = now.saturating_add(rules::RELEASE_WAIT);
                self.db
                    .prepare_cached(
                        "UPDATE computers SET release_at = ?3, release_asked = ?4, release_by = ?5 \
                         WHERE holder = ?1 AND computer = ?2",
                    )?
                    .execute(params![self.id, target.id, at, now, by])?;
                self.audit(now, by, "release-asked", &target.id, None)?;
                self.extend_notice_period(now)?;
                self.update_due_time()?;
                Ok(ReleaseAnswer { released: false, at })
            }
        }
    }

    /// Starts the next epoch of a computer's restore keys and returns its number.
    pub(super) fn start_next_epoch(&self, target: &Computer, by: &str, now: UnixTime) -> rusqlite::Result<i64> {
        self.db
            .prepare_cached(
                "UPDATE computers SET epoch = epoch + 1, withdrawn_at = ?3 WHERE holder = ?1 AND computer = ?2",
            )?
            .execute(params![self.id, target.id, now])?;
        self.audit(now, by, "withdraw", &target.id, None)?;
        self.extend_notice_period(now)?;
        Ok(target.epoch + 1)
    }
}
