//! A program's side of the ABI: a callback with a vtable and a count of its own, and the object's interfaces.
//!
//! The soak and the fuzz target have their callback from here, too.

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
pub const NO_PLACE: u32 = 0xC00D_1137;
pub const BEGIN: i32 = 21;
pub const END: i32 = 27;

/// A limit for what must happen, however slow the machine is.
const LIMIT: Duration = Duration::from_secs(60);

/// What `OnStatus` was told once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    pub status: i32,
    pub result: u32,
    pub data_type: i32,
    pub value: Option<String>,
    pub has_context: bool,
}

#[repr(C)]
struct Methods {
    query: unsafe extern "system" fn(*const Callback, *const GUID, *mut *const c_void) -> HRESULT,
    add: unsafe extern "system" fn(*const Callback) -> u32,
    release: unsafe extern "system" fn(*const Callback) -> u32,
    on_status: unsafe extern "system" fn(*const Callback, i32, HRESULT, i32, *const u16, *const c_void) -> HRESULT,
}

type Answer = dyn Fn(&Arc<Callback>, &Told) -> u32 + Send + Sync;
type Released = dyn Fn(&Arc<Callback>) + Send + Sync;

static METHODS: Methods = Methods { query, add, release, on_status };

/// An `IWMStatusCallback` that keeps what it is told, and counts who holds it: 1 is its program alone.
#[repr(C)]
pub struct Callback {
    methods: &'static Methods,
    state: Mutex<State>,
    changed: Condvar,
    answer: Box<Answer>,
    released: Box<Released>,
}

#[derive(Clone, Debug)]
pub struct State {
    pub references: u32,
    pub told: Vec<Told>,
    /// What the callback is for panicked: that must not leave it, and is raised where somebody waits.
    pub panicked: bool,
}

impl State {
    pub fn ends(&self) -> usize {
        self.told.iter().filter(|told| told.status == END).count()
    }
}

impl Callback {
    /// One that answers S_OK.
    pub fn new() -> Arc<Self> {
        Self::answering(|_, _| S_OK)
    }

    /// One that does this when it is told something.
    pub fn answering(answer: impl Fn(&Arc<Self>, &Told) -> u32 + Send + Sync + 'static) -> Arc<Self> {
        Self::with(answer, |_| {})
    }

    /// One that does that, too, where a reference to it was let go of.
    pub fn with(
        answer: impl Fn(&Arc<Self>, &Told) -> u32 + Send + Sync + 'static,
        released: impl Fn(&Arc<Self>) + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            methods: &METHODS,
            state: Mutex::new(State { references: 1, told: Vec::new(), panicked: false }),
            changed: Condvar::new(),
            answer: Box::new(answer),
            released: Box::new(released),
        })
    }

    /// The interface pointer.
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

    /// Waits for something that must come.
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

    /// Waits for so many ENDs and until nobody else holds the callback.
    pub fn wait_for_ends(&self, ends: usize) -> Vec<Told> {
        self.wait_until("END", |state| state.ends() >= ends && state.references == 1).told
    }

    /// Waits for one END, and answers with its result.
    pub fn end(&self) -> u32 {
        let told = self.wait_for_ends(1);
        let last = told.last().map(|told| (told.status, told.result));
        let (status, result) = last.unwrap_or_default();
        assert_eq!((status, told.iter().filter(|told| told.status == END).count()), (END, 1), "{told:?}");
        result
    }
}

// SAFETY of the four: whoever calls has a reference, which is one of the `Arc`'s, so that the callback lives during the call.

unsafe extern "system" fn query(this: *const Callback, iid: *const GUID, out: *mut *const c_void) -> HRESULT {
    // SAFETY: callers give an IID.
    let iid = unsafe { &*iid };
    // SAFETY: callers give room for a pointer.
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
    // SAFETY: the reference that is given back; it ends with this function, not before.
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
    // SAFETY: as above; the reference stays the caller's.
    let this = ManuallyDrop::new(unsafe { Arc::from_raw(this) });
    let value = (data_type == WMT_TYPE_STRING && !value.is_null()).then(|| {
        // SAFETY: text ends with a zero.
        let units = (0..).map(|n| unsafe { value.wrapping_add(n).read() });
        String::from_utf16_lossy(&units.take_while(|unit| *unit != 0).collect::<Vec<_>>())
    });
    let told = Told { status, result: result.0.cast_unsigned(), data_type, value, has_context: !context.is_null() };
    this.lock().told.push(told.clone());
    this.changed.notify_all();
    HRESULT(this.guarded(|| (this.answer)(&this, &told)).cast_signed())
}

/// An interface pointer that goes to another thread, as those of this object may.
#[derive(Clone)]
pub struct Everywhere<T>(pub T);

// SAFETY: the object says of itself that any thread may use it.
unsafe impl<T> Send for Everywhere<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Everywhere<T> {}

/// The object, or why there is none.
pub fn create() -> Result<IWMLicenseBackup, u32> {
    let mut made = std::ptr::dangling_mut::<c_void>();
    // SAFETY: there is room for a pointer.
    let answer = unsafe { wmvcore::WMCreateBackupRestorer(std::ptr::null_mut(), &mut made) };
    if answer.0 != 0 {
        assert!(made.is_null(), "cleared on failure");
        return Err(answer.0.cast_unsigned());
    }
    // SAFETY: what was made, with the reference that comes with it.
    Ok(unsafe { IWMLicenseBackup::from_raw(made) })
}

/// UTF-16 with a terminator.
pub fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

pub fn bytes(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// `SetProp` with these bytes.
pub fn set(props: &IWMBackupRestoreProps, name: &str, data_type: i32, value: &[u8]) -> u32 {
    let length = u16::try_from(value.len()).unwrap_or_else(|_| unreachable!("a value that SetProp can be given"));
    // SAFETY: a name with a terminator, and as many bytes as is said.
    unsafe { props.SetProp(wide(name).as_ptr(), data_type, value.as_ptr(), length) }.0.cast_unsigned()
}

/// The object by three of its interfaces.
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
        // SAFETY: a callback that lives during the call.
        unsafe { self.backup.BackupLicenses(1, callback.raw()) }.0.cast_unsigned()
    }

    pub fn restore(&self, callback: &Arc<Callback>) -> u32 {
        // SAFETY: a callback that lives during the call.
        unsafe { self.restore.RestoreLicenses(0, callback.raw()) }.0.cast_unsigned()
    }

    pub fn cancel(&self) {
        // SAFETY: it takes nothing.
        assert_eq!(unsafe { self.backup.CancelLicenseBackup() }.0, 0);
        // SAFETY: it takes nothing.
        assert_eq!(unsafe { self.restore.CancelLicenseRestore() }.0, 0);
    }

    /// How many references there are, by the answer of `Release`.
    pub fn references(&self) -> u32 {
        let another = std::mem::ManuallyDrop::new(self.backup.clone());
        // SAFETY: gives back the reference just taken.
        unsafe { (another.vtable().base__.Release)(another.as_raw()) }
    }
}
