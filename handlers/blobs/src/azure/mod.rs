//! Azure Storage through the official clients, by token. A shared key is only for a developer's Azurite.

mod blobs;
mod calls;
mod credential;
mod development;
mod download;
mod failure;
mod grants;
mod leases;
mod lists;
mod properties;
mod queues;
mod shared_key;
mod upload;

pub use calls::TimeLimits;

use crate::{BlobError, Container, Queue};
use azure_core::credentials::TokenCredential;
use azure_core::http::policies::Policy;
use azure_core::http::{ClientOptions, RetryOptions, Transport, Url};
use azure_storage_blob::{BlobServiceClient, BlobServiceClientOptions};
use azure_storage_queue::{QueueServiceClient, QueueServiceClientOptions};
use calls::{Call, Target};
use grants::Signer;
use std::sync::Arc;

/// How the account is spoken to.
#[derive(Debug, Clone, Default)]
pub struct AzureOptions {
    /// How long calls may take.
    pub limits: TimeLimits,
    /// What sends the requests; none for the clients' own. It must not unpack compressed answers.
    pub transport: Option<Transport>,
}

/// Blobs and queues of a storage account.
#[derive(Clone)]
pub struct AzureStorage {
    inner: Arc<Inner>,
}

struct Inner {
    blobs: BlobServiceClient,
    queues: QueueServiceClient,
    account: String,
    signer: Signer,
    limits: TimeLimits,
}

impl AzureStorage {
    /// The account at `blob_url`, such as `https://shop.blob.core.windows.net`. Its queues are at `queue_url`; without
    /// it, at the same host with `queue` for `blob`.
    pub fn new(
        blob_url: &str,
        queue_url: Option<&str>,
        credential: Arc<dyn TokenCredential>,
        options: AzureOptions,
    ) -> Result<Self, BlobError> {
        let blob_url = parse(blob_url)?;
        let queue_url = match queue_url {
            Some(url) => parse(url)?,
            None => queue_url_beside(&blob_url)?,
        };
        let credential = Arc::new(credential::Patient::new(credential));
        Self::build(
            blob_url,
            queue_url,
            Some(credential),
            Vec::new(),
            Signer::delegated(),
            options,
        )
    }

    fn build(
        blob_url: Url,
        queue_url: Url,
        credential: Option<Arc<dyn TokenCredential>>,
        policies: Vec<Arc<dyn Policy>>,
        signer: Signer,
        options: AzureOptions,
    ) -> Result<Self, BlobError> {
        let client_options = ClientOptions {
            per_try_policies: policies,
            // Ours know which calls may be repeated, and for how long someone waits.
            retry: RetryOptions::none(),
            transport: options.transport,
            ..ClientOptions::default()
        };
        let account = account_of(&blob_url);
        let blob_options = BlobServiceClientOptions {
            client_options: client_options.clone(),
            ..BlobServiceClientOptions::default()
        };
        let queue_options = QueueServiceClientOptions {
            client_options,
            ..QueueServiceClientOptions::default()
        };
        let refused = |error: azure_core::Error| BlobError::Broken(error.to_string());
        Ok(Self {
            inner: Arc::new(Inner {
                blobs: BlobServiceClient::new(blob_url, credential.clone(), Some(blob_options))
                    .map_err(refused)?,
                queues: QueueServiceClient::new(queue_url, credential, Some(queue_options))
                    .map_err(refused)?,
                account,
                signer,
                limits: options.limits,
            }),
        })
    }

    /// Makes the containers and queues that are missing. In Azure the templates make them; this is for Azurite.
    pub async fn ensure(&self) -> Result<(), BlobError> {
        for container in Container::ALL {
            let client = self.inner.blobs.blob_container_client(container.as_str());
            let call = Call::new("create container", Target::Blob(container));
            let created = self.call(&call, || client.create(None)).await;
            if let Err(failure) = created.map(drop)
                && !failure.has_code("ContainerAlreadyExists")
            {
                return Err(failure.into_error(&call.target));
            }
        }
        for queue in Queue::ALL {
            for name in [queue.as_str().to_owned(), queues::poison_name(queue)] {
                let client = self.queue_client(&name)?;
                let call = Call::new("create queue", Target::Queue(name));
                let created = self.call(&call, || client.create(None)).await;
                if let Err(failure) = created.map(drop)
                    && !failure.has_code("QueueAlreadyExists")
                {
                    return Err(failure.into_error(&call.target));
                }
            }
        }
        Ok(())
    }
}

fn parse(url: &str) -> Result<Url, BlobError> {
    // With a slash at the end the clients put two slashes before the container.
    let parsed = Url::parse(url.trim_end_matches('/'));
    match parsed {
        Ok(url) if url.host().is_some() && url.query().is_none() && url.username().is_empty() => Ok(url),
        _ => Err(BlobError::Broken(
            "the address of a storage account is like https://shop.blob.core.windows.net".to_owned(),
        )),
    }
}

fn queue_url_beside(blob_url: &Url) -> Result<Url, BlobError> {
    let host = blob_url.host_str().unwrap_or_default();
    let mut url = blob_url.clone();
    if host.contains(".blob.") && url.set_host(Some(&host.replacen(".blob.", ".queue.", 1))).is_ok() {
        return Ok(url);
    }
    Err(BlobError::Broken(format!(
        "{host} does not say where the account's queues are"
    )))
}

/// `shop` of `https://shop.blob.core.windows.net`, `devstoreaccount1` of `http://127.0.0.1:10000/devstoreaccount1`.
fn account_of(blob_url: &Url) -> String {
    let segment = blob_url.path_segments().and_then(|mut segments| segments.next());
    match segment {
        Some(account) if !account.is_empty() => account.to_owned(),
        _ => {
            let host = blob_url.host_str().unwrap_or_default();
            host.split('.').next().unwrap_or_default().to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_queues_follow_from_the_address() {
        let url = parse("https://shop.blob.core.windows.net/").unwrap();
        assert_eq!(account_of(&url), "shop");
        assert_eq!(
            queue_url_beside(&url).unwrap().as_str(),
            "https://shop.queue.core.windows.net/"
        );
        let local = parse("http://127.0.0.1:10000/devstoreaccount1").unwrap();
        assert_eq!(account_of(&local), "devstoreaccount1");
        assert!(queue_url_beside(&local).is_err());
    }

    #[test]
    fn an_address_with_a_secret_is_refused_without_showing_it() {
        for url in [
            "https://shop.blob.core.windows.net/?sig=hush",
            "https://me:hush@shop",
            "hush",
            "",
        ] {
            assert!(!parse(url).unwrap_err().to_string().contains("hush"));
        }
    }
}
