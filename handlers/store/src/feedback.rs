//! The contract for feedback.

use crate::{StoreError, UpdateOutcome};
use async_trait::async_trait;
use domain::feedback::{Feedback, FeedbackFilter};
use domain::page::PageRequest;
use uuid::Uuid;

/// What became of a feedback that was to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedbackCreated {
    /// It is stored now.
    Created,
    /// The same feedback, with the same supplied fields, was stored before.
    Duplicate,
    /// Another feedback has this id.
    Conflict,
    /// There is no such turn.
    NoInteraction,
}

/// Reads and writes of feedback.
#[async_trait]
pub trait FeedbackStore {
    /// Stores a feedback and, as one unit with it, counts it on its turn: the rating becomes that of its latest feedback
    /// (by `created_at`, then id) that has one, and the version rises, since what the turn shows has changed.
    async fn create_feedback(&self, feedback: Feedback) -> Result<FeedbackCreated, StoreError>;

    /// The feedback with this id.
    async fn get_feedback(&self, id: Uuid) -> Result<Option<Feedback>, StoreError>;

    /// Stores category, tags, sentiment and review of `updated` if the feedback still has the version `expected`;
    /// a feedback that does not exist is stale.
    async fn update_feedback(&self, updated: Feedback, expected: i64) -> Result<UpdateOutcome, StoreError>;

    /// Feedback that passes the filter, by `created_at` descending, then `id` descending; one more than the page holds when more follow.
    async fn list_feedback(
        &self,
        filter: FeedbackFilter,
        page: PageRequest,
    ) -> Result<Vec<Feedback>, StoreError>;
}
