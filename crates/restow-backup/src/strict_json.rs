//! Checks that `serde_json` lacks: an object, known or unknown, must not repeat a member or have too many.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

/// Maximum number of members of one object (§7). Each member needs much more memory than text.
pub(super) const MAX_MEMBERS: usize = 1_000;

/// Checks a JSON text. `serde_json` itself limits the depth.
pub(super) fn check_members(json: &[u8]) -> serde_json::Result<()> {
    serde_json::from_slice::<MemberCheck>(json).map(|_| ())
}

struct MemberCheck;

impl<'de> Deserialize<'de> for MemberCheck {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MemberCheckVisitor)
    }
}

struct MemberCheckVisitor;

impl<'de> Visitor<'de> for MemberCheckVisitor {
    type Value = MemberCheck;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_bool<E>(self, _: bool) -> Result<MemberCheck, E> {
        Ok(MemberCheck)
    }
    fn visit_i64<E>(self, _: i64) -> Result<MemberCheck, E> {
        Ok(MemberCheck)
    }
    fn visit_u64<E>(self, _: u64) -> Result<MemberCheck, E> {
        Ok(MemberCheck)
    }
    fn visit_f64<E>(self, _: f64) -> Result<MemberCheck, E> {
        Ok(MemberCheck)
    }
    fn visit_str<E>(self, _: &str) -> Result<MemberCheck, E> {
        Ok(MemberCheck)
    }
    fn visit_unit<E>(self) -> Result<MemberCheck, E> {
        Ok(MemberCheck)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<MemberCheck, A::Error> {
        while seq.next_element::<MemberCheck>()?.is_some() {}
        Ok(MemberCheck)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MemberCheck, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<MemberCheck>()?;
            if let Some(duplicate) = names.replace(name) {
                return Err(de::Error::custom(format_args!("member `{duplicate}` stands there twice")));
            }
            if names.len() > MAX_MEMBERS {
                return Err(de::Error::custom("an object has more than 1,000 members"));
            }
        }
        Ok(MemberCheck)
    }
}

#[cfg(test)]
mod tests {
    use super::check_members;

    #[test]
    fn nested_duplicate_members_are_rejected() {
        assert!(check_members(br#"{"a":1,"b":[{"c":null,"d":1.5}]}"#).is_ok());
        assert!(check_members(br#"{"a":1,"a":1}"#).is_err());
        assert!(check_members(br#"{"x":[{"y":{"c":1,"\u0063":2}}]}"#).is_err());
        assert!(check_members("[".repeat(100_000).as_bytes()).is_err());
    }

    #[test]
    fn object_members_are_limited() {
        let object = |members: usize| {
            let members: Vec<String> = (0..members).map(|n| format!("\"{n}\":0")).collect();
            format!("[{{{}}}]", members.join(","))
        };
        assert!(check_members(object(1_000).as_bytes()).is_ok());
        assert!(check_members(object(1_001).as_bytes()).is_err());
    }
}
