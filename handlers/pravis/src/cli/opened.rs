//! Store and storage, opened for a command.

use super::CommandError;
use crate::app::App;
use crate::config::{Config, StoreConfig};
use blobs::local::{LocalOptions, LocalStorage};
use blobs::{BlobError, Storage};
use jiff::Timestamp;
use std::sync::Arc;
use store::sqlite::SqliteStore;
use store::{Store, StoreError};

/// Opens the store that the settings name; blocks on the disk beside the runtime.
pub(super) async fn open(config: &StoreConfig) -> Result<Arc<dyn Store>, StoreError> {
    let (path, options) = (config.database(), config.sqlite_options());
    let opened = tokio::task::spawn_blocking(move || SqliteStore::open(&path, options)).await;
    let store = opened.map_err(|error| StoreError::Broken(error.to_string()))??;
    Ok(Arc::new(store))
}

/// Opens the blobs and queues that the settings name; blocks on the disk beside the runtime.
pub(super) async fn storage(config: &Config) -> Result<Arc<dyn Storage>, BlobError> {
    let folder = config.store.data_dir.join("storage");
    let open = move || LocalStorage::open(&folder, LocalOptions::default());
    let opened = tokio::task::spawn_blocking(open).await;
    let storage = opened.map_err(|error| BlobError::Unavailable(error.to_string()))??;
    Ok(Arc::new(storage))
}

/// An app with its store and storage, for a command that works on them and ends.
pub(super) async fn app(config: Config) -> Result<(App, Arc<dyn Store>), CommandError> {
    let app = app_without_store(config).await?;
    let store = open(&app.config().store).await.map_err(CommandError::failed)?;
    app.provide_store(Arc::clone(&store));
    Ok((app, store))
}

/// An app with its storage alone.
pub(super) async fn app_without_store(config: Config) -> Result<App, CommandError> {
    let app = App::new(config, Arc::new(Timestamp::now));
    let storage = storage(app.config()).await.map_err(CommandError::failed)?;
    app.provide_storage(storage);
    Ok(app)
}
