//! Connections: accept loop, limits and shutdown.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::response::Response;
use hyper::body::Incoming;
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
use crate::http::ClientAddress;
use crate::lock::FolderLock;
use crate::log;
use crate::network::{AddressRange, client_address};
use crate::process;
use crate::settings::Settings;
use crate::sqlite::Sqlite;
use crate::storage::Policy;

/// Answer to a client that sends nothing on a connection beyond the limit.
const BUSY_MESSAGE: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 2\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
/// Time limit for open requests during shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);
/// Minimum rate at which a client must read the answer, in bytes per second.
const MIN_BYTES_PER_SECOND: u64 = 16 << 10;
/// Maximum size of a request head, in bytes.
const MAX_HEAD_BYTES: usize = 16 << 10;
/// Maximum number of connections beyond the limit. Only the operator is served there.
const MAX_EXTRA_CONNECTIONS: usize = 256;
/// Time for a head on a connection beyond the limit.
const EXTRA_HEAD_TIME: Duration = Duration::from_secs(2);
/// Number of open files for other purposes than connections.
const OTHER_FILES: usize = 128 + MAX_EXTRA_CONNECTIONS;
/// Maximum number of threads for longer work.
const MAX_BLOCKING_THREADS: usize = 2;

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
        let app = Arc::new(App::new(storage, keys, profile, clock, &settings, folder));
        Ok(Self { app, settings, lock })
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
        let builder = builder.thread_name("restow-http").max_blocking_threads(MAX_BLOCKING_THREADS).enable_all();
        let runtime = builder.build().map_err(ServiceError::System)?;
        let listener = {
            let _guard = runtime.enter();
            tokio::net::TcpListener::from_std(listener).map_err(failed)?
        };
        let (stop, shutdown) = watch::channel(false);
        let connections = usize::try_from(self.settings.connections).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let files = process::max_open_files().map(|files| files.saturating_sub(OTHER_FILES).max(files / 4).max(1));
        let shared = Arc::new(Listening {
            router: api::router(Arc::clone(&self.app)),
            app: self.app,
            trusted_proxies: self.settings.trusted_proxies,
            slots: Arc::new(Semaphore::new(files.map_or(connections, |files| connections.min(files)))),
            extra_slots: Arc::new(Semaphore::new(MAX_EXTRA_CONNECTIONS)),
        });
        let acceptor = runtime.spawn(Acceptor { listener, shared, shutdown }.run());
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

/// State that all connections share.
struct Listening {
    app: Arc<App>,
    router: Router,
    trusted_proxies: Vec<AddressRange>,
    slots: Arc<Semaphore>,
    extra_slots: Arc<Semaphore>,
}

struct Acceptor {
    listener: tokio::net::TcpListener,
    shared: Arc<Listening>,
    shutdown: watch::Receiver<bool>,
}

impl Acceptor {
    async fn run(mut self) {
        let mut open = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                biased;
                () = shutdown_requested(&mut self.shutdown) => break,
                accepted = self.listener.accept() => accepted,
            };
            while open.try_join_next().is_some() {}
            match accepted {
                Ok((stream, peer)) => {
                    let is_extra = self.shared.slots.available_permits() == 0;
                    let slots = if is_extra { &self.shared.extra_slots } else { &self.shared.slots };
                    // Without a slot, the connection is closed at once.
                    let Ok(slot) = Arc::clone(slots).try_acquire_owned() else { continue };
                    // Without this option, small answers are only slower.
                    let _ = stream.set_nodelay(true);
                    let peer = Peer { address: peer.ip(), is_extra, shared: Arc::clone(&self.shared) };
                    let shutdown = self.shutdown.clone();
                    open.spawn(async move {
                        serve_connection(stream, peer, shutdown).await;
                        drop(slot);
                    });
                }
                Err(error) => {
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

/// Other end of one connection, and the service for its requests.
struct Peer {
    address: IpAddr,
    /// True for a connection beyond the limit.
    is_extra: bool,
    shared: Arc<Listening>,
}

impl hyper::service::Service<hyper::Request<Incoming>> for Peer {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn call(&self, mut request: hyper::Request<Incoming>) -> Self::Future {
        let shared = &self.shared;
        let is_refused =
            self.is_extra && shared.slots.available_permits() == 0 && !api::is_operator(&shared.app, request.headers());
        if is_refused {
            return Box::pin(async { Ok(api::busy_response()) });
        }
        let client = client_address(self.address, request.headers(), &shared.trusted_proxies);
        request.extensions_mut().insert(ClientAddress(client));
        Box::pin(TowerToHyperService::new(shared.router.clone()).call(request))
    }
}

/// Waits for the shutdown signal. A dropped sender also counts as the signal.
async fn shutdown_requested(shutdown: &mut watch::Receiver<bool>) {
    let _ = shutdown.wait_for(|stop| *stop).await.is_ok();
}

async fn serve_connection(stream: TcpStream, peer: Peer, mut shutdown: watch::Receiver<bool>) {
    let mut read_time = peer.shared.app.read_time;
    let is_extra = peer.is_extra;
    if is_extra {
        read_time = read_time.min(EXTRA_HEAD_TIME);
        if tokio::time::timeout(read_time, stream.peek(&mut [0])).await.is_err() {
            // A silent client learns the reason, too. It may be gone.
            if matches!(tokio::time::timeout(read_time, stream.writable()).await, Ok(Ok(()))) {
                let _ = stream.try_write(BUSY_MESSAGE);
            }
            return;
        }
    }
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(read_time).max_buf_size(MAX_HEAD_BYTES).keep_alive(!is_extra);
    let stream = WriteTimeout::new(stream, read_time);
    let connection = builder.serve_connection(TokioIo::new(stream), peer);
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
