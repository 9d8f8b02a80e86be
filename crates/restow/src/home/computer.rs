//! The computer: one installation and its keys, different for each issuer (docs/service-protocol.md §1).

use std::path::PathBuf;

use restow_core::encoding::sha256;
use restow_core::hpke::HpkePrivateKey;
use restow_core::keys::{SecretKey, Seed};
use zeroize::Zeroizing;

use crate::home::HomeError;

/// The machine a home is used on: an application-specific hash of the system's machine ID, compared and never sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Machine(Option<[u8; 32]>);

impl Machine {
    /// This machine; where the system has no machine ID, every home is taken as made here.
    #[must_use]
    pub fn this() -> Self {
        machine_uid::get().map_or(Self(None), |id| Self::from_id(id.trim()))
    }

    /// The machine with this ID.
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

/// The keys of this installation.
#[derive(Clone, Debug)]
pub struct Computer {
    seed: Seed,
    on_its_machine: bool,
    file: PathBuf,
}

/// The keys of this computer at one issuer.
pub struct ComputerKeys {
    /// Signs requests, counters and restore-key certificates; its thumbprint is the computer ID.
    pub signing: SecretKey,
    /// Content keys are sealed to it.
    pub opening: HpkePrivateKey,
}

impl ComputerKeys {
    /// The computer ID at that issuer.
    #[must_use]
    pub fn computer_id(&self) -> String {
        self.signing.public().thumbprint()
    }
}

impl Computer {
    pub(crate) const fn new(seed: Seed, on_its_machine: bool, file: PathBuf) -> Self {
        Self { seed, on_its_machine, file }
    }

    /// The keys at one issuer; a larger incarnation is another identity there.
    #[must_use]
    pub fn keys(&self, issuer: &str, incarnation: u32) -> ComputerKeys {
        let incarnation = incarnation.to_string();
        let context = [issuer, incarnation.as_str()];
        ComputerKeys {
            signing: self.seed.signing_key("computer signing key", &context),
            opening: HpkePrivateKey::from_secret(&self.seed.derive("computer encryption key", &context)),
        }
    }

    /// The key that signs this computer's set at every location.
    #[must_use]
    pub fn set_key(&self) -> SecretKey {
        self.seed.signing_key("set key", &[])
    }

    /// What tells this computer from others at one provider of LCP licenses, and says nothing anywhere else.
    pub(crate) fn device_secret(&self, provider: &str) -> Zeroizing<[u8; 32]> {
        self.seed.derive("lcp device id", &[provider])
    }

    /// The key under which content keys are wrapped in the store.
    pub(crate) fn storage_key(&self) -> Zeroizing<[u8; 32]> {
        self.seed.derive("storage key", &[])
    }

    /// Fails on another machine than the one the home was made on: keys are not opened and uses not counted there.
    ///
    /// # Errors
    /// [`HomeError::OtherMachine`].
    pub fn check_machine(&self) -> Result<(), HomeError> {
        if self.on_its_machine { Ok(()) } else { Err(HomeError::OtherMachine(self.file.clone())) }
    }

    /// True on the machine the home was made on.
    #[must_use]
    pub const fn is_on_its_machine(&self) -> bool {
        self.on_its_machine
    }
}
