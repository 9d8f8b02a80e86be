//! `restow admin content-key`: the only command that prints content keys.

use data_encoding::HEXLOWER;
use restow::service::protocol::GrantedKey;
use restow::{KeyId, SystemClock};
use restow_service::content_keys;
use serde::Serialize;
use zeroize::Zeroizing;

use super::{CommandError, Context, Exit, Failure, values};
use crate::args::AdminContentKey;
use restow_core::text::sanitize;

/// Capacity of a line in bytes, so that a line with a key is never moved. The longest key ID is a text of 1,023
/// bytes. JSON at most doubles its length, and `kid` repeats it.
const MAX_LINE_BYTES: usize = 8 << 10;

/// JSON object of a content key.
#[derive(Serialize)]
struct ContentKeyObject<'a> {
    #[serde(rename = "type")]
    object_type: &'static str,
    key_id: String,
    kid: String,
    seed: u32,
    content_key: &'a str,
}

pub(super) fn run(context: &Context, args: &AdminContentKey) -> Result<Exit, Failure> {
    let ui = &context.ui;
    let key_ids: Vec<KeyId> =
        args.key_id.iter().map(|text| super::ids::parse_key_id(text)).collect::<Result<_, _>>()?;
    for key in content_keys(&args.folder, &key_ids, &SystemClock)? {
        let line =
            key_line(&key, ui.is_json()).map_err(|error| Failure::new(CommandError::Output).with("reason", error))?;
        ui.print_secret(&line);
    }
    ui.warn("admin-content-key-secret", values![]);
    Ok(Exit::Done)
}

/// Returns the line for a key, with its line break.
fn key_line(key: &GrantedKey, json: bool) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    let mut content_key = Zeroizing::new(String::with_capacity(2 * key.key.len()));
    HEXLOWER.encode_append(key.key.as_slice(), &mut content_key);
    let key_id = key.key_id.to_string();
    let mut line = Zeroizing::new(Vec::with_capacity(MAX_LINE_BYTES));
    if json {
        let kid = key.key_id.wm_base64();
        let object =
            ContentKeyObject { object_type: "content_key", key_id, kid, seed: key.seed, content_key: &content_key };
        serde_json::to_writer(&mut *line, &object)?;
    } else {
        line.extend_from_slice(sanitize(&key_id).as_bytes());
        line.extend_from_slice(b"  ");
        line.extend_from_slice(content_key.as_bytes());
    }
    line.push(b'\n');
    Ok(line)
}
