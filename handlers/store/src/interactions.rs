//! The contract for interactions.

use crate::StoreError;
use async_trait::async_trait;
use domain::interactions::{Interaction, InteractionFilter};
use domain::page::PageRequest;
use uuid::Uuid;

/// What became of one turn that was to be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateOutcome {
    /// It is stored now.
    Created,
    /// The same turn, with the same supplied fields, was stored before.
    Duplicate,
    /// Another turn has this id.
    Conflict,
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateOutcome {
    /// It is stored now.
    Updated,
    /// The record has changed since it was read: read it again.
    Stale,
}

/// Reads and writes of interactions.
#[async_trait]
pub trait Interactions {
    /// Stores turns as one unit, in order, each with its own outcome; the quarters that they are in become dirty. The
    /// earliest turn of each session is marked as its first.
    async fn create_interactions(
        &self,
        interactions: Vec<Interaction>,
    ) -> Result<Vec<CreateOutcome>, StoreError>;

    /// The turn with this id.
    async fn get_interaction(&self, id: Uuid) -> Result<Option<Interaction>, StoreError>;

    /// Stores `updated` in place of the turn with its id if that one still has the version `expected`. Id, session,
    /// start, creation, the hash of what was supplied and the counts that feedback and new prices make stay as they are stored. The
    /// quarters of the turn and of its feedback become dirty. A turn that does not exist is stale.
    async fn update_interaction(
        &self,
        updated: Interaction,
        expected: i64,
    ) -> Result<UpdateOutcome, StoreError>;

    /// Turns that pass the filter, by `started_at` descending, then `id` descending; one more than the page holds when more follow.
    async fn list_interactions(
        &self,
        filter: InteractionFilter,
        page: PageRequest,
    ) -> Result<Vec<Interaction>, StoreError>;

    /// Turns of a session, by `started_at`, then `id`; one more than the page holds when more follow.
    async fn list_session_interactions(
        &self,
        session_id: String,
        page: PageRequest,
    ) -> Result<Vec<Interaction>, StoreError>;
}
