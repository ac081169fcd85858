//! What is known of a blob, in a file beside it.

use super::{durable, place::Place};
use crate::{BlobError, Properties};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// The content of the `@meta` file.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    /// Which file holds the bytes.
    pub(super) version: String,
    pub(super) etag: String,
    pub(super) length: u64,
    pub(super) content_type: String,
    pub(super) cache_control: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) last_modified: Timestamp,
    pub(super) metadata: BTreeMap<String, String>,
}

impl Record {
    /// The record of the blob; none when there is no such blob.
    pub(super) fn read(place: &Place) -> Result<Option<Self>, BlobError> {
        let Some(bytes) = durable::read(&place.record())? else {
            return Ok(None);
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| {
            BlobError::Broken(format!(
                "what is stored of the blob {} cannot be read: {error}",
                place.stem
            ))
        })
    }

    /// Stamps a change.
    pub(super) fn touch(&mut self) {
        self.etag = new_etag();
        self.last_modified = Timestamp::now();
    }

    pub(super) fn into_properties(self) -> Properties {
        Properties {
            length: self.length,
            etag: self.etag,
            content_type: self.content_type,
            cache_control: self.cache_control,
            content_disposition: self.content_disposition,
            last_modified: self.last_modified,
            metadata: self.metadata,
        }
    }
}

/// An ETag that no change had before.
pub(super) fn new_etag() -> String {
    format!("\"{}\"", Uuid::now_v7().simple())
}
