//! Blobs and queues: each right is tried by itself.

#[cfg(test)]
mod tests;

use super::Finding;
use blobs::{BlobError, BlobName, Condition, Container, PutOptions, Queue, Storage, UploadTerms};
use bytes::Bytes;
use futures::TryStreamExt as _;
use futures::stream::{self, StreamExt as _};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use uuid::Uuid;

const BLOB_ROLE: &str =
    "give the identity the role Storage Blob Data Contributor on the account; it works some minutes later";
const QUEUE_ROLE: &str =
    "give the identity the role Storage Queue Data Contributor on the account; it works some minutes later";

/// Writes, reads and deletes a blob, asks for leave to upload one, and counts the messages of the queues.
pub(super) async fn storage(opened: Result<Arc<dyn Storage>, BlobError>) -> Vec<Finding> {
    match opened {
        Ok(storage) => vec![
            tell(
                "blobs",
                "can be written, read and deleted",
                blobs(&*storage).await,
                BLOB_ROLE,
            ),
            tell("uploads", "can be granted", grant(&*storage).await, BLOB_ROLE),
            tell("queues", "can be read", queues(&*storage).await, QUEUE_ROLE),
        ],
        Err(error) => vec![tell("blobs", "", Err(error), BLOB_ROLE)],
    }
}

fn tell(name: &'static str, good: &str, tried: Result<(), BlobError>, role: &'static str) -> Finding {
    match tried {
        Ok(()) => Finding::good(name, good),
        Err(error @ BlobError::Forbidden(_)) => Finding::bad(name, error, role),
        Err(error) => Finding::bad(
            name,
            error,
            "check PRAVIS_STORAGE, and the firewall of the account; see that the disk is not full when it is local",
        ),
    }
}

/// Where nothing looks: what spilled is in folders of dates.
fn probe() -> Result<BlobName, BlobError> {
    BlobName::new(format!("doctor/{}", Uuid::now_v7()))
}

async fn blobs(storage: &dyn Storage) -> Result<(), BlobError> {
    const TEXT: &[u8] = b"pravis doctor";
    let name = probe()?;
    let body = stream::iter([Ok(Bytes::from_static(TEXT))]).boxed();
    storage
        .put(Container::Spill, &name, body, PutOptions::default())
        .await?;
    let read = read(storage, &name).await;
    // Whatever was read: the probe must not stay.
    let deleted = storage.delete(Container::Spill, &name, Condition::None).await;
    let (read, deleted) = (read?, deleted?);
    if read == TEXT && deleted {
        Ok(())
    } else {
        Err(BlobError::Broken("what was written was not there".to_owned()))
    }
}

async fn read(storage: &dyn Storage, name: &BlobName) -> Result<Vec<u8>, BlobError> {
    let Some(blob) = storage.get(Container::Spill, name, None).await? else {
        return Ok(Vec::new());
    };
    let pieces: Vec<Bytes> = blob.body.try_collect().await?;
    Ok(pieces.concat())
}

async fn grant(storage: &dyn Storage) -> Result<(), BlobError> {
    let terms = UploadTerms {
        until: Timestamp::now() + SignedDuration::from_mins(1),
    };
    let granted = storage.grant_upload(Container::Incoming, &probe()?, terms).await;
    granted.map(drop)
}

async fn queues(storage: &dyn Storage) -> Result<(), BlobError> {
    for queue in Queue::ALL {
        storage.message_count(queue).await?;
    }
    Ok(())
}
