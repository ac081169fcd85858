//! The contract for client events.

use crate::{CreateOutcome, StoreError};
use async_trait::async_trait;
use domain::events::Event;
use jiff::Timestamp;
use uuid::Uuid;

/// What the events of a unit of work are counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventQuota {
    /// The key with which they were sent.
    pub key_id: Uuid,
    /// The start of the day, in the shop's zone, on which they arrived.
    pub day: Timestamp,
    /// How many new events of the key the store takes on that day; none: any number.
    pub most: Option<u64>,
}

/// What became of events that were to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventsCreated {
    /// What became of each, in their order.
    Done(Vec<CreateOutcome>),
    /// With the new ones among them the key would have more than its quota: none is stored.
    OverQuota,
}

/// Writes of client events.
#[async_trait]
pub trait Events {
    /// Stores events as one unit, in order, each with its own outcome, and counts the new ones to the key and day, in the
    /// same transaction. The quarters that they are in become dirty, and those of the events of the same orders.
    /// Events that were stored before take nothing of a quota.
    async fn create_events(&self, events: Vec<Event>, quota: EventQuota)
    -> Result<EventsCreated, StoreError>;
}
