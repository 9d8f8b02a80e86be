//! Replaces the values that differ between runs, and prose, by placeholders.

use std::collections::HashMap;
use std::path::Path;

use serde_json::{Map, Value};

use super::story::Order;

/// Members with prose. The code of the object takes the place of the text. `reason` has prose in some objects, too.
const TEXTS: [&str; 4] = ["help", "message", "text", "unreadable"];
/// Members with times that a license document states.
const DOCUMENT_TIMES: [&str; 7] = ["end", "expires", "from", "not_before", "renewable_until", "start", "until"];
/// Members with numbers that depend on random IDs or on the clock.
const NUMBERS: [&str; 2] = ["bytes", "seconds"];
/// Arrays that are in the order of IDs.
const BY_ID: [&str; 3] = ["computers", "not_restored", "without_file"];
/// Reasons and names that depend on the disk below the folder for temporary files.
const DISKS: [&str; 3] = ["disk_unknown", "memory", "same_disk"];
/// Members with such a value.
const DISK_MEMBERS: [&str; 3] = ["disk", "reason", "risk"];
/// Lengths of base64url text without padding: 16, 32 and 64 bytes.
const BASE64URL: [usize; 3] = [22, 43, 86];
/// Length of a key ID of Windows Media: base64 of 16 bytes with padding.
const KID: usize = 24;
/// Shortest hexadecimal ID: the digest in the name of a manifest.
const MIN_HEX: usize = 16;
/// Length of a time such as `2026-11-30T12:00:00Z`.
const TIME: usize = 20;

/// Normalizer of one chapter, which numbers IDs and ports by their first occurrence.
#[derive(Default)]
pub(crate) struct Normalizer {
    /// Keeps IDs and digests: all inputs of the chapter are fixed.
    pub(crate) keeps_ids: bool,
    /// Replaces the times in license documents too: the chapter makes its documents with the clock.
    pub(crate) hides_document_times: bool,
    folders: Vec<String>,
    ids: Numbers,
    ports: Numbers,
}

/// Values in the order of their first occurrence.
#[derive(Default)]
struct Numbers(HashMap<String, usize>);

impl Numbers {
    fn number(&mut self, value: &str) -> usize {
        let next = self.0.len() + 1;
        *self.0.entry(value.to_owned()).or_insert(next)
    }
}

/// Treatment of IDs that have no number yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NewIds {
    Number,
    /// Shows them as `<id>`, for sorting.
    Mask,
}

impl Normalizer {
    /// Replaces the path of a folder by `<dir>`.
    pub(crate) fn hide_folder(&mut self, folder: &Path) {
        self.folders.push(folder.to_str().unwrap().to_owned());
    }

    /// Normalizes a line of text.
    pub(crate) fn line(&mut self, line: &str) -> String {
        self.text(line, "", NewIds::Number)
    }

    /// Normalizes one object.
    pub(crate) fn object(&mut self, object: &Value) -> String {
        self.value(object, "", NewIds::Number).to_string()
    }

    /// Normalizes the objects of a step.
    pub(crate) fn objects(&mut self, objects: &[Value], order: Order) -> Vec<String> {
        let objects = if order == Order::Sorted { self.sorted(objects) } else { objects.to_vec() };
        objects.iter().map(|object| self.object(object)).collect()
    }

    /// Sorts objects by their normalized form. Events of a run keep their places.
    fn sorted(&mut self, objects: &[Value]) -> Vec<Value> {
        let mut sorted: Vec<Value> = objects.iter().map(|object| self.with_sorted_arrays(object)).collect();
        for part in sorted.split_mut(keeps_its_place) {
            part.sort_by_cached_key(|object| self.value(object, "", NewIds::Mask).to_string());
        }
        sorted
    }

    fn with_sorted_arrays(&mut self, value: &Value) -> Value {
        let Value::Object(members) = value else { return value.clone() };
        let members = members.iter().map(|(name, member)| {
            let mut member = self.with_sorted_arrays(member);
            if let (Value::Array(items), true) = (&mut member, BY_ID.contains(&name.as_str())) {
                items.sort_by_cached_key(|item| self.value(item, name, NewIds::Mask).to_string());
            }
            (name.clone(), member)
        });
        Value::Object(members.collect())
    }

    fn value(&mut self, value: &Value, name: &str, new: NewIds) -> Value {
        match value {
            Value::Object(members) => self.members(members, new).into(),
            Value::Array(items) => items.iter().map(|item| self.item(item, name, new)).collect(),
            Value::String(text) => self.text(text, name, new).into(),
            Value::Number(_) if NUMBERS.contains(&name) => "<number>".into(),
            other => other.clone(),
        }
    }

    fn item(&mut self, item: &Value, name: &str, new: NewIds) -> Value {
        match item {
            Value::String(text) if name == "warnings" => prose(text, "text").into(),
            item => self.value(item, name, new),
        }
    }

    fn members(&mut self, members: &Map<String, Value>, new: NewIds) -> Map<String, Value> {
        let code = members.get("code").and_then(Value::as_str).unwrap_or("text");
        let normalized = members.iter().map(|(name, member)| {
            let member = match member {
                Value::String(text) if TEXTS.contains(&name.as_str()) => prose(text, code).into(),
                Value::String(text) if name == "reason" && !is_word(text) => prose(text, code).into(),
                Value::String(text) if DISK_MEMBERS.contains(&name.as_str()) && is_disk(text) => "<disk>".into(),
                member => self.value(member, name, new),
            };
            let name = if DISKS.contains(&name.as_str()) { "<disk>".to_owned() } else { self.text(name, "", new) };
            (name, member)
        });
        normalized.collect()
    }

    fn text(&mut self, text: &str, name: &str, new: NewIds) -> String {
        let mut text = text.to_owned();
        for folder in &self.folders {
            text = text.replace(folder, "<dir>");
        }
        if name == "fingerprint" {
            text = text.replace(' ', "");
        }
        let mut normalized = String::new();
        let mut rest = text.as_str();
        let mut before = ' ';
        while let Some(next) = rest.chars().next() {
            let token = if is_part_of_word(before) { None } else { token(rest) };
            let len = token.as_ref().map_or(next.len_utf8(), |token| token.len());
            let (found, behind) = rest.split_at(len);
            match token {
                Some(Token::Time) if self.hides_document_times || !DOCUMENT_TIMES.contains(&name) => {
                    normalized.push_str("<time>");
                }
                Some(Token::Id(_)) if !self.keeps_ids => normalized.push_str(&self.id(found, new)),
                Some(Token::Port(host, _)) => {
                    normalized.push_str(&format!("{host}<port-{}>", self.ports.number(&found[host.len()..])));
                }
                _ => normalized.push_str(found),
            }
            before = found.chars().next_back().unwrap_or(' ');
            rest = behind;
        }
        normalized
    }

    fn id(&mut self, id: &str, new: NewIds) -> String {
        match new {
            NewIds::Mask if !self.ids.0.contains_key(id) => "<id>".to_owned(),
            _ => format!("<id-{}>", self.ids.number(id)),
        }
    }
}

/// Returns the placeholder of a text. An empty text stays empty.
fn prose(text: &str, code: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<{code}>") }
}

/// Returns true for a fixed word such as `denied_by_issuer`.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// Returns true for the value of a member that depends on the disk.
fn is_disk(text: &str) -> bool {
    text == "unknown" || DISKS.contains(&text)
}

fn keeps_its_place(object: &Value) -> bool {
    let status = object.get("status").and_then(Value::as_str).unwrap_or_default();
    object.get("hr").is_some() && status != "RESTRICTED_LICENSE"
}

/// A value that may differ between runs, at the start of a text.
enum Token {
    Time,
    /// An ID, a digest, a key or a one-time code, with its length.
    Id(usize),
    /// A host with its colon, and the number of digits of the port.
    Port(&'static str, usize),
}

impl Token {
    fn len(&self) -> usize {
        match self {
            Self::Time => TIME,
            Self::Id(len) => *len,
            Self::Port(host, digits) => host.len() + digits,
        }
    }
}

fn token(text: &str) -> Option<Token> {
    if is_time(text) {
        return Some(Token::Time);
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    for host in ["127.0.0.1:", "localhost:"] {
        if let Some(port) = text.strip_prefix(host).map(digits).filter(|len| *len > 0) {
            return Some(Token::Port(host, port));
        }
    }
    let hex = text.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')).count();
    let is_whole = |len: usize| !text[len..].chars().next().is_some_and(is_part_of_word);
    let uuid = text.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')).count();
    if uuid == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-') {
        return Some(Token::Id(uuid));
    }
    if hex >= MIN_HEX && is_whole(hex) {
        return Some(Token::Id(hex));
    }
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let base64 = text.bytes().take_while(|byte| is_base64(byte)).count();
    if base64 == KID && text[..base64].ends_with("==") {
        return Some(Token::Id(base64));
    }
    let base64url = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')).count();
    let is_lower = text[..base64url].bytes().all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'-' | b'_'));
    let is_upper = text[..base64url].bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    (BASE64URL.contains(&base64url) && !is_lower && !is_upper).then_some(Token::Id(base64url))
}

fn is_time(text: &str) -> bool {
    let form = "dddd-dd-ddTdd:dd:ddZ";
    let fits = |(byte, form): (u8, u8)| if form == b'd' { byte.is_ascii_digit() } else { byte == form };
    text.len() >= TIME && text.bytes().zip(form.bytes()).all(fits)
}

/// Returns true for characters that continue a word: an ID begins after another character.
fn is_part_of_word(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}

#[test]
fn varying_values_become_placeholders() {
    let mut normalizer = Normalizer::default();
    normalizer.hide_folder(Path::new("/tmp/x"));
    let (hex, key) = ("0123456789abcdef0123456789abcdef", "ldGRMO5bCyrJGASJjaGU22oQ6m2ITIYvcxjLO2Saljc");
    let object = serde_json::json!({
        "at": "2026-11-30T12:00:00Z", "expires": "2999-01-01T00:00:00Z", "code": "no-license", "message": "Sorry.",
        "help": "", "fingerprint": "ldGRMO 5bCyrJ GASJja GU22oQ 6m2ITI YvcxjL O2Salj c", "license_id": hex,
        "path": format!("/tmp/x/0000000001-{}.copy", &hex[..16]), "status": "BACKUPRESTORE_CONNECTING",
        "url": format!("http://127.0.0.1:8080/link/{hex}#{key}"), "warnings": ["Careful."],
        "reason": "denied_by_issuer",
    });
    let expected = serde_json::json!({
        "at": "<time>", "expires": "2999-01-01T00:00:00Z", "code": "no-license", "message": "<no-license>",
        "help": "", "fingerprint": "<id-1>", "license_id": "<id-2>",
        "path": "<dir>/0000000001-<id-3>.copy", "status": "BACKUPRESTORE_CONNECTING",
        "url": "http://127.0.0.1:<port-1>/link/<id-2>#<id-1>", "warnings": ["<text>"],
        "reason": "denied_by_issuer",
    });
    assert_eq!(normalizer.object(&object), expected.to_string());
}
