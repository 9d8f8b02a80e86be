//! ASF objects: a GUID, a size, a body.

use std::ops::Range;

use crate::cursor::Cursor;

/// Size of the fixed part of the Header Object.
pub(crate) const HEADER_PREFIX_LEN: usize = 30;

/// Size of the GUID and size fields at the start of every object.
pub(crate) const OBJECT_PREFIX_LEN: usize = 24;

/// GUIDs of the ASF specification, section 10, in file byte order.
pub(crate) mod guid {
    /// GUID in file byte order: its first three fields are little-endian.
    pub(crate) type Guid = [u8; 16];

    /// Converts a GUID from the usual notation, read as one number.
    const fn guid(value: u128) -> Guid {
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = value.to_be_bytes();
        [d, c, b, a, f, e, h, g, i, j, k, l, m, n, o, p]
    }

    pub(crate) const HEADER: Guid = guid(0x75B22630_668E_11CF_A6D9_00AA0062CE6C);
    pub(crate) const DATA: Guid = guid(0x75B22636_668E_11CF_A6D9_00AA0062CE6C);
    #[cfg(any(test, feature = "build"))]
    pub(crate) const FILE_PROPERTIES: Guid = guid(0x8CABDCA1_A947_11CF_8EE4_00C00C205365);
    pub(crate) const STREAM_PROPERTIES: Guid = guid(0xB7DC0791_A9B7_11CF_8EE6_00C00C205365);
    pub(crate) const HEADER_EXTENSION: Guid = guid(0x5FBF03B5_A92E_11CF_8EE3_00C00C205365);
    /// Value of the reserved field of the Header Extension Object.
    #[cfg(any(test, feature = "build"))]
    pub(crate) const RESERVED_1: Guid = guid(0xABD3D211_A9BA_11CF_8EE6_00C00C205365);
    pub(crate) const CONTENT_DESCRIPTION: Guid = guid(0x75B22633_668E_11CF_A6D9_00AA0062CE6C);
    pub(crate) const EXTENDED_CONTENT_DESCRIPTION: Guid = guid(0xD2D0A440_E307_11D2_97F0_00A0C95EA850);
    pub(crate) const CONTENT_ENCRYPTION: Guid = guid(0x2211B3FB_BD23_11D2_B4B7_00A0C955FC6E);
    pub(crate) const EXTENDED_CONTENT_ENCRYPTION: Guid = guid(0x298AE614_2622_4C17_B935_DAE07EE9289C);
    pub(crate) const ADVANCED_CONTENT_ENCRYPTION: Guid = guid(0x43058533_6981_49E6_9B74_AD12CB86D58C);
    pub(crate) const METADATA: Guid = guid(0xC5F8CBEA_5BAF_4877_8467_AA8C44FA4CCA);
    pub(crate) const METADATA_LIBRARY: Guid = guid(0x44231C94_9498_49D1_A141_1D134E457054);
    pub(crate) const PADDING: Guid = guid(0x1806D474_CADF_4509_A4BA_9AABCB96AAE8);
    pub(crate) const EXTENDED_STREAM_PROPERTIES: Guid = guid(0x14E6A5CB_C672_4332_8399_A96952065B5A);

    /// Type of an audio stream.
    #[cfg(any(test, feature = "build"))]
    pub(crate) const AUDIO_MEDIA: Guid = guid(0xF8699E40_5B4D_11CF_A8FD_00805F5C442B);
    /// Type of a video stream.
    pub(crate) const VIDEO_MEDIA: Guid = guid(0xBC19EFC0_5B4D_11CF_A8FD_00805F5C442B);
    /// Error correction type of an audio stream with spread packets.
    #[cfg(any(test, feature = "build"))]
    pub(crate) const AUDIO_SPREAD: Guid = guid(0xBFC3CD50_618F_11CF_8BB2_00AA00B4E220);

    /// Windows Media DRM for Network Devices, in the Advanced Content Encryption Object (MS-DRMND).
    pub(crate) const WMDRM_ND: Guid = guid(0x7A079BB6_DAA4_4E12_A5CA_91D38DC11A8D);
    /// PlayReady, in the DASH registry of protection systems.
    pub(crate) const PLAYREADY: Guid = guid(0x9A04F079_9840_4286_AB92_E65BE0885F95);
    /// PlayReady, as players name the content protection system in ASF.
    pub(crate) const PLAYREADY_ASF: Guid = guid(0xF4637010_03C3_42CD_B932_B48ADF3A6A54);

    #[cfg(test)]
    mod tests {
        #[test]
        fn header_guid_equals_asf_magic_number() {
            assert_eq!(super::HEADER, *b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c");
        }
    }
}

/// Returns the name of an object in the specification, for the objects that are read.
pub(super) fn object_name(guid: &guid::Guid) -> &'static str {
    match *guid {
        guid::CONTENT_DESCRIPTION => "Content Description Object",
        guid::EXTENDED_CONTENT_DESCRIPTION => "Extended Content Description Object",
        guid::METADATA => "Metadata Object",
        guid::METADATA_LIBRARY => "Metadata Library Object",
        guid::STREAM_PROPERTIES => "Stream Properties Object",
        guid::EXTENDED_STREAM_PROPERTIES => "Extended Stream Properties Object",
        guid::CONTENT_ENCRYPTION => "Content Encryption Object",
        guid::EXTENDED_CONTENT_ENCRYPTION => "Extended Content Encryption Object",
        guid::ADVANCED_CONTENT_ENCRYPTION => "Advanced Content Encryption Object",
        _ => "object",
    }
}

/// One object of a header.
pub(crate) struct Object<'a> {
    pub(crate) guid: guid::Guid,
    /// Start of the object, in bytes from the start of the file.
    pub(crate) offset: u64,
    /// Bytes after GUID and size.
    pub(crate) body: &'a [u8],
    /// True if the stated size exceeds the available bytes; `body` is the available part.
    pub(crate) truncated: bool,
}

impl Object<'_> {
    /// Returns true if the object holds user-written texts, such as titles and comments.
    pub(super) fn holds_user_text(&self) -> bool {
        matches!(
            self.guid,
            guid::CONTENT_DESCRIPTION | guid::EXTENDED_CONTENT_DESCRIPTION | guid::METADATA | guid::METADATA_LIBRARY
        )
    }

    /// Returns the range of the object, in bytes from the start of the file.
    pub(super) fn range(&self) -> Range<u64> {
        let len = OBJECT_PREFIX_LEN.saturating_add(self.body.len());
        self.offset..self.offset.saturating_add(len as u64)
    }
}

/// End of a sequence of objects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ObjectsEnd {
    /// The last object ends with the last byte.
    Clean,
    /// The last bytes are too few for an object.
    Stray {
        /// Start of the bytes, from the start of the file.
        offset: u64,
        /// Number of bytes.
        len: u64,
    },
    /// An object has an impossible size. An object that is merely too long is still returned, truncated.
    Size {
        /// Start of the object, in bytes from the start of the file.
        offset: u64,
        /// Stated size of the object, in bytes.
        stated: u64,
    },
}

/// Iterator over consecutive objects. [`Objects::end`] returns how the sequence ended.
pub(crate) struct Objects<'a> {
    cursor: Cursor<'a>,
    offset: u64,
    end: ObjectsEnd,
}

impl<'a> Objects<'a> {
    /// Creates an iterator over `bytes`, which start `offset` bytes after the start of the file.
    pub(crate) const fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self { cursor: Cursor::new(bytes), offset, end: ObjectsEnd::Clean }
    }

    pub(crate) const fn end(&self) -> ObjectsEnd {
        self.end
    }

    /// Ends the iteration.
    fn stop(&mut self, end: ObjectsEnd) {
        self.end = end;
        self.cursor = Cursor::new(&[]);
    }
}

impl<'a> Iterator for Objects<'a> {
    type Item = Object<'a>;

    fn next(&mut self) -> Option<Object<'a>> {
        let offset = self.offset;
        let rest = self.cursor.rest();
        if rest.is_empty() {
            return None;
        }
        let mut cursor = self.cursor;
        let (Some(guid), Some(stated)) = (cursor.array(), cursor.u64()) else {
            self.stop(ObjectsEnd::Stray { offset, len: rest.len() as u64 });
            return None;
        };
        let Some(len) = stated.checked_sub(OBJECT_PREFIX_LEN as u64) else {
            self.stop(ObjectsEnd::Size { offset, stated });
            return None;
        };
        match usize::try_from(len).ok().and_then(|len| cursor.take(len)) {
            Some(body) => {
                self.cursor = cursor;
                self.offset = offset.saturating_add(stated);
                Some(Object { guid, offset, body, truncated: false })
            }
            None => {
                self.stop(ObjectsEnd::Size { offset, stated });
                Some(Object { guid, offset, body: cursor.rest(), truncated: true })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Objects, ObjectsEnd};

    fn object(tag: u8, size: u64, body: &[u8]) -> Vec<u8> {
        [&[tag; 16][..], &size.to_le_bytes(), body].concat()
    }

    fn walk(bytes: &[u8]) -> (Vec<(u8, u64, usize, bool)>, ObjectsEnd) {
        let mut objects = Objects::new(bytes, 30);
        let found =
            objects.by_ref().map(|o| (o.guid.iter().fold(0, |_, b| *b), o.offset, o.body.len(), o.truncated)).collect();
        (found, objects.end())
    }

    #[test]
    fn consecutive_objects_iterated() {
        let bytes = [object(1, 27, b"abc"), object(2, 24, b"")].concat();
        assert_eq!(walk(&bytes), (vec![(1, 30, 3, false), (2, 57, 0, false)], ObjectsEnd::Clean));
        assert_eq!(walk(&[]), (vec![], ObjectsEnd::Clean));
    }

    #[test]
    fn impossible_object_size_ends_iteration() {
        for stated in [0, 23] {
            assert_eq!(walk(&object(1, stated, b"abc")), (vec![], ObjectsEnd::Size { offset: 30, stated }));
        }
        for stated in [28, 1 << 40, u64::MAX] {
            assert_eq!(
                walk(&object(1, stated, b"abc")),
                (vec![(1, 30, 3, true)], ObjectsEnd::Size { offset: 30, stated })
            );
        }
    }

    #[test]
    fn short_trailing_bytes_are_stray() {
        let bytes = [object(1, 24, b""), vec![0; 23]].concat();
        assert_eq!(walk(&bytes), (vec![(1, 30, 0, false)], ObjectsEnd::Stray { offset: 54, len: 23 }));
    }
}
