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

    /// Removes client events that happened before `cutoff`; gives how many. All events of one order go together, when the last
    /// that tells of it is old, and what was viewed or carted stays while an order that stays may be credited by it. Funnels
    /// and orders do not change: what is removed stays counted, and credited to its turn. An event that is sent again
    /// after it was removed is new. Works in small units, like the removal of turns.
    async fn remove_events_before(&self, cutoff: Timestamp) -> Result<u64, StoreError>;
}

/// What became of the events of the oldest quarter that had any to remove.
pub(crate) struct RemovedQuarter {
    /// Where to go on.
    pub(crate) next: Timestamp,
    /// Events that were removed.
    pub(crate) events: u64,
}
