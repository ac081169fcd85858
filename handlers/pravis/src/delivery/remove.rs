//! Removing an upload with all that was made of it.
//!
//! Blobs first, then the copies of the CDN, the record last: what breaks off in between is done again from the record. It takes
//! every blob below the upload's name, also those that a run left that was killed before its record was written.

use super::{blob_name, container_of};
use crate::app::App;
use crate::error::ApiError;
use blobs::{BlobName, Condition, Container, Storage};
use domain::media::Media;
use serde::Serialize;
use store::Store;
use utoipa::ToSchema;
use uuid::Uuid;

/// Blobs that are listed at once.
const LISTED: usize = 200;
/// Attempts at a record that changes meanwhile: a run may be at its end.
const ATTEMPTS: usize = 8;

/// What was removed of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RemovedMedia {
    /// The upload.
    pub id: Uuid,
    /// The blobs that are gone, as `<container>/<name>`.
    pub blobs: Vec<String>,
    /// Bytes of the outputs among them.
    pub bytes: u64,
    /// Whether the CDN was told to forget its copies; false where there is none, or where it never had any.
    pub purged: bool,
}

/// Removes `media`, which was read just now.
pub(crate) async fn remove(app: &App, store: &dyn Store, media: Media) -> Result<RemovedMedia, ApiError> {
    let storage = app.storage().await?;
    let mut removed = RemovedMedia {
        id: media.id,
        blobs: Vec::new(),
        bytes: 0,
        purged: false,
    };
    let mut current = media;
    for _ in 0..ATTEMPTS {
        remove_blobs(&*storage, &current, &mut removed).await?;
        removed.purged |= app.purger().forget(app, &current).await?;
        if store.delete_media(current.id, current.version).await? {
            return Ok(removed);
        }
        let Some(changed) = store.get_media(current.id).await? else {
            return Ok(removed);
        };
        current = changed;
    }
    Err(ApiError::StoreUnavailable(
        "the record changes too fast".to_owned(),
    ))
}

async fn remove_blobs(
    storage: &dyn Storage,
    media: &Media,
    removed: &mut RemovedMedia,
) -> Result<(), ApiError> {
    let own = [
        (Container::Incoming, media.incoming.clone()),
        (Container::Quarantine, media.id.to_string()),
    ];
    for (container, name) in own {
        delete(storage, container, &blob_name(&name)?, removed).await?;
    }
    let container = container_of(media.kind);
    loop {
        let outputs = storage
            .list(container, &Media::folder(media.id), None, LISTED)
            .await?;
        for output in &outputs {
            delete(storage, container, &output.name, removed).await?;
            removed.bytes += output.length;
        }
        if outputs.len() < LISTED {
            return Ok(());
        }
    }
}

async fn delete(
    storage: &dyn Storage,
    container: Container,
    name: &BlobName,
    removed: &mut RemovedMedia,
) -> Result<(), ApiError> {
    if storage.delete(container, name, Condition::None).await? {
        removed.blobs.push(format!("{}/{name}", container.as_str()));
    }
    Ok(())
}
