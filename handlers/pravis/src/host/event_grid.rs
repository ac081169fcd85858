//! The value of an Event Grid trigger: the event as a nested object, in one of two schemas.
//!
//! Event Grid delivers at least once, and all events of a delivery again when one of them failed.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::lenient;
use super::payload::Payload;
use super::scalar::member;

/// An event, whichever schema it came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The same on every delivery of the event; unique together with the source.
    pub id: String,
    /// `type` (CloudEvents) or `eventType`.
    pub kind: String,
    /// `source` (CloudEvents) or `topic`.
    pub source: Option<String>,
    /// What it is about, such as a blob's path.
    pub subject: Option<String>,
    /// `time` (CloudEvents) or `eventTime`.
    pub time: Option<Timestamp>,
    /// What happened.
    pub data: Value,
}

impl Event {
    /// Reads either schema; none when it has no id or no type.
    pub fn read(event: &Map<String, Value>) -> Option<Self> {
        let either = |cloud, grid| member(event, cloud).or_else(|| member(event, grid));
        let text = |cloud, grid| either(cloud, grid).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            id: text("id", "id")?,
            kind: text("type", "eventType")?,
            source: text("source", "topic"),
            subject: text("subject", "subject"),
            time: either("time", "eventTime").and_then(lenient::time_of),
            data: member(event, "data").cloned().unwrap_or_default(),
        })
    }

    /// The event in the CloudEvents schema, as it travels.
    pub fn to_cloud_event(&self) -> Map<String, Value> {
        let mut event = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            event.extend(value.map(|value| (name.to_owned(), value)));
        };
        put("id", Some(json!(self.id)));
        put("source", self.source.as_deref().map(Value::from));
        put("specversion", Some(json!("1.0")));
        put("type", Some(json!(self.kind)));
        put("subject", self.subject.as_deref().map(Value::from));
        put("time", self.time.map(|time| json!(time)));
        put("data", (!self.data.is_null()).then(|| self.data.clone()));
        event
    }

    /// The envelope that the host would send for a subscription in the CloudEvents schema.
    pub fn payload(&self, function: &str, binding: &str, now: Timestamp) -> Payload {
        let repeated = match &self.data {
            Value::Object(_) => Some(self.data.clone()),
            Value::Null => None,
            scalar => Some(Value::String(scalar.to_string())),
        };
        let payload = Payload::new(function, now).data(binding, Value::Object(self.to_cloud_event()));
        match repeated {
            Some(data) => payload.metadata("data", data),
            None => payload,
        }
    }

    /// Path of the blob that a storage event is about, as `(container, name)`.
    pub fn blob_path(&self) -> Option<(&str, &str)> {
        let rest = self
            .subject
            .as_deref()?
            .strip_prefix("/blobServices/default/containers/")?;
        rest.split_once("/blobs/")
            .filter(|(container, name)| !container.is_empty() && !name.is_empty())
    }
}
