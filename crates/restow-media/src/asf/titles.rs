//! Titles of an ASF file.
//!
//! Writers put the title in different objects, and readers disagree about files that have only one of them. The
//! order here is: Content Description, then `Title` in the Extended Content Description, then `Title` in the
//! Metadata or Metadata Library, then album and track. `detect.rs` adds the file name as the last resort.

use crate::cursor::Cursor;
use crate::text::{MAX_TEXT, clean, decode_utf16le, utf16le_equals};
use crate::{Probe, Title};

/// Type of a `Unicode string` value.
const UNICODE_STRING: u16 = 0;

/// Object that holds a value, the best first.
#[derive(Clone, Copy)]
enum TagSource {
    ContentDescription,
    ExtendedContentDescription,
    Metadata,
}

/// Values by object, the best first; the first value of each object counts.
#[derive(Default)]
struct TagCandidates([Option<String>; 3]);

impl TagCandidates {
    fn put(&mut self, source: TagSource, text: &[u8]) {
        if let Some(slot @ None) = self.0.get_mut(source as usize) {
            *slot = clean(decode_utf16le(text), MAX_TEXT);
        }
    }

    fn best(self) -> Option<String> {
        self.0.into_iter().flatten().next()
    }
}

/// Descriptive values of a header.
#[derive(Default)]
pub(super) struct Tags {
    title: TagCandidates,
    author: TagCandidates,
    album: TagCandidates,
    album_artist: TagCandidates,
    /// `WM/TrackNumber`, counted from 1.
    track_number: Option<u32>,
    /// `WM/Track`, counted from 0.
    track: Option<u32>,
}

impl Tags {
    /// Reads the Content Description Object (section 3.10) and returns `None` if its fields do not fit. It has five
    /// 16-bit lengths in bytes, then title, author, copyright, description and rating in UTF-16LE.
    pub(super) fn content_description(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(body);
        let title = cursor.u16()?;
        let author = cursor.u16()?;
        let other_lengths = [cursor.u16()?, cursor.u16()?, cursor.u16()?];
        self.title.put(TagSource::ContentDescription, cursor.take(title.into())?);
        self.author.put(TagSource::ContentDescription, cursor.take(author.into())?);
        for len in other_lengths {
            cursor.take(len.into())?;
        }
        Some(())
    }

    /// Reads the Extended Content Description Object (section 3.11) and returns `None` if its fields do not fit.
    ///
    /// | size | field |
    /// |---|---|
    /// | 2 | number of descriptors, then for each: |
    /// | 2, n | name, UTF-16LE, after its length in bytes |
    /// | 2 | type: 0 string, 1 bytes, 2 bool (32 bits), 3 u32, 4 u64, 5 u16 |
    /// | 2, n | value after its length in bytes |
    pub(super) fn extended_content_description(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(body);
        for _ in 0..cursor.u16()? {
            let name = cursor.counted16()?;
            let kind = cursor.u16()?;
            let value = cursor.counted16()?;
            self.add_value(TagSource::ExtendedContentDescription, name, kind, value);
        }
        Some(())
    }

    /// Reads the Metadata Object or the Metadata Library Object (sections 4.7 and 4.8), which have the same
    /// layout. Returns `None` if its fields do not fit.
    ///
    /// | size | field |
    /// |---|---|
    /// | 2 | number of records, then for each: |
    /// | 2 | language (Library) or reserved |
    /// | 2 | stream number, 0 for the whole file |
    /// | 2 | length of the name in bytes |
    /// | 2 | type, as above; also 6, a GUID |
    /// | 4 | length of the value in bytes |
    /// | n, n | name in UTF-16LE, value |
    pub(super) fn metadata(&mut self, body: &[u8]) -> Option<()> {
        let mut cursor = Cursor::new(body);
        for _ in 0..cursor.u16()? {
            cursor.take(4)?;
            let name = cursor.u16()?;
            let kind = cursor.u16()?;
            let value = usize::try_from(cursor.u32()?).ok()?;
            let name = cursor.take(name.into())?;
            let value = cursor.take(value)?;
            self.add_value(TagSource::Metadata, name, kind, value);
        }
        Some(())
    }

    fn add_value(&mut self, source: TagSource, name: &[u8], kind: u16, value: &[u8]) {
        let texts = [
            ("Title", &mut self.title),
            ("Author", &mut self.author),
            ("WM/AlbumTitle", &mut self.album),
            ("WM/AlbumArtist", &mut self.album_artist),
        ];
        if kind == UNICODE_STRING {
            for (tag, candidates) in texts {
                if utf16le_equals(name, tag) {
                    return candidates.put(source, value);
                }
            }
        }
        if self.track_number.is_none() && utf16le_equals(name, "WM/TrackNumber") {
            self.track_number = number(kind, value).filter(|number| *number > 0);
        } else if self.track.is_none() && utf16le_equals(name, "WM/Track") {
            self.track = number(kind, value);
        }
    }

    /// Puts the best values into the probe.
    pub(super) fn set_probe_fields(self, probe: &mut Probe) {
        probe.author = self.author.best().or_else(|| self.album_artist.best());
        probe.album = self.album.best();
        probe.track = self.track_number.or_else(|| self.track?.checked_add(1));
        let from_album = || probe.album.as_ref().map(|album| Title::from_album(album, probe.track));
        probe.title = self.title.best().map(Title::stated).or_else(from_album);
    }
}

/// Parses a number of any type; from a text such as `3/12`, the first number.
fn number(kind: u16, value: &[u8]) -> Option<u32> {
    let mut cursor = Cursor::new(value);
    match kind {
        UNICODE_STRING => {
            let text = clean(decode_utf16le(value), 32)?;
            let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            text.get(..digits)?.parse().ok()
        }
        3 => cursor.u32(),
        4 => u32::try_from(cursor.u64()?).ok(),
        5 => cursor.u16().map(u32::from),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Tags, number};
    use crate::{Probe, Title, TitleSource};

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    fn len16(bytes: &[u8]) -> [u8; 2] {
        u16::try_from(bytes.len()).unwrap().to_le_bytes()
    }

    fn content_description(title: &str, author: &str) -> Vec<u8> {
        let (title, author) = (wide(title), wide(author));
        [&len16(&title)[..], &len16(&author), &[0; 6], &title, &author].concat()
    }

    fn extended(values: &[(&str, u16, Vec<u8>)]) -> Vec<u8> {
        let mut body = u16::try_from(values.len()).unwrap().to_le_bytes().to_vec();
        for (name, kind, value) in values {
            let name = wide(name);
            body.extend([&len16(&name)[..], &name, &kind.to_le_bytes(), &len16(value), value].concat());
        }
        body
    }

    fn metadata(name: &str, value: &[u8]) -> Vec<u8> {
        let name = wide(name);
        let len = u32::try_from(value.len()).unwrap().to_le_bytes();
        [&[1, 0, 0, 0, 0, 0][..], &len16(&name), &[0, 0], &len, &name, value].concat()
    }

    fn set_probe_fields(tags: Tags) -> Probe {
        let mut probe = Probe::default();
        tags.set_probe_fields(&mut probe);
        probe
    }

    #[test]
    fn best_title_source_wins_any_order() {
        let mut tags = Tags::default();
        assert!(tags.metadata(&metadata("Title", &wide("third"))).is_some());
        assert!(
            tags.extended_content_description(&extended(&[("Title", 0, wide("second")), ("Title", 0, wide("no"))]))
                .is_some()
        );
        let titled = |tags: Tags| set_probe_fields(tags).title.unwrap().text;
        assert_eq!(titled(tags), "second");

        let mut tags = Tags::default();
        assert!(tags.metadata(&metadata("Title", &wide("third"))).is_some());
        assert_eq!(titled(tags), "third");

        let mut tags = Tags::default();
        assert!(tags.extended_content_description(&extended(&[("Title", 0, wide("second"))])).is_some());
        assert!(tags.content_description(&content_description("first\0", "somebody")).is_some());
        assert_eq!(titled(tags), "first");
    }

    #[test]
    fn blank_title_values_ignored() {
        let mut tags = Tags::default();
        assert!(tags.content_description(&content_description(" \0", "\0")).is_some());
        assert!(
            tags.extended_content_description(&extended(&[
                ("Title", 0, wide("second")),
                ("WM/AlbumArtist", 0, wide("band")),
            ]))
            .is_some()
        );
        let probe = set_probe_fields(tags);
        assert_eq!((probe.title.unwrap().text.as_str(), probe.author.as_deref()), ("second", Some("band")));
    }

    #[test]
    fn missing_title_uses_album_and_track() {
        let album = ("WM/AlbumTitle", 0, wide("Songs"));
        let cases = [
            (vec![album.clone()], "Songs"),
            (vec![album.clone(), ("WM/Track", 3, 4_u32.to_le_bytes().to_vec())], "Songs – 5"),
            (
                vec![album.clone(), ("WM/Track", 3, 8_u32.to_le_bytes().to_vec()), ("WM/TrackNumber", 0, wide("5/12"))],
                "Songs – 5",
            ),
            (vec![album, ("WM/TrackNumber", 0, wide("none"))], "Songs"),
        ];
        for (values, expected) in cases {
            let mut tags = Tags::default();
            assert!(tags.extended_content_description(&extended(&values)).is_some());
            let title = Title { text: expected.to_owned(), source: TitleSource::Album };
            assert_eq!(set_probe_fields(tags).title, Some(title));
        }
    }

    #[test]
    fn track_numbers_parsed_from_every_type() {
        assert_eq!(number(0, &wide("07")), Some(7));
        assert_eq!(number(3, &[7, 0, 0, 0]), Some(7));
        assert_eq!(number(4, &[7, 0, 0, 0, 0, 0, 0, 0]), Some(7));
        assert_eq!(number(4, &[0, 0, 0, 0, 1, 0, 0, 0]), None);
        assert_eq!(number(5, &[7, 0]), Some(7));
        assert_eq!(number(3, &[7]), None);
        assert_eq!(number(1, &[7, 0, 0, 0]), None);
        assert_eq!(number(0, &wide("99999999999")), None);
    }

    #[test]
    fn truncated_object_keeps_complete_values() {
        let intact = extended(&[("Title", 0, wide("whole")), ("Author", 0, wide("cut"))]);
        let mut tags = Tags::default();
        assert!(tags.extended_content_description(&intact[..intact.len() - 1]).is_none());
        let probe = set_probe_fields(tags);
        assert_eq!((probe.title.unwrap().text.as_str(), probe.author), ("whole", None));
        assert!(Tags::default().content_description(&[0; 9]).is_none());
        assert!(Tags::default().content_description(&content_description("abc", "")[..12]).is_none());
        assert!(Tags::default().metadata(&metadata("Title", b"x")[..12]).is_none());
    }
}
