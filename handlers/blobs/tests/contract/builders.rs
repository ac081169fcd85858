//! Names and bodies, and waiting.

use blobs::{BlobError, BlobName, Body, Container, Storage};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use std::ops::Range;
use std::time::{Duration, Instant};

/// Where most tests write.
pub(crate) const HERE: Container = Container::Private;

pub(crate) fn name(name: &str) -> BlobName {
    BlobName::new(name).unwrap()
}

/// A body that comes in one piece.
pub(crate) fn body(bytes: impl Into<Bytes>) -> Body {
    pieces(vec![bytes.into()])
}

/// A body that comes in these pieces.
pub(crate) fn pieces(pieces: Vec<Bytes>) -> Body {
    stream::iter(pieces.into_iter().map(Ok)).boxed()
}

/// A body that breaks off after this piece.
pub(crate) fn broken(first: &'static [u8]) -> Body {
    let failure = BlobError::Unavailable("the client went away".to_owned());
    stream::iter([Ok(Bytes::from_static(first)), Err(failure)]).boxed()
}

/// Stores a blob without more.
pub(crate) async fn put(storage: &dyn Storage, name: &BlobName, bytes: impl Into<Bytes>) -> String {
    let stored = storage.put(HERE, name, body(bytes), Default::default()).await;
    stored.unwrap()
}

/// Everything that a body brings.
pub(crate) async fn bytes_of(body: Body) -> Result<Vec<u8>, BlobError> {
    let pieces: Vec<Bytes> = body.try_collect().await?;
    Ok(pieces.concat())
}

/// Bytes of a blob that is there.
pub(crate) async fn read(storage: &dyn Storage, name: &BlobName, range: Option<Range<u64>>) -> Vec<u8> {
    let blob = storage.get(HERE, name, range).await.unwrap().unwrap();
    bytes_of(blob.body).await.unwrap()
}

/// So many bytes, no stretch of them like another.
pub(crate) fn noise(length: usize) -> Bytes {
    let words = (0_u64..).flat_map(|number| (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 16).to_le_bytes());
    words.take(length).collect()
}

/// Asks until there is an answer.
pub(crate) async fn until<T>(what: &str, ready: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = ready().await {
            return found;
        }
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
