//! The backend on Azure SQL, function for function that of SQLite.

#![allow(
    dead_code,
    reason = "the nouns, which use the rest, come with the next change"
)]

mod advice;
mod call;
mod column;
mod columns;
mod connect;
mod connection;
mod connection_string;
mod datetime2;
mod error;
mod grant;
mod migrate;
mod options;
mod pool;
mod retry;
mod session;
mod socket;
mod standing;
#[cfg(test)]
mod tests;
mod tries;
mod tuning;
mod value;

pub use grant::grant_identity;
pub use migrate::migrate;
pub use options::{AzureSqlOptions, ConnectionSource, FixedConnection};
pub use pool::PoolFigures;
pub use standing::standing;

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
}

impl AzureSqlStore {
    /// Opens the database: sees that it is there and migrated. It changes nothing, `migrate` is a step of its own: a new
    /// release's files are applied before its first instance starts, and not by each of a hundred instances.
    pub async fn open(options: AzureSqlOptions) -> Result<Self, StoreError> {
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
        Ok(Self { pool, replica })
    }

    /// How busy its sessions are, for metrics.
    pub fn pool_figures(&self) -> PoolFigures {
        self.pool.figures()
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
