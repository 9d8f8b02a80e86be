//! Windows result codes: one type, and one constant for each code that Restow returns.

use std::fmt;

/// Windows result code. `Display` prints `0x` and eight upper-case hexadecimal digits.
///
/// Sources: the public `nserror.h`, `winerror.h` and \[MS-ERREF\].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
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
