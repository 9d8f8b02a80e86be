//! New keys and a new address: new versions of the key set, signed by the root (docs/service-protocol.md §2.1).
//!
//! Every file is replaced whole, and in an order in which the service can run after each: new keys are certified before
//! they are used, and the old ones end after they are.

use std::io;
use std::path::Path;

use restow::Clock;
use restow::keys::SecretKey;
use restow::license::{CertifiedKey, KeySet, KeyUse, TrustedKeySet};
use restow::service::protocol::CLOCK_TOLERANCE;

use crate::error::ServiceError;
use crate::folder::{self, KEY_SET, LICENSE, Profile, ROOT, SERVICE};
use crate::lock::Lock;

/// What becomes of the keys that are replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replaced {
    /// What they signed stays good.
    Retired,
    /// Somebody else has them: nothing they signed is accepted by its signature any more. Licenses that computers hold
    /// stay; from a backup they come by the service's grant.
    Revoked,
}

/// Gives a service new license and service keys. The service must not run; computers learn of it by themselves.
///
/// # Errors
/// When a server runs on the folder, `root` is not the root key of this service, the key set has no room for more keys,
/// or a file cannot be read or written. What was written then is good; doing it again does the rest.
pub fn rotate_keys(
    folder: &Path,
    root: Option<&Path>,
    replaced: Replaced,
    clock: &dyn Clock,
) -> Result<u64, ServiceError> {
    let _lock = Lock::take(folder)?;
    let root = read_root(folder, root)?;
    let (license, service) = (folder::random()?, folder::random()?);
    let fresh = [(KeyUse::License, LICENSE, &license), (KeyUse::Service, SERVICE, &service)];
    let current = fresh
        .map(|(key_use, _, secret)| CertifiedKey::new(key_use, SecretKey::from_bytes(secret).public(), clock.now()));
    publish(folder, &root, clock, |set| set.keys.extend(current.iter().cloned()))?;
    for (_, name, secret) in fresh {
        folder::replace(&folder.join(name), folder::key_text(secret).as_bytes())?;
    }
    publish(folder, &root, clock, |set| {
        // What was signed just now, by a clock a little ahead, stays good.
        let end = set.time.saturating_add(CLOCK_TOLERANCE);
        for key in set.keys.iter_mut().filter(|key| key.key_use != KeyUse::Sunset) {
            if current.iter().any(|current| current.id == key.id) {
                continue;
            }
            key.until = key.until.or(Some(end));
            key.revoked |= replaced == Replaced::Revoked;
        }
    })
}

/// Publishes a new address. As long as the service answers at the old one, computers learn of it there.
///
/// # Errors
/// As [`rotate_keys`], and when `url` is no origin a service can have.
pub fn move_to(folder: &Path, root: Option<&Path>, url: &str, clock: &dyn Clock) -> Result<u64, ServiceError> {
    let _lock = Lock::take(folder)?;
    let root = read_root(folder, root)?;
    let url = folder::origin(url)?;
    let version = publish(folder, &root, clock, |set| set.service_url.clone_from(&url))?;
    let mut profile = Profile::load(folder)?;
    profile.url = url;
    profile.replace(folder)?;
    Ok(version)
}

fn read_root(folder: &Path, root: Option<&Path>) -> Result<SecretKey, ServiceError> {
    let path = root.map_or_else(|| folder.join(ROOT), Path::to_owned);
    if !path.exists() {
        return Err(ServiceError::file(&path, io::ErrorKind::NotFound.into()));
    }
    Ok(SecretKey::from_bytes(&*folder::read_key(&path)?))
}

/// Signs the next version of the key set.
fn publish(
    folder: &Path,
    root: &SecretKey,
    clock: &dyn Clock,
    change: impl FnOnce(&mut KeySet),
) -> Result<u64, ServiceError> {
    let path = folder.join(KEY_SET);
    let mut set = folder::read_key_set(&path)?.set().clone();
    if root.public().thumbprint() != set.issuer {
        return Err(ServiceError::Setting { name: "root", what: "it is the root key of another service".to_owned() });
    }
    set.version = set.version.saturating_add(1);
    // A clock that was set back does not make it older than what it replaces.
    set.time = set.time.max(clock.now());
    change(&mut set);
    let signed = TrustedKeySet::sign(&set, root)
        .map_err(|error| ServiceError::Setting { name: "key set", what: error.to_string() })?;
    folder::replace(&path, format!("{}\n", signed.document()).as_bytes())?;
    Ok(signed.set().version)
}
