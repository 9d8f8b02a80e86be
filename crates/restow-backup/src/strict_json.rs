//! What `serde_json` does not check by itself: that no object, known or not, names a member twice or has very many.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

/// The most members of one object (§7): a few bytes of text each become many times as much in memory.
pub(super) const MAX_MEMBERS: usize = 1_000;

/// Checks the whole text; nesting is limited by `serde_json` itself.
pub(super) fn no_duplicates(json: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<Checked>(json).map(|_| ())
}

struct Checked;

impl<'de> Deserialize<'de> for Checked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CheckedVisitor)
    }
}

struct CheckedVisitor;

impl<'de> Visitor<'de> for CheckedVisitor {
    type Value = Checked;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<Checked, E> {
        Ok(Checked)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Checked, E> {
        Ok(Checked)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Checked, E> {
        Ok(Checked)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Checked, E> {
        Ok(Checked)
    }
    fn visit_str<E>(self, _: &str) -> Result<Checked, E> {
        Ok(Checked)
    }
    fn visit_unit<E>(self) -> Result<Checked, E> {
        Ok(Checked)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Checked, A::Error> {
        while seq.next_element::<Checked>()?.is_some() {}
        Ok(Checked)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Checked, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<Checked>()?;
            if let Some(twice) = names.replace(name) {
                return Err(de::Error::custom(format_args!("member `{twice}` stands there twice")));
            }
            if names.len() > MAX_MEMBERS {
                return Err(de::Error::custom("an object has more than 1,000 members"));
            }
        }
        Ok(Checked)
    }
}

#[cfg(test)]
mod tests {
    use super::no_duplicates;

    #[test]
    fn duplicates_are_found_anywhere() {
        assert!(no_duplicates(br#"{"a":1,"b":[{"c":null,"d":1.5}]}"#).is_ok());
        assert!(no_duplicates(br#"{"a":1,"a":1}"#).is_err());
        assert!(no_duplicates(br#"{"x":[{"y":{"c":1,"\u0063":2}}]}"#).is_err());
        assert!(no_duplicates("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn an_object_has_a_limit() {
        let object = |members: usize| {
            let members: Vec<String> = (0..members).map(|n| format!("\"{n}\":0")).collect();
            format!("[{{{}}}]", members.join(","))
        };
        assert!(no_duplicates(object(1_000).as_bytes()).is_ok());
        assert!(no_duplicates(object(1_001).as_bytes()).is_err());
    }
}
