//! Reader of little-endian fields in a slice.

/// Unread rest of a slice. If the rest is too short, a method returns `None` and takes nothing.
#[derive(Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(rest: &'a [u8]) -> Self {
        Self { rest }
    }

    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(crate) fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    /// Takes a string of bytes that follows its 16-bit length.
    pub(crate) fn counted16(&mut self) -> Option<&'a [u8]> {
        let len = self.u16()?;
        self.take(len.into())
    }

    /// Takes a string of bytes that follows its 32-bit length.
    pub(crate) fn counted32(&mut self) -> Option<&'a [u8]> {
        let len = self.u32()?;
        self.take(usize::try_from(len).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::Cursor;

    #[test]
    fn fields_read_in_order_until_end() {
        let mut cursor = Cursor::new(&[1, 2, 0, 3, 0, 0, 0, 0xaa, 0xbb]);
        assert_eq!(cursor.array(), Some([1]));
        assert_eq!(cursor.u16(), Some(2));
        assert_eq!(cursor.u32(), Some(3));
        assert_eq!(cursor.u32(), None);
        assert_eq!(cursor.take(3), None);
        assert_eq!(cursor.take(2), Some(&[0xaa, 0xbb][..]));
        assert!(cursor.rest().is_empty());
    }

    #[test]
    fn length_beyond_end_returns_none() {
        assert_eq!(Cursor::new(&[0xff, 0xff, 0xff, 0xff, 1]).counted32(), None);
        assert_eq!(Cursor::new(&[2, 0, 1]).counted16(), None);
        assert_eq!(Cursor::new(&[1, 0, 7]).counted16(), Some(&[7][..]));
    }
}
