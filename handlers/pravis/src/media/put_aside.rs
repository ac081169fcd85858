//! What is not taken in is kept in `quarantine`, for people to look at.

use super::process::ProcessError;
use blobs::{BlobName, Container, Properties, PutOptions, Storage};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Longest blob that is kept: copying a longer one takes longer than a run has.
const KEPT: u64 = 1024 * 1024 * 1024;

/// Copies the blob to `quarantine/<id>`, piece by piece. A repetition replaces the copy.
pub(super) async fn put_aside(
    storage: &dyn Storage,
    name: &BlobName,
    id: Uuid,
    properties: &Properties,
    reason: &str,
) -> Result<(), ProcessError> {
    if properties.length > KEPT {
        tracing::warn!(media = %id, length = properties.length, "a refused upload is too long to be kept");
        return Ok(());
    }
    // None when it is gone by now: then its record tells what was wrong.
    let Some(blob) = storage.get(Container::Incoming, name, None).await? else {
        return Ok(());
    };
    let options = PutOptions {
        // Nobody's word on what it is: nothing shows it.
        content_type: Some("application/octet-stream".to_owned()),
        content_disposition: Some("attachment".to_owned()),
        metadata: BTreeMap::from([("reason".to_owned(), reason.to_owned())]),
        ..PutOptions::default()
    };
    let kept = BlobName::new(id.to_string())?;
    storage
        .put(Container::Quarantine, &kept, blob.body, options)
        .await?;
    Ok(())
}
