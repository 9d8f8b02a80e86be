//! What an operator can set.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::error::ServiceError;

/// What an operator can set; stored in `service.json`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Where to listen. Not set, it is where the service is said to be, if that is this machine itself (the host and
    /// port of an `http` address); else port 8080 of this machine, for a server in front of it that speaks TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// How many computers may hold a license that states no limit of its own.
    pub computers_per_license: u32,
    /// Restore runs of a holder per UTC day; unconfirmed computers count apart under the same number.
    pub restores_per_day: u32,
    /// Releases of a holder's confirmed computers per UTC year.
    pub releases_per_year: u32,
    /// How many unconfirmed computers of a holder may be given licenses per UTC year.
    pub unconfirmed_restores_per_year: u32,
    /// Computers that may join a holder by a restore key per UTC day.
    pub joins_per_day: u32,
    /// Connections served at the same time; more wait to be accepted.
    pub connections: u32,
    /// Seconds a client may take to send a request's head, to go on with its body, and to take more of the answer.
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
            connections: 1024,
            read_seconds: 30,
        }
    }
}

impl Settings {
    pub(crate) fn check(&self) -> Result<(), ServiceError> {
        let ranges = [
            ("computers_per_license", self.computers_per_license, 0, 1_000),
            ("restores_per_day", self.restores_per_day, 0, 1_000_000),
            ("releases_per_year", self.releases_per_year, 0, 1_000_000),
            ("unconfirmed_restores_per_year", self.unconfirmed_restores_per_year, 0, 1_000_000),
            ("joins_per_day", self.joins_per_day, 0, 1_000_000),
            ("connections", self.connections, 1, 100_000),
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
