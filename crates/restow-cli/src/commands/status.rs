//! `restow status`

use std::collections::BTreeMap;

use restow::UnixTime;
use restow::license::Kind;
use restow::listing::{self, LicenseInfo, LicenseState};
use restow::location_status::{KnownLocation, LocationStatus, known_locations};
use restow::safety::{RiskReason, Safety};
use restow::service::protocol::{Notice, NoticeCode};
use restow::store::UnlicensedFiles;
use restow_core::message::EXAMPLE_LOCATION;
use serde_json::{Value, json};

use super::{Context, Exit, Failure, print_object, scan::print_embedded_licenses, values};
use crate::output::{LcpStatusObject, Table, Tone, Ui, confirmation_id, display_title, shell_word};

/// Maximum number of titles per list for people.
const MAX_SHOWN: usize = 50;

/// Maximum number of titles per list in the summary object.
const MAX_TITLES: usize = 1000;

#[derive(Default)]
struct Overview {
    licenses: u64,
    in_backup: u64,
    safe: Section,
    at_risk: BTreeMap<RiskReason, Section>,
    /// Licenses that may not be backed up.
    restricted: Section,
    /// Protected files without a license, of systems whose licenses no program can back up.
    unsavable: Section,
    revoked: u64,
    /// Licenses that expired, are used up, or were ended by their provider.
    ended: u64,
    /// Licenses with an invalid signature.
    invalid: u64,
    /// End and line of each loan.
    loans: Vec<(UnixTime, String)>,
    loans_count: u64,
    /// Number of licenses at each path.
    held: BTreeMap<String, u64>,
}

/// Number of licenses or files in one state, with the lines for people and the titles of the first ones.
#[derive(Default)]
struct Section {
    count: u64,
    lines: Vec<String>,
    titles: Vec<Value>,
}

impl Section {
    fn add(&mut self, line: impl FnOnce() -> String, title: impl FnOnce() -> Value) {
        self.count += 1;
        if self.lines.len() < MAX_SHOWN {
            self.lines.push(line());
        }
        if self.titles.len() < MAX_TITLES {
            self.titles.push(title());
        }
    }

    fn without_lines(count: u64) -> Self {
        Self { count, ..Self::default() }
    }
}

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let known = known_locations(&home, &store)?;
    let mut overview = Overview::default();
    listing::licenses(&home, &store, &mut |listed| {
        overview.add(ui, &listed);
        Ok(())
    })?;
    let notices = store.view().notices()?;
    let without = store.view().unlicensed_files(MAX_TITLES)?;
    overview.add_files(ui, &without);
    for location in &known {
        print_location_object(ui, location);
    }
    overview.print_summary_object(ui, &without);
    let others = without.count.saturating_sub(without.unsavable);
    if !ui.is_json() {
        overview.print(ui, &known);
        if others > 0 || without.embedded > 0 {
            ui.blank_line();
        }
    }
    print_embedded_licenses(ui, &without);
    if others > 0 {
        ui.print("status-without-license", values![count = others]);
    }
    for (issuer, notice) in &notices {
        print_notice(ui, issuer, notice);
    }
    Ok(Exit::Done)
}

fn print_location_object(ui: &Ui, known: &KnownLocation) {
    let Some(backup) = &known.backup else { return };
    print_object!(ui, "location", {"backup": {
        "location": known.location.path, "generation": backup.generation, "at": restow::rfc3339(backup.at),
        "standing": known.status.as_str(), "withdrawn": known.has_withdrawn_key,
        "disk": disk_name(known), "last_seen": known.location.seen.map(restow::rfc3339),
        "last_read_back": known.read_back().map(restow::rfc3339), "risk": known.risk.map(RiskReason::as_str),
    }});
}

/// Returns the name of the disk relation of a location in objects.
pub(super) fn disk_name(known: &KnownLocation) -> &'static str {
    known.location.disk.map_or("unknown", restow::disk::DiskRelation::as_str)
}

impl Overview {
    fn add(&mut self, ui: &Ui, listed: &LicenseInfo) {
        self.licenses += 1;
        let identity = &listed.license.identity;
        let newest = listed.backups.iter().max_by_key(|(_, at)| *at);
        let safety = listed.safety.unwrap_or(Safety::AtRisk(RiskReason::NoBackup));
        print_object!(ui, "license_status", {
            "license_id": identity.license_id,
            "key_ids": listed.license.key_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "titles": listed.titles,
            "status": listed.state.as_str(),
            "safe": safety == Safety::Safe,
            "at_risk": matches!(safety, Safety::AtRisk(_)),
            "cannot_be_saved": matches!(safety, Safety::CannotBeSaved(_)),
            "reason": safety.reason(),
            "revoked": listed.state == LicenseState::Revoked,
            "expires": listed.expires().map(restow::rfc3339),
            "provider": listed.lcp_status.as_ref().map(|entry| LcpStatusObject::new(entry, &listed.license.document)),
            "newest_backup": newest.map(|(location, at)| json!({"location": location, "at": restow::rfc3339(*at)})),
            "locations": listed.backups.iter().map(|(location, _)| location).collect::<Vec<_>>(),
        });
        self.add_loan(ui, listed);
        for (location, _) in &listed.backups {
            *self.held.entry(location.clone()).or_default() += 1;
        }
        let title = || display_title(ui, &listed.titles, &identity.license_id);
        if let Some(why) = &listed.unreadable {
            ui.warn("licenses-unreadable", values![title = title(), why = why.as_str()]);
        }
        self.invalid += u64::from(listed.state == LicenseState::Invalid);
        let has_backup = newest.is_some() && safety != Safety::Ended && listed.state != LicenseState::Invalid;
        self.in_backup += u64::from(has_backup);
        let object = || match safety.reason() {
            Some(reason) => {
                json!({"license_id": identity.license_id, "titles": listed.titles, "reason": reason})
            }
            None => json!({"license_id": identity.license_id, "titles": listed.titles}),
        };
        match safety {
            Safety::Safe => self.safe.add(|| ui.list_item(&title()), object),
            Safety::AtRisk(reason) => self.at_risk.entry(reason).or_default().add(|| ui.list_item(&title()), object),
            Safety::CannotBeSaved(restriction) => {
                let line = || {
                    let reason = ui.text(&format!("reason-{}", restriction.as_str()), values![]);
                    let url = listed.license.source_url.as_deref();
                    let id = if url.is_some() { "status-lost-where" } else { "status-lost" };
                    ui.text(id, values![title = title(), reason = reason, url = url.unwrap_or_default()])
                };
                self.restricted.add(line, object);
            }
            _ if listed.state == LicenseState::Revoked => self.revoked += 1,
            _ => self.ended += 1,
        }
    }

    /// Adds the protected files whose licenses no program can back up.
    fn add_files(&mut self, ui: &Ui, without: &UnlicensedFiles) {
        for name in &without.unsavable_names {
            self.unsavable.add(
                || ui.list_item(&display_title(ui, std::slice::from_ref(name), name)),
                || json!({"titles": [name], "reason": "bound_to_device_or_account"}),
            );
        }
        self.unsavable.count = without.unsavable;
    }

    /// Adds the loan of a publication with an end date.
    fn add_loan(&mut self, ui: &Ui, listed: &LicenseInfo) {
        let is_lent = listed.license.identity.kind == Kind::Lcp && listed.state == LicenseState::Usable;
        let Some(until) = listed.expires().filter(|_| is_lent) else { return };
        self.loans_count += 1;
        let title = display_title(ui, &listed.titles, &listed.license.identity.license_id);
        let renewable = listed
            .lcp_status
            .as_ref()
            .is_some_and(|entry| LcpStatusObject::new(entry, &listed.license.document).is_renewable());
        let id = if renewable { "status-loan-renewable" } else { "status-loan" };
        let license = shell_word(&listed.license.identity.license_id);
        self.loans.push((until, ui.text(id, values![title = title, until = ui.time(until), license = license])));
        if self.loans.len() > 2 * MAX_SHOWN {
            self.loans.sort();
            self.loans.truncate(MAX_SHOWN);
        }
    }

    fn at_risk_count(&self) -> u64 {
        self.at_risk.values().map(|section| section.count).sum()
    }

    fn print_summary_object(&self, ui: &Ui, without: &UnlicensedFiles) {
        let reasons: BTreeMap<_, _> =
            self.at_risk.iter().map(|(reason, section)| (reason.as_str(), section.count)).collect();
        let at_risk = self.at_risk.values().flat_map(|section| &section.titles).take(MAX_TITLES);
        let lost = self.restricted.titles.iter().chain(&self.unsavable.titles).take(MAX_TITLES);
        let mut summary = json!({
            "licenses": self.licenses,
            "safe": self.safe.count,
            "at_risk": self.at_risk_count(),
            "cannot_be_saved": self.restricted.count.saturating_add(self.unsavable.count),
            "at_risk_reasons": reasons,
            "titles": {
                "safe": self.safe.titles,
                "at_risk": at_risk.collect::<Vec<_>>(),
                "cannot_be_saved": lost.collect::<Vec<_>>(),
            },
            "in_backup": self.in_backup,
            "restricted": self.restricted.count,
            "revoked": self.revoked,
            "ended": self.ended,
            "files_without_license": without.count.saturating_add(without.embedded),
        });
        if let Some(summary) = summary.as_object_mut().filter(|_| self.invalid > 0) {
            summary.insert("invalid".to_owned(), self.invalid.into());
        }
        print_object!(ui, "status_summary", {"summary": summary});
    }

    fn print(mut self, ui: &Ui, known: &[KnownLocation]) {
        let at_risk = self.at_risk_count();
        let lost = self.restricted.count.saturating_add(self.unsavable.count);
        if self.licenses == 0 && lost == 0 {
            ui.print("licenses-none", values![]);
            self.print_locations(ui, known);
            return;
        }
        let tone = if at_risk > 0 || lost > 0 { Tone::Warning } else { Tone::Good };
        let id = if self.licenses == 0 { "status-only-files" } else { "status-verdict" };
        ui.print_styled(tone, id, values![safe = self.safe.count, risk = at_risk, lost = lost]);
        self.print_locations(ui, known);
        self.loans.sort();
        let mut reasons: Vec<RiskReason> = Vec::new();
        for (reason, section) in std::mem::take(&mut self.at_risk) {
            print_section(ui, Tone::Warning, &format!("risk-{}", reason.as_str()), section);
            reasons.push(reason);
        }
        let loans = self.loans.into_iter().take(MAX_SHOWN).map(|(_, line)| line).collect();
        for (tone, id, section) in [
            (Tone::Warning, "status-restricted", self.restricted),
            (Tone::Warning, "status-unsavable", self.unsavable),
            (Tone::Plain, "status-revoked", Section::without_lines(self.revoked)),
            (Tone::Plain, "status-ended", Section::without_lines(self.ended)),
            (Tone::Plain, "status-loans", Section { count: self.loans_count, lines: loans, titles: Vec::new() }),
        ] {
            print_section(ui, tone, id, section);
        }
        print_next_step(ui, &reasons, known);
    }

    /// Prints the known locations and how many licenses of this home they hold.
    fn print_locations(&self, ui: &Ui, known: &[KnownLocation]) {
        let columns = ["column-location", "column-newest", "column-licenses", "column-disk", "column-reachable"];
        let mut table = Table::new(ui.texts(), &columns);
        for location in known {
            let at = location.backup.as_ref().map(|backup| backup.at);
            let at = at.or_else(|| location.location.sets.iter().map(|set| set.created).max());
            // Only one of several drives that use one path in turn is there.
            let is_reliable = location.status.is_reliable();
            let count = self.held.get(&location.location.path).filter(|_| is_reliable).copied().unwrap_or_default();
            table.row([
                location.location.path.clone(),
                at.map(|at| ui.time(at)).unwrap_or_default(),
                count.to_string(),
                ui.text(&format!("disk-{}", disk_name(location)), values![]),
                location_state(ui, location),
            ]);
        }
        if !table.is_empty() {
            ui.blank_line();
            ui.print_table(&table);
        }
        for location in known.iter().filter(|known| known.has_withdrawn_key) {
            ui.print_styled(Tone::Warning, "status-withdrawn", values![location = location.location.path.as_str()]);
        }
    }
}

fn print_section(ui: &Ui, tone: Tone, id: &str, section: Section) {
    if section.count == 0 {
        return;
    }
    ui.blank_line();
    ui.print_styled(tone, id, values![count = section.count]);
    if !section.lines.is_empty() {
        ui.print_list(section.lines, section.count);
    }
}

/// Prints the command that makes more licenses safe.
fn print_next_step(ui: &Ui, reasons: &[RiskReason], known: &[KnownLocation]) {
    let is_apart = |known: &&KnownLocation| known.location.disk.is_some_and(restow::disk::DiskRelation::is_apart);
    let path = |known: &KnownLocation| shell_word(&known.location.path);
    let by_backup = [
        RiskReason::SameDisk,
        RiskReason::Memory,
        RiskReason::DiskUnknown,
        RiskReason::KeyWithdrawn,
        RiskReason::OlderState,
        RiskReason::Replaced,
        RiskReason::Damaged,
        RiskReason::Gone,
        RiskReason::NoBackup,
    ];
    let next = |id: &str, location: String| {
        ui.blank_line();
        ui.print(id, values![location = location]);
    };
    if reasons.iter().any(|reason| by_backup.contains(reason)) {
        let own = || known.iter().filter(|known| known.backup.is_some()).filter(is_apart);
        let present = own().find(|known| known.status != LocationStatus::Unreachable);
        return match (present, own().next()) {
            (Some(present), _) => next("status-next-backup", path(present)),
            (None, Some(away)) => next("status-next-connect", path(away)),
            (None, None) => next("status-next-drive", shell_word(EXAMPLE_LOCATION)),
        };
    }
    let by_verify = [RiskReason::NotReadBack, RiskReason::NotSeen, RiskReason::DateInFuture];
    let stale = known.iter().find(|known| known.risk.is_some_and(|risk| by_verify.contains(&risk)));
    if let Some(stale) = stale.filter(|_| reasons.iter().any(|reason| by_verify.contains(reason))) {
        let id = match stale.status {
            LocationStatus::Unreachable => "status-next-connect-verify",
            _ => "status-next-verify",
        };
        next(id, path(stale));
    }
}

/// Describes the present state of a location.
pub(super) fn location_state(ui: &Ui, known: &KnownLocation) -> String {
    let id = match known.status {
        LocationStatus::Missing => "location-gone",
        LocationStatus::Damaged => "location-damaged",
        LocationStatus::Older => "location-older",
        LocationStatus::Replaced => "location-replaced",
        LocationStatus::Present => "word-yes",
        _ => "location-away",
    };
    ui.text(id, values![at = known.location.seen.map(|at| ui.time(at)).unwrap_or_default()])
}

/// Prints a notice of a service about another computer.
pub(super) fn print_notice(ui: &Ui, issuer: &str, notice: &Notice) {
    let code = serde_json::to_value(notice.code).unwrap_or_default();
    let (name, at) = (&notice.name, restow::rfc3339(notice.at));
    print_object!(ui, "notice", {"notice": {
        "code": code, "issuer": issuer, "computer": notice.computer, "name": name, "at": at,
    }});
    if let Some(code) = code.as_str() {
        let computer = match notice.code {
            NoticeCode::UnconfirmedComputer => confirmation_id(&notice.computer),
            _ => notice.computer.clone(),
        };
        let values = values![name = name.as_str(), computer = computer, at = ui.time(notice.at)];
        ui.print_styled(Tone::Warning, &format!("notice-{code}"), values);
    }
}
