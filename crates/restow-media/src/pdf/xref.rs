//! Cross-references: where objects are.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use super::read_at;
use super::syntax::{Dictionary, Object, Parser};

/// Most sections followed, the newest first. Every change that is saved adds one.
const MAX_SECTIONS: usize = 64;

/// Most subsections of a section looked at.
const MAX_RANGES: usize = 1024;

/// How much is read for the beginning of a section, a subsection or a trailer.
const MAX_PART: usize = 16 << 10;

/// The largest stream of cross-references, packed and unpacked.
const MAX_STREAM: usize = 4 << 20;

/// Length of a line of a table.
const LINE: u64 = 20;

/// Where objects are, as a file says that is whole as far as it is needed.
pub(super) struct Xref {
    /// All trailers in one; the newest counts.
    pub(super) trailer: Dictionary,
    /// The newest first.
    ranges: Vec<Range>,
}

/// Objects with consecutive numbers.
struct Range {
    first: u64,
    count: u64,
    place: Place,
}

enum Place {
    /// Lines of a table, which begin here.
    Table(u64),
    /// Records of a stream.
    Stream { records: Vec<u8>, widths: [usize; 3] },
}

impl Xref {
    /// Reads the sections from `start` on. `None` when one of them cannot be read.
    pub(super) fn read<R: Read + Seek>(reader: &mut R, start: u64) -> io::Result<Option<Self>> {
        let mut xref = Self { trailer: Dictionary::default(), ranges: Vec::new() };
        let mut seen = BTreeSet::new();
        let mut next = vec![start];
        let mut room = MAX_STREAM;
        while let Some(at) = next.pop() {
            // Sections that lead to each other would never end.
            if seen.len() >= MAX_SECTIONS || !seen.insert(at) {
                continue;
            }
            let Some(trailer) = xref.section(reader, at, &mut room)? else { return Ok(None) };
            // A hybrid file names a stream beside its table, which comes before older sections.
            next.extend([trailer.number(b"Prev"), trailer.number(b"XRefStm")].into_iter().flatten());
            xref.trailer.and_older(trailer);
        }
        Ok(Some(xref))
    }

    /// Where an object that does not stand in a compressed stream is.
    pub(super) fn offset<R: Read + Seek>(&self, reader: &mut R, number: u64) -> io::Result<Option<u64>> {
        for range in &self.ranges {
            let Some(index) = number.checked_sub(range.first).filter(|index| *index < range.count) else { continue };
            return match &range.place {
                Place::Table(at) => {
                    let line = read_at(reader, at.saturating_add(index.saturating_mul(LINE)), LINE as usize)?;
                    let mut parser = Parser::new(&line);
                    let offset = parser.unsigned();
                    Ok(offset.filter(|_| parser.unsigned().is_some() && parser.keyword(b"n").is_some()))
                }
                Place::Stream { records, widths } => Ok(record(records, widths, index)),
            };
        }
        Ok(None)
    }

    fn section<R: Read + Seek>(&mut self, reader: &mut R, at: u64, room: &mut usize) -> io::Result<Option<Dictionary>> {
        let bytes = read_at(reader, at, MAX_PART)?;
        let mut parser = Parser::new(&bytes);
        if parser.keyword(b"xref").is_some() {
            return self.table(reader, at.saturating_add(parser.at() as u64));
        }
        self.stream(reader, at, &bytes, room)
    }

    fn table<R: Read + Seek>(&mut self, reader: &mut R, mut at: u64) -> io::Result<Option<Dictionary>> {
        for _ in 0..MAX_RANGES {
            let bytes = read_at(reader, at, 64)?;
            let mut parser = Parser::new(&bytes);
            if parser.keyword(b"trailer").is_some() {
                let bytes = read_at(reader, at.saturating_add(parser.at() as u64), MAX_PART)?;
                return Ok(Parser::new(&bytes).object(0).and_then(Object::dictionary));
            }
            let (Some(first), Some(count)) = (parser.unsigned(), parser.unsigned()) else { return Ok(None) };
            parser.space();
            let lines = at.saturating_add(parser.at() as u64);
            self.ranges.push(Range { first, count, place: Place::Table(lines) });
            at = lines.saturating_add(count.saturating_mul(LINE));
        }
        Ok(None)
    }

    fn stream<R: Read + Seek>(
        &mut self,
        reader: &mut R,
        at: u64,
        bytes: &[u8],
        room: &mut usize,
    ) -> io::Result<Option<Dictionary>> {
        let mut parser = Parser::new(bytes);
        let begin = |parser: &mut Parser<'_>| {
            parser.unsigned()?;
            parser.unsigned()?;
            parser.keyword(b"obj")?;
            let dictionary = parser.object(0)?.dictionary()?;
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
        let Some(len) = len.filter(|len| *len <= MAX_STREAM) else { return Ok(None) };
        let packed = read_at(reader, at.saturating_add(body as u64), len)?;
        let Some(records) = unpack(&dictionary, packed, *room) else { return Ok(None) };
        *room = room.saturating_sub(records.len());
        if self.records(&dictionary, &records).is_none() {
            return Ok(None);
        }
        Ok(Some(dictionary))
    }

    fn records(&mut self, dictionary: &Dictionary, records: &[u8]) -> Option<()> {
        let Object::Array(widths) = dictionary.get(b"W")? else { return None };
        let [kind, offset, generation] = widths.as_slice() else { return None };
        let width = |width: &Object| usize::try_from(width.number()?).ok().filter(|width| *width <= 8);
        let widths = [width(kind)?, width(offset)?, width(generation)?];
        let record = widths.iter().sum::<usize>();
        if record == 0 {
            return None;
        }
        let whole = [Object::Number(0), Object::Number(i64::try_from(dictionary.number(b"Size")?).ok()?)];
        let index = match dictionary.get(b"Index") {
            Some(Object::Array(index)) => index.as_slice(),
            _ => &whole,
        };
        let mut rest = records;
        for pair in index.chunks_exact(2) {
            let [first, count] = pair else { continue };
            let (first, count) = (first.number()?, count.number()?);
            let len = usize::try_from(count).ok()?.checked_mul(record)?;
            // Fewer than said: those that are there.
            let (here, behind) = rest.split_at_checked(len).unwrap_or((rest, &[]));
            rest = behind;
            self.ranges.push(Range { first, count, place: Place::Stream { records: here.to_vec(), widths } });
        }
        Some(())
    }
}

/// The offset in a record: type 1 is an object that stands in the file.
fn record(records: &[u8], widths: &[usize; 3], index: u64) -> Option<u64> {
    let len = widths.iter().sum::<usize>();
    let at = usize::try_from(index).ok()?.checked_mul(len)?;
    let record = records.get(at..)?.get(..len)?;
    let [kind, offset, _] = widths;
    let (kind, rest) = record.split_at_checked(*kind)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    // Where the type is left out, it is 1.
    (kind.is_empty() || number(kind) == 1).then(|| rest.get(..*offset).map(number))?
}

/// The records of a stream: as they are, or by Flate and perhaps a predictor.
fn unpack(dictionary: &Dictionary, packed: Vec<u8>, room: usize) -> Option<Vec<u8>> {
    let filter = match dictionary.get(b"Filter") {
        None => return Some(packed).filter(|records| records.len() <= room),
        Some(Object::Array(filters)) => match filters.as_slice() {
            [Object::Name(filter)] => filter.as_slice(),
            _ => return None,
        },
        Some(Object::Name(filter)) => filter.as_slice(),
        _ => return None,
    };
    if filter != b"FlateDecode" {
        return None;
    }
    let unpacked = decompress_to_vec_zlib_with_limit(&packed, room).ok()?;
    let parameters = match dictionary.get(b"DecodeParms") {
        Some(Object::Dictionary(parameters)) => parameters,
        Some(Object::Array(all)) => match all.as_slice() {
            [Object::Dictionary(parameters)] => parameters,
            _ => return Some(unpacked),
        },
        _ => return Some(unpacked),
    };
    match parameters.number(b"Predictor") {
        None | Some(1) => Some(unpacked),
        Some(10..=15) => {
            let columns = usize::try_from(parameters.number(b"Columns").unwrap_or(1)).ok()?;
            (1..=64).contains(&columns).then(|| unpredict(&unpacked, columns))
        }
        Some(_) => None,
    }
}

/// The PNG predictors, of which cross-references use `None`, `Sub` and `Up`: rows of one byte each, with a byte before
/// them that says which.
fn unpredict(rows: &[u8], columns: usize) -> Vec<u8> {
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
