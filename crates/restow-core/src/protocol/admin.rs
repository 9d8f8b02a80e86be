//! Calls of the operator of a service (§6). Requests and answers are plain JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::license::{Limits, Right, Rights};
use crate::time::UnixTime;

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
    /// Start of the validity period, inclusive.
    #[serde(default)]
    pub not_before: Option<UnixTime>,
    /// End of the validity period, exclusive.
    #[serde(default)]
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
            while let Some((right, limits)) = map.next_entry::<Right, Limits>()? {
                let name = right.to_string();
                if rights.insert(right, limits).is_some() {
                    return Err(serde::de::Error::custom(format!("the right `{name}` is stated twice")));
                }
            }
            Ok(rights)
        }
    }
    deserializer.deserialize_map(DistinctRights)
}

/// Issues licenses and creates an acquisition link for them: `admin/issue`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IssueRequest {
    /// Terms of the licenses, 1 to 10,000. One link covers all licenses.
    pub licenses: Vec<Terms>,
    /// ID of the only holder that may redeem the link; `None` for any holder.
    #[serde(default)]
    pub holder: Option<String>,
}

/// Answer to [`IssueRequest`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueAnswer {
    /// ID of the offer, which the link redeems.
    pub offer: String,
    /// One-time acquisition link. The link is secret, so `Debug` does not print it.
    pub link: String,
    /// IDs of the licenses, in the order of the request.
    pub licenses: Vec<String>,
}

impl std::fmt::Debug for IssueAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssueAnswer")
            .field("offer", &self.offer)
            .field("licenses", &self.licenses)
            .finish_non_exhaustive()
    }
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
    fn repeated_right_is_refused() {
        let terms = |rights: &str| serde_json::from_str::<Terms>(&format!(r#"{{"key_ids":[],"rights":{rights}}}"#));
        assert_eq!(terms(r#"{"Play":{"count":5},"Backup":{}}"#).unwrap().rights.len(), 2);
        for twice in [r#"{"Play":{"count":5},"Play":{}}"#, r#"{"Play":{},"play":{"count":5}}"#] {
            assert!(terms(twice).unwrap_err().to_string().contains("stated twice"));
        }
    }
}
