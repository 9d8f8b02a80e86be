//! Any text as a WRMHEADER, in the smallest file that can contain one.
//!
//! The first byte selects the encoding (UTF-16LE or raw) and the surrounding object.

use std::io::Cursor;

use super::common::with_mode;

const HEADER: [u8; 16] = *b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c";
const EXTENDED: [u8; 16] = *b"\x14\xe6\x8a\x29\x22\x26\x17\x4c\xb9\x35\xda\xe0\x7e\xe9\x28\x9c";
const UNKNOWN: [u8; 16] = *b"restow unknown!!";

pub fn run(data: &[u8]) {
    let Some((mode, text)) = data.split_first() else { return };
    let content = if mode & 1 == 0 {
        String::from_utf8_lossy(text).encode_utf16().flat_map(u16::to_le_bytes).collect()
    } else {
        text.to_vec()
    };
    let object = if mode & 2 == 0 {
        let len = u32::try_from(content.len()).expect("short input").to_le_bytes();
        object(EXTENDED, &[&len[..], &content].concat())
    } else {
        object(UNKNOWN, &content)
    };
    let len = (object.len() as u64 + 30).to_le_bytes();
    let file = [&HEADER[..], &len, &[1, 0, 0, 0, 1, 2], &object].concat();
    let found = restow_media::probe(&mut Cursor::new(file)).expect("reading from memory cannot fail");
    super::probe::check(&found);
}

fn object(guid: [u8; 16], body: &[u8]) -> Vec<u8> {
    [&guid[..], &(body.len() as u64 + 24).to_le_bytes(), body].concat()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let kid = "q5HgCTj40kGeNVhTH9Gexw==";
    let headers = [
        format!("<WRMHEADER version=\"2.0.0.0\"><DATA><SECURITYVERSION>2.2</SECURITYVERSION><CID>x</CID><LAINFO>http://a/?b&amp;c&#x41;</LAINFO><KID>{kid}</KID><CHECKSUM>AAAA</CHECKSUM></DATA><SIGNATURE><KID>no</KID></SIGNATURE></WRMHEADER>"),
        format!("<WRMHEADER xmlns=\"http://schemas.microsoft.com/DRM/2007/03/PlayReadyHeader\" version=\"4.0.0.0\"><DATA><PROTECTINFO><KEYLEN>16</KEYLEN></PROTECTINFO><KID>{kid}</KID><LA_URL>https://a/?b&c</LA_URL></DATA></WRMHEADER>"),
        format!("<WRMHEADER version=\"4.1.0.0\"><DATA><PROTECTINFO><KID ALGID='AESCTR' VALUE='{kid}'></KID></PROTECTINFO><LUI_URL><![CDATA[https://b]]></LUI_URL></DATA></WRMHEADER>"),
        format!("\u{feff}<WRMHEADER version=\"4.3.0.0\"><DATA><PROTECTINFO><KIDS><KID VALUE=\"{kid}\"/><KID VALUE=\"AA==\"/></KIDS></PROTECTINFO><CUSTOMATTRIBUTES><KID>x</KID></CUSTOMATTRIBUTES></DATA></WRMHEADER>"),
        "<!DOCTYPE a [<!ENTITY b \"bbbb\"><!ENTITY c \"&b;&b;\">]><WRMHEADER version=\"&c;\"><DATA><KID>&c;&lt;</KID></DATA></WRMHEADER>".to_owned(),
    ];
    let modes = headers.iter().flat_map(|header| (0..4).map(|mode| with_mode(mode, header.as_bytes())));
    modes.collect()
}
