//! Records: the contents of packs (docs/backup-format.md §3.1).

use restow_core::KeyId;
use restow_core::keys::PublicKey;
use restow_core::license::{Kind, MAX_TITLES};
use restow_core::protocol::{Counter, MAX_STATEMENT, Signature};

use super::codec::{
    Field, FieldReader, MAX_TITLE_CHARS, RECORD_HEADER_LEN, RawRecord, RecordError, check_count, decode_utf8, put_long,
    str_len,
};

/// Maximum decompressed length of a frame, and so of a record, in bytes (§7).
pub const MAX_RAW_FRAME: usize = 4 << 20;

pub(crate) const TYPE_LICENSE: u16 = 1;
pub(crate) const TYPE_COUNTER: u16 = 2;
const TYPE_STATEMENT: u16 = 3;
const TYPE_CONTENT_KEY: u16 = 4;
pub(crate) const TYPE_EPOCH_KEY: u16 = 5;
pub(crate) const TYPE_TITLES: u16 = 6;
const TYPE_INVENTORY: u16 = 7;
/// Type 8 is reserved for encrypted sets (§6).
pub(crate) const TYPE_CONTENTS: u16 = 9;
pub(crate) const TYPE_LCP_FACTS: u16 = 10;

/// Record of a pack.
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
    Inventory(InventoryRecord),
    /// Type 9.
    Contents(ContentsRecord),
    /// Type 10.
    LcpFacts(LcpFactsRecord),
    /// Record of an unknown type, or counter of an unknown kind.
    Unknown {
        /// Number of the type.
        record_type: u16,
        /// Unchanged body.
        body: Vec<u8>,
    },
}

/// License document (type 1).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LicenseRecord {
    /// Number of the kind, known ([`Kind::number`]) or unknown.
    pub kind: u8,
    /// Thumbprint of the root key for Restow licenses, URI of the provider for LCP licenses.
    pub issuer: String,
    /// ID from the issuer.
    pub license_id: String,
    /// Time of the last update of the document, else of its issue, in Unix milliseconds.
    pub version: i64,
    /// Titles of its files, else the title in the document. See [`limit_titles`].
    pub titles: Vec<String>,
    /// Document exactly as received, at most 1 MiB.
    pub document: Vec<u8>,
}

/// Use of one right by one computer (type 2, kind 1).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CounterRecord {
    /// Issuer of the license.
    pub issuer: String,
    /// Signed counter. The signature is not verified here.
    pub counter: Counter,
}

/// Statement of an issuer (type 3).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StatementRecord {
    /// Issuer of the statement.
    pub issuer: String,
    /// JWS of at most 1 MiB. The signature is not verified here.
    pub document: String,
}

/// Content key that only a sunset key of its issuer opens (type 4). See [`EpochKey`](super::EpochKey).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContentKeyRecord {
    /// Issuer of the content key.
    pub issuer: String,
    /// Key ID of the content key.
    pub key_id: KeyId,
    /// Number of the seed of the content key.
    pub seed: u32,
    /// ID of the epoch key that wraps the content key.
    pub epoch: [u8; 16],
    /// Nonce of ChaCha20-Poly1305.
    pub nonce: [u8; 12],
    /// Ciphertext of the 16-byte content key.
    pub wrapped: [u8; 32],
}

/// Epoch key sealed to a sunset key (type 5).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EpochKeyRecord {
    /// Issuer of the sunset key.
    pub issuer: String,
    /// ID of the epoch key.
    pub epoch: [u8; 16],
    /// ID of the sunset key.
    pub sunset_key: String,
    /// HPKE encapsulated key.
    pub enc: [u8; 32],
    /// HPKE ciphertext of the 32-byte epoch key.
    pub sealed: [u8; 48],
}

/// New titles of a license in an earlier record (type 6).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TitlesRecord {
    /// As in [`LicenseRecord`].
    pub kind: u8,
    /// As in [`LicenseRecord`].
    pub issuer: String,
    /// As in [`LicenseRecord`].
    pub license_id: String,
    /// Titles that replace the earlier ones.
    pub titles: Vec<String>,
}

/// License that is not in the set (type 7, in inventory packs only).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct InventoryRecord {
    /// As in [`LicenseRecord`].
    pub kind: u8,
    /// As in [`LicenseRecord`].
    pub issuer: String,
    /// As in [`LicenseRecord`].
    pub license_id: String,
    /// Number of the reason (docs/backup-format.md §3.1).
    pub reason: u8,
    /// Key IDs, at most 64.
    pub key_ids: Vec<KeyId>,
    /// Titles of its files.
    pub titles: Vec<String>,
    /// URL of the provider or of the acquisition. May be empty.
    pub source_url: String,
}

/// Licenses in one frame of the same pack (type 9). If the frame is damaged, this record names the lost
/// licenses.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ContentsRecord {
    /// Index of the frame, from 0.
    pub frame: u32,
    /// Licenses in the frame.
    pub licenses: Vec<LicenseSummary>,
}

/// Facts about an LCP license that its document lacks (type 10).
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LcpFactsRecord {
    /// As in [`LicenseRecord`].
    pub kind: u8,
    /// As in [`LicenseRecord`].
    pub issuer: String,
    /// As in [`LicenseRecord`].
    pub license_id: String,
    /// Number of the license status from the provider (docs/backup-format.md §3.1) if the status ends the
    /// license, else 0.
    pub status: u8,
    /// Time of the status in Unix seconds, or 0 without a status. With status 0, a time clears an earlier end.
    pub status_time: i64,
    /// Identifiers of its publications. See [`limit_titles`].
    pub identifiers: Vec<String>,
}

/// License record without its document. A damaged pack lists its lost licenses in this form.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct LicenseSummary {
    /// As in [`LicenseRecord`].
    pub kind: u8,
    /// As in [`LicenseRecord`].
    pub issuer: String,
    /// As in [`LicenseRecord`].
    pub license_id: String,
    /// As in [`LicenseRecord`].
    pub version: i64,
    /// As in [`LicenseRecord`].
    pub titles: Vec<String>,
}

/// Implements the encoding of records: their fields in the order of docs/backup-format.md §3.1.
macro_rules! record_fields {
    ($($record:ident { $($field:ident),+ })+) => {$(
        impl Field for $record {
            fn read(fields: &mut FieldReader<'_>) -> Result<Self, RecordError> {
                Ok(Self { $($field: fields.read()?),+ })
            }
            fn write(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
                $(self.$field.write(out)?;)+
                Ok(())
            }
        }
    )+};
}
record_fields! {
    LicenseRecord { kind, issuer, license_id, version, titles, document }
    ContentKeyRecord { issuer, key_id, seed, epoch, nonce, wrapped }
    EpochKeyRecord { issuer, epoch, sunset_key, enc, sealed }
    TitlesRecord { kind, issuer, license_id, titles }
    InventoryRecord { kind, issuer, license_id, reason, key_ids, titles, source_url }
    LcpFactsRecord { kind, issuer, license_id, status, status_time, identifiers }
    LicenseSummary { kind, issuer, license_id, version, titles }
}

/// Returns the frame index of a record of type 9.
pub(super) fn peek_contents_frame(body: &[u8]) -> Option<u32> {
    FieldReader(body).array().ok().map(u32::from_le_bytes)
}

/// Decodes the body of a record of type 9. Returns its first `keep` licenses after a check of all.
pub(super) fn decode_contents(body: &[u8], keep: usize) -> Result<ContentsRecord, RecordError> {
    let mut fields = FieldReader(body);
    let mut contents = ContentsRecord { frame: fields.u32()?, licenses: Vec::new() };
    for _ in 0..fields.u32()? {
        let license = fields.read()?;
        if contents.licenses.len() < keep {
            contents.licenses.push(license);
        }
    }
    if fields.0.is_empty() { Ok(contents) } else { Err(RecordError::TrailingBytes) }
}

/// Appends a record of type 9 with license fields that are already encoded.
pub(super) fn append_contents(out: &mut Vec<u8>, frame: u32, licenses: u64, heads: &[u8]) -> Result<(), RecordError> {
    let limit_error = |_| RecordError::LimitExceeded("body");
    let licenses = u32::try_from(licenses).map_err(limit_error)?;
    let len = u32::try_from(heads.len().saturating_add(8)).map_err(limit_error)?;
    out.extend_from_slice(&TYPE_CONTENTS.to_le_bytes());
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&frame.to_le_bytes());
    out.extend_from_slice(&licenses.to_le_bytes());
    out.extend_from_slice(heads);
    Ok(())
}

impl RawRecord<'_> {
    /// Returns the kind of the license, or `None` for other records.
    pub(crate) fn license_kind(&self) -> Option<u8> {
        if self.record_type == TYPE_LICENSE { self.body.first().copied() } else { None }
    }
}

/// Returns the first 64 titles, each cut to [`MAX_TITLE_CHARS`] characters.
#[must_use]
pub fn limit_titles<T: AsRef<str>>(titles: impl IntoIterator<Item = T>) -> Vec<String> {
    let fit = |title: T| title.as_ref().chars().take(MAX_TITLE_CHARS).collect();
    titles.into_iter().take(MAX_TITLES).map(fit).collect()
}

impl Record {
    /// Appends the record with its header.
    ///
    /// # Errors
    /// [`RecordError`] if the record breaks a limit of §7. Then `out` is unchanged.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        let start = out.len();
        out.extend_from_slice(&self.record_type().to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        let encoded = self.encode_body(out).and_then(|()| {
            let len = out.len().saturating_sub(start);
            if len > MAX_RAW_FRAME {
                return Err(RecordError::LimitExceeded("the record is over 4 MiB"));
            }
            let body =
                u32::try_from(len.saturating_sub(RECORD_HEADER_LEN)).map_err(|_| RecordError::LimitExceeded("body"))?;
            if let Some(length) = out.get_mut(start.saturating_add(2)..).and_then(|rest| rest.first_chunk_mut::<4>()) {
                *length = body.to_le_bytes();
            }
            Ok(())
        });
        if encoded.is_err() {
            out.truncate(start);
        }
        encoded
    }

    /// Decodes the body of a record. Unknown types are always accepted.
    ///
    /// # Errors
    /// [`RecordError`] if the body is malformed.
    pub fn decode(record_type: u16, body: &[u8]) -> Result<Self, RecordError> {
        let mut fields = FieldReader(body);
        let record = match record_type {
            TYPE_LICENSE => Self::License(fields.read()?),
            TYPE_COUNTER if body.first() == Some(&Kind::Restow.number()) => {
                fields.bytes(1)?;
                Self::Counter(CounterRecord {
                    issuer: fields.read()?,
                    counter: Counter {
                        license: fields.read()?,
                        right: fields.read()?,
                        computer_key: PublicKey::from_bytes(fields.read()?),
                        count: check_count(fields.read()?)?,
                        first_use: fields.read()?,
                        signature: Signature(fields.read()?),
                    },
                })
            }
            TYPE_STATEMENT => Self::Statement(StatementRecord {
                issuer: fields.read()?,
                document: decode_utf8(fields.long_bytes(MAX_STATEMENT, "a statement over 1 MiB")?)?,
            }),
            TYPE_CONTENT_KEY => Self::ContentKey(fields.read()?),
            TYPE_EPOCH_KEY => Self::EpochKey(fields.read()?),
            TYPE_TITLES => Self::Titles(fields.read()?),
            TYPE_INVENTORY => Self::Inventory(fields.read()?),
            TYPE_CONTENTS => return decode_contents(body, usize::MAX).map(Self::Contents),
            TYPE_LCP_FACTS => Self::LcpFacts(fields.read()?),
            _ => return Ok(Self::Unknown { record_type, body: body.to_vec() }),
        };
        if fields.0.is_empty() { Ok(record) } else { Err(RecordError::TrailingBytes) }
    }

    /// Returns the number of the type.
    #[must_use]
    pub const fn record_type(&self) -> u16 {
        match self {
            Self::License(_) => TYPE_LICENSE,
            Self::Counter(_) => TYPE_COUNTER,
            Self::Statement(_) => TYPE_STATEMENT,
            Self::ContentKey(_) => TYPE_CONTENT_KEY,
            Self::EpochKey(_) => TYPE_EPOCH_KEY,
            Self::Titles(_) => TYPE_TITLES,
            Self::Inventory(_) => TYPE_INVENTORY,
            Self::Contents(_) => TYPE_CONTENTS,
            Self::LcpFacts(_) => TYPE_LCP_FACTS,
            Self::Unknown { record_type, .. } => *record_type,
        }
    }

    fn encode_body(&self, out: &mut Vec<u8>) -> Result<(), RecordError> {
        match self {
            Self::License(license) => license.write(out),
            Self::Counter(CounterRecord { issuer, counter }) => {
                for name in [issuer, &counter.license, &counter.right] {
                    str_len(name)?;
                }
                check_count(counter.count)?;
                out.extend_from_slice(&counter.record_fields(issuer));
                counter.signature.0.write(out)
            }
            Self::Statement(statement) => {
                statement.issuer.write(out)?;
                put_long(out, statement.document.as_bytes(), MAX_STATEMENT, "a statement over 1 MiB")
            }
            Self::ContentKey(key) => key.write(out),
            Self::EpochKey(key) => key.write(out),
            Self::Titles(titles) => titles.write(out),
            Self::Inventory(inventory) => inventory.write(out),
            Self::Contents(contents) => {
                contents.frame.write(out)?;
                let count = u32::try_from(contents.licenses.len());
                count.map_err(|_| RecordError::LimitExceeded("licenses"))?.write(out)?;
                contents.licenses.iter().try_for_each(|license| license.write(out))
            }
            Self::LcpFacts(facts) => facts.write(out),
            Self::Unknown { body, .. } => {
                out.extend_from_slice(body);
                Ok(())
            }
        }
    }
}

impl ContentKeyRecord {
    /// Returns the associated data of the encryption: all fields before the nonce.
    pub(crate) fn associated_data(&self) -> Result<Vec<u8>, RecordError> {
        let mut out = Vec::with_capacity(128);
        self.issuer.write(&mut out)?;
        self.key_id.write(&mut out)?;
        self.seed.write(&mut out)?;
        self.epoch.write(&mut out)?;
        Ok(out)
    }
}

impl EpochKeyRecord {
    /// Returns the associated data of the encryption: all fields before the encapsulated key.
    pub(crate) fn associated_data(&self) -> Result<Vec<u8>, RecordError> {
        let mut out = Vec::with_capacity(128);
        self.issuer.write(&mut out)?;
        self.epoch.write(&mut out)?;
        self.sunset_key.write(&mut out)?;
        Ok(out)
    }
}
