//! Bodies: what may be in memory at the same time, and how slowly it may come and go.

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

use super::App;
use crate::error::Refusal;

/// Bodies up to here are read and worked on at once; for more, of a request or of its answer, a place is needed.
const SMALL: usize = 64 << 10;
/// Calls about more licenses than these have answers that need a place.
pub(super) const FEW: usize = 64;
/// So many requests with large bodies or answers are in memory at the same time.
pub(super) const LARGE_AT_ONCE: usize = 16;
/// The least bytes a second of a body: of its small beginning, and of what comes or goes while it holds a place.
const LEAST_RATE: (u64, u64) = (1 << 10, 64 << 10);
/// Bytes handed over at once for sending.
const CHUNK: usize = 64 << 10;

/// The right to have much in memory, shared by all that work on one request; none when it is small.
#[derive(Clone, Default)]
pub(super) struct Place(Option<Arc<OwnedSemaphorePermit>>);

impl Place {
    pub(super) const fn is_large(&self) -> bool {
        self.0.is_some()
    }

    /// Waits for a place, unless it is there. Whoever does not come in by then comes again.
    pub(super) async fn enlarge(&mut self, app: &App) -> Result<(), Refusal> {
        if self.0.is_none() {
            let wait = tokio::time::timeout(app.read_time, Arc::clone(&app.large).acquire_owned()).await;
            self.0 = Some(Arc::new(wait.map_err(|_| Refusal::busy())?.map_err(|_| Refusal::busy())?));
        }
        Ok(())
    }
}

/// Reads a body of at most [`MAX_BODY`]. What only opens connections holds no place: one is taken when more than
/// [`SMALL`] has arrived. The body must go on, and come at a least rate; else the caller comes again.
pub(super) async fn take(app: &App, headers: &HeaderMap, mut body: Body) -> Result<(Bytes, Place), Refusal> {
    let too_large = || Refusal::new(ProblemCode::TooLarge, format!("A request has at most {MAX_BODY} bytes."));
    let announced = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > MAX_BODY) {
        return Err(too_large());
    }
    let mut place = Place::default();
    let mut bytes = Vec::with_capacity(announced.unwrap_or_default().min(SMALL));
    let mut began = (Instant::now(), 0);
    loop {
        let rate = if place.is_large() { LEAST_RATE.1 } else { LEAST_RATE.0 };
        let come = u64::try_from(bytes.len().saturating_sub(began.1)).unwrap_or(u64::MAX);
        let slowest = began.0 + app.read_time + Duration::from_secs(come / rate);
        let until = slowest.min(Instant::now() + app.read_time);
        let next = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx));
        let Some(frame) = timeout_at(until, next).await.map_err(|_| Refusal::busy())? else { break };
        let frame = frame.map_err(|_| Refusal::malformed("The body broke off."))?;
        let Ok(data) = frame.into_data() else { continue };
        if bytes.len() + data.len() > MAX_BODY {
            return Err(too_large());
        }
        if bytes.len() + data.len() > SMALL && !place.is_large() {
            place.enlarge(app).await?;
            began = (Instant::now(), bytes.len());
        }
        bytes.extend_from_slice(&data);
    }
    Ok((bytes.into(), place))
}

/// An answer that keeps its place until it is sent.
pub(super) fn answer(document: String, place: Place, patience: Duration) -> Body {
    if place.is_large() {
        Body::new(Sending { rest: document.into(), sent: 0, began: Instant::now(), patience, _place: place })
    } else {
        document.into()
    }
}

/// Hands over copies of its parts: the whole, and its place, are given back when the last part is taken, which is when
/// all before it was written.
struct Sending {
    rest: Bytes,
    sent: u64,
    began: Instant,
    patience: Duration,
    _place: Place,
}

impl HttpBody for Sending {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        if self.began.elapsed() > self.patience + Duration::from_secs(self.sent / LEAST_RATE.1) {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        let length = self.rest.len().min(CHUNK);
        self.sent += u64::try_from(length).unwrap_or(u64::MAX);
        let part = Bytes::copy_from_slice(&self.rest.split_to(length));
        Poll::Ready(Some(Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(u64::try_from(self.rest.len()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::Semaphore;

    use super::*;

    #[test]
    fn an_answer_keeps_its_place_until_its_last_part_is_taken() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let places = Arc::new(Semaphore::new(1));
            let place = Place(Some(Arc::new(Arc::clone(&places).acquire_owned().await.unwrap())));
            let text = "x".repeat(3 * CHUNK + 1);
            let mut body = answer(text.clone(), place, Duration::from_secs(60));
            assert_eq!(body.size_hint().exact(), Some(3 * 65_536 + 1));
            let mut taken = Vec::new();
            while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
                assert_eq!(places.available_permits(), 0);
                taken.extend_from_slice(&frame.unwrap().into_data().unwrap());
            }
            drop(body);
            assert_eq!((taken == text.as_bytes(), places.available_permits()), (true, 1));
        });
    }
}
