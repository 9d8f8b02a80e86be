//! Read-only queries: keys, offers, pages and the operator's lists.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use restow_core::UnixTime;
use restow_core::keys::PublicKey;
use restow_core::protocol::Terms;
use restow_core::protocol::admin::{ListAnswer, ListRequest, ListSubject};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension as _, params};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::holder::{Computer, Holder, unconfirmed_refusal};
use crate::error::Refusal;
use crate::ids::short;
use crate::rules::{self, Level, Member, YearlyQuota};
use crate::storage::{Caller, LimitCause, LimitPage, Offer, OfferLink, PageComputer, Policy, Standing};

/// Rows in one page of a list.
const LIST_PAGE_ROWS: usize = 1_000;
const COMPUTER_KEY: &str = "SELECT computer_key FROM computers INDEXED BY computers_by_id WHERE computer = ?1 LIMIT 1";
const STANDING: &str = "SELECT holder, EXISTS (SELECT 1 FROM licenses l WHERE l.holder = c.holder) AS has_licenses \
    FROM computers c INDEXED BY computers_by_id WHERE computer = ?1 AND released_at IS NULL \
    ORDER BY has_licenses DESC LIMIT 1";

/// Returns the signing key of a computer of any holder. A computer ID is the thumbprint of one key.
pub(super) fn computer_key(db: &Connection, computer: &str) -> Result<Option<PublicKey>, Refusal> {
    let key = db.prepare_cached(COMPUTER_KEY)?.query_row([computer], |row| row.get(0)).optional()?;
    Ok(key.map(PublicKey::from_bytes))
}

/// Returns the standing of a computer, or `None` if no holder has it.
pub(super) fn standing(db: &Connection, computer: &str) -> Result<Option<Standing>, Refusal> {
    let row: Option<(String, bool)> =
        db.prepare_cached(STANDING)?.query_row([computer], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    Ok(row
        .map(|(holder, has_licenses)| if has_licenses { Standing::Customer { holder } } else { Standing::Registered }))
}

pub(super) fn offer_link(db: &Connection, code: &[u8; 32]) -> rusqlite::Result<Option<OfferLink>> {
    db.prepare_cached("SELECT offer, bound_to, redeemed_by, expires, withdrawn FROM offers WHERE code = ?1")?
        .query_row([code], |row| {
            Ok(OfferLink {
                offer: row.get(0)?,
                bound_to: row.get(1)?,
                redeemed_by: row.get(2)?,
                expires: row.get(3)?,
                withdrawn: row.get(4)?,
            })
        })
        .optional()
}

pub(super) fn offer(db: &Connection, code: [u8; 32]) -> Result<Option<Offer>, Refusal> {
    let Some(link) = offer_link(db, &code)? else { return Ok(None) };
    let mut licenses = Vec::new();
    let mut select = db.prepare_cached("SELECT license, terms FROM issued WHERE offer = ?1 ORDER BY n")?;
    for row in select.query_map([&link.offer], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))? {
        let (license, terms) = row?;
        licenses.push((license, parse_terms(&terms)?));
    }
    Ok(Some(Offer { link, licenses }))
}

fn parse_terms<T: DeserializeOwned>(json: &str) -> Result<T, Refusal> {
    serde_json::from_str(json).map_err(|error| Refusal::internal(format!("terms: {error}")))
}

pub(super) fn check_acquire(holder: &Holder<'_>, caller: &Caller) -> Result<(), Refusal> {
    let computer = holder.computer(&caller.computer)?.ok_or_else(Refusal::unknown_computer)?;
    if let Some(at) = computer.released_at {
        return Err(Refusal::released(at));
    }
    // The writer applies elapsed events. This check refuses only callers that the writer also refuses.
    let is_due = computer.registered.saturating_add(rules::CONFIRM_AFTER) <= caller.now;
    if computer.level.is_confirmed() || is_due { Ok(()) } else { Err(unconfirmed_refusal()) }
}

/// Returns the stored form of a page token.
pub(super) fn token_digest(token: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(token.as_bytes()))
}

pub(super) fn limit_page(
    db: &Connection,
    policy: &Policy,
    token: &str,
    now: UnixTime,
) -> Result<Option<LimitPage>, Refusal> {
    let row = db
        .prepare_cached(
            "SELECT l.holder, l.license, l.computers, i.terms, t.computer, o.reference FROM limit_pages t JOIN licenses l \
             ON l.holder = t.holder AND l.license = t.license JOIN issued i ON i.license = l.license JOIN offers o ON \
             o.offer = i.offer WHERE t.token = ?1",
        )?
        .query_row([token_digest(token)], |row| {
            let ids: (String, String) = (row.get(0)?, row.get(1)?);
            let facts: (Option<u32>, String) = (row.get(2)?, row.get(3)?);
            Ok((ids, facts, row.get::<_, Option<String>>(4)?, row.get::<_, Option<String>>(5)?))
        })
        .optional()?;
    let Some(((holder_id, license), (limit, terms), caller, reference)) = row else { return Ok(None) };
    let terms: Terms = parse_terms(&terms)?;
    let limit = limit.unwrap_or(policy.settings.computers_per_license);
    let holder = Holder { db, policy, id: &holder_id };
    let active = active_computers(&holder, now)?;
    let holding: Vec<&Computer> = db
        .prepare_cached(
            "SELECT computer FROM placements WHERE holder = ?1 AND license = ?2 AND slot IS NOT NULL ORDER BY slot",
        )?
        .query_map([&holder_id, &license], |row| row.get::<_, String>(0))?
        .filter_map(|id| id.map(|id| active.iter().find(|computer| computer.id == id)).transpose())
        .collect::<rusqlite::Result<_>>()?;
    let is_caller = |computer: &Computer| caller.as_ref() == Some(&computer.id);
    let has_slot = u32::try_from(holding.len()).is_ok_and(|taken| taken < limit);
    let cause = if !has_slot {
        LimitCause::NoSlot
    } else if active.iter().any(|computer| is_caller(computer) && !computer.level.is_confirmed()) {
        LimitCause::Unconfirmed
    } else {
        LimitCause::Room
    };
    let releases = policy.settings.releases_per_year;
    let has_releases = holder.next_number_in_year(YearlyQuota::Releases, now, releases)?.is_some();
    let targets: Vec<Member> = holding.iter().map(|computer| computer.member()).collect();
    let can_help = |computer: &&Computer| {
        let (member, is_caller) = (computer.member(), is_caller(computer));
        // A computer without contact for long may be lost. The caller is in use.
        (is_caller || !member.is_inactive(now))
            && match cause {
                LimitCause::Unconfirmed => !is_caller && member.level.is_confirmed(),
                LimitCause::NoSlot => rules::can_release(member, &targets, has_releases, now),
                LimitCause::Room => false,
            }
    };
    let helpers = active.iter().filter(can_help).map(|computer| computer.name.clone()).collect();
    let computers = holding
        .iter()
        .map(|computer| PageComputer {
            computer: computer.id.clone(),
            name: computer.name.clone(),
            last_seen: computer.last_seen,
            confirmed: computer.level.is_confirmed(),
            is_caller: is_caller(computer),
        })
        .collect();
    let number = reference.unwrap_or_else(|| format!("{} / {}", short(&license), short(&holder_id)));
    Ok(Some(LimitPage { title: terms.title, limit, cause, computers, helpers, caller, number }))
}

/// Returns the active computers as they are after all due events, which the writer may not have applied.
fn active_computers(holder: &Holder<'_>, now: UnixTime) -> Result<Vec<Computer>, Refusal> {
    let mut computers = holder.computers()?;
    computers.retain(|computer| computer.release_at.is_none_or(|at| at > now));
    for computer in &mut computers {
        if computer.level == Level::Unconfirmed && computer.registered.saturating_add(rules::CONFIRM_AFTER) <= now {
            computer.level = Level::ByTime;
        }
    }
    Ok(computers)
}

pub(super) fn list(db: &Connection, policy: &Policy, list: &ListRequest) -> Result<ListAnswer, Refusal> {
    let sql = list_query(list.what);
    let mut select = db.prepare_cached(&with_holder_filter(sql, list.holder.is_some()))?;
    let names: Vec<String> = select.column_names().map(str::to_owned).collect();
    let after = list.after.as_deref().unwrap_or_default();
    let search = list.search.as_ref().map(|text| text.to_lowercase());
    let limit_rows = i64::try_from(LIST_PAGE_ROWS).unwrap_or(i64::MAX) + 1;
    let mut result =
        select.query(params![list.holder, after, limit_rows, policy.settings.computers_per_license, search])?;
    let mut rows = Vec::new();
    while let Some(row) = result.next()? {
        let mut members = BTreeMap::new();
        for (index, name) in names.iter().enumerate() {
            let value = match row.get_ref(index)? {
                ValueRef::Integer(number) => Value::from(number),
                ValueRef::Text(text) => Value::from(String::from_utf8_lossy(text)),
                ValueRef::Null | ValueRef::Real(_) | ValueRef::Blob(_) => continue,
            };
            match (name.as_str(), &value) {
                ("terms_json", Value::String(json)) => {
                    let terms: Value = parse_terms(json)?;
                    for name in ["key_ids", "title", "rights", "expires", "not_before"] {
                        if let Some(member) = terms.get(name).filter(|member| !member.is_null()) {
                            members.insert(name.to_owned(), member.clone());
                        }
                    }
                }
                ("references_json", Value::String(json)) => {
                    members.insert("references".to_owned(), parse_terms(json)?);
                }
                (flag, Value::Number(number)) if flag.ends_with("_flag") => {
                    members.insert(flag.trim_end_matches("_flag").to_owned(), Value::from(number.as_i64() == Some(1)));
                }
                _ => {
                    members.insert(name.clone(), value);
                }
            }
        }
        rows.push(members);
    }
    let more = rows.len() > LIST_PAGE_ROWS;
    rows.truncate(LIST_PAGE_ROWS);
    Ok(ListAnswer { rows, more })
}

/// Returns the query for rows with an `id` after ?2. Parts in braces become the filter for holder ?1. ?5 is the text of
/// a search in lower case, or null.
const fn list_query(what: ListSubject) -> &'static str {
    match what {
        ListSubject::Licenses => {
            "SELECT i.license AS id, i.license, i.offer, o.reference, o.note, i.holder, i.terms AS terms_json, l.issued, \
             coalesce(l.computers, i.computers, ?4) AS \"limit\", i.revoked, i.reason, \
             (SELECT count(*) FROM placements p WHERE p.holder = i.holder AND p.license = i.license \
             AND p.slot IS NOT NULL) AS computers \
             FROM issued i JOIN offers o ON o.offer = i.offer \
             LEFT JOIN licenses l ON l.holder = i.holder AND l.license = i.license \
             WHERE {i.holder} AND i.license > ?2 AND (?5 IS NULL OR contains(?5, i.license, i.holder, i.offer, \
             o.reference, o.note, i.terms ->> 'title', i.reason)) ORDER BY i.license LIMIT ?3"
        }
        ListSubject::Computers => {
            "SELECT holder || '.' || computer AS id, holder, computer, name, level > 0 AS confirmed_flag, \
             level = 1 AS by_time_flag, registered, last_seen, joined_by, epoch, release_at, released_at, \
             released_by, (SELECT count(*) FROM placements p WHERE p.holder = c.holder AND \
             p.computer = c.computer AND p.slot IS NOT NULL) AS licenses \
             FROM computers c WHERE {holder} AND (holder, computer) > \
             (substr(?2, 1, instr(?2, '.') - 1), substr(?2, instr(?2, '.') + 1)) AND ?4 >= 0 \
             AND (?5 IS NULL OR contains(?5, holder, computer, name) OR EXISTS (SELECT 1 FROM offers o WHERE \
             (o.redeemed_by = c.holder OR o.bound_to = c.holder) AND contains(?5, o.reference, o.note))) \
             ORDER BY holder, computer LIMIT ?3"
        }
        ListSubject::Holders => {
            "SELECT holder AS id, holder, created, (SELECT count(*) FROM computers c WHERE c.holder = h.holder \
             AND c.released_at IS NULL) AS computers, (SELECT count(*) FROM licenses l WHERE \
             l.holder = h.holder) AS licenses, (SELECT json_group_array(DISTINCT o.reference) FROM offers o WHERE \
             (o.redeemed_by = h.holder OR o.bound_to = h.holder) AND o.reference IS NOT NULL) AS references_json \
             FROM holders h WHERE {holder} AND holder > ?2 AND ?4 >= 0 AND (?5 IS NULL OR contains(?5, holder) OR \
             EXISTS (SELECT 1 FROM offers o WHERE (o.redeemed_by = h.holder OR o.bound_to = h.holder) AND \
             contains(?5, o.reference, o.note))) ORDER BY holder LIMIT ?3"
        }
        ListSubject::Offers => {
            "SELECT offer AS id, offer, reference, note, bound_to, created, expires AS link_expires, withdrawn, redeemed_by, redeemed, \
             (SELECT count(*) FROM issued i WHERE i.offer = o.offer) AS licenses FROM offers o \
             WHERE {offer} AND offer > ?2 AND ?4 >= 0 AND (?5 IS NULL OR contains(?5, offer, reference, note, bound_to, \
             redeemed_by)) ORDER BY offer LIMIT ?3"
        }
        ListSubject::Audit => {
            "SELECT cast(id AS TEXT) AS id, at, who, what, holder, computer, license, detail FROM audit a \
             WHERE {holder} AND a.id > cast(?2 AS INTEGER) AND ?4 >= 0 AND (?5 IS NULL OR contains(?5, who, what, holder, \
             computer, license, detail) OR EXISTS (SELECT 1 FROM offers o WHERE (o.redeemed_by = a.holder OR \
             o.bound_to = a.holder) AND contains(?5, o.reference, o.note))) ORDER BY a.id LIMIT ?3"
        }
    }
}

/// Fills in the holder filter. A single statement for both cases could use no index.
fn with_holder_filter(sql: &str, has_holder: bool) -> String {
    let narrow = |sql: String, (name, condition): (&str, &str)| {
        sql.replace(&format!("{{{name}}}"), if has_holder { condition } else { "?1 IS NULL" })
    };
    [
        ("i.holder", "i.holder = ?1"),
        ("holder", "holder = ?1"),
        (
            "offer",
            "offer IN (SELECT offer FROM offers WHERE bound_to = ?1 UNION \
             SELECT offer FROM offers WHERE redeemed_by = ?1)",
        ),
    ]
    .into_iter()
    .fold(sql.to_owned(), narrow)
}

#[cfg(test)]
mod tests {
    use super::super::schema;
    use super::*;

    #[test]
    fn filtered_lists_use_indexes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("db");
        std::fs::write(&path, b"").unwrap();
        drop(schema::open_writer(&restow_core::sqlite_files::DatabaseFiles::new(&path)).unwrap());
        let db = schema::open_reader(&path).unwrap();
        for what in [
            ListSubject::Licenses,
            ListSubject::Computers,
            ListSubject::Holders,
            ListSubject::Offers,
            ListSubject::Audit,
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {}", with_holder_filter(list_query(what), true));
            let mut select = db.prepare(&sql).unwrap();
            let rows = select.query_map(params!["h", "", 1, 1, "x"], |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = rows.map(Result::unwrap).collect();
            assert!(!plan.is_empty() && !plan.iter().any(|step| step.starts_with("SCAN")), "{what:?}: {plan:#?}");
        }
    }
}
