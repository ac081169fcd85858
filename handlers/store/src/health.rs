//! Whether the database answers.

use crate::StoreError;
use async_trait::async_trait;

/// Looking after the database itself.
#[async_trait]
pub trait Health {
    /// Answers when the database answers a trivial question.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Finishes what was begun and lets go of the database. Calls after it fail.
    async fn close(&self);
}
