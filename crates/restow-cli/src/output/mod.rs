//! Output of the command: sentences and tables for people, or one JSON object a line for programs. Results go
//! to standard output; warnings, questions and progress go to standard error.

mod events;
mod format;
mod license;
mod local_time;
mod progress;
mod shell;
mod sink;
mod style;
mod table;
mod ui;

pub(crate) use events::{StatusPrinter, named_licenses, restricted_line, restricted_text};
pub(crate) use format::{amounts, confirmation_id, display_title, fingerprint, short_id, size, validity};
pub(crate) use license::{LcpStatusObject, LicenseObject, UserObject, license_warnings, unknown_members};
pub(crate) use progress::Progress;
pub(crate) use shell::shell_word;
pub(crate) use style::{Style, Tone};
pub(crate) use table::Table;
pub(crate) use ui::{LocationHint, Reply, Ui, print_object};
