//! Client for the operator's API (docs/service-protocol.md §6).

use std::collections::BTreeMap;
use std::io;
use std::time::Duration;

use data_encoding::BASE64URL_NOPAD;
use restow::Hresult;
use restow::service::Origin;
use restow::service::protocol::admin::{ListAnswer, ListRequest};
use restow::service::protocol::{BASE, MAX_BODY, Problem, ProblemCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{CommandError, Exit, Failure};
use crate::args::Operator;

/// Row of a list.
pub(super) type JsonMembers = BTreeMap<String, Value>;

/// Address and API key of a service.
pub(super) struct Client {
    agent: ureq::Agent,
    origin: Origin,
    key: Zeroizing<String>,
    /// File or variable with the API key.
    key_source: String,
}

impl Client {
    /// Takes address and key from `--service DIR` or the environment. A given address takes precedence over the
    /// address in the folder.
    pub(super) fn from_operator(operator: &Operator) -> Result<Self, Failure> {
        let url = match (&operator.url, &operator.folder) {
            (Some(url), _) => url.clone(),
            (None, Some(folder)) => restow_service::service_url(folder)?,
            (None, None) => return Err(Failure::new(CommandError::NoOperator).exit(Exit::Usage)),
        };
        let key = match &operator.folder {
            Some(folder) => restow_service::api_key(folder)?,
            None => Zeroizing::new(
                std::env::var("RESTOW_API_KEY").map_err(|_| Failure::new(CommandError::NoApiKey).exit(Exit::Usage))?,
            ),
        };
        let key_source = match &operator.folder {
            Some(folder) => folder.join("api.key").display().to_string(),
            None => "RESTOW_API_KEY".to_owned(),
        };
        // The key must not travel unencrypted.
        let origin = Origin::from_url(&url)
            .map_err(|_| Failure::new(CommandError::AdminAddress).with("url", &url).exit(Exit::Usage))?;
        let mut config = ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(60)))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .tls_config(restow::tls_config())
            .user_agent(concat!("restow/", env!("CARGO_PKG_VERSION")));
        if origin.is_loopback() {
            config = config.proxy(None);
        }
        Ok(Self { agent: config.build().into(), origin, key, key_source })
    }

    pub(super) fn call<A: DeserializeOwned>(&self, path: &str, request: &impl Serialize) -> Result<A, Failure> {
        let url = self.origin.at(&format!("{BASE}admin/{path}"));
        let unreachable = |error: &io::Error| {
            let failure = Failure::new(CommandError::AdminUnreachable).with("url", &url).with_cause(error);
            failure.hresult(Hresult::NS_E_DRM_RESTORE_SERVICE_UNAVAILABLE)
        };
        let body = serde_json::to_vec(request).map_err(|error| unreachable(&error.into()))?;
        let bearer = Zeroizing::new(format!("Bearer {}", self.key.trim()));
        let request = self
            .agent
            .post(&url)
            .header("content-type", "application/json")
            .header("authorization", bearer.as_str())
            .header("idempotency-key", idempotency_key()?);
        let mut response = request.send(&body).map_err(|error| unreachable(&to_io_error(error)))?;
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(MAX_BODY as u64).read_to_string();
        let body = body.map_err(|error| unreachable(&to_io_error(error)))?;
        let answer = if status == 200 { serde_json::from_str(&body).ok() } else { None };
        let problem = || serde_json::from_str::<Problem>(&body).ok();
        match answer {
            Some(answer) => Ok(answer),
            None => Err(match problem() {
                Some(problem) => self.problem_failure(&problem),
                None => Failure::new(CommandError::AdminAnswer)
                    .hresult(Hresult::E_FAIL)
                    .with("url", &url)
                    .with("status", status),
            }),
        }
    }

    /// Lists rows, page by page, until `on_page` returns false.
    pub(super) fn list(
        &self,
        request: ListRequest,
        mut on_page: impl FnMut(&[JsonMembers]) -> bool,
    ) -> Result<(), Failure> {
        let mut request = request;
        loop {
            let page: ListAnswer = self.call("list", &request)?;
            request.after = page.rows.last().and_then(|row| row.get("id")?.as_str()).map(str::to_owned);
            if !on_page(&page.rows) || !page.more || request.after.is_none() {
                return Ok(());
            }
        }
    }

    /// Converts the problem that a service answers.
    fn problem_failure(&self, problem: &Problem) -> Failure {
        let failure = match problem.code() {
            _ if problem.problem_type.ends_with(":api-key") => {
                return Failure::new(CommandError::AdminKey)
                    .hresult(Hresult::E_ACCESSDENIED)
                    .with("url", &self.origin)
                    .with("from", &self.key_source);
            }
            Some(ProblemCode::NotYours) => Failure::new(CommandError::AdminNotThere),
            Some(ProblemCode::LinkUsed) => Failure::new(CommandError::AdminLinkUsed),
            Some(ProblemCode::Busy | ProblemCode::Internal) => Failure::new(CommandError::AdminBusy),
            _ => Failure::new(CommandError::AdminProblem),
        };
        let detail = if problem.detail.is_empty() { &problem.title } else { &problem.detail };
        failure.hresult(Hresult::E_FAIL).with("text", detail)
    }
}

/// Converts a transport error into an I/O error.
fn to_io_error(error: ureq::Error) -> io::Error {
    match error {
        ureq::Error::Io(error) => error,
        ureq::Error::Timeout(_) => io::ErrorKind::TimedOut.into(),
        ureq::Error::HostNotFound | ureq::Error::ConnectionFailed => io::ErrorKind::HostUnreachable.into(),
        other => io::Error::other(other),
    }
}

fn idempotency_key() -> Result<String, Failure> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|_| Failure::new(CommandError::Random))?;
    Ok(BASE64URL_NOPAD.encode(&random))
}
