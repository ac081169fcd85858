//! The value of a queue trigger: text in JSON text, or base64 with `"dataType": "binary"`.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::lenient;
use super::payload::Payload;
use super::scalar::{self, member};

/// A message and what the queue says about it.
///
/// Apart from the body all of it can be forged by the sender of a text that is a JSON object: good for logs and
/// pauses, not for deciding whose message it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueMessage<T> {
    /// The message.
    pub body: T,
    /// The queue's own id.
    pub id: Option<String>,
    /// Attempts so far, this one included.
    pub dequeue_count: Option<u64>,
    /// When it was sent.
    pub insertion_time: Option<Timestamp>,
    /// When the queue drops it.
    pub expiration_time: Option<Timestamp>,
    /// When others see it again, should this attempt never end.
    pub next_visible_time: Option<Timestamp>,
    /// The queue's receipt for this attempt.
    pub pop_receipt: Option<String>,
}

impl<T> QueueMessage<T> {
    /// A message that the queue says nothing about.
    pub fn new(body: T) -> Self {
        Self {
            body,
            id: None,
            dequeue_count: None,
            insertion_time: None,
            expiration_time: None,
            next_visible_time: None,
            pop_receipt: None,
        }
    }

    pub(super) fn read(body: T, metadata: &Map<String, Value>) -> Self {
        let text = |name| member(metadata, name).and_then(scalar::text);
        let time = |name| member(metadata, name).and_then(lenient::time_of);
        Self {
            body,
            id: text("Id"),
            dequeue_count: member(metadata, "DequeueCount").and_then(scalar::number),
            insertion_time: time("InsertionTime"),
            expiration_time: time("ExpirationTime"),
            next_visible_time: time("NextVisibleTime"),
            pop_receipt: text("PopReceipt"),
        }
    }

    /// The same facts about another form of the body.
    pub fn try_map<U, E>(self, form: impl FnOnce(T) -> Result<U, E>) -> Result<QueueMessage<U>, E> {
        Ok(QueueMessage {
            body: form(self.body)?,
            id: self.id,
            dequeue_count: self.dequeue_count,
            insertion_time: self.insertion_time,
            expiration_time: self.expiration_time,
            next_visible_time: self.next_visible_time,
            pop_receipt: self.pop_receipt,
        })
    }

    fn envelope(&self, function: &str, binding: &str, value: Value, now: Timestamp) -> Payload {
        let whole_second =
            |time: &Timestamp| Value::from(time.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string());
        let facts = [
            (
                "DequeueCount",
                self.dequeue_count.map(|count| Value::from(count.to_string())),
            ),
            ("ExpirationTime", self.expiration_time.as_ref().map(whole_second)),
            ("Id", self.id.as_deref().map(scalar::encode)),
            ("InsertionTime", self.insertion_time.as_ref().map(whole_second)),
            (
                "NextVisibleTime",
                self.next_visible_time.as_ref().map(whole_second),
            ),
            ("PopReceipt", self.pop_receipt.as_deref().map(scalar::encode)),
        ];
        facts
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
            .fold(
                Payload::new(function, now).data(binding, value),
                |payload, (key, value)| payload.metadata(key, value),
            )
    }
}

impl QueueMessage<String> {
    /// The envelope that the host would send, with the metadata that the message overwrites.
    pub fn payload(&self, function: &str, binding: &str, now: Timestamp) -> Payload {
        self.envelope(function, binding, scalar::encode(&self.body), now)
            .overwritten_by(&self.body)
    }
}

impl QueueMessage<Vec<u8>> {
    /// The envelope that the host would send for a binding with `"dataType": "binary"`.
    pub fn payload(&self, function: &str, binding: &str, now: Timestamp) -> Payload {
        self.envelope(
            function,
            binding,
            Value::from(BASE64_STANDARD.encode(&self.body)),
            now,
        )
    }
}
