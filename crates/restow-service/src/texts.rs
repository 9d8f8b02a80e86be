//! English and German texts of the messages of this crate.

use restow_core::texts::Texts;

/// Texts of the messages of this crate.
pub(crate) static TEXTS: Texts = Texts::new(include_str!("../i18n/en.ftl"), include_str!("../i18n/de.ftl"));

#[cfg(test)]
mod tests {
    use std::io;

    use restow_core::hresult::Hresult;
    use restow_core::message::Message;

    use super::TEXTS;
    use crate::{ServiceError, TermsError};

    #[test]
    fn each_message_has_texts_and_result() {
        let text = || "x".to_owned();
        let io = || io::Error::from(io::ErrorKind::StorageFull);
        let mut samples: Vec<Message> = [
            ServiceError::AlreadyInitialized("p".into()),
            ServiceError::Unfinished("p".into()),
            ServiceError::NotInitialized("p".into()),
            ServiceError::File { path: "p".into(), source: io() },
            ServiceError::Malformed { path: "p".into(), reason: text() },
            ServiceError::Setting { name: "x", reason: text() },
            ServiceError::Database { path: "p".into(), reason: text() },
            ServiceError::DatabaseTooNew { path: "p".into(), version: 9 },
            ServiceError::RootKeyMissing("p".into()),
            ServiceError::KeySetFull("p".into()),
            ServiceError::InUse { folder: "p".into(), process: None },
            ServiceError::InUse { folder: "p".into(), process: Some(1) },
            ServiceError::Listen { address: ([127, 0, 0, 1], 80).into(), source: io() },
            ServiceError::System(io()),
        ]
        .iter()
        .map(Message::from)
        .collect();
        let terms = [
            TermsError::KeyIdCount,
            TermsError::InvalidKeyId(text()),
            TermsError::DuplicateKeyId(text()),
            TermsError::Title,
            TermsError::TooManyRights,
            TermsError::UnknownRight(text()),
            TermsError::NoUsableRight,
            TermsError::BackupLimits,
            TermsError::Range { member: text(), least: 1, most: 2 },
            TermsError::DateOrder { first: text(), second: text() },
            TermsError::Past(text()),
        ];
        samples.extend(terms.iter().map(Message::from));
        assert_eq!(Message::find_defects(&TEXTS, &samples), Vec::<String>::new());
        assert!(samples.iter().all(|message| Hresult::find_code(message.code).is_some()));
    }
}
