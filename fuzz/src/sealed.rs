//! Any bytes as sealed data. Byte 0: 0 the plain text of a grant's keys, correctly sealed; 1 the members of
//! sealed keys; 2 a sealed epoch key; 3 a wrapped content key; other values the plain text of a wrapped key.

use data_encoding::BASE64URL_NOPAD;
use restow::KeyId;
use restow::service::protocol::{GrantContext, GrantedKey, SealedKeys};
use restow_backup::{ContentKeyRecord, EpochKey, EpochKeyRecord};
use restow_core::hpke::{self, HpkePublicKey, Sealed};
use zeroize::Zeroizing;

use super::common::{Bytes, counted, sunset, with_mode};

const CONTEXT: GrantContext<'_> = GrantContext { issuer: "i", holder: "h", computer: "c", request: "r" };
const BOUND: &[u8] = b"i\0h\0c\0r";
const INFO: &[u8] = b"restow grant v1";

pub fn run(data: &[u8]) {
    let Some((mode, data)) = data.split_first() else { return };
    let mut bytes = Bytes(data);
    let computer = sunset();
    match mode {
        0 => {
            let sealed = computer.public().seal(data, INFO, BOUND).expect("a sound key");
            let sealed =
                SealedKeys { enc: BASE64URL_NOPAD.encode(&sealed.enc), ct: BASE64URL_NOPAD.encode(&sealed.ciphertext) };
            let Ok(keys) = CONTEXT.open(&sealed, &computer) else { return };
            // There is exactly one encoding, so sealing the keys again seals the same bytes.
            let again = CONTEXT.seal(&keys, &computer.public()).expect("what was opened can be sealed");
            let again = Sealed {
                enc: BASE64URL_NOPAD.decode(again.enc.as_bytes()).expect("base64url").try_into().expect("32 bytes"),
                ciphertext: BASE64URL_NOPAD.decode(again.ct.as_bytes()).expect("base64url"),
            };
            assert_eq!(*computer.open(&again, INFO, BOUND).expect("opened"), data);
        }
        1 => {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            let sealed = SealedKeys { enc: text(bytes.counted()), ct: text(bytes.0) };
            assert!(CONTEXT.open(&sealed, &computer).is_err(), "nobody sealed this");
        }
        2 => {
            let record = EpochKeyRecord {
                issuer: "i".into(),
                epoch: bytes.array(),
                sunset_key: String::from_utf8_lossy(bytes.counted()).into_owned(),
                enc: bytes.array(),
                sealed: bytes.array(),
            };
            assert!(EpochKey::open(&record, &computer).is_err(), "nobody sealed this");
            // Sealing to any bytes as a sunset key succeeds or fails without a panic.
            let epoch = EpochKey::new("i").expect("randomness");
            let _ = epoch.seal_to(&record.sunset_key, &HpkePublicKey::from_bytes(record.enc));
        }
        3 => {
            let record = ContentKeyRecord {
                issuer: "i".into(),
                key_id: KeyId::Uuid(bytes.array()),
                seed: 1,
                epoch: bytes.array(),
                nonce: bytes.array(),
                wrapped: bytes.array(),
            };
            assert!(EpochKey::new("i").expect("randomness").unwrap(&record).is_err(), "nobody wrapped this");
        }
        _ => {
            let wrapped = hpke::wrap(&[7; 32], data, b"context").expect("randomness");
            assert_eq!(*hpke::unwrap(&[7; 32], &wrapped, b"context").expect("unwrapped"), data);
            assert!(hpke::unwrap(&[7; 32], data, b"context").is_err(), "nobody wrapped this");
        }
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let keys = [
        GrantedKey { key_id: KeyId::Uuid([1; 16]), seed: 7, key: Zeroizing::new([9; 16]) },
        GrantedKey { key_id: KeyId::Text("A".into()), seed: 1, key: Zeroizing::new([8; 16]) },
    ];
    let mut plain = Vec::new();
    for key in &keys {
        plain.extend(counted(&key.key_id.to_bytes()));
        plain.extend(key.seed.to_le_bytes());
        plain.extend(key.key.as_slice());
    }
    let enc = BASE64URL_NOPAD.encode(&[1; 32]);
    let members = [counted(enc.as_bytes()), BASE64URL_NOPAD.encode(&[2; 48]).into_bytes()].concat();
    vec![
        with_mode(0, &plain),
        with_mode(1, &members),
        with_mode(2, &[5; 120]),
        with_mode(3, &[5; 76]),
        with_mode(4, &plain),
    ]
}
