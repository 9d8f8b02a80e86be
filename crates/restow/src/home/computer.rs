//! Computer: one installation and its keys, which differ for each issuer (docs/service-protocol.md §1).

use std::path::PathBuf;

use restow_core::encoding::sha256;
use restow_core::hpke::HpkePrivateKey;
use restow_core::keys::{SecretKey, Seed};
use zeroize::Zeroizing;

use crate::home::HomeError;

/// Machine of a home: a hash of the machine ID of the system, which is compared and never sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Machine(Option<[u8; 32]>);

impl Machine {
    /// Returns this machine. On a system without a machine ID, every home matches.
    #[must_use]
    pub fn this() -> Self {
        machine_uid::get().map_or(Self(None), |id| Self::from_id(id.trim()))
    }

    /// Returns the machine with this ID.
    #[must_use]
    pub fn from_id(id: &str) -> Self {
        Self((!id.is_empty()).then(|| sha256(format!("restow machine v1\0{id}").as_bytes())))
    }

    pub(crate) const fn fingerprint(self) -> Option<[u8; 32]> {
        self.0
    }

    pub(crate) fn matches(self, made_on: Option<[u8; 32]>) -> bool {
        match (self.0, made_on) {
            (Some(here), Some(there)) => here == there,
            _ => true,
        }
    }
}

/// Keys of this installation.
#[derive(Clone, Debug)]
pub struct Computer {
    seed: Seed,
    on_its_machine: bool,
    file: PathBuf,
}

/// Keys of this computer at one issuer.
pub struct ComputerKeys {
    /// Key that signs requests, counters and restore key certificates. Its thumbprint is the computer ID.
    pub signing: SecretKey,
    /// Key to which content keys are sealed.
    pub opening: HpkePrivateKey,
}

impl ComputerKeys {
    /// Returns the computer ID at the issuer.
    #[must_use]
    pub fn computer_id(&self) -> String {
        self.signing.public().thumbprint()
    }
}

impl Computer {
    pub(crate) const fn new(seed: Seed, on_its_machine: bool, file: PathBuf) -> Self {
        Self { seed, on_its_machine, file }
    }

    /// Returns the keys at one issuer. Each incarnation is another identity.
    #[must_use]
    pub fn keys(&self, issuer: &str, incarnation: u32) -> ComputerKeys {
        let incarnation = incarnation.to_string();
        let context = [issuer, incarnation.as_str()];
        ComputerKeys {
            signing: self.seed.signing_key("computer signing key", &context),
            opening: HpkePrivateKey::from_secret(&self.seed.derive("computer encryption key", &context)),
        }
    }

    /// Returns the key that signs the set of this computer at every location.
    #[must_use]
    pub fn set_key(&self) -> SecretKey {
        self.seed.signing_key("set key", &[])
    }

    /// Returns the secret that identifies this computer at one provider of LCP licenses, and differs at all others.
    pub(crate) fn device_secret(&self, provider: &str) -> Zeroizing<[u8; 32]> {
        self.seed.derive("lcp device id", &[provider])
    }

    /// Returns the key that wraps content keys in the store.
    pub(crate) fn storage_key(&self) -> Zeroizing<[u8; 32]> {
        self.seed.derive("storage key", &[])
    }

    /// Checks that the home is on the machine that created it. Other machines open no keys and count no uses.
    ///
    /// # Errors
    /// [`HomeError::OtherMachine`] on another machine.
    pub fn check_machine(&self) -> Result<(), HomeError> {
        if self.on_its_machine { Ok(()) } else { Err(HomeError::OtherMachine(self.file.clone())) }
    }

    /// Returns true on the machine that created the home.
    #[must_use]
    pub const fn is_on_its_machine(&self) -> bool {
        self.on_its_machine
    }
}
