//! JSON object of a license.

use restow::backup::Digest;
use restow::lcp_provider::StatusDocument;
use restow::license::lcp::LcpDetails;
use restow::license::{Kind, License, LicenseWarning, Restriction, SignatureCheck};
use restow::listing::{LcpAmount, LicenseInfo, LicenseState};
use restow::store::LcpStatusEntry;
use serde::Serialize;
use serde_json::{Value, json};

use super::ui::Ui;
use restow_core::text::sanitize;

/// License as `licenses`, `status` and `show` print it.
#[derive(Serialize)]
pub(crate) struct LicenseObject<'a> {
    license_id: &'a str,
    kind: &'static str,
    key_ids: Vec<String>,
    titles: &'a [String],
    issuer: &'a str,
    backup_right: &'static str,
    reason: Option<&'static str>,
    state: Value,
    status: &'static str,
    not_before: Option<String>,
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rights: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<LcpStatusObject>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    document_sha256: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unreadable: Option<&'a str>,
    backups: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unknown: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature_problem: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<UserObject>,
}

/// User of an LCP license. Encrypted fields are omitted.
#[derive(Default, Serialize)]
pub(crate) struct UserObject {
    id: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

impl UserObject {
    /// Returns the unencrypted user fields, or `None` if there are none.
    pub(crate) fn from_license(license: &License) -> Option<Self> {
        let user = LcpDetails::read(&license.document).ok().filter(|_| license.identity.kind == Kind::Lcp)?.user;
        let clear = |field: &str, text: Option<String>| {
            text.filter(|_| user.encrypted.iter().all(|encrypted| encrypted != field))
                .map(|text| sanitize(&text).into_owned())
        };
        let (id, name) = (clear("id", user.id.clone()), clear("name", user.name.clone()));
        let email = clear("email", user.email.clone());
        (id.is_some() || name.is_some() || email.is_some()).then_some(Self { id, name, email })
    }

    /// Formats the user in one line, the name first.
    pub(crate) fn line(&self) -> String {
        let parts = [&self.name, &self.email, &self.id].into_iter().flatten();
        parts.map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// Last status that the provider gave for an LCP license.
#[derive(Serialize)]
pub(crate) struct LcpStatusObject {
    status: &'static str,
    at: String,
    registered: bool,
    pub(crate) renewable: bool,
    renewable_until: Option<String>,
    pub(crate) renew_page: Option<String>,
    pub(crate) returnable: bool,
    pub(crate) return_page: Option<String>,
}

impl LcpStatusObject {
    /// Creates the object from the stored status entry and the license document.
    pub(crate) fn new(entry: &LcpStatusEntry, license: &[u8]) -> Self {
        // A backup has the status without the status document.
        let document = entry.document.as_ref().and_then(|bytes| StatusDocument::parse(bytes).ok());
        let document = document.as_ref();
        let offers = |rel: &str| document.is_some_and(|document| document.action(rel).is_some());
        let page = |rel: &str| {
            let details = LcpDetails::read(license).ok()?;
            document?.page(rel, &details.link("status")?.href)
        };
        Self {
            status: entry.status.as_str(),
            at: restow::rfc3339(entry.at),
            registered: entry.registered,
            renewable: offers("renew"),
            renewable_until: document.and_then(|document| document.potential_end).map(restow::rfc3339),
            renew_page: page("renew"),
            returnable: offers("return"),
            return_page: page("return"),
        }
    }

    /// Returns true if the loan is active or has expired, and the provider offers a renewal.
    pub(crate) fn is_renewable(&self) -> bool {
        self.renewable && matches!(self.status, "ready" | "active" | "expired")
    }
}

/// Returns the names of the facts that the document states in a form that cannot be read.
pub(crate) fn unknown_members(license: &License) -> Vec<&'static str> {
    let members = license.warnings.iter().flat_map(|warning| match warning {
        LicenseWarning::UnknownDate(member) | LicenseWarning::UnknownAmount(member) => vec![member.as_str()],
        LicenseWarning::UnknownRights => vec!["start", "end", "print", "copy"],
        LicenseWarning::NoLinks => vec!["links"],
        _ => Vec::new(),
    });
    members.collect()
}

/// Returns the texts of the warnings about a document.
pub(crate) fn license_warnings(ui: &Ui, license: &License) -> Vec<String> {
    license.warnings.iter().map(|warning| ui.message_with_help(&warning.into())).collect()
}

impl<'a> LicenseObject<'a> {
    /// Creates the object of a license from the store or a backup.
    pub(crate) fn new(ui: &Ui, listed: &'a LicenseInfo) -> Self {
        let (license, identity) = (&listed.license, &listed.license.identity);
        let backups =
            listed.backups.iter().map(|(location, at)| json!({"location": location, "at": restow::rfc3339(*at)}));
        Self {
            license_id: &identity.license_id,
            kind: identity.kind.as_str(),
            key_ids: license.key_ids.iter().map(ToString::to_string).collect(),
            titles: &listed.titles,
            issuer: &identity.issuer,
            backup_right: license.backup_right.as_str(),
            reason: license.backup_right.restriction().map(Restriction::as_str),
            state: json!({"category": listed.category.as_str(), "left": listed.left}),
            status: listed.state.as_str(),
            not_before: listed.not_before().map(restow::rfc3339),
            expires: listed.expires().map(restow::rfc3339),
            // Rights under their LCP names. A right without a limit is null.
            rights: listed.amounts().map(|amounts| {
                let (start, end) = (listed.not_before().map(restow::rfc3339), listed.expires().map(restow::rfc3339));
                let limit = |amount| match amount {
                    LcpAmount::Limited(count) => Some(count),
                    LcpAmount::Unlimited | LcpAmount::Unknown => None,
                };
                json!({"print": limit(amounts.print), "copy": limit(amounts.copy), "start": start, "end": end})
            }),
            provider: listed.lcp_status.as_ref().map(|entry| LcpStatusObject::new(entry, &listed.license.document)),
            outcome: match listed.state {
                LicenseState::Refused(outcome) => Some(outcome.as_str()),
                _ => None,
            },
            document_sha256: Digest::from_bytes(listed.sha256).to_string(),
            unreadable: listed.unreadable.as_deref(),
            backups: backups.collect(),
            unknown: unknown_members(license),
            warnings: license_warnings(ui, license),
            signature: None,
            signature_problem: None,
            user: None,
        }
    }

    /// Adds the user.
    pub(crate) fn with_user(self, user: Option<UserObject>) -> Self {
        Self { user, ..self }
    }

    /// Adds the result of the signature check, and the problem of an invalid signature.
    pub(crate) fn with_signature(self, signature: Option<&SignatureCheck>, problem: Option<Value>) -> Self {
        Self { signature: signature.map(SignatureCheck::as_str), signature_problem: problem, ..self }
    }
}
