//! Key IDs: the names of content keys in the headers of protected files.

use std::fmt;
use std::str::FromStr;

use data_encoding::{BASE64, HEXLOWER, HEXLOWER_PERMISSIVE};

use crate::message::Message;
use crate::message_display;
use crate::texts::TEXTS;

/// Name of a content key.
///
/// Most key IDs are UUIDs. Windows Media and PlayReady write GUIDs with three little-endian fields. A `KeyId`
/// always has the CENC (big-endian) order, so that one key has one ID in every container.
///
/// | variant | text form | example of a source |
/// |---|---|---|
/// | `Uuid` | `09e091ab-f838-41d2-9e35-58531fd19ec7` | WMDRM 7 and later, PlayReady, CENC |
/// | `Bytes` | `hex:` and lower-case digits | Matroska, where any length is allowed |
/// | `Text` | `text:` and the text | Windows Media DRM version 1 |
///
/// `Display` prints the text form, and [`FromStr`] parses it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum KeyId {
    /// 16 bytes in CENC (big-endian UUID) order.
    Uuid([u8; 16]),
    /// Binary key ID of another length than 16 bytes: 1 to [`KeyId::MAX_LEN`].
    Bytes(Vec<u8>),
    /// Text without control characters; 1 to [`KeyId::MAX_LEN`] bytes of UTF-8.
    Text(String),
}

/// Error of a text that has none of the forms of [`KeyId::from_str`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyIdParseError(());

impl From<&KeyIdParseError> for Message {
    fn from(_: &KeyIdParseError) -> Self {
        Self::new(&TEXTS, "key-id-malformed")
    }
}

message_display!(KeyIdParseError);

impl std::error::Error for KeyIdParseError {}

const TAG_UUID: u8 = 0;
const TAG_BYTES: u8 = 1;
const TAG_TEXT: u8 = 2;

impl KeyId {
    /// Maximum length of `Bytes` and `Text` in bytes. The binary form of [`KeyId::to_bytes`] adds one byte.
    pub const MAX_LEN: usize = 1023;

    /// Parses the form of Windows Media and PlayReady headers: base64, with padding, of the 16 bytes of a
    /// little-endian GUID (PlayReady Header Specification, "KID"). Returns `None` for other texts.
    #[must_use]
    pub fn from_wm_base64(text: &str) -> Option<Self> {
        if text.len() != 24 {
            return None;
        }
        let guid = BASE64.decode(text.as_bytes()).ok()?;
        guid.try_into().ok().map(|guid| Self::Uuid(swap_guid(guid)))
    }

    /// Creates a key ID from the bytes in a CENC or Matroska header: 16 bytes are a UUID.
    ///
    /// Returns `None` if `bytes` is empty or longer than [`KeyId::MAX_LEN`].
    #[must_use]
    pub fn from_raw(bytes: &[u8]) -> Option<Self> {
        match bytes.try_into() {
            Ok(uuid) => Some(Self::Uuid(uuid)),
            Err(_) => (1..=Self::MAX_LEN).contains(&bytes.len()).then(|| Self::Bytes(bytes.to_vec())),
        }
    }

    /// Creates a key ID from text.
    ///
    /// Returns `None` if the text is empty, longer than [`KeyId::MAX_LEN`] bytes, or has control characters.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let fits = (1..=Self::MAX_LEN).contains(&text.len()) && !text.contains(char::is_control);
        fits.then(|| Self::Text(text.to_owned()))
    }

    /// Returns the form of Windows Media (`DRMHeader.KID`, the payload of `WMT_RESTRICTED_LICENSE`).
    ///
    /// The form is base64 of the little-endian GUID for a UUID, base64 of other bytes, and unchanged text.
    #[must_use]
    pub fn wm_base64(&self) -> String {
        match self {
            Self::Uuid(uuid) => BASE64.encode(&swap_guid(*uuid)),
            Self::Bytes(bytes) => BASE64.encode(bytes),
            Self::Text(text) => text.clone(),
        }
    }

    /// Returns the canonical binary form for databases and backups: one tag byte (0 UUID, 1 bytes, 2 text) and the
    /// bytes.
    ///
    /// The form has 2 to 1,024 bytes. Two key IDs are equal exactly if their forms are equal.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (tag, bytes) = match self {
            Self::Uuid(uuid) => (TAG_UUID, uuid.as_slice()),
            Self::Bytes(bytes) => (TAG_BYTES, bytes.as_slice()),
            Self::Text(text) => (TAG_TEXT, text.as_bytes()),
        };
        let mut form = Vec::with_capacity(bytes.len().saturating_add(1));
        form.push(tag);
        form.extend_from_slice(bytes);
        form
    }

    /// Parses the form of [`KeyId::to_bytes`].
    ///
    /// Returns `None` for other bytes: an unknown tag, a wrong length, text with control characters, and bytes
    /// that are not UTF-8. 16 bytes must have the tag of a UUID.
    #[must_use]
    pub fn from_bytes(form: &[u8]) -> Option<Self> {
        let (tag, bytes) = form.split_first()?;
        match *tag {
            TAG_UUID => bytes.try_into().ok().map(Self::Uuid),
            TAG_BYTES if bytes.len() != 16 => Self::from_raw(bytes),
            TAG_TEXT => Self::from_text(str::from_utf8(bytes).ok()?),
            _ => None,
        }
    }

    /// Returns true for the placeholder of a packager that has no key yet: only zero bytes.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Uuid(uuid) => uuid.iter().all(|byte| *byte == 0),
            Self::Bytes(bytes) => bytes.iter().all(|byte| *byte == 0),
            Self::Text(_) => false,
        }
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(uuid) => {
                let mut text = String::with_capacity(36);
                for (at, byte) in uuid.iter().enumerate() {
                    if matches!(at, 4 | 6 | 8 | 10) {
                        text.push('-');
                    }
                    HEXLOWER.encode_append(&[*byte], &mut text);
                }
                f.pad(&text)
            }
            Self::Bytes(bytes) => f.pad(&format!("hex:{}", HEXLOWER.encode(bytes))),
            Self::Text(text) => f.pad(&format!("text:{text}")),
        }
    }
}

impl FromStr for KeyId {
    type Err = KeyIdParseError;

    /// Parses a text form of a key ID.
    ///
    /// - a UUID in any case, with or without braces and hyphens
    /// - `hex:…`, where 16 bytes are a UUID
    /// - `text:…`
    /// - the 24 characters of Windows Media
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(text) = text.strip_prefix("text:") {
            return Self::from_text(text).ok_or(KeyIdParseError(()));
        }
        let text = text.trim();
        let parsed = match text.strip_prefix("hex:") {
            Some(digits) if digits.len() <= Self::MAX_LEN.saturating_mul(2) => {
                HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok().and_then(|bytes| Self::from_raw(&bytes))
            }
            Some(_) => None,
            None => parse_uuid(text).map(Self::Uuid).or_else(|| Self::from_wm_base64(text)),
        };
        parsed.ok_or(KeyIdParseError(()))
    }
}

/// Reverses the bytes of the first three fields of a GUID. The function is its own inverse.
const fn swap_guid(guid: [u8; 16]) -> [u8; 16] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = guid;
    [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let text = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text);
    let digits: Vec<u8> = match text.len() {
        32 => text.bytes().collect(),
        36 => {
            let hyphens = [8, 13, 18, 23];
            if hyphens.iter().any(|at| text.as_bytes().get(*at) != Some(&b'-')) {
                return None;
            }
            text.bytes().enumerate().filter(|(at, _)| !hyphens.contains(at)).map(|(_, byte)| byte).collect()
        }
        _ => return None,
    };
    HEXLOWER_PERMISSIVE.decode(&digits).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::KeyId;

    /// Example of the PlayReady Header Specification, "KID".
    const WM: &str = "q5HgCTj40kGeNVhTH9Gexw==";
    const UUID: &str = "09e091ab-f838-41d2-9e35-58531fd19ec7";

    fn examples() -> Vec<KeyId> {
        vec![
            KeyId::from_wm_base64(WM).unwrap(),
            KeyId::Uuid([0; 16]),
            KeyId::Bytes(vec![0]),
            KeyId::Bytes(vec![0xab; 15]),
            KeyId::Bytes(vec![0xcd; KeyId::MAX_LEN]),
            KeyId::Text("A7 ä/第".to_owned()),
            KeyId::Text(WM.to_owned()),
            KeyId::Text("x".repeat(KeyId::MAX_LEN)),
        ]
    }

    #[test]
    fn windows_media_form_is_little_endian_guid() {
        let id = KeyId::from_wm_base64(WM).unwrap();
        assert_eq!(id.to_string(), UUID);
        assert_eq!(id.wm_base64(), WM);
        assert_eq!(UUID.parse(), Ok(id));
        // Computed by hand from another value in the PlayReady documentation.
        let other = KeyId::from_wm_base64("PV1LM/VEVk+kEOB8qqcWDg==").unwrap();
        assert_eq!(other.to_string(), "334b5d3d-44f5-4f56-a410-e07caaa7160e");
    }

    #[test]
    fn malformed_windows_media_form_is_refused() {
        for text in [
            "",
            "q5HgCTj40kGeNVhTH9Gexw",
            "q5HgCTj40kGeNVhTH9Gex-==",
            "AAAAAAAAAAAAAAAAAAAAAAAA",
            "?????????=??????????????",
        ] {
            assert_eq!(KeyId::from_wm_base64(text), None, "{text}");
        }
    }

    #[test]
    fn display_form_round_trips() {
        for id in examples() {
            assert_eq!(id.to_string().parse(), Ok(id.clone()), "{id}");
        }
    }

    #[test]
    fn binary_form_round_trips_within_limit() {
        for id in examples() {
            let form = id.to_bytes();
            assert!(form.len() <= 1024);
            assert_eq!(KeyId::from_bytes(&form), Some(id));
        }
    }

    #[test]
    fn noncanonical_binary_form_is_refused() {
        let long = [&[1][..], &[7; KeyId::MAX_LEN + 1]].concat();
        let forms: [&[u8]; 10] = [
            &[],
            &[0],
            &[0, 1, 2, 3],
            &[1],
            &[1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
            &[2],
            &[2, 0xff],
            &[2, b'a', 0x1b],
            &[3, 1],
            &long,
        ];
        for form in forms {
            assert_eq!(KeyId::from_bytes(form), None, "{form:?}");
        }
    }

    #[test]
    fn common_uuid_spellings_are_parsed() {
        let id: KeyId = UUID.parse().unwrap();
        for text in [
            "09E091AB-F838-41D2-9E35-58531FD19EC7",
            "{09e091ab-f838-41d2-9e35-58531fd19ec7}",
            " 09e091abf83841d29e3558531fd19ec7\n",
            "hex:09e091abf83841d29e3558531fd19ec7",
            WM,
        ] {
            assert_eq!(text.parse(), Ok(id.clone()), "{text}");
        }
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "song.wma",
            "hex:",
            "hex:abc",
            "text:",
            "text:a\u{7}b",
            "{09e091ab-f838-41d2-9e35-58531fd19ec7",
            "09e091ab-f838-41d2-9e35-58531fd19ec",
            "09e091ab_f838-41d2-9e35-58531fd19ec7",
            "09e091ab-f838-41d2-9e35-58531fd19eg7",
            "äääääääääääääääääää",
        ] {
            assert!(text.parse::<KeyId>().is_err(), "{text}");
        }
        assert!(format!("text:{}", "x".repeat(KeyId::MAX_LEN + 1)).parse::<KeyId>().is_err());
        assert!(format!("hex:{}", "0".repeat(2 * KeyId::MAX_LEN + 2)).parse::<KeyId>().is_err());
    }

    #[test]
    fn zero_bytes_are_placeholder() {
        assert!(KeyId::Uuid([0; 16]).is_zero());
        assert!(!KeyId::Text("0".to_owned()).is_zero());
    }
}
