//! Signing keys of this computer at issuers.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use restow_core::keys::PublicKey;

use crate::error::Error;
use crate::home::{Computer, Home};
use crate::store::View;

/// Current and former public keys of this computer by issuer, derived on first use.
///
/// A counter under one of these keys is accepted only with a valid signature of this computer.
pub(crate) struct ComputerKeyCache {
    computer: Computer,
    incarnations: HashMap<String, u32>,
    keys: HashMap<String, Vec<PublicKey>>,
}

impl ComputerKeyCache {
    pub(crate) fn new(home: &Home, view: View<'_>) -> Result<Self, Error> {
        let services = view.services()?;
        let incarnations = services.iter().map(|service| (service.issuer().to_owned(), service.incarnation)).collect();
        Ok(Self { computer: home.computer()?, incarnations, keys: HashMap::new() })
    }

    /// Returns the keys at an issuer.
    pub(crate) fn of_issuer(&mut self, issuer: &str) -> &[PublicKey] {
        match self.keys.entry(issuer.to_owned()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(vacant) => {
                let newest = self.incarnations.get(issuer).copied().unwrap_or_default();
                let keys = (0..=newest).map(|n| self.computer.keys(issuer, n).signing.public()).collect();
                vacant.insert(keys)
            }
        }
    }
}
