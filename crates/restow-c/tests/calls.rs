//! The C API called as a program calls it: invalid arguments, callbacks that make calls, many threads.

#![allow(
    missing_docs,
    unreachable_pub,
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::ffi::{CStr, CString, c_char, c_void};
use std::net::TcpListener;
use std::path::Path;
use std::ptr::{null, null_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, mpsc};

use restow_c::*;

#[path = "../../restow/tests/shared/real.rs"]
mod real;

const LCP: &str = r#"{"id":"b","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"p",
"content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
"links":[{"rel":"publication","href":"https://p.example/b","title":"A Book"}],
"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn read_text(text: *const c_char) -> Option<String> {
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned())
}

/// A home with one license, a location, and a restorer with this location.
struct Stage {
    folder: tempfile::TempDir,
    home: *mut restow_home,
    restorer: *mut restow_restorer,
}

impl Stage {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut home, mut restorer) = (null_mut(), null_mut());
        let (path, location) = (text_of(&folder.path().join("home")), text_of(folder.path()));
        let mut is_new = false;
        unsafe {
            assert_eq!(restow_home_open(path.as_ptr(), &raw mut home, null_mut()), RESTOW_OK);
            let imported = restow_import_document(home, LCP.as_ptr(), LCP.len(), &raw mut is_new, null_mut());
            assert_eq!((imported, is_new), (RESTOW_OK, true));
            assert_eq!(restow_restorer_new(home, &raw mut restorer, null_mut()), RESTOW_OK);
            assert_eq!(restow_set_location(restorer, location.as_ptr(), null_mut()), RESTOW_OK);
        }
        Self { folder, home, restorer }
    }

    fn end(self) {
        unsafe {
            restow_wait(self.restorer);
            restow_restorer_free(self.restorer);
            restow_home_free(self.home);
        }
    }
}

fn text_of(path: &Path) -> CString {
    c(path.to_str().unwrap())
}

/// Makes a call that must fail; returns its result, code and message.
fn failing_call(call: impl FnOnce(*mut *mut restow_error) -> i32) -> (i32, String, String) {
    let mut error = null_mut();
    let result = call(&raw mut error);
    unsafe {
        assert_eq!(restow_error_hresult(error), result);
        let failure =
            (result, read_text(restow_error_code(error)).unwrap(), read_text(restow_error_message(error)).unwrap());
        assert!(read_text(restow_error_help(error)).is_some_and(|help| !help.is_empty()));
        restow_error_free(error);
        failure
    }
}

#[test]
fn null_arguments_return_error_or_nothing() {
    let stage = Stage::new();
    let (home, restorer, sample) = (stage.home, stage.restorer, c("x"));
    let text = sample.as_ptr();
    let (mut key, mut left) = ([7; 16], 7);
    unsafe {
        let (mut second_home, mut created): (*mut restow_home, *mut restow_restorer) = (null_mut(), null_mut());
        let (mut licenses, mut texts, mut imported, mut plan) = (null_mut(), null_mut(), null_mut(), null_mut());
        let results = [
            restow_home_open(text, null_mut(), null_mut()),
            restow_import(null(), text, &raw mut imported, null_mut()),
            restow_import(home, null(), &raw mut imported, null_mut()),
            restow_import_document(null(), LCP.as_ptr(), LCP.len(), null_mut(), null_mut()),
            restow_import_document(home, null(), 0, null_mut(), null_mut()),
            restow_acquire(null(), text, text, &raw mut imported, null_mut()),
            restow_acquire(home, null(), text, &raw mut imported, null_mut()),
            restow_acquire(home, text, null(), &raw mut imported, null_mut()),
            restow_licenses_list(null(), &raw mut licenses, null_mut()),
            restow_licenses_list(home, null_mut(), null_mut()),
            restow_titles(null(), text, &raw mut texts, null_mut()),
            restow_titles(home, null(), &raw mut texts, null_mut()),
            restow_titles(home, text, null_mut(), null_mut()),
            restow_can(null(), text, text, &raw mut left, null_mut()),
            restow_can(home, null(), text, &raw mut left, null_mut()),
            restow_can(home, text, null(), &raw mut left, null_mut()),
            restow_use(null(), text, text, 0, null_mut()),
            restow_use(home, null(), text, 0, null_mut()),
            restow_use(home, text, null(), 0, null_mut()),
            restow_open_key(null(), text, text, 0, key.as_mut_ptr(), null_mut()),
            restow_open_key(home, null(), text, 0, key.as_mut_ptr(), null_mut()),
            restow_open_key(home, text, null(), 0, key.as_mut_ptr(), null_mut()),
            restow_open_key(home, text, text, 0, null_mut(), null_mut()),
            restow_restorer_new(null(), &raw mut created, null_mut()),
            restow_restorer_new(home, null_mut(), null_mut()),
            restow_set_location(null(), text, null_mut()),
            restow_set_location(restorer, null(), null_mut()),
            restow_set_computer_name(null(), text, null_mut()),
            restow_set_computer_name(restorer, null(), null_mut()),
            restow_allow_service(null(), text, null_mut()),
            restow_allow_service(restorer, null(), null_mut()),
            restow_ask_provider(null(), text, null_mut()),
            restow_ask_provider(restorer, null(), null_mut()),
            restow_plan_restore(null(), 0, &raw mut plan, null_mut()),
            restow_plan_restore(restorer, 0, null_mut(), null_mut()),
            restow_backup(null(), 0, None, null_mut(), null_mut()),
            restow_restore(null(), 0, None, null_mut(), null_mut()),
        ];
        assert!(results.iter().all(|result| *result == RESTOW_E_INVALIDARG), "{results:x?}");
        assert!(
            [second_home.is_null(), created.is_null(), licenses.is_null(), texts.is_null(), imported.is_null()]
                == [true; 5]
                && plan.is_null()
        );
        assert_eq!((key, left), ([7; 16], 7));
        // Arguments that may be null.
        let folder = text_of(&stage.folder.path().join("home"));
        assert_eq!(restow_home_open(folder.as_ptr(), &raw mut second_home, null_mut()), RESTOW_OK);
        assert_eq!(restow_import(second_home, folder.as_ptr(), null_mut(), null_mut()), RESTOW_OK);
        restow_home_free(second_home);
        restow_home_cancel(null());
        restow_cancel(null());
        restow_wait(null());
        assert!(restow_poll(null(), u32::MAX).is_null());
        // Parts of null, and frees of null.
        assert_eq!(
            (restow_error_hresult(null()), restow_event_status(null()), restow_event_hresult(null())),
            (0, 0, 0)
        );
        let texts = [
            restow_error_code(null()),
            restow_error_message(null()),
            restow_error_help(null()),
            restow_event_service(null()),
            restow_event_origin(null()),
            restow_event_fingerprint(null()),
            restow_event_url(null()),
            restow_event_without_file(null(), 0),
            restow_event_code(null()),
            restow_event_message(null()),
            restow_event_help(null()),
            restow_import_result_refused_name(null(), 0),
            restow_import_result_url(null()),
            restow_license_id(null()),
            restow_license_title(null(), 0),
            restow_license_key_id(null(), 0),
            restow_license_kid(null(), 0),
            restow_license_status(null()),
            restow_license_reason(null()),
            restow_texts_get(null(), 0),
            restow_service_name(null()),
            restow_service_origin(null()),
            restow_service_fingerprint(null()),
            restow_service_privacy_url(null()),
            restow_provider_name(null()),
            restow_provider_origin(null()),
        ];
        assert!(texts.iter().all(|text| text.is_null()));
        assert!(restow_event_license(null(), 0).is_null() && restow_licenses_get(null(), 0).is_null());
        assert!(restow_import_result_refused_error(null(), 0).is_null());
        assert!(restow_plan_service(null(), 0).is_null() && restow_plan_provider(null(), 0).is_null());
        let flags = [
            restow_service_registered(null()),
            restow_provider_verified(null()),
            restow_provider_allowed(null()),
            restow_provider_manual_only(null()),
        ];
        assert_eq!(flags, [false; 4]);
        let licenses_asked = restow_service_licenses(null()) + restow_provider_licenses(null());
        assert_eq!(restow_plan_count(null()).to_restore + licenses_asked, 0);
        restow_plan_free(null_mut());
        assert_eq!(
            (restow_licenses_count(null()), restow_texts_count(null()), restow_license_left(null())),
            (0, 0, -1)
        );
        assert_eq!(
            restow_import_result_licenses(null())
                + restow_import_result_already_here(null())
                + restow_import_result_refused(null()),
            0
        );
        assert_eq!((restow_event_summary(null()).damaged, restow_event_progress(null()).total), (0, 0));
        restow_error_free(null_mut());
        restow_event_free(null_mut());
        restow_import_result_free(null_mut());
        restow_licenses_free(null_mut());
        restow_texts_free(null_mut());
        restow_restorer_free(null_mut());
        restow_home_free(null_mut());
    }
    stage.end();
}

#[test]
fn invalid_arguments_have_distinct_errors() {
    let stage = Stage::new();
    let (home, restorer) = (stage.home, stage.restorer);
    let (no_text, key_id, play) = (c("\u{80}"), c("00000000-0000-0000-0000-000000000001"), c("Play"));
    let invalid_utf8 = &no_text.as_bytes_with_nul()[1..];
    let argument_error = |what: &str| (RESTOW_E_INVALIDARG, "argument".to_owned(), what.to_owned());
    unsafe {
        assert_eq!(
            failing_call(|error| restow_set_location(restorer, invalid_utf8.as_ptr().cast(), error)),
            argument_error("The argument location is not UTF-8")
        );
        assert_eq!(
            failing_call(|error| restow_set_location(restorer, null(), error)),
            argument_error("The argument location is missing")
        );
        for flags in [RESTOW_RESTORE_INDIVIDUALIZE, 1 << 31] {
            let call = |error| restow_backup(restorer, flags, None, null_mut(), error);
            assert_eq!(failing_call(call), argument_error("The argument flags has a value that is not allowed"));
        }
        let call = |error| restow_restore(restorer, RESTOW_BACKUP_OVERWRITE, None, null_mut(), error);
        assert_eq!(failing_call(call), argument_error("The argument flags has a value that is not allowed"));
        let call = |error| restow_use(home, key_id.as_ptr(), play.as_ptr(), 1, error);
        assert_eq!(failing_call(call), argument_error("The argument flags has a value that is not allowed"));
        let call = |error| restow_can(home, play.as_ptr(), play.as_ptr(), null_mut(), error);
        assert_eq!(failing_call(call), argument_error("The argument key_id has a value that is not allowed"));
        let call = |error| restow_can(home, key_id.as_ptr(), play.as_ptr(), null_mut(), error);
        assert_eq!(failing_call(call).0, RESTOW_E_NO_LICENSE);
        for flags in [0, RESTOW_USE_OFFLINE] {
            let call = |error| restow_use(home, key_id.as_ptr(), play.as_ptr(), flags, error);
            assert_eq!(failing_call(call).1, "no-license");
        }
        let mut other = null_mut();
        assert_eq!(restow_restorer_new(home, &raw mut other, null_mut()), RESTOW_OK);
        let call = |error| restow_backup(other, 0, None, null_mut(), error);
        assert_eq!(failing_call(call).0, RESTOW_E_NO_LOCATION);
        restow_restorer_free(other);
        assert_eq!(read_text(restow_version()).as_deref(), Some(env!("CARGO_PKG_VERSION")));
    }
    stage.end();
}

#[test]
fn plan_and_event_name_lcp_provider() {
    let Some(samples) = real::samples("plan_and_event_name_lcp_provider") else { return };
    let sample = text_of(&samples.join("lcp_licence/kotlin-toolkit__prod-license.lcpl"));
    let origin = "https://lsd-prod.edrlab.org";
    let stage = Stage::new();
    unsafe {
        let (mut imported, mut plan, mut home, mut restorer) = (null_mut(), null_mut(), null_mut(), null_mut());
        assert_eq!(restow_import(stage.home, sample.as_ptr(), &raw mut imported, null_mut()), RESTOW_OK);
        assert_eq!(restow_import_result_licenses(imported), 1);
        restow_import_result_free(imported);
        assert_eq!(restow_backup(stage.restorer, 0, None, null_mut(), null_mut()), RESTOW_OK);
        restow_wait(stage.restorer);

        let second = text_of(&stage.folder.path().join("second"));
        let location = text_of(stage.folder.path());
        assert_eq!(restow_home_open(second.as_ptr(), &raw mut home, null_mut()), RESTOW_OK);
        assert_eq!(restow_restorer_new(home, &raw mut restorer, null_mut()), RESTOW_OK);
        let call = |error| restow_plan_restore(restorer, 0, &raw mut plan, error);
        assert_eq!(failing_call(call).0, RESTOW_E_NO_LOCATION);
        assert_eq!(restow_set_location(restorer, location.as_ptr(), null_mut()), RESTOW_OK);
        let call = |error| restow_plan_restore(restorer, RESTOW_RESTORE_INDIVIDUALIZE, &raw mut plan, error);
        assert_eq!(failing_call(call).0, RESTOW_E_INVALIDARG);
        let call = |error| restow_ask_provider(restorer, c("https://a b").as_ptr(), error);
        assert_eq!(failing_call(call).1, "provider-address");

        assert_eq!(restow_plan_restore(restorer, 0, &raw mut plan, null_mut()), RESTOW_OK);
        let counts = restow_plan_count(plan);
        assert_eq!((counts.to_restore, counts.already_here, counts.needs_adopt), (2, 0, 0));
        assert!(restow_plan_service(plan, 0).is_null());
        let provider = restow_plan_provider(plan, 0);
        assert_eq!(read_text(restow_provider_origin(provider)).as_deref(), Some(origin));
        assert!(read_text(restow_provider_name(provider)).is_some_and(|name| !name.is_empty()));
        assert_eq!(restow_provider_licenses(provider), 1);
        assert!(!restow_provider_verified(provider), "the home has no root");
        assert!(!restow_provider_allowed(provider) && !restow_provider_manual_only(provider));
        assert!(restow_plan_provider(plan, 1).is_null());
        restow_plan_free(plan);

        // Consent for services is none for providers: the event names the provider, and nothing is sent.
        assert_eq!(restow_restore(restorer, RESTOW_RESTORE_INDIVIDUALIZE, None, null_mut(), null_mut()), RESTOW_OK);
        let mut events = Vec::new();
        loop {
            let event = restow_poll(restorer, u32::MAX);
            if event.is_null() {
                break;
            }
            match restow_event_status(event) {
                RESTOW_STATUS_PROGRESS => {}
                RESTOW_STATUS_NEEDS_PROVIDER_CONSENT => {
                    assert_eq!(restow_event_hresult(event), RESTOW_OK);
                    events.push(read_text(restow_event_origin(event)).unwrap());
                }
                status => events.push(status.to_string()),
            }
            restow_event_free(event);
        }
        assert_eq!(events, ["21", origin, "27"]);
        restow_restorer_free(restorer);
        restow_home_free(home);
    }
    stage.end();
}

#[test]
fn refused_documents_have_name_and_reason() {
    let stage = Stage::new();
    let folder = stage.folder.path().join("documents");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("book.lcpl"), LCP).unwrap();
    std::fs::write(folder.join("empty.lcpl"), "").unwrap();
    std::fs::write(folder.join("notes.txt"), "something else").unwrap();
    std::fs::write(folder.join("red \u{1b}[31m and turned \u{202e}.lcpl"), "").unwrap();
    unsafe {
        let (mut imported, mut is_new) = (null_mut(), true);
        assert_eq!(restow_import(stage.home, text_of(&folder).as_ptr(), &raw mut imported, null_mut()), RESTOW_OK);
        let counts = (
            restow_import_result_licenses(imported),
            restow_import_result_already_here(imported),
            restow_import_result_refused(imported),
        );
        assert_eq!(counts, (0, 1, 2));
        assert!(read_text(restow_import_result_refused_name(imported, 0)).unwrap().ends_with("empty.lcpl"));
        let error = restow_import_result_refused_error(imported, 0);
        assert_eq!(restow_error_hresult(error), RESTOW_E_INVALID_LICENSE);
        assert!(read_text(restow_error_message(error)).is_some());
        let harmless = "red \u{fffd}[31m and turned \u{fffd}.lcpl";
        assert!(read_text(restow_import_result_refused_name(imported, 1)).unwrap().ends_with(harmless));
        assert!(
            restow_import_result_refused_name(imported, 2).is_null()
                && restow_import_result_refused_error(imported, 2).is_null()
        );
        restow_import_result_free(imported);

        let nowhere = text_of(&folder.join("typo"));
        let failure = failing_call(|error| restow_import(stage.home, nowhere.as_ptr(), &raw mut imported, error));
        assert_eq!((failure.0, failure.1.as_str()), (RESTOW_E_NO_FILE, "file-unreadable"));
        assert!(imported.is_null());

        let document =
            |length| move |error| restow_import_document(stage.home, LCP.as_ptr(), length, null_mut(), error);
        assert_eq!(restow_import_document(stage.home, LCP.as_ptr(), LCP.len(), &raw mut is_new, null_mut()), RESTOW_OK);
        assert!(!is_new);
        assert_eq!(failing_call(document(0)).0, RESTOW_E_INVALID_LICENSE);
        assert_eq!(failing_call(document(LCP.len() - 1)).0, RESTOW_E_INVALID_LICENSE);
        // A document of this length cannot exist, so no byte is read.
        assert_eq!(failing_call(document(usize::MAX)).1, failing_call(document(1 << 21)).1);
    }
    stage.end();
}

#[test]
fn licenses_and_titles_are_listed() {
    let stage = Stage::new();
    unsafe {
        let (mut licenses, mut texts) = (null_mut(), null_mut());
        assert_eq!(restow_licenses_list(stage.home, &raw mut licenses, null_mut()), RESTOW_OK);
        assert_eq!(restow_licenses_count(licenses), 1);
        let book = restow_licenses_get(licenses, 0);
        assert_eq!(read_text(restow_license_id(book)).as_deref(), Some("b"));
        assert_eq!(read_text(restow_license_title(book, 0)).as_deref(), Some("A Book"));
        assert_eq!(read_text(restow_license_status(book)).as_deref(), Some("invalid"));
        assert!(restow_license_reason(book).is_null() && restow_license_title(book, 1).is_null());
        assert!(restow_licenses_get(licenses, 1).is_null());
        restow_licenses_free(licenses);
        let key_id = c("00000000-0000-0000-0000-000000000001");
        assert_eq!(restow_titles(stage.home, key_id.as_ptr(), &raw mut texts, null_mut()), RESTOW_OK);
        assert!(restow_texts_count(texts) == 0 && restow_texts_get(texts, 0).is_null());
        restow_texts_free(texts);
    }
    stage.end();
}

#[test]
fn polled_run_ends_once_then_null() {
    let stage = Stage::new();
    let restorer = stage.restorer;
    let poll = || unsafe {
        let event = restow_poll(restorer, u32::MAX);
        let status = restow_event_status(event);
        let values = (status, restow_event_hresult(event), restow_event_summary(event).backed_up);
        restow_event_free(event);
        values
    };
    let poll_event = || std::iter::repeat_with(poll).find(|event| event.0 != RESTOW_STATUS_PROGRESS).unwrap();
    unsafe {
        assert!(restow_poll(restorer, u32::MAX).is_null(), "without a run nothing can come");
        assert_eq!(restow_backup(restorer, 0, None, null_mut(), null_mut()), RESTOW_OK);
        assert_eq!(poll_event(), (RESTOW_STATUS_BEGIN, RESTOW_OK, 0));
        assert_eq!(poll_event(), (RESTOW_STATUS_END, RESTOW_OK, 1));
        assert!(restow_poll(restorer, u32::MAX).is_null(), "END is last");
        // The next run discards the events that were not polled.
        restow_wait(restorer);
        assert_eq!(restow_backup(restorer, RESTOW_BACKUP_OVERWRITE, None, null_mut(), null_mut()), RESTOW_OK);
        restow_wait(restorer);
        assert_eq!(restow_backup(restorer, 0, None, null_mut(), null_mut()), RESTOW_OK);
        restow_wait(restorer);
        assert_eq!(poll_event(), (RESTOW_STATUS_END, RESTOW_E_BACKUP_EXISTS, 0));
        assert!(restow_poll(restorer, 0).is_null());
    }
    stage.end();
}

/// State that a callback shares with the test.
struct Scene {
    home: *mut restow_home,
    restorer: *mut restow_restorer,
    events: Mutex<Vec<(i32, i32)>>,
    /// Signals the end of a run. The callback sends on a clone as its last step, because the scene may be
    /// dropped then.
    end_sender: mpsc::Sender<()>,
    /// Barrier at which the run waits in BEGIN.
    begin_barrier: Barrier,
}

// SAFETY: several threads may use the handles.
unsafe impl Sync for Scene {}

impl Scene {
    fn new(stage: &Stage) -> (Self, mpsc::Receiver<()>) {
        let (end_sender, ended) = mpsc::channel();
        let (home, restorer) = (stage.home, stage.restorer);
        (Self { home, restorer, events: Mutex::default(), end_sender, begin_barrier: Barrier::new(2) }, ended)
    }

    fn context(&self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    /// Records an event other than PROGRESS.
    unsafe fn record<'a>(event: *const restow_event, context: *mut c_void) -> (&'a Self, i32) {
        let scene = unsafe { &*context.cast::<Self>() };
        let (status, result) = unsafe { (restow_event_status(event), restow_event_hresult(event)) };
        if status != RESTOW_STATUS_PROGRESS {
            scene.events.lock().unwrap().push((status, result));
        }
        (scene, status)
    }
}

/// In the first BEGIN, waits, starts a run and cancels. In the first END, starts the next run.
unsafe extern "C" fn restart_from_callback(event: *const restow_event, context: *mut c_void) {
    unsafe {
        let (scene, status) = Scene::record(event, context);
        let start = || restow_backup(scene.restorer, 1, Some(restart_from_callback), context, null_mut());
        let runs = scene.events.lock().unwrap().iter().filter(|event| event.0 == RESTOW_STATUS_END).count();
        match (status, runs) {
            (RESTOW_STATUS_BEGIN, 0) => {
                restow_wait(scene.restorer);
                assert_eq!(start(), RESTOW_E_BUSY);
                restow_cancel(scene.restorer);
            }
            (RESTOW_STATUS_END, 1) => {
                restow_wait(scene.restorer);
                scene.events.lock().unwrap().push((0, start()));
            }
            (RESTOW_STATUS_END, _) => scene.end_sender.clone().send(()).unwrap(),
            _ => {}
        }
    }
}

#[test]
fn callback_may_wait_cancel_and_start() {
    let stage = Stage::new();
    let (scene, ended) = Scene::new(&stage);
    let context = scene.context();
    assert_eq!(
        unsafe { restow_backup(stage.restorer, 0, Some(restart_from_callback), context, null_mut()) },
        RESTOW_OK
    );
    ended.recv().unwrap();
    let mut events = scene.events.lock().unwrap().clone();
    // The second run may begin before the call that started it returns.
    let started = events.iter().position(|event| event.0 == 0).unwrap();
    assert_eq!(events.remove(started), (0, RESTOW_OK));
    let expected = [
        (RESTOW_STATUS_BEGIN, RESTOW_OK),
        (RESTOW_STATUS_END, RESTOW_E_CANCELED),
        (RESTOW_STATUS_BEGIN, RESTOW_OK),
        (RESTOW_STATUS_END, RESTOW_OK),
    ];
    assert_eq!(events, expected);
    stage.end();
}

unsafe extern "C" fn free_all_at_end(event: *const restow_event, context: *mut c_void) {
    unsafe {
        let (scene, status) = Scene::record(event, context);
        if status == RESTOW_STATUS_END {
            restow_restorer_free(scene.restorer);
            restow_home_free(scene.home);
            scene.end_sender.clone().send(()).unwrap();
        }
    }
}

#[test]
fn callback_may_free_restorer_and_home() {
    let stage = Stage::new();
    let folder = text_of(&stage.folder.path().join("home"));
    // A run that fails at once may end before the call that started it returns.
    for location in [stage.folder.path().to_owned(), stage.folder.path().join("missing")].iter().cycle().take(20) {
        let (mut scene, ended) = Scene::new(&stage);
        unsafe {
            assert_eq!(restow_home_open(folder.as_ptr(), &raw mut scene.home, null_mut()), RESTOW_OK);
            assert_eq!(restow_restorer_new(scene.home, &raw mut scene.restorer, null_mut()), RESTOW_OK);
            assert_eq!(restow_set_location(scene.restorer, text_of(location).as_ptr(), null_mut()), RESTOW_OK);
            let (restorer, context) = (scene.restorer, scene.context());
            assert_eq!(restow_backup(restorer, 1, Some(free_all_at_end), context, null_mut()), RESTOW_OK);
        }
        ended.recv().unwrap();
        let result = if location.exists() { RESTOW_OK } else { RESTOW_E_LOCATION };
        assert_eq!(scene.events.lock().unwrap().last(), Some(&(RESTOW_STATUS_END, result)));
    }
    stage.end();
}

unsafe extern "C" fn wait_at_begin(event: *const restow_event, context: *mut c_void) {
    unsafe {
        let (scene, status) = Scene::record(event, context);
        match status {
            RESTOW_STATUS_BEGIN => drop(scene.begin_barrier.wait()),
            RESTOW_STATUS_END => scene.end_sender.clone().send(()).unwrap(),
            _ => {}
        }
    }
}

#[test]
fn run_continues_after_restorer_is_freed() {
    let stage = Stage::new();
    let (scene, ended) = Scene::new(&stage);
    let context = scene.context();
    unsafe {
        assert_eq!(restow_backup(stage.restorer, 0, Some(wait_at_begin), context, null_mut()), RESTOW_OK);
        restow_restorer_free(stage.restorer);
        restow_home_free(stage.home);
        scene.begin_barrier.wait();
    }
    ended.recv().unwrap();
    assert_eq!(scene.events.lock().unwrap().last(), Some(&(RESTOW_STATUS_END, RESTOW_OK)));
}

#[test]
fn concurrent_starts_run_once_others_busy() {
    const THREADS: usize = 64;
    let stage = Stage::new();
    let (scene, ended) = Scene::new(&stage);
    // Without a backup a restore ends before BEGIN.
    assert_eq!(unsafe { restow_backup(stage.restorer, 0, None, null_mut(), null_mut()) }, RESTOW_OK);
    unsafe { restow_wait(stage.restorer) };
    for round in 1..=3 {
        let barrier = Barrier::new(THREADS);
        let count = |expected: i32, results: &[i32]| results.iter().filter(|result| **result == expected).count();
        let results: Vec<i32> = std::thread::scope(|scope| {
            let start = |n: usize| {
                let (scene, barrier) = (&scene, &barrier);
                scope.spawn(move || unsafe {
                    let context = scene.context();
                    barrier.wait();
                    let start = if n.is_multiple_of(2) { restow_backup } else { restow_restore };
                    start(scene.restorer, (n as u32 + 1) % 2, Some(wait_at_begin), context, null_mut())
                })
            };
            let threads: Vec<_> = (0..THREADS).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!((count(RESTOW_OK, &results), count(RESTOW_E_BUSY, &results)), (1, THREADS - 1), "{results:x?}");
        scene.begin_barrier.wait();
        ended.recv().unwrap();
        unsafe { restow_wait(scene.restorer) };
        let events = scene.events.lock().unwrap();
        assert_eq!(events.iter().filter(|event| event.0 == RESTOW_STATUS_END).count(), round);
    }
    stage.end();
}

/// Makes all thread-safe calls at the same time. Each started run has one END.
#[test]
fn concurrent_calls_end_each_run_once() {
    static ENDS: AtomicUsize = AtomicUsize::new(0);
    unsafe extern "C" fn counts(event: *const restow_event, _context: *mut c_void) {
        if unsafe { restow_event_status(event) } == RESTOW_STATUS_END {
            ENDS.fetch_add(1, Ordering::SeqCst);
        }
    }
    let stage = Stage::new();
    let (scene, _ended) = Scene::new(&stage);
    let location = text_of(stage.folder.path());
    let starts = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for n in 0..64 {
            let (scene, location, starts) = (&scene, &location, &starts);
            scope.spawn(move || unsafe {
                for round in 0..4 {
                    let (home, restorer) = (scene.home, scene.restorer);
                    match (n + round) % 8 {
                        0..=2 => {
                            let started = restow_backup(restorer, 1, Some(counts), null_mut(), null_mut());
                            assert!([RESTOW_OK, RESTOW_E_BUSY].contains(&started), "{started:x}");
                            starts.fetch_add(usize::from(started == RESTOW_OK), Ordering::SeqCst);
                        }
                        3 => restow_cancel(restorer),
                        4 => restow_wait(restorer),
                        5 => {
                            assert!(restow_poll(restorer, 1).is_null());
                            assert_eq!(restow_set_location(restorer, location.as_ptr(), null_mut()), RESTOW_OK);
                        }
                        6 => {
                            let mut licenses = null_mut();
                            assert_eq!(restow_licenses_list(home, &raw mut licenses, null_mut()), RESTOW_OK);
                            assert_eq!(restow_licenses_count(licenses), 1);
                            restow_licenses_free(licenses);
                        }
                        _ => {
                            let imported =
                                restow_import_document(home, LCP.as_ptr(), LCP.len(), null_mut(), null_mut());
                            assert_eq!(imported, RESTOW_OK);
                            restow_home_cancel(home);
                        }
                    }
                }
            });
        }
    });
    unsafe { restow_wait(stage.restorer) };
    assert!(starts.load(Ordering::SeqCst) > 0);
    assert_eq!(ENDS.load(Ordering::SeqCst), starts.load(Ordering::SeqCst));
    stage.end();
}

#[test]
fn cancel_ends_acquisition_of_silent_service() {
    let stage = Stage::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let link = trust_service_at(&stage, &format!("http://{}", silent.local_addr().unwrap()));
    let (scene, _ended) = Scene::new(&stage);
    std::thread::scope(|scope| {
        let scene = &scene;
        let acquiring = scope.spawn(move || unsafe {
            let mut imported = null_mut();
            let name = c("desk");
            let call = |error| restow_acquire(scene.home, link.as_ptr(), name.as_ptr(), &raw mut imported, error);
            let failure = failing_call(call);
            assert!(imported.is_null());
            failure
        });
        let connection = silent.accept().unwrap();
        unsafe { restow_home_cancel(scene.home) };
        assert_eq!(acquiring.join().unwrap().0, RESTOW_E_CANCELED);
        drop(connection);
    });
    stage.end();
}

#[test]
fn private_service_needs_manual_trust() {
    let stage = Stage::new();
    // The address has no listener, and no connection is created.
    let link = c(&format!("http://127.0.0.1:9/restow/v1/link/{}#{}", "A".repeat(22), "A".repeat(43)));
    let (mut imported, name) = (null_mut(), c("desk"));
    let failure = failing_call(|error| unsafe {
        restow_acquire(stage.home, link.as_ptr(), name.as_ptr(), &raw mut imported, error)
    });
    assert_eq!((failure.0, failure.1.as_str()), (RESTOW_E_SERVICE_UNAVAILABLE, "service-private-address"));
    stage.end();
}

/// Makes the home trust a service at an address; returns a link to it.
fn trust_service_at(stage: &Stage, url: &str) -> CString {
    use restow::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
    use restow::store::TrustOrigin;
    use restow_core::keys::Seed;
    let key = |label: &str| Seed::from_bytes([1; 32]).signing_key(label, &[]);
    let issuer = key("root").public().thumbprint();
    let set = KeySet {
        issuer: issuer.clone(),
        root: key("root").public(),
        version: 1,
        time: 1,
        name: "Silent Shop".into(),
        service_url: url.into(),
        privacy_url: None,
        keys: vec![CertifiedKey::new(KeyUse::Service, key("service").public(), 0)],
        sunset: None,
    };
    let trusted = TrustedKeySet::sign(&set, &key("root")).unwrap();
    let mut store = restow::Home::open(stage.folder.path().join("home")).unwrap().store().unwrap();
    let change = store.change().unwrap();
    change.put_service(&trusted, TrustOrigin::Manual).unwrap();
    change.commit().unwrap();
    c(&format!("{url}/restow/v1/link/AAAAAAAAAAAAAAAAAAAAAA#{issuer}"))
}
