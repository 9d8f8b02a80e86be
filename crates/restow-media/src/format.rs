//! Containers that this crate knows.

use restow_core::named_enum;

named_enum! {
    /// Container of a file. The content decides, never the file name.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
    #[non_exhaustive]
    pub enum Format {
        /// Advanced Systems Format: `.asf`, `.wma`, `.wmv`, `.pya`, `.pyv`.
        Asf = "asf",
        /// Readium web publication of audio: `.audiobook`, `.lcpa`, `.lcpau`.
        Audiobook = "audiobook",
        /// Comic of images in a ZIP file: `.cbz`.
        Cbz = "cbz",
        /// Readium web publication of images: `.divina`, `.lcpdi`.
        Divina = "divina",
        /// EPUB 2 and 3.
        Epub = "epub",
        /// Portable Document Format, outside of a package.
        Pdf = "pdf",
        /// Readium web publication of PDF documents: `.lcpdf`.
        PdfPackage = "pdf-package",
        /// Any other Readium web publication: `.webpub`.
        Webpub = "webpub",
        /// A format that this crate does not know.
        #[default]
        Unknown = "unknown",
    }
}
