//! Windows result codes: one type, and one constant for each code that Restow returns.

use std::fmt;

/// Windows result code. `Display` prints `0x` and eight upper-case hexadecimal digits.
///
/// Sources: the public `nserror.h`, `winerror.h` and \[MS-ERREF\].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Hresult(
    /// Bits of the code. The highest bit is set for failures.
    pub u32,
);

impl Hresult {
    /// Returns true for a code without the failure bit.
    #[must_use]
    pub const fn is_ok(self) -> bool {
        self.0 & 0x8000_0000 == 0
    }
}

impl fmt::Display for Hresult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:08X}", self.0)
    }
}

impl fmt::Debug for Hresult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! codes {
    ($($name:ident = $value:literal, $doc:literal;)*) => {
        impl Hresult {
            $(#[doc = $doc] pub const $name: Hresult = Hresult($value);)*
        }
    };
}

codes! {
    S_OK = 0, "Success.";
    E_FAIL = 0x8000_4005, "Failure without a more specific code.";
    E_INVALIDARG = 0x8007_0057, "Wrong or missing argument.";
    E_ACCESSDENIED = 0x8007_0005, "Access denied by the file system.";
    NS_E_INVALID_NAME = 0xC00D_001C, "File not found.";
    NS_E_DRM_LICENSE_STORE_ERROR = 0xC00D_2712, "Unusable license store.";
    NS_E_DRM_LICENSE_STORE_SAVE_ERROR = 0xC00D_2714, "License store that cannot be written.";
    NS_E_DRM_INVALID_LICENSE = 0xC00D_2718, "Invalid license.";
    NS_E_DRM_INVALID_MACHINE = 0xC00D_2719, "Licenses of another machine.";
    NS_E_DRM_NO_RIGHTS = 0xC00D_2720, "No license grants this right.";
    NS_E_DRM_NEEDS_INDIVIDUALIZATION = 0xC00D_2728, "Computer that must be registered first.";
    NS_E_BACKUP_RESTORE_FAILURE = 0xC00D_272D, "Failed backup or restore.";
    NS_E_DRM_UNABLE_TO_CREATE_BACKUP_OBJECT = 0xC00D_2735, "Backup restorer that cannot be created.";
    NS_E_DRM_BACKUP_EXISTS = 0xC00D_2742, "Existing backup at the location.";
    NS_E_DRM_BACKUP_CORRUPT = 0xC00D_2743, "Missing or damaged licenses in a backup.";
    NS_E_DRM_BACKUPRESTORE_BUSY = 0xC00D_2744, "Another running backup or restore.";
    NS_E_BACKUP_RESTORE_BAD_DATA = 0xC00D_2745, "Bad data sent to the service.";
    NS_E_DRM_LICENSE_UNUSABLE = 0xC00D_2748, "Revoked, returned or cancelled license.";
    NS_E_DRM_INVALID_PROPERTY = 0xC00D_2749, "Required property that was not set.";
    NS_E_DRM_RESTORE_FRAUD = 0xC00D_2753, "Licenses that may not be restored to this computer.";
    NS_E_DRM_LICENSE_NOTACQUIRED = 0xC00D_2759, "License that was not acquired.";
    NS_E_DRM_ERROR_BAD_NET_RESP = 0xC00D_275E, "Unusable answer of the service.";
    NS_E_DRM_STORE_NOTALLSTORED = 0xC00D_275F, "Partial restore: some licenses were not restored.";
    NS_E_DRM_NOT_CONFIGURED = 0xC00D_2764, "Incomplete configuration.";
    NS_E_DRM_OPERATION_CANCELED = 0xC00D_2768, "Cancelled operation.";
    NS_E_DRM_DATASTORE_CORRUPT = 0xC00D_2783, "Damaged store.";
    NS_E_DRM_LICENSE_EXPIRED = 0xC00D_27D8, "Expired license.";
    NS_E_DRM_LICENSE_NOTENABLED = 0xC00D_27D9, "License that is not valid yet.";
    NS_E_DRM_STORE_NOTALLOWED = 0xC00D_27DC, "Document that cannot be stored.";
    NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE = 0xC00D_2846, "Unreachable License Management Service.";
    NS_E_DRM_INVALID_KID = 0xC00D_2849, "Malformed key ID.";
    NS_E_WMPBR_DRIVE_INVALID = 0xC00D_1137, "Unusable location.";
}

impl Hresult {
    /// Returns the result code of an error code, or `E_FAIL` for a code that is not in the table.
    ///
    /// The table has each error of the libraries that the user can meet as the result of an operation. Result codes
    /// that depend on more than the code are in the methods `hresult` of the errors.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        Self::find_code(code).unwrap_or(Self::E_FAIL)
    }

    /// Returns the result code of an error code, or `None` for a code that is not in the table.
    #[must_use]
    pub fn find_code(code: &str) -> Option<Self> {
        Some(match code {
            "cancelled" => Self::NS_E_DRM_OPERATION_CANCELED,
            "busy" | "store-busy" | "change-limit" => Self::NS_E_DRM_BACKUPRESTORE_BUSY,

            // The home and its store.
            "home-no-folder" | "home-unusable" | "home-no-locks" | "home-key-damaged" | "home-root-damaged" => {
                Self::NS_E_DRM_LICENSE_STORE_ERROR
            }
            "home-settings" => Self::NS_E_DRM_NOT_CONFIGURED,
            "other-machine" => Self::NS_E_DRM_INVALID_MACHINE,
            "no-randomness" => Self::E_FAIL,
            "store-newer" | "store-not-a-store" | "store-unusable" | "store-too-large" | "store-failed" => {
                Self::NS_E_DRM_LICENSE_STORE_ERROR
            }
            "store-damaged" => Self::NS_E_DRM_DATASTORE_CORRUPT,
            "home-cannot-write" | "store-cannot-write" => Self::NS_E_DRM_LICENSE_STORE_SAVE_ERROR,

            // Documents and certificates.
            "license-key-in-clear" => Self::NS_E_DRM_STORE_NOTALLOWED,
            "license-too-large"
            | "license-unknown-kind"
            | "license-malformed"
            | "license-not-accepted"
            | "license-unknown-issuer"
            | "license-status-document"
            | "license-better-here"
            | "license-none-inside"
            | "license-none-in-archive"
            | "license-package"
            | "license-unpack-first"
            | "license-other-archive"
            | "license-adobe-voucher"
            | "license-other-system" => Self::NS_E_DRM_INVALID_LICENSE,
            "root-no-certificate" | "root-not-an-authority" | "root-unreliable" | "root-distrusted" => {
                Self::E_INVALIDARG
            }
            "root-other-certificate" | "authority-other" => Self::NS_E_DRM_INVALID_LICENSE,
            "authority-address" | "authority-unreachable" | "authority-status" => Self::E_FAIL,
            "root-too-many" | "root-no-such" => Self::E_INVALIDARG,

            // Use of a license.
            "no-license" | "not-imported" | "license-inside-broken" | "not-here" => Self::NS_E_DRM_LICENSE_NOTACQUIRED,
            "not-granted" | "right-unknown" | "used-up" | "report-first" => Self::NS_E_DRM_NO_RIGHTS,
            "not-yet-valid" => Self::NS_E_DRM_LICENSE_NOTENABLED,
            "expired" => Self::NS_E_DRM_LICENSE_EXPIRED,
            "revoked" | "license-not-valid" => Self::NS_E_DRM_LICENSE_UNUSABLE,

            // Services.
            "service-address" => Self::E_INVALIDARG,
            "service-private-address" | "service-unreachable" | "service-busy" | "internal" | "clock" => {
                Self::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE
            }
            "service-bad-answer" | "service-statement-refused" | "service-other-issuer" | "service-problem" => {
                Self::NS_E_DRM_ERROR_BAD_NET_RESP
            }
            "wrong-issuer" | "key-reused" => Self::NS_E_DRM_ERROR_BAD_NET_RESP,
            "service-not-added" | "not-registered" | "unknown-computer" | "computer-released" => {
                Self::NS_E_DRM_NEEDS_INDIVIDUALIZATION
            }
            "malformed" | "bad-signature" | "too-large" => Self::NS_E_BACKUP_RESTORE_BAD_DATA,
            "not-allowed" | "restore-key-withdrawn" | "too-many-computers" | "not-yours" | "release-limit" => {
                Self::NS_E_DRM_RESTORE_FRAUD
            }
            "link-used" | "link-expired" | "link-withdrawn" => Self::NS_E_DRM_LICENSE_NOTACQUIRED,

            // Providers of LCP licenses.
            "provider-address" | "provider-renew-past" => Self::E_INVALIDARG,
            "provider-not-allowed" => Self::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
            "provider-private-address" | "provider-unreachable" | "provider-busy" | "provider-given-up" => {
                Self::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE
            }
            "provider-ended" | "provider-not-signed" => Self::NS_E_DRM_LICENSE_UNUSABLE,
            "provider-bad-answer"
            | "provider-no-status"
            | "provider-other-license"
            | "provider-template"
            | "provider-no-status-link"
            | "provider-not-taken"
            | "provider-out-of-time"
            | "provider-no-renew"
            | "provider-no-return"
            | "provider-renew-page"
            | "provider-return-page"
            | "provider-long-link"
            | "provider-no-license-link"
            | "provider-not-done" => Self::NS_E_DRM_ERROR_BAD_NET_RESP,
            "provider-registration"
            | "provider-renew"
            | "provider-renew-date"
            | "provider-return"
            | "provider-return-already"
            | "provider-return-expired"
            | "provider-server"
            | "provider-problem" => Self::NS_E_DRM_ERROR_BAD_NET_RESP,

            // Runs, and locations of backups.
            "no-path" => Self::NS_E_DRM_INVALID_PROPERTY,
            "no-callback" | "unknown-property" => Self::E_INVALIDARG,
            "no-thread" | "too-deep" => Self::E_FAIL,
            "defect" => Self::NS_E_BACKUP_RESTORE_FAILURE,
            "no-passphrase-file" | "passphrase-file-unreadable" => Self::NS_E_DRM_NOT_CONFIGURED,
            "backup-gone" | "backup-location-name" => Self::NS_E_WMPBR_DRIVE_INVALID,
            "backup-nothing" => Self::NS_E_DRM_LICENSE_NOTACQUIRED,
            "backup-nothing-read-back" => Self::NS_E_DRM_BACKUP_CORRUPT,
            "backup-licenses-lost" | "backup-not-read-back" => Self::NS_E_DRM_STORE_NOTALLSTORED,
            "backup-exists" => Self::NS_E_DRM_BACKUP_EXISTS,
            "backup-location-missing"
            | "backup-not-a-folder"
            | "backup-symbolic-link"
            | "backup-read-only"
            | "backup-disk-full"
            | "backup-read-failed"
            | "backup-write-failed" => Self::NS_E_WMPBR_DRIVE_INVALID,
            "backup-access-denied" => Self::E_ACCESSDENIED,
            // docs/wmformat.md: a backup set that is missing or was tampered with.
            "backup-none-here"
            | "backup-damaged"
            | "backup-no-such-set"
            | "backup-no-such-generation"
            | "backup-too-much"
            | "no-such-set"
            | "several-sets"
            | "backup-no-own-set"
            | "backup-no-such-license" => Self::NS_E_DRM_BACKUP_CORRUPT,
            "backup-newer-format" | "backup-forget-damaged" | "backup-record-refused" | "backup-writer-stopped" => {
                Self::NS_E_BACKUP_RESTORE_FAILURE
            }

            // Results of a restore.
            "restored-in-part" | "restored-but-refused" => Self::NS_E_DRM_STORE_NOTALLSTORED,
            "newer-generation-damaged" => Self::NS_E_DRM_BACKUP_CORRUPT,
            "restore-refused" => Self::NS_E_DRM_RESTORE_FRAUD,
            "restore-expired" => Self::NS_E_DRM_LICENSE_EXPIRED,
            "restore-revoked" => Self::NS_E_DRM_LICENSE_UNUSABLE,
            "needs-individualization" => Self::NS_E_DRM_NEEDS_INDIVIDUALIZATION,
            "private-address" => Self::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE,

            // A License Management Service, and the terms of its licenses.
            "service-already-initialized"
            | "service-unfinished"
            | "service-not-initialized"
            | "service-file"
            | "service-file-malformed"
            | "service-setting"
            | "service-database"
            | "service-database-too-new"
            | "service-no-root"
            | "service-keys-full"
            | "service-in-use"
            | "service-listen"
            | "service-system" => Self::E_FAIL,
            _ if code.starts_with("terms-") => Self::E_INVALIDARG,

            // Licenses that are put back into publications.
            "put-not-usable" | "put-invalid" | "put-none-usable" | "put-other-kind" | "fetch-invalid-license" => {
                Self::NS_E_DRM_INVALID_LICENSE
            }
            "put-read-only" | "put-locked" | "put-access" | "put-attribute" => Self::E_ACCESSDENIED,
            "put-no-folder" | "put-not-a-folder" => Self::E_INVALIDARG,
            _ if code.starts_with("put-") || code.starts_with("fetch-") => Self::E_FAIL,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Hresult;

    #[test]
    fn display_is_upper_case_hexadecimal() {
        assert_eq!(Hresult::NS_E_DRM_OPERATION_CANCELED.to_string(), "0xC00D2768");
        assert!(Hresult::S_OK.is_ok());
        assert!(!Hresult::E_FAIL.is_ok());
    }
}
