//! Any bytes as a license document of any kind.

use restow::license::{self, Kind, LicenseError};

use super::common::{CLEAR_KEY, LCP, check_presentable, key, native_license};

pub fn run(data: &[u8]) {
    let parsed = license::parse(data);
    assert_eq!(parsed, license::parse(data));
    for kind in Kind::ALL {
        match license::parse_as(kind, data) {
            Ok(license) => check(&license, data),
            Err(error) => check_message(&error),
        }
    }
    match parsed {
        Ok(license) => assert_eq!(license::parse_as(license.identity.kind, data), Ok(license)),
        Err(error) => check_message(&error),
    }
}

/// Checks the properties of every parsed license.
pub fn check(license: &license::License, document: &[u8]) {
    assert_eq!(license.document, document);
    let identity = &license.identity;
    for name in [&identity.issuer, &identity.license_id] {
        assert!(!name.is_empty() && name.len() <= 1024 && !name.contains(char::is_control));
    }
    assert!(license.key_ids.len() <= 64 && license.rights.len() <= 64);
    for right in license.rights.keys() {
        assert_eq!(license::Right::from_name(right.as_str()).as_ref(), Some(right));
    }
}

/// Checks the message for a refused document.
pub fn check_message(error: &LicenseError) {
    check_presentable(&error.to_string());
    assert!(!error.code().is_empty() && !error.help().is_empty());
}

pub fn seeds() -> Vec<Vec<u8>> {
    let native = native_license().sign(&key("license")).expect("a sound license");
    vec![LCP.into(), CLEAR_KEY.into(), native.into_bytes()]
}
