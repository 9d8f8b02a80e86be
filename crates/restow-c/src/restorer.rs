//! The backup restorer: backup, restore, cancel, and what they tell.

use std::collections::VecDeque;
use std::ffi::{c_char, c_void};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use restow::restorer::{Backup, Consent, ExistingSet, Restore, RestorerError, Run, StatusCallback};
use restow::{Home, Status};

use crate::edge::{Failed, answer, or_default, text};
use crate::error::restow_error;
use crate::event::restow_event;
use crate::home::{home, restow_home};

/// A backup of this computer that is there already may be added to.
pub const RESTOW_BACKUP_OVERWRITE: u32 = 1;
/// The user consented to registering this computer with every service needed.
pub const RESTOW_RESTORE_INDIVIDUALIZE: u32 = 2;
/// Takes over licenses of other holders.
pub const RESTOW_RESTORE_ADOPT: u32 = 4;

/// What is called with each event, from the run's own thread. The event is valid during the call.
pub type RestowCallback = Option<unsafe extern "C" fn(event: *const restow_event, context: *mut c_void)>;

/// Backs up and restores, one run at a time, as often as one likes. Free it with `restow_restorer_free`; a run goes on then.
pub struct restow_restorer {
    home: Home,
    state: Mutex<State>,
    queue: Arc<Queue>,
}

#[derive(Default)]
struct State {
    location: Option<PathBuf>,
    run: Option<Run>,
}

/// Events nobody polled yet; of progress only the last.
#[derive(Default)]
struct Queue {
    events: Mutex<VecDeque<restow_event>>,
    came: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where events go.
enum Listener {
    Callback(unsafe extern "C" fn(*const restow_event, *mut c_void), *mut c_void),
    Queue(Arc<Queue>),
}

// SAFETY: the header says that the callback is called from another thread and that its context must bear it.
unsafe impl Send for Listener {}
// SAFETY: as above; and a run calls from one thread at a time.
unsafe impl Sync for Listener {}

impl StatusCallback for Listener {
    fn on_status(&self, status: &Status) {
        let event = restow_event::of(status);
        match self {
            // SAFETY: the caller gave a function and the context it takes.
            Self::Callback(callback, context) => unsafe { callback(&raw const event, *context) },
            Self::Queue(queue) => {
                let mut events = lock(&queue.events);
                if matches!(status, Status::Progress { .. }) && events.back().is_some_and(restow_event::is_progress) {
                    events.pop_back();
                }
                events.push_back(event);
                queue.came.notify_all();
            }
        }
    }
}

/// # Safety
/// `restorer` is null or a restorer.
unsafe fn restorer<'a>(restorer: *const restow_restorer) -> Result<&'a restow_restorer, Failed> {
    // SAFETY: as the caller promises.
    unsafe { restorer.as_ref() }.ok_or(Failed::Argument("the restorer is missing"))
}

impl restow_restorer {
    fn start(
        &self,
        callback: RestowCallback,
        context: *mut c_void,
        begin: impl FnOnce(PathBuf, Listener) -> Result<Run, restow::Error>,
    ) -> Result<(), Failed> {
        let mut state = lock(&self.state);
        let location = state.location.clone().ok_or(RestorerError::NoPath("location"))?;
        let listener = match callback {
            Some(callback) => Listener::Callback(callback, context),
            None => Listener::Queue(self.queue.clone()),
        };
        state.run = Some(begin(location, listener)?);
        Ok(())
    }
}

/// Makes a restorer of a home.
///
/// # Safety
/// `home` is a home; `made` has room for a pointer; `error` is null or has room for one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_restorer_new(
    home: *const restow_home,
    made: *mut *mut restow_restorer,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let made = unsafe { made.as_mut() }.ok_or(Failed::Argument("the place for the answer is missing"))?;
        *made = std::ptr::null_mut();
        // SAFETY: as the caller promises.
        let home = unsafe { self::home(home) }?.clone();
        *made = Box::into_raw(Box::new(restow_restorer { home, state: Mutex::default(), queue: Arc::default() }));
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Sets where backups are written to and read from: a folder that exists.
///
/// # Safety
/// `restorer` is a restorer, `location` text; `error` is null or has room for a pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_set_location(
    restorer: *const restow_restorer,
    location: *const c_char,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { self::restorer(restorer) }?;
        // SAFETY: as the caller promises.
        lock(&restorer.state).location = Some(unsafe { text(location) }?.into());
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Starts a backup and returns at once. `flags` is 0 or `RESTOW_BACKUP_OVERWRITE`. Without a callback events wait to be polled.
///
/// # Safety
/// `restorer` is a restorer; `callback` may be called from another thread with `context` until the end was told; `error` is null or has room for a
/// pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_backup(
    restorer: *const restow_restorer,
    flags: u32,
    callback: RestowCallback,
    context: *mut c_void,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { self::restorer(restorer) }?;
        restorer.start(callback, context, |location, listener| {
            let add = flags & RESTOW_BACKUP_OVERWRITE != 0;
            let existing = if add { ExistingSet::AddGeneration } else { ExistingSet::Refuse };
            Backup::to(location).existing(existing).on_status(listener).start(&restorer.home)
        })
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Starts a restore and returns at once. `flags` adds up `RESTOW_RESTORE_INDIVIDUALIZE` and `RESTOW_RESTORE_ADOPT`. Without a callback events wait to be polled.
///
/// # Safety
/// As `restow_backup`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_restore(
    restorer: *const restow_restorer,
    flags: u32,
    callback: RestowCallback,
    context: *mut c_void,
    error: *mut *mut restow_error,
) -> i32 {
    let call = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { self::restorer(restorer) }?;
        restorer.start(callback, context, |location, listener| {
            let consented = flags & RESTOW_RESTORE_INDIVIDUALIZE != 0;
            let consent = if consented { Consent::AllServices } else { Consent::None };
            let adopt = flags & RESTOW_RESTORE_ADOPT != 0;
            Restore::from(location).consent(consent).adopt(adopt).on_status(listener).start(&restorer.home)
        })
    };
    // SAFETY: as the caller promises.
    unsafe { answer(error, call) }
}

/// Asks the run that is going on to stop; how it ended comes with its end. Without a run nothing happens.
///
/// # Safety
/// `restorer` is null or a restorer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_cancel(restorer: *const restow_restorer) {
    // SAFETY: as the caller promises.
    if let Some(restorer) = unsafe { restorer.as_ref() } {
        or_default(|| {
            if let Some(run) = &lock(&restorer.state).run {
                run.cancel();
            }
        });
    }
}

/// The next event of a run without a callback: the caller's, or null when none came within so many milliseconds.
///
/// # Safety
/// `restorer` is null (then null) or a restorer that is not freed meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_poll(restorer: *const restow_restorer, milliseconds: u32) -> *mut restow_event {
    // SAFETY: as the caller promises.
    let Some(restorer) = (unsafe { restorer.as_ref() }) else { return std::ptr::null_mut() };
    let next = or_default(|| {
        let events = lock(&restorer.queue.events);
        let wait = Duration::from_millis(milliseconds.into());
        let waited = restorer.queue.came.wait_timeout_while(events, wait, |events| events.is_empty());
        let (mut events, _) = waited.unwrap_or_else(PoisonError::into_inner);
        events.pop_front()
    });
    next.map_or(std::ptr::null_mut(), |event| Box::into_raw(Box::new(event)))
}

/// Frees a restorer.
///
/// # Safety
/// `restorer` is null or a restorer that was not freed and that no other thread uses.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_restorer_free(restorer: *mut restow_restorer) {
    if !restorer.is_null() {
        // SAFETY: it came from a box, as the caller promises.
        drop(unsafe { Box::from_raw(restorer) });
    }
}
