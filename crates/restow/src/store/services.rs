//! Trusted services, and where this computer is registered.

use restow_core::protocol::{Notice, NoticeCode, RegisterAnswer};
use restow_core::time::UnixTime;
use restow_core::trust::AddedBy;
use rusqlite::{OptionalExtension as _, Row};

use super::withdrawn::WithdrawnKey;
use super::{Change, StoreError, View};
use crate::license::TrustedKeySet;
use crate::service::Origin;

/// One issuer and its service.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct ServiceEntry {
    /// The newest key set known.
    pub key_set: TrustedKeySet,
    /// How it came to be trusted.
    pub added: AddedBy,
    /// Which identity this computer uses there.
    pub incarnation: u32,
    /// Which holder key this home uses there.
    pub holder_incarnation: u32,
    /// The latest time it signed.
    pub signed_time: UnixTime,
}

impl ServiceEntry {
    /// The thumbprint of its root.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.key_set.set().issuer
    }

    /// True when the user trusts it.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        self.added != AddedBy::Nobody
    }
}

/// This computer at one issuer, for one holder.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Registration {
    /// The issuer.
    pub issuer: String,
    /// The holder it belongs to there.
    pub holder: String,
    /// Its ID there.
    pub computer: String,
    /// The name its owner chose.
    pub name: String,
    /// The identity it registered with.
    pub incarnation: u32,
    /// The holder key it registered with.
    pub holder_incarnation: u32,
    /// The service's statement of it.
    pub membership: String,
    /// Whether it is confirmed, as far as known.
    pub confirmed: bool,
    /// The epoch of its restore keys.
    pub restore_epoch: u64,
}

impl Registration {
    /// A registration as the service answered it.
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

/// The name of a computer nobody named, by its ID, so that several sets at one place can be told apart.
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
    /// The service of an issuer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn service(&self, issuer: &str) -> Result<Option<ServiceEntry>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT key_set, added, incarnation, holder_incarnation, signed_time, origin FROM service WHERE issuer = ?1",
        )?;
        let row = query.query_row([issuer], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get::<_, Option<String>>(5)?,
            ))
        });
        let Some((document, added, incarnation, holder_incarnation, signed_time, origin)) = row.optional()? else {
            return Ok(None);
        };
        let key_set = TrustedKeySet::verify(&document, issuer)
            .map_err(|error| StoreError::Damaged(format!("key set: {error}")))?;
        let mut added = AddedBy::named(&added);
        // A service that moved is no longer where the user said it is.
        let now = Origin::from_url(&key_set.set().service_url).ok().map(|origin| origin.to_string());
        if added == AddedBy::Hand && origin.is_none_or(|origin| now != Some(origin)) {
            added = AddedBy::Consent;
        }
        Ok(Some(ServiceEntry { key_set, added, incarnation, holder_incarnation, signed_time }))
    }

    /// All services.
    ///
    /// # Errors
    /// When the database fails.
    pub fn services(&self) -> Result<Vec<ServiceEntry>, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT issuer FROM service ORDER BY issuer")?;
        let issuers: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut services = Vec::with_capacity(issuers.len());
        for issuer in issuers {
            services.extend(self.service(&issuer)?);
        }
        Ok(services)
    }

    /// Where this computer is registered; of one issuer only, if given.
    ///
    /// # Errors
    /// When the database fails.
    pub fn registrations(&self, issuer: Option<&str>) -> Result<Vec<Registration>, StoreError> {
        let mut query = self
            .connection
            .prepare_cached(&format!("{REGISTRATION} WHERE ?1 IS NULL OR issuer = ?1 ORDER BY issuer, holder"))?;
        Ok(query.query_map([issuer], registration)?.collect::<Result<_, _>>()?)
    }

    /// The registration for a holder.
    ///
    /// # Errors
    /// When the database fails.
    pub fn registration(&self, issuer: &str, holder: &str) -> Result<Option<Registration>, StoreError> {
        let mut query = self.connection.prepare_cached(&format!("{REGISTRATION} WHERE issuer = ?1 AND holder = ?2"))?;
        Ok(query.query_row((issuer, holder), registration).optional()?)
    }

    /// Restore keys this computer certified that were withdrawn, as far as is known here.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn withdrawn_keys(&self) -> Result<Vec<WithdrawnKey>, StoreError> {
        let mut query = self.connection.prepare_cached(
            "SELECT issuer, holder, change, EXISTS (SELECT 1 FROM registration r WHERE r.issuer = withdrawn.issuer \
             AND r.holder = withdrawn.holder) FROM withdrawn",
        )?;
        let key = |row: &Row<'_>| {
            Ok(WithdrawnKey { issuer: row.get(0)?, holder: row.get(1)?, change: row.get(2)?, registered: row.get(3)? })
        };
        Ok(query.query_map([], key)?.collect::<Result<_, _>>()?)
    }

    /// The name the owner gave this computer, at whichever service.
    ///
    /// # Errors
    /// When the database fails.
    pub fn chosen_name(&self) -> Result<Option<String>, StoreError> {
        let mut query = self.connection.prepare_cached("SELECT name FROM chosen_name")?;
        Ok(query.query_row([], |row| row.get(0)).optional()?)
    }

    /// What services wanted the user to know: issuer and notice, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub fn notices(&self) -> Result<Vec<(String, Notice)>, StoreError> {
        let mut query =
            self.connection.prepare_cached("SELECT issuer, code, computer, name, at FROM notice ORDER BY at DESC")?;
        let rows = query.query_map([], |row| {
            let code: String = row.get(1)?;
            Ok((row.get(0)?, code, row.get(2)?, row.get(3)?, row.get(4)?))
        })?;
        let mut notices = Vec::new();
        for row in rows {
            let (issuer, code, computer, name, at) = row?;
            if let Ok(code) = serde_json::from_value::<NoticeCode>(code.into()) {
                notices.push((issuer, Notice { code, computer, name, at }));
            }
        }
        Ok(notices)
    }
}

impl Change<'_> {
    /// Keeps a key set: a newer one takes the place of an older one, and trust only grows.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_service(&self, key_set: &TrustedKeySet, added: AddedBy) -> Result<(), StoreError> {
        let issuer = &key_set.set().issuer;
        let origin = match added {
            AddedBy::Hand => Origin::from_url(&key_set.set().service_url).ok().map(|origin| origin.to_string()),
            AddedBy::Consent | AddedBy::Nobody => None,
        };
        let mut put = self.transaction.prepare_cached(
            "INSERT INTO service (issuer, key_set, version, added, origin) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT (issuer) DO UPDATE SET \
             key_set = CASE WHEN excluded.version > version THEN excluded.key_set ELSE key_set END, \
             version = max(version, excluded.version), \
             added = CASE WHEN ?6 > CASE added WHEN 'hand' THEN 2 WHEN 'consent' THEN 1 ELSE 0 END THEN excluded.added ELSE added END, \
             origin = coalesce(excluded.origin, origin)",
        )?;
        put.execute((issuer, key_set.document(), key_set.set().version, added.as_str(), origin, added.rank()))?;
        Ok(())
    }

    /// Trusts a service no more: it is not contacted, and its licenses stay.
    ///
    /// # Errors
    /// When the database fails.
    pub fn unpin_service(&self, issuer: &str) -> Result<bool, StoreError> {
        Ok(self.transaction.execute("UPDATE service SET added = 'nobody' WHERE issuer = ?1", [issuer])? > 0)
    }

    /// Notes a time the service signed; earlier ones change nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_signed_time(&self, issuer: &str, time: UnixTime) -> Result<(), StoreError> {
        let mut note = self
            .transaction
            .prepare_cached("UPDATE service SET signed_time = ?2 WHERE issuer = ?1 AND signed_time < ?2")?;
        note.execute((issuer, time))?;
        Ok(())
    }

    /// Takes the next identity at an issuer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn next_incarnation(&self, issuer: &str) -> Result<(), StoreError> {
        self.transaction.execute("UPDATE service SET incarnation = incarnation + 1 WHERE issuer = ?1", [issuer])?;
        Ok(())
    }

    /// Takes the next holder key at an issuer.
    ///
    /// # Errors
    /// When the database fails.
    pub fn next_holder_key(&self, issuer: &str) -> Result<(), StoreError> {
        self.transaction
            .execute("UPDATE service SET holder_incarnation = holder_incarnation + 1 WHERE issuer = ?1", [issuer])?;
        Ok(())
    }

    /// Keeps a registration.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_registration(&self, registration: &Registration) -> Result<(), StoreError> {
        let mut put = self.transaction.prepare_cached(
            "INSERT OR REPLACE INTO registration (issuer, holder, computer, name, incarnation, holder_incarnation, membership, \
             confirmed, restore_epoch) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?;
        put.execute((
            &registration.issuer,
            &registration.holder,
            &registration.computer,
            &registration.name,
            registration.incarnation,
            registration.holder_incarnation,
            &registration.membership,
            registration.confirmed,
            registration.restore_epoch,
        ))?;
        Ok(())
    }

    /// Forgets a registration, as after a release.
    ///
    /// # Errors
    /// When the database fails.
    pub fn remove_registration(&self, issuer: &str, holder: &str) -> Result<(), StoreError> {
        self.transaction.execute("DELETE FROM registration WHERE issuer = ?1 AND holder = ?2", [issuer, holder])?;
        Ok(())
    }

    /// Notes the epoch of this computer's restore keys; it only grows.
    ///
    /// # Errors
    /// When the database fails.
    pub fn record_restore_epoch(&self, issuer: &str, holder: &str, epoch: u64) -> Result<(), StoreError> {
        let mut note = self.transaction.prepare_cached(
            "UPDATE registration SET restore_epoch = ?3 WHERE issuer = ?1 AND holder = ?2 AND restore_epoch < ?3",
        )?;
        if note.execute((issuer, holder, epoch))? > 0 {
            self.record_withdrawn(issuer, holder)?;
        }
        Ok(())
    }

    /// Notes that restore keys certified for a holder so far let nobody in, or may not: that they were withdrawn, or that
    /// this computer was released by somebody.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn record_withdrawn(&self, issuer: &str, holder: &str) -> Result<(), StoreError> {
        self.transaction.execute(
            "INSERT OR REPLACE INTO withdrawn (issuer, holder, change) VALUES (?1, ?2, ?3)",
            (issuer, holder, self.number),
        )?;
        Ok(())
    }

    /// Keeps the name the owner gave this computer at a service; one made from its ID is not such a name.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn put_chosen_name(&self, registration: &Registration) -> Result<(), StoreError> {
        let own = |name: &str| name != "computer" && name != default_name(&registration.computer);
        if own(&registration.name) {
            self.transaction
                .execute("INSERT OR REPLACE INTO chosen_name (id, name) VALUES (1, ?1)", [&registration.name])?;
        }
        Ok(())
    }

    /// Keeps what a service wants the user to know now: what it does not say any more is over.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_notices(&self, issuer: &str, notices: &[Notice]) -> Result<(), StoreError> {
        self.transaction.prepare_cached("DELETE FROM notice WHERE issuer = ?1")?.execute([issuer])?;
        let mut put = self.transaction.prepare_cached(
            "INSERT OR IGNORE INTO notice (issuer, code, computer, name, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for notice in notices.iter().take(100) {
            if let Ok(serde_json::Value::String(code)) = serde_json::to_value(notice.code) {
                put.execute((issuer, code, &notice.computer, &notice.name, notice.at))?;
            }
        }
        Ok(())
    }
}
