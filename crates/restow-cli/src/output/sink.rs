//! Standard output that survives a reader who leaves.

use std::io::{self, BufWriter, Stdout, Write as _};
use std::time::{Duration, Instant};

/// How long a line may wait in the buffer while more follow.
const PATIENCE: Duration = Duration::from_millis(50);

pub(super) struct Sink {
    out: BufWriter<Stdout>,
    failed: Option<io::Error>,
    flushed: Option<Instant>,
}

impl Sink {
    pub(super) fn stdout() -> Self {
        Self { out: BufWriter::with_capacity(64 << 10, io::stdout()), failed: None, flushed: None }
    }

    /// Writes a line. The first one is seen at once, later ones soon.
    pub(super) fn line(&mut self, line: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        let written = self.out.write_all(line).and_then(|()| self.out.write_all(b"\n"));
        self.note(written);
        if self.flushed.is_none_or(|at| at.elapsed() > PATIENCE) {
            self.flush();
        }
    }

    /// Writes a whole line past the buffers, where nobody would wipe it.
    pub(super) fn secret(&mut self, line: &[u8]) {
        self.flush();
        if self.failed.is_none() {
            // An empty buffer of the system's output passes whole lines on as they are.
            let written = self.out.get_mut().write_all(line);
            self.note(written);
        }
    }

    pub(super) fn flush(&mut self) {
        if self.failed.is_none() {
            let flushed = self.out.flush();
            self.note(flushed);
            self.flushed = Some(Instant::now());
        }
    }

    fn note(&mut self, result: io::Result<()>) {
        if let Err(error) = result {
            self.failed.get_or_insert(error);
        }
    }

    pub(super) const fn is_closed(&self) -> bool {
        self.failed.is_some()
    }

    /// What went wrong, unless the reader just left.
    pub(super) fn fault(&self) -> Option<String> {
        self.failed.as_ref().filter(|error| error.kind() != io::ErrorKind::BrokenPipe).map(ToString::to_string)
    }
}
