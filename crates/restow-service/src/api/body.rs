//! Bodies: limits for memory and transfer rate.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use hyper::body::{Frame, SizeHint};
use restow_core::protocol::{MAX_BODY, ProblemCode};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

use super::app::App;
use crate::error::Refusal;
use crate::storage::StorageFuture;

/// Maximum size of a body without a memory permit, in bytes.
const INLINE_BODY_LIMIT: usize = 64 << 10;
/// Maximum number of licenses in a call without a memory permit.
pub(super) const INLINE_LICENSE_LIMIT: usize = 64;
/// Minimum rate of a body without a memory permit, in bytes per second.
const MIN_BYTES_PER_SECOND: u64 = 1 << 10;
/// Minimum rate of a body with a memory permit, in bytes per second.
const MIN_LARGE_BYTES_PER_SECOND: u64 = 64 << 10;
/// Size of the chunks handed to the connection, in bytes.
const CHUNK_BYTES: usize = 64 << 10;

/// Permit to hold large data in memory, shared by all work on one request. Small requests have none.
#[derive(Clone, Default)]
pub(super) struct MemoryPermit(Option<Arc<OwnedSemaphorePermit>>);

impl MemoryPermit {
    pub(super) const fn is_large(&self) -> bool {
        self.0.is_some()
    }

    /// Waits for a permit, if there is none yet, and refuses as busy after the timeout.
    pub(super) async fn acquire(&mut self, app: &App) -> Result<(), Refusal> {
        if self.0.is_none() {
            let wait = tokio::time::timeout(app.read_time, Arc::clone(&app.large_requests).acquire_owned()).await;
            self.0 = Some(Arc::new(wait.map_err(|_| Refusal::busy())?.map_err(|_| Refusal::busy())?));
        }
        Ok(())
    }
}

/// Reads a body of at most [`MAX_BODY`] bytes.
///
/// Open connections without data hold no permit. The call acquires it when more than [`INLINE_BODY_LIMIT`] bytes have
/// arrived. The body must keep a minimum rate, or the request is refused as busy.
pub(super) async fn read_body(
    app: &App,
    headers: &HeaderMap,
    mut body: Body,
) -> Result<(Bytes, MemoryPermit), Refusal> {
    let too_large = || Refusal::new(ProblemCode::TooLarge, format!("A request has at most {MAX_BODY} bytes."));
    let declared_length =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared_length.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    let mut permit = MemoryPermit::default();
    let mut bytes = Vec::with_capacity(declared_length.unwrap_or_default().min(INLINE_BODY_LIMIT));
    let mut start = (Instant::now(), 0);
    loop {
        let rate = if permit.is_large() { MIN_LARGE_BYTES_PER_SECOND } else { MIN_BYTES_PER_SECOND };
        let received = u64::try_from(bytes.len().saturating_sub(start.1)).unwrap_or(u64::MAX);
        let rate_deadline = start.0 + app.read_time + Duration::from_secs(received / rate);
        let deadline = rate_deadline.min(Instant::now() + app.read_time);
        let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Some(frame) = timeout_at(deadline, next).await.map_err(|_| Refusal::busy())? else { break };
        let frame = frame.map_err(|_| Refusal::malformed("The body broke off."))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > MAX_BODY {
            return Err(too_large());
        }
        if bytes.len() + data.len() > INLINE_BODY_LIMIT && !permit.is_large() {
            permit.acquire(app).await?;
            start = (Instant::now(), bytes.len());
        }
        bytes.extend_from_slice(&data);
    }
    Ok((bytes.into(), permit))
}

/// Builds a response body that holds its permit until all data is sent.
pub(super) fn response_body(document: String, permit: MemoryPermit, timeout: Duration) -> Body {
    if permit.is_large() {
        Body::new(PermitBody { rest: document.into(), sent: 0, start: Instant::now(), timeout, _permit: permit })
    } else {
        document.into()
    }
}

/// Body that sends copies of its chunks. It releases the data and the permit with the last chunk, after all earlier
/// chunks were written.
struct PermitBody {
    rest: Bytes,
    sent: u64,
    start: Instant,
    timeout: Duration,
    _permit: MemoryPermit,
}

impl HttpBody for PermitBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.start.elapsed() > self.timeout + Duration::from_secs(self.sent / MIN_LARGE_BYTES_PER_SECOND) {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        let length = self.rest.len().min(CHUNK_BYTES);
        self.sent += u64::try_from(length).unwrap_or(u64::MAX);
        let chunk = Bytes::copy_from_slice(&self.rest.split_to(length));
        Poll::Ready(Some(Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
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
    let task = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    task.await.unwrap_or_else(|error| Err(Refusal::internal(format!("work beside: {error}"))))
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

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    #[test]
    fn body_holds_permit_until_last_chunk() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let semaphore = Arc::new(Semaphore::new(1));
            let permit = MemoryPermit(Some(Arc::new(Arc::clone(&semaphore).acquire_owned().await.unwrap())));
            let text = "x".repeat(3 * CHUNK_BYTES + 1);
            let mut body = response_body(text.clone(), permit, Duration::from_secs(60));
            assert_eq!(body.size_hint().exact(), Some(3 * 65_536 + 1));
            let mut taken = Vec::new();
            while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                assert_eq!(semaphore.available_permits(), 0);
                taken.extend_from_slice(&frame.unwrap().into_data().unwrap());
            }
            drop(body);
            assert_eq!((taken == text.as_bytes(), semaphore.available_permits()), (true, 1));
        });
    }
}
