//! The contract for sessions.

use crate::StoreError;
use async_trait::async_trait;
use domain::analytics::TimeRange;
use domain::page::PageRequest;
use domain::sessions::{Session, SessionFilter};

/// Reads of sessions; they are written by writing their turns.
#[async_trait]
pub trait Sessions {
    /// Sessions that pass the filter, by the start of their first turn descending, then session id descending; one more than
    /// the page holds when more follow.
    async fn list_sessions(
        &self,
        filter: SessionFilter,
        page: PageRequest<String>,
    ) -> Result<Vec<Session>, StoreError>;

    /// The session with this id.
    async fn get_session(&self, session_id: String) -> Result<Option<Session>, StoreError>;

    /// How many sessions began in the range, by the start of their first turn.
    async fn count_sessions(&self, range: TimeRange) -> Result<i64, StoreError>;
}
