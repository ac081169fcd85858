//! A fresh storage of each kind.

use super::azurite::Azurite;
use super::token::FakeIdentity;
use azure_core::http::Transport;
use blobs::Storage;
use blobs::azure::{AzureOptions, AzureStorage, TimeLimits};
use blobs::local::{LocalOptions, LocalStorage};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Runs a test on an empty folder.
pub(crate) async fn locally(test: impl AsyncFn(Arc<dyn Storage>)) {
    let folder = tempfile::tempdir().unwrap();
    let storage = LocalStorage::open(folder.path(), LocalOptions::default()).unwrap();
    test(Arc::new(storage)).await;
}

/// Runs a test on two empty accounts of Azurite; a failed test's output ends with how it was spoken to.
pub(crate) async fn on_azurite(test: impl AsyncFn(Arc<dyn Storage>)) {
    eprintln!("by shared key");
    test(Arc::new(by_key().await)).await;
    eprintln!("by token");
    test(Arc::new(by_token().await)).await;
}

pub(crate) async fn by_key() -> AzureStorage {
    let storage = AzureStorage::development(&plain().account().connection, options(None)).unwrap();
    storage.ensure().await.unwrap();
    storage
}

pub(crate) async fn by_token() -> AzureStorage {
    let account = secure().account();
    let options = trusting(secure());
    let storage = AzureStorage::new(
        &account.blob_url,
        Some(&account.queue_url),
        Arc::new(FakeIdentity),
        options,
    )
    .unwrap();
    storage.ensure().await.unwrap();
    storage
}

/// Options of an account that trust the authority of this Azurite.
pub(crate) fn trusting(azurite: &Azurite) -> AzureOptions {
    options(Some(Transport::new(Arc::new(client_of(azurite.authority())))))
}

/// What trusts the authority that all tests share.
pub(crate) fn client() -> reqwest::Client {
    client_of(secure().authority())
}

/// What trusts this authority.
pub(crate) fn client_of(authority: &str) -> reqwest::Client {
    let authority = reqwest::Certificate::from_pem(authority.as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([authority]);
    client.no_gzip().build().unwrap()
}

/// Patient ones: the machine may be building.
pub(crate) fn options(transport: Option<Transport>) -> AzureOptions {
    AzureOptions {
        limits: TimeLimits {
            attempt: Duration::from_secs(30),
            whole: Duration::from_secs(90),
        },
        transport,
    }
}

/// All tests share one process of each kind, and none an account.
pub(crate) fn plain() -> &'static Azurite {
    static AZURITE: OnceLock<Azurite> = OnceLock::new();
    AZURITE.get_or_init(Azurite::start)
}

pub(crate) fn secure() -> &'static Azurite {
    static AZURITE: OnceLock<Azurite> = OnceLock::new();
    AZURITE.get_or_init(Azurite::start_with_tokens)
}
