//! The backend on Azure SQL, function for function that of SQLite.

mod advice;
mod analytics;
mod answers;
mod api_keys;
mod attributions;
mod audit_log;
mod call;
mod column;
mod columns;
mod conditions;
mod connect;
mod connection;
mod connection_string;
mod datetime2;
mod error;
mod event_retention;
mod events;
mod failures;
mod feedback;
mod funnels;
mod grant;
mod interactions;
mod lists;
mod media;
mod migrate;
mod options;
mod pool;
mod prices;
mod queries;
mod reports;
mod retention;
mod retry;
mod rollups;
mod rows;
mod sentiment;
mod session;
mod sessions;
mod socket;
mod standing;
#[cfg(test)]
mod tests;
mod tries;
mod tuning;
mod usage;
mod value;

pub use grant::grant_identity;
pub use migrate::migrate;
pub use options::{AzureSqlOptions, ConnectionSource, FixedConnection};
pub use pool::PoolFigures;
pub use standing::standing;

use crate::{Health, Store, StoreError};
use async_trait::async_trait;
use call::Call;
use pool::Pool;
use std::sync::Arc;
use tuning::Tuning;

/// The store on an Azure SQL database, or on any SQL Server from 2019 on.
pub struct AzureSqlStore {
    pool: Pool,
    /// Where clean ranges of numbers, and exports, are read; the same sessions as the pool's unless a replica is asked for.
    replica: Pool,
    /// At most one recompute of rollups at a time: a second one would find nothing left to do.
    recomputing: Arc<tokio::sync::Mutex<()>>,
    /// At most one recount of usage at a time, likewise.
    recounting: Arc<tokio::sync::Mutex<()>>,
    /// At most one recount of queries at a time, likewise.
    counting_queries: Arc<tokio::sync::Mutex<()>>,
}

impl AzureSqlStore {
    /// Opens the database: sees that it is there and migrated. It changes nothing, `migrate` is a step of its own: a new
    /// release's files are applied before its first instance starts, and not by each of a hundred instances.
    pub async fn open(options: AzureSqlOptions) -> Result<Self, StoreError> {
        let time_zone = options.time_zone.clone();
        let pool = Pool::new(options.clone(), false, Tuning::default());
        let replica = if options.read_replica {
            Pool::new(options, true, Tuning::default())
        } else {
            pool.clone()
        };
        let standing = standing::read_standing(&pool).await?;
        if standing.is_behind() {
            let missing = standing.known - standing.found;
            return Err(StoreError::Unavailable(format!(
                "{missing} migrations are missing: run `pravis migrate`"
            )));
        }
        rollups::use_zone(&pool, &time_zone).await?;
        Ok(Self {
            pool,
            replica,
            recomputing: Arc::default(),
            recounting: Arc::default(),
            counting_queries: Arc::default(),
        })
    }
}

#[async_trait]
impl Health for AzureSqlStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.pool.run(Call::safe("ping", "SELECT 1")).await.map(|_| ())
    }

    fn is_idle(&self) -> bool {
        self.pool.figures().open == 0
    }

    fn patient(&self) -> Option<Arc<dyn Store>> {
        Some(Arc::new(Self {
            pool: self.pool.patient(),
            replica: self.replica.patient(),
            recomputing: Arc::clone(&self.recomputing),
            recounting: Arc::clone(&self.recounting),
            counting_queries: Arc::clone(&self.counting_queries),
        }))
    }

    fn pool_figures(&self) -> Option<PoolFigures> {
        Some(self.pool.figures())
    }

    async fn close(&self) {
        self.pool.close().await;
        self.replica.close().await;
    }
}
