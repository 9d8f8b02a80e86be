//! Licenses are placed on computers (§§5.3, 5.4): here the limits are kept.

use std::collections::{BTreeMap, BTreeSet};

use restow_core::UnixTime;
use restow_core::protocol::{MAX_LICENSES, Outcome, ProblemCode, Revoked};
use rusqlite::{Connection, OptionalExtension as _, params};

use super::holder::held;
use super::{counters, holder};
use crate::error::Refusal;
use crate::rules::{self, Daily, Level, Yearly};
use crate::storage::{Caller, NewDocument, Order, Placed, PlacedLicense, Policy, Standing, Wanted};

/// Documents in one answer may have so many bytes in all, so that the signed answer stays under its limit.
const MAX_DOCUMENTS: usize = 8 << 20;
/// So may counters. A count that is left out would be a count that is not known to be used up, so that an answer has all
/// counters of its licenses, or there is none.
const MAX_COUNTERS: usize = 2 << 20;

pub(super) fn place(
    db: &Connection,
    policy: &Policy,
    caller: &Caller,
    order: &Order,
) -> Result<(Standing, Placed), Refusal> {
    let me = holder::enter(db, policy, caller)?;
    let mut counts = true;
    let wanted: BTreeMap<String, Option<[u8; 32]>> = match &order.what {
        Wanted::Licenses(asked) => asked.iter().map(|(license, sha256)| (license.clone(), Some(*sha256))).collect(),
        Wanted::Keys(key_ids) => {
            me.confirmed()?;
            for_keys(db, caller, key_ids)?.into_iter().map(|license| (license, None)).collect()
        }
        Wanted::Offer { code, documents } => {
            me.confirmed()?;
            let (first, licenses) = redeem(db, caller, code, documents)?;
            counts = !first;
            licenses.into_iter().map(|license| (license, None)).collect()
        }
    };
    let asked = matches!(order.what, Wanted::Licenses(_));
    let run = Run { db, policy, caller, level: me.row.level, run: &order.run, counts, asked };
    let mut placed = run.place(wanted)?;
    counters::merge(db, caller, &order.counters)?;
    let mut room = MAX_COUNTERS;
    for license in placed.licenses.iter_mut().filter(|license| license.outcome == Outcome::Granted) {
        license.counters = counters::of(db, &caller.holder, &license.license, &mut room)?;
    }
    let limited = placed.licenses.iter().find(|license| license.outcome == Outcome::Limit);
    placed.page = limited.map(|license| page(db, policy, caller, &license.license)).transpose()?;
    Ok((holder::unchanged_standing(db, caller, &me.row)?, placed))
}

fn for_keys(db: &Connection, caller: &Caller, key_ids: &[Vec<u8>]) -> Result<Vec<String>, Refusal> {
    let mut select = db.prepare_cached("SELECT license FROM license_keys WHERE holder = ?1 AND key_id = ?2")?;
    let mut found = Vec::new();
    for key_id in key_ids {
        for license in select.query_map(params![caller.holder, key_id], |row| row.get(0))? {
            found.push(license?);
        }
    }
    found.sort_unstable();
    found.dedup();
    if found.is_empty() {
        return Err(Refusal::not_yours("No license of this holder is for these key IDs."));
    }
    if found.len() > MAX_LICENSES {
        return Err(Refusal::new(ProblemCode::TooLarge, "There are too many licenses for these key IDs."));
    }
    Ok(found)
}

/// The licenses of an offer, which become this holder's unless they are; true when they became it now.
fn redeem(
    db: &Connection,
    caller: &Caller,
    code: &[u8; 32],
    documents: &[NewDocument],
) -> Result<(bool, Vec<String>), Refusal> {
    let Caller { holder, now, .. } = caller;
    let unknown = || Refusal::not_yours("There is no such link, or it is for another holder.");
    let (offer, bound_to, redeemed_by): (String, Option<String>, Option<String>) = db
        .prepare_cached("SELECT offer, bound_to, redeemed_by FROM offers WHERE code = ?1")?
        .query_row([code], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?
        .ok_or_else(unknown)?;
    if bound_to.as_ref().is_some_and(|bound| bound != holder) {
        return Err(unknown());
    }
    match redeemed_by {
        Some(by) if by == *holder => {
            let mut select = db.prepare_cached("SELECT license FROM issued WHERE offer = ?1")?;
            let licenses = select.query_map([offer], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            return Ok((false, licenses));
        }
        Some(_) => return Err(Refusal::new(ProblemCode::LinkUsed, "This link was redeemed by someone else.")),
        None => {}
    }
    db.prepare_cached("UPDATE offers SET redeemed_by = ?2, redeemed = ?3 WHERE code = ?1 AND redeemed_by IS NULL")?
        .execute(params![code, holder, now])?;
    let mut issued = db.prepare_cached("UPDATE issued SET holder = ?3 WHERE license = ?1 AND offer = ?2")?;
    let mut license = db.prepare_cached(
        "INSERT INTO licenses (holder, license, sha256, seed, key_ids, issued, expires, counted, computers, revoked, \
         reason) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, computers, revoked, reason FROM issued WHERE license = ?2",
    )?;
    let mut document = db.prepare_cached("INSERT INTO documents (holder, license, document) VALUES (?1, ?2, ?3)")?;
    let mut key = db.prepare_cached("INSERT INTO license_keys (holder, key_id, license) VALUES (?1, ?2, ?3)")?;
    for new in documents {
        let of_offer = issued.execute(params![new.license, offer, holder])?;
        if of_offer != 1 {
            return Err(Refusal::internal("an offer's licenses are not what they were"));
        }
        let (key_ids, counted) = (pack(&new.key_ids), new.counted.join("\n"));
        license.execute(params![holder, new.license, new.sha256, new.seed, key_ids, now, new.expires, counted])?;
        document.execute(params![holder, new.license, new.document])?;
        for key_id in &new.key_ids {
            key.execute(params![holder, key_id, new.license])?;
        }
    }
    let detail = format!("offer={offer} licenses={}", documents.len());
    holder::audit(db, *now, &caller.computer, "redeem", holder, Some(&caller.computer), None, Some(&detail))?;
    Ok((true, documents.iter().map(|new| new.license.clone()).collect()))
}

/// One request's placements.
struct Run<'a> {
    db: &'a Connection,
    policy: &'a Policy,
    caller: &'a Caller,
    level: Level,
    run: &'a str,
    /// Whether new placements count as a restore run.
    counts: bool,
    /// The licenses were named, so each is answered. Else those are left out whole that do not fit the answer, and the
    /// same request brings them another time.
    asked: bool,
}

/// A license and its placements.
struct Found {
    sha256: [u8; 32],
    seed: u32,
    key_ids: Vec<u8>,
    expires: Option<UnixTime>,
    limit: Option<u32>,
    revoked: Option<UnixTime>,
    reason: Option<String>,
    slot: Option<u32>,
    taken: u32,
}

impl Run<'_> {
    fn place(&self, wanted: BTreeMap<String, Option<[u8; 32]>>) -> Result<Placed, Refusal> {
        let (db, holder, now) = (self.db, &self.caller.holder, self.caller.now);
        let all = wanted.len();
        let mut wanted: Vec<_> = wanted.into_iter().collect();
        if !self.asked {
            // What this computer does not hold comes first, so that every call gets further.
            let held = self.held()?;
            wanted.sort_by_key(|(license, _)| held.contains(license));
        }
        let mut find = db.prepare_cached(
            "SELECT sha256, seed, key_ids, expires, computers, revoked, reason, \
             (SELECT slot FROM placements p WHERE p.holder = ?1 AND p.license = ?2 AND p.computer = ?3), \
             (SELECT coalesce(max(slot), 0) FROM placements p WHERE p.holder = ?1 AND p.license = ?2) \
             FROM licenses WHERE holder = ?1 AND license = ?2",
        )?;
        let mut insert = db.prepare_cached(
            "INSERT INTO placements (holder, license, computer, slot, placed) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (holder, license, computer) DO UPDATE SET slot = excluded.slot, placed = excluded.placed",
        )?;
        let mut document = db.prepare_cached("SELECT document FROM documents WHERE holder = ?1 AND license = ?2")?;
        let mut length =
            db.prepare_cached("SELECT octet_length(document) FROM documents WHERE holder = ?1 AND license = ?2")?;
        let mut placed = Placed::default();
        let mut may_place = None;
        let (mut new, mut room, mut counter_room) = (0_u32, MAX_DOCUMENTS, MAX_COUNTERS);
        for (license, has) in &wanted {
            let found = find
                .query_row([holder, license, &self.caller.computer], |row| {
                    Ok(Found {
                        sha256: row.get(0)?,
                        seed: row.get(1)?,
                        key_ids: row.get(2)?,
                        expires: row.get(3)?,
                        limit: row.get(4)?,
                        revoked: row.get(5)?,
                        reason: row.get(6)?,
                        slot: row.get(7)?,
                        taken: row.get(8)?,
                    })
                })
                .optional()?;
            let Some(found) = found else {
                placed.licenses.push(PlacedLicense {
                    license: license.clone(),
                    sha256: None,
                    outcome: Outcome::NotYours,
                    document: None,
                    seed: 0,
                    key_ids: Vec::new(),
                    counters: Vec::new(),
                });
                continue;
            };
            let limit = found.limit.unwrap_or(self.policy.settings.computers_per_license);
            let valid = found.revoked.is_none() && found.expires.is_none_or(|expires| expires > now);
            if !self.asked && valid && (found.slot.is_some() || rules::next_slot(found.taken, limit).is_some()) {
                let length: usize = length.query_row([holder, license], |row| row.get(0))?;
                let counters = counters::size(db, holder, license)?;
                if length > room || counters > counter_room {
                    continue;
                }
                counter_room -= counters;
            }
            let outcome = if let Some(at) = found.revoked {
                let reason = found.reason.unwrap_or_default();
                placed.revoked.push(Revoked { license: license.clone(), reason, at });
                Outcome::Revoked
            } else if found.expires.is_some_and(|expires| expires <= now) {
                Outcome::Expired
            } else if found.slot.is_some() {
                Outcome::Granted
            } else if let Some(slot) = rules::next_slot(found.taken, limit) {
                let outcome = match may_place {
                    Some(outcome) => outcome,
                    None => *may_place.insert(self.count()?),
                };
                if outcome == Outcome::Granted {
                    insert.execute(params![holder, license, self.caller.computer, slot, now])?;
                    new += 1;
                }
                outcome
            } else {
                Outcome::Limit
            };
            let useful = matches!(outcome, Outcome::Granted | Outcome::Limit | Outcome::DailyLimit);
            let mut text: Option<String> = None;
            // Of one that is not granted the document is sent only beside those that are.
            if useful && *has != Some(found.sha256) && (self.asked || outcome == Outcome::Granted) {
                text = Some(document.query_row([holder, license], |row| row.get(0))?);
                // What does not fit is asked for again: its digest still differs then.
                text = text.filter(|text| text.len() <= room);
                room -= text.as_ref().map_or(0, String::len);
            }
            placed.licenses.push(PlacedLicense {
                license: license.clone(),
                sha256: Some(found.sha256),
                outcome,
                document: text,
                seed: found.seed,
                key_ids: if outcome == Outcome::Granted { unpack(&found.key_ids) } else { Vec::new() },
                counters: Vec::new(),
            });
        }
        for license in placed.licenses.iter_mut().filter(|_| !self.asked) {
            if matches!(license.outcome, Outcome::Limit | Outcome::DailyLimit) {
                let text: String = document.query_row([holder, &license.license], |row| row.get(0))?;
                license.document = Some(text).filter(|text| text.len() <= room);
                room -= license.document.as_ref().map_or(0, String::len);
            }
        }
        placed.licenses.sort_by(|a, b| a.license.cmp(&b.license));
        if new > 0 {
            let computer = &self.caller.computer;
            let detail = format!("placed={new} asked={all}");
            holder::audit(db, now, computer, "restore", holder, Some(computer), None, Some(&detail))?;
        }
        Ok(placed)
    }

    /// The licenses that this computer holds.
    fn held(&self) -> rusqlite::Result<BTreeSet<String>> {
        self.db
            .prepare_cached(concat!("SELECT license", held!()))?
            .query_map([&self.caller.holder, &self.caller.computer], |row| row.get(0))?
            .collect()
    }

    /// Counts what a new placement costs, once for all of a request: whether it may be.
    fn count(&self) -> Result<Outcome, Refusal> {
        let Caller { holder, computer, now, .. } = self.caller;
        let (db, kind) = (self.db, Yearly::UnconfirmedRestores);
        let mut first = None;
        if !self.level.is_confirmed() {
            let counted: bool = db
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM yearly WHERE holder = ?1 AND kind = ?2 AND computer = ?3)",
                )?
                .query_row(params![holder, kind as i64, computer], |row| row.get(0))?;
            if !counted {
                let limit = self.policy.settings.unconfirmed_restores_per_year;
                first = holder::next_of_year(db, holder, kind, *now, limit)?;
                if first.is_none() {
                    return Ok(Outcome::Limit);
                }
            }
        }
        if !self.count_run()? {
            return Ok(Outcome::DailyLimit);
        }
        if let Some(n) = first {
            holder::count_in_year(db, holder, kind, *now, n, computer)?;
        }
        Ok(Outcome::Granted)
    }

    /// Counts this run of the holder's day, unless it counted; false at the daily limit.
    fn count_run(&self) -> Result<bool, Refusal> {
        if !self.counts {
            return Ok(true);
        }
        let Caller { holder, computer, now, .. } = self.caller;
        let day = rules::day(*now);
        // A run that began before midnight goes on.
        let counted: bool = self
            .db
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM daily WHERE holder = ?1 AND day IN (?2, ?2 - 1) AND computer = ?3 \
                 AND run = ?4 AND kind IN (?5, ?6))",
            )?
            .query_row(
                params![holder, day, computer, self.run, Daily::Runs as i64, Daily::UnconfirmedRuns as i64],
                |row| row.get(0),
            )?;
        if counted {
            return Ok(true);
        }
        let (kind, limit) = (self.level.runs(), self.policy.settings.restores_per_day);
        let Some(n) = holder::next_of_day(self.db, holder, kind, *now, limit)? else { return Ok(false) };
        holder::count_in_day(self.db, holder, kind, *now, n, computer, self.run)?;
        Ok(true)
    }
}

/// The token of the page about a license at its limit; from now on it leads there. Its digest is what is kept, so that
/// nobody learns it from the file or from how long a search takes.
fn page(db: &Connection, policy: &Policy, caller: &Caller, license: &str) -> rusqlite::Result<String> {
    let token = policy.secret.token("limit page", &[&caller.holder, license]);
    db.prepare_cached("INSERT INTO limit_pages (token, holder, license) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute([&super::read::digest(&token), &caller.holder, license])?;
    Ok(token)
}

/// Key IDs in one column.
fn pack(key_ids: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for key_id in key_ids {
        // The binary form has at most 1024 bytes.
        out.extend_from_slice(&u16::try_from(key_id.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend_from_slice(key_id);
    }
    out
}

fn unpack(mut packed: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    while let Some((len, rest)) = packed.split_first_chunk::<2>() {
        let Some((key_id, rest)) = rest.split_at_checked(usize::from(u16::from_le_bytes(*len))) else { break };
        out.push(key_id.to_vec());
        packed = rest;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_pack() {
        for ids in [vec![], vec![vec![0; 17]], vec![vec![1, 2], vec![2; 1024], vec![0; 17]]] {
            assert_eq!(unpack(&pack(&ids)), ids);
        }
    }
}
