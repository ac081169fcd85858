//! The container `spill`: `yyyy/…` waits to be stored, `dead/…` never will be, `keys.json` is the mirror of the keys.

use blobs::{BlobError, BlobName, Body, Condition, Container, PutOptions, Storage};
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _};
use std::collections::BTreeMap;

/// The media type of what is written here.
pub(super) const GZIP: &str = "application/gzip";

/// Writes a blob in place of one of this name.
pub(super) async fn put(
    storage: &dyn Storage,
    name: &BlobName,
    bytes: Vec<u8>,
    metadata: BTreeMap<String, String>,
) -> Result<(), BlobError> {
    let options = PutOptions {
        content_type: Some(GZIP.to_owned()),
        metadata,
        ..PutOptions::default()
    };
    storage.put(Container::Spill, name, body(bytes), options).await?;
    Ok(())
}

/// Bytes that are in memory, as a body.
pub(crate) fn body(bytes: Vec<u8>) -> Body {
    futures::stream::iter([Ok(Bytes::from(bytes))]).boxed()
}

/// The bytes of a blob and its ETag.
pub(crate) async fn read(
    storage: &dyn Storage,
    name: &BlobName,
) -> Result<Option<(Vec<u8>, String)>, BlobError> {
    let Some(blob) = storage.get(Container::Spill, name, None).await? else {
        return Ok(None);
    };
    let room = usize::try_from(blob.properties.length).unwrap_or_default();
    let bytes = blob
        .body
        .try_fold(Vec::with_capacity(room), async |mut bytes, piece| {
            bytes.extend_from_slice(&piece);
            Ok(bytes)
        })
        .await?;
    Ok(Some((bytes, blob.properties.etag)))
}

/// Whether there is a blob of this name.
pub(super) async fn exists(storage: &dyn Storage, name: &BlobName) -> Result<bool, BlobError> {
    Ok(storage.head(Container::Spill, name).await?.is_some())
}

/// Removes a blob; false when another one was faster.
pub(super) async fn remove(storage: &dyn Storage, name: &BlobName) -> Result<bool, BlobError> {
    storage.delete(Container::Spill, name, Condition::None).await
}

/// Whether any write waits.
pub(super) async fn anything(storage: &dyn Storage) -> Result<bool, BlobError> {
    Ok(!page(storage, None, 1).await?.is_empty())
}

/// Names of writes that wait, in the order of their arrival, after one of them; at most `limit`.
pub(super) async fn page(
    storage: &dyn Storage,
    after: Option<&BlobName>,
    limit: usize,
) -> Result<Vec<BlobName>, BlobError> {
    let listed = storage.list(Container::Spill, "", after, limit).await?;
    let names = listed.into_iter().map(|blob| blob.name);
    // Years come first in the order of bytes; what follows them does not wait.
    Ok(names.take_while(waits).collect())
}

fn waits(name: &BlobName) -> bool {
    name.as_str().starts_with(|first: char| first.is_ascii_digit())
}
