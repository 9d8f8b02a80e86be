//! Placement of licenses on computers (§§5.3, 5.4). This module enforces the limits.

use std::collections::{BTreeMap, BTreeSet};

use restow_core::UnixTime;
use restow_core::protocol::{MAX_LICENSES, Outcome, ProblemCode, Revocation};
use rusqlite::{OptionalExtension as _, params};

use super::holder::{Authorized, Holder, held_placements};
use super::{counters, refusals};
use crate::error::Refusal;
use crate::rules::{self, DailyQuota, YearlyQuota};
use crate::storage::{
    Caller, LicenseResult, NewDocument, PlacementRequest, PlacementResult, PlacementTarget, RefusedCall,
};

/// Maximum size of all documents in an answer, in bytes. It keeps the signed answer below its limit.
const MAX_DOCUMENT_BYTES: usize = 8 << 20;
/// Maximum size of all counters in an answer, in bytes. A missing counter would hide used counts, so an answer
/// contains all counters of its licenses or is refused.
const MAX_COUNTER_BYTES: usize = 2 << 20;

pub(super) fn place(authorized: &Authorized<'_>, request: &PlacementRequest) -> Result<PlacementResult, Refusal> {
    let holder = &authorized.holder;
    let mut counts_as_run = true;
    let targets: BTreeMap<String, Option<[u8; 32]>> = match &request.target {
        PlacementTarget::Licenses(digests) => {
            digests.iter().map(|(license, sha256)| (license.clone(), Some(*sha256))).collect()
        }
        PlacementTarget::Keys(key_ids) => {
            authorized.check_confirmed()?;
            licenses_for_keys(holder, key_ids)?.into_iter().map(|license| (license, None)).collect()
        }
        PlacementTarget::Offer { code, documents } => {
            authorized.check_confirmed()?;
            let (newly_redeemed, licenses) = redeem(authorized, code, documents)?;
            counts_as_run = !newly_redeemed;
            licenses.into_iter().map(|license| (license, None)).collect()
        }
    };
    let is_by_license = matches!(request.target, PlacementTarget::Licenses(_));
    let run = PlacementRun { authorized, run: &request.run, counts_as_run, is_by_license };
    let mut result = run.place(targets)?;
    counters::merge(holder, &request.counters)?;
    let mut remaining_bytes = MAX_COUNTER_BYTES;
    for license in result.licenses.iter_mut().filter(|license| license.outcome == Outcome::Granted) {
        license.counters = counters::license_counters(holder, &license.license, &mut remaining_bytes)?;
    }
    let first = |outcome| result.licenses.iter().find(|license| license.outcome == outcome);
    let page = first(Outcome::Limit).map(|license| limit_page_token(authorized, &license.license)).transpose()?;
    for (outcome, reason) in [(Outcome::Limit, "limit"), (Outcome::DailyLimit, "daily-limit")] {
        if let Some(refused) = first(outcome).filter(|_| !authorized.is_retry) {
            let refused = RefusedCall {
                reason,
                holder: Some(holder.id.to_owned()),
                computer: Some(authorized.row.id.clone()),
                license: Some(refused.license.clone()),
                times: 1,
            };
            refusals::record(holder.db, &refused, authorized.caller.now)?;
        }
    }
    result.page = page;
    Ok(result)
}

fn licenses_for_keys(holder: &Holder<'_>, key_ids: &[Vec<u8>]) -> Result<BTreeSet<String>, Refusal> {
    let mut select = holder.db.prepare_cached("SELECT license FROM license_keys WHERE holder = ?1 AND key_id = ?2")?;
    let mut licenses = BTreeSet::new();
    for key_id in key_ids {
        for license in select.query_map(params![holder.id, key_id], |row| row.get(0))? {
            licenses.insert(license?);
        }
    }
    if licenses.is_empty() {
        return Err(Refusal::not_yours("No license of this holder is for these key IDs."));
    }
    if licenses.len() > MAX_LICENSES {
        return Err(Refusal::new(ProblemCode::TooLarge, "There are too many licenses for these key IDs."));
    }
    Ok(licenses)
}

/// Redeems an offer for the caller's holder, unless the holder already did. Returns true with the licenses if the
/// offer was redeemed now.
fn redeem(
    authorized: &Authorized<'_>,
    code: &[u8; 32],
    documents: &[NewDocument],
) -> Result<(bool, Vec<String>), Refusal> {
    let Holder { db, id: holder, .. } = authorized.holder;
    let Caller { computer, now, .. } = authorized.caller;
    let link = super::queries::offer_link(db, code)?.ok_or_else(Refusal::unknown_link)?;
    let is_redeemed = link.check(holder, *now)?;
    let offer = link.offer;
    if is_redeemed {
        let mut select = db.prepare_cached("SELECT license FROM issued WHERE offer = ?1")?;
        let licenses = select.query_map([offer], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        return Ok((false, licenses));
    }
    db.prepare_cached("UPDATE offers SET redeemed_by = ?2, redeemed = ?3 WHERE code = ?1 AND redeemed_by IS NULL")?
        .execute(params![code, holder, now])?;
    let mut update_issued = db.prepare_cached("UPDATE issued SET holder = ?3 WHERE license = ?1 AND offer = ?2")?;
    let mut insert_license = db.prepare_cached(
        "INSERT INTO licenses (holder, license, sha256, seed, key_ids, issued, expires, counted, computers, revoked, \
         reason) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, computers, revoked, reason FROM issued WHERE license = ?2",
    )?;
    let mut insert_document =
        db.prepare_cached("INSERT INTO documents (holder, license, document) VALUES (?1, ?2, ?3)")?;
    let mut insert_key = db.prepare_cached("INSERT INTO license_keys (holder, key_id, license) VALUES (?1, ?2, ?3)")?;
    for entry in documents {
        let updated = update_issued.execute(params![entry.license, offer, holder])?;
        if updated != 1 {
            return Err(Refusal::internal("an offer's licenses are not what they were"));
        }
        let NewDocument { license, sha256, seed, expires, .. } = entry;
        let (key_ids, counted) = (pack_key_ids(&entry.key_ids), entry.counted.join("\n"));
        insert_license.execute(params![holder, license, sha256, seed, key_ids, now, expires, counted])?;
        insert_document.execute(params![holder, entry.license, entry.document])?;
        for key_id in &entry.key_ids {
            insert_key.execute(params![holder, key_id, entry.license])?;
        }
    }
    let detail = format!("offer={offer} licenses={}", documents.len());
    authorized.holder.audit(*now, computer, "redeem", computer, Some(&detail))?;
    Ok((true, documents.iter().map(|entry| entry.license.clone()).collect()))
}

/// Placements of one request.
struct PlacementRun<'a> {
    authorized: &'a Authorized<'a>,
    run: &'a str,
    /// True if new placements count as a restore run.
    counts_as_run: bool,
    /// True if the request names license IDs, so that each ID receives a result. Otherwise licenses that do not fit
    /// are skipped, and a later call returns them.
    is_by_license: bool,
}

/// License with its placements.
struct LicenseRow {
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

impl PlacementRun<'_> {
    fn place(&self, targets: BTreeMap<String, Option<[u8; 32]>>) -> Result<PlacementResult, Refusal> {
        let Holder { db, policy, id: holder } = self.authorized.holder;
        let Caller { computer, now, .. } = self.authorized.caller;
        let requested_count = targets.len();
        let mut targets: Vec<_> = targets.into_iter().collect();
        if !self.is_by_license {
            // Licenses that this computer lacks come first, so that repeated calls make progress.
            let held_licenses = self.held_licenses()?;
            targets.sort_by_key(|(license, _)| held_licenses.contains(license));
        }
        let mut select = db.prepare_cached(
            "SELECT sha256, seed, key_ids, expires, computers, revoked, reason, \
             (SELECT slot FROM placements p WHERE p.holder = ?1 AND p.license = ?2 AND p.computer = ?3), \
             (SELECT coalesce(max(slot), 0) FROM placements p WHERE p.holder = ?1 AND p.license = ?2) \
             FROM licenses WHERE holder = ?1 AND license = ?2",
        )?;
        let mut insert = db.prepare_cached(
            "INSERT INTO placements (holder, license, computer, slot, placed) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (holder, license, computer) DO UPDATE SET slot = excluded.slot, placed = excluded.placed",
        )?;
        let mut select_document =
            db.prepare_cached("SELECT document FROM documents WHERE holder = ?1 AND license = ?2")?;
        let mut select_length =
            db.prepare_cached("SELECT octet_length(document) FROM documents WHERE holder = ?1 AND license = ?2")?;
        let mut result = PlacementResult::default();
        let mut quota_outcome = None;
        let (mut new_count, mut remaining_bytes, mut remaining_counter_bytes) =
            (0_u32, MAX_DOCUMENT_BYTES, MAX_COUNTER_BYTES);
        for (license, known_digest) in &targets {
            let row = select
                .query_row([holder, license, computer], |row| {
                    Ok(LicenseRow {
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
            let Some(row) = row else {
                result.licenses.push(LicenseResult {
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
            let limit = row.limit.unwrap_or(policy.settings.computers_per_license);
            let is_valid = row.revoked.is_none() && row.expires.is_none_or(|expires| expires > *now);
            if !self.is_by_license && is_valid && (row.slot.is_some() || rules::next_slot(row.taken, limit).is_some()) {
                let length: usize = select_length.query_row([holder, license], |row| row.get(0))?;
                let counters = counters::counters_size(&self.authorized.holder, license)?;
                if length > remaining_bytes || counters > remaining_counter_bytes {
                    continue;
                }
                remaining_counter_bytes -= counters;
            }
            let outcome = if let Some(at) = row.revoked {
                let reason = row.reason.unwrap_or_default();
                result.revoked.push(Revocation { license: license.clone(), reason, at });
                Outcome::Revoked
            } else if row.expires.is_some_and(|expires| expires <= *now) {
                Outcome::Expired
            } else if row.slot.is_some() {
                Outcome::Granted
            } else if let Some(slot) = rules::next_slot(row.taken, limit) {
                let outcome = match quota_outcome {
                    Some(outcome) => outcome,
                    None => *quota_outcome.insert(self.reserve_quota()?),
                };
                if outcome == Outcome::Granted {
                    insert.execute(params![holder, license, computer, slot, now])?;
                    new_count += 1;
                }
                outcome
            } else {
                Outcome::Limit
            };
            let needs_document = matches!(outcome, Outcome::Granted | Outcome::Limit | Outcome::DailyLimit);
            let mut document_text: Option<String> = None;
            // A license that is not granted receives its document only after the granted ones.
            if needs_document
                && *known_digest != Some(row.sha256)
                && (self.is_by_license || outcome == Outcome::Granted)
            {
                document_text = Some(select_document.query_row([holder, license], |row| row.get(0))?);
                // The caller requests a skipped document again, because its digest still differs.
                document_text = document_text.filter(|text| text.len() <= remaining_bytes);
                remaining_bytes -= document_text.as_ref().map_or(0, String::len);
            }
            result.licenses.push(LicenseResult {
                license: license.clone(),
                sha256: Some(row.sha256),
                outcome,
                document: document_text,
                seed: row.seed,
                key_ids: if outcome == Outcome::Granted { unpack_key_ids(&row.key_ids) } else { Vec::new() },
                counters: Vec::new(),
            });
        }
        for license in result.licenses.iter_mut().filter(|_| !self.is_by_license) {
            if matches!(license.outcome, Outcome::Limit | Outcome::DailyLimit) {
                let document_text: String = select_document.query_row([holder, &license.license], |row| row.get(0))?;
                license.document = Some(document_text).filter(|text| text.len() <= remaining_bytes);
                remaining_bytes -= license.document.as_ref().map_or(0, String::len);
            }
        }
        result.licenses.sort_by(|a, b| a.license.cmp(&b.license));
        if new_count > 0 {
            let detail = format!("placed={new_count} asked={requested_count}");
            self.authorized.holder.audit(*now, computer, "restore", computer, Some(&detail))?;
        }
        Ok(result)
    }

    /// Returns the licenses that this computer holds.
    fn held_licenses(&self) -> rusqlite::Result<BTreeSet<String>> {
        let Holder { db, id, .. } = self.authorized.holder;
        db.prepare_cached(concat!("SELECT license", held_placements!()))?
            .query_map([id, &self.authorized.row.id], |row| row.get(0))?
            .collect()
    }

    /// Reserves the quota for new placements, once per request, and returns the outcome for them.
    fn reserve_quota(&self) -> Result<Outcome, Refusal> {
        let (holder, kind) = (&self.authorized.holder, YearlyQuota::UnconfirmedRestores);
        let Caller { computer, now, .. } = self.authorized.caller;
        let mut year_number = None;
        if !self.authorized.row.level.is_confirmed() {
            let is_counted = holder
                .db
                .prepare_cached("SELECT 1 FROM yearly WHERE holder = ?1 AND kind = ?2 AND computer = ?3")?
                .exists(params![holder.id, kind as i64, computer])?;
            if !is_counted {
                let limit = holder.policy.settings.unconfirmed_restores_per_year;
                year_number = holder.next_number_in_year(kind, *now, limit)?;
                if year_number.is_none() {
                    return Ok(Outcome::Limit);
                }
            }
        }
        if !self.count_run()? {
            return Ok(Outcome::DailyLimit);
        }
        if let Some(number) = year_number {
            holder.record_in_year(kind, *now, number, computer)?;
        }
        Ok(Outcome::Granted)
    }

    /// Counts this run in the holder's daily quota, unless already counted. Returns false at the limit.
    fn count_run(&self) -> Result<bool, Refusal> {
        if !self.counts_as_run {
            return Ok(true);
        }
        let holder = &self.authorized.holder;
        let Caller { computer, now, .. } = self.authorized.caller;
        let kinds = (DailyQuota::Runs as i64, DailyQuota::UnconfirmedRuns as i64);
        // A run that started before midnight continues.
        let is_counted = holder
            .db
            .prepare_cached(
                "SELECT 1 FROM daily WHERE holder = ?1 AND day IN (?2, ?2 - 1) AND computer = ?3 \
                 AND run = ?4 AND kind IN (?5, ?6)",
            )?
            .exists(params![holder.id, rules::day(*now), computer, self.run, kinds.0, kinds.1])?;
        if is_counted {
            return Ok(true);
        }
        let (kind, limit) = (self.authorized.row.level.run_quota(), holder.policy.settings.restores_per_day);
        let Some(number) = holder.next_number_in_day(kind, *now, limit)? else { return Ok(false) };
        holder.record_in_day(kind, *now, number, computer, self.run)?;
        Ok(true)
    }
}

/// Returns the page token of the caller for a license at its limit, and stores the token's digest. The digest reveals
/// no token, neither by the file nor by the duration of a search.
fn limit_page_token(authorized: &Authorized<'_>, license: &str) -> rusqlite::Result<String> {
    let (holder, computer) = (&authorized.holder, authorized.row.id.as_str());
    let token = holder.policy.secret.token("limit page", &[holder.id, license, computer]);
    holder
        .db
        .prepare_cached(
            "INSERT INTO limit_pages (token, holder, license, computer) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
        )?
        .execute([&super::queries::token_digest(&token), holder.id, license, computer])?;
    Ok(token)
}

/// Packs key IDs into one column.
fn pack_key_ids(key_ids: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for key_id in key_ids {
        // The binary form has at most 1024 bytes.
        out.extend_from_slice(&u16::try_from(key_id.len()).unwrap_or(u16::MAX).to_le_bytes());
        out.extend_from_slice(key_id);
    }
    out
}

fn unpack_key_ids(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut out = Vec::new();
    while let Some((len, rest)) = bytes.split_first_chunk::<2>() {
        let Some((key_id, rest)) = rest.split_at_checked(usize::from(u16::from_le_bytes(*len))) else { break };
        out.push(key_id.to_vec());
        bytes = rest;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_key_ids_unpack() {
        for ids in [vec![], vec![vec![0; 17]], vec![vec![1, 2], vec![2; 1024], vec![0; 17]]] {
            assert_eq!(unpack_key_ids(&pack_key_ids(&ids)), ids);
        }
    }
}
