//! Connections: accept loop, limits and shutdown.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use restow_core::Clock;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, Sleep};

use crate::address;
use crate::api::{self, App};
use crate::error::ServiceError;
use crate::folder::{self, Keys, Profile};
use crate::lock::FolderLock;
use crate::log;
use crate::settings::Settings;
use crate::sqlite::Sqlite;
use crate::storage::Policy;

/// Time limit for open requests during shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// Minimum rate at which a client must read the answer, in bytes per second.
const MIN_BYTES_PER_SECOND: u64 = 16 << 10;
/// Maximum size of a request head, in bytes.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// Opened service, ready to serve.
pub struct Service {
    app: Arc<App>,
    settings: Settings,
    lock: FolderLock,
}

/// Handle of a running service. Dropping it stops the service.
pub struct ServiceHandle {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    acceptor: Option<JoinHandle<()>>,
    runtime: Option<Runtime>,
    /// Released last.
    _lock: FolderLock,
}

impl Service {
    /// Opens the folder of a service.
    ///
    /// # Errors
    /// Fails if the folder holds no service, another process holds its lock, a file or the database is malformed, or
    /// a setting is out of range.
    pub fn open(folder: &Path, settings: Settings, clock: Arc<dyn Clock>) -> Result<Self, ServiceError> {
        settings.check()?;
        let lock = FolderLock::acquire(folder)?;
        let profile = Profile::load(folder)?;
        let keys = Keys::load(folder)?;
        let policy = Policy { settings: settings.clone(), secret: keys.secret.clone() };
        let storage = Sqlite::open(&folder::database_path(folder), policy)?;
        Ok(Self { app: Arc::new(App::new(storage, keys, profile, clock, &settings)), settings, lock })
    }

    /// Starts to listen and returns. Separate threads answer the requests.
    ///
    /// Must not be called from async code.
    ///
    /// # Errors
    /// Fails if the address cannot be bound or threads cannot be created.
    pub fn serve(self) -> Result<ServiceHandle, ServiceError> {
        let address = self.settings.listen.unwrap_or_else(|| address::default_listen_address(&self.app.profile.url));
        let failed = |source| ServiceError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.thread_name("restow-http").enable_all().build().map_err(ServiceError::System)?;
        let listener = {
            let _guard = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(failed)?
        };
        let (stop, shutdown) = watch::channel(false);
        let read_time = self.app.read_time;
        let connections = usize::try_from(self.settings.connections).unwrap_or(usize::MAX);
        let acceptor = Acceptor { listener, router: api::router(self.app), shutdown, read_time };
        let acceptor = runtime.spawn(acceptor.run(connections));
        Ok(ServiceHandle { address, stop, acceptor: Some(acceptor), runtime: Some(runtime), _lock: self.lock })
    }
}

impl ServiceHandle {
    /// Returns the listening address.
    #[must_use]
    pub const fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting connections, finishes open requests and returns.
    pub fn stop(mut self) {
        self.shut_down();
    }

    /// Serves until SIGINT, SIGTERM or the end of the accept loop, then stops.
    pub fn wait(mut self) {
        if let (Some(runtime), Some(acceptor)) = (&self.runtime, &mut self.acceptor) {
            let ended = runtime.block_on(async {
                tokio::select! {
                    () = shutdown_signal() => false,
                    _ = acceptor => true,
                }
            });
            if ended {
                self.acceptor = None;
                log::report("accepting connections has ended");
            }
        }
        self.shut_down();
    }

    fn shut_down(&mut self) {
        // Sending fails if the accept loop has already ended.
        let _ = self.stop.send(true);
        let Some(runtime) = self.runtime.take() else { return };
        if let Some(acceptor) = self.acceptor.take() {
            let ended = runtime.block_on(async { tokio::time::timeout(SHUTDOWN_TIMEOUT, acceptor).await });
            if ended.is_err() {
                log::report("some requests were not finished in time");
            }
        }
        runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    }
}

impl Drop for ServiceHandle {
    fn drop(&mut self) {
        self.shut_down();
    }
}

struct Acceptor {
    listener: tokio::net::TcpListener,
    router: Router,
    shutdown: watch::Receiver<bool>,
    read_time: Duration,
}

impl Acceptor {
    async fn run(mut self, connections: usize) {
        let slots = Arc::new(Semaphore::new(connections.min(Semaphore::MAX_PERMITS)));
        let mut open = JoinSet::new();
        loop {
            let slot = Arc::clone(&slots).acquire_owned();
            let accepted = tokio::select! {
                biased;
                () = shutdown_requested(&mut self.shutdown) => break,
                accepted = async { (slot.await, self.listener.accept().await) } => accepted,
            };
            while open.try_join_next().is_some() {}
            match accepted {
                (Ok(slot), Ok((stream, _))) => {
                    // Without this option, small answers are only slower.
                    let _ = stream.set_nodelay(true);
                    let (router, shutdown, read_time) = (self.router.clone(), self.shutdown.clone(), self.read_time);
                    open.spawn(async move {
                        serve_connection(stream, router, shutdown, read_time).await;
                        drop(slot);
                    });
                }
                (Err(_), _) => break,
                (_, Err(error)) => {
                    log::report(&format!("accepting a connection: {error}"));
                    // A retry at once would fail again while all file descriptors are in use.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(self.listener);
        while open.join_next().await.is_some() {}
    }
}

/// Waits for the shutdown signal. A dropped sender also counts as the signal.
async fn shutdown_requested(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await.is_ok();
}

async fn serve_connection(stream: TcpStream, router: Router, mut shutdown: watch::Receiver<bool>, read_time: Duration) {
    let service = TowerToHyperService::new(router);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(read_time).max_buf_size(MAX_HEAD_BYTES);
    let stream = WriteTimeout::new(stream, read_time);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    // The client decides how a connection ends, so the result is ignored.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = shutdown_requested(&mut shutdown) => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}

/// Stream that fails to write when the client reads too slowly. A client that reads no answers must not hold a
/// connection slot.
struct WriteTimeout {
    stream: TcpStream,
    timeout: Duration,
    stall: Option<Stall>,
}

/// Period during which the client does not accept all data: its start, the bytes written since, and the deadline.
struct Stall {
    since: Instant,
    written: u64,
    deadline: Pin<Box<Sleep>>,
}

impl WriteTimeout {
    const fn new(stream: TcpStream, timeout: Duration) -> Self {
        Self { stream, timeout, stall: None }
    }

    fn poll_with_deadline(
        &mut self,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        let now = Instant::now();
        match write(Pin::new(&mut self.stream), cx) {
            Poll::Ready(result) => {
                if let (Some(stall), Ok(written)) = (&mut self.stall, &result) {
                    stall.written += u64::try_from(*written).unwrap_or(u64::MAX);
                    let extension = Duration::from_secs(stall.written / MIN_BYTES_PER_SECOND);
                    stall.deadline.as_mut().reset((stall.since + self.timeout + extension).min(now + self.timeout));
                }
                Poll::Ready(result)
            }
            Poll::Pending => {
                let timeout = self.timeout;
                let new_stall = || Stall { since: now, written: 0, deadline: Box::pin(tokio::time::sleep(timeout)) };
                let stall = self.stall.get_or_insert_with(new_stall);
                stall.deadline.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl AsyncRead for WriteTimeout {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for WriteTimeout {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.poll_with_deadline(cx, |stream, cx| stream.poll_write(cx, buf))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.poll_with_deadline(cx, |stream, cx| stream.poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // All data is written, so the next stall starts anew.
        self.stall = None;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(unix)]
async fn shutdown_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        },
        Err(_) => interrupt_signal().await,
    }
}

#[cfg(not(unix))]
async fn shutdown_signal() {
    interrupt_signal().await;
}

async fn interrupt_signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Without signal handling, only the end of the process stops the service.
        std::future::pending::<Infallible>().await;
    }
}
