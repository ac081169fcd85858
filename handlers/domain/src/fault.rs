//! What is wrong with an input, place by place.

use serde::Serialize;
use utoipa::ToSchema;

/// The kind of a [`Fault`]; stable, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// The value has the wrong type, or is outside what the field takes.
    InvalidField,
    /// A required field is absent or null.
    MissingField,
    /// The field exists, but this operation cannot write it.
    ReadOnlyField,
    /// There is no such field.
    UnknownField,
}

/// One thing wrong with one place of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the request body, or `?name` for a query parameter.
    pub pointer: String,
    /// What kind of fault it is.
    pub code: FaultCode,
    /// The fault in words, for a person.
    pub detail: String,
}

/// All that is wrong with one input.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|f| format!("{}: {}", f.pointer, f.detail)).collect::<Vec<_>>().join("; "))]
pub struct Faults(pub Vec<Fault>);

impl Fault {
    /// A fault of the given kind at a JSON pointer.
    pub fn new(code: FaultCode, pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            detail: detail.into(),
        }
    }

    /// A value that the field at `pointer` does not take.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(FaultCode::InvalidField, pointer, detail)
    }

    /// A query parameter that does not take its value.
    pub fn query(name: &str, detail: impl Into<String>) -> Self {
        Self::new(FaultCode::InvalidField, format!("?{name}"), detail)
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![fault])
    }
}

impl Faults {
    /// The same faults, each place put below `prefix` (`/items/3`).
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        for fault in &mut self.0 {
            fault.pointer.insert_str(0, prefix);
        }
        self
    }

    /// The same faults; those at members that exist but cannot be written say so.
    #[must_use]
    pub fn with_read_only(mut self, names: &[&str]) -> Self {
        for fault in &mut self.0 {
            if fault.code == FaultCode::UnknownField && names.contains(&fault.pointer.trim_start_matches('/'))
            {
                fault.code = FaultCode::ReadOnlyField;
                fault.detail = "is read only".to_owned();
            }
        }
        self
    }

    /// Whether nothing but unknown fields is wrong.
    pub fn only_unknown_fields(&self) -> bool {
        self.0.iter().all(|fault| fault.code == FaultCode::UnknownField)
    }
}
