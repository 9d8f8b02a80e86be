//! A package and the result of probing it.

use std::io::{self, Read, Seek};

use crate::zip::{self, Directory, EntryError};
use crate::{EntryProblem, Probe, ProbeError, System, Warning, text};

/// Algorithms of font obfuscation, which protect nothing.
pub(super) const OBFUSCATION: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Package with its directory and its probe.
#[derive(Debug)]
pub(super) struct Package<'a, R> {
    pub(super) reader: &'a mut R,
    pub(super) directory: Directory,
    pub(super) probe: Probe,
}

impl<'a, R: Read + Seek> Package<'a, R> {
    pub(super) fn open(reader: &'a mut R) -> Result<Self, ProbeError> {
        let directory = Directory::read(reader)?;
        Ok(Self { reader, directory, probe: Probe::default() })
    }

    /// Reads the content of an entry. Returns `None` with a warning if it is missing or unreadable.
    pub(super) fn read_content(&mut self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let found = self.directory.find(name.as_bytes()).map_err(EntryError::Problem);
        let read = found.and_then(|entry| zip::read_content(self.reader, &self.directory, entry, limit));
        self.or_warn(name, read)
    }

    /// Works like [`read_content`](Self::read_content), but reads at most the first `limit` bytes.
    pub(super) fn read_prefix(&mut self, name: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        let found = self.directory.find(name.as_bytes()).map_err(EntryError::Problem);
        let read = found.and_then(|entry| zip::read_prefix(self.reader, &self.directory, entry, limit));
        self.or_warn(name, read)
    }

    fn or_warn(&mut self, name: &str, read: Result<Vec<u8>, EntryError>) -> io::Result<Option<Vec<u8>>> {
        match read {
            Ok(content) => Ok(Some(content)),
            Err(EntryError::Read(error)) => Err(error),
            Err(EntryError::Problem(problem)) => {
                self.warn(name, problem);
                Ok(None)
            }
        }
    }

    pub(super) fn warn(&mut self, name: &str, problem: EntryProblem) {
        self.probe.warn(Warning::Entry { name: text::clean_entry_name(name.as_bytes()), problem });
    }

    /// Adds a protection system of the publication.
    pub(super) fn add_system(&mut self, system: System) {
        self.probe.systems.insert(system);
        self.probe.protected = Some(true);
    }
}

/// Joins names for [`Probe::author`].
pub(super) fn join_names(names: &[String]) -> Option<String> {
    text::clean(names.join("; ").chars(), text::MAX_TEXT)
}
