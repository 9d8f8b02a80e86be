//! English and German texts of the messages of this crate.

use restow_core::texts::Texts;

/// Texts of the messages of this crate.
pub(crate) static TEXTS: Texts = Texts::new(include_str!("../i18n/en.ftl"), include_str!("../i18n/de.ftl"));

#[cfg(test)]
mod tests {
    use std::io;

    use restow_core::hresult::Hresult;
    use restow_core::jws::JwsError;
    use restow_core::license::{DocumentError, Right};
    use restow_core::message::Message;
    use restow_core::origin::AddressFault;
    use restow_core::protocol::{Outcome, ProblemCode};
    use restow_lcp::{InvalidSignature, LcpStatus, ProblemKind, ProviderProblem, TemplateError};
    use restow_media::{KeyId, Warning};

    use super::TEXTS;
    use crate::error::{
        AuthorityError, ConflictKind, ContentRef, DownloadError, Error, HomeError, ImportError, ProviderError,
        PutBackError, PutBackWarning, RejectedLink, RejectedUpdate, RestorerError, ServiceError, StoreError, UseDenied,
    };
    use crate::license::LicenseStatus;
    use crate::net::{AnswerFault, ConnectionFault, TlsFault};

    fn text() -> String {
        "x".to_owned()
    }

    fn io() -> io::Error {
        io::Error::from(io::ErrorKind::StorageFull)
    }

    fn errors() -> Vec<Error> {
        let mut errors: Vec<Error> = vec![
            Error::File { path: "p".into(), source: io() },
            Error::Unwritable { path: "p".into(), source: io() },
            AuthorityError::Address(text()).into(),
            AuthorityError::Unreachable { host: text(), url: "x", source: io() }.into(),
            AuthorityError::Status { host: text(), status: 404, url: "x" }.into(),
            AuthorityError::OtherCertificate { host: text(), name: "x" }.into(),
            Error::TooDeep(64),
            HomeError::NoFolder.into(),
            HomeError::Io { path: "p".into(), source: io() }.into(),
            HomeError::CannotWrite { path: "p".into(), source: io() }.into(),
            HomeError::NoLocks { path: "p".into(), source: io() }.into(),
            HomeError::DamagedKey("p".into()).into(),
            HomeError::DamagedRoot("p".into()).into(),
            HomeError::Settings { path: "p".into(), why: text() }.into(),
            HomeError::OtherMachine("p".into()).into(),
            HomeError::Random.into(),
            StoreError::Newer { path: "p".into(), found: 2, known: 1 }.into(),
            StoreError::NotAStore("p".into()).into(),
            StoreError::Io { path: "p".into(), source: io() }.into(),
            StoreError::Damaged { path: "p".into(), text: text() }.into(),
            StoreError::Busy("p".into()).into(),
            StoreError::CannotWrite { path: "p".into(), source: io() }.into(),
            StoreError::TooLarge { path: "p".into(), limit: 1024 }.into(),
            StoreError::Database { path: "p".into(), source: rusqlite::Error::InvalidQuery }.into(),
            ImportError::StrongerStored.into(),
            ImportError::NoLicenseInPublication.into(),
            ImportError::NoLicenseInArchive.into(),
            ImportError::UnreadablePackage(Warning::NoDirectory).into(),
            ImportError::UnpackRequired(Warning::ArchiveTooLarge).into(),
            ImportError::UnsupportedArchive.into(),
            ImportError::AdobeVoucher.into(),
            ImportError::OtherSystem(text()).into(),
            ServiceError::Address { url: text(), why: AddressFault::Form }.into(),
            ServiceError::PrivateAddress { url: text() }.into(),
            ServiceError::Unreachable { url: text(), fault: ConnectionFault::TimedOut { seconds: 2 } }.into(),
            ServiceError::BadAnswer { url: text(), why: text() }.into(),
            ServiceError::Refused(JwsError::Signature).into(),
            ServiceError::NotPinned(text()).into(),
            ServiceError::NotRegistered(text()).into(),
            ServiceError::OtherIssuer { url: text(), expected: text(), found: text() }.into(),
            ServiceError::Cancelled.into(),
            Error::Busy,
            Error::Cancelled,
            RestorerError::NoPath("BackupPath").into(),
            RestorerError::NoCallback.into(),
            RestorerError::UnknownProperty(text()).into(),
            RestorerError::BackupExists.into(),
            RestorerError::NoSuchSet { set: text(), there: text() }.into(),
            RestorerError::SeveralSets(text()).into(),
            RestorerError::NoSuchLicense(text()).into(),
            RestorerError::BackupGone { location: text(), generation: 1, at: 0 }.into(),
            RestorerError::NothingToBackUp.into(),
            RestorerError::LocationName("p".into()).into(),
            RestorerError::NoOwnSet("p".into()).into(),
            RestorerError::LicensesLost(1).into(),
            RestorerError::NotReadBack(0).into(),
            RestorerError::NothingReadBack("p".into()).into(),
            RestorerError::ForgetDamaged(text()).into(),
            RestorerError::NoPassphraseFile("p".into()).into(),
            RestorerError::PassphraseFile { path: "p".into(), file: "f".into(), source: io() }.into(),
            RestorerError::Thread(text()).into(),
            RestorerError::Defect.into(),
        ];
        errors.extend(ProblemCode::ALL.map(|code| {
            let problem = Box::new(code.problem("detail", "help"));
            Error::from(ServiceError::Problem { name: text(), problem })
        }));
        let mut unknown = ProblemCode::Busy.problem("detail", "help");
        unknown.problem_type = "urn:restow:problem:unknown".to_owned();
        errors.push(ServiceError::Problem { name: text(), problem: Box::new(unknown) }.into());
        let mut released = ProblemCode::UnknownComputer.problem("detail", "help");
        released.released_at = Some(0);
        errors.push(ServiceError::Problem { name: text(), problem: Box::new(released) }.into());
        errors.extend(usage_errors().map(Error::from));
        errors.extend(provider_errors().into_iter().map(Error::from));
        errors.extend(put_back_errors().map(Error::from));
        errors
    }

    fn usage_errors() -> impl Iterator<Item = UseDenied> {
        [ContentRef::Key(KeyId::Uuid([7; 16])), ContentRef::Title(text())].into_iter().flat_map(|content| {
            let content = || content.clone();
            [
                UseDenied::NoLicense(content()),
                UseDenied::NotGranted { content: content(), right: Right::PLAY },
                UseDenied::UsedUp { content: content(), right: Right::PLAY },
                UseDenied::NotYetValid { content: content(), from: 0, needs_service: true },
                UseDenied::Expired { content: content(), since: 0 },
                UseDenied::Unknown { content: content(), right: Right::PLAY },
                UseDenied::Revoked { content: content(), reason: text() },
                UseDenied::EndedByProvider { content: content(), outcome: Outcome::Returned },
                UseDenied::NotImported { content: content(), path: "p".into() },
                UseDenied::EmbeddedDamaged(content()),
                UseDenied::InvalidSignature { content: content(), why: InvalidSignature::Base64("x") },
                UseDenied::NotGrantedHere { content: content(), status: LicenseStatus::Pending },
                UseDenied::ReportRequired { content: content(), count: 1 },
            ]
        })
    }

    fn provider_errors() -> Vec<ProviderError> {
        let mut errors = vec![
            ProviderError::Address { url: text(), why: AddressFault::Form },
            ProviderError::NotAllowed { origin: text() },
            ProviderError::PrivateAddress { url: text() },
            ProviderError::Unreachable { url: text(), fault: ConnectionFault::TimedOut { seconds: 1 } },
            ProviderError::Unreachable { url: text(), fault: ConnectionFault::Proxy(text()) },
            ProviderError::Busy { origin: text(), problem: ProviderProblem::from_response(503, b""), pause: Some(61) },
            ProviderError::Busy { origin: text(), problem: ProviderProblem::from_response(503, b""), pause: None },
            ProviderError::GivenUp { origin: text() },
            ProviderError::NoStatus { url: text(), fault: DocumentError::CutOff },
            ProviderError::OtherLicense { url: text() },
            ProviderError::Template { url: text(), why: TemplateError::Brace },
            ProviderError::NoStatusLink { license: text() },
            ProviderError::NotSigned { license: text() },
            ProviderError::OutOfTime { license: text() },
            ProviderError::RenewPast { until: 0 },
            ProviderError::NoRenew { license: text() },
            ProviderError::NoReturn { license: text() },
            ProviderError::RenewPage { license: text(), url: text() },
            ProviderError::ReturnPage { license: text(), url: text() },
            ProviderError::LongLink { license: text(), limit: 1 },
            ProviderError::NotDone { license: text() },
            ProviderError::Cancelled,
        ];
        let not_taken = [
            RejectedUpdate::NoLicense,
            RejectedUpdate::OtherLicense,
            RejectedUpdate::WeakerSignature,
            RejectedUpdate::Older,
            RejectedUpdate::OutOfMemory,
        ];
        let tls = [
            TlsFault::UnknownIssuer,
            TlsFault::Expired,
            TlsFault::NotYetValid,
            TlsFault::OtherName,
            TlsFault::Revoked,
            TlsFault::NotSpoken,
            TlsFault::NothingInCommon,
            TlsFault::Other(text()),
        ];
        errors.extend(tls.map(|fault| ProviderError::Unreachable { url: text(), fault: ConnectionFault::Tls(fault) }));
        let answers = [
            AnswerFault::TooLarge(1),
            AnswerFault::Redirects(5),
            AnswerFault::Compressed(text()),
            AnswerFault::Protocol(text()),
            AnswerFault::Other(text()),
        ];
        errors.extend(answers.map(|fault| ProviderError::BadAnswer { url: text(), fault }));
        let links = [RejectedLink::Missing, RejectedLink::MediaType(text()), RejectedLink::Profile(text())];
        errors.extend(links.map(|why| ProviderError::NoLicenseLink { license: text(), why }));
        errors.extend(not_taken.map(|why| ProviderError::RejectedUpdate { url: text(), why }));
        let statuses = [LcpStatus::Revoked, LcpStatus::Returned, LcpStatus::Cancelled, LcpStatus::Expired];
        errors.extend(statuses.map(|status| ProviderError::Ended { license: text(), status }));
        errors.extend(ProblemKind::ALL.map(|kind| {
            let problem = ProviderProblem::from_response(400, format!(r#"{{"type":"{}"}}"#, kind.uri()).as_bytes());
            ProviderError::Problem { origin: text(), problem }
        }));
        errors
    }

    fn put_back_errors() -> impl Iterator<Item = PutBackError> {
        [
            PutBackError::OtherLicense,
            ConflictKind::StoredLicense.into(),
            ConflictKind::UnreadableLicense.into(),
            ConflictKind::UndecidedVersion.into(),
            PutBackError::NotProtected,
            PutBackError::BetterPresent,
            PutBackError::ReadOnly,
            PutBackError::Changed,
            PutBackError::NotAsWritten,
            PutBackError::NoFolder,
            PutBackError::NoLicenseKnown,
            PutBackError::NotAFolder,
            PutBackError::NotUsable,
            PutBackError::OtherKind,
            PutBackError::HardLinks(2),
            PutBackError::Link,
            PutBackError::Locked,
            PutBackError::Access { source: io() },
            PutBackError::Attribute { name: text(), source: io() },
            PutBackError::InvalidLicense,
            PutBackError::NoneUsable,
            PutBackError::BetterBeside,
            PutBackError::EncryptionLost,
            PutBackError::NotAgreed,
            DownloadError::NoLink.into(),
            DownloadError::InvalidLicense.into(),
            DownloadError::NoHash.into(),
            DownloadError::NotAgreed.into(),
            DownloadError::Address(text()).into(),
            DownloadError::TooLarge { stated: 2, limit: 1 }.into(),
            DownloadError::Unreachable { host: text(), source: io() }.into(),
            DownloadError::Status { host: text(), status: 500 }.into(),
            DownloadError::Redirects { host: text(), limit: 5 }.into(),
            DownloadError::TooLong(1).into(),
            DownloadError::Length { stated: 2, found: 1 }.into(),
            DownloadError::Hash.into(),
            DownloadError::NotAPublication.into(),
        ]
        .into_iter()
    }

    /// Messages without an error type, with the values that each of them has.
    fn other_messages() -> Vec<Message> {
        let with = |code, values: &[&'static str]| {
            values.iter().fold(Message::new(&TEXTS, code), |message, name| message.with(name, 2))
        };
        let mut messages = vec![
            with("needs-adopt", &[]),
            with("kind-unknown", &["number"]),
            with("record-not-of-document", &[]),
            with("not-certified-unknown", &[]),
            with("generation-newer", &["set", "generation"]),
            with("generation-unread", &["set", "generation"]),
            with("older-state", &["set", "wrote", "found"]),
            with("set-gone", &["set", "wrote"]),
            with("location-same-disk", &[]),
            with("location-in-memory", &[]),
            with("location-disk-unknown", &[]),
            with("not-registered-any-more", &["service"]),
            with("left-out-issuers", &["count"]),
            with("backup-files-repaired", &["count"]),
            with("drive-cannot-sync", &[]),
            with("generation-rewritten", &["generation"]),
            with("provider-too-many", &["count"]),
            with("provider-no-time", &["origin", "count"]),
            with("provider-left-alone", &["origin", "count"]),
        ];
        let with_cause = [
            with("provider-not-asked", &["count"]),
            with("not-accepted", &["license"]),
            with("not-certified", &[]),
            with("put-not-scanned", &[]),
            with("left-out-license", &["license"]),
            with("left-out-titles", &["license"]),
            with("left-out-facts", &["license"]),
            with("left-out-missing", &["license"]),
            with("left-out-counter", &["license"]),
            with("left-out-statement", &["issuer"]),
            with("left-out-sunset-key", &["issuer"]),
            with("left-out-content-key", &["key", "issuer"]),
        ];
        messages.extend(with_cause.map(|message| message.with_cause(&io())));
        messages
    }

    fn restore_results() -> Vec<Message> {
        let mut results = vec![
            Message::new(&TEXTS, "restored-in-part").with("count", 1),
            Message::new(&TEXTS, "restored-but-refused").with("count", 2),
            Message::new(&TEXTS, "backup-newer-format").with_id("newer-generation-unknown"),
            Message::new(&TEXTS, "other-machine").with_id("restore-other-machine"),
            Message::new(&TEXTS, "backup-damaged").with_id("restore-damaged"),
            Message::new(&TEXTS, "private-address").with_id("restore-private-address"),
            Message::new(&TEXTS, "service-unreachable").with_id("restore-unreachable"),
        ];
        let codes = [
            "newer-generation-damaged",
            "restore-refused",
            "restore-expired",
            "restore-revoked",
            "needs-individualization",
        ];
        results.extend(codes.map(|code| Message::new(&TEXTS, code)));
        results
    }

    #[test]
    fn each_message_has_texts_and_result() {
        let errors = errors();
        let mut samples: Vec<Message> = errors.iter().map(Message::from).collect();
        for (error, message) in errors.iter().zip(&samples) {
            // The result of these depends on more than the code.
            let is_local = matches!(
                error,
                Error::File { .. } | Error::Unwritable { .. } | Error::UseDenied(UseDenied::EndedByProvider { .. })
            );
            assert!(is_local || Hresult::find_code(message.code).is_some(), "{}", message.code);
            assert!(!error.help().is_empty(), "{}", message.code);
        }
        let results = restore_results();
        assert!(results.iter().all(|message| Hresult::find_code(message.code).is_some()));
        samples.extend(results);
        let put_back_warnings = [PutBackWarning::DateLost { source: io() }, PutBackWarning::NotSynced { source: io() }];
        samples.extend(put_back_warnings.iter().map(Message::from));
        samples.extend(other_messages());
        assert_eq!(Message::find_defects(&TEXTS, &samples), Vec::<String>::new());
    }
}
