//! Any bytes as the content of a pack, with a manifest that lists this content. Names, digests, lengths and
//! signatures are always correct, so the target tests decompression and records. The result is compared with a
//! second, simple parser.
//!
//! Byte 0: bit 0 stores frames uncompressed; bit 1 corrects the lengths of records; bit 2 states a wrong raw
//! length; bit 3 makes an inventory pack. Byte 1 is the number of additional licenses that the manifest states,
//! within the space of the frames. The frames follow, each with its length.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::LazyLock;

use restow::ManualClock;
use restow::restorer::{Contents, Restore};
use restow_backup::{
    Depth, Digest, FORMAT_VERSION, Frame, GenerationId, Location, Manifest, PackEntry, PackRole, ReadItem, Reader,
    Record, SetId, verify_location,
};
use tempfile::TempDir;

use super::common::{Bytes, check_presentable, counted, folder, key};

static LOCATION: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = folder();
    let set = folder.path().join("Restow/sets").join(SetId::from_key(&key("set").public()).to_string());
    (folder, set)
});

pub fn run(data: &[u8]) {
    let mut bytes = Bytes(data);
    let (flags, shift) = (bytes.u8(), bytes.u8());
    let mut frames = Vec::new();
    let mut file = Vec::new();
    let mut expected = Expected { sound: true, records: Vec::new() };
    while !bytes.is_empty() && frames.len() < 8 {
        let content = bytes.counted();
        let raw = if flags & 2 == 0 { content.to_vec() } else { with_lengths(content) };
        let stored = if flags & 1 == 0 { zstd::bulk::compress(&raw, 1).expect("compressed") } else { raw.clone() };
        if stored.is_empty() || raw.is_empty() {
            continue;
        }
        let lie = u32::from(flags & 4 != 0);
        let len = |bytes: &[u8]| u32::try_from(bytes.len()).expect("short input");
        frames.push(Frame { stored: len(&stored), raw: len(&raw) + lie, hash: Digest::sha256(&stored) });
        match (flags & 1, lie) {
            (0, 0) => expected.frame(&raw),
            // Bytes that are valid zstd by chance are not decompressed again. The result below shows that they
            // are not a frame of the stated length.
            _ => expected.sound = false,
        }
        file.extend_from_slice(&stored);
    }
    if frames.is_empty() {
        return;
    }
    let role = if flags & 8 == 0 { PackRole::Licenses } else { PackRole::Inventory };
    let licenses = expected.records.iter().filter(|record| matches!(record, Record::License(_))).count() as u64;
    // A manifest states at most the licenses that fit in the frames. The smallest license has 25 bytes.
    let room = frames.iter().map(|frame| u64::from(frame.raw)).sum::<u64>() / 25;
    let stated = licenses.saturating_add(u64::from(shift)).min(room);
    let pieces = frames.len();
    write(&file, PackEntry::new(role, stated, frames));

    let location = Location::open(LOCATION.0.path()).expect("a location");
    let report = verify_location(&location, Depth::Records, &mut |_, _| ControlFlow::Continue(())).expect("a report");
    let sets: Vec<_> = location.sets().expect("sets").into_iter().map(|id| location.set(id).expect("a set")).collect();
    let reader = Reader::latest(&sets, &|| false).expect("a readable generation");
    let (mut records, mut damage) = (Vec::new(), Vec::new());
    let done: Result<(), ()> = reader.records(role, &mut |found| {
        match found {
            ReadItem::Record(_, record) => records.push(record),
            ReadItem::Damage(found) => damage.push(found),
        }
        Ok(())
    });
    assert_eq!(done, Ok(()));

    if flags & 5 == 0 {
        let whole = expected.sound && stated == licenses;
        assert_eq!(report.is_intact(), whole, "{:?}", report.damage);
        // Only the reader uses the statements of a pack about its content.
        expected.records.retain(|record| !matches!(record, Record::Contents(_)));
        assert_eq!(records, expected.records, "what is readable is read, whatever is wrong beside it");
        assert_eq!(damage.is_empty(), whole, "{damage:?}");
    } else if flags & 1 == 0 {
        assert!(!report.is_intact() && records.is_empty(), "frames that are not what is listed");
    }
    // A restore reads every pack that verify reports as intact.
    assert!(!report.is_intact() || damage.is_empty(), "{damage:?}");
    // The reports about any damage have a limited size.
    assert!(damage.len() <= pieces + 1 && report.damage.len() <= pieces + 1, "{}", damage.len());
    damage.iter().chain(&report.damage).for_each(|damage| check_presentable(&damage.to_string()));
    if role == PackRole::Licenses {
        check_location(records.len());
    }
}

/// Reads the pack as `show` does.
fn check_location(max_licenses: usize) {
    let (clock, restore) = (ManualClock::at(1_795_132_800), Restore::from(LOCATION.0.path()));
    let contents = Contents::open_without_home(&clock, &restore).expect("contents");
    contents.warnings().iter().for_each(|warning| check_presentable(&warning.to_string()));
    let mut shown = 0;
    contents
        .licenses(&mut |_| {
            shown += 1;
            Ok::<(), ()>(())
        })
        .expect("shown");
    assert!(shown <= max_licenses);
    contents.missing(&mut |_| Ok::<(), ()>(())).expect("shown");
}

/// Second, simple parser.
struct Expected {
    sound: bool,
    records: Vec<Record>,
}

impl Expected {
    fn frame(&mut self, raw: &[u8]) {
        let mut rest = raw;
        while !rest.is_empty() {
            let Some((header, after)) = rest.split_first_chunk::<6>() else { return self.sound = false };
            let len = u32::from_le_bytes([header[2], header[3], header[4], header[5]]) as usize;
            let Some((body, after)) = after.split_at_checked(len) else { return self.sound = false };
            match Record::decode(u16::from_le_bytes([header[0], header[1]]), body) {
                Ok(record) => self.records.push(record),
                Err(_) => self.sound = false,
            }
            rest = after;
        }
    }
}

/// Encodes records, each a type byte and a body with a 16-bit length, with correct headers.
fn with_lengths(content: &[u8]) -> Vec<u8> {
    let mut bytes = Bytes(content);
    let mut raw = Vec::new();
    while !bytes.is_empty() {
        let record_type = u16::from(bytes.u8() % 10);
        let body = bytes.counted();
        raw.extend_from_slice(&record_type.to_le_bytes());
        raw.extend_from_slice(&u32::try_from(body.len()).expect("short").to_le_bytes());
        raw.extend_from_slice(body);
    }
    raw
}

fn write(file: &[u8], pack: PackEntry) {
    let set = &LOCATION.1;
    for folder in ["packs", "generations"] {
        let folder = set.join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder).expect("a folder");
    }
    fs::write(set.join(format!("packs/{}.pack", pack.id)), file).expect("a pack");
    let manifest = Manifest {
        format: FORMAT_VERSION,
        set: SetId::from_key(&key("set").public()),
        generation: 1,
        previous: Vec::new(),
        created: 0,
        computer_name: "desk".into(),
        software: "fuzz".into(),
        counts: [].into(),
        packs: vec![pack],
        issuers: Vec::new(),
        restore_seed: None,
        forgotten: Vec::new(),
        lost: Vec::new(),
    };
    let manifest = manifest.sign(&key("set")).expect("a sound manifest");
    let id = GenerationId::new(1, &Digest::sha256(&manifest));
    for ending in ["manifest", "copy"] {
        fs::write(set.join(format!("generations/{id}.{ending}")), &manifest).expect("a manifest");
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let records: Vec<Vec<u8>> =
        super::records::examples().iter().map(|record| super::records::encode(record).expect("sound")).collect();
    let one_frame = counted(&records.concat());
    let several: Vec<u8> = records.iter().flat_map(|record| counted(record)).collect();
    let bodies: Vec<u8> =
        records.iter().flat_map(|record| [&record[..1], &counted(&record[6..])[..]].concat()).collect();
    let compressed = counted(&zstd::bulk::compress(&records.concat(), 1).expect("compressed"));
    let mut seeds = Vec::new();
    for (flags, frames) in [(0, &one_frame), (0, &several), (8, &one_frame), (4, &one_frame), (1, &compressed)] {
        seeds.push([&[flags, 0][..], frames].concat());
    }
    seeds.push([&[2, 0][..], &counted(&bodies)].concat());
    seeds.push([&[0, 1][..], &one_frame].concat());
    seeds
}
