//! JSON values with sorted members. Documents that repeat a member are refused.
//!
//! Two readers may take different values of a repeated member. A signature would then prove nothing.

use std::collections::BTreeMap;
use std::fmt;

use restow_core::text::quoted;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// Largest integer that a 64-bit floating-point number holds exactly: 2⁵³.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// JSON value.
///
/// The members of an object are sorted by code point, which is the order of their bytes in UTF-8.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Number without a fraction, also in the notation `1.0` or `1e2`.
    Integer(i128),
    /// Number with a fraction, or too large for an exact integer.
    Fraction(f64),
    /// String.
    Text(String),
    /// Array.
    List(Vec<Json>),
    /// Object.
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// Returns the member with this name, or `None` if this is no object or has no such member.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// Returns the member with this name if its value is a string.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::as_text)
    }

    /// Returns the string, or `None` for a value of another type.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Integer(value.into()))
    }

    #[expect(clippy::cast_possible_truncation, reason = "the value is a whole number in range")]
    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        let is_integer = value.fract() == 0.0 && value.abs() <= MAX_EXACT;
        Ok(if is_integer { Json::Integer(value as i128) } else { Json::Fraction(value) })
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Json, E> {
        Ok(Json::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if members.contains_key(&name) {
                return Err(de::Error::custom(format!("`{}` is stated twice", quoted(&name))));
            }
            members.insert(name, value);
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_members_are_refused_at_any_depth() {
        assert!(serde_json::from_str::<Json>(r#"{"a":{"b":1},"b":[{"c":1},{"c":1}]}"#).is_ok());
        for twice in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#] {
            let error = serde_json::from_str::<Json>(twice).unwrap_err().to_string();
            assert!(error.starts_with("`a` is stated twice"), "{error}");
        }
    }

    #[test]
    fn whole_numbers_become_integers() {
        let read = |text| serde_json::from_str::<Json>(text).unwrap();
        for one in ["1", "1.0", "10e-1", "0.1E1"] {
            assert_eq!(read(one), Json::Integer(1), "{one}");
        }
        assert_eq!(read("-0.0"), Json::Integer(0));
        assert_eq!(read("18446744073709551615"), Json::Integer(u64::MAX.into()));
        assert_eq!(read("1.5"), Json::Fraction(1.5));
        assert_eq!(read("1e300"), Json::Fraction(1e300));
    }
}
