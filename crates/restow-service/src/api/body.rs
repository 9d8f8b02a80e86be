//! Bodies of requests and answers: limits of size and transfer rate.

use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use restow_core::protocol::ProblemCode;
use restow_core::protocol::signature::content_digest;
use sha2::{Digest as _, Sha256};
use tokio::time::{Instant, timeout_at};

use super::app::App;
use super::places::{LargeCaller, MemoryPermit, Place, WorkSize};
use super::spool::{MIN_LARGE_BYTES_PER_SECOND, SpoolBody, SpoolFile};
use crate::error::Refusal;
use crate::http::ClientAddress;
use crate::storage::StorageFuture;

/// Maximum size of a body, or of an answer, that stays in memory while it is on the network, in bytes.
const INLINE_BYTES: usize = 16 << 10;
/// Maximum number of licenses in a call without a memory permit.
pub(super) const INLINE_LICENSE_LIMIT: usize = 64;
/// Minimum rate of a small body, in bytes per second.
const MIN_BYTES_PER_SECOND: u64 = 1 << 10;
/// Size of the parts of a body that are written to a temporary file, in bytes.
const PART_BYTES: usize = 64 << 10;
/// Time without data that ends the reading of a refused body.
const LINGER_PAUSE: Duration = Duration::from_secs(1);

/// Places of one request. A small request takes none.
pub(super) struct Transfer<'a> {
    app: &'a App,
    caller: LargeCallerSource,
    address: Option<IpAddr>,
    place: Option<Place>,
}

/// Source of the caller of a large request.
pub(super) enum LargeCallerSource {
    /// Caller that is already known.
    Known(LargeCaller),
    /// ID of a computer. Its standing is looked up only for a large request.
    Computer(String),
}

impl<'a> Transfer<'a> {
    pub(super) fn new(app: &'a App, parts: &Parts, caller: LargeCallerSource) -> Self {
        let address = parts.extensions.get::<ClientAddress>().and_then(|address| address.0);
        Self { app, caller, address, place: None }
    }

    /// Takes a place, unless the request has one.
    async fn enter(&mut self) -> Result<&Place, Refusal> {
        if self.place.is_none() {
            let caller = match &self.caller {
                LargeCallerSource::Known(caller) => caller.clone(),
                LargeCallerSource::Computer(id) => {
                    let standing = self.app.storage.standing(id)?.ok_or_else(Refusal::unknown_computer)?;
                    LargeCaller::Computer { id: id.clone(), standing }
                }
            };
            self.place = Some(self.app.places.enter(caller, self.address).await?);
        }
        self.place.as_ref().ok_or_else(|| Refusal::internal("the place of a request is missing"))
    }

    /// Takes a place, if there is none, and waits for memory.
    pub(super) async fn memory(&mut self, size: WorkSize) -> Result<MemoryPermit, Refusal> {
        let app = self.app;
        app.places.memory(self.enter().await?, size).await
    }

    /// Receives a body of at most `max_bytes`.
    ///
    /// The body must keep a minimum rate, or the request is refused as busy. More than [`INLINE_BYTES`] need a place,
    /// and are kept in a temporary file.
    pub(super) async fn receive(
        &mut self,
        headers: &HeaderMap,
        body: &mut Body,
        max_bytes: usize,
    ) -> Result<ReceivedBody, Refusal> {
        let too_large =
            || Refusal::new(ProblemCode::TooLarge, format!("A request has at most {max_bytes} bytes here."));
        let declared = declared_length(headers);
        if declared.is_some_and(|length| length > u64::try_from(max_bytes).unwrap_or(u64::MAX)) {
            return Err(too_large());
        }
        let mut received = ReceivedBody::default();
        let mut rate = MIN_BYTES_PER_SECOND;
        let (mut start, mut start_length) = (Instant::now(), 0);
        if declared.is_some_and(|length| length > u64::try_from(INLINE_BYTES).unwrap_or(u64::MAX)) {
            received.spool(self).await?;
            (rate, start) = (MIN_LARGE_BYTES_PER_SECOND, Instant::now());
        }
        loop {
            let since_start = u64::try_from(received.length - start_length).unwrap_or(u64::MAX);
            let rate_deadline = start + self.app.read_time + Duration::from_secs(since_start / rate);
            let deadline = rate_deadline.min(Instant::now() + self.app.read_time);
            let next = poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx));
            let Some(frame) = timeout_at(deadline, next).await.map_err(|_| Refusal::busy())? else { break };
            let frame = frame.map_err(|_| Refusal::malformed("The body ended early."))?;
            let Ok(data) = frame.into_data() else { continue };
            if received.length + data.len() > max_bytes {
                return Err(too_large());
            }
            if received.length + data.len() > INLINE_BYTES && received.spool.is_none() {
                received.spool(self).await?;
                (rate, start, start_length) = (MIN_LARGE_BYTES_PER_SECOND, Instant::now(), received.length);
            }
            received.push(&data).await?;
        }
        received.finish().await
    }

    /// Returns the body of an answer. A large answer is sent from a temporary file and needs a place, but no memory.
    pub(super) async fn answer(mut self, document: String, permit: MemoryPermit) -> Result<Body, Refusal> {
        if document.len() <= INLINE_BYTES {
            return Ok(document.into());
        }
        self.enter().await?;
        let folder = Arc::clone(&self.app.folder);
        // The permit ends together with the document.
        let write = move || {
            let spool = SpoolFile::with_content(&folder, document.as_bytes());
            drop((document, permit));
            spool
        };
        let spool = run_blocking(write).await?;
        let place = self.place.take().ok_or_else(|| Refusal::internal("the place of an answer is missing"))?;
        Ok(Body::new(SpoolBody::new(spool, place, self.app.read_time)?))
    }
}

fn declared_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok())
}

/// Complete body of a request.
#[derive(Default)]
pub(super) struct ReceivedBody {
    length: usize,
    /// Bytes that are not in the file.
    bytes: Vec<u8>,
    spool: Option<SpoolFile>,
    hasher: Sha256,
}

impl ReceivedBody {
    /// Takes a place for this body and moves it to a temporary file.
    async fn spool(&mut self, transfer: &mut Transfer<'_>) -> Result<(), Refusal> {
        transfer.enter().await?;
        let folder = Arc::clone(&transfer.app.folder);
        self.spool = Some(run_blocking(move || SpoolFile::create(&folder)).await?);
        Ok(())
    }

    async fn push(&mut self, data: &[u8]) -> Result<(), Refusal> {
        self.hasher.update(data);
        self.length += data.len();
        self.bytes.extend_from_slice(data);
        if self.bytes.len() >= PART_BYTES { self.flush().await } else { Ok(()) }
    }

    /// Moves the bytes to the file, if there is one.
    async fn flush(&mut self) -> Result<(), Refusal> {
        let Some(mut spool) = self.spool.take() else { return Ok(()) };
        let bytes = std::mem::take(&mut self.bytes);
        let append = move || {
            spool.append(&bytes)?;
            Ok(spool)
        };
        self.spool = Some(run_blocking(append).await?);
        Ok(())
    }

    async fn finish(mut self) -> Result<Self, Refusal> {
        self.flush().await?;
        Ok(self)
    }

    /// Returns true if the body is in a temporary file.
    pub(super) const fn is_large(&self) -> bool {
        self.spool.is_some()
    }

    /// Returns the size of the work on this body alone.
    pub(super) const fn work_size(&self) -> WorkSize {
        if self.length <= 256 << 10 { WorkSize::Medium } else { WorkSize::Large }
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        self.hasher.clone().finalize().into()
    }

    /// Returns true if the header `Content-Digest` is of this body.
    pub(super) fn has_digest(&self, header: &str) -> bool {
        header == content_digest(&self.sha256())
    }

    /// Returns the bytes. A large body needs a memory permit.
    pub(super) fn into_bytes(self) -> Result<Bytes, Refusal> {
        match self.spool {
            Some(spool) => Ok(spool.into_bytes()?.into()),
            None => Ok(self.bytes.into()),
        }
    }
}

/// Reads and drops the rest of a refused body for a short time. The client could otherwise fail to send it, and would
/// not see the answer.
pub(super) fn linger(app: &App, headers: &HeaderMap, mut body: Body) {
    // A client that expects 100 (Continue) sends no body after a refusal.
    if body.is_end_stream() || headers.contains_key(header::EXPECT) {
        return;
    }
    let end = Instant::now() + app.read_time;
    tokio::spawn(async move {
        let mut deadline = end.min(Instant::now() + LINGER_PAUSE);
        while let Ok(Some(Ok(_))) = timeout_at(deadline, poll_fn(|cx| Pin::new(&mut body).poll_frame(cx))).await {
            deadline = end.min(Instant::now() + LINGER_PAUSE);
        }
    });
}

/// Runs work on a blocking thread.
pub(super) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let task = tokio::task::spawn_blocking(work);
    task.await.unwrap_or_else(|error| Err(Refusal::internal(format!("work beside: {error}"))))
}

/// Runs work on this thread, or on a blocking thread if the request is large. The permit lasts until the work ends,
/// even if the caller is gone.
pub(super) async fn run_blocking_if_large<T: Send + 'static>(
    permit: &MemoryPermit,
    work: impl FnOnce() -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    if !permit.is_large() {
        return work();
    }
    let permit = permit.clone();
    run_blocking(move || {
        let _permit = permit;
        work()
    })
    .await
}

/// Waits for storage. The permit lasts until the operation ends, even if the caller is gone.
pub(super) async fn await_storage<T: Send + 'static>(
    permit: &MemoryPermit,
    pending: StorageFuture<T>,
) -> Result<T, Refusal> {
    if !permit.is_large() {
        return pending.await;
    }
    let permit = permit.clone();
    let task = tokio::spawn(async move {
        let _permit = permit;
        pending.await
    });
    task.await.unwrap_or_else(|error| Err(Refusal::internal(format!("waiting for storage: {error}"))))
}
