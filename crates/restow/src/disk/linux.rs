//! Disks under a folder on Linux, from `/sys` and `/proc`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io::Read as _;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::identity::DiskIdentity;

/// Maximum number of block devices and folders that are followed for one folder.
const MAX_STEPS: usize = 256;
/// Maximum size of a file of `/proc` or `/sys`.
const MAX_FILE: u64 = 4 << 20;

/// View of the system: the folder with `proc`, `sys` and `dev`, and the device of each path.
pub(super) struct System<'a> {
    root: &'a Path,
    device_of: &'a dyn Fn(&Path) -> Option<DeviceNumber>,
}

/// DeviceNumber of a file system, or of a device file. The major number 0 stands for a file system without a block device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DeviceNumber {
    major: u64,
    minor: u64,
}

impl DeviceNumber {
    /// Splits a device number in the form of the C library.
    const fn from_number(number: u64) -> Self {
        Self {
            major: ((number >> 8) & 0xfff) | ((number >> 32) & 0xffff_f000),
            minor: (number & 0xff) | ((number >> 12) & 0xffff_ff00),
        }
    }

    fn of_path(path: &Path) -> Option<Self> {
        let facts = fs::metadata(path).ok()?;
        let is_device = facts.file_type().is_block_device();
        Some(Self::from_number(if is_device { facts.rdev() } else { facts.dev() }))
    }
}

impl std::fmt::Display for DeviceNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.major, self.minor)
    }
}

/// Mounted file system in `/proc/self/mountinfo`.
struct Mount {
    device: String,
    point: PathBuf,
    file_system: String,
    source: OsString,
    options: OsString,
}

impl Mount {
    fn parse(line: &[u8]) -> Option<Self> {
        let mut fields = line.split(|byte| *byte == b' ').map(unescape);
        let device = fields.nth(2)?.into_string().ok()?;
        let point = fields.nth(1)?.into();
        let mut fields = fields.skip_while(|field| field != "-").skip(1);
        let file_system = fields.next()?.into_string().ok()?;
        Some(Self { device, point, file_system, source: fields.next()?, options: fields.next().unwrap_or_default() })
    }

    /// Returns the value of a mount option.
    fn option(&self, name: &str) -> Option<OsString> {
        let mut options = self.options.as_bytes().split(|byte| *byte == b',');
        let value = options.find_map(|option| option.strip_prefix(name.as_bytes())?.strip_prefix(b"="))?;
        Some(OsString::from_vec(value.to_vec()))
    }
}

/// Decodes the octal escapes of a field, such as `\040` for a space.
fn unescape(field: &[u8]) -> OsString {
    let mut decoded = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((&first, tail)) = rest.split_first() {
        let digits = tail.get(..3).filter(|_| first == b'\\');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = tail.get(3..).unwrap_or_default();
            }
            None => {
                decoded.push(first);
                rest = tail;
            }
        }
    }
    OsString::from_vec(decoded)
}

/// Folders and devices that were followed, and the disks that they led to.
#[derive(Default)]
struct Walk {
    visited: BTreeSet<PathBuf>,
    found: DiskIdentity,
}

impl Walk {
    /// Returns true for a folder or device that was not followed before. A walk without end counts as unknown.
    fn enter(&mut self, path: &Path) -> bool {
        if self.visited.len() >= MAX_STEPS {
            self.found.has_unknown = true;
            return false;
        }
        self.visited.insert(path.to_owned())
    }

    /// Adds a disk that cannot be determined.
    const fn add_unknown(&mut self) {
        self.found.has_unknown = true;
    }

    fn add(&mut self, identity: DiskIdentity) {
        self.found.disks.extend(identity.disks);
        self.found.servers.extend(identity.servers);
        self.found.in_memory |= identity.in_memory;
        self.found.has_unknown |= identity.has_unknown;
    }
}

impl System<'static> {
    /// Returns the view of this computer.
    pub(super) fn this() -> Self {
        Self { root: Path::new("/"), device_of: &DeviceNumber::of_path }
    }
}

impl System<'_> {
    /// Returns the disks under a folder.
    pub(super) fn identify(&self, folder: &Path) -> DiskIdentity {
        let mut walk = Walk::default();
        self.follow_path(folder, &mut walk);
        if walk.found == DiskIdentity::default() {
            // Devices that only refer to each other have no disk.
            walk.add_unknown();
        }
        walk.found
    }

    fn follow_path(&self, path: &Path, walk: &mut Walk) {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !walk.enter(&path) {
            return;
        }
        let Some(device) = (self.device_of)(&path) else { return walk.add_unknown() };
        if device.major != 0 {
            return self.follow_block(&self.system_path("sys/dev/block").join(device.to_string()), walk);
        }
        let Some(mount) = self.mount_of(&path, device) else { return walk.add_unknown() };
        match mount.file_system.as_str() {
            "tmpfs" | "ramfs" | "rootfs" | "devtmpfs" | "hugetlbfs" => walk.add(DiskIdentity::memory()),
            "btrfs" => self.follow_btrfs(Path::new(&mount.source), walk),
            "overlay" => self.follow_lower_path(mount.option("upperdir"), walk),
            "ecryptfs" => self.follow_lower_path(Some(mount.source), walk),
            "nfs" | "nfs4" | "cifs" | "smb3" | "smbfs" => walk.add(self.server_of(&mount)),
            _ => walk.add_unknown(),
        }
    }

    /// Follows the folder in which a file system keeps its files.
    fn follow_lower_path(&self, path: Option<OsString>, walk: &mut Walk) {
        match path.map(PathBuf::from).filter(|path| path.is_absolute()) {
            Some(path) => self.follow_path(&path, walk),
            None => walk.add_unknown(),
        }
    }

    /// Follows a folder of `/sys` that describes a block device.
    fn follow_block(&self, folder: &Path, walk: &mut Walk) {
        let Ok(folder) = folder.canonicalize() else { return walk.add_unknown() };
        if !walk.enter(&folder) {
            return;
        }
        if folder.join("partition").exists() {
            return match folder.parent() {
                Some(disk) => self.follow_block(disk, walk),
                None => walk.add_unknown(),
            };
        }
        let slaves = fs::read_dir(folder.join("slaves")).into_iter().flatten().flatten();
        let slaves: Vec<_> = slaves.map(|slave| slave.path()).collect();
        if !slaves.is_empty() {
            return slaves.iter().for_each(|slave| self.follow_block(slave, walk));
        }
        let backing = folder.join("loop/backing_file");
        if let Some(file) = read(&backing) {
            let file = file.strip_suffix(b"\n").unwrap_or(&file).to_vec();
            return self.follow_lower_path(Some(OsString::from_vec(file)), walk);
        }
        self.add_disk(&folder, walk);
    }

    /// Adds a block device without parts: a physical disk, a disk in memory, or a device of another kind.
    fn add_disk(&self, folder: &Path, walk: &mut Walk) {
        let devices = self.system_path("sys/devices");
        let devices = devices.canonicalize().unwrap_or(devices);
        let place = folder.strip_prefix(devices).unwrap_or(folder);
        let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_numbered =
            |prefix| name.strip_prefix(prefix).is_some_and(|rest: &str| rest.bytes().all(|byte| byte.is_ascii_digit()));
        // The module `scsi_debug` simulates disks in memory, below `pseudo_0`.
        let is_simulated = place.iter().any(|part| part.as_bytes().starts_with(b"pseudo_"));
        if is_simulated || (place.starts_with("virtual/block") && (is_numbered("zram") || is_numbered("ram"))) {
            return walk.add(DiskIdentity::memory());
        }
        // Such as network block devices, and mapped devices without a device below.
        if place.starts_with("virtual/block") {
            return walk.add_unknown();
        }
        // The namespaces of an NVMe drive are block devices of one controller.
        let disk = folder.join("device").canonicalize().unwrap_or_else(|_| folder.to_owned());
        walk.found.disks.insert(disk.to_string_lossy().into_owned());
    }

    /// Follows all devices of a Btrfs file system, one of which is its mount source.
    fn follow_btrfs(&self, source: &Path, walk: &mut Walk) {
        let source = self.root.join(source.strip_prefix("/").unwrap_or(source));
        let source = source.canonicalize().unwrap_or(source);
        let Some(name) = source.file_name() else { return walk.add_unknown() };
        let file_systems = fs::read_dir(self.system_path("sys/fs/btrfs")).into_iter().flatten().flatten();
        let mut devices = file_systems.map(|entry| entry.path().join("devices"));
        let Some(devices) = devices.find(|devices| devices.join(name).symlink_metadata().is_ok()) else {
            return walk.add_unknown();
        };
        for device in fs::read_dir(devices).into_iter().flatten().flatten() {
            self.follow_block(&device.path(), walk);
        }
    }

    /// Returns the file system that is mounted over a path.
    fn mount_of(&self, path: &Path, device: DeviceNumber) -> Option<Mount> {
        let table = read(&self.system_path("proc/self/mountinfo"))?;
        let mounts = table.split(|byte| *byte == b'\n').filter_map(Mount::parse);
        let over_path: Vec<_> = mounts.filter(|mount| path.starts_with(&mount.point)).collect();
        let device = device.to_string();
        // A subvolume of Btrfs has a device number that the table does not have.
        let has_device = over_path.iter().any(|mount| mount.device == device);
        let mounts = over_path.into_iter().filter(|mount| !has_device || mount.device == device);
        // Of several mounts at one point, the last hides the others.
        mounts.max_by_key(|mount| mount.point.components().count())
    }

    /// Returns the server of a network file system.
    fn server_of(&self, mount: &Mount) -> DiskIdentity {
        let source = mount.source.to_string_lossy();
        let name = match source.strip_prefix("//") {
            Some(share) => share.split('/').next().unwrap_or_default(),
            None => source.rsplit_once(":/").map_or("", |(server, _)| server),
        };
        let is_this_machine = |name: &str| self.is_this_machine(name);
        let by_name = DiskIdentity::server(name, is_this_machine);
        // The address tells more than a name, which can be any alias of this machine.
        match mount.option("addr").map(|address| address.to_string_lossy().into_owned()) {
            Some(address) if !by_name.has_unknown => DiskIdentity::server(&address, is_this_machine),
            _ => by_name,
        }
    }

    /// Returns true if a name or address is one of this machine.
    fn is_this_machine(&self, server: &str) -> bool {
        let own_name = read(&self.system_path("proc/sys/kernel/hostname")).unwrap_or_default();
        let own_name = String::from_utf8_lossy(&own_name).trim().to_ascii_lowercase();
        let first_label = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
        match server.parse() {
            Ok(std::net::IpAddr::V4(address)) => self.has_ipv4(address),
            Ok(std::net::IpAddr::V6(address)) => self.has_ipv6(address),
            Err(_) => first_label(server) == first_label(&own_name),
        }
    }

    fn has_ipv4(&self, address: Ipv4Addr) -> bool {
        let table = read(&self.system_path("proc/net/fib_trie")).unwrap_or_default();
        let table = String::from_utf8_lossy(&table);
        let mut leaf = None;
        table.lines().any(|line| {
            let line = line.trim();
            if let Some(text) = line.strip_prefix("|-- ") {
                leaf = text.parse().ok();
            }
            line.contains("host LOCAL") && leaf == Some(address)
        })
    }

    fn has_ipv6(&self, address: Ipv6Addr) -> bool {
        let table = read(&self.system_path("proc/net/if_inet6")).unwrap_or_default();
        let table = String::from_utf8_lossy(&table);
        let digits = |line: &str| u128::from_str_radix(line.split_whitespace().next()?, 16).ok();
        table.lines().filter_map(digits).any(|own| Ipv6Addr::from_bits(own) == address)
    }

    fn system_path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

/// Reads a file of `/proc` or `/sys`. Its length in the directory is not the length of its content.
fn read(path: &Path) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    fs::File::open(path).ok()?.take(MAX_FILE).read_to_end(&mut content).ok()?;
    Some(content)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::os::unix::fs::symlink;

    use super::super::relation::DiskRelation;
    use super::*;

    const HOME: &str = "/home/ann/restow";
    const STICK: &str = "/media/stick";

    /// Tree of `/proc` and `/sys`, made for one test.
    struct Tree {
        dir: tempfile::TempDir,
        devices: HashMap<PathBuf, DeviceNumber>,
        mounts: String,
    }

    impl Tree {
        /// Creates a tree with the home on the first partition of the disk `sda`.
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let mut tree = Self { dir, devices: HashMap::new(), mounts: String::new() };
            tree.folder("sys/devices/virtual/block");
            tree.disk("pci0000:00/ata1/block/sda", "8:0");
            tree.partition("pci0000:00/ata1/block/sda", "sda1", "8:1");
            tree.partition("pci0000:00/ata1/block/sda", "sda2", "8:2");
            tree.disk("pci0000:00/usb1/block/sdb", "8:16");
            tree.partition("pci0000:00/usb1/block/sdb", "sdb1", "8:17");
            tree.put(HOME, 8, 1);
            tree
        }

        fn folder(&self, path: &str) -> PathBuf {
            let path = self.dir.path().join(path);
            fs::create_dir_all(&path).unwrap();
            path
        }

        fn file(&self, path: &str, content: &str) {
            let path = self.dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }

        fn link(&self, path: &str, target: &Path) {
            let path = self.dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(target, path).unwrap();
        }

        /// Adds a block device at `place` in `/sys/devices`, with its number.
        fn disk(&self, place: &str, number: &str) {
            let folder = self.folder(&format!("sys/devices/{place}"));
            self.link(&format!("sys/dev/block/{number}"), &folder);
        }

        fn partition(&self, disk: &str, name: &str, number: &str) {
            self.disk(&format!("{disk}/{name}"), number);
            self.file(&format!("sys/devices/{disk}/{name}/partition"), "1\n");
        }

        /// Adds a virtual block device above the devices with these numbers.
        fn mapped(&self, name: &str, number: &str, below: &[&str]) {
            self.disk(&format!("virtual/block/{name}"), number);
            self.folder(&format!("sys/devices/virtual/block/{name}/slaves"));
            for below in below {
                let target = self.dir.path().join("sys/dev/block").join(below);
                self.link(&format!("sys/devices/virtual/block/{name}/slaves/{}", below.replace(':', "-")), &target);
            }
        }

        fn loop_device(&self, name: &str, number: &str, backing: &str) {
            self.disk(&format!("virtual/block/{name}"), number);
            self.file(&format!("sys/devices/virtual/block/{name}/loop/backing_file"), &format!("{backing}\n"));
        }

        fn put(&mut self, path: &str, major: u64, minor: u64) {
            self.devices.insert(path.into(), DeviceNumber { major, minor });
        }

        /// Mounts a file system without a block device.
        fn mount(&mut self, minor: u64, point: &str, file_system: &str, source: &str, options: &str) {
            let line = format!("40 1 0:{minor} / {point} rw shared:1 - {file_system} {source} rw,{options}\n");
            self.mounts.push_str(&line);
        }

        fn identify(&self, path: &str) -> DiskIdentity {
            self.file("proc/self/mountinfo", &self.mounts);
            let device_of = |path: &Path| path.ancestors().find_map(|ancestor| self.devices.get(ancestor).copied());
            System { root: self.dir.path(), device_of: &device_of }.identify(Path::new(path))
        }

        fn relation(&self) -> DiskRelation {
            self.identify(STICK).relation_to(&self.identify(HOME))
        }
    }

    #[test]
    fn partitions_lead_to_their_disk() {
        let mut tree = Tree::new();
        tree.put(STICK, 8, 2);
        assert_eq!(tree.relation(), DiskRelation::SameDisk);
        tree.put(STICK, 8, 17);
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
        // A stick without a partition table.
        tree.put(STICK, 8, 16);
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
        tree.put(STICK, 9, 9);
        assert_eq!(tree.relation(), DiskRelation::Unknown, "no such device");
        tree.devices.remove(Path::new(STICK));
        assert_eq!(tree.relation(), DiskRelation::Unknown, "no such folder");
    }

    #[test]
    fn mapped_devices_lead_to_all_disks() {
        let mut tree = Tree::new();
        // The home is on LVM on LUKS on the second partition.
        tree.mapped("dm-0", "252:0", &["8:2"]);
        tree.mapped("dm-1", "252:1", &["252:0"]);
        tree.put(HOME, 252, 1);
        tree.put(STICK, 8, 1);
        assert_eq!(tree.relation(), DiskRelation::SameDisk);
        tree.put(STICK, 8, 17);
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
        // A mirror of both disks, and a partition of the mirror.
        tree.mapped("md0", "9:0", &["8:1", "8:17"]);
        tree.partition("virtual/block/md0", "md0p1", "259:7");
        tree.put(STICK, 259, 7);
        assert_eq!(tree.relation(), DiskRelation::SameDisk);
        assert_eq!(tree.identify(STICK).disks.len(), 2);
        tree.mapped("dm-2", "252:2", &[]);
        tree.put(STICK, 252, 2);
        assert_eq!(tree.relation(), DiskRelation::Unknown, "nothing below");
    }

    #[test]
    fn loop_device_leads_to_its_file() {
        let mut tree = Tree::new();
        tree.loop_device("loop0", "7:0", "/home/ann/images/stick.img");
        tree.partition("virtual/block/loop0", "loop0p1", "259:0");
        tree.put("/home/ann/images", 8, 1);
        tree.put(STICK, 259, 0);
        assert_eq!(tree.relation(), DiskRelation::SameDisk);
        tree.put("/home/ann/images", 8, 17);
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
        tree.put("/home/ann/images", 0, 30);
        tree.mount(30, "/home/ann/images", "tmpfs", "tmpfs", "");
        assert_eq!(tree.relation(), DiskRelation::Memory);
        // An image in an image, and a device in place of a file.
        tree.loop_device("loop1", "7:1", "/dev/sda2");
        tree.put("/dev/sda2", 8, 2);
        tree.put("/home/ann/images", 7, 1);
        assert_eq!(tree.relation(), DiskRelation::SameDisk);
        tree.loop_device("loop2", "7:2", "/home/ann/gone.img (deleted)");
        tree.put(STICK, 7, 2);
        assert_eq!(tree.relation(), DiskRelation::Unknown);
    }

    #[test]
    fn cycle_of_devices_ends_as_unknown() {
        let mut tree = Tree::new();
        tree.mapped("dm-0", "252:0", &["252:1"]);
        tree.mapped("dm-1", "252:1", &["252:0"]);
        tree.put(STICK, 252, 0);
        assert_eq!(tree.relation(), DiskRelation::Unknown);
        tree.loop_device("loop0", "7:0", "/media/stick/self.img");
        tree.put(STICK, 7, 0);
        assert_eq!(tree.relation(), DiskRelation::Unknown);
        for n in 0..400 {
            tree.mapped(&format!("dm-{}", n + 10), &format!("252:{}", n + 10), &[&format!("252:{}", n + 11)]);
        }
        tree.put(STICK, 252, 10);
        assert_eq!(tree.relation(), DiskRelation::Unknown);
    }

    #[test]
    fn nvme_namespaces_are_one_disk() {
        let mut tree = Tree::new();
        for (name, number) in [("nvme0n1", "259:0"), ("nvme0n2", "259:3")] {
            tree.disk(&format!("pci0000:00/nvme/nvme0/{name}"), number);
            let controller = tree.dir.path().join("sys/devices/pci0000:00/nvme/nvme0");
            tree.link(&format!("sys/devices/pci0000:00/nvme/nvme0/{name}/device"), &controller);
        }
        tree.partition("pci0000:00/nvme/nvme0/nvme0n1", "nvme0n1p2", "259:2");
        tree.put(HOME, 259, 2);
        tree.put(STICK, 259, 3);
        assert_eq!(tree.relation(), DiskRelation::SameDisk);
        // Several paths to one drive.
        tree.disk("virtual/nvme-subsystem/nvme-subsys1/nvme1n1", "259:9");
        tree.put(STICK, 259, 9);
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
    }

    #[test]
    fn btrfs_leads_to_all_devices() {
        let mut tree = Tree::new();
        tree.folder("dev");
        tree.file("dev/dm-0", "");
        tree.link("dev/mapper/data", Path::new("../dm-0"));
        tree.mapped("dm-0", "252:0", &["8:17"]);
        for (name, number) in [("dm-0", "252:0"), ("sda2", "8:2")] {
            let target = tree.dir.path().join("sys/dev/block").join(number);
            tree.link(&format!("sys/fs/btrfs/1234-5678/devices/{name}"), &target);
        }
        tree.folder("sys/fs/btrfs/features");
        // A subvolume has a device number of its own.
        tree.put(STICK, 0, 77);
        tree.mount(30, "/", "btrfs", "/dev/nowhere", "subvol=/@");
        tree.mount(31, STICK, "btrfs", "/dev/mapper/data", "subvol=/@data");
        assert_eq!(tree.identify(STICK).disks.len(), 2);
        assert_eq!(tree.relation(), DiskRelation::SameDisk);
        tree.put(STICK, 0, 30);
        assert_eq!(tree.relation(), DiskRelation::Unknown, "its devices are not listed");
    }

    #[test]
    fn memory_is_recognized() {
        let mut tree = Tree::new();
        for (minor, file_system) in [(40, "tmpfs"), (41, "ramfs"), (42, "rootfs"), (43, "devtmpfs")] {
            tree.put(STICK, 0, minor);
            tree.mount(minor, STICK, file_system, "none", "size=1k");
            assert_eq!(tree.relation(), DiskRelation::Memory, "{file_system}");
        }
        for (place, number, minor) in [
            ("virtual/block/zram0", "253:0", 0),
            ("virtual/block/ram1", "253:1", 1),
            ("pseudo_0/host7/block/sdz", "253:2", 2),
        ] {
            tree.disk(place, number);
            tree.put(STICK, 253, minor);
            assert_eq!(tree.relation(), DiskRelation::Memory, "{place}");
        }
        tree.disk("virtual/block/nbd0", "43:0");
        tree.put(STICK, 43, 0);
        assert_eq!(tree.relation(), DiskRelation::Unknown);
        // A home in memory and a stick on a disk.
        tree.put(HOME, 0, 40);
        tree.put(STICK, 8, 17);
        tree.mount(40, "/home", "tmpfs", "tmpfs", "");
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
    }

    #[test]
    fn layered_file_systems_are_followed() {
        let mut tree = Tree::new();
        tree.put("/data/my upper", 8, 17);
        tree.put(STICK, 0, 50);
        tree.mount(50, STICK, "overlay", "overlay", "lowerdir=/lower,upperdir=/data/my\\040upper,workdir=/w");
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
        tree.put(STICK, 0, 51);
        tree.mount(51, STICK, "ecryptfs", "/data/my\\040upper", "");
        assert_eq!(tree.relation(), DiskRelation::OtherDisk);
        for (minor, file_system, options) in [
            (52, "overlay", "lowerdir=/lower"),
            (53, "fuse.sshfs", ""),
            (54, "zfs", ""),
            (55, "9p", ""),
            (56, "autofs", ""),
        ] {
            tree.put(STICK, 0, minor);
            tree.mount(minor, STICK, file_system, "source", options);
            assert_eq!(tree.relation(), DiskRelation::Unknown, "{file_system}");
        }
    }

    #[test]
    fn server_is_another_machine() {
        let mut tree = Tree::new();
        tree.file("proc/sys/kernel/hostname", "annes-pc\n");
        let leaf = "Local:\n  |-- 192.168.1.5\n     /32 host LOCAL\n  |-- 192.168.1.255\n     /32 link BROADCAST\n";
        tree.file("proc/net/fib_trie", leaf);
        tree.file("proc/net/if_inet6", "fd000000000000000000000000000005 02 40 00 80 eth0\n");
        let mut minor = 60;
        for (file_system, source, options, relation) in [
            ("nfs4", "nas:/export/ann", "addr=192.168.1.9", DiskRelation::OtherMachine),
            ("nfs", "[fd00::9]:/export", "", DiskRelation::OtherMachine),
            ("cifs", "//nas/ann", "username=ann", DiskRelation::OtherMachine),
            ("smb3", "//nas/ann/deep", "addr=192.168.1.255", DiskRelation::OtherMachine),
            ("nfs", "localhost:/export", "", DiskRelation::Unknown),
            ("nfs", "nas:/export", "addr=127.0.0.1", DiskRelation::Unknown),
            ("nfs4", "annes-pc.lan:/export", "", DiskRelation::Unknown),
            ("nfs4", "[::1]:/export", "", DiskRelation::Unknown),
            ("nfs4", "[fd00::5]:/export", "", DiskRelation::Unknown),
            ("cifs", "//alias/ann", "addr=192.168.1.5", DiskRelation::Unknown),
            ("cifs", "//127.0.0.1/ann", "addr=192.168.1.9", DiskRelation::Unknown),
            ("nfs", "malformed", "", DiskRelation::Unknown),
        ] {
            minor += 1;
            tree.put(STICK, 0, minor);
            tree.mount(minor, STICK, file_system, source, options);
            assert_eq!(tree.relation(), relation, "{source} {options}");
        }
    }

    #[test]
    fn last_mount_at_point_counts() {
        let mut tree = Tree::new();
        tree.put(STICK, 0, 71);
        tree.mount(70, "/media", "nfs", "nas:/media", "");
        tree.mount(71, STICK, "autofs", "systemd-1", "");
        tree.mount(71, STICK, "tmpfs", "tmpfs", "");
        assert_eq!(tree.relation(), DiskRelation::Memory);
        assert!(tree.identify("/media/stick/a\nb").in_memory);
        tree.mounts.push_str("\n\nnot a mount\n1 2\n");
        assert_eq!(tree.relation(), DiskRelation::Memory);
    }

    #[test]
    fn device_number_is_split() {
        assert_eq!(DeviceNumber::from_number(0x0801), DeviceNumber { major: 8, minor: 1 });
    }
}
