//! The license object of design §7.

use std::fmt::Write as _;

use restow::UnixTime;
use restow::license::{License, Restriction, Right, StateCategory};
use restow::listing::{Listed, Usability};
use serde::Serialize;

/// One license, as `licenses`, `status` and `show` print it.
#[derive(Serialize)]
pub(crate) struct LicenseObject<'a> {
    license_id: &'a str,
    kind: &'static str,
    key_ids: Vec<String>,
    titles: &'a [String],
    issuer: &'a str,
    backup_right: &'static str,
    reason: Option<&'static str>,
    state: State,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    document_sha256: String,
    backups: Vec<InBackup<'a>>,
}

#[derive(Serialize)]
struct State {
    category: &'static str,
    left: Option<u64>,
}

#[derive(Serialize)]
struct InBackup<'a> {
    location: &'a str,
    at: String,
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

impl<'a> LicenseObject<'a> {
    /// The object of a license in the store.
    pub(crate) fn listed(listed: &'a Listed) -> Self {
        let mut object = Self::new(&listed.license, &listed.titles, &listed.sha256, &listed.backups);
        object.state = State { category: listed.category.as_str(), left: listed.left };
        object.status = listed.usability.as_str();
        object.outcome = match listed.usability {
            Usability::Refused(outcome) => Some(outcome.as_str()),
            _ => None,
        };
        object
    }

    /// The object of a license in a backup: what is known without its service.
    pub(crate) fn in_backup(
        license: &'a License,
        titles: &'a [String],
        sha256: &[u8; 32],
        backups: &'a [(String, UnixTime)],
        (left, status): (Option<u64>, &'static str),
    ) -> Self {
        let category = StateCategory::of(license.rights.get(&Right::PLAY)).as_str();
        Self { state: State { category, left }, status, ..Self::new(license, titles, sha256, backups) }
    }

    fn new(license: &'a License, titles: &'a [String], sha256: &[u8; 32], backups: &'a [(String, UnixTime)]) -> Self {
        let identity = &license.identity;
        let backups = backups.iter().map(|(location, at)| InBackup { location, at: restow::rfc3339(*at) });
        Self {
            license_id: &identity.license_id,
            kind: identity.kind.as_str(),
            key_ids: license.key_ids.iter().map(ToString::to_string).collect(),
            titles,
            issuer: &identity.issuer,
            backup_right: license.backup_right.as_str(),
            reason: license.backup_right.restriction().map(Restriction::as_str),
            state: State { category: "", left: None },
            status: "",
            outcome: None,
            document_sha256: hex(sha256),
            backups: backups.collect(),
        }
    }
}
