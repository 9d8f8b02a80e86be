//! Calls of the operator of a service (§6). Requests and answers are plain JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::license::{Limits, Right, Rights};
use crate::time::{UnixTime, parse_end, parse_start};

/// Terms of one license that an operator issues (§6).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// Key IDs in text form, 1 to 64 different ones.
    pub key_ids: Vec<String>,
    /// Title of the content, 1 to 1,000 printable characters.
    #[serde(default)]
    pub title: Option<String>,
    /// Granted rights. A repeated right is refused.
    #[serde(deserialize_with = "deserialize_distinct_rights")]
    pub rights: Rights,
    /// Order among licenses for the same key: a license with a higher priority is used first.
    #[serde(default)]
    pub priority: i32,
    /// Start of the validity period, inclusive. A request may also have RFC 3339, or a date for the start of that day
    /// in UTC.
    #[serde(default, deserialize_with = "deserialize_start")]
    pub not_before: Option<UnixTime>,
    /// End of the validity period, exclusive. A request may also have RFC 3339, or a date for the last second of that
    /// day in UTC.
    #[serde(default, deserialize_with = "deserialize_end")]
    pub expires: Option<UnixTime>,
    /// Maximum number of uses that a computer may count without a report, at most 1,000,000,000; `None` for any
    /// number.
    #[serde(default)]
    pub unreported: Option<u64>,
    /// Maximum number of computers that hold the license, 1 to 1,000; `None` for the default of the service.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Deserializes rights and refuses a repeated right, also in another spelling: its limits are ambiguous.
fn deserialize_distinct_rights<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Rights, D::Error> {
    struct DistinctRights;
    impl<'de> serde::de::Visitor<'de> for DistinctRights {
        type Value = Rights;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object of rights")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Rights, A::Error> {
            let mut rights = Rights::new();
            while let Some((right, limits)) = map.next_entry::<Right, LimitTerms>()? {
                let name = right.to_string();
                let LimitTerms { count, from, until, first_use_seconds } = limits;
                if rights.insert(right, Limits { count, from, until, first_use_seconds }).is_some() {
                    return Err(serde::de::Error::custom(format!("the right `{name}` is stated twice")));
                }
            }
            Ok(rights)
        }
    }
    deserializer.deserialize_map(DistinctRights)
}

/// Limits of a right in terms, as [`Limits`] with further forms of times.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LimitTerms {
    #[serde(default)]
    count: Option<u64>,
    #[serde(default, deserialize_with = "deserialize_start")]
    from: Option<UnixTime>,
    #[serde(default, deserialize_with = "deserialize_end")]
    until: Option<UnixTime>,
    #[serde(default)]
    first_use_seconds: Option<i64>,
}

/// Deserializes Unix seconds, or a text that `parse` understands.
struct TimeVisitor(fn(&str) -> Option<UnixTime>);

impl<'de> serde::de::Visitor<'de> for TimeVisitor {
    type Value = Option<UnixTime>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unix seconds, a time of RFC 3339 or a date as 2030-12-31")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: serde::de::Error>(self, seconds: i64) -> Result<Self::Value, E> {
        Ok(Some(seconds))
    }

    fn visit_u64<E: serde::de::Error>(self, seconds: u64) -> Result<Self::Value, E> {
        // A later check refuses a time after the year 9999.
        Ok(Some(i64::try_from(seconds).unwrap_or(i64::MAX)))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        match (self.0)(text) {
            Some(time) => Ok(Some(time)),
            None => Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)),
        }
    }
}

/// Deserializes the start of a period. A date means the start of the day in UTC.
fn deserialize_start<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<UnixTime>, D::Error> {
    deserializer.deserialize_any(TimeVisitor(parse_start))
}

/// Deserializes the end of a period. A date means the last second of the day in UTC.
fn deserialize_end<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<UnixTime>, D::Error> {
    deserializer.deserialize_any(TimeVisitor(parse_end))
}

/// Issues licenses and creates an acquisition link for them: `admin/issue`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IssueRequest {
    /// Terms of the licenses, 1 to 10,000. One link covers all licenses.
    pub licenses: Vec<Terms>,
    /// ID of the only holder that may redeem the link; `None` for any holder.
    #[serde(default)]
    pub holder: Option<String>,
    /// Number of the customer or order that the customer knows, 1 to 100 printable characters. The customer sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Note of the operator, 1 to 1,000 printable characters. No customer sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Number of days for which the link can be redeemed, 1 to 3,650; `None` for the setting `link_days`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_days: Option<u32>,
}

impl IssueRequest {
    /// Creates a request without optional members.
    #[must_use]
    pub const fn new(licenses: Vec<Terms>) -> Self {
        Self { licenses, holder: None, reference: None, note: None, link_days: None }
    }
}

/// Answer to [`IssueRequest`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueAnswer {
    /// ID of the offer, which the link redeems.
    pub offer: String,
    /// One-time acquisition link. The link is secret, so `Debug` does not print it.
    pub link: String,
    /// End of the time in which the link can be redeemed.
    pub link_expires: UnixTime,
    /// IDs of the licenses, in the order of the request.
    pub licenses: Vec<String>,
}

impl std::fmt::Debug for IssueAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssueAnswer")
            .field("offer", &self.offer)
            .field("link_expires", &self.link_expires)
            .field("licenses", &self.licenses)
            .finish_non_exhaustive()
    }
}

/// Withdraws the link of an offer that is not redeemed: `admin/withdraw-link`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct WithdrawLinkRequest {
    /// Offer ID.
    pub offer: String,
}

/// Revokes a license: `admin/revoke`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RevokeRequest {
    /// License ID.
    pub license: String,
    /// Reason for the holder, at most 200 characters.
    pub reason: String,
}

/// Releases a computer: `admin/release`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OperatorReleaseRequest {
    /// Holder ID.
    pub holder: String,
    /// Computer ID.
    pub computer: String,
    /// Time of the release.
    pub when: ReleaseTiming,
}

/// Time of a release by the operator.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseTiming {
    /// Release at once.
    Now,
    /// Release after 72 hours, unless a computer of the holder refuses.
    Waiting,
}

/// Confirms a computer (`admin/confirm`), or withdraws its restore keys (`admin/withdraw`).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComputerRequest {
    /// Holder ID.
    pub holder: String,
    /// Computer ID.
    pub computer: String,
}

/// Changes the number of computers that may hold a license: `admin/limit`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LimitRequest {
    /// License ID.
    pub license: String,
    /// Maximum number of computers, 0 to 1,000. A smaller number releases no computer.
    pub limit: u32,
}

/// Lists rows of one kind, in the order of their IDs: `admin/list`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListRequest {
    /// Kind of the rows.
    pub what: ListSubject,
    /// Value of `id` of the last row of the previous page; `None` for the first page.
    #[serde(default)]
    pub after: Option<String>,
    /// Holder ID that limits the list to rows of this holder; `None` for all holders.
    #[serde(default)]
    pub holder: Option<String>,
    /// Text in a reference, note, title, name, detail or ID, in any case, that limits the list to rows with it;
    /// `None` for all rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<String>,
}

impl ListRequest {
    /// Creates a request for the first page of all rows of one kind.
    #[must_use]
    pub const fn new(what: ListSubject) -> Self {
        Self { what, after: None, holder: None, search: None }
    }
}

/// Kind of the rows of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListSubject {
    /// Licenses that were redeemed.
    Licenses,
    /// Computers, released ones included.
    Computers,
    /// Holders.
    Holders,
    /// Offers, redeemed or not.
    Offers,
    /// Entries of the audit log.
    Audit,
}

/// Answer to [`ListRequest`]: at most 1,000 rows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ListAnswer {
    /// Rows with the members of §6. Each row has a member `id`; a member without a value is absent.
    pub rows: Vec<BTreeMap<String, serde_json::Value>>,
    /// True if more rows follow.
    pub more: bool,
}

/// Answer to a change.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChangeAnswer {
    /// True if the change is done, false if the change waits.
    pub done: bool,
    /// Time of the change, in the future if the change waits.
    pub at: UnixTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_take_dates() {
        let terms = |members: &str| serde_json::from_str::<Terms>(&format!(r#"{{"key_ids":[],{members}}}"#));
        let parsed = terms(
            r#""rights":{"Play":{"from":"2030-01-02","until":"2030-01-02"}},"not_before":"2030-01-02",
            "expires":"2030-01-02""#,
        )
        .unwrap();
        let (start, end) = (Some(1_893_542_400), Some(1_893_628_799));
        assert_eq!((parsed.not_before, parsed.expires), (start, end));
        let play = parsed.rights[&Right::PLAY];
        assert_eq!((play.from, play.until), (start, end));
        let exact = terms(r#""rights":{},"not_before":"2030-01-02T01:00:00+01:00","expires":1893628800"#).unwrap();
        assert_eq!((exact.not_before, exact.expires), (start, Some(1_893_628_800)));
        assert_eq!(terms(r#""rights":{},"not_before":null"#).unwrap().not_before, None);
        for bad in ["\"tomorrow\"", "\"\"", "\"2030-02-30\"", "\"2030-01-02T01:00:00\"", "1.5", "true", "[]"] {
            let error = terms(&format!(r#""rights":{{}},"expires":{bad}"#)).unwrap_err().to_string();
            assert!(error.contains("a date as 2030-12-31"), "{error}");
        }
    }

    #[test]
    fn repeated_right_is_refused() {
        let terms = |rights: &str| serde_json::from_str::<Terms>(&format!(r#"{{"key_ids":[],"rights":{rights}}}"#));
        assert_eq!(terms(r#"{"Play":{"count":5},"Backup":{}}"#).unwrap().rights.len(), 2);
        for twice in [r#"{"Play":{"count":5},"Play":{}}"#, r#"{"Play":{},"play":{"count":5}}"#] {
            assert!(terms(twice).unwrap_err().to_string().contains("stated twice"));
        }
    }
}
