//! One round trip to the server.

use super::value::Value;
use std::borrow::Cow;

/// Whether a statement may be sent again when nobody knows whether the first one was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Known to be idempotent: sent again also after a lost connection.
    Safe,
    /// Sent again only when the server said that it did nothing. What it says of one statement is true of a batch only
    /// when the batch is one transaction.
    Unsafe,
}

/// A statement, or a batch of them, with its parameters.
#[derive(Clone)]
pub(super) struct Call {
    /// The store's function that asks; its name is all that telemetry says of the statement.
    pub(super) function: &'static str,
    /// T-SQL; the parameters are `@P1`, `@P2`, ….
    pub(super) sql: Cow<'static, str>,
    /// The parameters in order.
    pub(super) values: Vec<Value>,
    /// What may be done when its connection is lost.
    pub(super) repeat: Repeat,
}

impl Call {
    /// An idempotent statement.
    pub(super) fn safe(function: &'static str, sql: impl Into<Cow<'static, str>>) -> Self {
        Self::new(function, sql, Repeat::Safe)
    }

    /// A statement that must not be done twice.
    pub(super) fn once(function: &'static str, sql: impl Into<Cow<'static, str>>) -> Self {
        Self::new(function, sql, Repeat::Unsafe)
    }

    fn new(function: &'static str, sql: impl Into<Cow<'static, str>>, repeat: Repeat) -> Self {
        Self {
            function,
            sql: sql.into(),
            values: Vec::new(),
            repeat,
        }
    }

    /// Adds the next parameter.
    pub(super) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Adds the next parameters.
    pub(super) fn with(mut self, values: Vec<Value>) -> Self {
        self.values.extend(values);
        self
    }
}
