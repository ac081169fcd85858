//! The contract for retention.

use crate::StoreError;
use async_trait::async_trait;
use jiff::Timestamp;

/// What a retention run removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Removed {
    /// Turns.
    pub interactions: u64,
    /// Feedback on them.
    pub feedback: u64,
}

/// Forgetting what is old.
#[async_trait]
pub trait Retention {
    /// Removes turns that began before `cutoff`, with their feedback; a turn that got feedback at or after `cutoff` stays
    /// until that is old, too. Numbers do not change: what is removed stays counted, and what arrives late for the same
    /// time is counted on top. Only ranges that cut through a quarter of an hour miss what was removed from
    /// it. Works in small units, so that writers get their turn; what a broken-off run left is
    /// removed by the next.
    async fn remove_interactions_before(&self, cutoff: Timestamp) -> Result<Removed, StoreError>;
}
