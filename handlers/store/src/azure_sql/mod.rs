//! The backend on Azure SQL, function for function that of SQLite.

#![allow(
    dead_code,
    reason = "the nouns, which use the rest, come with the next change"
)]

mod advice;
mod analytics;
mod answers;
mod api_keys;
mod call;
mod column;
mod columns;
mod conditions;
mod connect;
mod connection;
mod connection_string;
mod datetime2;
mod error;
mod feedback;
mod interactions;
mod lists;
mod options;
mod pool;
mod retention;
mod retry;
mod rollups;
mod rows;
mod session;
mod sessions;
mod tries;
mod tuning;
mod value;

pub use options::{AzureSqlOptions, ConnectionSource, FixedConnection};
pub use pool::PoolFigures;

use crate::{Health, StoreError};
use async_trait::async_trait;
use call::Call;
use pool::Pool;
use tuning::Tuning;

/// The store on an Azure SQL database, or on any SQL Server from 2019 on.
pub struct AzureSqlStore {
    pool: Pool,
    /// Where clean ranges of numbers, and exports, are read; the same sessions as the pool's unless a replica is asked for.
    replica: Pool,
    /// At most one recompute of rollups at a time: a second one would find nothing left to do.
    recomputing: tokio::sync::Mutex<()>,
}

impl AzureSqlStore {
    /// Opens the database: sees that it is there and migrated. It changes nothing: `migrate` is a step of its own.
    pub async fn open(options: AzureSqlOptions) -> Result<Self, StoreError> {
        let time_zone = options.time_zone.clone();
        let pool = Pool::new(options.clone(), false, Tuning::default());
        let replica = if options.read_replica {
            Pool::new(options, true, Tuning::default())
        } else {
            pool.clone()
        };
        rollups::use_zone(&pool, &time_zone).await?;
        let store = Self {
            pool,
            replica,
            recomputing: tokio::sync::Mutex::new(()),
        };
        Ok(store)
    }

    /// How busy its sessions are, for metrics.
    pub async fn pool_figures(&self) -> PoolFigures {
        self.pool.figures().await
    }
}

#[async_trait]
impl Health for AzureSqlStore {
    async fn ping(&self) -> Result<(), StoreError> {
        self.pool.run(Call::safe("ping", "SELECT 1")).await.map(|_| ())
    }

    async fn close(&self) {
        self.pool.close().await;
        self.replica.close().await;
    }
}
