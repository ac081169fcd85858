//! Everything SQL. One contract per noun, whole units of work, two backends that keep them function by function.

mod analytics;
mod api_keys;
mod audit_log;
pub mod azure_sql;
mod error;
mod events;
mod feedback;
mod funnels;
mod health;
mod interactions;
mod media;
mod migration;
mod prices;
mod queries;
mod reports;
mod retention;
mod sentiment;
mod sessions;
pub mod sqlite;
mod usage;

pub use analytics::{Analytics, FeedbackNumbers, InteractionNumbers, NumbersQuery, SeriesQuery, most_first};
pub use api_keys::ApiKeys;
pub use audit_log::AuditLog;
pub use error::StoreError;
pub use events::{EventQuota, Events, EventsCreated};
pub use feedback::{FeedbackCreated, FeedbackStore};
pub use funnels::{FunnelNumbers, Funnels};
pub use health::Health;
pub use interactions::{CreateOutcome, Interactions, UpdateOutcome};
pub use media::{MediaClaim, MediaClaimed, MediaCreated, MediaFinished, MediaResult, MediaStore};
pub use migration::{Migrated, Standing};
pub use prices::{Prices, SetPrice};
pub use queries::{QueriesQuery, TopQueries};
pub use reports::{Completed, Reports};
pub use retention::{Removed, Retention};
pub use sentiment::{Claimed, Refined, Refinement, Sentiments};
pub use sessions::Sessions;
pub use usage::{Channels, PeriodQuery, PeriodRow, Usage, UsageQuery};

/// All that the program asks of a database. Every write is durable when its future is ready, and every read sees it.
pub trait Store:
    Analytics
    + ApiKeys
    + AuditLog
    + Events
    + FeedbackStore
    + Funnels
    + Health
    + Interactions
    + MediaStore
    + Prices
    + Reports
    + Retention
    + Sentiments
    + Sessions
    + TopQueries
    + Usage
    + Send
    + Sync
{
}

impl<T> Store for T where
    T: Analytics
        + ApiKeys
        + AuditLog
        + Events
        + FeedbackStore
        + Funnels
        + Health
        + Interactions
        + MediaStore
        + Prices
        + Reports
        + Retention
        + Sentiments
        + Sessions
        + TopQueries
        + Usage
        + Send
        + Sync
{
}
