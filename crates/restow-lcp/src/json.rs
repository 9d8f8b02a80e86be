//! JSON documents. Documents that repeat a member are refused.

use restow_core::license::DocumentError;
use restow_core::strict_json::check_members;
use restow_core::text::without_byte_order_mark;
use serde_json::{Number, Value};

/// Largest integer that a 64-bit floating-point number holds exactly: 2⁵³.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// Parses a document and refuses repeated members. A byte order mark before the document is ignored.
pub(crate) fn parse(document: &[u8]) -> Result<Value, DocumentError> {
    let document = without_byte_order_mark(document);
    check_members(document, usize::MAX)?;
    Ok(serde_json::from_slice(document)?)
}

/// Returns the member with this name if its value is a string.
pub(crate) fn text<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    json.get(name)?.as_str()
}

/// Returns a number without a fraction, also in the notation `1.0` or `1e2`, if it has an exact value.
#[expect(clippy::cast_possible_truncation, reason = "the value is a whole number in range")]
pub(crate) fn integer(number: &Number) -> Option<i128> {
    let exact = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    let whole = || number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() <= MAX_EXACT);
    exact.or_else(|| whole().map(|value| value as i128))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_become_integers() {
        let read = |text| integer(&serde_json::from_str(text).unwrap());
        for one in ["1", "1.0", "10e-1", "0.1E1"] {
            assert_eq!(read(one), Some(1), "{one}");
        }
        assert_eq!(read("-0.0"), Some(0));
        assert_eq!(read("18446744073709551615"), Some(u64::MAX.into()));
        assert_eq!((read("1.5"), read("1e300")), (None, None));
    }
}
