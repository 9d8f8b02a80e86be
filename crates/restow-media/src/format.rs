//! Containers this crate can tell.

use restow_core::named_enum;

/// The container of a file, told by its content and never by its name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
#[non_exhaustive]
pub enum Format {
    /// Advanced Systems Format: `.asf`, `.wma`, `.wmv`, `.pya`, `.pyv`.
    Asf,
    /// Readium web publication of sound: `.audiobook`, `.lcpa`, `.lcpau`.
    Audiobook,
    /// Comic of images in a ZIP file: `.cbz`.
    Cbz,
    /// Readium web publication of images: `.divina`, `.lcpdi`.
    Divina,
    /// EPUB 2 and 3.
    Epub,
    /// Portable Document Format, by itself.
    Pdf,
    /// Readium web publication of PDF documents: `.lcpdf`.
    PdfPackage,
    /// Readium web publication of anything else: `.webpub`.
    Webpub,
    /// None of those this crate knows.
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
