//! HTTP client of the providers that the user allowed.

use std::collections::HashMap;
use std::time::Duration;

use restow_core::time::{UnixTime, parse_time};
use restow_core::{origin::Origin, text::to_short_line};
use restow_lcp::{ProviderProblem, resolve};

use crate::net::AnswerFault;
use crate::net::http::{self, ExchangeLimits, HttpError, Reply, cancellable};
use crate::store::{ProviderEntry, TrustOrigin};
use crate::{error::ProviderError, net::Cancel};

/// Timeout of one call.
const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest delay for which a call waits for a busy provider.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(3);
/// Maximum number of retries of a call after a delay.
const MAX_RETRIES: u32 = 2;
/// Maximum number of redirects per request.
const MAX_REDIRECTS: u32 = 5;
/// Number of failed calls after which the client stops contacting a provider. A busy answer without a delay
/// counts as failed.
const MAX_FAILURES: u32 = 2;

/// HTTP method of a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    Get,
    Post,
    Put,
}

/// Connection to one provider.
struct Host {
    agent: Result<ureq::Agent, ProviderError>,
    /// Number of failed calls since the last answer. At [`MAX_FAILURES`] the provider is given up.
    failures: u32,
}

/// Client of the allowed providers.
pub(crate) struct ProviderClient {
    hosts: HashMap<Origin, Host>,
    cancel: Cancel,
    call_timeout: Duration,
    /// Time of this computer, against which a provider states the end of a pause.
    pub(super) now: UnixTime,
}

impl ProviderClient {
    /// Creates a client for these providers. Opens no socket.
    pub(crate) fn new(allowed: &[ProviderEntry], cancel: &Cancel) -> Self {
        Self::with_call_timeout(allowed, cancel, CALL_TIMEOUT)
    }

    fn with_call_timeout(allowed: &[ProviderEntry], cancel: &Cancel, call_timeout: Duration) -> Self {
        let host = |entry: &ProviderEntry| {
            let origin = Origin::parse(&entry.origin).ok()?;
            let agent = http::build_agent(&origin, entry.added, call_timeout).map_err(ProviderError::from);
            Some((origin, Host { agent, failures: 0 }))
        };
        let allowed = allowed.iter().filter(|entry| entry.added != TrustOrigin::Untrusted);
        Self { hosts: allowed.filter_map(host).collect(), cancel: cancel.clone(), call_timeout, now: 0 }
    }

    /// Sends a request and follows its redirects to a successful answer. `max_body` limits the body, in bytes.
    pub(super) fn send(
        &mut self,
        method: Method,
        url: &str,
        accept: &str,
        max_body: usize,
    ) -> Result<Reply, ProviderError> {
        let (mut method, mut url) = (method, url.to_owned());
        for _ in 0..=MAX_REDIRECTS {
            let reply = self.send_once(method, &url, accept, max_body)?;
            match (reply.status, &reply.location) {
                (200..=299, _) => return Ok(reply),
                (status, Some(location)) if http::is_redirect(status) => {
                    if reply.status == 303 {
                        method = Method::Get;
                    }
                    url = resolve(&url, location);
                }
                _ => {
                    let origin = parse_origin(&url)?.to_string();
                    return Err(ProviderError::Problem {
                        origin,
                        problem: ProviderProblem::from_response(reply.status, &reply.body),
                    });
                }
            }
        }
        let fault = AnswerFault::Redirects(MAX_REDIRECTS);
        Err(ProviderError::BadAnswer { url: redact_query(&url), fault })
    }

    /// Sends one request, and repeats it after the delay that the provider names.
    fn send_once(&mut self, method: Method, url: &str, accept: &str, max_body: usize) -> Result<Reply, ProviderError> {
        let origin = parse_origin(url)?;
        let Some(host) = self.hosts.get_mut(&origin) else {
            return Err(ProviderError::NotAllowed { origin: origin.to_string() });
        };
        if host.failures >= MAX_FAILURES {
            return Err(ProviderError::GivenUp { origin: origin.to_string() });
        }
        let agent = host.agent.clone()?;
        let limits = ExchangeLimits { max_body, timeout: self.call_timeout };
        let mut busy = None;
        for _ in 0..=MAX_RETRIES {
            let (agent, address, accept) = (agent.clone(), url.to_owned(), accept.to_owned());
            let result = cancellable(&self.cancel, move || {
                // An absent `Accept-Encoding` would allow any compression (RFC 9110, section 12.5.3).
                let (accept, encoding) = (("accept", accept), ("accept-encoding", "identity"));
                let response = match method {
                    Method::Get => agent.get(&address).header(accept.0, accept.1).header(encoding.0, encoding.1).call(),
                    Method::Post => {
                        agent.post(&address).header(accept.0, accept.1).header(encoding.0, encoding.1).send_empty()
                    }
                    Method::Put => {
                        agent.put(&address).header(accept.0, accept.1).header(encoding.0, encoding.1).send_empty()
                    }
                };
                http::exchange(response, &redact_query(&address), limits)
            });
            let reply = match result {
                Err(error @ HttpError::Unreachable { .. }) => {
                    host.failures = host.failures.saturating_add(1);
                    return Err(error.into());
                }
                result => result?,
            };
            if !matches!(reply.status, 429 | 503) {
                host.failures = 0;
                return Ok(reply);
            }
            let pause = reply.retry_after.as_deref().and_then(|text| parse_pause(text, self.now));
            let problem = ProviderProblem::from_response(reply.status, &reply.body);
            let error = ProviderError::Busy { origin: origin.to_string(), problem, pause };
            if reply.retry_after.is_none() {
                // The provider may be busy with this license only, so the next license may succeed.
                host.failures = host.failures.saturating_add(1);
                return Err(error);
            }
            busy = Some(error);
            match pause.map(Duration::from_secs) {
                Some(time) if time <= MAX_RETRY_DELAY => http::wait(time, &self.cancel)?,
                _ => break,
            }
        }
        host.failures = MAX_FAILURES;
        Err(busy.unwrap_or(ProviderError::GivenUp { origin: origin.to_string() }))
    }
}

/// Parses a `Retry-After` header in seconds: a number, or a date (RFC 9110, section 10.2.3).
fn parse_pause(text: &str, now: UnixTime) -> Option<u64> {
    if let Ok(seconds) = text.trim().parse() {
        return Some(seconds);
    }
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.split_whitespace().skip(1);
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)?.checked_add(1)?;
    let until = parse_time(&format!("{year}-{month:02}-{day}T{time}Z"))?.millis.div_euclid(1000);
    Some(u64::try_from(until.saturating_sub(now)).unwrap_or(0))
}

/// Returns the origin of an address.
pub(super) fn parse_origin(url: &str) -> Result<Origin, ProviderError> {
    Origin::parse(url).map_err(|why| ProviderError::Address { url: redact_query(url), why })
}

/// Returns an address for messages, without its query. The query contains the ID and name of this computer, or
/// a secret.
pub(super) fn redact_query(url: &str) -> String {
    to_short_line(url.split(['?', '#']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use super::*;
    use crate::net::ConnectionFault;

    #[test]
    fn pause_is_a_number_or_a_date() {
        assert_eq!((parse_pause(" 90 ", 5), parse_pause("-1", 5), parse_pause("soon", 5)), (Some(90), None, None));
        assert_eq!(parse_pause("Tue, 01 Dec 2026 10:00:00 GMT", 1_796_119_140), Some(60));
        assert_eq!(parse_pause("Tue, 01 Dec 2026 10:00:00 GMT", 1_796_119_300), Some(0));
    }

    #[test]
    fn provider_not_allowed_is_never_contacted() {
        let entry = |origin: &str, added| ProviderEntry { origin: origin.into(), added, at: 0 };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let get = |allowed: &[ProviderEntry], url: &str| {
            let error = ProviderClient::new(allowed, &Cancel::default()).send(Method::Get, url, "*/*", 9).unwrap_err();
            assert!(listener.accept().is_err(), "{url}: {error}");
            error
        };
        assert!(matches!(get(&[], &url), ProviderError::NotAllowed { .. }));
        assert!(matches!(get(&[entry(&url, TrustOrigin::Untrusted)], &url), ProviderError::NotAllowed { .. }));
        assert!(matches!(get(&[entry(&url, TrustOrigin::Consent)], &url), ProviderError::PrivateAddress { .. }));
        assert!(matches!(get(&[entry(&url, TrustOrigin::Manual)], "http://l.example/"), ProviderError::Address { .. }));
        assert!(matches!(
            get(&[entry(&url, TrustOrigin::Manual)], "file:///etc/passwd"),
            ProviderError::Address { .. }
        ));
    }

    #[test]
    fn silent_provider_is_given_up_after_two_calls() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let entry = ProviderEntry { origin: url.clone(), added: TrustOrigin::Manual, at: 0 };
        let silent = std::thread::spawn(move || {
            let mut streams = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 1]).unwrap();
                streams.push(stream);
            }
            (listener, streams)
        });
        let mut client = ProviderClient::with_call_timeout(&[entry], &Cancel::default(), Duration::from_millis(50));
        for _ in 0..2 {
            let error = client.send(Method::Get, &url, "*/*", 9).unwrap_err();
            assert!(
                matches!(error, ProviderError::Unreachable { fault: ConnectionFault::TimedOut { .. }, .. }),
                "{error}"
            );
        }
        let (listener, _streams) = silent.join().unwrap();
        listener.set_nonblocking(true).unwrap();
        let error = client.send(Method::Get, &url, "*/*", 9).unwrap_err();
        assert!(matches!(error, ProviderError::GivenUp { .. }), "{error}");
        assert!(listener.accept().is_err());
    }
}
