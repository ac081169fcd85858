//! Store and storage, opened for a command.

use super::{CommandError, azure_sql};
use crate::access::Access;
use crate::app::App;
use crate::config::{Config, StorageAccount, StorageConfig, StoreConfig};
use blobs::azure::{AzureOptions, AzureStorage};
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{BlobError, Storage};
use jiff::Timestamp;
use std::fmt::Display;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::azure_sql::AzureSqlStore;
use store::sqlite::{SqliteOptions, SqliteStore};
use store::{Store, StoreError};

/// Rest between two attempts to open the store.
const RETRY: Duration = Duration::from_secs(2);

/// Opens the store that the settings name.
pub(super) async fn open(config: &Config, access: &Access) -> Result<Arc<dyn Store>, StoreError> {
    match &config.store {
        StoreConfig::Sqlite(file) => open_sqlite(file.clone(), config.sqlite_options()).await,
        StoreConfig::AzureSql(sql) => {
            let options = azure_sql::options(sql, &config.time_zone, access);
            Ok(Arc::new(AzureSqlStore::open(options).await?))
        }
    }
}

/// Blocks on the disk beside the runtime.
async fn open_sqlite(file: PathBuf, options: SqliteOptions) -> Result<Arc<dyn Store>, StoreError> {
    let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&file, options)).await;
    let store = opened.map_err(|error| StoreError::Broken(error.to_string()))??;
    Ok(Arc::new(store))
}

/// Opens the store, again and again until it opens; the app says meanwhile why there is none.
pub(super) async fn keep_trying(app: &App) -> Arc<dyn Store> {
    let lack = |error: &StoreError| app.lack_store(error);
    again("store", || open(app.config(), app.access()), lack).await
}

/// Opens blobs and queues, again and again until they open.
pub(super) async fn keep_trying_storage(app: &App) -> Arc<dyn Storage> {
    let lack = |error: &BlobError| app.lack_storage(error);
    again("storage", || storage(app.config(), app.access()), lack).await
}

/// What `open` gives at last; `lack` is told why it gives nothing yet.
async fn again<T, E: Display, F: Future<Output = Result<T, E>>>(
    what: &str,
    open: impl Fn() -> F,
    lack: impl Fn(&E),
) -> T {
    loop {
        match open().await {
            Ok(opened) => return opened,
            Err(error) => {
                tracing::error!(%error, "the {what} cannot be opened");
                lack(&error);
            }
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// An app with its store and storage, for a command that works on them and ends.
pub(super) async fn app(config: Config) -> Result<(App, Arc<dyn Store>), CommandError> {
    let app = app_without_store(config).await?;
    let store = open(app.config(), app.access())
        .await
        .map_err(CommandError::failed)?;
    app.provide_store(Arc::clone(&store));
    Ok((app, store))
}

/// An app with its storage alone.
pub(super) async fn app_without_store(config: Config) -> Result<App, CommandError> {
    let app = App::new(config, Arc::new(Timestamp::now));
    let storage = storage(app.config(), app.access())
        .await
        .map_err(CommandError::failed)?;
    app.provide_storage(storage);
    Ok(app)
}

/// Opens the storage that the settings name. Nothing is asked of an account yet; what Azurite lacks is made.
pub(super) async fn storage(config: &Config, access: &Access) -> Result<Arc<dyn Storage>, BlobError> {
    let azure = AzureOptions::default();
    Ok(match &config.storage {
        StorageConfig::Local(folder) => open_folder(folder.clone(), local_options(config)).await?,
        StorageConfig::Account(StorageAccount { blobs, queues }) => {
            let credential = Arc::clone(&access.credential);
            Arc::new(AzureStorage::new(blobs, Some(queues), credential, azure)?)
        }
        StorageConfig::Emulator(connection) => {
            let storage = AzureStorage::development(connection.expose(), azure)?;
            storage.ensure().await?;
            Arc::new(storage)
        }
    })
}

/// Uploads that are granted come back to this program.
fn local_options(config: &Config) -> LocalOptions {
    let host = &config.host;
    let own = || format!("http://{}", host.address);
    let url = host.public_url.clone().unwrap_or_else(own);
    LocalOptions {
        upload_url: format!("{url}/api/v1/blobs"),
    }
}

/// Blocks on the disk beside the runtime.
async fn open_folder(folder: PathBuf, options: LocalOptions) -> Result<Arc<dyn Storage>, BlobError> {
    let open = move || LocalStorage::open(&folder, options);
    let opened = tokio::task::spawn_blocking(open).await;
    let storage = opened.map_err(|error| BlobError::Unavailable(error.to_string()))??;
    Ok(Arc::new(storage))
}
