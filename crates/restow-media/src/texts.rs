//! English and German texts of the messages of this crate.

use restow_core::texts::Texts;

/// Texts of the messages of this crate.
pub static TEXTS: Texts = Texts::new(include_str!("../i18n/en.ftl"), include_str!("../i18n/de.ftl"));

#[cfg(test)]
mod tests {
    use std::io;

    use restow_core::message::Message;

    use super::TEXTS;
    use crate::{EmbedError, EntryProblem, ProbeError, Warning};

    #[test]
    fn each_message_has_texts() {
        let text = || "x".to_owned();
        let io = || io::Error::from(io::ErrorKind::StorageFull);
        let mut warnings = vec![
            Warning::HeaderTruncated { stated: 2, found: 1 },
            Warning::HeaderTooLarge { stated: 2, limit: 1 },
            Warning::HeaderTooSmall { stated: 2 },
            Warning::ObjectSize { offset: 2, stated: 1 },
            Warning::ObjectCount { stated: 2, found: 1 },
            Warning::StrayBytes { offset: 2, len: 1 },
            Warning::MalformedObject { object: "x" },
            Warning::NoStreams,
            Warning::NoMediaData,
            Warning::SystemNotNamed,
            Warning::UnknownProtectionType(text()),
            Warning::UnknownHeaderVersion(text()),
            Warning::ProtectionHeaderMissing,
            Warning::ProtectionHeaderMalformed,
            Warning::UnusualKeyId,
            Warning::TooLong("x"),
            Warning::TooMany("x"),
            Warning::NoDirectory,
            Warning::EntriesOverlap,
            Warning::LeadingBytes { len: 2 },
            Warning::ObjectTooLarge { stated: 2, limit: 1 },
            Warning::EntryTooLarge { name: text(), limit: 1 },
            Warning::PasswordNeeded,
            Warning::UnknownRights(text()),
            Warning::NotExamined,
            Warning::PathTraversal,
            Warning::ArchiveTooLarge,
            Warning::EncryptionMissing,
        ];
        warnings.extend(EntryProblem::ALL.map(|problem| Warning::Entry { name: text(), problem }));
        let mut samples: Vec<Message> = warnings.iter().map(Message::from).collect();
        let embed_errors = [
            EmbedError::Read(io()),
            EmbedError::Write(io()),
            EmbedError::UnsupportedFormat,
            EmbedError::Damaged(Warning::NoDirectory),
            EmbedError::TooLarge,
        ];
        samples.extend(embed_errors.iter().map(Message::from));
        let probe_errors = [ProbeError::Open(io()), ProbeError::Read(io()), ProbeError::Package(Warning::NoDirectory)];
        samples.extend(probe_errors.iter().map(Message::from));
        assert_eq!(Message::find_defects(&TEXTS, &samples), Vec::<String>::new());
    }
}
