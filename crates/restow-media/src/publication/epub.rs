//! EPUB: the container, the package document, and the encryption.
//!
//! Sources: EPUB Open Container Format 3.3, sections 4.2.5 (names as URLs), 4.2.6 (files in `META-INF`) and 4.4
//! (font obfuscation); EPUB Packages 3.3, section 5 (metadata); LCP 1.0, section 2.2. Elements match by local
//! name.

use std::io::{self, Read, Seek};

use quick_xml::events::BytesStart;

use super::package::{CONTAINER_PATH, OBFUSCATION, Package, join_names};
use crate::xml::{self, attribute, declares_namespace};
use crate::{EntryProblem, System, Title, Warning, text};

const ENCRYPTION_PATH: &str = "META-INF/encryption.xml";
/// Adobe's rights, and those of Kobo, which are outside of `META-INF`.
const RIGHTS_PATHS: [&str; 2] = ["META-INF/rights.xml", "rights.xml"];
const SINF_PATH: &str = "META-INF/sinf.xml";

/// Maximum size of a container document.
const MAX_CONTAINER: usize = 64 << 10;

/// Number of bytes of a package document that are read: metadata is first.
const MAX_PACKAGE_DOCUMENT: usize = 1 << 20;

/// Number of bytes of `encryption.xml` that are read, about 500 bytes per resource.
const MAX_ENCRYPTION: usize = 4 << 20;

/// Number of bytes of the rights that are read: the first elements name their system.
const MAX_RIGHTS: usize = 16 << 10;

/// Maximum number of entries with similar names that are read.
const MAX_SIMILAR: usize = 8;

/// Maximum number of titles, authors, identifiers and refinements.
const MAX_ELEMENTS: usize = 64;

/// Maximum length of a metadata value before it is cleaned, in bytes.
const MAX_VALUE_LEN: usize = 4 * text::MAX_TEXT;

/// Element of the rights of a Kobo book.
const KOBO_ELEMENT: &str = "kdrm";

const ADEPT_NAMESPACE: &str = "http://ns.adobe.com/adept";

/// Returns the name of the package document in the container.
pub(super) fn find_package_document<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<Option<String>> {
    if !package.has(CONTAINER_PATH) {
        return Ok(None);
    }
    let Some(container) = package.read_content(CONTAINER_PATH, MAX_CONTAINER)? else { return Ok(None) };
    let mut document = ContainerDocument::default();
    xml::walk(&xml::decode(&container), &mut document);
    Ok(document.package_document.map(|stated| resolve_path(package, stated)))
}

/// Returns the name of the entry. The container holds a URL, but many writers put the bare name there.
fn resolve_path<R: Read + Seek>(package: &Package<'_, R>, stated: String) -> String {
    if package.directory.has(stated.as_bytes()) {
        return stated;
    }
    let decoded = percent_decode(&stated);
    match decoded.filter(|decoded| package.directory.has(decoded.as_bytes()) || !package.has(&stated)) {
        Some(decoded) if package.has(&decoded) => decoded,
        _ => stated,
    }
}

/// Decodes a URL path. Returns `None` if the result is not UTF-8. A percent sign without two digits is kept
/// (URL standard, "percent-decode").
fn percent_decode(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.split_at_checked(2).and_then(|(digits, rest)| Some((text::parse_hex_byte(digits.as_bytes())?, rest)))
        {
            Some((byte, rest)) => {
                decoded.push(byte);
                decoded.extend_from_slice(rest.as_bytes());
            }
            None => {
                decoded.push(b'%');
                decoded.extend_from_slice(part.as_bytes());
            }
        }
    }
    String::from_utf8(decoded).ok()
}

/// Reads the metadata and the protection of the publication.
pub(super) fn read<R: Read + Seek>(package: &mut Package<'_, R>, document: Option<&str>) -> io::Result<()> {
    package.probe.protected = Some(false);
    match document {
        Some(name) => read_package_document(package, name)?,
        // The names of the package are not understood then, or its parts are encrypted.
        None if package.has(CONTAINER_PATH) => {
            // An unreadable container was reported already.
            match package.probe.warnings.is_empty() {
                true => package.doubt(CONTAINER_PATH, EntryProblem::Malformed),
                false => package.doubt_last(),
            }
        }
        None => package.doubt(CONTAINER_PATH, EntryProblem::Missing),
    }
    read_protection(package)
}

fn read_package_document<R: Read + Seek>(package: &mut Package<'_, R>, name: &str) -> io::Result<()> {
    let Some(content) = package.read_prefix(name, MAX_PACKAGE_DOCUMENT)? else {
        package.doubt_last();
        return Ok(());
    };
    let mut metadata = PackageMetadata::default();
    let intact = xml::walk(&xml::decode(&content), &mut metadata);
    if !metadata.is_package {
        package.doubt(name, EntryProblem::Malformed);
    } else if metadata.complete {
    } else if content.len() >= MAX_PACKAGE_DOCUMENT {
        package.warn_too_large(name, MAX_PACKAGE_DOCUMENT);
    } else {
        package.warn(name, EntryProblem::Malformed);
    }
    debug_assert!(intact || !metadata.complete, "the walk ends with the metadata");
    metadata.set_probe_fields(package);
    Ok(())
}

fn read_protection<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<()> {
    for (_, content) in read_all(package, ENCRYPTION_PATH, MAX_ENCRYPTION)? {
        let mut document = EncryptionDocument::default();
        let is_whole = xml::walk(&xml::decode(&content), &mut document);
        if document.encrypted {
            package.probe.set_protected();
        }
        for (system, is_named) in [(System::Lcp, document.lcp), (System::Adept, document.adept)] {
            if is_named {
                package.add_system(system);
            }
        }
        if document.has_system() {
        } else if content.len() >= MAX_ENCRYPTION {
            package.warn_too_large(ENCRYPTION_PATH, MAX_ENCRYPTION);
            package.doubt_last();
        } else if !is_whole || !document.is_encryption {
            package.doubt(ENCRYPTION_PATH, EntryProblem::Malformed);
        }
    }
    for path in RIGHTS_PATHS {
        for (name, content) in read_all(package, path, MAX_RIGHTS)? {
            let mut document = RightsDocument::default();
            xml::walk(&xml::decode(&content), &mut document);
            match document.system {
                Some(system) => package.add_system(system),
                None => package.probe.doubt(Warning::UnknownRights(text::clean_entry_name(&name))),
            }
        }
    }
    if package.has(SINF_PATH) {
        package.add_system(System::Fairplay);
    }
    Ok(())
}

/// Reads the start of every entry at a path, also of those with a similar name: readers use different ones. Returns
/// their names and contents. An unreadable entry leaves the protection unknown.
fn read_all<R: Read + Seek>(
    package: &mut Package<'_, R>,
    path: &str,
    limit: usize,
) -> io::Result<Vec<(Vec<u8>, Vec<u8>)>> {
    let mut contents = Vec::new();
    for number in package.find_all(path).into_iter().take(MAX_SIMILAR) {
        match package.read(path, &[number], limit, false)? {
            Some(content) => contents.push((package.raw_name(number).to_vec(), content)),
            None => package.doubt_last(),
        }
    }
    Ok(contents)
}

/// `container/rootfiles/rootfile`: the first package document counts.
#[derive(Default)]
struct ContainerDocument {
    package_document: Option<String>,
}

impl xml::Visitor for ContainerDocument {
    fn open(&mut self, tag: &BytesStart<'_>) {
        if tag.local_name().as_ref() == "rootfile"
            && attribute(tag, "media-type").as_deref() == Some("application/oebps-package+xml")
        {
            self.package_document = attribute(tag, "full-path").filter(|path| !path.is_empty());
        }
    }

    fn is_done(&self) -> bool {
        self.package_document.is_some()
    }
}

/// `encryption/EncryptedData`.
#[derive(Default)]
struct EncryptionDocument {
    /// True if a resource is encrypted; font obfuscation does not count.
    encrypted: bool,
    lcp: bool,
    adept: bool,
    /// True if the root element is that of the document.
    is_encryption: bool,
    /// True in an element with encrypted data, until its algorithm is known.
    lacks_algorithm: bool,
}

impl EncryptionDocument {
    /// Returns true if the document names a system. A publication has one system, so the rest adds nothing.
    fn has_system(&self) -> bool {
        self.lcp || self.adept
    }
}

impl xml::Visitor for EncryptionDocument {
    fn open(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "encryption" => self.is_encryption = true,
            "EncryptedData" => self.lacks_algorithm = true,
            "EncryptionMethod" => {
                self.lacks_algorithm = false;
                let algorithm = attribute(tag, "Algorithm").unwrap_or_default();
                self.encrypted |= !OBFUSCATION.contains(&algorithm.trim());
            }
            "RetrievalMethod" => {
                let begins =
                    |name: &str, start: &str| attribute(tag, name).is_some_and(|value| value.trim().starts_with(start));
                self.lcp |= begins("Type", "http://readium.org/2014/01/lcp") || begins("URI", "license.lcpl#");
            }
            _ => {}
        }
        self.adept |= declares_namespace(tag, ADEPT_NAMESPACE);
    }

    fn close(&mut self, name: &str) {
        if name == "EncryptedData" {
            // Without an algorithm it is not known to be mere obfuscation.
            self.encrypted |= std::mem::take(&mut self.lacks_algorithm);
        }
    }

    fn is_done(&self) -> bool {
        self.has_system()
    }
}

/// Elements of `rights`, which name the system by a namespace or a name.
#[derive(Default)]
struct RightsDocument {
    system: Option<System>,
}

impl xml::Visitor for RightsDocument {
    fn open(&mut self, tag: &BytesStart<'_>) {
        let name = tag.name();
        if declares_namespace(tag, ADEPT_NAMESPACE) {
            self.system = Some(System::Adept);
        } else if name.as_ref().split(':').any(|part| part.eq_ignore_ascii_case(KOBO_ELEMENT)) {
            self.system = Some(System::Kobo);
        }
    }

    fn is_done(&self) -> bool {
        self.system.is_some()
    }
}

/// Elements of `metadata` that are read.
const METADATA_ELEMENTS: [&str; 4] = ["title", "creator", "identifier", REFINEMENT];

/// Element that refines another one (EPUB 3).
const REFINEMENT: &str = "meta";

/// Element of `metadata` with its distinguishing attributes.
struct MetadataElement {
    /// One of [`METADATA_ELEMENTS`].
    name: &'static str,
    /// ID of the element. For a refinement: ID of the refined element.
    id: Option<String>,
    /// Role of a creator. For a refinement: its property.
    role: Option<String>,
    text: String,
}

/// Fields of `package/metadata`.
#[derive(Default)]
struct PackageMetadata {
    unique: Option<String>,
    in_metadata: bool,
    /// True if the document has the root element of a package document.
    is_package: bool,
    complete: bool,
    current: Option<MetadataElement>,
    elements: Vec<MetadataElement>,
}

impl xml::Visitor for PackageMetadata {
    fn open(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        match name.as_ref() {
            "package" => {
                self.is_package = true;
                self.unique = attribute(tag, "unique-identifier");
            }
            "metadata" => self.in_metadata = true,
            _ => {}
        }
        let Some(name) = METADATA_ELEMENTS.into_iter().find(|known| *known == name.as_ref()) else { return };
        if !self.in_metadata || self.current.is_some() {
            return;
        }
        let (id, role) = if name == REFINEMENT {
            let refined = attribute(tag, "refines").and_then(|id| id.strip_prefix('#').map(str::to_owned));
            if refined.is_none() {
                return;
            }
            (refined, attribute(tag, "property"))
        } else {
            // EPUB 2 has the role as an attribute.
            (attribute(tag, "id"), attribute(tag, "opf:role").or_else(|| attribute(tag, "role")))
        };
        self.current = Some(MetadataElement { name, id, role, text: String::new() });
    }

    fn close(&mut self, name: &str) {
        if name == "metadata" && self.in_metadata {
            self.complete = true;
        }
        let Some(element) = self.current.take_if(|element| element.name == name) else { return };
        let Some(text) = text::clean(element.text.chars(), text::MAX_TEXT) else { return };
        let is_useful = element.name != REFINEMENT || element.role.is_some();
        if is_useful && self.elements(element.name).count() < MAX_ELEMENTS {
            self.elements.push(MetadataElement { text, ..element });
        }
    }

    fn text(&mut self, part: &str) {
        if let Some(element) = &mut self.current {
            xml::append(&mut element.text, part, MAX_VALUE_LEN);
        }
    }

    fn is_done(&self) -> bool {
        self.complete
    }
}

impl PackageMetadata {
    /// Returns the elements with this name.
    fn elements(&self, name: &str) -> impl Iterator<Item = &MetadataElement> {
        self.elements.iter().filter(move |element| element.name == name)
    }

    /// Returns a property that refines an element.
    fn refinement(&self, element: &MetadataElement, property: &str) -> Option<&str> {
        let is_refined = |refinement: &&MetadataElement| {
            element.id.is_some() && refinement.id == element.id && refinement.role.as_deref() == Some(property)
        };
        self.elements(REFINEMENT).find(is_refined).map(|refinement| refinement.text.as_str())
    }

    fn set_probe_fields<R>(&self, package: &mut Package<'_, R>) {
        let text = |element: &MetadataElement| element.text.clone();
        // Prefer the main title among several.
        let main = self.elements("title").find(|title| self.refinement(title, "title-type") == Some("main"));
        package.probe.title = main.or(self.elements("title").next()).map(text).map(Title::stated);

        // Prefer creators with the role of author or without a role; otherwise use all creators.
        let is_author = |creator: &&MetadataElement| {
            creator.role.as_deref().or_else(|| self.refinement(creator, "role")).is_none_or(|role| role == "aut")
        };
        let authors: Vec<String> = self.elements("creator").filter(is_author).map(text).collect();
        let authors = if authors.is_empty() { self.elements("creator").map(text).collect() } else { authors };
        package.probe.author = join_names(&authors);

        let unique = self.elements("identifier").find(|element| element.id.is_some() && element.id == self.unique);
        package.probe.identifier = unique.or(self.elements("identifier").next()).map(text);
    }
}
