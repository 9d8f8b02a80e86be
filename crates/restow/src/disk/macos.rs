//! Disks under a folder on macOS, from the mount table and `diskutil`.

use super::identity::DiskIdentity;

/// Maximum size of the output of `diskutil`.
#[cfg_attr(not(target_os = "macos"), expect(dead_code))]
const MAX_OUTPUT: usize = 1 << 20;

/// Returns the disks under a folder.
#[cfg(target_os = "macos")]
pub(super) fn identify(folder: &std::path::Path) -> DiskIdentity {
    let Ok(facts) = rustix::fs::statfs(folder) else { return DiskIdentity::unknown() };
    let text = |chars: &[std::ffi::c_char]| {
        let bytes = chars.iter().take_while(|char| **char != 0).map(|char| char.to_ne_bytes()[0]);
        String::from_utf8_lossy(&bytes.collect::<Vec<_>>()).into_owned()
    };
    let (source, file_system) = (text(&facts.f_mntfromname), text(&facts.f_fstypename));
    let is_this_machine = |name: &str| {
        let own = rustix::system::uname();
        let own = own.nodename().to_string_lossy().to_ascii_lowercase();
        own.split('.').next() == name.split('.').next()
    };
    identify_volume(&source, &file_system, is_this_machine, &|device| {
        let output = std::process::Command::new("/usr/sbin/diskutil").args(["info", "-plist", device]).output().ok()?;
        let output = output.status.success().then_some(output.stdout)?;
        String::from_utf8(output).ok().filter(|text| text.len() <= MAX_OUTPUT)
    })
}

/// Returns the disks of a mounted volume. `disk_info` returns the property list of `diskutil info`.
fn identify_volume(
    source: &str,
    file_system: &str,
    is_this_machine: impl Fn(&str) -> bool,
    disk_info: &dyn Fn(&str) -> Option<String>,
) -> DiskIdentity {
    match file_system {
        "nfs" => DiskIdentity::server(source.rsplit_once(":/").map_or("", |(server, _)| server), is_this_machine),
        "smbfs" | "afpfs" => {
            let share = source.trim_start_matches('/');
            let server = share.split('/').next().unwrap_or_default();
            let server = server.rsplit('@').next().unwrap_or_default();
            DiskIdentity::server(server.split(':').next().unwrap_or_default(), is_this_machine)
        }
        "tmpfs" => DiskIdentity::memory(),
        _ => match source.strip_prefix("/dev/") {
            Some(device) => identify_device(device, disk_info),
            None => DiskIdentity::unknown(),
        },
    }
}

fn identify_device(device: &str, disk_info: &dyn Fn(&str) -> Option<String>) -> DiskIdentity {
    let Some(info) = disk_info(device) else { return DiskIdentity::unknown() };
    // The disk of an APFS container is synthesized, and the container is in partitions of real disks.
    let stores: Vec<&str> = strings_of(&info, "APFSPhysicalStore");
    let devices = if stores.is_empty() { vec![device] } else { stores };
    let mut found = DiskIdentity::default();
    for device in devices {
        let facts = disk_info(device);
        let value = |key| facts.as_deref().and_then(|facts| strings_of(facts, key).first().copied());
        match value("ParentWholeDisk") {
            // An image or a disk in memory is a virtual disk.
            Some(disk)
                if value("VirtualOrPhysical") != Some("Virtual") && value("BusProtocol") != Some("Disk Image") =>
            {
                found.disks.insert(disk.to_owned());
            }
            _ => found.has_unknown = true,
        }
    }
    found
}

/// Returns the text values of a key in a property list.
fn strings_of<'a>(list: &'a str, key: &str) -> Vec<&'a str> {
    let key = format!("<key>{key}</key>");
    let values = list.split(&key).skip(1).filter_map(|rest| {
        let value = rest.trim_start().strip_prefix("<string>")?;
        value.split("</string>").next()
    });
    values.collect()
}

#[cfg(test)]
mod tests {
    use super::super::relation::DiskRelation;
    use super::*;

    fn info(device: &str) -> Option<String> {
        let facts: &[(&str, &str)] = match device {
            "disk3s5" => &[("ParentWholeDisk", "disk3"), ("APFSPhysicalStore", "disk0s2")],
            "disk0s2" | "disk0s3" => {
                &[("ParentWholeDisk", "disk0"), ("VirtualOrPhysical", "Physical"), ("BusProtocol", "Apple Fabric")]
            }
            "disk4s1" => &[("ParentWholeDisk", "disk4"), ("VirtualOrPhysical", "Physical"), ("BusProtocol", "USB")],
            "disk5s1" => &[("ParentWholeDisk", "disk5"), ("BusProtocol", "Disk Image")],
            _ => return None,
        };
        Some(facts.iter().map(|(key, value)| format!("<key>{key}</key>\n\t<string>{value}</string>\n")).collect())
    }

    fn relation(source: &str, file_system: &str) -> DiskRelation {
        let identify = |source, kind| identify_volume(source, kind, |name: &str| name == "this-mac", &info);
        identify(source, file_system).relation_to(&identify("/dev/disk3s5", "apfs"))
    }

    #[test]
    fn volume_leads_to_its_disk() {
        for (source, file_system, expected) in [
            ("/dev/disk0s3", "hfs", DiskRelation::SameDisk),
            ("/dev/disk4s1", "exfat", DiskRelation::OtherDisk),
            ("/dev/disk5s1", "apfs", DiskRelation::Unknown),
            ("/dev/disk9s1", "hfs", DiskRelation::Unknown),
            ("map auto_home", "autofs", DiskRelation::Unknown),
            ("//ann@nas/share", "smbfs", DiskRelation::OtherMachine),
            ("//ann@localhost:4450/share", "smbfs", DiskRelation::Unknown),
            ("this-mac:/export", "nfs", DiskRelation::Unknown),
            ("tmpfs", "tmpfs", DiskRelation::Memory),
        ] {
            assert_eq!(relation(source, file_system), expected, "{source}");
        }
    }
}
