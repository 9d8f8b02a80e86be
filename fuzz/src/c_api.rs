//! Calls of the C API in any order, with hostile arguments: nulls, invalid text, documents, callbacks that make
//! calls. A freed handle becomes null, as the header requires; the bytes choose everything else.
//!
//! A call is one byte for the function, one byte for the handles, and the arguments.

#![allow(unsafe_code, reason = "a program that calls a C API")]

use std::ffi::{CStr, CString, c_char, c_void};
use std::fs;
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use restow::Home;
use restow::license::{KeySet, TrustedKeySet};
use restow::store::TrustOrigin;
use restow_c::*;
use tempfile::TempDir;

use super::common::{Bytes, CLEAR_KEY, LCP, check_presentable, folder, key, key_set, native_license, with_mode};

/// Number of handles of each kind.
const HANDLES: usize = 3;
/// Limit of the licenses in a home. At this number the stage is created again, because more licenses only slow
/// it down.
const MAX_LICENSES: usize = 64;

static STAGE: Mutex<Option<ApiStage>> = Mutex::new(None);

/// Two homes, one with licenses of all kinds, and a location.
struct ApiStage {
    folder: TempDir,
}

impl ApiStage {
    fn new() -> Self {
        let stage = Self { folder: folder() };
        for path in [stage.path("location"), stage.path("first"), stage.path("second")] {
            fs::create_dir(path).expect("a folder");
        }
        // The services are not trusted manually, so no data is ever sent.
        let set = KeySet { service_url: "https://127.0.0.1:9".into(), ..key_set() };
        let set = TrustedKeySet::sign(&set, &key("root")).expect("a sound key set");
        let home = Home::open(stage.path("first")).expect("a home");
        let mut store = home.store().expect("a store");
        let change = store.change().expect("a change");
        change.put_service(&set, TrustOrigin::Consent).expect("a service");
        change.commit().expect("a commit");
        drop(store);
        for document in documents() {
            let _ = restow::import::import_document(&home, &document);
        }
        fs::write(stage.path("book.lcpl"), LCP).expect("a file");
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn documents() -> [Vec<u8>; 4] {
    let sign = |license: restow::license::NativeLicense| license.sign(&key("license")).expect("signed").into_bytes();
    let restricted =
        restow::license::NativeLicense { id: "L2".into(), rights: restow::license::Rights::new(), ..native_license() };
    [sign(native_license()), sign(restricted), LCP.into(), CLEAR_KEY.into()]
}

/// Callback of a run.
struct CallbackContext {
    /// Behavior of the callback, and the number of runs it may still start.
    deeds: [u8; 4],
    starts: u8,
    restorer: AtomicPtr<restow_restorer>,
    /// True if END frees the restorer.
    frees: bool,
    ended: AtomicBool,
    pending: Arc<PendingRuns>,
}

/// Number of runs with a callback that have not ended.
#[derive(Default)]
struct PendingRuns {
    runs: Mutex<usize>,
    less: Condvar,
}

impl PendingRuns {
    fn add(&self) {
        *self.runs.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    fn remove(&self) {
        *self.runs.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.less.notify_all();
    }

    fn wait(&self) {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.less.wait_while(runs, |runs| *runs > 0).unwrap_or_else(PoisonError::into_inner));
    }
}

/// Starts a run with a callback and returns the result.
fn start(callback_context: CallbackContext, restore: bool, flags: u32) -> i32 {
    let restorer = callback_context.restorer.load(Ordering::SeqCst);
    let pending = callback_context.pending.clone();
    pending.add();
    let context = Arc::into_raw(Arc::new(callback_context)).cast_mut().cast();
    let start = if restore { restow_restore } else { restow_backup };
    let result = call_with_error(|error| unsafe { start(restorer, flags, Some(on_event), context, error) }, true);
    if result != RESTOW_OK {
        // A run that was not started has no events.
        let callback_context = unsafe { Arc::from_raw(context.cast::<CallbackContext>()) };
        if callback_context.frees {
            unsafe { restow_restorer_free(callback_context.restorer.load(Ordering::SeqCst)) };
        }
        pending.remove();
    }
    result
}

unsafe extern "C" fn on_event(event: *const restow_event, context: *mut c_void) {
    let callback_context = unsafe { &*context.cast::<CallbackContext>() };
    assert!(!callback_context.ended.load(Ordering::SeqCst), "END is last");
    let ended = check_event(event);
    let restorer = callback_context.restorer.load(Ordering::SeqCst);
    for deed in callback_context.deeds {
        unsafe {
            match deed % 8 {
                0 => restow_cancel(restorer),
                1 => restow_wait(restorer),
                2 => check_polled_event(restow_poll(restorer, 0)),
                3 => drop(call_with_error(|error| restow_set_location(restorer, c"/nowhere".as_ptr(), error), true)),
                4 if callback_context.starts > 0 && !callback_context.frees => {
                    let next = CallbackContext {
                        deeds: callback_context.deeds,
                        starts: callback_context.starts - 1,
                        restorer: AtomicPtr::new(restorer),
                        frees: false,
                        ended: AtomicBool::new(false),
                        pending: callback_context.pending.clone(),
                    };
                    let result = start(next, deed & 8 != 0, u32::from(deed & 16 == 0 && deed & 8 == 0));
                    assert!(ended || result != RESTOW_OK, "one run at a time");
                }
                _ => {}
            }
        }
    }
    if ended {
        callback_context.ended.store(true, Ordering::SeqCst);
        if callback_context.frees {
            unsafe { restow_restorer_free(restorer) };
        }
        let pending = callback_context.pending.clone();
        drop(unsafe { Arc::from_raw(context.cast::<CallbackContext>()) });
        pending.remove();
    }
}

/// Makes a call that can fail, with or without an error parameter. Checks that the error has the result.
fn call_with_error(call: impl FnOnce(*mut *mut restow_error) -> i32, with_error: bool) -> i32 {
    if !with_error {
        return call(null_mut());
    }
    let mut error = null_mut();
    let result = call(&raw mut error);
    assert_eq!(error.is_null(), result == RESTOW_OK);
    check_error(error, result);
    unsafe { restow_error_free(error) };
    result
}

fn check_error(error: *const restow_error, result: i32) {
    unsafe {
        assert_eq!(restow_error_hresult(error), result);
        let texts = [restow_error_code(error), restow_error_message(error), restow_error_help(error)];
        texts.into_iter().for_each(check_text);
    }
}

fn check_text(text: *const c_char) {
    if !text.is_null() {
        check_presentable(unsafe { CStr::from_ptr(text) }.to_str().expect("UTF-8"));
    }
}

fn check_license(license: *const restow_license) {
    unsafe {
        let texts = [
            restow_license_id(license),
            restow_license_title(license, 0),
            restow_license_title(license, usize::MAX),
            restow_license_key_id(license, 0),
            restow_license_kid(license, 0),
            restow_license_status(license),
            restow_license_reason(license),
        ];
        // A name from another program may be unfit to print, but is text.
        for text in texts.into_iter().filter(|text| !text.is_null()) {
            CStr::from_ptr(text).to_str().expect("UTF-8");
        }
        assert!(restow_license_left(license) >= -1);
    }
}

/// Reads all parts of an event. Returns true for END.
fn check_event(event: *const restow_event) -> bool {
    unsafe {
        let texts = [
            restow_event_service(event),
            restow_event_origin(event),
            restow_event_fingerprint(event),
            restow_event_url(event),
            restow_event_without_file(event, 0),
            restow_event_code(event),
            restow_event_message(event),
            restow_event_help(event),
        ];
        texts.into_iter().for_each(check_text);
        check_license(restow_event_license(event, 0));
        let (progress, _) = (restow_event_progress(event), restow_event_summary(event));
        assert!(progress.done <= progress.total);
        restow_event_status(event) == RESTOW_STATUS_END
    }
}

fn check_polled_event(event: *mut restow_event) {
    check_event(event);
    unsafe { restow_event_free(event) };
}

fn check_import_result(imported: *mut restow_import_result) {
    unsafe {
        for index in [0, 1, usize::MAX] {
            let (name, error) = (
                restow_import_result_refused_name(imported, index),
                restow_import_result_refused_error(imported, index),
            );
            assert_eq!(name.is_null(), error.is_null());
            check_error(error, restow_error_hresult(error));
        }
        let _ = restow_import_result_licenses(imported)
            + restow_import_result_already_here(imported)
            + restow_import_result_refused(imported);
        check_text(restow_import_result_url(imported));
        restow_import_result_free(imported);
    }
}

/// A text, or bytes that are not UTF-8.
struct TextArgument(Option<CString>);

impl TextArgument {
    fn of(bytes: &mut Bytes<'_>, stage: &ApiStage) -> Self {
        let path = |path: &Path| path.to_str().map(str::as_bytes).unwrap_or_default().to_vec();
        let text = match bytes.u8() % 16 {
            0 => return Self(None),
            1 => b"\xff\xfe".to_vec(),
            2 => Vec::new(),
            3 => b"Play".to_vec(),
            4 => b"09e091ab-f838-41d2-9e35-58531fd19ec7".to_vec(),
            5 => b"q5HgCTj40kGeNVhTH9GexQ==".to_vec(),
            6 => b"hex:0102".to_vec(),
            7 => path(&stage.path("location")),
            8 => path(&stage.path("first")),
            9 => path(&stage.path("second")),
            10 => path(&stage.path("book.lcpl")),
            11 => path(&stage.path("missing")),
            12 => {
                format!("https://127.0.0.1:9/restow/v1/link/AAAAAAAAAAAAAAAAAAAAAA#{}", super::common::issuer()).into()
            }
            _ => {
                let length = bytes.u8() % 64;
                let text = bytes.take(length.into());
                text.iter().copied().filter(|byte| *byte != 0).collect()
            }
        };
        Self(CString::new(text).ok())
    }

    fn pointer(&self) -> *const c_char {
        self.0.as_ref().map_or(null(), |text| text.as_ptr())
    }

    /// Returns true for a path outside of the stage.
    fn leaves_stage(&self, stage: &ApiStage) -> bool {
        let Some(Ok(path)) = self.0.as_ref().map(|path| path.to_str()) else { return false };
        !Path::new(path).starts_with(stage.folder.path()) || path.contains("..")
    }

    /// Returns true for a link to another computer.
    fn is_remote(&self) -> bool {
        let Some(Ok(link)) = self.0.as_ref().map(|link| link.to_str()) else { return false };
        link.contains("://") && !link.starts_with("https://127.0.0.1:9/")
    }
}

/// Objects created by the calls of one input.
struct ApiProgram<'a> {
    stage: &'a ApiStage,
    homes: [*mut restow_home; HANDLES],
    restorers: [*mut restow_restorer; HANDLES],
    pending: Arc<PendingRuns>,
}

impl ApiProgram<'_> {
    fn call(&mut self, bytes: &mut Bytes<'_>) {
        let (what, which) = (bytes.u8(), bytes.u8());
        let with_error = what < 128;
        let (slot, second) = (usize::from(which) % HANDLES, usize::from(which >> 4) % HANDLES);
        let (home, restorer) = (self.homes[slot], self.restorers[second]);
        let stage = self.stage;
        let text = |bytes: &mut Bytes<'_>| TextArgument::of(bytes, stage);
        unsafe {
            match what % 18 {
                0 => {
                    let folder = text(bytes);
                    // Null would open the shared home of the user.
                    if folder.0.is_some() && !folder.leaves_stage(stage) && self.homes[slot].is_null() {
                        let home = &raw mut self.homes[slot];
                        call_with_error(|error| restow_home_open(folder.pointer(), home, error), with_error);
                    }
                }
                1 => {
                    restow_home_free(home);
                    self.homes[slot] = null_mut();
                }
                2 => {
                    let made = if restorer.is_null() { &raw mut self.restorers[second] } else { null_mut() };
                    call_with_error(|error| restow_restorer_new(home, made, error), with_error);
                }
                3 => {
                    // A polled run may continue; callbacks use the restorer.
                    self.pending.wait();
                    restow_restorer_free(restorer);
                    self.restorers[second] = null_mut();
                }
                4 => {
                    let location = text(bytes);
                    if !location.leaves_stage(stage) {
                        call_with_error(|error| restow_set_location(restorer, location.pointer(), error), with_error);
                    }
                }
                5 => {
                    let name = text(bytes);
                    call_with_error(|error| restow_set_computer_name(restorer, name.pointer(), error), with_error);
                }
                6 | 7 => self.run(what % 18 == 7, bytes, second),
                8 => restow_cancel(restorer),
                9 => restow_wait(restorer),
                10 => check_polled_event(restow_poll(restorer, u32::from(bytes.u8() % 4))),
                11 => {
                    let (path, mut imported) = (text(bytes), null_mut());
                    if !path.leaves_stage(stage) {
                        let place = if which & 128 == 0 { &raw mut imported } else { null_mut() };
                        call_with_error(|error| restow_import(home, path.pointer(), place, error), with_error);
                        check_import_result(imported);
                    }
                }
                12 => {
                    let document = match bytes.u8() % 8 {
                        0 => {
                            let call = |error| restow_import_document(home, null(), 7, null_mut(), error);
                            assert_eq!(call_with_error(call, true), RESTOW_E_INVALIDARG);
                            return;
                        }
                        which @ 1..=4 => documents()[usize::from(which) - 1].clone(),
                        _ => bytes.counted().to_vec(),
                    };
                    let (start, length) = (document.as_ptr(), document.len());
                    let mut is_new = false;
                    let call = |error| restow_import_document(home, start, length, &raw mut is_new, error);
                    call_with_error(call, with_error);
                    let too_long = |error| restow_import_document(home, start, usize::MAX, null_mut(), error);
                    assert_ne!(call_with_error(too_long, with_error), RESTOW_OK);
                }
                13 => {
                    let (link, name, mut imported) = (text(bytes), text(bytes), null_mut());
                    if !link.is_remote() {
                        let call =
                            |error| restow_acquire(home, link.pointer(), name.pointer(), &raw mut imported, error);
                        assert_ne!(call_with_error(call, with_error), RESTOW_OK, "there is no service");
                        assert!(imported.is_null());
                    }
                }
                14 => self.list(home, with_error),
                15 => {
                    let (key_id, mut texts) = (text(bytes), null_mut());
                    call_with_error(|error| restow_titles(home, key_id.pointer(), &raw mut texts, error), with_error);
                    for index in 0..=restow_texts_count(texts) {
                        let text = restow_texts_get(texts, index);
                        assert_eq!(text.is_null(), index == restow_texts_count(texts));
                    }
                    restow_texts_free(texts);
                }
                16 => {
                    let (key_id, action, mut left) = (text(bytes), text(bytes), -7);
                    let call = |error| restow_can(home, key_id.pointer(), action.pointer(), &raw mut left, error);
                    let result = call_with_error(call, with_error);
                    assert_eq!(left == -7, result != RESTOW_OK);
                }
                _ => {
                    let (key_id, action, flags) = (text(bytes), text(bytes), u32::from(bytes.u8() % 12));
                    let mut key = [7; 16];
                    let place = if which & 128 == 0 { key.as_mut_ptr() } else { null_mut() };
                    let call = |error| restow_open_key(home, key_id.pointer(), action.pointer(), flags, place, error);
                    assert_ne!(call_with_error(call, with_error), RESTOW_OK, "no license here has its key");
                    assert_eq!(key, [7; 16]);
                    let call = |error| restow_use(home, key_id.pointer(), action.pointer(), flags, error);
                    assert_ne!(call_with_error(call, with_error), RESTOW_OK);
                    restow_home_cancel(home);
                }
            }
        }
    }

    /// Starts a backup or restore: polled, with a callback, or with a callback that owns and frees the
    /// restorer.
    fn run(&mut self, restore: bool, bytes: &mut Bytes<'_>, second: usize) {
        let (how, flags) = (bytes.u8(), u32::from(bytes.u8() % 9));
        let restorer = self.restorers[second];
        if how % 3 == 0 {
            let start = if restore { restow_restore } else { restow_backup };
            call_with_error(|error| unsafe { start(restorer, flags, None, null_mut(), error) }, true);
            return;
        }
        let frees = how % 3 == 1;
        if frees {
            // Waits for the callbacks of earlier runs, because no other call may use the handle during the
            // free.
            unsafe { restow_wait(restorer) };
            self.pending.wait();
            self.restorers[second] = null_mut();
        }
        let callback_context = CallbackContext {
            deeds: bytes.array(),
            starts: how / 3 % 3,
            restorer: AtomicPtr::new(restorer),
            frees,
            ended: AtomicBool::new(false),
            pending: self.pending.clone(),
        };
        start(callback_context, restore, flags);
    }

    fn list(&self, home: *const restow_home, with_error: bool) {
        let mut licenses = null_mut();
        unsafe {
            call_with_error(|error| restow_licenses_list(home, &raw mut licenses, error), with_error);
            for index in 0..restow_licenses_count(licenses) {
                check_license(restow_licenses_get(licenses, index));
            }
            assert!(restow_licenses_get(licenses, restow_licenses_count(licenses)).is_null());
            restow_licenses_free(licenses);
        }
    }
}

impl Drop for ApiProgram<'_> {
    fn drop(&mut self) {
        unsafe {
            self.pending.wait();
            for restorer in self.restorers {
                restow_wait(restorer);
                restow_restorer_free(restorer);
            }
            self.homes.into_iter().for_each(|home| restow_home_free(home));
        }
    }
}

pub fn run(data: &[u8]) {
    let mut stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
    let here = stage.get_or_insert_with(ApiStage::new);
    let mut program = ApiProgram {
        stage: here,
        homes: [null_mut(); HANDLES],
        restorers: [null_mut(); HANDLES],
        pending: Arc::default(),
    };
    let mut bytes = Bytes(data);
    while !bytes.is_empty() {
        program.call(&mut bytes);
    }
    drop(program);
    let count = |name: &str| {
        let home = Home::open(here.path(name)).expect("the home");
        let mut count = 0;
        let store = home.store().expect("the store");
        restow::listing::licenses(&home, &store, &mut |_| {
            count += 1;
            Ok(())
        })
        .expect("a list");
        count
    };
    if count("first") + count("second") > MAX_LICENSES {
        *stage = None;
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    // A home, a restorer, a location.
    let ready: &[u8] = &[0, 0, 8, 2, 0, 4, 0, 7];
    let second: &[u8] = &[0, 1, 9, 2, 0x11, 4, 0x11, 7];
    let poll: &[u8] = &[10, 0, 3, 10, 0, 3, 9, 0, 10, 0, 0];
    vec![
        // Polled: a backup, another backup, and a restore on another computer.
        [ready, &[6, 0, 0, 1], poll, &[6, 0, 0, 0], poll, second, &[7, 0x11, 0, 2, 9, 0x11]].concat(),
        // With a callback: cancelled, waited for, started again, freed by END.
        [ready, &[6, 0, 2, 1, 0, 1, 2, 3, 9, 0], &[6, 0, 8, 1, 4, 12, 20, 28, 9, 0]].concat(),
        [ready, &[6, 0, 1, 1, 0, 1, 1, 1, 3, 0, 1, 0]].concat(),
        // Cancelled and freed during the run.
        [ready, &[6, 0, 0, 1, 8, 0, 3, 0, 1, 0]].concat(),
        // Documents, lists, titles.
        [ready, &[12, 0, 3, 12, 0, 1, 12, 0, 4, 11, 0, 10, 14, 0, 15, 0, 4, 15, 0, 6]].concat(),
        // Rights, keys, links.
        [ready, &[16, 0, 4, 3, 17, 0, 4, 3, 0, 17, 0, 5, 3, 8, 13, 0, 12, 3, 13, 0, 0, 0]].concat(),
        // Nulls and invalid text.
        vec![2, 0, 4, 0, 0, 6, 0, 0, 0, 9, 0, 10, 0, 0, 14, 0, 15, 0, 0, 16, 0, 0, 0, 0, 0, 1, 0, 0, 2],
        with_mode(12, &[&[0, 7][..], &super::common::counted(LCP.as_bytes())].concat()),
    ]
}
