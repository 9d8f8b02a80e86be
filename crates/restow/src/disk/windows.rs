//! Disks under a folder on Windows, from its path and PowerShell.
//!
//! The disk of a volume needs a control code of the system, and this crate has no unsafe code. The cmdlets of the
//! module Storage report the disk. Without them the disk is unknown.

use super::identity::DiskIdentity;

/// Prints the number of each disk of the volume of the folder in an environment variable.
#[cfg(windows)]
const SCRIPT: &str = "$ErrorActionPreference = 'Stop'; \
    Get-Volume -FilePath $env:RESTOW_DISK_PATH | Get-Partition | \
    ForEach-Object { 'disk ' + $_.DiskNumber + ' ' + (Get-Disk -Number $_.DiskNumber).BusType }";

/// Returns the disks under a folder.
#[cfg(windows)]
pub(super) fn identify(folder: &std::path::Path) -> DiskIdentity {
    use std::os::windows::process::CommandExt as _;

    /// `CREATE_NO_WINDOW`: a program with windows opens no console.
    const NO_WINDOW: u32 = 0x0800_0000;

    let Ok(path) = folder.canonicalize() else { return DiskIdentity::unknown() };
    let Some(path) = path.to_str() else { return DiskIdentity::unknown() };
    let own_name = std::env::var("COMPUTERNAME").unwrap_or_default();
    identify_path(path, |name| name.split('.').next() == Some(own_name.to_ascii_lowercase().as_str()), &|path| {
        let mut command = std::process::Command::new("powershell.exe");
        command.args(["-NoProfile", "-NonInteractive", "-Command", SCRIPT]).env("RESTOW_DISK_PATH", path);
        let output = command.creation_flags(NO_WINDOW).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    })
}

/// Returns the disks under a canonical path. `disks_of` returns the output of the script.
fn identify_path(
    path: &str,
    is_this_machine: impl Fn(&str) -> bool,
    disks_of: &dyn Fn(&str) -> Option<String>,
) -> DiskIdentity {
    if let Some(share) = path.strip_prefix(r"\\?\UNC\") {
        let server = share.split('\\').next().unwrap_or_default();
        // `\\server@SSL\share` is a share by HTTP.
        return DiskIdentity::server(server.split('@').next().unwrap_or_default(), is_this_machine);
    }
    let Some(path) = path.strip_prefix(r"\\?\") else { return DiskIdentity::unknown() };
    let Some(output) = disks_of(path) else { return DiskIdentity::unknown() };
    let mut found = DiskIdentity::default();
    for line in output.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        match (words.next(), words.next().and_then(|word| word.parse::<u32>().ok()), words.next()) {
            // Images of disks, and disks that span several others, hide the disks below.
            (Some("disk"), Some(number), Some(bus))
                if !matches!(bus, "Virtual" | "FileBackedVirtual" | "File" | "Spaces" | "Unknown") =>
            {
                found.disks.insert(number.to_string());
            }
            _ => found.has_unknown = true,
        }
    }
    if found == DiskIdentity::default() { DiskIdentity::unknown() } else { found }
}

#[cfg(test)]
mod tests {
    use super::super::relation::DiskRelation;
    use super::*;

    fn relation(path: &str) -> DiskRelation {
        let disks_of = |path: &str| match path.get(..2) {
            Some("C:") | Some("D:") => Some("disk 0 NVMe\r\n".to_owned()),
            Some("E:") => Some("disk 1 USB\r\n".to_owned()),
            Some("V:") => Some("disk 2 FileBackedVirtual\r\n".to_owned()),
            Some("S:") => Some("disk 1 USB\ndisk 0 NVMe\n".to_owned()),
            Some("Z:") => Some("Get-Volume : not found\n".to_owned()),
            Some("Y:") => Some(String::new()),
            _ => None,
        };
        let identify = |path| identify_path(path, |name: &str| name == "this-pc", &disks_of);
        identify(path).relation_to(&identify(r"\\?\C:\Users\ann\AppData\Local\Restow"))
    }

    #[test]
    fn path_leads_to_its_disk() {
        for (path, expected) in [
            (r"\\?\D:\backup", DiskRelation::SameDisk),
            (r"\\?\E:\", DiskRelation::OtherDisk),
            (r"\\?\S:\", DiskRelation::SameDisk),
            (r"\\?\V:\", DiskRelation::Unknown),
            (r"\\?\Z:\", DiskRelation::Unknown),
            (r"\\?\Y:\", DiskRelation::Unknown),
            (r"\\?\Q:\", DiskRelation::Unknown),
            (r"\\?\UNC\nas\share\Restow", DiskRelation::OtherMachine),
            (r"\\?\UNC\THIS-PC\share", DiskRelation::Unknown),
            (r"\\?\UNC\localhost\c$", DiskRelation::Unknown),
            (r"\\?\UNC\127.0.0.1\c$", DiskRelation::Unknown),
            (r"\\?\UNC\nas@SSL\share", DiskRelation::OtherMachine),
        ] {
            assert_eq!(relation(path), expected, "{path}");
        }
    }
}
