//! Operator calls (§6): path, request, answer in plain JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::license::{Limits, Right, Rights};
use crate::time::UnixTime;

/// What an operator issues: the terms of one license (§6).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    /// 1 to 64 key IDs.
    pub key_ids: Vec<String>,
    /// What it is for.
    #[serde(default)]
    pub title: Option<String>,
    /// Granted rights, each stated once.
    #[serde(deserialize_with = "stated_once")]
    pub rights: Rights,
    /// Higher is used first.
    #[serde(default)]
    pub priority: i32,
    /// Not valid before.
    #[serde(default)]
    pub not_before: Option<UnixTime>,
    /// Not valid from this time on.
    #[serde(default)]
    pub expires: Option<UnixTime>,
    /// How many uses may stay unreported.
    #[serde(default)]
    pub unreported: Option<u64>,
    /// How many computers may hold it; the service's own limit if absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Reads rights; of one that is stated twice nobody knows which is meant, in whatever spelling.
fn stated_once<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Rights, D::Error> {
    struct Stated;
    impl<'de> serde::de::Visitor<'de> for Stated {
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
    deserializer.deserialize_map(Stated)
}

/// `admin/issue`
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct IssueRequest {
    /// One link is made for all of them; 1 to 10,000.
    pub licenses: Vec<Terms>,
    /// Only this holder may redeem it.
    #[serde(default)]
    pub holder: Option<String>,
}

/// Answer to [`IssueRequest`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueAnswer {
    /// The offer's ID.
    pub offer: String,
    /// The one-time acquisition link, with the root's thumbprint.
    pub link: String,
    /// The IDs the licenses will have.
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

/// `admin/revoke`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RevokeRequest {
    /// The license ID.
    pub license: String,
    /// Why, at most 200 characters; the holder sees it.
    pub reason: String,
}

/// `admin/release`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OperatorReleaseRequest {
    /// The holder.
    pub holder: String,
    /// The computer.
    pub computer: String,
    /// At once, or after the holder's computers had 72 hours to refuse.
    pub when: ReleaseTiming,
}

/// See [`OperatorReleaseRequest`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReleaseTiming {
    /// At once.
    Now,
    /// After 72 hours, unless refused.
    Waiting,
}

/// `admin/confirm` and `admin/withdraw`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ComputerRequest {
    /// The holder.
    pub holder: String,
    /// The computer.
    pub computer: String,
}

/// `admin/limit`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LimitRequest {
    /// The license ID.
    pub license: String,
    /// 0 to 1,000 computers.
    pub limit: u32,
}

/// `admin/list`
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ListRequest {
    /// Of what.
    pub what: ListSubject,
    /// Continue after this row's `id`.
    #[serde(default)]
    pub after: Option<String>,
    /// Only of this holder.
    #[serde(default)]
    pub holder: Option<String>,
}

/// See [`ListRequest`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ListSubject {
    Licenses,
    Computers,
    Holders,
    Offers,
    Audit,
}

/// Answer to [`ListRequest`]: at most 1,000 rows.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ListAnswer {
    /// Each row has an `id` and what is known.
    pub rows: Vec<BTreeMap<String, serde_json::Value>>,
    /// Whether there are more after the last.
    pub more: bool,
}

/// Answer to changes: when it happened or will.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChangeAnswer {
    /// Whether it happened now.
    pub done: bool,
    /// When it happened or will.
    pub at: UnixTime,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_is_stated_once() {
        let terms = |rights: &str| serde_json::from_str::<Terms>(&format!(r#"{{"key_ids":[],"rights":{rights}}}"#));
        assert_eq!(terms(r#"{"Play":{"count":5},"Backup":{}}"#).unwrap().rights.len(), 2);
        for twice in [r#"{"Play":{"count":5},"Play":{}}"#, r#"{"Play":{},"play":{"count":5}}"#] {
            assert!(terms(twice).unwrap_err().to_string().contains("stated twice"));
        }
    }
}
