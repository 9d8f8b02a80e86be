//! Log file, for users of programs that show result codes only.

use std::fs::OpenOptions;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use restow::{Clock as _, Home, KeyId, Language, Status, SystemClock, is_unsafe_for_display, rfc3339};

/// Size limit in bytes. A longer log is moved to one old file.
const MAX_LOG_BYTES: u64 = 1024 * 1024;
/// Length limit of a line, in characters. A line may repeat text of a program or a file.
const MAX_LINE_CHARS: usize = 2000;

/// Log of events and failures, `restow.log` in the home, written only if `RESTOW_LOG` is set. It contains
/// paths, services and titles, but never a key, and never the page of a service, which is for this user alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogFile(Option<PathBuf>);

impl LogFile {
    /// Returns the log of a home.
    pub(crate) fn for_home(home: &Home) -> Self {
        Self(
            std::env::var_os("RESTOW_LOG")
                .is_some_and(|set| !set.is_empty())
                // A missing folder prevents the log, which has no effect on the run.
                .then(|| home.create_folder().map(|()| home.folder().join("restow.log")).ok())
                .flatten(),
        )
    }

    /// Appends a line. A failed write has no effect on the run.
    pub(crate) fn write_line(&self, text: &str) {
        let Some(path) = &self.0 else { return };
        let text: String =
            text.chars().take(MAX_LINE_CHARS).map(|c| if is_unsafe_for_display(c) { ' ' } else { c }).collect();
        let _ = append(path, &format!("{} {text}\n", rfc3339(SystemClock.now())));
    }

    /// Appends an event of a run.
    pub(crate) fn write_event(&self, status: &Status) {
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
            Status::ErrorWithUrl { service, .. } => service.clone(),
            Status::NeedsProviderConsent { provider, origin } => {
                format!("{origin} {:?}", provider.as_deref().unwrap_or_default())
            }
            Status::End(report) => {
                report.error.as_ref().map(|message| message.text_with_help(Language::English)).unwrap_or_default()
            }
            _ => String::new(),
        };
        self.write_line(&format!("{} {} {detail}", status.name(), status.result()));
        if let Status::End(report) = status {
            for warning in &report.warnings {
                self.write_line(&warning.text_with_help(Language::English));
            }
        }
    }
}

/// Appends under a lock, so that lines of several threads and processes stay intact and one of them moves the
/// full log. One handle reads and writes, because a locked file cannot be read through another handle.
fn append(path: &Path, line: &str) -> io::Result<()> {
    let open = |path: &Path, truncate| {
        let mut options = OpenOptions::new();
        options.create(true).truncate(truncate).read(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path)
    };
    let mut file = open(path, false)?;
    file.lock()?;
    if file.metadata()?.len() > MAX_LOG_BYTES {
        io::copy(&mut file, &mut open(&path.with_extension("log.old"), true)?)?;
        file.set_len(0)?;
    }
    file.seek(SeekFrom::End(0))?;
    file.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_are_limited_and_one_old_file_kept() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("restow.log");
        let log_file = LogFile(Some(path.clone()));
        log_file.write_line("a\r\nb\u{1b}[31m\u{202e}c");
        let written = std::fs::read_to_string(&path).unwrap();
        assert!(written.ends_with("Z a  b [31m c\n") && written.lines().count() == 1, "{written:?}");

        std::fs::write(&path, vec![b'x'; MAX_LOG_BYTES as usize + 1]).unwrap();
        log_file.write_line(&"ü".repeat(10_000));
        let written = std::fs::read_to_string(&path).unwrap();
        assert_eq!(written.chars().filter(|c| *c == 'ü').count(), MAX_LINE_CHARS);
        assert_eq!(std::fs::metadata(path.with_extension("log.old")).unwrap().len(), MAX_LOG_BYTES + 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::remove_file(&path).unwrap();
            log_file.write_line("private");
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
}
