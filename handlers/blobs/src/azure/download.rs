//! Downloads: streamed as they come, taken up again where they broke off.

use super::calls::{Call, Target};
use super::failure::Failure;
use super::{AzureStorage, properties};
use crate::{Blob, BlobError, BlobName, Body, Container};
use azure_core::http::Etag;
use azure_core::http::response::AsyncResponseBody;
use azure_storage_blob::models::{BlobClientDownloadOptions, BlobClientDownloadResult};
use bytes::Bytes;
use futures::{StreamExt, stream};
use std::num::NonZero;
use std::ops::Range;
use std::time::Duration;
use tokio::time::timeout;

/// Longer than any blob: 190.7 TiB is the most.
const BEYOND: u64 = 1 << 48;
/// Bytes of one request. They are not held, so this is only the length above which a blob takes several.
const STRETCH: u64 = 1 << 30;
/// Longest wait for the next bytes.
const SILENCE: Duration = Duration::from_secs(10);
/// How often in a row a download may break off without a byte.
const BREAKS: u32 = 3;

impl AzureStorage {
    pub(super) async fn download(
        &self,
        container: Container,
        name: &BlobName,
        range: Option<Range<u64>>,
    ) -> Result<Option<Blob>, BlobError> {
        let start = range.as_ref().map_or(0, |range| range.start);
        if start >= BEYOND {
            return self.past_the_end(container, name).await;
        }
        let end = range.as_ref().map_or(BEYOND, |range| range.end);
        // A range without bytes cannot be asked for, and Azurite answers nonsense to one byte of an empty blob.
        let stretch = start..end.clamp(start + 2, start + STRETCH);
        let answer = match self.stretch(container, name, stretch, None).await {
            Ok(answer) => answer,
            Err(failure) if failure.is_no_blob() => return Ok(None),
            Err(Failure::Answer { status: 416, .. }) => return self.past_the_end(container, name).await,
            Err(failure) => return Err(failure.into_error(&Target::Blob(container))),
        };
        let length = properties::whole_length(&answer.headers)
            .ok_or_else(|| BlobError::Broken("storage does not say how long the blob is".to_owned()))?;
        if range.is_some() && start >= length {
            return Err(BlobError::RangeNotSatisfiable { length });
        }
        let range = match range {
            Some(range) => start..range.end.clamp(start, length),
            None => 0..length,
        };
        let properties = properties::properties(&answer.headers, length);
        let download = Download {
            storage: self.clone(),
            container,
            name: name.clone(),
            etag: Etag::from(properties.etag.as_str()),
            left: range.clone(),
            body: Some(answer.body),
            breaks: 0,
        };
        Ok(Some(Blob {
            properties,
            range,
            body: download.into_body(),
        }))
    }

    async fn stretch(
        &self,
        container: Container,
        name: &BlobName,
        range: Range<u64>,
        etag: Option<&Etag>,
    ) -> Result<BlobClientDownloadResult, Failure> {
        let client = self.blob_client(container, name);
        let call = Call::new("get", Target::Blob(container));
        let send = || {
            client.download(Some(BlobClientDownloadOptions {
                if_match: etag.cloned(),
                parallel: Some(NonZero::<usize>::MIN),
                // One request, and nothing gathered in memory.
                partition_size: Some(NonZero::<usize>::MAX),
                range: Some(range.clone().into()),
                ..BlobClientDownloadOptions::default()
            }))
        };
        self.call(&call, send).await
    }

    async fn past_the_end(&self, container: Container, name: &BlobName) -> Result<Option<Blob>, BlobError> {
        match self.properties(container, name).await? {
            Some(properties) => Err(BlobError::RangeNotSatisfiable {
                length: properties.length,
            }),
            None => Ok(None),
        }
    }
}

/// A download on its way.
struct Download {
    storage: AzureStorage,
    container: Container,
    name: BlobName,
    etag: Etag,
    left: Range<u64>,
    body: Option<AsyncResponseBody>,
    breaks: u32,
}

impl Download {
    fn into_body(self) -> Body {
        stream::try_unfold(self, |mut download| async move {
            Ok(download.piece().await?.map(|piece| (piece, download)))
        })
        .boxed()
    }

    /// The next bytes; none at the end.
    async fn piece(&mut self) -> Result<Option<Bytes>, BlobError> {
        while !self.left.is_empty() {
            let body = match &mut self.body {
                Some(body) => body,
                None => {
                    let answer = self.resume().await?;
                    self.body.insert(answer)
                }
            };
            if let Ok(Some(Ok(mut piece))) = timeout(SILENCE, body.next()).await
                && !piece.is_empty()
            {
                // Two bytes were asked for when fewer are wanted.
                piece.truncate(usize::try_from(self.left.end - self.left.start).unwrap_or(usize::MAX));
                self.left.start += piece.len() as u64;
                self.breaks = 0;
                return Ok(Some(piece));
            }
            self.body = None;
            self.breaks += 1;
            if self.breaks > BREAKS {
                return Err(BlobError::Unavailable("the download broke off".to_owned()));
            }
        }
        Ok(None)
    }

    /// The rest of the very blob that was begun.
    async fn resume(&mut self) -> Result<AsyncResponseBody, BlobError> {
        let end = self.left.end.min(self.left.start + STRETCH);
        let stretch = self.left.start..end;
        let answer = self
            .storage
            .stretch(self.container, &self.name, stretch, Some(&self.etag))
            .await;
        match answer {
            Ok(answer) => Ok(answer.body),
            Err(Failure::Answer {
                status: 404 | 412, ..
            }) => Err(BlobError::Unavailable(
                "the blob was replaced while it was read".to_owned(),
            )),
            Err(failure) => Err(failure.into_error(&Target::Blob(self.container))),
        }
    }
}
