//! The folder of a service: keys, key set and profile. Only its owner can read the files (mode 0600).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use restow_core::KeyId;
use restow_core::keys::{SecretKey, Seed, content_key};
use restow_core::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
use restow_core::text::without_byte_order_mark;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::ServiceError;
use crate::settings::Settings;
use crate::token::TokenSecret;

pub(crate) const PROFILE_FILE: &str = "service.json";
pub(crate) const ROOT_KEY_FILE: &str = "root.key";
pub(crate) const LICENSE_KEY_FILE: &str = "license.key";
pub(crate) const SERVICE_KEY_FILE: &str = "service.key";
pub(crate) const SUNSET_KEY_FILE: &str = "sunset.key";
pub(crate) const FIRST_SEED_FILE: &str = "seed-1.key";
pub(crate) const API_KEY_FILE: &str = "api.key";
pub(crate) const SECRET_FILE: &str = "secret.key";
pub(crate) const KEY_SET_FILE: &str = "key-set.jws";
pub(crate) const DATABASE_FILE: &str = "service.db";
/// All files that setup creates. None of them may exist before.
const ALL_FILES: [&str; 10] = [
    PROFILE_FILE,
    ROOT_KEY_FILE,
    LICENSE_KEY_FILE,
    SERVICE_KEY_FILE,
    SUNSET_KEY_FILE,
    FIRST_SEED_FILE,
    API_KEY_FILE,
    SECRET_FILE,
    KEY_SET_FILE,
    DATABASE_FILE,
];

/// Content of `service.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) name: String,
    /// Public origin, taken from the key set. Earlier versions also wrote it to the profile; that value is ignored.
    #[serde(default, skip_serializing)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) privacy_url: Option<String>,
    pub(crate) contact: String,
    /// Number of the license key seed for new licenses.
    pub(crate) seed: u32,
    #[serde(default)]
    pub(crate) settings: Settings,
}

impl Profile {
    pub(crate) fn load(folder: &Path) -> Result<Self, ServiceError> {
        let path = folder.join(PROFILE_FILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(missing_service_error(folder)),
            other => other.map_err(|error| ServiceError::file(&path, error))?,
        };
        let mut profile: Self = serde_json::from_slice(without_byte_order_mark(&bytes))
            .map_err(|error| ServiceError::malformed(&path, error.to_string()))?;
        if profile.seed == 0 {
            return Err(ServiceError::malformed(&path, "license key seeds are numbered from 1"));
        }
        profile.url.clone_from(&read_key_set(&folder.join(KEY_SET_FILE))?.set().service_url);
        Ok(profile)
    }

    pub(crate) fn to_json(&self) -> Result<Vec<u8>, ServiceError> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|error| ServiceError::System(error.into()))?;
        json.push(b'\n');
        Ok(json)
    }
}

impl Settings {
    /// Loads the settings from a service's folder.
    ///
    /// # Errors
    /// Fails if the folder holds no service, or `service.json` is malformed.
    pub fn load(folder: &Path) -> Result<Self, ServiceError> {
        Ok(Profile::load(folder)?.settings)
    }
}

/// Checks that the folder holds a service. Callers use it before they write to the folder.
pub(crate) fn check_exists(folder: &Path) -> Result<(), ServiceError> {
    if folder.join(PROFILE_FILE).exists() { Ok(()) } else { Err(missing_service_error(folder)) }
}

/// Takes the access of other users to the files of a service away, also to those of key rotations.
pub(crate) fn restrict_access(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if ALL_FILES.iter().any(|own| name.starts_with(own)) || name.ends_with(".key") {
            restow_core::files::restrict_access(&entry.path());
        }
    }
}

/// Returns the error for a folder without a profile. Setup writes the profile last.
fn missing_service_error(folder: &Path) -> ServiceError {
    let has_files = ALL_FILES.iter().any(|name| folder.join(name).exists());
    let error = if has_files { ServiceError::Unfinished } else { ServiceError::NotInitialized };
    error(folder.to_owned())
}

/// Reads a signing key and checks that the key set certifies it for this use.
pub(crate) fn signing_key(
    folder: &Path,
    name: &str,
    key_use: KeyUse,
    key_set: &KeySet,
) -> Result<SecretKey, ServiceError> {
    let path = folder.join(name);
    let key = SecretKey::from_bytes(&*read_key(&path)?);
    let id = key.public().thumbprint();
    let certifies = |k: &CertifiedKey| k.id == id && k.key_use == key_use && !k.revoked && k.until.is_none();
    if key_set.keys.iter().any(certifies) {
        Ok(key)
    } else {
        Err(ServiceError::malformed(&path, "the key set does not certify this key"))
    }
}

/// Keys of a running service. The root key is not among them.
pub(crate) struct Keys {
    pub(crate) issuer: String,
    pub(crate) license: SecretKey,
    pub(crate) service: SecretKey,
    pub(crate) key_set: TrustedKeySet,
    /// License key seeds, indexed by their number minus 1.
    seeds: Vec<Seed>,
    pub(crate) seed: u32,
    pub(crate) api_key_digest: [u8; 32],
    pub(crate) secret: TokenSecret,
}

impl Keys {
    pub(crate) fn load(folder: &Path) -> Result<Self, ServiceError> {
        let profile = Profile::load(folder)?;
        let key_set = read_key_set(&folder.join(KEY_SET_FILE))?;
        let signing = |name, key_use| signing_key(folder, name, key_use, key_set.set());
        Ok(Self {
            issuer: key_set.set().issuer.clone(),
            license: signing(LICENSE_KEY_FILE, KeyUse::License)?,
            service: signing(SERVICE_KEY_FILE, KeyUse::Service)?,
            seeds: (1..=profile.seed).map(|number| read_seed(folder, number)).collect::<Result<_, _>>()?,
            seed: profile.seed,
            api_key_digest: Sha256::digest(api_key(folder)?.as_bytes()).into(),
            secret: TokenSecret::new(Seed::from_bytes(*read_key(&folder.join(SECRET_FILE))?)),
            key_set,
        })
    }

    /// Returns the content key of a key ID under a numbered seed, or `None` if the service lacks that seed.
    pub(crate) fn content_key(&self, seed: u32, key_id: &KeyId) -> Option<Zeroizing<[u8; 16]>> {
        let index = usize::try_from(seed.checked_sub(1)?).ok()?;
        self.seeds.get(index).map(|seed| content_key(seed, key_id))
    }
}

/// Returns the API key for `admin/…` calls.
///
/// # Errors
/// Fails if the folder holds no service, or the file cannot be read.
pub fn api_key(folder: &Path) -> Result<Zeroizing<String>, ServiceError> {
    let bytes = read_key(&folder.join(API_KEY_FILE))?;
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice())))
}

/// Returns the public origin of the service.
///
/// # Errors
/// Fails if the folder holds no service, or a file cannot be read.
pub fn service_url(folder: &Path) -> Result<String, ServiceError> {
    Ok(Profile::load(folder)?.url)
}

pub(crate) fn database_path(folder: &Path) -> PathBuf {
    folder.join(DATABASE_FILE)
}

pub(crate) fn random_key() -> Result<Zeroizing<[u8; 32]>, ServiceError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

pub(crate) fn read_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, ServiceError> {
    let text = match fs::read_to_string(path) {
        Err(error)
            if error.kind() == io::ErrorKind::NotFound
                && path.parent().is_some_and(|p| !p.join(PROFILE_FILE).exists()) =>
        {
            return Err(missing_service_error(path.parent().unwrap_or(path)));
        }
        other => Zeroizing::new(other.map_err(|error| ServiceError::file(path, error))?),
    };
    let malformed = || ServiceError::malformed(path, "it must hold 32 bytes in base64url");
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.trim().as_bytes()).map_err(|_| malformed())?);
    Ok(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| malformed())?))
}

/// Returns the file content for a key.
pub(crate) fn key_text(key: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(BASE64URL_NOPAD.encode(key));
    text.push('\n');
    text
}

pub(crate) fn read_key_set(path: &Path) -> Result<TrustedKeySet, ServiceError> {
    let document = fs::read_to_string(path).map_err(|error| ServiceError::file(path, error))?;
    TrustedKeySet::verify_self_signed(document.trim()).map_err(|error| ServiceError::malformed(path, error.to_string()))
}

/// Reads the license key seed with this number.
pub(crate) fn read_seed(folder: &Path, number: u32) -> Result<Seed, ServiceError> {
    Ok(Seed::from_bytes(*read_key(&folder.join(format!("seed-{number}.key")))?))
}
