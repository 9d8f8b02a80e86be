//! Protection systems that file headers can name.

crate::named_enum! {
    /// Protection system that the header of a file names.
    ///
    /// The variants are in the order of their names, so that a `BTreeSet<System>` is sorted by name.
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
    #[non_exhaustive]
    pub enum System {
        /// Adobe ADEPT.
        Adept = "adept",
        /// Audible AA, AAX and AAXC.
        Audible = "audible",
        /// Common Encryption (ISO/IEC 23001-7), independent of the systems that deliver the key.
        Cenc = "cenc",
        /// W3C Clear Key.
        Clearkey = "clearkey",
        /// Apple FairPlay.
        Fairplay = "fairplay",
        /// HTTP Live Streaming with AES-128 or SAMPLE-AES, and key format `identity`.
        HlsAes = "hls-aes",
        /// Amazon Kindle.
        Kindle = "kindle",
        /// Rakuten Kobo.
        Kobo = "kobo",
        /// Readium LCP.
        Lcp = "lcp",
        /// Marlin.
        Marlin = "marlin",
        /// Nagra PRM.
        Nagra = "nagra",
        /// OMA DRM 1 and 2.
        Oma = "oma",
        /// Microsoft PlayReady: WRMHEADER 4.0 and later.
        Playready = "playready",
        /// Adobe Primetime.
        Primetime = "primetime",
        /// Google Widevine.
        Widevine = "widevine",
        /// Windows Media DRM: a Content Encryption Object of type `DRM`, or WRMHEADER 2.x.
        Wmdrm = "wmdrm",
    }
}

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
