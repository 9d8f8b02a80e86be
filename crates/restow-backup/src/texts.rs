//! English and German texts of the messages of this crate.

use restow_core::texts::Texts;

/// Texts of the messages of this crate.
pub(crate) static TEXTS: Texts = Texts::new(include_str!("../i18n/en.ftl"), include_str!("../i18n/de.ftl"));

#[cfg(test)]
mod tests {
    use std::io;

    use restow_core::hresult::Hresult;
    use restow_core::keys::Seed;
    use restow_core::message::Message;

    use super::TEXTS;
    use crate::{BackupError, Damage, DamageKind, GenerationId, RecordError, SetId};

    #[test]
    fn each_message_has_texts_and_result() {
        let set = SetId::from_key(&Seed::from_bytes([1; 32]).signing_key("set", &[]).public());
        let (text, io) = (|| "x".to_owned(), || io::Error::from(io::ErrorKind::StorageFull));
        let errors = [
            BackupError::LocationMissing("p".into()),
            BackupError::NotAFolder("p".into()),
            BackupError::SymbolicLink("p".into()),
            BackupError::NoBackup("p".into()),
            BackupError::ReadOnly("p".into()),
            BackupError::AccessDenied("p".into()),
            BackupError::DiskFull("p".into()),
            BackupError::Read { path: "p".into(), source: io() },
            BackupError::Write { path: "p".into(), source: io() },
            BackupError::NewerFormat { path: "p".into(), reader: 2, flags: 0 },
            BackupError::AllDamaged("p".into()),
            BackupError::NoSuchSet(set),
            BackupError::NoSuchGeneration { set, number: 4, readable: "1–3".into() },
            BackupError::LimitExceeded { path: "p".into(), limit: "x" },
            BackupError::ForgetDamaged("p".into()),
            BackupError::Record(RecordError::LimitExceeded("x")),
            BackupError::WriterStopped,
            BackupError::Cancelled,
        ];
        let record_errors = [
            RecordError::Truncated,
            RecordError::TrailingBytes,
            RecordError::InvalidUtf8,
            RecordError::InvalidKeyId,
            RecordError::OutOfRange("x"),
        ];
        let kinds = [
            DamageKind::Generation(text()),
            DamageKind::ManifestMissing,
            DamageKind::Manifest(text()),
            DamageKind::CopyMissing,
            DamageKind::Copy(text()),
            DamageKind::PackMissing,
            DamageKind::PackLength { expected: 2, found: 1 },
            DamageKind::Unreadable(text()),
            DamageKind::FrameTruncated,
            DamageKind::FrameHash,
            DamageKind::FrameContent(text()),
            DamageKind::Record(RecordError::Truncated),
            DamageKind::Count { expected: 2, found: 1 },
        ];
        let generation = GenerationId { number: 1, digest: [0; 8] };
        let mut samples: Vec<Message> = errors.iter().map(Message::from).collect();
        assert!(samples.iter().all(|message| Hresult::find_code(message.code).is_some()));
        samples.extend(record_errors.iter().map(Message::from));
        samples.extend(kinds.into_iter().map(|kind| Message::from(&Damage::new(set, generation, kind))));
        assert_eq!(Message::find_defects(&TEXTS, &samples), Vec::<String>::new());
    }
}
