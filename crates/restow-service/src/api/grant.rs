//! Grants: results of storage, with derived and sealed keys (§5.4).

use std::collections::{BTreeMap, BTreeSet};

use data_encoding::HEXLOWER;
use restow_core::KeyId;
use restow_core::hpke::HpkePublicKey;
use restow_core::license::{Limits, NativeLicense, Rights};
use restow_core::protocol::{
    BASE, Counter, Grant, GrantContext, GrantEntry, GrantedKey, Outcome, ProblemCode, Revocation, Revocations, Terms,
};
use sha2::{Digest as _, Sha256};

use super::app::App;
use super::request::is_id;
use super::signed_call::sign;
use crate::error::Refusal;
use crate::storage::{Caller, ComputerState, NewDocument, PlacementResult, VerifiedCounter};

/// Maximum size of the documents of one offer, in bytes. They must fit one answer.
pub(super) const MAX_OFFER_BYTES: usize = 8 << 20;

/// Builds the answer of a restore.
pub(super) fn grant(
    app: &App,
    caller: &Caller,
    state: &ComputerState,
    result: PlacementResult,
    key_set_version: u64,
) -> Result<Grant, Refusal> {
    let issuer = &app.keys.issuer;
    let mut keys = Vec::new();
    let mut included = BTreeSet::new();
    for license in result.licenses.iter().filter(|license| license.outcome == Outcome::Granted) {
        for bytes in &license.key_ids {
            if !included.insert((license.seed, bytes.as_slice())) {
                continue;
            }
            let key_id = KeyId::from_bytes(bytes).ok_or_else(|| Refusal::internal("a stored key ID is malformed"))?;
            let key = app.keys.content_key(license.seed, &key_id);
            let key = key.ok_or_else(|| Refusal::internal(format!("license key seed {} is missing", license.seed)))?;
            keys.push(GrantedKey { key_id, seed: license.seed, key });
        }
    }
    let sealed = if keys.is_empty() {
        None
    } else {
        let context =
            GrantContext { issuer, holder: &caller.holder, computer: &caller.computer, request: &caller.request };
        let recipient = HpkePublicKey::from_bytes(*state.encryption_key.as_bytes());
        let unusable = |_| Refusal::malformed("The encryption key of the computer is invalid.");
        Some(context.seal(&keys, &recipient).map_err(unusable)?)
    };
    let mut grant = Grant {
        keys: sealed,
        url: result.page.map(|token| format!("{}{BASE}limit/{token}", app.profile.url)),
        revocations: revocations(app, caller, result.revoked)?,
        key_set: newer_key_set(app, key_set_version),
        ..Grant::default()
    };
    for license in result.licenses {
        grant.documents.extend(license.document);
        grant.licenses.push(GrantEntry {
            license: license.license,
            sha256: license.sha256.map(|digest| HEXLOWER.encode(&digest)).unwrap_or_default(),
            outcome: license.outcome,
            counters: license.counters,
        });
    }
    Ok(grant)
}

fn newer_key_set(app: &App, version: u64) -> Option<String> {
    let newer = app.keys.key_set.set().version > version;
    newer.then(|| app.keys.key_set.document().to_owned())
}

/// Signs one statement about all revoked licenses. The result is empty if there are none.
pub(super) fn revocations(app: &App, caller: &Caller, revoked: Vec<Revocation>) -> Result<Vec<String>, Refusal> {
    if revoked.is_empty() {
        return Ok(Vec::new());
    }
    let statement =
        Revocations { issuer: app.keys.issuer.clone(), holder: caller.holder.clone(), time: caller.now, revoked };
    Ok(vec![sign(app, &statement)?])
}

/// Keeps counters with valid signatures. Of several for the same use, the most advanced one is kept.
pub(super) fn verify_counters(issuer: &str, counters: Vec<Counter>) -> Vec<VerifiedCounter> {
    let mut best: BTreeMap<(String, String, String), Counter> = BTreeMap::new();
    for counter in counters.into_iter().filter(|counter| is_id(&counter.license) && counter.verifies(issuer)) {
        let id = (counter.license.clone(), counter.right.clone(), counter.computer_key.thumbprint());
        match best.get(&id) {
            Some(known) if !counter.supersedes(known) => {}
            _ => {
                best.insert(id, counter);
            }
        }
    }
    best.into_iter().map(|((_, _, computer), counter)| VerifiedCounter { computer, counter }).collect()
}

/// Returns the rights with counted or timed uses.
fn counted_rights(rights: &Rights) -> Vec<String> {
    let matters = |limits: &Limits| limits.count.is_some() || limits.first_use_seconds.is_some();
    rights.iter().filter(|(_, limits)| matters(limits)).map(|(right, _)| right.as_str().to_owned()).collect()
}

/// Signs the documents of an offer for its holder.
pub(super) fn sign_documents(
    app: &App,
    holder: &str,
    issued: i64,
    licenses: &[(String, Terms)],
) -> Result<Vec<NewDocument>, Refusal> {
    let mut documents = Vec::with_capacity(licenses.len());
    let mut size = 0_usize;
    for (license, terms) in licenses {
        let native = NativeLicense {
            id: license.clone(),
            issuer: app.keys.issuer.clone(),
            holder: holder.to_owned(),
            key_ids: terms.key_ids.clone(),
            seed: app.keys.seed,
            issued,
            not_before: terms.not_before,
            expires: terms.expires,
            title: terms.title.clone(),
            priority: terms.priority,
            rights: terms.rights.clone(),
            service_url: Some(app.profile.url.clone()),
            unreported: terms.unreported,
            crit: Vec::new(),
        };
        let document = native.sign(&app.keys.license).map_err(|error| Refusal::malformed(error.to_string()))?;
        size = size.saturating_add(document.len());
        if size > MAX_OFFER_BYTES {
            return Err(Refusal::new(ProblemCode::TooLarge, "These licenses are too large for one link."));
        }
        let key_id = |text: &String| text.parse::<KeyId>().map(|id| id.to_bytes());
        documents.push(NewDocument {
            license: license.clone(),
            sha256: Sha256::digest(document.as_bytes()).into(),
            document,
            seed: app.keys.seed,
            key_ids: terms
                .key_ids
                .iter()
                .map(key_id)
                .collect::<Result<_, _>>()
                .map_err(|error| Refusal::malformed(error.to_string()))?,
            expires: terms.expires,
            counted: counted_rights(&terms.rights),
        });
    }
    Ok(documents)
}
