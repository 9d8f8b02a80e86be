//! Builder of publications.

use std::io::Cursor;

use quick_xml::escape::escape;
use restow_core::named_enum;
use serde_json::{Value, json};

use super::bytes::noise;
use super::zip::{Compression, ZipBuilder};
use crate::publication::remove_license;
use crate::{EmbedError, Format};

/// Builder of a publication with one chapter, page or track: a valid EPUB 3, Readium web publication, comic, or
/// plain PDF. The PDF has an empty page and fewer fields. The content is a sentence if it is clear text, and
/// noise otherwise.
///
/// ```
/// use restow_media::build::{PublicationBuilder, PublicationProtection};
/// use restow_media::{Format, System, embedded_license};
///
/// let license = br#"{"id": "b7a1"}"#;
/// let book = PublicationBuilder::new(Format::Epub).title("Rain").protection(PublicationProtection::Lcp).license(license);
/// let mut book = std::io::Cursor::new(book.build());
/// let found = restow_media::probe(&mut book)?;
/// assert!(found.systems.contains(&System::Lcp) && found.license_embedded);
/// assert_eq!(found.license_id.as_deref(), Some("b7a1"));
/// assert_eq!(embedded_license(&mut book)?.as_deref(), Some(&license[..]));
/// # Ok::<(), restow_media::ProbeError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct PublicationBuilder {
    format: Format,
    title: String,
    authors: Vec<String>,
    identifier: String,
    protection: PublicationProtection,
    license: Option<Vec<u8>>,
    compression: Compression,
    zip64: bool,
}

named_enum! {
    /// Protection of a built publication.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
    #[non_exhaustive]
    pub enum PublicationProtection {
        /// No protection.
        #[default]
        None = "none",
        /// Readium LCP.
        Lcp = "lcp",
        /// Adobe ADEPT. Written into an EPUB or a plain PDF.
        Adept = "adept",
        /// Font obfuscation, which is no protection.
        Fonts = "fonts",
        /// A system that no reader knows.
        Unknown = "unknown",
    }
}

const AES_256_CBC: &str = "http://www.w3.org/2001/04/xmlenc#aes256-cbc";
const CHAPTER_NAME: &str = "chapter.xhtml";

impl PublicationBuilder {
    /// Creates a clear publication. A format that is not a publication gives an EPUB.
    pub fn new(format: Format) -> Self {
        Self {
            format,
            title: "Untitled".to_owned(),
            authors: Vec::new(),
            identifier: "urn:uuid:09e091ab-f838-41d2-9e35-58531fd19ec7".to_owned(),
            protection: PublicationProtection::None,
            license: None,
            compression: Compression::Deflated,
            zip64: false,
        }
    }

    /// Sets the title.
    pub fn title(mut self, title: &str) -> Self {
        self.title = title.to_owned();
        self
    }

    /// Adds an author.
    pub fn author(mut self, author: &str) -> Self {
        self.authors.push(author.to_owned());
        self
    }

    /// Sets the identifier.
    pub fn identifier(mut self, identifier: &str) -> Self {
        self.identifier = identifier.to_owned();
        self
    }

    /// Sets the protection.
    pub fn protection(mut self, protection: PublicationProtection) -> Self {
        self.protection = protection;
        self
    }

    /// Sets the embedded license. A comic cannot hold one.
    pub fn license(mut self, license: &[u8]) -> Self {
        self.license = Some(license.to_owned());
        self
    }

    /// Sets the compression of the entries, except those that must be stored. In a plain PDF, `Stored` gives a
    /// table of cross-references, and any other value a stream.
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets whether the directory uses zip64 fields.
    pub fn zip64(mut self, enabled: bool) -> Self {
        self.zip64 = enabled;
        self
    }

    /// Returns the bytes of the publication.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        if self.format == Format::Pdf {
            let handler = match self.protection {
                PublicationProtection::Adept => Some("EBX_HANDLER"),
                PublicationProtection::Unknown => Some("Unknown#20Handler"),
                _ => None,
            };
            let author = self.authors.first().map(String::as_str);
            return super::pdf::build(&self.title, author, handler, self.compression != Compression::Stored);
        }
        let zip = ZipBuilder::new().zip64(self.zip64);
        match self.format {
            Format::Audiobook => self.webpub(zip, "track.mp3", "audio/mpeg", Some("audiobook")),
            Format::Divina => self.webpub(zip, "page.jpg", "image/jpeg", Some("divina")),
            Format::PdfPackage => self.webpub(zip, "document.pdf", "application/pdf", Some("pdf")),
            Format::Webpub => self.webpub(zip, CHAPTER_NAME, "application/xhtml+xml", None),
            Format::Cbz => self.comic(zip),
            _ => self.epub(zip),
        }
        .build()
    }

    fn content(&self) -> Vec<u8> {
        if !matches!(self.protection, PublicationProtection::None | PublicationProtection::Fonts) {
            // Encrypted content is indistinguishable from noise.
            return noise(1, 512);
        }
        let title = escape(&self.title);
        let page = format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{title}</title></head><body><p>It rained.</p></body></html>
"#
        );
        page.into_bytes()
    }

    fn epub(&self, mut zip: ZipBuilder) -> ZipBuilder {
        zip = zip.entry("mimetype", b"application/epub+zip", Compression::Stored);
        let (font, rights) = match self.protection {
            PublicationProtection::Fonts => (Some(noise(2, 64)), None),
            PublicationProtection::Adept => (None, Some(RIGHTS_XML.into())),
            _ => (None, None),
        };
        for (name, content) in [
            ("META-INF/container.xml", Some(CONTAINER_XML.into())),
            ("EPUB/package.opf", Some(self.package_document().into_bytes())),
            ("EPUB/nav.xhtml", Some(NAV_XHTML.into())),
            ("EPUB/chapter.xhtml", Some(self.content())),
            ("META-INF/encryption.xml", self.encryption().map(String::into_bytes)),
            ("EPUB/font.otf", font),
            ("META-INF/rights.xml", rights),
            ("META-INF/license.lcpl", self.license.clone()),
        ] {
            zip = content.into_iter().fold(zip, |zip, content| zip.entry(name, &content, self.compression));
        }
        zip
    }

    fn package_document(&self) -> String {
        let authors: String =
            self.authors.iter().map(|author| format!("<dc:creator>{}</dc:creator>", escape(author))).collect();
        let font = match self.protection {
            PublicationProtection::Fonts => r#"<item id="font" href="font.otf" media-type="font/otf"/>"#,
            _ => "",
        };
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="uid">
  <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
    <dc:identifier id="uid">{}</dc:identifier>
    <dc:title>{}</dc:title>
    {authors}<dc:language>en</dc:language>
    <meta property="dcterms:modified">2006-01-01T00:00:00Z</meta>
  </metadata>
  <manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="chapter" href="{CHAPTER_NAME}" media-type="application/xhtml+xml"/>
    {font}
  </manifest>
  <spine><itemref idref="chapter"/></spine>
</package>
"#,
            escape(&self.identifier),
            escape(&self.title),
        )
    }

    fn encryption(&self) -> Option<String> {
        let (algorithm, key, resource) = match self.protection {
            PublicationProtection::None => return None,
            PublicationProtection::Lcp => (
                AES_256_CBC,
                r#"<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><RetrievalMethod URI="license.lcpl#/encryption/content_key" Type="http://readium.org/2014/01/lcp#EncryptedContentKey"/></KeyInfo>"#,
                CHAPTER_NAME,
            ),
            PublicationProtection::Adept => (
                "http://www.w3.org/2001/04/xmlenc#aes128-cbc",
                r#"<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><resource xmlns="http://ns.adobe.com/adept">urn:uuid:0</resource></KeyInfo>"#,
                CHAPTER_NAME,
            ),
            PublicationProtection::Fonts => ("http://www.idpf.org/2008/embedding", "", "font.otf"),
            PublicationProtection::Unknown => (AES_256_CBC, "", CHAPTER_NAME),
        };
        Some(format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><EncryptedData xmlns="http://www.w3.org/2001/04/xmlenc#">
<EncryptionMethod Algorithm="{algorithm}"/>{key}<CipherData><CipherReference URI="EPUB/{resource}"/></CipherData>
</EncryptedData></encryption>
"#
        ))
    }

    fn webpub(&self, zip: ZipBuilder, name: &str, kind: &str, profile: Option<&str>) -> ZipBuilder {
        let encrypted = match self.protection {
            PublicationProtection::Lcp => json!({"scheme": "http://readium.org/2014/01/lcp",
                "profile": "http://readium.org/lcp/basic-profile", "algorithm": AES_256_CBC}),
            PublicationProtection::Fonts => json!({"algorithm": "http://www.idpf.org/2008/embedding"}),
            PublicationProtection::Unknown => json!({"scheme": "https://drm.example", "algorithm": AES_256_CBC}),
            _ => Value::Null,
        };
        let mut link = json!({"href": name, "type": kind});
        if let (Some(link), false) = (link.as_object_mut(), encrypted.is_null()) {
            link.insert("properties".to_owned(), json!({"encrypted": encrypted}));
        }
        let mut metadata = json!({"title": self.title, "author": self.authors, "identifier": self.identifier});
        if let (Some(metadata), Some(profile)) = (metadata.as_object_mut(), profile) {
            let profile = format!("https://readium.org/webpub-manifest/profiles/{profile}");
            metadata.insert("conformsTo".to_owned(), profile.into());
        }
        let manifest = json!({"@context": "https://readium.org/webpub-manifest/context.jsonld",
            "metadata": metadata, "links": [], "readingOrder": [link]});
        let zip = match &self.license {
            Some(license) => zip.entry("license.lcpl", license, self.compression),
            None => zip,
        };
        let zip = zip.entry("manifest.json", manifest.to_string().as_bytes(), self.compression);
        zip.entry(name, &noise(1, 512), Compression::Stored)
    }

    fn comic(&self, zip: ZipBuilder) -> ZipBuilder {
        let info = format!(
            r#"<?xml version="1.0"?><ComicInfo><Title>{}</Title><Writer>{}</Writer><GTIN>{}</GTIN></ComicInfo>"#,
            escape(&self.title),
            escape(self.authors.join(", ")),
            escape(&self.identifier),
        );
        zip.entry("01.jpg", &noise(1, 512), Compression::Stored).entry(
            "ComicInfo.xml",
            info.as_bytes(),
            self.compression,
        )
    }
}

/// Removes the embedded license of a publication and keeps every other byte.
/// [`embed_license`](crate::embed_license) is the reverse.
///
/// # Errors
///
/// Those of [`embed_license`](crate::embed_license).
pub fn strip_license(publication: &[u8]) -> Result<Vec<u8>, EmbedError> {
    let mut without = Vec::with_capacity(publication.len());
    remove_license(&mut Cursor::new(publication), &mut without)?;
    Ok(without)
}

const CONTAINER_XML: &str = include_str!("epub/container.xml");
const NAV_XHTML: &str = include_str!("epub/nav.xhtml");
const RIGHTS_XML: &str = include_str!("epub/rights.xml");
