//! Lists, page by page.

use super::calls::{Call, Target};
use super::{AzureStorage, properties};
use crate::{BlobError, BlobName, Container, Listed};
use azure_core::error::{Error, ErrorKind};
use azure_storage_blob::models::{BlobContainerClientListBlobsOptions, BlobItem, ListBlobsResponse};
use futures::StreamExt;

/// What the account gives at once.
const PAGE: usize = 5000;

impl AzureStorage {
    pub(super) async fn list_blobs(
        &self,
        container: Container,
        prefix: &str,
        after: Option<&BlobName>,
        limit: usize,
    ) -> Result<Vec<Listed>, BlobError> {
        let after = after.map_or("", BlobName::as_str);
        let mut found = Vec::new();
        let passed = after > prefix && !after.starts_with(prefix);
        if limit == 0 || passed || !BlobName::may_begin_with(prefix) {
            return Ok(found);
        }
        // The account refuses a start that is before the prefix.
        let start_from = after.starts_with(prefix).then(|| after.to_owned());
        let mut options = BlobContainerClientListBlobsOptions {
            prefix: Some(prefix.to_owned()).filter(|prefix| !prefix.is_empty()),
            start_from: start_from.filter(|start| !start.is_empty()),
            ..BlobContainerClientListBlobsOptions::default()
        };
        loop {
            // One more, for the list begins with `after` itself.
            let wanted = (limit - found.len()).saturating_add(1).min(PAGE);
            options.maxresults = i32::try_from(wanted).ok();
            let page = self.page(container, &options).await?;
            let listed = page.blob_items.into_iter().filter_map(listed);
            found.extend(listed.filter(|blob| blob.name.as_str() > after));
            options.marker = page.next_marker.filter(|marker| !marker.is_empty());
            if found.len() >= limit || options.marker.is_none() {
                found.truncate(limit);
                return Ok(found);
            }
        }
    }

    async fn page(
        &self,
        container: Container,
        options: &BlobContainerClientListBlobsOptions<'static>,
    ) -> Result<ListBlobsResponse, BlobError> {
        let client = self.inner.blobs.blob_container_client(container.as_str());
        let call = Call::new("list", Target::Blob(container));
        let send = || async {
            let mut pages = client.list_blobs(Some(options.clone()))?.into_pages();
            match pages.next().await {
                Some(page) => page?.into_model(),
                None => Err(Error::with_message(
                    ErrorKind::DataConversion,
                    "a list without a page",
                )),
            }
        };
        let page = self.call(&call, send).await;
        page.map_err(|failure| failure.into_error(&call.target))
    }
}

/// None for what someone else put there under a name that is none of ours.
fn listed(item: BlobItem) -> Option<Listed> {
    let found = item.properties?;
    Some(Listed {
        name: BlobName::new(item.name?).ok()?,
        etag: quoted(properties::etag(found.etag)),
        length: found.content_length.unwrap_or_default(),
        last_modified: properties::timestamp(found.last_modified),
    })
}

/// Headers have the quotes of an ETag, lists leave them out.
fn quoted(etag: String) -> String {
    if etag.starts_with('"') {
        etag
    } else {
        format!("\"{etag}\"")
    }
}
