//! Temporary files for large bodies and answers while they are on the network.
//!
//! The files are in the folder of the service and have no name, so that nothing remains after a crash.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use super::places::Place;
use crate::error::Refusal;

/// Minimum rate of a large body or answer, in bytes per second.
pub(super) const MIN_LARGE_BYTES_PER_SECOND: u64 = 64 << 10;
/// Size of the chunks handed to the connection, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// Temporary file with its length.
pub(super) struct SpoolFile {
    file: File,
    length: usize,
}

impl SpoolFile {
    pub(super) fn create(folder: &Path) -> Result<Self, Refusal> {
        let file = tempfile::tempfile_in(folder).map_err(|error| failed("creating", &error))?;
        Ok(Self { file, length: 0 })
    }

    /// Creates a file with this content.
    pub(super) fn with_content(folder: &Path, content: &[u8]) -> Result<Self, Refusal> {
        let mut file = Self::create(folder)?;
        file.append(content)?;
        Ok(file)
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.file.write_all(bytes).map_err(|error| failed("writing", &error))?;
        self.length += bytes.len();
        Ok(())
    }

    /// Returns the whole content.
    pub(super) fn into_bytes(mut self) -> Result<Vec<u8>, Refusal> {
        let mut bytes = Vec::with_capacity(self.length);
        let read = self.file.rewind().and_then(|()| self.file.read_to_end(&mut bytes));
        read.map_err(|error| failed("reading", &error))?;
        Ok(bytes)
    }
}

fn failed(action: &str, error: &io::Error) -> Refusal {
    Refusal::internal(format!("{action} a temporary file: {error}"))
}

/// Answer that is sent from a temporary file. Its place is free after the last chunk.
pub(super) struct SpoolBody {
    file: File,
    rest: usize,
    sent: u64,
    start: Instant,
    timeout: Duration,
    _place: Place,
}

impl SpoolBody {
    pub(super) fn new(mut spool: SpoolFile, place: Place, timeout: Duration) -> Result<Self, Refusal> {
        spool.file.rewind().map_err(|error| failed("reading", &error))?;
        Ok(Self { file: spool.file, rest: spool.length, sent: 0, start: Instant::now(), timeout, _place: place })
    }
}

impl HttpBody for SpoolBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.rest == 0 {
            return Poll::Ready(None);
        }
        if self.start.elapsed() > self.timeout + Duration::from_secs(self.sent / MIN_LARGE_BYTES_PER_SECOND) {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        // The file was just written, so that this read waits for no disk as a rule.
        let mut chunk = vec![0; self.rest.min(CHUNK_BYTES)];
        if let Err(error) = self.file.read_exact(&mut chunk) {
            return Poll::Ready(Some(Err(error)));
        }
        self.rest -= chunk.len();
        self.sent += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        Poll::Ready(Some(Ok(Frame::data(chunk.into()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest).unwrap_or(u64::MAX))
    }
}
