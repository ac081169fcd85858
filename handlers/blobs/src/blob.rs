//! The contract for blobs.

use crate::{BlobError, BlobName, Container, ReadGrant, UploadGrant, UploadTerms};
use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

/// The bytes of a blob as they come, in pieces of a few hundred KiB at most.
pub type Body = BoxStream<'static, Result<Bytes, BlobError>>;

/// What is known of a blob without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Properties {
    /// Length in bytes.
    pub length: u64,
    /// Changes with every change; opaque, with its quotes.
    pub etag: String,
    /// Media type; `application/octet-stream` when none was given.
    pub content_type: String,
    /// For caches between us and the browser.
    pub cache_control: Option<String>,
    /// How a browser shows it.
    pub content_disposition: Option<String>,
    /// When it was last written.
    pub last_modified: Timestamp,
    /// Our own notes: names of `a-z 0-9 _`, values of visible ASCII.
    pub metadata: BTreeMap<String, String>,
}

/// A blob that is being read.
pub struct Blob {
    /// What is known of it; `length` is that of the whole blob.
    pub properties: Properties,
    /// Which bytes come.
    pub range: Range<u64>,
    /// The bytes.
    pub body: Body,
}

/// When a write may happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Condition {
    /// Always.
    #[default]
    None,
    /// Only when there is no such blob.
    Absent,
    /// Only when the blob still has this ETag.
    Matches(String),
    /// Only while this lease is held. Without it a blob that is leased takes no write.
    Held(Lease),
}

/// What a blob is stored with. Headers and notes together hold at most 8 KiB.
#[derive(Debug, Clone, Default)]
pub struct PutOptions {
    /// Media type.
    pub content_type: Option<String>,
    /// For caches between us and the browser.
    pub cache_control: Option<String>,
    /// How a browser shows it.
    pub content_disposition: Option<String>,
    /// Our own notes: names of `a-z 0-9 _` that begin with no digit, values of visible ASCII.
    pub metadata: BTreeMap<String, String>,
    /// When it may happen.
    pub condition: Condition,
}

/// A blob in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub name: BlobName,
    /// As in [`Properties::etag`].
    pub etag: String,
    /// Length in bytes.
    pub length: u64,
    /// When it was last written.
    pub last_modified: Timestamp,
}

/// The right to be the only one who writes a blob, until it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What proves it.
    pub id: String,
}

/// Reads and writes of blobs. A write is durable when its future is ready, whole or not at all, and every read sees it.
#[async_trait]
pub trait Blobs {
    /// Stores a blob from its pieces, in memory that does not grow with it; gives its ETag.
    async fn put(
        &self,
        container: Container,
        name: &BlobName,
        body: Body,
        options: PutOptions,
    ) -> Result<String, BlobError>;

    /// The blob, or the part of it in `range` (cut at its end). A range that begins at the end or after it is
    /// [`BlobError::RangeNotSatisfiable`], so an empty blob has none.
    async fn get(
        &self,
        container: Container,
        name: &BlobName,
        range: Option<Range<u64>>,
    ) -> Result<Option<Blob>, BlobError>;

    /// What is known of the blob.
    async fn head(&self, container: Container, name: &BlobName) -> Result<Option<Properties>, BlobError>;

    /// Blobs whose names begin with `prefix`, in the order of their bytes, after `after`; at most `limit`.
    async fn list(
        &self,
        container: Container,
        prefix: &str,
        after: Option<&BlobName>,
        limit: usize,
    ) -> Result<Vec<Listed>, BlobError>;

    /// Removes the blob; false when there was none, whatever the condition.
    async fn delete(
        &self,
        container: Container,
        name: &BlobName,
        condition: Condition,
    ) -> Result<bool, BlobError>;

    /// Replaces our own notes on the blob; gives its new ETag, or none when there is no such blob, whatever the
    /// condition.
    async fn set_metadata(
        &self,
        container: Container,
        name: &BlobName,
        metadata: BTreeMap<String, String>,
        condition: Condition,
    ) -> Result<Option<String>, BlobError>;

    /// Takes the lease of an existing blob for 15 to 60 s; none when another one holds it. It does not change the ETag.
    async fn acquire_lease(
        &self,
        container: Container,
        name: &BlobName,
        length: Duration,
    ) -> Result<Option<Lease>, BlobError>;

    /// Gives a lease back before its end; one that has ended already is no error.
    async fn release_lease(
        &self,
        container: Container,
        name: &BlobName,
        lease: &Lease,
    ) -> Result<(), BlobError>;

    /// Lets someone without a key write exactly this blob until the terms end.
    async fn grant_upload(
        &self,
        container: Container,
        name: &BlobName,
        terms: UploadTerms,
    ) -> Result<UploadGrant, BlobError>;

    /// Lets someone without a key read exactly this blob until then, in whole seconds and within a day; none where nobody but
    /// this program can give blobs.
    async fn grant_read(
        &self,
        container: Container,
        name: &BlobName,
        until: Timestamp,
    ) -> Result<Option<ReadGrant>, BlobError>;

    /// Checks an upload that came to a URL of [`Blobs::grant_upload`] which is this program's own: container and name from its
    /// path, the rest from its query. Anything that was not granted, or no longer is, is [`BlobError::Forbidden`].
    async fn redeem_upload(
        &self,
        container: &str,
        name: &str,
        until: &str,
        signature: &str,
        now: Timestamp,
    ) -> Result<(Container, BlobName), BlobError> {
        let _ = (container, name, until, signature, now);
        Err(BlobError::Forbidden(
            "uploads go to the storage account itself".to_owned(),
        ))
    }
}
