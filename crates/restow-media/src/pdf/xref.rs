//! Cross-references: offsets of objects.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::syntax::{Dictionary, Parser, PdfObject};
use crate::io::read_at;

/// Maximum number of sections, the newest first. Every saved change adds one.
const MAX_SECTIONS: usize = 64;

/// Maximum number of subsections per section.
const MAX_SUBSECTIONS: usize = 1024;

/// Number of bytes read for the start of a section, a subsection or a trailer.
const MAX_SECTION_START: usize = 16 << 10;

/// Maximum size of all cross-reference streams, compressed or decompressed.
const MAX_STREAM_LEN: usize = 4 << 20;

/// Length of a line of a table.
const TABLE_LINE_LEN: u64 = 20;

/// Offsets of the objects of a file.
pub(super) struct Xref {
    /// Merged trailers; the newest value counts.
    pub(super) trailer: Dictionary,
    /// Subsections, the newest first.
    subsections: Vec<Subsection>,
}

/// Objects with consecutive numbers.
struct Subsection {
    first: u64,
    count: u64,
    storage: Storage,
}

enum Storage {
    /// Offset of the first line of a table.
    Table(u64),
    /// Records of a stream with the widths of their fields.
    Stream { records: Vec<u8>, widths: [usize; 3] },
}

impl Xref {
    /// Reads the sections from `start` on. Returns `None` if a section is unreadable.
    pub(super) fn read<R: Read + Seek>(reader: &mut R, start: u64) -> io::Result<Option<Self>> {
        let mut xref = Self { trailer: Dictionary::default(), subsections: Vec::new() };
        let mut visited = BTreeSet::new();
        let mut next = vec![start];
        let mut remaining = MAX_STREAM_LEN;
        while let Some(at) = next.pop() {
            // Sections that refer to each other would never end.
            if visited.len() >= MAX_SECTIONS || !visited.insert(at) {
                continue;
            }
            let Some(trailer) = xref.section(reader, at, &mut remaining)? else { return Ok(None) };
            // A hybrid file names a stream beside its table; the stream counts before older sections.
            next.extend([trailer.number(b"Prev"), trailer.number(b"XRefStm")].into_iter().flatten());
            xref.trailer.add_older(trailer);
        }
        Ok(Some(xref))
    }

    /// Returns the offset of an object outside of compressed streams.
    pub(super) fn offset<R: Read + Seek>(&self, reader: &mut R, number: u64) -> io::Result<Option<u64>> {
        for subsection in &self.subsections {
            let Some(index) = number.checked_sub(subsection.first).filter(|index| *index < subsection.count) else {
                continue;
            };
            return match &subsection.storage {
                Storage::Table(at) => {
                    let at = at.saturating_add(index.saturating_mul(TABLE_LINE_LEN));
                    let line = read_at(reader, at, TABLE_LINE_LEN as usize)?;
                    let mut parser = Parser::new(&line);
                    let offset = parser.unsigned();
                    Ok(offset.filter(|_| parser.unsigned().is_some() && parser.keyword(b"n").is_some()))
                }
                Storage::Stream { records, widths } => Ok(record_offset(records, widths, index)),
            };
        }
        Ok(None)
    }

    fn section<R: Read + Seek>(
        &mut self,
        reader: &mut R,
        at: u64,
        remaining: &mut usize,
    ) -> io::Result<Option<Dictionary>> {
        let bytes = read_at(reader, at, MAX_SECTION_START)?;
        let mut parser = Parser::new(&bytes);
        if parser.keyword(b"xref").is_some() {
            return self.table(reader, at.saturating_add(parser.at() as u64));
        }
        self.stream(reader, at, &bytes, remaining)
    }

    fn table<R: Read + Seek>(&mut self, reader: &mut R, mut at: u64) -> io::Result<Option<Dictionary>> {
        for _ in 0..MAX_SUBSECTIONS {
            let bytes = read_at(reader, at, 64)?;
            let mut parser = Parser::new(&bytes);
            if parser.keyword(b"trailer").is_some() {
                let bytes = read_at(reader, at.saturating_add(parser.at() as u64), MAX_SECTION_START)?;
                return Ok(Parser::new(&bytes).object(0).and_then(PdfObject::into_dictionary));
            }
            let (Some(first), Some(count)) = (parser.unsigned(), parser.unsigned()) else { return Ok(None) };
            parser.skip_space();
            let lines = at.saturating_add(parser.at() as u64);
            self.subsections.push(Subsection { first, count, storage: Storage::Table(lines) });
            at = lines.saturating_add(count.saturating_mul(TABLE_LINE_LEN));
        }
        Ok(None)
    }

    fn stream<R: Read + Seek>(
        &mut self,
        reader: &mut R,
        at: u64,
        bytes: &[u8],
        remaining: &mut usize,
    ) -> io::Result<Option<Dictionary>> {
        let mut parser = Parser::new(bytes);
        let begin = |parser: &mut Parser<'_>| {
            let dictionary = parser.indirect()?.1.into_dictionary()?;
            parser.keyword(b"stream")?;
            // One end of line, which may be two characters.
            let end = if parser.rest().starts_with(b"\r\n") { 2 } else { 1 };
            Some((dictionary, parser.at().saturating_add(end)))
        };
        let Some((dictionary, body)) = begin(&mut parser) else { return Ok(None) };
        if dictionary.name(b"Type") != Some(b"XRef") {
            return Ok(None);
        }
        let len = dictionary.number(b"Length").and_then(|len| usize::try_from(len).ok());
        let Some(len) = len.filter(|len| *len <= MAX_STREAM_LEN) else { return Ok(None) };
        let compressed = read_at(reader, at.saturating_add(body as u64), len)?;
        let Some(records) = decode_stream(&dictionary, compressed, *remaining) else { return Ok(None) };
        *remaining = remaining.saturating_sub(records.len());
        Ok(self.records(&dictionary, &records).map(|()| dictionary))
    }

    fn records(&mut self, dictionary: &Dictionary, records: &[u8]) -> Option<()> {
        let PdfObject::Array(widths) = dictionary.get(b"W")? else { return None };
        let [kind, offset, generation] = widths.as_slice() else { return None };
        let width = |width: &PdfObject| usize::try_from(width.number()?).ok().filter(|width| *width <= 8);
        let widths = [width(kind)?, width(offset)?, width(generation)?];
        let record_len = widths.iter().sum::<usize>();
        if record_len == 0 {
            return None;
        }
        let full_range = [PdfObject::Number(0), PdfObject::Number(i64::try_from(dictionary.number(b"Size")?).ok()?)];
        let index = match dictionary.get(b"Index") {
            Some(PdfObject::Array(index)) => index.as_slice(),
            _ => &full_range,
        };
        let mut rest = records;
        for pair in index.chunks_exact(2) {
            let [first, count] = pair else { continue };
            let (first, count) = (first.number()?, count.number()?);
            let len = usize::try_from(count).ok()?.checked_mul(record_len)?;
            // A stream may have fewer records than stated.
            let (available, rest_after) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            rest = rest_after;
            self.subsections.push(Subsection {
                first,
                count,
                storage: Storage::Stream { records: available.to_vec(), widths },
            });
        }
        Some(())
    }
}

/// Returns the offset in a record of type 1, an uncompressed object.
fn record_offset(records: &[u8], widths: &[usize; 3], index: u64) -> Option<u64> {
    let len = widths.iter().sum::<usize>();
    let at = usize::try_from(index).ok()?.checked_mul(len)?;
    let record = records.get(at..)?.get(..len)?;
    let [kind, offset, _] = widths;
    let (kind, rest) = record.split_at_checked(*kind)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // A missing type means 1.
    (kind.is_empty() || number(kind) == 1).then(|| rest.get(..*offset).map(number))?
}

/// Returns the records of a stream. They may be compressed by Flate, with or without a predictor.
fn decode_stream(dictionary: &Dictionary, compressed: Vec<u8>, remaining: usize) -> Option<Vec<u8>> {
    match dictionary.get(b"Filter").map(single) {
        None => return Some(compressed).filter(|records| records.len() <= remaining),
        Some(Some(PdfObject::Name(filter))) if filter == b"FlateDecode" => {}
        Some(_) => return None,
    }
    let decompressed = decompress_to_vec_zlib_with_limit(&compressed, remaining).ok()?;
    let Some(PdfObject::Dictionary(parameters)) = dictionary.get(b"DecodeParms").and_then(single) else {
        return Some(decompressed);
    };
    match parameters.number(b"Predictor") {
        None | Some(1) => Some(decompressed),
        Some(10..=15) => {
            let columns = usize::try_from(parameters.number(b"Columns").unwrap_or(1)).ok()?;
            (1..=64).contains(&columns).then(|| undo_png_predictor(&decompressed, columns))
        }
        Some(_) => None,
    }
}

/// Returns the object itself, or the only item of an array.
fn single(object: &PdfObject) -> Option<&PdfObject> {
    match object {
        PdfObject::Array(items) => items.first().filter(|_| items.len() == 1),
        object => Some(object),
    }
}

/// Reverses the PNG predictors `None`, `Sub` and `Up`, the only ones in cross-references. Each row begins with
/// its predictor and has pixels of one byte.
fn undo_png_predictor(rows: &[u8], columns: usize) -> Vec<u8> {
    let mut before = vec![0; columns];
    let mut bytes = Vec::with_capacity(rows.len());
    for row in rows.chunks_exact(columns.saturating_add(1)) {
        let Some((kind, row)) = row.split_first() else { continue };
        let mut left = 0_u8;
        for (byte, above) in row.iter().zip(before.iter_mut()) {
            let byte = match kind {
                1 => byte.wrapping_add(left),
                2 => byte.wrapping_add(*above),
                _ => *byte,
            };
            (left, *above) = (byte, byte);
            bytes.push(byte);
        }
    }
    bytes
}
