//! Checks that `serde_json` lacks: an object, known or unknown, must not repeat a member or have too many.
//!
//! Two readers may take different values of a repeated member. A signature would then prove nothing.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::text::to_short_line;

/// Checks a JSON text with at most `max_members` members of one object. `serde_json` itself limits the depth.
///
/// # Errors
/// An error of the syntax, or of an object that repeats a member or has too many.
pub fn check_members(json: &[u8], max_members: usize) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    MemberCheck(max_members).deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Check of a value with a maximum number of members.
#[derive(Clone, Copy)]
struct MemberCheck(usize);

impl<'de> DeserializeSeed<'de> for MemberCheck {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Implements the methods of a visitor that accept a value of these types.
macro_rules! accept {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E>(self, _: $type) -> Result<(), E> {
            Ok(())
        })*
    };
}

impl<'de> Visitor<'de> for MemberCheck {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    accept!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value_seed(self)?;
            if let Some(repeated) = names.replace(name) {
                return Err(A::Error::custom(format_args!("`{}` is stated twice", to_short_line(&repeated))));
            }
            if names.len() > self.0 {
                return Err(A::Error::custom(format_args!("an object has more than {} members", self.0)));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::check_members;

    #[test]
    fn repeated_members_are_refused_at_any_depth() {
        assert!(check_members(br#"{"a":1,"b":[{"c":null,"d":1.5},{"c":true}]}"#, 10).is_ok());
        for twice in [r#"{"a":1,"a":1}"#, r#"{"x":[{"y":{"a":1,"\u0061":2}}]}"#] {
            let error = check_members(twice.as_bytes(), 10).unwrap_err().to_string();
            assert!(error.starts_with("`a` is stated twice"), "{error}");
        }
        assert!(check_members("[".repeat(100_000).as_bytes(), 10).is_err());
        assert!(check_members(b"{} x", 10).is_err());
    }

    #[test]
    fn object_members_are_limited() {
        let object = |members: usize| {
            let members: Vec<String> = (0..members).map(|n| format!("\"{n}\":0")).collect();
            format!("[{{{}}}]", members.join(","))
        };
        assert!(check_members(object(1_000).as_bytes(), 1_000).is_ok());
        assert!(check_members(object(1_001).as_bytes(), 1_000).is_err());
    }
}
