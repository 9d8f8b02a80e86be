//! Facts about a scanned file, in the form of the catalog column `facts`.

use std::collections::BTreeMap;
use std::path::Path;

use restow_core::message::Message;
use restow_media::{KeyId, Probe, Warning};
use serde::{Deserialize, Serialize};

/// Facts about a scanned file.
///
/// Its JSON form is stored in the catalog. The fields are in alphabetical order, as in earlier versions.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct FileFacts {
    /// Name of the format.
    pub format: String,
    /// Key IDs in their printed form.
    pub key_ids: Vec<String>,
    /// True if the file has an embedded license.
    pub license_embedded: bool,
    /// Addresses in the file that offer a license; `None` for a clear key document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_urls: Option<Vec<String>>,
    /// Name of the kind of a file with an unknown format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_kind: Option<String>,
    /// Path at the time of the scan.
    pub path: String,
    /// True if the file is protected; `None` if unknown.
    pub protected: Option<bool>,
    /// Names of the protection systems.
    pub systems: Vec<String>,
    /// Title in the file.
    pub title: Option<String>,
    /// Reason why `protected` is `None`, if the format does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_because: Option<WarningFacts>,
    /// Warnings in the order of `warnings`, for output in other languages. Earlier versions did not store them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warning_notes: Vec<WarningFacts>,
    /// English texts of the warnings.
    pub warnings: Vec<String>,
}

/// Warning about a scanned file.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct WarningFacts {
    /// Stable code.
    pub code: String,
    /// Values of the message by name.
    pub values: BTreeMap<String, String>,
}

impl FileFacts {
    /// Collects the facts of a probed file.
    pub(crate) fn new(path: &Path, probe: &Probe) -> Self {
        Self {
            format: probe.format.as_str().to_owned(),
            key_ids: probe.key_ids.iter().map(ToString::to_string).collect(),
            license_embedded: probe.license_embedded,
            license_urls: Some(probe.license_urls.clone()),
            other_kind: probe.other_kind.map(|kind| kind.as_str().to_owned()),
            path: path.to_string_lossy().into_owned(),
            protected: probe.protected,
            systems: probe.systems.iter().map(|system| system.as_str().to_owned()).collect(),
            title: probe.title.as_ref().map(|title| title.text.clone()),
            unknown_because: probe.unknown_because.as_ref().map(WarningFacts::new),
            warning_notes: probe.warnings.iter().map(WarningFacts::new).collect(),
            warnings: probe.warnings.iter().map(ToString::to_string).collect(),
        }
    }

    /// Collects the facts of a clear key document.
    pub(crate) fn clear_key(path: &str, key_ids: &[KeyId]) -> Self {
        Self {
            format: "clearkey".to_owned(),
            key_ids: key_ids.iter().map(ToString::to_string).collect(),
            path: path.to_owned(),
            protected: Some(true),
            systems: vec!["clearkey".to_owned()],
            ..Self::default()
        }
    }
}

impl WarningFacts {
    fn new(warning: &Warning) -> Self {
        let message = Message::from(warning);
        let values = message.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        Self { code: message.code.to_owned(), values: values.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of earlier versions stay readable, and unchanged rows are written in the same form.
    #[test]
    fn stored_rows_keep_their_form() {
        let row = r#"{"format":"epub","key_ids":["hex:0a"],"license_embedded":true,"license_urls":[],"path":"/a.epub","protected":null,"systems":["lcp"],"title":null,"warning_notes":[{"code":"zip-x","values":{"name":"a"}}],"warnings":["x"]}"#;
        let facts: FileFacts = serde_json::from_str(row).unwrap();
        assert_eq!(serde_json::to_string(&facts).unwrap(), row);
        let value: serde_json::Value = serde_json::from_str(row).unwrap();
        assert_eq!(value.to_string(), row, "members are sorted");
        let clear = FileFacts::clear_key("/k", &[KeyId::Bytes(vec![10])]);
        let row = r#"{"format":"clearkey","key_ids":["hex:0a"],"license_embedded":false,"path":"/k","protected":true,"systems":["clearkey"],"title":null,"warnings":[]}"#;
        assert_eq!(serde_json::to_string(&clear).unwrap(), row);
        let unknown = r#"{"format":"unknown","key_ids":[],"license_embedded":false,"other_kind":"mp4","path":"/a","protected":null,"systems":[],"title":null,"unknown_because":{"code":"x","values":{}},"warnings":[]}"#;
        let facts: FileFacts = serde_json::from_str(unknown).unwrap();
        assert_eq!(serde_json::to_string(&facts).unwrap(), unknown);
        assert_eq!(serde_json::from_str::<FileFacts>("{}").unwrap(), FileFacts::default());
    }
}
