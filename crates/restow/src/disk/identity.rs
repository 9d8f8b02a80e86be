//! Disks under a folder.

use std::collections::BTreeSet;

use super::relation::DiskRelation;

/// Disks that hold the data of a folder. A volume can span several disks.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct DiskIdentity {
    /// Names of the whole disks, unique on this computer.
    pub(super) disks: BTreeSet<String>,
    /// Names or addresses of the file servers on other machines.
    pub(super) servers: BTreeSet<String>,
    /// True if a part of the data is in memory only.
    pub(super) in_memory: bool,
    /// True if a part of the data is on a disk that cannot be determined.
    pub(super) has_unknown: bool,
}

impl DiskIdentity {
    /// Returns the identity of a folder without any known disk.
    pub(super) fn unknown() -> Self {
        Self { has_unknown: true, ..Self::default() }
    }

    /// Returns the identity of a folder in memory.
    #[cfg_attr(not(any(target_os = "linux", target_os = "android", target_os = "macos", test)), expect(dead_code))]
    pub(super) fn memory() -> Self {
        Self { in_memory: true, ..Self::default() }
    }

    /// Returns the identity of a folder on a file server, which is another machine unless its name is an address of
    /// this one.
    pub(super) fn server(name: &str, is_this_machine: impl Fn(&str) -> bool) -> Self {
        let name = normalize_server(name);
        if name.is_empty() || is_loopback(&name) || is_this_machine(&name) {
            return Self::unknown();
        }
        Self { servers: BTreeSet::from([name]), ..Self::default() }
    }

    /// Compares the disks of a location with the disks of the home.
    ///
    /// One common disk is enough for the same disk: its loss damages both.
    pub(super) fn relation_to(&self, home: &Self) -> DiskRelation {
        if self.in_memory {
            return DiskRelation::Memory;
        }
        if !self.disks.is_disjoint(&home.disks) {
            return DiskRelation::SameDisk;
        }
        let is_empty = self.disks.is_empty() && self.servers.is_empty();
        // Two folders of one server can be on one disk there.
        if self.has_unknown || home.has_unknown || is_empty || !self.servers.is_disjoint(&home.servers) {
            return DiskRelation::Unknown;
        }
        if self.disks.is_empty() { DiskRelation::OtherMachine } else { DiskRelation::OtherDisk }
    }
}

/// Returns the name of a server in lower case, without the brackets of an IPv6 address, its zone and a final dot.
fn normalize_server(name: &str) -> String {
    let name = name.trim().trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    name.split('%').next().unwrap_or_default().to_ascii_lowercase()
}

/// Returns true for the names and addresses by which every machine reaches itself.
fn is_loopback(server: &str) -> bool {
    if server == "localhost" || server.ends_with(".localhost") || server.starts_with("localhost.") {
        return true;
    }
    let address: Option<std::net::IpAddr> = server.parse().ok();
    address.is_some_and(|address| {
        let address = address.to_canonical();
        address.is_loopback() || address.is_unspecified()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(disks: &[&str]) -> DiskIdentity {
        DiskIdentity { disks: disks.iter().map(|disk| (*disk).to_owned()).collect(), ..DiskIdentity::default() }
    }

    fn server(name: &str) -> DiskIdentity {
        DiskIdentity::server(name, |name| name == "this-pc" || name == "192.168.1.5")
    }

    #[test]
    fn relation_follows_common_disks() {
        let part_unknown = DiskIdentity { has_unknown: true, ..on(&["b"]) };
        let part_in_memory = DiskIdentity { in_memory: true, ..on(&["b"]) };
        for (location, home, relation) in [
            (on(&["a"]), on(&["a"]), DiskRelation::SameDisk),
            (on(&["b"]), on(&["a"]), DiskRelation::OtherDisk),
            (on(&["a", "b"]), on(&["a", "c"]), DiskRelation::SameDisk),
            (on(&["b"]), DiskIdentity::unknown(), DiskRelation::Unknown),
            (DiskIdentity::unknown(), on(&["a"]), DiskRelation::Unknown),
            (part_unknown.clone(), on(&["b"]), DiskRelation::SameDisk),
            (part_unknown, on(&["a"]), DiskRelation::Unknown),
            (part_in_memory, on(&["a"]), DiskRelation::Memory),
            (DiskIdentity::memory(), on(&["a"]), DiskRelation::Memory),
            (on(&["b"]), DiskIdentity::memory(), DiskRelation::OtherDisk),
            (DiskIdentity::default(), on(&["a"]), DiskRelation::Unknown),
            (server("nas"), on(&["a"]), DiskRelation::OtherMachine),
            (on(&["a"]), server("nas"), DiskRelation::OtherDisk),
            (server("NAS."), server("nas"), DiskRelation::Unknown),
            (server("nas"), server("other"), DiskRelation::OtherMachine),
        ] {
            assert_eq!(location.relation_to(&home), relation, "{location:?} {home:?}");
        }
    }

    #[test]
    fn own_addresses_are_no_servers() {
        for name in ["localhost", "LOCALHOST", "127.0.0.1", "127.1.2.3", "::1", "[::1]", "::ffff:127.0.0.1", "0.0.0.0"]
        {
            assert_eq!(server(name), DiskIdentity::unknown(), "{name}");
        }
        for name in ["localhost.localdomain", "this-pc", "THIS-PC", "192.168.1.5", "", "::"] {
            assert_eq!(server(name), DiskIdentity::unknown(), "{name}");
        }
        assert_eq!(server("fe80::2%eth0").servers, BTreeSet::from(["fe80::2".to_owned()]));
        assert!(!server("192.168.1.6").has_unknown && !server("localhosts").has_unknown);
    }
}
