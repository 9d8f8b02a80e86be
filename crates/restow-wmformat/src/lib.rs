//! Backup restorer of the Windows Media Format SDK, on top of Restow.
//!
//! Built as `wmvcore`, this is the library that programs for that SDK load. They call
//! [`WMCreateBackupRestorer`], set `BackupPath` or `RestorePath`, and call `BackupLicenses` or
//! `RestoreLicenses`. Events arrive through [`IWMStatusCallback`](interfaces::IWMStatusCallback). This crate is
//! a thin layer of vtables, result codes and UTF-16. Every rule of backup and restore is in the library
//! `restow`.
//!
//! `docs/wmformat.md` describes the points that the SDK's documentation leaves open, and the decisions made
//! here.

mod callback;
mod exports;
mod ffi;
pub mod interfaces;
mod log_file;
mod out_param;
mod protected;
mod restorer;
#[cfg(windows)]
mod system;
mod text;

#[cfg(windows)]
use system::keep_loaded;

/// Does nothing: on Linux the linker marks the library as never unloaded (see `build.rs`).
#[cfg(not(windows))]
const fn keep_loaded() {}

pub use exports::*;
