//! `restow show LOCATION`

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use restow::backup::{Digest, Found, LicenseRecord, Location, MissingRecord, PackRole, Reader, Record, SetId};
use restow::license::{self, KeyUse, Kind, License, LicenseIdentity, Restriction, Right, TrustedKeySet};
use restow::listing::Usability;
use restow::service::protocol::Revocations;
use restow::{Error, SystemClock, UnixTime};
use serde_json::json;

use super::Context;
use super::licenses::usability_word;
use crate::args;
use crate::failure::{Exit, Failure};
use crate::output::{LicenseObject, Tone, Ui, restricted_text, titled};
use crate::texts::values;

/// A license in a backup: kind, issuer and ID as recorded.
type Key = (u8, String, String);

/// What the records say besides the documents.
#[derive(Default)]
struct Facts {
    /// The version shown of each license.
    newest: HashMap<Key, i64>,
    titles: HashMap<Key, Vec<String>>,
    /// Uses of Play by license, one count a computer.
    used: HashMap<(String, String), HashMap<[u8; 32], u64>>,
    revoked: HashSet<(String, String)>,
    damage: u64,
}

pub(super) fn run(context: &Context, args: &args::Location) -> Result<Exit, Failure> {
    let (ui, path) = (&context.ui, args.location.as_path());
    let reader = open(path).map_err(|error| Failure::at(error, path))?;
    let facts = Facts::of(&reader, ui);
    let made: HashMap<SetId, UnixTime> =
        reader.generations().iter().map(|generation| (generation.set, generation.manifest.created)).collect();
    let mut shown = HashSet::new();
    let mut refused = 0_u64;
    reader
        .records::<Closed>(PackRole::Licenses, &mut |found| {
            let Found::Record(at, Record::License(record)) = found else { return Ok(()) };
            let key = key_of(&record);
            if facts.newest.get(&key) != Some(&record.version) || !shown.insert(key) {
                return Ok(());
            }
            let backups = [(path.to_string_lossy().into_owned(), made.get(&at.set).copied().unwrap_or_default())];
            match Kind::from_number(record.kind).map(|kind| license::parse_as(kind, &record.document)) {
                Some(Ok(license)) => show(ui, &facts, &record, &license, &backups),
                Some(Err(_)) | None => refused += 1,
            }
            if ui.is_closed() { Err(Closed) } else { Ok(()) }
        })
        .ok();
    show_missing(ui, &reader);
    let count = shown.len() as u64 - refused;
    ui.say("show-done", values![count = count]);
    if facts.damage + refused > 0 {
        ui.warn("show-damage", values![count = facts.damage + refused]);
    }
    Ok(Exit::Done)
}

/// Nobody reads any more.
struct Closed;

fn open(path: &Path) -> Result<Reader, Error> {
    let location = Location::open(path)?;
    let sets = location.sets()?.into_iter().map(|id| location.set(id)).collect::<Result<Vec<_>, _>>()?;
    Ok(Reader::latest(&sets, &|| false)?)
}

fn key_of(record: &LicenseRecord) -> Key {
    (record.kind, record.issuer.clone(), record.license_id.clone())
}

impl Facts {
    fn of(reader: &Reader, ui: &Ui) -> Self {
        let mut facts = Self { damage: reader.damage().len() as u64, ..Self::default() };
        let key_sets: HashMap<&str, TrustedKeySet> = reader
            .generations()
            .iter()
            .flat_map(|generation| &generation.manifest.issuers)
            .filter_map(|entry| {
                Some((entry.issuer.as_str(), TrustedKeySet::verify(&entry.key_set, &entry.issuer).ok()?))
            })
            .collect();
        // The visitor never ends the walk.
        let _ = reader.records::<()>(PackRole::Licenses, &mut |found| {
            match found {
                Found::Record(_, Record::License(record)) => {
                    let newest = facts.newest.entry(key_of(&record)).or_insert(record.version);
                    *newest = record.version.max(*newest);
                    facts.titles.insert(key_of(&record), record.titles);
                }
                Found::Record(_, Record::Titles(record)) => {
                    facts.titles.insert((record.kind, record.issuer, record.license_id), record.titles);
                }
                Found::Record(_, Record::Counter(record)) if record.counter.right == Right::PLAY.as_str() => {
                    let license = (record.issuer, record.counter.license);
                    let counts = facts.used.entry(license).or_default();
                    let count = counts.entry(*record.counter.computer_key.as_bytes()).or_default();
                    *count = record.counter.count.max(*count);
                }
                Found::Record(_, Record::Statement(record)) => {
                    let statement = key_sets.get(record.issuer.as_str()).and_then(|keys| {
                        let verified =
                            keys.verify_statement::<Revocations>(&record.document, KeyUse::Service, |said| said.time);
                        verified.ok()
                    });
                    for revoked in statement.into_iter().flat_map(|statement| statement.revoked) {
                        facts.revoked.insert((record.issuer.clone(), revoked.license));
                    }
                }
                Found::Damage(damage) => {
                    facts.damage += 1;
                    ui.warn("run-warning", values![text = damage.to_string()]);
                }
                Found::Record(..) => {}
            }
            Ok(())
        });
        facts
    }

    /// What can be said of a license without asking its service: a native one is pending until its service granted it.
    fn usability(&self, license: &License) -> Usability {
        use restow::Clock as _;
        let LicenseIdentity { kind, issuer, license_id } = &license.identity;
        let now = SystemClock.now();
        if self.revoked.contains(&(issuer.clone(), license_id.clone())) {
            Usability::Revoked
        } else if license.expires.is_some_and(|until| now >= until) {
            Usability::Expired
        } else if *kind == Kind::Restow {
            Usability::Pending
        } else if license.not_before.is_some_and(|from| now < from) {
            Usability::NotYetValid
        } else {
            Usability::Usable
        }
    }

    fn left(&self, license: &License) -> Option<u64> {
        let count = license.rights.get(&Right::PLAY)?.count?;
        let identity = &license.identity;
        let counts = self.used.get(&(identity.issuer.clone(), identity.license_id.clone()));
        let used = counts.map(|counts| counts.values().fold(0_u64, |sum, count| sum.saturating_add(*count)));
        Some(count.saturating_sub(used.unwrap_or_default()))
    }
}

fn show(ui: &Ui, facts: &Facts, record: &LicenseRecord, license: &License, backups: &[(String, UnixTime)]) {
    let titles = facts.titles.get(&key_of(record)).map(Vec::as_slice).unwrap_or_default();
    let usability = facts.usability(license);
    if ui.json() {
        let sha256 = Digest::of(&record.document);
        let state = (facts.left(license), usability.as_str());
        ui.object(&LicenseObject::in_backup(license, titles, sha256.as_bytes(), backups, state));
    } else {
        let title = titled(ui, titles, &license.identity.license_id);
        let (license, word) = (license.identity.license_id.as_str(), usability_word(ui, usability));
        ui.say("show-license", values![title = title, license = license, status = word]);
    }
}

/// The inventory: what is not in the backup, and where to get it.
fn show_missing(ui: &Ui, reader: &Reader) {
    let mut missing: BTreeSet<String> = BTreeSet::new();
    let _ = reader.records::<()>(PackRole::Inventory, &mut |found| {
        if let Found::Record(_, Record::Missing(record)) = found
            && missing.insert(format!("{} {} {}", record.kind, record.issuer, record.license_id))
        {
            if missing.len() == 1 {
                ui.gap();
                ui.tell(Tone::Warning, "restricted-heading", values![]);
            }
            show_one_missing(ui, &record);
        }
        Ok(())
    });
}

fn show_one_missing(ui: &Ui, record: &MissingRecord) {
    let reason = Restriction::from_number(record.reason).map_or("", Restriction::as_str);
    ui.object(&json!({
        "missing": true,
        "license_id": record.license_id,
        "key_ids": record.key_ids.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "titles": record.titles,
        "reason": reason,
        "where": record.where_from,
    }));
    if !ui.json() {
        ui.line(&restricted_text(ui, &record.titles, record.key_ids.first(), &record.license_id, reason));
        if !record.where_from.is_empty() {
            ui.say("missing-where", values![url = record.where_from.as_str()]);
        }
    }
}
