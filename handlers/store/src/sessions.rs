//! The contract for sessions.

use crate::StoreError;
use async_trait::async_trait;
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
}
