//! Protection systems that file headers can name.

/// Protection system that the header of a file names.
///
/// The variants are in the order of their names, so that a `BTreeSet<System>` is sorted by name.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[non_exhaustive]
pub enum System {
    /// Adobe ADEPT.
    Adept,
    /// Audible AA, AAX and AAXC.
    Audible,
    /// Common Encryption (ISO/IEC 23001-7), independent of the systems that deliver the key.
    Cenc,
    /// W3C Clear Key.
    Clearkey,
    /// Apple FairPlay.
    Fairplay,
    /// HTTP Live Streaming with AES-128 or SAMPLE-AES, and key format `identity`.
    HlsAes,
    /// Amazon Kindle.
    Kindle,
    /// Rakuten Kobo.
    Kobo,
    /// Readium LCP.
    Lcp,
    /// Marlin.
    Marlin,
    /// Nagra PRM.
    Nagra,
    /// OMA DRM 1 and 2.
    Oma,
    /// Microsoft PlayReady: WRMHEADER 4.0 and later.
    Playready,
    /// Adobe Primetime.
    Primetime,
    /// Google Widevine.
    Widevine,
    /// Windows Media DRM: a Content Encryption Object of type `DRM`, or WRMHEADER 2.x.
    Wmdrm,
}

crate::named_enum!(System {
    Adept => "adept",
    Audible => "audible",
    Cenc => "cenc",
    Clearkey => "clearkey",
    Fairplay => "fairplay",
    HlsAes => "hls-aes",
    Kindle => "kindle",
    Kobo => "kobo",
    Lcp => "lcp",
    Marlin => "marlin",
    Nagra => "nagra",
    Oma => "oma",
    Playready => "playready",
    Primetime => "primetime",
    Widevine => "widevine",
    Wmdrm => "wmdrm",
});

#[cfg(test)]
mod tests {
    use super::System;

    #[test]
    fn system_names_round_trip_in_order() {
        for pair in System::ALL.windows(2) {
            let [a, b] = pair else { unreachable!() };
            assert!(a < b && a.as_str() < b.as_str(), "{a} before {b}");
        }
        for system in System::ALL {
            assert_eq!(system.to_string().parse(), Ok(system));
        }
    }

    #[test]
    fn other_system_name_is_refused() {
        assert!("WMDRM".parse::<System>().is_err());
        assert!("".parse::<System>().is_err());
    }
}
