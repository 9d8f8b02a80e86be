//! Setup of a new service.

use std::path::Path;

use restow_core::hpke::HpkePrivateKey;
use restow_core::keys::{PublicKey, SecretKey};
use restow_core::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
use restow_core::{Clock as _, SystemClock};

use crate::address::is_web_address;
use crate::error::ServiceError;
use crate::folder::{self, Profile};
use crate::ids::fingerprint;
use crate::settings::Settings;
use crate::{address, files, sqlite};

/// Options of a new service.
#[derive(Clone, Debug)]
pub struct InitOptions {
    /// Display name, 1 to 100 characters.
    pub name: String,
    /// Public origin, such as `https://licenses.shop.example`. `http` is allowed for loopback hosts only.
    pub url: String,
    /// URL of the privacy policy.
    pub privacy_url: Option<String>,
    /// Address or URL for appeals, shown on the page about a limit.
    pub contact: String,
}

/// Identity of a service that was set up.
#[derive(Clone, Debug)]
pub struct ServiceIdentity {
    /// Thumbprint of the root key.
    pub issuer: String,
    /// Display name.
    pub name: String,
    /// Public origin.
    pub url: String,
    /// Thumbprint of the root key in groups of characters, for comparison by people.
    pub fingerprint: String,
}

/// Creates the folder of a new service.
///
/// It contains the root, license, service and sunset keys, the first license key seed, the API key, the token secret,
/// the key set and the database. All files have mode 0600. The root key only signs key sets: move it to a safe place.
///
/// # Errors
/// Fails if the folder already holds a service, an option is invalid, or a file cannot be written.
pub fn initialize(folder: &Path, options: &InitOptions) -> Result<ServiceIdentity, ServiceError> {
    let url = address::parse_origin(&options.url)?;
    if let Some(privacy) = options.privacy_url.as_ref().filter(|privacy| !is_web_address(privacy)) {
        let reason = format!("`{privacy}` must begin with https://");
        return Err(ServiceError::Setting { name: "privacy_url", reason });
    }
    let contact = options.contact.trim();
    if contact.is_empty() || contact.chars().count() > 500 || contact.chars().any(char::is_control) {
        let reason = "must have 1 to 500 printable characters".to_owned();
        return Err(ServiceError::Setting { name: "contact", reason });
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
    let sunset_public = PublicKey::from_bytes(*HpkePrivateKey::from_secret(&sunset).public().as_bytes());
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
