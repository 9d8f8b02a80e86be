//! Objects of PDF: the parts of ISO 32000-1, section 7.3, that the probe needs.

use crate::text;

/// Maximum nesting depth.
const MAX_DEPTH: usize = 16;

/// Maximum number of items of an array or a dictionary.
const MAX_ITEMS: usize = 512;

#[derive(Clone, PartialEq, Debug)]
pub(super) enum PdfObject {
    Null,
    Number(i64),
    /// Name without the slash, with its escapes resolved.
    Name(Vec<u8>),
    /// String of either form.
    Text(Vec<u8>),
    Array(Vec<PdfObject>),
    Dictionary(Dictionary),
    /// Number of the referenced object.
    Reference(u64),
    /// Boolean, fraction or keyword, which the probe does not need.
    Other,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Dictionary(Vec<(Vec<u8>, PdfObject)>);

impl PdfObject {
    pub(super) fn into_dictionary(self) -> Option<Dictionary> {
        match self {
            Self::Dictionary(dictionary) => Some(dictionary),
            _ => None,
        }
    }

    pub(super) fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }
}

impl Dictionary {
    pub(super) fn get(&self, key: &[u8]) -> Option<&PdfObject> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub(super) fn name(&self, key: &[u8]) -> Option<&[u8]> {
        match self.get(key)? {
            PdfObject::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(super) fn number(&self, key: &[u8]) -> Option<u64> {
        self.get(key)?.number()
    }

    /// Adds the entries of an older trailer that this one lacks.
    pub(super) fn add_older(&mut self, older: Self) {
        for (key, value) in older.0 {
            if self.get(&key).is_none() && self.0.len() < MAX_ITEMS {
                self.0.push((key, value));
            }
        }
    }
}

/// Parser at a position in a file.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, len: usize) {
        self.at = self.at.saturating_add(len);
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    /// Skips white space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let line = self.rest().iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
                self.skip(line);
            } else if is_space(byte) {
                self.skip(1);
            } else {
                break;
            }
        }
    }

    /// Skips white space and takes the given word.
    pub(super) fn keyword(&mut self, word: &[u8]) -> Option<()> {
        self.skip_space();
        self.rest().starts_with(word).then(|| self.skip(word.len()))
    }

    pub(super) fn unsigned(&mut self) -> Option<u64> {
        self.skip_space();
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = str::from_utf8(self.rest().get(..digits)?).ok()?.parse().ok()?;
        self.skip(digits);
        Some(number)
    }

    /// Parses `12 0 obj` and the object: its number and its value.
    pub(super) fn indirect(&mut self) -> Option<(u64, PdfObject)> {
        let number = self.unsigned()?;
        self.unsigned()?;
        self.keyword(b"obj")?;
        Some((number, self.object(0)?))
    }

    /// Parses the next object. Returns `None` if it is malformed, incomplete, or nested too deep.
    pub(super) fn object(&mut self, depth: usize) -> Option<PdfObject> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_space();
        match (self.peek()?, self.rest().get(1)) {
            (b'<', Some(b'<')) => self.parse_dictionary(depth).map(PdfObject::Dictionary),
            (b'<', _) => self.hex_string().map(PdfObject::Text),
            (b'(', _) => self.literal_string().map(PdfObject::Text),
            (b'[', _) => self.array(depth).map(PdfObject::Array),
            (b'/', _) => self.name().map(PdfObject::Name),
            (b'0'..=b'9' | b'+' | b'-' | b'.', _) => self.numeric(),
            _ => {
                let word = self.regular();
                match word {
                    b"" => None,
                    b"null" => Some(PdfObject::Null),
                    _ => Some(PdfObject::Other),
                }
            }
        }
    }

    /// Takes the characters up to a space or delimiter.
    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let len = rest.iter().take_while(|byte| !is_space(**byte) && !is_delimiter(**byte)).count();
        self.skip(len);
        rest.get(..len).unwrap_or_default()
    }

    fn numeric(&mut self) -> Option<PdfObject> {
        let word = str::from_utf8(self.regular()).ok()?;
        let Ok(number) = word.parse::<i64>() else { return Some(PdfObject::Other) };
        // `12 0 R` is a reference.
        let after = self.at;
        if number >= 0
            && self.unsigned().is_some()
            && self.keyword(b"R").is_some()
            && self.peek().is_none_or(|byte| is_space(byte) || is_delimiter(byte))
        {
            return Some(PdfObject::Reference(number.unsigned_abs()));
        }
        self.at = after;
        Some(PdfObject::Number(number))
    }

    fn name(&mut self) -> Option<Vec<u8>> {
        self.skip(1);
        let mut rest = self.regular();
        let mut name = Vec::new();
        while let Some((first, after)) = rest.split_first() {
            let escaped = if *first == b'#' { after.get(..2).and_then(text::parse_hex_byte) } else { None };
            name.push(escaped.unwrap_or(*first));
            rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
        }
        Some(name)
    }

    fn parse_dictionary(&mut self, depth: usize) -> Option<Dictionary> {
        self.skip(2);
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.skip(2);
                return Some(Dictionary(items));
            }
            if self.peek()? != b'/' || items.len() >= MAX_ITEMS {
                return None;
            }
            let key = self.name()?;
            items.push((key, self.object(depth.saturating_add(1))?));
        }
    }

    fn array(&mut self, depth: usize) -> Option<Vec<PdfObject>> {
        self.skip(1);
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek()? == b']' {
                self.skip(1);
                return Some(items);
            }
            if items.len() >= MAX_ITEMS {
                return None;
            }
            items.push(self.object(depth.saturating_add(1))?);
        }
    }

    fn hex_string(&mut self) -> Option<Vec<u8>> {
        let rest = self.rest().get(1..)?;
        let len = rest.iter().position(|byte| *byte == b'>')?;
        self.skip(len.saturating_add(2));
        let mut digits: Vec<u8> = rest.get(..len)?.iter().copied().filter(|byte| !is_space(*byte)).collect();
        if digits.len() % 2 == 1 {
            digits.push(b'0');
        }
        digits.chunks_exact(2).map(text::parse_hex_byte).collect()
    }

    fn literal_string(&mut self) -> Option<Vec<u8>> {
        self.skip(1);
        let mut text = Vec::new();
        let mut depth = 0_usize;
        loop {
            let byte = self.peek()?;
            self.skip(1);
            match byte {
                b'(' => depth = depth.saturating_add(1),
                b')' if depth == 0 => return Some(text),
                b')' => depth = depth.saturating_sub(1),
                b'\\' => {
                    text.extend(self.escaped_byte()?);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    /// Parses the characters after a backslash.
    fn escaped_byte(&mut self) -> Option<Option<u8>> {
        let byte = self.peek()?;
        let octal = self.rest().iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
        if octal > 0 {
            let digits = self.rest().get(..octal)?;
            let value = digits.iter().fold(0_u32, |value, digit| value << 3 | u32::from(digit & 7));
            self.skip(octal);
            // Overflow of the highest digit is ignored.
            let [low, ..] = value.to_le_bytes();
            return Some(Some(low));
        }
        self.skip(1);
        Some(match byte {
            b'n' => Some(b'\n'),
            b'r' => Some(b'\r'),
            b't' => Some(b'\t'),
            b'b' | b'f' => Some(b' '),
            // A backslash at the end of a line joins the lines.
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.skip(1);
                }
                None
            }
            b'\n' => None,
            other => Some(other),
        })
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

#[cfg(test)]
mod tests {
    use super::{Parser, PdfObject};

    fn object(text: &str) -> Option<PdfObject> {
        Parser::new(text.as_bytes()).object(0)
    }

    #[test]
    fn every_object_kind_parsed() {
        let text = |text: &str| Some(PdfObject::Text(text.as_bytes().to_vec()));
        assert_eq!(object("(a(b)c\\)\\\\\\101\\n\\\r\nd)"), text("a(b)c)\\A\nd"));
        assert_eq!(object("<4 1\n42 3>"), text("AB0"));
        assert_eq!(object("% a comment\n 17"), Some(PdfObject::Number(17)));
        assert_eq!(object("17 0 R"), Some(PdfObject::Reference(17)));
        assert_eq!(object("17 0 Rx"), Some(PdfObject::Number(17)));
        assert_eq!(object("-1.5"), Some(PdfObject::Other));
        assert_eq!(object("/A#42#zC"), Some(PdfObject::Name(b"AB#zC".to_vec())));
        let Some(PdfObject::Dictionary(found)) = object("<</A[1 2 0 R/B]/C<</D true>>/E null>>") else { panic!() };
        assert_eq!(found.get(b"A"), object("[1 2 0 R /B]").as_ref());
        assert_eq!(found.get(b"E"), Some(&PdfObject::Null));
        assert_eq!(Parser::new(b" 4 0 obj\n<< /F 1 >>").indirect().unwrap().0, 4);
    }

    #[test]
    fn malformed_objects_not_parsed() {
        for text in
            ["", "(", "(a\\", "<4", "<4x>", "[1", "<</A", "<</A>>", "<<1 2>>", ")", "]", "99999999999999999999 0 obj"]
        {
            assert!(
                !matches!(object(text), Some(PdfObject::Text(_) | PdfObject::Array(_) | PdfObject::Dictionary(_))),
                "{text}"
            );
        }
        assert_eq!(object(&"[".repeat(100_000)), None);
        assert_eq!(object(&"<</A".repeat(100_000)), None);
        assert_eq!(object(&format!("[{}]", "1 ".repeat(1000))), None);
        assert!(object(&format!("({}", "(".repeat(100_000))).is_none());
    }
}
