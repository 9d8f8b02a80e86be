//! C API: store, use, back up and restore licenses from an application in another language.
//!
//! The crate is a thin layer over the library `restow`. A test compares `include/restow.h` with this source.
//! The first comment of the header is the contract with the caller; its text is in `cbindgen.toml`. Pointers
//! are null or point to the object in the function's comment. Handles come from this library and are not freed
//! yet. A handle is freed only when no other thread uses it. The phrase "as the caller promises" in the safety
//! comments refers to this contract.

#![expect(non_camel_case_types, reason = "the names are those of C")]
#![allow(clippy::missing_safety_doc, reason = "the header's first comment is the contract of all functions")]

// The header has the items in the order of these modules.
mod ffi;

mod call;

mod result;

mod error;

mod message;

mod language;

mod home;

mod import;

mod acquire;

mod license;

mod usage;

mod event;

mod plan;

mod restorer;

pub use acquire::*;
pub use error::*;
pub use event::*;
pub use home::*;
pub use import::*;
pub use language::*;
pub use license::*;
pub use plan::*;
pub use restorer::*;
pub use result::*;
pub use usage::*;
