//! Any bytes as a key set: as the whole document (mode 0), or as a payload with a signature of the root (other
//! modes).

use restow::license::TrustedKeySet;

use super::common::{TRUSTED, check_presentable, issuer, key, key_set, payload_of, sign_raw, with_mode};

pub fn run(data: &[u8]) {
    let Some((mode, data)) = data.split_first() else { return };
    let document = match mode {
        0 => String::from_utf8_lossy(data).into_owned(),
        _ => sign_raw("restow-key-set+jws", data, &key("root")),
    };
    match TrustedKeySet::verify(&document, &issuer()) {
        Ok(trusted) => {
            let set = trusted.set();
            assert_eq!((trusted.document(), &set.issuer), (document.as_str(), &issuer()));
            assert!((1..=64).contains(&set.keys.len()) && document.len() <= 64 << 10);
            check_presentable(&set.name);
            assert_eq!(TrustedKeySet::verify_self_signed(&document).as_ref(), Ok(&trusted));
            // The root signs the parsed set again, with an equal result.
            let again = TrustedKeySet::sign(set, &key("root")).expect("what was accepted can be written");
            assert_eq!(again.set(), set);
            for time in [i64::MIN, 0, 100, i64::MAX] {
                assert!(trusted.sunset_keys(time).count() <= 64);
            }
        }
        Err(error) => {
            check_presentable(&error.to_string());
            if let Err(error) = TrustedKeySet::verify_self_signed(&document) {
                check_presentable(&error.to_string());
            }
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let mut revoked = key_set();
    revoked.keys[0].revoked = true;
    revoked.sunset = Some(serde_json::json!({"at": 1, "why": ["x", 1.5]}));
    let revoked = TrustedKeySet::sign(&revoked, &key("root")).expect("a sound key set");
    vec![
        with_mode(0, TRUSTED.document().as_bytes()),
        with_mode(1, &payload_of(TRUSTED.document())),
        with_mode(1, &payload_of(revoked.document())),
    ]
}
