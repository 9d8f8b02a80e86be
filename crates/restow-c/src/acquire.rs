//! Acquisition links.

use std::ffi::c_char;
use std::ptr::null_mut;

use restow::service::acquire;
use restow::service::{AcquisitionLink, register_for_link};

use crate::call::call;
use crate::error::restow_error;
use crate::ffi::{borrow_handle, c_text, into_handle, read_text, write_out};
use crate::home::restow_home;
use crate::import::restow_import_result;

/// Redeems an acquisition link.
///
/// Following a link that the user saw is the consent to register this computer, named `computer_name`, with the
/// service of the link. If the service has a private address, its user must first add it: `restow service add
/// URL`. The call waits for the service, up to minutes; see `restow_home_cancel`. The result code is
/// `RESTOW_OK` also when the service refuses licenses. `result` may be null; it lists the refused licenses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_acquire(
    home: *const restow_home,
    link: *const c_char,
    computer_name: *const c_char,
    result: *mut *mut restow_import_result,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        unsafe { write_out(result, null_mut) };
        // SAFETY: as the caller promises.
        let home_handle = unsafe { borrow_handle(home, "home") }?;
        // SAFETY: as the caller promises.
        let link = AcquisitionLink::parse(unsafe { read_text(link, "link") }?)?;
        // SAFETY: as the caller promises.
        let name = unsafe { read_text(computer_name, "computer_name") }?;
        let (home, cancel) = (&home_handle.home, home_handle.cancel());
        let acquisition = acquire::follow_link(
            home,
            &link,
            || cancel.clone(),
            |_| register_for_link(home, &mut home.store()?, &link, name, &cancel).map(drop),
        )?;
        let url = acquisition.url.as_deref().map(c_text);
        let mut acquired =
            restow_import_result::new(acquisition.granted.len() as u64, acquisition.refused.len() as u64, url);
        for (license_id, outcome) in &acquisition.refused {
            acquired.add_refusal(license_id, restow_error::from_outcome(*outcome));
        }
        // SAFETY: as the caller promises.
        unsafe { write_out(result, || into_handle(acquired)) };
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}
