//! Builder of PDF files with one empty page.

use miniz_oxide::deflate::compress_to_vec_zlib;

/// Builds a file with this title and author. If `handler` is given, an encryption dictionary names it, and the
/// strings, which would be encrypted, are left out. Its cross-references are a stream or else a table.
pub(super) fn build(title: &str, author: Option<&str>, handler: Option<&str>, stream: bool) -> Vec<u8> {
    let text = |text: &str| {
        let units = [0xfeff].into_iter().chain(text.encode_utf16());
        let digits: String = units.map(|unit| format!("{unit:04X}")).collect();
        format!("<{digits}>")
    };
    let author = author.map(|author| format!("/Author {}", text(author))).unwrap_or_default();
    let info = match handler {
        None => format!("<</Title {}{author}>>", text(title)),
        Some(_) => "<<>>".to_owned(),
    };
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>".to_owned(),
        info,
    ];
    objects.extend(handler.map(|handler| format!("<</Filter/{handler}/V 1/Length 128>>")));
    let encrypt = if handler.is_some() { "/Encrypt 5 0 R" } else { "" };
    let mut file = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (number, object) in (1..).zip(&objects) {
        offsets.push(file.len());
        file.extend(format!("{number} 0 obj\n{object}\nendobj\n").into_bytes());
    }
    let start = file.len();
    let id = "[<00112233445566778899AABBCCDDEEFF><00112233445566778899AABBCCDDEEFF>]";
    let trailer = format!("/Root 1 0 R/Info 4 0 R{encrypt}/ID{id}");
    if stream {
        let number = offsets.len().saturating_add(1);
        offsets.push(start);
        let compressed = compress_to_vec_zlib(&records(&offsets), 6);
        let size = number.saturating_add(1);
        let fields = format!(
            "/Type/XRef/Size {size}/W[1 3 1]/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 5>>/Length {}",
            compressed.len()
        );
        file.extend(format!("{number} 0 obj\n<<{fields}{trailer}>>\nstream\n").into_bytes());
        file.extend([&compressed[..], b"\nendstream\nendobj\n"].concat());
    } else {
        let lines: String = offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
        let size = offsets.len().saturating_add(1);
        let table = format!("xref\n0 {size}\n0000000000 65535 f \n{lines}trailer\n<</Size {size}{trailer}>>\n");
        file.extend(table.into_bytes());
    }
    file.extend(format!("startxref\n{start}\n%%EOF\n").into_bytes());
    file
}

/// Encodes the records of a stream, each as the difference to the previous one.
fn records(offsets: &[usize]) -> Vec<u8> {
    let free = [0, 0, 0, 0, 255];
    let used = offsets.iter().map(|offset| {
        let [.., high, middle, low] = offset.to_be_bytes();
        [1, high, middle, low, 0]
    });
    let mut above = [0; 5];
    let mut rows = Vec::new();
    for record in [free].into_iter().chain(used) {
        rows.push(2);
        rows.extend(record.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
        above = record;
    }
    rows
}
