//! Standard output that tolerates a closed reader.

use std::io::{self, BufWriter, Stdout, Write as _};
use std::time::{Duration, Instant};

/// Maximum time that a line waits in the buffer while further lines follow.
const FLUSH_INTERVAL: Duration = Duration::from_millis(50);

pub(super) struct Sink {
    out: BufWriter<Stdout>,
    error: Option<io::Error>,
    last_flush: Option<Instant>,
}

impl Sink {
    pub(super) fn stdout() -> Self {
        Self { out: BufWriter::with_capacity(64 << 10, io::stdout()), error: None, last_flush: None }
    }

    /// Writes a line. The first line is flushed at once, later ones after [`FLUSH_INTERVAL`].
    pub(super) fn line(&mut self, line: &[u8]) {
        if self.error.is_some() {
            return;
        }
        let written = self.out.write_all(line).and_then(|()| self.out.write_all(b"\n"));
        self.record_result(written);
        if self.last_flush.is_none_or(|time| time.elapsed() > FLUSH_INTERVAL) {
            self.flush();
        }
    }

    /// Writes a complete line past the buffer, because the buffer is not wiped.
    pub(super) fn secret(&mut self, line: &[u8]) {
        self.flush();
        if self.error.is_none() {
            // With an empty buffer, the standard output of Rust passes complete lines on without a copy.
            let written = self.out.get_mut().write_all(line);
            self.record_result(written);
        }
    }

    pub(super) fn flush(&mut self) {
        if self.error.is_none() {
            let flushed = self.out.flush();
            self.record_result(flushed);
            self.last_flush = Some(Instant::now());
        }
    }

    fn record_result(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.error.get_or_insert(error);
        }
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.error.is_some()
    }

    /// Returns the text of a write error. A closed reader is no error.
    pub(super) fn error_text(&self) -> Option<String> {
        self.error.as_ref().filter(|error| error.kind() != io::ErrorKind::BrokenPipe).map(ToString::to_string)
    }
}
