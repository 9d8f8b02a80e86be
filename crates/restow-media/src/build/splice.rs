//! Adds protection to a clear file.

use std::fmt;

use super::protection::Protection;
use crate::asf;
use crate::asf::objects::{HEADER_PREFIX_LEN, OBJECT_PREFIX_LEN, Objects, ObjectsEnd, guid};

/// Error for a file that is not ASF with an intact header.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpliceError(());

impl fmt::Display for SpliceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an ASF file with an intact header")
    }
}

impl std::error::Error for SpliceError {}

/// Range of the size and object count of a header, after its GUID.
const HEADER_FIELDS: std::ops::Range<usize> = 16..28;

/// Inserts encryption objects at the end of the header of an existing ASF file.
///
/// Sets the encrypted flag of every stream described in the header itself. Corrects the sizes of header and
/// file and the number of objects. The content stays unencrypted: the result is for testing readers.
///
/// # Errors
///
/// [`SpliceError`] if `file` is not ASF, or its header is incomplete or malformed.
pub fn splice_protection(file: &[u8], protection: &Protection) -> Result<Vec<u8>, SpliceError> {
    splice(file, protection).ok_or(SpliceError(()))
}

fn splice(file: &[u8], protection: &Protection) -> Option<Vec<u8>> {
    let (header_len, count) = asf::parse_fixed_part(file).filter(|_| asf::matches(file))?;
    let (header, rest) = file.split_at_checked(usize::try_from(header_len).ok()?)?;
    let (fixed, objects) = header.split_at_checked(HEADER_PREFIX_LEN)?;
    let added = protection.objects();
    let added_len = added.iter().map(Vec::len).sum::<usize>() as u64;

    let mut spliced = Vec::with_capacity(file.len().saturating_add(usize::try_from(added_len).ok()?));
    spliced.extend_from_slice(fixed);
    let fields = [
        &header_len.checked_add(added_len)?.to_le_bytes()[..],
        &count.checked_add(u32::try_from(added.len()).ok()?)?.to_le_bytes(),
    ];
    spliced.get_mut(HEADER_FIELDS)?.copy_from_slice(&fields.concat());

    let mut scan = Objects::new(objects, HEADER_PREFIX_LEN as u64);
    for object in scan.by_ref() {
        let start = spliced.len();
        let from = usize::try_from(object.offset).ok()?;
        let len = OBJECT_PREFIX_LEN.checked_add(object.body.len())?;
        spliced.extend_from_slice(header.get(from..from.checked_add(len)?)?);
        let copy = spliced.get_mut(start..)?;
        match object.guid {
            // Bit 15 of the flags at byte 72.
            guid::STREAM_PROPERTIES => *copy.get_mut(73)? |= 0x80,
            // The file size at byte 40.
            guid::FILE_PROPERTIES => {
                let field = copy.get_mut(40..48)?;
                let len = u64::from_le_bytes(field.try_into().ok()?).checked_add(added_len)?;
                field.copy_from_slice(&len.to_le_bytes());
            }
            _ => {}
        }
    }
    if scan.end() != ObjectsEnd::Clean {
        return None;
    }
    spliced.extend(added.into_iter().flatten());
    spliced.extend_from_slice(rest);
    Some(spliced)
}

#[cfg(test)]
mod tests {
    use super::{SpliceError, splice_protection};
    use crate::KeyId;
    use crate::build::{AsfBuilder, Protection, ProtectionKind};

    #[test]
    fn spliced_file_equals_built_file() {
        for kind in ProtectionKind::ALL {
            let protection = Protection::new(kind, KeyId::Uuid([3; 16])).license_url("https://a/?b&c");
            let clear = AsfBuilder::new().title("T").album("A");
            let spliced = splice_protection(&clear.build(), &protection).unwrap();
            assert_eq!(spliced, clear.protection(protection).build(), "{kind}");
        }
    }

    #[test]
    fn truncated_header_not_spliced() {
        let protection = Protection::new(ProtectionKind::Wmdrm, KeyId::Uuid([3; 16]));
        let clear = AsfBuilder::new().build();
        let header = usize::from(clear[16]) | usize::from(clear[17]) << 8;
        for len in 0..header {
            assert_eq!(splice_protection(&clear[..len], &protection), Err(SpliceError(())), "{len}");
        }
        assert!(splice_protection(&clear[..header], &protection).is_ok());
    }
}
