//! Any bytes as a manifest: as the whole file with its own digest (mode 0), as a body signed by the key of its
//! set (1), or as a body with a wrong signature (other modes).

use restow_backup::{
    Digest, FORMAT_VERSION, ForgottenDocument, Frame, GenerationId, IssuerEntry, Manifest, ManifestError, PackEntry,
    PackId, PackRole, SetId,
};
use restow_core::keys::Seed;

use super::common::{TRUSTED, check_presentable, key, with_mode};

/// Number in the name of each file. A body with another number is damaged.
const NUMBER: u64 = 7;

pub fn run(data: &[u8]) {
    let Some((mode, data)) = data.split_first() else { return };
    let file = if *mode == 0 { data.to_vec() } else { file(data, *mode == 1) };
    let set = SetId::from_key(&key("set").public());
    let id = GenerationId::new(NUMBER, &Digest::sha256(&file));
    match Manifest::verify(&file, set, id) {
        Ok(manifest) => {
            assert!(*mode < 2, "a wrong signature was accepted");
            assert_eq!((manifest.set, manifest.generation), (set, NUMBER));
            // With another name the file is damaged.
            assert!(Manifest::verify(&file, set, GenerationId { number: NUMBER + 1, ..id }).is_err());
            // Encoding the parsed manifest gives an equal manifest, and encoding that gives equal bytes.
            let again = manifest.sign(&key("set")).expect("what was accepted can be written");
            let read = Manifest::verify(&again, set, GenerationId::new(NUMBER, &Digest::sha256(&again)));
            let read = read.expect("what was written can be read");
            assert_eq!(serde_json::to_value(&read).ok(), serde_json::to_value(&manifest).ok());
            assert_eq!(read.sign(&key("set")), Ok(again));
        }
        Err(ManifestError::Newer { reader, flags }) => assert!(reader > FORMAT_VERSION || flags != 0),
        Err(error) => check_presentable(&error.to_string()),
    }
}

fn file(body: &[u8], sound: bool) -> Vec<u8> {
    let len = u32::try_from(body.len()).expect("short input").to_le_bytes();
    let public = key("set").public();
    let mut file = [&b"RSTWMAN1"[..], &FORMAT_VERSION.to_le_bytes(), &[0; 2], public.as_bytes(), &len, body].concat();
    let mut signature = key("set").sign(&file);
    if !sound {
        signature[0] ^= 1;
    }
    file.extend_from_slice(&signature);
    file
}

/// Returns a manifest with a value in every member.
fn example() -> Manifest {
    let frames = vec![Frame { stored: 10, raw: 50, hash: Digest::sha256(b"a") }; 2];
    let forgotten = ForgottenDocument {
        kind: 1,
        issuer: "i".into(),
        license_id: "L".into(),
        document: Digest::sha256(b"document"),
    };
    let issuer = IssuerEntry {
        issuer: TRUSTED.set().issuer.clone(),
        key_set: "a.b.c".into(),
        holder: Some("H".into()),
        membership: Some("a.b.c".into()),
        certificate: None,
        restore_certificate: Some("a.b.c".into()),
    };
    Manifest {
        format: FORMAT_VERSION,
        set: SetId::from_key(&key("set").public()),
        generation: NUMBER,
        previous: vec![Digest::sha256(b"x")],
        created: 1_700_000_000,
        computer_name: "desk".into(),
        software: "restow 0".into(),
        counts: [("licenses".to_owned(), 3), ("missing".to_owned(), 1)].into(),
        packs: vec![
            PackEntry::new(PackRole::Licenses, 3, frames.clone()),
            PackEntry::new(PackRole::Inventory, 0, frames.into_iter().take(1).collect()),
        ],
        issuers: vec![issuer],
        restore_seed: Some(Seed::from_bytes([3; 32])),
        forgotten: vec![forgotten],
        lost: vec![PackId::from_bytes([5; 32])],
    }
}

pub fn seeds() -> Vec<Vec<u8>> {
    let file = example().sign(&key("set")).expect("a sound manifest");
    let body = serde_json::to_vec(&example()).expect("JSON");
    vec![with_mode(0, &file), with_mode(1, &body), with_mode(2, &body)]
}
