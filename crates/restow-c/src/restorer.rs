//! Backup restorer: backup, restore, cancel, and their events.

use std::cell::Cell;
use std::collections::VecDeque;
use std::ffi::{c_char, c_void};
use std::path::PathBuf;
use std::ptr::null_mut;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use restow::lcp_provider::parse_origin;
use restow::restorer::{Backup, ExistingSet, MissingSet, Restore, RestorerError, Run, ServiceConsent, StatusCallback};
use restow::service::Origin;
use restow::{Home, Status};

use crate::call::{call, call_new};
use crate::error::restow_error;
use crate::event::restow_event;
use crate::ffi::{CallError, borrow_handle, catch_panic, free_handle, into_handle, lock, read_text};
use crate::home::restow_home;
use crate::plan::restow_restore_plan;
use crate::result::{RESTOW_BACKUP_NEW, RESTOW_BACKUP_OVERWRITE, RESTOW_RESTORE_ADOPT, RESTOW_RESTORE_INDIVIDUALIZE};

/// Callback for each event of a run, PROGRESS included. The run's own thread calls it, one call at a time. The
/// event is valid during the call.
pub type restow_callback = Option<unsafe extern "C" fn(event: *const restow_event, context: *mut c_void)>;

/// Restorer that backs up and restores, one run at a time and any number of times.
pub struct restow_restorer {
    // Calls hold this reference instead of the handle. A callback may free the handle before the call that
    // started its run returns.
    core: Arc<RestorerCore>,
}

struct RestorerCore {
    home: Home,
    state: Mutex<RestorerState>,
}

#[derive(Default)]
struct RestorerState {
    location: Option<PathBuf>,
    computer_name: Option<String>,
    /// Root thumbprints of the services that the user consents to.
    services: Vec<String>,
    /// LCP providers that the user consents to ask.
    providers: Vec<Origin>,
    /// Runs that may not have ended: the current run, and earlier runs that still report END.
    runs: Vec<Run>,
    /// Queue of the last run without a callback.
    queue: Option<Arc<EventQueue>>,
}

/// Events of one run that are not polled yet. Of PROGRESS events, only the last is kept.
#[derive(Default)]
struct EventQueue {
    events: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    waiting: VecDeque<restow_event>,
    ended: bool,
}

/// Receiver of the events of a run.
enum EventTarget {
    Callback(unsafe extern "C" fn(*const restow_event, *mut c_void), *mut c_void),
    Queue(Arc<EventQueue>),
}

// SAFETY: the header requires that the callback and its context may be used on another thread.
unsafe impl Send for EventTarget {}
// SAFETY: as above. A run calls from one thread at a time.
unsafe impl Sync for EventTarget {}

thread_local! {
    /// True while this thread runs a callback.
    static IN_CALLBACK: Cell<bool> = const { Cell::new(false) };
}

impl StatusCallback for EventTarget {
    fn on_status(&self, status: &Status) {
        let event = restow_event::new(status);
        match self {
            Self::Callback(callback, context) => {
                IN_CALLBACK.set(true);
                // SAFETY: the caller passed a function and the context for it.
                unsafe { callback(&raw const event, *context) };
                IN_CALLBACK.set(false);
            }
            Self::Queue(queue) => {
                let mut events = lock(&queue.events);
                if event.is_progress() && events.waiting.back().is_some_and(restow_event::is_progress) {
                    events.waiting.pop_back();
                }
                events.waiting.push_back(event);
                events.ended = matches!(status, Status::End(_));
                queue.changed.notify_all();
            }
        }
    }
}

impl EventQueue {
    /// Returns the next event, or `None` after the timeout or when no further event can follow.
    fn next(&self, timeout: Duration) -> Option<restow_event> {
        let is_pending = |events: &mut QueueState| events.waiting.is_empty() && !events.ended;
        let result = self.changed.wait_timeout_while(lock(&self.events), timeout, is_pending);
        let (mut events, _) = result.unwrap_or_else(PoisonError::into_inner);
        events.waiting.pop_front()
    }
}

/// Returns the object of a handle. The object is valid after the handle is freed.
unsafe fn restorer_core(restorer: *const restow_restorer) -> Result<Arc<RestorerCore>, CallError> {
    // SAFETY: as the caller promises.
    Ok(unsafe { borrow_handle(restorer, "restorer") }?.core.clone())
}

impl RestorerCore {
    fn start(
        &self,
        callback: restow_callback,
        context: *mut c_void,
        begin: impl FnOnce(PathBuf, Option<String>, EventTarget) -> Result<Run, restow::Error>,
    ) -> Result<(), CallError> {
        let mut state = lock(&self.state);
        let location = state.location.clone().ok_or(RestorerError::NoPath("location"))?;
        let (target, queue) = match callback {
            Some(callback) => (EventTarget::Callback(callback, context), None),
            None => {
                let queue = Arc::<EventQueue>::default();
                (EventTarget::Queue(queue.clone()), Some(queue))
            }
        };
        let run = begin(location, state.computer_name.clone(), target)?;
        state.runs.retain(|run| run.try_report().is_none());
        state.runs.push(run);
        if queue.is_some() {
            state.queue = queue;
        }
        Ok(())
    }
}

/// Creates a restorer for a home.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_restorer_new(
    home: *const restow_home,
    restorer: *mut *mut restow_restorer,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let home = unsafe { borrow_handle(home, "home") }?.home.clone();
        Ok(restow_restorer { core: Arc::new(RestorerCore { home, state: Mutex::default() }) })
    };
    // SAFETY: as the caller promises.
    unsafe { call_new((restorer, "restorer"), error, body) }
}

/// Sets the folder of the backups. The folder must exist; backups are in `Restow/` in this folder. The call
/// affects later runs only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_set_location(
    restorer: *const restow_restorer,
    location: *const c_char,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { restorer_core(restorer) }?;
        // SAFETY: as the caller promises.
        lock(&restorer.state).location = Some(unsafe { read_text(location, "location") }?.into());
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Sets the name of this computer for backups, and for services where a restore registers this computer. The
/// call affects later runs only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_set_computer_name(
    restorer: *const restow_restorer,
    name: *const c_char,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { restorer_core(restorer) }?;
        // SAFETY: as the caller promises.
        lock(&restorer.state).computer_name = Some(unsafe { read_text(name, "name") }?.into());
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Records the consent of the user to register this computer with the service with this fingerprint. The call affects
/// later restores only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_allow_service(
    restorer: *const restow_restorer,
    fingerprint: *const c_char,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { restorer_core(restorer) }?;
        // SAFETY: as the caller promises.
        let fingerprint = unsafe { read_text(fingerprint, "fingerprint") }?.to_owned();
        lock(&restorer.state).services.push(fingerprint);
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Records the consent of the user to ask the LCP provider at this origin for the status of licenses. The call affects
/// later restores only.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_ask_provider(
    restorer: *const restow_restorer,
    origin: *const c_char,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { restorer_core(restorer) }?;
        // SAFETY: as the caller promises.
        let origin = parse_origin(unsafe { read_text(origin, "origin") }?)?;
        lock(&restorer.state).providers.push(origin);
        Ok(())
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Computes the plan of a restore from the location. `flags` is 0 or `RESTOW_RESTORE_ADOPT`. The call contacts no
/// service and no provider, and changes nothing. It reads the whole backup, and returns when it is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_plan_restore(
    restorer: *const restow_restorer,
    flags: u32,
    plan: *mut *mut restow_restore_plan,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { restorer_core(restorer) }?;
        if flags & !RESTOW_RESTORE_ADOPT != 0 {
            return Err(CallError::InvalidValue("flags"));
        }
        let location = lock(&restorer.state).location.clone().ok_or(RestorerError::NoPath("location"))?;
        let restore = Restore::from(location).adopt(flags & RESTOW_RESTORE_ADOPT != 0);
        Ok(restow_restore_plan::new(&restore.plan(&restorer.home)?))
    };
    // SAFETY: as the caller promises.
    unsafe { call_new((plan, "plan"), error, body) }
}

/// Starts a backup and returns at once. `flags` is a sum of `RESTOW_BACKUP_OVERWRITE` and `RESTOW_BACKUP_NEW`, or
/// 0.
///
/// The events go to `callback` with `context`. Without a callback they wait for `restow_poll`: of PROGRESS
/// events only the last, of all other events each one, up to the number of licenses. If the call fails, for
/// example with `RESTOW_E_BUSY` or `RESTOW_E_NO_LOCATION`, there are no events. Every later failure is in END.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_backup(
    restorer: *const restow_restorer,
    flags: u32,
    callback: restow_callback,
    context: *mut c_void,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { restorer_core(restorer) }?;
        if flags & !(RESTOW_BACKUP_OVERWRITE | RESTOW_BACKUP_NEW) != 0 {
            return Err(CallError::InvalidValue("flags"));
        }
        let may_add = flags & RESTOW_BACKUP_OVERWRITE != 0;
        let existing = if may_add { ExistingSet::AddGeneration } else { ExistingSet::Refuse };
        let missing = if flags & RESTOW_BACKUP_NEW != 0 { MissingSet::BeginNew } else { MissingSet::Refuse };
        restorer.start(callback, context, |location, name, target| {
            let backup = Backup::to(location).existing(existing).missing(missing).on_status(target);
            let backup = if let Some(name) = name { backup.computer_name(name) } else { backup };
            backup.start(&restorer.home)
        })
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Starts a restore and returns at once, with events as `restow_backup`. `flags` is a sum of
/// `RESTOW_RESTORE_INDIVIDUALIZE` and `RESTOW_RESTORE_ADOPT`, or 0. Without `RESTOW_RESTORE_INDIVIDUALIZE` the
/// consent covers the services of `restow_allow_service`. The restore asks the providers of `restow_ask_provider`, and
/// those that the user allowed before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_restore(
    restorer: *const restow_restorer,
    flags: u32,
    callback: restow_callback,
    context: *mut c_void,
    error: *mut *mut restow_error,
) -> i32 {
    let body = || {
        // SAFETY: as the caller promises.
        let restorer = unsafe { restorer_core(restorer) }?;
        if flags & !(RESTOW_RESTORE_INDIVIDUALIZE | RESTOW_RESTORE_ADOPT) != 0 {
            return Err(CallError::InvalidValue("flags"));
        }
        let has_consent = flags & RESTOW_RESTORE_INDIVIDUALIZE != 0;
        let (services, providers) = {
            let state = lock(&restorer.state);
            (state.services.clone(), state.providers.clone())
        };
        let consent = if has_consent { ServiceConsent::AllServices } else { ServiceConsent::Services(services) };
        let adopt = flags & RESTOW_RESTORE_ADOPT != 0;
        restorer.start(callback, context, |location, name, target| {
            let restore = Restore::from(location).consent(consent).ask_providers(providers);
            let restore = restore.adopt(adopt).on_status(target);
            let restore = if let Some(name) = name { restore.computer_name(name) } else { restore };
            restore.start(&restorer.home)
        })
    };
    // SAFETY: as the caller promises.
    unsafe { call(error, body) }
}

/// Asks the current run to stop, and returns at once. Before its commit the run ends with `RESTOW_E_CANCELED`
/// and changes nothing. After its commit the run ends normally. Without a run the call has no effect.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_cancel(restorer: *const restow_restorer) {
    // SAFETY: as the caller promises.
    let Ok(restorer) = (unsafe { restorer_core(restorer) }) else { return };
    catch_panic(|| {
        if let Some(run) = lock(&restorer.state).runs.last() {
            run.cancel();
        }
    });
}

/// Returns the next event of the last run without a callback; the caller owns it. Returns null after
/// `milliseconds`, and at once if no further event can follow: after END, or without such a run. `UINT32_MAX`
/// milliseconds means no timeout. The next run discards events that were not polled.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_poll(restorer: *const restow_restorer, milliseconds: u32) -> *mut restow_event {
    // SAFETY: as the caller promises.
    let Ok(restorer) = (unsafe { restorer_core(restorer) }) else { return null_mut() };
    let next = catch_panic(|| {
        let queue = lock(&restorer.state).queue.clone();
        queue.and_then(|queue| queue.next(Duration::from_millis(milliseconds.into())))
    });
    next.map_or(null_mut(), into_handle)
}

/// Waits until all runs of this restorer have ended and their callbacks have returned from END. Without a run,
/// and inside a callback, the call returns at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_wait(restorer: *const restow_restorer) {
    // SAFETY: as the caller promises.
    let Ok(restorer) = (unsafe { restorer_core(restorer) }) else { return };
    catch_panic(|| {
        let runs = lock(&restorer.state).runs.clone();
        if !IN_CALLBACK.get() {
            runs.iter().for_each(|run| drop(run.wait()));
        }
    });
}

/// Frees a restorer. Its run continues to END. A callback of the run may make this call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn restow_restorer_free(restorer: *mut restow_restorer) {
    // SAFETY: as the caller promises.
    unsafe { free_handle(restorer) }
}
