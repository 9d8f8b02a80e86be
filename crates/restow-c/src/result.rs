//! Numbers of results, flags and events. The header needs literals; a test compares them with the library.

use std::ffi::c_char;

/// Success.
pub const RESTOW_OK: i32 = 0;
/// An argument is null and must not be, is not UTF-8, or has an invalid value.
pub const RESTOW_E_INVALIDARG: i32 = 0x8007_0057_u32 as i32;
/// The file or folder does not exist.
pub const RESTOW_E_NO_FILE: i32 = 0xC00D_001C_u32 as i32;
/// The home cannot be opened, read or written.
pub const RESTOW_E_HOME: i32 = 0xC00D_2712_u32 as i32;
/// The home was copied from another machine: restore a backup instead.
pub const RESTOW_E_OTHER_MACHINE: i32 = 0xC00D_2719_u32 as i32;
/// The home has no license for this key ID, or this computer was granted none.
pub const RESTOW_E_NO_LICENSE: i32 = 0xC00D_2759_u32 as i32;
/// No license gives this right, or all its uses are used up.
pub const RESTOW_E_NO_RIGHTS: i32 = 0xC00D_2720_u32 as i32;
/// The license has expired.
pub const RESTOW_E_EXPIRED: i32 = 0xC00D_27D8_u32 as i32;
/// The license is not valid yet.
pub const RESTOW_E_NOT_YET_VALID: i32 = 0xC00D_27D9_u32 as i32;
/// The license was revoked, returned or cancelled.
pub const RESTOW_E_UNUSABLE: i32 = 0xC00D_2748_u32 as i32;
/// The document is not a license that can be stored.
pub const RESTOW_E_INVALID_LICENSE: i32 = 0xC00D_2718_u32 as i32;
/// No location is set.
pub const RESTOW_E_NO_LOCATION: i32 = 0xC00D_2749_u32 as i32;
/// The location cannot be used. Code `backup-gone`: the backup of this computer is missing there.
pub const RESTOW_E_LOCATION: i32 = 0xC00D_1137_u32 as i32;
/// The system does not let this program read or write there.
pub const RESTOW_E_ACCESS_DENIED: i32 = 0x8007_0005_u32 as i32;
/// The backup is encrypted and no file with its passphrase can be read. The help names the setting.
pub const RESTOW_E_NOT_CONFIGURED: i32 = 0xC00D_2764_u32 as i32;
/// Another backup or restore is running.
pub const RESTOW_E_BUSY: i32 = 0xC00D_2744_u32 as i32;
/// The location already has a backup of this computer, and `RESTOW_BACKUP_OVERWRITE` is not set.
pub const RESTOW_E_BACKUP_EXISTS: i32 = 0xC00D_2742_u32 as i32;
/// There is no backup, or the backup is damaged.
pub const RESTOW_E_BACKUP_CORRUPT: i32 = 0xC00D_2743_u32 as i32;
/// This computer must be registered with a service: ask the user, then restore with
/// `RESTOW_RESTORE_INDIVIDUALIZE`.
pub const RESTOW_E_NEEDS_INDIVIDUALIZATION: i32 = 0xC00D_2728_u32 as i32;
/// The licenses may not be restored to this computer, for example because the limit of computers is reached.
pub const RESTOW_E_RESTORE_FRAUD: i32 = 0xC00D_2753_u32 as i32;
/// A service cannot be reached. Codes `private-address` and `service-private-address`: its user must add the
/// service, because its address is private.
pub const RESTOW_E_SERVICE_UNAVAILABLE: i32 = 0xC00D_2846_u32 as i32;
/// The answer of a service cannot be used.
pub const RESTOW_E_BAD_ANSWER: i32 = 0xC00D_275E_u32 as i32;
/// Only some licenses were restored. Of a backup: licenses are damaged there and not on this computer, or the
/// drive does not return what was written.
pub const RESTOW_E_NOT_ALL_STORED: i32 = 0xC00D_275F_u32 as i32;
/// The operation was cancelled.
pub const RESTOW_E_CANCELED: i32 = 0xC00D_2768_u32 as i32;

/// Reading and writing begins.
pub const RESTOW_STATUS_BEGIN: i32 = 21;
/// A service must be contacted, and the user has not consented to register this computer there:
/// `restow_event_service`, `_origin`, `_fingerprint`. No data was sent.
pub const RESTOW_STATUS_NEEDS_INDIVIDUALIZATION: i32 = 25;
/// The run has ended: `restow_event_hresult`, `_summary`, and after a failure `_code`, `_message`, `_help`.
/// `restow_event_license` has the licenses that were not restored. Exactly once, and last.
pub const RESTOW_STATUS_END: i32 = 27;
/// Contact with a service begins: `restow_event_service`.
pub const RESTOW_STATUS_CONNECTING: i32 = 28;
/// Contact with a service has ended, with or without success: `restow_event_service`.
pub const RESTOW_STATUS_DISCONNECTING: i32 = 29;
/// A service refused licenses and has a page with the reason: `restow_event_service`, `_url`. Show the page in
/// a browser.
pub const RESTOW_STATUS_ERROR_WITHURL: i32 = 30;
/// A license may not be backed up: `restow_event_license`.
pub const RESTOW_STATUS_RESTRICTED_LICENSE: i32 = 31;
/// An LCP provider was not asked, because the user has not consented: `restow_event_origin`, and
/// `restow_event_service` if the provider has a name. The licenses are restored. Once for each provider, before END.
/// To ask: `restow_ask_provider`, then restore again.
pub const RESTOW_STATUS_NEEDS_PROVIDER_CONSENT: i32 = -2;
/// Progress of the run: `restow_event_progress`. At most ten events a second, never before BEGIN. `WMT_STATUS`
/// of the Windows Media Format SDK has the positive numbers.
pub const RESTOW_STATUS_PROGRESS: i32 = -1;

/// For `restow_backup`: adds to an existing backup of this computer. Older generations stay.
pub const RESTOW_BACKUP_OVERWRITE: u32 = 1;
/// For `restow_backup`: begins a new backup at a location where the backup of this computer is missing. Without
/// this flag the run ends with `RESTOW_E_LOCATION` and the code `backup-gone`, because a drive may not be
/// connected. Set it after a question to the user.
pub const RESTOW_BACKUP_NEW: u32 = 16;
/// For `restow_restore`: the user consents to register this computer with every service needed. LCP providers need
/// consent of their own: see `restow_ask_provider`.
pub const RESTOW_RESTORE_INDIVIDUALIZE: u32 = 2;
/// For `restow_restore`: adopts licenses of other holders.
pub const RESTOW_RESTORE_ADOPT: u32 = 4;
/// For `restow_use` and `restow_open_key`: contacts no service. The next contact reports the use.
pub const RESTOW_USE_OFFLINE: u32 = 8;

/// Returns the version of this library, such as `0.1.0`. Never null; do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn restow_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use restow::{Hresult, Status};

    use super::*;

    #[test]
    fn numbers_match_library() {
        for (here, there) in [
            (RESTOW_OK, Hresult::S_OK),
            (RESTOW_E_INVALIDARG, Hresult::E_INVALIDARG),
            (RESTOW_E_NO_FILE, Hresult::NS_E_INVALID_NAME),
            (RESTOW_E_HOME, Hresult::NS_E_DRM_LICENSE_STORE_ERROR),
            (RESTOW_E_OTHER_MACHINE, Hresult::NS_E_DRM_INVALID_MACHINE),
            (RESTOW_E_NO_LICENSE, Hresult::NS_E_DRM_LICENSE_NOTACQUIRED),
            (RESTOW_E_NO_RIGHTS, Hresult::NS_E_DRM_NO_RIGHTS),
            (RESTOW_E_EXPIRED, Hresult::NS_E_DRM_LICENSE_EXPIRED),
            (RESTOW_E_NOT_YET_VALID, Hresult::NS_E_DRM_LICENSE_NOTENABLED),
            (RESTOW_E_UNUSABLE, Hresult::NS_E_DRM_LICENSE_UNUSABLE),
            (RESTOW_E_INVALID_LICENSE, Hresult::NS_E_DRM_INVALID_LICENSE),
            (RESTOW_E_NO_LOCATION, Hresult::NS_E_DRM_INVALID_PROPERTY),
            (RESTOW_E_LOCATION, Hresult::NS_E_WMPBR_DRIVE_INVALID),
            (RESTOW_E_ACCESS_DENIED, Hresult::E_ACCESSDENIED),
            (RESTOW_E_NOT_CONFIGURED, Hresult::NS_E_DRM_NOT_CONFIGURED),
            (RESTOW_E_BAD_ANSWER, Hresult::NS_E_DRM_ERROR_BAD_NET_RESP),
            (RESTOW_E_BUSY, Hresult::NS_E_DRM_BACKUPRESTORE_BUSY),
            (RESTOW_E_BACKUP_EXISTS, Hresult::NS_E_DRM_BACKUP_EXISTS),
            (RESTOW_E_BACKUP_CORRUPT, Hresult::NS_E_DRM_BACKUP_CORRUPT),
            (RESTOW_E_NEEDS_INDIVIDUALIZATION, Hresult::NS_E_DRM_NEEDS_INDIVIDUALIZATION),
            (RESTOW_E_RESTORE_FRAUD, Hresult::NS_E_DRM_RESTORE_FRAUD),
            (RESTOW_E_SERVICE_UNAVAILABLE, Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE),
            (RESTOW_E_NOT_ALL_STORED, Hresult::NS_E_DRM_STORE_NOTALLSTORED),
            (RESTOW_E_CANCELED, Hresult::NS_E_DRM_OPERATION_CANCELED),
        ] {
            assert_eq!(here, there.0.cast_signed(), "{there}");
        }
        let service = String::new;
        for (here, there) in [
            (RESTOW_STATUS_BEGIN, Status::Begin),
            (
                RESTOW_STATUS_NEEDS_INDIVIDUALIZATION,
                Status::NeedsIndividualization { service: service(), origin: service(), issuer: service() },
            ),
            (RESTOW_STATUS_CONNECTING, Status::Connecting { service: service() }),
            (RESTOW_STATUS_DISCONNECTING, Status::Disconnecting { service: service() }),
            (
                RESTOW_STATUS_ERROR_WITHURL,
                Status::ErrorWithUrl { service: service(), url: service(), result: Hresult::S_OK },
            ),
        ] {
            assert_eq!(Some(here.cast_unsigned()), there.code(), "{}", there.name());
        }
        assert_eq!((RESTOW_STATUS_END, RESTOW_STATUS_RESTRICTED_LICENSE), (27, 31));
        assert_eq!(RESTOW_BACKUP_OVERWRITE, restow::restorer::WM_BACKUP_OVERWRITE);
        assert_eq!(RESTOW_BACKUP_NEW, restow::restorer::BACKUP_NEW);
        assert_eq!(RESTOW_RESTORE_INDIVIDUALIZE, restow::restorer::WM_RESTORE_INDIVIDUALIZE);
    }
}
