//! Checks of the terms that an operator issues (docs/service-protocol.md §6).
//!
//! Terms that no holder could use are rejected before a license is issued.

use std::collections::BTreeSet;

use restow_core::license::{Limits, Right, Rights};
use restow_core::message::Message;
use restow_core::protocol::Terms;
use restow_core::{KeyId, UnixTime, message_error, message_methods};

use crate::texts::TEXTS;

/// Maximum limit of computers of a license.
pub(crate) const MAX_LIMIT: u32 = 1_000;
/// Maximum number of rights of a license.
const MAX_RIGHTS: usize = 64;
/// Maximum count of uses.
const MAX_COUNT: i64 = 1_000_000_000;
/// Maximum time after the first use, in seconds: 100 years.
const MAX_SECONDS: i64 = 3_155_760_000;
/// Last second of the year 9999.
const LAST_TIME: UnixTime = 253_402_300_799;
/// Rights that licenses may grant.
const RIGHTS: [&str; 9] = [
    "Play",
    "Copy",
    "PlaylistBurn",
    "CreateThumbnailImage",
    "CollaborativePlay",
    "Backup",
    "Print.redbook",
    "Transfer.SDMI",
    "Transfer.NONSDMI",
];

message_error! {
    /// Reason why terms are invalid.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum TermsError in TEXTS {
        /// The number of key IDs is out of range.
        KeyIdCount = "terms-key-ids",
        /// The text is not a key ID.
        InvalidKeyId(name: String) = "terms-key-id",
        /// Two entries name the same key ID, possibly in different notation.
        DuplicateKeyId(name: String) = "terms-key-id-twice",
        /// The title is empty, too long, or contains control characters.
        Title = "terms-title",
        /// The number of rights exceeds the maximum.
        TooManyRights = "terms-rights",
        /// The right is not one that licenses may grant.
        UnknownRight(right: String as (add_rights)) = "terms-unknown-right",
        /// The terms grant no usable right.
        NoUsableRight = "terms-no-right",
        /// The right Backup has limits.
        BackupLimits = "terms-backup-limits",
        /// A number is out of range.
        Range {
            /// JSON member with the number.
            member: String,
            /// Minimum value.
            least: i64,
            /// Maximum value.
            most: i64,
        } = "terms-range",
        /// The start is not before the end.
        DateOrder {
            /// JSON member with the start.
            first: String,
            /// JSON member with the end.
            second: String,
        } = "terms-order",
        /// The date in this JSON member has passed.
        Past(member: String) = "terms-past",
    }
}

message_methods!(TermsError);

/// Adds an unknown right and the rights that licenses may grant.
fn add_rights(message: Message, right: &String) -> Message {
    message.with("name", right).with("list", RIGHTS.join(", "))
}

/// Checks the terms of one license without the service's clock, and normalizes the notation of key IDs.
///
/// # Errors
/// Returns the first violation found.
pub fn check_terms(terms: &mut Terms) -> Result<(), TermsError> {
    check_key_ids(&mut terms.key_ids)?;
    let is_valid_title = |title: &String| {
        !title.trim().is_empty() && title.chars().count() <= 1_000 && !title.chars().any(char::is_control)
    };
    if !terms.title.as_ref().is_none_or(is_valid_title) {
        return Err(TermsError::Title);
    }
    check_rights(&terms.rights)?;
    check_times(["not_before", "expires"], terms.not_before, terms.expires)?;
    check_range("unreported", terms.unreported, 0, MAX_COUNT)?;
    check_range("limit", terms.limit, 1, MAX_LIMIT.into())
}

/// Checks that no date of the terms has passed. The service's clock decides; a check by another clock is only a
/// preview.
///
/// # Errors
/// Returns [`TermsError::Past`] for the first date that has passed.
pub fn check_not_expired(terms: &Terms, now: UnixTime) -> Result<(), TermsError> {
    let is_past = |until: Option<UnixTime>| until.is_some_and(|until| until <= now);
    if is_past(terms.expires) {
        return Err(TermsError::Past("expires".to_owned()));
    }
    match terms.rights.iter().find(|(_, limits)| is_past(limits.until)) {
        Some((right, _)) => Err(TermsError::Past(format!("rights.{right}.until"))),
        None => Ok(()),
    }
}

fn check_key_ids(key_ids: &mut [String]) -> Result<(), TermsError> {
    if !(1..=64).contains(&key_ids.len()) {
        return Err(TermsError::KeyIdCount);
    }
    let mut known = BTreeSet::new();
    for text in key_ids {
        let key_id: KeyId = text.parse().map_err(|_| TermsError::InvalidKeyId(text.clone()))?;
        *text = key_id.to_string();
        if !known.insert(text.clone()) {
            return Err(TermsError::DuplicateKeyId(text.clone()));
        }
    }
    Ok(())
}

fn check_rights(rights: &Rights) -> Result<(), TermsError> {
    if rights.len() > MAX_RIGHTS {
        return Err(TermsError::TooManyRights);
    }
    for (right, limits) in rights {
        if !RIGHTS.contains(&right.as_str()) {
            return Err(TermsError::UnknownRight(right.to_string()));
        }
        if *right == Right::BACKUP && *limits != Limits::default() {
            return Err(TermsError::BackupLimits);
        }
        let member = |name: &str| format!("rights.{right}.{name}");
        check_range(&member("count"), limits.count, 1, MAX_COUNT)?;
        check_range(&member("first_use_seconds"), limits.first_use_seconds, 1, MAX_SECONDS)?;
        check_times([&member("from"), &member("until")], limits.from, limits.until)?;
    }
    if rights.keys().all(|right| *right == Right::BACKUP) { Err(TermsError::NoUsableRight) } else { Ok(()) }
}

fn check_times(names: [&str; 2], from: Option<UnixTime>, until: Option<UnixTime>) -> Result<(), TermsError> {
    let [first, second] = names;
    check_range(first, from, 0, LAST_TIME)?;
    check_range(second, until, 0, LAST_TIME)?;
    if from.zip(until).is_some_and(|(from, until)| from >= until) {
        return Err(TermsError::DateOrder { first: first.to_owned(), second: second.to_owned() });
    }
    Ok(())
}

fn check_range<N: TryInto<i64>>(member: &str, number: Option<N>, least: i64, most: i64) -> Result<(), TermsError> {
    match number.map(N::try_into) {
        None => Ok(()),
        Some(Ok(number)) if (least..=most).contains(&number) => Ok(()),
        Some(_) => Err(TermsError::Range { member: member.to_owned(), least, most }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(json: &str) -> Result<Terms, TermsError> {
        let mut terms: Terms = serde_json::from_str(json).unwrap();
        check_terms(&mut terms).map(|()| terms)
    }

    /// Checks terms with one key ID, these rights and these further JSON members.
    fn check(rights: &str, members: &str) -> Result<Terms, TermsError> {
        terms(&format!(r#"{{"key_ids":["hex:00"],"rights":{rights}{members}}}"#))
    }

    #[test]
    fn usable_terms_pass() {
        for (rights, members) in [
            (r#"{"Play":{}}"#, ""),
            (r#"{"play":{"count":10},"Backup":{}}"#, r#","title":"A Song","limit":1000,"unreported":0"#),
            (r#"{"Play":{"from":0,"until":253402300799,"first_use_seconds":1}}"#, r#","not_before":5,"expires":6"#),
            (r#"{"Print.redbook":{"count":1000000000}}"#, r#","priority":-5"#),
        ] {
            check(rights, members).unwrap();
        }
        let normalized = terms(r#"{"key_ids":["09E091AB-F838-41D2-9E35-58531FD19EC7"],"rights":{"Play":{}}}"#).unwrap();
        assert_eq!(normalized.key_ids, ["09e091ab-f838-41d2-9e35-58531fd19ec7"]);
    }

    #[test]
    fn unusable_terms_name_defect() {
        for (rights, members, prefix) in [
            ("{}", "", "terms-no-right “rights”"),
            (r#"{"Backup":{}}"#, "", "terms-no-right “rights”"),
            (r#"{"Plya":{"count":5}}"#, "", "terms-unknown-right “Plya”"),
            (r#"{"Play":{},"Backup":{"count":1}}"#, "", "terms-backup-limits The right Backup"),
            (r#"{"Play":{"count":0}}"#, "", "terms-range “rights.Play.count”"),
            (r#"{"Play":{"count":18446744073709551615}}"#, "", "terms-range “rights.Play.count”"),
            (r#"{"Play":{"first_use_seconds":0}}"#, "", "terms-range “rights.Play.first_use_seconds”"),
            (r#"{"Play":{"first_use_seconds":-1}}"#, "", "terms-range “rights.Play.first_use_seconds”"),
            (
                r#"{"Play":{"first_use_seconds":9223372036854775807}}"#,
                "",
                "terms-range “rights.Play.first_use_seconds”",
            ),
            (r#"{"Play":{"from":-1}}"#, "", "terms-range “rights.Play.from”"),
            (r#"{"Play":{"until":1795334400000}}"#, "", "terms-range “rights.Play.until”"),
            (r#"{"Play":{"from":10,"until":10}}"#, "", "terms-order “rights.Play.from”"),
            (r#"{"Play":{}}"#, r#","not_before":10,"expires":9"#, "terms-order “not_before”"),
            (r#"{"Play":{}}"#, r#","expires":-9223372036854775808"#, "terms-range “expires”"),
            (r#"{"Play":{}}"#, r#","limit":0"#, "terms-range “limit”"),
            (r#"{"Play":{}}"#, r#","limit":1001"#, "terms-range “limit”"),
            (r#"{"Play":{}}"#, r#","unreported":18446744073709551615"#, "terms-range “unreported”"),
            (r#"{"Play":{}}"#, r#","title":" ""#, "terms-title “title”"),
            (r#"{"Play":{}}"#, r#","title":"a\nb""#, "terms-title “title”"),
        ] {
            let error = check(rights, members).unwrap_err();
            let message = format!("{} {error}", error.code());
            assert!(message.starts_with(prefix), "{rights}{members}: {message}");
        }
        for (key_ids, code) in [
            ("[]", "terms-key-ids"),
            (r#"["x"]"#, "terms-key-id"),
            (
                r#"["09e091ab-f838-41d2-9e35-58531fd19ec7","09E091AB-F838-41D2-9E35-58531FD19EC7"]"#,
                "terms-key-id-twice",
            ),
        ] {
            let error = terms(&format!(r#"{{"key_ids":{key_ids},"rights":{{"Play":{{}}}}}}"#)).unwrap_err();
            assert_eq!(error.code(), code);
        }
    }

    #[test]
    fn past_dates_are_rejected() {
        let is_past = check(r#"{"Play":{}}"#, r#","expires":10"#).unwrap();
        assert_eq!(check_not_expired(&is_past, 10), Err(TermsError::Past("expires".into())));
        check_not_expired(&is_past, 9).unwrap();
        let is_past = check(r#"{"Play":{"until":10}}"#, "").unwrap();
        assert_eq!(check_not_expired(&is_past, 10), Err(TermsError::Past("rights.Play.until".into())));
    }
}
