//! What rows of a list must hold. Only texts of this program get into a statement; values are bound.

use super::value::Value;
use jiff::Timestamp;

/// Conditions that must all hold, and the values that are bound to them.
#[derive(Default)]
pub(super) struct Conditions {
    conditions: Vec<String>,
    pub(super) values: Vec<Value>,
}

impl Conditions {
    /// None yet, beside values that are bound already.
    pub(super) fn beside(values: Vec<Value>) -> Self {
        Self {
            conditions: Vec::new(),
            values,
        }
    }

    /// Binds a value and gives the name that stands for it.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("@P{}", self.values.len())
    }

    /// Adds a condition where there is a value; `{}` in it stands for the value.
    pub(super) fn all(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            let name = self.bind(value);
            self.conditions.push(condition.replace("{}", &name));
        }
    }

    /// Adds that a row comes before this position: in an order that begins with the newest, after it.
    pub(super) fn before(
        &mut self,
        columns: (&'static str, &'static str),
        at: Timestamp,
        key: impl Into<Value>,
    ) {
        let (time, id) = columns;
        let (at, key) = (self.bind(at), self.bind(key));
        // The first half is what an index is sought by.
        self.conditions
            .push(format!("{time} <= {at} AND ({time} < {at} OR {id} < {key})"));
    }

    /// The conditions as a WHERE clause; empty when there are none.
    pub(super) fn sql(&self) -> String {
        if self.conditions.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.conditions.join(" AND "))
        }
    }

    /// The conditions after others, each with its AND.
    pub(super) fn and(&self) -> String {
        self.conditions
            .iter()
            .map(|condition| format!(" AND {condition}"))
            .collect()
    }
}
