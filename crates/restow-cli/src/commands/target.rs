//! Files, key IDs and license IDs as targets of a command.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use restow::license::{self, Kind};
use restow::license_search::{MatchKind, search_store};
use restow::store::{LicenseEntry, Store};
use restow::{Hresult, KeyId, usage};
use restow_media::{Format, Probe, System};

use super::scan::kind_count;
use super::{CommandError, Failure, licenses::NamedLicense, values};
use crate::output::{Tone, Ui, shell_word};

/// Target of a command.
pub(super) enum Target {
    Key(KeyId),
    File(Box<Probe>),
}

impl Target {
    /// Resolves a path or a key ID. An existing file takes precedence.
    pub(super) fn resolve(target: &Path) -> Result<Self, Failure> {
        let parsed = target.to_str().and_then(|text| text.parse::<KeyId>().ok());
        match parsed {
            Some(key_id) if !target.exists() => Ok(Self::Key(key_id)),
            _ => Ok(Self::File(Box::new(probe_file(target)?))),
        }
    }
}

/// Returns the licenses that a text names by their ID, a prefix of the ID, or a title. An existing file and a known
/// key ID take precedence, because a provider can choose any license ID and title.
pub(super) fn licenses_by_name(store: &Store, target: &Path) -> Result<Vec<LicenseEntry>, Failure> {
    let view = store.view();
    let Some(name) = target.to_str().filter(|_| !target.exists()) else { return Ok(Vec::new()) };
    if let Ok(key_id) = name.parse::<KeyId>()
        && !(view.licenses_for(&key_id)?.is_empty() && view.paths(&key_id)?.is_empty())
    {
        return Ok(Vec::new());
    }
    let found = search_store(view, name, None)?;
    // Several issuers can use one ID. All these licenses are shown.
    if found.kind != Some(MatchKind::Id) && found.count > 1 {
        NamedLicense::only(found, name)?;
        return Ok(Vec::new());
    }
    let mut entries = Vec::new();
    for (identity, _) in &found.licenses {
        entries.extend(view.license(identity)?);
    }
    Ok(entries)
}

/// Probes a file.
pub(super) fn probe_file(path: &Path) -> Result<Probe, Failure> {
    restow_media::probe_path(path).map_err(|error| {
        let why = std::io::Error::new(error.kind(), error.to_string());
        Failure::new(CommandError::Unreadable)
            .with("path", path.display())
            .with_cause(&why)
            .hresult(Hresult::NS_E_INVALID_NAME)
    })
}

/// Prints the protection and the key IDs of a file.
pub(super) fn print_protection(ui: &Ui, probe: &Probe) {
    match probe.protected {
        Some(true) => {
            let systems: Vec<&str> = probe.systems.iter().map(|system| system.as_str()).collect();
            ui.print("file-is-protected", values![systems = systems.join(", ")]);
        }
        Some(false) => ui.print("file-is-clear", values![]),
        None if probe.format.is_voucher() => {
            ui.print_styled(Tone::Warning, "file-is-voucher", values![format = probe.format.as_str()]);
        }
        None => match unknown_reason(ui, probe) {
            Some(why) => ui.print("file-unknown-because", values![why = why]),
            None => ui.print("file-unknown", values![]),
        },
    }
    for key_id in &probe.key_ids {
        ui.print("file-key", values![key = key_id.to_string(), kid = key_id.wm_base64()]);
    }
}

/// Returns the reason why the protection of a file is unknown.
pub(super) fn unknown_reason(ui: &Ui, probe: &Probe) -> Option<String> {
    probe.unknown_because.as_ref().map(|warning| ui.clause(&warning.into()))
}

/// Returns the system of a protected file whose license no program can get or save.
pub(super) fn bound_system(probe: &Probe) -> Option<&'static str> {
    let is_protected = probe.protected == Some(true) && !probe.systems.contains(&System::Lcp);
    // A file without a named system and with a key ID may have a license of a service.
    let system = probe.systems.first().map(|system| system.as_str());
    system.or_else(|| probe.key_ids.is_empty().then_some("unknown")).filter(|_| is_protected)
}

/// Prints where the license of such a file is, and what the user can do. Returns false for any other file.
pub(super) fn print_bound(ui: &Ui, probe: &Probe) -> bool {
    let Some(system) = bound_system(probe) else { return false };
    ui.print("file-cannot-be-saved", values![system = system]);
    true
}

/// Prints that the embedded license is not in the store, and how to import a readable one.
pub(super) fn print_not_imported(ui: &Ui, path: &Path) {
    if usage::embedded_license(path).is_some() {
        ui.print("file-not-imported", values![path = shell_word(&path.to_string_lossy())]);
    } else {
        ui.print_styled(Tone::Warning, "file-license-broken", values![]);
    }
}

/// Prints the kind of a file that is not examined, and how to import it if that is possible.
pub(super) fn print_file_kind(ui: &Ui, path: &Path, probe: &Probe) {
    if probe.format != Format::Unknown {
        return;
    }
    let mut start = Vec::new();
    if File::open(path).and_then(|file| file.take(license::MAX_DOCUMENT).read_to_end(&mut start)).is_err() {
        return;
    }
    let path = shell_word(&path.to_string_lossy());
    if license::parse(&start).is_ok_and(|license| license.identity.kind == Kind::Lcp) {
        ui.print("file-is-license", values![path = path]);
    } else if start.starts_with(b"PK\x03\x04") {
        ui.print("file-is-archive", values![path = path]);
    } else if let Some(kind) = probe.other_kind {
        ui.print("file-not-examined", values![kind = kind_count(ui, kind.as_str(), 1)]);
    }
}
