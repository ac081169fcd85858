//! Messages of the queue `pravis-media`: what Event Grid says of a blob that was stored.
//!
//! Event Grid writes one event a message, in the schema of the subscription: CloudEvents 1.0, or its own, of which some senders make an
//! array of one. Nothing in a message is trusted but the blob's name: what the blob is, is asked of the storage.

use crate::host::event_grid::Event;
use blobs::Container;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::time::Duration;
use uuid::Uuid;

/// A blob was stored, or replaced.
const BLOB_CREATED: &str = "Microsoft.Storage.BlobCreated";
/// How Event Grid finds out whether a subscriber wants its events; a queue has nothing to answer.
const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";
/// Our own members of a message that is sent once more; lower case letters, as CloudEvents has it for extensions.
const FAILURES: &str = "pravisfailures";
const WAITS: &str = "praviswaits";
const RUN: &str = "pravisrun";
/// Pause before a message is looked at again; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(60);

/// A message that is no event, nor an array of events. Quotes nothing of it.
#[derive(Debug, thiserror::Error)]
#[error("the message is no event of Event Grid")]
pub struct BadMessage;

/// One event of a message.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// A blob came.
    Arrived(Arrival),
    /// Something that nothing is done about; holds the event's type, or the container that it tells of.
    Ignored(String),
    /// A question of Event Grid's that needs no answer.
    Validation,
}

/// A blob that came to the container `incoming`.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Its name, percent-decoded; it may be none that this program takes.
    pub name: String,
    /// Attempts that failed under messages before this one.
    pub failures: u64,
    /// How often it had to wait for the store, the storage or another worker.
    pub waits: u32,
    /// The run that had to wait, which may go on with what it has claimed.
    pub run: Option<Uuid>,
    /// The event as it came.
    event: Map<String, Value>,
}

/// The events of a message.
pub fn read(message: &[u8]) -> Result<Vec<Notice>, BadMessage> {
    match serde_json::from_slice(message) {
        Ok(Value::Object(event)) => Ok(vec![notice(event)?]),
        Ok(Value::Array(events)) => events
            .into_iter()
            .map(|event| match event {
                Value::Object(event) => notice(event),
                _ => Err(BadMessage),
            })
            .collect(),
        _ => Err(BadMessage),
    }
}

fn notice(event: Map<String, Value>) -> Result<Notice, BadMessage> {
    let read = Event::read(&event).ok_or(BadMessage)?;
    if read.kind == VALIDATION {
        return Ok(Notice::Validation);
    }
    if read.kind != BLOB_CREATED {
        return Ok(Notice::Ignored(read.kind));
    }
    let (container, name) = read.blob_path().ok_or(BadMessage)?;
    if container != Container::Incoming.as_str() {
        return Ok(Notice::Ignored(format!("a blob of {container}")));
    }
    let count = |name: &str| event.get(name).and_then(Value::as_u64).unwrap_or_default();
    Ok(Notice::Arrived(Arrival {
        name: percent_decode_str(name).decode_utf8_lossy().into_owned(),
        failures: count(FAILURES),
        waits: u32::try_from(count(WAITS)).unwrap_or(u32::MAX),
        run: event
            .get(RUN)
            .and_then(Value::as_str)
            .and_then(|run| run.parse().ok()),
        event,
    }))
}

impl Arrival {
    /// The message itself, for a queue of its own.
    pub(crate) fn to_message(&self) -> Vec<u8> {
        // Plain data: this cannot fail.
        serde_json::to_vec(&self.event).unwrap_or_default()
    }

    /// The message for the next time of `run`, after `failures` attempts that failed, and how long to wait for that.
    pub(super) fn again(&self, run: Uuid, failures: u64) -> (Vec<u8>, Duration) {
        let mut again = self.clone();
        again.event.insert(RUN.to_owned(), json!(run));
        again.event.insert(FAILURES.to_owned(), json!(failures));
        let waits = self.waits.saturating_add(1);
        again.event.insert(WAITS.to_owned(), json!(waits));
        let pause = FIRST * 2_u32.saturating_pow(self.waits.min(16));
        (again.to_message(), pause.min(LONGEST))
    }
}

#[cfg(test)]
mod tests;
