//! The folder of a service: keys, key set, profile. Every file is its owner's alone (mode 0600).

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use restow_core::hpke::OpeningKey;
use restow_core::keys::{PublicKey, SecretKey, Seed, content_key};
use restow_core::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
use restow_core::{Clock as _, KeyId, SystemClock};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::error::ServiceError;
use crate::settings::Settings;

const PROFILE: &str = "service.json";
pub(crate) const ROOT: &str = "root.key";
pub(crate) const LICENSE: &str = "license.key";
pub(crate) const SERVICE: &str = "service.key";
const SUNSET: &str = "sunset.key";
const SEED_1: &str = "seed-1.key";
const API: &str = "api.key";
const SECRET: &str = "secret.key";
pub(crate) const KEY_SET: &str = "key-set.jws";
const DATABASE: &str = "service.db";
/// Everything `initialize` makes; none of it may exist before.
const ALL: [&str; 10] = [PROFILE, ROOT, LICENSE, SERVICE, SUNSET, SEED_1, API, SECRET, KEY_SET, DATABASE];

/// What a new service is told about itself.
#[derive(Clone, Debug)]
pub struct Initialize {
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
pub struct Initialized {
    /// The thumbprint of the root key.
    pub issuer: String,
    /// The name people know.
    pub name: String,
    /// The public origin.
    pub url: String,
    /// The root's thumbprint for people to compare: its characters in groups.
    pub fingerprint: String,
}

/// `service.json`
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) name: String,
    /// From the key set, which alone says it: the file of an older program does, too, and is not asked.
    #[serde(default, skip_serializing)]
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) privacy_url: Option<String>,
    pub(crate) contact: String,
    /// The number of the license key seed that new licenses use.
    pub(crate) seed: u32,
    #[serde(default)]
    pub(crate) settings: Settings,
}

impl Profile {
    pub(crate) fn load(folder: &Path) -> Result<Self, ServiceError> {
        let path = folder.join(PROFILE);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(no_service(folder)),
            other => other.map_err(|error| ServiceError::file(&path, error))?,
        };
        let mut profile: Self =
            serde_json::from_slice(&bytes).map_err(|error| ServiceError::malformed(&path, error.to_string()))?;
        if profile.seed == 0 {
            return Err(ServiceError::malformed(&path, "license key seeds are numbered from 1"));
        }
        profile.url.clone_from(&read_key_set(&folder.join(KEY_SET))?.set().service_url);
        Ok(profile)
    }

    fn json(&self) -> Result<Vec<u8>, ServiceError> {
        let mut json = serde_json::to_vec_pretty(self).map_err(|error| ServiceError::System(error.into()))?;
        json.push(b'\n');
        Ok(json)
    }
}

/// Sees that there is a service in a folder, before anything is written there.
pub(crate) fn check(folder: &Path) -> Result<(), ServiceError> {
    if folder.join(PROFILE).exists() { Ok(()) } else { Err(no_service(folder)) }
}

/// Why there is none: its profile is written last.
fn no_service(folder: &Path) -> ServiceError {
    let begun = ALL.iter().any(|name| folder.join(name).exists());
    if begun { ServiceError::Unfinished(folder.to_owned()) } else { ServiceError::NotInitialized(folder.to_owned()) }
}

/// The key a service signs with, if the key set certifies it for that.
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

/// The keys a running service needs; the root is not among them.
pub(crate) struct Keys {
    pub(crate) issuer: String,
    pub(crate) license: SecretKey,
    pub(crate) service: SecretKey,
    pub(crate) key_set: TrustedKeySet,
    /// License key seeds by number minus one.
    seeds: Vec<Seed>,
    pub(crate) seed: u32,
    pub(crate) api_key_digest: [u8; 32],
    pub(crate) secret: Secret,
}

impl Keys {
    pub(crate) fn load(folder: &Path) -> Result<Self, ServiceError> {
        let profile = Profile::load(folder)?;
        let key_set = read_key_set(&folder.join(KEY_SET))?;
        let signing = |name, key_use| signing_key(folder, name, key_use, key_set.set());
        Ok(Self {
            issuer: key_set.set().issuer.clone(),
            license: signing(LICENSE, KeyUse::License)?,
            service: signing(SERVICE, KeyUse::Service)?,
            seeds: read_seeds(folder, profile.seed)?,
            seed: profile.seed,
            api_key_digest: Sha256::digest(api_key(folder)?.as_bytes()).into(),
            secret: Secret(Seed::from_bytes(*read_key(&folder.join(SECRET))?)),
            key_set,
        })
    }

    /// The content key of a key ID under a numbered seed, if the service still has that seed.
    pub(crate) fn content_key(&self, seed: u32, key_id: &KeyId) -> Option<Zeroizing<[u8; 16]>> {
        let at = usize::try_from(seed.checked_sub(1)?).ok()?;
        self.seeds.get(at).map(|seed| content_key(seed, key_id))
    }
}

/// What unguessable names derive from: tokens of pages and codes of links.
#[derive(Clone)]
pub(crate) struct Secret(Seed);

impl Secret {
    #[cfg(test)]
    pub(crate) const fn of(seed: Seed) -> Self {
        Self(seed)
    }

    /// 16 bytes in base64url (22 characters), the same for the same parts.
    pub(crate) fn token(&self, purpose: &str, parts: &[&str]) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else { return String::new() };
        mac.update(purpose.as_bytes());
        for part in parts {
            mac.update(&[0]);
            mac.update(part.as_bytes());
        }
        let bytes = mac.finalize().into_bytes();
        BASE64URL_NOPAD.encode(bytes.get(..16).unwrap_or_default())
    }
}

/// Makes the folder of a new service: root, license, service and sunset keys, the first license key seed, the key for
/// operators, a secret for pages, all 0600; key set and database.
///
/// The root key is only needed to sign new key sets: move it to a safe place.
///
/// # Errors
/// When the folder holds a service already, an option is wrong, or something cannot be written.
pub fn initialize(folder: &Path, options: &Initialize) -> Result<Initialized, ServiceError> {
    let url = origin(&options.url)?;
    if let Some(privacy) = &options.privacy_url
        && !privacy.starts_with("https://")
    {
        return Err(ServiceError::Setting {
            name: "privacy_url",
            what: format!("`{privacy}` must begin with https://"),
        });
    }
    let contact = options.contact.trim();
    if contact.is_empty() || contact.chars().count() > 500 || contact.chars().any(char::is_control) {
        return Err(ServiceError::Setting { name: "contact", what: "must have 1 to 500 printable characters".into() });
    }
    match check(folder) {
        Err(ServiceError::NotInitialized(_)) => {}
        Ok(()) => return Err(ServiceError::AlreadyInitialized(folder.to_owned())),
        Err(begun) => return Err(begun),
    }

    let (root, license, service, sunset) = (random()?, random()?, random()?, random()?);
    let (seed, secret, api) = (random()?, random()?, random()?);
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
        .map_err(|error| ServiceError::Setting { name: "name", what: error.to_string() })?;
    let profile = Profile {
        name: set.set().name.clone(),
        url: url.clone(),
        privacy_url: options.privacy_url.clone(),
        contact: contact.to_owned(),
        seed: 1,
        settings: Settings::default(),
    };

    make_folder(folder)?;
    let keys = [(ROOT, root), (LICENSE, license), (SERVICE, service), (SUNSET, sunset), (SEED_1, seed)];
    for (name, bytes) in keys.iter().chain(&[(API, api), (SECRET, secret)]) {
        write_new(&folder.join(name), key_text(bytes).as_bytes())?;
    }
    write_new(&folder.join(KEY_SET), format!("{}\n", set.document()).as_bytes())?;
    crate::storage::sqlite::create(&database(folder))?;
    write_new(&folder.join(PROFILE), &profile.json()?)?;
    sync_folder(folder)?;
    Ok(Initialized { fingerprint: fingerprint(&issuer), issuer, name: profile.name, url })
}

/// The key with which operators call `admin/…`.
///
/// # Errors
/// When there is no service, or the file cannot be read.
pub fn api_key(folder: &Path) -> Result<Zeroizing<String>, ServiceError> {
    let bytes = read_key(&folder.join(API))?;
    Ok(Zeroizing::new(BASE64URL_NOPAD.encode(bytes.as_slice())))
}

/// The public origin of the service.
///
/// # Errors
/// When there is no service, or the file cannot be read.
pub fn service_url(folder: &Path) -> Result<String, ServiceError> {
    Ok(Profile::load(folder)?.url)
}

pub(crate) fn database(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

/// Thumbprints in groups of a few characters are easier to compare.
fn fingerprint(issuer: &str) -> String {
    let characters: Vec<char> = issuer.chars().collect();
    let groups: Vec<String> = characters.chunks(6).map(|group| group.iter().collect()).collect();
    groups.join(" ")
}

/// An origin, without a slash at its end.
pub(crate) fn origin(url: &str) -> Result<String, ServiceError> {
    let wrong = |what: &str| Err(ServiceError::Setting { name: "url", what: format!("`{url}` {what}") });
    let trimmed = url.trim_end_matches('/');
    let (host, secure) = match (trimmed.strip_prefix("https://"), trimmed.strip_prefix("http://")) {
        (Some(host), _) => (host, true),
        (None, Some(host)) => (host, false),
        (None, None) => return wrong("must begin with https:// (or http:// for this machine itself)"),
    };
    // The address of IP version 6 has colons of its own, in brackets.
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (name, rest) = bracketed.unwrap_or_else(|| host.split_at(host.find(':').unwrap_or(host.len())));
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c) || (bracketed.is_some() && c == ':');
    if name.is_empty() || host.len() > 255 || !name.chars().all(plain) {
        return wrong("must be a host and perhaps a port, without a path");
    }
    if !rest.is_empty() && rest.strip_prefix(':').and_then(|port| port.parse::<u16>().ok()).is_none_or(|port| port == 0)
    {
        return wrong("must have a port of 1 to 65535, or none");
    }
    let loopback = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(':')));
    if secure || loopback {
        Ok(trimmed.to_owned())
    } else {
        wrong("must begin with https:// unless it is this machine")
    }
}

/// Where a service of this origin listens when nobody says otherwise: where it is said to be, if that is this machine
/// itself; else on port 8080 of this machine, for the server in front of it that speaks TLS.
pub(crate) fn listen(url: &str) -> SocketAddr {
    const BEHIND_TLS: u16 = 8080;
    const HTTP: u16 = 80;
    let Some(host) = url.strip_prefix("http://") else {
        return SocketAddr::from((Ipv4Addr::LOCALHOST, BEHIND_TLS));
    };
    let port = |rest: &str| rest.strip_prefix(':').map_or(Some(HTTP), |port| port.parse().ok());
    let ip = match host.strip_prefix("[::1]") {
        Some(rest) => port(rest).map(|port| SocketAddr::from((Ipv6Addr::LOCALHOST, port))),
        None => ["localhost", "127.0.0.1"]
            .iter()
            .find_map(|name| host.strip_prefix(name))
            .and_then(port)
            .map(|port| SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
    };
    ip.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, BEHIND_TLS)))
}

pub(crate) fn random() -> Result<Zeroizing<[u8; 32]>, ServiceError> {
    let mut bytes = Zeroizing::new([0; 32]);
    getrandom::fill(bytes.as_mut_slice())?;
    Ok(bytes)
}

pub(crate) fn read_key(path: &Path) -> Result<Zeroizing<[u8; 32]>, ServiceError> {
    let text = match fs::read_to_string(path) {
        Err(error)
            if error.kind() == io::ErrorKind::NotFound && path.parent().is_some_and(|p| !p.join(PROFILE).exists()) =>
        {
            return Err(no_service(path.parent().unwrap_or(path)));
        }
        other => Zeroizing::new(other.map_err(|error| ServiceError::file(path, error))?),
    };
    let wrong = || ServiceError::malformed(path, "it must hold 32 bytes in base64url");
    let bytes = Zeroizing::new(BASE64URL_NOPAD.decode(text.trim().as_bytes()).map_err(|_| wrong())?);
    Ok(Zeroizing::new(bytes.as_slice().try_into().map_err(|_| wrong())?))
}

/// A key as it stands in its file.
pub(crate) fn key_text(key: &[u8; 32]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(BASE64URL_NOPAD.encode(key));
    text.push('\n');
    text
}

pub(crate) fn read_key_set(path: &Path) -> Result<TrustedKeySet, ServiceError> {
    let document = fs::read_to_string(path).map_err(|error| ServiceError::file(path, error))?;
    TrustedKeySet::self_proven(document.trim()).map_err(|error| ServiceError::malformed(path, error.to_string()))
}

fn read_seeds(folder: &Path, newest: u32) -> Result<Vec<Seed>, ServiceError> {
    (1..=newest).map(|number| read_seed(folder, number)).collect()
}

/// The license key seed of a number.
pub(crate) fn read_seed(folder: &Path, number: u32) -> Result<Seed, ServiceError> {
    Ok(Seed::from_bytes(*read_key(&folder.join(format!("seed-{number}.key")))?))
}

fn make_folder(folder: &Path) -> Result<(), ServiceError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.create(folder).map_err(|error| ServiceError::file(folder, error))
}

/// Opens, or creates, a file that only its owner may read.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    own(OpenOptions::new().read(true).write(true).create(true).truncate(false)).open(path)
}

/// What is created so is its owner's alone.
fn own(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Creates a file that only its owner may read, durable before it returns.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let written = own(OpenOptions::new().write(true).create_new(true)).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| ServiceError::file(path, error))
}

/// Replaces a file whole, durable before it returns: after a crash there is the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> Result<(), ServiceError> {
    let aside = path.with_extension("tmp");
    match fs::remove_file(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(ServiceError::file(&aside, error)),
        // What was left of an attempt before.
        _ => {}
    }
    write_new(&aside, bytes)?;
    fs::rename(&aside, path).map_err(|error| ServiceError::file(path, error))?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> Result<(), ServiceError> {
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(|error| ServiceError::file(folder, error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        for (url, good) in [
            ("https://shop.example", Some("https://shop.example")),
            ("https://shop.example/", Some("https://shop.example")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080")),
            ("http://[::1]:1", Some("http://[::1]:1")),
            ("http://shop.example", None),
            ("http://localhost.evil.example", None),
            ("https://shop.example/path", None),
            ("https://a@b", None),
            ("ftp://shop.example", None),
            ("http://127.0.0.1:x", None),
            ("https://shop.example:", None),
            ("https://shop.example:70000", None),
            ("https://[::1", None),
            ("https://", None),
        ] {
            assert_eq!(origin(url).ok().as_deref(), good, "{url}");
        }
    }

    #[test]
    fn a_service_listens_where_it_is_said_to_be() {
        for (url, address) in [
            ("http://127.0.0.1:9000", "127.0.0.1:9000"),
            ("http://localhost:9000", "127.0.0.1:9000"),
            ("http://[::1]:9000", "[::1]:9000"),
            ("http://127.0.0.1", "127.0.0.1:80"),
            ("https://shop.example", "127.0.0.1:8080"),
            ("https://shop.example:9000", "127.0.0.1:8080"),
        ] {
            assert_eq!(listen(url), address.parse().unwrap(), "{url}");
        }
    }

    #[test]
    fn tokens_separate_their_parts() {
        let secret = Secret(Seed::from_bytes([1; 32]));
        assert_eq!(secret.token("a", &["b"]).len(), 22);
        assert_ne!(secret.token("a", &["bc", "d"]), secret.token("a", &["b", "cd"]));
        assert_ne!(secret.token("a", &["b"]), secret.token("c", &["b"]));
    }
}
