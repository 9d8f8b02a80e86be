//! Reasons why a file or document is not imported.

use restow_core::{message_error, message_methods};
use restow_media::Warning;

use crate::texts::TEXTS;

message_error! {
    /// Reason why a file or document is not imported, though it may be sound.
    #[derive(Clone, PartialEq, Eq, Debug)]
    #[non_exhaustive]
    pub enum ImportError in TEXTS {
        /// Another document of the license with a stronger signature is stored.
        StrongerStored = "license-better-here",
        /// The publication has no license.
        NoLicenseInPublication = "license-none-inside",
        /// The archive has no license.
        NoLicenseInArchive = "license-none-in-archive",
        /// A publication, an archive or an entry is damaged.
        UnreadablePackage(warning: Warning as cause) = "license-package",
        /// An archive or an entry must be unpacked first.
        UnpackRequired(warning: Warning as cause) = "license-unpack-first",
        /// The file is an Adobe voucher, which is no license.
        AdobeVoucher = "license-adobe-voucher",
        /// The file belongs to a protection system whose licenses no program can save.
        OtherSystem(system: String) = "license-other-system",
        /// The archive is of an unsupported kind.
        UnsupportedArchive = "license-other-archive",
    }
}

message_methods!(ImportError);
