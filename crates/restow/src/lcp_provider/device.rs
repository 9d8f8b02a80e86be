//! Device ID and name of this computer for providers.
//!
//! Source: License Status Document 1.0, §3.3: the ID of a device is stable. Each provider gets another ID, so
//! that providers cannot compare people.

use restow_core::{KeyId, origin::Origin};

use crate::error::Error;
use crate::home::{Computer, Home};
use crate::store::{View, default_name};

/// This computer as a device of a provider.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    computer: Computer,
    chosen_name: Option<String>,
}

impl Device {
    /// Returns the device, or `None` for a home copied from another machine, because the IDs belong to that
    /// machine.
    pub(crate) fn from_home(home: &Home, view: View<'_>) -> Result<Option<Self>, Error> {
        let computer = home.computer()?;
        let chosen_name = view.chosen_name()?;
        Ok(computer.is_on_its_machine().then_some(Self { computer, chosen_name }))
    }

    /// Returns the ID and name for the provider of this origin.
    pub(super) fn identify_to(&self, provider: &Origin) -> (String, String) {
        let secret = self.computer.device_secret(&provider.to_string());
        let mut id: [u8; 16] = [0; 16];
        id.iter_mut().zip(secret.iter()).for_each(|(target, source)| *target = *source);
        // UUID version 8 (RFC 9562): the maker defines the content.
        let id = (u128::from_be_bytes(id) & !(0xF << 76) & !(0b11 << 62)) | (8 << 76) | (0b10 << 62);
        let id = KeyId::Uuid(id.to_be_bytes()).to_string();
        let name = self.chosen_name.clone().unwrap_or_else(|| default_name(&id));
        (id, name)
    }
}

#[cfg(test)]
mod tests {
    use restow_core::keys::Seed;

    use super::*;

    fn device(seed: u8, chosen_name: Option<&str>) -> Device {
        let computer = Computer::new(Seed::from_bytes([seed; 32]), true, "computer.key".into());
        Device { computer, chosen_name: chosen_name.map(str::to_owned) }
    }

    #[test]
    fn device_id_differs_by_provider_and_is_stable() {
        let origin = |url: &str| Origin::parse(url).unwrap();
        let (id, name) = device(1, None).identify_to(&origin("https://l.example/status/1"));
        assert_eq!(device(1, None).identify_to(&origin("https://L.example:443")).0, id);
        assert_ne!(device(1, None).identify_to(&origin("https://l.example:8443")).0, id);
        assert_ne!(device(2, None).identify_to(&origin("https://l.example")).0, id);
        assert_eq!((id.len(), &id[14..15], name), (36, "8", format!("computer {}", &id[..6])));
        assert!(matches!(&id[19..20], "8" | "9" | "a" | "b"), "{id}");
        assert_eq!(device(1, Some("PC Küche")).identify_to(&origin("https://l.example")), (id, "PC Küche".to_owned()));
    }
}
