//! Messages of the library in the user's language, by their stable codes and named values.

use fluent_bundle::FluentValue;
use restow::Note;

use crate::failure::Failure;
use crate::sanitize::sanitize;
use crate::texts::{Texts, Values};

/// Converts a value for a text. A count becomes a number, which selects singular or plural.
fn fluent_value<'a>(name: &str, text: &'a str) -> FluentValue<'a> {
    if name == "count" { FluentValue::try_number(text) } else { FluentValue::from(text) }
}

fn message_values<'a>(texts: &Texts, note: &'a Note) -> Vec<(&'a str, FluentValue<'a>)> {
    let mut values = Vec::new();
    if let Some(because) = &note.cause {
        values.push(("why", FluentValue::from(render_message(texts, because))));
        values.push(("kind", FluentValue::from(because.code)));
    }
    // The message's own values replace those of its cause: a license has a `kind`, too.
    values.extend(note.values.iter().map(|(name, text)| (*name, fluent_value(name, text))));
    values
}

/// Returns the text of a code, or `None` if there is no such text or a value is missing.
fn find_text(texts: &Texts, code: &str, values: &Values<'_>) -> Option<String> {
    ["note", "error"].iter().find_map(|kind| texts.find(&format!("{kind}-{code}"), values))
}

/// Renders a message. A message without a text keeps its English wording.
pub(super) fn render_message(texts: &Texts, note: &Note) -> String {
    find_text(texts, note.code, &message_values(texts, note))
        .unwrap_or_else(|| sanitize(&note.to_string()).into_owned())
}

/// Renders a message and appends its help, if there is one.
pub(super) fn render_with_help(texts: &Texts, note: &Note) -> String {
    let text = render_message(texts, note);
    match texts.find(&format!("error-{}.help", note.code), &message_values(texts, note)) {
        Some(help) if text.ends_with('.') => format!("{text} {help}"),
        Some(help) => format!("{text}. {help}"),
        None => text,
    }
}

/// Renders a message from its parts, which the catalog stores.
pub(crate) fn render_code(texts: &Texts, code: &str, parts: &[(&str, &str)]) -> Option<String> {
    let values: Vec<_> = parts.iter().map(|(name, text)| (*name, fluent_value(name, text))).collect();
    find_text(texts, code, &values)
}

/// Renders the message and the help of a failure.
pub(super) fn render_failure(texts: &Texts, failure: &Failure) -> (Option<String>, Option<String>) {
    let mut values = vec![("message", FluentValue::from(failure.message.as_str()))];
    match &failure.source {
        // The failure is the library's error, so it has the same values.
        Some(note) if note.code == failure.code => values.extend(message_values(texts, note)),
        Some(note) => {
            values.push(("why", FluentValue::from(render_message(texts, note))));
            values.push(("kind", FluentValue::from(note.code)));
        }
        None => {}
    }
    // The values of the command replace those of the library.
    values.extend(failure.values.iter().map(|(name, text)| (*name, fluent_value(name, text))));
    // The result of a run has fewer values than an error, and may have its own text.
    let find = |end: &str| {
        let ids = [format!("error-{}{end}", failure.code), format!("error-ended-{}{end}", failure.code)];
        ids.iter().find_map(|id| texts.find(id, &values))
    };
    (find(""), find(".help"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::io;

    use restow::backup::{BackupError, RecordError, SetId};
    use restow::lcp_provider::{ProviderError, ProviderProblem, RejectedUpdate, TemplateError};
    use restow::license::lcp::{InvalidSignature, RootError};
    use restow::license::{DocumentError, JsonType, Kind, LcpStatus, LicenseError, Right};
    use restow::restorer::RestorerError;
    use restow::service::protocol::{Outcome, ProblemCode};
    use restow::service::{AddressFault, ServiceError};
    use restow::store::{LicenseStatus, StoreError};
    use restow::usage::{ContentRef, UseDenied};
    use restow::{Error, HomeError, KeyId};
    use restow_core::jws::JwsError;
    use restow_media::{EmbedError, EntryProblem, Warning};

    use super::*;
    use crate::args::Lang;

    fn errors() -> Vec<Error> {
        let set = SetId::from_key(&restow_core::keys::Seed::from_bytes([1; 32]).signing_key("set", &[]).public());
        let io = || io::Error::from(io::ErrorKind::StorageFull);
        let text = || "x".to_owned();
        let key_id = KeyId::Uuid([7; 16]);
        let mut errors: Vec<Error> = vec![
            Error::File { path: "p".into(), source: io() },
            Error::Unwritable { path: "p".into(), source: io() },
            HomeError::NoFolder.into(),
            HomeError::Io { path: "p".into(), source: io() }.into(),
            HomeError::DamagedKey("p".into()).into(),
            HomeError::Settings { path: "p".into(), why: text() }.into(),
            HomeError::OtherMachine("p".into()).into(),
            HomeError::Random.into(),
            StoreError::Newer { path: "p".into(), found: 2, known: 1 }.into(),
            StoreError::NotAStore("p".into()).into(),
            StoreError::Io { path: "p".into(), source: io() }.into(),
            StoreError::Damaged(text()).into(),
            StoreError::Busy.into(),
            StoreError::CannotWrite(text()).into(),
            LicenseError::TooLarge.into(),
            LicenseError::UnknownKind.into(),
            LicenseError::UnknownIssuer(text()).into(),
            LicenseError::KeyInClear(Vec::new()).into(),
            restow::import::ImportError::StrongerStored.into(),
            restow::import::ImportError::NoLicenseInPublication.into(),
            restow::import::ImportError::NoLicenseInArchive.into(),
            restow::import::ImportError::UnreadablePackage(Warning::NoDirectory).into(),
            restow::import::ImportError::UnpackRequired(Warning::ArchiveTooLarge).into(),
            restow::import::ImportError::UnsupportedArchive.into(),
            LicenseError::StatusDocument.into(),
            HomeError::DamagedRoot("p".into()).into(),
            RootError::NoCertificate.into(),
            RootError::NotAnAuthority(text()).into(),
            RootError::Distrusted(text()).into(),
            RootError::TooMany.into(),
            RootError::NoSuch(text()).into(),
            ServiceError::Unreachable { url: text(), kind: io::ErrorKind::ConnectionRefused, why: text() }.into(),
            ServiceError::BadAnswer { url: text(), why: text() }.into(),
            ServiceError::Refused(JwsError::Signature).into(),
            ServiceError::NotPinned(text()).into(),
            ServiceError::NotRegistered(text()).into(),
            ServiceError::OtherIssuer { url: text(), expected: text(), found: text() }.into(),
            ServiceError::Cancelled.into(),
            UseDenied::ReportRequired { content: ContentRef::Key(key_id.clone()), count: 1 }.into(),
            Error::Busy,
            RestorerError::NoPath("BackupPath").into(),
            RestorerError::NoCallback.into(),
            RestorerError::UnknownProperty(text()).into(),
            RestorerError::BackupExists.into(),
            Error::Cancelled,
            RestorerError::NoSuch(text()).into(),
            RestorerError::ForgetDamaged(text()).into(),
            RestorerError::NoPassphraseFile("p".into()).into(),
            RestorerError::PassphraseFile { path: "p".into(), file: "f".into(), source: io() }.into(),
            RestorerError::Thread(text()).into(),
            RestorerError::Defect.into(),
            BackupError::LocationMissing("p".into()).into(),
            BackupError::NotAFolder("p".into()).into(),
            BackupError::NoBackup("p".into()).into(),
            BackupError::ReadOnly("p".into()).into(),
            BackupError::AccessDenied("p".into()).into(),
            BackupError::DiskFull("p".into()).into(),
            BackupError::Read { path: "p".into(), source: io() }.into(),
            BackupError::Write { path: "p".into(), source: io() }.into(),
            BackupError::NewerFormat { path: "p".into(), reader: 2, flags: 0 }.into(),
            BackupError::AllDamaged("p".into()).into(),
            BackupError::NoSuchSet(set).into(),
            BackupError::NoSuchGeneration { set, number: 1 }.into(),
            BackupError::LimitExceeded { path: "p".into(), limit: "y" }.into(),
            BackupError::ForgetDamaged("p".into()).into(),
            BackupError::Record(RecordError::LimitExceeded("y")).into(),
            BackupError::WriterStopped.into(),
        ];
        for content in [ContentRef::Key(key_id), ContentRef::Title(text())] {
            let content = || content.clone();
            let usage = [
                UseDenied::NoLicense(content()),
                UseDenied::NotGranted { content: content(), right: Right::PLAY },
                UseDenied::UsedUp { content: content(), right: Right::PLAY },
                UseDenied::NotYetValid { content: content(), from: 0 },
                UseDenied::Expired { content: content(), since: 0 },
                UseDenied::Revoked { content: content(), reason: text() },
                UseDenied::EndedByProvider { content: content(), outcome: Outcome::Returned },
                UseDenied::NotImported { content: content(), path: "p".into() },
                UseDenied::EmbeddedDamaged(content()),
                UseDenied::InvalidSignature { content: content(), why: InvalidSignature::Base64("x") },
                UseDenied::NotGrantedHere { content: content(), status: LicenseStatus::Pending },
            ];
            errors.extend(usage.map(Error::from));
        }
        let addresses = [
            AddressFault::Form,
            AddressFault::Scheme,
            AddressFault::NoHost,
            AddressFault::UserName,
            AddressFault::PlainHttp,
            AddressFault::Port,
            AddressFault::NoFingerprint,
            AddressFault::NotALink,
            AddressFault::DamagedLink,
        ];
        errors.extend(addresses.map(|why| ServiceError::Address { url: text(), why }.into()));
        let faults = [
            DocumentError::Empty,
            DocumentError::CutOff,
            DocumentError::Json { line: 1, column: 2 },
            DocumentError::InvalidValue { line: 1, column: 2, detail: text() },
            DocumentError::Missing(text()),
            DocumentError::Text { name: "id", max: 255 },
            DocumentError::Date("issued"),
            DocumentError::KeyIdCount,
            DocumentError::KeyId(text()),
            DocumentError::KeyIdTwice(text()),
            DocumentError::ServiceUrl,
            DocumentError::RightCount,
            DocumentError::Title,
            DocumentError::WrongType { name: text(), expected: JsonType::Text },
            DocumentError::NotAllowed(text()),
        ];
        let (name, from, until, time) = (text(), 1, 2, 3);
        let invalid = [
            InvalidSignature::Document(DocumentError::Empty),
            InvalidSignature::Base64("value"),
            InvalidSignature::Certificate,
            InvalidSignature::Algorithm(text()),
            InvalidSignature::Signature(text()),
            InvalidSignature::WeakKey { name: text(), bits: 1024 },
            InvalidSignature::WeakAlgorithm { name: text(), algorithm: "SHA-1" },
            InvalidSignature::Unsupported { name: text(), feature: text() },
            InvalidSignature::Usage(text()),
            InvalidSignature::NotYetValid { name: text(), from, time },
            InvalidSignature::Expired { name: text(), until, time },
            InvalidSignature::RootNotValid { name, from, until, time },
            InvalidSignature::Chain { name: text(), root: text() },
            InvalidSignature::Distrusted(text()),
        ];
        errors.extend(invalid.map(|reason| RootError::Unreliable { name: text(), reason }.into()));
        errors.extend(faults.map(|error| LicenseError::Malformed { kind: Kind::Lcp, error }.into()));
        let refusals = [
            JwsError::Form,
            JwsError::Header("x"),
            JwsError::UnknownKey(text()),
            JwsError::Signature,
            JwsError::Version(2),
            JwsError::Payload(text()),
        ];
        errors.extend(refusals.map(|error| LicenseError::Jws(error).into()));
        errors.extend(ProblemCode::ALL.map(|code| {
            let problem = Box::new(code.problem("detail", "help"));
            Error::from(ServiceError::Problem { name: text(), problem })
        }));
        errors.extend(provider_errors().map(Error::from));
        errors
    }

    fn provider_errors() -> impl Iterator<Item = ProviderError> {
        let (text, kind) = (|| "x".to_owned(), io::ErrorKind::TimedOut);
        let mut errors = vec![
            ProviderError::Address { url: text(), why: AddressFault::Form },
            ProviderError::NotAllowed { origin: text() },
            ProviderError::PrivateAddress { url: text() },
            ProviderError::Unreachable { url: text(), kind, why: text() },
            ProviderError::Busy { origin: text() },
            ProviderError::GivenUp { origin: text() },
            ProviderError::BadAnswer { url: text(), why: text() },
            ProviderError::NoStatus { url: text(), fault: DocumentError::CutOff },
            ProviderError::OtherLicense { url: text() },
            ProviderError::NoStatusLink { license: text() },
            ProviderError::NotSigned { license: text() },
            ProviderError::OutOfTime { license: text() },
            ProviderError::RenewPast { until: 0 },
            ProviderError::NoRenew { license: text() },
            ProviderError::NoReturn { license: text() },
            ProviderError::NotDone { license: text() },
            ProviderError::RenewPage { license: text(), url: text() },
            ProviderError::Cancelled,
        ];
        let faults = [TemplateError::Brace, TemplateError::Expression, TemplateError::TooLong];
        errors.extend(faults.map(|why| ProviderError::Template { url: text(), why }));
        let not_taken = [
            RejectedUpdate::NoLicense,
            RejectedUpdate::OtherLicense,
            RejectedUpdate::WeakerSignature,
            RejectedUpdate::OutOfMemory,
        ];
        errors.extend(not_taken.map(|why| ProviderError::RejectedUpdate { url: text(), why }));
        let standings = [LcpStatus::Revoked, LcpStatus::Returned, LcpStatus::Cancelled, LcpStatus::Expired];
        errors.extend(standings.map(|standing| ProviderError::Ended { license: text(), standing }));
        errors.extend(restow::lcp_provider::ProblemKind::ALL.map(|kind| {
            let problem = ProviderProblem::from_response(400, format!(r#"{{"type":"{}"}}"#, kind.uri()).as_bytes());
            ProviderError::Problem { origin: text(), problem }
        }));
        errors.into_iter()
    }

    #[test]
    fn embed_errors_have_both_languages() {
        let io = || io::Error::from(io::ErrorKind::StorageFull);
        let entry = || Warning::Entry { name: "x".to_owned(), problem: EntryProblem::Damaged };
        let values = [
            EmbedError::Read(io()),
            EmbedError::Write(io()),
            EmbedError::UnsupportedFormat,
            EmbedError::Damaged(entry()),
            EmbedError::TooLarge,
        ];
        for error in &values {
            let note = Note::from(error);
            for texts in [Texts::new(Lang::En), Texts::new(Lang::De)] {
                let text = find_text(&texts, note.code, &message_values(&texts, &note)).unwrap();
                let why = note.cause.as_ref().map(|why| render_message(&texts, why)).unwrap_or_default();
                assert!(text.ends_with(&why) && !text.ends_with("{ $why }"), "{text}");
            }
        }
    }

    /// Checks that each text gets its values, so that no message falls back to English.
    #[test]
    fn errors_have_both_languages() {
        let mut text = BTreeSet::new();
        for error in errors() {
            let mut note = Note::from(&error);
            text.insert(note.code);
            for lang in [Lang::En, Lang::De] {
                let (message, help) = render_failure(&Texts::new(lang), &Failure::from_library(&error));
                assert!(message.is_some() && help.is_some(), "{error} ({})", note.code);
            }
            while let Some(because) = note.cause {
                note = *because;
                for lang in [Lang::En, Lang::De] {
                    let texts = Texts::new(lang);
                    assert!(
                        find_text(&texts, note.code, &message_values(&texts, &note)).is_some(),
                        "{note} ({})",
                        note.code
                    );
                }
            }
        }
        assert!(text.len() > 60, "{text:?}");
    }

    #[test]
    fn service_details_stay_english() {
        let problem = |detail| Box::new(ProblemCode::NotAllowed.problem(detail, ""));
        let text = |lang, detail| {
            let error = Error::from(ServiceError::Problem { name: "Shop".into(), problem: problem(detail) });
            render_message(&Texts::new(lang), &Note::from(&error))
        };
        assert_eq!(
            text(Lang::En, "No computer confirms itself."),
            "Shop says: only a confirmed computer may do this. No computer confirms itself."
        );
        assert_eq!(text(Lang::En, ""), "Shop says: only a confirmed computer may do this.");
        assert_eq!(text(Lang::De, "No computer confirms itself."), "Shop sagt: Das darf nur ein bestätigter Computer.");
    }

    #[test]
    fn message_includes_its_cause() {
        let source = io::Error::from(io::ErrorKind::PermissionDenied);
        let note = Note::from(&Error::from(HomeError::Io { path: "/x".into(), source }));
        assert_eq!(render_message(&Texts::new(Lang::De), &note), "/x: der Zugriff ist verboten");
        assert!(render_with_help(&Texts::new(Lang::En), &note).starts_with("/x: access is denied. Check"));
        let malformed = LicenseError::Malformed { kind: Kind::Lcp, error: DocumentError::Empty };
        let text = render_message(&Texts::new(Lang::En), &Note::from(&Error::from(malformed)));
        assert_eq!(text, "The license (lcp) is malformed: it is empty");
    }
}
