//! The embedded backend: one SQLite file, one writer thread that commits in groups, a pool of readers.

mod analytics;
mod api_keys;
mod attributions;
mod audit_log;
mod checkpoint;
mod columns;
mod event_retention;
mod events;
mod failures;
mod feedback;
mod funnels;
mod interactions;
mod lists;
mod media;
mod migrate;
mod prices;
mod queries;
mod readers;
mod reports;
mod retention;
mod rollups;
mod sentiment;
mod sessions;
mod usage;
mod writer;

pub use migrate::{migrate, standing};

use crate::{Health, StoreError};
use async_trait::async_trait;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use std::path::Path;
use std::time::Duration;

/// How to open a database.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// IANA name of the shop's zone, by whose days the second tier of rollups is made.
    pub time_zone: String,
    /// How long a read may take.
    pub read_deadline: Duration,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            time_zone: "UTC".to_owned(),
            read_deadline: Duration::from_secs(25),
        }
    }
}

/// The store on one SQLite file. Several processes may open the same file.
pub struct SqliteStore {
    writer: writer::Writer,
    readers: readers::Readers,
    /// At most one recompute of rollups at a time: a second one would find nothing left to do.
    recomputing: tokio::sync::Mutex<()>,
    /// At most one recount of usage at a time, likewise.
    recounting: tokio::sync::Mutex<()>,
    /// At most one recount of queries at a time, likewise.
    counting_queries: tokio::sync::Mutex<()>,
}

impl SqliteStore {
    /// Opens the database, makes it or migrates it where needed, and sees that its day rollups are those of the shop's zone.
    ///
    /// Blocks on the disk; call it off the async threads.
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        migrate(path)?;
        let mut connection = connect(path)?;
        rollups::use_zone(&mut connection, &options.time_zone)?;
        let checkpointer = checkpoint::Checkpointer::start(connect(path)?)?;
        Ok(Self {
            writer: writer::Writer::start(connection, checkpointer)?,
            readers: readers::Readers::open(path, options.read_deadline)?,
            recomputing: tokio::sync::Mutex::new(()),
            recounting: tokio::sync::Mutex::new(()),
            counting_queries: tokio::sync::Mutex::new(()),
        })
    }
}

#[async_trait]
impl Health for SqliteStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.readers
            .read(|connection| connection.query_row("SELECT 1", [], |_| Ok(())))
            .await
    }

    async fn close(&self) {
        self.writer.close().await;
        self.readers.close();
    }
}

/// A connection with the settings that every one of ours has.
///
/// `synchronous=FULL` makes each commit wait for the disk. The automatic checkpoint comes only when
/// the log has grown to 256 MB: until then the checkpointer copies it back while the writer goes on, and the writer has
/// only the rest to copy, once in a while, before it can begin the log anew.
fn connect(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.busy_timeout(Duration::from_secs(10))?;
    // Without it SQLite plans a statement anew whenever a value is bound that could change its mind.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA wal_autocheckpoint = 64000;
         PRAGMA journal_size_limit = 268435456;
         PRAGMA temp_store = MEMORY;",
    )?;
    Ok(connection)
}

/// The zone whose days the day rollups in this database are made of.
fn shop_zone(connection: &Connection) -> rusqlite::Result<TimeZone> {
    let name: String = connection
        .prepare_cached("SELECT value FROM properties WHERE name = 'time_zone'")?
        .query_row([], |row| row.get(0))?;
    Ok(domain::analytics::zone(&name).unwrap_or(TimeZone::UTC))
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Self::DeadlineExceeded,
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::DiskFull
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::ReadOnly
                | ErrorCode::PermissionDenied,
            ) => Self::Unavailable(error.to_string()),
            _ => Self::Broken(error.to_string()),
        }
    }
}
