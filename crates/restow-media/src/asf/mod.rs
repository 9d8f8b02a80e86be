//! ASF, the Advanced Systems Format: `.asf`, `.wma`, `.wmv`, and PlayReady's `.pya` and `.pyv`.
//!
//! Layout after Microsoft's "Advanced Systems Format (ASF) Specification", revision 01.20.05. All integers are
//! little-endian. A file is the Header Object, the Data Object, and optional indexes. The probe reads the
//! Header Object:
//!
//! | offset | size | field |
//! |---|---|---|
//! | 0 | 16 | GUID of the Header Object |
//! | 16 | 8 | its size, these 24 bytes included |
//! | 24 | 4 | number of objects in it |
//! | 28 | 2 | reserved, 1 and 2 |
//! | 30 | | the objects, in any order |

mod encryption;
mod large;
pub(crate) mod objects;
mod streams;
mod titles;

use std::io::{self, Read, Seek, SeekFrom};

use self::encryption::Encryption;
use self::large::{MAX_HEADER, MAX_OBJECT, SmallObjects};
use self::objects::{HEADER_PREFIX_LEN, Object, Objects, ObjectsEnd, guid};
use self::streams::Streams;
use self::titles::Tags;
use crate::cursor::Cursor;
use crate::io::read_up_to;
use crate::{Format, Probe, Warning};

/// Maximum stated size that is accepted without a check of the file length.
const MAX_UNCHECKED_HEADER: u64 = 64 * 1024;

/// Number of bytes read after the header: the GUID of the Data Object.
const GUID_LEN: u64 = 16;

/// Returns true if the first bytes of a file are those of ASF.
pub(crate) fn matches(prefix: &[u8]) -> bool {
    prefix.starts_with(&guid::HEADER)
}

/// Reads the header of an ASF file. `prefix` is the first [`HEADER_PREFIX_LEN`] bytes, or fewer if the file is
/// shorter; the reader is positioned after them.
pub(crate) fn probe<R: Read + Seek>(prefix: &[u8], reader: &mut R) -> io::Result<Probe> {
    let mut probe = Probe::new(Format::Asf);
    let Some((stated, count)) = parse_fixed_part(prefix) else {
        let stated = HEADER_PREFIX_LEN as u64;
        probe.warn(Warning::HeaderTruncated { stated, found: prefix.len() as u64 });
        return Ok(probe);
    };
    let Some(objects_len) = stated.checked_sub(HEADER_PREFIX_LEN as u64) else {
        probe.warn(Warning::HeaderTooSmall { stated });
        return Ok(probe);
    };
    if stated > MAX_HEADER {
        return probe_large(stated, count, reader, probe);
    }

    let buffer = read_objects(reader, objects_len)?;
    let objects_len = usize::try_from(objects_len).unwrap_or(usize::MAX);
    let (objects, next_guid) = buffer.split_at_checked(objects_len).unwrap_or((&buffer, &[]));
    let truncated = objects.len() < objects_len;
    if truncated {
        let found = (HEADER_PREFIX_LEN as u64).saturating_add(objects.len() as u64);
        probe.warn(Warning::HeaderTruncated { stated, found });
    } else if next_guid != guid::DATA {
        probe.warn(Warning::NoMediaData);
    }
    // If other bytes follow, the stated size may be wrong, and objects with the protection may follow as well.
    let incomplete = truncated || !guid::DATA.starts_with(next_guid);

    let mut scan = HeaderScan { probe, incomplete, ..HeaderScan::default() };
    scan.read_header(objects, count, truncated);
    Ok(scan.finish(objects))
}

/// Reads a header of `stated` bytes with `count` objects, which exceeds the limit.
fn probe_large<R: Read + Seek>(stated: u64, count: u32, reader: &mut R, mut probe: Probe) -> io::Result<Probe> {
    let len = reader.seek(SeekFrom::End(0))?;
    if len < stated {
        probe.warn(Warning::HeaderTruncated { stated, found: len });
        return Ok(probe);
    }
    let mut objects = SmallObjects::default();
    objects.read(reader, HEADER_PREFIX_LEN as u64..stated)?;
    if objects.is_over_limit {
        probe.warn(Warning::HeaderTooLarge { stated, limit: MAX_HEADER });
    }
    let mut scan = HeaderScan { probe, incomplete: objects.is_over_limit, ..HeaderScan::default() };
    scan.read_header(&objects.bytes, count, false);
    let mut probe = scan.finish(&objects.bytes);
    if let Some(stated) = objects.skipped {
        probe.doubt(Warning::ObjectTooLarge { stated, limit: MAX_OBJECT });
    }
    Ok(probe)
}

/// Parses the size and the number of objects from the fixed part of the Header Object. The reserved bytes are
/// ignored.
pub(crate) fn parse_fixed_part(prefix: &[u8]) -> Option<(u64, u32)> {
    if prefix.len() < HEADER_PREFIX_LEN {
        return None;
    }
    let mut cursor = Cursor::new(prefix);
    cursor.take(16)?;
    Some((cursor.u64()?, cursor.u32()?))
}

/// Reads the objects of the header and the next GUID, or as much of them as the file has.
fn read_objects<R: Read + Seek>(reader: &mut R, objects_len: u64) -> io::Result<Vec<u8>> {
    let mut len = objects_len.saturating_add(GUID_LEN);
    if len > MAX_UNCHECKED_HEADER {
        // A small file that states a large header must not cost the memory of a large header.
        let end = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(HEADER_PREFIX_LEN as u64))?;
        len = len.min(end.saturating_sub(HEADER_PREFIX_LEN as u64));
    }
    // At most MAX_HEADER, which fits.
    let mut buffer = vec![0; usize::try_from(len).unwrap_or(0)];
    let filled = read_up_to(reader, &mut buffer)?;
    buffer.truncate(filled);
    Ok(buffer)
}

/// Findings in the objects of one header.
#[derive(Default)]
struct HeaderScan {
    probe: Probe,
    tags: Tags,
    streams: Streams,
    encryption: Encryption,
    /// True if a part of the header was unreadable, so that missing signs of protection prove little.
    incomplete: bool,
}

impl HeaderScan {
    fn read_header(&mut self, bytes: &[u8], stated: u32, truncated: bool) {
        let mut objects = Objects::new(bytes, HEADER_PREFIX_LEN as u64);
        let mut found = 0_u32;
        for object in objects.by_ref() {
            found = found.saturating_add(1);
            if object.guid == guid::HEADER_EXTENSION {
                self.read_header_extension(&object);
            } else {
                self.read_object(&object);
            }
        }
        self.check_end(&objects, truncated);
        if !self.incomplete && found != stated {
            self.probe.warn(Warning::ObjectCount { stated, found });
        }
    }

    /// | offset | size | field of the Header Extension Object, after its first 24 bytes |
    /// |---|---|---|
    /// | 0 | 16 | reserved GUID |
    /// | 16 | 2 | reserved, 6 |
    /// | 18 | 4 | size of the objects |
    /// | 22 | | objects |
    fn read_header_extension(&mut self, object: &Object<'_>) {
        let mut cursor = Cursor::new(object.body);
        let Some(len) = cursor.take(18).and_then(|_| cursor.u32()) else {
            return self.mark_malformed("Header Extension Object");
        };
        let rest = cursor.rest();
        let bytes = usize::try_from(len).ok().and_then(|len| rest.get(..len)).unwrap_or(rest);
        if bytes.len() as u64 != u64::from(len) && !object.truncated {
            self.mark_malformed("Header Extension Object");
        }
        let mut objects = Objects::new(bytes, object.offset.saturating_add(46));
        for object in objects.by_ref() {
            self.read_object(&object);
        }
        self.check_end(&objects, object.truncated);
    }

    /// Reads the fields of one object. Accepts each object at both levels, regardless of its place in the
    /// specification.
    fn read_object(&mut self, object: &Object<'_>) {
        let probe = &mut self.probe;
        let fields = match object.guid {
            guid::CONTENT_DESCRIPTION => self.tags.content_description(object.body),
            guid::EXTENDED_CONTENT_DESCRIPTION => self.tags.extended_content_description(object.body),
            guid::METADATA | guid::METADATA_LIBRARY => self.tags.metadata(object.body),
            guid::STREAM_PROPERTIES => self.streams.stream_properties(object.body),
            guid::EXTENDED_STREAM_PROPERTIES => self.streams.extended_stream_properties(object.body),
            guid::CONTENT_ENCRYPTION => self.encryption.content_encryption(object.body, probe),
            guid::EXTENDED_CONTENT_ENCRYPTION => self.encryption.extended_content_encryption(object.body, probe),
            guid::ADVANCED_CONTENT_ENCRYPTION => self.encryption.advanced_content_encryption(object.body),
            _ => Some(()),
        };
        if object.holds_user_text() {
            self.encryption.text_ranges.push(object.range());
        }
        // A truncated object was reported already.
        if fields.is_none() && !object.truncated {
            self.probe.warn(Warning::MalformedObject { object: objects::object_name(&object.guid) });
            // An unreadable title does not put the protection in doubt.
            self.incomplete |= !object.holds_user_text();
        }
    }

    fn mark_malformed(&mut self, object: &'static str) {
        self.probe.warn(Warning::MalformedObject { object });
        self.incomplete = true;
    }

    /// Adds the warnings for the end of the objects.
    fn check_end(&mut self, objects: &Objects<'_>, truncated: bool) {
        match objects.end() {
            ObjectsEnd::Clean => {}
            // A truncated header always ends so, and was reported already.
            ObjectsEnd::Stray { .. } | ObjectsEnd::Size { .. } if truncated => {}
            // These bytes are too few to hide an object.
            ObjectsEnd::Stray { offset, len } => self.probe.warn(Warning::StrayBytes { offset, len }),
            ObjectsEnd::Size { offset, stated } => {
                self.probe.warn(Warning::ObjectSize { offset, stated });
                self.incomplete = true;
            }
        }
    }

    fn finish(self, objects: &[u8]) -> Probe {
        let Self { mut probe, tags, streams, mut encryption, incomplete } = self;
        tags.set_probe_fields(&mut probe);
        if !incomplete && streams.count == 0 {
            probe.warn(Warning::NoStreams);
        }
        let complete = !incomplete && streams.count > 0;
        encryption.search_headers(objects, !streams.encrypted.is_empty(), &mut probe);
        let protected = encryption.set_probe_fields(&streams, &mut probe);
        probe.encrypted_streams = streams.encrypted;
        probe.protected = if protected { Some(true) } else { complete.then_some(false) };
        probe
    }
}
