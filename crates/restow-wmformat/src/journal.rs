//! The log file, for people whose program shows result codes only.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use restow::{Clock as _, Home, KeyId, Status, SystemClock, rfc3339};

/// A log file longer than this makes room for a new one; one old one is kept.
const ROOM: u64 = 1024 * 1024;

/// What is told to `restow.log` in the home when `RESTOW_LOG` is set, and to nobody otherwise. It names paths, services and titles,
/// never a key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Journal(Option<PathBuf>);

impl Journal {
    /// The journal of a home.
    pub(crate) fn of(home: &Home) -> Self {
        Self(
            std::env::var_os("RESTOW_LOG").is_some_and(|set| !set.is_empty()).then(|| home.folder().join("restow.log")),
        )
    }

    /// Adds a line. A log that cannot be written stops nothing.
    pub(crate) fn line(&self, text: &str) {
        let Some(path) = &self.0 else { return };
        if path.metadata().is_ok_and(|meta| meta.len() > ROOM) {
            let _ = std::fs::rename(path, path.with_extension("log.old"));
        }
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(path) {
            let line = text.replace(['\r', '\n'], " ");
            // One write, so that lines of several threads and processes stay whole.
            let _ = file.write_all(format!("{} {line}\n", rfc3339(SystemClock.now())).as_bytes());
        }
    }

    /// Adds what a run tells.
    pub(crate) fn status(&self, status: &Status) {
        if self.0.is_none() || status.code().is_none() {
            return;
        }
        let detail = match status {
            Status::RestrictedLicense(license) => {
                let key_id = license.key_id.as_ref().map(KeyId::to_string).unwrap_or_default();
                format!("{key_id} {:?}: {}", license.titles, license.reason)
            }
            Status::NeedsIndividualization { service, .. }
            | Status::Connecting { service }
            | Status::Disconnecting { service } => service.clone(),
            Status::ErrorWithUrl { service, url, .. } => format!("{service}: {url}"),
            Status::End(report) => {
                let words = [report.message.as_deref(), report.help.as_deref()];
                words.into_iter().flatten().collect::<Vec<_>>().join(". ")
            }
            _ => String::new(),
        };
        self.line(&format!("{} {} {detail}", status.name(), status.result()));
        if let Status::End(report) = status {
            for warning in &report.warnings {
                self.line(&warning.to_string());
            }
        }
    }
}
