//! Tests of the format under crashes, errors, cancellation, damage and forgery.

mod crash;
mod damage;
#[cfg(unix)]
mod disk;
mod hostile;
mod memory;
mod read_back;
mod records;
mod sets;

use std::collections::BTreeMap;
use std::sync::Arc;

use restow_core::keys::{SecretKey, Seed};

use super::*;
use memory::Memory;

const MAX_DOCUMENT: usize = restow_core::license::MAX_DOCUMENT as usize;

/// Reproducible xorshift64* generator.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub(super) fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next().to_le_bytes()[3]).collect()
    }
}

fn key(n: u8) -> SecretKey {
    Seed::from_bytes([n; 32]).signing_key("set", &[])
}

fn never() -> bool {
    false
}

fn license(n: u64) -> Record {
    sized_license(n, 40)
}

fn sized_license(n: u64, len: usize) -> Record {
    Record::License(LicenseRecord {
        kind: if n.is_multiple_of(3) { 2 } else { 1 },
        issuer: "issuer".into(),
        license_id: format!("L{n}"),
        version: 5,
        titles: vec![format!("Title {n}")],
        document: Random::new(n).bytes(len),
    })
}

fn missing(n: u64) -> Record {
    Record::Inventory(InventoryRecord {
        kind: 1,
        issuer: "issuer".into(),
        license_id: format!("M{n}"),
        reason: 1,
        ..Default::default()
    })
}

fn facts() -> ManifestFacts {
    ManifestFacts {
        created: 1_700_000_000,
        computer_name: "desk".into(),
        software: "restow tests".into(),
        restore_seed: Some(Seed::from_bytes([3; 32])),
        ..Default::default()
    }
}

/// Writes a generation as a caller does: all records if necessary, else only new ones.
fn back_up(
    location: &Location,
    key: &SecretKey,
    all: &[Record],
    new: &[Record],
) -> Result<CommittedGeneration, BackupError> {
    let mut writer = SetWriter::begin(location, key, 2)?;
    let full = !writer.parent().is_some_and(|base| base.complete) || writer.needs_compaction();
    if writer.needs_compaction() {
        writer.compact(&mut |_| true, &never)?;
    }
    for record in if full { all } else { new } {
        writer.push(record)?;
    }
    writer.push_inventory(&missing(1))?;
    writer.commit(ManifestFacts { full, ..facts() }, &never)
}

fn sets(location: &Location) -> Vec<BackupSet> {
    location.sets().unwrap().into_iter().map(|id| location.set(id).unwrap()).collect()
}

/// Returns the restorable licenses by ID, and the damage.
fn restore(location: &Location) -> Result<(BTreeMap<String, LicenseRecord>, Vec<Damage>), BackupError> {
    let reader = Reader::latest(&sets(location), &never)?;
    Ok(licenses_of(&reader))
}

fn licenses_of(reader: &Reader) -> (BTreeMap<String, LicenseRecord>, Vec<Damage>) {
    let mut licenses = BTreeMap::new();
    let mut damage = reader.damage().to_vec();
    reader
        .records::<()>(PackRole::Licenses, &mut |found| {
            match found {
                ReadItem::Record(_, Record::License(license)) => {
                    licenses.insert(license.license_id.clone(), license);
                }
                ReadItem::Record(..) => {}
                ReadItem::Damage(found) => damage.push(found),
            }
            Ok(())
        })
        .unwrap();
    (licenses, damage)
}

fn all_records(location: &Location, role: PackRole) -> Vec<Record> {
    let mut records = Vec::new();
    let reader = Reader::latest(&sets(location), &never).unwrap();
    reader
        .records::<String>(role, &mut |found| match found {
            ReadItem::Record(_, record) => {
                records.push(record);
                Ok(())
            }
            ReadItem::Damage(damage) => Err(damage.to_string()),
        })
        .unwrap();
    records
}

fn ids(licenses: &BTreeMap<String, LicenseRecord>) -> Vec<&str> {
    licenses.keys().map(String::as_str).collect()
}

fn check(location: &Location, depth: Depth) -> LocationReport {
    verify_location(location, depth, &mut |_, _| std::ops::ControlFlow::Continue(())).unwrap()
}

fn memory() -> (Arc<Memory>, Location) {
    let memory = Arc::new(Memory::default());
    (Arc::clone(&memory), Location::with_storage(memory))
}

fn open_memory(memory: Memory) -> (Arc<Memory>, Location) {
    let memory = Arc::new(memory);
    (Arc::clone(&memory), Location::with_storage(memory))
}
