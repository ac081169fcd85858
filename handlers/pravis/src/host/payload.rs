//! Writes the envelope that the host sends, for a laptop where we play the host.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::retry::RetryContext;
use super::scalar;

/// An envelope in the making: `{"Data": …, "Metadata": …}`.
#[derive(Debug, Clone, Default)]
pub struct Payload {
    data: Map<String, Value>,
    metadata: Map<String, Value>,
}

impl Payload {
    /// With `Metadata.sys`, which every envelope has.
    pub fn new(function: &str, now: Timestamp) -> Self {
        let mut payload = Self::default();
        let sys = json!({
            "MethodName": function,
            "UtcNow": now.strftime("%Y-%m-%dT%H:%M:%S%.7fZ").to_string(),
            "RandGuid": Uuid::now_v7(),
        });
        payload.metadata.insert("sys".to_owned(), sys);
        payload
    }

    /// Sets the value of a binding.
    #[must_use]
    pub fn data(mut self, binding: &str, value: Value) -> Self {
        self.data.insert(binding.to_owned(), value);
        self
    }

    /// Adds an entry about the trigger's value.
    #[must_use]
    pub fn metadata(mut self, key: &str, value: Value) -> Self {
        self.metadata.insert(key.to_owned(), value);
        self
    }

    /// Says which attempt this is, as the host does when a retry policy applies.
    #[must_use]
    pub fn retry(self, context: &RetryContext) -> Self {
        self.metadata(
            "RetryContext",
            json!({
                "RetryCount": context.retry_count,
                "MaxRetryCount": context.max_retry_count,
                "Exception": context.exception,
                "Instance": context.instance,
                "State": context.state,
            }),
        )
    }

    /// Copies the members of a message that is a JSON object over the metadata, as the host does with text.
    ///
    /// It is the reason why metadata is never trusted: a sender can overwrite it.
    #[must_use]
    pub fn overwritten_by(mut self, message: &str) -> Self {
        let Ok(members) = serde_json::from_str::<Map<String, Value>>(message) else {
            return self;
        };
        for (key, value) in members {
            let value = match value {
                Value::Null | Value::Array(_) => continue,
                Value::Object(_) => value,
                // .NET prints a boolean with a capital letter.
                Value::Bool(true) => scalar::encode("True"),
                Value::Bool(false) => scalar::encode("False"),
                Value::Number(number) => scalar::encode(&number.to_string()),
                Value::String(text) => scalar::encode(&text),
            };
            let taken = self
                .metadata
                .keys()
                .find(|old| old.eq_ignore_ascii_case(&key))
                .cloned();
            self.metadata.insert(taken.unwrap_or(key), value);
        }
        self
    }

    /// The envelope as a JSON value.
    pub fn into_value(self) -> Value {
        json!({ "Data": self.data, "Metadata": self.metadata })
    }

    /// The request's body.
    pub fn into_bytes(self) -> Bytes {
        self.into_value().to_string().into()
    }
}
