//! A package and the result of probing it.

use std::io::{self, Read, Seek};

use crate::zip::{self, Directory, EntryError};
use crate::{EntryProblem, Probe, ProbeError, System, Warning, text};

/// Path of the container of an EPUB.
pub(super) const CONTAINER_PATH: &str = "META-INF/container.xml";

/// Algorithms of font obfuscation, which protect nothing.
pub(super) const OBFUSCATION: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Maximum number of entries with one name that are compared.
const MAX_SAME_NAME: usize = 8;

/// Package with its directory and its probe.
///
/// Names of entries match without regard to case and to the kind of separators, since some programs write
/// `META-INF\\license.lcpl` or `meta-inf/license.lcpl`. A name that matches exactly has priority.
#[derive(Debug)]
pub(super) struct Package<'a, R> {
    pub(super) reader: &'a mut R,
    pub(super) directory: Directory,
    pub(super) probe: Probe,
    /// Folder of the publication in the package, in lower case with `/` at its end; empty for the package itself.
    pub(super) root: Vec<u8>,
}

impl<'a, R: Read + Seek> Package<'a, R> {
    pub(super) fn open(reader: &'a mut R) -> Result<Self, ProbeError> {
        let directory = Directory::read(reader)?;
        Ok(Self { reader, directory, probe: Probe::default(), root: Vec::new() })
    }

    /// Returns true if the package has an entry at this path.
    pub(super) fn has(&self, path: &str) -> bool {
        !self.find_all(path).is_empty()
    }

    /// Returns the numbers of the entries at a path: those with exactly this name, or else those with a similar name.
    pub(super) fn find(&self, path: &str) -> Vec<usize> {
        let mut found = self.find_all(path);
        let exact = |number: &usize| self.raw_name(*number) == path.as_bytes();
        if found.iter().any(exact) {
            found.retain(exact);
        }
        found
    }

    /// Returns the numbers of the entries at a path, by their exact or a similar name.
    pub(super) fn find_all(&self, path: &str) -> Vec<usize> {
        let is_at_path = |name: &[u8]| {
            let wanted = self.root.iter().copied().chain(path.bytes().map(normal_byte));
            name == path.as_bytes() || normal_name(name).eq(wanted)
        };
        let entries = self.directory.entries().iter().enumerate();
        entries.filter(|(_, entry)| is_at_path(self.directory.name(entry))).map(|(number, _)| number).collect()
    }

    /// Returns true if no entry has the name of the container in another spelling only.
    pub(super) fn directory_is_usual(&self) -> bool {
        let path = CONTAINER_PATH;
        let found = self.find_all(path);
        found.is_empty() || found.iter().any(|number| self.raw_name(*number) == path.as_bytes())
    }

    /// Returns the name of an entry, as in the directory.
    pub(super) fn raw_name(&self, number: usize) -> &[u8] {
        self.directory.entry(number).map(|entry| self.directory.name(entry)).unwrap_or_default()
    }

    /// Reads the content of an entry. Returns `None` with a warning if it is missing or unreadable, or if several
    /// entries have this path and different contents.
    pub(super) fn read_content(&mut self, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        self.read(path, &self.find(path), limit, true)
    }

    /// Works like [`read_content`](Self::read_content), but reads at most the first `limit` bytes.
    pub(super) fn read_prefix(&mut self, path: &str, limit: usize) -> io::Result<Option<Vec<u8>>> {
        self.read(path, &self.find(path), limit, false)
    }

    /// Reads the content of entries that must have the same content.
    pub(super) fn read(
        &mut self,
        path: &str,
        numbers: &[usize],
        limit: usize,
        is_whole: bool,
    ) -> io::Result<Option<Vec<u8>>> {
        let mut same: Option<Vec<u8>> = None;
        for (count, number) in numbers.iter().enumerate() {
            let read = match self.directory.entry(*number) {
                _ if count >= MAX_SAME_NAME => Err(EntryProblem::Duplicate.into()),
                Some(entry) if is_whole => zip::read_content(self.reader, &self.directory, entry, limit),
                Some(entry) => zip::read_prefix(self.reader, &self.directory, entry, limit),
                None => Err(EntryProblem::Missing.into()),
            };
            // The name in the package helps more than the expected one.
            let name = String::from_utf8_lossy(self.raw_name(*number)).into_owned();
            let Some(content) = self.or_warn(&name, read, limit)? else { return Ok(None) };
            if same.as_ref().is_some_and(|same| *same != content) {
                self.warn(&name, EntryProblem::Duplicate);
                return Ok(None);
            }
            same = Some(content);
        }
        if same.is_none() {
            self.warn(path, EntryProblem::Missing);
        }
        Ok(same)
    }

    fn or_warn(&mut self, name: &str, read: Result<Vec<u8>, EntryError>, limit: usize) -> io::Result<Option<Vec<u8>>> {
        match read {
            Ok(content) => return Ok(Some(content)),
            Err(EntryError::Read(error)) => return Err(error),
            Err(EntryError::Problem(EntryProblem::TooLarge)) => self.warn_too_large(name, limit),
            Err(EntryError::Problem(problem)) => self.warn(name, problem),
        }
        Ok(None)
    }

    pub(super) fn warn(&mut self, name: &str, problem: EntryProblem) {
        self.probe.warn(entry_warning(name, problem));
    }

    pub(super) fn warn_too_large(&mut self, name: &str, limit: usize) {
        let name = text::clean_entry_name(name.as_bytes());
        self.probe.warn(Warning::EntryTooLarge { name, limit: limit as u64 });
    }

    /// Adds a warning about an entry that decides the protection.
    pub(super) fn doubt(&mut self, name: &str, problem: EntryProblem) {
        self.probe.doubt(entry_warning(name, problem));
    }

    /// Marks the protection as unknown because of the last warning.
    pub(super) fn doubt_last(&mut self) {
        if let Some(warning) = self.probe.warnings.last().cloned() {
            self.probe.doubt(warning);
        }
    }

    /// Adds a protection system of the publication.
    pub(super) fn add_system(&mut self, system: System) {
        self.probe.add_system(system);
    }
}

fn entry_warning(name: &str, problem: EntryProblem) -> Warning {
    Warning::Entry { name: text::clean_entry_name(name.as_bytes()), problem }
}

/// Returns a name in the form in which names are compared: in lower case, with `/`, without `./` or `/` at its start.
pub(super) fn normal_name(name: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let mut name = name;
    while let [b'/' | b'\\', rest @ ..] | [b'.', b'/' | b'\\', rest @ ..] = name {
        name = rest;
    }
    name.iter().copied().map(normal_byte)
}

const fn normal_byte(byte: u8) -> u8 {
    if byte == b'\\' { b'/' } else { byte.to_ascii_lowercase() }
}

/// Joins names for [`Probe::author`].
pub(super) fn join_names(names: &[String]) -> Option<String> {
    text::clean(names.join("; ").chars(), text::MAX_TEXT)
}
