//! JSON as schemas and signatures look at it: members in order, and none stated twice.

use std::collections::BTreeMap;
use std::fmt;

use restow_core::text::quoted;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// The largest number that JSON keeps exactly in every program.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// A value. Members are sorted by code point, which is the order of their UTF-8.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// Whatever has no fraction, however it was written.
    Integer(i128),
    Fraction(f64),
    Text(String),
    List(Vec<Json>),
    Object(BTreeMap<String, Json>),
}

impl Json {
    /// The member of this name, where this is an object that has it.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => members.get(name),
            _ => None,
        }
    }

    /// As [`get`](Self::get), as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Self::as_text)
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
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

    #[expect(clippy::cast_possible_truncation, reason = "looked at before")]
    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        let whole = value.fract() == 0.0 && value.abs() <= EXACT;
        Ok(if whole { Json::Integer(value as i128) } else { Json::Fraction(value) })
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
    fn what_is_stated_twice_is_refused_at_any_depth() {
        assert!(serde_json::from_str::<Json>(r#"{"a":{"b":1},"b":[{"c":1},{"c":1}]}"#).is_ok());
        for twice in [r#"{"a":1,"a":1}"#, r#"{"x":[{"a":1,"\u0061":2}]}"#] {
            let error = serde_json::from_str::<Json>(twice).unwrap_err().to_string();
            assert!(error.starts_with("`a` is stated twice"), "{error}");
        }
    }

    #[test]
    fn numbers_are_whole_or_not() {
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
