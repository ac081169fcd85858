//! Writes that can never be stored: kept with their reason, for people to look at.

use super::container;
use super::record::{Record, compress};
use blobs::{BlobError, BlobName, Storage};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Most ids that a log record names.
const NAMED: usize = 20;

/// Why a write can never be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Another turn has its id.
    InteractionConflict,
    /// Another feedback has its id.
    FeedbackConflict,
    /// Another event has its id.
    EventConflict,
    /// The turn was changed before, by another one than the client knew.
    PreconditionFailed,
    /// The turn refuses the change.
    InvalidField,
    /// The turn that it is about never came.
    InteractionMissing,
}

impl Reason {
    /// The stable code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InteractionConflict => "interaction_conflict",
            Self::FeedbackConflict => "feedback_conflict",
            Self::EventConflict => "event_conflict",
            Self::PreconditionFailed => "precondition_failed",
            Self::InvalidField => "invalid_field",
            Self::InteractionMissing => "interaction_missing",
        }
    }
}

/// The content of `dead/<name>`.
#[derive(Serialize)]
struct DeadLetter<'r> {
    reason: Reason,
    /// In words.
    detail: &'r str,
    /// What could not be stored, and no more.
    #[serde(flatten)]
    record: &'r Record,
}

/// Where a write is kept that can never be stored.
pub(super) fn name_of(name: &BlobName) -> Result<BlobName, BlobError> {
    BlobName::new(format!("dead/{name}"))
}

/// Keeps a write for people, and tells them. Doing it again is harmless.
pub(super) async fn bury(
    storage: &dyn Storage,
    name: &BlobName,
    record: &Record,
    reason: Reason,
    detail: &str,
) -> Result<(), BlobError> {
    let letter = DeadLetter {
        reason,
        detail,
        record,
    };
    let metadata = BTreeMap::from([
        ("reason".to_owned(), reason.as_str().to_owned()),
        ("kind".to_owned(), record.write.kind().to_owned()),
    ]);
    let bytes = compress(&letter).await?;
    container::put(storage, &name_of(name)?, bytes, metadata).await?;
    let ids = record.write.ids();
    let named: Vec<String> = ids.iter().take(NAMED).map(Uuid::to_string).collect();
    tracing::error!(
        target: "pravis::alert",
        event = "spill_dead_letter",
        blob = %name,
        reason = reason.as_str(),
        kind = record.write.kind(),
        items = ids.len(),
        ids = named.join(" "),
        "a write that was acknowledged can never be stored; it is kept"
    );
    Ok(())
}
