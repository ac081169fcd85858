//! The answer to a trigger's envelope.
//!
//! Success is always 200 with a JSON object: an empty body or `null` would leave the host waiting until its
//! `functionTimeout`, and then make it kill the program. Failure is always 500.

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a trigger answers when it succeeded.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Answer {
    outputs: Map<String, Value>,
    logs: Vec<String>,
    /// Always null: members of a returned object would be copied into the outputs.
    return_value: (),
}

impl Answer {
    /// Success, with nothing to send on.
    pub fn done() -> Self {
        Self::default()
    }

    /// Sends bytes through the output binding `binding`: one queue message, or one blob.
    ///
    /// As base64, the only form that arrives unchanged: the host reprints JSON, rewrites dates, and decodes any
    /// text that happens to look like base64.
    #[must_use]
    pub fn output(mut self, binding: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.outputs
            .insert(binding.to_owned(), Value::from(BASE64_STANDARD.encode(bytes)));
        self
    }

    /// Sends several messages through a queue binding. Their JSON may arrive reprinted.
    #[must_use]
    pub fn messages(mut self, binding: &str, messages: impl IntoIterator<Item = String>) -> Self {
        let messages = messages.into_iter().map(Value::from).collect();
        self.outputs.insert(binding.to_owned(), Value::Array(messages));
        self
    }

    /// Adds a line to the function's own log at the host, beside this invocation.
    #[must_use]
    pub fn log(mut self, line: impl Into<String>) -> Self {
        self.logs.push(line.into());
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        Json(self).into_response()
    }
}
