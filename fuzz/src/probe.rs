//! Any bytes as a media file.

use std::io::Cursor;

use restow_media::build::{
    AsfBuilder, Carrier, ObjectOrder, Protection, ProtectionKind, TitleObject, splice_protection,
};
use restow_media::{Format, KeyId, Probe};

pub fn run(data: &[u8]) {
    let found = restow_media::probe(&mut Cursor::new(data)).expect("reading from memory cannot fail");
    check(&found);
    assert_eq!(restow_media::probe(&mut Cursor::new(data)).ok(), Some(found.clone()));

    // If the header is sound, protection can be added and is then found with its key ID.
    let key_id = KeyId::Uuid([0xa5; 16]);
    let protection = Protection::new(ProtectionKind::Playready43, key_id.clone());
    if let Ok(spliced) = splice_protection(data, &protection) {
        let again = restow_media::probe(&mut Cursor::new(spliced)).expect("reading from memory cannot fail");
        check(&again);
        assert_eq!((again.format, again.protected), (Format::Asf, Some(true)));
        assert!(again.key_ids.len() == 1024 || again.key_ids.contains(&key_id));
    }
}

/// Checks the properties of every result.
pub fn check(found: &Probe) {
    assert!(found.warnings.len() <= 32 && found.license_urls.len() <= 16);
    assert!(found.key_ids.len() <= 1024 && found.raw_key_ids.len() <= 1024);
    assert!(found.key_ids.windows(2).all(|pair| pair[0] < pair[1]), "sorted, and each once");
    assert!(found.key_ids.len() == 1 || found.key_ids.iter().all(|id| !id.is_zero()));
    for id in &found.key_ids {
        assert_eq!(KeyId::from_bytes(&id.to_bytes()).as_ref(), Some(id));
        assert_eq!(id.to_string().parse().as_ref(), Ok(id));
    }
    let texts = [&found.author, &found.album, &found.header_version];
    let texts = texts
        .into_iter()
        .chain([&found.identifier, &found.license_id])
        .flatten()
        .chain(found.title.iter().map(|title| &title.text));
    for text in texts.chain(&found.license_urls).chain(&found.raw_key_ids) {
        assert!(!text.is_empty() && !text.contains(char::is_control), "{text:?}");
        assert!(text.chars().count() <= 4096);
    }
    for warning in &found.warnings {
        super::common::check_presentable(&warning.to_string());
    }
    if found.format == Format::Unknown {
        let mut unknown = Probe::new(Format::Unknown);
        unknown.other_kind = found.other_kind;
        assert_eq!(*found, unknown);
        assert!(found.other_kind.is_some());
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let places =
        [TitleObject::ContentDescription, TitleObject::ExtendedContentDescription, TitleObject::MetadataLibrary];
    let orders = [ObjectOrder::EncryptionLast, ObjectOrder::EncryptionFirst, ObjectOrder::StreamsLast];
    let mut seeds = vec![AsfBuilder::new().title("T").packets(0).build()];
    for (number, kind) in ProtectionKind::ALL.iter().enumerate() {
        for carrier in [Carrier::ExtendedContentEncryption, Carrier::Unknown] {
            let protection = Protection::new(*kind, KeyId::Uuid([9; 16]))
                .add_key_id(KeyId::Uuid([7; 16]))
                .license_url("https://a/?b=1&c=2")
                .byte_order_mark(number % 2 == 0)
                .carrier(carrier);
            let file = AsfBuilder::new().title("Title").author("Author").album("Album").track(7).packets(0);
            let file = file.title_object(places[number % 3]).order(orders[(number / 2) % 3]);
            seeds.push(file.protection(protection).build());
        }
    }
    seeds
}
