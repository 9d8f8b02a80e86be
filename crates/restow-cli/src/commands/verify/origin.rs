//! Whose a set is, as far as services that are trusted here vouch for it (docs/backup-format.md §4).
//!
//! The library knows this when it restores, and does not offer it apart yet; this module goes when it does.

use restow::backup::{IssuerEntry, Location, Part, Reader, SetId};
use restow::jws;
use restow::license::KeyUse;
use restow::service::protocol::{Membership, SetCertificate};
use restow::store::{ServiceEntry, View};

use crate::failure::Failure;

/// A set, and whether every issuer entry of its state passes under services that are trusted here.
pub(super) struct Origin {
    pub(super) set: SetId,
    pub(super) computer_name: String,
    pub(super) proven: bool,
}

/// Looks at every set of which something can be read. Without a home nothing is trusted.
pub(super) fn of(location: &Location, view: Option<View<'_>>) -> Result<Vec<Origin>, Failure> {
    let mut origins = Vec::new();
    for set in location.sets().map_err(restow::Error::from)? {
        let loaded = location.set(set).map_err(restow::Error::from)?;
        // What cannot be read is reported as damage.
        let Ok(reader) = Reader::latest(&[loaded], &|| false) else { continue };
        let state: Vec<_> = reader.generations().iter().filter(|generation| generation.part == Part::State).collect();
        let mut proven = view.is_some() && !state.is_empty();
        for generation in &state {
            proven &= !generation.manifest.issuers.is_empty();
            for entry in &generation.manifest.issuers {
                let service = match view {
                    Some(view) => view.service(&entry.issuer)?.filter(ServiceEntry::is_pinned),
                    None => None,
                };
                proven &= service.is_some_and(|service| passes(entry, &service, set));
            }
        }
        let computer_name = state.last().map(|generation| generation.manifest.computer_name.clone());
        origins.push(Origin { set, computer_name: computer_name.unwrap_or_default(), proven });
    }
    Ok(origins)
}

/// Key set → membership → certificate → set key, each naming the same issuer and holder.
fn passes(entry: &IssuerEntry, service: &ServiceEntry, set: SetId) -> bool {
    let (Some(holder), Some(membership), Some(certificate)) = (&entry.holder, &entry.membership, &entry.certificate)
    else {
        return false;
    };
    let membership = service.key_set.verify_statement::<Membership>(membership, KeyUse::Service, |said| said.time);
    let Ok(membership) = membership else { return false };
    let belongs = membership.confirmed
        && membership.issuer == entry.issuer
        && membership.holder == *holder
        && membership.computer == membership.computer_key.thumbprint();
    let certificate = jws::verify::<SetCertificate>(certificate, &membership.holder_key);
    belongs
        && certificate.is_ok_and(|certificate| {
            certificate.issuer == entry.issuer
                && certificate.holder == *holder
                && SetId::of(&certificate.set_key) == set
        })
}
