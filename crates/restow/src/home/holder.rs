//! The holder: the person licenses are issued to, by keys that differ for each issuer.

use restow_core::keys::{SecretKey, Seed};

/// The holder keys of this home.
#[derive(Clone, Debug)]
pub struct Holder {
    seed: Seed,
}

impl Holder {
    pub(crate) const fn new(seed: Seed) -> Self {
        Self { seed }
    }

    /// The key at one issuer; a larger incarnation is another key there.
    #[must_use]
    pub fn key(&self, issuer: &str, incarnation: u32) -> SecretKey {
        self.seed.signing_key("holder key", &[issuer, &incarnation.to_string()])
    }

    /// True when a holder was begun with one of this home's keys.
    #[must_use]
    pub fn created_holder(&self, issuer: &str, holder: &str, newest_incarnation: u32) -> bool {
        (0..=newest_incarnation).any(|incarnation| self.key(issuer, incarnation).public().thumbprint() == holder)
    }
}
