//! Streams that the container flags as encrypted.

use std::collections::BTreeSet;

use super::objects::{Objects, guid};
use crate::cursor::Cursor;

/// Streams of a header.
#[derive(Default)]
pub(super) struct Streams {
    /// Number of readable Stream Properties Objects.
    pub(super) count: u32,
    /// Numbers, 1 to 127, of the streams with the "encrypted content" flag.
    pub(super) encrypted: BTreeSet<u32>,
    /// True if a stream has the format `PRDY`, which PlayReady puts in place of the real one.
    pub(super) has_playready_format: bool,
}

/// Format of a video stream with a real format hidden by PlayReady.
const PLAYREADY_FORMAT: &[u8] = b"PRDY";

impl Streams {
    /// Reads a Stream Properties Object (section 3.3) and returns `None` if its fields do not fit.
    ///
    /// | offset | size | field, after the first 24 bytes |
    /// |---|---|---|
    /// | 0 | 16 | stream type |
    /// | 16 | 16 | error correction type |
    /// | 32 | 8 | time offset |
    /// | 40 | 4 | length of the type-specific data |
    /// | 44 | 4 | length of the error correction data |
    /// | 48 | 2 | flags: bits 0 to 6 the stream number, bit 15 encrypted content |
    /// | 50 | 4 | reserved |
    /// | 54 | | type-specific data, error correction data |
    pub(super) fn stream_properties(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(body);
        let kind: guid::Guid = cursor.array()?;
        cursor.take(32)?;
        let flags = cursor.u16()?;
        self.count = self.count.saturating_add(1);
        if flags & 0x8000 != 0 {
            self.encrypted.insert(u32::from(flags & 0x7f));
        }
        cursor.take(4)?;
        // Width, height, a reserved byte and a length; then a BITMAPINFOHEADER with the format at its byte 16.
        if kind == guid::VIDEO_MEDIA && cursor.take(27).is_some() && cursor.rest().starts_with(PLAYREADY_FORMAT) {
            self.has_playready_format = true;
        }
        Some(())
    }

    /// Reads an Extended Stream Properties Object (section 4.1) and returns `None` if its fields do not fit. It may end
    /// with a Stream Properties Object, and some streams are described only there.
    pub(super) fn extended_stream_properties(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(body);
        // Times, rates, buffers, flags, stream number, language, average time per frame.
        cursor.take(60)?;
        let name_count = cursor.u16()?;
        let extension_count = cursor.u16()?;
        for _ in 0..name_count {
            cursor.take(2)?;
            cursor.counted16()?;
        }
        for _ in 0..extension_count {
            cursor.take(18)?;
            cursor.counted32()?;
        }
        for object in Objects::new(cursor.rest(), 0) {
            if object.guid == guid::STREAM_PROPERTIES {
                self.stream_properties(object.body)?;
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::{PLAYREADY_FORMAT, Streams, guid};

    fn properties(kind: guid::Guid, flags: u16, type_specific: &[u8]) -> Vec<u8> {
        [&kind[..], &[0; 32], &flags.to_le_bytes(), &[0; 4], type_specific].concat()
    }

    #[test]
    fn stream_flags_hold_number_and_encryption() {
        let mut streams = Streams::default();
        assert!(streams.stream_properties(&properties(guid::AUDIO_MEDIA, 0x8002, &[])).is_some());
        assert!(streams.stream_properties(&properties(guid::AUDIO_MEDIA, 0x0003, &[])).is_some());
        assert!(streams.stream_properties(&[0; 49]).is_none());
        assert_eq!((streams.count, streams.encrypted.into_iter().collect()), (2, vec![2]));
    }

    #[test]
    fn hidden_video_format_marks_playready() {
        let mut streams = Streams::default();
        let type_specific = [&[0; 27][..], PLAYREADY_FORMAT].concat();
        assert!(streams.stream_properties(&properties(guid::AUDIO_MEDIA, 1, &type_specific)).is_some());
        assert!(!streams.has_playready_format);
        assert!(streams.stream_properties(&properties(guid::VIDEO_MEDIA, 1, &type_specific)).is_some());
        assert!(streams.has_playready_format);
    }

    #[test]
    fn stream_described_only_in_extension() {
        let inner = properties(guid::AUDIO_MEDIA, 0x8005, &[]);
        let inner = [&guid::STREAM_PROPERTIES[..], &(inner.len() as u64 + 24).to_le_bytes(), &inner].concat();
        // One name of four bytes, one payload extension with two bytes of information.
        let lists = [&[1, 0, 1, 0][..], &[0, 0, 4, 0, 9, 9, 9, 9], &[7; 18], &[2, 0, 0, 0, 5, 5]].concat();
        let body = [&[0; 60][..], &lists, &inner].concat();
        let mut streams = Streams::default();
        assert!(streams.extended_stream_properties(&body).is_some());
        assert_eq!(streams.encrypted.into_iter().collect::<Vec<_>>(), [5]);
        assert!(Streams::default().extended_stream_properties(&[&[0; 60][..], &[255; 4]].concat()).is_none());
    }
}
