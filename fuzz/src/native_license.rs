//! Any bytes as the payload of a correctly signed native license.

use restow::license::{self, NativeLicense, verify_native};
use restow_core::jws;

use super::common::{TRUSTED, key, native_license, payload_of, sign_raw};
use super::license::{check, check_message};

pub fn run(data: &[u8]) {
    let document = sign_raw("restow-license+jws", data, &key("license"));
    let parsed = license::parse(document.as_bytes());
    match verify_native(document.as_bytes(), &TRUSTED) {
        Ok(verified) => {
            check(&verified, document.as_bytes());
            // A verified document equals the document read without verification.
            assert_eq!(parsed, Ok(verified));
        }
        Err(error) => {
            check_message(&error);
            if let Err(error) = parsed {
                check_message(&error);
            }
        }
    }
    let Ok(claims) = jws::verify::<NativeLicense>(&document, &key("license").public()) else { return };
    // The known members can be encoded and parsed again, with an equal result.
    let Ok(again) = claims.sign(&key("license")) else { return };
    assert_eq!(jws::verify::<NativeLicense>(&again, &key("license").public()).as_ref(), Ok(&claims));
}

pub fn seeds() -> Vec<Vec<u8>> {
    let plain = native_license();
    let strange = NativeLicense {
        crit: vec!["regions".into()],
        title: None,
        expires: None,
        not_before: Some(i64::MIN),
        unreported: None,
        service_url: None,
        ..native_license()
    };
    let sign = |license: &NativeLicense| payload_of(&license.sign(&key("license")).expect("a sound license"));
    let mut seeds = vec![sign(&plain), sign(&strange)];
    let unknown_limit = String::from_utf8(sign(&plain)).expect("JSON").replace("\"count\":10", "\"colour\":[{}]");
    seeds.push(unknown_limit.into_bytes());
    seeds
}
