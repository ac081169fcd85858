//! Uploads: one request for what fits in a block, else blocks and then their list, which is the commit.

use super::calls::{Call, Target};
use super::{AzureStorage, properties};
use crate::{BlobError, BlobName, Body, Condition, Container, PutOptions};
use azure_core::http::Etag;
use azure_storage_blob::BlockBlobClient;
use azure_storage_blob::models::{
    BlockBlobClientCommitBlockListOptions, BlockBlobClientCommitBlockListResultHeaders,
    BlockBlobClientStageBlockOptions, BlockBlobClientUploadOptions, BlockLookupList,
};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, TryStreamExt, stream};
use std::num::NonZero;
use uuid::Uuid;

/// Bytes of a block. An upload holds one that is gathered and those that are sent.
const BLOCK: usize = 4 * 1024 * 1024;
const IN_FLIGHT: usize = 2;

/// A condition as headers.
pub(super) struct Headers {
    pub(super) if_match: Option<Etag>,
    pub(super) if_none_match: Option<Etag>,
    pub(super) lease_id: Option<String>,
}

impl From<&Condition> for Headers {
    fn from(condition: &Condition) -> Self {
        let mut headers = Self {
            if_match: None,
            if_none_match: None,
            lease_id: None,
        };
        match condition {
            Condition::None => {}
            Condition::Absent => headers.if_none_match = Some(Etag::from("*")),
            Condition::Matches(etag) => headers.if_match = Some(Etag::from(etag.as_str())),
            Condition::Held(lease) => headers.lease_id = Some(lease.id.clone()),
        }
        headers
    }
}

/// Whether a second attempt may fail because the first was done.
pub(super) fn once(condition: &Condition) -> bool {
    matches!(condition, Condition::Absent | Condition::Matches(_))
}

impl AzureStorage {
    pub(super) async fn upload(
        &self,
        container: Container,
        name: &BlobName,
        body: Body,
        options: PutOptions,
    ) -> Result<String, BlobError> {
        let upload = Upload {
            storage: self,
            container,
            client: self.blob_client(container, name).block_blob_client(),
            options: &options,
        };
        let mut blocks = Blocks::new(body);
        let first = blocks.next().await?.unwrap_or_default();
        match blocks.next().await? {
            None => upload.single(first).await,
            Some(second) => upload.staged([first, second], blocks).await,
        }
    }
}

struct Upload<'a> {
    storage: &'a AzureStorage,
    container: Container,
    client: BlockBlobClient,
    options: &'a PutOptions,
}

impl Upload<'_> {
    async fn single(&self, bytes: Bytes) -> Result<String, BlobError> {
        let call = self.call("put").sending(bytes.len());
        let send = || {
            let headers = Headers::from(&self.options.condition);
            let options = BlockBlobClientUploadOptions {
                blob_cache_control: self.options.cache_control.clone(),
                blob_content_disposition: self.options.content_disposition.clone(),
                blob_content_type: self.options.content_type.clone(),
                if_match: headers.if_match,
                if_none_match: headers.if_none_match,
                lease_id: headers.lease_id,
                metadata: Some(self.options.metadata.clone().into_iter().collect()),
                // One request, whatever its length.
                partition_size: Some(NonZero::<u64>::MAX),
                ..BlockBlobClientUploadOptions::default()
            };
            self.client.upload(bytes.clone().into(), Some(options))
        };
        let sent = self.storage.call(&call, send).await;
        let sent = sent.map_err(|failure| failure.into_error(&call.target))?;
        Ok(properties::etag(sent.etag))
    }

    async fn staged(&self, first: [Bytes; 2], rest: Blocks) -> Result<String, BlobError> {
        let rest = stream::try_unfold(rest, |mut rest| async move {
            Ok(rest.next().await?.map(|block| (block, rest)))
        })
        .boxed();
        let ids: Vec<Vec<u8>> = stream::iter(first.map(Ok))
            .chain(rest)
            .map_ok(|block| self.stage(block))
            .try_buffered(IN_FLIGHT)
            .try_collect()
            .await?;
        let call = self.call("put");
        let send = || {
            let list = BlockLookupList {
                latest: Some(ids.clone()),
                ..BlockLookupList::default()
            };
            let options = self.commit_options();
            async move {
                self.client
                    .commit_block_list(list.try_into()?, Some(options))
                    .await?
                    .etag()
            }
        };
        let sent = self.storage.call(&call, send).await;
        sent.map(properties::etag)
            .map_err(|failure| failure.into_error(&call.target))
    }

    /// Sends one block; it is seen when the list of blocks is.
    async fn stage(&self, block: Bytes) -> Result<Vec<u8>, BlobError> {
        let call = Call::new("put block", Target::Blob(self.container)).sending(block.len());
        // All ids of a blob have the same length.
        let id = Uuid::now_v7().as_bytes().to_vec();
        let send = || {
            let options = BlockBlobClientStageBlockOptions {
                lease_id: Headers::from(&self.options.condition).lease_id,
                ..BlockBlobClientStageBlockOptions::default()
            };
            self.client
                .stage_block(&id, block.len() as u64, block.clone().into(), Some(options))
        };
        let staged = self.storage.call(&call, send).await;
        staged.map_err(|failure| failure.into_error(&call.target))?;
        Ok(id)
    }

    fn commit_options(&self) -> BlockBlobClientCommitBlockListOptions<'static> {
        let headers = Headers::from(&self.options.condition);
        BlockBlobClientCommitBlockListOptions {
            blob_cache_control: self.options.cache_control.clone(),
            blob_content_disposition: self.options.content_disposition.clone(),
            blob_content_type: self.options.content_type.clone(),
            if_match: headers.if_match,
            if_none_match: headers.if_none_match,
            lease_id: headers.lease_id,
            metadata: Some(self.options.metadata.clone().into_iter().collect()),
            ..BlockBlobClientCommitBlockListOptions::default()
        }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new(operation, Target::Blob(self.container)).once_if(once(&self.options.condition))
    }
}

/// Cuts a body into blocks.
struct Blocks {
    body: Body,
    /// What a piece was longer than its block.
    rest: Bytes,
}

impl Blocks {
    fn new(body: Body) -> Self {
        Self {
            body,
            rest: Bytes::new(),
        }
    }

    /// The next block; only the last one is shorter than [`BLOCK`]. None at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, BlobError> {
        let mut block = BytesMut::new();
        while block.len() < BLOCK {
            if self.rest.is_empty() {
                match self.body.next().await {
                    Some(piece) => self.rest = piece?,
                    None => break,
                }
            }
            let some = self.rest.split_to(self.rest.len().min(BLOCK - block.len()));
            block.extend_from_slice(&some);
        }
        Ok((!block.is_empty()).then(|| block.freeze()))
    }
}
