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

use super::holder::{Holder, unconfirmed_refusal};
use crate::error::Refusal;
use crate::rules;
use crate::storage::{Caller, LimitPage, Offer, PageComputer, Policy};

/// Rows in one page of a list.
const LIST_PAGE_ROWS: usize = 1_000;

pub(super) fn computer_key(db: &Connection, holder: &str, computer: &str) -> Result<Option<PublicKey>, Refusal> {
    let key = db
        .prepare_cached("SELECT computer_key FROM computers WHERE holder = ?1 AND computer = ?2")?
        .query_row([holder, computer], |row| row.get(0))
        .optional()?;
    Ok(key.map(PublicKey::from_bytes))
}

pub(super) fn offer(db: &Connection, code: [u8; 32]) -> Result<Option<Offer>, Refusal> {
    let row: Option<(String, Option<String>, Option<String>)> = db
        .prepare_cached("SELECT offer, bound_to, redeemed_by FROM offers WHERE code = ?1")?
        .query_row([code], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((offer, bound_to, redeemed_by)) = row else { return Ok(None) };
    let mut licenses = Vec::new();
    let mut select = db.prepare_cached("SELECT license, terms FROM issued WHERE offer = ?1 ORDER BY n")?;
    for row in select.query_map([offer], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))? {
        let (license, terms) = row?;
        licenses.push((license, parse_terms(&terms)?));
    }
    Ok(Some(Offer { bound_to, redeemed_by, licenses }))
}

fn parse_terms<T: DeserializeOwned>(json: &str) -> Result<T, Refusal> {
    serde_json::from_str(json).map_err(|error| Refusal::internal(format!("terms: {error}")))
}

pub(super) fn check_acquire(holder: &Holder<'_>, caller: &Caller) -> Result<(), Refusal> {
    let computer = holder.computer(&caller.computer)?.ok_or_else(Refusal::unknown_computer)?;
    if computer.released_at.is_some() {
        return Err(Refusal::unknown_computer());
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
    let result: Option<(String, String, Option<u32>, String)> = db
        .prepare_cached(
            "SELECT l.holder, l.license, l.computers, i.terms FROM limit_pages t JOIN licenses l ON \
             l.holder = t.holder AND l.license = t.license JOIN issued i ON i.license = l.license WHERE t.token = ?1",
        )?
        .query_row([token_digest(token)], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    let Some((holder, license, limit, terms)) = result else { return Ok(None) };
    let terms: Terms = parse_terms(&terms)?;
    // A due release is visible here before the writer applies it.
    let computers = db
        .prepare_cached(
            "SELECT c.computer, c.name, c.last_seen FROM placements p JOIN computers c ON c.holder = p.holder AND \
             c.computer = p.computer WHERE p.holder = ?1 AND p.license = ?2 AND p.slot IS NOT NULL AND \
             (c.release_at IS NULL OR c.release_at > ?3) ORDER BY p.slot",
        )?
        .query_map(params![holder, license, now], |row| {
            Ok(PageComputer { computer: row.get(0)?, name: row.get(1)?, last_seen: row.get(2)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(LimitPage { title: terms.title, limit: limit.unwrap_or(policy.settings.computers_per_license), computers }))
}

pub(super) fn list(db: &Connection, policy: &Policy, list: &ListRequest) -> Result<ListAnswer, Refusal> {
    let sql = list_query(list.what);
    let mut select = db.prepare_cached(&with_holder_filter(sql, list.holder.is_some()))?;
    let names: Vec<String> = select.column_names().map(str::to_owned).collect();
    let after = list.after.as_deref().unwrap_or_default();
    let limit_rows = i64::try_from(LIST_PAGE_ROWS).unwrap_or(i64::MAX) + 1;
    let mut result = select.query(params![list.holder, after, limit_rows, policy.settings.computers_per_license])?;
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

/// Returns the query for rows with an `id` after ?2. Parts in braces become the filter for holder ?1.
const fn list_query(what: ListSubject) -> &'static str {
    match what {
        ListSubject::Licenses => {
            "SELECT i.license AS id, i.license, i.offer, i.holder, i.terms AS terms_json, l.issued, \
             coalesce(l.computers, i.computers, ?4) AS \"limit\", i.revoked, i.reason, \
             (SELECT count(*) FROM placements p WHERE p.holder = i.holder AND p.license = i.license \
             AND p.slot IS NOT NULL) AS computers \
             FROM issued i LEFT JOIN licenses l ON l.holder = i.holder AND l.license = i.license \
             WHERE {i.holder} AND i.license > ?2 ORDER BY i.license LIMIT ?3"
        }
        ListSubject::Computers => {
            "SELECT holder || '.' || computer AS id, holder, computer, name, level > 0 AS confirmed_flag, \
             level = 1 AS by_time_flag, registered, last_seen, joined_by, epoch, release_at, released_at, \
             released_by, (SELECT count(*) FROM placements p WHERE p.holder = c.holder AND \
             p.computer = c.computer AND p.slot IS NOT NULL) AS licenses \
             FROM computers c WHERE {holder} AND (holder, computer) > \
             (substr(?2, 1, instr(?2, '.') - 1), substr(?2, instr(?2, '.') + 1)) AND ?4 >= 0 \
             ORDER BY holder, computer LIMIT ?3"
        }
        ListSubject::Holders => {
            "SELECT holder AS id, holder, created, (SELECT count(*) FROM computers c WHERE c.holder = h.holder \
             AND c.released_at IS NULL) AS computers, (SELECT count(*) FROM licenses l WHERE \
             l.holder = h.holder) AS licenses FROM holders h \
             WHERE {holder} AND holder > ?2 AND ?4 >= 0 ORDER BY holder LIMIT ?3"
        }
        ListSubject::Offers => {
            "SELECT offer AS id, offer, bound_to, created, redeemed_by, redeemed, (SELECT count(*) FROM issued i \
             WHERE i.offer = o.offer) AS licenses FROM offers o WHERE {offer} AND offer > ?2 AND ?4 >= 0 ORDER BY offer LIMIT ?3"
        }
        ListSubject::Audit => {
            "SELECT cast(id AS TEXT) AS id, at, who, what, holder, computer, license, detail FROM audit a \
             WHERE {holder} AND a.id > cast(?2 AS INTEGER) AND ?4 >= 0 ORDER BY a.id LIMIT ?3"
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
        let db = schema::open_writer(&path).unwrap();
        for what in [
            ListSubject::Licenses,
            ListSubject::Computers,
            ListSubject::Holders,
            ListSubject::Offers,
            ListSubject::Audit,
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {}", with_holder_filter(list_query(what), true));
            let mut select = db.prepare(&sql).unwrap();
            let rows = select.query_map(params!["h", "", 1, 1], |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<String> = rows.map(Result::unwrap).collect();
            assert!(!plan.is_empty() && !plan.iter().any(|step| step.starts_with("SCAN")), "{what:?}: {plan:#?}");
        }
    }
}
