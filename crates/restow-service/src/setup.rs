//! Setup of a new service.

use std::fs;
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

    let mut created = CreatedFiles::in_folder(folder)?;
    let keys = [
        (folder::ROOT_KEY_FILE, root),
        (folder::LICENSE_KEY_FILE, license),
        (folder::SERVICE_KEY_FILE, service),
        (folder::SUNSET_KEY_FILE, sunset),
        (folder::FIRST_SEED_FILE, seed),
    ];
    for (name, bytes) in keys.iter().chain(&[(folder::API_KEY_FILE, api), (folder::SECRET_FILE, secret)]) {
        created.create(name, folder::key_text(bytes).as_bytes())?;
    }
    created.create(folder::KEY_SET_FILE, format!("{}\n", set.document()).as_bytes())?;
    created.create(folder::DATABASE_FILE, b"")?;
    sqlite::create_tables(&folder::database_path(folder))?;
    created.create(folder::PROFILE_FILE, &profile.to_json()?)?;
    files::sync_folder(folder)?;
    created.keep();
    Ok(ServiceIdentity { fingerprint: fingerprint(&issuer), issuer, name: profile.name, url })
}

/// Files of a setup. They are removed when the setup fails, so that it can be repeated.
struct CreatedFiles<'a> {
    folder: &'a Path,
    is_new_folder: bool,
    names: Vec<&'static str>,
}

impl<'a> CreatedFiles<'a> {
    fn in_folder(folder: &'a Path) -> Result<Self, ServiceError> {
        let is_new_folder = !folder.exists();
        files::create_folder(folder)?;
        Ok(Self { folder, is_new_folder, names: Vec::new() })
    }

    /// Creates a file that did not exist before.
    fn create(&mut self, name: &'static str, bytes: &[u8]) -> Result<(), ServiceError> {
        files::create(&self.folder.join(name), bytes)?;
        self.names.push(name);
        Ok(())
    }

    /// Keeps the files of a complete setup.
    fn keep(mut self) {
        self.names.clear();
        self.is_new_folder = false;
    }
}

impl Drop for CreatedFiles<'_> {
    fn drop(&mut self) {
        // The setup reports the first error. A file that cannot be removed stays.
        for name in &self.names {
            let _ = fs::remove_file(self.folder.join(name));
        }
        if self.names.contains(&folder::DATABASE_FILE) {
            for suffix in ["-wal", "-shm"] {
                let _ = fs::remove_file(self.folder.join(format!("{}{suffix}", folder::DATABASE_FILE)));
            }
        }
        if self.is_new_folder {
            let _ = fs::remove_dir(self.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> InitOptions {
        InitOptions {
            name: "Shop".into(),
            url: "https://shop.example".into(),
            privacy_url: None,
            contact: "help@shop.example".into(),
        }
    }

    /// A name in use makes the setup fail at each step.
    #[test]
    #[cfg(unix)]
    fn failed_setup_leaves_no_files() {
        for name in [
            folder::ROOT_KEY_FILE,
            folder::LICENSE_KEY_FILE,
            folder::FIRST_SEED_FILE,
            folder::SECRET_FILE,
            folder::KEY_SET_FILE,
            folder::DATABASE_FILE,
            folder::PROFILE_FILE,
        ] {
            let root = tempfile::tempdir().unwrap();
            // A link without a target does not count as a file of a service.
            std::os::unix::fs::symlink("nowhere", root.path().join(name)).unwrap();
            let result = initialize(root.path(), &options());
            let left: Vec<_> = fs::read_dir(root.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            assert!(result.is_err() && left == [name], "{name}: {left:?}");
            fs::remove_file(root.path().join(name)).unwrap();
            initialize(root.path(), &options()).unwrap();
        }
    }

    #[test]
    fn failed_setup_removes_new_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("shop");
        let mut created = CreatedFiles::in_folder(&folder).unwrap();
        created.create(folder::ROOT_KEY_FILE, b"x").unwrap();
        created.create(folder::ROOT_KEY_FILE, b"x").unwrap_err();
        drop(created);
        assert!(!folder.exists());
        CreatedFiles::in_folder(&folder).unwrap().keep();
        assert!(folder.exists());
    }
}
