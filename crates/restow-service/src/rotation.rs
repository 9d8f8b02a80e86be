//! Key rotation and change of address: new versions of the key set, signed by the root key (docs/service-protocol.md
//! §2.1).
//!
//! Each file is replaced atomically, and the service can run after each step. New keys are certified before their
//! first use. Old keys end after the new keys are in use.

use std::path::Path;

use restow_core::keys::SecretKey;
use restow_core::license::{CertifiedKey, KeySet, KeyUse, MAX_KEYS, TrustedKeySet};
use restow_core::protocol::CLOCK_TOLERANCE;
use restow_core::{Clock, UnixTime};

use crate::address;
use crate::error::ServiceError;
use crate::files;
use crate::folder::{self, KEY_SET_FILE, LICENSE_KEY_FILE, ROOT_KEY_FILE, SERVICE_KEY_FILE};
use crate::lock::FolderLock;

/// Number of keys that one rotation adds.
const NEW_KEYS_PER_ROTATION: usize = 2;
/// Key set entries reserved for the replacement of stolen keys.
const RESERVED_KEYS: usize = 2;
/// Age of a key set, in seconds, that suggests a wrong clock: two years.
const SUSPICIOUS_GAP: i64 = 2 * 366 * 86_400;

/// Treatment of the replaced keys.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OldKeyAction {
    /// Signatures of the replaced keys stay valid.
    Retire,
    /// The replaced keys are compromised, and their signatures become invalid. Computers keep the licenses they hold.
    /// A restore from a backup needs the service's grant. Signatures of keys retired earlier stay valid.
    Revoke,
    /// As [`Revoke`](Self::Revoke), and also for all keys retired earlier.
    RevokeAll,
}

/// Result of publishing a new version of the key set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct KeySetUpdate {
    /// Version number of the key set.
    pub version: u64,
    /// Number of rotations with [`OldKeyAction::Retire`] until the key set is full.
    pub remaining_rotations: usize,
    /// Signing time of the previous version, if that time is in the future or more than two years ago. The clock of
    /// this computer may be wrong.
    pub suspicious_previous_time: Option<UnixTime>,
}

/// Function that replaces a file. Tests inject failures.
type WriteFile<'a> = &'a mut dyn FnMut(&Path, &[u8]) -> Result<(), ServiceError>;

/// Replaces the license and service keys of a service. The service must not run. Computers receive the new key set
/// with the next answer.
///
/// # Errors
/// Fails if a server runs on the folder, `root` is not this service's root key, the key set is full, or a file cannot
/// be read or written. Files written before the failure are valid; a second call completes the rotation.
pub fn rotate_keys(
    folder: &Path,
    root: Option<&Path>,
    old_keys: OldKeyAction,
    clock: &dyn Clock,
) -> Result<KeySetUpdate, ServiceError> {
    let _lock = FolderLock::acquire(folder)?;
    rotate(folder, root, old_keys, clock, &mut files::replace)
}

fn rotate(
    folder: &Path,
    root: Option<&Path>,
    old_keys: OldKeyAction,
    clock: &dyn Clock,
    write_file: WriteFile<'_>,
) -> Result<KeySetUpdate, ServiceError> {
    let mut signer = KeySetSigner::open(folder, root, clock, write_file)?;
    remove_unneeded_keys(folder, &mut signer.set, old_keys)?;
    let (license, service) = (folder::random_key()?, folder::random_key()?);
    let new_keys = [(KeyUse::License, LICENSE_KEY_FILE, &license), (KeyUse::Service, SERVICE_KEY_FILE, &service)];
    // Certified since time 0: validity must not depend on a clock that may be wrong.
    let current = new_keys.map(|(key_use, _, key)| CertifiedKey::new(key_use, SecretKey::from_bytes(key).public(), 0));
    signer.set.keys.extend(current.iter().cloned());
    signer.publish()?;
    for (_, name, key) in new_keys {
        (signer.write_file)(&folder.join(name), folder::key_text(key).as_bytes())?;
    }
    // Recent signatures stay valid, even from a clock slightly ahead.
    let end = signer.set.time.max(clock.now()).saturating_add(CLOCK_TOLERANCE);
    let others = signer.set.keys.iter_mut().filter(|key| key.key_use != KeyUse::Sunset);
    for key in others.filter(|key| key.until.is_none() && current.iter().all(|current| current.id != key.id)) {
        key.until = Some(end);
        key.revoked = old_keys != OldKeyAction::Retire;
    }
    signer.publish()
}

/// Removes keys from the set that computers treat the same when absent. These are revoked keys, keys certified by an
/// interrupted attempt and never used, and unused keys that this rotation revokes.
fn remove_unneeded_keys(folder: &Path, set: &mut KeySet, old_keys: OldKeyAction) -> Result<(), ServiceError> {
    // Attempts append keys. A key behind the one in use was never written to its file.
    let in_use = |key_use, name| {
        let id = SecretKey::from_bytes(&*folder::read_key(&folder.join(name)).ok()?).public().thumbprint();
        set.keys.iter().position(|key| key.key_use == key_use && key.id == id)
    };
    let (license, service) = (in_use(KeyUse::License, LICENSE_KEY_FILE), in_use(KeyUse::Service, SERVICE_KEY_FILE));
    let mut indexes = 0..;
    set.keys.retain(|key| {
        let index = indexes.next();
        let used_index = match key.key_use {
            KeyUse::License => license,
            KeyUse::Service => service,
            KeyUse::Sunset => return true,
        };
        let is_unused = used_index.is_some() && index > used_index && key.until.is_none();
        let is_revoked_now = match old_keys {
            OldKeyAction::Retire => false,
            OldKeyAction::Revoke => key.until.is_none(),
            OldKeyAction::RevokeAll => true,
        };
        index == used_index || !(key.revoked || is_unused || is_revoked_now)
    });
    let reserved = if old_keys == OldKeyAction::Retire { RESERVED_KEYS } else { 0 };
    if set.keys.len() + NEW_KEYS_PER_ROTATION + reserved > MAX_KEYS {
        return Err(ServiceError::KeySetFull(folder.to_owned()));
    }
    Ok(())
}

/// Publishes a new public origin. While the service still answers at the old origin, computers learn the new one
/// there.
///
/// # Errors
/// Fails for the reasons of [`rotate_keys`], or if `url` is not a valid origin.
pub fn publish_new_url(
    folder: &Path,
    root: Option<&Path>,
    url: &str,
    clock: &dyn Clock,
) -> Result<KeySetUpdate, ServiceError> {
    let _lock = FolderLock::acquire(folder)?;
    let mut write_file = files::replace;
    let mut signer = KeySetSigner::open(folder, root, clock, &mut write_file)?;
    signer.set.service_url = address::parse_origin(url)?;
    signer.publish()
}

/// Signer of new key set versions.
struct KeySetSigner<'a> {
    folder: &'a Path,
    root: SecretKey,
    clock: &'a dyn Clock,
    write_file: WriteFile<'a>,
    set: KeySet,
    /// Signing time of the version found in the folder.
    previous_time: UnixTime,
}

impl<'a> KeySetSigner<'a> {
    fn open(
        folder: &'a Path,
        root: Option<&Path>,
        clock: &'a dyn Clock,
        write_file: WriteFile<'a>,
    ) -> Result<Self, ServiceError> {
        let path = root.map_or_else(|| folder.join(ROOT_KEY_FILE), Path::to_owned);
        if !path.exists() {
            return Err(ServiceError::RootKeyMissing(path));
        }
        let root = SecretKey::from_bytes(&*folder::read_key(&path)?);
        let set = folder::read_key_set(&folder.join(KEY_SET_FILE))?.set().clone();
        if root.public().thumbprint() != set.issuer {
            return Err(ServiceError::Setting {
                name: "root",
                reason: "it is the root key of another service".to_owned(),
            });
        }
        let previous_time = set.time;
        Ok(Self { folder, root, clock, write_file, set, previous_time })
    }

    /// Signs and writes the current key set as its next version.
    fn publish(&mut self) -> Result<KeySetUpdate, ServiceError> {
        let now = self.clock.now();
        self.set.version = self.set.version.saturating_add(1);
        // A clock set back must not make this version older than the previous one.
        self.set.time = self.set.time.max(now);
        let signed = TrustedKeySet::sign(&self.set, &self.root)
            .map_err(|error| ServiceError::Setting { name: "key set", reason: error.to_string() })?;
        (self.write_file)(&self.folder.join(KEY_SET_FILE), format!("{}\n", signed.document()).as_bytes())?;
        let kept = self.set.keys.iter().filter(|key| !key.revoked).count();
        let elapsed = now.saturating_sub(self.previous_time);
        Ok(KeySetUpdate {
            version: self.set.version,
            remaining_rotations: MAX_KEYS.saturating_sub(RESERVED_KEYS).saturating_sub(kept) / NEW_KEYS_PER_ROTATION,
            suspicious_previous_time: (!(-CLOCK_TOLERANCE..=SUSPICIOUS_GAP).contains(&elapsed))
                .then_some(self.previous_time),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use restow_core::ManualClock;
    use restow_core::jws;
    use restow_core::protocol::Revocations;

    use super::*;
    use crate::folder::Keys;
    use crate::{InitOptions, Service, Settings, initialize};

    const ALL: [OldKeyAction; 3] = [OldKeyAction::Retire, OldKeyAction::Revoke, OldKeyAction::RevokeAll];

    fn new_service() -> (tempfile::TempDir, ManualClock) {
        let folder = tempfile::tempdir().unwrap();
        let options = InitOptions {
            name: "Shop".into(),
            url: "https://shop.example".into(),
            privacy_url: None,
            contact: "help@shop.example".into(),
        };
        initialize(folder.path(), &options).unwrap();
        let now = folder::read_key_set(&folder.path().join(KEY_SET_FILE)).unwrap().set().time;
        (folder, ManualClock::at(now))
    }

    /// Returns a statement signed with the current service key, after checking that the service opens.
    fn statement(folder: &Path, clock: &ManualClock) -> String {
        drop(Service::open(folder, Settings::default(), Arc::new(clock.clone())).unwrap());
        let keys = Keys::load(folder).unwrap();
        let revocations = Revocations { issuer: keys.issuer, holder: "h".into(), time: clock.now(), revoked: vec![] };
        jws::sign(&revocations, &keys.service).unwrap()
    }

    fn is_valid(folder: &Path, statement: &str) -> bool {
        let set = folder::read_key_set(&folder.join(KEY_SET_FILE)).unwrap();
        set.verify_statement::<Revocations>(statement, KeyUse::Service, |revocations| revocations.time).is_ok()
    }

    /// Fails at the file with this index and leaves a half-written temporary file.
    fn rotate_until(
        folder: &Path,
        old_keys: OldKeyAction,
        clock: &ManualClock,
        index: usize,
    ) -> Result<KeySetUpdate, ServiceError> {
        let mut files = 0..;
        rotate(folder, None, old_keys, clock, &mut |path, bytes| {
            if files.next() < Some(index) {
                return files::replace(path, bytes);
            }
            std::fs::write(path.with_file_name(".tmp-interrupted"), &bytes[..bytes.len() / 2]).unwrap();
            Err(ServiceError::file(path, std::io::ErrorKind::Interrupted.into()))
        })
    }

    #[test]
    fn interrupted_rotation_can_be_repeated() {
        for old_keys in ALL {
            let mut index = 0;
            loop {
                let (folder, clock) = new_service();
                let folder = folder.path();
                let old_statement = statement(folder, &clock);
                let is_interrupted = rotate_until(folder, old_keys, &clock, index).is_err();
                let interim_statement = statement(folder, &clock);
                assert!(is_valid(folder, &interim_statement), "{old_keys:?} {index}");
                if !is_interrupted {
                    assert_eq!(index, 4);
                    break;
                }
                assert!(is_valid(folder, &old_statement), "{old_keys:?} {index}: nothing is revoked yet");
                let published = rotate_keys(folder, None, old_keys, &clock).unwrap();
                assert!(is_valid(folder, &statement(folder, &clock)));
                for statement in [&old_statement, &interim_statement] {
                    assert_eq!(is_valid(folder, statement), old_keys == OldKeyAction::Retire, "{old_keys:?} {index}");
                }
                // Only keys that may have signed a statement keep their entries.
                let used_index = if old_keys == OldKeyAction::Retire { [5, 5, 6, 7][index] } else { 3 };
                assert_eq!(published.remaining_rotations, (62 - used_index) / 2, "{old_keys:?} {index}");
                index += 1;
            }
        }
    }

    #[test]
    fn revocation_covers_current_or_all_keys() {
        let (folder, clock) = new_service();
        let folder = folder.path();
        let mut statements = vec![statement(folder, &clock)];
        for _ in 0..2 {
            rotate_keys(folder, None, OldKeyAction::Retire, &clock).unwrap();
            statements.push(statement(folder, &clock));
        }
        let validity = || statements.iter().map(|statement| is_valid(folder, statement)).collect::<Vec<_>>();
        rotate_keys(folder, None, OldKeyAction::Revoke, &clock).unwrap();
        assert_eq!(validity(), [true, true, false], "retired earlier, they were nowhere to be stolen");
        rotate_keys(folder, None, OldKeyAction::Retire, &clock).unwrap();
        assert_eq!(validity(), [true, true, false], "what was revoked stays so when its key has gone");
        rotate_keys(folder, None, OldKeyAction::RevokeAll, &clock).unwrap();
        assert_eq!(validity(), [false; 3]);
    }

    #[test]
    fn full_key_set_accepts_revocation() {
        let (folder, clock) = new_service();
        let folder = folder.path();
        let mut remaining_rotations = 30;
        let error = loop {
            match rotate_keys(folder, None, OldKeyAction::Retire, &clock) {
                Ok(published) => remaining_rotations = published.remaining_rotations,
                Err(error) => break error,
            }
        };
        assert_eq!((remaining_rotations, error.code()), (0, "service-keys-full"));
        for index in 0..4 {
            rotate_until(folder, OldKeyAction::Revoke, &clock, index).unwrap_err();
            rotate_until(folder, OldKeyAction::Revoke, &clock, index).unwrap_err();
            rotate_keys(folder, None, OldKeyAction::Revoke, &clock).unwrap();
            assert!(is_valid(folder, &statement(folder, &clock)));
        }
        assert_eq!(rotate_keys(folder, None, OldKeyAction::Retire, &clock).unwrap_err().code(), "service-keys-full");
        assert_eq!(rotate_keys(folder, None, OldKeyAction::RevokeAll, &clock).unwrap().remaining_rotations, 29);
        rotate_keys(folder, None, OldKeyAction::Retire, &clock).unwrap();
    }

    #[test]
    fn wrong_clock_is_reported() {
        let (folder, clock) = new_service();
        let folder = folder.path();
        let right_time = clock.now();
        for (wrong_time, is_suspicious) in
            [(right_time + SUSPICIOUS_GAP + 1, true), (right_time + 86_400, true), (right_time + SUSPICIOUS_GAP, false)]
        {
            clock.set(wrong_time);
            let published = rotate_keys(folder, None, OldKeyAction::Retire, &clock).unwrap();
            assert_eq!(published.suspicious_previous_time.is_some(), is_suspicious, "{wrong_time}");
            clock.set(right_time);
            assert!(is_valid(folder, &statement(folder, &clock)));
        }
        clock.set(right_time - 86_400);
        assert!(
            publish_new_url(folder, None, "https://new.example", &clock).unwrap().suspicious_previous_time.is_some()
        );
    }

    #[test]
    fn new_url_changes_only_key_set() {
        let (folder, clock) = new_service();
        let folder = folder.path();
        let profile = std::fs::read(folder.join("service.json")).unwrap();
        publish_new_url(folder, None, "https://new.example/", &clock).unwrap();
        assert_eq!(std::fs::read(folder.join("service.json")).unwrap(), profile);
        assert_eq!(crate::service_url(folder).unwrap(), "https://new.example");
        statement(folder, &clock);
    }
}
