//! Native licenses: signed documents without keys (docs/service-protocol.md §2.2).

use serde::{Deserialize, Serialize};

use super::key_set::{KeyUse, TrustedKeySet};
use super::{
    BackupRight, DocumentError, Kind, License, LicenseError, LicenseIdentity, Limits, Restriction, Right, Rights,
    rights,
};
use crate::jws::{self, JwsError, Statement, Unverified};
use crate::key_id::KeyId;
use crate::keys::SecretKey;
use crate::text::without_byte_order_mark;
use crate::time::UnixTime;

/// Payload of a native license.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct NativeLicense {
    /// License ID, unique for the issuer: 1 to 255 bytes without control characters.
    pub id: String,
    /// Thumbprint of the issuer's root key.
    pub issuer: String,
    /// Holder ID that the license is issued to.
    pub holder: String,
    /// Key IDs in text form, 1 to 64 different ones.
    pub key_ids: Vec<String>,
    /// Number of the license key seed that the content keys derive from.
    pub seed: u32,
    /// Time of issue.
    pub issued: UnixTime,
    /// Start of the validity period, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<UnixTime>,
    /// End of the validity period, exclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<UnixTime>,
    /// Title of the content, at most 1,000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Order among licenses for the same key: a license with a higher priority is used first.
    #[serde(default)]
    pub priority: i32,
    /// Granted rights, at most 64. A right with unknown limits is not granted.
    #[serde(deserialize_with = "rights::deserialize_known_rights")]
    pub rights: Rights,
    /// Address of the service at the time of issue, at most 2,048 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_url: Option<String>,
    /// Maximum number of uses that a computer may count without a report; `None` for any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreported: Option<u64>,
    /// Names of additional members that a reader must understand.
    ///
    /// This version knows none: a license with such members grants no right except the backup of the document.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub crit: Vec<String>,
}

impl Statement for NativeLicense {
    const TYP: &'static str = "restow-license+jws";
}

impl NativeLicense {
    /// Signs the license with a key that is certified for licenses.
    ///
    /// # Errors
    /// - [`LicenseError::Malformed`] if the payload breaks the rules of the format
    /// - [`LicenseError::Jws`] if the payload cannot be serialized as JSON
    pub fn sign(&self, key: &SecretKey) -> Result<String, LicenseError> {
        let document = jws::sign(self, key)?;
        self.to_license(document.as_bytes())?;
        Ok(document)
    }

    fn to_license(&self, document: &[u8]) -> Result<License, LicenseError> {
        let malformed = |what| LicenseError::malformed(Kind::Restow, what);
        for (name, text) in [("id", &self.id), ("issuer", &self.issuer), ("holder", &self.holder)] {
            if text.is_empty() || text.len() > 255 || text.chars().any(char::is_control) {
                return Err(malformed(DocumentError::Text { name, max: 255 }));
            }
        }
        if !(1..=64).contains(&self.key_ids.len()) {
            return Err(malformed(DocumentError::KeyIdCount));
        }
        let mut key_ids: Vec<KeyId> = Vec::with_capacity(self.key_ids.len());
        for text in &self.key_ids {
            let key_id: KeyId = text.parse().map_err(|_| malformed(DocumentError::KeyId(text.clone())))?;
            if key_ids.contains(&key_id) {
                return Err(malformed(DocumentError::KeyIdTwice(key_id.to_string())));
            }
            key_ids.push(key_id);
        }
        if self.service_url.as_ref().is_some_and(|url| url.len() > 2048) {
            return Err(malformed(DocumentError::ServiceUrl));
        }
        if self.rights.len() > 64 {
            return Err(malformed(DocumentError::RightCount));
        }
        if self.title.as_ref().is_some_and(|title| title.chars().count() > 1000) {
            return Err(malformed(DocumentError::Title));
        }
        // Limits of a backup cannot be enforced: a limited right is no right.
        let backup_right = match self.rights.get(&Right::BACKUP) {
            Some(limits) if *limits == Limits::default() => BackupRight::Allowed,
            _ => BackupRight::Denied(Restriction::DeniedByIssuer),
        };
        let mut rights = self.rights.clone();
        if !self.crit.is_empty() {
            rights.retain(|right, _| *right == Right::BACKUP);
        }
        Ok(License {
            identity: LicenseIdentity { kind: Kind::Restow, issuer: self.issuer.clone(), license_id: self.id.clone() },
            holder: Some(self.holder.clone()),
            key_ids,
            seed: Some(self.seed),
            title: self.title.clone(),
            version: self.issued.saturating_mul(1000),
            not_before: self.not_before,
            expires: self.expires,
            rights,
            backup_right,
            priority: self.priority,
            unreported: self.unreported,
            source_url: self.service_url.clone(),
            status_url: None,
            warnings: Vec::new(),
            document: document.to_vec(),
        })
    }
}

/// Returns true if the bytes look like a native license, signed or not.
#[must_use]
pub fn recognizes_native(document: &[u8]) -> bool {
    document_text(document).is_ok_and(|text| Unverified::<NativeLicense>::parse(text).is_ok())
}

/// Parses a native license without a check of its signature.
///
/// # Errors
/// - [`LicenseError::Malformed`] for a license that breaks the rules of the format
/// - [`LicenseError::Jws`] for a document that is not a native license, or has a malformed payload
pub fn parse_native(document: &[u8]) -> Result<License, LicenseError> {
    unverified(document)?.claims()?.to_license(document)
}

fn unverified(document: &[u8]) -> Result<Unverified<'_, NativeLicense>, LicenseError> {
    Ok(Unverified::parse(document_text(document)?)?)
}

/// Returns the signed text of a document. A byte order mark and whitespace around the text are no part of it.
fn document_text(document: &[u8]) -> Result<&str, JwsError> {
    std::str::from_utf8(without_byte_order_mark(document)).map(str::trim).map_err(|_| JwsError::Form)
}

/// Parses a native license and verifies its signature with the keys of its issuer.
///
/// The signing key must be valid at the time of issue. A later end of the key does not end the license.
///
/// # Errors
/// - [`LicenseError::Malformed`] for a license that breaks the rules of the format
/// - [`LicenseError::Jws`] if no key that was certified for licenses at the time of issue signed the document
/// - [`LicenseError::UnknownIssuer`] if the license names another issuer than `keys`
pub fn verify_native(document: &[u8], keys: &TrustedKeySet) -> Result<License, LicenseError> {
    let text = document_text(document)?;
    let native = keys.verify_statement::<NativeLicense>(text, KeyUse::License, |license| license.issued)?;
    let license = native.to_license(document)?;
    if license.identity.issuer != keys.set().issuer {
        return Err(LicenseError::UnknownIssuer(native.issuer));
    }
    Ok(license)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Seed;
    use crate::license::{CertifiedKey, KeySet};

    fn key(label: &str) -> SecretKey {
        Seed::from_bytes([1; 32]).signing_key(label, &[])
    }

    fn keys() -> TrustedKeySet {
        let root = key("root");
        let set = KeySet {
            issuer: root.public().thumbprint(),
            root: root.public(),
            version: 1,
            time: 0,
            name: "Shop".into(),
            service_url: "https://shop.example".into(),
            privacy_url: None,
            keys: vec![
                CertifiedKey { until: Some(1000), ..CertifiedKey::new(KeyUse::License, key("license").public(), 100) },
                CertifiedKey::new(KeyUse::Service, key("service").public(), 0),
            ],
            sunset: None,
        };
        TrustedKeySet::sign(&set, &root).unwrap()
    }

    fn license() -> NativeLicense {
        NativeLicense {
            id: "L1".into(),
            issuer: key("root").public().thumbprint(),
            holder: "H".into(),
            key_ids: vec!["09e091ab-f838-41d2-9e35-58531fd19ec7".into()],
            seed: 1,
            issued: 500,
            not_before: None,
            expires: None,
            title: Some("A Song".into()),
            priority: 0,
            rights: Rights::from([(Right::PLAY, Limits { count: Some(10), ..Limits::default() })]),
            service_url: None,
            unreported: None,
            crit: vec![],
        }
    }

    #[test]
    fn signed_license_round_trips() {
        let document = license().sign(&key("license")).unwrap();
        let read = verify_native(document.as_bytes(), &keys()).unwrap();
        assert_eq!(read, parse_native(document.as_bytes()).unwrap());
        assert_eq!(read.backup_right, BackupRight::Denied(Restriction::DeniedByIssuer), "denied unless granted");
        let mut free = license();
        free.rights.insert(Right::BACKUP, Limits::default());
        let document = free.sign(&key("license")).unwrap();
        assert_eq!(parse_native(document.as_bytes()).unwrap().backup_right, BackupRight::Allowed);
        free.rights.insert(Right::BACKUP, Limits { count: Some(1), ..Limits::default() });
        let document = free.sign(&key("license")).unwrap();
        assert!(
            parse_native(document.as_bytes()).unwrap().backup_right.restriction().is_some(),
            "limits on Backup deny it"
        );
    }

    #[test]
    fn key_not_valid_at_issue_is_refused() {
        for (signer, issued) in [("service", 500), ("license", 99), ("license", 1000), ("root", 500)] {
            let document = NativeLicense { issued, ..license() }.sign(&key(signer)).unwrap();
            assert!(verify_native(document.as_bytes(), &keys()).is_err(), "{signer} at {issued}");
        }
        let other = NativeLicense { issuer: "other".into(), ..license() }.sign(&key("license")).unwrap();
        assert!(matches!(verify_native(other.as_bytes(), &keys()), Err(LicenseError::UnknownIssuer(_))));
    }

    #[test]
    fn unknown_members_grant_nothing() {
        let signed = |mutate: &dyn Fn(&mut serde_json::Value)| {
            let mut value = serde_json::to_value(license()).unwrap();
            mutate(&mut value);
            #[derive(Serialize, Deserialize)]
            struct Raw(serde_json::Map<String, serde_json::Value>);
            impl Statement for Raw {
                const TYP: &'static str = NativeLicense::TYP;
            }
            let raw = Raw(value.as_object().unwrap().clone());
            parse_native(jws::sign(&raw, &key("license")).unwrap().as_bytes()).unwrap()
        };
        let plain = signed(&|_| {});
        assert!(plain.rights.contains_key(&Right::PLAY));
        let unknown_limit = signed(&|v| v["rights"]["Play"]["resolution"] = 480.into());
        assert!(!unknown_limit.rights.contains_key(&Right::PLAY));
        let wrong_type = signed(&|v| v["rights"]["Play"]["count"] = "many".into());
        assert!(!wrong_type.rights.contains_key(&Right::PLAY));
        let twice = signed(&|v| v["rights"]["play"] = serde_json::json!({}));
        assert!(!twice.rights.contains_key(&Right::PLAY), "a repeated right is not granted");
        let critical = signed(&|v| {
            v["rights"]["Backup"] = serde_json::json!({});
            v["crit"] = serde_json::json!(["region"]);
            v["region"] = "moon".into();
        });
        assert_eq!(critical.rights.keys().collect::<Vec<_>>(), [&Right::BACKUP]);
        assert_eq!(critical.backup_right, BackupRight::Allowed);
    }

    #[test]
    fn licenses_over_limits_are_refused() {
        let rights = (0..1000).map(|i| (Right::from_name(&format!("r{i}")).unwrap(), Limits::default())).collect();
        let ids = (0..65).map(|i| format!("hex:{i:04x}")).collect();
        let twice = vec!["hex:00".to_owned(), "hex:00".to_owned()];
        for bad in [
            NativeLicense { rights, ..license() },
            NativeLicense { key_ids: ids, ..license() },
            NativeLicense { key_ids: twice, ..license() },
            NativeLicense { key_ids: vec![], ..license() },
            NativeLicense { key_ids: vec!["nonsense".into()], ..license() },
            NativeLicense { id: "a\nb".into(), ..license() },
            NativeLicense { title: Some("x".repeat(1001)), ..license() },
        ] {
            assert!(matches!(bad.sign(&key("license")), Err(LicenseError::Malformed { .. })));
        }
    }

    #[test]
    fn unknown_version_is_refused() {
        use crate::encoding::b64;
        let payload = serde_json::to_string(&license()).unwrap();
        let header = format!(
            r#"{{"alg":"Ed25519","kid":"{}","typ":"restow-license+jws"}}"#,
            key("license").public().thumbprint()
        );
        let body = format!(r#"{{"v":2,{}"#, &payload[1..]);
        let signed = format!("{}.{}", b64(header.as_bytes()), b64(body.as_bytes()));
        let document = format!("{signed}.{}", b64(&key("license").sign(signed.as_bytes())));
        assert_eq!(parse_native(document.as_bytes()), Err(LicenseError::Jws(JwsError::Version(2))));
    }
}
