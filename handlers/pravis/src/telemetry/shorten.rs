//! Texts that are not too long to be sent.

use opentelemetry::Value;
use opentelemetry::logs::AnyValue;

/// Longest text of an attribute, in bytes. The exporter cuts at 8,192, even in the middle of a character, and panics then.
const LONGEST: usize = 4096;

/// The beginning of a text that is too long.
pub(super) fn beginning(text: &str) -> Option<String> {
    (text.len() > LONGEST).then(|| text[..text.floor_char_boundary(LONGEST)].to_owned())
}

/// Shortens the value of a span's attribute.
pub(super) fn value(value: &mut Value) {
    if let Value::String(text) = value
        && let Some(short) = beginning(text.as_str())
    {
        *value = short.into();
    }
}

/// Whether the value of a log record's attribute is too long.
pub(super) fn is_long(value: &AnyValue) -> bool {
    matches!(value, AnyValue::String(text) if text.as_str().len() > LONGEST)
}

/// The value of a log record's attribute, shortened.
pub(super) fn any_value(value: &AnyValue) -> AnyValue {
    match value {
        AnyValue::String(text) => beginning(text.as_str()).map_or_else(|| value.clone(), AnyValue::from),
        other => other.clone(),
    }
}
