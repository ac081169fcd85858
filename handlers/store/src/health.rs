//! Whether the database answers.

use crate::azure_sql::PoolFigures;
use crate::{Store, StoreError};
use async_trait::async_trait;
use std::sync::Arc;

/// Looking after the database itself.
#[async_trait]
pub trait Health {
    /// Answers when the database answers a trivial question.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Whether no session is open: a question would open one, and wake a database that is paused. Never so where there are no sessions.
    fn is_idle(&self) -> bool {
        false
    }

    /// The same store for work that nobody waits for: its calls go on for minutes while a paused database wakes. None where
    /// calls never wait that way.
    fn patient(&self) -> Option<Arc<dyn Store>> {
        None
    }

    /// How busy its sessions are; none where there are no sessions.
    fn pool_figures(&self) -> Option<PoolFigures> {
        None
    }

    /// Finishes what was begun and lets go of the database. Calls after it fail.
    async fn close(&self);
}
