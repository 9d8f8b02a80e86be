//! Tests of encoding and decoding of every record type, and of every limit.

use restow_core::KeyId;
use restow_core::protocol::Counter;

use super::*;
use crate::codec::{RawRecord, RawRecords};

fn every_type() -> Vec<Record> {
    let key_ids = vec![KeyId::Uuid([7; 16]), KeyId::Bytes(vec![1, 2, 3]), KeyId::Text("a key".into())];
    vec![
        license(1),
        Record::License(LicenseRecord::default()),
        Record::Counter(CounterRecord { issuer: "i".into(), counter: Counter::sign("i", "L", "Play", 3, -9, &key(1)) }),
        Record::Statement(StatementRecord { issuer: "i".into(), document: "a.b.c".into() }),
        Record::ContentKey(ContentKeyRecord {
            issuer: "i".into(),
            key_id: key_ids[1].clone(),
            seed: 4,
            epoch: [1; 16],
            nonce: [2; 12],
            wrapped: [3; 32],
        }),
        Record::EpochKey(EpochKeyRecord {
            issuer: "i".into(),
            epoch: [1; 16],
            sunset_key: "s".into(),
            enc: [2; 32],
            sealed: [3; 48],
        }),
        Record::Titles(TitlesRecord {
            kind: 2,
            issuer: "i".into(),
            license_id: "L".into(),
            titles: vec!["Ä".repeat(1000), String::new()],
        }),
        Record::Inventory(InventoryRecord {
            kind: 1,
            issuer: "i".into(),
            license_id: "L".into(),
            reason: 4,
            key_ids,
            titles: vec!["T".into()],
            source_url: "https://shop.example".into(),
        }),
        Record::Contents(ContentsRecord {
            frame: 7,
            licenses: vec![LicenseSummary {
                kind: 2,
                issuer: "i".into(),
                license_id: "L".into(),
                version: -5,
                titles: vec!["T".into(), "U".into()],
            }],
        }),
        Record::LcpFacts(LcpFactsRecord {
            kind: 2,
            issuer: "i".into(),
            license_id: "L".into(),
            status: 3,
            status_time: 1_700_000_000,
            identifiers: vec!["urn:isbn:1".into()],
        }),
        Record::Unknown { record_type: 77, body: vec![1, 2, 3] },
        Record::Unknown { record_type: 2, body: vec![3, 1] },
        Record::Unknown { record_type: 65_535, body: vec![] },
    ]
}

fn decode(bytes: &[u8]) -> Vec<Result<Record, RecordError>> {
    let decode = |record: RawRecord<'_>| Record::decode(record.record_type, record.body);
    RawRecords(bytes).map(|record| record.and_then(decode)).collect()
}

#[test]
fn every_record_survives_a_round_trip() {
    let mut bytes = Vec::new();
    for record in every_type() {
        record.encode(&mut bytes).unwrap();
    }
    let read: Result<Vec<Record>, RecordError> = decode(&bytes).into_iter().collect();
    assert_eq!(read.unwrap(), every_type());
}

#[test]
fn titles_record_matches_the_document() {
    let mut bytes = Vec::new();
    let titles = TitlesRecord { kind: 2, issuer: "ab".into(), license_id: "c".into(), titles: vec!["d".into()] };
    Record::Titles(titles).encode(&mut bytes).unwrap();
    assert_eq!(bytes, [6, 0, 13, 0, 0, 0, 2, 2, 0, b'a', b'b', 1, 0, b'c', 1, 0, 1, 0, b'd']);
}

#[test]
fn truncated_and_longer_records_are_rejected() {
    for record in every_type() {
        let mut bytes = Vec::new();
        record.encode(&mut bytes).unwrap();
        for len in 1..bytes.len() {
            assert!(decode(&bytes[..len])[0].is_err(), "{record:?} cut to {len}");
        }
        if matches!(record, Record::Unknown { .. }) {
            continue;
        }
        let body = &bytes[6..];
        for len in 0..body.len() {
            let cut = Record::decode(record.record_type(), &body[..len]);
            // An empty counter body has no kind, so its type is unknown.
            assert!(cut.is_err() || (len == 0 && record.record_type() == 2), "{record:?} with a body of {len}");
        }
        let longer = [body, &[0]].concat();
        assert_eq!(Record::decode(record.record_type(), &longer), Err(RecordError::TrailingBytes));
    }
}

#[test]
fn limits_hold_for_both_directions() {
    let license = |change: &dyn Fn(&mut LicenseRecord)| {
        let mut license = LicenseRecord::default();
        change(&mut license);
        Record::License(license)
    };
    let counter = |count| {
        let counter = Counter { count, ..Counter::sign("i", "L", "Play", 1, 0, &key(1)) };
        Record::Counter(CounterRecord { issuer: "i".into(), counter })
    };
    let missing = |key_ids| Record::Inventory(InventoryRecord { key_ids, ..Default::default() });
    let accepted = [
        license(&|l| l.document = vec![0; MAX_DOCUMENT]),
        license(&|l| l.issuer = "x".repeat(65_535)),
        license(&|l| l.titles = vec!["ä".repeat(1000); 64]),
        counter((1 << 53) - 1),
        missing(vec![KeyId::Uuid([0; 16]); 64]),
    ];
    let rejected = [
        license(&|l| l.document = vec![0; MAX_DOCUMENT + 1]),
        license(&|l| l.issuer = "x".repeat(65_536)),
        license(&|l| l.titles = vec![String::new(); 65]),
        license(&|l| l.titles = vec!["x".repeat(1001)]),
        counter(0),
        counter(1 << 53),
        missing(vec![KeyId::Uuid([0; 16]); 65]),
        missing(vec![KeyId::Bytes(vec![0; 16])]),
        missing(vec![KeyId::Text(String::new())]),
        Record::Statement(StatementRecord { issuer: String::new(), document: "x".repeat((1 << 20) + 1) }),
        Record::Unknown { record_type: 99, body: vec![0; MAX_RAW_FRAME] },
    ];
    for record in accepted {
        let mut bytes = Vec::new();
        record.encode(&mut bytes).unwrap();
        assert_eq!(decode(&bytes), [Ok(record)]);
    }
    for record in rejected {
        let mut bytes = vec![1, 2];
        assert!(record.encode(&mut bytes).is_err());
        assert_eq!(bytes, [1, 2], "no bytes remain");
    }
    // Decoding rejects 65 titles and lengths beyond the limit as well.
    let mut bytes = Vec::new();
    license(&|_| ()).encode(&mut bytes).unwrap();
    let body = bytes.split_off(6);
    let with = |at: usize, value: &[u8]| {
        let mut body = body.clone();
        body[at..at + value.len()].copy_from_slice(value);
        Record::decode(1, &body)
    };
    assert_eq!(with(13, &[65, 0]), Err(RecordError::LimitExceeded("more than 64 titles")));
    assert_eq!(with(15, &[0xff; 4]), Err(RecordError::LimitExceeded("a document over 1 MiB")));
    assert_eq!(with(1, &[0xff; 2]), Err(RecordError::Truncated));
}

#[test]
fn rejected_record_does_not_end_run() {
    let (_, location) = memory();
    let mut writer = SetWriter::begin(&location, &key(1), 2).unwrap();
    writer.push(&license(1)).unwrap();
    let invalid = Record::License(LicenseRecord { titles: vec![String::new(); 65], ..Default::default() });
    assert!(matches!(writer.push(&invalid), Err(BackupError::Record(_))));
    writer.push(&license(2)).unwrap();
    assert_eq!(writer.commit(facts(), &never).unwrap().licenses, 2);
    assert_eq!(all_records(&location, PackRole::Licenses), [license(1), license(2)]);
    assert!(check(&location, Depth::Records).is_clean());
}

#[test]
fn titles_are_cut_to_limits() {
    let titles = limit_titles((0..100).map(|_| "ä".repeat(2000)));
    assert_eq!((titles.len(), titles[0].chars().count()), (64, 1000));
}
