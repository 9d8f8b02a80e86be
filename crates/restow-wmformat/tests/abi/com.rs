//! A program's side of the ABI: a callback with its own vtable and reference count, and the interfaces of the
//! object.
//!
//! The soak test and the fuzz target use this callback, too.

#![allow(dead_code, reason = "each user needs a part")]

use std::ffi::c_void;
use std::mem::ManuallyDrop;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use windows_core::{GUID, HRESULT, Interface as _};
use wmvcore::interfaces::{
    IWMBackupRestoreProps, IWMLicenseBackup, IWMLicenseRestore, IWMStatusCallback, WMT_TYPE_STRING,
};

pub const S_OK: u32 = 0;
pub const E_NOTIMPL: u32 = 0x8000_4001;
pub const E_NOINTERFACE: u32 = 0x8000_4002;
pub const E_POINTER: u32 = 0x8000_4003;
pub const E_FAIL: u32 = 0x8000_4005;
pub const E_INVALIDARG: u32 = 0x8007_0057;
pub const UNABLE_TO_CREATE: u32 = 0xC00D_2735;
pub const BUSY: u32 = 0xC00D_2744;
pub const INVALID_PROPERTY: u32 = 0xC00D_2749;
pub const CANCELED: u32 = 0xC00D_2768;
pub const INVALID_LOCATION: u32 = 0xC00D_1137;
pub const BEGIN: i32 = 21;
pub const END: i32 = 27;

/// Timeout of every wait, long enough for a slow machine.
const LIMIT: Duration = Duration::from_secs(60);

/// One call of `OnStatus`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatusCall {
    pub status: i32,
    pub result: u32,
    pub data_type: i32,
    pub value: Option<String>,
    pub has_context: bool,
}

#[repr(C)]
struct CallbackVtable {
    query: unsafe extern "system" fn(*const Callback, *const GUID, *mut *const c_void) -> HRESULT,
    add: unsafe extern "system" fn(*const Callback) -> u32,
    release: unsafe extern "system" fn(*const Callback) -> u32,
    on_status: unsafe extern "system" fn(*const Callback, i32, HRESULT, i32, *const u16, *const c_void) -> HRESULT,
}

type Answer = dyn Fn(&Arc<Callback>, &StatusCall) -> u32 + Send + Sync;
type Released = dyn Fn(&Arc<Callback>) + Send + Sync;

static VTABLE: CallbackVtable = CallbackVtable { query, add, release, on_status };

/// Implementation of `IWMStatusCallback` that records its calls and counts its references. 1 means the
/// program's own.
#[repr(C)]
pub struct Callback {
    methods: &'static CallbackVtable,
    state: Mutex<State>,
    changed: Condvar,
    answer: Box<Answer>,
    released: Box<Released>,
}

#[derive(Clone, Debug)]
pub struct State {
    pub references: u32,
    pub calls: Vec<StatusCall>,
    /// Panic of a closure. The panic must not cross the ABI, so a waiting test raises it.
    pub panicked: bool,
}

impl State {
    pub fn ends(&self) -> usize {
        self.calls.iter().filter(|call| call.status == END).count()
    }
}

impl Callback {
    /// Creates a callback that returns S_OK.
    pub fn new() -> Arc<Self> {
        Self::with_result(|_, _| S_OK)
    }

    /// Creates a callback that runs a closure in each call.
    pub fn with_result(answer: impl Fn(&Arc<Self>, &StatusCall) -> u32 + Send + Sync + 'static) -> Arc<Self> {
        Self::with(answer, |_| {})
    }

    /// Creates a callback that runs a second closure after each release.
    pub fn with(
        answer: impl Fn(&Arc<Self>, &StatusCall) -> u32 + Send + Sync + 'static,
        released: impl Fn(&Arc<Self>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            methods: &VTABLE,
            state: Mutex::new(State { references: 1, calls: Vec::new(), panicked: false }),
            changed: Condvar::new(),
            answer: Box::new(answer),
            released: Box::new(released),
        })
    }

    /// Returns the interface pointer.
    pub fn raw(self: &Arc<Self>) -> *mut c_void {
        Arc::as_ptr(self).cast_mut().cast()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn state(&self) -> State {
        self.lock().clone()
    }

    pub fn references(&self) -> u32 {
        self.lock().references
    }

    fn guarded(&self, what: impl FnOnce() -> u32) -> u32 {
        std::panic::catch_unwind(AssertUnwindSafe(what)).unwrap_or_else(|_| {
            self.lock().panicked = true;
            self.changed.notify_all();
            E_FAIL
        })
    }

    /// Waits until the state fulfills a condition.
    pub fn wait_until(&self, what: &str, is: impl Fn(&State) -> bool) -> State {
        let state = self.lock();
        let (state, limit) = self
            .changed
            .wait_timeout_while(state, LIMIT, |state| !is(state) && !state.panicked)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!limit.timed_out(), "{what} did not come: {state:?}");
        assert!(!state.panicked, "the callback panicked: {state:?}");
        state.clone()
    }

    /// Waits for a number of ENDs and until only the program holds the callback.
    pub fn wait_for_ends(&self, ends: usize) -> Vec<StatusCall> {
        self.wait_until("END", |state| state.ends() >= ends && state.references == 1).calls
    }

    /// Waits for one END and returns its result.
    pub fn end(&self) -> u32 {
        let calls = self.wait_for_ends(1);
        let last = calls.last().map(|call| (call.status, call.result));
        let (status, result) = last.unwrap_or_default();
        assert_eq!((status, calls.iter().filter(|call| call.status == END).count()), (END, 1), "{calls:?}");
        result
    }
}

// SAFETY of the four functions: every caller has a reference of the `Arc`, so the callback lives during the
// call.

unsafe extern "system" fn query(this: *const Callback, iid: *const GUID, out: *mut *const c_void) -> HRESULT {
    // SAFETY: callers pass an IID.
    let iid = unsafe { &*iid };
    // SAFETY: callers pass space for a pointer.
    let out = unsafe { &mut *out };
    if *iid != IWMStatusCallback::IID && *iid != windows_core::IUnknown::IID {
        *out = std::ptr::null();
        return HRESULT(E_NOINTERFACE.cast_signed());
    }
    *out = this.cast();
    // SAFETY: as above.
    unsafe { add(this) };
    HRESULT(0)
}

unsafe extern "system" fn add(this: *const Callback) -> u32 {
    // SAFETY: as above.
    unsafe { Arc::increment_strong_count(this) };
    // SAFETY: as above.
    let mut state = unsafe { &*this }.lock();
    state.references += 1;
    state.references
}

unsafe extern "system" fn release(this: *const Callback) -> u32 {
    // SAFETY: the released reference ends with this function, not before.
    let this = unsafe { Arc::from_raw(this) };
    let left = {
        let mut state = this.lock();
        assert!(state.references > 1, "released more often than held");
        state.references -= 1;
        state.references
    };
    this.guarded(|| {
        (this.released)(&this);
        S_OK
    });
    this.changed.notify_all();
    left
}

unsafe extern "system" fn on_status(
    this: *const Callback,
    status: i32,
    result: HRESULT,
    data_type: i32,
    value: *const u16,
    context: *const c_void,
) -> HRESULT {
    // SAFETY: as above; the caller keeps its reference.
    let this = ManuallyDrop::new(unsafe { Arc::from_raw(this) });
    let value = (data_type == WMT_TYPE_STRING && !value.is_null()).then(|| {
        // SAFETY: the text ends with a zero.
        let units = (0..).map(|n| unsafe { value.wrapping_add(n).read() });
        String::from_utf16_lossy(&units.take_while(|unit| *unit != 0).collect::<Vec<_>>())
    });
    let call =
        StatusCall { status, result: result.0.cast_unsigned(), data_type, value, has_context: !context.is_null() };
    this.lock().calls.push(call.clone());
    this.changed.notify_all();
    HRESULT(this.guarded(|| (this.answer)(&this, &call)).cast_signed())
}

/// Interface pointer that moves to another thread, as the object allows.
#[derive(Clone)]
pub struct SendObject<T>(pub T);

// SAFETY: any thread may use the object.
unsafe impl<T> Send for SendObject<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for SendObject<T> {}

/// Creates the object, or returns the result code.
pub fn create() -> Result<IWMLicenseBackup, u32> {
    let mut made = std::ptr::dangling_mut::<c_void>();
    // SAFETY: there is space for a pointer.
    let answer = unsafe { wmvcore::WMCreateBackupRestorer(std::ptr::null_mut(), &mut made) };
    if answer.0 != 0 {
        assert!(made.is_null(), "cleared on failure");
        return Err(answer.0.cast_unsigned());
    }
    // SAFETY: the created object with its reference.
    Ok(unsafe { IWMLicenseBackup::from_raw(made) })
}

/// Encodes text as UTF-16 with a terminator.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

pub fn bytes(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Calls `SetProp` with these bytes.
pub fn set(props: &IWMBackupRestoreProps, name: &str, data_type: i32, value: &[u8]) -> u32 {
    let length = u16::try_from(value.len()).unwrap_or_else(|_| unreachable!("a value that SetProp can be given"));
    // SAFETY: a name with a terminator, and the stated number of bytes.
    unsafe { props.SetProp(wide(name).as_ptr(), data_type, value.as_ptr(), length) }.0.cast_unsigned()
}

/// The object with three of its interfaces.
#[derive(Clone)]
pub struct Object {
    pub backup: IWMLicenseBackup,
    pub restore: IWMLicenseRestore,
    pub props: IWMBackupRestoreProps,
}

impl Object {
    pub fn new() -> Self {
        let backup = create().expect("an object");
        let (restore, props) = (backup.cast().expect("restores"), backup.cast().expect("has properties"));
        Self { backup, restore, props }
    }

    pub fn back_up(&self, callback: &Arc<Callback>) -> u32 {
        // SAFETY: the callback lives during the call.
        unsafe { self.backup.BackupLicenses(1, callback.raw()) }.0.cast_unsigned()
    }

    pub fn restore(&self, callback: &Arc<Callback>) -> u32 {
        // SAFETY: the callback lives during the call.
        unsafe { self.restore.RestoreLicenses(0, callback.raw()) }.0.cast_unsigned()
    }

    pub fn cancel(&self) {
        // SAFETY: no arguments.
        assert_eq!(unsafe { self.backup.CancelLicenseBackup() }.0, 0);
        // SAFETY: no arguments.
        assert_eq!(unsafe { self.restore.CancelLicenseRestore() }.0, 0);
    }

    /// Returns the number of references, from the result of `Release`.
    pub fn references(&self) -> u32 {
        let another = std::mem::ManuallyDrop::new(self.backup.clone());
        // SAFETY: releases the reference just added.
        unsafe { (another.vtable().base__.Release)(another.as_raw()) }
    }
}
