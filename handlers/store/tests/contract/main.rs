//! The contract of the store. Every test speaks to a `dyn Store` only, and runs over each backend that is at hand.

// Helpers outside of `#[test]` functions may unwrap and print, too: a failed one is a failed test.
#![allow(clippy::print_stderr, clippy::unwrap_used)]

mod analytics;
mod api_keys;
mod azure_sql;
mod brute;
mod brute_usage;
mod builders;
mod concurrency;
mod days;
mod event_retention;
mod events;
mod exact;
mod feedback;
mod feedback_analytics;
mod funnels;
mod health;
mod interaction_lists;
mod interactions;
mod media;
mod migrated;
mod paging;
mod prices;
mod queries;
mod random_analytics;
mod random_funnels;
mod random_lists;
mod random_queries;
mod random_usage;
mod reports;
mod reprice;
mod retention;
mod sentiment;
mod series;
mod sessions;
mod sqlite_only;
mod usage;
mod usage_programs;

use std::path::Path;
use std::sync::Arc;
use store::Store;
use store::sqlite::{SqliteOptions, SqliteStore};

/// An empty database of one backend.
struct Backend {
    name: &'static str,
    store: Arc<dyn Store>,
    place: Place,
}

/// Where a database is, until it is no longer needed.
enum Place {
    Folder { _folder: tempfile::TempDir },
    Server(azure_sql::Database),
}

/// An empty database of each backend, of a shop in `zone`. Tests run at the same time: a server gives each its own.
async fn stores(zone: &str) -> Vec<Backend> {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(&folder.path().join("pravis.db"), zone).await;
    let mut stores = vec![Backend {
        name: "sqlite",
        store,
        place: Place::Folder { _folder: folder },
    }];
    if let Some(database) = azure_sql::Database::create().await {
        stores.push(Backend {
            name: "azure_sql",
            store: database.open(zone).await,
            place: Place::Server(database),
        });
    }
    stores
}

/// Opens the SQLite database at `path`.
async fn sqlite(path: &Path, zone: &str) -> Arc<dyn Store> {
    Arc::new(try_sqlite(path, zone).await.unwrap())
}

async fn try_sqlite(path: &Path, zone: &str) -> Result<SqliteStore, store::StoreError> {
    let options = SqliteOptions {
        time_zone: zone.to_owned(),
        ..SqliteOptions::default()
    };
    let path = path.to_owned();
    let open = move || {
        migrated::sqlite(&path);
        SqliteStore::open(&path, options)
    };
    tokio::task::spawn_blocking(open).await.unwrap()
}

/// Runs a test on an empty database of each backend; a failed test's output ends with the backend's name.
async fn on_each_store(zone: &str, test: impl AsyncFn(Arc<dyn Store>)) {
    for backend in stores(zone).await {
        eprintln!("on {}", backend.name);
        test(backend.store.clone()).await;
        backend.store.close().await;
        if let Place::Server(database) = backend.place {
            database.remove().await;
        }
    }
}
