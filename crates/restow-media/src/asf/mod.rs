//! ASF, the Advanced Systems Format: `.asf`, `.wma`, `.wmv`, and PlayReady's `.pya` and `.pyv`.
//!
//! Layout after Microsoft's "Advanced Systems Format (ASF) Specification", revision 01.20.05. All integers are
//! little-endian. A file begins with the Header Object, the Data Object follows, then perhaps indexes; everything
//! wanted here lies in the Header Object:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 16 | GUID of the Header Object |
//! | 16 | 8 | its size, these 24 bytes included |
//! | 24 | 4 | number of objects in it |
//! | 28 | 2 | reserved, 1 and 2 |
//! | 30 | | the objects, in any order |

mod encryption;
pub(crate) mod objects;
mod streams;
mod titles;

use std::io::{self, Read, Seek, SeekFrom};

use self::encryption::Encryption;
use self::objects::{End, Object, Objects, guid};
use self::streams::Streams;
use self::titles::Tags;
use crate::cursor::Cursor;
use crate::detect::read_up_to;
use crate::{Format, Probe, Warning};

/// Size of the fixed part of the Header Object.
pub(crate) const PREFIX_LEN: usize = 30;

/// Largest Header Object read. Artwork makes 100 KB normal and a few MB possible.
const MAX_HEADER: u64 = 16 * 1024 * 1024;

/// Up to this size the claim of a header is believed without asking how long the file is.
const MAX_UNCHECKED: u64 = 64 * 1024;

/// How much is read behind the header: the GUID of the Data Object.
const GUID_LEN: u64 = 16;

/// Whether a file that begins like this is ASF.
pub(crate) fn matches(prefix: &[u8]) -> bool {
    prefix.starts_with(&guid::HEADER)
}

/// Reads the header of an ASF file whose first [`PREFIX_LEN`] bytes, or fewer if there are no more, were read already.
pub(crate) fn probe<R: Read + Seek>(prefix: &[u8], reader: &mut R) -> io::Result<Probe> {
    let mut probe = Probe::new(Format::Asf);
    let Some((stated, count)) = fixed_part(prefix) else {
        let stated = PREFIX_LEN as u64;
        probe.warn(Warning::HeaderTruncated { stated, found: prefix.len() as u64 });
        return Ok(probe);
    };
    let Some(wanted) = stated.checked_sub(PREFIX_LEN as u64) else {
        probe.warn(Warning::HeaderTooSmall { stated });
        return Ok(probe);
    };
    if stated > MAX_HEADER {
        probe.warn(Warning::HeaderTooLarge { stated, limit: MAX_HEADER });
        return Ok(probe);
    }

    let buffer = read_objects(reader, wanted)?;
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let (objects, behind) = buffer.split_at_checked(wanted).unwrap_or((&buffer, &[]));
    let truncated = objects.len() < wanted;
    if truncated {
        let found = (PREFIX_LEN as u64).saturating_add(objects.len() as u64);
        probe.warn(Warning::HeaderTruncated { stated, found });
    } else if behind != guid::DATA {
        probe.warn(Warning::NoMediaData);
    }

    let mut walk = Walk { probe, incomplete: truncated, ..Walk::default() };
    walk.header(objects, count, truncated);
    Ok(walk.finish(objects))
}

/// Size and number of objects from the fixed part of the Header Object; the reserved bytes do not matter.
pub(crate) fn fixed_part(prefix: &[u8]) -> Option<(u64, u32)> {
    if prefix.len() < PREFIX_LEN {
        return None;
    }
    let mut cursor = Cursor::new(prefix);
    cursor.take(16)?;
    Some((cursor.u64()?, cursor.u32()?))
}

/// Reads the objects of the header and a GUID behind them, or as much of both as there is.
fn read_objects<R: Read + Seek>(reader: &mut R, wanted: u64) -> io::Result<Vec<u8>> {
    let mut len = wanted.saturating_add(GUID_LEN);
    if len > MAX_UNCHECKED {
        // A small file that claims a large header must not cost the memory of a large header.
        let end = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(PREFIX_LEN as u64))?;
        len = len.min(end.saturating_sub(PREFIX_LEN as u64));
    }
    // Never more than MAX_HEADER, which fits.
    let mut buffer = vec![0; usize::try_from(len).unwrap_or(0)];
    let filled = read_up_to(reader, &mut buffer)?;
    buffer.truncate(filled);
    Ok(buffer)
}

/// What has been found so far in the objects of one header.
#[derive(Default)]
struct Walk {
    probe: Probe,
    tags: Tags,
    streams: Streams,
    encryption: Encryption,
    /// Some of the header could not be read, so that nothing found does not mean nothing there.
    incomplete: bool,
}

impl Walk {
    fn header(&mut self, bytes: &[u8], stated: u32, truncated: bool) {
        let mut objects = Objects::new(bytes, PREFIX_LEN as u64);
        let mut found = 0_u32;
        for object in objects.by_ref() {
            found = found.saturating_add(1);
            if object.guid == guid::HEADER_EXTENSION {
                self.header_extension(&object);
            } else {
                self.object(&object);
            }
        }
        self.end_of(&objects, truncated);
        if !self.incomplete && found != stated {
            self.probe.warn(Warning::ObjectCount { stated, found });
        }
    }

    /// | offset | size | field of the Header Extension Object, behind its first 24 bytes |
    /// |---|---|---|
    /// | 0 | 16 | reserved GUID |
    /// | 16 | 2 | reserved, 6 |
    /// | 18 | 4 | size of what follows |
    /// | 22 | | objects |
    fn header_extension(&mut self, object: &Object<'_>) {
        let mut cursor = Cursor::new(object.body);
        if cursor.take(18).is_none() {
            return self.malformed("Header Extension Object");
        }
        let Some(len) = cursor.u32() else {
            return self.malformed("Header Extension Object");
        };
        let rest = cursor.rest();
        let bytes = usize::try_from(len).ok().and_then(|len| rest.get(..len)).unwrap_or(rest);
        if bytes.len() as u64 != u64::from(len) && !object.cut {
            self.malformed("Header Extension Object");
        }
        let mut objects = Objects::new(bytes, object.offset.saturating_add(46));
        for object in objects.by_ref() {
            self.object(&object);
        }
        self.end_of(&objects, object.cut);
    }

    /// Takes what is wanted from one object. Objects are accepted at both levels, wherever the specification puts them.
    fn object(&mut self, object: &Object<'_>) {
        let probe = &mut self.probe;
        let sound = match object.guid {
            guid::CONTENT_DESCRIPTION => self.tags.content_description(object.body),
            guid::EXTENDED_CONTENT_DESCRIPTION => self.tags.extended_content_description(object.body),
            guid::METADATA | guid::METADATA_LIBRARY => self.tags.metadata(object.body),
            guid::STREAM_PROPERTIES => self.streams.stream_properties(object.body),
            guid::EXTENDED_STREAM_PROPERTIES => self.streams.extended_stream_properties(object.body),
            guid::CONTENT_ENCRYPTION => self.encryption.content_encryption(object.body, probe),
            guid::EXTENDED_CONTENT_ENCRYPTION => self.encryption.extended_content_encryption(object.body, probe),
            guid::ADVANCED_CONTENT_ENCRYPTION => self.encryption.advanced_content_encryption(object.body),
            _ => true,
        };
        if object.is_text() {
            self.encryption.texts.push(object.range());
        }
        // Of an object that is cut off that much is said already.
        if !sound && !object.cut {
            self.probe.warn(Warning::MalformedObject { object: objects::name(&object.guid) });
            // An unreadable title does not put the protection in doubt.
            self.incomplete |= !object.is_text();
        }
    }

    fn malformed(&mut self, object: &'static str) {
        self.probe.warn(Warning::MalformedObject { object });
        self.incomplete = true;
    }

    /// Judges how a walk over objects ended.
    fn end_of(&mut self, objects: &Objects<'_>, truncated: bool) {
        match objects.end() {
            End::Clean => {}
            // A truncated header always ends like this, and was warned of.
            End::Stray { .. } | End::Size { .. } if truncated => {}
            // Too few bytes for an object cannot hide one.
            End::Stray { offset, len } => self.probe.warn(Warning::StrayBytes { offset, len }),
            End::Size { offset, stated } => {
                self.probe.warn(Warning::ObjectSize { offset, stated });
                self.incomplete = true;
            }
        }
    }

    fn finish(self, objects: &[u8]) -> Probe {
        let Self { mut probe, tags, streams, mut encryption, incomplete } = self;
        tags.finish(&mut probe);
        if !incomplete && streams.seen == 0 {
            probe.warn(Warning::NoStreams);
        }
        let told = !incomplete && streams.seen > 0;
        encryption.search(objects, !streams.encrypted.is_empty(), &mut probe);
        let protected = encryption.finish(&streams, &mut probe);
        probe.encrypted_streams = streams.encrypted;
        probe.protected = if protected { Some(true) } else { told.then_some(false) };
        probe.settle();
        probe
    }
}
