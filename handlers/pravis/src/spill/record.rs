//! A spilled write as it stands in its blob: gzip of JSON.

use crate::error::ApiError;
use crate::extract::IfMatch;
use blobs::{BlobError, BlobName};
use domain::events::Event;
use domain::feedback::Feedback;
use domain::interactions::Interaction;
use domain::time::truncated;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{self, Read, Write as _};
use std::sync::Mutex;
use uuid::{ContextV7, Uuid};

/// The form of the JSON; a program refuses what is newer than it knows.
const VERSION: u32 = 1;
/// Largest JSON that is read: a batch of 8 MiB, and what was made of it.
const LARGEST: u64 = 64 * 1024 * 1024;
/// A text longer than this is compressed beside the async threads.
const LONG: usize = 64 * 1024;

/// A write that was acknowledged before it was stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    version: u32,
    /// When it arrived, to the microsecond; it is stored as of then.
    pub arrived_at: Timestamp,
    /// The blob that is to be stored before: the previous write of the same interaction.
    #[serde(default)]
    pub after: Option<String>,
    /// What was written.
    pub write: Write,
}

/// What was written, checked and prepared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the types say it")]
pub enum Write {
    Turns(Vec<Turn>),
    Update(Update),
    Feedback(Box<Opinion>),
    Events(Vec<Event>),
}

/// A turn to be created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    record: Interaction,
    supplied_hash: [u8; 32],
}

/// A change of a turn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The turn.
    pub id: Uuid,
    /// The merge patch (RFC 7396).
    pub patch: Value,
    /// The versions that it is meant for.
    #[serde(default)]
    pub if_match: IfMatch,
}

/// Feedback to be created.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Opinion {
    record: Feedback,
    supplied_hash: [u8; 32],
}

impl From<Interaction> for Turn {
    fn from(record: Interaction) -> Self {
        let supplied_hash = record.supplied_hash;
        Self {
            record,
            supplied_hash,
        }
    }
}

impl From<Turn> for Interaction {
    /// A new turn has the version 1, which its JSON does not show.
    fn from(turn: Turn) -> Self {
        Self {
            version: 1,
            supplied_hash: turn.supplied_hash,
            ..turn.record
        }
    }
}

impl From<Feedback> for Opinion {
    fn from(record: Feedback) -> Self {
        let supplied_hash = record.supplied_hash;
        Self {
            record,
            supplied_hash,
        }
    }
}

impl From<Opinion> for Feedback {
    /// New feedback has the version 1, which its JSON does not show.
    fn from(opinion: Opinion) -> Self {
        Self {
            version: 1,
            supplied_hash: opinion.supplied_hash,
            ..opinion.record
        }
    }
}

impl Write {
    /// The turns that it writes or is about.
    pub fn interactions(&self) -> Vec<Uuid> {
        match self {
            Self::Turns(turns) => turns.iter().map(|turn| turn.record.id).collect(),
            Self::Update(update) => vec![update.id],
            Self::Feedback(feedback) => vec![feedback.record.interaction_id],
            // They name turns, but wait for none.
            Self::Events(_) => Vec::new(),
        }
    }

    /// The ids of what it writes.
    pub fn ids(&self) -> Vec<Uuid> {
        match self {
            Self::Turns(_) | Self::Update(_) => self.interactions(),
            Self::Feedback(feedback) => vec![feedback.record.id],
            Self::Events(events) => events.iter().map(|event| event.id).collect(),
        }
    }

    /// What it is, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Turns(_) => "turns",
            Self::Update(_) => "update",
            Self::Feedback(_) => "feedback",
            Self::Events(_) => "events",
        }
    }
}

impl Record {
    pub(super) fn new(write: Write, after: Option<BlobName>, now: Timestamp) -> Self {
        Self {
            version: VERSION,
            arrived_at: truncated(now),
            after: after.map(|name| name.to_string()),
            write,
        }
    }

    /// The same arrival of a part of what was written.
    pub(super) fn part(&self, write: Write) -> Self {
        Self {
            version: self.version,
            arrived_at: self.arrived_at,
            after: self.after.clone(),
            write,
        }
    }

    /// A name of its own in the order of arrival: `yyyy/mm/dd/HH/<uuid>.json.gz`.
    pub(super) fn new_name(&self, order: &Mutex<ContextV7>) -> Result<BlobName, ApiError> {
        let at = self.arrived_at;
        let (seconds, nanos) = (
            at.as_second().unsigned_abs(),
            at.subsec_nanosecond().unsigned_abs(),
        );
        let id = Uuid::new_v7(uuid::Timestamp::from_unix(order, seconds, nanos));
        let name = format!("{}/{id}.json.gz", at.strftime("%Y/%m/%d/%H"));
        BlobName::new(name).map_err(|error| ApiError::Internal(error.to_string()))
    }

    /// The blob's bytes.
    pub(super) async fn encode(&self) -> Result<Vec<u8>, BlobError> {
        compress(self).await
    }

    /// Reads a blob's bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, BadRecord> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let mut text = Vec::new();
        GzDecoder::new(bytes).take(LARGEST).read_to_end(&mut text)?;
        let Version { version } = serde_json::from_slice(&text)?;
        if version > VERSION {
            return Err(BadRecord::TooNew(version));
        }
        Ok(serde_json::from_slice(&text)?)
    }
}

/// Why a blob is no spilled write. Never quotes it.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each message says it")]
pub enum BadRecord {
    #[error("it is not gzip: {0}")]
    NotGzip(#[from] io::Error),
    #[error("it is no spilled write: {:?} error at line {}, column {}", .0.classify(), .0.line(), .0.column())]
    NotARecord(#[from] serde_json::Error),
    #[error("it has the form {0}, which a newer program wrote")]
    TooNew(u32),
}

/// When the write of this name arrived, to the millisecond.
pub(super) fn arrival(name: &BlobName) -> Option<Timestamp> {
    let id = name.as_str().rsplit('/').next()?.strip_suffix(".json.gz")?;
    let (seconds, nanos) = id.parse::<Uuid>().ok()?.get_timestamp()?.to_unix();
    Timestamp::new(seconds.try_into().ok()?, nanos.try_into().ok()?).ok()
}

/// JSON, compressed; a long one beside the async threads.
pub(super) async fn compress(value: &impl Serialize) -> Result<Vec<u8>, BlobError> {
    let text = serde_json::to_vec(value).map_err(|error| BlobError::Broken(error.to_string()))?;
    let compressed = if text.len() > LONG {
        let beside = tokio::task::spawn_blocking(move || gzip(&text)).await;
        beside.map_err(|error| BlobError::Unavailable(error.to_string()))?
    } else {
        gzip(&text)
    };
    Ok(compressed?)
}

fn gzip(text: &[u8]) -> io::Result<Vec<u8>> {
    let mut gzip = GzEncoder::new(Vec::with_capacity(text.len() / 4), Compression::fast());
    gzip.write_all(text)?;
    gzip.finish()
}
