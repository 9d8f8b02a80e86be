//! Records: what packs hold (backup-format.md §3.1).

use restow_media::KeyId;

use crate::keys::PublicKey;
use crate::license::Kind;
use crate::service::protocol::{Counter, Signature};

/// The largest document in bytes (§7).
pub const MAX_DOCUMENT: usize = 1 << 20;
/// The largest statement in bytes (§7).
pub const MAX_STATEMENT: usize = 1 << 20;
/// The most titles, and the most key IDs, of one record (§7).
pub const MAX_TITLES: usize = 64;
/// The longest title in characters (§7).
pub const MAX_TITLE_CHARS: usize = 1000;
/// The largest raw frame, and so the largest record, in bytes (§7).
pub const MAX_RAW: usize = 4 << 20;
/// Bytes before a record's body.
pub(crate) const HEADER: usize = 6;

pub(crate) const TYPE_LICENSE: u16 = 1;
pub(crate) const TYPE_COUNTER: u16 = 2;
const TYPE_STATEMENT: u16 = 3;
const TYPE_CONTENT_KEY: u16 = 4;
pub(crate) const TYPE_EPOCH_KEY: u16 = 5;
pub(crate) const TYPE_TITLES: u16 = 6;
const TYPE_MISSING: u16 = 7;

/// Why bytes are no record, or a record cannot be written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It ends before its fields do.
    #[error("the record is cut off")]
    CutOff,
    /// Bytes are left over behind its fields.
    #[error("the record has bytes left over")]
    LeftOver,
    /// Text is not UTF-8.
    #[error("the record has text that is not UTF-8")]
    NotUtf8,
    /// A key ID is none.
    #[error("the record has a malformed key ID")]
    KeyId,
    /// A number is outside its range.
    #[error("the record has {0} out of range")]
    Range(&'static str),
    /// Larger than §7 allows.
    #[error("the record has too much: {0}")]
    TooMuch(&'static str),
}

/// One record.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Record {
    /// Type 1.
    License(LicenseRecord),
    /// Type 2.
    Counter(CounterRecord),
    /// Type 3.
    Statement(StatementRecord),
    /// Type 4.
    ContentKey(ContentKeyRecord),
    /// Type 5.
    EpochKey(EpochKeyRecord),
    /// Type 6.
    Titles(TitlesRecord),
    /// Type 7.
    Missing(MissingRecord),
    /// A type this version does not know, or a counter of a kind it does not know.
    Unknown {
        /// The type.
        record_type: u16,
        /// The body, exactly.
        body: Vec<u8>,
    },
}

/// A license document (type 1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LicenseRecord {
    /// [`Kind::number`], or one this version does not know.
    pub kind: u8,
    /// Restow: thumbprint of the root key; LCP: the provider's URI.
    pub issuer: String,
    /// The ID the issuer gave it.
    pub license_id: String,
    /// When the document was last updated, else issued: Unix milliseconds.
    pub version: i64,
    /// What its files are called, else the document's own title; see [`fitting_titles`].
    pub titles: Vec<String>,
    /// Exactly as received, at most [`MAX_DOCUMENT`] bytes.
    pub document: Vec<u8>,
}

/// What one computer has used of one right (type 2, kind 1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterRecord {
    /// The issuer of the license.
    pub issuer: String,
    /// The statement; its signature is not checked here.
    pub counter: Counter,
}

/// A statement of an issuer (type 3).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StatementRecord {
    /// Whose.
    pub issuer: String,
    /// A JWS, at most [`MAX_STATEMENT`] bytes; its signature is not checked here.
    pub document: String,
}

/// A content key that only the sunset of its issuer opens (type 4): see [`EpochKey`](super::EpochKey).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentKeyRecord {
    /// The issuer.
    pub issuer: String,
    /// Which content key.
    pub key_id: KeyId,
    /// The number of the seed it derives from.
    pub seed: u32,
    /// Under which epoch key.
    pub epoch: [u8; 16],
    /// The nonce.
    pub nonce: [u8; 12],
    /// ChaCha20-Poly1305 of the 16-byte content key.
    pub wrapped: [u8; 32],
}

/// An epoch key sealed to a sunset key (type 5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EpochKeyRecord {
    /// The issuer.
    pub issuer: String,
    /// Which epoch.
    pub epoch: [u8; 16],
    /// The ID of the sunset key.
    pub sunset_key: String,
    /// The HPKE encapsulated key.
    pub enc: [u8; 32],
    /// The HPKE ciphertext of the 32-byte epoch key.
    pub sealed: [u8; 48],
}

/// New titles of a license written earlier (type 6).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TitlesRecord {
    /// As in [`LicenseRecord`].
    pub kind: u8,
    /// As in [`LicenseRecord`].
    pub issuer: String,
    /// As in [`LicenseRecord`].
    pub license_id: String,
    /// Takes the place of those before.
    pub titles: Vec<String>,
}

/// A license that is not in the set (type 7, only in inventory packs).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct MissingRecord {
    /// As in [`LicenseRecord`].
    pub kind: u8,
    /// As in [`LicenseRecord`].
    pub issuer: String,
    /// As in [`LicenseRecord`].
    pub license_id: String,
    /// [`Restriction::number`](crate::license::Restriction::number).
    pub reason: u8,
    /// At most [`MAX_TITLES`].
    pub key_ids: Vec<KeyId>,
    /// What its files are called.
    pub titles: Vec<String>,
    /// URL of the shop or of the acquisition, or empty.
    pub where_from: String,
}

/// Titles as a record can hold them: the first [`MAX_TITLES`], each cut to [`MAX_TITLE_CHARS`] characters.
#[must_use]
pub fn fitting_titles<T: AsRef<str>>(titles: impl IntoIterator<Item = T>) -> Vec<String> {
    let fit = |title: T| title.as_ref().chars().take(MAX_TITLE_CHARS).collect();
    titles.into_iter().take(MAX_TITLES).map(fit).collect()
}

impl Record {
    /// Appends the record with its type and length.
    ///
    /// # Errors
    /// When it breaks a limit of §7; then nothing was appended.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        let start = out.len();
        out.extend_from_slice(&self.record_type().to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        let done = self.encode_body(out).and_then(|()| {
            let len = out.len().saturating_sub(start);
            if len > MAX_RAW {
                return Err(RecordError::TooMuch("the record is over 4 MiB"));
            }
            let body = u32::try_from(len.saturating_sub(HEADER)).map_err(|_| RecordError::TooMuch("body"))?;
            if let Some(length) = out.get_mut(start.saturating_add(2)..).and_then(|rest| rest.first_chunk_mut::<4>()) {
                *length = body.to_le_bytes();
            }
            Ok(())
        });
        if done.is_err() {
            out.truncate(start);
        }
        done
    }

    /// Reads a record's body.
    ///
    /// # Errors
    /// When it is malformed in any way; types that are not known never are.
    pub fn decode(record_type: u16, body: &[u8]) -> Result<Self, RecordError> {
        let mut fields = Fields(body);
        let record = match record_type {
            TYPE_LICENSE => Self::License(LicenseRecord {
                kind: fields.u8()?,
                issuer: fields.string()?,
                license_id: fields.string()?,
                version: i64::from_le_bytes(fields.array()?),
                titles: fields.titles()?,
                document: fields.long(MAX_DOCUMENT, "a document over 1 MiB")?.to_vec(),
            }),
            TYPE_COUNTER if body.first() == Some(&Kind::Restow.number()) => {
                fields.u8()?;
                Self::Counter(CounterRecord {
                    issuer: fields.string()?,
                    counter: Counter {
                        license: fields.string()?,
                        right: fields.string()?,
                        computer_key: PublicKey::from_bytes(fields.array()?),
                        count: counted(u64::from_le_bytes(fields.array()?))?,
                        first_use: i64::from_le_bytes(fields.array()?),
                        signature: Signature(fields.array()?),
                    },
                })
            }
            TYPE_STATEMENT => Self::Statement(StatementRecord {
                issuer: fields.string()?,
                document: text(fields.long(MAX_STATEMENT, "a statement over 1 MiB")?)?,
            }),
            TYPE_CONTENT_KEY => Self::ContentKey(ContentKeyRecord {
                issuer: fields.string()?,
                key_id: fields.key_id()?,
                seed: u32::from_le_bytes(fields.array()?),
                epoch: fields.array()?,
                nonce: fields.array()?,
                wrapped: fields.array()?,
            }),
            TYPE_EPOCH_KEY => Self::EpochKey(EpochKeyRecord {
                issuer: fields.string()?,
                epoch: fields.array()?,
                sunset_key: fields.string()?,
                enc: fields.array()?,
                sealed: fields.array()?,
            }),
            TYPE_TITLES => Self::Titles(TitlesRecord {
                kind: fields.u8()?,
                issuer: fields.string()?,
                license_id: fields.string()?,
                titles: fields.titles()?,
            }),
            TYPE_MISSING => Self::Missing(MissingRecord {
                kind: fields.u8()?,
                issuer: fields.string()?,
                license_id: fields.string()?,
                reason: fields.u8()?,
                key_ids: fields.key_ids()?,
                titles: fields.titles()?,
                where_from: fields.string()?,
            }),
            _ => return Ok(Self::Unknown { record_type, body: body.to_vec() }),
        };
        if fields.0.is_empty() { Ok(record) } else { Err(RecordError::LeftOver) }
    }

    /// The number of its type.
    #[must_use]
    pub const fn record_type(&self) -> u16 {
        match self {
            Self::License(_) => TYPE_LICENSE,
            Self::Counter(_) => TYPE_COUNTER,
            Self::Statement(_) => TYPE_STATEMENT,
            Self::ContentKey(_) => TYPE_CONTENT_KEY,
            Self::EpochKey(_) => TYPE_EPOCH_KEY,
            Self::Titles(_) => TYPE_TITLES,
            Self::Missing(_) => TYPE_MISSING,
            Self::Unknown { record_type, .. } => *record_type,
        }
    }

    fn encode_body(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        match self {
            Self::License(license) => {
                put_identity(out, license.kind, &license.issuer, &license.license_id)?;
                out.extend_from_slice(&license.version.to_le_bytes());
                put_titles(out, &license.titles)?;
                put_long(out, &license.document, MAX_DOCUMENT, "a document over 1 MiB")?;
            }
            Self::Counter(CounterRecord { issuer, counter }) => {
                for name in [issuer, &counter.license, &counter.right] {
                    str_len(name)?;
                }
                counted(counter.count)?;
                out.extend_from_slice(&counter.record_fields(issuer));
                out.extend_from_slice(&counter.signature.0);
            }
            Self::Statement(statement) => {
                put_str(out, &statement.issuer)?;
                put_long(out, statement.document.as_bytes(), MAX_STATEMENT, "a statement over 1 MiB")?;
            }
            Self::ContentKey(key) => {
                out.extend_from_slice(&key.context()?);
                out.extend_from_slice(&key.nonce);
                out.extend_from_slice(&key.wrapped);
            }
            Self::EpochKey(key) => {
                out.extend_from_slice(&key.context()?);
                out.extend_from_slice(&key.enc);
                out.extend_from_slice(&key.sealed);
            }
            Self::Titles(titles) => {
                put_identity(out, titles.kind, &titles.issuer, &titles.license_id)?;
                put_titles(out, &titles.titles)?;
            }
            Self::Missing(missing) => {
                put_identity(out, missing.kind, &missing.issuer, &missing.license_id)?;
                out.push(missing.reason);
                put_count(out, missing.key_ids.len(), "more than 64 key IDs")?;
                for key_id in &missing.key_ids {
                    put_key_id(out, key_id)?;
                }
                put_titles(out, &missing.titles)?;
                put_str(out, &missing.where_from)?;
            }
            Self::Unknown { body, .. } => out.extend_from_slice(body),
        }
        Ok(())
    }
}

impl ContentKeyRecord {
    /// The additional data: all fields before the nonce.
    pub(crate) fn context(&self) -> Result<Vec<u8>, RecordError> {
        let mut out = Vec::with_capacity(128);
        put_str(&mut out, &self.issuer)?;
        put_key_id(&mut out, &self.key_id)?;
        out.extend_from_slice(&self.seed.to_le_bytes());
        out.extend_from_slice(&self.epoch);
        Ok(out)
    }
}

impl EpochKeyRecord {
    /// The additional data: all fields before the encapsulated key.
    pub(crate) fn context(&self) -> Result<Vec<u8>, RecordError> {
        let mut out = Vec::with_capacity(128);
        put_str(&mut out, &self.issuer)?;
        out.extend_from_slice(&self.epoch);
        put_str(&mut out, &self.sunset_key)?;
        Ok(out)
    }
}

fn counted(count: u64) -> Result<u64, RecordError> {
    if (1..=Counter::MAX_COUNT).contains(&count) { Ok(count) } else { Err(RecordError::Range("a count")) }
}

fn str_len(text: &str) -> Result<u16, RecordError> {
    u16::try_from(text.len()).map_err(|_| RecordError::TooMuch("a string over 65,535 bytes"))
}

fn put_str(out: &mut Vec<u8>, text: &str) -> Result<(), RecordError> {
    out.extend_from_slice(&str_len(text)?.to_le_bytes());
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn put_identity(out: &mut Vec<u8>, kind: u8, issuer: &str, license_id: &str) -> Result<(), RecordError> {
    out.push(kind);
    put_str(out, issuer)?;
    put_str(out, license_id)
}

fn put_count(out: &mut Vec<u8>, count: usize, what: &'static str) -> Result<(), RecordError> {
    let fits = u16::try_from(count).ok().filter(|_| count <= MAX_TITLES);
    out.extend_from_slice(&fits.ok_or(RecordError::TooMuch(what))?.to_le_bytes());
    Ok(())
}

fn title_fits(title: &str) -> Result<(), RecordError> {
    // Characters are counted only where bytes do not settle it.
    if title.len() > MAX_TITLE_CHARS && title.chars().count() > MAX_TITLE_CHARS {
        return Err(RecordError::TooMuch("a title over 1,000 characters"));
    }
    Ok(())
}

fn put_titles(out: &mut Vec<u8>, titles: &[String]) -> Result<(), RecordError> {
    put_count(out, titles.len(), "more than 64 titles")?;
    for title in titles {
        title_fits(title)?;
        put_str(out, title)?;
    }
    Ok(())
}

fn put_key_id(out: &mut Vec<u8>, key_id: &KeyId) -> Result<(), RecordError> {
    let bytes = key_id.to_bytes();
    // What the type allows to be built by hand but no reader takes back is never written.
    if KeyId::from_bytes(&bytes).as_ref() != Some(key_id) {
        return Err(RecordError::KeyId);
    }
    let len = u16::try_from(bytes.len()).map_err(|_| RecordError::KeyId)?;
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&bytes);
    Ok(())
}

fn put_long(out: &mut Vec<u8>, bytes: &[u8], max: usize, what: &'static str) -> Result<(), RecordError> {
    let len = u32::try_from(bytes.len()).ok().filter(|_| bytes.len() <= max).ok_or(RecordError::TooMuch(what))?;
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

fn text(bytes: &[u8]) -> Result<String, RecordError> {
    str::from_utf8(bytes).map(str::to_owned).map_err(|_| RecordError::NotUtf8)
}

/// What is left of a body.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], RecordError> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or(RecordError::CutOff)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], RecordError> {
        let (taken, rest) = self.0.split_first_chunk::<N>().ok_or(RecordError::CutOff)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u8(&mut self) -> Result<u8, RecordError> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn u16(&mut self) -> Result<u16, RecordError> {
        self.array().map(u16::from_le_bytes)
    }

    fn string(&mut self) -> Result<String, RecordError> {
        let len = self.u16()?;
        text(self.take(len.into())?)
    }

    fn long(&mut self, max: usize, what: &'static str) -> Result<&'a [u8], RecordError> {
        let len = u32::from_le_bytes(self.array()?);
        let len = usize::try_from(len).ok().filter(|len| *len <= max).ok_or(RecordError::TooMuch(what))?;
        self.take(len)
    }

    fn count(&mut self, what: &'static str) -> Result<usize, RecordError> {
        let count = usize::from(self.u16()?);
        if count <= MAX_TITLES { Ok(count) } else { Err(RecordError::TooMuch(what)) }
    }

    fn titles(&mut self) -> Result<Vec<String>, RecordError> {
        let count = self.count("more than 64 titles")?;
        let mut titles = Vec::with_capacity(count);
        for _ in 0..count {
            let title = self.string()?;
            title_fits(&title)?;
            titles.push(title);
        }
        Ok(titles)
    }

    fn key_id(&mut self) -> Result<KeyId, RecordError> {
        let len = self.u16()?;
        KeyId::from_bytes(self.take(len.into())?).ok_or(RecordError::KeyId)
    }

    fn key_ids(&mut self) -> Result<Vec<KeyId>, RecordError> {
        let count = self.count("more than 64 key IDs")?;
        (0..count).map(|_| self.key_id()).collect()
    }
}

/// A record whose body was not looked into.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct RawRecord<'a> {
    pub(crate) record_type: u16,
    pub(crate) body: &'a [u8],
    /// Header and body.
    pub(crate) bytes: &'a [u8],
}

impl RawRecord<'_> {
    /// The kind of a license.
    pub(crate) fn license_kind(&self) -> Option<u8> {
        if self.record_type == TYPE_LICENSE { self.body.first().copied() } else { None }
    }
}

/// The records of a raw frame; after an error there is nothing more.
pub(crate) struct RawRecords<'a>(pub(crate) &'a [u8]);

impl<'a> Iterator for RawRecords<'a> {
    type Item = Result<RawRecord<'a>, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let whole = self.0;
        let mut fields = Fields(std::mem::take(&mut self.0));
        let mut read = || {
            let record_type = fields.u16()?;
            let len = u32::from_le_bytes(fields.array()?);
            let body = fields.take(usize::try_from(len).map_err(|_| RecordError::CutOff)?)?;
            let (bytes, rest) = whole.split_at_checked(HEADER.saturating_add(body.len())).ok_or(RecordError::CutOff)?;
            Ok((RawRecord { record_type, body, bytes }, rest))
        };
        Some(read().map(|(record, rest)| {
            self.0 = rest;
            record
        }))
    }
}
