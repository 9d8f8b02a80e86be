//! `restow status`

use std::collections::BTreeMap;
use std::path::Path;

use restow::UnixTime;
use restow::license::Kind;
use restow::listing::{self, LicenseInfo, LicenseState};
use restow::location_status::{KnownLocation, LocationStatus, known_locations};
use restow::service::protocol::{Notice, NoticeCode};
use serde_json::json;

use super::{Context, Exit, Failure, print_object, scan::print_embedded_licenses, values};
use crate::output::{LcpStatusObject, Table, Tone, Ui, confirmation_id, display_title, shell_word, time};

/// Maximum number of titles per list for people.
const MAX_SHOWN: usize = 50;

#[derive(Default)]
struct Overview {
    licenses: u64,
    in_backup: u64,
    at_risk: Section,
    restricted: Section,
    revoked: u64,
    /// LCP licenses that the provider ended, such as returned loans.
    ended: u64,
    /// Licenses with an invalid signature.
    invalid: u64,
    /// End and line of each loan.
    loans: Vec<(UnixTime, String)>,
    loans_count: u64,
    locations: BTreeMap<String, (UnixTime, u64)>,
}

/// Number of licenses in one state, and the lines of the first ones.
#[derive(Default)]
struct Section {
    count: u64,
    lines: Vec<String>,
}

impl Section {
    fn add(&mut self, line: impl FnOnce() -> String) {
        self.count += 1;
        if self.lines.len() < MAX_SHOWN {
            self.lines.push(line());
        }
    }
}

pub(super) fn run(context: &Context) -> Result<Exit, Failure> {
    let (ui, home) = (&context.ui, context.home()?);
    let store = home.store()?;
    let mut overview = Overview::default();
    listing::licenses(&home, &store, &mut |listed| {
        overview.add(ui, &listed);
        Ok(())
    })?;
    let notices = store.view().notices()?;
    let without = store.view().unlicensed_files(0)?;
    let remembered = known_locations(store.view())?;
    for known in &remembered {
        print_object!(ui, "location", {"backup": {
            "location": known.backup.location, "generation": known.backup.generation, "at": restow::rfc3339(known.backup.at),
            "standing": known.status.as_str(), "withdrawn": known.has_withdrawn_key,
        }});
    }
    let invalid = (overview.invalid > 0).then_some(("invalid", overview.invalid));
    let counts = [
        ("licenses", overview.licenses),
        ("in_backup", overview.in_backup),
        ("at_risk", overview.at_risk.count.saturating_add(overview.invalid)),
        ("restricted", overview.restricted.count),
        ("revoked", overview.revoked),
        ("ended", overview.ended),
        ("files_without_license", without.count.saturating_add(without.embedded)),
    ];
    let summary: BTreeMap<_, _> = counts.into_iter().chain(invalid).collect();
    print_object!(ui, "status_summary", {"summary": summary});
    if !ui.is_json() {
        overview.print(ui, &remembered);
    }
    if without.count > 0 || without.embedded > 0 {
        ui.blank_line();
    }
    print_embedded_licenses(ui, &without);
    if without.count > 0 {
        ui.print("status-without-license", values![count = without.count]);
    }
    for (issuer, notice) in &notices {
        print_notice(ui, issuer, notice);
    }
    Ok(Exit::Done)
}

impl Overview {
    fn add(&mut self, ui: &Ui, listed: &LicenseInfo) {
        self.licenses += 1;
        let restriction = listed.license.backup_right.restriction();
        let newest = listed.backups.iter().max_by_key(|(_, at)| *at);
        // An ended or revoked license cannot be lost.
        let revoked = listed.state == LicenseState::Revoked;
        let is_ended_by_provider =
            matches!(listed.state, LicenseState::Refused(_)) && listed.license.identity.kind == Kind::Lcp;
        // No backup makes an invalid license safe: readers refuse it.
        let invalid = listed.state == LicenseState::Invalid;
        let status = invalid.then(|| json!({"status": listed.state.as_str()}));
        print_object!(ui, "license_status", &status, {
            "license_id": listed.license.identity.license_id,
            "key_ids": listed.license.key_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "titles": listed.titles,
            "reason": restriction.map(restow::license::Restriction::as_str),
            "at_risk": (newest.is_none() || invalid) && !revoked && !is_ended_by_provider,
            "revoked": revoked,
            "expires": listed.expires().map(restow::rfc3339),
            "provider": listed.lcp_status.as_ref().map(|entry| LcpStatusObject::new(entry, &listed.license.document)),
            "newest_backup": newest.map(|(location, at)| json!({"location": location, "at": restow::rfc3339(*at)})),
            "locations": listed.backups.iter().map(|(location, _)| location).collect::<Vec<_>>(),
        });
        self.add_loan(ui, listed);
        for (location, at) in &listed.backups {
            let known = self.locations.entry(location.clone()).or_insert((*at, 0));
            known.0 = known.0.max(*at);
            known.1 += 1;
        }
        let title = || display_title(ui, &listed.titles, &listed.license.identity.license_id);
        if let Some(why) = &listed.unreadable {
            ui.warn("licenses-unreadable", values![title = title(), why = why.as_str()]);
        }
        match (restriction, newest) {
            _ if revoked => self.revoked += 1,
            _ if is_ended_by_provider => self.ended += 1,
            _ if invalid => self.invalid += 1,
            (Some(reason), _) => self.restricted.add(|| {
                let reason = ui.text(&format!("reason-{}", reason.as_str()), values![]);
                let url = listed.license.source_url.as_deref();
                let id = if url.is_some() { "status-lost-where" } else { "status-lost" };
                ui.text(id, values![title = title(), reason = reason, url = url.unwrap_or_default()])
            }),
            (None, Some(_)) => self.in_backup += 1,
            (None, None) => self.at_risk.add(|| ui.list_item(&title())),
        }
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
        self.loans.push((until, ui.text(id, values![title = title, until = time(until), license = license])));
        if self.loans.len() > 2 * MAX_SHOWN {
            self.loans.sort();
            self.loans.truncate(MAX_SHOWN);
        }
    }

    fn print(mut self, ui: &Ui, remembered: &[KnownLocation]) {
        if self.licenses == 0 {
            ui.print("licenses-none", values![]);
            self.print_locations(ui, remembered);
            return;
        }
        ui.print("status-all", values![count = self.licenses]);
        ui.blank_line();
        ui.print_styled(Tone::Good, "status-in-backup", values![count = self.in_backup]);
        self.print_locations(ui, remembered);
        self.loans.sort();
        let loans = self.loans.into_iter().take(MAX_SHOWN).map(|(_, line)| line).collect();
        let without_lines = |count| Section { count, lines: Vec::new() };
        let (at_risk, lost) = (self.at_risk.count, self.at_risk.count + self.restricted.count);
        for (tone, id, section) in [
            (Tone::Warning, "status-at-risk", self.at_risk),
            (Tone::Warning, "status-restricted", self.restricted),
            (Tone::Plain, "status-revoked", without_lines(self.revoked)),
            (Tone::Plain, "status-ended", without_lines(self.ended)),
            (Tone::Warning, "status-invalid", without_lines(self.invalid)),
            (Tone::Plain, "status-loans", Section { count: self.loans_count, lines: loans }),
        ] {
            if section.count == 0 {
                continue;
            }
            ui.blank_line();
            ui.print_styled(tone, id, values![count = section.count]);
            if !section.lines.is_empty() {
                ui.print_list(section.lines, section.count);
            }
        }
        ui.blank_line();
        ui.print_styled(Tone::Strong, "status-tonight", values![lost = lost, kept = self.in_backup]);
        if at_risk > 0 {
            ui.print("status-next-backup", values![]);
        }
    }

    /// Prints the known locations and how many licenses of this home they hold.
    fn print_locations(&self, ui: &Ui, remembered: &[KnownLocation]) {
        let columns = ["column-location", "column-newest", "column-licenses", "column-reachable"];
        let mut table = Table::new(ui.texts(), &columns);
        let mut locations = self.locations.clone();
        for known in remembered {
            // A location that no longer holds a license is listed, too.
            locations.entry(known.backup.location.clone()).or_insert((known.backup.at, 0));
        }
        for (location, (at, count)) in &locations {
            table.row([
                location.clone(),
                time(*at),
                count.to_string(),
                ui.text(reachability_message(remembered, location), values![]),
            ]);
        }
        if !table.is_empty() {
            ui.print_table(&table);
        }
        for known in remembered.iter().filter(|known| known.has_withdrawn_key) {
            ui.print_styled(Tone::Warning, "status-withdrawn", values![location = known.backup.location.as_str()]);
        }
    }
}

/// Returns the message ID for the state of a location.
pub(super) fn reachability_message(remembered: &[KnownLocation], location: &str) -> &'static str {
    let known = remembered.iter().find(|known| known.backup.location == location);
    match known.map(|known| known.status) {
        None if Path::new(location).is_dir() => "word-yes",
        Some(LocationStatus::Missing) => "location-gone",
        Some(LocationStatus::Damaged) => "location-damaged",
        Some(LocationStatus::Older) => "location-older",
        Some(LocationStatus::Present) => "word-yes",
        _ => "location-away",
    }
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
        let values = values![name = name.as_str(), computer = computer, at = time(notice.at)];
        ui.print_styled(Tone::Warning, &format!("notice-{code}"), values);
    }
}
