//! The C API: everything an application in another language needs to keep, use, back up and restore licenses.
//!
//! A thin skin over the library `restow`. `include/restow.h` is made from this source; its first comment, which is in `cbindgen.toml`, is the contract
//! with the caller: pointers are null or point to what the function's comment says, handles were given by this library and not freed, and nobody frees a
//! handle that another thread uses. That is what "as the caller promises" means where `unsafe` is explained.

#![expect(non_camel_case_types, reason = "the names are those of C")]
#![allow(clippy::missing_safety_doc, reason = "the header's first comment is the contract of all functions")]

// The header has the items in the order of these modules.
mod ffi;

mod call;

mod result;

mod error;

mod home;

mod import;

mod acquire;

mod license;

mod usage;

mod event;

mod restorer;

pub use acquire::*;
pub use error::*;
pub use event::*;
pub use home::*;
pub use import::*;
pub use license::*;
pub use restorer::*;
pub use result::*;
pub use usage::*;
