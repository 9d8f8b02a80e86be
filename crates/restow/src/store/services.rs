//! Trusted services, and the registrations of this computer.

use restow_core::jws::Unverified;
use restow_core::origin::Origin;
use restow_core::protocol::{Notice, NoticeCode, RegisterAnswer, Revocations};
use restow_core::time::UnixTime;
use restow_core::trust::TrustOrigin;
use rusqlite::Row;

use super::{Change, StoreError, View};
use crate::license::{Kind, TrustedKeySet};

/// Issuer and its service.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ServiceEntry {
    /// Newest known key set.
    pub key_set: TrustedKeySet,
    /// Origin of the trust.
    pub added: TrustOrigin,
    /// Number of the identity that this computer uses at the issuer.
    pub incarnation: u32,
    /// Number of the holder key that this home uses at the issuer.
    pub holder_incarnation: u32,
    /// Time of the service, from its signed answers; 0 if there are none.
    pub signed_time: UnixTime,
}

impl ServiceEntry {
    /// Returns the thumbprint of the root key.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.key_set.set().issuer
    }

    /// Returns true if the user trusts the service.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.added != TrustOrigin::Untrusted
    }
}

/// Registration of this computer at one issuer, for one holder.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Registration {
    /// Thumbprint of the issuer's root key.
    pub issuer: String,
    /// Holder that the computer belongs to.
    pub holder: String,
    /// ID of the computer at the service.
    pub computer: String,
    /// Name of the computer, chosen by its owner.
    pub name: String,
    /// Number of the identity at the registration.
    pub incarnation: u32,
    /// Number of the holder key at the registration.
    pub holder_incarnation: u32,
    /// Statement of the service about the membership.
    pub membership: String,
    /// True if the service is known to have confirmed the computer.
    pub confirmed: bool,
    /// Epoch of the restore keys.
    pub restore_epoch: u64,
}

impl Registration {
    /// Creates a registration from the answer of a service.
    #[must_use]
    pub fn new(service: &ServiceEntry, name: String, answer: RegisterAnswer, restore_epoch: u64) -> Self {
        Self {
            issuer: service.issuer().to_owned(),
            holder: answer.holder,
            computer: answer.computer,
            name,
            incarnation: service.incarnation,
            holder_incarnation: service.holder_incarnation,
            membership: answer.membership,
            confirmed: answer.confirmed,
            restore_epoch,
        }
    }
}

/// Returns the default name of a computer. It contains a part of the ID, which distinguishes several sets at one
/// location.
pub(crate) fn default_name(computer: &str) -> String {
    format!("computer {}", computer.chars().take(6).collect::<String>())
}

fn registration(row: &Row<'_>) -> rusqlite::Result<Registration> {
    Ok(Registration {
        issuer: row.get(0)?,
        holder: row.get(1)?,
        computer: row.get(2)?,
        name: row.get(3)?,
        incarnation: row.get(4)?,
        holder_incarnation: row.get(5)?,
        membership: row.get(6)?,
        confirmed: row.get(7)?,
        restore_epoch: row.get(8)?,
    })
}

const REGISTRATION: &str = "SELECT issuer, holder, computer, name, incarnation, holder_incarnation, membership, confirmed, restore_epoch FROM registration";

impl View<'_> {
    /// Returns the service of an issuer.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails, or the stored key set is damaged.
    pub fn service(&self, issuer: &str) -> Result<Option<ServiceEntry>, StoreError> {
        let sql = "SELECT key_set, added, incarnation, holder_incarnation, signed_time, origin FROM service WHERE issuer = ?1";
        let row: Option<(String, String, _, _, _, Option<String>)> = self.first(sql, [issuer], |row| row.try_into())?;
        let Some((document, added, incarnation, holder_incarnation, signed_time, origin)) = row else {
            return Ok(None);
        };
        let key_set =
            TrustedKeySet::verify(&document, issuer).map_err(|error| self.damaged(format_args!("key set: {error}")))?;
        let mut added = TrustOrigin::from_name(&added);
        // The trust in an address ends when the service moves.
        let now = Origin::from_url(&key_set.set().service_url).ok().map(|origin| origin.to_string());
        if added == TrustOrigin::Manual && origin.is_none_or(|origin| now != Some(origin)) {
            added = TrustOrigin::Consent;
        }
        Ok(Some(ServiceEntry { key_set, added, incarnation, holder_incarnation, signed_time }))
    }

    /// Returns all services.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn services(&self) -> Result<Vec<ServiceEntry>, StoreError> {
        let issuers: Vec<String> = self.all("SELECT issuer FROM service ORDER BY issuer", [], |row| row.get(0))?;
        issuers.iter().filter_map(|issuer| self.service(issuer).transpose()).collect()
    }

    /// Returns the latest time in the granted licenses, the revocations and the key set of an issuer.
    fn latest_issue_time(&self, issuer: &str) -> Result<UnixTime, StoreError> {
        let source = "SELECT id FROM source WHERE kind = ?1 AND issuer = ?2";
        let key = (Kind::Restow.number(), issuer);
        let sql = format!("SELECT max(version) FROM license WHERE source = ({source}) AND status = 'usable'");
        let licenses: Option<i64> = self.one(&sql, key, |row| row.get(0))?;
        let sql = format!("SELECT document FROM statement WHERE source = ({source})");
        let statements: Vec<String> = self.all(&sql, key, |row| row.get(0))?;
        // The statements were verified before they were stored.
        let time = |document: &String| Some(Unverified::<Revocations>::parse(document).ok()?.claims().ok()?.time);
        let key_set = self.service(issuer)?.map(|service| service.key_set.set().time);
        // The version of a native license is its time of issue in milliseconds.
        let times = licenses.map(|version| version.div_euclid(1000)).into_iter().chain(key_set);
        Ok(times.chain(statements.iter().filter_map(time)).max().unwrap_or(UnixTime::MIN))
    }

    /// Returns the registrations of this computer, at one issuer if given.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn registrations(&self, issuer: Option<&str>) -> Result<Vec<Registration>, StoreError> {
        let sql = format!("{REGISTRATION} WHERE ?1 IS NULL OR issuer = ?1 ORDER BY issuer, holder");
        self.all(&sql, [issuer], registration)
    }

    /// Returns the registration for a holder.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn registration(&self, issuer: &str, holder: &str) -> Result<Option<Registration>, StoreError> {
        self.first(&format!("{REGISTRATION} WHERE issuer = ?1 AND holder = ?2"), (issuer, holder), registration)
    }

    /// Returns the name that the owner gave this computer at any service.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn chosen_name(&self) -> Result<Option<String>, StoreError> {
        self.first("SELECT name FROM chosen_name", [], |row| row.get(0))
    }

    /// Returns the notices of all services with their issuers, the newest first.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn notices(&self) -> Result<Vec<(String, Notice)>, StoreError> {
        let sql = "SELECT issuer, code, computer, name, at FROM notice ORDER BY at DESC";
        let notices: Vec<Option<_>> = self.all(sql, [], |row| {
            let (issuer, code, computer, name, at): (_, String, _, _, _) = row.try_into()?;
            let code: Option<NoticeCode> = serde_json::from_value(code.into()).ok();
            Ok(code.map(|code| (issuer, Notice { code, computer, name, at })))
        })?;
        Ok(notices.into_iter().flatten().collect())
    }
}

impl Change<'_> {
    /// Stores a key set. A newer key set replaces an older one, and trust only grows.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_service(&self, key_set: &TrustedKeySet, added: TrustOrigin) -> Result<(), StoreError> {
        let issuer = &key_set.set().issuer;
        let origin = match added {
            TrustOrigin::Manual => Origin::from_url(&key_set.set().service_url).ok().map(|origin| origin.to_string()),
            TrustOrigin::Consent | TrustOrigin::Untrusted => None,
        };
        let sql = "INSERT INTO service (issuer, key_set, version, added, origin) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (issuer) DO UPDATE SET \
             key_set = CASE WHEN excluded.version > version THEN excluded.key_set ELSE key_set END, \
             version = max(version, excluded.version), \
             added = CASE WHEN ?6 > CASE added WHEN 'hand' THEN 2 WHEN 'consent' THEN 1 ELSE 0 END THEN excluded.added ELSE added END, \
             origin = coalesce(excluded.origin, origin)";
        let version = key_set.set().version;
        self.execute(sql, (issuer, key_set.document(), version, added.as_str(), origin, added.rank())).map(drop)
    }

    /// Ends the trust in a service. Its licenses are kept, and further calls are not made. Returns false if the service
    /// is unknown.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn unpin_service(&self, issuer: &str) -> Result<bool, StoreError> {
        Ok(self.execute("UPDATE service SET added = 'nobody' WHERE issuer = ?1", [issuer])? > 0)
    }

    /// Records the time of an answer that a service signed for a request of this computer.
    ///
    /// An earlier time than the kept one corrects a clock of the service that was ahead. The kept time is never lower
    /// than the time of a document that the service issued.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn record_signed_time(&self, issuer: &str, time: UnixTime) -> Result<(), StoreError> {
        let known = "SELECT signed_time FROM service WHERE issuer = ?1";
        let kept: Option<UnixTime> = self.view().first(known, [issuer], |row| row.get(0))?;
        let time = match kept {
            Some(kept) if kept > time => time.max(self.view().latest_issue_time(issuer)?).min(kept),
            _ => time,
        };
        self.execute("UPDATE service SET signed_time = ?2 WHERE issuer = ?1", (issuer, time)).map(drop)
    }

    /// Switches to the next identity at an issuer.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn next_incarnation(&self, issuer: &str) -> Result<(), StoreError> {
        self.execute("UPDATE service SET incarnation = incarnation + 1 WHERE issuer = ?1", [issuer]).map(drop)
    }

    /// Switches to the next holder key at an issuer.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn next_holder_key(&self, issuer: &str) -> Result<(), StoreError> {
        let sql = "UPDATE service SET holder_incarnation = holder_incarnation + 1 WHERE issuer = ?1";
        self.execute(sql, [issuer]).map(drop)
    }

    /// Stores a registration.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_registration(&self, registration: &Registration) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO registration (issuer, holder, computer, name, incarnation, holder_incarnation, membership, \
             confirmed, restore_epoch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
        let Registration { issuer, holder, computer, name, membership, confirmed, restore_epoch, .. } = registration;
        let (computers, holders) = (registration.incarnation, registration.holder_incarnation);
        let values = (issuer, holder, computer, name, computers, holders, membership, confirmed, restore_epoch);
        self.execute(sql, values).map(drop)
    }

    /// Removes a registration. Usable licenses of the holder become pending, and their content keys are removed.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn remove_registration(&self, issuer: &str, holder: &str) -> Result<(), StoreError> {
        self.execute("DELETE FROM registration WHERE issuer = ?1 AND holder = ?2", [issuer, holder])?;
        self.execute(
            "UPDATE license SET status = 'pending' WHERE status = 'usable' AND holder = ?3 AND source IN \
             (SELECT id FROM source WHERE kind = ?1 AND issuer = ?2)",
            (Kind::Restow.number(), issuer, holder),
        )?;
        self.drop_unused_keys()
    }

    /// Removes the registration of a computer that another computer released.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn remove_released_registration(&self, issuer: &str, holder: &str) -> Result<(), StoreError> {
        self.record_withdrawn(issuer, holder)?;
        self.remove_registration(issuer, holder)
    }

    /// Records the epoch of this computer's restore keys. A smaller epoch has no effect.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn record_restore_epoch(&self, issuer: &str, holder: &str, epoch: u64) -> Result<(), StoreError> {
        let sql = "UPDATE registration SET restore_epoch = ?3 WHERE issuer = ?1 AND holder = ?2 AND restore_epoch < ?3";
        if self.execute(sql, (issuer, holder, epoch))? > 0 {
            self.record_withdrawn(issuer, holder)?;
        }
        Ok(())
    }

    /// Records that the restore keys certified so far for a holder are withdrawn.
    fn record_withdrawn(&self, issuer: &str, holder: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO withdrawn (issuer, holder, change) VALUES (?1, ?2, ?3)";
        self.execute(sql, (issuer, holder, self.number)).map(drop)
    }

    /// Stores the name that the owner gave this computer at a service. A default name is ignored.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub(crate) fn put_chosen_name(&self, registration: &Registration) -> Result<(), StoreError> {
        let name = &registration.name;
        if name != "computer" && *name != default_name(&registration.computer) {
            self.execute("INSERT OR REPLACE INTO chosen_name (id, name) VALUES (1, ?1)", [name])?;
        }
        Ok(())
    }

    /// Replaces the notices of a service.
    ///
    /// # Errors
    /// [`StoreError`] if the database fails.
    pub fn put_notices(&self, issuer: &str, notices: &[Notice]) -> Result<(), StoreError> {
        self.execute("DELETE FROM notice WHERE issuer = ?1", [issuer])?;
        let sql = "INSERT OR IGNORE INTO notice (issuer, code, computer, name, at) VALUES (?1, ?2, ?3, ?4, ?5)";
        for notice in notices.iter().take(100) {
            if let Ok(serde_json::Value::String(code)) = serde_json::to_value(notice.code) {
                self.execute(sql, (issuer, code, &notice.computer, &notice.name, notice.at))?;
            }
        }
        Ok(())
    }
}
