//! Any text as a name in paths, documents or the command line. An accepted name prints as the input.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use restow::KeyId;
use restow::license::Right;
use restow::service::protocol::Outcome;
use restow_backup::{Digest, GenerationId, PackId, SetId};
use restow_core::keys::PublicKey;
use restow_media::{System, TitleSource};

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    check_exact::<GenerationId>(&text);
    check_exact::<SetId>(&text);
    check_exact::<PackId>(&text);
    check_exact::<Digest>(&text);
    check_exact::<System>(&text);
    check_exact::<TitleSource>(&text);
    if let Some(key) = PublicKey::from_text(&text) {
        assert_eq!(key.to_string(), text);
    }
    if let Some(outcome) = Outcome::from_name(&text) {
        assert_eq!(outcome.as_str(), text);
    }
    if let Some(right) = Right::from_name(&text) {
        assert!(right.as_str().eq_ignore_ascii_case(&text));
    }
    match text.parse::<KeyId>() {
        Ok(id) => {
            assert_eq!(id.to_string().parse().as_ref(), Ok(&id));
            assert_eq!(KeyId::from_bytes(&id.to_bytes()), Some(id));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Some(id) = KeyId::from_bytes(data) {
        assert_eq!(id.to_bytes(), data);
        assert_eq!(id.to_string().parse().as_ref(), Ok(&id));
    }
    let _ = restow::rfc3339(i64::from_le_bytes(super::common::Bytes(data).array()));
}

fn check_exact<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    if let Ok(name) = text.parse::<T>() {
        assert_eq!(name.to_string(), text);
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let digest = Digest::sha256(b"");
    let texts = [
        GenerationId::new(7, &digest).to_string(),
        digest.to_string(),
        "0".repeat(32),
        "playready".to_owned(),
        "file-name".to_owned(),
        "daily_limit".to_owned(),
        "Print.redbook".to_owned(),
        "{09E091AB-F838-41D2-9E35-58531FD19EC7}".to_owned(),
        "q5HgCTj40kGeNVhTH9Gexw==".to_owned(),
        "hex:0102".to_owned(),
        "text: A 17".to_owned(),
        super::common::key("root").public().to_string(),
    ];
    let mut seeds: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    seeds.push(KeyId::Text("A".into()).to_bytes());
    seeds
}
