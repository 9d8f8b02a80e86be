//! A holder's computers: timed events, authorization, quotas, releases and notices.

use restow_core::UnixTime;
use restow_core::keys::PublicKey;
use restow_core::protocol::{Notice, NoticeCode, ProblemCode};
use rusqlite::{Connection, OptionalExtension as _, Row, params};

use crate::error::Refusal;
use crate::rules::{self, DailyQuota, Level, Member, TimedEvent, YearlyQuota};
use crate::storage::{Caller, ComputerState, Policy};

pub(super) const OPERATOR_ACTOR: &str = "operator";
const TIME_ACTOR: &str = "time";
/// Number of old rows deleted with each new row.
const CLEANUP_BATCH: i64 = 4;
/// Maximum number of notices in an answer.
const MAX_NOTICES: usize = 64;

/// Row of `computers`.
#[derive(Clone, Debug)]
pub(super) struct Computer {
    pub(super) id: String,
    pub(super) number: i64,
    pub(super) computer_key: PublicKey,
    pub(super) encryption_key: PublicKey,
    pub(super) holder_key: PublicKey,
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) epoch: i64,
    pub(super) joined_by: Option<String>,
    pub(super) registered: UnixTime,
    pub(super) last_seen: UnixTime,
    pub(super) release_at: Option<UnixTime>,
    pub(super) release_asked: Option<UnixTime>,
    pub(super) release_by: Option<String>,
    pub(super) released_at: Option<UnixTime>,
    pub(super) withdrawn_at: Option<UnixTime>,
}

macro_rules! computer_columns {
    () => {
        "computer, number, computer_key, encryption_key, holder_key, name, level, epoch, joined_by, registered, \
         last_seen, release_at, release_asked, release_by, released_at, withdrawn_at"
    };
}

impl Computer {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let key = |index: usize| row.get(index).map(PublicKey::from_bytes);
        Ok(Self {
            id: row.get(0)?,
            number: row.get(1)?,
            computer_key: key(2)?,
            encryption_key: key(3)?,
            holder_key: key(4)?,
            name: row.get(5)?,
            level: Level::from_number(row.get(6)?),
            epoch: row.get(7)?,
            joined_by: row.get(8)?,
            registered: row.get(9)?,
            last_seen: row.get(10)?,
            release_at: row.get(11)?,
            release_asked: row.get(12)?,
            release_by: row.get(13)?,
            released_at: row.get(14)?,
            withdrawn_at: row.get(15)?,
        })
    }

    pub(super) fn member(&self) -> Member {
        Member {
            number: self.number,
            level: self.level,
            registered: self.registered,
            last_seen: self.last_seen,
            release_at: self.release_at,
        }
    }
}

/// SQL condition for the placements that a computer holds.
macro_rules! held_placements {
    () => {
        " FROM placements WHERE holder = ?1 AND computer = ?2 AND slot IS NOT NULL"
    };
}
pub(super) use held_placements;

const SELECT_ACTIVE: &str = concat!(
    "SELECT ",
    computer_columns!(),
    " FROM computers WHERE holder = ?1 AND released_at IS NULL ORDER BY number"
);
const SELECT_RELEASED: &str = concat!(
    "SELECT ",
    computer_columns!(),
    " FROM computers WHERE holder = ?1 AND released_at > ?2 ORDER BY released_at DESC LIMIT ?3"
);
const SELECT_WITHDRAWN: &str = concat!(
    "SELECT ",
    computer_columns!(),
    " FROM computers WHERE holder = ?1 AND withdrawn_at > ?2 ORDER BY withdrawn_at DESC LIMIT ?3"
);
/// The statements name the index, because SQLite without row statistics would read all computers of the holder.
const REVOKE_HOLDER_KEY: &str = "UPDATE holder_keys SET revoked = 1 WHERE holder = ?1 AND key = ?2 AND NOT EXISTS (SELECT 1 \
    FROM computers c INDEXED BY computers_by_release WHERE c.holder = ?1 AND c.holder_key = ?2 AND c.released_at IS NULL)";
const CANCEL_REQUESTED_RELEASES: &str = "UPDATE computers INDEXED BY computers_by_release SET release_at = NULL, release_asked = NULL, \
    release_by = NULL WHERE holder = ?1 AND release_by = ?2 AND released_at IS NULL";

/// Holder in a transaction.
#[derive(Clone, Copy)]
pub(super) struct Holder<'a> {
    pub(super) db: &'a Connection,
    pub(super) policy: &'a Policy,
    pub(super) id: &'a str,
}

/// Authorized caller.
pub(super) struct Authorized<'a> {
    pub(super) holder: Holder<'a>,
    pub(super) caller: &'a Caller,
    pub(super) row: Computer,
    /// True if the same request was executed before. A retry changes and counts nothing.
    pub(super) is_retry: bool,
}

impl Authorized<'_> {
    /// Refuses an unconfirmed caller.
    pub(super) fn check_confirmed(&self) -> Result<(), Refusal> {
        if self.row.level.is_confirmed() { Ok(()) } else { Err(unconfirmed_refusal()) }
    }
}

pub(super) fn unconfirmed_refusal() -> Refusal {
    Refusal::not_allowed("This computer joined by a restore key and is not confirmed yet.")
}

impl<'a> Holder<'a> {
    pub(super) fn computer(&self, computer: &str) -> rusqlite::Result<Option<Computer>> {
        self.db
            .prepare_cached(concat!(
                "SELECT ",
                computer_columns!(),
                " FROM computers WHERE holder = ?1 AND computer = ?2"
            ))?
            .query_row([self.id, computer], Computer::from_row)
            .optional()
    }

    /// Returns the active computers in the order of joining.
    pub(super) fn computers(&self) -> rusqlite::Result<Vec<Computer>> {
        self.db.prepare_cached(SELECT_ACTIVE)?.query_map([self.id], Computer::from_row)?.collect()
    }

    /// Locks the holder's row and applies elapsed events. Returns false if the holder does not exist.
    pub(super) fn apply_elapsed_events(&self, now: UnixTime) -> Result<bool, Refusal> {
        let due: Option<Option<UnixTime>> = self
            .db
            .prepare_cached("SELECT due FROM holders WHERE holder = ?1")?
            .query_row([self.id], |row| row.get(0))
            .optional()?;
        let Some(due) = due else { return Ok(false) };
        if due.is_some_and(|due| due <= now) {
            while let Some((at, computer, event)) = self.next_event()?.filter(|(at, ..)| *at <= now) {
                match event {
                    TimedEvent::ConfirmByTime => self.promote_level(&computer, Level::ByTime, at, TIME_ACTOR)?,
                    TimedEvent::ConfirmFully => self.promote_level(&computer, Level::Full, at, TIME_ACTOR)?,
                    TimedEvent::Release => self.apply_waiting_release(&computer, at)?,
                }
            }
            self.update_due_time()?;
        }
        Ok(true)
    }

    fn next_event(&self) -> rusqlite::Result<Option<(UnixTime, Computer, TimedEvent)>> {
        let mut computers = self.computers()?;
        let members: Vec<Member> = computers.iter().map(Computer::member).collect();
        Ok(rules::next_event(&members).map(|(at, index, event)| (at, computers.swap_remove(index), event)))
    }

    fn apply_waiting_release(&self, computer: &Computer, at: UnixTime) -> Result<(), Refusal> {
        let by = computer.release_by.clone().unwrap_or_default();
        match self.release(computer, &by, at) {
            Err(refusal) if refusal.code == ProblemCode::ReleaseLimit => {
                self.cancel_waiting_release(&computer.id)?;
                Ok(self.audit(at, TIME_ACTOR, "release-over-limit", &computer.id, None)?)
            }
            other => other,
        }
    }

    /// Stores the time of the next event. Must be called after every change that may affect it.
    pub(super) fn update_due_time(&self) -> rusqlite::Result<()> {
        let due = self.next_event()?.map(|(at, ..)| at);
        self.db.prepare_cached("UPDATE holders SET due = ?2 WHERE holder = ?1")?.execute(params![self.id, due])?;
        Ok(())
    }

    /// Extends the period during which answers include notices.
    pub(super) fn extend_notice_period(&self, now: UnixTime) -> rusqlite::Result<()> {
        self.db
            .prepare_cached("UPDATE holders SET news = max(news, ?2) WHERE holder = ?1")?
            .execute(params![self.id, now.saturating_add(rules::NOTICE_RETENTION)])?;
        Ok(())
    }

    /// Applies elapsed events, and checks the caller and its idempotency key. Every call starts with it.
    pub(super) fn authorize(self, caller: &'a Caller) -> Result<Authorized<'a>, Refusal> {
        let authorized = self.authorize_released(caller)?;
        authorized.row.released_at.map_or(Ok(authorized), |at| Err(Refusal::released(at)))
    }

    /// Authorizes like [`authorize`](Self::authorize), but accepts a retry by a computer that released itself.
    pub(super) fn authorize_released(self, caller: &'a Caller) -> Result<Authorized<'a>, Refusal> {
        let Caller { computer: id, now, .. } = caller;
        if !self.apply_elapsed_events(*now)? {
            return Err(Refusal::unknown_computer());
        }
        let row = self.computer(id)?.ok_or_else(Refusal::unknown_computer)?;
        let is_retry = self.is_retry(caller)?;
        if let Some(at) = row.released_at.filter(|_| !is_retry) {
            return Err(Refusal::released(at));
        }
        // A precision of one minute saves writes to a busy row.
        if row.last_seen.saturating_add(60) <= *now && row.released_at.is_none() {
            self.db
                .prepare_cached("UPDATE computers SET last_seen = ?3 WHERE holder = ?1 AND computer = ?2")?
                .execute(params![self.id, id, now])?;
        }
        Ok(Authorized { holder: self, caller, row, is_retry })
    }

    /// Returns true if the same request is recorded. Refuses another request under the same idempotency key.
    pub(super) fn is_retry(&self, caller: &Caller) -> Result<bool, Refusal> {
        let Caller { computer, request, digest, now, .. } = caller;
        let recorded: Option<[u8; 32]> = self
            .db
            .prepare_cached(
                "SELECT digest FROM requests WHERE holder = ?1 AND computer = ?2 AND request = ?3 AND at >= ?4",
            )?
            .query_row(params![self.id, computer, request, now.saturating_sub(rules::REQUEST_RETENTION)], |row| {
                row.get(0)
            })
            .optional()?;
        match recorded {
            Some(recorded) if recorded == *digest => Ok(true),
            Some(_) => Err(Refusal::key_reused()),
            None => Ok(false),
        }
    }

    /// Executes the work of a request, and records its idempotency key if the work changed anything.
    ///
    /// A request without a change is not recorded: its repetition reads the present state and changes nothing either.
    pub(super) fn record_if_changed<T>(
        &self,
        caller: &Caller,
        work: impl FnOnce() -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let before = self.db.total_changes();
        let result = work()?;
        if self.db.total_changes() != before {
            self.count_change(caller)?;
            self.record_request(caller)?;
        }
        Ok(result)
    }

    /// Counts a change in the quota of the computer and its UTC day.
    fn count_change(&self, caller: &Caller) -> Result<(), Refusal> {
        let limit = self.policy.settings.changes_per_day;
        let counted = self
            .db
            .prepare_cached(
                "UPDATE computers SET changes = CASE WHEN changes_day = ?3 THEN changes + 1 ELSE 1 END, \
                 changes_day = ?3 WHERE holder = ?1 AND computer = ?2 AND (changes_day <> ?3 OR changes < ?4)",
            )?
            .execute(params![self.id, caller.computer, rules::day(caller.now), limit])?;
        if counted > 0 {
            return Ok(());
        }
        let detail = format!("This computer has made {limit} changes today.");
        Err(Refusal::new(ProblemCode::ChangeLimit, detail))
    }

    /// Records the idempotency key. A retry is recorded already.
    fn record_request(&self, caller: &Caller) -> rusqlite::Result<()> {
        let Caller { computer, request, digest, now, .. } = caller;
        let inserted = self
            .db
            .prepare_cached(
                "INSERT INTO requests (holder, computer, request, digest, at) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (holder, computer, request) DO UPDATE SET digest = excluded.digest, at = excluded.at \
                 WHERE at < ?6",
            )?
            .execute(params![self.id, computer, request, digest, now, now.saturating_sub(rules::REQUEST_RETENTION)])?;
        if inserted > 0 { self.delete_old_requests(*now) } else { Ok(()) }
    }

    /// Deletes some old idempotency keys of any holder. Deleting more rows than a request adds removes all of them over
    /// time, without a long pause.
    fn delete_old_requests(&self, now: UnixTime) -> rusqlite::Result<()> {
        self.db
            .prepare_cached(
                "DELETE FROM requests WHERE (holder, computer, request) IN \
             (SELECT holder, computer, request FROM requests WHERE at < ?1 ORDER BY at LIMIT ?2)",
            )?
            .execute([now.saturating_sub(rules::REQUEST_RETENTION), CLEANUP_BATCH])?;
        Ok(())
    }

    /// Deletes some old rows of daily quotas.
    fn delete_old_days(&self, now: UnixTime) -> rusqlite::Result<()> {
        self.db
            .prepare_cached(
                "DELETE FROM daily WHERE (holder, day, kind, n) IN \
             (SELECT holder, day, kind, n FROM daily WHERE day < ?1 ORDER BY day LIMIT ?2)",
            )?
            .execute([rules::day(now) - 7, CLEANUP_BATCH])?;
        Ok(())
    }

    /// Raises the level of a computer and its holder key.
    pub(super) fn promote_level(
        &self,
        target: &Computer,
        level: Level,
        at: UnixTime,
        actor: &str,
    ) -> rusqlite::Result<()> {
        self.db
            .prepare_cached("UPDATE computers SET level = max(level, ?3) WHERE holder = ?1 AND computer = ?2")?
            .execute(params![self.id, target.id, level as i64])?;
        self.db
            .prepare_cached(
                "UPDATE holder_keys SET level = max(level, ?3) WHERE holder = ?1 AND key = ?2 AND revoked = 0",
            )?
            .execute(params![self.id, target.holder_key.as_bytes(), level as i64])?;
        let detail = if level == Level::ByTime { "level=by_time" } else { "level=full" };
        self.audit(at, actor, "confirm", &target.id, Some(detail))
    }

    /// Cancels a waiting release.
    pub(super) fn cancel_waiting_release(&self, computer: &str) -> rusqlite::Result<()> {
        self.db
            .prepare_cached(
                "UPDATE computers SET release_at = NULL, release_asked = NULL, release_by = NULL \
             WHERE holder = ?1 AND computer = ?2",
            )?
            .execute([self.id, computer])?;
        Ok(())
    }

    /// Returns the number of a release in its year. Returns `None` if it does not count: the operator's releases,
    /// unconfirmed computers, and computers without placements.
    pub(super) fn release_number_in_year(
        &self,
        target: &Computer,
        by: &str,
        now: UnixTime,
    ) -> Result<Option<u32>, Refusal> {
        if by == OPERATOR_ACTOR || !target.level.is_confirmed() {
            return Ok(None);
        }
        let has_placements: bool = self
            .db
            .prepare_cached(concat!("SELECT EXISTS (SELECT 1", held_placements!(), ")"))?
            .query_row([self.id, &target.id], |row| row.get(0))?;
        if !has_placements {
            return Ok(None);
        }
        let limit = self.policy.settings.releases_per_year;
        let limit_reached = || {
            Refusal::new(ProblemCode::ReleaseLimit, format!("This holder has used all {limit} releases of this year."))
        };
        self.next_number_in_year(YearlyQuota::Releases, now, limit)?
            .map_or_else(|| Err(limit_reached()), |n| Ok(Some(n)))
    }

    /// Returns the next number in the year's quota, or `None` at the limit.
    pub(super) fn next_number_in_year(
        &self,
        kind: YearlyQuota,
        now: UnixTime,
        limit: u32,
    ) -> rusqlite::Result<Option<u32>> {
        let last: u32 = self
            .db
            .prepare_cached("SELECT coalesce(max(n), 0) FROM yearly WHERE holder = ?1 AND year = ?2 AND kind = ?3")?
            .query_row(params![self.id, rules::year(now), kind as i64], |row| row.get(0))?;
        Ok(rules::next_slot(last, limit))
    }

    /// Records a computer in the year's quota.
    pub(super) fn record_in_year(
        &self,
        kind: YearlyQuota,
        now: UnixTime,
        n: u32,
        computer: &str,
    ) -> rusqlite::Result<()> {
        self.db
            .prepare_cached("INSERT INTO yearly (holder, year, kind, n, computer) VALUES (?1, ?2, ?3, ?4, ?5)")?
            .execute(params![self.id, rules::year(now), kind as i64, n, computer])?;
        Ok(())
    }

    /// Returns the next number in the day's quota, or `None` at the limit.
    pub(super) fn next_number_in_day(
        &self,
        kind: DailyQuota,
        now: UnixTime,
        limit: u32,
    ) -> rusqlite::Result<Option<u32>> {
        let last: u32 = self
            .db
            .prepare_cached("SELECT coalesce(max(n), 0) FROM daily WHERE holder = ?1 AND day = ?2 AND kind = ?3")?
            .query_row(params![self.id, rules::day(now), kind as i64], |row| row.get(0))?;
        Ok(rules::next_slot(last, limit))
    }

    /// Records a run, or a joining computer, in the day's quota.
    pub(super) fn record_in_day(
        &self,
        kind: DailyQuota,
        now: UnixTime,
        n: u32,
        computer: &str,
        run: &str,
    ) -> rusqlite::Result<()> {
        self.db
            .prepare_cached("INSERT INTO daily (holder, day, kind, n, computer, run) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
            .execute(params![self.id, rules::day(now), kind as i64, n, computer, run])?;
        self.delete_old_days(now)
    }

    /// Releases a computer and the computers that joined through it. A fully confirmed computer has no dependent
    /// computers. Each release counts. Dependent computers beyond the quota stay, so that their number cannot block the
    /// release.
    pub(super) fn release(&self, target: &Computer, by: &str, at: UnixTime) -> Result<(), Refusal> {
        for computer in self.release_cascade(target, by)? {
            let number = match self.release_number_in_year(&computer, by, at) {
                Err(refusal) if refusal.code == ProblemCode::ReleaseLimit && computer.id != target.id => {
                    self.audit(at, by, "release-over-limit", &computer.id, None)?;
                    continue;
                }
                other => other?,
            };
            if let Some(n) = number {
                self.record_in_year(YearlyQuota::Releases, at, n, &computer.id)?;
            }
            self.release_one(&computer, by, at)?;
            if by != computer.id {
                self.db.prepare_cached(REVOKE_HOLDER_KEY)?.execute(params![self.id, computer.holder_key.as_bytes()])?;
            }
        }
        self.extend_notice_period(at)?;
        Ok(self.update_due_time()?)
    }

    /// Returns a computer and its dependent computers: the computer first, the others in the order of joining.
    fn release_cascade(&self, target: &Computer, by: &str) -> rusqlite::Result<Vec<Computer>> {
        let mut cascade = vec![target.clone()];
        if by == target.id || target.level == Level::Full {
            return Ok(cascade);
        }
        let mut others = self.computers()?;
        others.retain(|other| other.level != Level::Full && other.id != by && other.id != target.id);
        loop {
            // Computers with the same holder key belong to the same home.
            let (released, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|other| {
                cascade.iter().any(|c| other.joined_by.as_ref() == Some(&c.id) || other.holder_key == c.holder_key)
            });
            others = rest;
            if released.is_empty() {
                cascade.get_mut(1..).unwrap_or_default().sort_by_key(|computer| computer.number);
                return Ok(cascade);
            }
            cascade.extend(released);
        }
    }

    fn release_one(&self, target: &Computer, by: &str, at: UnixTime) -> rusqlite::Result<()> {
        let placements: Vec<(String, i64)> = self
            .db
            .prepare_cached(concat!("SELECT license, slot", held_placements!(), " ORDER BY license"))?
            .query_map([self.id, &target.id], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        {
            let mut free_slot = self.db.prepare_cached(
                "UPDATE placements SET slot = NULL WHERE holder = ?1 AND license = ?2 AND computer = ?3",
            )?;
            // The highest slot fills the gap.
            let mut fill_gap = self.db.prepare_cached(
                "UPDATE placements SET slot = ?3 WHERE holder = ?1 AND license = ?2 AND slot > ?3 AND slot = \
                 (SELECT max(slot) FROM placements WHERE holder = ?1 AND license = ?2)",
            )?;
            for (license, slot) in &placements {
                free_slot.execute(params![self.id, license, target.id])?;
                fill_gap.execute(params![self.id, license, slot])?;
            }
        }
        self.db
            .prepare_cached(
                "UPDATE computers SET released_at = ?3, released_by = ?4, release_at = NULL, release_asked = NULL, \
             release_by = NULL WHERE holder = ?1 AND computer = ?2",
            )?
            .execute(params![self.id, target.id, at, by])?;
        // Release requests of the released computer end.
        self.db.prepare_cached(CANCEL_REQUESTED_RELEASES)?.execute([self.id, &target.id])?;
        let detail = format!("placements={}", placements.len());
        self.audit(at, by, "release", &target.id, Some(&detail))
    }

    /// Returns the current state of the caller for its answer.
    pub(super) fn state(&self, caller: &Caller) -> Result<ComputerState, Refusal> {
        let computer = self.computer(&caller.computer)?.ok_or_else(Refusal::unknown_computer)?;
        let news: UnixTime = self
            .db
            .prepare_cached("SELECT news FROM holders WHERE holder = ?1")?
            .query_row([self.id], |row| row.get(0))?;
        Ok(ComputerState {
            computer_key: computer.computer_key,
            holder_key: computer.holder_key,
            encryption_key: computer.encryption_key,
            confirmed: computer.level.is_confirmed(),
            epoch: u64::try_from(computer.epoch).unwrap_or(0),
            notices: if caller.now < news { self.notices(caller)? } else { Vec::new() },
        })
    }

    /// Returns the notices for the caller. Notices that allow an action come first, so that other notices cannot displace
    /// them.
    fn notices(&self, caller: &Caller) -> rusqlite::Result<Vec<Notice>> {
        let since = caller.now.saturating_sub(rules::NOTICE_RETENTION);
        let notice = |code, computer: &Computer, at| Notice {
            code,
            computer: computer.id.clone(),
            name: computer.name.clone(),
            at,
        };
        let mut notices = Vec::new();
        for computer in self.computers()? {
            if computer.level != Level::Full && computer.id != caller.computer {
                notices.push(notice(NoticeCode::UnconfirmedComputer, &computer, computer.registered));
            }
            if let Some(at) = computer.release_asked {
                notices.push(notice(NoticeCode::ReleaseRequested, &computer, at));
            }
        }
        let by_latest = |a: &Notice, b: &Notice| b.at.cmp(&a.at).then_with(|| a.computer.cmp(&b.computer));
        notices.sort_by(by_latest);
        let mut past_notices = Vec::new();
        let mut add = |code, sql, at: fn(&Computer) -> Option<UnixTime>| -> rusqlite::Result<()> {
            let limit = i64::try_from(MAX_NOTICES).unwrap_or(i64::MAX);
            let mut select = self.db.prepare_cached(sql)?;
            for computer in select.query_map(params![self.id, since, limit], Computer::from_row)? {
                let computer = computer?;
                if let Some(at) = at(&computer) {
                    past_notices.push(notice(code, &computer, at));
                }
            }
            Ok(())
        };
        add(NoticeCode::ComputerReleased, SELECT_RELEASED, |computer| computer.released_at)?;
        add(NoticeCode::RestoreKeyWithdrawn, SELECT_WITHDRAWN, |computer| computer.withdrawn_at)?;
        past_notices.retain(|n| n.code != NoticeCode::ComputerReleased || n.computer != caller.computer);
        past_notices.sort_by(by_latest);
        notices.extend(past_notices);
        notices.truncate(MAX_NOTICES);
        Ok(notices)
    }

    /// Adds a row about a computer to the audit log.
    pub(super) fn audit(
        &self,
        at: UnixTime,
        actor: &str,
        action: &str,
        computer: &str,
        detail: Option<&str>,
    ) -> rusqlite::Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO audit (at, who, what, holder, computer, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![at, actor, action, self.id, computer, detail])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    #[test]
    fn holder_queries_use_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        std::fs::write(&path, b"").unwrap();
        let db = schema::open_writer(&restow_core::sqlite_files::DatabaseFiles::new(&path)).unwrap();
        let by_computer = "placements USING COVERING INDEX placements_by_computer (holder=? AND computer=?)";
        let by_release = "INDEX computers_by_release (holder=? AND released_at=?)";
        for (sql, expected) in [
            (concat!("SELECT count(*)", held_placements!()), by_computer),
            (concat!("SELECT EXISTS (SELECT 1", held_placements!(), ")"), by_computer),
            (concat!("SELECT license, slot", held_placements!(), " ORDER BY license"), by_computer),
            (SELECT_ACTIVE, by_release),
            (REVOKE_HOLDER_KEY, by_release),
            (CANCEL_REQUESTED_RELEASES, by_release),
            (SELECT_RELEASED, "INDEX computers_by_release (holder=? AND released_at>?)"),
            (SELECT_WITHDRAWN, "INDEX computers_by_withdrawal (holder=? AND withdrawn_at>?)"),
        ] {
            let mut select = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let values = vec!["x"; select.parameter_count()];
            let rows = select.query_map(rusqlite::params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = rows.map(Result::unwrap).collect();
            assert!(plan.iter().any(|step| step.ends_with(expected)), "{sql}: {plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{sql}: {plan:#?}");
        }
    }
}
