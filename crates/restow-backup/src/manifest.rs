//! Manifests: the signed description of a generation (docs/backup-format.md §2.1, §2.2, §3, §4).

use std::collections::BTreeMap;
use std::fmt;

use restow_core::encoding::{b64, from_b64_array};
use restow_core::keys::{PublicKey, SecretKey, Seed};
use restow_core::license::MAX_KEY_SET;
use restow_core::strict_json::check_members;
use restow_core::text::to_short_line;
use restow_core::time::UnixTime;
use serde::{Deserialize, Serialize};

use super::codec::{FieldReader, RecordError};
use super::ids::{Digest, GenerationId, MAX_GENERATION_NUMBER, PackId, SetId};
use super::record::MAX_RAW_FRAME;

const MAGIC: &[u8; 8] = b"RSTWMAN1";
/// Version of the format that this crate reads and writes.
pub const FORMAT_VERSION: u16 = 1;
/// Flag of an encrypted set (§6). Encryption is not implemented.
pub(super) const FLAG_ENCRYPTED: u16 = 1;
const HEADER_LEN: usize = 48;
const SIGNATURE_LEN: usize = 64;
const MAX_BODY_LEN: usize = 64 << 20;
/// Maximum length of a manifest file, in bytes.
pub(crate) const MAX_MANIFEST_LEN: u64 = (HEADER_LEN + MAX_BODY_LEN + SIGNATURE_LEN) as u64;
/// Maximum stored length of a frame, in bytes: [`MAX_RAW_FRAME`] after the worst case of zstd, with a margin.
pub(crate) const MAX_STORED_FRAME: u32 = (MAX_RAW_FRAME + (64 << 10)) as u32;
const MAX_FRAMES: usize = 500_000;
/// Maximum number of packs in a manifest (§7).
pub(crate) const MAX_PACKS: usize = 100_000;
/// Maximum number of members of one object (§7). Each member needs much more memory than text.
const MAX_MEMBERS: usize = 1_000;
const MAX_ISSUERS: usize = 1_000;
const MAX_JWS_LEN: usize = 8 << 10;
const MAX_TEXT_LEN: usize = 65_535;
/// Minimum length of a license record, in bytes: all its texts and its document are empty.
const MIN_LICENSE_RECORD: u64 = 25;

/// State of the backup of one computer at one time.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the format of the writer.
    pub format: u16,
    /// ID of the set.
    pub set: SetId,
    /// Number of the generation, from 1.
    pub generation: u64,
    /// SHA-256 of each manifest that this one continues.
    pub previous: Vec<Digest>,
    /// Creation time by the clock of the computer. Informative only.
    pub created: UnixTime,
    /// Name of the computer, chosen by its owner.
    pub computer_name: String,
    /// Name and version of the writer.
    pub software: String,
    /// Number of records: `licenses`, one entry per kind of license, and `missing`.
    pub counts: BTreeMap<String, u64>,
    /// Packs of the generation, in reading order.
    pub packs: Vec<PackEntry>,
    /// Issuers of the licenses in the generation (§4).
    pub issuers: Vec<IssuerEntry>,
    /// Seed of the restore keys (§5). `None` in encrypted sets.
    #[serde(with = "optional_seed")]
    pub restore_seed: Option<Seed>,
    /// License documents that their owner removed (§2.5).
    pub forgotten: Vec<ForgottenDocument>,
    /// Listed packs that are missing or damaged, although the store was backed up in full since (§2.4). They
    /// cause no further full backup.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<PackId>,
}

/// Purpose of a pack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PackRole {
    /// Backed-up records, which later generations carry over.
    Licenses,
    /// Licenses that are not in the set, valid for one generation only.
    Inventory,
}

/// Manifest entry of a pack (§3).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PackEntry {
    /// ID of the pack: the hash of `frames`.
    pub id: PackId,
    /// Purpose of the pack.
    pub role: PackRole,
    /// Number of records of type 1.
    pub licenses: u64,
    /// Frames of the file, without gaps.
    pub frames: Vec<Frame>,
}

/// Manifest entry of a frame. In JSON: `[stored, raw, hex]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(into = "(u32, u32, Digest)", from = "(u32, u32, Digest)")]
pub struct Frame {
    /// Length in the file, in bytes.
    pub stored: u32,
    /// Decompressed length in bytes, at most [`MAX_RAW_FRAME`].
    pub raw: u32,
    /// SHA-256 of the stored bytes.
    pub hash: Digest,
}

impl PackEntry {
    /// Creates an entry with the ID that results from the frames.
    #[must_use]
    pub fn new(role: PackRole, licenses: u64, frames: Vec<Frame>) -> Self {
        Self { id: Self::id_of(&frames), role, licenses, frames }
    }

    /// Returns the length of the file in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.frames.iter().map(|frame| u64::from(frame.stored)).sum()
    }

    /// Returns true if the pack has no frames.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    fn id_of(frames: &[Frame]) -> PackId {
        use sha2::Digest as _;
        let mut hash = sha2::Sha256::new();
        for frame in frames {
            hash.update(frame.stored.to_le_bytes());
            hash.update(frame.raw.to_le_bytes());
            hash.update(frame.hash.as_bytes());
        }
        PackId::from_bytes(hash.finalize().into())
    }
}

/// Unverified statements of one issuer about one holder and the set (§4).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct IssuerEntry {
    /// Thumbprint of the root key.
    pub issuer: String,
    /// JWS of the key set.
    pub key_set: String,
    /// Holder of the computer at this issuer.
    pub holder: Option<String>,
    /// JWS `restow-membership+jws`.
    pub membership: Option<String>,
    /// JWS `restow-set+jws`.
    pub certificate: Option<String>,
    /// JWS `restow-restore-key+jws`.
    pub restore_certificate: Option<String>,
}

/// License document that its owner removed. In JSON: `[kind, issuer, license ID, hex]`.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(into = "(u8, String, String, Digest)", from = "(u8, String, String, Digest)")]
pub struct ForgottenDocument {
    /// Number of the kind of license.
    pub kind: u8,
    /// Issuer of the license.
    pub issuer: String,
    /// ID of the license.
    pub license_id: String,
    /// SHA-256 of the document.
    pub document: Digest,
}

/// Error that makes a manifest file unusable.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ManifestError {
    /// A newer Restow wrote the file, or the set is encrypted. The file is not damaged.
    Newer {
        /// Oldest format version that can read the file.
        reader: u16,
        /// Flags of the file.
        flags: u16,
    },
    /// The file is damaged, or breaks a rule of the format.
    Damaged(String),
}

impl ManifestError {
    /// Returns true if a newer Restow wrote the manifest or the set is encrypted.
    #[must_use]
    pub const fn is_newer(&self) -> bool {
        matches!(self, Self::Newer { .. })
    }
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { reader, flags } => {
                write!(f, "written by a newer Restow (format {reader}, flags {flags:#x})")
            }
            Self::Damaged(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ManifestError {}

fn damage_error<T>(reason: impl Into<String>) -> Result<T, ManifestError> {
    // The reason may contain text from the file.
    Err(ManifestError::Damaged(to_short_line(&reason.into())))
}

impl Manifest {
    /// Encodes and signs the manifest file.
    ///
    /// # Errors
    /// [`ManifestError::Damaged`] if the manifest breaks a limit of §7, or if the set belongs to another key.
    pub fn sign(&self, set_key: &SecretKey) -> Result<Vec<u8>, ManifestError> {
        self.check()?;
        if self.set != SetId::from_key(&set_key.public()) {
            return damage_error("the set is not the key's");
        }
        let body = serde_json::to_vec(self).or_else(|error| damage_error(error.to_string()))?;
        let len = u32::try_from(body.len()).ok().filter(|_| body.len() <= MAX_BODY_LEN);
        let Some(len) = len else { return damage_error("its body is over 64 MiB") };
        let mut file = Vec::with_capacity(HEADER_LEN + SIGNATURE_LEN + body.len());
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&FORMAT_VERSION.to_le_bytes());
        file.extend_from_slice(&[0; 2]);
        file.extend_from_slice(set_key.public().as_bytes());
        file.extend_from_slice(&len.to_le_bytes());
        file.extend_from_slice(&body);
        let signature = set_key.sign(&file);
        file.extend_from_slice(&signature);
        Ok(file)
    }

    /// Decodes and verifies a manifest file: the digest of its name, its signature, its set, its number, and
    /// every limit.
    ///
    /// # Errors
    /// [`ManifestError::Newer`] or [`ManifestError::Damaged`]. A file with the wrong digest is damaged,
    /// independent of its version.
    pub fn verify(file: &[u8], set: SetId, id: GenerationId) -> Result<Self, ManifestError> {
        if file.is_empty() {
            return damage_error("it is empty");
        }
        if file.len() as u64 > MAX_MANIFEST_LEN {
            return damage_error("it is larger than a manifest may be");
        }
        if GenerationId::new(id.number, &Digest::sha256(file)) != id {
            return damage_error("its content does not have the digest of its name");
        }
        let mut fields = FieldReader(file);
        let mut read_header =
            || Ok::<_, RecordError>((fields.array()?, fields.u16()?, fields.u16()?, fields.array()?, fields.u32()?));
        let Ok((magic, reader, flags, key, len)) = read_header() else { return damage_error("it is cut off") };
        if magic != *MAGIC {
            return damage_error("it is no manifest");
        }
        if reader > FORMAT_VERSION || flags != 0 {
            return Err(ManifestError::Newer { reader, flags });
        }
        let key = PublicKey::from_bytes(key);
        if SetId::from_key(&key) != set {
            return damage_error("it belongs to another set");
        }
        let (body, signature) = match usize::try_from(len).ok().and_then(|len| fields.0.split_at_checked(len)) {
            Some((body, signature)) if body.len() <= MAX_BODY_LEN => (body, signature),
            _ => return damage_error("its length is wrong"),
        };
        let Ok(signature) = signature.try_into() else { return damage_error("its length is wrong") };
        let signed = file.get(..HEADER_LEN.saturating_add(body.len())).unwrap_or_default();
        if !key.verifies(signed, signature) {
            return damage_error("its signature is wrong");
        }
        let parsed = check_members(body, MAX_MEMBERS).and_then(|()| serde_json::from_slice::<Self>(body));
        let manifest = parsed.or_else(|error| damage_error(format!("its content is malformed: {error}")))?;
        manifest.check()?;
        if manifest.set != set || manifest.generation != id.number {
            return damage_error("it says it is another generation");
        }
        Ok(manifest)
    }

    /// Returns the number of records of type 1 in all packs.
    #[must_use]
    pub fn licenses(&self) -> u64 {
        self.counts.get("licenses").copied().unwrap_or(0)
    }

    /// Checks the limits and rules that hold for both writing and reading.
    fn check(&self) -> Result<(), ManifestError> {
        if self.format == 0 || !(1..=MAX_GENERATION_NUMBER).contains(&self.generation) {
            return damage_error("its number is out of range");
        }
        if self.packs.len() > MAX_PACKS {
            return damage_error("it has more than 100,000 packs");
        }
        if self.packs.iter().map(|pack| pack.frames.len()).sum::<usize>() > MAX_FRAMES {
            return damage_error("it has more than 500,000 frames");
        }
        if self.counts.len() > MAX_MEMBERS {
            return damage_error("it has more than 1,000 counts");
        }
        if self.issuers.len() > MAX_ISSUERS {
            return damage_error("it has more than 1,000 issuer entries");
        }
        let mut pack_ids = std::collections::HashSet::with_capacity(self.packs.len());
        for pack in &self.packs {
            let is_invalid = |frame: &Frame| {
                frame.raw == 0
                    || frame.raw as usize > MAX_RAW_FRAME
                    || frame.stored == 0
                    || frame.stored > MAX_STORED_FRAME
            };
            if pack.frames.iter().any(is_invalid) {
                return damage_error(format!("a frame of pack {} has an impossible length", pack.id));
            }
            if pack.is_empty() || PackEntry::id_of(&pack.frames) != pack.id {
                return damage_error(format!("pack {} does not have the frames of its name", pack.id));
            }
            if !pack_ids.insert(pack.id) {
                return damage_error(format!("pack {} is listed twice", pack.id));
            }
            let raw: u64 = pack.frames.iter().map(|frame| u64::from(frame.raw)).sum();
            if pack.licenses > raw / MIN_LICENSE_RECORD {
                return damage_error(format!("pack {} has no room for so many licenses", pack.id));
            }
        }
        for entry in &self.issuers {
            entry.check()?;
        }
        let texts = [&self.computer_name, &self.software].into_iter().chain(self.counts.keys());
        let texts = texts.chain(self.forgotten.iter().flat_map(|document| [&document.issuer, &document.license_id]));
        if texts.into_iter().any(|text| text.len() > MAX_TEXT_LEN) {
            return damage_error("it has text over 65,535 bytes");
        }
        Ok(())
    }
}

impl IssuerEntry {
    fn check(&self) -> Result<(), ManifestError> {
        if self.issuer.len() > MAX_TEXT_LEN || self.holder.as_ref().is_some_and(|holder| holder.len() > MAX_TEXT_LEN) {
            return damage_error("it has text over 65,535 bytes");
        }
        if self.key_set.len() > MAX_KEY_SET {
            return damage_error(format!("the key set of issuer {} is over 64 KiB", self.issuer));
        }
        let signed = [&self.membership, &self.certificate, &self.restore_certificate];
        if signed.into_iter().flatten().any(|jws| jws.len() > MAX_JWS_LEN) {
            return damage_error(format!("a document of issuer {} is over 8 KiB", self.issuer));
        }
        Ok(())
    }
}

mod optional_seed {
    use super::{Deserialize, Seed, b64, from_b64_array};

    pub(super) fn serialize<S: serde::Serializer>(seed: &Option<Seed>, serializer: S) -> Result<S::Ok, S::Error> {
        match seed {
            Some(seed) => serializer.serialize_some(&b64(seed.expose())),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Seed>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let invalid_seed = || serde::de::Error::custom("the restore seed is not 32 bytes in base64url");
        text.map(|text| from_b64_array(&text).map(Seed::from_bytes).ok_or_else(invalid_seed)).transpose()
    }
}

/// Implements the JSON form of a struct as an array, the only form that is accepted.
macro_rules! json_array {
    ($name:ident { $($field:ident: $type:ty),* }) => {
        impl From<$name> for ($($type,)*) {
            fn from(from: $name) -> Self {
                ($(from.$field,)*)
            }
        }
        impl From<($($type,)*)> for $name {
            fn from(($($field,)*): ($($type,)*)) -> Self {
                Self { $($field),* }
            }
        }
    };
}
json_array!(Frame { stored: u32, raw: u32, hash: Digest });
json_array!(ForgottenDocument { kind: u8, issuer: String, license_id: String, document: Digest });
