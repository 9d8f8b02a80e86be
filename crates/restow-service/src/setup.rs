/// The public origin of the service.
use std::path::Path;

use restow_core::hpke::OpeningKey;
use restow_core::keys::{PublicKey, SecretKey};
use restow_core::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
use restow_core::{Clock as _, SystemClock};

use crate::error::ServiceError;
use crate::folder::{self, Profile};
use crate::settings::Settings;
use crate::{address, files, sqlite};

/// What a new service is told about itself.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// The name people know, 1 to 100 characters.
    pub name: String,
    /// The public origin, such as `https://licenses.shop.example`; `http` only for this machine itself.
    pub url: String,
    /// Where people can read what the service does with data.
    pub privacy_url: Option<String>,
    /// How to appeal, shown on the page about a limit: an address or a URL.
    pub contact: String,
}

/// A service that was set up.
#[derive(Clone, Debug)]
pub struct ServiceIdentity {
    /// The thumbprint of the root key.
    pub issuer: String,
    /// The name people know.
    pub name: String,
    /// The public origin.
    pub url: String,
    /// The root's thumbprint for people to compare: its characters in groups.
    pub fingerprint: String,
}

/// Makes the folder of a new service: root, license, service and sunset keys, the first license key seed, the key for
/// operators, a secret for pages, all 0600; key set and database.
///
/// The root key is only needed to sign new key sets: move it to a safe place.
///
/// # Errors
/// When the folder holds a service already, an option is wrong, or something cannot be written.
pub fn initialize(folder: &Path, options: &InitOptions) -> Result<ServiceIdentity, ServiceError> {
    let url = address::parse_origin(&options.url)?;
    if let Some(privacy) = &options.privacy_url
        && !privacy.starts_with("https://")
    {
        return Err(ServiceError::Setting {
            name: "privacy_url",
            reason: format!("`{privacy}` must begin with https://"),
        });
    }
    let contact = options.contact.trim();
    if contact.is_empty() || contact.chars().count() > 500 || contact.chars().any(char::is_control) {
        return Err(ServiceError::Setting {
            name: "contact",
            reason: "must have 1 to 500 printable characters".into(),
        });
    }
    match folder::check_exists(folder) {
        Err(ServiceError::NotInitialized(_)) => {}
        Ok(()) => return Err(ServiceError::AlreadyInitialized(folder.to_owned())),
        Err(error) => return Err(error),
    }

    let (root, license, service, sunset) =
        (folder::random_key()?, folder::random_key()?, folder::random_key()?, folder::random_key()?);
    let (seed, secret, api) = (folder::random_key()?, folder::random_key()?, folder::random_key()?);
    let root_key = SecretKey::from_bytes(&root);
    let issuer = root_key.public().thumbprint();
    let sunset_public = PublicKey::from_bytes(*OpeningKey::from_secret(&sunset).public().as_bytes());
    let set = KeySet {
        issuer: issuer.clone(),
        root: root_key.public(),
        version: 1,
        time: SystemClock.now(),
        name: options.name.trim().to_owned(),
        service_url: url.clone(),
        privacy_url: options.privacy_url.clone(),
        keys: vec![
            CertifiedKey::new(KeyUse::License, SecretKey::from_bytes(&license).public(), 0),
            CertifiedKey::new(KeyUse::Service, SecretKey::from_bytes(&service).public(), 0),
            CertifiedKey::new(KeyUse::Sunset, sunset_public, 0),
        ],
        sunset: None,
    };
    let set = TrustedKeySet::sign(&set, &root_key)
        .map_err(|error| ServiceError::Setting { name: "name", reason: error.to_string() })?;
    let profile = Profile {
        name: set.set().name.clone(),
        url: url.clone(),
        privacy_url: options.privacy_url.clone(),
        contact: contact.to_owned(),
        seed: 1,
        settings: Settings::default(),
    };

    files::create_folder(folder)?;
    let keys = [
        (folder::ROOT_KEY_FILE, root),
        (folder::LICENSE_KEY_FILE, license),
        (folder::SERVICE_KEY_FILE, service),
        (folder::SUNSET_KEY_FILE, sunset),
        (folder::FIRST_SEED_FILE, seed),
    ];
    for (name, bytes) in keys.iter().chain(&[(folder::API_KEY_FILE, api), (folder::SECRET_FILE, secret)]) {
        files::create(&folder.join(name), folder::key_text(bytes).as_bytes())?;
    }
    files::create(&folder.join(folder::KEY_SET_FILE), format!("{}\n", set.document()).as_bytes())?;
    sqlite::create_database(&folder::database_path(folder))?;
    files::create(&folder.join(folder::PROFILE_FILE), &profile.to_json()?)?;
    files::sync_folder(folder)?;
    Ok(ServiceIdentity { fingerprint: fingerprint(&issuer), issuer, name: profile.name, url })
}

/// Thumbprints in groups of a few characters are easier to compare.
fn fingerprint(issuer: &str) -> String {
    let characters: Vec<char> = issuer.chars().collect();
    let groups: Vec<String> = characters.chunks(6).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}
