//! New keys and a new address: new versions of the key set, signed by the root (docs/service-protocol.md §2.1).
//!
//! Every file is replaced whole, and in an order in which the service can run after each: new keys are certified before
//! they are used, and the old ones end after they are.

use std::path::Path;

use restow_core::keys::SecretKey;
use restow_core::license::{CertifiedKey, KeySet, KeyUse, MAX_KEYS, TrustedKeySet};
use restow_core::protocol::CLOCK_TOLERANCE;
use restow_core::{Clock, UnixTime};

use crate::error::ServiceError;
use crate::folder::{self, KEY_SET, LICENSE, ROOT, SERVICE};
use crate::lock::Lock;

/// So many keys one replacement adds.
const FRESH: usize = 2;
/// So many of a key set's places are for keys in place of stolen ones alone.
const RESERVED: usize = 2;
/// Two years between two key sets are no everyday thing.
const LONG: i64 = 2 * 366 * 86_400;

/// What becomes of the keys that are replaced.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replaced {
    /// What they signed stays good.
    Retired,
    /// Somebody else has them: nothing they signed is accepted by its signature any more. Licenses that computers hold
    /// stay; from a backup they come by the service's grant. What keys signed that were retired earlier stays good.
    Revoked,
    /// As [`Revoked`](Self::Revoked), with all keys that were retired earlier.
    AllRevoked,
}

/// A new version of the key set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Published {
    /// Its number.
    pub version: u64,
    /// How often keys can still be retired before the key set is full.
    pub room: usize,
    /// When the version before was signed, if that is long ago or still to come by this computer's clock: perhaps the
    /// clock is wrong.
    pub clock_differs: Option<UnixTime>,
}

/// How a file is replaced; tests break it off.
type Replace<'a> = &'a mut dyn FnMut(&Path, &[u8]) -> Result<(), ServiceError>;

/// Gives a service new license and service keys. The service must not run; computers learn of it when they next ask.
///
/// # Errors
/// When a server runs on the folder, `root` is not the root key of this service, the key set has no room for more keys,
/// or a file cannot be read or written. What was written then is good; doing it again does the rest.
pub fn rotate_keys(
    folder: &Path,
    root: Option<&Path>,
    replaced: Replaced,
    clock: &dyn Clock,
) -> Result<Published, ServiceError> {
    let _lock = Lock::take(folder)?;
    rotate(folder, root, replaced, clock, &mut folder::replace)
}

fn rotate(
    folder: &Path,
    root: Option<&Path>,
    replaced: Replaced,
    clock: &dyn Clock,
    replace: Replace<'_>,
) -> Result<Published, ServiceError> {
    let mut press = Press::open(folder, root, clock, replace)?;
    make_room(folder, &mut press.set, replaced)?;
    let (license, service) = (folder::random()?, folder::random()?);
    let fresh = [(KeyUse::License, LICENSE, &license), (KeyUse::Service, SERVICE, &service)];
    // Good from ever: the root's word for them must not depend on a clock that may be wrong.
    let current = fresh.map(|(key_use, _, key)| CertifiedKey::new(key_use, SecretKey::from_bytes(key).public(), 0));
    press.set.keys.extend(current.iter().cloned());
    press.publish()?;
    for (_, name, key) in fresh {
        (press.replace)(&folder.join(name), folder::key_text(key).as_bytes())?;
    }
    // What was signed just now, by a clock a little ahead, stays good.
    let end = press.set.time.max(clock.now()).saturating_add(CLOCK_TOLERANCE);
    let others = press.set.keys.iter_mut().filter(|key| key.key_use != KeyUse::Sunset);
    for key in others.filter(|key| key.until.is_none() && current.iter().all(|current| current.id != key.id)) {
        key.until = Some(end);
        key.revoked = replaced != Replaced::Retired;
    }
    press.publish()
}

/// Takes out the keys whose absence says the same as their presence: revoked ones, those that were certified by an attempt
/// that was broken off and never used, and those that are to be revoked now and that the service can run without.
fn make_room(folder: &Path, set: &mut KeySet, replaced: Replaced) -> Result<(), ServiceError> {
    // Attempts add keys behind those there are. What stands behind the key in use was never written to its file.
    let in_use = |key_use, name| {
        let id = SecretKey::from_bytes(&*folder::read_key(&folder.join(name)).ok()?).public().thumbprint();
        set.keys.iter().position(|key| key.key_use == key_use && key.id == id)
    };
    let (license, service) = (in_use(KeyUse::License, LICENSE), in_use(KeyUse::Service, SERVICE));
    let mut places = 0..;
    set.keys.retain(|key| {
        let at = places.next();
        let used = match key.key_use {
            KeyUse::License => license,
            KeyUse::Service => service,
            KeyUse::Sunset => return true,
        };
        let never_used = used.is_some() && at > used && key.until.is_none();
        let doomed = match replaced {
            Replaced::Retired => false,
            Replaced::Revoked => key.until.is_none(),
            Replaced::AllRevoked => true,
        };
        at == used || !(key.revoked || never_used || doomed)
    });
    let reserved = if replaced == Replaced::Retired { RESERVED } else { 0 };
    if set.keys.len() + FRESH + reserved > MAX_KEYS {
        return Err(ServiceError::KeysFull(folder.to_owned()));
    }
    Ok(())
}

/// Publishes a new address. As long as the service answers at the old one, computers learn of it there.
///
/// # Errors
/// As [`rotate_keys`], and when `url` is no origin a service can have.
pub fn move_to(folder: &Path, root: Option<&Path>, url: &str, clock: &dyn Clock) -> Result<Published, ServiceError> {
    let _lock = Lock::take(folder)?;
    let mut replace = folder::replace;
    let mut press = Press::open(folder, root, clock, &mut replace)?;
    press.set.service_url = folder::origin(url)?;
    press.publish()
}

/// What new versions of a key set are made with.
struct Press<'a> {
    folder: &'a Path,
    root: SecretKey,
    clock: &'a dyn Clock,
    replace: Replace<'a>,
    set: KeySet,
    /// When the version found here was signed.
    before: UnixTime,
}

impl<'a> Press<'a> {
    fn open(
        folder: &'a Path,
        root: Option<&Path>,
        clock: &'a dyn Clock,
        replace: Replace<'a>,
    ) -> Result<Self, ServiceError> {
        let path = root.map_or_else(|| folder.join(ROOT), Path::to_owned);
        if !path.exists() {
            return Err(ServiceError::NoRoot(path));
        }
        let root = SecretKey::from_bytes(&*folder::read_key(&path)?);
        let set = folder::read_key_set(&folder.join(KEY_SET))?.set().clone();
        if root.public().thumbprint() != set.issuer {
            return Err(ServiceError::Setting {
                name: "root",
                what: "it is the root key of another service".to_owned(),
            });
        }
        let before = set.time;
        Ok(Self { folder, root, clock, replace, set, before })
    }

    /// Signs what the key set says now as its next version.
    fn publish(&mut self) -> Result<Published, ServiceError> {
        let now = self.clock.now();
        self.set.version = self.set.version.saturating_add(1);
        // A clock that was set back does not make it older than what it replaces.
        self.set.time = self.set.time.max(now);
        let signed = TrustedKeySet::sign(&self.set, &self.root)
            .map_err(|error| ServiceError::Setting { name: "key set", what: error.to_string() })?;
        (self.replace)(&self.folder.join(KEY_SET), format!("{}\n", signed.document()).as_bytes())?;
        let stay = self.set.keys.iter().filter(|key| !key.revoked).count();
        let since = now.saturating_sub(self.before);
        Ok(Published {
            version: self.set.version,
            room: MAX_KEYS.saturating_sub(RESERVED).saturating_sub(stay) / FRESH,
            clock_differs: (!(-CLOCK_TOLERANCE..=LONG).contains(&since)).then_some(self.before),
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
    use crate::{Initialize, Service, Settings, initialize};

    const ALL: [Replaced; 3] = [Replaced::Retired, Replaced::Revoked, Replaced::AllRevoked];

    fn service() -> (tempfile::TempDir, ManualClock) {
        let folder = tempfile::tempdir().unwrap();
        let options = Initialize {
            name: "Shop".into(),
            url: "https://shop.example".into(),
            privacy_url: None,
            contact: "help@shop.example".into(),
        };
        initialize(folder.path(), &options).unwrap();
        let now = folder::read_key_set(&folder.path().join(KEY_SET)).unwrap().set().time;
        (folder, ManualClock::at(now))
    }

    /// What a service says, signed with the key it has now. It runs.
    fn statement(folder: &Path, clock: &ManualClock) -> String {
        drop(Service::open(folder, Settings::default(), Arc::new(clock.clone())).unwrap());
        let keys = Keys::load(folder).unwrap();
        let said = Revocations { issuer: keys.issuer, holder: "h".into(), time: clock.now(), revoked: vec![] };
        jws::sign(&said, &keys.service).unwrap()
    }

    fn believed(folder: &Path, statement: &str) -> bool {
        let set = folder::read_key_set(&folder.join(KEY_SET)).unwrap();
        set.verify_statement::<Revocations>(statement, KeyUse::Service, |said| said.time).is_ok()
    }

    /// Breaks off at the file of this number, which is left half written aside.
    fn cut(folder: &Path, replaced: Replaced, clock: &ManualClock, at: usize) -> Result<Published, ServiceError> {
        let mut files = 0..;
        rotate(folder, None, replaced, clock, &mut |path, bytes| {
            if files.next() < Some(at) {
                return folder::replace(path, bytes);
            }
            std::fs::write(path.with_extension("tmp"), &bytes[..bytes.len() / 2]).unwrap();
            Err(ServiceError::file(path, std::io::ErrorKind::Interrupted.into()))
        })
    }

    #[test]
    fn broken_off_anywhere_the_service_runs_and_doing_it_again_does_the_rest() {
        for replaced in ALL {
            let mut at = 0;
            loop {
                let (folder, clock) = service();
                let folder = folder.path();
                let before = statement(folder, &clock);
                let broken_off = cut(folder, replaced, &clock, at).is_err();
                let meanwhile = statement(folder, &clock);
                assert!(believed(folder, &meanwhile), "{replaced:?} {at}");
                if !broken_off {
                    assert_eq!(at, 4);
                    break;
                }
                assert!(believed(folder, &before), "{replaced:?} {at}: nothing is revoked yet");
                let published = rotate_keys(folder, None, replaced, &clock).unwrap();
                assert!(believed(folder, &statement(folder, &clock)));
                for said in [&before, &meanwhile] {
                    assert_eq!(believed(folder, said), replaced == Replaced::Retired, "{replaced:?} {at}");
                }
                // Only keys that may have signed something take places.
                let used = if replaced == Replaced::Retired { [5, 5, 6, 7][at] } else { 3 };
                assert_eq!(published.room, (62 - used) / 2, "{replaced:?} {at}");
                at += 1;
            }
        }
    }

    #[test]
    fn what_is_revoked() {
        let (folder, clock) = service();
        let folder = folder.path();
        let mut said = vec![statement(folder, &clock)];
        for _ in 0..2 {
            rotate_keys(folder, None, Replaced::Retired, &clock).unwrap();
            said.push(statement(folder, &clock));
        }
        let believed = || said.iter().map(|said| believed(folder, said)).collect::<Vec<_>>();
        rotate_keys(folder, None, Replaced::Revoked, &clock).unwrap();
        assert_eq!(believed(), [true, true, false], "retired earlier, they were nowhere to be stolen");
        rotate_keys(folder, None, Replaced::Retired, &clock).unwrap();
        assert_eq!(believed(), [true, true, false], "what was revoked stays so when its key has gone");
        rotate_keys(folder, None, Replaced::AllRevoked, &clock).unwrap();
        assert_eq!(believed(), [false; 3]);
    }

    #[test]
    fn a_full_key_set_has_room_for_keys_in_place_of_stolen_ones() {
        let (folder, clock) = service();
        let folder = folder.path();
        let mut room = 30;
        let full = loop {
            match rotate_keys(folder, None, Replaced::Retired, &clock) {
                Ok(published) => room = published.room,
                Err(error) => break error,
            }
        };
        assert_eq!((room, full.code()), (0, "service-keys-full"));
        for at in 0..4 {
            cut(folder, Replaced::Revoked, &clock, at).unwrap_err();
            cut(folder, Replaced::Revoked, &clock, at).unwrap_err();
            rotate_keys(folder, None, Replaced::Revoked, &clock).unwrap();
            assert!(believed(folder, &statement(folder, &clock)));
        }
        assert_eq!(rotate_keys(folder, None, Replaced::Retired, &clock).unwrap_err().code(), "service-keys-full");
        assert_eq!(rotate_keys(folder, None, Replaced::AllRevoked, &clock).unwrap().room, 29);
        rotate_keys(folder, None, Replaced::Retired, &clock).unwrap();
    }

    #[test]
    fn a_wrong_clock_spoils_no_key_and_is_told() {
        let (folder, clock) = service();
        let folder = folder.path();
        let right = clock.now();
        for (wrong, differs) in [(right + LONG + 1, true), (right + 86_400, true), (right + LONG, false)] {
            clock.set(wrong);
            let published = rotate_keys(folder, None, Replaced::Retired, &clock).unwrap();
            assert_eq!(published.clock_differs.is_some(), differs, "{wrong}");
            clock.set(right);
            assert!(believed(folder, &statement(folder, &clock)));
        }
        clock.set(right - 86_400);
        assert!(move_to(folder, None, "https://new.example", &clock).unwrap().clock_differs.is_some());
    }

    #[test]
    fn a_move_is_one_file() {
        let (folder, clock) = service();
        let folder = folder.path();
        let profile = std::fs::read(folder.join("service.json")).unwrap();
        move_to(folder, None, "https://new.example/", &clock).unwrap();
        assert_eq!(std::fs::read(folder.join("service.json")).unwrap(), profile);
        assert_eq!(crate::service_url(folder).unwrap(), "https://new.example");
        statement(folder, &clock);
    }
}
