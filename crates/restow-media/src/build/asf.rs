//! Builder of ASF files.

use super::bytes::{Noise, build_object, counted32, len16, len32, noise, utf16le_nul};
use super::protection::Protection;
use crate::asf::objects::{HEADER_PREFIX_LEN, guid};

/// Builder of an ASF file with noise in one stream of Windows Media Audio 2, declared as a few seconds of
/// stereo.
///
/// The Header Object has File Properties, Stream Properties and a Header Extension. Content Description,
/// Extended Content Description and encryption objects are optional. A Data Object with whole packets follows.
/// Sizes, counts and the encrypted flag are correct. Texts are truncated to 32,000 UTF-16 code units.
#[derive(Clone, Debug)]
#[must_use]
pub struct AsfBuilder {
    title: Option<String>,
    title_object: TitleObject,
    author: Option<String>,
    album: Option<String>,
    track: Option<u32>,
    protection: Option<Protection>,
    order: ObjectOrder,
    packets: u16,
    seed: u64,
}

/// Object that holds the title.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum TitleObject {
    /// Content Description Object.
    #[default]
    ContentDescription,
    /// Extended Content Description Object, as `Title`; the title of the Content Description is empty.
    ExtendedContentDescription,
    /// Metadata Library Object inside the Header Extension, as `Title`.
    MetadataLibrary,
}

/// Order of the objects in the header. The format allows any.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[non_exhaustive]
pub enum ObjectOrder {
    /// File, streams, descriptions, encryption.
    #[default]
    EncryptionLast,
    /// Encryption, file, streams, descriptions.
    EncryptionFirst,
    /// Descriptions, encryption, file, streams.
    StreamsLast,
}

/// Size of a packet, in bytes.
const PACKET_LEN: usize = 512;

/// Size of the packet fields around the payload, in bytes.
const PACKET_OVERHEAD: usize = 26;

/// Type of a string in a descriptor.
const UNICODE_STRING: u16 = 0;

impl Default for AsfBuilder {
    fn default() -> Self {
        Self::new()
    }
}

impl AsfBuilder {
    /// Creates a clear file with four packets and without descriptions.
    pub fn new() -> Self {
        Self {
            title: None,
            title_object: TitleObject::default(),
            author: None,
            album: None,
            track: None,
            protection: None,
            order: ObjectOrder::default(),
            packets: 4,
            seed: 0,
        }
    }

    /// Sets the title.
    pub fn title(mut self, title: &str) -> Self {
        self.title = Some(title.to_owned());
        self
    }

    /// Sets the object that holds the title.
    pub fn title_object(mut self, object: TitleObject) -> Self {
        self.title_object = object;
        self
    }

    /// Sets the author, in the Content Description.
    pub fn author(mut self, author: &str) -> Self {
        self.author = Some(author.to_owned());
        self
    }

    /// Sets the album, as `WM/AlbumTitle` in the Extended Content Description.
    pub fn album(mut self, album: &str) -> Self {
        self.album = Some(album.to_owned());
        self
    }

    /// Sets the track number, from 1, as `WM/TrackNumber` in the Extended Content Description.
    pub fn track(mut self, track: u32) -> Self {
        self.track = Some(track);
        self
    }

    /// Adds encryption objects and the encrypted flag.
    pub fn protection(mut self, protection: Protection) -> Self {
        self.protection = Some(protection);
        self
    }

    /// Sets the order of the objects in the header.
    pub fn order(mut self, order: ObjectOrder) -> Self {
        self.order = order;
        self
    }

    /// Sets the number of packets, of 512 bytes each, in the Data Object.
    pub fn packets(mut self, packets: u16) -> Self {
        self.packets = packets;
        self
    }

    /// Sets the seed of the file ID and the noise.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Returns the bytes of the file.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let data = self.data();
        let required = [self.stream_properties(), self.header_extension()];
        let descriptions = [self.content_description(), self.extended_content_description()];
        let descriptions = descriptions.into_iter().flatten();
        let encryption = self.protection.as_ref().map(Protection::objects).unwrap_or_default();
        // The File Properties have a fixed size and hold the size of the file.
        let placeholder = self.file_properties(0);
        let first = placeholder.clone();
        let mut objects: Vec<Vec<u8>> = match self.order {
            ObjectOrder::EncryptionLast => {
                [first].into_iter().chain(required).chain(descriptions).chain(encryption).collect()
            }
            ObjectOrder::EncryptionFirst => {
                encryption.into_iter().chain([first]).chain(required).chain(descriptions).collect()
            }
            ObjectOrder::StreamsLast => descriptions.chain(encryption).chain([first]).chain(required).collect(),
        };
        let header_len = objects.iter().map(Vec::len).sum::<usize>().saturating_add(HEADER_PREFIX_LEN);
        let file_properties = self.file_properties(header_len.saturating_add(data.len()));
        for object in &mut objects {
            if *object == placeholder {
                object.clone_from(&file_properties);
            }
        }
        let count = u32::try_from(objects.len()).unwrap_or(u32::MAX);
        let header = [&count.to_le_bytes()[..], &[1, 2], &objects.concat()].concat();
        [build_object(&guid::HEADER, &header), data].concat()
    }

    fn file_id(&self) -> Vec<u8> {
        noise(self.seed, 16)
    }

    fn file_properties(&self, file_len: usize) -> Vec<u8> {
        let packets = u64::from(self.packets);
        // In units of 100 ns; every packet lasts 100 ms.
        let duration = packets.saturating_mul(1_000_000);
        let packet = (PACKET_LEN as u32).to_le_bytes();
        let body = [
            &self.file_id()[..],
            &(file_len as u64).to_le_bytes(),
            // 2006-01-01 in units of 100 ns since 1601.
            &127_806_336_000_000_000_u64.to_le_bytes(),
            &packets.to_le_bytes(),
            &duration.to_le_bytes(),
            &duration.to_le_bytes(),
            // No preroll; seekable.
            &[0; 8],
            &2_u32.to_le_bytes(),
            &packet,
            &packet,
            // Bits per second.
            &(PACKET_LEN as u32).saturating_mul(80).to_le_bytes(),
        ];
        build_object(&guid::FILE_PROPERTIES, &body.concat())
    }

    fn stream_properties(&self) -> Vec<u8> {
        let payload = (PACKET_LEN - PACKET_OVERHEAD) as u16;
        // WAVEFORMATEX of Windows Media Audio 2: stereo, 44.1 kHz, 16 bits, and its ten extra bytes.
        let format = [
            &0x161_u16.to_le_bytes()[..],
            &2_u16.to_le_bytes(),
            &44_100_u32.to_le_bytes(),
            &(u32::from(payload).saturating_mul(10)).to_le_bytes(),
            &payload.to_le_bytes(),
            &16_u16.to_le_bytes(),
            &10_u16.to_le_bytes(),
            &[0, 0x88, 0, 0, 0x1f, 0, 0, 0, 0, 0],
        ]
        .concat();
        let spread = [&[1][..], &payload.to_le_bytes(), &payload.to_le_bytes(), &1_u16.to_le_bytes(), &[0]].concat();
        let flags: u16 = if self.protection.is_some() { 0x8001 } else { 0x0001 };
        let body = [
            &guid::AUDIO_MEDIA[..],
            &guid::AUDIO_SPREAD,
            &[0; 8],
            &len32(&format),
            &len32(&spread),
            &flags.to_le_bytes(),
            &[0; 4],
            &format,
            &spread,
        ];
        build_object(&guid::STREAM_PROPERTIES, &body.concat())
    }

    fn header_extension(&self) -> Vec<u8> {
        let library = self.title_in(TitleObject::MetadataLibrary).map(|title| {
            let (name, value) = (utf16le_nul("Title"), utf16le_nul(title));
            // One record: language 0, stream 0 (the whole file), a string.
            let record =
                [&[1, 0, 0, 0, 0, 0][..], &len16(&name), &UNICODE_STRING.to_le_bytes(), &len32(&value), &name, &value];
            build_object(&guid::METADATA_LIBRARY, &record.concat())
        });
        let body = [&guid::RESERVED_1[..], &[6, 0], &counted32(&library.unwrap_or_default())].concat();
        build_object(&guid::HEADER_EXTENSION, &body)
    }

    fn content_description(&self) -> Option<Vec<u8>> {
        if self.title.is_none() && self.author.is_none() {
            return None;
        }
        let text = |text: Option<&str>| text.map(utf16le_nul).unwrap_or_default();
        let title = text(self.title_in(TitleObject::ContentDescription));
        let author = text(self.author.as_deref());
        // Without copyright, description and rating.
        let body = [&len16(&title)[..], &len16(&author), &[0; 6], &title, &author].concat();
        Some(build_object(&guid::CONTENT_DESCRIPTION, &body))
    }

    fn extended_content_description(&self) -> Option<Vec<u8>> {
        let track = self.track.map(|track| track.to_string());
        let values = [
            ("Title", self.title_in(TitleObject::ExtendedContentDescription)),
            ("WM/AlbumTitle", self.album.as_deref()),
            ("WM/TrackNumber", track.as_deref()),
        ];
        let descriptors: Vec<Vec<u8>> = values
            .into_iter()
            .filter_map(|(name, value)| {
                let (name, value) = (utf16le_nul(name), utf16le_nul(value?));
                Some([&len16(&name)[..], &name, &UNICODE_STRING.to_le_bytes(), &len16(&value), &value].concat())
            })
            .collect();
        let count = u16::try_from(descriptors.len()).ok().filter(|count| *count > 0)?;
        let body = [&count.to_le_bytes()[..], &descriptors.concat()].concat();
        Some(build_object(&guid::EXTENDED_CONTENT_DESCRIPTION, &body))
    }

    fn title_in(&self, object: TitleObject) -> Option<&str> {
        self.title.as_deref().filter(|_| self.title_object == object)
    }

    fn data(&self) -> Vec<u8> {
        let mut body = [&self.file_id()[..], &u64::from(self.packets).to_le_bytes(), &[1, 1]].concat();
        let mut noise = Noise(self.seed ^ u64::MAX);
        let payload = PACKET_LEN - PACKET_OVERHEAD;
        for number in 0..self.packets {
            let time = u32::from(number).saturating_mul(100);
            let [object_number, _] = number.to_le_bytes();
            let fields = [
                // Two bytes of error correction data; one payload; sizes of the payload's fields.
                &[0x82, 0, 0, 0, 0x5d][..],
                &time.to_le_bytes(),
                &100_u16.to_le_bytes(),
                // Stream 1, the start of a key frame, with eight replicated bytes: its size and time.
                &[0x81, object_number],
                &[0; 4],
                &[8],
                &(payload as u32).to_le_bytes(),
                &time.to_le_bytes(),
            ];
            body.extend(fields.concat());
            body.extend(noise.by_ref().take(payload));
        }
        build_object(&guid::DATA, &body)
    }
}

#[cfg(test)]
mod tests {
    use super::{AsfBuilder, PACKET_LEN};

    #[test]
    fn built_asf_sizes_correct() {
        let file = AsfBuilder::new().title("T").album("A").packets(3).build();
        let header = usize::try_from(u64::from_le_bytes(file[16..24].try_into().unwrap())).unwrap();
        let data = usize::try_from(u64::from_le_bytes(file[header + 16..header + 24].try_into().unwrap())).unwrap();
        assert_eq!(header + data, file.len());
        assert_eq!(data, 50 + 3 * PACKET_LEN);
        // File Properties are first and hold the size of the file.
        assert_eq!(u64::from_le_bytes(file[70..78].try_into().unwrap()), file.len() as u64);
    }

    #[test]
    fn same_options_same_bytes() {
        assert_eq!(AsfBuilder::new().seed(1).build(), AsfBuilder::new().seed(1).build());
        assert_ne!(AsfBuilder::new().seed(1).build(), AsfBuilder::new().seed(2).build());
    }
}
