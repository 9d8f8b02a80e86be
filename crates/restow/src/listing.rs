//! What is in the store, as people and programs want to see it.

use std::collections::HashSet;

use crate::clock::UnixTime;
use crate::error::Error;
use crate::home::Home;
use crate::license::{self, BackupRight, License, LicenseIdentity, Right, StateCategory, UseCheck, Used};
use crate::service::protocol::Outcome;
use crate::store::{BackupNote, LicenseEntry, LicenseStatus, Store, View, Which};

/// Whether a license can be used, with the reason if not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum Usability {
    /// It can.
    Usable,
    /// Its service must still be asked.
    Pending,
    /// Its service said no.
    Refused(Outcome),
    /// Its issuer revoked it.
    Revoked,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// The home was copied from another machine.
    OtherComputer,
}

impl Usability {
    /// The fixed name in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::Pending => "pending",
            Self::Refused(_) => "refused",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::OtherComputer => "other_computer",
        }
    }
}

/// One license with what is known about it here.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub struct Listed {
    /// The license.
    pub license: License,
    /// SHA-256 of its document.
    pub sha256: [u8; 32],
    /// What its files are called, else what it says itself.
    pub titles: Vec<String>,
    /// The category of its Play right.
    pub category: StateCategory,
    /// Uses of Play left; `None` where they are not counted.
    pub left: Option<u64>,
    /// Whether it can be used.
    pub usability: Usability,
    /// Which backups hold it as it is: location and time.
    pub backups: Vec<(String, UnixTime)>,
}

impl Listed {
    /// From when on it may be played, where it says so: by its own dates and those of its Play right.
    #[must_use]
    pub fn not_before(&self) -> Option<UnixTime> {
        let play = self.license.rights.get(&Right::PLAY).and_then(|limits| limits.from);
        self.license.not_before.into_iter().chain(play).max()
    }

    /// From when on it may not be played any more, where it says so: by its own dates and those of its Play right.
    #[must_use]
    pub fn expires(&self) -> Option<UnixTime> {
        let play = self.license.rights.get(&Right::PLAY).and_then(|limits| limits.until);
        self.license.expires.into_iter().chain(play).min()
    }
}

/// Titles of a license: from the catalog, else as a backup called it, else its own.
pub(crate) fn titles(view: View<'_>, license: &License, known: &[String]) -> Result<Vec<String>, Error> {
    let mut titles = std::collections::BTreeSet::new();
    for key_id in &license.key_ids {
        titles.extend(view.titles(key_id)?);
    }
    if titles.is_empty() {
        titles.extend(known.iter().cloned());
    }
    if titles.is_empty() {
        titles.extend(license.title.clone());
    }
    Ok(titles.into_iter().take(crate::license::MAX_TITLES).collect())
}

/// Shows all licenses in the order they were stored, one by one.
///
/// # Errors
/// When the store fails, or what the visitor returns.
pub fn licenses(home: &Home, store: &Store, visit: &mut dyn FnMut(Listed) -> Result<(), Error>) -> Result<(), Error> {
    let view = store.view();
    let lister = Lister::new(home, view)?;
    view.each_license(Which::All, |entry| visit(lister.listed(&entry)?))
}

/// One license of the store, as [`licenses`] shows it.
///
/// # Errors
/// When the store fails.
pub fn listed(home: &Home, store: &Store, entry: &LicenseEntry) -> Result<Listed, Error> {
    Lister::new(home, store.view())?.listed(entry)
}

/// A license and the SHA-256 of one of its documents.
type Document = (LicenseIdentity, [u8; 32]);

struct Lister<'a> {
    view: View<'a>,
    /// Each with what it does not hold.
    backups: Vec<(BackupNote, HashSet<Document>)>,
    on_its_machine: bool,
    now: UnixTime,
    signed: std::collections::HashMap<String, UnixTime>,
}

impl<'a> Lister<'a> {
    fn new(home: &Home, view: View<'a>) -> Result<Self, Error> {
        let signed = view.services()?.into_iter().map(|service| (service.issuer().to_owned(), service.signed_time));
        let mut backups = Vec::new();
        for note in view.backups()? {
            let left_out = view.left_out(&note.location, &note.set_id)?;
            backups.push((note, left_out.into_iter().map(|left_out| (left_out.identity, left_out.sha256)).collect()));
        }
        Ok(Self {
            view,
            backups,
            on_its_machine: home.computer()?.is_on_its_machine(),
            now: home.clock().now(),
            signed: signed.collect(),
        })
    }

    fn listed(&self, entry: &LicenseEntry) -> Result<Listed, Error> {
        let license = license::parse_as(entry.identity.kind, &entry.document)?;
        let identity = &entry.identity;
        let now = self.signed.get(&identity.issuer).map_or(self.now, |signed| self.now.max(*signed));
        let play = license.rights.get(&Right::PLAY);
        let used = match play {
            Some(limits) if limits.is_counted() => {
                self.view.used(&identity.issuer, &identity.license_id, Right::PLAY.as_str())?
            }
            _ => Used::default(),
        };
        let check = play.map_or(UseCheck::NotGranted, |limits| limits.check(used, now));
        let left = play.and_then(|limits| limits.count).map(|count| count.saturating_sub(used.count));
        let is_over = license.expires.is_some_and(|until| now >= until) || matches!(check, UseCheck::Expired(_));
        let is_early = license.not_before.is_some_and(|from| now < from) || matches!(check, UseCheck::NotYet(_));
        let usability = if self.view.revoked(identity)?.is_some() {
            Usability::Revoked
        } else if is_over {
            Usability::Expired
        } else {
            match entry.status {
                LicenseStatus::Refused(outcome) => Usability::Refused(outcome),
                LicenseStatus::Pending => Usability::Pending,
                LicenseStatus::Usable if !self.on_its_machine && license.seed.is_some() => Usability::OtherComputer,
                LicenseStatus::Usable if is_early => Usability::NotYetValid,
                LicenseStatus::Usable => Usability::Usable,
            }
        };
        let key = (identity.clone(), entry.sha256);
        let holds = |(note, left_out): &&(BackupNote, HashSet<_>)| {
            license.backup_right == BackupRight::Allowed && entry.changed <= note.change && !left_out.contains(&key)
        };
        let backups = self.backups.iter().filter(holds).map(|(note, _)| (note.location.clone(), note.at)).collect();
        Ok(Listed {
            titles: titles(self.view, &license, &entry.titles)?,
            sha256: entry.sha256,
            category: StateCategory::of(play),
            left,
            usability,
            backups,
            license,
        })
    }
}
