//! Any bytes as the body of a record. The first two bytes select the type.

use restow::KeyId;
use restow::service::protocol::Counter;
use restow::license::MAX_TITLES;
use restow_backup::{
    ContentKeyRecord, ContentsRecord, CounterRecord, EpochKeyRecord, InventoryRecord, LicenseRecord, LicenseSummary,
    Record, StatementRecord, TitlesRecord, limit_titles,
};

use super::common::{Bytes, check_presentable, key};

pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    // Mostly types near the known ones.
    let record_type = match bytes.u16() {
        small @ 0..=10 => small,
        other => other % 10,
    };
    let body = bytes.0;
    match Record::decode(record_type, body) {
        Ok(record) => {
            assert_eq!(record.record_type(), record_type);
            // Each record has exactly one encoding.
            let encoded = encode(&record).expect("what was read can be written");
            let len = u32::try_from(body.len()).expect("short input").to_le_bytes();
            assert_eq!(encoded, [&record_type.to_le_bytes()[..], &len, body].concat());
            if let Record::License(LicenseRecord { titles, .. }) | Record::Titles(TitlesRecord { titles, .. }) = &record
            {
                assert!(titles.len() <= MAX_TITLES);
                assert_eq!(&limit_titles(titles), titles);
            }
            if let Record::Counter(CounterRecord { issuer, counter }) = &record {
                let _ = counter.verifies(issuer);
            }
        }
        Err(error) => check_presentable(&error.to_string()),
    }
}

/// Encodes a record with its header.
pub fn encode(record: &Record) -> Option<Vec<u8>> {
    let mut out = vec![1, 2, 3];
    match record.encode(&mut out) {
        Ok(()) => Some(out.split_off(3)),
        Err(error) => {
            check_presentable(&error.to_string());
            assert_eq!(out, [1, 2, 3], "nothing is left of what cannot be written");
            None
        }
    }
}

/// Returns one record of each type.
pub fn examples() -> Vec<Record> {
    let (kind, issuer, license_id) = (2, "https://books.example".to_owned(), "b7a1".to_owned());
    let titles = vec!["A Book".to_owned(), "Ein Büchlein".to_owned()];
    let key_ids = vec![KeyId::Uuid([1; 16]), KeyId::Text("A 17".into()), KeyId::Bytes(vec![1, 2])];
    vec![
        Record::License(LicenseRecord {
            kind,
            issuer: issuer.clone(),
            license_id: license_id.clone(),
            version: 5,
            titles: titles.clone(),
            document: super::common::LCP.into(),
        }),
        Record::Counter(CounterRecord {
            issuer: "i".into(),
            counter: Counter::sign("i", "L1", "Play", 3, 1_700_000_000, &key("computer")),
        }),
        Record::Contents(ContentsRecord {
            frame: 1,
            licenses: vec![LicenseSummary {
                kind,
                issuer: issuer.clone(),
                license_id: license_id.clone(),
                version: 5,
                titles: titles.clone(),
            }],
        }),
        Record::Statement(StatementRecord { issuer: issuer.clone(), document: "a.b.c".into() }),
        Record::ContentKey(ContentKeyRecord {
            issuer: issuer.clone(),
            key_id: key_ids[0].clone(),
            seed: 1,
            epoch: [2; 16],
            nonce: [3; 12],
            wrapped: [4; 32],
        }),
        Record::EpochKey(EpochKeyRecord {
            issuer: issuer.clone(),
            epoch: [2; 16],
            sunset_key: "s".into(),
            enc: [3; 32],
            sealed: [4; 48],
        }),
        Record::Titles(TitlesRecord {
            kind,
            issuer: issuer.clone(),
            license_id: license_id.clone(),
            titles: titles.clone(),
        }),
        Record::Inventory(InventoryRecord {
            kind,
            issuer,
            license_id,
            reason: 1,
            key_ids,
            titles,
            source_url: "https://a".into(),
        }),
        Record::Unknown { record_type: 8, body: vec![1, 2, 3] },
    ]
}

pub fn seeds() -> Vec<Vec<u8>> {
    let encoded = examples().into_iter().map(|record| encode(&record).expect("a sound record"));
    encoded.map(|record| [&record[..2], &record[6..]].concat()).collect()
}
