//! Kinds of files that are not examined, by their first bytes.

use crate::{OtherKind, xml};

/// Prefixes that name a kind.
const MAGICS: [(&[u8], OtherKind); 31] = [
    (&[0x1f, 0x8b, 8], OtherKind::Archive),
    (b"BZh", OtherKind::Archive),
    (b"\xfd7zXZ\0", OtherKind::Archive),
    (&[0x28, 0xb5, 0x2f, 0xfd], OtherKind::Archive),
    (b"7z\xbc\xaf\x27\x1c", OtherKind::Archive),
    (b"Rar!\x1a\x07", OtherKind::Archive),
    (b"PK\x03\x04", OtherKind::Zip),
    (b"PK\x05\x06", OtherKind::Zip),
    (&[0x1a, 0x45, 0xdf, 0xa3], OtherKind::Matroska),
    (b"ID3", OtherKind::Mp3),
    (b"OggS", OtherKind::Audio),
    (b"fLaC", OtherKind::Audio),
    (b"FORM", OtherKind::Audio),
    (b"MAC ", OtherKind::Audio),
    (b"wvpk", OtherKind::Audio),
    (b".ra\xfd", OtherKind::Audio),
    (b"\xff\xd8\xff", OtherKind::Image),
    (b"\x89PNG", OtherKind::Image),
    (b"GIF8", OtherKind::Image),
    (b"II*\0", OtherKind::Image),
    (b"MM\0*", OtherKind::Image),
    (b"8BPS", OtherKind::Image),
    (&[0, 0, 1, 0xba], OtherKind::Video),
    (&[0, 0, 1, 0xb3], OtherKind::Video),
    (b"FLV", OtherKind::Video),
    (b".RMF", OtherKind::Video),
    (b"CWS", OtherKind::Video),
    (b"FWS", OtherKind::Video),
    (b"#EXTM3U", OtherKind::Manifest),
    (b"eyJ", OtherKind::Json),
    (b"Obj\x01", OtherKind::Other),
];

/// Types of the first box of an MP4 file.
const BOXES: [&[u8]; 12] =
    [b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof", b"sidx", b"uuid", b"pssh"];

/// Offset of the magic of a tar file.
const TAR_MAGIC_OFFSET: usize = 257;

/// Returns the kind of a file by its first bytes.
pub(crate) fn identify(start: &[u8]) -> OtherKind {
    if let Some((_, kind)) = MAGICS.iter().find(|(magic, _)| start.starts_with(magic)) {
        return *kind;
    }
    let part = |from: usize, to: usize| start.get(from..to).unwrap_or_default();
    if BOXES.contains(&part(4, 8)) {
        let is_oma = part(4, 8) == b"ftyp" && part(8, 12) == b"odcf";
        return if is_oma { OtherKind::Oma } else { OtherKind::Mp4 };
    }
    if part(0, 4) == b"RIFF" {
        return match part(8, 12) {
            b"WEBP" => OtherKind::Image,
            b"AVI " => OtherKind::Video,
            _ => OtherKind::Audio,
        };
    }
    match start {
        // Frames of MPEG audio begin with 11 set bits; layer 0 is AAC.
        [0xff, second, third, ..] if second & 0xe0 == 0xe0 && *third != 0xff => {
            return if second & 0x06 == 0 { OtherKind::Audio } else { OtherKind::Mp3 };
        }
        [0x47, ..] if start.get(188) == Some(&0x47) => return OtherKind::Video,
        [1, type_len, uri_len, rest @ ..] if is_oma_1(usize::from(*type_len), *uri_len, rest) => return OtherKind::Oma,
        _ => {}
    }
    if part(TAR_MAGIC_OFFSET, TAR_MAGIC_OFFSET.saturating_add(5)) == b"ustar" {
        return OtherKind::Archive;
    }
    identify_text(start)
}

/// Returns true for OMA DRM 1: version, lengths of the content type and of the URI, then both.
fn is_oma_1(type_len: usize, uri_len: u8, rest: &[u8]) -> bool {
    let content_type = rest.get(..type_len).unwrap_or_default();
    uri_len > 0 && content_type.contains(&b'/') && content_type.iter().all(u8::is_ascii_graphic)
}

fn identify_text(start: &[u8]) -> OtherKind {
    let text = xml::decode(start);
    let text = text.trim_start();
    match () {
        () if text.starts_with('{') => OtherKind::Json,
        () if text.starts_with("#EXTM3U") => OtherKind::Manifest,
        () if text.starts_with('<') && (text.contains("<MPD") || text.contains("<SmoothStreamingMedia")) => {
            OtherKind::Manifest
        }
        () => OtherKind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::identify;
    use crate::OtherKind;

    #[test]
    fn first_bytes_name_kind() {
        let tar = [&[b'a'; 257][..], b"ustar\x0000"].concat();
        let stream = [&[0x47; 1][..], &[0; 187], &[0x47]].concat();
        for (start, kind) in [
            (&b"\0\0\0\x20ftypM4A \0\0\0\0"[..], OtherKind::Mp4),
            (b"\0\0\0\x20ftypodcf\0\0\0\0", OtherKind::Oma),
            (b"\0\0\0\x08mdat", OtherKind::Mp4),
            (b"\x01\x0a\x05audio/mpegcid:a", OtherKind::Oma),
            (&[0x1a, 0x45, 0xdf, 0xa3, 1], OtherKind::Matroska),
            (b"ID3\x04\0", OtherKind::Mp3),
            (&[0xff, 0xfb, 0x90, 0], OtherKind::Mp3),
            (&[0xff, 0xf1, 0x50, 0], OtherKind::Audio),
            (b"RIFF\0\0\0\0WAVE", OtherKind::Audio),
            (b"RIFF\0\0\0\0AVI ", OtherKind::Video),
            (b"RIFF\0\0\0\0WEBP", OtherKind::Image),
            (b"PK\x05\x06", OtherKind::Zip),
            (b"\xef\xbb\xbf {\"id\":1}", OtherKind::Json),
            (b"eyJhbGciOiJFZDI1NTE5In0", OtherKind::Json),
            (b"\xef\xbb\xbf#EXTM3U\n", OtherKind::Manifest),
            (b"<?xml version='1.0'?>\n<MPD xmlns='x'>", OtherKind::Manifest),
            (b"<html>", OtherKind::Other),
            (b"a note", OtherKind::Other),
            (b"", OtherKind::Other),
            (&[0xff, 0xff, 0xff], OtherKind::Other),
            (&tar, OtherKind::Archive),
            (&stream, OtherKind::Video),
        ] {
            assert_eq!(identify(start), kind, "{start:?}");
        }
    }
}
