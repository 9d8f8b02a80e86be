//! JSON objects with further members.

use serde::Serialize;
use serde_json::{Value, json};

/// Returns the JSON object of a value with further members.
pub(crate) fn with_members<const N: usize>(value: &impl Serialize, members: [(&str, Value); N]) -> Value {
    let mut object = json!(value);
    if let Some(object) = object.as_object_mut() {
        object.extend(members.map(|(name, value)| (name.to_owned(), value)));
    }
    object
}
