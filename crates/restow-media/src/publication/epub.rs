//! EPUB: the container, the package document, and what is encrypted.
//!
//! Sources: EPUB Open Container Format 3.3, sections 4.2.5 (names as URLs), 4.2.6 (files in `META-INF`) and 4.4 (font obfuscation); EPUB
//! Packages 3.3, section 5 (metadata); LCP 1.0, section 2.2. Elements are told by their local names.

use std::io::{self, Read, Seek};

use quick_xml::events::BytesStart;

use super::{OBFUSCATION, Package, join};
use crate::xml::{self, attribute, declares};
use crate::zip::Directory;
use crate::{EntryFault, System, Title, TitleSource, text};

const CONTAINER: &str = "META-INF/container.xml";
const ENCRYPTION: &str = "META-INF/encryption.xml";
const RIGHTS: &str = "META-INF/rights.xml";
const SINF: &str = "META-INF/sinf.xml";

/// The largest container document read.
const MAX_CONTAINER: usize = 64 << 10;

/// How much of a package document is read: metadata comes first.
const MAX_PACKAGE: usize = 1 << 20;

/// How much is read of what is encrypted, some 500 bytes for every resource.
const MAX_ENCRYPTION: usize = 4 << 20;

/// How much is read of Adobe's rights, which say in the root element whose they are.
const MAX_RIGHTS: usize = 16 << 10;

/// Most titles, authors, identifiers and refinements looked at.
const MAX_VALUES: usize = 64;

/// Longest metadata value kept, in bytes, and a bit more than what becomes of it.
const MAX_VALUE: usize = 4 * text::MAX_TEXT;

const ADEPT: &str = "http://ns.adobe.com/adept";

/// The name of the package document, as the container states it.
pub(super) fn package_document<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<Option<String>> {
    if !package.directory.has(CONTAINER.as_bytes()) {
        return Ok(None);
    }
    let Some(container) = package.whole(CONTAINER, MAX_CONTAINER)? else { return Ok(None) };
    let mut found = Container::default();
    xml::walk(&xml::decode(&container), &mut found);
    Ok(found.package_document.map(|stated| called_so(&package.directory, stated)))
}

/// The entry that is meant: a URL stands there, and many a writer puts the bare name instead.
fn called_so(directory: &Directory, stated: String) -> String {
    if directory.has(stated.as_bytes()) {
        return stated;
    }
    percent_decoded(&stated).filter(|decoded| directory.has(decoded.as_bytes())).unwrap_or(stated)
}

/// `None` when it is no UTF-8. A percent sign without two digits behind it stands for itself (URL standard, "percent-decode").
fn percent_decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut decoded = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        match part.split_at_checked(2).and_then(|(digits, rest)| Some((hex(digits)?, rest))) {
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

fn hex(digits: &str) -> Option<u8> {
    let hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// Reads what the publication is called and whether it is protected.
pub(super) fn read<R: Read + Seek>(package: &mut Package<'_, R>, document: Option<&str>) -> io::Result<()> {
    match document {
        Some(name) => {
            if let Some(content) = package.start(name, MAX_PACKAGE)? {
                let mut metadata = Metadata::default();
                let sound = xml::walk(&xml::decode(&content), &mut metadata);
                if !sound || !metadata.done {
                    package.warn(name, EntryFault::Malformed);
                }
                metadata.tell(package);
            }
        }
        None if package.directory.has(CONTAINER.as_bytes()) => {
            // One that could not be read was warned of.
            if package.probe.warnings.is_empty() {
                package.warn(CONTAINER, EntryFault::Malformed);
            }
        }
        None => package.warn(CONTAINER, EntryFault::Missing),
    }
    protection(package)
}

fn protection<R: Read + Seek>(package: &mut Package<'_, R>) -> io::Result<()> {
    package.probe.protected = Some(false);
    if package.directory.has(ENCRYPTION.as_bytes()) {
        let mut found = Encryption::default();
        match package.start(ENCRYPTION, MAX_ENCRYPTION)? {
            Some(content) => {
                let sound = xml::walk(&xml::decode(&content), &mut found);
                if !sound || content.len() == MAX_ENCRYPTION {
                    package.warn(ENCRYPTION, EntryFault::Malformed);
                    found.unclear = true;
                }
            }
            None => found.unclear = true,
        }
        package.probe.protected = if found.encrypted { Some(true) } else { (!found.unclear).then_some(false) };
        for (system, named) in [(System::Lcp, found.lcp), (System::Adept, found.adept)] {
            if named {
                package.protected_by(system);
            }
        }
    }
    if package.directory.has(RIGHTS.as_bytes())
        && let Some(content) = package.start(RIGHTS, MAX_RIGHTS)?
    {
        let mut found = Encryption::default();
        xml::walk(&xml::decode(&content), &mut found);
        if found.adept {
            package.protected_by(System::Adept);
        }
    }
    if package.directory.has(SINF.as_bytes()) {
        package.protected_by(System::Fairplay);
    }
    Ok(())
}

/// `container/rootfiles/rootfile`: the first that is a package document counts.
#[derive(Default)]
struct Container {
    package_document: Option<String>,
}

impl xml::Visitor for Container {
    fn open(&mut self, tag: &BytesStart<'_>) {
        if tag.local_name().as_ref() == "rootfile"
            && attribute(tag, "media-type").as_deref() == Some("application/oebps-package+xml")
        {
            self.package_document = attribute(tag, "full-path").filter(|path| !path.is_empty());
        }
    }

    fn close(&mut self, _: &str) {}

    fn text(&mut self, _: &str) {}

    fn is_done(&self) -> bool {
        self.package_document.is_some()
    }
}

/// `encryption/EncryptedData`, and what stands in `rights`.
#[derive(Default)]
struct Encryption {
    /// Something is encrypted that is not a font made unfit for other uses.
    encrypted: bool,
    lcp: bool,
    adept: bool,
    /// It could not be read to its end.
    unclear: bool,
}

impl xml::Visitor for Encryption {
    fn open(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().as_ref() {
            "EncryptionMethod" => {
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
        self.adept |= declares(tag, ADEPT);
    }

    fn close(&mut self, _: &str) {}

    fn text(&mut self, _: &str) {}

    fn is_done(&self) -> bool {
        // More cannot be said; a publication has one system.
        self.lcp || self.adept
    }
}

/// A Dublin Core element with what tells it from others of its kind.
#[derive(Default)]
struct Value {
    id: Option<String>,
    role: Option<String>,
    text: String,
}

/// `package/metadata`.
#[derive(Default)]
struct Metadata {
    unique: Option<String>,
    inside: bool,
    done: bool,
    reading: Option<(Field, Value)>,
    titles: Vec<Value>,
    creators: Vec<Value>,
    identifiers: Vec<Value>,
    /// What is said of another element: its ID, the property, and the text.
    refinements: Vec<(String, String, String)>,
}

#[derive(Clone, Copy)]
enum Field {
    Title,
    Creator,
    Identifier,
    Refinement,
}

impl xml::Visitor for Metadata {
    fn open(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        let field = match name.as_ref() {
            "package" => {
                self.unique = attribute(tag, "unique-identifier");
                return;
            }
            "metadata" => {
                self.inside = true;
                return;
            }
            "title" => Field::Title,
            "creator" => Field::Creator,
            "identifier" => Field::Identifier,
            "meta" => Field::Refinement,
            _ => return,
        };
        if !self.inside || self.reading.is_some() {
            return;
        }
        let value = match field {
            // The ID is the one of the element that is refined, the role is the property.
            Field::Refinement => {
                let refines = attribute(tag, "refines").and_then(|id| id.strip_prefix('#').map(str::to_owned));
                if refines.is_none() {
                    return;
                }
                Value { id: refines, role: attribute(tag, "property"), text: String::new() }
            }
            _ => Value {
                id: attribute(tag, "id"),
                // EPUB 2 has the role here.
                role: attribute(tag, "opf:role").or_else(|| attribute(tag, "role")),
                text: String::new(),
            },
        };
        self.reading = Some((field, value));
    }

    fn close(&mut self, name: &str) {
        if name == "metadata" && self.inside {
            self.done = true;
        }
        let ends = matches!(
            (name, &self.reading),
            ("title", Some((Field::Title, _)))
                | ("creator", Some((Field::Creator, _)))
                | ("identifier", Some((Field::Identifier, _)))
                | ("meta", Some((Field::Refinement, _)))
        );
        let Some((field, value)) = ends.then(|| self.reading.take()).flatten() else { return };
        let Some(cleaned) = text::clean(value.text.chars(), text::MAX_TEXT) else { return };
        let values = match field {
            Field::Title => &mut self.titles,
            Field::Creator => &mut self.creators,
            Field::Identifier => &mut self.identifiers,
            Field::Refinement => {
                if let (Some(id), Some(property)) = (value.id, value.role)
                    && self.refinements.len() < MAX_VALUES
                {
                    self.refinements.push((id, property, cleaned));
                }
                return;
            }
        };
        if values.len() < MAX_VALUES {
            values.push(Value { text: cleaned, ..value });
        }
    }

    fn text(&mut self, part: &str) {
        if let Some((_, value)) = &mut self.reading
            && value.text.len() <= MAX_VALUE
        {
            value.text.extend(part.chars().take(MAX_VALUE));
        }
    }

    fn is_done(&self) -> bool {
        self.done
    }
}

impl Metadata {
    /// What is said of an element by others.
    fn refined(&self, value: &Value, property: &str) -> Option<&str> {
        let id = value.id.as_deref()?;
        let mut refinements = self.refinements.iter();
        refinements.find(|(of, said, _)| of == id && said == property).map(|(.., text)| text.as_str())
    }

    fn tell<R>(&self, package: &mut Package<'_, R>) {
        // Of several titles the main one, else the first.
        let main = self.titles.iter().find(|title| self.refined(title, "title-type") == Some("main"));
        let title = main.or(self.titles.first());
        package.probe.title = title.map(|title| Title { text: title.text.clone(), source: TitleSource::Stated });

        // Those who are said to be its authors, or of whom nothing is said; else whoever made it.
        let role = |creator: &Value| creator.role.clone().or_else(|| self.refined(creator, "role").map(str::to_owned));
        let text = |creator: &Value| creator.text.clone();
        let authors = self.creators.iter().filter(|creator| role(creator).is_none_or(|role| role == "aut"));
        let authors: Vec<String> = authors.map(text).collect();
        let authors = if authors.is_empty() { self.creators.iter().map(text).collect() } else { authors };
        package.probe.author = join(&authors);

        let unique = self.unique.as_deref();
        let unique = self.identifiers.iter().find(|value| unique.is_some() && value.id.as_deref() == unique);
        package.probe.identifier = unique.or(self.identifiers.first()).map(text);
    }
}
