//! `restow can FILE|KEYID|LICENSE`

use restow::license::{Kind, LicenseIdentity, Right, parse_as};
use restow::listing;
use restow::store::LicenseEntry;
use restow::usage::{AllowedUse, UseDenied};
use restow::{Error, Home, KeyId, UnixTime, usage};
use restow_media::{Format, Probe, System};
use serde_json::{Value, json};

use super::scan::kind_count;
use super::target::{Target, bound_system, licenses_by_name, print_bound, print_file_kind, unknown_reason};
use super::{CommandError, Context, Exit, Failure, interrupt, print_object, values};
use crate::args::Can;
use crate::output::{Tone, Ui, shell_word};

/// Question about one right.
struct Query<'a> {
    ui: &'a Ui,
    home: Home,
    args: &'a Can,
    right: Right,
}

pub(super) fn run(context: &Context, args: &Can) -> Result<Exit, Failure> {
    let right = Right::from_name(&args.action)
        .ok_or_else(|| Failure::new(CommandError::UsageRight).with("right", &args.action).exit(Exit::Usage))?;
    let query = Query { ui: &context.ui, home: context.home()?, args, right };
    let licenses = licenses_by_name(&query.home.store()?, &args.target)?;
    if !licenses.is_empty() {
        return query.check_licenses(licenses);
    }
    match Target::resolve(&args.target)? {
        Target::Key(key_id) => query.check_key_ids(&[key_id]),
        Target::File(probe) if !probe.key_ids.is_empty() => {
            query.check_key_ids(&probe.key_ids).map_err(|failure| match bound_system(&probe) {
                Some(_) if failure.message.code == "no-license" => failure.with("subject", "bound"),
                _ => failure,
            })
        }
        Target::File(probe) if probe.systems.contains(&System::Lcp) => query.check_publication(&probe),
        Target::File(probe) => Ok(query.print_without_key_id(&probe)),
    }
}

impl Query<'_> {
    /// Checks the keys of a file. A use of a file counts once for each of its keys, but only if all licenses
    /// allow it.
    fn check_key_ids(&self, key_ids: &[KeyId]) -> Result<Exit, Failure> {
        let (ui, home, right) = (self.ui, &self.home, &self.right);
        let denied = |key_id: &KeyId, error| self.deny("key_id", &key_id.to_string(), error);
        for key_id in key_ids {
            usage::check_right(home, key_id, right).map_err(|error| denied(key_id, error))?;
        }
        for key_id in key_ids {
            let is_used = self.args.count_one;
            if is_used {
                // The key is wiped at once: this command only counts the use.
                usage::open_content_key_online(home, key_id, right, &interrupt::cancel_token())
                    .map_err(|error| denied(key_id, error))?;
            }
            let (left, license) = match usage::check_right(home, key_id, right) {
                Ok(allowed) => (allowed.left, Some(allowed.license)),
                Err(Error::UseDenied(_)) if is_used => (Some(0), None),
                Err(error) => return Err(denied(key_id, error)),
            };
            let expires = license.as_ref().map(|license| self.expiry(license)).transpose()?.flatten();
            let (key, name) = (key_id.to_string(), right.as_str());
            print_object!(ui, "right", {
                "key_id": key, "action": name, "allowed": true, "license_id": license.map(|license| license.license_id),
                "left": left, "used": is_used, "expires": expires.map(restow::rfc3339),
            });
            let (tone, id) = match (is_used, left) {
                (false, None) => (Tone::Good, "can-yes"),
                (false, Some(_)) => (Tone::Good, "can-yes-left"),
                (true, None) => (Tone::Plain, "can-used"),
                (true, Some(_)) => (Tone::Plain, "can-used-left"),
            };
            ui.print_styled(tone, id, values![key = key, right = name, left = left.unwrap_or_default()]);
            self.print_expiry(expires);
        }
        Ok(Exit::Done)
    }

    /// Prints the result for a file without a key ID. Only a file that is known to be unprotected needs no
    /// license.
    fn print_without_key_id(&self, probe: &Probe) -> Exit {
        let (ui, path) = (self.ui, self.args.target.to_string_lossy());
        let allowed = (probe.protected == Some(false)).then_some(true);
        print_object!(ui, "right", {"protected": probe.protected, "action": self.right.as_str(), "allowed": allowed});
        print_file_kind(ui, &self.args.target, probe);
        let id = match (probe.protected, probe.format) {
            (Some(false), _) => "can-not-protected",
            (Some(true), _) => "can-no-key-id",
            (None, format) if format.is_voucher() => "can-voucher",
            (None, Format::Unknown) => "can-other-kind",
            (None, _) => "can-unknown",
        };
        let systems = probe.systems.iter().map(|system| system.as_str()).collect::<Vec<_>>().join(", ");
        let why = unknown_reason(ui, probe).unwrap_or_default();
        let kind = probe.other_kind.map(|kind| kind_count(ui, kind.as_str(), 1)).unwrap_or_default();
        ui.print(id, values![path = path.as_ref(), systems = systems, why = why, kind = kind]);
        if probe.format.is_voucher() {
            ui.print("file-is-voucher", values![format = probe.format.as_str()]);
        }
        print_bound(ui, probe);
        if allowed == Some(true) { Exit::Done } else { Exit::Failed }
    }

    /// Checks a publication by its embedded license, or by the licenses known for it.
    fn check_publication(&self, probe: &Probe) -> Result<Exit, Failure> {
        let path = self.args.target.to_string_lossy();
        let allowed = usage::check_publication_right(&self.home, &self.args.target, probe, &self.right)
            .map_err(|error| self.deny("path", &path, error))?;
        let title = probe.title.as_ref().map_or(path.as_ref(), |title| title.text.as_str());
        self.print_allowed(&json!({"path": path}), title, &allowed)
    }

    /// Checks the licenses with one ID and ignores all others.
    fn check_licenses(&self, licenses: Vec<LicenseEntry>) -> Result<Exit, Failure> {
        let id = licenses.first().map(|entry| entry.identity.license_id.clone()).unwrap_or_default();
        if self.args.count_one && licenses.iter().any(|entry| entry.identity.kind == Kind::Restow) {
            return Err(Failure::new(CommandError::UsageUseLicense).exit(Exit::Usage));
        }
        let store = self.home.store()?;
        let listed = licenses.first().map(|entry| listing::license_info(&self.home, &store, entry)).transpose()?;
        let title = listed.and_then(|listed| listed.titles.into_iter().next()).unwrap_or_else(|| id.clone());
        let allowed = usage::check_right_by_licenses(&self.home, &title, licenses, &self.right)
            .map_err(|error| self.deny("license_id", &id, error))?;
        self.print_allowed(&Value::Null, &title, &allowed)
    }

    /// Prints that a license allows the right. `subject` has members that name the file.
    fn print_allowed(&self, subject: &Value, title: &str, allowed: &AllowedUse) -> Result<Exit, Failure> {
        let (ui, right) = (self.ui, self.right.as_str());
        let is_counted_by_readers = allowed.license.kind == Kind::Lcp;
        let expires = self.expiry(&allowed.license)?;
        print_object!(ui, "right", subject, {
            "action": right, "allowed": true, "license_id": allowed.license.license_id, "left": allowed.left,
            "used": false, "counted_by": allowed.left.filter(|_| is_counted_by_readers).map(|_| "readers"),
            "expires": expires.map(restow::rfc3339),
        });
        ui.print_styled(Tone::Good, "can-read", values![title = title, right = right]);
        match allowed.left {
            Some(count) if is_counted_by_readers => {
                let id = if self.right == Right::PRINT { "amount-print" } else { "amount-copy" };
                ui.print("can-amount", values![amount = ui.text(id, values![count = count])]);
            }
            Some(left) => ui.print("can-left", values![left = left]),
            None => {}
        }
        self.print_expiry(expires);
        if self.args.count_one {
            ui.print_styled(Tone::Warning, "can-not-counted", values![]);
        }
        Ok(Exit::Done)
    }

    /// Returns the time at which the right of a license ends, if it ends.
    fn expiry(&self, identity: &LicenseIdentity) -> Result<Option<UnixTime>, Failure> {
        let Some(entry) = self.home.store()?.view().license(identity)? else { return Ok(None) };
        let license = parse_as(identity.kind, &entry.document)?;
        Ok(license.expires.into_iter().chain(license.rights.get(&self.right).and_then(|limits| limits.until)).min())
    }

    fn print_expiry(&self, expires: Option<UnixTime>) {
        if let Some(until) = expires {
            self.ui.print("can-until", values![until = self.ui.time(until)]);
        }
    }

    /// Prints that the right is denied, and returns the failure. The member `name` identifies the subject.
    fn deny(&self, name: &str, subject: &str, error: Error) -> Failure {
        let date = match &error {
            Error::UseDenied(UseDenied::NotYetValid { from, .. }) => json!({"not_before": restow::rfc3339(*from)}),
            Error::UseDenied(UseDenied::Expired { since, .. }) => json!({"expires": restow::rfc3339(*since)}),
            _ => Value::Null,
        };
        print_object!(self.ui, "right", &date, {
            (name): subject, "action": self.right.as_str(), "allowed": false, "code": error.code(),
        });
        if matches!(error, Error::UseDenied(UseDenied::NotGranted { .. })) && !self.right.is_standard() {
            let values = values![right = self.right.as_str(), usual = Right::STANDARD_NAMES.join(", ")];
            self.ui.warn("can-unusual", values);
        }
        match &error {
            Error::UseDenied(UseDenied::NotImported { path, .. }) => {
                let path = shell_word(&path.to_string_lossy());
                Failure::from(error).with("path", path)
            }
            _ => error.into(),
        }
    }
}
