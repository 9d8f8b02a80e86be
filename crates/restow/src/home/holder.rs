//! Holder: the person that licenses are issued to. The keys differ for each issuer.

use restow_core::keys::{SecretKey, Seed};

/// Holder keys of this home.
#[derive(Clone, Debug)]
pub struct Holder {
    seed: Seed,
}

impl Holder {
    pub(crate) const fn new(seed: Seed) -> Self {
        Self { seed }
    }

    /// Returns the key at one issuer. Each incarnation is another key.
    #[must_use]
    pub fn key(&self, issuer: &str, incarnation: u32) -> SecretKey {
        self.seed.signing_key("holder key", &[issuer, &incarnation.to_string()])
    }

    /// Returns true if a key of this home, up to an incarnation, created the holder.
    #[must_use]
    pub fn created_holder(&self, issuer: &str, holder: &str, newest_incarnation: u32) -> bool {
        (0..=newest_incarnation).any(|incarnation| self.key(issuer, incarnation).public().thumbprint() == holder)
    }
}
