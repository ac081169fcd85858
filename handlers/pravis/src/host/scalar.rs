//! The host's double encoding: every value that is neither an object nor bytes arrives as JSON inside a string.
//!
//! Payloads written by hand, and older hosts, encode once. Both forms are read.

use serde_json::{Map, Value};

/// The value, parsed a second time when it is a string that holds JSON.
pub fn decode(value: &Value) -> Value {
    match value {
        Value::String(text) => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        _ => value.clone(),
    }
}

/// The text that the value stands for; `None` for null.
///
/// A string whose content is JSON, but not a JSON string, was encoded once and is the text itself.
pub fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(Value::String(inner)) => Some(inner),
            _ => Some(text.clone()),
        },
        other => Some(other.to_string()),
    }
}

/// The number that the value stands for, however often it was encoded.
pub fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        _ => text(value)?.trim().parse().ok(),
    }
}

/// The object that the value stands for.
pub fn object(value: &Value) -> Option<Map<String, Value>> {
    match decode(value) {
        Value::Object(members) => Some(members),
        Value::String(inner) => serde_json::from_str(&inner).ok(),
        _ => None,
    }
}

/// A text in the host's form: JSON inside a string.
pub fn encode(text: &str) -> Value {
    Value::String(Value::from(text).to_string())
}

/// Looks a member up as the host does, ignoring case when there is no exact match.
pub fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    members.get(name).or_else(|| {
        members
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}
