//! COM interfaces: those of the SDK, with the IIDs and method order of its public headers, and one of Restow.

#![expect(non_snake_case, missing_docs, reason = "the names, and what they do, are the SDK's")]

use std::ffi::c_void;

use windows_core::{HRESULT, IUnknown, IUnknown_Vtbl, interface};

/// Backs up licenses. Result of `WMCreateBackupRestorer`.
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

/// Properties `BackupPath` and `RestorePath`. They can be set but not read.
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

/// Receives the events of a run. The application implements this interface.
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

/// Extension of Restow: titles of the files for a key ID, for programs that show more than a key ID.
///
/// A key ID has any form that Restow or Windows Media prints: 24 characters of base64, or a UUID.
#[interface("D2F1B1C6-5E0B-4E5C-9C43-6B7C0B7E3A51")]
pub unsafe trait IRestowCatalog: IUnknown {
    /// Returns the number of known titles: `S_OK`, or `S_FALSE` and zero for none.
    pub unsafe fn GetTitleCount(&self, key_id: *const u16, count: *mut u32) -> HRESULT;
    /// Returns one title; titles are sorted by character. `length` counts characters with the terminator: on
    /// entry the capacity of `title`, on return the required length. If `title` is null, only the length is
    /// returned. If the capacity is too small, the result is `NS_E_DRM_BUFFER_TOO_SMALL`.
    pub unsafe fn GetTitle(&self, key_id: *const u16, index: u32, title: *mut u16, length: *mut u32) -> HRESULT;
}

/// Value type `WMT_TYPE_DWORD`.
pub const WMT_TYPE_DWORD: i32 = 0;
/// Value type `WMT_TYPE_STRING`: UTF-16 with a terminator.
pub const WMT_TYPE_STRING: i32 = 1;
