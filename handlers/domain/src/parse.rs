//! JSON in, a typed value or every fault out.

use crate::fault::{Fault, FaultCode, Faults};
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ParseError {
    /// The text is not JSON.
    #[error("{0}")]
    NotJson(serde_json::Error),
    /// It is JSON, of another shape than asked for.
    #[error(transparent)]
    Faults(#[from] Faults),
}

impl ParseError {
    /// The same error; faults at members that exist but cannot be written say so.
    #[must_use]
    pub fn with_read_only(self, names: &[&str]) -> Self {
        match self {
            Self::Faults(faults) => Self::Faults(faults.with_read_only(names)),
            not_json => not_json,
        }
    }
}

/// No input is searched for more faults than this: the rest would only be noise.
const MOST_FAULTS: usize = 50;

/// Reads `T`, an object, from JSON text. The usual, right input is read in one pass; only a wrong one is read again, to name
/// each of its faults instead of the first.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T, ParseError> {
    let object = text.trim_ascii_start().starts_with(b"{");
    match serde_json::from_slice(text) {
        Ok(value) if object => Ok(value),
        // Only a second look tells whether it is JSON at all: of a number in place of a name, serde_json says that the
        // syntax is wrong.
        _ => {
            let value = serde_json::from_slice(text).map_err(ParseError::NotJson)?;
            Ok(from_value(value)?)
        }
    }
}

/// Reads `T`, an object, from a JSON value, or names every fault: each faulty member is taken out, and the rest is tried again.
pub fn from_value<T: DeserializeOwned>(mut value: Value) -> Result<T, Faults> {
    if !value.is_object() {
        // A derived `Deserialize` would take an array, too, member by member.
        return Err(Fault::invalid("", "takes a JSON object").into());
    }
    let mut faults = Vec::new();
    loop {
        let error = match serde_path_to_error::deserialize::<_, T>(&value) {
            Ok(read) if faults.is_empty() => return Ok(read),
            Ok(_) => return Err(Faults(faults)),
            Err(error) => error,
        };
        let path: Vec<String> = error.path().iter().filter_map(name_of).collect();
        let fault = fault_at(&path, &error.into_inner().to_string());
        // What was taken out for a fault is not missing.
        let told = faults.iter().any(|other: &Fault| other.pointer == fault.pointer);
        if !(told && fault.code == FaultCode::MissingField) {
            faults.push(fault);
        }
        if faults.len() == MOST_FAULTS || !remove(&mut value, &path) {
            return Err(Faults(faults));
        }
    }
}

fn name_of(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    }
}

fn fault_at(path: &[String], message: &str) -> Fault {
    let mut pointer = pointer_to(path);
    let code = if message.starts_with("unknown field") {
        FaultCode::UnknownField
    } else if let Some(name) = message
        .strip_prefix("missing field `")
        .and_then(|rest| rest.split('`').next())
    {
        pointer = format!("{pointer}/{name}");
        FaultCode::MissingField
    } else {
        FaultCode::InvalidField
    };
    Fault::new(code, pointer, message)
}

/// The JSON pointer (RFC 6901) of a path of member names and indices.
fn pointer_to(path: &[String]) -> String {
    path.iter()
        .map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1")))
        .collect()
}

/// Takes the member at `path` out of its object; a faulty array goes whole, since its indices would shift.
fn remove(value: &mut Value, path: &[String]) -> bool {
    for depth in (0..path.len()).rev() {
        if let Some(Value::Object(parent)) = value.pointer_mut(&pointer_to(&path[..depth])) {
            return parent.remove(&path[depth]).is_some();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interactions::NewInteraction;
    use serde_json::json;

    #[test]
    fn names_every_fault_with_its_place() {
        let body = json!({
            "type": "chatt", "session_id": "s", "tokens_imput": 3, "tokens_output": -1, "product_ids": ["a", 2],
            "duration_ms": "fast", "a/b~c": 1
        });
        let Faults(faults) = from_value::<NewInteraction>(body).unwrap_err();
        let mut places: Vec<_> = faults.iter().map(|f| (f.pointer.as_str(), f.code)).collect();
        places.sort_by_key(|place| place.0);
        assert_eq!(
            places,
            [
                ("/a~1b~0c", FaultCode::UnknownField),
                ("/duration_ms", FaultCode::InvalidField),
                ("/product_ids/1", FaultCode::InvalidField),
                ("/tokens_imput", FaultCode::UnknownField),
                ("/tokens_output", FaultCode::InvalidField),
                ("/type", FaultCode::InvalidField),
            ]
        );
    }

    #[test]
    fn tells_wrong_shape_from_no_json() {
        assert!(matches!(
            from_slice::<NewInteraction>(b"{\"type\": "),
            Err(ParseError::NotJson(_))
        ));
        assert!(matches!(
            from_slice::<NewInteraction>(b"[]"),
            Err(ParseError::Faults(_))
        ));
        assert!(matches!(
            from_slice::<NewInteraction>(br#"{"type": 1, "session_id": "s"}"#),
            Err(ParseError::Faults(_))
        ));
        assert!(matches!(
            from_slice::<NewInteraction>(b""),
            Err(ParseError::NotJson(_))
        ));
    }
}
