//! Owner, permissions and extended attributes of a file that a new file replaces.
//!
//! A new file starts with access for its owner only. It receives owner, extended attributes and permissions in this
//! order, and is read back. So no user and no group has more access at any time than the replaced file gives.
//!
//! Windows gives a new file the access list of its folder. Alternate streams and hidden attributes of the replaced
//! file are lost there, because the standard library cannot copy them.

use std::fs::{File, Metadata};
use std::io;

use crate::error::PutBackError;

/// Access and extended attributes of a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct FileAttributes {
    /// Owner, group, and mode without the file type.
    #[cfg(unix)]
    access: (u32, u32, u32),
    /// Values by name, the access lists last.
    extended: Vec<ExtendedAttribute>,
}

/// Name and value of an extended attribute.
#[derive(Clone, PartialEq, Eq, Debug)]
struct ExtendedAttribute {
    name: String,
    value: Vec<u8>,
}

impl FileAttributes {
    /// Reads the attributes of an open file.
    ///
    /// # Errors
    /// Error of the file system.
    pub(super) fn read(file: &File) -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            access: access(&file.metadata()?),
            extended: extended::read(file)?,
        })
    }

    /// Gives a new file these attributes. The file must have access for its owner only.
    ///
    /// # Errors
    /// [`PutBackError::Access`] and [`PutBackError::Attribute`] if the file system does not keep them.
    pub(super) fn apply(&self, file: &File) -> Result<(), PutBackError> {
        self.apply_owner(file)?;
        self.apply_extended(file)?;
        self.apply_mode(file)?;
        // Some file systems accept a change without effect.
        let unreadable = |source| PutBackError::Access { source };
        let applied = Self::read(file).map_err(unreadable)?;
        if let Some(lost) = self.extended.iter().find(|attribute| !applied.extended.contains(attribute)) {
            return Err(lost.error(io::ErrorKind::Unsupported.into()));
        }
        if let Some(added) = applied.extended.iter().find(|attribute| !self.extended.contains(attribute)) {
            return Err(added.error(io::ErrorKind::Unsupported.into()));
        }
        if applied == *self { Ok(()) } else { Err(unreadable(io::ErrorKind::Unsupported.into())) }
    }

    /// Returns the attributes for a new file beside this one: the same access, and nothing else.
    pub(super) fn for_neighbor(mut self) -> Self {
        self.extended.retain(ExtendedAttribute::is_access_list);
        #[cfg(unix)]
        {
            // A license is no program.
            self.access.2 &= 0o666;
        }
        self
    }

    fn apply_extended(&self, file: &File) -> Result<(), PutBackError> {
        let present = extended::read(file).map_err(|source| PutBackError::Access { source })?;
        // The folder may have given the new file an access list. The permissions would widen that list.
        for attribute in present.iter().filter(|present| self.extended.iter().all(|own| own.name != present.name)) {
            extended::remove(file, &attribute.name).map_err(|source| attribute.error(source))?;
        }
        for attribute in self.extended.iter().filter(|attribute| !present.contains(attribute)) {
            extended::set(file, attribute).map_err(|source| attribute.error(source))?;
        }
        Ok(())
    }

    #[cfg(unix)]
    fn apply_owner(&self, file: &File) -> Result<(), PutBackError> {
        let failed = |source| PutBackError::Access { source };
        let (owner, group, _) = access(&file.metadata().map_err(failed)?);
        let changed = |own: u32, present: u32| (own != present).then_some(own);
        let (new_owner, new_group) = (changed(self.access.0, owner), changed(self.access.1, group));
        // File systems without owners refuse the call even if it changes nothing.
        if new_owner.or(new_group).is_none() {
            return Ok(());
        }
        std::os::unix::fs::fchown(file, new_owner, new_group).map_err(failed)
    }

    #[cfg(unix)]
    fn apply_mode(&self, file: &File) -> Result<(), PutBackError> {
        use std::os::unix::fs::PermissionsExt as _;
        let failed = |source| PutBackError::Access { source };
        let (.., mode) = access(&file.metadata().map_err(failed)?);
        if mode == self.access.2 {
            return Ok(());
        }
        file.set_permissions(std::fs::Permissions::from_mode(self.access.2)).map_err(failed)
    }

    #[cfg(not(unix))]
    fn apply_owner(&self, _: &File) -> Result<(), PutBackError> {
        Ok(())
    }

    #[cfg(not(unix))]
    fn apply_mode(&self, _: &File) -> Result<(), PutBackError> {
        Ok(())
    }
}

impl ExtendedAttribute {
    /// Returns true for an attribute with the access list of the file.
    fn is_access_list(&self) -> bool {
        ["system.posix_acl_access", "system.nfs4_acl", "system.richacl"].contains(&self.name.as_str())
    }

    fn error(&self, source: io::Error) -> PutBackError {
        PutBackError::Attribute { name: restow_core::text::to_short_line(&self.name), source }
    }
}

/// Returns an error for a file that a rename must not replace.
///
/// # Errors
/// [`PutBackError::ReadOnly`], [`PutBackError::HardLinks`] and [`PutBackError::Locked`].
pub(super) fn check_replaceable(file: &File, meta: &Metadata) -> Result<(), PutBackError> {
    if meta.permissions().readonly() {
        return Err(PutBackError::ReadOnly);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        // The other names would keep the old content.
        if meta.nlink() > 1 {
            return Err(PutBackError::HardLinks(meta.nlink()));
        }
    }
    if extended::is_locked(file, meta) { Err(PutBackError::Locked) } else { Ok(()) }
}

/// Returns owner, group, and mode without the file type.
#[cfg(unix)]
fn access(meta: &Metadata) -> (u32, u32, u32) {
    use std::os::unix::fs::MetadataExt as _;
    (meta.uid(), meta.gid(), meta.mode() & 0o7777)
}

/// Extended attributes of Linux and macOS.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
mod extended {
    use std::fs::{File, Metadata};
    use std::io;

    use rustix::fs::{XattrFlags, fgetxattr, flistxattr, fremovexattr, fsetxattr};
    use rustix::io::Errno;

    use super::ExtendedAttribute;

    /// Attributes that belong to one file or one content. The system writes them itself.
    const SYSTEM_OWNED: [&str; 3] = ["security.ima", "security.evm", "com.apple.provenance"];

    /// Maximum size of all values of one file. The resource forks of macOS are the largest.
    const MAX_BYTES: usize = 64 << 20;

    /// Reads all extended attributes, sorted by name, the access lists last.
    pub(super) fn read(file: &File) -> io::Result<Vec<ExtendedAttribute>> {
        let names = match read_growing(|buffer| flistxattr(file, buffer)) {
            // The file system has no extended attributes.
            Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(Vec::new()),
            names => names?,
        };
        let mut attributes = Vec::new();
        let mut total = 0_usize;
        for name in names.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
            let name = String::from_utf8(name.to_vec()).map_err(|_| io::ErrorKind::InvalidData)?;
            if SYSTEM_OWNED.contains(&name.as_str()) {
                continue;
            }
            let value = match read_growing(|buffer| fgetxattr(file, name.as_str(), buffer)) {
                // Another program removed the attribute meanwhile.
                #[cfg(not(target_os = "macos"))]
                Err(Errno::NODATA) => continue,
                value => value?,
            };
            total = total.saturating_add(value.len());
            if total > MAX_BYTES {
                return Err(io::ErrorKind::FileTooLarge.into());
            }
            attributes.push(ExtendedAttribute { name, value });
        }
        attributes.sort_by(|a, b| (a.is_access_list(), &a.name).cmp(&(b.is_access_list(), &b.name)));
        Ok(attributes)
    }

    pub(super) fn set(file: &File, attribute: &ExtendedAttribute) -> io::Result<()> {
        Ok(fsetxattr(file, attribute.name.as_str(), &attribute.value, XattrFlags::empty())?)
    }

    pub(super) fn remove(file: &File, name: &str) -> io::Result<()> {
        Ok(fremovexattr(file, name)?)
    }

    /// Calls a function with a buffer that grows until the value fits.
    fn read_growing(read: impl Fn(&mut [u8]) -> Result<usize, Errno>) -> Result<Vec<u8>, Errno> {
        let mut buffer = vec![0; 4 << 10];
        loop {
            match read(&mut buffer) {
                Ok(len) => {
                    buffer.truncate(len);
                    return Ok(buffer);
                }
                Err(Errno::RANGE) if buffer.len() < MAX_BYTES => buffer.resize(buffer.len().saturating_mul(4), 0),
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns true if an attribute of the file forbids its replacement.
    #[cfg(not(target_os = "macos"))]
    pub(super) fn is_locked(file: &File, _: &Metadata) -> bool {
        use rustix::fs::{IFlags, ioctl_getflags};
        ioctl_getflags(file).is_ok_and(|flags| flags.intersects(IFlags::IMMUTABLE | IFlags::APPEND))
    }

    /// Returns true if the file has flags that a new file would not have: locked, append-only, hidden.
    #[cfg(target_os = "macos")]
    pub(super) fn is_locked(_: &File, meta: &Metadata) -> bool {
        use std::os::macos::fs::MetadataExt as _;
        /// Immutable, append-only and hidden, for the user and for the system.
        const FLAGS: u32 = 0x2 | 0x4 | 0x8000 | 0x0002_0000 | 0x0004_0000;
        meta.st_flags() & FLAGS != 0
    }
}

/// Systems without a safe interface to extended attributes.
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
mod extended {
    use std::fs::{File, Metadata};
    use std::io;

    use super::ExtendedAttribute;

    pub(super) fn read(_: &File) -> io::Result<Vec<ExtendedAttribute>> {
        Ok(Vec::new())
    }

    pub(super) fn set(_: &File, _: &ExtendedAttribute) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn remove(_: &File, _: &str) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn is_locked(_: &File, _: &Metadata) -> bool {
        false
    }
}
