//! The request that the host sends for a trigger: `POST /<FunctionName>` with `{"Data": …, "Metadata": …}`.

use axum::http::{HeaderMap, HeaderName};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::blob::Blob;
use super::event_grid::Event;
use super::headers::{HOST_VERSION, INVOCATION_ID, TRACEPARENT};
use super::queue::QueueMessage;
use super::retry::RetryContext;
use super::scalar;
use super::timer::TimerInfo;

/// One attempt at one invocation, decoded.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    function: String,
    id: String,
    host_version: Option<String>,
    traceparent: Option<String>,
    data: Map<String, Value>,
    metadata: Map<String, Value>,
}

/// A request body that is no envelope, or whose value is not what the trigger sends. Never quotes the payload.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum EnvelopeError {
    #[error("the body is no envelope: {0:?} error at line {1}, column {2}")]
    NotAnEnvelope(serde_json::error::Category, usize, usize),
    #[error("Data.{0} is missing")]
    Missing(String),
    #[error("Data.{binding} is not {expected}")]
    Unexpected { binding: String, expected: &'static str },
    #[error("the message in Data.{binding} is not the expected JSON: {problem}")]
    Message {
        binding: String,
        problem: serde_json::Error,
    },
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Body {
    data: Option<Map<String, Value>>,
    metadata: Option<Map<String, Value>>,
}

impl Invocation {
    /// Decodes a request. Unknown members are ignored, and so are headers that make no sense.
    pub fn decode(function: &str, headers: &HeaderMap, body: &[u8]) -> Result<Self, EnvelopeError> {
        let body: Body = serde_json::from_slice(body)
            .map_err(|e| EnvelopeError::NotAnEnvelope(e.classify(), e.line(), e.column()))?;
        Ok(Self {
            function: function.to_owned(),
            id: last(headers, INVOCATION_ID).unwrap_or_default(),
            host_version: last(headers, HOST_VERSION),
            traceparent: last(headers, TRACEPARENT).filter(|text| is_traceparent(text)),
            data: body.data.unwrap_or_default(),
            metadata: body.metadata.unwrap_or_default(),
        })
    }

    /// Name of the function.
    pub fn function(&self) -> &str {
        &self.function
    }

    /// Id of this attempt; a retry of the same message has a new one. Empty when the host gave none.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Version of the host.
    pub fn host_version(&self) -> Option<&str> {
        self.host_version.as_deref()
    }

    /// W3C trace context, when there was a well-formed one.
    pub fn traceparent(&self) -> Option<&str> {
        self.traceparent.as_deref()
    }

    /// The timer's state, of the binding with this name.
    pub fn timer(&self, binding: &str) -> Result<TimerInfo, EnvelopeError> {
        TimerInfo::read(self.object(binding)?).ok_or_else(|| unexpected(binding, "a timer"))
    }

    /// A message of a queue whose binding has no `dataType`, or `string`.
    pub fn queue_text(&self, binding: &str) -> Result<QueueMessage<String>, EnvelopeError> {
        let text = scalar::text(self.value(binding)?).ok_or_else(|| unexpected(binding, "a text"))?;
        Ok(QueueMessage::read(text, &self.metadata))
    }

    /// As [`Self::queue_text`], with the text read as JSON.
    pub fn queue_json<T: for<'de> Deserialize<'de>>(
        &self,
        binding: &str,
    ) -> Result<QueueMessage<T>, EnvelopeError> {
        self.queue_text(binding)?.try_map(|text| {
            serde_json::from_str(&text).map_err(|problem| EnvelopeError::Message {
                binding: binding.to_owned(),
                problem,
            })
        })
    }

    /// A message of a queue whose binding has `"dataType": "binary"`.
    pub fn queue_bytes(&self, binding: &str) -> Result<QueueMessage<Vec<u8>>, EnvelopeError> {
        Ok(QueueMessage::read(self.bytes(binding)?, &self.metadata))
    }

    /// A blob and what the host says about it.
    pub fn blob(&self, binding: &str) -> Result<Blob, EnvelopeError> {
        Ok(Blob::read(self.bytes(binding)?, &self.metadata))
    }

    /// An event, in either of Event Grid's schemas.
    pub fn event(&self, binding: &str) -> Result<Event, EnvelopeError> {
        Event::read(&self.object(binding)?).ok_or_else(|| unexpected(binding, "an event with id and type"))
    }

    /// Which attempt this is; `None` when no retry policy applies.
    pub fn retry(&self) -> Option<RetryContext> {
        let context = scalar::object(scalar::member(&self.metadata, "RetryContext")?)?;
        serde_json::from_value(Value::Object(context)).ok()
    }

    /// An entry about the trigger's value, decoded. A message's sender can forge it: not for identity.
    pub fn metadata(&self, key: &str) -> Option<Value> {
        scalar::member(&self.metadata, key).map(scalar::decode)
    }

    fn value(&self, binding: &str) -> Result<&Value, EnvelopeError> {
        scalar::member(&self.data, binding).ok_or_else(|| EnvelopeError::Missing(binding.to_owned()))
    }

    fn object(&self, binding: &str) -> Result<Map<String, Value>, EnvelopeError> {
        scalar::object(self.value(binding)?).ok_or_else(|| unexpected(binding, "an object"))
    }

    fn bytes(&self, binding: &str) -> Result<Vec<u8>, EnvelopeError> {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        let text = self.value(binding)?.as_str();
        text.and_then(|text| BASE64_STANDARD.decode(text).ok())
            .ok_or_else(|| unexpected(binding, "base64"))
    }
}

fn unexpected(binding: &str, expected: &'static str) -> EnvelopeError {
    EnvelopeError::Unexpected {
        binding: binding.to_owned(),
        expected,
    }
}

/// The last of a header's values: the one that the host added, should a client have sent its own.
fn last(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    headers
        .get_all(name)
        .iter()
        .next_back()?
        .to_str()
        .ok()
        .map(str::to_owned)
}

fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let hex = |part: &str, digits| {
        part.len() == digits && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let zero = |part: &str| part.bytes().all(|b| b == b'0');
    match parts.as_slice() {
        [version, trace, parent, flags, rest @ ..] => {
            hex(version, 2)
                && *version != "ff"
                && (*version != "00" || rest.is_empty())
                && hex(trace, 32)
                && !zero(trace)
                && hex(parent, 16)
                && !zero(parent)
                && hex(flags, 2)
        }
        _ => false,
    }
}
