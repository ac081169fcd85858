//! The store, opened for a command.

use super::CommandError;
use crate::app::App;
use crate::config::{Config, StoreConfig};
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

/// An app with its store, for a command that works on it and ends.
pub(super) async fn app(config: Config) -> Result<(App, Arc<dyn Store>), CommandError> {
    let app = App::new(config, Arc::new(Timestamp::now));
    let store = open(&app.config().store).await.map_err(CommandError::failed)?;
    app.provide_store(Arc::clone(&store));
    Ok((app, store))
}
