//! The C API called as a program calls it: wrong arguments, callbacks that call back, many threads.

#![allow(
    missing_docs,
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

const LCP: &str = r#"{"id":"b","issued":"2024-09-26T17:53:16Z","provider":"https://p.example","encryption":{"profile":"p",
"content_key":{"algorithm":"x","encrypted_value":"x"},"user_key":{"algorithm":"x","text_hint":"x","key_check":"x"}},
"links":[{"rel":"publication","href":"https://p.example/b","title":"A Book"}],
"signature":{"algorithm":"x","certificate":"x","value":"x"}}"#;

fn c(text: &str) -> CString {
    CString::new(text).unwrap()
}

fn said(text: *const c_char) -> Option<String> {
    (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_str().unwrap().to_owned())
}

/// A home with a book, a place for backups, and a restorer that knows it.
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

/// A call that must fail, and its error: code and message.
fn refused(call: impl FnOnce(*mut *mut restow_error) -> i32) -> (i32, String, String) {
    let mut error = null_mut();
    let result = call(&raw mut error);
    unsafe {
        assert_eq!(restow_error_hresult(error), result);
        let told = (result, said(restow_error_code(error)).unwrap(), said(restow_error_message(error)).unwrap());
        assert!(said(restow_error_help(error)).is_some_and(|help| !help.is_empty()));
        restow_error_free(error);
        told
    }
}

#[test]
fn every_null_is_answered() {
    let stage = Stage::new();
    let (home, restorer, some) = (stage.home, stage.restorer, c("x"));
    let text = some.as_ptr();
    let (mut key, mut left) = ([7; 16], 7);
    unsafe {
        let (mut home_2, mut made): (*mut restow_home, *mut restow_restorer) = (null_mut(), null_mut());
        let (mut licenses, mut texts, mut imported) = (null_mut(), null_mut(), null_mut());
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
            restow_restorer_new(null(), &raw mut made, null_mut()),
            restow_restorer_new(home, null_mut(), null_mut()),
            restow_set_location(null(), text, null_mut()),
            restow_set_location(restorer, null(), null_mut()),
            restow_set_computer_name(null(), text, null_mut()),
            restow_set_computer_name(restorer, null(), null_mut()),
            restow_backup(null(), 0, None, null_mut(), null_mut()),
            restow_restore(null(), 0, None, null_mut(), null_mut()),
        ];
        assert!(results.iter().all(|result| *result == RESTOW_E_INVALIDARG), "{results:x?}");
        assert!(home_2.is_null() && made.is_null() && licenses.is_null() && texts.is_null() && imported.is_null());
        assert_eq!((key, left), ([7; 16], 7));
        // What may be null.
        let folder = text_of(&stage.folder.path().join("home"));
        assert_eq!(restow_home_open(folder.as_ptr(), &raw mut home_2, null_mut()), RESTOW_OK);
        assert_eq!(restow_import(home_2, folder.as_ptr(), null_mut(), null_mut()), RESTOW_OK);
        restow_home_free(home_2);
        restow_home_cancel(null());
        restow_cancel(null());
        restow_wait(null());
        assert!(restow_poll(null(), u32::MAX).is_null());
        // Parts of nothing, and nothing to free.
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
        ];
        assert!(texts.iter().all(|text| text.is_null()));
        assert!(restow_event_license(null(), 0).is_null() && restow_licenses_get(null(), 0).is_null());
        assert!(restow_import_result_refused_error(null(), 0).is_null());
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
fn wrong_arguments_are_told_apart() {
    let stage = Stage::new();
    let (home, restorer) = (stage.home, stage.restorer);
    let (no_text, key_id, play) = (c("\u{80}"), c("00000000-0000-0000-0000-000000000001"), c("Play"));
    let no_utf8 = &no_text.as_bytes_with_nul()[1..];
    let wrong = |what: &str| (RESTOW_E_INVALIDARG, "argument".to_owned(), what.to_owned());
    unsafe {
        assert_eq!(
            refused(|error| restow_set_location(restorer, no_utf8.as_ptr().cast(), error)),
            wrong("`location` is not UTF-8")
        );
        assert_eq!(refused(|error| restow_set_location(restorer, null(), error)), wrong("`location` is missing"));
        for flags in [RESTOW_RESTORE_INDIVIDUALIZE, 1 << 31] {
            let call = |error| restow_backup(restorer, flags, None, null_mut(), error);
            assert_eq!(refused(call), wrong("`flags` has a value it cannot have"));
        }
        let call = |error| restow_restore(restorer, RESTOW_BACKUP_OVERWRITE, None, null_mut(), error);
        assert_eq!(refused(call), wrong("`flags` has a value it cannot have"));
        let call = |error| restow_use(home, key_id.as_ptr(), play.as_ptr(), 1, error);
        assert_eq!(refused(call), wrong("`flags` has a value it cannot have"));
        let call = |error| restow_can(home, play.as_ptr(), play.as_ptr(), null_mut(), error);
        assert_eq!(refused(call), wrong("`key_id` has a value it cannot have"));
        let call = |error| restow_can(home, key_id.as_ptr(), play.as_ptr(), null_mut(), error);
        assert_eq!(refused(call).0, RESTOW_E_NO_LICENSE);
        for flags in [0, RESTOW_USE_OFFLINE] {
            let call = |error| restow_use(home, key_id.as_ptr(), play.as_ptr(), flags, error);
            assert_eq!(refused(call).1, "no-license");
        }
        let mut other = null_mut();
        assert_eq!(restow_restorer_new(home, &raw mut other, null_mut()), RESTOW_OK);
        let call = |error| restow_backup(other, 0, None, null_mut(), error);
        assert_eq!(refused(call).0, RESTOW_E_NO_LOCATION);
        restow_restorer_free(other);
        assert_eq!(said(restow_version()).as_deref(), Some(env!("CARGO_PKG_VERSION")));
    }
    stage.end();
}

#[test]
fn documents_that_are_refused_are_told_with_the_reason() {
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
        assert!(said(restow_import_result_refused_name(imported, 0)).unwrap().ends_with("empty.lcpl"));
        let error = restow_import_result_refused_error(imported, 0);
        assert_eq!(restow_error_hresult(error), RESTOW_E_INVALID_LICENSE);
        assert!(said(restow_error_message(error)).is_some());
        let harmless = "red \u{fffd}[31m and turned \u{fffd}.lcpl";
        assert!(said(restow_import_result_refused_name(imported, 1)).unwrap().ends_with(harmless));
        assert!(
            restow_import_result_refused_name(imported, 2).is_null()
                && restow_import_result_refused_error(imported, 2).is_null()
        );
        restow_import_result_free(imported);

        let nowhere = text_of(&folder.join("typo"));
        let told = refused(|error| restow_import(stage.home, nowhere.as_ptr(), &raw mut imported, error));
        assert_eq!((told.0, told.1.as_str()), (RESTOW_E_NO_FILE, "file-unreadable"));
        assert!(imported.is_null());

        let document =
            |length| move |error| restow_import_document(stage.home, LCP.as_ptr(), length, null_mut(), error);
        assert_eq!(restow_import_document(stage.home, LCP.as_ptr(), LCP.len(), &raw mut is_new, null_mut()), RESTOW_OK);
        assert!(!is_new);
        assert_eq!(refused(document(0)).0, RESTOW_E_INVALID_LICENSE);
        assert_eq!(refused(document(LCP.len() - 1)).0, RESTOW_E_INVALID_LICENSE);
        // Nothing is read where so much cannot be.
        assert_eq!(refused(document(usize::MAX)).1, refused(document(1 << 21)).1);
    }
    stage.end();
}

#[test]
fn licenses_are_listed_and_looked_up() {
    let stage = Stage::new();
    unsafe {
        let (mut licenses, mut texts) = (null_mut(), null_mut());
        assert_eq!(restow_licenses_list(stage.home, &raw mut licenses, null_mut()), RESTOW_OK);
        assert_eq!(restow_licenses_count(licenses), 1);
        let book = restow_licenses_get(licenses, 0);
        assert_eq!(said(restow_license_id(book)).as_deref(), Some("b"));
        assert_eq!(said(restow_license_title(book, 0)).as_deref(), Some("A Book"));
        assert_eq!(said(restow_license_status(book)).as_deref(), Some("invalid"));
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
fn polled_runs_end_once_and_then_nothing_comes() {
    let stage = Stage::new();
    let restorer = stage.restorer;
    let poll = || unsafe {
        let event = restow_poll(restorer, u32::MAX);
        let status = restow_event_status(event);
        let told = (status, restow_event_hresult(event), restow_event_summary(event).backed_up);
        restow_event_free(event);
        told
    };
    let poll_told = || std::iter::repeat_with(poll).find(|told| told.0 != RESTOW_STATUS_PROGRESS).unwrap();
    unsafe {
        assert!(restow_poll(restorer, u32::MAX).is_null(), "without a run nothing can come");
        assert_eq!(restow_backup(restorer, 0, None, null_mut(), null_mut()), RESTOW_OK);
        assert_eq!(poll_told(), (RESTOW_STATUS_BEGIN, RESTOW_OK, 0));
        assert_eq!(poll_told(), (RESTOW_STATUS_END, RESTOW_OK, 1));
        assert!(restow_poll(restorer, u32::MAX).is_null(), "END is last");
        // What nobody polled is forgotten when the next run starts.
        restow_wait(restorer);
        assert_eq!(restow_backup(restorer, RESTOW_BACKUP_OVERWRITE, None, null_mut(), null_mut()), RESTOW_OK);
        restow_wait(restorer);
        assert_eq!(restow_backup(restorer, 0, None, null_mut(), null_mut()), RESTOW_OK);
        restow_wait(restorer);
        assert_eq!(poll_told(), (RESTOW_STATUS_END, RESTOW_E_BACKUP_EXISTS, 0));
        assert!(restow_poll(restorer, 0).is_null());
    }
    stage.end();
}

/// What a callback and the test share.
struct Scene {
    home: *mut restow_home,
    restorer: *mut restow_restorer,
    told: Mutex<Vec<(i32, i32)>>,
    /// Sends when a run is over: a copy of it, as the last thing its callback does, because the scene may go then.
    over: mpsc::Sender<()>,
    /// What the run waits for at BEGIN.
    go_on: Barrier,
}

// SAFETY: handles may be used in several threads.
unsafe impl Sync for Scene {}

impl Scene {
    fn new(stage: &Stage) -> (Self, mpsc::Receiver<()>) {
        let (over, ended) = mpsc::channel();
        let (home, restorer) = (stage.home, stage.restorer);
        (Self { home, restorer, told: Mutex::default(), over, go_on: Barrier::new(2) }, ended)
    }

    fn context(&self) -> *mut c_void {
        std::ptr::from_ref(self).cast_mut().cast()
    }

    /// Notes an event; progress is not noted.
    unsafe fn note<'a>(event: *const restow_event, context: *mut c_void) -> (&'a Self, i32) {
        let scene = unsafe { &*context.cast::<Self>() };
        let (status, result) = unsafe { (restow_event_status(event), restow_event_hresult(event)) };
        if status != RESTOW_STATUS_PROGRESS {
            scene.told.lock().unwrap().push((status, result));
        }
        (scene, status)
    }
}

/// At its beginning waits, starts another run and cancels; at its end starts the next, the first time.
unsafe extern "C" fn calls_back(event: *const restow_event, context: *mut c_void) {
    unsafe {
        let (scene, status) = Scene::note(event, context);
        let start = || restow_backup(scene.restorer, 1, Some(calls_back), context, null_mut());
        let runs = scene.told.lock().unwrap().iter().filter(|told| told.0 == RESTOW_STATUS_END).count();
        match (status, runs) {
            (RESTOW_STATUS_BEGIN, 0) => {
                restow_wait(scene.restorer);
                assert_eq!(start(), RESTOW_E_BUSY);
                restow_cancel(scene.restorer);
            }
            (RESTOW_STATUS_END, 1) => {
                restow_wait(scene.restorer);
                scene.told.lock().unwrap().push((0, start()));
            }
            (RESTOW_STATUS_END, _) => scene.over.clone().send(()).unwrap(),
            _ => {}
        }
    }
}

#[test]
fn a_callback_may_wait_cancel_and_start_the_next_run() {
    let stage = Stage::new();
    let (scene, ended) = Scene::new(&stage);
    let context = scene.context();
    assert_eq!(unsafe { restow_backup(stage.restorer, 0, Some(calls_back), context, null_mut()) }, RESTOW_OK);
    ended.recv().unwrap();
    let mut told = scene.told.lock().unwrap().clone();
    // The second run may begin before the call that started it has returned.
    let started = told.iter().position(|told| told.0 == 0).unwrap();
    assert_eq!(told.remove(started), (0, RESTOW_OK));
    let expected = [
        (RESTOW_STATUS_BEGIN, RESTOW_OK),
        (RESTOW_STATUS_END, RESTOW_E_CANCELED),
        (RESTOW_STATUS_BEGIN, RESTOW_OK),
        (RESTOW_STATUS_END, RESTOW_OK),
    ];
    assert_eq!(told, expected);
    stage.end();
}

unsafe extern "C" fn frees_all_at_the_end(event: *const restow_event, context: *mut c_void) {
    unsafe {
        let (scene, status) = Scene::note(event, context);
        if status == RESTOW_STATUS_END {
            restow_restorer_free(scene.restorer);
            restow_home_free(scene.home);
            scene.over.clone().send(()).unwrap();
        }
    }
}

#[test]
fn a_callback_may_free_the_restorer_and_the_home() {
    let stage = Stage::new();
    let folder = text_of(&stage.folder.path().join("home"));
    // A run that fails at once may be over before the call that started it has returned.
    for location in [stage.folder.path().to_owned(), stage.folder.path().join("missing")].iter().cycle().take(20) {
        let (mut scene, ended) = Scene::new(&stage);
        unsafe {
            assert_eq!(restow_home_open(folder.as_ptr(), &raw mut scene.home, null_mut()), RESTOW_OK);
            assert_eq!(restow_restorer_new(scene.home, &raw mut scene.restorer, null_mut()), RESTOW_OK);
            assert_eq!(restow_set_location(scene.restorer, text_of(location).as_ptr(), null_mut()), RESTOW_OK);
            let (restorer, context) = (scene.restorer, scene.context());
            assert_eq!(restow_backup(restorer, 1, Some(frees_all_at_the_end), context, null_mut()), RESTOW_OK);
        }
        ended.recv().unwrap();
        let result = if location.exists() { RESTOW_OK } else { RESTOW_E_LOCATION };
        assert_eq!(scene.told.lock().unwrap().last(), Some(&(RESTOW_STATUS_END, result)));
    }
    stage.end();
}

unsafe extern "C" fn waits_at_the_beginning(event: *const restow_event, context: *mut c_void) {
    unsafe {
        let (scene, status) = Scene::note(event, context);
        match status {
            RESTOW_STATUS_BEGIN => drop(scene.go_on.wait()),
            RESTOW_STATUS_END => scene.over.clone().send(()).unwrap(),
            _ => {}
        }
    }
}

#[test]
fn a_run_goes_on_when_its_restorer_is_freed() {
    let stage = Stage::new();
    let (scene, ended) = Scene::new(&stage);
    let context = scene.context();
    unsafe {
        assert_eq!(restow_backup(stage.restorer, 0, Some(waits_at_the_beginning), context, null_mut()), RESTOW_OK);
        restow_restorer_free(stage.restorer);
        restow_home_free(stage.home);
        scene.go_on.wait();
    }
    ended.recv().unwrap();
    assert_eq!(scene.told.lock().unwrap().last(), Some(&(RESTOW_STATUS_END, RESTOW_OK)));
}

#[test]
fn of_sixty_four_threads_one_starts_a_run_and_the_others_are_told_busy() {
    const THREADS: usize = 64;
    let stage = Stage::new();
    let (scene, ended) = Scene::new(&stage);
    // Without a backup a restore ends before it begins.
    assert_eq!(unsafe { restow_backup(stage.restorer, 0, None, null_mut(), null_mut()) }, RESTOW_OK);
    unsafe { restow_wait(stage.restorer) };
    for round in 1..=3 {
        let together = Barrier::new(THREADS);
        let count = |wanted: i32, results: &[i32]| results.iter().filter(|result| **result == wanted).count();
        let results: Vec<i32> = std::thread::scope(|scope| {
            let start = |n: usize| {
                let (scene, together) = (&scene, &together);
                scope.spawn(move || unsafe {
                    let context = scene.context();
                    together.wait();
                    let start = if n.is_multiple_of(2) { restow_backup } else { restow_restore };
                    start(scene.restorer, (n as u32 + 1) % 2, Some(waits_at_the_beginning), context, null_mut())
                })
            };
            let threads: Vec<_> = (0..THREADS).map(start).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!((count(RESTOW_OK, &results), count(RESTOW_E_BUSY, &results)), (1, THREADS - 1), "{results:x?}");
        scene.go_on.wait();
        ended.recv().unwrap();
        unsafe { restow_wait(scene.restorer) };
        let told = scene.told.lock().unwrap();
        assert_eq!(told.iter().filter(|told| told.0 == RESTOW_STATUS_END).count(), round);
    }
    stage.end();
}

/// Everything at once that may be called at once; each run that was started has one END.
#[test]
fn sixty_four_threads_may_call_everything() {
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
fn an_acquisition_that_waits_for_a_silent_service_can_be_cancelled() {
    let stage = Stage::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let link = trusted_at(&stage, &format!("http://{}", silent.local_addr().unwrap()));
    let (scene, _ended) = Scene::new(&stage);
    std::thread::scope(|scope| {
        let scene = &scene;
        let acquiring = scope.spawn(move || unsafe {
            let mut imported = null_mut();
            let name = c("desk");
            let call = |error| restow_acquire(scene.home, link.as_ptr(), name.as_ptr(), &raw mut imported, error);
            let told = refused(call);
            assert!(imported.is_null());
            told
        });
        let connection = silent.accept().unwrap();
        unsafe { restow_home_cancel(scene.home) };
        assert_eq!(acquiring.join().unwrap().0, RESTOW_E_CANCELED);
        drop(connection);
    });
    stage.end();
}

#[test]
fn a_link_to_this_computer_waits_for_its_user() {
    let stage = Stage::new();
    // Nobody listens there, and nobody is called.
    let link = c(&format!("http://127.0.0.1:9/restow/v1/link/{}#{}", "A".repeat(22), "A".repeat(43)));
    let (mut imported, name) = (null_mut(), c("desk"));
    let told =
        refused(|error| unsafe { restow_acquire(stage.home, link.as_ptr(), name.as_ptr(), &raw mut imported, error) });
    assert_eq!((told.0, told.1.as_str()), (RESTOW_E_SERVICE_UNAVAILABLE, "service-private-address"));
    stage.end();
}

/// Makes the home trust a service said to be there, and returns a link to it.
fn trusted_at(stage: &Stage, url: &str) -> CString {
    use restow::keys::Seed;
    use restow::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
    use restow::store::TrustOrigin;
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
