//! HTTP to untrusted hosts.
//!
//! Calls have limits of time and size, can be cancelled, follow no redirect and avoid private addresses. The
//! service client, the provider client and the downloads of put-back use this module.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use restow_core::origin::{Origin, is_public};
use restow_core::text::to_short_line;
use restow_core::trust::TrustOrigin;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::http::header::{CONTENT_ENCODING, LOCATION, RETRY_AFTER};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::cancel::Cancel;
use super::fault::{AnswerFault, ConnectionFault};
use super::roots::tls_config;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Interval at which a waiting call checks for cancellation.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Reason for a missing answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum HttpError {
    /// The address is private and the user did not add it manually.
    PrivateAddress { url: String },
    /// The connection failed, broke or timed out.
    Unreachable { url: String, fault: ConnectionFault },
    /// The answer is not HTTP, or exceeds a limit.
    BadAnswer { url: String, fault: AnswerFault },
    /// The caller cancelled the call.
    Cancelled,
}

/// Resolver that drops private addresses unless the user typed the address of the host.
#[derive(Debug)]
struct PublicResolver {
    inner: DefaultResolver,
    private_allowed: bool,
    /// Address of the proxy of the environment, which may be private.
    proxy: Option<Uri>,
}

impl Resolver for PublicResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let resolved = self.inner.resolve(uri, config, timeout)?;
        if self.private_allowed || self.proxy.as_ref() == Some(uri) {
            return Ok(resolved);
        }
        let mut public = self.empty();
        for addr in resolved.iter().filter(|addr: &&SocketAddr| is_public(addr.ip())) {
            public.push(*addr);
        }
        if public.is_empty() { Err(ureq::Error::HostNotFound) } else { Ok(public) }
    }
}

/// Builds an agent for one origin. `call_timeout` limits each call.
pub(crate) fn build_agent(
    origin: &Origin,
    added: TrustOrigin,
    call_timeout: Duration,
) -> Result<ureq::Agent, HttpError> {
    let private_allowed = added == TrustOrigin::Manual;
    if origin.is_private() && !private_allowed {
        return Err(HttpError::PrivateAddress { url: origin.to_string() });
    }
    let mut config = ureq::Agent::config_builder()
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_global(Some(call_timeout))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .tls_config(tls_config())
        .user_agent(concat!("restow/", env!("CARGO_PKG_VERSION")));
    // The proxy of the environment is for the public internet. Behind it, the address of a host is unknown here: the
    // certificate of the host is the only check, and plain HTTP never uses the proxy.
    let mut proxy = ureq::Proxy::try_from_env();
    if origin.is_private() {
        proxy = None;
    }
    let proxy_uri = proxy.as_ref().map(|proxy| proxy.uri().clone());
    config = config.proxy(proxy);
    let resolver = PublicResolver { inner: DefaultResolver::default(), private_allowed, proxy: proxy_uri };
    Ok(ureq::Agent::with_parts(config.build(), DefaultConnector::default(), resolver))
}

/// Runs a blocking step on another thread and stops waiting when cancelled. The step then ends by itself.
pub(crate) fn cancellable<T: Send + 'static>(
    cancel: &Cancel,
    step: impl FnOnce() -> Result<T, HttpError> + Send + 'static,
) -> Result<T, HttpError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || sender.send(step()));
    loop {
        cancel.check(HttpError::Cancelled)?;
        match receiver.recv_timeout(POLL_INTERVAL) {
            Ok(result) => return result,
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                let fault = AnswerFault::Other("the connection thread failed".into());
                return Err(HttpError::BadAnswer { url: String::new(), fault });
            }
        }
    }
}

/// Waits for `time` unless cancelled.
pub(crate) fn wait(time: Duration, cancel: &Cancel) -> Result<(), HttpError> {
    let mut remaining = time;
    while !remaining.is_zero() {
        cancel.check(HttpError::Cancelled)?;
        let step = remaining.min(POLL_INTERVAL);
        thread::sleep(step);
        remaining = remaining.saturating_sub(step);
    }
    cancel.check(HttpError::Cancelled)
}

/// Answer with any status.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub status: u16,
    /// `Location` header, if present.
    pub location: Option<String>,
    /// `Retry-After` header, unparsed.
    pub retry_after: Option<String>,
    pub body: Vec<u8>,
}

/// Converts a connection error to the error of the operating system that is closest to it.
pub(crate) fn to_io_error(error: ureq::Error) -> io::Error {
    fault_to_io_error(ConnectionFault::from_client(error, 0))
}

/// Converts a connection fault to the error of the operating system that is closest to it.
pub(crate) fn fault_to_io_error(fault: ConnectionFault) -> io::Error {
    match fault {
        fault @ (ConnectionFault::Tls(_) | ConnectionFault::Proxy(_)) => io::Error::other(fault.to_string()),
        ConnectionFault::Io { kind, why } => io::Error::new(kind, why),
        ConnectionFault::TimedOut { .. } => io::ErrorKind::TimedOut.into(),
    }
}

/// Returns true for a status that redirects.
pub(crate) const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Limits of an exchange.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExchangeLimits {
    /// Maximum size of the body in bytes.
    pub(crate) max_body: usize,
    /// Timeout of the call, for messages.
    pub(crate) timeout: Duration,
}

/// Reads the answer to a request.
pub(crate) fn exchange(
    request: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    url: &str,
    limits: ExchangeLimits,
) -> Result<Reply, HttpError> {
    let ExchangeLimits { max_body, timeout } = limits;
    let unreachable = |error: ureq::Error| {
        let fault = ConnectionFault::from_client(error, timeout.as_secs());
        HttpError::Unreachable { url: url.to_owned(), fault }
    };
    let bad = |fault| HttpError::BadAnswer { url: url.to_owned(), fault };
    let mut response = request.map_err(|error| match error {
        ureq::Error::Protocol(_) | ureq::Error::Http(_) | ureq::Error::LargeResponseHeader(..) => {
            bad(AnswerFault::Protocol(error.to_string()))
        }
        other => unreachable(other),
    })?;
    let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (location, retry_after) = (header(LOCATION), header(RETRY_AFTER));
    let encoding = header(CONTENT_ENCODING).filter(|encoding| !encoding.trim().eq_ignore_ascii_case("identity"));
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(max_body as u64).read_to_vec();
    let body = body.map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => bad(AnswerFault::TooLarge(max_body)),
        other => unreachable(other),
    })?;
    match encoding.filter(|_| !body.is_empty()) {
        Some(encoding) => Err(bad(AnswerFault::Compressed(to_short_line(&encoding)))),
        None => Ok(Reply { status, location, retry_after, body }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeout_cancels_and_is_never_extended() {
        let minute = Duration::from_secs(60);
        let cancel = Cancel::default();
        let over = cancel.with_timeout(Duration::ZERO);
        assert!(over.is_cancelled() && over.with_timeout(minute).is_cancelled() && !cancel.is_cancelled());
        assert!(!over.cancel_requested());
        let later = cancel.with_timeout(minute);
        assert!(!later.is_cancelled() && !later.with_timeout(Duration::MAX).is_cancelled());
        cancel.cancel();
        assert!(later.is_cancelled() && over.cancel_requested());
    }
}
