//! Encoding and decoding of record fields, and iteration over the records of a frame (docs/backup-format.md
//! §3.1).

use restow_core::KeyId;
use restow_core::license::{MAX_DOCUMENT, MAX_TITLES};
use restow_core::message_error;
use restow_core::protocol::Counter;

use super::texts::TEXTS;

/// Maximum length of a title, in characters (§7).
pub const MAX_TITLE_CHARS: usize = 1000;
/// Length of the header of a record, in bytes.
pub(crate) const RECORD_HEADER_LEN: usize = 6;

message_error! {
    /// Error of decoding or encoding a record.
    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum RecordError in TEXTS {
        /// The record ends before its last field.
        Truncated = "record-cut-off",
        /// The record has bytes after its last field.
        TrailingBytes = "record-left-over",
        /// A text is not UTF-8.
        InvalidUtf8 = "record-not-utf8",
        /// A key ID is malformed.
        InvalidKeyId = "record-key-id",
        /// The named number is out of range.
        OutOfRange(number: &'static str as _) = "record-range",
        /// The named limit of §7 is exceeded.
        LimitExceeded(limit: &'static str as _) = "record-too-much",
    }
}

pub(super) fn check_count(count: u64) -> Result<u64, RecordError> {
    if (1..=Counter::MAX_COUNT).contains(&count) { Ok(count) } else { Err(RecordError::OutOfRange("a count")) }
}

pub(super) fn str_len(text: &str) -> Result<u16, RecordError> {
    u16::try_from(text.len()).map_err(|_| RecordError::LimitExceeded("a string over 65,535 bytes"))
}

fn put_count(out: &mut Vec<u8>, count: usize, limit: &'static str) -> Result<(), RecordError> {
    let encoded = u16::try_from(count).ok().filter(|_| count <= MAX_TITLES);
    encoded.ok_or(RecordError::LimitExceeded(limit))?.write(out)
}

fn check_title(title: &str) -> Result<(), RecordError> {
    // The byte length is an upper limit for the number of characters, so most titles need no count.
    if title.len() > MAX_TITLE_CHARS && title.chars().count() > MAX_TITLE_CHARS {
        return Err(RecordError::LimitExceeded("a title over 1,000 characters"));
    }
    Ok(())
}

pub(super) fn put_long(out: &mut Vec<u8>, bytes: &[u8], max: u64, limit: &'static str) -> Result<(), RecordError> {
    let len = u32::try_from(bytes.len()).ok().filter(|len| u64::from(*len) <= max);
    len.ok_or(RecordError::LimitExceeded(limit))?.write(out)?;
    out.extend_from_slice(bytes);
    Ok(())
}

pub(super) fn decode_utf8(bytes: &[u8]) -> Result<String, RecordError> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| RecordError::InvalidUtf8)
}

/// Value in the body of a record.
pub(super) trait Field: Sized {
    /// Decodes the value.
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError>;
    /// Appends the encoded value.
    fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError>;
}

macro_rules! number_fields {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
                fields.array().map(Self::from_le_bytes)
            }
            fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
                self.to_le_bytes().write(out)
            }
        }
    )*};
}
number_fields!(u8, u16, u32, u64, i64);

impl<const N: usize> Field for [u8; N] {
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
        fields.array()
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        out.extend_from_slice(self);
        Ok(())
    }
}

impl Field for String {
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
        let len = fields.u16()?;
        decode_utf8(fields.bytes(len.into())?)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        str_len(self)?.write(out)?;
        out.extend_from_slice(self.as_bytes());
        Ok(())
    }
}

/// Titles, or identifiers of publications.
impl Field for Vec<String> {
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
        let count = fields.count("more than 64 titles")?;
        let mut titles = Self::with_capacity(count);
        for _ in 0..count {
            let title: String = fields.read()?;
            check_title(&title)?;
            titles.push(title);
        }
        Ok(titles)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        put_count(out, self.len(), "more than 64 titles")?;
        self.iter().try_for_each(|title| check_title(title).and_then(|()| title.write(out)))
    }
}

impl Field for KeyId {
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
        let len = fields.u16()?;
        Self::from_bytes(fields.bytes(len.into())?).ok_or(RecordError::InvalidKeyId)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        let bytes = self.to_bytes();
        // The type has public variants, so a caller can build a key ID that no reader accepts.
        if Self::from_bytes(&bytes).as_ref() != Some(self) {
            return Err(RecordError::InvalidKeyId);
        }
        u16::try_from(bytes.len()).map_err(|_| RecordError::InvalidKeyId)?.write(out)?;
        out.extend_from_slice(&bytes);
        Ok(())
    }
}

impl Field for Vec<KeyId> {
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
        let count = fields.count("more than 64 key IDs")?;
        (0..count).map(|_| fields.read()).collect()
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        put_count(out, self.len(), "more than 64 key IDs")?;
        self.iter().try_for_each(|key_id| key_id.write(out))
    }
}

/// License document.
impl Field for Vec<u8> {
    fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
        fields.long_bytes(MAX_DOCUMENT, "a document over 1 MiB").map(<[u8]>::to_vec)
    }
    fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        put_long(out, self, MAX_DOCUMENT, "a document over 1 MiB")
    }
}

/// Reader of the remaining fields of a record body.
pub(super) struct FieldReader<'a>(pub(super) &'a [u8]);

impl<'a> FieldReader<'a> {
    pub(super) fn bytes(&mut self, len: usize) -> Result<&'a [u8], RecordError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(RecordError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(RecordError::Truncated)?;
        self.0 = rest;
        Ok(*taken)
    }

    pub(super) fn read<T: Field>(&mut self) -> Result<T, RecordError> {
        T::read(self)
    }

    pub(super) fn u16(&mut self) -> Result<u16, RecordError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, RecordError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn long_bytes(&mut self, max: u64, limit: &'static str) -> Result<&'a [u8], RecordError> {
        let len = self.u32()?;
        let len =
            usize::try_from(len).ok().filter(|len| *len as u64 <= max).ok_or(RecordError::LimitExceeded(limit))?;
        self.bytes(len)
    }

    fn count(&mut self, limit: &'static str) -> Result<usize, RecordError> {
        let count = usize::from(self.u16()?);
        if count <= MAX_TITLES { Ok(count) } else { Err(RecordError::LimitExceeded(limit)) }
    }
}

/// Returns the encoded fields that identify a license: the start of the body of a license record (type 1).
pub(super) fn license_identity(body: &[u8]) -> Option<&[u8]> {
    let mut fields = FieldReader(body);
    fields.bytes(1).ok()?;
    for _ in 0..2 {
        let len = fields.u16().ok()?;
        fields.bytes(len.into()).ok()?;
    }
    body.get(..body.len().saturating_sub(fields.0.len()))
}

/// Returns the encoded fields of a license record (type 1) before its document. A record of type 9 lists them
/// per license.
pub(super) fn license_head(body: &[u8]) -> Option<&[u8]> {
    let mut fields = FieldReader(body.get(license_identity(body)?.len()..)?);
    let mut skip = || -> Result<(), RecordError> {
        fields.array::<8>()?;
        for _ in 0..fields.count("more than 64 titles")? {
            let len = fields.u16()?;
            fields.bytes(len.into())?;
        }
        Ok(())
    };
    skip().ok()?;
    body.get(..body.len().saturating_sub(fields.0.len()))
}

/// Record with an undecoded body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RawRecord<'a> {
    pub(crate) record_type: u16,
    pub(crate) body: &'a [u8],
    /// Header and body.
    pub(crate) bytes: &'a [u8],
}

/// Iterator over the records of a decompressed frame. An error ends the iteration.
pub(crate) struct RawRecords<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for RawRecords<'a> {
    type Item = Result<RawRecord<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let input = self.0;
        let mut fields = FieldReader(std::mem::take(&mut self.0));
        let mut read_record = || {
            let record_type = fields.u16()?;
            let len = fields.u32()?;
            let body = fields.bytes(usize::try_from(len).map_err(|_| RecordError::Truncated)?)?;
            let (bytes, rest) =
                input.split_at_checked(RECORD_HEADER_LEN.saturating_add(body.len())).ok_or(RecordError::Truncated)?;
            Ok((RawRecord { record_type, body, bytes }, rest))
        };
        Some(read_record().map(|(record, rest)| {
            self.0 = rest;
            record
        }))
    }
}
