//! Errors of the command itself, with their stable codes and texts.

use restow::Message;
use restow_core::texts::Texts;

static TEXTS: Texts = Texts::new(include_str!("../i18n/en/errors.ftl"), include_str!("../i18n/de/errors.ftl"));

restow_core::named_enum! {
    /// Error of the command itself. Its code is the ID of its text.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(crate) enum CommandError {
        Usage = "usage",
        UsageCommand = "usage-command",
        UsageUnknown = "usage-unknown",
        UsageMissing = "usage-missing",
        UsageMissingTerms = "usage-missing-terms",
        UsageValue = "usage-value",
        UsageNoValue = "usage-no-value",
        UsageConflict = "usage-conflict",
        UsageRight = "usage-right",
        UsageUseLicense = "usage-use-license",
        UsageCount = "usage-count",
        ExportIntoBackup = "export-into-backup",
        NeedsYes = "needs-yes",
        UnknownAuthority = "unknown-authority",
        KeyId = "key-id",
        HomeAFile = "home-a-file",
        Output = "output",
        Unreadable = "unreadable",
        NothingScanned = "nothing-scanned",
        Random = "random",
        NothingImported = "nothing-imported",
        ExportEmpty = "export-empty",
        ShowNothing = "show-nothing",
        NoSuchLicense = "no-such-license",
        LicenseAmbiguous = "license-ambiguous",
        LastCopy = "last-copy",
        LastCopyUnseen = "last-copy-unseen",
        NothingAcquired = "nothing-acquired",
        NoKeyId = "no-key-id",
        AcquireLcp = "acquire-lcp",
        AcquireWhat = "acquire-what",
        NoSuchProvider = "no-such-provider",
        RestoreEmpty = "restore-empty",
        RestoreNoneOf = "restore-none-of",
        NoSuchBackup = "no-such-backup",
        Damaged = "damaged",
        DamagedKnown = "damaged-known",
        OlderState = "older-state",
        NoService = "no-service",
        WhichService = "which-service",
        NoSuchService = "no-such-service",
        NoConsentService = "no-consent-service",
        NoConsentRegister = "no-consent-register",
        WhichComputer = "which-computer",
        NoSuchComputer = "no-such-computer",
        NothingToRefuse = "nothing-to-refuse",
        RightTwice = "right-twice",
        TermsNumber = "terms-number",
        Terms = "terms",
        TermsJson = "terms-json",
        TermsMissing = "terms-missing",
        TermsUnknown = "terms-unknown",
        TermsShape = "terms-shape",
        TermsList = "terms-list",
        NoOperator = "no-operator",
        NoApiKey = "no-api-key",
        AdminKey = "admin-key",
        AdminNotThere = "admin-not-there",
        AdminBusy = "admin-busy",
        AdminAddress = "admin-address",
        AdminUnreachable = "admin-unreachable",
        AdminAnswer = "admin-answer",
        AdminProblem = "admin-problem",
        AdminNoneSuch = "admin-none-such",
        AdminSeveral = "admin-several",
        AdminLinkUsed = "admin-link-used",
        IdTooShort = "id-too-short",
        Demo = "demo",
        DemoFolder = "demo-folder",
    }
}

impl From<CommandError> for Message {
    fn from(error: CommandError) -> Self {
        Self::new(&TEXTS, error.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use restow::Language;

    use super::{CommandError, TEXTS};

    #[test]
    fn each_error_has_text_and_help() {
        let ids: BTreeSet<String> = TEXTS.variables(Language::English).unwrap().into_keys().collect();
        let codes = CommandError::ALL.iter().map(|error| error.as_str());
        let expected = codes.flat_map(|code| [code.to_owned(), format!("{code}.help")]).collect();
        assert_eq!(ids, expected);
        assert_eq!(TEXTS.differences().unwrap(), Vec::<String>::new());
    }
}
