//! HTTP to the providers the user allowed, and to nobody else.

use std::collections::HashMap;
use std::time::Duration;

use restow_core::text::quoted;
use restow_lcp::ProviderProblem;
use restow_lcp::resolve;

use crate::error::ProviderError;
use crate::net::Cancel;
use crate::net::http::{self, HttpError, Reply, cancellable};
use crate::service::Origin;
use crate::store::{ProviderEntry, TrustOrigin};

/// A call takes no longer.
const WHOLE_CALL: Duration = Duration::from_secs(20);
/// Longer than this nobody waits for a provider that is busy.
const LONGEST_WAIT: Duration = Duration::from_secs(3);
/// So often a call waits, and is repeated.
const WAITS: u32 = 2;
/// So many redirections are followed.
const REDIRECTS: u32 = 5;
/// After so many calls without an answer, or with none but that it is busy, a provider is left alone.
const SILENCES: u32 = 2;

/// What a request does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Method {
    Get,
    Post,
    Put,
}

/// One provider.
struct Host {
    agent: Result<ureq::Agent, ProviderError>,
    silences: u32,
    given_up: bool,
}

/// Talks to the providers that are allowed.
pub(crate) struct Client {
    hosts: HashMap<Origin, Host>,
    cancel: Cancel,
}

impl Client {
    /// A client for these providers. No socket is opened yet.
    pub(crate) fn new(allowed: &[ProviderEntry], cancel: &Cancel) -> Self {
        Self::patient(allowed, cancel, WHOLE_CALL)
    }

    fn patient(allowed: &[ProviderEntry], cancel: &Cancel, whole_call: Duration) -> Self {
        let host = |entry: &ProviderEntry| {
            let origin = Origin::parse(&entry.origin).ok()?;
            let agent = http::agent(&origin, entry.added, whole_call).map_err(ProviderError::from);
            Some((origin, Host { agent, silences: 0, given_up: false }))
        };
        let allowed = allowed.iter().filter(|entry| entry.added != TrustOrigin::Untrusted);
        Self { hosts: allowed.filter_map(host).collect(), cancel: cancel.clone() }
    }

    /// Sends a request and follows where it is redirected. The answer is a success, and has a body of at most so many bytes.
    pub(super) fn send(
        &mut self,
        method: Method,
        url: &str,
        accept: &str,
        most: usize,
    ) -> Result<Reply, ProviderError> {
        let (mut method, mut url) = (method, url.to_owned());
        for _ in 0..=REDIRECTS {
            let reply = self.one(method, &url, accept, most)?;
            match (reply.status, &reply.location) {
                (200..=299, _) => return Ok(reply),
                (status, Some(location)) if http::is_redirect(status) => {
                    if reply.status == 303 {
                        method = Method::Get;
                    }
                    url = resolve(&url, location);
                }
                _ => {
                    let origin = origin(&url)?.to_string();
                    return Err(ProviderError::Problem {
                        origin,
                        problem: ProviderProblem::from_response(reply.status, &reply.body),
                    });
                }
            }
        }
        Err(ProviderError::BadAnswer { url: shown(&url), why: "it redirects too often".into() })
    }

    /// One request, repeated where the provider asks for it.
    fn one(&mut self, method: Method, url: &str, accept: &str, most: usize) -> Result<Reply, ProviderError> {
        let origin = origin(url)?;
        let Some(host) = self.hosts.get_mut(&origin) else {
            return Err(ProviderError::NotAllowed { origin: origin.to_string() });
        };
        if host.given_up {
            return Err(ProviderError::GivenUp { origin: origin.to_string() });
        }
        let agent = host.agent.clone()?;
        for _ in 0..=WAITS {
            let (agent, address, accept) = (agent.clone(), url.to_owned(), accept.to_owned());
            let answer = cancellable(&self.cancel, move || {
                let response = match method {
                    Method::Get => agent.get(&address).header("accept", accept).call(),
                    Method::Post => agent.post(&address).header("accept", accept).send_empty(),
                    Method::Put => agent.put(&address).header("accept", accept).send_empty(),
                };
                http::exchange(response, &shown(&address), most)
            });
            let reply = match answer {
                Err(error @ HttpError::Unreachable { .. }) => {
                    host.silences = host.silences.saturating_add(1);
                    host.given_up = host.silences >= SILENCES;
                    return Err(error.into());
                }
                answer => answer?,
            };
            if !matches!(reply.status, 429 | 503) {
                host.silences = 0;
                return Ok(reply);
            }
            let Some(after) = reply.retry_after else {
                // Busy with this one: with the next it may be better.
                host.silences = host.silences.saturating_add(1);
                host.given_up = host.silences >= SILENCES;
                return Err(ProviderError::Busy { origin: origin.to_string() });
            };
            match after.trim().parse().map(Duration::from_secs) {
                Ok(time) if time <= LONGEST_WAIT => http::wait(time, &self.cancel)?,
                _ => break,
            }
        }
        host.given_up = true;
        Err(ProviderError::Busy { origin: origin.to_string() })
    }
}

/// The origin of an address.
pub(super) fn origin(url: &str) -> Result<Origin, ProviderError> {
    Origin::parse(url).map_err(|why| ProviderError::Address { url: shown(url), why })
}

/// An address as messages say it: without its query, in which this computer's ID and name stand, or what opens a door.
pub(super) fn shown(url: &str) -> String {
    quoted(url.split(['?', '#']).next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn nobody_is_asked_who_is_not_allowed() {
        let entry = |origin: &str, added| ProviderEntry { origin: origin.into(), added, at: 0 };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let get = |allowed: &[ProviderEntry], url: &str| {
            let error = Client::new(allowed, &Cancel::default()).send(Method::Get, url, "*/*", 9).unwrap_err();
            assert!(listener.accept().is_err(), "{url}: {error}");
            error
        };
        assert!(matches!(get(&[], &here), ProviderError::NotAllowed { .. }));
        assert!(matches!(get(&[entry(&here, TrustOrigin::Untrusted)], &here), ProviderError::NotAllowed { .. }));
        assert!(matches!(get(&[entry(&here, TrustOrigin::Consent)], &here), ProviderError::PrivateAddress { .. }));
        assert!(matches!(
            get(&[entry(&here, TrustOrigin::Manual)], "http://l.example/"),
            ProviderError::Address { .. }
        ));
        assert!(matches!(
            get(&[entry(&here, TrustOrigin::Manual)], "file:///etc/passwd"),
            ProviderError::Address { .. }
        ));
    }

    #[test]
    fn a_provider_that_says_nothing_is_asked_twice() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let here = format!("http://{}", listener.local_addr().unwrap());
        let entry = ProviderEntry { origin: here.clone(), added: TrustOrigin::Manual, at: 0 };
        let silent = std::thread::spawn(move || {
            let mut kept = Vec::new();
            for _ in 0..2 {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 1]).unwrap();
                kept.push(stream);
            }
            (listener, kept)
        });
        let mut client = Client::patient(&[entry], &Cancel::default(), Duration::from_millis(50));
        for _ in 0..2 {
            let error = client.send(Method::Get, &here, "*/*", 9).unwrap_err();
            assert!(matches!(error, ProviderError::Unreachable { kind: std::io::ErrorKind::TimedOut, .. }), "{error}");
        }
        let (listener, _kept) = silent.join().unwrap();
        listener.set_nonblocking(true).unwrap();
        let error = client.send(Method::Get, &here, "*/*", 9).unwrap_err();
        assert!(matches!(error, ProviderError::GivenUp { .. }), "{error}");
        assert!(listener.accept().is_err());
    }
}
