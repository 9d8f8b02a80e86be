//! Containers that this crate knows.

use restow_core::named_enum;

/// Container of a file. The content decides, never the file name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Format {
    /// Advanced Systems Format: `.asf`, `.wma`, `.wmv`, `.pya`, `.pyv`.
    Asf,
    /// Readium web publication of audio: `.audiobook`, `.lcpa`, `.lcpau`.
    Audiobook,
    /// Comic of images in a ZIP file: `.cbz`.
    Cbz,
    /// Readium web publication of images: `.divina`, `.lcpdi`.
    Divina,
    /// EPUB 2 and 3.
    Epub,
    /// Portable Document Format, outside of a package.
    Pdf,
    /// Readium web publication of PDF documents: `.lcpdf`.
    PdfPackage,
    /// Any other Readium web publication: `.webpub`.
    Webpub,
    /// A format that this crate does not know.
    #[default]
    Unknown,
}

named_enum!(Format {
    Asf => "asf",
    Audiobook => "audiobook",
    Cbz => "cbz",
    Divina => "divina",
    Epub => "epub",
    Pdf => "pdf",
    PdfPackage => "pdf-package",
    Webpub => "webpub",
    Unknown => "unknown",
});
