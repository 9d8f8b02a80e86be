//! The numbers Windows Media programs know: one type, one constant per code in use.

use std::fmt;

/// A Windows result code, printed as `0x` and eight upper-case hex digits.
///
/// Sources: the public `nserror.h`, `winerror.h` and \[MS-ERREF\].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hresult(pub u32);

impl Hresult {
    /// True for codes without the failure bit.
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
    S_OK = 0, "Done.";
    E_FAIL = 0x8000_4005, "Failed, without a better word.";
    E_INVALIDARG = 0x8007_0057, "An argument is wrong or missing.";
    E_ACCESSDENIED = 0x8007_0005, "The file system denied access.";
    NS_E_INVALID_NAME = 0xC00D_001C, "No such file.";
    NS_E_DRM_LICENSE_STORE_ERROR = 0xC00D_2712, "The license store cannot be used.";
    NS_E_DRM_LICENSE_STORE_SAVE_ERROR = 0xC00D_2714, "The license store cannot be written.";
    NS_E_DRM_INVALID_LICENSE = 0xC00D_2718, "The license is not valid.";
    NS_E_DRM_INVALID_MACHINE = 0xC00D_2719, "These licenses belong to another machine.";
    NS_E_DRM_NO_RIGHTS = 0xC00D_2720, "No license gives this right.";
    NS_E_DRM_NEEDS_INDIVIDUALIZATION = 0xC00D_2728, "The computer must be registered first.";
    NS_E_BACKUP_RESTORE_FAILURE = 0xC00D_272D, "Backup or restore failed.";
    NS_E_DRM_UNABLE_TO_CREATE_BACKUP_OBJECT = 0xC00D_2735, "The backup restorer cannot be made.";
    NS_E_DRM_BACKUP_EXISTS = 0xC00D_2742, "A backup is already at that location.";
    NS_E_DRM_BACKUP_CORRUPT = 0xC00D_2743, "Backed-up licenses are missing or damaged.";
    NS_E_DRM_BACKUPRESTORE_BUSY = 0xC00D_2744, "Another backup or restore is running.";
    NS_E_BACKUP_RESTORE_BAD_DATA = 0xC00D_2745, "The service was sent bad data.";
    NS_E_DRM_LICENSE_UNUSABLE = 0xC00D_2748, "The license cannot be used (revoked, returned, cancelled).";
    NS_E_DRM_INVALID_PROPERTY = 0xC00D_2749, "A property that is needed was not set.";
    NS_E_DRM_RESTORE_FRAUD = 0xC00D_2753, "These licenses may not be restored here.";
    NS_E_DRM_LICENSE_NOTACQUIRED = 0xC00D_2759, "The license was not acquired.";
    NS_E_DRM_ERROR_BAD_NET_RESP = 0xC00D_275E, "The service gave an answer that cannot be used.";
    NS_E_DRM_STORE_NOTALLSTORED = 0xC00D_275F, "Some licenses were restored and some were not.";
    NS_E_DRM_NOT_CONFIGURED = 0xC00D_2764, "Not everything needed was set.";
    NS_E_DRM_OPERATION_CANCELED = 0xC00D_2768, "Cancelled.";
    NS_E_DRM_DATASTORE_CORRUPT = 0xC00D_2783, "The store is damaged.";
    NS_E_DRM_LICENSE_EXPIRED = 0xC00D_27D8, "The license has expired.";
    NS_E_DRM_LICENSE_NOTENABLED = 0xC00D_27D9, "The license is not valid yet.";
    NS_E_DRM_STORE_NOTALLOWED = 0xC00D_27DC, "This document cannot be stored here.";
    NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE = 0xC00D_2846, "The License Management Service cannot be reached.";
    NS_E_DRM_INVALID_KID = 0xC00D_2849, "Not a key ID.";
    NS_E_WMPBR_DRIVE_INVALID = 0xC00D_1137, "That location cannot be used.";
}

#[cfg(test)]
mod tests {
    use super::Hresult;

    #[test]
    fn prints_as_windows_does() {
        assert_eq!(Hresult::NS_E_DRM_OPERATION_CANCELED.to_string(), "0xC00D2768");
        assert!(Hresult::S_OK.is_ok());
        assert!(!Hresult::E_FAIL.is_ok());
    }
}
