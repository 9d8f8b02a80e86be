//! English and German texts of the messages of this crate.

use restow_core::texts::Texts;

/// Texts of the messages of this crate.
pub(crate) static TEXTS: Texts = Texts::new(include_str!("../i18n/en.ftl"), include_str!("../i18n/de.ftl"));

#[cfg(test)]
mod tests {
    use restow_core::hresult::Hresult;
    use restow_core::license::DocumentError;
    use restow_core::message::Message;

    use super::TEXTS;
    use crate::{InvalidSignature, RootError, TemplateError};

    #[test]
    fn each_message_has_texts_and_result() {
        let text = || "x".to_owned();
        let (from, until, time) = (1, 2, 3);
        let invalid = [
            InvalidSignature::Document(DocumentError::Empty),
            InvalidSignature::Base64("value"),
            InvalidSignature::Certificate,
            InvalidSignature::Algorithm(text()),
            InvalidSignature::Unsigned,
            InvalidSignature::NoDate,
            InvalidSignature::OtherKeyType(text()),
            InvalidSignature::Signature(text()),
            InvalidSignature::WeakKey { name: text(), bits: 1024 },
            InvalidSignature::WeakAlgorithm { name: text(), algorithm: "SHA-1" },
            InvalidSignature::Unsupported { name: text(), feature: text() },
            InvalidSignature::Usage(text()),
            InvalidSignature::NotYetValid { name: text(), from, time },
            InvalidSignature::Expired { name: text(), until, time },
            InvalidSignature::RootNotValid { name: text(), from, until, time },
            InvalidSignature::Chain { name: text(), root: text() },
            InvalidSignature::Distrusted(text()),
        ];
        let root_errors = [
            RootError::NoCertificate,
            RootError::NotAnAuthority(text()),
            RootError::Unreliable { name: text(), reason: InvalidSignature::Certificate },
            RootError::Distrusted(text()),
            RootError::OtherCertificate,
            RootError::TooMany,
            RootError::NoSuch(text()),
        ];
        let template_errors = [TemplateError::Brace, TemplateError::Expression, TemplateError::TooLong];
        let mut samples: Vec<Message> = root_errors.iter().map(Message::from).collect();
        assert!(samples.iter().all(|message| Hresult::find_code(message.code).is_some()));
        samples.extend(invalid.iter().map(Message::from));
        samples.extend(template_errors.iter().map(Message::from));
        assert_eq!(Message::find_defects(&TEXTS, &samples), Vec::<String>::new());
    }
}
