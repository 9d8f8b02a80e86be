//! Encoding and decoding of record fields, and iteration over the records of a frame (docs/backup-format.md
//! §3.1).

use restow_core::KeyId;
use restow_core::license::MAX_TITLES;
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

pub(super) fn put_str(out: &mut Vec<u8>, text: &str) -> Result<(), RecordError> {
    out.extend_from_slice(&str_len(text)?.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

pub(super) fn put_identity(out: &mut Vec<u8>, kind: u8, issuer: &str, license_id: &str) -> Result<(), RecordError> {
    out.push(kind);
    put_str(out, issuer)?;
    put_str(out, license_id)
}

pub(super) fn put_count(out: &mut Vec<u8>, count: usize, limit: &'static str) -> Result<(), RecordError> {
    let encoded = u16::try_from(count).ok().filter(|_| count <= MAX_TITLES);
    out.extend_from_slice(&encoded.ok_or(RecordError::LimitExceeded(limit))?.to_le_bytes());
    Ok(())
}

pub(super) fn check_title(title: &str) -> Result<(), RecordError> {
    // The byte length is an upper limit for the number of characters, so most titles need no count.
    if title.len() > MAX_TITLE_CHARS && title.chars().count() > MAX_TITLE_CHARS {
        return Err(RecordError::LimitExceeded("a title over 1,000 characters"));
    }
    Ok(())
}

pub(super) fn put_titles(out: &mut Vec<u8>, titles: &[String]) -> Result<(), RecordError> {
    put_count(out, titles.len(), "more than 64 titles")?;
    for title in titles {
        check_title(title)?;
        put_str(out, title)?;
    }
    Ok(())
}

pub(super) fn put_key_id(out: &mut Vec<u8>, key_id: &KeyId) -> Result<(), RecordError> {
    let bytes = key_id.to_bytes();
    // The type has public variants, so a caller can build a key ID that no reader accepts.
    if KeyId::from_bytes(&bytes).as_ref() != Some(key_id) {
        return Err(RecordError::InvalidKeyId);
    }
    let len = u16::try_from(bytes.len()).map_err(|_| RecordError::InvalidKeyId)?;
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&bytes);
    Ok(())
}

pub(super) fn put_long(out: &mut Vec<u8>, bytes: &[u8], max: u64, limit: &'static str) -> Result<(), RecordError> {
    let len = u32::try_from(bytes.len())
        .ok()
        .filter(|len| u64::from(*len) <= max)
        .ok_or(RecordError::LimitExceeded(limit))?;
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

pub(super) fn decode_utf8(bytes: &[u8]) -> Result<String, RecordError> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| RecordError::InvalidUtf8)
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

    pub(super) fn u8(&mut self) -> Result<u8, RecordError> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, RecordError> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, RecordError> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn string(&mut self) -> Result<String, RecordError> {
        let len = self.u16()?;
        decode_utf8(self.bytes(len.into())?)
    }

    pub(super) fn long_bytes(&mut self, max: u64, limit: &'static str) -> Result<&'a [u8], RecordError> {
        let len = self.u32()?;
        let len =
            usize::try_from(len).ok().filter(|len| *len as u64 <= max).ok_or(RecordError::LimitExceeded(limit))?;
        self.bytes(len)
    }

    pub(super) fn count(&mut self, limit: &'static str) -> Result<usize, RecordError> {
        let count = usize::from(self.u16()?);
        if count <= MAX_TITLES { Ok(count) } else { Err(RecordError::LimitExceeded(limit)) }
    }

    pub(super) fn titles(&mut self) -> Result<Vec<String>, RecordError> {
        let count = self.count("more than 64 titles")?;
        let mut titles = Vec::with_capacity(count);
        for _ in 0..count {
            let title = self.string()?;
            check_title(&title)?;
            titles.push(title);
        }
        Ok(titles)
    }

    pub(super) fn key_id(&mut self) -> Result<KeyId, RecordError> {
        let len = self.u16()?;
        KeyId::from_bytes(self.bytes(len.into())?).ok_or(RecordError::InvalidKeyId)
    }

    pub(super) fn key_ids(&mut self) -> Result<Vec<KeyId>, RecordError> {
        let count = self.count("more than 64 key IDs")?;
        (0..count).map(|_| self.key_id()).collect()
    }
}

/// Returns the encoded fields that identify a license: the start of the body of a license record (type 1).
pub(super) fn license_identity(body: &[u8]) -> Option<&[u8]> {
    let mut fields = FieldReader(body);
    fields.u8().ok()?;
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
