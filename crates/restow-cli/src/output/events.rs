//! Status events of a run, printed as they happen.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use restow::{KeyId, NamedLicense, NamedLicenses, Report, RestrictedLicense, Status};
use serde_json::{Value, json};

use super::format::{fingerprint, quote_title};
use super::progress::Progress;
use super::style::Tone;
use super::ui::{Ui, print_object};
use crate::texts::values;

/// Returns the members of a status event besides its name and codes. Programs rely on them.
fn members(ui: &Ui, status: &Status) -> Value {
    match status {
        Status::RestrictedLicense(license) => json!({
            "license_id": license.identity.license_id, "key_id": license.key_id.as_ref().map(ToString::to_string),
            "kid": license.key_id.as_ref().map(KeyId::wm_base64), "titles": license.titles,
            "reason": license.reason.as_str(),
        }),
        // The facts about a service to which the user consents.
        Status::NeedsIndividualization { service, origin, issuer } => {
            json!({"service": service, "origin": origin, "issuer": issuer, "fingerprint": fingerprint(issuer)})
        }
        Status::NeedsProviderConsent { provider, origin } => json!({"provider": provider, "origin": origin}),
        Status::Connecting { service } | Status::Disconnecting { service } => json!({"service": service}),
        Status::ErrorWithUrl { service, url, .. } => json!({"service": service, "url": url}),
        Status::End(report) => end_members(ui, report),
        _ => Value::Null,
    }
}

fn end_members(ui: &Ui, report: &Report) -> Value {
    let summary = &report.summary;
    let not_restored = report.not_restored.iter().map(|item| {
        let (outcome, why) = (item.reason.category(), item.reason.code());
        json!({"license_id": item.identity.license_id, "titles": item.titles, "outcome": outcome, "why": why})
    });
    let mut members = json!({
        "summary": {
            "backed_up": summary.backed_up, "restricted": summary.restricted, "restored": summary.restored,
            "already_here": summary.already_here, "refused": summary.refused, "pending": summary.pending,
            "damaged": summary.damaged,
        },
        "generation": report.generation,
        "carried": (summary.carried > 0).then_some(summary.carried),
        "not_restored": not_restored.collect::<Vec<_>>(),
        "rewritten": named_licenses(&report.rewritten),
        "unreadable": named_licenses(&report.unreadable),
        "left_out": named_licenses(&report.left_out),
        "without_file": report.without_file,
        "warnings": report.warnings.iter().map(|warning| ui.message_with_help(warning)).collect::<Vec<_>>(),
    });
    if let Some(members) = members.as_object_mut() {
        members.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
    }
    members
}

/// Returns the objects of licenses that a report names.
pub(crate) fn named_licenses(licenses: &NamedLicenses) -> Vec<Value> {
    let object = |license: &NamedLicense| json!({"license_id": license.identity.license_id, "titles": license.titles});
    licenses.first.iter().map(object).collect()
}

/// Prints the status events of a run. The command itself prints the end, because the next step depends on the
/// command.
pub(crate) struct StatusPrinter {
    ui: Arc<Ui>,
    progress: Progress,
    heading_printed: AtomicBool,
}

impl StatusPrinter {
    pub(crate) fn new(ui: &Arc<Ui>) -> Self {
        Self { ui: ui.clone(), progress: Progress::new(ui), heading_printed: AtomicBool::new(false) }
    }

    /// Prints one status event.
    pub(crate) fn print(&self, status: &Status) {
        match status {
            Status::Progress { done, total } => {
                self.progress.set_position(*done, *total);
                print_object!(self.ui, "progress", {"progress": {"done": done, "total": total}});
            }
            Status::End(_) => self.progress.finish(),
            _ => {}
        }
        if !matches!(status, Status::Progress { .. }) {
            if self.ui.is_json() {
                print_object!(self.ui, "status_event", &members(&self.ui, status), {
                    "status": status.name(), "code": status.code(), "hr": status.result().to_string(),
                });
            } else {
                self.progress.suspend(|| {
                    self.print_text(status);
                    self.ui.flush();
                });
            }
        }
        self.ui.flush();
        if matches!(status, Status::Connecting { .. }) {
            self.progress.show_waiting();
        }
    }

    fn print_text(&self, status: &Status) {
        let ui = &self.ui;
        match status {
            Status::RestrictedLicense(license) => {
                if !self.heading_printed.swap(true, Ordering::Relaxed) {
                    ui.print("restricted-heading", values![]);
                }
                ui.print_line(&restricted_line(ui, license));
            }
            Status::NeedsIndividualization { service, .. } => {
                ui.print_styled(Tone::Warning, "event-needs-registration", values![service = service.as_str()]);
            }
            Status::Connecting { service } => ui.print("event-connecting", values![service = service.as_str()]),
            Status::Disconnecting { service } => ui.print("event-disconnecting", values![service = service.as_str()]),
            Status::ErrorWithUrl { service, url, .. } => {
                let values = values![service = service.as_str(), url = url.as_str()];
                ui.print_styled(Tone::Warning, "event-page", values);
            }
            _ => {}
        }
    }
}

/// Returns the line for a restricted license: titles and reason, or the key ID if no title is known.
pub(crate) fn restricted_line(ui: &Ui, license: &RestrictedLicense) -> String {
    let id = &license.identity.license_id;
    restricted_text(ui, &license.titles, license.key_id.as_ref(), id, license.reason.as_str())
}

/// Returns the line of [`restricted_line`] for a license given by its parts.
pub(crate) fn restricted_text(ui: &Ui, titles: &[String], key_id: Option<&KeyId>, id: &str, reason: &str) -> String {
    match (titles, key_id) {
        ([], Some(key_id)) => ui.text("restricted-unknown", values![key = key_id.to_string()]),
        ([], None) => ui.text("restricted-no-key", values![license = id]),
        (titles, _) => {
            let titles: Vec<String> = titles.iter().map(|title| quote_title(ui, title)).collect();
            let reason = ui.text(&format!("reason-{reason}"), values![]);
            ui.text("restricted-titled", values![titles = titles.join(", "), reason = reason])
        }
    }
}
