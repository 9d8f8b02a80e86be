//! The interfaces, with the IIDs and the order of methods of the SDK's public headers, and one of our own.

#![expect(non_snake_case, missing_docs, reason = "the names, and what they do, are the SDK's")]

use std::ffi::c_void;

use windows_core::{HRESULT, IUnknown, IUnknown_Vtbl, interface};

/// Backs up licenses. What `WMCreateBackupRestorer` answers with.
#[interface("05E5AC9F-3FB6-4508-BB43-A4067BA1EBE8")]
pub unsafe trait IWMLicenseBackup: IUnknown {
    pub unsafe fn BackupLicenses(&self, flags: u32, callback: *mut c_void) -> HRESULT;
    pub unsafe fn CancelLicenseBackup(&self) -> HRESULT;
}

/// Restores licenses.
#[interface("C70B6334-A22E-4EFB-A245-15E65A004A13")]
pub unsafe trait IWMLicenseRestore: IUnknown {
    pub unsafe fn RestoreLicenses(&self, flags: u32, callback: *mut c_void) -> HRESULT;
    pub unsafe fn CancelLicenseRestore(&self) -> HRESULT;
}

/// The properties `BackupPath` and `RestorePath`: written, never read.
#[interface("3C8E0DA6-996F-4FF3-A1AF-4838F9377E2E")]
pub unsafe trait IWMBackupRestoreProps: IUnknown {
    pub unsafe fn GetPropCount(&self, count: *mut u16) -> HRESULT;
    pub unsafe fn GetPropByIndex(
        &self,
        index: u16,
        name: *mut u16,
        name_len: *mut u16,
        data_type: *mut i32,
        value: *mut u8,
        value_len: *mut u16,
    ) -> HRESULT;
    pub unsafe fn GetPropByName(
        &self,
        name: *const u16,
        data_type: *mut i32,
        value: *mut u8,
        value_len: *mut u16,
    ) -> HRESULT;
    pub unsafe fn SetProp(&self, name: *const u16, data_type: i32, value: *const u8, value_len: u16) -> HRESULT;
    pub unsafe fn RemoveProp(&self, name: *const u16) -> HRESULT;
    pub unsafe fn RemoveAllProps(&self) -> HRESULT;
}

/// What the application implements to be told.
#[interface("6D7CDC70-9888-11D3-8EDC-00C04F6109CF")]
pub unsafe trait IWMStatusCallback: IUnknown {
    pub unsafe fn OnStatus(
        &self,
        status: i32,
        result: HRESULT,
        data_type: i32,
        value: *mut u8,
        context: *mut c_void,
    ) -> HRESULT;
}

/// Restow's own: what the files of a key ID are called, for programs that want to say more than a key ID.
///
/// A key ID is given in any form Restow or Windows Media prints: 24 characters of base64, or a UUID.
#[interface("D2F1B1C6-5E0B-4E5C-9C43-6B7C0B7E3A51")]
pub unsafe trait IRestowCatalog: IUnknown {
    /// How many titles are known: `S_OK`, or `S_FALSE` and zero when none is.
    pub unsafe fn GetTitleCount(&self, key_id: *const u16, count: *mut u32) -> HRESULT;
    /// One title, in the order of their characters. `length` is in characters with the terminator: on entry what `title` has room for, on
    /// return what is needed. With `title` null only the length is told; where the room is too small, the result is `NS_E_DRM_BUFFER_TOO_SMALL`.
    pub unsafe fn GetTitle(&self, key_id: *const u16, index: u32, title: *mut u16, length: *mut u32) -> HRESULT;
}

/// `WMT_TYPE_DWORD`.
pub const WMT_TYPE_DWORD: i32 = 0;
/// `WMT_TYPE_STRING`: UTF-16 with a terminator.
pub const WMT_TYPE_STRING: i32 = 1;
