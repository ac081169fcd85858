//! The contract for blobs, on the account.

use super::calls::{Call, Target};
use super::grants::Leave;
use super::upload::{Headers, once};
use super::{AzureStorage, properties};
use crate::{
    Blob, BlobError, BlobName, Blobs, Body, Condition, Container, Lease, Listed, Properties, PutOptions,
    ReadGrant, UploadGrant, UploadTerms, limits,
};
use async_trait::async_trait;
use azure_core::http::headers::HeaderName;
use azure_storage_blob::BlobClient;
use azure_storage_blob::models::{BlobClientDeleteOptions, BlobClientSetMetadataOptions};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::time::Duration;

#[async_trait]
impl Blobs for AzureStorage {
    async fn put(
        &self,
        container: Container,
        name: &BlobName,
        body: Body,
        options: PutOptions,
    ) -> Result<String, BlobError> {
        limits::check_options(&options)?;
        self.upload(container, name, body, options).await
    }

    async fn get(
        &self,
        container: Container,
        name: &BlobName,
        range: Option<Range<u64>>,
    ) -> Result<Option<Blob>, BlobError> {
        self.download(container, name, range).await
    }

    async fn head(&self, container: Container, name: &BlobName) -> Result<Option<Properties>, BlobError> {
        self.properties(container, name).await
    }

    async fn list(
        &self,
        container: Container,
        prefix: &str,
        after: Option<&BlobName>,
        limit: usize,
    ) -> Result<Vec<Listed>, BlobError> {
        self.list_blobs(container, prefix, after, limit).await
    }

    async fn delete(
        &self,
        container: Container,
        name: &BlobName,
        condition: Condition,
    ) -> Result<bool, BlobError> {
        let client = self.blob_client(container, name);
        // When the first attempt was done, the second finds nothing.
        let call = Call::new("delete", Target::Blob(container));
        let send = || {
            let headers = Headers::from(&condition);
            client.delete(Some(BlobClientDeleteOptions {
                if_match: headers.if_match,
                if_none_match: headers.if_none_match,
                lease_id: headers.lease_id,
                ..BlobClientDeleteOptions::default()
            }))
        };
        match self.call(&call, send).await {
            Ok(_) => Ok(true),
            Err(failure) if failure.is_no_blob() => Ok(false),
            Err(failure) => {
                let error = failure.into_error(&call.target);
                self.unless_gone(container, name, error).await.map(|()| false)
            }
        }
    }

    async fn set_metadata(
        &self,
        container: Container,
        name: &BlobName,
        metadata: BTreeMap<String, String>,
        condition: Condition,
    ) -> Result<Option<String>, BlobError> {
        limits::check_metadata(&metadata, 0)?;
        let client = self.blob_client(container, name);
        let metadata: HashMap<_, _> = metadata.into_iter().collect();
        let call = Call::new("set metadata", Target::Blob(container)).once_if(once(&condition));
        let send = || {
            let headers = Headers::from(&condition);
            let options = BlobClientSetMetadataOptions {
                if_match: headers.if_match,
                if_none_match: headers.if_none_match,
                lease_id: headers.lease_id,
                ..BlobClientSetMetadataOptions::default()
            };
            client.set_metadata(&metadata, Some(options))
        };
        match self.call(&call, send).await {
            Ok(answer) => {
                let etag = answer
                    .headers()
                    .get_optional_str(&HeaderName::from_static("etag"));
                Ok(Some(etag.unwrap_or_default().to_owned()))
            }
            Err(failure) if failure.is_no_blob() => Ok(None),
            Err(failure) => {
                let error = failure.into_error(&call.target);
                self.unless_gone(container, name, error).await.map(|()| None)
            }
        }
    }

    async fn acquire_lease(
        &self,
        container: Container,
        name: &BlobName,
        length: Duration,
    ) -> Result<Option<Lease>, BlobError> {
        limits::check_lease(length)?;
        self.acquire(container, name, length).await
    }

    async fn release_lease(
        &self,
        container: Container,
        name: &BlobName,
        lease: &Lease,
    ) -> Result<(), BlobError> {
        self.release(container, name, lease).await
    }

    async fn grant_upload(
        &self,
        container: Container,
        name: &BlobName,
        terms: UploadTerms,
    ) -> Result<UploadGrant, BlobError> {
        terms.check(Timestamp::now())?;
        self.grant(container, name, terms).await
    }

    async fn grant_read(
        &self,
        container: Container,
        name: &BlobName,
        until: Timestamp,
    ) -> Result<Option<ReadGrant>, BlobError> {
        UploadTerms { until }.check(Timestamp::now())?;
        let url = self.signed_url(container, name, Leave::Read, until).await?;
        Ok(Some(ReadGrant { url, until }))
    }
}

impl AzureStorage {
    pub(super) fn blob_client(&self, container: Container, name: &BlobName) -> BlobClient {
        self.inner.blobs.blob_client(container.as_str(), name.as_str())
    }

    /// The error, unless the condition only failed for there is no such blob: the account does not tell these apart.
    async fn unless_gone(
        &self,
        container: Container,
        name: &BlobName,
        error: BlobError,
    ) -> Result<(), BlobError> {
        match error {
            BlobError::ConditionNotMet if self.properties(container, name).await?.is_none() => Ok(()),
            error => Err(error),
        }
    }

    pub(super) async fn properties(
        &self,
        container: Container,
        name: &BlobName,
    ) -> Result<Option<Properties>, BlobError> {
        let client = self.blob_client(container, name);
        let call = Call::new("head", Target::Blob(container));
        match self.call(&call, || client.get_properties(None)).await {
            Ok(answer) => {
                let headers = answer.headers();
                let length = properties::whole_length(headers).unwrap_or_default();
                Ok(Some(properties::properties(headers, length)))
            }
            Err(failure) if failure.is_no_blob() => Ok(None),
            Err(failure) => Err(failure.into_error(&call.target)),
        }
    }
}
