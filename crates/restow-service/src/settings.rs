//! The operator's settings.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::error::ServiceError;
use crate::network::AddressRange;

/// Least limit of the memory, in MiB: one large request at a time.
pub(crate) const MIN_MEMORY_MIB: u32 = 128;

/// Maximum number of days for which a link can be redeemed.
pub(crate) const MAX_LINK_DAYS: u32 = 3_650;

/// The operator's settings, stored in `service.json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Listening address. If `None`, a loopback `http` origin is the listening address. For other origins, the
    /// default is port 8080 of the loopback interface, behind a server that terminates TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// Maximum number of computers for a license that states no limit.
    pub computers_per_license: u32,
    /// Maximum number of restore runs of a holder per UTC day. Unconfirmed computers have a separate quota of the
    /// same size.
    pub restores_per_day: u32,
    /// Maximum number of releases of a holder's confirmed computers per UTC year.
    pub releases_per_year: u32,
    /// Maximum number of unconfirmed computers of a holder that receive licenses per UTC year.
    pub unconfirmed_restores_per_year: u32,
    /// Maximum number of computers that join a holder by a restore key per UTC day.
    pub joins_per_day: u32,
    /// Number of days for which a new acquisition link can be redeemed.
    pub link_days: u32,
    /// Maximum number of changes of a computer that the service remembers per UTC day.
    pub changes_per_day: u32,
    /// Maximum number of connections served at the same time. Further connections are answered as busy.
    pub connections: u32,
    /// Maximum number of large requests of holders with licenses at the same time.
    pub large_requests: u32,
    /// Maximum number of large requests of one client address at the same time, if proxies are trusted.
    pub large_requests_per_address: u32,
    /// Limit of the memory of the process, in MiB. The limit holds for work on requests, not for the database file in
    /// the cache of the system.
    pub memory_mib: u32,
    /// Proxies whose headers `Forwarded` and `X-Forwarded-For` name the client.
    pub trusted_proxies: Vec<AddressRange>,
    /// Timeout for the request head, for pauses in the body, and for reading the answer, in seconds.
    pub read_seconds: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: None,
            computers_per_license: 4,
            restores_per_day: 10,
            releases_per_year: 4,
            unconfirmed_restores_per_year: 16,
            joins_per_day: 20,
            link_days: 30,
            changes_per_day: 2_000,
            connections: 1024,
            large_requests: 64,
            large_requests_per_address: 8,
            memory_mib: 128,
            trusted_proxies: Vec::new(),
            read_seconds: 30,
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), ServiceError> {
        let ranges = [
            ("computers_per_license", self.computers_per_license, 1, 1_000),
            ("restores_per_day", self.restores_per_day, 0, 1_000_000),
            ("releases_per_year", self.releases_per_year, 0, 1_000_000),
            ("unconfirmed_restores_per_year", self.unconfirmed_restores_per_year, 0, 1_000_000),
            ("joins_per_day", self.joins_per_day, 0, 1_000_000),
            ("link_days", self.link_days, 1, MAX_LINK_DAYS),
            ("changes_per_day", self.changes_per_day, 1, 1_000_000),
            ("connections", self.connections, 1, 100_000),
            ("large_requests", self.large_requests, 1, 10_000),
            ("large_requests_per_address", self.large_requests_per_address, 1, 10_000),
            ("memory_mib", self.memory_mib, MIN_MEMORY_MIB, 1 << 20),
            ("read_seconds", self.read_seconds, 1, 3_600),
        ];
        match ranges.into_iter().find(|(_, value, least, most)| !(least..=most).contains(&value)) {
            Some((name, value, least, most)) => {
                Err(ServiceError::Setting { name, reason: format!("{value} is not {least} to {most}") })
            }
            None => Ok(()),
        }
    }
}
