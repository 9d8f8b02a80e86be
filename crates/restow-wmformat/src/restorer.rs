//! Backup restorer: one object with four interfaces, based on the restorer of the library.

use std::ffi::c_void;
use std::sync::{Arc, Mutex, PoisonError};

use restow::restorer::BackupRestorer;
use restow::store::Store;
use restow::{Home, Hresult, KeyId, listing};
use windows_core::{HRESULT, IUnknownImpl as _, implement};

use crate::callback::CallbackRef;
use crate::ffi::{CallError, E_NOTIMPL, NS_E_DRM_BUFFER_TOO_SMALL, S_FALSE, call, to_hresult};
use crate::interfaces::{
    IRestowCatalog, IRestowCatalog_Impl, IWMBackupRestoreProps, IWMBackupRestoreProps_Impl, IWMLicenseBackup,
    IWMLicenseBackup_Impl, IWMLicenseRestore, IWMLicenseRestore_Impl, WMT_TYPE_STRING,
};
use crate::log_file::LogFile;
use crate::out_param::OutParam;
use crate::{keep_loaded, text};

/// Object that `WMCreateBackupRestorer` creates. Any thread may use it. A run continues after the last
/// reference is released.
#[implement(IWMLicenseBackup, IWMLicenseRestore, IWMBackupRestoreProps, IRestowCatalog)]
pub(crate) struct Restorer {
    home: Home,
    restorer: BackupRestorer,
    log_file: LogFile,
    /// Store, open since the first title query. Programs make two queries for each of thousands of licenses.
    catalog: Mutex<Option<Store>>,
}

impl Restorer {
    /// Creates a restorer for the home that all programs of this user share.
    pub(crate) fn new() -> Result<Self, CallError> {
        let home = Home::shared_folder().and_then(Home::open);
        let home = home.map_err(|_| CallError(Hresult::NS_E_DRM_UNABLE_TO_CREATE_BACKUP_OBJECT))?;
        let log_file = LogFile::for_home(&home);
        Ok(Self { restorer: BackupRestorer::new(home.clone()), home, log_file, catalog: Mutex::default() })
    }

    fn log_result<T>(&self, operation: &str, result: Result<T, restow::Error>) -> Result<T, CallError> {
        result.map_err(|error| {
            self.log_file.write_line(&format!("{operation} {}: {error}. {}", error.hresult(), error.help()));
            CallError(error.hresult())
        })
    }

    fn titles(&self, key_id: &str) -> Result<Vec<String>, CallError> {
        let key_id = KeyId::from_wm_base64(key_id).or_else(|| key_id.parse().ok());
        let key_id = key_id.ok_or(CallError(Hresult::NS_E_DRM_INVALID_KID))?;
        let mut catalog = self.catalog.lock().unwrap_or_else(PoisonError::into_inner);
        let titles = match catalog.take().map_or_else(|| self.home.store().map_err(restow::Error::from), Ok) {
            // A store that failed is opened again for the next query.
            Ok(store) => listing::titles_for(&store, &key_id).inspect(|_| *catalog = Some(store)),
            Err(error) => Err(error),
        };
        self.log_result("IRestowCatalog", titles)
    }
}

impl IWMLicenseBackup_Impl for Restorer_Impl {
    unsafe fn BackupLicenses(&self, flags: u32, callback: *mut c_void) -> HRESULT {
        // The callback may release the last reference before this call returns: when the run ends at once, or
        // is refused.
        let _alive = self.to_object();
        call(|| {
            // SAFETY: the caller passes null or an `IWMStatusCallback`, with a reference that outlives the
            // call.
            let callback = unsafe { CallbackRef::add_ref(callback, self.log_file.clone()) }?;
            keep_loaded();
            self.log_result("BackupLicenses", self.restorer.backup_licenses(flags, Some(Arc::new(callback))))?;
            Ok(Hresult::S_OK)
        })
    }

    unsafe fn CancelLicenseBackup(&self) -> HRESULT {
        call(|| {
            self.restorer.cancel_license_backup();
            Ok(Hresult::S_OK)
        })
    }
}

impl IWMLicenseRestore_Impl for Restorer_Impl {
    unsafe fn RestoreLicenses(&self, flags: u32, callback: *mut c_void) -> HRESULT {
        // The callback may release the last reference before this call returns: when the run ends at once, or
        // is refused.
        let _alive = self.to_object();
        call(|| {
            // SAFETY: the caller passes null or an `IWMStatusCallback`, with a reference that outlives the
            // call.
            let callback = unsafe { CallbackRef::add_ref(callback, self.log_file.clone()) }?;
            keep_loaded();
            self.log_result("RestoreLicenses", self.restorer.restore_licenses(flags, Some(Arc::new(callback))))?;
            Ok(Hresult::S_OK)
        })
    }

    unsafe fn CancelLicenseRestore(&self) -> HRESULT {
        call(|| {
            self.restorer.cancel_license_restore();
            Ok(Hresult::S_OK)
        })
    }
}

impl IWMBackupRestoreProps_Impl for Restorer_Impl {
    // The getters return this code for all arguments, as documented and as tests of other implementations
    // confirm.
    unsafe fn GetPropCount(&self, _: *mut u16) -> HRESULT {
        to_hresult(E_NOTIMPL)
    }

    unsafe fn GetPropByIndex(&self, _: u16, _: *mut u16, _: *mut u16, _: *mut i32, _: *mut u8, _: *mut u16) -> HRESULT {
        to_hresult(E_NOTIMPL)
    }

    unsafe fn GetPropByName(&self, _: *const u16, _: *mut i32, _: *mut u8, _: *mut u16) -> HRESULT {
        to_hresult(E_NOTIMPL)
    }

    unsafe fn SetProp(&self, name: *const u16, data_type: i32, value: *const u8, value_len: u16) -> HRESULT {
        call(|| {
            if data_type != WMT_TYPE_STRING || value.is_null() {
                return Err(CallError(Hresult::E_INVALIDARG));
            }
            // SAFETY: the caller passes null or text with a terminator.
            let name = unsafe { text::from_terminated(name) }?;
            // SAFETY: `value` is not null, and the caller passes this number of bytes, which do not change
            // during the call.
            let value = text::from_bytes(unsafe { std::slice::from_raw_parts(value, value_len.into()) })?;
            self.log_result("SetProp", self.restorer.set_property(&name, &value))?;
            Ok(Hresult::S_OK)
        })
    }

    unsafe fn RemoveProp(&self, name: *const u16) -> HRESULT {
        call(|| {
            // SAFETY: the caller passes null or text with a terminator.
            let name = unsafe { text::from_terminated(name) }?;
            self.log_result("RemoveProp", self.restorer.remove_property(&name))?;
            Ok(Hresult::S_OK)
        })
    }

    unsafe fn RemoveAllProps(&self) -> HRESULT {
        call(|| {
            self.restorer.remove_all_properties();
            Ok(Hresult::S_OK)
        })
    }
}

impl IRestowCatalog_Impl for Restorer_Impl {
    unsafe fn GetTitleCount(&self, key_id: *const u16, count: *mut u32) -> HRESULT {
        call(|| {
            // SAFETY: the caller passes null or space for the number.
            let count = unsafe { OutParam::new(count, 0) }?;
            // SAFETY: the caller passes null or text with a terminator.
            let titles = self.titles(&unsafe { text::from_terminated(key_id) }?)?;
            count.set(u32::try_from(titles.len()).unwrap_or(u32::MAX));
            Ok(if titles.is_empty() { S_FALSE } else { Hresult::S_OK })
        })
    }

    unsafe fn GetTitle(&self, key_id: *const u16, index: u32, title: *mut u16, length: *mut u32) -> HRESULT {
        call(|| {
            if length.is_null() {
                return Err(CallError(Hresult::E_INVALIDARG));
            }
            // SAFETY: the pointer is not null, and the caller passes a number there.
            let capacity = unsafe { length.read_unaligned() };
            // SAFETY: the caller passes null or space for the number.
            let length = unsafe { OutParam::new(length, 0) }?;
            // SAFETY: the caller passes null or text with a terminator.
            let titles = self.titles(&unsafe { text::from_terminated(key_id) }?)?;
            let title_text = usize::try_from(index).ok().and_then(|index| titles.get(index));
            let title_text = text::terminated(title_text.ok_or(CallError(Hresult::E_INVALIDARG))?);
            let needed = u32::try_from(title_text.len()).map_err(|_| CallError(Hresult::E_FAIL))?;
            length.set(needed);
            if title.is_null() {
                return Ok(Hresult::S_OK);
            }
            if capacity < needed {
                return Err(CallError(NS_E_DRM_BUFFER_TOO_SMALL));
            }
            // SAFETY: the caller's buffer has `capacity` characters, at least as many as `title_text`, and does
            // not overlap `title_text`. The copy is in bytes, because the address may be odd.
            unsafe {
                title
                    .cast::<u8>()
                    .copy_from_nonoverlapping(title_text.as_ptr().cast(), size_of_val(title_text.as_slice()))
            };
            Ok(Hresult::S_OK)
        })
    }
}
