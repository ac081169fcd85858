//! Leases: who alone may write a blob, and until when.

use super::{Folder, durable, place::Place, record::Record};
use crate::{BlobError, Lease, limits};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use uuid::Uuid;

/// The content of the `@lease` file.
#[derive(Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) id: String,
    until: Timestamp,
}

impl Folder {
    pub(super) fn acquire(&self, place: &Place, length: Duration) -> Result<Option<Lease>, BlobError> {
        let _lock = self.lock(place)?;
        if Record::read(place)?.is_none() {
            return Err(BlobError::Broken(
                "a blob that does not exist has no lease".to_owned(),
            ));
        }
        if self.active_lease(place)?.is_some() {
            return Ok(None);
        }
        let held = Held {
            id: Uuid::new_v4().to_string(),
            until: Timestamp::now() + length,
        };
        let json = serde_json::to_vec(&held).map_err(|error| BlobError::Broken(error.to_string()))?;
        let file = self.write_file(&json)?;
        file.persist(place.lease()).map_err(|failed| failed.error)?;
        Ok(Some(Lease { id: held.id }))
    }

    pub(super) fn release(&self, place: &Place, lease: &Lease) -> Result<(), BlobError> {
        let _lock = self.lock(place)?;
        if self.active_lease(place)?.is_some_and(|held| held.id == lease.id) {
            durable::remove(&place.lease())?;
        }
        Ok(())
    }

    /// The lease that has not ended, under the blob's lock.
    pub(super) fn active_lease(&self, place: &Place) -> Result<Option<Held>, BlobError> {
        let Some(bytes) = durable::read(&place.lease())? else {
            return Ok(None);
        };
        let held: Held = serde_json::from_slice(&bytes)
            .map_err(|error| BlobError::Broken(format!("a lease cannot be read: {error}")))?;
        let now = Timestamp::now();
        // One that ends later than any lease may is from before the clock was put back.
        Ok((held.until > now && held.until <= now + limits::LONGEST_LEASE).then_some(held))
    }
}
