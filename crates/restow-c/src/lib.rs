//! The C API: everything an application in another language needs to keep, use, back up and restore licenses.
//!
//! A thin skin over the library `restow`; `include/restow.h` is made from it. The rules, which that header repeats:
//!
//! - A call that can fail returns a Windows result code, 0 when all went well, and fills `error` unless that is null.
//! - What a function gives is the caller's until the function that frees it; freeing null does nothing. Text inside an object lives as long as the object.
//! - Text is UTF-8 with a terminator.
//! - Handles may be used from any thread. A callback is called from the run's own thread, one call at a time.

// The names are those of C.
#![allow(non_camel_case_types)]

mod edge;
mod error;
mod event;
mod home;
mod restorer;

pub use error::*;
pub use event::*;
pub use home::*;
pub use restorer::*;
