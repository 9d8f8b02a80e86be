//! PDF outside of a package: protection, title and identifier.
//!
//! Source: ISO 32000-1, sections 7.5.4 to 7.5.8 (cross-references and trailer), 7.6 (encryption) and 14.3.3
//! (document information). The end of a file holds the offset of its newest cross-references, which refer to
//! older ones:
//!
//! - a table: `xref`, lines of 20 bytes, then `trailer` and a dictionary; or
//! - a stream with the fields of the trailer in its dictionary.
//!
//! `Encrypt` refers to the dictionary that names the security handler. Adobe ADEPT's handler is `EBX_HANDLER`;
//! `Standard` is a password, which is no license, so that the protection is unknown. `Info` refers to title and author, which are unreadable in an
//! encrypted file. Objects in compressed streams are not read, so some titles are missed; a security handler
//! may not be in such a stream.

mod syntax;
mod xref;

use std::io::{self, Read, Seek, SeekFrom};

use self::syntax::{Dictionary, Parser, PdfObject};
use self::xref::Xref;
use crate::io::read_at;
use crate::{Format, Probe, System, Title, Warning, text};

/// First bytes of a PDF.
const MAGIC: &[u8] = b"%PDF-";

/// Number of bytes searched for `startxref`: readers search the last 1024 bytes.
const TAIL_LEN: u64 = 1024;

/// Maximum number of bytes read per object. Encryption and information dictionaries are shorter.
const MAX_OBJECT_LEN: usize = 64 << 10;

/// Security handler of Adobe ADEPT.
const ADEPT_HANDLER: &[u8] = b"EBX_HANDLER";

/// Security handler for passwords.
const PASSWORD_HANDLER: &[u8] = b"Standard";

/// Returns true if the first bytes of a file are those of a PDF.
pub(crate) fn matches(prefix: &[u8]) -> bool {
    prefix.starts_with(MAGIC)
}

/// Reads the trailer, the encryption dictionary and the document information of a PDF.
pub(crate) fn probe<R: Read + Seek>(reader: &mut R) -> io::Result<Probe> {
    let mut probe = Probe::new(Format::Pdf);
    let len = reader.seek(SeekFrom::End(0))?;
    let from = len.saturating_sub(TAIL_LEN);
    let tail = read_at(reader, from, usize::try_from(len.min(TAIL_LEN)).unwrap_or_default())?;
    let Some(start) = find_startxref(&tail) else {
        probe.warn(Warning::MalformedObject { object: "end of the file" });
        return Ok(probe);
    };
    let Some(xref) = Xref::read(reader, start)? else {
        probe.warn(Warning::MalformedObject { object: "cross-reference table" });
        return Ok(probe);
    };

    probe.identifier = file_identifier(&xref.trailer);
    match xref.trailer.get(b"Encrypt") {
        None | Some(PdfObject::Null) => {
            probe.protected = Some(false);
            if let Some(info) = xref.trailer.get(b"Info")
                && let Some(info) = resolve_dictionary(reader, &xref, info)?
            {
                set_probe_fields(&info, &mut probe);
            }
        }
        Some(encrypt) => {
            match resolve_dictionary(reader, &xref, encrypt)?.as_ref().and_then(|found| found.name(b"Filter")) {
                Some(PASSWORD_HANDLER) => probe.doubt(Warning::PasswordNeeded),
                Some(ADEPT_HANDLER) => probe.add_system(System::Adept),
                Some(_) => {
                    probe.set_protected();
                    probe.warn(Warning::SystemNotNamed);
                }
                None => probe.doubt(Warning::MalformedObject { object: "encryption dictionary" }),
            }
        }
    }
    Ok(probe)
}

/// Returns the number after the last `startxref`.
fn find_startxref(tail: &[u8]) -> Option<u64> {
    const KEYWORD: &[u8] = b"startxref";
    let at = tail.windows(KEYWORD.len()).rposition(|window| window == KEYWORD)?;
    let rest = tail.get(at..)?.get(KEYWORD.len()..)?.trim_ascii_start();
    let digits = rest.split(|byte| !byte.is_ascii_digit()).next()?;
    str::from_utf8(digits).ok()?.parse().ok()
}

/// Returns the first string of the trailer's `ID`, which stays the same when the file is changed.
fn file_identifier(trailer: &Dictionary) -> Option<String> {
    let Some(PdfObject::Array(ids)) = trailer.get(b"ID") else { return None };
    match ids.first() {
        Some(PdfObject::Text(id)) if (1..=64).contains(&id.len()) => Some(restow_core::encoding::hex(id)),
        _ => None,
    }
}

/// Returns the dictionary itself, or the one that a reference leads to.
fn resolve_dictionary<R: Read + Seek>(
    reader: &mut R,
    xref: &Xref,
    object: &PdfObject,
) -> io::Result<Option<Dictionary>> {
    match object {
        PdfObject::Dictionary(dictionary) => Ok(Some(dictionary.clone())),
        PdfObject::Reference(number) => {
            let Some(offset) = xref.offset(reader, *number)? else { return Ok(None) };
            let bytes = read_at(reader, offset, MAX_OBJECT_LEN)?;
            Ok(Parser::new(&bytes)
                .indirect()
                .filter(|(found, _)| found == number)
                .and_then(|(_, object)| object.into_dictionary()))
        }
        _ => Ok(None),
    }
}

fn set_probe_fields(info: &Dictionary, probe: &mut Probe) {
    let text = |name: &[u8]| match info.get(name) {
        Some(PdfObject::Text(bytes)) => text::clean(decode_text(bytes).chars(), text::MAX_TEXT),
        _ => None,
    };
    probe.title = text(b"Title").map(Title::stated);
    probe.author = text(b"Author");
}

/// Decodes a text string: UTF-16 or UTF-8 with a byte order mark, else PDFDocEncoding, read as Latin-1.
fn decode_text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, ..] | [0xff, 0xfe, ..] | [0xef, 0xbb, 0xbf, ..] => crate::xml::decode(bytes),
        _ => bytes.iter().copied().map(char::from).collect(),
    }
}
