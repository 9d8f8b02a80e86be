//! Encryption objects.

use quick_xml::escape::escape;
use restow_core::named_enum;

use super::bytes::{build_object, counted32, noise};
use crate::KeyId;
use crate::asf::objects::guid::{self, Guid};

/// Protection of a built file.
#[derive(Clone, Debug)]
pub struct Protection {
    kind: ProtectionKind,
    key_ids: Vec<KeyId>,
    license_url: Option<String>,
    byte_order_mark: bool,
    carrier: Carrier,
}

named_enum! {
    /// Protection system with the version of its header.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    #[non_exhaustive]
    pub enum ProtectionKind {
        /// Windows Media DRM 1: a Content Encryption Object only. The only kind with any text as key ID.
        WmdrmV1 = "wmdrm-1",
        /// Windows Media DRM 7 and later: a Content Encryption Object and a WRMHEADER 2.0.0.0.
        Wmdrm = "wmdrm",
        /// PlayReady with a WRMHEADER 4.0.0.0; one key ID.
        Playready40 = "playready-4.0",
        /// PlayReady with a WRMHEADER 4.1.0.0; one key ID.
        Playready41 = "playready-4.1",
        /// PlayReady with a WRMHEADER 4.2.0.0; any number of key IDs.
        Playready42 = "playready-4.2",
        /// PlayReady with a WRMHEADER 4.3.0.0; any number of key IDs.
        Playready43 = "playready-4.3",
    }
}

/// Object that carries the WRMHEADER.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Carrier {
    /// The Extended Content Encryption Object.
    #[default]
    ExtendedContentEncryption,
    /// An object that no reader knows: the place of PlayReady's header is not published.
    Unknown,
}

/// Meaningless GUID of [`Carrier::Unknown`].
const UNKNOWN_GUID: Guid = *b"restow unknown!!";

impl Protection {
    /// Creates a protection with this key ID, a byte order mark, and no license URL.
    #[must_use]
    pub fn new(kind: ProtectionKind, key_id: KeyId) -> Self {
        Self { kind, key_ids: vec![key_id], license_url: None, byte_order_mark: true, carrier: Carrier::default() }
    }

    /// Adds a key ID. Kinds with a single key ID ignore it.
    #[must_use]
    pub fn add_key_id(mut self, key_id: KeyId) -> Self {
        self.key_ids.push(key_id);
        self
    }

    /// Sets the license URL.
    #[must_use]
    pub fn license_url(mut self, url: &str) -> Self {
        self.license_url = Some(url.to_owned());
        self
    }

    /// Sets whether the WRMHEADER begins with the byte order mark `FF FE`.
    #[must_use]
    pub fn byte_order_mark(mut self, enabled: bool) -> Self {
        self.byte_order_mark = enabled;
        self
    }

    /// Sets the object that carries the WRMHEADER.
    #[must_use]
    pub fn carrier(mut self, carrier: Carrier) -> Self {
        self.carrier = carrier;
        self
    }

    /// Encodes the objects for the Header Object.
    pub(super) fn objects(&self) -> Vec<Vec<u8>> {
        let content = matches!(self.kind, ProtectionKind::WmdrmV1 | ProtectionKind::Wmdrm);
        let content = content.then(|| self.content_encryption());
        let header = self.wrmheader().map(|xml| self.header_object(&xml));
        content.into_iter().chain(header).collect()
    }

    fn first_key_id(&self) -> String {
        self.key_ids.first().map(KeyId::wm_base64).unwrap_or_default()
    }

    fn content_encryption(&self) -> Vec<u8> {
        let nul = |text: &str| counted32(&[text.as_bytes(), b"\0"].concat());
        let url = self.license_url.as_deref().unwrap_or_default();
        let body = [counted32(&noise(1, 32)), nul("DRM"), nul(&self.first_key_id()), nul(url)].concat();
        build_object(&guid::CONTENT_ENCRYPTION, &body)
    }

    fn header_object(&self, xml: &str) -> Vec<u8> {
        let mark = self.byte_order_mark.then_some(0xfeff);
        let wide: Vec<u8> = mark.into_iter().chain(xml.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        match self.carrier {
            Carrier::ExtendedContentEncryption => build_object(&guid::EXTENDED_CONTENT_ENCRYPTION, &counted32(&wide)),
            Carrier::Unknown => build_object(&UNKNOWN_GUID, &wide),
        }
    }

    fn wrmheader(&self) -> Option<String> {
        let version = match self.kind {
            ProtectionKind::WmdrmV1 => return None,
            ProtectionKind::Wmdrm => return Some(self.wrmheader_2()),
            ProtectionKind::Playready40 => "4.0.0.0",
            ProtectionKind::Playready41 => "4.1.0.0",
            ProtectionKind::Playready42 => "4.2.0.0",
            ProtectionKind::Playready43 => "4.3.0.0",
        };
        let kid = |id: &KeyId| {
            let id = id.wm_base64();
            format!(r#"<KID ALGID="AESCTR" CHECKSUM="AAAAAAAAAAA=" VALUE="{}"></KID>"#, escape(&id))
        };
        let key_ids = match self.kind {
            ProtectionKind::Playready40 => format!(
                "<PROTECTINFO><KEYLEN>16</KEYLEN><ALGID>AESCTR</ALGID></PROTECTINFO>\
                 <KID>{}</KID><CHECKSUM>AAAAAAAAAAA=</CHECKSUM>",
                escape(self.first_key_id())
            ),
            ProtectionKind::Playready41 => {
                format!("<PROTECTINFO>{}</PROTECTINFO>", self.key_ids.first().map(kid).unwrap_or_default())
            }
            _ => {
                let elements: String = self.key_ids.iter().map(kid).collect();
                format!("<PROTECTINFO><KIDS>{elements}</KIDS></PROTECTINFO>")
            }
        };
        Some(format!(
            r#"<WRMHEADER xmlns="http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader" version="{version}"><DATA>{key_ids}{}</DATA></WRMHEADER>"#,
            self.url_element("LA_URL"),
        ))
    }

    fn wrmheader_2(&self) -> String {
        format!(
            r#"<WRMHEADER version="2.0.0.0"><DATA><SECURITYVERSION>2.2</SECURITYVERSION><CID>demo</CID>{}<KID>{}</KID><CHECKSUM>AAAAAAAAAA==</CHECKSUM></DATA><SIGNATURE><HASHALGORITHM type="SHA"></HASHALGORITHM><SIGNALGORITHM type="MSDRM"></SIGNALGORITHM><VALUE>AAAA</VALUE></SIGNATURE></WRMHEADER>"#,
            self.url_element("LAINFO"),
            escape(self.first_key_id()),
        )
    }

    fn url_element(&self, name: &str) -> String {
        let url = self.license_url.as_ref();
        url.map(|url| format!("<{name}>{}</{name}>", escape(url))).unwrap_or_default()
    }
}
