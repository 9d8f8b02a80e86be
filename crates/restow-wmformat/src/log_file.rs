//! The log file, for people whose program shows result codes only.

use std::fs::OpenOptions;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use restow::{Clock as _, Home, KeyId, Status, SystemClock, is_unsafe_for_display, rfc3339};

/// A log file longer than this makes room for a new one; one old one is kept.
const MAX_LOG_BYTES: u64 = 1024 * 1024;
/// Longer lines are cut, in characters: they may repeat what a program or a file made up.
const MAX_LINE_CHARS: usize = 2000;

/// What is told to `restow.log` in the home when `RESTOW_LOG` is set, and to nobody otherwise. It names paths, services and titles,
/// never a key, nor the address of a service's page, which is for this person alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogFile(Option<PathBuf>);

impl LogFile {
    /// The log_file of a home.
    pub(crate) fn for_home(home: &Home) -> Self {
        Self(
            std::env::var_os("RESTOW_LOG").is_some_and(|set| !set.is_empty()).then(|| home.folder().join("restow.log")),
        )
    }

    /// Adds a line. A log that cannot be written stops nothing.
    pub(crate) fn write_line(&self, text: &str) {
        let Some(path) = &self.0 else { return };
        let text: String = text.chars().take(MAX_LINE_CHARS).map(|c| if leads_astray(c) { ' ' } else { c }).collect();
        let _ = append(path, &format!("{} {text}\n", rfc3339(SystemClock.now())));
    }

    /// Adds what a run tells.
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
            Status::End(report) => {
                let words = [report.message.as_deref(), report.help.as_deref()];
                words.into_iter().flatten().collect::<Vec<_>>().join(". ")
            }
            _ => String::new(),
        };
        self.write_line(&format!("{} {} {detail}", status.name(), status.result()));
        if let Status::End(report) = status {
            for warning in &report.warnings {
                self.write_line(&warning.to_string());
            }
        }
    }
}

/// Lines of several threads and processes stay whole, and one of them makes room. (By one handle: where it is locked, no other reads.)
fn append(path: &Path, line: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).read(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.lock()?;
    if file.metadata()?.len() > MAX_LOG_BYTES {
        let mut old = OpenOptions::new();
        old.create(true).truncate(true).write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut old, 0o600);
        io::copy(&mut file, &mut old.open(path.with_extension("log.old"))?)?;
        file.set_len(0)?;
    }
    file.seek(SeekFrom::End(0))?;
    file.write_all(line.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_printable_and_of_bounded_length_and_one_old_file_is_kept() {
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
