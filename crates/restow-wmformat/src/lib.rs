//! The backup restorer of the Windows Media Format SDK, over Restow.
//!
//! Built as `wmvcore`, this is the library programs written against that SDK load: they call [`WMCreateBackupRestorer`], set
//! `BackupPath` or `RestorePath`, call `BackupLicenses` or `RestoreLicenses`, and get their events through
//! [`IWMStatusCallback`](interfaces::IWMStatusCallback). It is a thin skin: vtables, result codes and UTF-16. Every rule of backup and restore is in the
//! library `restow`.
//!
//! What the SDK's documentation leaves open, and what was chosen here, is in `docs/wmformat.md`.

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

/// On Linux the library itself says that it stays in memory (see `build.rs`).
#[cfg(not(windows))]
const fn keep_loaded() {}

pub use exports::*;
