//! Containers that this crate knows.

use restow_core::named_enum;

named_enum! {
    /// Container of a file. The content decides, never the file name.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
    #[non_exhaustive]
    pub enum Format {
        /// Audible audiobook of the older kind: `.aa`.
        AudibleAa = "aa",
        /// Audible audiobook: `.aax`, `.aaxc`.
        AudibleAax = "aax",
        /// Audible voucher, which holds the key of an audiobook.
        AudibleVoucher = "audible-voucher",
        /// Adobe voucher, with which a reading app fetches a book: `.acsm`.
        AdobeVoucher = "acsm",
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
        /// Kindle book in a KFX container: `.kfx`, `.azw`.
        Kfx = "kfx",
        /// Kindle voucher, which holds the key of a KFX book.
        KindleVoucher = "kindle-voucher",
        /// Mobipocket and Kindle book: `.mobi`, `.prc`, `.azw`, `.azw3`.
        Mobi = "mobi",
        /// Portable Document Format, outside of a package.
        Pdf = "pdf",
        /// Readium web publication of PDF documents: `.lcpdf`.
        PdfPackage = "pdf-package",
        /// Kindle book in the Topaz format: `.azw1`, `.tpz`.
        Topaz = "topaz",
        /// Any other Readium web publication: `.webpub`.
        Webpub = "webpub",
        /// A format that this crate does not know.
        #[default]
        Unknown = "unknown",
    }
}

impl Format {
    /// Returns true if the file holds no content but serves to fetch content or its key.
    #[must_use]
    pub const fn is_voucher(self) -> bool {
        matches!(self, Self::AdobeVoucher | Self::AudibleVoucher | Self::KindleVoucher)
    }
}

named_enum! {
    /// Kind of a file that this crate does not examine, by its first bytes.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    #[non_exhaustive]
    pub enum OtherKind {
        /// Archive other than ZIP: gzip, bzip2, xz, Zstandard, 7z, RAR, tar.
        Archive = "archive",
        /// Sound other than MP3 and MP4: FLAC, Ogg, WAV, AIFF, AAC.
        Audio = "audio",
        /// Image.
        Image = "image",
        /// JSON document or JSON Web Signature, such as a license document.
        Json = "json",
        /// Manifest of streamed media: DASH, HLS, Smooth Streaming.
        Manifest = "manifest",
        /// Matroska and WebM.
        Matroska = "matroska",
        /// MPEG audio, with or without a tag.
        Mp3 = "mp3",
        /// MPEG-4, QuickTime and 3GP, also with FairPlay, PlayReady or Widevine.
        Mp4 = "mp4",
        /// OMA DRM container: `.dcf`, `.odf`.
        Oma = "oma",
        /// Film other than MP4, Matroska and Windows Media: AVI, MPEG, Flash, Real.
        Video = "video",
        /// ZIP archive that is no publication.
        Zip = "zip",
        /// Any other file.
        Other = "other",
    }
}
